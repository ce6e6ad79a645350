/* SPDX-License-Identifier: MIT
 *
 * basin sample: answers drawn from exp(-beta E).
 */
#ifndef BASIN_CLI_SAMPLE_H
#define BASIN_CLI_SAMPLE_H

#include "cli/open.h"

typedef struct sample_options {
    cli_files data;
    const char *model, *out, *by;
    const char *words[BASIN_PARAMS_MAX + 1]; /* the model, and its settings */
    int n_words;
    int draws, chains, burn_in, thin;
    uint64_t seed;
    bool json, quiet;
    cli_resources resources;
} sample_options;

/** What was drawn, in the data's units. */
typedef struct sample_draws {
    const cli_model *model;
    bool has_x;      /* else there is one row, of no X */
    int rows, draws; /* for each X */
    int dim;
    float *y; /* (rows, draws, dim) */
    float *e; /* (rows, draws) */
    double accepted;
    double r_hat; /* NaN where it cannot be told */
} sample_draws;

/** Where --out says, or standard output. */
basin_status sample_write(
    const sample_options *o, const sample_draws *d, basin_error *error);

#endif
