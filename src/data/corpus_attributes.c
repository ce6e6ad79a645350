/* SPDX-License-Identifier: MIT
 *
 * CRFsuite's attributes: a line is a position, its first field the label and
 * each further one a name, or a name, a colon and a value. As CRFsuite does,
 * empty fields are skipped, what follows a second colon is a field of its own
 * with an empty name, and a value is as much of a number as there is.
 */
#include "data/corpus.h"
#include "data/marks.h"
#include "data/scorer.h"

#include <math.h>
#include <string.h>

typedef struct text {
    const char *at;
    size_t length;
} text;

static bool ends(char c)
{
    return c == ':' || c == '\t';
}

/** A text with a backslash in it: copied without its escapes. */
static basin_status read_escaped(basin__source *s, size_t *at, text *out)
{
    const char *line = s->line;
    if (s->c->scorer) /* one of them may lie in the copy */
        BASIN_TRY(basin__corpus_settle(s->c, s->error));
    basin_bytes *copy = &s->c->name;
    size_t i = *at;
    copy->size = 0;
    BASIN_TRY(basin__bytes_reserve(copy, s->length - i, s->error));
    for (; i < s->length && !ends(line[i]); i++) {
        bool escapes = line[i] == '\\' && i + 1 < s->length &&
                       (line[i + 1] == '\\' || line[i + 1] == ':');
        i += escapes;
        copy->data[copy->size++] = (unsigned char)line[i];
    }
    *out = (text){(const char *)copy->data, copy->size};
    *at = i;
    return BASIN_OK;
}

/** Read up to a colon, a tab or the line's end. */
static basin_status read_text(
    basin__source *s, basin__marks *m, size_t *at, text *out)
{
    const size_t i = basin__next_mark(m, *at);
    if (i < s->length && s->line[i] == '\\')
        return read_escaped(s, at, out);
    *out = (text){s->line + *at, i - *at};
    *at = i;
    return BASIN_OK;
}

/** The value after a colon; where there is none, 1. The C library's atof
 *  steps over blanks and ignores what follows the number. */
static basin_status read_value(basin__source *s, size_t *at, double *value)
{
    size_t i = *at;
    while (i < s->length && !ends(s->line[i]))
        i++;
    const char *from = s->line + *at;
    size_t length = i - *at;
    *value = 1.0;
    if (length > 0) {
        size_t blank = 0;
        while (blank < length && from[blank] == ' ')
            blank++;
        *value = 0.0;
        size_t used = basin_parse_number(value, from + blank, length - blank);
        if (blank + used != length)
            basin__source_odd(s);
    }
    if (!isfinite((float)*value))
        return basin__source_at(s, *at,
            basin_error_set(s->error, BASIN_E_FORMAT,
                "the value is not finite; a number of at most 3.4e38 is "
                "expected (write \\: for a colon in a name)"));
    *at = i;
    return BASIN_OK;
}

/** One field from *at on: a name and a value. A line in the middle of whose
 *  field a second colon stands goes on there with an empty name. */
static basin_status read_field(
    basin__source *s, basin__marks *m, size_t *at, text *name, double *value)
{
    BASIN_TRY(read_text(s, m, at, name));
    *value = 1.0;
    if (*at < s->length && s->line[*at] == ':') {
        ++*at;
        BASIN_TRY(read_value(s, at, value));
    }
    return BASIN_OK;
}

typedef struct sequence {
    float weight;
} sequence;

/** A field before the label that begins with @. */
static basin_status declare(
    basin__source *s, sequence *q, size_t field, const text *name, double value)
{
    if (name->length != 7 || memcmp(name->at, "@weight", 7)) {
        char quote[BASIN__QUOTE];
        return basin__source_at(s, field,
            basin_error_set(s->error, BASIN_E_FORMAT,
                "'%s' is no declaration (a label cannot begin with @); "
                "@weight:NUMBER is one",
                basin__quote(quote, name->at, name->length)));
    }
    if (!(value >= 0.0))
        return basin__source_at(s, field,
            basin_error_set(s->error, BASIN_E_FORMAT,
                "the weight of a sequence is %g; 0 or more is expected",
                value));
    q->weight = (float)value;
    return BASIN_OK;
}

/** Attributes for the scorer, as long as they are plain names, one after the
 *  other. */
static basin_status ask_names(basin__source *s, basin__marks *m, size_t *from)
{
    basin__corpus *c = s->c;
    const char *line = s->line;
    const size_t length = s->length;
    basin__marks here = *m;
    size_t at = *from;
    while (at < length) {
        const size_t end = basin__next_mark(&here, at);
        if (end < length && line[end] != '\t')
            break;
        if (end > at) {
            if (!basin__scorer_has_room(c->scorer))
                BASIN_TRY(basin__corpus_settle(c, s->error));
            basin__scorer_ask(
                c->scorer, line + at, end - at, c->positions, 1.0f);
        }
        at = end + 1;
    }
    *m = here;
    *from = at < length ? at : length;
    return BASIN_OK;
}

/** A line that is not blank. Where labels are only looked up, as in tagging,
 *  any field may stand in the place of the label. */
static basin_status read_line(basin__source *s, sequence *q)
{
    basin__corpus *c = s->c;
    bool labelled = false, declared = false;
    int32_t label = -1;
    basin__marks m = basin__marks_in(
        s->line, s->length, s->size - (size_t)(s->line - s->text));
    for (size_t at = 0; at < s->length;) {
        if (s->line[at] == '\t') {
            at++;
            if (labelled && c->scorer)
                BASIN_TRY(ask_names(s, &m, &at));
            continue;
        }
        text name;
        double value;
        size_t field = at;
        BASIN_TRY(read_field(s, &m, &at, &name, &value));
        bool at_sign = name.length > 0 && name.at[0] == '@' && !labelled;
        bool weight = name.length == 7 && !memcmp(name.at, "@weight", 7);
        if (labelled)
            BASIN_TRY(basin__corpus_attribute(c, false,
                basin__corpus_hash(c, false, name.at, name.length), name.at,
                name.length, (float)value, s->error));
        else if (at_sign && (weight || !c->def.frozen_labels)) {
            BASIN_TRY(declare(s, q, field, &name, value));
            declared = true;
        } else {
            BASIN_TRY(
                basin__corpus_label(c, &label, name.at, name.length, s->error));
            labelled = true;
        }
    }
    if (!labelled && (declared || !c->def.frozen_labels))
        return BASIN_OK;
    BASIN_TRY(
        basin__corpus_line(c, label, s->base + (s->line - s->text), s->error));
    return basin__corpus_position(c, s->error);
}

/** About as many as there are tabs. */
static basin_status expect_attributes(basin__source *s)
{
    size_t tabs = 0;
    for (size_t i = s->at; i < s->size; i++)
        tabs += s->text[i] == '\t';
    return basin__corpus_expect(s->c, tabs, s->error);
}

basin_status basin__attributes_read(basin__source *s)
{
    sequence q = {1.0f};
    if (!s->c->scorer)
        BASIN_TRY(expect_attributes(s));
    while (basin__source_line(s)) {
        if (s->length > 0) {
            BASIN_TRY(read_line(s, &q));
            continue;
        }
        BASIN_TRY(basin__corpus_sequence(s->c, q.weight, s->error));
        q.weight = 1.0f;
    }
    return basin__corpus_sequence(s->c, q.weight, s->error);
}
