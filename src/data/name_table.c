/* SPDX-License-Identifier: MIT
 *
 * The table of a model's names.
 */
#include "data/name_table.h"

#include "data/dictionary.h"
#include "data/text.h"

#include <string.h>

size_t basin__name_table_slots(size_t n)
{
    return n + n / 3 + 1;
}

/* --------------------------------------------------------------- looking up
 */

static const char *next(const basin__name_table *t, const char *slot)
{
    slot += BASIN__NAME_SLOT;
    return slot == t->slots + BASIN__NAME_SLOT * t->n_slots ? t->slots : slot;
}

static bool is_free(const char *slot)
{
    return basin__u32(slot + 4) == 0;
}

static bool is(const basin__name_table *t, const char *slot, const char *name,
    size_t length)
{
    const size_t begin = basin__name_begin(slot);
    return begin < t->names_size && length < t->names_size - begin &&
           !t->names[begin + length] &&
           memcmp(t->names + begin, name, length) == 0;
}

const char *basin__name_walk(
    const basin__name_table *t, const char *slot, uint32_t hash)
{
    for (size_t left = t->n_slots; left > 0 && !is_free(slot); left--) {
        if (basin__u32(slot) == hash)
            return slot;
        slot = next(t, slot);
    }
    return NULL;
}

const char *basin__name_find(const basin__name_table *t, const char *slot,
    uint32_t hash, const char *name, size_t length)
{
    for (size_t left = t->n_slots; left > 0 && !is_free(slot); left--) {
        if (basin__u32(slot) == hash && is(t, slot, name, length))
            return slot;
        slot = next(t, slot);
    }
    return NULL;
}

/* ----------------------------------------------------------------- filling */

/* Names on their way into the table, so that its lines can be called for. */
enum { AHEAD = 16 };

typedef struct entry {
    size_t begin, length, first, n;
    uint32_t hash;
} entry;

static basin_status enter(
    char *slots, const basin__name_table *t, const entry *e, basin_error *error)
{
    const char *at = basin__name_first(t, e->hash);
    const char *name = t->names + e->begin;
    char quote[BASIN__QUOTE];
    BASIN_REQUIRE(!basin__name_find(t, at, e->hash, name, e->length), error,
        BASIN_E_FORMAT, "the name '%s' is there twice",
        basin__quote(quote, name, e->length));
    while (!is_free(at))
        at = next(t, at);
    char *slot = slots + (at - t->slots);
    basin__put_u32(slot, e->hash);
    basin__put_u32(slot + 4, (uint32_t)e->begin + 1);
    basin__put_u32(slot + 8, (uint32_t)e->first);
    basin__put_u32(slot + 12, (uint32_t)e->n);
    return BASIN_OK;
}

/* The entry of a name, whose features follow those of the one before. */
static basin_status measure(entry *e, const basin__name_table *t,
    const entry *before, size_t i, size_t n, size_t features,
    basin_error *error)
{
    const size_t begin = e->begin = before->begin + before->length + 1;
    const char *end = begin < t->names_size
                          ? memchr(t->names + begin, 0, t->names_size - begin)
                          : NULL;
    BASIN_REQUIRE(end, error, BASIN_E_FORMAT,
        "there are %zu names for the %zu numbers of 'node.count'", i, n);
    e->length = (size_t)(end - t->names) - begin;
    e->first = before->first + before->n;
    BASIN_REQUIRE(e->n <= features - e->first, error, BASIN_E_FORMAT,
        "'node.count' counts more than there is in 'node.label'");
    e->hash = basin__name_hash(t->names + begin, e->length);
    return BASIN_OK;
}

basin_status basin__name_table_fill(char *slots, size_t n_slots,
    const char *names, size_t names_size, const char *count, size_t n,
    size_t features, basin_error *error)
{
    const basin__name_table t = {slots, n_slots, names, names_size};
    entry ring[AHEAD];
    entry last = {.begin = (size_t)-1, .length = 0};
    for (size_t i = 0; i < n + AHEAD; i++) {
        entry *e = &ring[i % AHEAD];
        if (i >= AHEAD && i - AHEAD < n)
            BASIN_TRY(enter(slots, &t, e, error));
        if (i >= n)
            continue;
        e->n = basin__u32(count + 4 * i);
        BASIN_TRY(measure(e, &t, &last, i, n, features, error));
        last = *e;
        __builtin_prefetch(basin__name_first(&t, e->hash), 1);
    }
    BASIN_REQUIRE(last.begin + last.length + 1 == names_size, error,
        BASIN_E_FORMAT,
        "there are more names than the %zu numbers of 'node.count'", n);
    BASIN_REQUIRE(last.first + last.n == features, error, BASIN_E_FORMAT,
        "'node.count' counts less than there is in 'node.label'");
    return BASIN_OK;
}
