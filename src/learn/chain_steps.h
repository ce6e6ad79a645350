/* SPDX-License-Identifier: MIT
 *
 * Learning chains by the library's optimisers.
 */
#ifndef BASIN_LEARN_CHAIN_STEPS_H
#define BASIN_LEARN_CHAIN_STEPS_H

#include "basin/learn.h"
#include "learn/chain_trainer.h"
#include "learn/learn.h"

typedef struct basin__chain_steps {
    const basin_optimiser_type *optimiser;
    double settings[BASIN_PARAMS_MAX];
    uint64_t updates;
    /* (n_params) W as optimisers know it, the mean gradient, their memory */
    float *w, *g, *state[BASIN__STATES_MAX];
    double *gradient; /* (n_params) of a batch */
    int32_t *order;   /* (sequences) */
    void *memory;
    size_t memory_size;
} basin__chain_steps;

/** Errors: E_NAME, E_RANGE, E_MEMORY. */
basin_status basin__chain_steps_open(
    basin_chain_trainer *t, basin_error *error);
void basin__chain_steps_close(basin_chain_trainer *t);
/** Errors: as basin_chain_trainer_run. */
basin_status basin__chain_steps_run(basin_chain_trainer *t, basin_error *error);

#endif
