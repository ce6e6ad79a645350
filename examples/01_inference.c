/* SPDX-License-Identifier: MIT
 *
 * Inference: to decide is to search for the answer of lowest energy. X^2 + Y^2
 * = 1 is no function, for most X have two answers, and yet an energy says it in
 * one line. The grid finds a valley's floor, and refines it.
 */
#include "common.h"

/* E = (x^2 + y^2 - 1)^2, as a graph: the squares are products. */
static int circle(basin_context *ctx, basin_energy **out)
{
    basin_graph *g;
    int x, y, sum, one, top;
    TRY(basin_graph_create(&g, ctx, &why));
    TRY(basin_graph_leaf(g, &x, BASIN_X, (basin_shape){1, 1, 1}, &why));
    TRY(basin_graph_leaf(g, &y, BASIN_Y, (basin_shape){1, 1, 1}, &why));
    /* a linear layer of the weight 0 and the bias 1 is a constant */
    TRY(basin_graph_add1(g, &one, "linear", x, NULL, 0, &why));
    TRY(basin_graph_add2(g, &x, "product", x, x, NULL, 0, &why));
    TRY(basin_graph_add2(g, &y, "product", y, y, NULL, 0, &why));
    TRY(basin_graph_add2(g, &sum, "sum", x, y, NULL, 0, &why));
    TRY(basin_graph_add2(g, &top, "squared", sum, one, NULL, 0, &why));
    TRY(basin_energy_from_graph(out, g,
        &(basin_spaces){.x = {BASIN_SPACE_BOX, 1, -1.5F, 1.5F, 0},
            .y = {BASIN_SPACE_BOX, 1, -1.5F, 1.5F, 0}},
        &why));
    basin_energy_params(*out)[0] = 0;
    basin_energy_params(*out)[1] = 1;
    return 0;
}

int main(void)
{
    model m = {.ctx = NULL};
    float worst = 0;
    TRY(basin_context_create(&m.ctx, NULL, &why));
    if (circle(m.ctx, &m.energy))
        return 1;
    TRY(basin_inference_create(&m.inference, m.energy, "grid", NULL, 0, &why));
    for (float x = -0.9F; x < 1; x += 0.3F) {
        float y, e;
        TRY(basin_inference_predict(m.inference, &x, 1, &y, NULL, &e, &why));
        printf("x = %4.1f: y = %5.2f, E = %.1e\n", (double)x, (double)y,
            (double)e);
        worst = fmaxf(worst, fabsf(x * x + y * y - 1));
    }
    close_model(&m);
    return worst > 1e-3F;
}
