/* SPDX-License-Identifier: MIT
 *
 * A loss as a function of E_C and E_I alone: as if there were these two
 * answers and no more.
 */
#include "loss/check.h"

#include "basin/math.h"

static double softmin(double a, double b, double beta, double *share_a)
{
    double gap = beta * (a - b);
    *share_a = basin_sigmoid(-gap);
    return b - basin_softplus(-gap) / beta;
}

double basin_loss_on_plane(
    const basin_loss *loss, double ec, double ei, double *d_c, double *d_i)
{
    double share;
    const double e_y[2] = {ec, ei}, delta_y[2] = {0, 1};
    double slopes_y[2] = {0, 0};
    basin_energies in = {.e_c = ec,
        .e_i = ei,
        .delta_i = 1,
        .e_min = ec < ei ? ec : ei,
        .f = softmin(ec, ei, 1, &share),
        .f_i = ei,
        .beta = 1,
        .n = 2,
        .e_y = e_y,
        .delta_y = delta_y};
    basin_slopes out = {.e_y = slopes_y};
    basin_loss_evaluate(loss, &in, &out);
    if (d_c)
        *d_c =
            out.e_c + (ec <= ei ? out.e_min : 0) + out.f * share + slopes_y[0];
    if (d_i)
        *d_i = out.e_i + (ec <= ei ? 0 : out.e_min) +
               out.f * basin_sigmoid(ec - ei) + out.f_i + slopes_y[1];
    return out.value;
}

double basin__judged_value(
    const basin__judged *j, double ec, double ei, double *d_c, double *d_i)
{
    return j->loss ? basin_loss_on_plane(j->loss, ec, ei, d_c, d_i)
                   : basin_expression_value(j->q, ec, ei, d_c, d_i);
}

void basin__judged_ball(basin__ball *out, const basin__judged *j,
    const basin__ball *ec, const basin__ball *ei)
{
    if (j->q) {
        basin__expression_ball(out, j->q, ec, ei);
    } else {
        double c = basin__ball_double(ec), i = basin__ball_double(ei);
        *out = basin__ball_of(basin_loss_on_plane(j->loss, c, i, NULL, NULL));
        if (out->kind == BASIN__FINITE)
            basin__ball_blur(out, out->exponent - 46);
    }
    /* what is hardly known is not known */
    const int64_t good = -60;
    int64_t bound = out->kind == BASIN__FINITE && out->exponent > 0
                        ? out->exponent - 40
                        : good;
    if (!j->q && out->kind == BASIN__FINITE)
        return;
    if (out->kind <= BASIN__FINITE && out->error > bound && out->error > good)
        *out = basin__ball_of(__builtin_nan(""));
}
