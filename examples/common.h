/* SPDX-License-Identifier: MIT
 *
 * What the examples share: going on only when a call went well, the parts of a
 * model in one place, and the net of two branches.
 */
#ifndef BASIN_EXAMPLES_COMMON_H
#define BASIN_EXAMPLES_COMMON_H

#include <basin/basin.h>

#include <math.h>
#include <stdio.h>

static basin_error why;

/** Go on only if the call went well. */
#define TRY(call)                                                              \
    if ((call) != BASIN_OK)                                                    \
    return fprintf(stderr, "%s\n", why.message), 1

enum { N = 101 }; /* samples of y = x^2 */

/** The four parts, and what holds them. */
typedef struct model {
    basin_context *ctx;
    basin_energy *energy;
    basin_inference *inference;
    basin_loss *loss;
    basin_trainer *trainer;
    float x[N], y[N];
} model;

/** In the order in which they stand on one another. */
static inline void close_model(model *m)
{
    basin_trainer_destroy(m->trainer);
    basin_loss_destroy(m->loss);
    basin_inference_destroy(m->inference);
    basin_energy_destroy(m->energy);
    basin_context_destroy(m->ctx);
}

static inline void parabola(model *m)
{
    for (int i = 0; i < N; i++) {
        m->x[i] = (float)i / 50 - 1;
        m->y[i] = m->x[i] * m->x[i];
    }
}

/** Spaces for it: X in [-1, 1], and Y in [-0.5, 1.5]. */
static const basin_spaces parabola_spaces = {
    .x = {BASIN_SPACE_BOX, 1, -1, 1, 0},
    .y = {BASIN_SPACE_BOX, 1, -.5F, 1.5F, 0}};

/** A layer of 20 and one of 10, with small weights at first. */
static inline int branch(basin_graph *g, int *node)
{
    const basin_setting below[] = {
        {"out", 20}, {"weight-range", 0.3}, {"bias-range", 0.1}};
    const basin_setting above[] = {{"out", 10}, {"weight-range", 0.45}};
    TRY(basin_graph_add1(g, node, "linear", *node, below, 3, &why));
    TRY(basin_graph_add1(g, node, "tanh", *node, NULL, 0, &why));
    TRY(basin_graph_add1(g, node, "linear", *node, above, 2, &why));
    return 0;
}

/** E = |branch(x) - branch'(y)|, its grid of answers, and a loss by its name;
 *  m->ctx is open. */
static inline int two_branches(model *m, const char *loss)
{
    basin_graph *g;
    int x, y, top;
    TRY(basin_graph_create(&g, m->ctx, &why));
    TRY(basin_graph_leaf(g, &x, BASIN_X, (basin_shape){1, 1, 1}, &why));
    TRY(basin_graph_leaf(g, &y, BASIN_Y, (basin_shape){1, 1, 1}, &why));
    if (branch(g, &x) || branch(g, &y))
        return 1;
    TRY(basin_graph_add2(g, &top, "l1", x, y, NULL, 0, &why));
    TRY(basin_energy_from_graph(&m->energy, g, &parabola_spaces, &why));
    TRY(basin_inference_create(
        &m->inference, m->energy, "grid", NULL, 0, &why));
    TRY(basin_loss_create(&m->loss, m->ctx, loss, NULL, 0, &why));
    basin_energy_init(m->energy, 1);
    parabola(m);
    return 0;
}

/** Train on the parabola; the rate falls to 2 % of what it was. */
static inline int teach(model *m, double rate, int epochs)
{
    basin_train_def def = basin_train_default();
    def.rate = rate;
    def.rate_end = 0.02;
    def.epochs = epochs;
    TRY(basin_trainer_create(&m->trainer, m->inference, m->loss,
        &(basin_samples){.n = N, .x = m->x, .y = m->y}, &def, &why));
    TRY(basin_trainer_run(m->trainer, &why));
    return 0;
}

/** How far the worst answer is from the right one. */
static inline int worst_answer(model *m, float *worst)
{
    float answer[N];
    TRY(basin_inference_predict(
        m->inference, m->x, N, answer, NULL, NULL, &why));
    *worst = 0;
    for (int i = 0; i < N; i++)
        *worst = fmaxf(*worst, fabsf(answer[i] - m->y[i]));
    return 0;
}

#endif
