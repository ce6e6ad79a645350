/* SPDX-License-Identifier: MIT
 *
 * Long vectors of float64.
 */
#include "learn/vectors.h"

#include "base/thread.h"

/* At most so many pieces; at least so many numbers in one. */
enum { PIECES = 256, LEAST = 4096, LANES = 8 };

typedef struct job {
    void (*fn)(void *arg, size_t first, size_t end);
    void *arg;
    size_t n, size;
} job;

static size_t piece_size(size_t n)
{
    const size_t size = (n + PIECES - 1) / PIECES;
    return size < LEAST ? LEAST : (size + LANES - 1) & ~(size_t)(LANES - 1);
}

static void run_piece(void *arg, int index)
{
    const job *j = arg;
    const size_t first = (size_t)index * j->size, end = first + j->size;
    j->fn(j->arg, first, end < j->n ? end : j->n);
}

void basin__pieces(const basin_context *ctx, size_t n,
    void (*fn)(void *arg, size_t first, size_t end), void *arg)
{
    job j = {fn, arg, n, piece_size(n)};
    basin__parallel_for(ctx, (int)((n + j.size - 1) / j.size), run_piece, &j);
}

typedef struct operands {
    double *out;
    const double *a, *b;
    const float *single;
    double s;
    size_t size;
    double part[PIECES];
} operands;

static double tree(const double *lane)
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

static void dot_piece(void *arg, size_t first, size_t end)
{
    operands *o = arg;
    double lane[LANES] = {0};
    size_t i = first;
    for (; i + LANES <= end; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] += o->a[i + k] * o->b[i + k];
    for (; i < end; i++)
        lane[i % LANES] += o->a[i] * o->b[i];
    o->part[first / o->size] = tree(lane);
}

static void abs_piece(void *arg, size_t first, size_t end)
{
    operands *o = arg;
    double lane[LANES] = {0};
    for (size_t i = first; i < end; i++)
        lane[i % LANES] += __builtin_fabs(o->a[i]);
    o->part[first / o->size] = tree(lane);
}

static double add_parts(const operands *o, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i * o->size < n; i++)
        sum += o->part[i];
    return sum;
}

double basin__dot(
    const basin_context *ctx, const double *a, const double *b, size_t n)
{
    operands o = {.a = a, .b = b, .size = piece_size(n)};
    basin__pieces(ctx, n, dot_piece, &o);
    return add_parts(&o, n);
}

double basin__sum_abs(const basin_context *ctx, const double *a, size_t n)
{
    operands o = {.a = a, .size = piece_size(n)};
    basin__pieces(ctx, n, abs_piece, &o);
    return add_parts(&o, n);
}

static void dot_single_piece(void *arg, size_t first, size_t end)
{
    operands *o = arg;
    double lane[LANES] = {0};
    size_t i = first;
    for (; i + LANES <= end; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] += (double)o->single[i + k] * o->b[i + k];
    for (; i < end; i++)
        lane[i % LANES] += (double)o->single[i] * o->b[i];
    o->part[first / o->size] = tree(lane);
}

double basin__dot_single(
    const basin_context *ctx, const float *a, const double *b, size_t n)
{
    operands o = {.single = a, .b = b, .size = piece_size(n)};
    basin__pieces(ctx, n, dot_single_piece, &o);
    return add_parts(&o, n);
}

static void axpy_piece(void *arg, size_t first, size_t end)
{
    operands *o = arg;
    for (size_t i = first; i < end; i++)
        o->out[i] += o->s * (double)o->single[i];
}

void basin__axpy_single(
    const basin_context *ctx, double *out, const float *a, double s, size_t n)
{
    operands o = {.out = out, .single = a, .s = s};
    basin__pieces(ctx, n, axpy_piece, &o);
}
