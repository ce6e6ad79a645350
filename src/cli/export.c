/* SPDX-License-Identifier: MIT
 *
 * basin export --c: weights, energy and inference of a trained model as one C
 * file that needs no library and no heap.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cli/export.h"
#include "data/text.h"
#include "graph/graph.h"

typedef struct export_options {
    const char *out, *model, *name;
    bool c;
} export_options;

/* ------------------------------------------------------------------- sizes */

/* A setting of the inference by its name. */
static double setting(const cli_model *model, const char *name, double without)
{
    const basin__choice *c = &model->d.inference;
    for (int i = 0; i < c->part->n_params; i++)
        if (strcmp(c->part->params[i].name, name) == 0)
            return c->values[i];
    return without;
}

static int power(int base, int exponent)
{
    int out = 1;
    while (exponent-- > 0)
        out *= base;
    return out;
}

static basin_status define_float(
    basin_bytes *out, const char *name, float value, basin_error *error)
{
    BASIN_TRY(basin_bytes_print(out, error, "#define %s (", name));
    BASIN_TRY(export_number(out, (double)value, true, error));
    return basin_bytes_print(out, error, ")\n");
}

static basin_status write_space(basin_bytes *out, const char *name,
    const basin_space *space, int points, basin_error *error)
{
    bool labels = space->kind == BASIN_SPACE_LABELS;
    char low[16], high[16];
    int count = labels ? space->count : power(points, space->dim);
    BASIN_TRY(basin_bytes_print(out, error,
        "#define %s_DIM %d\n#define %s_POINTS %d\n#define %s_COUNT %d\n"
        "#define %s_IS_LABEL %d\n",
        name, space->dim, name, points, name, count, name, labels));
    basin_format(low, sizeof low, "%s_LOW", name);
    basin_format(high, sizeof high, "%s_HIGH", name);
    BASIN_TRY(define_float(out, low, space->low, error));
    return define_float(out, high, space->high, error);
}

static bool marginalises(const cli_model *model)
{
    return basin_energy_describe(model->d.energy)->z.dim > 0 &&
           setting(model, "z", 0) != 0;
}

static basin_status write_sizes(
    basin_bytes *out, const cli_model *model, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(model->d.energy);
    int dim = info->y.dim, side = dim == 1 ? 9 : dim == 2 ? 5 : 3;
    BASIN_TRY(write_space(
        out, "Y", &info->y, (int)setting(model, "points", 2), error));
    BASIN_TRY(write_space(
        out, "Z", &info->z, (int)setting(model, "z-points", 2), error));
    if (marginalises(model)) {
        BASIN_TRY(define_float(
            out, "BETA_Z", (float)setting(model, "beta-z", 1), error));
        BASIN_TRY(basin_bytes_print(
            out, error, "#define Z_RULE %d\n", (int)setting(model, "rule", 0)));
    }
    return basin_bytes_print(out, error,
        "#define X_DIM %d\n#define REFINE %d\n#define SIDE %d\n"
        "#define FINE %d\n",
        info->x.dim, (int)setting(model, "refine", 0), side,
        power(side, dim < 3 ? dim : 3));
}

/* ------------------------------------------------------------------- scales */

static basin_status write_doubles(basin_bytes *out, const char *name,
    const basin__tree **at, int n, basin_error *error)
{
    BASIN_TRY(
        basin_bytes_print(out, error, "static const double %s[] = {", name));
    for (int i = 0; i < n && *at; i++, *at = (*at)->next) {
        double value = 0;
        BASIN_TRY(basin__tree_number(&value, *at, name, error));
        BASIN_TRY(basin_bytes_print(out, error, i ? ", " : ""));
        BASIN_TRY(export_number(out, value, false, error));
    }
    return basin_bytes_print(out, error, "};\n");
}

static basin_status write_scales(
    basin_bytes *out, const cli_model *model, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(model->d.energy);
    const basin__data_def *data = &model->d.data;
    if (!data->offset || !data->factor)
        return BASIN_OK;
    const basin__tree *offset = data->offset->first;
    const basin__tree *factor = data->factor->first;
    int all = info->x.dim + info->y.dim;
    BASIN_REQUIRE(data->offset->n == all && data->factor->n == all, error,
        BASIN_E_FORMAT, "the model's scale has not as many numbers as X and Y");
    BASIN_TRY(basin_bytes_print(out, error,
        "\n/* model = (data - offset) * "
        "factor */\n#define SCALED 1\n"));
    BASIN_TRY(define_float(out, "X_LOW", info->x.low, error));
    BASIN_TRY(define_float(out, "X_HIGH", info->x.high, error));
    BASIN_TRY(write_doubles(out, "x_offset", &offset, info->x.dim, error));
    BASIN_TRY(write_doubles(out, "y_offset", &offset, info->y.dim, error));
    BASIN_TRY(write_doubles(out, "x_factor", &factor, info->x.dim, error));
    return write_doubles(out, "y_factor", &factor, info->y.dim, error);
}

static basin_status write_face(basin_bytes *out, const cli_model *model,
    const char *name, basin_error *error)
{
    bool scaled = model->d.data.offset != NULL;
    BASIN_TRY(basin_bytes_print(out, error,
        "\nvoid %s_predict(const float *x, float *y, float *z, float *e);\n\n"
        "void %s_predict(const float *x, float *y, float *z, float *e)\n{\n"
        "    float answer[Y_DIM] = {0}, causes[Z_DIM + 1] = {0};\n    int "
        "cause = 0;\n",
        name, name));
    BASIN_TRY(basin_bytes_print(out, error, "%s",
        scaled
            ? "    float seen[X_DIM + 1];\n"
              "    const float hair = (X_HIGH - X_LOW) * 1e-6f;\n"
              "    for (int i = 0; i < X_DIM; i++) {\n"
              "        float v = (float)(((double)x[i] - x_offset[i]) * "
              "x_factor[i]);\n"
              "        v = v < X_LOW && v >= X_LOW - hair ? X_LOW : v;\n"
              "        seen[i] = v > X_HIGH && v <= X_HIGH + hair ? X_HIGH : "
              "v;\n"
              "    }\n"
              "    observe(seen);\n"
            : "    observe(x);\n"));
    BASIN_TRY(basin_bytes_print(out, error,
        "    float least = find_answer(answer, &cause);\n"
        "    z_point(causes, cause);\n"
        "    for (int i = 0; i < Y_DIM; i++)\n        y[i] = %s;\n",
        scaled ? "(float)((double)answer[i] / y_factor[i] + y_offset[i])"
               : "answer[i]"));
    return basin_bytes_print(out, error,
        "    for (int i = 0; z && i < Z_DIM; i++)\n        z[i] = causes[i];\n"
        "    if (e)\n        *e = least;\n}\n");
}

/* ------------------------------------------------------------------ command */

/* Letters, digits and underscores, for names in C. */
static void make_name(char *out, size_t size, const char *path)
{
    char stem[BASIN__PATH];
    cli_default_out(stem, path);
    basin_format(out, size, "%s%s",
        isalpha((unsigned char)stem[0]) ? "" : "model_", stem);
    for (char *c = out; *c; c++)
        if (!isalnum((unsigned char)*c))
            *c = '_';
}

static basin_status check(const cli_model *model, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(model->d.energy);
    const basin_part *inference = model->d.inference.part;
    BASIN_REQUIRE(inference, error, BASIN_E_SERVE,
        "the model's file does not say how to infer: it was not written by "
        "'basin train'");
    bool labels = info->y.kind == BASIN_SPACE_LABELS;
    BASIN_REQUIRE(strcmp(inference->name, labels ? "enumerate" : "grid") == 0,
        error, BASIN_E_SERVE,
        "the inference '%s' cannot be exported as C; grid and enumerate can",
        inference->name);
    BASIN_REQUIRE(labels || info->y.dim <= 3, error, BASIN_E_SERVE,
        "the inference 'grid' predicts answers of up to 3 dimensions");
    return BASIN_OK;
}

static basin_status write_text(
    basin_bytes *out, const char *text, basin_error *error)
{
    return basin_bytes_append(out, text, strlen(text), error);
}

/* Poses are cosines in float64. */
static bool has_poses(const cli_model *model)
{
    const basin_graph *graph = basin_energy_graph(model->d.energy);
    for (int i = 0; graph && i < basin_graph_size(graph); i++)
        if (basin_graph_node(graph, i).module == &basin__module_pose)
            return true;
    return false;
}

static basin_status write_all(basin_bytes *out, const cli_model *model,
    const char *name, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(model->d.energy);
    bool labels = info->y.kind == BASIN_SPACE_LABELS;
    BASIN_TRY(check(model, error));
    BASIN_TRY(basin_bytes_print(out, error,
        "/* A trained model, written by basin export --c; do not edit.\n"
        " *\n"
        " *     void %s_predict(const float *x, float *y, float *z, float "
        "*e);\n"
        " *\n"
        " * x: %d numbers; y: %d, the answer of lowest energy; z: %d, its "
        "hidden "
        "causes,\n"
        " * or a null pointer; e: its energy, or a null pointer. No heap and "
        "no "
        "library;\n"
        " * one call at a time, for the values of the nodes are static.\n"
        " *\n"
        " * The same bits as basin predict where float and double are those of "
        "IEEE 754\n"
        " * and the compiler follows the standard: cc -std=c11, without "
        "-ffast-math. */\n",
        name, info->x.dim, info->y.dim, info->z.dim));
    BASIN_TRY(write_text(out, export_head_text, error));
    BASIN_TRY(write_text(out, export_math_text, error));
    if (marginalises(model) || has_poses(model))
        BASIN_TRY(write_text(out, export_double_text, error));
    BASIN_TRY(basin_bytes_print(out, error, "\n"));
    BASIN_TRY(write_sizes(out, model, error));
    BASIN_TRY(write_scales(out, model, error));
    BASIN_TRY(export_energy(out, model, error));
    BASIN_TRY(write_text(out, export_search_text, error));
    BASIN_TRY(write_text(out,
        marginalises(model) ? export_marginal_text : export_least_text, error));
    BASIN_TRY(
        write_text(out, labels ? export_labels_text : export_grid_text, error));
    return write_face(out, model, name, error);
}

static basin_status export_model(const void *options, basin_context *ctx,
    const char *path, basin_error *error)
{
    const export_options *o = options;
    BASIN_REQUIRE(o->c, error, BASIN_E_ARGUMENT,
        "say what to export as: --c is what there is");
    cli_model model;
    char name[128];
    basin_bytes out;
    basin_bytes_init(&out, ctx);
    make_name(name, sizeof name, o->name ? o->name : path);
    basin_status status = cli_open_trained(&model, ctx, path, o->model, error);
    if (status == BASIN_OK)
        status = write_all(&out, &model, name, error);
    if (status == BASIN_OK)
        status = cli_give(o->out, &out, error);
    basin_bytes_finish(&out);
    cli_close_model(&model);
    return status;
}

int cli_export(int argc, char **argv)
{
    export_options o = {.out = NULL};
    const cli_option options[] = {
        {"c", CLI_FLAG, &o.c, 0, 0, NULL, "as one C file"},
        {"out", CLI_TEXT, &o.out, 0, 0, "FILE",
            "where it goes (default: standard output)"},
        {"name", CLI_TEXT, &o.name, 0, 0, "NAME",
            "of the function, NAME_predict (default: the model's name)"},
        {"model", CLI_TEXT, &o.model, 0, 0, "DIR",
            "the folder that 'basin train' wrote to (default: MODEL's name)"},
    };
    const cli_usage usage = {"export", "MODEL.yaml|MODEL.safetensors",
        "Write a trained model's inference as one C file.", options,
        sizeof options / sizeof *options, 1, 1};
    return cli_command(&usage, argc, argv, export_model, &o, NULL);
}
