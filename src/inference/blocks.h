/* SPDX-License-Identifier: MIT
 *
 * Search block by block: some of the numbers of Y and Z are tried at all their
 * values while the others stay, then the next ones.
 */
#ifndef BASIN_INFERENCE_BLOCKS_H
#define BASIN_INFERENCE_BLOCKS_H

#include "inference/search.h"

/** Numbers that are tried together: `dims` of Y, or of a Z that is searched,
 *  from `first` on, at so many values each; labels at all of theirs. */
typedef struct basin__block_def {
    bool of_z;
    int first, dims, points;
} basin__block_def;

/** How many trials a block takes. Errors: E_RANGE (more than 65536). */
basin_status basin__block_trials(const basin__search *search,
    basin__block_def block, int *out, basin_error *error);

/** Room for one number a state. */
typedef struct basin__blocks {
    int sweeps, refine; /**< sweeps at most, and finer ones after these */
    int n_blocks;
    basin__block_def (*block)(const basin__search *search, int number);
} basin__blocks;

/** Sweep over the blocks until no state moves; where they are boxes, go on
 *  with ever finer grids about each state. */
void basin__blocks_run(basin__search *search, const basin__blocks *blocks);

#endif
