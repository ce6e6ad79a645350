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
enum {
    SLOTS = 1 << 16,
    ROOM = 1 << 21, /* a large page: slots, and behind them records */
    RECORDS = ROOM - SLOTS * 8,
    ROOM_LEFT = 1 << 10 /* less is as good as none */
};

/* Followed by its features, and these by its name. */
typedef struct record {
    uint32_t length, n;
} record;

/* One whose weights are to be added. */
typedef struct waiting {
    const char *name;
    uint32_t length, hash;
    float value;
    int32_t row; /* behind that of the first */
} waiting;

typedef struct feature {
    double w;
    uint64_t label;
} feature;

basin_status basin__scorer_cache_init(
    basin__scorer_cache *c, const basin__scorer *scorer, basin_error *error)
{
    *c = (basin__scorer_cache){.scorer = scorer};
    basin_bytes_init(&c->waiting, scorer->ctx);
    basin_bytes_init(&c->missed, scorer->ctx);
    c->slots = basin_alloc(scorer->ctx, ROOM);
    BASIN_REQUIRE(c->slots, error, BASIN_E_MEMORY,
        "no memory for a table of %d names", SLOTS);
    c->records = (unsigned char *)(c->slots + SLOTS);
    return BASIN_OK;
}

void basin__scorer_cache_finish(basin__scorer_cache *c)
{
    if (!c->scorer)
        return;
    if (c->slots)
        basin_free(c->scorer->ctx, c->slots, ROOM);
    basin_bytes_finish(&c->waiting);
    basin_bytes_finish(&c->missed);
}

static size_t place_of(uint32_t hash)
{
    return (hash ^ hash >> 16) & (SLOTS - 1);
}

/* -------------------------------------------------------------------- slots
 */

/* A record's place, in units of 8 bytes and plus 1, is the low half. */
static const record *record_at(const basin__scorer_cache *c, uint64_t slot)
{
    return (const record *)(const void *)(c->records +
                                          8 * ((slot & UINT32_MAX) - 1));
}

static const feature *features_of(const record *r)
{
    return (const feature *)(const void *)(r + 1);
}

static bool is(const record *r, const char *name, size_t length)
{
    return r->length == length &&
           basin__same_name(
               (const char *)(features_of(r) + r->n), name, length);
}

/* The slot of an attribute, or the free one where it would be. */
static uint64_t *seek(const basin__scorer_cache *c, uint32_t hash,
    const char *name, size_t length)
{
    size_t i = place_of(hash);
    while (c->slots[i] && (c->slots[i] >> 32 != hash ||
                              !is(record_at(c, c->slots[i]), name, length)))
        i = (i + 1) & (SLOTS - 1);
    return &c->slots[i];
}

/* Room for a record of so many bytes? */
static bool has_room(const basin__scorer_cache *c, size_t bytes)
{
    return c->used < SLOTS / 2 && bytes <= RECORDS - c->size;
}

/* ------------------------------------------------------------------ records
 */

/* Copy what was found into a record. */
static basin_status keep(
    basin__scorer_cache *c, const basin__asked *a, basin_error *error)
{
    const basin__scorer *s = c->scorer;
    const uint64_t n = (a->end - a->at) / s->kind->step;
    uint64_t *slot = seek(c, a->hash, a->name, a->length);
    const size_t begin = c->size;
    const size_t bytes =
        (sizeof(record) + n * sizeof(feature) + a->length + 7) / 8 * 8;
    if (*slot || !has_room(c, bytes)) /* or it is twice in one position */
        return BASIN_OK;
    record *r = (record *)(void *)(c->records + begin);
    *r = (record){(uint32_t)a->length, (uint32_t)n};
    feature *f = (feature *)(void *)(r + 1);
    for (uint64_t at = a->at; at < a->end; at += s->kind->step, f++) {
        uint32_t label;
        BASIN_TRY(s->kind->feature(s, at, &label, &f->w, error));
        f->label = label;
    }
    memcpy(f, a->name, a->length);
    c->size += bytes;
    *slot = (uint64_t)a->hash << 32 | (begin / 8 + 1);
    c->used++;
    return BASIN_OK;
}

/* Find all that is not here yet, and keep what is known. */
static basin_status fetch(basin__scorer_cache *c, basin_error *error)
{
    basin__asked *missed = (basin__asked *)(void *)c->missed.data;
    const size_t n = c->missed.size / sizeof *missed;
    if (n)
        BASIN_TRY(c->scorer->kind->find(c->scorer, missed, n, error));
    for (size_t i = 0; i < n; i++)
        if (missed[i].known)
            BASIN_TRY(keep(c, &missed[i], error));
    return BASIN_OK;
}

/* Straight from the file. */
static basin_status add_found(const basin__scorer *s, const basin__asked *a,
    double value, double *row, basin_error *error)
{
    for (uint64_t at = a->at; at < a->end; at += s->kind->step) {
        uint32_t label;
        double w;
        BASIN_TRY(s->kind->feature(s, at, &label, &w, error));
        row[label] += w * value;
    }
    return BASIN_OK;
}

basin_status basin__scorer_ask(basin__scorer_cache *c, const char *name,
    size_t length, int64_t row, float value, basin_error *error)
{
    if (c->waiting.size == 0) {
        c->row = row;
        if (!has_room(c, ROOM_LEFT)) {
            c->size = c->used = 0;
            memset(c->slots, 0, SLOTS * sizeof *c->slots);
        }
    }
    const uint32_t hash = c->scorer->kind->hash(name, length);
    __builtin_prefetch(&c->slots[place_of(hash)]);
    if (c->waiting.size + sizeof(waiting) > c->waiting.capacity)
        BASIN_TRY(basin__bytes_reserve(&c->waiting, sizeof(waiting), error));
    *(waiting *)(void *)(c->waiting.data + c->waiting.size) =
        (waiting){name, (uint32_t)length, hash, value, (int32_t)(row - c->row)};
    c->waiting.size += sizeof(waiting);
    return BASIN_OK;
}

size_t basin__scorer_waiting(const basin__scorer_cache *c)
{
    return c->waiting.size / sizeof(waiting);
}

void basin__scorer_forget(basin__scorer_cache *c)
{
    c->waiting.size = c->missed.size = 0;
}

/* The slots of all that wait; those that are not here go to the missed ones. */
static basin_status recall(
    basin__scorer_cache *c, uint64_t *slot, size_t n, basin_error *error)
{
    const waiting *w = (const waiting *)(const void *)c->waiting.data;
    for (size_t i = 0; i < n; i++) {
        const uint64_t first = c->slots[place_of(w[i].hash)];
        if (first)
            __builtin_prefetch(record_at(c, first));
    }
    for (size_t i = 0; i < n; i++) {
        slot[i] = *seek(c, w[i].hash, w[i].name, w[i].length);
        if (slot[i])
            continue;
        const basin__asked asked = {
            .name = w[i].name, .length = w[i].length, .hash = w[i].hash};
        BASIN_TRY(basin_bytes_append(&c->missed, &asked, sizeof asked, error));
    }
    return BASIN_OK;
}

basin_status basin__scorer_add(basin__scorer_cache *c, double *rows, int lanes,
    int64_t *unknown, basin_error *error)
{
    const waiting *w = (const waiting *)(const void *)c->waiting.data;
    const size_t n = basin__scorer_waiting(c);
    uint64_t slot[BASIN__WAITING_MOST];
    BASIN_TRY(recall(c, slot, n, error));
    BASIN_TRY(fetch(c, error));
    const basin__asked *missed = (const basin__asked *)(void *)c->missed.data;
    rows += c->row * lanes;
    for (size_t i = 0; i < n; i++) {
        const double value = (double)w[i].value;
        double *row = rows + (ptrdiff_t)w[i].row * lanes;
        if (!slot[i]) {
            *unknown += !missed->known;
            if (missed->known)
                BASIN_TRY(add_found(c->scorer, missed, value, row, error));
            missed++;
            continue;
        }
        const record *r = record_at(c, slot[i]);
        const feature *f = features_of(r);
        for (uint32_t k = 0; k < r->n; k++)
            row[f[k].label] += f[k].w * value;
    }
    basin__scorer_forget(c);
    return BASIN_OK;
}
