/* SPDX-License-Identifier: MIT
 *
 * Logarithm, sine and cosine in float64. The text stands alone: 'basin export'
 * prints it into its files as it is, so that these give the library's bits.
 */
#ifndef BASIN_MATHD_H
#define BASIN_MATHD_H

#include <float.h>
#include <stdint.h>

#ifdef __GNUC__
#define BASIN_DATTR __attribute__((unused))
#else
#define BASIN_DATTR
#endif

typedef union double_bits {
    double f;
    uint64_t u;
} double_bits;

static const double ln2_hi = 0.69314718055920821; /* 40 bits: n * it is exact */
static const double ln2_lo = 7.3710025651677989e-13;
/* Adding 1.5 * 2^52 rounds to the nearest whole number. */
static const double rounder64 = 6755399441055744.0;

static inline BASIN_DATTR uint64_t bits64(double x)
{
    return (double_bits){.f = x}.u;
}

static inline BASIN_DATTR double double_of(uint64_t u)
{
    return (double_bits){.u = u}.f;
}

static inline BASIN_DATTR double infinity(void)
{
    return double_of(UINT64_C(0x7ff0000000000000));
}

static inline BASIN_DATTR double not_a_number(void)
{
    return double_of(UINT64_C(0x7ff8000000000000));
}

/* A positive finite x = 2^*e m, m in [sqrt(1/2), sqrt(2)); @return m - 1. */
static inline BASIN_DATTR double split_exponent(double x, int *e)
{
    const uint64_t half = UINT64_C(0x3fe6a09e667f3bcd); /* sqrt(1/2) */
    int bias = 1023;
    if (x < DBL_MIN) {
        x *= 18014398509481984.0; /* 2^54 */
        bias += 54;
    }
    const uint64_t u = bits64(x) + (UINT64_C(0x3ff0000000000000) - half);
    *e = (int)(u >> 52) - bias;
    return double_of((u & UINT64_C(0xfffffffffffff)) + half) - 1.0;
}

/* R with log((1 + s) / (1 - s)) = 2 s + s^3 R(s^2) for |s| <= 0.1716. */
static inline BASIN_DATTR double log_series(double z)
{
    double p = 0.14797506539835512;
    p = p * z + 0.15313903509192575;
    p = p * z + 0.18183569723610604;
    p = p * z + 0.22222198476403671;
    p = p * z + 0.28571428743257937;
    p = p * z + 0.39999999999411112;
    return p * z + 0.66666666666667351;
}

static inline BASIN_DATTR double log64(double x)
{
    if (x == 0.0)
        return -infinity();
    if (x < 0.0)
        return not_a_number();
    if (!(x <= DBL_MAX))
        return x;
    int e;
    const double f = split_exponent(x, &e);
    /* With s = f / (2 + f), 2 s = f - s f: the leading term f is exact. */
    const double s = f / (2.0 + f);
    const double z = s * s;
    const double n = (double)e;
    return n * ln2_hi + (f - (s * (f - z * log_series(z)) - n * ln2_lo));
}

/* x = n pi/2 + r, |r| <= pi/4; @return r. pi/2 in three parts: the products of
 * the first two with n are exact while n < 2^20. */
static inline BASIN_DATTR double reduce_angle(double x, unsigned *quadrant)
{
    const double t = x * 0.63661977236758138 + rounder64;
    const double n = t - rounder64;
    *quadrant = (unsigned)(bits64(t) & 3u);
    return ((x - n * 1.5707963267341256) - n * 6.077100506303966e-11) -
           n * 2.0222662487959506e-21;
}

static inline BASIN_DATTR double sine(double r)
{
    const double u = r * r;
    double p = 1.5896792710484824e-10;
    p = p * u - 2.5050758060727166e-08;
    p = p * u + 2.7557313691543674e-06;
    p = p * u - 0.00019841269829806661;
    p = p * u + 0.0083333333333224114;
    p = p * u - 0.16666666666666632;
    return r + r * u * p;
}

static inline BASIN_DATTR double cosine(double r)
{
    const double u = r * r;
    double p = -1.1359649850398472e-11;
    p = p * u + 2.0875723314264137e-09;
    p = p * u - 2.7557314352642589e-07;
    p = p * u + 2.4801587289483269e-05;
    p = p * u - 0.0013888888888874125;
    p = p * u + 0.041666666666666602;
    return 1.0 - (0.5 * u - u * u * p);
}

/* sin(x + quarters pi/2) */
static inline BASIN_DATTR double circular(double x, unsigned quarters)
{
    if (!(x <= 1125899906842624.0 && x >= -1125899906842624.0)) /* 2^50 */
        return not_a_number();
    unsigned quadrant;
    const double r = reduce_angle(x, &quadrant);
    quadrant = (quadrant + quarters) & 3u;
    const double y = quadrant & 1u ? cosine(r) : sine(r);
    return quadrant & 2u ? -y : y;
}

static inline BASIN_DATTR double sin64(double x)
{
    return x == 0.0 ? x : circular(x, 0); /* keeps -0 */
}

static inline BASIN_DATTR double cos64(double x)
{
    return circular(x, 1);
}

#endif
