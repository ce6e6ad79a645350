/* SPDX-License-Identifier: MIT
 *
 * The cross-entropy of sets of labels: how many nats it takes to tell which
 * labels are on, when each is on with a probability of its own.
 */
#include "graph/run.h"

enum { CHUNK = 64 };

static basin_status cross_entropy_plan(
    basin_module_plan *plan, basin_error *error)
{
    int scores = basin_shape_features(plan->in[0]);
    int labels = basin_shape_features(plan->in[1]);
    BASIN_REQUIRE(scores == labels, error, BASIN_E_SHAPE,
        "a cross-entropy needs a score for each label; got %d scores and %d "
        "labels",
        scores, labels);
    plan->out = (basin_shape){1, 1, 1};
    return BASIN_OK;
}

static float clipped(float y)
{
    return y > 0 ? y < 1 ? y : 1 : 0;
}

/* Up to CHUNK rows of feature f: the scores, as they are and turned. */
static void gather(float *s, float *turned, const run *in, int f, int at, int n)
{
    const float *from = in->value + f * in->line + (size_t)at * in->step;
    for (int r = 0; r < n; r++) {
        s[r] = from[r * in->step];
        turned[r] = -s[r];
    }
}

static void forward_run(const basin_module_call *c, size_t row, const run *in)
{
    float s[CHUNK], off[CHUNK], on[CHUNK];
    c->k->fill(c->out + row, 0, (size_t)c->inner);
    for (int f = 0; f < c->in[0].features; f++)
        for (int at = 0; at < c->inner; at += CHUNK) {
            int n = c->inner - at < CHUNK ? c->inner - at : CHUNK;
            const float *y =
                in[1].value + f * in[1].line + (size_t)at * in[1].step;
            gather(s, on, &in[0], f, at, n);
            c->k->softplus(off, s, (size_t)n);
            c->k->softplus(on, on, (size_t)n);
            for (int r = 0; r < n; r++) {
                float share = clipped(y[r * in[1].step]);
                c->out[row + at + r] += share * on[r] + (1 - share) * off[r];
            }
        }
}

/* d/ds = sigmoid(s) - y; d/dy = -s where y lies within. */
static void backward_run(const basin_module_call *c, size_t row, const run *in)
{
    float s[CHUNK], p[CHUNK], d_s[CHUNK], d_y[CHUNK];
    for (int f = 0; f < c->in[0].features; f++)
        for (int at = 0; at < c->inner; at += CHUNK) {
            int n = c->inner - at < CHUNK ? c->inner - at : CHUNK;
            const float *w = c->d_out + row + at;
            const float *y =
                in[1].value + f * in[1].line + (size_t)at * in[1].step;
            gather(s, p, &in[0], f, at, n);
            c->k->sigmoid(p, s, (size_t)n);
            for (int r = 0; r < n; r++) {
                float at_y = y[r * in[1].step];
                d_s[r] = w[r] * (p[r] - clipped(at_y));
                d_y[r] = at_y >= 0 && at_y <= 1 ? -w[r] * s[r] : 0;
            }
            const float *const slopes[2] = {d_s, d_y};
            for (int i = 0; i < 2; i++) {
                if (!in[i].grad)
                    continue;
                float *to =
                    in[i].grad + f * in[i].line + (size_t)at * in[i].step;
                if (in[i].step)
                    c->k->add(to, slopes[i], (size_t)n);
                else
                    to[0] += c->k->sum(slopes[i], (size_t)n);
            }
        }
}

static void cross_entropy_forward(const basin_module_call *c)
{
    each_run(c, forward_run);
}

static void cross_entropy_backward(const basin_module_call *c)
{
    each_run(c, backward_run);
}

const basin_module basin__module_cross_entropy = {
    .part = {"cross-entropy", "how far labels of 0 or 1 are from their scores",
        "y = sum b log(1 + e^-a) + (1 - b) log(1 + e^a), b within [0, 1]",
        "Cox 1958 (logistic regression of each label)", NULL, 0},
    .min_inputs = 2,
    .max_inputs = 2,
    .plan = cross_entropy_plan,
    .forward = cross_entropy_forward,
    .backward = cross_entropy_backward,
    .kinks = true,
    .nonnegative = true,
};
