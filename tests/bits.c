/* SPDX-License-Identifier: MIT
 *
 * The four demonstrations, and a net on small pictures, trained for 240 updates
 * of one sample, or 80 of 40: a line for each with a hash of W, of the surface
 * and of the predictions.
 * Every backend and every number of threads must give the same, and so must
 * every compiler: bits.sh compares what they print with bits.golden.
 */
#include "bits_pictures.h"

#include <stdio.h>
#include <string.h>

enum { SAMPLES = 80, GRID = 33 };

typedef struct net {
    const char *name, *loss;
    basin_setting setting; /* of the loss; its name may be NULL */
    bool two_nets;
    double rate, weights, biases, out_weights;
    bool pictures;
} net;

static const net nets[] = {
    {"regression", "energy", {"power", 2}, false, .02, 2, 1, 0, false},
    {"collapse", "energy", {"power", 2}, true, .003, .3, .1, .45, false},
    {"margin", "square-square", {"margin", 2}, true, .003, .3, .1, .45, false},
    {"nll", "nll", {NULL, 0}, true, .003, .3, .1, .45, false},
    {"pictures", "nll", {NULL, 0}, false, .003, 0, 0, 0, true},
};

static const struct way {
    const char *optimiser;
    int batch;
    double rate; /* times the net's */
    int epochs;
} ways[] = {{"sgd", 1, 1, 3}, {"adam", 40, 2, 40}}; /* 40: two shards */

enum { NETS = 5, WAYS = 2 };

typedef struct run {
    basin_context *ctx;
    basin_energy *energy;
    basin_inference *inference;
    basin_loss *loss;
    basin_trainer *trainer;
    basin_pass *pass;
} run;

static void close_run(run *r)
{
    basin_pass_destroy(r->pass);
    basin_trainer_destroy(r->trainer);
    basin_loss_destroy(r->loss);
    basin_inference_destroy(r->inference);
    basin_energy_destroy(r->energy);
    basin_context_destroy(r->ctx);
}

static uint64_t hash(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *b = bytes; /* FNV-1a; little endian as all we run on */
    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * UINT64_C(0x100000001b3);
    return h;
}

static basin_status add_net(
    basin_graph *g, int *node, const net *n, int out, basin_error *error)
{
    const basin_setting hidden[] = {
        {"out", 20}, {"weight-range", n->weights}, {"bias-range", n->biases}};
    const basin_setting code[] = {
        {"out", out}, {"weight-range", n->out_weights}};
    BASIN_TRY(basin_graph_add1(g, node, "linear", *node, hidden, 3, error));
    BASIN_TRY(basin_graph_add1(g, node, "tanh", *node, NULL, 0, error));
    return basin_graph_add1(g, node, "linear", *node, code, 2, error);
}

static basin_status fill_graph(basin_graph *g, const net *n, basin_error *error)
{
    const basin_shape one = {1, 1, 1};
    int x = 0, y = 0, e = 0;
    BASIN_TRY(basin_graph_leaf(g, &x, BASIN_X, one, error));
    BASIN_TRY(basin_graph_leaf(g, &y, BASIN_Y, one, error));
    BASIN_TRY(add_net(g, &x, n, n->two_nets ? 10 : 1, error));
    if (n->two_nets)
        BASIN_TRY(add_net(g, &y, n, 10, error));
    return basin_graph_add2(g, &e, "l1", x, y, NULL, 0, error);
}

static basin_status make_energy(run *r, const net *n, basin_error *error)
{
    basin_spaces spaces = {.x = {BASIN_SPACE_BOX, 1, -1, 1, 0},
        .y = {BASIN_SPACE_BOX, 1, -.5F, 1.5F, 0}};
    if (n->pictures)
        spaces = (basin_spaces){.x = {BASIN_SPACE_BOX, AREA, 0, 1, 0},
            .y = {BASIN_SPACE_LABELS, 1, 0, 0, LABELS}};
    basin_graph *g = NULL;
    BASIN_TRY(basin_graph_create(&g, r->ctx, error));
    const basin_status status =
        n->pictures ? fill_pictures(g, error) : fill_graph(g, n, error);
    if (status != BASIN_OK) {
        basin_graph_destroy(g);
        return status;
    }
    BASIN_TRY(basin_energy_from_graph(&r->energy, g, &spaces, error));
    basin_energy_init(r->energy, 1);
    return BASIN_OK;
}

static basin_status train(
    run *r, const net *n, const struct way *way, basin_error *error)
{
    float x[SAMPLES], y[SAMPLES];
    unsigned char bytes[PICTURES * AREA];
    const basin_random_key key = {1, BASIN_STREAM_DATA, 0};
    basin_samples samples = {.n = SAMPLES, .x = x, .y = y};
    for (uint64_t i = 0; i < SAMPLES; i++) {
        x[i] = (float)(2 * basin_random_uniform(key, i) - 1);
        y[i] = x[i] * x[i];
    }
    if (n->pictures) {
        draw_pictures(bytes, y);
        samples = (basin_samples){
            .n = PICTURES, .y = y, .bytes = bytes, .scale = 1 / 255.F};
    }
    basin_train_def def = basin_train_default();
    def.optimiser = way->optimiser;
    def.batch = way->batch;
    def.rate = n->rate * way->rate;
    def.rate_end = .02;
    def.epochs = way->epochs;
    BASIN_TRY(make_energy(r, n, error));
    BASIN_TRY(basin_inference_create(&r->inference, r->energy,
        n->pictures ? "enumerate" : "grid", NULL, 0, error));
    BASIN_TRY(basin_loss_create(&r->loss, r->ctx, n->loss, &n->setting,
        n->setting.name ? 1 : 0, error));
    BASIN_TRY(basin_trainer_create(
        &r->trainer, r->inference, r->loss, &samples, &def, error));
    return basin_trainer_run(r->trainer, error);
}

static basin_status measure(uint64_t *out, run *r, basin_error *error)
{
    float x[GRID], y[GRID], answers[GRID];
    for (int i = 0; i < GRID; i++) {
        x[i] = (float)(-1 + i / 16.);
        y[i] = (float)(-.5 + i / 16.);
    }
    const basin_pass_def def = {
        .samples = GRID, .n_slots = 1, .slots = {{.y = {GRID, false}}}};
    BASIN_TRY(basin_pass_create(&r->pass, r->energy, &def, error));
    basin_pass_observe(r->pass, x, NULL, GRID, false, 0);
    const float *surface =
        basin_pass_evaluate(r->pass, 0, &(basin_set){.y = y, .y_count = GRID});
    BASIN_TRY(basin_inference_predict(
        r->inference, x, GRID, answers, NULL, NULL, error));
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    h = hash(h, basin_energy_params(r->energy),
        basin_energy_describe(r->energy)->n_params * sizeof(float));
    h = hash(h, surface, sizeof(float) * GRID * GRID);
    *out = hash(h, answers, sizeof answers);
    return BASIN_OK;
}

static basin_status measure_pictures(uint64_t *out, run *r, basin_error *error)
{
    static unsigned char bytes[PICTURES * AREA];
    float x[AREA], y[PICTURES], answer[2];
    uint64_t h =
        hash(UINT64_C(0xcbf29ce484222325), basin_energy_params(r->energy),
            basin_energy_describe(r->energy)->n_params * sizeof(float));
    draw_pictures(bytes, y);
    for (int i = 0; i < PICTURES; i++) {
        basin_samples_gather(
            &(basin_samples){.bytes = bytes + i * AREA, .scale = 1 / 255.F},
            NULL, 1, AREA, 0, x, NULL);
        BASIN_TRY(basin_inference_predict(
            r->inference, x, 1, &answer[0], NULL, &answer[1], error));
        h = hash(h, answer, sizeof answer);
    }
    *out = h;
    return BASIN_OK;
}

static basin_status one(uint64_t *out, const net *n, const struct way *way,
    int threads, const char *backend, basin_error *error)
{
    run r = {0};
    basin_context_def def = basin_context_default();
    def.threads = threads;
    def.backend = backend;
    basin_status status = basin_context_create(&r.ctx, &def, error);
    if (status == BASIN_OK)
        status = train(&r, n, way, error);
    if (status == BASIN_OK)
        status = n->pictures ? measure_pictures(out, &r, error)
                             : measure(out, &r, error);
    close_run(&r);
    return status;
}

/* @return whether all backends and numbers of threads agree */
static bool check(const net *n, const struct way *way)
{
    uint64_t first = 0, h = 0;
    bool known = false;
    for (int b = 0; basin_backend_at(b); b++)
        for (int threads = 1; threads <= 3; threads++) {
            /* Threads share shards of 32: one backend at all numbers, the
             * others at one each. */
            if (b > 0 ? threads != 1 + b % 3 : way->batch <= 32 && threads > 1)
                continue;
            const char *backend = basin_backend_at(b)->name;
            basin_error error = {0};
            if (one(&h, n, way, threads, backend, &error) != BASIN_OK) {
                printf("%s: %s\n", n->name, error.message);
                return false;
            }
            if (known && h != first) {
                printf("%s-%s: %s with %d threads gives %016llx\n", n->name,
                    way->optimiser, backend, threads, (unsigned long long)h);
                return false;
            }
            first = h;
            known = true;
        }
    printf(
        "%s-%s %016llx\n", n->name, way->optimiser, (unsigned long long)first);
    return true;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--backends") == 0) {
        for (int b = 0; basin_backend_at(b); b++)
            printf("%s%s", b ? ", " : "", basin_backend_at(b)->name);
        putchar('\n');
        return 0;
    }
    bool agree = true;
    for (int n = 0; n < NETS; n++)
        for (int w = 0; w < WAYS; w++)
            agree = check(&nets[n], &ways[w]) && agree;
    return agree ? 0 : 1;
}
