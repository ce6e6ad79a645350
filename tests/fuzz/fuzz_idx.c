/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of IDX and of gzip around it: no input may break the readers, and
 * what they show must lie within the input and agree with each other.
 */
#include "fuzz.h"

static void check_idx(basin_context *ctx, const uint8_t *data, size_t size)
{
    basin_error error = {0};
    basin_idx idx;
    basin_array array;
    basin_status status = basin_idx_view(&idx, data, size, &error);
    fuzz_error(status, &error);
    error = (basin_error){0};
    basin_status read = basin_idx_read(&array, ctx, data, size, &error);
    fuzz_error(read, &error);
    if (status == BASIN_OK) {
        FUZZ_CHECK(idx.n_dims >= 1 && idx.n_dims <= 4);
        FUZZ_CHECK(idx.data >= data && idx.count <= size);
        FUZZ_CHECK(idx.data + idx.count <= data + size);
    }
    if (read == BASIN_OK) {
        FUZZ_CHECK(status == BASIN_OK && array.n_dims == idx.n_dims);
        FUZZ_CHECK(basin_array_size(&array) == idx.count);
        for (size_t i = 0; idx.type == BASIN_IDX_UINT8 && i < idx.count; i++)
            FUZZ_CHECK((unsigned char)array.values[i] == idx.data[i]);
    }
    basin_array_finish(&array);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    basin_context *ctx = fuzz_open();
    size_t before = basin_context_bytes(ctx);
    check_idx(ctx, data, size);
    if (basin_is_gzip(data, size)) {
        enum { MOST = 1 << 20 };
        basin_error error = {0};
        basin_bytes out;
        basin_bytes_init(&out, ctx);
        basin_status status = basin_gunzip(&out, data, size, MOST, &error);
        fuzz_error(status, &error);
        FUZZ_CHECK(status == BASIN_OK ? out.size <= MOST : out.size == 0);
        if (status == BASIN_OK)
            check_idx(ctx, out.data, out.size);
        basin_bytes_finish(&out);
    }
    FUZZ_CHECK(basin_context_bytes(ctx) == before);
    basin_context_destroy(ctx);
    return 0;
}
