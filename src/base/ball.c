/* SPDX-License-Identifier: MIT
 *
 * The arithmetic of balls: sums, products, quotients, order. Limbs are cut,
 * not rounded; whatever is lost goes into the error.
 */
#include "base/ball.h"

#include <string.h>

enum { N = BASIN__LIMBS, BITS = 32 * BASIN__LIMBS };

/* Beyond these a number is infinite, or nothing. */
static const int64_t most = INT64_MAX / 4;

/* -------------------------------------------------------------------- make */

static basin__ball make(basin__ball_kind kind, bool negative)
{
    return (basin__ball){
        .kind = kind, .negative = negative, .error = BASIN__EXACT};
}

basin__ball basin__ball_infinity(bool negative)
{
    return make(BASIN__INFINITE, negative);
}

basin__ball basin__ball_power(int64_t exponent)
{
    basin__ball out = make(BASIN__FINITE, false);
    out.exponent = exponent + 1;
    out.limb[N - 1] = 0x80000000U;
    return out;
}

basin__ball basin__ball_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    bool negative = bits >> 63;
    int64_t exponent = (int64_t)(bits >> 52 & 0x7FF);
    uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
    if (exponent == 0x7FF)
        return make(mantissa ? BASIN__NAN : BASIN__INFINITE, negative);
    if (exponent == 0 && mantissa == 0)
        return make(BASIN__ZERO, false);
    if (exponent > 0)
        mantissa |= UINT64_C(1) << 52;
    else
        exponent = 1;
    basin__ball out = make(BASIN__FINITE, negative);
    out.exponent = exponent - 1075 + 64;
    while (!(mantissa >> 63)) {
        mantissa <<= 1;
        out.exponent--;
    }
    out.limb[N - 1] = (uint32_t)(mantissa >> 32);
    out.limb[N - 2] = (uint32_t)mantissa;
    return out;
}

double basin__ball_double(const basin__ball *a)
{
    if (a->kind == BASIN__NAN)
        return __builtin_nan("");
    double sign = a->negative ? -1 : 1;
    if (a->kind == BASIN__INFINITE || a->exponent > 1024)
        return a->kind == BASIN__ZERO ? 0 : sign * __builtin_inf();
    if (a->kind == BASIN__ZERO || a->exponent < -1080)
        return 0;
    double value = (double)((uint64_t)a->limb[N - 1] << 32 | a->limb[N - 2]);
    int64_t shift = a->exponent - 64;
    double half = shift < 0 ? 0.5 : 2;
    for (; shift != 0; shift += shift < 0 ? 1 : -1)
        value *= half;
    return sign * value;
}

/* ------------------------------------------------------------------- error */

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The sum of two errors; that of nothing and something is something. */
static int64_t joined(int64_t a, int64_t b)
{
    int64_t top = larger(a, b);
    return a == BASIN__EXACT || b == BASIN__EXACT ? top : top + 1;
}

static int64_t scaled(int64_t error, int64_t exponent)
{
    return error == BASIN__EXACT ? error : error + exponent;
}

void basin__ball_blur(basin__ball *a, int64_t error)
{
    a->error = larger(a->error, error);
}

/* Take limbs as they are: bring the first bit to the top, and cut. */
static void settle(basin__ball *out, uint32_t *limb, int n, int64_t exponent,
    bool negative, int64_t error, bool lost)
{
    int top = n - 1;
    while (top >= 0 && limb[top] == 0)
        top--;
    if (top < 0) {
        *out = make(BASIN__ZERO, false);
        out->error = lost ? joined(error, exponent - 32 * (int64_t)n) : error;
        return;
    }
    int shift = __builtin_clz(limb[top]);
    int64_t gone = 32 * (int64_t)(n - 1 - top) + shift;
    if (shift)
        for (int i = top; i >= 0; i--)
            limb[i] = limb[i] << shift | (i ? limb[i - 1] >> (32 - shift) : 0);
    out->kind = BASIN__FINITE;
    out->negative = negative;
    out->exponent = exponent - gone;
    for (int i = 0; i < N; i++) {
        int from = top - (N - 1) + i;
        out->limb[i] = from >= 0 ? limb[from] : 0;
    }
    int64_t ulp = out->exponent - BITS;
    if (lost) /* a bit below the last limb that there was */
        error = joined(error, exponent - 32 * (int64_t)n);
    for (int i = 0; i <= top - N; i++)
        if (limb[i]) {
            error = joined(error, ulp);
            break;
        }
    out->error = error;
    if (out->exponent > most) {
        *out = make(BASIN__INFINITE, negative);
    } else if (out->exponent < -most) {
        *out = make(BASIN__ZERO, false);
        out->error = -most;
    }
}

/* --------------------------------------------------------------------- sum */

static int compare_limbs(const uint32_t *a, const uint32_t *b, int n)
{
    for (int i = n - 1; i >= 0; i--)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

/* Put a's limbs above a guard of N + 1, moved right by `shift` bits. */
static bool place(uint32_t *out, const basin__ball *a, int64_t shift)
{
    enum { WIDE = 2 * N + 1 };
    memset(out, 0, WIDE * sizeof *out);
    if (shift >= 32 * (int64_t)(WIDE - 1))
        return true;
    int limbs = (int)(shift / 32), bits = (int)(shift % 32);
    bool lost = false;
    for (int i = 0; i < N; i++) {
        int at = i + N - limbs; /* one limb stays free above, for the carry */
        uint64_t v = (uint64_t)a->limb[i] << (32 - bits);
        if (at >= 0)
            out[at] |= (uint32_t)(v >> 32);
        else
            lost = lost || v >> 32;
        if (at >= 1)
            out[at - 1] |= (uint32_t)v;
        else
            lost = lost || (uint32_t)v;
    }
    return lost;
}

static void sum_finite(
    basin__ball *out, const basin__ball *a, const basin__ball *b)
{
    enum { WIDE = 2 * N + 1 };
    if (a->exponent < b->exponent) {
        const basin__ball *swap = a;
        a = b;
        b = swap;
    }
    uint32_t p[WIDE], q[WIDE];
    place(p, a, 0);
    bool lost = place(q, b, a->exponent - b->exponent);
    int64_t exponent = a->exponent + 32;
    int64_t error = joined(a->error, b->error);
    bool negative = a->negative;
    if (a->negative == b->negative) {
        uint64_t carry = 0;
        for (int i = 0; i < WIDE; i++) {
            carry += (uint64_t)p[i] + q[i];
            p[i] = (uint32_t)carry;
            carry >>= 32;
        }
    } else {
        const uint32_t *high = p, *low = q;
        if (compare_limbs(p, q, WIDE) < 0) {
            high = q;
            low = p;
            negative = b->negative;
        }
        uint64_t borrow = 0;
        for (int i = 0; i < WIDE; i++) {
            uint64_t d = (uint64_t)high[i] - low[i] - borrow;
            p[i] = (uint32_t)d;
            borrow = d >> 63;
        }
    }
    settle(out, p, WIDE, exponent, negative, error, lost);
}

void basin__ball_add(
    basin__ball *out, const basin__ball *a, const basin__ball *b)
{
    if (a->kind == BASIN__NAN || b->kind == BASIN__NAN ||
        (a->kind == BASIN__INFINITE && b->kind == BASIN__INFINITE &&
            a->negative != b->negative)) {
        *out = make(BASIN__NAN, false);
    } else if (a->kind == BASIN__INFINITE || b->kind == BASIN__INFINITE) {
        *out = a->kind == BASIN__INFINITE ? *a : *b;
    } else if (a->kind == BASIN__ZERO || b->kind == BASIN__ZERO) {
        int64_t error = joined(a->error, b->error);
        *out = a->kind == BASIN__ZERO ? *b : *a;
        out->error = error;
    } else {
        sum_finite(out, a, b);
    }
}

void basin__ball_negate(basin__ball *a)
{
    a->negative = a->kind != BASIN__ZERO && !a->negative;
}

void basin__ball_sub(
    basin__ball *out, const basin__ball *a, const basin__ball *b)
{
    basin__ball minus = *b;
    basin__ball_negate(&minus);
    basin__ball_add(out, a, &minus);
}

/* ----------------------------------------------------------------- product */

/* The bound 2^size of |a|, and of its error. */
static int64_t size_of(const basin__ball *a)
{
    return a->kind == BASIN__ZERO ? a->error : larger(a->exponent, a->error);
}

/* |a| error(b) + |b| error(a), each of which may be nothing. */
static int64_t product_error(const basin__ball *a, const basin__ball *b)
{
    int64_t left =
        scaled(b->error, size_of(a) == BASIN__EXACT ? 0 : size_of(a));
    int64_t right =
        scaled(a->error, size_of(b) == BASIN__EXACT ? 0 : size_of(b));
    if (a->kind == BASIN__ZERO && a->error == BASIN__EXACT)
        left = BASIN__EXACT;
    if (b->kind == BASIN__ZERO && b->error == BASIN__EXACT)
        right = BASIN__EXACT;
    return joined(left, right);
}

void basin__ball_mul(
    basin__ball *out, const basin__ball *a, const basin__ball *b)
{
    bool negative = a->negative != b->negative;
    bool zero = a->kind == BASIN__ZERO || b->kind == BASIN__ZERO;
    bool infinite = a->kind == BASIN__INFINITE || b->kind == BASIN__INFINITE;
    if (a->kind == BASIN__NAN || b->kind == BASIN__NAN || (zero && infinite)) {
        *out = make(BASIN__NAN, false);
        return;
    }
    if (infinite) {
        *out = make(BASIN__INFINITE, negative);
        return;
    }
    int64_t error = product_error(a, b);
    if (zero) {
        *out = make(BASIN__ZERO, false);
        out->error = error;
        return;
    }
    uint32_t p[2 * N] = {0};
    for (int i = 0; i < N; i++) {
        uint64_t carry = 0;
        if (a->limb[i] == 0)
            continue;
        for (int j = 0; j < N; j++) {
            carry += (uint64_t)a->limb[i] * b->limb[j] + p[i + j];
            p[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        p[i + N] = (uint32_t)carry;
    }
    settle(out, p, 2 * N, a->exponent + b->exponent, negative, error, false);
}

/* 0.a / 0.b by long division (Knuth 1981, 4.3.1, algorithm D): the whole part
 * in q[N], then N limbs. The first bit of b is set. */
static bool divide_limbs(uint32_t *q, const uint32_t *a, const uint32_t *b)
{
    uint32_t rest[2 * N + 1] = {0};
    memcpy(rest + N, a, N * sizeof *rest);
    const uint64_t first = b[N - 1], second = b[N - 2];
    for (int k = N; k >= 0; k--) {
        uint32_t *r = rest + k;
        uint64_t top = (uint64_t)r[N] << 32 | r[N - 1];
        uint64_t digit = top / first, left = top % first;
        while (digit >> 32 || digit * second > (left << 32 | r[N - 2])) {
            digit--;
            left += first;
            if (left >> 32)
                break;
        }
        uint64_t borrow = 0, carry = 0;
        for (int i = 0; i <= N; i++) {
            carry += i < N ? digit * b[i] : 0;
            uint64_t d = (uint64_t)r[i] - (uint32_t)carry - borrow;
            r[i] = (uint32_t)d;
            borrow = d >> 63;
            carry >>= 32;
        }
        if (borrow) { /* one too many */
            digit--;
            carry = 0;
            for (int i = 0; i <= N; i++) {
                carry += (uint64_t)r[i] + (i < N ? b[i] : 0);
                r[i] = (uint32_t)carry;
                carry >>= 32;
            }
        }
        q[k] = (uint32_t)digit;
    }
    for (int i = 0; i < N; i++)
        if (rest[i])
            return true;
    return false;
}

void basin__ball_div(
    basin__ball *out, const basin__ball *a, const basin__ball *b)
{
    bool negative = a->negative != b->negative;
    bool to_zero = b->kind == BASIN__ZERO && b->error == BASIN__EXACT;
    bool vague = b->kind != BASIN__INFINITE && b->kind != BASIN__NAN &&
                 !to_zero &&
                 (b->kind == BASIN__ZERO || b->error >= b->exponent - 1);
    if (a->kind == BASIN__NAN || b->kind == BASIN__NAN || vague ||
        (a->kind == BASIN__INFINITE && b->kind == BASIN__INFINITE) ||
        (to_zero && a->kind == BASIN__ZERO)) {
        *out = make(BASIN__NAN, false);
    } else if (to_zero || a->kind == BASIN__INFINITE) {
        *out = make(BASIN__INFINITE, negative);
    } else if (b->kind == BASIN__INFINITE) {
        *out = make(BASIN__ZERO, false);
    } else if (a->kind == BASIN__ZERO) {
        int64_t error = scaled(a->error, 2 - b->exponent);
        *out = make(BASIN__ZERO, false);
        out->error = error;
    } else {
        /* |d(a/b)| <= (error(a) + |a/b| error(b)) / |b| */
        int64_t size = a->exponent - b->exponent + 1;
        int64_t error = joined(scaled(a->error, 2 - b->exponent),
            scaled(b->error, size + 2 - b->exponent));
        uint32_t q[N + 1];
        bool lost = divide_limbs(q, a->limb, b->limb);
        settle(out, q, N + 1, a->exponent - b->exponent + 32, negative, error,
            lost);
    }
}

/* ------------------------------------------------------------------- order */

int basin__ball_order(const basin__ball *a, const basin__ball *b)
{
    if (a->kind == BASIN__NAN || b->kind == BASIN__NAN)
        return (a->kind == BASIN__NAN) - (b->kind == BASIN__NAN);
    int sign_a = a->kind == BASIN__ZERO ? 0 : a->negative ? -1 : 1;
    int sign_b = b->kind == BASIN__ZERO ? 0 : b->negative ? -1 : 1;
    if (sign_a != sign_b)
        return sign_a < sign_b ? -1 : 1;
    if (sign_a == 0)
        return 0;
    int order = (a->kind == BASIN__INFINITE) - (b->kind == BASIN__INFINITE);
    if (a->kind == BASIN__FINITE && b->kind == BASIN__FINITE)
        order = a->exponent != b->exponent
                    ? (a->exponent < b->exponent ? -1 : 1)
                    : compare_limbs(a->limb, b->limb, N);
    return order * sign_a;
}

bool basin__ball_below(const basin__ball *a, const basin__ball *b)
{
    if (a->kind == BASIN__NAN || b->kind == BASIN__NAN)
        return false;
    if (a->kind == BASIN__INFINITE || b->kind == BASIN__INFINITE)
        return basin__ball_order(a, b) < 0;
    basin__ball gap;
    basin__ball_sub(&gap, b, a);
    return gap.kind == BASIN__FINITE && !gap.negative &&
           gap.error < gap.exponent;
}

void basin__ball_max(
    basin__ball *out, const basin__ball *a, const basin__ball *b)
{
    int64_t error = larger(a->error, b->error);
    bool nan = a->kind == BASIN__NAN || b->kind == BASIN__NAN;
    bool clear = basin__ball_below(a, b) || basin__ball_below(b, a);
    *out =
        nan ? make(BASIN__NAN, false) : *(basin__ball_order(a, b) < 0 ? b : a);
    if (!clear) /* either may be the larger */
        out->error = error;
}

void basin__ball_min(
    basin__ball *out, const basin__ball *a, const basin__ball *b)
{
    basin__ball p = *a, q = *b;
    basin__ball_negate(&p);
    basin__ball_negate(&q);
    basin__ball_max(out, &p, &q);
    basin__ball_negate(out);
}

void basin__ball_abs(basin__ball *a)
{
    a->negative = false;
}
