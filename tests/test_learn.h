/* SPDX-License-Identifier: MIT
 *
 * Everything that it takes to learn, opened and closed together: what the
 * tests of the trainer and of memory share.
 */
#ifndef BASIN_TEST_LEARN_H
#define BASIN_TEST_LEARN_H

#include "test_core.h"

enum { LEARNING_MAX = 80 };

typedef struct learning_def {
    core_kind kind;
    const char *inference, *loss;
    bool marginal;
    uint64_t seed;
    int n; /* samples */
} learning_def;

typedef struct learning {
    basin_energy *energy;
    basin_inference *inference;
    basin_loss *loss;
    basin_trainer *trainer;
    float x[LEARNING_MAX], y[2 * LEARNING_MAX];
} learning;

static inline void learning_close(learning *l)
{
    basin_trainer_destroy(l->trainer);
    basin_loss_destroy(l->loss);
    basin_inference_destroy(l->inference);
    basin_energy_destroy(l->energy);
}

/* Of the usual settings, those that the inference has. */
static inline int learning_settings(
    basin_setting *out, const basin_part *part, const learning_def *def)
{
    const basin_setting usual[] = {
        {"points", def->kind == CORE_SMOOTH ? 7 : 21}, {"z-points", 5},
        {"z", def->marginal}, {"epsilon", .3}, {"starts", 2},
        {"tolerance", 1e-9}, {"steps", 300}, {"sweeps", 2}, {"turns", 20}};
    int n = 0;
    for (int i = 0; i < COUNT(usual); i++)
        for (int k = 0; k < part->n_params; k++)
            if (strcmp(part->params[k].name, usual[i].name) == 0)
                out[n++] = usual[i];
    return n;
}

/** Whatever the status, `out` has to be closed. The error is in `error`. */
static inline basin_status learning_try(learning *out, basin_context *in,
    const learning_def *def, const basin_train_def *train)
{
    *out = (learning){0};
    error = (basin_error){0};
    out->energy = core_energy(in, def->kind, def->seed);
    const int dim = basin_energy_describe(out->energy)->y.dim;
    core_fill(out->x, LEARNING_MAX, 61, -1, 1);
    core_fill(out->y, COUNT(out->y), 62, -.5, 1);
    for (int i = 0; dim == 1 && i < LEARNING_MAX; i++)
        out->y[i] = out->x[i] * out->x[i];
    const basin_part *part = NULL;
    basin_setting settings[12];
    BASIN_TRY(
        basin_find(&part, in, BASIN_KIND_INFERENCE, def->inference, &error));
    BASIN_TRY(
        basin_inference_create(&out->inference, out->energy, def->inference,
            settings, learning_settings(settings, part, def), &error));
    BASIN_TRY(basin_loss_create(&out->loss, in, def->loss, NULL, 0, &error));
    return basin_trainer_create(&out->trainer, out->inference, out->loss,
        &(basin_samples){.n = def->n, .x = out->x, .y = out->y}, train, &error);
}

#endif
