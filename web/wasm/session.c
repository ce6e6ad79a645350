/* SPDX-License-Identifier: MIT
 *
 * A session's life: its settings, the model and the trainer that they make,
 * and the steps that it takes.
 */
#include "web.h"

#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------- settings */

/* What a session starts with; the page sets all of it. */
static const web_def first = {.nets = 1,
    .hidden = 20,
    .code = 10,
    .weight_range = 2,
    .bias_range = 1,
    .rate = .02,
    .rate_end = .02,
    .epochs = 500,
    .batch = 1,
    .seed = 1,
    .points = 101,
    .epsilon = .3,
    .beta = 1,
    .y_low = -.5,
    .y_high = 1.5};

static const struct {
    const char *name;
    size_t offset;
    double low, high;
} numbers[] = {
    {"nets", offsetof(web_def, nets), 1, 2},
    {"hidden", offsetof(web_def, hidden), 1, 256},
    {"code", offsetof(web_def, code), 1, 64},
    {"weight-range", offsetof(web_def, weight_range), 0, 100},
    {"bias-range", offsetof(web_def, bias_range), 0, 100},
    {"out-range", offsetof(web_def, out_range), 0, 100},
    {"rate", offsetof(web_def, rate), 1e-9, 1e3},
    {"rate-end", offsetof(web_def, rate_end), 0, 1},
    {"epochs", offsetof(web_def, epochs), 1, 1e6},
    {"batch", offsetof(web_def, batch), 1, 10000},
    {"seed", offsetof(web_def, seed), 0, 4294967295.0},
    {"points", offsetof(web_def, points), 11, 1001},
    {"epsilon", offsetof(web_def, epsilon), 0, 1},
    {"beta", offsetof(web_def, beta), 1e-6, 1e6},
    {"y-low", offsetof(web_def, y_low), -1e6, 1e6},
    {"y-high", offsetof(web_def, y_high), -1e6, 1e6},
};

int WEB_EXPORT(web_set)(web *w, const char *name, double value)
{
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (strcmp(numbers[i].name, name) != 0)
            continue;
        BASIN_REQUIRE(value >= numbers[i].low && value <= numbers[i].high,
            &w->error, BASIN_E_RANGE, "%s = %g; from %g to %g is possible",
            name, value, numbers[i].low, numbers[i].high);
        memcpy((char *)&w->def + numbers[i].offset, &value, sizeof value);
        return BASIN_OK;
    }
    return basin_error_set(
        &w->error, BASIN_E_NAME, "there is no setting '%s'", name);
}

int WEB_EXPORT(web_choose)(web *w, int which, const char *name)
{
    web_choice *choice = &w->choices[which == WEB_LOSS ? WEB_LOSS : 1];
    choice->n = 0;
    return basin_find(&choice->part, w->ctx,
        which == WEB_LOSS ? BASIN_KIND_LOSS : BASIN_KIND_OPTIMISER, name,
        &w->error);
}

int WEB_EXPORT(web_setting)(web *w, int which, const char *text)
{
    web_choice *choice = &w->choices[which == WEB_LOSS ? WEB_LOSS : 1];
    BASIN_REQUIRE(choice->n < BASIN_PARAMS_MAX, &w->error, BASIN_E_RANGE,
        "more than %d settings", BASIN_PARAMS_MAX);
    BASIN_TRY(basin_part_parse(
        &choice->settings[choice->n], choice->part, text, &w->error));
    choice->n++;
    return BASIN_OK;
}

/* -------------------------------------------------------------------- life */

web *WEB_EXPORT(web_open)(const char *backend)
{
    web *w = calloc(1, sizeof *w);
    if (!w)
        return NULL;
    basin_context_def def = basin_context_default();
    def.threads = 1;
    def.backend = backend;
    w->def = first;
    if (basin_context_create(&w->ctx, &def, &w->error) == BASIN_OK) {
        basin_bytes_init(&w->text, w->ctx);
        web_choose(w, WEB_LOSS, "energy");
        web_choose(w, WEB_OPTIMISER, "sgd");
        return w;
    }
    free(w);
    return NULL;
}

void web_drop_trainer(web *w)
{
    basin_trainer_destroy(w->trainer);
    basin_loss_destroy(w->loss);
    basin_inference_destroy(w->inference);
    basin_inference_destroy(w->probe);
    w->trainer = NULL;
    w->loss = NULL;
    w->inference = w->probe = NULL;
}

void web_drop_parts(web *w)
{
    web_drop_trainer(w);
    web_drop_passes(w);
    basin_energy_destroy(w->energy);
    w->energy = NULL;
}

void WEB_EXPORT(web_close)(web *w)
{
    if (!w)
        return;
    web_drop_parts(w);
    basin_bytes_finish(&w->text);
    free(w->x);
    free(w->y);
    free(w->pairs);
    free(w->found);
    free(w->order);
    basin_context_destroy(w->ctx);
    free(w);
}

const char *WEB_EXPORT(web_message)(const web *w)
{
    return w->error.message;
}

const char *WEB_EXPORT(web_backend)(const web *w)
{
    return basin_context_backend(w->ctx);
}

/* ------------------------------------------------------------------- model */

/* A net of two layers, as the command's demonstrations have it. */
static basin_status add_net(basin_graph *graph, int *node, const char *prefix,
    const web_def *def, basin_error *error)
{
    const basin_setting hidden[] = {{"out", def->hidden},
        {"weight-range", def->weight_range}, {"bias-range", def->bias_range}};
    const basin_setting code[] = {{"out", def->nets > 1 ? def->code : 1},
        {"weight-range", def->out_range}};
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
        basin_node_def layer = {.module = layers[i].module,
            .name = name,
            .inputs = node,
            .n_inputs = 1,
            .settings = layers[i].settings,
            .n_settings = layers[i].n,
            .share = -1};
        BASIN_TRY(basin_graph_add(graph, node, &layer, error));
    }
    return BASIN_OK;
}

static basin_status fill_graph(
    basin_graph *graph, const web_def *def, basin_error *error)
{
    const basin_shape one = {1, 1, 1};
    int x = 0, y = 0;
    BASIN_TRY(basin_graph_leaf(graph, &x, BASIN_X, one, error));
    BASIN_TRY(basin_graph_leaf(graph, &y, BASIN_Y, one, error));
    BASIN_TRY(add_net(graph, &x, "x-net", def, error));
    if (def->nets > 1)
        BASIN_TRY(add_net(graph, &y, "y-net", def, error));
    int ends[2] = {x, y}, top = 0;
    basin_node_def distance = {.module = "l1",
        .name = "energy",
        .inputs = ends,
        .n_inputs = 2,
        .share = -1};
    return basin_graph_add(graph, &top, &distance, error);
}

static basin_status make_energy(web *w, basin_error *error)
{
    basin_graph *graph = NULL;
    BASIN_TRY(basin_graph_create(&graph, w->ctx, error));
    basin_status status = fill_graph(graph, &w->def, error);
    if (status != BASIN_OK) {
        basin_graph_destroy(graph);
        return status;
    }
    const basin_spaces spaces = {
        .x = {.kind = BASIN_SPACE_BOX, .dim = 1, .low = -1, .high = 1},
        .y = {.kind = BASIN_SPACE_BOX,
            .dim = 1,
            .low = (float)w->def.y_low,
            .high = (float)w->def.y_high}};
    BASIN_TRY(basin_energy_from_graph(&w->energy, graph, &spaces, error));
    basin_energy_init(w->energy, (uint64_t)w->def.seed);
    return BASIN_OK;
}

/* ---------------------------------------------------------------- training */

static basin_status make_trainer(web *w, basin_error *error)
{
    const web_def *d = &w->def;
    const web_choice *loss = &w->choices[WEB_LOSS];
    const web_choice *optimiser = &w->choices[WEB_OPTIMISER];
    const basin_setting grid[] = {
        {"points", d->points}, {"epsilon", d->epsilon}, {"beta", d->beta}};
    BASIN_TRY(
        basin_inference_create(&w->probe, w->energy, "grid", grid, 2, error));
    const basin_question question = {.needs = BASIN_NEED_EC | BASIN_NEED_EI,
        .values = true,
        .samples = w->n};
    BASIN_TRY(basin_inference_prepare(w->probe, &question, error));
    BASIN_TRY(basin_inference_create(
        &w->inference, w->energy, "grid", grid, 3, error));
    BASIN_TRY(basin_loss_create(
        &w->loss, w->ctx, loss->part->name, loss->settings, loss->n, error));
    basin_train_def def = basin_train_default();
    def.optimiser = optimiser->part->name;
    def.optimiser_settings = optimiser->settings;
    def.n_optimiser_settings = optimiser->n;
    def.rate = d->rate;
    def.rate_end = d->rate_end;
    def.epochs = (int)d->epochs;
    def.batch = d->batch < w->n ? (int)d->batch : w->n;
    def.seed = (uint64_t)d->seed;
    const basin_samples samples = {.n = w->n, .x = w->x, .y = w->y};
    return basin_trainer_create(
        &w->trainer, w->inference, w->loss, &samples, &def, error);
}

int WEB_EXPORT(web_continue)(web *w)
{
    web_drop_trainer(w);
    BASIN_REQUIRE(w->energy && w->n > 0, &w->error, BASIN_E_ARGUMENT,
        "there is no model, or there are no samples");
    w->epoch = w->at = 0;
    w->updates = w->mean_loss = 0;
    basin_status status = make_trainer(w, &w->error);
    if (status != BASIN_OK)
        web_drop_trainer(w);
    return status;
}

int WEB_EXPORT(web_build)(web *w)
{
    web_drop_parts(w);
    BASIN_TRY(make_energy(w, &w->error));
    return web_continue(w);
}

static basin_status not_finite(web *w)
{
    return basin_error_set(&w->error, BASIN_E_NONFINITE,
        "training diverged after %g updates: the energies are no longer "
        "finite; a lower rate than %g would help",
        w->updates, w->def.rate);
}

/* The order of an epoch is that of basin_trainer_epoch, so that a step by hand
 * and an epoch by the command see the same samples. */
int WEB_EXPORT(web_step)(web *w, int count)
{
    BASIN_REQUIRE(w->trainer, &w->error, BASIN_E_ARGUMENT, "no trainer");
    const int batch = w->def.batch < w->n ? (int)w->def.batch : w->n;
    double sum = 0;
    int seen = 0;
    for (int i = 0; i < count; i++) {
        if (w->at == 0) {
            const basin_random_key key = {(uint64_t)w->def.seed,
                BASIN_STREAM_SHUFFLE, (uint64_t)w->epoch};
            basin_random_shuffle(key, w->order, w->n);
        }
        int m = w->n - w->at < batch ? w->n - w->at : batch;
        sum += basin_trainer_step(w->trainer, w->order + w->at, m) * m;
        seen += m;
        w->updates++;
        w->at += m;
        if (w->at == w->n) {
            w->at = 0;
            w->epoch++;
        }
    }
    w->mean_loss = seen ? sum / seen : 0;
    const float *p = basin_energy_params(w->energy);
    size_t n = basin_energy_describe(w->energy)->n_params;
    float square = basin_context_kernels(w->ctx)->dot(p, p, n);
    if (!__builtin_isfinite(sum) || !__builtin_isfinite(square))
        return not_finite(w);
    return BASIN_OK;
}

double WEB_EXPORT(web_mean_loss)(const web *w)
{
    return w->mean_loss;
}

double WEB_EXPORT(web_updates)(const web *w)
{
    return w->updates;
}

double WEB_EXPORT(web_rate)(const web *w)
{
    return w->trainer ? basin_trainer_progress(w->trainer)->rate : 0;
}

double WEB_EXPORT(web_loss_now)(web *w)
{
    if (!w->trainer)
        return 0;
    for (int i = 0; i < w->n; i++)
        w->order[i] = i;
    double loss = basin_trainer_loss(w->trainer, w->order, w->n, NULL);
    const basin_random_key key = {
        (uint64_t)w->def.seed, BASIN_STREAM_SHUFFLE, (uint64_t)w->epoch};
    basin_random_shuffle(key, w->order, w->n); /* as the epoch had it */
    return loss;
}

float *WEB_EXPORT(web_params)(web *w)
{
    return w->energy ? basin_energy_params(w->energy) : NULL;
}

int WEB_EXPORT(web_n_params)(const web *w)
{
    return w->energy ? (int)basin_energy_describe(w->energy)->n_params : 0;
}

void WEB_EXPORT(web_restore)(web *w, double updates)
{
    w->updates = updates;
}
