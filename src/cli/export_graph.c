/* SPDX-License-Identifier: MIT
 *
 * A graph as C, node by node. Every sum runs in the order of the kernels, so
 * that a compiler that follows the standard gives the same bits.
 */
#include <string.h>

#include "cli/export.h"

basin_status export_number(
    basin_bytes *out, double value, bool single, basin_error *error)
{
    char text[40];
    size_t n = basin_print_number(text, value, single);
    bool point = strpbrk(text, ".e") != NULL;
    (void)n;
    return basin_bytes_print(
        out, error, "%s%s%s", text, point ? "" : ".0", single ? "f" : "");
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

/* ------------------------------------------------------------------ modules */

/* What the writer of a module knows: its node, its number, and its owner's,
 * where the weights are another's. */
typedef struct site {
    basin_node_info node;
    int index, owner;
    int features; /* of the output */
    int inputs;   /* features of the first input */
} site;

typedef basin_status (*emit_fn)(
    basin_bytes *out, const site *s, basin_error *error);

static basin_status emit_linear(
    basin_bytes *out, const site *s, basin_error *error)
{
    char bias[32] = "0.0f";
    if (s->node.n_tensors > 1)
        basin_format(bias, sizeof bias, "w%d_bias[o]", s->owner);
    return basin_bytes_print(out, error,
        "    for (int o = 0; o < %d; o++) {\n"
        "        float s = %s;\n"
        "        for (int i = 0; i < %d; i++)\n"
        "            s += w%d_weight[i * %d + o] * v%d[i];\n"
        "        v%d[o] = s;\n"
        "    }\n",
        s->features, bias, s->inputs, s->owner, s->features, s->node.inputs[0],
        s->index);
}

static basin_status emit_each(
    basin_bytes *out, const site *s, const char *value, basin_error *error)
{
    BASIN_TRY(basin_bytes_print(out, error,
        "    for (int i = 0; i < %d; i++)\n        v%d[i] = ", s->features,
        s->index));
    for (const char *at = value; *at; at++)
        BASIN_TRY(*at == '$' ? basin_bytes_print(
                                   out, error, "v%d[i]", s->node.inputs[0])
                             : basin_bytes_append(out, at, 1, error));
    return basin_bytes_print(out, error, ";\n");
}

static basin_status emit_tanh(
    basin_bytes *out, const site *s, basin_error *error)
{
    return emit_each(out, s, "basin_tanh($)", error);
}

static basin_status emit_sigmoid(
    basin_bytes *out, const site *s, basin_error *error)
{
    return emit_each(out, s, "basin_sigmoid($)", error);
}

static basin_status emit_softplus(
    basin_bytes *out, const site *s, basin_error *error)
{
    return emit_each(out, s, "basin_softplus($)", error);
}

static basin_status emit_relu(
    basin_bytes *out, const site *s, basin_error *error)
{
    return emit_each(out, s, "$ > 0.0f ? $ : 0.0f", error);
}

static basin_status emit_distance(
    basin_bytes *out, const site *s, const char *term, basin_error *error)
{
    return basin_bytes_print(out, error,
        "    v%d[0] = 0.0f;\n"
        "    for (int i = 0; i < %d; i++) {\n"
        "        float d = v%d[i] - v%d[i];\n"
        "        v%d[0] += %s;\n"
        "    }\n",
        s->index, s->inputs, s->node.inputs[0], s->node.inputs[1], s->index,
        term);
}

static basin_status emit_l1(basin_bytes *out, const site *s, basin_error *error)
{
    return emit_distance(out, s, "d < 0.0f ? -d : d", error);
}

static basin_status emit_squared(
    basin_bytes *out, const site *s, basin_error *error)
{
    return emit_distance(out, s, "d * d", error);
}

static basin_status emit_join(basin_bytes *out, const site *s,
    const char *start, const char *operation, basin_error *error)
{
    BASIN_TRY(basin_bytes_print(out, error,
        "    for (int i = 0; i < %d; i++) {\n        v%d[i] = %s;\n",
        s->features, s->index, start));
    for (int k = 0; k < s->node.n_inputs; k++)
        BASIN_TRY(basin_bytes_print(out, error, "        v%d[i] %s v%d[i];\n",
            s->index, operation, s->node.inputs[k]));
    return basin_bytes_print(out, error, "    }\n");
}

static basin_status emit_sum(
    basin_bytes *out, const site *s, basin_error *error)
{
    return emit_join(out, s, "0.0f", "+=", error);
}

static basin_status emit_product(
    basin_bytes *out, const site *s, basin_error *error)
{
    return emit_join(out, s, "1.0f", "*=", error);
}

/* The modules that can be exported; a row each. */
static const struct {
    const char *module;
    emit_fn emit;
} emitters[] = {
    {"linear", emit_linear},
    {"tanh", emit_tanh},
    {"sigmoid", emit_sigmoid},
    {"relu", emit_relu},
    {"softplus", emit_softplus},
    {"l1", emit_l1},
    {"squared", emit_squared},
    {"sum", emit_sum},
    {"product", emit_product},
};

static basin_status find_emitter(
    emit_fn *out, const basin_node_info *node, basin_error *error)
{
    const char *name = node->module->part.name;
    for (size_t i = 0; i < sizeof emitters / sizeof *emitters; i++)
        if (strcmp(emitters[i].module, name) == 0) {
            *out = emitters[i].emit;
            return BASIN_OK;
        }
    return basin_error_set(error, BASIN_E_SERVE,
        "the module '%s' (node '%s') cannot be exported as C; linear, tanh, "
        "sigmoid, relu, softplus, l1, squared, sum and product can",
        name, node->name);
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

static basin_status write_node(
    basin_bytes *out, const basin_graph *graph, int index, basin_error *error)
{
    site s = {.node = basin_graph_node(graph, index), .index = index};
    emit_fn emit = NULL;
    BASIN_TRY(find_emitter(&emit, &s.node, error));
    s.owner = s.node.share < 0 ? index : s.node.share;
    s.features = basin_shape_features(s.node.shape);
    s.inputs =
        basin_shape_features(basin_graph_node(graph, s.node.inputs[0]).shape);
    return emit(out, &s, error);
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
            BASIN_TRY(write_node(out, graph, i, error));
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
