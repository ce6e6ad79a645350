/* SPDX-License-Identifier: MIT
 *
 * ARFF, the tables of Weka and Mulan: a head that names the attributes, numbers
 * or one of some words each, and lines of values, dense or sparse. (Witten and
 * Frank, "Data Mining", section 2.4.)
 */
#include "data/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { ATTRIBUTES_MOST = 1 << 20, NUMBER_MOST = 1100 };

/* A piece of `words`, ended by NUL. */
typedef struct word {
    size_t at, length;
} word;

typedef struct attribute {
    word name;
    size_t first; /* of its values in `values` */
    size_t n;     /* 0: a number */
} attribute;

typedef struct reader {
    const char *text;
    size_t size;
    size_t begin, at, end; /* of the line, without its end; where we are */
    int line;
    basin_error *error;
    basin_bytes words;      /* all names and values of the head */
    basin_bytes attributes; /* attribute */
    basin_bytes values;     /* word */
    basin_bytes field;      /* the word that was read last, of the data */
} reader;

static const attribute *attribute_at(const reader *r, size_t i)
{
    return (const attribute *)(const void *)r->attributes.data + i;
}

static size_t count_attributes(const reader *r)
{
    return r->attributes.size / sizeof(attribute);
}

/* Add the place to an error that was just set. */
static basin_status at_place(const reader *r, size_t at, basin_status status)
{
    size_t column = at - r->begin + 1;
    basin_error_place(
        r->error, NULL, r->line, column < INT32_MAX ? (int)column : INT32_MAX);
    return status;
}

#define REFUSE(r, place, ...)                                                  \
    at_place(r, place, basin_error_set((r)->error, BASIN_E_FORMAT, __VA_ARGS__))

/* ------------------------------------------------------------------- lines */

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

static void skip_space(reader *r)
{
    while (r->at < r->end && is_space(r->text[r->at]))
        r->at++;
}

/* The next line that says something; r->at is then its first sign. */
static bool next_line(reader *r, size_t *next)
{
    while (*next < r->size) {
        size_t i = *next;
        while (i < r->size && r->text[i] != '\n' && r->text[i] != '\r')
            i++;
        r->begin = r->at = *next;
        r->end = i;
        r->line++;
        bool both =
            i + 1 < r->size && r->text[i] == '\r' && r->text[i + 1] == '\n';
        *next = i < r->size ? i + (both ? 2 : 1) : i;
        while (r->end > r->begin && is_space(r->text[r->end - 1]))
            r->end--;
        skip_space(r);
        if (r->at < r->end && r->text[r->at] != '%')
            return true;
    }
    return false;
}

/* Take the word if it is next, in letters of either size, and a space or the
 * line's end after it. */
static bool take_word(reader *r, const char *text)
{
    size_t i = r->at;
    for (; *text; text++, i++) {
        if (i >= r->end)
            return false;
        char c = r->text[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (c != *text)
            return false;
    }
    if (i < r->end && !is_space(r->text[i]))
        return false;
    r->at = i;
    return true;
}

static bool take(reader *r, char c)
{
    skip_space(r);
    if (r->at >= r->end || r->text[r->at] != c)
        return false;
    r->at++;
    return true;
}

/* A word in quotes, or up to one of `stops`; appended to `out` with a NUL. */
static basin_status read_word(
    reader *r, const char *stops, basin_bytes *out, word *w)
{
    skip_space(r);
    size_t start = r->at;
    w->at = out->size;
    char quote = r->at < r->end ? r->text[r->at] : '\0';
    if (quote == '\'' || quote == '"') {
        for (r->at++; r->at < r->end && r->text[r->at] != quote; r->at++) {
            if (r->text[r->at] == '\\' && r->at + 1 < r->end)
                r->at++;
            BASIN_TRY(basin_bytes_append(out, r->text + r->at, 1, r->error));
        }
        if (r->at >= r->end)
            return REFUSE(r, start, "the quote has no end");
        r->at++;
    } else {
        while (
            r->at < r->end && !strchr(stops, r->text[r->at]) && r->text[r->at])
            r->at++;
        size_t end = r->at;
        while (end > start && is_space(r->text[end - 1]))
            end--;
        if (end == start)
            return REFUSE(r, start, "a word or a number is expected");
        BASIN_TRY(
            basin_bytes_append(out, r->text + start, end - start, r->error));
    }
    w->length = out->size - w->at;
    return basin_bytes_append(out, "", 1, r->error);
}

/* -------------------------------------------------------------------- head */

/* {a, b, 'c d'} */
static basin_status read_values(reader *r, attribute *a)
{
    a->first = r->values.size / sizeof(word);
    do {
        word w;
        BASIN_TRY(read_word(r, ",}", &r->words, &w));
        BASIN_TRY(basin_bytes_append(&r->values, &w, sizeof w, r->error));
        a->n++;
    } while (take(r, ','));
    if (!take(r, '}'))
        return REFUSE(r, r->at, "the values end in '}'");
    return BASIN_OK;
}

static basin_status read_attribute(reader *r)
{
    attribute a = {{0, 0}, 0, 0};
    if (count_attributes(r) >= ATTRIBUTES_MOST)
        return REFUSE(r, r->at, "more than %d attributes", ATTRIBUTES_MOST);
    BASIN_TRY(read_word(r, " \t{", &r->words, &a.name));
    skip_space(r);
    size_t type = r->at;
    if (take(r, '{')) {
        BASIN_TRY(read_values(r, &a));
    } else if (!take_word(r, "numeric") && !take_word(r, "real") &&
               !take_word(r, "integer")) {
        char quote[BASIN__QUOTE];
        return REFUSE(r, type,
            "an attribute is numeric, real, integer or {values}; '%s' is not "
            "read",
            basin__quote(quote, r->text + type, r->end - type));
    }
    skip_space(r);
    if (r->at < r->end)
        return REFUSE(r, r->at, "nothing is expected here");
    return basin_bytes_append(&r->attributes, &a, sizeof a, r->error);
}

static basin_status read_head(reader *r, size_t *next)
{
    while (next_line(r, next)) {
        if (take_word(r, "@relation"))
            continue;
        if (take_word(r, "@data")) {
            if (count_attributes(r) == 0)
                return REFUSE(r, r->begin, "@data without any @attribute");
            return BASIN_OK;
        }
        if (!take_word(r, "@attribute"))
            return REFUSE(r, r->at,
                "not an ARFF file: @relation, @attribute or @data is expected");
        BASIN_TRY(read_attribute(r));
    }
    return basin_error_set(
        r->error, BASIN_E_FORMAT, "not an ARFF file: there is no @data");
}

/* -------------------------------------------------------------------- data */

static basin_status to_number(
    reader *r, size_t place, const char *text, size_t length, float *out)
{
    double value = 0;
    char quote[BASIN__QUOTE];
    if (length > NUMBER_MOST ||
        basin_parse_number(&value, text, length) != length)
        return REFUSE(
            r, place, "'%s' is no number", basin__quote(quote, text, length));
    if (fabs(value) >= 0x1.ffffffp127 && isfinite(value))
        return REFUSE(r, place, "%.9g is too large for a float32", value);
    *out = (float)value;
    return BASIN_OK;
}

/* The value at hand, of attribute i. */
static basin_status read_value(
    reader *r, size_t i, const char *stops, float *out)
{
    const attribute *a = attribute_at(r, i);
    skip_space(r);
    size_t place = r->at;
    bool quoted = place < r->end && strchr("'\"", r->text[place]);
    word w;
    r->field.size = 0;
    BASIN_TRY(read_word(r, stops, &r->field, &w));
    const char *text = (const char *)r->field.data;
    if (!quoted && w.length == 1 && *text == '?') {
        *out = (float)NAN;
        return BASIN_OK;
    }
    if (a->n == 0)
        return to_number(r, place, text, w.length, out);
    const word *values = (const word *)(const void *)r->values.data + a->first;
    for (size_t v = 0; v < a->n; v++)
        if (values[v].length == w.length &&
            !memcmp(r->words.data + values[v].at, text, w.length)) {
            *out = (float)v;
            return BASIN_OK;
        }
    char quote[BASIN__QUOTE], name[BASIN__QUOTE];
    return REFUSE(r, place, "'%s' is no value of the attribute '%s'",
        basin__quote(quote, text, w.length),
        basin__quote(
            name, (const char *)r->words.data + a->name.at, a->name.length));
}

static basin_status read_dense(reader *r, float *row)
{
    size_t n = count_attributes(r);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && !take(r, ','))
            return REFUSE(
                r, r->at, "%zu values are expected; there are %zu", n, i);
        BASIN_TRY(read_value(r, i, ",", &row[i]));
    }
    skip_space(r);
    if (r->at < r->end)
        return REFUSE(r, r->at, "more than %zu values", n);
    return BASIN_OK;
}

/* {index value, index value}: all others are 0, or the first value. */
static basin_status read_sparse(reader *r, float *row)
{
    size_t n = count_attributes(r);
    long last = -1;
    while (!take(r, '}')) {
        if (last >= 0 && !take(r, ','))
            return REFUSE(r, r->at, "',' or '}' is expected");
        skip_space(r);
        size_t place = r->at;
        float index;
        word w;
        r->field.size = 0;
        BASIN_TRY(read_word(r, " \t,}", &r->field, &w));
        BASIN_TRY(
            to_number(r, place, (const char *)r->field.data, w.length, &index));
        if (!(index > (float)last) || index != floorf(index) ||
            index >= (float)n)
            return REFUSE(r, place,
                "%g is no index from 0 to %zu that rises along the line",
                (double)index, n - 1);
        last = (long)index;
        BASIN_TRY(read_value(r, (size_t)last, ",}", &row[last]));
    }
    skip_space(r);
    if (r->at < r->end)
        return REFUSE(r, r->at, "nothing is expected behind '}'");
    return BASIN_OK;
}

/* `next` is where the data begin: lines are counted, then read. */
static basin_status read_data(reader *r, basin_array *out, size_t next)
{
    const size_t first = next;
    const int line = r->line;
    int64_t dims[2] = {0, (int64_t)count_attributes(r)};
    while (next_line(r, &next))
        dims[0]++;
    BASIN_TRY(basin_array_init(out, r->words.ctx, 2, dims, r->error));
    next = first;
    r->line = line;
    for (float *row = out->values; next_line(r, &next); row += dims[1])
        BASIN_TRY(take(r, '{') ? read_sparse(r, row) : read_dense(r, row));
    return BASIN_OK;
}

/* ------------------------------------------------------------------ result */

/* One block: pointers to the names, to the lists and to their values, numbers
 * of values, and all words. */
static basin_status keep_names(basin_arff *out, const reader *r)
{
    size_t n = count_attributes(r), m = r->values.size / sizeof(word);
    size_t pointers = (n + m) * sizeof(char *) + n * sizeof(char **);
    out->block_size = pointers + n * sizeof(int) + r->words.size;
    char *block = basin_alloc(out->ctx, out->block_size);
    BASIN_REQUIRE(block, r->error, BASIN_E_MEMORY,
        "out of memory: %zu names of attributes", n);
    const char **names = (const char **)(void *)block, **values = names + n;
    const char *const **lists = (const char *const **)(void *)(values + m);
    int *counts = (int *)(void *)(block + pointers);
    char *words = block + pointers + n * sizeof(int);
    const word *value = (const word *)(const void *)r->values.data;
    memcpy(words, r->words.data, r->words.size);
    for (size_t i = 0; i < m; i++)
        values[i] = words + value[i].at;
    for (size_t i = 0; i < n; i++) {
        const attribute *a = attribute_at(r, i);
        names[i] = words + a->name.at;
        counts[i] = (int)a->n;
        lists[i] = a->n ? values + a->first : NULL;
    }
    out->n_attributes = (int)n;
    out->names = names;
    out->counts = counts;
    out->lists = lists;
    out->block = block;
    return BASIN_OK;
}

basin_status basin_arff_read(basin_arff *out, basin_context *ctx,
    const void *data, size_t size, basin_error *error)
{
    *out = (basin_arff){.ctx = ctx, .values = {.ctx = ctx}};
    reader r = {.text = data, .size = size, .error = error};
    basin_bytes *const all[] = {&r.words, &r.attributes, &r.values, &r.field};
    for (int i = 0; i < 4; i++)
        basin_bytes_init(all[i], ctx);
    size_t next = 0;
    basin_status status = read_head(&r, &next);
    if (status == BASIN_OK)
        status = read_data(&r, &out->values, next);
    if (status == BASIN_OK)
        status = keep_names(out, &r);
    for (int i = 0; i < 4; i++)
        basin_bytes_finish(all[i]);
    if (status != BASIN_OK)
        basin_arff_finish(out);
    return status;
}

void basin_arff_finish(basin_arff *arff)
{
    basin_array_finish(&arff->values);
    if (arff->block)
        basin_free(arff->ctx, arff->block, arff->block_size);
    *arff = (basin_arff){.ctx = arff->ctx, .values = {.ctx = arff->ctx}};
}
