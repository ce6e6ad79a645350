/* SPDX-License-Identifier: MIT
 *
 * What the writer and the reader of model files share: the format's number,
 * the words in it, and the tensors of an energy by name.
 */
#ifndef BASIN_DATA_MODEL_H
#define BASIN_DATA_MODEL_H

#include "data/safetensors.h"

/** The format that is written, and the newest that is read. */
enum { BASIN__MODEL_FORMAT = 1 };

#define BASIN__MODEL_KEY_FORMAT "basin.format"
#define BASIN__MODEL_KEY_MODEL  "basin.model"

/** Words of the format; the indices are basin_space_kind and basin_leaf. */
extern const char *const basin__space_words[3];
extern const char *const basin__leaf_words[3];

/** The tensors of an energy: where each lies in W, in the order of nodes. */
typedef struct basin__tensors {
    basin__tensor *at;
    basin__tensor **by_name; /* sorted */
    size_t n;
    basin_context *ctx;
} basin__tensors;

/** Errors: E_MEMORY, E_ARGUMENT (a name twice, or one too long). */
basin_status basin__tensors_init(
    basin__tensors *out, basin_energy *energy, basin_error *error);
void basin__tensors_finish(basin__tensors *tensors);

/** Errors: E_NONFINITE, naming the tensor and the index. */
basin_status basin__tensor_finite(
    const basin__tensor *tensor, basin_error *error);

/** Build the energy that the description says. @param size of the whole file,
 *  which must have room for W. Errors: E_FORMAT, E_NAME, E_MEMORY. */
basin_status basin__model_build(basin_energy **out, basin_context *ctx,
    const basin_bytes *text, size_t size, basin_error *error);

/** Pass on an error from the library as one of the file, saying where. What
 *  names no part of ours, or finds no memory, stays what it is. */
basin_status basin__wrap(
    basin_error *error, const char *where, const basin_error *inner);

#endif
