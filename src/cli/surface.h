/* SPDX-License-Identifier: MIT
 *
 * The surface of a model over one number X and one number Y, for pictures.
 */
#ifndef BASIN_CLI_SURFACE_H
#define BASIN_CLI_SURFACE_H

#include "cli/open.h"
#include "inference/inference.h"
#include "view/view.h"

enum { CLI_SURFACE = 101, CLI_SPHERES = 200 };

typedef struct cli_surface {
    const cli_model *model;
    basin__cover z;
    basin_pass *pass;
    float x[CLI_SURFACE], y[CLI_SURFACE];
    float *initial, *current; /* (CLI_SURFACE, CLI_SURFACE) */
    int n;
    double sample_x[CLI_SPHERES], sample_y[CLI_SPHERES], sample_e[CLI_SPHERES];
} cli_surface;

/** Can one be drawn: are X and Y one number each? */
bool cli_surface_fits(const basin_energy_info *info);
/** Errors: E_SERVE where none can be drawn; E_MEMORY. To be closed in any
 *  case, if it was zeroed before. */
basin_status cli_surface_open(
    cli_surface *s, const cli_model *model, basin_error *error);
void cli_surface_close(cli_surface *s);
/** E over the grid, the least over Z, as W is now. */
void cli_surface_evaluate(cli_surface *s, float *out);
/** Put samples on the current surface. */
void cli_surface_samples(cli_surface *s, const basin__samples *samples);
/** A scene with the surface's domain and samples, and no heights yet. */
view_scene cli_surface_scene(const cli_surface *s);
/** A surface that left the first one's range has a scale of its own. */
void cli_surface_follow(view_scene *scene);

#endif
