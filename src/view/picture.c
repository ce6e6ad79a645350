/* SPDX-License-Identifier: MIT
 *
 * A PNG as bytes: what our own pictures are written with reads others, too.
 */
#include <cairo.h>
#include <stdlib.h>
#include <string.h>

#include "view/view.h"

typedef struct source {
    const unsigned char *data;
    size_t left;
} source;

static cairo_status_t read_some(
    void *user, unsigned char *out, unsigned int length)
{
    source *s = user;
    if (length > s->left)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(out, s->data, length);
    s->data += length;
    s->left -= length;
    return CAIRO_STATUS_SUCCESS;
}

static basin_status copy_pixels(view_buffer *out, cairo_surface_t *surface,
    int *width, int *height, basin_error *error)
{
    cairo_format_t format = cairo_image_surface_get_format(surface);
    BASIN_REQUIRE(format == CAIRO_FORMAT_ARGB32 || format == CAIRO_FORMAT_RGB24,
        error, BASIN_E_FORMAT, "a PNG picture of more than 8 bits a colour");
    *width = cairo_image_surface_get_width(surface);
    *height = cairo_image_surface_get_height(surface);
    int stride = cairo_image_surface_get_stride(surface);
    const unsigned char *from = cairo_image_surface_get_data(surface);
    out->size = 3 * (size_t)*width * (size_t)*height;
    out->data = malloc(out->size + 1);
    BASIN_REQUIRE(out->data, error, BASIN_E_MEMORY, "no memory for a picture");
    unsigned char *to = out->data;
    for (int y = 0; y < *height; y++, from += stride)
        for (int x = 0; x < *width; x++) {
            uint32_t pixel;
            memcpy(&pixel, from + 4 * (size_t)x, sizeof pixel);
            *to++ = (unsigned char)(pixel >> 16);
            *to++ = (unsigned char)(pixel >> 8);
            *to++ = (unsigned char)pixel;
        }
    return BASIN_OK;
}

basin_status basin__view_png_read(view_buffer *out, int *width, int *height,
    const void *data, size_t size, basin_error *error)
{
    source s = {.data = data, .left = size};
    *out = (view_buffer){0};
    cairo_surface_t *surface =
        cairo_image_surface_create_from_png_stream(read_some, &s);
    cairo_status_t why = cairo_surface_status(surface);
    basin_status status =
        why == CAIRO_STATUS_SUCCESS
            ? copy_pixels(out, surface, width, height, error)
            : basin_error_set(error,
                  why == CAIRO_STATUS_NO_MEMORY ? BASIN_E_MEMORY
                                                : BASIN_E_FORMAT,
                  "the PNG picture is damaged or cut");
    cairo_surface_destroy(surface);
    return status;
}
