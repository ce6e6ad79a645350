/* SPDX-License-Identifier: MIT
 *
 * The picture of a loss: the plane of E_C and E_I. Internal to src/view and
 * src/cli.
 */
#ifndef BASIN_VIEW_PLANE_H
#define BASIN_VIEW_PLANE_H

#include "view/view.h"

/** A way of descent: at (ec, ei), by (-dL/dE_C, -dL/dE_I). */
typedef struct view_arrow {
    double ec, ei, d_ec, d_ei;
} view_arrow;

/** A loss over [low, high] x [low, high], and what was found there. */
typedef struct view_plane {
    double low, high;
    int n;              /**< 2 to 1024 */
    const double *loss; /**< (n, n), [ec][ei]; not finite: a hole */
    int n_arrows;
    const view_arrow *arrows;
    double margin; /**< of the border between the half planes; 0: the diagonal
                    */
    int n_flat;
    const double *flat;
    bool has_flat_interval;
    double flat_low, flat_high; /**< may be infinite */
    bool has_witness;
    double witness_ec, witness_ei;
    const char *title, *formula;
    const char *verdict; /**< one line */
} view_plane;

/** loss.png. @param width, height 480 x 360 to 4096; 780 x 540 is good
 *  Errors: E_MEMORY, E_RANGE, E_IO. */
basin_status basin__view_plane(view_buffer *out, const view_plane *plane,
    int width, int height, basin_error *error);

#endif
