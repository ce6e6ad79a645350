/* SPDX-License-Identifier: MIT
 *
 * The trainer: the path of the data, from a sample to W.
 */
#include "learn/trainer.h"

#include "base/memory.h"

#include <string.h>

basin_train_def basin_train_default(void)
{
    return (basin_train_def){.cookie = BASIN__TRAIN_COOKIE,
        .optimiser = "sgd",
        .rate = 0.01,
        .rate_end = 1,
        .epochs = 100,
        .batch = 1,
        .seed = 1,
        .steps = 3,
        .average_from = 0.5,
        .beta_over = 1};
}

/* ------------------------------------------------------------------- create */

static int longest(const basin_samples *samples)
{
    int64_t most = 0;
    const basin_sequences *s = samples->sequences;
    for (int32_t i = 0; s && i < samples->n; i++)
        if (s->start[i + 1] - s->start[i] > most)
            most = s->start[i + 1] - s->start[i];
    return (int)most;
}

static void lay_memory(void *self, basin__arena *a)
{
    basin_trainer *t = self;
    size_t params = t->n_params * sizeof(float);
    t->energies = basin__arena_alloc(a, t->def.batch * sizeof *t->energies);
    t->slopes = basin__arena_alloc(a, t->def.batch * sizeof *t->slopes);
    t->gradient = basin__arena_alloc(a, params);
    for (int i = 0; i < basin_trainer_arrays(t); i++)
        t->states[i] = basin__arena_alloc(a, params);
#ifndef BASIN_SMALL
    if (basin__curvature_every(t))
        t->kept = basin__arena_alloc(a, params);
#endif
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
    BASIN_REQUIRE(
        basin__arena_block(&t->memory, &t->memory_size, t->ctx, lay_memory, t),
        error, BASIN_E_MEMORY, "no memory for a trainer");
    for (int i = 0; i < basin_trainer_arrays(t); i++)
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
    BASIN_TRY(
        basin__train_check(&t->def, t->energy, t->loss, &t->samples, error));
    const basin_part *part = NULL;
    BASIN_TRY(basin_find(
        &part, t->ctx, BASIN_KIND_OPTIMISER, t->def.optimiser, error));
    t->optimiser = (const basin_optimiser_type *)(const void *)part;
    if (t->optimiser->whole && t->def.batch < BASIN__WHOLE_BATCH)
        t->def.batch = BASIN__WHOLE_BATCH;
    if (t->def.batch > t->samples.n)
        t->def.batch = t->samples.n;
    BASIN_TRY(basin_part_settings(t->settings, part, t->def.optimiser_settings,
        t->def.n_optimiser_settings, error));
    t->n_params = basin_energy_describe(t->energy)->n_params;
    t->progress.epochs = t->def.epochs;
    t->progress.beta = t->progress.beta_z = __builtin_nan("");
#ifndef BASIN_SMALL
    BASIN_TRY(
        basin__anneal_open(&t->anneal, &t->def, t->inference, t->loss, error));
    BASIN_TRY(basin__curvature_check(t, error));
#endif
    BASIN_TRY(take_memory(t, error));
#ifndef BASIN_SMALL
    if (t->optimiser->whole)
        BASIN_TRY(basin__whole_open(t, error));
#endif
    const basin_loss_type *loss = basin_loss_entry(t->loss);
    basin_question question = {.needs = loss->needs,
        .offender = loss->offender,
        .margin = margin_of(t->loss),
        .values = loss->needs_values || t->optimiser->whole,
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
#ifndef BASIN_SMALL
    basin__whole_close(t);
#endif
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

/* What random numbers of this update are a function of. A loss that is searched
 * along a line stays the same. */
static uint64_t random_step(const basin_trainer *t)
{
    return (t->def.seed << 32) +
           (t->optimiser->whole ? 0 : t->progress.updates);
}

/* sample -> energy -> inference -> {E_C, E_I, F} -> loss -> {dL/dE} -> energy
 * backward: `share` times the loss of each sample, added up, and added to its
 * gradient. */
double basin__trainer_measure(basin_trainer *t, const int32_t *index, int n,
    double share, bool training, float *gradient)
{
    double loss = 0;
    const int32_t *rows = index;
    const float *weights = t->samples.weights;
    basin_samples of = as_numbers(t, &index, n);
    basin_inference_answer(
        t->inference, &of, index, n, training, random_step(t), t->energies);
    for (int b = 0; b < n; b++) {
        const basin_energies *energies = &t->energies[b];
        basin_slopes *slopes = &t->slopes[b];
        *slopes = (basin_slopes){.e_y = energies->room};
        for (int i = 0; i < energies->n; i++)
            slopes->e_y[i] = 0;
        basin_loss_evaluate(t->loss, energies, slopes);
        if (t->def.size > 0)
            basin__penalise_size(t->loss, energies, t->def.size, slopes);
        double weight = weights ? (double)weights[rows[b]] : 1;
        loss += weight * slopes->value;
        t->sum_e_c += energies->e_c;
        t->sum_e_i += energies->e_i;
        basin__scale_slopes(slopes, energies->n, weight * share);
    }
    if (gradient)
        basin_inference_weigh(t->inference, t->slopes, n, gradient);
    return loss * share;
}

static uint64_t all_updates(const basin_trainer *t)
{
    int batches = (t->samples.n + t->def.batch - 1) / t->def.batch;
    return (uint64_t)batches * (uint64_t)t->def.epochs;
}

static double rate_now(const basin_trainer *t)
{
    return t->rate_scale * basin__schedule_rate(&t->def, t->progress.updates,
                               all_updates(t) - 1);
}

/* How many W are in the mean. */
uint64_t basin__trainer_averaged(const basin_trainer *t)
{
    uint64_t from = (uint64_t)(t->def.average_from * (double)all_updates(t));
    if (t->def.average <= 0 || t->progress.updates <= from)
        return 0;
    return t->progress.updates - from;
}

/* The mean of W over the updates since a part of the training was done (Polyak
 * and Juditsky 1992), or, where a share of the old one goes at each update,
 * over about the last 1 / (1 - average). */
static void take_average(basin_trainer *t)
{
    uint64_t n = basin__trainer_averaged(t);
    if (n == 0)
        return;
    double share = 1 / (double)n;
    if (share < 1 - t->def.average)
        share = 1 - t->def.average;
    float *mean = t->states[t->optimiser->n_states];
    t->k->scale(mean, (float)(1 - share), t->n_params);
    t->k->sgd(mean, basin_energy_params(t->energy), (float)-share, t->n_params);
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

/* The penalty on W, and its slope added to the gradient. */
static double penalise(const basin_trainer *t, float *gradient)
{
    return basin__penalise_weights(t->k, basin_energy_params(t->energy),
        gradient, t->n_params, t->def.l1, t->def.l2);
}

/* The same while learning: at this update's inverse temperatures. */
static double measure_annealed(basin_trainer *t, const int32_t *index, int n)
{
#ifndef BASIN_SMALL
    basin__anneal_go(&t->anneal, &t->def, t->progress.updates,
        all_updates(t) - 1, &t->progress);
#endif
    double loss =
        basin__trainer_measure(t, index, n, 1.0 / n, true, t->gradient);
#ifndef BASIN_SMALL
    const int every = basin__curvature_every(t);
    if (every && t->progress.updates % (uint64_t)every == 0)
        basin__curvature_probe(t, index, n);
    basin__anneal_rest(&t->anneal);
#endif
    return loss;
}

double basin_trainer_step(basin_trainer *t, const int32_t *index, int n)
{
#ifndef BASIN_SMALL
    if (t->optimiser->whole)
        return basin__whole_step(t);
#endif
    t->k->fill(t->gradient, 0, t->n_params);
    double loss = measure_annealed(t, index, n);
    loss += penalise(t, t->gradient);
    clip(t, t->gradient);
    t->progress.rate = rate_now(t);
    t->progress.updates++;
    t->optimiser->update(t->k, t->settings, basin_energy_params(t->energy),
        t->gradient, t->states, t->n_params, t->progress.rate,
        t->progress.updates);
    take_average(t);
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
        loss += basin__trainer_measure(
            t, index + first, m, 1.0 / n, false, gradient);
    }
    t->sum_e_c = e_c;
    t->sum_e_i = e_i;
    return loss + penalise(t, gradient);
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
    char help[96];
    if (t->optimiser->whole)
        basin_format(help, sizeof help,
            "a loss that can fall for ever needs an end, as l2 or size give");
    else
        basin_format(
            help, sizeof help, "a lower rate than %g would help", t->def.rate);
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
            "updates; %s",
            t->progress.epoch + 1, where, *tensor ? "." : "", tensor,
            (double)w[at], (unsigned long long)t->progress.updates, help);
    return basin_error_set(error, BASIN_E_NONFINITE,
        "training diverged in epoch %d: the loss is %g after %llu updates; %s",
        t->progress.epoch + 1, loss, (unsigned long long)t->progress.updates,
        help);
}

static bool finite_params(const basin_trainer *t)
{
    /* A sum of squares is finite when, and nearly only when, all are. */
    const float *w = basin_energy_params(t->energy);
    return __builtin_isfinite(t->k->dot(w, w, t->n_params));
}

basin_status basin__trainer_finite(
    const basin_trainer *t, double loss, basin_error *error)
{
    return __builtin_isfinite(loss) && finite_params(t)
               ? BASIN_OK
               : not_finite(t, loss, error);
}

void basin__trainer_end_epoch(basin_trainer *t)
{
    int n = t->samples.n;
    bool has_e_i = basin_loss_entry(t->loss)->needs & BASIN_NEED_EI;
    t->place = 0;
    t->progress.epoch++;
    t->progress.passes++;
    t->progress.loss = t->sum / n;
    t->progress.e_c = t->sum_e_c / n;
    t->progress.e_i = has_e_i ? t->sum_e_i / n : __builtin_nan("");
}

basin_status basin_trainer_advance(
    basin_trainer *t, int samples, bool *ended, basin_error *error)
{
#ifndef BASIN_SMALL
    if (t->optimiser->whole)
        return basin__whole_advance(t, ended, error);
#endif
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
    basin_status status = basin__trainer_finite(t, t->sum / n, error);
    if (status != BASIN_OK) {
        t->place = 0; /* of this epoch nothing is left to go on with */
        return status;
    }
    if (*ended)
        basin__trainer_end_epoch(t);
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
    while (t->progress.epoch < t->def.epochs && !basin_trainer_stands(t)) {
        BASIN_TRY(basin_trainer_epoch(t, NULL, error));
        BASIN_REQUIRE(!t->def.watch || t->def.watch(t->def.user, &t->progress),
            error, BASIN_E_STOPPED, "stopped after epoch %d of %d",
            t->progress.epoch, t->def.epochs);
    }
    return BASIN_OK;
}
