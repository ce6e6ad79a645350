/* SPDX-License-Identifier: MIT
 *
 * A loss of one's own: the hinge, L = max(0, m + E_C - E_I), which wants the
 * right answer's energy below that of the most offending wrong one by m. It
 * sees numbers only, and so goes with every energy and every inference.
 */
#include <basin/basin.h>

#include <math.h>
#include <stdio.h>

static const basin_param params[] = {
    {"margin", "energy", 0, 1e6, 1, .open_low = true,
        .help = "m: how much lower the right answer must be"},
};

static void evaluate(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    out->value = fmax(0, settings[0] + in->e_c - in->e_i);
    out->e_c = out->value > 0 ? 1 : 0; /* down with the right one */
    out->e_i = -out->e_c;              /* up with the offender */
}

static const basin_loss_type hinge = {
    .part = {"own-hinge", "the right answer must win by a margin",
        "L = max(0, m + E_C - E_I)", "Taskar et al. 2003", params, 1},
    .needs = BASIN_NEED_EC | BASIN_NEED_EI, /* what inference has to find */
    .offender = BASIN_OFFENDER_LOWEST,
    .needs_values = true,
    .evaluate = evaluate,
};

static basin_error why;

/* Go on only if the call went well. */
#define TRY(call)                                                              \
    if ((call) != BASIN_OK)                                                    \
    return fprintf(stderr, "%s\n", why.message), 1

int main(void)
{
    basin_context *ctx;
    basin_graph *g;
    basin_energy *energy;
    basin_inference *grid;
    basin_loss *loss;
    basin_trainer *trainer;
    const basin_shape one = {1, 1, 1};
    const basin_spaces spaces = {.x = {BASIN_SPACE_BOX, 1, -1, 1, 0},
        .y = {BASIN_SPACE_BOX, 1, -0.5F, 1.5F, 0}};
    int x, y, e;
    TRY(basin_context_create(&ctx, NULL, &why));
    TRY(basin_register(ctx, BASIN_KIND_LOSS, &hinge.part, &why));

    /* E = |net(x) - y|, and answers that follow a sine */
    TRY(basin_graph_create(&g, ctx, &why));
    TRY(basin_graph_leaf(g, &x, BASIN_X, one, &why));
    TRY(basin_graph_leaf(g, &y, BASIN_Y, one, &why));
    TRY(basin_graph_add1(
        g, &x, "linear", x, &(basin_setting){"out", 20}, 1, &why));
    TRY(basin_graph_add1(g, &x, "tanh", x, NULL, 0, &why));
    TRY(basin_graph_add1(g, &x, "linear", x, NULL, 0, &why));
    TRY(basin_graph_add2(g, &e, "l1", x, y, NULL, 0, &why));
    TRY(basin_energy_from_graph(&energy, g, &spaces, &why));
    basin_energy_init(energy, 1);
    float xs[100], ys[100], answers[100], worst = 0;
    for (int i = 0; i < 100; i++) {
        xs[i] = (float)i / 50 - 1;
        ys[i] = 0.5F + 0.5F * (float)sin(3.0 * (double)xs[i]);
    }
    TRY(basin_inference_create(&grid, energy, "grid", NULL, 0, &why));
    TRY(basin_loss_create(&loss, ctx, "own-hinge", NULL, 0, &why));
    basin_train_def def = basin_train_default();
    def.rate = 0.02;
    def.rate_end = 0.01;
    def.epochs = 400;
    TRY(basin_trainer_create(&trainer, grid, loss,
        &(basin_samples){.n = 100, .x = xs, .y = ys}, &def, &why));
    TRY(basin_trainer_run(trainer, &why));
    TRY(basin_inference_predict(grid, xs, 100, answers, NULL, NULL, &why));
    for (int i = 0; i < 100; i++)
        worst = fmaxf(worst, fabsf(answers[i] - ys[i]));
    printf("the worst answer is %.3f off\n", (double)worst);

    basin_trainer_destroy(trainer);
    basin_loss_destroy(loss);
    basin_inference_destroy(grid);
    basin_energy_destroy(energy);
    basin_context_destroy(ctx);
    return worst < 0.05F ? 0 : 1;
}
