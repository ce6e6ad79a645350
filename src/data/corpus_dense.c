/* SPDX-License-Identifier: MIT
 *
 * Sequences with numbers at each position, for chains with nets: columns of
 * numbers, Taskar's handwritten letters, and arrays in a .npz.
 */
#include "data/corpus.h"

#include <math.h>
#include <string.h>

/* ------------------------------------------------------------------ fields */

typedef struct field {
    const char *at;
    size_t length;
} field;

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/** The field of a line that begins at or after *at. False: there is none. */
static bool next_field(const basin__source *s, size_t *at, field *out)
{
    size_t i = *at;
    while (i < s->length && blank(s->line[i]))
        i++;
    out->at = s->line + i;
    while (i < s->length && !blank(s->line[i]))
        i++;
    out->length = (size_t)(s->line + i - out->at);
    *at = i;
    return out->length > 0;
}

static bool number_of(const field *f, double *out)
{
    return basin_parse_number(out, f->at, f->length) == f->length;
}

static basin_status read_number(
    const basin__source *s, const field *f, double *out)
{
    if (number_of(f, out) && isfinite(*out) && fabs(*out) < 3e38)
        return BASIN_OK;
    char quote[BASIN__QUOTE];
    return basin__source_at(s, (size_t)(f->at - s->line),
        basin_error_set(s->error, BASIN_E_FORMAT,
            "'%s' stands where a number should be",
            basin__quote(quote, f->at, f->length)));
}

basin_status basin__corpus_dense(
    basin__corpus *c, const float *values, int64_t n, basin_error *error)
{
    BASIN_REQUIRE(n < INT32_MAX && (c->dense_dim == 0 || c->dense_dim == n),
        error, BASIN_E_FORMAT,
        "a position has %lld numbers, and those before it %d", (long long)n,
        c->dense_dim);
    c->dense_dim = (int32_t)n;
    return basin_bytes_append(
        &c->dense, values, (size_t)n * sizeof *values, error);
}

/* One number of the position that is being made. */
static basin_status push_number(basin__source *s, double value)
{
    const float single = (float)value;
    return basin_bytes_append(&s->c->dense, &single, sizeof single, s->error);
}

/* --------------------------------------------------- columns of numbers */

static int count_fields(const basin__source *s)
{
    int n = 0;
    field f;
    for (size_t at = 0; next_field(s, &at, &f);)
        n++;
    return n;
}

/* The numbers, and behind them the label; what stands before is not read. */
static basin_status read_columns(basin__source *s)
{
    basin__corpus *c = s->c;
    const int n = count_fields(s), label = !c->def.unlabelled;
    const int skipped = n - c->def.dense - label;
    if (skipped < 0)
        return basin__source_at(s, 0,
            basin_error_set(s->error, BASIN_E_FORMAT,
                "%d columns; %d numbers%s are expected", n, c->def.dense,
                label ? " and a label" : ""));
    field f;
    size_t at = 0;
    int32_t id = -1;
    for (int i = 0; next_field(s, &at, &f); i++) {
        double value;
        if (i < skipped)
            continue;
        if (i < skipped + c->def.dense) {
            BASIN_TRY(read_number(s, &f, &value));
            BASIN_TRY(push_number(s, value));
            continue;
        }
        BASIN_TRY(basin__corpus_label(c, &id, f.at, f.length, s->error));
    }
    c->dense_dim = c->def.dense;
    BASIN_TRY(
        basin__corpus_line(c, id, s->base + (s->line - s->text), s->error));
    return basin__corpus_position(c, s->error);
}

basin_status basin__numbers_read(basin__source *s)
{
    while (basin__source_line(s))
        BASIN_TRY(basin__corpus_separates(s->c, s->line, s->length)
                      ? basin__corpus_sequence(s->c, 1.0f, s->error)
                      : read_columns(s));
    return basin__corpus_sequence(s->c, 1.0f, s->error);
}

/* ----------------------------------------------------------------- letters
 *
 * id, letter, next id (-1 ends a word), word, position, fold, and 128 pixels
 * of 16 rows (Taskar et al. 2003). A pixel that is on is an attribute, too. */

enum { NEXT = 2, PIXELS = 128, WIDTH = 8, FIELDS = 6 + PIXELS, NAME = 8 };

bool basin__letters_are(const basin__source *line)
{
    field f;
    double value;
    size_t at = 0;
    int n = 0;
    for (; next_field(line, &at, &f); n++)
        if (n != 1 && !number_of(&f, &value))
            return false;
    return n == FIELDS;
}

/* The names of the pixels stay where they are: they may be looked up later. */
static basin_status name_pixels(basin__corpus *c, basin_error *error)
{
    char name[NAME];
    c->name.size = 0;
    BASIN_TRY(basin__bytes_reserve(&c->name, (size_t)PIXELS * NAME, error));
    for (int i = 0; i < PIXELS; i++) {
        basin_format(name, sizeof name, "p_%d_%d", i / WIDTH, i % WIDTH);
        BASIN_TRY(basin_bytes_append(&c->name, name, NAME, error));
    }
    return BASIN_OK;
}

static basin_status add_attribute(
    basin__source *s, const char *name, double value)
{
    const size_t n = strlen(name);
    return basin__corpus_attribute(s->c, false,
        basin__corpus_hash(s->c, false, name, n), name, n, (float)value,
        s->error);
}

static basin_status read_pixel(basin__source *s, const field *f, int pixel)
{
    double value;
    BASIN_TRY(read_number(s, f, &value));
    BASIN_TRY(push_number(s, value));
    const char *names = (const char *)s->c->name.data;
    return value == 0 ? BASIN_OK
                      : add_attribute(s, names + (size_t)pixel * NAME, value);
}

static basin_status read_letter(basin__source *s, bool *last)
{
    basin__corpus *c = s->c;
    field f;
    size_t at = 0;
    int32_t label = -1;
    const int n = count_fields(s);
    if (n != FIELDS)
        return basin__source_at(s, 0,
            basin_error_set(s->error, BASIN_E_FORMAT,
                "%d fields; a letter has %d", n, (int)FIELDS));
    for (int i = 0; next_field(s, &at, &f); i++) {
        double value;
        if (i == 1)
            BASIN_TRY(basin__corpus_label(c, &label, f.at, f.length, s->error));
        else if (i >= FIELDS - PIXELS)
            BASIN_TRY(read_pixel(s, &f, i - (FIELDS - PIXELS)));
        else
            BASIN_TRY(read_number(s, &f, &value));
        if (i == NEXT)
            *last = value < 0;
    }
    c->dense_dim = PIXELS;
    BASIN_TRY(add_attribute(s, "bias", 1));
    BASIN_TRY(
        basin__corpus_line(c, label, s->base + (s->line - s->text), s->error));
    return basin__corpus_position(c, s->error);
}

basin_status basin__letters_read(basin__source *s)
{
    bool last = false;
    BASIN_TRY(name_pixels(s->c, s->error));
    while (basin__source_line(s)) {
        if (s->length > 0) {
            last = false;
            BASIN_TRY(read_letter(s, &last));
        }
        if (last || s->length == 0)
            BASIN_TRY(basin__corpus_sequence(s->c, 1.0f, s->error));
    }
    return basin__corpus_sequence(s->c, 1.0f, s->error);
}

/* ------------------------------------------------------------------ arrays */

typedef struct arrays {
    basin_array x, y, length;
    int64_t rows, width;
} arrays;

static basin_status check_arrays(
    const basin__source *s, arrays *a, basin_error *error)
{
    BASIN_REQUIRE(a->x.n_dims >= 2, error, BASIN_E_FORMAT,
        "x must be (positions, numbers); it has %d dimensions", a->x.n_dims);
    a->rows = a->x.dims[0];
    a->width = a->rows ? (int64_t)basin_array_size(&a->x) / a->rows : 0;
    BASIN_REQUIRE(
        s->c->def.unlabelled || (a->y.n_dims == 1 && a->y.dims[0] == a->rows),
        error, BASIN_E_FORMAT,
        "y must be (positions), and there are %lld of them",
        (long long)a->rows);
    int64_t sum = 0;
    for (size_t i = 0; i < basin_array_size(&a->length); i++) {
        const double n = (double)a->length.values[i];
        BASIN_REQUIRE(n >= 1 && n == floor(n) && n <= (double)(a->rows - sum),
            error, BASIN_E_FORMAT,
            "length %zu is %g, and %lld positions are left", i, n,
            (long long)(a->rows - sum));
        sum += (int64_t)n;
    }
    BASIN_REQUIRE(sum == a->rows, error, BASIN_E_FORMAT,
        "the lengths add up to %lld, and x has %lld positions", (long long)sum,
        (long long)a->rows);
    return BASIN_OK;
}

static basin_status take_position(
    basin__source *s, const arrays *a, int64_t row)
{
    basin__corpus *c = s->c;
    const float *x = a->x.values + row * a->width;
    int32_t label = -1;
    for (int64_t i = 0; i < a->width; i++)
        BASIN_REQUIRE(isfinite(x[i]), s->error, BASIN_E_FORMAT,
            "x[%lld] has a number that is not finite", (long long)row);
    if (!c->def.unlabelled) {
        char name[32];
        const double y = (double)a->y.values[row];
        BASIN_REQUIRE(y == floor(y) && fabs(y) < 1e6, s->error, BASIN_E_FORMAT,
            "y[%lld] is %g; labels are whole numbers", (long long)row, y);
        const size_t n = basin_format(name, sizeof name, "%d", (int)y);
        BASIN_TRY(basin__corpus_label(c, &label, name, n, s->error));
    }
    BASIN_TRY(basin__corpus_dense(c, x, a->width, s->error));
    BASIN_TRY(basin__corpus_line(c, label, s->base, s->error));
    return basin__corpus_position(c, s->error);
}

static basin_status take_arrays(basin__source *s, arrays *a)
{
    const char *text = s->text;
    basin_context *ctx = s->c->ctx;
    BASIN_TRY(basin_npz_read(&a->x, ctx, text, s->size, "x", s->error));
    if (!s->c->def.unlabelled)
        BASIN_TRY(basin_npz_read(&a->y, ctx, text, s->size, "y", s->error));
    BASIN_TRY(
        basin_npz_read(&a->length, ctx, text, s->size, "length", s->error));
    BASIN_TRY(check_arrays(s, a, s->error));
    int64_t row = 0;
    for (size_t i = 0; i < basin_array_size(&a->length); i++) {
        for (int64_t n = (int64_t)a->length.values[i]; n > 0; n--)
            BASIN_TRY(take_position(s, a, row++));
        BASIN_TRY(basin__corpus_sequence(s->c, 1.0f, s->error));
    }
    return BASIN_OK;
}

/* A text may begin with these four bytes, too; the high byte of the zip's
 * version, which is always 0, cannot stand in one. */
bool basin__arrays_are(const void *bytes, size_t size)
{
    return size >= 6 && memcmp(bytes, "PK\3\4", 4) == 0 &&
           ((const char *)bytes)[5] == 0;
}

basin_status basin__arrays_read(basin__source *s)
{
    arrays a = {0};
    basin_status status = take_arrays(s, &a);
    basin_array_finish(&a.x);
    basin_array_finish(&a.y);
    basin_array_finish(&a.length);
    s->at = s->size;
    return status;
}
