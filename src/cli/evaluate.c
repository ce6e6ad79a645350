/* SPDX-License-Identifier: MIT
 *
 * basin evaluate: the answers of a trained model against the right ones.
 */
#include <stdio.h>

#include "cli/open.h"

typedef struct evaluate_options {
    cli_files data;
    const char *model;
    cli_resources resources;
    bool json;
} evaluate_options;

static void print_score(const cli_score *s, bool json)
{
    if (!json) {
        printf("%d samples", s->samples);
        cli_print_measures(s);
        printf("   energy %.4g\n", s->energy);
        return;
    }
    printf("{\"samples\":%d", s->samples);
    for (int k = 0; k < CLI_MEASURES; k++)
        if (s->has[k])
            printf(",\"%s\":%.10g", cli_measures[k].name, s->of[k]);
    printf(",\"energy\":%.10g}\n", s->energy);
}

static basin_status evaluate(const void *options, basin_context *ctx,
    const char *path, basin_error *error)
{
    const evaluate_options *o = options;
    cli_question q;
    cli_score score;
    basin_status status =
        cli_open_question(&q, ctx, path, o->model, &o->data, NULL, error);
    if (status == BASIN_OK)
        status = cli_score_samples(
            &score, &q.model, q.inference, &q.samples, 0, q.samples.n, error);
    if (status == BASIN_OK)
        print_score(&score, o->json);
    cli_close_question(&q);
    return status;
}

int cli_evaluate(int argc, char **argv)
{
    evaluate_options o = {.json = false};
    const cli_option options[] = {
        {"data", CLI_FILES, &o.data, 0, 0, "FILE",
            "samples, as for train (default: the description's test, else "
            "what it was trained on)"},
        {"model", CLI_TEXT, &o.model, 0, 0, "DIR",
            "the folder that 'basin train' wrote to (default: MODEL's name)"},
        {"threads", CLI_COUNT, &o.resources.threads, 1, 1024, "N",
            "default: one for each processor; results are the same"},
        {"backend", CLI_TEXT, &o.resources.backend, 0, 0, "NAME",
            "the kernels; default: the fastest; results are the same"},
        {"json", CLI_FLAG, &o.json, 0, 0, NULL, "print one object"},
    };
    const cli_usage usage = {"evaluate", "MODEL.yaml|MODEL.safetensors",
        "Compare a model's answers with the right ones.", options,
        sizeof options / sizeof *options, 1, 1};
    return cli_command(&usage, argc, argv, evaluate, &o, &o.resources);
}
