/* SPDX-License-Identifier: MIT
 *
 * Separable losses, Q+(E_C) + Q-(E_I): the right answer is pulled down towards
 * 0 and the most offending one pushed up, each by a force of its own. They
 * suppose energies that are never below 0.
 */
#include "loss/losses.h"

static const basin_param margin_params[] = {
    {"margin", "energy", 0, 1e6, 2, .open_low = true,
        .help = "m: wrong answers above it are left alone"},
};

static const basin_param exp_params[] = {
    {"scale", "", 0, 1e6, 1, .open_low = true,
        .help = "kappa: the weight of the push"},
    {"decay", "1/energy", 0, 1e3, 1, .open_low = true,
        .help = "beta: how fast the push fades"},
};

/* A flat surface rests at log(kappa beta) / beta, where the pull of 1 meets the
 * push. At kappa beta <= 1 that is 0, the lowest of all energies: there it
 * would stay, and a net under a softplus learns nothing. So kappa beta is above
 * 1 unless it is asked for. */
static const basin_param linear_exp_params[] = {
    {"scale", "", 0, 1e6, 2, .open_low = true,
        .help =
            "kappa: the weight of the push; above 1 / beta, or all energies "
            "fall to 0"},
    {"decay", "1/energy", 0, 1e3, 1, .open_low = true,
        .help = "beta: how fast the push fades"},
};

static void pull(basin_slopes *out, double e_c, bool square)
{
    out->value += square ? e_c * e_c : e_c;
    out->e_c = square ? 2 * e_c : 1;
}

static void push(basin_slopes *out, double e_i, double margin, bool square)
{
    double short_of = margin - e_i;
    if (short_of <= 0)
        return;
    out->value += square ? short_of * short_of : short_of;
    out->e_i = square ? -2 * short_of : -1;
}

static void push_exp(basin_slopes *out, double e_i, const double *settings)
{
    double slope;
    out->value += settings[0] * basin__exp_line(-settings[1] * e_i, &slope);
    out->e_i = -settings[0] * settings[1] * slope;
}

static void square_square(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    pull(out, in->e_c, true);
    push(out, in->e_i, settings[0], true);
}

static void square_exp(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    pull(out, in->e_c, true);
    push_exp(out, in->e_i, settings);
}

static void linear_linear(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    pull(out, in->e_c, false);
    push(out, in->e_i, settings[0], false);
}

static void linear_square(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    pull(out, in->e_c, false);
    push(out, in->e_i, settings[0], true);
}

static void square_linear(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    pull(out, in->e_c, true);
    push(out, in->e_i, settings[0], false);
}

static void linear_exp(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    pull(out, in->e_c, false);
    push_exp(out, in->e_i, settings);
}

#define SEPARABLE(name, summary, formula, source, params, n, function, q)      \
    {                                                                          \
        .part = {name, summary, formula, source, params, n},                   \
        .needs = BASIN_NEED_EC | BASIN_NEED_EI, .needs_values = true,          \
        .domain = BASIN_DOMAIN_NONNEGATIVE, .evaluate = function,              \
        .expression = q                                                        \
    }

#define FAMILY "LeCun and Huang 2005, section 3 (separable family)"

/* The tutorial's table prints a minus between the squares of the first; its
 * text and the theory want a plus. */
const basin_loss_type basin__losses_separable[] = {
    SEPARABLE("square-square", "squares of the pull and of the push",
        "L = E_C^2 + max(0, m - E_I)^2",
        "LeCun and Huang 2005, section 3; LeCun et al. 2006, table 1",
        margin_params, 1, square_square, "ec^2 + max(0, margin - ei)^2"),
    SEPARABLE("square-exp", "a square pull, a push that fades",
        "L = E_C^2 + kappa exp(-beta E_I)",
        "LeCun and Huang 2005, equation 7; LeCun et al. 2006, table 1",
        exp_params, 2, square_exp, "ec^2 + scale*exp(-decay*ei)"),
    SEPARABLE("linear-linear", "a constant pull, a constant push",
        "L = E_C + max(0, m - E_I)", FAMILY, margin_params, 1, linear_linear,
        "ec + max(0, margin - ei)"),
    SEPARABLE("linear-square", "a constant pull, a square push",
        "L = E_C + max(0, m - E_I)^2", FAMILY, margin_params, 1, linear_square,
        "ec + max(0, margin - ei)^2"),
    SEPARABLE("square-linear", "a square pull, a constant push",
        "L = E_C^2 + max(0, m - E_I)", FAMILY, margin_params, 1, square_linear,
        "ec^2 + max(0, margin - ei)"),
    SEPARABLE("linear-exp", "a constant pull, a push that fades",
        "L = E_C + kappa exp(-beta E_I)", FAMILY, linear_exp_params, 2,
        linear_exp, "ec + scale*exp(-decay*ei)"),
};

const int basin__n_losses_separable =
    sizeof basin__losses_separable / sizeof *basin__losses_separable;
