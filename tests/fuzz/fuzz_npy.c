/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of .npy: no input may break the reader, and what it takes must come
 * back with the same bits when it is written and read again.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    basin_context *ctx = fuzz_open();
    basin_error error = {0};
    basin_array a, b;
    basin_status status = basin_npy_read(&a, ctx, data, size, &error);
    fuzz_error(status, &error);
    if (status == BASIN_OK) {
        basin_bytes out;
        basin_bytes_init(&out, ctx);
        FUZZ_CHECK(basin_npy_write(&out, &a, &error) == BASIN_OK);
        FUZZ_CHECK(out.size % 4 == 0);
        FUZZ_CHECK(
            basin_npy_read(&b, ctx, out.data, out.size, &error) == BASIN_OK);
        FUZZ_CHECK(a.n_dims == b.n_dims);
        FUZZ_CHECK(!memcmp(a.dims, b.dims, sizeof a.dims));
        FUZZ_CHECK(
            !memcmp(a.values, b.values, basin_array_size(&a) * sizeof(float)));
        basin_array_finish(&b);
        basin_bytes_finish(&out);
    }
    basin_array_finish(&a);
    basin_context_destroy(ctx);
    return 0;
}
