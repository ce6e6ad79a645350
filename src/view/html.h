/* SPDX-License-Identifier: MIT
 *
 * A page that grows in memory: raw text, escaped text, numbers as people
 * write them, and pictures as data. Internal to src/view.
 */
#ifndef BASIN_VIEW_HTML_H
#define BASIN_VIEW_HTML_H

#include "view/view.h"

/** A failed allocation is remembered, and everything after it is ignored. */
typedef struct view_html {
    char *text;
    size_t size, capacity;
    bool failed;
} view_html;

/** Markup as it is. */
void basin__view_put(view_html *html, const char *markup);
/** Markup with numbers, or with text that is known to need no escape. */
void basin__view_putf(view_html *html, const char *format, ...)
    BASIN_PRINTF(2, 3);
/** Text from outside: & < > " ' are escaped; NULL is nothing. */
void basin__view_escape(view_html *html, const char *text);
/** `<img>` with the bytes inside; nothing where the buffer is empty. */
void basin__view_image(view_html *html, const view_buffer *bytes,
    const char *alt, const char *class_name);

/** Three significant digits, thousands apart, powers of ten raised; or
 *  "not finite". @param out at least 48 bytes @return out */
const char *basin__view_number(char out[48], double value);

/* The parts of the report, each in a file of its own. */

/** What is known of a demonstration by its name. */
typedef struct view_story {
    const char *name, *title, *lead;
    bool dual;          /**< two nets, or one */
    const char *math;   /**< its loss, as MathML */
    const char *legend; /**< what the symbols mean, as HTML */
} view_story;

/** Never NULL: an unknown name gets a story without formula. */
const view_story *basin__view_story(const char *name);
/** What happened and why, as paragraphs, in the figures of this run. */
void basin__view_narrative(view_html *html, const view_outcome *outcome);

void basin__view_architecture(view_html *html, const view_story *story);
/** Bars: samples a second. */
void basin__view_speed_bars(view_html *html, const view_report *report);
/** Curves: the energy of wrong answers over the epochs. */
void basin__view_growth(view_html *html, const view_report *report);
/** Is there a history of wrong answers to draw? */
bool basin__view_has_growth(const view_outcome *outcome);

/** The style sheet in pieces; NULL ends it. */
extern const char *const basin__view_style[];

/** The outcome of this name, or NULL. */
const view_outcome *basin__view_find(
    const view_report *report, const char *name);

#endif
