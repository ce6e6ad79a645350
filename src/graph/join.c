/* SPDX-License-Identifier: MIT
 *
 * Modules that join operands of different extents: distances, sums and
 * products. One operand may stand for every sample, another for every
 * candidate; the loops walk the pairs without copying either.
 */
#include "graph/graph.h"

/* What one run of a module needs to know of its operand. */
typedef struct run {
    const float *value;
    float *grad;
    size_t line; /* floats from one feature to the next */
    int step;
} run;

static run run_at(const basin_operand *operand, int o0, int o1)
{
    size_t row = basin__operand_row(operand, o0, o1);
    return (run){operand->value + row,
        operand->grad ? operand->grad + row : NULL, (size_t)operand->rows,
        operand->step};
}

static size_t out_row(const basin_module_call *c, int o0, int o1)
{
    return ((size_t)o0 * c->outer[1] + o1) * c->inner;
}

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

typedef void (*distance_fn)(float *out, const float *a, size_t la, int sa,
    const float *b, size_t lb, int sb, int features, int rows);
typedef void (*distance_back_fn)(float *da, float *db, const float *w,
    const float *a, size_t la, int sa, const float *b, size_t lb, int sb,
    int features, int rows);

static void distance_forward(const basin_module_call *c, distance_fn distance)
{
    for (int o0 = 0; o0 < c->outer[0]; o0++) {
        for (int o1 = 0; o1 < c->outer[1]; o1++) {
            run a = run_at(&c->in[0], o0, o1);
            run b = run_at(&c->in[1], o0, o1);
            distance(c->out + out_row(c, o0, o1), a.value, a.line, a.step,
                b.value, b.line, b.step, c->in[0].features, c->inner);
        }
    }
}

static void distance_backward(
    const basin_module_call *c, distance_back_fn back)
{
    if (!c->in[0].grad && !c->in[1].grad)
        return;
    for (int o0 = 0; o0 < c->outer[0]; o0++) {
        for (int o1 = 0; o1 < c->outer[1]; o1++) {
            run a = run_at(&c->in[0], o0, o1);
            run b = run_at(&c->in[1], o0, o1);
            back(a.grad, b.grad, c->d_out + out_row(c, o0, o1), a.value,
                a.line, a.step, b.value, b.line, b.step, c->in[0].features,
                c->inner);
        }
    }
}

static void l1_forward(const basin_module_call *c)
{
    distance_forward(c, c->k->l1);
}

static void l1_backward(const basin_module_call *c)
{
    distance_backward(c, c->k->l1_back);
}

static void squared_forward(const basin_module_call *c)
{
    distance_forward(c, c->k->l2sq);
}

static void squared_backward(const basin_module_call *c)
{
    distance_backward(c, c->k->l2sq_back);
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

static void sum_forward(const basin_module_call *c)
{
    c->k->fill(c->out, 0.0F, (size_t)c->features * c->rows);
    for (int i = 0; i < c->plan->n_inputs; i++) {
        for (int o0 = 0; o0 < c->outer[0]; o0++) {
            for (int o1 = 0; o1 < c->outer[1]; o1++) {
                run a = run_at(&c->in[i], o0, o1);
                float *out = c->out + out_row(c, o0, o1);
                for (int f = 0; f < c->features; f++) {
                    const float *line = a.value + f * a.line;
                    float *y = out + (size_t)f * c->rows;
                    if (a.step)
                        c->k->add(y, line, (size_t)c->inner);
                    else
                        for (int r = 0; r < c->inner; r++)
                            y[r] += line[0];
                }
            }
        }
    }
}

static void sum_backward(const basin_module_call *c)
{
    for (int i = 0; i < c->plan->n_inputs; i++) {
        for (int o0 = 0; c->in[i].grad && o0 < c->outer[0]; o0++) {
            for (int o1 = 0; o1 < c->outer[1]; o1++) {
                run a = run_at(&c->in[i], o0, o1);
                const float *dy = c->d_out + out_row(c, o0, o1);
                for (int f = 0; f < c->features; f++) {
                    float *da = a.grad + f * a.line;
                    const float *d = dy + (size_t)f * c->rows;
                    if (a.step)
                        c->k->add(da, d, (size_t)c->inner);
                    else
                        da[0] += c->k->sum(d, (size_t)c->inner);
                }
            }
        }
    }
}

static void product_forward(const basin_module_call *c)
{
    c->k->fill(c->out, 1.0F, (size_t)c->features * c->rows);
    for (int i = 0; i < c->plan->n_inputs; i++) {
        for (int o0 = 0; o0 < c->outer[0]; o0++) {
            for (int o1 = 0; o1 < c->outer[1]; o1++) {
                run a = run_at(&c->in[i], o0, o1);
                float *out = c->out + out_row(c, o0, o1);
                for (int f = 0; f < c->features; f++) {
                    const float *line = a.value + f * a.line;
                    float *y = out + (size_t)f * c->rows;
                    for (int r = 0; r < c->inner; r++)
                        y[r] *= line[r * a.step];
                }
            }
        }
    }
}

/* The product of the other factors is taken anew, not by division, so that a
 * factor of 0 has its gradient too. */
static void product_backward(const basin_module_call *c)
{
    int n = c->plan->n_inputs;
    for (int o0 = 0; o0 < c->outer[0]; o0++) {
        for (int o1 = 0; o1 < c->outer[1]; o1++) {
            run a[BASIN_MODULE_INPUTS];
            for (int i = 0; i < n; i++)
                a[i] = run_at(&c->in[i], o0, o1);
            const float *dy = c->d_out + out_row(c, o0, o1);
            for (int i = 0; i < n; i++) {
                for (int f = 0; a[i].grad && f < c->features; f++) {
                    for (int r = 0; r < c->inner; r++) {
                        float d = dy[(size_t)f * c->rows + r];
                        for (int j = 0; j < n; j++)
                            if (j != i)
                                d *= a[j].value[f * a[j].line +
                                    r * a[j].step];
                        a[i].grad[f * a[i].line + r * a[i].step] += d;
                    }
                }
            }
        }
    }
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
    .part = {"product", "product of the inputs, elementwise",
        "y = a * b * ...", "", NULL, 0},
    .min_inputs = 1,
    .max_inputs = BASIN_MODULE_INPUTS,
    .plan = alike_plan,
    .forward = product_forward,
    .backward = product_backward,
    .keeps_sign = true,
};
