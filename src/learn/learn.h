/* SPDX-License-Identifier: MIT
 *
 * The inside of learning: the optimisers that are built in.
 */
#ifndef BASIN_LEARN_LEARN_H
#define BASIN_LEARN_LEARN_H

#include "basin/learn.h"

enum { BASIN__STATES_MAX = 4 };

/** Register the optimisers. */
basin_status basin__learn_register(basin_context *ctx, basin_error *error);

/** How many samples there are to learn from. */
int basin__trainer_samples(const basin_trainer *trainer);

#endif
