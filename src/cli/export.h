/* SPDX-License-Identifier: MIT
 *
 * basin export: a trained model's inference as one C file.
 */
#ifndef BASIN_CLI_EXPORT_H
#define BASIN_CLI_EXPORT_H

#include "cli/open.h"

/** Texts that stand in every exported file; see src/cli/embed.py. */
extern const char export_head_text[];     /* export_head.c.in */
extern const char export_math_text[];     /* src/base/mathf.h */
extern const char export_double_text[];   /* src/base/mathd.h */
extern const char export_search_text[];   /* export_search.c.in */
extern const char export_least_text[];    /* export_least.c.in */
extern const char export_marginal_text[]; /* export_marginal.c.in */
extern const char export_grid_text[];     /* export_grid.c.in */
extern const char export_labels_text[];   /* export_labels.c.in */

/** What the text of a module is made of: its node, its number, and its owner's,
 *  where the weights are another's. */
typedef struct export_site {
    basin_node_info node;
    basin_shape in;       /* of the first input */
    int index, owner;     /* nodes */
    int features, inputs; /* of the node, and of its first input */
} export_site;

/** Append the function node<index>(), which computes v<index> from the values
 *  of its inputs. Errors: E_SERVE, for a module that is not the library's;
 *  E_MEMORY. */
basin_status export_module(
    basin_bytes *out, const export_site *site, basin_error *error);

/** Append the weights and the energy as C: observe(x) and energy(y, z).
 *  Errors: E_SERVE, naming a module that cannot be exported; E_MEMORY. */
basin_status export_energy(
    basin_bytes *out, const cli_model *model, basin_error *error);

/** A number as a literal of C, float or double, exactly. */
enum { EXPORT_LITERAL = 48 };
void export_literal(char out[EXPORT_LITERAL], double value, bool single);

/** Append a literal. Errors: E_MEMORY. */
basin_status export_number(
    basin_bytes *out, double value, bool single, basin_error *error);

#endif
