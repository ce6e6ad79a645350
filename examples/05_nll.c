/* SPDX-License-Identifier: MIT
 *
 * The likelihood: E_C - F, where F is the free energy over all answers. It
 * pushes every answer up by its probability, so it costs a sum over all of them
 * where a margin needs one. exp(-(E - F)) is then a density of answers.
 */
#include "common.h"

int main(void)
{
    model m = {.ctx = NULL};
    float worst;
    TRY(basin_context_create(&m.ctx, NULL, &why));
    if (two_branches(&m, "nll"))
        return 1;
    if (teach(&m, 0.003, 300) || worst_answer(&m, &worst))
        return 1;
    printf("the worst answer is %.3f off\n", (double)worst);

    /* the density of the answers to x = 0.5, summed over a grid of our own */
    const float x = 0.5F, step = 2.0F / 1000;
    double mass = 0, near = 0, f = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int i = 0; i < 1000; i++) {
            float y = -0.5F + step * ((float)i + 0.5F);
            double e = (double)basin_energy_value(m.energy, &x, &y, NULL);
            double p = exp(-(e - f)) * (double)step;
            mass += p;
            near += fabsf(y - 0.25F) < 0.1F ? p : 0;
        }
        if (pass == 0) {
            f = -log(mass); /* so that it adds up to 1 */
            mass = near = 0;
        }
    }
    printf("within 0.1 of 0.25 lie %.1f %% of the answers\n", 100 * near);
    close_model(&m);
    return !(worst < 0.1F && near > 0.5 && fabs(mass - 1) < 1e-9);
}
