/* SPDX-License-Identifier: MIT
 *
 * Numbers from text and back, without locale. Reading is correctly rounded:
 * exactly where float64 can do it, else an estimate that exact arithmetic
 * moves to the right neighbour. Writing gives the fewest digits that read
 * back.
 */
#include "base/decimal.h"
#include "basin/base.h"

#include <string.h>

/* A decimal number as it was read: digits * 10^exponent. */
typedef struct reading {
    basin__natural digits;
    uint64_t lead; /* the first 19 digits, or all */
    int n_lead;
    int n;              /* digits kept */
    long long exponent; /* of the last digit kept */
} reading;

static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t to_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static const uint64_t infinity_bits = UINT64_C(0x7ff0000000000000);

/* ---------------------------------------------------------------- reading */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* @return how many bytes of `word` (lower case) the text starts with, if all,
 * else 0 */
static size_t match(const char *text, size_t length, const char *word)
{
    size_t n = 0;
    for (; word[n]; n++)
        if (n >= length || (text[n] | 0x20) != word[n])
            return 0;
    return n;
}

static void take_digit(reading *r, char c)
{
    const unsigned digit = (unsigned)(c - '0');
    if (r->n == 0 && digit == 0)
        return; /* leading zeros */
    if (r->n >= BASIN__DIGITS) {
        /* No halfway point has this many digits: one nonzero digit at the
         * end stands for all that follow. */
        r->exponent++;
        if (digit && r->digits.limb[0] % 10 == 0)
            r->digits.limb[0]++;
        return;
    }
    basin__natural_step(&r->digits, 10, digit);
    r->n++;
    if (r->n_lead < 19) {
        r->lead = r->lead * 10 + digit;
        r->n_lead++;
    }
}

/* digits[.digits][e[+-]digits]; @return bytes used, 0 when there is no digit */
static size_t read_decimal(reading *r, const char *text, size_t length)
{
    size_t i = 0;
    bool any = false;
    for (; i < length && is_digit(text[i]); i++, any = true)
        take_digit(r, text[i]);
    if (i < length && text[i] == '.') {
        i++;
        for (; i < length && is_digit(text[i]); i++, any = true) {
            take_digit(r, text[i]);
            r->exponent--;
        }
    }
    if (!any)
        return 0;
    if (i < length && (text[i] | 0x20) == 'e') {
        size_t j = i + 1;
        const bool minus = j < length && text[j] == '-';
        if (j < length && (text[j] == '-' || text[j] == '+'))
            j++;
        if (j < length && is_digit(text[j])) {
            long long e = 0;
            for (; j < length && is_digit(text[j]); j++)
                if (e < 1000000000000000)
                    e = e * 10 + (text[j] - '0');
            r->exponent += minus ? -e : e;
            i = j;
        }
    }
    return i;
}

/* digits * 10^exponent against the midpoint between the float64 of these bits
 * and the next; both sides are made natural numbers. */
static int compare_with_midpoint(const reading *r, uint64_t bits)
{
    int q;
    const uint64_t m = basin__double_split(from_bits(bits), &q);
    q--;
    const int k = (int)r->exponent;
    basin__natural a = r->digits;
    basin__natural b;
    basin__natural_set(&b, 2 * m + 1);
    if (k > 0)
        basin__natural_times_power(&a, 5, k);
    else
        basin__natural_times_power(&b, 5, -k);
    basin__natural_times_power(k > q ? &a : &b, 2, k > q ? k - q : q - k);
    return basin__natural_compare(&a, &b);
}

/* lead * 10^e to a few units in the last place, as bits. */
static uint64_t estimate(uint64_t lead, int e)
{
    static const double power[] = {
        1e1, 1e2, 1e4, 1e8, 1e16, 1e32, 1e64, 1e128, 1e256};
    double m = (double)lead;
    int binary = 0;
    const unsigned steps = (unsigned)(e < 0 ? -e : e);
    for (unsigned i = 0; i < 9; i++) {
        if (!(steps >> i & 1))
            continue;
        m = e < 0 ? m / power[i] : m * power[i];
        /* Back to [1, 2), the exponent kept aside. */
        const uint64_t bits = to_bits(m);
        binary += (int)(bits >> 52) - 1023;
        m = from_bits(
            (bits & UINT64_C(0xfffffffffffff)) | UINT64_C(0x3ff0000000000000));
    }
    if (binary > 1023)
        return infinity_bits - 1;
    if (binary < -1074)
        return 0;
    /* In two factors, since one may be subnormal. */
    const int half = binary / 2;
    m *= from_bits((uint64_t)(half + 1023) << 52);
    m *= from_bits((uint64_t)(binary - half + 1023) << 52);
    return to_bits(m) < infinity_bits ? to_bits(m) : infinity_bits - 1;
}

static uint64_t round_decimal(const reading *r)
{
    static const double power[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
        1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
        1e21, 1e22};
    if (r->n == 0)
        return 0;
    /* Both exact, so that one operation rounds once (Clinger 1990). */
    if (r->n == r->n_lead && r->lead <= UINT64_C(1) << 53 &&
        r->exponent >= -22 && r->exponent <= 22) {
        const double m = (double)r->lead;
        const int e = (int)r->exponent;
        return to_bits(e < 0 ? m / power[-e] : m * power[e]);
    }
    const long long point = r->exponent + r->n; /* value < 10^point */
    if (point > 309)
        return infinity_bits;
    if (point < -323)
        return 0; /* below half of the smallest subnormal, 2.47e-324 */
    const int spared = r->n - r->n_lead;
    /* A few units off at most: walk to the number whose two midpoints, with
     * the next below and the next above, hold the decimal between them. */
    uint64_t bits = estimate(r->lead, (int)r->exponent + spared);
    while (bits > 0) {
        const int c = compare_with_midpoint(r, bits - 1);
        if (c > 0 || (c == 0 && !(bits & 1)))
            break;
        bits--;
    }
    while (bits < infinity_bits) {
        const int c = compare_with_midpoint(r, bits);
        if (c < 0 || (c == 0 && !(bits & 1)))
            break;
        bits++;
    }
    return bits;
}

size_t basin_parse_number(double *out, const char *text, size_t length)
{
    size_t sign = 0;
    if (length > 0 && (text[0] == '-' || text[0] == '+'))
        sign = 1;
    const uint64_t minus = sign && text[0] == '-' ? UINT64_C(1) << 63 : 0;
    if (sign) {
        text++;
        length--;
    }
    uint64_t bits;
    size_t used = match(text, length, "infinity");
    if (!used)
        used = match(text, length, "inf");
    if (used) {
        bits = infinity_bits;
    } else if ((used = match(text, length, "nan")) > 0) {
        bits = UINT64_C(0x7ff8000000000000);
    } else {
        reading r;
        r.digits.n = 0;
        r.lead = 0;
        r.n_lead = r.n = 0;
        r.exponent = 0;
        used = read_decimal(&r, text, length);
        if (!used)
            return 0;
        bits = round_decimal(&r);
    }
    *out = from_bits(bits | minus);
    return sign + used;
}

/* ---------------------------------------------------------------- writing */

static size_t put_natural(char *out, uint64_t value)
{
    char digits[20];
    size_t n = 0;
    do
        digits[n++] = (char)('0' + value % 10);
    while (value /= 10);
    for (size_t i = 0; i < n; i++)
        out[i] = digits[n - 1 - i];
    return n;
}

/* Plain from 0.0001 to 10^15, with an exponent beyond. */
static size_t put_decimal(char *out, const basin__decimal *a)
{
    size_t length = 0;
    const int e = a->point - 1;
    const bool plain = e >= -4 && e < 16;
    const int whole = plain ? a->point : 1; /* digits before the point */
    if (whole <= 0)
        out[length++] = '0';
    for (int i = 0; i < whole; i++)
        out[length++] = i < a->n ? a->digit[i] : '0';
    if (a->n > whole)
        out[length++] = '.';
    for (int i = whole; i < a->n; i++)
        out[length++] = i < 0 ? '0' : a->digit[i];
    if (!plain) {
        out[length++] = 'e';
        if (e < 0)
            out[length++] = '-';
        length += put_natural(out + length, (uint64_t)(e < 0 ? -e : e));
    }
    return length;
}

static bool reads_back(
    const basin__decimal *a, char *text, double value, bool single)
{
    double back = 0.0;
    basin_parse_number(&back, text, put_decimal(text, a));
    return single ? (float)back == (float)value : back == value;
}

size_t basin_print_number(char *out, double value, bool single)
{
    if (single)
        value = (double)(float)value;
    size_t length = 0;
    const uint64_t bits = to_bits(value);
    const uint64_t size = bits & ~(UINT64_C(1) << 63);
    if (bits >> 63 && size <= infinity_bits)
        out[length++] = '-';
    const double a = from_bits(size);
    if (size >= infinity_bits) {
        memcpy(out + length, size > infinity_bits ? "nan" : "inf", 3);
        length += 3;
    } else if (a < (single ? 1e7 : 1e9) && a == (double)(uint64_t)a) {
        /* The whole numbers around it are numbers too: no digit is spare. */
        length += put_natural(out + length, (uint64_t)a);
    } else {
        basin__decimal exact, text;
        basin__decimal_set(&exact, a);
        /* A text of up to 15 digits (6 of a float) survives the way through a
         * normal number, so no shorter one need be tried; subnormals have
         * fewer digits to lose. */
        const double normal = single ? 1.17549435e-38 : 2.2250738585072014e-308;
        const int last = single ? 9 : 17;
        int n = a < normal ? 1 : single ? 6 : 15;
        char *at = out + length;
        for (;; n++) {
            text = exact;
            basin__decimal_round(&text, n);
            if (n >= last || reads_back(&text, at, a, single))
                break;
            /* At a power of 2 the gap above is wider than the one below: the
             * nearest text may miss while the next one above hits. */
            if (size & UINT64_C(0xfffffffffffff))
                continue;
            basin__decimal above = text;
            basin__decimal_increment(&above, n);
            if (reads_back(&above, at, a, single)) {
                text = above;
                break;
            }
        }
        length += put_decimal(at, &text);
    }
    out[length] = '\0';
    return length;
}
