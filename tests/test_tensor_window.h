/* SPDX-License-Identifier: MIT
 *
 * For test_tensor_table.h: convolutions and pools, called and, by a plain
 * float64 reference, expected. It is included there, after what it stands on.
 */
#ifndef TEST_TENSOR_WINDOW_H
#define TEST_TENSOR_WINDOW_H

/* One product of a convolution: where its operands lie. */
typedef struct term {
    size_t x, y, w;
    int o; /* its channel of the output */
} term;

typedef void on_term(const job *j, const expected *e, term t);

static void each_term(const job *j, const expected *e, on_term *f)
{
    const basin_window g = window_of(j, false);
    const int taps = g.kernel[0] * g.kernel[1], n_out = g.out_channels;
    for (int n = 0; n < g.channels * taps * n_out; n++)
        for (int at = 0; at < g.out_height * g.out_width; at++) {
            const int o = n % n_out, t = n / n_out % taps, c = n / n_out / taps;
            const int u =
                at / g.out_width * g.stride[0] - g.pad[0] + t / g.kernel[1];
            const int v =
                at % g.out_width * g.stride[1] - g.pad[1] + t % g.kernel[1];
            if (u < 0 || u >= g.height || v < 0 || v >= g.width)
                continue;
            const int x = (c * g.height + u) * g.width + v;
            const int y = o * g.out_height * g.out_width + at;
            for (int r = 0; r < j->rows; r++)
                f(j, e,
                    (term){(size_t)x * j->rows + r, (size_t)y * j->rows + r,
                        (size_t)n, o});
        }
}

static void convolve_term(const job *j, const expected *e, term t)
{
    expect(e, 0, t.y, (double)j->in[1][t.w] * (double)j->in[0][t.x]);
}

static void back_x_term(const job *j, const expected *e, term t)
{
    expect(e, 0, t.x, (double)j->in[0][t.w] * (double)j->in[1][t.y]);
}

static void back_w_term(const job *j, const expected *e, term t)
{
    expect(e, 0, t.w, (double)j->in[0][t.x] * (double)j->in[1][t.y]);
}

static void ref_convolve(const job *j, const expected *e)
{
    const basin_window g = window_of(j, false);
    for (size_t i = 0; i < length_of(PLACES, j); i++) {
        const size_t o = i / ((size_t)g.out_height * g.out_width * j->rows);
        e->value[0][i] = e->size[0][i] = 0;
        expect(e, 0, i, j->null ? 0 : (double)j->in[2][o]);
    }
    each_term(j, e, convolve_term);
}

static void ref_convolve_back_x(const job *j, const expected *e)
{
    each_term(j, e, back_x_term);
}

static void ref_convolve_back_w(const job *j, const expected *e)
{
    const basin_window g = window_of(j, false);
    const size_t line = (size_t)g.out_height * g.out_width * j->rows;
    each_term(j, e, back_w_term);
    for (size_t i = 0; !j->null && i < length_of(PLACES, j); i++)
        expect(e, 1, i / line, (double)j->in[1][i]);
}

static void run_convolve(const basin_kernels *k, const job *j)
{
    const basin_window g = window_of(j, false);
    k->convolve(
        j->out[0], j->in[0], j->in[1], j->null ? NULL : j->in[2], &g, j->rows);
}

static void run_convolve_back_x(const basin_kernels *k, const job *j)
{
    const basin_window g = window_of(j, false);
    k->convolve_back_x(j->out[0], j->in[0], j->in[1], &g, j->rows);
}

static void run_convolve_back_w(const basin_kernels *k, const job *j)
{
    const basin_window g = window_of(j, false);
    k->convolve_back_w(
        j->out[0], j->null ? NULL : j->out[1], j->in[0], j->in[1], &g, j->rows);
}

/* -------------------------------------------------------------------- pools */

/* Where tap t of the window lies that gives number i of the output. */
static size_t pooled_from(
    const basin_window *g, size_t i, size_t rows, size_t t)
{
    const size_t line = i / rows, places = (size_t)g->out_height * g->out_width;
    const size_t c = line / places, at = line % places;
    const size_t u = at / (size_t)g->out_width * (size_t)g->stride[0];
    const size_t v = at % (size_t)g->out_width * (size_t)g->stride[1];
    return ((c * (size_t)g->height + u + t / (size_t)g->kernel[1]) *
                   (size_t)g->width +
               v + t % (size_t)g->kernel[1]) *
               rows +
           i % rows;
}

#define EACH_POOLED                                                            \
    const basin_window g = window_of(j, true);                                 \
    const size_t taps = (size_t)g.kernel[0] * (size_t)g.kernel[1];             \
    const size_t rows = (size_t)j->rows;                                       \
    for (size_t i = 0; i < length_of(POOLED, j); i++)

static void ref_pool_mean(const job *j, const expected *e)
{
    EACH_POOLED
    {
        e->value[0][i] = e->size[0][i] = 0;
        for (size_t t = 0; t < taps; t++)
            expect(e, 0, i,
                (double)j->in[0][pooled_from(&g, i, rows, t)] / (double)taps);
    }
}

static void ref_pool_mean_back(const job *j, const expected *e)
{
    EACH_POOLED
    for (size_t t = 0; t < taps; t++)
        expect(e, 0, pooled_from(&g, i, rows, t),
            (double)j->in[0][i] / (double)taps);
}

/* The first of the largest. */
static size_t largest(const job *j, const basin_window *g, size_t i)
{
    const size_t taps = (size_t)g->kernel[0] * (size_t)g->kernel[1];
    size_t best = pooled_from(g, i, (size_t)j->rows, 0);
    for (size_t t = 1; t < taps; t++) {
        const size_t at = pooled_from(g, i, (size_t)j->rows, t);
        best = j->in[0][at] > j->in[0][best] ? at : best;
    }
    return best;
}

static void ref_pool_max(const job *j, const expected *e)
{
    EACH_POOLED
    {
        (void)rows, (void)taps;
        e->value[0][i] = (double)j->in[0][largest(j, &g, i)];
    }
}

static void ref_pool_max_back(const job *j, const expected *e)
{
    ref_pool_max(&(job){.n_in = j->n_in,
                     .n_out = j->n_out,
                     .rows = j->rows,
                     .in = {j->in[0]}},
        &(expected){{e->value[1]}, {e->size[1]}});
    EACH_POOLED
    {
        (void)rows, (void)taps;
        expect(e, 0, largest(j, &g, i), (double)j->in[1][i]);
    }
}

static void run_pool_max(const basin_kernels *k, const job *j)
{
    const basin_window g = window_of(j, true);
    k->pool_max(j->out[0], j->in[0], &g, j->rows);
}

static void run_pool_max_back(const basin_kernels *k, const job *j)
{
    const basin_window g = window_of(j, true);
    k->pool_max(j->out[1], j->in[0], &g, j->rows);
    k->pool_max_back(j->out[0], j->in[0], j->out[1], j->in[1], &g, j->rows);
}

static void run_pool_mean(const basin_kernels *k, const job *j)
{
    const basin_window g = window_of(j, true);
    k->pool_mean(j->out[0], j->in[0], &g, j->rows);
}

static void run_pool_mean_back(const basin_kernels *k, const job *j)
{
    const basin_window g = window_of(j, true);
    k->pool_mean_back(j->out[0], j->in[0], &g, j->rows);
}

#endif
