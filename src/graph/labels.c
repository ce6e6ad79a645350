/* SPDX-License-Identifier: MIT
 *
 * Modules that read labels: the switch, which picks the energy of a label out
 * of a vector of energies, and the embedding, which gives each label a vector.
 * Labels are the numbers 0, 1, ..; nothing flows back to them.
 */
#include "graph/run.h"

/* The label that a number stands for; what is none stands for the nearest. */
static int label_of(float value, int count)
{
    if (!(value > 0))
        return 0;
    return value < (float)count ? (int)value : count - 1;
}

/* ------------------------------------------------------------------- switch */

static basin_status switch_plan(basin_module_plan *plan, basin_error *error)
{
    int labels = basin_shape_features(plan->in[1]);
    BASIN_REQUIRE(labels == 1, error, BASIN_E_SHAPE,
        "the second input of a switch is one label; got %d features", labels);
    plan->out = (basin_shape){1, 1, 1};
    return BASIN_OK;
}

/* The feature of the first input that row r of a run picks. */
static size_t picked(const basin_module_call *c, const run *in, int r)
{
    float label = in[1].value[(size_t)r * in[1].step];
    return label_of(label, c->in[0].features) * in[0].line +
           (size_t)r * in[0].step;
}

static void switch_run(const basin_module_call *c, size_t row, const run *in)
{
    for (int r = 0; r < c->inner; r++)
        c->out[row + r] = in[0].value[picked(c, in, r)];
}

static void switch_back_run(
    const basin_module_call *c, size_t row, const run *in)
{
    for (int r = 0; r < c->inner; r++)
        in[0].grad[picked(c, in, r)] += c->d_out[row + r];
}

static void switch_forward(const basin_module_call *c)
{
    each_run(c, switch_run);
}

static void switch_backward(const basin_module_call *c)
{
    if (c->in[0].grad)
        each_run(c, switch_back_run);
}

const basin_module basin__module_switch = {
    .part = {"switch", "the energy of a label, out of those of all labels",
        "y = a[label]", "LeCun et al. 2006, section 2 (multiclass)", NULL, 0},
    .min_inputs = 2,
    .max_inputs = 2,
    .plan = switch_plan,
    .forward = switch_forward,
    .backward = switch_backward,
    .kinks = true, /* in the label */
    .keeps_sign = true,
    .first_sign = true,
};

/* ---------------------------------------------------------------- embedding */

enum { COUNT, OUT, RANGE };

static const basin_param embedding_params[] = {
    {"count", "labels", 1, 1 << 20, 2, .integer = true,
        .help = "how many labels there are"},
    {"out", "features", 1, 1 << 16, 1, .integer = true,
        .help = "features of a label's vector"},
    {"range", "", 0, 1e3, 1, .help = "initial vectors are uniform in [-r, r]"},
};

static basin_status embedding_plan(basin_module_plan *plan, basin_error *error)
{
    int count = (int)plan->settings[COUNT], out = (int)plan->settings[OUT];
    int64_t features = (int64_t)out * basin_shape_features(plan->in[0]);
    size_t n = (size_t)count * out;
    BASIN_REQUIRE(n <= INT32_MAX && features <= INT32_MAX, error, BASIN_E_SHAPE,
        "an embedding of %d labels in %d features is too large", count, out);
    plan->out = (basin_shape){(int)features, 1, 1};
    plan->tensors[0] = (basin_tensor_info){"vector", 2, {count, out}, 0};
    plan->n_tensors = 1;
    plan->n_params = n;
    return BASIN_OK;
}

static void embedding_init(
    const basin_module_plan *plan, float *params, basin_random_key key)
{
    double range = plan->settings[RANGE];
    for (size_t i = 0; i < plan->n_params; i++)
        params[i] = (float)(range * (2 * basin_random_uniform(key, i) - 1));
}

/* Feature f of row r belongs to label f / out; where its vector lies. */
static size_t vector_of(const basin_module_call *c, int f, int r)
{
    int out = (int)c->plan->settings[OUT];
    float label = c->in[0].value[(size_t)(f / out) * c->rows + r];
    return (size_t)label_of(label, (int)c->plan->settings[COUNT]) * out +
           f % out;
}

static void embedding_forward(const basin_module_call *c)
{
    for (int f = 0; f < c->features; f++)
        for (int r = 0; r < c->rows; r++)
            c->out[(size_t)f * c->rows + r] = c->params[vector_of(c, f, r)];
}

static void embedding_backward(const basin_module_call *c)
{
    for (int f = 0; c->d_params && f < c->features; f++)
        for (int r = 0; r < c->rows; r++)
            c->d_params[vector_of(c, f, r)] +=
                c->d_out[(size_t)f * c->rows + r];
}

const basin_module basin__module_embedding = {
    .part = {"embedding", "a vector for each label", "y = V[label]",
        "Bengio, Ducharme, Vincent and Jauvin 2003", embedding_params, 3},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = embedding_plan,
    .init = embedding_init,
    .forward = embedding_forward,
    .backward = embedding_backward,
    .kinks = true, /* in the label */
};
