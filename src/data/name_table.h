/* SPDX-License-Identifier: MIT
 *
 * A table by which the features of a name are found: open addressing, in bytes
 * that are the same in memory and in a file, so that a file which brings it is
 * looked into without being read.
 *
 * Of each slot four little-endian numbers: the name's hash (basin__name_hash);
 * where it begins among the names, plus 1, and 0 where the slot is free; its
 * first feature; how many it has. A name's search begins at the slot
 * (hash * slots) >> 32.
 */
#ifndef BASIN_DATA_NAME_TABLE_H
#define BASIN_DATA_NAME_TABLE_H

#include "basin/data.h"
#include "data/little.h"

enum { BASIN__NAME_SLOT = 16 };

typedef struct basin__name_table {
    const char *slots;
    size_t n_slots;    /**< below 2^32 */
    const char *names; /**< each ends in NUL */
    size_t names_size;
} basin__name_table;

/** The slots that n names are given: a quarter stays free. */
size_t basin__name_table_slots(size_t n);

/** Fill slots, which are all 0, from names and from how many features each has.
 *  @param slots (n_slots, BASIN__NAME_SLOT) bytes
 *  @param count (n) little-endian numbers of 32 bits
 *  @param features how many there are of all names together
 *  Errors: E_FORMAT: the numbers do not fit one another, or a name is there
 *  twice. */
basin_status basin__name_table_fill(char *slots, size_t n_slots,
    const char *names, size_t names_size, const char *count, size_t n,
    size_t features, basin_error *error);

/** Where the search for a hash begins. */
static inline const char *basin__name_first(
    const basin__name_table *t, uint32_t hash)
{
    return t->slots +
           BASIN__NAME_SLOT * (size_t)((uint64_t)hash * t->n_slots >> 32);
}

/** The first slot from one on with this hash; NULL: there is none. */
const char *basin__name_walk(
    const basin__name_table *t, const char *slot, uint32_t hash);
/** The slot of a name, from one with its hash on; NULL: there is none. What the
 *  table says need not be true. */
const char *basin__name_find(const basin__name_table *t, const char *slot,
    uint32_t hash, const char *name, size_t length);

/** What a slot says: the place of the name, its first feature, how many. */
static inline size_t basin__name_begin(const char *slot)
{
    return basin__u32(slot + 4) - (size_t)1;
}

static inline uint32_t basin__name_feature(const char *slot)
{
    return basin__u32(slot + 8);
}

static inline uint32_t basin__name_features(const char *slot)
{
    return basin__u32(slot + 12);
}

#endif
