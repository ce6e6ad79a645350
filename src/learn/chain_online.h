/* SPDX-License-Identifier: MIT
 *
 * Learning chains sequence by sequence.
 */
#ifndef BASIN_LEARN_CHAIN_ONLINE_H
#define BASIN_LEARN_CHAIN_ONLINE_H

#include "learn/chain_trainer.h"

typedef struct basin__online {
    double *difference; /* f(right) - f(found), 0 between sequences; of SGD
                           scratch */
    int32_t *touched;   /* where it is not 0; not of SGD */
    int64_t n_touched;
    double *memory; /* sums for the average; of AROW the variances; or NULL */
    uint64_t steps; /* sequences seen, from 1 */
    double scale;   /* of SGD: W is so many times what is stored */
    int32_t *order;
    int32_t *row;     /* (node features) its dense row, or -1; of SGD:
                         (attributes) no attribute has one */
    int32_t *feature; /* (dense rows, lanes) the feature there, or -1 */
    size_t size, touched_size, order_size, row_size, feature_size;
} basin__online;

/** Errors: E_MEMORY. */
basin_status basin__chain_online_open(
    basin_chain_trainer *t, basin_error *error);
void basin__chain_online_close(basin_chain_trainer *t);

/** W as it was on average, of AROW as it is. @param out (n_params) */
void basin__chain_average(const basin_chain_trainer *t, double *out);

/** difference[feature] += value, noting it as touched. */
void basin__chain_touch(basin__online *o, int64_t feature, double value);
/** Add scale (f(more) - f(less)), of two labellings of what the lattice
 *  observes, to the difference. @return at how many positions they differ */
int basin__chain_add_difference(basin_chain_trainer *t, const basin_lattice *l,
    const int32_t *more, const int32_t *less, double scale);
/** W[f] += by, in every place where the kernels look for it. */
void basin__chain_move(basin_chain_trainer *t, int64_t f, double by);

/** Perceptron, passive-aggressive, AROW. Errors: as
 *  basin_chain_trainer_run. */
basin_status basin__chain_online_run(
    basin_chain_trainer *t, basin_error *error);

/** Stochastic gradient, until so many epochs are done. Errors: as
 *  basin_chain_trainer_run. */
basin_status basin__chain_sgd_epochs(
    basin_chain_trainer *t, int epochs, basin_error *error);
/** The algorithm of that name. Errors: as basin_chain_trainer_run. */
basin_status basin__chain_sgd_run(basin_chain_trainer *t, basin_error *error);

#endif
