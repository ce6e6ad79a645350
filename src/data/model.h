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
/** The other parts, and how the data are scaled (see description.h). */
#define BASIN__MODEL_KEY_PARTS "basin.parts"
/** Tensors that begin so are no weights: a checkpoint has some. */
#define BASIN__MODEL_PREFIX "basin."

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

/** A choice is written as its word, so that the order of words may change. */
basin_status basin__write_choice(
    basin_bytes *out, const char *choices, int index, basin_error *error);

/** As basin_model_write, with more in it. @param metas (n_metas), beside the
 *  model's own  @param more (n_more) tensors; names begin with the prefix */
basin_status basin__model_write_more(basin_bytes *out, basin_energy *energy,
    const basin__meta *metas, int n_metas, const basin__tensor *more,
    size_t n_more, basin_error *error);

/** Load the weights of a file into an energy that was built elsewhere.
 *  Errors: as basin_model_read. */
basin_status basin__model_load(
    basin_energy *energy, const void *data, size_t size, basin_error *error);

/** The same from those tensors whose names begin so; others are passed over.
 */
basin_status basin__model_load_part(basin_energy *energy, const char *prefix,
    const void *data, size_t size, basin_error *error);

/** The description of the energy, JSON with its NUL. */
basin_status basin__model_describe(
    basin_bytes *out, basin_energy *energy, basin_error *error);

/** Errors: E_NONFINITE, naming the tensor and the index. */
basin_status basin__tensor_finite(
    const basin__tensor *tensor, basin_error *error);

/** Build the energy that the description says. @param size of the whole file,
 *  which must have room for W. Errors: E_FORMAT, E_NAME, E_MEMORY. */
basin_status basin__model_build(basin_energy **out, basin_context *ctx,
    const basin_bytes *text, size_t size, basin_error *error);

struct json_t;
/** The same from JSON that is parsed. @param failed out, the index of the node
 *  that was refused, if it was one; NULL: the message names it */
basin_status basin__model_build_json(basin_energy **out, basin_context *ctx,
    struct json_t *root, size_t size, int *failed, basin_error *error);

/** Pass on an error from the library as one of the file, saying where. What
 *  names no part of ours, or finds no memory, stays what it is. */
basin_status basin__wrap(
    basin_error *error, const char *where, const basin_error *inner);

#endif
