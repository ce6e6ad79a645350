/* SPDX-License-Identifier: MIT
 *
 * Classification: a net gives an energy for each label, and the answer is the
 * label whose energy is lowest. Every label is tried, so nothing here is
 * approximate. digits.yaml does this with handwriting.
 */
#include "common.h"

enum { POINTS = 90, KINDS = 3 };

/* E(y, x) = net(x)[y] */
static int classes(model *m)
{
    basin_graph *g;
    int x, y, top;
    TRY(basin_graph_create(&g, m->ctx, &why));
    TRY(basin_graph_leaf(g, &x, BASIN_X, (basin_shape){2, 1, 1}, &why));
    TRY(basin_graph_leaf(g, &y, BASIN_Y, (basin_shape){1, 1, 1}, &why));
    TRY(basin_graph_add1(
        g, &x, "linear", x, &(basin_setting){"out", 16}, 1, &why));
    TRY(basin_graph_add1(g, &x, "tanh", x, NULL, 0, &why));
    TRY(basin_graph_add1(
        g, &x, "linear", x, &(basin_setting){"out", KINDS}, 1, &why));
    TRY(basin_graph_add2(g, &top, "switch", x, y, NULL, 0, &why));
    TRY(basin_energy_from_graph(&m->energy, g,
        &(basin_spaces){.x = {BASIN_SPACE_BOX, 2, -1, 1, 0},
            .y = {BASIN_SPACE_LABELS, 1, 0, 0, KINDS}},
        &why));
    return 0;
}

int main(void)
{
    model m = {.ctx = NULL};
    float x[2 * POINTS], y[POINTS], answer[POINTS];
    int wrong = 0;
    for (int i = 0; i < POINTS; i++) { /* three arms of a spiral */
        double r = 0.1 + 0.9 * (i / KINDS) / (POINTS / KINDS);
        double turn = 2.0944 * (i % KINDS) + 3 * r;
        x[2 * i] = (float)(r * cos(turn));
        x[2 * i + 1] = (float)(r * sin(turn));
        y[i] = (float)(i % KINDS);
    }
    TRY(basin_context_create(&m.ctx, NULL, &why));
    if (classes(&m))
        return 1;
    basin_energy_init(m.energy, 1);
    TRY(basin_inference_create(
        &m.inference, m.energy, "enumerate", NULL, 0, &why));
    TRY(basin_loss_create(&m.loss, m.ctx, "nll", NULL, 0, &why));
    basin_train_def def = basin_train_default();
    def.optimiser = "adam";
    def.rate = 0.02;
    def.rate_end = 0.1;
    def.epochs = 300;
    def.batch = 10;
    TRY(basin_trainer_create(&m.trainer, m.inference, m.loss,
        &(basin_samples){.n = POINTS, .x = x, .y = y}, &def, &why));
    TRY(basin_trainer_run(m.trainer, &why));
    TRY(basin_inference_predict(
        m.inference, x, POINTS, answer, NULL, NULL, &why));
    for (int i = 0; i < POINTS; i++)
        wrong += answer[i] != y[i];
    printf("%d of %d are wrong\n", wrong, POINTS);
    close_model(&m);
    return wrong > 1;
}
