/* SPDX-License-Identifier: MIT
 *
 * Lattices as handles: memory that grows with the sequences, and the scores of
 * a sequence, gathered from its attributes.
 */
#include "inference/lattice.h"

#include "base/memory.h"

#include <string.h>

/* ---------------------------------------------------------- create, destroy */

static basin_status take_tables(basin_lattice *l, basin_error *error)
{
    l->scale = 1;
    l->p_size = 6 * basin__lattice_table_size(l) * sizeof(double);
    l->p_memory = basin_alloc(l->ctx, l->p_size);
    BASIN_REQUIRE(
        l->p_memory, error, BASIN_E_MEMORY, "no memory for a lattice");
    l->p = l->p_memory;
    l->p_turned = l->p + basin__lattice_table_size(l);
    l->pending = l->p_turned + basin__lattice_table_size(l);
    l->scratch = l->pending + basin__lattice_table_size(l);
    l->scratch_turned = l->scratch + basin__lattice_table_size(l);
    l->scaled = l->scratch_turned + basin__lattice_table_size(l);
    return BASIN_OK;
}

basin_status basin_lattice_create(
    basin_lattice **out, const basin_chain *chain, basin_error *error)
{
    *out = NULL;
    basin_lattice *l = basin_alloc(chain->ctx, sizeof *l);
    BASIN_REQUIRE(l, error, BASIN_E_MEMORY, "no memory for a lattice");
    l->ctx = chain->ctx;
    l->chain = chain;
    l->k = chain->k;
    l->labels = chain->info.labels;
    l->lanes = chain->lanes;
    basin_status status = take_tables(l, error);
    if (status != BASIN_OK) {
        basin_lattice_destroy(l);
        return status;
    }
    *out = l;
    return BASIN_OK;
}

static void drop_own(basin_lattice *l)
{
    const size_t n = (size_t)l->own_capacity;
    basin_free(
        l->ctx, l->tables, n * basin__lattice_table_size(l) * sizeof(double));
    basin_free(
        l->ctx, l->own_p, n * basin__lattice_table_size(l) * sizeof(double));
    basin_free(l->ctx, l->own_top, n * sizeof(double));
    l->tables = l->own_p = l->own_top = NULL;
    l->own_capacity = 0;
}

void basin_lattice_destroy(basin_lattice *l)
{
    if (!l)
        return;
    drop_own(l);
    basin__chain_net_destroy(l->net);
    basin_free(l->ctx, l->log, l->log_capacity * sizeof(double));
    basin_free(l->ctx, l->errors, l->errors_size);
    basin_free(l->ctx, l->memory, l->memory_size);
    basin_free(l->ctx, l->p_memory, l->p_size);
    basin_free(l->ctx, l, sizeof *l);
}

/* -------------------------------------------------------------------- grow */

static void lay(basin_lattice *l, int n, basin__arena *a)
{
    const size_t rows = (size_t)n * l->lanes * sizeof(double);
    l->node = basin__arena_alloc(a, rows);
    l->e = basin__arena_alloc(a, rows);
    l->alpha = basin__arena_alloc(a, rows);
    l->q = basin__arena_alloc(a, rows);
    l->row = basin__arena_alloc(a, 4 * l->lanes * sizeof(double));
    l->over = basin__arena_alloc(a, n * sizeof(double));
    l->same = basin__arena_alloc(a, n * sizeof(double));
    l->from = basin__arena_alloc(a, (size_t)n * l->lanes * sizeof(int32_t));
    for (int i = 0; i < 3; i++)
        l->path[i] = basin__arena_alloc(a, n * sizeof(int32_t));
}

static basin_status grow(basin_lattice *l, int n, basin_error *error)
{
    if (n <= l->capacity)
        return BASIN_OK;
    n += n / 4 + 8;
    basin_free(l->ctx, l->memory, l->memory_size);
    l->capacity = 0;
    basin__arena a;
    basin__arena_init(&a, NULL, 0);
    lay(l, n, &a);
    l->memory_size = a.peak;
    l->memory = basin_alloc(l->ctx, l->memory_size);
    BASIN_REQUIRE(l->memory, error, BASIN_E_MEMORY,
        "no memory for a sequence of %d positions", n);
    basin__arena_init(&a, l->memory, l->memory_size);
    lay(l, n, &a);
    l->capacity = n;
    return BASIN_OK;
}

static basin_status grow_own(basin_lattice *l, int n, basin_error *error)
{
    if (n <= l->own_capacity)
        return BASIN_OK;
    drop_own(l);
    const size_t bytes =
        (size_t)n * basin__lattice_table_size(l) * sizeof(double);
    l->own_capacity = n;
    l->tables = basin_alloc(l->ctx, bytes);
    l->own_p = basin_alloc(l->ctx, bytes);
    l->own_top = basin_alloc(l->ctx, (size_t)n * sizeof(double));
    BASIN_REQUIRE(l->tables && l->own_p && l->own_top, error, BASIN_E_MEMORY,
        "no memory for the edges of a sequence of %d positions", n);
    return BASIN_OK;
}

basin_status basin__lattice_net_room(
    basin_lattice *l, int n, bool gradient, basin_error *error)
{
    if (n <= l->net_room && l->net_gradient >= gradient)
        return BASIN_OK;
    basin__chain_net_destroy(l->net);
    l->net = NULL;
    l->net_room = n + n / 4;
    l->net_gradient |= gradient;
    return basin__chain_net_create(
        &l->net, l->chain, l->net_room, l->net_gradient, error);
}

basin_status basin__lattice_reserve(
    basin_lattice *l, int longest, bool errors, basin_error *error)
{
    BASIN_TRY(grow(l, longest, error));
    BASIN_TRY(basin__lattice_log_room(l, longest, error));
    if (l->chain->info.edge_attributes > 0)
        BASIN_TRY(grow_own(l, longest, error));
    return errors ? basin__lattice_errors_room(l, longest, error) : BASIN_OK;
}

/* ------------------------------------------------------------------ observe */

static basin_status fill_own(basin_lattice *l, basin_error *error)
{
    BASIN_TRY(grow_own(l, l->length, error));
    for (int t = 1; t < l->length; t++) {
        double *table = l->tables + (size_t)t * basin__lattice_table_size(l);
        memcpy(table, l->chain->w.table,
            basin__lattice_table_size(l) * sizeof(double));
        basin__chain_edge_gather(
            l->chain, l->chain->w.flat, table, l->sequences, l->first + t);
        for (size_t i = 0; l->scale != 1 && i < basin__lattice_table_size(l);
             i++)
            table[i] *= l->scale;
    }
    return BASIN_OK;
}

static void fill_nodes(basin_lattice *l, const basin__attribute_rows *rows)
{
    if (l->known) {
        const basin__feature_run run =
            basin__chain_known_run(l->known, l->sequences, l->sequence);
        l->k->gather_known(l->node, rows, &run);
        return;
    }
    memset(l->node, 0, (size_t)l->length * l->lanes * sizeof(double));
    const basin__attribute_run run =
        basin__chain_run(l->sequences, l->sequence);
    if (l->sequences->node.start)
        l->k->gather(l->node, &l->chain->w.rows, &run);
}

/* What the labels cost the net, off their scores. */
static basin_status fill_net(basin_lattice *l, basin_error *error)
{
    const basin_sequences *s = l->sequences;
    const float *costs = l->costs;
    if (!costs) {
        BASIN_TRY(basin__chain_check_net(l->chain->net, l->labels, s, error));
        BASIN_TRY(basin__lattice_net_room(l, l->length, false, error));
        const float *x = s->dense + (size_t)l->first * (size_t)s->dense_dim;
        costs = basin__chain_net_evaluate(
            l->net, &(basin__net_rows){.x = x, .n = l->length});
    }
    for (int t = 0; t < l->length; t++)
        for (int j = 0; j < l->labels; j++)
            l->node[(size_t)t * l->lanes + j] -=
                (double)costs[(size_t)t * l->labels + j];
    return BASIN_OK;
}

static void apply_scale(basin_lattice *l)
{
    const size_t n = (size_t)l->length * l->lanes;
    for (size_t i = 0; i < n; i++)
        l->node[i] *= l->scale;
    for (size_t i = 0; i < basin__lattice_table_size(l); i++)
        l->scaled[i] = l->chain->w.table[i] * l->scale;
    l->p_version = 0; /* the factors of the last one are of another scale */
}

basin_status basin_lattice_observe(basin_lattice *l,
    const basin_sequences *sequences, int32_t sequence, basin_error *error)
{
    return basin__lattice_observe_known(l, NULL, sequences, sequence, error);
}

/* Room for a sequence, of which nothing is known yet. */
static basin_status begin(
    basin_lattice *l, int32_t sequence, int64_t length, basin_error *error)
{
    BASIN_REQUIRE(length >= 1, error, BASIN_E_RANGE,
        "sequence %d has no position", sequence);
    BASIN_REQUIRE(length < INT32_MAX / 2, error, BASIN_E_MEMORY,
        "sequence %d has too many positions", sequence);
    BASIN_TRY(grow(l, (int)length, error));
    l->sequence = sequence;
    l->length = (int)length;
    l->summed = l->own = false;
    return BASIN_OK;
}

basin_status basin__lattice_observe_known(basin_lattice *l,
    const basin__chain_known *known, const basin_sequences *sequences,
    int32_t sequence, basin_error *error)
{
    return basin__lattice_observe_rows(
        l, known, &l->chain->w.rows, sequences, sequence, error);
}

basin_status basin__lattice_observe_rows(basin_lattice *l,
    const basin__chain_known *known, const basin__attribute_rows *rows,
    const basin_sequences *sequences, int32_t sequence, basin_error *error)
{
    BASIN_TRY(begin(l, sequence,
        sequences->start[sequence + 1] - sequences->start[sequence], error));
    l->sequences = sequences;
    l->first = sequences->start[sequence];
    l->known = known;
    fill_nodes(l, rows);
    if (l->chain->net)
        BASIN_TRY(fill_net(l, error));
    if (l->scale != 1)
        apply_scale(l);
    l->own = basin__chain_has_edges(l->chain, sequences, sequence);
    return l->own ? fill_own(l, error) : BASIN_OK;
}

basin_status basin__lattice_observe_scores(
    basin_lattice *l, const double *score, int64_t length, basin_error *error)
{
    BASIN_TRY(begin(l, 0, length, error));
    l->sequences = NULL;
    l->first = 0;
    l->known = NULL;
    memcpy(l->node, score, (size_t)length * l->lanes * sizeof(double));
    return BASIN_OK;
}

int basin_lattice_length(const basin_lattice *l)
{
    return l->length;
}

void basin_lattice_constrain(basin_lattice *l, const int32_t *label)
{
    l->summed = false;
    for (int t = 0; t < l->length; t++)
        for (int j = 0; label[t] >= 0 && j < l->labels; j++)
            if (j != label[t])
                l->node[(size_t)t * l->lanes + j] = -__builtin_inf();
}

bool basin__lattice_take_right(basin_lattice *l)
{
    if (!l->sequences || !l->sequences->label)
        return false;
    const int32_t *label = l->sequences->label + l->first;
    bool known = true;
    for (int t = 0; t < l->length; t++) {
        known = known && label[t] >= 0;
        l->path[BASIN__PATH_RIGHT][t] = label[t];
    }
    return known;
}

double basin__lattice_score(const basin_lattice *l, const int32_t *label)
{
    double sum = l->node[label[0]];
    for (int t = 1; t < l->length; t++)
        sum += l->node[(size_t)t * l->lanes + label[t]] +
               basin__lattice_table(l, t)[label[t - 1] * l->lanes + label[t]];
    return sum;
}

double basin_lattice_energy(basin_lattice *l, const int32_t *label)
{
    return -basin__lattice_score(l, label);
}
