/* SPDX-License-Identifier: MIT
 *
 * Template: tanh, exp, log, sigmoid and softplus in float32, branch-free.
 * Scalar and vector code include this same text with other types, so that
 * every backend performs the same operations in the same order: same bits.
 *
 * Define before including (all are undefined again at the end):
 *
 *     BASIN_VF              the type of floats, one or a GCC vector of them
 *     BASIN_VU              unsigned 32-bit integers, as many
 *     BASIN_VNAME(name)     the name of a function: prefix ## name
 *     BASIN_VF_OF(u)        the floats with the bits u
 *     BASIN_VU_OF(f)        the bits of the floats f
 *     BASIN_VF_SET(c)       the float c in every lane
 *     BASIN_VU_SET(c)       the unsigned integer c in every lane
 *     BASIN_VSELECT(k,a,b)  a where the comparison k of two BASIN_VF held, or b
 *     BASIN_VMIN(a, b)      optional: exactly a < b ? a : b, as minps has it
 *     BASIN_VMAX(a, b)      optional: exactly a > b ? a : b
 *     BASIN_VATTR           optional: attributes of the functions
 *
 * Only + - * / and comparisons touch floats, and only + & ^ << >> touch bits.
 * The polynomials are minimax fits of our own (Remez exchange, relative error)
 * and were then checked on every float; the errors in ulp stand beside them.
 */
#ifndef BASIN_VMIN
#define BASIN_VMIN(a, b) BASIN_VSELECT((a) < (b), a, b)
#endif
#ifndef BASIN_VMAX
#define BASIN_VMAX(a, b) BASIN_VSELECT((a) > (b), a, b)
#endif
#ifndef BASIN_VATTR
#define BASIN_VATTR
#endif

#ifndef BASIN_MATHF_H
#define BASIN_MATHF_H

/* clang-format off */

/* |x| = n log(2) / 2 + r, n the nearest whole number, so that |r| < 0.1734;
 * t = tanh(r) = r + r^3 P(r^2); and the addition theorem, with s = 2^n for
 * e^(n log 2), needs one division and cancels nothing:
 *     tanh |x| = ((s - 1) + (s + 1) t) / ((s + 1) + (s - 1) t)
 * The float nearest to log(2) / 2 happens to be so near (1e-9) that one part
 * of it is enough. */
#define BASIN_TANH_MAX 9.1f /* from 9.011 the nearest float is 1 */
#define BASIN_TANH_P0 -0.33331272f
#define BASIN_TANH_P1 0.131106183f
#define BASIN_2_LOG2E 2.88539004f
#define BASIN_LN2_HALF 0.346573591f

/* e^x = 2^n e^r, n the nearest whole number to x / log 2, and
 * e^r = 1 + r + r^2 P(r). n log 2 is taken off in two parts, the first with
 * so few digits that its product with n is exact. */
#define BASIN_EXP_LOW -87.3f    /* e^x leaves the normal numbers just below */
#define BASIN_EXP_HIGH 88.72283f /* the last float before overflow */
#define BASIN_EXP_P0 0.49999994f
#define BASIN_EXP_P1 0.166665211f
#define BASIN_EXP_P2 0.041668389f
#define BASIN_EXP_P3 0.00836872403f
#define BASIN_EXP_P4 0.0013814558f
#define BASIN_LOG2E 1.44269502f
#define BASIN_LN2_HI 0.693145752f
#define BASIN_LN2_LO 1.42860677e-06f
/* Adding 1.5 * 2^23 rounds to the nearest whole number, and leaves it in the
 * low bits. */
#define BASIN_ROUNDER 12582912.0f

/* x = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)), and
 * log(1 + f) = f - f^2 / 2 + f^3 P(f). */
#define BASIN_LOG_P0 0.333333313f
#define BASIN_LOG_P1 -0.250008225f
#define BASIN_LOG_P2 0.200012267f
#define BASIN_LOG_P3 -0.166233554f
#define BASIN_LOG_P4 0.142017677f
#define BASIN_LOG_P5 -0.131602123f
#define BASIN_LOG_P6 0.127615348f
#define BASIN_LOG_P7 -0.0763437524f
#define BASIN_SQRT_HALF_BITS 0x3f3504f3u
#define BASIN_FLOAT_MIN 1.17549435e-38f
#define BASIN_FLOAT_MAX 3.40282347e+38f

/* clang-format on */

#endif

/* At most 2.6 ulp; odd to the bit; never beyond 1. */
static inline BASIN_VATTR BASIN_VF BASIN_VNAME(tanh)(BASIN_VF x)
{
    const BASIN_VF one = BASIN_VF_SET(1.0f);
    const BASIN_VF rounder = BASIN_VF_SET(BASIN_ROUNDER);
    const BASIN_VU sign = BASIN_VU_OF(x) & BASIN_VU_SET(0x80000000u);
    const BASIN_VF a = BASIN_VMIN(
        BASIN_VF_SET(BASIN_TANH_MAX), BASIN_VF_OF(BASIN_VU_OF(x) ^ sign));
    const BASIN_VF k = a * BASIN_VF_SET(BASIN_2_LOG2E) + rounder;
    const BASIN_VF r = a - (k - rounder) * BASIN_VF_SET(BASIN_LN2_HALF);
    const BASIN_VF u = r * r;
    const BASIN_VF p =
        BASIN_VF_SET(BASIN_TANH_P1) * u + BASIN_VF_SET(BASIN_TANH_P0);
    const BASIN_VF t = r * u * p + r;
    /* n sits in the low bits of k: make it an exponent. */
    const BASIN_VF s =
        BASIN_VF_OF((BASIN_VU_OF(k) << 23) + BASIN_VU_SET(0x3f800000u));
    const BASIN_VF less = s - one;
    const BASIN_VF more = s + one;
    const BASIN_VF y = (less + more * t) / (more + less * t);
    return BASIN_VF_OF(BASIN_VU_OF(y) ^ sign);
}

/* At most 1 ulp; 0 below -87.3, inf above 88.7228. */
static inline BASIN_VATTR BASIN_VF BASIN_VNAME(exp)(BASIN_VF x)
{
    const BASIN_VF rounder = BASIN_VF_SET(BASIN_ROUNDER);
    const BASIN_VF t = x * BASIN_VF_SET(BASIN_LOG2E) + rounder;
    const BASIN_VF n = t - rounder;
    const BASIN_VF r =
        x - n * BASIN_VF_SET(BASIN_LN2_HI) - n * BASIN_VF_SET(BASIN_LN2_LO);
    BASIN_VF p = BASIN_VF_SET(BASIN_EXP_P4);
    p = p * r + BASIN_VF_SET(BASIN_EXP_P3);
    p = p * r + BASIN_VF_SET(BASIN_EXP_P2);
    p = p * r + BASIN_VF_SET(BASIN_EXP_P1);
    p = p * r + BASIN_VF_SET(BASIN_EXP_P0);
    p = r * r * p + r + BASIN_VF_SET(1.0f);
    /* n sits in the low bits of t: add it to the exponent. */
    BASIN_VF y = BASIN_VF_OF(BASIN_VU_OF(p) + (BASIN_VU_OF(t) << 23));
    y = BASIN_VSELECT(x < BASIN_VF_SET(BASIN_EXP_LOW), BASIN_VF_SET(0.0f), y);
    /* Too large becomes inf, NaN stays NaN. */
    const BASIN_VF inf = BASIN_VF_OF(BASIN_VU_SET(0x7f800000u));
    return BASIN_VSELECT(x <= BASIN_VF_SET(BASIN_EXP_HIGH), y, x + inf);
}

/* The logarithm of a positive normal number; anything else gives nonsense. */
static inline BASIN_VATTR BASIN_VF BASIN_VNAME(log_normal)(BASIN_VF x)
{
    const BASIN_VU split = BASIN_VU_SET(BASIN_SQRT_HALF_BITS);
    const BASIN_VU u = BASIN_VU_OF(x) + (BASIN_VU_SET(0x3f800000u) - split);
    /* e + 127 goes into the low bits of 2^23, which is taken off again. */
    const BASIN_VF e = BASIN_VF_OF((u >> 23) + BASIN_VU_SET(0x4b000000u)) -
                       BASIN_VF_SET(8388608.0f + 127.0f);
    const BASIN_VF f =
        BASIN_VF_OF((u & BASIN_VU_SET(0x7fffffu)) + split) - BASIN_VF_SET(1.0f);
    const BASIN_VF z = f * f;
    BASIN_VF p = BASIN_VF_SET(BASIN_LOG_P7);
    p = p * f + BASIN_VF_SET(BASIN_LOG_P6);
    p = p * f + BASIN_VF_SET(BASIN_LOG_P5);
    p = p * f + BASIN_VF_SET(BASIN_LOG_P4);
    p = p * f + BASIN_VF_SET(BASIN_LOG_P3);
    p = p * f + BASIN_VF_SET(BASIN_LOG_P2);
    p = p * f + BASIN_VF_SET(BASIN_LOG_P1);
    p = p * f + BASIN_VF_SET(BASIN_LOG_P0);
    /* The smallest first. */
    BASIN_VF y = f * p * z + e * BASIN_VF_SET(BASIN_LN2_LO);
    y = y - BASIN_VF_SET(0.5f) * z;
    return f + y + e * BASIN_VF_SET(BASIN_LN2_HI);
}

/* At most 0.9 ulp; -inf at 0 and for subnormals, NaN below. */
static inline BASIN_VATTR BASIN_VF BASIN_VNAME(log)(BASIN_VF x)
{
    BASIN_VF y = BASIN_VNAME(log_normal)(x);
    /* inf and NaN are their own logarithms. */
    y = BASIN_VSELECT(x <= BASIN_VF_SET(BASIN_FLOAT_MAX), y, x);
    y = BASIN_VSELECT(x < BASIN_VF_SET(BASIN_FLOAT_MIN),
        BASIN_VF_OF(BASIN_VU_SET(0xff800000u)), y);
    return BASIN_VSELECT(
        x < BASIN_VF_SET(0.0f), BASIN_VF_OF(BASIN_VU_SET(0x7fc00000u)), y);
}

/* 1 / (1 + e^-x); at most 3 ulp, 0 below -88.72. */
static inline BASIN_VATTR BASIN_VF BASIN_VNAME(sigmoid)(BASIN_VF x)
{
    const BASIN_VF one = BASIN_VF_SET(1.0f);
    return one / (one + BASIN_VNAME(exp)(BASIN_VF_SET(0.0f) - x));
}

/* log(1 + e^x) = max(x, 0) + log(1 + e^-|x|); at most 4 ulp. */
static inline BASIN_VATTR BASIN_VF BASIN_VNAME(softplus)(BASIN_VF x)
{
    const BASIN_VF zero = BASIN_VF_SET(0.0f);
    const BASIN_VF half = BASIN_VF_SET(0.5f);
    const BASIN_VF one = BASIN_VF_SET(1.0f);
    const BASIN_VF t = BASIN_VNAME(exp)(BASIN_VMIN(zero - x, x));
    const BASIN_VF w = one + t;
    /* What rounding took from 1 + t, divided by w, belongs to the logarithm;
     * for t <= 1, 1 - t/2 is near enough to 1/w. */
    const BASIN_VF lost = (t - (w - one)) * (one - half * t);
    return BASIN_VMAX(zero, x) + (BASIN_VNAME(log_normal)(w) + lost);
}

#undef BASIN_VF
#undef BASIN_VU
#undef BASIN_VNAME
#undef BASIN_VF_OF
#undef BASIN_VU_OF
#undef BASIN_VF_SET
#undef BASIN_VU_SET
#undef BASIN_VSELECT
#undef BASIN_VMIN
#undef BASIN_VMAX
#undef BASIN_VATTR
