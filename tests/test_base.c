/* SPDX-License-Identifier: MIT
 *
 * The ground floor: errors, memory, the arena, the context, random numbers and
 * threads.
 */
#include "base/context.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/thread.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__)
#define WATCHED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WATCHED 1
#endif
#endif
#ifdef WATCHED
#include <sanitizer/asan_interface.h>
#endif

/* An allocator that fails its n-th allocation and counts what it holds. */
typedef struct failing {
    int calls, fail_at; /* fail_at 0: never */
    size_t bytes;
} failing;

static void *failing_memory(
    void *user, void *block, size_t old_size, size_t new_size, size_t align)
{
    failing *f = user;
    if (new_size == 0) {
        f->bytes -= old_size;
        free(block);
        return NULL;
    }
    if (++f->calls == f->fail_at)
        return NULL;
    unsigned char *fresh =
        aligned_alloc(align, (new_size + align - 1) / align * align);
    assert_non_null(fresh);
    memset(fresh, 0xab, new_size); /* nobody may count on zeros */
    if (block) {
        memcpy(fresh, block, old_size < new_size ? old_size : new_size);
        free(block);
    }
    f->bytes += new_size - old_size;
    return fresh;
}

static basin_context *open_context(failing *f)
{
    basin_context_def def = basin_context_default();
    def.allocator = (basin_allocator){failing_memory, f};
    def.threads = 4;
    basin_context *ctx = NULL;
    assert_int_equal(basin__context_init(&ctx, &def, NULL), BASIN_OK);
    return ctx;
}

/* ------------------------------------------------------------------ errors */

static void test_error(void **state)
{
    (void)state;
    assert_string_equal(
        basin_status_text(BASIN_E_SHAPE), "shapes do not fit together");
    assert_string_equal(
        basin_status_text((basin_status)-999), "unknown status");
    assert_int_equal(basin_error_set(NULL, BASIN_E_IO, "x"), BASIN_E_IO);
    basin_error e = {.line = 7};
    assert_int_equal(
        basin_error_set(&e, BASIN_E_RANGE, "%s is %d", "m", 3), BASIN_E_RANGE);
    assert_int_equal(e.code, BASIN_E_RANGE);
    assert_int_equal(e.line, 0);
    assert_string_equal(e.message, "m is 3");
    basin_error_set(&e, BASIN_E_IO, "again: %s", e.message);
    assert_string_equal(e.message, "again: m is 3");
    basin_error_place(&e, "a.yaml", 3, 9);
    assert_string_equal(e.file, "a.yaml");
    assert_int_equal(e.line, 3);
    assert_int_equal(e.column, 9);
    char longer[1000];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    basin_error_place(&e, longer, 1, 1);
    assert_int_equal(strlen(e.file), sizeof e.file - 1);
    basin_error_place(&e, NULL, 1, 1);
    assert_string_equal(e.file, "");
    basin_error_set(&e, BASIN_E_IO, "%s", longer);
    assert_int_equal(strlen(e.message), sizeof e.message - 1);
    basin_error_place(NULL, "x", 1, 1);
}

/* ------------------------------------------------------------------ memory */

static void test_memory(void **state)
{
    (void)state;
    failing f = {0};
    basin_context *ctx = open_context(&f);
    const size_t own = basin_context_bytes(ctx);
    assert_int_equal(own, f.bytes);
    unsigned char *a = basin_alloc(ctx, 100);
    assert_int_equal((uintptr_t)a % 64, 0);
    for (int i = 0; i < 100; i++)
        assert_int_equal(a[i], 0);
    memset(a, 1, 100);
    a = basin__realloc(ctx, a, 100, 300);
    for (int i = 0; i < 300; i++)
        assert_int_equal(a[i], i < 100);
    assert_int_equal(basin_context_bytes(ctx), own + 300);
    f.fail_at = f.calls + 1;
    assert_null(basin__realloc(ctx, a, 300, 400));
    assert_int_equal(a[99], 1);
    assert_int_equal(basin_context_bytes(ctx), own + 300);
    a = basin__realloc(ctx, a, 300, 50);
    assert_int_equal(basin_context_bytes(ctx), own + 50);
    basin_free(ctx, a, 50);
    void *empty = basin_alloc(ctx, 0);
    assert_non_null(empty);
    basin_free(ctx, empty, 0);
    basin_free(ctx, NULL, 10);
    assert_int_equal(basin_context_bytes(ctx), own);
    basin__context_finish(ctx);
    assert_int_equal(f.bytes, 0);
    basin__context_finish(NULL);

    /* and with the C library's memory */
    assert_int_equal(basin__context_init(&ctx, NULL, NULL), BASIN_OK);
    a = basin_alloc(ctx, 65);
    assert_int_equal((uintptr_t)a % 64, 0);
    a[64] = 5;
    a = basin__realloc(ctx, a, 65, 1000);
    assert_int_equal(a[64], 5);
    assert_int_equal(a[65], 0);
    assert_null(basin_alloc(ctx, SIZE_MAX - 3));
    basin_free(ctx, a, 1000);
    basin__context_finish(ctx);
}

static void fill_arena(basin__arena *arena, unsigned char *block[4])
{
    block[0] = basin__arena_alloc(arena, 10);
    const size_t mark = basin__arena_mark(arena);
    block[1] = basin__arena_alloc(arena, 1000);
    basin__arena_release(arena, mark);
    block[2] = basin__arena_alloc(arena, 64);
    block[3] = basin__arena_alloc(arena, 0);
}

static void test_arena(void **state)
{
    (void)state;
    basin__arena arena;
    unsigned char *block[4];
    basin__arena_init(&arena, NULL, 0);
    fill_arena(&arena, block);
    assert_null(block[0]);
    const size_t size = arena.peak;
    assert_true(size >= 64 + 1024);
    assert_true(arena.used < size);

    unsigned char *base = aligned_alloc(64, size);
    basin__arena_init(&arena, base, size);
    fill_arena(&arena, block);
    for (int i = 0; i < 4; i++) {
        assert_non_null(block[i]);
        assert_int_equal((uintptr_t)block[i] % 64, 0);
    }
    memset(block[0], 1, 10);
    memset(block[2], 2, 64);
    assert_int_equal(block[0][9], 1);
    assert_ptr_equal(block[1], block[2]);
    assert_true(block[3] >= block[2] + 64);
    assert_int_equal(arena.peak, size);
    assert_null(basin__arena_alloc(&arena, size));
    assert_null(basin__arena_alloc(&arena, SIZE_MAX - 1));
#ifdef WATCHED
    /* the gap behind a block, the rest of its line, and what was released */
    assert_true(__asan_address_is_poisoned(block[0] + 10));
    assert_true(__asan_address_is_poisoned(block[0] + 64));
    assert_false(__asan_address_is_poisoned(block[2] + 63));
    assert_true(__asan_address_is_poisoned(block[2] + 64));
    basin__arena_release(&arena, 0);
    assert_true(__asan_address_is_poisoned(block[0]));
#endif
    assert_ptr_equal(basin__arena_finish(&arena), base);
    memset(base, 0, size); /* nothing is forbidden any more */
    free(base);

    basin__arena_init(&arena, NULL, 0);
    assert_null(basin__arena_alloc(&arena, SIZE_MAX - 1));
    assert_true(arena.peak == SIZE_MAX);
}

/* ----------------------------------------------------------------- context */

static void expect(basin_status got, basin_status want, const basin_error *e,
    const char *message)
{
    assert_int_equal(got, want);
    if (message)
        assert_string_equal(e->message, message);
}

static void test_context(void **state)
{
    (void)state;
    basin_error e;
    basin_context *ctx = NULL;
    basin_context_def def = {0};
    expect(basin__context_init(&ctx, &def, &e), BASIN_E_ARGUMENT, &e, NULL);
    def = basin_context_default();
    def.threads = 1025;
    expect(basin__context_init(&ctx, &def, &e), BASIN_E_RANGE, &e,
        "threads must be from 1 to 1024, or 0 for all; got 1025");
    def.threads = -1;
    expect(basin__context_init(&ctx, &def, &e), BASIN_E_RANGE, &e, NULL);
    assert_null(ctx);
    def.threads = 3;
    assert_int_equal(basin__context_init(&ctx, &def, &e), BASIN_OK);
    assert_int_equal(basin_context_threads(ctx), 3);
    assert_int_equal(basin_context_bytes(ctx), sizeof *ctx);
    basin__context_finish(ctx);
    assert_int_equal(basin__context_init(&ctx, NULL, NULL), BASIN_OK);
    assert_true(basin_context_threads(ctx) >= 1);
    basin__context_finish(ctx);
    assert_string_equal(basin_version(), BASIN_VERSION);
}

/* Open a context and fill its registry past the first growth. */
static basin_status open_and_register(failing *f)
{
    static char name[40][8];
    static basin_part part[40];
    basin_context_def def = basin_context_default();
    def.allocator = (basin_allocator){failing_memory, f};
    basin_context *ctx = NULL;
    basin_error e = {0};
    BASIN_TRY(basin__context_init(&ctx, &def, &e));
    basin_status status = BASIN_OK;
    for (int i = 0; i < 40 && status == BASIN_OK; i++) {
        basin_format(name[i], sizeof name[i], "part%d", i);
        part[i] = (basin_part){name[i], "", "", "", NULL, 0};
        status = basin_register(ctx, BASIN_KIND_MODULE, &part[i], &e);
    }
    if (status == BASIN_OK)
        assert_ptr_equal(basin_part_at(ctx, BASIN_KIND_MODULE, 39), &part[39]);
    basin__context_finish(ctx);
    return status;
}

static void test_out_of_memory(void **state)
{
    (void)state;
    int n = 0;
    basin_status status;
    do {
        failing f = {.fail_at = ++n};
        status = open_and_register(&f);
        assert_int_equal(f.bytes, 0);
        assert_true(status == BASIN_OK || status == BASIN_E_MEMORY);
    } while (status != BASIN_OK);
    assert_int_equal(n, 5); /* the context, and 16, 32 and 64 places */
}

/* ---------------------------------------------------------- random numbers */

static void test_philox(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0},
            {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
            {0xffffffff, 0xffffffff},
            {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
            {0xa4093822, 0x299f31d0},
            {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (int i = 0; i < 3; i++) {
        uint32_t out[4];
        basin__philox(out, known[i].counter, known[i].key);
        assert_memory_equal(out, known[i].out, sizeof out);
    }
    assert_true(basin_random_bits((basin_random_key){0}, 0) ==
                UINT64_C(0xe169c58d6627e8d5));
}

static void test_random_places(void **state)
{
    (void)state;
    /* every part of the place matters, the high halves too */
    const basin_random_key k = {5, 6, 7};
    basin_random_key other[] = {k, k, k, k, k};
    other[0].seed++;
    other[1].seed += UINT64_C(1) << 32;
    other[2].stream++;
    other[3].step++;
    other[4].step += UINT64_C(1) << 32;
    const uint64_t bits = basin_random_bits(k, 9);
    assert_true(bits == basin_random_bits(k, 9));
    assert_true(bits != basin_random_bits(k, 10));
    assert_true(bits != basin_random_bits(k, 9 + (UINT64_C(1) << 32)));
    for (int i = 0; i < 5; i++)
        assert_true(bits != basin_random_bits(other[i], 9));
    /* index and step do not stand for each other */
    assert_true(basin_random_bits((basin_random_key){5, 6, 1}, 2) !=
                basin_random_bits((basin_random_key){5, 6, 2}, 1));
    assert_true(
        basin_random_bits((basin_random_key){5, 6, UINT64_C(1) << 32}, 0) !=
        basin_random_bits((basin_random_key){5, 6, 0}, UINT64_C(1) << 32));
}

static void test_random_moments(void **state)
{
    (void)state;
    enum { N = 200000 };
    const basin_random_key key = {1, BASIN_STREAM_TEST, 0};
    double uniform = 0, square = 0, sum[5] = {0};
    int bin[16] = {0};
    for (int i = 0; i < N; i++) {
        const double u = basin_random_uniform(key, (uint64_t)i);
        assert_true(u >= 0 && u < 1);
        uniform += u;
        square += u * u;
        bin[(int)(u * 16)]++;
        const double x = basin_random_normal(key, (uint64_t)i);
        double power = 1;
        for (int p = 1; p <= 4; p++)
            sum[p] += power *= x;
    }
    /* five standard deviations of each mean */
    assert_true(fabs(uniform / N - 0.5) < 5 * sqrt(1.0 / 12 / N));
    assert_true(fabs(square / N - 1.0 / 3) < 5 * sqrt(4.0 / 45 / N));
    assert_true(fabs(sum[1] / N) < 5 * sqrt(1.0 / N));
    assert_true(fabs(sum[2] / N - 1) < 5 * sqrt(2.0 / N));
    assert_true(fabs(sum[3] / N) < 5 * sqrt(15.0 / N));
    assert_true(fabs(sum[4] / N - 3) < 5 * sqrt(96.0 / N));
    double chi = 0;
    for (int i = 0; i < 16; i++)
        chi += pow(bin[i] - N / 16.0, 2) / (N / 16.0);
    assert_true(chi < 45); /* 15 degrees of freedom: p < 1e-4 beyond */
}

static void test_shuffle(void **state)
{
    (void)state;
    int32_t order[100];
    basin_random_key key = {3, BASIN_STREAM_SHUFFLE, 0};
    basin_random_shuffle(key, order, 100);
    bool seen[100] = {false};
    int fixed = 0;
    for (int i = 0; i < 100; i++) {
        assert_in_range(order[i], 0, 99);
        assert_false(seen[order[i]]);
        seen[order[i]] = true;
        fixed += order[i] == i;
    }
    assert_true(fixed < 10);
    basin_random_shuffle(key, order, 0);
    /* all 6 orders of 3, equally often */
    int count[6] = {0};
    for (int i = 0; i < 6000; i++) {
        key.step = (uint64_t)i;
        basin_random_shuffle(key, order, 3);
        count[order[0] * 2 + (order[1] > order[2])]++;
    }
    for (int i = 0; i < 6; i++)
        assert_true(abs(count[i] - 1000) < 150);
}

/* ----------------------------------------------------------------- threads */

typedef struct tally {
    basin_context *ctx;
    int done[1000];
    void *block[1000];
} tally;

static void count_piece(void *arg, int index)
{
    tally *t = arg;
    t->done[index]++;
    t->block[index] = basin_alloc(t->ctx, (size_t)index);
}

static void test_threads(void **state)
{
    (void)state;
    static const int counts[] = {0, 1, 2, 3, 1000};
    for (int threads = 1; threads <= 4; threads++) {
        basin_context_def def = basin_context_default();
        def.threads = threads;
        tally t = {0};
        assert_int_equal(basin__context_init(&t.ctx, &def, NULL), BASIN_OK);
        const size_t own = basin_context_bytes(t.ctx);
        for (int k = 0; k < 5; k++) {
            memset(t.done, 0, sizeof t.done);
            basin__parallel_for(t.ctx, counts[k], count_piece, &t);
            for (int i = 0; i < 1000; i++) {
                assert_int_equal(t.done[i], i < counts[k]);
                if (i < counts[k])
                    basin_free(t.ctx, t.block[i], (size_t)i);
            }
            assert_int_equal(basin_context_bytes(t.ctx), own);
        }
        basin__context_finish(t.ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_arena),
        cmocka_unit_test(test_context),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_philox),
        cmocka_unit_test(test_random_places),
        cmocka_unit_test(test_random_moments),
        cmocka_unit_test(test_shuffle),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
