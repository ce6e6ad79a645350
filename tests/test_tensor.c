/* SPDX-License-Identifier: MIT
 *
 * Every kernel of every backend that this machine has: portable against a
 * plain float64 reference, the others against portable, bit for bit, over many
 * shapes, addresses and special values; and a hash over all that portable
 * computes, so that compilers and machines can be compared with each other.
 *
 * One table holds a check for each kernel; a kernel without one fails.
 */
#include "basin/tensor.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "test_tensor_table.h"

/* The hash over portable's results on every compiler and machine. It changes
 * only with base/mathf.h, an order of operations, or this test. */
#define GOLDEN UINT64_C(0x991f3fcadefbe6e6)

enum { GUARD = 32 };

/* ----------------------------------------------------------------- operands */

/* Numbers in [-2, 2), from a counter (splitmix64); exact in float32. With
 * `special`, every eighth is none that arithmetic likes. */
static float number(uint64_t seed, uint64_t index, bool special)
{
    static const float odd[] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, 3e38f,
        -3e38f, 1e-40f, -1e-45f, 1.0f, -1.0f, 88.9f, -103.0f, 1e-30f, 9.5f};
    uint64_t u = seed * 0xd1342543de82ef95u + index * 0x9e3779b97f4a7c15u;
    u = (u ^ (u >> 30)) * 0xbf58476d1ce4e5b9u;
    u = (u ^ (u >> 27)) * 0x94d049bb133111ebu;
    u ^= u >> 31;
    if (special && u % 8 == 0)
        return odd[(u >> 8) % (sizeof odd / sizeof *odd)];
    return (float)(int32_t)(u >> 40) * 0x1p-22f - 2.0f;
}

/* n numbers that end where their memory ends, so that a sanitizer sees every
 * access behind them, and that start at no round address. */
static float *numbers(size_t n, uint64_t seed, bool special)
{
    float *block = malloc((n + GUARD) * sizeof *block);
    assert_non_null(block);
    for (size_t i = 0; i < GUARD; i++)
        block[i] = 12345.0f;
    for (size_t i = 0; i < n; i++)
        block[GUARD + i] = number(seed, i, special);
    return block + GUARD;
}

static void numbers_free(float *at)
{
    if (at)
        free(at - GUARD);
}

/* Outputs have a guard behind them too: n more numbers, which must survive. */
static void guards_hold(const float *at, size_t n)
{
    for (int i = 1; i <= GUARD; i++)
        assert_true(at[-i] == 12345.0f);
    for (size_t i = 0; i < GUARD; i++)
        assert_true(at[n + i] == number(99, n + i, false));
}

static job job_open(const check *c, job shape, uint64_t seed, bool special)
{
    job j = shape;
    j.la = j.sa ? (size_t)j.rows + 3 : 2;
    j.lb = j.sb ? (size_t)j.rows + 1 : 3;
    for (int a = 0; a < ARRAYS; a++) {
        const size_t n = length_of(c->in[a], &j), m = length_of(c->out[a], &j);
        j.in[a] = n ? numbers(n, seed + a, special) : NULL;
        j.out[a] = m ? numbers(m + GUARD, 99, false) : NULL;
        for (size_t i = 0; i < m; i++)
            j.out[a][i] = number(seed + 10 + a, i, special);
    }
    return j;
}

static void job_close(job *j)
{
    for (int a = 0; a < ARRAYS; a++) {
        numbers_free(j->in[a]);
        numbers_free(j->out[a]);
    }
}

/* One NaN for all: its sign and payload are nobody's promise. */
static uint32_t bits(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return x != x ? 0x7fc00000u : u;
}

/* ------------------------------------------------------------------- shapes */

typedef void visit(
    const check *c, job shape, uint64_t seed, bool special, void *user);

static void each_job(visit *f, void *user)
{
    static const int widths[][2] = {{1, 20}, {20, 10}, {3, 5}, {17, 33},
        {10, 1}, {7, 2}, {2, 3}, {6, 64}, {1, 1}, {13, 7}};
    enum { WIDTHS = sizeof widths / sizeof *widths };
    for (int c = 0; c < CHECKS; c++) {
        const bool wide = checks[c].out[0] != N || checks[c].in[0] == A;
        for (int t = 0; t < 72; t++) {
            const int rows = t < 70 ? t + 1 : t == 70 ? 101 : 128;
            for (int s = 0; s < (wide ? WIDTHS : 4); s++) {
                job shape = {.n_in = widths[s][0],
                    .n_out = widths[s][1],
                    .rows = rows,
                    .sa = (s + t) & 1,
                    .sb = (s >> 1) & 1,
                    .null = (s + t) % 3 == 0};
                f(&checks[c], shape, (uint64_t)(t * 100 + s) * 64, s % 4 == 3,
                    user);
            }
        }
        /* sums that are longer than any stretch, more than a few blocks */
        for (int s = 0; wide && s < 5; s++) {
            job shape = {.n_in = s == 4 ? 3 : 300,
                .n_out = s == 4 ? 290 : 41,
                .rows = (int[]){1, 2, 19, 64, 37}[s],
                .sb = 1};
            f(&checks[c], shape, (uint64_t)(900 + s) * 64, false, user);
        }
    }
}

/* -------------------------------------------------------------------- tests */

static const basin_kernels *portable(void)
{
    int last = 0;
    while (basin_backend_at(last + 1))
        last++;
    return basin_backend_at(last);
}

static void every_kernel_has_a_check(void **state)
{
    (void)state;
    assert_int_equal(
        CHECKS + 1, sizeof(basin_kernels) / sizeof(void (*)(void)));
    for (int c = 0; c < CHECKS; c++)
        assert_int_equal(checks[c].at, (c + 1) * sizeof(void (*)(void)));
    assert_string_equal(portable()->name, "portable");
    assert_null(basin_backend_at(-1));
    for (int b = 0; basin_backend_at(b); b++)
        for (int c = 0; c < CHECKS; c++) {
            void (*kernel)(void);
            memcpy(&kernel, (const char *)basin_backend_at(b) + checks[c].at,
                sizeof kernel);
            assert_true(kernel != NULL);
        }
}

static void against_reference(
    const check *c, job shape, uint64_t seed, bool special, void *user)
{
    (void)user;
    if (special)
        return;
    job j = job_open(c, shape, seed, false);
    expected e = {{NULL}, {NULL}};
    for (int a = 0; a < ARRAYS; a++) {
        const size_t n = length_of(c->out[a], &j);
        e.value[a] = calloc(n + 1, sizeof(double));
        e.size[a] = calloc(n + 1, sizeof(double));
        assert_true(e.value[a] && e.size[a]);
        for (size_t i = 0; i < n; i++)
            expect(&e, a, i, (double)j.out[a][i]);
    }
    c->ref(&j, &e);
    c->run(portable(), &j);
    for (int a = 0; a < ARRAYS; a++) {
        const size_t n = length_of(c->out[a], &j);
        for (size_t i = 0; i < n; i++) {
            const double miss = fabs((double)j.out[a][i] - e.value[a][i]);
            if (miss > c->ulps * 0x1p-24 * e.size[a][i])
                fail_msg("%s (%d, %d, %d): out[%d][%zu] is %g, not %g", c->name,
                    j.n_in, j.n_out, j.rows, a, i, (double)j.out[a][i],
                    e.value[a][i]);
        }
        free(e.value[a]);
        free(e.size[a]);
    }
    job_close(&j);
}

static void portable_is_right(void **state)
{
    (void)state;
    each_job(against_reference, NULL);
}

static void against_portable(
    const check *c, job shape, uint64_t seed, bool special, void *user)
{
    uint64_t *hash = user;
    job want = job_open(c, shape, seed, special);
    c->run(portable(), &want);
    for (int b = 0; basin_backend_at(b); b++) {
        const basin_kernels *k = basin_backend_at(b);
        job got = job_open(c, shape, seed, special);
        c->run(k, &got);
        for (int a = 0; a < ARRAYS; a++) {
            const size_t n = length_of(c->out[a], &got);
            for (size_t i = 0; i < n; i++)
                if (bits(got.out[a][i]) != bits(want.out[a][i]))
                    fail_msg("%s %s (%d, %d, %d; %d, %d): out[%d][%zu] is "
                             "%.9g, not %.9g",
                        k->name, c->name, got.n_in, got.n_out, got.rows, got.sa,
                        got.sb, a, i, (double)got.out[a][i],
                        (double)want.out[a][i]);
            if (n)
                guards_hold(got.out[a], n);
        }
        job_close(&got);
    }
    for (int a = 0; a < ARRAYS; a++)
        for (size_t i = 0; i < length_of(c->out[a], &want); i++)
            *hash = (*hash ^ bits(want.out[a][i])) * UINT64_C(0x100000001b3);
    job_close(&want);
}

static void all_backends_give_equal_bits(void **state)
{
    (void)state;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    each_job(against_portable, &hash);
    if (hash != GOLDEN)
        fail_msg(
            "the hash over all results is 0x%016llx", (unsigned long long)hash);
}

static void functions_work_in_place(void **state)
{
    (void)state;
    for (int b = 0; basin_backend_at(b); b++) {
        const basin_kernels *k = basin_backend_at(b);
        void (*const f[])(float *, const float *, size_t) = {
            k->tanh, k->exp, k->log, k->sigmoid, k->relu, k->softplus};
        for (size_t i = 0; i < sizeof f / sizeof *f; i++)
            for (size_t n = 1; n < 70; n++) {
                float *x = numbers(n, n, false), *y = numbers(n, 0, false);
                f[i](y, x, n);
                f[i](x, x, n);
                for (size_t r = 0; r < n; r++)
                    assert_int_equal(bits(x[r]), bits(y[r]));
                numbers_free(x);
                numbers_free(y);
            }
    }
}

static void argmin_takes_the_first_and_no_nan(void **state)
{
    (void)state;
    for (int b = 0; basin_backend_at(b); b++) {
        const basin_kernels *k = basin_backend_at(b);
        for (size_t n = 1; n <= 70; n++)
            for (size_t at = 0; at < n; at++) {
                float x[70];
                for (size_t i = 0; i < n; i++)
                    x[i] = i > at ? -1.0f : NAN;
                x[at] = -1.0f;
                assert_int_equal(k->argmin(x, n), at);
                x[at] = INFINITY; /* the last is all that is not NaN */
                assert_int_equal(k->argmin(x, n), at + 1 < n ? at + 1 : at);
                x[at] = NAN;
                assert_int_equal(k->argmin(x, n), at + 1 < n ? at + 1 : 0);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kernel_has_a_check),
        cmocka_unit_test(portable_is_right),
        cmocka_unit_test(all_backends_give_equal_bits),
        cmocka_unit_test(functions_work_in_place),
        cmocka_unit_test(argmin_takes_the_first_and_no_nan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
