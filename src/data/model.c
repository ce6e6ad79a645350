/* SPDX-License-Identifier: MIT
 *
 * Writing a trained energy: the description as JSON, its keys in a fixed
 * order, and the tensors by name in the order of the nodes. The same model
 * gives the same bytes.
 */
#include "data/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/text.h"

enum { NAME_MOST = sizeof(((basin__tensor *)0)->name) - 1 };

const char *const basin__space_words[3] = {"none", "box", "labels"};
const char *const basin__leaf_words[3] = {"x", "y", "z"};

/* ----------------------------------------------------------------- tensors */

static int by_name(const void *left, const void *right)
{
    const basin__tensor *const *a = left, *const *b = right;
    return strcmp((*a)->name, (*b)->name);
}

/** How many tensors the energy has, or, with `out`, what they are. */
static basin_status list_tensors(
    basin__tensor *out, size_t *n, basin_energy *energy, basin_error *error)
{
    const basin_graph *graph = basin_energy_graph(energy);
    float *params = basin_energy_params(energy);
    *n = 0;
    if (!graph) {
        size_t count = basin_energy_describe(energy)->n_params;
        *n = count > 0;
        if (out && count > 0)
            *out = (basin__tensor){.name = "params",
                .n_dims = 1,
                .dims = {(int64_t)count},
                .values = params,
                .count = count};
        return BASIN_OK;
    }
    for (int i = 0; i < basin_graph_size(graph); i++) {
        basin_node_info node = basin_graph_node(graph, i);
        for (int k = 0; k < node.n_tensors && node.share < 0; k++, ++*n) {
            const basin_tensor_info *info = &node.tensors[k];
            if (!out)
                continue;
            basin__tensor *t = &out[*n];
            *t = (basin__tensor){.n_dims = info->n_dims,
                .count = 1,
                .values = params + node.params_offset + info->offset};
            for (int d = 0; d < info->n_dims; d++) {
                t->dims[d] = info->dims[d];
                t->count *= (size_t)info->dims[d];
            }
            size_t length = basin_format(
                t->name, sizeof t->name, "%s.%s", node.name, info->name);
            char quote[BASIN__QUOTE];
            BASIN_REQUIRE(length <= NAME_MOST, error, BASIN_E_ARGUMENT,
                "the name of node %d, '%s', is too long: with its tensor's it "
                "has %zu bytes, and %d are possible",
                i, basin__quote(quote, node.name, strlen(node.name)), length,
                NAME_MOST);
        }
    }
    return BASIN_OK;
}

static basin_status index_tensors(basin__tensors *t, basin_error *error)
{
    char quote[BASIN__QUOTE];
    for (size_t i = 0; i < t->n; i++)
        t->by_name[i] = &t->at[i];
    qsort(t->by_name, t->n, sizeof *t->by_name, by_name);
    for (size_t i = 1; i < t->n; i++) {
        const char *name = t->by_name[i]->name;
        BASIN_REQUIRE(strcmp(name, t->by_name[i - 1]->name) != 0, error,
            BASIN_E_ARGUMENT,
            "two tensors have the name '%s'; give every node its own name",
            basin__quote(quote, name, strlen(name)));
    }
    return BASIN_OK;
}

basin_status basin__tensors_init(
    basin__tensors *out, basin_energy *energy, basin_error *error)
{
    basin_context *ctx = basin_energy_context(energy);
    size_t n;
    *out = (basin__tensors){.ctx = ctx};
    BASIN_TRY(list_tensors(NULL, &n, energy, error));
    if (n == 0)
        return BASIN_OK;
    out->n = n;
    out->at = basin_alloc(ctx, n * sizeof *out->at);
    out->by_name = basin_alloc(ctx, n * sizeof *out->by_name);
    basin_status status =
        out->at && out->by_name
            ? list_tensors(out->at, &n, energy, error)
            : basin_error_set(error, BASIN_E_MEMORY,
                  "out of memory: the names of %zu tensors", n);
    if (status == BASIN_OK)
        status = index_tensors(out, error);
    if (status != BASIN_OK)
        basin__tensors_finish(out);
    return status;
}

void basin__tensors_finish(basin__tensors *tensors)
{
    if (tensors->at)
        basin_free(tensors->ctx, tensors->at, tensors->n * sizeof *tensors->at);
    if (tensors->by_name)
        basin_free(tensors->ctx, tensors->by_name,
            tensors->n * sizeof *tensors->by_name);
    *tensors = (basin__tensors){.ctx = tensors->ctx};
}

basin_status basin__tensor_finite(
    const basin__tensor *tensor, basin_error *error)
{
    char quote[BASIN__QUOTE];
    for (size_t i = 0; i < tensor->count; i++)
        BASIN_REQUIRE(isfinite(tensor->values[i]), error, BASIN_E_NONFINITE,
            "tensor '%s': number %zu is %s; all must be finite",
            basin__quote(quote, tensor->name, strlen(tensor->name)), i,
            isnan(tensor->values[i]) ? "NaN" : "infinite");
    return BASIN_OK;
}

/* ------------------------------------------------------------- description */

static basin_status write_space(basin_bytes *out, const char *name,
    const basin_space *space, basin_error *error)
{
    BASIN_TRY(basin_bytes_print(out, error, "\"%s\":{\"kind\":\"%s\"", name,
        basin__space_words[space->kind]));
    if (space->kind == BASIN_SPACE_BOX) {
        BASIN_TRY(
            basin_bytes_print(out, error, ",\"dim\":%d,\"low\":", space->dim));
        BASIN_TRY(basin__json_number(out, (double)space->low, error));
        BASIN_TRY(basin_bytes_print(out, error, ",\"high\":"));
        BASIN_TRY(basin__json_number(out, (double)space->high, error));
    } else if (space->kind == BASIN_SPACE_LABELS)
        BASIN_TRY(basin_bytes_print(out, error, ",\"count\":%d", space->count));
    return basin_bytes_print(out, error, "}");
}

basin_status basin__write_choice(
    basin_bytes *out, const char *choices, int index, basin_error *error)
{
    while (index-- > 0 && strchr(choices, '|'))
        choices = strchr(choices, '|') + 1;
    BASIN_TRY(basin_bytes_append(out, "\"", 1, error));
    BASIN_TRY(basin_bytes_append(out, choices, strcspn(choices, "|"), error));
    return basin_bytes_append(out, "\"", 1, error);
}

static basin_status write_settings(basin_bytes *out, const basin_part *part,
    const double *values, basin_error *error)
{
    BASIN_TRY(basin_bytes_print(out, error, "\"settings\":{"));
    for (int i = 0; i < part->n_params; i++) {
        const basin_param *p = &part->params[i];
        if (i)
            BASIN_TRY(basin_bytes_append(out, ",", 1, error));
        BASIN_TRY(basin__json_string(out, p->name, error));
        BASIN_TRY(basin_bytes_append(out, ":", 1, error));
        BASIN_TRY(p->choices ? basin__write_choice(
                                   out, p->choices, (int)values[i], error)
                             : basin__json_number(out, values[i], error));
    }
    return basin_bytes_print(out, error, "}");
}

static basin_status write_node(
    basin_bytes *out, const basin_node_info *node, basin_error *error)
{
    if (!node->module)
        return basin_bytes_print(out, error,
            "{\"leaf\":\"%s\",\"shape\":[%d,%d,%d]}",
            basin__leaf_words[node->leaf], node->shape.channels,
            node->shape.height, node->shape.width);
    BASIN_TRY(basin_bytes_print(out, error, "{\"name\":"));
    BASIN_TRY(basin__json_string(out, node->name, error));
    BASIN_TRY(basin_bytes_print(out, error, ",\"module\":"));
    BASIN_TRY(basin__json_string(out, node->module->part.name, error));
    BASIN_TRY(basin_bytes_print(out, error, ",\"inputs\":["));
    for (int i = 0; i < node->n_inputs; i++)
        BASIN_TRY(basin_bytes_print(
            out, error, "%s%d", i ? "," : "", node->inputs[i]));
    BASIN_TRY(basin_bytes_print(out, error, "],"));
    BASIN_TRY(write_settings(out, &node->module->part, node->settings, error));
    if (node->share >= 0)
        BASIN_TRY(basin_bytes_print(out, error, ",\"share\":%d", node->share));
    return basin_bytes_print(out, error, "}");
}

static basin_status write_graph(basin_bytes *out, basin_energy *energy,
    const basin_graph *graph, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(energy);
    BASIN_TRY(basin_bytes_print(out, error, "\"spaces\":{"));
    BASIN_TRY(write_space(out, "x", &info->x, error));
    BASIN_TRY(basin_bytes_print(out, error, ","));
    BASIN_TRY(write_space(out, "y", &info->y, error));
    BASIN_TRY(basin_bytes_print(out, error, ","));
    BASIN_TRY(write_space(out, "z", &info->z, error));
    BASIN_TRY(basin_bytes_print(out, error, "},\"nodes\":["));
    for (int i = 0; i < basin_graph_size(graph); i++) {
        basin_node_info node = basin_graph_node(graph, i);
        if (i)
            BASIN_TRY(basin_bytes_append(out, ",", 1, error));
        BASIN_TRY(write_node(out, &node, error));
    }
    return basin_bytes_print(out, error, "]");
}

/** A registered energy: its name and settings say all. */
static basin_status write_registered(
    basin_bytes *out, basin_energy *energy, basin_error *error)
{
    const char *name = basin_energy_name(energy);
    const double *settings = basin_energy_settings(energy);
    const basin_part *part;
    BASIN_TRY(basin_find(
        &part, basin_energy_context(energy), BASIN_KIND_ENERGY, name, error));
    BASIN_REQUIRE(settings || part->n_params == 0, error, BASIN_E_SERVE,
        "the energy '%s' has no description of its own, so no file could say "
        "what it is",
        name);
    return write_settings(out, part, settings, error);
}

basin_status basin__model_describe(
    basin_bytes *out, basin_energy *energy, basin_error *error)
{
    const basin_graph *graph = basin_energy_graph(energy);
    BASIN_TRY(basin_bytes_print(
        out, error, "{\"format\":%d,\"energy\":", BASIN__MODEL_FORMAT));
    BASIN_TRY(basin__json_string(out, basin_energy_name(energy), error));
    BASIN_TRY(basin_bytes_print(out, error, ","));
    BASIN_TRY(graph ? write_graph(out, energy, graph, error)
                    : write_registered(out, energy, error));
    return basin_bytes_append(out, "}", 2, error); /* with its NUL */
}

/* ------------------------------------------------------------------- model */

enum { METAS = 8 };

/* The tensors of the model, then the others. */
static basin_status write_all(basin_bytes *out, const basin__meta *metas,
    int n_metas, const basin__tensors *tensors, const basin__tensor *more,
    size_t n_more, basin_error *error)
{
    basin_context *ctx = tensors->ctx;
    size_t n = tensors->n + n_more, size = n * sizeof(basin__tensor);
    basin__tensor *all = n_more ? basin_alloc(ctx, size) : NULL;
    if (n_more == 0)
        return basin__safetensors_write(
            out, metas, n_metas, tensors->at, tensors->n, error);
    BASIN_REQUIRE(
        all, error, BASIN_E_MEMORY, "no memory for the names of tensors");
    if (tensors->n)
        memcpy(all, tensors->at, tensors->n * sizeof *all);
    memcpy(all + tensors->n, more, n_more * sizeof *all);
    basin_status status =
        basin__safetensors_write(out, metas, n_metas, all, n, error);
    basin_free(ctx, all, size);
    return status;
}

static basin_status write_file(basin_bytes *out, const basin_bytes *text,
    const basin__tensors *tensors, const basin__meta *more_metas, int n_metas,
    const basin__tensor *more, size_t n_more, basin_error *error)
{
    char format[16];
    basin_format(format, sizeof format, "%d", BASIN__MODEL_FORMAT);
    basin__meta metas[METAS] = {{BASIN__MODEL_KEY_FORMAT, format},
        {BASIN__MODEL_KEY_MODEL, (const char *)text->data}};
    for (int i = 0; i < n_metas; i++)
        metas[2 + i] = more_metas[i];
    /* a model that could not be read again must not be written */
    for (size_t i = 0; i < tensors->n; i++)
        BASIN_TRY(basin__tensor_finite(&tensors->at[i], error));
    return write_all(out, metas, 2 + n_metas, tensors, more, n_more, error);
}

basin_status basin__model_write_more(basin_bytes *out, basin_energy *energy,
    const basin__meta *metas, int n_metas, const basin__tensor *more,
    size_t n_more, basin_error *error)
{
    size_t before = out->size;
    basin__tensors tensors;
    basin_bytes text;
    BASIN_TRY(basin__tensors_init(&tensors, energy, error));
    basin_bytes_init(&text, basin_energy_context(energy));
    basin_status status = basin__model_describe(&text, energy, error);
    if (status == BASIN_OK)
        status = write_file(
            out, &text, &tensors, metas, n_metas, more, n_more, error);
    if (status != BASIN_OK)
        out->size = before;
    basin_bytes_finish(&text);
    basin__tensors_finish(&tensors);
    return status;
}

basin_status basin_model_write(
    basin_bytes *out, basin_energy *energy, basin_error *error)
{
    return basin__model_write_more(out, energy, NULL, 0, NULL, 0, error);
}
