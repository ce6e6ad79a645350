/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of ARFF: no input may break the reader, and what it takes has as
 * many values as it says, all of them numbers or indices into their lists.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    basin_context *ctx = fuzz_open();
    size_t before = basin_context_bytes(ctx);
    basin_error error = {0};
    basin_arff a;
    basin_status status = basin_arff_read(&a, ctx, data, size, &error);
    fuzz_error(status, &error);
    if (status == BASIN_OK) {
        FUZZ_CHECK(a.n_attributes > 0 && a.values.n_dims == 2);
        FUZZ_CHECK(a.values.dims[1] == a.n_attributes);
        for (int i = 0; i < a.n_attributes; i++)
            FUZZ_CHECK(a.counts[i] >= 0 && strlen(a.names[i]) <= size);
        for (size_t i = 0; i < basin_array_size(&a.values); i++) {
            const float value = a.values.values[i];
            const int count = a.counts[i % (size_t)a.n_attributes];
            FUZZ_CHECK(count == 0 || value != value ||
                       (value >= 0 && value < (float)count &&
                           value == (float)(int)value));
        }
    }
    basin_arff_finish(&a);
    FUZZ_CHECK(basin_context_bytes(ctx) == before);
    basin_context_destroy(ctx);
    return 0;
}
