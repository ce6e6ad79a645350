/* SPDX-License-Identifier: MIT
 *
 * Learning chains from labelled sequences: the whole set at a time, with a
 * certificate, or sequence by sequence.
 *
 *     basin_chain_train_def def = basin_chain_train_default();
 *     basin_chain_trainer_create(&t, chain, loss, &sequences, &def, err);
 *     basin_chain_trainer_run(t, err);
 *     basin_chain_trainer_progress(t)->objective ...
 */
#ifndef BASIN_CHAIN_TRAIN_H
#define BASIN_CHAIN_TRAIN_H

#include "basin/base.h"
#include "basin/chain.h"
#include "basin/loss.h"

BASIN_BEGIN_DECLS

/** How W moves. The first minimises an objective over the whole set; the
 *  others go from sequence to sequence. */
typedef enum basin_chain_algorithm {
    /** Limited-memory BFGS (Liu and Nocedal 1989); with c1 > 0, orthant-wise
     *  (Andrew and Gao 2007), and where that gets slow, and the loss is convex
     *  and smooth, a proximal Newton method (Lee, Sun and Saunders 2014). Any
     *  loss. */
    BASIN_CHAIN_LBFGS = 0,
    /** Stochastic gradient steps with rate / (1 + t / sequences), L2 only
     *  (Bottou 2010; Shalev-Shwartz et al. 2007). Any loss. */
    BASIN_CHAIN_SGD = 1,
    /** Averaged perceptron (Collins 2002). Its loss is the perceptron's. */
    BASIN_CHAIN_PERCEPTRON = 2,
    /** Passive-aggressive I, averaged (Crammer et al. 2006). The loss is the
     *  hinge's on sqrt(errors), as CRFsuite has it. */
    BASIN_CHAIN_PA = 3,
    /** Adaptive regularisation of weights (Mejer and Crammer 2010). */
    BASIN_CHAIN_AROW = 4,
    /** One of the library's optimisers, batch by batch. Any loss; chains with
     *  nets learn by this or by L-BFGS. */
    BASIN_CHAIN_OPTIMISER = 5,
    /** Block-coordinate Frank-Wolfe (Lacoste-Julien et al. 2013) with pairwise
     *  steps and a memory of the labellings found (Osokin et al. 2016), for
     *  the hinge with the Hamming cost (margin rescaling). Begins at W = 0,
     *  gives a bound on how far the objective is from its minimum, and stops
     *  where that is at most `tolerance` of the objective. */
    BASIN_CHAIN_BCFW = 6
} basin_chain_algorithm;

typedef struct basin_chain_progress {
    int iteration;                   /**< or epochs that are done */
    basin_chain_algorithm algorithm; /**< at work: SGD while L-BFGS is started
                                          by it */
    int evaluations;                 /**< of the objective */
    double objective;                /**< sum of losses + c1 |W|_1 + c2 |W|^2 */
    double loss; /**< the sum of losses alone, of this epoch */
    double norm; /**< |W| */
    /** How far W is from satisfying the conditions of a minimum: the length of
     *  the least subgradient, over max(1, |W|). NaN without an objective. */
    double residual;
    int64_t active; /**< weights that are not 0 */
    double gap;     /**< the objective is at most so far above its minimum; NaN
                         where the algorithm gives no bound, and after most
                         epochs of those that do: it costs one */
    double step;    /**< of the last line search */
    double beta;    /**< of this iteration */
    /** The loss is flat at W = 0, or has a kink there that L-BFGS finds no way
     *  down from: this is of the negative log-likelihood, whose optimum is
     *  where the loss itself will begin, from iteration 0. Or, where
     * `algorithm` is not the one that was asked for, these are the first
     * epochs, after which that one begins (basin_chain_train_def.start_epochs).
     */
    bool starting;
} basin_chain_progress;

/** Return false to stop after this iteration or epoch. */
typedef bool (*basin_chain_watch_fn)(
    void *user, const basin_chain_progress *progress);

/** Asked now and then within an iteration that takes long, as one of Newton's
 *  method does on a large set. Return false to leave that iteration, as if it
 *  had not begun, and to stop. */
typedef bool (*basin_chain_pulse_fn)(void *user);

/** How to learn: see the members. From basin_chain_train_default. */
typedef struct basin_chain_train_def {
    uint32_t cookie; /**< set by basin_chain_train_default */
    basin_chain_algorithm algorithm;
    double c1;        /**< >= 0; default 0 */
    double c2;        /**< >= 0; default 1 */
    double beta;      /**< of free energies, > 0; default 1 */
    double beta_from; /**< beta of the first iteration or epoch, from where it
                           goes to `beta` by equal factors (deterministic
                           annealing: Rose 1998); >= 0; default 0: it is `beta`
                           from the beginning */
    int beta_over;    /**< iterations or epochs until it is there, >= 1; no
                           training stops before; default 10 */
    int iterations;   /**< at most so many, or epochs; 0, the default: 1000 of
                           L-BFGS, 50 epochs */
    int memory;       /**< pairs that L-BFGS remembers, 1 to 64; default 14 */
    int start_epochs; /**< >= 0: epochs of SGD with `rate` before L-BFGS, where
                           it minimises the negative log-likelihood from W = 0
                           without c1 and without a net, and there are no
                           fewer positions than pairs of labels (as Agarwal et
                           al. 2014 start theirs); default 5 */
    double tolerance; /**< stop at this residual; default 1e-5 */
    double delta;     /**< stop when the objective has not fallen by this
                           part in the last 10 iterations; default 1e-6 */
    double rate;      /**< of SGD and optimisers; > 0; default 0.1 */
    double rate_end;  /**< of optimisers: the last rate, as a fraction of the
                           first, reached by a straight line; default 1 */
    const char *optimiser; /**< a registered one; default "adam" */
    const basin_setting *optimiser_settings;
    int n_optimiser_settings;
    int batch;         /**< sequences an update, >= 1; default 16 */
    double aggressive; /**< C of PA, > 0; default 1 */
    double variance;   /**< of AROW, > 0; default 1 */
    double gamma;      /**< of AROW, > 0; default 1 */
    uint64_t seed;     /**< of the order of sequences; default 1 */
    /** (sequences) by how much the loss of each counts, for L-BFGS and SGD;
     *  borrowed; NULL, the default: 1 */
    const float *weight;
    basin_chain_watch_fn watch; /**< or NULL */
    basin_chain_pulse_fn pulse; /**< or NULL */
    void *user;
} basin_chain_train_def;

/** The defaults: see the members. */
BASIN_API basin_chain_train_def basin_chain_train_default(void);

/** A chain that is being trained. */
typedef struct basin_chain_trainer basin_chain_trainer;

/**
 * All must outlive the trainer; it starts from the chain's W, or, where that is
 * 0 and the loss finds no way down from there, from the optimum of the
 * negative log-likelihood (basin_chain_progress.starting).
 * @param loss NULL: the negative log-likelihood
 * Errors: E_SERVE (a loss that a chain cannot serve, or that the algorithm
 * does not take), E_RANGE (settings; a sequence that is empty or whose labels
 * are not all known), E_ARGUMENT (cookie), E_MEMORY.
 */
BASIN_API basin_status basin_chain_trainer_create(basin_chain_trainer **out,
    basin_chain *chain, const basin_loss *loss,
    const basin_sequences *sequences, const basin_chain_train_def *def,
    basin_error *error);
/** NULL is fine. */
BASIN_API void basin_chain_trainer_destroy(basin_chain_trainer *trainer);

/** Train to the end, or until the watcher says stop (then E_STOPPED; W is what
 *  was learnt so far). Where the pulse says so, the watcher is told once more
 *  of the last iteration. Errors: E_NONFINITE. */
BASIN_API basin_status basin_chain_trainer_run(
    basin_chain_trainer *trainer, basin_error *error);

/** Where it stands; lives with the trainer. */
BASIN_API const basin_chain_progress *basin_chain_trainer_progress(
    const basin_chain_trainer *trainer);

/** W as it would be if training stopped here, for the watcher to look at: the
 *  algorithms that average hold another one. @param out (n_params) */
BASIN_API void basin_chain_trainer_weights(
    const basin_chain_trainer *trainer, double *out);

/** The sum of losses at the chain's W and, if `gradient` is not NULL, its
 *  gradient in W (n_params, set). For checks; not during a run. */
BASIN_API double basin_chain_trainer_loss(
    basin_chain_trainer *trainer, double *gradient);

BASIN_END_DECLS

#endif
