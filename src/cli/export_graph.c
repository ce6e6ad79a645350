/* SPDX-License-Identifier: MIT
 *
 * A graph as C: its weights, and its nodes in the order of what they depend on.
 */
#include <string.h>

#include "cli/export.h"

void export_literal(char out[EXPORT_LITERAL], double value, bool single)
{
    char text[32];
    basin_print_number(text, value, single);
    basin_format(out, EXPORT_LITERAL, "%s%s%s", text,
        strpbrk(text, ".e") ? "" : ".0", single ? "f" : "");
}

basin_status export_number(
    basin_bytes *out, double value, bool single, basin_error *error)
{
    char text[EXPORT_LITERAL];
    export_literal(text, value, single);
    return basin_bytes_append(out, text, strlen(text), error);
}

static basin_status numbers(
    basin_bytes *out, const float *values, size_t n, basin_error *error)
{
    for (size_t i = 0; i < n; i++) {
        BASIN_TRY(basin_bytes_print(out, error,
            i % 6 ? " "
            : i   ? "\n    "
                  : "    "));
        BASIN_TRY(export_number(out, (double)values[i], true, error));
        BASIN_TRY(basin_bytes_print(out, error, ","));
    }
    return basin_bytes_print(out, error, "\n};\n");
}

/* ------------------------------------------------------------------- energy */

static basin_status write_weights(basin_bytes *out, const float *params,
    const basin_node_info *node, int index, basin_error *error)
{
    for (int k = 0; k < node->n_tensors && node->share < 0; k++) {
        const basin_tensor_info *t = &node->tensors[k];
        size_t n = 1;
        for (int d = 0; d < t->n_dims; d++)
            n *= (size_t)t->dims[d];
        BASIN_TRY(basin_bytes_print(out, error,
            "\nstatic const float w%d_%s[%zu] = {\n", index, t->name, n));
        BASIN_TRY(
            numbers(out, params + node->params_offset + t->offset, n, error));
    }
    return BASIN_OK;
}

/* The function of a node of a module. */
static basin_status write_node(
    basin_bytes *out, const basin_graph *graph, int index, basin_error *error)
{
    export_site s = {.node = basin_graph_node(graph, index), .index = index};
    if (!s.node.module)
        return BASIN_OK;
    s.owner = s.node.share < 0 ? index : s.node.share;
    s.in = basin_graph_node(graph, s.node.inputs[0]).shape;
    s.features = basin_shape_features(s.node.shape);
    s.inputs = basin_shape_features(s.in);
    return export_module(out, &s, error);
}

/* The nodes of one stage: those that depend on X alone, or the others. */
static basin_status write_stage(basin_bytes *out, const basin_graph *graph,
    bool observed, basin_error *error)
{
    static const char *const variables[] = {"x", "y", "z"};
    for (int i = 0; i < basin_graph_size(graph); i++) {
        basin_node_info node = basin_graph_node(graph, i);
        bool of_x = (node.depends & ~(unsigned)BASIN_ON_X) == 0;
        if (of_x != observed)
            continue;
        if (node.module)
            BASIN_TRY(basin_bytes_print(out, error, "    node%d();\n", i));
        else
            BASIN_TRY(basin_bytes_print(out, error,
                "    for (int i = 0; i < %d; i++)\n        v%d[i] = %s[i];\n",
                basin_shape_features(node.shape), i, variables[node.leaf]));
    }
    return BASIN_OK;
}

basin_status export_energy(
    basin_bytes *out, const cli_model *model, basin_error *error)
{
    const basin_graph *graph = basin_energy_graph(model->d.energy);
    const float *params = basin_energy_params(model->d.energy);
    BASIN_REQUIRE(graph, error, BASIN_E_SERVE,
        "only graphs can be exported as C; this energy is '%s'",
        basin_energy_name(model->d.energy));
    int n = basin_graph_size(graph);
    for (int i = 0; i < n; i++) {
        basin_node_info node = basin_graph_node(graph, i);
        BASIN_TRY(write_weights(out, params, &node, i, error));
    }
    BASIN_TRY(
        basin_bytes_print(out, error, "\n/* The values of the nodes. */\n"));
    for (int i = 0; i < n; i++) {
        basin_node_info node = basin_graph_node(graph, i);
        BASIN_TRY(
            basin_bytes_print(out, error, "static float v%d[%d]; /* %s */\n", i,
                basin_shape_features(node.shape),
                node.module ? node.module->part.name : node.name));
    }
    for (int i = 0; i < n; i++)
        BASIN_TRY(write_node(out, graph, i, error));
    BASIN_TRY(basin_bytes_print(out, error,
        "\n/* What depends on X alone. */\n"
        "static void observe(const float *x)\n{\n    (void)x;\n"));
    BASIN_TRY(write_stage(out, graph, true, error));
    BASIN_TRY(basin_bytes_print(out, error,
        "}\n\n/* E(Y, Z, X) of the X that was observed. */\n"
        "static float energy(const float *y, const float *z)\n{\n"
        "    (void)y;\n    (void)z;\n"));
    BASIN_TRY(write_stage(out, graph, false, error));
    return basin_bytes_print(out, error, "    return v%d[0];\n}\n", n - 1);
}
