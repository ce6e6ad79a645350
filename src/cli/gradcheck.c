/* SPDX-License-Identifier: MIT
 *
 * basin gradcheck: gradients against central differences, for every
 * registered module and energy, for a model file, and for the parts that a
 * user's plugin registers.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/cli.h"
#include "data/text.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

enum { SIDE = 3, POINTS = 5 };

/** What a plugin must define: it registers its parts. */
typedef basin_status (*register_fn)(basin_context *ctx, basin_error *error);

static basin_status load_plugin(
    void **out, basin_context *ctx, const char *path, basin_error *error)
{
    /* a name without a folder would be searched for among the system's */
    char here[4096], quote[BASIN__QUOTE];
    basin_format(
        here, sizeof here, "%s%s", strchr(path, '/') ? "" : "./", path);
    basin__quote_path(quote, path);
    *out = dlopen(here, RTLD_NOW | RTLD_LOCAL);
    BASIN_REQUIRE(*out, error, BASIN_E_IO,
        "the plugin '%s' cannot be loaded as a shared library: %s", quote,
        dlerror());
    register_fn fn;
    void *symbol = dlsym(*out, "basin_plugin_register");
    memcpy(&fn, &symbol, sizeof fn); /* ISO C has no cast for this */
    BASIN_REQUIRE(fn, error, BASIN_E_NAME,
        "the plugin '%s' defines no function "
        "'basin_status basin_plugin_register(basin_context *, basin_error *)'",
        quote);
    return fn(ctx, error);
}

static basin_status report(const char *what, basin_energy *energy,
    uint64_t seed, bool *good, basin_error *error)
{
    basin_gradcheck check;
    BASIN_TRY(basin_energy_gradcheck(&check, energy, seed, POINTS, error));
    bool right = check.worst < BASIN_GRADCHECK_GOOD;
    printf("%-24s %s  worst %.2e over %d derivatives", what,
        right ? "right" : "WRONG", check.worst, check.checked);
    if (!right)
        printf(": d/d%s[%zu] is %g, and by differences %g", check.what,
            check.index, check.analytic, check.numeric);
    putchar('\n');
    *good = *good && right;
    return BASIN_OK;
}

/* A module between two nets, so that its inputs depend on X, on Y and on W:
 * E = linear(module(map(Y), map(X), ...)). The maps are convolutions, which
 * leave the picture its shape; from input number `wide` on they are linear, to
 * one number. */
static basin_status module_graph(basin_graph *graph, const basin_module *module,
    int wide, basin_error *error)
{
    const basin_setting same[] = {{"kernel", 3}, {"pad", 1}};
    const basin_shape shape = {1, SIDE, SIDE};
    int x, y, inputs[BASIN_MODULE_INPUTS], node, top;
    BASIN_TRY(basin_graph_leaf(graph, &x, BASIN_X, shape, error));
    BASIN_TRY(basin_graph_leaf(graph, &y, BASIN_Y, shape, error));
    int n = module->max_inputs < 2 ? module->max_inputs : 2;
    if (n < module->min_inputs)
        n = module->min_inputs;
    for (int i = 0; i < n; i++)
        BASIN_TRY(i >= wide ? basin_graph_add1(graph, &inputs[i], "linear",
                                  i % 2 ? x : y, NULL, 0, error)
                            : basin_graph_add1(graph, &inputs[i], "convolution",
                                  i % 2 ? x : y, same, 2, error));
    basin_node_def def = {.module = module->part.name,
        .inputs = inputs,
        .n_inputs = n,
        .share = -1};
    BASIN_TRY(basin_graph_add(graph, &node, &def, error));
    return basin_graph_add1(graph, &top, "linear", node, NULL, 0, error);
}

static basin_status make_module_graph(basin_graph **out, basin_context *ctx,
    const basin_module *module, int wide, basin_error *error)
{
    BASIN_TRY(basin_graph_create(out, ctx, error));
    basin_status status = module_graph(*out, module, wide, error);
    if (status != BASIN_OK)
        basin_graph_destroy(*out);
    return status;
}

static basin_status check_module(basin_context *ctx, const basin_part *part,
    uint64_t seed, bool *good, basin_error *error)
{
    basin_graph *graph = NULL;
    const basin_module *module = (const basin_module *)(const void *)part;
    static const int wides[] = {BASIN_MODULE_INPUTS, 1, 0};
    basin_status status = BASIN_E_SHAPE;
    for (int i = 0; i < 3 && status == BASIN_E_SHAPE; i++) {
        if (error)
            *error = (basin_error){0};
        status = make_module_graph(&graph, ctx, module, wides[i], error);
    }
    BASIN_TRY(status);
    const basin_space box = {BASIN_SPACE_BOX, SIDE * SIDE, -1, 1, 0};
    const basin_spaces spaces = {.x = box, .y = box};
    basin_energy *energy = NULL;
    BASIN_TRY(basin_energy_from_graph(&energy, graph, &spaces, error));
    basin_energy_init(energy, seed);
    char what[64];
    basin_format(what, sizeof what, "module %s", part->name);
    status = report(what, energy, seed, good, error);
    basin_energy_destroy(energy);
    return status;
}

static basin_status check_energy(basin_context *ctx, const basin_part *part,
    uint64_t seed, bool *good, basin_error *error)
{
    basin_energy *energy = NULL;
    BASIN_TRY(basin_energy_create(&energy, ctx, part->name, NULL, 0, error));
    basin_energy_init(energy, seed);
    char what[64];
    basin_format(what, sizeof what, "energy %s", part->name);
    basin_status status = report(what, energy, seed, good, error);
    basin_energy_destroy(energy);
    return status;
}

static basin_status check_model(basin_context *ctx, const char *path,
    uint64_t seed, bool *good, basin_error *error)
{
    basin_energy *energy = NULL;
    BASIN_TRY(cli_read_model(&energy, ctx, path, error));
    basin_status status = report(path, energy, seed, good, error);
    basin_energy_destroy(energy);
    return status;
}

static basin_status check_all(
    basin_context *ctx, uint64_t seed, bool *good, basin_error *error)
{
    const basin_part *part;
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_MODULE, i)); i++)
        BASIN_TRY(check_module(ctx, part, seed, good, error));
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_ENERGY, i)); i++)
        BASIN_TRY(check_energy(ctx, part, seed, good, error));
    return BASIN_OK;
}

static basin_status unknown_word(
    basin_context *ctx, const char *word, basin_error *error)
{
    enum { MOST = 128 };
    const char *names[MOST];
    const basin_part *part;
    int n = 0;
    for (int i = 0;
         n < MOST && (part = basin_part_at(ctx, BASIN_KIND_MODULE, i)); i++)
        names[n++] = part->name;
    for (int i = 0;
         n < MOST && (part = basin_part_at(ctx, BASIN_KIND_ENERGY, i)); i++)
        names[n++] = part->name;
    const char *near = basin_nearest(word, names, n);
    char quote[BASIN__QUOTE];
    basin__quote(quote, word, strlen(word));
    if (near)
        return basin_error_set(error, BASIN_E_NAME,
            "no module or energy is called '%s'; did you mean '%s'?", quote,
            near);
    return basin_error_set(error, BASIN_E_NAME,
        "no module, energy or model file is called '%s'; 'basin list' shows "
        "the parts",
        quote);
}

/* A word is a registered module or energy, or a model file. */
static basin_status check_word(basin_context *ctx, const char *word,
    uint64_t seed, bool *good, basin_error *error)
{
    const basin_part *part = NULL;
    if (basin_find(&part, ctx, BASIN_KIND_MODULE, word, NULL) == BASIN_OK)
        return check_module(ctx, part, seed, good, error);
    if (basin_find(&part, ctx, BASIN_KIND_ENERGY, word, NULL) == BASIN_OK)
        return check_energy(ctx, part, seed, good, error);
    if (strchr(word, '.') || strchr(word, '/'))
        return check_model(ctx, word, seed, good, error);
    return unknown_word(ctx, word, error);
}

int cli_gradcheck(int argc, char **argv)
{
    enum { WORDS = 32 };
    const char *plugin = NULL, *words[WORDS];
    uint64_t seed = 1;
    int n = 0;
    bool helped = false, good = true;
    const cli_option options[] = {
        {"plugin", CLI_TEXT, &plugin, 0, 0, "FILE.so",
            "a shared library whose basin_plugin_register adds parts"},
        {"seed", CLI_SEED, &seed, 0, 0, "N", "of the points (default 1)"},
    };
    const cli_usage usage = {"gradcheck", "[MODULE|ENERGY|MODEL ...]",
        "Compare gradients with central differences; without a name, of "
        "everything.",
        options, 2, 0, WORDS};
    basin_error error = {0};
    basin_context *ctx = NULL;
    void *library = NULL;
    basin_status status =
        cli_parse(&usage, argc, argv, words, &n, &helped, &error);
    if (helped)
        return CLI_OK;
    if (status == BASIN_OK)
        status = basin_context_create(&ctx, NULL, &error);
    if (status == BASIN_OK && plugin)
        status = load_plugin(&library, ctx, plugin, &error);
    if (status == BASIN_OK && n == 0)
        status = check_all(ctx, seed, &good, &error);
    for (int i = 0; i < n && status == BASIN_OK; i++)
        status = check_word(ctx, words[i], seed, &good, &error);
    basin_context_destroy(ctx);
    if (library)
        dlclose(library);
    if (status != BASIN_OK)
        return cli_fail("gradcheck", &error);
    return good ? CLI_OK : CLI_NUMERIC;
}
