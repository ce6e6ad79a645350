/* SPDX-License-Identifier: MIT
 *
 * A text of maps, lists and words as a tree, where each thing knows its line
 * and column: what a description says, before anybody asks what it means. It
 * comes from YAML, or from the JSON in a model file, which has no places.
 */
#ifndef BASIN_DATA_TREE_H
#define BASIN_DATA_TREE_H

#include "basin/data.h"

typedef enum basin__tree_kind {
    BASIN__MAP,
    BASIN__LIST,
    BASIN__WORD
} basin__tree_kind;

typedef struct basin__tree {
    basin__tree_kind kind;
    const char *key; /**< within a map; NULL elsewhere */
    int key_line, key_column;
    int line, column; /**< from 1; 0: there is no place */
    const char *word; /**< UTF-8, of BASIN__WORD */
    bool quoted;      /**< so it is no number */
    bool taken;       /**< the reader's mark */
    int n;            /**< children */
    struct basin__tree *first, *last, *next;
} basin__tree;

/** Everything of a tree lies in blocks that are freed together. */
typedef struct basin__forest {
    basin_context *ctx;
    struct basin__forest_block *blocks;
} basin__forest;

void basin__forest_init(basin__forest *forest, basin_context *ctx);
void basin__forest_finish(basin__forest *forest);

/** A node, appended to `parent` unless that is NULL. Errors: E_MEMORY. */
basin_status basin__tree_add(basin__forest *forest, basin__tree **out,
    basin__tree *parent, basin__tree_kind kind, basin_error *error);
/** A copy of text that lives with the forest. Errors: E_MEMORY. */
basin_status basin__forest_text(basin__forest *forest, const char **out,
    const char *text, size_t length, basin_error *error);

/** Read YAML: one document, without anchors, aliases, tags and keys that are
 *  not words. Errors: E_FORMAT with line and column, E_MEMORY, E_SERVE (built
 *  without libfyaml). libfyaml's memory is the process's. */
basin_status basin__yaml_read(basin__forest *forest, basin__tree **out,
    const void *data, size_t size, basin_error *error);
/** Read JSON, without places. Errors: E_FORMAT, E_MEMORY. */
basin_status basin__json_read(basin__forest *forest, basin__tree **out,
    const void *data, size_t size, basin_error *error);

/** The value of a key, marked as taken; NULL when it is not there. */
basin__tree *basin__tree_get(basin__tree *map, const char *key);

/** Say that an error, already set, is about this node, or about its key. */
basin_status basin__tree_at(const basin__tree *node, basin_error *error);
basin_status basin__tree_at_key(const basin__tree *node, basin_error *error);

/** "a map", "a list", "the word 'x'": for messages. */
const char *basin__tree_what(const basin__tree *node);

/** Is it a map? @param what "the loss". Errors: E_FORMAT with the place. */
basin_status basin__tree_map(
    const basin__tree *node, const char *what, basin_error *error);

/** A word; a finite number or "inf"; a whole number. @param what for the
 *  message: "rate". Errors: E_FORMAT, E_RANGE with the place. */
basin_status basin__tree_word(const char **out, const basin__tree *node,
    const char *what, basin_error *error);
basin_status basin__tree_number(
    double *out, const basin__tree *node, const char *what, basin_error *error);
basin_status basin__tree_int(int *out, const basin__tree *node, int low,
    int high, const char *what, basin_error *error);

/** Refuse the first key that nobody took. @param keys (n) that there could
 *  be, for the nearest; @param where "the loss". Errors: E_NAME, placed. */
basin_status basin__tree_unknown(const basin__tree *map, const char *where,
    const char *const *keys, int n, basin_error *error);

#endif
