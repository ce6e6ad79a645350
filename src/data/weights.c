/* SPDX-License-Identifier: MIT
 *
 * Lists of weights: their life, and how a model finds its reader.
 */
#include "data/weights.h"

#include "data/weights_crfpp.h"

#include <math.h>
#include <string.h>

typedef struct grown {
    basin_chain_weights open; /* first: what the user sees */
    basin_context *ctx;
    basin_bytes node, transition, edge; /* basin_chain_weight */
} grown;

static void publish(grown *g)
{
    const size_t one = sizeof(basin_chain_weight);
    g->open.node = (const basin_chain_weight *)(const void *)g->node.data;
    g->open.n_node = (int64_t)(g->node.size / one);
    g->open.transition =
        (const basin_chain_weight *)(const void *)g->transition.data;
    g->open.n_transition = (int64_t)(g->transition.size / one);
    g->open.edge = (const basin_chain_weight *)(const void *)g->edge.data;
    g->open.n_edge = (int64_t)(g->edge.size / one);
}

static basin_status open_dictionaries(
    basin_chain_weights *w, basin_context *ctx, basin_error *error)
{
    BASIN_TRY(basin_dictionary_create(&w->labels, ctx, error));
    BASIN_TRY(basin_dictionary_create(&w->nodes, ctx, error));
    return basin_dictionary_create(&w->edges, ctx, error);
}

basin_status basin_chain_weights_create(
    basin_chain_weights **out, basin_context *ctx, basin_error *error)
{
    *out = NULL;
    grown *g = basin_alloc(ctx, sizeof *g);
    BASIN_REQUIRE(
        g, error, BASIN_E_MEMORY, "out of memory for the weights of a chain");
    g->ctx = ctx;
    basin_bytes_init(&g->node, ctx);
    basin_bytes_init(&g->transition, ctx);
    basin_bytes_init(&g->edge, ctx);
    basin_status status = open_dictionaries(&g->open, ctx, error);
    if (status != BASIN_OK) {
        basin_chain_weights_destroy(&g->open);
        return status;
    }
    *out = &g->open;
    return BASIN_OK;
}

void basin_chain_weights_destroy(basin_chain_weights *weights)
{
    if (!weights)
        return;
    grown *g = (grown *)weights;
    basin_dictionary_destroy(weights->labels);
    basin_dictionary_destroy(weights->nodes);
    basin_dictionary_destroy(weights->edges);
    basin_template_destroy(weights->tmpl);
    basin_bytes_finish(&g->node);
    basin_bytes_finish(&g->transition);
    basin_bytes_finish(&g->edge);
    basin_free(g->ctx, g, sizeof *g);
}

basin_status basin_chain_weights_add(
    basin_chain_weights *weights, basin_chain_weight weight, basin_error *error)
{
    grown *g = (grown *)weights;
    bool node = weight.from < 0, transition = weight.attribute < 0;
    int32_t labels = basin_dictionary_count(weights->labels);
    int32_t attributes =
        basin_dictionary_count(node ? weights->nodes : weights->edges);
    BASIN_REQUIRE(!(node && transition), error, BASIN_E_RANGE,
        "a weight needs an attribute, a label before, or both");
    BASIN_REQUIRE(
        weight.label >= 0 && weight.label < labels && weight.from < labels,
        error, BASIN_E_RANGE, "there are %d labels, but a weight has %d and %d",
        labels, weight.from, weight.label);
    BASIN_REQUIRE(weight.attribute < attributes, error, BASIN_E_RANGE,
        "there are %d attributes, but a weight has %d", attributes,
        weight.attribute);
    BASIN_REQUIRE(isfinite(weight.value), error, BASIN_E_NONFINITE,
        "a weight is not finite");
    basin_bytes *list = node         ? &g->node
                        : transition ? &g->transition
                                     : &g->edge;
    BASIN_TRY(basin_bytes_append(list, &weight, sizeof weight, error));
    publish(g);
    return BASIN_OK;
}

basin_status basin_chain_weights_template(basin_chain_weights *weights,
    const basin_template *tmpl, basin_error *error)
{
    basin_template *copy = NULL;
    size_t size;
    if (tmpl) {
        const char *text = basin_template_text(tmpl, &size);
        BASIN_TRY(basin_template_read(
            &copy, tmpl->ctx, text, size, basin_template_dialect(tmpl), error));
    }
    basin_template_destroy(weights->tmpl);
    weights->tmpl = copy;
    return BASIN_OK;
}

/* ------------------------------------------------- what the readers share */

basin_context *basin__model_context(const basin__model *m)
{
    return ((const grown *)m->w)->ctx;
}

bool basin__model_line(basin__model *m)
{
    if (m->at >= m->size)
        return false;
    m->line = m->data + m->at;
    const char *end = memchr(m->line, '\n', m->size - m->at);
    m->length = end ? (size_t)(end - m->line) : m->size - m->at;
    m->at += m->length + 1;
    if (m->length > 0 && m->line[m->length - 1] == '\r')
        m->length--;
    m->number += m->number < INT32_MAX;
    return true;
}

basin_status basin__model_at(
    const basin__model *m, size_t byte, basin_status status)
{
    basin_error_place(m->error, NULL, m->number,
        byte < INT32_MAX ? (int)byte + 1 : INT32_MAX);
    return status;
}

basin_status basin__model_ended(const basin__model *m, const char *what)
{
    if (m->at > m->size)
        return BASIN__REFUSE(m, m->length,
            "%s is cut off: this line should have an end, and is the last",
            what);
    return BASIN_OK;
}

basin_status basin__model_name(
    basin__model *m, basin_dictionary *d, const char *name, size_t length)
{
    int32_t id, before = basin_dictionary_count(d);
    char quote[BASIN__QUOTE];
    BASIN_REQUIRE(!length || !memchr(name, 0, length), m->error, BASIN_E_FORMAT,
        "the name '%s' has a NUL byte in it",
        basin__quote(quote, name, length));
    BASIN_TRY(basin_dictionary_add(&id, d, name, length, m->error));
    BASIN_REQUIRE(id == before, m->error, BASIN_E_FORMAT,
        "the name '%s' is there twice", basin__quote(quote, name, length));
    return BASIN_OK;
}

bool basin__model_number(
    const char *text, size_t length, int64_t most, int64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || *out > most / 10)
            return false;
        *out = *out * 10 + (text[i] - '0');
    }
    return length > 0 && *out <= most;
}

bool basin__model_value(const char *text, size_t length, double *out)
{
    /* more digits than any weight has are a mistake that costs time */
    return length > 0 && length < 1100 &&
           basin_parse_number(out, text, length) == length && isfinite(*out);
}

basin_status basin__model_template(basin__model *m, const char *text,
    size_t size, basin_dialect dialect, int line)
{
    basin_template *t;
    basin_status status = basin_template_read(
        &t, basin__model_context(m), text, size, dialect, m->error);
    if (status == BASIN_E_FORMAT && m->error)
        basin_error_place(m->error, NULL,
            line + (m->error->line > 0 ? m->error->line - 1 : 0),
            m->error->column);
    BASIN_TRY(status);
    basin_template_destroy(m->w->tmpl);
    m->w->tmpl = t;
    return BASIN_OK;
}

bool basin__model_is_plain(
    const basin__model *m, const char *name, size_t length)
{
    const basin_template *t = m->w->tmpl;
    for (int32_t i = 0; t && i < t->n; i++) {
        const basin__pattern *p = basin__template_patterns(t) + i;
        if (!p->plain)
            continue;
        const basin__piece *piece =
            (const basin__piece *)(const void *)t->pieces.data + p->first;
        return piece->length == length &&
               !memcmp(t->text.data + piece->begin, name, length);
    }
    return false;
}

/* ----------------------------------------------------------------- reading */

static bool begins(const basin__model *m, const char *with)
{
    size_t length = strlen(with);
    return m->size >= length && !memcmp(m->data, with, length);
}

static basin_status read_model(basin__model *m)
{
    if (begins(m, "lCRF"))
        return basin__crfsuite_read(m);
    if (begins(m, "version:"))
        return basin__crfpp_read(m);
    if (begins(m, "#mdl#"))
        return basin__wapiti_read(m);
    if (begins(m, "basin-chain"))
        return basin__weights_text_read(m);
    /* the version, 100, and the type, 0 */
    if (m->size >= 8 && !memcmp(m->data, "d\0\0\0\0\0\0\0", 8))
        return basin__crfpp_read_binary(m);
    return basin_error_set(m->error, BASIN_E_FORMAT,
        "%s; a model of CRFsuite, of CRF++, of Wapiti or a dump of "
        "basin chain is expected",
        m->size ? "the file does not begin like any model" : "it is empty");
}

basin_status basin_chain_weights_read(basin_chain_weights **out,
    basin_context *ctx, const void *data, size_t size, basin_error *error)
{
    BASIN_TRY(basin_chain_weights_create(out, ctx, error));
    basin__model m = {.w = *out, .data = data, .size = size, .error = error};
    basin_status status = read_model(&m);
    if (status != BASIN_OK) {
        basin_chain_weights_destroy(*out);
        *out = NULL;
    }
    return status;
}
