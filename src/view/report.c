/* SPDX-License-Identifier: MIT
 *
 * index.html: the order of the page. What a demonstration is comes from its
 * story, what happened from its outcome, drawings and style from their files.
 */
#include "view/html.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const view_outcome *basin__view_find(
    const view_report *report, const char *name)
{
    for (int i = 0; i < report->n_outcomes; ++i)
        if (report->outcomes[i].name &&
            strcmp(report->outcomes[i].name, name) == 0)
            return &report->outcomes[i];
    return NULL;
}

static void put_title(view_html *html, const view_outcome *o)
{
    const view_story *story = basin__view_story(o->name);
    basin__view_escape(html, *story->title ? story->title : o->name);
}

static void cell(view_html *html, double value)
{
    char text[48];
    basin__view_putf(html, "<td>%s</td>", basin__view_number(text, value));
}

static void tile(view_html *html, const char *what, double value)
{
    char text[48];
    basin__view_putf(html,
        "<div><div class=\"k\">%s</div><div class=\"v\">%s</div></div>\n", what,
        basin__view_number(text, value));
}

/* -------------------------------------------------------------------- head */

static void head(view_html *html, const view_report *report)
{
    basin__view_put(html,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
        "<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\">\n"
        "<title>Basin: energy surfaces for Y = X\u00b2</title>\n"
        "<link rel=\"icon\" href=\"data:,\">\n<style>\n");
    for (int i = 0; basin__view_style[i]; ++i)
        basin__view_put(html, basin__view_style[i]);
    basin__view_put(html,
        "</style>\n</head>\n<body>\n"
        "<svg class=\"defs\" aria-hidden=\"true\"><defs><marker id=\"tip\" "
        "viewBox=\"0 0 10 10\" refX=\"7\" refY=\"5\" markerWidth=\"7\" "
        "markerHeight=\"7\" orient=\"auto\"><path class=\"tip\" "
        "d=\"M0 1L9 5L0 9z\"/></marker></defs></svg>\n"
        "<header>\n<p class=\"kicker\">Basin, energy-based learning</p>\n"
        "<h1>Energy surfaces for <i>Y</i> = <i>X</i>&sup2;</h1>\n"
        "<p class=\"lead\">One scalar, the energy <i>E</i>(<i>Y</i>, "
        "<i>X</i>), scores how well an answer <i>Y</i> fits an observation "
        "<i>X</i>. To decide is to search for the lowest energy; to learn is "
        "to dig the energy down at the right answers and to keep it up at the "
        "others. The losses below differ in how they see to the second "
        "half.</p>\n</header>\n<nav aria-label=\"Contents\"><ul>\n");
    for (int i = 0; i < report->n_outcomes; ++i) {
        basin__view_putf(html, "<li><a href=\"#demo-%d\">", i + 1);
        put_title(html, &report->outcomes[i]);
        basin__view_put(html, "</a></li>\n");
    }
    basin__view_put(html,
        "<li><a href=\"#cost\">Cost</a></li>\n"
        "<li><a href=\"#growth\">Wrong answers</a></li>\n"
        "<li><a href=\"#outcomes\">All outcomes</a></li>\n"
        "<li><a href=\"#repeat\">How to repeat it</a></li>\n</ul></nav>\n");
}

/* ----------------------------------------------------------- demonstration */

static void figure(view_html *html, const view_buffer *bytes, const char *kind,
    const char *alt, const char *caption)
{
    if (!bytes->data || !bytes->size)
        return;
    basin__view_putf(html, "<figure><div class=\"%s\">", kind);
    basin__view_image(html, bytes, alt, "");
    basin__view_putf(
        html, "</div><figcaption>%s</figcaption></figure>\n", caption);
}

static void moving_picture(view_html *html, const view_outcome *o)
{
    if (!o->animation.data || !o->animation.size)
        return;
    basin__view_put(html, "<figure class=\"moving\">");
    basin__view_image(html, &o->animation,
        "Animation: the energy surface over X and Y while it is trained, from "
        "orange at the start to green at the end, with blue spheres on "
        "training samples",
        "");
    basin__view_put(html,
        "<figcaption>The surface while it learns, from orange (start) to "
        "green (end). Blue: some of the training samples, at their "
        "energies.</figcaption></figure>\n");
}

static void tiles(view_html *html, const view_outcome *o)
{
    basin__view_put(html, "<div class=\"tiles\">\n");
    tile(html, "mean error of the answer", o->mae);
    tile(html, "energy, right answer", o->energy_right);
    tile(html, "energy, most offending", o->energy_wrong);
    tile(html, "spread of the surface, start", o->surface_std_initial);
    tile(html, "spread of the surface, end", o->surface_std);
    tile(html, "final loss", o->final_loss);
    tile(html, "training samples a second", o->samples_per_second);
    tile(html, "seconds", o->seconds);
    basin__view_put(html, "</div>\n");
}

static void settings(view_html *html, const view_outcome *o)
{
    basin__view_putf(html,
        "<details open><summary>Settings of this run</summary>\n"
        "<dl class=\"set\">\n<div><dt>seed</dt><dd>%llu</dd></div>\n"
        "<div><dt>samples</dt><dd>%d</dd></div>\n"
        "<div><dt>epochs</dt><dd>%d</dd></div>\n",
        (unsigned long long)o->seed, o->samples, o->epochs);
    for (int i = 0; i < o->n_settings; ++i) {
        basin__view_put(html, "<div><dt>");
        basin__view_escape(html, o->settings[i].name);
        basin__view_put(html, "</dt><dd>");
        basin__view_escape(html, o->settings[i].value);
        basin__view_put(html, "</dd></div>\n");
    }
    basin__view_put(html, "</dl></details>\n");
}

static void demonstration(view_html *html, const view_outcome *o, int index)
{
    const view_story *story = basin__view_story(o->name);
    basin__view_putf(html,
        "<section class=\"demo\" id=\"demo-%d\">\n"
        "<p class=\"kicker\">Demonstration %d</p>\n<h2>",
        index + 1, index + 1);
    put_title(html, o);
    basin__view_putf(html, "</h2>\n<p class=\"lead\">%s</p>\n", story->lead);
    bool moves = o->animation.data && o->animation.size;
    basin__view_putf(html, "<div class=\"%s\">\n", moves ? "pair anim" : "");
    moving_picture(html, o);
    basin__view_put(html, "<div class=\"side\">");
    if (*story->math) {
        basin__view_put(html, "<div><h3>Architecture</h3>\n");
        basin__view_architecture(html, story);
        basin__view_put(
            html, "</div>\n<div><h3>Loss</h3>\n<div class=\"formula\">");
        basin__view_put(html, story->math);
        basin__view_put(html, "</div>\n<p class=\"legend\">");
        basin__view_put(html, story->legend);
        basin__view_put(html, "</p></div>");
    }
    basin__view_put(html, "</div>\n</div>\n");
    tiles(html, o);
    basin__view_put(html, "<h3>What happened, and why</h3>\n");
    basin__view_narrative(html, o);
    figure(html, &o->surface, "fit",
        "Two surfaces side by side at one scale: before training in orange, "
        "after training in green with blue spheres on training samples",
        "Before and after training, at one scale unless the picture says "
        "otherwise. Where walls grew out of the box they are cut at its top, "
        "and the picture says so.");
    figure(html, &o->contact, "scroll",
        "Eight moments of the training, side by side",
        "Eight moments of the training.");
    figure(html, &o->curves, "scroll",
        "Line charts over the epochs: the loss, and the energies of the right "
        "and of the most offending answers",
        "The loss, and the mean energies of the right and of the most "
        "offending answers, over the epochs.");
    settings(html, o);
    basin__view_put(html, "</section>\n");
}

/* -------------------------------------------------------------- comparisons */

static void cost(view_html *html, const view_report *report)
{
    const view_outcome *margin = basin__view_find(report, "margin");
    const view_outcome *nll = basin__view_find(report, "nll");
    char a[48], b[48], c[48];
    basin__view_put(html, "<section id=\"cost\">\n<h2>What the likelihood "
                          "costs</h2>\n<p>");
    double ratio = margin && nll
                       ? margin->samples_per_second / nll->samples_per_second
                       : (double)NAN;
    if (isfinite(ratio) && ratio > 0.0) {
        basin__view_putf(html,
            "The margin loss went through <b>%s</b> training samples a second, "
            "the likelihood through <b>%s</b>: ",
            basin__view_number(a, margin->samples_per_second),
            basin__view_number(b, nll->samples_per_second));
        if (ratio >= 1.05)
            basin__view_putf(html,
                "each step of the likelihood cost <b>%s</b> times as much. ",
                basin__view_number(c, ratio));
        else
            basin__view_put(html, "here the likelihood was not dearer. ");
        basin__view_put(html,
            "The margin loss looks for one wrong answer and learns from that; "
            "the likelihood has to learn from every answer of the integral.");
    } else {
        basin__view_put(html,
            "To compare the likelihood with the margin loss, run both: "
            "<code>basin demo all</code>.");
    }
    basin__view_put(html, "</p>\n");
    basin__view_speed_bars(html, report);
    basin__view_put(html, "</section>\n");
}

static void growth(view_html *html, const view_report *report)
{
    bool any = false;
    for (int i = 0; i < report->n_outcomes; ++i)
        any = any || basin__view_has_growth(&report->outcomes[i]);
    basin__view_put(html, "<section id=\"growth\">\n<h2>How the energies of "
                          "wrong answers grew</h2>\n");
    if (!any) {
        basin__view_put(html, "<p>No history was kept.</p>\n</section>\n");
        return;
    }
    basin__view_put(html, "<p>");
    for (int i = 0; i < report->n_outcomes; ++i) {
        const view_outcome *o = &report->outcomes[i];
        if (!basin__view_has_growth(o))
            continue;
        char a[48], b[48];
        put_title(html, o);
        basin__view_putf(html, ": from <b>%s</b> to <b>%s</b>. ",
            basin__view_number(a, o->history.energy_wrong[0]),
            basin__view_number(b, o->history.energy_wrong[o->history.n - 1]));
    }
    basin__view_put(html,
        "A margin loss stops pushing at its margin; a likelihood never does; a "
        "loss that only pulls has nothing that holds them up, unless the "
        "architecture does.</p>\n");
    basin__view_growth(html, report);
    basin__view_put(html, "</section>\n");
}

static void outcomes(view_html *html, const view_report *report)
{
    basin__view_put(html,
        "<section id=\"outcomes\">\n<h2>All outcomes</h2>\n"
        "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">"
        "demonstration</th><th scope=\"col\">seed</th>"
        "<th scope=\"col\">epochs</th><th scope=\"col\">mean error</th>"
        "<th scope=\"col\">energy, right</th>"
        "<th scope=\"col\">energy, wrong</th>"
        "<th scope=\"col\">spread, start</th>"
        "<th scope=\"col\">spread, end</th><th scope=\"col\">collapsed</th>"
        "<th scope=\"col\">final loss</th><th scope=\"col\">seconds</th>"
        "<th scope=\"col\">samples a second</th></tr></thead>\n<tbody>\n");
    for (int i = 0; i < report->n_outcomes; ++i) {
        const view_outcome *o = &report->outcomes[i];
        basin__view_put(html, "<tr><th scope=\"row\">");
        basin__view_escape(html, o->name);
        basin__view_putf(html, "</th><td>%llu</td><td>%d</td>",
            (unsigned long long)o->seed, o->epochs);
        cell(html, o->mae);
        cell(html, o->energy_right);
        cell(html, o->energy_wrong);
        cell(html, o->surface_std_initial);
        cell(html, o->surface_std);
        basin__view_putf(html, "<td>%s</td>", o->collapsed ? "yes" : "no");
        cell(html, o->final_loss);
        cell(html, o->seconds);
        cell(html, o->samples_per_second);
        basin__view_put(html, "</tr>\n");
    }
    basin__view_put(html,
        "</tbody></table></div>\n<p class=\"legend\">The mean error is that of "
        "the lowest-energy answer against <i>x</i>&sup2;, over 101 "
        "observations in [&minus;1, 1]. The spread is the standard deviation "
        "of the energy over 101 &times; 101 points of observations and answers "
        "in [&minus;0.5, 1.5]; a surface counts as collapsed when 5 % of its "
        "initial spread is left, or less.</p>\n</section>\n");
}

static void repeat(view_html *html, const view_report *report)
{
    basin__view_put(html,
        "<section id=\"repeat\">\n<h2>How to repeat it</h2>\n<pre><code>");
    basin__view_escape(
        html, report->command ? report->command : "basin demo all");
    basin__view_put(html,
        "</code></pre>\n<p>The same seed and settings give the same bits, on "
        "any number of threads. Each demonstration's folder beside this page "
        "holds its pictures, its history, its surface as numbers, and the "
        "model.</p>\n</section>\n<footer>Made by Basin ");
    basin__view_escape(html, report->version ? report->version : BASIN_VERSION);
    basin__view_put(html,
        ". Theory: Y. LeCun, S. Chopra, R. Hadsell, M. Ranzato and F. J. "
        "Huang, \u201cA Tutorial on Energy-Based Learning\u201d, "
        "2006.</footer>\n</body>\n</html>\n");
}

basin_status basin__view_report(
    view_buffer *out, const view_report *report, basin_error *error)
{
    out->data = NULL;
    out->size = 0;
    BASIN_REQUIRE(
        report->n_outcomes >= 1 && report->n_outcomes <= 16 && report->outcomes,
        error, BASIN_E_RANGE, "a report of %d demonstrations: 1 to 16",
        report->n_outcomes);
    view_html html = {0};
    head(&html, report);
    basin__view_put(&html, "<main>\n");
    for (int i = 0; i < report->n_outcomes; ++i)
        demonstration(&html, &report->outcomes[i], i);
    cost(&html, report);
    growth(&html, report);
    outcomes(&html, report);
    basin__view_put(&html, "</main>\n");
    repeat(&html, report);
    if (html.failed) {
        free(html.text);
        return basin_error_set(
            error, BASIN_E_MEMORY, "out of memory for the report");
    }
    out->data = (unsigned char *)html.text;
    out->size = html.size;
    return BASIN_OK;
}
