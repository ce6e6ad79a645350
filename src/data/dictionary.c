/* SPDX-License-Identifier: MIT
 *
 * Names and their ids. The names lie one behind the other in the order of their
 * ids; a table with open addressing holds 32 bits of each name's hash beside
 * its id, so that a name is looked at only when it is very likely the one.
 */
#include "data/dictionary.h"

#include "data/name_hash.h"
#include "data/text.h"

#include <string.h>

typedef struct slot {
    uint32_t hash;
    int32_t id;    /* plus 1; 0: the slot is free */
    int64_t start; /* of the name in the text */
} slot;

struct basin_dictionary {
    basin_context *ctx;
    basin_bytes text;  /* each name ends in NUL */
    basin_bytes start; /* int64_t (count + 1) */
    slot *slots;
    size_t n_slots; /* a power of 2, or 0 */
    int32_t count;
};

enum { SLOTS_LEAST = 64 };

/* ----------------------------------------------------------------- hashing */

uint32_t basin__name_hash(const char *name, size_t length)
{
    return basin__hash_of_name(name, length);
}

/* -------------------------------------------------------------- life cycle */

basin_status basin_dictionary_create(
    basin_dictionary **out, basin_context *ctx, basin_error *error)
{
    *out = NULL;
    basin_dictionary *d = basin_alloc(ctx, sizeof *d);
    BASIN_REQUIRE(d, error, BASIN_E_MEMORY, "out of memory for a dictionary");
    d->ctx = ctx;
    basin_bytes_init(&d->text, ctx);
    basin_bytes_init(&d->start, ctx);
    basin_status status =
        basin_bytes_append(&d->start, &(int64_t){0}, sizeof(int64_t), error);
    if (status != BASIN_OK) {
        basin_dictionary_destroy(d);
        return status;
    }
    *out = d;
    return BASIN_OK;
}

void basin_dictionary_destroy(basin_dictionary *dictionary)
{
    if (!dictionary)
        return;
    basin_bytes_finish(&dictionary->text);
    basin_bytes_finish(&dictionary->start);
    basin_free(
        dictionary->ctx, dictionary->slots, dictionary->n_slots * sizeof(slot));
    basin_free(dictionary->ctx, dictionary, sizeof *dictionary);
}

basin_status basin_dictionary_copy(basin_dictionary **out,
    const basin_dictionary *dictionary, basin_error *error)
{
    size_t size;
    const char *text = basin_dictionary_text(dictionary, &size);
    return basin_dictionary_restore(out, dictionary->ctx, text, size, error);
}

void basin__dictionary_swap(basin_dictionary *a, basin_dictionary *b)
{
    basin_dictionary kept = *a;
    *a = *b;
    *b = kept;
}

/* ------------------------------------------------------------------- names */

static const int64_t *starts(const basin_dictionary *d)
{
    return (const int64_t *)(const void *)d->start.data;
}

const char *basin_dictionary_name(
    const basin_dictionary *dictionary, int32_t id, size_t *length)
{
    const int64_t *start = starts(dictionary) + id;
    if (length)
        *length = (size_t)(start[1] - start[0] - 1);
    return (const char *)dictionary->text.data + start[0];
}

int32_t basin_dictionary_count(const basin_dictionary *dictionary)
{
    return dictionary->count;
}

const char *basin_dictionary_text(
    const basin_dictionary *dictionary, size_t *size)
{
    *size = dictionary->text.size;
    return dictionary->text.size ? (const char *)dictionary->text.data : "";
}

void basin__dictionary_touch(const basin_dictionary *d, uint32_t h)
{
#if defined(__GNUC__)
    if (d->n_slots)
        __builtin_prefetch(&d->slots[h & (d->n_slots - 1)]);
#else
    (void)d;
    (void)h;
#endif
}

/** The slot of a name, or the free one where it would be. */
static slot *seek(
    const basin_dictionary *d, uint32_t h, const char *name, size_t length)
{
    const size_t mask = d->n_slots - 1;
    for (size_t i = h & mask;; i = (i + 1) & mask) {
        slot *s = &d->slots[i];
        if (!s->id)
            return s;
        if (s->hash != h || d->text.size - (size_t)s->start <= length)
            continue;
        const char *there = (const char *)d->text.data + s->start;
        if (!there[length] && (!length || !memcmp(there, name, length)))
            return s;
    }
}

int32_t basin_dictionary_find(
    const basin_dictionary *dictionary, const char *name, size_t length)
{
    uint32_t h = basin__name_hash(name, length);
    return basin__dictionary_find(dictionary, h, name, length);
}

int32_t basin__dictionary_find(
    const basin_dictionary *d, uint32_t h, const char *name, size_t length)
{
    return d->count ? seek(d, h, name, length)->id - 1 : -1;
}

/** Keep the table at most half full. */
static basin_status make_room(basin_dictionary *d, basin_error *error)
{
    if ((size_t)d->count + 1 <= d->n_slots / 2)
        return BASIN_OK;
    size_t n = d->n_slots ? d->n_slots * 2 : SLOTS_LEAST;
    slot *fresh = basin_alloc(d->ctx, n * sizeof *fresh);
    BASIN_REQUIRE(fresh, error, BASIN_E_MEMORY,
        "out of memory for a dictionary of %zu names", n / 2);
    for (size_t i = 0; i < d->n_slots; i++) {
        if (!d->slots[i].id)
            continue;
        size_t at = d->slots[i].hash & (n - 1);
        while (fresh[at].id)
            at = (at + 1) & (n - 1);
        fresh[at] = d->slots[i];
    }
    basin_free(d->ctx, d->slots, d->n_slots * sizeof(slot));
    d->slots = fresh;
    d->n_slots = n;
    return BASIN_OK;
}

static basin_status append(basin_dictionary *d, uint32_t h, const char *name,
    size_t length, basin_error *error)
{
    BASIN_REQUIRE(d->count < INT32_MAX - 1, error, BASIN_E_RANGE,
        "there are more than %d different names", INT32_MAX - 1);
    BASIN_REQUIRE(!length || !memchr(name, 0, length), error, BASIN_E_ARGUMENT,
        "a name has a NUL byte in it");
    BASIN_TRY(make_room(d, error));
    BASIN_TRY(basin__bytes_reserve(&d->text, length + 1, error));
    int64_t begin = (int64_t)d->text.size;
    int64_t end = begin + (int64_t)length + 1;
    BASIN_TRY(basin_bytes_append(&d->start, &end, sizeof end, error));
    if (length)
        memcpy(d->text.data + d->text.size, name, length);
    d->text.data[d->text.size + length] = '\0';
    d->text.size += length + 1;
    *seek(d, h, name, length) = (slot){h, ++d->count, begin};
    return BASIN_OK;
}

basin_status basin__dictionary_add(int32_t *id, basin_dictionary *d, uint32_t h,
    const char *name, size_t length, basin_error *error)
{
    *id = basin__dictionary_find(d, h, name, length);
    if (*id >= 0)
        return BASIN_OK;
    BASIN_TRY(append(d, h, name, length, error));
    *id = d->count - 1;
    return BASIN_OK;
}

basin_status basin_dictionary_add(int32_t *id, basin_dictionary *dictionary,
    const char *name, size_t length, basin_error *error)
{
    return basin__dictionary_add(
        id, dictionary, basin__name_hash(name, length), name, length, error);
}

static basin_status restore(
    basin_dictionary *d, const char *text, size_t size, basin_error *error)
{
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, 0, size - at);
        BASIN_REQUIRE(end, error, BASIN_E_FORMAT,
            "the last of %d names does not end", d->count + 1);
        size_t length = (size_t)(end - text) - at;
        int32_t id, before = d->count;
        BASIN_TRY(basin_dictionary_add(&id, d, text + at, length, error));
        char quote[BASIN__QUOTE];
        BASIN_REQUIRE(d->count > before, error, BASIN_E_FORMAT,
            "the name '%s' is there twice, as %d and %d",
            basin__quote(quote, text + at, length), id, before);
        at += length + 1;
    }
    return BASIN_OK;
}

basin_status basin_dictionary_restore(basin_dictionary **out,
    basin_context *ctx, const char *text, size_t size, basin_error *error)
{
    BASIN_TRY(basin_dictionary_create(out, ctx, error));
    basin_status status = restore(*out, text, size, error);
    if (status != BASIN_OK) {
        basin_dictionary_destroy(*out);
        *out = NULL;
    }
    return status;
}
