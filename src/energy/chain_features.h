/* SPDX-License-Identifier: MIT
 *
 * Which features a chain has.
 */
#ifndef BASIN_ENERGY_CHAIN_FEATURES_H
#define BASIN_ENERGY_CHAIN_FEATURES_H

#include "energy/chain.h"

/** Where they come from: one of the two. */
typedef struct basin__chain_source {
    const basin_sequences *seen;
    const basin_chain_lists *lists;
} basin__chain_source;

/** Fill the chain's info and lists. Errors: E_RANGE, E_MEMORY. */
basin_status basin__chain_collect(
    basin_chain *chain, const basin__chain_source *source, basin_error *error);

/** Free the lists. */
void basin__chain_release(basin_chain *chain);

#endif
