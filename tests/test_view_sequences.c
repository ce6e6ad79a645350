/* SPDX-License-Identifier: MIT
 *
 * The pictures of sequences: lattices and confusion matrices. That they are
 * pictures of the right size, show what they were given in its colour, and
 * refuse what cannot be drawn.
 */
#include "test_png.h"

enum { T = 3, L = 2 };

static const char *const names[] = {"B-NP", "I-NP"};
static const char *const words[] = {"the", "small", "dog"};
static double node[T * L], step[(T - 1) * L * L];

static view_lattice sure_lattice(void)
{
    static const int32_t best[T] = {0, 1, 1};
    memset(node, 0, sizeof node);
    memset(step, 0, sizeof step);
    for (int t = 0; t < T; t++) {
        node[t * L + best[t]] = 1;
        if (t > 0)
            step[((t - 1) * L + best[t - 1]) * L + best[t]] = 1;
    }
    return (view_lattice){.length = T,
        .labels = L,
        .names = names,
        .words = words,
        .node = node,
        .step = step,
        .best = best,
        .title = "a file",
        .caption = "sequence 1"};
}

static census count(view_buffer *png)
{
    census c = count_png(png, 0, 1);
    basin__view_buffer_free(png);
    return c;
}

static census draw_lattice(const view_lattice *v)
{
    view_buffer png;
    basin_error error = {0};
    assert_int_equal(basin__view_lattice(&png, v, &error), BASIN_OK);
    return count(&png);
}

static void lattices_show_paths(void **state)
{
    (void)state;
    view_lattice v = sure_lattice();
    const census right = draw_lattice(&v);
    assert_true(right.green > 300 && right.blue > 300);
    assert_int_equal(right.red, 0);
    static const int32_t given[T] = {0, 0, 1};
    v.given = given;
    const census wrong = draw_lattice(&v);
    assert_true(wrong.red > 100);
    assert_true(wrong.green > 300);
    /* nothing likely: the same rings, and hardly any blue */
    memset(node, 0, sizeof node);
    memset(step, 0, sizeof step);
    assert_true(draw_lattice(&v).blue < wrong.blue / 2);
    static const float picture[T * 4] = {1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0};
    v.pictures = picture;
    v.picture_rows = v.picture_columns = 2;
    assert_int_equal(draw_lattice(&v).height, wrong.height + 72);
}

static void confusions_show_errors(void **state)
{
    (void)state;
    int64_t counts[4] = {9, 0, 0, 5};
    view_confusion v = {2, names, counts, "a file", NULL};
    view_buffer png;
    basin_error error = {0};
    assert_int_equal(basin__view_confusion(&png, &v, &error), BASIN_OK);
    const census right = count(&png);
    assert_true(right.green > 2000);
    assert_int_equal(right.red, 0);
    counts[1] = 9;
    assert_int_equal(basin__view_confusion(&png, &v, &error), BASIN_OK);
    const census wrong = count(&png);
    assert_true(wrong.red > 500);
    assert_true(wrong.green < right.green);
    assert_int_equal(wrong.width, right.width);
    memset(counts, 0, sizeof counts);
    assert_int_equal(basin__view_confusion(&png, &v, &error), BASIN_OK);
    assert_int_equal(count(&png).green, 0);
}

static void what_is_too_large_is_refused(void **state)
{
    (void)state;
    view_buffer png;
    basin_error error = {0};
    view_lattice v = sure_lattice();
    v.length = 61;
    assert_int_equal(basin__view_lattice(&png, &v, &error), BASIN_E_RANGE);
    assert_non_null(strstr(error.message, "61 positions"));
    v.length = 0;
    assert_int_equal(basin__view_lattice(&png, &v, &error), BASIN_E_RANGE);
    const view_confusion c = {.labels = 41};
    assert_int_equal(basin__view_confusion(&png, &c, &error), BASIN_E_RANGE);
    assert_non_null(strstr(error.message, "41 labels"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lattices_show_paths),
        cmocka_unit_test(confusions_show_errors),
        cmocka_unit_test(what_is_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
