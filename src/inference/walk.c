/* SPDX-License-Identifier: MIT
 *
 * Chains on their way: where they stand, the energies and slopes there, the
 * random numbers that move them, and the lowest place that each has met.
 */
#include "inference/sampler.h"

#include <string.h>

/* -------------------------------------------------------------- open, close */

static void lay_moving(
    const basin__walk *w, basin__arena *a, basin__moving *v, size_t *n)
{
    size_t numbers = (size_t)w->rows * v->dim * sizeof(float);
    bool slopes = w->sampler->mover->slopes;
    v->at = basin__arena_alloc(a, numbers);
    v->kept = slopes ? basin__arena_alloc(a, numbers) : NULL;
    v->slope = slopes ? basin__arena_alloc(a, numbers) : NULL;
    v->best = w->tracks ? basin__arena_alloc(a, numbers) : NULL;
    *n += slopes ? (size_t)w->rows * v->dim : 0;
}

static void lay_memory(void *self, basin__arena *a)
{
    basin__walk *w = self;
    size_t rows = (size_t)w->rows, f = sizeof(float), n = 0;
    size_t tried = rows * w->values, causes = (size_t)w->sampler->z.count;
    const basin_energy_info *info = w->sampler->info;
    lay_moving(w, a, &w->y, &n);
    lay_moving(w, a, &w->z, &n);
    w->y.push = basin__arena_alloc(a, n * f);
    w->e = basin__arena_alloc(a, rows * f);
    w->before = basin__arena_alloc(a, rows * sizeof *w->before);
    w->e_next = basin__arena_alloc(a, tried * f);
    w->e_best = w->tracks ? basin__arena_alloc(a, rows * f) : NULL;
    w->rate = w->tracks ? basin__arena_alloc(a, rows * f) : NULL;
    w->q = basin__arena_alloc(a, tried * causes * f);
    if (w->values == 1)
        return;
    w->try_y = basin__arena_alloc(a, tried * info->y.dim * f);
    w->try_z = basin__arena_alloc(a, tried * info->z.dim * f);
}

static basin_status open_pass(basin__walk *w, basin_error *error)
{
    const basin__sampler *s = w->sampler;
    basin_pass_def def = {.samples = w->samples,
        .n_slots = 1,
        .slots = {{.y = {w->chains * w->values, true},
            .z = {s->samples_z ? 1 : s->z.count, s->samples_z},
            .gradient_y = s->mover->slopes && !w->clamped,
            .gradient_z = s->mover->slopes && s->samples_z}}};
    return basin_pass_create(&w->pass, s->energy, &def, error);
}

basin_status basin__walk_open(basin__walk *out, const basin__sampler *s,
    int samples, int chains, bool clamped, basin_error *error)
{
    bool tracks = out->tracks;
    *out = (basin__walk){.sampler = s,
        .most = samples,
        .samples = samples,
        .chains = chains,
        .values = s->mover->values ? s->mover->values(s) : 1,
        .rows = samples * chains,
        .clamped = clamped,
        .tracks = tracks,
        .y = {.space = &s->info->y, .dim = s->info->y.dim},
        .z = {.space = &s->info->z, .dim = s->samples_z ? s->info->z.dim : 0}};
    BASIN_REQUIRE((int64_t)samples * chains * out->values <= 1 << 26, error,
        BASIN_E_RANGE,
        "%d samples with %d chains of %d values each are too many at once",
        samples, chains, out->values);
    BASIN_REQUIRE(basin__arena_block(
                      &out->memory, &out->memory_size, s->ctx, lay_memory, out),
        error, BASIN_E_MEMORY, "no memory for %d chains", out->rows);
    return open_pass(out, error);
}

void basin__walk_close(basin__walk *w)
{
    bool tracks = w->tracks;
    if (w->sampler) {
        basin_pass_destroy(w->pass);
        basin_free(w->sampler->ctx, w->memory, w->memory_size);
    }
    *w = (basin__walk){.tracks = tracks};
}

void basin__walk_observe(basin__walk *w, const float *x, const int32_t *index,
    int samples, bool training, uint64_t step)
{
    basin_pass_observe(w->pass, x, index, samples, training, step);
    w->samples = samples;
    w->rows = samples * w->chains;
    w->fresh = true;
    w->cold = false;
    w->seed = step;
    w->done = 0;
    w->moves = w->taken = 0;
}

/* ----------------------------------------------------------- random numbers */

basin_random_key basin__walk_key(const basin__walk *w, int draw)
{
    uint64_t kind = (uint64_t)draw + (w->clamped ? 4 : 0);
    return (basin_random_key){
        w->seed, BASIN_STREAM_SAMPLER, w->done * 8 + kind};
}

void basin__walk_noise(basin__walk *w)
{
    size_t y = w->clamped ? 0 : (size_t)w->rows * w->y.dim;
    size_t z = (size_t)w->rows * w->z.dim;
    w->z.push = w->y.push + y;
    basin_random_normals(
        basin__walk_key(w, BASIN__DRAW_MOVE), w->y.push, y + z);
}

float basin__anywhere(const basin_space *space, double u)
{
    double low = (double)space->low, high = (double)space->high;
    return space->kind == BASIN_SPACE_LABELS ? (float)(int)(u * space->count)
                                             : (float)(low + u * (high - low));
}

void basin__walk_scatter(basin__walk *w, basin__moving *v, size_t first)
{
    const basin_random_key key = basin__walk_key(w, BASIN__DRAW_START);
    for (size_t i = 0, n = (size_t)w->rows * v->dim; i < n; i++)
        v->at[i] =
            basin__anywhere(v->space, basin_random_uniform(key, first + i));
}

bool basin__reflect(float *v, const basin_space *box)
{
    if (*v >= box->low && *v <= box->high)
        return false;
    double low = (double)box->low, width = (double)box->high - low;
    double t = ((double)*v - low) / (2 * width);
    if (!(t > -1e15 && t < 1e15)) { /* not a number, or as good as that */
        *v = box->low;
        return false;
    }
    t -= (double)(int64_t)t;
    t = 2 * (t < 0 ? t + 1 : t);
    *v = (float)(low + width * (t > 1 ? 2 - t : t));
    *v = *v > box->high ? box->high : *v;
    return t > 1;
}

/* ------------------------------------------------------- energies and slopes
 */

void basin__walk_energy(basin__walk *w, float *e)
{
    const basin__sampler *s = w->sampler;
    basin_set set = {.y = w->y.at,
        .z = s->samples_z ? w->z.at : s->z.values,
        .y_count = w->chains,
        .z_count = s->samples_z ? 1 : s->z.count};
    const float *found = basin_pass_evaluate(w->pass, 0, &set);
    basin__sampler_lower(s, found, w->rows, e, w->q);
}

void basin__walk_slopes(basin__walk *w, const float **y, const float **z)
{
    basin_pass_backward(w->pass, 0, w->q);
    basin_pass_finish(w->pass, NULL);
    *y = basin_pass_gradient_y(w->pass, 0);
    *z = basin_pass_gradient_z(w->pass, 0);
}

static void copy_row(basin__moving *v, float *to, const float *from, int row)
{
    for (int d = 0; d < v->dim; d++)
        to[(size_t)row * v->dim + d] = from[(size_t)row * v->dim + d];
}

void basin__walk_track(basin__walk *w)
{
    if (!w->tracks)
        return;
    for (int r = 0; r < w->rows; r++) {
        if (!(w->e[r] < w->e_best[r]))
            continue;
        w->e_best[r] = w->e[r];
        copy_row(&w->y, w->y.best, w->y.at, r);
        copy_row(&w->z, w->z.best, w->z.at, r);
    }
}

void basin__walk_run(basin__walk *w, int steps)
{
    for (int t = 0; t < steps; t++) {
        w->sampler->mover->step(w);
        w->done++;
    }
}

/* ------------------------------------------------------------------- polish */

/* One chain's step downhill, to be judged. */
static void step_down(basin__walk *w, basin__moving *v, int row)
{
    for (int d = 0; d < v->dim; d++) {
        size_t i = (size_t)row * v->dim + d;
        float to = v->at[i] - w->rate[row] * v->slope[i];
        v->kept[i] = v->at[i];
        to = to > v->space->low ? to : v->space->low;
        v->at[i] = to < v->space->high ? to : v->space->high;
    }
}

void basin__walk_descend(basin__walk *w, int rounds)
{
    const float *y, *z;
    size_t n_y = (size_t)w->rows * w->y.dim * sizeof *y;
    size_t n_z = (size_t)w->rows * w->z.dim * sizeof *z;
    basin__walk_energy(w, w->e);
    basin__walk_slopes(w, &y, &z);
    memcpy(w->y.slope, y, n_y);
    if (n_z)
        memcpy(w->z.slope, z, n_z);
    w->sampler->k->fill(w->rate, 0.1F, (size_t)w->rows);
    for (int round = 0; round < rounds; round++) {
        for (int r = 0; r < w->rows; r++) {
            step_down(w, &w->y, r);
            step_down(w, &w->z, r);
        }
        basin__walk_energy(w, w->e_next);
        basin__walk_slopes(w, &y, &z);
        for (int r = 0; r < w->rows; r++) {
            if (w->e_next[r] < w->e[r]) {
                w->e[r] = w->e_next[r];
                w->rate[r] *= 1.5F;
                copy_row(&w->y, w->y.slope, y, r);
                copy_row(&w->z, w->z.slope, z, r);
            } else {
                w->rate[r] *= 0.4F;
                copy_row(&w->y, w->y.at, w->y.kept, r);
                copy_row(&w->z, w->z.at, w->z.kept, r);
            }
        }
    }
}
