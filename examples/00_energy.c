/* SPDX-License-Identifier: MIT
 *
 * An energy: one number for each pair of an observation X and an answer Y, low
 * where they fit. Here E = |w x + b - y|, with weights that we set ourselves.
 */
#include "common.h"

int main(void)
{
    basin_context *ctx;
    basin_graph *g;
    basin_energy *energy;
    int x, y, line, top;

    TRY(basin_context_create(&ctx, NULL, &why));
    TRY(basin_graph_create(&g, ctx, &why));
    TRY(basin_graph_leaf(g, &x, BASIN_X, (basin_shape){1, 1, 1}, &why));
    TRY(basin_graph_leaf(g, &y, BASIN_Y, (basin_shape){1, 1, 1}, &why));
    TRY(basin_graph_add1(g, &line, "linear", x, NULL, 0, &why));
    TRY(basin_graph_add2(g, &top, "l1", line, y, NULL, 0, &why));
    TRY(basin_energy_from_graph(&energy, g, &parabola_spaces, &why));

    float *w = basin_energy_params(energy);
    w[0] = 0.5F; /* the slope */
    w[1] = 0.25F;

    int wrong = 0;
    for (float at = -0.5F; at <= 1.5F; at += 0.25F) {
        const float one = 1;
        float e = basin_energy_value(energy, &one, &at, NULL);
        printf("E(y = %5.2f, x = 1) = %.2f\n", (double)at, (double)e);
        wrong += fabsf(e - fabsf(0.75F - at)) > 1e-6F;
    }
    /* never below 0, by construction: some losses ask for that */
    wrong += basin_energy_describe(energy)->bound != BASIN_BOUND_NONNEGATIVE;

    basin_energy_destroy(energy);
    basin_context_destroy(ctx);
    return wrong;
}
