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
    CLI_FLAG,  /* bool */
    CLI_COUNT, /* int, low .. high */
    CLI_SEED,  /* uint64_t */
    CLI_TEXT   /* const char * */
} cli_kind;

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

/* ------------------------------------------------------------------- models */

/** Read a model file. Errors: as basin_file_read and basin_model_read, with
 *  the path; but what the file holds is E_FORMAT, if not finite too. */
basin_status cli_read_model(basin_energy **out, basin_context *ctx,
    const char *path, basin_error *error);

/* ----------------------------------------------------------------- terminal */

/** Catch Ctrl-C once; a second one ends the program as usual. */
void cli_catch_interrupt(void);
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

int cli_demo(int argc, char **argv);
int cli_list(int argc, char **argv);
int cli_inspect(int argc, char **argv);
int cli_gradcheck(int argc, char **argv);
int cli_check_loss(int argc, char **argv);

#endif
