/* SPDX-License-Identifier: MIT
 *
 * Tests of .npz: files that NumPy 1.24 has written, whole and damaged. They
 * are those of the fuzzer's corpus.
 */
#define _POSIX_C_SOURCE 200809L
#include "test_data.h"

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

static basin_bytes file_of(const char *name, basin_context *ctx)
{
    char path[4096];
    const char *source = getenv("BASIN_SOURCE");
    basin_error error = {0};
    basin_bytes out;
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/npz/%s",
        source ? source : ".", name);
    basin_bytes_init(&out, ctx);
    assert_ok(basin_file_read(&out, path, &error), &error);
    return out;
}

static basin_status try_to_read(
    basin_array *a, const char *file, const char *name, basin_error *error)
{
    basin_bytes bytes = file_of(file, m.ctx);
    *error = (basin_error){0};
    const basin_status status =
        basin_npz_read(a, m.ctx, bytes.data, bytes.size, name, error);
    basin_bytes_finish(&bytes);
    return status;
}

static void stored_arrays(void **state)
{
    (void)state;
    static const char *const files[] = {"stored", "comment"};
    basin_error error;
    basin_array a;
    for (int i = 0; i < 2; i++) {
        assert_ok(try_to_read(&a, files[i], "x", &error), &error);
        assert_int_equal(a.n_dims, 2);
        assert_int_equal(a.dims[1], 3);
        assert_memory_equal(a.values, ((float[]){1, 2, 3, 4, 5, 6}), 24);
        basin_array_finish(&a);
        assert_ok(try_to_read(&a, files[i], "labels.npy", &error), &error);
        assert_memory_equal(a.values, ((float[]){7, 8}), 8);
        basin_array_finish(&a);
    }
    assert_ok(try_to_read(&a, "one", NULL, &error), &error);
    assert_true(a.values[0] == 1.5F);
    basin_array_finish(&a);
}

static void deflated_arrays(void **state)
{
    (void)state;
    basin_error error;
    basin_array a;
    const basin_status status = try_to_read(&a, "deflated", "x", &error);
    if (status == BASIN_E_SERVE)
        skip();
    assert_ok(status, &error);
    assert_int_equal(a.dims[0], 20);
    for (int i = 0; i < 200; i++)
        assert_true(a.values[i] == (float)(i % 10));
    basin_array_finish(&a);
    assert_ok(try_to_read(&a, "deflated", "y", &error), &error);
    assert_int_equal(a.n_dims, 0);
    assert_true(a.values[0] == 2.5F);
    basin_array_finish(&a);
    assert_int_equal(try_to_read(&a, "damaged", "x", &error), BASIN_E_FORMAT);
}

static void what_is_no_such_file_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *file, *name;
        basin_status status;
        const char *words;
    } cases[] = {
        {"stored", "z", BASIN_E_NAME, "'z'; it has x.npy, labels.npy"},
        {"stored", NULL, BASIN_E_FORMAT, "holds 2 arrays; say which"},
        {"empty", "x", BASIN_E_NAME, "it has none"},
        {"cut", "x", BASIN_E_FORMAT, "no zip directory at its end"},
        {"text", "a.txt", BASIN_E_FORMAT, "not a .npy file"},
        {"bzip", "one", BASIN_E_FORMAT, "packed by method 12"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        basin_error error;
        basin_array a;
        assert_int_equal(try_to_read(&a, cases[i].file, cases[i].name, &error),
            cases[i].status);
        assert_says(&error, cases[i].words);
        assert_null(a.values);
    }
}

/* No prefix of a file, and no byte that is changed, may do harm. */
static void damage_does_no_harm(void **state)
{
    (void)state;
    basin_bytes bytes = file_of("deflated", m.ctx);
    for (size_t i = 0; i < bytes.size; i++)
        for (int bit = 0; bit < 9; bit++) {
            basin_array a;
            const size_t size = bit < 8 ? bytes.size : i;
            const unsigned char was = bytes.data[i];
            if (bit < 8)
                bytes.data[i] = (unsigned char)(was ^ 1 << bit);
            basin_npz_read(&a, m.ctx, bytes.data, size, "y", NULL);
            basin_array_finish(&a);
            bytes.data[i] = was;
        }
    basin_bytes_finish(&bytes);
}

static basin_status life(memory *mem, basin_error *error)
{
    basin_array a;
    const size_t fail_at = mem->fail_at;
    mem->fail_at = 0;
    basin_bytes bytes = file_of("deflated", mem->ctx);
    mem->calls = 0;
    mem->fail_at = fail_at;
    basin_status status =
        basin_npz_read(&a, mem->ctx, bytes.data, bytes.size, "x", error);
    basin_array_finish(&a);
    basin_bytes_finish(&bytes);
    return status == BASIN_E_SERVE ? BASIN_OK : status;
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
        TEST(stored_arrays),
        TEST(deflated_arrays),
        TEST(what_is_no_such_file_is_refused),
        TEST(damage_does_no_harm),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests_name("data_npz", tests, NULL, NULL);
}
