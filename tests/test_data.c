/* SPDX-License-Identifier: MIT
 *
 * Tests of bytes that grow, of arrays, and of files: whole or not at all.
 */
#define _XOPEN_SOURCE 700
#include "test_data.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static memory m;
static char folder[64];

static int open_all(void **state)
{
    (void)state;
    memory_open(&m);
    strcpy(folder, "/tmp/basin-test-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int close_all(void **state)
{
    (void)state;
    memory_close(&m);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static const char *path_of(const char *name)
{
    static char path[4][512];
    static int next;
    char *out = path[next++ % 4];
    snprintf(out, sizeof path[0], "%s/%s", folder, name);
    return out;
}

static int files_in(const char *path)
{
    int n = 0;
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    closedir(dir);
    return n;
}

static void assert_file(const char *path, const char *text)
{
    basin_error error = {0};
    basin_bytes bytes;
    basin_bytes_init(&bytes, m.ctx);
    assert_ok(basin_file_read(&bytes, path, &error), &error);
    assert_int_equal(bytes.size, strlen(text));
    if (bytes.size)
        assert_memory_equal(bytes.data, text, bytes.size);
    basin_bytes_finish(&bytes);
}

static void assert_no_read(const char *path, const char *text)
{
    basin_error error = {0};
    basin_bytes bytes;
    basin_bytes_init(&bytes, m.ctx);
    assert_ok(basin_bytes_append(&bytes, "abc", 3, &error), &error);
    assert_int_equal(basin_file_read(&bytes, path, &error), BASIN_E_IO);
    assert_says(&error, text);
    assert_int_equal(bytes.size, 3);
    basin_bytes_finish(&bytes);
}

static void assert_no_write(const char *path, const char *text)
{
    basin_error error = {0};
    assert_int_equal(basin_file_write(path, "abc", 3, &error), BASIN_E_IO);
    assert_says(&error, text);
}

/* ------------------------------------------------------------------- bytes */

static void bytes_grow(void **state)
{
    (void)state;
    basin_error error = {0};
    basin_bytes bytes;
    basin_bytes_init(&bytes, m.ctx);
    for (int i = 0; i < 5000; i++)
        assert_ok(basin_bytes_print(&bytes, &error, "%d %s;", i, "x"), &error);
    assert_memory_equal(bytes.data, "0 x;1 x;2 x;", 12);
    assert_memory_equal(bytes.data + bytes.size - 7, "4999 x;", 7);

    char text[3000];
    memset(text, 'y', sizeof text);
    text[sizeof text - 1] = '\0';
    size_t before = bytes.size;
    assert_ok(basin_bytes_print(&bytes, &error, "<%s>", text), &error);
    assert_int_equal(bytes.size, before + 3001);
    assert_int_equal(bytes.data[bytes.size - 1], '>');
    basin_bytes_finish(&bytes);
    assert_int_equal(bytes.size, 0);
    basin_bytes_finish(&bytes);

    basin_bytes zeroed = {0};
    assert_int_equal(
        basin_bytes_append(&zeroed, "a", 1, &error), BASIN_E_ARGUMENT);
    assert_says(&error, "basin_bytes_init");
    basin_bytes_finish(&zeroed);
}

static basin_status print_much(memory *mem, basin_error *error)
{
    basin_bytes bytes;
    basin_bytes_init(&bytes, mem->ctx);
    basin_status status = BASIN_OK;
    for (int i = 0; i < 500 && status == BASIN_OK; i++)
        status = basin_bytes_print(&bytes, error, "line %d, %200d\n", i, i);
    basin_bytes_finish(&bytes);
    return status;
}

static void bytes_without_memory(void **state)
{
    (void)state;
    assert_survives_no_memory(print_much);
}

/* ------------------------------------------------------------------ arrays */

static void arrays(void **state)
{
    (void)state;
    basin_error error = {0};
    basin_array a;
    assert_ok(
        basin_array_init(&a, m.ctx, 2, (int64_t[]){3, 4}, &error), &error);
    assert_int_equal(basin_array_size(&a), 12);
    basin_array_finish(&a);
    assert_null(a.values);
    basin_array_finish(&a);

    assert_ok(basin_array_init(&a, m.ctx, 0, NULL, &error), &error);
    assert_int_equal(basin_array_size(&a), 1);
    basin_array_finish(&a);

    assert_ok(
        basin_array_init(&a, m.ctx, 2, (int64_t[]){3, 0}, &error), &error);
    assert_int_equal(basin_array_size(&a), 0);
    assert_non_null(a.values);
    basin_array_finish(&a);

    assert_int_equal(basin_array_init(&a, m.ctx, 2, (int64_t[]){3, -1}, &error),
        BASIN_E_SHAPE);
    assert_says(&error, "dimension 1 of the array is -1");
    assert_int_equal(basin_array_init(&a, m.ctx, 2,
                         (int64_t[]){INT64_MAX, INT64_MAX}, &error),
        BASIN_E_SHAPE);
    assert_says(&error, "more than");
    assert_int_equal(
        basin_array_init(&a, m.ctx, 5, (int64_t[5]){0}, &error), BASIN_E_SHAPE);
    assert_says(&error, "5 dimensions");
}

/* ----------------------------------------------------------------- reading */

static void read_what_is_no_file(void **state)
{
    (void)state;
    assert_no_read(path_of("none"), "there is no such file");
    assert_no_read(path_of("none"), "/none'");
    assert_no_read(folder, "it is a folder");
    assert_no_read("", "the path is empty");
    assert_no_read(NULL, "the path is empty");
    char name[300];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_no_read(path_of(name), "the name is too long");
    char *longer = malloc(10001);
    memset(longer, 'n', 10000);
    longer[10000] = '\0';
    assert_no_read(longer, "the name is too long");
    free(longer);
}

static void read_special_files(void **state)
{
    (void)state;
    assert_file("/dev/null", "");
    basin_error error = {0};
    basin_bytes bytes;
    basin_bytes_init(&bytes, m.ctx);
    assert_ok(basin_file_read(&bytes, "/proc/self/status", &error), &error);
    assert_true(bytes.size > 100); /* though its size is said to be 0 */
    basin_bytes_finish(&bytes);
    const char *pipe_path = path_of("pipe");
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        FILE *f = fopen(pipe_path, "w");
        fputs("through a pipe", f);
        fclose(f);
        _exit(0);
    }
    assert_file(pipe_path, "through a pipe");
}

static void read_appends(void **state)
{
    (void)state;
    basin_error error = {0};
    basin_bytes bytes;
    basin_bytes_init(&bytes, m.ctx);
    size_t size = 300001;
    char *text = malloc(size + 1);
    for (size_t i = 0; i < size; i++)
        text[i] = (char)('a' + i % 23);
    text[size] = '\0';
    const char *path = path_of("big");
    assert_ok(basin_file_write(path, text, size, &error), &error);
    assert_file(path, text);
    assert_ok(basin_bytes_append(&bytes, "abc", 3, &error), &error);
    assert_ok(basin_file_read(&bytes, path, &error), &error);
    assert_int_equal(bytes.size, size + 3);
    assert_memory_equal(bytes.data + 3, text, size);
    basin_bytes_finish(&bytes);
    free(text);
}

static basin_status read_this(memory *mem, basin_error *error)
{
    basin_bytes bytes;
    basin_bytes_init(&bytes, mem->ctx);
    basin_status status = basin_file_read(&bytes, "/proc/self/status", error);
    basin_bytes_finish(&bytes);
    return status;
}

static void read_without_memory(void **state)
{
    (void)state;
    assert_survives_no_memory(read_this);
}

/* ----------------------------------------------------------------- writing */

static void write_and_replace(void **state)
{
    (void)state;
    basin_error error = {0};
    assert_ok(basin_folder_make(path_of("w"), &error), &error);
    const char *path = path_of("w/a");
    assert_ok(basin_file_write(path, "one", 3, &error), &error);
    assert_file(path, "one");
    assert_int_equal(chmod(path, 0640), 0);
    assert_ok(basin_file_write(path, "three", 5, &error), &error);
    assert_file(path, "three");
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    assert_ok(basin_file_write(path, NULL, 0, &error), &error);
    assert_file(path, "");
    assert_int_equal(files_in(path_of("w")), 1);
}

static void write_without_a_folder(void **state)
{
    (void)state;
    char here[1024];
    basin_error error = {0};
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(folder), 0);
    basin_status status = basin_file_write("bare", "x", 1, &error);
    assert_int_equal(chdir(here), 0);
    assert_ok(status, &error);
    assert_file(path_of("bare"), "x");
}

static void write_through_a_link(void **state)
{
    (void)state;
    basin_error error = {0};
    assert_ok(basin_file_write(path_of("real"), "old", 3, &error), &error);
    assert_int_equal(symlink("real", path_of("link")), 0);
    assert_ok(basin_file_write(path_of("link"), "new", 3, &error), &error);
    assert_file(path_of("real"), "new");
    struct stat info;
    assert_int_equal(lstat(path_of("link"), &info), 0);
    assert_true(S_ISLNK(info.st_mode));
}

static void write_to_the_longest_name(void **state)
{
    (void)state;
    basin_error error = {0};
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    assert_ok(basin_file_write(path_of(name), "x", 1, &error), &error);
    assert_file(path_of(name), "x");
}

static void write_where_it_cannot_be(void **state)
{
    (void)state;
    basin_error error = {0};
    assert_ok(basin_file_write(path_of("file"), "x", 1, &error), &error);
    int before = files_in(folder);
    assert_no_write("", "the path is empty");
    assert_no_write(folder, "it is a folder");
    assert_no_write(path_of("new/"), "it is a folder");
    assert_no_write(path_of("none/a"), "there is no such file or folder");
    assert_no_write(path_of("file/a"), "is a file, not a folder");
    char name[300];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_no_write(path_of(name), "the name is too long");
    assert_no_write("/proc/basin", "cannot write '/proc/basin'");
    assert_no_write(path_of("a\nb/\x1b[31m"), "a?b/?[31m");
    if (geteuid() != 0) {
        assert_int_equal(chmod(path_of("file"), 0444), 0);
        assert_no_write(path_of("file"), "permission denied");
        assert_no_write("/basin-test", "permission denied");
    }
    assert_int_equal(files_in(folder), before);
}

static void write_to_special_files(void **state)
{
    (void)state;
    basin_error error = {0};
    struct stat info;
    assert_ok(basin_file_write("/dev/null", "x", 1, &error), &error);
    assert_int_equal(stat("/dev/null", &info), 0);
    assert_true(S_ISCHR(info.st_mode)); /* and not replaced by a file */
    if (access("/dev/full", W_OK) == 0)
        assert_no_write("/dev/full", "no space left on the disk");
}

/** A limit on the size of files stands for a full disk. */
static void write_what_does_not_fit(void **state)
{
    (void)state;
    basin_error error = {0};
    assert_ok(basin_folder_make(path_of("full"), &error), &error);
    const char *path = path_of("full/a");
    assert_ok(basin_file_write(path, "old", 3, &error), &error);
    struct rlimit old, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    small = old;
    small.rlim_cur = 4096;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    char *text = calloc(1, 10000);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    basin_status status = basin_file_write(path, text, 10000, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    signal(SIGXFSZ, handler);
    free(text);
    assert_int_equal(status, BASIN_E_IO);
    assert_says(&error, "larger than the system allows");
    assert_file(path, "old");
    assert_int_equal(files_in(path_of("full")), 1);
}

/* ----------------------------------------------------------------- folders */

static void folders(void **state)
{
    (void)state;
    basin_error error = {0};
    assert_ok(basin_folder_make(path_of("p/q//r/"), &error), &error);
    assert_ok(basin_folder_make(path_of("p/q/r"), &error), &error);
    assert_ok(basin_folder_make("/", &error), &error);
    assert_ok(basin_folder_make(".", &error), &error);
    assert_int_equal(files_in(path_of("p/q/r")), 0);
    assert_ok(basin_file_write(path_of("p/f"), "x", 1, &error), &error);
    assert_int_equal(basin_folder_make(path_of("p/f"), &error), BASIN_E_IO);
    assert_says(&error, "something else of that name is there");
    assert_int_equal(basin_folder_make(path_of("p/f/g"), &error), BASIN_E_IO);
    assert_says(&error, "something else of that name is there");
    assert_int_equal(basin_folder_make("", &error), BASIN_E_IO);
    assert_says(&error, "the path is empty");
    assert_int_equal(basin_folder_make("/proc/basin/test", &error), BASIN_E_IO);
    assert_says(&error, "cannot make the folder '/proc/basin'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_grow),
        cmocka_unit_test(bytes_without_memory),
        cmocka_unit_test(arrays),
        cmocka_unit_test(read_what_is_no_file),
        cmocka_unit_test(read_special_files),
        cmocka_unit_test(read_appends),
        cmocka_unit_test(read_without_memory),
        cmocka_unit_test(write_and_replace),
        cmocka_unit_test(write_without_a_folder),
        cmocka_unit_test(write_through_a_link),
        cmocka_unit_test(write_to_the_longest_name),
        cmocka_unit_test(write_where_it_cannot_be),
        cmocka_unit_test(write_to_special_files),
        cmocka_unit_test(write_what_does_not_fit),
        cmocka_unit_test(folders),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
