/* SPDX-License-Identifier: MIT
 *
 * Losses that weigh the right answer against all others together, through the
 * free energy F = -(1/beta) log integral exp(-beta E).
 */
#include "loss/losses.h"

static void nll(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    (void)settings;
    out->value = in->e_c - in->f;
    out->e_c = 1;
    out->f = -1;
}

/* 1 minus the Gibbs probability of the right answer. For answers that are not
 * labels this is a density, and the loss can go below 0. */
static void mee(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    (void)settings;
    double slope;
    double p = basin__exp_line(in->beta * (in->f - in->e_c), &slope);
    out->value = 1 - p;
    out->e_c = in->beta * slope;
    out->f = -in->beta * slope;
}

static void contrastive(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    (void)settings;
    out->value = in->e_c - in->f_i;
    out->e_c = 1;
    out->f_i = -1;
}

const basin_loss_type basin__losses_partition[] = {
    {.part = {"nll", "negative log-likelihood of the right answer",
         "L = E_C - F",
         "LeCun and Huang 2005, equations 9 and 10; LeCun et al. 2006, "
         "equation 12",
         NULL, 0},
        .needs = BASIN_NEED_EC | BASIN_NEED_F,
        .evaluate = nll,
        .expression = "ec + log(exp(-beta*ec) + exp(-beta*ei) + others)/beta"},
    {.part = {"mee", "minimum empirical error: the probability of being wrong",
         "L = 1 - exp(-beta (E_C - F)), by its tangent beyond 30",
         "Ljolje, Ephraim and Rabiner 1990; LeCun et al. 2006, table 1", NULL,
         0},
        .needs = BASIN_NEED_EC | BASIN_NEED_F,
        .needs_values = true,
        .evaluate = mee,
        .expression =
            "1 - exp(-beta*ec)/(exp(-beta*ec) + exp(-beta*ei) + others)"},
    {.part = {"contrastive-free-energy",
         "the right answer against the wrong ones together",
         "L = E_C - F_I, F_I the free energy of the incorrect answers",
         "LeCun and Huang 2005, equation 8", NULL, 0},
        .needs = BASIN_NEED_EC | BASIN_NEED_FI,
        .evaluate = contrastive,
        .expression = "ec + log(exp(-beta*ei) + others)/beta"},
};

const int basin__n_losses_partition =
    sizeof basin__losses_partition / sizeof *basin__losses_partition;
