/* SPDX-License-Identifier: MIT
 *
 * What the parts of chain models share.
 */
#ifndef BASIN_DATA_CHAIN_MODEL_H
#define BASIN_DATA_CHAIN_MODEL_H

#include "basin/chain_model.h"

/** An empty model. Errors: E_MEMORY. */
basin_status basin__chain_model_init(
    basin_chain_model **out, basin_context *ctx, basin_error *error);

/** A template once more. NULL stays NULL. Errors: E_MEMORY. */
basin_status basin__template_copy(basin_template **out, basin_context *ctx,
    const basin_template *tmpl, basin_error *error);

/** Is this one of our models? */
bool basin__chain_model_is_ours(const void *data, size_t size);
/** Errors: as basin_chain_model_read. */
basin_status basin__chain_model_read_ours(basin_chain_model **out,
    basin_context *ctx, const void *data, size_t size, basin_error *error);

#endif
