/* SPDX-License-Identifier: MIT
 *
 * The laboratory's page: a table of all losses, and a card for each that was
 * trained.
 */
#include "view/lab.h"

#include "view/draw.h"
#include "view/html.h"

#include <math.h>
#include <stdlib.h>

static const char *const tones[] = {"", " good", " bad", " doubt"};

/* clang-format off */
static const char *const style[] = {
".good{color:var(--green)}.bad{color:var(--red)}.doubt{color:var(--orange)}\n"
".why{color:var(--soft);text-align:left;white-space:normal}\n"
"table .w{text-align:left;white-space:nowrap}tbody th{vertical-align:middle}"
"\n"
"tbody td a,tbody th a{text-decoration:none}\n"
".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(19rem,"
"1fr));gap:1.4rem;margin:1.4rem 0}\n"
".card{border:1px solid var(--rule);border-radius:10px;padding:1rem 1.1rem;"
"min-width:0}\n"
".card h3{color:var(--ink);font-size:1.12rem;margin:0}\n"
".card p{margin:.3rem 0;font-size:.86rem;line-height:1.45}\n"
".card code{font-size:.8rem;color:var(--soft);overflow-wrap:anywhere}\n"
".card figure{margin:.8rem 0 0}.card svg{display:block;width:100%;height:"
"auto}\n"
".plane .win{fill:var(--blue);opacity:.1}.plane .lose{fill:var(--orange);"
"opacity:.12}\n"
".plane .edge{stroke:var(--soft);fill:none}.plane .line{stroke:var(--ink);"
"stroke-width:1.4;fill:none}\n"
".plane .flow{stroke:var(--soft);stroke-width:1;opacity:.75;fill:none}"
".plane .still{fill:var(--soft);opacity:.75}\n"
".plane .path{stroke:var(--purple);stroke-width:2.6;fill:none;"
"stroke-linejoin:round;stroke-linecap:round}\n"
".plane .from{fill:var(--orange);stroke:var(--paper);stroke-width:1.5}"
".plane .to{fill:var(--green);stroke:var(--paper);stroke-width:1.5}\n"
".plane text{fill:var(--soft);font-size:12px}\n"
".key{font-size:.86rem;color:var(--soft);max-width:48rem}\n"
".dot{display:inline-block;width:.72em;height:.72em;border-radius:50%;"
"margin:0 .25em 0 .1em}\n"
"@media print{.card{break-inside:avoid}}\n",
NULL};
/* clang-format on */

/* -------------------------------------------------------------------- head */

static void put_style(view_html *html)
{
    basin__view_put(html, "<style>\n");
    for (int i = 0; basin__view_style[i]; i++)
        basin__view_put(html, basin__view_style[i]);
    for (int i = 0; style[i]; i++)
        basin__view_put(html, style[i]);
    basin__view_put(html, "</style>\n");
}

static int trained(const view_lab *lab)
{
    int n = 0;
    for (int i = 0; i < lab->n_rows; i++)
        n += !lab->rows[i].why;
    return n;
}

static void head(view_html *html, const view_lab *lab)
{
    char seconds[48];
    basin__view_put(html,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
        "<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">\n<title>");
    basin__view_escape(html, lab->model);
    basin__view_put(html, ": one model, every loss</title>\n<link rel=\"icon\" "
                          "href=\"data:,\">\n");
    put_style(html);
    basin__view_put(html,
        "</head>\n<body>\n<header>\n<p class=\"kicker\">Basin, the loss "
        "laboratory</p>\n<h1>");
    basin__view_escape(html, lab->model);
    basin__view_putf(html,
        "</h1>\n<p class=\"lead\">One model, trained from the same weights "
        "under %d losses: the same samples in the same order, the same "
        "optimiser and the same inference. Only the loss differs.</p>\n"
        "<p class=\"key\">Seed %llu, %d samples, %d epochs; %s seconds in "
        "all.</p>\n",
        trained(lab), (unsigned long long)lab->seed, lab->samples, lab->epochs,
        basin__view_number(seconds, lab->seconds));
    if (lab->interrupted)
        basin__view_put(html, "<p class=\"warn\">It was interrupted: these "
                              "losses were finished by then.</p>\n");
    basin__view_put(html, "</header>\n");
}

/* ------------------------------------------------------------------- table */

static void number(view_html *html, double value)
{
    char text[48];
    if (isnan(value))
        basin__view_put(html, "<td>&ndash;</td>");
    else
        basin__view_putf(html, "<td>%s</td>", basin__view_number(text, value));
}

static void word(view_html *html, const char *text, view_tone tone)
{
    basin__view_putf(html, "<td class=\"w%s\">", tones[tone]);
    basin__view_escape(html, text);
    basin__view_put(html, "</td>");
}

static void row(view_html *html, const view_lab_row *r, int index)
{
    basin__view_put(html, "<tr><th scope=\"row\">");
    if (r->why) {
        basin__view_escape(html, r->loss);
        basin__view_put(html, "</th><td class=\"why\" colspan=\"9\">Not "
                              "trained: ");
        basin__view_escape(html, r->why);
        basin__view_put(html, "</td></tr>\n");
        return;
    }
    basin__view_putf(html, "<a href=\"#loss-%d\">", index + 1);
    basin__view_escape(html, r->loss);
    basin__view_put(html, "</a></th>");
    word(html, r->energy, VIEW_TONE_PLAIN);
    word(html, r->verdict, r->verdict_tone);
    word(html, r->outcome, r->outcome_tone);
    number(html, r->error);
    number(html, r->gap);
    number(html, r->e_right);
    number(html, r->e_wrong);
    number(html, r->spread);
    number(html, r->step * 1e6);
    basin__view_put(html, "</tr>\n");
}

/* What some losses were given, and why. */
static void helped(view_html *html, const view_lab *lab)
{
    bool bounded = false, small = false;
    for (int i = 0; i < lab->n_rows; i++) {
        bounded = bounded || lab->rows[i].bounded;
        small = small || lab->rows[i].kept_small;
    }
    if (bounded)
        basin__view_put(html,
            "<p class=\"key\">This energy can be below 0. A loss that supposes "
            "that it cannot was given softplus(E) = log(1 + exp(E)) instead; "
            "the order of the answers is the same.</p>\n");
    if (small)
        basin__view_put(html,
            "<p class=\"key\">A loss that falls for ever as the right answer "
            "wins was given an end: to it is added, for each energy that it "
            "asks for, half the size times its square.</p>\n");
}

static void table(view_html *html, const view_lab *lab)
{
    char first[48];
    basin__view_put(html,
        "<section id=\"table\">\n<h2>All losses</h2>\n<div class=\"wide\">"
        "<table>\n<thead><tr><th scope=\"col\">loss</th><th scope=\"col\" "
        "class=\"w\">energy</th><th scope=\"col\" "
        "class=\"w\">margins it can reach</th><th scope=\"col\" "
        "class=\"w\">what came out</th><th scope=\"col\">");
    basin__view_escape(html, lab->error_name);
    basin__view_put(html,
        "</th><th scope=\"col\">gap</th><th scope=\"col\">energy, right</th>"
        "<th scope=\"col\">energy, wrong</th><th scope=\"col\">spread left"
        "</th><th scope=\"col\">&micro;s a step</th></tr></thead>\n<tbody>\n");
    for (int i = 0; i < lab->n_rows; i++)
        row(html, &lab->rows[i], i);
    basin__view_put(html, "</tbody></table></div>\n<p class=\"key\">The error "
                          "is judged on ");
    basin__view_escape(html, lab->judged);
    basin__view_putf(html,
        "; before training it was %s. The gap is the lowest wrong answer's "
        "energy less the right one's, a mean over a few samples; below 0 wrong "
        "answers win. The spread is the standard deviation of the energy over "
        "answers, as a part of what it was at first; a surface of 5 %% or less "
        "has gone flat. A step is one update of the weights. Which margins a "
        "loss can reach is judged by the conditions on losses alone, without a "
        "model (<code>basin check-loss</code>).</p>\n",
        basin__view_number(first, lab->error_at_first));
    helped(html, lab);
    basin__view_put(html, "</section>\n");
}

/* ------------------------------------------------------------------- plane */

enum { SIDE = 260, LEFT = 58, TOP = 8 };

static double across(const view_lab_row *r, double ec)
{
    return LEFT + SIDE * (ec - r->low) / (r->high - r->low);
}

static double up(const view_lab_row *r, double ei)
{
    return TOP + SIDE * (r->high - ei) / (r->high - r->low);
}

static void arrow(
    view_html *html, const view_lab_row *r, const view_arrow *a, double most)
{
    const double size = hypot(a->d_ec, a->d_ei);
    const double x = across(r, a->ec), y = up(r, a->ei);
    if (!isfinite(size))
        return;
    const double length = most > 0 ? 26 * sqrt(size / most) : 0;
    if (length < 1.5) {
        basin__view_putf(html,
            "<circle class=\"still\" cx=\"%.1f\" cy=\"%.1f\" r=\"1.2\"/>", x,
            y);
        return;
    }
    const double dx = a->d_ec / size * length, dy = -a->d_ei / size * length;
    const double hx = .3 * dx, hy = .3 * dy;
    basin__view_putf(html,
        "<path class=\"flow\" d=\"M%.1f %.1fL%.1f %.1fL%.1f %.1fM%.1f "
        "%.1fL%.1f %.1f\"/>",
        x - dx / 2, y - dy / 2, x + dx / 2, y + dy / 2,
        x + dx / 2 - hx - .5 * hy, y + dy / 2 - hy + .5 * hx, x + dx / 2,
        y + dy / 2, x + dx / 2 - hx + .5 * hy, y + dy / 2 - hy - .5 * hx);
}

static void arrows(view_html *html, const view_lab_row *r)
{
    double most = 0;
    for (int i = 0; i < r->n_arrows; i++) {
        const double size = hypot(r->arrows[i].d_ec, r->arrows[i].d_ei);
        most = isfinite(size) ? fmax(most, size) : most;
    }
    for (int i = 0; i < r->n_arrows; i++)
        arrow(html, r, &r->arrows[i], most);
    basin__view_put(html, "\n");
}

static void path(view_html *html, const view_lab_row *r)
{
    int last = r->n_path - 1;
    basin__view_put(html, "<path class=\"path\" d=\"");
    for (int i = 0; i < r->n_path; i++)
        basin__view_putf(html, "%c%.1f %.1f", i ? 'L' : 'M',
            across(r, r->path_c[i]), up(r, r->path_i[i]));
    basin__view_putf(html,
        "\"/>\n<circle class=\"from\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>"
        "<circle class=\"to\" cx=\"%.1f\" cy=\"%.1f\" r=\"5\"/>\n",
        across(r, r->path_c[0]), up(r, r->path_i[0]),
        across(r, r->path_c[last]), up(r, r->path_i[last]));
}

static void ticks(view_html *html, const view_lab_row *r)
{
    const view_ticks t = basin__view_ticks(r->low, r->high, 4);
    for (int i = 0; i < t.n; i++) {
        char text[32];
        const double e = t.first + i * t.step;
        basin__view_tick_text(text, sizeof text, &t, i);
        basin__view_putf(html,
            "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>"
            "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
            across(r, e), TOP + SIDE + 16, text, LEFT - 6, up(r, e) + 4, text);
    }
    basin__view_putf(html,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">E of the right "
        "answer</text><text transform=\"translate(12 %d) rotate(-90)\" "
        "text-anchor=\"middle\">E of the worst wrong answer</text>\n",
        LEFT + SIDE / 2, TOP + SIDE + 34, TOP + SIDE / 2);
}

static void plane(view_html *html, const view_lab_row *r)
{
    const int right = LEFT + SIDE, bottom = TOP + SIDE;
    if (r->n_path < 1)
        return;
    basin__view_putf(html,
        "<figure><svg class=\"plane\" viewBox=\"0 0 %d %d\" role=\"img\" "
        "aria-label=\"The path of training in the plane of the two energies: "
        "from %.3g and %.3g to %.3g and %.3g\">\n",
        right + 10, bottom + 42, r->path_c[0], r->path_i[0],
        r->path_c[r->n_path - 1], r->path_i[r->n_path - 1]);
    basin__view_putf(html,
        "<path class=\"win\" d=\"M%d %dV%dH%dz\"/><path class=\"lose\" "
        "d=\"M%d %dV%dH%dz\"/>\n",
        LEFT, bottom, TOP, right, right, TOP, bottom, LEFT);
    arrows(html, r);
    basin__view_putf(html,
        "<path class=\"line\" d=\"M%d %dL%d %d\"/><rect class=\"edge\" "
        "x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
        LEFT, bottom, right, TOP, LEFT, TOP, SIDE, SIDE);
    path(html, r);
    ticks(html, r);
    basin__view_put(html, "</svg></figure>\n");
}

/* ------------------------------------------------------------------- cards */

static void card(view_html *html, const view_lab_row *r, int index)
{
    char alt[160];
    basin__view_putf(
        html, "<article class=\"card\" id=\"loss-%d\">\n<h3>", index + 1);
    basin__view_escape(html, r->loss);
    basin__view_put(html, "</h3>\n<p><code>");
    basin__view_escape(html, r->formula);
    if (r->params && *r->params) {
        basin__view_put(html, "; ");
        basin__view_escape(html, r->params);
    }
    basin__view_put(html, "</code><br>Energy: ");
    basin__view_escape(html, r->energy);
    basin__view_putf(html, "</p>\n<p><b class=\"%s\">", tones[r->outcome_tone]);
    basin__view_escape(html, r->outcome);
    basin__view_put(html, "</b>");
    if (r->note) {
        basin__view_put(html, ". ");
        basin__view_escape(html, r->note);
    }
    basin__view_put(html, "</p>\n");
    if (r->surface.data) {
        basin_format(alt, sizeof alt,
            "The surface of the energy after training under %s", r->loss);
        basin__view_put(html, "<figure>");
        basin__view_image(html, &r->surface, alt, "");
        basin__view_put(html, "</figure>\n");
    }
    plane(html, r);
    basin__view_put(html, "</article>\n");
}

static void cards(view_html *html, const view_lab *lab)
{
    basin__view_put(html,
        "<section id=\"cards\">\n<h2>Side by side</h2>\n<p class=\"key\">"
        "Each picture below has scales of its own. In the plane, <span "
        "class=\"dot\" style=\"background:var(--orange)\"></span>is where "
        "training began and <span class=\"dot\" "
        "style=\"background:var(--green)\"></span>where it ended, as means "
        "over a few samples; above the diagonal the right answer wins. The "
        "small arrows are the loss's own descent: where it would move the two "
        "energies, were they free. The path departs from them, for all answers "
        "to all samples share one set of weights.</p>\n");
    basin__view_put(html, "<div class=\"cards\">\n");
    if (lab->before.data) {
        basin__view_put(html, "<article class=\"card\"><h3>Before training"
                              "</h3>\n<p>The weights that all losses start "
                              "from.</p><figure>");
        basin__view_image(
            html, &lab->before, "The surface before training", "");
        basin__view_put(html, "</figure></article>\n");
    }
    for (int i = 0; i < lab->n_rows; i++)
        if (!lab->rows[i].why)
            card(html, &lab->rows[i], i);
    basin__view_put(html, "</div>\n</section>\n");
}

static void foot(view_html *html, const view_lab *lab)
{
    basin__view_put(html, "<section id=\"repeat\">\n<h2>How to repeat it</h2>"
                          "\n<pre><code>");
    basin__view_escape(html, lab->command);
    basin__view_put(html, "</code></pre>\n<p>The same seed gives the same "
                          "bits, on any number of threads; only the seconds "
                          "differ.</p>\n</section>\n<footer>Made by Basin ");
    basin__view_escape(html, lab->version);
    basin__view_put(html,
        ". Theory: Y. LeCun, S. Chopra, R. Hadsell, M. Ranzato and F. J. "
        "Huang, \u201cA Tutorial on Energy-Based Learning\u201d, "
        "2006.</footer>\n</body>\n</html>\n");
}

basin_status basin__view_lab(
    view_buffer *out, const view_lab *lab, basin_error *error)
{
    view_html html = {0};
    *out = (view_buffer){0};
    head(&html, lab);
    basin__view_put(&html, "<main>\n");
    table(&html, lab);
    if (trained(lab))
        cards(&html, lab);
    basin__view_put(&html, "</main>\n");
    foot(&html, lab);
    if (html.failed) {
        free(html.text);
        return basin_error_set(
            error, BASIN_E_MEMORY, "out of memory for the page");
    }
    out->data = (unsigned char *)html.text;
    out->size = html.size;
    return BASIN_OK;
}
