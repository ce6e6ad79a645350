/* SPDX-License-Identifier: MIT
 *
 * The rasteriser: scanlines and a depth buffer, nothing more. Triangles are
 * small beside the picture, so attributes are interpolated straight across.
 */
#include "view/raster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const view_vec basin__view_light = {-0.4444, -0.3333, 0.8315};

view_vec basin__view_unit(view_vec a)
{
    double length = sqrt(basin__view_dot(a, a));
    double s = length > 0.0 ? 1.0 / length : 0.0;
    view_vec out = {a.x * s, a.y * s, a.z * s};
    return out;
}

static view_vec cross(view_vec a, view_vec b)
{
    view_vec c = {
        a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
    return c;
}

/* ------------------------------------------------------------------ camera */

view_vec basin__view_project(const view_camera *camera, view_vec p)
{
    view_vec d = {
        p.x - camera->eye.x, p.y - camera->eye.y, p.z - camera->eye.z};
    double w = basin__view_dot(d, camera->forward);
    view_vec out = {
        camera->cx + camera->scale * basin__view_dot(d, camera->right) / w,
        camera->cy - camera->scale * basin__view_dot(d, camera->up) / w, w};
    return out;
}

view_camera basin__view_camera(view_rect room, double top)
{
    /* 17 degrees off the y axis, 55 above the floor, and far enough away for
     * a mild perspective: the valley y = x^2 opens away from the eye. */
    const double azimuth = 0.30, elevation = 0.96, distance = 7.5;
    view_camera camera = {0};
    view_vec target = {0.0, 0.0, 0.45 * top};
    view_vec back = {cos(elevation) * sin(azimuth),
        -cos(elevation) * cos(azimuth), sin(elevation)};
    camera.eye.x = target.x + distance * back.x;
    camera.eye.y = target.y + distance * back.y;
    camera.eye.z = target.z + distance * back.z;
    camera.forward = (view_vec){-back.x, -back.y, -back.z};
    view_vec vertical = {0.0, 0.0, 1.0};
    camera.right = basin__view_unit(cross(camera.forward, vertical));
    camera.up = cross(camera.right, camera.forward);
    camera.scale = 1.0;

    double low_x = HUGE_VAL, high_x = -HUGE_VAL;
    double low_y = HUGE_VAL, high_y = -HUGE_VAL;
    for (int i = 0; i < 8; ++i) {
        view_vec corner = {
            i & 1 ? 1.0 : -1.0, i & 2 ? 1.0 : -1.0, i & 4 ? top : 0.0};
        view_vec p = basin__view_project(&camera, corner);
        low_x = fmin(low_x, p.x);
        high_x = fmax(high_x, p.x);
        low_y = fmin(low_y, p.y);
        high_y = fmax(high_y, p.y);
    }
    camera.scale = fmin(room.w / (high_x - low_x), room.h / (high_y - low_y));
    camera.cx = room.x + 0.5 * room.w - 0.5 * (low_x + high_x) * camera.scale;
    camera.cy = room.y + 0.5 * room.h - 0.5 * (low_y + high_y) * camera.scale;
    return camera;
}

/* ------------------------------------------------------------------ raster */

basin_status basin__view_raster_init(
    view_raster *out, int width, int height, int fine, basin_error *error)
{
    memset(out, 0, sizeof *out);
    out->width = width * fine;
    out->height = height * fine;
    out->fine = fine;
    size_t n = (size_t)out->width * (size_t)out->height;
    out->colour = calloc(n, sizeof *out->colour);
    out->depth = calloc(n, sizeof *out->depth);
    BASIN_REQUIRE(out->colour && out->depth, error, BASIN_E_MEMORY,
        "out of memory for a picture of %d x %d pixels", width, height);
    return BASIN_OK;
}

void basin__view_raster_finish(view_raster *raster)
{
    free(raster->colour);
    free(raster->depth);
    memset(raster, 0, sizeof *raster);
}

/* The attributes of a triangle as planes over the picture: value at the
 * first corner, and slopes. */
typedef struct plane {
    float at, dx, dy;
} plane;

static plane plane_through(
    float va, float vb, float vc, const float e[4], float inverse)
{
    /* e = {bx - ax, by - ay, cx - ax, cy - ay} */
    float p = vb - va, q = vc - va;
    plane out = {
        va, (p * e[3] - q * e[1]) * inverse, (q * e[0] - p * e[2]) * inverse};
    return out;
}

/* The value at the start of a row, so that a pixel costs one product. */
static inline float row_of(const plane *p, float dy)
{
    return p->at + p->dy * dy;
}

/* The first pixel whose centre is at or after `edge`, within [0, end]. */
static inline int first_pixel(float edge, int end)
{
    float e = edge - 0.5f;
    if (!(e > 0.0f))
        return 0;
    if (e >= (float)end)
        return end;
    int i = (int)e;
    return i + ((float)i < e);
}

/* How much of a pixel the line nearest to coordinate `t` covers. */
static inline float line_cover(float t, float pixels, float half)
{
    float near = t - (float)(int)(t + 0.5f);
    float cover = half + 0.5f - fabsf(near) * pixels;
    return cover < 0.0f ? 0.0f : (cover > 1.0f ? 1.0f : cover);
}

static inline uint32_t byte_of(float x)
{
    return x <= 0.0f ? 0u : (x >= 255.0f ? 255u : (uint32_t)(int)(x + 0.5f));
}

/* Pixels between two lines of a family, and how dark the family may be: lines
 * that crowd together on a steep wall fade, or the wall would turn black. */
static void line_family(
    const plane *p, float line, float ink, float *pixels, float *dark)
{
    float slope = sqrtf(p->dx * p->dx + p->dy * p->dy);
    *pixels = slope > 1e-9f ? 1.0f / slope : 1e9f;
    float room = (*pixels - 2.0f * line) / (6.0f * line);
    *dark = ink * (room < 0.0f ? 0.0f : (room > 1.0f ? 1.0f : room));
}

typedef struct edge {
    float x, y, slope;
} edge;

static edge edge_between(const view_vertex *top, const view_vertex *bottom)
{
    float height = bottom->y - top->y;
    edge e = {
        top->x, top->y, height > 1e-12f ? (bottom->x - top->x) / height : 0.0f};
    return e;
}

void basin__view_triangle(view_raster *raster, const view_vertex *a,
    const view_vertex *b, const view_vertex *c, float ink, float line)
{
    float e[4] = {b->x - a->x, b->y - a->y, c->x - a->x, c->y - a->y};
    float area = e[0] * e[3] - e[2] * e[1];
    if (!(fabsf(area) > 1e-9f))
        return;
    float inverse = 1.0f / area;
    plane iw = plane_through(a->iw, b->iw, c->iw, e, inverse);
    plane u = plane_through(a->u, b->u, c->u, e, inverse);
    plane v = plane_through(a->v, b->v, c->v, e, inverse);
    plane red = plane_through(a->r, b->r, c->r, e, inverse);
    plane green = plane_through(a->g, b->g, c->g, e, inverse);
    plane blue = plane_through(a->b, b->b, c->b, e, inverse);
    float u_pixels, v_pixels, u_dark, v_dark, half = 0.5f * line;
    line_family(&u, line, ink, &u_pixels, &u_dark);
    line_family(&v, line, ink, &v_pixels, &v_dark);

    /* Sorted by height, so that two triangles compute a shared edge from the
     * same numbers: no cracks. */
    const view_vertex *t = a, *m = b, *l = c, *swap;
    if (m->y < t->y)
        swap = t, t = m, m = swap;
    if (l->y < m->y) {
        swap = m, m = l, l = swap;
        if (m->y < t->y)
            swap = t, t = m, m = swap;
    }
    edge full = edge_between(t, l);
    edge upper = edge_between(t, m), lower = edge_between(m, l);
    int y0 = first_pixel(t->y, raster->height);
    int y1 = first_pixel(l->y, raster->height);
    for (int y = y0; y < y1; ++y) {
        float cy = (float)y + 0.5f, dy = cy - a->y;
        const edge *other = cy < m->y ? &upper : &lower;
        float p = full.x + (cy - full.y) * full.slope;
        float q = other->x + (cy - other->y) * other->slope;
        int x0 = first_pixel(p < q ? p : q, raster->width);
        int x1 = first_pixel(p < q ? q : p, raster->width);
        size_t row = (size_t)y * (size_t)raster->width;
        float *depths = raster->depth + row;
        uint32_t *colours = raster->colour + row;
        float row_w = row_of(&iw, dy), row_u = row_of(&u, dy);
        float row_v = row_of(&v, dy), row_r = row_of(&red, dy);
        float row_g = row_of(&green, dy), row_b = row_of(&blue, dy);
        for (int x = x0; x < x1; ++x) {
            float dx = (float)x + 0.5f - a->x;
            float depth = row_w + iw.dx * dx;
            if (depth <= depths[x])
                continue;
            depths[x] = depth;
            float cu = line_cover(row_u + u.dx * dx, u_pixels, half) * u_dark;
            float cv = line_cover(row_v + v.dx * dx, v_pixels, half) * v_dark;
            float keep = 1.0f - (cu > cv ? cu : cv);
            colours[x] = 0xFF000000u |
                         byte_of((row_r + red.dx * dx) * keep) << 16 |
                         byte_of((row_g + green.dx * dx) * keep) << 8 |
                         byte_of((row_b + blue.dx * dx) * keep);
        }
    }
}

/* ----------------------------------------------------------------- layers */

void basin__view_raster_over(
    view_raster *raster, const view_raster *layer, double alpha)
{
    size_t n = (size_t)raster->width * (size_t)raster->height;
    uint32_t f = (uint32_t)(alpha * 256.0), g = 256u - f;
    for (size_t i = 0; i < n; ++i) {
        if (layer->depth[i] <= raster->depth[i])
            continue;
        uint32_t under = raster->colour[i], over = layer->colour[i], out = 0;
        for (int shift = 0; shift <= 24; shift += 8)
            out |= ((under >> shift & 255u) * g + (over >> shift & 255u) * f) >>
                   8 << shift;
        raster->colour[i] = out;
    }
}

basin_status basin__view_raster_paint(const view_raster *raster,
    view_canvas *canvas, int x, int y, basin_error *error)
{
    int fine = raster->fine;
    int width = raster->width / fine, height = raster->height / fine;
    cairo_surface_t *image =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    if (cairo_surface_status(image) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(image);
        return basin_error_set(
            error, BASIN_E_MEMORY, "out of memory for a picture");
    }
    cairo_surface_flush(image);
    unsigned char *data = cairo_image_surface_get_data(image);
    size_t stride = (size_t)cairo_image_surface_get_stride(image);
    uint32_t n = (uint32_t)(fine * fine);
    for (int j = 0; j < height; ++j) {
        for (int i = 0; i < width; ++i) {
            uint32_t a = 0, r = 0, g = 0, b = 0;
            for (int k = 0; k < fine; ++k) {
                const uint32_t *p =
                    raster->colour +
                    (size_t)(j * fine + k) * (size_t)raster->width +
                    (size_t)(i * fine);
                for (int l = 0; l < fine; ++l) {
                    a += p[l] >> 24;
                    r += p[l] >> 16 & 255u;
                    g += p[l] >> 8 & 255u;
                    b += p[l] & 255u;
                }
            }
            uint32_t pixel =
                (a / n) << 24 | (r / n) << 16 | (g / n) << 8 | b / n;
            memcpy(data + (size_t)j * stride + (size_t)i * 4, &pixel, 4);
        }
    }
    cairo_surface_mark_dirty(image);
    cairo_set_source_surface(canvas->cr, image, x, y);
    cairo_paint(canvas->cr);
    cairo_surface_destroy(image);
    return basin__view_canvas_check(canvas, error);
}
