/* SPDX-License-Identifier: MIT
 *
 * Sequences of positions with sparse attributes: what chains observe. A
 * position has attributes (which, together with its label, make the node
 * features), and may have edge attributes (which, together with the labels of
 * the position before and of itself, make the edge features), and numbers that
 * a net sees.
 */
#ifndef BASIN_SEQUENCES_H
#define BASIN_SEQUENCES_H

#include "basin/base.h"

BASIN_BEGIN_DECLS

/** Attributes of positions, as rows of a sparse matrix. */
typedef struct basin_attributes {
    int32_t count;        /**< different attributes: ids are 0 .. count-1 */
    const int64_t *start; /**< (positions + 1); NULL: no attributes at all */
    const int32_t *id;    /**< (start[positions]); an id below 0 is skipped */
    const float *value;   /**< (start[positions]), or NULL where all are 1 */
} basin_attributes;

/** Sequences, borrowed: whoever read them owns the arrays. */
typedef struct basin_sequences {
    int32_t n;            /**< sequences */
    int64_t positions;    /**< in all of them */
    const int64_t *start; /**< (n + 1) first position of each */
    int32_t n_labels;
    const int32_t *label; /**< (positions) 0 .. n_labels-1, or -1: not known;
                               NULL: none is known */
    basin_attributes node;
    basin_attributes edge; /**< of the step that leads to a position */
    /** (positions, dense_dim) what a chain's net sees; NULL: nothing */
    const float *dense;
    int32_t dense_dim;
} basin_sequences;

BASIN_END_DECLS

#endif
