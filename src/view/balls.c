/* SPDX-License-Identifier: MIT
 *
 * Lit spheres for the rasteriser. Each is drawn as a disc whose depth bulges,
 * so that the surface cuts it where it should, over a soft contact shadow.
 */
#include "view/raster.h"

#include <math.h>

/* A ball's disc in pixels of the raster. */
typedef struct disc {
    double x, y, w, r;  /* centre, distance, radius */
    int x0, x1, y0, y1; /* pixels within `reach` radii */
} disc;

static int clamp_int(double x, int low, int high)
{
    return x < low ? low : (x > high ? high : (int)x);
}

static disc disc_of(const view_raster *raster, const view_camera *camera,
    const view_ball *ball, double reach)
{
    view_vec p = basin__view_project(camera, ball->centre);
    double fine = raster->fine;
    disc d = {.x = p.x * fine,
        .y = p.y * fine,
        .w = p.z,
        .r = ball->radius * camera->scale * fine / p.z};
    d.x0 = clamp_int(d.x - reach * d.r, 0, raster->width);
    d.x1 = clamp_int(d.x + reach * d.r + 1.0, 0, raster->width);
    d.y0 = clamp_int(d.y - reach * d.r, 0, raster->height);
    d.y1 = clamp_int(d.y + reach * d.r + 1.0, 0, raster->height);
    return d;
}

static uint32_t scaled(uint32_t pixel, double by)
{
    uint32_t f = (uint32_t)(by * 256.0);
    return (pixel & 0xFF000000u) | ((pixel >> 16 & 255u) * f >> 8) << 16 |
           ((pixel >> 8 & 255u) * f >> 8) << 8 | ((pixel & 255u) * f >> 8);
}

static uint32_t blended(uint32_t under, uint32_t over, double alpha)
{
    uint32_t f = (uint32_t)(alpha * 256.0), g = 256u - f, out = 0xFF000000u;
    for (int shift = 0; shift <= 16; shift += 8)
        out |= ((under >> shift & 255u) * g + (over >> shift & 255u) * f) >>
               8 << shift;
    return out;
}

/* Darken the surface near the ball, a little towards the side away from the
 * light: the place is found back from the pixel and its depth. */
static void shadow(
    view_raster *raster, const view_camera *camera, const view_ball *ball)
{
    disc d = disc_of(raster, camera, ball, 3.2);
    double fine = raster->fine, r = ball->radius;
    view_vec eye = camera->eye;
    view_vec c = {ball->centre.x - 0.5 * r * basin__view_light.x - eye.x,
        ball->centre.y - 0.5 * r * basin__view_light.y - eye.y,
        ball->centre.z - 0.25 * r - eye.z};
    view_vec in_view = {basin__view_dot(c, camera->right),
        basin__view_dot(c, camera->up), basin__view_dot(c, camera->forward)};
    for (int y = d.y0; y < d.y1; ++y) {
        for (int x = d.x0; x < d.x1; ++x) {
            size_t i = (size_t)y * (size_t)raster->width + (size_t)x;
            if (raster->depth[i] <= 0.0f)
                continue;
            double w = 1.0 / (double)raster->depth[i];
            double vx = ((x + 0.5) / fine - camera->cx) / camera->scale * w;
            double vy = (camera->cy - (y + 0.5) / fine) / camera->scale * w;
            double ex = vx - in_view.x, ey = vy - in_view.y;
            double ez = w - in_view.z;
            double t = (sqrt(ex * ex + ey * ey + ez * ez) / r - 0.7) / 1.5;
            if (t >= 1.0)
                continue;
            t = t > 0.0 ? 1.0 - t : 1.0;
            raster->colour[i] =
                scaled(raster->colour[i], 1.0 - 0.5 * t * t * (3.0 - 2.0 * t));
        }
    }
}

static uint32_t lit(const view_ball *ball, const view_camera *camera, double nx,
    double ny, double nz)
{
    view_vec n = {
        nx * camera->right.x + ny * camera->up.x - nz * camera->forward.x,
        nx * camera->right.y + ny * camera->up.y - nz * camera->forward.y,
        nx * camera->right.z + ny * camera->up.z - nz * camera->forward.z};
    double lambert = basin__view_dot(n, basin__view_light);
    double sky = 0.5 + 0.5 * n.z;
    double light = 0.42 + 0.20 * sky + 0.55 * fmax(lambert, 0.0);
    view_vec half =
        basin__view_unit((view_vec){basin__view_light.x - camera->forward.x,
            basin__view_light.y - camera->forward.y,
            basin__view_light.z - camera->forward.z});
    double gloss = pow(fmax(basin__view_dot(n, half), 0.0), 40.0) * 0.75;
    /* the rim catches the sky: round even where light and ground agree */
    double rim = 0.10 * (1.0 - nz) * (1.0 - nz) * sky;
    double parts[3] = {ball->colour.r, ball->colour.g, ball->colour.b};
    uint32_t out = 0xFF000000u;
    for (int i = 0; i < 3; ++i) {
        double c = parts[i] * light + gloss + rim;
        out |= (uint32_t)(fmin(c, 1.0) * 255.0 + 0.5) << (16 - 8 * i);
    }
    return out;
}

static void body(
    view_raster *raster, const view_camera *camera, const view_ball *ball)
{
    disc d = disc_of(raster, camera, ball, 1.0);
    for (int y = d.y0; y < d.y1; ++y) {
        for (int x = d.x0; x < d.x1; ++x) {
            double nx = (x + 0.5 - d.x) / d.r, ny = (d.y - y - 0.5) / d.r;
            double rest = 1.0 - nx * nx - ny * ny;
            if (rest <= 0.0)
                continue;
            double nz = sqrt(rest);
            double w = d.w - nz * ball->radius;
            size_t i = (size_t)y * (size_t)raster->width + (size_t)x;
            double there = (double)raster->depth[i];
            uint32_t colour = lit(ball, camera, nx, ny, nz);
            if (1.0 / w > there) {
                raster->colour[i] = colour;
                raster->depth[i] = (float)(1.0 / w);
                continue;
            }
            /* In a narrow valley the walls would swallow the ball: what the
             * surface hides shines through it, the less the deeper. */
            double under = (w - 1.0 / there) / (4.0 * ball->radius);
            double alpha = 0.32 + 0.34 * (under < 1.0 ? 1.0 - under : 0.0);
            raster->colour[i] = blended(raster->colour[i], colour, alpha);
        }
    }
}

void basin__view_balls(view_raster *raster, const view_camera *camera,
    const view_ball *balls, int n)
{
    for (int i = 0; i < n; ++i)
        shadow(raster, camera, &balls[i]);
    for (int i = 0; i < n; ++i)
        body(raster, camera, &balls[i]);
}
