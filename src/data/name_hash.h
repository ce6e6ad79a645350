/* SPDX-License-Identifier: MIT
 *
 * The hash of a name. Models hold it (data/name_table.h): it stays as it is.
 */
#ifndef BASIN_DATA_NAME_HASH_H
#define BASIN_DATA_NAME_HASH_H

#include "data/little.h"

#include <stddef.h>

static inline uint64_t basin__stir(uint64_t h, uint64_t word)
{
    h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return h ^ h >> 32;
}

static inline uint32_t basin__hash_of_name(const char *name, size_t length)
{
    uint64_t h = basin__stir(UINT64_C(0xA0761D6478BD642F), length);
    size_t left = length;
    for (; left > 8; left -= 8, name += 8)
        h = basin__stir(h, basin__u64(name));
    /* the last 1 to 8 bytes as two loads that may overlap */
    if (left >= 4)
        h = basin__stir(
            h, basin__u32(name) | (uint64_t)basin__u32(name + left - 4) << 32);
    else if (left > 0)
        h = basin__stir(h, (uint64_t)(unsigned char)name[0] |
                               (uint64_t)(unsigned char)name[left / 2] << 8 |
                               (uint64_t)(unsigned char)name[left - 1] << 16);
    h = (h ^ h >> 29) * UINT64_C(0xE7037ED1A0B428DB);
    return (uint32_t)(h >> 32);
}

#endif
