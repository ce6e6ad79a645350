/* SPDX-License-Identifier: MIT
 *
 * A palette for many frames together, and the map from true colours to it.
 * Internal to src/view.
 */
#ifndef BASIN_VIEW_PALETTE_H
#define BASIN_VIEW_PALETTE_H

#include "view/view.h"

#define VIEW_PALETTE_MAX 256

typedef struct view_palette {
    int n;
    unsigned char rgb[VIEW_PALETTE_MAX][3];
    short *nearest; /**< (64, 64, 64) entry nearest to a colour; -1: not yet
                         looked for */
} view_palette;

/** Choose `n` colours (32 to 256) for `pixels` pixels of 3 bytes each. */
basin_status basin__view_palette_init(view_palette *out,
    const unsigned char *rgb, size_t pixels, int n, basin_error *error);
void basin__view_palette_finish(view_palette *palette);

/** The entry for a pixel at (x, y), with an ordered dither that depends on
 *  nothing but the place: what does not move does not flicker. */
int basin__view_palette_at(
    const view_palette *palette, const unsigned char rgb[3], int x, int y);

#endif
