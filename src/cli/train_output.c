/* SPDX-License-Identifier: MIT
 *
 * What a training leaves: the checkpoint, the model, the history, and a line
 * or an object on standard output.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/train.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "data/model.h"
#include "data/text.h"

/* -------------------------------------------------------------- checkpoints */

static void path_of(const train_run *run, char *out, const char *file)
{
    basin_format(out, BASIN__PATH, "%s/%s", run->out, file);
}

basin_status train_save(train_run *run, basin_error *error)
{
    char path[BASIN__PATH];
    basin_bytes bytes;
    path_of(run, path, "checkpoint.safetensors");
    run->c.trainer = basin_trainer_state_get(run->trainer);
    run->c.guard = basin_guard_state_get(run->guard);
    basin_bytes_init(&bytes, run->ctx);
    basin_status status = basin__checkpoint_write(
        &bytes, &run->model.d, run->trainer, &run->c, error);
    if (status == BASIN_OK)
        status = basin_file_write(path, bytes.data, bytes.size, error);
    basin_bytes_finish(&bytes);
    run->saved = cli_now();
    return status;
}

basin_status train_restore(train_run *run, basin_error *error)
{
    char path[BASIN__PATH], quote[BASIN__QUOTE];
    basin_bytes bytes;
    path_of(run, path, "checkpoint.safetensors");
    if (access(path, F_OK) != 0) {
        if (!run->options->quiet)
            fprintf(stderr,
                "basin: train: there is no checkpoint '%s' yet; this is the "
                "beginning\n",
                basin__quote_path(quote, path));
        return BASIN_OK;
    }
    basin_bytes_init(&bytes, run->ctx);
    basin_status status = basin_file_read(&bytes, path, error);
    if (status == BASIN_OK) {
        status = basin__checkpoint_read(&run->c, &run->model.d, run->trainer,
            bytes.data, bytes.size, error);
        if (status == BASIN_E_NONFINITE)
            status = error->code = BASIN_E_FORMAT;
        if (status != BASIN_OK)
            basin_error_place(error, path, 0, 0);
    }
    basin_bytes_finish(&bytes);
    BASIN_TRY(status);
    basin_trainer_state_set(run->trainer, &run->c.trainer);
    basin_guard_state_set(run->guard, run->trainer, &run->c.guard);
    *basin_watch_first(run->watch) = run->c.first;
    run->resumed = true;
    return BASIN_OK;
}

/* -------------------------------------------------------------------- files */

enum { FILES = 2 };

static basin_status stage_model(
    train_run *run, basin__staged *staged, basin_error *error)
{
    char path[BASIN__PATH];
    basin_bytes parts, bytes;
    path_of(run, path, "model.safetensors");
    basin_bytes_init(&parts, run->ctx);
    basin_bytes_init(&bytes, run->ctx);
    basin_status status = basin__parts_write(&parts, &run->model.d, error);
    if (status == BASIN_OK) {
        basin__meta meta = {BASIN__MODEL_KEY_PARTS, (const char *)parts.data};
        status = basin__model_write_more(
            &bytes, run->model.d.energy, &meta, 1, NULL, 0, error);
    }
    if (status == BASIN_OK)
        status = basin__file_stage(staged, path, bytes.data, bytes.size, error);
    basin_bytes_finish(&parts);
    basin_bytes_finish(&bytes);
    return status;
}

static basin_status stage_history(
    train_run *run, basin__staged *staged, basin_error *error)
{
    static const char *const names[BASIN__MOMENT_NUMBERS] = {"epoch", "loss",
        "energy_right", "energy_wrong", "held_out_loss", "rate", "spread",
        "gap", "size", "beta", "beta_z"};
    char path[BASIN__PATH];
    const int64_t dims[2] = {run->c.n_moments, BASIN__MOMENT_NUMBERS};
    basin_array table = {0};
    basin_bytes bytes;
    path_of(run, path, "history.csv");
    BASIN_TRY(basin_array_init(&table, run->ctx, 2, dims, error));
    for (int i = 0; i < run->c.n_moments; i++) {
        double row[BASIN__MOMENT_NUMBERS];
        memcpy(row, &run->c.moments[i], sizeof row);
        for (int k = 0; k < BASIN__MOMENT_NUMBERS; k++)
            table.values[i * BASIN__MOMENT_NUMBERS + k] = (float)row[k];
    }
    basin_bytes_init(&bytes, run->ctx);
    basin_status status = basin_csv_write(&bytes, &table, names, error);
    if (status == BASIN_OK)
        status = basin__file_stage(staged, path, bytes.data, bytes.size, error);
    basin_bytes_finish(&bytes);
    basin_array_finish(&table);
    return status;
}

static basin_status write_files(train_run *run, basin_error *error)
{
    basin__staged staged[FILES] = {{.temporary = ""}};
    basin_status status = stage_model(run, &staged[0], error);
    if (status == BASIN_OK)
        status = stage_history(run, &staged[1], error);
    for (int i = 0; i < FILES; i++) {
        if (status == BASIN_OK)
            status = basin__file_commit(&staged[i], error);
        basin__file_drop(&staged[i]);
    }
    return status;
}

/* ------------------------------------------------------------------- result */

static const char *const end_words[TRAIN_ENDS] = {
    "epochs", "patience", "time-limit", "interrupted", "converged"};

typedef struct scores {
    cli_score train, held_out, test;
} scores;

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* The measures that there are, under names with a prefix. */
static void put_score(json_t *out, const char *prefix, const cli_score *s)
{
    for (int k = 0; k < CLI_MEASURES && s->samples; k++) {
        char name[48];
        if (!s->has[k])
            continue;
        basin_format(name, sizeof name, "%s_%s", prefix, cli_measures[k].name);
        json_object_set_new(out, name, number(s->of[k]));
    }
}

static void print_json(const train_run *run, const scores *s)
{
    basin_progress p = *basin_trainer_progress(run->trainer);
    json_t *warnings = json_array();
    for (int i = 0; i < run->n_warnings; i++)
        json_array_append_new(warnings, json_string(run->warnings[i]));
    json_t *out = json_pack("{s:s, s:s, s:I, s:i, s:i, s:I, s:s, s:b}", "model",
        run->model.path, "out", run->out, "seed",
        (json_int_t)run->model.d.learning[BASIN__LEARN_SEED], "samples",
        run->samples.n, "epochs", p.epoch, "updates", (json_int_t)p.updates,
        "end", end_words[run->end], "resumed", run->resumed);
    const struct {
        const char *name;
        double value;
    } numbers[] = {
        {"seconds", run->seconds},
        {"samples_per_second", run->samples_done / run->seconds},
        {"watch_fraction", run->watch_seconds / run->seconds},
        {"loss", p.loss},
        {"energy_right", p.e_c},
        {"energy_wrong", p.e_i},
        {"held_out_loss", run->c.best_held_out},
        {"spread_initial", run->c.first.spread},
        {"spread", run->c.last.spread},
        {"gap", run->c.last.gap},
        {"size", run->c.last.size},
        {"beta", p.beta},
        {"beta_z", p.beta_z},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_object_set_new(out, numbers[i].name, number(numbers[i].value));
    put_score(out, "train", &s->train);
    put_score(out, "held_out", &s->held_out);
    put_score(out, "test", &s->test);
    json_object_set_new(out, "passes", json_integer((json_int_t)p.passes));
    json_object_set_new(out, "rollbacks",
        json_integer(basin_guard_state_get(run->guard).rollbacks));
    json_object_set_new(out, "collapsed", json_boolean(run->c.verdict == 1));
    json_object_set_new(out, "warnings", warnings);
    json_dumpf(out, stdout, JSON_COMPACT | JSON_REAL_PRECISION(10));
    putchar('\n');
    json_decref(out);
}

static void print_score(const char *name, const cli_score *s)
{
    if (s->samples == 0)
        return;
    printf("%-9s %8d samples", name, s->samples);
    cli_print_measures(s);
    putchar('\n');
}

static void print_result(const train_run *run, const scores *s)
{
    basin_progress p = *basin_trainer_progress(run->trainer);
    char quote[BASIN__QUOTE];
    printf("%d epochs in %.1f s", p.epoch, run->seconds);
    if (run->samples_done > 0)
        printf(", %.0f samples/s", run->samples_done / run->seconds);
    printf("; loss %.4g", p.loss);
    if (isfinite(run->c.best_held_out))
        printf("; held out %.4g in epoch %d", run->c.best_held_out,
            run->c.best_epoch);
    putchar('\n');
    print_score("trained", &s->train);
    print_score("held out", &s->held_out);
    print_score("test", &s->test);
    if (run->end == TRAIN_PATIENCE)
        printf(
            "stopped: the held-out loss has not fallen since epoch %d, whose "
            "weights these are\n",
            run->c.best_epoch);
    else if (run->end == TRAIN_STANDS)
        printf("stopped: no step lowers the loss any more; %llu passes over "
               "the samples\n",
            (unsigned long long)p.passes);
    else if (run->end != TRAIN_DONE)
        printf("stopped after epoch %d of %d; --resume goes on\n", p.epoch,
            p.epochs);
    printf("%s/model.safetensors\n", basin__quote_path(quote, run->out));
}

/* How many samples the trained ones are judged on, at most. */
enum { JUDGED = 10000 };

basin_status train_finish(train_run *run, basin_error *error)
{
    scores s = {.train = {.samples = 0}};
    const basin__samples *all = &run->samples;
    size_t bytes =
        basin_energy_describe(run->model.d.energy)->n_params * sizeof(float);
    float *w = basin_energy_params(run->model.d.energy);
    basin_trainer_swap(run->trainer);
    if (run->c.best && isfinite(run->c.best_held_out) && bytes)
        memcpy(w, run->c.best, bytes);
    BASIN_TRY(cli_score_samples(&s.train, &run->model, run->inference, all, 0,
        all->n < JUDGED ? all->n : JUDGED, NULL, error));
    if (all->n_held_out)
        BASIN_TRY(cli_score_samples(&s.held_out, &run->model, run->inference,
            all, all->n, all->n_held_out, NULL, error));
    if (run->has_test)
        BASIN_TRY(cli_score_samples(&s.test, &run->model, run->inference,
            &run->test, 0, run->test.n, NULL, error));
    run->held = s.held_out;
    BASIN_TRY(write_files(run, error));
    if (run->options->json)
        print_json(run, &s);
    else if (!run->options->quiet)
        print_result(run, &s);
    return BASIN_OK;
}

/* -------------------------------------------------------------------- folds */

/* The mean over the folds, and its standard error. */
static void mean_of(
    const double *values, int n, double *mean, double *deviation)
{
    double square = 0;
    *mean = 0;
    for (int i = 0; i < n; i++)
        *mean += values[i] / n;
    for (int i = 0; i < n; i++)
        square += (values[i] - *mean) * (values[i] - *mean);
    *deviation = sqrt(square / (n - 1) / n);
}

void train_print_folds(const train_options *o, const cli_score *folds, int n)
{
    double values[TRAIN_FOLDS], mean, deviation;
    if (o->json)
        printf("{\"folds\":%d", n);
    else
        printf("\n%d folds  ", n);
    for (int k = 0; k < CLI_MEASURES; k++) {
        const char *name = cli_measures[k].name;
        if (!folds[0].has[k])
            continue;
        for (int i = 0; i < n; i++)
            values[i] = folds[i].of[k];
        mean_of(values, n, &mean, &deviation);
        if (o->json)
            printf(",\"held_out_%s\":%.10g,\"held_out_%s_se\":%.10g", name,
                mean, name, deviation);
        else
            printf("  %s %.4g +- %.2g", name, mean, deviation);
    }
    puts(o->json ? "}" : "");
}
