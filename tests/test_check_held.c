/* SPDX-License-Identifier: MIT
 *
 * Losses that were held back while the check was built: their verdicts were
 * derived by hand first, each beside its row, with d = E_I - E_C, and the check
 * saw them last. None was changed since.
 */
#include "test_check.h"

/* Hinges of all sorts: 0 from some d on, more before. */
static const check_row hinges[] = {
    {"max(0, 1+ec-ei) + max(0, 1-ei)^2", '+', "m", 1},
    {"max(0, 1+ec-ei) + max(0, 2-ei)^2", ' ', "m", 1},
    {"max(0, 2+ec-ei)^0.5", ' ', "m", 2},
    {"min(max(0, 1+ec-ei), 3)", ' ', "m", 1},
    {"max(0, .5+ec-ei) + max(0, 1.5+ec-ei)^2", ' ', "m", 1.5},
    {"max(0, ec - ei + .2)/.2", ' ', "m", .2},
    {"max(-1, ec - ei)", ' ', "m", 1},
    {"-min(1, ei - ec)", ' ', "m", 1},
    {"log(1 + max(0, 1+ec-ei))", ' ', "m", 1},
    {"max(0, ec-ei)^1.5", ' ', "0", 0},
    /* ei^2 - ec^2 = d (2 ec + d) is 1 at any d > 0, for ec large */
    {"max(0, 1 + ec^2 - ei^2)", '+', "0", 0},
};

/* A pull and a push: 0 at ec = 0 and ei at m or more. */
static const check_row pairs[] = {
    {"sqrt(ec) + max(0, 1-ei)", '+', "m", 1},
    {".1*ec + max(0, 1-ei)", '+', "m", 1},
    {"ec + 5*max(0, .25-ei)", '+', "m", .25},
    {"max(ec, 1-ei)", '+', "m", 1}, /* (1 - mu)/2 on the line */
    {"max(ec, -ei)", ' ', ">0", 0}, /* at least (ec - ei)/2 > -mu/2 */
    {"abs(ec-2) + abs(ei-5)", '+', "m", 3},
    {"(1 + ec - ei)^2", ' ', "m", 1},  /* 0 at d = 1 alone */
    {"(1 + ec - ei)^3", ' ', ">0", 0}, /* -inf, against (1 - mu)^3 */
};

/* Pushes that never end. */
static const check_row endless[] = {
    {"log(exp(ec) + exp(1-ei))", ' ', ">0", 0}, /* line: 2 e^((1 - mu)/2) */
    {"log(exp(ec) + exp(1-ei))", '+', ">0", 0},
    {"ec^2 - tanh(ei)", '+', ">0", 0}, /* -1, against -tanh mu or so */
    {"ec^2 - tanh(ei)", ' ', ">0", 0},
    {"ec - tanh(ei)", ' ', "0", 0}, /* ec alone leads to -inf */
    {"log(1+ec) + exp(-ei)", '+', ">0", 0},
    {"log(1 + exp(2*(1+ec-ei)))/2", ' ', ">0", 0},
    {"1/(1 + exp(3*(ei-ec)))^2", ' ', ">0", 0},
    {"exp(ec)*(1 + exp(-ei))", ' ', ">0", 0}, /* 0, against e^-mu */
    {"exp(ec)*(1 + exp(-ei))", '+', ">0", 0},
    {"exp(ec)*exp(-.5*ei)", ' ', "0", 0},  /* line: e^(ei/2 - mu) falls to 0 */
    {"exp(ec)*exp(-.5*ei)", '+', ">0", 0}, /* e^(-mu/2) at ec = 0 */
    {"tanh(ec) - tanh(ei)", ' ', ">0", 0}, /* -2, against -2 tanh(mu/2) */
    {"tanh(ec) - tanh(ei)", '+', ">0", 0},
    {"max(ec - ei, .5*(ec-ei))", ' ', ">0", 0},
};

/* Quotients, whose infima come slowly. */
static const check_row quotients[] = {
    {"ec/(1+ec) + 1/(1+ei)", '+', ">0", 0},
    {"ec/(1+ec)/(1+ei)", '+', "0", 0}, /* 0 at ec = 0 whatever ei is */
    {"(ec^2+1)/(ei+1)", '+', ">0", 0},
    {"(ec+1)/(ei+1)", '+', ">0", 0}, /* 0, against 1/(1 + mu) */
    {"ec + ei^-1", '+', ">0", 0}, {"ec^2 + 1/sqrt(ei)", '+', ">0", 0},
    {"log(ec^2+1) - log(ei^2+1)", '+', ">0", 0},
    {"log(ec^2+1) - log(ei^2+1)", ' ', "none", 0}, /* pulls ei < 0 down */
};

static void hinges_end_at_their_margin(void **state)
{
    (void)state;
    check_rows(hinges, COUNT(hinges));
}

static void pairs_end_at_theirs(void **state)
{
    (void)state;
    check_rows(pairs, COUNT(pairs));
}

static void others_do_not_end(void **state)
{
    (void)state;
    check_rows(endless, COUNT(endless));
}

static void quotients_come_slowly(void **state)
{
    (void)state;
    check_rows(quotients, COUNT(quotients));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hinges_end_at_their_margin),
        cmocka_unit_test(pairs_end_at_theirs),
        cmocka_unit_test(others_do_not_end),
        cmocka_unit_test(quotients_come_slowly),
    };
    return cmocka_run_group_tests(tests, open_context, close_context);
}
