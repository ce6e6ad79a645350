/* SPDX-License-Identifier: MIT
 *
 * Tables of numbers as text. The separator is found by itself, from the second
 * line where there is one: the first may hold names, and names may hold
 * anything.
 */
#include "data/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

/** Bytes a number may have: more than the longest exact double needs is a
 *  mistake, and parsing it would cost more than it is worth. */
enum { NUMBER_MOST = 1100 };

typedef struct reader {
    const char *text;
    size_t size, at; /* at: the start of the next line */
    int number;      /* of the line before that */
    char separator;  /* ' ' stands for any run of spaces and tabs */
    basin_error *error;
    int64_t word_column; /* from 0; -1: all are numbers */
    basin_bytes *words;  /* of that column, each with its NUL */
    int n_words;
} reader;

typedef struct line {
    size_t begin, end; /* without the line's end */
    int number;
} line;

typedef struct field {
    size_t begin, end; /* without spaces around it and without quotes */
} field;

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/** Add the place to an error that was just set. */
static basin_status at_place(
    const reader *r, const line *l, size_t at, basin_status status)
{
    size_t column = at - l->begin + 1;
    basin_error_place(r->error, NULL, l->number,
        column < INT32_MAX ? (int)column : INT32_MAX);
    return status;
}

/* ------------------------------------------------------- lines and fields */

/** The next line that is neither blank nor a comment. */
static bool next_line(reader *r, line *out)
{
    while (r->at < r->size) {
        size_t i = r->at;
        while (i < r->size && r->text[i] != '\n' && r->text[i] != '\r')
            i++;
        *out = (line){r->at, i, ++r->number};
        bool both =
            i + 1 < r->size && r->text[i] == '\r' && r->text[i + 1] == '\n';
        r->at = i < r->size ? i + (both ? 2 : 1) : i;
        size_t first = out->begin;
        while (first < out->end && is_space(r->text[first]))
            first++;
        if (first < out->end && r->text[first] != '#')
            return true;
    }
    return false;
}

/** What separates the fields of a line; 0: it has one field only. Spaces and
 *  tabs before the first field and after the last separate nothing. */
static char separator_of(const reader *r, const line *l)
{
    bool semicolon = false, comma = false, tab = false, space = false;
    bool quoted = false;
    size_t last = l->end; /* the end of the last bit of a field */
    for (size_t i = l->begin; i < l->end; i++) {
        char c = r->text[i];
        semicolon |= !quoted && c == ';';
        comma |= !quoted && c == ',';
        if (!quoted && is_space(c))
            continue;
        if (last < i && memchr(r->text + last, '\t', i - last) && !quoted)
            tab = true;
        space |= last < i && !quoted;
        quoted ^= c == '"';
        last = i + 1;
    }
    return semicolon ? ';' : tab ? '\t' : comma ? ',' : space ? ' ' : '\0';
}

/** The second line decides, where there is one: the first may hold names. If
 *  it has one field, a separator in the first is a mistake to be reported, and
 *  a space there belongs to the column's name. */
static char find_separator(
    const reader *r, const line *first, const line *second)
{
    char of_first = separator_of(r, first);
    char separator = second ? separator_of(r, second) : of_first;
    if (!separator)
        separator = of_first == ' ' ? ',' : of_first;
    return separator ? separator : ' ';
}

static bool separates(const reader *r, size_t at)
{
    char c = r->text[at];
    return r->separator == ' ' ? is_space(c) : c == r->separator;
}

static size_t skip_space(const reader *r, const line *l, size_t at)
{
    while (at < l->end && is_space(r->text[at]) &&
           (r->separator == ' ' || !separates(r, at)))
        at++;
    return at;
}

static basin_status after_quote(const reader *r)
{
    return basin_error_set(
        r->error, BASIN_E_FORMAT, "after a closing quote the field must end");
}

/**
 * Read the field at *at and move on behind its separator; past the last field,
 * *at is l->end + 1. (A separator at the end of a line, unless it is a space,
 * opens one more field, an empty one.)
 */
static basin_status next_field(
    const reader *r, const line *l, size_t *at, field *out)
{
    size_t i = skip_space(r, l, *at);
    if (i < l->end && r->text[i] == '"') {
        size_t start = i++;
        out->begin = i;
        while (i < l->end &&
               (r->text[i] != '"' || (i + 1 < l->end && r->text[i + 1] == '"')))
            i += r->text[i] == '"' ? 2 : 1;
        if (i >= l->end)
            return at_place(r, l, start,
                basin_error_set(r->error, BASIN_E_FORMAT,
                    "the quote has no end on this line"));
        out->end = i++;
    } else {
        out->begin = i;
        while (i < l->end && !separates(r, i))
            i++;
        out->end = i;
        while (out->end > out->begin && is_space(r->text[out->end - 1]))
            out->end--;
    }
    if (i < l->end && !is_space(r->text[i]) && !separates(r, i))
        return at_place(r, l, i, after_quote(r));
    /* separated by spaces, the next field starts here without more ado */
    i = skip_space(r, l, i);
    if (i < l->end && r->separator != ' ' && !separates(r, i))
        return at_place(r, l, i, after_quote(r));
    *at = i >= l->end ? l->end + 1 : r->separator == ' ' ? i : i + 1;
    return BASIN_OK;
}

/* ----------------------------------------------------------------- numbers */

static bool is_number(const reader *r, const field *f, double *out)
{
    size_t length = f->end - f->begin;
    return length > 0 && length <= NUMBER_MOST &&
           basin_parse_number(out, r->text + f->begin, length) == length;
}

/** Whether a field of the first line was meant as a number, right or wrong:
 *  "1,5" and "1 2" were, "1st" and "infinite" are names. */
static bool is_meant(const reader *r, const field *f)
{
    double value;
    size_t length = f->end - f->begin;
    const char *text = r->text + f->begin;
    size_t n = basin_parse_number(
        &value, text, length < NUMBER_MOST ? length : NUMBER_MOST);
    return n > 0 && (n == length || strchr(" \t,;.", text[n]));
}

/** Say why a field is no number, with the fix where it is known. */
static basin_status refuse(
    const reader *r, const line *l, const field *f, int column)
{
    size_t length = f->end - f->begin;
    const char *text = r->text + f->begin;
    char quote[BASIN__QUOTE];
    double part;
    basin_status status;
    if (length == 0)
        status = basin_error_set(r->error, BASIN_E_FORMAT,
            "field %d is empty; a number is expected", column);
    else if (length > NUMBER_MOST)
        status = basin_error_set(r->error, BASIN_E_FORMAT,
            "field %d has %zu bytes; a number has at most %d", column, length,
            NUMBER_MOST);
    else {
        size_t n = basin_parse_number(&part, text, length);
        bool comma = n > 0 && n < length && text[n] == ',';
        status = basin_error_set(r->error, BASIN_E_FORMAT,
            "field %d is '%s'; a number is expected%s", column,
            basin__quote(quote, text, length),
            comma ? ", with a point for decimals" : ", such as -1.5e3");
    }
    return at_place(r, l, f->begin, status);
}

static basin_status to_float(const reader *r, const line *l, const field *f,
    int column, double value, float *out)
{
    /* an infinity must have been meant: "inf", not 1e999 */
    char last = r->text[f->end - 1];
    bool meant = isinf(value) && (last < '0' || last > '9') && last != '.';
    char quote[BASIN__QUOTE];
    if (fabs(value) >= 0x1.ffffffp127 && !meant)
        return at_place(r, l, f->begin,
            basin_error_set(r->error, BASIN_E_FORMAT,
                "field %d, '%s', is too large for a float32 (%.4g at most)",
                column,
                basin__quote(quote, r->text + f->begin, f->end - f->begin),
                (double)FLT_MAX));
    *out = (float)value;
    return BASIN_OK;
}

/* ------------------------------------------------------------------- table */

/** Count the fields of a line, and how many of them are meant as numbers. */
static basin_status count_fields(
    const reader *r, const line *l, int64_t *fields, int64_t *numbers)
{
    *fields = *numbers = 0;
    for (size_t at = l->begin; at <= l->end; ++*fields) {
        field f = {0, 0};
        BASIN_TRY(next_field(r, l, &at, &f));
        *numbers += is_meant(r, &f);
    }
    return BASIN_OK;
}

/** The place of a word among those that were read. */
static basin_status place_word(reader *r, const field *f, float *out)
{
    size_t length = f->end - f->begin;
    const char *at = r->n_words ? (const char *)r->words->data : NULL;
    *out = 0;
    for (int i = 0; i < r->n_words; i++, at += strlen(at) + 1) {
        if (strlen(at) == length && !memcmp(at, r->text + f->begin, length))
            return BASIN_OK;
        *out += 1;
    }
    r->n_words++;
    BASIN_TRY(
        basin_bytes_append(r->words, r->text + f->begin, length, r->error));
    return basin_bytes_append(r->words, "", 1, r->error);
}

/** Read a line of numbers; `columns` is 0 until the first line says it. */
static basin_status read_row(
    reader *r, const line *l, bool first, int64_t *columns, basin_bytes *out)
{
    int64_t n = 0;
    for (size_t at = l->begin; at <= l->end;) {
        field f = {0, 0};
        double value = 0.0;
        float number = 0.0f;
        BASIN_TRY(next_field(r, l, &at, &f));
        int column = n < INT32_MAX ? (int)n + 1 : INT32_MAX;
        bool is = is_number(r, &f, &value);
        if (n == r->word_column && f.end > f.begin &&
            (first ? !is && !is_meant(r, &f) : r->n_words > 0))
            BASIN_TRY(place_word(r, &f, &number));
        else if (is)
            BASIN_TRY(to_float(r, l, &f, column, value, &number));
        else
            return refuse(r, l, &f, column);
        n++;
        BASIN_TRY(basin_bytes_append(out, &number, sizeof number, r->error));
    }
    if (*columns == 0)
        *columns = n;
    if (n != *columns)
        return at_place(r, l, l->begin,
            basin_error_set(r->error, BASIN_E_FORMAT,
                "this line has %lld fields, but the lines before it have %lld",
                (long long)n, (long long)*columns));
    return BASIN_OK;
}

/** Refuse what is no text, and step over a byte order mark. */
static basin_status start(reader *r)
{
    const unsigned char *bytes = (const unsigned char *)r->text;
    bool wide = r->size >= 2 && ((bytes[0] == 0xFF && bytes[1] == 0xFE) ||
                                    (bytes[0] == 0xFE && bytes[1] == 0xFF));
    BASIN_REQUIRE(!wide, r->error, BASIN_E_FORMAT,
        "the text is UTF-16; save it as UTF-8 or ASCII");
    if (r->size >= 3 && !memcmp(r->text, "\xEF\xBB\xBF", 3)) {
        r->text += 3;
        r->size -= 3;
    }
    const char *zero = r->size ? memchr(r->text, 0, r->size) : NULL;
    if (!zero)
        return BASIN_OK;
    line l = {0, (size_t)(zero - r->text), 1};
    for (size_t i = 0; i < l.end; i++)
        if (r->text[i] == '\n' ||
            (r->text[i] == '\r' && r->text[i + 1] != '\n')) {
            l.begin = i + 1;
            l.number++;
        }
    return at_place(r, &l, l.end,
        basin_error_set(r->error, BASIN_E_FORMAT,
            "a NUL byte; this is no text, and a table of numbers is"));
}

/** Find the separator and step over a line of names. */
static basin_status read_head(reader *r, int64_t *columns)
{
    line first, second;
    reader ahead = *r;
    *columns = 0;
    BASIN_REQUIRE(next_line(&ahead, &first), r->error, BASIN_E_FORMAT,
        "no line of numbers is there; the text is %s",
        r->size ? "blank, or all comments" : "empty");
    reader behind = ahead;
    bool more = next_line(&ahead, &second);
    r->separator = find_separator(r, &first, more ? &second : NULL);
    behind.separator = r->separator;
    int64_t fields, numbers;
    BASIN_TRY(count_fields(r, &first, &fields, &numbers));
    /* one number among words is data with a mistake, and read_row says so */
    if (numbers > 0)
        return BASIN_OK;
    if (!more)
        return at_place(r, &first, first.begin,
            basin_error_set(r->error, BASIN_E_FORMAT,
                "a line of names, or of no numbers, and nothing after it"));
    *columns = fields;
    *r = behind;
    return BASIN_OK;
}

static basin_status read_rows(
    reader *r, basin_array *out, int64_t columns, basin_context *ctx)
{
    basin_bytes values;
    basin_bytes_init(&values, ctx);
    basin_status status = BASIN_OK;
    int64_t rows = 0;
    line l;
    while (status == BASIN_OK && next_line(r, &l)) {
        status = read_row(r, &l, rows == 0, &columns, &values);
        rows++;
    }
    if (status == BASIN_OK)
        status =
            basin_array_init(out, ctx, 2, (int64_t[]){rows, columns}, r->error);
    if (status == BASIN_OK)
        memcpy(out->values, values.data, values.size);
    basin_bytes_finish(&values);
    return status;
}

static basin_status read_table(reader *r, basin_array *out, basin_context *ctx)
{
    int64_t columns;
    *out = (basin_array){.ctx = ctx};
    BASIN_TRY(start(r));
    BASIN_TRY(read_head(r, &columns));
    return read_rows(r, out, columns, ctx);
}

basin_status basin_csv_read(basin_array *out, basin_context *ctx,
    const void *data, size_t size, basin_error *error)
{
    reader r = {.text = data, .size = size, .error = error, .word_column = -1};
    return read_table(&r, out, ctx);
}

basin_status basin__csv_read_words(basin_array *out, basin_bytes *words,
    int *n_words, int column, const void *data, size_t size, basin_error *error)
{
    reader r = {.text = data,
        .size = size,
        .error = error,
        .word_column = column,
        .words = words};
    basin_status status = read_table(&r, out, words->ctx);
    *n_words = r.n_words;
    return status;
}

basin_status basin__csv_names(
    basin_bytes *out, const void *data, size_t size, basin_error *error)
{
    reader r = {.text = data, .size = size, .error = error};
    int64_t columns;
    BASIN_TRY(start(&r));
    reader head = r;
    BASIN_TRY(read_head(&r, &columns));
    if (columns == 0)
        return BASIN_OK;
    line l;
    next_line(&head, &l);
    head.separator = r.separator;
    for (size_t at = l.begin; at <= l.end;) {
        field f = {0, 0};
        BASIN_TRY(next_field(&head, &l, &at, &f));
        BASIN_TRY(basin_bytes_append(
            out, head.text + f.begin, f.end - f.begin, error));
        BASIN_TRY(basin_bytes_append(out, "", 1, error));
    }
    return BASIN_OK;
}

/* ----------------------------------------------------------------- writing */

basin_status basin__csv_write_word(
    basin_bytes *out, const char *name, basin_error *error)
{
    size_t length = strlen(name);
    if (length > 0 && !name[strcspn(name, ",;\t \"#")])
        return basin_bytes_append(out, name, length, error);
    BASIN_TRY(basin_bytes_append(out, "\"", 1, error));
    for (const char *c = name; *c; c++)
        BASIN_TRY(basin_bytes_append(
            out, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1, error));
    return basin_bytes_append(out, "\"", 1, error);
}

static basin_status write_names(basin_bytes *out, int64_t columns,
    const char *const *names, basin_error *error)
{
    for (int64_t c = 0; c < columns; c++) {
        BASIN_REQUIRE(!names[c][strcspn(names[c], "\r\n")], error,
            BASIN_E_ARGUMENT, "the name of column %lld has a line break in it",
            (long long)c + 1);
        if (c)
            BASIN_TRY(basin_bytes_append(out, ",", 1, error));
        BASIN_TRY(basin__csv_write_word(out, names[c], error));
    }
    return basin_bytes_append(out, "\n", 1, error);
}

basin_status basin_csv_write(basin_bytes *out, const basin_array *table,
    const char *const *names, basin_error *error)
{
    BASIN_REQUIRE((table->n_dims == 1 || table->n_dims == 2) &&
                      (table->n_dims == 1 || table->dims[1] > 0),
        error, BASIN_E_SHAPE,
        "a table has one or two dimensions and a column at least; the array "
        "has %d dimensions%s",
        table->n_dims, table->n_dims == 2 ? " and no column" : "");
    int64_t columns = table->n_dims == 2 ? table->dims[1] : 1;
    if (names)
        BASIN_TRY(write_names(out, columns, names, error));
    size_t count = basin_array_size(table);
    for (size_t i = 0; i < count; i++) {
        char text[40];
        size_t n = basin_print_number(text, (double)table->values[i], true);
        text[n++] = (int64_t)(i + 1) % columns == 0 ? '\n' : ',';
        BASIN_TRY(basin_bytes_append(out, text, n, error));
    }
    return BASIN_OK;
}
