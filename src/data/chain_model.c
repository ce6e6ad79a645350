/* SPDX-License-Identifier: MIT
 *
 * Trained chains with their names: made from lists of weights, as the peers'
 * models are, and turned into such lists.
 */
#include "data/chain_model.h"
#include "data/text.h"

#include <stdlib.h>
#include <string.h>

basin_status basin__chain_model_init(
    basin_chain_model **out, basin_context *ctx, basin_error *error)
{
    *out = basin_alloc(ctx, sizeof **out);
    BASIN_REQUIRE(*out, error, BASIN_E_MEMORY, "no memory for a model");
    (*out)->ctx = ctx;
    return BASIN_OK;
}

void basin_chain_model_destroy(basin_chain_model *m)
{
    if (!m)
        return;
    basin_chain_destroy(m->chain);
    basin_dictionary_destroy(m->labels);
    basin_dictionary_destroy(m->nodes);
    basin_dictionary_destroy(m->edges);
    basin_template_destroy(m->tmpl);
    basin_free(m->ctx, m, sizeof *m);
}

basin_corpus_def basin_chain_model_corpus(const basin_chain_model *m)
{
    basin_corpus_def def = basin_corpus_default();
    def.format = m->format;
    def.tmpl = m->tmpl;
    def.labels = m->labels;
    def.nodes = m->nodes;
    def.edges = m->edges;
    def.frozen = def.frozen_labels = true;
    if (m->chain && basin_chain_net(m->chain))
        def.dense = basin_energy_describe(basin_chain_net(m->chain))->x.dim;
    return def;
}

basin_status basin__template_copy(basin_template **out, basin_context *ctx,
    const basin_template *tmpl, basin_error *error)
{
    *out = NULL;
    if (!tmpl)
        return BASIN_OK;
    size_t size;
    const char *text = basin_template_text(tmpl, &size);
    return basin_template_read(
        out, ctx, text, size, basin_template_dialect(tmpl), error);
}

/* ------------------------------------------------------------- from weights */

/* A weight with the place that it goes to: its list and its number there. */
typedef struct placed {
    int32_t row, item;
    double value;
} placed;

/* A sorted list, its rows, and the weights without those that came twice. */
typedef struct lists {
    placed *at;
    size_t n, bytes;
    int64_t *start;
    int32_t *item;
    size_t start_bytes, item_bytes;
} lists;

static int by_place(const void *a, const void *b)
{
    const placed *p = a, *q = b;
    if (p->row != q->row)
        return p->row < q->row ? -1 : 1;
    return p->item < q->item ? -1 : p->item > q->item;
}

static void lists_finish(lists *l, basin_context *ctx)
{
    basin_free(ctx, l->at, l->bytes);
    basin_free(ctx, l->start, l->start_bytes);
    basin_free(ctx, l->item, l->item_bytes);
}

/* If a weight is listed twice, both count. */
static void merge(lists *l)
{
    size_t n = 0;
    for (size_t i = 0; i < l->n; i++)
        if (n > 0 && by_place(&l->at[n - 1], &l->at[i]) == 0)
            l->at[n - 1].value += l->at[i].value;
        else
            l->at[n++] = l->at[i];
    l->n = n;
}

/* @param labels of an edge's or a transition's pair; 0: of a node */
static basin_status lists_init(lists *l, basin_context *ctx,
    const basin_chain_weight *w, int64_t n, int32_t rows, int32_t labels,
    basin_error *error)
{
    l->n = (size_t)n;
    l->bytes = (l->n + 1) * sizeof *l->at;
    l->start_bytes = ((size_t)rows + 1) * sizeof *l->start;
    l->item_bytes = (l->n + 1) * sizeof *l->item;
    l->at = basin_alloc(ctx, l->bytes);
    l->start = basin_alloc(ctx, l->start_bytes);
    l->item = basin_alloc(ctx, l->item_bytes);
    BASIN_REQUIRE(l->at && l->start && l->item, error, BASIN_E_MEMORY,
        "no memory for %lld weights", (long long)n);
    for (int64_t i = 0; i < n; i++)
        l->at[i] = (placed){w[i].attribute < 0 ? 0 : w[i].attribute,
            labels ? w[i].from * labels + w[i].label : w[i].label, w[i].value};
    qsort(l->at, l->n, sizeof *l->at, by_place);
    merge(l);
    for (size_t i = 0; i < l->n; i++) {
        l->start[l->at[i].row + 1]++;
        l->item[i] = l->at[i].item;
    }
    for (int32_t r = 0; r < rows; r++)
        l->start[r + 1] += l->start[r];
    return BASIN_OK;
}

static basin_status make_chain(basin_chain_model *m,
    const basin_chain_weights *w, lists l[3], basin_error *error)
{
    const int32_t labels = basin_dictionary_count(w->labels);
    const int32_t nodes = basin_dictionary_count(w->nodes);
    const int32_t edges = basin_dictionary_count(w->edges);
    BASIN_TRY(lists_init(&l[0], m->ctx, w->node, w->n_node, nodes, 0, error));
    BASIN_TRY(lists_init(
        &l[1], m->ctx, w->transition, w->n_transition, 1, labels, error));
    BASIN_TRY(
        lists_init(&l[2], m->ctx, w->edge, w->n_edge, edges, labels, error));
    const basin_chain_lists given = {.labels = labels,
        .attributes = nodes,
        .edge_attributes = edges,
        .node_start = l[0].start,
        .node_label = l[0].item,
        .n_transitions = (int64_t)l[1].n,
        .transition = l[1].item,
        .edge_start = l[2].start,
        .edge_pair = l[2].item};
    BASIN_TRY(basin_chain_from_lists(&m->chain, m->ctx, &given, error));
    double *to = basin_chain_params(m->chain);
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; i < l[k].n; i++)
            *to++ = l[k].at[i].value;
    basin_chain_changed(m->chain);
    return BASIN_OK;
}

static basin_status fill_model(
    basin_chain_model *m, const basin_chain_weights *w, basin_error *error)
{
    BASIN_TRY(basin_dictionary_copy(&m->labels, w->labels, error));
    BASIN_TRY(basin_dictionary_copy(&m->nodes, w->nodes, error));
    BASIN_TRY(basin_dictionary_copy(&m->edges, w->edges, error));
    BASIN_TRY(basin__template_copy(&m->tmpl, m->ctx, w->tmpl, error));
    lists l[3] = {{0}};
    basin_status status = make_chain(m, w, l, error);
    for (int k = 0; k < 3; k++)
        lists_finish(&l[k], m->ctx);
    return status;
}

basin_status basin_chain_model_from_weights(basin_chain_model **out,
    basin_context *ctx, const basin_chain_weights *w, basin_error *error)
{
    *out = NULL;
    BASIN_REQUIRE(w->kind == BASIN_WEIGHTS_CRF, error, BASIN_E_SERVE,
        "this model is normalised position by position (%s); a chain is over "
        "whole sequences",
        w->kind == BASIN_WEIGHTS_MEMM ? "MEMM" : "maxent");
    basin_chain_model *m = NULL;
    BASIN_TRY(basin__chain_model_init(&m, ctx, error));
    basin_status status = fill_model(m, w, error);
    if (status != BASIN_OK) {
        basin_chain_model_destroy(m);
        return status;
    }
    *out = m;
    return BASIN_OK;
}

/* --------------------------------------------------------------- to weights */

static basin_status copy_names(
    basin_dictionary *to, const basin_dictionary *from, basin_error *error)
{
    for (int32_t i = 0; i < basin_dictionary_count(from); i++) {
        size_t length;
        int32_t id;
        const char *name = basin_dictionary_name(from, i, &length);
        BASIN_TRY(basin_dictionary_add(&id, to, name, length, error));
    }
    return BASIN_OK;
}

static basin_status fill_weights(
    basin_chain_weights *w, const basin_chain_model *m, basin_error *error)
{
    BASIN_TRY(copy_names(w->labels, m->labels, error));
    BASIN_TRY(copy_names(w->nodes, m->nodes, error));
    BASIN_TRY(copy_names(w->edges, m->edges, error));
    BASIN_TRY(basin_chain_weights_template(w, m->tmpl, error));
    const double *value = basin_chain_params(m->chain);
    const basin_chain_info *info = basin_chain_describe(m->chain);
    const size_t features = info->n_params - (size_t)info->net_params;
    for (size_t i = 0; i < features; i++) {
        if (value[i] == 0)
            continue;
        const basin_chain_feature f = basin_chain_feature_at(m->chain, i);
        BASIN_TRY(basin_chain_weights_add(w,
            (basin_chain_weight){f.attribute, f.before, f.label, value[i]},
            error));
    }
    return BASIN_OK;
}

basin_status basin_chain_model_weights(
    basin_chain_weights **out, const basin_chain_model *m, basin_error *error)
{
    BASIN_TRY(basin_chain_weights_create(out, m->ctx, error));
    basin_status status = fill_weights(*out, m, error);
    if (status != BASIN_OK) {
        basin_chain_weights_destroy(*out);
        *out = NULL;
    }
    return status;
}

basin_status basin_chain_model_read(basin_chain_model **out, basin_context *ctx,
    const void *data, size_t size, basin_error *error)
{
    *out = NULL;
    if (basin__chain_model_is_ours(data, size)) {
        basin_status status =
            basin__chain_model_read_ours(out, ctx, data, size, error);
        if (status != BASIN_OK) /* names in it are as the file has them */
            basin__clean_message(error);
        return status;
    }
    basin_chain_weights *w = NULL;
    BASIN_TRY(basin_chain_weights_read(&w, ctx, data, size, error));
    basin_status status = basin_chain_model_from_weights(out, ctx, w, error);
    if (status == BASIN_OK && w->source == BASIN_WEIGHTS_CRFSUITE)
        (*out)->format = BASIN_CORPUS_ATTRIBUTES;
    else if (status == BASIN_OK)
        (*out)->format = w->tmpl ? BASIN_CORPUS_COLUMNS : BASIN_CORPUS_FIND;
    basin_chain_weights_destroy(w);
    return status;
}
