/* SPDX-License-Identifier: MIT
 *
 * The tasks of the product test: tiny energies, a few for each kind of space,
 * with a few samples that a right surface learns at once.
 */
#ifndef BASIN_TEST_PRODUCT_TASKS_H
#define BASIN_TEST_PRODUCT_TASKS_H

#include "test_core.h"

enum { TASK_N = 8, TASK_T = 3, TASK_LABELS = 3, TASK_DIM = 8 };

/** What the samples say. */
typedef enum task_data {
    DATA_LINE,   /**< y = 0.4 + 0.4 x, in a box */
    DATA_SQUARE, /**< y = x^2 in a box: a straight line says nothing of it */
    DATA_PLANE,  /**< the same in two dimensions */
    DATA_SIGN,   /**< y = -1 or 1: the sign of x */
    DATA_THREE,  /**< three labels, from where x lies in a plane */
    DATA_CHAIN,  /**< a label for each position, as its attribute says */
    DATA_RANDOM  /**< anything: nothing is claimed of learning */
} task_data;

typedef struct task {
    const char *name;
    task_data data;
    /** Whatever W is, the energy grows with the distance from its lowest
     *  answer: pulling the right one down pushes the others up. */
    bool rises;
    /** Some W makes the energy the same everywhere: two branches, with
     *  nothing that keeps them apart. */
    bool collapses;
    int points;     /**< of a grid of answers; two are two classes */
    double epsilon; /**< how far from the right one a wrong answer is */
    basin_energy *(*open)(basin_context *ctx);
    const char *registered; /**< where `open` is NULL */
} task;

/* ---------------------------------------------------------------- energies */

static inline basin_energy *task_close(
    basin_graph *g, basin_space x, basin_space y, basin_space z)
{
    basin_energy *out = NULL;
    const basin_spaces spaces = {x, y, z};
    MUST(basin_energy_from_graph(&out, g, &spaces, &error));
    return out;
}

static inline basin_graph *task_graph(basin_context *ctx)
{
    basin_graph *g = NULL;
    MUST(basin_graph_create(&g, ctx, &error));
    return g;
}

static inline basin_space task_labels(int count)
{
    return (basin_space){BASIN_SPACE_LABELS, 1, 0, 0, count};
}

static inline basin_energy *task_regression(basin_context *ctx)
{
    basin_graph *g = task_graph(ctx);
    const int x = core_leaf(g, BASIN_X, 1), y = core_leaf(g, BASIN_Y, 1);
    core_two(g, "l1", core_net(g, x, 3, 1), y);
    return task_close(
        g, core_box(1, -1, 1), core_box(1, -.6F, 1.4F), core_none);
}

static inline int task_branch(basin_graph *g, int in)
{
    const basin_setting one[] = {
        {"out", 8}, {"weight-range", 2}, {"bias-range", 1}};
    const basin_setting two[] = {
        {"out", 4}, {"weight-range", .45}, {"bias-range", 0}};
    MUST(basin_graph_add1(g, &in, "linear", in, one, 3, &error));
    in = core_one(g, "tanh", in);
    MUST(basin_graph_add1(g, &in, "linear", in, two, 3, &error));
    return in;
}

static inline basin_energy *task_branches(basin_context *ctx)
{
    basin_graph *g = task_graph(ctx);
    const int x = core_leaf(g, BASIN_X, 1), y = core_leaf(g, BASIN_Y, 1);
    core_two(g, "l1", task_branch(g, x), task_branch(g, y));
    return task_close(
        g, core_box(1, -1, 1), core_box(1, -.6F, 1.4F), core_none);
}

static inline basin_energy *task_plane(basin_context *ctx)
{
    basin_graph *g = task_graph(ctx);
    const int x = core_leaf(g, BASIN_X, 1), y = core_leaf(g, BASIN_Y, 2);
    core_two(g, "squared", core_net(g, x, 3, 2), y);
    return task_close(
        g, core_box(1, -1, 1), core_box(2, -.6F, 1.4F), core_none);
}

/* E = y g(x), of any sign. */
static inline basin_energy *task_sign(basin_context *ctx)
{
    basin_graph *g = task_graph(ctx);
    const int x = core_leaf(g, BASIN_X, 1), y = core_leaf(g, BASIN_Y, 1);
    core_two(g, "product", core_linear(g, x, 1), y);
    return task_close(g, core_box(1, -1, 1), core_box(1, -1, 1), core_none);
}

/* E = (net(x) - y)^2 + (z - net'(x))^2: a box, with a hidden cause in `z`. */
static inline basin_energy *task_hidden(basin_context *ctx, basin_space z)
{
    basin_graph *g = task_graph(ctx);
    const int x = core_leaf(g, BASIN_X, 1), y = core_leaf(g, BASIN_Y, 1);
    const int cause = core_leaf(g, BASIN_Z, 1);
    core_two(g, "sum", core_two(g, "squared", core_net(g, x, 3, 1), y),
        core_two(g, "squared", core_linear(g, x, 1), cause));
    return task_close(g, core_box(1, -1, 1), core_box(1, -.6F, 1.4F), z);
}

static inline basin_energy *task_hidden_label(basin_context *ctx)
{
    return task_hidden(ctx, task_labels(2));
}

static inline basin_energy *task_hidden_box(basin_context *ctx)
{
    return task_hidden(ctx, core_box(1, -1, 1));
}

/* E = (A x + B z)[y], inside a softplus or not; and, in a box, + (z - c x)^2.
 */
static inline basin_energy *task_switch(
    basin_context *ctx, basin_space z, bool nonnegative)
{
    basin_graph *g = task_graph(ctx);
    const int x = core_leaf(g, BASIN_X, 2), y = core_leaf(g, BASIN_Y, 1);
    int top = core_linear(g, x, TASK_LABELS), cause = -1;
    if (z.kind != BASIN_SPACE_NONE) {
        cause = core_leaf(g, BASIN_Z, 1);
        top = core_two(g, "sum", top, core_linear(g, cause, TASK_LABELS));
    }
    top = core_two(g, "switch", top, y);
    if (nonnegative)
        top = core_one(g, "softplus", top);
    if (z.kind == BASIN_SPACE_BOX)
        core_two(
            g, "sum", top, core_two(g, "squared", core_linear(g, x, 1), cause));
    return task_close(g, core_box(2, -1, 1), task_labels(TASK_LABELS), z);
}

static inline basin_energy *task_label(basin_context *ctx)
{
    return task_switch(ctx, core_none, false);
}

static inline basin_energy *task_label_bound(basin_context *ctx)
{
    return task_switch(ctx, core_none, true);
}

static inline basin_energy *task_label_cause(basin_context *ctx)
{
    return task_switch(ctx, task_labels(2), false);
}

static inline basin_energy *task_label_box(basin_context *ctx)
{
    return task_switch(ctx, core_box(1, -1, 1), true);
}

/* An energy of a user's own, given point by point: E = (y - a - b x)^2. */
static inline basin_status task_own_describe(
    void *self, basin_energy_info *info, const double *settings, basin_error *e)
{
    (void)self, (void)settings, (void)e;
    info->x = info->y = core_box(1, -1, 1);
    info->bound = BASIN_BOUND_NONNEGATIVE;
    info->n_params = 2;
    return BASIN_OK;
}

static inline float task_own_value(const void *self, const float *w,
    const float *x, const float *y, const float *z)
{
    (void)self, (void)z;
    const float off = *y - w[0] - w[1] * *x;
    return off * off;
}

static inline void task_own_gradient(const void *self, const float *w,
    const float *x, const float *y, const float *z, float weight, float *d_w,
    float *d_x, float *d_y, float *d_z)
{
    (void)self, (void)z, (void)d_z;
    const float slope = 2 * weight * (*y - w[0] - w[1] * *x);
    if (d_w) {
        d_w[0] -= slope;
        d_w[1] -= slope * *x;
    }
    if (d_x)
        *d_x -= slope * w[1];
    if (d_y)
        *d_y += slope;
}

static const basin_energy_type task_own = {
    .part = {"own", "a user's own", "E = (y - a - b x)^2", "", NULL, 0},
    .describe = task_own_describe,
    .value = task_own_value,
    .gradient = task_own_gradient,
};

/* ----------------------------------------------------------------- samples */

typedef struct task_samples {
    basin_samples of; /**< TASK_N of them */
    float x[TASK_N * TASK_DIM], y[TASK_N * TASK_DIM];
    basin_sequences s;
    int64_t start[TASK_N + 1], node[TASK_N * TASK_T + 1];
    int32_t label[TASK_N * TASK_T], id[TASK_N * TASK_T];
} task_samples;

static inline void task_sequences(task_samples *d)
{
    int64_t t = 0;
    for (int i = 0; i < TASK_N; i++) {
        for (int p = 0; p < 1 + i % TASK_T; p++, t++) {
            d->id[t] = (int32_t)((t * 7 + i) % 5);
            d->label[t] = d->id[t] % TASK_LABELS;
            d->node[t + 1] = t + 1;
        }
        d->start[i + 1] = t;
    }
    d->s = (basin_sequences){.n = TASK_N,
        .positions = t,
        .start = d->start,
        .n_labels = TASK_LABELS,
        .label = d->label,
        .node = {5, d->node, d->id, NULL}};
}

static inline void task_fill(task_samples *d, task_data data)
{
    memset(d, 0, sizeof *d);
    task_sequences(d);
    for (int i = 0; i < TASK_N; i++) {
        const float at = (float)(2 * i + 1 - TASK_N) / TASK_N;
        const double turn = 2 * 3.14159265 * (i % TASK_LABELS) / TASK_LABELS;
        if (data == DATA_THREE) {
            d->x[2 * i] = .8F * (float)cos(turn) + .1F * at;
            d->x[2 * i + 1] = .8F * (float)sin(turn) - .1F * at;
            d->y[i] = (float)(i % TASK_LABELS);
            continue;
        }
        d->x[i] = at;
        if (data == DATA_PLANE) {
            d->y[2 * i] = .4F + .4F * at;
            d->y[2 * i + 1] = .4F - .4F * at;
        } else
            d->y[i] = data == DATA_LINE     ? .4F + .4F * at
                      : data == DATA_SQUARE ? at * at
                      : at > 0              ? 1
                                            : -1;
    }
    d->of = (basin_samples){.n = TASK_N, .x = d->x, .y = d->y};
    if (data == DATA_CHAIN)
        d->of = (basin_samples){.n = TASK_N, .sequences = &d->s};
}

static inline basin_energy *task_chain_of(basin_context *ctx, bool nonnegative)
{
    static task_samples d;
    basin_chain *chain = NULL;
    basin_energy *out = NULL;
    basin_chain_def def = basin_chain_default();
    def.all = true;
    def.nonnegative = nonnegative;
    task_fill(&d, DATA_CHAIN);
    MUST(basin_chain_create(&chain, ctx, &d.s, &def, &error));
    MUST(basin_energy_from_chain(&out, chain, &error));
    return out;
}

static inline basin_energy *task_chain(basin_context *ctx)
{
    return task_chain_of(ctx, false);
}

static inline basin_energy *task_chain_bound(basin_context *ctx)
{
    return task_chain_of(ctx, true);
}

/** Every kind of space; registered energies come on top. */
static const task tasks[] = {
    {"regression", DATA_LINE, true, false, 20, .3, task_regression, NULL},
    {"two branches", DATA_SQUARE, false, true, 20, .3, task_branches, NULL},
    {"plane", DATA_PLANE, true, false, 20, .3, task_plane, NULL},
    {"two classes", DATA_SIGN, false, false, 2, 1, task_sign, NULL},
    {"box with a hidden label", DATA_LINE, true, false, 20, .3,
        task_hidden_label, NULL},
    {"box with a hidden box", DATA_LINE, true, false, 20, .3, task_hidden_box,
        NULL},
    {"labels", DATA_THREE, false, false, 20, .3, task_label, NULL},
    {"labels, never below 0", DATA_THREE, false, false, 20, .3,
        task_label_bound, NULL},
    {"labels with a hidden label", DATA_THREE, false, false, 20, .3,
        task_label_cause, NULL},
    {"labels with a hidden box", DATA_THREE, false, false, 20, .3,
        task_label_box, NULL},
    {"chain", DATA_CHAIN, false, false, 20, .3, task_chain, NULL},
    {"chain, never below 0", DATA_CHAIN, false, false, 20, .3, task_chain_bound,
        NULL},
};

/** W so small that nets of X are nearly linear at first. */
static inline void task_flatten(basin_energy *e)
{
    for (size_t i = 0; i < basin_energy_describe(e)->n_params; i++)
        basin_energy_params(e)[i] *= .15F;
}

static inline basin_energy *task_open(const task *t, basin_context *ctx)
{
    basin_energy *out = NULL;
    if (t->open)
        return t->open(ctx);
    MUST(basin_energy_create(&out, ctx, t->registered, NULL, 0, &error));
    return out;
}

/* Anything in a space. */
static inline void task_draw(
    float *out, const basin_space *space, uint64_t seed)
{
    const bool box = space->kind == BASIN_SPACE_BOX;
    assert_true(space->dim <= TASK_DIM);
    core_fill(out, (size_t)TASK_N * space->dim, seed,
        box ? (double)space->low : 0, box ? (double)space->high : space->count);
    for (int i = 0; !box && i < TASK_N * space->dim; i++)
        out[i] = floorf(out[i]);
}

/** A registered energy, of which the spaces are all that is known. */
static inline task task_registered(basin_context *ctx, const basin_part *part)
{
    task t = {.name = part->name,
        .data = DATA_RANDOM,
        .points = 20,
        .registered = part->name};
    basin_energy *e = task_open(&t, ctx);
    const basin_space *y = &basin_energy_describe(e)->y;
    t.epsilon = .15 * ((double)y->high - (double)y->low);
    basin_energy_destroy(e);
    return t;
}

/** The samples of a task. */
static inline void task_samples_fill(
    task_samples *d, const task *t, basin_context *ctx)
{
    task_fill(d, t->data);
    if (t->data != DATA_RANDOM)
        return;
    basin_energy *e = task_open(t, ctx);
    task_draw(d->x, &basin_energy_describe(e)->x, 11);
    task_draw(d->y, &basin_energy_describe(e)->y, 12);
    basin_energy_destroy(e);
}

/** W for the checks of values and gradients: of some size, and apart from
 *  kinks and ties. */
static inline void task_start(basin_energy *e, uint64_t seed)
{
    const basin_energy_info *info = basin_energy_describe(e);
    basin_energy_init(e, seed);
    float *w = basin_energy_params(e);
    for (size_t i = 0; i < info->n_params; i++)
        if (w[i] == 0)
            w[i] = (float)core_number(seed, i, -.5, .5);
}

#endif
