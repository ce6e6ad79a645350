/* SPDX-License-Identifier: MIT
 *
 * The sum of the losses of all sequences, and its gradient. Sequences are cut
 * into shards of about as many positions each; every shard has a lattice and a
 * gradient of its own, and the gradients are added as a tree.
 */
#include "learn/chain_objective.h"

#include "base/thread.h"
#include "learn/vectors.h"

#include <string.h>

/* ------------------------------------------------------------- init, finish */

/* m of slack rescaling, which is a parameter of the loss. */
static double margin_of(const basin_loss *loss)
{
    const basin_part *part = &basin_loss_entry(loss)->part;
    for (int i = 0; i < part->n_params; i++)
        if (strcmp(part->params[i].name, "margin") == 0)
            return basin_loss_settings(loss)[i];
    return 1;
}

static basin_status check_sequences(
    const basin_sequences *s, int *longest, basin_error *error)
{
    BASIN_REQUIRE(
        s->n >= 1, error, BASIN_E_RANGE, "there is no sequence to learn from");
    *longest = 0;
    for (int32_t i = 0; i < s->n; i++) {
        const int64_t n = s->start[i + 1] - s->start[i];
        BASIN_REQUIRE(n >= 1 && n < INT32_MAX / 2, error, BASIN_E_RANGE,
            "sequence %d has %lld positions", i, (long long)n);
        *longest = n > *longest ? (int)n : *longest;
        for (int64_t t = s->start[i]; t < s->start[i + 1]; t++)
            BASIN_REQUIRE(s->label && s->label[t] >= 0, error, BASIN_E_RANGE,
                "a label of sequence %d is not known; learning needs all", i);
    }
    return BASIN_OK;
}

static basin_status check_loss(
    const basin_chain *chain, const basin_loss *loss, basin_error *error)
{
    const basin_loss_type *type = basin_loss_entry(loss);
    BASIN_REQUIRE(type->domain == BASIN_DOMAIN_ANY || chain->def.nonnegative,
        error, BASIN_E_SERVE,
        "the loss '%s' supposes energies that are never below 0; put the "
        "chain inside a softplus",
        type->part.name);
    return BASIN_OK;
}

static void cut(basin__chain_objective *o, bool one)
{
    const basin_sequences *s = o->sequences;
    /* clearing and adding a shard's gradient must stay less than its work */
    const int64_t work = o->known.dense + o->known.singles + s->positions;
    const int64_t most = work / (4 * (int64_t)o->chain->info.n_params + 1);
    o->n_shards = most < 2               ? 2
                  : most > BASIN__SHARDS ? BASIN__SHARDS
                                         : (int)most;
    if (one)
        o->n_shards = 1;
    int32_t at = 0;
    for (int i = 0; i < o->n_shards; i++) {
        const int64_t until = s->positions * (i + 1) / o->n_shards;
        o->shard[i].first = at;
        while (at < s->n && s->start[at] < until)
            at++;
        o->shard[i].end = at;
    }
}

static basin_status open_shards(
    basin__chain_objective *o, int longest, basin_error *error)
{
    const bool slack =
        o->ask.needs & BASIN_NEED_EI && o->ask.offender == BASIN_OFFENDER_SLACK;
    for (int i = 0; i < o->n_shards; i++) {
        basin__chain_shard *s = &o->shard[i];
        BASIN_TRY(basin_lattice_create(&s->lattice, o->chain, error));
        BASIN_TRY(basin__lattice_reserve(s->lattice, longest, slack, error));
        BASIN_TRY(basin__chain_values_init(&s->gradient, o->chain, error));
    }
    return BASIN_OK;
}

static basin_status open_objective(
    basin__chain_objective *o, double beta, bool one, basin_error *error)
{
    int longest = 0;
    BASIN_TRY(check_sequences(o->sequences, &longest, error));
    BASIN_TRY(check_loss(o->chain, o->loss, error));
    const basin_loss_type *type = basin_loss_entry(o->loss);
    const basin_question question = {.needs = type->needs | BASIN_NEED_EC,
        .offender = type->offender,
        .margin = margin_of(o->loss),
        .values = true,
        .samples = 1,
        .longest = longest};
    BASIN_TRY(basin__chain_ask(&o->ask, o->chain, &question, beta, error));
    BASIN_TRY(
        basin__chain_known_init(&o->known, o->chain, o->sequences, error));
    cut(o, one);
    return open_shards(o, longest, error);
}

basin_status basin__chain_objective_init(basin__chain_objective *o,
    basin_chain *chain, const basin_loss *loss,
    const basin_sequences *sequences, double beta, bool one, basin_error *error)
{
    *o = (basin__chain_objective){.ctx = chain->ctx,
        .chain = chain,
        .loss = loss,
        .sequences = sequences};
    return open_objective(o, beta, one, error);
}

void basin__chain_objective_finish(basin__chain_objective *o)
{
    if (!o->chain)
        return;
    for (int i = 0; i < o->n_shards; i++) {
        basin_lattice_destroy(o->shard[i].lattice);
        if (o->shard[i].gradient.memory)
            basin__chain_values_finish(&o->shard[i].gradient, o->chain);
    }
    basin__chain_known_finish(&o->known, o->chain);
    o->n_shards = 0;
}

/* ----------------------------------------------------------------- evaluate */

void basin__chain_loss(const basin__chain_objective *o, int32_t sequence,
    const basin_energies *energies, basin_slopes *out)
{
    *out = (basin_slopes){0};
    basin_loss_evaluate(o->loss, energies, out);
    if (!o->weight)
        return;
    const double weight = (double)o->weight[sequence];
    out->value *= weight;
    out->e_c *= weight;
    out->e_i *= weight;
    out->e_min *= weight;
    out->f *= weight;
    out->f_i *= weight;
}

/* sequence -> scores -> {E_C, E_I, F} -> loss -> {dL/dE} -> gradient */
static double measure(const basin__chain_objective *o, basin__chain_shard *s,
    int32_t sequence, bool gradient)
{
    basin_energies energies;
    if (basin__lattice_observe_known(
            s->lattice, &o->known, o->sequences, sequence, NULL) != BASIN_OK ||
        !basin__lattice_take_right(s->lattice) ||
        basin__lattice_answer(s->lattice, &o->ask, &energies, NULL) != BASIN_OK)
        return __builtin_nan(""); /* all was reserved: does not happen */
    basin_slopes slopes;
    basin__chain_loss(o, sequence, &energies, &slopes);
    if (gradient)
        basin__lattice_weigh(s->lattice, &o->ask, &slopes, &s->gradient);
    return slopes.value;
}

typedef struct evaluation {
    basin__chain_objective *o;
    double *gradient;
} evaluation;

static void run_shard(void *arg, int index)
{
    const evaluation *e = arg;
    basin__chain_shard *s = &e->o->shard[index];
    if (e->gradient)
        basin__chain_values_clear(&s->gradient, e->o->chain);
    s->loss = 0;
    for (int32_t i = s->first; i < s->end; i++)
        s->loss += measure(e->o, s, i, e->gradient);
    if (!e->gradient)
        return;
    basin__lattice_settle(s->lattice, &s->gradient);
    basin__chain_flatten(&s->gradient, e->o->chain);
}

/* Shards 0 and 1, 2 and 3, ...; then these. */
static void add_shards(void *arg, size_t first, size_t end)
{
    const evaluation *e = arg;
    for (int half = 1; half < e->o->n_shards; half *= 2)
        for (int i = 0; i + half < e->o->n_shards; i += 2 * half) {
            double *to = e->o->shard[i].gradient.flat;
            const double *from = e->o->shard[i + half].gradient.flat;
            for (size_t k = first; k < end; k++)
                to[k] += from[k];
        }
    memcpy(e->gradient + first, e->o->shard[0].gradient.flat + first,
        (end - first) * sizeof(double));
}

double basin__chain_objective_evaluate(
    basin__chain_objective *o, double *gradient)
{
    evaluation e = {o, gradient};
    basin__parallel_for(o->ctx, o->n_shards, run_shard, &e);
    if (gradient)
        basin__pieces(o->ctx, o->chain->info.n_params, add_shards, &e);
    double loss = 0;
    for (int i = 0; i < o->n_shards; i++)
        loss += o->shard[i].loss;
    return loss;
}
