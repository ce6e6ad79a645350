/* SPDX-License-Identifier: MIT
 *
 * basin chain: label sequences. Which subcommand, and what they share.
 */
#include "cli/chain.h"

#include "data/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"train", cli_chain_train, "learn from labelled sequences"},
    {"tag", cli_chain_tag, "label sequences"},
    {"evaluate", cli_chain_evaluate, "compare with right labels"},
    {"plot", cli_chain_plot, "draw a lattice and the confusion matrix"},
    {"dump", cli_chain_dump, "show the weights of a model as text"},
    {"convert", cli_chain_convert, "make a model of a peer's, or of a text"},
};

enum { N_COMMANDS = sizeof commands / sizeof *commands, ARGUMENTS = 512 };

static void print_help(void)
{
    printf("usage: basin chain COMMAND [ARGUMENTS]\n\n"
           "Sequences of labels: conditional random fields and every other "
           "loss.\n\n");
    for (int i = 0; i < N_COMMANDS; i++)
        printf("  %-10s %s\n", commands[i].name, commands[i].summary);
    printf("\n  --help     this text; also after a command\n");
}

/* -m is short for --model, as the peers have it. */
static int run(int command, int argc, char **argv)
{
    static char model[] = "--model";
    char *words[ARGUMENTS];
    if (argc > ARGUMENTS) {
        fprintf(stderr, "basin: chain %s: more than %d arguments\n",
            commands[command].name, ARGUMENTS);
        return CLI_USAGE;
    }
    bool options = true;
    for (int i = 0; i < argc; i++) {
        options = options && strcmp(argv[i], "--") != 0;
        words[i] = options && strcmp(argv[i], "-m") == 0 ? model : argv[i];
    }
    return commands[command].run(argc, words);
}

int cli_chain(int argc, char **argv)
{
    const char *names[N_COMMANDS];
    for (int i = 0; i < N_COMMANDS; i++)
        names[i] = commands[i].name;
    if (argc < 2) {
        fputs("basin: chain: a command is missing: train, tag, evaluate, plot, "
              "dump or convert\n",
            stderr);
        return CLI_USAGE;
    }
    for (int i = 0; i < N_COMMANDS; i++)
        if (strcmp(argv[1], names[i]) == 0)
            return run(i, argc - 1, argv + 1);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return CLI_OK;
    }
    char quote[BASIN__QUOTE];
    basin__quote(quote, argv[1], strlen(argv[1]));
    const char *near = basin_nearest(argv[1], names, N_COMMANDS);
    fprintf(stderr, "basin: chain: no command is called '%s'; %s%s%s\n", quote,
        near ? "did you mean '" : "'basin chain --help' lists them",
        near ? near : "", near ? "'?" : "");
    return CLI_USAGE;
}

/* ------------------------------------------------------------------- shared */

basin_status chain_context(basin_context **out, int threads, basin_error *error)
{
    basin_context_def def = basin_context_default();
    def.threads = threads;
    return basin_context_create(out, &def, error);
}

basin_status chain_number(double *out, const char *option, const char *text,
    double low, double high, basin_error *error)
{
    const size_t length = strlen(text);
    char quote[BASIN__QUOTE];
    double value;
    BASIN_REQUIRE(basin_parse_number(&value, text, length) == length &&
                      length > 0 && value >= low && value <= high,
        error, BASIN_E_RANGE, "--%s takes a number from %g to %g; got '%s'",
        option, low, high, basin__quote(quote, text, length));
    *out = value;
    return BASIN_OK;
}

basin_status chain_choice(int *out, const char *option, const char *text,
    const char *choices, basin_error *error)
{
    enum { MOST = 8 };
    static const size_t room = 24;
    char word[MOST][24];
    const char *names[MOST];
    int n = 0;
    for (const char *c = choices; n < MOST; n++) {
        const size_t length = strcspn(c, "|");
        basin_format(word[n], room, "%.*s", (int)length, c);
        names[n] = word[n];
        if (strcmp(text, names[n]) == 0) {
            *out = n;
            return BASIN_OK;
        }
        if (!c[length]) {
            n++;
            break;
        }
        c += length + 1;
    }
    char quote[BASIN__QUOTE];
    const char *near = basin_nearest(text, names, n);
    return basin_error_set(error, BASIN_E_NAME, "--%s takes %s; got '%s'%s%s%s",
        option, choices, basin__quote(quote, text, strlen(text)),
        near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "");
}

basin_status chain_read_model(basin_chain_model **out, basin_context *ctx,
    const char *path, basin_error *error)
{
    basin_bytes bytes;
    basin_bytes_init(&bytes, ctx);
    basin_status status = basin_file_read(&bytes, path, error);
    if (status == BASIN_OK) {
        status =
            basin_chain_model_read(out, ctx, bytes.data, bytes.size, error);
        if (status != BASIN_OK)
            basin_error_place(error, path, error->line, error->column);
    }
    basin_bytes_finish(&bytes);
    return status;
}

basin_status chain_write_model(
    const basin_chain_model *model, const char *path, basin_error *error)
{
    basin_bytes bytes;
    basin_bytes_init(&bytes, model->ctx);
    basin_status status = basin_chain_model_write(&bytes, model, error);
    if (status == BASIN_OK)
        status = basin_file_write(path, bytes.data, bytes.size, error);
    basin_bytes_finish(&bytes);
    return status;
}
