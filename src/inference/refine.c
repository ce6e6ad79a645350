/* SPDX-License-Identifier: MIT
 *
 * Prediction: the lowest answers of the grid, each refined by ever finer small
 * grids around it, so that the grid's step does not limit the answer.
 */
#include "base/memory.h"
#include "inference/grid.h"

enum { CHUNK = 32, STARTS = 4, DIM_MAX = 3, FINE_MAX = 27 };

/* What prediction works on: one chunk of samples. */
typedef struct work {
    float *grid_e, *grid_q; /* (CHUNK, G), (CHUNK, G, H) */
    float *y;               /* (CHUNK, STARTS, fine, dim): candidates */
    float *e, *q;           /* (CHUNK, STARTS, fine), (.., H) */
    float *centre;          /* (CHUNK, STARTS, dim) */
    float *centre_e;        /* (CHUNK, STARTS) */
    int *cause;             /* (CHUNK, STARTS): which Z */
    int side, fine;         /* candidates along a dimension, and in all */
} work;

static void lay_work(const basin__grid *g, basin__arena *a, work *w)
{
    size_t grid = (size_t)CHUNK * g->y.count, f = sizeof(float);
    size_t starts = (size_t)CHUNK * STARTS, causes = (size_t)g->z.count;
    size_t fine = starts * w->fine;
    w->grid_e = basin__arena_alloc(a, grid * f);
    w->grid_q = basin__arena_alloc(a, grid * causes * f);
    w->y = basin__arena_alloc(a, fine * g->info->y.dim * f);
    w->e = basin__arena_alloc(a, fine * f);
    w->q = basin__arena_alloc(a, fine * causes * f);
    w->centre = basin__arena_alloc(a, starts * g->info->y.dim * f);
    w->centre_e = basin__arena_alloc(a, starts * f);
    w->cause = basin__arena_alloc(a, starts * sizeof(int));
}

static basin_status open_work(basin__grid *g, work *w, basin_error *error)
{
    int dim = g->info->y.dim;
    BASIN_REQUIRE(dim <= DIM_MAX, error, BASIN_E_SERVE,
        "the inference 'grid' predicts answers of up to %d dimensions; this "
        "energy's have %d",
        DIM_MAX, dim);
    w->side = dim == 1 ? 9 : dim == 2 ? 5 : 3;
    w->fine = dim == 1 ? 9 : dim == 2 ? 25 : FINE_MAX;
    basin__arena arena;
    if (!g->predict_memory) {
        basin__arena_init(&arena, NULL, 0);
        lay_work(g, &arena, w);
        g->predict_size = arena.peak;
        g->predict_memory = basin_alloc(g->ctx, g->predict_size);
        BASIN_REQUIRE(g->predict_memory, error, BASIN_E_MEMORY,
            "no memory for prediction");
    }
    basin__arena_init(&arena, g->predict_memory, g->predict_size);
    lay_work(g, &arena, w);
    if (g->predictor)
        return BASIN_OK;
    basin_pass_def def = {.samples = CHUNK,
        .n_slots = 2,
        .slots = {{.y = {STARTS * w->fine, true}, .z = {g->z.count, false}},
            {.y = {g->y.count, false}, .z = {g->z.count, false}}}};
    return basin_pass_create(&g->predictor, g->energy, &def, error);
}

/* Is no neighbour along a dimension lower? */
static bool is_local_least(const basin__grid *g, const float *e, int at)
{
    int points = (int)g->settings[BASIN__GRID_POINTS];
    for (int d = 0, stride = 1; d < g->info->y.dim; d++, stride *= points) {
        int place = at / stride % points;
        if (place > 0 && e[at - stride] < e[at])
            return false;
        if (place < points - 1 && e[at + stride] < e[at])
            return false;
    }
    return true;
}

/* The lowest local minima of a sample's grid, the lowest first; where there
 * are fewer, the last one again. */
static void find_starts(const basin__grid *g, const work *w, int b)
{
    const float *e = w->grid_e + (size_t)b * g->y.count;
    const float *q = w->grid_q + (size_t)b * g->y.count * g->z.count;
    int best[STARTS], n = 0, dim = g->info->y.dim;
    for (int i = 0; i < g->y.count; i++) {
        if (!is_local_least(g, e, i) ||
            (n == STARTS && !(e[i] < e[best[n - 1]])))
            continue;
        int at = n < STARTS ? n++ : n - 1;
        while (at > 0 && e[i] < e[best[at - 1]]) {
            best[at] = best[at - 1];
            at--;
        }
        best[at] = i;
    }
    if (n == 0)
        best[n++] = 0; /* nothing is finite */
    for (int s = 0; s < STARTS; s++) {
        int from = best[s < n ? s : n - 1], start = b * STARTS + s;
        for (int d = 0; d < dim; d++)
            w->centre[start * dim + d] = g->y.values[(size_t)from * dim + d];
        w->centre_e[start] = e[from];
        const float *causes = q + (size_t)from * g->z.count;
        w->cause[start] = 0;
        for (int h = 1; h < g->z.count; h++)
            if (causes[h] > causes[w->cause[start]])
                w->cause[start] = h;
    }
}

/* Candidates on a small grid of half-width `half` around each centre. */
static void place_fine(
    const basin__grid *g, const work *w, int samples, float half)
{
    int dim = g->info->y.dim;
    float *out = w->y;
    for (int start = 0; start < samples * STARTS; start++) {
        const float *centre = w->centre + start * dim;
        for (int i = 0; i < w->fine; i++) {
            for (int d = 0, rest = i; d < dim; d++, rest /= w->side) {
                float offset = (float)(2 * (rest % w->side) - (w->side - 1)) /
                               (float)(w->side - 1);
                float y = centre[d] + half * offset;
                y = y < g->info->y.low ? g->info->y.low : y;
                *out++ = y > g->info->y.high ? g->info->y.high : y;
            }
        }
    }
}

/* Move each centre to the lowest of its candidates. */
static void take_lowest(const basin__grid *g, const work *w, int samples)
{
    int dim = g->info->y.dim, causes = g->z.count;
    for (int start = 0; start < samples * STARTS; start++) {
        const float *e = w->e + (size_t)start * w->fine;
        size_t best = g->k->argmin(e, (size_t)w->fine);
        if (!(e[best] < w->centre_e[start]))
            continue;
        size_t at = (size_t)start * w->fine + best;
        w->centre_e[start] = e[best];
        for (int d = 0; d < dim; d++)
            w->centre[start * dim + d] = w->y[at * dim + d];
        const float *q = w->q + at * causes;
        w->cause[start] = 0;
        for (int h = 1; h < causes; h++)
            if (q[h] > q[w->cause[start]])
                w->cause[start] = h;
    }
}

static void refine(basin__grid *g, const work *w, int samples)
{
    int rounds = (int)g->settings[BASIN__GRID_REFINE];
    float shrink = w->side > 5 ? (float)(w->side - 1) / 2 : 2;
    float half = g->y.step;
    if (w->side <= 5)
        rounds *= 2;
    for (int round = 0; round < rounds; round++, half /= shrink) {
        place_fine(g, w, samples, half);
        basin_set set = {.y = w->y,
            .z = g->z.values,
            .y_count = STARTS * w->fine,
            .z_count = g->z.count};
        basin__grid_lower(g,
            basin_pass_evaluate(g->predictor, BASIN__SLOT_POINTS, &set),
            samples * STARTS * w->fine, w->e, w->q);
        take_lowest(g, w, samples);
    }
}

static void predict_chunk(basin__grid *g, const work *w, const float *x,
    int samples, float *y, float *z, float *e)
{
    int dim = g->info->y.dim, z_dim = g->info->z.dim;
    basin_pass_observe(g->predictor, x, NULL, samples, false, 0);
    basin_set set = {.y = g->y.values,
        .z = g->z.values,
        .y_count = g->y.count,
        .z_count = g->z.count};
    basin__grid_lower(g,
        basin_pass_evaluate(g->predictor, BASIN__SLOT_GRID, &set),
        samples * g->y.count, w->grid_e, w->grid_q);
    for (int b = 0; b < samples; b++)
        find_starts(g, w, b);
    refine(g, w, samples);
    for (int b = 0; b < samples; b++) {
        int best = b * STARTS;
        for (int s = 1; s < STARTS; s++)
            if (w->centre_e[b * STARTS + s] < w->centre_e[best])
                best = b * STARTS + s;
        for (int d = 0; d < dim; d++)
            y[b * dim + d] = w->centre[best * dim + d];
        for (int d = 0; z && d < z_dim; d++)
            z[b * z_dim + d] = g->z.values[w->cause[best] * z_dim + d];
        if (e)
            e[b] = w->centre_e[best];
    }
}

basin_status basin__grid_predict(void *self, const float *x, int n, float *y,
    float *z, float *e, basin_error *error)
{
    basin__grid *g = self;
    work w = {0};
    BASIN_TRY(open_work(g, &w, error));
    for (int first = 0; first < n; first += CHUNK) {
        int samples = n - first < CHUNK ? n - first : CHUNK;
        predict_chunk(g, &w, x + (size_t)first * g->info->x.dim, samples,
            y + (size_t)first * g->info->y.dim,
            z ? z + (size_t)first * g->info->z.dim : NULL,
            e ? e + first : NULL);
    }
    return BASIN_OK;
}
