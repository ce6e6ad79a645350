/* SPDX-License-Identifier: MIT
 *
 * Dictionaries from inside: hashing and looking up apart, so that several names
 * can be on their way from memory at once.
 */
#ifndef BASIN_DATA_DICTIONARY_H
#define BASIN_DATA_DICTIONARY_H

#include "basin/corpus.h"

/** Models hold it (data/name_table.h): it stays as it is. */
uint32_t basin__name_hash(const char *name, size_t length);
/** A name with this hash will be looked up soon. */
void basin__dictionary_touch(const basin_dictionary *d, uint32_t h);
int32_t basin__dictionary_find(
    const basin_dictionary *d, uint32_t h, const char *name, size_t length);
basin_status basin__dictionary_add(int32_t *id, basin_dictionary *d, uint32_t h,
    const char *name, size_t length, basin_error *error);
/** Each gets what the other has. */
void basin__dictionary_swap(basin_dictionary *a, basin_dictionary *b);

#endif
