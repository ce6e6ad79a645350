/* SPDX-License-Identifier: MIT
 *
 * The inside of an energy, and of a pass over it.
 */
#ifndef BASIN_ENERGY_ENERGY_H
#define BASIN_ENERGY_ENERGY_H

#include "basin/energy.h"
#include "graph/execute.h"

struct basin_energy {
    basin_context *ctx;
    const basin_energy_type *type; /* NULL: a graph */
    void *self;                    /* type->self_size bytes */
    basin_graph *graph;
    struct basin_chain *chain; /* or NULL */
    basin_energy_info info;
    double settings[BASIN_PARAMS_MAX];
    float *params;
};

/** Register the task costs. */
basin_status basin__energy_register(basin_context *ctx, basin_error *error);

/* A pass over an energy that is given point by point: what users write. */
typedef struct basin__points basin__points;

basin_status basin__points_create(basin__points **out, basin_energy *energy,
    const basin_pass_def *def, basin_error *error);
void basin__points_destroy(basin__points *points);
void basin__points_observe(
    basin__points *points, const float *x, const int32_t *index, int samples);
const float *basin__points_evaluate(
    basin__points *points, int slot, const basin_set *set);
void basin__points_backward(
    basin__points *points, int slot, const float *weights);
void basin__points_finish(basin__points *points, float *d_params);
const float *basin__points_gradient(
    basin__points *points, int slot, basin_leaf leaf);

#endif
