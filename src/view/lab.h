/* SPDX-License-Identifier: MIT
 *
 * The page of the loss laboratory: one model under every loss. Internal to
 * src/view and src/cli.
 */
#ifndef BASIN_VIEW_LAB_H
#define BASIN_VIEW_LAB_H

#include "view/plane.h"

/** How a word on the page is coloured. */
typedef enum view_tone {
    VIEW_TONE_PLAIN = 0,
    VIEW_TONE_GOOD = 1,
    VIEW_TONE_BAD = 2,
    VIEW_TONE_DOUBT = 3
} view_tone;

/** What one loss made of the model. Texts may be NULL. */
typedef struct view_lab_row {
    const char *loss, *formula, *params;
    const char *why; /**< why it was not trained; NULL: it was */

    const char *verdict; /**< of the conditions: "every margin passes" */
    view_tone verdict_tone;
    const char *outcome; /**< "collapsed" */
    view_tone outcome_tone;
    const char *note;   /**< what the watch over training says */
    const char *energy; /**< "softplus(E)" */
    bool bounded;       /**< a softplus was put around the energy */
    bool kept_small;    /**< a penalty was put on the energies' size */
    bool collapsed;
    double gap, error;
    double spread;           /**< at the end, of what it was */
    double e_right, e_wrong; /**< means, at the end */
    double step;             /**< seconds an update */

    int n_path; /**< moments, evenly spread over training */
    const double *path_c, *path_i;
    int n_arrows; /**< of descent, over the window of the path */
    const view_arrow *arrows;
    double low, high; /**< that window, of both energies */
    view_buffer surface;
} view_lab_row;

typedef struct view_lab {
    const char *version, *model, *command;
    const char *error_name; /**< "mean error", "wrong labels" */
    const char *judged;     /**< on what: "the test samples" */
    uint64_t seed;
    int samples, epochs;
    double seconds, error_at_first;
    bool interrupted;
    view_buffer before; /**< the surface before training, or empty */
    int n_rows;
    const view_lab_row *rows;
} view_lab;

/** The page, self-contained, without scripts. Errors: E_MEMORY. */
basin_status basin__view_lab(
    view_buffer *out, const view_lab *lab, basin_error *error);

#endif
