/* SPDX-License-Identifier: MIT
 *
 * Chains by stochastic gradient: after each sequence
 *
 *     W = (1 - rate lambda) W - rate dL/dW,   lambda = 2 c2 / sequences
 *
 * with a rate that falls as 1 / (1 + lambda rate t) (Bottou 2010). What all
 * weights are multiplied by is kept as one number. Slopes go straight into W,
 * so it must not have places for features that the chain has not: attributes
 * are looked up in their lists, and the table of transitions is cleaned.
 */
#include "learn/chain_online.h"

#include <string.h>

/* Below this the number goes back into the weights. */
#define SMALL 1e-9

static void rescale(basin_chain_trainer *t)
{
    basin__chain_values_scale(&t->chain->w, t->chain, t->online->scale);
    t->online->scale = 1;
}

/* Transitions that the chain has not stay 0. */
static void clean_table(basin_chain *c)
{
    const int32_t labels = c->info.labels;
    int64_t next = 0;
    for (int32_t i = 0; i < labels; i++)
        for (int32_t j = 0; j < labels; j++)
            if (next < c->info.transitions &&
                c->transition[next] == i * labels + j)
                next++;
            else
                c->w.table[(size_t)i * c->lanes + j] = 0;
}

/* Slopes turned into a step against them, in the weights as stored. */
static basin_slopes against(const basin_slopes *s, double rate)
{
    return (basin_slopes){.value = s->value,
        .e_c = -rate * s->e_c,
        .e_i = -rate * s->e_i,
        .e_min = -rate * s->e_min,
        .f = -rate * s->f,
        .f_i = -rate * s->f_i};
}

static double learn_one(
    basin_chain_trainer *t, basin_lattice *l, int32_t i, double lambda)
{
    basin__online *o = t->online;
    basin_energies energies;
    l->scale = o->scale;
    t->chain->version++;
    if (basin_lattice_observe(l, t->sequences, i, NULL) != BASIN_OK ||
        !basin__lattice_take_right(l) ||
        basin__lattice_answer(l, &t->objective.ask, &energies, NULL) !=
            BASIN_OK)
        return __builtin_nan("");
    basin_slopes slopes;
    basin__chain_loss(&t->objective, i, &energies, &slopes);
    const double rate =
        t->def.rate / (1 + lambda * t->def.rate * (double)o->steps++);
    o->scale *= 1 - rate * lambda;
    const basin_slopes step = against(&slopes, rate / o->scale);
    basin__lattice_weigh(l, &t->objective.ask, &step, &t->chain->w);
    basin__lattice_settle(l, &t->chain->w);
    clean_table(t->chain);
    if (o->scale < SMALL)
        rescale(t);
    return slopes.value;
}

static basin_status epoch(
    basin_chain_trainer *t, double lambda, basin_error *error)
{
    const basin_random_key key = {
        t->def.seed, BASIN_STREAM_SHUFFLE, (uint64_t)t->progress.iteration};
    basin_random_shuffle(key, t->online->order, t->sequences->n);
    t->progress.loss = 0;
    basin__chain_anneal(t);
    for (int32_t i = 0; i < t->sequences->n; i++)
        t->progress.loss += learn_one(
            t, t->objective.shard[0].lattice, t->online->order[i], lambda);
    rescale(t);
    basin__chain_flatten_table(&t->chain->w, t->chain);
    double square = 0;
    for (size_t i = 0; i < t->chain->info.n_params; i++)
        square += t->chain->w.flat[i] * t->chain->w.flat[i];
    t->progress.iteration++;
    t->progress.norm = __builtin_sqrt(square);
    t->progress.objective = t->progress.loss + t->def.c2 * square;
    t->progress.residual = __builtin_nan("");
    t->progress.active = basin__chain_active(t->chain);
    return basin__chain_watch(t, error);
}

basin_status basin__chain_sgd_epochs(
    basin_chain_trainer *t, int epochs, basin_error *error)
{
    const double lambda = 2 * t->def.c2 / t->sequences->n;
    BASIN_REQUIRE(lambda * t->def.rate < 1, error, BASIN_E_RANGE,
        "a rate of %g is too large for c2 = %g on %d sequences: below %g",
        t->def.rate, t->def.c2, t->sequences->n, 1 / lambda);
    basin_status status = BASIN_OK;
    basin_chain_changed(t->chain);
    t->online->scale = 1;
    const int32_t *rows = t->chain->w.rows.row;
    if (rows)
        t->chain->w.rows.row = t->online->row;
    while (status == BASIN_OK && t->progress.iteration < epochs)
        status = epoch(t, lambda, error);
    t->chain->w.rows.row = rows;
    t->objective.shard[0].lattice->scale = 1;
    basin_chain_changed(t->chain);
    return status;
}

basin_status basin__chain_sgd_run(basin_chain_trainer *t, basin_error *error)
{
    const basin_status status =
        basin__chain_sgd_epochs(t, t->def.iterations, error);
    basin__chain_anneal(t);
    basin__chain_measure(t, t->online->difference);
    memset(t->online->difference, 0,
        t->chain->info.n_params * sizeof *t->online->difference);
    return status;
}
