/* SPDX-License-Identifier: MIT
 *
 * What the tests of the core share: calls that must succeed, memory that is
 * counted and can be made to fail, random numbers, and a few small energies.
 */
#ifndef BASIN_TEST_CORE_H
#define BASIN_TEST_CORE_H

#include "basin/basin.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

/* ------------------------------------------------------------------- calls */

static basin_error error;

/** A call that has to succeed; its message if it does not. */
#define MUST(call)                                                             \
    do {                                                                       \
        error = (basin_error){0};                                              \
        if ((call) != BASIN_OK)                                                \
            fail_msg("%s: %s", #call, error.message);                          \
    } while (0)

/** A call that has to fail so, with these words in its message. */
#define MUST_FAIL(call, status, words)                                         \
    do {                                                                       \
        error = (basin_error){0};                                              \
        assert_int_equal(call, status);                                        \
        assert_int_equal(error.code, status);                                  \
        if (!strstr(error.message, words))                                     \
            fail_msg("\"%s\" does not say \"%s\"", error.message, words);      \
    } while (0)

static inline void core_near(
    double a, double b, double tolerance, const char *file, int line)
{
    if (!(fabs(a - b) <= tolerance)) {
        print_error("%.9g is not within %g of %.9g\n", a, tolerance, b);
        _fail(file, line);
    }
}

#define assert_near(a, b, tolerance)                                           \
    core_near(a, b, tolerance, __FILE__, __LINE__)

/* ------------------------------------------------------------------ memory */

/** An allocator that counts, and refuses its `fail_at`th allocation. */
typedef struct core_memory {
    size_t live;  /**< bytes */
    long blocks;  /**< live ones */
    long asked;   /**< allocations so far */
    long fail_at; /**< counted from 1; 0: never */
} core_memory;

static inline void *core_allocate(
    void *user, void *block, size_t old_size, size_t new_size, size_t align)
{
    core_memory *m = user;
    void *fresh = NULL;
    if (new_size > 0) {
        if (++m->asked == m->fail_at)
            return NULL;
        fresh = aligned_alloc(align, (new_size + align - 1) & ~(align - 1));
        if (!fresh)
            abort();
        if (block)
            memcpy(fresh, block, old_size < new_size ? old_size : new_size);
        m->live += new_size;
        m->blocks++;
    }
    if (block) {
        m->live -= old_size;
        m->blocks--;
        free(block);
    }
    return fresh;
}

static inline basin_context *core_context(
    core_memory *memory, int threads, const char *backend)
{
    basin_context *ctx = NULL;
    basin_context_def def = basin_context_default();
    def.threads = threads;
    def.backend = backend;
    if (memory)
        def.allocator = (basin_allocator){core_allocate, memory};
    MUST(basin_context_create(&ctx, &def, &error));
    return ctx;
}

/* ----------------------------------------------------------------- numbers */

/** A number in [low, high), a function of the seed and the index. */
static inline double core_number(
    uint64_t seed, uint64_t index, double low, double high)
{
    const basin_random_key key = {seed, BASIN_STREAM_USER, 0};
    return low + (high - low) * basin_random_uniform(key, index);
}

static inline void core_fill(
    float *out, size_t n, uint64_t seed, double low, double high)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (float)core_number(seed, i, low, high);
}

static inline uint64_t core_hash(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * UINT64_C(0x100000001b3);
    return h;
}

#define CORE_HASH UINT64_C(0xcbf29ce484222325) /* where FNV-1a begins */

/* What is trained is the same on every backend with any number of threads.
 * @param trained its hash */
static inline void core_same_bits(
    uint64_t (*trained)(int threads, const char *backend))
{
    const uint64_t right = trained(1, "portable");
    for (int b = 0; basin_backend_at(b); b++)
        for (int threads = 1; threads <= 8; threads = threads * 2 + 1)
            assert_true(trained(threads, basin_backend_at(b)->name) == right);
}

/* ---------------------------------------------------------------- energies */

static const basin_space core_none = {0};

static inline basin_space core_box(int dim, float low, float high)
{
    return (basin_space){BASIN_SPACE_BOX, dim, low, high, 0};
}

static inline int core_leaf(basin_graph *g, basin_leaf leaf, int features)
{
    int out = -1;
    MUST(
        basin_graph_leaf(g, &out, leaf, (basin_shape){features, 1, 1}, &error));
    return out;
}

static inline int core_linear(basin_graph *g, int in, int out)
{
    const basin_setting s[] = {
        {"out", out}, {"weight-range", 1}, {"bias-range", .5}};
    MUST(basin_graph_add1(g, &in, "linear", in, s, 3, &error));
    return in;
}

static inline int core_one(basin_graph *g, const char *module, int in)
{
    MUST(basin_graph_add1(g, &in, module, in, NULL, 0, &error));
    return in;
}

static inline int core_two(basin_graph *g, const char *module, int a, int b)
{
    int out = -1;
    MUST(basin_graph_add2(g, &out, module, a, b, NULL, 0, &error));
    return out;
}

/** A net with one hidden layer. */
static inline int core_net(basin_graph *g, int in, int hidden, int out)
{
    return core_linear(g, core_one(g, "tanh", core_linear(g, in, hidden)), out);
}

typedef enum core_kind {
    CORE_REGRESSION, /**< |net(x) - y| */
    CORE_DUAL,       /**< |net(x) - net(y)| */
    CORE_SMOOTH,     /**< softplus of a net of all, y of 2 dimensions */
    CORE_HIDDEN,     /**< (net(x) - net(y))^2 + (z - net(y))^2 */
    CORE_KINDS
} core_kind;

static const char *const core_names[] = {
    "regression", "dual", "smooth", "hidden"};

/** One of the energies, none of which is ever below 0, with its initial W. */
static inline basin_energy *core_energy(
    basin_context *ctx, core_kind kind, uint64_t seed)
{
    basin_graph *g = NULL;
    MUST(basin_graph_create(&g, ctx, &error));
    basin_spaces spaces = {
        core_box(1, -1, 1), core_box(1, -.5F, 1.5F), core_none};
    if (kind == CORE_SMOOTH)
        spaces.y = core_box(2, -1, 1);
    if (kind == CORE_HIDDEN)
        spaces.z = core_box(1, -1, 1);
    const int x = core_leaf(g, BASIN_X, 1);
    const int y = core_leaf(g, BASIN_Y, spaces.y.dim);
    if (kind == CORE_REGRESSION)
        core_two(g, "l1", core_net(g, x, 5, 1), y);
    if (kind == CORE_DUAL)
        core_two(g, "l1", core_net(g, x, 4, 3), core_net(g, y, 4, 3));
    if (kind == CORE_SMOOTH)
        core_one(g, "softplus",
            core_linear(g,
                core_one(g, "tanh",
                    core_two(
                        g, "sum", core_linear(g, x, 4), core_linear(g, y, 4))),
                1));
    if (kind == CORE_HIDDEN) {
        const int z = core_leaf(g, BASIN_Z, 1);
        const int code = core_net(g, y, 3, 1);
        core_two(g, "sum", core_two(g, "squared", core_net(g, x, 3, 1), code),
            core_two(g, "squared", z, code));
    }
    basin_energy *energy = NULL;
    MUST(basin_energy_from_graph(&energy, g, &spaces, &error));
    basin_energy_init(energy, seed);
    return energy;
}

/* ------------------------------------------------------------- differences */

/**
 * Central difference of fourth order of f at *number. @return false near a
 * kink, where slopes or curvatures over h and 2h do not agree.
 */
static inline bool core_difference(
    double *out, double (*f)(void *), void *user, float *number, float h)
{
    const float kept = *number;
    double e[5];
    for (int i = 0; i < 5; i++) {
        *number = kept + h * (float)(i - 2);
        e[i] = f(user);
    }
    *number = kept;
    const double step = (double)h;
    const double near = (e[3] - e[1]) / (2 * step);
    const double far = (e[4] - e[0]) / (4 * step);
    const double bend = (e[3] - 2 * e[2] + e[1]) / step;
    const double wide = (e[4] - 2 * e[2] + e[0]) / (4 * step);
    *out = near + (near - far) / 3;
    const double most = 5e-4 + .003 * fabs(*out);
    return fabs(near - far) <= most && fabs(bend - wide) <= most;
}

#endif
