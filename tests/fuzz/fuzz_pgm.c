/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of PGM pictures: no input may break the reader, and the pixels of a
 * picture that it takes lie within the input.
 */
#include "data/picture.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    basin_error error = {0};
    basin__picture p;
    basin_status status = basin__pgm_view(&p, data, size, &error);
    fuzz_error(status, &error);
    if (status != BASIN_OK)
        return 0;
    FUZZ_CHECK(p.width > 0 && p.height > 0 && p.channels == 1);
    FUZZ_CHECK(p.most > 0 && p.most <= 255);
    FUZZ_CHECK(p.pixels >= data && p.pixels <= data + size);
    const size_t left = (size_t)(data + size - p.pixels);
    FUZZ_CHECK((size_t)p.width <= left / (size_t)p.height);
    return 0;
}
