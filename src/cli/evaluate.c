/* SPDX-License-Identifier: MIT
 *
 * basin evaluate: the answers of a trained model against the right ones.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/open.h"
#include "data/text.h"

typedef struct evaluate_options {
    cli_files data;
    const char *model;
    cli_resources resources;
    bool json, confusion;
} evaluate_options;

static void print_score(const cli_score *s)
{
    printf("%d samples", s->samples);
    cli_print_measures(s);
    printf("   energy %.4g\n", s->energy);
}

static void print_json(
    const cli_score *s, const cli_model *model, const int *confusion)
{
    const int n = basin_energy_describe(model->d.energy)->y.count;
    printf("{\"samples\":%d", s->samples);
    for (int k = 0; k < CLI_MEASURES; k++)
        if (s->has[k])
            printf(",\"%s\":%.10g", cli_measures[k].name, s->of[k]);
    printf(",\"energy\":%.10g", s->energy);
    for (int i = 0; confusion && i < n * n; i++)
        printf("%s%d%s", i ? i % n ? "," : ",[" : ",\"confusion\":[[",
            confusion[i], (i + 1) % n ? "" : "]");
    puts(confusion ? "]}" : "}");
}

/* A CSV: rows are right, columns are answered. */
static basin_status print_confusion(
    const cli_model *model, const int *confusion, basin_error *error)
{
    const int n = basin_energy_describe(model->d.energy)->y.count;
    basin_status status = BASIN_OK;
    char number[32];
    basin_bytes out;
    basin_bytes_init(&out, model->ctx);
    for (int i = -1; i < n && status == BASIN_OK; i++) {
        const char *name =
            i < 0 ? "right" : cli_class_name(number, model, (float)i);
        status = basin__csv_write_word(&out, name, error);
        for (int k = 0; k < n && status == BASIN_OK; k++) {
            status = basin_bytes_print(&out, error, ",");
            if (status == BASIN_OK && i < 0)
                status = basin__csv_write_word(
                    &out, cli_class_name(number, model, (float)k), error);
            else if (status == BASIN_OK)
                status =
                    basin_bytes_print(&out, error, "%d", confusion[i * n + k]);
        }
        if (status == BASIN_OK)
            status = basin_bytes_print(&out, error, "\n");
    }
    if (status == BASIN_OK)
        fwrite(out.data, 1, out.size, stdout);
    basin_bytes_finish(&out);
    return status;
}

/* Room for the counts, where they were asked for. */
static basin_status make_confusion(int **out, const evaluate_options *o,
    const cli_model *model, basin_error *error)
{
    const basin_space *y = &basin_energy_describe(model->d.energy)->y;
    size_t n = (size_t)y->count;
    if (!o->confusion)
        return BASIN_OK;
    BASIN_REQUIRE(y->kind == BASIN_SPACE_LABELS && y->dim == 1, error,
        BASIN_E_SERVE, "--confusion counts labels, and this model's y is none");
    *out = calloc(n * n, sizeof **out);
    BASIN_REQUIRE(*out, error, BASIN_E_MEMORY, "no memory for counts");
    return BASIN_OK;
}

static basin_status evaluate(const void *options, basin_context *ctx,
    const char *path, basin_error *error)
{
    const evaluate_options *o = options;
    cli_question q;
    cli_score score;
    int *confusion = NULL;
    basin_status status =
        cli_open_question(&q, ctx, path, o->model, &o->data, NULL, error);
    if (status == BASIN_OK)
        status = make_confusion(&confusion, o, &q.model, error);
    if (status == BASIN_OK)
        status = cli_score_samples(&score, &q.model, q.inference, &q.samples, 0,
            q.samples.n, confusion, error);
    if (status == BASIN_OK && o->json)
        print_json(&score, &q.model, confusion);
    else if (status == BASIN_OK)
        print_score(&score);
    if (status == BASIN_OK && confusion && !o->json)
        status = print_confusion(&q.model, confusion, error);
    free(confusion);
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
        {"confusion", CLI_FLAG, &o.confusion, 0, 0, NULL,
            "count which labels are taken for which"},
        {"json", CLI_FLAG, &o.json, 0, 0, NULL, "print one object"},
    };
    const cli_usage usage = {"evaluate", "MODEL.yaml|MODEL.safetensors",
        "Compare a model's answers with the right ones.", options,
        sizeof options / sizeof *options, 1, 1};
    return cli_command(&usage, argc, argv, evaluate, &o, &o.resources);
}
