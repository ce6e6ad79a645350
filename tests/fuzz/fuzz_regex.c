/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of Wapiti's regular expressions: the input is one, a NUL byte and a
 * text. No expression may run on for ever, and a match begins within the text.
 */
#include "fuzz.h"

#include "data/template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *regex = (const char *)data;
    const char *zero = size ? memchr(regex, 0, size) : NULL;
    size_t length = zero ? (size_t)(zero - regex) : size;
    const char *text = zero ? zero + 1 : "Basin-4";
    size_t n = zero ? size - length - 1 : 7, found = 0;
    const char *wrong = basin__regex_check(regex, length);
    if (wrong) {
        FUZZ_CHECK(*wrong);
        return 0;
    }
    int64_t at = basin__regex_find(regex, length, text, n, &found);
    FUZZ_CHECK(at >= -2 && (at < 0 || (size_t)at <= n));
    FUZZ_CHECK(at >= 0 || found == 0);
    return 0;
}
