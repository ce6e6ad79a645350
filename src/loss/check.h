/* SPDX-License-Identifier: MIT
 *
 * What the parts of the check share: a loss over the plane, and the search
 * for its infima over both half planes. Internal to src/loss.
 */
#ifndef BASIN_LOSS_CHECK_H
#define BASIN_LOSS_CHECK_H

#include "loss/expression.h"

/** A loss under judgement, over the plane of E_C and E_I. */
typedef struct basin__judged {
    basin_context *ctx;
    const basin_loss *loss;    /**< slopes come from it; or NULL */
    const basin_expression *q; /**< what it says, exactly; or NULL */
    basin_domain domain;
    double scale; /**< a power of 2, at least 1 and the parameters' size */
} basin__judged;

/** The value at a point as a ball: NaN where there is none. */
void basin__judged_ball(basin__ball *out, const basin__judged *j,
    const basin__ball *ec, const basin__ball *ei);
/** The value and slopes in float64. */
double basin__judged_value(
    const basin__judged *j, double ec, double ei, double *d_c, double *d_i);

/* -------------------------------------------------------------- condition 3 */

/** The infimum over a half plane, by its trend over growing boxes. */
typedef struct basin__infimum {
    bool unbounded;       /**< it is -inf */
    basin__ball low;      /**< it is hardly lower than this */
    basin__ball high;     /**< and not higher than this */
    basin_plane_point at; /**< the least in the smallest box */
    basin__ball near;     /**< its value */
} basin__infimum;

typedef struct basin__search basin__search;

/** Errors: E_MEMORY. */
basin_status basin__search_create(
    basin__search **out, const basin__judged *j, basin_error *error);
void basin__search_destroy(basin__search *search);

/** Does it pass at this margin? @param hp1, hp2 out */
bool basin__search_passes(basin__search *search, double margin,
    basin__infimum *hp1, basin__infimum *hp2);
/** At margin 0: is every point of HP2 worse than some point of HP1? */
bool basin__search_wins(basin__search *search);
/** Condition 4 at this margin, into the check. */
void basin__search_minima(
    basin__search *search, double margin, basin_check *out);

/* -------------------------------------------------------------------- scans */

/** What float64 can tell: everything of the check but Conditions 3 and 4.
 *  @param hp2_margin contrast is looked for below it */
void basin__scan(const basin__judged *j, double hp2_margin, basin_check *out);

#endif
