/* SPDX-License-Identifier: MIT
 *
 * The context that the cases of a program share, opened before them and closed
 * behind them; then none of its memory may be left. CORE_THREADS may be
 * defined before this is included.
 */
#ifndef BASIN_TEST_CONTEXT_H
#define BASIN_TEST_CONTEXT_H

#include "test_core.h"

#ifndef CORE_THREADS
#define CORE_THREADS 2
#endif

static core_memory memory;
static basin_context *ctx;

static inline int open_context(void **state)
{
    (void)state;
    memory = (core_memory){0};
    ctx = core_context(&memory, CORE_THREADS, NULL);
    return 0;
}

static inline int close_context(void **state)
{
    (void)state;
    basin_context_destroy(ctx);
    assert_int_equal(memory.live, 0);
    return 0;
}

#endif
