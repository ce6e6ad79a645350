/* SPDX-License-Identifier: MIT
 *
 * Trees: made by the readers of YAML and JSON, and asked by whoever knows what
 * the words mean. Every refusal names the place.
 */
#include "data/tree.h"

#include <float.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "data/text.h"

enum { BLOCK = 4096, DEPTH_MOST = 64 };

struct basin__forest_block {
    struct basin__forest_block *next;
    size_t size, used;
};

/* ------------------------------------------------------------------ forests */

void basin__forest_init(basin__forest *forest, basin_context *ctx)
{
    *forest = (basin__forest){.ctx = ctx};
}

void basin__forest_finish(basin__forest *forest)
{
    while (forest->blocks) {
        struct basin__forest_block *block = forest->blocks;
        forest->blocks = block->next;
        basin_free(forest->ctx, block, block->size);
    }
}

static void *take(basin__forest *forest, size_t size, basin_error *error)
{
    struct basin__forest_block *block = forest->blocks;
    size_t head = (sizeof *block + 15) / 16 * 16;
    size = (size + 15) / 16 * 16;
    if (!block || block->size - block->used < size) {
        size_t whole = head + (size > BLOCK - head ? size : BLOCK - head);
        block = basin_alloc(forest->ctx, whole);
        if (!block) {
            basin_error_set(error, BASIN_E_MEMORY, "no memory for a text");
            return NULL;
        }
        block->size = whole;
        block->used = head;
        block->next = forest->blocks;
        forest->blocks = block;
    }
    void *out = (char *)block + block->used;
    block->used += size;
    return out;
}

basin_status basin__tree_add(basin__forest *forest, basin__tree **out,
    basin__tree *parent, basin__tree_kind kind, basin_error *error)
{
    basin__tree *node = take(forest, sizeof *node, error);
    if (!node)
        return BASIN_E_MEMORY;
    *node = (basin__tree){.kind = kind};
    if (parent) {
        if (parent->last)
            parent->last->next = node;
        else
            parent->first = node;
        parent->last = node;
        parent->n++;
    }
    *out = node;
    return BASIN_OK;
}

basin_status basin__forest_text(basin__forest *forest, const char **out,
    const char *text, size_t length, basin_error *error)
{
    char *copy = take(forest, length + 1, error);
    if (!copy)
        return BASIN_E_MEMORY;
    memcpy(copy, text, length);
    copy[length] = '\0';
    *out = copy;
    return BASIN_OK;
}

/* --------------------------------------------------------------------- JSON */

static basin_status from_json(basin__forest *forest, basin__tree **out,
    basin__tree *parent, const json_t *json, int depth, basin_error *error);

static basin_status from_members(basin__forest *forest, basin__tree *node,
    json_t *json, int depth, basin_error *error)
{
    const char *key;
    json_t *value;
    size_t index;
    basin__tree *child;
    json_array_foreach(json, index, value)
        BASIN_TRY(from_json(forest, &child, node, value, depth, error));
    json_object_foreach(json, key, value)
    {
        BASIN_TRY(from_json(forest, &child, node, value, depth, error));
        BASIN_TRY(
            basin__forest_text(forest, &child->key, key, strlen(key), error));
    }
    return BASIN_OK;
}

static basin_status from_json(basin__forest *forest, basin__tree **out,
    basin__tree *parent, const json_t *json, int depth, basin_error *error)
{
    BASIN_REQUIRE(depth < DEPTH_MOST, error, BASIN_E_FORMAT,
        "the description is nested more than %d deep", DEPTH_MOST);
    basin__tree_kind kind = json_is_object(json)  ? BASIN__MAP
                            : json_is_array(json) ? BASIN__LIST
                                                  : BASIN__WORD;
    BASIN_TRY(basin__tree_add(forest, out, parent, kind, error));
    basin__tree *node = *out;
    if (kind != BASIN__WORD)
        return from_members(forest, node, (json_t *)json, depth + 1, error);
    char number[32] = "";
    const char *word = json_string_value(json);
    if (json_is_number(json))
        basin_print_number(number, json_number_value(json), false);
    /* an infinity is a word in JSON, and a number to us */
    node->quoted = word && strcmp(word, "inf") != 0 && strcmp(word, "-inf");
    word = word ? word : number;
    return basin__forest_text(forest, &node->word, word, strlen(word), error);
}

basin_status basin__json_read(basin__forest *forest, basin__tree **out,
    const void *data, size_t size, basin_error *error)
{
    json_error_t at;
    json_t *root = json_loadb(
        data, size, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &at);
    char quote[BASIN__QUOTE];
    BASIN_REQUIRE(root, error, BASIN_E_FORMAT, "no valid JSON: %s",
        basin__quote(quote, at.text, strlen(at.text)));
    basin_status status = from_json(forest, out, NULL, root, 0, error);
    json_decref(root);
    return status;
}

/* ------------------------------------------------------------------- asking */

basin__tree *basin__tree_get(basin__tree *map, const char *key)
{
    for (basin__tree *at = map ? map->first : NULL; at; at = at->next)
        if (at->key && strcmp(at->key, key) == 0) {
            at->taken = true;
            return at;
        }
    return NULL;
}

basin_status basin__tree_at(const basin__tree *node, basin_error *error)
{
    basin_error_place(error, NULL, node->line, node->column);
    return error ? error->code : BASIN_E_FORMAT;
}

basin_status basin__tree_at_key(const basin__tree *node, basin_error *error)
{
    if (!node->key_line)
        return basin__tree_at(node, error);
    basin_error_place(error, NULL, node->key_line, node->key_column);
    return error ? error->code : BASIN_E_FORMAT;
}

const char *basin__tree_what(const basin__tree *node)
{
    return node->kind == BASIN__MAP    ? "a map"
           : node->kind == BASIN__LIST ? "a list"
           : node->word[0]             ? "a word"
                                       : "nothing";
}

/* "…; got 'x'", at the node. */
static basin_status wrong(const basin__tree *node, basin_status status,
    const char *what, const char *wanted, basin_error *error)
{
    char quote[BASIN__QUOTE];
    if (node->kind == BASIN__WORD && node->word[0])
        basin_error_set(error, status, "%s must be %s; got '%s'", what, wanted,
            basin__quote(quote, node->word, strlen(node->word)));
    else
        basin_error_set(error, status, "%s must be %s; got %s", what, wanted,
            basin__tree_what(node));
    return basin__tree_at(node, error);
}

basin_status basin__tree_map(
    const basin__tree *node, const char *what, basin_error *error)
{
    if (node->kind == BASIN__MAP)
        return BASIN_OK;
    return wrong(node, BASIN_E_FORMAT, what, "a map of 'key: value'", error);
}

basin_status basin__tree_word(const char **out, const basin__tree *node,
    const char *what, basin_error *error)
{
    if (node->kind != BASIN__WORD || !node->word[0])
        return wrong(node, BASIN_E_FORMAT, what, "a word", error);
    *out = node->word;
    return BASIN_OK;
}

basin_status basin__tree_number(
    double *out, const basin__tree *node, const char *what, basin_error *error)
{
    size_t length = node->kind == BASIN__WORD ? strlen(node->word) : 0;
    bool good = length > 0 && length < 1100 && !node->quoted &&
                basin_parse_number(out, node->word, length) == length &&
                !isnan(*out);
    return good ? BASIN_OK
                : wrong(node, BASIN_E_FORMAT, what, "a number", error);
}

basin_status basin__tree_int(int *out, const basin__tree *node, int low,
    int high, const char *what, basin_error *error)
{
    char wanted[64];
    double value = 0;
    basin_format(
        wanted, sizeof wanted, "a whole number from %d to %d", low, high);
    if (basin__tree_number(&value, node, what, NULL) != BASIN_OK)
        return wrong(node, BASIN_E_FORMAT, what, wanted, error);
    if (!(value >= low && value <= high && value == floor(value)))
        return wrong(node, BASIN_E_RANGE, what, wanted, error);
    *out = (int)value;
    return BASIN_OK;
}

basin_status basin__tree_unknown(const basin__tree *map, const char *where,
    const char *const *keys, int n, basin_error *error)
{
    const basin__tree *at = map->first;
    while (at && at->taken)
        at = at->next;
    if (!at)
        return BASIN_OK;
    char quote[BASIN__QUOTE], list[256];
    basin__quote(quote, at->key, strlen(at->key));
    const char *near = basin_nearest(at->key, keys, n);
    size_t used = 0;
    list[0] = '\0';
    for (int i = 0; i < n && used < sizeof list; i++)
        used += basin_format(
            list + used, sizeof list - used, "%s%s", i ? ", " : "", keys[i]);
    if (near)
        basin_error_set(error, BASIN_E_NAME,
            "%s has no key '%s'; did you mean '%s'?", where, quote, near);
    else
        basin_error_set(error, BASIN_E_NAME,
            "%s has no key '%s'; there are: %s", where, quote, list);
    return basin__tree_at_key(at, error);
}
