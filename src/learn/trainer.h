/* SPDX-License-Identifier: MIT
 *
 * The inside of the trainer.
 */
#ifndef BASIN_LEARN_TRAINER_H
#define BASIN_LEARN_TRAINER_H

#include "learn/blocks.h"
#include "learn/lbfgs.h"
#include "learn/learn.h"

/** Samples that an optimiser which takes them all computes at a time, at
 *  least. */
enum { BASIN__WHOLE_BATCH = 256, BASIN__WHOLE_NUMBERS = 8 };

typedef struct basin__whole {
    basin__lbfgs *lbfgs;
    bool begun;  /* it stands at W, and knows its slope there */
    bool stands; /* no step lowers the loss any more */
    double numbers[BASIN__WHOLE_NUMBERS]; /* for a checkpoint */
} basin__whole;

struct basin_trainer {
    basin_context *ctx;
    const basin_kernels *k;
    basin_energy *energy;
    basin_inference *inference;
    basin_loss *loss;
    basin_samples samples;
    basin_train_def def;
    const basin_optimiser_type *optimiser;
    double settings[BASIN_PARAMS_MAX];
    size_t n_params;
    basin_progress progress;
    int place;                    /* samples of the epoch that are done */
    double sum, sum_e_c, sum_e_i; /* of the epoch so far */
    double rate_scale;            /* what rollbacks made of the rate */
    basin__anneal anneal;
    basin__whole whole; /* where the optimiser takes all samples at a time */
    int order_epoch;    /* whose order `order` is; -1: none's */

    void *memory;
    size_t memory_size;
    basin_energies *energies;             /* (batch) */
    basin_slopes *slopes;                 /* (batch) */
    float *gradient;                      /* (n_params) */
    float *states[BASIN__STATES_MAX + 1]; /* the last: the average of W */
    float *kept;    /* (n_params) W, while its neighbours are looked at */
    int32_t *order; /* (samples.n) */
    float *x, *y;   /* (batch, dim), where X is kept as bytes */
};

/** sample -> energy -> inference -> {E_C, E_I, F} -> loss -> {dL/dE} -> energy
 *  backward: `share` times the loss of each sample, added up, and added to its
 *  gradient, if there is one. */
double basin__trainer_measure(basin_trainer *t, const int32_t *index, int n,
    double share, bool training, float *gradient);
/** How many W are in the mean. */
uint64_t basin__trainer_averaged(const basin_trainer *t);
/** Errors: E_NONFINITE, saying where. */
basin_status basin__trainer_finite(
    const basin_trainer *t, double loss, basin_error *error);
/** The progress of an epoch, from its sums. */
void basin__trainer_end_epoch(basin_trainer *t);

/** After how many updates the optimiser wants second derivatives; 0: never. */
int basin__curvature_every(const basin_trainer *t);
/** Errors: E_SERVE where gradients cannot be compared. */
basin_status basin__curvature_check(const basin_trainer *t, basin_error *error);
/** Set the optimiser's last state to an estimate, from the samples of a batch.
 */
void basin__curvature_probe(basin_trainer *t, const int32_t *index, int n);

/** L-BFGS over all samples. Errors: E_SERVE for what does not go with it, by
 *  name; E_MEMORY. */
basin_status basin__whole_open(basin_trainer *t, basin_error *error);
void basin__whole_close(basin_trainer *t);
/** One iteration. @return the loss where it leads */
double basin__whole_step(basin_trainer *t);
/** The same, as an epoch. Errors: E_NONFINITE. */
basin_status basin__whole_advance(
    basin_trainer *t, bool *ended, basin_error *error);
/** W was changed by others: begin anew there. */
void basin__whole_forget(basin_trainer *t);

#endif
