/* SPDX-License-Identifier: MIT
 *
 * Arrays of numbers and what is computed on them.
 *
 * A block is a matrix of float32, (features, rows): one line of memory a
 * feature, the rows (samples, or candidate answers) contiguous in it. So every
 * operation runs along many candidates at once, whatever the net's width, and
 * the order of every sum is fixed, so that all backends give the same bits:
 *
 * - A sum over features goes from the first to the last, one addition after
 *   the other. It starts from the bias where there is one, from what is there
 *   where it is added to something, and from +0 elsewhere.
 * - A sum over rows uses BASIN_LANES partial sums that start from +0; row r is
 *   added to lane r mod BASIN_LANES. The lanes are then added as a tree, by
 *   halving: lane l takes lane l + 8, then l + 4, l + 2, l + 1. What is left
 *   in lane 0 is added to what is there, if anything, by one addition.
 */
#ifndef BASIN_TENSOR_H
#define BASIN_TENSOR_H

#include "basin/base.h"
#include "basin/math.h"

BASIN_BEGIN_DECLS

/** Partial sums in every reduction over rows. */
#define BASIN_LANES 16

/* ----------------------------------------------------------------- windows */

/**
 * A window that slides over pictures, for convolutions and pools. A picture is
 * (channels, height, width), width fastest, each value a line of rows. Place
 * (p, q) of the output sees x at (p stride[0] - pad[0] + i, q stride[1] -
 * pad[1] + j) for 0 <= i < kernel[0], 0 <= j < kernel[1]; what lies outside
 * the picture is passed over.
 */
typedef struct basin_window {
    int channels, height, width;             /**< of x */
    int kernel[2], stride[2], pad[2];        /**< down, across */
    int out_channels, out_height, out_width; /**< of y */
} basin_window;

/* ----------------------------------------------------------------- kernels */

/**
 * A run: `rows` consecutive rows of blocks whose lines have the strides given
 * beside them (in floats). A step of 0 means that the operand has one row
 * only, used for every row of the run.
 */

/**
 * The kernels of one backend. Gradients are added to what is there. Arrays
 * need no alignment; nothing outside them is read or written. Outputs must not
 * overlap operands, but elementwise kernels may write where they read
 * (out == x). n and rows may be 0 where the result is still defined.
 */
typedef struct basin_kernels {
    /** "portable", "sse2", "avx2", "avx512"; "neon" on ARM. */
    const char *name;

    /* elementwise on n contiguous numbers */
    void (*fill)(float *out, float value, size_t n);
    void (*add)(float *out, const float *a, size_t n); /**< out += a */
    /** out += s a */
    void (*add_scaled)(float *out, const float *a, float s, size_t n);
    void (*scale)(float *out, float s, size_t n); /**< out *= s */
    void (*tanh)(float *out, const float *x, size_t n);
    /** dx += dy (1 - y^2) */
    void (*tanh_back)(float *dx, const float *y, const float *dy, size_t n);
    void (*exp)(float *out, const float *x, size_t n);
    void (*log)(float *out, const float *x, size_t n);
    void (*sigmoid)(float *out, const float *x, size_t n);
    void (*relu)(float *out, const float *x, size_t n);
    /** dx += dy where y > 0 */
    void (*relu_back)(float *dx, const float *y, const float *dy, size_t n);
    /** log(1 + e^x) */
    void (*softplus)(float *out, const float *x, size_t n);

    /* reductions over n contiguous numbers, in lanes */
    float (*sum)(const float *x, size_t n);
    float (*dot)(const float *a, const float *b, size_t n);
    /** The first index of the least number; NaN never wins (0 where there is
     *  nothing else); n >= 1. */
    size_t (*argmin)(const float *x, size_t n);
    /** out[i] = e^(-beta (x[i] - low)) * mass[i] (mass NULL: 1);
     *  @return the sum, added in float64 lanes. */
    double (*gibbs)(float *out, const float *x, const float *mass, float low,
        float beta, size_t n);

    /**
     * y[o][r] = bias[o] + sum_i w[i][o] x[i][r], i ascending.
     * @param y (n_out, rows)  @param x (n_in, rows)
     * @param w (n_in, n_out)  @param bias (n_out), or NULL for 0
     */
    void (*linear)(float *y, const float *x, const float *w, const float *bias,
        int n_in, int n_out, int rows);
    /** dx[i][r] += sum_o w[i][o] dy[o][r], o ascending, one addition to dx
     *  after the other. */
    void (*linear_back_x)(float *dx, const float *w, const float *dy, int n_in,
        int n_out, int rows);
    /** dw[i][o] += sum_r x[i][r] dy[o][r]; db[o] += sum_r dy[o][r] (db may be
     *  NULL); in lanes. */
    void (*linear_back_w)(float *dw, float *db, const float *x, const float *dy,
        int n_in, int n_out, int rows);

    /**
     * Distances along a run: out[r] = sum_f |a[f][r*sa] - b[f][r*sb]|.
     * @param a, la the first row and the line stride of a; sa its step, 0 or 1
     */
    void (*l1)(float *out, const float *a, size_t la, int sa, const float *b,
        size_t lb, int sb, int features, int rows);
    /** da[f][r*sa] += w[r] sign(a - b), db -= the same; sign(0) = 0, and so
     *  is that of NaN. da and db lie as a and b do, and may be NULL. With a
     *  step of 0 the sum over r goes in lanes. */
    void (*l1_back)(float *da, float *db, const float *w, const float *a,
        size_t la, int sa, const float *b, size_t lb, int sb, int features,
        int rows);
    /** out[r] = sum_f (a - b)^2, as l1. */
    void (*l2sq)(float *out, const float *a, size_t la, int sa, const float *b,
        size_t lb, int sb, int features, int rows);
    /** da += 2 w (a - b), db -= the same, as l1_back; (2 w) first. */
    void (*l2sq_back)(float *da, float *db, const float *w, const float *a,
        size_t la, int sa, const float *b, size_t lb, int sb, int features,
        int rows);

    /**
     * y[o][p][q][r] = bias[o] + sum w[c][i][j][o] x[c][..][..][r] over c, then
     * i, then j, ascending.
     * @param y (out_channels, out_height, out_width, rows)
     * @param x (channels, height, width, rows)
     * @param w (channels, kernel[0], kernel[1], out_channels)
     * @param bias (out_channels), or NULL for 0
     */
    void (*convolve)(float *y, const float *x, const float *w,
        const float *bias, const basin_window *window, int rows);
    /** dx[c][u][v][r] += sum w[c][i][j][o] dy[o][..][..][r] over i, then j,
     *  then o, ascending, one addition to dx after the other. */
    void (*convolve_back_x)(float *dx, const float *w, const float *dy,
        const basin_window *window, int rows);
    /** dw[c][i][j][o] += sum over places, then rows, of x dy; db[o] += the
     *  same of dy (db may be NULL). In lanes: row r of each place is added to
     *  lane r mod BASIN_LANES. */
    void (*convolve_back_w)(float *dw, float *db, const float *x,
        const float *dy, const basin_window *window, int rows);

    /* Pools: of each channel alone, without padding; i, then j, ascending. */

    /** y = the largest x of the window; NaN wins only in the first place. */
    void (*pool_max)(
        float *y, const float *x, const basin_window *window, int rows);
    /** dx += dy at the first x of the window that is y. */
    void (*pool_max_back)(float *dx, const float *x, const float *y,
        const float *dy, const basin_window *window, int rows);
    /** y = (sum of x over the window) (1 / (kernel[0] kernel[1])). */
    void (*pool_mean)(
        float *y, const float *x, const basin_window *window, int rows);
    /** dx += dy (1 / (kernel[0] kernel[1])). */
    void (*pool_mean_back)(
        float *dx, const float *dy, const basin_window *window, int rows);

    /** w -= rate * g. */
    void (*sgd)(float *w, const float *g, float rate, size_t n);
    /** Adam (Kingma and Ba 2015, algorithm 1); c1, c2 are the bias
     *  corrections 1/(1-b1^t), 1/(1-b2^t). m = b1 m + (1-b1) g,
     *  v = b2 v + (1-b2) g^2, w -= rate (c1 m) / (sqrt(c2 v) + eps). */
    void (*adam)(float *w, const float *g, float *m, float *v, float rate,
        float b1, float b2, float c1, float c2, float eps, size_t n);
} basin_kernels;

/** The kernels that the context uses. */
BASIN_API const basin_kernels *basin_context_kernels(const basin_context *ctx);

/**
 * Backends that this processor can run, the fastest first; NULL past the end.
 * "portable" is always the last.
 */
BASIN_API const basin_kernels *basin_backend_at(int index);

BASIN_END_DECLS

#endif
