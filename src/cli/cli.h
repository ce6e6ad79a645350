/* SPDX-License-Identifier: MIT
 *
 * The basin command: its subcommands, the options that they declare, and what
 * they tell the person at the terminal.
 */
#ifndef BASIN_CLI_CLI_H
#define BASIN_CLI_CLI_H

#include "basin/basin.h"

/** Exit statuses. */
enum {
    CLI_OK = 0,
    CLI_FAILED = 1,  /* the machine: no memory */
    CLI_USAGE = 2,   /* what the user gave */
    CLI_NUMERIC = 4, /* training diverged */
    CLI_INTERRUPTED = 130
};

/** The exit status for a library status. */
int cli_exit_status(basin_status status);

/** Print "basin: COMMAND: [FILE:LINE:COLUMN: ]message" on standard error, and
 *  return the exit status that goes with it. */
int cli_fail(const char *command, const basin_error *error);

/* ------------------------------------------------------------------ options */

typedef enum cli_kind {
    CLI_FLAG,   /* bool */
    CLI_COUNT,  /* int, low .. high */
    CLI_SEED,   /* uint64_t */
    CLI_TEXT,   /* const char * */
    CLI_NUMBER, /* double, above low and at most high */
    CLI_FILES   /* cli_files: may be given again */
} cli_kind;

/** The values of an option that may be given several times. */
typedef struct cli_files {
    const char *at[4];
    int n;
} cli_files;

/** One option, declared once: parsed, checked and explained from this row. */
typedef struct cli_option {
    const char *name; /* without the dashes */
    cli_kind kind;
    void *value;
    int low, high;        /* of a count */
    const char *argument; /* "N"; NULL for a flag */
    const char *help;
} cli_option;

typedef struct cli_usage {
    const char *command;   /* "demo" */
    const char *arguments; /* "regression|...|all"; "" for none */
    const char *summary;
    const cli_option *options;
    int n_options;
    int least, most; /* arguments that are not options */
} cli_usage;

/**
 * Read the command line. `out` gets the arguments that are not options, at
 * most usage->most of them. Prints the help for --help, and sets *helped.
 * Errors: E_ARGUMENT, E_NAME (the nearest option), E_RANGE.
 */
basin_status cli_parse(const cli_usage *usage, int argc, char **argv,
    const char **out, int *n_out, bool *helped, basin_error *error);

/** What options may choose of a context. */
typedef struct cli_resources {
    int threads;         /* 0: all */
    const char *backend; /* NULL: the fastest */
} cli_resources;

/** A command on one word, the name of a model, in a context of its own. */
typedef basin_status (*cli_work_fn)(const void *options, basin_context *ctx,
    const char *word, basin_error *error);

/** Parse, work, and say what failed. @param options filled in by parsing, as
 *  are `resources`, which may be NULL  @return the exit status */
int cli_command(const cli_usage *usage, int argc, char **argv, cli_work_fn work,
    const void *options, const cli_resources *resources);
/** The same for a command on more words, which stay in `words`.
 *  @param words (usage->most)  @param n_words out */
int cli_command_words(const cli_usage *usage, int argc, char **argv,
    const char **words, int *n_words, cli_work_fn work, const void *options,
    const cli_resources *resources);

/** Write what a command answers: to a file, or where `path` is NULL to standard
 *  output. Errors: E_IO. */
basin_status cli_give(
    const char *path, const basin_bytes *bytes, basin_error *error);

struct json_t;
/** The JSON schema of model descriptions, from the registry. */
struct json_t *cli_schema(const basin_context *ctx);

/* ------------------------------------------------------------------- models */

/** Read a model file. Errors: as basin_file_read and basin_model_read, with
 *  the path; but what the file holds is E_FORMAT, if not finite too. */
basin_status cli_read_model(basin_energy **out, basin_context *ctx,
    const char *path, basin_error *error);

/* ----------------------------------------------------------------- terminal */

/** Catch Ctrl-C once; a second one ends the program as usual. */
void cli_catch_interrupt(void);

/** Bytes of a mapped file that are gone when they are read, because somebody
 *  cut the file, are an error from now on, and not a crash: the command says
 *  so and ends with CLI_USAGE. One file at a time; size 0: no more.
 *  @param path quoted at once */
void cli_watch_mapped(
    const char *command, const char *path, const void *data, size_t size);
bool cli_interrupted(void);

/** Seconds on a clock that only goes forward. */
double cli_now(void);

/** May standard error show colours and a moving line? Not without a terminal,
 *  nor with NO_COLOR or TERM=dumb. */
bool cli_is_lively(void);

/** A line that shows how far something is; drawn at most ten times a second,
 *  on a terminal only. */
typedef struct cli_bar {
    bool on;
    double started, drawn;
} cli_bar;

cli_bar cli_bar_start(bool quiet);
/** @param done, total in any unit  @param text what else to show */
void cli_bar_show(cli_bar *bar, const char *name, double done, double total,
    const char *text);
void cli_bar_end(cli_bar *bar);

/* -------------------------------------------------------------- subcommands */

int cli_train(int argc, char **argv);
int cli_predict(int argc, char **argv);
int cli_evaluate(int argc, char **argv);
int cli_infer(int argc, char **argv);
int cli_sample(int argc, char **argv);
int cli_plot(int argc, char **argv);
int cli_lab(int argc, char **argv);
int cli_export(int argc, char **argv);
int cli_demo(int argc, char **argv);
int cli_list(int argc, char **argv);
int cli_inspect(int argc, char **argv);
int cli_gradcheck(int argc, char **argv);
int cli_check_loss(int argc, char **argv);
int cli_chain(int argc, char **argv);

#endif
