/* SPDX-License-Identifier: MIT
 *
 * Tests of IDX and gzip: every type of value, every way to be malformed, and
 * files that gzip has packed, in one member and in several.
 */
#define _POSIX_C_SOURCE 200809L
#include "test_data.h"

#include <math.h>
#include <stdio.h>

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

/* --------------------------------------------------------------------- idx */

/* A file of one dimension, of n values that are given as bytes. */
static size_t make(
    unsigned char *out, int type, size_t n, const char *values, size_t bytes)
{
    memcpy(out, "\0\0\0\1\0\0\0\0", 8);
    out[2] = (unsigned char)type;
    out[7] = (unsigned char)n;
    memcpy(out + 8, values, bytes);
    return 8 + bytes;
}

static void assert_reads(
    int type, const char *values, size_t bytes, const float *right, size_t n)
{
    unsigned char file[64];
    basin_error error = {0};
    basin_array a;
    const size_t size = make(file, type, n, values, bytes);
    assert_ok(basin_idx_read(&a, m.ctx, file, size, &error), &error);
    assert_int_equal(a.n_dims, 1);
    assert_int_equal(a.dims[0], n);
    assert_memory_equal(a.values, right, n * sizeof *right);
    basin_array_finish(&a);
}

static void every_type_is_read(void **state)
{
    (void)state;
    assert_reads(8, "\0\x7f\xff", 3, (float[]){0, 127, 255}, 3);
    assert_reads(9, "\0\x7f\xff\x80", 4, (float[]){0, 127, -1, -128}, 4);
    assert_reads(11, "\x01\x02\xff\xfe", 4, (float[]){258, -2}, 2);
    assert_reads(12, "\0\1\0\0\xff\xff\xff\xff", 8, (float[]){65536, -1}, 2);
    assert_reads(13, "\x3f\xc0\0\0\xc0\0\0\0", 8, (float[]){1.5F, -2}, 2);
    assert_reads(14, "\x3f\xf8\0\0\0\0\0\0", 8, (float[]){1.5F}, 1);
    assert_reads(
        13, "\x7f\x80\0\0\xff\x80\0\0", 8, (float[]){INFINITY, -INFINITY}, 2);
    assert_reads(8, "", 0, (float[]){0}, 0);
}

static void a_view_points_into_the_file(void **state)
{
    (void)state;
    static const unsigned char file[] = {
        0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 9, 8, 7, 6, 5, 4};
    basin_error error = {0};
    basin_idx idx;
    assert_ok(basin_idx_view(&idx, file, sizeof file, &error), &error);
    assert_int_equal(idx.type, BASIN_IDX_UINT8);
    assert_int_equal(idx.n_dims, 3);
    assert_int_equal(idx.dims[0], 2);
    assert_int_equal(idx.dims[1], 1);
    assert_int_equal(idx.dims[2], 3);
    assert_int_equal(idx.count, 6);
    assert_ptr_equal(idx.data, file + 16);
    for (size_t size = 0; size < sizeof file; size++) {
        error = (basin_error){0};
        assert_int_equal(
            basin_idx_view(&idx, file, size, &error), BASIN_E_FORMAT);
        assert_says(&error, size < 4 ? "two bytes of 0" : "IDX file");
    }
}

static void assert_bad(const void *file, size_t size, const char *text)
{
    basin_error error = {0};
    basin_array a;
    assert_int_equal(
        basin_idx_read(&a, m.ctx, file, size, &error), BASIN_E_FORMAT);
    assert_says(&error, text);
    assert_null(a.values);
}

static void malformed_files_are_refused(void **state)
{
    (void)state;
    assert_bad("\0\1\x08\1\0\0\0\0", 8, "two bytes of 0");
    assert_bad("\x1f\x8b\x08\1\0\0\0\0", 8, "packed by gzip");
    assert_bad("\0\0\x0a\1\0\0\0\0", 8, "byte 3 is a");
    assert_bad("\0\0\x08\0", 4, "0 dimensions; 1 to 4");
    assert_bad("\0\0\x08\5\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1\7", 25,
        "5 dimensions");
    assert_bad("\0\0\x08\2\0\0\0\1", 8, "ends in its header: 8 of 12");
    assert_bad("\0\0\x08\1\0\0\0\3\1\2", 10, "2 bytes of values");
    assert_bad("\0\0\x08\1\0\0\0\1\1\2", 10, "2 bytes of values");
    assert_bad("\0\0\x0b\1\0\0\0\1\1\2\3", 11, "1 of 2 bytes");
    assert_bad("\0\0\x08\4\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
               "\xff\xff\xff",
        20, "more values than can be");
    assert_bad("\0\0\x0e\1\0\0\0\1\x7f\xe0\0\0\0\0\0\0", 16,
        "value 0 of the IDX file is 8.98847e+307, too large");
}

/* -------------------------------------------------------------------- gzip */

/* "basin\n" as gzip -9 packs it, without a name or a time. */
static const unsigned char packed[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0x4b,
    0x4a, 0x2c, 0xce, 0xcc, 0xe3, 2, 0, 0xe5, 0x01, 0x8b, 0x75, 6, 0, 0, 0};

static bool has_zlib(void)
{
    basin_bytes out;
    basin_bytes_init(&out, m.ctx);
    const basin_status status =
        basin_gunzip(&out, packed, sizeof packed, 100, NULL);
    basin_bytes_finish(&out);
    return status != BASIN_E_SERVE;
}

static void gzip_is_unpacked(void **state)
{
    (void)state;
    if (!has_zlib())
        skip();
    basin_bytes out;
    basin_error error = {0};
    basin_bytes_init(&out, m.ctx);
    assert_true(basin_is_gzip(packed, sizeof packed));
    assert_false(basin_is_gzip(packed, 1));
    assert_ok(basin_gunzip(&out, packed, sizeof packed, 6, &error), &error);
    assert_int_equal(out.size, 6);
    assert_memory_equal(out.data, "basin\n", 6);
    unsigned char two[2 * sizeof packed];
    memcpy(two, packed, sizeof packed);
    memcpy(two + sizeof packed, packed, sizeof packed);
    assert_ok(basin_gunzip(&out, two, sizeof two, 12, &error), &error);
    assert_int_equal(out.size, 18);
    assert_memory_equal(out.data, "basin\nbasin\nbasin\n", 18);
    basin_bytes_finish(&out);
}

static void damaged_gzip_is_refused(void **state)
{
    (void)state;
    if (!has_zlib())
        skip();
    basin_bytes out;
    basin_error error = {0};
    basin_bytes_init(&out, m.ctx);
    assert_ok(basin_bytes_append(&out, "kept", 4, &error), &error);
    for (size_t size = 0; size < sizeof packed; size++) {
        error = (basin_error){0};
        assert_int_equal(
            basin_gunzip(&out, packed, size, 100, &error), BASIN_E_FORMAT);
        assert_int_equal(out.size, 4);
    }
    assert_says(&error, "end too early, after 25 bytes");
    unsigned char bad[sizeof packed];
    memcpy(bad, packed, sizeof packed);
    bad[19] ^= 1; /* of the check sum */
    assert_int_equal(
        basin_gunzip(&out, bad, sizeof bad, 100, &error), BASIN_E_FORMAT);
    assert_says(&error, "incorrect data check");
    for (size_t most = 0; most < 6; most++) {
        assert_int_equal(
            basin_gunzip(&out, packed, sizeof packed, most, &error),
            BASIN_E_FORMAT);
        assert_says(&error, "unpack to more than");
    }
    assert_int_equal(out.size, 4);
    assert_memory_equal(out.data, "kept", 4);
    basin_bytes_finish(&out);
}

static basin_status unpack_and_read(memory *mem, basin_error *error)
{
    basin_bytes out;
    basin_array a;
    basin_bytes_init(&out, mem->ctx);
    const basin_status status =
        basin_gunzip(&out, packed, sizeof packed, 100, error);
    basin_bytes_finish(&out);
    if (status != BASIN_OK && status != BASIN_E_SERVE)
        return status;
    const basin_status read =
        basin_idx_read(&a, mem->ctx, "\0\0\x08\1\0\0\0\1\1", 9, error);
    basin_array_finish(&a);
    return read;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    assert_survives_no_memory(unpack_and_read);
}

static void files_are_loaded_either_way(void **state)
{
    (void)state;
    char path[] = "/tmp/basin-idx-XXXXXX";
    basin_error error = {0};
    basin_bytes out;
    assert_true(mkdtemp(path) != NULL);
    char file[64];
    snprintf(file, sizeof file, "%s/a", path);
    basin_bytes_init(&out, m.ctx);
    assert_ok(basin_file_write(file, "plain", 5, &error), &error);
    assert_ok(basin_file_load(&out, file, 100, &error), &error);
    assert_int_equal(out.size, 5);
    assert_ok(basin_file_load(&out, file, 100, &error), &error);
    assert_int_equal(out.size, 10);
    if (has_zlib()) {
        assert_ok(
            basin_file_write(file, packed, sizeof packed, &error), &error);
        assert_ok(basin_file_load(&out, file, 100, &error), &error);
        assert_int_equal(out.size, 16);
        assert_memory_equal(out.data, "plainplainbasin\n", 16);
        assert_int_equal(
            basin_file_load(&out, file, 3, &error), BASIN_E_FORMAT);
        assert_string_equal(error.file, file);
    }
    remove(file);
    assert_int_equal(basin_file_load(&out, file, 100, &error), BASIN_E_IO);
    remove(path);
    basin_bytes_finish(&out);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_memory, close_memory)
    const struct CMUnitTest tests[] = {
        TEST(every_type_is_read),
        TEST(a_view_points_into_the_file),
        TEST(malformed_files_are_refused),
        TEST(gzip_is_unpacked),
        TEST(damaged_gzip_is_refused),
        TEST(files_are_loaded_either_way),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests_name("data_idx", tests, NULL, NULL);
}
