/* SPDX-License-Identifier: MIT
 *
 * A corpus: its life, how it grows, and how a text finds its reader. When a
 * text is refused the corpus is cut back to what it was.
 */
#include "data/corpus.h"

#include "data/scorer.h"

#include <string.h>

static const uint32_t cookie = 0xC0AB5EED;

basin_corpus_def basin_corpus_default(void)
{
    return (basin_corpus_def){.cookie = cookie};
}

/* -------------------------------------------------------------- life cycle */

enum { ARRAYS = 16 };

/** Every array that grows. */
static void list(basin_bytes *out[ARRAYS], basin__corpus *c)
{
    basin_bytes *all[ARRAYS] = {&c->first, &c->weight, &c->label, &c->offset,
        &c->node.start, &c->node.id, &c->node.value, &c->edge.start,
        &c->edge.id, &c->edge.value, &c->name, &c->made, &c->token, &c->row,
        &c->score, &c->dense};
    memcpy(out, all, sizeof all);
}

static basin_status push(
    basin_bytes *bytes, const void *item, size_t size, basin_error *error)
{
    if (size > bytes->capacity - bytes->size)
        BASIN_TRY(basin__bytes_reserve(bytes, size, error));
    memcpy(bytes->data + bytes->size, item, size);
    bytes->size += size;
    return BASIN_OK;
}

/** The zero with which each array of starts begins. */
static basin_status begin(basin__corpus *c, basin_error *error)
{
    const int64_t zero = 0;
    BASIN_TRY(push(&c->first, &zero, sizeof zero, error));
    BASIN_TRY(push(&c->node.start, &zero, sizeof zero, error));
    return push(&c->edge.start, &zero, sizeof zero, error);
}

basin_status basin_corpus_create(basin_corpus **out, basin_context *ctx,
    const basin_corpus_def *def, basin_error *error)
{
    *out = NULL;
    BASIN_REQUIRE(def && def->cookie == cookie, error, BASIN_E_ARGUMENT,
        "the def of a corpus must come from basin_corpus_default");
    BASIN_REQUIRE(def->labels && def->nodes && def->edges, error,
        BASIN_E_ARGUMENT,
        "a corpus needs dictionaries of labels, nodes and edges");
    BASIN_REQUIRE(def->tmpl || def->format != BASIN_CORPUS_COLUMNS, error,
        BASIN_E_ARGUMENT, "columns need a template");
    basin__corpus *c = basin_alloc(ctx, sizeof *c);
    BASIN_REQUIRE(c, error, BASIN_E_MEMORY, "out of memory for a corpus");
    c->ctx = ctx;
    c->def = *def;
    c->open.line = 1;
    basin_bytes *all[ARRAYS];
    list(all, c);
    for (int i = 0; i < ARRAYS; i++)
        basin_bytes_init(all[i], ctx);
    basin_status status = begin(c, error);
    if (status != BASIN_OK) {
        basin_corpus_destroy(&c->open);
        return status;
    }
    basin__corpus_publish(c);
    *out = &c->open;
    return BASIN_OK;
}

void basin_corpus_destroy(basin_corpus *corpus)
{
    if (!corpus)
        return;
    basin__corpus *c = (basin__corpus *)corpus;
    basin_bytes *all[ARRAYS];
    list(all, c);
    for (int i = 0; i < ARRAYS; i++)
        basin_bytes_finish(all[i]);
    basin_free(c->ctx, c, sizeof *c);
}

void basin_corpus_clear(basin_corpus *corpus)
{
    basin__corpus *c = (basin__corpus *)corpus;
    basin_bytes *all[ARRAYS];
    list(all, c);
    for (int i = 0; i < ARRAYS; i++)
        all[i]->size = 0;
    c->first.size = c->node.start.size = c->edge.start.size = sizeof(int64_t);
    c->positions = 0;
    c->n = 0;
    c->weighted = false;
    c->dense_dim = 0;
    c->consumed = 0;
    basin__corpus_publish(c);
}

/* ----------------------------------------------------------------- growing */

basin_status basin__corpus_label(basin__corpus *c, int32_t *id,
    const char *name, size_t length, basin_error *error)
{
    if (!c->def.frozen_labels)
        return basin_dictionary_add(id, c->def.labels, name, length, error);
    *id = basin_dictionary_find(c->def.labels, name, length);
    return BASIN_OK;
}

/** The first value that is not 1 makes an array of ones before it. */
static basin_status push_value(basin__grown *g, float value, basin_error *error)
{
    size_t before = g->id.size / sizeof(int32_t);
    if (value == 1.0f && !g->value.size)
        return BASIN_OK;
    if (!g->value.size && before) {
        BASIN_TRY(
            basin__bytes_reserve(&g->value, before * sizeof(float), error));
        float *ones = (float *)(void *)g->value.data;
        for (size_t i = 0; i < before; i++)
            ones[i] = 1.0f;
        g->value.size = before * sizeof(float);
    }
    return push(&g->value, &value, sizeof value, error);
}

basin_status basin__corpus_expect(
    basin__corpus *c, size_t attributes, basin_error *error)
{
    if (c->scorer || attributes > PTRDIFF_MAX / sizeof(int32_t))
        return BASIN_OK;
    return basin__bytes_reserve(
        &c->node.id, attributes * sizeof(int32_t), error);
}

uint32_t basin__corpus_hash(
    const basin__corpus *c, bool edge, const char *name, size_t length)
{
    if (c->scorer)
        return 0; /* its hash is another */
    const uint32_t hash = basin__name_hash(name, length);
    basin__dictionary_touch(edge ? c->def.edges : c->def.nodes, hash);
    return hash;
}

basin_status basin__corpus_settle(basin__corpus *c, basin_error *error)
{
    const size_t rows = (size_t)c->positions + 1; /* and that in the making */
    const size_t bytes = rows * (size_t)c->lanes * sizeof(double);
    if (c->score.size < bytes) {
        const size_t more = bytes - c->score.size;
        BASIN_TRY(basin__bytes_reserve(&c->score, more, error));
        memset(c->score.data + c->score.size, 0, more);
        c->score.size = bytes;
    }
    return c->scorer->n
               ? basin__scorer_add(c->scorer, (double *)(void *)c->score.data,
                     &c->open.unknown, error)
               : BASIN_OK;
}

static basin_status ask(basin__corpus *c, bool edge, const char *name,
    size_t length, float value, basin_error *error)
{
    c->open.unknown += edge; /* such a model is not read by a scorer */
    if (edge)
        return BASIN_OK;
    if (!basin__scorer_has_room(c->scorer))
        BASIN_TRY(basin__corpus_settle(c, error));
    basin__scorer_ask(c->scorer, name, length, c->positions, value);
    return BASIN_OK;
}

basin_status basin__corpus_attribute(basin__corpus *c, bool edge, uint32_t hash,
    const char *name, size_t length, float value, basin_error *error)
{
    if (c->scorer)
        return ask(c, edge, name, length, value, error);
    basin_dictionary *names = edge ? c->def.edges : c->def.nodes;
    basin__grown *g = edge ? &c->edge : &c->node;
    int32_t id;
    if (c->def.frozen)
        id = basin__dictionary_find(names, hash, name, length);
    else
        BASIN_TRY(basin__dictionary_add(&id, names, hash, name, length, error));
    if (id < 0) {
        c->open.unknown++;
        return BASIN_OK;
    }
    BASIN_TRY(push_value(g, value, error));
    return push(&g->id, &id, sizeof id, error);
}

basin_status basin__corpus_line(
    basin__corpus *c, int32_t label, int64_t offset, basin_error *error)
{
    BASIN_TRY(push(&c->label, &label, sizeof label, error));
    return push(&c->offset, &offset, sizeof offset, error);
}

basin_status basin__corpus_position(basin__corpus *c, basin_error *error)
{
    int64_t nodes = (int64_t)(c->node.id.size / sizeof(int32_t));
    int64_t edges = (int64_t)(c->edge.id.size / sizeof(int32_t));
    BASIN_TRY(push(&c->node.start, &nodes, sizeof nodes, error));
    BASIN_TRY(push(&c->edge.start, &edges, sizeof edges, error));
    c->positions++;
    return BASIN_OK;
}

basin_status basin__corpus_sequence(
    basin__corpus *c, float weight, basin_error *error)
{
    const int64_t *first = (const int64_t *)(const void *)c->first.data;
    if (first[c->n] == c->positions)
        return BASIN_OK;
    if (c->scorer)
        BASIN_TRY(basin__corpus_settle(c, error));
    BASIN_REQUIRE(c->n < INT32_MAX, error, BASIN_E_RANGE,
        "there are more than %d sequences", INT32_MAX);
    BASIN_TRY(push(&c->first, &c->positions, sizeof c->positions, error));
    BASIN_TRY(push(&c->weight, &weight, sizeof weight, error));
    c->weighted |= weight != 1.0f;
    c->n++;
    return BASIN_OK;
}

static basin_attributes shown(
    const basin__grown *g, const basin_dictionary *names, bool always)
{
    basin_attributes a = {.count = basin_dictionary_count(names)};
    if (!always && !g->id.size)
        return a;
    a.start = (const int64_t *)(const void *)g->start.data;
    a.id = (const int32_t *)(const void *)g->id.data;
    if (g->value.size)
        a.value = (const float *)(const void *)g->value.data;
    return a;
}

void basin__corpus_publish(basin__corpus *c)
{
    c->open.sequences = (basin_sequences){
        .n = c->n,
        .positions = c->positions,
        .start = (const int64_t *)(const void *)c->first.data,
        .n_labels = basin_dictionary_count(c->def.labels),
        .node = shown(&c->node, c->def.nodes, true),
        .edge = shown(&c->edge, c->def.edges, false),
    };
    bool attributes = c->open.format == BASIN_CORPUS_ATTRIBUTES;
    if (c->dense_dim > 0) {
        c->open.sequences.dense = (const float *)(const void *)c->dense.data;
        c->open.sequences.dense_dim = c->dense_dim;
    }
    if (!c->def.unlabelled || attributes)
        c->open.sequences.label = (const int32_t *)(const void *)c->label.data;
    c->open.offset = (const int64_t *)(const void *)c->offset.data;
    c->open.weight =
        c->weighted ? (const float *)(const void *)c->weight.data : NULL;
    c->open.transitions = c->open.format != BASIN_CORPUS_COLUMNS ||
                          basin_template_transitions(c->def.tmpl);
}

/** Back to the first `n` sequences. */
static void cut_back(basin__corpus *c, int32_t n)
{
    const int64_t *first = (const int64_t *)(const void *)c->first.data;
    int64_t positions = first[n];
    size_t p = (size_t)positions;
    basin__grown *both[] = {&c->node, &c->edge};
    for (int i = 0; i < 2; i++) {
        const int64_t *start = (const int64_t *)(void *)both[i]->start.data;
        size_t ids = (size_t)start[p];
        both[i]->id.size = ids * sizeof(int32_t);
        if (both[i]->value.size)
            both[i]->value.size = ids * sizeof(float);
        both[i]->start.size = (p + 1) * sizeof(int64_t);
    }
    c->label.size = p * sizeof(int32_t);
    c->offset.size = p * sizeof(int64_t);
    c->first.size = ((size_t)n + 1) * sizeof(int64_t);
    c->weight.size = (size_t)n * sizeof(float);
    if (c->score.size > p * (size_t)c->lanes * sizeof(double))
        c->score.size = p * (size_t)c->lanes * sizeof(double);
    if (c->scorer)
        c->scorer->n = 0;
    c->dense.size = p * (size_t)c->dense_dim * sizeof(float);
    c->dense_dim = p ? c->dense_dim : 0;
    c->positions = positions;
    c->n = n;
}

/* ----------------------------------------------------------------- reading */

bool basin__source_line(basin__source *s)
{
    if (s->at >= s->size)
        return false;
    s->line = s->text + s->at;
    const char *end = memchr(s->line, '\n', s->size - s->at);
    s->length = end ? (size_t)(end - s->line) : s->size - s->at;
    s->at += s->length + 1;
    if (s->length > 0 && s->line[s->length - 1] == '\r')
        s->length--;
    s->number = s->c->open.line;
    s->c->open.line += s->number < INT32_MAX;
    return true;
}

basin_status basin__source_at(
    const basin__source *s, size_t byte, basin_status status)
{
    basin_error_place(s->error, NULL, s->number,
        byte < INT32_MAX ? (int)byte + 1 : INT32_MAX);
    return status;
}

void basin__source_odd(basin__source *s)
{
    if (s->c->open.odd++ == 0)
        s->c->open.odd_line = s->number;
}

/** Refuse what is no text, and step over a byte order mark. */
static basin_status check_text(basin__source *s)
{
    const unsigned char *bytes = (const unsigned char *)s->text;
    bool wide = s->size >= 2 && ((bytes[0] == 0xFF && bytes[1] == 0xFE) ||
                                    (bytes[0] == 0xFE && bytes[1] == 0xFF));
    BASIN_REQUIRE(!wide, s->error, BASIN_E_FORMAT,
        "the text is UTF-16; save it as UTF-8");
    if (s->size >= 3 && !memcmp(s->text, "\xEF\xBB\xBF", 3))
        s->at = 3;
    const char *zero = s->size ? memchr(s->text, 0, s->size) : NULL;
    if (!zero)
        return BASIN_OK;
    while (basin__source_line(s) && s->line + s->length <= zero)
        continue;
    return basin__source_at(s, (size_t)(zero - s->line),
        basin_error_set(s->error, BASIN_E_FORMAT,
            "a NUL byte; this is no text, and labelled sequences are"));
}

/** What has numbers is found by its first line, or asked for. */
static basin_corpus_format guess_dense(
    const basin__corpus *c, const basin__source *line)
{
    return basin__letters_are(line) ? BASIN_CORPUS_LETTERS
           : c->def.dense           ? BASIN_CORPUS_NUMBERS
                                    : BASIN_CORPUS_FIND;
}

/** Without a template: several fields and no tab, on the first line that is
 *  not blank, are names as Wapiti reads them without patterns. */
static basin_status guess_format(basin__source *s)
{
    basin__corpus *c = s->c;
    basin__source ahead = *s;
    int line = c->open.line;
    size_t i = 0;
    bool found = false;
    while (!found && basin__source_line(&ahead)) {
        for (i = 0; i < ahead.length && ahead.line[i] == ' ';)
            i++;
        found = i < ahead.length;
    }
    c->open.line = line;
    if (!found)
        return BASIN_OK;
    c->open.format = guess_dense(c, &ahead);
    if (c->open.format != BASIN_CORPUS_FIND)
        return BASIN_OK;
    c->open.format = BASIN_CORPUS_ATTRIBUTES;
    if (memchr(ahead.line, '\t', ahead.length) ||
        !memchr(ahead.line + i, ' ', ahead.length - i))
        return BASIN_OK;
    if (!strchr("ub*", ahead.line[i])) {
        c->open.format = BASIN_CORPUS_FIND;
        return basin__source_at(&ahead, i,
            basin_error_set(s->error, BASIN_E_FORMAT,
                "these seem to be columns, which need a template; attributes "
                "are separated by tabs"));
    }
    c->open.format = BASIN_CORPUS_FEATURES;
    return BASIN_OK;
}

static basin_status read_source(basin__source *s)
{
    basin__corpus *c = s->c;
    const bool fresh = c->open.format == BASIN_CORPUS_FIND ||
                       c->open.format == BASIN_CORPUS_ARRAYS;
    if (fresh && !c->def.tmpl && basin__arrays_are(s->text, s->size)) {
        c->open.format = BASIN_CORPUS_ARRAYS;
        return basin__arrays_read(s);
    }
    BASIN_TRY(check_text(s));
    if (c->open.format == BASIN_CORPUS_FIND)
        c->open.format = c->def.format ? c->def.format
                         : c->def.tmpl ? BASIN_CORPUS_COLUMNS
                                       : BASIN_CORPUS_FIND;
    if (c->open.format == BASIN_CORPUS_FIND)
        BASIN_TRY(guess_format(s));
    if (c->open.format == BASIN_CORPUS_FIND) { /* nothing but blanks */
        while (basin__source_line(s))
            continue;
        return BASIN_OK;
    }
    switch (c->open.format) {
    case BASIN_CORPUS_ATTRIBUTES: return basin__attributes_read(s);
    case BASIN_CORPUS_NUMBERS: return basin__numbers_read(s);
    case BASIN_CORPUS_LETTERS: return basin__letters_read(s);
    case BASIN_CORPUS_ARRAYS:
        return basin_error_set(s->error, BASIN_E_FORMAT,
            "no .npz, and the data before it were one");
    default: return basin__columns_read(s);
    }
}

basin_status basin_corpus_read(
    basin_corpus *corpus, const void *text, size_t size, basin_error *error)
{
    basin__corpus *c = (basin__corpus *)corpus;
    basin__source s = {.c = c, .text = text, .size = size, .error = error};
    BASIN_TRY(basin__corpus_sequence(c, 1.0f, error));
    int32_t n = c->n, columns = c->columns;
    basin_corpus_format format = corpus->format;
    s.base = c->consumed;
    basin_status status = read_source(&s);
    if (status != BASIN_OK) {
        cut_back(c, n);
        c->columns = columns;
        corpus->format = format;
    }
    c->consumed += (int64_t)size;
    basin__corpus_publish(c);
    return status;
}

basin_status basin_corpus_read_file(
    basin_corpus *corpus, const char *path, basin_error *error)
{
    basin__corpus *c = (basin__corpus *)corpus;
    basin_bytes text;
    basin_bytes_init(&text, c->ctx);
    basin_status status = basin_file_read(&text, path, error);
    if (status == BASIN_OK) {
        corpus->line = 1;
        status = basin_corpus_read(corpus, text.data, text.size, error);
        if (status == BASIN_E_FORMAT && error)
            basin_error_place(error, path, error->line, error->column);
    }
    basin_bytes_finish(&text);
    return status;
}

bool basin__corpus_separates(
    const basin__corpus *c, const char *line, size_t length)
{
    basin_dialect dialect =
        c->def.tmpl ? c->def.tmpl->dialect : BASIN_DIALECT_WAPITI;
    basin_corpus_format format = c->open.format;
    if (format == BASIN_CORPUS_FIND)
        format = c->def.tmpl ? BASIN_CORPUS_COLUMNS : BASIN_CORPUS_ATTRIBUTES;
    if (length == 0 || format == BASIN_CORPUS_ATTRIBUTES)
        return length == 0;
    if (dialect == BASIN_DIALECT_CRFPP)
        return line[0] == ' ' || line[0] == '\t';
    for (size_t i = 0; i < length; i++)
        if (line[i] != ' ' && (line[i] < '\t' || line[i] > '\r'))
            return false;
    return true;
}

size_t basin_corpus_whole(
    const basin_corpus *corpus, const char *text, size_t size)
{
    const basin__corpus *c = (const basin__corpus *)corpus;
    if (c->def.format == BASIN_CORPUS_ARRAYS ||
        c->open.format == BASIN_CORPUS_ARRAYS)
        return 0; /* a zip ends where the file does */
    while (size > 0) {
        /* the last line that has an end */
        size_t end = size;
        while (end > 0 && text[end - 1] != '\n')
            end--;
        if (end == 0)
            return 0;
        size_t begin = end - 1;
        while (begin > 0 && text[begin - 1] != '\n')
            begin--;
        size_t length = end - 1 - begin;
        if (length > 0 && text[begin + length - 1] == '\r')
            length--;
        if (basin__corpus_separates(c, text + begin, length))
            return end;
        size = begin;
    }
    return 0;
}
