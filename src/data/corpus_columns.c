/* SPDX-License-Identifier: MIT
 *
 * Columns: a line is a position, its last column the label. The lines of a
 * sequence are kept as tokens, from which the patterns of a template then make
 * the attributes. What separates columns and sequences is as the template's
 * own program has it. Without a template the columns are the attributes, as in
 * Wapiti without patterns.
 */
#include "data/corpus.h"

#include <string.h>

static bool is_space(const basin__source *s, char c)
{
    if (c == ' ' || c == '\t')
        return true;
    bool crfpp =
        s->c->def.tmpl && s->c->def.tmpl->dialect == BASIN_DIALECT_CRFPP;
    return !crfpp && c >= '\n' && c <= '\r';
}

/** Append the tokens of the line. @return how many */
static basin_status split(basin__source *s, int64_t *count)
{
    basin_bytes *tokens = &s->c->token;
    *count = 0;
    for (size_t i = 0; i < s->length;) {
        if (is_space(s, s->line[i])) {
            i++;
            continue;
        }
        size_t begin = i;
        while (i < s->length && !is_space(s, s->line[i]))
            i++;
        basin__token token = {s->line + begin, i - begin};
        BASIN_TRY(basin__bytes_reserve(tokens, sizeof token, s->error));
        memcpy(tokens->data + tokens->size, &token, sizeof token);
        tokens->size += sizeof token;
        ++*count;
    }
    return BASIN_OK;
}

/** With CRF++'s templates all lines have the same columns, so that a field
 *  that was forgotten is found. */
static basin_status check_columns(basin__source *s, int64_t count)
{
    basin__corpus *c = s->c;
    const basin_template *t = c->def.tmpl;
    int32_t labels = c->def.unlabelled ? 0 : 1;
    bool crfpp = t && t->dialect == BASIN_DIALECT_CRFPP;
    int32_t needed = (crfpp ? t->columns : 0) + labels;
    if (count < needed)
        return basin__source_at(s, 0,
            basin_error_set(s->error, BASIN_E_FORMAT,
                "the line has %lld column%s, but line %d of the template reads "
                "column %d (the first is 0)%s",
                (long long)count, count == 1 ? "" : "s",
                t ? t->columns_line : 0, needed - labels - 1,
                labels ? " and the last is the label" : ""));
    if (!crfpp || !labels)
        return BASIN_OK;
    if (c->columns == 0)
        c->columns = (int32_t)(count < INT32_MAX ? count : INT32_MAX);
    if (count != c->columns)
        return basin__source_at(s, 0,
            basin_error_set(s->error, BASIN_E_FORMAT,
                "the line has %lld column%s, but those before it have %d",
                (long long)count, count == 1 ? "" : "s", c->columns));
    return BASIN_OK;
}

/** Keep the line for the sequence; its label is known at once. */
static basin_status keep_line(basin__source *s)
{
    basin__corpus *c = s->c;
    int64_t count;
    int32_t label = -1;
    BASIN_TRY(split(s, &count));
    BASIN_TRY(check_columns(s, count));
    if (!c->def.unlabelled) {
        c->token.size -= sizeof(basin__token);
        basin__token last;
        memcpy(&last, c->token.data + c->token.size, sizeof last);
        BASIN_TRY(
            basin__corpus_label(c, &label, last.text, last.length, s->error));
    }
    int64_t end = (int64_t)(c->token.size / sizeof(basin__token));
    BASIN_TRY(basin_bytes_append(&c->row, &end, sizeof end, s->error));
    return basin__corpus_line(
        c, label, s->base + (s->line - s->text), s->error);
}

/* -------------------------------------------------------------- attributes */

/** Note an attribute that stands at the end of c->name. */
static basin_status make(basin__source *s, size_t begin, bool node, bool edge)
{
    basin__corpus *c = s->c;
    basin__made made = {begin, c->name.size - begin, 0, node, edge};
    if (begin == c->name.size) /* so that even an empty name lies somewhere */
        BASIN_TRY(basin__bytes_reserve(&c->name, 1, s->error));
    made.hash = basin__corpus_hash(
        c, !node, (const char *)c->name.data + begin, made.length);
    return basin_bytes_append(&c->made, &made, sizeof made, s->error);
}

/** What the template makes of a position. */
static basin_status expand(
    basin__source *s, const basin__rows *rows, int64_t at, int64_t *row)
{
    basin__corpus *c = s->c;
    const basin_template *t = c->def.tmpl;
    const basin__pattern *pattern = basin__template_patterns(t);
    for (int32_t i = 0; i < t->n; i++, pattern++) {
        bool edge = pattern->edge && !pattern->plain && at > 0;
        if (!pattern->node && !edge)
            continue;
        size_t begin = c->name.size;
        BASIN_TRY(basin__template_expand(
            &c->name, t, pattern, rows, at, row, s->error));
        BASIN_TRY(make(s, begin, pattern->node, edge));
    }
    return BASIN_OK;
}

/** The columns of a position are its attributes themselves. */
static basin_status take(
    basin__source *s, const basin__rows *rows, int64_t at, int64_t *row)
{
    basin__corpus *c = s->c;
    *row = at;
    for (int64_t i = rows->first[at]; i < rows->first[at + 1]; i++) {
        const basin__token *token = &rows->token[i];
        char kind = token->text[0], quote[BASIN__QUOTE];
        BASIN_REQUIRE(kind == 'u' || kind == 'b' || kind == '*', s->error,
            BASIN_E_FORMAT,
            "'%s' is no name of an attribute: without a template each begins "
            "with u, b or *",
            basin__quote(quote, token->text, token->length));
        bool edge = kind != 'u' && at > 0;
        if (kind == 'b' && !edge)
            continue;
        size_t begin = c->name.size;
        BASIN_TRY(
            basin_bytes_append(&c->name, token->text, token->length, s->error));
        BASIN_TRY(make(s, begin, kind != 'b', edge));
    }
    return BASIN_OK;
}

/** Look up the attributes that a position has. */
static basin_status look_up(basin__source *s)
{
    basin__corpus *c = s->c;
    const basin__made *made = (const basin__made *)(const void *)c->made.data;
    const char *names = (const char *)c->name.data;
    size_t n = c->made.size / sizeof *made;
    for (size_t i = 0; i < n; i++)
        for (int edge = !made[i].node; edge <= made[i].edge; edge++)
            BASIN_TRY(basin__corpus_attribute(c, edge, made[i].hash,
                names + made[i].begin, made[i].length, 1.0f, s->error));
    /* the next position's names take the place of these */
    return c->scorer ? basin__corpus_settle(c, s->error) : BASIN_OK;
}

/** @param first the number of the sequence's first line */
static basin_status end_sequence(basin__source *s, int first)
{
    basin__corpus *c = s->c;
    basin__rows rows = {
        .token = (const basin__token *)(const void *)c->token.data,
        .first = (const int64_t *)(const void *)c->row.data,
        .n = (int64_t)(c->row.size / sizeof(int64_t)) - 1,
    };
    for (int64_t at = 0; at < rows.n; at++) {
        int64_t row = at;
        c->name.size = c->made.size = 0;
        basin_status status =
            c->def.tmpl ? expand(s, &rows, at, &row) : take(s, &rows, at, &row);
        if (status == BASIN_E_FORMAT)
            basin_error_place(s->error, NULL,
                row < INT32_MAX - first ? first + (int)row : INT32_MAX, 1);
        BASIN_TRY(status);
        BASIN_TRY(look_up(s));
        BASIN_TRY(basin__corpus_position(c, s->error));
    }
    return basin__corpus_sequence(c, 1.0f, s->error);
}

static basin_status begin_sequence(basin__source *s)
{
    basin__corpus *c = s->c;
    c->token.size = c->row.size = 0;
    return basin_bytes_append(
        &c->row, &(int64_t){0}, sizeof(int64_t), s->error);
}

/** Is there more on a line that ends a sequence than blanks? */
static bool has_tokens(const basin__source *s)
{
    for (size_t i = 0; i < s->length; i++)
        if (!is_space(s, s->line[i]))
            return true;
    return false;
}

/** A line makes as many attributes as the template has lines, at most. */
static basin_status expect(basin__source *s)
{
    const basin_template *t = s->c->def.tmpl;
    size_t lines = 0;
    char before = '\n';
    for (size_t i = s->at; i < s->size; i++) {
        lines += before == '\n' && s->text[i] != '\n';
        before = s->text[i];
    }
    return t ? basin__corpus_expect(s->c, lines * (size_t)t->n, s->error)
             : BASIN_OK;
}

basin_status basin__columns_read(basin__source *s)
{
    basin__corpus *c = s->c;
    int first = c->open.line;
    BASIN_TRY(expect(s));
    BASIN_TRY(begin_sequence(s));
    while (basin__source_line(s)) {
        if (!basin__corpus_separates(c, s->line, s->length)) {
            BASIN_TRY(keep_line(s));
            continue;
        }
        if (s->length > 0 && has_tokens(s))
            basin__source_odd(s);
        BASIN_TRY(end_sequence(s, first));
        first = c->open.line;
        BASIN_TRY(begin_sequence(s));
    }
    return end_sequence(s, first);
}
