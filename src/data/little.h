/* SPDX-License-Identifier: MIT
 *
 * Little-endian numbers in bytes, wherever they lie.
 */
#ifndef BASIN_DATA_LITTLE_H
#define BASIN_DATA_LITTLE_H

#include <stdint.h>

static inline uint32_t basin__u32(const char *at)
{
    const unsigned char *b = (const unsigned char *)at;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
           (uint32_t)b[3] << 24;
}

static inline uint64_t basin__u64(const char *at)
{
    return basin__u32(at) | (uint64_t)basin__u32(at + 4) << 32;
}

static inline double basin__f64(const char *at)
{
    const uint64_t bits = basin__u64(at);
    double value;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
}

static inline void basin__put_u32(char *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (char)(unsigned char)(value >> (8 * i));
}

#endif
