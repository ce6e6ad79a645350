/* SPDX-License-Identifier: MIT
 *
 * basin chain: from small files to a model, labels, counts, a dump and back;
 * and what it refuses.
 */
#include "test_cli.h"

#include <jansson.h>
#include <math.h>

#define MUST_WRITE(path, text) cli_put(path, text, sizeof(text) - 1)

static const char attributes[] =
    "B-NP\tw=the\tBOS\nI-NP\tw=dog\nB-VP\tw=runs\tEOS\n\n"
    "B-NP\tw=a\tBOS\nI-NP\tw=cat\nB-VP\tw=sleeps:0.5\tEOS\n\n"
    "B-NP\tw=dogs\tBOS\nB-VP\tw=run\tEOS\n";

static const char columns[] = "the DT B-NP\ndog NN I-NP\nruns VB B-VP\n\n"
                              "a DT B-NP\ncat NN I-NP\nsleeps VB B-VP\n";
static const char template[] = "U00:%x[0,0]\nU01:%x[-1,1]/%x[0,1]\nB\n";

static void make_files(void)
{
    MUST_WRITE("train.txt", attributes);
    MUST_WRITE("columns.txt", columns);
    MUST_WRITE("template.txt", template);
    MUST_WRITE("empty.txt", "");
    MUST_WRITE("one.txt", "B-NP\tw=the\n");
}

static json_t *read_json(cli_result *result)
{
    json_t *object = json_loads(result->out, 0, NULL);
    assert_non_null(object);
    cli_free(result);
    return object;
}

static double number(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    assert_true(json_is_number(value));
    return json_number_value(value);
}

static void training_and_evaluation_in_json(void **state)
{
    (void)state;
    make_files();
    cli_result result = cli_expect(NULL,
        "chain train -m m --json --quiet --delta 0 --test train.txt train.txt",
        0);
    assert_string_equal(result.err, "");
    json_t *object = read_json(&result);
    assert_int_equal(number(object, "attributes"), 10);
    assert_int_equal(number(object, "features"), 10 + 3);
    assert_int_equal(number(object, "labels"), 3);
    assert_true(number(object, "iterations") > 2);
    assert_true(number(object, "residual") <= 1e-5);
    assert_true(number(object, "objective") > 0);
    assert_true(number(object, "cpu_seconds") >= 0);
    assert_true(number(object, "seconds") > 0);
    assert_true(number(json_object_get(object, "test"), "f1") == 1);
    json_decref(object);
    result = cli_expect(NULL, "chain evaluate --json -m m train.txt", 0);
    object = read_json(&result);
    assert_true(number(object, "accuracy") == 1);
    assert_true(number(object, "precision") == 1);
    assert_true(number(object, "recall") == 1);
    json_t *types = json_object_get(object, "by_type");
    assert_int_equal(json_object_size(types), 2);
    assert_true(number(json_object_get(types, "NP"), "f1") == 1);
    json_decref(object);
}

static void tagging(void **state)
{
    (void)state;
    make_files();
    cli_do("chain train -m m --quiet train.txt");
    cli_result result = cli_expect(NULL, "chain tag -m m train.txt", 0);
    assert_string_equal(
        result.out, "B-NP\nI-NP\nB-VP\n\nB-NP\nI-NP\nB-VP\n\nB-NP\nB-VP\n\n");
    cli_free(&result);
    result = cli_expect(NULL, "chain tag -m m --best 2 --scores one.txt", 0);
    assert_int_equal(strncmp(result.out, "# 0 0.", 6), 0);
    assert_non_null(strstr(result.out, "\nB-NP\n\n# 1 0."));
    cli_free(&result);
    result =
        cli_expect(NULL, "chain tag -m m --reference --marginals one.txt", 0);
    assert_int_equal(strncmp(result.out, "B-NP\tB-NP:0.", 12), 0);
    cli_free(&result);
    /* columns come back with the label behind them */
    cli_do("chain train -m c --template template.txt --features all --quiet "
           "columns.txt");
    result = cli_expect(NULL, "chain tag -m c columns.txt", 0);
    assert_int_equal(
        strncmp(result.out, "the DT B-NP\tB-NP\ndog NN I-NP\tI-NP\n", 34), 0);
    cli_free(&result);
}

/* The same model from a dump, and from every algorithm one that fits. */
static void models_go_round(void **state)
{
    (void)state;
    make_files();
    cli_do("chain train -m m --quiet train.txt");
    cli_result dump = cli_expect(NULL, "chain dump -m m", 0);
    cli_put("dump.txt", dump.out, strlen(dump.out));
    cli_do("chain convert -m again dump.txt");
    cli_result other = cli_expect(NULL, "chain dump -m again", 0);
    assert_string_equal(dump.out, other.out);
    cli_free(&dump);
    cli_free(&other);
    dump = cli_expect(NULL, "chain dump -m m --top 2", 0);
    int lines = 0;
    for (const char *c = dump.out; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 2);
    cli_free(&dump);
    static const char *const algorithms[] = {
        "lbfgs", "sgd", "perceptron", "pa", "arow", "bcfw"};
    for (int i = 0; i < 6; i++) {
        char line[128];
        snprintf(line, sizeof line,
            "chain train -m a --quiet --c2 .01 --algorithm %s train.txt",
            algorithms[i]);
        cli_do(line);
        cli_result result =
            cli_expect(NULL, "chain evaluate -m a train.txt", 0);
        assert_non_null(strstr(result.out, "100.00"));
        cli_free(&result);
    }
}

/* By the default algorithm, from W = 0, where the losses that look at the
 * lowest wrong labelling have a kink. */
static void every_good_loss_learns(void **state)
{
    (void)state;
    make_files();
    static const char *const losses[] = {"nll", "hinge", "log", "perceptron",
        "margin-rescaling", "slack-rescaling", "mce", "mee", "lvq2"};
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
        char line[128];
        snprintf(line, sizeof line,
            "chain train -m a --quiet --c2 .001 --loss %s train.txt",
            losses[i]);
        cli_do(line);
        cli_result result =
            cli_expect(NULL, "chain evaluate -m a train.txt", 0);
        if (!strstr(result.out, "100.00"))
            fail_msg("%s: %s", losses[i], result.out);
        cli_free(&result);
    }
}

static void same_model_on_any_threads(void **state)
{
    (void)state;
    make_files();
    size_t size = 0, other_size = 0;
    cli_do("chain train -m one --quiet --threads 1 train.txt");
    char *one = cli_slurp("one", &size);
    for (int threads = 2; threads <= 8; threads++) {
        char line[96];
        snprintf(line, sizeof line,
            "chain train -m more --quiet --threads %d train.txt", threads);
        cli_do(line);
        char *more = cli_slurp("more", &other_size);
        assert_int_equal(size, other_size);
        assert_memory_equal(one, more, size);
        free(more);
    }
    free(one);
}

static void folds(void **state)
{
    (void)state;
    make_files();
    cli_result result = cli_expect(NULL,
        "chain train --folds 3 --c2 0.01,10,1 --quiet --threads 1 train.txt",
        0);
    int lines = 0;
    for (const char *c = result.out; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 5);
    assert_non_null(strstr(result.out, "the best c2 of these is "));
    cli_free(&result);
    result =
        cli_expect(NULL, "chain train -m f --folds 4 --quiet train.txt", 2);
    assert_non_null(strstr(result.err, "only 3 sequences"));
    cli_free(&result);
    cli_do("chain train -m f --folds 2 --c2 .5 --quiet train.txt");
    cli_do("chain train -m g --c2 .5 --quiet train.txt");
    size_t size = 0, other_size = 0;
    char *f = cli_slurp("f", &size), *g = cli_slurp("g", &other_size);
    assert_int_equal(size, other_size);
    assert_memory_equal(f, g, size); /* the folds left nothing behind */
    free(f);
    free(g);
}

static void what_is_said_of_losses(void **state)
{
    (void)state;
    make_files();
    cli_result result = cli_expect(
        NULL, "chain train -m m --loss mee --threads 1 train.txt", 0);
    cli_free(&result);
    result = cli_expect(
        NULL, "chain train -m m --loss lvq2 --threads 1 train.txt", 0);
    assert_non_null(strstr(result.err, "optimum of 'nll'"));
    cli_free(&result);
    result = cli_expect(
        NULL, "chain train -m m --loss square-square --threads 1 train.txt", 0);
    assert_non_null(strstr(result.err, "softplus"));
    cli_free(&result);
}

static void refusals(void **state)
{
    (void)state;
    make_files();
    MUST_WRITE("bad.tpl", "U00:%x[0,0\n");
    MUST_WRITE("nul.txt", "B-NP\tw\0=1\n");
    static const struct {
        const char *line, *says;
    } rows[] = {
        {"chain", "train, tag"},
        {"chain trian", "did you mean 'train'"},
        {"chain train train.txt", "-m MODEL"},
        {"chain tag train.txt", "-m MODEL"},
        {"chain train -m m", "DATA"},
        {"chain train -m m --c2 -1 train.txt", "--c2 takes a number"},
        {"chain train -m m --c1 x train.txt", "'x'"},
        {"chain train -m m --algorithm lbgfs train.txt", "'lbfgs'"},
        {"chain train -m m --loss hinj train.txt", "no loss is called 'hinj'"},
        {"chain train -m m --features some train.txt", "observed|all"},
        {"chain train -m m --algorithm sgd --c1 1 train.txt", "c1"},
        {"chain train -m m empty.txt", "no sequence"},
        {"chain train -m m absent.txt", "absent.txt"},
        {"chain train -m m nul.txt", "nul.txt:1"},
        {"chain train -m m --template bad.tpl columns.txt", "bad.tpl:1"},
        {"chain train -m no/such/folder train.txt", "no/such"},
        {"chain train -m m --loss hinge one.txt", "one label"},
        {"chain tag -m train.txt train.txt", "train.txt"},
        {"chain tag -m absent train.txt", "absent"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cli_result result = cli_expect(NULL, rows[i].line, 2);
        if (!strstr(result.err, rows[i].says))
            fail_msg("basin %s says: %s", rows[i].line, result.err);
        assert_string_equal(result.out, "");
        cli_free(&result);
        assert_int_not_equal(access("m", F_OK), 0);
    }
}

/* A model that is cut anywhere, or has a wrong byte, is an error or a model. */
static void broken_models(void **state)
{
    (void)state;
    make_files();
    cli_do("chain train -m whole --quiet train.txt");
    size_t size = 0;
    char *model = cli_slurp("whole", &size);
    for (size_t cut = 0; cut < size; cut += 100) {
        cli_put("cut", model, cut);
        cli_result result = cli_expect(NULL, "chain tag -m cut train.txt", 2);
        assert_non_null(strstr(result.err, "cut"));
        cli_free(&result);
    }
    for (size_t at = 8; at < size; at += 37) {
        model[at] ^= 0x55;
        cli_put("wrong", model, size);
        model[at] ^= 0x55;
        cli_result result = cli_run(NULL, "chain tag -m wrong one.txt");
        assert_true(
            result.status == 0 || result.status == 2 || result.status == 4);
        cli_free(&result);
    }
    free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(training_and_evaluation_in_json),
        cmocka_unit_test(tagging),
        cmocka_unit_test(models_go_round),
        cmocka_unit_test(every_good_loss_learns),
        cmocka_unit_test(same_model_on_any_threads),
        cmocka_unit_test(folds),
        cmocka_unit_test(what_is_said_of_losses),
        cmocka_unit_test(broken_models),
    };
    return cmocka_run_group_tests(tests, cli_enter, cli_leave);
}
