/* SPDX-License-Identifier: MIT
 *
 * One 3-D picture on a canvas: a box with axes, a lit height field in it, and
 * spheres. Stills, animations and contact sheets are made of panels. Internal
 * to src/view.
 */
#ifndef BASIN_VIEW_PANEL_H
#define BASIN_VIEW_PANEL_H

#include "view/raster.h"

typedef struct view_panel {
    view_rect rect;       /**< on the canvas, in whole pixels */
    int fine;             /**< samples a pixel along each side: 2 or 3 */
    double text;          /**< size of the numbers; 0: no numbers */
    const float *heights; /**< (nx, ny) */
    view_rgb colour;
    bool balls;
} view_panel;

/** The height of the box, whose floor is 2 x 2. */
#define VIEW_TOP 1.1

/** E_SHAPE or E_RANGE when the scene cannot be drawn. */
basin_status basin__view_scene_check(
    const view_scene *scene, basin_error *error);

basin_status basin__view_panel(view_canvas *canvas, const view_scene *scene,
    const view_panel *panel, basin_error *error);

/** The surface alone, into a raster whose camera is in final pixels; what
 *  lies above the cap into `glass`. */
basin_status basin__view_mesh(view_raster *raster, view_raster *glass,
    const view_camera *camera, const view_scene *scene, const float *heights,
    view_rgb colour, basin_error *error);

/** Does any height lie above the cap? */
bool basin__view_capped(const view_scene *scene, const float *heights);

/** "capped at E = 3", or nothing where nothing is cut. */
void basin__view_cap_text(
    char *out, size_t size, const view_scene *scene, const float *heights);

/** Walls and floor, to be drawn before the surface. */
void basin__view_walls(cairo_t *cr, const view_camera *camera,
    const view_scene *scene, double text);
/** Numbers and names of the axes, after it. */
void basin__view_axes(cairo_t *cr, const view_camera *camera,
    const view_scene *scene, double text);

#endif
