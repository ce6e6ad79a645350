/* SPDX-License-Identifier: MIT
 *
 * Where X, Y and Z live, from a description: boxes and labels, each as the
 * JSON that model files hold, and its leaf of the graph.
 */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "data/description.h"
#include "data/model.h"
#include "data/text.h"

static const char *const space_keys[] = {
    "kind", "dim", "low", "high", "count", "shape"};

/* Which kind it is; or which it must be, by its keys. */
static basin_status space_kind(
    int *out, basin__tree *tree, const char *what, basin_error *error)
{
    const char *word = tree->word;
    basin__tree *kind =
        tree->kind == BASIN__MAP ? basin__tree_get(tree, "kind") : tree;
    if (!kind) {
        *out = basin__tree_get(tree, "count") ? BASIN_SPACE_LABELS
                                              : BASIN_SPACE_BOX;
        return BASIN_OK;
    }
    BASIN_TRY(basin__tree_word(&word, kind, what, error));
    for (*out = 0; *out < 3; ++*out)
        if (strcmp(word, basin__space_words[*out]) == 0)
            return BASIN_OK;
    const char *near = basin_nearest(word, basin__space_words, 3);
    char quote[BASIN__QUOTE];
    basin_error_set(error, BASIN_E_NAME,
        "no space is called '%s'; there are box, labels and none%s%s%s",
        basin__quote(quote, word, strlen(word)), near ? "; did you mean '" : "",
        near ? near : "", near ? "'?" : "");
    return basin__tree_at(kind, error);
}

static basin_status read_shape(int sizes[3], basin__tree *shape,
    basin__tree *dim, basin__tree *at, const char *what, basin_error *error)
{
    const int most = 1 << 20;
    sizes[0] = sizes[1] = sizes[2] = 1;
    if (dim && !shape)
        return basin__tree_int(&sizes[0], dim, 1, most, "dim", error);
    if (!shape) {
        basin_error_set(error, BASIN_E_FORMAT,
            "%s needs 'dim', the numbers it has, or 'shape'", what);
        return basin__tree_at(at, error);
    }
    if (shape->kind != BASIN__LIST || shape->n != 3) {
        basin_error_set(
            error, BASIN_E_FORMAT, "shape must be [channels, height, width]");
        return basin__tree_at(shape, error);
    }
    basin__tree *size = shape->first;
    for (int i = 0; i < 3; i++, size = size->next)
        BASIN_TRY(basin__tree_int(&sizes[i], size, 1, most, "shape", error));
    int64_t all = (int64_t)sizes[0] * sizes[1] * sizes[2];
    int given = 0;
    if (dim)
        BASIN_TRY(basin__tree_int(&given, dim, 1, most, "dim", error));
    if (all <= most && (!dim || given == all))
        return BASIN_OK;
    basin_error_set(error, BASIN_E_SHAPE, "the shape has %lld numbers; %s",
        (long long)all,
        all > most ? "1048576 are possible" : "dim says otherwise");
    return basin__tree_at(shape, error);
}

static basin_status read_box(json_t *space, int sizes[3], basin__tree *tree,
    const char *what, basin_error *error)
{
    basin__tree *ends[2] = {
        basin__tree_get(tree, "low"), basin__tree_get(tree, "high")};
    static const char *const names[2] = {"low", "high"};
    double values[2];
    BASIN_TRY(read_shape(sizes, basin__tree_get(tree, "shape"),
        basin__tree_get(tree, "dim"), tree, what, error));
    for (int i = 0; i < 2; i++) {
        if (!ends[i]) {
            basin_error_set(error, BASIN_E_FORMAT,
                "%s is a box, and lacks '%s'", what, names[i]);
            return basin__tree_at(tree, error);
        }
        BASIN_TRY(basin__tree_number(&values[i], ends[i], names[i], error));
        if (!(fabs(values[i]) < 0x1.ffffffp127)) {
            basin_error_set(error, BASIN_E_RANGE,
                "%s of a box must be a float32; got '%s'", names[i],
                ends[i]->word);
            return basin__tree_at(ends[i], error);
        }
        json_object_set_new(space, names[i], json_real(values[i]));
    }
    json_object_set_new(
        space, "dim", json_integer(sizes[0] * sizes[1] * sizes[2]));
    if ((float)values[0] < (float)values[1])
        return BASIN_OK;
    basin_error_set(error, BASIN_E_RANGE,
        "low of %s must be below high; got %g and %g", what, values[0],
        values[1]);
    return basin__tree_at(ends[0], error);
}

basin_status basin__space_read(struct json_t *space, basin_space_kind *kind,
    int sizes[3], basin__tree *tree, const char *name, basin_error *error)
{
    char what[32];
    int of_kind = BASIN_SPACE_NONE, count;
    basin_format(what, sizeof what, "the space of %s", name);
    sizes[0] = sizes[1] = sizes[2] = 1;
    if (tree)
        BASIN_TRY(space_kind(&of_kind, tree, what, error));
    *kind = (basin_space_kind)of_kind;
    json_object_set_new(
        space, "kind", json_string(basin__space_words[of_kind]));
    if (of_kind != BASIN_SPACE_NONE)
        BASIN_TRY(basin__tree_map(tree, what, error));
    if (of_kind == BASIN_SPACE_BOX)
        BASIN_TRY(read_box(space, sizes, tree, what, error));
    if (of_kind == BASIN_SPACE_LABELS) {
        basin__tree *number = basin__tree_get(tree, "count");
        if (!number) {
            basin_error_set(error, BASIN_E_FORMAT,
                "%s lacks 'count', the number of labels", what);
            return basin__tree_at(tree, error);
        }
        BASIN_TRY(basin__tree_int(&count, number, 1, 1 << 24, "count", error));
        json_object_set_new(space, "count", json_integer(count));
    }
    if (tree && tree->kind == BASIN__MAP)
        BASIN_TRY(basin__tree_unknown(tree, what, space_keys, 6, error));
    return BASIN_OK;
}
