/* SPDX-License-Identifier: MIT
 *
 * Labellings with weights, some for each sequence: where a dual stands. All
 * lie in one store that grows as they do.
 */
#ifndef BASIN_LEARN_CHAIN_CORNERS_H
#define BASIN_LEARN_CHAIN_CORNERS_H

#include "basin/sequences.h"

/** Where those of a sequence lie. */
typedef struct basin__place {
    size_t label, weight; /* of its first in the arrays of the store */
    int32_t room;         /* for so many */
} basin__place;

typedef struct basin__corners {
    basin_context *ctx;
    const basin_sequences *sequences;
    int32_t *n;          /* (sequences) how many each has, from 1 */
    basin__place *place; /* (sequences) */
    int32_t *label;      /* each has as many as its sequence has positions */
    double *weight;      /* of each; those of a sequence add up to 1 */
    size_t labels, weights, label_room, weight_room;
} basin__corners;

/** Each sequence has its right labelling, with weight 1. Errors: E_MEMORY;
 *  close it then, too. */
basin_status basin__corners_open(basin__corners *c, basin_context *ctx,
    const basin_sequences *sequences, basin_error *error);
void basin__corners_close(basin__corners *c);

/** Corner k of sequence i, until one is added. */
int32_t *basin__corner_label(const basin__corners *c, int32_t i, int32_t k);
double *basin__corner_weight(const basin__corners *c, int32_t i, int32_t k);

/** The corner with these labels, added with weight 0 if it was none yet.
 *  Errors: E_MEMORY. */
basin_status basin__corners_find(basin__corners *c, int32_t i,
    const int32_t *label, int32_t *k, basin_error *error);
/** Another one may take its number. */
void basin__corners_drop(basin__corners *c, int32_t i, int32_t k);

/** All in order, without gaps: label (labels), weight (weights) and n
 *  (sequences) are then the whole. Errors: E_MEMORY; nothing has changed. */
basin_status basin__corners_pack(basin__corners *c, basin_error *error);
/** Room for so many in all, to be filled as packed ones. Errors: E_MEMORY. */
basin_status basin__corners_begin(
    basin__corners *c, size_t labels, size_t weights, basin_error *error);
/** Take what was filled in. @return false: it is not what packing leaves */
bool basin__corners_unpack(basin__corners *c);

#endif
