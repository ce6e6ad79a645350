/* SPDX-License-Identifier: MIT
 *
 * Chains: the energy of a labelling Y of a sequence X of positions,
 *
 *     E(Y, X) = - sum_t [ w . f(x_t, y_t) + A(y_{t-1}, y_t)
 *                         + u . g(x_t, y_{t-1}, y_t) ]
 *
 * linear in W = (w, A, u) (Lafferty et al. 2001; LeCun et al. 2006, section
 * 6). f are the (attribute, label) pairs, g the (edge attribute, label before,
 * label) triples; there is no step to the first position. With a net, an
 * energy E_net(x, y; V) over labels, each position adds E_net(x_t, y_t; V),
 * and W = (w, A, u, V) (LeCun et al. 1998, section IV; Peng et al. 2009).
 *
 *     basin_chain_create(&chain, ctx, &sequences, NULL, err);
 *     basin_energy_from_chain(&energy, chain, err);
 */
#ifndef BASIN_CHAIN_H
#define BASIN_CHAIN_H

#include "basin/base.h"
#include "basin/energy.h"
#include "basin/sequences.h"

BASIN_BEGIN_DECLS

/** A chain: its features and W. */
typedef struct basin_chain basin_chain;

typedef struct basin_chain_def {
    uint32_t cookie; /**< set by basin_chain_default */
    /** Every attribute with every label, and every transition; false, the
     *  default: only what the sequences show with their labels. */
    bool all;
    /** A(y', y) at every step; default true. */
    bool transitions;
    /** E becomes log(1 + e^E), which is never below 0 and keeps the order of
     *  answers, for losses that suppose that; default false. Free energies
     *  cannot be served then. */
    bool nonnegative;
    /** What each label costs at a position by its dense numbers: any energy
     *  whose x has as many numbers, and whose y as many labels; or NULL, the
     *  default. Taken over, also when creating the chain fails. */
    basin_energy *net;
} basin_chain_def;

/** The defaults: see the members. */
BASIN_API basin_chain_def basin_chain_default(void);

/** How many there are of everything. W lies in this order: node features by
 *  attribute and label; transitions by label before and label; edge features
 *  by edge attribute, label before and label. */
typedef struct basin_chain_info {
    int32_t labels, attributes, edge_attributes;
    int64_t node_features, transitions, edge_features;
    int64_t net_params; /**< of the net, last in W; 0 without one */
    size_t n_params;    /**< the four together */
} basin_chain_info;

/**
 * The chain that the sequences call for; W = 0, but for a net's, which is as
 * the net has it.
 * @param def NULL means the defaults
 * Errors: E_ARGUMENT (cookie), E_RANGE (no label; a label or an attribute
 * outside its range, with the sequence), E_SHAPE (a net that does not fit),
 * E_MEMORY.
 */
BASIN_API basin_status basin_chain_create(basin_chain **out, basin_context *ctx,
    const basin_sequences *seen, const basin_chain_def *def,
    basin_error *error);

/** Features given one by one, as models store them; borrowed. */
typedef struct basin_chain_lists {
    int32_t labels, attributes, edge_attributes;
    const int64_t *node_start; /**< (attributes + 1) */
    const int32_t *node_label; /**< ascending for each attribute */
    int64_t n_transitions;
    const int32_t *transition; /**< before * labels + label, ascending */
    const int64_t *edge_start; /**< (edge_attributes + 1), or NULL */
    const int32_t *edge_pair;  /**< as transition, for each edge attribute */
    basin_energy *net;         /**< or NULL; as in basin_chain_def */
} basin_chain_lists;

/** A chain with these features, W as basin_chain_create has it. Errors:
 *  E_RANGE (what is out of range or order), E_SHAPE (the net), E_MEMORY. */
BASIN_API basin_status basin_chain_from_lists(basin_chain **out,
    basin_context *ctx, const basin_chain_lists *lists, basin_error *error);

/** NULL is fine. */
BASIN_API void basin_chain_destroy(basin_chain *chain);

/** How many there are of everything; lives with the chain. */
BASIN_API const basin_chain_info *basin_chain_describe(
    const basin_chain *chain);

/** W, n_params numbers; yours to read and write, but what is written counts
 *  only after basin_chain_changed. */
BASIN_API double *basin_chain_params(basin_chain *chain);
BASIN_API void basin_chain_changed(basin_chain *chain);

/** W as before training: 0, and a net's drawn from the seed. */
BASIN_API void basin_chain_reset(basin_chain *chain, uint64_t seed);

/** The net, or NULL. Its parameters are copies of W's last net_params. */
BASIN_API basin_energy *basin_chain_net(const basin_chain *chain);

/** What feature `index` of W is; the net's parameters are none. */
typedef struct basin_chain_feature {
    int32_t attribute; /**< -1: a transition */
    bool edge;         /**< of an edge attribute */
    int32_t before;    /**< the label before, or -1: a node feature */
    int32_t label;
} basin_chain_feature;

/** @param index 0 .. n_params - 1 */
BASIN_API basin_chain_feature basin_chain_feature_at(
    const basin_chain *chain, size_t index);

/** E of labels (one for each position of the sequence) by direct summation. */
BASIN_API double basin_chain_energy(const basin_chain *chain,
    const basin_sequences *sequences, int32_t sequence, const int32_t *label);

/** The energy as every other. Its float32 W, basin_energy_params, is what the
 *  trainer moves and what counts then. Takes the chain over, also when it
 *  fails. Errors: E_MEMORY. */
BASIN_API basin_status basin_energy_from_chain(
    basin_energy **out, basin_chain *chain, basin_error *error);

/** The chain behind an energy, or NULL. */
BASIN_API basin_chain *basin_energy_chain(const basin_energy *energy);

BASIN_END_DECLS

#endif
