/* SPDX-License-Identifier: MIT
 *
 * basin train: a run, from the description to the files that it leaves.
 */
#ifndef BASIN_CLI_TRAIN_H
#define BASIN_CLI_TRAIN_H

#include "cli/open.h"
#include "data/checkpoint.h"

/* Rows of the history: evenly spread ones, and those with a look. */
enum { TRAIN_MOMENTS = 1024, TRAIN_LOOKS = 64, TRAIN_WARNINGS = 64 };

typedef struct train_options {
    cli_files data, test;
    const char *out, *backend;
    int epochs, threads;
    int folds; /* of a cross-validation; 0: none */
    uint64_t seed;
    bool seed_given, resume, json, quiet;
    double time_limit, checkpoint; /* seconds; 0: none, the default */
} train_options;

typedef enum train_end {
    TRAIN_DONE,        /* all epochs */
    TRAIN_PATIENCE,    /* the held-out loss stopped falling */
    TRAIN_TIME,        /* --time-limit */
    TRAIN_INTERRUPTED, /* Ctrl-C */
    TRAIN_STANDS,      /* no step lowers the loss any more */
    TRAIN_ENDS
} train_end;

typedef struct train_run {
    const train_options *options;
    basin_context *ctx;
    cli_model model;
    char out[BASIN__PATH];
    basin__samples samples, test;
    bool has_test;
    basin_inference *inference;
    basin_loss *loss;
    basin_trainer *trainer;
    basin_guard *guard;
    basin_watch *watch;
    basin__checkpoint c; /* the history, the best, what the watch saw */
    int32_t *held_out;   /* their rows */
    float *best_room;
    double epoch_work, look_work; /* of an epoch and of a look, in energies */

    int fold;       /* 0 .. folds - 1 */
    cli_score held; /* of the held-out samples, at the end */
    train_end end;
    bool resumed;
    bool guarded; /* the guard has kept the state that is now */
    double started, seconds, watch_seconds, saved;
    double samples_done; /* in this run */
    char *warnings[TRAIN_WARNINGS];
    int n_warnings;
    cli_bar bar;
} train_run;

/** How a description wants a model trained. @param settings of its optimiser,
 *  which the def points to */
basin_train_def train_def(
    const basin__description *d, basin_setting settings[BASIN_PARAMS_MAX]);
/** From where on an answer is wrong: the inference's own distance, where it
 *  has one; else a part of the box. */
double train_epsilon(const basin__description *d);

/** Train until the run ends, in whichever way. */
basin_status train_loop(train_run *run, basin_error *error);

/** Write the checkpoint. */
basin_status train_save(train_run *run, basin_error *error);
/** Read it, if there is one. */
basin_status train_restore(train_run *run, basin_error *error);
/** Judge the model and write what the run leaves: the model, the history. */
basin_status train_finish(train_run *run, basin_error *error);

enum { TRAIN_FOLDS = 100 };
/** The mean scores of a cross-validation, with their standard errors. */
void train_print_folds(
    const train_options *options, const cli_score *folds, int n);

/** Keep a warning, and show it. */
void train_warn(train_run *run, const char *text);

#endif
