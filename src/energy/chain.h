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
};

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
 *  lanes); and the transpose, a table to the values. */
void basin__chain_edge_gather(const basin_chain *chain, double *table,
    const basin_sequences *sequences, int64_t position);
void basin__chain_edge_scatter(const basin_chain *chain,
    basin__chain_values *values, const double *table,
    const basin_sequences *sequences, int64_t position);

/** Add scale times the values of the edge attributes to one pair's features.
 *  @param flat in the order of W */
void basin__chain_edge_add(const basin_chain *chain, double *flat,
    const basin_sequences *sequences, int64_t position, int32_t pair,
    double scale);

/** The index of a feature in W, or -1. */
int64_t basin__chain_node(
    const basin_chain *chain, int32_t attribute, int32_t label);
int64_t basin__chain_step(const basin_chain *chain, int32_t pair);
int64_t basin__chain_edge(
    const basin_chain *chain, int32_t attribute, int32_t pair);

#endif
