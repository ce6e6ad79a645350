/* SPDX-License-Identifier: MIT
 *
 * The same bits again: from the manifest's command, with any number of
 * threads, with every backend.
 */
#include "test_cli.h"

#include <jansson.h>

/* What is left of one demonstration, but for the pictures. */
static bool same_demo(const char *first, const char *second, const char *demo)
{
    static const char *const files[] = {
        "surface.npy", "model.safetensors", "history.csv", "manifest.json"};
    bool same = true;
    for (int i = 0; i < 4; i++) {
        char a[128], b[128];
        snprintf(a, sizeof a, "%s/%s/%s", first, demo, files[i]);
        snprintf(b, sizeof b, "%s/%s/%s", second, demo, files[i]);
        same = cli_same(a, b) && same;
    }
    return same;
}

#define RUN "--seed 11 --samples 150 --epochs 4 --quiet --batch 7 "

static int run_first(void **state)
{
    if (cli_enter(state) != 0)
        return -1;
    cli_do("demo all " RUN "--threads 1 --out first");
    return 0;
}

static void the_number_of_threads_changes_nothing(void **state)
{
    (void)state;
    static const char *const demos[] = {
        "regression", "collapse", "margin", "nll"};
    cli_do("demo all " RUN "--threads 2 --out two");
    for (int i = 0; i < 4; i++)
        assert_true(same_demo("first", "two", demos[i]));
    cli_do("demo nll " RUN "--threads 5 --out five");
    assert_true(same_demo("first", "five", "nll"));
}

/* The backends of this machine, from the message that names them. */
static void no_backend_changes_anything(void **state)
{
    (void)state;
    cli_result result = cli_expect(NULL, "demo nll --backend none-such", 2);
    char *list = strstr(result.err, "can run ");
    assert_non_null(list);
    list[strcspn(list, "\n;")] = '\0';
    int n = 0;
    char *rest = NULL;
    for (char *name = strtok_r(list + 8, ", ", &rest); name;
         name = strtok_r(NULL, ", ", &rest), n++) {
        char line[256];
        snprintf(line, sizeof line, "demo nll " RUN "--backend %s --out %s",
            name, name);
        cli_do(line);
        assert_true(same_demo("first", name, "nll"));
    }
    assert_true(n >= 1);
    assert_int_equal(access("portable", F_OK), 0);
    cli_free(&result);
}

static bool same_model(const char *folder)
{
    char path[128];
    size_t n = 0, m = 0;
    snprintf(path, sizeof path, "%s/nll/model.safetensors", folder);
    char *a = cli_slurp("first/nll/model.safetensors", &n);
    char *b = cli_slurp(path, &m);
    assert_true(a && b && n == m);
    bool same = memcmp(a, b, n) == 0;
    free(a);
    free(b);
    return same;
}

static void a_seed_and_a_batch_change_something(void **state)
{
    (void)state;
    cli_do("demo nll " RUN "--seed 12 --out seed");
    assert_false(same_model("seed"));
    cli_do("demo nll " RUN "--batch 8 --out batch");
    assert_false(same_model("batch"));
}

static void the_manifest_repeats_the_run(void **state)
{
    (void)state;
    json_t *manifest = json_load_file("first/margin/manifest.json", 0, NULL);
    assert_non_null(manifest);
    const char *command =
        json_string_value(json_object_get(manifest, "command"));
    assert_non_null(command);
    assert_int_equal(strncmp(command, "basin demo margin ", 18), 0);
    char line[512];
    snprintf(line, sizeof line, "%s --quiet --out again", command + 6);
    cli_do(line);
    static const char *const files[] = {"surface.npy", "model.safetensors",
        "history.csv", "manifest.json", "surface.png", "training.webp",
        "training.gif", "contact.png", "curves.png", "x.npy", "y.npy"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char first[64], again[64];
        snprintf(first, sizeof first, "first/margin/%s", files[i]);
        snprintf(again, sizeof again, "again/margin/%s", files[i]);
        assert_true(cli_same(first, again));
    }
    json_decref(manifest);
}

static void the_manifest_holds_the_settings(void **state)
{
    (void)state;
    json_t *manifest = json_load_file("first/margin/manifest.json", 0, NULL);
    assert_non_null(manifest);
    static const struct {
        const char *name;
        int value;
    } numbers[] = {{"seed", 11}, {"samples", 150}, {"epochs", 4},
        {"epochs_done", 4}, {"batch", 7}, {"margin", 2}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        json_t *value = json_object_get(manifest, numbers[i].name);
        assert_true(json_is_number(value));
        assert_true(json_number_value(value) == numbers[i].value);
    }
    char version[64];
    snprintf(version, sizeof version, "basin %s\n",
        json_string_value(json_object_get(manifest, "basin")));
    cli_result result = cli_expect(NULL, "--version", 0);
    assert_string_equal(result.out, version);
    cli_free(&result);
    char *text = cli_slurp("first/margin/manifest.json", NULL);
    char host[256] = "";
    assert_int_equal(gethostname(host, sizeof host - 1), 0);
    assert_null(strstr(text, cli_folder));
    assert_null(strstr(text, host));
    free(text);
    json_decref(manifest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_number_of_threads_changes_nothing),
        cmocka_unit_test(no_backend_changes_anything),
        cmocka_unit_test(a_seed_and_a_batch_change_something),
        cmocka_unit_test(the_manifest_repeats_the_run),
        cmocka_unit_test(the_manifest_holds_the_settings),
    };
    return cmocka_run_group_tests(tests, run_first, cli_leave);
}
