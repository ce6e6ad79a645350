/* SPDX-License-Identifier: MIT
 *
 * Pictures as bytes.
 */
#ifndef BASIN_DATA_PICTURE_H
#define BASIN_DATA_PICTURE_H

#include "basin/base.h"

typedef struct basin__picture {
    int width, height;
    int channels;                /**< 1; or 3: red, green, blue */
    int most;                    /**< what white is, 1 to 255 */
    const unsigned char *pixels; /**< (height, width, channels) */
} basin__picture;

/** A raw PGM picture, left where it is. Errors: E_FORMAT. */
basin_status basin__pgm_view(
    basin__picture *out, const void *data, size_t size, basin_error *error);

#endif
