/* SPDX-License-Identifier: MIT
 *
 * What is added to a loss, whichever it is: penalties on the weights, and on
 * the size of the energies.
 */
#include "learn/learn.h"

double basin__penalise_weights(const basin_kernels *k, const float *w,
    float *gradient, size_t n, double l1, double l2)
{
    double value = 0;
    if (l2 > 0) {
        value += l2 / 2 * (double)k->dot(w, w, n);
        if (gradient)
            k->sgd(gradient, w, (float)-l2, n);
    }
    for (size_t i = 0; l1 > 0 && i < n; i++) {
        value += l1 * (double)(w[i] < 0 ? -w[i] : w[i]);
        if (gradient && w[i] != 0)
            gradient[i] += w[i] < 0 ? (float)-l1 : (float)l1;
    }
    return value;
}

static void penalise(double e, double weight, double *value, double *slope)
{
    *value += weight / 2 * e * e;
    *slope += weight * e;
}

void basin__penalise_size(const basin_loss *loss,
    const basin_energies *energies, double weight, basin_slopes *slopes)
{
    const struct {
        unsigned need;
        double e;
        double *slope;
    } all[] = {
        {BASIN_NEED_EC, energies->e_c, &slopes->e_c},
        {BASIN_NEED_EI, energies->e_i, &slopes->e_i},
        {BASIN_NEED_EMIN, energies->e_min, &slopes->e_min},
        {BASIN_NEED_F, energies->f, &slopes->f},
        {BASIN_NEED_FI, energies->f_i, &slopes->f_i},
    };
    unsigned needs = basin_loss_entry(loss)->needs;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (needs & all[i].need)
            penalise(all[i].e, weight, &slopes->value, all[i].slope);
    for (int i = 0; i < energies->n; i++)
        penalise(energies->e_y[i], weight, &slopes->value, &slopes->e_y[i]);
}

void basin__scale_slopes(basin_slopes *slopes, int n, double factor)
{
    slopes->e_c *= factor;
    slopes->e_i *= factor;
    slopes->e_min *= factor;
    slopes->f *= factor;
    slopes->f_i *= factor;
    for (int i = 0; i < n; i++)
        slopes->e_y[i] *= factor;
}
