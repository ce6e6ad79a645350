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
    bool whole;   /**< it takes all samples at a time, finds its steps itself,
                       and has no `update`: only the built-in "lbfgs" */
    /** W moves. @param g the mean gradient of the batch; @param t the number
     *  of this update, from 1; @param states n_states arrays of n */
    void (*update)(const basin_kernels *k, const double *settings, float *w,
        const float *g, float *const *states, size_t n, double rate,
        uint64_t t);
    /** Where the optimiser wants second derivatives: after how many updates
     *  (1, 1 + that, ..) its last state is set, before `update`, to an estimate
     *  of their diagonal, right in the mean (Hutchinson 1990): it takes two
     *  more gradients of the batch. 0: these settings want none; NULL: none do.
     */
    int (*curvature)(const double *settings);
} basin_optimiser_type;

/* ----------------------------------------------------------------- trainer */

/** One energy, one inference, one loss and one optimiser at work. */
typedef struct basin_trainer basin_trainer;

/** Where training stands; given to the watcher after every epoch. */
typedef struct basin_progress {
    int epoch, epochs;
    uint64_t updates;
    double loss;     /**< mean over the epoch */
    double e_c, e_i; /**< means, of what the loss asked for; else NaN */
    double rate;     /**< of the last update */
    uint64_t passes; /**< over the samples: the epochs, and more where a line
                          search looks again */
    double beta, beta_z; /**< of the last update, over Y and over Z; NaN where
                              they stay what the inference says */
} basin_progress;

/** Return false to stop after this epoch. */
typedef bool (*basin_watch_fn)(void *user, const basin_progress *progress);

/** How the rate falls from `rate` to rate_end times that. */
typedef enum basin_schedule {
    BASIN_SCHEDULE_LINEAR = 0, /**< by a straight line */
    BASIN_SCHEDULE_COSINE = 1, /**< by half a cosine (Loshchilov and Hutter
                                    2017, equation 5, without restarts) */
    BASIN_SCHEDULE_STEPS = 2,  /**< by equal factors, in `steps` steps */
    BASIN_SCHEDULE_INVERSE = 3 /**< as 1 / (1 + c t) (Robbins and Monro 1951) */
} basin_schedule;

/** How an inverse temperature goes from beta_from to the inference's own. */
typedef enum basin_beta_schedule {
    BASIN_BETA_EXPONENTIAL = 0, /**< by equal factors */
    BASIN_BETA_LINEAR = 1,      /**< by a straight line */
    BASIN_BETA_COSINE = 2       /**< by half a cosine */
} basin_beta_schedule;

/** How to learn: see the members. From basin_train_default. */
typedef struct basin_train_def {
    uint32_t cookie;       /**< set by basin_train_default */
    const char *optimiser; /**< "sgd" */
    const basin_setting *optimiser_settings;
    int n_optimiser_settings;
    double rate;     /**< of the first update; > 0; default 0.01 */
    double rate_end; /**< of the last, as a fraction of `rate`; 0 .. 1, above 0
                          under steps and inverse; default 1 */
    basin_schedule schedule; /**< how it gets there; default linear */
    double warmup;  /**< the part of the training over which the rate rises to
                         `rate` by a straight line first; 0 .. below 1 */
    int steps;      /**< of BASIN_SCHEDULE_STEPS, >= 1; default 3 */
    double clip;    /**< a longer gradient is cut to this length; >= 0;
                         default 0: none is */
    double l1, l2;  /**< l1 |W|_1 + l2 |W|^2 / 2 is added to the loss, over all
                         of W; >= 0; default 0 */
    double size;    /**< this times E^2 / 2 is added to the loss of a sample,
                         for each energy that the loss asks for, so that the
                         energies stay of a size; >= 0; default 0 */
    double average; /**< keep a mean of W beside it: 1, over all updates since
                         average_from; below 1, over about the last
                         1 / (1 - average); 0, the default: none */
    double average_from; /**< the part of the training that is over before the
                              mean begins; 0 .. below 1; default 0.5 */
    double beta_from;   /**< the inverse temperature over Y at the first update,
                             from where it goes to the inference's `beta`
                             (deterministic annealing: Rose 1998);
                             0 .. 1e6; default 0: it is that all the time */
    double beta_z_from; /**< the same over Z, to `beta-z` */
    basin_beta_schedule beta_schedule; /**< default exponential */
    double beta_over;     /**< the part of the training after which it is there;
                               above 0, to 1; default 1 */
    int epochs;           /**< >= 1; default 100 */
    int batch;            /**< samples an update, >= 1; default 1 */
    uint64_t seed;        /**< of the order of the samples; default 1 */
    basin_watch_fn watch; /**< or NULL */
    void *user;
} basin_train_def;

/** The defaults: see the members. */
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
 *  mean loss. An optimiser that takes all samples does an iteration on these.
 *  @param index (n), n at most def.batch */
BASIN_API double basin_trainer_step(
    basin_trainer *trainer, const int32_t *index, int n);

/**
 * The mean loss of samples without learning, and, if `gradient` is not NULL,
 * its gradient in W (info->n_params floats, set). For checks, and to judge by:
 * at the inference's own inverse temperatures, however far they are annealed.
 * @param index (n), however many
 */
BASIN_API double basin_trainer_loss(
    basin_trainer *trainer, const int32_t *index, int n, float *gradient);

/** Does no step lower the loss any more? Then there is nothing left to train;
 *  only optimisers that take all samples at a time can tell. */
BASIN_API bool basin_trainer_stands(const basin_trainer *trainer);

/** Where it stands; lives with the trainer. */
BASIN_API const basin_progress *basin_trainer_progress(
    const basin_trainer *trainer);

/**
 * Updates on the next `samples` samples, but not past the end of the epoch;
 * the last batch is a whole one. @param ended out: the epoch is complete, and
 * the progress is its. Errors as basin_trainer_run.
 */
BASIN_API basin_status basin_trainer_advance(
    basin_trainer *trainer, int samples, bool *ended, basin_error *error);

/* -------------------------------------------------------------- checkpoints */

/** With W and the optimiser's arrays, all that training needs to go on to the
 *  same bits. Random numbers are functions of what is in here. */
typedef struct basin_trainer_state {
    basin_progress progress;
    int place;                    /**< samples of the epoch that are done */
    double sum, sum_e_c, sum_e_i; /**< over these */
    double rate_scale;            /**< what rollbacks made of the rate; 1 */
} basin_trainer_state;

/** With W and the arrays, what a checkpoint needs. */
BASIN_API basin_trainer_state basin_trainer_state_get(
    const basin_trainer *trainer);
/** @param state from a trainer with the same parts and samples */
BASIN_API void basin_trainer_state_set(
    basin_trainer *trainer, const basin_trainer_state *state);
/** How many arrays the optimiser remembers, and one of them, (n_params). */
BASIN_API int basin_trainer_arrays(const basin_trainer *trainer);
BASIN_API float *basin_trainer_array(basin_trainer *trainer, int index);
/** What the inference carries from batch to batch, as persistent chains; NULL
 *  where it carries nothing. @param n numbers, out */
BASIN_API float *basin_trainer_memory(basin_trainer *trainer, size_t *n);
BASIN_API basin_energy *basin_trainer_energy(const basin_trainer *trainer);
/** Exchange W and the mean that def.average asks for; once more, and training
 *  can go on. Nothing happens while there is no mean.
 *  @return is there one? */
BASIN_API bool basin_trainer_swap(basin_trainer *trainer);

/**
 * A guard keeps the last good state of a trainer in memory, and goes back to
 * it with half the rate when training diverges.
 *
 *     status = basin_trainer_advance(trainer, 8192, &ended, &error);
 *     if (status == BASIN_E_NONFINITE || basin_guard_diverged(guard, trainer))
 *         basin_guard_back(guard, trainer);
 *     else
 *         basin_guard_keep(guard, trainer);
 */
typedef struct basin_guard basin_guard;

/** What a guard knows beside the kept state; part of a checkpoint. */
typedef struct basin_guard_state {
    double first, best; /**< mean losses: before training, and the lowest */
    int rollbacks;
} basin_guard_state;

/** Keeps the trainer's state as it is. Errors: E_MEMORY. */
BASIN_API basin_status basin_guard_create(
    basin_guard **out, basin_trainer *trainer, basin_error *error);
BASIN_API void basin_guard_destroy(basin_guard *guard);
/** Has the mean loss since the kept state, or that of a few samples now, left
 *  all bounds: more than a thousand times what it was at first? */
BASIN_API bool basin_guard_diverged(
    const basin_guard *guard, basin_trainer *trainer);
/** The state is good: keep it. */
BASIN_API void basin_guard_keep(basin_guard *guard, basin_trainer *trainer);
/** Back to the kept state, as if nothing had come after it. */
BASIN_API void basin_guard_rewind(basin_guard *guard, basin_trainer *trainer);
/** Back to the kept state, and halve the rate. */
BASIN_API void basin_guard_back(basin_guard *guard, basin_trainer *trainer);
BASIN_API basin_guard_state basin_guard_state_get(const basin_guard *guard);
/** After the trainer was set to a checkpoint: keep that, and go on. */
BASIN_API void basin_guard_state_set(
    basin_guard *guard, basin_trainer *trainer, const basin_guard_state *state);

/* -------------------------------------------------------------------- watch */

/** What a few samples and answers say of the surface. */
typedef struct basin_surface {
    double spread; /**< s.d. of E over the answers to an X, mean over X */
    double gap;    /**< lowest wrong answer minus the right one, mean */
    double size;   /**< mean |E| */
    double mean;   /**< mean E */
} basin_surface;

/** What the watch says of a surface. */
typedef enum basin_verdict {
    BASIN_VERDICT_FINE = 0,
    BASIN_VERDICT_COLLAPSE = 1, /**< flat, and the loss pushes nothing up */
    BASIN_VERDICT_TRAP = 2,     /**< flat where pull and push cancel */
    BASIN_VERDICT_FLAT = 3      /**< flat, though the loss contrasts */
} basin_verdict;

/** A few samples and answers, looked at now and then. */
typedef struct basin_watch basin_watch;

/**
 * Watch the energy that is trained. @param samples a few of which it takes
 * @param budget energies that one look may compute; at least 16 are
 * @param epsilon how far from the right answer of a box a wrong one is
 * Looks at once: what comes is compared with that. Errors: E_MEMORY.
 */
BASIN_API basin_status basin_watch_create(basin_watch **out,
    basin_energy *energy, const basin_loss *loss, const basin_samples *samples,
    int budget, double epsilon, basin_error *error);
BASIN_API void basin_watch_destroy(basin_watch *watch);
/** Measure. Forward only; nothing that is trained changes. */
BASIN_API basin_surface basin_watch_look(basin_watch *watch);
/** The surface at the first look; set it to go on from a checkpoint. */
BASIN_API basin_surface *basin_watch_first(basin_watch *watch);
/** @param before the verdict on the look before: what was flat stays so until
 *  it clearly is not */
BASIN_API basin_verdict basin_watch_judge(const basin_watch *watch,
    const basin_surface *surface, basin_verdict before);
/** What was found, and what to change: one line. @param out at least 384 */
BASIN_API void basin_watch_words(const basin_watch *watch,
    basin_verdict verdict, const basin_surface *surface, char *out,
    size_t size);
/** The energy at which a flat surface is at rest under this loss (m/2 for
 *  square-square), or NaN when there is no such one. */
BASIN_API double basin_loss_flat_point(const basin_loss *loss);

BASIN_END_DECLS

#endif
