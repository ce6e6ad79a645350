/* SPDX-License-Identifier: MIT
 *
 * The report's drawings in SVG: the architectures, the bars of speed and the
 * growth of wrong energies. Colours come from the page's style, so that they
 * follow light and dark.
 */
#include "view/draw.h"
#include "view/html.h"

#include <math.h>
#include <string.h>

#define POINTS_MAX 240

/* ------------------------------------------------------------ architecture */

static void box(view_html *html, int x, int y, int w, int h, const char *kind,
    const char *label, const char *small)
{
    basin__view_putf(html,
        "<g class=\"%s\"><rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" "
        "rx=\"%d\"/><text x=\"%d\" y=\"%d\">%s</text>",
        kind, x, y, w, h, kind[0] == 'v' ? h / 2 : 9, x + w / 2,
        y + h / 2 + (*small ? -2 : 6), label);
    if (*small)
        basin__view_putf(html, "<text class=\"s\" x=\"%d\" y=\"%d\">%s</text>",
            x + w / 2, y + h / 2 + 16, small);
    basin__view_put(html, "</g>\n");
}

static void arrow(view_html *html, const char *path)
{
    basin__view_putf(html, "<path class=\"arrow\" d=\"%s\"/>\n", path);
}

/* From the bottom to the top, as energies are drawn: causes below, the energy
 * above. */
void basin__view_architecture(view_html *html, const view_story *story)
{
    basin__view_putf(html,
        "<svg class=\"arch\" viewBox=\"0 0 360 300\" role=\"img\" "
        "aria-label=\"%s\">\n",
        story->dual
            ? "Architecture: X through the net G X, Y through the net G Y, "
              "both into an L1 distance, which is the energy E"
            : "Architecture: X through the net G, its output and Y into an L1 "
              "distance, which is the energy E");
    basin__view_put(html,
        "<circle class=\"dot\" cx=\"180\" cy=\"22\" r=\"0\"/>"
        "<text class=\"e\" x=\"180\" y=\"26\"><tspan font-style=\"italic\">E"
        "</tspan>(<tspan font-style=\"italic\">Y</tspan>, "
        "<tspan font-style=\"italic\">X</tspan>)</text>\n");
    box(html, 70, 58, 220, 52, "c", "L\xe2\x82\x81 distance",
        story->dual ? "\xe2\x80\x96G\xe2\x82\x93(X) \xe2\x88\x92 "
                      "G\xe1\xb5\xa7(Y)\xe2\x80\x96\xe2\x82\x81"
                    : "|Y \xe2\x88\x92 G(X)|");
    box(html, 40, 158, 120, 58, "n", story->dual ? "G\xe2\x82\x93" : "G",
        "tanh net");
    arrow(html, "M180 58V38");
    arrow(html, "M100 158V118");
    arrow(html, "M100 248V224");
    box(html, 72, 250, 56, 40, "v", "X", "");
    if (story->dual) {
        box(html, 200, 158, 120, 58, "n", "G\xe1\xb5\xa7", "tanh net");
        arrow(html, "M260 158V118");
        arrow(html, "M260 248V224");
    } else {
        arrow(html, "M260 248V118");
    }
    box(html, 232, 250, 56, 40, "v", "Y", "");
    basin__view_put(html, "</svg>\n");
}

/* -------------------------------------------------------------------- bars */

void basin__view_speed_bars(view_html *html, const view_report *report)
{
    double most = 0.0;
    for (int i = 0; i < report->n_outcomes; ++i) {
        double v = report->outcomes[i].samples_per_second;
        most = isfinite(v) && v > most ? v : most;
    }
    if (!(most > 0.0))
        return;
    basin__view_putf(html,
        "<svg class=\"chart\" viewBox=\"0 0 720 %d\" role=\"img\" "
        "aria-label=\"Training samples a second, one bar a "
        "demonstration\">\n",
        46 * report->n_outcomes + 8);
    for (int i = 0; i < report->n_outcomes; ++i) {
        const view_outcome *o = &report->outcomes[i];
        double v = o->samples_per_second;
        double w = isfinite(v) && v > 0.0 ? 430.0 * v / most : 0.0;
        int y = 46 * i + 8;
        char number[48];
        basin__view_putf(html, "<text class=\"l\" x=\"128\" y=\"%d\">", y + 22);
        basin__view_escape(html, o->name);
        basin__view_putf(html,
            "</text><rect class=\"bar d%d\" x=\"140\" y=\"%d\" width=\"%.1f\" "
            "height=\"30\" rx=\"3\"/>"
            "<text class=\"r\" x=\"%.1f\" y=\"%d\">%s /s</text>\n",
            i % 4, y, fmax(w, 1.0), 150.0 + w, y + 22,
            basin__view_number(number, v));
    }
    basin__view_put(html, "</svg>\n");
}

/* ------------------------------------------------------------------ growth */

bool basin__view_has_growth(const view_outcome *outcome)
{
    const view_history *h = &outcome->history;
    return h->n > 1 && h->epoch && h->energy_wrong;
}

typedef struct extent {
    double x0, x1, y1;
} extent;

static extent extent_of(const view_report *report)
{
    extent e = {HUGE_VAL, -HUGE_VAL, 0.0};
    for (int i = 0; i < report->n_outcomes; ++i) {
        const view_outcome *o = &report->outcomes[i];
        if (!basin__view_has_growth(o))
            continue;
        for (int k = 0; k < o->history.n; ++k) {
            double x = o->history.epoch[k], y = o->history.energy_wrong[k];
            if (!isfinite(x) || !isfinite(y))
                continue;
            e.x0 = fmin(e.x0, x);
            e.x1 = fmax(e.x1, x);
            e.y1 = fmax(e.y1, y);
        }
    }
    if (!(e.x0 < e.x1)) {
        e.x0 = 0.0;
        e.x1 = 1.0;
    }
    e.y1 = e.y1 > 0.0 ? 1.06 * e.y1 : 1.0;
    return e;
}

static double sx(const extent *e, double x)
{
    return 64.0 + 520.0 * (x - e->x0) / (e->x1 - e->x0);
}

static double sy(const extent *e, double y)
{
    return 290.0 - 262.0 * (y > 0.0 ? y : 0.0) / e->y1;
}

/* @return the height at which the line ends; NaN: it has no point. */
static double growth_line(
    view_html *html, const extent *e, const view_outcome *o, int index)
{
    const view_history *h = &o->history;
    int step = h->n / POINTS_MAX + 1;
    double end = (double)NAN;
    bool down = false;
    basin__view_putf(html, "<path class=\"line s%d\" d=\"", index % 4);
    for (int k = 0; k < h->n; k += step) {
        /* the last point is always drawn */
        int at = k + step < h->n ? k : h->n - 1;
        double x = h->epoch[at], y = h->energy_wrong[at];
        if (!isfinite(x) || !isfinite(y)) {
            down = false;
            continue;
        }
        end = sy(e, y);
        basin__view_putf(html, "%s%.1f %.1f", down ? "L" : "M", sx(e, x), end);
        down = true;
    }
    basin__view_put(html, "\"/>\n");
    return end;
}

static void growth_axes(view_html *html, const extent *e)
{
    char label[32];
    view_ticks y = basin__view_ticks(0.0, e->y1, 5);
    for (int i = 0; i < y.n; ++i) {
        double at = sy(e, y.first + i * y.step);
        basin__view_tick_text(label, sizeof label, &y, i);
        basin__view_putf(html,
            "<path class=\"grid\" d=\"M64 %.1fH584\"/>"
            "<text class=\"l\" x=\"54\" y=\"%.1f\">%s</text>\n",
            at, at + 5.0, label);
    }
    view_ticks x = basin__view_ticks(e->x0, e->x1, 6);
    for (int i = 0; i < x.n; ++i) {
        double at = sx(e, x.first + i * x.step);
        basin__view_tick_text(label, sizeof label, &x, i);
        basin__view_putf(html,
            "<path class=\"axis\" d=\"M%.1f 290v6\"/>"
            "<text class=\"m\" x=\"%.1f\" y=\"314\">%s</text>\n",
            at, at, label);
    }
    basin__view_put(html,
        "<path class=\"axis\" d=\"M64 290H584\"/>"
        "<text class=\"m\" x=\"324\" y=\"338\">epoch</text>"
        "<text class=\"r\" x=\"10\" y=\"16\">mean energy of the most "
        "offending answer</text>\n");
}

/* Names where the lines end, pushed apart; at most 16 of them. */
static void growth_names(view_html *html, const view_report *report,
    const double *ends, const int *which, int n)
{
    int order[16];
    double at[16];
    for (int i = 0; i < n; ++i) {
        int k = i;
        for (; k > 0 && ends[order[k - 1]] > ends[i]; --k)
            order[k] = order[k - 1];
        order[k] = i;
    }
    for (int i = 0; i < n; ++i) {
        at[i] = ends[order[i]];
        if (i > 0 && at[i] < at[i - 1] + 20.0)
            at[i] = at[i - 1] + 20.0;
    }
    for (int i = n - 1; i >= 0; --i) {
        double limit = i == n - 1 ? 290.0 : at[i + 1] - 20.0;
        at[i] = at[i] > limit ? limit : at[i];
        basin__view_putf(html, "<text class=\"r t%d\" x=\"594\" y=\"%.1f\">",
            which[order[i]] % 4, at[i] + 5.0);
        basin__view_escape(html, report->outcomes[which[order[i]]].name);
        basin__view_put(html, "</text>\n");
    }
}

void basin__view_growth(view_html *html, const view_report *report)
{
    extent e = extent_of(report);
    double ends[16];
    int which[16], n = 0;
    basin__view_put(html,
        "<svg class=\"chart\" viewBox=\"0 0 720 348\" role=\"img\" "
        "aria-label=\"Mean energy of the most offending answer over the "
        "epochs, one line a demonstration\">\n");
    growth_axes(html, &e);
    for (int i = 0; i < report->n_outcomes && n < 16; ++i) {
        if (!basin__view_has_growth(&report->outcomes[i]))
            continue;
        double end = growth_line(html, &e, &report->outcomes[i], i);
        if (isfinite(end)) {
            ends[n] = end;
            which[n++] = i;
        }
    }
    growth_names(html, report, ends, which, n);
    basin__view_put(html, "</svg>\n");
}
