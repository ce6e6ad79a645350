/* SPDX-License-Identifier: MIT
 *
 * The inside of a chain's trainer: one algorithm at work.
 */
#ifndef BASIN_LEARN_CHAIN_TRAINER_H
#define BASIN_LEARN_CHAIN_TRAINER_H

#include "basin/chain_train.h"
#include "learn/chain_objective.h"
#include "learn/lbfgs.h"

struct basin_chain_trainer {
    basin_context *ctx;
    basin_chain *chain;
    basin_loss *own_loss; /* when none was given */
    const basin_loss *loss;
    const basin_sequences *sequences;
    basin_chain_train_def def;
    basin_chain_progress progress;
    basin__chain_objective objective;

    basin__lbfgs *lbfgs;
    double past[10]; /* objectives, by iteration mod 10 */

    struct basin__online *online;
    struct basin__chain_steps *steps;
};

/** L-BFGS. Errors: E_MEMORY; as basin_chain_trainer_run. */
basin_status basin__chain_batch_open(
    basin_chain_trainer *t, basin_error *error);
basin_status basin__chain_batch_run(basin_chain_trainer *t, basin_error *error);

/** Ask the watcher. Errors: E_STOPPED, E_NONFINITE. */
basin_status basin__chain_watch(basin_chain_trainer *t, basin_error *error);

/** The objective at the chain's W, and how far that is from a minimum, into
 *  the progress. @param gradient (n_params) scratch */
void basin__chain_measure(basin_chain_trainer *t, double *gradient);

/** Weights that are not 0. */
int64_t basin__chain_active(const basin_chain *chain);

#endif
