/* SPDX-License-Identifier: MIT
 *
 * Arrays that a checkpoint keeps, each under a name.
 */
#ifndef BASIN_LEARN_BLOCKS_H
#define BASIN_LEARN_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct basin__block {
    const char *name;
    int index;   /**< among those of the same name */
    bool single; /**< float32, or else float64 */
    void *data;
    size_t n;
} basin__block;

#endif
