/* SPDX-License-Identifier: MIT
 *
 * The inferences that are built in, and the candidate sets they share.
 */
#ifndef BASIN_INFERENCE_INFERENCE_H
#define BASIN_INFERENCE_INFERENCE_H

#include "basin/inference.h"

/** Register the inferences. */
basin_status basin__inference_register(basin_context *ctx, basin_error *error);

extern const basin_inference_type basin__inference_grid;
extern const basin_inference_type basin__inference_enumerate;
extern const basin_inference_type basin__inference_descent;
extern const basin_inference_type basin__inference_coordinate;
extern const basin_inference_type basin__inference_anneal;
extern const basin_inference_type basin__inference_alternate;
extern const basin_inference_type basin__inference_langevin;
extern const basin_inference_type basin__inference_mala;
extern const basin_inference_type basin__inference_hmc;
extern const basin_inference_type basin__inference_gibbs;

/** How a grid sums: as an integral by one of two rules, or as a plain sum over
 *  values that are themselves all there are. */
enum { BASIN__RULE_TRAPEZOID, BASIN__RULE_SIMPSON, BASIN__RULE_COUNT };

/**
 * A set of values that covers a space, with the mass that each stands for in
 * an integral over it: a grid in a box (by a rule; the first dimension runs
 * slowest), every label once with mass 1, or one empty value
 * where there is no variable.
 */
typedef struct basin__cover {
    basin_context *ctx;
    int count, dim;
    float *values; /* (count, dim) */
    float *masses; /* (count) */
    float step;    /* between neighbours of a grid; 0 for labels */
} basin__cover;

/** @param points of a grid, in each dimension  @param rule BASIN__RULE_...
 *  Errors: E_RANGE (too many points in all, or not as the rule needs them),
 *  E_MEMORY. */
basin_status basin__cover_init(basin__cover *out, basin_context *ctx,
    const basin_space *space, int points, int rule, basin_error *error);
void basin__cover_finish(basin__cover *cover);

/**
 * Lower Z: from E over (n, causes) to E over (n), by the least, or by the free
 * energy at beta if `marginal`. @param q (n, causes), the weight of each
 * cause, out
 */
void basin__lower(const basin_kernels *k, const basin__cover *z, bool marginal,
    double beta, const float *e, int n, float *out, float *q);

#endif
