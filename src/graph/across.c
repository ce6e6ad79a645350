/* SPDX-License-Identifier: MIT
 *
 * Modules that look across the features of a row: softmax and its logarithm,
 * normalisation; and dropout, which strikes features out. Rows lie side by
 * side, so what is kept for each row is kept for a chunk of them.
 */
#include "graph/graph.h"

enum { CHUNK = 64 };

/* A chunk of rows of a call: `at` is the first one, n how many. */
#define EACH_CHUNK(rows)                                                       \
    for (int at = 0, n = 0;                                                    \
         at < (rows) && (n = (rows)-at < CHUNK ? (rows)-at : CHUNK) > 0;       \
         at += n)

static basin_status same_shape(basin_module_plan *plan, basin_error *error)
{
    (void)error;
    plan->out = plan->in[0];
    return BASIN_OK;
}

/* Feature f of a block of so many rows, from row `at` on. */
static size_t place(int f, int rows, int at)
{
    return (size_t)f * rows + at;
}

/* ------------------------------------------------------------------ softmax */

/* out = e^(x - the largest), and the sum of that over the features. */
static void exponentials(
    const basin_module_call *c, int at, int n, float *most, float *sum)
{
    const float *x = c->in[0].value;
    for (int r = 0; r < n; r++) {
        most[r] = x[at + r];
        sum[r] = 0;
    }
    for (int f = 1; f < c->features; f++)
        for (int r = 0; r < n; r++) {
            float value = x[place(f, c->rows, at) + r];
            most[r] = value > most[r] ? value : most[r];
        }
    for (int f = 0; f < c->features; f++) {
        float *out = c->out + place(f, c->rows, at);
        for (int r = 0; r < n; r++)
            out[r] = x[place(f, c->rows, at) + r] - most[r];
        c->k->exp(out, out, (size_t)n);
        for (int r = 0; r < n; r++)
            sum[r] += out[r];
    }
}

static void softmax_forward(const basin_module_call *c)
{
    float most[CHUNK], sum[CHUNK];
    EACH_CHUNK(c->rows)
    {
        exponentials(c, at, n, most, sum);
        for (int f = 0; f < c->features; f++)
            for (int r = 0; r < n; r++)
                c->out[place(f, c->rows, at) + r] /= sum[r];
    }
}

/* dx = y (dy - sum_f dy y) */
static void softmax_backward(const basin_module_call *c)
{
    float sum[CHUNK], *dx = c->in[0].grad;
    const float *y = c->out, *dy = c->d_out;
    EACH_CHUNK(dx ? c->rows : 0)
    {
        for (int r = 0; r < n; r++)
            sum[r] = 0;
        for (int f = 0; f < c->features; f++)
            for (int r = 0; r < n; r++) {
                size_t i = place(f, c->rows, at) + r;
                sum[r] += dy[i] * y[i];
            }
        for (int f = 0; f < c->features; f++)
            for (int r = 0; r < n; r++) {
                size_t i = place(f, c->rows, at) + r;
                dx[i] += y[i] * (dy[i] - sum[r]);
            }
    }
}

static void log_softmax_forward(const basin_module_call *c)
{
    float most[CHUNK], sum[CHUNK];
    const float *x = c->in[0].value;
    EACH_CHUNK(c->rows)
    {
        exponentials(c, at, n, most, sum);
        c->k->log(sum, sum, (size_t)n);
        for (int f = 0; f < c->features; f++)
            for (int r = 0; r < n; r++) {
                size_t i = place(f, c->rows, at) + r;
                c->out[i] = (x[i] - most[r]) - sum[r];
            }
    }
}

/* dx = dy - e^y sum_f dy */
static void log_softmax_backward(const basin_module_call *c)
{
    float sum[CHUNK], share[CHUNK], *dx = c->in[0].grad;
    EACH_CHUNK(dx ? c->rows : 0)
    {
        for (int r = 0; r < n; r++)
            sum[r] = 0;
        for (int f = 0; f < c->features; f++)
            for (int r = 0; r < n; r++)
                sum[r] += c->d_out[place(f, c->rows, at) + r];
        for (int f = 0; f < c->features; f++) {
            size_t i = place(f, c->rows, at);
            c->k->exp(share, c->out + i, (size_t)n);
            for (int r = 0; r < n; r++)
                dx[i + r] += c->d_out[i + r] - share[r] * sum[r];
        }
    }
}

const basin_module basin__module_softmax = {
    .part = {"softmax", "shares that add up to 1", "y = e^x / sum e^x",
        "Bridle 1990", NULL, 0},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = same_shape,
    .forward = softmax_forward,
    .backward = softmax_backward,
    .nonnegative = true,
};

const basin_module basin__module_log_softmax = {
    .part = {"log-softmax", "logarithms of shares that add up to 1",
        "y = x - log sum e^x", "Bridle 1990", NULL, 0},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = same_shape,
    .forward = log_softmax_forward,
    .backward = log_softmax_backward,
};

/* ---------------------------------------------------------------- normalise */

enum { GROUPS, EPSILON, GAIN };

static const basin_param normalise_params[] = {
    {"groups", "", 1, 1 << 20, 1, .integer = true,
        .help = "channels are cut into so many groups, each with a mean and a "
                "variance of its own"},
    {"eps", "", 0, 1, 1e-5, .open_low = true, .help = "added to the variance"},
    {"gain", "", 0, 1, 1, .integer = true, .choices = "no|yes",
        .help = "whether each channel has a gain and a bias"},
};

static basin_status normalise_plan(basin_module_plan *plan, basin_error *error)
{
    int groups = (int)plan->settings[GROUPS], channels = plan->in[0].channels;
    BASIN_REQUIRE(channels % groups == 0, error, BASIN_E_SHAPE,
        "%d channels cannot be cut into %d groups of one size", channels,
        groups);
    plan->out = plan->in[0];
    plan->n_scratch = 2 * (size_t)groups;
    if (plan->settings[GAIN] == 0)
        return BASIN_OK;
    plan->tensors[0] = (basin_tensor_info){"gain", 1, {channels}, 0};
    plan->tensors[1] =
        (basin_tensor_info){"bias", 1, {channels}, (size_t)channels};
    plan->n_tensors = 2;
    plan->n_params = 2 * (size_t)channels;
    return BASIN_OK;
}

static void normalise_init(
    const basin_module_plan *plan, float *params, basin_random_key key)
{
    (void)key;
    for (int i = 0; i < plan->in[0].channels; i++)
        params[i] = 1; /* the biases are 0 already */
}

/* One group of one chunk: where it lies, and what is kept of it. */
typedef struct group {
    int first, end;     /* features */
    int area;           /* features of a channel */
    float *mean, *rate; /* of each row: the mean, and 1 / deviation */
    const float *gain, *bias;
} group;

static group group_of(const basin_module_call *c, int g, int at)
{
    const basin_module_plan *plan = c->plan;
    int size = c->features / (int)plan->settings[GROUPS];
    bool gain = plan->n_tensors > 0;
    return (group){g * size, (g + 1) * size,
        plan->in[0].height * plan->in[0].width,
        c->scratch + place(2 * g, c->rows, at),
        c->scratch + place(2 * g + 1, c->rows, at), gain ? c->params : NULL,
        gain ? c->params + plan->in[0].channels : NULL};
}

static void find_moments(
    const basin_module_call *c, const group *g, int at, int n)
{
    const float *x = c->in[0].value;
    float share = 1 / (float)(g->end - g->first);
    float epsilon = (float)c->plan->settings[EPSILON];
    for (int r = 0; r < n; r++)
        g->mean[r] = g->rate[r] = 0;
    for (int f = g->first; f < g->end; f++)
        for (int r = 0; r < n; r++)
            g->mean[r] += x[place(f, c->rows, at) + r];
    for (int r = 0; r < n; r++)
        g->mean[r] *= share;
    for (int f = g->first; f < g->end; f++)
        for (int r = 0; r < n; r++) {
            float off = x[place(f, c->rows, at) + r] - g->mean[r];
            g->rate[r] += off * off;
        }
    for (int r = 0; r < n; r++)
        g->rate[r] = 1 / __builtin_sqrtf(g->rate[r] * share + epsilon);
}

static void normalise_forward(const basin_module_call *c)
{
    for (int k = 0; k < (int)c->plan->settings[GROUPS]; k++)
        EACH_CHUNK(c->rows)
        {
            group g = group_of(c, k, at);
            find_moments(c, &g, at, n);
            for (int f = g.first; f < g.end; f++) {
                float gain = g.gain ? g.gain[f / g.area] : 1;
                float bias = g.bias ? g.bias[f / g.area] : 0;
                size_t i = place(f, c->rows, at);
                for (int r = 0; r < n; r++)
                    c->out[i + r] =
                        (c->in[0].value[i + r] - g.mean[r]) * g.rate[r] * gain +
                        bias;
            }
        }
}

/* With h = (x - mean) rate and d = gain dy:
 * dx = rate (d - mean d - h mean (d h)), dgain = sum dy h, dbias = sum dy. */
static void normalise_back_chunk(
    const basin_module_call *c, const group *g, int at, int n)
{
    float d[CHUNK] = {0}, dh[CHUNK] = {0}, h[CHUNK];
    float share = 1 / (float)(g->end - g->first), *dx = c->in[0].grad;
    bool learns = g->gain && c->d_params;
    for (int pass = 0; pass < (dx ? 2 : 1); pass++)
        for (int f = g->first; f < g->end; f++) {
            int channel = f / g->area;
            float gain = g->gain ? g->gain[channel] : 1;
            size_t i = place(f, c->rows, at);
            const float *dy = c->d_out + i;
            for (int r = 0; r < n; r++)
                h[r] = (c->in[0].value[i + r] - g->mean[r]) * g->rate[r];
            if (pass == 1) {
                for (int r = 0; r < n; r++)
                    dx[i + r] += g->rate[r] * (gain * dy[r] - d[r] * share -
                                                  h[r] * (dh[r] * share));
                continue;
            }
            for (int r = 0; r < n; r++) {
                d[r] += gain * dy[r];
                dh[r] += gain * dy[r] * h[r];
            }
            if (learns) {
                c->d_params[channel] += c->k->dot(dy, h, (size_t)n);
                c->d_params[c->plan->in[0].channels + channel] +=
                    c->k->sum(dy, (size_t)n);
            }
        }
}

static void normalise_backward(const basin_module_call *c)
{
    for (int k = 0; k < (int)c->plan->settings[GROUPS]; k++)
        EACH_CHUNK(c->rows)
        {
            group g = group_of(c, k, at);
            normalise_back_chunk(c, &g, at, n);
        }
}

const basin_module basin__module_normalise = {
    .part = {"normalise",
        "each row to mean 0 and variance 1, whatever the batch",
        "y = gain (x - mean) / sqrt(variance + eps) + bias",
        "Ba, Kiros and Hinton 2016; Wu and He 2018 (groups)", normalise_params,
        3},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = normalise_plan,
    .init = normalise_init,
    .forward = normalise_forward,
    .backward = normalise_backward,
};

/* -------------------------------------------------------------------- total */

static const basin_param total_params[] = {
    {"factor", "", -1e6, 1e6, 1, .help = "what the sum is multiplied by"},
};

static basin_status total_plan(basin_module_plan *plan, basin_error *error)
{
    (void)error;
    plan->out = (basin_shape){1, 1, 1};
    return BASIN_OK;
}

static void total_forward(const basin_module_call *c)
{
    size_t rows = (size_t)c->rows;
    c->k->fill(c->out, 0, rows);
    for (int f = 0; f < c->in[0].features; f++)
        c->k->add(c->out, c->in[0].value + (size_t)f * rows, rows);
    c->k->scale(c->out, (float)c->plan->settings[0], rows);
}

static void total_backward(const basin_module_call *c)
{
    size_t rows = (size_t)c->rows;
    for (int f = 0; c->in[0].grad && f < c->in[0].features; f++)
        c->k->add_scaled(c->in[0].grad + (size_t)f * rows, c->d_out,
            (float)c->plan->settings[0], rows);
}

const basin_module basin__module_total = {
    .part = {"total", "the sum of all features, times a number",
        "y = factor sum x", "", total_params, 1},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = total_plan,
    .forward = total_forward,
    .backward = total_backward,
};

/* ------------------------------------------------------------------ dropout */

static const basin_param dropout_params[] = {
    {"rate", "", 0, 0.99, 0.5, .help = "the share that is struck out"},
};

static basin_status dropout_plan(basin_module_plan *plan, basin_error *error)
{
    (void)error;
    plan->out = plan->in[0];
    plan->n_scratch = (size_t)basin_shape_features(plan->in[0]);
    return BASIN_OK;
}

/* Factors of 0 or 1 / (1 - rate), two of each random number. They are a
 * function of the step, the node, the row in the batch and the feature. */
static void draw_factors(const basin_module_call *c)
{
    double rate = c->plan->settings[0];
    float kept = (float)(1 / (1 - rate));
    uint32_t limit = (uint32_t)(rate * 4294967296.0);
    for (int r = 0; r < c->rows; r++) {
        uint64_t row = (c->first_row << 21) + (uint64_t)r;
        for (int f = 0; f < c->features; f += 2) {
            uint64_t bits =
                basin_random_bits(c->random, (row << 19) + (uint64_t)f / 2);
            c->scratch[place(f, c->rows, r)] =
                (uint32_t)bits < limit ? 0 : kept;
            if (f + 1 < c->features)
                c->scratch[place(f + 1, c->rows, r)] =
                    (uint32_t)(bits >> 32) < limit ? 0 : kept;
        }
    }
}

static void dropout_forward(const basin_module_call *c)
{
    const float *x = c->in[0].value;
    if (c->training)
        draw_factors(c);
    for (size_t i = 0; i < (size_t)c->features * c->rows; i++)
        c->out[i] = c->training ? x[i] * c->scratch[i] : x[i];
}

static void dropout_backward(const basin_module_call *c)
{
    float *dx = c->in[0].grad;
    for (size_t i = 0; dx && i < (size_t)c->features * c->rows; i++)
        dx[i] += c->training ? c->d_out[i] * c->scratch[i] : c->d_out[i];
}

const basin_module basin__module_dropout = {
    .part = {"dropout", "strikes features out at random while training",
        "y = x m / (1 - rate), m = 0 with probability rate",
        "Srivastava et al. 2014", dropout_params, 1},
    .min_inputs = 1,
    .max_inputs = 1,
    .draws = true,
    .plan = dropout_plan,
    .forward = dropout_forward,
    .backward = dropout_backward,
    .keeps_sign = true,
};
