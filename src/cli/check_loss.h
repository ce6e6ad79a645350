/* SPDX-License-Identifier: MIT
 *
 * What the files of basin check-loss share.
 */
#ifndef BASIN_CLI_CHECK_LOSS_H
#define BASIN_CLI_CHECK_LOSS_H

#include "cli/cli.h"

/** A loss under judgement, and what was found. */
typedef struct check_case {
    basin_context *ctx;
    const char *name;    /* as registered, or "expression" */
    const char *formula; /* plain text */
    basin_loss *loss;    /* or NULL */
    basin_expression *q; /* or NULL */
    basin_domain domain;
    basin_check check;
    const char *model, *data; /* paths, or NULL */
    int samples;
    basin_condition6 six; /* where there is a model */
} check_case;

/** The name and value of a parameter; false past the last. */
bool check_loss_param(
    const check_case *c, int index, const char **name, double *value);

/** The loss and its slopes at a point of the plane. */
double check_loss_value(
    const check_case *c, double ec, double ei, double *d_c, double *d_i);

/** "m: every margin below 2 passes" */
void check_loss_verdict(char *out, size_t size, const basin_check *check);

void check_loss_print(const check_case *c);
/** Errors: E_MEMORY. */
basin_status check_loss_print_json(const check_case *c, basin_error *error);

/** Condition 6, into c->six. */
basin_status check_loss_on_model(check_case *c, basin_error *error);

/** Write FOLDER/NAME.png. @param path out, room for 4096 */
basin_status check_loss_draw(
    const check_case *c, const char *folder, char *path, basin_error *error);

#endif
