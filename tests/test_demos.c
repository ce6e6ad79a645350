/* SPDX-License-Identifier: MIT
 *
 * What the four demonstrations come out as, seed after seed. BASIN_SEEDS, as
 * "1-20" or "7", chooses others than the first three; ./run seeds sets it.
 */
#include "test_cli.h"

#include <jansson.h>
#include <math.h>

enum { DEMOS = 4 };
enum { REGRESSION, COLLAPSE, MARGIN, NLL };

static const char *const demos[DEMOS] = {
    "regression", "collapse", "margin", "nll"};

static unsigned long first_seed = 1, last_seed = 3;

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* Says which figure broke a promise. */
static void insist(
    bool good, const json_t *object, const char *key, const char *promise)
{
    if (!good)
        print_message("# seed %g, %s: %s is %g, and should be %s\n",
            number(object, "seed"),
            json_string_value(json_object_get(object, "demo")), key,
            number(object, key), promise);
    assert_true(good);
}

static void check_outcome(const json_t *object, int demo)
{
    static const double mae_most[DEMOS] = {.01, INFINITY, .03, .03};
    static const char *const promise[DEMOS] = {
        "at most .01", "finite", "at most .03", "at most .03"};
    double mae = number(object, "mae");
    insist(mae <= mae_most[demo], object, "mae", promise[demo]);
    bool collapsed = json_is_true(json_object_get(object, "collapsed"));
    double before = number(object, "surface_std_initial");
    double after = number(object, "surface_std");
    insist(collapsed == (after <= 0.05 * before), object, "surface_std",
        "on the side of 5 % that `collapsed` says");
    insist(collapsed == (demo == COLLAPSE), object, "surface_std",
        "below 5 % of the initial one for collapse alone");
    if (demo == REGRESSION) {
        double gap =
            number(object, "energy_wrong") - number(object, "energy_right");
        insist(gap >= 0.28 && gap <= 0.32, object, "energy_wrong",
            "0.28 to 0.32 above energy_right");
    }
}

static void only_collapse_collapses(void **state)
{
    (void)state;
    for (unsigned long seed = first_seed; seed <= last_seed; seed++) {
        char line[128];
        snprintf(line, sizeof line, "demo all --json --no-pictures --seed %lu",
            seed);
        cli_result result = cli_expect(NULL, line, 0);
        const char *at = result.out;
        for (int i = 0; i < DEMOS; i++) {
            json_t *object = json_loads(at, JSON_DISABLE_EOF_CHECK, NULL);
            assert_non_null(object);
            assert_string_equal(
                json_string_value(json_object_get(object, "demo")), demos[i]);
            check_outcome(object, i);
            json_decref(object);
            at = strchr(at, '\n') + 1;
        }
        assert_string_equal(at, "");
        cli_free(&result);
    }
}

/* A column of history.csv at the first row whose epoch is at least `epoch`. */
static double history(const char *csv, int column, double epoch)
{
    for (const char *line = strchr(csv, '\n'); line && line[1];
         line = strchr(line + 1, '\n')) {
        char *at = NULL;
        double value = strtod(line + 1, &at);
        if (value < epoch)
            continue;
        for (int i = 0; i < column; i++)
            value = strtod(at + 1, &at);
        return value;
    }
    return (double)NAN;
}

/* The likelihood has no margin to be content with: E of the wrong answers
 * grows to the end, and nothing pulls E of the right ones to 0. */
static void the_likelihood_never_rests(void **state)
{
    (void)state;
    enum { RIGHT = 2, WRONG = 3 };
    cli_do("demo nll --quiet --out nll");
    char *csv = cli_slurp("nll/nll/history.csv", NULL);
    assert_non_null(csv);
    assert_non_null(strstr(csv, "epoch,loss,energy_right,energy_wrong\n"));
    double start = history(csv, WRONG, 0);
    double third = history(csv, WRONG, 333), half = history(csv, WRONG, 417);
    double end = history(csv, WRONG, 500);
    if (!(start < third && third * 1.02 < half && half * 1.005 < end))
        print_message("# energy_wrong: %g, %g at 333, %g at 417, %g at 500\n",
            start, third, half, end);
    assert_true(start < third && third * 1.02 < half && half * 1.005 < end);
    assert_true(history(csv, RIGHT, 500) > history(csv, RIGHT, 0));
    assert_true(history(csv, RIGHT, 500) > 1);
    free(csv);
}

/* The margin is content: the best wrong answer stays where m has put it. */
static void the_margin_rests(void **state)
{
    (void)state;
    cli_do("demo margin --quiet --out margin");
    char *csv = cli_slurp("margin/margin/history.csv", NULL);
    assert_non_null(csv);
    double third = history(csv, 3, 333), end = history(csv, 3, 500);
    assert_true(fabs(end - third) < 0.1 * end);
    assert_true(history(csv, 2, 500) < 0.1);
    free(csv);
}

int main(void)
{
    const char *seeds = getenv("BASIN_SEEDS");
    if (seeds && *seeds) {
        char *end = NULL;
        first_seed = last_seed = strtoul(seeds, &end, 10);
        if (*end == '-')
            last_seed = strtoul(end + 1, &end, 10);
        if (*end || last_seed < first_seed) {
            fprintf(stderr, "BASIN_SEEDS=%s: FIRST-LAST is wanted\n", seeds);
            return 2;
        }
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_collapse_collapses),
        cmocka_unit_test(the_likelihood_never_rests),
        cmocka_unit_test(the_margin_rests),
    };
    return cmocka_run_group_tests(tests, cli_enter, cli_leave);
}
