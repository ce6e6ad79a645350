/* SPDX-License-Identifier: MIT
 *
 * Langevin dynamics on the energy of a net with two hidden layers, 2-64-64-1,
 * for comparison with bench/langevin_torch.py: as many chains, the same net,
 * the same step. Each case is tried with one thread and with two, and the
 * fastest is reported.
 *
 *     build/bench/langevin [CASE...]
 *
 * prints one JSON object a line: case, chain_steps_per_second, backend,
 * threads.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

enum { DIM = 2, HIDDEN = 64, MOST = 1000, STEPS = 100 };

static const double seconds_at_least = 1; /* that a case is measured */

typedef struct bench_case {
    const char *name;
    int chains;
} bench_case;

static const bench_case cases[] = {{"chains1000", 1000}, {"chains100", 100}};

enum { CASES = sizeof cases / sizeof *cases };

typedef struct bench {
    basin_context *ctx;
    basin_energy *energy;
    basin_inference *sampler;
} bench;

/* ----------------------------------------------------------------- building */

static basin_status fill_graph(basin_graph *graph, basin_error *error)
{
    int y = 0;
    const basin_setting hidden = {"out", HIDDEN};
    BASIN_TRY(
        basin_graph_leaf(graph, &y, BASIN_Y, (basin_shape){DIM, 1, 1}, error));
    for (int layer = 0; layer < 2; layer++) {
        BASIN_TRY(basin_graph_add1(graph, &y, "linear", y, &hidden, 1, error));
        BASIN_TRY(basin_graph_add1(graph, &y, "tanh", y, NULL, 0, error));
    }
    return basin_graph_add1(graph, &y, "linear", y, NULL, 0, error);
}

static basin_status build(bench *b, int threads, basin_error *error)
{
    basin_context_def context = basin_context_default();
    context.threads = threads;
    BASIN_TRY(basin_context_create(&b->ctx, &context, error));
    basin_graph *graph = NULL;
    BASIN_TRY(basin_graph_create(&graph, b->ctx, error));
    basin_status status = fill_graph(graph, error);
    if (status != BASIN_OK) {
        basin_graph_destroy(graph);
        return status;
    }
    const basin_spaces spaces = {
        .y = {.kind = BASIN_SPACE_BOX, .dim = DIM, .low = -4, .high = 4}};
    BASIN_TRY(basin_energy_from_graph(&b->energy, graph, &spaces, error));
    basin_energy_init(b->energy, 1);
    return basin_inference_create(&b->sampler, b->energy, "langevin",
        &(basin_setting){"step", .01}, 1, error);
}

static void finish(bench *b)
{
    basin_inference_destroy(b->sampler);
    basin_energy_destroy(b->energy);
    basin_context_destroy(b->ctx);
}

/* ---------------------------------------------------------------- measuring */

typedef struct walking {
    basin_inference *sampler;
    basin_chains chains;
} walking;

static basin_status walk(void *self, basin_error *error)
{
    walking *w = self;
    return basin_inference_sample(w->sampler, &w->chains, STEPS, error);
}

static basin_status walk_for_long(
    basin_inference *sampler, int n, double *speed, basin_error *error)
{
    static float y[MOST * DIM];
    walking w = {sampler, {.n = n, .y = y, .seed = 1}};
    memset(y, 0, sizeof y);
    return bench_speed(
        walk, &w, (double)STEPS * n, seconds_at_least, speed, error);
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
        basin_status status = build(&b, threads, error);
        if (status == BASIN_OK)
            status = walk_for_long(b.sampler, c->chains, &speed, error);
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
    printf("{\"case\": \"%s\", \"chain_steps_per_second\": %.0f, "
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
