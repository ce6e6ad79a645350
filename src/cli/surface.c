/* SPDX-License-Identifier: MIT
 *
 * The surface of a model over one number X and one number Y, and samples on
 * it.
 */
#include "cli/surface.h"

#include <stdlib.h>

enum { CAUSES = 21 };

static float at(const basin_space *space, int i)
{
    double low = (double)space->low, high = (double)space->high;
    return (float)(low + (high - low) * i / (CLI_SURFACE - 1));
}

void cli_surface_evaluate(cli_surface *s, float *out)
{
    int causes = s->z.count;
    basin_pass_observe(s->pass, s->x, NULL, CLI_SURFACE, false, 0);
    const float *e = basin_pass_evaluate(s->pass, 0,
        &(basin_set){.y = s->y,
            .z = s->z.values,
            .y_count = CLI_SURFACE,
            .z_count = causes});
    for (int i = 0; i < CLI_SURFACE * CLI_SURFACE; i++, e += causes) {
        out[i] = e[0];
        for (int h = 1; h < causes; h++)
            if (e[h] < out[i])
                out[i] = e[h];
    }
}

bool cli_surface_fits(const basin_energy_info *info)
{
    return info->x.kind == BASIN_SPACE_BOX && info->x.dim == 1 &&
           info->y.kind == BASIN_SPACE_BOX && info->y.dim == 1;
}

basin_status cli_surface_open(
    cli_surface *s, const cli_model *model, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(model->d.energy);
    s->model = model;
    BASIN_REQUIRE(cli_surface_fits(info), error, BASIN_E_SERVE,
        "a surface can be drawn over one number X and one number Y; this "
        "model's X has %d, and its Y %s",
        info->x.dim,
        info->y.kind == BASIN_SPACE_LABELS ? "is a label" : "has others");
    for (int i = 0; i < CLI_SURFACE; i++) {
        s->x[i] = at(&info->x, i);
        s->y[i] = at(&info->y, i);
    }
    s->initial =
        calloc((size_t)2 * CLI_SURFACE * CLI_SURFACE, sizeof *s->initial);
    BASIN_REQUIRE(s->initial, error, BASIN_E_MEMORY, "no memory for a surface");
    s->current = s->initial + CLI_SURFACE * CLI_SURFACE;
    BASIN_TRY(basin__cover_init(&s->z, model->ctx, &info->z, CAUSES, 0, error));
    basin_pass_def def = {.samples = CLI_SURFACE,
        .n_slots = 1,
        .slots = {{.y = {CLI_SURFACE, false}, .z = {s->z.count, false}}}};
    return basin_pass_create(&s->pass, model->d.energy, &def, error);
}

void cli_surface_close(cli_surface *s)
{
    basin_pass_destroy(s->pass);
    basin__cover_finish(&s->z);
    free(s->initial);
}

/* The drawn height over a point. */
static double height(const cli_surface *s, double x, double y)
{
    double u =
        (x - (double)s->x[0]) / (double)(s->x[CLI_SURFACE - 1] - s->x[0]);
    double v =
        (y - (double)s->y[0]) / (double)(s->y[CLI_SURFACE - 1] - s->y[0]);
    int i = (int)(u * (CLI_SURFACE - 1)), j = (int)(v * (CLI_SURFACE - 1));
    i = i < 0 ? 0 : i > CLI_SURFACE - 2 ? CLI_SURFACE - 2 : i;
    j = j < 0 ? 0 : j > CLI_SURFACE - 2 ? CLI_SURFACE - 2 : j;
    u = u * (CLI_SURFACE - 1) - i;
    v = v * (CLI_SURFACE - 1) - j;
    const float *e = s->current + i * CLI_SURFACE + j;
    return (1 - u) * ((1 - v) * (double)e[0] + v * (double)e[1]) +
           u * ((1 - v) * (double)e[CLI_SURFACE] +
                   v * (double)e[CLI_SURFACE + 1]);
}

void cli_surface_samples(cli_surface *s, const basin__samples *samples)
{
    s->n = samples->n < CLI_SPHERES ? samples->n : CLI_SPHERES;
    for (int i = 0; i < s->n; i++) {
        int row = (int)((int64_t)i * samples->n / s->n);
        s->sample_x[i] = (double)samples->x[row];
        s->sample_y[i] = (double)samples->y[row];
        s->sample_e[i] = height(s, s->sample_x[i], s->sample_y[i]);
    }
}

void cli_surface_follow(view_scene *scene)
{
    double low = (double)scene->current[0], high = low;
    for (int i = 1; i < CLI_SURFACE * CLI_SURFACE; i++) {
        double e = (double)scene->current[i];
        low = e < low ? e : low;
        high = e > high ? e : high;
    }
    scene->initial_z0 = scene->z0;
    scene->initial_z1 = scene->z1;
    if (!(low > 0.5 * scene->z1) || !(high > low))
        return;
    double below = low - 0.1 * (high - low);
    scene->z0 = below > 0 ? below : 0;
    scene->z1 = high;
}

view_scene cli_surface_scene(const cli_surface *s)
{
    view_scene scene = view_scene_default();
    scene.nx = scene.ny = CLI_SURFACE;
    scene.x0 = (double)s->x[0];
    scene.x1 = (double)s->x[CLI_SURFACE - 1];
    scene.y0 = (double)s->y[0];
    scene.y1 = (double)s->y[CLI_SURFACE - 1];
    scene.n_samples = s->n;
    scene.sample_x = s->sample_x;
    scene.sample_y = s->sample_y;
    scene.sample_e = s->sample_e;
    return scene;
}
