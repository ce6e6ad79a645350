/* SPDX-License-Identifier: MIT
 *
 * Checkpoints of chains in training: a safetensors file with the arrays of the
 * trainer, and in its metadata what the training is of.
 */
#ifndef BASIN_DATA_CHAIN_CHECKPOINT_H
#define BASIN_DATA_CHAIN_CHECKPOINT_H

#include "basin/data.h"
#include "learn/chain_trainer.h"

/** Arrays and numbers of the caller's that are kept, too. */
typedef struct basin__chain_kept {
    const char *settings; /**< "name=value" lines: they must be the same */
    basin__block extra[2];
    int n_extra;
} basin__chain_kept;

/** Append the file. Errors: E_MEMORY. */
basin_status basin__chain_checkpoint_write(basin_bytes *out,
    basin_chain_trainer *trainer, const basin__chain_kept *kept,
    basin_error *error);

/** Write the file, whole or not at all, from where its arrays lie: they are
 * most of the memory of a training. Errors: E_MEMORY, E_IO. */
basin_status basin__chain_checkpoint_save(const char *path,
    basin_chain_trainer *trainer, const basin__chain_kept *kept,
    basin_error *error);

/** Load a file into the trainer and the extra arrays. Errors: E_FORMAT; E_SERVE
 *  when its settings are others, naming the first; the trainer is then of no
 *  more use. */
basin_status basin__chain_checkpoint_read(basin_chain_trainer *trainer,
    const basin__chain_kept *kept, const void *data, size_t size,
    basin_error *error);

#endif
