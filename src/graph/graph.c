/* SPDX-License-Identifier: MIT
 *
 * Building graphs: leaves, modules and their parameters, each checked as it
 * is added, so that a graph that exists can be run.
 */
#include "graph/graph.h"

#include <string.h>

basin_status basin__graph_register(basin_context *ctx, basin_error *error)
{
    static const basin_module *const modules[] = {
        &basin__module_linear,
        &basin__module_tanh,
        &basin__module_sigmoid,
        &basin__module_relu,
        &basin__module_softplus,
        &basin__module_l1,
        &basin__module_squared,
        &basin__module_sum,
        &basin__module_product,
#ifndef BASIN_SMALL /* these are for labels and pictures */
        &basin__module_convolution,
        &basin__module_max_pool,
        &basin__module_mean_pool,
        &basin__module_softmax,
        &basin__module_log_softmax,
        &basin__module_normalise,
        &basin__module_embedding,
        &basin__module_dropout,
        &basin__module_dot,
        &basin__module_cosine,
        &basin__module_cross_entropy,
        &basin__module_switch,
        &basin__module_rbf,
        &basin__module_total,
        &basin__module_pose,
#endif
    };
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
        BASIN_TRY(
            basin_register(ctx, BASIN_KIND_MODULE, &modules[i]->part, error));
    return BASIN_OK;
}

basin_status basin_graph_create(
    basin_graph **out, basin_context *ctx, basin_error *error)
{
    *out = NULL;
    basin_graph *graph = basin_alloc(ctx, sizeof *graph);
    BASIN_REQUIRE(graph, error, BASIN_E_MEMORY, "no memory for a graph");
    graph->ctx = ctx;
    for (int i = 0; i < 3; i++)
        graph->leaves[i] = -1;
    *out = graph;
    return BASIN_OK;
}

void basin_graph_destroy(basin_graph *graph)
{
    if (!graph)
        return;
    basin_context *ctx = graph->ctx;
    for (int i = 0; i < graph->n_nodes; i++)
        basin_free(ctx, graph->nodes[i], sizeof *graph->nodes[i]);
    basin_free(ctx, graph->nodes, graph->capacity * sizeof *graph->nodes);
    basin_free(ctx, graph, sizeof *graph);
}

/* Make room for one more node, and the node itself, zeroed. */
static basin_status reserve(
    basin_graph *graph, basin__node **out, basin_error *error)
{
    if (graph->n_nodes == graph->capacity) {
        int capacity = graph->capacity ? 2 * graph->capacity : 16;
        basin__node **nodes = basin_alloc(graph->ctx, capacity * sizeof *nodes);
        BASIN_REQUIRE(nodes, error, BASIN_E_MEMORY, "no memory for a graph");
        if (graph->n_nodes)
            memcpy(nodes, graph->nodes, graph->n_nodes * sizeof *nodes);
        basin_free(
            graph->ctx, graph->nodes, graph->capacity * sizeof *graph->nodes);
        graph->nodes = nodes;
        graph->capacity = capacity;
    }
    *out = basin_alloc(graph->ctx, sizeof **out);
    BASIN_REQUIRE(*out, error, BASIN_E_MEMORY, "no memory for a node");
    (*out)->share = -1;
    return BASIN_OK;
}

static basin_status check_shape(basin_shape shape, basin_error *error)
{
    const int most = 1 << 20;
    BASIN_REQUIRE(
        shape.channels > 0 && shape.height > 0 && shape.width > 0 &&
            shape.channels <= most && shape.height <= most &&
            shape.width <= most &&
            (int64_t)shape.channels * shape.height * shape.width <= most,
        error, BASIN_E_SHAPE,
        "a shape of %d x %d x %d; sizes are at least 1, and at most %d "
        "together",
        shape.channels, shape.height, shape.width, most);
    return BASIN_OK;
}

basin_status basin_graph_leaf(basin_graph *graph, int *out, basin_leaf leaf,
    basin_shape shape, basin_error *error)
{
    static const char *const names[3] = {"x", "y", "z"};
    BASIN_REQUIRE((unsigned)leaf < 3, error, BASIN_E_ARGUMENT,
        "leaf %d is none of X, Y and Z", (int)leaf);
    BASIN_REQUIRE(graph->leaves[leaf] < 0, error, BASIN_E_ARGUMENT,
        "the graph has a leaf %s already", names[leaf]);
    BASIN_TRY(check_shape(shape, error));
    basin__node *node = NULL;
    BASIN_TRY(reserve(graph, &node, error));
    memcpy(node->name, names[leaf], 2);
    node->leaf = leaf;
    node->plan.out = shape;
    node->depends = 1U << leaf;
    *out = graph->n_nodes;
    graph->leaves[leaf] = graph->n_nodes;
    graph->nodes[graph->n_nodes++] = node;
    return BASIN_OK;
}

static basin_status name_node(const basin_graph *graph, basin__node *node,
    const basin_node_def *def, basin_error *error)
{
    size_t length =
        def->name ? basin_format(node->name, sizeof node->name, "%s", def->name)
                  : basin_format(node->name, sizeof node->name, "%s%d",
                        def->module, graph->n_nodes);
    BASIN_REQUIRE(length > 0 && length < BASIN__NAME_MAX, error,
        BASIN_E_ARGUMENT, "a node's name has 1 to %d characters; got %zu",
        BASIN__NAME_MAX - 1, length);
    for (int i = 0; i < graph->n_nodes; i++)
        BASIN_REQUIRE(strcmp(graph->nodes[i]->name, node->name) != 0, error,
            BASIN_E_ARGUMENT, "two nodes are called '%s'", node->name);
    return BASIN_OK;
}

static bool same_plan(const basin_module_plan *a, const basin_module_plan *b)
{
    if (a->n_tensors != b->n_tensors || a->n_params != b->n_params)
        return false;
    for (int i = 0; i < a->n_tensors; i++) {
        if (a->tensors[i].n_dims != b->tensors[i].n_dims ||
            memcmp(a->tensors[i].dims, b->tensors[i].dims,
                sizeof a->tensors[i].dims) != 0)
            return false;
    }
    return true;
}

static basin_status connect(const basin_graph *graph, basin__node *node,
    const basin_node_def *def, basin_error *error)
{
    const basin_module *module = node->module;
    BASIN_REQUIRE(def->n_inputs >= module->min_inputs &&
                      def->n_inputs <= module->max_inputs &&
                      def->n_inputs <= BASIN_MODULE_INPUTS,
        error, BASIN_E_ARGUMENT, "%s takes %d to %d inputs; got %d",
        def->module, module->min_inputs, module->max_inputs, def->n_inputs);
    bool above_zero = true;
    for (int i = 0; i < def->n_inputs; i++) {
        int input = def->inputs[i];
        BASIN_REQUIRE(input >= 0 && input < graph->n_nodes, error,
            BASIN_E_ARGUMENT, "input %d of %s is node %d; there are %d", i,
            node->name, input, graph->n_nodes);
        node->inputs[i] = input;
        node->depends |= graph->nodes[input]->depends;
        node->plan.in[i] = graph->nodes[input]->plan.out;
        if (i == 0 || !module->first_sign)
            above_zero = above_zero && graph->nodes[input]->nonnegative;
    }
    node->n_inputs = def->n_inputs;
    node->nonnegative =
        module->nonnegative || (module->keeps_sign && above_zero);
    node->plan.settings = node->settings;
    node->plan.n_inputs = def->n_inputs;
    BASIN_TRY(module->plan(&node->plan, error));
    return check_shape(node->plan.out, error);
}

static basin_status place_params(basin_graph *graph, basin__node *node,
    const basin_node_def *def, basin_error *error)
{
    if (def->share < 0) {
        node->params_offset = graph->n_params;
        graph->n_params += node->plan.n_params;
        return BASIN_OK;
    }
    BASIN_REQUIRE(def->share < graph->n_nodes, error, BASIN_E_ARGUMENT,
        "%s shares the parameters of node %d; there are %d", node->name,
        def->share, graph->n_nodes);
    const basin__node *owner = graph->nodes[def->share];
    BASIN_REQUIRE(owner->module == node->module && owner->share < 0 &&
                      same_plan(&owner->plan, &node->plan),
        error, BASIN_E_SHAPE,
        "%s cannot share the parameters of %s: they differ in kind or shape",
        node->name, owner->name);
    node->share = def->share;
    node->params_offset = owner->params_offset;
    return BASIN_OK;
}

static basin_status fill_node(basin_graph *graph, basin__node *node,
    const basin_node_def *def, basin_error *error)
{
    const basin_part *part = NULL;
    BASIN_TRY(
        basin_find(&part, graph->ctx, BASIN_KIND_MODULE, def->module, error));
    node->module = (const basin_module *)(const void *)part;
    BASIN_TRY(name_node(graph, node, def, error));
    BASIN_TRY(basin_part_settings(
        node->settings, part, def->settings, def->n_settings, error));
    BASIN_TRY(connect(graph, node, def, error));
    return place_params(graph, node, def, error);
}

basin_status basin_graph_add(
    basin_graph *graph, int *out, const basin_node_def *def, basin_error *error)
{
    basin__node *node = NULL;
    BASIN_TRY(reserve(graph, &node, error));
    basin_status status = fill_node(graph, node, def, error);
    if (status != BASIN_OK) {
        basin_free(graph->ctx, node, sizeof *node);
        return status;
    }
    *out = graph->n_nodes;
    graph->nodes[graph->n_nodes++] = node;
    return BASIN_OK;
}

basin_status basin_graph_add1(basin_graph *graph, int *out, const char *module,
    int input, const basin_setting *settings, int n_settings,
    basin_error *error)
{
    basin_node_def def = {.module = module,
        .inputs = &input,
        .n_inputs = 1,
        .settings = settings,
        .n_settings = n_settings,
        .share = -1};
    return basin_graph_add(graph, out, &def, error);
}

basin_status basin_graph_add2(basin_graph *graph, int *out, const char *module,
    int first, int second, const basin_setting *settings, int n_settings,
    basin_error *error)
{
    const int inputs[2] = {first, second};
    basin_node_def def = {.module = module,
        .inputs = inputs,
        .n_inputs = 2,
        .settings = settings,
        .n_settings = n_settings,
        .share = -1};
    return basin_graph_add(graph, out, &def, error);
}

int basin_graph_size(const basin_graph *graph)
{
    return graph->n_nodes;
}

basin_node_info basin_graph_node(const basin_graph *graph, int index)
{
    const basin__node *node = graph->nodes[index];
    return (basin_node_info){.name = node->name,
        .module = node->module,
        .leaf = node->leaf,
        .inputs = node->inputs,
        .n_inputs = node->n_inputs,
        .settings = node->settings,
        .share = node->share,
        .shape = node->plan.out,
        .depends = node->depends,
        .tensors = node->plan.tensors,
        .n_tensors = node->plan.n_tensors,
        .params_offset = node->params_offset};
}

size_t basin_graph_params(const basin_graph *graph)
{
    return graph->n_params;
}
