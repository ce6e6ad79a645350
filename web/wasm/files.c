/* SPDX-License-Identifier: MIT
 *
 * Files that come and go as bytes: models, and tables of samples, through the
 * library's own readers and writers.
 */
#include "web.h"

#include <stdlib.h>

int WEB_EXPORT(web_model_write)(web *w)
{
    BASIN_REQUIRE(w->energy, &w->error, BASIN_E_ARGUMENT, "no model");
    w->text.size = 0;
    return basin_model_write(&w->text, w->energy, &w->error);
}

/* The page draws one X against one Y. */
static basin_status fits(const basin_energy *energy, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(energy);
    BASIN_REQUIRE(info->x.kind == BASIN_SPACE_BOX && info->x.dim == 1 &&
                      info->y.kind == BASIN_SPACE_BOX && info->y.dim == 1 &&
                      info->z.kind == BASIN_SPACE_NONE,
        error, BASIN_E_SERVE,
        "a model, but not one that can be drawn here: the page needs X and Y "
        "to be one number each, in a box, and no Z");
    BASIN_REQUIRE(
        info->y.high - info->y.low > 0 && info->y.high - info->y.low < 1e6F,
        error, BASIN_E_SERVE, "the box of Y, from %g to %g, cannot be drawn",
        (double)info->y.low, (double)info->y.high);
    return BASIN_OK;
}

int WEB_EXPORT(web_model_read)(web *w, const void *data, int size)
{
    basin_energy *energy = NULL;
    BASIN_TRY(basin_model_read(&energy, w->ctx, data, (size_t)size, &w->error));
    basin_status status = fits(energy, &w->error);
    if (status != BASIN_OK) {
        basin_energy_destroy(energy);
        return status;
    }
    web_drop_parts(w);
    w->energy = energy;
    const basin_energy_info *info = basin_energy_describe(energy);
    w->def.y_low = (double)info->y.low;
    w->def.y_high = (double)info->y.high;
    return web_continue(w);
}

int WEB_EXPORT(web_csv_read)(web *w, const void *data, int size)
{
    basin_array table;
    BASIN_TRY(basin_csv_read(&table, w->ctx, data, (size_t)size, &w->error));
    basin_status status = BASIN_OK;
    if (table.dims[1] != 2)
        status = basin_error_set(&w->error, BASIN_E_SHAPE,
            "the table has %lld columns; two are expected, x and y",
            (long long)table.dims[1]);
    int n = table.dims[0] < 1000000 ? (int)table.dims[0] : 1000000;
    for (int i = 0; i < 2 * n && status == BASIN_OK; i++)
        if (!__builtin_isfinite(table.values[i]))
            status = basin_error_set(&w->error, BASIN_E_NONFINITE,
                "sample %d has a %s that is not finite", i / 2 + 1,
                i % 2 ? "y" : "x");
    if (status == BASIN_OK)
        status = (basin_status)web_take_samples(w, n);
    for (int i = 0; i < n && status == BASIN_OK; i++) {
        w->x[i] = table.values[2 * i];
        w->y[i] = table.values[2 * i + 1];
    }
    basin_array_finish(&table);
    return status;
}
