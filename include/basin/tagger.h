/* SPDX-License-Identifier: MIT
 *
 * Labels for text, with a trained chain: the model is used where it lies, and
 * texts are read, looked up and scored in one go. Threads share a tagger; each
 * has a tagging of its own.
 *
 *     basin_tagger_create(&tagger, ctx, bytes, size, err);
 *     basin_tagging_create(&tagging, tagger, false, err);
 *     basin_tagging_read(tagging, text, length, err);
 *     for (i = 0; i < basin_tagging_corpus(tagging)->sequences.n; i++) {
 *         basin_tagging_observe(&lattice, tagging, i, err);
 *         basin_lattice_best(lattice, label);
 *     }
 */
#ifndef BASIN_TAGGER_H
#define BASIN_TAGGER_H

#include "basin/chain_model.h"
#include "basin/lattice.h"

BASIN_BEGIN_DECLS

/** A model that is ready to label. */
typedef struct basin_tagger basin_tagger;

/**
 * A tagger for a model of any kind that basin_chain_model_read takes. One of
 * CRFsuite, or of ours without edge attributes or a net, is not copied: only
 * what labelling comes across is read, and checked then.
 * @param data borrowed: it must outlive the tagger and rest
 * Errors: as basin_chain_model_read.
 */
BASIN_API basin_status basin_tagger_create(basin_tagger **out,
    basin_context *ctx, const void *data, size_t size, basin_error *error);
/** NULL is fine. */
BASIN_API void basin_tagger_destroy(basin_tagger *tagger);

/** The names of the labels. */
BASIN_API const basin_dictionary *basin_tagger_labels(
    const basin_tagger *tagger);

/** What one thread labels with. */
typedef struct basin_tagging basin_tagging;

/** @param unlabelled columns are without one for the label
 *  Errors: E_MEMORY. */
BASIN_API basin_status basin_tagging_create(basin_tagging **out,
    const basin_tagger *tagger, bool unlabelled, basin_error *error);
/** NULL is fine. */
BASIN_API void basin_tagging_destroy(basin_tagging *tagging);

/** Read the sequences of a text, in place of those before; lines are counted
 *  from 1. Errors: as basin_corpus_read; E_FORMAT (the model is broken). */
BASIN_API basin_status basin_tagging_read(
    basin_tagging *tagging, const char *text, size_t size, basin_error *error);

/** What was read: how many sequences, where they and their lines begin, the
 *  labels that the text gives (-1: none that the model knows). Attributes are
 *  not kept. */
BASIN_API const basin_corpus *basin_tagging_corpus(
    const basin_tagging *tagging);

/** The lattice of one of the sequences; the next call changes it.
 *  Errors: E_MEMORY. */
BASIN_API basin_status basin_tagging_observe(basin_lattice **out,
    basin_tagging *tagging, int32_t sequence, basin_error *error);

BASIN_END_DECLS

#endif
