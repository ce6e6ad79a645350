/* SPDX-License-Identifier: MIT
 *
 * Task costs Delta(right, other): how bad it is to answer `other`. They stand
 * beside the energies, and losses see only their values.
 */
#include "energy/energy.h"

static float zero_one(const double *settings, const basin_space *space,
    const float *right, const float *other)
{
    (void)settings;
    for (int i = 0; i < space->dim; i++)
        if (right[i] != other[i])
            return 1;
    return 0;
}

static float absolute(const double *settings, const basin_space *space,
    const float *right, const float *other)
{
    (void)settings;
    float sum = 0;
    for (int i = 0; i < space->dim; i++)
        sum += __builtin_fabsf(other[i] - right[i]);
    return sum;
}

static void absolute_gradient(const double *settings, const basin_space *space,
    const float *right, const float *other, float weight, float *d_other)
{
    (void)settings;
    for (int i = 0; i < space->dim; i++)
        d_other[i] +=
            weight * (float)((other[i] > right[i]) - (other[i] < right[i]));
}

static float squared(const double *settings, const basin_space *space,
    const float *right, const float *other)
{
    (void)settings;
    float sum = 0;
    for (int i = 0; i < space->dim; i++)
        sum += (other[i] - right[i]) * (other[i] - right[i]);
    return sum;
}

static void squared_gradient(const double *settings, const basin_space *space,
    const float *right, const float *other, float weight, float *d_other)
{
    (void)settings;
    for (int i = 0; i < space->dim; i++)
        d_other[i] += 2 * weight * (other[i] - right[i]);
}

static const basin_cost_type costs[] = {
    {.part = {"zero-one", "1 for every wrong answer", "[y != right]",
         "LeCun et al. 2006, section 2", NULL, 0},
        .value = zero_one},
    {.part = {"absolute", "sum of absolute differences", "sum |y - right|", "",
         NULL, 0},
        .value = absolute,
        .gradient = absolute_gradient},
    {.part = {"squared", "squared distance", "sum (y - right)^2", "", NULL, 0},
        .value = squared,
        .gradient = squared_gradient},
};

basin_status basin__energy_register(basin_context *ctx, basin_error *error)
{
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++)
        BASIN_TRY(basin_register(ctx, BASIN_KIND_COST, &costs[i].part, error));
    return BASIN_OK;
}
