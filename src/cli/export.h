/* SPDX-License-Identifier: MIT
 *
 * basin export: a trained model's inference as one C file.
 */
#ifndef BASIN_CLI_EXPORT_H
#define BASIN_CLI_EXPORT_H

#include "cli/open.h"

/** Texts that stand in every exported file; see src/cli/embed.py. */
extern const char export_math_text[];   /* src/base/mathf.h */
extern const char export_grid_text[];   /* export_grid.c.in */
extern const char export_labels_text[]; /* export_labels.c.in */

/** Append the weights and the energy as C: observe(x) and energy(y, z).
 *  Errors: E_SERVE, naming a module that cannot be exported; E_MEMORY. */
basin_status export_energy(
    basin_bytes *out, const cli_model *model, basin_error *error);

/** Append a number as a literal of C, float or double, exactly. */
basin_status export_number(
    basin_bytes *out, double value, bool single, basin_error *error);

#endif
