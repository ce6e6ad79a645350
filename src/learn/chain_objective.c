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

/* Positions that a net sees at a time. */
enum { BLOCK = 512 };

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

/* Clearing and adding a shard's gradient must stay less than its work; and one
 * without a sequence would only take memory. */
static int count_shards(const basin__chain_objective *o, int32_t batch)
{
    const basin_sequences *s = o->sequences;
    int64_t work = o->known.dense + o->known.singles + s->positions;
    if (batch > 0 && batch < s->n)
        work = work / s->n * batch;
    const int64_t most = work / (4 * (int64_t)o->chain->info.n_params + 1);
    const int shards = most < 2               ? 2
                       : most > BASIN__SHARDS ? BASIN__SHARDS
                                              : (int)most;
    const int32_t sequences = batch > 0 && batch < s->n ? batch : s->n;
    return shards < sequences ? shards : sequences;
}

/* What a chain's net needs: it sees a block of positions at a time, or one
 * sequence if that is longer. */
static basin_status open_net(
    basin__chain_objective *o, int longest, basin_error *error)
{
    if (!o->chain->net)
        return BASIN_OK;
    BASIN_TRY(basin__chain_check_net(
        o->chain->net, o->chain->info.labels, o->sequences, error));
    BASIN_REQUIRE(o->sequences->positions < INT32_MAX, error, BASIN_E_RANGE,
        "%lld positions are too many for a net",
        (long long)o->sequences->positions);
    o->room = longest > BLOCK ? longest : BLOCK;
    o->row = basin_alloc(o->ctx, (size_t)o->room * sizeof *o->row);
    BASIN_REQUIRE(o->row, error, BASIN_E_MEMORY,
        "no memory for a batch of %lld positions", (long long)o->room);
    return basin__chain_net_create(&o->net, o->chain, o->room, true, error);
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

/* What the loss wants to know of a sequence. */
static basin_status ask(basin__chain_objective *o, basin_error *error)
{
    const basin_loss_type *type = basin_loss_entry(o->loss);
    const basin_question question = {.needs = type->needs | BASIN_NEED_EC,
        .offender = type->offender,
        .margin = margin_of(o->loss),
        .values = true,
        .samples = 1};
    return basin__chain_ask(&o->ask, o->chain, &question, o->beta, error);
}

void basin__chain_objective_use(
    basin__chain_objective *o, const basin_loss *loss)
{
    o->loss = loss;
    ask(o, NULL);
}

static basin_status open_objective(
    basin__chain_objective *o, double beta, int32_t batch, basin_error *error)
{
    int longest = 0;
    BASIN_TRY(check_sequences(o->sequences, &longest, error));
    BASIN_TRY(check_loss(o->chain, o->loss, error));
    o->beta = beta;
    BASIN_TRY(ask(o, error));
    BASIN_TRY(
        basin__chain_known_init(&o->known, o->chain, o->sequences, error));
    o->n_shards = count_shards(o, batch);
    BASIN_TRY(open_net(o, longest, error));
    return open_shards(o, longest, error);
}

basin_status basin__chain_objective_init(basin__chain_objective *o,
    basin_chain *chain, const basin_loss *loss,
    const basin_sequences *sequences, double beta, int32_t batch,
    basin_error *error)
{
    *o = (basin__chain_objective){.ctx = chain->ctx,
        .chain = chain,
        .loss = loss,
        .sequences = sequences};
    return open_objective(o, beta, batch, error);
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
    basin__chain_net_destroy(o->net);
    basin_free(o->ctx, o->row, (size_t)o->room * sizeof *o->row);
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

/* sequence -> scores -> {E_C, E_I, F} -> loss -> {dL/dE} -> gradient
 * @param offset of the sequence's first position in the block */
static double measure(const basin__chain_objective *o, basin__chain_shard *s,
    int32_t sequence, int64_t offset, bool gradient)
{
    basin_energies energies;
    if (o->net) {
        const size_t at = (size_t)offset * o->chain->info.labels;
        s->lattice->costs = o->costs + at;
        s->lattice->slopes = basin__chain_net_slopes(o->net) + at;
    }
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
    const basin__chain_batch *batch;
    double *gradient;
} evaluation;

static int32_t sequence_of(const basin__chain_batch *b, int32_t i)
{
    return b->index ? b->index[i] : i;
}

static int64_t length_of(const evaluation *e, int32_t i)
{
    const int64_t *start = e->o->sequences->start + sequence_of(e->batch, i);
    return start[1] - start[0];
}

static void clear_shard(void *arg, int index)
{
    const evaluation *e = arg;
    e->o->shard[index].loss = 0;
    if (e->gradient)
        basin__chain_values_clear(&e->o->shard[index].gradient, e->o->chain);
}

static void run_shard(void *arg, int index)
{
    const evaluation *e = arg;
    basin__chain_shard *s = &e->o->shard[index];
    int64_t offset = s->offset;
    for (int32_t i = s->first; i < s->end; i++) {
        s->loss +=
            measure(e->o, s, sequence_of(e->batch, i), offset, e->gradient);
        offset += length_of(e, i);
    }
}

static void settle_shard(void *arg, int index)
{
    const evaluation *e = arg;
    basin__chain_shard *s = &e->o->shard[index];
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

/* Sequences [first, end) of the batch to the shards, about as many positions
 * to each. */
static void cut(const evaluation *e, int32_t first, int32_t end, int64_t n)
{
    basin__chain_objective *o = e->o;
    int64_t offset = 0;
    for (int i = 0; i < o->n_shards; i++) {
        const int64_t until = n * (i + 1) / o->n_shards;
        o->shard[i].first = first;
        o->shard[i].offset = offset;
        for (; first < end && offset < until; first++)
            offset += length_of(e, first);
        o->shard[i].end = first;
    }
}

/* The net's costs of the positions of sequences [first, end). */
static void ask_net(const evaluation *e, int32_t first, int32_t end, int64_t n)
{
    basin__chain_objective *o = e->o;
    const basin_sequences *s = o->sequences;
    basin__net_rows rows = {.x = s->dense,
        .n = n,
        .training = e->batch->training,
        .step = e->batch->step + ((uint64_t)first << 24)};
    int32_t *row = o->row;
    for (int32_t i = first; e->batch->index && i < end; i++) {
        const int64_t at = s->start[e->batch->index[i]];
        for (int64_t t = 0; t < length_of(e, i); t++)
            *row++ = (int32_t)(at + t);
    }
    if (e->batch->index)
        rows.row = o->row;
    else
        rows.x += (size_t)s->start[first] * (size_t)s->dense_dim;
    o->costs = basin__chain_net_evaluate(o->net, &rows);
}

/* As many sequences as a block takes, from `first` on. @param n positions */
static int32_t block_end(const evaluation *e, int32_t first, int64_t *n)
{
    int32_t end = first;
    for (*n = 0; end < e->batch->n; end++) {
        const int64_t length = length_of(e, end);
        if (e->o->net && end > first && *n + length > BLOCK)
            break;
        *n += length;
    }
    return end;
}

void basin__chain_objective_cut(basin__chain_objective *o)
{
    const basin__chain_batch all = {.n = o->sequences->n};
    const evaluation e = {o, &all, NULL};
    cut(&e, 0, all.n, o->sequences->positions);
}

double basin__chain_objective_batch(basin__chain_objective *o,
    const basin__chain_batch *batch, double *gradient)
{
    evaluation e = {o, batch, gradient};
    basin__parallel_for(o->ctx, o->n_shards, clear_shard, &e);
    for (int32_t first = 0, end; first < batch->n; first = end) {
        int64_t n;
        end = block_end(&e, first, &n);
        if (o->net)
            ask_net(&e, first, end, n);
        cut(&e, first, end, n);
        basin__parallel_for(o->ctx, o->n_shards, run_shard, &e);
        if (o->net && gradient)
            basin__chain_net_backward(o->net, o->shard[0].gradient.flat);
    }
    if (gradient) {
        basin__parallel_for(o->ctx, o->n_shards, settle_shard, &e);
        basin__pieces(o->ctx, o->chain->info.n_params, add_shards, &e);
    }
    double loss = 0;
    for (int i = 0; i < o->n_shards; i++)
        loss += o->shard[i].loss;
    return loss;
}

double basin__chain_objective_evaluate(
    basin__chain_objective *o, double *gradient)
{
    const basin__chain_batch all = {.n = o->sequences->n};
    return basin__chain_objective_batch(o, &all, gradient);
}
