/* SPDX-License-Identifier: MIT
 *
 * The guard against divergence: a copy of the last good state, to go back to.
 */
#include "learn/trainer.h"

#include <string.h>

struct basin_guard {
    basin_context *ctx;
    size_t n_params, n_arrays, n_memory, size;
    float *kept; /* W, the optimiser's arrays, the inference's memory */
    basin_trainer_state state;
    basin_guard_state judged;
};

enum { PROBE_MOST = 128, PROBE_FIRST = 64 };

/* The mean loss of a few samples, spread over all, at the W that is now. */
static double probe(basin_trainer *trainer, int m)
{
    int32_t index[PROBE_MOST];
    int n = basin__trainer_samples(trainer);
    m = m < 1 ? 1 : m;
    m = m > PROBE_MOST ? PROBE_MOST : m;
    m = m > n ? n : m;
    for (int i = 0; i < m; i++)
        index[i] = (int32_t)((int64_t)i * n / m);
    return basin_trainer_loss(trainer, index, m, NULL);
}

basin_status basin_guard_create(
    basin_guard **out, basin_trainer *trainer, basin_error *error)
{
    basin_energy *energy = basin_trainer_energy(trainer);
    basin_context *ctx = basin_energy_context(energy);
    *out = NULL;
    basin_guard *g = basin_alloc(ctx, sizeof *g);
    BASIN_REQUIRE(g, error, BASIN_E_MEMORY, "no memory for a guard");
    g->ctx = ctx;
    g->n_params = basin_energy_describe(energy)->n_params;
    g->n_arrays = (size_t)basin_trainer_arrays(trainer);
    basin_trainer_memory(trainer, &g->n_memory);
    g->size = ((g->n_arrays + 1) * g->n_params + g->n_memory) * sizeof(float);
    g->size += 1;
    g->kept = basin_alloc(ctx, g->size);
    if (!g->kept) {
        basin_guard_destroy(g);
        return basin_error_set(error, BASIN_E_MEMORY, "no memory for a guard");
    }
    *out = g;
    g->judged.first = g->judged.best = probe(trainer, PROBE_FIRST);
    basin_guard_state_set(g, trainer, &g->judged);
    return BASIN_OK;
}

void basin_guard_destroy(basin_guard *g)
{
    if (!g)
        return;
    basin_free(g->ctx, g->kept, g->size);
    basin_free(g->ctx, g, sizeof *g);
}

/* The samples since the kept state, and their mean loss. A trainer that ended
 * its epoch has its mean in the progress. */
static double mean_since(
    const basin_guard *g, const basin_trainer *trainer, int *rows)
{
    basin_trainer_state now = basin_trainer_state_get(trainer);
    *rows = now.place - g->state.place;
    if (now.progress.epoch != g->state.progress.epoch) {
        *rows = basin__trainer_samples(trainer) - g->state.place;
        return now.progress.loss;
    }
    return *rows > 0 ? (now.sum - g->state.sum) / *rows : g->judged.best;
}

static double size_of(double x)
{
    return x < 0 ? -x : x;
}

static bool is_beyond(const basin_guard_state *s, double loss)
{
    return !__builtin_isfinite(loss) ||
           loss - s->best > 1000 * (1 + size_of(s->first) + size_of(s->best));
}

/* The loss of the last updates was taken before them, so that what the last
 * one did shows only in a look of its own: one sample in a hundred. */
bool basin_guard_diverged(const basin_guard *g, basin_trainer *trainer)
{
    int rows;
    return is_beyond(&g->judged, mean_since(g, trainer, &rows)) ||
           is_beyond(&g->judged, probe(trainer, rows / 100));
}

static void copy(basin_guard *g, basin_trainer *trainer, bool back)
{
    float *w = basin_energy_params(basin_trainer_energy(trainer));
    size_t bytes = g->n_params * sizeof(float);
    for (size_t i = 0; i <= g->n_arrays && bytes; i++) {
        float *theirs = i ? basin_trainer_array(trainer, (int)i - 1) : w;
        float *ours = g->kept + i * g->n_params;
        memcpy(back ? theirs : ours, back ? ours : theirs, bytes);
    }
    float *theirs = basin_trainer_memory(trainer, &bytes);
    float *ours = g->kept + (g->n_arrays + 1) * g->n_params;
    if (theirs)
        memcpy(
            back ? theirs : ours, back ? ours : theirs, bytes * sizeof *theirs);
}

void basin_guard_keep(basin_guard *g, basin_trainer *trainer)
{
    int rows;
    double loss = mean_since(g, trainer, &rows);
    if (loss < g->judged.best)
        g->judged.best = loss;
    g->state = basin_trainer_state_get(trainer);
    copy(g, trainer, false);
}

void basin_guard_rewind(basin_guard *g, basin_trainer *trainer)
{
    copy(g, trainer, true);
    basin_trainer_state_set(trainer, &g->state);
#ifndef BASIN_SMALL
    basin__whole_forget(trainer);
#endif
}

void basin_guard_back(basin_guard *g, basin_trainer *trainer)
{
    g->state.rate_scale /= 2;
    g->judged.rollbacks++;
    basin_guard_rewind(g, trainer);
}

basin_guard_state basin_guard_state_get(const basin_guard *g)
{
    return g->judged;
}

void basin_guard_state_set(
    basin_guard *g, basin_trainer *trainer, const basin_guard_state *state)
{
    g->judged = *state;
    g->state = basin_trainer_state_get(trainer);
    copy(g, trainer, false);
}
