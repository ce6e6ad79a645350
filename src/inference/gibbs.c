/* SPDX-License-Identifier: MIT
 *
 * Gibbs sampling: one number after the other is drawn from its law given all
 * the others, which is exact, for the energy of each value that it can take is
 * computed. Numbers are labels, or take a few evenly spaced values of a box:
 * with two points they are binary.
 */
#include "inference/sampler.h"

enum { POINTS = BASIN__SAMPLER_SETTINGS, SETTINGS };

/* clang-format off */
static const basin_param params[] = {
    BASIN__SAMPLER_PARAMS,
    {"points", "", 2, 1 << 12, 2, .integer = true,
        .help = "evenly spaced values that a number of a box can take, from "
                "its low to its high end"},
};
/* clang-format on */

static int values_of(const basin__sampler *s, const basin_space *space)
{
    return space->kind == BASIN_SPACE_LABELS ? space->count
                                             : (int)s->settings[POINTS];
}

static float value_at(
    const basin__sampler *s, const basin_space *space, int number)
{
    if (space->kind == BASIN_SPACE_LABELS)
        return (float)number;
    int last = (int)s->settings[POINTS] - 1;
    double low = (double)space->low, high = (double)space->high;
    return number == last ? space->high
                          : (float)(low + number * (high - low) / last);
}

static int most_values(const basin__sampler *s)
{
    int y = values_of(s, &s->info->y);
    int z = s->samples_z ? values_of(s, &s->info->z) : 0;
    return y > z ? y : z;
}

/* -------------------------------------------------------------------- sweep */

/* (rows, dim) to (rows, n, dim): each row n times. */
static void repeat(float *out, const float *rows, int n_rows, int n, int dim)
{
    for (int r = 0; r < n_rows; r++, rows += dim)
        for (int i = 0; i < n; i++)
            for (int d = 0; d < dim; d++)
                *out++ = rows[d];
}

/* The energies of all values of one number, for all chains, into e_next.
 * @return how many values there are */
static int try_values(basin__walk *w, const basin__moving *v, int at)
{
    const basin__sampler *s = w->sampler;
    int n = values_of(s, v->space);
    float *tried = v == &w->y ? w->try_y : w->try_z;
    repeat(w->try_y, w->y.at, w->rows, n, w->y.dim);
    repeat(w->try_z, w->z.at, w->rows, n, w->z.dim);
    for (int r = 0; r < w->rows; r++)
        for (int i = 0; i < n; i++)
            tried[((size_t)r * n + i) * v->dim + at] = value_at(s, v->space, i);
    basin_set set = {.y = w->try_y,
        .z = s->samples_z ? w->try_z : s->z.values,
        .y_count = w->chains * n,
        .z_count = s->samples_z ? 1 : s->z.count};
    basin__sampler_lower(
        s, basin_pass_evaluate(w->pass, 0, &set), w->rows * n, w->e_next, w->q);
    for (int r = 0; w->right && r < w->rows; r++)
        for (int i = 0; i < n; i++)
            if (!basin__wrong_at(
                    w, r, w->try_y + ((size_t)r * n + i) * w->y.dim))
                w->e_next[(size_t)r * n + i] = __builtin_inff();
    return n;
}

/* Which of n values, by their energies: the lowest, or one drawn. */
static int choose(basin__walk *w, const float *e, int n, double u)
{
    const basin__sampler *s = w->sampler;
    size_t low = s->k->argmin(e, (size_t)n);
    if (w->cold)
        return (int)low;
    double sum = s->k->gibbs(w->q, e, NULL, e[low],
        (float)s->settings[BASIN__SAMPLER_BETA], (size_t)n);
    double left = u * sum;
    for (int i = 0; i < n; i++) {
        left -= (double)w->q[i];
        if (left < 0)
            return i;
    }
    return (int)low;
}

/* @return how many chains moved */
static int draw_number(basin__walk *w, basin__moving *v, int at, uint64_t first)
{
    const basin_random_key key = basin__walk_key(w, BASIN__DRAW_MOVE);
    int n = try_values(w, v, at), moved = 0;
    for (int r = 0; r < w->rows; r++) {
        const float *e = w->e_next + (size_t)r * n;
        double u = w->cold ? 0 : basin_random_uniform(key, first + (uint64_t)r);
        int chosen = choose(w, e, n, u);
        if (w->right && e[chosen] == __builtin_inff())
            continue; /* none of them is wrong: it stays */
        float value = value_at(w->sampler, v->space, chosen);
        float *place = &v->at[(size_t)r * v->dim + at];
        moved += *place != value;
        *place = value;
        w->e[r] = e[chosen];
    }
    w->moves += w->rows;
    w->taken += moved;
    return moved;
}

static int sweep(basin__walk *w)
{
    uint64_t first = 0;
    int moved = 0;
    for (int d = 0; !w->clamped && d < w->y.dim; d++) {
        moved += draw_number(w, &w->y, d, first);
        first += (uint64_t)w->rows;
    }
    for (int d = 0; d < w->z.dim; d++) {
        moved += draw_number(w, &w->z, d, first);
        first += (uint64_t)w->rows;
    }
    basin__walk_track(w);
    return moved;
}

static void gibbs_step(basin__walk *w)
{
    sweep(w);
}

/* Each number in turn takes its best value, until none changes. */
static void gibbs_polish(basin__walk *w, int rounds)
{
    w->cold = true;
    for (int round = 0; round < rounds && sweep(w) > 0; round++)
        ;
    basin__walk_energy(w, w->e);
    w->cold = false;
}

static const basin__mover mover = {.labels = true,
    .values = most_values,
    .step = gibbs_step,
    .polish = gibbs_polish};

static basin_status gibbs_open(void *self, basin_energy *energy,
    const double *settings, basin_error *error)
{
    return basin__sampler_open(self, &mover, "gibbs", energy, settings, error);
}

const basin_inference_type basin__inference_gibbs = {
    .part = {"gibbs", "samples labels, binary and few-valued numbers, in turn",
        "p(y_d = v | the others) = exp(-beta E(v)) / sum over v; dF = mean dE "
        "over the chains",
        "Geman and Geman 1984; Hinton 2002 (contrastive divergence); Tieleman "
        "2008 (persistent chains)",
        params, SETTINGS},
    .open = gibbs_open,
    BASIN__SAMPLER_ENTRY,
};
