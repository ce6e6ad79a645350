/* SPDX-License-Identifier: MIT
 *
 * Where a window's taps lie: what the portable and the vector kernels share.
 */
#ifndef BASIN_TENSOR_WINDOW_H
#define BASIN_TENSOR_WINDOW_H

#include "basin/tensor.h"

/* From one channel of x, or of y, to the next, in lines. */
static inline size_t window_x(const basin_window *g)
{
    return (size_t)g->height * g->width;
}

static inline size_t window_y(const basin_window *g)
{
    return (size_t)g->out_height * g->out_width;
}

/* Taps of the kernel. */
static inline int window_taps(const basin_window *g)
{
    return g->kernel[0] * g->kernel[1];
}

/* The taps `first` <= t < `last` along one side whose place in a picture of
 * `size` exists, for a window that begins at `start`. */
typedef struct window_span {
    int first, last;
} window_span;

static inline window_span window_clip(int start, int kernel, int size)
{
    window_span s = {start < 0 ? -start : 0, kernel};
    if (size - start < kernel)
        s.last = size - start;
    if (s.last < s.first)
        s.last = s.first;
    return s;
}

/* Along one side: whether tap t of the window at some place of the output sees
 * place `at` of the picture; which one, in *place. */
static inline bool window_seen(
    const basin_window *g, int side, int at, int t, int *place)
{
    const int from = at + g->pad[side] - t;
    const int size = side ? g->out_width : g->out_height;
    *place = from / g->stride[side];
    return from >= 0 && from % g->stride[side] == 0 && *place < size;
}

#endif
