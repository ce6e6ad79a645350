/* SPDX-License-Identifier: MIT
 *
 * The energy of a description: nodes that name each other, in any order, are
 * put in order and handed, as the JSON that model files hold, to the builder
 * of model files. So there is one format; here names become numbers.
 */
#include "data/description.h"

#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#include "data/model.h"
#include "data/text.h"

enum { NODES_MOST = 4096, LEAVES = 3 };

const char *const basin__node_keys[] = {
    "name", "module", "inputs", "share", "settings", NULL};

/* A node of the text. Nodes are numbered: the leaves first, as 0 to 2 whether
 * they are there or not; then as they stand. */
typedef struct node {
    basin__tree *tree;
    const char *name;
    const basin_part *module;
    double values[BASIN_PARAMS_MAX];
    int inputs[BASIN_MODULE_INPUTS];
    const basin__tree *input_trees[BASIN_MODULE_INPUTS];
    int n_inputs;
    int share; /* or -1 */
    const basin__tree *share_tree;
    int state;  /* 0: not visited; 1: being visited; 2: in the order */
    int number; /* in the model's file */
    char own_name[48];
} node;

typedef struct builder {
    basin_context *ctx;
    basin__tree *tree; /* of the energy */
    node *nodes;       /* (LEAVES + n) */
    int n;             /* without the leaves */
    int *order;        /* (n) */
    int n_order;
    bool leaf[LEAVES];
    bool bound; /* by a softplus around the energy */
    int n_leaves;
    json_t *root, *list;
    basin_error *error;
} builder;

/* ------------------------------------------------------------------- spaces */

static basin_status read_space(
    builder *b, json_t *spaces, basin__tree *all, int leaf)
{
    const char *name = basin__leaf_words[leaf];
    basin__tree *tree = all ? basin__tree_get(all, name) : NULL;
    basin_space_kind kind;
    int sizes[3];
    json_t *space = json_object();
    json_object_set_new(spaces, name, space);
    BASIN_TRY(basin__space_read(space, &kind, sizes, tree, name, b->error));
    if (kind == BASIN_SPACE_NONE)
        return BASIN_OK;
    b->leaf[leaf] = true;
    b->nodes[leaf].number = b->n_leaves++;
    json_array_append_new(b->list, json_pack("{s:s, s:[i,i,i]}", "leaf", name,
                                       "shape", sizes[0], sizes[1], sizes[2]));
    return BASIN_OK;
}

static basin_status read_spaces(builder *b)
{
    basin__tree *all = basin__tree_get(b->tree, "spaces");
    json_t *spaces = json_object();
    json_object_set_new(b->root, "spaces", spaces);
    if (!all) {
        basin_error_set(b->error, BASIN_E_FORMAT,
            "the energy does not say where X and Y live: 'spaces:' is missing");
        return basin__tree_at(b->tree, b->error);
    }
    BASIN_TRY(basin__tree_map(all, "spaces", b->error));
    for (int leaf = 0; leaf < LEAVES; leaf++)
        BASIN_TRY(read_space(b, spaces, all, leaf));
    return basin__tree_unknown(all, "spaces", basin__leaf_words, 3, b->error);
}

/* -------------------------------------------------------------------- nodes */

static int find_node(const builder *b, const char *name)
{
    for (int i = 0; i < LEAVES; i++)
        if (b->leaf[i] && strcmp(name, basin__leaf_words[i]) == 0)
            return i;
    for (int i = LEAVES; i < LEAVES + b->n; i++)
        if (strcmp(name, b->nodes[i].name) == 0)
            return i;
    return -1;
}

static basin_status unknown_node(
    builder *b, const basin__tree *tree, const char *name)
{
    enum { MOST = 256 };
    const char *names[MOST];
    int n = 0;
    for (int i = 0; i < LEAVES; i++)
        if (b->leaf[i])
            names[n++] = basin__leaf_words[i];
    for (int i = LEAVES; i < LEAVES + b->n && n < MOST; i++)
        names[n++] = b->nodes[i].name;
    char quote[BASIN__QUOTE];
    const char *near = name[1] ? basin_nearest(name, names, n) : NULL;
    basin__quote(quote, name, strlen(name));
    if (near)
        basin_error_set(b->error, BASIN_E_NAME,
            "no node is called '%s'; did you mean '%s'?", quote, near);
    else
        basin_error_set(b->error, BASIN_E_NAME,
            "no node is called '%s', and no space is declared as that", quote);
    return basin__tree_at(tree, b->error);
}

static basin_status read_name(builder *b, int i)
{
    node *n = &b->nodes[i];
    basin__tree *name = basin__tree_get(n->tree, "name");
    if (name) {
        BASIN_TRY(basin__tree_word(&n->name, name, "name", b->error));
        if (strlen(n->name) >= sizeof n->own_name) {
            basin_error_set(b->error, BASIN_E_FORMAT,
                "the name has %zu bytes; %zu are possible", strlen(n->name),
                sizeof n->own_name - 1);
            return basin__tree_at(name, b->error);
        }
    } else {
        basin_format(n->own_name, sizeof n->own_name, "%.30s_%d",
            n->module->name, i - LEAVES + 1);
        n->name = n->own_name;
    }
    int same = -1;
    for (int k = 0; k < LEAVES; k++)
        if (strcmp(n->name, basin__leaf_words[k]) == 0)
            same = k;
    for (int k = LEAVES; k < i && same < 0; k++)
        if (strcmp(n->name, b->nodes[k].name) == 0)
            same = k;
    if (same < 0)
        return BASIN_OK;
    char quote[BASIN__QUOTE];
    basin__quote(quote, n->name, strlen(n->name));
    if (same < LEAVES)
        basin_error_set(b->error, BASIN_E_NAME,
            "'%s' is the name of a variable; give the node another", quote);
    else
        basin_error_set(b->error, BASIN_E_NAME,
            "two nodes are called '%s'; the other is in line %d", quote,
            b->nodes[same].tree->line);
    return basin__tree_at(name ? name : n->tree, b->error);
}

static basin_status read_node(builder *b, int i, basin__tree *tree)
{
    node *n = &b->nodes[i];
    n->tree = tree;
    n->share = -1;
    BASIN_TRY(basin__tree_map(tree, "a node", b->error));
    basin__tree *module = basin__tree_get(tree, "module");
    if (!module) {
        basin_error_set(b->error, BASIN_E_FORMAT,
            "the node lacks 'module'; 'basin list module' shows what there is");
        return basin__tree_at(tree, b->error);
    }
    BASIN_TRY(basin__part_read(
        &n->module, b->ctx, BASIN_KIND_MODULE, module, b->error));
    basin__tree_get(tree, "inputs");
    basin__tree_get(tree, "share");
    BASIN_TRY(read_name(b, i));
    char where[128];
    basin_format(where, sizeof where, "the module '%s'", n->module->name);
    return basin__settings_read(
        n->values, n->module, tree, basin__node_keys, where, b->error);
}

static basin_status read_input(builder *b, node *n, const basin__tree *tree)
{
    const char *name;
    BASIN_TRY(basin__tree_word(&name, tree, "inputs", b->error));
    if (n->n_inputs == BASIN_MODULE_INPUTS) {
        basin_error_set(b->error, BASIN_E_FORMAT,
            "a node reads at most %d others", BASIN_MODULE_INPUTS);
        return basin__tree_at(tree, b->error);
    }
    int input = find_node(b, name);
    if (input < 0)
        return unknown_node(b, tree, name);
    n->input_trees[n->n_inputs] = tree;
    n->inputs[n->n_inputs++] = input;
    return BASIN_OK;
}

/* A node that names no inputs reads the one above it. */
static basin_status read_inputs(builder *b, int i)
{
    node *n = &b->nodes[i];
    basin__tree *inputs = basin__tree_get(n->tree, "inputs");
    basin__tree *share = basin__tree_get(n->tree, "share");
    const char *name;
    if (!inputs && i == LEAVES) {
        basin_error_set(b->error, BASIN_E_FORMAT,
            "the first node needs 'inputs': x, y or z, or a node below");
        return basin__tree_at(n->tree, b->error);
    }
    if (!inputs) {
        n->inputs[n->n_inputs] = i - 1;
        n->input_trees[n->n_inputs++] = n->tree;
    } else if (inputs->kind == BASIN__LIST) {
        for (basin__tree *at = inputs->first; at; at = at->next)
            BASIN_TRY(read_input(b, n, at));
    } else
        BASIN_TRY(read_input(b, n, inputs));
    if (!share)
        return BASIN_OK;
    BASIN_TRY(basin__tree_word(&name, share, "share", b->error));
    n->share = find_node(b, name);
    n->share_tree = share;
    if (n->share < 0)
        return unknown_node(b, share, name);
    if (n->share >= LEAVES && b->nodes[n->share].module == n->module)
        return BASIN_OK;
    basin_error_set(b->error, BASIN_E_FORMAT,
        "'%s' cannot share the weights of '%s', which is %s%s", n->name, name,
        n->share < LEAVES ? "a variable" : "of the module ",
        n->share < LEAVES ? "" : b->nodes[n->share].module->name);
    return basin__tree_at(share, b->error);
}

/* -------------------------------------------------------------------- order */

static basin_status cycle(builder *b, int from, const basin__tree *tree)
{
    char quote[BASIN__QUOTE];
    const char *name = b->nodes[from].name;
    basin_error_set(b->error, BASIN_E_FORMAT,
        "the nodes read each other in a circle: '%s' would need its own output",
        basin__quote(quote, name, strlen(name)));
    return basin__tree_at(tree, b->error);
}

static basin_status visit(builder *b, int i)
{
    node *n = &b->nodes[i];
    if (i < LEAVES || n->state == 2)
        return BASIN_OK;
    n->state = 1;
    for (int k = 0; k <= n->n_inputs; k++) {
        bool last = k == n->n_inputs;
        int other = last ? n->share : n->inputs[k];
        if (other < 0)
            continue;
        if (other >= LEAVES && b->nodes[other].state == 1)
            return cycle(b, other, last ? n->share_tree : n->input_trees[k]);
        BASIN_TRY(visit(b, other));
    }
    n->state = 2;
    n->number = b->n_leaves + b->n_order;
    b->order[b->n_order++] = i;
    return BASIN_OK;
}

/* The last node is the energy; every other must lead to it. */
static basin_status put_in_order(builder *b)
{
    int last = LEAVES + b->n - 1;
    BASIN_TRY(visit(b, last));
    for (int i = LEAVES; i < last; i++) {
        if (b->nodes[i].state == 2)
            continue;
        BASIN_TRY(visit(b, i)); /* a circle says more */
        char quote[BASIN__QUOTE], top[BASIN__QUOTE];
        basin__quote(quote, b->nodes[i].name, strlen(b->nodes[i].name));
        basin__quote(top, b->nodes[last].name, strlen(b->nodes[last].name));
        basin_error_set(b->error, BASIN_E_FORMAT,
            "nothing reads '%s'; the last node, '%s', is the energy", quote,
            top);
        return basin__tree_at(b->nodes[i].tree, b->error);
    }
    return BASIN_OK;
}

/* --------------------------------------------------------------------- JSON */

static void write_node(builder *b, const node *n)
{
    json_t *settings = json_object(), *inputs = json_array();
    for (int i = 0; i < n->module->n_params; i++) {
        double v = n->values[i];
        json_object_set_new(settings, n->module->params[i].name,
            isinf(v) ? json_string(v > 0 ? "inf" : "-inf") : json_real(v));
    }
    for (int i = 0; i < n->n_inputs; i++)
        json_array_append_new(
            inputs, json_integer(b->nodes[n->inputs[i]].number));
    json_t *out = json_pack("{s:s, s:s, s:o, s:o}", "name", n->name, "module",
        n->module->name, "inputs", inputs, "settings", settings);
    if (n->share >= 0) {
        /* who shares with one that shares, shares with its owner */
        int owner = n->share;
        for (int i = 0; i < b->n && b->nodes[owner].share >= 0; i++)
            owner = b->nodes[owner].share;
        json_object_set_new(out, "share", json_integer(b->nodes[owner].number));
    }
    json_array_append_new(b->list, out);
}

/* A softplus around the energy: none is below 0 then, and their order stays. */
static void write_bound(json_t *nodes, int around)
{
    json_array_append_new(
        nodes, json_pack("{s:s, s:s, s:[i], s:{}}", "name", "(bound)", "module",
                   "softplus", "inputs", around, "settings"));
}

basin_status basin__energy_bounded(
    basin_energy **out, basin_energy *of, basin_error *error)
{
    const basin_graph *graph = basin_energy_graph(of);
    basin_context *ctx = basin_energy_context(of);
    basin_bytes text;
    *out = NULL;
    BASIN_REQUIRE(graph, error, BASIN_E_SERVE,
        "the energy '%s' is no graph, and no softplus goes around it",
        basin_energy_name(of));
    basin_bytes_init(&text, ctx);
    basin_status status = basin__model_describe(&text, of, error);
    json_t *root = status == BASIN_OK
                       ? json_loads((const char *)text.data, 0, NULL)
                       : NULL;
    basin_bytes_finish(&text);
    if (status == BASIN_OK && !root)
        status =
            basin_error_set(error, BASIN_E_MEMORY, "no memory for a graph");
    if (status == BASIN_OK) {
        write_bound(
            json_object_get(root, "nodes"), basin_graph_size(graph) - 1);
        status = basin__model_build_json(out, ctx, root, SIZE_MAX, NULL, error);
    }
    json_decref(root);
    return status;
}

static basin_status build(basin_energy **out, builder *b)
{
    for (int i = 0; i < b->n_order; i++)
        write_node(b, &b->nodes[b->order[i]]);
    if (b->bound)
        write_bound(b->list, b->n_leaves + b->n_order - 1);
    int failed = -1;
    basin_status status = basin__model_build_json(
        out, b->ctx, b->root, SIZE_MAX, &failed, b->error);
    if (status == BASIN_OK)
        return status;
    int at = failed - b->n_leaves;
    at = at >= 0 && at < b->n_order ? at : b->n_order - 1;
    return basin__tree_at(b->nodes[b->order[at]].tree, b->error);
}

static basin_status read_bound(builder *b)
{
    const basin__tree *bound = basin__tree_get(b->tree, "bound");
    const char *word;
    char quote[BASIN__QUOTE];
    if (!bound)
        return BASIN_OK;
    BASIN_TRY(basin__tree_word(&word, bound, "bound", b->error));
    b->bound = strcmp(word, "softplus") == 0;
    if (b->bound || strcmp(word, "none") == 0)
        return BASIN_OK;
    basin_error_set(b->error, BASIN_E_NAME,
        "the bound must be 'none' or 'softplus'; got '%s'",
        basin__quote(quote, word, strlen(word)));
    return basin__tree_at(bound, b->error);
}

static basin_status read_graph(basin_energy **out, builder *b)
{
    static const char *const keys[] = {"name", "spaces", "nodes", "bound"};
    basin__tree *nodes = basin__tree_get(b->tree, "nodes");
    BASIN_TRY(read_bound(b));
    BASIN_TRY(basin__tree_unknown(b->tree, "the energy", keys, 4, b->error));
    int i = LEAVES;
    for (basin__tree *at = nodes->first; at; at = at->next)
        BASIN_TRY(read_node(b, i++, at));
    for (i = LEAVES; i < LEAVES + b->n; i++)
        BASIN_TRY(read_inputs(b, i));
    BASIN_TRY(put_in_order(b));
    return build(out, b);
}

/* ------------------------------------------------------------------- energy */

static basin_status open_graph(basin_energy **out, builder *b)
{
    basin__tree *nodes = basin__tree_get(b->tree, "nodes");
    BASIN_TRY(read_spaces(b));
    if (!nodes || nodes->kind != BASIN__LIST || nodes->n == 0) {
        basin_error_set(b->error, BASIN_E_FORMAT,
            nodes ? "nodes must be a list, '- module: ...', of one or more"
                  : "the energy has no nodes: 'nodes:' is missing");
        return basin__tree_at(nodes ? nodes : b->tree, b->error);
    }
    return read_graph(out, b);
}

static basin_status read_registered(basin_energy **out, basin_context *ctx,
    basin__tree *tree, const basin__tree *name, basin_error *error)
{
    static const char *const keys[] = {"name", "settings", NULL};
    basin_setting settings[BASIN_PARAMS_MAX];
    double values[BASIN_PARAMS_MAX];
    const basin_part *part;
    char where[96];
    BASIN_TRY(basin__part_read(&part, ctx, BASIN_KIND_ENERGY, name, error));
    basin_format(where, sizeof where, "the energy '%s'", part->name);
    BASIN_TRY(basin__settings_read(values, part, tree, keys, where, error));
    for (int i = 0; i < part->n_params; i++)
        settings[i] = (basin_setting){part->params[i].name, values[i]};
    basin_status status = basin_energy_create(
        out, ctx, part->name, settings, part->n_params, error);
    return status == BASIN_OK ? status : basin__tree_at(tree, error);
}

basin_status basin__energy_read(basin_energy **out, basin_context *ctx,
    basin__tree *tree, basin_error *error)
{
    BASIN_TRY(basin__tree_map(tree, "the energy", error));
    basin__tree *name = basin__tree_get(tree, "name");
    if (name && (name->kind != BASIN__WORD || strcmp(name->word, "graph") != 0))
        return read_registered(out, ctx, tree, name, error);
    const basin__tree *nodes = basin__tree_get(tree, "nodes");
    int n = nodes && nodes->kind == BASIN__LIST ? nodes->n : 0;
    if (n > NODES_MOST) {
        basin_error_set(error, BASIN_E_RANGE,
            "the energy has %d nodes; %d are possible", n, NODES_MOST);
        return basin__tree_at(nodes, error);
    }
    size_t size = (size_t)(LEAVES + n) * sizeof(node);
    size_t order = (size_t)(n + 1) * sizeof(int);
    builder b = {.ctx = ctx, .tree = tree, .n = n, .error = error};
    b.nodes = basin_alloc(ctx, size);
    b.order = basin_alloc(ctx, order);
    b.root = json_pack(
        "{s:i, s:s}", "format", BASIN__MODEL_FORMAT, "energy", "graph");
    b.list = json_array();
    json_object_set_new(b.root, "nodes", b.list);
    basin_status status =
        b.nodes && b.order && b.root && b.list
            ? open_graph(out, &b)
            : basin_error_set(error, BASIN_E_MEMORY, "no memory for a graph");
    json_decref(b.root);
    basin_free(ctx, b.nodes, size);
    basin_free(ctx, b.order, order);
    return status;
}
