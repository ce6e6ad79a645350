/* SPDX-License-Identifier: MIT
 *
 * basin infer: what inference finds for samples: the answer and its energy,
 * the free energies, and, where Y is given, the right and the most offending
 * energy.
 */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/open.h"

typedef struct infer_options {
    cli_files data;
    const char *model;
    cli_resources resources;
    bool json;
} infer_options;

enum { BATCH = 64 };

typedef struct finding {
    const cli_model *model;
    const basin__samples *samples;
    bool has_y;
    unsigned needs;
    float *y, *e;             /* (n, y_dim), (n): the answers */
    basin_energies *energies; /* (n) */
} finding;

/* A number, or null where it is not finite or was not found. */
static void put(json_t *out, const char *name, double value, bool there)
{
    if (there)
        json_object_set_new(
            out, name, isfinite(value) ? json_real(value) : json_null());
}

static double in_units(const finding *f, int d, float y)
{
    double offset, factor;
    basin__scale_of_y(&f->model->d, d, &offset, &factor);
    return (double)y / factor + offset;
}

/* The name of an answer, if labels have names. */
static const char *class_of(const finding *f, int i)
{
    return basin__class_name(&f->model->d, (int)f->y[i * f->samples->y_dim]);
}

static void print_json(const finding *f, int i)
{
    const basin_energies *e = &f->energies[i];
    int dim = f->samples->y_dim;
    json_t *out = json_object(), *y = json_array();
    for (int d = 0; d < dim; d++)
        json_array_append_new(y, json_real(in_units(f, d, f->y[i * dim + d])));
    json_object_set_new(out, "y", y);
    if (class_of(f, i))
        json_object_set_new(out, "class", json_string(class_of(f, i)));
    put(out, "energy", (double)f->e[i], true);
    put(out, "free_energy", e->f, f->needs & BASIN_NEED_F);
    put(out, "energy_right", e->e_c, f->has_y);
    put(out, "energy_wrong", e->e_i, f->has_y && (f->needs & BASIN_NEED_EI));
    put(out, "free_energy_wrong", e->f_i,
        f->has_y && (f->needs & BASIN_NEED_FI));
    json_dumpf(out, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(out);
}

static void print_head(const finding *f)
{
    for (int d = 0; d < f->samples->y_dim; d++)
        printf("%12s", d ? "" : "answer");
    printf("%12s", "energy");
    if (f->needs & BASIN_NEED_F)
        printf("%12s", "free");
    if (f->has_y)
        printf("%12s", "right");
    if (f->has_y && (f->needs & BASIN_NEED_EI))
        printf("%12s", "wrong");
    putchar('\n');
}

static void print_row(const finding *f, int i)
{
    const basin_energies *e = &f->energies[i];
    int dim = f->samples->y_dim;
    if (class_of(f, i))
        printf("%12s", class_of(f, i));
    for (int d = 0; d < dim && !class_of(f, i); d++)
        printf("%12.5g", in_units(f, d, f->y[i * dim + d]));
    printf("%12.5g", (double)f->e[i]);
    if (f->needs & BASIN_NEED_F)
        printf("%12.5g", e->f);
    if (f->has_y)
        printf("%12.5g", e->e_c);
    if (f->has_y && (f->needs & BASIN_NEED_EI))
        printf("%12.5g", e->e_i);
    putchar('\n');
}

static basin_status find(
    finding *f, basin_inference *inference, basin_error *error)
{
    const basin__samples *s = f->samples;
    f->y = calloc((size_t)s->n * s->y_dim + 1, sizeof *f->y);
    f->e = calloc((size_t)s->n + 1, sizeof *f->e);
    f->energies = calloc((size_t)s->n + 1, sizeof *f->energies);
    BASIN_REQUIRE(f->y && f->e && f->energies, error, BASIN_E_MEMORY,
        "no memory for %d answers", s->n);
    BASIN_TRY(basin_inference_predict(
        inference, s->x, s->n, f->y, NULL, f->e, error));
    const basin_inference_type *type = basin_inference_entry(inference);
    f->needs = type->serves & ~type->slopes &
               (BASIN_NEED_EC | BASIN_NEED_EI | BASIN_NEED_F | BASIN_NEED_FI);
    basin_question question = {
        .needs = f->needs, .values = true, .samples = BATCH};
    BASIN_TRY(basin_inference_prepare(inference, &question, error));
    const float *y = f->has_y ? s->y : f->y;
    for (int first = 0; first < s->n; first += BATCH) {
        int m = s->n - first < BATCH ? s->n - first : BATCH;
        const basin_samples batch = {.n = m,
            .x = s->x + (size_t)first * s->x_dim,
            .y = y + (size_t)first * s->y_dim};
        basin_inference_answer(
            inference, &batch, NULL, m, false, 0, f->energies + first);
    }
    return BASIN_OK;
}

static basin_status infer(const void *options, basin_context *ctx,
    const char *path, basin_error *error)
{
    const infer_options *o = options;
    cli_question q;
    finding f = {.model = &q.model, .samples = &q.samples};
    basin_status status = cli_open_question(&q, ctx, path, o->model, &o->data,
        "--data FILE with x, and y if it is known", error);
    if (status == BASIN_OK) {
        f.has_y = q.samples.y != NULL;
        status = find(&f, q.inference, error);
    }
    if (status == BASIN_OK && !o->json)
        print_head(&f);
    for (int i = 0; status == BASIN_OK && i < q.samples.n; i++)
        (o->json ? print_json : print_row)(&f, i);
    free(f.y);
    free(f.e);
    free(f.energies);
    cli_close_question(&q);
    return status;
}

int cli_infer(int argc, char **argv)
{
    infer_options o = {.json = false};
    const cli_option options[] = {
        {"data", CLI_FILES, &o.data, 0, 0, "FILE",
            "x, and y if it is known, as for train"},
        {"model", CLI_TEXT, &o.model, 0, 0, "DIR",
            "the folder that 'basin train' wrote to (default: MODEL's name)"},
        {"threads", CLI_COUNT, &o.resources.threads, 1, 1024, "N",
            "default: one for each processor; results are the same"},
        {"backend", CLI_TEXT, &o.resources.backend, 0, 0, "NAME",
            "the kernels; default: the fastest; results are the same"},
        {"json", CLI_FLAG, &o.json, 0, 0, NULL, "print one object a sample"},
    };
    const cli_usage usage = {"infer", "MODEL.yaml|MODEL.safetensors",
        "Print energies, free energies and answers of samples.", options,
        sizeof options / sizeof *options, 1, 1};
    return cli_command(&usage, argc, argv, infer, &o, &o.resources);
}
