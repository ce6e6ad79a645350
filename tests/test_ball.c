/* SPDX-License-Identifier: MIT
 *
 * Numbers of 512 bits: against float64, against themselves by identities that
 * must hold to 2^-400, and the errors that they promise.
 */
#include "test_core.h"

#include "base/ball.h"

typedef void (*operation)(
    basin__ball *, const basin__ball *, const basin__ball *);

static basin__ball of(double x)
{
    return basin__ball_of(x);
}

/* Is |a - b| below 2^exponent, and within the errors? */
static void same(const basin__ball *a, const basin__ball *b, int64_t exponent)
{
    basin__ball gap, none = of(0);
    basin__ball_sub(&gap, a, b);
    basin__ball_abs(&gap);
    if (gap.kind > BASIN__FINITE ||
        (gap.kind == BASIN__FINITE && gap.exponent > exponent))
        fail_msg("%.17g and %.17g differ by 2^%lld", basin__ball_double(a),
            basin__ball_double(b), (long long)gap.exponent);
    assert_false(basin__ball_below(&none, &gap));
}

static void doubles_pass_through(void **state)
{
    (void)state;
    static const double numbers[] = {
        0, 1, -1, .1, -3e300, 5e-324, 2.5e-308, 1e-310, 1.7976931348623157e308};
    for (int i = 0; i < COUNT(numbers); i++) {
        const basin__ball b = of(numbers[i]);
        assert_true(basin__ball_double(&b) == numbers[i]);
    }
    basin__ball b = of(INFINITY);
    assert_true(isinf(basin__ball_double(&b)));
    b = of(NAN);
    assert_true(isnan(basin__ball_double(&b)));
    b = basin__ball_power(-3);
    assert_true(basin__ball_double(&b) == .125);
}

static void they_count_as_doubles_do(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 2000; i++) {
        const double x = core_number(1, i, -9, 9), y = core_number(2, i, -9, 9);
        const basin__ball a = of(x), b = of(y);
        const operation all[] = {basin__ball_add, basin__ball_sub,
            basin__ball_mul, basin__ball_div, basin__ball_max, basin__ball_min};
        const double right[] = {
            x + y, x - y, x * y, x / y, fmax(x, y), fmin(x, y)};
        for (int k = 0; k < COUNT(all); k++) {
            basin__ball c;
            all[k](&c, &a, &b);
            assert_near(
                basin__ball_double(&c), right[k], 4e-16 * fabs(right[k]));
        }
        assert_int_equal(basin__ball_order(&a, &b), x < y ? -1 : x > y);
        void (*const functions[])(basin__ball *) = {basin__ball_exp,
            basin__ball_tanh, basin__ball_sigmoid, basin__ball_abs};
        const double values[] = {exp(x), tanh(x), basin_sigmoid(x), fabs(x)};
        for (int k = 0; k < COUNT(functions); k++) {
            basin__ball c = a;
            functions[k](&c);
            assert_near(
                basin__ball_double(&c), values[k], 2e-15 * fabs(values[k]));
        }
    }
}

static void identities_hold_to_the_last_digits(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 60; i++) {
        const double scale = ldexp(1, (int)(i % 30) * 4 - 60);
        const basin__ball a = of(scale * core_number(3, i, .1, 9));
        const basin__ball b = of(core_number(4, i, .1, 9));
        basin__ball c, d;
        basin__ball_add(&c, &a, &b); /* (a + b) - b = a */
        basin__ball_sub(&c, &c, &b);
        same(&c, &a, a.exponent - 350);
        basin__ball_div(&c, &a, &b); /* (a / b) b = a */
        basin__ball_mul(&c, &c, &b);
        same(&c, &a, a.exponent - 480);
        c = a; /* exp(log a) = a */
        basin__ball_log(&c);
        basin__ball_exp(&c);
        same(&c, &a, a.exponent - 460);
        c = a; /* sqrt(a)^2 = a */
        basin__ball_sqrt(&c);
        basin__ball_mul(&c, &c, &c);
        same(&c, &a, a.exponent - 470);
        basin__ball_mul(&c, &b, &b); /* sqrt(b^2) = b, exactly */
        basin__ball_sqrt(&c);
        same(&c, &b, -470);
        c = b; /* e^b e^-b = 1 */
        d = b;
        basin__ball_negate(&d);
        basin__ball_exp(&c);
        basin__ball_exp(&d);
        basin__ball_mul(&c, &c, &d);
        d = of(1);
        same(&c, &d, -460);
        d = of(2.5); /* b^2.5 = b^2 sqrt(b) */
        basin__ball_pow(&c, &b, &d);
        d = b;
        basin__ball_sqrt(&d);
        basin__ball_mul(&d, &d, &b);
        basin__ball_mul(&d, &d, &b);
        same(&c, &d, -440);
    }
}

/* What this file is for: 1 - tanh(64) is 2 e^-128. */
static void small_differences_are_seen(void **state)
{
    (void)state;
    const basin__ball one = of(1);
    basin__ball t = of(64), e = of(-128), two = of(2), c;
    basin__ball_tanh(&t);
    assert_true(basin__ball_below(&t, &one));
    assert_false(basin__ball_below(&one, &t));
    basin__ball_sub(&c, &one, &t);
    basin__ball_exp(&e);
    basin__ball_mul(&e, &e, &two);
    assert_near(basin__ball_double(&c) / basin__ball_double(&e), 1, 1e-15);
    /* and what is out of reach is not taken for a difference */
    t = of(5000);
    basin__ball_tanh(&t);
    assert_false(basin__ball_below(&t, &one));
    assert_false(basin__ball_below(&one, &t));
}

static void ends_are_kept(void **state)
{
    (void)state;
    const basin__ball zero = of(0), one = of(1), minus = of(-1);
    basin__ball c;
    basin__ball_div(&c, &minus, &zero);
    assert_true(c.kind == BASIN__INFINITE && c.negative);
    basin__ball_div(&c, &zero, &zero);
    assert_int_equal(c.kind, BASIN__NAN);
    assert_false(basin__ball_below(&c, &one));
    assert_false(basin__ball_below(&one, &c));
    c = zero;
    basin__ball_log(&c);
    assert_true(c.kind == BASIN__INFINITE && c.negative);
    assert_true(basin__ball_below(&c, &minus));
    c = minus;
    basin__ball_log(&c);
    assert_int_equal(c.kind, BASIN__NAN);
    c = minus;
    basin__ball_sqrt(&c);
    assert_int_equal(c.kind, BASIN__NAN);
    c = basin__ball_power(70);
    basin__ball_exp(&c);
    assert_true(c.kind == BASIN__INFINITE && !c.negative);
    c = basin__ball_power(70);
    basin__ball_negate(&c);
    basin__ball_exp(&c);
    assert_true(basin__ball_double(&c) == 0);
    c = basin__ball_power(40); /* far beyond doubles, and back */
    basin__ball_exp(&c);
    assert_true(c.kind == BASIN__FINITE && isinf(basin__ball_double(&c)));
    basin__ball_log(&c);
    assert_true(basin__ball_double(&c) == ldexp(1, 40));
    basin__ball three = of(3);
    basin__ball_pow(&c, &minus, &three);
    assert_true(basin__ball_double(&c) == -1);
    basin__ball_pow(&c, &zero, &minus);
    assert_int_equal(c.kind, BASIN__INFINITE);
    basin__ball half = of(.5);
    basin__ball_pow(&c, &minus, &half);
    assert_int_equal(c.kind, BASIN__NAN);
    basin__ball_pow(&c, &zero, &half);
    assert_int_equal(c.kind, BASIN__ZERO);
}

/* (x + 2^-300) - x is 2^-300; in a sum with 2^600 it is lost, and said so. */
static void what_is_lost_is_said(void **state)
{
    (void)state;
    const basin__ball tiny = basin__ball_power(-300);
    const basin__ball large = basin__ball_power(600);
    basin__ball x = of(7), c;
    basin__ball_add(&c, &x, &tiny);
    assert_true(c.error == BASIN__EXACT && basin__ball_below(&x, &c));
    basin__ball_sub(&c, &c, &x);
    assert_int_equal(basin__ball_order(&c, &tiny), 0);
    basin__ball_add(&c, &large, &tiny);
    assert_true(c.error > BASIN__EXACT);
    assert_false(basin__ball_below(&large, &c));
    basin__ball_sub(&c, &c, &large);
    assert_false(basin__ball_below(&c, &tiny) || basin__ball_below(&tiny, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_pass_through),
        cmocka_unit_test(they_count_as_doubles_do),
        cmocka_unit_test(identities_hold_to_the_last_digits),
        cmocka_unit_test(small_differences_are_seen),
        cmocka_unit_test(ends_are_kept),
        cmocka_unit_test(what_is_lost_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
