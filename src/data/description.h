/* SPDX-License-Identifier: MIT
 *
 * The description of a model and of how it is trained: the four parts, and
 * the data. It is read from YAML, or from what a trained model's file keeps
 * of it, by the same code.
 */
#ifndef BASIN_DATA_DESCRIPTION_H
#define BASIN_DATA_DESCRIPTION_H

#include "basin/learn.h"
#include "data/tree.h"

/** What stands under `learning` and `data` beside the registered parts; rows
 *  as of any part, so that checks, help and the schema come from them. */
extern const basin_part basin__learning_part, basin__data_part;
enum {
    BASIN__LEARN_RATE,
    BASIN__LEARN_RATE_END,
    BASIN__LEARN_EPOCHS,
    BASIN__LEARN_BATCH,
    BASIN__LEARN_SEED,
    BASIN__LEARN_HELD_OUT,
    BASIN__LEARN_PATIENCE,
    BASIN__LEARN_ROLLBACKS,
    BASIN__LEARN_CLIP,
    BASIN__LEARN_SCHEDULE,
    BASIN__LEARN_WARMUP,
    BASIN__LEARN_STEPS,
    BASIN__LEARN_L1,
    BASIN__LEARN_L2,
    BASIN__LEARN_SIZE,
    BASIN__LEARN_AVERAGE,
    BASIN__LEARN_AVERAGE_FROM,
    BASIN__LEARN_BETA_FROM,
    BASIN__LEARN_BETA_Z_FROM,
    BASIN__LEARN_BETA_SCHEDULE,
    BASIN__LEARN_BETA_OVER
};
enum { BASIN__DATA_SCALE };
enum {
    BASIN__SCALE_NONE,
    BASIN__SCALE_RANGE,
    BASIN__SCALE_STANDARD,
    BASIN__SCALE_BYTES
};

/** Keys that are no parameters, NULL-terminated: for checks and the schema. */
extern const char *const basin__node_keys[], *const basin__data_keys[],
                                                 *const basin__learning_keys[],
                                                     *const basin__model_keys[];

/** A part that was chosen by name, with its settings. */
typedef struct basin__choice {
    const basin_part *part;
    double values[BASIN_PARAMS_MAX];
    int line, column; /**< of its place in the text */
} basin__choice;

/** Where the samples come from. Words live with the forest. */
typedef struct basin__data_def {
    basin__tree *train, *held_out, *test; /**< a file or a list of them */
    basin__tree *x, *y;                   /**< columns, or NULL */
    /** Y is a set of labels, X the other columns: "first", "last", "xml", or a
     *  list of columns; NULL: x and y say it. */
    basin__tree *labels;
    basin__tree *classes; /**< the labels' names, in their order, or NULL */
    basin__tree *rows;    /**< in the text itself, or NULL */
    basin__tree *weight;  /**< a column: how much a sample counts */
    basin__tree *class_weights;      /**< of each label, or NULL */
    double values[BASIN_PARAMS_MAX]; /**< of basin__data_part */
    /** How the data's numbers became the model's: model = (data - offset) *
     *  factor, for each number of x, then of y; NULL: as they are. */
    basin__tree *offset, *factor;
    basin__tree *place;
} basin__data_def;

typedef struct basin__description {
    basin_context *ctx;
    basin__forest forest;
    basin_energy *energy; /**< without weights yet, from YAML */
    basin__choice inference, loss, optimiser;
    double learning[BASIN_PARAMS_MAX];
    basin__data_def data;
    basin__tree *learning_tree; /**< for places; may be NULL */
} basin__description;

/** Read YAML and build the energy. On failure too it must be finished.
 *  Errors: E_FORMAT, E_NAME, E_RANGE, E_SHAPE, each with line and column;
 *  E_MEMORY; E_SERVE without libfyaml. */
basin_status basin__description_read(basin__description *out,
    basin_context *ctx, const void *data, size_t size, basin_error *error);
/** Read the net of a chain: the energy, the loss where there is one
 *  (out->loss.part), and how it learns; what else the text has is for others.
 *  Errors: as basin__description_read. */
basin_status basin__description_net(basin__description *out, basin_context *ctx,
    const void *data, size_t size, basin_error *error);
void basin__description_finish(basin__description *d);

/** The parts without the energy, as a model file keeps them (JSON). */
basin_status basin__parts_write(
    basin_bytes *out, const basin__description *d, basin_error *error);
/** Read what that wrote, or the same keys of YAML. d->energy must be there. */
basin_status basin__parts_read(
    basin__description *d, basin__tree *root, basin_error *error);

/** A trained model's file: the energy with its weights, and its parts where
 *  the file has them. Errors: as basin_model_read. */
basin_status basin__description_load(basin__description *out,
    basin_context *ctx, const void *data, size_t size, basin_error *error);

/** Errors: E_SERVE and others, at the part's place. */
basin_status basin__description_inference(
    basin_inference **out, const basin__description *d, basin_error *error);
basin_status basin__description_loss(
    basin_loss **out, const basin__description *d, basin_error *error);

/** The energy from its tree, in description_graph.c. */
basin_status basin__energy_read(basin_energy **out, basin_context *ctx,
    basin__tree *tree, basin_error *error);

/** The same graph inside a softplus, with as many weights, not drawn yet; what
 *  'bound: softplus' gives. Errors: E_SERVE: it is no graph; E_MEMORY. */
basin_status basin__energy_bounded(
    basin_energy **out, basin_energy *of, basin_error *error);

struct json_t;
/** A space, into an empty object of JSON. @param sizes of its leaf, out
 *  @param tree NULL: there is none  @param name "x" */
basin_status basin__space_read(struct json_t *space, basin_space_kind *kind,
    int sizes[3], basin__tree *tree, const char *name, basin_error *error);

/** Settings that stand in a map beside its own keys, or under `settings`.
 *  @param values all of the part's  @param where "the loss 'hinge'" */
basin_status basin__settings_read(double *values, const basin_part *part,
    basin__tree *map, const char *const *keys, const char *where,
    basin_error *error);

/** Find a part by its word. Errors: E_NAME, placed. */
basin_status basin__part_read(const basin_part **out, basin_context *ctx,
    basin_kind kind, const basin__tree *word, basin_error *error);

#endif
