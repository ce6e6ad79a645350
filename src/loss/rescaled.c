/* SPDX-License-Identifier: MIT
 *
 * Margins that grow with the task cost: the worse an answer is, the further
 * above the right one it must lie.
 */
#include "loss/losses.h"

static void margin_rescaling(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    (void)settings;
    double short_of = in->delta_i + in->e_c - in->e_i;
    if (short_of <= 0)
        return;
    out->value = short_of;
    out->e_c = 1;
    out->e_i = -1;
}

static const basin_param slack_params[] = {
    {"margin", "energy", 0, 1e6, 1, .open_low = true,
        .help = "m: the margin of an answer whose cost is 1"},
};

static void slack_rescaling(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    double short_of = settings[0] + in->e_c - in->e_i;
    if (short_of <= 0)
        return;
    out->value = in->delta_i * short_of;
    out->e_c = in->delta_i;
    out->e_i = -in->delta_i;
}

const basin_loss_type basin__losses_rescaled[] = {
    {.part = {"margin-rescaling", "a hinge whose margin is the task cost",
         "L = max(0, Delta + E_C - E_I), E_I that of min(E - Delta)",
         "Taskar, Guestrin and Koller 2003; Tsochantaridis et al. 2005", NULL,
         0},
        .needs = BASIN_NEED_EC | BASIN_NEED_EI,
        .offender = BASIN_OFFENDER_MARGIN,
        .needs_values = true,
        .evaluate = margin_rescaling,
        .expression = "max(0, cost + ec - ei)"},
    {.part = {"slack-rescaling", "a hinge weighed by the task cost",
         "L = Delta max(0, m + E_C - E_I), E_I the answer where it is largest",
         "Tsochantaridis et al. 2005", slack_params, 1},
        .needs = BASIN_NEED_EC | BASIN_NEED_EI,
        .offender = BASIN_OFFENDER_SLACK,
        .needs_values = true,
        .evaluate = slack_rescaling,
        .expression = "cost*max(0, margin + ec - ei)"},
};

const int basin__n_losses_rescaled =
    sizeof basin__losses_rescaled / sizeof *basin__losses_rescaled;
