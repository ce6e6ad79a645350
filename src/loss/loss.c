/* SPDX-License-Identifier: MIT
 *
 * Losses as handles: a table entry with its settings.
 */
#include "loss/losses.h"

struct basin_loss {
    basin_context *ctx;
    const basin_loss_type *type;
    double settings[BASIN_PARAMS_MAX];
};

static basin_status register_all(
    basin_context *ctx, const basin_loss_type *types, int n, basin_error *error)
{
    for (int i = 0; i < n; i++)
        BASIN_TRY(basin_register(ctx, BASIN_KIND_LOSS, &types[i].part, error));
    return BASIN_OK;
}

basin_status basin__loss_register(basin_context *ctx, basin_error *error)
{
    BASIN_TRY(register_all(ctx, &basin__loss_energy, 1, error));
    BASIN_TRY(
        register_all(ctx, basin__losses_pairs, basin__n_losses_pairs, error));
    BASIN_TRY(register_all(
        ctx, basin__losses_separable, basin__n_losses_separable, error));
    BASIN_TRY(register_all(
        ctx, basin__losses_partition, basin__n_losses_partition, error));
    return register_all(
        ctx, basin__losses_rescaled, basin__n_losses_rescaled, error);
}

basin_status basin_loss_create(basin_loss **out, basin_context *ctx,
    const char *type, const basin_setting *settings, int n_settings,
    basin_error *error)
{
    *out = NULL;
    const basin_part *part = NULL;
    BASIN_TRY(basin_find(&part, ctx, BASIN_KIND_LOSS, type, error));
    basin_loss *loss = basin_alloc(ctx, sizeof *loss);
    BASIN_REQUIRE(loss, error, BASIN_E_MEMORY, "no memory for a loss");
    loss->ctx = ctx;
    loss->type = (const basin_loss_type *)(const void *)part;
    basin_status status =
        basin_part_settings(loss->settings, part, settings, n_settings, error);
    if (status != BASIN_OK) {
        basin_loss_destroy(loss);
        return status;
    }
    *out = loss;
    return BASIN_OK;
}

void basin_loss_destroy(basin_loss *loss)
{
    if (loss)
        basin_free(loss->ctx, loss, sizeof *loss);
}

const basin_loss_type *basin_loss_entry(const basin_loss *loss)
{
    return loss->type;
}

const double *basin_loss_settings(const basin_loss *loss)
{
    return loss->settings;
}

void basin_loss_evaluate(
    const basin_loss *loss, const basin_energies *energies, basin_slopes *out)
{
    loss->type->evaluate(loss->settings, energies, out);
}
