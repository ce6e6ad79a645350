/* SPDX-License-Identifier: MIT
 *
 * The first program: X and Y each go through a small net, and their distance
 * is the energy. Training makes it low at Y = X^2, and higher elsewhere.
 */
#include <basin/basin.h>

#include <math.h>
#include <stdio.h>

static basin_error why;

/* Go on only if the call went well. */
#define TRY(call)                                                              \
    if ((call) != BASIN_OK)                                                    \
    return fprintf(stderr, "%s\n", why.message), 1

/* A layer of 20, and one of 10. */
static int net(basin_graph *g, int *node)
{
    TRY(basin_graph_add1(
        g, node, "linear", *node, &(basin_setting){"out", 20}, 1, &why));
    TRY(basin_graph_add1(g, node, "tanh", *node, NULL, 0, &why));
    TRY(basin_graph_add1(
        g, node, "linear", *node, &(basin_setting){"out", 10}, 1, &why));
    return 0;
}

int main(void)
{
    basin_context *ctx;
    basin_graph *g;
    basin_energy *energy;
    basin_inference *grid;
    basin_loss *loss;
    basin_trainer *trainer;
    int x, y, top;

    TRY(basin_context_create(&ctx, NULL, &why));
    TRY(basin_graph_create(&g, ctx, &why));
    TRY(basin_graph_leaf(g, &x, BASIN_X, (basin_shape){1, 1, 1}, &why));
    TRY(basin_graph_leaf(g, &y, BASIN_Y, (basin_shape){1, 1, 1}, &why));
    if (net(g, &x) || net(g, &y))
        return 1;
    TRY(basin_graph_add2(g, &top, "l1", x, y, NULL, 0, &why));
    TRY(basin_energy_from_graph(&energy, g,
        &(basin_spaces){.x = {BASIN_SPACE_BOX, 1, -1, 1, 0},
            .y = {BASIN_SPACE_BOX, 1, -0.5F, 1.5F, 0}},
        &why));
    basin_energy_init(energy, 1);
    TRY(basin_inference_create(&grid, energy, "grid", NULL, 0, &why));
    TRY(basin_loss_create(&loss, ctx, "square-square", NULL, 0, &why));

    float xs[101], ys[101];
    for (int i = 0; i < 101; i++) {
        xs[i] = (float)i / 50 - 1;
        ys[i] = xs[i] * xs[i];
    }
    basin_train_def def = basin_train_default();
    def.rate = 0.003;
    def.rate_end = 0.02;
    def.epochs = 500;
    TRY(basin_trainer_create(&trainer, grid, loss,
        &(basin_samples){.n = 101, .x = xs, .y = ys}, &def, &why));
    TRY(basin_trainer_run(trainer, &why));

    float worst = 0;
    for (int i = 0; i < 101; i += 25) {
        float answer, e;
        TRY(basin_inference_predict(grid, &xs[i], 1, &answer, NULL, &e, &why));
        printf(
            "x = %4.1f: the best y is %5.2f\n", (double)xs[i], (double)answer);
        worst = fmaxf(worst, fabsf(answer - ys[i]));
    }

    basin_trainer_destroy(trainer);
    basin_loss_destroy(loss);
    basin_inference_destroy(grid);
    basin_energy_destroy(energy);
    basin_context_destroy(ctx);
    return worst < 0.05F ? 0 : 1;
}
