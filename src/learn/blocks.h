/* SPDX-License-Identifier: MIT
 *
 * Arrays that a checkpoint keeps, each under a name.
 */
#ifndef BASIN_LEARN_BLOCKS_H
#define BASIN_LEARN_BLOCKS_H

#include <stddef.h>

/** What the numbers of an array are. */
typedef enum basin__number { BASIN__F64, BASIN__F32, BASIN__I32 } basin__number;

typedef struct basin__block {
    const char *name;
    int index; /**< among those of the same name */
    basin__number type;
    void *data;
    size_t n;
} basin__block;

#endif
