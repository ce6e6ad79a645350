/* SPDX-License-Identifier: MIT
 *
 * The net of a chain in the chain's file.
 */
#include "data/chain_model.h"

#include "data/text.h"

#include <string.h>

static basin_status name_tensors(basin__tensors *tensors, basin_error *error)
{
    for (size_t i = 0; i < tensors->n; i++) {
        basin__tensor *t = &tensors->at[i];
        char name[sizeof t->name];
        char quote[BASIN__QUOTE];
        memcpy(name, t->name, sizeof name);
        const size_t length = basin_format(
            t->name, sizeof t->name, "%s%s", BASIN__CHAIN_NET_PREFIX, name);
        BASIN_REQUIRE(length < sizeof t->name, error, BASIN_E_ARGUMENT,
            "the name '%s' in the net is too long",
            basin__quote(quote, name, strlen(name)));
        BASIN_TRY(basin__tensor_finite(t, error));
    }
    return BASIN_OK;
}

basin_status basin__chain_net_list(basin_bytes *description,
    basin__tensors *tensors, basin_energy *net, basin_error *error)
{
    BASIN_TRY(basin__tensors_init(tensors, net, error));
    basin_status status = name_tensors(tensors, error);
    if (status == BASIN_OK)
        status = basin__model_describe(description, net, error);
    if (status != BASIN_OK)
        basin__tensors_finish(tensors);
    return status;
}

static basin_status read_net(basin_energy **out, basin_context *ctx,
    const char *description, const void *data, size_t size, basin_error *error)
{
    basin_bytes text;
    basin_bytes_init(&text, ctx);
    basin_status status =
        basin_bytes_append(&text, description, strlen(description), error);
    if (status == BASIN_OK)
        status = basin__model_build(out, ctx, &text, size, error);
    basin_bytes_finish(&text);
    if (status != BASIN_OK)
        return status;
    status = basin__model_load_part(
        *out, BASIN__CHAIN_NET_PREFIX, data, size, error);
    if (status == BASIN_OK)
        return BASIN_OK;
    basin_energy_destroy(*out);
    *out = NULL;
    return status;
}

basin_status basin__chain_net_read(basin_energy **out, basin_context *ctx,
    const char *description, const void *data, size_t size, basin_error *error)
{
    *out = NULL;
    basin_status status = read_net(out, ctx, description, data, size, error);
    if (status != BASIN_OK)
        basin__clean_message(error);
    return status;
}
