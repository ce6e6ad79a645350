/* SPDX-License-Identifier: MIT
 *
 * Files of numbers as tables, whatever their format: found by the first bytes,
 * not by the name.
 */
#include "data/samples.h"

#include <math.h>
#include <string.h>

#include "data/text.h"

/* ------------------------------------------------------------------ formats */

typedef enum format { CSV, NPY, NPZ, IDX, ARFF } format;

/* ARFF has comments, and then @relation. */
static bool is_arff(const char *text, size_t size)
{
    size_t i = 0;
    for (bool comment = false; i < size; i++) {
        char c = text[i];
        comment = c != '\n' && (comment || c == '%');
        if (!comment && c != ' ' && c != '\t' && c != '\r' && c != '\n')
            break;
    }
    return i < size && text[i] == '@';
}

static format format_of(const unsigned char *data, size_t size)
{
    if (size >= 6 && memcmp(data, "\x93NUMPY", 6) == 0)
        return NPY;
    if (size >= 4 && memcmp(data, "PK\3\4", 4) == 0)
        return NPZ;
    if (size >= 4 && data[0] == 0 && data[1] == 0)
        return IDX;
    return is_arff((const char *)data, size) ? ARFF : CSV;
}

/* (n, a, b, c) to (n, a b c). */
static void flatten(basin__table *t, int n_dims, const int64_t *dims)
{
    t->rows = n_dims ? dims[0] : 1;
    t->columns = 1;
    for (int i = 1; i < n_dims; i++)
        t->columns *= dims[i];
}

/* ------------------------------------------------------------------- tables */

/* Which column may hold words, or -1; names are known, numbers not yet. */
static int column_of(const basin__table *t, const basin__label_column *label)
{
    const char *name = (const char *)t->names.data;
    const char *end = name + t->names.size;
    double number = 0;
    if (!label || !label->word)
        return label ? label->column : -1;
    for (int i = 0; t->names.size && name < end; i++, name += strlen(name) + 1)
        if (strcmp(name, label->word->word) == 0)
            return i;
    bool is = basin__tree_number(&number, label->word, "", NULL) == BASIN_OK;
    return is && number >= 1 && number <= INT32_MAX ? (int)number - 1 : -1;
}

static basin_status read_csv(basin__table *t, const basin_bytes *file,
    const basin__label_column *label, basin_error *error)
{
    BASIN_TRY(basin__csv_names(&t->names, file->data, file->size, error));
    return basin__csv_read_words(&t->values, &t->words, &t->n_words,
        column_of(t, label), file->data, file->size, error);
}

static basin_status take_arff(basin__table *t, const basin_arff *arff,
    const basin__label_column *label, basin_error *error)
{
    for (int i = 0; i < arff->n_attributes; i++)
        BASIN_TRY(basin_bytes_append(
            &t->names, arff->names[i], strlen(arff->names[i]) + 1, error));
    int column = column_of(t, label);
    int n =
        column >= 0 && column < arff->n_attributes ? arff->counts[column] : 0;
    for (int i = 0; i < n; i++) {
        const char *word = arff->lists[column][i];
        BASIN_TRY(basin_bytes_append(&t->words, word, strlen(word) + 1, error));
    }
    t->n_words = n;
    t->words_in_order = true;
    return BASIN_OK;
}

static basin_status read_arff(basin__table *t, const basin_bytes *file,
    const basin__label_column *label, basin_error *error)
{
    basin_arff arff;
    BASIN_TRY(basin_arff_read(&arff, file->ctx, file->data, file->size, error));
    basin_status status = take_arff(t, &arff, label, error);
    t->values = arff.values;
    arff.values = (basin_array){.ctx = file->ctx};
    basin_arff_finish(&arff);
    return status;
}

/* Bytes stay where they are, and the file with them. */
static basin_status read_idx(
    basin__table *t, basin_bytes *file, basin_error *error)
{
    basin_idx idx;
    BASIN_TRY(basin_idx_view(&idx, file->data, file->size, error));
    if (idx.type != BASIN_IDX_UINT8)
        return basin_idx_read(
            &t->values, file->ctx, file->data, file->size, error);
    flatten(t, idx.n_dims, idx.dims);
    t->bytes = idx.data;
    t->file = *file;
    basin_bytes_init(file, t->file.ctx);
    return BASIN_OK;
}

static basin_status read_any(basin__table *t, basin_bytes *file,
    const char *array, const basin__label_column *label, basin_error *error)
{
    switch (format_of(file->data, file->size)) {
    case NPY:
        return basin_npy_read(
            &t->values, file->ctx, file->data, file->size, error);
    case NPZ:
        return basin_npz_read(
            &t->values, file->ctx, file->data, file->size, array, error);
    case IDX: return read_idx(t, file, error);
    case ARFF: return read_arff(t, file, label, error);
    case CSV: break;
    }
    return read_csv(t, file, label, error);
}

bool basin__table_is_archive(const basin_bytes *file)
{
    return format_of(file->data, file->size) == NPZ;
}

basin_status basin__table_read(basin__table *out, const char *path,
    basin_bytes *file, const char *array, const basin__label_column *label,
    basin_error *error)
{
    *out = (basin__table){.path = path, .values = {.ctx = file->ctx}};
    basin_bytes_init(&out->names, file->ctx);
    basin_bytes_init(&out->words, file->ctx);
    basin_bytes_init(&out->file, file->ctx);
    basin_status status = read_any(out, file, array, label, error);
    if (status == BASIN_OK && !out->bytes)
        flatten(out, out->values.n_dims, out->values.dims);
    else if (status != BASIN_OK && error)
        basin_error_place(error, path, error->line, error->column);
    return status;
}

void basin__table_finish(basin__table *table)
{
    basin_array_finish(&table->values);
    basin_bytes_finish(&table->names);
    basin_bytes_finish(&table->words);
    basin_bytes_finish(&table->file);
}

float basin__table_at(const basin__table *t, int64_t row, int64_t column)
{
    int64_t i = row * t->columns + column;
    return t->bytes ? (float)t->bytes[i] : t->values.values[i];
}

/* ------------------------------------------------------------------ columns */

basin_status basin__table_column(int *out, const basin__table *t,
    const basin__tree *word, basin_error *error)
{
    enum { MOST = 256 };
    const char *names[MOST];
    double number = 0;
    int n = (int)t->columns, n_names = 0;
    const char *name = (const char *)t->names.data;
    for (int i = 0; i < n && t->names.size; i++, name += strlen(name) + 1) {
        if (strcmp(name, word->word) == 0) {
            *out = i;
            return BASIN_OK;
        }
        if (n_names < MOST)
            names[n_names++] = name;
    }
    bool numbered = basin__tree_number(&number, word, "", NULL) == BASIN_OK;
    if (numbered && number >= 1 && number <= n && number == floor(number)) {
        *out = (int)number - 1;
        return BASIN_OK;
    }
    char quote[BASIN__QUOTE], path[BASIN__QUOTE], near_quote[BASIN__QUOTE];
    const char *near =
        numbered ? NULL : basin_nearest(word->word, names, n_names);
    basin__quote(quote, word->word, strlen(word->word));
    basin__quote_path(path, t->path);
    if (near)
        basin_error_set(error, BASIN_E_NAME,
            "'%s' has no column '%s'; did you mean '%s'?", path, quote,
            basin__quote(near_quote, near, strlen(near)));
    else
        basin_error_set(error, BASIN_E_NAME,
            "'%s' has no column '%s'; it has %d%s", path, quote, n,
            t->names.size ? "" : ", without names: give their numbers, from 1");
    return basin__tree_at(word, error);
}
