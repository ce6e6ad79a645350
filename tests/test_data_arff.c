/* SPDX-License-Identifier: MIT
 *
 * Tests of ARFF: dense and sparse lines, names and values in quotes, values
 * that are missing, and every way to be malformed, with its place.
 */
#include "test_data.h"

#include <math.h>

static memory m;

static int open_memory(void **state)
{
    (void)state;
    memory_open(&m);
    return 0;
}

static int close_memory(void **state)
{
    (void)state;
    memory_close(&m);
    return 0;
}

static basin_arff read(const char *text)
{
    basin_error error = {0};
    basin_arff a;
    assert_ok(basin_arff_read(&a, m.ctx, text, strlen(text), &error), &error);
    return a;
}

static void assert_values(
    const basin_arff *a, int64_t lines, const float *right)
{
    assert_int_equal(a->values.n_dims, 2);
    assert_int_equal(a->values.dims[0], lines);
    assert_int_equal(a->values.dims[1], a->n_attributes);
    for (size_t i = 0; i < basin_array_size(&a->values); i++)
        if (right[i] != right[i])
            assert_true(a->values.values[i] != a->values.values[i]);
        else
            assert_true(a->values.values[i] == right[i]);
}

static void dense_lines(void **state)
{
    (void)state;
    basin_arff a = read("% a comment\n"
                        "@RELATION 'two words'\r\n"
                        "\n"
                        "@attribute Width\tREAL\n"
                        "  @Attribute 'its \\'name\\'' {no, yes,'per haps'}  \n"
                        "@attribute n integer\n"
                        "@data\n"
                        "1.5, yes, -3\n"
                        " 2e1 ,'per haps',?\n"
                        "% between\n"
                        "?,\"no\",7\r\n"
                        "\n"
                        "0 , ? , 1");
    assert_int_equal(a.n_attributes, 3);
    assert_string_equal(a.names[0], "Width");
    assert_string_equal(a.names[1], "its 'name'");
    assert_string_equal(a.names[2], "n");
    assert_int_equal(a.counts[0], 0);
    assert_int_equal(a.counts[1], 3);
    assert_values(
        &a, 4, (float[]){1.5F, 1, -3, 20, 2, NAN, NAN, 0, 7, 0, NAN, 1});
    basin_arff_finish(&a);
}

static void sparse_lines(void **state)
{
    (void)state;
    basin_arff a = read("@attribute a {0,1}\n@attribute 'b c' numeric\n"
                        "@attribute c{x,y}\n@data\n"
                        "{0 1,2 y}\n{}\n{ 1 2.5 }\n{2 'y'}\n");
    assert_values(&a, 4, (float[]){1, 0, 1, 0, 0, 0, 0, 2.5F, 0, 0, 0, 1});
    basin_arff_finish(&a);
    a = read("@attribute a numeric\n@data\n");
    assert_int_equal(a.values.dims[0], 0);
    basin_arff_finish(&a);
}

#define HEAD "@attribute a numeric\n@attribute b {x,y}\n@data\n"

static void mistakes_are_placed(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
        int line, column;
    } cases[] = {
        {"", "there is no @data", 0, 0},
        {"@attribute a numeric\n", "there is no @data", 0, 0},
        {"1,2,3\n", "not an ARFF file", 1, 1},
        {"@relation r\n@data\n", "@data without any @attribute", 2, 1},
        {"@attribute\n", "a word or a number is expected", 1, 11},
        {"@attribute a string\n@data\n", "'string' is not read", 1, 14},
        {"@attribute a date 'x'\n@data\n", "'date 'x'' is not read", 1, 14},
        {"@attribute a {x,y\n@data\n", "the values end in '}'", 1, 18},
        {"@attribute a {x,,y}\n@data\n", "is expected", 1, 17},
        {"@attribute a {}\n@data\n", "is expected", 1, 15},
        {"@attribute 'a numeric\n@data\n", "the quote has no end", 1, 12},
        {"@attribute a numeric x\n@data\n", "nothing is expected here", 1, 22},
        {HEAD "1\n", "2 values are expected; there are 1", 4, 2},
        {HEAD "1,x\n2,y,3\n", "more than 2 values", 5, 4},
        {HEAD "1,z\n", "'z' is no value of the attribute 'b'", 4, 3},
        {HEAD "q,x\n", "'q' is no number", 4, 1},
        {HEAD "1e39,x\n", "too large for a float32", 4, 1},
        {HEAD ",x\n", "is expected", 4, 1},
        {HEAD "1,'x\n", "the quote has no end", 4, 3},
        {HEAD "{1 x,0 2}\n", "rises along the line", 4, 6},
        {HEAD "{2 x}\n", "no index from 0 to 1", 4, 2},
        {HEAD "{0.5 x}\n", "no index", 4, 2},
        {HEAD "{0 1 1 x}\n", "'1 1 x' is no number", 4, 4},
        {HEAD "{0 1\n", "',' or '}' is expected", 4, 5},
        {HEAD "{0 1},{5}\n", "behind '}'", 4, 6},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        basin_error error = {0};
        basin_arff a;
        assert_int_equal(basin_arff_read(&a, m.ctx, cases[i].text,
                             strlen(cases[i].text), &error),
            BASIN_E_FORMAT);
        assert_says(&error, cases[i].words);
        if (error.line != cases[i].line || error.column != cases[i].column)
            fail_msg("\"%s\" at %d:%d, not %d:%d", error.message, error.line,
                error.column, cases[i].line, cases[i].column);
        assert_null(a.values.values);
        assert_null(a.block);
    }
}

static basin_status life(memory *mem, basin_error *error)
{
    static const char text[] = HEAD "1,x\n{1 y}\n";
    basin_arff a;
    const basin_status status =
        basin_arff_read(&a, mem->ctx, text, sizeof text - 1, error);
    basin_arff_finish(&a);
    return status;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_survives_no_memory(life);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_memory, close_memory)
    const struct CMUnitTest tests[] = {
        TEST(dense_lines),
        TEST(sparse_lines),
        TEST(mistakes_are_placed),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests_name("data_arff", tests, NULL, NULL);
}
