/* SPDX-License-Identifier: MIT
 *
 * The names of classes: the words that a table has for labels, kept with the
 * model, so that label 2 is the same class in every file, and is printed by its
 * name.
 */
#include <stdlib.h>
#include <string.h>

#include "data/samples.h"
#include "data/text.h"

const char *basin__class_name(const basin__description *d, int label)
{
    const basin__tree *list = d->data.classes;
    const basin__tree *at = list ? list->first : NULL;
    for (; at && label > 0; label--)
        at = at->next;
    return at ? at->word : NULL;
}

static int class_of(const basin__description *d, const char *word)
{
    int label = 0;
    for (const basin__tree *at = d->data.classes->first; at; at = at->next) {
        if (strcmp(at->word, word) == 0)
            return label;
        label++;
    }
    return -1;
}

/* --------------------------------------------------------------------- find */

static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Words that are the numbers 0, 1, .. in their order say nothing. */
static bool are_numbers(const char *const *words, int n)
{
    char number[16];
    for (int i = 0; i < n; i++) {
        basin_format(number, sizeof number, "%d", i);
        if (strcmp(words[i], number) != 0)
            return false;
    }
    return true;
}

static basin_status keep(
    basin__description *d, const char *const *words, int n, basin_error *error)
{
    basin__tree *list;
    BASIN_TRY(basin__tree_add(&d->forest, &list, NULL, BASIN__LIST, error));
    for (int i = 0; i < n; i++) {
        basin__tree *node;
        BASIN_TRY(basin__tree_add(&d->forest, &node, list, BASIN__WORD, error));
        node->quoted = true;
        BASIN_TRY(basin__forest_text(
            &d->forest, &node->word, words[i], strlen(words[i]), error));
    }
    d->data.classes = list;
    return BASIN_OK;
}

basin_status basin__classes_find(
    basin__description *d, const basin__table *t, basin_error *error)
{
    const basin_space *y = &basin_energy_describe(d->energy)->y;
    char path[BASIN__QUOTE];
    if (d->data.classes || t->n_words == 0)
        return BASIN_OK;
    BASIN_REQUIRE(t->n_words <= y->count, error, BASIN_E_SHAPE,
        "'%s' has %d classes; y has %d labels",
        basin__quote_path(path, t->path), t->n_words, y->count);
    size_t size = (size_t)t->n_words * sizeof(char *);
    const char **words = basin_alloc(d->ctx, size);
    BASIN_REQUIRE(words, error, BASIN_E_MEMORY, "no memory for classes");
    const char *at = (const char *)t->words.data;
    for (int i = 0; i < t->n_words; i++, at += strlen(at) + 1)
        words[i] = at;
    if (!t->words_in_order)
        qsort(words, (size_t)t->n_words, sizeof *words, compare);
    basin_status status = are_numbers(words, t->n_words)
                              ? BASIN_OK
                              : keep(d, words, t->n_words, error);
    basin_free(d->ctx, words, size);
    return status;
}

/* -------------------------------------------------------------------- apply */

static basin_status unknown(const basin__description *d, const basin__table *t,
    const char *word, basin_error *error)
{
    enum { MOST = 256 };
    const char *names[MOST], *near = NULL;
    char quote[BASIN__QUOTE], path[BASIN__QUOTE], near_quote[BASIN__QUOTE];
    int n = 0;
    const basin__tree *at = d->data.classes ? d->data.classes->first : NULL;
    for (; at && n < MOST; at = at->next)
        names[n++] = at->word;
    basin__quote(quote, word, strlen(word));
    basin__quote_path(path, t->path);
    if (n == 0)
        return basin_error_set(error, BASIN_E_NAME,
            "'%s' has the class '%s', and the model knows its labels as "
            "numbers, from 0",
            path, quote);
    near = basin_nearest(word, names, n);
    near = near ? near : names[0];
    return basin_error_set(error, BASIN_E_NAME,
        "'%s' has the class '%s', which the model does not know; it has %d, "
        "such as '%s'",
        path, quote, n, basin__quote(near_quote, near, strlen(near)));
}

/* The label of a word, by its name or else its number. */
static basin_status label_of(float *out, const basin__description *d,
    const basin__table *t, const char *word, basin_error *error)
{
    const int count = basin_energy_describe(d->energy)->y.count;
    double value = 0;
    size_t length = strlen(word);
    int label = class_of(d, word);
    if (label < 0 && basin_parse_number(&value, word, length) == length &&
        length && value >= 0 && value < count && value == (int)value)
        label = (int)value;
    if (label < 0)
        return unknown(d, t, word, error);
    *out = (float)label;
    return BASIN_OK;
}

/* @param labels (n_words), out */
static basin_status find_words(float *labels, const basin__description *d,
    const basin__table *t, basin_error *error)
{
    const char *at = (const char *)t->words.data;
    for (int i = 0; i < t->n_words; i++, at += strlen(at) + 1)
        BASIN_TRY(label_of(&labels[i], d, t, at, error));
    return BASIN_OK;
}

/* Numbers may be the names of classes. */
static void rename_numbers(float *y, int n, const basin__description *d)
{
    char word[32];
    for (int i = 0; i < n; i++) {
        basin_print_number(word, (double)y[i], true);
        int label = class_of(d, word);
        y[i] = label < 0 ? y[i] : (float)label;
    }
}

basin_status basin__classes_apply(float *y, int n, const basin__description *d,
    const basin__table *t, basin_error *error)
{
    if (!d->data.classes && t->n_words && !t->words_in_order)
        return unknown(d, t, (const char *)t->words.data, error);
    if (!d->data.classes)
        return BASIN_OK; /* the words' places are the labels */
    if (t->n_words == 0) {
        rename_numbers(y, n, d);
        return BASIN_OK;
    }
    size_t size = (size_t)t->n_words * sizeof(float);
    float *labels = basin_alloc(d->ctx, size);
    BASIN_REQUIRE(labels, error, BASIN_E_MEMORY, "no memory for classes");
    basin_status status = find_words(labels, d, t, error);
    for (int i = 0; i < n && status == BASIN_OK; i++)
        y[i] = labels[(int)y[i]];
    basin_free(d->ctx, labels, size);
    return status;
}
