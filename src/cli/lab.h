/* SPDX-License-Identifier: MIT
 *
 * basin lab: one model from the same weights under every loss.
 */
#ifndef BASIN_CLI_LAB_H
#define BASIN_CLI_LAB_H

#include "cli/surface.h"
#include "view/lab.h"

enum { LAB_LOSSES = 64, LAB_PATH = 96, LAB_ARROWS = 7 };

typedef struct lab_options {
    cli_files data, test;
    const char *losses, *out, *backend;
    int epochs, threads;
    uint64_t seed; /* UINT64_MAX: the model's */
    bool json, quiet;
} lab_options;

/** What one loss made of the model. */
typedef struct lab_row {
    const basin_loss_type *loss;
    char params[128]; /* "margin = 2" */
    char why[384];    /* it is not served; else empty */
    bool bounded;     /* a softplus was put around the energy for it */
    double size;      /* the penalty on the energies' size that it was given */
    bool done;
    basin_check check;
    basin_verdict judged; /* by the watch, at the end */
    bool diverged;
    char note[384]; /* what the watch or the divergence says */
    basin_surface surface;
    double spread; /* of what it was */
    cli_score score;
    double e_right, e_wrong;
    double step; /* seconds an update */
    double loss_at_end;
    int n_path;
    double path_c[LAB_PATH], path_i[LAB_PATH];
    view_arrow arrows[LAB_ARROWS * LAB_ARROWS];
    double low, high;
    view_buffer picture;
} lab_row;

/* The model as it is told, or the same with a softplus around its energy. */
typedef struct lab_side {
    cli_model model;
    basin_inference *probe; /* measures the path; NULL: it cannot */
    cli_surface surface;
    bool draws; /* has it a surface to draw? */
} lab_side;

typedef struct lab_run {
    const lab_options *options;
    basin_context *ctx;
    cli_model model;
    lab_side plain, bounded; /* their models are views of that one */
    basin__samples samples, test;
    bool has_test;
    float *start; /* the first weights, of all losses */
    double error_at_first;
    view_buffer before;
    float *probed_x, *probed_y; /* the path is measured on these samples */
    int n_probed;
    lab_row rows[LAB_LOSSES];
    int n_rows;
    bool interrupted;
    double started;
    cli_bar bar;
} lab_run;

/** The model, the samples, the first weights. */
basin_status lab_open(lab_run *run, const char *path, basin_error *error);
void lab_close(lab_run *run);
/** Train under one loss; a loss that is not served is no error. */
basin_status lab_teach(lab_run *run, lab_row *row, basin_error *error);

/** What came out, in a word or two. @param tone out */
const char *lab_outcome(const lab_row *row, view_tone *tone);
/** Which energy it was given: "E", "softplus(E)", "E, size 0.1". */
const char *lab_energy(char out[32], const lab_row *row);
/** The one number by which answers are judged, and its name. */
double lab_error(const cli_score *score);
const char *lab_error_name(const lab_run *run);

/** Write DIR/index.html. @param path out, BASIN__PATH */
basin_status lab_write(lab_run *run, char *path, basin_error *error);
void lab_print(const lab_run *run, const char *path);
void lab_print_json(const lab_run *run, const char *path);

#endif
