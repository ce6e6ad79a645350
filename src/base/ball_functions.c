/* SPDX-License-Identifier: MIT
 *
 * Elementary functions of balls. Each works on the middle as if it were exact,
 * to within 2^-slack of the result, and then adds what the argument's error
 * comes to.
 */
#include "base/ball.h"

#include "basin/math.h"

enum {
    N = BASIN__LIMBS,
    BITS = 32 * BASIN__LIMBS,
    SLACK = 474, /* bits of the functions that are right */
    HALVINGS = 10
};

static basin__ball nan_ball(void)
{
    return (basin__ball){.kind = BASIN__NAN, .error = BASIN__EXACT};
}

/* log 2 */
static basin__ball ln2(void)
{
    return (basin__ball){.kind = BASIN__FINITE,
        .error = -BITS,
        .limb = {0x1169b825, 0x27573b29, 0xc1382144, 0xed2eae35, 0x4afa1b10,
            0x559552fb, 0x6debac98, 0xe7b87620, 0x8baafa2b, 0x8a0d175b,
            0x7298b62d, 0x40f34326, 0x03f2f6af, 0xc9e3b398, 0xd1cf79ab,
            0xb17217f7}};
}

/* The error must be set by who calls. */
static void divide_small(basin__ball *a, uint32_t by)
{
    uint64_t rest = 0;
    for (int i = N - 1; i >= 0; i--) {
        rest = rest << 32 | a->limb[i];
        a->limb[i] = (uint32_t)(rest / by);
        rest %= by;
    }
    while (!(a->limb[N - 1] >> 31)) {
        for (int i = N - 1; i > 0; i--)
            a->limb[i] = a->limb[i] << 1 | a->limb[i - 1] >> 31;
        a->limb[0] <<= 1;
        a->exponent--;
    }
}

/* ------------------------------------------------------------- exponential */

/* e^r for |r| < 1 by Taylor's series of r / 2^HALVINGS. */
static basin__ball exp_small(basin__ball r)
{
    basin__ball sum = basin__ball_of(1), term = sum;
    r.exponent -= HALVINGS;
    for (uint32_t k = 1; r.kind == BASIN__FINITE && k < 200; k++) {
        basin__ball_mul(&term, &term, &r);
        if (term.kind != BASIN__FINITE || term.exponent < -BITS)
            break;
        divide_small(&term, k);
        term.error = BASIN__EXACT;
        basin__ball_add(&sum, &sum, &term);
        sum.error = BASIN__EXACT;
    }
    for (int i = 0; i < HALVINGS; i++) {
        basin__ball_mul(&sum, &sum, &sum);
        sum.error = BASIN__EXACT;
    }
    return sum;
}

void basin__ball_exp(basin__ball *a)
{
    if (a->kind == BASIN__NAN ||
        (a->kind != BASIN__INFINITE && a->error >= 0)) {
        *a = nan_ball();
        return;
    }
    bool huge = a->kind == BASIN__INFINITE ||
                (a->kind == BASIN__FINITE && a->exponent > 61);
    if (huge) {
        bool negative = a->negative;
        *a = basin__ball_infinity(false);
        if (negative) {
            *a = basin__ball_of(0);
            a->error = -INT64_MAX / 8;
        }
        return;
    }
    /* a = k log 2 + r */
    double k = __builtin_floor(basin__ball_double(a) / 0.6931471805599453 + .5);
    basin__ball r = *a, part = ln2(), count = basin__ball_of(k);
    basin__ball_mul(&part, &part, &count);
    basin__ball_sub(&r, &r, &part);
    int64_t spread = r.error; /* a's, and that of k log 2 */
    r.error = BASIN__EXACT;
    *a = exp_small(r);
    const int64_t most = INT64_MAX / 8;
    a->exponent += (int64_t)k;
    if (a->exponent > most) {
        *a = basin__ball_infinity(false);
        return;
    }
    if (a->exponent < -most) {
        *a = basin__ball_of(0);
        a->error = -most;
        return;
    }
    a->error = a->exponent - SLACK;
    if (spread > BASIN__EXACT)
        basin__ball_blur(a, a->exponent + spread + 2);
}

/* --------------------------------------------------------------- logarithm */

/* log f for f in [1/2, 1): y + 2 (f - e^y) / (f + e^y), twice (Halley): the
 * error of 2^-52 becomes 2^-159, then 2^-480. */
static basin__ball log_small(const basin__ball *f)
{
    basin__ball y = basin__ball_of(basin_log(basin__ball_double(f)));
    for (int i = 0; i < 2; i++) {
        basin__ball e = y, over, under;
        e.error = BASIN__EXACT;
        basin__ball_exp(&e);
        e.error = BASIN__EXACT;
        basin__ball_sub(&over, f, &e);
        basin__ball_add(&under, f, &e);
        basin__ball_div(&over, &over, &under);
        if (over.kind == BASIN__FINITE)
            over.exponent++;
        basin__ball_add(&y, &y, &over);
        y.error = BASIN__EXACT;
    }
    return y;
}

static basin__ball whole_ball(int64_t n)
{
    const int64_t high = n / (1 << 30);
    basin__ball out = basin__ball_of((double)high);
    basin__ball low = basin__ball_of((double)(n - high * (1 << 30)));
    if (out.kind == BASIN__FINITE)
        out.exponent += 30;
    basin__ball_add(&out, &out, &low);
    return out;
}

void basin__ball_log(basin__ball *a)
{
    if (a->kind == BASIN__ZERO && a->error == BASIN__EXACT) {
        *a = basin__ball_infinity(true);
        return;
    }
    bool vague = a->kind == BASIN__ZERO ||
                 (a->kind == BASIN__FINITE && a->error >= a->exponent - 1);
    if (a->kind == BASIN__NAN || a->negative || vague) {
        *a = nan_ball();
        return;
    }
    if (a->kind == BASIN__INFINITE)
        return;
    basin__ball f = *a, part = ln2();
    basin__ball count = whole_ball(a->exponent);
    int64_t spread =
        a->error == BASIN__EXACT ? BASIN__EXACT : a->error - a->exponent + 2;
    f.exponent = 0;
    f.error = BASIN__EXACT;
    f = log_small(&f);
    f.error = -SLACK;
    basin__ball_mul(&part, &part, &count);
    basin__ball_add(a, &f, &part);
    if (spread > BASIN__EXACT)
        basin__ball_blur(a, (a->error > spread ? a->error : spread) + 1);
}

/* ------------------------------------------------------------------- roots */

void basin__ball_sqrt(basin__ball *a)
{
    if (a->kind == BASIN__ZERO && a->error == BASIN__EXACT)
        return;
    bool vague = a->kind == BASIN__ZERO ||
                 (a->kind == BASIN__FINITE && a->error >= a->exponent - 1);
    if (a->kind == BASIN__NAN || a->negative || vague) {
        *a = nan_ball();
        return;
    }
    if (a->kind == BASIN__INFINITE)
        return;
    int64_t spread = a->error;
    int64_t half = (a->exponent - (a->exponent & 1)) / 2;
    basin__ball f = *a, z, t;
    f.exponent -= 2 * half; /* 0 or 1: f in [1/2, 2) */
    f.error = BASIN__EXACT;
    z = basin__ball_of(1 / basin_sqrt(basin__ball_double(&f)));
    const basin__ball one = basin__ball_of(1);
    for (int i = 0; i < 5; i++) { /* z += z (1 - f z^2) / 2 */
        basin__ball_mul(&t, &z, &z);
        basin__ball_mul(&t, &t, &f);
        basin__ball_sub(&t, &one, &t);
        basin__ball_mul(&t, &t, &z);
        if (t.kind == BASIN__FINITE)
            t.exponent--;
        basin__ball_add(&z, &z, &t);
        z.error = BASIN__EXACT;
    }
    basin__ball_mul(&z, &z, &f);
    basin__ball_mul(&t, &z, &z);
    bool exact = basin__ball_order(&t, &f) == 0 && t.error == BASIN__EXACT;
    z.exponent += half;
    z.error = exact ? BASIN__EXACT : z.exponent - SLACK;
    if (spread > BASIN__EXACT)
        basin__ball_blur(&z, spread - z.exponent + 2);
    *a = z;
}

/* ------------------------------------------------------------------ curves */

/* 1 / (1 + e^-x) */
void basin__ball_sigmoid(basin__ball *a)
{
    const basin__ball one = basin__ball_of(1);
    basin__ball_negate(a);
    basin__ball_exp(a);
    basin__ball_add(a, &one, a);
    basin__ball_div(a, &one, a);
}

/* 1 - 2 / (1 + e^2x) */
void basin__ball_tanh(basin__ball *a)
{
    if (a->kind == BASIN__ZERO)
        return;
    const basin__ball one = basin__ball_of(1), two = basin__ball_of(2);
    basin__ball_mul(a, a, &two);
    basin__ball_exp(a);
    basin__ball_add(a, &one, a);
    basin__ball_div(a, &two, a);
    basin__ball_sub(a, &one, a);
}

/* ------------------------------------------------------------------ powers */

static bool whole(const basin__ball *b, double *out)
{
    const double largest = 1 << 20;
    *out = basin__ball_double(b);
    return b->kind <= BASIN__FINITE && b->error == BASIN__EXACT &&
           *out == __builtin_floor(*out) && *out <= largest && *out >= -largest;
}

void basin__ball_pow(
    basin__ball *out, const basin__ball *a, const basin__ball *b)
{
    double power;
    if (!whole(b, &power)) {
        /* 0^b, b above 0, is 0; everything else by logarithms */
        basin__ball log = *a;
        basin__ball_log(&log);
        basin__ball_mul(&log, &log, b);
        basin__ball_exp(&log);
        if (a->kind == BASIN__ZERO && log.kind == BASIN__ZERO)
            log.error = BASIN__EXACT;
        *out = log;
        return;
    }
    basin__ball base = *a, result = basin__ball_of(1);
    uint32_t n = (uint32_t)(power < 0 ? -power : power);
    for (; n; n >>= 1) {
        if (n & 1)
            basin__ball_mul(&result, &result, &base);
        if (n > 1)
            basin__ball_mul(&base, &base, &base);
    }
    if (power < 0) {
        const basin__ball one = basin__ball_of(1);
        basin__ball_div(&result, &one, &result);
    }
    *out = result;
}
