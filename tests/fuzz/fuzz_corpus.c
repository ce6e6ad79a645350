/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of labelled sequences. The input is a template, a NUL byte and the
 * text, or the text alone. No input may break the reader; what it gives must
 * hold together; and what can be written as attributes must read back and be
 * written the same.
 */
#include "fuzz.h"

#include "basin/corpus.h"

static void open_names(basin_corpus_def *def, basin_context *ctx)
{
    FUZZ_CHECK(basin_dictionary_create(&def->labels, ctx, NULL) == BASIN_OK);
    FUZZ_CHECK(basin_dictionary_create(&def->nodes, ctx, NULL) == BASIN_OK);
    FUZZ_CHECK(basin_dictionary_create(&def->edges, ctx, NULL) == BASIN_OK);
}

static void close_names(basin_corpus_def *def)
{
    basin_dictionary_destroy(def->labels);
    basin_dictionary_destroy(def->nodes);
    basin_dictionary_destroy(def->edges);
}

static void check_rows(const basin_attributes *a, int64_t positions)
{
    if (!a->start)
        return;
    FUZZ_CHECK(a->start[0] == 0);
    for (int64_t p = 0; p < positions; p++)
        FUZZ_CHECK(a->start[p] <= a->start[p + 1]);
    for (int64_t i = 0; i < a->start[positions]; i++) {
        FUZZ_CHECK(a->id[i] >= 0 && a->id[i] < a->count);
        FUZZ_CHECK(!a->value || a->value[i] - a->value[i] == 0.0f);
    }
}

static void check_corpus(const basin_corpus *c, size_t size)
{
    const basin_sequences *s = &c->sequences;
    FUZZ_CHECK(s->start[0] == 0 && s->start[s->n] == s->positions);
    for (int32_t n = 0; n < s->n; n++)
        FUZZ_CHECK(s->start[n] < s->start[n + 1]);
    for (int64_t p = 0; p < s->positions; p++) {
        FUZZ_CHECK(c->offset[p] >= 0 && (size_t)c->offset[p] < size);
        FUZZ_CHECK(!s->label || s->label[p] < s->n_labels);
    }
    check_rows(&s->node, s->positions);
    check_rows(&s->edge, s->positions);
}

static void check_written(basin_context *ctx, const basin_corpus *c)
{
    basin_bytes out, again;
    basin_bytes_init(&out, ctx);
    basin_bytes_init(&again, ctx);
    if (basin_corpus_write(&out, c, NULL) == BASIN_OK) {
        basin_corpus_def def = basin_corpus_default();
        basin_corpus *back;
        open_names(&def, ctx);
        def.format = BASIN_CORPUS_ATTRIBUTES;
        FUZZ_CHECK(basin_corpus_create(&back, ctx, &def, NULL) == BASIN_OK);
        FUZZ_CHECK(
            basin_corpus_read(back, out.data, out.size, NULL) == BASIN_OK);
        FUZZ_CHECK(back->sequences.n == c->sequences.n);
        FUZZ_CHECK(back->sequences.positions == c->sequences.positions);
        FUZZ_CHECK(basin_corpus_write(&again, back, NULL) == BASIN_OK);
        FUZZ_CHECK(out.size == again.size &&
                   (!out.size || !memcmp(out.data, again.data, out.size)));
        basin_corpus_destroy(back);
        close_names(&def);
    }
    basin_bytes_finish(&out);
    basin_bytes_finish(&again);
}

static void read_as(basin_context *ctx, const basin_corpus_def *from,
    const char *text, size_t size)
{
    basin_corpus_def def = *from;
    basin_error error = {0};
    basin_corpus *c;
    open_names(&def, ctx);
    FUZZ_CHECK(basin_corpus_create(&c, ctx, &def, &error) == BASIN_OK);
    basin_status status = basin_corpus_read(c, text, size, &error);
    fuzz_error(status, &error);
    check_corpus(c, size);
    size_t whole = basin_corpus_whole(c, text, size);
    FUZZ_CHECK(whole <= size);
    if (status == BASIN_OK) {
        check_written(ctx, c);
        /* once more, when all names are known: nothing new comes */
        int32_t nodes = c->sequences.node.count;
        basin_corpus_clear(c);
        basin_corpus_destroy(c);
        def.frozen = def.frozen_labels = true;
        FUZZ_CHECK(basin_corpus_create(&c, ctx, &def, NULL) == BASIN_OK);
        status = basin_corpus_read(c, text, size, &error);
        FUZZ_CHECK(status == BASIN_OK || status == BASIN_E_FORMAT);
        check_corpus(c, size);
        FUZZ_CHECK(c->unknown == 0 || status != BASIN_OK ||
                   c->format == BASIN_CORPUS_ATTRIBUTES);
        FUZZ_CHECK(c->sequences.node.count == nodes);
    }
    basin_corpus_destroy(c);
    close_names(&def);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    basin_context *ctx = fuzz_open();
    basin_corpus_def def = basin_corpus_default();
    const char *text = (const char *)data;
    const char *zero = size ? memchr(text, 0, size) : NULL;
    size_t head = zero ? (size_t)(zero - text) : 0;
    basin_template *t = NULL;
    if (zero && basin_template_read(&t, ctx, text, head, BASIN_DIALECT_FIND,
                    NULL) == BASIN_OK) {
        def.tmpl = t;
        read_as(ctx, &def, zero + 1, size - head - 1);
        def.unlabelled = true;
        read_as(ctx, &def, zero + 1, size - head - 1);
    } else {
        read_as(ctx, &def, text, size);
        def.format = BASIN_CORPUS_ATTRIBUTES;
        read_as(ctx, &def, text, size);
        def.format = BASIN_CORPUS_FEATURES;
        read_as(ctx, &def, text, size);
        def.format = BASIN_CORPUS_FIND;
        def.dense = 2;
        read_as(ctx, &def, text, size);
    }
    basin_template_destroy(t);
    basin_context_destroy(ctx);
    return 0;
}
