/* SPDX-License-Identifier: MIT
 *
 * basin chain evaluate: label what has labels, and count as conlleval does.
 */
#include "cli/chain.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/text.h"

/* ------------------------------------------------------------------ counting
 */

basin_status chain_add_counts(basin_evaluation *evaluation,
    const basin_chain *chain, const basin_sequences *s, const bool *which,
    basin_error *error)
{
    basin_lattice *lattice = NULL;
    BASIN_TRY(basin_lattice_create(&lattice, chain, error));
    int64_t longest = 1;
    for (int32_t i = 0; i < s->n; i++)
        if (s->start[i + 1] - s->start[i] > longest)
            longest = s->start[i + 1] - s->start[i];
    int32_t *label = malloc((size_t)longest * sizeof *label);
    basin_status status =
        label ? BASIN_OK
              : basin_error_set(error, BASIN_E_MEMORY, "no memory for labels");
    for (int32_t i = 0; status == BASIN_OK && i < s->n; i++) {
        if (which && !which[i])
            continue;
        status = basin_lattice_observe(lattice, s, i, error);
        if (status != BASIN_OK)
            break;
        basin_lattice_best(lattice, label);
        status = basin_evaluation_add(evaluation, s->label + s->start[i], label,
            s->start[i + 1] - s->start[i], error);
    }
    free(label);
    basin_lattice_destroy(lattice);
    return status;
}

basin_status chain_read_labelled(basin_corpus **out,
    const basin_chain_model *model, basin_dictionary *labels,
    const char *const *paths, int n_paths, basin_error *error)
{
    basin_corpus_def def = basin_chain_model_corpus(model);
    def.labels = labels; /* the data may have labels that the model has not */
    def.frozen_labels = false;
    BASIN_TRY(basin_corpus_create(out, model->ctx, &def, error));
    basin_status status = BASIN_OK;
    for (int i = 0; status == BASIN_OK && i < n_paths; i++)
        status = basin_corpus_read_file(*out, paths[i], error);
    if (status != BASIN_OK) {
        basin_corpus_destroy(*out);
        *out = NULL;
    }
    return status;
}

basin_status chain_count(basin_evaluation **out, const basin_chain_model *model,
    basin_dictionary *labels, const char *const *paths, int n_paths,
    basin_error *error)
{
    basin_corpus *corpus = NULL;
    BASIN_TRY(
        chain_read_labelled(&corpus, model, labels, paths, n_paths, error));
    basin_status status =
        corpus->sequences.n
            ? basin_evaluation_create(out, model->ctx, labels, error)
            : basin_error_set(
                  error, BASIN_E_FORMAT, "there is no sequence in the data");
    if (status != BASIN_OK && n_paths == 1)
        basin_error_place(error, paths[0], error->line, error->column);
    if (status == BASIN_OK)
        status = chain_add_counts(
            *out, model->chain, &corpus->sequences, NULL, error);
    basin_corpus_destroy(corpus);
    return status;
}

/* ------------------------------------------------------------------ printing
 */

static void print_chunks(const char *name, basin_chunks c)
{
    printf("%-10s %8.2f %8.2f %8.2f %8lld\n", name, 100 * c.precision,
        100 * c.recall, 100 * c.f1, (long long)c.found);
}

void chain_print_counts(const basin_evaluation *evaluation)
{
    const basin_tokens t = basin_evaluation_tokens(evaluation);
    printf("%lld of %lld tokens are right (%.2f %%), and %lld of %lld "
           "sequences\n\n",
        (long long)t.right_tokens, (long long)t.tokens, 100 * t.accuracy,
        (long long)t.right_sequences, (long long)t.sequences);
    printf("%-10s %8s %8s %8s %8s\n", "chunks", "precis.", "recall", "F1",
        "found");
    for (int32_t i = 0; i < basin_evaluation_types(evaluation); i++) {
        const basin_chunks c = basin_evaluation_type(evaluation, i);
        print_chunks(c.type[0] ? c.type : "-", c);
    }
    print_chunks("all", basin_evaluation_all(evaluation));
}

static json_t *json_chunks(basin_chunks c)
{
    return json_pack("{s:f, s:f, s:f, s:I, s:I, s:I}", "precision", c.precision,
        "recall", c.recall, "f1", c.f1, "right", (json_int_t)c.right, "gold",
        (json_int_t)c.gold, "found", (json_int_t)c.found);
}

json_t *chain_json_counts(const basin_evaluation *evaluation)
{
    const basin_tokens t = basin_evaluation_tokens(evaluation);
    const basin_chunks all = basin_evaluation_all(evaluation);
    json_t *types = json_object();
    for (int32_t i = 0; i < basin_evaluation_types(evaluation); i++) {
        const basin_chunks c = basin_evaluation_type(evaluation, i);
        char quote[BASIN__QUOTE]; /* JSON takes no broken UTF-8 */
        if (json_object_set_new(types, c.type, json_chunks(c)) != 0)
            json_object_set_new(types,
                basin__quote(quote, c.type, strlen(c.type)), json_chunks(c));
    }
    return json_pack("{s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:o}",
        "accuracy", t.accuracy, "precision", all.precision, "recall",
        all.recall, "f1", all.f1, "tokens", (json_int_t)t.tokens,
        "right_tokens", (json_int_t)t.right_tokens, "sequences",
        (json_int_t)t.sequences, "right_sequences",
        (json_int_t)t.right_sequences, "by_type", types);
}

/* ------------------------------------------------------------------- command
 */

typedef struct settings {
    const char *model;
    bool json;
} settings;

static basin_status evaluate(const settings *s, basin_context *ctx,
    const char *const *paths, int n_paths, basin_error *error)
{
    BASIN_REQUIRE(
        s->model, error, BASIN_E_ARGUMENT, "a model is missing: -m MODEL");
    basin_chain_model *model = NULL;
    basin_dictionary *labels = NULL;
    basin_evaluation *evaluation = NULL;
    BASIN_TRY(chain_read_model(&model, ctx, s->model, error));
    basin_status status = basin_dictionary_copy(&labels, model->labels, error);
    if (status == BASIN_OK)
        status = chain_count(&evaluation, model, labels, paths, n_paths, error);
    if (status == BASIN_OK && s->json) {
        json_t *json = chain_json_counts(evaluation);
        json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
        putchar('\n');
        json_decref(json);
    } else if (status == BASIN_OK) {
        chain_print_counts(evaluation);
    }
    basin_evaluation_destroy(evaluation);
    basin_dictionary_destroy(labels);
    basin_chain_model_destroy(model);
    return status;
}

int cli_chain_evaluate(int argc, char **argv)
{
    settings s = {0};
    const cli_option options[] = {
        {"model", CLI_TEXT, &s.model, 0, 0, "MODEL",
            "the model, ours or a peer's (also -m)"},
        {"json", CLI_FLAG, &s.json, 0, 0, NULL, "print one JSON object"},
    };
    const cli_usage usage = {"chain evaluate", "DATA...",
        "Label what has labels; count right tokens and chunks as conlleval "
        "does.",
        options, sizeof options / sizeof *options, 1, CHAIN_FILES};
    const char *paths[CHAIN_FILES];
    int n;
    bool helped;
    basin_error error = {0};
    basin_context *ctx = NULL;
    basin_status status =
        cli_parse(&usage, argc, argv, paths, &n, &helped, &error);
    if (status == BASIN_OK && !helped)
        status = chain_context(&ctx, 1, &error);
    if (status == BASIN_OK && !helped)
        status = evaluate(&s, ctx, paths, n, &error);
    basin_context_destroy(ctx);
    return status == BASIN_OK ? CLI_OK : cli_fail("chain evaluate", &error);
}
