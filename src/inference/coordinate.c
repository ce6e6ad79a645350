/* SPDX-License-Identifier: MIT
 *
 * Coordinate descent: one number of Y, or of Z where it is searched, after the
 * other is set to the best of its values (Besag 1986, for labels). With two
 * points a coordinate it searches sets of labels as they are.
 */
#include "inference/blocks.h"

enum { POINTS = BASIN__SEARCH_SETTINGS, SWEEPS, REFINE, SETTINGS };

/* clang-format off */
static const basin_param params[] = {
    BASIN__SEARCH_PARAMS,
    {"points", "", 2, 1 << 16, 11, .integer = true,
        .help = "values that each number is tried at; 2 are the box's ends, "
                "for sets of labels"},
    {"sweeps", "", 1, 1e6, 20, .integer = true,
        .help = "sweeps over all numbers, at most"},
    {"refine", "rounds", 0, 60, 8, .integer = true,
        .help = "sweeps after these, on ever finer grids about what was found; "
                "0 keeps to the points"},
};
/* clang-format on */

static basin__block_def block(const basin__search *s, int number)
{
    int dim = s->info->y.dim;
    bool of_z = number >= dim;
    return (basin__block_def){
        of_z, of_z ? number - dim : number, 1, (int)s->settings[POINTS]};
}

static basin_status open_way(basin__search *s, int *trials, basin_error *error)
{
    *trials = 1;
    s->points = (int)s->settings[POINTS];
    for (int i = 0; i < s->info->y.dim + s->z_dim; i++) {
        int n = 0;
        BASIN_TRY(basin__block_trials(s, block(s, i), &n, error));
        *trials = n > *trials ? n : *trials;
    }
    return BASIN_OK;
}

static void run(basin__search *s)
{
    const basin__blocks blocks = {(int)s->settings[SWEEPS],
        (int)s->settings[REFINE], s->info->y.dim + s->z_dim, block};
    basin__blocks_run(s, &blocks);
}

static const basin__way way = {.name = "coordinate",
    .labels = true,
    .own_labels = true,
    .open = open_way,
    .run = run};

static basin_status coordinate_open(void *self, basin_energy *energy,
    const double *settings, basin_error *error)
{
    return basin__search_open(self, &way, energy, settings, error);
}

const basin_inference_type basin__inference_coordinate = {
    .part = {"coordinate", "one number after the other at all its values",
        "Y_d <- argmin over Y_d of E, d = 1, 2, ..",
        "Besag 1986 (iterated conditional modes)", params, SETTINGS},
    .serves = BASIN__SEARCH_SERVES,
    .searches = true,
    .self_size = sizeof(basin__search),
    .open = coordinate_open,
    .close = basin__search_close,
    .predict = basin__search_predict,
    .prepare = basin__search_prepare,
    .answer = basin__search_answer,
    .weigh = basin__search_weigh,
};
