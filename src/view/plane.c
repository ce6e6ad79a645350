/* SPDX-License-Identifier: MIT
 *
 * A loss over the plane of the right answer's energy and the worst wrong
 * one's: blue where the right answer wins by the margin, orange where not, each
 * the darker the larger the loss; level lines, arrows of descent, the margin's
 * line, and where a flat surface stays flat.
 */
#include "view/plane.h"

#include "view/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BANDS = 10 };

typedef struct picture {
    const view_plane *plane;
    cairo_t *cr;
    view_rect area;
    double text;
    double levels[BANDS]; /* the lower end of each band */
} picture;

static double across(const picture *p, double ec)
{
    const view_plane *v = p->plane;
    return p->area.x + p->area.w * (ec - v->low) / (v->high - v->low);
}

static double up(const picture *p, double ei)
{
    const view_plane *v = p->plane;
    return p->area.y + p->area.h * (v->high - ei) / (v->high - v->low);
}

/* ------------------------------------------------------------------- bands */

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Levels that share the plane evenly, but for a plain, which is one band. */
static basin_status choose_levels(picture *p, basin_error *error)
{
    size_t n = (size_t)p->plane->n * (size_t)p->plane->n, used = 0;
    double *sorted = malloc(n * sizeof *sorted);
    BASIN_REQUIRE(sorted, error, BASIN_E_MEMORY, "no memory for a picture");
    for (size_t i = 0; i < n; ++i)
        if (isfinite(p->plane->loss[i]))
            sorted[used++] = p->plane->loss[i];
    qsort(sorted, used, sizeof *sorted, by_size);
    double low = used ? sorted[0] : 0.0;
    double high = used ? sorted[used - 1 - used / 50] : 1.0;
    for (int k = 0; k < BANDS; ++k) {
        /* half by rank, half by height: steep losses keep their shape */
        double t = (double)k / BANDS;
        double rank = used ? sorted[(size_t)(t * (double)(used - 1))] : 0.0;
        p->levels[k] = 0.5 * rank + 0.5 * (low + (high - low) * t);
    }
    /* what is as low as can be lies in the first band */
    p->levels[0] = -HUGE_VAL;
    double hair = 1e-9 * (high - low);
    for (int k = 1; k < BANDS; ++k)
        p->levels[k] = fmax(p->levels[k], low + hair);
    free(sorted);
    return BASIN_OK;
}

static int band_of(const picture *p, double loss)
{
    int band = 0;
    while (band + 1 < BANDS && loss > p->levels[band + 1])
        ++band;
    return band;
}

static double at_grid(const view_plane *v, double a, double b)
{
    int i = (int)a, k = (int)b, last = v->n - 2;
    i = i > last ? last : i;
    k = k > last ? last : k;
    const double *row = v->loss + (size_t)i * v->n + k, *next = row + v->n;
    double s = a - i, t = b - k;
    return (1.0 - s) * ((1.0 - t) * row[0] + t * row[1]) +
           s * ((1.0 - t) * next[0] + t * next[1]);
}

/* 0xRRGGBB, from pale to strong; lightness alone tells the bands apart. */
static unsigned shade(int band, bool wins)
{
    static const unsigned ends[2][2] = {
        {0xFFF4E3, 0xD98324}, {0xEAF4FB, 0x3B86B7}};
    double t = (double)band / (BANDS - 1);
    view_rgb c = basin__view_mix(
        basin__view_hex(ends[wins][0]), basin__view_hex(ends[wins][1]), t);
    return (unsigned)(c.r * 255.0 + 0.5) << 16 |
           (unsigned)(c.g * 255.0 + 0.5) << 8 | (unsigned)(c.b * 255.0 + 0.5);
}

static void fill_plane(const picture *p)
{
    const view_plane *v = p->plane;
    int w = (int)p->area.w, h = (int)p->area.h;
    cairo_surface_t *image =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, w, h);
    unsigned char *data = cairo_image_surface_get_data(image);
    int stride = cairo_image_surface_get_stride(image);
    for (int y = 0; data && y < h; ++y) {
        uint32_t *row = (uint32_t *)(void *)(data + (size_t)y * stride);
        double ei = 1.0 - (y + 0.5) / h;
        for (int x = 0; x < w; ++x) {
            double ec = (x + 0.5) / w;
            double loss = at_grid(v, ec * (v->n - 1), ei * (v->n - 1));
            bool wins = (ei - ec) * (v->high - v->low) > v->margin;
            row[x] = isfinite(loss) ? shade(band_of(p, loss), wins) : 0xFFFFFF;
        }
    }
    cairo_surface_mark_dirty(image);
    cairo_set_source_surface(p->cr, image, p->area.x, p->area.y);
    cairo_paint(p->cr);
    cairo_surface_destroy(image);
}

/* ------------------------------------------------------------- level lines */

/* Where the level is crossed between two corners, as a share. */
static double crossing(double a, double b, double level)
{
    return (level - a) / (b - a);
}

/* The line of a level through one cell (marching squares). */
static void cell_line(const picture *p, int i, int k, double level)
{
    static const int corner[4][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}};
    const view_plane *v = p->plane;
    double value[4], x[4], y[4];
    int n = 0;
    for (int c = 0; c < 4; ++c) {
        value[c] =
            v->loss[(size_t)(i + corner[c][0]) * v->n + k + corner[c][1]];
        if (!isfinite(value[c]))
            return;
    }
    double step = (v->high - v->low) / (v->n - 1);
    for (int c = 0; c < 4; ++c) {
        int d = (c + 1) % 4;
        if ((value[c] > level) == (value[d] > level))
            continue;
        double t = crossing(value[c], value[d], level);
        double a = i + corner[c][0] + t * (corner[d][0] - corner[c][0]);
        double b = k + corner[c][1] + t * (corner[d][1] - corner[c][1]);
        x[n] = across(p, v->low + a * step);
        y[n++] = up(p, v->low + b * step);
    }
    for (int c = 0; c + 1 < n; c += 2) {
        cairo_move_to(p->cr, x[c], y[c]);
        cairo_line_to(p->cr, x[c + 1], y[c + 1]);
    }
}

static void draw_levels(const picture *p)
{
    basin__view_set(p->cr, basin__view_hex(0x1F2937), 0.45);
    cairo_set_line_width(p->cr, 0.06 * p->text);
    cairo_set_line_cap(p->cr, CAIRO_LINE_CAP_ROUND);
    for (int band = 1; band < BANDS; ++band)
        for (int i = 0; i + 1 < p->plane->n; ++i)
            for (int k = 0; k + 1 < p->plane->n; ++k)
                cell_line(p, i, k, p->levels[band]);
    cairo_stroke(p->cr);
}

/* ------------------------------------------------------------------ arrows */

static void draw_arrow(
    cairo_t *cr, double x, double y, double dx, double dy, double head)
{
    double length = hypot(dx, dy);
    double ux = dx / length, uy = dy / length;
    head = fmin(head, 0.7 * length);
    double x1 = x + dx, y1 = y + dy;
    basin__view_line(cr, x, y, x1 - 0.6 * head * ux, y1 - 0.6 * head * uy);
    cairo_move_to(cr, x1, y1);
    cairo_line_to(cr, x1 - head * ux - 0.45 * head * uy,
        y1 - head * uy + 0.45 * head * ux);
    cairo_line_to(cr, x1 - head * ux + 0.45 * head * uy,
        y1 - head * uy - 0.45 * head * ux);
    cairo_close_path(cr);
    cairo_fill(cr);
}

/* The longest fills the room between two arrows; the square root keeps small
 * slopes in sight. No slope is a dot. */
static void draw_arrows(const picture *p)
{
    const view_plane *v = p->plane;
    double most = 0.0;
    for (int i = 0; i < v->n_arrows; ++i) {
        double size = hypot(v->arrows[i].d_ec, v->arrows[i].d_ei);
        most = isfinite(size) ? fmax(most, size) : most;
    }
    double room = p->area.w / fmax(2.0, sqrt((double)v->n_arrows) + 0.5);
    basin__view_set(p->cr, basin__view_hex(0x111827), 0.85);
    cairo_set_line_width(p->cr, 0.1 * p->text);
    for (int i = 0; i < v->n_arrows; ++i) {
        const view_arrow *a = &v->arrows[i];
        double size = hypot(a->d_ec, a->d_ei);
        if (!isfinite(size) || !(most > 0.0))
            continue;
        double x = across(p, a->ec), y = up(p, a->ei);
        double length = room * sqrt(size / most);
        if (length < 0.2 * p->text) {
            cairo_arc(p->cr, x, y, 0.1 * p->text, 0.0, 6.2831853);
            cairo_fill(p->cr);
            continue;
        }
        double dx = a->d_ec / size * length, dy = -a->d_ei / size * length;
        draw_arrow(p->cr, x - 0.5 * dx, y - 0.5 * dy, dx, dy, 0.55 * p->text);
    }
}

/* ----------------------------------------------------------- what was found */

static void diamond(cairo_t *cr, double x, double y, double r)
{
    cairo_move_to(cr, x, y - r);
    cairo_line_to(cr, x + r, y);
    cairo_line_to(cr, x, y + r);
    cairo_line_to(cr, x - r, y);
    cairo_close_path(cr);
    basin__view_set(cr, basin__view_hex(0xFFFFFF), 1.0);
    cairo_fill_preserve(cr);
    basin__view_set(cr, basin__view_hex(0x111827), 1.0);
    cairo_set_line_width(cr, 0.25 * r);
    cairo_stroke(cr);
}

static void cross(cairo_t *cr, double x, double y, double r)
{
    for (int layer = 0; layer < 2; ++layer) {
        basin__view_set(cr,
            layer ? basin__view_colour(VIEW_RED) : basin__view_hex(0xFFFFFF),
            1.0);
        cairo_set_line_width(cr, layer ? 0.45 * r : 0.85 * r);
        basin__view_line(cr, x - r, y - r, x + r, y + r);
        basin__view_line(cr, x - r, y + r, x + r, y - r);
    }
}

/* The line on which surfaces stay flat: white beads on black. */
static void flat_line(
    cairo_t *cr, double x0, double y0, double x1, double y1, double text)
{
    const double dash[2] = {0.0, 0.7 * text};
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_dash(cr, dash, 2, 0.0);
    for (int layer = 0; layer < 2; ++layer) {
        basin__view_set(cr, basin__view_hex(layer ? 0xFFFFFF : 0x111827), 1.0);
        cairo_set_line_width(cr, (layer ? 0.24 : 0.4) * text);
        basin__view_line(cr, x0, y0, x1, y1);
    }
    cairo_set_dash(cr, NULL, 0, 0.0);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
}

static void margin_line(
    cairo_t *cr, double x0, double y0, double x1, double y1, double text)
{
    basin__view_set(cr, basin__view_hex(0x111827), 1.0);
    cairo_set_line_width(cr, 0.2 * text);
    basin__view_line(cr, x0, y0, x1, y1);
}

/* ------------------------------------------------------------------- frame */

static void draw_axes(const picture *p)
{
    const view_plane *v = p->plane;
    cairo_t *cr = p->cr;
    view_rgb ink = basin__view_hex(0x374151);
    view_ticks ticks = basin__view_ticks(v->low, v->high, 5);
    double t = p->text, bottom = p->area.y + p->area.h;
    basin__view_set(cr, ink, 1.0);
    cairo_set_line_width(cr, 0.09 * t);
    cairo_rectangle(cr, p->area.x, p->area.y, p->area.w, p->area.h);
    cairo_stroke(cr);
    for (int i = 0; i < ticks.n; ++i) {
        char label[32];
        double e = ticks.first + i * ticks.step;
        basin__view_tick_text(label, sizeof label, &ticks, i);
        basin__view_set(cr, ink, 1.0);
        basin__view_line(
            cr, across(p, e), bottom, across(p, e), bottom + 0.35 * t);
        basin__view_line(
            cr, p->area.x - 0.35 * t, up(p, e), p->area.x, up(p, e));
        basin__view_text(cr, label, across(p, e), bottom + 0.7 * t, 0.5, 0.0, t,
            VIEW_PLAIN, ink);
        basin__view_text(cr, label, p->area.x - 0.7 * t, up(p, e), 1.0, 0.5, t,
            VIEW_PLAIN, ink);
    }
    basin__view_text(cr, "E of the right answer, E_C",
        p->area.x + 0.5 * p->area.w, bottom + 2.3 * t, 0.5, 0.0, t, VIEW_BOLD,
        ink);
    cairo_save(cr);
    cairo_translate(cr, p->area.x - 3.4 * t, p->area.y + 0.5 * p->area.h);
    cairo_rotate(cr, -1.5707963267948966);
    basin__view_text(cr, "E of the worst wrong answer, E_I", 0.0, 0.0, 0.5, 1.0,
        t, VIEW_BOLD, ink);
    cairo_restore(cr);
}

static void draw_found(const picture *p)
{
    const view_plane *v = p->plane;
    cairo_t *cr = p->cr;
    double m = v->margin;
    cairo_save(cr);
    cairo_rectangle(cr, p->area.x, p->area.y, p->area.w, p->area.h);
    cairo_clip(cr);
    margin_line(cr, across(p, v->low - m), up(p, v->low), across(p, v->high),
        up(p, v->high + m), p->text);
    if (v->has_flat_interval) {
        double a = fmax(v->low, v->flat_low), b = fmin(v->high, v->flat_high);
        flat_line(cr, across(p, a), up(p, a), across(p, b), up(p, b), p->text);
    }
    cairo_restore(cr); /* marks may stand over the frame */
    draw_axes(p);
    for (int i = 0; i < v->n_flat; ++i)
        if (v->flat[i] >= v->low && v->flat[i] <= v->high)
            diamond(
                cr, across(p, v->flat[i]), up(p, v->flat[i]), 0.6 * p->text);
    if (v->has_witness && v->witness_ec >= v->low && v->witness_ec <= v->high &&
        v->witness_ei >= v->low && v->witness_ei <= v->high)
        cross(
            cr, across(p, v->witness_ec), up(p, v->witness_ei), 0.4 * p->text);
}

static void swatches(cairo_t *cr, double x, double y, double t, bool wins)
{
    for (int k = 0; k < 4; ++k) {
        basin__view_set(
            cr, basin__view_hex(shade(k * (BANDS - 1) / 3, wins)), 1.0);
        cairo_rectangle(cr, x + k * 0.7 * t, y - 0.5 * t, 0.7 * t, t);
        cairo_fill(cr);
    }
}

static void draw_key(const picture *p, double x, double room)
{
    const view_plane *v = p->plane;
    cairo_t *cr = p->cr;
    double t = p->text, y = p->area.y + 0.7 * t, at = x + 3.6 * t;
    double middle = x + 1.4 * t, line = 2.4 * t;
    char margin[32], text[80], wins[80];
    view_rgb ink = basin__view_hex(0x1F2937);
    basin_print_number(margin, v->margin, true);
    basin_format(text, sizeof text, "E_I = E_C%s%s",
        v->margin > 0.0 ? " + " : "", v->margin > 0.0 ? margin : "");
    basin_format(wins, sizeof wins, "right answer wins%s%s",
        v->margin > 0.0 ? " by " : "", v->margin > 0.0 ? margin : "");
    const char *const names[] = {wins,
        v->margin > 0.0 ? "it does not" : "a wrong one wins", text, "descent",
        "flat surfaces stay", "Condition 3 fails (by 1)"};
    bool shown[] = {true, true, true, v->n_arrows > 0,
        v->n_flat > 0 || v->has_flat_interval, v->has_witness};
    for (int k = 0; k < 6; ++k) {
        if (!shown[k])
            continue;
        if (k < 2)
            swatches(cr, x, y, t, k == 0);
        else if (k == 2)
            margin_line(cr, x, y, x + 2.8 * t, y, t);
        else if (k == 3) {
            basin__view_set(cr, basin__view_hex(0x111827), 0.85);
            cairo_set_line_width(cr, 0.1 * t);
            draw_arrow(cr, x + 0.2 * t, y, 2.4 * t, 0.0, 0.55 * t);
        } else if (k == 4 && v->n_flat == 0)
            flat_line(cr, x + 0.2 * t, y, x + 2.6 * t, y, t);
        else if (k == 4)
            diamond(cr, middle, y, 0.6 * t);
        else
            cross(cr, middle, y, 0.4 * t);
        double size =
            basin__view_fit(cr, names[k], t, VIEW_PLAIN, room - 3.6 * t);
        basin__view_text(cr, names[k], at, y, 0.0, 0.5, size, VIEW_PLAIN, ink);
        y += line;
    }
    basin__view_text(cr, "darker: the loss is larger", x, y, 0.0, 0.5, t,
        VIEW_ITALIC, basin__view_hex(0x4B5563));
}

static void draw(picture *p, int width)
{
    const view_plane *v = p->plane;
    cairo_t *cr = p->cr;
    double t = p->text, x = p->area.x;
    fill_plane(p);
    cairo_save(cr);
    cairo_rectangle(cr, p->area.x, p->area.y, p->area.w, p->area.h);
    cairo_clip(cr);
    draw_levels(p);
    draw_arrows(p);
    cairo_restore(cr);
    draw_found(p);
    double right = p->area.x + p->area.w + 1.8 * t;
    draw_key(p, right, width - right - 0.8 * t);
    double room = width - x - 0.8 * t;
    if (v->title)
        basin__view_text(cr, v->title, x, 1.0 * t, 0.0, 0.0,
            basin__view_fit(cr, v->title, 1.6 * t, VIEW_BOLD, room), VIEW_BOLD,
            basin__view_hex(0x111827));
    if (v->formula)
        basin__view_text(cr, v->formula, x, 3.2 * t, 0.0, 0.0,
            basin__view_fit(cr, v->formula, 1.1 * t, VIEW_PLAIN, room),
            VIEW_PLAIN, basin__view_hex(0x374151));
    if (v->verdict)
        basin__view_text(cr, v->verdict, x, 4.9 * t, 0.0, 0.0,
            basin__view_fit(cr, v->verdict, 1.1 * t, VIEW_PLAIN, room),
            VIEW_PLAIN, basin__view_hex(0x374151));
}

/* Few shades make small files: 5 bits a channel are enough for flat colours
 * and the edges of lines. */
static void coarsen(view_canvas *canvas)
{
    cairo_surface_flush(canvas->surface);
    unsigned char *data = cairo_image_surface_get_data(canvas->surface);
    int stride = cairo_image_surface_get_stride(canvas->surface);
    for (int i = 0; data && i < stride * canvas->height; ++i)
        data[i] = (unsigned char)((data[i] & 0xF8) | data[i] >> 5);
    cairo_surface_mark_dirty(canvas->surface);
}

basin_status basin__view_plane(view_buffer *out, const view_plane *plane,
    int width, int height, basin_error *error)
{
    out->data = NULL;
    out->size = 0;
    BASIN_REQUIRE(width >= 480 && height >= 360 && width <= 4096 &&
                      height <= 4096 && plane->n >= 2 && plane->n <= 1024 &&
                      plane->high > plane->low,
        error, BASIN_E_RANGE, "a plane of %d x %d points does not fit %d x %d",
        plane->n, plane->n, width, height);
    view_canvas canvas;
    basin_status status =
        basin__view_canvas_init(&canvas, width, height, error);
    picture p = {.plane = plane, .cr = canvas.cr, .text = height / 38.0};
    double side = height - 11.0 * p.text;
    p.area = (view_rect){
        floor(5.4 * p.text), floor(7.0 * p.text), floor(side), floor(side)};
    if (status == BASIN_OK)
        status = choose_levels(&p, error);
    if (status == BASIN_OK) {
        draw(&p, width);
        coarsen(&canvas);
        status = basin__view_canvas_png(out, &canvas, error);
    }
    basin__view_canvas_finish(&canvas);
    return status;
}
