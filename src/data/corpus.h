/* SPDX-License-Identifier: MIT
 *
 * A corpus while it grows: positions and sequences are appended by the reader
 * of one format or another.
 */
#ifndef BASIN_DATA_CORPUS_H
#define BASIN_DATA_CORPUS_H

#include "data/dictionary.h"
#include "data/template.h"

/** Rows of attributes. */
typedef struct basin__grown {
    basin_bytes start; /**< int64_t (positions + 1) */
    basin_bytes id;    /**< int32_t */
    basin_bytes value; /**< float; empty as long as all are 1 */
} basin__grown;

typedef struct basin__corpus {
    basin_corpus open; /**< first: what the user sees */
    basin_context *ctx;
    basin_corpus_def def;
    basin_bytes first;  /**< int64_t (n + 1) position of each sequence */
    basin_bytes weight; /**< float (n) */
    basin_bytes label;  /**< int32_t (positions) */
    basin_bytes offset; /**< int64_t (positions) */
    basin__grown node, edge;
    int64_t positions;
    int32_t n;              /**< sequences */
    bool weighted;          /**< a weight that is not 1 came */
    int64_t consumed;       /**< bytes of the texts before this one */
    basin_bytes name;       /**< attributes or labels in the making */
    basin_bytes made;       /**< basin__made: where they are */
    basin_bytes token, row; /**< of a sequence of columns: basin__token, and
                                 int64_t (rows + 1) */
    basin_bytes dense;      /**< float (positions, dense_dim) */
    int32_t dense_dim;      /**< 0: no numbers came */
    int32_t columns;        /**< in the lines so far; 0: none came */
    /** Where it is set, attributes are not kept: each position has a row of
     *  scores instead. */
    struct basin__scorer_cache *scorer;
    int lanes;         /**< of a row */
    basin_bytes score; /**< double (positions, lanes) */
} basin__corpus;

/** A text on its way through a reader. */
typedef struct basin__source {
    basin__corpus *c;
    const char *text;
    size_t size, at; /**< at: where the next line begins */
    int number;      /**< of the line that was taken last */
    const char *line;
    size_t length; /**< of it, without its end */
    int64_t base;  /**< what to add to a place for basin_corpus.offset */
    basin_error *error;
} basin__source;

/** Take the next line. @return false: there is none */
bool basin__source_line(basin__source *s);
/** Add the place, a byte of the line, to the error that was just set. */
basin_status basin__source_at(
    const basin__source *s, size_t byte, basin_status status);
/** Note something that is taken as it is, but likely a mistake. */
void basin__source_odd(basin__source *s);

/** An attribute on its way into the dictionaries. */
typedef struct basin__made {
    size_t begin, length; /**< in basin__corpus.name */
    uint32_t hash;
    bool node, edge;
} basin__made;

/** The hash with which an attribute is looked up; it will be soon. */
uint32_t basin__corpus_hash(
    const basin__corpus *c, bool edge, const char *name, size_t length);
/** Append an attribute to the position that is being made; unknown names are
 *  counted, no more. With a scorer the name must stay where it is until
 *  basin__corpus_settle, or the sequence is complete.
 *  Errors: E_MEMORY, E_RANGE. */
basin_status basin__corpus_attribute(basin__corpus *c, bool edge, uint32_t hash,
    const char *name, size_t length, float value, basin_error *error);
/** Let the scorer look up what was appended. Errors: E_MEMORY, E_FORMAT. */
basin_status basin__corpus_settle(basin__corpus *c, basin_error *error);
/** Make room for attributes of nodes, so that their array does not grow bit by
 *  bit: of all lines together, so many at most. Errors: E_MEMORY. */
basin_status basin__corpus_expect(
    basin__corpus *c, size_t attributes, basin_error *error);
/** The id of a label; -1: unknown. Errors: E_MEMORY, E_RANGE. */
basin_status basin__corpus_label(basin__corpus *c, int32_t *id,
    const char *name, size_t length, basin_error *error);
/** A position to come: its label, and where its line begins. Those of a
 *  sequence may come before its attributes. Errors: E_MEMORY. */
basin_status basin__corpus_line(
    basin__corpus *c, int32_t label, int64_t offset, basin_error *error);
/** The attributes of the next position are complete. Errors: E_MEMORY. */
basin_status basin__corpus_position(basin__corpus *c, basin_error *error);
/** Finish the sequence, if it has a position. Errors: E_MEMORY, E_RANGE. */
basin_status basin__corpus_sequence(
    basin__corpus *c, float weight, basin_error *error);

/** Bring what the user sees up to date. */
void basin__corpus_publish(basin__corpus *c);

/** Does this line, without its end, separate sequences? */
bool basin__corpus_separates(
    const basin__corpus *c, const char *line, size_t length);

/** The numbers of the next position; all have as many. Errors: E_FORMAT,
 *  E_MEMORY. */
basin_status basin__corpus_dense(
    basin__corpus *c, const float *values, int64_t n, basin_error *error);

/** Is the line at hand a letter of Taskar's? Are the bytes a .npz? */
bool basin__letters_are(const basin__source *line);
bool basin__arrays_are(const void *bytes, size_t size);
basin_status basin__numbers_read(basin__source *s);
basin_status basin__letters_read(basin__source *s);
basin_status basin__arrays_read(basin__source *s);

basin_status basin__attributes_read(basin__source *s);
basin_status basin__columns_read(basin__source *s);

#endif
