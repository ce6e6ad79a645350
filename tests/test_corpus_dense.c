/* SPDX-License-Identifier: MIT
 *
 * Sequences with numbers at each position: columns of numbers, letters and
 * arrays, as they are read and as they are refused.
 */
#include "test_corpus.h"

#include <stdio.h>

static basin_context *ctx;

static char *seed(const char *name, size_t *size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/corpus/%s",
        getenv("BASIN_SOURCE"), name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *bytes = malloc(1 << 16);
    *size = fread(bytes, 1, 1 << 16, file);
    fclose(file);
    return bytes;
}

static void columns_of_numbers(void **state)
{
    (void)state;
    static const char text[] = "he 1 -2.5 A\nruns\t3e1 4 B\n \nhe 5 6 A\n";
    static const float want[] = {1, -2.5F, 30, 4, 5, 6};
    basin_error error = {0};
    reading r;
    assert_int_equal(reading_open(&r, ctx, NULL, &error), BASIN_OK);
    r.def.dense = 2;
    assert_int_equal(reading_take(&r, text, sizeof text - 1, &error), BASIN_OK);
    const basin_sequences *s = &r.corpus->sequences;
    assert_int_equal(r.corpus->format, BASIN_CORPUS_NUMBERS);
    assert_int_equal(s->n, 2);
    assert_int_equal(s->positions, 3);
    assert_int_equal(s->start[1], 2);
    assert_int_equal(s->dense_dim, 2);
    assert_memory_equal(s->dense, want, sizeof want);
    assert_int_equal(s->label[1], 1);
    assert_int_equal(r.corpus->offset[1], 12);
    reading_close(&r);
}

static void refused_text_leaves_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
        int line, column;
    } rows[] = {{"1 2 A\n3 B\n", "2 columns; 2 numbers and a label", 2, 1},
        {"1 2 A\n1 nan B\n", "'nan' stands where a number", 2, 3},
        {"1 1e99 A\n", "'1e99'", 1, 3}, {"1 2,3 A\n", "'2,3'", 1, 3}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        basin_error error = {0};
        reading r;
        assert_int_equal(reading_open(&r, ctx, NULL, &error), BASIN_OK);
        r.def.dense = 2;
        assert_int_equal(
            reading_take(&r, rows[i].text, strlen(rows[i].text), &error),
            BASIN_E_FORMAT);
        assert_non_null(strstr(error.message, rows[i].says));
        assert_int_equal(error.line, rows[i].line);
        assert_int_equal(error.column, rows[i].column);
        assert_int_equal(r.corpus->sequences.n, 0);
        assert_int_equal(reading_take(&r, "7 8 A\n", 6, &error), BASIN_OK);
        assert_true(r.corpus->sequences.dense[1] == 8);
        reading_close(&r);
    }
}

static void letters(void **state)
{
    (void)state;
    size_t size;
    char *text = seed("letters", &size);
    basin_error error = {0};
    reading r;
    assert_int_equal(reading_open(&r, ctx, NULL, &error), BASIN_OK);
    assert_int_equal(reading_take(&r, text, size, &error), BASIN_OK);
    const basin_sequences *s = &r.corpus->sequences;
    assert_int_equal(r.corpus->format, BASIN_CORPUS_LETTERS);
    assert_int_equal(s->n, 2); /* a word ends where the next id is -1 */
    assert_int_equal(s->start[1], 2);
    assert_int_equal(s->n_labels, 2);
    assert_int_equal(s->dense_dim, 128);
    for (int64_t p = 0; p < 3; p++) {
        int on = 1; /* bias */
        for (int k = 0; k < 128; k++) {
            const int pixel = (k + (int)p) % 5 / 4;
            assert_true(s->dense[p * 128 + k] == (float)pixel);
            on += pixel;
        }
        assert_int_equal(s->node.start[p + 1] - s->node.start[p], on);
    }
    const char *first = basin_dictionary_name(r.def.nodes, 0, NULL);
    assert_string_equal(first, "p_0_4");
    /* one field less, in the second line */
    char *end = strchr(strchr(text, '\n') + 1, '\n');
    memmove(end - 2, end, size - (size_t)(end - text));
    assert_int_equal(reading_take(&r, text, size - 2, &error), BASIN_E_FORMAT);
    assert_non_null(strstr(error.message, "133 fields; a letter has 134"));
    assert_int_equal(r.corpus->sequences.n, 2);
    reading_close(&r);
    free(text);
}

static void arrays(void **state)
{
    (void)state;
    size_t size;
    char *bytes = seed("arrays", &size);
    static const float want[] = {1, 2, 3, 4, 5, 6};
    basin_error error = {0};
    reading r;
    assert_int_equal(reading_open(&r, ctx, NULL, &error), BASIN_OK);
    assert_int_equal(reading_take(&r, bytes, size, &error), BASIN_OK);
    const basin_sequences *s = &r.corpus->sequences;
    assert_int_equal(r.corpus->format, BASIN_CORPUS_ARRAYS);
    assert_int_equal(s->n, 2);
    assert_int_equal(s->start[1], 2);
    assert_memory_equal(s->dense, want, sizeof want);
    assert_string_equal(basin_dictionary_name(r.def.labels, 1, NULL), "1");
    assert_int_equal(basin_corpus_whole(r.corpus, "\n\n", 2), 0);
    /* after arrays only arrays, and each cut is refused */
    assert_int_equal(reading_take(&r, "a\tb\n", 4, &error), BASIN_E_FORMAT);
    assert_non_null(strstr(error.message, "no .npz"));
    for (size_t cut = 4; cut < size; cut += 61)
        assert_int_equal(reading_take(&r, bytes, cut, &error), BASIN_E_FORMAT);
    assert_int_equal(r.corpus->sequences.n, 2);
    reading_close(&r);
    free(bytes);
}

static int open_ctx(void **state)
{
    (void)state;
    return basin_context_create(&ctx, NULL, NULL) != BASIN_OK;
}

static int close_ctx(void **state)
{
    (void)state;
    basin_context_destroy(ctx);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_of_numbers),
        cmocka_unit_test(refused_text_leaves_nothing),
        cmocka_unit_test(letters),
        cmocka_unit_test(arrays),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
