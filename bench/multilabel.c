/* SPDX-License-Identifier: MIT
 *
 * Sets of labels from real data, by five folds: per-label logistic energies
 * beside one with a global term over the labels (see label_sets.h). The folds
 * are the same for both, and so is all else that both have.
 *
 *     BASIN_DATA=DIR build/bench/multilabel [SET...]
 *
 * reads $BASIN_DATA/multilabel/SET.orig.arff.gz (or SET.arff, or SET.arff.gz),
 * and prints one line a set and an energy: F1 and Hamming error in percent,
 * means over the folds with their standard errors.
 */
#include "label_sets.h"

#include <math.h>

enum { FOLDS = 5, SEED = 1 };

typedef struct label_set {
    const char *name;
    int labels; /* the last columns */
} label_set;

static const label_set sets[] = {{"scene", 6}, {"yeast", 14}, {"emotions", 6}};

enum { SETS = sizeof sets / sizeof *sets };

/* An energy, and the task cost that its margins grow with, if any. */
typedef struct label_way {
    const char *name;
    label_kind kind;
    int cost;
} label_way;

static const label_way ways[] = {
    {"logistic", LOGISTIC, 0},
    {"spen, cost squared", SPEN, 2},
    {"spen, cost f1", SPEN, 3},
};

enum { WAYS = sizeof ways / sizeof *ways };

/* A fold's samples: those to learn from, then those to judge by. */
typedef struct fold {
    int n, learn, features, labels;
    float *x, *y;
} fold;

/* ---------------------------------------------------------------------- data
 */

static basin_status load(basin_arff *out, basin_context *ctx,
    const label_set *set, const char *folder, basin_error *error)
{
    static const char *const ends[] = {"orig.arff.gz", "arff", "arff.gz"};
    basin_status status = BASIN_E_IO;
    for (int i = 0; status == BASIN_E_IO && i < 3; i++) {
        char path[512];
        basin_bytes bytes;
        basin_bytes_init(&bytes, ctx);
        snprintf(path, sizeof path, "%s/multilabel/%s.%s", folder, set->name,
            ends[i]);
        status = basin_file_load(&bytes, path, (size_t)1 << 30, error);
        if (status == BASIN_OK)
            status = basin_arff_read(out, ctx, bytes.data, bytes.size, error);
        basin_bytes_finish(&bytes);
    }
    return status;
}

/* Each column to mean 0 and deviation 1, by the samples to learn from. */
static void standardise(const fold *f)
{
    for (int c = 0; c < f->features; c++) {
        double sum = 0, squares = 0;
        for (int i = 0; i < f->learn; i++) {
            double v = (double)f->x[(size_t)i * f->features + c];
            sum += v;
            squares += v * v;
        }
        double mean = sum / f->learn;
        double spread = sqrt(fmax(squares / f->learn - mean * mean, 0));
        for (int i = 0; i < f->n; i++) {
            float *v = &f->x[(size_t)i * f->features + c];
            *v = spread > 0 ? (float)(((double)*v - mean) / spread) : 0;
        }
    }
}

/* Fold number k: every fifth sample of a random order is judged by. */
static void fill(fold *f, const float *rows, const int32_t *order, int k)
{
    int columns = f->features + f->labels, at[2] = {0, 0};
    f->learn = 0;
    for (int i = 0; i < f->n; i++)
        f->learn += i % FOLDS != k;
    at[1] = f->learn;
    for (int i = 0; i < f->n; i++) {
        const float *row = rows + (size_t)order[i] * columns;
        int to = at[i % FOLDS == k]++;
        memcpy(f->x + (size_t)to * f->features, row,
            (size_t)f->features * sizeof *row);
        memcpy(f->y + (size_t)to * f->labels, row + f->features,
            (size_t)f->labels * sizeof *row);
    }
    standardise(f);
}

/* ------------------------------------------------------------------ measuring
 */

static basin_status run(label_score *out, basin_context *ctx,
    const label_way *way, const fold *f, basin_error *error)
{
    label_model model;
    const label_def def = {.kind = way->kind,
        .features = f->features,
        .labels = f->labels,
        .n = f->learn,
        .x = f->x,
        .y = f->y,
        .cost = way->cost,
        .units = 16,
        .rate = .002,
        .decay = .5,
        .epochs = 40,
        .batch = 32,
        .seed = SEED};
    basin_status status = label_train(&model, ctx, &def, error);
    if (status == BASIN_OK)
        status = label_judge(out, &model, f->x + (size_t)f->learn * f->features,
            f->y + (size_t)f->learn * f->labels, f->n - f->learn, f->labels,
            error);
    label_close(&model);
    return status;
}

static double mean_of(const double *v)
{
    double sum = 0;
    for (int k = 0; k < FOLDS; k++)
        sum += v[k] / FOLDS;
    return sum;
}

static double standard_error(const double *v)
{
    double mean = mean_of(v), sum = 0;
    for (int k = 0; k < FOLDS; k++)
        sum += (v[k] - mean) * (v[k] - mean);
    return sqrt(sum / (FOLDS - 1) / FOLDS);
}

static basin_status run_folds(basin_context *ctx, const label_set *set, fold *f,
    const float *rows, const int32_t *order, basin_error *error)
{
    for (int i = 0; i < WAYS; i++) {
        double f1[FOLDS], hamming[FOLDS];
        for (int k = 0; k < FOLDS; k++) {
            label_score score = {0};
            fill(f, rows, order, k);
            TRY(run(&score, ctx, &ways[i], f, error));
            f1[k] = score.f1;
            hamming[k] = score.hamming;
        }
        printf("| %-8s | %-18s | %.2f ± %.2f | %.2f ± %.2f |\n", set->name,
            ways[i].name, mean_of(f1), standard_error(f1), mean_of(hamming),
            standard_error(hamming));
        fflush(stdout);
    }
    return BASIN_OK;
}

static basin_status run_set(basin_context *ctx, const label_set *set,
    const char *folder, basin_error *error)
{
    basin_arff arff;
    TRY(load(&arff, ctx, set, folder, error));
    fold f = {.n = (int)arff.values.dims[0], .labels = set->labels};
    f.features = (int)arff.values.dims[1] - set->labels;
    f.x = malloc((size_t)f.n * f.features * sizeof *f.x);
    f.y = malloc((size_t)f.n * f.labels * sizeof *f.y);
    int32_t *order = malloc((size_t)f.n * sizeof *order);
    basin_status status =
        f.x && f.y && order
            ? BASIN_OK
            : basin_error_set(error, BASIN_E_MEMORY, "no memory for data");
    if (status == BASIN_OK) {
        basin_random_shuffle(
            (basin_random_key){SEED, BASIN_STREAM_SHUFFLE, 0}, order, f.n);
        status = run_folds(ctx, set, &f, arff.values.values, order, error);
    }
    free(order);
    free(f.x);
    free(f.y);
    basin_arff_finish(&arff);
    return status;
}

static bool is_asked(const char *name, int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], name))
            return true;
    return argc < 2;
}

int main(int argc, char **argv)
{
    const char *folder = getenv("BASIN_DATA");
    basin_error error = {0};
    basin_context *ctx = NULL;
    if (!folder) {
        fprintf(stderr, "multilabel: skipped: BASIN_DATA is not set\n");
        return 77;
    }
    basin_context_def def = basin_context_default();
    def.threads = 1;
    basin_status status = basin_context_create(&ctx, &def, &error);
    printf("| set | energy | F1 | Hamming error |\n|:--|:--|:--|:--|\n");
    for (int i = 0; status == BASIN_OK && i < SETS; i++)
        if (is_asked(sets[i].name, argc, argv))
            status = run_set(ctx, &sets[i], folder, &error);
    if (status != BASIN_OK)
        fprintf(stderr, "multilabel: %s\n", error.message);
    basin_context_destroy(ctx);
    return status != BASIN_OK;
}
