/* SPDX-License-Identifier: MIT
 *
 * Memory inside the library: blocks through the context's hook, and the arena
 * that a plan takes all its buffers from. With AddressSanitizer the arena
 * keeps forbidden gaps between its blocks.
 */
#ifndef BASIN_BASE_MEMORY_H
#define BASIN_BASE_MEMORY_H

#include "basin/base.h"

/** Every block is aligned to this: a line of cache, the widest vector. */
#define BASIN__ALIGN ((size_t)64)

/** The hook of the context, or the C library where it has none. */
void *basin__allocate(const basin_allocator *allocator, void *block,
    size_t old_size, size_t new_size);

/** Resize; what is added is zeroed. Keeps the old block and returns NULL when
 *  there is no memory. @param block NULL (then old_size is 0) allocates */
void *basin__realloc(
    basin_context *ctx, void *block, size_t old_size, size_t new_size);

/**
 * Memory that is handed out from the front and taken back from the end.
 *
 * With base NULL it only counts: run the same calls twice, first to learn the
 * size, then for the blocks. basin__arena_block does so.
 *
 *     basin__arena a;
 *     basin__arena_init(&a, NULL, 0);
 *     plan(&a);
 *     size = a.peak;
 *     basin__arena_init(&a, basin_alloc(ctx, size), size);
 *     plan(&a);
 *     ...
 *     base = basin__arena_finish(&a);
 *     basin_free(ctx, base, size);
 */
typedef struct basin__arena {
    unsigned char *base; /**< NULL: counting only */
    size_t size;         /**< bytes at base */
    size_t used;         /**< bytes handed out, gaps included */
    size_t peak;         /**< the most that `used` has been */
} basin__arena;

/** @param base aligned to BASIN__ALIGN, or NULL to count */
void basin__arena_init(basin__arena *arena, void *base, size_t size);

/** @return a block aligned to BASIN__ALIGN, its content undefined; NULL when
 *  counting or when the arena is too small (never after counting right). */
void *basin__arena_alloc(basin__arena *arena, size_t size);

/** One block for all that `lay` lays out: laid once to be measured, once for
 *  real. @param block to be freed with basin_free @return false: no memory */
bool basin__arena_block(void **block, size_t *size, basin_context *ctx,
    void (*lay)(void *self, basin__arena *arena), void *self);

/** Where the arena stands; what is handed out after goes by release. */
size_t basin__arena_mark(const basin__arena *arena);
void basin__arena_release(basin__arena *arena, size_t mark);

/** Give the base back (the caller frees it); the arena is empty again. */
void *basin__arena_finish(basin__arena *arena);

#endif
