/* SPDX-License-Identifier: MIT
 *
 * Long vectors of float64, worked on in pieces whose borders never depend on
 * the number of threads. Sums add the pieces in their order.
 */
#ifndef BASIN_LEARN_VECTORS_H
#define BASIN_LEARN_VECTORS_H

#include "basin/base.h"

/** Call fn(arg, first, end) for the pieces of [0, n), on all threads. */
void basin__pieces(const basin_context *ctx, size_t n,
    void (*fn)(void *arg, size_t first, size_t end), void *arg);

double basin__dot(
    const basin_context *ctx, const double *a, const double *b, size_t n);
double basin__sum_abs(const basin_context *ctx, const double *a, size_t n);
/** The same with one operand in float32; sums are in float64. */
double basin__dot_single(
    const basin_context *ctx, const float *a, const double *b, size_t n);
/** out += s a. */
void basin__axpy_single(
    const basin_context *ctx, double *out, const float *a, double s, size_t n);

#endif
