/* SPDX-License-Identifier: MIT
 *
 * basin evaluate: the answers of a trained model against the right ones.
 */
#include <jansson.h>
#include <stdio.h>

#include "cli/open.h"

typedef struct evaluate_options {
    cli_files data;
    const char *model, *backend;
    int threads;
    bool json;
} evaluate_options;

static void print_score(const cli_score *s, bool json)
{
    if (json && s->labels)
        printf("{\"samples\":%d,\"error\":%.10g,\"energy\":%.10g}\n",
            s->samples, s->error, s->energy);
    else if (json)
        printf("{\"samples\":%d,\"mae\":%.10g,\"rmse\":%.10g,"
               "\"energy\":%.10g}\n",
            s->samples, s->mae, s->rmse, s->energy);
    else if (s->labels)
        printf("%d samples   error %.2f %%   energy %.4g\n", s->samples,
            100 * s->error, s->energy);
    else
        printf("%d samples   mae %.4g   rmse %.4g   energy %.4g\n", s->samples,
            s->mae, s->rmse, s->energy);
}

static basin_status evaluate(const evaluate_options *o, basin_context *ctx,
    const char *path, basin_error *error)
{
    cli_model model;
    cli_score score;
    basin__samples samples = {.ctx = ctx};
    basin_inference *inference = NULL;
    basin_status status = cli_open_trained(&model, ctx, path, o->model, error);
    if (status == BASIN_OK)
        status = basin__description_inference(&inference, &model.d, error);
    if (status == BASIN_OK) {
        const basin__data_def *own = &model.described.data;
        status = cli_read_samples(&samples, &model, &o->data,
            own->test ? own->test : own->train, true, error);
    }
    if (status == BASIN_OK) {
        basin__scale_apply(&model.d, &samples);
        status = cli_score_samples(
            &score, &model, inference, &samples, 0, samples.n, error);
    }
    if (status == BASIN_OK)
        print_score(&score, o->json);
    basin__samples_finish(&samples);
    basin_inference_destroy(inference);
    cli_close_model(&model);
    return status;
}

int cli_evaluate(int argc, char **argv)
{
    evaluate_options o = {.threads = 0};
    const cli_option options[] = {
        {"data", CLI_FILES, &o.data, 0, 0, "FILE",
            "samples: a CSV; or twice, X.npy and Y.npy (default: the "
            "description's test, else what it was trained on)"},
        {"model", CLI_TEXT, &o.model, 0, 0, "DIR",
            "the folder that 'basin train' wrote to (default: MODEL's name)"},
        {"threads", CLI_COUNT, &o.threads, 1, 1024, "N",
            "default: one for each processor; results are the same"},
        {"backend", CLI_TEXT, &o.backend, 0, 0, "NAME",
            "the kernels; default: the fastest; results are the same"},
        {"json", CLI_FLAG, &o.json, 0, 0, NULL, "print one object"},
    };
    const cli_usage usage = {"evaluate", "MODEL.yaml|MODEL.safetensors",
        "Compare a model's answers with the right ones.", options,
        sizeof options / sizeof *options, 1, 1};
    const char *words[1];
    int n = 0;
    bool helped = false;
    basin_error error = {0};
    basin_context *ctx = NULL;
    basin_context_def def = basin_context_default();
    basin_status status =
        cli_parse(&usage, argc, argv, words, &n, &helped, &error);
    def.threads = o.threads;
    def.backend = o.backend;
    if (status == BASIN_OK && !helped)
        status = basin_context_create(&ctx, &def, &error);
    if (status == BASIN_OK && !helped)
        status = evaluate(&o, ctx, words[0], &error);
    basin_context_destroy(ctx);
    return status == BASIN_OK ? CLI_OK : cli_fail("evaluate", &error);
}
