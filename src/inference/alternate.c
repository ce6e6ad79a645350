/* SPDX-License-Identifier: MIT
 *
 * Alternation: the best Y for the Z at hand, then the best Z for that Y, each
 * out of all its values, until neither moves. Where both are labels this is
 * what k-means does with its centres held.
 */
#include "inference/blocks.h"

enum { POINTS = BASIN__SEARCH_SETTINGS, SWEEPS, REFINE, SETTINGS };

/* clang-format off */
static const basin_param params[] = {
    BASIN__SEARCH_PARAMS,
    {"points", "", 2, 1 << 16, 21, .integer = true,
        .help = "grid points in each dimension of Y and Z, where they are not "
                "labels"},
    {"sweeps", "", 1, 1e6, 20, .integer = true,
        .help = "turns of Y and Z, at most"},
    {"refine", "rounds", 0, 60, 8, .integer = true,
        .help = "turns after these, on ever finer grids about what was found; "
                "0 keeps to the points"},
};
/* clang-format on */

static basin__block_def block(const basin__search *s, int number)
{
    int dims = number ? s->z_dim : s->info->y.dim;
    return (basin__block_def){number == 1, 0, dims, (int)s->settings[POINTS]};
}

static basin_status open_way(basin__search *s, int *trials, basin_error *error)
{
    int of_y = 1, of_z = 1;
    s->points = (int)s->settings[POINTS];
    BASIN_REQUIRE(s->z_dim > 0, error, BASIN_E_SERVE,
        "the inference 'alternate' takes turns between Y and a Z that is "
        "minimised, and here is none: take '%s'",
        s->info->y.kind == BASIN_SPACE_LABELS ? "enumerate" : "coordinate");
    BASIN_TRY(basin__block_trials(s, block(s, 0), &of_y, error));
    BASIN_TRY(basin__block_trials(s, block(s, 1), &of_z, error));
    *trials = of_y > of_z ? of_y : of_z;
    return BASIN_OK;
}

static void run(basin__search *s)
{
    const basin__blocks blocks = {
        (int)s->settings[SWEEPS], (int)s->settings[REFINE], 2, block};
    basin__blocks_run(s, &blocks);
}

static const basin__way way = {.name = "alternate",
    .labels = true,
    .own_labels = true,
    .open = open_way,
    .run = run};

static basin_status alternate_open(void *self, basin_energy *energy,
    const double *settings, basin_error *error)
{
    return basin__search_open(self, &way, energy, settings, error);
}

const basin_inference_type basin__inference_alternate = {
    .part = {"alternate", "the best Y for Z, the best Z for Y, in turns",
        "Y <- argmin_Y E(Y, Z); Z <- argmin_Z E(Y, Z)",
        "LeCun et al. 2006, section 4", params, SETTINGS},
    .serves = BASIN__SEARCH_SERVES,
    .searches = true,
    .self_size = sizeof(basin__search),
    .open = alternate_open,
    .close = basin__search_close,
    .predict = basin__search_predict,
    .prepare = basin__search_prepare,
    .answer = basin__search_answer,
    .weigh = basin__search_weigh,
};
