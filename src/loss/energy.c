/* SPDX-License-Identifier: MIT
 *
 * The energy loss: it only pulls down the right answer. It learns where the
 * architecture raises other energies by itself, and collapses elsewhere.
 */
#include "loss/losses.h"

static const basin_param params[] = {
    {"power", "", 1, 2, 1, .integer = true,
        .help = "1: the tutorial's E; 2: the demonstrations' E^2"},
};

static void evaluate(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    bool square = settings[0] == 2;
    out->value = square ? in->e_c * in->e_c : in->e_c;
    out->e_c = square ? 2 * in->e_c : 1;
}

const basin_loss_type basin__loss_energy = {
    .part = {"energy", "pulls the right answer down, and nothing up",
        "L = E_C^power", "LeCun et al. 2006, equation 6", params, 1},
    .needs = BASIN_NEED_EC,
    .needs_values = true,
    .domain = BASIN_DOMAIN_NONNEGATIVE,
    .evaluate = evaluate,
    .expression = "ec^power",
};
