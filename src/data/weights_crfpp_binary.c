/* SPDX-License-Identifier: MIT
 *
 * CRF++'s binary models: a header, the labels and the template as strings, the
 * attributes as a trie in a double array (Aoe 1989), and the weights as floats.
 * A unit of the array has a base and a check. The children of a unit with base
 * b lie at b + 1 + byte, and its value, if a name ends there, at b; each bears
 * b as its check. So every name can be spelt from its end.
 */
#include "data/weights_crfpp.h"

#include <math.h>
#include <string.h>

enum { HEADER_SIZE = 32, UNIT_SIZE = 8 };

typedef struct trie {
    const char *units;
    int64_t n;
    int32_t *parent; /* by base: the unit that has it; -1: none */
    basin_bytes name;
} trie;

static uint32_t read_u32(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
           (uint32_t)b[3] << 24;
}

static int64_t base_of(const trie *t, int64_t unit)
{
    uint32_t bits = read_u32(t->units + unit * UNIT_SIZE);
    return bits < UINT32_C(1) << 31 ? (int64_t)bits
                                    : (int64_t)bits - (INT64_C(1) << 32);
}

static int64_t check_of(const trie *t, int64_t unit)
{
    return (int64_t)read_u32(t->units + unit * UNIT_SIZE + 4);
}

static basin_status broken(const basin__model *m, const char *what)
{
    return basin_error_set(m->error, BASIN_E_FORMAT,
        "CRF++'s binary model is cut off or broken: %s", what);
}

/* ------------------------------------------------------------------- names */

static void find_parents(trie *t)
{
    for (int64_t unit = 0; unit < t->n; unit++)
        t->parent[unit] = -1;
    for (int64_t unit = 0; unit < t->n; unit++) {
        int64_t base = base_of(t, unit);
        bool used = unit == 0 || check_of(t, unit) > 0;
        if (used && base > 0 && base < t->n)
            t->parent[base] = (int32_t)unit;
    }
}

/** The name that ends where the base is `base`, into t->name. @param most that
 *  its length may be @return false: there is no such name */
static basin_status spell(
    const basin__model *m, trie *t, int64_t base, int64_t *most, bool *found)
{
    t->name.size = 0;
    *found = false;
    for (int64_t unit = t->parent[base]; unit != 0; unit = t->parent[base]) {
        if (unit < 0)
            return BASIN_OK;
        base = check_of(t, unit);
        int64_t byte = unit - base - 1;
        if (base >= t->n || byte < 0 || byte > 255 || --*most < 0)
            return BASIN_OK;
        char c = (char)(unsigned char)byte;
        BASIN_TRY(basin_bytes_append(&t->name, &c, 1, m->error));
    }
    char *text = (char *)t->name.data;
    for (size_t i = 0, j = t->name.size; i + 1 < j; i++) {
        char c = text[i];
        text[i] = text[--j];
        text[j] = c;
    }
    *found = t->name.size > 0;
    return BASIN_OK;
}

static basin_status read_names(
    basin__model *m, trie *t, int64_t weights, basin_bytes *entries)
{
    int64_t left = weights;
    /* names share their beginnings, but hardly so much; without a limit a
     * small file could spell terabytes */
    int64_t most = t->n * 64 + 65536;
    for (int64_t unit = 1; unit < t->n; unit++) {
        int64_t value = base_of(t, unit);
        if (value >= 0 || check_of(t, unit) != unit)
            continue;
        bool found;
        BASIN_TRY(spell(m, t, unit, &most, &found));
        if (!found)
            return broken(m, "an attribute has no name");
        basin__crfpp e = {.first = -value - 1, .weights = weights};
        BASIN_TRY(basin__crfpp_entry(
            m, (const char *)t->name.data, t->name.size, 0, &left, &e));
        BASIN_TRY(basin_bytes_append(entries, &e, sizeof e, m->error));
    }
    return BASIN_OK;
}

/* ------------------------------------------------------------------ strings */

/** Strings that end in NUL, one behind the other, into lines. */
static basin_status read_strings(basin__model *m, const char *text, size_t size,
    basin_dictionary *labels, basin_bytes *lines)
{
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, 0, size - at);
        if (!end)
            return broken(m, "a label or a line of the template has no end");
        size_t length = (size_t)(end - text) - at;
        if (labels)
            BASIN_TRY(basin__model_name(m, labels, text + at, length));
        else {
            BASIN_TRY(basin_bytes_append(lines, text + at, length, m->error));
            BASIN_TRY(basin_bytes_append(lines, "\n", 1, m->error));
        }
        at += length + 1;
    }
    return BASIN_OK;
}

/* --------------------------------------------------------------- the whole */

typedef struct parts {
    const char *labels, *lines, *units, *weights;
    size_t labels_size, lines_size;
    int64_t n_units, n_weights;
} parts;

/** Find the parts; they must fill the file. */
static basin_status take_apart(const basin__model *m, parts *p)
{
    if (m->size < HEADER_SIZE + 4)
        return broken(m, "it ends in its header");
    uint64_t units = read_u32(m->data + 24);
    p->n_weights = read_u32(m->data + 16);
    p->labels_size = read_u32(m->data + 28);
    p->labels = m->data + HEADER_SIZE;
    if (p->labels_size > m->size - HEADER_SIZE - 4)
        return broken(m, "it ends in its labels");
    const char *rest = p->labels + p->labels_size;
    p->lines_size = read_u32(rest);
    p->lines = rest + 4;
    size_t left = m->size - (size_t)(p->lines - m->data);
    if (p->lines_size > left || units % UNIT_SIZE ||
        left - p->lines_size != units + 4 * (uint64_t)p->n_weights)
        return broken(m, "its parts are not as long as its header says");
    p->units = p->lines + p->lines_size;
    p->n_units = (int64_t)(units / UNIT_SIZE);
    p->weights = p->units + units;
    return BASIN_OK;
}

static basin_status read_weights(
    const basin__model *m, const parts *p, basin_bytes *values)
{
    for (int64_t i = 0; i < p->n_weights; i++) {
        uint32_t bits = read_u32(p->weights + 4 * i);
        float weight;
        memcpy(&weight, &bits, sizeof weight);
        if (!isfinite(weight))
            return broken(m, "a weight is not finite");
        double value = (double)weight;
        BASIN_TRY(basin_bytes_append(values, &value, sizeof value, m->error));
    }
    return BASIN_OK;
}

static basin_status read_parts(basin__model *m, const parts *p, trie *t,
    basin_bytes *entries, basin_bytes *values)
{
    BASIN_TRY(read_names(m, t, p->n_weights, entries));
    BASIN_TRY(read_weights(m, p, values));
    const basin__crfpp *e = (const basin__crfpp *)(const void *)entries->data;
    for (size_t i = 0; i < entries->size / sizeof *e; i++)
        BASIN_TRY(basin__crfpp_spread(
            m, &e[i], (const double *)(const void *)values->data));
    return BASIN_OK;
}

static basin_status read_attributes(basin__model *m, const parts *p)
{
    basin_context *ctx = basin__model_context(m);
    trie t = {.units = p->units, .n = p->n_units};
    size_t size = (size_t)t.n * sizeof *t.parent;
    t.parent = basin_alloc(ctx, size);
    BASIN_REQUIRE(t.parent, m->error, BASIN_E_MEMORY,
        "out of memory for the attributes of a model");
    find_parents(&t);
    basin_bytes entries, values;
    basin_bytes_init(&t.name, ctx);
    basin_bytes_init(&entries, ctx);
    basin_bytes_init(&values, ctx);
    basin_status status = read_parts(m, p, &t, &entries, &values);
    basin_bytes_finish(&t.name);
    basin_bytes_finish(&entries);
    basin_bytes_finish(&values);
    basin_free(ctx, t.parent, size);
    return status;
}

basin_status basin__crfpp_read_binary(basin__model *m)
{
    parts p = {0};
    m->w->source = BASIN_WEIGHTS_CRFPP;
    BASIN_TRY(take_apart(m, &p));
    BASIN_TRY(read_strings(m, p.labels, p.labels_size, m->w->labels, NULL));
    basin_bytes lines;
    basin_bytes_init(&lines, basin__model_context(m));
    basin_status status = read_strings(m, p.lines, p.lines_size, NULL, &lines);
    if (status == BASIN_OK)
        status = basin__model_template(
            m, (const char *)lines.data, lines.size, BASIN_DIALECT_CRFPP, 1);
    basin_bytes_finish(&lines);
    BASIN_TRY(status);
    return read_attributes(m, &p);
}
