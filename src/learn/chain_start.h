/* SPDX-License-Identifier: MIT
 *
 * Losses that cannot begin at W = 0 begin at the optimum of another, and L-BFGS
 * where SGD leads soon.
 */
#ifndef BASIN_LEARN_CHAIN_START_H
#define BASIN_LEARN_CHAIN_START_H

#include "learn/chain_trainer.h"

/** Make the other loss, if the one that was asked for may need it.
 *  @param asked or NULL. Errors: E_MEMORY. */
basin_status basin__chain_start_open(
    basin_chain_trainer *t, const basin_loss *asked, basin_error *error);

/** Before the first step: is the loss flat here, at W = 0? */
bool basin__chain_needs_start(basin_chain_trainer *t);
/** After the last: did it leave W = 0 at all? */
bool basin__chain_stuck(const basin_chain_trainer *t);

/** From here on learn by the other loss; by the own one, from the W that is
 *  now. */
void basin__chain_start_begin(basin_chain_trainer *t);
void basin__chain_start_end(basin_chain_trainer *t);
/** The same in the middle of it, where a checkpoint was. */
void basin__chain_start_resume(basin_chain_trainer *t);

/** Is SGD at work before L-BFGS? */
bool basin__chain_warming(const basin_chain_trainer *t);
/** Be at its beginning, if it is to come. Errors: E_MEMORY. */
basin_status basin__chain_warm_open(basin_chain_trainer *t, basin_error *error);
/** Be where so many epochs of it are done, or after the last, as a checkpoint
 *  says. @param epochs -1: it is over. Errors: E_FORMAT, E_MEMORY. */
basin_status basin__chain_warm_resume(
    basin_chain_trainer *t, double epochs, basin_error *error);
/** The epochs that are left. Errors: E_STOPPED. */
basin_status basin__chain_warm_run(basin_chain_trainer *t, basin_error *error);

#endif
