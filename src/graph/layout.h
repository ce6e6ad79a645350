/* SPDX-License-Identifier: MIT
 *
 * The memory of an executor: where each node's values and gradients lie, and
 * the calls that compute them, ready to run.
 */
#ifndef BASIN_GRAPH_LAYOUT_H
#define BASIN_GRAPH_LAYOUT_H

#include "graph/execute.h"

/* Over which of the three loops a node varies. */
enum { BASIN__OVER_SAMPLES, BASIN__OVER_ANSWERS, BASIN__OVER_CAUSES };

/** Where a node is computed. */
typedef enum basin__stage {
    BASIN__STAGE_OBSERVED, /* once a sample: no candidates in it */
    BASIN__STAGE_SHARED,   /* once a set: no sample in it */
    BASIN__STAGE_JOINT     /* once a configuration */
} basin__stage;

/** A node's numbers: (features, rows) each. */
typedef struct basin__block {
    float *value, *grad, *scratch, *work;
} basin__block;

/** A module's call, ready to run. */
typedef struct basin__call {
    basin_module_call call;
    const basin_module *module;
} basin__call;

/** The sizes that a list of calls was made for. */
typedef struct basin__extent {
    int samples, answers, causes;
} basin__extent;

/** One slot's part of a shard. */
typedef struct basin__part_slot {
    basin__block *blocks; /* by node; only those of the joint stage */
    float **shared_grad;  /* by node; this shard's share of the gradients of
                             shared nodes that joint ones read */
    float *grads;         /* all joint gradients, for zeroing at once */
    size_t n_grads;
    float *shared_grads; /* likewise */
    size_t n_shared_grads;
    bool dirty;         /* shared_grads are not zero */
    float *energy_grad; /* weights in the node's order, where that differs */
    basin__call *calls;
    basin__extent made;
} basin__part_slot;

/** A cut of the batch: up to BASIN__SHARD samples. */
typedef struct basin__shard {
    int first, samples;
    basin__block *blocks; /* by node; the observed stage */
    float *grads;
    size_t n_grads;
    float *d_params;
    basin__call *calls;
    basin__extent made;
    bool dirty; /* gradients are not zero */
    basin__part_slot slots[BASIN_SLOTS];
} basin__shard;

typedef struct basin__slot {
    basin_slot_def def;
    uint8_t *stage;       /* by node */
    bool *wants;          /* by node: whether its gradient is needed */
    basin__block *blocks; /* by node; the shared stage */
    basin__call *calls;
    basin__extent made;
    int n_shared, n_joint; /* calls */
    size_t work;           /* numbers that a shard's joint stage touches */
    bool pending;          /* the shared stage awaits its backward */
    float *energy;         /* (samples, answers, causes) */
    float *d_y, *d_z;      /* as basin__executor_gradient gives them */
    int answers, causes;
} basin__slot;

struct basin__executor {
    basin_context *ctx;
    const basin_graph *graph;
    const basin_kernels *k;
    const float *params;
    basin_pass_def def;
    int n_observed; /* calls of the observed stage */
    bool *observed_wants;
    int n_shards, active; /* shards in all, and in this batch */
    int samples;
    bool training;
    uint64_t step;
    basin__shard *shards;
    basin__slot slots[BASIN_SLOTS];
    void *tables, *numbers;
    size_t tables_size, numbers_size;
    /* what the loops over shards read */
    const float *x;
    const int32_t *index;
    const basin_set *set;
    const float *weights;
    int slot;
};

/** Lay everything out, in two blocks. Errors: E_MEMORY. */
basin_status basin__layout(basin__executor *executor, basin_error *error);

/** The memory of a node in a slot (-1: none), as this shard sees it, whatever
 *  its stage. */
const basin__block *basin__block_of(const basin__executor *executor,
    const basin__shard *shard, int slot, int node);

/** Which loops a node of this slot varies over: bits 1 << BASIN__OVER_... */
unsigned basin__varies(const basin_slot_def *def, unsigned depends);

/** The rows of a node, and its strides in rows along the three loops. */
int basin__strides(const basin_slot_def *def, unsigned varies,
    basin__extent extent, int strides[3]);

/** Make the calls of a stage for these sizes, unless they are made. */
void basin__make_observed(basin__executor *executor, basin__shard *shard);
void basin__make_shared(basin__executor *executor, int slot);
void basin__make_joint(
    basin__executor *executor, basin__shard *shard, int slot);

/** The node that is the energy. */
static inline int basin__top(const basin__executor *executor)
{
    return executor->graph->n_nodes - 1;
}

#endif
