/* SPDX-License-Identifier: MIT
 *
 * The inside of a graph: its nodes, and what the executor and the energies
 * read of them.
 */
#ifndef BASIN_GRAPH_GRAPH_H
#define BASIN_GRAPH_GRAPH_H

#include "basin/graph.h"

enum { BASIN__NAME_MAX = 48 };

typedef struct basin__node {
    char name[BASIN__NAME_MAX];
    const basin_module *module; /* NULL: a leaf */
    basin_leaf leaf;
    int inputs[BASIN_MODULE_INPUTS];
    int n_inputs;
    int share; /* the node that owns the parameters, or -1 */
    double settings[BASIN_PARAMS_MAX];
    basin_module_plan plan; /* of a leaf: only `out` */
    unsigned depends;
    bool nonnegative; /* never below 0, whatever X, Y, Z and W are */
    size_t params_offset;
} basin__node;

struct basin_graph {
    basin_context *ctx;
    basin__node **nodes;
    int n_nodes, capacity;
    int leaves[3]; /* the node of each leaf, or -1 */
    size_t n_params;
};

/** Register the modules of this room. */
basin_status basin__graph_register(basin_context *ctx, basin_error *error);

extern const basin_module basin__module_linear;
extern const basin_module basin__module_tanh;
extern const basin_module basin__module_sigmoid;
extern const basin_module basin__module_relu;
extern const basin_module basin__module_softplus;
extern const basin_module basin__module_l1;
extern const basin_module basin__module_squared;
extern const basin_module basin__module_sum;
extern const basin_module basin__module_product;
extern const basin_module basin__module_convolution;
extern const basin_module basin__module_max_pool;
extern const basin_module basin__module_mean_pool;
extern const basin_module basin__module_softmax;
extern const basin_module basin__module_log_softmax;
extern const basin_module basin__module_normalise;
extern const basin_module basin__module_embedding;
extern const basin_module basin__module_dropout;
extern const basin_module basin__module_dot;
extern const basin_module basin__module_cosine;
extern const basin_module basin__module_cross_entropy;
extern const basin_module basin__module_switch;
extern const basin_module basin__module_rbf;
extern const basin_module basin__module_total;
extern const basin_module basin__module_pose;

/** The window that the node of a convolution or a pool slides over pictures of
 *  shape `in`. */
basin_window basin__window_of(const basin_node_info *node, basin_shape in);

/** Whether channel `to` of a convolution's output sees channel `from`. Where
 *  not all do, the weights are those of the pairs that do, `to` fastest. */
bool basin__window_sees(
    const basin_node_info *node, basin_shape in, int from, int to);

#endif
