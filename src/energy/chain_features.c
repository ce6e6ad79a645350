/* SPDX-License-Identifier: MIT
 *
 * Which features a chain has: all that there can be, those that labelled
 * sequences show, or those of a list. Sets of labels are kept as bits while
 * they are collected.
 */
#include "energy/chain_features.h"

#include <string.h>

enum { WORD = 64, LABELS_MAX = 1 << 15 };

static basin_status no_memory(const basin_chain *chain, basin_error *error)
{
    return basin_error_set(error, BASIN_E_MEMORY,
        "no memory for the features of %d attributes and %d labels",
        chain->info.attributes, chain->info.labels);
}

static size_t start_size(int32_t n)
{
    return ((size_t)n + 1) * sizeof(int64_t);
}

static size_t list_size(int64_t n)
{
    return (size_t)(n + 1) * sizeof(int32_t);
}

void basin__chain_release(basin_chain *c)
{
    basin_free(c->ctx, c->node_start, start_size(c->info.attributes));
    basin_free(c->ctx, c->node_label, list_size(c->info.node_features));
    basin_free(c->ctx, c->row, list_size(c->info.attributes));
    basin_free(c->ctx, c->transition, list_size(c->info.transitions));
    basin_free(c->ctx, c->edge_start, start_size(c->info.edge_attributes));
    basin_free(c->ctx, c->edge_pair, list_size(c->info.edge_features));
}

/* -------------------------------------------------------- sequences checked */

static basin_status check_attributes(const basin_attributes *attributes,
    int64_t positions, const char *what, basin_error *error)
{
    if (!attributes->start)
        return BASIN_OK;
    const int64_t n = attributes->start[positions];
    for (int64_t k = 0; k < n; k++)
        BASIN_REQUIRE(attributes->id[k] < attributes->count, error,
            BASIN_E_RANGE, "%s %lld is number %d of %d", what, (long long)k,
            attributes->id[k], attributes->count);
    for (int64_t k = 0; attributes->value && k < n; k++)
        BASIN_REQUIRE(__builtin_isfinite(attributes->value[k]), error,
            BASIN_E_RANGE, "the value of %s %lld is %g", what, (long long)k,
            (double)attributes->value[k]);
    return BASIN_OK;
}

static basin_status check_seen(const basin_sequences *s, basin_error *error)
{
    BASIN_REQUIRE(s->n_labels >= 1 && s->n_labels <= LABELS_MAX, error,
        BASIN_E_RANGE, "a chain has 1 to %d labels; these sequences have %d",
        (int)LABELS_MAX, s->n_labels);
    for (int32_t i = 0; s->label && i < s->n; i++)
        for (int64_t t = s->start[i]; t < s->start[i + 1]; t++)
            BASIN_REQUIRE(s->label[t] >= -1 && s->label[t] < s->n_labels, error,
                BASIN_E_RANGE,
                "label %d in sequence %d; there are %d, from 0 on", s->label[t],
                i, s->n_labels);
    BASIN_TRY(check_attributes(&s->node, s->positions, "attribute", error));
    return check_attributes(&s->edge, s->positions, "edge attribute", error);
}

/* ---------------------------------------------------------------- collecting
 */

/* Sets of numbers below `width`, one set a row, as bits. */
typedef struct bits {
    uint64_t *word;
    size_t words; /* a row */
    size_t size;
} bits;

static bool bits_init(bits *b, basin_context *ctx, int32_t rows, int64_t width)
{
    b->words = (size_t)((width + WORD - 1) / WORD);
    b->size = ((size_t)rows * b->words + 1) * sizeof *b->word;
    b->word = basin_alloc(ctx, b->size);
    return b->word;
}

static void bits_set(bits *b, int32_t row, int64_t i)
{
    b->word[(size_t)row * b->words + (size_t)(i / WORD)] |= (uint64_t)1
                                                            << (i % WORD);
}

static void mark_row(
    bits *b, const basin_attributes *attributes, int64_t position, int64_t item)
{
    for (int64_t k = attributes->start[position];
         k < attributes->start[position + 1]; k++)
        if (attributes->id[k] >= 0)
            bits_set(b, attributes->id[k], item);
}

/* The sets as lists. `start` NULL: one row, whose count goes to *n. */
static int32_t *bits_list(
    basin_context *ctx, const bits *b, int32_t rows, int64_t *start, int64_t *n)
{
    int64_t count = 0;
    for (size_t i = 0; i < (size_t)rows * b->words; i++)
        for (uint64_t left = b->word[i]; left; left &= left - 1)
            count++;
    int32_t *out = basin_alloc(ctx, list_size(count));
    *n = count;
    if (!out)
        return NULL;
    count = 0;
    for (int32_t r = 0; r < rows; r++) {
        if (start)
            start[r] = count;
        for (size_t w = 0; w < b->words; w++)
            for (uint64_t left = b->word[(size_t)r * b->words + w]; left;
                 left &= left - 1)
                out[count++] =
                    (int32_t)w * WORD + (int32_t)__builtin_ctzll(left);
    }
    if (start)
        start[rows] = count;
    return out;
}

/* Which (row, label) and (row, before, label) the labels show. */
static void mark_nodes(bits *b, const basin_sequences *s)
{
    for (int64_t t = 0; s->label && s->node.start && t < s->positions; t++)
        if (s->label[t] >= 0)
            mark_row(b, &s->node, t, s->label[t]);
}

static void mark_steps(bits *b, const basin_sequences *s, bool edges)
{
    for (int32_t i = 0; s->label && i < s->n; i++)
        for (int64_t t = s->start[i] + 1; t < s->start[i + 1]; t++) {
            if (s->label[t - 1] < 0 || s->label[t] < 0)
                continue;
            const int64_t pair =
                (int64_t)s->label[t - 1] * s->n_labels + s->label[t];
            if (edges)
                mark_row(b, &s->edge, t, pair);
            else
                bits_set(b, 0, pair);
        }
}

static void mark_all(bits *b, int32_t rows, int64_t width)
{
    for (int32_t r = 0; r < rows; r++)
        for (int64_t i = 0; i < width; i++)
            bits_set(b, r, i);
}

/* ------------------------------------------------------------ from sequences
 */

static basin_status collect_nodes(
    basin_chain *c, const basin_sequences *s, basin_error *error)
{
    const int32_t n = c->info.attributes;
    c->full = c->def.all;
    if (c->full) {
        c->info.node_features = (int64_t)n * c->info.labels;
        return BASIN_OK;
    }
    c->node_start = basin_alloc(c->ctx, start_size(n));
    c->row = basin_alloc(c->ctx, list_size(n));
    bits b;
    if (!c->node_start || !c->row || !bits_init(&b, c->ctx, n, c->info.labels))
        return no_memory(c, error);
    mark_nodes(&b, s);
    c->node_label =
        bits_list(c->ctx, &b, n, c->node_start, &c->info.node_features);
    basin_free(c->ctx, b.word, b.size);
    return c->node_label ? BASIN_OK : no_memory(c, error);
}

/* Transitions (edges false), or edge features. */
static basin_status collect_steps(
    basin_chain *c, const basin_sequences *s, bool edges, basin_error *error)
{
    const int64_t width = (int64_t)c->info.labels * c->info.labels;
    const int32_t rows = edges ? c->info.edge_attributes : 1;
    bits b;
    if (!bits_init(&b, c->ctx, rows, width))
        return no_memory(c, error);
    if (c->def.all)
        mark_all(&b, rows, width);
    else
        mark_steps(&b, s, edges);
    int32_t *list;
    if (edges)
        c->edge_pair = list =
            bits_list(c->ctx, &b, rows, c->edge_start, &c->info.edge_features);
    else
        c->transition = list =
            bits_list(c->ctx, &b, 1, NULL, &c->info.transitions);
    basin_free(c->ctx, b.word, b.size);
    return list ? BASIN_OK : no_memory(c, error);
}

static basin_status collect_seen(
    basin_chain *c, const basin_sequences *s, basin_error *error)
{
    BASIN_TRY(check_seen(s, error));
    c->info.labels = s->n_labels;
    c->info.attributes = s->node.start ? s->node.count : 0;
    c->info.edge_attributes = s->edge.start ? s->edge.count : 0;
    BASIN_TRY(collect_nodes(c, s, error));
    if (c->def.transitions)
        BASIN_TRY(collect_steps(c, s, false, error));
    if (c->info.edge_attributes == 0)
        return BASIN_OK;
    c->edge_start = basin_alloc(c->ctx, start_size(c->info.edge_attributes));
    return c->edge_start ? collect_steps(c, s, true, error)
                         : no_memory(c, error);
}

/* ---------------------------------------------------------------- from lists
 */

static basin_status check_list(const int64_t *start, int32_t rows,
    const int32_t *list, int64_t width, const char *what, basin_error *error)
{
    BASIN_REQUIRE(rows >= 0 && (rows == 0 || start[0] == 0), error,
        BASIN_E_RANGE, "the lists of %s do not begin at 0", what);
    for (int32_t r = 0; r < rows; r++) {
        BASIN_REQUIRE(start[r] <= start[r + 1], error, BASIN_E_RANGE,
            "the list of %s %d ends before it begins", what, r);
        for (int64_t f = start[r]; f < start[r + 1]; f++)
            BASIN_REQUIRE(list[f] >= 0 && list[f] < width &&
                              (f == start[r] || list[f] > list[f - 1]),
                error, BASIN_E_RANGE,
                "the list of %s %d holds %d: its numbers must ascend, and be "
                "below %lld",
                what, r, list[f], (long long)width);
    }
    return BASIN_OK;
}

/* Copies that the chain owns. `start` may be NULL: then there is one list. */
static basin_status copy_list(basin_chain *c, int64_t **start_out,
    int32_t **list_out, int64_t *count, const int64_t *start, int32_t rows,
    const int32_t *list, int64_t n, basin_error *error)
{
    *count = n;
    *list_out = basin_alloc(c->ctx, list_size(n));
    if (!*list_out)
        return no_memory(c, error);
    if (n)
        memcpy(*list_out, list, (size_t)n * sizeof *list);
    if (!start)
        return BASIN_OK;
    *start_out = basin_alloc(c->ctx, start_size(rows));
    if (!*start_out)
        return no_memory(c, error);
    memcpy(*start_out, start, start_size(rows));
    return BASIN_OK;
}

static basin_status collect_lists(
    basin_chain *c, const basin_chain_lists *l, basin_error *error)
{
    BASIN_REQUIRE(l->labels >= 1 && l->labels <= LABELS_MAX, error,
        BASIN_E_RANGE, "a chain has 1 to %d labels; got %d", (int)LABELS_MAX,
        l->labels);
    const int64_t width = (int64_t)l->labels * l->labels;
    const int64_t steps[2] = {0, l->n_transitions};
    BASIN_TRY(check_list(l->node_start, l->attributes, l->node_label, l->labels,
        "attribute", error));
    BASIN_TRY(check_list(steps, 1, l->transition, width, "transitions", error));
    c->info.labels = l->labels;
    c->info.attributes = l->attributes;
    BASIN_TRY(copy_list(c, &c->node_start, &c->node_label,
        &c->info.node_features, l->node_start, l->attributes, l->node_label,
        l->node_start[l->attributes], error));
    c->row = basin_alloc(c->ctx, list_size(l->attributes));
    if (!c->row)
        return no_memory(c, error);
    BASIN_TRY(copy_list(c, NULL, &c->transition, &c->info.transitions, NULL, 1,
        l->transition, l->n_transitions, error));
    if (!l->edge_start)
        return BASIN_OK;
    BASIN_TRY(check_list(l->edge_start, l->edge_attributes, l->edge_pair, width,
        "edge attribute", error));
    c->info.edge_attributes = l->edge_attributes;
    return copy_list(c, &c->edge_start, &c->edge_pair, &c->info.edge_features,
        l->edge_start, l->edge_attributes, l->edge_pair,
        l->edge_start[l->edge_attributes], error);
}

basin_status basin__chain_collect(
    basin_chain *c, const basin__chain_source *source, basin_error *error)
{
    BASIN_TRY(source->seen ? collect_seen(c, source->seen, error)
                           : collect_lists(c, source->lists, error));
    c->lanes = basin__chain_lanes(c->info.labels);
    if (c->net)
        c->info.net_params = (int64_t)basin_energy_describe(c->net)->n_params;
    const double total =
        (double)c->info.node_features + (double)c->info.transitions +
        (double)c->info.edge_features + (double)c->info.net_params;
    BASIN_REQUIRE(total < 1e11, error, BASIN_E_MEMORY,
        "a chain with %.0f features is too large", total);
    c->info.n_params = (size_t)(c->info.node_features + c->info.transitions +
                                c->info.edge_features + c->info.net_params);
    return BASIN_OK;
}
