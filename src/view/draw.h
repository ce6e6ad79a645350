/* SPDX-License-Identifier: MIT
 *
 * What all pictures of this room share: a Cairo canvas, the colours, text,
 * ticks at round numbers, and PNG in memory. Internal to src/view.
 */
#ifndef BASIN_VIEW_DRAW_H
#define BASIN_VIEW_DRAW_H

#include "view/view.h"

#include <cairo.h>

/** sRGB, each 0 to 1. */
typedef struct view_rgb {
    double r, g, b;
} view_rgb;

typedef struct view_rect {
    double x, y, w, h;
} view_rect;

typedef struct view_canvas {
    cairo_surface_t *surface;
    cairo_t *cr;
    int width, height;
} view_canvas;

/** The colours of Okabe and Ito (2008), which every common kind of colour
 *  blindness tells apart. */
view_rgb basin__view_colour(view_colour colour);
/** Between `a` and `b` in linear light, where mixed colours stay clean. */
view_rgb basin__view_mix(view_rgb a, view_rgb b, double t);
/** The number 0xRRGGBB as a colour. */
view_rgb basin__view_hex(unsigned rgb);

/** A white canvas; finish it whatever is returned. */
basin_status basin__view_canvas_init(
    view_canvas *out, int width, int height, basin_error *error);
void basin__view_canvas_finish(view_canvas *canvas);
/** E_MEMORY or E_IO when Cairo has met an error on the way. */
basin_status basin__view_canvas_check(
    const view_canvas *canvas, basin_error *error);
basin_status basin__view_canvas_png(
    view_buffer *out, const view_canvas *canvas, basin_error *error);

typedef enum view_face {
    VIEW_PLAIN = 0,
    VIEW_BOLD = 1,
    VIEW_ITALIC = 2
} view_face;

/** Text with its anchor at (x, y): `ax` and `ay` say which part of the text
 *  lies there (0 left or top, 0.5 middle, 1 right or bottom). */
void basin__view_text(cairo_t *cr, const char *text, double x, double y,
    double ax, double ay, double size, view_face face, view_rgb colour);
double basin__view_text_width(
    cairo_t *cr, const char *text, double size, view_face face);
/** The size, at most `size`, at which the text is at most `room` wide. */
double basin__view_fit(
    cairo_t *cr, const char *text, double size, view_face face, double room);
void basin__view_set(cairo_t *cr, view_rgb colour, double alpha);
void basin__view_line(cairo_t *cr, double x0, double y0, double x1, double y1);

/** Round numbers inside [low, high]: first, step, how many. */
typedef struct view_ticks {
    double first, step;
    int n;
} view_ticks;

/** About `wanted` ticks at 1, 2 or 5 times a power of ten. */
view_ticks basin__view_ticks(double low, double high, int wanted);
/** The number at a tick as text, without the noise of binary fractions. */
void basin__view_tick_text(
    char *out, size_t size, const view_ticks *ticks, int index);
/** A round number (1, 1.5, 2, 3, 4, 5, 6, 8 times 10^k) not below `value`. */
double basin__view_round_up(double value);

#endif
