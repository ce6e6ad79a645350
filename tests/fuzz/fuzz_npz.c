/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of .npz: no input may break the reader, whatever it is asked for.
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {NULL, "x", "y", "one", "a.txt"};
    basin_context *ctx = fuzz_open();
    size_t before = basin_context_bytes(ctx);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        basin_error error = {0};
        basin_array a;
        basin_status status =
            basin_npz_read(&a, ctx, data, size, names[i], &error);
        fuzz_error(status, &error);
        FUZZ_CHECK((status == BASIN_OK) == (a.values != NULL));
        basin_array_finish(&a);
    }
    FUZZ_CHECK(basin_context_bytes(ctx) == before);
    basin_context_destroy(ctx);
    return 0;
}
