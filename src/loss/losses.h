/* SPDX-License-Identifier: MIT
 *
 * The losses that are built in, a row each in a table of their family. A loss
 * knows numbers only: nothing here includes anything above src/base/.
 */
#ifndef BASIN_LOSS_LOSSES_H
#define BASIN_LOSS_LOSSES_H

#include "basin/loss.h"
#include "basin/math.h"

/** Register the losses. */
basin_status basin__loss_register(basin_context *ctx, basin_error *error);

extern const basin_loss_type basin__loss_energy;
extern const basin_loss_type basin__losses_pairs[];
extern const int basin__n_losses_pairs;
extern const basin_loss_type basin__losses_separable[];
extern const int basin__n_losses_separable;
extern const basin_loss_type basin__losses_partition[];
extern const int basin__n_losses_partition;
extern const basin_loss_type basin__losses_rescaled[];
extern const int basin__n_losses_rescaled;

/** e^x, continued by its tangent beyond 30, so that an energy that runs away
 *  gives a large force and not an infinite one. */
static inline double basin__exp_line(double x, double *slope)
{
    const double last = 30;
    double top = basin_exp(x < last ? x : last);
    *slope = top;
    return x < last ? top : top * (1 + (x - last));
}

#endif
