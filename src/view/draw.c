/* SPDX-License-Identifier: MIT
 *
 * The canvas, colours, text and ticks that all pictures share. Cairo draws;
 * nothing here knows what is drawn.
 */
#include "view/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void basin__view_buffer_free(view_buffer *buffer)
{
    if (!buffer)
        return;
    free(buffer->data);
    buffer->data = NULL;
    buffer->size = 0;
}

/* ----------------------------------------------------------------- colours */

view_rgb basin__view_hex(unsigned rgb)
{
    view_rgb c = {(double)(rgb >> 16 & 255u) / 255.0,
        (double)(rgb >> 8 & 255u) / 255.0, (double)(rgb & 255u) / 255.0};
    return c;
}

view_rgb basin__view_colour(view_colour colour)
{
    switch (colour) {
    case VIEW_ORANGE: return basin__view_hex(0xE69F00);
    case VIEW_GREEN: return basin__view_hex(0x009E73);
    case VIEW_BLUE: return basin__view_hex(0x0072B2);
    case VIEW_RED: return basin__view_hex(0xD55E00);
    case VIEW_PURPLE: return basin__view_hex(0xCC79A7);
    case VIEW_GREY: break;
    }
    return basin__view_hex(0x6B7280);
}

static double mix(double a, double b, double t)
{
    /* 2.2 is near enough to the sRGB curve for a mixture of two hues. */
    return pow((1.0 - t) * pow(a, 2.2) + t * pow(b, 2.2), 1.0 / 2.2);
}

view_rgb basin__view_mix(view_rgb a, view_rgb b, double t)
{
    t = t > 0.0 ? (t < 1.0 ? t : 1.0) : 0.0;
    view_rgb c = {mix(a.r, b.r, t), mix(a.g, b.g, t), mix(a.b, b.b, t)};
    return c;
}

/* ------------------------------------------------------------------ canvas */

basin_status basin__view_canvas_init(
    view_canvas *out, int width, int height, basin_error *error)
{
    memset(out, 0, sizeof *out);
    BASIN_REQUIRE(
        width >= 16 && height >= 16 && width <= 8192 && height <= 8192, error,
        BASIN_E_RANGE, "a picture of %d x %d pixels cannot be drawn", width,
        height);
    out->width = width;
    out->height = height;
    out->surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    out->cr = cairo_create(out->surface);
    BASIN_TRY(basin__view_canvas_check(out, error));
    cairo_set_source_rgb(out->cr, 1, 1, 1);
    cairo_paint(out->cr);
    /* Unhinted text keeps its shape at every size and moves smoothly. */
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(out->cr, options);
    cairo_font_options_destroy(options);
    cairo_set_line_cap(out->cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(out->cr, CAIRO_LINE_JOIN_ROUND);
    return basin__view_canvas_check(out, error);
}

void basin__view_canvas_finish(view_canvas *canvas)
{
    if (canvas->cr)
        cairo_destroy(canvas->cr);
    if (canvas->surface)
        cairo_surface_destroy(canvas->surface);
    memset(canvas, 0, sizeof *canvas);
}

static basin_status cairo_failed(cairo_status_t status, basin_error *error)
{
    if (status == CAIRO_STATUS_NO_MEMORY)
        return basin_error_set(
            error, BASIN_E_MEMORY, "out of memory for a picture");
    return basin_error_set(error, BASIN_E_IO, "the picture cannot be drawn: %s",
        cairo_status_to_string(status));
}

basin_status basin__view_canvas_check(
    const view_canvas *canvas, basin_error *error)
{
    cairo_status_t status = cairo_status(canvas->cr);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(canvas->surface);
    return status == CAIRO_STATUS_SUCCESS ? BASIN_OK
                                          : cairo_failed(status, error);
}

/* Bytes that grow as Cairo writes them. */
typedef struct growing {
    view_buffer buffer;
    size_t capacity;
} growing;

static cairo_status_t grow(
    void *closure, const unsigned char *data, unsigned int length)
{
    growing *g = closure;
    if (g->buffer.size + length > g->capacity) {
        size_t capacity = (g->buffer.size + length) * 2 + 65536;
        unsigned char *more = realloc(g->buffer.data, capacity);
        if (!more)
            return CAIRO_STATUS_NO_MEMORY;
        g->buffer.data = more;
        g->capacity = capacity;
    }
    memcpy(g->buffer.data + g->buffer.size, data, length);
    g->buffer.size += length;
    return CAIRO_STATUS_SUCCESS;
}

basin_status basin__view_canvas_png(
    view_buffer *out, const view_canvas *canvas, basin_error *error)
{
    out->data = NULL;
    out->size = 0;
    BASIN_TRY(basin__view_canvas_check(canvas, error));
    cairo_surface_flush(canvas->surface);
    /* The page is opaque: RGB24 over the same pixels drops the alpha channel
     * from the file. */
    cairo_surface_t *opaque = cairo_image_surface_create_for_data(
        cairo_image_surface_get_data(canvas->surface), CAIRO_FORMAT_RGB24,
        canvas->width, canvas->height,
        cairo_image_surface_get_stride(canvas->surface));
    growing g = {{NULL, 0}, 0};
    cairo_status_t status = cairo_surface_write_to_png_stream(opaque, grow, &g);
    cairo_surface_destroy(opaque);
    if (status != CAIRO_STATUS_SUCCESS) {
        free(g.buffer.data);
        return cairo_failed(status, error);
    }
    *out = g.buffer;
    return BASIN_OK;
}

/* -------------------------------------------------------------------- text */

static void select_face(cairo_t *cr, double size, view_face face)
{
    cairo_select_font_face(cr, "DejaVu Sans",
        face == VIEW_ITALIC ? CAIRO_FONT_SLANT_OBLIQUE
                            : CAIRO_FONT_SLANT_NORMAL,
        face == VIEW_BOLD ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cr, size);
}

void basin__view_text(cairo_t *cr, const char *text, double x, double y,
    double ax, double ay, double size, view_face face, view_rgb colour)
{
    select_face(cr, size, face);
    cairo_text_extents_t extents;
    cairo_text_extents(cr, text, &extents);
    /* The height of a digit, not of this text: lines stay level. */
    double height = 0.73 * size;
    basin__view_set(cr, colour, 1.0);
    cairo_move_to(cr, x - ax * extents.x_advance, y + (1.0 - ay) * height);
    cairo_show_text(cr, text);
    cairo_new_path(cr);
}

double basin__view_text_width(
    cairo_t *cr, const char *text, double size, view_face face)
{
    select_face(cr, size, face);
    cairo_text_extents_t extents;
    cairo_text_extents(cr, text, &extents);
    return extents.x_advance;
}

double basin__view_fit(
    cairo_t *cr, const char *text, double size, view_face face, double room)
{
    double width = basin__view_text_width(cr, text, size, face);
    return width > room && room > 0.0 ? size * room / width : size;
}

void basin__view_set(cairo_t *cr, view_rgb colour, double alpha)
{
    cairo_set_source_rgba(cr, colour.r, colour.g, colour.b, alpha);
}

void basin__view_line(cairo_t *cr, double x0, double y0, double x1, double y1)
{
    cairo_move_to(cr, x0, y0);
    cairo_line_to(cr, x1, y1);
    cairo_stroke(cr);
}

/* ------------------------------------------------------------------- ticks */

view_ticks basin__view_ticks(double low, double high, int wanted)
{
    view_ticks ticks = {low, 1.0, 1};
    if (!(high > low) || !isfinite(high - low) || wanted < 1)
        return ticks;
    double rough = (high - low) / wanted;
    double power = pow(10.0, floor(log10(rough)));
    double scaled = rough / power;
    /* 1.42, 3.16 and 7.07: the geometric middles between 1, 2, 5 and 10. */
    double step = scaled < 1.42   ? 1.0
                  : scaled < 3.16 ? 2.0
                  : scaled < 7.07 ? 5.0
                                  : 10.0;
    ticks.step = step * power;
    if (!(ticks.step > 0.0)) /* the range is as small as a double can be */
        return ticks;
    double slack = 1e-9 * ticks.step;
    ticks.first = ceil((low - slack) / ticks.step) * ticks.step;
    ticks.n = (int)floor((high + slack - ticks.first) / ticks.step) + 1;
    if (ticks.n < 1)
        ticks.n = 0;
    if (ticks.n > 64)
        ticks.n = 64;
    return ticks;
}

void basin__view_tick_text(
    char *out, size_t size, const view_ticks *ticks, int index)
{
    double value = ticks->first + index * ticks->step;
    if (fabs(value) < 1e-9 * ticks->step)
        value = 0.0;
    int digits = (int)-floor(log10(ticks->step) + 1e-9);
    double largest = fabs(ticks->first) + ticks->n * ticks->step;
    static const char *const formats[] = {
        "%s%.0f", "%s%.1f", "%s%.2f", "%s%.3f", "%s%.4f", "%s%.5f"};
    const char *format = digits > 5 || largest >= 1e6
                             ? "%s%.3g"
                             : formats[digits > 0 ? digits : 0];
    /* A true minus sign, as wide as the plus. */
    basin_format(out, size, format, value < 0.0 ? "\u2212" : "", fabs(value));
}

double basin__view_round_up(double value)
{
    static const double steps[] = {1, 1.5, 2, 3, 4, 5, 6, 8, 10};
    if (!(value > 0.0) || !isfinite(value))
        return 1.0;
    double power = pow(10.0, floor(log10(value)));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; ++i)
        if (steps[i] * power >= value * (1.0 - 1e-9))
            return steps[i] * power;
    return 10.0 * power;
}
