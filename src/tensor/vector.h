/* SPDX-License-Identifier: MIT
 *
 * A vector of VW floats, and what the kernels do with one beyond arithmetic:
 * load, store, parts of a vector, and sums across lanes. The including file
 * has set VW to 4, 8 or 16, and is compiled for such registers.
 */
#ifndef BASIN_TENSOR_VECTOR_H
#define BASIN_TENSOR_VECTOR_H

#include "tensor/kernels.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

/* Registers in a group of BASIN_LANES lanes. */
#define NV (BASIN_LANES / VW)

#define ALWAYS static inline __attribute__((always_inline))
#define APART  static __attribute__((noinline))

/* Loops over registers must vanish; under sanitizers that would only multiply
 * their checks, and take clang minutes to compile. */
#if defined(__clang__)
#if __has_feature(address_sanitizer) ||                                        \
    __has_feature(undefined_behavior_sanitizer) ||                             \
    __has_feature(memory_sanitizer) || __has_feature(thread_sanitizer)
#define UNROLL _Pragma("clang loop unroll(disable)")
#else
#define UNROLL _Pragma("clang loop unroll(full)")
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define UNROLL _Pragma("GCC unroll 1")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

typedef float vf __attribute__((vector_size(VW * 4)));
typedef int32_t vi __attribute__((vector_size(VW * 4)));
typedef double vd __attribute__((vector_size(VW * 4)));
typedef uint32_t vu __attribute__((vector_size(VW * 4)));
typedef float vh __attribute__((vector_size(VW * 2))); /* half of a vf */
typedef float v4 __attribute__((vector_size(16)));
/* The same at any address. */
typedef float vf_any
    __attribute__((vector_size(VW * 4), aligned(4), may_alias));
typedef float vh_any
    __attribute__((vector_size(VW * 2), aligned(4), may_alias));
typedef float v4_any __attribute__((vector_size(16), aligned(4), may_alias));

ALWAYS vf load(const float *p)
{
    return *(const vf_any *)p;
}

ALWAYS void store(float *p, vf v)
{
    *(vf_any *)p = v;
}

/* v itself, in a register: gcc prefers to load what it needs twice twice. */
ALWAYS vf held(vf v)
{
#if defined(__x86_64__) && !defined(__clang__)
    __asm__("" : "+v"(v));
#endif
    return v;
}

/* clang-format off */
ALWAYS vf splat(float s)
{
#if VW == 4
    return (vf){s, s, s, s};
#elif VW == 8
    return (vf){s, s, s, s, s, s, s, s};
#else
    return (vf){s, s, s, s, s, s, s, s, s, s, s, s, s, s, s, s};
#endif
}

/* All bits set in the first m lanes. */
ALWAYS vi first(int m)
{
#if VW == 4
    const vi lane = {0, 1, 2, 3};
#elif VW == 8
    const vi lane = {0, 1, 2, 3, 4, 5, 6, 7};
#else
    const vi lane = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
#endif
    return lane < m;
}
/* clang-format on */

/* a where the mask is set, b elsewhere. */
ALWAYS vf choose(vi mask, vf a, vf b)
{
    return (vf)((mask & (vi)a) | (~mask & (vi)b));
}

/* v where the mask is set, +0 elsewhere. */
ALWAYS vf only(vi mask, vf v)
{
    return (vf)(mask & (vi)v);
}

/* a < b ? a : b, so b where one is NaN; and the same with >. */
ALWAYS vf v_min(vf a, vf b)
{
#if VW == 16
    return _mm512_min_ps(a, b);
#elif VW == 8
    return _mm256_min_ps(a, b);
#elif defined(__SSE2__)
    return _mm_min_ps(a, b);
#else
    return choose(a < b, a, b);
#endif
}

ALWAYS vf v_max(vf a, vf b)
{
#if VW == 16
    return _mm512_max_ps(a, b);
#elif VW == 8
    return _mm256_max_ps(a, b);
#elif defined(__SSE2__)
    return _mm_max_ps(a, b);
#else
    return choose(a > b, a, b);
#endif
}

ALWAYS bool any(vi mask)
{
    int32_t bits = 0;
    UNROLL
    for (int l = 0; l < VW; l++)
        bits |= mask[l];
    return bits != 0;
}

/* How many of the floats that are left belong to register v of a group. */
ALWAYS int lanes_left(size_t left, int v)
{
    const size_t before = (size_t)v * VW;
    return left <= before ? 0 : left - before >= VW ? VW : (int)(left - before);
}

/* --------------------------------------------------------- parts of vectors */

/* The first m floats at p (0 < m <= VW), zeros above; nothing behind them is
 * read. store_part writes the first m and touches nothing else. */
#if VW == 16
ALWAYS vf load_part(const float *p, int m)
{
    return _mm512_maskz_loadu_ps((__mmask16)(0xffffu >> (16 - m)), p);
}

#elif VW == 8
ALWAYS vf load_part(const float *p, int m)
{
    return _mm256_maskload_ps(p, (__m256i)first(m));
}
#else
ALWAYS vf load_part(const float *p, int m)
{
    return m == 1 ? (vf){p[0]}
           : m == 2 ? (vf){p[0], p[1]}
           : m == 3 ? (vf){p[0], p[1], p[2]}
                    : load(p);
}
#endif

/* In pieces: a masked store keeps what is loaded soon after from near it
 * waiting, and is slow by itself on many processors. */
ALWAYS void store_part(float *p, vf v, int m)
{
    if (m == VW) {
        store(p, v);
        return;
    }
#if VW == 16
    vh half = __builtin_shufflevector(v, v, 0, 1, 2, 3, 4, 5, 6, 7);
    if (m & 8) {
        *(vh_any *)p = half;
        half = __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
        p += 8;
    }
    v4 q = __builtin_shufflevector(half, half, 0, 1, 2, 3);
#elif VW == 8
    const vf half = v;
    v4 q = __builtin_shufflevector(half, half, 0, 1, 2, 3);
#else
    v4 q = v;
#endif
#if VW > 4
    if (m & 4) {
        *(v4_any *)p = q;
        q = __builtin_shufflevector(half, half, 4, 5, 6, 7);
        p += 4;
    }
#endif
    if (m & 2) {
        p[0] = q[0];
        p[1] = q[1];
        q = __builtin_shufflevector(q, q, 2, 3, 2, 3);
        p += 2;
    }
    if (m & 1)
        p[0] = q[0];
}

/* ---------------------------------------------------------------- functions */

ALWAYS vf square_root(vf v)
{
#if VW == 16
    return _mm512_sqrt_ps(v);
#elif VW == 8
    return _mm256_sqrt_ps(v);
#elif defined(__SSE2__)
    return _mm_sqrt_ps(v);
#else
    return (vf){__builtin_sqrtf(v[0]), __builtin_sqrtf(v[1]),
        __builtin_sqrtf(v[2]), __builtin_sqrtf(v[3])};
#endif
}

#define BASIN_VF               vf
#define BASIN_VU               vu
#define BASIN_VNAME(name)      vector_##name
#define BASIN_VF_OF(u)         ((vf)(u))
#define BASIN_VU_OF(f)         ((vu)(f))
#define BASIN_VF_SET(c)        splat(c)
#define BASIN_VU_SET(c)        ((vu)splat(0.0f) + (c))
#define BASIN_VSELECT(k, a, b) choose(k, a, b)
#define BASIN_VATTR            __attribute__((always_inline))
#define BASIN_VMIN(a, b)       v_min(a, b)
#define BASIN_VMAX(a, b)       v_max(a, b)
#include "base/mathf.h"

/* -------------------------------------------------------- sums across lanes */

/* The registers of one lane group to one, as the tree does: lane l takes lane
 * l + 8, and at width 4 then l + 4. */
ALWAYS vf fold(const vf *v)
{
#if VW == 4
    return (v[0] + v[2]) + (v[1] + v[3]);
#elif VW == 8
    return v[0] + v[1];
#else
    return v[0];
#endif
}

/* clang-format off */
/* a0 b0 a1 b1 ...: the lower and the upper half, and back again. */
#if VW == 4
#define ZIP_LOW  0, 4, 1, 5
#define ZIP_HIGH 2, 6, 3, 7
#define EVEN     0, 2, 4, 6
#define ODD      1, 3, 5, 7
#elif VW == 8
#define ZIP_LOW  0, 8, 1, 9, 2, 10, 3, 11
#define ZIP_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#define EVEN     0, 2, 4, 6, 8, 10, 12, 14
#define ODD      1, 3, 5, 7, 9, 11, 13, 15
#else
#define ZIP_LOW  0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define ZIP_HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#define EVEN     0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD      1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
#endif
/* clang-format on */

/* The two halves of v in float64. */
ALWAYS vd widen_low(vf v)
{
    vh half;
    __builtin_memcpy(&half, &v, sizeof half);
    return __builtin_convertvector(half, vd);
}

ALWAYS vd widen_high(vf v)
{
    vh half;
    __builtin_memcpy(&half, (const char *)&v + sizeof half, sizeof half);
    return __builtin_convertvector(half, vd);
}

ALWAYS vf zip_low(vf a, vf b)
{
    return __builtin_shufflevector(a, b, ZIP_LOW);
}

ALWAYS vf zip_high(vf a, vf b)
{
    return __builtin_shufflevector(a, b, ZIP_HIGH);
}

ALWAYS vf even(vf a, vf b)
{
    return __builtin_shufflevector(a, b, EVEN);
}

ALWAYS vf odd(vf a, vf b)
{
    return __builtin_shufflevector(a, b, ODD);
}

/* clang-format off */
/* Within each four lanes: the lower or upper two of a, then of b; the same
 * one by one; and every second one of a, then of b. */
#if VW == 4
#define LOW_PAIRS  0, 1, 4, 5
#define HIGH_PAIRS 2, 3, 6, 7
#define LOW_ONES   0, 4, 1, 5
#define HIGH_ONES  2, 6, 3, 7
#define EVENS      0, 2, 4, 6
#define ODDS       1, 3, 5, 7
#elif VW == 8
#define LOW_PAIRS  0, 1, 8, 9, 4, 5, 12, 13
#define HIGH_PAIRS 2, 3, 10, 11, 6, 7, 14, 15
#define LOW_ONES   0, 8, 1, 9, 4, 12, 5, 13
#define HIGH_ONES  2, 10, 3, 11, 6, 14, 7, 15
#define EVENS      0, 2, 8, 10, 4, 6, 12, 14
#define ODDS       1, 3, 9, 11, 5, 7, 13, 15
#else
#define LOW_PAIRS  0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define HIGH_PAIRS 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LOW_ONES   0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29
#define HIGH_ONES  2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31
#define EVENS      0, 2, 16, 18, 4, 6, 20, 22, 8, 10, 24, 26, 12, 14, 28, 30
#define ODDS       1, 3, 17, 19, 5, 7, 21, 23, 9, 11, 25, 27, 13, 15, 29, 31
#endif
/* clang-format on */

ALWAYS vf low_pairs(vf a, vf b)
{
    return __builtin_shufflevector(a, b, LOW_PAIRS);
}

ALWAYS vf high_pairs(vf a, vf b)
{
    return __builtin_shufflevector(a, b, HIGH_PAIRS);
}

ALWAYS vf low_ones(vf a, vf b)
{
    return __builtin_shufflevector(a, b, LOW_ONES);
}

ALWAYS vf high_ones(vf a, vf b)
{
    return __builtin_shufflevector(a, b, HIGH_ONES);
}

/* VW / 4 vectors of four in one. */
ALWAYS vf join(const v4 *q)
{
#if VW == 4
    return q[0];
#elif VW == 8
    return __builtin_shufflevector(q[0], q[1], 0, 1, 2, 3, 4, 5, 6, 7);
#else
    const vh a = __builtin_shufflevector(q[0], q[1], 0, 1, 2, 3, 4, 5, 6, 7);
    const vh b = __builtin_shufflevector(q[2], q[3], 0, 1, 2, 3, 4, 5, 6, 7);
    return __builtin_shufflevector(
        a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#endif
}

/* The next steps of the tree, for two vectors at once, whose sums then lie
 * side by side: lane l takes l + 8, or l + 4, or l + 2, or l + 1. Where the
 * first operand stays in place it costs a blend and no shuffle. */
#if VW == 16
ALWAYS vf add_8(vf a, vf b)
{
    vd x = (vd)a, y = (vd)b;
    return (vf)__builtin_shufflevector(x, y, 0, 1, 2, 3, 12, 13, 14, 15) +
           (vf)__builtin_shufflevector(x, y, 4, 5, 6, 7, 8, 9, 10, 11);
}

ALWAYS vf add_4(vf a, vf b)
{
    vd x = (vd)a, y = (vd)b;
    return (vf)__builtin_shufflevector(x, y, 0, 1, 4, 5, 8, 9, 12, 13) +
           (vf)__builtin_shufflevector(x, y, 2, 3, 6, 7, 10, 11, 14, 15);
}
#elif VW == 8
ALWAYS vf add_4(vf a, vf b)
{
    vd x = (vd)a, y = (vd)b;
    return (vf)__builtin_shufflevector(x, y, 0, 1, 6, 7) +
           (vf)__builtin_shufflevector(x, y, 2, 3, 4, 5);
}
#endif

ALWAYS vf add_2(vf a, vf b)
{
    return low_pairs(a, b) + high_pairs(a, b);
}

ALWAYS vf add_1(vf a, vf b)
{
    return __builtin_shufflevector(a, b, EVENS) +
           __builtin_shufflevector(a, b, ODDS);
}

/* Lane k of the result is the tree sum of t[k], a folded lane group. The
 * trees of VW groups share their instructions. */
ALWAYS vf trees(const vf *t)
{
#if VW == 4
    return add_1(add_2(t[0], t[1]), add_2(t[2], t[3]));
#elif VW == 8
    vf p = add_2(add_4(t[0], t[4]), add_4(t[1], t[5]));
    vf q = add_2(add_4(t[2], t[6]), add_4(t[3], t[7]));
    return add_1(p, q);
#else
    vf q[4];
    UNROLL
    for (int k = 0; k < 4; k++)
        q[k] = add_4(add_8(t[k], t[k + 4]), add_8(t[k + 8], t[k + 12]));
    return add_1(add_2(q[0], q[1]), add_2(q[2], q[3]));
#endif
}

/* The tree sum of one folded lane group. */
ALWAYS float tree(vf t)
{
    float lane[VW];
    store(lane, t);
    for (int half = VW / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++)
            lane[l] += lane[l + half];
    return lane[0];
}

#endif
