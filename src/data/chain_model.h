/* SPDX-License-Identifier: MIT
 *
 * What the parts of chain models share.
 */
#ifndef BASIN_DATA_CHAIN_MODEL_H
#define BASIN_DATA_CHAIN_MODEL_H

#include "basin/chain_model.h"
#include "data/model.h"

/** An empty model. Errors: E_MEMORY. */
basin_status basin__chain_model_init(
    basin_chain_model **out, basin_context *ctx, basin_error *error);

/** A template once more. NULL stays NULL. Errors: E_MEMORY. */
basin_status basin__template_copy(basin_template **out, basin_context *ctx,
    const basin_template *tmpl, basin_error *error);

/** The tensors of a file of ours. */
enum {
    BASIN__CHAIN_W,
    BASIN__CHAIN_NODE_TABLE, /**< may be missing */
    BASIN__CHAIN_NODE_COUNT,
    BASIN__CHAIN_NODE_LABEL,
    BASIN__CHAIN_STEP,
    BASIN__CHAIN_EDGE_COUNT,
    BASIN__CHAIN_EDGE_PAIR,
    BASIN__CHAIN_LABELS,
    BASIN__CHAIN_NODES,
    BASIN__CHAIN_EDGES,
    BASIN__CHAIN_TENSORS
};

/** One of them as it lies in the file, little-endian. */
typedef struct basin__chain_numbers {
    const char *data;
    size_t n;
} basin__chain_numbers;

typedef struct basin__chain_file {
    basin_chain_model *m; /**< with labels, format and template only */
    basin__chain_numbers numbers[BASIN__CHAIN_TENSORS];
    bool net; /**< it has one */
} basin__chain_file;

/** Open a file of ours without reading its features; the model is the
 *  caller's. Errors: as basin_chain_model_read; nothing is left then. */
basin_status basin__chain_file_open(basin__chain_file *out, basin_context *ctx,
    const void *data, size_t size, basin_error *error);

/** A chain's net in a file of ours: in the metadata the description from which
 *  it is built again, and tensors whose names begin so. */
#define BASIN__CHAIN_NET_KEY    "net"
#define BASIN__CHAIN_NET_PREFIX "net."

/** The net's description, ending in NUL, and its tensors with the prefix; the
 *  tensors are to be finished. Errors: E_MEMORY, E_ARGUMENT (a name that is too
 *  long), E_NONFINITE, E_SERVE (no description). */
basin_status basin__chain_net_list(basin_bytes *description,
    basin__tensors *tensors, basin_energy *net, basin_error *error);
/** Build the net and load its weights. Errors: as basin_model_read. */
basin_status basin__chain_net_read(basin_energy **out, basin_context *ctx,
    const char *description, const void *data, size_t size, basin_error *error);

/** Is this one of our models? */
bool basin__chain_model_is_ours(const void *data, size_t size);
/** Errors: as basin_chain_model_read. */
basin_status basin__chain_model_read_ours(basin_chain_model **out,
    basin_context *ctx, const void *data, size_t size, basin_error *error);

#endif
