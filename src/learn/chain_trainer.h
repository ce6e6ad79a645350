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
    basin_loss *own_loss;   /* when none was given */
    basin_loss *start_loss; /* to find a start by, or NULL */
    const basin_loss *loss;
    const basin_sequences *sequences;
    basin_chain_train_def def;
    basin_chain_progress progress;
    basin__chain_objective objective;

    basin__lbfgs *lbfgs;
    struct basin__chain_newton *newton; /* with L1, where losses are convex */
    double past[10];                    /* objectives, by iteration mod 10 */
    bool stood;                         /* the objective no longer falls */
    bool nearly;    /* it falls so slowly that Newton is better */
    bool resumed;   /* all is as a checkpoint has it: nothing to begin */
    bool from_zero; /* it began at W = 0 */
    bool warms;     /* SGD is to come before L-BFGS */

    struct basin__online *online;
    struct basin__chain_steps *steps;
    struct basin__corners *corners; /* of bcfw */
};

/** L-BFGS. Errors: E_MEMORY; as basin_chain_trainer_run. */
basin_status basin__chain_batch_open(
    basin_chain_trainer *t, basin_error *error);
basin_status basin__chain_batch_run(basin_chain_trainer *t, basin_error *error);

enum { BASIN__CHAIN_NUMBERS = 32, BASIN__CHAIN_BLOCKS = 160 };

/** The state besides the arrays, between two iterations; setting it completes
 *  what was written into the arrays. @param out, in (BASIN__CHAIN_NUMBERS)
 *  Errors: E_FORMAT (what was written is no state). */
void basin__chain_numbers_get(const basin_chain_trainer *t, double *out);
basin_status basin__chain_numbers_set(
    basin_chain_trainer *t, const double *in, basin_error *error);
/** Before the arrays are read: bring them into one piece; before they are
 *  written, make them as long as the numbers say, within a file of `size`
 * bytes. Errors: E_MEMORY, E_FORMAT.
 */
basin_status basin__chain_settle(basin_chain_trainer *t, basin_error *error);
basin_status basin__chain_numbers_room(
    basin_chain_trainer *t, const double *in, size_t size, basin_error *error);
/** The arrays. @param out room for BASIN__CHAIN_BLOCKS @return how many */
int basin__chain_blocks(basin_chain_trainer *t, basin__block *out);

/** Ask the watcher. Errors: E_STOPPED, E_NONFINITE. */
basin_status basin__chain_watch(basin_chain_trainer *t, basin_error *error);

/** Take the inverse temperature of the coming iteration. @return is it another
 *  than that of the last one? */
bool basin__chain_anneal(basin_chain_trainer *t);
/** Is it still on its way? */
bool basin__chain_annealing(const basin_chain_trainer *t);

/** The objective at the chain's W, and how far that is from a minimum, into
 *  the progress. @param gradient (n_params) scratch */
void basin__chain_measure(basin_chain_trainer *t, double *gradient);

/** Weights that are not 0. */
int64_t basin__chain_active(const basin_chain *chain);

#endif
