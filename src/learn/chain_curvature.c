/* SPDX-License-Identifier: MIT
 *
 * The Hessian of the sum of the losses, times vectors: each sequence's
 * marginals are differentiated along the direction. What is looked at is few
 * weights of many, so these are looked up once for all positions. Shards are
 * those of the objective, and are added in the same order.
 */
#include "learn/chain_curvature.h"

#include "learn/chain_likely.h"

#include "base/memory.h"
#include "base/thread.h"

#include <string.h>

/* Covariances of likely labels are kept up to so many bytes. */
#define MOST_KEPT ((size_t)128 << 20)
/* Where they take more, less likely ones are left out, up to that. */
#define MOST_LEFT_OUT 4e-3

/* What one shard adds up. */
typedef struct shard {
    basin__lattice_change change;
    double *out; /* (n) of this shard */
    basin__chain_likely likely;
} shard;

struct basin__chain_curvature {
    basin__chain_objective *o;
    int longest;
    shard shard[BASIN__SHARDS];
    bool kept; /* the covariances of likely labels are */

    const int32_t *index; /* (n) of W */
    int32_t n, nodes;     /* the first of them are of nodes */
    int32_t room;
    double *w, *diagonal; /* (room) */
    double *v;            /* (room) the direction */
    double *flat;         /* in the order of W: the same, if there are edges */
    void *memory;
    size_t memory_size;

    /* Of attributes: which of the weights are theirs. */
    int32_t *start; /* (attributes + 1) */
    /* Of positions: weights and their labels, in the form of the kernels. */
    basin__chain_known known;
    int64_t *at;     /* (positions + 1) */
    int64_t *none;   /* (positions + 1) zeros */
    int32_t *single; /* (pairs) */
    uint16_t *label; /* (pairs) */
    float *value;    /* (pairs), or NULL */
    int64_t pairs, pairs_room;
};

bool basin__chain_curvature_serves(const basin__chain_objective *o)
{
    const basin_loss_type *loss = basin_loss_entry(o->loss);
    const unsigned linear = BASIN_NEED_EC | BASIN_NEED_F;
    return !loss->needs_values && (loss->needs & ~linear) == 0 &&
           (loss->needs & BASIN_NEED_F) && !o->chain->net &&
           !o->chain->def.nonnegative &&
           o->chain->info.n_params < (size_t)INT32_MAX;
}

/* ---------------------------------------------------------- create, destroy */

static bool has_edges(const basin__chain_curvature *c)
{
    return c->o->chain->info.edge_attributes > 0;
}

static bool has_values(const basin__chain_curvature *c)
{
    return c->o->sequences->node.value;
}

/* Bytes of a table of steps. */
static size_t table_size(const basin__chain_curvature *c)
{
    return basin__lattice_table_size(c->o->shard[0].lattice) * sizeof(double);
}

static size_t start_size(const basin__chain_curvature *c)
{
    return ((size_t)c->o->chain->info.attributes + 1) * sizeof(int32_t);
}

static size_t at_size(const basin__chain_curvature *c)
{
    return ((size_t)c->o->sequences->positions + 1) * sizeof(int64_t);
}

static size_t flat_size(const basin__chain_curvature *c)
{
    return (c->o->chain->info.n_params + 1) * sizeof(double);
}

static void drop_pairs(basin__chain_curvature *c)
{
    const size_t n = (size_t)c->pairs_room;
    basin_context *ctx = c->o->ctx;
    basin_free(ctx, c->single, n * sizeof *c->single);
    basin_free(ctx, c->label, n * sizeof *c->label);
    basin_free(ctx, c->value, c->value ? n * sizeof *c->value : 0);
    c->single = NULL;
    c->label = NULL;
    c->value = NULL;
    c->pairs_room = 0;
}

void basin__chain_curvature_destroy(basin__chain_curvature *c)
{
    if (!c)
        return;
    basin__chain_objective *o = c->o;
    for (int i = 0; i < o->n_shards; i++) {
        basin__lattice_change_finish(&c->shard[i].change, o->shard[i].lattice);
        basin__chain_likely_finish(&c->shard[i].likely);
    }
    drop_pairs(c);
    basin_free(o->ctx, c->flat, flat_size(c));
    basin_free(o->ctx, c->start, start_size(c));
    basin_free(o->ctx, c->at, at_size(c));
    basin_free(o->ctx, c->none, at_size(c));
    basin_free(o->ctx, c->memory, c->memory_size);
    basin_free(o->ctx, c, sizeof *c);
}

static basin_status open_curvature(
    basin__chain_curvature *c, basin_error *error)
{
    basin__chain_objective *o = c->o;
    const basin_sequences *s = o->sequences;
    for (int32_t i = 0; i < s->n; i++) {
        const int64_t n = s->start[i + 1] - s->start[i];
        c->longest = n > c->longest ? (int)n : c->longest;
    }
    c->start = basin_alloc(o->ctx, start_size(c));
    c->at = basin_alloc(o->ctx, at_size(c));
    c->none = basin_alloc(o->ctx, at_size(c));
    bool all = c->start && c->at && c->none;
    if (has_edges(c))
        all = all && (c->flat = basin_alloc(o->ctx, flat_size(c)));
    for (int i = 0; i < o->n_shards; i++) {
        BASIN_TRY(basin__lattice_change_init(
            &c->shard[i].change, o->shard[i].lattice, c->longest, error));
        c->shard[i].change.flat = c->flat;
        /* the gradient is in use only while it is found */
        c->shard[i].change.edges = o->shard[i].gradient.flat;
    }
    BASIN_REQUIRE(all, error, BASIN_E_MEMORY,
        "no memory for the curvature of %zu weights", o->chain->info.n_params);
    return BASIN_OK;
}

basin_status basin__chain_curvature_create(
    basin__chain_curvature **out, basin__chain_objective *o, basin_error *error)
{
    *out = NULL;
    basin__chain_curvature *c = basin_alloc(o->ctx, sizeof *c);
    BASIN_REQUIRE(c, error, BASIN_E_MEMORY, "no memory for curvature");
    c->o = o;
    const basin_status status = open_curvature(c, error);
    if (status != BASIN_OK) {
        basin__chain_curvature_destroy(c);
        return status;
    }
    *out = c;
    return BASIN_OK;
}

/* -------------------------------------------------------- weights looked up */

static void lay(void *self, basin__arena *a)
{
    basin__chain_curvature *c = self;
    const size_t bytes = (size_t)c->room * sizeof(double);
    c->w = basin__arena_alloc(a, bytes);
    c->v = basin__arena_alloc(a, bytes);
    c->diagonal = basin__arena_alloc(a, bytes);
    for (int i = 0; i < c->o->n_shards; i++)
        c->shard[i].out = basin__arena_alloc(a, bytes);
}

static basin_status make_room(
    basin__chain_curvature *c, int32_t n, basin_error *error)
{
    if (n <= c->room)
        return BASIN_OK;
    basin_free(c->o->ctx, c->memory, c->memory_size);
    c->memory = NULL;
    c->room = n + n / 8;
    if (basin__arena_block(&c->memory, &c->memory_size, c->o->ctx, lay, c))
        return BASIN_OK;
    c->room = 0;
    return basin_error_set(
        error, BASIN_E_MEMORY, "no memory for the curvature in %d weights", n);
}

/* The weights of each attribute are a run of the ascending index. */
static void find_runs(basin__chain_curvature *c)
{
    const basin_chain *chain = c->o->chain;
    const int32_t attributes = chain->info.attributes;
    const int64_t labels = chain->info.labels;
    int32_t k = 0;
    for (int32_t a = 0; a < attributes; a++) {
        const int64_t end =
            chain->full ? (a + 1) * labels : chain->node_start[a + 1];
        c->start[a] = k;
        while (k < c->n && c->index[k] < end)
            k++;
    }
    c->start[attributes] = c->nodes = k;
}

static bool knows(const basin__chain_curvature *c, int32_t id)
{
    return (uint32_t)id < (uint32_t)c->o->chain->info.attributes;
}

static int64_t count_pairs(basin__chain_curvature *c)
{
    const basin_attributes *a = &c->o->sequences->node;
    int64_t n = 0;
    for (int64_t t = 0; t < c->o->sequences->positions; t++) {
        c->at[t] = n;
        for (int64_t i = a->start[t]; i < a->start[t + 1]; i++)
            if (knows(c, a->id[i]))
                n += c->start[a->id[i] + 1] - c->start[a->id[i]];
    }
    c->at[c->o->sequences->positions] = n;
    return n;
}

static basin_status pairs_room(
    basin__chain_curvature *c, int64_t n, basin_error *error)
{
    basin_context *ctx = c->o->ctx;
    if (n <= c->pairs_room)
        return BASIN_OK;
    drop_pairs(c);
    const size_t room = (size_t)(n + n / 8);
    c->single = basin_alloc(ctx, room * sizeof *c->single);
    c->label = basin_alloc(ctx, room * sizeof *c->label);
    if (has_values(c))
        c->value = basin_alloc(ctx, room * sizeof *c->value);
    c->pairs_room = (int64_t)room;
    BASIN_REQUIRE(c->single && c->label && (c->value || !has_values(c)), error,
        BASIN_E_MEMORY, "no memory for %lld features of positions",
        (long long)n);
    return BASIN_OK;
}

static uint16_t label_of(const basin_chain *chain, int32_t feature)
{
    return (uint16_t)(chain->full ? feature % chain->info.labels
                                  : chain->node_label[feature]);
}

static void fill_pairs(void *arg, int index)
{
    basin__chain_curvature *c = arg;
    const basin_sequences *s = c->o->sequences;
    const basin_attributes *a = &s->node;
    const int64_t first = s->start[c->o->shard[index].first];
    const int64_t end = s->start[c->o->shard[index].end];
    int64_t n = c->at[first];
    for (int64_t t = first; t < end; t++)
        for (int64_t i = a->start[t]; i < a->start[t + 1]; i++) {
            if (!knows(c, a->id[i]))
                continue;
            for (int32_t k = c->start[a->id[i]]; k < c->start[a->id[i] + 1];
                 k++) {
                c->single[n] = k;
                c->label[n] = label_of(c->o->chain, c->index[k]);
                if (c->value)
                    c->value[n] = a->value[i];
                n++;
            }
        }
}

static basin_status look_up(basin__chain_curvature *c, basin_error *error)
{
    find_runs(c);
    c->pairs = c->o->sequences->node.start ? count_pairs(c) : 0;
    BASIN_TRY(pairs_room(c, c->pairs, error));
    c->known = (basin__chain_known){.positions = c->o->sequences->positions,
        .singles = c->pairs,
        .run = {.dense_start = c->none,
            .single_start = c->at,
            .single = c->single,
            .label = c->label,
            .single_value = c->value}};
    if (c->pairs)
        basin__parallel_for(c->o->ctx, c->o->n_shards, fill_pairs, c);
    return BASIN_OK;
}

/* ------------------------------------------------------------- the shards */

static basin__attribute_rows rows_of(
    const basin__chain_curvature *c, double *list)
{
    return (basin__attribute_rows){.lanes = c->o->chain->lanes, .list = list};
}

/* How much the marginals of a sequence count in the gradient: the slope of
 * its loss in F, with its sign turned; it depends on no energy. */
static double scale_of(const basin__chain_curvature *c, int32_t sequence)
{
    const basin_energies energies = {.beta = c->o->ask.beta};
    basin_slopes slopes;
    basin__chain_loss(c->o, sequence, &energies, &slopes);
    return -slopes.f;
}

/* Scores of a sequence at W. False: it counts nothing. */
static bool observe(
    const basin__chain_curvature *c, int index, int32_t sequence, double *scale)
{
    const basin__attribute_rows w = rows_of(c, c->w);
    *scale = scale_of(c, sequence);
    return *scale != 0 &&
           basin__lattice_observe_rows(c->o->shard[index].lattice, &c->known,
               &w, c->o->sequences, sequence, NULL) == BASIN_OK;
}

/* The numbers of transitions and edges, from where the walk left them. */
static void take_steps(
    const basin__chain_curvature *c, shard *s, const double *table)
{
    const basin_chain *chain = c->o->chain;
    const int64_t nodes = chain->info.node_features;
    const int64_t end = nodes + chain->info.transitions;
    for (int32_t k = c->nodes; k < c->n; k++) {
        const int32_t f = c->index[k];
        if (f >= end) {
            s->out[k] = s->change.edges[f];
            continue;
        }
        const int32_t pair = chain->transition[f - nodes];
        s->out[k] = table[pair / chain->info.labels * chain->lanes +
                          pair % chain->info.labels];
    }
}

static void clear_shard(const basin__chain_curvature *c, shard *s)
{
    const basin_chain_info *info = &c->o->chain->info;
    memset(s->out, 0, (size_t)c->n * sizeof(double));
    memset(s->change.edges + info->node_features + info->transitions, 0,
        (size_t)info->edge_features * sizeof(double));
}

static void add_variances(
    const basin__chain_curvature *c, shard *s, basin_lattice *l, double scale)
{
    const basin__feature_run run =
        basin__chain_known_run(&c->known, c->o->sequences, l->sequence);
    for (int t = 0; t < run.positions; t++) {
        const double *q = l->q + (size_t)t * l->lanes;
        for (int64_t k = run.single_start[t]; k < run.single_start[t + 1];
             k++) {
            const double here = q[run.label[k]];
            const double value =
                run.single_value ? (double)run.single_value[k] : 1;
            s->out[run.single[k]] += scale * here * (1 - here) * value * value;
        }
    }
}

static void prepare_shard(void *arg, int index)
{
    const basin__chain_curvature *c = arg;
    shard *s = (shard *)&c->shard[index];
    basin__chain_shard *own = &c->o->shard[index];
    const double beta = c->o->ask.beta;
    double scale;
    clear_shard(c, s);
    basin__lattice_marginals_begin(own->lattice, &s->change, beta);
    for (int32_t i = own->first; i < own->end; i++)
        if (observe(c, index, i, &scale) &&
            basin__lattice_marginals_add(own->lattice, &s->change, beta, scale))
            add_variances(c, s, own->lattice, scale * beta);
    basin__lattice_marginals_end(own->lattice, &s->change, beta);
    take_steps(c, s, s->change.curvature);
}

static void times_shard(void *arg, int index)
{
    const basin__chain_curvature *c = arg;
    shard *s = (shard *)&c->shard[index];
    basin__chain_shard *own = &c->o->shard[index];
    const basin__attribute_rows v = rows_of(c, c->v), out = rows_of(c, s->out);
    const double beta = c->o->ask.beta;
    double scale;
    clear_shard(c, s);
    basin__lattice_change_begin(own->lattice, &s->change, beta);
    for (int32_t i = own->first; i < own->end; i++) {
        if (!observe(c, index, i, &scale))
            continue;
        const basin__feature_run run =
            basin__chain_known_run(&c->known, c->o->sequences, i);
        own->lattice->k->gather_known(s->change.node, &v, &run);
        if (basin__lattice_change_add(own->lattice, &s->change, beta, scale))
            own->lattice->k->scatter_known(&out, own->lattice->q, &run);
    }
    basin__lattice_change_end(own->lattice, &s->change, beta);
    take_steps(c, s, s->change.out);
}

/* ----------------------------------------------------------- likely labels */

static void likely_shard(void *arg, int index)
{
    const basin__chain_curvature *c = arg;
    shard *s = (shard *)&c->shard[index];
    const basin__chain_shard *own = &c->o->shard[index];
    double scale;
    for (int32_t i = own->first; i < own->end; i++) {
        if (!observe(c, index, i, &scale))
            continue;
        const basin__feature_run run =
            basin__chain_known_run(&c->known, c->o->sequences, i);
        basin__chain_likely_add(&s->likely, own->lattice, &run, c->o->ask.beta,
            scale, s->change.forward);
    }
}

/* Bytes of those that are more likely than that. */
static size_t count_likely(basin__chain_curvature *c, double least)
{
    const int n = c->o->n_shards;
    size_t bytes = 0;
    for (int i = 0; i < n; i++)
        basin__chain_likely_begin(
            &c->shard[i].likely, c->o->shard[i].lattice, has_values(c), least);
    basin__parallel_for(c->o->ctx, n, likely_shard, c);
    for (int i = 0; i < n; i++)
        bytes += basin__chain_likely_size(&c->shard[i].likely);
    return bytes;
}

/* Keep them; fewer, if they are too many. False: these are too many, too. */
static bool keep_likely(basin__chain_curvature *c, double least)
{
    const int n = c->o->n_shards;
    bool all = !has_edges(c);
    while (all && count_likely(c, least) > MOST_KEPT) {
        least *= 4;
        all = least > 0 && least <= MOST_LEFT_OUT;
    }
    for (int i = 0; all && i < n; i++)
        all = basin__chain_likely_reserve(&c->shard[i].likely);
    if (all)
        basin__parallel_for(c->o->ctx, n, likely_shard, c);
    else
        for (int i = 0; i < n; i++)
            basin__chain_likely_finish(&c->shard[i].likely);
    return all;
}

static void likely_diagonal_shard(void *arg, int index)
{
    const basin__chain_curvature *c = arg;
    shard *s = (shard *)&c->shard[index];
    clear_shard(c, s);
    memset(s->change.curvature, 0, table_size(c));
    basin__chain_likely_diagonal(&s->likely, s->out, s->change.curvature);
    take_steps(c, s, s->change.curvature);
}

static void likely_times_shard(void *arg, int index)
{
    const basin__chain_curvature *c = arg;
    shard *s = (shard *)&c->shard[index];
    clear_shard(c, s);
    memset(s->change.out, 0, table_size(c));
    basin__chain_likely_times(
        &s->likely, c->v, s->change.table, s->out, s->change.out);
    take_steps(c, s, s->change.out);
}

/* Shards 0 and 1, 2 and 3, ...; then these. */
static void add_shards(const basin__chain_curvature *c, double *out)
{
    for (int half = 1; half < c->o->n_shards; half *= 2)
        for (int i = 0; i + half < c->o->n_shards; i += 2 * half) {
            double *to = c->shard[i].out;
            const double *from = c->shard[i + half].out;
            for (int32_t k = 0; k < c->n; k++)
                to[k] += from[k];
        }
    memcpy(out, c->shard[0].out, (size_t)c->n * sizeof(double));
}

/* ------------------------------------------------------------- take, times */

basin_status basin__chain_curvature_take(basin__chain_curvature *c,
    const int32_t *index, int32_t n, double least, basin_error *error)
{
    BASIN_TRY(make_room(c, n, error));
    c->index = index;
    c->n = n;
    basin__chain_objective_cut(c->o);
    BASIN_TRY(look_up(c, error));
    for (int32_t k = 0; k < n; k++)
        c->w[k] = c->o->chain->w.flat[index[k]];
    c->kept = keep_likely(c, least);
    basin__parallel_for(c->o->ctx, c->o->n_shards,
        c->kept ? likely_diagonal_shard : prepare_shard, c);
    add_shards(c, c->diagonal);
    return BASIN_OK;
}

const double *basin__chain_curvature_diagonal(const basin__chain_curvature *c)
{
    return c->diagonal;
}

/* The direction, where the shards look for it. */
static void set_direction(basin__chain_curvature *c, const double *v)
{
    const basin_chain *chain = c->o->chain;
    const int32_t labels = chain->info.labels;
    const size_t table = table_size(c);
    const int64_t nodes = chain->info.node_features;
    const int64_t end = nodes + chain->info.transitions;
    double *first = c->shard[0].change.table;
    memcpy(c->v, v, (size_t)c->n * sizeof(double));
    memset(first, 0, table);
    if (c->flat)
        memset(c->flat, 0, flat_size(c));
    for (int32_t k = c->nodes; k < c->n; k++) {
        const int32_t f = c->index[k];
        if (f >= end) {
            c->flat[f] = v[k];
            continue;
        }
        const int32_t pair = chain->transition[f - nodes];
        first[pair / labels * chain->lanes + pair % labels] = v[k];
    }
    for (int i = 1; i < c->o->n_shards; i++)
        memcpy(c->shard[i].change.table, first, table);
}

void basin__chain_curvature_times(
    basin__chain_curvature *c, const double *v, double *out)
{
    set_direction(c, v);
    basin__parallel_for(c->o->ctx, c->o->n_shards,
        c->kept ? likely_times_shard : times_shard, c);
    add_shards(c, out);
}
