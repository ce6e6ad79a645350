/* SPDX-License-Identifier: MIT
 *
 * Elementary functions of the library's own. The C library's differ from one
 * machine to the next in the last digit; these do not, so that a seed gives
 * the same model everywhere.
 */
#ifndef BASIN_MATH_H
#define BASIN_MATH_H

#include "basin/base.h"

BASIN_BEGIN_DECLS

/* --------------------------------------------------------------- functions */

/* Own elementary functions, so that gcc, clang and WebAssembly agree to the
 * bit. Float versions are branch-free. Errors are stated in ulp against the
 * exact value; tests hold them to it. NaN gives NaN. */

/** @return tanh(x), error at most 4 ulp (measured: 2.6); odd to the bit, never
 *  beyond 1. */
BASIN_API float basin_tanhf(float x);
/** @return e^x, error at most 2 ulp; 0 below -87.3 (no subnormals), inf above
 *  88.7228. */
BASIN_API float basin_expf(float x);
/** @return the natural logarithm, error at most 2 ulp; -inf at 0 (subnormals
 *  count as 0), NaN below. */
BASIN_API float basin_logf(float x);

/** The same in float64, error at most 2 ulp, full range. */
BASIN_API double basin_exp(double x);
BASIN_API double basin_log(double x);
BASIN_API double basin_tanh(double x);
/** x^y; error at most 1e-13 relative for results within 1e-300 .. 1e300. */
BASIN_API double basin_pow(double x, double y);
/** For |x| up to 1e6, absolute error at most 1e-15; from there the error grows
 *  with |x|, and beyond 2^50 the result is NaN. */
BASIN_API double basin_sin(double x);
BASIN_API double basin_cos(double x);
/** log(1 + e^x) without overflow, error at most 3 ulp. */
BASIN_API double basin_softplus(double x);
/** 1 / (1 + e^-x) without overflow, error at most 3 ulp. */
BASIN_API double basin_sigmoid(double x);
/** Exactly rounded. */
BASIN_API double basin_sqrt(double x);

BASIN_END_DECLS

#endif
