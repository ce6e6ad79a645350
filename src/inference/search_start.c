/* SPDX-License-Identifier: MIT
 *
 * Where a search may go, and where it begins.
 */
#include "inference/search.h"

/* ------------------------------------------------------------- random numbers
 */

typedef struct place {
    basin_random_key key;
    uint64_t index;
} place;

/* A sample's number goes with it, wherever it stands in a batch. */
static place place_of(
    const basin__search *s, size_t state, uint64_t turn, uint64_t number)
{
    size_t b = state / s->starts, start = state % s->starts;
    uint64_t sample = (uint64_t)(s->index ? s->index[b] : (int32_t)b);
    return (place){{(uint64_t)s->settings[BASIN__SEARCH_SEED],
                       BASIN_STREAM_SEARCH, s->step + (turn << 40)},
        (sample << 32) + ((uint64_t)start << 20) + number};
}

double basin__search_uniform(
    const basin__search *s, size_t state, uint64_t turn, uint64_t number)
{
    place at = place_of(s, state, turn, number);
    return basin_random_uniform(at.key, at.index);
}

double basin__search_normal(
    const basin__search *s, size_t state, uint64_t turn, uint64_t number)
{
    place at = place_of(s, state, turn, number);
    return basin_random_normal(at.key, at.index);
}

/* --------------------------------------------------------------- what is
 * allowed */

const float *basin__search_forbids(const basin__search *s, int sample)
{
    return s->goal == BASIN__GOAL_OFFENDER
               ? s->now->right + (size_t)sample * s->info->y.dim
               : NULL;
}

/* The squared distance, in float64: it is compared with epsilon squared. */
static double distance2(const basin__search *s, const float *a, const float *b)
{
    double sum = 0;
    for (int d = 0; d < s->info->y.dim; d++) {
        double off = (double)a[d] - (double)b[d];
        sum += off * off;
    }
    return sum;
}

static double epsilon_of(const basin__search *s)
{
    return s->info->y.kind == BASIN_SPACE_BOX
               ? (double)(float)s->settings[BASIN__SEARCH_EPSILON]
               : 0;
}

bool basin__search_allows(
    const basin__search *s, const float *y, const float *right)
{
    if (!right)
        return true;
    double epsilon = epsilon_of(s), far = distance2(s, y, right);
    if (epsilon > 0)
        return far >= epsilon * epsilon;
    return far > 0 || s->way->touches;
}

/* The nearest point of the simplex: all numbers less one that leaves them a
 * sum of 1 once what fell below 0 is 0 (Michelot 1986). */
static void to_simplex(float *y, int dim)
{
    double less = 0;
    int kept = dim;
    for (int round = 0; round <= dim; round++) {
        double sum = 0;
        int n = 0;
        for (int d = 0; d < dim; d++)
            if (round == 0 || (double)y[d] > less) {
                sum += (double)y[d];
                n++;
            }
        less = (sum - 1) / n;
        if (round > 0 && n == kept)
            break;
        kept = n;
    }
    for (int d = 0; d < dim; d++)
        y[d] = (double)y[d] > less ? (float)((double)y[d] - less) : 0;
}

static void to_space(const basin__search *s, float *y)
{
    const basin_space *space = &s->info->y;
    if (s->simplex) {
        to_simplex(y, space->dim);
        return;
    }
    for (int d = 0; d < space->dim; d++) {
        y[d] = y[d] > space->low ? y[d] : space->low; /* NaN becomes low */
        y[d] = y[d] < space->high ? y[d] : space->high;
    }
}

/* The answer that lies farthest from the right one: always a wrong one. */
static void farthest(const basin__search *s, const float *right, float *out)
{
    const basin_space *space = &s->info->y;
    int least = 0;
    if (space->kind == BASIN_SPACE_LABELS) {
        *out = *right == 0 ? 1 : 0;
        return;
    }
    for (int d = 0; d < space->dim; d++) {
        float up = space->high - right[d], down = right[d] - space->low;
        out[d] = up > down ? space->high : space->low;
        least = right[d] < right[least] ? d : least;
    }
    for (int d = 0; s->simplex && d < space->dim; d++)
        out[d] = d == least;
}

/* Straight away from the right answer, to a hair beyond epsilon. */
static void push(const basin__search *s, float *y, const float *right)
{
    double epsilon = epsilon_of(s), far = distance2(s, y, right);
    double stretch = epsilon * (1 + 1e-6) / __builtin_sqrt(far);
    for (int d = 0; d < s->info->y.dim; d++)
        y[d] = (float)((double)right[d] +
                       stretch * ((double)y[d] - (double)right[d]));
}

bool basin__search_project(const basin__search *s, float *y, const float *right)
{
    enum { ROUNDS = 8 };
    to_space(s, y);
    for (int round = 0; round < ROUNDS; round++) {
        if (basin__search_allows(s, y, right))
            return true;
        if (distance2(s, y, right) == 0)
            return false;
        push(s, y, right);
        to_space(s, y);
    }
    return basin__search_allows(s, y, right);
}

/* --------------------------------------------------------------------- starts
 */

static float in_space(const basin_space *space, double share)
{
    if (space->kind == BASIN_SPACE_BOX)
        return (float)((double)space->low +
                       share * ((double)space->high - (double)space->low));
    int label = (int)(share * space->count);
    return (float)(label < space->count ? label : space->count - 1);
}

/* The nearest of a box's values. */
static void snap(
    const basin__search *s, const basin_space *space, float *v, int n)
{
    if (s->points < 2 || space->kind != BASIN_SPACE_BOX)
        return;
    double low = (double)space->low, wide = (double)space->high - low;
    for (int d = 0; d < n; d++) {
        double at = ((double)v[d] - low) / wide * (s->points - 1) + .5;
        int i = at < 0 ? 0 : at < s->points ? (int)at : s->points - 1;
        v[d] = (float)(low + i * wide / (s->points - 1));
    }
}

/* A start that is not allowed becomes the nearest one that is, where there are
 * no steps to keep to. */
static bool is_settled(const basin__search *s, const float *right, float *y)
{
    snap(s, &s->info->y, y, s->info->y.dim);
    return s->info->y.kind == BASIN_SPACE_LABELS || s->points >= 2
               ? basin__search_allows(s, y, right)
               : basin__search_project(s, y, right);
}

/* Two in four starts of an offender begin on the border of what is right, on
 * opposite sides; the rest anywhere. */
static void start_y(
    const basin__search *s, size_t state, const float *right, float *y)
{
    int start = (int)(state % s->starts), dim = s->info->y.dim;
    bool border = right && start % 4 > 0 && start % 4 < 3 && epsilon_of(s) > 0;
    size_t pair = state - (size_t)(border && start % 4 == 2);
    for (int d = 0; d < dim; d++) {
        if (start == 0 && s->simplex)
            y[d] = 1 / (float)dim;
        else if (border)
            y[d] = right[d] +
                   (float)(start % 4 == 1 ? 1 : -1) *
                       (float)basin__search_normal(s, pair, 0, (uint64_t)d);
        else
            y[d] = in_space(&s->info->y,
                start == 0 ? .5
                           : basin__search_uniform(s, state, 0, (uint64_t)d));
    }
    if (border)
        push(s, y, right);
    if (!is_settled(s, right, y))
        farthest(s, right, y);
}

static void start_z(const basin__search *s, size_t state, float *z)
{
    bool first = state % s->starts == 0;
    for (int d = 0; d < s->z_dim; d++)
        z[d] =
            in_space(&s->info->z, first ? .5
                                        : basin__search_uniform(s, state, 0,
                                              (uint64_t)(s->info->y.dim + d)));
    snap(s, &s->info->z, z, s->z_dim);
}

void basin__search_start(basin__search *s)
{
    basin__states *n = s->now;
    size_t states = (size_t)s->samples * s->starts;
    size_t y_dim = (size_t)s->info->y.dim, z_dim = (size_t)s->z_dim;
    for (size_t i = 0; i < states; i++) {
        size_t b = i / s->starts;
        float *y = n->trial_y + i * y_dim;
        if (s->goal == BASIN__GOAL_RIGHT)
            for (size_t d = 0; d < y_dim; d++)
                y[d] = n->right[b * y_dim + d];
        else
            start_y(s, i, basin__search_forbids(s, (int)b), y);
        start_z(s, i, n->trial_z + i * z_dim);
    }
    basin__search_evaluate(s, 1);
    for (size_t i = 0; i < states; i++) {
        n->key[i] = (double)__builtin_inff();
        basin__search_take(s, i, i);
    }
}
