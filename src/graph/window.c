/* SPDX-License-Identifier: MIT
 *
 * Modules that slide a window over pictures: convolution and pools. Their
 * input has the rows of their output, and the kernels do the work.
 */
#include "graph/graph.h"

/* ------------------------------------------------------------------ windows */

/* The parameters that say where a window goes; across: 0, or -1 where 0 means
 * something, is "as down". */
enum { KERNEL, KERNEL_WIDTH, STRIDE, STRIDE_WIDTH, PLACES };

#define SIZES(kernel, stride, stride_low, stride_help)                         \
    {"kernel", "values", 1, 1 << 10, kernel, .integer = true,                  \
        .help = "height of the window"},                                       \
        {"kernel-width", "values", 0, 1 << 10, 0, .integer = true,             \
            .help = "its width; 0: as its height"},                            \
        {"stride", "values", stride_low, 1 << 10, stride, .integer = true,     \
            .help = stride_help},                                              \
    {                                                                          \
        "stride-width", "values", 0, 1 << 10, 0,                               \
            .integer = true, .help = "the step across; 0: as down"             \
    }

/* Everything of the window but the padding and the channels of the output. */
static void read_window(basin_window *g, const double *settings, basin_shape in)
{
    *g = (basin_window){
        .channels = in.channels, .height = in.height, .width = in.width};
    int down = (int)settings[KERNEL], across = (int)settings[KERNEL_WIDTH];
    g->kernel[0] = down;
    g->kernel[1] = across ? across : down;
    int step = (int)settings[STRIDE], aside = (int)settings[STRIDE_WIDTH];
    g->stride[0] = step ? step : g->kernel[0];
    g->stride[1] = aside ? aside : step ? step : g->kernel[1];
}

static basin_status place_window(
    basin_window *g, basin_module_plan *plan, basin_error *error)
{
    int height = g->height + 2 * g->pad[0], width = g->width + 2 * g->pad[1];
    BASIN_REQUIRE(g->kernel[0] <= height && g->kernel[1] <= width, error,
        BASIN_E_SHAPE,
        "a window of %d x %d does not fit into a picture of %d x %d%s",
        g->kernel[0], g->kernel[1], height, width,
        g->pad[0] + g->pad[1] ? ", padding counted" : "");
    g->out_height = (height - g->kernel[0]) / g->stride[0] + 1;
    g->out_width = (width - g->kernel[1]) / g->stride[1] + 1;
    plan->out = (basin_shape){g->out_channels, g->out_height, g->out_width};
    return BASIN_OK;
}

/* -------------------------------------------------------------- convolution */

enum { PAD = PLACES, PAD_WIDTH, OUT, BIAS, TABLE, WEIGHT_RANGE, BIAS_RANGE };

enum { TABLE_FULL, TABLE_LENET5, TABLE_EACH };

enum { LENET5_PAIRS = 60 };

static const basin_param convolution_params[] = {
    SIZES(3, 1, 1, "the step down from one place to the next"),
    {"pad", "values", 0, 1 << 10, 0, .integer = true,
        .help = "zeros above and below the picture"},
    {"pad-width", "values", -1, 1 << 10, -1, .integer = true,
        .help = "zeros left and right; -1: as many"},
    {"out", "channels", 1, 1 << 20, 1, .integer = true,
        .help = "channels of the output"},
    {"bias", "", 0, 1, 1, .integer = true, .choices = "no|yes",
        .help = "whether each channel has a bias"},
    {"table", "", 0, 2, 0, .integer = true, .choices = "full|lenet5|each",
        .help = "which channels an output sees: all, those of LeNet-5's "
                "second layer, or the one of its number"},
    {"weight-range", "", 0, 1e3, 0,
        .help = "initial weights are uniform in [-r, r]; 0 means "
                "r = 1/sqrt(inputs of an output)"},
    {"bias-range", "", 0, 1e3, 0,
        .help = "initial biases are uniform in [-r, r]"},
};

static basin_window convolution_window(const basin_module_plan *plan)
{
    basin_window g;
    const double *s = plan->settings;
    read_window(&g, s, plan->in[0]);
    g.pad[0] = (int)s[PAD];
    g.pad[1] = (int)(s[PAD_WIDTH] < 0 ? s[PAD] : s[PAD_WIDTH]);
    g.out_channels = (int)s[OUT];
    g.out_height = plan->out.height;
    g.out_width = plan->out.width;
    return g;
}

/* Whether an output channel sees an input channel. LeCun et al. 1998, table I:
 * one bit for each input. */
static bool sees(int table, int in, int out, int channels)
{
    static const uint8_t lenet5[] = {0x07, 0x0e, 0x1c, 0x38, 0x31, 0x23, 0x0f,
        0x1e, 0x3c, 0x39, 0x33, 0x27, 0x1b, 0x36, 0x2d, 0x3f};
    return table == TABLE_FULL ||
           (table == TABLE_LENET5 ? lenet5[out] >> in & 1
                                  : out % channels == in);
}

static basin_status check_table(
    const basin_window *g, int table, basin_error *error)
{
    BASIN_REQUIRE(
        table != TABLE_LENET5 || (g->channels == 6 && g->out_channels == 16),
        error, BASIN_E_SHAPE,
        "the table of LeNet-5 is for 6 channels and 16 outputs; got %d and %d",
        g->channels, g->out_channels);
    BASIN_REQUIRE(table != TABLE_EACH || g->out_channels % g->channels == 0,
        error, BASIN_E_SHAPE,
        "where each output sees one channel, there are as many or a multiple; "
        "got %d channels and %d outputs",
        g->channels, g->out_channels);
    return BASIN_OK;
}

static basin_status convolution_plan(
    basin_module_plan *plan, basin_error *error)
{
    basin_window g = convolution_window(plan);
    int table = (int)plan->settings[TABLE], kh = g.kernel[0], kw = g.kernel[1];
    BASIN_TRY(place_window(&g, plan, error));
    BASIN_TRY(check_table(&g, table, error));
    size_t all = (size_t)g.channels * kh * kw * g.out_channels;
    BASIN_REQUIRE(all <= INT32_MAX, error, BASIN_E_SHAPE,
        "a convolution of %zu weights; there can be %d", all, INT32_MAX);
    plan->tensors[0] = (basin_tensor_info){
        "weight", 4, {g.channels, kh, kw, g.out_channels}, 0};
    plan->n_params = all;
    if (table != TABLE_FULL) {
        int pairs = table == TABLE_EACH ? g.out_channels : LENET5_PAIRS;
        plan->tensors[0] = (basin_tensor_info){"weight", 3, {pairs, kh, kw}, 0};
        plan->n_params = (size_t)pairs * kh * kw;
        plan->n_work = all;
    }
    plan->n_tensors = 1;
    if (plan->settings[BIAS] != 0) {
        plan->tensors[1] =
            (basin_tensor_info){"bias", 1, {g.out_channels}, plan->n_params};
        plan->n_tensors = 2;
        plan->n_params += g.out_channels;
    }
    return BASIN_OK;
}

static size_t count_weights(const basin_module_plan *plan)
{
    size_t n = 1;
    for (int i = 0; i < plan->tensors[0].n_dims; i++)
        n *= plan->tensors[0].dims[i];
    return n;
}

static void convolution_init(
    const basin_module_plan *plan, float *params, basin_random_key key)
{
    basin_window g = convolution_window(plan);
    size_t n_weights = count_weights(plan);
    double range = plan->settings[WEIGHT_RANGE];
    if (range == 0)
        range = 1 / basin_sqrt((double)n_weights / g.out_channels);
    for (size_t i = 0; i < plan->n_params; i++) {
        double r = i < n_weights ? range : plan->settings[BIAS_RANGE];
        params[i] = (float)(r * (2 * basin_random_uniform(key, i) - 1));
    }
}

/* Between the weights of the pairs in the table and those of all pairs, where
 * the others are 0: spread out, or gathered and added. */
static void spread(float *all, const float *pairs, const basin_window *g,
    int table, float *gathered)
{
    const int taps = g->kernel[0] * g->kernel[1], n_out = g->out_channels;
    size_t pair = 0;
    for (int in = 0; in < g->channels; in++)
        for (int out = 0; out < n_out; out++) {
            bool is = sees(table, in, out, g->channels);
            for (int t = 0; t < taps; t++) {
                float *at = &all[((size_t)in * taps + t) * n_out + out];
                if (gathered && is)
                    gathered[pair + t] += *at;
                else if (!gathered)
                    *at = is ? pairs[pair + t] : 0;
            }
            pair += is ? (size_t)taps : 0;
        }
}

/* The weights of all pairs. */
static const float *weights_of(
    const basin_module_call *c, const basin_window *g)
{
    int table = (int)c->plan->settings[TABLE];
    if (table == TABLE_FULL)
        return c->params;
    spread(c->work, c->params, g, table, NULL);
    return c->work;
}

static void convolution_forward(const basin_module_call *c)
{
    basin_window g = convolution_window(c->plan);
    const float *bias =
        c->plan->n_tensors > 1 ? c->params + c->plan->tensors[1].offset : NULL;
    c->k->convolve(
        c->out, c->in[0].value, weights_of(c, &g), bias, &g, c->rows);
}

static void convolution_backward(const basin_module_call *c)
{
    basin_window g = convolution_window(c->plan);
    int table = (int)c->plan->settings[TABLE];
    if (c->in[0].grad)
        c->k->convolve_back_x(
            c->in[0].grad, weights_of(c, &g), c->d_out, &g, c->rows);
    if (!c->d_params)
        return;
    float *d_bias = c->plan->n_tensors > 1
                        ? c->d_params + c->plan->tensors[1].offset
                        : NULL;
    float *d_weights = table == TABLE_FULL ? c->d_params : c->work;
    if (table != TABLE_FULL)
        c->k->fill(d_weights, 0, c->plan->n_work);
    c->k->convolve_back_w(
        d_weights, d_bias, c->in[0].value, c->d_out, &g, c->rows);
    if (table != TABLE_FULL)
        spread(d_weights, NULL, &g, table, c->d_params);
}

const basin_module basin__module_convolution = {
    .part = {"convolution", "the same small linear map at every place",
        "y_o(p,q) = b_o + sum_cij w_cijo x_c(p s + i - pad, q s + j - pad)",
        "LeCun et al. 1998, section II", convolution_params,
        sizeof convolution_params / sizeof *convolution_params},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = convolution_plan,
    .init = convolution_init,
    .forward = convolution_forward,
    .backward = convolution_backward,
};

/* -------------------------------------------------------------------- pools */

static const basin_param pool_params[] = {
    SIZES(2, 0, 0,
        "the step down from one place to the next; 0: as high as the window"),
};

static basin_window pool_window(const basin_module_plan *plan)
{
    basin_window g;
    read_window(&g, plan->settings, plan->in[0]);
    g.out_channels = g.channels;
    g.out_height = plan->out.height;
    g.out_width = plan->out.width;
    return g;
}

static basin_status pool_plan(basin_module_plan *plan, basin_error *error)
{
    basin_window g = pool_window(plan);
    return place_window(&g, plan, error);
}

static void max_forward(const basin_module_call *c)
{
    basin_window g = pool_window(c->plan);
    c->k->pool_max(c->out, c->in[0].value, &g, c->rows);
}

static void max_backward(const basin_module_call *c)
{
    basin_window g = pool_window(c->plan);
    if (c->in[0].grad)
        c->k->pool_max_back(
            c->in[0].grad, c->in[0].value, c->out, c->d_out, &g, c->rows);
}

static void mean_forward(const basin_module_call *c)
{
    basin_window g = pool_window(c->plan);
    c->k->pool_mean(c->out, c->in[0].value, &g, c->rows);
}

static void mean_backward(const basin_module_call *c)
{
    basin_window g = pool_window(c->plan);
    if (c->in[0].grad)
        c->k->pool_mean_back(c->in[0].grad, c->d_out, &g, c->rows);
}

const basin_module basin__module_max_pool = {
    .part = {"max-pool", "the largest value of each window",
        "y_c(p,q) = max_ij x_c(p s + i, q s + j)",
        "Riesenhuber and Poggio 1999", pool_params, PLACES},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = pool_plan,
    .forward = max_forward,
    .backward = max_backward,
    .kinks = true,
    .keeps_sign = true,
};

const basin_module basin__module_mean_pool = {
    .part = {"mean-pool", "the mean of each window",
        "y_c(p,q) = mean_ij x_c(p s + i, q s + j)",
        "LeCun et al. 1989 (subsampling)", pool_params, PLACES},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = pool_plan,
    .forward = mean_forward,
    .backward = mean_backward,
    .keeps_sign = true,
};

/* ---------------------------------------------------------------- for export
 */

basin_window basin__window_of(const basin_node_info *node, basin_shape in)
{
    basin_module_plan plan = {
        .settings = node->settings, .in = {in}, .out = node->shape};
    return node->module == &basin__module_convolution
               ? convolution_window(&plan)
               : pool_window(&plan);
}

bool basin__window_sees(
    const basin_node_info *node, basin_shape in, int from, int to)
{
    return sees((int)node->settings[TABLE], from, to, in.channels);
}
