/* SPDX-License-Identifier: MIT
 *
 * The square-square loss: the right answer's energy is pulled down to 0, the
 * most offending one's pushed up to the margin. (The tutorial's table prints a
 * minus between the squares; the text and the theory want a plus.)
 */
#include "loss/losses.h"

static const basin_param params[] = {
    {"margin", "energy", 0, 1e6, 2, .open_low = true,
        .help = "m: wrong answers above it are left alone"},
};

static void evaluate(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    double short_of = settings[0] - in->e_i;
    if (short_of < 0)
        short_of = 0;
    out->value = in->e_c * in->e_c + short_of * short_of;
    out->e_c = 2 * in->e_c;
    out->e_i = -2 * short_of;
}

const basin_loss_type basin__loss_square_square = {
    .part = {"square-square",
        "squares of the right energy and of what the offender lacks",
        "L = E_C^2 + max(0, m - E_I)^2",
        "LeCun and Huang 2005, section 3; LeCun et al. 2006, table 1", params,
        1},
    .needs = BASIN_NEED_EC | BASIN_NEED_EI,
    .offender = BASIN_OFFENDER_LOWEST,
    .needs_values = true,
    .domain = BASIN_DOMAIN_NONNEGATIVE,
    .evaluate = evaluate,
};
