/* SPDX-License-Identifier: MIT
 *
 * The box around a surface: two walls and a floor with faint lines behind it,
 * and the numbers and names of the three axes outside of it.
 */
#include "view/panel.h"

#include <math.h>

/* Unit coordinates in the box, each 0 to 1, to pixels. */
static view_vec at(const view_camera *camera, double u, double v, double t)
{
    view_vec p = {2.0 * u - 1.0, 2.0 * v - 1.0, t * VIEW_TOP};
    return basin__view_project(camera, p);
}

static void line3(cairo_t *cr, const view_camera *camera, const double a[3],
    const double b[3])
{
    view_vec p = at(camera, a[0], a[1], a[2]);
    view_vec q = at(camera, b[0], b[1], b[2]);
    basin__view_line(cr, p.x, p.y, q.x, q.y);
}

static void face(cairo_t *cr, const view_camera *camera,
    const double corners[4][3], unsigned colour)
{
    for (int i = 0; i < 4; ++i) {
        view_vec p = at(camera, corners[i][0], corners[i][1], corners[i][2]);
        if (i == 0)
            cairo_move_to(cr, p.x, p.y);
        else
            cairo_line_to(cr, p.x, p.y);
    }
    cairo_close_path(cr);
    basin__view_set(cr, basin__view_hex(colour), 1.0);
    cairo_fill(cr);
}

/* As many numbers as fit on an axis that is `pixels` long on the screen. */
static int tick_count(double pixels, double text)
{
    double n = text > 0.0 ? pixels / (2.1 * text) : 4.0;
    return n < 1.0 ? 1 : (n > 4.0 ? 4 : (int)n);
}

static double screen_length(
    const view_camera *camera, const double a[3], const double b[3])
{
    view_vec p = at(camera, a[0], a[1], a[2]);
    view_vec q = at(camera, b[0], b[1], b[2]);
    return hypot(p.x - q.x, p.y - q.y);
}

/* The ticks of the three axes, alike for the lines and for the numbers. */
typedef struct grid {
    view_ticks x, y, z;
} grid;

static grid grid_of(
    const view_camera *camera, const view_scene *scene, double text)
{
    static const double o[3] = {0, 0, 0}, ex[3] = {1, 0, 0};
    static const double ey[3] = {1, 1, 0}, ez[3] = {0, 0, 1};
    double lx = screen_length(camera, o, ex),
           ly = screen_length(camera, ex, ey);
    double lz = screen_length(camera, o, ez);
    grid g = {basin__view_ticks(scene->x0, scene->x1, tick_count(lx, text)),
        basin__view_ticks(scene->y0, scene->y1, tick_count(ly, text)),
        basin__view_ticks(scene->z0, scene->z1, tick_count(lz, text))};
    return g;
}

static double fraction(const view_ticks *ticks, int i, double low, double high)
{
    return (ticks->first + i * ticks->step - low) / (high - low);
}

void basin__view_walls(cairo_t *cr, const view_camera *camera,
    const view_scene *scene, double text)
{
    static const double floor_face[4][3] = {
        {0, 0, 0}, {1, 0, 0}, {1, 1, 0}, {0, 1, 0}};
    static const double left[4][3] = {
        {0, 0, 0}, {0, 1, 0}, {0, 1, 1}, {0, 0, 1}};
    static const double back[4][3] = {
        {0, 1, 0}, {1, 1, 0}, {1, 1, 1}, {0, 1, 1}};
    face(cr, camera, floor_face, 0xE6E9EE);
    face(cr, camera, left, 0xEDF0F3);
    face(cr, camera, back, 0xF3F5F7);

    grid g = grid_of(camera, scene, text);
    view_ticks x = g.x, y = g.y, z = g.z;
    basin__view_set(cr, basin__view_hex(0xCBD2DB), 1.0);
    cairo_set_line_width(cr, text > 0.0 ? text / 14.0 : 0.6);
    for (int i = 0; i < x.n; ++i) {
        double u = fraction(&x, i, scene->x0, scene->x1);
        line3(cr, camera, (double[]){u, 0, 0}, (double[]){u, 1, 0});
        line3(cr, camera, (double[]){u, 1, 0}, (double[]){u, 1, 1});
    }
    for (int i = 0; i < y.n; ++i) {
        double v = fraction(&y, i, scene->y0, scene->y1);
        line3(cr, camera, (double[]){0, v, 0}, (double[]){1, v, 0});
        line3(cr, camera, (double[]){0, v, 0}, (double[]){0, v, 1});
    }
    for (int i = 0; i < z.n; ++i) {
        double t = fraction(&z, i, scene->z0, scene->z1);
        line3(cr, camera, (double[]){0, 0, t}, (double[]){0, 1, t});
        line3(cr, camera, (double[]){0, 1, t}, (double[]){1, 1, t});
    }
    /* the edges that lie behind the surface */
    basin__view_set(cr, basin__view_hex(0x9AA3AF), 1.0);
    line3(cr, camera, (double[]){0, 1, 0}, (double[]){0, 1, 1});
    line3(cr, camera, (double[]){0, 0, 0}, (double[]){0, 1, 0});
    line3(cr, camera, (double[]){0, 1, 0}, (double[]){1, 1, 0});
    line3(cr, camera, (double[]){0, 0, 1}, (double[]){0, 1, 1});
    line3(cr, camera, (double[]){0, 1, 1}, (double[]){1, 1, 1});
    line3(cr, camera, (double[]){1, 1, 0}, (double[]){1, 1, 1});
}

/* One axis from `a` to `b`; `away` is the direction, in the box, in which its
 * numbers stand. */
typedef struct axis {
    double a[3], b[3], away[3];
    double low, high;
    const view_ticks *ticks;
    const char *name;
} axis;

static void draw_axis(cairo_t *cr, const view_camera *camera, const axis *line,
    double text, double room)
{
    view_rgb ink = basin__view_hex(0x374151);
    view_vec p0 = at(camera, line->a[0], line->a[1], line->a[2]);
    view_vec p1 = at(camera, line->b[0], line->b[1], line->b[2]);
    basin__view_set(cr, ink, 1.0);
    cairo_set_line_width(cr, text / 10.0);
    basin__view_line(cr, p0.x, p0.y, p1.x, p1.y);

    /* The direction away from the box, measured at the axis' middle. */
    double m[3], o[3];
    for (int i = 0; i < 3; ++i) {
        m[i] = 0.5 * (line->a[i] + line->b[i]);
        o[i] = m[i] + 0.1 * line->away[i];
    }
    view_vec pm = at(camera, m[0], m[1], m[2]);
    view_vec po = at(camera, o[0], o[1], o[2]);
    double dx = po.x - pm.x, dy = po.y - pm.y;
    double length = sqrt(dx * dx + dy * dy);
    dx /= length;
    dy /= length;

    double widest = 0.0;
    for (int i = 0; i < line->ticks->n; ++i) {
        double f = fraction(line->ticks, i, line->low, line->high);
        view_vec p = at(camera, line->a[0] + f * (line->b[0] - line->a[0]),
            line->a[1] + f * (line->b[1] - line->a[1]),
            line->a[2] + f * (line->b[2] - line->a[2]));
        char label[32];
        basin__view_tick_text(label, sizeof label, line->ticks, i);
        double width = basin__view_text_width(cr, label, text, VIEW_PLAIN);
        widest = width > widest ? width : widest;
        basin__view_set(cr, ink, 1.0);
        basin__view_line(
            cr, p.x, p.y, p.x + 0.4 * text * dx, p.y + 0.4 * text * dy);
        /* the text's box touches the end of the tick, whatever its slope */
        basin__view_text(cr, label, p.x + 0.75 * text * dx,
            p.y + 0.75 * text * dy, 0.5 - 0.5 * dx, 0.5 - 0.5 * dy, text,
            VIEW_PLAIN, ink);
    }
    double out =
        0.75 * text + fabs(dx) * widest + fabs(dy) * text + room * text;
    double size = 1.15 * text;
    basin__view_text(cr, line->name, pm.x + out * dx, pm.y + out * dy,
        0.5 - 0.5 * dx, 0.5 - 0.5 * dy, size, VIEW_BOLD, ink);
}

void basin__view_axes(cairo_t *cr, const view_camera *camera,
    const view_scene *scene, double text)
{
    grid g = grid_of(camera, scene, text);
    axis x = {
        {0, 0, 0}, {1, 0, 0}, {0, -1, 0}, scene->x0, scene->x1, &g.x, "X"};
    axis y = {{1, 0, 0}, {1, 1, 0}, {1, 0, 0}, scene->y0, scene->y1, &g.y, "Y"};
    axis z = {
        {0, 0, 0}, {0, 0, 1}, {-1, 0, 0}, scene->z0, scene->z1, &g.z, "E"};
    draw_axis(cr, camera, &x, text, 0.6);
    draw_axis(cr, camera, &y, text, 0.6);
    draw_axis(cr, camera, &z, text, 0.6);
}
