/* SPDX-License-Identifier: MIT
 *
 * Line charts: few lines, named where they end, over a quiet grid. A value
 * that is not finite, or not positive on a logarithmic axis, is a gap.
 */
#include "view/draw.h"

#include <math.h>

#define SERIES_MAX 8

/* How a chart's values lie on the canvas. */
typedef struct plot {
    view_rect area;
    double x0, x1, y0, y1; /* y0 and y1 are logarithms where `log_y` */
    bool log_y;
    double text;
} plot;

static double across(const plot *p, double x)
{
    return p->area.x + p->area.w * (x - p->x0) / (p->x1 - p->x0);
}

/* `y` as it stands on the axis; NaN where it cannot. */
static double height(const plot *p, double y)
{
    if (p->log_y)
        y = y > 0.0 ? log10(y) : (double)NAN;
    return isfinite(y) ? p->area.y + p->area.h * (p->y1 - y) / (p->y1 - p->y0)
                       : (double)NAN;
}

static void widen(double *low, double *high, double value)
{
    if (!isfinite(value))
        return;
    *low = value < *low ? value : *low;
    *high = value > *high ? value : *high;
}

static void ranges(plot *p, const view_chart *chart)
{
    double x0 = HUGE_VAL, x1 = -HUGE_VAL, y0 = HUGE_VAL, y1 = -HUGE_VAL;
    for (int s = 0; s < chart->n_series; ++s) {
        const view_series *series = &chart->series[s];
        for (int i = 0; i < series->n; ++i) {
            double y = series->y[i];
            widen(&x0, &x1, series->x[i]);
            widen(&y0, &y1, !p->log_y ? y : y > 0.0 ? log10(y) : (double)NAN);
        }
    }
    p->x0 = x0 <= x1 ? x0 : 0.0;
    p->x1 = x0 < x1 ? x1 : p->x0 + 1.0;
    if (!(y0 <= y1)) {
        y0 = 0.0;
        y1 = 1.0;
    }
    if (p->log_y) {
        double room = fmax(0.05 * (y1 - y0), 0.05);
        p->y0 = y0 - room;
        p->y1 = y1 + room;
        return;
    }
    /* Energies and losses are read from zero, unless that wastes the page. */
    if (y0 > 0.0 && y0 < 0.6 * y1)
        y0 = 0.0;
    if (!(y1 > y0))
        y1 = y0 + fmax(fabs(y0) * 0.1, 1e-12);
    p->y1 = y1 + 0.06 * (y1 - y0);
    p->y0 = y0 == 0.0 ? 0.0 : y0 - 0.06 * (y1 - y0);
}

/* -------------------------------------------------------------------- axes */

static void rule(cairo_t *cr, const plot *p, double y, const char *label)
{
    basin__view_set(cr, basin__view_hex(0xE5E7EB), 1.0);
    cairo_set_line_width(cr, 0.07 * p->text);
    basin__view_line(cr, p->area.x, y, p->area.x + p->area.w, y);
    basin__view_text(cr, label, p->area.x - 0.5 * p->text, y, 1.0, 0.5, p->text,
        VIEW_PLAIN, basin__view_hex(0x4B5563));
}

/* 10 to a whole power, as it is written. */
static void power_text(char *out, size_t size, int power)
{
    static const char *const digits[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3",
        "\u2074", "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
    int a = power < 0 ? -power : power;
    if (power >= -2 && power <= 3) {
        static const char *const plain[] = {
            "0.01", "0.1", "1", "10", "100", "1000"};
        basin_format(out, size, "%s", plain[power + 2]);
    } else {
        basin_format(out, size, "10%s%s%s", power < 0 ? "\u207b" : "",
            a >= 10 ? digits[a / 10 % 10] : "", digits[a % 10]);
    }
}

static void log_rules(cairo_t *cr, const plot *p)
{
    char label[32];
    int first = (int)ceil(p->y0 - 1e-9), last = (int)floor(p->y1 + 1e-9);
    int step = (last - first) / 6 + 1;
    for (int k = first; k <= last; k += step) {
        power_text(label, sizeof label, k);
        rule(cr, p, height(p, pow(10.0, k)), label);
    }
    if (last - first >= 2)
        return;
    /* less than two decades: some numbers between the powers */
    static const double between[] = {2.0, 5.0};
    for (int k = first - 1; k <= last; ++k) {
        for (int i = 0; i < 2; ++i) {
            double value = between[i] * pow(10.0, k), at = log10(value);
            if (at < p->y0 || at > p->y1)
                continue;
            basin_format(label, sizeof label, "%g", value);
            rule(cr, p, height(p, value), label);
        }
    }
}

static void frame(cairo_t *cr, const plot *p, const view_chart *chart)
{
    char label[32];
    double bottom = p->area.y + p->area.h, t = p->text;
    view_rgb ink = basin__view_hex(0x4B5563);
    if (p->log_y) {
        log_rules(cr, p);
    } else {
        view_ticks ticks = basin__view_ticks(p->y0, p->y1, 5);
        for (int i = 0; i < ticks.n; ++i) {
            basin__view_tick_text(label, sizeof label, &ticks, i);
            rule(cr, p, height(p, ticks.first + i * ticks.step), label);
        }
    }
    basin__view_set(cr, basin__view_hex(0x6B7280), 1.0);
    cairo_set_line_width(cr, 0.09 * t);
    basin__view_line(cr, p->area.x, bottom, p->area.x + p->area.w, bottom);
    view_ticks ticks = basin__view_ticks(p->x0, p->x1, 5);
    for (int i = 0; i < ticks.n; ++i) {
        double x = across(p, ticks.first + i * ticks.step);
        basin__view_tick_text(label, sizeof label, &ticks, i);
        basin__view_set(cr, basin__view_hex(0x6B7280), 1.0);
        basin__view_line(cr, x, bottom, x, bottom + 0.35 * t);
        basin__view_text(
            cr, label, x, bottom + 0.8 * t, 0.5, 0.0, t, VIEW_PLAIN, ink);
    }
    if (chart->x_name)
        basin__view_text(cr, chart->x_name, p->area.x + 0.5 * p->area.w,
            bottom + 2.4 * t, 0.5, 0.0, t, VIEW_PLAIN,
            basin__view_hex(0x1F2937));
    double top = p->area.y - 1.9 * t;
    if (chart->y_name)
        basin__view_text(cr, chart->y_name, p->area.x - 2.6 * t, top, 0.0, 0.0,
            t, VIEW_PLAIN, basin__view_hex(0x1F2937));
    if (chart->title)
        basin__view_text(cr, chart->title, p->area.x - 2.6 * t, top - 2.1 * t,
            0.0, 0.0, 1.25 * t, VIEW_BOLD, basin__view_hex(0x111827));
}

/* ------------------------------------------------------------------- lines */

/* @return the height at which the line ends; NaN: it has no point. */
static double draw_line(cairo_t *cr, const plot *p, const view_series *series)
{
    double end = (double)NAN, dashes[2] = {0.5 * p->text, 0.35 * p->text};
    bool down = false;
    basin__view_set(cr, basin__view_colour(series->colour), 1.0);
    cairo_set_line_width(cr, 0.18 * p->text);
    cairo_set_dash(cr, dashes, series->dashed ? 2 : 0, 0.0);
    for (int i = 0; i < series->n; ++i) {
        double y = height(p, series->y[i]), x = across(p, series->x[i]);
        if (!isfinite(y) || !isfinite(x)) {
            down = false;
            continue;
        }
        /* moving and drawing to one place leaves a dot for a lone point */
        if (!down)
            cairo_move_to(cr, x, y);
        cairo_line_to(cr, x, y);
        down = true;
        end = y;
    }
    cairo_stroke(cr);
    cairo_set_dash(cr, NULL, 0, 0.0);
    return end;
}

/* Names beside the ends of their lines, pushed apart where they meet. */
static void draw_names(
    cairo_t *cr, const plot *p, const view_chart *chart, double ends[])
{
    int order[SERIES_MAX], n = 0;
    for (int s = 0; s < chart->n_series; ++s) {
        if (!isfinite(ends[s]) || !chart->series[s].name)
            continue;
        int at = n++;
        for (; at > 0 && ends[order[at - 1]] > ends[s]; --at)
            order[at] = order[at - 1];
        order[at] = s;
    }
    double gap = 1.35 * p->text, floor_y = p->area.y + p->area.h;
    for (int i = 1; i < n; ++i)
        if (ends[order[i]] < ends[order[i - 1]] + gap)
            ends[order[i]] = ends[order[i - 1]] + gap;
    for (int i = n - 1; i >= 0; --i) {
        double limit = i == n - 1 ? floor_y : ends[order[i + 1]] - gap;
        if (ends[order[i]] > limit)
            ends[order[i]] = limit;
    }
    for (int i = 0; i < n; ++i) {
        const view_series *series = &chart->series[order[i]];
        basin__view_text(cr, series->name,
            p->area.x + p->area.w + 0.6 * p->text, ends[order[i]], 0.0, 0.5,
            p->text, VIEW_BOLD, basin__view_colour(series->colour));
    }
}

static void draw_chart(cairo_t *cr, const view_chart *chart, view_rect rect)
{
    double t = fmax(9.0, fmin(rect.h / 28.0, rect.w / 40.0));
    double names = 0.0, ends[SERIES_MAX];
    for (int s = 0; s < chart->n_series; ++s)
        if (chart->series[s].name)
            names = fmax(names, basin__view_text_width(
                                    cr, chart->series[s].name, t, VIEW_BOLD));
    plot p = {.log_y = chart->log_y, .text = t};
    p.area = (view_rect){rect.x + 4.4 * t, rect.y + 5.6 * t,
        rect.w - 6.4 * t - names, rect.h - 10.0 * t};
    ranges(&p, chart);
    frame(cr, &p, chart);
    for (int s = 0; s < chart->n_series; ++s)
        ends[s] = draw_line(cr, &p, &chart->series[s]);
    draw_names(cr, &p, chart, ends);
}

basin_status basin__view_curves(view_buffer *out, const view_chart *charts,
    int n_charts, int width, int height_px, basin_error *error)
{
    out->data = NULL;
    out->size = 0;
    BASIN_REQUIRE(n_charts >= 1 && n_charts <= 4, error, BASIN_E_RANGE,
        "%d charts: 1 to 4 can be drawn side by side", n_charts);
    BASIN_REQUIRE(width >= 320 * n_charts && height_px >= 200 &&
                      width <= 8192 && height_px <= 4096,
        error, BASIN_E_RANGE, "%d charts do not fit %d x %d pixels", n_charts,
        width, height_px);
    for (int i = 0; i < n_charts; ++i)
        BASIN_REQUIRE(
            charts[i].n_series >= 0 && charts[i].n_series <= SERIES_MAX, error,
            BASIN_E_RANGE, "a chart of %d lines: at most %d can be drawn",
            charts[i].n_series, SERIES_MAX);
    view_canvas canvas;
    basin_status status =
        basin__view_canvas_init(&canvas, width, height_px, error);
    if (status == BASIN_OK) {
        for (int i = 0; i < n_charts; ++i) {
            double w = (double)width / n_charts;
            draw_chart(canvas.cr, &charts[i],
                (view_rect){w * i + 8.0, 8.0, w - 16.0, height_px - 16.0});
        }
        status = basin__view_canvas_png(out, &canvas, error);
    }
    basin__view_canvas_finish(&canvas);
    return status;
}
