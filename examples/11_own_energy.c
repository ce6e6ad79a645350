/* SPDX-License-Identifier: MIT
 *
 * An energy of one's own: E = ((x - a)^2 + (y - b)^2 - c)^2 is 0 on a circle.
 * There is no y = f(x) to learn here, for most x have two answers; an energy
 * does not mind. Three functions and a table entry are all it takes.
 */
#include <basin/basin.h>

#include <math.h>
#include <stdio.h>

static basin_status describe(void *self, basin_energy_info *info,
    const double *settings, basin_error *error)
{
    (void)self, (void)settings, (void)error; /* it has none, and cannot fail */
    info->x = info->y = (basin_space){BASIN_SPACE_BOX, 1, -2, 2, 0};
    info->bound = BASIN_BOUND_NONNEGATIVE; /* so that every loss may use it */
    info->n_params = 3;                    /* a, b, c */
    return BASIN_OK;
}

/* How far outside the circle, in squares. */
static float beyond(const float *w, float x, float y)
{
    return (x - w[0]) * (x - w[0]) + (y - w[1]) * (y - w[1]) - w[2];
}

static float value(const void *self, const float *w, const float *x,
    const float *y, const float *z)
{
    (void)self, (void)z;
    float d = beyond(w, *x, *y);
    return d * d;
}

static void gradient(const void *self, const float *w, const float *x,
    const float *y, const float *z, float weight, float *d_w, float *d_x,
    float *d_y, float *d_z)
{
    (void)self, (void)z, (void)d_z;
    float slope = 2 * weight * beyond(w, *x, *y);
    if (d_w) {
        d_w[0] -= slope * 2 * (*x - w[0]);
        d_w[1] -= slope * 2 * (*y - w[1]);
        d_w[2] -= slope;
    }
    if (d_x)
        *d_x += slope * 2 * (*x - w[0]);
    if (d_y)
        *d_y += slope * 2 * (*y - w[1]);
}

static const basin_energy_type circle = {
    .part = {"circle", "0 on a circle", "E = (r^2 - c)^2 around (a, b)", "", 0,
        0},
    .describe = describe,
    .value = value,
    .gradient = gradient,
};

static basin_error why;
#define TRY(call)                                                              \
    if ((call) != BASIN_OK)                                                    \
    return fprintf(stderr, "%s\n", why.message), 1

int main(void)
{
    basin_context *ctx;
    basin_energy *energy;
    basin_gradcheck check;
    basin_inference *grid;
    basin_loss *loss;
    basin_trainer *trainer;
    basin_train_def def = basin_train_default();
    float x[60], y[60];
    for (int i = 0; i < 60; i++) { /* the centre is (0.5, -0.25) */
        x[i] = 0.5F + 1.2F * (float)cos(i * 0.1047);
        y[i] = -0.25F + 1.2F * (float)sin(i * 0.1047);
    }
    TRY(basin_context_create(&ctx, NULL, &why));
    TRY(basin_register(ctx, BASIN_KIND_ENERGY, &circle.part, &why));
    TRY(basin_energy_create(&energy, ctx, "circle", NULL, 0, &why));
    TRY(basin_energy_gradcheck(&check, energy, 1, 20, &why));
    TRY(basin_inference_create(&grid, energy, "grid", NULL, 0, &why));
    TRY(basin_loss_create(&loss, ctx, "energy", NULL, 0, &why));
    TRY(basin_trainer_create(&trainer, grid, loss,
        &(basin_samples){.n = 60, .x = x, .y = y}, &def, &why));
    TRY(basin_trainer_run(trainer, &why));
    const float *w = basin_energy_params(energy);
    printf("centre (%.2f, %.2f), radius %.2f\n", (double)w[0], (double)w[1],
        sqrt((double)w[2]));
    float off = fabsf(w[0] - 0.5F) + fabsf(w[1] + 0.25F) + fabsf(w[2] - 1.44F);
    basin_trainer_destroy(trainer);
    basin_loss_destroy(loss);
    basin_inference_destroy(grid);
    basin_energy_destroy(energy);
    basin_context_destroy(ctx);
    return check.worst < BASIN_GRADCHECK_GOOD && off < 0.01F ? 0 : 1;
}
