/* SPDX-License-Identifier: MIT
 *
 * Trained chains as lists of weights: the models of CRFsuite, CRF++ and
 * Wapiti, and a text of our own that can be edited and read back.
 *
 *     basin_chain_weights *w;
 *     basin_chain_weights_read(&w, ctx, bytes, size, &error);
 *     for (int64_t i = 0; i < w->n_node; i++)
 *         ... w->node[i].attribute, .label, .value ...
 *     basin_chain_weights_destroy(w);
 */
#ifndef BASIN_WEIGHTS_H
#define BASIN_WEIGHTS_H

#include "basin/corpus.h"

BASIN_BEGIN_DECLS

/** A weight: the more, the likelier; the energy is minus their sum. */
typedef struct basin_chain_weight {
    int32_t attribute; /**< of nodes or edges; -1 in a transition */
    int32_t from;      /**< the label of the position before; -1 in a node */
    int32_t label;
    double value;
} basin_chain_weight;

/** Whose model it was. */
typedef enum basin_weights_source {
    BASIN_WEIGHTS_TEXT = 0, /**< our own */
    BASIN_WEIGHTS_CRFSUITE = 1,
    BASIN_WEIGHTS_CRFPP = 2,
    BASIN_WEIGHTS_WAPITI = 3
} basin_weights_source;

/** How a model turns weights into labels; all but CRF are Wapiti's. */
typedef enum basin_weights_kind {
    BASIN_WEIGHTS_CRF = 0,    /**< over whole sequences */
    BASIN_WEIGHTS_MAXENT = 1, /**< each position alone: there are only nodes */
    BASIN_WEIGHTS_MEMM = 2    /**< each position given the one before */
} basin_weights_kind;

/** A trained chain. To tag with it, read a corpus with its template and its
 *  dictionaries, frozen. */
typedef struct basin_chain_weights {
    basin_weights_source source;
    basin_weights_kind kind;
    basin_dictionary *labels; /**< in the order that the model has them, which
                                   decides between labellings that are equal */
    basin_dictionary *nodes;  /**< attributes of positions */
    basin_dictionary *edges;  /**< attributes of steps */
    basin_template *tmpl;     /**< NULL: attributes come as they are, in
                                   CRFsuite's form or (Wapiti) as columns */
    /** Weights that are not listed are 0; if one is listed twice, both count.
     *  Nothing is said about their order. */
    int64_t n_node, n_transition, n_edge;
    const basin_chain_weight *node;       /**< attribute and label */
    const basin_chain_weight *transition; /**< from and label */
    const basin_chain_weight *edge;       /**< all three */
} basin_chain_weights;

/** Empty lists and dictionaries, for basin_chain_weights_add.
 *  Errors: E_MEMORY. */
BASIN_API basin_status basin_chain_weights_create(
    basin_chain_weights **out, basin_context *ctx, basin_error *error);
/** NULL is fine. What it holds goes with it. */
BASIN_API void basin_chain_weights_destroy(basin_chain_weights *weights);

/** Append a weight to the list that its fields say: without `from` a node's,
 *  without `attribute` a transition's, with both an edge's. The ids must be in
 *  the dictionaries. Errors: E_RANGE, E_NONFINITE, E_MEMORY. */
BASIN_API basin_status basin_chain_weights_add(basin_chain_weights *weights,
    basin_chain_weight weight, basin_error *error);
/** Set the template, of which a copy is kept; NULL: none. Errors: E_MEMORY. */
BASIN_API basin_status basin_chain_weights_template(
    basin_chain_weights *weights, const basin_template *tmpl,
    basin_error *error);

/**
 * Read a model, whose kind is found by itself: CRFsuite's, CRF++'s (binary, or
 * the text that crf_learn -t writes beside it, which has more digits than
 * crf_test uses), Wapiti's, or our text. All that it says is checked before it
 * is used.
 *
 * Errors: E_FORMAT: no such model, cut off, or broken, with the line, or the
 * byte in the message; E_SERVE: what we do not read (another version, Wapiti
 * with --me); E_MEMORY, E_RANGE.
 */
BASIN_API basin_status basin_chain_weights_read(basin_chain_weights **out,
    basin_context *ctx, const void *data, size_t size, basin_error *error);

/**
 * Append our text: a line is a record of fields separated by tabs. The first
 * is "basin-chain 1"; then
 *
 *     label      NAME
 *     template   crfpp or wapiti
 *     pattern    a line of the template
 *     node       ATTRIBUTE   LABEL   WEIGHT
 *     transition FROM   LABEL   WEIGHT
 *     edge       ATTRIBUTE   FROM   LABEL   WEIGHT
 *
 * in this order, but for the weights, which may stand in any. Blank lines, and
 * those that begin with #, are skipped. In names \t, \n, \r and \\ stand for a
 * tab, the ends of lines and a backslash. Weights read back to the same bits.
 * Errors: E_MEMORY.
 */
BASIN_API basin_status basin_chain_weights_write(
    basin_bytes *out, const basin_chain_weights *weights, basin_error *error);

BASIN_END_DECLS

#endif
