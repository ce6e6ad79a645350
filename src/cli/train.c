/* SPDX-License-Identifier: MIT
 *
 * basin train: what the command line and the description say, put together.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/text.h"

/* --------------------------------------------------------------------- data */

static basin_status read_data(train_run *run, basin_error *error)
{
    basin__description *d = &run->model.d;
    const train_options *o = run->options;
    BASIN_TRY(cli_read_samples(&run->samples, &run->model, &o->data,
        d->data.train, CLI_LEARN, true, error));
    double part = d->learning[BASIN__LEARN_HELD_OUT];
    uint64_t seed = (uint64_t)d->learning[BASIN__LEARN_SEED];
    basin__samples more = {.ctx = run->ctx};
    if (o->folds) {
        BASIN_TRY(basin__samples_fold(
            &run->samples, run->fold, o->folds, seed, error));
    } else if (d->data.held_out) {
        basin_status status = cli_read_samples(
            &more, &run->model, NULL, d->data.held_out, CLI_LEARN, true, error);
        if (status == BASIN_OK)
            status = basin__samples_append(&run->samples, &more, error);
        basin__samples_finish(&more);
        BASIN_TRY(status);
    } else if (part > 0)
        BASIN_TRY(basin__samples_hold_out(&run->samples, part, seed, error));
    BASIN_TRY(basin__scale_fit(d, &run->samples, error));
    BASIN_TRY(basin__scale_apply(d, &run->samples, error));
    BASIN_TRY(basin__samples_check(&run->samples, d,
        o->data.n       ? o->data.at[0]
        : d->data.train ? d->data.train->kind == BASIN__LIST
                              ? d->data.train->first->word
                              : d->data.train->word
                        : run->model.path,
        error));
    BASIN_TRY(cli_in_model(
        &run->model, basin__samples_weigh(&run->samples, d, error), error));
    return cli_read_test(
        &run->test, &run->has_test, &run->model, &o->data, &o->test, error);
}

/* -------------------------------------------------------------------- parts */

/* What an evaluation costs however little it computes, in energies. */
enum { FIXED_WORK = 100 };

double train_epsilon(const basin__description *d)
{
    const basin__choice *c = &d->inference;
    for (int i = 0; i < c->part->n_params; i++)
        if (strcmp(c->part->params[i].name, "epsilon") == 0)
            return c->values[i];
    const basin_space *y = &basin_energy_describe(d->energy)->y;
    return 0.15 * ((double)y->high - (double)y->low);
}

/* How many energies a look may compute, so that all looks together stay far
 * below 2 % of the training: an update costs three energies at least, and
 * many where the loss contrasts. */
static int watch_budget(train_run *run)
{
    double epochs = run->model.d.learning[BASIN__LEARN_EPOCHS];
    double each = basin_loss_entry(run->loss)->needs == BASIN_NEED_EC ? 3 : 60;
    double looks = 20 + log2(epochs + 1);
    double batch = run->model.d.learning[BASIN__LEARN_BATCH];
    double updates = ceil(run->samples.n / batch);
    run->epoch_work = each * run->samples.n + FIXED_WORK * updates;
    double budget = 0.008 * run->epoch_work * epochs / looks;
    budget = budget < 16 ? 16 : budget > 2048 ? 2048 : floor(budget);
    run->look_work = budget + 2 * FIXED_WORK;
    return (int)budget;
}

basin_train_def train_def(
    const basin__description *d, basin_setting settings[BASIN_PARAMS_MAX])
{
    const basin_part *optimiser = d->optimiser.part;
    for (int i = 0; i < optimiser->n_params; i++)
        settings[i] =
            (basin_setting){optimiser->params[i].name, d->optimiser.values[i]};
    basin_train_def def = basin_train_default();
    def.optimiser = optimiser->name;
    def.optimiser_settings = settings;
    def.n_optimiser_settings = optimiser->n_params;
    def.rate = d->learning[BASIN__LEARN_RATE];
    def.rate_end = d->learning[BASIN__LEARN_RATE_END];
    def.epochs = (int)d->learning[BASIN__LEARN_EPOCHS];
    def.batch = (int)d->learning[BASIN__LEARN_BATCH];
    def.seed = (uint64_t)d->learning[BASIN__LEARN_SEED];
    def.clip = d->learning[BASIN__LEARN_CLIP];
    def.schedule = (basin_schedule)d->learning[BASIN__LEARN_SCHEDULE];
    def.warmup = d->learning[BASIN__LEARN_WARMUP];
    def.steps = (int)d->learning[BASIN__LEARN_STEPS];
    def.l1 = d->learning[BASIN__LEARN_L1];
    def.l2 = d->learning[BASIN__LEARN_L2];
    def.size = d->learning[BASIN__LEARN_SIZE];
    def.average = d->learning[BASIN__LEARN_AVERAGE];
    def.average_from = d->learning[BASIN__LEARN_AVERAGE_FROM];
    def.beta_from = d->learning[BASIN__LEARN_BETA_FROM];
    def.beta_z_from = d->learning[BASIN__LEARN_BETA_Z_FROM];
    def.beta_schedule =
        (basin_beta_schedule)d->learning[BASIN__LEARN_BETA_SCHEDULE];
    def.beta_over = d->learning[BASIN__LEARN_BETA_OVER];
    return def;
}

static basin_status make_trainer(train_run *run, basin_error *error)
{
    const basin__description *d = &run->model.d;
    basin_setting settings[BASIN_PARAMS_MAX];
    basin_train_def def = train_def(d, settings);
    basin_samples samples =
        basin__samples_view(&run->samples, 0, run->samples.n);
    basin_status status = basin_trainer_create(
        &run->trainer, run->inference, run->loss, &samples, &def, error);
    if (status == BASIN_E_SERVE)
        basin_error_place(error, NULL, d->loss.line, d->loss.column);
    else if (status == BASIN_E_RANGE || status == BASIN_E_ARGUMENT)
        basin__tree_at(d->learning_tree, error);
    return cli_in_model(&run->model, status, error);
}

static basin_status take_memory(train_run *run, basin_error *error)
{
    size_t n = basin_energy_describe(run->model.d.energy)->n_params;
    run->c.most_moments = TRAIN_MOMENTS + TRAIN_LOOKS;
    run->c.moments =
        calloc((size_t)run->c.most_moments, sizeof *run->c.moments);
    run->best_room = calloc(n + 1, sizeof *run->best_room);
    run->held_out =
        calloc((size_t)run->samples.n_held_out + 1, sizeof *run->held_out);
    BASIN_REQUIRE(run->c.moments && run->best_room && run->held_out, error,
        BASIN_E_MEMORY, "no memory for a training");
    for (int i = 0; i < run->samples.n_held_out; i++)
        run->held_out[i] = run->samples.n + i;
    run->c.best_held_out = (double)NAN;
    if (run->model.d.learning[BASIN__LEARN_PATIENCE] > 0)
        run->c.best = run->best_room;
    run->c.data = basin__samples_hash(&run->samples);
    return BASIN_OK;
}

static basin_status make_parts(train_run *run, basin_error *error)
{
    const basin__description *d = &run->model.d;
    basin_samples samples =
        basin__samples_view(&run->samples, 0, run->samples.n);
    basin_energy_init(d->energy, (uint64_t)d->learning[BASIN__LEARN_SEED]);
    BASIN_TRY(take_memory(run, error));
    BASIN_TRY(cli_in_model(&run->model,
        basin__description_inference(&run->inference, d, error), error));
    BASIN_TRY(cli_in_model(
        &run->model, basin__description_loss(&run->loss, d, error), error));
    BASIN_TRY(make_trainer(run, error));
    BASIN_TRY(basin_guard_create(&run->guard, run->trainer, error));
    BASIN_TRY(basin_watch_create(&run->watch, d->energy, run->loss, &samples,
        watch_budget(run), train_epsilon(d), error));
    run->c.first = run->c.last = *basin_watch_first(run->watch);
    return BASIN_OK;
}

/* --------------------------------------------------------------------- run */

/* What the command line says goes before what the description says. */
static basin_status override(train_run *run, basin_error *error)
{
    const train_options *o = run->options;
    basin__description *d = &run->model.d;
    if (o->epochs)
        d->learning[BASIN__LEARN_EPOCHS] = o->epochs;
    BASIN_REQUIRE(!o->seed_given || o->seed <= (uint64_t)1 << 53, error,
        BASIN_E_RANGE, "--seed is at most 9007199254740992 here");
    if (o->seed_given)
        d->learning[BASIN__LEARN_SEED] = (double)o->seed;
    bool held_out =
        o->folds || d->data.held_out || d->learning[BASIN__LEARN_HELD_OUT] > 0;
    if (d->learning[BASIN__LEARN_PATIENCE] == 0 || held_out)
        return BASIN_OK;
    basin_error_set(error, BASIN_E_FORMAT,
        "patience needs samples that are held out: set held-out to a part, "
        "0.2 for instance");
    basin__tree_at(basin__tree_get(d->learning_tree, "patience"), error);
    return cli_in_model(&run->model, BASIN_E_FORMAT, error);
}

/* Can the folder be written? It is better known before than after. */
static basin_status open_out(train_run *run, basin_error *error)
{
    char path[BASIN__PATH];
    basin__staged staged;
    if (run->options->out)
        basin_format(run->out, sizeof run->out, "%s", run->options->out);
    else
        cli_default_out(run->out, run->model.path);
    size_t length = strlen(run->out);
    BASIN_REQUIRE(
        length + 48 < BASIN__PATH, error, BASIN_E_IO, "--out is too long");
    if (run->options->folds)
        basin_format(run->out + length, sizeof run->out - length, "/fold-%d",
            run->fold + 1);
    BASIN_TRY(basin_folder_make(run->out, error));
    basin_format(path, sizeof path, "%s/model.safetensors", run->out);
    BASIN_TRY(basin__file_stage(&staged, path, "", 0, error));
    basin__file_drop(&staged);
    return BASIN_OK;
}

static basin_status train(train_run *run, const char *path, basin_error *error)
{
    BASIN_REQUIRE(cli_is_yaml(path), error, BASIN_E_ARGUMENT,
        "'%s' is no description: a name that ends in .yaml is expected", path);
    BASIN_TRY(cli_open_yaml(&run->model, run->ctx, path, error));
    BASIN_TRY(override(run, error));
    BASIN_TRY(read_data(run, error));
    BASIN_TRY(make_parts(run, error));
    BASIN_TRY(open_out(run, error));
    if (run->options->resume)
        BASIN_TRY(train_restore(run, error));
    BASIN_TRY(train_loop(run, error));
    return train_finish(run, error);
}

static void finish(train_run *run)
{
    basin_watch_destroy(run->watch);
    basin_guard_destroy(run->guard);
    basin_trainer_destroy(run->trainer);
    basin_loss_destroy(run->loss);
    basin_inference_destroy(run->inference);
    basin__samples_finish(&run->samples);
    basin__samples_finish(&run->test);
    cli_close_model(&run->model);
    basin_context_destroy(run->ctx);
    free(run->c.moments);
    free(run->best_room);
    free(run->held_out);
    for (int i = 0; i < run->n_warnings; i++)
        free(run->warnings[i]);
}

/* One run, from the context on. */
static basin_status train_once(const train_options *o, const char *path,
    int fold, train_end *end, cli_score *held, basin_error *error)
{
    train_run run = {.options = o, .fold = fold};
    basin_context_def def = basin_context_default();
    def.threads = o->threads;
    def.backend = o->backend;
    BASIN_TRY(basin_context_create(&run.ctx, &def, error));
    basin_status status = train(&run, path, error);
    *end = run.end;
    *held = run.held;
    finish(&run);
    return status;
}

/* The model once; or once for each fold, which is held out. */
static basin_status train_all(const train_options *o, const char *path,
    train_end *end, basin_error *error)
{
    cli_score held[TRAIN_FOLDS];
    BASIN_REQUIRE(o->folds != 1, error, BASIN_E_RANGE,
        "--folds must be from 2 to %d; got 1", TRAIN_FOLDS);
    int n = o->folds ? o->folds : 1;
    for (int fold = 0; fold < n && *end != TRAIN_INTERRUPTED; fold++) {
        if (o->folds && !o->json && !o->quiet)
            printf("%sfold %d of %d\n", fold ? "\n" : "", fold + 1, n);
        BASIN_TRY(train_once(o, path, fold, end, &held[fold], error));
    }
    if (o->folds && *end != TRAIN_INTERRUPTED && !o->quiet)
        train_print_folds(o, held, n);
    return BASIN_OK;
}

int cli_train(int argc, char **argv)
{
    train_options o = {.seed = UINT64_MAX, .checkpoint = 10};
    const cli_option options[] = {
        {"data", CLI_FILES, &o.data, 0, 0, "FILE", CLI_SAMPLES_HELP},
        {"test", CLI_FILES, &o.test, 0, 0, "FILE",
            "samples to judge by at the end"},
        {"out", CLI_TEXT, &o.out, 0, 0, "DIR",
            "where the results go (default: the model's name)"},
        {"seed", CLI_SEED, &o.seed, 0, 0, "N", "instead of the model's"},
        {"epochs", CLI_COUNT, &o.epochs, 1, 1000000000, "N",
            "instead of the model's"},
        {"folds", CLI_COUNT, &o.folds, 1, TRAIN_FOLDS, "N",
            "train once for each of N parts, which is held out"},
        {"threads", CLI_COUNT, &o.threads, 1, 1024, "N",
            "default: one for each processor; results are the same"},
        {"backend", CLI_TEXT, &o.backend, 0, 0, "NAME",
            "the kernels; default: the fastest; results are the same"},
        {"resume", CLI_FLAG, &o.resume, 0, 0, NULL,
            "go on from the checkpoint in DIR, if there is one"},
        {"time-limit", CLI_NUMBER, &o.time_limit, 0, 1000000000, "S",
            "stop after so many seconds, with a checkpoint"},
        {"checkpoint", CLI_NUMBER, &o.checkpoint, 0, 1000000000, "S",
            "seconds between checkpoints (default 10)"},
        {"json", CLI_FLAG, &o.json, 0, 0, NULL, "print one object"},
        {"quiet", CLI_FLAG, &o.quiet, 0, 0, NULL,
            "print neither progress, nor warnings, nor the result"},
    };
    const cli_usage usage = {"train", "MODEL.yaml",
        "Train the model that a file describes.", options,
        sizeof options / sizeof *options, 1, 1};
    const char *words[1];
    int n = 0;
    bool helped = false;
    basin_error error = {0};
    train_end end = TRAIN_DONE;
    basin_status status =
        cli_parse(&usage, argc, argv, words, &n, &helped, &error);
    if (helped)
        return CLI_OK;
    o.seed_given = o.seed != UINT64_MAX;
    if (status == BASIN_OK) {
        cli_catch_interrupt();
        status = train_all(&o, words[0], &end, &error);
    }
    if (status != BASIN_OK)
        return cli_fail("train", &error);
    return end == TRAIN_INTERRUPTED ? CLI_INTERRUPTED : CLI_OK;
}
