/* SPDX-License-Identifier: MIT
 *
 * Running a graph on sets. The executor knows for every node the smallest
 * extent on which it must be computed: once a sample (what depends on X
 * alone), once a shared set (what depends on shared candidates alone), or once
 * a configuration (what joins them). Batches are cut into shards of
 * BASIN__SHARD samples, whatever the number of threads.
 */
#ifndef BASIN_GRAPH_EXECUTE_H
#define BASIN_GRAPH_EXECUTE_H

#include "graph/graph.h"

enum { BASIN__SHARD = 32 };

typedef struct basin__executor basin__executor;

/** @param params the graph's parameters; must stay where they are */
basin_status basin__executor_create(basin__executor **out,
    const basin_graph *graph, const float *params, const basin_pass_def *def,
    basin_error *error);
void basin__executor_destroy(basin__executor *executor);

/* These four do what basin_pass_observe and its sisters say. */
void basin__executor_observe(basin__executor *executor, const float *x,
    const int32_t *index, int samples, bool training, uint64_t step);
const float *basin__executor_evaluate(
    basin__executor *executor, int slot, const basin_set *set);
void basin__executor_backward(
    basin__executor *executor, int slot, const float *weights);
void basin__executor_finish(basin__executor *executor, float *d_params);

/** (samples, y_count, y.dim) or (samples, y_count, z_count, z.dim). */
const float *basin__executor_gradient(
    basin__executor *executor, int slot, basin_leaf leaf);

#endif
