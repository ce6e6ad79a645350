/* SPDX-License-Identifier: MIT
 *
 * A lattice: a column for each position, a row for each label. The darker a
 * node and the wider a line, the likelier; the best path is green, and where
 * the right one differs it is red.
 */
#include "view/draw.h"

#include <math.h>

enum { POSITIONS = 60, LABELS = 40 };

#define STEP   78.0 /* from position to position */
#define ROW    44.0
#define RADIUS 12.0
#define TEXT   15.0
#define PI     3.14159265358979323846
#define FAINT  0.004 /* probabilities below this are not drawn */

/* Of the right labelling. */
static const double dashes[2] = {7.0, 5.0};

typedef struct layout {
    view_rect area; /* centres of the nodes lie in it */
    double foot;    /* height below it, for words and pictures */
} layout;

static double across(const layout *l, int t)
{
    return l->area.x + t * STEP;
}

static double down(const layout *l, int label)
{
    return l->area.y + label * ROW;
}

/* A bow between two nodes, level at both ends. */
static void bow(cairo_t *cr, const layout *l, int t, int from, int to)
{
    const double x0 = across(l, t - 1), x1 = across(l, t);
    cairo_move_to(cr, x0, down(l, from));
    cairo_curve_to(cr, x0 + 0.5 * STEP, down(l, from), x1 - 0.5 * STEP,
        down(l, to), x1, down(l, to));
    cairo_stroke(cr);
}

static void draw_steps(cairo_t *cr, const layout *l, const view_lattice *v)
{
    const view_rgb blue = basin__view_colour(VIEW_BLUE);
    const size_t n = (size_t)v->labels;
    for (int t = 1; t < v->length; t++)
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                const double p = v->step[((size_t)(t - 1) * n + i) * n + j];
                if (!(p >= FAINT))
                    continue;
                basin__view_set(cr, blue, 0.20 + 0.25 * p);
                cairo_set_line_width(cr, 0.6 + 9.0 * p);
                bow(cr, l, t, (int)i, (int)j);
            }
}

static void draw_path(cairo_t *cr, const layout *l, int length,
    const int32_t *path, view_rgb colour, double width)
{
    basin__view_set(cr, colour, 1.0);
    cairo_set_line_width(cr, width);
    for (int t = 1; t < length; t++)
        if (path[t - 1] >= 0 && path[t] >= 0)
            bow(cr, l, t, path[t - 1], path[t]);
}

/* Of the right labelling the steps that the best one has not. */
static void draw_right(cairo_t *cr, const layout *l, const view_lattice *v)
{
    basin__view_set(cr, basin__view_colour(VIEW_RED), 1.0);
    cairo_set_line_width(cr, 2.2);
    cairo_set_dash(cr, dashes, 2, 0.0);
    for (int t = 1; v->given && t < v->length; t++) {
        const int32_t *g = v->given + t, *b = v->best + t;
        if (g[-1] >= 0 && g[0] >= 0 && (g[-1] != b[-1] || g[0] != b[0]))
            bow(cr, l, t, g[-1], g[0]);
    }
    cairo_set_dash(cr, dashes, 0, 0.0);
}

static void ring(
    cairo_t *cr, const layout *l, int t, int label, view_rgb colour)
{
    cairo_arc(cr, across(l, t), down(l, label), RADIUS, 0.0, 2.0 * PI);
    basin__view_set(cr, colour, 1.0);
    cairo_set_line_width(cr, 3.0);
    cairo_stroke(cr);
}

static void draw_node(
    cairo_t *cr, const layout *l, const view_lattice *v, int t, int j)
{
    const double p = v->node[(size_t)t * (size_t)v->labels + (size_t)j];
    const view_rgb white = basin__view_hex(0xFFFFFF);
    const view_rgb blue = basin__view_colour(VIEW_BLUE);
    cairo_arc(cr, across(l, t), down(l, j), RADIUS, 0.0, 2.0 * PI);
    basin__view_set(cr, basin__view_mix(white, blue, p), 1.0);
    cairo_fill_preserve(cr);
    basin__view_set(cr, basin__view_hex(0xCBD2DB), 1.0);
    cairo_set_line_width(cr, 1.0);
    cairo_stroke(cr);
    if (v->given && v->given[t] == j && v->best[t] != j)
        ring(cr, l, t, j, basin__view_colour(VIEW_RED));
    if (v->best[t] == j)
        ring(cr, l, t, j, basin__view_colour(VIEW_GREEN));
    if (p < 0.01)
        return;
    char text[16];
    basin_format(text, sizeof text, "%.0f", 100.0 * p);
    basin__view_text(cr, text, across(l, t), down(l, j), 0.5, 0.5, 0.7 * TEXT,
        VIEW_PLAIN, p > 0.6 ? white : basin__view_hex(0x374151));
}

static void draw_picture(
    cairo_t *cr, const layout *l, const view_lattice *v, int t, double top)
{
    const int rows = v->picture_rows, columns = v->picture_columns;
    const double cell = fmin(64.0 / rows, 0.8 * STEP / columns);
    const double left = across(l, t) - 0.5 * cell * columns;
    const float *p = v->pictures + (size_t)t * (size_t)(rows * columns);
    for (int i = 0; i < rows * columns; i++) {
        basin__view_set(cr,
            basin__view_mix(basin__view_hex(0xF3F5F7),
                basin__view_hex(0x1F2937), (double)p[i]),
            1.0);
        /* a little wider than the cell: no seams between them */
        cairo_rectangle(cr, left + cell * (i % columns),
            top + cell * (i / columns), cell + 0.3, cell + 0.3);
        cairo_fill(cr);
    }
}

static void draw_words(cairo_t *cr, const layout *l, const view_lattice *v)
{
    const view_rgb ink = basin__view_hex(0x1F2937);
    const double top = l->area.y + l->area.h + RADIUS + 18.0;
    for (int t = 0; t < v->length; t++) {
        if (v->pictures)
            draw_picture(cr, l, v, t, top);
        if (!v->words)
            continue;
        const double size =
            basin__view_fit(cr, v->words[t], TEXT, VIEW_PLAIN, STEP - 6.0);
        basin__view_text(cr, v->words[t], across(l, t),
            top + (v->pictures ? 70.0 : 0.0), 0.5, 0.0, size, VIEW_PLAIN, ink);
    }
}

static void draw_rows(cairo_t *cr, const layout *l, const view_lattice *v)
{
    const view_rgb ink = basin__view_hex(0x1F2937);
    for (int j = 0; j < v->labels; j++) {
        basin__view_set(cr, basin__view_hex(0xE6E9EE), 1.0);
        cairo_set_line_width(cr, 1.0);
        basin__view_line(
            cr, l->area.x, down(l, j), l->area.x + l->area.w, down(l, j));
        basin__view_text(cr, v->names[j], l->area.x - RADIUS - 12.0, down(l, j),
            1.0, 0.5, TEXT, VIEW_PLAIN, ink);
    }
}

/* What the colours mean. */
static void draw_key(
    cairo_t *cr, double x, double y, const view_lattice *v, double room)
{
    const struct {
        view_colour colour;
        const char *text;
    } keys[] = {{VIEW_GREEN, "best path"},
        {VIEW_RED, "right, where it differs"},
        {VIEW_BLUE, "probability, in %: darker and wider is likelier"}};
    const double end = x + room;
    for (int i = 0; i < 3; i++) {
        const double width =
            basin__view_text_width(cr, keys[i].text, 0.9 * TEXT, VIEW_PLAIN);
        if ((i == 1 && !v->given) || x + 34.0 + width > end)
            continue;
        basin__view_set(cr, basin__view_colour(keys[i].colour), 1.0);
        cairo_set_line_width(cr, 3.0);
        cairo_set_dash(cr, dashes, i == 1 ? 2 : 0, 0.0);
        basin__view_line(cr, x, y, x + 24.0, y);
        basin__view_text(cr, keys[i].text, x + 34.0, y, 0.0, 0.5, 0.9 * TEXT,
            VIEW_PLAIN, basin__view_hex(0x374151));
        x += 34.0 + width + 26.0;
    }
}

static void draw_all(
    view_canvas *canvas, const layout *l, const view_lattice *v)
{
    cairo_t *cr = canvas->cr;
    const double room = canvas->width - 40.0;
    if (v->title)
        basin__view_text(cr, v->title, 20.0, 18.0, 0.0, 0.0,
            basin__view_fit(cr, v->title, 1.4 * TEXT, VIEW_BOLD, room),
            VIEW_BOLD, basin__view_hex(0x111827));
    if (v->caption)
        basin__view_text(cr, v->caption, 20.0, 46.0, 0.0, 0.0,
            basin__view_fit(cr, v->caption, TEXT, VIEW_PLAIN, room), VIEW_PLAIN,
            basin__view_hex(0x6B7280));
    draw_key(cr, 20.0, 82.0, v, room);
    draw_rows(cr, l, v);
    draw_steps(cr, l, v);
    draw_path(cr, l, v->length, v->best, basin__view_colour(VIEW_GREEN), 2.2);
    draw_right(cr, l, v);
    for (int t = 0; t < v->length; t++)
        for (int j = 0; j < v->labels; j++)
            draw_node(cr, l, v, t, j);
    draw_words(cr, l, v);
}

/* The widest name of a label. */
static double name_width(const view_lattice *v)
{
    view_canvas probe;
    double most = 0;
    if (basin__view_canvas_init(&probe, 16, 16, NULL) == BASIN_OK)
        for (int j = 0; j < v->labels; j++)
            most = fmax(most, basin__view_text_width(
                                  probe.cr, v->names[j], TEXT, VIEW_PLAIN));
    basin__view_canvas_finish(&probe);
    return most;
}

basin_status basin__view_lattice(
    view_buffer *out, const view_lattice *v, basin_error *error)
{
    *out = (view_buffer){0};
    BASIN_REQUIRE(v->length >= 1 && v->length <= POSITIONS && v->labels >= 1 &&
                      v->labels <= LABELS,
        error, BASIN_E_RANGE,
        "a lattice of %d positions and %d labels: 1 to %d and 1 to %d can be "
        "drawn",
        v->length, v->labels, (int)POSITIONS, (int)LABELS);
    layout l = {.area = {name_width(v) + RADIUS + 34.0, 128.0,
                    STEP * (v->length - 1), ROW * (v->labels - 1)}};
    l.foot = RADIUS + 24.0 + (v->words ? 26.0 : 0) + (v->pictures ? 72.0 : 0);
    double width = l.area.x + l.area.w + 0.5 * STEP + 8.0;
    width = width < 760.0 ? 760.0 : width;
    const double height = l.area.y + l.area.h + l.foot + 8.0;
    view_canvas canvas;
    basin_status status = basin__view_canvas_init(
        &canvas, (int)ceil(width), (int)ceil(height), error);
    if (status == BASIN_OK) {
        draw_all(&canvas, &l, v);
        status = basin__view_canvas_png(out, &canvas, error);
    }
    basin__view_canvas_finish(&canvas);
    return status;
}
