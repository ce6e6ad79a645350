/* SPDX-License-Identifier: MIT
 *
 * basin chain dump and convert: models as text that can be edited, and back;
 * and the peers' models as ours.
 */
#include "cli/chain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ----------------------------------------------------------- the strongest */

typedef struct ranked {
    double size;
    size_t index;
} ranked;

static int by_size(const void *a, const void *b)
{
    const ranked *p = a, *q = b;
    if (p->size != q->size)
        return p->size > q->size ? -1 : 1;
    return p->index < q->index ? -1 : p->index > q->index;
}

static void print_feature(const basin_chain_model *m, size_t index)
{
    const basin_chain_feature f = basin_chain_feature_at(m->chain, index);
    const basin_dictionary *names = f.edge ? m->edges : m->nodes;
    printf("%12.6f  ", basin_chain_params(m->chain)[index]);
    if (f.attribute >= 0)
        printf("%s  ", basin_dictionary_name(names, f.attribute, NULL));
    if (f.before >= 0)
        printf("%s -> ", basin_dictionary_name(m->labels, f.before, NULL));
    printf("%s\n", basin_dictionary_name(m->labels, f.label, NULL));
}

static basin_status print_top(
    const basin_chain_model *m, int top, basin_error *error)
{
    const basin_chain_info *info = basin_chain_describe(m->chain);
    const size_t n = info->n_params - (size_t)info->net_params;
    ranked *list = malloc((n + 1) * sizeof *list);
    BASIN_REQUIRE(list, error, BASIN_E_MEMORY, "no memory to sort weights");
    for (size_t i = 0; i < n; i++)
        list[i] = (ranked){fabs(basin_chain_params(m->chain)[i]), i};
    qsort(list, n, sizeof *list, by_size);
    for (size_t i = 0; i < n && i < (size_t)top; i++)
        print_feature(m, list[i].index);
    free(list);
    return BASIN_OK;
}

static basin_status print_all(const basin_chain_model *m, basin_error *error)
{
    basin_chain_weights *weights = NULL;
    basin_bytes text;
    BASIN_TRY(basin_chain_model_weights(&weights, m, error));
    basin_bytes_init(&text, m->ctx);
    basin_status status = basin_chain_weights_write(&text, weights, error);
    if (status == BASIN_OK)
        fwrite(text.data, 1, text.size, stdout);
    basin_bytes_finish(&text);
    basin_chain_weights_destroy(weights);
    return status;
}

/* ---------------------------------------------------------------- commands */

static basin_status dump(
    const char *path, int top, basin_context *ctx, basin_error *error)
{
    BASIN_REQUIRE(
        path, error, BASIN_E_ARGUMENT, "a model is missing: -m MODEL");
    basin_chain_model *model = NULL;
    BASIN_TRY(chain_read_model(&model, ctx, path, error));
    basin_status status =
        top ? print_top(model, top, error) : print_all(model, error);
    basin_chain_model_destroy(model);
    return status;
}

int cli_chain_dump(int argc, char **argv)
{
    const char *model = NULL, *none[1];
    int top = 0, n;
    const cli_option options[] = {
        {"model", CLI_TEXT, &model, 0, 0, "MODEL",
            "the model, ours or a peer's (also -m)"},
        {"top", CLI_COUNT, &top, 1, 1000000000, "N",
            "only the N strongest, as a table"},
    };
    const cli_usage usage = {"chain dump", "",
        "Show the weights of a model as text, which 'convert' reads back.",
        options, sizeof options / sizeof *options, 0, 0};
    bool helped;
    basin_error error = {0};
    basin_context *ctx = NULL;
    basin_status status =
        cli_parse(&usage, argc, argv, none, &n, &helped, &error);
    if (status == BASIN_OK && !helped)
        status = chain_context(&ctx, 1, &error);
    if (status == BASIN_OK && !helped)
        status = dump(model, top, ctx, &error);
    basin_context_destroy(ctx);
    return status == BASIN_OK ? CLI_OK : cli_fail("chain dump", &error);
}

static basin_status convert(
    const char *to, const char *from, basin_context *ctx, basin_error *error)
{
    BASIN_REQUIRE(to, error, BASIN_E_ARGUMENT,
        "where the model should go is missing: -m MODEL");
    basin_chain_model *model = NULL;
    BASIN_TRY(chain_read_model(&model, ctx, from, error));
    basin_status status = chain_write_model(model, to, error);
    basin_chain_model_destroy(model);
    return status;
}

int cli_chain_convert(int argc, char **argv)
{
    const char *model = NULL, *from[1];
    int n;
    const cli_option options[] = {
        {"model", CLI_TEXT, &model, 0, 0, "MODEL",
            "the file to write (also -m)"},
    };
    const cli_usage usage = {"chain convert", "FROM",
        "Make a model of one of CRFsuite, CRF++ (text) or Wapiti, or of what "
        "'dump' wrote.",
        options, sizeof options / sizeof *options, 1, 1};
    bool helped;
    basin_error error = {0};
    basin_context *ctx = NULL;
    basin_status status =
        cli_parse(&usage, argc, argv, from, &n, &helped, &error);
    if (status == BASIN_OK && !helped)
        status = chain_context(&ctx, 1, &error);
    if (status == BASIN_OK && !helped)
        status = convert(model, from[0], ctx, &error);
    basin_context_destroy(ctx);
    return status == BASIN_OK ? CLI_OK : cli_fail("chain convert", &error);
}
