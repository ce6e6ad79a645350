/* SPDX-License-Identifier: MIT
 *
 * A module of a user's own, as `basin gradcheck --plugin` loads it: x^2, whose
 * gradient is right unless WRONG is defined. tests/test_cli_gradcheck.c builds
 * it both ways.
 */
#include "basin/basin.h"

#ifdef WRONG
static const float slope = 2.25F;
#else
static const float slope = 2;
#endif

static basin_status plan(basin_module_plan *plan, basin_error *error)
{
    (void)error;
    plan->out = plan->in[0];
    return BASIN_OK;
}

/* Visit every value of the output, and the one of the input it comes from. */
static void walk(const basin_module_call *call, bool backward)
{
    const basin_operand *in = &call->in[0];
    for (int row = 0; row < call->rows; row++) {
        int r = row % call->inner, o = row / call->inner;
        int from = o / call->outer[1] * in->stride[0] +
                   o % call->outer[1] * in->stride[1] + r * in->step;
        for (int f = 0; f < call->features; f++) {
            int at = f * in->rows + from, to = f * call->rows + row;
            if (!backward)
                call->out[to] = in->value[at] * in->value[at];
            else if (in->grad)
                in->grad[at] += slope * in->value[at] * call->d_out[to];
        }
    }
}

static void forward(const basin_module_call *call)
{
    walk(call, false);
}

static void backward(const basin_module_call *call)
{
    walk(call, true);
}

static const basin_module square = {
    .part = {.name = "my-square",
        .summary = "the square of each feature",
        .formula = "x^2",
        .source = ""},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = plan,
    .forward = forward,
    .backward = backward,
};

BASIN_API basin_status basin_plugin_register(
    basin_context *ctx, basin_error *error);

basin_status basin_plugin_register(basin_context *ctx, basin_error *error)
{
    return basin_register(ctx, BASIN_KIND_MODULE, &square.part, error);
}
