/* SPDX-License-Identifier: MIT
 *
 * Where a chain's training begins. At W = 0 all labellings have the same
 * energy. There some losses are flat (mee: the right one's probability is one
 * of very many), and those that look at the lowest wrong labelling have a
 * kink, which L-BFGS finds no way down from. These learn by the negative
 * log-likelihood first, and begin at its optimum.
 *
 * Of L-BFGS the first iterations are the worst spent: five epochs of SGD cost
 * as much as ten of them and gain as much as forty (Agarwal et al. 2014;
 * docs/decisions.md).
 */
#include "learn/chain_start.h"

#include "learn/chain_online.h"
#include "learn/chain_steps.h"

#include "basin/math.h"

#include <string.h>

/* A gradient whose largest number is below this, for each sequence. */
#define FLAT 1e-3

/* Is SGD to come first, if the loss is the negative log-likelihood? */
static bool can_warm(const basin_chain_trainer *t)
{
    const basin_chain_train_def *def = &t->def;
    const int64_t labels = t->chain->info.labels;
    return def->algorithm == BASIN_CHAIN_LBFGS && def->start_epochs > 0 &&
           def->c1 == 0 && def->beta_from == 0 && !t->chain->net &&
           2 * def->c2 * def->rate < t->sequences->n &&
           /* its step for a sequence also passes over all pairs of labels */
           labels * labels <= t->sequences->positions;
}

basin_status basin__chain_start_open(
    basin_chain_trainer *t, const basin_loss *asked, basin_error *error)
{
    bool likelihood = !asked;
    if (asked && !t->chain->def.nonnegative) {
        basin_loss *nll = NULL;
        BASIN_TRY(basin_loss_create(&nll, t->ctx, "nll", NULL, 0, error));
        likelihood = basin_loss_entry(asked) == basin_loss_entry(nll);
        if (likelihood)
            basin_loss_destroy(nll);
        else
            t->start_loss = nll;
    }
    t->warms = likelihood && can_warm(t);
    return BASIN_OK;
}

static bool at_zero(const basin_chain *chain)
{
    for (size_t i = 0; i < basin__chain_features(chain); i++)
        if (chain->w.flat[i] != 0)
            return false;
    return true;
}

/* (n_params) numbers that mean nothing before the first step. */
static double *scratch(basin_chain_trainer *t)
{
    return t->lbfgs   ? basin__lbfgs_gradient(t->lbfgs)
           : t->steps ? t->steps->gradient
                      : t->online->difference;
}

static bool is_flat(basin_chain_trainer *t)
{
    double *g = scratch(t), most = 0;
    const size_t n = t->chain->info.n_params;
    basin_chain_trainer_loss(t, g);
    for (size_t i = 0; i < n; i++)
        most = g[i] > most ? g[i] : -g[i] > most ? -g[i] : most;
    if (t->online)
        memset(g, 0, n * sizeof *g); /* as it is between sequences */
    return most < FLAT * t->sequences->n;
}

bool basin__chain_needs_start(basin_chain_trainer *t)
{
    if (!t->start_loss || t->resumed)
        return false;
    t->from_zero = at_zero(t->chain);
    return t->from_zero && is_flat(t);
}

bool basin__chain_stuck(const basin_chain_trainer *t)
{
    const basin_chain_progress *p = &t->progress;
    return t->lbfgs && t->start_loss && t->from_zero && p->iteration == 0 &&
           p->residual > t->def.tolerance;
}

/* As after it was created, but for W. */
static void begin_anew(basin_chain_trainer *t)
{
    t->progress = (basin_chain_progress){
        .gap = __builtin_nan(""), .algorithm = t->def.algorithm};
    memset(t->past, 0, sizeof t->past);
    t->stood = t->nearly = t->resumed = t->from_zero = false;
    if (t->online)
        t->online->steps = 1;
    if (!t->steps)
        return;
    t->steps->updates = 0;
    for (int i = 0; i < t->steps->optimiser->n_states; i++)
        memset(t->steps->state[i], 0,
            t->chain->info.n_params * sizeof *t->steps->state[i]);
}

void basin__chain_start_begin(basin_chain_trainer *t)
{
    begin_anew(t);
    basin__chain_start_resume(t);
}

void basin__chain_start_resume(basin_chain_trainer *t)
{
    t->progress.starting = true;
    basin__chain_objective_use(&t->objective, t->start_loss);
}

void basin__chain_start_end(basin_chain_trainer *t)
{
    begin_anew(t);
    basin__chain_objective_use(&t->objective, t->loss);
}

/* ------------------------------------------------------- SGD, then L-BFGS */

bool basin__chain_warming(const basin_chain_trainer *t)
{
    return t->progress.algorithm != t->def.algorithm;
}

basin_status basin__chain_warm_open(basin_chain_trainer *t, basin_error *error)
{
    if (!t->warms || !at_zero(t->chain))
        return BASIN_OK;
    t->progress.starting = true;
    t->progress.algorithm = BASIN_CHAIN_SGD;
    return basin__chain_online_open(t, error);
}

static void warm_close(basin_chain_trainer *t)
{
    basin__chain_online_close(t);
    begin_anew(t);
}

basin_status basin__chain_warm_resume(
    basin_chain_trainer *t, double epochs, basin_error *error)
{
    if (epochs < 0) {
        if (basin__chain_warming(t))
            warm_close(t);
        return BASIN_OK;
    }
    if (!basin__chain_warming(t))
        BASIN_TRY(basin__chain_warm_open(t, error));
    BASIN_REQUIRE(basin__chain_warming(t) && epochs <= t->def.start_epochs,
        error, BASIN_E_FORMAT,
        "the checkpoint is of epoch %g before L-BFGS; there are %d", epochs,
        basin__chain_warming(t) ? t->def.start_epochs : 0);
    return BASIN_OK;
}

/* The sum of the losses at W = 0, where all labellings are equally likely. */
static double at_rest(const basin_chain_trainer *t)
{
    const int64_t *start = t->sequences->start;
    double positions = 0;
    for (int32_t i = 0; i < t->sequences->n; i++)
        positions += (t->def.weight ? (double)t->def.weight[i] : 1) *
                     (double)(start[i + 1] - start[i]);
    return positions * basin_log(t->chain->info.labels) / t->def.beta;
}

basin_status basin__chain_warm_run(basin_chain_trainer *t, basin_error *error)
{
    if (!t->resumed && !at_zero(t->chain)) { /* W came after the trainer */
        warm_close(t);
        return BASIN_OK;
    }
    const basin_status status =
        basin__chain_sgd_epochs(t, t->def.start_epochs, error);
    if (status != BASIN_OK && status != BASIN_E_NONFINITE)
        return status;
    const bool better =
        status == BASIN_OK && t->progress.objective < at_rest(t);
    warm_close(t);
    if (better)
        return BASIN_OK;
    /* the rate is too high for such values: as if it had not been */
    memset(t->chain->w.flat, 0,
        t->chain->info.n_params * sizeof *t->chain->w.flat);
    basin_chain_changed(t->chain);
    return BASIN_OK;
}
