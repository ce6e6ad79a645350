/* SPDX-License-Identifier: MIT
 *
 * What happened and why, told in the figures of the run. The sentences follow
 * the numbers: where an outcome is not the expected one, they say so.
 */
#include "view/html.h"

#include <math.h>
#include <string.h>

/* An answer is "on the parabola" when the mean error is below this; the box
 * is 2 units high. */
#define MAE_GOOD 0.05

static void number(view_html *html, double value)
{
    char text[48];
    basin__view_putf(html, "<b>%s</b>", basin__view_number(text, value));
}

static double gap_of(const view_outcome *o)
{
    return o->energy_wrong - o->energy_right;
}

static void say_decision(view_html *html, const view_outcome *o)
{
    if (!isfinite(o->mae)) {
        basin__view_put(html,
            " The mean error of its answers is not finite: the training has "
            "diverged. A smaller learning rate may help.");
        return;
    }
    basin__view_put(html, " The answer of lowest energy lies on average ");
    number(html, o->mae);
    basin__view_put(html, " from <i>x</i>&sup2;");
    basin__view_put(
        html, o->mae <= MAE_GOOD
                  ? ": the valley follows the parabola."
                  : ", which is not on the parabola: with these settings the "
                    "training has not found it.");
}

static void say_spread(view_html *html, const view_outcome *o)
{
    basin__view_put(html, "The spread of the whole surface (its standard "
                          "deviation) went from ");
    number(html, o->surface_std_initial);
    basin__view_put(html, " to ");
    number(html, o->surface_std);
    double share = 100.0 * o->surface_std / o->surface_std_initial;
    if (isfinite(share) && o->surface_std_initial > 0.0) {
        basin__view_put(html, ", ");
        number(html, share);
        basin__view_put(html, " % of the start");
    }
    basin__view_put(html, ". ");
}

static void say_gap(view_html *html, const view_outcome *o)
{
    basin__view_put(html, "On average a right answer has the energy ");
    number(html, o->energy_right);
    basin__view_put(html, ", the most offending wrong one ");
    number(html, o->energy_wrong);
    basin__view_put(html, ": a gap of ");
    number(html, gap_of(o));
    basin__view_put(html, ". ");
}

static void regression(view_html *html, const view_outcome *o)
{
    basin__view_put(html,
        "<p>For each <i>X</i> the energy is a V in <i>Y</i>, whatever the "
        "weights are. Training can only move the bottom of the V, and moving "
        "it towards a right answer moves it away from the others; so pulling "
        "down is enough.");
    say_decision(html, o);
    basin__view_put(html, "</p>\n<p>");
    say_gap(html, o);
    double gap = gap_of(o);
    if (o->epsilon > 0.0 && isfinite(gap)) {
        basin__view_put(html, "The V has slope 1 and the wrong answer stands "
                              "at least ");
        number(html, o->epsilon);
        basin__view_put(html, " away, so a perfect fit gives just that gap");
        basin__view_put(html, fabs(gap - o->epsilon) <= 0.1 * o->epsilon
                                  ? ": the theory holds here."
                                  : "; this run is not there.");
    }
    basin__view_put(html, "</p>\n");
}

static void collapse(view_html *html, const view_outcome *o)
{
    basin__view_put(html,
        "<p>Both nets can move. The cheapest way to a low energy at the right "
        "answers is to make both outputs one and the same constant: then the "
        "energy is low everywhere, and the surface says nothing. ");
    say_spread(html, o);
    if (o->collapsed)
        basin__view_put(html, "The surface <b>has collapsed</b>.");
    else if (isfinite(o->surface_std))
        basin__view_put(html,
            "It counts as collapsed at 5 % or less, so this surface <b>has "
            "not collapsed</b> (yet): the loss allows it, but initial weights "
            "and time decide.");
    basin__view_put(html, "</p>\n<p>");
    say_gap(html, o);
    basin__view_put(html, "The final loss is ");
    number(html, o->final_loss);
    basin__view_put(html,
        o->collapsed ? ": a small loss is no sign of success, where the loss "
                       "does not look at wrong answers."
                     : ".");
    if (o->collapsed && isfinite(o->mae)) {
        basin__view_put(html, " What is left of the valley still puts the "
                              "lowest answer ");
        number(html, o->mae);
        basin__view_put(html, " from <i>x</i>&sup2; on average, but almost no "
                              "energy separates it from the rest.");
    }
    basin__view_put(html, "</p>\n");
}

static void margin(view_html *html, const view_outcome *o)
{
    basin__view_put(html,
        "<p>The second term pushes the most offending answer up until its "
        "energy reaches the margin");
    if (o->margin > 0.0) {
        basin__view_put(html, ", ");
        number(html, o->margin);
    }
    basin__view_put(
        html, ". A flat surface has it too low somewhere, so it pays: ");
    basin__view_put(html,
        o->collapsed ? "and yet this surface has collapsed, which this loss "
                       "should prevent."
                     : "the collapse is no longer the cheapest way.");
    say_decision(html, o);
    basin__view_put(html, "</p>\n<p>");
    say_gap(html, o);
    say_spread(html, o);
    basin__view_put(html, "</p>\n");
}

/* From two thirds of the training to its end. */
static bool last_third(const view_history *h, double *from, double *to)
{
    if (h->n < 3 || !h->energy_wrong)
        return false;
    *from = h->energy_wrong[(size_t)h->n * 2 / 3];
    *to = h->energy_wrong[h->n - 1];
    return isfinite(*from) && isfinite(*to);
}

static void nll(view_html *html, const view_outcome *o)
{
    basin__view_put(html,
        "<p>Every answer is pushed up, by its probability; the right one is "
        "pulled down. Where probability is left beside the right answer, the "
        "pushing goes on: the walls grow for as long as one trains.");
    double from = 0.0, to = 0.0;
    if (last_third(&o->history, &from, &to)) {
        basin__view_put(html,
            " In the last third of this training the energy of the most "
            "offending answer went from ");
        number(html, from);
        basin__view_put(html, " to ");
        number(html, to);
        basin__view_put(html, to > from ? ": it is still growing."
                                        : ": here it does not grow any more.");
    }
    say_decision(html, o);
    basin__view_put(html, "</p>\n<p>");
    say_gap(html, o);
    basin__view_put(html,
        "Only differences of energies enter this loss, so nothing drives the "
        "energy of the right answers to 0. ");
    if (o->collapsed)
        basin__view_put(html, "This surface has collapsed, which this loss "
                              "should prevent. ");
    say_spread(html, o);
    basin__view_put(html, "</p>\n");
}

static void other(view_html *html, const view_outcome *o)
{
    basin__view_put(html, "<p>");
    say_gap(html, o);
    say_spread(html, o);
    say_decision(html, o);
    basin__view_put(html, "</p>\n");
}

static bool diverged(const view_outcome *o)
{
    return !isfinite(o->final_loss) || !isfinite(o->energy_right) ||
           !isfinite(o->surface_std);
}

void basin__view_narrative(view_html *html, const view_outcome *o)
{
    static const struct {
        const char *name;
        void (*tell)(view_html *, const view_outcome *);
    } tellers[] = {{"regression", regression}, {"collapse", collapse},
        {"margin", margin}, {"nll", nll}};
    if (o->epochs < o->epochs_asked)
        basin__view_putf(html,
            "<p class=\"warn\">Interrupted after <b>%d</b> of %d epochs: all "
            "figures are of what was learnt until then.</p>\n",
            o->epochs, o->epochs_asked);
    if (diverged(o))
        basin__view_put(html,
            "<p class=\"warn\">Some figures are not finite: this training has "
            "diverged, and its pictures may have holes.</p>\n");
    for (size_t i = 0; o->name && i < sizeof tellers / sizeof *tellers; ++i) {
        if (strcmp(tellers[i].name, o->name) == 0) {
            tellers[i].tell(html, o);
            return;
        }
    }
    other(html, o);
}
