/* SPDX-License-Identifier: MIT
 *
 * What a trainer has in hand between two updates: where it stands, what a
 * checkpoint keeps of it, and the mean of W that may be exchanged with W.
 */
#include "learn/trainer.h"

const basin_progress *basin_trainer_progress(const basin_trainer *t)
{
    return &t->progress;
}

basin_trainer_state basin_trainer_state_get(const basin_trainer *t)
{
    return (basin_trainer_state){.progress = t->progress,
        .place = t->place,
        .sum = t->sum,
        .sum_e_c = t->sum_e_c,
        .sum_e_i = t->sum_e_i,
        .rate_scale = t->rate_scale};
}

void basin_trainer_state_set(basin_trainer *t, const basin_trainer_state *state)
{
    t->progress = state->progress;
    t->place = state->place;
    t->sum = state->sum;
    t->sum_e_c = state->sum_e_c;
    t->sum_e_i = state->sum_e_i;
    t->rate_scale = state->rate_scale;
    t->order_epoch = -1;
}

int basin_trainer_arrays(const basin_trainer *t)
{
    return t->optimiser->n_states + (t->def.average > 0);
}

float *basin_trainer_array(basin_trainer *t, int index)
{
    return t->states[index];
}

bool basin_trainer_swap(basin_trainer *t)
{
    bool any = basin__trainer_averaged(t) > 0;
    float *w = basin_energy_params(t->energy);
    float *mean = t->states[t->optimiser->n_states];
    for (size_t i = 0; any && i < t->n_params; i++) {
        float kept = w[i];
        w[i] = mean[i];
        mean[i] = kept;
    }
    return any;
}

float *basin_trainer_memory(basin_trainer *t, size_t *n)
{
    return basin_inference_memory(t->inference, n);
}

basin_energy *basin_trainer_energy(const basin_trainer *t)
{
    return t->energy;
}

int basin__trainer_samples(const basin_trainer *t)
{
    return t->samples.n;
}

bool basin_trainer_stands(const basin_trainer *t)
{
    return t->whole.stands;
}
