/* SPDX-License-Identifier: MIT
 *
 * The trainer of chains: settings, and which algorithm is at work.
 */
#include "learn/chain_trainer.h"

#include "learn/chain_bcfw.h"
#include "learn/chain_newton.h"
#include "learn/chain_online.h"
#include "learn/chain_start.h"
#include "learn/chain_steps.h"

#define COOKIE 0x2C1D5E09U

basin_chain_train_def basin_chain_train_default(void)
{
    return (basin_chain_train_def){.cookie = COOKIE,
        .c2 = 1,
        .beta = 1,
        .beta_over = 10,
        .memory = 14,
        .start_epochs = 5,
        .tolerance = 1e-5,
        .delta = 1e-6,
        .rate = 0.1,
        .rate_end = 1,
        .optimiser = "adam",
        .batch = 16,
        .aggressive = 1,
        .variance = 1,
        .gamma = 1,
        .seed = 1};
}

static basin_status check_positive(
    double value, const char *name, basin_error *error)
{
    BASIN_REQUIRE(value > 0 && value <= 1e12, error, BASIN_E_RANGE,
        "%s must be above 0 and at most 1e12; got %g", name, value);
    return BASIN_OK;
}

static basin_status check_def(
    const basin_chain_train_def *def, basin_error *error)
{
    BASIN_REQUIRE(def->cookie == COOKIE, error, BASIN_E_ARGUMENT,
        "the def must come from basin_chain_train_default");
    BASIN_REQUIRE(def->c1 >= 0 && def->c1 <= 1e12, error, BASIN_E_RANGE,
        "c1 must be from 0 to 1e12; got %g", def->c1);
    BASIN_REQUIRE(def->c2 >= 0 && def->c2 <= 1e12, error, BASIN_E_RANGE,
        "c2 must be from 0 to 1e12; got %g", def->c2);
    BASIN_REQUIRE(def->iterations >= 0, error, BASIN_E_RANGE,
        "iterations must be at least 0; got %d", def->iterations);
    BASIN_REQUIRE(def->memory >= 1 && def->memory <= 64, error, BASIN_E_RANGE,
        "memory must be from 1 to 64; got %d", def->memory);
    BASIN_REQUIRE(def->start_epochs >= 0, error, BASIN_E_RANGE,
        "start_epochs must be at least 0; got %d", def->start_epochs);
    BASIN_REQUIRE(def->tolerance >= 0 && def->delta >= 0, error, BASIN_E_RANGE,
        "tolerance and delta must be at least 0; got %g and %g", def->tolerance,
        def->delta);
    BASIN_REQUIRE(def->algorithm == BASIN_CHAIN_LBFGS || def->c1 == 0, error,
        BASIN_E_SERVE, "only L-BFGS takes c1; it is %g", def->c1);
    BASIN_REQUIRE(def->batch >= 1, error, BASIN_E_RANGE,
        "a batch has at least 1 sequence; got %d", def->batch);
    BASIN_REQUIRE(def->rate_end >= 0 && def->rate_end <= 1, error,
        BASIN_E_RANGE, "rate_end must be from 0 to 1; got %g", def->rate_end);
    BASIN_TRY(check_positive(def->beta, "beta", error));
    BASIN_TRY(check_positive(def->rate, "rate", error));
    BASIN_TRY(check_positive(def->aggressive, "C", error));
    BASIN_TRY(check_positive(def->variance, "variance", error));
    return check_positive(def->gamma, "gamma", error);
}

static basin_status check_annealing(
    const basin_chain_trainer *t, basin_error *error)
{
    const basin_chain_train_def *def = &t->def;
    const basin_loss_type *loss = basin_loss_entry(t->loss);
    if (def->beta_from == 0)
        return BASIN_OK;
    BASIN_TRY(check_positive(def->beta_from, "beta_from", error));
    BASIN_REQUIRE(def->beta_over >= 1, error, BASIN_E_RANGE,
        "beta_over must be at least 1; got %d", def->beta_over);
    BASIN_REQUIRE(loss->needs & (BASIN_NEED_F | BASIN_NEED_FI), error,
        BASIN_E_SERVE,
        "there is no beta to anneal: the loss '%s' asks for no free energy",
        loss->part.name);
    return BASIN_OK;
}

static basin_status open_trainer(basin_chain_trainer *t, basin_error *error)
{
    BASIN_TRY(check_def(&t->def, error));
    const basin_chain_algorithm algorithm = t->def.algorithm;
    const bool whole = algorithm == BASIN_CHAIN_LBFGS;
    const bool steps = algorithm == BASIN_CHAIN_OPTIMISER;
    const bool own = !whole && !steps && algorithm != BASIN_CHAIN_SGD;
    BASIN_REQUIRE(whole || steps || !t->chain->net, error, BASIN_E_SERVE,
        "a chain with a net learns by L-BFGS or an optimiser; the other "
        "algorithms move single features");
    BASIN_REQUIRE(!own || !t->loss, error, BASIN_E_SERVE,
        "perceptron, pa, arow and bcfw have losses of their own; they take "
        "none");
    BASIN_TRY(basin__chain_start_open(t, t->loss, error));
    if (!t->loss) {
        const char *name =
            algorithm == BASIN_CHAIN_BCFW ? "margin-rescaling" : "nll";
        BASIN_TRY(
            basin_loss_create(&t->own_loss, t->ctx, name, NULL, 0, error));
        t->loss = t->own_loss;
    }
    BASIN_TRY(check_annealing(t, error));
    if (t->def.iterations == 0)
        t->def.iterations = whole ? 1000 : 50;
    BASIN_TRY(basin__chain_objective_init(&t->objective, t->chain, t->loss,
        t->sequences, t->def.beta,
        whole   ? 0
        : steps ? t->def.batch
                : 1,
        error));
    t->objective.weight = t->def.weight;
    if (algorithm == BASIN_CHAIN_BCFW)
        return basin__chain_bcfw_open(t, error);
    BASIN_TRY(basin__chain_warm_open(t, error));
    return whole   ? basin__chain_batch_open(t, error)
           : steps ? basin__chain_steps_open(t, error)
                   : basin__chain_online_open(t, error);
}

basin_status basin_chain_trainer_create(basin_chain_trainer **out,
    basin_chain *chain, const basin_loss *loss,
    const basin_sequences *sequences, const basin_chain_train_def *def,
    basin_error *error)
{
    *out = NULL;
    basin_chain_trainer *t = basin_alloc(chain->ctx, sizeof *t);
    BASIN_REQUIRE(t, error, BASIN_E_MEMORY, "no memory for a trainer");
    t->ctx = chain->ctx;
    t->chain = chain;
    t->loss = loss;
    t->sequences = sequences;
    t->def = *def;
    t->progress.gap = __builtin_nan("");
    t->progress.beta = def->beta;
    t->progress.algorithm = def->algorithm;
    basin_status status = open_trainer(t, error);
    if (status != BASIN_OK) {
        basin_chain_trainer_destroy(t);
        return status;
    }
    *out = t;
    return BASIN_OK;
}

void basin_chain_trainer_destroy(basin_chain_trainer *t)
{
    if (!t)
        return;
    basin__chain_newton_destroy(t->newton);
    basin__chain_objective_finish(&t->objective);
    basin__lbfgs_destroy(t->lbfgs);
    basin__chain_bcfw_close(t);
    basin__chain_online_close(t);
    basin__chain_steps_close(t);
    basin_loss_destroy(t->own_loss);
    basin_loss_destroy(t->start_loss);
    basin_free(t->ctx, t, sizeof *t);
}

static double beta_at(const basin_chain_train_def *def, int iteration)
{
    const double done = (double)iteration / def->beta_over;
    return def->beta_from > 0 && done < 1
               ? def->beta_from * basin_pow(def->beta / def->beta_from, done)
               : def->beta;
}

bool basin__chain_anneal(basin_chain_trainer *t)
{
    const int i = t->progress.iteration;
    t->objective.ask.beta = t->progress.beta =
        t->progress.starting ? t->def.beta : beta_at(&t->def, i);
    return !t->progress.starting && i > 0 &&
           beta_at(&t->def, i) != beta_at(&t->def, i - 1);
}

bool basin__chain_annealing(const basin_chain_trainer *t)
{
    return t->def.beta_from > 0 && !t->progress.starting &&
           t->progress.iteration <= t->def.beta_over;
}

void basin__chain_measure(basin_chain_trainer *t, double *g)
{
    double square = 0, length = 0;
    basin_chain_progress *p = &t->progress;
    p->loss = basin__chain_objective_evaluate(&t->objective, g);
    for (size_t i = 0; i < t->chain->info.n_params; i++) {
        const double w = t->chain->w.flat[i], slope = g[i] + 2 * t->def.c2 * w;
        square += w * w;
        length += slope * slope;
    }
    p->norm = __builtin_sqrt(square);
    p->objective = p->loss + t->def.c2 * square;
    p->residual = __builtin_sqrt(length) / (p->norm > 1 ? p->norm : 1);
}

int64_t basin__chain_active(const basin_chain *chain)
{
    int64_t n = 0;
    for (size_t i = 0; i < chain->info.n_params; i++)
        n += chain->w.flat[i] != 0;
    return n;
}

basin_status basin__chain_watch(basin_chain_trainer *t, basin_error *error)
{
    const basin_chain_progress *p = &t->progress;
    BASIN_REQUIRE(__builtin_isfinite(p->loss) && __builtin_isfinite(p->norm),
        error, BASIN_E_NONFINITE,
        "training diverged in iteration %d: the loss is %g, and the length of "
        "W %g",
        p->iteration, p->loss, p->norm);
    BASIN_REQUIRE(!t->def.watch || t->def.watch(t->def.user, p), error,
        BASIN_E_STOPPED, "stopped after iteration %d of %d", p->iteration,
        t->def.iterations);
    return BASIN_OK;
}

static basin_status run(basin_chain_trainer *t, basin_error *error)
{
    switch (t->def.algorithm) {
    case BASIN_CHAIN_LBFGS: return basin__chain_batch_run(t, error);
    case BASIN_CHAIN_SGD: return basin__chain_sgd_run(t, error);
    case BASIN_CHAIN_OPTIMISER: return basin__chain_steps_run(t, error);
    case BASIN_CHAIN_BCFW: return basin__chain_bcfw_run(t, error);
    default: return basin__chain_online_run(t, error);
    }
}

basin_status basin_chain_trainer_run(basin_chain_trainer *t, basin_error *error)
{
    if (basin__chain_warming(t))
        BASIN_TRY(basin__chain_warm_run(t, error));
    if (basin__chain_needs_start(t))
        basin__chain_start_begin(t);
    while (true) {
        BASIN_TRY(run(t, error));
        if (t->progress.starting)
            basin__chain_start_end(t);
        else if (basin__chain_stuck(t))
            basin__chain_start_begin(t);
        else
            return BASIN_OK;
    }
}

const basin_chain_progress *basin_chain_trainer_progress(
    const basin_chain_trainer *t)
{
    return &t->progress;
}

double basin_chain_trainer_loss(basin_chain_trainer *t, double *gradient)
{
    basin_chain_changed(t->chain);
    return basin__chain_objective_evaluate(&t->objective, gradient);
}
