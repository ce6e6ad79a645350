/* SPDX-License-Identifier: MIT
 *
 * basin predict: the answers of lowest energy, as a CSV or as JSON.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/open.h"

typedef struct predict_options {
    cli_files data;
    const char *out, *model;
    cli_resources resources;
    bool json;
} predict_options;

static basin_status fill_csv(basin_bytes *out, basin_array *table,
    const cli_model *model, const float *y, const float *e, basin_error *error)
{
    const int64_t n = table->dims[0], dim = table->dims[1] - 1;
    for (int64_t i = 0; i < n; i++) {
        memcpy(table->values + i * (dim + 1), y + i * dim,
            (size_t)dim * sizeof *y);
        table->values[i * (dim + 1) + dim] = e[i];
    }
    char(*names)[BASIN__QUOTE] = calloc((size_t)dim + 1, sizeof *names);
    const char **heads = calloc((size_t)dim + 1, sizeof *heads);
    basin_status status =
        names && heads
            ? BASIN_OK
            : basin_error_set(error, BASIN_E_MEMORY, "no memory for names");
    for (int i = 0; i < dim && status == BASIN_OK; i++)
        heads[i] = cli_column_name(names[i], model, i);
    if (status == BASIN_OK) {
        heads[dim] = "energy";
        status = basin_csv_write(out, table, heads, error);
    }
    free(names);
    free(heads);
    return status;
}

static basin_status write_classes(basin_bytes *out, const cli_model *model,
    const float *y, const float *e, int n, basin_error *error)
{
    char name[BASIN__QUOTE], number[32];
    BASIN_TRY(
        basin__csv_write_word(out, cli_column_name(name, model, 0), error));
    BASIN_TRY(basin_bytes_print(out, error, ",energy\n"));
    for (int i = 0; i < n; i++) {
        BASIN_TRY(basin__csv_write_word(
            out, cli_class_name(number, model, y[i]), error));
        basin_print_number(number, (double)e[i], true);
        BASIN_TRY(basin_bytes_print(out, error, ",%s\n", number));
    }
    return BASIN_OK;
}

static basin_status write_csv(basin_bytes *out, const cli_model *model,
    const float *y, const float *e, int n, basin_error *error)
{
    const int64_t dims[2] = {
        n, basin_energy_describe(model->d.energy)->y.dim + 1};
    basin_array table = {0};
    if (model->d.data.classes)
        return write_classes(out, model, y, e, n, error);
    BASIN_TRY(basin_array_init(&table, model->ctx, 2, dims, error));
    basin_status status = fill_csv(out, &table, model, y, e, error);
    basin_array_finish(&table);
    return status;
}

static basin_status write_json(basin_bytes *out, const cli_model *model,
    const float *y, const float *e, int n, basin_error *error)
{
    int dim = basin_energy_describe(model->d.energy)->y.dim;
    char text[32];
    for (int i = 0; i < n; i++) {
        BASIN_TRY(basin_bytes_print(out, error, "{\"y\":["));
        for (int d = 0; d < dim; d++) {
            basin_print_number(text, (double)y[i * dim + d], true);
            BASIN_TRY(
                basin_bytes_print(out, error, "%s%s", d ? "," : "", text));
        }
        BASIN_TRY(basin_bytes_print(out, error, "]"));
        if (model->d.data.classes) {
            BASIN_TRY(basin_bytes_print(out, error, ",\"class\":"));
            BASIN_TRY(basin__json_string(
                out, cli_class_name(text, model, y[i * dim]), error));
        }
        basin_print_number(text, (double)e[i], true);
        BASIN_TRY(basin_bytes_print(out, error, ",\"energy\":%s}\n", text));
    }
    return BASIN_OK;
}

static basin_status give(const predict_options *o, const cli_model *model,
    const float *y, const float *e, int n, basin_error *error)
{
    basin_bytes out;
    basin_bytes_init(&out, model->ctx);
    basin_status status = o->json ? write_json(&out, model, y, e, n, error)
                                  : write_csv(&out, model, y, e, n, error);
    if (status == BASIN_OK)
        status = cli_give(o->out, &out, error);
    basin_bytes_finish(&out);
    return status;
}

static basin_status predict_samples(
    const predict_options *o, const cli_question *q, basin_error *error)
{
    const basin__samples *s = &q->samples;
    float *y = calloc((size_t)s->n * s->y_dim + 1, sizeof *y);
    float *e = calloc((size_t)s->n + 1, sizeof *e);
    basin_status status = y && e ? basin_inference_predict(q->inference, s->x,
                                       s->n, y, NULL, e, error)
                                 : basin_error_set(error, BASIN_E_MEMORY,
                                       "no memory for %d answers", s->n);
    if (status == BASIN_OK) {
        cli_unscale(&q->model, y, s->n);
        status = give(o, &q->model, y, e, s->n, error);
    }
    free(y);
    free(e);
    return status;
}

static basin_status predict(const void *options, basin_context *ctx,
    const char *path, basin_error *error)
{
    const predict_options *o = options;
    cli_question q;
    basin_status status = cli_open_question(&q, ctx, path, o->model, &o->data,
        "--data FILE with the x to answer", error);
    if (status == BASIN_OK)
        status = predict_samples(o, &q, error);
    cli_close_question(&q);
    return status;
}

int cli_predict(int argc, char **argv)
{
    predict_options o = {.json = false};
    const cli_option options[] = {
        {"data", CLI_FILES, &o.data, 0, 0, "FILE",
            "the x to answer: CSV, ARFF, .npy, .npz, IDX, or a folder"},
        {"out", CLI_TEXT, &o.out, 0, 0, "FILE",
            "where the answers go (default: standard output)"},
        {"model", CLI_TEXT, &o.model, 0, 0, "DIR",
            "the folder that 'basin train' wrote to (default: MODEL's name)"},
        {"threads", CLI_COUNT, &o.resources.threads, 1, 1024, "N",
            "default: one for each processor; answers are the same"},
        {"backend", CLI_TEXT, &o.resources.backend, 0, 0, "NAME",
            "the kernels; default: the fastest; answers are the same"},
        {"json", CLI_FLAG, &o.json, 0, 0, NULL,
            "one object an answer, instead of a CSV"},
    };
    const cli_usage usage = {"predict", "MODEL.yaml|MODEL.safetensors",
        "Print the answers of lowest energy.", options,
        sizeof options / sizeof *options, 1, 1};
    return cli_command(&usage, argc, argv, predict, &o, &o.resources);
}
