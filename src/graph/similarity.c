/* SPDX-License-Identifier: MIT
 *
 * Joins by similarity: the dot product and the cosine distance of two inputs.
 */
#include "graph/run.h"

static basin_status pair_plan(basin_module_plan *plan, basin_error *error)
{
    int a = basin_shape_features(plan->in[0]);
    int b = basin_shape_features(plan->in[1]);
    BASIN_REQUIRE(a == b, error, BASIN_E_SHAPE,
        "a similarity needs two inputs of one size; got %d and %d features", a,
        b);
    plan->out = (basin_shape){1, 1, 1};
    return BASIN_OK;
}

/* y[r] += a[r sa] b[r sb] for n rows. */
static void add_products(const basin_kernels *k, float *y, const float *a,
    int sa, const float *b, int sb, int n)
{
    if (sa && sb) {
        for (int r = 0; r < n; r++)
            y[r] += a[r] * b[r];
    } else if (sa || sb) {
        k->add_scaled(y, sa ? a : b, sa ? b[0] : a[0], (size_t)n);
    } else {
        for (int r = 0; r < n; r++)
            y[r] += a[0] * b[0];
    }
}

/* da[r sa] += w[r] b[r sb] for n rows. */
static void add_slopes(const basin_kernels *k, float *da, int sa,
    const float *w, const float *b, int sb, int n)
{
    if (sa)
        add_products(k, da, w, 1, b, sb, n);
    else
        da[0] += sb ? k->dot(w, b, (size_t)n) : k->sum(w, (size_t)n) * b[0];
}

/* ---------------------------------------------------------------------- dot */

/* out[r] = sum_f a b over a run of n rows from row `at` on. */
static void dot_rows(const basin_module_call *c, float *out, const run *a,
    const run *b, int at, int n)
{
    c->k->fill(out, 0, (size_t)n);
    for (int f = 0; f < c->in[0].features; f++)
        add_products(c->k, out, a->value + f * a->line + (size_t)at * a->step,
            a->step, b->value + f * b->line + (size_t)at * b->step, b->step, n);
}

/* da += w b over all features. */
static void slopes_rows(const basin_module_call *c, const float *w,
    const run *a, const run *b, int at, int n)
{
    for (int f = 0; a->grad && f < c->in[0].features; f++)
        add_slopes(c->k, a->grad + f * a->line + (size_t)at * a->step, a->step,
            w, b->value + f * b->line + (size_t)at * b->step, b->step, n);
}

static void dot_run(const basin_module_call *c, size_t row, const run *in)
{
    dot_rows(c, c->out + row, &in[0], &in[1], 0, c->inner);
}

static void dot_back_run(const basin_module_call *c, size_t row, const run *in)
{
    slopes_rows(c, c->d_out + row, &in[0], &in[1], 0, c->inner);
    slopes_rows(c, c->d_out + row, &in[1], &in[0], 0, c->inner);
}

static void dot_forward(const basin_module_call *c)
{
    each_run(c, dot_run);
}

static void dot_backward(const basin_module_call *c)
{
    each_run(c, dot_back_run);
}

const basin_module basin__module_dot = {
    .part = {"dot", "dot product", "y = sum a b", "", NULL, 0},
    .min_inputs = 2,
    .max_inputs = 2,
    .plan = pair_plan,
    .forward = dot_forward,
    .backward = dot_backward,
    .keeps_sign = true,
};

/* ------------------------------------------------------------------- cosine */

enum { CHUNK = 64 };

static const basin_param cosine_params[] = {
    {"eps", "", 0, 1, 1e-6, .open_low = true,
        .help = "added to the squared lengths, so that 0 has a distance too"},
};

/* What the distance is made of, for a chunk of rows. */
typedef struct angle {
    float ab[CHUNK];            /* a.b */
    float aa[CHUNK], bb[CHUNK]; /* squared lengths, with eps */
    float scale[CHUNK];         /* 1 / (|a| |b|) */
} angle;

static void measure(
    const basin_module_call *c, angle *out, const run *in, int at, int n)
{
    float eps = (float)c->plan->settings[0];
    dot_rows(c, out->ab, &in[0], &in[1], at, n);
    dot_rows(c, out->aa, &in[0], &in[0], at, n);
    dot_rows(c, out->bb, &in[1], &in[1], at, n);
    for (int r = 0; r < n; r++) {
        out->aa[r] += eps;
        out->bb[r] += eps;
        out->scale[r] =
            1 / (__builtin_sqrtf(out->aa[r]) * __builtin_sqrtf(out->bb[r]));
    }
}

/* Rounding must not take it below 0. */
static void cosine_run(const basin_module_call *c, size_t row, const run *in)
{
    angle g;
    for (int at = 0; at < c->inner; at += CHUNK) {
        int n = c->inner - at < CHUNK ? c->inner - at : CHUNK;
        measure(c, &g, in, at, n);
        for (int r = 0; r < n; r++) {
            float y = 1 - g.ab[r] * g.scale[r];
            c->out[row + at + r] = y > 0 ? y : y == y ? 0 : y;
        }
    }
}

/* With s = 1 / (|a| |b|): da = dy ((a.b) s / |a|^2 a - s b), for a chunk of
 * rows. The two nearly cancel, so nothing is multiplied or summed before. */
static void turn(const basin_module_call *c, const angle *g, const float *dy,
    const float *length, const run *a, const run *b, int at, int n)
{
    float slope[CHUNK];
    for (int f = 0; a->grad && f < c->in[0].features; f++) {
        const float *va = a->value + f * a->line + (size_t)at * a->step;
        const float *vb = b->value + f * b->line + (size_t)at * b->step;
        float *da = a->grad + f * a->line + (size_t)at * a->step;
        for (int r = 0; r < n; r++)
            slope[r] =
                dy[r] * (g->ab[r] * g->scale[r] / length[r] * va[r * a->step] -
                            g->scale[r] * vb[r * b->step]);
        if (a->step)
            c->k->add(da, slope, (size_t)n);
        else
            da[0] += c->k->sum(slope, (size_t)n);
    }
}

static void cosine_back_run(
    const basin_module_call *c, size_t row, const run *in)
{
    angle g;
    for (int at = 0; at < c->inner; at += CHUNK) {
        int n = c->inner - at < CHUNK ? c->inner - at : CHUNK;
        const float *dy = c->d_out + row + at;
        measure(c, &g, in, at, n);
        turn(c, &g, dy, g.aa, &in[0], &in[1], at, n);
        turn(c, &g, dy, g.bb, &in[1], &in[0], at, n);
    }
}

static void cosine_forward(const basin_module_call *c)
{
    each_run(c, cosine_run);
}

static void cosine_backward(const basin_module_call *c)
{
    each_run(c, cosine_back_run);
}

const basin_module basin__module_cosine = {
    .part = {"cosine", "cosine distance",
        "y = 1 - a.b / sqrt((a.a + eps) (b.b + eps))",
        "Bromley et al. 1993 (Siamese nets)", cosine_params, 1},
    .min_inputs = 2,
    .max_inputs = 2,
    .plan = pair_plan,
    .forward = cosine_forward,
    .backward = cosine_backward,
    .nonnegative = true,
};
