/* SPDX-License-Identifier: MIT
 *
 * For the tests of readers and writers: a context whose memory can run out on
 * demand, and the checks that every one of them needs.
 */
#ifndef BASIN_TEST_DATA_H
#define BASIN_TEST_DATA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "basin/data.h"

/** Counts allocations; the one of the number `fail_at` fails (0: none). */
typedef struct memory {
    size_t calls, fail_at;
    basin_context *ctx;
    size_t before; /* bytes in use when the test began */
} memory;

static inline void *memory_hook(
    void *user, void *block, size_t old_size, size_t new_size, size_t align)
{
    memory *m = user;
    if (new_size == 0) {
        free(block);
        return NULL;
    }
    if (++m->calls == m->fail_at)
        return NULL;
    size_t rounded = (new_size + align - 1) / align * align;
    void *fresh = aligned_alloc(align, rounded);
    if (fresh && block) {
        memcpy(fresh, block, old_size < new_size ? old_size : new_size);
        free(block);
    }
    return fresh;
}

static inline void memory_open(memory *m)
{
    *m = (memory){0};
    basin_context_def def = basin_context_default();
    def.threads = 1;
    def.allocator = (basin_allocator){memory_hook, m};
    basin_error error = {0};
    if (basin_context_create(&m->ctx, &def, &error) != BASIN_OK)
        fail_msg("no context: %s", error.message);
    m->before = basin_context_bytes(m->ctx);
}

/** Nothing may be left. */
static inline void memory_close(memory *m)
{
    assert_int_equal(basin_context_bytes(m->ctx), m->before);
    basin_context_destroy(m->ctx);
}

/** Whether `text` occurs in the message; if not, show the message. */
static inline void assert_says(const basin_error *error, const char *text)
{
    if (!strstr(error->message, text))
        fail_msg("'%s' is not in the message '%s'", text, error->message);
    if (strpbrk(error->message, "\r\n"))
        fail_msg("more than one line: '%s'", error->message);
}

static inline void assert_ok(basin_status status, const basin_error *error)
{
    if (status != BASIN_OK)
        fail_msg("status %d: %s", (int)status, error->message);
}

/**
 * Run `body` with the first allocation failing, then the second, and so on
 * until it needs no more. Each time it must say E_MEMORY and leave nothing.
 */
typedef basin_status (*memory_body)(memory *m, basin_error *error);

static inline void assert_survives_no_memory(memory_body body)
{
    memory m;
    memory_open(&m);
    for (size_t n = 1;; n++) {
        basin_error error = {0};
        m.calls = 0;
        m.fail_at = n;
        basin_status status = body(&m, &error);
        assert_int_equal(basin_context_bytes(m.ctx), m.before);
        if (m.calls < n) {
            assert_ok(status, &error);
            break;
        }
        assert_int_equal(status, BASIN_E_MEMORY);
        assert_says(&error, "memory");
        assert_true(n < 10000);
    }
    m.fail_at = 0;
    memory_close(&m);
}

#endif
