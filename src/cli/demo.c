/* SPDX-License-Identifier: MIT
 *
 * basin demo: trains the demonstrations, says how they went, and draws them.
 */
#include "cli/demo.h"
#include "cli/demo_pictures.h"
#include "data/text.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* ------------------------------------------------------------------ drawing */

/* Demonstrations are drawn on as many threads as there may be, each by one. */
typedef struct drawing {
    demo_run *runs;
    int n, next, done;
    pthread_mutex_t lock;
    basin_status status;
    basin_error error;
} drawing;

static void *draw_runs(void *argument)
{
    drawing *d = argument;
    for (;;) {
        pthread_mutex_lock(&d->lock);
        int at = d->status == BASIN_OK ? d->next++ : d->n;
        pthread_mutex_unlock(&d->lock);
        if (at >= d->n)
            return NULL;
        basin_error error = {0};
        basin_status status = demo_draw(&d->runs[at], &error);
        pthread_mutex_lock(&d->lock);
        d->done++;
        if (status != BASIN_OK && d->status == BASIN_OK) {
            d->status = status;
            d->error = error;
        }
        pthread_mutex_unlock(&d->lock);
    }
}

static basin_status draw_all(demo_run *runs, int n, basin_error *error)
{
    drawing d = {.runs = runs, .n = n, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t helpers[DEMO_KINDS];
    int n_helpers = basin_context_threads(runs[0].ctx) - 1, started = 0;
    while (started < n_helpers && started < n - 1 &&
           pthread_create(&helpers[started], NULL, draw_runs, &d) == 0)
        started++;
    draw_runs(&d);
    for (int i = 0; i < started; i++)
        pthread_join(helpers[i], NULL);
    pthread_mutex_destroy(&d.lock);
    if (d.status != BASIN_OK)
        *error = d.error;
    return d.status;
}

/* ------------------------------------------------------------------ command */

/* Draw and write what was learnt. */
static basin_status leave_results(demo_run *runs, int n, const char *which,
    demo_output *output, basin_error *error)
{
    const demo_settings *settings = output->settings;
    if (settings->no_pictures)
        return BASIN_OK;
    if (!settings->quiet && cli_is_lively())
        fputs("drawing\xe2\x80\xa6", stderr);
    basin_status status = draw_all(runs, n, error);
    if (!settings->quiet && cli_is_lively())
        fputs("\r\033[K", stderr);
    BASIN_TRY(status);
    BASIN_TRY(demo_output_write(output, runs, n, which, error));
    if (!settings->quiet && !settings->json)
        printf("\nopen %s/index.html\n", settings->out);
    return BASIN_OK;
}

/* A backend that is not there is refused before anything is made. */
static basin_status check_context(
    const demo_settings *settings, basin_error *error)
{
    basin_context_def def = basin_context_default();
    basin_context *ctx = NULL;
    def.threads = settings->threads;
    def.backend = settings->backend;
    BASIN_TRY(basin_context_create(&ctx, &def, error));
    basin_context_destroy(ctx);
    return BASIN_OK;
}

static basin_status run_all(demo_run *runs, int *n_runs, const demo_kind *kinds,
    int n, const char *which, demo_output *output, basin_error *error)
{
    const demo_settings *settings = output->settings;
    BASIN_TRY(check_context(settings, error));
    BASIN_TRY(demo_output_prepare(output, kinds, n, error));
    if (!settings->json && !settings->quiet)
        demo_print_head();
    for (int i = 0; i < n && !cli_interrupted(); i++) {
        *n_runs = i + 1;
        BASIN_TRY(demo_train(&runs[i], kinds[i], settings, error));
        if (settings->json)
            demo_print_json(&runs[i]);
        else if (!settings->quiet)
            demo_print_run(&runs[i]);
    }
    return *n_runs ? leave_results(runs, *n_runs, which, output, error)
                   : BASIN_OK;
}

static basin_status choose(
    demo_kind *kinds, int *n, const char *word, basin_error *error)
{
    if (strcmp(word, "all") == 0) {
        for (int i = 0; i < DEMO_KINDS; i++)
            kinds[i] = (demo_kind)i;
        *n = DEMO_KINDS;
        return BASIN_OK;
    }
    int kind = demo_find(word);
    if (kind >= 0) {
        kinds[0] = (demo_kind)kind;
        *n = 1;
        return BASIN_OK;
    }
    static const char *const names[] = {
        "regression", "collapse", "margin", "nll", "all"};
    const char *near = basin_nearest(word, names, 5);
    char quote[BASIN__QUOTE];
    basin__quote(quote, word, strlen(word));
    return basin_error_set(error, BASIN_E_NAME,
        "no demonstration is called '%s'; %s%s%s", quote,
        near ? "did you mean '" : "there are regression, collapse, margin, ",
        near ? near : "nll and all", near ? "'?" : "");
}

int cli_demo(int argc, char **argv)
{
    demo_settings settings = {.seed = 1, .out = "demo"};
    const cli_option options[] = {
        {"seed", CLI_SEED, &settings.seed, 0, 0, "N",
            "of samples, weights and order (default 1)"},
        {"samples", CLI_COUNT, &settings.samples, 1, 1000000, "N",
            "to learn from (default 200)"},
        {"epochs", CLI_COUNT, &settings.epochs, 1, 1000000, "N",
            "passes over the samples (default 500)"},
        {"batch", CLI_COUNT, &settings.batch, 1, 1000000, "N",
            "samples an update (default 1)"},
        {"out", CLI_TEXT, &settings.out, 0, 0, "DIR",
            "where the results go (default demo)"},
        {"threads", CLI_COUNT, &settings.threads, 1, 1024, "N",
            "default: one for each processor; results are the same"},
        {"backend", CLI_TEXT, &settings.backend, 0, 0, "NAME",
            "the kernels; default: the fastest; results are the same"},
        {"quick", CLI_FLAG, &settings.quick, 0, 0, NULL,
            "60 epochs, for a first look"},
        {"json", CLI_FLAG, &settings.json, 0, 0, NULL,
            "print one object a demonstration"},
        {"no-pictures", CLI_FLAG, &settings.no_pictures, 0, 0, NULL,
            "train only; write nothing"},
        {"quiet", CLI_FLAG, &settings.quiet, 0, 0, NULL,
            "print neither progress nor the table"},
    };
    const cli_usage usage = {"demo", "regression|collapse|margin|nll|all",
        "Learn Y = X^2 four times, and draw the energy while it learns.",
        options, sizeof options / sizeof *options, 1, 1};
    const char *words[1];
    int n_words = 0, n = 0, n_runs = 0;
    bool helped = false;
    demo_kind kinds[DEMO_KINDS];
    demo_run runs[DEMO_KINDS] = {0};
    basin_error error = {0};
    if (cli_parse(&usage, argc, argv, words, &n_words, &helped, &error) !=
        BASIN_OK)
        return cli_fail("demo", &error);
    if (helped)
        return CLI_OK;
    if (choose(kinds, &n, words[0], &error) != BASIN_OK)
        return cli_fail("demo", &error);
    demo_complete(&settings);
    cli_catch_interrupt();
    demo_output output = {.settings = &settings};
    basin_status status =
        run_all(runs, &n_runs, kinds, n, words[0], &output, &error);
    demo_output_finish(&output);
    for (int i = 0; i < n_runs; i++)
        demo_finish(&runs[i]);
    if (status != BASIN_OK)
        return cli_fail("demo", &error);
    return cli_interrupted() ? CLI_INTERRUPTED : CLI_OK;
}
