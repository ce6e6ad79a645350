/* SPDX-License-Identifier: MIT
 *
 * A thread's own dictionary of the attributes that it has met. A record is its
 * name with copies of its weights; whether it lay here or had to be fetched
 * makes no difference to the sums, which keep the order of the text.
 */
#include "data/scorer.h"

#include "base/memory.h"
#include "data/text.h"

#include <string.h>

/* One block, so that it lies in large pages: slots, and behind them records.
 * It grows with the text; when it has no more room the thread forgets all and
 * begins anew, so that what it has stays in the cache of a processor. */
enum {
    SLOTS = BASIN__CACHE_SLOTS,
    SLOTS_SIZE = SLOTS * 8,
    ROOM_LEAST = 1 << 21,
    ROOM_MOST = 1 << 22,
    ROOM_LEFT = 1 << 15, /* less is as good as none */
    BATCH =
        BASIN__WAITING_MOST * (sizeof(basin__waiting) + sizeof(basin__asked))
};

/* Followed by its name, filled up to 8 bytes, its weights and their labels. */
typedef struct record {
    uint32_t length;
    uint32_t n; /* ALL: weights of all labels, without labels */
} record;

#define ALL UINT32_MAX

basin_status basin__scorer_cache_init(basin__scorer_cache *c,
    const basin__scorer *scorer, const basin__chain_kernels *kernels, int lanes,
    basin_error *error)
{
    basin_context *ctx = scorer->ctx;
    *c = (basin__scorer_cache){
        .scorer = scorer, .kernels = kernels, .lanes = lanes};
    c->room = ROOM_LEAST;
    c->slots = basin_alloc(ctx, c->room);
    c->waiting = basin_alloc(ctx, BATCH);
    BASIN_REQUIRE(c->slots && c->waiting, error, BASIN_E_MEMORY,
        "no memory for a table of %d names", SLOTS);
    c->size = SLOTS_SIZE;
    c->missed = (basin__asked *)(void *)(c->waiting + BASIN__WAITING_MOST);
    return BASIN_OK;
}

void basin__scorer_cache_finish(basin__scorer_cache *c)
{
    if (!c->scorer)
        return;
    basin_context *ctx = c->scorer->ctx;
    basin_free(ctx, c->slots, c->room);
    basin_free(ctx, c->waiting, BATCH);
}

/* ------------------------------------------------------------------ records
 */

/* A record's place in the block, in units of 8 bytes, is the low half. */
static record *record_at(const basin__scorer_cache *c, uint64_t slot)
{
    return (record *)(void *)(c->slots + (slot & UINT32_MAX));
}

static char *name_of(record *r)
{
    return (char *)(r + 1);
}

static double *weights_of(record *r)
{
    return (double *)(void *)(name_of(r) + (r->length + 7) / 8 * 8);
}

static uint16_t *labels_of(record *r)
{
    return (uint16_t *)(void *)(weights_of(r) + r->n);
}

/* The slot of an attribute, or the free one where it would be. */
static inline uint64_t *seek(const basin__scorer_cache *c, uint32_t hash,
    const char *name, size_t length)
{
    for (size_t i = basin__scorer_place(hash);; i = (i + 1) % SLOTS) {
        uint64_t *slot = &c->slots[i];
        if (!*slot)
            return slot;
        if (*slot >> 32 != hash)
            continue;
        record *r = record_at(c, *slot);
        if (r->length == length && basin__same_name(name_of(r), name, length))
            return slot;
    }
}

/* Room for a record of so many bytes? */
static bool has_room(const basin__scorer_cache *c, size_t bytes)
{
    return c->used < SLOTS / 2 && bytes <= c->room - c->size;
}

/* @param twice out: a label has two weights, which no model of worth has: their
 *  sum times a value is not the sum of what each adds */
static basin_status copy_features(const basin__scorer *s, const basin__asked *a,
    record *r, bool *twice, basin_error *error)
{
    *twice = false;
    double *w = weights_of(r);
    uint16_t *labels = r->n == ALL ? NULL : labels_of(r);
    for (uint64_t at = a->at; at < a->end; at += s->kind->step) {
        uint32_t label;
        double value;
        BASIN_TRY(s->kind->feature(s, at, &label, &value, error));
        if (labels) {
            *labels++ = (uint16_t)label;
            *w++ = value;
        } else {
            *twice |= w[label] != 0;
            w[label] = value;
        }
    }
    return BASIN_OK;
}

/* Copy what was found into a record; *out stays where there is no room. */
static basin_status keep(basin__scorer_cache *c, const basin__asked *a,
    uint32_t hash, record **out, basin_error *error)
{
    const uint64_t n = (a->end - a->at) / c->scorer->kind->step;
    const bool all = n >= (uint64_t)c->lanes / 2;
    const size_t weights =
        all ? (size_t)c->lanes * sizeof(double)
            : n * sizeof(double) + (n + 3) / 4 * 4 * sizeof(uint16_t);
    const size_t bytes = sizeof(record) + (a->length + 7) / 8 * 8 + weights;
    uint64_t *slot = seek(c, hash, a->name, a->length);
    if (*slot) /* it is twice among those that waited */
        *out = record_at(c, *slot);
    if (*slot || !has_room(c, bytes))
        return BASIN_OK;
    record *r = (record *)(void *)(c->slots + c->size / 8);
    *r = (record){(uint32_t)a->length, all ? ALL : (uint32_t)n};
    memcpy(name_of(r), a->name, a->length);
    if (all)
        memset(weights_of(r), 0, weights);
    bool twice;
    BASIN_TRY(copy_features(c->scorer, a, r, &twice, error));
    if (twice)
        return BASIN_OK;
    *slot = (uint64_t)hash << 32 | c->size / 8;
    c->size += bytes;
    c->used++;
    *out = r;
    return BASIN_OK;
}

/* ------------------------------------------------------------------- adding
 */

/* A batch on its way: what is to be added for each that waits, and which of
 * them were not here. */
typedef struct batch {
    basin__found_weights found[BASIN__WAITING_MOST];
    uint16_t missed[BASIN__WAITING_MOST];
    size_t n_missed;
} batch;

static void show(basin__found_weights *f, record *r)
{
    f->w = weights_of(r);
    f->label = r->n == ALL ? NULL : labels_of(r);
    f->n = (int32_t)r->n;
}

static void recall(basin__scorer_cache *c, batch *b)
{
    static const uint16_t none[1];
    const basin__waiting *w = c->waiting;
    for (size_t i = 0; i < c->n; i++) {
        const uint64_t first = c->slots[basin__scorer_place(w[i].hash)];
        if (first)
            __builtin_prefetch(record_at(c, first));
    }
    for (size_t i = 0; i < c->n; i++) {
        const uint64_t slot = *seek(c, w[i].hash, w[i].name, w[i].length);
        b->found[i] = (basin__found_weights){
            .label = none, .row = w[i].row, .value = (double)w[i].value};
        if (!slot) {
            b->missed[b->n_missed++] = (uint16_t)i;
            continue;
        }
        record *r = record_at(c, slot);
        show(&b->found[i], r);
        __builtin_prefetch((char *)r + 64);
        __builtin_prefetch((char *)r + 128);
    }
}

/* Straight from the file. */
static basin_status add_from_file(const basin__scorer *s, const basin__asked *a,
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

/* Find all that is not here, and keep what is known. */
static basin_status fetch(
    basin__scorer_cache *c, batch *b, int64_t *unknown, basin_error *error)
{
    const basin__scorer_kind *kind = c->scorer->kind;
    for (size_t k = 0; k < b->n_missed; k++) {
        const basin__waiting *w = &c->waiting[b->missed[k]];
        c->missed[k] = (basin__asked){.name = w->name,
            .length = w->length,
            .hash = kind->hash ? kind->hash(w->name, w->length) : w->hash};
    }
    BASIN_TRY(kind->find(c->scorer, c->missed, b->n_missed, error));
    for (size_t k = 0; k < b->n_missed; k++) {
        const basin__asked *a = &c->missed[k];
        *unknown += !a->known;
        record *r = NULL;
        if (a->known)
            BASIN_TRY(keep(c, a, c->waiting[b->missed[k]].hash, &r, error));
        if (r)
            show(&b->found[b->missed[k]], r);
        c->missed[k].known = a->known && !r;
    }
    return BASIN_OK;
}

static basin_status make_room(basin__scorer_cache *c, basin_error *error)
{
    if (has_room(c, ROOM_LEFT))
        return BASIN_OK;
    if (c->used < SLOTS / 2 && c->room < ROOM_MOST) {
        void *larger =
            basin__realloc(c->scorer->ctx, c->slots, c->room, 2 * c->room);
        BASIN_REQUIRE(larger, error, BASIN_E_MEMORY,
            "no memory for more names than %zu", c->used);
        c->slots = larger;
        c->room *= 2;
        return BASIN_OK;
    }
    c->used = 0;
    c->size = SLOTS_SIZE;
    memset(c->slots, 0, SLOTS_SIZE);
    return BASIN_OK;
}

basin_status basin__scorer_add(
    basin__scorer_cache *c, double *rows, int64_t *unknown, basin_error *error)
{
    BASIN_TRY(make_room(c, error));
    batch b;
    b.n_missed = 0;
    recall(c, &b);
    if (b.n_missed)
        BASIN_TRY(fetch(c, &b, unknown, error));
    rows += c->row * c->lanes;
    size_t done = 0;
    for (size_t k = 0; k < b.n_missed; k++) {
        if (!c->missed[k].known)
            continue;
        const size_t i = b.missed[k];
        c->kernels->add_found(rows, c->lanes, b.found + done, i - done);
        BASIN_TRY(add_from_file(c->scorer, &c->missed[k], b.found[i].value,
            rows + (ptrdiff_t)b.found[i].row * c->lanes, error));
        done = i + 1;
    }
    c->kernels->add_found(rows, c->lanes, b.found + done, c->n - done);
    c->n = 0;
    return BASIN_OK;
}
