/* SPDX-License-Identifier: MIT
 *
 * basin lab: which losses, in which order, and what is said of them.
 */
#include "cli/lab.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/text.h"

/* ------------------------------------------------------------------- words */

/* What the error of a row is. */
static cli_measure lab_measure(const cli_score *score)
{
    return score->has[CLI_ERROR] ? CLI_ERROR : CLI_MAE;
}

double lab_error(const cli_score *score)
{
    return score->of[lab_measure(score)];
}

const char *lab_error_name(const lab_run *run)
{
    return basin_energy_describe(run->model.d.energy)->y.kind ==
                   BASIN_SPACE_LABELS
               ? "wrong labels, a fraction"
               : "mean error";
}

const char *lab_outcome(const lab_row *row, view_tone *tone)
{
    *tone = VIEW_TONE_BAD;
    if (row->diverged)
        return "diverged";
    if (row->judged == BASIN_VERDICT_COLLAPSE)
        return "collapsed";
    if (row->judged == BASIN_VERDICT_TRAP)
        return "caught at m/2";
    if (row->judged == BASIN_VERDICT_FLAT)
        return "flat";
    *tone = row->surface.gap > 0 ? VIEW_TONE_GOOD : VIEW_TONE_DOUBT;
    return row->surface.gap > 0 ? "right answers win" : "wrong answers win";
}

const char *lab_energy(char out[32], const lab_row *row)
{
    size_t at = basin_format(out, 32, "%s", row->bounded ? "softplus(E)" : "E");
    if (row->size > 0)
        basin_format(out + at, 32 - at, ", size %g", row->size);
    return out;
}

/* ------------------------------------------------------------------ losses */

static basin_status add_loss(
    lab_run *run, const char *word, size_t length, basin_error *error)
{
    char name[64];
    const basin_part *part = NULL;
    basin_format(name, sizeof name, "%.*s", (int)length, word);
    BASIN_TRY(basin_find(&part, run->ctx, BASIN_KIND_LOSS, name, error));
    for (int i = 0; i < run->n_rows; i++)
        BASIN_REQUIRE(&run->rows[i].loss->part != part, error, BASIN_E_ARGUMENT,
            "--losses names '%s' twice", name);
    BASIN_REQUIRE(run->n_rows < LAB_LOSSES, error, BASIN_E_RANGE,
        "--losses takes at most %d losses", LAB_LOSSES);
    run->rows[run->n_rows++].loss = (const basin_loss_type *)(const void *)part;
    return BASIN_OK;
}

/* "all", or names with commas between them. */
static basin_status choose_losses(lab_run *run, basin_error *error)
{
    const char *list = run->options->losses;
    const basin_part *part;
    if (strcmp(list, "all") == 0) {
        for (int i = 0; (part = basin_part_at(run->ctx, BASIN_KIND_LOSS, i));
             i++)
            BASIN_TRY(add_loss(run, part->name, strlen(part->name), error));
        return BASIN_OK;
    }
    for (;;) {
        size_t length = strcspn(list, ",");
        BASIN_TRY(add_loss(run, list, length, error));
        if (!list[length])
            return BASIN_OK;
        list += length + 1;
    }
}

/* --------------------------------------------------------------------- run */

static basin_status default_out(
    char out[BASIN__PATH], const lab_run *run, basin_error *error)
{
    const char *given = run->options->out;
    char stem[BASIN__PATH];
    cli_default_out(stem, run->model.path);
    size_t length = given ? basin_format(out, BASIN__PATH, "%s", given)
                          : basin_format(out, BASIN__PATH, "%s-lab", stem);
    BASIN_REQUIRE(
        length + 48 < BASIN__PATH, error, BASIN_E_IO, "--out is too long");
    return basin_folder_make(out, error);
}

static basin_status teach_all(lab_run *run, basin_error *error)
{
    basin_status status = BASIN_OK;
    run->bar = cli_bar_start(run->options->quiet);
    for (int i = 0; i < run->n_rows && status == BASIN_OK; i++) {
        if (cli_interrupted())
            break;
        status = lab_teach(run, &run->rows[i], error);
    }
    cli_bar_end(&run->bar);
    run->interrupted = cli_interrupted();
    return status;
}

static basin_status lab(const void *options, basin_context *ctx,
    const char *path, basin_error *error)
{
    static lab_run run; /* it is large */
    char out[BASIN__PATH], page[BASIN__PATH];
    run = (lab_run){.options = options,
        .ctx = ctx,
        .samples = {.ctx = ctx},
        .test = {.ctx = ctx},
        .started = cli_now()};
    cli_catch_interrupt();
    basin_status status = choose_losses(&run, error);
    if (status == BASIN_OK)
        status = lab_open(&run, path, error);
    if (status == BASIN_OK)
        status = default_out(out, &run, error);
    if (status == BASIN_OK)
        status = teach_all(&run, error);
    if (status == BASIN_OK) {
        basin_format(page, sizeof page, "%s/index.html", out);
        status = lab_write(&run, page, error);
    }
    if (status == BASIN_OK && run.options->json)
        lab_print_json(&run, page);
    else if (status == BASIN_OK && !run.options->quiet)
        lab_print(&run, page);
    if (status == BASIN_OK && run.interrupted)
        status = basin_error_set(error, BASIN_E_STOPPED, "interrupted");
    lab_close(&run);
    return status;
}

/* ------------------------------------------------------------------ result */

void lab_print(const lab_run *run, const char *path)
{
    char quote[BASIN__QUOTE], energy[32];
    printf("%-24s %-11s %-7s %-18s %10s %10s %10s\n", "loss", "energy",
        "margin", "outcome", "error", "gap", "us a step");
    for (int i = 0; i < run->n_rows; i++) {
        const lab_row *row = &run->rows[i];
        view_tone tone;
        const char *name = row->loss->part.name;
        if (row->why[0])
            printf("%-24s not trained: %s\n", name, row->why);
        else if (!row->done)
            printf("%-24s not trained: interrupted\n", name);
        else
            printf("%-24s %-11s %-7s %-18s %10.4g %10.4g %10.3g\n", name,
                lab_energy(energy, row), basin_margin_name(row->check.margin),
                lab_outcome(row, &tone),
                row->diverged ? (double)NAN : lab_error(&row->score),
                row->surface.gap, row->step * 1e6);
    }
    printf("%s\n", basin__quote_path(quote, path));
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *row_json(const lab_run *run, const lab_row *row)
{
    view_tone tone;
    json_t *out = json_pack("{s:s}", "loss", row->loss->part.name);
    if (row->why[0] || !row->done) {
        json_object_set_new(
            out, "refused", row->why[0] ? json_string(row->why) : json_null());
        json_object_set_new(out, "interrupted", json_boolean(!row->why[0]));
        return out;
    }
    json_object_set_new(
        out, "margin", json_string(basin_margin_name(row->check.margin)));
    json_object_set_new(
        out, "largest_margin", number(row->check.largest_margin));
    json_object_set_new(out, "outcome", json_string(lab_outcome(row, &tone)));
    json_object_set_new(
        out, "collapsed", json_boolean(row->judged == BASIN_VERDICT_COLLAPSE));
    json_object_set_new(out, "diverged", json_boolean(row->diverged));
    json_object_set_new(out, cli_measures[lab_measure(&row->score)].name,
        number(row->diverged ? (double)NAN : lab_error(&row->score)));
    const double gap = row->diverged ? (double)NAN : row->surface.gap;
    json_object_set_new(out, "gap", number(gap));
    json_object_set_new(
        out, "spread", number(row->diverged ? (double)NAN : row->spread));
    json_object_set_new(out, "softplus", json_boolean(row->bounded));
    json_object_set_new(out, "size", json_real(row->size));
    json_object_set_new(out, "energy_right",
        number(run->plain.probe ? row->e_right : (double)NAN));
    json_object_set_new(out, "energy_wrong",
        number(run->plain.probe ? row->e_wrong : (double)NAN));
    json_object_set_new(out, "loss_at_end", number(row->loss_at_end));
    json_object_set_new(out, "seconds_a_step", number(row->step));
    json_object_set_new(out, "note", json_string(row->note));
    return out;
}

void lab_print_json(const lab_run *run, const char *path)
{
    json_t *losses = json_array();
    for (int i = 0; i < run->n_rows; i++)
        json_array_append_new(losses, row_json(run, &run->rows[i]));
    json_t *out = json_pack("{s:s, s:s, s:I, s:i, s:b, s:f, s:o}", "model",
        run->model.path, "page", path, "seed",
        (json_int_t)run->model.d.learning[BASIN__LEARN_SEED], "samples",
        run->samples.n, "interrupted", run->interrupted, "seconds",
        cli_now() - run->started, "losses", losses);
    json_dumpf(out, stdout, JSON_COMPACT | JSON_REAL_PRECISION(10));
    putchar('\n');
    json_decref(out);
}

/* ----------------------------------------------------------------- command */

int cli_lab(int argc, char **argv)
{
    lab_options o = {.losses = "all", .seed = UINT64_MAX};
    cli_resources resources = {0};
    const cli_option options[] = {
        {"losses", CLI_TEXT, &o.losses, 0, 0, "LIST",
            "names with commas between them, or all (the default)"},
        {"data", CLI_FILES, &o.data, 0, 0, "FILE", CLI_SAMPLES_HELP},
        {"test", CLI_FILES, &o.test, 0, 0, "FILE",
            "samples to judge by at the end"},
        {"out", CLI_TEXT, &o.out, 0, 0, "DIR",
            "where index.html goes (default: the model's name and -lab)"},
        {"seed", CLI_SEED, &o.seed, 0, 0, "N", "instead of the model's"},
        {"epochs", CLI_COUNT, &o.epochs, 1, 1000000000, "N",
            "instead of the model's"},
        {"threads", CLI_COUNT, &resources.threads, 1, 1024, "N",
            "default: one for each processor; results are the same"},
        {"backend", CLI_TEXT, &resources.backend, 0, 0, "NAME",
            "the kernels; default: the fastest; results are the same"},
        {"json", CLI_FLAG, &o.json, 0, 0, NULL, "print one object"},
        {"quiet", CLI_FLAG, &o.quiet, 0, 0, NULL,
            "print neither progress nor the table"},
    };
    const cli_usage usage = {"lab", "MODEL.yaml",
        "Train one model from the same weights under every loss.", options,
        sizeof options / sizeof *options, 1, 1};
    return cli_command(&usage, argc, argv, lab, &o, &resources);
}
