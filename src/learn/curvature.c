/* SPDX-License-Identifier: MIT
 *
 * The diagonal of the loss's second derivatives in W. A second pass in the
 * manner of LeCun et al. 1998 has a rule for each module and stops where one
 * has none; here two more gradients of the same batch, on either side of W, say
 * it for every energy, inference and loss. With v of -1 and 1 by lot, the mean
 * of v H v, number by number, is the diagonal (Hutchinson 1990; Bekas,
 * Kokiopoulou and Saad 2007).
 */
#include "learn/trainer.h"

#ifndef BASIN_SMALL
#include <string.h>

/* How far W is moved, as a part of its weights' size: far enough that float32
 * gradients differ, near enough that they do so by a straight line. */
static const double APART = 0.005, APART_LEAST = 1e-4;

int basin__curvature_every(const basin_trainer *t)
{
    return t->optimiser->curvature ? t->optimiser->curvature(t->settings) : 0;
}

basin_status basin__curvature_check(const basin_trainer *t, basin_error *error)
{
    const basin_inference_type *type = basin_inference_entry(t->inference);
    BASIN_REQUIRE(!basin__curvature_every(t) || !type->sample, error,
        BASIN_E_SERVE,
        "the optimiser '%s' compares the gradients of two W to find the "
        "curvature, and the inference '%s' draws its answers, so that chance "
        "would part them; take 'curvature: slopes'",
        t->optimiser->part.name, type->part.name);
    return BASIN_OK;
}

static void move(const basin_trainer *t, float *w, double far)
{
    const basin_random_key key = {.seed = t->def.seed,
        .stream = BASIN_STREAM_PROBE,
        .step = t->progress.updates};
    for (size_t i = 0; i < t->n_params; i++) {
        const uint64_t bits = basin_random_bits(key, i / 64);
        w[i] += (float)(bits >> i % 64 & 1 ? far : -far);
    }
}

void basin__curvature_probe(basin_trainer *t, const int32_t *index, int n)
{
    const size_t bytes = t->n_params * sizeof(float);
    const double e_c = t->sum_e_c, e_i = t->sum_e_i;
    float *w = basin_energy_params(t->energy);
    float *out = t->states[t->optimiser->n_states - 1];
    double far = APART * basin_sqrt((double)t->k->dot(w, w, t->n_params) /
                                    (double)t->n_params);
    if (!(far > APART_LEAST))
        far = APART_LEAST;
    memcpy(t->kept, w, bytes);
    t->k->fill(out, 0, t->n_params);
    move(t, w, far);
    basin__trainer_measure(t, index, n, 1.0 / n, true, out);
    t->k->scale(out, -1, t->n_params);
    memcpy(w, t->kept, bytes);
    move(t, w, -far);
    basin__trainer_measure(t, index, n, 1.0 / n, true, out);
    memcpy(w, t->kept, bytes);
    /* out = g(W - far v) - g(W + far v) = -2 far H v; its v is the same */
    t->k->scale(out, (float)(-.5 / far), t->n_params);
    memset(t->kept, 0, bytes);
    move(t, t->kept, 1);
    for (size_t i = 0; i < t->n_params; i++)
        out[i] = out[i] * t->kept[i] + (float)t->def.l2;
    t->sum_e_c = e_c;
    t->sum_e_i = e_i;
}
#endif
