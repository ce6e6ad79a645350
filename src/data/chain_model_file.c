/* SPDX-License-Identifier: MIT
 *
 * Our files of trained chains: safetensors, with the tensors
 *
 *     w                        F64  weights, in the order of the features
 *     node.table               U32  the attributes' names (data/name_table.h);
 *                                   none in files of earlier versions
 *     node.count, node.label   I32  features of each attribute; their labels
 *     transition               I32  label before * labels + label
 *     edge.count, edge.pair    I32  as node's, with pairs
 *     labels, nodes, edges     U8   names, each ending in NUL
 *
 * and in the metadata the format's number and the template. A net adds its
 * description to the metadata, and its tensors as net.NAME, F32.
 */
#include "data/chain_model.h"
#include "data/name_table.h"
#include "data/safetensors.h"
#include "data/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    W = BASIN__CHAIN_W,
    NODE_TABLE = BASIN__CHAIN_NODE_TABLE,
    NODE_COUNT = BASIN__CHAIN_NODE_COUNT,
    NODE_LABEL = BASIN__CHAIN_NODE_LABEL,
    STEP = BASIN__CHAIN_STEP,
    EDGE_COUNT = BASIN__CHAIN_EDGE_COUNT,
    EDGE_PAIR = BASIN__CHAIN_EDGE_PAIR,
    LABELS = BASIN__CHAIN_LABELS,
    NODES = BASIN__CHAIN_NODES,
    EDGES = BASIN__CHAIN_EDGES,
    TENSORS = BASIN__CHAIN_TENSORS
};

static const struct {
    const char *name, *type;
    size_t item;
} tensors[TENSORS] = {{"w", "F64", 8}, {"node.table", "U32", 4},
    {"node.count", "I32", 4}, {"node.label", "I32", 4},
    {"transition", "I32", 4}, {"edge.count", "I32", 4}, {"edge.pair", "I32", 4},
    {"labels", "U8", 1}, {"nodes", "U8", 1}, {"edges", "U8", 1}};

static const char *const formats[] = {"find", "attributes", "columns",
    "features", "numbers", "letters", "arrays"};
enum { FORMATS = sizeof formats / sizeof *formats };
static const char *const dialects[] = {"find", "crfpp", "wapiti"};

#define KEY_FORMAT   "basin.chain"
#define KEY_DATA     "data"
#define KEY_DIALECT  "dialect"
#define KEY_TEMPLATE "template"

/* ----------------------------------------------------------------- writing */

static basin_status put(
    basin_bytes *out, uint64_t bits, size_t item, basin_error *error)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < item; i++)
        bytes[i] = (unsigned char)(bits >> (8 * i));
    return basin_bytes_append(out, bytes, item, error);
}

static basin_status put_count(
    basin_bytes *out, int32_t row, int32_t value, basin_error *error)
{
    while (out->size / 4 <= (size_t)row)
        BASIN_TRY(put(out, 0, 4, error));
    for (int i = 0; i < 4; i++)
        out->data[(size_t)row * 4 + i] =
            (unsigned char)((uint32_t)value >> (8 * i));
    return BASIN_OK;
}

/* Fill the tensors of features with those whose weight is not 0. */
static basin_status put_features(
    basin_bytes *b, const basin_chain_model *m, basin_error *error)
{
    const basin_chain_info *info = basin_chain_describe(m->chain);
    const double *w = basin_chain_params(m->chain);
    int32_t owner = -1, count = 0;
    bool edge = false;
    const size_t features = info->n_params - (size_t)info->net_params;
    for (size_t i = 0; i < features; i++) {
        BASIN_REQUIRE(isfinite(w[i]), error, BASIN_E_NONFINITE,
            "weight %zu of the chain is %g", i, w[i]);
        if (w[i] == 0)
            continue;
        const basin_chain_feature f = basin_chain_feature_at(m->chain, i);
        uint64_t bits;
        memcpy(&bits, &w[i], sizeof bits);
        BASIN_TRY(put(&b[W], bits, 8, error));
        const int32_t pair =
            f.before < 0 ? f.label : f.before * info->labels + f.label;
        const int list = f.edge ? EDGE_PAIR : f.before < 0 ? NODE_LABEL : STEP;
        BASIN_TRY(put(&b[list], (uint64_t)pair, 4, error));
        if (f.attribute < 0)
            continue;
        count = owner == f.attribute && edge == f.edge ? count + 1 : 1;
        owner = f.attribute;
        edge = f.edge;
        BASIN_TRY(
            put_count(&b[edge ? EDGE_COUNT : NODE_COUNT], owner, count, error));
    }
    if (info->attributes > 0 &&
        b[NODE_COUNT].size < (size_t)info->attributes * 4)
        BASIN_TRY(put_count(&b[NODE_COUNT], info->attributes - 1, 0, error));
    if (info->edge_attributes > 0 &&
        b[EDGE_COUNT].size < (size_t)info->edge_attributes * 4)
        BASIN_TRY(
            put_count(&b[EDGE_COUNT], info->edge_attributes - 1, 0, error));
    return BASIN_OK;
}

static basin_status put_names(
    basin_bytes *out, const basin_dictionary *names, basin_error *error)
{
    size_t size;
    const char *text = basin_dictionary_text(names, &size);
    return basin_bytes_append(out, text, size, error);
}

/* The table that a scorer looks into; it reads no attributes of edges. */
static basin_status put_table(
    basin_bytes *b, const basin_chain_model *m, basin_error *error)
{
    const size_t names = b[NODE_COUNT].size / 4;
    const size_t slots = basin__name_table_slots(names);
    if (!names || b[EDGES].size || basin_chain_net(m->chain) ||
        b[NODES].size >= UINT32_MAX || b[NODE_LABEL].size / 4 >= UINT32_MAX / 2)
        return BASIN_OK;
    basin_bytes *table = &b[NODE_TABLE];
    BASIN_TRY(basin__bytes_reserve(table, slots * BASIN__NAME_SLOT, error));
    table->size = slots * BASIN__NAME_SLOT;
    memset(table->data, 0, table->size);
    return basin__name_table_fill((char *)table->data, slots,
        (const char *)b[NODES].data, b[NODES].size,
        (const char *)b[NODE_COUNT].data, names, b[NODE_LABEL].size / 4, error);
}

static void fill_list(basin__tensor *list, const basin_bytes *b)
{
    for (int i = 0; i < TENSORS; i++) {
        basin_format(list[i].name, sizeof list[i].name, "%s", tensors[i].name);
        list[i].type = tensors[i].type;
        list[i].item = tensors[i].item;
        list[i].bytes = b[i].data;
        list[i].count = b[i].size / tensors[i].item;
        list[i].n_dims = 1;
        list[i].dims[0] = (int64_t)list[i].count;
    }
}

/* @param net its description, or empty  @param more its tensors */
static basin_status write_file(basin_bytes *out, const basin_bytes *b,
    const basin_chain_model *m, const basin_bytes *net,
    const basin__tensors *more, basin_error *error)
{
    basin__meta metas[5] = {{KEY_FORMAT, "1"}, {KEY_DATA, formats[m->format]}};
    int n = 2;
    if (m->tmpl) {
        size_t size;
        metas[n++] = (basin__meta){
            KEY_DIALECT, dialects[basin_template_dialect(m->tmpl)]};
        metas[n++] =
            (basin__meta){KEY_TEMPLATE, basin_template_text(m->tmpl, &size)};
    }
    if (net->size)
        metas[n++] =
            (basin__meta){BASIN__CHAIN_NET_KEY, (const char *)net->data};
    const size_t count = TENSORS + more->n,
                 bytes = count * sizeof(basin__tensor);
    basin__tensor *list = basin_alloc(m->ctx, bytes);
    BASIN_REQUIRE(list, error, BASIN_E_MEMORY, "no memory to write a model");
    fill_list(list, b);
    if (more->n)
        memcpy(list + TENSORS, more->at, more->n * sizeof *list);
    basin_status status =
        basin__safetensors_write(out, metas, n, list, count, error);
    basin_free(m->ctx, list, bytes);
    return status;
}

static basin_status write_all(basin_bytes *out, basin_bytes *b,
    const basin_chain_model *m, basin_error *error)
{
    BASIN_TRY(put_features(b, m, error));
    BASIN_TRY(put_names(&b[LABELS], m->labels, error));
    BASIN_TRY(put_names(&b[NODES], m->nodes, error));
    BASIN_TRY(put_names(&b[EDGES], m->edges, error));
    BASIN_TRY(put_table(b, m, error));
    basin_energy *net = basin_chain_net(m->chain);
    basin__tensors more = {.ctx = m->ctx};
    basin_bytes text;
    basin_bytes_init(&text, m->ctx);
    basin_status status =
        net ? basin__chain_net_list(&text, &more, net, error) : BASIN_OK;
    if (status == BASIN_OK)
        status = write_file(out, b, m, &text, &more, error);
    basin__tensors_finish(&more);
    basin_bytes_finish(&text);
    return status;
}

basin_status basin_chain_model_write(
    basin_bytes *out, const basin_chain_model *m, basin_error *error)
{
    const size_t before = out->size;
    basin_bytes b[TENSORS];
    for (int i = 0; i < TENSORS; i++)
        basin_bytes_init(&b[i], m->ctx);
    basin_status status = write_all(out, b, m, error);
    for (int i = 0; i < TENSORS; i++)
        basin_bytes_finish(&b[i]);
    if (status != BASIN_OK)
        out->size = before;
    return status;
}

/* ----------------------------------------------------------------- reading */

typedef struct reading {
    basin_context *ctx;
    basin_chain_model *m;
    basin_stored stored[TENSORS];
    char *text; /* the template */
    size_t text_size;
    basin_bytes net; /* its description, ending in NUL; empty: there is none */
    basin_dialect dialect;
    bool ours;
} reading;

static int word_in(const char *word, const char *const *words, int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return -1;
}

static basin_status take_meta(
    void *user, const char *key, const char *value, basin_error *error)
{
    reading *r = user;
    if (strcmp(key, KEY_FORMAT) == 0) {
        BASIN_REQUIRE(strcmp(value, "1") == 0, error, BASIN_E_FORMAT,
            "this chain is of format %.20s; this program reads format 1",
            value);
        r->ours = true;
    } else if (strcmp(key, KEY_DATA) == 0) {
        const int i = word_in(value, formats, FORMATS);
        BASIN_REQUIRE(i >= 0, error, BASIN_E_FORMAT,
            "'%.20s' is no format of data", value);
        r->m->format = (basin_corpus_format)i;
    } else if (strcmp(key, KEY_DIALECT) == 0) {
        const int i = word_in(value, dialects, 3);
        BASIN_REQUIRE(i > 0, error, BASIN_E_FORMAT,
            "'%.20s' is no language of templates", value);
        r->dialect = (basin_dialect)i;
    } else if (strcmp(key, BASIN__CHAIN_NET_KEY) == 0) {
        BASIN_REQUIRE(
            r->net.size == 0, error, BASIN_E_FORMAT, "there are two nets");
        return basin_bytes_append(&r->net, value, strlen(value) + 1, error);
    } else if (strcmp(key, KEY_TEMPLATE) == 0) {
        BASIN_REQUIRE(
            !r->text, error, BASIN_E_FORMAT, "there are two templates");
        r->text_size = strlen(value) + 1;
        r->text = basin_alloc(r->ctx, r->text_size);
        BASIN_REQUIRE(
            r->text, error, BASIN_E_MEMORY, "no memory for a template");
        memcpy(r->text, value, r->text_size);
    }
    return BASIN_OK;
}

static basin_status take_tensor(
    void *user, const basin_stored *stored, basin_error *error)
{
    reading *r = user;
    for (int i = 0; i < TENSORS; i++) {
        if (strcmp(stored->name, tensors[i].name) != 0)
            continue;
        BASIN_REQUIRE(strcmp(stored->type, tensors[i].type) == 0, error,
            BASIN_E_FORMAT, "tensor '%s' is of type %s, not %s", stored->name,
            stored->type, tensors[i].type);
        r->stored[i] = *stored;
    }
    return BASIN_OK;
}

static size_t count_of(const reading *r, int tensor)
{
    return r->stored[tensor].size / tensors[tensor].item;
}

static uint64_t get(const reading *r, int tensor, size_t i)
{
    const size_t item = tensors[tensor].item;
    const unsigned char *p = r->stored[tensor].data + i * item;
    uint64_t bits = 0;
    for (size_t k = 0; k < item; k++)
        bits |= (uint64_t)p[k] << (8 * k);
    return bits;
}

static basin_status read_names(
    basin_dictionary **out, const reading *r, int tensor, basin_error *error)
{
    return basin_dictionary_restore(out, r->ctx,
        (const char *)r->stored[tensor].data, r->stored[tensor].size, error);
}

/* Starts from counts, and the list beside them. */
static basin_status read_rows(const reading *r, int counts, int items,
    int32_t rows, int64_t *start, int32_t *list, basin_error *error)
{
    BASIN_REQUIRE(count_of(r, counts) == (size_t)rows, error, BASIN_E_FORMAT,
        "'%s' has %zu numbers for %d names", tensors[counts].name,
        count_of(r, counts), rows);
    const int64_t n = (int64_t)count_of(r, items);
    for (int32_t i = 0; i < rows; i++) {
        const int64_t count = (int32_t)(uint32_t)get(r, counts, (size_t)i);
        BASIN_REQUIRE(count >= 0 && start[i] + count <= n, error,
            BASIN_E_FORMAT, "'%s' counts more than there is in '%s'",
            tensors[counts].name, tensors[items].name);
        start[i + 1] = start[i] + count;
    }
    BASIN_REQUIRE(start[rows] == n, error, BASIN_E_FORMAT,
        "'%s' counts less than there is in '%s'", tensors[counts].name,
        tensors[items].name);
    for (int64_t i = 0; i < n; i++)
        list[i] = (int32_t)(uint32_t)get(r, items, (size_t)i);
    return BASIN_OK;
}

typedef struct read_lists {
    int64_t *node_start, *edge_start;
    int32_t *node, *step, *edge;
    basin_energy *net;
} read_lists;

/* What `l` says, filled; its net is the caller's until the chain has it. */
static basin_status read_chain(reading *r, read_lists *l, basin_error *error)
{
    const int32_t nodes = basin_dictionary_count(r->m->nodes);
    const int32_t edges = basin_dictionary_count(r->m->edges);
    const size_t steps = count_of(r, STEP);
    BASIN_TRY(read_rows(
        r, NODE_COUNT, NODE_LABEL, nodes, l->node_start, l->node, error));
    BASIN_TRY(read_rows(
        r, EDGE_COUNT, EDGE_PAIR, edges, l->edge_start, l->edge, error));
    for (size_t i = 0; i < steps; i++)
        l->step[i] = (int32_t)(uint32_t)get(r, STEP, i);
    const basin_chain_lists lists = {
        .labels = basin_dictionary_count(r->m->labels),
        .attributes = nodes,
        .edge_attributes = edges,
        .node_start = l->node_start,
        .node_label = l->node,
        .n_transitions = (int64_t)steps,
        .transition = l->step,
        .edge_start = edges ? l->edge_start : NULL,
        .edge_pair = l->edge,
        .net = l->net};
    l->net = NULL;
    BASIN_TRY(basin_chain_from_lists(&r->m->chain, r->ctx, &lists, error));
    const basin_chain_info *info = basin_chain_describe(r->m->chain);
    const size_t n = info->n_params - (size_t)info->net_params;
    BASIN_REQUIRE(count_of(r, W) == n, error, BASIN_E_FORMAT,
        "there are %zu weights for %zu features", count_of(r, W), n);
    double *w = basin_chain_params(r->m->chain);
    for (size_t i = 0; i < n; i++) {
        const uint64_t bits = get(r, W, i);
        memcpy(&w[i], &bits, sizeof bits);
        BASIN_REQUIRE(isfinite(w[i]), error, BASIN_E_NONFINITE,
            "weight %zu of the chain is not finite", i);
    }
    basin_chain_changed(r->m->chain);
    return BASIN_OK;
}

static basin_status read_lists_and_chain(
    reading *r, basin_energy *net, basin_error *error)
{
    const size_t sizes[5] = {
        ((size_t)basin_dictionary_count(r->m->nodes) + 1) * sizeof(int64_t),
        ((size_t)basin_dictionary_count(r->m->edges) + 1) * sizeof(int64_t),
        (count_of(r, NODE_LABEL) + 1) * sizeof(int32_t),
        (count_of(r, STEP) + 1) * sizeof(int32_t),
        (count_of(r, EDGE_PAIR) + 1) * sizeof(int32_t)};
    void *block[5];
    bool good = true;
    for (int i = 0; i < 5; i++)
        good = (block[i] = basin_alloc(r->ctx, sizes[i])) && good;
    read_lists l = {block[0], block[1], block[2], block[3], block[4], net};
    basin_status status = good ? read_chain(r, &l, error)
                               : basin_error_set(error, BASIN_E_MEMORY,
                                     "no memory for a chain's features");
    basin_energy_destroy(l.net);
    for (int i = 0; i < 5; i++)
        basin_free(r->ctx, block[i], block[i] ? sizes[i] : 0);
    /* what does not fit in the file is the file's fault */
    const bool misfit = status == BASIN_E_RANGE || status == BASIN_E_SHAPE;
    return misfit && error ? (error->code = BASIN_E_FORMAT) : status;
}

/* All but the features and their names. */
static basin_status open_model(
    reading *r, const void *data, size_t size, basin_error *error)
{
    BASIN_TRY(basin__chain_model_init(&r->m, r->ctx, error));
    BASIN_TRY(
        basin_safetensors_walk(data, size, take_tensor, take_meta, r, error));
    BASIN_REQUIRE(
        r->ours, error, BASIN_E_FORMAT, "this safetensors file holds no chain");
    for (int i = 0; i < TENSORS; i++)
        BASIN_REQUIRE(r->stored[i].data || i == NODE_TABLE, error,
            BASIN_E_FORMAT, "the tensor '%s' is missing", tensors[i].name);
    BASIN_TRY(read_names(&r->m->labels, r, LABELS, error));
    if (r->text)
        BASIN_TRY(basin_template_read(
            &r->m->tmpl, r->ctx, r->text, r->text_size - 1, r->dialect, error));
    BASIN_REQUIRE(r->m->tmpl || r->m->format != BASIN_CORPUS_COLUMNS, error,
        BASIN_E_FORMAT, "the template is missing");
    return BASIN_OK;
}

static basin_status read_model(
    reading *r, const void *data, size_t size, basin_error *error)
{
    BASIN_TRY(open_model(r, data, size, error));
    BASIN_TRY(read_names(&r->m->nodes, r, NODES, error));
    BASIN_TRY(read_names(&r->m->edges, r, EDGES, error));
    basin_energy *net = NULL;
    if (r->net.size)
        BASIN_TRY(basin__chain_net_read(
            &net, r->ctx, (const char *)r->net.data, data, size, error));
    return read_lists_and_chain(r, net, error);
}

basin_status basin__chain_file_open(basin__chain_file *out, basin_context *ctx,
    const void *data, size_t size, basin_error *error)
{
    reading r = {.ctx = ctx};
    basin_bytes_init(&r.net, ctx);
    basin_status status = open_model(&r, data, size, error);
    out->net = r.net.size > 0;
    basin_free(ctx, r.text, r.text_size);
    basin_bytes_finish(&r.net);
    if (status == BASIN_OK)
        status = basin_dictionary_create(&r.m->nodes, ctx, error);
    if (status == BASIN_OK)
        status = basin_dictionary_create(&r.m->edges, ctx, error);
    if (status != BASIN_OK) {
        basin_chain_model_destroy(r.m);
        return status;
    }
    out->m = r.m;
    for (int i = 0; i < TENSORS; i++)
        out->numbers[i] = (basin__chain_numbers){
            (const char *)r.stored[i].data, count_of(&r, i)};
    return BASIN_OK;
}

bool basin__chain_model_is_ours(const void *data, size_t size)
{
    /* a safetensors header: eight bytes of its length, then its brace */
    const unsigned char *p = data;
    return size > 8 && p[8] == '{' && p[7] == 0;
}

basin_status basin__chain_model_read_ours(basin_chain_model **out,
    basin_context *ctx, const void *data, size_t size, basin_error *error)
{
    reading r = {.ctx = ctx};
    basin_bytes_init(&r.net, ctx);
    basin_status status = read_model(&r, data, size, error);
    basin_free(ctx, r.text, r.text_size);
    basin_bytes_finish(&r.net);
    if (status != BASIN_OK) {
        basin_chain_model_destroy(r.m);
        return status;
    }
    *out = r.m;
    return BASIN_OK;
}
