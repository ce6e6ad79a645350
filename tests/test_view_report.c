/* SPDX-License-Identifier: MIT
 *
 * The report: that it tells the figures it was given, stands alone, escapes
 * what comes from outside, and says so when something went wrong.
 */
#include "view/view.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static unsigned char png_bytes[] =
    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x03";

static view_outcome outcome(const char *name)
{
    static double epochs[4] = {0, 1, 2, 3}, wrong[4] = {1.5, 4.25, 6.5, 8.75};
    static const view_setting settings[] = {
        {"rate", "0.003"}, {"a <b>\"tag\"</b>", "x & 'y'"}};
    view_outcome o = {.name = name,
        .seed = 18446744073709551615u,
        .samples = 200,
        .epochs = 300,
        .epochs_asked = 300,
        .seconds = 0.517,
        .samples_per_second = 116054.0,
        .mae = 0.00731,
        .energy_right = 0.0213,
        .energy_wrong = 1.94,
        .surface_std = 0.827,
        .surface_std_initial = 0.219,
        .final_loss = 0.0000354,
        .margin = 2.0,
        .epsilon = 0.3,
        .beta = 1.0};
    o.history = (view_history){4, epochs, NULL, NULL, wrong};
    o.n_settings = 2;
    o.settings = settings;
    o.surface = (view_buffer){png_bytes, sizeof png_bytes};
    return o;
}

static view_buffer page_of(const view_outcome *outcomes, int n)
{
    view_report report = {
        "9.8.7", "basin demo all --out \"<dir>\"", n, outcomes};
    view_buffer page = {0};
    basin_error error = {0};
    assert_int_equal(basin__view_report(&page, &report, &error), BASIN_OK);
    assert_int_equal(strlen((char *)page.data), page.size);
    return page;
}

static bool has(const view_buffer *page, const char *text)
{
    return strstr((const char *)page->data, text) != NULL;
}

static void the_report_tells_all_figures(void **state)
{
    (void)state;
    view_outcome all[] = {outcome("regression"), outcome("collapse"),
        outcome("margin"), outcome("nll")};
    all[1].collapsed = true;
    all[3].samples_per_second = 29013.5;
    view_buffer page = page_of(all, 4);
    static const char *const figures[] = {"0.00731", "0.0213", "1.94", "0.827",
        "0.219", "3.54\u00a0\u00d7\u00a010\u207b\u2075", "0.517",
        "116\u2009054", "29\u2009014", "18446744073709551615", "0.003", "8.75",
        "9.8.7", "has collapsed", "<math", "<svg",
        "data:image/png;base64,iVBORw0KGgo", "<b>4</b> times as much",
        "still growing"};
    for (size_t i = 0; i < sizeof figures / sizeof *figures; ++i) {
        if (!has(&page, figures[i]))
            print_message("missing: %s\n", figures[i]);
        assert_true(has(&page, figures[i]));
    }
    basin__view_buffer_free(&page);
}

static void the_report_stands_alone(void **state)
{
    (void)state;
    view_outcome one = outcome("margin");
    view_buffer page = page_of(&one, 1);
    static const char *const never[] = {"http:", "https:", "<script", "@import",
        "url(/", "src=\"/", "<b>\"tag\"", "\"<dir>\"", "javascript:"};
    for (size_t i = 0; i < sizeof never / sizeof *never; ++i)
        assert_false(has(&page, never[i]));
    assert_true(has(&page, "a &lt;b&gt;&quot;tag&quot;&lt;/b&gt;"));
    assert_true(has(&page, "x &amp; &#39;y&#39;"));
    assert_true(has(&page, "&quot;&lt;dir&gt;&quot;"));
    assert_true(has(&page, "run both"));
    assert_true(has(&page, "prefers-color-scheme"));
    assert_true(has(&page, "prefers-reduced-motion"));
    assert_true(has(&page, "@media print"));
    basin__view_buffer_free(&page);
}

/* Every element that is opened is closed, in order. */
static void the_report_is_well_formed(void **state)
{
    (void)state;
    view_outcome all[] = {outcome("regression"), outcome("collapse"),
        outcome("margin"), outcome("nll"), outcome("my <own>")};
    view_buffer page = page_of(all, 5);
    char stack[64][16];
    int depth = 0;
    for (char *p = (char *)page.data; (p = strchr(p, '<')) != NULL; ++p) {
        char name[16] = {0}, *end = strchr(p, '>');
        assert_non_null(end);
        bool closing = p[1] == '/';
        const char *at = p + (closing ? 2 : 1);
        if (*at == '!')
            continue;
        for (int i = 0; i < 15 && strchr(" />\n", *at) == NULL; ++i)
            name[i] = *at++;
        if (end[-1] == '/' || !strcmp(name, "meta") || !strcmp(name, "link") ||
            !strcmp(name, "img"))
            continue;
        if (!closing) {
            assert_true(depth < 64);
            strcpy(stack[depth++], name);
            continue;
        }
        assert_true(depth > 0);
        assert_string_equal(stack[--depth], name);
    }
    assert_int_equal(depth, 0);
    basin__view_buffer_free(&page);
}

static void the_report_says_what_went_wrong(void **state)
{
    (void)state;
    static const char *const names[] = {
        "regression", "collapse", "margin", "nll", NULL};
    for (int i = 0; i < 5; ++i) {
        view_outcome o = outcome(names[i]);
        o.mae = o.final_loss = o.surface_std = (double)NAN;
        o.energy_right = -HUGE_VAL;
        o.samples_per_second = HUGE_VAL;
        o.epochs = 17;
        o.history = (view_history){0};
        o.settings = NULL;
        o.n_settings = 0;
        o.surface = (view_buffer){NULL, 0};
        view_buffer page = page_of(&o, 1);
        assert_true(has(&page, "not finite"));
        assert_true(has(&page, "Interrupted after <b>17</b> of 300"));
        assert_true(has(&page, "diverged"));
        assert_false(has(&page, "nan") && has(&page, ">nan"));
        assert_false(has(&page, "<img"));
        basin__view_buffer_free(&page);
    }
    view_outcome o = outcome("collapse");
    view_buffer page = page_of(&o, 1);
    assert_true(has(&page, "not collapsed</b> (yet)"));
    basin__view_buffer_free(&page);
    o = outcome("margin");
    o.mae = 0.4;
    page = page_of(&o, 1);
    assert_true(has(&page, "not on the parabola"));
    basin__view_buffer_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_report_tells_all_figures),
        cmocka_unit_test(the_report_stands_alone),
        cmocka_unit_test(the_report_is_well_formed),
        cmocka_unit_test(the_report_says_what_went_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
