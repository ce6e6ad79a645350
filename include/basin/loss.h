/* SPDX-License-Identifier: MIT
 *
 * Loss functionals: given the energies that inference found for one sample,
 * how good is the surface, and which energies should go down or up, by how
 * much? A loss knows numbers only.
 *
 *     basin_loss_create(&loss, ctx, "square-square",
 *         &(basin_setting){"margin", 2}, 1, err);
 */
#ifndef BASIN_LOSS_H
#define BASIN_LOSS_H

#include "basin/base.h"

BASIN_BEGIN_DECLS

/** The scalars that a loss can ask of inference, for one sample. */
enum {
    BASIN_NEED_EC = 1,   /**< energy of the correct answer */
    BASIN_NEED_EI = 2,   /**< energy of the most offending incorrect answer */
    BASIN_NEED_EMIN = 4, /**< the least energy over all answers */
    BASIN_NEED_F = 8,    /**< free energy over all answers */
    BASIN_NEED_FI = 16,  /**< free energy over the incorrect answers */
    BASIN_NEED_ALL = 32  /**< every (E_y, Delta_y) of an enumerated set */
};

/** Which incorrect answer offends most. */
typedef enum basin_offender {
    BASIN_OFFENDER_LOWEST = 0, /**< min E */
    BASIN_OFFENDER_MARGIN = 1, /**< min E - Delta (margin rescaling) */
    BASIN_OFFENDER_SLACK = 2   /**< max Delta (m + E_C - E) (slack rescaling) */
} basin_offender;

/** What inference found for one sample. What was not asked for is 0. */
typedef struct basin_energies {
    double e_c;                  /**< E_C */
    double e_i;                  /**< E_I */
    double delta_i;              /**< the task cost of the offender */
    double e_min;                /**< min over all answers */
    double f;                    /**< F = -(1/beta) log sum exp(-beta E) */
    double f_i;                  /**< the same, over the incorrect answers */
    double beta;                 /**< the inverse temperature of f and f_i */
    int n;                       /**< answers in the set */
    const double *e_y, *delta_y; /**< (n) */
    double *room;                /**< (n), where the slopes of e_y can go */
} basin_energies;

/** The loss, and its derivatives in the scalars; zeroed before the call. */
typedef struct basin_slopes {
    double value;
    double e_c, e_i, e_min, f, f_i;
    double *e_y; /**< (n), only with BASIN_NEED_ALL */
} basin_slopes;

/** Which energies a loss supposes. */
typedef enum basin_domain {
    BASIN_DOMAIN_ANY = 0,
    BASIN_DOMAIN_NONNEGATIVE = 1
} basin_domain;

/** The table entry of a loss. */
typedef struct basin_loss_type {
    basin_part part;
    unsigned needs; /**< BASIN_NEED_EC | ... */
    basin_offender offender;
    /** False where no slope depends on the value of F or F_I, so that their
     *  derivatives are enough, and a sampler can serve. */
    bool needs_values;
    basin_domain domain;
    /** @param settings in the order of part.params */
    void (*evaluate)(const double *settings, const basin_energies *energies,
        basin_slopes *out);
    /** The same as a basin_expression, for the check: in ec, ei, the
     *  parameters by their names, and, where they are needed, beta, cost
     *  (Delta_I) and others (the sum of exp(-beta E) over all answers but
     *  those two). NULL: the check goes by `evaluate`. */
    const char *expression;
} basin_loss_type;

/** A loss with its settings. */
typedef struct basin_loss basin_loss;

/** Errors: E_NAME, E_RANGE, E_MEMORY. */
BASIN_API basin_status basin_loss_create(basin_loss **out, basin_context *ctx,
    const char *type, const basin_setting *settings, int n_settings,
    basin_error *error);
BASIN_API void basin_loss_destroy(basin_loss *loss);

/** The table entry that it was created from. */
BASIN_API const basin_loss_type *basin_loss_entry(const basin_loss *loss);
/** The settings in use, in the order of part.params. */
BASIN_API const double *basin_loss_settings(const basin_loss *loss);

/** The value and the slopes at these scalars. @param out zeroed; e_y, where a
 *  loss needs it, n zeros */
BASIN_API void basin_loss_evaluate(
    const basin_loss *loss, const basin_energies *energies, basin_slopes *out);

BASIN_END_DECLS

#endif
