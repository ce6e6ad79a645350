/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of numbers as text: the value is the C library's, and what is
 * printed reads back to the same bits.
 */
#include "fuzz.h"

static void check_printing(double value, bool single)
{
    char text[32];
    double back;
    size_t length = basin_print_number(text, value, single);
    FUZZ_CHECK(length < sizeof text && strlen(text) == length);
    FUZZ_CHECK(basin_parse_number(&back, text, length) == length);
    if (value != value)
        FUZZ_CHECK(back != back);
    else if (single) {
        float a = (float)value, b = (float)back;
        FUZZ_CHECK(!memcmp(&a, &b, sizeof a));
    } else
        FUZZ_CHECK(!memcmp(&value, &back, sizeof value));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* the bits of the input as a number */
    if (size == sizeof(double)) {
        double value;
        float half;
        memcpy(&value, data, sizeof value);
        memcpy(&half, data, sizeof half);
        check_printing(value, false);
        check_printing((double)half, true);
    }
    /* its text */
    double value = 0.0;
    size_t used = basin_parse_number(&value, (const char *)data, size);
    FUZZ_CHECK(used <= size);
    if (used == 0)
        return 0;
    check_printing(value, false);
    char *copy = malloc(used + 1), *end;
    FUZZ_CHECK(copy);
    memcpy(copy, data, used);
    copy[used] = '\0';
    double right = strtod(copy, &end);
    FUZZ_CHECK(end == copy + used);
    if (right != right)
        FUZZ_CHECK(value != value);
    else
        FUZZ_CHECK(!memcmp(&value, &right, sizeof value));
    free(copy);
    return 0;
}
