/* SPDX-License-Identifier: MIT
 *
 * One line of JSON a demonstration: its keys in their order, their types, and
 * null for what is not finite.
 */
#include "test_cli.h"

#include "cli/demo_print.c"

static const char *const keys[] = {"demo", "seed", "samples", "epochs",
    "seconds", "samples_per_second", "mae", "energy_right", "energy_wrong",
    "surface_std", "surface_std_initial", "collapsed", "final_loss"};

enum { KEYS = sizeof keys / sizeof *keys };

/* Reads one line, and insists on keys, order and types. */
static json_t *read_line(const char *line, bool null_allowed)
{
    json_t *object = json_loads(line, JSON_DISABLE_EOF_CHECK, NULL);
    assert_non_null(object);
    assert_int_equal(json_object_size(object), KEYS);
    int i = 0;
    for (void *at = json_object_iter(object); at;
         at = json_object_iter_next(object, at), i++) {
        json_t *value = json_object_iter_value(at);
        assert_string_equal(json_object_iter_key(at), keys[i]);
        if (i == 0)
            assert_true(json_is_string(value));
        else if (i < 4)
            assert_true(json_is_integer(value));
        else if (strcmp(keys[i], "collapsed") == 0)
            assert_true(json_is_boolean(value));
        else
            assert_true(
                json_is_real(value) || (null_allowed && json_is_null(value)));
    }
    return object;
}

static void every_demonstration_prints_one_object(void **state)
{
    (void)state;
    cli_result result = cli_expect(NULL,
        "demo all --json --no-pictures --samples 20 --epochs 3 "
        "--seed 9223372036854775807",
        0);
    static const char *const demos[] = {
        "regression", "collapse", "margin", "nll"};
    const char *line = result.out;
    for (int i = 0; i < 4; i++) {
        json_t *object = read_line(line, false);
        assert_string_equal(
            json_string_value(json_object_get(object, "demo")), demos[i]);
        assert_true(json_integer_value(json_object_get(object, "seed")) ==
                    9223372036854775807);
        assert_int_equal(
            json_integer_value(json_object_get(object, "samples")), 20);
        assert_int_equal(
            json_integer_value(json_object_get(object, "epochs")), 3);
        assert_false(json_is_true(json_object_get(object, "collapsed")));
        json_decref(object);
        line = strchr(line, '\n');
        assert_non_null(line++);
    }
    assert_string_equal(line, "");
    assert_string_equal(result.err, "");
    cli_free(&result);
}

/* What demo_print_json prints. */
static char *printed(const demo_run *run)
{
    fflush(stdout);
    int kept = dup(1), file = cli_temporary();
    dup2(file, 1);
    demo_print_json(run);
    fflush(stdout);
    dup2(kept, 1);
    char *text = cli_slurp_fd(file, NULL);
    close(kept);
    close(file);
    return text;
}

static void what_is_not_finite_is_null(void **state)
{
    (void)state;
    static const demo_spec spec = {.name = "nll"};
    demo_run run = {.spec = &spec,
        .settings = {.seed = 3, .samples = 7},
        .seconds = 0.5,
        .epochs_done = 2,
        .mae = NAN,
        .energy_right = INFINITY,
        .energy_wrong = -INFINITY,
        .surface_std = NAN,
        .surface_std_initial = 0.25,
        .final_loss = NAN};
    char *text = printed(&run);
    json_t *object = read_line(text, true);
    for (int i = 4; i < KEYS; i++) {
        bool is_null = json_is_null(json_object_get(object, keys[i]));
        bool finite = i < 6 || i == 10 || i == 11;
        assert_int_equal(is_null, !finite);
    }
    assert_true(
        json_real_value(json_object_get(object, "samples_per_second")) == 28);
    json_decref(object);
    free(text);
    run.seconds = 0;
    run.epochs_done = 0;
    text = printed(&run);
    object = read_line(text, true);
    assert_true(json_is_null(json_object_get(object, "samples_per_second")));
    json_decref(object);
    free(text);
}

static void the_parts_are_listed(void **state)
{
    (void)state;
    cli_result result = cli_expect(NULL, "list --json", 0);
    json_t *all = json_loads(result.out, 0, NULL);
    assert_true(json_is_array(all));
    static const char *const wanted[] = {"module linear", "module tanh",
        "module l1", "inference grid", "loss energy", "loss square-square",
        "loss nll", "optimiser sgd", "optimiser adam"};
    enum { WANTED = sizeof wanted / sizeof *wanted };
    int found = 0;
    cli_result text = cli_expect(NULL, "list", 0);
    for (size_t i = 0; i < json_array_size(all); i++) {
        json_t *part = json_array_get(all, i);
        static const char *const texts[] = {
            "kind", "name", "summary", "formula", "source"};
        for (int j = 0; j < 5; j++)
            assert_true(json_is_string(json_object_get(part, texts[j])));
        json_t *params = json_object_get(part, "params");
        assert_true(json_is_array(params));
        for (size_t j = 0; j < json_array_size(params); j++) {
            json_t *param = json_array_get(params, j);
            assert_true(json_is_string(json_object_get(param, "name")));
            assert_true(json_is_number(json_object_get(param, "default")));
            assert_true(json_is_number(json_object_get(param, "low")) ||
                        json_is_string(json_object_get(param, "choices")));
        }
        char name[128];
        const char *short_name =
            json_string_value(json_object_get(part, "name"));
        snprintf(name, sizeof name, "%s %s",
            json_string_value(json_object_get(part, "kind")), short_name);
        for (int j = 0; j < WANTED; j++)
            found += strcmp(name, wanted[j]) == 0;
        /* the text tells the same names and summaries */
        assert_non_null(strstr(text.out, short_name));
        assert_non_null(strstr(
            text.out, json_string_value(json_object_get(part, "summary"))));
    }
    assert_int_equal(found, WANTED);
    json_decref(all);
    cli_free(&result);
    cli_free(&text);
    result = cli_expect(NULL, "list optimiser --json", 0);
    all = json_loads(result.out, 0, NULL);
    for (size_t i = 0; i < json_array_size(all); i++)
        assert_string_equal(
            json_string_value(json_object_get(json_array_get(all, i), "kind")),
            "optimiser");
    assert_true(json_array_size(all) >= 2);
    json_decref(all);
    cli_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_demonstration_prints_one_object),
        cmocka_unit_test(what_is_not_finite_is_null),
        cmocka_unit_test(the_parts_are_listed),
    };
    return cmocka_run_group_tests(tests, cli_enter, cli_leave);
}
