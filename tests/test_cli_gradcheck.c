/* SPDX-License-Identifier: MIT
 *
 * basin gradcheck: the parts that are there pass, a model file passes, and of
 * two plugins, which are built here, it passes the right one and finds the
 * wrong one. And basin inspect, which reads the same files.
 */
#include "test_cli.h"

static bool build_plugin(const char *out, const char *define)
{
    char command[4096];
    snprintf(command, sizeof command,
        "${CC:-cc} -std=c11 -shared -fPIC %s -I '%s/include' "
        "'%s/tests/plugin.c' -o %s",
        define, getenv("BASIN_SOURCE"), getenv("BASIN_SOURCE"), out);
    return system(command) == 0;
}

static void all_modules_pass(void **state)
{
    (void)state;
    cli_result result = cli_expect(NULL, "gradcheck --seed 3", 0);
    static const char *const modules[] = {"linear", "tanh", "l1"};
    for (size_t i = 0; i < sizeof modules / sizeof *modules; i++) {
        char line[64];
        snprintf(line, sizeof line, "module %s ", modules[i]);
        assert_non_null(strstr(result.out, line));
    }
    assert_null(strstr(result.out, "WRONG"));
    assert_string_equal(result.err, "");
    cli_free(&result);
    result = cli_expect(NULL, "gradcheck tanh", 0);
    assert_non_null(strstr(result.out, "module tanh"));
    assert_null(strstr(result.out, "linear"));
    cli_free(&result);
}

static void a_right_plugin_passes(void **state)
{
    (void)state;
    assert_true(build_plugin("right.so", ""));
    cli_result result =
        cli_expect(NULL, "gradcheck --plugin right.so my-square", 0);
    assert_non_null(strstr(result.out, "module my-square"));
    assert_non_null(strstr(result.out, " right "));
    cli_free(&result);
    result = cli_expect(NULL, "gradcheck --plugin ./right.so", 0);
    assert_non_null(strstr(result.out, "module my-square"));
    assert_non_null(strstr(result.out, "module linear"));
    cli_free(&result);
}

static void a_wrong_gradient_is_found(void **state)
{
    (void)state;
    assert_true(build_plugin("wrong.so", "-DWRONG"));
    for (int seed = 1; seed <= 3; seed++) {
        char line[64];
        snprintf(line, sizeof line,
            "gradcheck --plugin wrong.so my-square --seed %d", seed);
        cli_result result = cli_expect(NULL, line, 4);
        assert_non_null(strstr(result.out, "my-square"));
        assert_non_null(strstr(result.out, "WRONG"));
        assert_non_null(strstr(result.out, "by differences"));
        cli_free(&result);
    }
    /* one wrong part among right ones */
    cli_result result = cli_expect(NULL, "gradcheck --plugin wrong.so", 4);
    assert_non_null(strstr(result.out, " right "));
    cli_free(&result);
}

static void a_model_passes_and_is_shown(void **state)
{
    (void)state;
    cli_do("demo margin --epochs 2 --samples 5 --quiet --out made");
    cli_result result =
        cli_expect(NULL, "gradcheck made/margin/model.safetensors", 0);
    assert_non_null(strstr(result.out, "model.safetensors"));
    assert_non_null(strstr(result.out, " right "));
    cli_free(&result);
    result = cli_expect(NULL, "inspect made/margin/model.safetensors", 0);
    static const char *const says[] = {"500 parameters", "never below 0",
        "X: box of 1 dimension, -1 to 1", "Y: box of 1 dimension, -0.5 to 1.5",
        "x-net.hidden", "y-net.code", "linear", "tanh", "l1", "XY"};
    for (size_t i = 0; i < sizeof says / sizeof *says; i++)
        if (!strstr(result.out, says[i]))
            fail_msg("%s is not in\n%s", says[i], result.out);
    cli_free(&result);
}

/* Whose surface is flat between kinks, and whose energies are large. */
static void trained_models_pass(void **state)
{
    (void)state;
    cli_do("demo collapse --quiet --out made");
    cli_do("demo nll --quiet --out made");
    for (int seed = 1; seed <= 10; seed++) {
        char line[128];
        snprintf(line, sizeof line,
            "gradcheck --seed %d made/collapse/model.safetensors "
            "made/nll/model.safetensors",
            seed);
        cli_result result = cli_expect(NULL, line, 0);
        assert_null(strstr(result.out, "WRONG"));
        cli_free(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_modules_pass),
        cmocka_unit_test(a_right_plugin_passes),
        cmocka_unit_test(a_wrong_gradient_is_found),
        cmocka_unit_test(a_model_passes_and_is_shown),
        cmocka_unit_test(trained_models_pass),
    };
    return cmocka_run_group_tests(tests, cli_enter, cli_leave);
}
