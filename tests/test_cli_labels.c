/* SPDX-License-Identifier: MIT
 *
 * Sets of labels from tables: the first columns, the last, those of certain
 * names, those of Mulan's XML; and how good the answers are.
 */
#include "test_cli.h"

#include <math.h>

enum { N = 60, FEATURES = 3, LABELS = 4 };

static float x[N][FEATURES];
static int y[N][LABELS];

static void put_text(const char *path, const char *text)
{
    cli_put(path, text, strlen(text));
}

/* Label 0 by a feature's sign, 1 its opposite, 2 with both of two, 3 never. */
static void make_data(void)
{
    uint64_t state = 3;
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < FEATURES; k++)
            x[i][k] = (float)round(200 * cli_random(&state) - 100) / 10;
        y[i][0] = x[i][0] > 0;
        y[i][1] = !y[i][0];
        y[i][2] = x[i][1] > 2 && x[i][2] > -3;
        y[i][3] = 0;
    }
}

static const char *const words[] = {"Beach", "Brown Creeper", "b&w", "never"};

static void put_features(FILE *file, int i, const char *end)
{
    fprintf(file, "%g,%g,%g%s", (double)x[i][0], (double)x[i][1],
        (double)x[i][2], end);
}

static void put_labels(FILE *file, int i, const char *end)
{
    fprintf(file, "%d,%d,%d,%d%s", y[i][0], y[i][1], y[i][2], y[i][3], end);
}

static void put_arff(const char *path, bool first)
{
    FILE *file = fopen(path, "w");
    fputs("@relation sets\n", file);
    for (int part = 0; part < 2; part++)
        for (int k = 0; k < (part == first ? FEATURES : LABELS); k++) {
            if (part == first)
                fprintf(file, "@attribute f%d numeric\n", k);
            else
                fprintf(file, "@attribute '%s' {0, 1}\n", words[k]);
        }
    fputs("@data\n", file);
    for (int i = 0; i < N; i++) {
        if (first)
            put_labels(file, i, ",");
        put_features(file, i, first ? "\n" : ",");
        if (!first)
            put_labels(file, i, "\n");
    }
    fclose(file);
}

/* Without names. */
static void put_csv(const char *path, bool first)
{
    FILE *file = fopen(path, "w");
    for (int i = 0; i < N; i++) {
        if (first)
            put_labels(file, i, ",");
        put_features(file, i, first ? "\n" : ",");
        if (!first)
            put_labels(file, i, "\n");
    }
    fclose(file);
}

static void put_model(const char *path, const char *data)
{
    FILE *file = fopen(path, "w");
    fprintf(file,
        "energy:\n  spaces:\n    x: {dim: 3, low: -5, high: 5}\n"
        "    y: {dim: 4, low: 0, high: 1}\n  nodes:\n"
        "  - {name: s, module: linear, inputs: x, out: 4}\n"
        "  - {name: c, module: cross-entropy, inputs: [s, y]}\n"
        "  - {module: linear, inputs: y, out: 3}\n  - {module: tanh}\n"
        "  - {name: g, module: linear}\n"
        "  - {module: sum, inputs: [c, g]}\n"
        "inference: {name: descent, epsilon: 0, cost: f1, round: 'yes'}\n"
        "loss: margin-rescaling\n"
        "learning: {optimiser: adam, rate: 0.03, epochs: 20, batch: 4}\n"
        "data: {scale: standard, %s}\n",
        data);
    fclose(file);
}

static void put_data(void)
{
    make_data();
    put_arff("sets.arff", false);
    put_arff("first.arff", true);
    put_csv("last.csv", false);
    put_csv("first.csv", true);
    put_text("sets.xml", "<?xml version='1.0'?>\n<labels xmlns='x'>\n"
                         "<label name=\"Beach\"></label>\n"
                         "<label name='Brown Creeper'>\n"
                         "  <label name=\"b&amp;w\"/></label>\n"
                         "<label name=\"never\"></label>\n</labels>\n");
}

static double number(const char *json, const char *key)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(json, quoted);
    assert_non_null(at);
    return atof(at + strlen(quoted));
}

static void assert_same_file(const char *a, const char *b)
{
    size_t n, m;
    char *one = cli_slurp(a, &n), *two = cli_slurp(b, &m);
    assert_non_null(one);
    assert_non_null(two);
    assert_int_equal(n, m);
    assert_memory_equal(one, two, n);
    free(one);
    free(two);
}

/* However the columns are named, the model and its answers are the same. */
static void ways(void **state)
{
    (void)state;
    static const char *const of[][2] = {
        {"last", "sets.arff"},
        {"xml", "sets.arff"},
        {"first", "first.arff"},
        {"[Beach, Brown Creeper, b&w, never]", "first.arff"},
        {"first", "first.csv"},
        {"last", "last.csv"},
    };
    put_data();
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        char data[128], line[128];
        snprintf(
            data, sizeof data, "labels: %s, train: %s", of[i][0], of[i][1]);
        put_model("m.yaml", data);
        cli_do("train m.yaml --quiet");
        snprintf(line, sizeof line, "predict m.yaml --json --data %s --out %s",
            of[i][1], i ? "p.json" : "p0.json");
        cli_do(line);
        cli_result r = cli_expect(NULL, "evaluate m.yaml --json", 0);
        snprintf(line, sizeof line, "e%d.json", i > 0);
        put_text(line, r.out);
        cli_free(&r);
        if (i > 0)
            assert_same_file("p0.json", "p.json");
        if (i > 0)
            assert_same_file("e0.json", "e1.json");
    }
}

/* The answers of predict, against the measures of evaluate. */
static void measures(void **state)
{
    (void)state;
    put_data();
    put_model("m.yaml", "labels: last, train: sets.arff");
    cli_do("train m.yaml --quiet");
    cli_result r = cli_expect(NULL, "predict m.yaml --data sets.arff", 0);
    assert_true(strncmp(r.out, "Beach,\"Brown Creeper\",b&w,never,energy\n",
                    strlen("Beach,\"Brown Creeper\",b&w,never,energy\n")) == 0);
    const char *at = strchr(r.out, '\n') + 1;
    double f1 = 0, hamming = 0, exact = 0;
    for (int i = 0; i < N; i++) {
        int said[LABELS], both = 0, all = 0, off = 0;
        assert_int_equal(
            sscanf(at, "%d,%d,%d,%d,", &said[0], &said[1], &said[2], &said[3]),
            LABELS);
        for (int k = 0; k < LABELS; k++) {
            both += said[k] && y[i][k];
            all += said[k] + y[i][k];
            off += said[k] != y[i][k];
        }
        f1 += all ? 2.0 * both / all / N : 1.0 / N;
        hamming += (double)off / LABELS / N;
        exact += (off == 0) / (double)N;
        at = strchr(at, '\n') + 1;
    }
    cli_free(&r);
    r = cli_expect(NULL, "evaluate m.yaml --json", 0);
    assert_true(fabs(number(r.out, "f1") - f1) < 1e-9);
    assert_true(fabs(number(r.out, "hamming") - hamming) < 1e-9);
    assert_true(fabs(number(r.out, "exact") - exact) < 1e-9);
    assert_true(f1 > 0.85 && f1 < 1); /* or the comparison says little */
    cli_free(&r);
    r = cli_expect(NULL, "evaluate m.yaml", 0);
    assert_non_null(strstr(r.out, " %   exact "));
    cli_free(&r);
    r = cli_expect(NULL, "train m.yaml --json --folds 3", 0);
    assert_true(number(r.out, "held_out_f1") > 0.5);
    assert_true(number(r.out, "held_out_f1_se") > 0);
    cli_free(&r);
}

/* Questions have no labels, and may have their columns in any order. */
static void questions(void **state)
{
    (void)state;
    put_data();
    put_model("m.yaml", "labels: xml");
    cli_do("train m.yaml --quiet --data sets.arff");
    cli_do("predict m.yaml --data sets.arff --out all.csv");
    FILE *file = fopen("q.csv", "w");
    fputs("f2,f0,f1\n", file);
    for (int i = 0; i < N; i++)
        fprintf(file, "%g,%g,%g\n", (double)x[i][2], (double)x[i][0],
            (double)x[i][1]);
    fclose(file);
    cli_do("predict m/model.safetensors --data q.csv --out some.csv");
    assert_same_file("all.csv", "some.csv");
    cli_do("evaluate m/model.safetensors --data first.arff");
}

/* The example, on a few lines of noise with its 300 columns. */
static void example(void **state)
{
    (void)state;
    enum { ROWS = 12, COLUMNS = 300, SETS = 6 };
    uint64_t seed = 5;
    FILE *file = fopen("noise.arff", "w");
    fputs("@relation noise\n", file);
    for (int k = 0; k < COLUMNS; k++)
        fprintf(file, "@attribute a%d %s\n", k,
            k < COLUMNS - SETS ? "numeric" : "{0,1}");
    fputs("@data\n", file);
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        double v = cli_random(&seed);
        if (i % COLUMNS >= COLUMNS - SETS)
            v = v > 0.5;
        fprintf(file, "%.3g%s", v, i % COLUMNS < COLUMNS - 1 ? "," : "\n");
    }
    fclose(file);
    char *text, path[512];
    size_t n = 0;
    snprintf(
        path, sizeof path, "%s/examples/scene.yaml", getenv("BASIN_SOURCE"));
    text = cli_slurp(path, &n);
    assert_non_null(text);
    cli_put("scene.yaml", text, n);
    free(text);
    cli_result r =
        cli_expect(NULL, "train scene.yaml --data noise.arff --json", 0);
    assert_true(number(r.out, "train_f1") > 0);
    cli_free(&r);
}

static void refusals(void **state)
{
    (void)state;
    static const char *const of[][3] = {
        {"labels: middle", "sets.arff", "m.yaml:15:33: labels must be first"},
        {"labels: [Beach, b&w, never, Beech]", "sets.arff",
            "no column 'Beech'; did you mean 'Beach'?"},
        {"labels: [Beach, b&w]", "sets.arff", "of which 2 are labels"},
        {"labels: last, y: [Beach]", "sets.arff", "beside it y has no place"},
        {"labels: xml", "first.arff", "there is no 'first.xml'"},
        {"labels: xml", "bad.arff", "bad.xml: label 2 of the XML has no name"},
        {"labels: xml", "none.arff", "none.xml: there is no label"},
        {"labels: last", "wide.csv", "'wide.csv' has 9 columns"},
    };
    put_data();
    put_arff("bad.arff", false);
    put_arff("none.arff", false);
    put_text("wide.csv", "1,2,3,4,5,6,7,8,9\n");
    put_text("bad.xml", "<labels><label name=\"a\"/><label></label>");
    put_text("none.xml", "<labels>");
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        char line[128];
        put_model("m.yaml", of[i][0]);
        snprintf(line, sizeof line, "train m.yaml --data %s", of[i][1]);
        cli_result r = cli_run(NULL, line);
        const char *const says[] = {of[i][2], NULL};
        assert_true(cli_refuses(&r, says));
        cli_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ways),
        cmocka_unit_test(measures),
        cmocka_unit_test(questions),
        cmocka_unit_test(example),
        cmocka_unit_test(refusals),
    };
#ifndef BASIN_YAML
    puts("1..0 # SKIP built without libfyaml");
    return 0;
#endif
    return cmocka_run_group_tests_name(
        "cli_labels", tests, cli_enter, cli_leave);
}
