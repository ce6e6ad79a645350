/* SPDX-License-Identifier: MIT
 *
 * A thread's own dictionary of the attributes that it has met. A record is its
 * name with copies of its weights; whether it lay here or had to be fetched
 * makes no difference to the sums, which keep the order of the text.
 */
#include "data/scorer.h"

#include "data/text.h"

#include <string.h>

/* When there is no more room the thread forgets all and begins anew: so that
 * it all stays in the cache of a core. */
enum { SLOTS = 1 << 15, RECORD_USUAL = 1 << 10 };
#define RECORDS_MOST ((size_t)1 << 20)

/* Followed by its features, and these by its name. */
typedef struct record {
    uint32_t length, n;
} record;

typedef struct feature {
    double w;
    uint64_t label;
} feature;

basin_status basin__scorer_cache_init(
    basin__scorer_cache *c, const basin__scorer *scorer, basin_error *error)
{
    *c = (basin__scorer_cache){.scorer = scorer};
    basin_bytes_init(&c->records, scorer->ctx);
    basin_bytes_init(&c->missed, scorer->ctx);
    c->slots = basin_alloc(scorer->ctx, SLOTS * sizeof *c->slots);
    BASIN_REQUIRE(c->slots, error, BASIN_E_MEMORY,
        "no memory for a table of %d names", SLOTS);
    return basin__bytes_reserve(
        &c->records, RECORDS_MOST + RECORD_USUAL, error);
}

void basin__scorer_cache_finish(basin__scorer_cache *c)
{
    if (!c->scorer)
        return;
    if (c->slots)
        basin_free(c->scorer->ctx, c->slots, SLOTS * sizeof *c->slots);
    basin_bytes_finish(&c->records);
    basin_bytes_finish(&c->missed);
}

static size_t place_of(uint32_t hash)
{
    return (hash ^ hash >> 16) & (SLOTS - 1);
}

uint32_t basin__scorer_hash(
    const basin__scorer_cache *c, const char *name, size_t length)
{
    const uint32_t hash = c->scorer->kind->hash(name, length);
    __builtin_prefetch(&c->slots[place_of(hash)]);
    return hash;
}

/* -------------------------------------------------------------------- slots
 */

/* A record's place, in units of 8 bytes and plus 1, is the low half. */
static const record *record_at(const basin__scorer_cache *c, uint64_t slot)
{
    return (const record *)(const void *)(c->records.data +
                                          8 * ((slot & UINT32_MAX) - 1));
}

static const feature *features_of(const record *r)
{
    return (const feature *)(const void *)(r + 1);
}

static bool is(const record *r, const basin__asked *a)
{
    return r->length == a->length &&
           memcmp(features_of(r) + r->n, a->name, a->length) == 0;
}

/* The slot of an attribute, or the free one where it would be. */
static uint64_t *seek(const basin__scorer_cache *c, const basin__asked *a)
{
    size_t i = place_of(a->hash);
    while (c->slots[i] &&
           (c->slots[i] >> 32 != a->hash || !is(record_at(c, c->slots[i]), a)))
        i = (i + 1) & (SLOTS - 1);
    return &c->slots[i];
}

/* Room for another record? It may be that a position alone has more attributes
 * than there are slots: then some are fetched each time. */
static bool has_room(const basin__scorer_cache *c)
{
    return c->used < SLOTS / 2 && c->records.size < RECORDS_MOST;
}

/* ------------------------------------------------------------------ records
 */

/* Copy what was found into a record. */
static basin_status keep(
    basin__scorer_cache *c, const basin__asked *a, basin_error *error)
{
    const basin__scorer *s = c->scorer;
    const uint64_t n = (a->end - a->at) / s->kind->step;
    uint64_t *slot = seek(c, a);
    if (*slot || !has_room(c)) /* or it is twice in one position */
        return BASIN_OK;
    const size_t begin = c->records.size;
    const size_t bytes =
        (sizeof(record) + n * sizeof(feature) + a->length + 7) / 8 * 8;
    BASIN_TRY(basin__bytes_reserve(&c->records, bytes, error));
    record *r = (record *)(void *)(c->records.data + begin);
    *r = (record){(uint32_t)a->length, (uint32_t)n};
    feature *f = (feature *)(void *)(r + 1);
    for (uint64_t at = a->at; at < a->end; at += s->kind->step, f++) {
        uint32_t label;
        BASIN_TRY(s->kind->feature(s, at, &label, &f->w, error));
        f->label = label;
    }
    memcpy(f, a->name, a->length);
    c->records.size += bytes;
    *slot = (uint64_t)a->hash << 32 | (begin / 8 + 1);
    c->used++;
    return BASIN_OK;
}

/* Find all that is not here yet. What is, keeps its place meanwhile. */
static basin_status fetch(
    basin__scorer_cache *c, basin__asked *asked, size_t n, basin_error *error)
{
    basin__asked *missed = (basin__asked *)(void *)c->missed.data;
    const size_t n_missed = c->missed.size / sizeof *missed;
    BASIN_TRY(c->scorer->kind->find(c->scorer, missed, n_missed, error));
    for (size_t i = 0, k = 0; i < n; i++) {
        if (asked[i].record)
            continue;
        asked[i] = missed[k++];
        if (asked[i].known)
            BASIN_TRY(keep(c, &asked[i], error));
    }
    return BASIN_OK;
}

/* Straight from the file. */
static basin_status add_found(const basin__scorer *s, const basin__asked *a,
    double *row, basin_error *error)
{
    for (uint64_t at = a->at; at < a->end; at += s->kind->step) {
        uint32_t label;
        double w;
        BASIN_TRY(s->kind->feature(s, at, &label, &w, error));
        row[label] += w * a->value;
    }
    return BASIN_OK;
}

/* The records of all that are here; the others go to the missed ones. */
static basin_status recall(
    basin__scorer_cache *c, basin__asked *asked, size_t n, basin_error *error)
{
    for (size_t i = 0; i < n; i++) {
        const uint64_t slot = c->slots[place_of(asked[i].hash)];
        if (slot)
            __builtin_prefetch(record_at(c, slot));
    }
    c->missed.size = 0;
    for (size_t i = 0; i < n; i++) {
        asked[i].record = *seek(c, &asked[i]);
        if (!asked[i].record)
            BASIN_TRY(basin_bytes_append(
                &c->missed, &asked[i], sizeof *asked, error));
    }
    return BASIN_OK;
}

basin_status basin__scorer_add(basin__scorer_cache *c, basin__asked *asked,
    size_t n, double *rows, int lanes, int64_t *unknown, basin_error *error)
{
    if (!has_room(c)) {
        c->records.size = c->used = 0;
        memset(c->slots, 0, SLOTS * sizeof *c->slots);
    }
    BASIN_TRY(recall(c, asked, n, error));
    if (c->missed.size)
        BASIN_TRY(fetch(c, asked, n, error));
    for (size_t i = 0; i < n; i++) {
        double *row = rows + asked[i].row * lanes;
        if (!asked[i].record) {
            *unknown += !asked[i].known;
            if (asked[i].known)
                BASIN_TRY(add_found(c->scorer, &asked[i], row, error));
            continue;
        }
        const record *r = record_at(c, asked[i].record);
        const feature *f = features_of(r);
        for (uint32_t k = 0; k < r->n; k++)
            row[f[k].label] += f[k].w * asked[i].value;
    }
    return BASIN_OK;
}
