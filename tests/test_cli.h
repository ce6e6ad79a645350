/* SPDX-License-Identifier: MIT
 *
 * Running the built command (BASIN_EXE) in a folder of its own, and looking at
 * what it prints, returns and leaves behind.
 */
#ifndef BASIN_TESTS_CLI_H
#define BASIN_TESTS_CLI_H

#define _XOPEN_SOURCE 700

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { CLI_MOST = 1 << 20, CLI_WORDS = 24 };

/** How to run it; zeroed: as from a shell, both outputs caught. */
typedef struct cli_how {
    const char *program;    /**< NULL: BASIN_EXE */
    const char *out;        /**< a file for standard output */
    bool out_closed;        /**< no standard output at all */
    const char *set, *to;   /**< an environment variable */
    rlim_t file_limit;      /**< bytes of a file; 0: any */
    double interrupt_after; /**< seconds, below 1; 0: never */
} cli_how;

/** What came of it. */
typedef struct cli_result {
    int status; /**< of exit; 1000 + the signal that ended it */
    char *out, *err;
} cli_result;

static inline char *cli_slurp_fd(int file, size_t *size)
{
    char *text = malloc(CLI_MOST + 1);
    assert_non_null(text);
    ssize_t got;
    size_t used = 0;
    while (used < CLI_MOST &&
           (got = pread(file, text + used, CLI_MOST - used, (off_t)used)) > 0)
        used += (size_t)got;
    text[used] = '\0';
    if (size)
        *size = used;
    return text;
}

/** A whole file, NUL-terminated; NULL when it is not there. */
static inline char *cli_slurp(const char *path, size_t *size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return NULL;
    char *text = cli_slurp_fd(file, size);
    close(file);
    return text;
}

static inline void cli_put(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static inline int cli_temporary(void)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    int copy = fcntl(fileno(file), F_DUPFD_CLOEXEC, 10);
    assert_true(copy >= 0);
    fclose(file);
    return copy;
}

static inline void cli_become(
    const cli_how *how, char *const *argv, int out, int err)
{
    if (how->out)
        out = open(how->out, O_WRONLY);
    dup2(out, 1);
    dup2(err, 2);
    if (how->out_closed)
        close(1);
    if (how->set)
        setenv(how->set, how->to, 1);
    if (how->file_limit) {
        const struct rlimit limit = {how->file_limit, how->file_limit};
        signal(SIGXFSZ, SIG_IGN);
        setrlimit(RLIMIT_FSIZE, &limit);
    }
    execvp(argv[0], argv);
    _exit(127);
}

static inline cli_result cli_run_words(
    const cli_how *how, const char *const *words, int n)
{
    const cli_how plain = {0};
    how = how ? how : &plain;
    char *argv[CLI_WORDS + 2];
    const char *program = how->program ? how->program : getenv("BASIN_EXE");
    assert_non_null(program);
    assert_true(n <= CLI_WORDS);
    argv[0] = strdup(program);
    for (int i = 0; i < n; i++)
        argv[i + 1] = strdup(words[i]);
    argv[n + 1] = NULL;
    int out = cli_temporary(), err = cli_temporary(), status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        cli_become(how, argv, out, err);
    if (how->interrupt_after > 0) {
        struct timespec rest = {0, (long)(1e9 * how->interrupt_after)};
        nanosleep(&rest, NULL);
        kill(child, SIGINT);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    cli_result result = {
        WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status),
        cli_slurp_fd(out, NULL), cli_slurp_fd(err, NULL)};
    close(out);
    close(err);
    for (int i = 0; i <= n; i++)
        free(argv[i]);
    return result;
}

/** Run it with words that are separated by single blanks. */
static inline cli_result cli_run(const cli_how *how, const char *line)
{
    char copy[1024], *words[CLI_WORDS];
    int n = 0;
    assert_true(strlen(line) < sizeof copy);
    memcpy(copy, line, strlen(line) + 1);
    for (char *at = strtok(copy, " "); at; at = strtok(NULL, " "))
        words[n++] = at;
    return cli_run_words(how, (const char *const *)words, n);
}

static inline double cli_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/** Uniform in [0, 1) (Marsaglia 2003, xorshift of 64 bits). */
static inline double cli_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (double)(*state >> 11) / 9007199254740992.0;
}

/** Start it, and kill it after so long. @return was it killed? */
static inline bool cli_kill_after(const char *line, double seconds)
{
    char copy[1024], *argv[CLI_WORDS + 2];
    int n = 0, status = 0;
    argv[n++] = getenv("BASIN_EXE");
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[n++] = word;
    argv[n] = NULL;
    assert_true(n <= CLI_WORDS);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execv(argv[0], argv);
        _exit(127);
    }
    const time_t whole = (time_t)seconds;
    struct timespec rest = {whole, (long)(1e9 * (seconds - (double)whole))};
    nanosleep(&rest, NULL);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

static inline void cli_free(cli_result *result)
{
    free(result->out);
    free(result->err);
}

/** Run it, and insist on the exit status. */
static inline cli_result cli_expect(
    const cli_how *how, const char *line, int status)
{
    cli_result result = cli_run(how, line);
    if (result.status != status)
        print_message("# basin %s: status %d, not %d\n%s%s\n", line,
            result.status, status, result.out, result.err);
    assert_int_equal(result.status, status);
    return result;
}

static inline void cli_do(const char *line)
{
    cli_result result = cli_expect(NULL, line, 0);
    cli_free(&result);
}

/** One line on standard error that begins as it should, and no other output.
 *  @param says what must be in it, ends with NULL */
static inline bool cli_refuses(
    const cli_result *result, const char *const *says)
{
    size_t length = strlen(result->err);
    bool good = result->status == 2 && result->out[0] == '\0' &&
                strncmp(result->err, "basin: ", 7) == 0 && length > 20 &&
                strchr(result->err, '\n') == result->err + length - 1;
    for (const char *at = result->err; good && at[1]; at++)
        good = (unsigned char)*at >= ' ' && *at != 127;
    for (; good && *says; says++)
        good = strstr(result->err, *says) != NULL;
    if (!good)
        print_message("# status %d, output \"%.200s\", errors \"%s\"\n",
            result->status, result->out, result->err);
    return good;
}

/* ------------------------------------------------------------------ folders */

static uint64_t cli_sum;
static int cli_entries;

static inline int cli_add(
    const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)place;
    uint64_t hash = 14695981039346656037u;
    size_t size = 0;
    char *text = type == FTW_F ? cli_slurp(path, &size) : NULL;
    for (const char *at = path; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    free(text);
    cli_sum += (hash ^ (uint64_t)info->st_mode) * 1099511628211u;
    cli_entries++;
    return 0;
}

/** A number that changes with any name, right or byte below a folder. */
static inline uint64_t cli_snapshot(const char *folder)
{
    cli_sum = 0;
    cli_entries = 0;
    nftw(folder, cli_add, 16, FTW_PHYS);
    return cli_sum;
}

/** How many files and folders are below a folder, itself too. */
static inline int cli_count(const char *folder)
{
    cli_snapshot(folder);
    return cli_entries;
}

static inline int cli_remove_one(
    const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

static inline void cli_remove(const char *folder)
{
    nftw(folder, cli_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static char cli_folder[512];

/** Group setup: go into a new folder. */
static inline int cli_enter(void **state)
{
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(cli_folder, sizeof cli_folder, "%s/basin-test-XXXXXX",
        base && *base ? base : "/tmp");
    unsetenv("NO_COLOR");
    setenv("TERM", "xterm", 1);
    return mkdtemp(cli_folder) && chdir(cli_folder) == 0 ? 0 : -1;
}

static inline int cli_leave(void **state)
{
    (void)state;
    if (chdir("/") != 0)
        return -1;
    cli_remove(cli_folder);
    return 0;
}

/** Are two files there, and the same? */
static inline bool cli_same(const char *first, const char *second)
{
    size_t n = 0, m = 0;
    char *a = cli_slurp(first, &n), *b = cli_slurp(second, &m);
    bool same = a && b && n > 0 && n == m && memcmp(a, b, n) == 0;
    if (!same)
        print_message("# %s and %s differ\n", first, second);
    free(a);
    free(b);
    return same;
}

#endif
