/* SPDX-License-Identifier: MIT
 *
 * A checkpoint: all that training needs to go on to the same bits, as one
 * safetensors file. It is a model file too, with more tensors and words in it.
 */
#ifndef BASIN_DATA_CHECKPOINT_H
#define BASIN_DATA_CHECKPOINT_H

#include "data/description.h"

/** A row of the history; what was not measured is NaN. */
typedef struct basin__moment {
    double epoch, loss, e_c, e_i, held_out, rate, spread, gap, size, beta,
        beta_z;
} basin__moment;
enum { BASIN__MOMENT_NUMBERS = 11 };

typedef struct basin__checkpoint {
    basin_trainer_state trainer;
    basin_guard_state guard;
    basin_surface first, last; /**< what the watch saw */
    int verdict;               /**< the last one that was said */
    double best_held_out;      /**< NaN: none yet */
    int best_epoch;
    uint64_t data; /**< the samples' hash */
    int n_moments;
    basin__moment *moments; /**< (room of the caller's) */
    int most_moments;
    float *best; /**< (n_params) weights at best_epoch, or NULL */
} basin__checkpoint;

/** Append the file. Errors: E_MEMORY, E_NONFINITE. */
basin_status basin__checkpoint_write(basin_bytes *out,
    const basin__description *d, basin_trainer *trainer,
    const basin__checkpoint *c, basin_error *error);

/**
 * Load a file into the energy, the trainer's arrays and `c`, whose moments and
 * best weights have room. c->data is compared, not set. Errors: E_FORMAT;
 * E_SERVE when it is of another model, other settings or data, saying which.
 */
basin_status basin__checkpoint_read(basin__checkpoint *c,
    const basin__description *d, basin_trainer *trainer, const void *data,
    size_t size, basin_error *error);

#endif
