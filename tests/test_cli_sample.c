/* SPDX-License-Identifier: MIT
 *
 * basin sample: its draws' moments against sums over a grid of the energies
 * that basin infer prints, the forms in which it writes them, the same bits
 * again, and what it refuses.
 */
#include "test_cli.h"

#include <math.h>

enum { SIDE = 61, CHAINS = 50, DRAWS = 2500, MOMENTS = 5 };

/* Hills and valleys over two numbers, without X. */
static const char model[] =
    "energy:\n  spaces:\n    y: {dim: 2, low: -2, high: 2}\n  nodes:\n"
    "    - {module: linear, inputs: y, out: 8, weight-range: 2}\n"
    "    - {module: tanh}\n    - {module: linear, weight-range: 2}\n"
    "inference: {name: mala, step: 0.3, start: uniform}\nloss: nll\n"
    "learning: {rate: 0.001, epochs: 1, seed: 3}\n"
    "data: {rows: [[0.5, 0.3], [-1, 1]], y: [1, 2]}\n";

static void train(void)
{
    cli_put("hilly.yaml", model, sizeof model - 1);
    cli_do("train hilly.yaml");
}

/* m += w (y1, y2, y1^2, y2^2, y1 y2) */
static void add(double m[MOMENTS], double w, double a, double b)
{
    const double of[MOMENTS] = {a, b, a * a, b * b, a * b};
    for (int i = 0; i < MOMENTS; i++)
        m[i] += w * of[i];
}

/* The moments of exp(-E) by a sum over n by n points, the outer ones of half
 * the mass, or each once. */
static void sum_up(double m[MOMENTS], int n, bool once)
{
    FILE *file = fopen("grid.csv", "w");
    assert_non_null(file);
    fputs("y1,y2\n", file);
    for (int i = 0; i < n * n; i++)
        fprintf(file, "%.9g,%.9g\n", 4.0 * (i / n) / (n - 1) - 2,
            4.0 * (i % n) / (n - 1) - 2);
    fclose(file);
    cli_result r =
        cli_expect(NULL, "infer hilly.yaml --data grid.csv --json", 0);
    const char *at = r.out;
    double total = 0;
    memset(m, 0, MOMENTS * sizeof *m);
    for (int i = 0; i < n * n; i++) {
        at = strstr(at, "\"energy_right\":");
        assert_non_null(at);
        const int a = i / n, b = i % n;
        double w = exp(-atof(at += strlen("\"energy_right\":")));
        if (!once)
            w *= (a % (n - 1) ? 1 : .5) * (b % (n - 1) ? 1 : .5);
        add(m, w, 4.0 * a / (n - 1) - 2, 4.0 * b / (n - 1) - 2);
        total += w;
    }
    for (int i = 0; i < MOMENTS; i++)
        m[i] /= total;
    cli_free(&r);
}

/* Each chain's mean is one measurement, and they do not depend on each other:
 * their mean lies within 4 of its standard errors, and what is allowed for a
 * law that is known to be a little off. */
static void expect_moments(
    const char *how, const double want[MOMENTS], double off)
{
    static double of[CHAINS][MOMENTS];
    char line[300];
    snprintf(line, sizeof line,
        "sample hilly.yaml %s --draws %d --chains %d --burn-in 200 --seed 5 "
        "--quiet --out d.csv",
        how, DRAWS, CHAINS);
    cli_do(line);
    char *text = cli_slurp("d.csv", NULL), *at = text;
    assert_non_null(text);
    assert_int_equal(strncmp(text, "y1,y2,energy\n", 13), 0);
    memset(of, 0, sizeof of);
    for (int i = 0; i < DRAWS; i++) {
        double a, b, e;
        at = strchr(at, '\n') + 1;
        assert_int_equal(sscanf(at, "%lf,%lf,%lf", &a, &b, &e), 3);
        assert_true(fabs(a) <= 2 && fabs(b) <= 2);
        add(of[i % CHAINS], (double)CHAINS / DRAWS, a, b);
    }
    assert_string_equal(strchr(at, '\n'), "\n");
    for (int k = 0; k < MOMENTS; k++) {
        double mean = 0, square = 0;
        for (int c = 0; c < CHAINS; c++) {
            mean += of[c][k] / CHAINS;
            square += of[c][k] * of[c][k] / CHAINS;
        }
        const double se = sqrt((square - mean * mean) / (CHAINS - 1));
        if (!(fabs(mean - want[k]) <= 4 * se + off) || se > .1)
            fail_msg("%s: moment %d is %g +- %g, should be %g", how, k, mean,
                se, want[k]);
    }
    free(text);
}

static void moments_equal_the_sum(void **state)
{
    (void)state;
    double want[MOMENTS];
    train();
    sum_up(want, SIDE, false);
    expect_moments("", want, .002);
    expect_moments("--by hmc step=0.4 leaps=4 --thin 3", want, .002);
    expect_moments("--by langevin step=0.05 --thin 20", want, .02);
    sum_up(want, 5, true);
    expect_moments("--by gibbs points=5 --thin 2", want, .0001);
}

/* The inverse temperature is the sampler's: at 0 and a bit all is even. */
static void settings_are_taken(void **state)
{
    (void)state;
    const double even[MOMENTS] = {0, 0, 4.0 / 3, 4.0 / 3, 0};
    train();
    expect_moments("beta=0.0001 step=1", even, .002);
}

static void same_draws(const char *one, const char *two)
{
    cli_result a = cli_expect(NULL, one, 0), b = cli_expect(NULL, two, 0);
    assert_string_equal(a.out, b.out);
    cli_free(&a);
    cli_free(&b);
}

static void forms(void **state)
{
    (void)state;
    train();
    same_draws("sample hilly.yaml --draws 7 --chains 3 --threads 1",
        "sample hilly/model.safetensors --draws 7 --chains 3 --threads 2");
    cli_result r = cli_expect(
        NULL, "sample hilly.yaml --draws 7 --chains 3 --burn-in 5 --json", 0);
    assert_int_equal(strncmp(r.out, "{\"y\":[", 6), 0);
    assert_non_null(strstr(r.out, "],\"energy\":"));
    assert_non_null(strstr(r.err, "% of the moves were taken; R-hat is "));
    cli_free(&r);
    cli_do("sample hilly.yaml --draws 7 --chains 3 --quiet --out d.npy");
    size_t n = 0;
    char *npy = cli_slurp("d.npy", &n);
    assert_non_null(npy);
    assert_int_equal(n % 64, 1 * 7 * 2 * 4 % 64);
    assert_non_null(strstr(npy + 10, "'shape': (1, 7, 2)"));
    free(npy);
}

/* Each x has its own draws, in the data's units, and labels have names. */
static void with_x(void **state)
{
    (void)state;
    static const char labels[] =
        "energy:\n  spaces:\n    x: {dim: 1, low: -1, high: 1}\n"
        "    y: {kind: labels, count: 2}\n  nodes:\n"
        "    - {name: h, module: linear, inputs: x, out: 2}\n"
        "    - {module: switch, inputs: [h, y]}\n"
        "inference: enumerate\nloss: nll\n"
        "learning: {optimiser: adam, rate: 0.1, epochs: 100}\n"
        "data: {train: two.csv, scale: range}\n";
    static const char two[] = "x,y\n0,low\n10,low\n90,high\n100,high\n";
    cli_put("two.yaml", labels, sizeof labels - 1);
    cli_put("two.csv", two, sizeof two - 1);
    cli_do("train two.yaml");
    cli_result r = cli_run(NULL, "sample two.yaml --data two.csv");
    assert_true(
        cli_refuses(&r, (const char *const[]){"'enumerate' draws no answers",
                            "--by", "gibbs", NULL}));
    cli_free(&r);
    r = cli_expect(NULL,
        "sample two.yaml --data two.csv --by gibbs beta=5 --draws 20 "
        "--burn-in 20",
        0);
    assert_int_equal(strncmp(r.out, "sample,y,energy\n", 16), 0);
    int right = 0, lines = 0;
    for (const char *at = strchr(r.out, '\n') + 1; *at;
         at = strchr(at, '\n') + 1, lines++) {
        const int row = atoi(at);
        right += !strncmp(
            strchr(at, ',') + 1, row > 2 ? "high," : "low,", row > 2 ? 5 : 4);
    }
    assert_int_equal(lines, 80);
    assert_true(right > 70);
    cli_free(&r);
}

static void refusals(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"--data grid.csv", "has no X"},
        {"--by grid", "'grid' draws no answers"},
        {"--by hcm", "did you mean 'hmc'"},
        {"stepp=1", "did you mean 'steps'"},
        {"step=-1", "step"},
        {"--draws 3 --chains 4", "more than the 3 draws"},
        {"--draws 0", "--draws"},
        {"--burnin 3", "--burn-in"},
    };
    train();
    for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++) {
        char line[200];
        snprintf(line, sizeof line, "sample hilly.yaml %s", cases[i][0]);
        cli_result r = cli_run(NULL, line);
        if (!cli_refuses(&r, (const char *const[]){cases[i][1], NULL}))
            fail_msg("%s: %s", line, r.err);
        cli_free(&r);
    }
    cli_result r = cli_run(NULL, "sample nothing.yaml");
    assert_true(cli_refuses(&r, (const char *const[]){"nothing.yaml", NULL}));
    cli_free(&r);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, cli_enter, cli_leave)
    const struct CMUnitTest tests[] = {
        TEST(moments_equal_the_sum),
        TEST(settings_are_taken),
        TEST(forms),
        TEST(with_x),
        TEST(refusals),
    };
#ifndef BASIN_YAML
    puts("1..0 # SKIP built without libfyaml");
    return 0;
#endif
    return cmocka_run_group_tests_name("cli_sample", tests, NULL, NULL);
}
