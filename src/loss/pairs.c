/* SPDX-License-Identifier: MIT
 *
 * Losses of the difference E_C - E_I, and the perceptron: what matters is how
 * far the right answer lies below the most offending one.
 */
#include "loss/losses.h"

/* Give both energies the slope of a function of their difference. */
static void of_difference(basin_slopes *out, double value, double slope)
{
    out->value = value;
    out->e_c = slope;
    out->e_i = -slope;
}

static void perceptron(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    (void)settings;
    out->value = in->e_c - in->e_min;
    out->e_c = 1;
    out->e_min = -1;
}

static const basin_param hinge_params[] = {
    {"margin", "energy", 0, 1e6, 1, .open_low = true,
        .help = "m: by how much the right answer must lie lower"},
};

static void hinge(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    double short_of = settings[0] + in->e_c - in->e_i;
    of_difference(out, short_of > 0 ? short_of : 0, short_of > 0);
}

static void log_loss(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    (void)settings;
    double d = in->e_c - in->e_i;
    of_difference(out, basin_softplus(d), basin_sigmoid(d));
}

static const basin_param lvq2_params[] = {
    {"cap", "energy", 0, 1e6, 1, .open_low = true,
        .help = "M: beyond it the loss does not grow"},
};

static void lvq2(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    double d = in->e_c - in->e_i, cap = settings[0];
    of_difference(out, d < 0 ? 0 : d > cap ? cap : d, d > 0 && d < cap);
}

static const basin_param ratio_params[] = {
    {"delta", "", 0, 1e3, 0.1, .open_low = true,
        .help = "the loss stops growing at E_C = (1 + delta) E_I"},
};

/* With E_I in the denominator the ratio E_C / E_I saturates at 1 + delta. */
static void lvq2_ratio(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    double d = in->e_c - in->e_i, scale = settings[0] * in->e_i;
    if (d <= 0 || d >= scale) {
        out->value = d > 0;
        return;
    }
    out->value = d / scale;
    out->e_c = 1 / scale;
    out->e_i = -in->e_c / (scale * in->e_i);
}

static void mce(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    (void)settings;
    double d = in->e_c - in->e_i, s = basin_sigmoid(d);
    of_difference(out, s, s * basin_sigmoid(-d));
}

static void exponential(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    (void)settings;
    double slope, value = basin__exp_line(in->e_c - in->e_i, &slope);
    of_difference(out, value, slope);
}

#define TUTORIAL "LeCun et al. 2006, table 1"

const basin_loss_type basin__losses_pairs[] = {
    {.part = {"perceptron", "the right answer against the lowest of all",
         "L = E_C - min E", "LeCun and Huang 2005, equation 3; " TUTORIAL, NULL,
         0},
        .needs = BASIN_NEED_EC | BASIN_NEED_EMIN,
        .needs_values = true,
        .evaluate = perceptron,
        .expression = "ec - min(ec, ei)"},
    {.part = {"hinge", "what the difference lacks to the margin",
         "L = max(0, m + E_C - E_I)", TUTORIAL, hinge_params, 1},
        .needs = BASIN_NEED_EC | BASIN_NEED_EI,
        .needs_values = true,
        .evaluate = hinge,
        .expression = "max(0, margin + ec - ei)"},
    {.part = {"log", "a soft hinge without an end",
         "L = log(1 + exp(E_C - E_I))", TUTORIAL, NULL, 0},
        .needs = BASIN_NEED_EC | BASIN_NEED_EI,
        .needs_values = true,
        .evaluate = log_loss,
        .expression = "log(1 + exp(ec - ei))"},
    {.part = {"lvq2", "the difference where it is wrong, up to a cap",
         "L = min(M, max(0, E_C - E_I))", TUTORIAL, lvq2_params, 1},
        .needs = BASIN_NEED_EC | BASIN_NEED_EI,
        .needs_values = true,
        .evaluate = lvq2,
        .expression = "min(cap, max(0, ec - ei))"},
    {.part = {"lvq2-ratio", "the relative difference, up to 1",
         "L = min(1, max(0, (E_C - E_I) / (delta E_I)))",
         "LeCun et al. 2006, section 2 (its text)", ratio_params, 1},
        .needs = BASIN_NEED_EC | BASIN_NEED_EI,
        .needs_values = true,
        .domain = BASIN_DOMAIN_NONNEGATIVE,
        .evaluate = lvq2_ratio,
        .expression = "min(1, max(0, (ec - ei) / (delta*ei)))"},
    {.part = {"mce", "minimum classification error, a smooth count",
         "L = 1 / (1 + exp(-(E_C - E_I)))", TUTORIAL, NULL, 0},
        .needs = BASIN_NEED_EC | BASIN_NEED_EI,
        .needs_values = true,
        .evaluate = mce,
        .expression = "sigmoid(ec - ei)"},
    {.part = {"exponential", "grows fast with the difference, as boosting does",
         "L = exp(E_C - E_I), by its tangent beyond 30",
         "LeCun and Huang 2005, section 3 (generalised margin)", NULL, 0},
        .needs = BASIN_NEED_EC | BASIN_NEED_EI,
        .needs_values = true,
        .evaluate = exponential,
        .expression = "exp(ec - ei)"},
};

const int basin__n_losses_pairs =
    sizeof basin__losses_pairs / sizeof *basin__losses_pairs;
