/* SPDX-License-Identifier: MIT
 *
 * The bijection under every random number of the library, also open to tests
 * that hold it against its authors' vectors.
 */
#ifndef BASIN_BASE_RANDOM_H
#define BASIN_BASE_RANDOM_H

#include "basin/base.h"

/** Philox4x32-10: 128 bits from a counter and a key. */
void basin__philox(
    uint32_t out[4], const uint32_t counter[4], const uint32_t key[2]);

/** The 128 bits behind a random number. */
void basin__random_block(uint32_t out[4], basin_random_key key, uint64_t index);

#endif
