/* SPDX-License-Identifier: MIT
 *
 * Exact decimal arithmetic for reading and writing numbers: a natural number
 * in base 10^9, large enough for every digit of every float64, and the digits
 * of a float64, rounded where the caller wants.
 */
#ifndef BASIN_BASE_DECIMAL_H
#define BASIN_BASE_DECIMAL_H

#include <stdbool.h>
#include <stdint.h>

/* The longest comparison of basin_parse_number has about 1150 digits. */
#define BASIN__LIMBS 160

typedef struct basin__natural {
    int n;                       /* limbs in use; 0 has none */
    uint32_t limb[BASIN__LIMBS]; /* base 10^9, the lowest first */
} basin__natural;

void basin__natural_set(basin__natural *a, uint64_t value);
/* a = a * factor + term, both below 10^9 */
void basin__natural_step(basin__natural *a, uint32_t factor, uint32_t term);
void basin__natural_times_power(basin__natural *a, uint32_t base, int power);
int basin__natural_compare(const basin__natural *a, const basin__natural *b);

/* No float64 has more significant digits than 767. */
#define BASIN__DIGITS 780

/* 0.d1 d2 d3 ... * 10^point; 0 has no digits and its point is 1. */
typedef struct basin__decimal {
    int n;
    int point;
    char digit[BASIN__DIGITS]; /* '0' to '9', no zero at either end */
} basin__decimal;

/* |value| exactly; it must be finite. */
void basin__decimal_set(basin__decimal *out, double value);
/* Keep `n` digits (may be 0 or less), half to even. */
void basin__decimal_round(basin__decimal *a, int n);
/* Add one in the last of `n` digits, 1 <= n <= BASIN__DIGITS - 1. */
void basin__decimal_increment(basin__decimal *a, int n);

/* |value| = mantissa * 2^exponent, exactly. */
uint64_t basin__double_split(double value, int *exponent);

#endif
