/* SPDX-License-Identifier: MIT
 *
 * What couples a loss with a model: Condition 6 on real samples. A loss that
 * pushes nothing up fails Condition 3, and may still be right for an energy
 * that rises elsewhere by itself; this is the check that tells.
 */
#ifndef BASIN_CONDITION_H
#define BASIN_CONDITION_H

#include "basin/base.h"
#include "basin/inference.h"
#include "basin/learn.h"
#include "basin/loss.h"

BASIN_BEGIN_DECLS

/** A loss as a function: what basin_loss_evaluate does. `out` is zeroed. */
typedef void (*basin_slopes_fn)(
    void *user, const basin_energies *energies, basin_slopes *out);

/** The loss that is measured, as basin_loss_type declares one. */
typedef struct basin_condition6_def {
    unsigned needs; /**< of the loss: BASIN_NEED_EC | ... */
    basin_offender offender;
    basin_slopes_fn slopes;
    void *user;
    double margin; /**< of the line that samples are near to */
} basin_condition6_def;

/** How many samples have a product above 0, at 0 and below. */
typedef struct basin_signs {
    int above, zero, below;
} basin_signs;

/**
 * Condition 6 (LeCun and Huang 2005): (dE_C/dW - dE_I/dW) . dL/dW > 0 near
 * the margin line, so that a step of descent brings the right answer below
 * the most offending one. Products smaller than 1e-6 |..| |..| count as 0.
 */
typedef struct basin_condition6 {
    basin_signs all;
    basin_signs near; /**< the quarter whose E_I - E_C is nearest to m */
    int least_sample; /**< whose product is least, as a cosine; from 0 */
    double least;     /**< that cosine, -1 to 1 */
    double e_c, e_i;  /**< means over the samples */
} basin_condition6;

/** Errors: E_SERVE (the inference cannot find what the loss needs), E_RANGE
 *  (a sample outside of the energy's spaces), E_NONFINITE, E_MEMORY. */
BASIN_API basin_status basin_condition6_measure(basin_condition6 *out,
    basin_inference *inference, const basin_condition6_def *def,
    const basin_samples *samples, basin_error *error);

BASIN_END_DECLS

#endif
