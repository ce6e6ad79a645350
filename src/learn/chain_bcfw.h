/* SPDX-License-Identifier: MIT
 *
 * Learning chains by block-coordinate Frank-Wolfe.
 */
#ifndef BASIN_LEARN_CHAIN_BCFW_H
#define BASIN_LEARN_CHAIN_BCFW_H

#include "learn/chain_corners.h"
#include "learn/chain_online.h"

/** Errors: E_MEMORY, E_SERVE (c2 is 0). */
basin_status basin__chain_bcfw_open(basin_chain_trainer *t, basin_error *error);
void basin__chain_bcfw_close(basin_chain_trainer *t);
/** Errors: as basin_chain_trainer_run; E_MEMORY. */
basin_status basin__chain_bcfw_run(basin_chain_trainer *t, basin_error *error);

#endif
