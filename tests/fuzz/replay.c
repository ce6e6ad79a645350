/* SPDX-License-Identifier: MIT
 *
 * Runs every file of the folders or files given through a fuzz target, for
 * builds without a fuzzer: so a corpus is a plain regression test. Reports in
 * TAP, a case for each file.
 *
 *     fuzz_npy tests/fuzz/corpus/npy
 */
#define _POSIX_C_SOURCE 200809L
#include "fuzz.h"

#include <dirent.h>

static int cases, failures;

/** The whole of a file, or NULL. The block has exactly its size, so that a
 *  sanitizer sees the first byte past it. */
static uint8_t *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    uint8_t *data = NULL;
    long end = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    rewind(file);
    if (end >= 0 && (data = malloc(end > 0 ? (size_t)end : 1))) {
        *size = fread(data, 1, (size_t)end, file);
        if (*size != (size_t)end) {
            free(data);
            data = NULL;
        }
    }
    fclose(file);
    return data;
}

static void run_file(const char *path, const char *name)
{
    size_t size = 0;
    uint8_t *data = read_file(path, &size);
    cases++;
    if (data) {
        LLVMFuzzerTestOneInput(data, size); /* aborts when it fails */
        printf("ok %d - %s\n", cases, name);
    } else {
        failures++;
        printf("not ok %d - %s\n# cannot read '%s'\n", cases, name, path);
    }
    fflush(stdout); /* what ran before an abort is counted */
    free(data);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void run(const char *path)
{
    struct dirent **entries;
    int n = scandir(path, &entries, visible, alphasort);
    if (n < 0) {
        run_file(path, path);
        return;
    }
    for (int i = 0; i < n; i++) {
        char file[4096];
        snprintf(file, sizeof file, "%s/%s", path, entries[i]->d_name);
        run_file(file, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        run(argv[i]);
    if (cases == 0) {
        cases = failures = 1;
        printf("not ok 1 - a corpus\n# no files; give a folder of them\n");
    }
    printf("1..%d\n", cases);
    return failures > 0;
}
