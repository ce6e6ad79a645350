/* SPDX-License-Identifier: MIT
 *
 * What CRF++'s models have in common, as text and in binary: attributes with
 * the number of their first weight.
 */
#ifndef BASIN_DATA_WEIGHTS_CRFPP_H
#define BASIN_DATA_WEIGHTS_CRFPP_H

#include "data/weights.h"

/** An attribute and where its weights begin. */
typedef struct basin__crfpp {
    int64_t first;   /**< the number of its first weight */
    int64_t weights; /**< how many the model has */
    int32_t id;      /**< -1: the plain transition */
    bool edge;
} basin__crfpp;

/** Add an attribute, whose `first` and `weights` are set. @param column of its
 *  name, for messages @param left how many weights no attribute has had yet
 *  Errors: E_FORMAT, E_MEMORY. */
basin_status basin__crfpp_entry(basin__model *m, const char *name,
    size_t length, size_t column, int64_t *left, basin__crfpp *out);
/** Add the weights of an attribute that are not 0. */
basin_status basin__crfpp_spread(
    basin__model *m, const basin__crfpp *e, const double *values);

/** CRF++'s binary model. */
basin_status basin__crfpp_read_binary(basin__model *m);

#endif
