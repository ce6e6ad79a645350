/* SPDX-License-Identifier: MIT
 *
 * A picture read back: its size, and how much of it has which colour.
 */
#ifndef BASIN_TEST_PNG_H
#define BASIN_TEST_PNG_H

#include "view/view.h"

#include <cairo.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct reader {
    const view_buffer *buffer;
    size_t at;
} reader;

static inline cairo_status_t read_png(
    void *closure, unsigned char *out, unsigned int length)
{
    reader *r = closure;
    if (r->at + length > r->buffer->size)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(out, r->buffer->data + r->at, length);
    r->at += length;
    return CAIRO_STATUS_SUCCESS;
}

typedef struct census {
    int width, height;
    int orange, red, green, blue; /* pixels in which the hue is plain */
} census;

/** From x_from to x_to of the width. */
static inline census count_png(
    const view_buffer *png, double x_from, double x_to)
{
    assert_true(png->size > 8);
    assert_memory_equal(png->data, "\x89PNG\r\n\x1a\n", 8);
    reader r = {png, 0};
    cairo_surface_t *s =
        cairo_image_surface_create_from_png_stream(read_png, &r);
    assert_int_equal(cairo_surface_status(s), CAIRO_STATUS_SUCCESS);
    census c = {cairo_image_surface_get_width(s),
        cairo_image_surface_get_height(s), 0, 0, 0, 0};
    const unsigned char *data = cairo_image_surface_get_data(s);
    for (int y = 0; y < c.height; ++y) {
        for (int x = (int)(x_from * c.width); x < (int)(x_to * c.width); ++x) {
            uint32_t p;
            memcpy(&p, data + y * cairo_image_surface_get_stride(s) + 4 * x, 4);
            int red = p >> 16 & 255, green = p >> 8 & 255, blue = p & 255;
            c.orange += red > green + 30 && green > blue + 60;
            c.red += red > green + 60 && red > blue + 60;
            c.green += green > red + 60 && green > blue + 15;
            c.blue += blue > red + 60 && blue > green + 25;
        }
    }
    cairo_surface_destroy(s);
    return c;
}

#endif
