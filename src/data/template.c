/* SPDX-License-Identifier: MIT
 *
 * Templates as CRF++ and Wapiti write them: read line by line into patterns of
 * pieces. What is odd in a line is refused here, so that nothing can go wrong
 * with it later but a column that the data has not.
 */
#include "data/template.h"

#include <string.h>

enum {
    CRFPP_ROWS = 8,     /* CRF++ knows no rows further away */
    ROW_MOST = 1 << 24, /* nor does anyone need them */
    COLUMN_MOST = 1 << 20
};

typedef struct reader {
    basin_template *t;
    const char *line; /* in t->text */
    size_t begin;     /* of the line, in t->text */
    size_t length, at;
    int number;
    basin_error *error;
} reader;

static basin_status at_place(const reader *r, size_t at, basin_status status)
{
    basin_error_place(
        r->error, NULL, r->number, at < INT32_MAX ? (int)at + 1 : INT32_MAX);
    return status;
}

#define REFUSE(r, at, ...)                                                     \
    at_place(r, at, basin_error_set((r)->error, BASIN_E_FORMAT, __VA_ARGS__))

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static char peek(const reader *r)
{
    return r->at < r->length ? r->line[r->at] : '\0';
}

/* ------------------------------------------------------------------ macros */

/** A number without sign; Wapiti's rows may be octal or hexadecimal. */
static bool read_digits(reader *r, int64_t most, bool any_base, int64_t *out)
{
    int base = 10;
    size_t first = r->at;
    if (any_base && peek(r) == '0') {
        base = 8;
        char x = r->at + 1 < r->length ? r->line[r->at + 1] : '\0';
        if (x == 'x' || x == 'X') {
            base = 16;
            first = r->at += 2;
        }
    }
    for (*out = 0;; r->at++) {
        char c = peek(r);
        char small = (char)(c | 32);
        int digit = c >= '0' && c <= '9'           ? c - '0'
                    : small >= 'a' && small <= 'f' ? small - 'a' + 10
                                                   : 16;
        if (digit >= base)
            return r->at > first;
        *out = *out * base + digit;
        if (*out > most)
            return false;
    }
}

static void skip_space(reader *r)
{
    while (r->t->dialect == BASIN_DIALECT_WAPITI && is_space(peek(r)))
        r->at++;
}

/** "[row,column", as far as the comma or bracket after it. */
static basin_status read_place(reader *r, basin__piece *piece)
{
    bool wapiti = r->t->dialect == BASIN_DIALECT_WAPITI;
    if (peek(r) != '[')
        return REFUSE(r, r->at, "after %%x a [ is expected, as in %%x[-1,0]");
    r->at++;
    if (wapiti && peek(r) == '@') {
        piece->absolute = true;
        r->at++;
    }
    skip_space(r);
    size_t from = r->at;
    bool minus = peek(r) == '-';
    r->at += minus || (wapiti && peek(r) == '+');
    int64_t number;
    if (!read_digits(r, ROW_MOST, wapiti, &number))
        return REFUSE(r, from,
            "a row is expected, such as -1, 0 or 1, of at most %d", ROW_MOST);
    if (!wapiti && number > CRFPP_ROWS)
        return REFUSE(r, from, "the row %s%d is out of range: -%d to %d",
            minus ? "-" : "", (int)number, CRFPP_ROWS, CRFPP_ROWS);
    piece->row = (int32_t)(minus ? -number : number);
    if (peek(r) != ',')
        return REFUSE(r, r->at,
            "after the row a comma and a column are expected, as in %%x[-1,0]");
    r->at++;
    skip_space(r);
    from = r->at;
    if (!read_digits(r, COLUMN_MOST, false, &number))
        return REFUSE(r, from,
            "a column is expected, such as 0 or 1, of at most %d", COLUMN_MOST);
    piece->column = (int32_t)number;
    if (piece->column >= r->t->columns) {
        r->t->columns = piece->column + 1;
        r->t->columns_line = r->number;
    }
    return BASIN_OK;
}

/** ',"regex"' */
static basin_status read_regex(reader *r, basin__piece *piece)
{
    if (peek(r) != ',' || r->at + 1 >= r->length || r->line[r->at + 1] != '"')
        return REFUSE(r, r->at,
            "a regular expression in quotes is expected, as in "
            "%%t[0,0,\"^\\u\"]");
    size_t quote = r->at + 1;
    r->at += 2;
    size_t from = r->at;
    while (r->at < r->length && r->line[r->at] != '"')
        r->at += r->line[r->at] == '\\' && r->at + 1 < r->length ? 2 : 1;
    if (r->at >= r->length)
        return REFUSE(r, quote,
            "the quote has no end on this line (in Wapiti's patterns a # "
            "begins a comment even there)");
    piece->begin = r->begin + from;
    piece->length = r->at - from;
    const char *wrong = basin__regex_check(r->line + from, piece->length);
    if (wrong)
        return REFUSE(r, from, "the regular expression is wrong: %s", wrong);
    r->at++;
    return BASIN_OK;
}

static basin_status read_macro(reader *r, basin__piece *piece)
{
    size_t start = r->at;
    char name = start + 1 < r->length ? r->line[start + 1] : '\0';
    bool wapiti = r->t->dialect == BASIN_DIALECT_WAPITI;
    piece->lower = wapiti && (name == 'X' || name == 'T' || name == 'M');
    char small = piece->lower ? (char)(name | 32) : name;
    if (small == 'x')
        piece->kind = BASIN__PIECE_TOKEN;
    else if (wapiti && small == 't')
        piece->kind = BASIN__PIECE_TEST;
    else if (wapiti && small == 'm')
        piece->kind = BASIN__PIECE_MATCH;
    else
        return REFUSE(r, start, "%% begins a macro: %s is expected",
            wapiti ? "%x, %t or %m (or %X, %T, %M)" : "%x[row,column]");
    r->at += 2;
    BASIN_TRY(read_place(r, piece));
    if (piece->kind != BASIN__PIECE_TOKEN)
        BASIN_TRY(read_regex(r, piece));
    if (peek(r) != ']')
        return REFUSE(r, r->at < r->length ? r->at : start,
            "the macro has no end: a ] is expected");
    r->at++;
    return BASIN_OK;
}

/* ------------------------------------------------------------------- lines */

static basin_status read_pieces(reader *r, basin__pattern *pattern)
{
    basin_bytes *pieces = &r->t->pieces;
    pattern->first = (int32_t)(pieces->size / sizeof(basin__piece));
    while (r->at < r->length) {
        basin__piece piece = {.begin = r->begin + r->at};
        if (peek(r) == '%') {
            BASIN_TRY(read_macro(r, &piece));
        } else {
            while (r->at < r->length && peek(r) != '%')
                r->at++;
            piece.length = r->begin + r->at - piece.begin;
        }
        BASIN_TRY(basin_bytes_append(pieces, &piece, sizeof piece, r->error));
        pattern->n++;
    }
    return BASIN_OK;
}

/** A line that is not skipped, without its end. */
static basin_status read_pattern(reader *r)
{
    basin_template *t = r->t;
    bool wapiti = t->dialect == BASIN_DIALECT_WAPITI;
    char kind = (char)(wapiti ? r->line[0] | 32 : r->line[0]);
    if (r->line[0] == '*')
        kind = '*';
    basin__pattern pattern = {.line = r->number};
    pattern.node = kind == (wapiti ? 'u' : 'U') || (wapiti && kind == '*');
    pattern.edge = kind == (wapiti ? 'b' : 'B') || (wapiti && kind == '*');
    if (!pattern.node && !pattern.edge)
        return REFUSE(r, 0, "a line of a template begins with %s",
            wapiti ? "u, b or * (or # for a comment)"
                   : "U or B (or # for a comment)");
    BASIN_TRY(read_pieces(r, &pattern));
    const basin__piece *piece =
        (const basin__piece *)(const void *)t->pieces.data + pattern.first;
    bool constant = pattern.n == 1 && piece->kind == BASIN__PIECE_TEXT;
    /* one line of it says it; another is a second weight for each pair */
    if (pattern.edge && constant && !t->transitions)
        pattern.plain = t->transitions = true;
    if (t->n == INT32_MAX)
        return basin_error_set(r->error, BASIN_E_RANGE,
            "the template has more than %d lines", INT32_MAX);
    t->n++;
    return basin_bytes_append(&t->patterns, &pattern, sizeof pattern, r->error);
}

/** What of a line counts. @return its length; 0: skip it */
static size_t line_length(basin_dialect dialect, const char *line, size_t size)
{
    if (dialect == BASIN_DIALECT_CRFPP)
        return size > 0 && line[0] == '#' ? 0 : size;
    const char *comment = size ? memchr(line, '#', size) : NULL;
    size_t length = comment ? (size_t)(comment - line) : size;
    while (length > 0 && is_space(line[length - 1]))
        length--;
    return length;
}

static basin_status read_line(basin_template *t, const char *line, size_t size,
    int number, basin_error *error)
{
    size_t length = line_length(t->dialect, line, size);
    if (length == 0)
        return BASIN_OK;
    size_t begin = t->text.size;
    BASIN_TRY(basin_bytes_append(&t->text, line, length, error));
    BASIN_TRY(basin_bytes_append(&t->text, "\n", 1, error));
    char *copy = (char *)t->text.data + begin;
    if (t->dialect == BASIN_DIALECT_WAPITI && copy[0] >= 'A' && copy[0] <= 'Z')
        copy[0] = (char)(copy[0] | 32);
    reader r = {.t = t,
        .line = copy,
        .begin = begin,
        .length = length,
        .number = number,
        .error = error};
    return read_pattern(&r);
}

/* ------------------------------------------------------------- the dialect */

/** Small first letters and macros that CRF++ has not are Wapiti's. */
static bool is_wapiti_line(const char *line, size_t size)
{
    if (size == 0 || line[0] == '#')
        return false;
    if (line[0] == 'u' || line[0] == 'b' || line[0] == '*')
        return true;
    for (size_t i = 0; i + 2 < size; i++)
        if (line[i] == '%' &&
            (strchr("XTMtm", line[i + 1]) ||
                (line[i + 1] == 'x' && i + 3 < size && line[i + 3] == '@')))
            return true;
    return false;
}

/** The next line from *at on, without its end, of which every CR before it is
 *  a part: so the lines that are kept read back as they are. */
static bool next_line(const char *text, size_t size, size_t *at,
    const char **line, size_t *length)
{
    if (*at >= size)
        return false;
    *line = text + *at;
    const char *end = memchr(*line, '\n', size - *at);
    size_t n = end ? (size_t)(end - *line) : size - *at;
    *at += n + 1;
    while (n > 0 && (*line)[n - 1] == '\r')
        n--;
    *length = n;
    return true;
}

static basin_dialect find_dialect(const char *text, size_t size)
{
    const char *line;
    size_t length;
    for (size_t at = 0; next_line(text, size, &at, &line, &length);)
        if (is_wapiti_line(line, length))
            return BASIN_DIALECT_WAPITI;
    return BASIN_DIALECT_CRFPP;
}

static basin_status read_lines(
    basin_template *t, const char *text, size_t size, basin_error *error)
{
    const char *line;
    size_t length;
    int number = 0;
    for (size_t at = 0; next_line(text, size, &at, &line, &length);) {
        number += number < INT32_MAX;
        const char *zero = length ? memchr(line, 0, length) : NULL;
        reader r = {.number = number, .error = error};
        if (zero)
            return REFUSE(&r, (size_t)(zero - line),
                "a NUL byte; this is no text, and a template is");
        BASIN_TRY(read_line(t, line, length, number, error));
    }
    BASIN_REQUIRE(t->n > 0, error, BASIN_E_FORMAT,
        "the template has no line that makes an attribute, such as "
        "U:%%x[0,0]");
    /* so that the text always ends in NUL, which is no part of it */
    BASIN_TRY(basin_bytes_append(&t->text, "", 1, error));
    t->text.size--;
    return BASIN_OK;
}

/* -------------------------------------------------------------- the public */

basin_status basin_template_read(basin_template **out, basin_context *ctx,
    const void *text, size_t size, basin_dialect dialect, basin_error *error)
{
    *out = NULL;
    basin_template *t = basin_alloc(ctx, sizeof *t);
    BASIN_REQUIRE(t, error, BASIN_E_MEMORY, "out of memory for a template");
    const char *from = text;
    if (size >= 3 && !memcmp(from, "\xEF\xBB\xBF", 3)) {
        from += 3;
        size -= 3;
    }
    t->ctx = ctx;
    t->dialect = dialect ? dialect : find_dialect(from, size);
    basin_bytes_init(&t->text, ctx);
    basin_bytes_init(&t->pieces, ctx);
    basin_bytes_init(&t->patterns, ctx);
    basin_status status = read_lines(t, from, size, error);
    if (status != BASIN_OK) {
        basin_template_destroy(t);
        return status;
    }
    *out = t;
    return BASIN_OK;
}

void basin_template_destroy(basin_template *tmpl)
{
    if (!tmpl)
        return;
    basin_bytes_finish(&tmpl->text);
    basin_bytes_finish(&tmpl->pieces);
    basin_bytes_finish(&tmpl->patterns);
    basin_free(tmpl->ctx, tmpl, sizeof *tmpl);
}

basin_dialect basin_template_dialect(const basin_template *tmpl)
{
    return tmpl->dialect;
}

int32_t basin_template_columns(const basin_template *tmpl)
{
    return tmpl->columns;
}

int32_t basin_template_count(const basin_template *tmpl)
{
    return tmpl->n;
}

bool basin_template_transitions(const basin_template *tmpl)
{
    return tmpl->transitions;
}

const char *basin_template_text(const basin_template *tmpl, size_t *size)
{
    *size = tmpl->text.size;
    return (const char *)tmpl->text.data;
}
