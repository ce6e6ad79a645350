/* SPDX-License-Identifier: MIT
 *
 * The negative log-likelihood: the right answer is pulled down, and all
 * answers up, each by its Gibbs probability.
 */
#include "loss/losses.h"

static void evaluate(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    (void)settings;
    out->value = in->e_c - in->f;
    out->e_c = 1;
    out->f = -1;
}

const basin_loss_type basin__loss_nll = {
    .part = {"nll", "negative log-likelihood of the right answer",
        "L = E_C - F, F = -(1/beta) log integral exp(-beta E)",
        "LeCun and Huang 2005, equations 9 and 10; LeCun et al. 2006, "
        "equation 12",
        NULL, 0},
    .needs = BASIN_NEED_EC | BASIN_NEED_F,
    .domain = BASIN_DOMAIN_ANY,
    .evaluate = evaluate,
};
