/* SPDX-License-Identifier: MIT
 *
 * What the subcommands of basin chain share.
 */
#ifndef BASIN_CLI_CHAIN_H
#define BASIN_CLI_CHAIN_H

#include "cli/cli.h"

#include <jansson.h>

enum { CHAIN_FILES = 256 };

int cli_chain_train(int argc, char **argv);
int cli_chain_tag(int argc, char **argv);
int cli_chain_evaluate(int argc, char **argv);
int cli_chain_plot(int argc, char **argv);
int cli_chain_dump(int argc, char **argv);
int cli_chain_convert(int argc, char **argv);

/** A context with so many threads; 0: all processors. */
basin_status chain_context(
    basin_context **out, int threads, basin_error *error);

/** Read a number from low to high. Errors: E_RANGE, naming the option. */
basin_status chain_number(double *out, const char *option, const char *text,
    double low, double high, basin_error *error);

/** The index of a word among "a|b|c". Errors: E_NAME, with the nearest. */
basin_status chain_choice(int *out, const char *option, const char *text,
    const char *choices, basin_error *error);

/** Read a model: the file's name comes with the error. */
basin_status chain_read_model(basin_chain_model **out, basin_context *ctx,
    const char *path, basin_error *error);
/** Write a model, whole or not at all. */
basin_status chain_write_model(
    const basin_chain_model *model, const char *path, basin_error *error);

/** Sequences with labels, read as the model reads. @param labels a dictionary
 *  that holds the model's labels first; may grow. */
basin_status chain_read_labelled(basin_corpus **out,
    const basin_chain_model *model, basin_dictionary *labels,
    const char *const *paths, int n_paths, basin_error *error);
/** Label sequences and count. @param which (sequences) those that are, or NULL:
 *  all */
basin_status chain_add_counts(basin_evaluation *evaluation,
    const basin_chain *chain, const basin_sequences *sequences,
    const bool *which, basin_error *error);
/** Label every sequence of a file and count. @param labels a dictionary that
 *  holds the model's labels first; may grow. */
basin_status chain_count(basin_evaluation **out, const basin_chain_model *model,
    basin_dictionary *labels, const char *const *paths, int n_paths,
    basin_error *error);
/** Print the counts as a table, or as the members of a JSON object. */
void chain_print_counts(const basin_evaluation *evaluation);
json_t *chain_json_counts(const basin_evaluation *evaluation);

#endif
