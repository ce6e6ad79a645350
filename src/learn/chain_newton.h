/* SPDX-License-Identifier: MIT
 *
 * Newton's direction for chains with an L1 term.
 */
#ifndef BASIN_LEARN_CHAIN_NEWTON_H
#define BASIN_LEARN_CHAIN_NEWTON_H

#include "learn/chain_trainer.h"

typedef struct basin__chain_newton basin__chain_newton;

/** Errors: E_MEMORY. */
basin_status basin__chain_newton_create(
    basin__chain_newton **out, basin_chain_trainer *t, basin_error *error);
/** NULL is fine. */
void basin__chain_newton_destroy(basin__chain_newton *newton);

/** A basin__direction_fn (newton as its user): from w to the minimum of a model
 * of the objective, which is quadratic but for the L1 term. It depends on
 * nothing else than these numbers. */
basin__direction basin__chain_newton_direction(void *newton, const double *w,
    const double *g, const double *sub, double *direction);

/** Has the pulse said to stop? */
bool basin__chain_newton_stopped(const basin__chain_newton *newton);

#endif
