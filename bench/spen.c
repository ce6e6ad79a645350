/* SPDX-License-Identifier: MIT
 *
 * The synthetic task of structured prediction energy networks (Belanger and
 * McCallum 2016, section 7.4): X is 64 Gaussian features, Z = XA for a Gaussian
 * A of 64 x 16, and of each block of 4 labels the one with the largest Z is on.
 * Nobody is told of the blocks. Per-label energies cannot know of them; a
 * global term over the labels can.
 *
 *     build/bench/spen [--size N] [--seeds FROM-TO] [--threads N]
 *
 * prints one line a size and an energy: the mean F1 over the seeds, in percent,
 * with its standard error, the least of them, and the seconds of one training.
 * Without --size: 1,500 and 15,000 examples.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"
#include "label_sets.h"

#include <math.h>

enum { FEATURES = 64, LABELS = 16, BLOCK = 4, TEST = 10000 };

typedef struct options {
    int sizes[2], n_sizes;
    int first, last; /* seeds */
    int threads;
} options;

/* Samples number 0 .. n-1 of a seed. */
static void draw(uint64_t seed, int n, float *x, float *y)
{
    const basin_random_key of_a = {seed, BASIN_STREAM_DATA, 0};
    const basin_random_key of_x = {seed, BASIN_STREAM_DATA, 1};
    double a[FEATURES * LABELS];
    for (int i = 0; i < FEATURES * LABELS; i++)
        a[i] = basin_random_normal(of_a, (uint64_t)i);
    for (int i = 0; i < n; i++, x += FEATURES, y += LABELS) {
        double z[LABELS] = {0};
        for (int f = 0; f < FEATURES; f++) {
            x[f] = (float)basin_random_normal(
                of_x, (uint64_t)i * FEATURES + (uint64_t)f);
            for (int l = 0; l < LABELS; l++)
                z[l] += (double)x[f] * a[f * LABELS + l];
        }
        for (int first = 0; first < LABELS; first += BLOCK) {
            int most = first;
            for (int l = first; l < first + BLOCK; l++) {
                y[l] = 0;
                most = z[l] > z[most] ? l : most;
            }
            y[most] = 1;
        }
    }
}

/* One training. @param x, y size + TEST samples */
static basin_status run(double *f1, basin_context *ctx, label_kind kind,
    int size, uint64_t seed, const float *x, const float *y, basin_error *error)
{
    label_model model;
    label_score score = {0};
    const label_def def = {.kind = kind,
        .features = FEATURES,
        .labels = LABELS,
        .n = size,
        .x = x,
        .y = y,
        .hidden = {64, 16},
        .cost = 2,
        .units = 4,
        .rate = kind == SPEN ? .01 : .003,
        .epochs = size < 5000 ? 100 : 25,
        .batch = 32,
        .seed = seed};
    basin_status status = label_train(&model, ctx, &def, error);
    if (status == BASIN_OK)
        status = label_judge(&score, &model, x + (size_t)size * FEATURES,
            y + (size_t)size * LABELS, TEST, LABELS, error);
    label_close(&model);
    *f1 = score.f1;
    return status;
}

static basin_status run_seeds(basin_context *ctx, const options *o,
    label_kind kind, int size, float *x, float *y, basin_error *error)
{
    double sum = 0, squares = 0, least = 100, seconds = 0;
    int n = o->last - o->first + 1;
    for (int seed = o->first; seed <= o->last; seed++) {
        double f1 = 0;
        draw((uint64_t)seed, size + TEST, x, y);
        double begun = bench_now();
        TRY(run(&f1, ctx, kind, size, (uint64_t)seed, x, y, error));
        seconds += bench_now() - begun;
        sum += f1;
        squares += f1 * f1;
        least = fmin(least, f1);
    }
    double mean = sum / n;
    double spread =
        n > 1 ? sqrt(fmax(0, squares / n - mean * mean) / (n - 1)) : 0;
    printf("| %6d | %-8s | %.2f ± %.2f | %.2f | %.1f |\n", size,
        label_names[kind], mean, spread, least, seconds / n);
    fflush(stdout);
    return BASIN_OK;
}

static basin_status run_size(
    basin_context *ctx, const options *o, int size, basin_error *error)
{
    size_t n = (size_t)size + TEST;
    float *x = malloc(n * FEATURES * sizeof *x);
    float *y = malloc(n * LABELS * sizeof *y);
    basin_status status =
        x && y ? BASIN_OK
               : basin_error_set(error, BASIN_E_MEMORY, "no memory for data");
    for (int kind = 0; status == BASIN_OK && kind < LABEL_KINDS; kind++)
        status = run_seeds(ctx, o, (label_kind)kind, size, x, y, error);
    free(x);
    free(y);
    return status;
}

static bool read_options(options *o, int argc, char **argv)
{
    *o = (options){{1500, 15000}, 2, 1, 10, 1};
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (!strcmp(name, "--size")) {
            o->sizes[0] = atoi(value);
            o->n_sizes = 1;
        } else if (!strcmp(name, "--seeds")) {
            const char *dash = strchr(value, '-');
            o->first = atoi(value);
            o->last = dash ? atoi(dash + 1) : o->first;
        } else if (!strcmp(name, "--threads")) {
            o->threads = atoi(value);
        } else {
            return false;
        }
    }
    return argc % 2 == 1 && o->sizes[0] >= 1 && o->sizes[0] <= 1000000 &&
           o->first >= 0 && o->last >= o->first && o->threads >= 0;
}

int main(int argc, char **argv)
{
    options o;
    basin_error error = {0};
    basin_context *ctx = NULL;
    if (!read_options(&o, argc, argv)) {
        fprintf(stderr, "usage: spen [--size N] [--seeds FROM-TO] "
                        "[--threads N]\n");
        return 2;
    }
    basin_context_def def = basin_context_default();
    def.threads = o.threads;
    basin_status status = basin_context_create(&ctx, &def, &error);
    printf("| examples | energy | F1, mean ± standard error | least | s |\n"
           "|--:|:--|:--|--:|--:|\n");
    for (int i = 0; status == BASIN_OK && i < o.n_sizes; i++)
        status = run_size(ctx, &o, o.sizes[i], &error);
    if (status != BASIN_OK)
        fprintf(stderr, "spen: %s\n", error.message);
    basin_context_destroy(ctx);
    return status != BASIN_OK;
}
