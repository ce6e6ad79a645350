/* SPDX-License-Identifier: MIT
 *
 * Arrays of a trainer as tensors of a safetensors file, to the bit.
 */
#ifndef BASIN_DATA_BLOCKS_H
#define BASIN_DATA_BLOCKS_H

#include "data/safetensors.h"
#include "learn/blocks.h"

/** Tensors that borrow the blocks' numbers, which must be turned while they are
 *  written. @param prefix before each name  @param out (n) */
void basin__blocks_tensors(
    basin__tensor *out, const char *prefix, const basin__block *blocks, int n);
/** To the file's order of bytes, and back. */
void basin__blocks_turn(const basin__block *blocks, int n);
/** Copy a stored tensor into the block of its name. @param at which one it was,
 *  out; -1: none. Errors: E_FORMAT when it is of another type or length. */
basin_status basin__blocks_take(int *at, const char *prefix,
    const basin__block *blocks, int n, const basin_stored *stored,
    basin_error *error);

#endif
