/* SPDX-License-Identifier: MIT
 *
 * Models and samples that the user names: descriptions in YAML, trained models,
 * and files of data.
 */
#ifndef BASIN_CLI_OPEN_H
#define BASIN_CLI_OPEN_H

#include "cli/cli.h"
#include "cli/folder.h"
#include "data/file.h"
#include "data/samples.h"
#include "data/text.h"

typedef struct cli_model {
    basin_context *ctx;
    basin__description d;
    /** Of a trained model that was named by its description: that. */
    basin__description described;
    const char *path;         /* as the user gave it */
    char loaded[BASIN__PATH]; /* the file that the weights came from */
    char folder[BASIN__PATH]; /* of `path`, with its slash; or empty */
} cli_model;

/** Does it end in this, and have more before it? */
bool cli_ends_in(const char *path, const char *suffix);
/** Is it a description (.yaml, .yml)? */
bool cli_is_yaml(const char *path);

/** Where a description's results go, if --out does not say: its own name
 *  without folder and suffix. */
void cli_default_out(char out[BASIN__PATH], const char *path);

/** Read a description. Errors name the file, the line and the column. */
basin_status cli_open_yaml(
    cli_model *out, basin_context *ctx, const char *path, basin_error *error);
/** Read a trained model; of a description, the one in its folder of results.
 *  @param out_dir --out, or NULL */
basin_status cli_open_trained(cli_model *out, basin_context *ctx,
    const char *path, const char *out_dir, basin_error *error);
void cli_close_model(cli_model *model);

/** Pass on an error of the model's part: with the description's path, if the
 *  error has a place in it. */
basin_status cli_in_model(
    const cli_model *model, basin_status status, basin_error *error);

/** What --data takes, where X and Y are wanted. */
#define CLI_SAMPLES_HELP                                                       \
    "samples: CSV, ARFF, .npz; a folder of pictures or of MNIST; or twice, X " \
    "and Y as .npy or IDX"

/** Samples from files or a folder; `files` from the command line, else from
 *  the description's list (beside it). @param role which samples are meant,
 *  where there are both. Notes in the model which columns are the labels of a
 *  set, where that depends on the file. Errors name the file. */
basin_status cli_read_samples(basin__samples *out, cli_model *model,
    const cli_files *files, basin__tree *list, cli_role role, bool need_y,
    basin_error *error);
/** The samples to judge by, in the model's units: those of `test`, else the
 *  description's, else those that the folder of `data` brings along.
 *  @param found whether there are any, out */
basin_status cli_read_test(basin__samples *out, bool *found, cli_model *model,
    const cli_files *data, const cli_files *test, basin_error *error);

/** A trained model, its inference, and samples in the model's units. */
typedef struct cli_question {
    cli_model model;
    basin_inference *inference;
    basin__samples samples;
} cli_question;

/**
 * Read all three. @param missing what to say without --data, "--data FILE with
 * the x"; NULL: the description's own samples are taken then, and Y is needed
 * @param out to be closed, also when this fails
 */
basin_status cli_open_question(cli_question *out, basin_context *ctx,
    const char *path, const char *out_dir, const cli_files *data,
    const char *missing, basin_error *error);
void cli_close_question(cli_question *question);

/** The name of a column of Y: the data's own, or y1, y2.
 *  @param out room for it */
const char *cli_column_name(
    char out[BASIN__QUOTE], const cli_model *model, int column);
/** Bring n answers to the data's units. */
void cli_unscale(const cli_model *model, float *y, int n);
/** A label's name, or its number where it has none. @param number room */
const char *cli_class_name(
    char number[32], const cli_model *model, float label);

/** What is measured, a row each in cli_measures. */
typedef enum cli_measure {
    CLI_ERROR,   /* of labels: the fraction that is wrong */
    CLI_MAE,     /* of numbers, in the data's units */
    CLI_RMSE,    /* the same */
    CLI_F1,      /* of sets: the mean over the samples of each one's F1 */
    CLI_HAMMING, /* the fraction of all labels of sets that is wrong */
    CLI_EXACT,   /* the fraction of sets that are right in every label */
    CLI_MEASURES
} cli_measure;

/** Names; what is a fraction is printed in percent. */
extern const struct cli_measure_info {
    const char *name;
    bool fraction;
} cli_measures[CLI_MEASURES];

/** How good answers are. A set of labels is a Y of two numbers or more in the
 *  box [0, 1], where every right answer is of 0 and 1; what is answered counts
 *  as 1 from 0.5 on. F1 of two empty sets is 1. */
typedef struct cli_score {
    int samples;
    double of[CLI_MEASURES];
    bool has[CLI_MEASURES]; /* which are for such answers */
    double energy;          /* mean, of the answers */
} cli_score;

/** "   mae 0.1   rmse 0.2": the measures that there are. */
void cli_print_measures(const cli_score *score);

/** Predict and compare. @param first, n rows of the samples
 *  @param confusion (labels, labels) of a Y of one label, added to: how often
 *  the row's was right and the column's was answered; or NULL */
basin_status cli_score_samples(cli_score *out, const cli_model *model,
    basin_inference *inference, const basin__samples *samples, int first, int n,
    int *confusion, basin_error *error);

#endif
