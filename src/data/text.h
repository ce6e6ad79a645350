/* SPDX-License-Identifier: MIT
 *
 * Text for the readers and writers of this room: bits of the user's input made
 * fit for a message, UTF-8, and JSON.
 */
#ifndef BASIN_DATA_TEXT_H
#define BASIN_DATA_TEXT_H

#include "basin/data.h"

/** Room for a quoted bit of input, ends in NUL. */
enum { BASIN__QUOTE = 112 };

/**
 * Bring input into a shape that a message of one line can carry: control
 * characters and invalid UTF-8 become '?', and what is too long is cut.
 * @return out
 */
const char *basin__quote(
    char out[BASIN__QUOTE], const char *text, size_t length);
/** The same, but a long path keeps its end, which says more. */
const char *basin__quote_path(char out[BASIN__QUOTE], const char *path);

/** Make a message of one line out of one that may hold input as it came. */
void basin__clean_message(basin_error *error);

/** The length of the UTF-8 character at the start of text; 0: there is none. */
size_t basin__utf8(const char *text, size_t length);

/** Append a JSON string. Errors: E_MEMORY, E_ARGUMENT (not UTF-8). */
basin_status basin__json_string(
    basin_bytes *out, const char *text, basin_error *error);
/** Append a number so that it reads back to the same value; an infinite one
 *  as a string, for JSON has none. Errors: E_MEMORY, E_NONFINITE (NaN). */
basin_status basin__json_number(
    basin_bytes *out, double value, basin_error *error);

struct json_t;

/** Read JSON. @param flags of jansson  @param what it is, for messages
 *  @param offset what byte of the file it begins at, for messages
 *  Errors: E_FORMAT, E_MEMORY. */
basin_status basin__json_load(struct json_t **out, const char *text,
    size_t size, size_t flags, const char *what, size_t offset,
    basin_error *error);

/** Append the names of a CSV's columns, each with its NUL; nothing where the
 *  first line holds numbers. Errors: as basin_csv_read. */
basin_status basin__csv_names(
    basin_bytes *out, const void *data, size_t size, basin_error *error);

/** As basin_csv_read, but where `column` (from 0; -1: none) holds a word in the
 *  first row it holds words in all: its numbers are their places in the order
 *  in which they come. @param words gets them, each with its NUL, if there are
 *  some  @param n_words out. Errors: as basin_csv_read. */
basin_status basin__csv_read_words(basin_array *out, basin_bytes *words,
    int *n_words, int column, const void *data, size_t size,
    basin_error *error);

/** Append a word, in quotes where it needs them. Errors: E_MEMORY. */
basin_status basin__csv_write_word(
    basin_bytes *out, const char *word, basin_error *error);

/** Make room for `more` bytes behind what is there. Errors: E_MEMORY. */
basin_status basin__bytes_reserve(
    basin_bytes *bytes, size_t more, basin_error *error);

#endif
