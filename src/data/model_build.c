/* SPDX-License-Identifier: MIT
 *
 * Building the energy that a model file describes: the JSON is checked word by
 * word, and what it says is built through the public interface of graphs and
 * energies, so that a file can make nothing that a program could not.
 */
#include "data/model.h"

#include <float.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "data/text.h"

/** Nodes that a file may describe: far more than any model has. Adding a node
 *  looks at all before it, so a file must not ask for millions. */
enum { NODES_MOST = 16384 };

/* -------------------------------------------------------------------- JSON */

static bool word_in(const char *word, const char *const *words)
{
    for (; *words; words++)
        if (!strcmp(word, *words))
            return true;
    return false;
}

/** Every key of an object must be known: what is not understood may matter. */
static basin_status check_keys(json_t *object, const char *where,
    const char *const *keys, basin_error *error)
{
    const char *key;
    json_t *value;
    BASIN_REQUIRE(json_is_object(object), error, BASIN_E_FORMAT,
        "%s must be an object", where);
    json_object_foreach(object, key, value)
    {
        char quote[BASIN__QUOTE];
        BASIN_REQUIRE(word_in(key, keys), error, BASIN_E_FORMAT,
            "%s has the unknown key '%s'", where,
            basin__quote(quote, key, strlen(key)));
    }
    return BASIN_OK;
}

static basin_status get_word(const char **out, const json_t *object,
    const char *key, const char *where, basin_error *error)
{
    *out = json_string_value(json_object_get(object, key));
    BASIN_REQUIRE(
        *out, error, BASIN_E_FORMAT, "%s lacks the word '%s'", where, key);
    return BASIN_OK;
}

/** A whole number; the description is parsed with every number a double. */
static basin_status to_int(int *out, const json_t *value, int low, int high,
    const char *what, const char *where, basin_error *error)
{
    double number = json_number_value(value);
    BASIN_REQUIRE(json_is_number(value) && number >= low && number <= high &&
                      number == floor(number),
        error, BASIN_E_FORMAT, "%s: '%s' must be a whole number in %d .. %d",
        where, what, low, high);
    *out = (int)number;
    return BASIN_OK;
}

/** A number; infinities are words, for JSON has none. */
static bool to_double(double *out, const json_t *value)
{
    const char *word = json_string_value(value);
    if (word && (!strcmp(word, "inf") || !strcmp(word, "-inf")))
        *out = *word == '-' ? -(double)INFINITY : (double)INFINITY;
    else if (json_is_number(value))
        *out = json_number_value(value);
    else
        return false;
    return true;
}

basin_status basin__wrap(
    basin_error *error, const char *where, const basin_error *inner)
{
    bool keep = inner->code == BASIN_E_NAME || inner->code == BASIN_E_MEMORY;
    return basin_error_set(error, keep ? inner->code : BASIN_E_FORMAT, "%s: %s",
        where, inner->message);
}

/* ------------------------------------------------------------------ spaces */

static basin_status read_space(
    basin_space *out, json_t *spaces, const char *name, basin_error *error)
{
    static const char *const none[] = {"kind", NULL};
    static const char *const box[] = {"kind", "dim", "low", "high", NULL};
    static const char *const labels[] = {"kind", "count", NULL};
    static const char *const *const keys[] = {none, box, labels};
    json_t *object = json_object_get(spaces, name);
    char where[32];
    const char *word;
    basin_format(where, sizeof where, "the space of %s", name);
    BASIN_TRY(get_word(&word, object, "kind", where, error));
    int kind = 0;
    while (kind < 3 && strcmp(word, basin__space_words[kind]) != 0)
        kind++;
    BASIN_REQUIRE(kind < 3, error, BASIN_E_FORMAT,
        "%s: the kind must be none, box or labels", where);
    BASIN_TRY(check_keys(object, where, keys[kind], error));
    *out = (basin_space){.kind = (basin_space_kind)kind};
    if (kind == BASIN_SPACE_LABELS) {
        out->dim = 1;
        return to_int(&out->count, json_object_get(object, "count"), 1, INT_MAX,
            "count", where, error);
    }
    if (kind == BASIN_SPACE_NONE)
        return BASIN_OK;
    double low, high;
    BASIN_TRY(to_int(&out->dim, json_object_get(object, "dim"), 1, INT_MAX,
        "dim", where, error));
    BASIN_REQUIRE(to_double(&low, json_object_get(object, "low")) &&
                      to_double(&high, json_object_get(object, "high")) &&
                      low <= high &&
                      (isinf(low) || fabs(low) <= (double)FLT_MAX) &&
                      (isinf(high) || fabs(high) <= (double)FLT_MAX),
        error, BASIN_E_FORMAT,
        "%s: 'low' and 'high' must be numbers of float32, in this order",
        where);
    out->low = (float)low;
    out->high = (float)high;
    return BASIN_OK;
}

static basin_status read_spaces(
    basin_spaces *out, json_t *root, basin_error *error)
{
    static const char *const keys[] = {"x", "y", "z", NULL};
    json_t *spaces = json_object_get(root, "spaces");
    BASIN_TRY(check_keys(spaces, "'spaces' of the model", keys, error));
    BASIN_TRY(read_space(&out->x, spaces, "x", error));
    BASIN_TRY(read_space(&out->y, spaces, "y", error));
    return read_space(&out->z, spaces, "z", error);
}

/* ---------------------------------------------------------------- settings */

static basin_status read_setting(basin_setting *out, const basin_part *part,
    const char *key, const json_t *value, basin_error *error)
{
    const char *word = json_string_value(value);
    out->name = key;
    if (to_double(&out->value, value))
        return BASIN_OK;
    char text[128], quote[BASIN__QUOTE];
    BASIN_REQUIRE(word && basin_format(text, sizeof text, "%s=%s", key, word) <
                              sizeof text,
        error, BASIN_E_FORMAT, "the setting '%s' must be a number or a word",
        basin__quote(quote, key, strlen(key)));
    return basin_part_parse(out, part, text, error);
}

/** Settings that are not there keep their defaults: so a part may gain one
 *  and old files stay right. */
static basin_status read_settings(basin_setting *out, int *n,
    const basin_part *part, json_t *object, basin_error *error)
{
    const char *key;
    json_t *value;
    *n = 0;
    BASIN_REQUIRE(!object || json_is_object(object), error, BASIN_E_FORMAT,
        "'settings' must be an object");
    BASIN_REQUIRE(json_object_size(object) <= BASIN_PARAMS_MAX, error,
        BASIN_E_FORMAT, "more than %d settings", BASIN_PARAMS_MAX);
    json_object_foreach(object, key, value)
        BASIN_TRY(read_setting(&out[(*n)++], part, key, value, error));
    return BASIN_OK;
}

/* ------------------------------------------------------------------- nodes */

static basin_status add_leaf(
    basin_graph *graph, json_t *node, basin_error *error)
{
    static const char *const keys[] = {"leaf", "shape", NULL};
    const char *word = json_string_value(json_object_get(node, "leaf"));
    const json_t *shape = json_object_get(node, "shape");
    int leaf = 0, number, sizes[3];
    BASIN_TRY(check_keys(node, "the leaf", keys, error));
    while (leaf < 3 && (!word || strcmp(word, basin__leaf_words[leaf]) != 0))
        leaf++;
    BASIN_REQUIRE(leaf < 3, error, BASIN_E_FORMAT, "a leaf must be x, y or z");
    BASIN_REQUIRE(json_array_size(shape) == 3, error, BASIN_E_FORMAT,
        "'shape' must be [channels, height, width]");
    for (size_t i = 0; i < 3; i++)
        BASIN_TRY(to_int(&sizes[i], json_array_get(shape, i), 1, INT_MAX,
            "shape", "the leaf", error));
    BASIN_REQUIRE((int64_t)sizes[0] * sizes[1] <= INT_MAX / sizes[2], error,
        BASIN_E_FORMAT, "the leaf has more numbers than can be");
    return basin_graph_leaf(graph, &number, (basin_leaf)leaf,
        (basin_shape){sizes[0], sizes[1], sizes[2]}, error);
}

static basin_status read_inputs(
    int *out, int *n, const json_t *inputs, int below, basin_error *error)
{
    BASIN_REQUIRE(
        json_is_array(inputs) && json_array_size(inputs) <= BASIN_MODULE_INPUTS,
        error, BASIN_E_FORMAT, "'inputs' must be a list of up to %d nodes",
        BASIN_MODULE_INPUTS);
    *n = (int)json_array_size(inputs);
    for (int i = 0; i < *n; i++)
        BASIN_TRY(to_int(&out[i], json_array_get(inputs, (size_t)i), 0,
            below - 1, "inputs", "the nodes before this one", error));
    return BASIN_OK;
}

static basin_status add_module(basin_graph *graph, basin_context *ctx,
    json_t *node, int index, basin_error *error)
{
    static const char *const keys[] = {
        "name", "module", "inputs", "settings", "share", NULL};
    const char *where = "the node";
    basin_setting settings[BASIN_PARAMS_MAX];
    int inputs[BASIN_MODULE_INPUTS], number;
    basin_node_def def = {.inputs = inputs, .settings = settings, .share = -1};
    const basin_part *part;
    BASIN_TRY(check_keys(node, where, keys, error));
    BASIN_TRY(get_word(&def.name, node, "name", where, error));
    BASIN_TRY(get_word(&def.module, node, "module", where, error));
    BASIN_TRY(basin_find(&part, ctx, BASIN_KIND_MODULE, def.module, error));
    BASIN_TRY(read_inputs(
        inputs, &def.n_inputs, json_object_get(node, "inputs"), index, error));
    BASIN_TRY(read_settings(settings, &def.n_settings, part,
        json_object_get(node, "settings"), error));
    const json_t *share = json_object_get(node, "share");
    if (share) {
        BASIN_TRY(
            to_int(&def.share, share, 0, index - 1, "share", where, error));
        const basin_module *other = basin_graph_node(graph, def.share).module;
        BASIN_REQUIRE(other && &other->part == part, error, BASIN_E_FORMAT,
            "node %d is of another kind, and cannot share its parameters",
            def.share);
    }
    return basin_graph_add(graph, &number, &def, error);
}

static basin_status add_nodes(basin_graph *graph, basin_context *ctx,
    const json_t *nodes, int *failed, basin_error *error)
{
    BASIN_REQUIRE(
        json_array_size(nodes) > 0 && json_array_size(nodes) <= NODES_MOST,
        error, BASIN_E_FORMAT, "'nodes' must be a list of 1 to %d nodes",
        NODES_MOST);
    int n = (int)json_array_size(nodes);
    for (int i = 0; i < n; i++) {
        json_t *node = json_array_get(nodes, (size_t)i);
        const char *name = json_string_value(json_object_get(node, "name"));
        char quote[BASIN__QUOTE] = "", where[BASIN__QUOTE + 32];
        if (name)
            basin__quote(quote, name, strlen(name));
        if (failed) /* who built the JSON knows the node's place */
            basin_format(where, sizeof where, "'%s'", quote);
        else
            basin_format(where, sizeof where,
                name ? "node %d ('%s')" : "node %d", i, quote);
        basin_error inner = {0};
        basin_status status = json_object_get(node, "leaf")
                                  ? add_leaf(graph, node, &inner)
                                  : add_module(graph, ctx, node, i, &inner);
        if (status != BASIN_OK && failed)
            *failed = i;
        if (status != BASIN_OK)
            return basin__wrap(error, where, &inner);
    }
    return BASIN_OK;
}

/* ---------------------------------------------------------------- energies */

static basin_status build_graph(basin_energy **out, basin_context *ctx,
    json_t *root, size_t size, int *failed, basin_error *error)
{
    static const char *const keys[] = {
        "format", "energy", "spaces", "nodes", NULL};
    basin_spaces spaces;
    basin_graph *graph = NULL;
    BASIN_TRY(check_keys(root, "the model", keys, error));
    BASIN_TRY(read_spaces(&spaces, root, error));
    BASIN_TRY(basin_graph_create(&graph, ctx, error));
    basin_status status =
        add_nodes(graph, ctx, json_object_get(root, "nodes"), failed, error);
    /* before memory for W is asked for: the file must hold as much */
    if (status == BASIN_OK && basin_graph_params(graph) > size / sizeof(float))
        status = basin_error_set(error, BASIN_E_FORMAT,
            "the model has %zu parameters, and the file is too short for them",
            basin_graph_params(graph));
    if (status != BASIN_OK) {
        basin_graph_destroy(graph);
        return status;
    }
    basin_error inner = {0};
    status = basin_energy_from_graph(out, graph, &spaces, &inner);
    return status == BASIN_OK ? status
                              : basin__wrap(error, "the model", &inner);
}

static basin_status build_registered(basin_energy **out, basin_context *ctx,
    json_t *root, const char *name, basin_error *error)
{
    static const char *const keys[] = {"format", "energy", "settings", NULL};
    basin_setting settings[BASIN_PARAMS_MAX];
    const basin_part *part;
    int n;
    basin_error inner = {0};
    BASIN_TRY(check_keys(root, "the model", keys, error));
    BASIN_TRY(basin_find(&part, ctx, BASIN_KIND_ENERGY, name, error));
    basin_status status = read_settings(
        settings, &n, part, json_object_get(root, "settings"), &inner);
    if (status == BASIN_OK)
        status = basin_energy_create(out, ctx, name, settings, n, &inner);
    if (status == BASIN_OK)
        return status;
    char quote[BASIN__QUOTE], where[BASIN__QUOTE + 32];
    basin_format(where, sizeof where, "the energy '%s'",
        basin__quote(quote, name, strlen(name)));
    return basin__wrap(error, where, &inner);
}

basin_status basin__model_build_json(basin_energy **out, basin_context *ctx,
    json_t *root, size_t size, int *failed, basin_error *error)
{
    int format;
    const char *name;
    BASIN_TRY(
        to_int(&format, json_object_get(root, "format"), BASIN__MODEL_FORMAT,
            BASIN__MODEL_FORMAT, "format", "the model", error));
    BASIN_TRY(get_word(&name, root, "energy", "the model", error));
    return strcmp(name, "graph") == 0
               ? build_graph(out, ctx, root, size, failed, error)
               : build_registered(out, ctx, root, name, error);
}

basin_status basin__model_build(basin_energy **out, basin_context *ctx,
    const basin_bytes *text, size_t size, basin_error *error)
{
    json_t *root = NULL;
    BASIN_TRY(basin__json_load(&root, (const char *)text->data, text->size,
        JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, "basin.model", 0,
        error));
    basin_status status =
        basin__model_build_json(out, ctx, root, size, NULL, error);
    json_decref(root);
    return status;
}
