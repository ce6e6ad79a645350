/* SPDX-License-Identifier: MIT
 *
 * The optimisers: how W moves along a gradient.
 */
#include "learn/learn.h"

static void sgd(const basin_kernels *k, const double *settings, float *w,
    const float *g, float *const *states, size_t n, double rate, uint64_t t)
{
    (void)settings;
    (void)states;
    (void)t;
    k->sgd(w, g, (float)rate, n);
}

static const basin_param momentum_params[] = {
    {"momentum", "", 0, 0.9999, 0.9,
        .help = "how much of the last step is kept"},
};

static void momentum(const basin_kernels *k, const double *settings, float *w,
    const float *g, float *const *states, size_t n, double rate, uint64_t t)
{
    (void)t;
    float *velocity = states[0];
    k->scale(velocity, (float)settings[0], n);
    k->add(velocity, g, n);
    k->sgd(w, velocity, (float)rate, n);
}

static const basin_param adam_params[] = {
    {"beta1", "", 0, 0.9999, 0.9, .help = "decay of the mean"},
    {"beta2", "", 0, 0.999999, 0.999, .help = "decay of the mean square"},
    {"eps", "", 0, 1, 1e-8, .open_low = true,
        .help = "added to the root of the mean square"},
};

static void adam(const basin_kernels *k, const double *settings, float *w,
    const float *g, float *const *states, size_t n, double rate, uint64_t t)
{
    double c1 = 1 / (1 - basin_pow(settings[0], (double)t));
    double c2 = 1 / (1 - basin_pow(settings[1], (double)t));
    k->adam(w, g, states[0], states[1], (float)rate, (float)settings[0],
        (float)settings[1], (float)c1, (float)c2, (float)settings[2], n);
}

static const basin_param adamw_params[] = {
    {"beta1", "", 0, 0.9999, 0.9, .help = "decay of the mean"},
    {"beta2", "", 0, 0.999999, 0.999, .help = "decay of the mean square"},
    {"eps", "", 0, 1, 1e-8, .open_low = true,
        .help = "added to the root of the mean square"},
    {"decay", "", 0, 1, 0.01,
        .help = "how much of W goes in an update, times the rate"},
};

/* The decay does not pass through the mean squares, as that of a penalty in
 * the loss would. */
static void adamw(const basin_kernels *k, const double *settings, float *w,
    const float *g, float *const *states, size_t n, double rate, uint64_t t)
{
    k->scale(w, (float)(1 - rate * settings[3]), n);
    adam(k, settings, w, g, states, n, rate, t);
}

#ifndef BASIN_SMALL
enum { LM_MU, LM_MEMORY, LM_CURVATURE, LM_EVERY };
enum { LM_HESSIAN, LM_SLOPES };

static const basin_param lm_params[] = {
    {"mu", "", 0, 1e6, 0.02, .open_low = true,
        .help = "added to each curvature; the largest step is rate / mu"},
    {"memory", "", 0, 0.999999, 0.99,
        .help = "how much of the mean curvature is kept when it is measured"},
    {"curvature", "", 0, 1, LM_HESSIAN, .integer = true,
        .choices = "hessian|slopes",
        .help = "the second derivative, from gradients beside W; or the mean "
                "square of the batch's slope, which costs nothing"},
    {"every", "updates", 1, 1e6, 4, .integer = true,
        .help = "the Hessian is measured at one of so many updates, which then "
                "takes three times as long"},
};

static int lm_curvature(const double *settings)
{
    return settings[LM_CURVATURE] == LM_HESSIAN ? (int)settings[LM_EVERY] : 0;
}

/* The curvature in each weight is the mean of the Hessian's diagonal, whose
 * sign does not say how long a step may be; or that of the slope's square,
 * which is the Gauss-Newton one of a likelihood for single samples (the outer
 * products of slopes; Becker and LeCun 1989). Both are corrected while the mean
 * is young. */
static void lm(const basin_kernels *k, const double *settings, float *w,
    const float *g, float *const *states, size_t n, double rate, uint64_t t)
{
    (void)k;
    const int every = lm_curvature(settings);
    const uint64_t looks = every ? (t - 1) / (uint64_t)every + 1 : t;
    const bool fresh = !every || (t - 1) % (uint64_t)every == 0;
    float keep = fresh ? (float)settings[LM_MEMORY] : 1;
    float *h = states[0], step = (float)rate, mu = (float)settings[LM_MU];
    float young =
        (float)(1 / (1 - basin_pow(settings[LM_MEMORY], (double)looks)));
    for (size_t i = 0; i < n; i++) {
        const float now = every ? states[1][i] : g[i] * g[i];
        h[i] = keep * h[i] + (1 - keep) * now;
        w[i] -= step * g[i] / ((h[i] < 0 ? -h[i] : h[i]) * young + mu);
    }
}

static const basin_param lbfgs_params[] = {
    {"memory", "pairs", 1, 64, 14, .integer = true,
        .help = "moves that the curvature is told from"},
    {"tolerance", "", 0, 1, 1e-5,
        .help = "stop at a gradient no longer than this, or this times |W|"},
};
#endif

static const basin_optimiser_type optimisers[] = {
    {.part = {"sgd", "stochastic gradient descent", "w -= rate g",
         "Robbins and Monro 1951", NULL, 0},
        .update = sgd},
    {.part = {"momentum", "gradient descent with momentum",
         "v = momentum v + g; w -= rate v", "Polyak 1964", momentum_params, 1},
        .n_states = 1,
        .update = momentum},
    {.part = {"adam", "gradient over the root of its mean square",
         "w -= rate c1 m / (sqrt(c2 v) + eps)",
         "Kingma and Ba 2015, algorithm 1", adam_params, 3},
        .n_states = 2,
        .update = adam},
    {.part = {"adamw", "adam, and a decay of W beside it",
         "w -= rate decay w; then as adam", "Loshchilov and Hutter 2019",
         adamw_params, 4},
        .n_states = 2,
        .update = adamw},
#ifndef BASIN_SMALL
    {.part = {"levenberg-marquardt", "a rate of its own for each weight",
         "w -= rate g / (|h| + mu), h the mean of d2L/dw2",
         "LeCun et al. 1998 (Efficient BackProp, section 9.1); Hutchinson 1990",
         lm_params, 4},
        .n_states = 2,
        .update = lm,
        .curvature = lm_curvature},
    {.part = {"lbfgs", "quasi-Newton steps along a line, on all samples",
         "w += step d, d = -H g, H from the last moves; by L1 orthant-wise",
         "Liu and Nocedal 1989; Andrew and Gao 2007", lbfgs_params, 2},
        .whole = true},
#endif
};

basin_status basin__learn_register(basin_context *ctx, basin_error *error)
{
    for (size_t i = 0; i < sizeof optimisers / sizeof *optimisers; i++)
        BASIN_TRY(basin_register(
            ctx, BASIN_KIND_OPTIMISER, &optimisers[i].part, error));
    return BASIN_OK;
}
