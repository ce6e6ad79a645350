/* SPDX-License-Identifier: MIT
 *
 * The elementary functions in scalar form: float32 from the template that the
 * vector backends share, and float64 below. Nothing but + - * / and exact
 * bit operations, in a fixed order, so every compiler gives the same bits.
 * All coefficients are minimax fits of our own (Remez exchange in 70 digits).
 */
#include "basin/math.h"

#include <stdbool.h>

#include "base/mathd.h"

typedef union float_bits {
    float f;
    uint32_t u;
} float_bits;

static inline float float_of(uint32_t u)
{
    return (float_bits){.u = u}.f;
}

static inline uint32_t bits_of(float f)
{
    return (float_bits){.f = f}.u;
}

#define BASIN_VF               float
#define BASIN_VU               uint32_t
#define BASIN_VNAME(name)      scalar_##name
#define BASIN_VF_OF(u)         float_of(u)
#define BASIN_VU_OF(f)         bits_of(f)
#define BASIN_VF_SET(c)        (c)
#define BASIN_VU_SET(c)        (c)
#define BASIN_VSELECT(k, a, b) ((k) ? (a) : (b))
#include "base/mathf.h"

float basin_tanhf(float x)
{
    return scalar_tanh(x);
}

float basin_expf(float x)
{
    return scalar_exp(x);
}

float basin_logf(float x)
{
    return scalar_log(x);
}

/* ----------------------------------------------------------------- float64 */

/* 2^k for a normal result. */
static inline double power_of_two(int k)
{
    return double_of((uint64_t)(k + 1023) << 52);
}

double basin_exp(double x)
{
    if (x != x)
        return x;
    if (x > 709.782712893384)
        return infinity();
    if (x < -745.14)
        return 0.0;
    const double n = (x * 1.4426950408889634 + rounder64) - rounder64;
    const double r = (x - n * ln2_hi) - n * ln2_lo;
    /* e^r = 1 + r + r^2 P(r), |r| <= log(2) / 2 */
    double p = 2.0826543206540296e-09;
    p = p * r + 2.5112047909093343e-08;
    p = p * r + 2.7557582152486197e-07;
    p = p * r + 2.7557234830993628e-06;
    p = p * r + 2.4801586926237539e-05;
    p = p * r + 0.00019841269896413873;
    p = p * r + 0.0013888888889115856;
    p = p * r + 0.0083333333333170233;
    p = p * r + 0.041666666666666095;
    p = p * r + 0.16666666666666682;
    p = p * r + 0.5;
    const double y = 1.0 + (r + r * r * p);
    /* In two steps, for 2^1024 and for subnormals, which round only once. */
    const int k = (int)n;
    const int half = k / 2;
    return y * power_of_two(half) * power_of_two(k - half);
}

double basin_log(double x)
{
    return log64(x);
}

double basin_tanh(double x)
{
    const double a = __builtin_fabs(x);
    if (x != x)
        return x;
    double y;
    if (a < 0.55) {
        /* tanh(a) = a + a u P(u) / Q(u), u = a^2 */
        const double u = a * a;
        double p = -0.00019923673052354423;
        p = p * u - 0.020500123422053661;
        p = p * u - 0.33333333333333331;
        double q = 0.00020659659789738636;
        q = q * u + 0.023293096393372601;
        q = q * u + 0.46150037026615631;
        q = q * u + 1.0;
        y = a + a * u * p / q;
    } else if (a < 22.0) {
        y = 1.0 - 2.0 / (basin_exp(2.0 * a) + 1.0);
    } else {
        y = 1.0;
    }
    return __builtin_copysign(y, x);
}

double basin_softplus(double x)
{
    /* max(x, 0) + log(1 + t), t = e^-|x|; what rounding took from w = 1 + t
     * is given back to the logarithm as lost / w. */
    const double t = basin_exp(-__builtin_fabs(x));
    const double w = 1.0 + t;
    const double lost = (t - (w - 1.0)) / w;
    return (x > 0.0 ? x : 0.0) + (basin_log(w) + lost);
}

double basin_sigmoid(double x)
{
    if (x < 0.0) {
        const double e = basin_exp(x);
        return e / (1.0 + e);
    }
    return 1.0 / (1.0 + basin_exp(-x));
}

double basin_sqrt(double x)
{
    return __builtin_sqrt(x);
}

/* ----------------------------------------------------------- sine, cosine */

double basin_sin(double x)
{
    return sin64(x);
}

double basin_cos(double x)
{
    return cos64(x);
}

/* ------------------------------------------------------------------- power */

/* a * b = *result + *rest exactly (Dekker 1971); needs |a|, |b| < 2^990. */
static void exact_product(double *result, double *rest, double a, double b)
{
    const double factor = 134217729.0; /* 2^27 + 1 */
    const double a1 = a * factor - (a * factor - a);
    const double b1 = b * factor - (b * factor - b);
    const double a2 = a - a1;
    const double b2 = b - b1;
    *result = a * b;
    *rest = ((a1 * b1 - *result) + a1 * b2 + a2 * b1) + a2 * b2;
}

/* log(x) = *hi + *lo with about 65 bits, for positive finite x: x^y multiplies
 * the error by up to 700. */
static void log_twofold(double *hi, double *lo, double x)
{
    int e;
    const double f = split_exponent(x, &e);
    const double d = 2.0 + f;
    const double d_lost = f - (d - 2.0);
    const double s = f / d;
    double product, rest;
    exact_product(&product, &rest, s, d);
    const double s_lo = (((f - product) - rest) - s * d_lost) / d;
    const double z = s * s;
    const double n = (double)e;
    const double a = n * ln2_hi;
    const double sum = a + 2.0 * s;
    /* |a| > |2 s| unless a is 0 */
    const double lost = (a - sum) + 2.0 * s;
    const double small =
        s * z * log_series(z) + (2.0 * s_lo + n * ln2_lo + lost);
    *hi = sum + small;
    *lo = (sum - *hi) + small;
}

static bool is_whole(double y)
{
    return __builtin_floor(y) == y;
}

/* x^y for finite positive x other than 1, and finite y other than 0. */
static double power(double x, double y)
{
    double hi, lo;
    log_twofold(&hi, &lo, x);
    if (y * hi > 710.0)
        return infinity();
    if (y * hi < -746.0)
        return 0.0;
    double product, rest;
    exact_product(&product, &rest, y, hi);
    rest += y * lo;
    const double e = basin_exp(product);
    return e > DBL_MAX ? e : e + e * rest;
}

/* The special cases are those of C11, annex F.10.4.4. */
double basin_pow(double x, double y)
{
    if (y == 0.0 || x == 1.0)
        return 1.0;
    if (x != x || y != y)
        return x + y;
    const double a = __builtin_fabs(x);
    const bool odd = is_whole(y) && __builtin_fabs(y) < 9007199254740992.0 &&
                     !is_whole(y * 0.5);
    double z;
    if (__builtin_fabs(y) > DBL_MAX) {
        if (a == 1.0)
            return 1.0;
        return (a > 1.0) == (y > 0.0) ? infinity() : 0.0;
    } else if (a == 0.0) {
        z = y > 0.0 ? 0.0 : infinity();
    } else if (a > DBL_MAX) {
        z = y > 0.0 ? infinity() : 0.0;
    } else if (x < 0.0 && !is_whole(y)) {
        return not_a_number();
    } else {
        z = a == 1.0 ? 1.0 : power(a, y);
    }
    return odd && __builtin_signbit(x) ? -z : z;
}
