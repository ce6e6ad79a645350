/* SPDX-License-Identifier: MIT
 *
 * The kernels in plain C. They are the oracle: the order of every sum below
 * is the documented one, and the vector kernels must give the same bits. They
 * are also what runs where there are no vectors, so the loops are written so
 * that a compiler can vectorise them by itself.
 *
 * A sum over rows has BASIN_LANES partial sums that start at +0; row r is
 * added to lane r mod 16, and the lanes are then added as a tree by halving,
 * 16 -> 8 -> 4 -> 2 -> 1: lane l takes lane l + 8, then l + 4, l + 2, l + 1.
 */
#include "tensor/kernels.h"
#include "tensor/lanes.h"
#include "tensor/scalar.h"
#include "tensor/window.h"

/* -------------------------------------------------------------- elementwise */

static void fill(float *out, float value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = value;
}

static void add(float *out, const float *a, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] += a[i];
}

static void add_scaled(float *out, const float *a, float s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] += s * a[i];
}

static void scale(float *out, float s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] *= s;
}

static void tanh_each(float *out, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = scalar_tanh(x[i]);
}

static void tanh_back(float *dx, const float *y, const float *dy, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dx[i] += dy[i] * (1.0f - y[i] * y[i]);
}

static void exp_each(float *out, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = scalar_exp(x[i]);
}

static void log_each(float *out, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = scalar_log(x[i]);
}

static void sigmoid(float *out, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = scalar_sigmoid(x[i]);
}

static void relu(float *out, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = x[i] > 0.0f ? x[i] : 0.0f;
}

static void relu_back(float *dx, const float *y, const float *dy, size_t n)
{
    for (size_t i = 0; i < n; i++)
        dx[i] += y[i] > 0.0f ? dy[i] : 0.0f;
}

static void softplus(float *out, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = scalar_softplus(x[i]);
}

/* --------------------------------------------------------------- reductions */

static float sum(const float *x, size_t n)
{
    float lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++)
            lane[l] += x[i + l];
    for (int l = 0; i + l < n; l++)
        lane[l] += x[i + l];
    return lanes_sum(lane);
}

static float dot(const float *a, const float *b, size_t n)
{
    float lane[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int l = 0; l < LANES; l++)
            lane[l] += a[i + l] * b[i + l];
    for (int l = 0; i + l < n; l++)
        lane[l] += a[i + l] * b[i + l];
    return lanes_sum(lane);
}

static size_t argmin(const float *x, size_t n)
{
    float low = __builtin_inff();
    for (size_t i = 0; i < n; i++)
        low = x[i] < low ? x[i] : low;
    for (size_t i = 0; i < n; i++)
        if (x[i] == low)
            return i;
    return 0;
}

static double gibbs(float *out, const float *x, const float *mass, float low,
    float beta, size_t n)
{
    double lane[LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        float e = scalar_exp(-beta * (x[i] - low));
        out[i] = mass ? e * mass[i] : e;
        lane[i % LANES] += (double)out[i];
    }
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int l = 0; l < half; l++)
            lane[l] += lane[l + half];
    return lane[0];
}

/* ------------------------------------------------------------------- linear */

static void linear(float *y, const float *x, const float *w, const float *bias,
    int n_in, int n_out, int rows)
{
    for (int o = 0; o < n_out; o++) {
        float *restrict yo = y + (size_t)o * rows;
        float b = bias ? bias[o] : 0.0f;
        for (int r = 0; r < rows; r++)
            yo[r] = b;
        for (int i = 0; i < n_in; i++) {
            const float *restrict xi = x + (size_t)i * rows;
            float wio = w[(size_t)i * n_out + o];
            for (int r = 0; r < rows; r++)
                yo[r] += wio * xi[r];
        }
    }
}

static void linear_back_x(
    float *dx, const float *w, const float *dy, int n_in, int n_out, int rows)
{
    for (int i = 0; i < n_in; i++) {
        float *restrict dxi = dx + (size_t)i * rows;
        for (int o = 0; o < n_out; o++) {
            const float *restrict dyo = dy + (size_t)o * rows;
            float wio = w[(size_t)i * n_out + o];
            for (int r = 0; r < rows; r++)
                dxi[r] += wio * dyo[r];
        }
    }
}

static void linear_back_w(float *dw, float *db, const float *x, const float *dy,
    int n_in, int n_out, int rows)
{
    for (int i = 0; i < n_in; i++)
        for (int o = 0; o < n_out; o++)
            dw[(size_t)i * n_out + o] +=
                dot(x + (size_t)i * rows, dy + (size_t)o * rows, (size_t)rows);
    for (int o = 0; db && o < n_out; o++)
        db[o] += sum(dy + (size_t)o * rows, (size_t)rows);
}

/* ---------------------------------------------------------------- distances */

static void l1(float *out, const float *a, size_t la, int sa, const float *b,
    size_t lb, int sb, int features, int rows)
{
    for (int r = 0; r < rows; r++)
        out[r] = 0.0f;
    for (int f = 0; f < features; f++)
        for (int r = 0; r < rows; r++)
            out[r] += __builtin_fabsf(
                a[f * la + (size_t)r * sa] - b[f * lb + (size_t)r * sb]);
}

static void l2sq(float *out, const float *a, size_t la, int sa, const float *b,
    size_t lb, int sb, int features, int rows)
{
    for (int r = 0; r < rows; r++)
        out[r] = 0.0f;
    for (int f = 0; f < features; f++)
        for (int r = 0; r < rows; r++) {
            float d = a[f * la + (size_t)r * sa] - b[f * lb + (size_t)r * sb];
            out[r] += d * d;
        }
}

/* d |a - b| / da, times w; 0 where they are equal or one is NaN. */
static float l1_slope(float w, float a, float b)
{
    return a > b ? w : a < b ? -w : 0.0f;
}

static float l2sq_slope(float w, float a, float b)
{
    return (w + w) * (a - b);
}

static inline __attribute__((always_inline)) void distance_back(
    float (*slope)(float, float, float), float *da, float *db, const float *w,
    const float *a, size_t la, int sa, const float *b, size_t lb, int sb,
    int features, int rows)
{
    for (int f = 0; f < features; f++) {
        const float *af = a + f * la, *bf = b + f * lb;
        float lane[LANES] = {0};
        for (int r = 0; r < rows; r += LANES) {
            int m = rows - r < LANES ? rows - r : LANES;
            float g[LANES];
            for (int l = 0; l < m; l++)
                g[l] = slope(w[r + l], af[(size_t)(r + l) * sa],
                    bf[(size_t)(r + l) * sb]);
            for (int l = 0; da && sa && l < m; l++)
                da[f * la + r + l] += g[l];
            for (int l = 0; db && sb && l < m; l++)
                db[f * lb + r + l] -= g[l];
            for (int l = 0; l < m; l++)
                lane[l] += g[l];
        }
        float total = lanes_sum(lane);
        if (da && !sa)
            da[f * la] += total;
        if (db && !sb)
            db[f * lb] -= total;
    }
}

static void l1_back(float *da, float *db, const float *w, const float *a,
    size_t la, int sa, const float *b, size_t lb, int sb, int features,
    int rows)
{
    distance_back(l1_slope, da, db, w, a, la, sa, b, lb, sb, features, rows);
}

static void l2sq_back(float *da, float *db, const float *w, const float *a,
    size_t la, int sa, const float *b, size_t lb, int sb, int features,
    int rows)
{
    distance_back(l2sq_slope, da, db, w, a, la, sa, b, lb, sb, features, rows);
}

#include "tensor/portable_window.inc"

/* --------------------------------------------------------------- optimisers */

static void sgd(float *w, const float *g, float rate, size_t n)
{
    for (size_t i = 0; i < n; i++)
        w[i] -= rate * g[i];
}

static void adam(float *w, const float *g, float *m, float *v, float rate,
    float b1, float b2, float c1, float c2, float eps, size_t n)
{
    float a1 = 1.0f - b1, a2 = 1.0f - b2;
    for (size_t i = 0; i < n; i++) {
        m[i] = b1 * m[i] + a1 * g[i];
        v[i] = b2 * v[i] + a2 * (g[i] * g[i]);
        w[i] -= rate * (c1 * m[i]) / (__builtin_sqrtf(c2 * v[i]) + eps);
    }
}

const basin_kernels basin__kernels_portable = {
    .name = "portable",
    .fill = fill,
    .add = add,
    .add_scaled = add_scaled,
    .scale = scale,
    .tanh = tanh_each,
    .tanh_back = tanh_back,
    .exp = exp_each,
    .log = log_each,
    .sigmoid = sigmoid,
    .relu = relu,
    .relu_back = relu_back,
    .softplus = softplus,
    .sum = sum,
    .dot = dot,
    .argmin = argmin,
    .gibbs = gibbs,
    .linear = linear,
    .linear_back_x = linear_back_x,
    .linear_back_w = linear_back_w,
    .l1 = l1,
    .l1_back = l1_back,
    .l2sq = l2sq,
    .l2sq_back = l2sq_back,
    .convolve = convolve,
    .convolve_back_x = convolve_back_x,
    .convolve_back_w = convolve_back_w,
    .pool_max = pool_max,
    .pool_max_back = pool_max_back,
    .pool_mean = pool_mean,
    .pool_mean_back = pool_mean_back,
    .sgd = sgd,
    .adam = adam,
};
