/* SPDX-License-Identifier: MIT
 *
 * What basin chain train has in hand.
 */
#ifndef BASIN_CLI_CHAIN_TRAIN_H
#define BASIN_CLI_CHAIN_TRAIN_H

#include "cli/chain.h"
#include "data/description.h"

typedef struct train_settings {
    const char *model, *template, *net, *loss, *algorithm, *features, *test;
    const char *held_out, *from;
    const char *c1, *c2, *beta, *beta_from, *tolerance, *delta, *rate;
    int beta_over, epochs, threads, memory, start_epochs, folds, patience;
    uint64_t seed;
    double checkpoint; /* seconds between two */
    double held_part;  /* of the data, held out; 0: none */
    bool json, quiet, resume;
} train_settings;

enum { CHAIN_BEST_MARK, CHAIN_BEST_ITERATION, CHAIN_BEST_NUMBERS };

typedef struct training {
    train_settings s;
    basin_context *ctx;
    basin_chain_model model;
    basin_corpus *corpus;
    basin_loss *loss;
    basin_chain_train_def def;
    basin__description described; /* of --net */
    basin_setting optimiser_settings[BASIN_PARAMS_MAX];
    basin_chain_progress last;
    double started, cpu;

    basin_chain_trainer *trainer; /* at work */
    double learning, saved;       /* when it began, when it was saved last */
    double printed;               /* when there was a line */
    int first_iteration;
    bool said_start;    /* that it looks for one */
    double *from_w;     /* W to begin with, or NULL: 0 */
    basin_corpus *held; /* the held-out sequences; their labels */
    basin_dictionary *held_labels;
    bool *held_which; /* (sequences) of the data, those held out, or NULL */
    float *held_weight;
    /* Of the held-out sequences: the best, its W, and scratch. */
    double best[CHAIN_BEST_NUMBERS], *best_w, *look_w, *saved_w;
    bool impatient;
    basin_status watch_status; /* what went wrong while watching */
    basin_error watch_error;
} training;

/* chain_keep.c: between two iterations */
basin_status chain_keep_open(training *t, basin_error *error);
bool chain_keep_watch(void *user, const basin_chain_progress *progress);
bool chain_keep_pulse(void *user);
/** With --resume: bring the trainer to where the checkpoint is, if there is
 *  one. */
basin_status chain_keep_restore(training *t, basin_error *error);
void chain_keep_best(training *t);
/** Remove the checkpoint. */
void chain_keep_done(const training *t);

/* chain_settings.c: what a checkpoint must have been made with */
basin_status chain_settings_write(
    const training *t, basin_bytes *out, basin_error *error);

/* chain_from.c: --from */
/** Read the model to go on from, whose names come first. */
basin_status chain_from_names(training *t, basin_error *error);
/** Add its features to those of the data; t->from_w becomes its W. */
basin_status chain_from_features(training *t, basin_error *error);
/** Read --net: the net, and what the command line leaves open. Errors: of the
 *  description, with its place. */
basin_status chain_read_net(training *t, basin_error *error);

/** Train from W = 0 with the settings as they are; t->last says how it went. */
basin_status chain_train_once(training *t, basin_error *error);

/** Cross-validation over t->s.folds parts, for each c2 of the list in t->s.c2;
 *  prints what came of it and sets t->def.c2 to the best. */
basin_status chain_train_folds(training *t, basin_error *error);

#endif
