/* SPDX-License-Identifier: MIT
 *
 * Losses as text: what binds how, values and derivatives, what is refused, at
 * which column and with what advice; and the expressions of the losses that
 * are built in, which must say what they compute.
 */
#define CORE_THREADS 1
#include "test_context.h"

#include "loss/expression.h"

/* The value at ec = 3, ei = 2, with m = 5 where there is an m. */
static double value_of(const char *text)
{
    basin_expression *q = NULL;
    MUST(basin_expression_create(&q, ctx, text, &error));
    if (basin__expression_find(q, "m") >= 0)
        MUST(basin_expression_set(q, "m", 5, &error));
    const double value = basin_expression_value(q, 3, 2, NULL, NULL);
    const basin__ball ec = basin__ball_of(3), ei = basin__ball_of(2);
    basin__ball ball;
    basin__expression_ball(&ball, q, &ec, &ei);
    const double same = basin__ball_double(&ball);
    if (!(fabs(same - value) <= 1e-12 * fabs(value)) && same != value)
        assert_true(isnan(same) && isnan(value));
    basin_expression_destroy(q);
    return value;
}

static void operators_bind_as_in_books(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } table[] = {
        {"ec", 3},
        {"ei", 2},
        {"m", 5},
        {"ec - ei - 1", 0},
        {"ec/ei/2", .75},
        {"1 + ec*ei", 7},
        {"-ec^2", -9},
        {"(-ec)^2", 9},
        {"2^-1", .5},
        {"2^3^2", 512},
        {"(2^3)^2", 64},
        {"2*-ec", -6},
        {"- - ec", 3},
        {"-+-ec", 3},
        {"2^-ei^2", .0625},
        {"-2^-2", -.25},
        {"(ec)", 3},
        {"max(1, ec, ei)", 3},
        {"min(ec, ei, m, -1)", -1},
        {"max(0, m+ec-ei)^2", 36},
        {"abs(ei-ec)", 1},
        {"sqrt(ec*ec)", 3},
        {"exp(0)", 1},
        {"log(exp(ei))", 2},
        {"tanh(0)", 0},
        {"sigmoid(0)", .5},
        {"1.5e1", 15},
        {".5", .5},
        {"5.", 5},
        {" ec\t+\n1 ", 4},
        {"ec^0", 1},
        {"(ei-2)^2", 0},
        {"(-1)^3", -1},
        {"ec/(ei-2)", INFINITY},
        {"(ei-2)/(ei-2)", NAN},
        {"log(-ec)", NAN},
        {"max(0, log(-ec))", NAN},
        {"(-ec)^.5", NAN},
        {"exp_ + m_1", 2},
    };
    for (int i = 0; i < COUNT(table); i++) {
        const double got = value_of(table[i].text);
        if (isnan(table[i].value) ? !isnan(got)
                                  : !(got == table[i].value ||
                                        fabs(got - table[i].value) < 1e-12))
            fail_msg("%s is %g, not %g", table[i].text, got, table[i].value);
    }
}

static void parameters_are_all_other_names(void **state)
{
    (void)state;
    basin_expression *q = NULL;
    MUST(basin_expression_create(
        &q, ctx, "kappa*exp(-beta*ei) + kappa*ec", &error));
    assert_string_equal(basin_expression_param(q, 0), "kappa");
    assert_string_equal(basin_expression_param(q, 1), "beta");
    assert_null(basin_expression_param(q, 2));
    assert_null(basin_expression_param(q, -1));
    assert_true(basin_expression_setting(q, 0) == 1);
    MUST(basin_expression_set(q, "kappa", 3, &error));
    assert_near(basin_expression_value(q, 2, 0, NULL, NULL), 9, 1e-12);
    MUST_FAIL(basin_expression_set(q, "kapa", 1, &error), BASIN_E_NAME,
        "no parameter 'kapa'; did you mean 'kappa'?");
    MUST_FAIL(basin_expression_set(q, "zzz", 1, &error), BASIN_E_NAME,
        "it has 'kappa' and others");
    MUST_FAIL(
        basin_expression_set(q, "beta", NAN, &error), BASIN_E_RANGE, "finite");
    basin_expression_destroy(q);
    MUST(basin_expression_create(&q, ctx, "ec - ei", &error));
    MUST_FAIL(basin_expression_set(q, "m", 1, &error), BASIN_E_NAME,
        "has no parameters; got 'm'");
    basin_expression_destroy(q);
    basin_expression_destroy(NULL);
}

static void derivatives_are_those_of_values(void **state)
{
    (void)state;
    static const char *const texts[] = {"ec*ei + ec/ei", "ec^3 - ei^-2",
        "ec^ei", "2^(ec - ei)", "exp(ec)*log(ei)", "sqrt(ec + ei^2)",
        "tanh(ec - ei)", "sigmoid(2*ec - ei)^2", "abs(ec - ei)",
        "max(ec, ei, ec*ei)", "min(ec^2, ei)", "-log(1 + exp(ec - ei))",
        "ec^1.5/(1 + ei)"};
    for (int i = 0; i < COUNT(texts); i++) {
        basin_expression *q = NULL;
        MUST(basin_expression_create(&q, ctx, texts[i], &error));
        for (uint64_t k = 0; k < 50; k++) {
            const double c = core_number(1, k, .3, 2), h = 1e-5;
            const double e = core_number(2, k, .3, 2);
            double d_c, d_i;
            basin_expression_value(q, c, e, &d_c, &d_i);
            const double n_c = (basin_expression_value(q, c + h, e, 0, 0) -
                                   basin_expression_value(q, c - h, e, 0, 0)) /
                               (2 * h);
            const double n_i = (basin_expression_value(q, c, e + h, 0, 0) -
                                   basin_expression_value(q, c, e - h, 0, 0)) /
                               (2 * h);
            assert_near(d_c, n_c, 1e-7 * (1 + fabs(n_c)));
            assert_near(d_i, n_i, 1e-7 * (1 + fabs(n_i)));
        }
        basin_expression_destroy(q);
    }
}

/* Far out, where float64 keeps the slope of what it cannot tell from 1. */
static void small_slopes_are_not_lost(void **state)
{
    (void)state;
    basin_expression *q = NULL;
    double d_c, d_i;
    MUST(basin_expression_create(&q, ctx, "tanh(ec - ei)", &error));
    basin_expression_value(q, 0, 64, &d_c, &d_i);
    assert_near(d_c / (4 * exp(-128)), 1, 1e-12);
    assert_near(d_i / (4 * exp(-128)), -1, 1e-12);
    basin_expression_destroy(q);
}

static void mistakes_have_a_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int column;
        basin_status status;
        const char *says;
    } table[] = {
        {"", 1, BASIN_E_FORMAT, "empty"},
        {"  ", 1, BASIN_E_FORMAT, "empty"},
        {"ec +", 5, BASIN_E_FORMAT, "ends where"},
        {"ec + * ei", 6, BASIN_E_FORMAT, "missing before '*'"},
        {"ec ** 2", 5, BASIN_E_FORMAT, "powers are written with ^"},
        {"(ec", 1, BASIN_E_FORMAT, "never closed"},
        {"max(0, ec", 4, BASIN_E_FORMAT, "never closed"},
        {"ec)", 3, BASIN_E_FORMAT, "closes nothing"},
        {"2ec", 2, BASIN_E_FORMAT, "operator is missing before 'e'"},
        {"ec ei", 4, BASIN_E_FORMAT, "operator is missing before 'e'"},
        {"(ec ei)", 5, BASIN_E_FORMAT, "operator or ')' is missing"},
        {"ec(2)", 3, BASIN_E_FORMAT, "operator is missing after 'ec'"},
        {"1 + mx(ec, 2)", 5, BASIN_E_NAME, "did you mean 'max'?"},
        {"sin(ec)", 1, BASIN_E_NAME, "did you mean 'min'?"},
        {"relu(ec)", 1, BASIN_E_NAME, "there are max, min, exp"},
        {"E_C - ei", 1, BASIN_E_NAME, "did you mean 'ec'?"},
        {"ec - EI", 6, BASIN_E_NAME, "did you mean 'ei'?"},
        {"ec + max", 6, BASIN_E_FORMAT, "'max' is a function: max(a, b)"},
        {"exp", 1, BASIN_E_FORMAT, "exp(a)"},
        {"exp(ec, ei)", 8, BASIN_E_FORMAT, "takes 1 argument"},
        {"ec - max(ei)", 6, BASIN_E_FORMAT, "two arguments or more"},
        {"max()", 5, BASIN_E_FORMAT, "missing before ')'"},
        {"ec - .", 6, BASIN_E_FORMAT, "number is missing"},
        {"ec # 2", 4, BASIN_E_FORMAT, "missing before '#'"},
        {"ec \xe2\x88\x92 ei", 4, BASIN_E_FORMAT, "before '\xe2\x88\x92'"},
        {"ec + \xe2\x88\x9e", 6, BASIN_E_FORMAT, "does not belong here"},
        {"\xce\xb2*ec + *", 1, BASIN_E_FORMAT, "does not belong here"},
        {"ec + 1e999", 6, BASIN_E_FORMAT, "too large"},
        {"ec\x01", 3, BASIN_E_FORMAT, "\\x01"},
        {"a_name_that_is_longer_than_any_has_to_be", 1, BASIN_E_FORMAT,
            "at most 31"},
    };
    for (int i = 0; i < COUNT(table); i++) {
        basin_expression *q = NULL;
        MUST_FAIL(basin_expression_create(&q, ctx, table[i].text, &error),
            table[i].status, table[i].says);
        assert_null(q);
        if (error.column != table[i].column || error.line != 1)
            fail_msg("%s: column %d, not %d", table[i].text, error.column,
                table[i].column);
    }
}

static void too_much_is_refused(void **state)
{
    (void)state;
    char text[8192];
    basin_expression *q = NULL;
    memset(text, '(', 200);
    strcpy(text + 200, "ec");
    MUST_FAIL(basin_expression_create(&q, ctx, text, &error), BASIN_E_FORMAT,
        "nested too deeply");
    memset(text, '-', 200);
    MUST_FAIL(basin_expression_create(&q, ctx, text, &error), BASIN_E_FORMAT,
        "nested too deeply");
    text[0] = 0;
    for (int i = 0; i < 200; i++)
        strcat(text, "1+(2+");
    MUST_FAIL(basin_expression_create(&q, ctx, text, &error), BASIN_E_FORMAT,
        "nested too deeply");
    strcpy(text, "ec");
    for (int i = 0; i < 600; i++)
        strcat(text, "+ec");
    MUST_FAIL(basin_expression_create(&q, ctx, text, &error), BASIN_E_FORMAT,
        "too long");
    strcpy(text, "ec");
    for (int i = 0; i < BASIN_PARAMS_MAX + 1; i++)
        sprintf(text + strlen(text), "+p%d", i);
    MUST_FAIL(basin_expression_create(&q, ctx, text, &error), BASIN_E_FORMAT,
        "one parameter too many");
    text[strlen(text) - strlen("+p24")] = 0;
    MUST(basin_expression_create(&q, ctx, text, &error));
    basin_expression_destroy(q);
}

/* ----------------------------------------------------- the built-in losses */

static void compare(const basin_loss *loss, const char *text)
{
    const basin_loss_type *type = basin_loss_entry(loss);
    basin_expression *q = NULL;
    MUST(basin_expression_create(&q, ctx, text, &error));
    for (int i = 0; i < type->part.n_params; i++)
        if (basin__expression_find(q, type->part.params[i].name) >= 0)
            MUST(basin_expression_set(q, type->part.params[i].name,
                basin_loss_settings(loss)[i], &error));
    if (basin__expression_find(q, "others") >= 0)
        MUST(basin_expression_set(q, "others", 0, &error));
    const double low = type->domain == BASIN_DOMAIN_ANY ? -4 : .01;
    for (uint64_t k = 0; k < 300; k++) {
        const double c = core_number(5, k, low, 4);
        const double e = core_number(6, k, low, 4);
        double d[2], n[2];
        const double v = basin_expression_value(q, c, e, &n[0], &n[1]);
        assert_near(basin_loss_on_plane(loss, c, e, &d[0], &d[1]), v,
            1e-11 * (1 + fabs(v)));
        assert_near(d[0], n[0], 1e-9 * (1 + fabs(n[0])));
        assert_near(d[1], n[1], 1e-9 * (1 + fabs(n[1])));
    }
    basin_expression_destroy(q);
}

/* With the defaults, and with each parameter at another value. */
static void expressions_say_what_losses_compute(void **state)
{
    (void)state;
    const basin_part *part;
    int said = 0;
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_LOSS, i)); i++) {
        const char *text =
            ((const basin_loss_type *)(const void *)part)->expression;
        if (!text) /* the check then goes by the function itself */
            continue;
        said++;
        for (int k = -1; k < part->n_params; k++) {
            basin_setting s = {0};
            if (k >= 0) {
                s.name = part->params[k].name;
                s.value = part->params[k].integer ? 2 : 1.75;
            }
            basin_loss *loss = NULL;
            MUST(basin_loss_create(
                &loss, ctx, part->name, &s, k < 0 ? 0 : 1, &error));
            compare(loss, text);
            basin_loss_destroy(loss);
        }
    }
    assert_true(said >= 19);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators_bind_as_in_books),
        cmocka_unit_test(parameters_are_all_other_names),
        cmocka_unit_test(derivatives_are_those_of_values),
        cmocka_unit_test(small_slopes_are_not_lost),
        cmocka_unit_test(mistakes_have_a_place),
        cmocka_unit_test(too_much_is_refused),
        cmocka_unit_test(expressions_say_what_losses_compute),
    };
    return cmocka_run_group_tests(tests, open_context, close_context);
}
