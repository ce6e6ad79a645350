/* SPDX-License-Identifier: MIT
 *
 * The check of losses that are typed in: verdicts that were derived by hand,
 * for the tutorial's losses and for those of no table.
 */
#include "test_check.h"

/* The typed ones: of the table again, and with the sign that it prints. */
static const check_row typed[] = {
    {"max(0, 1 + ec - ei)", ' ', "m", 1},
    {"ec^2 + max(0, 1-ei)^2", '+', "m", 1},
    {"ec^2 - max(0, 1-ei)^2", '+', "none", 0}, /* the table's misprint */
    {"ec^2 - max(0, 1-ei)^2", ' ', "none", 0},
    {"ec", ' ', "none", 0},
    {"ec", '+', "none", 0},
    {"ec - min(ec, ei)", ' ', "0", 0},
    {"min(1, max(0, ec-ei))", ' ', "0", 0},
    {"1/(1 + exp(-(ec - ei)))", ' ', ">0", 0},
    {"1 - sigmoid(ei - ec)", ' ', ">0", 0},
    {"tanh(ec - ei)", ' ', ">0", 0},
    {"ec^2 + exp(-ei)", '+', ">0", 0},
    {"-log(exp(-ec)/(exp(-ec) + exp(-ei)))", ' ', ">0", 0},
    {"1 - exp(-ec)/(exp(-ec) + exp(-ei))", ' ', ">0", 0},
};

/* The domain decides: on any energies ec falls for ever. */
static const check_row by_domain[] = {
    {"ec + max(0, 1-ei)", ' ', ">0", 0},
    {"ec + max(0, 1-ei)", '+', "m", 1},
    {"ec - .5*ei", ' ', "0", 0},  /* -inf on both sides at every margin */
    {"ec - .5*ei", '+', ">0", 0}, /* -inf against -m/2 */
    {"max(0, 1 + 2*ec - ei)", '+', "m", 1},
    {"max(0, 1 + 2*ec - ei)", ' ', "none", 0}, /* 0 at (-2, -2) */
    {"ec*exp(-ei)", '+', "0", 0},
    {"ec*exp(-ei)", ' ', "none", 0},
    {"exp(ec) - exp(ei)", ' ', "0", 0},
};

/* Infima at infinity, which no box holds. */
static const check_row at_infinity[] = {
    {"exp(ec - 2*ei)", ' ', "0", 0},
    {"exp(ec - 2*ei)", '+', "0", 0},
    {"exp(-ei)", '+', "0", 0},
    {"ec - ei", ' ', ">0", 0},
    {"ec + 1/(1+ei)", '+', ">0", 0},
    {"ec + 1/log(2+ei)", '+', ">0", 0}, /* falls as slowly as that */
    {"1/log(2+ei)", '+', "0", 0},
    {"ec - log(1+ei)", '+', ">0", 0}, /* to -inf, even slower */
    {"log(1+ec) - log(1+ei)", '+', ">0", 0},
    {"ec^2 - ei^2", '+', "0", 0}, /* -2 m ei on the margin's line */
    {"ec/(1+ei)", '+', "0", 0},
    {"sigmoid(ec)*sigmoid(-ei)", ' ', "0", 0},
    {"max(0, 1+ec-ei)/(1+abs(ec))", ' ', "0", 0},
};

/* Values that float64 cannot tell apart, and factors that are no energies. */
static const check_row fine[] = {
    {"1 + tanh(3*(ec-ei))", ' ', ">0", 0},
    {"log(1 + exp(5*(ec-ei)))", ' ', ">0", 0},
    {"1e6*log(1 + exp(ec-ei))", ' ', ">0", 0},
    {".001*tanh(.01*(ec-ei))", ' ', ">0", 0},
    {"1000*max(0, 1+ec-ei)", ' ', "m", 1},
    {"max(0, 1e-3+ec-ei)", ' ', "m", 1e-3},
    {"max(0, 100+ec-ei)", ' ', "m", 100},
    {"sqrt((ec-ei)^2) + ec - ei", ' ', "0", 0},
    {"min(1, max(0, 1e9*(ec-ei)))", ' ', "0", 0},
    {"max(0, 1e-9+ec-ei)", ' ', "m", 1e-9},
    {"ec^2 + exp(-.01*ei)", '+', ">0", 0},
};

/* Minima at a point, in two places, and the plane not all there. */
static const check_row other[] = {
    {"(ec-.3)^2 + (ei-.7)^2", ' ', "m", .4},
    {"(ec-2)^2 + max(0, 1-ei)^2", '+', "none", 0}, /* 0 at (2, 1.5) too */
    {"abs(ec-1) + max(0, 3-ei)", '+', "m", 2},
    {"min((ec-1)^2+(ei-3)^2, (ec-3)^2+(ei-1)^2)", ' ', "none", 0},
    {"min((ec-1)^2+(ei-3)^2, (ec-3)^2+(ei-1)^2 + .01)", ' ', "m", 2},
    {"((ec-ei)^2 - .3)^2", ' ', "none", 0},
    {"(ec-ei)^2", ' ', "none", 0},
    {"ec - ei + .1*(ec^2+ei^2)", ' ', "m", 10},
    {"-log(ei - ec)", ' ', ">0", 0},
    {"log(.7 + ec - ei)", ' ', "m", .7},
    {"sqrt(.3 + ec - ei)", ' ', "m", .3},
    {"max(0, 1-log(1+exp(ei-ec)))", ' ', "m", 0.54132485461291811},
    {"max(0, ec-ei-1)", ' ', "none", 0}, /* does not mind a lead of 1 */
    {"ei", ' ', "none", 0},
    {"3", ' ', "none", 0},
    {"-ei", '+', "0", 0},
};

static void typed_losses_too(void **state)
{
    (void)state;
    check_rows(typed, COUNT(typed));
}

static void the_domain_decides(void **state)
{
    (void)state;
    check_rows(by_domain, COUNT(by_domain));
}

static void infinity_is_followed(void **state)
{
    (void)state;
    check_rows(at_infinity, COUNT(at_infinity));
}

static void differences_are_fine(void **state)
{
    (void)state;
    check_rows(fine, COUNT(fine));
}

static void minima_lie_where_they_lie(void **state)
{
    (void)state;
    check_rows(other, COUNT(other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(typed_losses_too),
        cmocka_unit_test(the_domain_decides),
        cmocka_unit_test(infinity_is_followed),
        cmocka_unit_test(differences_are_fine),
        cmocka_unit_test(minima_lie_where_they_lie),
    };
    return cmocka_run_group_tests(tests, open_context, close_context);
}
