/* SPDX-License-Identifier: MIT
 *
 * Energies as handles: created from a graph or from a registered type, with
 * their parameters in one block.
 */
#include "energy/energy.h"

#include "basin/chain.h"

#include <string.h>

static const char *const variable_names[3] = {"X", "Y", "Z"};

static basin_status check_space(
    basin_space *space, int variable, basin_error *error)
{
    const char *name = variable_names[variable];
    switch (space->kind) {
    case BASIN_SPACE_NONE: *space = (basin_space){0}; return BASIN_OK;
    case BASIN_SPACE_BOX:
        BASIN_REQUIRE(space->dim >= 1, error, BASIN_E_SHAPE,
            "%s has %d dimensions; at least 1 is needed", name, space->dim);
        BASIN_REQUIRE(space->low < space->high, error, BASIN_E_RANGE,
            "%s lives in a box from %g to %g; the first must be below the "
            "second",
            name, (double)space->low, (double)space->high);
        return BASIN_OK;
    case BASIN_SPACE_SEQUENCE:
        return basin_error_set(error, BASIN_E_SERVE,
            "%s is a sequence; only a chain's energy takes these", name);
    case BASIN_SPACE_LABELS:
        BASIN_REQUIRE(space->count >= 1, error, BASIN_E_RANGE,
            "%s has %d labels; at least 1 is needed", name, space->count);
        space->dim = 1;
        return BASIN_OK;
    }
    return basin_error_set(error, BASIN_E_ARGUMENT,
        "the space of %s is of an unknown kind, %d", name, (int)space->kind);
}

static basin_status check_spaces(basin_energy_info *info, basin_error *error)
{
    BASIN_TRY(check_space(&info->x, 0, error));
    BASIN_TRY(check_space(&info->y, 1, error));
    return check_space(&info->z, 2, error);
}

static basin_status take_params(basin_energy *energy, basin_error *error)
{
    size_t size = energy->info.n_params * sizeof(float);
    energy->params = basin_alloc(energy->ctx, size ? size : 1);
    BASIN_REQUIRE(energy->params, error, BASIN_E_MEMORY,
        "no memory for %zu parameters", energy->info.n_params);
    return BASIN_OK;
}

static basin_status open_type(basin_energy *energy,
    const basin_setting *settings, int n_settings, basin_error *error)
{
    const basin_energy_type *type = energy->type;
    BASIN_TRY(basin_part_settings(
        energy->settings, &type->part, settings, n_settings, error));
    energy->self =
        basin_alloc(energy->ctx, type->self_size ? type->self_size : 1);
    BASIN_REQUIRE(energy->self, error, BASIN_E_MEMORY,
        "no memory for the energy '%s'", type->part.name);
    BASIN_TRY(
        type->describe(energy->self, &energy->info, energy->settings, error));
    BASIN_TRY(check_spaces(&energy->info, error));
    return take_params(energy, error);
}

basin_status basin_energy_create(basin_energy **out, basin_context *ctx,
    const char *type, const basin_setting *settings, int n_settings,
    basin_error *error)
{
    *out = NULL;
    const basin_part *part = NULL;
    BASIN_TRY(basin_find(&part, ctx, BASIN_KIND_ENERGY, type, error));
    basin_energy *energy = basin_alloc(ctx, sizeof *energy);
    BASIN_REQUIRE(energy, error, BASIN_E_MEMORY, "no memory for an energy");
    energy->ctx = ctx;
    energy->type = (const basin_energy_type *)(const void *)part;
    basin_status status = open_type(energy, settings, n_settings, error);
    if (status != BASIN_OK) {
        basin_energy_destroy(energy);
        return status;
    }
    *out = energy;
    return BASIN_OK;
}

/* ------------------------------------------------------------------- graphs */

static basin_status open_graph(
    basin_energy *energy, const basin_spaces *spaces, basin_error *error)
{
    const basin_graph *graph = energy->graph;
    energy->info.x = spaces->x;
    energy->info.y = spaces->y;
    energy->info.z = spaces->z;
    BASIN_TRY(check_spaces(&energy->info, error));
    BASIN_REQUIRE(graph->n_nodes > 0, error, BASIN_E_SHAPE,
        "an energy needs a graph with at least one node");
    const basin__node *last = graph->nodes[graph->n_nodes - 1];
    BASIN_REQUIRE(last->module, error, BASIN_E_SHAPE,
        "the last node, %s, is a leaf; the energy must be a module's output",
        last->name);
    int top = basin_shape_features(last->plan.out);
    BASIN_REQUIRE(top == 1, error, BASIN_E_SHAPE,
        "the last node, %s, is the energy and must have 1 feature; it has %d",
        last->name, top);
    const basin_space *const all[3] = {
        &energy->info.x, &energy->info.y, &energy->info.z};
    for (int i = 0; i < 3; i++) {
        int leaf = graph->leaves[i];
        int n =
            leaf < 0 ? 0 : basin_shape_features(graph->nodes[leaf]->plan.out);
        BASIN_REQUIRE(n == all[i]->dim, error, BASIN_E_SHAPE,
            "%s has %d dimensions, and its leaf in the graph %d",
            variable_names[i], all[i]->dim, n);
    }
    energy->info.n_params = graph->n_params;
    energy->info.bound = graph->nodes[graph->n_nodes - 1]->nonnegative
                             ? BASIN_BOUND_NONNEGATIVE
                             : BASIN_BOUND_NONE;
    return take_params(energy, error);
}

basin_status basin_energy_from_graph(basin_energy **out, basin_graph *graph,
    const basin_spaces *spaces, basin_error *error)
{
    *out = NULL;
    basin_energy *energy = basin_alloc(graph->ctx, sizeof *energy);
    if (!energy) {
        basin_graph_destroy(graph);
        return basin_error_set(
            error, BASIN_E_MEMORY, "no memory for an energy");
    }
    energy->ctx = graph->ctx;
    energy->graph = graph;
    basin_status status = open_graph(energy, spaces, error);
    if (status != BASIN_OK) {
        basin_energy_destroy(energy);
        return status;
    }
    *out = energy;
    return BASIN_OK;
}

void basin_energy_destroy(basin_energy *energy)
{
    if (!energy)
        return;
    basin_context *ctx = energy->ctx;
    size_t size = energy->info.n_params * sizeof(float);
    basin_free(ctx, energy->params, size ? size : 1);
    if (energy->type)
        basin_free(ctx, energy->self,
            energy->type->self_size ? energy->type->self_size : 1);
    basin_graph_destroy(energy->graph);
    basin_chain_destroy(energy->chain);
    basin_free(ctx, energy, sizeof *energy);
}

/* ---------------------------------------------------------------- accessors */

const basin_energy_info *basin_energy_describe(const basin_energy *energy)
{
    return &energy->info;
}

const char *basin_energy_name(const basin_energy *energy)
{
    return energy->type ? energy->type->part.name : "graph";
}

const basin_graph *basin_energy_graph(const basin_energy *energy)
{
    return energy->graph;
}

const double *basin_energy_settings(const basin_energy *energy)
{
    return energy->type ? energy->settings : NULL;
}

basin_context *basin_energy_context(const basin_energy *energy)
{
    return energy->ctx;
}

float *basin_energy_params(basin_energy *energy)
{
    return energy->params;
}

void basin_energy_init(basin_energy *energy, uint64_t seed)
{
    memset(energy->params, 0, energy->info.n_params * sizeof(float));
    if (energy->type) {
        if (energy->type->init)
            energy->type->init(energy->self, energy->params, seed);
        return;
    }
    for (int i = 0; i < energy->graph->n_nodes; i++) {
        const basin__node *node = energy->graph->nodes[i];
        basin_random_key key = {seed, BASIN_STREAM_INIT, (uint64_t)i};
        if (node->module && node->module->init && node->share < 0)
            node->module->init(
                &node->plan, energy->params + node->params_offset, key);
    }
}
