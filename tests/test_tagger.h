/* SPDX-License-Identifier: MIT
 *
 * For the tests of taggers: a text, and a model for it as a file of ours and of
 * CRFsuite's. The latter is written here, with the hash as B. Jenkins describes
 * it, byte by byte.
 */
#ifndef BASIN_TEST_TAGGER_H
#define BASIN_TEST_TAGGER_H

#include "test_data.h"

#include "basin/tagger.h"

#include <stdio.h>

/* So many names that a tagging's own dictionary has to forget them. One has two
 * weights of one label in CRFsuite's file. */
enum { LABELS = 11, NAMES = 26000, TWICE = 15, LINES = 30000, LENGTH = 7 };

/* Where the models are made. */
static memory m;

/* Names of 1 to 40 bytes, all different. */
static inline const char *name_of(int i)
{
    static char name[64];
    snprintf(name, sizeof name, "%d%.*s", i, i % 37,
        "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJK");
    return name;
}

static inline double weight_of(int i, int label)
{
    return ((i * 7 + label * 5) % 23 - 11) / 8.0;
}

/* Does attribute i have a feature of this label? Some have seven, which are
 * kept as a list, some eight or all, which are kept as a row. */
static inline bool has(int i, int label)
{
    return (i + label) % 3 != 0 || i % 5 == 0;
}

/* Every fifth name is escaped, some have values, and some are unknown. */
static inline char *make_text(void)
{
    const size_t room = (size_t)LINES * 400;
    char *text = malloc(room);
    size_t at = 0;
    assert_non_null(text);
    for (int line = 0; line < LINES; line++) {
        at += (size_t)snprintf(text + at, room - at, "%s",
            line % 11 == 10 ? "none"
            : line % 2      ? "B"
                            : "C");
        for (int k = 0; k < 6; k++) {
            const int i = (line * 3 + k * k * 131) % (NAMES + 500);
            at += (size_t)snprintf(
                text + at, room - at, i % 5 ? "\t%s" : "\t%s\\:", name_of(i));
            if (k == 3)
                at += (size_t)snprintf(text + at, room - at, ":0.%d", i % 10);
        }
        at += (size_t)snprintf(
            text + at, room - at, line % LENGTH == 6 ? "\n\n" : "\n");
    }
    return text;
}

static inline void put_name(basin_bytes *out, int i)
{
    basin_error error = {0};
    assert_ok(basin_bytes_print(out, &error, i % 5 ? "%s" : "%s:", name_of(i)),
        &error);
}

/* --------------------------------------------------------------- our format
 */

static inline void make_weights(basin_chain_weights **w)
{
    basin_error error = {0};
    int32_t id;
    assert_ok(basin_chain_weights_create(w, m.ctx, &error), &error);
    for (int l = 0; l < LABELS; l++)
        basin_dictionary_add(&id, (*w)->labels, &"ABCDEFGHIJK"[l], 1, &error);
    for (int i = 0; i < NAMES; i++) {
        basin_bytes name;
        basin_bytes_init(&name, m.ctx);
        put_name(&name, i);
        assert_ok(basin_dictionary_add(&id, (*w)->nodes,
                      (const char *)name.data, name.size, &error),
            &error);
        basin_bytes_finish(&name);
        for (int l = 0; l < LABELS; l++)
            if (has(i, l))
                basin_chain_weights_add(*w,
                    (basin_chain_weight){id, -1, l, weight_of(i, l)}, &error);
    }
    for (int l = 0; l < LABELS * LABELS; l++)
        if (l != 4)
            basin_chain_weights_add(*w,
                (basin_chain_weight){
                    -1, l / LABELS, l % LABELS, weight_of(l, 1)},
                &error);
}

static inline void write_ours(basin_bytes *out)
{
    basin_error error = {0};
    basin_chain_weights *w;
    basin_chain_model *model;
    make_weights(&w);
    assert_ok(basin_chain_model_from_weights(&model, m.ctx, w, &error), &error);
    model->format = BASIN_CORPUS_ATTRIBUTES;
    assert_ok(basin_chain_model_write(out, model, &error), &error);
    basin_chain_model_destroy(model);
    basin_chain_weights_destroy(w);
}

/* ---------------------------------------------------------------- CRFsuite's
 */

static inline void put32(basin_bytes *out, size_t value)
{
    unsigned char b[4];
    for (int i = 0; i < 4; i++)
        b[i] = (unsigned char)(value >> (8 * i));
    basin_bytes_append(out, b, 4, NULL);
}

static inline void set32(basin_bytes *out, size_t at, size_t value)
{
    for (int i = 0; i < 4; i++)
        out->data[at + (size_t)i] = (unsigned char)(value >> (8 * i));
}

static inline void put_double(basin_bytes *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put32(out, (size_t)(bits & UINT32_MAX));
    put32(out, (size_t)(bits >> 32));
}

static inline uint32_t rot(uint32_t x, int k)
{
    return x << k | x >> (32 - k);
}

/* hashlittle of lookup3, with initval 0. */
static inline uint32_t lookup3(const unsigned char *key, size_t length)
{
    uint32_t a, b, c;
    a = b = c = 0xDEADBEEF + (uint32_t)length;
    while (length > 12) {
        for (int i = 0; i < 4; i++) {
            a += (uint32_t)key[i] << (8 * i);
            b += (uint32_t)key[4 + i] << (8 * i);
            c += (uint32_t)key[8 + i] << (8 * i);
        }
        a -= c, a ^= rot(c, 4), c += b;
        b -= a, b ^= rot(a, 6), a += c;
        c -= b, c ^= rot(b, 8), b += a;
        a -= c, a ^= rot(c, 16), c += b;
        b -= a, b ^= rot(a, 19), a += c;
        c -= b, c ^= rot(b, 4), b += a;
        length -= 12;
        key += 12;
    }
    for (size_t i = 0; i < length; i++)
        *(i < 4 ? &a : i < 8 ? &b : &c) += (uint32_t)key[i] << (8 * (i % 4));
    c ^= b, c -= rot(b, 14);
    a ^= c, a -= rot(c, 11);
    b ^= a, b -= rot(a, 25);
    c ^= b, c -= rot(b, 16);
    a ^= c, a -= rot(c, 4);
    b ^= a, b -= rot(a, 14);
    c ^= b, c -= rot(b, 24);
    return c;
}

typedef struct entry {
    uint32_t hash;
    size_t at;
} entry;

/* A table of names: records, then 256 tables of twice as many buckets. */
static inline void put_names(
    basin_bytes *out, int n, void (*put)(basin_bytes *, int))
{
    const size_t base = out->size;
    entry *e = calloc((size_t)n, sizeof *e);
    assert_non_null(e);
    basin_bytes_append(out, "CQDB", 4, NULL);
    for (int i = 0; i < 2; i++)
        put32(out, 0);
    put32(out, 0x62445371);
    put32(out, (size_t)n);
    for (int i = 0; i < 1 + 512; i++)
        put32(out, 0);
    for (int i = 0; i < n; i++) {
        e[i].at = out->size - base;
        put32(out, (size_t)i);
        put32(out, 0);
        put(out, i);
        basin_bytes_append(out, "", 1, NULL);
        const size_t begin = base + e[i].at + 8, length = out->size - begin;
        set32(out, begin - 4, length);
        e[i].hash = lookup3(out->data + begin, length);
    }
    for (uint32_t t = 0; t < 256; t++) {
        uint32_t count = 0;
        for (int i = 0; i < n; i++)
            count += e[i].hash % 256 == t;
        if (!count)
            continue;
        const size_t table = out->size;
        set32(out, base + 24 + 8 * t, table - base);
        set32(out, base + 28 + 8 * t, 2 * count);
        for (uint32_t i = 0; i < 4 * count; i++)
            put32(out, 0);
        for (int i = 0; i < n; i++) {
            if (e[i].hash % 256 != t)
                continue;
            uint32_t k = (e[i].hash >> 8) % (2 * count);
            while (memcmp(out->data + table + 8 * k + 4, "\0\0\0", 4) != 0)
                k = (k + 1) % (2 * count);
            set32(out, table + 8 * k, e[i].hash);
            set32(out, table + 8 * k + 4, e[i].at);
        }
    }
    set32(out, base + 20, out->size - base);
    for (int i = 0; i < n; i++)
        put32(out, e[i].at);
    set32(out, base + 4, out->size - base);
    free(e);
}

static inline void put_label(basin_bytes *out, int i)
{
    basin_bytes_append(out, &"ABCDEFGHIJK"[i], 1, NULL);
}

static inline size_t put_feature(
    basin_bytes *out, size_t type, int from, int label, double w)
{
    put32(out, type);
    put32(out, (size_t)from);
    put32(out, (size_t)label);
    put_double(out, w);
    return 1;
}

/* Lists of the numbers of features; `first` of each row, with an end. */
static inline void put_refs(
    basin_bytes *out, const char *magic, int rows, const size_t *first)
{
    const size_t base = out->size;
    basin_bytes_append(out, magic, 4, NULL);
    put32(out, 0);
    put32(out, (size_t)rows);
    for (int i = 0; i < rows; i++)
        put32(out, 0);
    for (int i = 0; i < rows; i++) {
        set32(out, base + 12 + 4 * (size_t)i, out->size);
        put32(out, first[i + 1] - first[i]);
        for (size_t f = first[i]; f < first[i + 1]; f++)
            put32(out, f);
    }
}

static inline void write_crfsuite(basin_bytes *out)
{
    size_t *node = calloc(NAMES + 1, sizeof *node), n = 0;
    size_t step[LABELS + 1];
    assert_non_null(node);
    basin_bytes_append(out, "lCRF\0\0\0\0FOMC", 12, NULL);
    put32(out, 100);
    for (int i = 0; i < 8; i++)
        put32(out, 0);
    set32(out, 20, LABELS);
    set32(out, 24, NAMES);
    set32(out, 28, out->size);
    basin_bytes_append(out, "FEAT\0\0\0\0\0\0\0\0", 12, NULL);
    for (int i = 0; i < NAMES; i++) {
        node[i] = n;
        for (int l = 0; l < LABELS; l++)
            if (has(i, l))
                n += put_feature(
                    out, 0, i, i == TWICE && l == 2 ? 1 : l, weight_of(i, l));
    }
    node[NAMES] = n;
    for (int l = 0; l < LABELS * LABELS; l++) {
        if (l % LABELS == 0)
            step[l / LABELS] = n;
        if (l != 4)
            n += put_feature(out, 1, l / LABELS, l % LABELS, weight_of(l, 1));
    }
    step[LABELS] = n;
    set32(out, 48 + 8, n);
    set32(out, 32, out->size);
    put_names(out, LABELS, put_label);
    set32(out, 36, out->size);
    put_names(out, NAMES, put_name);
    set32(out, 40, out->size);
    put_refs(out, "LFRF", LABELS, step);
    set32(out, 44, out->size);
    put_refs(out, "AFRF", NAMES, node);
    set32(out, 4, out->size);
    free(node);
}

#endif
