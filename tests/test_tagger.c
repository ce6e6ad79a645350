/* SPDX-License-Identifier: MIT
 *
 * Tests of taggers: what comes of a text is what the model read as a whole
 * says, for our files and for CRFsuite's; and files that are broken.
 */
#include "test_tagger.h"

#include "data/dictionary.h"

#include <math.h>

static void the_hash_is_the_published_one(void **state)
{
    (void)state;
    static const char text[] = "Four score and seven years ago";
    assert_int_equal(lookup3((const unsigned char *)text, 30), 0x17770551);
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

/* A text's first lines, whole sequences: enough for the tagging's dictionary
 * to grow. */
static size_t part_of(const char *text)
{
    const char *end = text;
    for (int line = 0; line < 560 * (LENGTH + 1); line++)
        end = strchr(end, '\n') + 1;
    return (size_t)(end - text);
}

static void same_bits_from_every_kernel(void **state)
{
    (void)state;
    char *text = make_text();
    basin_bytes file;
    basin_bytes_init(&file, m.ctx);
    write_crfsuite(&file);
    double *right = NULL;
    int32_t n = 0;
    for (int b = 0; basin_backend_at(b); b++) {
        basin_error error = {0};
        basin_context *own;
        basin_tagger *tagger;
        basin_tagging *tagging;
        basin_lattice *lattice;
        basin_context_def def = basin_context_default();
        def.threads = 1;
        def.backend = basin_backend_at(b)->name;
        assert_ok(basin_context_create(&own, &def, &error), &error);
        assert_ok(
            basin_tagger_create(&tagger, own, file.data, file.size, &error),
            &error);
        assert_ok(
            basin_tagging_create(&tagging, tagger, false, &error), &error);
        assert_ok(
            basin_tagging_read(tagging, text, part_of(text), &error), &error);
        n = basin_tagging_corpus(tagging)->sequences.n;
        right = right ? right : calloc((size_t)n, sizeof *right);
        assert_non_null(right);
        for (int32_t i = 0; i < n; i++) {
            int32_t label[LENGTH];
            assert_ok(
                basin_tagging_observe(&lattice, tagging, i, &error), &error);
            const double e = basin_lattice_best(lattice, label);
            assert_true(b == 0 || memcmp(&e, &right[i], sizeof e) == 0);
            right[i] = e;
        }
        basin_tagging_destroy(tagging);
        basin_tagger_destroy(tagger);
        basin_context_destroy(own);
    }
    assert_int_equal(n, 560);
    free(right);
    basin_bytes_finish(&file);
    free(text);
}

static struct {
    const char *text;
    size_t size;
    basin_bytes file;
} scarce;

static basin_status tag_scarcely(memory *own, basin_error *error)
{
    basin_tagger *tagger = NULL;
    basin_tagging *tagging = NULL;
    basin_status status = basin_tagger_create(
        &tagger, own->ctx, scarce.file.data, scarce.file.size, error);
    if (status == BASIN_OK)
        status = basin_tagging_create(&tagging, tagger, false, error);
    if (status == BASIN_OK)
        status = basin_tagging_read(tagging, scarce.text, scarce.size, error);
    basin_tagging_destroy(tagging);
    basin_tagger_destroy(tagger);
    return status;
}

static void no_memory(void **state)
{
    (void)state;
    char *text = make_text();
    scarce.text = text;
    scarce.size = part_of(text);
    basin_bytes_init(&scarce.file, m.ctx);
    write_ours(&scarce.file);
    assert_survives_no_memory(tag_scarcely);
    basin_bytes_finish(&scarce.file);
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
        cmocka_unit_test(same_bits_from_every_kernel),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(files_without_a_table),
        cmocka_unit_test(broken_models),
        cmocka_unit_test(tables_that_lie),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    memory_close(&m);
    return failed;
}
