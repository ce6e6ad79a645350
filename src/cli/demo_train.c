/* SPDX-License-Identifier: MIT
 *
 * Training a demonstration through the public API alone, and measuring what
 * came out.
 */
#include "cli/demo.h"
#include "cli/demo_pictures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
/* The last three differ in the loss alone. A small common initialisation lets
 * the second collapse; the rate is one at which all three are stable. */
#define TWO_NETS(name, loss, ...) \
    {name, true, loss, {__VA_ARGS__}, .003, .02, .3, .1, .45, 20, 10}

const demo_spec demo_specs[DEMO_KINDS] = {
    {"regression", false, "energy", {"power", 2}, .02, .02, 2, 1, 0, 20, 1},
    TWO_NETS("collapse", "energy", "power", 2),
    TWO_NETS("margin", "square-square", "margin", 2),
    TWO_NETS("nll", "nll", NULL, 0),
};
/* clang-format on */

static const double epsilon = 0.3;

int demo_find(const char *name)
{
    for (int i = 0; i < DEMO_KINDS; i++)
        if (strcmp(demo_specs[i].name, name) == 0)
            return i;
    return -1;
}

float demo_grid_x(int i)
{
    return (float)(-1 + 2.0 * i / (DEMO_GRID - 1));
}

float demo_grid_y(int i)
{
    return (float)(-0.5 + 2.0 * i / (DEMO_GRID - 1));
}

void demo_complete(demo_settings *settings)
{
    if (settings->samples == 0)
        settings->samples = 200;
    if (settings->epochs == 0)
        settings->epochs = settings->quick ? 60 : 500;
    if (settings->batch == 0)
        settings->batch = 1;
}

/* -------------------------------------------------------------------- model */

static basin_status add_net(basin_graph *graph, int *node, const char *prefix,
    const demo_spec *spec, basin_error *error)
{
    const basin_setting hidden[] = {{"out", spec->hidden},
        {"weight-range", spec->weight_range}, {"bias-range", spec->bias_range}};
    const basin_setting code[] = {
        {"out", spec->code}, {"weight-range", spec->out_range}};
    const struct {
        const char *suffix, *module;
        const basin_setting *settings;
        int n;
    } layers[] = {
        {"hidden", "linear", hidden, 3},
        {"tanh", "tanh", NULL, 0},
        {"code", "linear", code, 2},
    };
    for (int i = 0; i < 3; i++) {
        char name[32];
        basin_format(name, sizeof name, "%s.%s", prefix, layers[i].suffix);
        basin_node_def def = {.module = layers[i].module,
            .name = name,
            .inputs = node,
            .n_inputs = 1,
            .settings = layers[i].settings,
            .n_settings = layers[i].n,
            .share = -1};
        BASIN_TRY(basin_graph_add(graph, node, &def, error));
    }
    return BASIN_OK;
}

static basin_status fill_graph(
    basin_graph *graph, const demo_spec *spec, basin_error *error)
{
    const basin_shape one = {1, 1, 1};
    int x = 0, y = 0;
    BASIN_TRY(basin_graph_leaf(graph, &x, BASIN_X, one, error));
    BASIN_TRY(basin_graph_leaf(graph, &y, BASIN_Y, one, error));
    BASIN_TRY(add_net(graph, &x, "x-net", spec, error));
    if (spec->two_nets)
        BASIN_TRY(add_net(graph, &y, "y-net", spec, error));
    int ends[2] = {x, y}, top = 0;
    basin_node_def distance = {.module = "l1",
        .name = "energy",
        .inputs = ends,
        .n_inputs = 2,
        .share = -1};
    return basin_graph_add(graph, &top, &distance, error);
}

static basin_status make_energy(demo_run *run, basin_error *error)
{
    basin_graph *graph = NULL;
    BASIN_TRY(basin_graph_create(&graph, run->ctx, error));
    basin_status status = fill_graph(graph, run->spec, error);
    if (status != BASIN_OK) {
        basin_graph_destroy(graph);
        return status;
    }
    const basin_spaces spaces = {
        .x = {.kind = BASIN_SPACE_BOX, .dim = 1, .low = -1, .high = 1},
        .y = {.kind = BASIN_SPACE_BOX, .dim = 1, .low = -0.5F, .high = 1.5F}};
    BASIN_TRY(basin_energy_from_graph(&run->energy, graph, &spaces, error));
    basin_energy_init(run->energy, run->settings.seed);
    return BASIN_OK;
}

/* X uniform in [-1, 1], Y = X^2. */
static void make_samples(demo_run *run)
{
    basin_random_key key = {run->settings.seed, BASIN_STREAM_DATA, 0};
    for (int i = 0; i < run->settings.samples; i++) {
        run->x[i] = (float)(2 * basin_random_uniform(key, (uint64_t)i) - 1);
        run->y[i] = run->x[i] * run->x[i];
    }
}

/* ------------------------------------------------------------------ watching
 */

/* What watches a run from outside: an inference that finds the right and the
 * offending energies of all samples, and a pass that draws surfaces. */
typedef struct watcher {
    basin_inference *probe;
    basin_pass *pass;
    basin_energies *energies; /* (samples) */
    float x[DEMO_GRID], y[DEMO_GRID];
} watcher;

static basin_status open_watcher(watcher *w, demo_run *run, basin_error *error)
{
    for (int i = 0; i < DEMO_GRID; i++) {
        w->x[i] = demo_grid_x(i);
        w->y[i] = demo_grid_y(i);
    }
    const basin_setting settings[] = {{"epsilon", epsilon}};
    BASIN_TRY(basin_inference_create(
        &w->probe, run->energy, "grid", settings, 1, error));
    basin_question question = {.needs = BASIN_NEED_EC | BASIN_NEED_EI,
        .values = true,
        .samples = run->settings.samples};
    BASIN_TRY(basin_inference_prepare(w->probe, &question, error));
    basin_pass_def def = {.samples = DEMO_GRID,
        .n_slots = 1,
        .slots = {{.y = {DEMO_GRID, false}, .z = {1, false}}}};
    BASIN_TRY(basin_pass_create(&w->pass, run->energy, &def, error));
    w->energies = calloc((size_t)run->settings.samples, sizeof *w->energies);
    BASIN_REQUIRE(
        w->energies, error, BASIN_E_MEMORY, "no memory to watch with");
    return BASIN_OK;
}

static void close_watcher(watcher *w)
{
    free(w->energies);
    basin_pass_destroy(w->pass);
    basin_inference_destroy(w->probe);
}

static void measure(
    watcher *w, const demo_run *run, double *right, double *wrong)
{
    int n = run->settings.samples;
    basin_inference_answer(
        w->probe, run->x, run->y, NULL, n, false, 0, w->energies);
    *right = *wrong = 0;
    for (int i = 0; i < n; i++) {
        *right += w->energies[i].e_c / n;
        *wrong += w->energies[i].e_i / n;
    }
}

static void record(watcher *w, demo_run *run, int epoch, double loss)
{
    demo_record *r = &run->records[run->n_records++];
    r->epoch = epoch;
    r->loss = loss;
    measure(w, run, &r->right, &r->wrong);
}

static const float *draw_surface(watcher *w)
{
    basin_pass_observe(w->pass, w->x, NULL, DEMO_GRID, false, 0);
    return basin_pass_evaluate(
        w->pass, 0, &(basin_set){.y = w->y, .y_count = DEMO_GRID});
}

static void keep_moment(watcher *w, demo_run *run, int epoch)
{
    const size_t n = DEMO_GRID * DEMO_GRID;
    memcpy(
        run->surfaces + run->n_moments * n, draw_surface(w), n * sizeof(float));
    run->moment_epochs[run->n_moments++] = epoch;
}

static double deviation(const float *surface)
{
    const int n = DEMO_GRID * DEMO_GRID;
    double mean = 0, square = 0;
    for (int i = 0; i < n; i++)
        mean += (double)surface[i] / n;
    for (int i = 0; i < n; i++)
        square += ((double)surface[i] - mean) * ((double)surface[i] - mean);
    return sqrt(square / n);
}

/* The k-th of n moments: early ones lie closer, for there the surface moves
 * most. */
static int moment_at(int k, int n, int epochs)
{
    double part = (double)k / (n - 1);
    return (int)lround(epochs * pow(part, 2.2));
}

/* ------------------------------------------------------------------ training
 */

/* The mean loss over all samples, batch by batch. */
static double mean_loss(basin_trainer *trainer, const demo_run *run)
{
    double sum = 0;
    int n = run->settings.samples, batch = run->settings.batch;
    int32_t index[256];
    batch = batch > 256 ? 256 : batch;
    for (int first = 0; first < n; first += batch) {
        int m = n - first < batch ? n - first : batch;
        for (int i = 0; i < m; i++)
            index[i] = first + i;
        sum += basin_trainer_loss(trainer, index, m, NULL) * m;
    }
    return sum / n;
}

static void show(cli_bar *bar, const demo_run *run)
{
    char text[96];
    const demo_record *r = &run->records[run->n_records - 1];
    snprintf(text, sizeof text, "loss %.4g  %.0f samples/s", r->loss,
        run->seconds > 0
            ? run->epochs_done * (double)run->settings.samples / run->seconds
            : 0.0);
    cli_bar_show(
        bar, run->spec->name, run->epochs_done, run->settings.epochs, text);
}

static basin_status train_epochs(demo_run *run, basin_trainer *trainer,
    watcher *w, cli_bar *bar, basin_error *error)
{
    int epochs = run->settings.epochs, next = 1;
    int every = (epochs + DEMO_RECORDS - 2) / (DEMO_RECORDS - 1);
    int moments = epochs < DEMO_MOMENTS ? epochs + 1 : DEMO_MOMENTS;
    record(w, run, 0, mean_loss(trainer, run));
    keep_moment(w, run, 0);
    while (run->epochs_done < epochs && !run->interrupted) {
        basin_progress progress;
        double start = cli_now();
        BASIN_TRY(basin_trainer_epoch(trainer, &progress, error));
        run->seconds += cli_now() - start;
        int epoch = ++run->epochs_done;
        run->interrupted = cli_interrupted();
        bool last = epoch == epochs || run->interrupted;
        if (epoch % every == 0 || last)
            record(w, run, epoch, progress.loss);
        while (next < moments - 1 && moment_at(next, moments, epochs) < epoch)
            next++;
        if (moment_at(next, moments, epochs) == epoch || last)
            keep_moment(w, run, epoch);
        show(bar, run);
    }
    run->final_loss = mean_loss(trainer, run);
    return BASIN_OK;
}

static basin_status judge(
    demo_run *run, watcher *w, basin_inference *inference, basin_error *error)
{
    float y[DEMO_GRID];
    BASIN_TRY(basin_inference_predict(
        inference, w->x, DEMO_GRID, y, NULL, NULL, error));
    run->mae = 0;
    for (int i = 0; i < DEMO_GRID; i++) {
        double x = (double)w->x[i];
        run->mae += fabs((double)y[i] - x * x) / DEMO_GRID;
    }
    measure(w, run, &run->energy_right, &run->energy_wrong);
    const size_t n = DEMO_GRID * DEMO_GRID;
    run->surface_std_initial = deviation(run->surfaces);
    run->surface_std = deviation(run->surfaces + (run->n_moments - 1) * n);
    run->collapsed = run->surface_std <= 0.05 * run->surface_std_initial;
    return BASIN_OK;
}

static basin_status train_with(demo_run *run, watcher *w,
    basin_inference *inference, basin_loss *loss, basin_error *error)
{
    basin_train_def def = basin_train_default();
    def.rate = run->spec->rate;
    def.rate_end = run->spec->rate_end;
    def.epochs = run->settings.epochs;
    def.batch = run->settings.batch;
    def.seed = run->settings.seed;
    basin_samples samples = {
        .n = run->settings.samples, .x = run->x, .y = run->y};
    basin_trainer *trainer = NULL;
    BASIN_TRY(
        basin_trainer_create(&trainer, inference, loss, &samples, &def, error));
    cli_bar bar = cli_bar_start(run->settings.quiet);
    basin_status status = train_epochs(run, trainer, w, &bar, error);
    cli_bar_end(&bar);
    basin_trainer_destroy(trainer);
    return status == BASIN_OK ? judge(run, w, inference, error) : status;
}

static basin_status train_parts(demo_run *run, basin_error *error)
{
    const demo_spec *spec = run->spec;
    basin_inference *inference = NULL;
    basin_loss *loss = NULL;
    watcher w = {0};
    const basin_setting grid[] = {
        {"points", DEMO_GRID}, {"epsilon", epsilon}, {"beta", 1}};
    basin_status status = open_watcher(&w, run, error);
    if (status == BASIN_OK)
        status = basin_inference_create(
            &inference, run->energy, "grid", grid, 3, error);
    if (status == BASIN_OK)
        status = basin_loss_create(&loss, run->ctx, spec->loss,
            &spec->loss_setting, spec->loss_setting.name != NULL, error);
    if (status == BASIN_OK)
        status = train_with(run, &w, inference, loss, error);
    basin_loss_destroy(loss);
    basin_inference_destroy(inference);
    close_watcher(&w);
    return status;
}

static basin_status take_memory(demo_run *run, basin_error *error)
{
    size_t n = (size_t)run->settings.samples;
    run->x = calloc(n, sizeof *run->x);
    run->y = calloc(n, sizeof *run->y);
    run->surfaces = calloc(
        (size_t)DEMO_MOMENTS * DEMO_GRID * DEMO_GRID, sizeof *run->surfaces);
    run->moment_epochs = calloc(DEMO_MOMENTS, sizeof *run->moment_epochs);
    run->records = calloc(DEMO_RECORDS + 1, sizeof *run->records);
    BASIN_REQUIRE(
        run->x && run->y && run->surfaces && run->moment_epochs && run->records,
        error, BASIN_E_MEMORY, "no memory for %zu samples", n);
    return BASIN_OK;
}

basin_status demo_train(demo_run *run, demo_kind kind,
    const demo_settings *settings, basin_error *error)
{
    *run = (demo_run){.spec = &demo_specs[kind], .settings = *settings};
    if (run->settings.batch > run->settings.samples)
        run->settings.batch = run->settings.samples;
    basin_context_def def = basin_context_default();
    def.threads = settings->threads;
    def.backend = settings->backend;
    BASIN_TRY(basin_context_create(&run->ctx, &def, error));
    BASIN_TRY(take_memory(run, error));
    BASIN_TRY(make_energy(run, error));
    make_samples(run);
    return train_parts(run, error);
}

void demo_finish(demo_run *run)
{
    demo_free_pictures(run);
    basin_energy_destroy(run->energy);
    basin_context_destroy(run->ctx);
    free(run->x);
    free(run->y);
    free(run->surfaces);
    free(run->moment_epochs);
    free(run->records);
    *run = (demo_run){0};
}
