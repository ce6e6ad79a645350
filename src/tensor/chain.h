/* SPDX-License-Identifier: MIT
 *
 * Kernels for chains: what is done at one position of a sequence, along its
 * labels. All numbers are float64, and every row of labels is padded to whole
 * groups of BASIN__CHAIN_LANES. The same source is compiled for each width of
 * vector registers, and no sum is reordered: so all give the same bits.
 */
#ifndef BASIN_TENSOR_CHAIN_H
#define BASIN_TENSOR_CHAIN_H

#include "basin/tensor.h"

#define BASIN__CHAIN_LANES 8

/** Labels, rounded up to whole groups. */
static inline int basin__chain_lanes(int labels)
{
    return (labels + BASIN__CHAIN_LANES - 1) & -BASIN__CHAIN_LANES;
}

/**
 * A sparse matrix (attributes, labels). Attributes with many labels have a
 * dense row, the others a short list of (label, value).
 */
typedef struct basin__attribute_rows {
    int32_t attributes;
    int lanes;            /**< of the rows of nodes */
    int stride;           /**< from one dense row to the next */
    const int64_t *start; /**< (attributes + 1) of the lists in label, list */
    const int32_t *label;
    const int32_t *row; /**< (attributes) its dense row, or -1; NULL: its own
                             number */
    double *list;       /**< what the lists hold */
    double *dense;      /**< (dense rows, stride), with a row of slack. Whole
                             groups of lanes are read and written, even those
                             that reach into the next row: so the padding of
                             nodes must be 0 in scatter, and means nothing
                             after gather */
} basin__attribute_rows;

/** Attributes of a run of positions; see basin_attributes. */
typedef struct basin__attribute_run {
    const int64_t *start; /**< (positions + 1) */
    const int32_t *id;
    const float *value; /**< or NULL: 1 */
    int positions;
} basin__attribute_run;

/** The same, looked up once: which dense rows each position has, and which
 *  numbers of the lists. */
typedef struct basin__feature_run {
    const int64_t *dense_start; /**< (positions + 1) */
    const int32_t *dense;       /**< rows */
    const float *dense_value;   /**< or NULL: 1 */
    const int64_t *single_start;
    const int32_t *single; /**< numbers in the list */
    const uint16_t *label; /**< of each */
    const float *single_value;
    int positions;
} basin__feature_run;

/** The weights of one attribute, on their way to the row of a position. */
typedef struct basin__found_weights {
    const double *w;       /**< (n), or (lanes): of all labels */
    const uint16_t *label; /**< (n) whose they are; NULL: of all labels */
    int32_t n, row;
    double value; /**< times which they are added */
} basin__found_weights;

typedef struct basin__chain_kernels {
    const char *name;
    /** node[t] += sum over its attributes of value * row. */
    void (*gather)(double *node, const basin__attribute_rows *m,
        const basin__attribute_run *run);
    /** The transpose: row += value * node[t], for each attribute of t. */
    void (*scatter)(const basin__attribute_rows *m, const double *node,
        const basin__attribute_run *run);
    /** The same two, looked up; node is set by the first. */
    void (*gather_known)(double *node, const basin__attribute_rows *m,
        const basin__feature_run *run);
    void (*scatter_known)(const basin__attribute_rows *m, const double *node,
        const basin__feature_run *run);
    /** rows[row] += value * w, one after the other. */
    void (*add_found)(
        double *rows, int lanes, const basin__found_weights *found, size_t n);
    /** out[j] = e^(beta (x[j] - top)), 0 in the padding, top = max x[j];
     *  error at most 2 ulp, 0 below -708. @return top */
    double (*gibbs)(double *out, const double *x, double beta, int labels);
    /** out[j] = e[j] sum_i in[i] m[i][j] (e NULL: 1). The sum over i is that
     *  of the even ones plus that of the odd ones. */
    void (*step)(double *out, const double *in, const double *m,
        const double *e, int labels);
    /** The sum of a row, in BASIN__CHAIN_LANES lanes, halved as a tree. */
    double (*sum)(const double *x, int lanes);
    /** out[j] = a[j] b[j] s. */
    void (*product)(
        double *out, const double *a, const double *b, double s, int lanes);
    /** c[i][j] += a[i] b[j]. */
    void (*outer)(double *c, const double *a, const double *b, int labels);
    /** out[j] = node[j] + max_i (in[i] + m[i][j]); from[j] is the first i
     *  where it is reached. */
    void (*best)(double *out, int32_t *from, const double *in, const double *m,
        const double *node, int labels);
} basin__chain_kernels;

/** The kernels for chains of the context's backend. */
const basin__chain_kernels *basin__chain_kernels_of(const basin_context *ctx);

#endif
