/* SPDX-License-Identifier: MIT
 *
 * A trained chain with the names of its labels and attributes and its
 * template: all that tagging takes.
 *
 *     basin_chain_model_read(&model, ctx, bytes, size, &error);
 *     basin_corpus_def def = basin_chain_model_corpus(model);
 *     ... read sequences with it, and ask a basin_lattice of model->chain
 */
#ifndef BASIN_CHAIN_MODEL_H
#define BASIN_CHAIN_MODEL_H

#include "basin/chain.h"
#include "basin/corpus.h"
#include "basin/weights.h"

BASIN_BEGIN_DECLS

/** Owns all that it points to. */
typedef struct basin_chain_model {
    basin_context *ctx;
    basin_chain *chain;
    basin_dictionary *labels, *nodes, *edges;
    basin_template *tmpl;       /**< NULL: attributes come as they are */
    basin_corpus_format format; /**< that of the data it was trained on */
} basin_chain_model;

/** NULL is fine. */
BASIN_API void basin_chain_model_destroy(basin_chain_model *model);

/** How to read data for this model: frozen names, its template. */
BASIN_API basin_corpus_def basin_chain_model_corpus(
    const basin_chain_model *model);

/**
 * Append a model as safetensors: the features whose weight is not 0, their
 * weights in float64, the names. Holds no time, host, path or backend.
 * Errors: E_MEMORY, E_NONFINITE (a weight).
 */
BASIN_API basin_status basin_chain_model_write(
    basin_bytes *out, const basin_chain_model *model, basin_error *error);

/**
 * Read a model of ours, or one of CRFsuite, CRF++ or Wapiti: found by itself.
 * Errors: E_FORMAT (what is wrong with the file), E_SERVE (a model that is no
 * chain over whole sequences), E_NONFINITE, E_MEMORY.
 */
BASIN_API basin_status basin_chain_model_read(basin_chain_model **out,
    basin_context *ctx, const void *data, size_t size, basin_error *error);

/** The model that lists of weights are; takes their names over by copy.
 *  Errors: E_SERVE (not over whole sequences), E_MEMORY. */
BASIN_API basin_status basin_chain_model_from_weights(basin_chain_model **out,
    basin_context *ctx, const basin_chain_weights *weights, basin_error *error);

/** The lists of the weights that are not 0, for dumping.
 *  Errors: E_MEMORY. */
BASIN_API basin_status basin_chain_model_weights(basin_chain_weights **out,
    const basin_chain_model *model, basin_error *error);

BASIN_END_DECLS

#endif
