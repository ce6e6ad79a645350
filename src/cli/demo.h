/* SPDX-License-Identifier: MIT
 *
 * The four demonstrations: what they are made of, what a run leaves behind,
 * and what is written of it.
 */
#ifndef BASIN_CLI_DEMO_H
#define BASIN_CLI_DEMO_H

#include "cli/cli.h"

enum {
    DEMO_GRID = 101,    /* points of a surface in X and in Y */
    DEMO_MOMENTS = 61,  /* surfaces kept of a run, the first and last too */
    DEMO_RECORDS = 201, /* points of the curves, at most */
    DEMO_FOLDERS = 64   /* made on the way to the results, at most */
};

typedef enum demo_kind {
    DEMO_REGRESSION,
    DEMO_COLLAPSE,
    DEMO_MARGIN,
    DEMO_NLL,
    DEMO_KINDS
} demo_kind;

/** What the user may choose. */
typedef struct demo_settings {
    uint64_t seed;
    int samples, epochs, batch, threads;
    const char *backend; /* NULL: the fastest */
    const char *out;
    bool quick, json, no_pictures, quiet;
} demo_settings;

/** One demonstration, declared once. */
typedef struct demo_spec {
    const char *name;
    bool two_nets;
    const char *loss;
    basin_setting loss_setting; /* name NULL: none */
    double rate, rate_end;
    double weight_range, bias_range, out_range; /* initial weights */
    int hidden, code;
} demo_spec;

extern const demo_spec demo_specs[DEMO_KINDS];

/** "regression" ... "nll"; -1 when it is none of them. */
int demo_find(const char *name);

/** A row of the curves. */
typedef struct demo_record {
    double epoch, loss, right, wrong;
} demo_record;

/** What a run leaves behind. */
typedef struct demo_run {
    const demo_spec *spec;
    demo_settings settings; /* as used: epochs and batch are filled in */
    basin_context *ctx;
    basin_energy *energy;
    float *x, *y; /* (samples) */

    double seconds; /* of training alone */
    int epochs_done;
    bool interrupted;
    double mae, energy_right, energy_wrong, final_loss;
    double surface_std, surface_std_initial;
    bool collapsed;

    float *surfaces; /* (moments, DEMO_GRID, DEMO_GRID), [ix][iy] */
    double *moment_epochs;
    int n_moments;
    demo_record *records;
    int n_records;
    struct demo_pictures *pictures; /* NULL: none were drawn */
} demo_run;

/** The grid that surfaces are evaluated on: X in [-1, 1], Y in [-0.5, 1.5]. */
float demo_grid_x(int i);
float demo_grid_y(int i);

/** Fill in what the user left open (0). */
void demo_complete(demo_settings *settings);

/** Make the samples and the energy, train it, measure it. An interrupt ends
 *  it early, which is no error. */
basin_status demo_train(demo_run *run, demo_kind kind,
    const demo_settings *settings, basin_error *error);
void demo_finish(demo_run *run);

/** One object, as documented in basin-demo(1). */
void demo_print_json(const demo_run *run);

/** The table: its head, and a line of it. */
void demo_print_head(void);
void demo_print_run(const demo_run *run);

/** What is written into the folder of the results: all of it, or nothing. */
typedef struct demo_output {
    const demo_settings *settings;
    struct basin__staged *files; /* written, but not under their names yet */
    int n_files;
    char *made[DEMO_FOLDERS]; /* folders that were not there before */
    int n_made;
} demo_output;

/** Make the folders and try to write, before anything is trained: what cannot
 *  be written is known at once. Writes nothing. */
basin_status demo_output_prepare(
    demo_output *output, const demo_kind *kinds, int n, basin_error *error);

/** Write all files of the runs, which have been drawn, and the report. On
 *  failure nothing in the folder has changed. */
basin_status demo_output_write(demo_output *output, demo_run *runs, int n,
    const char *which, basin_error *error);

/** Remove the folders that were made and stayed empty. */
void demo_output_finish(demo_output *output);

#endif
