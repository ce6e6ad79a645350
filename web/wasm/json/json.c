/* SPDX-License-Identifier: MIT
 *
 * A JSON reader (RFC 8259) behind jansson's names; see jansson.h. As strict as
 * jansson: UTF-8 only, no NUL in a string, no duplicate key where that is
 * asked for, a bounded depth.
 */
#include "jansson.h"

#include <stdlib.h>
#include <string.h>

#include "basin/base.h"
#include "data/text.h"

enum { DEPTH = 2048 };

typedef struct reader {
    const char *text;
    size_t at, length, flags;
    json_error_t *error;
    int depth;
} reader;

void json_get_alloc_funcs(json_malloc_t *take, json_free_t *give)
{
    *take = malloc;
    *give = free;
}

void json_decref(json_t *value)
{
    if (!value)
        return;
    for (json_t *child = value->first, *next; child; child = next) {
        next = child->next;
        json_decref(child);
    }
    free(value->key);
    free(value->string);
    free(value);
}

json_t *json_object_get(const json_t *object, const char *key)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value)
    {
        if (strcmp(name, key) == 0)
            return value;
    }
    return NULL;
}

json_t *json_array_get(const json_t *array, size_t index)
{
    json_t *value = json_is_array(array) ? array->first : NULL;
    while (value && index-- > 0)
        value = value->next;
    return value;
}

/* ----------------------------------------------------------------- reading */

static void *fail(reader *r, const char *text)
{
    if (!r->error->text[0]) {
        r->error->position = (int)r->at;
        basin_format(r->error->text, sizeof r->error->text, "%s", text);
    }
    return NULL;
}

static void *no_memory(reader *r)
{
    r->error->code = json_error_out_of_memory;
    return fail(r, "out of memory");
}

static int peek(reader *r)
{
    while (r->at < r->length && r->text[r->at] &&
           strchr(" \t\r\n", r->text[r->at]))
        r->at++;
    return r->at < r->length ? (unsigned char)r->text[r->at] : -1;
}

/* Four hexadecimal digits; -1 where they are not. */
static int hex4(reader *r)
{
    int value = 0;
    for (int i = 0; i < 4; i++, r->at++) {
        static const char digits[] = "0123456789abcdef";
        char c = r->at < r->length ? r->text[r->at] : 0;
        const char *found =
            c ? strchr(digits, c >= 'A' && c <= 'F' ? c | 32 : c) : NULL;
        if (!found)
            return -1;
        value = value * 16 + (int)(found - digits);
    }
    return value;
}

/* The character after \u, as UTF-8; 0 where it is none. */
static size_t escaped(reader *r, char *out)
{
    int c = hex4(r), low;
    if (c >= 0xD800 && c < 0xDC00) {
        if (r->length - r->at < 2 || r->text[r->at] != '\\' ||
            r->text[r->at + 1] != 'u')
            return 0;
        r->at += 2;
        low = hex4(r);
        if (low < 0xDC00 || low > 0xDFFF)
            return 0;
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    } else if (c <= 0 || (c >= 0xDC00 && c < 0xE000))
        return 0;
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const int marks[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3F));
    out[0] = (char)(marks[n] | c);
    return n;
}

static size_t one_character(reader *r, char *out)
{
    unsigned char c = (unsigned char)r->text[r->at];
    if (c == '\\' && r->at + 1 < r->length) {
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        char escape = r->text[r->at + 1];
        const char *found = escape ? strchr(from, escape) : NULL;
        r->at += 2;
        if (escape == 'u')
            return escaped(r, out);
        if (!found)
            return 0;
        *out = to[found - from];
        return 1;
    }
    size_t n = c < 0x20 ? 0 : basin__utf8(r->text + r->at, r->length - r->at);
    memcpy(out, r->text + r->at, n);
    r->at += n;
    return n;
}

/* The string at a quotation mark; never longer than its text. */
static char *read_string(reader *r)
{
    size_t end = r->at + 1, used = 0;
    while (end < r->length && r->text[end] != '"')
        end += r->text[end] == '\\' ? 2 : 1;
    if (end >= r->length)
        return fail(r, "a string does not end");
    char *out = malloc(end - r->at);
    if (!out)
        return no_memory(r);
    r->at++;
    while (r->text[r->at] != '"') {
        size_t n = one_character(r, out + used);
        if (n == 0) {
            free(out);
            return fail(r, "a string holds what it must not");
        }
        used += n;
    }
    r->at++;
    out[used] = '\0';
    return out;
}

/* Digits, at least one. */
static bool digits(reader *r)
{
    size_t start = r->at;
    while (r->at < r->length && r->text[r->at] >= '0' && r->text[r->at] <= '9')
        r->at++;
    return r->at > start;
}

static bool accept(reader *r, const char *any)
{
    bool found =
        r->at < r->length && r->text[r->at] && strchr(any, r->text[r->at]);
    r->at += found;
    return found;
}

static json_t *read_number(reader *r, json_t *value)
{
    const size_t start = r->at;
    bool real = false;
    accept(r, "-");
    bool good = accept(r, "0") || digits(r);
    if (good && accept(r, "."))
        good = real = digits(r);
    if (good && accept(r, "eE")) {
        accept(r, "+-");
        good = real = digits(r);
    }
    if (!good)
        return fail(r, "a number is malformed");
    basin_parse_number(&value->real, r->text + start, r->at - start);
    bool large = !(value->real > -1e308 && value->real < 1e308);
    bool whole = !real && value->real > -9.2e18 && value->real < 9.2e18;
    if (large || (!real && !whole))
        return fail(r, "a number is too large");
    value->type = JSON_REAL;
    if (!real && !(r->flags & JSON_DECODE_INT_AS_REAL)) {
        value->type = JSON_INTEGER;
        bool minus = r->text[start] == '-';
        for (size_t i = start + minus; i < r->at; i++)
            value->integer = value->integer * 10 + (r->text[i] - '0');
        value->integer *= minus ? -1 : 1;
    }
    return value;
}

static bool word(reader *r, const char *text)
{
    size_t n = strlen(text);
    if (r->length - r->at < n || memcmp(r->text + r->at, text, n) != 0)
        return false;
    r->at += n;
    return true;
}

static json_t *read_value(reader *r, char *key);

/* The key before a value in an object, with its colon. */
static char *read_key(reader *r, const json_t *object)
{
    if (peek(r) != '"')
        return fail(r, "'\"' or '}' expected");
    char *key = read_string(r);
    if (!key)
        return NULL;
    bool twice = (r->flags & JSON_REJECT_DUPLICATES) != 0 &&
                 json_object_get(object, key);
    if (twice || peek(r) != ':') {
        free(key);
        return fail(r, twice ? "duplicate object key" : "':' expected");
    }
    r->at++;
    return key;
}

static json_t *read_children(reader *r, json_t *value, char close)
{
    bool object = value->type == JSON_OBJECT;
    r->at++;
    if (peek(r) == close) {
        r->at++;
        return value;
    }
    for (;;) {
        char *key = object ? read_key(r, value) : NULL;
        if (object && !key)
            return NULL;
        json_t *child = read_value(r, key);
        if (!child)
            return NULL;
        if (value->last)
            value->last->next = child;
        else
            value->first = child;
        value->last = child;
        value->size++;
        int c = peek(r);
        r->at++;
        if (c == close)
            return value;
        if (c != ',')
            return fail(r, object ? "'}' expected" : "']' expected");
    }
}

static json_t *fill_value(reader *r, json_t *value)
{
    switch (peek(r)) {
    case '{': value->type = JSON_OBJECT; return read_children(r, value, '}');
    case '[': value->type = JSON_ARRAY; return read_children(r, value, ']');
    case '"':
        value->type = JSON_STRING;
        value->string = read_string(r);
        return value->string ? value : NULL;
    default: break;
    }
    if (word(r, "true"))
        value->type = JSON_TRUE;
    else if (word(r, "false"))
        value->type = JSON_FALSE;
    else if (word(r, "null"))
        value->type = JSON_NULL;
    else
        return read_number(r, value);
    return value;
}

/* Takes the key over. */
static json_t *read_value(reader *r, char *key)
{
    json_t *value = calloc(1, sizeof *value);
    if (!value) {
        free(key);
        return no_memory(r);
    }
    value->key = key;
    json_t *filled = NULL;
    if (++r->depth > DEPTH)
        fail(r, "maximum parsing depth reached");
    else
        filled = fill_value(r, value);
    r->depth--;
    if (!filled)
        json_decref(value);
    return filled;
}

json_t *json_loadb(
    const char *text, size_t length, size_t flags, json_error_t *error)
{
    *error = (json_error_t){0};
    reader r = {.text = text, .length = length, .flags = flags, .error = error};
    int c = peek(&r);
    if (c != '{' && c != '[')
        return fail(&r, "'[' or '{' expected");
    json_t *root = read_value(&r, NULL);
    if (root && peek(&r) >= 0) {
        json_decref(root);
        return fail(&r, "end of file expected");
    }
    return root;
}
