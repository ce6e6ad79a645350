/* SPDX-License-Identifier: MIT
 *
 * Modules that work on each row alone: the linear map and the elementwise
 * functions. Their input has the rows of their output.
 */
#include "graph/graph.h"

/* ------------------------------------------------------------------ linear */

enum { LINEAR_OUT, LINEAR_BIAS, LINEAR_WEIGHT_RANGE, LINEAR_BIAS_RANGE };

static const basin_param linear_params[] = {
    {"out", "features", 1, 1 << 20, 1, .integer = true,
        .help = "features of the output"},
    {"bias", "", 0, 1, 1, .integer = true, .choices = "no|yes",
        .help = "whether a bias is added"},
    {"weight-range", "", 0, 1e3, 0,
        .help = "initial weights are uniform in [-r, r]; 0 means "
                "r = 1/sqrt(inputs)"},
    {"bias-range", "", 0, 1e3, 0,
        .help = "initial biases are uniform in [-r, r]"},
};

static basin_status linear_plan(basin_module_plan *plan, basin_error *error)
{
    (void)error;
    int n_in = basin_shape_features(plan->in[0]);
    int n_out = (int)plan->settings[LINEAR_OUT];
    plan->out = (basin_shape){n_out, 1, 1};
    plan->tensors[0] = (basin_tensor_info){"weight", 2, {n_in, n_out}, 0};
    plan->n_tensors = 1;
    plan->n_params = (size_t)n_in * n_out;
    if (plan->settings[LINEAR_BIAS] != 0) {
        plan->tensors[1] =
            (basin_tensor_info){"bias", 1, {n_out}, plan->n_params};
        plan->n_tensors = 2;
        plan->n_params += n_out;
    }
    return BASIN_OK;
}

static void linear_init(
    const basin_module_plan *plan, float *params, basin_random_key key)
{
    size_t n_weights =
        (size_t)plan->tensors[0].dims[0] * plan->tensors[0].dims[1];
    double range = plan->settings[LINEAR_WEIGHT_RANGE];
    if (range == 0)
        range = 1 / basin_sqrt(plan->tensors[0].dims[0]);
    for (size_t i = 0; i < plan->n_params; i++) {
        double r = i < n_weights ? range : plan->settings[LINEAR_BIAS_RANGE];
        params[i] = (float)(r * (2 * basin_random_uniform(key, i) - 1));
    }
}

static void linear_forward(const basin_module_call *c)
{
    int n_in = c->in[0].features;
    const float *bias =
        c->plan->n_tensors > 1 ? c->params + (size_t)n_in * c->features : NULL;
    c->k->linear(
        c->out, c->in[0].value, c->params, bias, n_in, c->features, c->rows);
}

static void linear_backward(const basin_module_call *c)
{
    int n_in = c->in[0].features;
    if (c->in[0].grad)
        c->k->linear_back_x(
            c->in[0].grad, c->params, c->d_out, n_in, c->features, c->rows);
    if (c->d_params) {
        float *d_bias = c->plan->n_tensors > 1
                            ? c->d_params + (size_t)n_in * c->features
                            : NULL;
        c->k->linear_back_w(c->d_params, d_bias, c->in[0].value, c->d_out, n_in,
            c->features, c->rows);
    }
}

const basin_module basin__module_linear = {
    .part = {"linear", "a matrix and a bias", "y = W'x + b",
        "Rumelhart, Hinton and Williams 1986", linear_params, 4},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = linear_plan,
    .init = linear_init,
    .forward = linear_forward,
    .backward = linear_backward,
};

/* ------------------------------------------------------------- elementwise */

static basin_status same_shape(basin_module_plan *plan, basin_error *error)
{
    (void)error;
    plan->out = plan->in[0];
    return BASIN_OK;
}

static size_t numbers(const basin_module_call *c)
{
    return (size_t)c->features * c->rows;
}

static void tanh_forward(const basin_module_call *c)
{
    c->k->tanh(c->out, c->in[0].value, numbers(c));
}

static void tanh_backward(const basin_module_call *c)
{
    if (c->in[0].grad)
        c->k->tanh_back(c->in[0].grad, c->out, c->d_out, numbers(c));
}

static void sigmoid_forward(const basin_module_call *c)
{
    c->k->sigmoid(c->out, c->in[0].value, numbers(c));
}

static void sigmoid_backward(const basin_module_call *c)
{
    float *dx = c->in[0].grad;
    for (size_t i = 0, n = dx ? numbers(c) : 0; i < n; i++)
        dx[i] += c->d_out[i] * (c->out[i] * (1.0F - c->out[i]));
}

static void relu_forward(const basin_module_call *c)
{
    c->k->relu(c->out, c->in[0].value, numbers(c));
}

static void relu_backward(const basin_module_call *c)
{
    if (c->in[0].grad)
        c->k->relu_back(c->in[0].grad, c->out, c->d_out, numbers(c));
}

static void softplus_forward(const basin_module_call *c)
{
    c->k->softplus(c->out, c->in[0].value, numbers(c));
}

/* The derivative is sigmoid(x) = 1 - e^-softplus(x), and 1 - e^-y is taken
 * from x itself, which keeps its digits when y is small. */
static void softplus_backward(const basin_module_call *c)
{
    float *dx = c->in[0].grad;
    const float *x = c->in[0].value;
    enum { CHUNK = 256 };
    float slope[CHUNK];
    for (size_t i = 0, n = dx ? numbers(c) : 0; i < n; i += CHUNK) {
        size_t m = n - i < CHUNK ? n - i : CHUNK;
        c->k->sigmoid(slope, x + i, m);
        for (size_t j = 0; j < m; j++)
            dx[i + j] += c->d_out[i + j] * slope[j];
    }
}

const basin_module basin__module_tanh = {
    .part = {"tanh", "hyperbolic tangent, elementwise", "y = tanh(x)", "", NULL,
        0},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = same_shape,
    .forward = tanh_forward,
    .backward = tanh_backward,
    .keeps_sign = true,
};

const basin_module basin__module_sigmoid = {
    .part = {"sigmoid", "logistic function, elementwise",
        "y = 1 / (1 + exp(-x))", "", NULL, 0},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = same_shape,
    .forward = sigmoid_forward,
    .backward = sigmoid_backward,
    .nonnegative = true,
};

const basin_module basin__module_relu = {
    .part = {"relu", "rectified linear, elementwise", "y = max(0, x)", "", NULL,
        0},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = same_shape,
    .forward = relu_forward,
    .backward = relu_backward,
    .kinks = true,
    .nonnegative = true,
};

const basin_module basin__module_softplus = {
    .part = {"softplus", "smooth, monotone and above 0, elementwise",
        "y = log(1 + exp(x))", "", NULL, 0},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = same_shape,
    .forward = softplus_forward,
    .backward = softplus_backward,
    .nonnegative = true,
};
