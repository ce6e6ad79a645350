/* SPDX-License-Identifier: MIT
 *
 * Chains by L-BFGS, and with an L1 term by Newton's method in the end: the sum
 * of the losses + c1 |W|_1 + c2 |W|^2 over the whole set, until W satisfies the
 * conditions of a minimum or the objective no longer falls.
 */
#include "learn/chain_curvature.h"
#include "learn/chain_newton.h"
#include "learn/chain_trainer.h"
#include "learn/vectors.h"

#include <string.h>

/* With L1, Newton's method takes over where 10 iterations of L-BFGS gain less
 * than this part of the objective. */
#define NEARLY 1e-4

typedef struct copying {
    double *out, *g;
    const double *w;
    double c2;
} copying;

static void copy_piece(void *arg, size_t first, size_t end)
{
    const copying *c = arg;
    memcpy(c->out + first, c->w + first, (end - first) * sizeof(double));
}

static void decay_piece(void *arg, size_t first, size_t end)
{
    const copying *c = arg;
    for (size_t i = first; i < end; i++)
        c->g[i] += 2 * c->c2 * c->w[i];
}

/* The smooth part of the objective, for L-BFGS. */
static double smooth(void *user, const double *w, double *g)
{
    basin_chain_trainer *t = user;
    const size_t n = t->chain->info.n_params;
    copying c = {basin_chain_params(t->chain), g, w, t->def.c2};
    basin__pieces(t->ctx, n, copy_piece, &c);
    basin_chain_changed(t->chain);
    t->progress.loss = basin__chain_objective_evaluate(&t->objective, g);
    if (c.c2 == 0)
        return t->progress.loss;
    basin__pieces(t->ctx, n, decay_piece, &c);
    return t->progress.loss + c.c2 * basin__dot(t->ctx, w, w, n);
}

basin_status basin__chain_batch_open(basin_chain_trainer *t, basin_error *error)
{
    BASIN_TRY(basin__lbfgs_create(&t->lbfgs, t->ctx, t->chain->info.n_params,
        t->def.memory, t->def.c1, smooth, t, error));
    return t->def.c1 > 0 && basin__chain_curvature_serves(&t->objective)
               ? basin__chain_newton_create(&t->newton, t, error)
               : BASIN_OK;
}

/* What the state of L-BFGS says, for the watcher. W becomes its point. */
static void report(basin_chain_trainer *t)
{
    const basin__lbfgs_state s = basin__lbfgs_state_of(t->lbfgs);
    basin_chain_progress *p = &t->progress;
    memcpy(basin_chain_params(t->chain), basin__lbfgs_point(t->lbfgs),
        t->chain->info.n_params * sizeof(double));
    p->evaluations = s.evaluations;
    p->objective = s.value;
    p->norm = s.norm;
    p->residual = s.subgradient / (s.norm > 1 ? s.norm : 1);
    p->step = s.step;
    p->active = basin__chain_active(t->chain);
}

/* Has the objective stood still for 10 iterations? While beta is on its way it
 * is another one in each. */
static bool stands(basin_chain_trainer *t)
{
    double *past = &t->past[t->progress.iteration % 10];
    const double before = *past, now = t->progress.objective;
    *past = now;
    const int annealed = t->def.beta_from > 0 && !t->progress.starting
                             ? t->def.beta_over + 1
                             : 0;
    const bool counts = t->progress.iteration >= annealed + 10;
    t->nearly |= counts && before - now < NEARLY * now;
    return counts && before - now < t->def.delta * now;
}

/* Is W as good as it is to become? */
static bool is_done(const basin_chain_trainer *t)
{
    return !basin__chain_annealing(t) &&
           (t->stood || t->progress.residual <= t->def.tolerance);
}

/* A function of this file: the address of one elsewhere would ask the loader
 * of a small board for a table. */
static basin__direction by_newton(void *newton, const double *w,
    const double *g, const double *sub, double *direction)
{
    return basin__chain_newton_direction(newton, w, g, sub, direction);
}

/* @return false: no step lowers the objective, and none will */
static bool iterate(basin_chain_trainer *t)
{
    if (basin__chain_anneal(t))
        basin__lbfgs_refresh(t->lbfgs);
    if (t->newton)
        basin__lbfgs_follow(t->lbfgs, t->nearly ? by_newton : NULL, t->newton);
    return basin__lbfgs_step(t->lbfgs) || basin__chain_annealing(t);
}

basin_status basin__chain_batch_run(basin_chain_trainer *t, basin_error *error)
{
    if (!t->resumed) {
        memcpy(basin__lbfgs_point(t->lbfgs), basin_chain_params(t->chain),
            t->chain->info.n_params * sizeof(double));
        basin__chain_anneal(t);
        basin__lbfgs_start(t->lbfgs);
        report(t);
        stands(t);
    }
    basin_status status = BASIN_OK;
    while (status == BASIN_OK && !is_done(t) &&
           t->progress.iteration < t->def.iterations && iterate(t)) {
        t->progress.iteration++;
        report(t);
        t->stood = stands(t);
        status = basin__chain_watch(t, error);
    }
    if (status == BASIN_OK && t->newton &&
        basin__chain_newton_stopped(t->newton)) {
        status = basin__chain_watch(t, error);
        if (status == BASIN_OK)
            status = basin_error_set(error, BASIN_E_STOPPED,
                "stopped within iteration %d of %d", t->progress.iteration + 1,
                t->def.iterations);
    }
    report(t);
    basin_chain_changed(t->chain);
    return status;
}
