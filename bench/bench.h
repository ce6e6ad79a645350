/* SPDX-License-Identifier: MIT
 *
 * What the programs share that are timed: the clock, a loop that runs long
 * enough, and a choice of cases by name. _POSIX_C_SOURCE stands before it.
 */
#ifndef BASIN_BENCH_BENCH_H
#define BASIN_BENCH_BENCH_H

#include <basin/basin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/** Do it, once to warm up and then for so many seconds.
 *  @param amount what is done each time  @param speed amounts a second, out */
static inline basin_status bench_speed(
    basin_status (*work)(void *self, basin_error *error), void *self,
    double amount, double seconds_at_least, double *speed, basin_error *error)
{
    BASIN_TRY(work(self, error));
    double begun = bench_now(), seconds = 0, done = 0;
    while (seconds < seconds_at_least) {
        BASIN_TRY(work(self, error));
        done += amount;
        seconds = bench_now() - begun;
    }
    *speed = done / seconds;
    return BASIN_OK;
}

/** A row of `cases` begins with its name. */
typedef struct bench_cases {
    const void *rows;
    size_t size; /**< of a row */
    int n;
    basin_status (*measure)(const void *row, basin_error *error);
} bench_cases;

static inline const char *bench_name(const bench_cases *c, int i)
{
    const char *name;
    memcpy(&name, (const char *)c->rows + (size_t)i * c->size, sizeof name);
    return name;
}

static inline int bench_one(const bench_cases *c, int i)
{
    basin_error error = {0};
    if (c->measure((const char *)c->rows + (size_t)i * c->size, &error) ==
        BASIN_OK)
        return 0;
    fprintf(stderr, "%s: %s\n", bench_name(c, i), error.message);
    return 1;
}

/** Measure the cases that are named, or all. @return the exit status */
static inline int bench_main(const bench_cases *c, int argc, char **argv)
{
    int failed = 0;
    for (int i = 0; argc < 2 && i < c->n; i++)
        failed |= bench_one(c, i);
    for (int a = 1; a < argc; a++) {
        int i = 0;
        while (i < c->n && strcmp(bench_name(c, i), argv[a]) != 0)
            i++;
        if (i == c->n) {
            fprintf(stderr, "there is no case %s\n", argv[a]);
            return 2;
        }
        failed |= bench_one(c, i);
    }
    return failed;
}

#endif
