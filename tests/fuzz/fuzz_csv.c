/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of tables as text: no input may break the reader, and what it takes
 * must come back the same when it is written and read again.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    basin_context *ctx = fuzz_open();
    basin_error error = {0};
    basin_array a, b;
    basin_status status = basin_csv_read(&a, ctx, data, size, &error);
    fuzz_error(status, &error);
    if (status == BASIN_OK) {
        basin_bytes out;
        basin_bytes_init(&out, ctx);
        size_t n = basin_array_size(&a);
        FUZZ_CHECK(a.n_dims == 2 && n > 0 && n <= size);
        FUZZ_CHECK(basin_csv_write(&out, &a, NULL, &error) == BASIN_OK);
        FUZZ_CHECK(
            basin_csv_read(&b, ctx, out.data, out.size, &error) == BASIN_OK);
        FUZZ_CHECK(!memcmp(a.dims, b.dims, sizeof a.dims));
        for (size_t i = 0; i < n; i++)
            /* a NaN has no bits to keep */
            FUZZ_CHECK(
                a.values[i] != a.values[i]
                    ? b.values[i] != b.values[i]
                    : !memcmp(&a.values[i], &b.values[i], sizeof(float)));
        basin_array_finish(&b);
        basin_bytes_finish(&out);
    }
    basin_array_finish(&a);
    basin_context_destroy(ctx);
    return 0;
}
