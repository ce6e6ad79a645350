/* SPDX-License-Identifier: MIT
 *
 * Energies E(Y, Z, X; W): how badly an answer Y, with hidden causes Z, fits an
 * observation X. An energy offers its values on sets and their gradients; it
 * knows no inference and no loss. Task costs stand beside them.
 *
 *     basin_energy_from_graph(&e, g, &spaces, err);
 *     basin_energy_init(e, seed);
 *     float value = basin_energy_value(e, x, y, NULL);
 */
#ifndef BASIN_ENERGY_H
#define BASIN_ENERGY_H

#include "basin/base.h"
#include "basin/graph.h"

BASIN_BEGIN_DECLS

/* ------------------------------------------------------------------ spaces */

typedef enum basin_space_kind {
    BASIN_SPACE_NONE = 0,   /**< there is no such variable */
    BASIN_SPACE_BOX = 1,    /**< [low, high]^dim */
    BASIN_SPACE_LABELS = 2, /**< one of `count` labels, given as 0 .. count-1 */
    /** as long as basin_sequences has it; of `count` labels at each position */
    BASIN_SPACE_SEQUENCE = 3
} basin_space_kind;

/** Where a variable lives. */
typedef struct basin_space {
    basin_space_kind kind;
    int dim;         /**< numbers a value has; 1 for labels */
    float low, high; /**< of a box, in every dimension */
    int count;       /**< of labels */
} basin_space;

typedef enum basin_bound {
    BASIN_BOUND_NONE = 0,       /**< any sign */
    BASIN_BOUND_NONNEGATIVE = 1 /**< never below 0, by construction */
} basin_bound;

/** What an energy says of itself. */
typedef struct basin_energy_info {
    basin_space x, y, z;
    basin_bound bound;
    size_t n_params; /**< floats */
} basin_energy_info;

/* ---------------------------------------------------- energies as entries */

/** E(Y, Z, X; W), with its W. */
typedef struct basin_energy basin_energy;

/**
 * The table entry of an energy. A user's own needs `describe`, `value` and
 * `gradient`; everything else in the library follows from these. `self` is the
 * energy's own memory, `self_size` bytes, zeroed before `describe`.
 */
typedef struct basin_energy_type {
    basin_part part;
    size_t self_size;
    /** Read the settings (in the order of part.params), fill `info`. */
    basin_status (*describe)(void *self, basin_energy_info *info,
        const double *settings, basin_error *error);
    /** Initial parameters; NULL when there are none. */
    void (*init)(const void *self, float *params, uint64_t seed);
    /** E at one configuration. @param x, y, z dim numbers each */
    float (*value)(const void *self, const float *params, const float *x,
        const float *y, const float *z);
    /** Add weight * dE to each gradient that is not NULL. */
    void (*gradient)(const void *self, const float *params, const float *x,
        const float *y, const float *z, float weight, float *d_params,
        float *d_x, float *d_y, float *d_z);
} basin_energy_type;

/** Create a registered energy. Errors: E_NAME, E_RANGE, E_MEMORY, its own. */
BASIN_API basin_status basin_energy_create(basin_energy **out,
    basin_context *ctx, const char *type, const basin_setting *settings,
    int n_settings, basin_error *error);

/** Where X, Y and Z live; of kind BASIN_SPACE_NONE where there is none. */
typedef struct basin_spaces {
    basin_space x, y, z;
} basin_spaces;

/**
 * The energy that a graph computes: its last node, which must have one
 * feature. Takes the graph over, also when it fails.
 * Errors: E_SHAPE (last node, leaves against spaces), E_MEMORY.
 */
BASIN_API basin_status basin_energy_from_graph(basin_energy **out,
    basin_graph *graph, const basin_spaces *spaces, basin_error *error);

/** NULL is fine. */
BASIN_API void basin_energy_destroy(basin_energy *energy);

/** Where its variables live, its bound, the size of W; lives with it. */
BASIN_API const basin_energy_info *basin_energy_describe(
    const basin_energy *energy);
/** "graph", or the registered name. */
BASIN_API const char *basin_energy_name(const basin_energy *energy);
/** The graph behind the energy, or NULL. */
BASIN_API const basin_graph *basin_energy_graph(const basin_energy *energy);
/** The settings of a registered energy, in the order of its part.params, for
 *  writing it down; NULL for graphs. */
BASIN_API const double *basin_energy_settings(const basin_energy *energy);
BASIN_API basin_context *basin_energy_context(const basin_energy *energy);

/** W, in one block of info->n_params floats; yours to read and write. */
BASIN_API float *basin_energy_params(basin_energy *energy);

/** Draw the initial W from the seed. */
BASIN_API void basin_energy_init(basin_energy *energy, uint64_t seed);

/* ------------------------------------------------------------------ passes */

/**
 * A pass is the memory in which an energy is evaluated on sets: a batch of
 * samples, and for each slot a set of candidate answers and hidden causes.
 * Everything is allocated when it is created; nothing in use. What depends on
 * X alone is computed once a sample, in observe; what depends on a shared set
 * alone is computed once a set.
 *
 *     observe -> evaluate slots -> backward slots -> finish
 */
typedef struct basin_pass basin_pass;

/** Errors: E_MEMORY, E_ARGUMENT. */
BASIN_API basin_status basin_pass_create(basin_pass **out, basin_energy *energy,
    const basin_pass_def *def, basin_error *error);
BASIN_API void basin_pass_destroy(basin_pass *pass);

/**
 * Take a batch: sample b is row index[b] of x, or row b if index is NULL.
 * @param x (.., x.dim), row-major  @param samples 1 .. def.samples
 * @param training whether dropout is on; `step` feeds its random numbers
 */
BASIN_API void basin_pass_observe(basin_pass *pass, const float *x,
    const int32_t *index, int samples, bool training, uint64_t step);

/** @return the energies, (samples, y_count, z_count), valid until the slot is
 *  evaluated again. */
BASIN_API const float *basin_pass_evaluate(
    basin_pass *pass, int slot, const basin_set *set);

/** Add to the gradients: sum over the slot of weights * dE.
 *  @param weights (samples, y_count, z_count), as last evaluated */
BASIN_API void basin_pass_backward(
    basin_pass *pass, int slot, const float *weights);

/** End the batch: bring all gradients down to W.
 *  @param d_params info->n_params floats, added to; or NULL */
BASIN_API void basin_pass_finish(basin_pass *pass, float *d_params);

/** Gradients that the slot's last backward gave: (samples, y_count, y.dim) and
 *  (samples, y_count, z_count, z.dim); only for own candidates. */
BASIN_API const float *basin_pass_gradient_y(basin_pass *pass, int slot);
BASIN_API const float *basin_pass_gradient_z(basin_pass *pass, int slot);

/** E at one configuration (slow, for checks). NaN when memory is short. */
BASIN_API float basin_energy_value(
    basin_energy *energy, const float *x, const float *y, const float *z);

/* ------------------------------------------------------------------- costs */

/** The table entry of a task cost Delta(right, other) >= 0: how bad it is to
 *  answer `other`. */
typedef struct basin_cost_type {
    basin_part part;
    float (*value)(const double *settings, const basin_space *space,
        const float *right, const float *other);
    /** Add weight * dDelta/d other; NULL where it has no gradient. */
    void (*gradient)(const double *settings, const basin_space *space,
        const float *right, const float *other, float weight, float *d_other);
} basin_cost_type;

/* ------------------------------------------------------------------ checks */

/** What a comparison of gradients found. */
typedef struct basin_gradcheck {
    double worst;     /**< largest |analytic - numeric| / (0.05 + |numeric|) */
    const char *what; /**< "W", "X", "Y" or "Z": where the worst stands */
    size_t index;     /**< which number of it */
    double analytic, numeric;
    int checked; /**< how many derivatives were compared */
} basin_gradcheck;

/** What a right gradient's `worst` stays below: differences of float32 energies
 *  are off by as much as 0.014, on trained models with large energies. */
#define BASIN_GRADCHECK_GOOD 0.02

/**
 * Compare the gradients of an energy in W, Y and Z with central differences,
 * at `points` random configurations; derivatives that lie near a kink are
 * passed over. Errors: E_MEMORY, E_NONFINITE.
 */
BASIN_API basin_status basin_energy_gradcheck(basin_gradcheck *out,
    basin_energy *energy, uint64_t seed, int points, basin_error *error);

BASIN_END_DECLS

#endif
