/* SPDX-License-Identifier: MIT
 *
 * The inside of the grid inference, which answers a loss's questions in grid.c
 * and predicts in refine.c.
 */
#ifndef BASIN_INFERENCE_GRID_H
#define BASIN_INFERENCE_GRID_H

#include "inference/inference.h"

enum {
    BASIN__GRID_POINTS,
    BASIN__GRID_EPSILON,
    BASIN__GRID_BETA,
    BASIN__GRID_COST,
    BASIN__GRID_REFINE,
    BASIN__GRID_Z,
    BASIN__GRID_Z_POINTS,
    BASIN__GRID_BETA_Z,
    BASIN__GRID_RULE,
    BASIN__GRID_SETTINGS
};

/* Slots of the pass. */
enum { BASIN__SLOT_POINTS, BASIN__SLOT_GRID };

typedef struct basin__grid {
    basin_context *ctx;
    const basin_kernels *k;
    basin_energy *energy;
    const basin_energy_info *info;
    const double *settings;
    basin_cost_type const *cost;
    basin__cover y, z;

    /* answering: B samples, K points each, G grid answers, H causes */
    basin_question question;
    basin_pass *pass;
    void *memory;
    size_t memory_size;
    int n_points;          /* K */
    int at_offender;       /* the first of the offender's points, or 0 */
    int n_offenders;       /* how many there are */
    int at_least;          /* the point of the least energy, or 0 */
    float *points;         /* (B, K, y.dim) */
    float *point_e;        /* (B, K): E, over Z */
    float *point_q;        /* (B, K, H): the weights of Z in it */
    float *point_w;        /* (B, K, H): weights to hand back */
    float *grid_e;         /* (B, G), where Z is summed over or minimised */
    float *grid_q;         /* (B, G, H) */
    float *grid_w;         /* (B, G, H) */
    float *gibbs;          /* (B, G): Gibbs weights, unnormalised, of F */
    float *gibbs_i;        /* (B, G): of F_I */
    double *sum, *sum_i;   /* (B) their sums */
    int *offender, *least; /* (B): which point it is */

    /* predicting */
    basin_pass *predictor;
    void *predict_memory;
    size_t predict_size;
} basin__grid;

/**
 * Lower Z: from E over (n, causes) to E over (n), by the least or by the free
 * energy at beta_z. @param q (n, causes), the weight of each cause, out
 */
void basin__grid_lower(
    const basin__grid *g, const float *e, int n, float *out, float *q);

/** The table entry's predict. */
basin_status basin__grid_predict(void *self, const float *x, int n, float *y,
    float *z, float *e, basin_error *error);

#endif
