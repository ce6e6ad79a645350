/* SPDX-License-Identifier: MIT
 *
 * Our text of a chain's weights: records of fields between tabs, to be looked
 * at, edited and read back. Its last line says that it is whole.
 */
#include "data/weights.h"

#include <string.h>

static const char *const dialects[] = {"", "crfpp", "wapiti"};

/* ----------------------------------------------------------------- writing */

static basin_status write_name(
    basin_bytes *out, const basin_dictionary *d, int32_t id, basin_error *error)
{
    size_t length;
    const char *name = basin_dictionary_name(d, id, &length);
    BASIN_TRY(basin_bytes_append(out, "\t", 1, error));
    for (size_t i = 0; i < length; i++) {
        static const char special[] = "\t\n\r\\", escaped[] = "tnr\\";
        const char *at = memchr(special, name[i], 4);
        char pair[2] = {'\\', at ? escaped[at - special] : name[i]};
        BASIN_TRY(
            basin_bytes_append(out, at ? pair : name + i, at ? 2 : 1, error));
    }
    return BASIN_OK;
}

static basin_status write_weights(basin_bytes *out,
    const basin_chain_weights *w, const basin_chain_weight *list, int64_t n,
    const char *keyword, basin_error *error)
{
    for (int64_t i = 0; i < n; i++) {
        const basin_chain_weight *it = &list[i];
        char number[40] = "\t";
        BASIN_TRY(basin_bytes_append(out, keyword, strlen(keyword), error));
        if (it->attribute >= 0)
            BASIN_TRY(write_name(
                out, it->from < 0 ? w->nodes : w->edges, it->attribute, error));
        if (it->from >= 0)
            BASIN_TRY(write_name(out, w->labels, it->from, error));
        BASIN_TRY(write_name(out, w->labels, it->label, error));
        size_t length = 1 + basin_print_number(number + 1, it->value, false);
        number[length++] = '\n';
        BASIN_TRY(basin_bytes_append(out, number, length, error));
    }
    return BASIN_OK;
}

static basin_status write_template(
    basin_bytes *out, const basin_template *t, basin_error *error)
{
    size_t size;
    const char *text = basin_template_text(t, &size);
    BASIN_TRY(basin_bytes_print(
        out, error, "template\t%s\n", dialects[basin_template_dialect(t)]));
    for (size_t at = 0; at < size;) {
        size_t end = at;
        while (text[end] != '\n')
            end++;
        BASIN_TRY(basin_bytes_append(out, "pattern\t", 8, error));
        BASIN_TRY(basin_bytes_append(out, text + at, end + 1 - at, error));
        at = end + 1;
    }
    return BASIN_OK;
}

static basin_status write_all(
    basin_bytes *out, const basin_chain_weights *w, basin_error *error)
{
    BASIN_TRY(basin_bytes_print(out, error, "basin-chain 1\n"));
    int32_t labels = basin_dictionary_count(w->labels);
    for (int32_t i = 0; i < labels; i++) {
        BASIN_TRY(basin_bytes_append(out, "label", 5, error));
        BASIN_TRY(write_name(out, w->labels, i, error));
        BASIN_TRY(basin_bytes_append(out, "\n", 1, error));
    }
    if (w->tmpl)
        BASIN_TRY(write_template(out, w->tmpl, error));
    BASIN_TRY(write_weights(out, w, w->node, w->n_node, "node", error));
    BASIN_TRY(write_weights(
        out, w, w->transition, w->n_transition, "transition", error));
    BASIN_TRY(write_weights(out, w, w->edge, w->n_edge, "edge", error));
    return basin_bytes_print(out, error, "end\n");
}

basin_status basin_chain_weights_write(
    basin_bytes *out, const basin_chain_weights *weights, basin_error *error)
{
    size_t before = out->size;
    basin_status status = write_all(out, weights, error);
    if (status != BASIN_OK)
        out->size = before;
    return status;
}

/* ----------------------------------------------------------------- reading */

enum { FIELDS_MOST = 5 };

/** A line's fields, with their escapes. */
typedef struct record {
    size_t begin[FIELDS_MOST], length[FIELDS_MOST];
    int n;
} record;

typedef struct text_reader {
    basin__model *m;
    record r;
    basin_bytes name;    /* a field without its escapes */
    basin_bytes pattern; /* the lines of the template */
    int pattern_line;
    basin_dialect dialect;
    bool weights; /* one came: labels and patterns are complete */
    bool ended;   /* so did the last line */
} text_reader;

static bool is_field(const text_reader *t, int i, const char *word)
{
    size_t n = strlen(word);
    return i < t->r.n && t->r.length[i] == n &&
           !memcmp(t->m->line + t->r.begin[i], word, n);
}

static basin_status split(text_reader *t)
{
    const basin__model *m = t->m;
    t->r.n = 0;
    for (size_t at = 0; at <= m->length; at++) {
        size_t begin = at;
        while (at < m->length && m->line[at] != '\t')
            at++;
        if (t->r.n == FIELDS_MOST)
            return BASIN__REFUSE(m, begin,
                "the line has more than %d fields between tabs", FIELDS_MOST);
        t->r.begin[t->r.n] = begin;
        t->r.length[t->r.n++] = at - begin;
    }
    return BASIN_OK;
}

/** The line must have so many fields. */
static basin_status expect(const text_reader *t, int n, const char *form)
{
    if (t->r.n != n)
        return BASIN__REFUSE(t->m, 0,
            "the line has %d fields between tabs; %s is expected", t->r.n,
            form);
    return BASIN_OK;
}

/** Undo the escapes of field i, into t->name. */
static basin_status unescape(text_reader *t, int i)
{
    const basin__model *m = t->m;
    size_t end = t->r.begin[i] + t->r.length[i];
    t->name.size = 0;
    for (size_t at = t->r.begin[i]; at < end; at++) {
        char c = m->line[at];
        if (c == '\\') {
            static const char escaped[] = "tnr\\", special[] = "\t\n\r\\";
            const char *which =
                at + 1 < end ? memchr(escaped, m->line[at + 1], 4) : NULL;
            if (!which)
                return BASIN__REFUSE(m, at,
                    "after a backslash t, n, r or another backslash is "
                    "expected");
            c = special[which - escaped];
            at++;
        }
        if (!c)
            return BASIN__REFUSE(m, at, "a NUL byte; this is no text");
        BASIN_TRY(basin_bytes_append(&t->name, &c, 1, m->error));
    }
    return BASIN_OK;
}

static basin_status read_label(text_reader *t)
{
    basin__model *m = t->m;
    if (t->weights)
        return BASIN__REFUSE(m, 0, "labels come before all weights");
    BASIN_TRY(expect(t, 2, "label and a name"));
    BASIN_TRY(unescape(t, 1));
    basin_status status = basin__model_name(
        m, m->w->labels, (const char *)t->name.data, t->name.size);
    return status == BASIN_E_FORMAT ? basin__model_at(m, t->r.begin[1], status)
                                    : status;
}

static basin_status read_dialect(text_reader *t)
{
    for (int i = 1; i < 3; i++)
        if (t->r.n == 2 && is_field(t, 1, dialects[i])) {
            t->dialect = (basin_dialect)i;
            return BASIN_OK;
        }
    return BASIN__REFUSE(t->m, 0, "template and crfpp or wapiti are expected");
}

static basin_status read_pattern(text_reader *t)
{
    const basin__model *m = t->m;
    if (!t->dialect || t->weights)
        return BASIN__REFUSE(m, 0,
            "patterns come after the line of the template and before all "
            "weights");
    if (t->r.n < 2)
        return BASIN__REFUSE(m, 0, "pattern and a line are expected");
    if (!t->pattern.size)
        t->pattern_line = m->number;
    size_t begin = t->r.begin[1];
    BASIN_TRY(basin_bytes_append(
        &t->pattern, m->line + begin, m->length - begin, m->error));
    return basin_bytes_append(&t->pattern, "\n", 1, m->error);
}

/** What comes before the weights is complete. */
static basin_status end_head(text_reader *t)
{
    if (t->weights)
        return BASIN_OK;
    t->weights = true;
    if (!t->dialect)
        return BASIN_OK;
    return basin__model_template(t->m, (const char *)t->pattern.data,
        t->pattern.size, t->dialect, t->pattern_line);
}

static basin_status find_label(text_reader *t, int field, int32_t *out)
{
    const basin__model *m = t->m;
    BASIN_TRY(unescape(t, field));
    *out = basin_dictionary_find(
        m->w->labels, (const char *)t->name.data, t->name.size);
    if (*out < 0)
        return BASIN__REFUSE(m, t->r.begin[field],
            "there is no label of this name; labels are declared by lines of "
            "label and a name");
    return BASIN_OK;
}

/** @param attribute, from: whether the record has them */
static basin_status read_weight(
    text_reader *t, bool attribute, bool from, const char *form)
{
    basin__model *m = t->m;
    basin_chain_weight weight = {.attribute = -1, .from = -1};
    int field = 1;
    BASIN_TRY(end_head(t));
    BASIN_TRY(expect(t, 3 + attribute + from, form));
    if (attribute) {
        BASIN_TRY(unescape(t, field++));
        BASIN_TRY(basin_dictionary_add(&weight.attribute,
            from ? m->w->edges : m->w->nodes, (const char *)t->name.data,
            t->name.size, m->error));
    }
    if (from)
        BASIN_TRY(find_label(t, field++, &weight.from));
    BASIN_TRY(find_label(t, field++, &weight.label));
    if (!basin__model_value(
            m->line + t->r.begin[field], t->r.length[field], &weight.value))
        return BASIN__REFUSE(
            m, t->r.begin[field], "a weight is expected, such as -0.25");
    return basin_chain_weights_add(m->w, weight, m->error);
}

static basin_status read_record(text_reader *t)
{
    if (t->m->length >= 7 && !memcmp(t->m->line, "pattern", 7)) {
        /* a template may have tabs of its own */
        const char *tab = memchr(t->m->line, '\t', t->m->length);
        t->r = (record){{0}, {7}, 1 + (tab == t->m->line + 7)};
        t->r.begin[1] = 8;
        if (tab == t->m->line + 7 || t->m->length == 7)
            return read_pattern(t);
    }
    BASIN_TRY(split(t));
    if (t->ended)
        return BASIN__REFUSE(t->m, 0, "nothing comes after the line 'end'");
    if (t->r.n == 1 && is_field(t, 0, "end")) {
        t->ended = true;
        return end_head(t);
    }
    if (is_field(t, 0, "label"))
        return read_label(t);
    if (is_field(t, 0, "template"))
        return read_dialect(t);
    if (is_field(t, 0, "node"))
        return read_weight(
            t, true, false, "node, an attribute, a label and a weight");
    if (is_field(t, 0, "transition"))
        return read_weight(
            t, false, true, "transition, two labels and a weight");
    if (is_field(t, 0, "edge"))
        return read_weight(
            t, true, true, "edge, an attribute, two labels and a weight");
    return BASIN__REFUSE(t->m, 0,
        "a line begins with label, template, pattern, node, transition or "
        "edge, and a tab; the last one is 'end'");
}

static basin_status read_records(text_reader *t)
{
    basin__model *m = t->m;
    basin__model_line(m);
    BASIN_REQUIRE(m->length == 13 && !memcmp(m->line, "basin-chain 1", 13),
        m->error, BASIN_E_SERVE,
        "the first line names another version; basin-chain 1 can be read");
    while (basin__model_line(m))
        if (m->length > 0 && m->line[0] != '#')
            BASIN_TRY(read_record(t));
    BASIN_REQUIRE(t->ended, m->error, BASIN_E_FORMAT,
        "the text is cut off after line %d: its last line should be 'end'",
        m->number);
    return BASIN_OK;
}

basin_status basin__weights_text_read(basin__model *m)
{
    text_reader t = {.m = m};
    basin_bytes_init(&t.name, basin__model_context(m));
    basin_bytes_init(&t.pattern, basin__model_context(m));
    /* so that even an empty name lies somewhere */
    basin_status status = basin__bytes_reserve(&t.name, 1, m->error);
    if (status == BASIN_OK)
        status = read_records(&t);
    basin_bytes_finish(&t.name);
    basin_bytes_finish(&t.pattern);
    return status;
}
