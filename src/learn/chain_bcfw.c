/* SPDX-License-Identifier: MIT
 *
 * Chains of the largest margin by block-coordinate Frank-Wolfe (Lacoste-Julien
 * et al. 2013, algorithm 4): it minimises
 *
 *     c2 |W|^2 + sum_i max_y [ Hamming(y_i, y) - W . psi_i(y) ],
 *     psi_i(y) = f(x_i, y_i) - f(x_i, y)
 *
 * through its dual, a sequence at a time and with an exact line search. Here
 * W = sum_i w_i, and lambda n = 2 c2. The dual's value bounds the minimum from
 * below, so the gap to it is a certificate.
 */
#include "learn/chain_bcfw.h"

#include "basin/math.h"

#include <string.h>

/* What a sequence adds to W: (feature, value). */
typedef struct part {
    int32_t *id;
    double *value;
    size_t n, capacity;
    double cost; /* its part of the dual's linear term */
} part;

struct basin__bcfw {
    part *part; /* (sequences) */
    size_t size;
};

basin_status basin__chain_bcfw_open(basin_chain_trainer *t, basin_error *error)
{
    BASIN_REQUIRE(t->def.c2 > 0, error, BASIN_E_SERVE,
        "bcfw needs c2 > 0: without it there is no dual to bound by");
    BASIN_TRY(basin__chain_online_open(t, error));
    basin__bcfw *b = t->bcfw = basin_alloc(t->ctx, sizeof *b);
    BASIN_REQUIRE(b, error, BASIN_E_MEMORY, "no memory for learning");
    b->size = (size_t)t->sequences->n * sizeof *b->part;
    b->part = basin_alloc(t->ctx, b->size);
    BASIN_REQUIRE(b->part, error, BASIN_E_MEMORY, "no memory for learning");
    t->objective.weight = NULL; /* every sequence counts once */
    return BASIN_OK;
}

static void drop(basin_chain_trainer *t, part *p)
{
    basin_free(t->ctx, p->id, p->capacity * sizeof *p->id);
    basin_free(t->ctx, p->value, p->capacity * sizeof *p->value);
    p->id = NULL;
    p->value = NULL;
    p->n = p->capacity = 0;
}

void basin__chain_bcfw_close(basin_chain_trainer *t)
{
    basin__bcfw *b = t->bcfw;
    if (!b)
        return;
    for (int32_t i = 0; b->part && i < t->sequences->n; i++)
        drop(t, &b->part[i]);
    basin_free(t->ctx, b->part, b->size);
    basin_free(t->ctx, b, sizeof *b);
}

/* ------------------------------------------------------------------- blocks
 */

static basin_status reserve(
    basin_chain_trainer *t, part *p, size_t n, basin_error *error)
{
    if (n <= p->capacity)
        return BASIN_OK;
    drop(t, p);
    p->capacity = n + n / 2;
    p->id = basin_alloc(t->ctx, p->capacity * sizeof *p->id);
    p->value = basin_alloc(t->ctx, p->capacity * sizeof *p->value);
    BASIN_REQUIRE(p->id && p->value, error, BASIN_E_MEMORY,
        "no memory for the part of a sequence in W");
    return BASIN_OK;
}

/* The difference becomes the part of the sequence, and 0 again. */
static basin_status keep(basin_chain_trainer *t, part *p, basin_error *error)
{
    basin__online *o = t->online;
    basin_status status = reserve(t, p, (size_t)o->n_touched, error);
    p->n = 0;
    for (int64_t k = 0; k < o->n_touched; k++) {
        const int32_t f = o->touched[k];
        const double value = o->difference[f];
        o->difference[f] = 0;
        if (status != BASIN_OK || (value < 1e-200 && value > -1e-200))
            continue;
        p->id[p->n] = f;
        p->value[p->n++] = value;
    }
    return status;
}

/* The labelling that violates the margin most, into path[BEST]; it may be the
 * right one. */
static void find_worst(basin_lattice *l)
{
    static const basin_label_cost hamming = {NULL};
    const int32_t *right = l->path[BASIN__PATH_RIGHT];
    int32_t *found = l->path[BASIN__PATH_BEST];
    const double worst = basin__lattice_best_but(l, right, &hamming, found);
    if (worst <= basin__lattice_score(l, right))
        memcpy(found, right, (size_t)l->length * sizeof *found);
}

/* How far to go from w_i to w_s, the corner: 0 to 1. The difference is
 * w_i - w_s, and `cost` the corner's. */
static double best_step(
    const basin_chain_trainer *t, const part *p, double cost)
{
    const basin__online *o = t->online;
    const double *w = t->chain->w.flat;
    double along = 0, square = 0;
    for (int64_t k = 0; k < o->n_touched; k++) {
        const double d = o->difference[o->touched[k]];
        along += d * w[o->touched[k]];
        square += d * d;
    }
    const double lambda_n = 2 * t->def.c2;
    const double slope = lambda_n * along - p->cost + cost;
    if (slope <= 0 || square <= 0)
        return slope > 0;
    const double step = slope / (lambda_n * square);
    return step < 1 ? step : 1;
}

static basin_status learn_one(
    basin_chain_trainer *t, basin_lattice *l, int32_t i, basin_error *error)
{
    basin__online *o = t->online;
    part *p = &t->bcfw->part[i];
    const double corner = 1 / (2 * t->def.c2);
    BASIN_TRY(basin__lattice_observe_known(
        l, &t->objective.known, t->sequences, i, error));
    basin__lattice_take_right(l);
    if (t->chain->info.labels < 2)
        return BASIN_OK;
    find_worst(l);
    o->n_touched = 0;
    const int errors = basin__chain_add_difference(t, l, -corner);
    for (size_t k = 0; k < p->n; k++)
        basin__chain_touch(o, p->id[k], p->value[k]);
    const double step = best_step(t, p, errors);
    for (int64_t k = 0; k < o->n_touched; k++) {
        const int32_t f = o->touched[k];
        basin__chain_move(t->chain, f, -step * o->difference[f]);
        o->difference[f] *= 1 - step;
        if (o->difference[f] == 0)
            o->difference[f] = 1e-300;
    }
    basin__chain_add_difference(t, l, corner);
    p->cost += step * (errors - p->cost);
    return keep(t, p, error);
}

/* ------------------------------------------------------------------- epochs
 */

/* The objective and its distance from the dual's value. */
static void measure(basin_chain_trainer *t)
{
    basin_chain_progress *p = &t->progress;
    const double *w = t->chain->w.flat;
    double square = 0, cost = 0;
    for (size_t i = 0; i < t->chain->info.n_params; i++)
        square += w[i] * w[i];
    for (int32_t i = 0; i < t->sequences->n; i++)
        cost += t->bcfw->part[i].cost;
    p->loss = basin__chain_objective_evaluate(&t->objective, NULL);
    p->norm = basin_sqrt(square);
    p->objective = p->loss + t->def.c2 * square;
    p->gap = p->objective - (cost - t->def.c2 * square);
    p->residual = __builtin_nan("");
    p->active = basin__chain_active(t->chain);
}

static basin_status epoch(basin_chain_trainer *t, basin_error *error)
{
    basin__online *o = t->online;
    const basin_random_key key = {
        t->def.seed, BASIN_STREAM_SHUFFLE, (uint64_t)t->progress.iteration};
    basin_random_shuffle(key, o->order, t->sequences->n);
    for (int32_t i = 0; i < t->sequences->n; i++)
        BASIN_TRY(
            learn_one(t, t->objective.shard[0].lattice, o->order[i], error));
    t->progress.iteration++;
    measure(t);
    return basin__chain_watch(t, error);
}

basin_status basin__chain_bcfw_run(basin_chain_trainer *t, basin_error *error)
{
    /* the dual begins at W = 0 */
    memset(t->chain->w.flat, 0, t->chain->info.n_params * sizeof(double));
    basin_chain_changed(t->chain);
    basin_status status = BASIN_OK;
    const basin_chain_progress *p = &t->progress;
    while (status == BASIN_OK && p->iteration < t->def.iterations &&
           !(p->gap <= t->def.tolerance * p->objective))
        status = epoch(t, error);
    basin_chain_changed(t->chain);
    return status;
}
