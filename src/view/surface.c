/* SPDX-License-Identifier: MIT
 *
 * Scenes: what is checked before drawing, how a panel is put together, the
 * range of energies, and surface.png with the start beside the end.
 */
#include "view/panel.h"

#include <math.h>
#include <stdlib.h>

/* Radius of the spheres, where the floor is 2 x 2. */
#define BALL 0.042

view_scene view_scene_default(void)
{
    view_scene scene = {.x0 = -1.0,
        .x1 = 1.0,
        .y0 = -0.5,
        .y1 = 1.5,
        .z0 = 0.0,
        .z1 = 1.0,
        .progress = 1.0};
    return scene;
}

basin_status basin__view_scene_check(
    const view_scene *scene, basin_error *error)
{
    BASIN_REQUIRE(scene->nx >= 2 && scene->ny >= 2 && scene->nx <= 4096 &&
                      scene->ny <= 4096,
        error, BASIN_E_SHAPE,
        "a surface of %d x %d points cannot be drawn: 2 to 4096 each",
        scene->nx, scene->ny);
    BASIN_REQUIRE(scene->initial || scene->current, error, BASIN_E_ARGUMENT,
        "a scene has no surface");
    BASIN_REQUIRE(isfinite(scene->z0) && isfinite(scene->z1) &&
                      scene->z1 > scene->z0 && isfinite(scene->z1 - scene->z0),
        error, BASIN_E_RANGE, "energies from %g to %g cannot be drawn",
        scene->z0, scene->z1);
    BASIN_REQUIRE(scene->x1 > scene->x0 && scene->y1 > scene->y0 &&
                      isfinite(scene->x1 - scene->x0) &&
                      isfinite(scene->y1 - scene->y0),
        error, BASIN_E_RANGE, "the surface's domain is empty");
    BASIN_REQUIRE(
        scene->n_samples == 0 || (scene->n_samples > 0 && scene->sample_x &&
                                     scene->sample_y && scene->sample_e),
        error, BASIN_E_ARGUMENT, "the samples of a scene are missing");
    return BASIN_OK;
}

static int compare_floats(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The lowest, the highest and the upper twentieth of the finite values. */
static int spread(double out[3], const float *values, size_t n)
{
    float *sorted = values && n > 0 ? malloc(n * sizeof *sorted) : NULL;
    size_t m = 0;
    if (!sorted)
        return 0;
    for (size_t i = 0; i < n; ++i)
        if (isfinite(values[i]))
            sorted[m++] = values[i];
    if (m > 0) {
        qsort(sorted, m, sizeof *sorted, compare_floats);
        out[0] = (double)sorted[0];
        out[1] = (double)sorted[m - 1];
        out[2] = (double)sorted[m - 1 - m / 20];
    }
    free(sorted);
    return m > 0;
}

void basin__view_range(
    double *z0, double *z1, const float *a, const float *b, size_t n)
{
    double sa[3] = {0.0, 1.0, 1.0}, sb[3] = {0.0, 1.0, 1.0};
    bool has_a = spread(sa, a, n), has_b = spread(sb, b, n);
    if (!has_a && has_b)
        sa[0] = sb[0], sa[1] = sb[1], sa[2] = sb[2];
    if (!has_b)
        sb[0] = sa[0], sb[1] = sa[1], sb[2] = sa[2];
    double low = fmin(sa[0], sb[0]);
    /* Walls may tower over the start by 2.5 times; beyond that the valley,
     * which is what matters, would shrink to a scratch in the floor. */
    double high = fmax(sa[1], fmin(sb[2], 2.5 * sa[1]));
    if (!(high > low))
        high = low + 1.0;
    *z0 = low >= 0.0 ? 0.0 : -basin__view_round_up(-low);
    *z1 = high > 0.0 ? basin__view_round_up(high) : 0.0;
    if (!(*z1 > *z0))
        *z1 = *z0 + 1.0;
}

/* ------------------------------------------------------------------- panel */

static basin_status draw_balls(view_raster *raster, const view_camera *camera,
    const view_scene *scene, basin_error *error)
{
    view_ball *balls = malloc((size_t)scene->n_samples * sizeof *balls);
    BASIN_REQUIRE(balls, error, BASIN_E_MEMORY, "out of memory for %d spheres",
        scene->n_samples);
    int n = 0;
    for (int i = 0; i < scene->n_samples; ++i) {
        double u = (scene->sample_x[i] - scene->x0) / (scene->x1 - scene->x0);
        double v = (scene->sample_y[i] - scene->y0) / (scene->y1 - scene->y0);
        double t = (scene->sample_e[i] - scene->z0) / (scene->z1 - scene->z0);
        if (!(u >= 0.0 && u <= 1.0 && v >= 0.0 && v <= 1.0) || isnan(t))
            continue;
        t = t > 0.0 ? fmin(t, 1.0) : 0.0;
        balls[n++] = (view_ball){{2.0 * u - 1.0, 2.0 * v - 1.0, t * VIEW_TOP},
            BALL, basin__view_colour(VIEW_BLUE)};
    }
    basin__view_balls(raster, camera, balls, n);
    free(balls);
    return BASIN_OK;
}

basin_status basin__view_panel(view_canvas *canvas, const view_scene *scene,
    const view_panel *panel, basin_error *error)
{
    view_rect rect = panel->rect;
    double text = panel->text;
    /* room for the numbers and names around the box */
    double side = text > 0.0 ? 3.2 * text : 2.0;
    double foot = text > 0.0 ? 2.2 * text : 2.0;
    view_rect room = {
        rect.x + side, rect.y + 2.0, rect.w - 1.6 * side, rect.h - foot - 2.0};
    view_camera camera = basin__view_camera(room, VIEW_TOP);
    basin__view_walls(canvas->cr, &camera, scene, text);

    view_camera inside = camera;
    inside.cx -= rect.x;
    inside.cy -= rect.y;
    view_raster raster, glass;
    bool cut = basin__view_capped(scene, panel->heights);
    basin_status status = basin__view_raster_init(
        &raster, (int)rect.w, (int)rect.h, panel->fine, error);
    basin_status second = basin__view_raster_init(&glass, cut ? (int)rect.w : 1,
        cut ? (int)rect.h : 1, panel->fine, error);
    if (status == BASIN_OK)
        status = second;
    if (status == BASIN_OK)
        status = basin__view_mesh(&raster, &glass, &inside, scene,
            panel->heights, panel->colour, error);
    if (status == BASIN_OK && panel->balls && scene->n_samples > 0)
        status = draw_balls(&raster, &inside, scene, error);
    if (status == BASIN_OK && cut)
        basin__view_raster_over(&raster, &glass, 0.42);
    if (status == BASIN_OK)
        status = basin__view_raster_paint(
            &raster, canvas, (int)rect.x, (int)rect.y, error);
    basin__view_raster_finish(&raster);
    basin__view_raster_finish(&glass);
    if (status == BASIN_OK && text > 0.0)
        basin__view_axes(canvas->cr, &camera, scene, text);
    return status;
}

void basin__view_cap_text(
    char *out, size_t size, const view_scene *scene, const float *heights)
{
    char number[32];
    out[0] = '\0';
    if (!basin__view_capped(scene, heights))
        return;
    basin_print_number(number, scene->z1, true);
    basin_format(out, size, "capped at E = %s", number);
}

/* ------------------------------------------------------------------- still */

/* A dot in the panel's colour, what it shows, and a note on the cap. */
static void heading(cairo_t *cr, view_rect rect, const char *words,
    const char *note, view_rgb colour, double size)
{
    double width = basin__view_text_width(cr, words, size, VIEW_BOLD);
    double small = 0.85 * size;
    double more =
        *note ? basin__view_text_width(cr, note, small, VIEW_PLAIN) + 0.8 * size
              : 0.0;
    double x = rect.x + 0.5 * (rect.w - width - more);
    basin__view_set(cr, colour, 1.0);
    cairo_arc(
        cr, x - 0.75 * size, rect.y + 0.36 * size, 0.36 * size, 0.0, 6.2831853);
    cairo_fill(cr);
    basin__view_text(cr, words, x, rect.y, 0.0, 0.0, size, VIEW_BOLD,
        basin__view_hex(0x1F2937));
    basin__view_text(cr, note, x + width + 0.8 * size, rect.y + 0.73 * size,
        0.0, 1.0, small, VIEW_PLAIN, basin__view_hex(0x6B7280));
}

static basin_status still(
    view_canvas *canvas, const view_scene *scene, basin_error *error)
{
    bool both = scene->initial && scene->current;
    double h = canvas->height, w = canvas->width;
    double text = fmax(9.0, h / 44.0), top = 0.6 * text;
    if (scene->title) {
        double size = basin__view_fit(
            canvas->cr, scene->title, 1.5 * text, VIEW_BOLD, 0.96 * w);
        basin__view_text(canvas->cr, scene->title, 0.5 * w, top, 0.5, 0.0, size,
            VIEW_BOLD, basin__view_hex(0x111827));
        top += 2.2 * text;
    }
    if (scene->caption) {
        basin__view_text(canvas->cr, scene->caption, 0.5 * w, top, 0.5, 0.0,
            text, VIEW_PLAIN, basin__view_hex(0x4B5563));
        top += 1.8 * text;
    }
    int panels = both ? 2 : 1;
    for (int i = 0; i < panels; ++i) {
        bool first = i == 0 && scene->initial;
        view_rect rect = {floor(w * i / panels), floor(top + 2.4 * text),
            floor(w / panels), 0.0};
        rect.h = floor(h - rect.y - 0.5 * text);
        view_panel panel = {rect, 3, text,
            first ? scene->initial : scene->current,
            first ? basin__view_colour(VIEW_ORANGE)
                  : basin__view_mix(basin__view_colour(VIEW_ORANGE),
                        basin__view_colour(VIEW_GREEN), scene->progress),
            !first || !both};
        rect.y = top + 0.5 * text;
        view_scene own = *scene;
        if (first && both && scene->initial_z1 > scene->initial_z0) {
            own.z0 = scene->initial_z0;
            own.z1 = scene->initial_z1;
        }
        char note[64];
        basin__view_cap_text(note, sizeof note, &own, panel.heights);
        if (!note[0] && (own.z0 != scene->z0 || own.z1 != scene->z1))
            basin_format(note, sizeof note, "on a scale of its own");
        heading(canvas->cr, rect, first ? "before training" : "after training",
            note, panel.colour, 1.1 * text);
        BASIN_TRY(basin__view_panel(canvas, &own, &panel, error));
    }
    return basin__view_canvas_check(canvas, error);
}

basin_status basin__view_surface(view_buffer *out, const view_scene *scene,
    int width, int height, basin_error *error)
{
    out->data = NULL;
    out->size = 0;
    BASIN_TRY(basin__view_scene_check(scene, error));
    BASIN_REQUIRE(
        width >= 320 && height >= 240 && width <= 4096 && height <= 4096, error,
        BASIN_E_RANGE,
        "surface picture of %d x %d pixels: "
        "320 x 240 to 4096 x 4096 can be drawn",
        width, height);
    view_canvas canvas;
    basin_status status =
        basin__view_canvas_init(&canvas, width, height, error);
    if (status == BASIN_OK)
        status = still(&canvas, scene, error);
    if (status == BASIN_OK)
        status = basin__view_canvas_png(out, &canvas, error);
    basin__view_canvas_finish(&canvas);
    return status;
}
