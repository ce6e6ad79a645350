/* SPDX-License-Identifier: MIT
 *
 * Modules that join operands of different extents: distances, sums and
 * products. One operand may stand for every sample, another for every
 * candidate; the loops walk the pairs without copying either.
 */
#include "graph/run.h"

/* --------------------------------------------------------------- distances */

static basin_status distance_plan(basin_module_plan *plan, basin_error *error)
{
    int a = basin_shape_features(plan->in[0]);
    int b = basin_shape_features(plan->in[1]);
    BASIN_REQUIRE(a == b, error, BASIN_E_SHAPE,
        "a distance needs two inputs of one size; got %d and %d features", a,
        b);
    plan->out = (basin_shape){1, 1, 1};
    return BASIN_OK;
}

static void l1_run(const basin_module_call *c, size_t row, const run *in)
{
    c->k->l1(c->out + row, in[0].value, in[0].line, in[0].step, in[1].value,
        in[1].line, in[1].step, c->in[0].features, c->inner);
}

static void l1_back_run(const basin_module_call *c, size_t row, const run *in)
{
    c->k->l1_back(in[0].grad, in[1].grad, c->d_out + row, in[0].value,
        in[0].line, in[0].step, in[1].value, in[1].line, in[1].step,
        c->in[0].features, c->inner);
}

static void squared_run(const basin_module_call *c, size_t row, const run *in)
{
    c->k->l2sq(c->out + row, in[0].value, in[0].line, in[0].step, in[1].value,
        in[1].line, in[1].step, c->in[0].features, c->inner);
}

static void squared_back_run(
    const basin_module_call *c, size_t row, const run *in)
{
    c->k->l2sq_back(in[0].grad, in[1].grad, c->d_out + row, in[0].value,
        in[0].line, in[0].step, in[1].value, in[1].line, in[1].step,
        c->in[0].features, c->inner);
}

static void l1_forward(const basin_module_call *c)
{
    each_run(c, l1_run);
}

static void l1_backward(const basin_module_call *c)
{
    if (c->in[0].grad || c->in[1].grad)
        each_run(c, l1_back_run);
}

static void squared_forward(const basin_module_call *c)
{
    each_run(c, squared_run);
}

static void squared_backward(const basin_module_call *c)
{
    if (c->in[0].grad || c->in[1].grad)
        each_run(c, squared_back_run);
}

const basin_module basin__module_l1 = {
    .part = {"l1", "sum of absolute differences", "y = sum |a - b|",
        "LeCun et al. 2006, section 2", NULL, 0},
    .min_inputs = 2,
    .max_inputs = 2,
    .plan = distance_plan,
    .forward = l1_forward,
    .backward = l1_backward,
    .kinks = true,
    .nonnegative = true,
};

const basin_module basin__module_squared = {
    .part = {"squared", "squared Euclidean distance", "y = sum (a - b)^2",
        "LeCun et al. 2006, section 2", NULL, 0},
    .min_inputs = 2,
    .max_inputs = 2,
    .plan = distance_plan,
    .forward = squared_forward,
    .backward = squared_backward,
    .nonnegative = true,
};

/* ------------------------------------------------------- sums and products */

static basin_status alike_plan(basin_module_plan *plan, basin_error *error)
{
    int n = basin_shape_features(plan->in[0]);
    for (int i = 1; i < plan->n_inputs; i++) {
        int m = basin_shape_features(plan->in[i]);
        BASIN_REQUIRE(m == n, error, BASIN_E_SHAPE,
            "the inputs must be of one size; got %d and %d features", n, m);
    }
    plan->out = plan->in[0];
    return BASIN_OK;
}

static void sum_run(const basin_module_call *c, size_t row, const run *in)
{
    for (int i = 0; i < c->plan->n_inputs; i++) {
        for (int f = 0; f < c->features; f++) {
            const float *a = in[i].value + f * in[i].line;
            float *y = c->out + row + (size_t)f * c->rows;
            if (in[i].step)
                c->k->add(y, a, (size_t)c->inner);
            else
                for (int r = 0; r < c->inner; r++)
                    y[r] += a[0];
        }
    }
}

static void sum_back_run(const basin_module_call *c, size_t row, const run *in)
{
    for (int i = 0; i < c->plan->n_inputs; i++) {
        for (int f = 0; in[i].grad && f < c->features; f++) {
            float *da = in[i].grad + f * in[i].line;
            const float *dy = c->d_out + row + (size_t)f * c->rows;
            if (in[i].step)
                c->k->add(da, dy, (size_t)c->inner);
            else
                da[0] += c->k->sum(dy, (size_t)c->inner);
        }
    }
}

static void product_run(const basin_module_call *c, size_t row, const run *in)
{
    for (int i = 0; i < c->plan->n_inputs; i++) {
        for (int f = 0; f < c->features; f++) {
            const float *a = in[i].value + f * in[i].line;
            float *y = c->out + row + (size_t)f * c->rows;
            for (int r = 0; r < c->inner; r++)
                y[r] *= a[r * in[i].step];
        }
    }
}

/* The product of the other factors is taken anew, not by division, so that a
 * factor of 0 has its gradient too. */
static float other_factors(
    const run *in, int n, int without, int feature, int r)
{
    float product = 1;
    for (int j = 0; j < n; j++)
        if (j != without)
            product *= in[j].value[feature * in[j].line + r * in[j].step];
    return product;
}

static void product_back_run(
    const basin_module_call *c, size_t row, const run *in)
{
    int n = c->plan->n_inputs;
    for (int i = 0; i < n; i++) {
        for (int f = 0; in[i].grad && f < c->features; f++) {
            const float *dy = c->d_out + row + (size_t)f * c->rows;
            float *da = in[i].grad + f * in[i].line;
            for (int r = 0; r < c->inner; r++)
                da[r * in[i].step] += dy[r] * other_factors(in, n, i, f, r);
        }
    }
}

static void sum_forward(const basin_module_call *c)
{
    c->k->fill(c->out, 0.0F, (size_t)c->features * c->rows);
    each_run(c, sum_run);
}

static void sum_backward(const basin_module_call *c)
{
    each_run(c, sum_back_run);
}

static void product_forward(const basin_module_call *c)
{
    c->k->fill(c->out, 1.0F, (size_t)c->features * c->rows);
    each_run(c, product_run);
}

static void product_backward(const basin_module_call *c)
{
    each_run(c, product_back_run);
}

const basin_module basin__module_sum = {
    .part = {"sum", "sum of the inputs, elementwise", "y = a + b + ...",
        "LeCun et al. 2006, section 7 (energies of factors add)", NULL, 0},
    .min_inputs = 1,
    .max_inputs = BASIN_MODULE_INPUTS,
    .plan = alike_plan,
    .forward = sum_forward,
    .backward = sum_backward,
    .keeps_sign = true,
};

const basin_module basin__module_product = {
    .part = {"product", "product of the inputs, elementwise", "y = a * b * ...",
        "", NULL, 0},
    .min_inputs = 1,
    .max_inputs = BASIN_MODULE_INPUTS,
    .plan = alike_plan,
    .forward = product_forward,
    .backward = product_backward,
    .keeps_sign = true,
};
