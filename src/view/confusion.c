/* SPDX-License-Identifier: MIT
 *
 * A confusion matrix, twice: counts, and their part of each row. Right answers
 * are green, wrong ones red, the more the darker.
 */
#include "view/draw.h"

#include <math.h>

enum { LABELS = 40 };

#define CELL 32.0
#define TEXT 13.0
#define PI   3.14159265358979323846

typedef struct matrix {
    const view_confusion *v;
    double x, y; /* of the first cell */
    bool rates;
    int64_t largest; /* count beside the diagonal */
    int64_t row[LABELS];
} matrix;

static int64_t count_at(const matrix *m, int right, int answered)
{
    return m->v->count[(size_t)right * (size_t)m->v->labels + (size_t)answered];
}

static double rate_at(const matrix *m, int right, int answered)
{
    return m->row[right] > 0
               ? (double)count_at(m, right, answered) / (double)m->row[right]
               : 0.0;
}

/* How dark: rates as they are but for small ones, which should be seen;
 * counts beside the largest error. */
static double shade(const matrix *m, int i, int j)
{
    if (m->rates || i == j)
        return pow(rate_at(m, i, j), i == j ? 1.0 : 0.6);
    return m->largest > 0 ? sqrt((double)count_at(m, i, j) / (double)m->largest)
                          : 0.0;
}

static void draw_cell(cairo_t *cr, const matrix *m, int i, int j)
{
    const double x = m->x + CELL * j, y = m->y + CELL * i;
    const double dark = shade(m, i, j);
    const int64_t count = count_at(m, i, j);
    basin__view_set(cr,
        basin__view_mix(basin__view_hex(i == j ? 0xF0F7F4 : 0xFAFAFA),
            basin__view_colour(i == j ? VIEW_GREEN : VIEW_RED), dark),
        1.0);
    cairo_rectangle(cr, x + 0.5, y + 0.5, CELL - 1.0, CELL - 1.0);
    cairo_fill(cr);
    if (count == 0)
        return;
    char text[24];
    if (!m->rates)
        basin_format(text, sizeof text, "%lld", (long long)count);
    else if (rate_at(m, i, j) < 0.0005)
        return;
    else
        basin_format(text, sizeof text, "%.1f", 100.0 * rate_at(m, i, j));
    const double size = basin__view_fit(cr, text, 11.5, VIEW_PLAIN, CELL - 4.0);
    basin__view_text(cr, text, x + 0.5 * CELL, y + 0.5 * CELL, 0.5, 0.5, size,
        VIEW_PLAIN, basin__view_hex(dark > 0.7 ? 0xFFFFFF : 0x1F2937));
}

static double widest(cairo_t *cr, const view_confusion *v)
{
    double most = 0.0;
    for (int i = 0; i < v->labels; i++)
        most = fmax(
            most, basin__view_text_width(cr, v->names[i], TEXT, VIEW_PLAIN));
    return most;
}

/* A column's name above (x, y), level or climbing. */
static void head(cairo_t *cr, const char *text, double x, double y, bool level)
{
    cairo_save(cr);
    cairo_translate(cr, x, y);
    if (!level)
        cairo_rotate(cr, -0.25 * PI);
    basin__view_text(cr, text, 0.0, 0.0, level ? 0.5 : 0.0, level ? 1.0 : 0.5,
        TEXT, VIEW_PLAIN, basin__view_hex(0x1F2937));
    cairo_restore(cr);
}

static void draw_matrix(cairo_t *cr, const matrix *m, double names)
{
    const view_rgb ink = basin__view_hex(0x1F2937);
    const view_rgb pale = basin__view_hex(0x6B7280);
    const int n = m->v->labels;
    const bool level = widest(cr, m->v) < CELL - 4.0;
    for (int i = 0; i < n; i++) {
        const double middle = CELL * (i + 0.5);
        basin__view_text(cr, m->v->names[i], m->x - 8.0, m->y + middle, 1.0,
            0.5, TEXT, VIEW_PLAIN, ink);
        head(cr, m->v->names[i], m->x + middle, m->y - 8.0, level);
        for (int j = 0; j < n; j++)
            draw_cell(cr, m, i, j);
    }
    basin__view_text(cr, m->rates ? "part of each row, in %" : "counts",
        m->x - names - 8.0, m->y + CELL * n + 14.0, 0.0, 0.0, TEXT, VIEW_BOLD,
        ink);
    basin__view_text(cr, "rows: right; columns: answered", m->x + CELL * n,
        m->y + CELL * n + 14.0, 1.0, 0.0, TEXT, VIEW_PLAIN, pale);
}

/* What the names take, and the line below a small matrix. */
static double name_width(cairo_t *cr, const view_confusion *v)
{
    return fmax(fmax(20.0, 150.0 - CELL * v->labels), widest(cr, v));
}

static void fill(matrix *m, const view_confusion *v)
{
    *m = (matrix){.v = v};
    for (int i = 0; i < v->labels; i++)
        for (int j = 0; j < v->labels; j++) {
            m->row[i] += count_at(m, i, j);
            if (i != j && count_at(m, i, j) > m->largest)
                m->largest = count_at(m, i, j);
        }
}

static void draw_all(view_canvas *canvas, const view_confusion *v, double names)
{
    cairo_t *cr = canvas->cr;
    const double room = canvas->width - 40.0;
    if (v->title)
        basin__view_text(cr, v->title, 20.0, 18.0, 0.0, 0.0,
            basin__view_fit(cr, v->title, 21.0, VIEW_BOLD, room), VIEW_BOLD,
            basin__view_hex(0x111827));
    if (v->caption)
        basin__view_text(cr, v->caption, 20.0, 46.0, 0.0, 0.0,
            basin__view_fit(cr, v->caption, 15.0, VIEW_PLAIN, room), VIEW_PLAIN,
            basin__view_hex(0x6B7280));
    matrix m;
    fill(&m, v);
    m.y = 82.0 + 0.75 * names;
    for (int i = 0; i < 2; i++) {
        m.rates = i;
        m.x =
            28.0 + names + i * (CELL * v->labels + names + 0.75 * names + 24.0);
        draw_matrix(cr, &m, names);
    }
}

basin_status basin__view_confusion(
    view_buffer *out, const view_confusion *v, basin_error *error)
{
    *out = (view_buffer){0};
    BASIN_REQUIRE(v->labels >= 1 && v->labels <= LABELS, error, BASIN_E_RANGE,
        "a confusion matrix of %d labels: 1 to %d can be drawn", v->labels,
        (int)LABELS);
    view_canvas canvas;
    BASIN_TRY(basin__view_canvas_init(&canvas, 16, 16, error));
    const double names = name_width(canvas.cr, v), side = CELL * v->labels;
    basin__view_canvas_finish(&canvas);
    double width = 28.0 + 2.0 * (side + names + 0.75 * names + 24.0);
    width = width < 640.0 ? 640.0 : width;
    const double height = 82.0 + 0.75 * names + side + 46.0;
    basin_status status = basin__view_canvas_init(
        &canvas, (int)ceil(width), (int)ceil(height), error);
    if (status == BASIN_OK) {
        draw_all(&canvas, v, names);
        status = basin__view_canvas_png(out, &canvas, error);
    }
    basin__view_canvas_finish(&canvas);
    return status;
}
