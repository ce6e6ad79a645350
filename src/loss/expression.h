/* SPDX-License-Identifier: MIT
 *
 * Expressions as small programs for a stack machine. Internal to src/loss.
 */
#ifndef BASIN_LOSS_EXPRESSION_H
#define BASIN_LOSS_EXPRESSION_H

#include "base/ball.h"
#include "basin/check.h"

enum {
    BASIN__STEPS_MAX = 1000,
    BASIN__DEPTH_MAX = 64, /* of the stack, and of what is nested */
    BASIN__NAME_MAX = 32
};

typedef enum basin__operation {
    BASIN__EC,
    BASIN__EI,
    BASIN__CONSTANT, /* value */
    BASIN__PARAM,    /* index */
    BASIN__ADD,
    BASIN__SUBTRACT,
    BASIN__MULTIPLY,
    BASIN__DIVIDE,
    BASIN__POWER,
    BASIN__MAX,
    BASIN__MIN,
    BASIN__NEGATE,
    BASIN__EXP,
    BASIN__LOG,
    BASIN__SQRT,
    BASIN__ABS,
    BASIN__TANH,
    BASIN__SIGMOID
} basin__operation;

typedef struct basin__step {
    basin__operation operation;
    int index;
    double value;
} basin__step;

struct basin_expression {
    basin_context *ctx;
    int n_steps, n_params;
    basin__step steps[BASIN__STEPS_MAX];
    char names[BASIN_PARAMS_MAX][BASIN__NAME_MAX];
    double settings[BASIN_PARAMS_MAX];
};

/** Its value as a ball. */
void basin__expression_ball(basin__ball *out, const basin_expression *q,
    const basin__ball *ec, const basin__ball *ei);

/** The largest constant or parameter, in size. */
double basin__expression_scale(const basin_expression *q);

/** Which parameter has this name; -1: none. */
int basin__expression_find(const basin_expression *q, const char *name);

#endif
