/* SPDX-License-Identifier: MIT
 *
 * Hamiltonian Monte Carlo: a chain gets a push, glides along the surface by
 * leapfrog steps, and the place where it ends is taken or not, so that its law
 * is exp(-beta E) whatever the step. At an end of the box it turns its push
 * round, which keeps volumes and can be run backwards. The Metropolis adjusted
 * Langevin algorithm is the same with a single leap.
 */
#include "inference/sampler.h"

#include <string.h>

enum {
    STEP = BASIN__SAMPLER_SETTINGS,
    MALA_SETTINGS,
    LEAPS = MALA_SETTINGS,
    HMC_SETTINGS
};

/* clang-format off */
static const basin_param mala_params[] = {
    BASIN__SAMPLER_PARAMS,
    {"step", "Y^2/energy", 0, 1e6, 0.05, .open_low = true,
        .help = "the h of a step"},
};
static const basin_param hmc_params[] = {
    BASIN__SAMPLER_PARAMS,
    {"step", "Y/energy^(1/2)", 0, 1e6, 0.1, .open_low = true,
        .help = "the length of a leap"},
    {"leaps", "", 1, 65536, 10, .integer = true,
        .help = "leaps of a step"},
};
/* clang-format on */

static size_t numbers(const basin__walk *w, const basin__moving *v)
{
    return (size_t)w->rows * v->dim;
}

/* ------------------------------------------------------------------ leapfrog
 */

static void leap(
    basin__walk *w, basin__moving *v, const float *slope, float push, float h)
{
    size_t n = numbers(w, v);
    w->sampler->k->add_scaled(v->push, slope, -push, n);
    w->sampler->k->add_scaled(v->at, v->push, h, n);
    for (size_t i = 0; i < n; i++)
        if (basin__reflect(&v->at[i], v->space))
            v->push[i] = -v->push[i];
}

/* Glide, from the slopes that are known to those where it ends. */
static void glide(basin__walk *w, float h, int leaps, const float *slope[2])
{
    basin__moving *const all[2] = {&w->y, &w->z};
    slope[0] = w->y.slope;
    slope[1] = w->z.slope;
    for (int l = 0; l < leaps; l++) {
        for (int i = w->clamped; i < 2; i++)
            leap(w, all[i], slope[i], l ? h : h / 2, h);
        basin__walk_energy(w, w->e_next);
        basin__walk_slopes(w, &slope[0], &slope[1]);
    }
    for (int i = w->clamped; i < 2; i++)
        if (all[i]->dim)
            w->sampler->k->add_scaled(
                all[i]->push, slope[i], -h / 2, numbers(w, all[i]));
}

static double kinetic(const basin__walk *w, int row)
{
    const basin__moving *const all[2] = {&w->y, &w->z};
    double sum = 0;
    for (int i = w->clamped; i < 2; i++)
        for (int d = 0; d < all[i]->dim; d++) {
            double p = (double)all[i]->push[(size_t)row * all[i]->dim + d];
            sum += p * p / 2;
        }
    return sum;
}

/* ------------------------------------------------------------ take or leave */

static void copy(float *to, const float *from, int row, int dim)
{
    if (dim)
        memcpy(to + (size_t)row * dim, from + (size_t)row * dim,
            (size_t)dim * sizeof *to);
}

/* One chain stays where it ended, or goes back. */
static void settle(basin__walk *w, int row, bool taken, const float *slope[2])
{
    basin__moving *const all[2] = {&w->y, &w->z};
    for (int i = w->clamped; i < 2; i++) {
        if (taken)
            copy(all[i]->slope, slope[i], row, all[i]->dim);
        else
            copy(all[i]->at, all[i]->kept, row, all[i]->dim);
    }
    if (taken)
        w->e[row] = w->e_next[row];
    w->taken += taken;
    w->moves++;
}

/* The energies and slopes where the chains stand. */
static void look(basin__walk *w)
{
    const float *y, *z;
    basin__walk_energy(w, w->e);
    basin__walk_track(w);
    basin__walk_slopes(w, &y, &z);
    if (!w->clamped)
        memcpy(w->y.slope, y, numbers(w, &w->y) * sizeof *y);
    if (w->z.dim)
        memcpy(w->z.slope, z, numbers(w, &w->z) * sizeof *z);
    w->fresh = false;
}

static void hamilton(basin__walk *w, float h, int leaps)
{
    double beta = w->sampler->settings[BASIN__SAMPLER_BETA];
    const basin_random_key key = basin__walk_key(w, BASIN__DRAW_CHOICE);
    const float *slope[2];
    if (w->fresh)
        look(w);
    basin__walk_noise(w);
    size_t n = numbers(w, &w->y) * !w->clamped + numbers(w, &w->z);
    w->sampler->k->scale(w->y.push, (float)(1 / basin_sqrt(beta)), n);
    if (!w->clamped)
        memcpy(w->y.kept, w->y.at, numbers(w, &w->y) * sizeof(float));
    if (w->z.dim)
        memcpy(w->z.kept, w->z.at, numbers(w, &w->z) * sizeof(float));
    for (int r = 0; r < w->rows; r++)
        w->before[r] = (double)w->e[r] + kinetic(w, r);
    glide(w, h, leaps, slope);
    for (int r = 0; r < w->rows; r++) {
        double rise = (double)w->e_next[r] + kinetic(w, r) - w->before[r];
        double u = basin_random_uniform(key, (uint64_t)r);
        bool may = basin__wrong_at(w, r, w->y.at + (size_t)r * w->y.dim);
        settle(w, r, may && u < basin_exp(-beta * rise), slope);
    }
    basin__walk_track(w);
}

/* -------------------------------------------------------------- the entries */

static void mala_step(basin__walk *w)
{
    hamilton(w, (float)basin_sqrt(w->sampler->settings[STEP]), 1);
}

static void hmc_step(basin__walk *w)
{
    const double *settings = w->sampler->settings;
    hamilton(w, (float)settings[STEP], (int)settings[LEAPS]);
}

static const basin__mover mala = {
    .slopes = true, .step = mala_step, .polish = basin__walk_descend};
static const basin__mover hmc = {
    .slopes = true, .step = hmc_step, .polish = basin__walk_descend};

static basin_status mala_open(void *self, basin_energy *energy,
    const double *settings, basin_error *error)
{
    return basin__sampler_open(self, &mala, "mala", energy, settings, error);
}

static basin_status hmc_open(void *self, basin_energy *energy,
    const double *settings, basin_error *error)
{
    return basin__sampler_open(self, &hmc, "hmc", energy, settings, error);
}

const basin_inference_type basin__inference_mala = {
    .part = {"mala", "samples a box by Metropolis adjusted Langevin dynamics",
        "a step of langevin, taken with probability min(1, exp(-beta dH))",
        "Roberts and Tweedie 1996, section 1.4", mala_params, MALA_SETTINGS},
    .open = mala_open,
    BASIN__SAMPLER_ENTRY,
};

const basin_inference_type basin__inference_hmc = {
    .part = {"hmc", "samples a box by Hamiltonian Monte Carlo",
        "p -= (h/2) E'; y += h p; p -= (h/2) E'; taken with probability "
        "min(1, exp(-beta dH)), H = E + p^2/2",
        "Duane, Kennedy, Pendleton and Roweth 1987; Neal 2011, sections 3.2 "
        "and 5.1",
        hmc_params, HMC_SETTINGS},
    .open = hmc_open,
    BASIN__SAMPLER_ENTRY,
};
