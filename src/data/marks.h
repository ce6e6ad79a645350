/* SPDX-License-Identifier: MIT
 *
 * Where the fields of a line may end: a bit for each colon, tab and backslash,
 * 64 bytes of the line at a time.
 */
#ifndef BASIN_DATA_MARKS_H
#define BASIN_DATA_MARKS_H

#include "data/little.h"

#include <stddef.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

typedef struct basin__marks {
    const char *line;
    size_t length; /**< of the line */
    size_t beyond; /**< of the line and what may be read behind it */
    size_t base;   /**< of the bits */
    uint64_t bits; /**< of those that are still to come */
} basin__marks;

/* The bytes of a word that are such a character, one bit each: a sum of seven
 * bits carries into the eighth unless they are 0, without reaching the next
 * byte; the product gathers the eighth bits. */
static inline uint64_t basin__marks_of(uint64_t bytes)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), low = ones * 0x7F;
    const uint64_t colon = bytes ^ ones * ':', tab = bytes ^ ones * '\t',
                   back = bytes ^ ones * '\\';
    const uint64_t others = (((colon & low) + low) | colon) &
                            (((tab & low) + low) | tab) &
                            (((back & low) + low) | back);
    return ((~others & ~low) >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

/* The same of 64 bytes. */
static inline uint64_t basin__marks_of_64(const char *at)
{
    uint64_t bits = 0;
#if defined(__SSE2__)
    const __m128i colon = _mm_set1_epi8(':'), tab = _mm_set1_epi8('\t'),
                  back = _mm_set1_epi8('\\');
    for (int i = 0; i < 64; i += 16) {
        const __m128i bytes = _mm_loadu_si128((const void *)(at + i));
        const __m128i any =
            _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, colon),
                             _mm_cmpeq_epi8(bytes, tab)),
                _mm_cmpeq_epi8(bytes, back));
        bits |= (uint64_t)(uint32_t)_mm_movemask_epi8(any) << i;
    }
#else
    for (int i = 0; i < 64; i += 8)
        bits |= basin__marks_of(basin__u64(at + i)) << i;
#endif
    return bits;
}

/** Look at the 64 bytes from base on, or what is left of the line. */
static inline void basin__mark(basin__marks *m)
{
    const char *at = m->line + m->base;
    const size_t left = m->length - m->base;
    if (m->beyond - m->base >= 64) {
        m->bits = basin__marks_of_64(at);
        if (left < 64)
            m->bits &= ((uint64_t)1 << left) - 1;
        return;
    }
    m->bits = 0;
    for (size_t i = 0; i < left; i++)
        m->bits |= basin__marks_of((unsigned char)at[i]) << i;
}

static inline basin__marks basin__marks_in(
    const char *line, size_t length, size_t beyond)
{
    basin__marks m = {.line = line, .length = length, .beyond = beyond};
    basin__mark(&m);
    return m;
}

/** The first such character from `at` on, or the line's end. What lies before
 *  `at` is forgotten. */
static inline size_t basin__next_mark(basin__marks *m, size_t at)
{
    for (;;) {
        for (; m->bits; m->bits &= m->bits - 1) {
            const size_t i = m->base + (size_t)__builtin_ctzll(m->bits);
            if (i >= at)
                return i;
        }
        if (m->length - m->base <= 64)
            return m->length;
        m->base += 64;
        basin__mark(m);
    }
}

#endif
