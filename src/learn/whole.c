/* SPDX-License-Identifier: MIT
 *
 * Learning from all samples at a time: L-BFGS on the mean loss with its
 * penalties, in float64 where sums would lose digits. An epoch is one iteration
 * of it, however often its line search passes over the samples.
 */
#include "learn/trainer.h"

#ifndef BASIN_SMALL
#include <string.h>

enum { MEMORY, TOLERANCE };

/* W as the energy has it. */
static void put_weights(basin_trainer *t, const double *w)
{
    float *at = basin_energy_params(t->energy);
    for (size_t i = 0; i < t->n_params; i++)
        at[i] = (float)w[i];
}

/* The smooth part of the objective, for L-BFGS. */
static double smooth(void *user, const double *w, double *g)
{
    basin_trainer *t = user;
    const size_t params = t->n_params;
    const int n = t->samples.n, most = t->def.batch;
    double loss = 0, square = 0;
    put_weights(t, w);
    memset(g, 0, params * sizeof *g);
    t->sum_e_c = t->sum_e_i = 0;
    t->progress.passes++;
    for (int first = 0; first < n; first += most) {
        const int m = n - first < most ? n - first : most;
        t->k->fill(t->gradient, 0, params);
        loss += basin__trainer_measure(
            t, t->order + first, m, 1.0 / n, false, t->gradient);
        for (size_t i = 0; i < params; i++)
            g[i] += (double)t->gradient[i];
    }
    for (size_t i = 0; i < params && t->def.l2 > 0; i++) {
        square += w[i] * w[i];
        g[i] += t->def.l2 * w[i];
    }
    loss += t->def.l2 / 2 * square;
    return __builtin_isfinite(loss) ? loss : __builtin_nan("");
}

/* -------------------------------------------------------------- open, close */

/* The module that draws random numbers, if there is one. */
static const char *who_draws(const basin_energy *energy)
{
    const basin_graph *graph = basin_energy_graph(energy);
    for (int i = 0; graph && i < basin_graph_size(graph); i++) {
        const basin_module *module = basin_graph_node(graph, i).module;
        if (module && module->draws)
            return module->part.name;
    }
    return NULL;
}

/* What would change the loss on the way, or the steps that it finds itself. */
static basin_status check_def(const basin_trainer *t, basin_error *error)
{
    const basin_train_def *def = &t->def;
    const char *name = t->optimiser->part.name, *draws = who_draws(t->energy);
    const struct {
        bool is_set;
        const char *what, *why;
    } not_for_it[] = {
        {def->clip > 0, "clip", "it takes the gradient as it is"},
        {def->average > 0, "average", "its last W is its best"},
        {def->rate_end != 1 || def->warmup > 0, "a schedule of the rate",
            "it finds its steps itself"},
        {def->beta_from > 0 || def->beta_z_from > 0, "beta-from",
            "the loss must stay the same"},
        {draws, draws, "the loss must stay the same"},
    };
    for (size_t i = 0; i < sizeof not_for_it / sizeof *not_for_it; i++)
        BASIN_REQUIRE(!not_for_it[i].is_set, error, BASIN_E_ARGUMENT,
            "the optimiser '%s' does not go with %s: %s", name,
            not_for_it[i].what, not_for_it[i].why);
    return BASIN_OK;
}

basin_status basin__whole_open(basin_trainer *t, basin_error *error)
{
    BASIN_TRY(check_def(t, error));
    for (int i = 0; i < t->samples.n; i++)
        t->order[i] = i;
    return basin__lbfgs_create(&t->whole.lbfgs, t->ctx, t->n_params,
        (int)t->settings[MEMORY], t->def.l1, smooth, t, error);
}

void basin__whole_close(basin_trainer *t)
{
    basin__lbfgs_destroy(t->whole.lbfgs);
}

/* ------------------------------------------------------------------ iterate */

void basin__whole_forget(basin_trainer *t)
{
    t->whole.begun = t->whole.stands = false;
}

static void begin(basin_trainer *t)
{
    const float *w = basin_energy_params(t->energy);
    double *point = basin__lbfgs_point(t->whole.lbfgs);
    for (size_t i = 0; i < t->n_params; i++)
        point[i] = (double)w[i];
    basin__lbfgs_start(t->whole.lbfgs);
    t->whole.begun = true;
}

double basin__whole_step(basin_trainer *t)
{
    basin__whole *whole = &t->whole;
    if (!whole->begun)
        begin(t);
    const double e_c = t->sum_e_c, e_i = t->sum_e_i;
    const bool fell = basin__lbfgs_step(whole->lbfgs);
    const basin__lbfgs_state s = basin__lbfgs_state_of(whole->lbfgs);
    if (!fell) { /* the last look was at a step that was not taken */
        t->sum_e_c = e_c;
        t->sum_e_i = e_i;
    }
    put_weights(t, basin__lbfgs_point(whole->lbfgs));
    whole->stands = !fell || s.subgradient <= t->settings[TOLERANCE] *
                                                  (s.norm > 1 ? s.norm : 1);
    t->progress.rate = s.step;
    t->progress.updates++;
    return s.value;
}

basin_status basin__whole_advance(
    basin_trainer *t, bool *ended, basin_error *error)
{
    const uint64_t passes = t->progress.passes;
    const double loss = basin__whole_step(t);
    *ended = true;
    BASIN_TRY(basin__trainer_finite(t, loss, error));
    t->sum = loss * t->samples.n;
    basin__trainer_end_epoch(t);
    t->progress.passes -=
        t->progress.passes > passes; /* counted as they went */
    return BASIN_OK;
}

/* -------------------------------------------------------------- checkpoints */

int basin__trainer_blocks(basin_trainer *t, basin__block *out)
{
    basin__whole *whole = &t->whole;
    if (!whole->lbfgs)
        return 0;
    basin__lbfgs_numbers_get(whole->lbfgs, whole->numbers);
    whole->numbers[5] = whole->begun;
    whole->numbers[6] = whole->stands;
    out[0] = (basin__block){
        .name = "numbers", .data = whole->numbers, .n = BASIN__WHOLE_NUMBERS};
    return 1 + basin__lbfgs_blocks(whole->lbfgs, out + 1);
}

void basin__trainer_blocks_set(basin_trainer *t)
{
    basin__whole *whole = &t->whole;
    if (!whole->lbfgs)
        return;
    basin__lbfgs_numbers_set(whole->lbfgs, whole->numbers);
    whole->begun = whole->numbers[5] != 0;
    whole->stands = whole->numbers[6] != 0;
}
#endif
