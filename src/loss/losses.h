/* SPDX-License-Identifier: MIT
 *
 * The losses that are built in, one small file each. A loss knows numbers
 * only: nothing here includes anything above src/base/.
 */
#ifndef BASIN_LOSS_LOSSES_H
#define BASIN_LOSS_LOSSES_H

#include "basin/loss.h"

/** Register the losses. */
basin_status basin__loss_register(basin_context *ctx, basin_error *error);

extern const basin_loss_type basin__loss_energy;
extern const basin_loss_type basin__loss_nll;
extern const basin_loss_type basin__loss_square_square;

#endif
