/* SPDX-License-Identifier: MIT
 *
 * Radial units: each gives the squared distance of the input to its centre.
 * Learnt centres can all run to one place, where every energy is 0 whatever
 * the answer; fixed ones, codes of -1 and 1, cannot.
 */
#include "graph/graph.h"

enum { OUT, CENTRES, RANGE };
enum { LEARNT, FIXED };

static const basin_param rbf_params[] = {
    {"out", "units", 1, 1 << 20, 1, .integer = true, .help = "how many units"},
    {"centres", "", 0, 1, LEARNT, .integer = true, .choices = "learnt|fixed",
        .help = "whether the centres are parameters, or codes of -1 and 1"},
    {"range", "", 0, 1e3, 1, .help = "learnt centres begin uniform in [-r, r]"},
};

static basin_status rbf_plan(basin_module_plan *plan, basin_error *error)
{
    int units = (int)plan->settings[OUT];
    int features = basin_shape_features(plan->in[0]);
    size_t n = (size_t)units * features;
    BASIN_REQUIRE(n <= INT32_MAX, error, BASIN_E_SHAPE,
        "%d centres of %d features are too many", units, features);
    plan->out = (basin_shape){units, 1, 1};
    if (plan->settings[CENTRES] == FIXED) {
        plan->n_work = n;
        return BASIN_OK;
    }
    plan->tensors[0] = (basin_tensor_info){"centre", 2, {units, features}, 0};
    plan->n_tensors = 1;
    plan->n_params = n;
    return BASIN_OK;
}

static void rbf_init(
    const basin_module_plan *plan, float *params, basin_random_key key)
{
    double range = plan->settings[RANGE];
    for (size_t i = 0; i < plan->n_params; i++)
        params[i] = (float)(range * (2 * basin_random_uniform(key, i) - 1));
}

/* -1 where an odd number of bits is set, 1 elsewhere. */
static float parity_sign(unsigned bits)
{
    for (int half = 16; half > 0; half /= 2)
        bits ^= bits >> half;
    return bits & 1 ? -1 : 1;
}

/* Walsh's functions: unit u has -1 at the features f where u + 1 and f have an
 * odd number of bits in common. Over 2^n features any two of 2^n - 1 units
 * differ in half of them. */
static void write_codes(float *out, int units, int features)
{
    for (int u = 0; u < units; u++)
        for (int f = 0; f < features; f++)
            *out++ = parity_sign((unsigned)(u + 1) & (unsigned)f);
}

static const float *centres_of(const basin_module_call *c)
{
    return c->plan->n_params ? c->params : c->work;
}

static void rbf_forward(const basin_module_call *c)
{
    int n = c->in[0].features;
    if (c->plan->n_params == 0)
        write_codes(c->work, c->features, n);
    for (int u = 0; u < c->features; u++)
        c->k->l2sq(c->out + (size_t)u * c->rows, c->in[0].value,
            (size_t)c->rows, 1, centres_of(c) + (size_t)u * n, 1, 0, n,
            c->rows);
}

static void rbf_backward(const basin_module_call *c)
{
    int n = c->in[0].features;
    bool learns = c->plan->n_params && c->d_params;
    for (int u = 0; (learns || c->in[0].grad) && u < c->features; u++)
        c->k->l2sq_back(c->in[0].grad,
            learns ? c->d_params + (size_t)u * n : NULL,
            c->d_out + (size_t)u * c->rows, c->in[0].value, (size_t)c->rows, 1,
            centres_of(c) + (size_t)u * n, 1, 0, n, c->rows);
}

const basin_module basin__module_rbf = {
    .part = {"rbf", "squared distances to the centres of radial units",
        "y_u = sum (x - c_u)^2", "LeCun et al. 1998, equation 7", rbf_params,
        3},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = rbf_plan,
    .init = rbf_init,
    .forward = rbf_forward,
    .backward = rbf_backward,
    .nonnegative = true,
};
