/* SPDX-License-Identifier: MIT
 *
 * Langevin dynamics, unadjusted: each step goes half a step down the slope and
 * adds noise. Its law is a little wider than exp(-beta E): on a parabola of
 * curvature lambda its variance is 1 / (beta lambda (1 - h lambda / 4)).
 */
#include "inference/sampler.h"

#include <string.h>

enum { STEP = BASIN__SAMPLER_SETTINGS, SETTINGS };

/* clang-format off */
static const basin_param params[] = {
    BASIN__SAMPLER_PARAMS,
    {"step", "Y^2/energy", 0, 1e6, 0.01, .open_low = true,
        .help = "the h of a step"},
};
/* clang-format on */

/* Of all numbers of a variable. */
static void move(basin__walk *w, basin__moving *v, const float *slope)
{
    const double *settings = w->sampler->settings;
    float down = (float)(settings[STEP] / 2);
    float noise =
        (float)basin_sqrt(settings[STEP] / settings[BASIN__SAMPLER_BETA]);
    size_t n = (size_t)w->rows * v->dim;
    w->sampler->k->add_scaled(v->at, slope, -down, n);
    w->sampler->k->add_scaled(v->at, v->push, noise, n);
    for (size_t i = 0; i < n; i++)
        basin__reflect(&v->at[i], v->space);
}

/* A chain that came to a right answer where it may not goes back. */
static void keep_off(basin__walk *w)
{
    const size_t bytes = (size_t)w->y.dim * sizeof(float);
    for (int r = 0; r < w->rows; r++) {
        float *y = w->y.at + (size_t)r * w->y.dim;
        if (!basin__wrong_at(w, r, y))
            memcpy(y, w->y.kept + (size_t)r * w->y.dim, bytes);
    }
}

static void langevin_step(basin__walk *w)
{
    const float *y, *z;
    basin__walk_energy(w, w->e);
    basin__walk_track(w);
    basin__walk_slopes(w, &y, &z);
    basin__walk_noise(w);
    if (w->right)
        memcpy(
            w->y.kept, w->y.at, (size_t)w->rows * w->y.dim * sizeof *w->y.kept);
    if (!w->clamped)
        move(w, &w->y, y);
    if (w->right)
        keep_off(w);
    if (w->z.dim)
        move(w, &w->z, z);
    w->moves += w->rows;
    w->taken += w->rows;
}

static const basin__mover mover = {
    .slopes = true, .step = langevin_step, .polish = basin__walk_descend};

static basin_status langevin_open(void *self, basin_energy *energy,
    const double *settings, basin_error *error)
{
    return basin__sampler_open(
        self, &mover, "langevin", energy, settings, error);
}

const basin_inference_type basin__inference_langevin = {
    .part = {"langevin", "samples a box by unadjusted Langevin dynamics",
        "y -= (h/2) E'(y) + sqrt(h/beta) noise, reflected at the box; dF = "
        "mean dE over the chains",
        "Roberts and Tweedie 1996, section 1.4; Hinton 2002 (contrastive "
        "divergence); Tieleman 2008 (persistent chains)",
        params, SETTINGS},
    .open = langevin_open,
    BASIN__SAMPLER_ENTRY,
};
