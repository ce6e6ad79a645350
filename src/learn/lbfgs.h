/* SPDX-License-Identifier: MIT
 *
 * Minimising a function of many numbers by limited-memory BFGS.
 */
#ifndef BASIN_LEARN_LBFGS_H
#define BASIN_LEARN_LBFGS_H

#include "basin/base.h"
#include "learn/blocks.h"

/** The smooth part of the objective at w, and its gradient (set). */
typedef double (*basin__smooth_fn)(void *user, const double *w, double *g);

typedef struct basin__lbfgs basin__lbfgs;

/**
 * @param n numbers  @param memory pairs remembered
 * @param c1 weight of |w|_1, which is minimised along
 * Errors: E_MEMORY.
 */
basin_status basin__lbfgs_create(basin__lbfgs **out, basin_context *ctx,
    size_t n, int memory, double c1, basin__smooth_fn smooth, void *user,
    basin_error *error);
void basin__lbfgs_destroy(basin__lbfgs *l);

/** Where it stands: (n), yours to set before the first step. */
double *basin__lbfgs_point(basin__lbfgs *l);
/** The gradient there: (n), yours to use before the start. */
double *basin__lbfgs_gradient(basin__lbfgs *l);

/** Another direction than that of the pairs, to where a model of the objective
 *  is smaller: from the gradient of the smooth part at w, and the least
 *  subgradient. */
typedef enum basin__direction {
    BASIN__DIRECTION_NONE,
    BASIN__DIRECTION_FOUND,
    BASIN__DIRECTION_STOP /**< it is not to be looked for any longer */
} basin__direction;
typedef basin__direction (*basin__direction_fn)(void *user, const double *w,
    const double *g, const double *sub, double *direction);
/** Take directions from there; NULL: from the pairs, as at the beginning. */
void basin__lbfgs_follow(basin__lbfgs *l, basin__direction_fn fn, void *user);

typedef struct basin__lbfgs_state {
    double value;       /**< smooth part + c1 |w|_1 */
    double norm;        /**< |w| */
    double subgradient; /**< length of the least subgradient */
    double step;        /**< of the last line search */
    int evaluations;
} basin__lbfgs_state;

/** Evaluate at the point, forgetting all pairs. */
void basin__lbfgs_start(basin__lbfgs *l);
/** Evaluate at the point once more: the function is another one now, but so
 *  little that the pairs still tell its shape. */
void basin__lbfgs_refresh(basin__lbfgs *l);
/** One iteration. @return false: no step lowers the value any more, or it was
 *  stopped, and stands where it stood */
bool basin__lbfgs_step(basin__lbfgs *l);
enum { BASIN__LBFGS_NUMBERS = 5 };
/** What it remembers, to go on elsewhere: numbers, which are set after the
 *  arrays. @return how many blocks */
void basin__lbfgs_numbers_get(const basin__lbfgs *l, double *out);
void basin__lbfgs_numbers_set(basin__lbfgs *l, const double *in);
int basin__lbfgs_blocks(basin__lbfgs *l, basin__block *out);

basin__lbfgs_state basin__lbfgs_state_of(const basin__lbfgs *l);

#endif
