/* SPDX-License-Identifier: MIT
 *
 * Chains by the library's optimisers, batch by batch: the gradient of
 *
 *     (sum of the losses + c2 |W|^2) / sequences
 *
 * on a few sequences at a time, in float32. What nets are trained with.
 */
#include "learn/chain_steps.h"

#include "base/memory.h"

#include <string.h>

static void lay(void *self, basin__arena *a)
{
    basin_chain_trainer *t = self;
    basin__chain_steps *s = t->steps;
    const size_t n = t->chain->info.n_params + 1;
    s->w = basin__arena_alloc(a, n * sizeof *s->w);
    s->g = basin__arena_alloc(a, n * sizeof *s->g);
    for (int i = 0; i < s->optimiser->n_states; i++)
        s->state[i] = basin__arena_alloc(a, n * sizeof *s->state[i]);
    s->gradient = basin__arena_alloc(a, n * sizeof *s->gradient);
    s->order =
        basin__arena_alloc(a, (size_t)t->sequences->n * sizeof *s->order);
}

basin_status basin__chain_steps_open(basin_chain_trainer *t, basin_error *error)
{
    const basin_part *part;
    basin__chain_steps *s = t->steps = basin_alloc(t->ctx, sizeof *s);
    BASIN_REQUIRE(s, error, BASIN_E_MEMORY, "no memory for an optimiser");
    BASIN_TRY(basin_find(
        &part, t->ctx, BASIN_KIND_OPTIMISER, t->def.optimiser, error));
    s->optimiser = (const basin_optimiser_type *)(const void *)part;
    BASIN_REQUIRE(!s->optimiser->whole, error, BASIN_E_SERVE,
        "the optimiser '%s' takes all sequences at a time: the algorithm "
        "'lbfgs' does that for chains",
        part->name);
    BASIN_TRY(basin_part_settings(s->settings, part, t->def.optimiser_settings,
        t->def.n_optimiser_settings, error));
    BASIN_REQUIRE(
        basin__arena_block(&s->memory, &s->memory_size, t->ctx, lay, t), error,
        BASIN_E_MEMORY, "no memory to learn %zu weights",
        t->chain->info.n_params);
    for (int i = 0; i < s->optimiser->n_states; i++)
        memset(s->state[i], 0, t->chain->info.n_params * sizeof *s->state[i]);
    return BASIN_OK;
}

void basin__chain_steps_close(basin_chain_trainer *t)
{
    if (!t->steps)
        return;
    basin_free(t->ctx, t->steps->memory, t->steps->memory_size);
    basin_free(t->ctx, t->steps, sizeof *t->steps);
}

/* The rate falls by a straight line from the first update to the last. */
static double rate_now(const basin_chain_trainer *t)
{
    const int32_t n = t->sequences->n, batch = t->def.batch;
    const double last =
        (double)((n + batch - 1) / batch) * t->def.iterations - 1;
    const double done = last > 0 ? (double)t->steps->updates / last : 0;
    return t->def.rate * (1 - (1 - t->def.rate_end) * (done < 1 ? done : 1));
}

/* @return the loss of the batch before W moved */
static double learn_batch(basin_chain_trainer *t, int32_t first, int32_t n)
{
    basin__chain_steps *s = t->steps;
    const size_t params = t->chain->info.n_params;
    const double loss = basin__chain_objective_batch(&t->objective,
        &(basin__chain_batch){.index = s->order + first,
            .n = n,
            .training = true,
            .step = (t->def.seed << 32) + s->updates},
        s->gradient);
    const double decay = 2 * t->def.c2 / t->sequences->n;
    for (size_t i = 0; i < params; i++)
        s->g[i] = (float)(s->gradient[i] / n + decay * (double)s->w[i]);
    const double rate = rate_now(t);
    s->optimiser->update(basin_context_kernels(t->ctx), s->settings, s->w, s->g,
        s->state, params, rate, ++s->updates);
    double *w = basin_chain_params(t->chain);
    for (size_t i = 0; i < params; i++)
        w[i] = (double)s->w[i];
    basin_chain_changed(t->chain);
    return loss;
}

static basin_status epoch(basin_chain_trainer *t, basin_error *error)
{
    basin__chain_steps *s = t->steps;
    const int32_t n = t->sequences->n;
    const basin_random_key key = {
        t->def.seed, BASIN_STREAM_SHUFFLE, (uint64_t)t->progress.iteration};
    basin_random_shuffle(key, s->order, n);
    basin_chain_progress *p = &t->progress;
    p->loss = 0;
    basin__chain_anneal(t);
    for (int32_t at = 0; at < n; at += t->def.batch)
        p->loss +=
            learn_batch(t, at, n - at < t->def.batch ? n - at : t->def.batch);
    const double *w = basin_chain_params(t->chain);
    double square = 0;
    for (size_t i = 0; i < t->chain->info.n_params; i++)
        square += w[i] * w[i];
    p->iteration++;
    p->norm = __builtin_sqrt(square);
    p->objective = p->loss + t->def.c2 * square;
    p->residual = __builtin_nan("");
    p->active = basin__chain_active(t->chain);
    return basin__chain_watch(t, error);
}

basin_status basin__chain_steps_run(basin_chain_trainer *t, basin_error *error)
{
    basin__chain_steps *s = t->steps;
    for (size_t i = 0; i < t->chain->info.n_params; i++)
        s->w[i] = (float)basin_chain_params(t->chain)[i];
    basin_status status = BASIN_OK;
    while (status == BASIN_OK && t->progress.iteration < t->def.iterations)
        status = epoch(t, error);
    basin__chain_anneal(t);
    basin__chain_measure(t, s->gradient);
    return status;
}
