/* SPDX-License-Identifier: MIT
 *
 * Tests of the counting of chunks, with numbers that were counted by hand and
 * agree with conlleval's.
 */
#include "test_data.h"

#include "basin/evaluation.h"

static memory m;

typedef struct scene {
    basin_dictionary *labels;
    basin_evaluation *e;
} scene;

static void scene_open(scene *s)
{
    basin_error error = {0};
    assert_ok(basin_dictionary_create(&s->labels, m.ctx, &error), &error);
    assert_ok(basin_evaluation_create(&s->e, m.ctx, s->labels, &error), &error);
}

static void scene_close(scene *s)
{
    basin_evaluation_destroy(s->e);
    basin_dictionary_destroy(s->labels);
}

/** Labels separated by blanks. @return how many */
static int read_labels(basin_dictionary *d, const char *text, int32_t *out)
{
    basin_error error = {0};
    int n = 0;
    while (*text) {
        size_t length = strcspn(text, " ");
        assert_ok(
            basin_dictionary_add(&out[n++], d, text, length, &error), &error);
        text += length;
        text += *text == ' ';
    }
    return n;
}

static void add(scene *s, const char *gold, const char *found)
{
    int32_t a[64], b[64];
    basin_error error = {0};
    int n = read_labels(s->labels, gold, a);
    assert_int_equal(read_labels(s->labels, found, b), n);
    assert_ok(basin_evaluation_add(s->e, a, b, n, &error), &error);
}

static void assert_counts(
    basin_chunks c, int64_t right, int64_t gold, int64_t found)
{
    assert_int_equal(c.right, right);
    assert_int_equal(c.gold, gold);
    assert_int_equal(c.found, found);
}

/** One sequence: chunks right, there, found. */
static void assert_chunks(
    const char *gold, const char *found, int right, int there, int n_found)
{
    scene s;
    scene_open(&s);
    add(&s, gold, found);
    assert_counts(basin_evaluation_all(s.e), right, there, n_found);
    scene_close(&s);
}

static void schemes(void **state)
{
    (void)state;
    /* IOB2 */
    assert_chunks("B-NP I-NP O B-VP", "B-NP I-NP O B-VP", 2, 2, 2);
    assert_chunks("B-NP I-NP B-NP", "B-NP I-NP I-NP", 0, 2, 1);
    assert_chunks("B-NP I-NP O", "B-NP O O", 0, 1, 1);
    assert_chunks("B-NP I-NP O", "B-VP I-VP O", 0, 1, 1);
    assert_chunks("B-NP I-VP", "B-NP B-VP", 2, 2, 2);
    /* IOB1: B only between neighbours of one type */
    assert_chunks("I-NP I-NP B-NP I-VP", "I-NP I-NP B-NP I-VP", 3, 3, 3);
    assert_chunks("I-NP I-NP", "B-NP I-NP", 1, 1, 1);
    /* IOE: E ends a chunk, a lone token is E */
    assert_chunks("I-NP E-NP E-NP O", "I-NP E-NP E-NP O", 2, 2, 2);
    assert_chunks("E-NP E-NP I-NP", "E-NP I-NP I-NP", 1, 3, 2);
    assert_chunks("O E-NP O", "O I-NP O", 1, 1, 1);
    /* brackets are chunks of one token */
    assert_chunks("[-NP ]-NP O", "[-NP ]-NP O", 2, 2, 2);
    /* an S begins a chunk only where the type changes */
    assert_chunks("S-NP S-NP O S-NP", "S-NP S-NP O S-NP", 2, 2, 2);
    /* a point is outside, as O is */
    assert_chunks("B-NP . B-NP", "B-NP . B-NP", 2, 2, 2);
    /* no types: tags of other tasks have no chunks */
    assert_chunks("NN VB NN", "NN VB VB", 0, 0, 0);
    assert_chunks("B I O B", "B I O B", 2, 2, 2);
    /* the first hyphen counts, and a type of 0 is none */
    assert_chunks("B-A-B I-A-B", "B-A-C I-A-C", 0, 1, 1);
    assert_chunks("B-0 I", "B I-0", 1, 1, 1);
}

static void results(void **state)
{
    (void)state;
    scene s;
    scene_open(&s);
    basin_tokens none = basin_evaluation_tokens(s.e);
    assert_true(none.accuracy == 0.0 && none.tokens == 0);
    assert_true(basin_evaluation_all(s.e).f1 == 0.0);
    /* chunks do not go on into the next sequence */
    add(&s, "B-VP B-NP I-NP", "B-VP B-NP I-NP");
    add(&s, "I-NP O B-PP O", "I-NP B-ADJP B-PP B-PP");
    add(&s, "O B-NP I-NP", "O B-NP O");
    basin_chunks all = basin_evaluation_all(s.e);
    assert_counts(all, 4, 5, 7);
    assert_true(all.precision == 4.0 / 7.0);
    assert_true(all.recall == 4.0 / 5.0);
    assert_true(all.f1 == 2.0 * all.precision * all.recall /
                              (all.precision + all.recall));
    static const struct {
        const char *type;
        int right, gold, found;
    } right[] = {
        {"ADJP", 0, 0, 1}, {"NP", 2, 3, 3}, {"PP", 1, 1, 2}, {"VP", 1, 1, 1}};
    assert_int_equal(basin_evaluation_types(s.e), 4);
    for (int i = 0; i < 4; i++) {
        basin_chunks c = basin_evaluation_type(s.e, i);
        assert_string_equal(c.type, right[i].type);
        assert_counts(c, right[i].right, right[i].gold, right[i].found);
    }
    assert_true(basin_evaluation_type(s.e, 0).f1 == 0.0);
    basin_tokens t = basin_evaluation_tokens(s.e);
    assert_int_equal(t.tokens, 10);
    assert_int_equal(t.right_tokens, 7);
    assert_int_equal(t.sequences, 3);
    assert_int_equal(t.right_sequences, 1);
    assert_true(t.accuracy == .7);
    int32_t pair[2];
    read_labels(s.labels, "O B-ADJP", pair);
    assert_int_equal(basin_evaluation_confusion(s.e, pair[0], pair[1]), 1);
    assert_int_equal(basin_evaluation_confusion(s.e, pair[1], pair[0]), 0);
    assert_int_equal(basin_evaluation_confusion(s.e, pair[0], pair[0]), 1);
    assert_int_equal(basin_evaluation_confusion(s.e, pair[0], 99), 0);
    scene_close(&s);
}

/** A chunk without type whose tag is none that ends it: it ends with all. */
static void left_open(void **state)
{
    (void)state;
    scene s;
    scene_open(&s);
    add(&s, "X-NP X", "X-NP X");
    assert_counts(basin_evaluation_all(s.e), 2, 2, 2);
    assert_string_equal(basin_evaluation_type(s.e, 0).type, "");
    assert_counts(basin_evaluation_type(s.e, 0), 1, 1, 1);
    assert_counts(basin_evaluation_type(s.e, 1), 1, 1, 1);
    scene_close(&s);
}

/** Labels that keep coming do not disturb what was counted. */
static void many_labels(void **state)
{
    (void)state;
    scene s;
    scene_open(&s);
    char text[32];
    for (int i = 0; i < 300; i++) {
        basin_format(text, sizeof text, "B-%d", i + 1);
        add(&s, text, text);
    }
    assert_counts(basin_evaluation_all(s.e), 300, 300, 300);
    assert_int_equal(basin_evaluation_types(s.e), 300);
    int64_t sum = 0;
    for (int i = 0; i < 300; i++)
        for (int j = 0; j < 300; j++)
            sum += basin_evaluation_confusion(s.e, i, j) * (i == j ? 1 : 1000);
    assert_int_equal(sum, 300);
    for (int i = 1; i < 300; i++)
        assert_true(strcmp(basin_evaluation_type(s.e, i - 1).type,
                        basin_evaluation_type(s.e, i).type) < 0);
    scene_close(&s);
}

static void without_labels(void **state)
{
    (void)state;
    scene s;
    basin_error error = {0};
    scene_open(&s);
    add(&s, "B-NP", "B-NP");
    int32_t good[2] = {0, 0}, bad[2] = {0, -1};
    assert_int_equal(
        basin_evaluation_add(s.e, bad, good, 2, &error), BASIN_E_ARGUMENT);
    assert_says(&error, "position 1 has no right label");
    bad[1] = 1;
    assert_int_equal(
        basin_evaluation_add(s.e, good, bad, 2, &error), BASIN_E_ARGUMENT);
    assert_says(&error, "no found label");
    assert_int_equal(basin_evaluation_tokens(s.e).tokens, 1);
    scene_close(&s);
}

static basin_status count(memory *mem, basin_error *error)
{
    basin_dictionary *d;
    basin_evaluation *e = NULL;
    int32_t ids[2] = {0, 1};
    BASIN_TRY(
        basin_dictionary_restore(&d, mem->ctx, "B-NP\0I-NP\0O", 12, error));
    basin_status status = basin_evaluation_create(&e, mem->ctx, d, error);
    if (status == BASIN_OK)
        status = basin_evaluation_add(e, ids, ids, 2, error);
    if (status == BASIN_OK)
        status = basin_dictionary_add(&ids[1], d, "B-VP", 4, error);
    if (status == BASIN_OK)
        status = basin_evaluation_add(e, ids, ids, 2, error);
    basin_evaluation_destroy(e);
    basin_dictionary_destroy(d);
    return status;
}

static void without_memory(void **state)
{
    (void)state;
    assert_survives_no_memory(count);
}

static int open_all(void **state)
{
    (void)state;
    memory_open(&m);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    memory_close(&m);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemes),
        cmocka_unit_test(results),
        cmocka_unit_test(left_open),
        cmocka_unit_test(many_labels),
        cmocka_unit_test(without_labels),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
