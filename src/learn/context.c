/* SPDX-License-Identifier: MIT
 *
 * Opening the library: a context with its kernels, and in its registry what
 * every room has built in. It stands here because this is the highest room of
 * the core, and no room may know one above it.
 */
#include "base/context.h"
#include "energy/energy.h"
#include "graph/graph.h"
#include "inference/inference.h"
#include "learn/learn.h"
#include "loss/losses.h"
#include "tensor/kernels.h"

static basin_status open_rooms(
    basin_context *ctx, const char *backend, basin_error *error)
{
    BASIN_TRY(basin__context_kernels_init(ctx, backend, error));
    BASIN_TRY(basin__graph_register(ctx, error));
    BASIN_TRY(basin__energy_register(ctx, error));
    BASIN_TRY(basin__inference_register(ctx, error));
    BASIN_TRY(basin__loss_register(ctx, error));
    return basin__learn_register(ctx, error);
}

basin_status basin_context_create(
    basin_context **out, const basin_context_def *def, basin_error *error)
{
    *out = NULL;
    basin_context *ctx = NULL;
    BASIN_TRY(basin__context_init(&ctx, def, error));
    basin_status status = open_rooms(ctx, def ? def->backend : NULL, error);
    if (status != BASIN_OK) {
        basin__context_finish(ctx);
        return status;
    }
    *out = ctx;
    return BASIN_OK;
}

void basin_context_destroy(basin_context *ctx)
{
    basin__context_finish(ctx);
}
