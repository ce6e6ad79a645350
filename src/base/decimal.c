/* SPDX-License-Identifier: MIT
 *
 * Exact decimal arithmetic: m * 2^e is m * 5^-e * 10^e for e < 0, so that
 * every float64 is a natural number shifted by a decimal point, and correct
 * rounding is a look at its digits. Plain rather than fast: a few microseconds.
 */
#include "base/decimal.h"

#include <string.h>

#define BASE 1000000000u

void basin__natural_set(basin__natural *a, uint64_t value)
{
    a->n = 0;
    for (; value; value /= BASE)
        a->limb[a->n++] = (uint32_t)(value % BASE);
}

void basin__natural_step(basin__natural *a, uint32_t factor, uint32_t term)
{
    uint64_t carry = term;
    for (int i = 0; i < a->n; i++) {
        carry += (uint64_t)a->limb[i] * factor;
        a->limb[i] = (uint32_t)(carry % BASE);
        carry /= BASE;
    }
    if (carry && a->n < BASIN__LIMBS)
        a->limb[a->n++] = (uint32_t)carry;
}

void basin__natural_times_power(basin__natural *a, uint32_t base, int power)
{
    while (power > 0) {
        uint32_t factor = 1;
        while (power > 0 && (uint64_t)factor * base < BASE) {
            factor *= base;
            power--;
        }
        basin__natural_step(a, factor, 0);
    }
}

int basin__natural_compare(const basin__natural *a, const basin__natural *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (int i = a->n - 1; i >= 0; i--)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

uint64_t basin__double_split(double value, int *exponent)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const int e = (int)(bits >> 52 & 0x7ff);
    const uint64_t m = bits & UINT64_C(0xfffffffffffff);
    *exponent = (e ? e : 1) - 1075;
    return e ? m | UINT64_C(1) << 52 : m;
}

static void trim(basin__decimal *a)
{
    while (a->n > 0 && a->digit[a->n - 1] == '0')
        a->n--;
    if (a->n == 0)
        a->point = 1;
}

void basin__decimal_set(basin__decimal *out, double value)
{
    int e;
    uint64_t m = basin__double_split(value, &e);
    /* Fewer factors of 2 are fewer of 5. */
    for (; m && !(m & 1) && e < 0; e++)
        m >>= 1;
    basin__natural a;
    basin__natural_set(&a, m);
    basin__natural_times_power(&a, e < 0 ? 5 : 2, e < 0 ? -e : e);
    out->n = 0;
    for (int i = a.n - 1; i >= 0; i--) {
        uint32_t unit = BASE / 10;
        for (; unit; unit /= 10) {
            const char digit = (char)('0' + a.limb[i] / unit % 10);
            if (out->n > 0 || digit != '0')
                out->digit[out->n++] = digit;
        }
    }
    out->point = out->n + (e < 0 ? e : 0);
    trim(out);
}

void basin__decimal_increment(basin__decimal *a, int n)
{
    while (a->n < n)
        a->digit[a->n++] = '0';
    a->n = n;
    int i = n - 1;
    while (i >= 0 && a->digit[i] == '9')
        i--;
    if (i < 0) {
        /* 0.999 becomes 0.1 * 10 */
        a->digit[0] = '1';
        a->n = 1;
        a->point++;
        return;
    }
    a->digit[i]++;
    a->n = i + 1;
}

void basin__decimal_round(basin__decimal *a, int n)
{
    if (n >= a->n)
        return;
    if (n < 0) {
        a->n = 0;
        a->point = 1;
        return;
    }
    const char next = a->digit[n];
    const bool tie = next == '5' && a->n == n + 1;
    const bool odd = n > 0 && (a->digit[n - 1] - '0') % 2 == 1;
    const bool up = tie ? odd : next >= '5';
    if (up && n == 0) {
        a->digit[0] = '1';
        a->n = 1;
        a->point++;
    } else if (up) {
        basin__decimal_increment(a, n);
    } else {
        a->n = n;
        trim(a);
    }
}
