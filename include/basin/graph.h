/* SPDX-License-Identifier: MIT
 *
 * Differentiable modules, composed into graphs. A graph's leaves are X
 * (observed), Y (to be predicted) and Z (hidden); its nodes are modules; its
 * last node, of one feature, is the energy. The graph knows for every node
 * which leaves it depends on, and so how seldom it can be computed.
 *
 *     int x, y, h, t, o, e;
 *     basin_graph_leaf(g, &x, BASIN_X, (basin_shape){1, 1, 1}, err);
 *     basin_graph_leaf(g, &y, BASIN_Y, (basin_shape){1, 1, 1}, err);
 *     basin_graph_add1(g, &h, "linear", x, &(basin_setting){"out", 20}, 1,
 * err); basin_graph_add1(g, &t, "tanh", h, NULL, 0, err); basin_graph_add1(g,
 * &o, "linear", t, NULL, 0, err); basin_graph_add2(g, &e, "l1", o, y, NULL, 0,
 * err);
 */
#ifndef BASIN_GRAPH_H
#define BASIN_GRAPH_H

#include "basin/base.h"
#include "basin/tensor.h"

BASIN_BEGIN_DECLS

typedef enum basin_leaf { BASIN_X = 0, BASIN_Y = 1, BASIN_Z = 2 } basin_leaf;

/** The leaves that a node depends on: a set of these bits. */
enum { BASIN_ON_X = 1, BASIN_ON_Y = 2, BASIN_ON_Z = 4 };

/** features = channels * height * width, width fastest. */
typedef struct basin_shape {
    int channels, height, width;
} basin_shape;

/** How many numbers that are. */
static inline int basin_shape_features(basin_shape s)
{
    return s.channels * s.height * s.width;
}

/* ----------------------------------------------------------------- modules */

/** At most so many inputs and parameter tensors has a module. */
#define BASIN_MODULE_INPUTS  8
#define BASIN_MODULE_TENSORS 4

/** A parameter tensor of a module: its place in the node's parameters. */
typedef struct basin_tensor_info {
    const char *name; /**< "weight", "bias" */
    int n_dims, dims[4];
    size_t offset; /**< floats from the start of the node's parameters */
} basin_tensor_info;

/** What a module says of itself once it knows its inputs and settings. */
typedef struct basin_module_plan {
    /* given */
    const double *settings; /**< in the order of part.params */
    int n_inputs;
    basin_shape in[BASIN_MODULE_INPUTS];
    /* to be filled */
    basin_shape out;
    int n_tensors;
    basin_tensor_info tensors[BASIN_MODULE_TENSORS];
    size_t n_params;  /**< floats */
    size_t n_scratch; /**< floats a row, kept from forward to backward */
    size_t n_work;    /**< floats a call, whatever its rows; kept as well */
} basin_module_plan;

/**
 * One operand of a call. Its value is (features, rows). The rows of the output
 * are walked by two outer loops and an inner run:
 *     operand row = o0 * stride[0] + o1 * stride[1] + r * step
 * A stride or step of 0 repeats a row that does not depend on that loop.
 */
typedef struct basin_operand {
    const float *value;
    float *grad; /**< added to; NULL when nobody wants it */
    int features, rows;
    int stride[2], step;
} basin_operand;

/** One evaluation of a module, forward or backward, as it is called. */
typedef struct basin_module_call {
    const basin_kernels *k;
    const basin_module_plan *plan;
    basin_operand in[BASIN_MODULE_INPUTS];
    float *out;         /**< (features, rows) */
    const float *d_out; /**< backward only */
    int features, rows; /**< rows = outer[0] * outer[1] * inner */
    int outer[2], inner;
    const float *params;
    float *d_params; /**< added to; NULL when nobody wants it */
    float *scratch;  /**< (n_scratch, rows) */
    float *work;     /**< (n_work) */
    bool training;   /**< dropout is on */
    basin_random_key random;
    uint64_t first_row; /**< of the whole batch, for random numbers */
} basin_module_call;

/** The table entry of a module. */
typedef struct basin_module {
    basin_part part;
    int min_inputs, max_inputs;
    /** Check the inputs and fill the plan. Errors: E_SHAPE, E_RANGE. */
    basin_status (*plan)(basin_module_plan *plan, basin_error *error);
    /** Initial parameters; NULL when it has none. */
    void (*init)(
        const basin_module_plan *plan, float *params, basin_random_key key);
    void (*forward)(const basin_module_call *call);
    /** Add to in[i].grad and d_params, where they are wanted. */
    void (*backward)(const basin_module_call *call);
    /** True where the value has kinks, near which finite differences mislead;
     *  the gradient check then keeps away from them. */
    bool kinks;
    bool draws;       /**< while training, it draws random numbers */
    bool nonnegative; /**< the output is never below 0, whatever goes in */
    bool keeps_sign;  /**< the output is not below 0 when no input is */
    bool first_sign;  /**< of keeps_sign: only the first input's matters */
} basin_module;

/* ------------------------------------------------------------------ graphs */

/** Leaves and nodes, in the order in which they were added. */
typedef struct basin_graph basin_graph;

/** Errors: E_MEMORY. */
BASIN_API basin_status basin_graph_create(
    basin_graph **out, basin_context *ctx, basin_error *error);
BASIN_API void basin_graph_destroy(basin_graph *graph);

/** Declare a leaf; each at most once. Errors: E_ARGUMENT, E_SHAPE. */
BASIN_API basin_status basin_graph_leaf(basin_graph *graph, int *out,
    basin_leaf leaf, basin_shape shape, basin_error *error);

/** A node to be added: see the members. */
typedef struct basin_node_def {
    const char *module;
    const char *name; /**< NULL: the module's name and the node's number */
    const int *inputs;
    int n_inputs;
    const basin_setting *settings;
    int n_settings;
    int share; /**< the node whose parameters this one uses too, or -1 */
} basin_node_def;

/**
 * Add a node. @param out its number, for later inputs.
 * Errors: E_NAME (module, setting), E_RANGE, E_SHAPE, E_ARGUMENT, E_MEMORY.
 */
BASIN_API basin_status basin_graph_add(basin_graph *graph, int *out,
    const basin_node_def *def, basin_error *error);

/** A node with one input, and one with two; no shared parameters. */
BASIN_API basin_status basin_graph_add1(basin_graph *graph, int *out,
    const char *module, int input, const basin_setting *settings,
    int n_settings, basin_error *error);
BASIN_API basin_status basin_graph_add2(basin_graph *graph, int *out,
    const char *module, int first, int second, const basin_setting *settings,
    int n_settings, basin_error *error);

/** What a node is, for writing a graph down. Pointers live with the graph. */
typedef struct basin_node_info {
    const char *name;
    const basin_module *module; /**< NULL: a leaf */
    basin_leaf leaf;
    const int *inputs;
    int n_inputs;
    const double *settings; /**< in the order of module->part.params */
    int share;
    basin_shape shape;
    unsigned depends; /**< BASIN_ON_X | ... */
    const basin_tensor_info *tensors;
    int n_tensors;
    size_t params_offset; /**< of the node's tensors in the graph's block */
} basin_node_info;

/** How many nodes there are, leaves too, and one of them, from 0. */
BASIN_API int basin_graph_size(const basin_graph *graph);
BASIN_API basin_node_info basin_graph_node(const basin_graph *graph, int node);
/** Floats in all parameters; shared ones count once. */
BASIN_API size_t basin_graph_params(const basin_graph *graph);

/* ---------------------------------------------------------- pose manifolds */

/** Cosines of an angle: a pose of one angle is a point of 3 dimensions, one of
 *  two angles a point of 9. The module 'pose' computes the same. */
enum { BASIN_POSE_COSINES = 3 };

/**
 * F(pose) = cos(a - o_i), or cos(a - o_i) cos(b - o_j), with o = -pi/3, 0,
 * pi/3 (Osadchy, Miller and LeCun 2004, section 2). Its length is constant:
 * |F|^2 = 3/2, or 9/4.
 * @param pose (angles), in radians  @param angles 1 or 2
 * @param out (3) or (3, 3)
 */
BASIN_API void basin_pose_point(const double *pose, int angles, double *out);

/**
 * The pose whose point is nearest to G, over all angles (equation 6 there). Of
 * the two that are one point, a in [-pi/2, pi/2].
 * @param g (3) or (3, 3)  @param pose (angles), out
 * @return |G - F(pose)|^2, from the closed form
 */
BASIN_API double basin_pose_nearest(const double *g, int angles, double *pose);

/* -------------------------------------------------------------------- sets */

/* The unit of work is a set of configurations: a batch of samples, and for
 * each of them candidate answers and candidate hidden causes. A slot is the
 * memory for one such set; see basin_pass in energy.h. */

/** The candidates of a slot for one variable. */
typedef struct basin_candidates {
    int count; /**< the most there can be; 0 or 1 where there is no variable */
    bool own;  /**< each sample has its own; else they are shared */
} basin_candidates;

typedef struct basin_slot_def {
    basin_candidates y, z; /**< Z's own ones are own for each answer too */
    bool gradient_y, gradient_z; /**< wanted; only of own candidates */
    bool frozen; /**< its backward leaves the gradient in W alone */
} basin_slot_def;

/** At most so many slots has a pass. */
#define BASIN_SLOTS 6

/** What a pass is to have room for. */
typedef struct basin_pass_def {
    int samples; /**< the most in a batch */
    bool gradient_params;
    int n_slots;
    basin_slot_def slots[BASIN_SLOTS];
} basin_pass_def;

/** What to evaluate a slot on: (count, dim) if shared, (samples, count, dim)
 *  if own; own Z: (samples, y_count, z_count, dim). A count of 0 means 1. */
typedef struct basin_set {
    const float *y, *z;
    int y_count, z_count;
} basin_set;

BASIN_END_DECLS

#endif
