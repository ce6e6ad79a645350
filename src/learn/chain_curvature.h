/* SPDX-License-Identifier: MIT
 *
 * The curvature of the sum of a chain's losses in some of the weights: the
 * Hessian, times a vector, and its diagonal.
 */
#ifndef BASIN_LEARN_CHAIN_CURVATURE_H
#define BASIN_LEARN_CHAIN_CURVATURE_H

#include "learn/chain_objective.h"

typedef struct basin__chain_curvature basin__chain_curvature;

/** Can it be had? Of losses that are E_C minus the free energy, and of chains
 *  whose scores are linear in W: there the losses are convex. */
bool basin__chain_curvature_serves(const basin__chain_objective *o);

/** @param o outlives it. Errors: E_MEMORY. */
basin_status basin__chain_curvature_create(basin__chain_curvature **out,
    basin__chain_objective *o, basin_error *error);
/** NULL is fine. */
void basin__chain_curvature_destroy(basin__chain_curvature *c);

/** Look at these weights, at the chain's W; all others are 0 there.
 *  @param index (n) ascending; borrowed until the next call
 *  @param least labels whose probability at a position is at most that may be
 *  left out there; 0: none are  Errors: E_MEMORY. */
basin_status basin__chain_curvature_take(basin__chain_curvature *c,
    const int32_t *index, int32_t n, double least, basin_error *error);
/** (n) the diagonal, but for what positions of one sequence have to do with
 *  each other. */
const double *basin__chain_curvature_diagonal(const basin__chain_curvature *c);
/** out = Hessian times v. @param v, out (n) */
void basin__chain_curvature_times(
    basin__chain_curvature *c, const double *v, double *out);

#endif
