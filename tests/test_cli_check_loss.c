/* SPDX-License-Identifier: MIT
 *
 * basin check-loss: what it prints, as text and as JSON, the picture, and
 * Condition 6 on models; and what it refuses.
 */
#include "test_cli.h"

#include <jansson.h>

static json_t *judge(const char *const *words, int n)
{
    const char *all[12] = {"check-loss", "--json"};
    for (int i = 0; i < n; i++)
        all[i + 2] = words[i];
    cli_result result = cli_run_words(NULL, all, n + 2);
    if (result.status != 0)
        fail_msg("%s: status %d: %s", words[0], result.status, result.err);
    json_error_t error;
    json_t *out = json_loads(result.out, 0, &error);
    assert_non_null(out);
    cli_free(&result);
    return out;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void json_has_the_verdict(void **state)
{
    (void)state;
    const char *const hinge[] = {"hinge", "margin=2"};
    json_t *out = judge(hinge, 2);
    assert_string_equal(text_of(out, "loss"), "hinge");
    assert_string_equal(text_of(out, "margin"), "m");
    assert_string_equal(text_of(out, "domain"), "any");
    assert_true(json_number_value(json_object_get(out, "largest_margin")) == 2);
    json_t *conditions = json_object_get(out, "conditions");
    for (int k = 3; k <= 5; k++) {
        const char name[] = {(char)('0' + k), 0};
        json_t *one = json_object_get(conditions, name);
        assert_true(json_is_true(json_object_get(one, "holds")));
        assert_true(json_number_value(json_object_get(one, "margin")) == 1);
    }
    assert_null(json_object_get(conditions, "6"));
    json_t *witness = json_object_get(out, "witness");
    assert_true(json_number_value(json_object_get(witness, "margin")) == 2.5);
    json_decref(out);
    const char *const typed[] = {
        "--expr", "ec^2 + max(0, m-ei)^2", "m=3", "--domain", "nonnegative"};
    out = judge(typed, 5);
    assert_string_equal(text_of(out, "domain"), "nonnegative");
    json_t *flat = json_object_get(out, "flat_points");
    assert_int_equal(json_array_size(flat), 1);
    assert_true(json_number_value(json_array_get(flat, 0)) == 1.5);
    assert_true(json_number_value(
                    json_object_get(json_object_get(out, "params"), "m")) == 3);
    json_decref(out);
    const char *const soft[] = {"log"};
    out = judge(soft, 1);
    assert_string_equal(text_of(out, "margin"), ">0");
    assert_true(json_is_null(json_object_get(out, "largest_margin")));
    assert_true(json_is_null(json_object_get(out, "witness")));
    json_decref(out);
}

/* A built-in loss has its own domain, and an expression any. */
static void the_domain_is_the_losss_own(void **state)
{
    (void)state;
    const char *const named[] = {"linear-linear"};
    json_t *out = judge(named, 1);
    assert_string_equal(text_of(out, "domain"), "nonnegative");
    assert_string_equal(text_of(out, "margin"), "m");
    json_decref(out);
    const char *const other[] = {"linear-linear", "--domain=any"};
    out = judge(other, 2);
    assert_string_equal(text_of(out, "margin"), ">0");
    json_decref(out);
    const char *const typed[] = {"--expr=ec + max(0, 1 - ei)"};
    out = judge(typed, 1);
    assert_string_equal(text_of(out, "domain"), "any");
    assert_string_equal(text_of(out, "margin"), ">0");
    json_decref(out);
}

static void text_explains(void **state)
{
    (void)state;
    cli_result result =
        cli_expect(NULL, "check-loss square-square margin=1 --out made", 0);
    static const char *const says[] = {"square-square: L = E_C^2",
        "margin=1, energies of 0 and more", "every margin below 1 passes",
        "at margin 1.25 it fails", "condition 3  holds at margin 0.5",
        "condition 4  holds", "condition 5  holds",
        "pushes wrong answers up, and pulls none down",
        "0.5 everywhere stays so", "convex       yes", "gradient     right",
        "picture      made/square-square.png"};
    for (size_t i = 0; i < sizeof says / sizeof *says; i++)
        if (!strstr(result.out, says[i]))
            fail_msg("%s is not in\n%s", says[i], result.out);
    assert_string_equal(result.err, "");
    cli_free(&result);
    size_t size = 0;
    char *png = cli_slurp("made/square-square.png", &size);
    assert_true(size > 10000 && size < 60000);
    assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
    free(png);
    cli_do("check-loss square-square margin=1 --out again");
    assert_true(cli_same("made/square-square.png", "again/square-square.png"));
    result = cli_expect(NULL, "check-loss --expr -ec-ei", 0);
    assert_non_null(strstr(result.out, "expression: -ec-ei"));
    cli_free(&result);
}

static void models_are_measured(void **state)
{
    (void)state;
    FILE *table = fopen("samples.csv", "w");
    assert_non_null(table);
    fprintf(table, "x,y\n");
    for (int i = 0; i < 21; i++)
        fprintf(table, "%g,%g\n", i / 10. - 1, (i / 10. - 1) * (i / 10. - 1));
    fclose(table);
    cli_do("demo regression --epochs 5 --samples 20 --quiet --out made");
    cli_do("demo collapse --epochs 60 --samples 20 --quiet --out made");
    static const struct {
        const char *loss, *model;
        bool holds;
    } rows[] = {
        {"energy", "made/regression/model.safetensors", true},
        {"square-square", "made/regression/model.safetensors", true},
        {"nll", "made/regression/model.safetensors", true},
        {"--expr=ec^2", "made/regression/model.safetensors", true},
        {"--expr=ei - ec", "made/regression/model.safetensors", false},
        {"--expr=ec - ei", "made/collapse/model.safetensors", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const words[] = {
            rows[i].loss, "--model", rows[i].model, "--data", "samples.csv"};
        json_t *out = judge(words, 5);
        json_t *six = json_object_get(json_object_get(out, "conditions"), "6");
        json_t *all = json_object_get(six, "all");
        const bool holds = json_is_true(json_object_get(six, "holds"));
        if (holds != rows[i].holds)
            fail_msg("%s on %s: %s", rows[i].loss, rows[i].model,
                json_dumps(six, 0));
        assert_int_equal(
            json_integer_value(json_object_get(all, "samples")), 21);
        assert_int_equal(json_integer_value(json_object_get(
                             json_object_get(six, "near_margin"), "samples")),
            6);
        json_decref(out);
    }
    /* it acquits the energy loss, whose margin is none */
    cli_result result = cli_expect(NULL,
        "check-loss energy --model made/regression/model.safetensors --data "
        "samples.csv",
        0);
    assert_non_null(strstr(result.out, "margin       none"));
    assert_non_null(strstr(result.out, "condition 6  holds on the model"));
    cli_free(&result);
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    cli_do("demo margin --epochs 1 --samples 3 --quiet --out bad");
    static const char *const files[][2] = {{"three.csv", "1,2,3\n"},
        {"far.csv", "x,y\n0,0\n1,9\n"}, {"nan.csv", "0,nan\n"},
        {"word.csv", "0,1\n0,one\n"}, {"empty.csv", ""}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        FILE *f = fopen(files[i][0], "w");
        assert_non_null(f);
        fputs(files[i][1], f);
        fclose(f);
    }
#define MODEL "bad/margin/model.safetensors"
    static const struct {
        const char *words[8], *says[4];
    } rows[] = {
        {{NULL}, {"a loss is missing", "--expr"}},
        {{"hing"}, {"'hing'", "did you mean 'hinge'"}},
        {{"margin=2"}, {"'margin=2'"}},
        {{"hinge", "cap=1"}, {"no parameter 'cap'", "margin"}},
        {{"log", "m=1"}, {"'log' has no parameters"}},
        {{"hinge", "margin"}, {"margin"}},
        {{"hinge", "margin=0"}, {"margin must be above 0"}},
        {{"hinge", "margin=1", "margin=2"}, {"margin is set twice"}},
        {{"--expr", ""}, {"--expr", "empty"}},
        {{"--expr", "max(0, m+ec-ej", "m=1"}, {":1:4:", "never closed"}},
        {{"--expr", "ec+mx(1,ei)"}, {":1:4:", "did you mean 'max'"}},
        {{"--expr", "m*ec", "n=1"}, {"no parameter 'n'", "'m'"}},
        {{"--expr", "m*ec", "m=one"}, {"m must be a number", "'one'"}},
        {{"--expr", "m*ec", "m=inf"}, {"finite"}},
        {{"--expr", "m*ec", "m="}, {"m must be a number"}},
        {{"--expr", "ec", "ec=1"}, {"'ec' is an energy"}},
        {{"--expr", "ec", "hinge"}, {"'hinge' is no setting"}},
        {{"--expr", "log(-1)"}, {"no finite value"}},
        {{"hinge", "--domain", "nonneg"}, {"nonneg", "nonnegative"}},
        {{"hinge", "--model", MODEL}, {"--model and --data"}},
        {{"hinge", "--data", "three.csv"}, {"--model and --data"}},
        {{"hinge", "--model", "no.file", "--data", "three.csv"}, {"no.file"}},
        {{"hinge", "--model", MODEL, "--data", "no.csv"}, {"no.csv"}},
        {{"hinge", "--model", MODEL, "--data", "three.csv"},
            {"3 columns", "1 of x"}},
        {{"hinge", "--model", MODEL, "--data", "far.csv"},
            {"far.csv", "Y of sample 2 is 9", "-0.5 to 1.5"}},
        {{"hinge", "--model", MODEL, "--data", "nan.csv"}, {"sample 1 is nan"}},
        {{"hinge", "--model", MODEL, "--data", "word.csv"},
            {"word.csv:2:3:", "one"}},
        {{"hinge", "--model", MODEL, "--data", "empty.csv"}, {"empty.csv"}},
        {{"hinge", "--out", "word.csv"}, {"word.csv"}},
        {{"hinge", "--jsn"}, {"'--jsn'", "'--json'"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *words[9] = {"check-loss"};
        int n = 1;
        for (; n < 9 && rows[i].words[n - 1]; n++)
            words[n] = rows[i].words[n - 1];
        cli_result result = cli_run_words(NULL, words, n);
        if (!cli_refuses(&result, rows[i].says))
            fail_msg("row %zu, %s", i, words[1] ? words[1] : "");
        cli_free(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_the_verdict),
        cmocka_unit_test(the_domain_is_the_losss_own),
        cmocka_unit_test(text_explains),
        cmocka_unit_test(models_are_measured),
        cmocka_unit_test(bad_input_is_refused),
    };
    return cmocka_run_group_tests(tests, cli_enter, cli_leave);
}
