/* SPDX-License-Identifier: MIT
 *
 * How well sequences are labelled: chunks found and right as conlleval counts
 * them, tokens, sequences, and which label is taken for which.
 *
 *     basin_evaluation *e;
 *     basin_evaluation_create(&e, ctx, labels, &error);
 *     for (each sequence)
 *         basin_evaluation_add(e, right, found, length, &error);
 *     printf("%.2f\n", 100 * basin_evaluation_all(e).f1);
 *     basin_evaluation_destroy(e);
 */
#ifndef BASIN_EVALUATION_H
#define BASIN_EVALUATION_H

#include "basin/corpus.h"

BASIN_BEGIN_DECLS

/** Counts of chunks of one type, or of all. */
typedef struct basin_chunks {
    const char *type; /**< what follows the first - of a label; "" for all,
                           and for labels without a - */
    int64_t right;    /**< chunks found with the right type and both ends */
    int64_t gold;     /**< chunks that there are */
    int64_t found;    /**< chunks found */
    double precision; /**< right / found; 0 where none was found */
    double recall;    /**< right / gold; 0 where there are none */
    double f1;        /**< 2 precision recall / (precision + recall), or 0 */
} basin_chunks;

/** Counts of tokens and sequences. */
typedef struct basin_tokens {
    int64_t tokens, right_tokens;
    int64_t sequences, right_sequences; /**< those with all tokens right */
    double accuracy;                    /**< right_tokens / tokens, or 0 */
} basin_tokens;

/** Answers counted against the right labels. */
typedef struct basin_evaluation basin_evaluation;

/**
 * Nothing counted yet. @param labels names of labels, TAG-TYPE or TAG, where
 * TAG is one of O, B, I, E, [, ] and . (any other begins and ends chunks only
 * where the type changes: conlleval knows no S). Borrowed; it may grow.
 * Errors: E_MEMORY.
 */
BASIN_API basin_status basin_evaluation_create(basin_evaluation **out,
    basin_context *ctx, const basin_dictionary *labels, basin_error *error);
/** NULL is fine. */
BASIN_API void basin_evaluation_destroy(basin_evaluation *evaluation);

/**
 * Count one sequence. Chunks end with it. @param gold, found (n) ids of labels
 * Errors: E_ARGUMENT: an id that is no label's (a label that the model has not
 * seen must have an id here too, or its chunks could not be counted: read the
 * corpus with a copy of the dictionary that is not frozen); E_MEMORY.
 * Nothing is counted then.
 */
BASIN_API basin_status basin_evaluation_add(basin_evaluation *evaluation,
    const int32_t *gold, const int32_t *found, int64_t n, basin_error *error);

/** All chunks together. */
BASIN_API basin_chunks basin_evaluation_all(const basin_evaluation *evaluation);
/** How many types of chunks came, right or found. */
BASIN_API int32_t basin_evaluation_types(const basin_evaluation *evaluation);
/** @param i 0 .. types-1, in the order of their names (as bytes) */
BASIN_API basin_chunks basin_evaluation_type(
    const basin_evaluation *evaluation, int32_t i);
BASIN_API basin_tokens basin_evaluation_tokens(
    const basin_evaluation *evaluation);
/** How often the right label was `gold` and `found` was given. */
BASIN_API int64_t basin_evaluation_confusion(
    const basin_evaluation *evaluation, int32_t gold, int32_t found);

BASIN_END_DECLS

#endif
