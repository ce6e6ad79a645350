/* SPDX-License-Identifier: MIT
 *
 * Blocks through the context's hook, counted to the byte, and the arena. The
 * counter is atomic: users' parts may allocate from several threads.
 */
#define _DEFAULT_SOURCE
#include "base/memory.h"

#include "base/context.h"

#include <stdlib.h>
#include <string.h>

#if defined(__linux__) && !defined(BASIN_FREESTANDING)
#include <sys/mman.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_GAPS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_GAPS 1
#endif
#endif

#ifdef ARENA_GAPS
#include <sanitizer/asan_interface.h>
#define FORBID(at, n) ASAN_POISON_MEMORY_REGION(at, n)
#define ALLOW(at, n)  ASAN_UNPOISON_MEMORY_REGION(at, n)
#define ARENA_GAP     BASIN__ALIGN
#else
#define FORBID(at, n) ((void)(at), (void)(n))
#define ALLOW(at, n)  ((void)(at), (void)(n))
#define ARENA_GAP     ((size_t)0)
#endif

/* `size` up to a multiple of `align`; 0 when that does not fit a size_t. */
static size_t round_up(size_t size, size_t align)
{
    return size > SIZE_MAX - (align - 1) ? 0
                                         : (size + align - 1) & ~(align - 1);
}

/* A page of 4 KiB costs the system about as much as one of 2 MiB, and arrays of
 * many megabytes are touched from end to end: they ask for large pages. */
enum { LARGE_PAGE = 1 << 21 };

static void *large(size_t align, size_t size)
{
#ifdef MADV_HUGEPAGE
    if (size >= LARGE_PAGE) {
        void *block; /* aligned_alloc would want whole pages */
        if (posix_memalign(&block, LARGE_PAGE, size) != 0)
            return NULL;
        madvise(block, size, MADV_HUGEPAGE);
        return block;
    }
#endif
    return aligned_alloc(align, size);
}

/* The C library's memory as a basin_alloc_fn. Its realloc forgets alignment,
 * so resizing is a new block and a copy. */
static void *libc_memory(
    void *user, void *block, size_t old_size, size_t new_size, size_t align)
{
    (void)user;
    if (new_size == 0) {
        free(block);
        return NULL;
    }
    const size_t size = round_up(new_size, align);
    if (size == 0)
        return NULL;
    void *fresh = large(align, size);
    if (fresh && block) {
        memcpy(fresh, block, old_size < new_size ? old_size : new_size);
        free(block);
    }
    return fresh;
}

void *basin__allocate(const basin_allocator *allocator, void *block,
    size_t old_size, size_t new_size)
{
    const basin_alloc_fn function =
        allocator->function ? allocator->function : libc_memory;
    return function(allocator->user, block, old_size, new_size, BASIN__ALIGN);
}

void *basin__realloc(
    basin_context *ctx, void *block, size_t old_size, size_t new_size)
{
    /* To the hook a size of 0 means to free: an empty block has one byte. */
    const size_t before = !block ? 0 : old_size ? old_size : 1;
    const size_t after = new_size ? new_size : 1;
    unsigned char *fresh =
        basin__allocate(&ctx->allocator, block, before, after);
    if (!fresh)
        return NULL;
    if (after > before)
        memset(fresh + before, 0, after - before);
    /* Unsigned, so that a block that shrinks adds modulo 2^n. */
    atomic_fetch_add_explicit(
        &ctx->bytes, after - before, memory_order_relaxed);
    return fresh;
}

void *basin_alloc(basin_context *ctx, size_t size)
{
    return basin__realloc(ctx, NULL, 0, size);
}

void basin_free(basin_context *ctx, void *block, size_t size)
{
    if (!block)
        return;
    const size_t before = size ? size : 1;
    basin__allocate(&ctx->allocator, block, before, 0);
    atomic_fetch_sub_explicit(&ctx->bytes, before, memory_order_relaxed);
}

size_t basin_context_bytes(const basin_context *ctx)
{
    return atomic_load_explicit(&ctx->bytes, memory_order_relaxed);
}

/* ------------------------------------------------------------------ arena */

void basin__arena_init(basin__arena *arena, void *base, size_t size)
{
    *arena = (basin__arena){.base = base, .size = base ? size : 0};
    if (base)
        FORBID(base, size);
}

void *basin__arena_alloc(basin__arena *arena, size_t size)
{
    /* An empty block still gets a place of its own. A size that no memory has
     * is kept from wrapping around: it makes the peak just as impossible. */
    const size_t body = size < SIZE_MAX / 2 ? size + !size : SIZE_MAX / 2;
    const size_t needed = round_up(body, BASIN__ALIGN) + ARENA_GAP;
    const size_t limit = arena->base ? arena->size : SIZE_MAX / 2;
    if (limit - arena->used < needed) {
        if (!arena->base)
            arena->peak = SIZE_MAX;
        return NULL;
    }
    unsigned char *block = arena->base ? arena->base + arena->used : NULL;
    arena->used += needed;
    if (arena->used > arena->peak)
        arena->peak = arena->used;
    if (block) {
        ALLOW(block, size);
#ifdef ARENA_GAPS
        memset(block, 0xff, size); /* NaN, for whoever reads before writing */
#endif
    }
    return block;
}

bool basin__arena_block(void **block, size_t *size, basin_context *ctx,
    void (*lay)(void *self, basin__arena *arena), void *self)
{
    basin__arena arena;
    basin__arena_init(&arena, NULL, 0);
    lay(self, &arena);
    *size = arena.peak ? arena.peak : 1;
    *block = basin_alloc(ctx, *size);
    if (!*block)
        return false;
    basin__arena_init(&arena, *block, *size);
    lay(self, &arena);
    return true;
}

size_t basin__arena_mark(const basin__arena *arena)
{
    return arena->used;
}

void basin__arena_release(basin__arena *arena, size_t mark)
{
    if (arena->base)
        FORBID(arena->base + mark, arena->used - mark);
    arena->used = mark;
}

void *basin__arena_finish(basin__arena *arena)
{
    void *base = arena->base;
    if (base)
        ALLOW(base, arena->size);
    *arena = (basin__arena){0};
    return base;
}
