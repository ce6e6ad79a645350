/* SPDX-License-Identifier: MIT
 *
 * Text for the readers and writers of this room: bits of the user's input made
 * fit for a message, UTF-8, and JSON.
 */
#include "data/text.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

size_t basin__utf8(const char *text, size_t length)
{
    const unsigned char *s = (const unsigned char *)text;
    if (length == 0)
        return 0;
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    if (s[0] < 0xC2 || s[0] > 0xF4 || n > length)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    /* overlong forms, surrogates, and what lies past U+10FFFF */
    if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F) ||
        (s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
        return 0;
    return n;
}

/** Copy what is printable; the rest becomes '?'. @return bytes written */
static size_t copy_clean(
    char *out, size_t room, const char *text, size_t length)
{
    size_t used = 0;
    for (size_t i = 0; i < length;) {
        size_t n = basin__utf8(text + i, length - i);
        unsigned char c = (unsigned char)text[i];
        bool control =
            c < 0x20 || c == 0x7F ||
            (n == 2 && c == 0xC2 && (unsigned char)text[i + 1] < 0xA0);
        size_t wide = n == 0 || control ? 1 : n;
        if (used + wide > room)
            break;
        if (n == 0 || control)
            out[used] = '?';
        else
            memcpy(out + used, text + i, n);
        used += wide;
        i += n == 0 ? 1 : n;
    }
    return used;
}

const char *basin__quote(
    char out[BASIN__QUOTE], const char *text, size_t length)
{
    size_t room = BASIN__QUOTE - 4;
    size_t used = copy_clean(out, room, text, length < room ? length : room);
    if (length > room) {
        memcpy(out + used, "...", 3);
        used += 3;
    }
    out[used] = '\0';
    return out;
}

const char *basin__quote_path(char out[BASIN__QUOTE], const char *path)
{
    size_t length = strlen(path);
    size_t room = BASIN__QUOTE - 4;
    if (length <= room)
        return basin__quote(out, path, length);
    const char *tail = path + length - room;
    while (((unsigned char)*tail & 0xC0) == 0x80)
        tail++;
    memcpy(out, "...", 3);
    out[3 + copy_clean(out + 3, room, tail, strlen(tail))] = '\0';
    return out;
}

void basin__clean_message(basin_error *error)
{
    if (!error)
        return;
    char raw[sizeof error->message];
    memcpy(raw, error->message, sizeof raw);
    raw[sizeof raw - 1] = '\0';
    size_t used = copy_clean(error->message, sizeof raw - 1, raw, strlen(raw));
    error->message[used] = '\0';
}

basin_status basin__json_string(
    basin_bytes *out, const char *text, basin_error *error)
{
    size_t length = strlen(text);
    BASIN_TRY(basin_bytes_append(out, "\"", 1, error));
    for (size_t i = 0; i < length;) {
        size_t n = basin__utf8(text + i, length - i);
        unsigned char c = (unsigned char)text[i];
        char quote[BASIN__QUOTE];
        BASIN_REQUIRE(n > 0, error, BASIN_E_ARGUMENT,
            "the name '%s' is not UTF-8, which model files demand",
            basin__quote(quote, text, length));
        if (c < 0x20)
            BASIN_TRY(basin_bytes_print(out, error, "\\u00%c%c",
                "0123456789abcdef"[c >> 4], "0123456789abcdef"[c & 15]));
        else {
            if (c == '"' || c == '\\')
                BASIN_TRY(basin_bytes_append(out, "\\", 1, error));
            BASIN_TRY(basin_bytes_append(out, text + i, n, error));
        }
        i += n;
    }
    return basin_bytes_append(out, "\"", 1, error);
}

basin_status basin__json_number(
    basin_bytes *out, double value, basin_error *error)
{
    BASIN_REQUIRE(!isnan(value), error, BASIN_E_NONFINITE,
        "the description of the model holds a NaN");
    if (isinf(value))
        return basin_bytes_print(
            out, error, value > 0.0 ? "\"inf\"" : "\"-inf\"");
    char text[32];
    size_t length = basin_print_number(text, value, false);
    return basin_bytes_append(out, text, length, error);
}

basin_status basin__json_load(struct json_t **out, const char *text,
    size_t size, size_t flags, const char *what, size_t offset,
    basin_error *error)
{
    json_error_t at = {0};
    *out = json_loadb(text, size, flags, &at);
    if (*out)
        return BASIN_OK;
    char quote[BASIN__QUOTE];
    /* where not even its first buffer is to be had, jansson says nothing */
    BASIN_REQUIRE(
        json_error_code(&at) != json_error_out_of_memory && at.text[0], error,
        BASIN_E_MEMORY, "out of memory: %s", what);
    return basin_error_set(error, BASIN_E_FORMAT,
        "%s is not valid JSON near its byte %zu: %s", what,
        offset + (size_t)at.position,
        basin__quote(quote, at.text, strlen(at.text)));
}
