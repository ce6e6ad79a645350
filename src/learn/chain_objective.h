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
    int32_t first, end; /* of the block at hand */
    int64_t offset;     /* positions of the block before the first */
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
    double beta;
    int n_shards;
    basin__chain_shard shard[BASIN__SHARDS];
    basin__chain_net *net; /* of a chain with one */
    const float *costs;    /* of the block at hand */
    int32_t *row;          /* (room) its positions, of a batch */
    int64_t room;
} basin__chain_objective;

/** @param batch sequences of a batch at most; 0: all; 1: they come one by
 *  one, on one thread, not through this. Errors: E_SERVE, E_RANGE, E_SHAPE,
 *  E_MEMORY. */
basin_status basin__chain_objective_init(basin__chain_objective *out,
    basin_chain *chain, const basin_loss *loss,
    const basin_sequences *sequences, double beta, int32_t batch,
    basin_error *error);
void basin__chain_objective_finish(basin__chain_objective *o);

/** Another loss in the place of the one that it was made for: the negative
 *  log-likelihood, or that one again. Cannot fail, for it needs no more. */
void basin__chain_objective_use(
    basin__chain_objective *o, const basin_loss *loss);

/** The loss's value and slopes, times the weight of the sequence. */
void basin__chain_loss(const basin__chain_objective *o, int32_t sequence,
    const basin_energies *energies, basin_slopes *out);

/** Some of the sequences, or all. */
typedef struct basin__chain_batch {
    const int32_t *index; /* (n) or NULL: the first n */
    int32_t n;
    bool training; /* dropout is on */
    uint64_t step;
} basin__chain_batch;

/** All sequences to the shards, as basin__chain_objective_evaluate has them. */
void basin__chain_objective_cut(basin__chain_objective *o);

/** The sum of the losses of a batch. @param gradient (n_params), set; or NULL
 */
double basin__chain_objective_batch(basin__chain_objective *o,
    const basin__chain_batch *batch, double *gradient);

/** The same of all. @param gradient (n_params), set; or NULL */
double basin__chain_objective_evaluate(
    basin__chain_objective *o, double *gradient);

#endif
