/* SPDX-License-Identifier: MIT
 *
 * A hidden cause: every sample comes from one of two lines, and nobody says
 * from which. E(y, z, x) has a Z that is 0 or 1 and is minimised over, while
 * learning too, so that each sample moves the line that is nearer.
 */
#include "common.h"

/* E = (first(x) + z second(x) - y)^2. */
static int two_lines(model *m)
{
    basin_graph *g;
    int x, y, z, first, second, top;
    const basin_shape one = {1, 1, 1};
    TRY(basin_graph_create(&g, m->ctx, &why));
    TRY(basin_graph_leaf(g, &x, BASIN_X, one, &why));
    TRY(basin_graph_leaf(g, &y, BASIN_Y, one, &why));
    TRY(basin_graph_leaf(g, &z, BASIN_Z, one, &why));
    TRY(basin_graph_add1(g, &first, "linear", x, NULL, 0, &why));
    TRY(basin_graph_add1(
        g, &second, "linear", x, &(basin_setting){"bias-range", 1}, 1, &why));
    TRY(basin_graph_add2(g, &second, "product", second, z, NULL, 0, &why));
    TRY(basin_graph_add2(g, &top, "sum", first, second, NULL, 0, &why));
    TRY(basin_graph_add2(g, &top, "squared", top, y, NULL, 0, &why));
    basin_spaces spaces = parabola_spaces;
    spaces.z = (basin_space){BASIN_SPACE_LABELS, 1, 0, 0, 2};
    TRY(basin_energy_from_graph(&m->energy, g, &spaces, &why));
    return 0;
}

int main(void)
{
    model m = {.ctx = NULL};
    int told_apart = 0;
    float worst = 0, first_z = 0;
    TRY(basin_context_create(&m.ctx, NULL, &why));
    if (two_lines(&m))
        return 1;
    basin_energy_init(m.energy, 1);
    for (int i = 0; i < N;
         i++) { /* even samples lie on one, odd on the other */
        m.x[i] = (float)i / 50 - 1;
        m.y[i] = i % 2 ? 0.8F + 0.4F * m.x[i] : 0.1F - 0.2F * m.x[i];
    }
    TRY(basin_inference_create(&m.inference, m.energy, "grid", NULL, 0, &why));
    TRY(basin_loss_create(&m.loss, m.ctx, "energy", NULL, 0, &why));
    if (teach(&m, 0.05, 200))
        return 1;

    for (int i = 0; i < N; i++) { /* the cause that explains a sample best */
        float best = INFINITY, cause = 0;
        for (float z = 0; z < 2; z++) {
            float e = basin_energy_value(m.energy, &m.x[i], &m.y[i], &z);
            cause = e < best ? z : cause;
            best = fminf(best, e);
        }
        if (i == 0)
            first_z = cause;
        told_apart += (cause == first_z) == (i % 2 == 0);
        worst = fmaxf(worst, best);
    }
    printf("%d of %d samples are told apart; the worst is %.0e from its line\n",
        told_apart, N, sqrt((double)worst));
    close_model(&m);
    return !(told_apart == N && worst < 0.001F);
}
