/* SPDX-License-Identifier: MIT
 *
 * The trainer: the path of the data, from a sample to W.
 */
#include "base/memory.h"
#include "learn/learn.h"

#include <string.h>

#define COOKIE 0x7B453172U

struct basin_trainer {
    basin_context *ctx;
    const basin_kernels *k;
    basin_energy *energy;
    basin_inference *inference;
    basin_loss *loss;
    basin_samples samples;
    basin_train_def def;
    const basin_optimiser_type *optimiser;
    double settings[BASIN_PARAMS_MAX];
    size_t n_params;
    basin_progress progress;
    int place;                    /* samples of the epoch that are done */
    double sum, sum_e_c, sum_e_i; /* of the epoch so far */
    double rate_scale;            /* what rollbacks made of the rate */
    int order_epoch;              /* whose order `order` is; -1: none's */

    void *memory;
    size_t memory_size;
    basin_energies *energies; /* (batch) */
    basin_slopes *slopes;     /* (batch) */
    float *gradient;          /* (n_params) */
    float *states[BASIN__STATES_MAX];
    int32_t *order; /* (samples.n) */
    float *x, *y;   /* (batch, dim), where X is kept as bytes */
};

basin_train_def basin_train_default(void)
{
    return (basin_train_def){.cookie = COOKIE,
        .optimiser = "sgd",
        .rate = 0.01,
        .rate_end = 1,
        .epochs = 100,
        .batch = 1,
        .seed = 1};
}

/* ------------------------------------------------------------------- create */

static basin_status check_def(const basin_train_def *def, basin_error *error)
{
    BASIN_REQUIRE(def->cookie == COOKIE, error, BASIN_E_ARGUMENT,
        "the def must come from basin_train_default");
    BASIN_REQUIRE(def->rate > 0 && def->rate <= 1e6, error, BASIN_E_RANGE,
        "rate must be above 0 and at most 1e6; got %g", def->rate);
    BASIN_REQUIRE(def->rate_end >= 0 && def->rate_end <= 1, error,
        BASIN_E_RANGE, "rate_end must be from 0 to 1; got %g", def->rate_end);
    BASIN_REQUIRE(def->clip >= 0 && def->clip <= 1e30, error, BASIN_E_RANGE,
        "clip must be from 0 to 1e30; got %g", def->clip);
    BASIN_REQUIRE(def->epochs >= 1, error, BASIN_E_RANGE,
        "epochs must be at least 1; got %d", def->epochs);
    BASIN_REQUIRE(def->batch >= 1, error, BASIN_E_RANGE,
        "batch must be at least 1; got %d", def->batch);
    return BASIN_OK;
}

static basin_status check_variable(const basin_space *space, const float *v,
    int n, const char *name, basin_error *error)
{
    bool box = space->kind == BASIN_SPACE_BOX;
    float low = box ? space->low : 0;
    float high = box ? space->high : (float)(space->count - 1);
    for (int64_t i = 0; i < (int64_t)n * space->dim; i++) {
        BASIN_REQUIRE(v[i] >= low && v[i] <= high, error, BASIN_E_RANGE,
            "%s of sample %lld is %g; it must be from %g to %g", name,
            (long long)(i / space->dim), (double)v[i], (double)low,
            (double)high);
        BASIN_REQUIRE(box || v[i] == (float)(int)v[i], error, BASIN_E_RANGE,
            "%s of sample %lld is %g; a label is a whole number", name,
            (long long)i, (double)v[i]);
    }
    return BASIN_OK;
}

static basin_status check_sequences(
    const basin_samples *samples, basin_error *error)
{
    const basin_sequences *s = samples->sequences;
    BASIN_REQUIRE(s && samples->n <= s->n, error, BASIN_E_SHAPE,
        "a chain takes sequences: %d samples of %d sequences", samples->n,
        s ? s->n : 0);
    for (int32_t i = 0; i < samples->n; i++) {
        BASIN_REQUIRE(s->start[i] < s->start[i + 1], error, BASIN_E_RANGE,
            "sequence %d has no position", i);
        for (int64_t t = s->start[i]; t < s->start[i + 1]; t++)
            BASIN_REQUIRE(s->label && s->label[t] >= 0, error, BASIN_E_RANGE,
                "a label of sequence %d is not known; learning needs all", i);
    }
    return BASIN_OK;
}

static int longest(const basin_samples *samples)
{
    int64_t most = 0;
    const basin_sequences *s = samples->sequences;
    for (int32_t i = 0; s && i < samples->n; i++)
        if (s->start[i + 1] - s->start[i] > most)
            most = s->start[i + 1] - s->start[i];
    return (int)most;
}

static basin_status check_bytes(
    const basin_space *space, const basin_samples *samples, basin_error *error)
{
    float from = samples->offset, to = samples->offset + 255 * samples->scale;
    BASIN_REQUIRE(space->kind == BASIN_SPACE_BOX && from >= space->low &&
                      from <= space->high && to >= space->low &&
                      to <= space->high,
        error, BASIN_E_RANGE,
        "bytes stand for X from %g to %g; it must be from %g to %g",
        (double)from, (double)to, (double)space->low, (double)space->high);
    return BASIN_OK;
}

static basin_status check_parts(const basin_trainer *t, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(t->energy);
    const basin_loss_type *loss = basin_loss_entry(t->loss);
    BASIN_REQUIRE(loss->domain == BASIN_DOMAIN_ANY ||
                      info->bound == BASIN_BOUND_NONNEGATIVE,
        error, BASIN_E_SERVE,
        "the loss '%s' supposes energies that are never below 0, and this "
        "energy ('%s') has no such bound; end it in a distance or in a "
        "softplus",
        loss->part.name, basin_energy_name(t->energy));
    BASIN_REQUIRE(t->samples.n >= 1, error, BASIN_E_RANGE,
        "there must be at least 1 sample; got %d", t->samples.n);
    if (info->x.kind == BASIN_SPACE_SEQUENCE)
        return check_sequences(&t->samples, error);
    BASIN_TRY(t->samples.bytes ? check_bytes(&info->x, &t->samples, error)
                               : check_variable(&info->x, t->samples.x,
                                     t->samples.n, "X", error));
    return check_variable(&info->y, t->samples.y, t->samples.n, "Y", error);
}

static void lay_memory(basin_trainer *t, basin__arena *a)
{
    size_t params = t->n_params * sizeof(float);
    t->energies = basin__arena_alloc(a, t->def.batch * sizeof *t->energies);
    t->slopes = basin__arena_alloc(a, t->def.batch * sizeof *t->slopes);
    t->gradient = basin__arena_alloc(a, params);
    for (int i = 0; i < t->optimiser->n_states; i++)
        t->states[i] = basin__arena_alloc(a, params);
    t->order = basin__arena_alloc(a, t->samples.n * sizeof *t->order);
    if (!t->samples.bytes)
        return;
    const basin_energy_info *info = basin_energy_describe(t->energy);
    size_t rows = (size_t)t->def.batch * sizeof(float);
    t->x = basin__arena_alloc(a, rows * info->x.dim);
    t->y = basin__arena_alloc(a, rows * info->y.dim);
}

static basin_status take_memory(basin_trainer *t, basin_error *error)
{
    basin__arena arena;
    basin__arena_init(&arena, NULL, 0);
    lay_memory(t, &arena);
    t->memory_size = arena.peak;
    t->memory = basin_alloc(t->ctx, t->memory_size);
    BASIN_REQUIRE(t->memory, error, BASIN_E_MEMORY, "no memory for a trainer");
    basin__arena_init(&arena, t->memory, t->memory_size);
    lay_memory(t, &arena);
    for (int i = 0; i < t->optimiser->n_states; i++)
        t->k->fill(t->states[i], 0, t->n_params);
    return BASIN_OK;
}

/* The m by which slack rescaling chooses its offender. */
static double margin_of(const basin_loss *loss)
{
    const basin_part *part = &basin_loss_entry(loss)->part;
    for (int i = 0; i < part->n_params; i++)
        if (strcmp(part->params[i].name, "margin") == 0)
            return basin_loss_settings(loss)[i];
    return 1;
}

static basin_status open_trainer(basin_trainer *t, basin_error *error)
{
    BASIN_TRY(check_def(&t->def, error));
    BASIN_TRY(check_parts(t, error));
    if (t->def.batch > t->samples.n)
        t->def.batch = t->samples.n;
    const basin_part *part = NULL;
    BASIN_TRY(basin_find(
        &part, t->ctx, BASIN_KIND_OPTIMISER, t->def.optimiser, error));
    t->optimiser = (const basin_optimiser_type *)(const void *)part;
    BASIN_TRY(basin_part_settings(t->settings, part, t->def.optimiser_settings,
        t->def.n_optimiser_settings, error));
    t->n_params = basin_energy_describe(t->energy)->n_params;
    t->progress.epochs = t->def.epochs;
    BASIN_TRY(take_memory(t, error));
    const basin_loss_type *loss = basin_loss_entry(t->loss);
    basin_question question = {.needs = loss->needs,
        .offender = loss->offender,
        .margin = margin_of(t->loss),
        .values = loss->needs_values,
        .samples = t->def.batch,
        .total = t->samples.n,
        .longest = longest(&t->samples)};
    basin_error why = {0};
    basin_status status =
        basin_inference_prepare(t->inference, &question, &why);
    return status == BASIN_OK ? BASIN_OK
                              : basin_error_set(error, status,
                                    "the loss '%s' is not served: %s",
                                    loss->part.name, why.message);
}

basin_status basin_trainer_create(basin_trainer **out,
    basin_inference *inference, basin_loss *loss, const basin_samples *samples,
    const basin_train_def *def, basin_error *error)
{
    *out = NULL;
    basin_energy *energy = basin_inference_energy(inference);
    basin_context *ctx = basin_energy_context(energy);
    basin_trainer *t = basin_alloc(ctx, sizeof *t);
    BASIN_REQUIRE(t, error, BASIN_E_MEMORY, "no memory for a trainer");
    t->ctx = ctx;
    t->k = basin_context_kernels(ctx);
    t->energy = energy;
    t->inference = inference;
    t->loss = loss;
    t->samples = *samples;
    t->def = *def;
    t->rate_scale = 1;
    t->order_epoch = -1;
    basin_status status = open_trainer(t, error);
    if (status != BASIN_OK) {
        basin_trainer_destroy(t);
        return status;
    }
    *out = t;
    return BASIN_OK;
}

void basin_trainer_destroy(basin_trainer *t)
{
    if (!t)
        return;
    basin_free(t->ctx, t->memory, t->memory_size);
    basin_free(t->ctx, t, sizeof *t);
}

/* --------------------------------------------------------------------- step */

/* The samples of a batch; those that are kept as bytes are written out as
 * numbers, in the batch's order. */
static basin_samples as_numbers(
    const basin_trainer *t, const int32_t **index, int n)
{
    if (!t->samples.bytes)
        return t->samples;
    const basin_energy_info *info = basin_energy_describe(t->energy);
    basin_samples_gather(
        &t->samples, *index, n, info->x.dim, info->y.dim, t->x, t->y);
    basin_samples out = {.n = n, .x = t->x, .y = t->y, .number = *index};
    *index = NULL;
    return out;
}

/* What random numbers of this update are a function of. */
static uint64_t random_step(const basin_trainer *t)
{
    return (t->def.seed << 32) + t->progress.updates;
}

/* sample -> energy -> inference -> {E_C, E_I, F} -> loss -> {dL/dE} -> energy
 * backward: `share` times the loss of each sample, added up, and added to its
 * gradient. */
static double measure(basin_trainer *t, const int32_t *index, int n,
    double share, bool training, float *gradient)
{
    double loss = 0;
    basin_samples of = as_numbers(t, &index, n);
    basin_inference_answer(
        t->inference, &of, index, n, training, random_step(t), t->energies);
    for (int b = 0; b < n; b++) {
        basin_slopes *slopes = &t->slopes[b];
        *slopes = (basin_slopes){.e_y = t->energies[b].room};
        for (int i = 0; i < t->energies[b].n; i++)
            slopes->e_y[i] = 0;
        basin_loss_evaluate(t->loss, &t->energies[b], slopes);
        loss += slopes->value;
        t->sum_e_c += t->energies[b].e_c;
        t->sum_e_i += t->energies[b].e_i;
        slopes->e_c *= share;
        slopes->e_i *= share;
        slopes->e_min *= share;
        slopes->f *= share;
        slopes->f_i *= share;
        for (int i = 0; i < t->energies[b].n; i++)
            slopes->e_y[i] *= share;
    }
    if (gradient)
        basin_inference_weigh(t->inference, t->slopes, n, gradient);
    return loss * share;
}

/* The rate falls by a straight line from the first update to the last. */
static double rate_now(const basin_trainer *t)
{
    uint64_t batches =
        (uint64_t)((t->samples.n + t->def.batch - 1) / t->def.batch);
    uint64_t last = batches * (uint64_t)t->def.epochs - 1;
    double done = last ? (double)t->progress.updates / (double)last : 0;
    if (done > 1)
        done = 1;
    return t->rate_scale * t->def.rate * (1 - done * (1 - t->def.rate_end));
}

/* Cut a gradient that is too long (Pascanu, Mikolov and Bengio 2013). */
static void clip(const basin_trainer *t, float *gradient)
{
    double most = t->def.clip;
    if (most <= 0)
        return;
    double length =
        basin_sqrt((double)t->k->dot(gradient, gradient, t->n_params));
    if (length > most)
        t->k->scale(gradient, (float)(most / length), t->n_params);
}

double basin_trainer_step(basin_trainer *t, const int32_t *index, int n)
{
    t->k->fill(t->gradient, 0, t->n_params);
    double loss = measure(t, index, n, 1.0 / n, true, t->gradient);
    clip(t, t->gradient);
    t->progress.rate = rate_now(t);
    t->progress.updates++;
    t->optimiser->update(t->k, t->settings, basin_energy_params(t->energy),
        t->gradient, t->states, t->n_params, t->progress.rate,
        t->progress.updates);
    return loss;
}

double basin_trainer_loss(
    basin_trainer *t, const int32_t *index, int n, float *gradient)
{
    double e_c = t->sum_e_c, e_i = t->sum_e_i;
    double loss = 0;
    if (gradient)
        t->k->fill(gradient, 0, t->n_params);
    for (int first = 0; first < n; first += t->def.batch) {
        int m = n - first < t->def.batch ? n - first : t->def.batch;
        loss += measure(t, index + first, m, 1.0 / n, false, gradient);
    }
    t->sum_e_c = e_c;
    t->sum_e_i = e_i;
    return loss;
}

/* ---------------------------------------------------------------------- run */

/* The name of the tensor in which a parameter lies, for messages. */
static basin_status not_finite(
    const basin_trainer *t, double loss, basin_error *error)
{
    const float *w = basin_energy_params(t->energy);
    size_t at = 0;
    while (at < t->n_params && __builtin_isfinite(w[at]))
        at++;
    const char *where = "W", *tensor = "";
    const basin_graph *graph = basin_energy_graph(t->energy);
    for (int i = 0; graph && i < basin_graph_size(graph); i++) {
        basin_node_info node = basin_graph_node(graph, i);
        if (node.share >= 0) /* its parameters are another's */
            continue;
        for (int j = 0; j < node.n_tensors; j++)
            if (node.params_offset + node.tensors[j].offset <= at) {
                where = node.name;
                tensor = node.tensors[j].name;
            }
    }
    if (at < t->n_params)
        return basin_error_set(error, BASIN_E_NONFINITE,
            "training diverged in epoch %d: %s%s%s holds %g after %llu "
            "updates; a lower rate than %g would help",
            t->progress.epoch + 1, where, *tensor ? "." : "", tensor,
            (double)w[at], (unsigned long long)t->progress.updates,
            t->def.rate);
    return basin_error_set(error, BASIN_E_NONFINITE,
        "training diverged in epoch %d: the loss is %g after %llu updates; a "
        "lower rate than %g would help",
        t->progress.epoch + 1, loss, (unsigned long long)t->progress.updates,
        t->def.rate);
}

static bool finite_params(const basin_trainer *t)
{
    /* A sum of squares is finite when, and nearly only when, all are. */
    const float *w = basin_energy_params(t->energy);
    return __builtin_isfinite(t->k->dot(w, w, t->n_params));
}

static void end_epoch(basin_trainer *t)
{
    int n = t->samples.n;
    bool has_e_i = basin_loss_entry(t->loss)->needs & BASIN_NEED_EI;
    t->place = 0;
    t->progress.epoch++;
    t->progress.loss = t->sum / n;
    t->progress.e_c = t->sum_e_c / n;
    t->progress.e_i = has_e_i ? t->sum_e_i / n : __builtin_nan("");
}

basin_status basin_trainer_advance(
    basin_trainer *t, int samples, bool *ended, basin_error *error)
{
    int n = t->samples.n, left = n - t->place;
    int until = samples < left ? t->place + samples : n;
    if (t->order_epoch != t->progress.epoch) {
        basin_random_key key = {
            t->def.seed, BASIN_STREAM_SHUFFLE, (uint64_t)t->progress.epoch};
        basin_random_shuffle(key, t->order, n);
        t->order_epoch = t->progress.epoch;
    }
    if (t->place == 0)
        t->sum = t->sum_e_c = t->sum_e_i = 0;
    while (t->place < until) {
        int m = n - t->place < t->def.batch ? n - t->place : t->def.batch;
        t->sum += basin_trainer_step(t, t->order + t->place, m) * m;
        t->place += m;
    }
    *ended = t->place == n;
    if (!__builtin_isfinite(t->sum) || !finite_params(t)) {
        t->place = 0; /* of this epoch nothing is left to go on with */
        return not_finite(t, t->sum / n, error);
    }
    if (*ended)
        end_epoch(t);
    return BASIN_OK;
}

basin_status basin_trainer_epoch(
    basin_trainer *t, basin_progress *out, basin_error *error)
{
    for (bool ended = false; !ended;)
        BASIN_TRY(basin_trainer_advance(t, t->samples.n, &ended, error));
    if (out)
        *out = t->progress;
    return BASIN_OK;
}

basin_status basin_trainer_run(basin_trainer *t, basin_error *error)
{
    while (t->progress.epoch < t->def.epochs) {
        BASIN_TRY(basin_trainer_epoch(t, NULL, error));
        BASIN_REQUIRE(!t->def.watch || t->def.watch(t->def.user, &t->progress),
            error, BASIN_E_STOPPED, "stopped after epoch %d of %d",
            t->progress.epoch, t->def.epochs);
    }
    return BASIN_OK;
}

const basin_progress *basin_trainer_progress(const basin_trainer *t)
{
    return &t->progress;
}

/* -------------------------------------------------------------------- state */

basin_trainer_state basin_trainer_state_get(const basin_trainer *t)
{
    return (basin_trainer_state){.progress = t->progress,
        .place = t->place,
        .sum = t->sum,
        .sum_e_c = t->sum_e_c,
        .sum_e_i = t->sum_e_i,
        .rate_scale = t->rate_scale};
}

void basin_trainer_state_set(basin_trainer *t, const basin_trainer_state *state)
{
    t->progress = state->progress;
    t->place = state->place;
    t->sum = state->sum;
    t->sum_e_c = state->sum_e_c;
    t->sum_e_i = state->sum_e_i;
    t->rate_scale = state->rate_scale;
    t->order_epoch = -1;
}

int basin_trainer_arrays(const basin_trainer *t)
{
    return t->optimiser->n_states;
}

float *basin_trainer_array(basin_trainer *t, int index)
{
    return t->states[index];
}

float *basin_trainer_memory(basin_trainer *t, size_t *n)
{
    return basin_inference_memory(t->inference, n);
}

basin_energy *basin_trainer_energy(const basin_trainer *t)
{
    return t->energy;
}

int basin__trainer_samples(const basin_trainer *t)
{
    return t->samples.n;
}
