/* SPDX-License-Identifier: MIT
 *
 * For test_tensor.c: how each kernel is called, what it must give by a plain
 * float64 reference, and how long its arrays are. One row a kernel.
 */
#ifndef TEST_TENSOR_TABLE_H
#define TEST_TENSOR_TABLE_H

#include "basin/tensor.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { ARRAYS = 4 };

/* One call: its shape, its operands, and where its results go. Arrays of
 * outputs hold numbers before the call, which kernels add to. */
typedef struct job {
    int n_in, n_out, rows, sa, sb; /* rows is also n */
    bool null;                     /* leave out what may be NULL */
    size_t la, lb;                 /* line strides of a run's operands */
    float *out[ARRAYS];
    float *in[ARRAYS];
} job;

/* What a reference says: the exact value, and the sum of its terms' sizes,
 * which the tolerance is relative to. */
typedef struct expected {
    double *value[ARRAYS], *size[ARRAYS];
} expected;

/* The lengths of arrays. */
typedef enum length {
    NONE,
    ONE,
    TWO,
    N,
    IN_R,
    OUT_R,
    IN_OUT,
    OUT,
    A,
    B,
    PICTURE,
    PLACES,
    WINDOW,
    CHANNELS,
    POOLED
} length;

/* A window for convolutions, or one for pools, from the sizes of a job, so
 * that all blocks of channels, borders on every side, and steps are met. */
static basin_window window_of(const job *j, bool pool)
{
    const int n = j->n_in, m = j->n_out;
    basin_window g = {.channels = n % 9 + 1,
        .height = m % 4 + 2,
        .width = n % 5 + 3,
        .kernel = {n % 3 + 1, m % 6 + 1},
        .stride = {n % 2 + 1, m % 3 ? 1 : 2},
        .pad = {n % 2, m % 4},
        .out_channels = m % 11 + 1};
    for (int s = 0; s < 2; s++) {
        if (pool) {
            g.pad[s] = 0;
            g.kernel[s] = 1 + (s ? m : n) % 3;
        }
        const int room = (s ? g.width : g.height) + 2 * g.pad[s];
        if (g.kernel[s] > room)
            g.kernel[s] = room;
        *(s ? &g.out_width : &g.out_height) =
            (room - g.kernel[s]) / g.stride[s] + 1;
    }
    if (pool)
        g.out_channels = g.channels;
    return g;
}

static size_t length_of(length l, const job *j)
{
    const size_t in = j->n_in, out = j->n_out, rows = j->rows;
    const basin_window g = window_of(j, false), p = window_of(j, true);
    switch (l) {
    case NONE: return 0;
    case ONE: return 1;
    case TWO: return 2;
    case N: return rows;
    case IN_R: return in * rows;
    case OUT_R: return out * rows;
    case IN_OUT: return in * out;
    case OUT: return out;
    case A: return (in - 1) * j->la + (j->sa ? rows : 1);
    case B: return (in - 1) * j->lb + (j->sb ? rows : 1);
    case PICTURE: return (size_t)g.channels * g.height * g.width * rows;
    case PLACES:
        return (size_t)g.out_channels * g.out_height * g.out_width * rows;
    case WINDOW:
        return (size_t)g.channels * g.kernel[0] * g.kernel[1] * g.out_channels;
    case CHANNELS: return (size_t)g.out_channels;
    case POOLED: return (size_t)p.channels * p.out_height * p.out_width * rows;
    }
    return 0;
}

/* ------------------------------------------------------ calls and references
 */

static void expect(const expected *e, int array, size_t at, double term)
{
    e->value[array][at] += term;
    e->size[array][at] += fabs(term);
}

/* A call `run_NAME` of kernel k, and a reference `ref_NAME`. In the call, o, x
 * and y are the output and the operands; in the reference, for each number,
 * `was` is the output's before, a and b are the operands'. */
#define CHECK(NAME, CALL, REF)                                                 \
    static void run_##NAME(const basin_kernels *k, const job *j)               \
    {                                                                          \
        float *o = j->out[0];                                                  \
        const float *x = j->in[0], *y = j->in[1];                              \
        const size_t n = (size_t)j->rows;                                      \
        (void)x, (void)y, (void)n;                                             \
        CALL;                                                                  \
    }                                                                          \
    static void ref_##NAME(const job *j, const expected *e)                    \
    {                                                                          \
        REF;                                                                   \
    }

#define EACH(TERM)                                                             \
    for (size_t i = 0; i < (size_t)j->rows; i++) {                             \
        const double a = j->in[0] ? (double)j->in[0][i] : 0;                   \
        const double b = j->in[1] ? (double)j->in[1][i] : 0;                   \
        const double was = e->value[0][i];                                     \
        (void)a, (void)b, (void)was;                                           \
        TERM;                                                                  \
    }
#define ADD(term) expect(e, 0, i, term)
#define SET(term) (e->value[0][i] = e->size[0][i] = 0, expect(e, 0, i, term))
#define CLEAR     e->value[0][0] = e->size[0][0] = 0

CHECK(fill, k->fill(o, 0.3f, n), EACH(SET((double)0.3f)))
CHECK(add, k->add(o, x, n), EACH(ADD(a)))
CHECK(add_scaled, k->add_scaled(o, x, -0.7f, n), EACH(ADD(-0.7 * a)))
CHECK(scale, k->scale(o, 1.7f, n), EACH(SET(1.7 * was)))
CHECK(tanh, k->tanh(o, x, n), EACH(SET(tanh(a))))
CHECK(tanh_back, k->tanh_back(o, x, y, n), EACH(ADD(b); ADD(-b * a * a)))
CHECK(exp, k->exp(o, x, n), EACH(SET(exp(a))))
CHECK(log, k->log(o, x, n), EACH(SET(log(a))))
CHECK(sigmoid, k->sigmoid(o, x, n), EACH(SET(1 / (1 + exp(-a)))))
CHECK(relu, k->relu(o, x, n), EACH(SET(a > 0 ? a : 0)))
CHECK(relu_back, k->relu_back(o, x, y, n), EACH(ADD(a > 0 ? b : 0)))
CHECK(softplus, k->softplus(o, x, n), EACH(SET(log1p(exp(a)))))
CHECK(sum, o[0] = k->sum(x, n), CLEAR; EACH(expect(e, 0, 0, a)))
CHECK(dot, o[0] = k->dot(x, y, n), CLEAR; EACH(expect(e, 0, 0, a *b)))
CHECK(sgd, k->sgd(o, x, 0.2f, n), EACH(ADD(-0.2 * a)))

static void run_argmin(const basin_kernels *k, const job *j)
{
    j->out[0][0] = (float)k->argmin(j->in[0], (size_t)j->rows);
}

static void ref_argmin(const job *j, const expected *e)
{
    int best = 0;
    for (int i = 1; i < j->rows; i++)
        if (j->in[0][i] < j->in[0][best])
            best = i;
    e->value[0][0] = best;
}

static void run_gibbs(const basin_kernels *k, const job *j)
{
    double sum = k->gibbs(j->out[0], j->in[0], j->null ? NULL : j->in[1], -1.5f,
        2.5f, (size_t)j->rows);
    j->out[1][0] = (float)sum;
    memcpy(j->out[2], &sum, sizeof sum);
}

static void ref_gibbs(const job *j, const expected *e)
{
    e->value[1][0] = e->size[1][0] = 0;
    for (int i = 0; i < j->rows; i++) {
        double v = exp(-2.5 * ((double)j->in[0][i] + 1.5)) *
                   (j->null ? 1 : (double)j->in[1][i]);
        e->value[0][i] = e->size[0][i] = 0;
        /* the exponent's own rounding counts as well */
        expect(e, 0, i, v);
        e->size[0][i] *= 1 + 3 * fabs((double)j->in[0][i] + 1.5);
        e->value[1][0] += v;
        e->size[1][0] += e->size[0][i];
    }
    memset(e->size[2], 0xff, 2 * sizeof(double)); /* NaN: no check */
}

static void run_linear(const basin_kernels *k, const job *j)
{
    k->linear(j->out[0], j->in[0], j->in[1], j->null ? NULL : j->in[2], j->n_in,
        j->n_out, j->rows);
}

static void run_linear_back_x(const basin_kernels *k, const job *j)
{
    k->linear_back_x(j->out[0], j->in[0], j->in[1], j->n_in, j->n_out, j->rows);
}

static void run_linear_back_w(const basin_kernels *k, const job *j)
{
    k->linear_back_w(j->out[0], j->null ? NULL : j->out[1], j->in[0], j->in[1],
        j->n_in, j->n_out, j->rows);
}

#define EVERY_PRODUCT                                                          \
    const size_t rows = (size_t)j->rows, n_out = (size_t)j->n_out;             \
    for (size_t i = 0; i < (size_t)j->n_in; i++)                               \
        for (size_t o = 0; o < n_out; o++)                                     \
            for (size_t r = 0; r < rows; r++)

static void ref_linear(const job *j, const expected *e)
{
    for (size_t i = 0; i < length_of(OUT_R, j); i++) {
        e->value[0][i] = e->size[0][i] = 0;
        expect(e, 0, i, j->null ? 0 : (double)j->in[2][i / j->rows]);
    }
    EVERY_PRODUCT
    expect(e, 0, o * rows + r,
        (double)j->in[1][i * n_out + o] * (double)j->in[0][i * rows + r]);
}

static void ref_linear_back_x(const job *j, const expected *e)
{
    EVERY_PRODUCT
    expect(e, 0, i * rows + r,
        (double)j->in[0][i * n_out + o] * (double)j->in[1][o * rows + r]);
}

static void ref_linear_back_w(const job *j, const expected *e)
{
    EVERY_PRODUCT
    {
        expect(e, 0, i * n_out + o,
            (double)j->in[0][i * rows + r] * (double)j->in[1][o * rows + r]);
        if (i == 0 && !j->null)
            expect(e, 1, o, (double)j->in[1][o * rows + r]);
    }
}

/* Distances: the operands are a, b and, backward, the weights. */
#define DISTANCE(NAME, VALUE, SLOPE)                                           \
    static void run_##NAME(const basin_kernels *k, const job *j)               \
    {                                                                          \
        k->NAME(j->out[0], j->in[0], j->la, j->sa, j->in[1], j->lb, j->sb,     \
            j->n_in, j->rows);                                                 \
    }                                                                          \
    static void run_##NAME##_back(const basin_kernels *k, const job *j)        \
    {                                                                          \
        k->NAME##_back(j->out[0], j->null ? NULL : j->out[1], j->in[2],        \
            j->in[0], j->la, j->sa, j->in[1], j->lb, j->sb, j->n_in, j->rows); \
    }                                                                          \
    static void ref_##NAME(const job *j, const expected *e)                    \
    {                                                                          \
        for (int i = 0; i < j->rows; i++)                                      \
            e->value[0][i] = e->size[0][i] = 0;                                \
        for (int f = 0; f < j->n_in; f++)                                      \
            for (int r = 0; r < j->rows; r++) {                                \
                const double a = (double)j->in[0][f * j->la + r * j->sa];      \
                const double b = (double)j->in[1][f * j->lb + r * j->sb];      \
                expect(e, 0, r, VALUE);                                        \
            }                                                                  \
    }                                                                          \
    static void ref_##NAME##_back(const job *j, const expected *e)             \
    {                                                                          \
        for (int f = 0; f < j->n_in; f++)                                      \
            for (int r = 0; r < j->rows; r++) {                                \
                const double a = (double)j->in[0][f * j->la + r * j->sa];      \
                const double b = (double)j->in[1][f * j->lb + r * j->sb];      \
                const double w = (double)j->in[2][r];                          \
                expect(e, 0, f * j->la + r * j->sa, SLOPE);                    \
                if (!j->null)                                                  \
                    expect(e, 1, f * j->lb + r * j->sb, -(SLOPE));             \
            }                                                                  \
    }

DISTANCE(l1, fabs(a - b), a > b ? w : a < b ? -w : 0)
DISTANCE(l2sq, (a - b) * (a - b), 2 * w * (a - b))

#include "test_tensor_window.h"

static void run_adam(const basin_kernels *k, const job *j)
{
    for (int i = 0; i < j->rows; i++)
        j->out[2][i] = fabsf(j->out[2][i]);
    k->adam(j->out[0], j->in[0], j->out[1], j->out[2], 0.01f, 0.9f, 0.999f,
        1.5f, 2.5f, 1e-3f, (size_t)j->rows);
}

static void ref_adam(const job *j, const expected *e)
{
    for (int i = 0; i < j->rows; i++) {
        const double g = (double)j->in[0][i];
        double *w = &e->value[0][i], *m = &e->value[1][i];
        double *v = &e->value[2][i];
        *m = 0.9 * *m + 0.1 * g;
        *v = 0.999 * fabs(*v) + 0.001 * g * g;
        const double step = 0.01 * 1.5 * *m / (sqrt(2.5 * *v) + 1e-3);
        *w -= step;
        e->size[0][i] += fabs(step) * 100;
        e->size[1][i] += fabs(g);
        e->size[2][i] = 100 * (*v + g * g); /* 1 - 0.999f has few digits */
    }
}

/* ------------------------------------------------------------------ the table
 */

typedef struct check {
    const char *name;
    size_t at; /* of the kernel in basin_kernels */
    void (*run)(const basin_kernels *, const job *);
    void (*ref)(const job *, const expected *);
    double ulps; /* tolerance, in units of 2^-24 of the expected size */
    length out[ARRAYS], in[ARRAYS];
} check;

#define KERNEL(name)                                                           \
#name, offsetof(basin_kernels, name), run_##name, ref_##name

/* clang-format off */
static const check checks[] = {
    {KERNEL(fill),           0, {N},            {NONE}},
    {KERNEL(add),            1, {N},            {N}},
    {KERNEL(add_scaled),     3, {N},            {N}},
    {KERNEL(scale),          2, {N},            {NONE}},
    {KERNEL(tanh),           8, {N},            {N}},
    {KERNEL(tanh_back),      4, {N},            {N, N}},
    {KERNEL(exp),            4, {N},            {N}},
    {KERNEL(log),            4, {N},            {N}},
    {KERNEL(sigmoid),        8, {N},            {N}},
    {KERNEL(relu),           0, {N},            {N}},
    {KERNEL(relu_back),      1, {N},            {N, N}},
    {KERNEL(softplus),       8, {N},            {N}},
    {KERNEL(sum),           16, {ONE},          {N}},
    {KERNEL(dot),           16, {ONE},          {N, N}},
    {KERNEL(argmin),         0, {ONE},          {N}},
    {KERNEL(gibbs),          8, {N, ONE, TWO},  {N, N}},
    {KERNEL(linear),        64, {OUT_R},        {IN_R, IN_OUT, OUT}},
    {KERNEL(linear_back_x), 64, {IN_R},         {IN_OUT, OUT_R}},
    {KERNEL(linear_back_w), 16, {IN_OUT, OUT},  {IN_R, OUT_R}},
    {KERNEL(l1),            64, {N},            {A, B}},
    {KERNEL(l1_back),       16, {A, B},         {A, B, N}},
    {KERNEL(l2sq),          64, {N},            {A, B}},
    {KERNEL(l2sq_back),     16, {A, B},         {A, B, N}},
    {KERNEL(convolve),       64, {PLACES},      {PICTURE, WINDOW, CHANNELS}},
    {KERNEL(convolve_back_x), 64, {PICTURE},    {WINDOW, PLACES}},
    {KERNEL(convolve_back_w), 16, {WINDOW, CHANNELS}, {PICTURE, PLACES}},
    {KERNEL(pool_max),       0, {POOLED},       {PICTURE}},
    {KERNEL(pool_max_back), 16, {PICTURE, POOLED}, {PICTURE, POOLED}},
    {KERNEL(pool_mean),     16, {POOLED},       {PICTURE}},
    {KERNEL(pool_mean_back), 16, {PICTURE},     {POOLED}},
    {KERNEL(sgd),            3, {N},            {N}},
    {KERNEL(adam),           8, {N, N, N},      {N}},
};
/* clang-format on */

enum { CHECKS = sizeof checks / sizeof *checks };

#endif
