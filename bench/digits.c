/* SPDX-License-Identifier: MIT
 *
 * A net of LeNet-5's size that learns digits as fast as the library trains it,
 * for comparison with bench/digits_torch.py: the same net, pictures of the
 * same size, loss (the likelihood of labels), minibatches and optimiser. The
 * pictures are noise, so that nothing has to be downloaded.
 *
 *     build/bench/digits [CASE...]
 *
 * prints one JSON object a line: case, samples_per_second, backend, threads.
 */
#define _POSIX_C_SOURCE 200809L
#include "bench.h"

enum { SAMPLES = 2048, SIDE = 28, AREA = SIDE * SIDE, LABELS = 10, BATCH = 64 };

static const double seconds_at_least = 2; /* that a case is measured */

typedef struct bench_case {
    const char *name;
    int threads;
} bench_case;

static const bench_case cases[] = {
    {"lenet-adam64-1thread", 1},
    {"lenet-adam64-2threads", 2},
};

enum { CASES = sizeof cases / sizeof *cases };

/* What a case is built of. */
typedef struct bench {
    basin_context *ctx;
    basin_energy *energy;
    basin_inference *inference;
    basin_loss *loss;
    basin_trainer *trainer;
    unsigned char x[SAMPLES * AREA];
    float y[SAMPLES];
} bench;

/* ----------------------------------------------------------------- building */

static basin_status add_layer(basin_graph *graph, int *node, const char *module,
    const basin_setting *settings, int n, basin_error *error)
{
    return basin_graph_add1(graph, node, module, *node, settings, n, error);
}

/* A convolution, a pool, a rectifier. */
static basin_status add_stage(
    basin_graph *graph, int *node, int channels, int pad, basin_error *error)
{
    const basin_setting map[] = {
        {"kernel", 5}, {"pad", pad}, {"out", channels}};
    BASIN_TRY(add_layer(graph, node, "convolution", map, 3, error));
    BASIN_TRY(add_layer(graph, node, "max-pool", NULL, 0, error));
    return add_layer(graph, node, "relu", NULL, 0, error);
}

static basin_status fill_graph(basin_graph *graph, basin_error *error)
{
    const basin_setting out[] = {{"out", 120}, {"out", 84}, {"out", LABELS}};
    int x = 0, y = 0, top = 0;
    BASIN_TRY(basin_graph_leaf(
        graph, &x, BASIN_X, (basin_shape){1, SIDE, SIDE}, error));
    BASIN_TRY(
        basin_graph_leaf(graph, &y, BASIN_Y, (basin_shape){1, 1, 1}, error));
    BASIN_TRY(add_stage(graph, &x, 6, 2, error));
    BASIN_TRY(add_stage(graph, &x, 16, 0, error));
    for (int i = 0; i < 3; i++) {
        BASIN_TRY(add_layer(graph, &x, "linear", &out[i], 1, error));
        if (i < 2)
            BASIN_TRY(add_layer(graph, &x, "relu", NULL, 0, error));
    }
    return basin_graph_add2(graph, &top, "switch", x, y, NULL, 0, error);
}

static basin_status make_energy(bench *b, basin_error *error)
{
    basin_graph *graph = NULL;
    BASIN_TRY(basin_graph_create(&graph, b->ctx, error));
    basin_status status = fill_graph(graph, error);
    if (status != BASIN_OK) {
        basin_graph_destroy(graph);
        return status;
    }
    const basin_spaces spaces = {
        .x = {.kind = BASIN_SPACE_BOX, .dim = AREA, .low = 0, .high = 1},
        .y = {.kind = BASIN_SPACE_LABELS, .count = LABELS}};
    BASIN_TRY(basin_energy_from_graph(&b->energy, graph, &spaces, error));
    basin_energy_init(b->energy, 1);
    return BASIN_OK;
}

static basin_status build(bench *b, const bench_case *c, basin_error *error)
{
    basin_context_def context = basin_context_default();
    context.threads = c->threads;
    BASIN_TRY(basin_context_create(&b->ctx, &context, error));
    BASIN_TRY(make_energy(b, error));
    const basin_random_key key = {1, BASIN_STREAM_DATA, 0};
    for (int i = 0; i < SAMPLES * AREA; i++)
        b->x[i] = (unsigned char)basin_random_bits(key, (uint64_t)i);
    for (int i = 0; i < SAMPLES; i++)
        b->y[i] = (float)(i % LABELS);
    BASIN_TRY(basin_inference_create(
        &b->inference, b->energy, "enumerate", NULL, 0, error));
    BASIN_TRY(basin_loss_create(&b->loss, b->ctx, "nll", NULL, 0, error));
    const basin_samples samples = {
        .n = SAMPLES, .y = b->y, .bytes = b->x, .scale = 1 / 255.0F};
    basin_train_def def = basin_train_default();
    def.optimiser = "adam";
    def.rate = .001;
    def.batch = BATCH;
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
    free(b);
}

/* ---------------------------------------------------------------- measuring */

static basin_status train(void *trainer, basin_error *error)
{
    return basin_trainer_epoch(trainer, NULL, error);
}

static basin_status measure(const void *row, basin_error *error)
{
    const bench_case *c = row;
    bench *b = calloc(1, sizeof *b);
    double speed = 0;
    if (!b)
        return basin_error_set(error, BASIN_E_MEMORY, "no memory");
    basin_status status = build(b, c, error);
    if (status == BASIN_OK)
        status = bench_speed(
            train, b->trainer, SAMPLES, seconds_at_least, &speed, error);
    if (status == BASIN_OK)
        printf("{\"case\": \"%s\", \"samples_per_second\": %.0f, "
               "\"backend\": \"%s\", \"threads\": %d}\n",
            c->name, speed, basin_context_backend(b->ctx), c->threads);
    fflush(stdout);
    finish(b);
    return status;
}

int main(int argc, char **argv)
{
    const bench_cases all = {cases, sizeof *cases, CASES, measure};
    return bench_main(&all, argc, argv);
}
