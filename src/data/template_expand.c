/* SPDX-License-Identifier: MIT
 *
 * What a pattern makes of a position: its text with the macros replaced by
 * tokens. This runs for every position and pattern, so it does nothing but copy
 * bytes.
 */
#include "data/template.h"

#include <string.h>

static const char *const crfpp_before[] = {
    "_B-1", "_B-2", "_B-3", "_B-4", "_B-5", "_B-6", "_B-7", "_B-8"};
static const char *const crfpp_behind[] = {
    "_B+1", "_B+2", "_B+3", "_B+4", "_B+5", "_B+6", "_B+7", "_B+8"};
static const char *const wapiti_before[] = {
    "_x-1", "_x-2", "_x-3", "_x-4", "_x-#"};
static const char *const wapiti_behind[] = {
    "_x+1", "_x+2", "_x+3", "_x+4", "_x+#"};

/** What stands for a row that lies `by` (1, 2, ...) before or behind. */
static basin__token outside(const basin_template *t, bool before, int64_t by)
{
    if (t->dialect == BASIN_DIALECT_CRFPP) {
        const char *const *names = before ? crfpp_before : crfpp_behind;
        return (basin__token){names[by - 1], 4};
    }
    const char *const *names = before ? wapiti_before : wapiti_behind;
    return (basin__token){names[by < 5 ? by - 1 : 4], 4};
}

static bool find_token(basin__token *out, const basin_template *t,
    const basin__piece *piece, const basin__rows *rows, int64_t at,
    int64_t *row)
{
    int64_t i = at + piece->row;
    if (piece->absolute)
        i = piece->row < 0 ? rows->n + piece->row : (int64_t)piece->row - 1;
    if (i < 0 || i >= rows->n) {
        *out = outside(t, i < 0, i < 0 ? -i : i - rows->n + 1);
        return true;
    }
    int64_t first = rows->first[i];
    *row = i;
    if (piece->column >= rows->first[i + 1] - first)
        return false;
    *out = rows->token[first + piece->column];
    return true;
}

static basin_status missing(const basin__pattern *pattern,
    const basin__piece *piece, const basin__rows *rows, int64_t row,
    basin_error *error)
{
    int64_t there = rows->first[row + 1] - rows->first[row];
    return basin_error_set(error, BASIN_E_FORMAT,
        "line %d of the template reads column %d, but this line has %lld "
        "column%s besides that of the label (the first is 0)",
        pattern->line, piece->column, (long long)there, there == 1 ? "" : "s");
}

/** Bring a token into the form that the macro asks for. @param cut set where
 *  Wapiti's text would end, whatever is still to come */
static bool apply(
    basin__token *token, const char *text, const basin__piece *piece, bool *cut)
{
    if (piece->kind == BASIN__PIECE_TOKEN)
        return true;
    size_t length;
    int64_t found = basin__regex_find(text + piece->begin, piece->length,
        token->text, token->length, &length);
    if (found == -2)
        return false;
    if (piece->kind == BASIN__PIECE_TEST) {
        *token =
            found < 0 ? (basin__token){"false", 5} : (basin__token){"true", 4};
        return true;
    }
    size_t skip = found < 0 ? 0 : (size_t)found;
    size_t left = token->length - skip;
    *cut = length > left;
    *token = (basin__token){token->text + skip, *cut ? left : length};
    return true;
}

static void copy(unsigned char *to, const char *from, size_t length, bool lower)
{
    if (!lower) {
        memcpy(to, from, length);
        return;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)from[i];
        to[i] = c >= 'A' && c <= 'Z' ? c | 32 : c;
    }
}

basin_status basin__template_expand(basin_bytes *out, const basin_template *t,
    const basin__pattern *pattern, const basin__rows *rows, int64_t at,
    int64_t *row, basin_error *error)
{
    const basin__piece *piece =
        (const basin__piece *)(const void *)t->pieces.data + pattern->first;
    const char *text = (const char *)t->text.data;
    bool cut = false;
    for (int32_t i = 0; i < pattern->n && !cut; i++, piece++) {
        basin__token token = {text + piece->begin, piece->length};
        if (piece->kind != BASIN__PIECE_TEXT) {
            *row = at;
            if (!find_token(&token, t, piece, rows, at, row))
                return missing(pattern, piece, rows, *row, error);
            BASIN_REQUIRE(apply(&token, text, piece, &cut), error,
                BASIN_E_FORMAT,
                "the regular expression on line %d of the template takes too "
                "long on a token of this line; use fewer *",
                pattern->line);
        }
        if (token.length > out->capacity - out->size)
            BASIN_TRY(basin__bytes_reserve(out, token.length, error));
        copy(out->data + out->size, token.text, token.length, piece->lower);
        out->size += token.length;
    }
    return BASIN_OK;
}
