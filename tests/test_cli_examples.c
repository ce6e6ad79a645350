/* SPDX-License-Identifier: MIT
 *
 * The models in examples/: each is trained, and does what its first lines say.
 */
#include "test_cli.h"

#include <math.h>

/* Train an example, with a change of its text if wanted. */
static cli_result train(const char *name, const char *from, const char *to)
{
    char path[512], file[64], line[160];
    snprintf(
        path, sizeof path, "%s/examples/%s.yaml", getenv("BASIN_SOURCE"), name);
    size_t n = 0;
    char *text = cli_slurp(path, &n), *at = from ? strstr(text, from) : NULL;
    assert_non_null(text);
    assert_true(!from || at);
    snprintf(file, sizeof file, "%s.yaml", name);
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    if (from)
        fprintf(out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    else
        fputs(text, out);
    fclose(out);
    free(text);
    snprintf(line, sizeof line, "train %s --json", file);
    return cli_expect(NULL, line, 0);
}

static double number(const char *json, const char *key)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":", key);
    const char *at = strstr(json, quoted);
    if (!at)
        fail_msg("no %s in %s", key, json);
    return at ? atof(at + strlen(quoted)) : 0;
}

static void regression(void **state)
{
    (void)state;
    cli_result r = train("regression", NULL, NULL);
    assert_true(number(r.out, "train_mae") < 0.01);
    assert_non_null(strstr(r.out, "\"warnings\":[]"));
    cli_free(&r);
}

/* Each X has two answers, and both lie in the valley. */
static void circle(void **state)
{
    (void)state;
    cli_result r = train("circle", NULL, NULL);
    cli_free(&r);
    FILE *file = fopen("q.csv", "w");
    assert_non_null(file);
    fputs("x,y\n", file);
    for (int i = -8; i <= 8; i++)
        for (int k = -1; k <= 1; k++)
            fprintf(file, "%g,%g\n", i / 10.0, k * sqrt(1 - i * i / 100.0));
    fclose(file);
    r = cli_expect(NULL, "infer circle.yaml --data q.csv --json", 0);
    const char *at = r.out;
    for (int i = -8; i <= 8; i++) {
        double e[3], y = 0;
        for (int k = 0; k < 3; k++) {
            e[k] = number(at, "energy_right");
            y = atof(strstr(at, "\"y\":[") + 5);
            at = strchr(at, '\n') + 1;
        }
        assert_true(fabs(i * i / 100.0 + y * y - 1) < 0.2);
        assert_true(e[0] + 0.5 < e[1] && e[2] + 0.5 < e[1]);
    }
    cli_free(&r);
    cli_do("plot circle.yaml");
    assert_int_equal(access("circle/surface.png", F_OK), 0);
    assert_int_equal(access("circle/curves.png", F_OK), 0);
}

static void two_class(void **state)
{
    (void)state;
    cli_result r = train("two-class", NULL, NULL);
    assert_true(number(r.out, "train_mae") == 0);
    cli_free(&r);
}

static void collapse(void **state)
{
    (void)state;
    cli_result r = train("collapse", NULL, NULL);
    assert_non_null(strstr(r.out, "\"collapsed\":true"));
    assert_non_null(strstr(r.err, "take one that contrasts"));
    cli_free(&r);
    r = train("collapse", "loss: energy", "loss: square-square");
    assert_non_null(strstr(r.out, "\"collapsed\":false"));
    assert_true(
        number(r.out, "spread") > 0.5 * number(r.out, "spread_initial"));
    cli_free(&r);
}

/* The same net and the same loss: only whether its centres can move decides. */
static void centres(void **state)
{
    (void)state;
    cli_result r = train("centres", NULL, NULL);
    assert_true(number(r.out, "train_error") == 0);
    assert_true(number(r.out, "gap") > 5);
    assert_true(number(r.out, "spread") > number(r.out, "spread_initial"));
    assert_non_null(strstr(r.out, "\"collapsed\":false"));
    cli_free(&r);
    r = train("centres", "centres: fixed}", "centres: learnt}");
    assert_non_null(strstr(r.out, "\"collapsed\":true"));
    assert_true(
        number(r.out, "spread") < 0.01 * number(r.out, "spread_initial"));
    assert_true(number(r.out, "size") < 0.01);
    cli_free(&r);
}

/* With its cause the answer is found; without, one curve cannot hold both. */
static void latent(void **state)
{
    (void)state;
    cli_result r = train("latent", NULL, NULL);
    assert_true(number(r.out, "energy_right") < 0.002);
    cli_free(&r);
    r = train("latent", "count: 2", "count: 1");
    assert_true(number(r.out, "energy_right") > 0.1);
    cli_free(&r);
}

/* Rounded to sets, hardly a label is wrong. */
static void label_set(void **state)
{
    (void)state;
    cli_result r = train("label-set", NULL, NULL);
    assert_true(number(r.out, "train_mae") < 0.03);
    cli_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regression),
        cmocka_unit_test(circle),
        cmocka_unit_test(two_class),
        cmocka_unit_test(collapse),
        cmocka_unit_test(centres),
        cmocka_unit_test(latent),
        cmocka_unit_test(label_set),
    };
#ifndef BASIN_YAML
    puts("1..0 # SKIP built without libfyaml");
    return 0;
#endif
    return cmocka_run_group_tests_name(
        "cli_examples", tests, cli_enter, cli_leave);
}
