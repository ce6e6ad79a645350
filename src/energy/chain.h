/* SPDX-License-Identifier: MIT
 *
 * The inside of a chain: its features, its W, and W as the kernels read it.
 */
#ifndef BASIN_ENERGY_CHAIN_H
#define BASIN_ENERGY_CHAIN_H

#include "basin/chain.h"
#include "tensor/chain.h"

/** Attributes with at least this many labels get a dense row. */
enum { BASIN__CHAIN_DENSE = 6 };

/** Something linear in the features: W itself, or a gradient. `flat` is in
 *  the order of W; the dense rows and the table of transitions hold what
 *  belongs to some of its numbers. */
typedef struct basin__chain_values {
    double *flat;               /* (n_params + lanes) */
    basin__attribute_rows rows; /* list = flat */
    double *table;              /* (labels, lanes) transitions */
    void *memory;
    size_t memory_size;
} basin__chain_values;

struct basin_chain {
    basin_context *ctx;
    const basin__chain_kernels *k;
    basin_chain_def def;
    basin_chain_info info;
    int lanes;
    bool full; /* every attribute has every label: no lists */
    int64_t *node_start;
    int32_t *node_label;
    int32_t *transition;
    int64_t *edge_start;
    int32_t *edge_pair;
    int32_t *row; /* (attributes), NULL when full */
    int32_t n_rows;
    int32_t *row_attribute; /* (n_rows) */
    basin__chain_values w;
    uint64_t version; /* of W, from 1 */
    basin_energy *net;
};

/** Numbers of W before the net's. */
static inline size_t basin__chain_features(const basin_chain *chain)
{
    return chain->info.n_params - (size_t)chain->info.net_params;
}

/** Room for values of this chain. Errors: E_MEMORY. */
basin_status basin__chain_values_init(
    basin__chain_values *out, const basin_chain *chain, basin_error *error);
void basin__chain_values_finish(
    basin__chain_values *values, const basin_chain *chain);
void basin__chain_values_clear(
    basin__chain_values *values, const basin_chain *chain);
void basin__chain_values_scale(
    basin__chain_values *values, const basin_chain *chain, double factor);
/** Bring the dense rows and the table into the flat order, and back. */
void basin__chain_flatten(
    basin__chain_values *values, const basin_chain *chain);
/** The table alone. */
void basin__chain_flatten_table(
    basin__chain_values *values, const basin_chain *chain);
void basin__chain_unfold(basin__chain_values *values, const basin_chain *chain);

/** The attributes of one sequence's positions. */
basin__attribute_run basin__chain_run(
    const basin_sequences *sequences, int32_t sequence);

/** The node features of all positions of sequences, looked up once. */
typedef struct basin__chain_known {
    basin__feature_run run; /* of all positions */
    int64_t positions, dense, singles;
} basin__chain_known;

/** Errors: E_MEMORY. */
basin_status basin__chain_known_init(basin__chain_known *out,
    const basin_chain *chain, const basin_sequences *sequences,
    basin_error *error);
void basin__chain_known_finish(
    basin__chain_known *known, const basin_chain *chain);
/** The part of one sequence. */
basin__feature_run basin__chain_known_run(const basin__chain_known *known,
    const basin_sequences *sequences, int32_t sequence);

/** Does a step of this sequence have edge attributes that the chain knows? */
bool basin__chain_has_edges(const basin_chain *chain,
    const basin_sequences *sequences, int32_t sequence);
/** Add the edge features of the step to a position to a table (labels,
 *  lanes); and the transpose, a table to the values.
 *  @param flat what they weigh, in the order of W */
void basin__chain_edge_gather(const basin_chain *chain, const double *flat,
    double *table, const basin_sequences *sequences, int64_t position);
void basin__chain_edge_scatter(const basin_chain *chain,
    basin__chain_values *values, const double *table,
    const basin_sequences *sequences, int64_t position);

/** The transpose with the squares of the attributes' values. */
void basin__chain_edge_scatter_square(const basin_chain *chain, double *flat,
    const double *table, const basin_sequences *sequences, int64_t position);

/** Add scale times the values of the edge attributes to one pair's features.
 *  @param flat in the order of W */
void basin__chain_edge_add(const basin_chain *chain, double *flat,
    const basin_sequences *sequences, int64_t position, int32_t pair,
    double scale);

/** Does the net fit the chain's labels and, if given, what the sequences have?
 *  Errors: E_SHAPE. */
basin_status basin__chain_check_net(const basin_energy *net, int32_t labels,
    const basin_sequences *seen, basin_error *error);

/** The memory in which a chain's net sees positions, many at a time. */
typedef struct basin__chain_net basin__chain_net;

/** @param room positions in one call at most  @param gradient whether
 *  basin__chain_net_backward will be called. Errors: E_MEMORY. */
basin_status basin__chain_net_create(basin__chain_net **out,
    const basin_chain *chain, int64_t room, bool gradient, basin_error *error);
/** NULL is fine. */
void basin__chain_net_destroy(basin__chain_net *net);

/** The positions that a call is about: rows of x. */
typedef struct basin__net_rows {
    const float *x;     /* (.., dense_dim) */
    const int32_t *row; /* (n) or NULL: from 0 on; stays until backward */
    int64_t n;
    bool training;
    uint64_t step; /* of random numbers */
} basin__net_rows;

/** @return (n, labels) what each label costs, until the next call */
const float *basin__chain_net_evaluate(
    basin__chain_net *net, const basin__net_rows *rows);
/** Slopes in what was returned last, to be filled: (room, labels). */
float *basin__chain_net_slopes(basin__chain_net *net);
/** Add the gradient of what was evaluated last. @param gradient in the order
 *  of W */
void basin__chain_net_backward(basin__chain_net *net, double *gradient);

/** The index of a feature in W, or -1. */
int64_t basin__chain_node(
    const basin_chain *chain, int32_t attribute, int32_t label);
int64_t basin__chain_step(const basin_chain *chain, int32_t pair);
int64_t basin__chain_edge(
    const basin_chain *chain, int32_t attribute, int32_t pair);

#endif
