/* SPDX-License-Identifier: MIT
 *
 * A small software rasteriser with a depth buffer: smooth triangles with
 * thin lines on them, lit spheres that cut the surface where they should, and
 * their soft contact shadows. Internal to src/view.
 */
#ifndef BASIN_VIEW_RASTER_H
#define BASIN_VIEW_RASTER_H

#include "view/draw.h"

typedef struct view_vec {
    double x, y, z;
} view_vec;

/** Looks at the box [-1, 1] x [-1, 1] x [0, top] from a fixed side: eye at
 *  positive x and negative y. */
typedef struct view_camera {
    view_vec eye, right, up, forward;
    double cx, cy, scale; /**< pixels: x = cx + scale * vx / vz */
} view_camera;

/** Aim so that the box fills `room` (pixels). */
view_camera basin__view_camera(view_rect room, double top);
/** To pixels; z of the result is the distance along the view. */
view_vec basin__view_project(const view_camera *camera, view_vec p);

/** Pixels at `fine` times the resolution of the final picture. */
typedef struct view_raster {
    int width, height, fine;
    uint32_t *colour; /**< 0xAARRGGBB, premultiplied */
    float *depth;     /**< 1 / distance; 0: nothing */
} view_raster;

basin_status basin__view_raster_init(
    view_raster *out, int width, int height, int fine, basin_error *error);
void basin__view_raster_finish(view_raster *raster);

typedef struct view_vertex {
    float x, y;    /**< pixels of the raster */
    float iw;      /**< 1 / distance */
    float u, v;    /**< lines are drawn where these are whole numbers */
    float r, g, b; /**< sRGB, 0 to 255 */
} view_vertex;

/** @param ink how dark the lines are, 0 to 1  @param line their width in
 *  pixels of the raster */
void basin__view_triangle(view_raster *raster, const view_vertex *a,
    const view_vertex *b, const view_vertex *c, float ink, float line);

typedef struct view_ball {
    view_vec centre; /**< in the camera's world */
    double radius;
    view_rgb colour;
} view_ball;

/** Camera in pixels of the final picture. Shadows first, then the balls;
 *  what the surface hides by less than a diameter shines through it. */
void basin__view_balls(view_raster *raster, const view_camera *camera,
    const view_ball *balls, int n);

/** Lay a translucent layer over what is behind it; same size. */
void basin__view_raster_over(
    view_raster *raster, const view_raster *layer, double alpha);

/** Average down and lay the picture over the canvas at (x, y). */
basin_status basin__view_raster_paint(const view_raster *raster,
    view_canvas *canvas, int x, int y, basin_error *error);

/** The direction to the light, of length 1, in the camera's world. */
extern const view_vec basin__view_light;

static inline double basin__view_dot(view_vec a, view_vec b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
view_vec basin__view_unit(view_vec a);

#endif
