/* SPDX-License-Identifier: MIT
 *
 * Chains among the wrong answers alone, whose law is exp(-beta E) where an
 * answer is wrong and 0 elsewhere: a step onto a right one is not taken. In a
 * box an answer is wrong at a distance of epsilon or more, as for the grid.
 */
#include "inference/sampler.h"

enum { THROWS = 64 };

basin_status basin__wrong_check(const basin__sampler *s, basin_error *error)
{
    const basin_space *y = &s->info->y;
    const double epsilon = s->settings[BASIN__SAMPLER_EPSILON];
    const double most =
        ((double)y->high - (double)y->low) / 2 * basin_sqrt((double)y->dim);
    BASIN_REQUIRE(y->kind != BASIN_SPACE_LABELS || y->count > 1, error,
        BASIN_E_SERVE, "there is one label, and so no wrong answer");
    BASIN_REQUIRE(y->kind == BASIN_SPACE_LABELS || epsilon <= most, error,
        BASIN_E_RANGE,
        "epsilon = %g leaves some samples without a wrong answer: in this box "
        "of %d dimensions at most %g is right",
        epsilon, y->dim, most);
    return BASIN_OK;
}

static double distance2(const float *a, const float *b, int dim)
{
    double sum = 0;
    for (int d = 0; d < dim; d++)
        sum += ((double)a[d] - (double)b[d]) * ((double)a[d] - (double)b[d]);
    return sum;
}

static const float *right_of(const basin__walk *w, int row)
{
    return w->right + (size_t)(row / w->chains) * w->right_stride;
}

bool basin__wrong_at(const basin__walk *w, int row, const float *y)
{
    if (!w->right)
        return true;
    const double far = distance2(y, right_of(w, row), w->y.dim);
    const double epsilon = w->y.space->kind == BASIN_SPACE_LABELS
                               ? 0
                               : w->sampler->settings[BASIN__SAMPLER_EPSILON];
    return epsilon > 0 ? far >= epsilon * epsilon : far > 0;
}

/* The end of the box, or the label, that is far from the right one. */
static float far_from(const basin_space *space, float right)
{
    if (space->kind == BASIN_SPACE_LABELS)
        return right > 0 ? 0 : 1;
    return right - space->low > space->high - right ? space->low : space->high;
}

/* Anywhere among the wrong answers: thrown until it lies there; the farthest
 * corner always does. */
static void throw_anew(basin__walk *w, int row)
{
    const basin_random_key key = basin__walk_key(w, BASIN__DRAW_START);
    const basin_space *space = w->y.space;
    const size_t dim = (size_t)w->y.dim, n = (size_t)w->rows * dim;
    const size_t beyond = n + (size_t)w->rows * w->z.dim; /* of the scatter */
    float *y = w->y.at + (size_t)row * dim;
    for (size_t t = 0; t < THROWS; t++) {
        for (size_t d = 0; d < dim; d++)
            y[d] = basin__anywhere(
                space, basin_random_uniform(
                           key, beyond + t * n + (size_t)row * dim + d));
        if (basin__wrong_at(w, row, y))
            return;
    }
    for (size_t d = 0; d < dim; d++)
        y[d] = far_from(space, right_of(w, row)[d]);
}

/* Back towards the right answer, as near as a wrong one comes. */
static void draw_near(basin__walk *w, int row)
{
    const float *right = right_of(w, row);
    float *y = w->y.at + (size_t)row * w->y.dim;
    const double epsilon = w->sampler->settings[BASIN__SAMPLER_EPSILON];
    const double far = basin_sqrt(distance2(y, right, w->y.dim));
    const double part = epsilon * (1 + 1e-5) / far;
    if (!(part < 1))
        return;
    for (int d = 0; d < w->y.dim; d++)
        y[d] = (float)((double)right[d] +
                       part * ((double)y[d] - (double)right[d]));
}

void basin__wrong_start(basin__walk *w, bool near)
{
    for (int r = 0; r < w->rows; r++) {
        if (basin__wrong_at(w, r, w->y.at + (size_t)r * w->y.dim))
            continue;
        throw_anew(w, r);
        if (near)
            draw_near(w, r);
    }
}
