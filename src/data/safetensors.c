/* SPDX-License-Identifier: MIT
 *
 * The safetensors format: the length of the header (8 bytes, little-endian),
 * the header (JSON: name -> dtype, shape, data_offsets), the values. Nothing
 * in a file is trusted. (https://github.com/huggingface/safetensors.)
 */
#include "data/safetensors.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "data/text.h"

enum {
    LENGTH = 8, /* bytes that hold the header's length */
    HEADER_MOST = 100000000,
    DIMS = 8
};

/** Every type of the format, with the bits that a value has. */
static const struct {
    const char *name;
    unsigned bits;
} types[] = {{"F32", 32}, {"F64", 64}, {"F16", 16}, {"BF16", 16}, {"I64", 64},
    {"I32", 32}, {"I16", 16}, {"I8", 8}, {"U64", 64}, {"U32", 32}, {"U16", 16},
    {"U8", 8}, {"BOOL", 8}, {"F8_E5M2", 8}, {"F8_E4M3", 8}, {"F8_E8M0", 8},
    {"F6_E2M3", 6}, {"F6_E3M2", 6}, {"F4", 4}, {"C64", 64}};

/** A tensor of the header: where it lies, and its entry. */
typedef struct place {
    size_t begin, end;
    const char *name;
    json_t *entry;
} place;

/* ------------------------------------------------------------------ header */

/**
 * The jansson library takes its memory from its own hooks, which belong to the
 * whole process: they are not ours to set. What the walk itself needs comes
 * from there too, for the walk has no context.
 */
static void *header_alloc(size_t size)
{
    json_malloc_t take;
    json_free_t give;
    json_get_alloc_funcs(&take, &give);
    return take(size);
}

static void header_free(void *block)
{
    json_malloc_t take;
    json_free_t give;
    json_get_alloc_funcs(&take, &give);
    if (block)
        give(block);
}

static basin_status parse_header(json_t **out, size_t *length,
    const unsigned char *data, size_t size, basin_error *error)
{
    BASIN_REQUIRE(size > 0, error, BASIN_E_FORMAT,
        "the file is empty; a safetensors file is expected");
    BASIN_REQUIRE(size >= LENGTH, error, BASIN_E_FORMAT,
        "the file is cut off at byte %zu; a safetensors file has at least %d",
        size, LENGTH + 2);
    uint64_t n = 0;
    for (int i = LENGTH; i-- > 0;)
        n = n << 8 | data[i];
    /* a text or a picture, taken for a length, says something enormous */
    BASIN_REQUIRE(n >= 2 && n <= HEADER_MOST, error, BASIN_E_FORMAT,
        "not a safetensors file: its first %d bytes say that the header has "
        "%llu bytes; 2 to %d are possible",
        LENGTH, (unsigned long long)n, HEADER_MOST);
    BASIN_REQUIRE(n <= size - LENGTH, error, BASIN_E_FORMAT,
        "the file is cut off at byte %zu: the header should go on to byte "
        "%llu",
        size, (unsigned long long)n + LENGTH);
    const char *text = (const char *)data + LENGTH;
    BASIN_REQUIRE(text[0] == '{', error, BASIN_E_FORMAT,
        "not a safetensors file: '{' is expected at byte %d", LENGTH);
    BASIN_TRY(basin__json_load(out, text, (size_t)n, JSON_REJECT_DUPLICATES,
        "the header", LENGTH, error));
    *length = LENGTH + (size_t)n;
    return BASIN_OK;
}

/** A whole number of the header, 0 or more. */
static bool whole(const json_t *value, size_t *out)
{
    json_int_t n = json_is_integer(value) ? json_integer_value(value) : -1;
    *out = n < 0 ? 0 : (size_t)n;
    return n >= 0 && (uint64_t)n <= PTRDIFF_MAX;
}

/** Check the fields of an entry; fill where the tensor lies. */
static basin_status read_place(
    place *out, const char *name, json_t *entry, basin_error *error)
{
    char quote[BASIN__QUOTE];
    basin__quote(quote, name, strlen(name));
    BASIN_REQUIRE(strlen(name) < sizeof((basin_stored *)0)->name, error,
        BASIN_E_FORMAT, "the name '%s' has %zu bytes; %zu are possible", quote,
        strlen(name), sizeof((basin_stored *)0)->name - 1);
    BASIN_REQUIRE(json_is_object(entry) && json_object_size(entry) == 3 &&
                      json_is_string(json_object_get(entry, "dtype")) &&
                      json_is_array(json_object_get(entry, "shape")) &&
                      json_is_array(json_object_get(entry, "data_offsets")),
        error, BASIN_E_FORMAT,
        "tensor '%s' must have dtype, shape and data_offsets, and nothing "
        "else",
        quote);
    const json_t *offsets = json_object_get(entry, "data_offsets");
    BASIN_REQUIRE(json_array_size(offsets) == 2 &&
                      whole(json_array_get(offsets, 0), &out->begin) &&
                      whole(json_array_get(offsets, 1), &out->end) &&
                      out->begin <= out->end,
        error, BASIN_E_FORMAT,
        "tensor '%s': data_offsets must be two whole numbers, the first not "
        "above the second",
        quote);
    out->name = name;
    out->entry = entry;
    return BASIN_OK;
}

/** Check type and shape of a tensor, and fill what the callback sees. */
static basin_status read_stored(basin_stored *out, const place *at,
    const unsigned char *values, basin_error *error)
{
    char quote[BASIN__QUOTE], type_quote[BASIN__QUOTE];
    basin__quote(quote, at->name, strlen(at->name));
    *out =
        (basin_stored){.data = values + at->begin, .size = at->end - at->begin};
    memcpy(out->name, at->name, strlen(at->name) + 1);
    const char *type = json_string_value(json_object_get(at->entry, "dtype"));
    uint64_t bits = 0;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (!strcmp(types[i].name, type))
            bits = types[i].bits;
    BASIN_REQUIRE(bits, error, BASIN_E_FORMAT,
        "tensor '%s' is of the unknown type '%s'", quote,
        basin__quote(type_quote, type, strlen(type)));
    memcpy(out->type, type, strlen(type) + 1);
    const json_t *shape = json_object_get(at->entry, "shape");
    BASIN_REQUIRE(json_array_size(shape) <= DIMS, error, BASIN_E_FORMAT,
        "tensor '%s' has %zu dimensions; %d are possible", quote,
        json_array_size(shape), DIMS);
    out->n_dims = (int)json_array_size(shape);
    for (int i = 0; i < out->n_dims; i++) {
        size_t d;
        BASIN_REQUIRE(whole(json_array_get(shape, (size_t)i), &d), error,
            BASIN_E_FORMAT, "tensor '%s': size %d is not a whole number", quote,
            i);
        BASIN_REQUIRE(d == 0 || bits <= INT64_MAX / d, error, BASIN_E_FORMAT,
            "tensor '%s' has more values than can be", quote);
        bits *= d;
        out->dims[i] = (int64_t)d;
    }
    BASIN_REQUIRE(bits % 8 == 0 && bits / 8 == out->size, error, BASIN_E_FORMAT,
        "tensor '%s' needs %llu bytes for its shape, but has %zu", quote,
        (unsigned long long)(bits + 7) / 8, out->size);
    return BASIN_OK;
}

/* -------------------------------------------------------------------- walk */

static int by_place(const void *left, const void *right)
{
    const place *a = left, *b = right;
    if (a->begin != b->begin)
        return a->begin < b->begin ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return strcmp(a->name, b->name); /* without values, so anywhere is right */
}

/** The values must be covered without gaps and overlaps. */
static basin_status check_places(
    const place *places, size_t n, size_t size, basin_error *error)
{
    size_t end = 0;
    char quote[BASIN__QUOTE];
    for (size_t i = 0; i < n; i++) {
        basin__quote(quote, places[i].name, strlen(places[i].name));
        BASIN_REQUIRE(places[i].end <= size, error, BASIN_E_FORMAT,
            "tensor '%s' ends at byte %zu of the values, but the file has "
            "only %zu of them: it is cut off, or wrong",
            quote, places[i].end, size);
        BASIN_REQUIRE(places[i].begin == end, error, BASIN_E_FORMAT,
            "tensor '%s' starts at byte %zu of the values, but the one before "
            "it ends at %zu",
            quote, places[i].begin, end);
        end = places[i].end;
    }
    BASIN_REQUIRE(end == size, error, BASIN_E_FORMAT,
        "the tensors end at byte %zu of the values, but the file goes on to "
        "%zu",
        end, size);
    return BASIN_OK;
}

static basin_status walk_meta(
    json_t *root, basin_meta_fn meta, void *user, basin_error *error)
{
    json_t *pairs = json_object_get(root, "__metadata__");
    const char *key;
    json_t *value;
    BASIN_REQUIRE(!pairs || json_is_object(pairs), error, BASIN_E_FORMAT,
        "__metadata__ must be an object of strings");
    json_object_foreach(pairs, key, value)
    {
        char quote[BASIN__QUOTE];
        BASIN_REQUIRE(json_is_string(value), error, BASIN_E_FORMAT,
            "'%s' in __metadata__ must be a string",
            basin__quote(quote, key, strlen(key)));
        if (meta)
            BASIN_TRY(meta(user, key, json_string_value(value), error));
    }
    return BASIN_OK;
}

static basin_status walk_tensors(json_t *root, place *places,
    const unsigned char *values, size_t size, basin_stored_fn tensor,
    void *user, basin_error *error)
{
    size_t n = 0;
    const char *name;
    json_t *entry;
    json_object_foreach(root, name, entry)
    {
        if (strcmp(name, "__metadata__") != 0)
            BASIN_TRY(read_place(&places[n++], name, entry, error));
    }
    qsort(places, n, sizeof *places, by_place);
    BASIN_TRY(check_places(places, n, size, error));
    for (size_t i = 0; i < n; i++) {
        basin_stored stored;
        BASIN_TRY(read_stored(&stored, &places[i], values, error));
        if (tensor)
            BASIN_TRY(tensor(user, &stored, error));
    }
    return BASIN_OK;
}

basin_status basin_safetensors_walk(const void *data, size_t size,
    basin_stored_fn tensor, basin_meta_fn meta, void *user, basin_error *error)
{
    json_t *root;
    size_t start = 0;
    BASIN_TRY(parse_header(&root, &start, data, size, error));
    basin_status status = walk_meta(root, meta, user, error);
    place *places = NULL;
    if (status == BASIN_OK) {
        places = header_alloc((json_object_size(root) + 1) * sizeof *places);
        if (!places)
            status = basin_error_set(error, BASIN_E_MEMORY,
                "out of memory: the header of a safetensors file");
    }
    if (status == BASIN_OK)
        status = walk_tensors(root, places, (const unsigned char *)data + start,
            size - start, tensor, user, error);
    header_free(places);
    json_decref(root);
    return status;
}

/* ----------------------------------------------------------------- writing */

static size_t stored_size(const basin__tensor *t)
{
    return t->count * (t->type ? t->item : sizeof(float));
}

static basin_status write_floats(
    basin_bytes *out, const basin__tensor *t, basin_error *error)
{
    for (size_t j = 0; j < t->count; j++) {
        uint32_t bits;
        memcpy(&bits, &t->values[j], sizeof bits);
        unsigned char bytes[4] = {(unsigned char)bits,
            (unsigned char)(bits >> 8), (unsigned char)(bits >> 16),
            (unsigned char)(bits >> 24)};
        BASIN_TRY(basin_bytes_append(out, bytes, 4, error));
    }
    return BASIN_OK;
}

static basin_status write_entry(
    basin_bytes *out, const basin__tensor *t, size_t begin, basin_error *error)
{
    BASIN_TRY(basin__json_string(out, t->name, error));
    BASIN_TRY(basin_bytes_print(out, error, ":{\"dtype\":\"%s\",\"shape\":[",
        t->type ? t->type : "F32"));
    for (int i = 0; i < t->n_dims; i++)
        BASIN_TRY(basin_bytes_print(
            out, error, "%s%lld", i ? "," : "", (long long)t->dims[i]));
    return basin_bytes_print(out, error, "],\"data_offsets\":[%zu,%zu]}", begin,
        begin + stored_size(t));
}

static basin_status write_header(basin_bytes *out, const basin__meta *metas,
    int n_metas, const basin__tensor *tensors, size_t n_tensors,
    basin_error *error)
{
    size_t start = out->size, begin = 0;
    BASIN_TRY(basin_bytes_print(out, error, "{\"__metadata__\":{"));
    for (int i = 0; i < n_metas; i++) {
        if (i)
            BASIN_TRY(basin_bytes_append(out, ",", 1, error));
        BASIN_TRY(basin__json_string(out, metas[i].key, error));
        BASIN_TRY(basin_bytes_append(out, ":", 1, error));
        BASIN_TRY(basin__json_string(out, metas[i].value, error));
    }
    BASIN_TRY(basin_bytes_append(out, "}", 1, error));
    for (size_t i = 0; i < n_tensors; i++) {
        BASIN_TRY(basin_bytes_append(out, ",", 1, error));
        BASIN_TRY(write_entry(out, &tensors[i], begin, error));
        begin += stored_size(&tensors[i]);
    }
    BASIN_TRY(basin_bytes_append(out, "}", 1, error));
    /* so that the values are aligned, for readers that map the file */
    while ((out->size - start) % LENGTH)
        BASIN_TRY(basin_bytes_append(out, " ", 1, error));
    return BASIN_OK;
}

basin_status basin__safetensors_head(basin_bytes *out, const basin__meta *metas,
    int n_metas, const basin__tensor *tensors, size_t n_tensors,
    basin_error *error)
{
    size_t start = out->size;
    BASIN_TRY(basin_bytes_append(out, "\0\0\0\0\0\0\0", LENGTH, error));
    BASIN_TRY(write_header(out, metas, n_metas, tensors, n_tensors, error));
    uint64_t length = out->size - start - LENGTH;
    for (int i = 0; i < LENGTH; i++)
        out->data[start + (size_t)i] = (unsigned char)(length >> (8 * i));
    return BASIN_OK;
}

basin_status basin__safetensors_write(basin_bytes *out,
    const basin__meta *metas, int n_metas, const basin__tensor *tensors,
    size_t n_tensors, basin_error *error)
{
    BASIN_TRY(basin__safetensors_head(
        out, metas, n_metas, tensors, n_tensors, error));
    for (size_t i = 0; i < n_tensors; i++)
        BASIN_TRY(tensors[i].type ? basin_bytes_append(out, tensors[i].bytes,
                                        stored_size(&tensors[i]), error)
                                  : write_floats(out, &tensors[i], error));
    return BASIN_OK;
}
