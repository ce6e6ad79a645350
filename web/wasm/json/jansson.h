/* SPDX-License-Identifier: MIT
 *
 * As much of jansson's interface as src/data reads models with, for the page:
 * no jansson is packaged for WebAssembly. tests/page compares what it accepts
 * and refuses with the command, which has the real one.
 */
#ifndef BASIN_WEB_JANSSON_H
#define BASIN_WEB_JANSSON_H

#include <stdbool.h>
#include <stddef.h>

typedef long long json_int_t;

typedef enum json_type {
    JSON_OBJECT,
    JSON_ARRAY,
    JSON_STRING,
    JSON_INTEGER,
    JSON_REAL,
    JSON_TRUE,
    JSON_FALSE,
    JSON_NULL
} json_type;

typedef struct json_t {
    json_type type;
    char *key;    /* of a member of an object */
    char *string; /* NUL-terminated, without NULs within */
    json_int_t integer;
    double real;
    struct json_t *first, *last, *next; /* children, in order */
    size_t size;
} json_t;

typedef enum json_error_code_t {
    json_error_unknown,
    json_error_out_of_memory
} json_error_code_t;

typedef struct json_error_t {
    int position; /* bytes */
    char text[96];
    json_error_code_t code;
} json_error_t;

#define JSON_REJECT_DUPLICATES  1
#define JSON_DECODE_INT_AS_REAL 2

typedef void *(*json_malloc_t)(size_t size);
typedef void (*json_free_t)(void *block);
void json_get_alloc_funcs(json_malloc_t *take, json_free_t *give);

/** One object or array; NULL and an error where the text is not one. */
json_t *json_loadb(
    const char *text, size_t length, size_t flags, json_error_t *error);
void json_decref(json_t *value);

json_t *json_object_get(const json_t *object, const char *key);
json_t *json_array_get(const json_t *array, size_t index);

static inline json_error_code_t json_error_code(const json_error_t *error)
{
    return error->code;
}

static inline bool json_is(const json_t *value, json_type type)
{
    return value && value->type == type;
}

#define json_is_object(v)  json_is(v, JSON_OBJECT)
#define json_is_array(v)   json_is(v, JSON_ARRAY)
#define json_is_string(v)  json_is(v, JSON_STRING)
#define json_is_integer(v) json_is(v, JSON_INTEGER)
#define json_is_number(v)  (json_is(v, JSON_INTEGER) || json_is(v, JSON_REAL))

static inline size_t json_object_size(const json_t *v)
{
    return json_is_object(v) ? v->size : 0;
}

static inline size_t json_array_size(const json_t *v)
{
    return json_is_array(v) ? v->size : 0;
}

static inline const char *json_string_value(const json_t *v)
{
    return json_is_string(v) ? v->string : NULL;
}

static inline json_int_t json_integer_value(const json_t *v)
{
    return json_is_integer(v) ? v->integer : 0;
}

static inline double json_number_value(const json_t *v)
{
    return json_is(v, JSON_REAL) ? v->real : (double)json_integer_value(v);
}

#define json_object_foreach(object, name, value)                               \
    for ((value) = json_is_object(object) ? (object)->first : NULL;            \
         (value) && ((name) = (value)->key, true); (value) = (value)->next)

#endif
