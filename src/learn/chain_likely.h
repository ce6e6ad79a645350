/* SPDX-License-Identifier: MIT
 *
 * The likely labels of positions, as a chain of its own: labels of almost no
 * probability are left out, and where only one is left the chain is cut. Its
 * covariances are kept, and multiplied with vectors in a fraction of the time
 * that the sums take.
 */
#ifndef BASIN_LEARN_CHAIN_LIKELY_H
#define BASIN_LEARN_CHAIN_LIKELY_H

#include "inference/lattice.h"

/** Those of one shard. */
typedef struct basin__chain_likely {
    basin_context *ctx;
    int labels, lanes;
    double least;
    bool filling, valued; /* else it is only counted; do features have values */
    /* How much there is, and how much of it is filled. */
    int64_t positions, states, pairs, features;
    int most; /* labels of a run of positions that hang together, at most */
    int here; /* of the run at hand */

    uint16_t *n;     /* (positions) labels left */
    bool *linked;    /* (positions) to the one before */
    uint16_t *label; /* (states) */
    double *q;       /* (states) probability, times how much it counts */
    int64_t *start;  /* (states + 1) of its features */
    int32_t *single; /* (features) which weight */
    float *value;    /* (features), or NULL: 1 */
    double *m;       /* (pairs) the same of steps, for each label before */
    double *node, *mean, *after, *before; /* (most) */
    void *memory;
    size_t memory_size;
} basin__chain_likely;

/** Begin to count. @param least labels that are less likely than that part of
 *  the likeliest are left out */
void basin__chain_likely_begin(
    basin__chain_likely *c, const basin_lattice *l, bool valued, double least);
/** One sequence, which the lattice has observed, with its features. To be
 *  called twice for each, in the same order: to count, and after
 *  basin__chain_likely_reserve to fill. Where the sums need logarithms it
 *  counts as certain. @param b (length, lanes) scratch */
void basin__chain_likely_add(basin__chain_likely *c, basin_lattice *l,
    const basin__feature_run *run, double beta, double scale, double *b);
/** Bytes that what was counted takes. */
size_t basin__chain_likely_size(const basin__chain_likely *c);
/** False: no memory. */
bool basin__chain_likely_reserve(basin__chain_likely *c);
void basin__chain_likely_finish(basin__chain_likely *c);

/** Add the diagonal of the covariances, but for what positions of a sequence
 *  have to do with each other. @param out of weights
 *  @param steps (labels, lanes) of transitions */
void basin__chain_likely_diagonal(
    const basin__chain_likely *c, double *out, double *steps);
/** Add the covariances times a vector. @param v, table the vector, as out and
 *  steps are */
void basin__chain_likely_times(const basin__chain_likely *c, const double *v,
    const double *table, double *out, double *steps);

#endif
