/* SPDX-License-Identifier: MIT
 *
 * The lanes of a sum over rows, one float at a time.
 */
#ifndef BASIN_TENSOR_LANES_H
#define BASIN_TENSOR_LANES_H

#include "basin/tensor.h"

enum { LANES = BASIN_LANES };

/** The lanes added as a tree, by halving; they are overwritten. */
static inline float lanes_sum(float *lane)
{
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++)
            lane[l] += lane[l + half];
    return lane[0];
}

#endif
