/* SPDX-License-Identifier: MIT
 *
 * Tests of tables as text: what is understood, where mistakes are found, and
 * that what is written reads back to the same bits.
 */
#include "test_data.h"

#include <math.h>

static memory m;

static void assert_reads_n(const char *text, size_t length, int64_t rows,
    int64_t columns, const float *right)
{
    char *copy = malloc(length ? length : 1); /* so that overruns are seen */
    memcpy(copy, text, length);
    basin_error error = {0};
    basin_array a;
    assert_ok(basin_csv_read(&a, m.ctx, copy, length, &error), &error);
    assert_int_equal(a.n_dims, 2);
    assert_int_equal(a.dims[0], rows);
    assert_int_equal(a.dims[1], columns);
    for (int64_t i = 0; i < rows * columns; i++)
        assert_true(a.values[i] == right[i]);
    basin_array_finish(&a);
    free(copy);
}

static void assert_reads(
    const char *text, int64_t rows, int64_t columns, const float *right)
{
    assert_reads_n(text, strlen(text), rows, columns, right);
}

static void assert_bad_n(
    const char *text, size_t length, int line, int column, const char *says)
{
    char *copy = malloc(length ? length : 1);
    if (length)
        memcpy(copy, text, length);
    basin_error error = {0};
    basin_array a;
    assert_int_equal(
        basin_csv_read(&a, m.ctx, copy, length, &error), BASIN_E_FORMAT);
    assert_says(&error, says);
    assert_int_equal(error.line, line);
    assert_int_equal(error.column, column);
    assert_null(a.values);
    free(copy);
}

static void assert_bad(const char *text, int line, int column, const char *says)
{
    assert_bad_n(text, strlen(text), line, column, says);
}

static const float one_to_four[] = {1, 2, 3, 4};

static void separators(void **state)
{
    (void)state;
    assert_reads("1,2\n3,4\n", 2, 2, one_to_four);
    assert_reads("1;2\n3;4\n", 2, 2, one_to_four);
    assert_reads("1\t2\n3\t4\n", 2, 2, one_to_four);
    assert_reads("1 2\n3 4\n", 2, 2, one_to_four);
    assert_reads("  1   2 \n\t3  4\t\n", 2, 2, one_to_four);
    assert_reads(" 1 , 2\t\n3 ,4 \n", 2, 2, one_to_four);
    assert_reads("1\n2\n3\n4\n", 4, 1, one_to_four);
    assert_reads("1,2,3,4", 1, 4, one_to_four);
    assert_reads("5", 1, 1, (float[]){5});
}

static void lines(void **state)
{
    (void)state;
    assert_reads("1,2\r\n3,4\r\n", 2, 2, one_to_four);
    assert_reads("1,2\r3,4\r", 2, 2, one_to_four);
    assert_reads("1,2\n3,4", 2, 2, one_to_four);
    assert_reads("\n\n1,2\n  \n3,4\n\n", 2, 2, one_to_four);
    assert_reads("# a,b\n1,2\n#\n # c\n3,4\n#", 2, 2, one_to_four);
    assert_reads("\xEF\xBB\xBF"
                 "1,2\n3,4\n",
        2, 2, one_to_four);
    assert_reads("\xEF\xBB\xBF"
                 "x,y\n1,2\n3,4\n",
        2, 2, one_to_four);
}

static void names(void **state)
{
    (void)state;
    assert_reads("x,y\n1,2\n3,4\n", 2, 2, one_to_four);
    assert_reads(
        "\"x, in m\",\"the \"\"y\"\"\"\n1,2\n3,4\n", 2, 2, one_to_four);
    assert_reads("first one,second;one\n1,2\n3,4\n", 2, 2, one_to_four);
    assert_reads("x y\n1 2\n3 4\n", 2, 2, one_to_four);
    assert_reads("the speed\n1\n2\n3\n4\n", 4, 1, one_to_four);
    assert_reads("1st,2nd\n1,2\n3,4\n", 2, 2, one_to_four);
    assert_reads("\n# c\nx,\n1,2\n3,4\n", 2, 2, one_to_four);
}

static void numbers(void **state)
{
    (void)state;
    assert_reads("\"1\",\"2\"\n\"3\", \"4\" \n", 2, 2, one_to_four);
    assert_reads("\"1\" \"2\"\n\"3\" \"4\" \n", 2, 2, one_to_four);
    assert_reads("-1.5e3,.5,1e-50,3.4028235e38\n", 1, 4,
        (float[]){-1500, 0.5f, 0, 0x1.fffffep127f});
    assert_reads("inf,-inf\n", 1, 2, (float[]){INFINITY, -INFINITY});
}

static void mistakes(void **state)
{
    (void)state;
    assert_bad("", 0, 0, "the text is empty");
    assert_bad("\xEF\xBB\xBF", 0, 0, "the text is empty");
    assert_bad("\n \r\n# x\n", 0, 0, "blank, or all comments");
    assert_bad("x,y\n", 1, 1, "nothing after it");
    assert_bad("1,2\n3\n", 2, 1, "1 fields, but the lines before it have 2");
    assert_bad("1 2\n3\n", 1, 1, "field 1 is '1 2'");
    assert_bad("1\t2\n3\n", 2, 1, "1 fields, but the lines before it have");
    assert_bad("1\n2,3\n", 2, 1, "2 fields, but the lines before it have 1");
    assert_bad("1\n2 3\n", 2, 1, "2 fields, but the lines before it have 1");
    assert_bad("1,5\n2,x\n", 2, 3, "'x'");
    assert_bad("1\t\t2\n3\t\t4\n", 1, 3, "field 2 is empty");
    assert_bad("1,2\n3,4,5\n", 2, 1, "3 fields");
    assert_bad("x,y,z\n1,2\n", 2, 1, "2 fields, but the lines before it have");
    assert_bad("1,2\n3,four\n", 2, 3, "field 2 is 'four'; a number is");
    assert_bad("1,2\n3,  four\n", 2, 5, "field 2 is 'four'");
    assert_bad("1,two\n3,4\n", 1, 3, "field 2 is 'two'");
    assert_bad("1,2\n3,4x\n", 2, 3, "'4x'");
    assert_bad("1,2\n3,\n", 2, 3, "field 2 is empty");
    assert_bad("1,2\n,4\n", 2, 1, "field 1 is empty");
    assert_bad("1,2\n3,4,\n", 2, 5, "field 3 is empty");
    assert_bad("1;2\n3;4,5\n", 2, 3, "with a point for decimals");
    assert_bad("1,2\n3,\"4\n", 2, 3, "the quote has no end");
    assert_bad("1,2\n3,\"4\"4\n", 2, 6, "after a closing quote");
    assert_bad("1,2\n3,\"4\" 4\n", 2, 7, "after a closing quote");
    assert_bad("1 2\n3 \"4\"4\n", 2, 6, "after a closing quote");
    assert_bad("1,2\n3,1e39\n", 2, 3, "too large for a float32");
    assert_bad("1,2\n3,-1e999\n", 2, 3, "too large for a float32");
    assert_bad("1,2\n3,a\x1b[2Jb\n", 2, 3, "'a?[2Jb'");
    assert_bad("1,2\r\n3,4\r\n5,x\r\n", 3, 3, "'x'");
    assert_bad_n("\xFF\xFE"
                 "1\0,\0",
        6, 0, 0, "UTF-16");
    assert_bad_n("1,2\n3,\0"
                 "4\n",
        9, 2, 3, "NUL");
    assert_bad_n("1,2\r\n3,4\r\n\0", 11, 3, 1, "NUL");
    assert_bad_n("\0", 1, 1, 1, "NUL");
    char text[3000];
    memset(text, '1', sizeof text);
    memcpy(text, "1\n", 2);
    assert_bad_n(text, sizeof text, 2, 1, "2998 bytes; a number has at most");
    memset(text + 2, 'x', sizeof text - 2);
    text[1000] = '\n';
    assert_bad_n(text, 1000, 2, 1, "xxx...'");
}

static void written(void **state)
{
    (void)state;
    basin_error error = {0};
    basin_array a, b;
    basin_bytes out;
    basin_bytes_init(&out, m.ctx);
    assert_ok(
        basin_array_init(&a, m.ctx, 2, (int64_t[]){2, 2}, &error), &error);
    memcpy(a.values, (float[]){1, -0.5f, 0.1f, 3}, 4 * sizeof(float));
    const char *const heads[] = {"x", "a, \"b\""};
    assert_ok(basin_csv_write(&out, &a, heads, &error), &error);
    static const char right[] = "x,\"a, \"\"b\"\"\"\n1,-0.5\n0.1,3\n";
    assert_int_equal(out.size, sizeof right - 1);
    assert_memory_equal(out.data, right, out.size);
    assert_ok(basin_csv_read(&b, m.ctx, out.data, out.size, &error), &error);
    assert_memory_equal(a.values, b.values, 4 * sizeof(float));
    basin_array_finish(&b);

    const char *const broken[] = {"x", "a\nb"};
    assert_int_equal(
        basin_csv_write(&out, &a, broken, &error), BASIN_E_ARGUMENT);
    assert_says(&error, "column 2 has a line break");
    basin_array_finish(&a);
    assert_ok(
        basin_array_init(&a, m.ctx, 2, (int64_t[]){2, 0}, &error), &error);
    assert_int_equal(basin_csv_write(&out, &a, NULL, &error), BASIN_E_SHAPE);
    assert_says(&error, "no column");
    basin_array_finish(&a);
    assert_ok(basin_array_init(&a, m.ctx, 0, NULL, &error), &error);
    assert_int_equal(basin_csv_write(&out, &a, NULL, &error), BASIN_E_SHAPE);
    assert_says(&error, "0 dimensions");
    basin_array_finish(&a);
    basin_bytes_finish(&out);
}

/** Any float that is a number comes back with its bits, and -0 too. */
static void keeps_the_bits(void **state)
{
    (void)state;
    enum { N = 20000 };
    basin_error error = {0};
    basin_array a, b;
    basin_bytes out;
    basin_bytes_init(&out, m.ctx);
    assert_ok(basin_array_init(&a, m.ctx, 1, (int64_t[]){N}, &error), &error);
    uint64_t seed = 1;
    for (int i = 0; i < N; i++) {
        uint32_t bits;
        do {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            bits = (uint32_t)(seed >> 32);
        } while ((bits & 0x7f800000) == 0x7f800000);
        memcpy(&a.values[i], &bits, sizeof bits);
    }
    a.values[0] = -0.0f;
    a.values[1] = 0x1p-149f;
    a.values[2] = 0x1.fffffep127f;
    assert_ok(basin_csv_write(&out, &a, NULL, &error), &error);
    assert_ok(basin_csv_read(&b, m.ctx, out.data, out.size, &error), &error);
    assert_int_equal(b.dims[0], N);
    assert_memory_equal(a.values, b.values, N * sizeof(float));
    basin_array_finish(&a);
    basin_array_finish(&b);
    basin_bytes_finish(&out);
}

static basin_status round_trip(memory *mem, basin_error *error)
{
    basin_array a = {.ctx = mem->ctx}, b = {.ctx = mem->ctx};
    basin_bytes out;
    basin_bytes_init(&out, mem->ctx);
    basin_status status =
        basin_array_init(&a, mem->ctx, 2, (int64_t[]){100, 10}, error);
    if (status == BASIN_OK)
        status = basin_csv_write(&out, &a, NULL, error);
    if (status == BASIN_OK)
        status = basin_csv_read(&b, mem->ctx, out.data, out.size, error);
    basin_array_finish(&a);
    basin_array_finish(&b);
    basin_bytes_finish(&out);
    return status;
}

static void without_memory(void **state)
{
    (void)state;
    assert_survives_no_memory(round_trip);
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
        cmocka_unit_test(separators),
        cmocka_unit_test(lines),
        cmocka_unit_test(names),
        cmocka_unit_test(numbers),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(written),
        cmocka_unit_test(keeps_the_bits),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
