/* SPDX-License-Identifier: MIT
 *
 * The sum of the losses of all sequences, and its gradient: the path of the
 * data for chains, on all threads.
 */
#ifndef BASIN_LEARN_CHAIN_OBJECTIVE_H
#define BASIN_LEARN_CHAIN_OBJECTIVE_H

#include "basin/chain_train.h"
#include "inference/chain.h"

/** Shards are runs of sequences; their number depends on the data alone. */
enum { BASIN__SHARDS = 16 };

typedef struct basin__chain_shard {
    int32_t first, end;
    basin_lattice *lattice;
    basin__chain_values gradient;
    double loss;
} basin__chain_shard;

typedef struct basin__chain_objective {
    basin_context *ctx;
    basin_chain *chain;
    const basin_loss *loss;
    const basin_sequences *sequences;
    const float *weight; /* (sequences), or NULL: 1 */
    basin__chain_known known;
    basin__lattice_ask ask;
    int n_shards;
    basin__chain_shard shard[BASIN__SHARDS];
} basin__chain_objective;

/** @param one a single shard over all sequences, for what is sequential
 *  Errors: E_SERVE, E_RANGE, E_MEMORY. */
basin_status basin__chain_objective_init(basin__chain_objective *out,
    basin_chain *chain, const basin_loss *loss,
    const basin_sequences *sequences, double beta, bool one,
    basin_error *error);
void basin__chain_objective_finish(basin__chain_objective *o);

/** The loss's value and slopes, times the weight of the sequence. */
void basin__chain_loss(const basin__chain_objective *o, int32_t sequence,
    const basin_energies *energies, basin_slopes *out);

/** @param gradient (n_params), set; or NULL */
double basin__chain_objective_evaluate(
    basin__chain_objective *o, double *gradient);

#endif
