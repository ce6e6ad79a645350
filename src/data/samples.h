/* SPDX-License-Identifier: MIT
 *
 * Samples for a model from the user's files: which columns are X and Y, how
 * their numbers become the model's and back, and which rows are held out.
 */
#ifndef BASIN_DATA_SAMPLES_H
#define BASIN_DATA_SAMPLES_H

#include "data/description.h"

/** Rows of X and Y as the model sees them: first those to learn from, then
 *  those that are held out. */
typedef struct basin__samples {
    basin_context *ctx;
    int n, n_held_out;
    int x_dim, y_dim;
    float *x, *y;   /**< (n + n_held_out, dim); y NULL: there is none */
    float *weights; /**< (n + n_held_out) of the losses; NULL: all 1 */
    /** X as bytes, in `file`, and then x is NULL; a byte stands for
     *  offset + scale byte. */
    unsigned char *bytes;
    float offset, scale;
    basin_bytes file;
} basin__samples;

/** A file's numbers. */
typedef struct basin__table {
    int64_t rows, columns;
    basin_array values;         /**< (rows, columns), where they are no bytes */
    const unsigned char *bytes; /**< (rows, columns), in `file`; or NULL */
    basin_bytes file;
    basin_bytes names; /**< of the columns, each with its NUL; or empty */
    /** Of the column that holds classes, if they are words: each with its NUL;
     *  the column's numbers are their places, from 0. */
    basin_bytes words;
    int n_words;
    bool words_in_order; /**< it means something: it is not that of the rows */
    const char *path;    /**< for messages */
} basin__table;

/** Which column may hold words, the classes. */
typedef struct basin__label_column {
    const basin__tree *word; /**< its name or number, or NULL */
    int column;              /**< without a word: from 0; -1: none may */
} basin__label_column;

/** Numbers of .npy, .npz, IDX, ARFF, which are known by their first bytes, or
 *  of a CSV. Arrays of more dimensions become rows; bytes of IDX stay bytes.
 *  @param file is taken over where they do @param array which one of .npz; NULL
 *  where there is but one  @param label of CSV and ARFF; NULL: no column holds
 *  words. Errors: as the readers, with the path. */
basin_status basin__table_read(basin__table *out, const char *path,
    basin_bytes *file, const char *array, const basin__label_column *label,
    basin_error *error);
void basin__table_finish(basin__table *table);
/** Is it .npz, which may hold X and Y? */
bool basin__table_is_archive(const basin_bytes *file);
float basin__table_at(const basin__table *t, int64_t row, int64_t column);
/** A column by its name; where there are no names, by its number from 1.
 *  Errors: E_NAME, at the word's place. */
basin_status basin__table_column(int *out, const basin__table *table,
    const basin__tree *word, basin_error *error);

/** Note the words of a table as the names of classes, where none are known yet:
 *  in the table's order, or else sorted by their bytes. Errors: E_SHAPE (more
 *  than y has labels), E_MEMORY. */
basin_status basin__classes_find(
    basin__description *d, const basin__table *table, basin_error *error);
/** Turn a table's labels into the model's: a word or a number is the class of
 *  that name, or else the number of one. @param y (n), in place
 *  Errors: E_NAME, E_MEMORY. */
basin_status basin__classes_apply(float *y, int n, const basin__description *d,
    const basin__table *table, basin_error *error);
/** The name of a label, or NULL. */
const char *basin__class_name(const basin__description *d, int label);

/** Are the labels still to be read from Mulan's XML? */
bool basin__labels_in_xml(const basin__description *d);
/** Read their names from it. @param xml gets a NUL at its end
 *  @param path for messages. Errors: E_FORMAT, E_MEMORY. */
basin_status basin__labels_read(basin__description *d, basin_bytes *xml,
    const char *path, basin_error *error);
/** Note which columns are Y, as `labels` says, and which X. Errors: E_NAME and
 *  E_SHAPE, placed in the description; E_MEMORY. */
basin_status basin__labels_find(
    basin__description *d, const basin__table *table, basin_error *error);

/** X and Y from one table, or from two. X that is all bytes stays so, and its
 *  file goes to the samples. @param need_y false: Y may be absent
 *  Errors: E_FORMAT, E_NAME, E_SHAPE, E_NONFINITE as E_FORMAT. */
basin_status basin__samples_take(basin__samples *out,
    const basin__description *d, basin__table *tables, int n_tables,
    bool need_y, basin_error *error);
/** The rows that stand in the description itself. */
basin_status basin__samples_rows(
    basin__samples *out, const basin__description *d, basin_error *error);
void basin__samples_finish(basin__samples *samples);
/** The rows from `first` on as the library takes them; a view. */
basin_samples basin__samples_view(
    const basin__samples *samples, int first, int n);
/** Bytes become numbers. Errors: E_MEMORY. */
basin_status basin__samples_widen(basin__samples *samples, basin_error *error);

/** Multiply the weights of samples by those of their labels, which the
 *  description may have. Errors: E_SHAPE, E_SERVE, E_MEMORY. */
basin_status basin__samples_weigh(
    basin__samples *samples, const basin__description *d, basin_error *error);

/** Move a part of the rows, drawn by the seed, to the held out. */
basin_status basin__samples_hold_out(
    basin__samples *samples, double part, uint64_t seed, basin_error *error);
/** Of rows in an order drawn by the seed, every `folds`-th from `fold` on (0 to
 *  folds - 1) moves to the held out. Errors: E_RANGE (fewer rows than folds).
 */
basin_status basin__samples_fold(basin__samples *samples, int fold, int folds,
    uint64_t seed, basin_error *error);
/** All rows of `more` become held out ones; bytes become numbers. Errors:
 *  E_MEMORY. */
basin_status basin__samples_append(
    basin__samples *samples, basin__samples *more, basin_error *error);

/** Find the scale on the rows to learn from, and note it in the description.
 *  Bytes become numbers where each column has a scale of its own. */
basin_status basin__scale_fit(
    basin__description *d, basin__samples *samples, basin_error *error);
/** Bring samples to the model's scale. Errors: E_MEMORY. */
basin_status basin__scale_apply(
    const basin__description *d, basin__samples *samples, basin_error *error);
/** How Y's number `i` comes back to the data's: y / factor + offset. */
void basin__scale_of_y(
    const basin__description *d, int i, double *offset, double *factor);

/** Do the rows lie in the spaces? Errors: E_RANGE, naming row and number. */
basin_status basin__samples_check(const basin__samples *samples,
    const basin__description *d, const char *path, basin_error *error);

/** A number that changes with any bit of the samples (FNV-1a). */
uint64_t basin__samples_hash(const basin__samples *samples);

#endif
