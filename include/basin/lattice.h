/* SPDX-License-Identifier: MIT
 *
 * What a chain can answer about one sequence: the best labellings, those that
 * differ from a given one, free energies, marginals, samples. A lattice is the
 * memory for that: one for each thread; threads may share the chain while its
 * W rests.
 *
 *     basin_lattice_create(&lattice, chain, err);
 *     basin_lattice_observe(lattice, &sequences, 0, err);
 *     double e = basin_lattice_best(lattice, label);
 *
 * Energies are those of the chain without its softplus, if it has one.
 */
#ifndef BASIN_LATTICE_H
#define BASIN_LATTICE_H

#include "basin/base.h"
#include "basin/chain.h"
#include "basin/loss.h"

BASIN_BEGIN_DECLS

/** The memory in which sequences are answered for; of one thread. */
typedef struct basin_lattice basin_lattice;

/** Errors: E_MEMORY. */
BASIN_API basin_status basin_lattice_create(
    basin_lattice **out, const basin_chain *chain, basin_error *error);
/** NULL is fine. */
BASIN_API void basin_lattice_destroy(basin_lattice *lattice);

/** Take a sequence, with the W that the chain has now; grows as it must.
 *  The sequences are borrowed until the next. Errors: E_MEMORY; E_RANGE (it
 *  has no position). */
BASIN_API basin_status basin_lattice_observe(basin_lattice *lattice,
    const basin_sequences *sequences, int32_t sequence, basin_error *error);

/** Positions of the sequence that was observed. */
BASIN_API int basin_lattice_length(const basin_lattice *lattice);

/** Allow only these labels (-1: any) from now on, until the next observe.
 *  @param label (length) */
BASIN_API void basin_lattice_constrain(
    basin_lattice *lattice, const int32_t *label);

/* Labellings below are (length) and written by the call, unless const. */

/** E of a labelling. */
BASIN_API double basin_lattice_energy(
    basin_lattice *lattice, const int32_t *label);

/** The labelling of lowest energy (Viterbi 1967); of equals, the one with the
 *  lowest labels from the end on. @return its energy */
BASIN_API double basin_lattice_best(basin_lattice *lattice, int32_t *label);

/** The n best, in ascending order of energy. @param label (n, length)
 *  @param energy (n)  @param found how many there are, at most n
 *  Errors: E_MEMORY. */
BASIN_API basin_status basin_lattice_best_n(basin_lattice *lattice, int n,
    int32_t *label, double *energy, int *found, basin_error *error);

/** What an error at one position costs. */
typedef struct basin_label_cost {
    /** (labels, labels): [right][other], 0 on the diagonal and >= 0 elsewhere;
     *  NULL: 1 for every error (Hamming). */
    const double *matrix;
} basin_label_cost;

/**
 * The labelling that differs from `right` and offends most, in the sense of
 * the loss's declaration (LeCun et al. 2006, definition 1; Tsochantaridis et
 * al. 2005 for slack rescaling, here exact, by one Viterbi for each number of
 * errors). There must be two labels at least.
 * @param margin m of slack rescaling  @param delta its cost, out, or NULL
 * Errors: E_SERVE (slack rescaling with a matrix), E_MEMORY.
 */
BASIN_API basin_status basin_lattice_offender(basin_lattice *lattice,
    const int32_t *right, basin_offender offender, double margin,
    const basin_label_cost *cost, int32_t *label, double *energy, double *delta,
    basin_error *error);

/** F = -(1/beta) log sum exp(-beta E) over all labellings; beta > 0. */
BASIN_API double basin_lattice_free_energy(basin_lattice *lattice, double beta);

/** Probability of each label at each position, at this beta.
 *  @param out (length, labels) */
BASIN_API void basin_lattice_marginals(
    basin_lattice *lattice, double beta, double *out);

/** Probability of each pair of labels at each step to a position, at this
 *  beta. @param out (length - 1, labels, labels): label before, label
 *  Errors: E_MEMORY. */
BASIN_API basin_status basin_lattice_step_marginals(
    basin_lattice *lattice, double beta, double *out, basin_error *error);

/** F over the labellings other than `right`. Errors: E_MEMORY. */
BASIN_API basin_status basin_lattice_free_energy_but(basin_lattice *lattice,
    const int32_t *right, double beta, double *out, basin_error *error);

/** At each position the label that is most probable there. */
BASIN_API void basin_lattice_decode(
    basin_lattice *lattice, double beta, int32_t *label);

/** A labelling drawn from exp(-beta E) / sum. @param key of its random
 *  numbers, one a position. @return its energy */
BASIN_API double basin_lattice_sample(
    basin_lattice *lattice, double beta, basin_random_key key, int32_t *label);

BASIN_END_DECLS

#endif
