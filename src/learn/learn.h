/* SPDX-License-Identifier: MIT
 *
 * The inside of learning: the optimisers that are built in.
 */
#ifndef BASIN_LEARN_LEARN_H
#define BASIN_LEARN_LEARN_H

#include "basin/learn.h"
#include "learn/blocks.h"

enum { BASIN__STATES_MAX = 4 };

#define BASIN__TRAIN_COOKIE 0x7B453172U

/** Errors: E_ARGUMENT, E_RANGE, E_SHAPE, E_SERVE; as basin_trainer_create. */
basin_status basin__train_check(const basin_train_def *def,
    const basin_energy *energy, const basin_loss *loss,
    const basin_samples *samples, basin_error *error);

/** The rate of an update, 0 to `last`. */
double basin__schedule_rate(
    const basin_train_def *def, uint64_t update, uint64_t last);

/** The inverse temperatures that a training anneals: where the inference has
 *  them, and what it says itself. [0] over Y, [1] over Z; NULL: it stays. */
typedef struct basin__anneal {
    double *at[2];
    double own[2];
} basin__anneal;

/** Errors: E_ARGUMENT where there is nothing to anneal, with the reason;
 *  E_RANGE. */
basin_status basin__anneal_open(basin__anneal *out, const basin_train_def *def,
    basin_inference *inference, const basin_loss *loss, basin_error *error);
/** Set them for an update, 0 to `last`. @param out the progress */
void basin__anneal_go(const basin__anneal *a, const basin_train_def *def,
    uint64_t update, uint64_t last, basin_progress *out);
/** Back to the inference's own, at which it predicts and is judged. */
void basin__anneal_rest(const basin__anneal *a);

/** l1 |w|_1 + l2 |w|^2 / 2, whose slope is added to the gradient (n), if there
 *  is one. */
double basin__penalise_weights(const basin_kernels *k, const float *w,
    float *gradient, size_t n, double l1, double l2);
/** Add weight E^2 / 2 for each energy that the loss asks for. */
void basin__penalise_size(const basin_loss *loss,
    const basin_energies *energies, double weight, basin_slopes *slopes);
/** All slopes times a number; the value stays. @param n of e_y */
void basin__scale_slopes(basin_slopes *slopes, int n, double factor);

/** Register the optimisers. */
basin_status basin__learn_register(basin_context *ctx, basin_error *error);

/** What a trainer remembers beside the arrays, for optimisers that take all
 *  samples at a time; to be written over, and then set. @param out room for
 *  BASIN__TRAINER_BLOCKS @return how many */
enum { BASIN__TRAINER_BLOCKS = 144 };
int basin__trainer_blocks(basin_trainer *trainer, basin__block *out);
void basin__trainer_blocks_set(basin_trainer *trainer);

/** How many samples there are to learn from. */
int basin__trainer_samples(const basin_trainer *trainer);

#endif
