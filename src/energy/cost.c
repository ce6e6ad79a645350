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

/* Of two sets: how many numbers they have in common, and in all. */
typedef struct overlap {
    float common, all;
} overlap;

static float share(float y)
{
    return y > 0 ? y < 1 ? y : 1 : 0;
}

static overlap overlap_of(
    const basin_space *space, const float *right, const float *other)
{
    overlap out = {0};
    for (int i = 0; i < space->dim; i++) {
        out.common += share(right[i]) * share(other[i]);
        out.all += share(right[i]) + share(other[i]);
    }
    return out;
}

/* Two empty sets are the same. */
static float f1(const double *settings, const basin_space *space,
    const float *right, const float *other)
{
    (void)settings;
    overlap o = overlap_of(space, right, other);
    return o.all > 0 ? 1 - 2 * o.common / o.all : 0;
}

static void f1_gradient(const double *settings, const basin_space *space,
    const float *right, const float *other, float weight, float *d_other)
{
    (void)settings;
    overlap o = overlap_of(space, right, other);
    for (int i = 0; o.all > 0 && i < space->dim; i++)
        if (other[i] >= 0 && other[i] <= 1)
            d_other[i] +=
                2 * weight * (o.common / o.all - share(right[i])) / o.all;
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
    {.part = {"f1", "1 - F1 of two sets of labels, numbers within [0, 1]",
         "1 - 2 sum y right / sum (y + right)", "van Rijsbergen 1979", NULL, 0},
        .value = f1,
        .gradient = f1_gradient},
};

basin_status basin__energy_register(basin_context *ctx, basin_error *error)
{
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++)
        BASIN_TRY(basin_register(ctx, BASIN_KIND_COST, &costs[i].part, error));
    return BASIN_OK;
}
