/* SPDX-License-Identifier: MIT
 *
 * Inference: which Y and Z have the lowest energy, which incorrect answer
 * offends most, and what is the free energy over them? An inference knows an
 * energy and never a loss: for a loss it finds the scalars that are asked of
 * it, and remembers on which configurations they rest, as weights.
 *
 *     basin_inference_create(&inf, e, "grid",
 *         &(basin_setting){"points", 101}, 1, err);
 *     basin_inference_predict(inf, x, n, y, energy);
 */
#ifndef BASIN_INFERENCE_H
#define BASIN_INFERENCE_H

#include "basin/base.h"
#include "basin/energy.h"
#include "basin/loss.h"
#include "basin/sequences.h"

BASIN_BEGIN_DECLS

/** An inference, opened on an energy. */
typedef struct basin_inference basin_inference;

/** Samples, borrowed: rows x (n, x.dim) and y (n, y.dim), or, for chains,
 *  labelled sequences; n of either. Pictures may be kept as bytes, a quarter of
 *  the memory: then x is NULL, and a byte b of `bytes` (n, x.dim) stands for
 *  offset + scale b; the trainer turns them into rows, a batch at a time. */
typedef struct basin_samples {
    int n;
    const float *x, *y;
    const uint8_t *bytes;
    float offset, scale; /**< of bytes; a scale of 1/255 makes 0 .. 1 */
    const basin_sequences *sequences; /**< NULL where there are rows */
    const float *weights;  /**< (n) of the samples' losses, >= 0; NULL: all 1 */
    const int32_t *number; /**< (n) which of all samples each row is, where
                                rows were gathered; NULL: its own number */
} basin_samples;

/** Where an answer scalar rests, and what to do with it: see
 *  basin_inference_type.weigh. */
typedef struct basin_question {
    unsigned needs;          /**< BASIN_NEED_EC | ... */
    basin_offender offender; /**< which one is E_I */
    double margin;           /**< m of BASIN_OFFENDER_SLACK */
    bool values;             /**< false: derivatives of F are enough */
    int samples;             /**< the most in a batch */
    int total;               /**< samples in all; 0: not known */
    int longest;             /**< positions of the longest sequence, if any */
} basin_question;

/** Chains that draw answers from exp(-beta E), over Z: each has an X of its
 *  own, and stands at one answer. */
typedef struct basin_chains {
    int n;
    const float *x;  /**< (n, x.dim); NULL where there is no X */
    float *y;        /**< (n, y.dim): where they stand, in and out */
    float *z;        /**< (n, z.dim): the same, where Z is sampled; else NULL */
    float *e;        /**< (n): energies where they end, out; or NULL */
    uint64_t seed;   /**< random numbers are a function of this and `done` */
    uint64_t done;   /**< steps so far; moved on */
    double accepted; /**< out: the part of the proposals that was taken */
} basin_chains;

/** The table entry of an inference. `self` is its memory, `self_size` bytes,
 *  zeroed before `open`. */
typedef struct basin_inference_type {
    basin_part part;
    unsigned serves; /**< the BASIN_NEED_.. that it can find */
    unsigned slopes; /**< those of them of which it knows the derivatives, and
                          not the value: what it gives instead is a mean
                          energy, for a look at how training goes */
    size_t self_size;
    /** What it finds of minima are the energies of answers that a search came
     *  to, and no less than the least ones; false: they are exact. */
    bool searches;
    /** Refuse by name what does not fit (E_SERVE), allocate the rest. */
    basin_status (*open)(void *self, basin_energy *energy,
        const double *settings, basin_error *error);
    void (*close)(void *self);
    /** Lowest energies. @param y, z out, (n, dim); z and e may be NULL */
    basin_status (*predict)(void *self, const float *x, int n, float *y,
        float *z, float *e, basin_error *error);
    /** Get ready to answer the question, batch after batch. */
    basin_status (*prepare)(
        void *self, const basin_question *question, basin_error *error);
    /** Find the scalars of a batch of n. Sample b is number index[b] of the
     *  samples, or b if index is NULL. @param out (n) */
    void (*answer)(void *self, const basin_samples *samples,
        const int32_t *index, int n, bool training, uint64_t step,
        basin_energies *out);
    /** Scale the weights that the scalars rest on by the loss's derivatives,
     *  and hand them to the energy; adds dL/dW to d_params.
     *  @param slopes (samples), scaled as the batch wants it */
    void (*weigh)(
        void *self, const basin_slopes *slopes, int samples, float *d_params);
    /** Move chains on; NULL where none are. */
    basin_status (*sample)(
        void *self, basin_chains *chains, int steps, basin_error *error);
    /** What it carries from batch to batch while training, as persistent
     *  chains: a checkpoint keeps it. Set by `prepare`. NULL: nothing.
     *  @param n numbers, out */
    float *(*memory)(void *self, size_t *n);
} basin_inference_type;

/**
 * Errors: E_NAME, E_RANGE; E_SERVE when this inference cannot serve this
 * energy, with what would; E_MEMORY.
 */
BASIN_API basin_status basin_inference_create(basin_inference **out,
    basin_energy *energy, const char *type, const basin_setting *settings,
    int n_settings, basin_error *error);
BASIN_API void basin_inference_destroy(basin_inference *inference);

/** What it was created from: its table entry, its settings in the order of the
 *  entry's params, its energy. */
BASIN_API const basin_inference_type *basin_inference_entry(
    const basin_inference *inference);
BASIN_API const double *basin_inference_settings(
    const basin_inference *inference);
BASIN_API basin_energy *basin_inference_energy(
    const basin_inference *inference);

/**
 * The answers of lowest energy. @param x (n, x.dim) @param y (n, y.dim), out
 * @param z (n, z.dim), out, or NULL @param e (n), out, or NULL
 */
BASIN_API basin_status basin_inference_predict(basin_inference *inference,
    const float *x, int n, float *y, float *z, float *e, basin_error *error);

/**
 * Move chains on by so many steps: their law tends to exp(-beta E) / Z. The
 * pieces in which a walk is cut change no bit of it, nor do threads.
 * Errors: E_SERVE when this inference draws nothing; E_RANGE when a chain
 * stands outside its space; E_MEMORY.
 */
BASIN_API basin_status basin_inference_sample(basin_inference *inference,
    basin_chains *chains, int steps, basin_error *error);

/** What the inference carries from batch to batch, yours to read and write;
 *  NULL where it carries nothing. @param n numbers, out */
BASIN_API float *basin_inference_memory(basin_inference *inference, size_t *n);

/** An inverse temperature of the inference, yours to change between two
 *  batches, within the range of the parameter; NULL where it has none.
 *  @param name "beta", over Y, or "beta-z" */
BASIN_API double *basin_inference_beta(
    basin_inference *inference, const char *name);

/** Errors: E_SERVE when the inference cannot find what is asked. */
BASIN_API basin_status basin_inference_prepare(basin_inference *inference,
    const basin_question *question, basin_error *error);
BASIN_API void basin_inference_answer(basin_inference *inference,
    const basin_samples *samples, const int32_t *index, int n, bool training,
    uint64_t step, basin_energies *out);
BASIN_API void basin_inference_weigh(basin_inference *inference,
    const basin_slopes *slopes, int samples, float *d_params);

BASIN_END_DECLS

#endif
