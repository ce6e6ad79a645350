/* SPDX-License-Identifier: MIT
 *
 * Which columns of a table are the labels of a set: the first, the last, those
 * with certain names, or those that Mulan's XML names. What they are is noted
 * as the columns of Y, and all others as those of X, so that a trained model
 * finds them in tables where they stand elsewhere, or where Y is missing.
 */
#include <string.h>

#include "data/samples.h"
#include "data/text.h"

bool basin__labels_in_xml(const basin__description *d)
{
    const basin__tree *labels = d->data.labels;
    return labels && !d->data.y && labels->kind == BASIN__WORD &&
           strcmp(labels->word, "xml") == 0;
}

/* ------------------------------------------------------------------ Mulan's */

/* Of what XML escapes, names have these. */
static char unescape(const char **at)
{
    static const struct {
        const char *text;
        char is;
    } all[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'},
        {"&apos;", '\''}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strncmp(*at, all[i].text, strlen(all[i].text)) == 0) {
            *at += strlen(all[i].text);
            return all[i].is;
        }
    return *(*at)++;
}

static basin_status add_word(basin__description *d, basin__tree *list,
    const char *text, size_t length, basin_error *error)
{
    basin__tree *node;
    BASIN_TRY(basin__tree_add(&d->forest, &node, list, BASIN__WORD, error));
    node->line = d->data.labels->line;
    node->column = d->data.labels->column;
    return basin__forest_text(&d->forest, &node->word, text, length, error);
}

/* The name of the label whose tag begins at `*at`, which ends with NUL. */
static basin_status read_tag(basin__description *d, basin__tree *list,
    const char **at, basin_error *error)
{
    const char *end = strchr(*at, '>'), *name = strstr(*at, "name");
    BASIN_REQUIRE(end && name && name < end, error, BASIN_E_FORMAT,
        "label %d of the XML has no name: <label name=\"...\"> is expected",
        list->n + 1);
    name += strcspn(name, "\"'>");
    const char quote = *name, *last = quote == '>' ? NULL : name + 1;
    last = last ? strchr(last, quote) : NULL;
    BASIN_REQUIRE(last, error, BASIN_E_FORMAT,
        "the name of label %d of the XML stands in no quotes", list->n + 1);
    basin_bytes text;
    basin_bytes_init(&text, d->ctx);
    basin_status status = BASIN_OK;
    for (name++; name < last && status == BASIN_OK;) {
        char c = unescape(&name);
        status = basin_bytes_append(&text, &c, 1, error);
    }
    if (status == BASIN_OK && text.size == 0)
        status = basin_error_set(error, BASIN_E_FORMAT,
            "the name of label %d of the XML is empty", list->n + 1);
    if (status == BASIN_OK)
        status = add_word(d, list, (const char *)text.data, text.size, error);
    basin_bytes_finish(&text);
    *at = last;
    return status;
}

basin_status basin__labels_read(basin__description *d, basin_bytes *xml,
    const char *path, basin_error *error)
{
    basin__tree *list;
    BASIN_TRY(basin_bytes_append(xml, "", 1, error));
    BASIN_TRY(basin__tree_add(&d->forest, &list, NULL, BASIN__LIST, error));
    list->line = d->data.labels->line;
    list->column = d->data.labels->column;
    basin_status status = BASIN_OK;
    const char *at = (const char *)xml->data;
    while (status == BASIN_OK && (at = strstr(at, "<label"))) {
        at += strlen("<label");
        if (*at != 's') /* the root is <labels> */
            status = read_tag(d, list, &at, error);
    }
    if (status == BASIN_OK && list->n == 0)
        status = basin_error_set(error, BASIN_E_FORMAT,
            "there is no label: <label name=\"...\"> is expected");
    if (status != BASIN_OK) {
        basin_error_place(error, path, 0, 0);
        return status;
    }
    d->data.labels = list;
    return BASIN_OK;
}

/* ------------------------------------------------------------------ columns */

/* Mark the columns of the labels. */
static basin_status mark(bool *is_label, const basin__description *d,
    const basin__table *t, int dim, basin_error *error)
{
    const basin__tree *labels = d->data.labels;
    const int columns = (int)t->columns;
    if (labels->kind == BASIN__WORD) {
        bool last = strcmp(labels->word, "last") == 0;
        for (int i = 0; i < dim; i++)
            is_label[last ? columns - dim + i : i] = true;
        return BASIN_OK;
    }
    for (const basin__tree *at = labels->first; at; at = at->next) {
        int column = 0;
        BASIN_TRY(basin__table_column(&column, t, at, error));
        is_label[column] = true;
    }
    return BASIN_OK;
}

/* A column by its name, where that is enough to find it; else by its number. */
static basin_status add_column(basin__description *d, basin__tree *list,
    const basin__table *t, const char *name, int column, basin_error *error)
{
    const basin__tree by_name = {.kind = BASIN__WORD, .word = name};
    int found = -1;
    char number[16];
    if (name && *name)
        BASIN_TRY(basin__table_column(&found, t, &by_name, error));
    basin_format(number, sizeof number, "%d", column + 1);
    const char *word = found == column ? name : number;
    return add_word(d, list, word, strlen(word), error);
}

/* Y's in the order of the list, if there is one; all others in theirs. */
static basin_status note(basin__description *d, const bool *is_label,
    const basin__table *t, basin_error *error)
{
    const char *name = t->names.size ? (const char *)t->names.data : NULL;
    const bool listed = d->data.labels->kind == BASIN__LIST;
    basin__tree *x, *y = d->data.labels;
    BASIN_TRY(basin__tree_add(&d->forest, &x, NULL, BASIN__LIST, error));
    if (!listed)
        BASIN_TRY(basin__tree_add(&d->forest, &y, NULL, BASIN__LIST, error));
    for (int i = 0; i < (int)t->columns; i++) {
        if (!is_label[i] || !listed)
            BASIN_TRY(add_column(d, is_label[i] ? y : x, t, name, i, error));
        name += name ? strlen(name) + 1 : 0;
    }
    d->data.x = x;
    d->data.y = y;
    return BASIN_OK;
}

basin_status basin__labels_find(
    basin__description *d, const basin__table *t, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(d->energy);
    const basin__tree *labels = d->data.labels;
    const int dim = labels->kind == BASIN__LIST ? labels->n : info->y.dim;
    char path[BASIN__QUOTE];
    basin__quote_path(path, t->path);
    if (dim != info->y.dim || t->columns != info->x.dim + dim) {
        basin_error_set(error, BASIN_E_SHAPE,
            "'%s' has %lld columns, of which %d are labels; x has %d numbers, "
            "and y %d",
            path, (long long)t->columns, dim, info->x.dim, info->y.dim);
        return basin__tree_at(labels, error);
    }
    size_t size = (size_t)t->columns * sizeof(bool);
    bool *is_label = basin_alloc(d->ctx, size);
    BASIN_REQUIRE(
        is_label, error, BASIN_E_MEMORY, "no memory for %zu columns", size);
    basin_status status = mark(is_label, d, t, dim, error);
    if (status == BASIN_OK)
        status = note(d, is_label, t, error);
    basin_free(d->ctx, is_label, size);
    return status;
}
