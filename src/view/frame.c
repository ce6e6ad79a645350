/* SPDX-License-Identifier: MIT
 *
 * A small picture of one moment, as it stands in an animation or a contact
 * sheet, and contact.png: several moments side by side.
 */
#include "view/animation.h"

#include <math.h>

basin_status basin__view_frame(view_canvas *canvas, view_rect rect,
    const view_scene *scene, double text, basin_error *error)
{
    double top = rect.y + 0.7 * text, middle = rect.x + 0.5 * rect.w;
    view_rgb ink = basin__view_hex(0x1F2937), pale = basin__view_hex(0x6B7280);
    if (scene->title) {
        double size = basin__view_fit(
            canvas->cr, scene->title, 1.25 * text, VIEW_BOLD, 0.94 * rect.w);
        basin__view_text(canvas->cr, scene->title, middle, top, 0.5, 0.0, size,
            VIEW_BOLD, ink);
        top += 1.9 * text;
    }
    if (scene->caption) {
        basin__view_text(canvas->cr, scene->caption, middle, top, 0.5, 0.0,
            1.1 * text, VIEW_PLAIN, ink);
        top += 1.6 * text;
    }
    bool first = !scene->current;
    view_rgb orange = basin__view_colour(VIEW_ORANGE);
    view_panel panel = {{floor(rect.x), floor(top), floor(rect.w),
                            floor(rect.y + rect.h - top)},
        2, text, first ? scene->initial : scene->current,
        first ? orange
              : basin__view_mix(
                    orange, basin__view_colour(VIEW_GREEN), scene->progress),
        true};
    BASIN_TRY(basin__view_panel(canvas, scene, &panel, error));
    char note[64];
    basin__view_cap_text(note, sizeof note, scene, panel.heights);
    basin__view_text(canvas->cr, note, rect.x + rect.w - 0.6 * text,
        rect.y + rect.h - 0.6 * text, 1.0, 1.0, 0.9 * text, VIEW_PLAIN, pale);
    return basin__view_canvas_check(canvas, error);
}

static basin_status sheet(view_canvas *canvas, const view_scene *scenes, int n,
    int columns, view_rect cell, basin_error *error)
{
    for (int i = 0; i < n; ++i) {
        view_rect rect = cell;
        rect.x += cell.w * (i % columns);
        rect.y += cell.h * (i / columns);
        view_scene scene = scenes[i];
        scene.title = NULL;
        BASIN_TRY(basin__view_frame(canvas, rect, &scene, 12.0, error));
    }
    return BASIN_OK;
}

basin_status basin__view_contact(view_buffer *out, const view_scene *scenes,
    int n, const char *title, basin_error *error)
{
    out->data = NULL;
    out->size = 0;
    BASIN_REQUIRE(n >= 1 && n <= 16, error, BASIN_E_RANGE,
        "a contact sheet of %d scenes: 1 to 16 can be drawn", n);
    for (int i = 0; i < n; ++i)
        BASIN_TRY(basin__view_scene_check(&scenes[i], error));
    int columns = n < 4 ? n : 4, rows = (n + columns - 1) / columns;
    double head = title ? 56.0 : 12.0;
    view_rect cell = {8.0, head, 400.0, 340.0};
    view_canvas canvas;
    basin_status status = basin__view_canvas_init(
        &canvas, 16 + 400 * columns, (int)head + 340 * rows + 8, error);
    if (status == BASIN_OK && title)
        basin__view_text(canvas.cr, title, 0.5 * canvas.width, 18.0, 0.5, 0.0,
            24.0, VIEW_BOLD, basin__view_hex(0x111827));
    if (status == BASIN_OK)
        status = sheet(&canvas, scenes, n, columns, cell, error);
    if (status == BASIN_OK)
        status = basin__view_canvas_png(out, &canvas, error);
    basin__view_canvas_finish(&canvas);
    return status;
}
