/* SPDX-License-Identifier: MIT
 *
 * Regression: E = |net(x) - y|, and the simplest loss of all, the energy of the
 * right answer. It pushes nothing up, and need not: the energy is a distance to
 * Y itself, so it rises elsewhere whatever the weights are.
 */
#include "common.h"

int main(void)
{
    model m = {.ctx = NULL};
    basin_graph *g;
    float worst;
    int x, y, top;
    TRY(basin_context_create(&m.ctx, NULL, &why));
    TRY(basin_graph_create(&g, m.ctx, &why));
    TRY(basin_graph_leaf(g, &x, BASIN_X, (basin_shape){1, 1, 1}, &why));
    TRY(basin_graph_leaf(g, &y, BASIN_Y, (basin_shape){1, 1, 1}, &why));
    const basin_setting wide[] = {
        {"out", 20}, {"weight-range", 2}, {"bias-range", 1}};
    TRY(basin_graph_add1(g, &x, "linear", x, wide, 3, &why));
    TRY(basin_graph_add1(g, &x, "tanh", x, NULL, 0, &why));
    TRY(basin_graph_add1(g, &x, "linear", x, NULL, 0, &why));
    TRY(basin_graph_add2(g, &top, "l1", x, y, NULL, 0, &why));
    TRY(basin_energy_from_graph(&m.energy, g, &parabola_spaces, &why));
    TRY(basin_inference_create(&m.inference, m.energy, "grid", NULL, 0, &why));
    TRY(basin_loss_create(&m.loss, m.ctx, "energy", NULL, 0, &why));
    basin_energy_init(m.energy, 1);
    parabola(&m);
    if (teach(&m, 0.02, 500) || worst_answer(&m, &worst))
        return 1;
    printf("the worst answer is %.3f off\n", (double)worst);
    close_model(&m);
    return worst > 0.05F;
}
