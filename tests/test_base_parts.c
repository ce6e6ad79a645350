/* SPDX-License-Identifier: MIT
 *
 * Parts by name: the registry and what it refuses, their parameters and the
 * messages about them, and the nearest right name.
 */
#include "base/context.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define inf          ((double)INFINITY)
#define not_a_number ((double)NAN)

static basin_context *open_context(void)
{
    basin_context *ctx = NULL;
    assert_int_equal(basin__context_init(&ctx, NULL, NULL), BASIN_OK);
    return ctx;
}

static const basin_param params[] = {
    {"margin", "", 0, 1e6, 1, .open_low = true, .help = "how far"},
    {"steps", "", 1, 1000, 10, .integer = true, .help = "how often"},
    {"mode", "", 0, 0, 1, .choices = "plain|fast|exact", .help = "how"},
    {"beta", "", 0, inf, 1, .help = "how cold"},
};

static const basin_part gadget = {"square-square", "a loss", "", "", params, 4};

static void expect(basin_status got, basin_status want, const basin_error *e,
    const char *message)
{
    assert_int_equal(got, want);
    if (message)
        assert_string_equal(e->message, message);
}

/* ---------------------------------------------------------------- registry */

static void test_registry(void **state)
{
    (void)state;
    basin_context *ctx = open_context();
    basin_error e;
    const basin_part *found = &gadget;
    expect(basin_find(&found, ctx, BASIN_KIND_LOSS, "nll", &e), BASIN_E_NAME,
        &e, "no loss is called 'nll'; none is registered");
    assert_null(found);
    static const basin_part second = {"nll", "", "", "", NULL, 0};
    assert_int_equal(
        basin_register(ctx, BASIN_KIND_LOSS, &gadget, &e), BASIN_OK);
    assert_int_equal(
        basin_register(ctx, BASIN_KIND_LOSS, &second, &e), BASIN_OK);
    expect(basin_register(ctx, BASIN_KIND_LOSS, &gadget, &e), BASIN_E_ARGUMENT,
        &e, "the name 'square-square' is taken by another loss");
    assert_int_equal(
        basin_register(ctx, BASIN_KIND_ENERGY, &gadget, &e), BASIN_OK);
    assert_int_equal(
        basin_find(&found, ctx, BASIN_KIND_LOSS, "nll", &e), BASIN_OK);
    assert_ptr_equal(found, &second);
    expect(basin_find(&found, ctx, BASIN_KIND_LOSS, "sqare-square", &e),
        BASIN_E_NAME, &e,
        "no loss is called 'sqare-square'; did you mean 'square-square'?");
    expect(basin_find(&found, ctx, BASIN_KIND_LOSS, "perceptron", &e),
        BASIN_E_NAME, &e,
        "no loss is called 'perceptron'; there are: square-square, nll");
    expect(basin_find(&found, ctx, (basin_kind)6, "nll", &e), BASIN_E_ARGUMENT,
        &e, NULL);
    assert_ptr_equal(basin_part_at(ctx, BASIN_KIND_LOSS, 1), &second);
    assert_null(basin_part_at(ctx, BASIN_KIND_LOSS, 2));
    assert_null(basin_part_at(ctx, BASIN_KIND_LOSS, -1));
    assert_null(basin_part_at(ctx, (basin_kind)-1, 0));
    assert_string_equal(basin_kind_name(BASIN_KIND_OPTIMISER), "optimiser");
    basin__context_finish(ctx);
}

static void test_register_refuses(void **state)
{
    (void)state;
    basin_context *ctx = open_context();
    const basin_param good = params[0];
    basin_param bad[2] = {good, good};
    basin_part part = {"x", "", "", "", bad, 2};
#define REFUSED()                                                              \
    assert_int_equal(                                                          \
        basin_register(ctx, BASIN_KIND_COST, &part, NULL), BASIN_E_ARGUMENT)
    REFUSED(); /* two of one name */
    part.n_params = 1;
    bad[0].initial = 0; /* the open end */
    REFUSED();
    bad[0].initial = 2e6;
    REFUSED();
    bad[0].initial = not_a_number;
    REFUSED();
    bad[0] = params[1];
    bad[0].initial = 2.5;
    REFUSED();
    bad[0] = params[2];
    bad[0].initial = 3;
    REFUSED();
    bad[0] = good;
    bad[0].help = NULL;
    REFUSED();
    bad[0] = good;
    bad[0].high = -1;
    REFUSED();
    bad[0] = good;
    bad[0].name = "a=b";
    REFUSED();
    bad[0] = good;
    part.n_params = BASIN_PARAMS_MAX + 1;
    REFUSED();
    part.n_params = -1;
    REFUSED();
    part.n_params = 1;
    part.summary = NULL;
    REFUSED();
    part.summary = "";
    part.name = "";
    REFUSED();
    part.name = "x";
    part.params = NULL;
    REFUSED();
    part.params = bad;
#undef REFUSED
    assert_int_equal(
        basin_register(ctx, BASIN_KIND_COST, NULL, NULL), BASIN_E_ARGUMENT);
    assert_int_equal(
        basin_register(ctx, BASIN_KIND_COST, &part, NULL), BASIN_OK);
    basin__context_finish(ctx);
}

/* -------------------------------------------------------------- parameters */

static void test_settings(void **state)
{
    (void)state;
    double v[4];
    basin_error e;
    assert_int_equal(basin_part_settings(v, &gadget, NULL, 0, &e), BASIN_OK);
    assert_true(v[0] == 1 && v[1] == 10 && v[2] == 1 && v[3] == 1);
    const basin_setting good[] = {
        {"steps", 20}, {"beta", inf}, {"steps", 30}, {"mode", 2}};
    assert_int_equal(basin_part_settings(v, &gadget, good, 4, &e), BASIN_OK);
    assert_true(v[0] == 1 && v[1] == 30 && v[2] == 2 && isinf(v[3]));
    static const struct {
        basin_setting setting;
        basin_status status;
        const char *message;
    } bad[] = {
        {{"margin", -1}, BASIN_E_RANGE,
            "margin must be above 0 and at most 1e6; got -1"},
        {{"margin", 0}, BASIN_E_RANGE, NULL},
        {{"margin", not_a_number}, BASIN_E_RANGE,
            "margin must be a number; got nan"},
        {{"margin", inf}, BASIN_E_RANGE, NULL},
        {{"beta", -0.5}, BASIN_E_RANGE, "beta must be at least 0; got -0.5"},
        {{"steps", 2.5}, BASIN_E_RANGE,
            "steps must be a whole number; got 2.5"},
        {{"steps", 0}, BASIN_E_RANGE,
            "steps must be a whole number from 1 to 1000; got 0"},
        {{"mode", 3}, BASIN_E_RANGE, NULL},
        {{"mode", 0.5}, BASIN_E_RANGE, NULL},
        {{"margni", 1}, BASIN_E_NAME,
            "'square-square' has no parameter 'margni'; did you mean "
            "'margin'?"},
        {{"zzz", 1}, BASIN_E_NAME,
            "'square-square' has no parameter 'zzz'; there are: margin, "
            "steps, mode, beta"},
        {{NULL, 1}, BASIN_E_NAME, NULL},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect(basin_part_settings(v, &gadget, &bad[i].setting, 1, &e),
            bad[i].status, &e, bad[i].message);
    const basin_part none = {"none", "", "", "", NULL, 0};
    expect(basin_part_settings(v, &none, good, 1, &e), BASIN_E_NAME, &e,
        "'none' has no parameters; got 'steps'");
}

static void test_parse(void **state)
{
    (void)state;
    basin_setting s;
    basin_error e;
    assert_int_equal(
        basin_part_parse(&s, &gadget, "margin=2.5e-1", &e), BASIN_OK);
    assert_ptr_equal(s.name, params[0].name);
    assert_true(s.value == 0.25);
    static const char *const words[] = {
        "mode=plain", "mode=fast", "mode=exact"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(basin_part_parse(&s, &gadget, words[i], &e), BASIN_OK);
        assert_true(s.value == i);
    }
    static const struct {
        const char *text;
        basin_status status;
        const char *message;
    } bad[] = {
        {"margin", BASIN_E_FORMAT, "expected name=value; got 'margin'"},
        {"=1", BASIN_E_FORMAT, NULL},
        {"margin=", BASIN_E_FORMAT, "margin must be a number; got ''"},
        {"margin=1x", BASIN_E_FORMAT, "margin must be a number; got '1x'"},
        {"margin=nan", BASIN_E_RANGE, "margin must be a number; got nan"},
        {"margin=1e7", BASIN_E_RANGE,
            "margin must be above 0 and at most 1e6; got 1e7"},
        {"marg=1", BASIN_E_NAME, NULL},
        {"mode=fats", BASIN_E_RANGE,
            "mode must be plain, fast or exact; got 'fats'; did you mean "
            "'fast'?"},
        {"mode=fas", BASIN_E_RANGE, NULL},
        {"mode=1", BASIN_E_RANGE, "mode must be plain, fast or exact; got '1'"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect(basin_part_parse(&s, &gadget, bad[i].text, &e), bad[i].status,
            &e, bad[i].message);
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const names[] = {
        "square-square", "nll", "perceptron", "hinge"};
    static const struct {
        const char *typed, *meant;
    } cases[] = {
        {"hinge", "hinge"},
        {"higne", "hinge"},
        {"hing", "hinge"},
        {"hinges", "hinge"},
        {"NLL", "nll"},
        {"nl", "nll"},
        {"nnl", "nll"},
        {"mce", NULL},
        {"percpetrn", "perceptron"},
        {"perc", NULL},
        {"", NULL},
        {"hxngx", NULL},
        {"square-square-square-square-square-square-square-square-square-sq",
            NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *found = basin_nearest(cases[i].typed, names, 4);
        if (cases[i].meant) {
            assert_non_null(found);
            assert_string_equal(found, cases[i].meant);
        } else {
            assert_null(found);
        }
    }
    assert_null(basin_nearest("x", NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registry),
        cmocka_unit_test(test_register_refuses),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
