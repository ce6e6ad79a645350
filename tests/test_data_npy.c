/* SPDX-License-Identifier: MIT
 *
 * Tests of .npy: files as NumPy 1.24 writes them, equal bits both ways, and
 * every way to be malformed.
 */
#include "test_data.h"

#include <math.h>

static memory m;

/** A file as numpy.save writes it: 128 bytes of header, and the values. */
static size_t make(unsigned char *out, int version, const char *dict,
    const char *values, size_t n)
{
    size_t fixed = version == 1 ? 10 : 12;
    memset(out, ' ', 128);
    memcpy(out, "\x93NUMPY\0\0\0\0\0\0", 12);
    out[6] = (unsigned char)version;
    out[8] = (unsigned char)(128 - fixed);
    memcpy(out + fixed, dict, strlen(dict));
    memset(out + fixed + strlen(dict), ' ', 128 - fixed - strlen(dict));
    out[127] = '\n';
    if (n)
        memcpy(out + 128, values, n);
    return 128 + n;
}

#define F4(shape)                                                              \
    "{'descr': '<f4', 'fortran_order': False, 'shape': " shape ", }"

static void assert_bad(const void *data, size_t size, const char *text)
{
    basin_error error = {0};
    basin_array a;
    assert_int_equal(
        basin_npy_read(&a, m.ctx, data, size, &error), BASIN_E_FORMAT);
    assert_says(&error, text);
    assert_null(a.values);
}

/** A header of version 1 of this text, and no values. */
static void assert_bad_header(const char *dict, const char *text)
{
    unsigned char file[512];
    size_t n = strlen(dict);
    memcpy(file, "\x93NUMPY\x01\0\0\0", 10);
    file[8] = (unsigned char)n;
    memcpy(file + 10, dict, n);
    assert_bad(file, 10 + n, text);
}

static void assert_reads(const char *dict, const char *values, size_t n,
    int n_dims, const int64_t *dims, const float *right)
{
    for (int version = 1; version <= 3; version++) {
        unsigned char file[512];
        size_t size = make(file, version, dict, values, n);
        basin_error error = {0};
        basin_array a;
        assert_ok(basin_npy_read(&a, m.ctx, file, size, &error), &error);
        assert_int_equal(a.n_dims, n_dims);
        for (int i = 0; i < n_dims; i++)
            assert_int_equal(a.dims[i], dims[i]);
        assert_memory_equal(
            a.values, right, basin_array_size(&a) * sizeof(float));
        basin_array_finish(&a);
    }
}

static void reads_what_numpy_writes(void **state)
{
    (void)state;
    assert_reads(F4("(2, 2)"),
        "\0\0\xc0\x3f\0\0\0\xc0\0\0\x40\x40\xcd\xcc\xcc\x3d", 16, 2,
        (int64_t[]){2, 2}, (float[]){1.5f, -2.0f, 3.0f, 0.1f});
    assert_reads(F4("()"), "\0\0\xc0\x3f", 4, 0, NULL, (float[]){1.5f});
    assert_reads(F4("(0, 3)"), "", 0, 2, (int64_t[]){0, 3}, (float[]){0});
    assert_reads("{'descr': '|i1', 'fortran_order': False, 'shape': (2,), }",
        "\x80\x7f", 2, 1, (int64_t[]){2}, (float[]){-128.0f, 127.0f});
    assert_reads("{'descr': '>u2', 'fortran_order': False, 'shape': (2,), }",
        "\xff\xff\0\x01", 4, 1, (int64_t[]){2}, (float[]){65535.0f, 1.0f});
    assert_reads("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }",
        "\0\0\0\0\0\0\0\x80\xff\xff\xff\xff\xff\xff\xff\x7f", 16, 1,
        (int64_t[]){2}, (float[]){-0x1p63f, 0x1p63f});
    assert_reads("{'descr': '<u8', 'fortran_order': False, 'shape': (1,), }",
        "\xff\xff\xff\xff\xff\xff\xff\xff", 8, 1, (int64_t[]){1},
        (float[]){0x1p64f});
    /* columns first, big-endian: 1 2 3 / 4 5 6 */
    assert_reads("{'descr': '>f8', 'fortran_order': True, 'shape': (2, 3), }",
        "\x3f\xf0\0\0\0\0\0\0\x40\x10\0\0\0\0\0\0\x40\0\0\0\0\0\0\0"
        "\x40\x14\0\0\0\0\0\0\x40\x08\0\0\0\0\0\0\x40\x18\0\0\0\0\0\0",
        48, 2, (int64_t[]){2, 3}, (float[]){1, 2, 3, 4, 5, 6});
    /* keys in another order, other quotes and spaces, Python 2's longs */
    assert_reads("{\"shape\":(2L,1),\t\"fortran_order\" : False,'descr':'<f4'}",
        "\0\0\xc0\x3f\0\0\0\xc0", 8, 2, (int64_t[]){2, 1},
        (float[]){1.5f, -2.0f});
}

static void writes_what_numpy_writes(void **state)
{
    (void)state;
    static const struct {
        const char *dict;
        int n_dims;
        int64_t dims[4];
    } cases[] = {
        {F4("()"), 0, {0}},
        {F4("(3,)"), 1, {3}},
        {F4("(0, 3)"), 2, {0, 3}},
        {F4("(2, 2)"), 2, {2, 2}},
        {F4("(1, 2, 1, 2)"), 4, {1, 2, 1, 2}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        basin_error error = {0};
        basin_array a, b;
        basin_bytes out;
        unsigned char file[512];
        basin_bytes_init(&out, m.ctx);
        assert_ok(
            basin_array_init(&a, m.ctx, cases[c].n_dims, cases[c].dims, &error),
            &error);
        size_t n = basin_array_size(&a);
        for (size_t i = 0; i < n; i++)
            a.values[i] = 0.1f * (float)i - 0.05f;
        /* this machine is little-endian, as every one that runs the tests */
        size_t size = make(
            file, 1, cases[c].dict, (const char *)a.values, n * sizeof(float));
        assert_ok(basin_npy_write(&out, &a, &error), &error);
        assert_int_equal(out.size, size);
        assert_memory_equal(out.data, file, size);
        assert_ok(
            basin_npy_read(&b, m.ctx, out.data, out.size, &error), &error);
        assert_memory_equal(a.values, b.values, n * sizeof(float));
        basin_array_finish(&a);
        basin_array_finish(&b);
        basin_bytes_finish(&out);
    }
}

static void keeps_the_bits(void **state)
{
    (void)state;
    static const uint32_t bits[] = {0x00000000, 0x80000000, 0x00000001,
        0x7f7fffff, 0x7f800000, 0xff800000, 0x7fc00001, 0x3dcccccd};
    basin_error error = {0};
    basin_array a, b;
    basin_bytes out;
    basin_bytes_init(&out, m.ctx);
    assert_ok(basin_array_init(&a, m.ctx, 1, (int64_t[]){8}, &error), &error);
    memcpy(a.values, bits, sizeof bits);
    assert_ok(basin_npy_write(&out, &a, &error), &error);
    assert_ok(basin_npy_read(&b, m.ctx, out.data, out.size, &error), &error);
    assert_memory_equal(b.values, bits, sizeof bits);
    basin_array_finish(&a);
    basin_array_finish(&b);
    basin_bytes_finish(&out);
}

static void truncated_anywhere(void **state)
{
    (void)state;
    unsigned char file[512];
    size_t size = make(file, 1, F4("(2,)"), "\0\0\xc0\x3f\0\0\0\xc0", 8);
    for (size_t n = 0; n < size; n++) {
        /* a copy of its own, so that reading past the end is seen */
        unsigned char *cut = malloc(n ? n : 1);
        memcpy(cut, file, n);
        assert_bad(cut, n, n == 0 ? "empty" : n < 6 ? "" : "cut off");
        free(cut);
    }
    assert_bad(file, size - 1,
        "cut off at byte 135: the values should go on to byte 136");
    assert_bad(file, size + 3, "should end at byte 136, but the file goes on");
}

static void malformed(void **state)
{
    (void)state;
    assert_bad("hello, world", 12, "magic word");
    assert_bad("PK\3\4____", 8, ".npz");
    assert_bad("\x93NUMPY\4\0______", 14, "format 4.0 is not read");
    assert_bad("\x93NUMPY\1\1______", 14, "format 1.1 is not read");
    assert_bad("\x93NUMPY\0\0______", 14, "format 0.0 is not read");
    assert_bad("\x93NUMPY\2\0\xff\xff\xff\xff", 12, "4294967295 bytes");
    assert_bad_header("", "'{' is expected at byte 10");
    assert_bad_header("[]", "'{' is expected at byte 10");
    assert_bad_header("{}", "lacks the key 'descr'");
    assert_bad_header("{", "quoted word is expected at byte 11");
    assert_bad_header("{'descr", "has no end");
    assert_bad_header("{'de\\x', ", "not allowed in a word");
    assert_bad_header("{'descr' '<f4'}", "':' is expected");
    assert_bad_header("{'descr': '<f4' 'shape': ()}", "',' or '}'");
    assert_bad_header("{'descr': '<f4', 'descr': '<f4'}", "there twice");
    assert_bad_header("{'color': 1}", "'color' at byte 11 of the header");
    assert_bad_header("{'descr': '<f4', }", "lacks the key 'fortran_order'");
    assert_bad_header("{'fortran_order': maybe}", "True or False");
    assert_bad_header("{'fortran_order': 0}", "True or False");
    assert_bad_header("{'shape': (3)}", "not a tuple");
    assert_bad_header("{'shape': 3}", "'(' is expected");
    assert_bad_header("{'shape': (-1,)}", "a size is expected");
    assert_bad_header("{'shape': (1 2)}", "',' or ')'");
    assert_bad_header("{'shape': (1,2,3,4,5)}", "more than 4 dimensions");
    assert_bad_header("{'shape': (9223372036854775808,)}", "too large");
    assert_bad_header(F4("()") "x", "after the end of the header's dict");
    assert_bad_header(F4("(4294967296, 4294967296)"), "more values than");
    assert_bad_header(F4("(9223372036854775807,)"), "more values than");
    assert_bad_header(F4("(1000000000000,)"), "cut off");
    assert_bad_header("{'descr': [('a', '<f4')]}", "several fields");
    static const char *const types[] = {"|b1", "<f2", "<f16", "<c8", "|O",
        "|S3", "=f4", "<u3", "|f4", "f4", "", "<", "<M8[s]"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        char dict[64];
        basin_format(dict, sizeof dict, "{'descr': '%s'}", types[i]);
        assert_bad_header(dict, ".astype('float32')");
    }
    /* 1e300 has no float32 */
    unsigned char file[512];
    size_t size = make(file, 1,
        "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }",
        "\x9c\x75\0\x88\x3c\xe4\x37\x7e", 8);
    assert_bad(file, size, "byte 128");
    assert_bad(file, size, "too large for a float32");
}

static basin_status round_trip(memory *mem, basin_error *error)
{
    basin_array a = {.ctx = mem->ctx}, b = {.ctx = mem->ctx};
    basin_bytes out;
    basin_bytes_init(&out, mem->ctx);
    basin_status status =
        basin_array_init(&a, mem->ctx, 2, (int64_t[]){100, 10}, error);
    if (status == BASIN_OK)
        status = basin_npy_write(&out, &a, error);
    if (status == BASIN_OK)
        status = basin_npy_read(&b, mem->ctx, out.data, out.size, error);
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
        cmocka_unit_test(reads_what_numpy_writes),
        cmocka_unit_test(writes_what_numpy_writes),
        cmocka_unit_test(keeps_the_bits),
        cmocka_unit_test(truncated_anywhere),
        cmocka_unit_test(malformed),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
