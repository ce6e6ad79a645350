/* SPDX-License-Identifier: MIT
 *
 * The keys of a description that say how to learn: the bound of the energy,
 * penalties, schedules, means of the weights, and weights of samples. What
 * they compute is tested in test_regular.c.
 */
#include "test_cli.h"

#include <math.h>

#define SPACES                                                                 \
    "energy:\n  spaces:\n    x: {dim: 1, low: -1, high: 1}\n"                  \
    "    y: {kind: labels, count: 2}\n  nodes:\n"                              \
    "  - {module: linear, inputs: x, out: 8}\n  - {module: tanh}\n"            \
    "  - {name: e, module: linear, out: 2}\n"                                  \
    "  - {module: switch, inputs: [e, y]}\n"
#define DATA "data: {train: t.csv, x: x, y: y%s}\n"

static void put_text(const char *path, const char *text)
{
    cli_put(path, text, strlen(text));
}

static int enter(void **state)
{
    if (cli_enter(state) != 0)
        return -1;
    FILE *file = fopen("t.csv", "w");
    assert_non_null(file);
    fputs("x,y,w\n", file);
    for (int i = 0; i < 50; i++) { /* two labels that overlap */
        double x = -1 + i / 24.5;
        fprintf(file, "%.6f,%d,%d\n", x, x + 0.6 * sin(7.0 * i) > 0, i % 3);
    }
    fclose(file);
    return 0;
}

static void put_model(const char *path, const char *bound, const char *loss,
    const char *learning, const char *data)
{
    char text[1200];
    snprintf(text, sizeof text,
        SPACES "%sinference: enumerate\nloss: %s\nlearning: {%s}\n" DATA, bound,
        loss, learning, data);
    put_text(path, text);
}

static void refused(const char *line, const char *place, const char *says)
{
    cli_result r = cli_run(NULL, line);
    const char *words[] = {place, says, NULL};
    assert_true(cli_refuses(&r, words));
    cli_free(&r);
}

/* The answers of a model, and not their energies. */
static void answers(const char *model, char out[64])
{
    char line[96];
    snprintf(line, sizeof line, "predict %s --data q.csv", model);
    cli_result r = cli_expect(NULL, line, 0);
    int n = 0;
    for (const char *at = r.out; (at = strchr(at, '\n')) && at[1] && n < 63;
         at++)
        out[n++] = at[1];
    out[n] = '\0';
    cli_free(&r);
}

static void a_bound_mends_what_is_refused(void **state)
{
    (void)state;
    put_text("q.csv", "x\n-0.9\n-0.5\n-0.2\n0\n0.2\n0.5\n0.9\n");
    const char *fast = "optimiser: adam, rate: 0.01, epochs: 30";
    put_model("b.yaml", "", "square-square", fast, "");
    refused("train b.yaml", "b.yaml:11:7", "'bound: softplus'");
    put_model("b.yaml", "  bound: softplus\n", "square-square", fast, "");
    cli_do("train b.yaml --quiet");
    cli_result r = cli_expect(NULL, "inspect b.yaml", 0);
    assert_non_null(strstr(r.out, "never below 0"));
    cli_free(&r);
    r = cli_expect(NULL, "evaluate b.yaml --json", 0);
    const char *error = strstr(r.out, "\"error\":");
    assert_true(error && atof(error + 8) < 0.35);
    cli_free(&r);
    /* the order of the answers is that of the energy within */
    char with[64], without[64];
    const char *still = "rate: 1.0e-9, epochs: 1, seed: 5";
    put_model("w.yaml", "  bound: softplus\n", "nll", still, "");
    put_model("o.yaml", "  bound: none\n", "nll", still, "");
    cli_do("train w.yaml --quiet");
    cli_do("train o.yaml --quiet");
    answers("w.yaml", with);
    answers("o.yaml", without);
    assert_int_equal(strlen(with), 7);
    assert_string_equal(with, without);
    put_model("b.yaml", "  bound: soft\n", "nll", fast, "");
    refused("train b.yaml", "b.yaml:10:10", "must be 'none' or 'softplus'");
}

static void every_key_goes_on_to_the_same_bits(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "optimiser: levenberg-marquardt, l1: 0.001, size: 0.01",
        "optimiser: adam, l2: 0.01, schedule: cosine, warmup: 0.1",
        "average: 1, schedule: steps, rate-end: 0.1, steps: 2, clip: 1",
        "average: 0.9, average-from: 0, schedule: inverse, rate-end: 0.1",
        "optimiser: adam, beta-from: 0.1, beta-over: 0.7, beta-schedule: "
        "cosine",
        "optimiser: {name: lbfgs, memory: 5}, l1: 0.001, size: 0.01"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char learning[200];
        snprintf(learning, sizeof learning,
            "rate: 0.01, epochs: 60, batch: 3, held-out: 0.2, patience: "
            "1000, %s",
            keys[i]);
        put_model("k.yaml", "", "nll", learning, i % 2 ? ", weight: w" : "");
        cli_do("train k.yaml --quiet --out whole");
        for (int k = 0; k < 3; k++)
            cli_do("train k.yaml --quiet --out parts --resume --time-limit "
                   "0.002");
        cli_do("train k.yaml --quiet --out parts --resume");
        assert_true(
            cli_same("whole/model.safetensors", "parts/model.safetensors"));
        assert_true(cli_same(
            "whole/checkpoint.safetensors", "parts/checkpoint.safetensors"));
        cli_remove("whole");
        cli_remove("parts");
    }
}

/* The history says where beta stands, and what has none is refused. */
static void betas_rise(void **state)
{
    (void)state;
    put_model("a.yaml", "", "nll",
        "epochs: 5, batch: 50, beta-from: 0.01, beta-over: 0.5", "");
    cli_result r = cli_expect(NULL, "train a.yaml --json", 0);
    assert_non_null(strstr(r.out, "\"beta\":1.0,\"beta_z\":null"));
    cli_free(&r);
    size_t n = 0;
    char *csv = cli_slurp("a/history.csv", &n);
    assert_non_null(strstr(csv, ",size,beta,beta_z\n"));
    assert_non_null(strstr(csv, "\n1,"));
    assert_non_null(strstr(csv, ",0.01,nan\n"));
    assert_non_null(strstr(csv, ",0.1,nan\n")); /* half of the way: a root */
    assert_non_null(strstr(csv, ",1,nan\n"));
    free(csv);
    cli_do("plot a.yaml");
    put_model("a.yaml", "", "hinge", "beta-from: 0.1", "");
    refused("train a.yaml", "a.yaml:12:", "'hinge' asks for no free energy");
    put_model("a.yaml", "", "nll", "beta-z-from: 0.1", "");
    refused("train a.yaml", "a.yaml:12:", "the energy has no Z");
    put_model("a.yaml", "", "nll", "beta-from: -1", "");
    refused("train a.yaml", "a.yaml:12:", "beta-from");
    put_model("a.yaml", "", "nll", "epochs: 2, beta-from: 0.1", "");
    cli_do("lab a.yaml --losses nll,hinge --quiet");
}

/* A label that counts more is answered more often. */
static void labels_have_weights(void **state)
{
    (void)state;
    static const char *const weights[] = {
        ", class-weights: [9, 1]", "", ", class-weights: [1, 9]"};
    put_text("q.csv", "x\n-0.9\n-0.6\n-0.4\n-0.2\n0\n0.2\n0.4\n0.6\n0.9\n");
    size_t ones[3] = {0};
    for (int i = 0; i < 3; i++) {
        char said[64];
        put_model("c.yaml", "", "nll",
            "optimiser: adam, rate: 0.02, epochs: 60", weights[i]);
        cli_do("train c.yaml --quiet");
        answers("c.yaml", said);
        for (const char *at = said; *at; at++)
            ones[i] += *at == '1';
    }
    assert_true(ones[0] < ones[1] && ones[1] < ones[2]);
    put_model("c.yaml", "", "nll", "epochs: 1", ", class-weights: [1, 2, 3]");
    refused("train c.yaml", "c.yaml:13:", "list of 2 numbers");
    put_model("c.yaml", "", "nll", "epochs: 1", ", class-weights: [1, -2]");
    refused("train c.yaml", "c.yaml:13:", "from 0 to 1e6; got -2");
    put_model("c.yaml", "", "nll", "epochs: 1", ", weight: v");
    refused("train c.yaml", "c.yaml:13:", "has no column 'v'");
    put_model(
        "c.yaml", "", "nll", "schedule: steps, rate-end: 0, epochs: 1", "");
    refused("train c.yaml", "c.yaml:12:", "must be above 0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bound_mends_what_is_refused),
        cmocka_unit_test(every_key_goes_on_to_the_same_bits),
        cmocka_unit_test(betas_rise),
        cmocka_unit_test(labels_have_weights),
    };
#ifndef BASIN_YAML
    puts("1..0 # SKIP built without libfyaml");
    return 0;
#endif
    return cmocka_run_group_tests_name("cli_learning", tests, enter, cli_leave);
}
