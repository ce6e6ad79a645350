/* SPDX-License-Identifier: MIT
 *
 * Templates, taken apart: a pattern is a line, a piece is a bit of text or a
 * macro. And the little regular expressions of Wapiti.
 */
#ifndef BASIN_DATA_TEMPLATE_H
#define BASIN_DATA_TEMPLATE_H

#include "data/text.h"

#include "basin/corpus.h"

typedef enum basin__piece_kind {
    BASIN__PIECE_TEXT,
    BASIN__PIECE_TOKEN, /**< %x */
    BASIN__PIECE_TEST,  /**< %t */
    BASIN__PIECE_MATCH  /**< %m */
} basin__piece_kind;

typedef struct basin__piece {
    basin__piece_kind kind;
    bool lower;    /**< %X, %T, %M: in small letters */
    bool absolute; /**< a row from the start, or below 0 from the end */
    int32_t row, column;
    size_t begin, length; /**< of the text or the expression, in the template */
} basin__piece;

typedef struct basin__pattern {
    int32_t first, n; /**< pieces */
    bool node, edge;  /**< what it makes */
    bool plain;       /**< the plain transition, no attribute of a step */
    int line;         /**< of the file, for messages */
} basin__pattern;

struct basin_template {
    basin_context *ctx;
    basin_dialect dialect;
    basin_bytes text;     /**< the lines that count, each with its end */
    basin_bytes pieces;   /**< basin__piece */
    basin_bytes patterns; /**< basin__pattern */
    int32_t n;            /**< patterns */
    int32_t columns;      /**< that it reads */
    int columns_line;     /**< the line that reads the last of them */
    bool transitions;
};

/** A sequence as tokens. */
typedef struct basin__token {
    const char *text;
    size_t length;
} basin__token;

typedef struct basin__rows {
    const basin__token *token;
    const int64_t *first; /**< (n + 1) token of each row */
    int64_t n;
} basin__rows;

/** Append what a pattern makes of row `at`. Errors: E_FORMAT (a row has not the
 *  column that is asked for, or an expression takes too long), and *row is the
 *  row that is to blame; E_MEMORY. */
basin_status basin__template_expand(basin_bytes *out, const basin_template *t,
    const basin__pattern *pattern, const basin__rows *rows, int64_t at,
    int64_t *row, basin_error *error);

static inline const basin__pattern *basin__template_patterns(
    const basin_template *t)
{
    return (const basin__pattern *)(const void *)t->patterns.data;
}

/** @return NULL, or why this is no regular expression */
const char *basin__regex_check(const char *regex, size_t length);
/**
 * Find the first match. @param length of what matched, which may be more than
 * what is left of the text: see regex.c.
 * @return where it begins; -1: nowhere; -2: it would take too long to say
 */
int64_t basin__regex_find(const char *regex, size_t regex_length,
    const char *text, size_t text_length, size_t *length);

#endif
