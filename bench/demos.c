/* SPDX-License-Identifier: MIT
 *
 * The four demonstrations as fast as the library trains them, for comparison
 * with bench/demos_torch.py: the same nets, data, losses and updates. Each
 * case is tried with one thread and with two, and the fastest is reported.
 *
 *     build/bench/demos [CASE...]
 *
 * prints one JSON object a line: case, samples_per_second, backend, threads.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

enum { SAMPLES = 200, POINTS = 101, HIDDEN = 20, CODE = 10 };

static const double seconds_at_least = 0.5; /* that a case is measured */

typedef struct bench_case {
    const char *name;
    int nets; /* 1: on X alone; 2: on X and on Y */
    const char *loss;
    basin_setting setting; /* of the loss */
    const char *optimiser;
    double rate;
    int batch;
} bench_case;

/* clang-format off */
#define FOUR(how, ...) \
    {"regression-" how, 1, "energy", {"power", 2}, __VA_ARGS__}, \
    {"collapse-" how, 2, "energy", {"power", 2}, __VA_ARGS__}, \
    {"margin-" how, 2, "square-square", {"margin", 2}, __VA_ARGS__}, \
    {"nll-" how, 2, "nll", {NULL, 0}, __VA_ARGS__}

static const bench_case cases[] = {
    FOUR("sgd1", "sgd", .003, 1),
    FOUR("adam20", "adam", .01, 20),
};
/* clang-format on */

enum { CASES = sizeof cases / sizeof *cases };

/* What a case is built of. */
typedef struct bench {
    basin_context *ctx;
    basin_energy *energy;
    basin_inference *inference;
    basin_loss *loss;
    basin_trainer *trainer;
    float x[SAMPLES], y[SAMPLES];
} bench;

/* ------------------------------------------------------------------ building
 */

static basin_status add_net(
    basin_graph *graph, int *node, int code, basin_error *error)
{
    const basin_setting hidden[] = {
        {"out", HIDDEN}, {"weight-range", .3}, {"bias-range", .1}};
    const basin_setting out[] = {
        {"out", code}, {"weight-range", .45}, {"bias-range", .1}};
    BASIN_TRY(basin_graph_add1(graph, node, "linear", *node, hidden, 3, error));
    BASIN_TRY(basin_graph_add1(graph, node, "tanh", *node, NULL, 0, error));
    return basin_graph_add1(graph, node, "linear", *node, out, 3, error);
}

static basin_status fill_graph(basin_graph *graph, int nets, basin_error *error)
{
    const basin_shape one = {1, 1, 1};
    int x = 0, y = 0, top = 0;
    BASIN_TRY(basin_graph_leaf(graph, &x, BASIN_X, one, error));
    BASIN_TRY(basin_graph_leaf(graph, &y, BASIN_Y, one, error));
    BASIN_TRY(add_net(graph, &x, nets == 2 ? CODE : 1, error));
    if (nets == 2)
        BASIN_TRY(add_net(graph, &y, CODE, error));
    return basin_graph_add2(graph, &top, "l1", x, y, NULL, 0, error);
}

static basin_status make_energy(bench *b, int nets, basin_error *error)
{
    basin_graph *graph = NULL;
    BASIN_TRY(basin_graph_create(&graph, b->ctx, error));
    basin_status status = fill_graph(graph, nets, error);
    if (status != BASIN_OK) {
        basin_graph_destroy(graph);
        return status;
    }
    const basin_spaces spaces = {
        .x = {.kind = BASIN_SPACE_BOX, .dim = 1, .low = -1, .high = 1},
        .y = {.kind = BASIN_SPACE_BOX, .dim = 1, .low = -0.5F, .high = 1.5F}};
    BASIN_TRY(basin_energy_from_graph(&b->energy, graph, &spaces, error));
    basin_energy_init(b->energy, 1);
    return BASIN_OK;
}

/* bench/demos_torch.py has the same points: a low-discrepancy walk. */
static void make_samples(bench *b)
{
    for (int i = 0; i < SAMPLES; i++) {
        double at = i * 0.6180339887498949;
        b->x[i] = (float)((at - (int)at) * 2 - 1);
        b->y[i] = b->x[i] * b->x[i];
    }
}

static basin_status build(
    bench *b, const bench_case *c, int threads, basin_error *error)
{
    basin_context_def context = basin_context_default();
    context.threads = threads;
    BASIN_TRY(basin_context_create(&b->ctx, &context, error));
    BASIN_TRY(make_energy(b, c->nets, error));
    make_samples(b);
    const basin_setting grid[] = {
        {"points", POINTS}, {"epsilon", .3}, {"beta", 1}};
    BASIN_TRY(basin_inference_create(
        &b->inference, b->energy, "grid", grid, 3, error));
    BASIN_TRY(basin_loss_create(&b->loss, b->ctx, c->loss, &c->setting,
        c->setting.name != NULL, error));
    const basin_samples samples = {.n = SAMPLES, .x = b->x, .y = b->y};
    basin_train_def def = basin_train_default();
    def.optimiser = c->optimiser;
    def.rate = c->rate;
    def.batch = c->batch;
    return basin_trainer_create(
        &b->trainer, b->inference, b->loss, &samples, &def, error);
}

static void finish(bench *b)
{
    basin_trainer_destroy(b->trainer);
    basin_loss_destroy(b->loss);
    basin_inference_destroy(b->inference);
    basin_energy_destroy(b->energy);
    basin_context_destroy(b->ctx);
}

/* ----------------------------------------------------------------- measuring
 */

static basin_status train(void *trainer, basin_error *error)
{
    return basin_trainer_epoch(trainer, NULL, error);
}

static basin_status measure(const void *row, basin_error *error)
{
    const bench_case *c = row;
    double best = 0;
    int best_threads = 0;
    char backend[32] = "";
    for (int threads = 1; threads <= 2; threads++) {
        bench b = {0};
        double speed = 0;
        basin_status status = build(&b, c, threads, error);
        if (status == BASIN_OK)
            status = bench_speed(
                train, b.trainer, SAMPLES, seconds_at_least, &speed, error);
        if (status == BASIN_OK && speed > best) {
            best = speed;
            best_threads = threads;
            snprintf(
                backend, sizeof backend, "%s", basin_context_backend(b.ctx));
        }
        finish(&b);
        if (status != BASIN_OK)
            return status;
    }
    printf("{\"case\": \"%s\", \"samples_per_second\": %.0f, "
           "\"backend\": \"%s\", \"threads\": %d}\n",
        c->name, best, backend, best_threads);
    fflush(stdout);
    return BASIN_OK;
}

int main(int argc, char **argv)
{
    const bench_cases all = {cases, sizeof *cases, CASES, measure};
    return bench_main(&all, argc, argv);
}
