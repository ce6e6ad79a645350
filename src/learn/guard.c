/* SPDX-License-Identifier: MIT
 *
 * The guard against divergence: a copy of the last good state, to go back to.
 */
#include "learn/learn.h"

#include <string.h>

struct basin_guard {
    basin_context *ctx;
    size_t n_params, n_arrays, size;
    float *kept; /* W, then the optimiser's arrays */
    basin_trainer_state state;
    basin_guard_state judged;
};

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
    g->size = (g->n_arrays + 1) * g->n_params * sizeof(float) + 1;
    g->kept = basin_alloc(ctx, g->size);
    if (!g->kept) {
        basin_guard_destroy(g);
        return basin_error_set(error, BASIN_E_MEMORY, "no memory for a guard");
    }
    *out = g;
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

/* The mean loss since the kept state. A trainer that ended its epoch has its
 * mean in the progress. */
static double mean_since(const basin_guard *g, const basin_trainer *trainer)
{
    basin_trainer_state now = basin_trainer_state_get(trainer);
    double rows = now.place - g->state.place;
    if (now.progress.epoch != g->state.progress.epoch)
        return now.progress.loss;
    return rows > 0 ? (now.sum - g->state.sum) / rows : now.progress.loss;
}

static double size_of(double x)
{
    return x < 0 ? -x : x;
}

bool basin_guard_diverged(const basin_guard *g, const basin_trainer *trainer)
{
    const basin_guard_state *s = &g->judged;
    double loss = mean_since(g, trainer);
    if (!__builtin_isfinite(loss))
        return true;
    return s->begun &&
           loss - s->best > 1000 * (1 + size_of(s->first) + size_of(s->best));
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
}

void basin_guard_keep(basin_guard *g, basin_trainer *trainer)
{
    basin_guard_state *s = &g->judged;
    double loss = mean_since(g, trainer);
    if (!s->begun)
        s->first = s->best = loss;
    else if (loss < s->best)
        s->best = loss;
    s->begun = true;
    g->state = basin_trainer_state_get(trainer);
    copy(g, trainer, false);
}

void basin_guard_back(basin_guard *g, basin_trainer *trainer)
{
    g->state.rate_scale /= 2;
    g->judged.rollbacks++;
    copy(g, trainer, true);
    basin_trainer_state_set(trainer, &g->state);
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
