/* SPDX-License-Identifier: MIT
 *
 * The picture of a loss: the same bytes each time, nothing that it cannot draw
 * breaks it, and what does not fit is refused.
 */
#include "test_core.h"

#include "view/plane.h"

enum { SIDE = 33 };

static double loss[SIDE * SIDE];
static view_arrow arrows[4];

static view_plane plane_of(double (*f)(double ec, double ei))
{
    for (int i = 0; i < SIDE; i++)
        for (int k = 0; k < SIDE; k++)
            loss[i * SIDE + k] = f(i / 8.0 - 2, k / 8.0 - 2);
    for (int i = 0; i < 4; i++)
        arrows[i] =
            (view_arrow){i % 2 * 2 - 1, i / 2 * 2 - 1, f(i, 1), f(1, i)};
    static const double flat[] = {.5, 900};
    return (view_plane){.low = -2,
        .high = 2,
        .n = SIDE,
        .loss = loss,
        .n_arrows = 4,
        .arrows = arrows,
        .margin = 1,
        .n_flat = 2,
        .flat = flat,
        .has_flat_interval = true,
        .flat_low = -INFINITY,
        .flat_high = 1,
        .has_witness = true,
        .witness_ec = NAN,
        .witness_ei = 0,
        .title = "a loss",
        .formula = "L = a formula that is so long that it has to be set in a "
                   "smaller size to fit beside the picture and its key at all",
        .verdict = NULL};
}

static double hinge(double ec, double ei)
{
    return fmax(0, 1 + ec - ei);
}

static double nowhere(double ec, double ei)
{
    return ec > ei ? NAN : INFINITY;
}

static double flat(double ec, double ei)
{
    (void)ec;
    (void)ei;
    return 3;
}

static double huge(double ec, double ei)
{
    return exp(300 * (ec - ei));
}

static void anything_is_drawn(void **state)
{
    (void)state;
    double (*const all[])(double, double) = {hinge, nowhere, flat, huge};
    for (int i = 0; i < COUNT(all); i++) {
        const view_plane plane = plane_of(all[i]);
        view_buffer one = {0}, two = {0};
        MUST(basin__view_plane(&one, &plane, 684, 474, &error));
        MUST(basin__view_plane(&two, &plane, 684, 474, &error));
        assert_int_equal(one.size, two.size);
        assert_memory_equal(one.data, two.data, one.size);
        assert_memory_equal(one.data, "\x89PNG\r\n\x1a\n", 8);
        basin__view_buffer_free(&one);
        basin__view_buffer_free(&two);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    view_buffer out = {0};
    view_plane plane = plane_of(hinge);
    MUST_FAIL(basin__view_plane(&out, &plane, 100, 100, &error), BASIN_E_RANGE,
        "does not fit");
    plane.n = 1;
    MUST_FAIL(basin__view_plane(&out, &plane, 684, 474, &error), BASIN_E_RANGE,
        "does not fit");
    plane.n = SIDE;
    plane.high = plane.low;
    MUST_FAIL(basin__view_plane(&out, &plane, 684, 474, &error), BASIN_E_RANGE,
        "does not fit");
    assert_null(out.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(anything_is_drawn),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
