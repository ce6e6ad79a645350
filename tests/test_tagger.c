/* SPDX-License-Identifier: MIT
 *
 * Tests of taggers: what comes of a text is what the model read as a whole
 * says, for our files and for CRFsuite's; and files that are broken. The
 * models of CRFsuite are written here, with the hash as B. Jenkins describes
 * it, byte by byte.
 */
#include "test_data.h"

#include "basin/tagger.h"
#include "data/dictionary.h"

#include <math.h>
#include <stdio.h>

/* One attribute of CRFsuite's has two weights of one label.
 * So many names that a tagging's own dictionary has to forget them. */
enum { LABELS = 11, NAMES = 26000, TWICE = 15, LINES = 30000, LENGTH = 7 };

static memory m;

/* Names of 1 to 40 bytes, all different. */
static const char *name_of(int i)
{
    static char name[64];
    snprintf(name, sizeof name, "%d%.*s", i, i % 37,
        "/abcdefghijklmnopqrstuvwxyzABCDEFGHIJK");
    return name;
}

static double weight_of(int i, int label)
{
    return ((i * 7 + label * 5) % 23 - 11) / 8.0;
}

/* Does attribute i have a feature of this label? Some have seven, which are
 * kept as a list, some eight or all, which are kept as a row. */
static bool has(int i, int label)
{
    return (i + label) % 3 != 0 || i % 5 == 0;
}

/* Every fifth name is escaped, some have values, and some are unknown. */
static char *make_text(void)
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

static void put_name(basin_bytes *out, int i)
{
    basin_error error = {0};
    assert_ok(basin_bytes_print(out, &error, i % 5 ? "%s" : "%s:", name_of(i)),
        &error);
}

/* --------------------------------------------------------------- our format
 */

static void make_weights(basin_chain_weights **w)
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

static void write_ours(basin_bytes *out)
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

static void put32(basin_bytes *out, size_t value)
{
    unsigned char b[4];
    for (int i = 0; i < 4; i++)
        b[i] = (unsigned char)(value >> (8 * i));
    basin_bytes_append(out, b, 4, NULL);
}

static void set32(basin_bytes *out, size_t at, size_t value)
{
    for (int i = 0; i < 4; i++)
        out->data[at + (size_t)i] = (unsigned char)(value >> (8 * i));
}

static void put_double(basin_bytes *out, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    put32(out, (size_t)(bits & UINT32_MAX));
    put32(out, (size_t)(bits >> 32));
}

static uint32_t rot(uint32_t x, int k)
{
    return x << k | x >> (32 - k);
}

/* hashlittle of lookup3, with initval 0. */
static uint32_t lookup3(const unsigned char *key, size_t length)
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

static void the_hash_is_the_published_one(void **state)
{
    (void)state;
    static const char text[] = "Four score and seven years ago";
    assert_int_equal(lookup3((const unsigned char *)text, 30), 0x17770551);
}

typedef struct entry {
    uint32_t hash;
    size_t at;
} entry;

/* A table of names: records, then 256 tables of twice as many buckets. */
static void put_names(basin_bytes *out, int n, void (*put)(basin_bytes *, int))
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

static void put_label(basin_bytes *out, int i)
{
    basin_bytes_append(out, &"ABCDEFGHIJK"[i], 1, NULL);
}

static size_t put_feature(
    basin_bytes *out, size_t type, int from, int label, double w)
{
    put32(out, type);
    put32(out, (size_t)from);
    put32(out, (size_t)label);
    put_double(out, w);
    return 1;
}

/* Lists of the numbers of features; `first` of each row, with an end. */
static void put_refs(
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

static void write_crfsuite(basin_bytes *out)
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

/* ------------------------------------------------------------------ the same
 */

static void assert_same(basin_lattice *a, basin_lattice *b)
{
    int32_t one[LENGTH], other[LENGTH];
    double marginal[LENGTH * LABELS], m_other[LENGTH * LABELS];
    const int n = basin_lattice_length(a);
    assert_int_equal(n, basin_lattice_length(b));
    const double e = basin_lattice_best(a, one);
    assert_true(e == basin_lattice_best(b, other));
    assert_memory_equal(one, other, (size_t)n * sizeof *one);
    basin_lattice_marginals(a, 1, marginal);
    basin_lattice_marginals(b, 1, m_other);
    for (int i = 0; i < n * LABELS; i++)
        assert_true(fabs(marginal[i] - m_other[i]) < 1e-12);
}

/* The tagger against the model read as a whole, in pieces and in one. */
static void compare(const basin_bytes *file, const char *text)
{
    basin_error error = {0};
    basin_chain_model *model;
    basin_tagger *tagger;
    basin_tagging *tagging;
    basin_corpus *corpus;
    basin_lattice *whole, *here;
    assert_ok(
        basin_chain_model_read(&model, m.ctx, file->data, file->size, &error),
        &error);
    basin_corpus_def def = basin_chain_model_corpus(model);
    assert_ok(basin_corpus_create(&corpus, m.ctx, &def, &error), &error);
    assert_ok(basin_corpus_read(corpus, text, strlen(text), &error), &error);
    assert_ok(basin_lattice_create(&whole, model->chain, &error), &error);
    assert_ok(
        basin_tagger_create(&tagger, m.ctx, file->data, file->size, &error),
        &error);
    assert_ok(basin_tagging_create(&tagging, tagger, false, &error), &error);
    assert_ok(basin_tagging_read(tagging, text, strlen(text), &error), &error);
    const basin_corpus *seen = basin_tagging_corpus(tagging);
    assert_int_equal(seen->sequences.n, corpus->sequences.n);
    assert_int_equal(seen->unknown, corpus->unknown);
    for (int32_t i = 0; i < seen->sequences.n; i++) {
        assert_ok(basin_lattice_observe(whole, &corpus->sequences, i, &error),
            &error);
        assert_ok(basin_tagging_observe(&here, tagging, i, &error), &error);
        assert_same(here, whole);
    }
    assert_memory_equal(seen->sequences.label, corpus->sequences.label,
        (size_t)LINES * sizeof(int32_t));
    basin_tagging_destroy(tagging);
    basin_tagger_destroy(tagger);
    basin_lattice_destroy(whole);
    basin_corpus_destroy(corpus);
    basin_chain_model_destroy(model);
}

static void taggers_say_what_models_say(void **state)
{
    (void)state;
    char *text = make_text();
    basin_bytes file;
    basin_bytes_init(&file, m.ctx);
    write_ours(&file);
    compare(&file, text);
    file.size = 0;
    write_crfsuite(&file);
    compare(&file, text);
    basin_bytes_finish(&file);
    free(text);
}

/* A file of an earlier version, which had no table of its names. */
static void files_without_a_table(void **state)
{
    (void)state;
    char *text = make_text();
    basin_bytes file;
    basin_bytes_init(&file, m.ctx);
    write_ours(&file);
    /* a tensor of another name is nobody's */
    static const char name[] = "node.table";
    unsigned char *at = file.data;
    while (memcmp(at, name, sizeof name - 1) != 0)
        assert_true(++at + sizeof name < file.data + file.size);
    at[0] = 'm';
    compare(&file, text);
    basin_bytes_finish(&file);
    free(text);
}

/* Whatever the bytes are, there is an answer or an error. */
static void try_broken(const basin_bytes *file, size_t size)
{
    basin_error error = {0};
    basin_tagger *tagger = NULL;
    basin_tagging *tagging = NULL;
    static const char text[] = "A\t1/\t0:\t15:a\t19999\tx\nB\t2/a\n";
    if (basin_tagger_create(&tagger, m.ctx, file->data, size, &error) ==
            BASIN_OK &&
        basin_tagging_create(&tagging, tagger, false, &error) == BASIN_OK)
        (void)basin_tagging_read(tagging, text, sizeof text - 1, &error);
    basin_tagging_destroy(tagging);
    basin_tagger_destroy(tagger);
}

static void broken_models(void **state)
{
    (void)state;
    basin_bytes file;
    basin_bytes_init(&file, m.ctx);
    for (int kind = 0; kind < 2; kind++) {
        file.size = 0;
        (kind ? write_crfsuite : write_ours)(&file);
        for (size_t cut = 0; cut < file.size; cut += 1 + file.size / 40)
            try_broken(&file, cut);
        for (size_t k = 0; k < 150; k++) {
            /* all of the beginning, and places everywhere */
            const size_t at = k < 60 ? k : k * 7919 % file.size;
            file.data[at] ^= 0xA5;
            try_broken(&file, file.size);
            file.data[at] ^= 0xA5;
        }
    }
    basin_bytes_finish(&file);
}

static basin_status take_table(
    void *user, const basin_stored *stored, basin_error *error)
{
    (void)error;
    if (strcmp(stored->name, "node.table") == 0)
        *(basin_stored *)user = *stored;
    return BASIN_OK;
}

/* Tables that are full of one slot, of any: every search ends, and nothing is
 * read that lies outside. */
static void tables_that_lie(void **state)
{
    (void)state;
    basin_bytes file;
    basin_bytes_init(&file, m.ctx);
    write_ours(&file);
    basin_stored table = {.size = 0};
    basin_error error = {0};
    assert_ok(basin_safetensors_walk(
                  file.data, file.size, take_table, NULL, &table, &error),
        &error);
    assert_true(table.size > NAMES * (size_t)16);
    unsigned char *slots = file.data + (table.data - file.data);
    /* of the name '1/', which is looked for, and begins elsewhere */
    unsigned char good[16] = {0, 0, 0, 0, 9, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
    const uint32_t hash = basin__name_hash("1/", 2);
    for (int i = 0; i < 4; i++)
        good[i] = (unsigned char)(hash >> (8 * i));
    for (int part = 0; part < 5; part++) {
        for (size_t i = 0; i < table.size; i++)
            slots[i] = part > 0 && i % 16 / 4 == (size_t)part - 1
                           ? 0xFF
                           : good[i % 16];
        try_broken(&file, file.size);
    }
    basin_bytes_finish(&file);
}

int main(void)
{
    memory_open(&m);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hash_is_the_published_one),
        cmocka_unit_test(taggers_say_what_models_say),
        cmocka_unit_test(files_without_a_table),
        cmocka_unit_test(broken_models),
        cmocka_unit_test(tables_that_lie),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    memory_close(&m);
    return failed;
}
