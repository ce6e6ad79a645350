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
    const char *c1, *c2, *beta, *tolerance, *delta, *rate;
    int epochs, threads, memory, folds;
    uint64_t seed;
    bool json, quiet;
} train_settings;

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
} training;

/** Read --net: the net, and what the command line leaves open. Errors: of the
 *  description, with its place. */
basin_status chain_read_net(training *t, basin_error *error);

/** Train from W = 0 with the settings as they are; t->last says how it went. */
basin_status chain_train_once(training *t, basin_error *error);

/** Cross-validation over t->s.folds parts, for each c2 of the list in t->s.c2;
 *  prints what came of it and sets t->def.c2 to the best. */
basin_status chain_train_folds(training *t, basin_error *error);

#endif
