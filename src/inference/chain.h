/* SPDX-License-Identifier: MIT
 *
 * What a loss asks of a chain, checked and written for lattices.
 */
#ifndef BASIN_INFERENCE_CHAIN_H
#define BASIN_INFERENCE_CHAIN_H

#include "inference/lattice.h"

/** Errors: E_SERVE, naming what a chain cannot find. */
basin_status basin__chain_ask(basin__lattice_ask *out, const basin_chain *chain,
    const basin_question *question, double beta, basin_error *error);

extern const basin_inference_type basin__inference_chain;

#endif
