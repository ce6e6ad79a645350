/* SPDX-License-Identifier: MIT
 *
 * For the tests of labelled sequences: a corpus with its dictionaries, and the
 * whole of it as one text that can be compared.
 */
#ifndef BASIN_TEST_CORPUS_H
#define BASIN_TEST_CORPUS_H

#include "test_data.h"

#include "basin/corpus.h"

/** A corpus and what it is read with. */
typedef struct reading {
    basin_context *ctx;
    basin_corpus_def def;
    basin_template *tmpl;
    basin_corpus *corpus;
} reading;

/** Open; `tmpl` may be NULL. */
static inline basin_status reading_open(
    reading *r, basin_context *ctx, const char *tmpl, basin_error *error)
{
    *r = (reading){.ctx = ctx, .def = basin_corpus_default()};
    BASIN_TRY(basin_dictionary_create(&r->def.labels, ctx, error));
    BASIN_TRY(basin_dictionary_create(&r->def.nodes, ctx, error));
    BASIN_TRY(basin_dictionary_create(&r->def.edges, ctx, error));
    if (tmpl)
        BASIN_TRY(basin_template_read(
            &r->tmpl, ctx, tmpl, strlen(tmpl), BASIN_DIALECT_FIND, error));
    r->def.tmpl = r->tmpl;
    return BASIN_OK;
}

/** Read a text, from a block of just its size. */
static inline basin_status reading_take(
    reading *r, const char *text, size_t size, basin_error *error)
{
    if (!r->corpus)
        BASIN_TRY(basin_corpus_create(&r->corpus, r->ctx, &r->def, error));
    char *copy = malloc(size ? size : 1);
    memcpy(copy, text, size);
    basin_status status = basin_corpus_read(r->corpus, copy, size, error);
    free(copy);
    return status;
}

static inline void reading_close(reading *r)
{
    basin_corpus_destroy(r->corpus);
    basin_template_destroy(r->tmpl);
    basin_dictionary_destroy(r->def.labels);
    basin_dictionary_destroy(r->def.nodes);
    basin_dictionary_destroy(r->def.edges);
}

static inline void show_rows(basin_bytes *out, const basin_attributes *a,
    const basin_dictionary *names, int64_t position, const char *before)
{
    basin_error error = {0};
    if (!a->start)
        return;
    for (int64_t i = a->start[position]; i < a->start[position + 1]; i++) {
        const char *name = basin_dictionary_name(names, a->id[i], NULL);
        assert_ok(
            basin_bytes_print(out, &error, " %s%s", before, name), &error);
        if (a->value && a->value[i] != 1.0f)
            assert_ok(
                basin_bytes_print(out, &error, "=%g", (double)a->value[i]),
                &error);
    }
}

/** "A x y=2 >edge;B z|C w|": ; after a position, | after a sequence. Free
 *  with basin_bytes_finish. */
static inline void reading_show(basin_bytes *out, const reading *r)
{
    basin_error error = {0};
    basin_bytes_init(out, r->ctx);
    const basin_sequences *s = &r->corpus->sequences;
    for (int32_t n = 0; n < s->n; n++) {
        for (int64_t p = s->start[n]; p < s->start[n + 1]; p++) {
            int32_t label = s->label ? s->label[p] : -1;
            const char *name =
                label < 0 ? "?"
                          : basin_dictionary_name(r->def.labels, label, NULL);
            if (p > s->start[n])
                basin_bytes_append(out, ";", 1, &error);
            assert_ok(basin_bytes_print(out, &error, "%s", name), &error);
            show_rows(out, &s->node, r->def.nodes, p, "");
            show_rows(out, &s->edge, r->def.edges, p, ">");
        }
        if (r->corpus->weight && r->corpus->weight[n] != 1.0f)
            basin_bytes_print(out, &error, "*%g", (double)r->corpus->weight[n]);
        basin_bytes_append(out, "|", 1, &error);
    }
    assert_ok(basin_bytes_append(out, "", 1, &error), &error);
}

#endif
