/* SPDX-License-Identifier: MIT
 *
 * Learning: how W moves. The trainer takes one energy, one inference, one loss
 * and one optimiser, and walks the path of the data:
 *
 *     sample -> energy(X) -> inference -> {E_C, E_I, F} -> loss -> {dL/dE}
 *            -> energy backward -> optimiser -> W
 */
#ifndef BASIN_LEARN_H
#define BASIN_LEARN_H

#include "basin/base.h"
#include "basin/energy.h"
#include "basin/inference.h"
#include "basin/loss.h"

BASIN_BEGIN_DECLS

/** Samples: x (n, x.dim) and y (n, y.dim), row-major, borrowed. Pictures may
 *  be kept as bytes, a quarter of the memory: then x is NULL, and a byte b of
 *  `bytes` (n, x.dim) stands for offset + scale b. */
typedef struct basin_samples {
    int n;
    const float *x, *y;
    const uint8_t *bytes;
    float offset, scale; /**< of bytes; a scale of 1/255 makes 0 .. 1 */
} basin_samples;

/** Write n samples as numbers, whatever they are kept as.
 *  @param index (n) which ones, or NULL for the first
 *  @param x (n, x_dim) @param y (n, y_dim), out; may be NULL */
BASIN_API void basin_samples_gather(const basin_samples *samples,
    const int32_t *index, int n, int x_dim, int y_dim, float *x, float *y);

/* -------------------------------------------------------------- optimisers */

/** The table entry of an optimiser. */
typedef struct basin_optimiser_type {
    basin_part part;
    int n_states; /**< arrays as long as W that it remembers, 0 to 4 */
    /** W moves. @param g the mean gradient of the batch; @param t the number
     *  of this update, from 1; @param states n_states arrays of n */
    void (*update)(const basin_kernels *k, const double *settings, float *w,
        const float *g, float *const *states, size_t n, double rate,
        uint64_t t);
} basin_optimiser_type;

/* ----------------------------------------------------------------- trainer */

typedef struct basin_trainer basin_trainer;

/** Where training stands; given to the watcher after every epoch. */
typedef struct basin_progress {
    int epoch, epochs;
    uint64_t updates;
    double loss;     /**< mean over the epoch */
    double e_c, e_i; /**< means, of what the loss asked for; else NaN */
    double rate;     /**< of the last update */
} basin_progress;

/** Return false to stop after this epoch. */
typedef bool (*basin_watch_fn)(void *user, const basin_progress *progress);

typedef struct basin_train_def {
    uint32_t cookie;       /**< set by basin_train_default */
    const char *optimiser; /**< "sgd" */
    const basin_setting *optimiser_settings;
    int n_optimiser_settings;
    double rate;     /**< of the first update; > 0; default 0.01 */
    double rate_end; /**< of the last, as a fraction of `rate`, reached by a
                          straight line; 0 .. 1; default 1 */
    double clip;     /**< a longer gradient is cut to this length; >= 0;
                          default 0: none is */
    int epochs;      /**< >= 1; default 100 */
    int batch;       /**< samples an update, >= 1; default 1 */
    uint64_t seed;   /**< of the order of the samples; default 1 */
    basin_watch_fn watch; /**< or NULL */
    void *user;
} basin_train_def;

BASIN_API basin_train_def basin_train_default(void);

/**
 * Put the four parts together. All must outlive the trainer.
 * Errors: E_SERVE when a loss cannot be served (it needs energies >= 0, or a
 * scalar that this inference cannot find), E_RANGE, E_NAME, E_MEMORY.
 */
BASIN_API basin_status basin_trainer_create(basin_trainer **out,
    basin_inference *inference, basin_loss *loss, const basin_samples *samples,
    const basin_train_def *def, basin_error *error);
BASIN_API void basin_trainer_destroy(basin_trainer *trainer);

/**
 * Train to the end, or until the watcher says stop (then E_STOPPED; W is what
 * was learnt so far). E_NONFINITE when W or the loss stops being finite, with
 * the epoch and the parameter's name. Allocates nothing.
 */
BASIN_API basin_status basin_trainer_run(
    basin_trainer *trainer, basin_error *error);

/** One epoch. Errors as basin_trainer_run. */
BASIN_API basin_status basin_trainer_epoch(
    basin_trainer *trainer, basin_progress *out, basin_error *error);

/** One update on the given samples: the whole path of the data. @return the
 *  mean loss. @param index (n), n at most def.batch */
BASIN_API double basin_trainer_step(
    basin_trainer *trainer, const int32_t *index, int n);

/**
 * The mean loss of samples without learning, and, if `gradient` is not NULL,
 * its gradient in W (info->n_params floats, set). For checks.
 * @param index (n), however many
 */
BASIN_API double basin_trainer_loss(
    basin_trainer *trainer, const int32_t *index, int n, float *gradient);

BASIN_API const basin_progress *basin_trainer_progress(
    const basin_trainer *trainer);

BASIN_END_DECLS

#endif
