/* SPDX-License-Identifier: MIT
 *
 * Passes: the one door through which energies are evaluated on sets, whether
 * a graph's executor or the plain loops stand behind it.
 */
#include "energy/energy.h"

struct basin_pass {
    basin_energy *energy;
    basin__executor *executor; /* of a graph; else */
    basin__points *points;
};

static basin_status check_def(
    const basin_energy *energy, const basin_pass_def *def, basin_error *error)
{
    BASIN_REQUIRE(def->samples >= 1, error, BASIN_E_ARGUMENT,
        "a pass needs room for at least 1 sample; got %d", def->samples);
    BASIN_REQUIRE(def->n_slots >= 0 && def->n_slots <= BASIN_SLOTS, error,
        BASIN_E_ARGUMENT, "a pass has 0 to %d slots; got %d", BASIN_SLOTS,
        def->n_slots);
    for (int i = 0; i < def->n_slots; i++) {
        const basin_slot_def *slot = &def->slots[i];
        bool y = energy->info.y.kind == BASIN_SPACE_BOX && slot->y.own;
        bool z = energy->info.z.kind == BASIN_SPACE_BOX && slot->z.own;
        BASIN_REQUIRE((y || !slot->gradient_y) && (z || !slot->gradient_z),
            error, BASIN_E_ARGUMENT,
            "slot %d wants a gradient of candidates that are shared, or not "
            "numbers; make them the samples' own",
            i);
        int64_t y_count = slot->y.count > 1 ? slot->y.count : 1;
        int64_t z_count = slot->z.count > 1 ? slot->z.count : 1;
        BASIN_REQUIRE(y_count * z_count <= INT32_MAX / def->samples, error,
            BASIN_E_ARGUMENT,
            "slot %d has too many configurations: %d samples, %lld answers "
            "and %lld causes",
            i, def->samples, (long long)y_count, (long long)z_count);
    }
    return BASIN_OK;
}

basin_status basin_pass_create(basin_pass **out, basin_energy *energy,
    const basin_pass_def *def, basin_error *error)
{
    *out = NULL;
    BASIN_REQUIRE(!energy->chain, error, BASIN_E_SERVE,
        "a chain has no passes: the inference 'chain' walks its sequences");
    BASIN_TRY(check_def(energy, def, error));
    basin_pass *pass = basin_alloc(energy->ctx, sizeof *pass);
    BASIN_REQUIRE(pass, error, BASIN_E_MEMORY, "no memory for a pass");
    pass->energy = energy;
    basin_status status =
        energy->graph ? basin__executor_create(&pass->executor, energy->graph,
                            energy->params, def, error)
                      : basin__points_create(&pass->points, energy, def, error);
    if (status != BASIN_OK) {
        basin_free(energy->ctx, pass, sizeof *pass);
        return status;
    }
    *out = pass;
    return BASIN_OK;
}

void basin_pass_destroy(basin_pass *pass)
{
    if (!pass)
        return;
    basin__executor_destroy(pass->executor);
    basin__points_destroy(pass->points);
    basin_free(pass->energy->ctx, pass, sizeof *pass);
}

void basin_pass_observe(basin_pass *pass, const float *x, const int32_t *index,
    int samples, bool training, uint64_t step)
{
    if (pass->executor)
        basin__executor_observe(
            pass->executor, x, index, samples, training, step);
    else
        basin__points_observe(pass->points, x, index, samples);
}

const float *basin_pass_evaluate(
    basin_pass *pass, int slot, const basin_set *set)
{
    return pass->executor ? basin__executor_evaluate(pass->executor, slot, set)
                          : basin__points_evaluate(pass->points, slot, set);
}

void basin_pass_backward(basin_pass *pass, int slot, const float *weights)
{
    if (pass->executor)
        basin__executor_backward(pass->executor, slot, weights);
    else
        basin__points_backward(pass->points, slot, weights);
}

void basin_pass_finish(basin_pass *pass, float *d_params)
{
    if (pass->executor)
        basin__executor_finish(pass->executor, d_params);
    else
        basin__points_finish(pass->points, d_params);
}

static const float *gradient(basin_pass *pass, int slot, basin_leaf leaf)
{
    return pass->executor ? basin__executor_gradient(pass->executor, slot, leaf)
                          : basin__points_gradient(pass->points, slot, leaf);
}

const float *basin_pass_gradient_y(basin_pass *pass, int slot)
{
    return gradient(pass, slot, BASIN_Y);
}

const float *basin_pass_gradient_z(basin_pass *pass, int slot)
{
    return gradient(pass, slot, BASIN_Z);
}

float basin_energy_value(
    basin_energy *energy, const float *x, const float *y, const float *z)
{
    basin_pass_def def = {.samples = 1,
        .n_slots = 1,
        .slots = {{.y = {1, true}, .z = {1, true}}}};
    basin_pass *pass = NULL;
    if (basin_pass_create(&pass, energy, &def, NULL) != BASIN_OK)
        return __builtin_nanf("");
    basin_pass_observe(pass, x, NULL, 1, false, 0);
    float value = basin_pass_evaluate(
        pass, 0, &(basin_set){.y = y, .z = z, .y_count = 1, .z_count = 1})[0];
    basin_pass_destroy(pass);
    return value;
}
