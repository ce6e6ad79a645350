/* SPDX-License-Identifier: MIT
 *
 * The check of a loss: can it make the right answer win, and by which margin?
 * It is judged from its values over the plane of E_C and E_I alone, whether it
 * is registered or typed in as an expression.
 *
 *     basin_expression_create(&q, ctx, "max(0, m + ec - ei)^2", err);
 *     basin_expression_set(q, "m", 2, err);
 *     basin_check_expression(&check, ctx, q, BASIN_DOMAIN_ANY, err);
 *     check.margin is BASIN_MARGIN_FINITE, check.largest_margin is 2
 */
#ifndef BASIN_CHECK_H
#define BASIN_CHECK_H

#include "basin/base.h"
#include "basin/loss.h"

BASIN_BEGIN_DECLS

/* ------------------------------------------------------------- expressions */

/**
 * A loss as text, in `ec` (energy of the right answer), `ei` (that of the most
 * offending wrong one) and parameters, which are all other names: numbers,
 * + - * / ^ (the power binds strongest and to the right, -x^2 is -(x^2)),
 * max and min of two or more, exp log sqrt abs tanh sigmoid, parentheses.
 */
typedef struct basin_expression basin_expression;

/** Errors: E_FORMAT and E_NAME, placed at line and column; E_MEMORY. Every
 *  parameter is 1 until it is set. */
BASIN_API basin_status basin_expression_create(basin_expression **out,
    basin_context *ctx, const char *text, basin_error *error);
BASIN_API void basin_expression_destroy(basin_expression *expression);

/** The parameters in the order in which they first appear; NULL past the
 *  end. */
BASIN_API const char *basin_expression_param(
    const basin_expression *expression, int index);
BASIN_API double basin_expression_setting(
    const basin_expression *expression, int index);
/** Errors: E_NAME (with the nearest right name), E_RANGE (not finite). */
BASIN_API basin_status basin_expression_set(basin_expression *expression,
    const char *name, double value, basin_error *error);

/** The value at (ec, ei), NaN where it is not defined, and its derivatives
 *  (forward-mode; at a kink one of the one-sided ones). d_c, d_i may be NULL.
 */
BASIN_API double basin_expression_value(const basin_expression *expression,
    double ec, double ei, double *d_c, double *d_i);

/* ------------------------------------------------------------------- check */

/** By which margins a loss satisfies Condition 3 (LeCun et al. 2006). */
typedef enum basin_margin {
    BASIN_MARGIN_NONE = 0,   /**< "none" */
    BASIN_MARGIN_ZERO = 1,   /**< "0": the right answer wins, barely */
    BASIN_MARGIN_FINITE = 2, /**< "m": by those below the largest */
    BASIN_MARGIN_ANY = 3     /**< ">0": by every one */
} basin_margin;

/** "none", "0", "m", ">0". */
BASIN_API const char *basin_margin_name(basin_margin margin);

/** A point of the plane of E_C and E_I. */
typedef struct basin_plane_point {
    double ec, ei;
} basin_plane_point;

/** At most so many flat points are told. */
enum { BASIN_FLAT_MAX = 8 };

/**
 * What was found. HP1 is the half plane where the right answer wins by more
 * than the margin, E_C + m < E_I; HP2 where it does not, E_C + m > E_I. The
 * conditions are those of the tutorial, at `at_margin`.
 */
typedef struct basin_check {
    basin_domain domain;
    basin_margin margin;
    double largest_margin; /**< supremum of those that pass; inf for ANY */
    double at_margin;      /**< half the largest if it is finite, else 1 */

    /** Condition 3: the least loss over HP1 lies below the least over HP2. */
    bool condition3;
    double least_hp1, least_hp2; /**< the infima; -inf: unbounded below */

    /** Condition 4: every minimum lies in HP1 or on the line. */
    bool has_minimum; /**< false: it lies at infinity, if anywhere */
    bool condition4;
    basin_plane_point minimum; /**< one that tells: outside of HP1, if any */

    /** Condition 5: on the line, descent leads into HP1: dL/dE_C - dL/dE_I
     *  is above 0. */
    bool condition5;
    double least_slope;
    basin_plane_point least_slope_at;

    /** Where Condition 3 fails: a point of HP2 than which no point of HP1 is
     *  better, at a margin just too large. */
    bool has_witness;
    double witness_margin;
    basin_plane_point witness;
    double witness_loss, witness_best; /**< its loss, the least of HP1 */

    /** Contrast: wrong answers are pushed up somewhere in HP2 and pulled down
     *  nowhere. */
    bool pushes_up, pulls_down;
    basin_plane_point pushes_at, pulls_at;

    /** Energies e at which a surface that is e everywhere does not move:
     *  dL/dE_C + dL/dE_I is 0 there (or e is 0, the least energy there is, and
     *  is pushed against). Isolated ones, and the ends of the first interval
     *  of them, which may be infinite. */
    int n_flat;
    double flat[BASIN_FLAT_MAX], flat_loss[BASIN_FLAT_MAX];
    bool has_flat_interval;
    double flat_low, flat_high;

    /** Convexity, by midpoints. */
    bool convex;
    basin_plane_point bent_from, bent_to; /**< if not */

    /** Derivatives against differences, away from kinks: the largest
     *  |a - n| / (1 + |n|). */
    double gradient_error;
    basin_plane_point gradient_at;
    int gradients; /**< how many were compared */

    double undefined; /**< share of the plane near 0 where it has no value */
    double scale;     /**< of the parameters, at least 1 */
} basin_check;

/** Errors: E_MEMORY; E_RANGE when the loss has no value anywhere. A loss
 *  that is not built in is judged by float64, which sees less. */
BASIN_API basin_status basin_check_loss(basin_check *out, basin_context *ctx,
    const basin_loss *loss, basin_domain domain, basin_error *error);
BASIN_API basin_status basin_check_expression(basin_check *out,
    basin_context *ctx, const basin_expression *expression, basin_domain domain,
    basin_error *error);

/** The loss and its derivatives at (ec, ei) as the check sees it: free
 *  energies are those over these two answers. NaN where it is not defined. */
BASIN_API double basin_loss_on_plane(
    const basin_loss *loss, double ec, double ei, double *d_c, double *d_i);

BASIN_END_DECLS

#endif
