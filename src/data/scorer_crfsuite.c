/* SPDX-License-Identifier: MIT
 *
 * CRFsuite's models as scorers. Their tables of names (CQDB, N. Okazaki) are
 * 256 tables with open addressing, addressed by Jenkins' hash lookup3 (2006)
 * of the name with its NUL; each attribute refers to a list of the numbers of
 * its features, each label to one of its transitions.
 */
#include "data/scorer.h"

#include <string.h>

enum {
    HEADER = 48,
    NAMES_HEADER = 24,
    CHUNK_HEADER = 12,
    FEATURE = 20,
    TABLES = 256,
    BUCKET = 8,
    RECORD = 8
};

typedef struct file {
    const char *names; /* the table of attributes, to the file's end */
    size_t names_size;
    const char *features; /* (n) */
    uint32_t n_features, n_attributes;
    const char *refs; /* (attributes) where the list of each is */
    struct {
        uint32_t offset, n; /* of buckets */
    } table[TABLES];
} file;

static const file *file_of(const basin__scorer *s)
{
    return s->own;
}

/* ----------------------------------------------------------------- hashing */

static uint32_t turned(uint32_t x, int by)
{
    return x << by | x >> (32 - by);
}

typedef struct hashing {
    uint32_t a, b, c;
} hashing;

static hashing mixed(hashing h)
{
    h.a = (h.a - h.c) ^ turned(h.c, 4), h.c += h.b;
    h.b = (h.b - h.a) ^ turned(h.a, 6), h.a += h.c;
    h.c = (h.c - h.b) ^ turned(h.b, 8), h.b += h.a;
    h.a = (h.a - h.c) ^ turned(h.c, 16), h.c += h.b;
    h.b = (h.b - h.a) ^ turned(h.a, 19), h.a += h.c;
    h.c = (h.c - h.b) ^ turned(h.b, 4), h.b += h.a;
    return h;
}

static uint32_t finished(hashing h)
{
    h.c = (h.c ^ h.b) - turned(h.b, 14);
    h.a = (h.a ^ h.c) - turned(h.c, 11);
    h.b = (h.b ^ h.a) - turned(h.a, 25);
    h.c = (h.c ^ h.b) - turned(h.b, 16);
    h.a = (h.a ^ h.c) - turned(h.c, 4);
    h.b = (h.b ^ h.a) - turned(h.a, 14);
    return (h.c ^ h.b) - turned(h.b, 24);
}

/* The last n bytes of a text, at most 8 and with 8 or more in it. */
static uint64_t last_bytes(const char *end, size_t n)
{
    return n ? basin__u64(end - 8) >> (64 - 8 * n) : 0;
}

static uint32_t hash_name(const char *name, size_t length)
{
    const uint32_t start = 0xDEADBEEF + (uint32_t)length + 1;
    hashing h = {start, start, start};
    size_t left = length; /* and a NUL behind it */
    for (; left >= 12; left -= 12, name += 12) {
        h.a += basin__u32(name);
        h.b += basin__u32(name + 4);
        h.c += basin__u32(name + 8);
        h = mixed(h);
    }
    uint64_t low = 0;
    uint32_t high = 0;
    if (length < 8) {
        for (size_t i = 0; i < left; i++)
            low |= (uint64_t)(unsigned char)name[i] << (8 * i);
    } else if (left <= 8) {
        low = last_bytes(name + left, left);
    } else {
        low = basin__u64(name);
        high = (uint32_t)last_bytes(name + left, left - 8);
    }
    h.a += (uint32_t)low;
    h.b += (uint32_t)(low >> 32);
    h.c += high;
    return finished(h);
}

/* ------------------------------------------------------------------ looking */

/* The place in the file's tables where the search for a hash begins. */
static const char *first_bucket(const file *f, uint32_t hash)
{
    const uint32_t t = hash % TABLES, n = f->table[t].n;
    return n ? f->names + f->table[t].offset +
                   (size_t)BUCKET * ((hash >> 8) % n)
             : NULL;
}

static const char *next_bucket(const file *f, uint32_t hash, const char *bucket)
{
    const uint32_t t = hash % TABLES;
    const char *begin = f->names + f->table[t].offset;
    bucket += BUCKET;
    return bucket == begin + (size_t)BUCKET * f->table[t].n ? begin : bucket;
}

static basin_status broken(basin_error *error, const char *what, uint64_t at)
{
    return basin_error_set(error, BASIN_E_FORMAT,
        "CRFsuite's model is broken: %s at byte %llu", what,
        (unsigned long long)at);
}

/* The next record with this hash, from a bucket on; 0: there is none. A table
 *  without a free bucket ends after one turn. */
static uint32_t walk(const file *f, uint32_t hash, const char **bucket)
{
    const char *b = *bucket;
    for (uint32_t left = f->table[hash % TABLES].n; left > 0; left--) {
        const uint32_t record = basin__u32(b + 4);
        if (!record || basin__u32(b) == hash) {
            *bucket = b;
            return record;
        }
        b = next_bucket(f, hash, b);
    }
    return 0;
}

static bool same(const file *f, uint32_t record, const basin__asked *a)
{
    if (record > f->names_size - RECORD ||
        f->names_size - RECORD - record <= a->length)
        return false;
    const char *at = f->names + record;
    return basin__u32(at + 4) == a->length + 1 && !at[RECORD + a->length] &&
           memcmp(at + RECORD, a->name, a->length) == 0;
}

static void find_records(const file *f, basin__asked *asked, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *bucket = first_bucket(f, asked[i].hash);
        if (bucket)
            __builtin_prefetch(bucket);
    }
    for (size_t i = 0; i < n; i++) {
        const char *bucket = first_bucket(f, asked[i].hash);
        const uint32_t record = bucket ? walk(f, asked[i].hash, &bucket) : 0;
        asked[i].at = record;
        asked[i].end = bucket ? (uint64_t)(bucket - f->names) : 0;
        if (record && record < f->names_size) {
            __builtin_prefetch(f->names + record);
            __builtin_prefetch(f->names + record + RECORD + asked[i].length);
        }
    }
}

/* Names are compared; what is left is the place of an attribute's list. */
static basin_status find_ids(
    const file *f, basin__asked *asked, size_t n, basin_error *error)
{
    for (size_t i = 0; i < n; i++) {
        basin__asked *a = &asked[i];
        uint32_t record = (uint32_t)a->at;
        const char *bucket = f->names + a->end;
        for (uint32_t left = f->table[a->hash % TABLES].n;
             record && !same(f, record, a); left--) {
            bucket = next_bucket(f, a->hash, bucket);
            record = left ? walk(f, a->hash, &bucket) : 0;
        }
        a->at = 0;
        if (!record)
            continue;
        const uint32_t id = basin__u32(f->names + record);
        if (id >= f->n_attributes)
            return broken(error, "an attribute has no number", record);
        a->at = (uint64_t)(f->refs - f->names) + 4 * (uint64_t)id;
        __builtin_prefetch(f->names + a->at);
    }
    return BASIN_OK;
}

/* The numbers of features of an attribute: where they begin and end. */
static basin_status find_lists(
    const basin__scorer *s, basin__asked *asked, size_t n, basin_error *error)
{
    const file *f = file_of(s);
    for (size_t i = 0; i < n; i++)
        if (asked[i].at) {
            asked[i].at = basin__u32(f->names + asked[i].at);
            if (asked[i].at < HEADER || asked[i].at > s->size - 4)
                return broken(
                    error, "a list of features is outside", asked[i].at);
            __builtin_prefetch(s->data + asked[i].at);
        }
    for (size_t i = 0; i < n; i++) {
        basin__asked *a = &asked[i];
        if (!a->at)
            continue;
        const uint64_t count = basin__u32(s->data + a->at);
        a->at += 4;
        a->end = a->at + 4 * count;
        if (a->end > s->size)
            return broken(error, "a list of features is cut off", a->at);
        if (count) {
            const uint32_t id = basin__u32(s->data + a->at);
            if (id < f->n_features) { /* the others follow, as a rule */
                const char *first = f->features + (size_t)FEATURE * id;
                __builtin_prefetch(first);
                __builtin_prefetch(first + FEATURE * (count < 8 ? count : 8));
            }
        }
    }
    return BASIN_OK;
}

static basin_status find(
    const basin__scorer *s, basin__asked *asked, size_t n, basin_error *error)
{
    find_records(file_of(s), asked, n);
    BASIN_TRY(find_ids(file_of(s), asked, n, error));
    BASIN_TRY(find_lists(s, asked, n, error));
    for (size_t i = 0; i < n; i++)
        asked[i].known = asked[i].at;
    return BASIN_OK;
}

/* One feature of a list. */
static basin_status read_feature(const basin__scorer *s, uint64_t at,
    uint32_t *label, double *w, basin_error *error)
{
    const file *f = file_of(s);
    const uint32_t id = basin__u32(s->data + at);
    if (id >= f->n_features)
        return broken(error, "a list names a feature that is not there", at);
    const char *feature = f->features + (size_t)FEATURE * id;
    *label = basin__u32(feature + 8);
    *w = basin__f64(feature + 12);
    if (*label >= (uint32_t)s->labels || !__builtin_isfinite(*w))
        return broken(error, "a feature is no weight of a label", at);
    return BASIN_OK;
}

static const basin__scorer_kind kind = {hash_name, find, read_feature, 4};

/* ------------------------------------------------------------------ opening */

bool basin__is_crfsuite(const void *data, size_t size)
{
    return size >= HEADER && memcmp(data, "lCRF", 4) == 0;
}

static bool fits(
    const basin__scorer *s, uint64_t at, uint64_t count, uint64_t item)
{
    return at <= s->size && count <= (s->size - at) / item;
}

static basin_status open_names(
    basin__scorer *s, uint32_t offset, basin_error *error)
{
    file *f = s->own;
    f->names = s->data + offset;
    f->names_size = s->size - offset;
    for (uint32_t i = 0; i < TABLES; i++) {
        const char *at = f->names + NAMES_HEADER + 8 * (size_t)i;
        f->table[i].offset = basin__u32(at);
        f->table[i].n = f->table[i].offset ? basin__u32(at + 4) : 0;
        if (!fits(s, (uint64_t)offset + f->table[i].offset, f->table[i].n,
                BUCKET))
            return broken(error, "a table of names is cut off", offset);
    }
    return BASIN_OK;
}

static basin_status open_file(basin__scorer *s, basin_error *error)
{
    file *f = s->own;
    const uint32_t features = basin__u32(s->data + 28);
    const uint32_t names = basin__u32(s->data + 36);
    const uint32_t refs = basin__u32(s->data + 44);
    f->n_attributes = basin__u32(s->data + 24);
    if (!fits(s, names, NAMES_HEADER + 8 * TABLES, 1))
        return broken(error, "the attributes are cut off", names);
    if (!fits(s, features, CHUNK_HEADER, 1))
        return broken(error, "the features are cut off", features);
    f->features = s->data + features + CHUNK_HEADER;
    f->n_features = basin__u32(s->data + features + 8);
    if (!fits(s, (uint64_t)features + CHUNK_HEADER, f->n_features, FEATURE))
        return broken(error, "the features are cut off", features);
    /* the lists may lie before the names, which the place counts from */
    if (refs < names ||
        !fits(s, (uint64_t)refs + CHUNK_HEADER, f->n_attributes, 4))
        return broken(error, "the attributes' lists are cut off", refs);
    f->refs = s->data + refs + CHUNK_HEADER;
    return open_names(s, names, error);
}

static basin_status read_transitions(
    basin__scorer *s, double *weight, basin_error *error)
{
    const uint32_t refs = basin__u32(s->data + 40);
    if (!fits(s, (uint64_t)refs + CHUNK_HEADER, (uint64_t)s->labels, 4))
        return broken(error, "the labels' lists are cut off", refs);
    for (int32_t i = 0; i < s->labels; i++) {
        const uint64_t at =
            basin__u32(s->data + refs + CHUNK_HEADER + 4 * (size_t)i);
        if (!fits(s, at, 4, 1) || !fits(s, at + 4, basin__u32(s->data + at), 4))
            return broken(error, "a list of transitions is cut off", at);
        for (uint32_t k = 0; k < basin__u32(s->data + at); k++) {
            uint32_t label;
            double w;
            BASIN_TRY(
                read_feature(s, at + 4 + 4 * (uint64_t)k, &label, &w, error));
            weight[(size_t)i * (size_t)s->labels + label] += w;
        }
    }
    return BASIN_OK;
}

static basin_status make_model(
    basin__scorer *s, basin_chain_model *m, basin_error *error)
{
    BASIN_TRY(
        basin__crfsuite_labels(&m->labels, m->ctx, s->data, s->size, error));
    BASIN_TRY(basin_dictionary_create(&m->nodes, m->ctx, error));
    BASIN_TRY(basin_dictionary_create(&m->edges, m->ctx, error));
    m->format = BASIN_CORPUS_ATTRIBUTES;
    s->labels = basin_dictionary_count(m->labels);
    BASIN_REQUIRE(s->labels >= 1 && s->labels <= UINT16_MAX, error,
        BASIN_E_FORMAT, "CRFsuite's model is broken: it has %d labels",
        s->labels);
    BASIN_TRY(open_file(s, error));
    const size_t size = (size_t)s->labels * (size_t)s->labels * sizeof(double);
    double *weight = basin_alloc(m->ctx, size);
    BASIN_REQUIRE(weight, error, BASIN_E_MEMORY, "no memory for transitions");
    basin_status status = read_transitions(s, weight, error);
    if (status == BASIN_OK)
        status = basin__chain_of_transitions(m, weight, error);
    basin_free(m->ctx, weight, size);
    return status;
}

basin_status basin__scorer_crfsuite(basin__scorer *s, basin_chain_model **m,
    basin_context *ctx, const void *data, size_t size, basin_error *error)
{
    *s = (basin__scorer){.kind = &kind, .ctx = ctx, .data = data, .size = size};
    *m = NULL;
    basin_chain_model *fresh = NULL;
    s->own_size = sizeof(file);
    s->own = basin_alloc(ctx, s->own_size);
    BASIN_REQUIRE(s->own, error, BASIN_E_MEMORY, "no memory for a model");
    basin_status status = basin__chain_model_init(&fresh, ctx, error);
    if (status == BASIN_OK)
        status = make_model(s, fresh, error);
    if (status == BASIN_OK) {
        *m = fresh;
        return BASIN_OK;
    }
    basin_chain_model_destroy(fresh);
    basin__scorer_finish(s);
    return status;
}
