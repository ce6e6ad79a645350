/* SPDX-License-Identifier: MIT
 *
 * Bad input: whatever it is, the command ends with 2 and one line that says
 * what, where and what would be right, and changes no file.
 */
#include "test_cli.h"

enum { WORDS = 8, SAYS = 4 };

typedef struct refusal {
    const char *words[WORDS], *says[SAYS];
} refusal;

#define LONG_64                                                                \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define LONG_512 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64
/* compilers need not take 4096 */
#define LONG_4K LONG_512 LONG_512 LONG_512 LONG_512 LONG_512 LONG_512 LONG_512

#define HUGE_NUMBER "99999999999999999999999999"

/* clang-format off */
static const refusal names[] = {
    {{NULL}, {"a command is missing", "--help"}},
    {{""}, {"''"}},
    {{"demos"}, {"'demos'", "'demo'"}},
    {{"isnpect"}, {"'isnpect'", "'inspect'"}},
    {{"--versoin"}, {"'--versoin'", "'--version'"}},
    {{"zzzzzzzz"}, {"'zzzzzzzz'", "--help"}},
    {{LONG_4K}, {"xxx", "--help"}},
    {{"two\nlines\033[31m"}, {"two?lines?[31m"}},
    {{"--version", "now"}, {"'now'", "too many"}},
    {{"--help", "me"}, {"'me'", "too many"}},
    {{"demo"}, {"missing", "regression|collapse|margin|nll|all"}},
    {{"demo", "margn"}, {"'margn'", "'margin'"}},
    {{"demo", "everything"}, {"'everything'", "regression, collapse, margin"}},
    {{"demo", LONG_4K}, {"xxx", "regression, collapse, margin"}},
    {{"demo", ""}, {"''", "regression"}},
    {{"demo", "nll", "margin"}, {"'margin'", "too many"}},
    {{"demo", "nll", "--sede", "1"}, {"'--sede'", "'--seed'"}},
    {{"demo", "nll", "--pictures"}, {"'--pictures'"}},
    {{"demo", "nll", "--" LONG_4K}, {"--xxx", "demo --help"}},
    {{"demo", "nll", "-s", "1"}, {"two dashes", "'-s'"}},
    {{"demo", "nll", "--json=1"}, {"--json", "no value", "'1'"}},
    {{"demo", "nll", "--quick="}, {"--quick", "no value"}},
    {{"demo", "nll", "--backend", "avx22"}, {"avx22", "portable"}},
    {{"demo", "nll", "--backend", "portabel"}, {"portabel", "did you mean"}},
    {{"demo", "nll", "--backend", LONG_4K}, {"xxx", "portable"}},
    {{"demo", "nll", "--backend="}, {"--backend", "NAME", "empty"}},
    {{"list", "los"}, {"'los'", "'loss'"}},
    {{"list", "zzzzzzz"}, {"'zzzzzzz'", "inference"}},
    {{"list", "loss", "cost"}, {"'cost'", "too many"}},
    {{"list", "--jsno"}, {"'--jsno'", "'--json'"}},
    {{"inspect"}, {"missing", "MODEL.safetensors"}},
    {{"inspect", "a", "b"}, {"'b'", "too many"}},
    {{"inspect", "--all"}, {"'--all'"}},
    {{"gradcheck", "linaer"}, {"'linaer'", "'linear'"}},
    {{"gradcheck", "zzzzzzzz"}, {"'zzzzzzzz'", "basin list"}},
    {{"gradcheck", "--sed", "1"}, {"'--sed'", "'--seed'"}},
};

static const refusal numbers[] = {
    {{"demo", "nll", "--seed"}, {"--seed", "needs a value"}},
    {{"demo", "nll", "--seed", "-1"}, {"--seed", "'-1'", "from 0 to"}},
    {{"demo", "nll", "--seed", "1.5"}, {"--seed", "'1.5'", "whole"}},
    {{"demo", "nll", "--seed", "one"}, {"--seed", "'one'", "whole"}},
    {{"demo", "nll", "--seed", ""}, {"--seed", "''", "whole"}},
    {{"demo", "nll", "--seed", HUGE_NUMBER}, {"--seed", HUGE_NUMBER, "to"}},
    {{"demo", "nll", "--seed", "9223372036854775808"}, {"775807"}},
    {{"demo", "nll", "--samples"}, {"--samples", "needs a value"}},
    {{"demo", "nll", "--samples", "0"}, {"--samples", "from 1", "got 0"}},
    {{"demo", "nll", "--samples", "-5"}, {"--samples", "from 1", "-5"}},
    {{"demo", "nll", "--samples", "2.5"}, {"--samples", "whole", "'2.5'"}},
    {{"demo", "nll", "--samples=many"}, {"--samples", "whole", "'many'"}},
    {{"demo", "nll", "--samples", ""}, {"--samples", "whole", "''"}},
    {{"demo", "nll", "--samples", "1e300"}, {"--samples", "1e300", "to 1"}},
    {{"demo", "nll", "--epochs", "0"}, {"--epochs", "from 1", "got 0"}},
    {{"demo", "nll", "--epochs", "-1"}, {"--epochs", "from 1"}},
    {{"demo", "nll", "--epochs", "nan"}, {"--epochs", "whole", "'nan'"}},
    {{"demo", "nll", "--epochs", "inf"}, {"--epochs", "inf"}},
    {{"demo", "nll", "--epochs", "10x"}, {"--epochs", "whole", "'10x'"}},
    {{"demo", "nll", "--epochs", HUGE_NUMBER}, {"--epochs", HUGE_NUMBER}},
    {{"demo", "nll", "--batch", "0"}, {"--batch", "from 1", "got 0"}},
    {{"demo", "nll", "--batch", "-3"}, {"--batch", "from 1"}},
    {{"demo", "nll", "--batch", "1,5"}, {"--batch", "whole", "'1,5'"}},
    {{"demo", "nll", "--batch", LONG_4K}, {"--batch", "whole", "xxx"}},
    {{"demo", "nll", "--threads", "0"}, {"--threads", "from 1 to 1024"}},
    {{"demo", "nll", "--threads", "-2"}, {"--threads", "from 1 to 1024"}},
    {{"demo", "nll", "--threads", "1025"}, {"--threads", "from 1 to 1024"}},
    {{"demo", "nll", "--threads", "0.5"}, {"--threads", "whole", "'0.5'"}},
    {{"demo", "nll", "--threads", "4\n"}, {"--threads", "whole", "'4?'"}},
    {{"gradcheck", "--seed", "-1"}, {"--seed", "'-1'", "from 0 to"}},
};

static const refusal files[] = {
    {{"demo", "nll", "--out"}, {"--out", "needs a value", "DIR"}},
    {{"demo", "nll", "--out", ""}, {"--out", "DIR", "empty"}},
    {{"demo", "nll", "--out", "text"}, {"'text'", "folder"}},
    {{"demo", "nll", "--out", "text/below"}, {"'text'", "something else"}},
    {{"demo", "nll", "--out", "/proc/nothing"}, {"'/proc/nothing'", "folder"}},
    {{"demo", "nll", "--out", LONG_512}, {"folder", "name is too long"}},
    {{"demo", "nll", "--out", LONG_4K}, {"name is too long"}},
    {{"demo", "nll", "--out", "new/" LONG_512}, {"name is too long"}},
    {{"demo", "all", "--out", "half"}, {"'half/margin'", "folder"}},
    {{"demo", "all", "--out", "blocked"}, {"blocked/index.html", "folder"}},
    {{"demo", "nll", "--out", "taken"}, {"taken/nll/manifest.json"}},
    {{"inspect", "missing.safetensors"}, {"'missing.safetensors'", "no such"}},
    {{"inspect", ""}, {"empty"}},
    {{"inspect", "folder.safetensors"}, {"'folder.safetensors'", "a folder"}},
    {{"inspect", "empty.safetensors"}, {"empty.safetensors"}},
    {{"inspect", "short.safetensors"}, {"short.safetensors"}},
    {{"inspect", "cut.safetensors"}, {"cut.safetensors"}},
    {{"inspect", "text"}, {"text"}},
    {{"inspect", "nan.safetensors"}, {"nan.safetensors", "finite"}},
    {{"inspect", "made/margin/surface.npy"}, {"surface.npy"}},
    {{"inspect", "made/margin/surface.png"}, {"surface.png"}},
    {{"inspect", "text/model"}, {"text/model"}},
    {{"gradcheck", "missing.safetensors"}, {"'missing.safetensors'"}},
    {{"gradcheck", "folder.safetensors"}, {"'folder.safetensors'"}},
    {{"gradcheck", "empty.safetensors"}, {"empty.safetensors"}},
    {{"gradcheck", "short.safetensors"}, {"short.safetensors"}},
    {{"gradcheck", "cut.safetensors"}, {"cut.safetensors"}},
    {{"gradcheck", "./text"}, {"./text"}},
    {{"gradcheck", "nan.safetensors"}, {"nan.safetensors", "finite"}},
    {{"gradcheck", "made/margin/x.npy"}, {"x.npy"}},
    {{"gradcheck", "--plugin"}, {"--plugin", "FILE.so"}},
    {{"gradcheck", "--plugin", ""}, {"--plugin", "FILE.so"}},
    {{"gradcheck", "--plugin", "missing.so"}, {"'missing.so'", "shared"}},
    {{"gradcheck", "--plugin", "text"}, {"'text'", "shared library"}},
    {{"gradcheck", "--plugin", "folder.safetensors"}, {"shared library"}},
};
/* clang-format on */

/* Files that are wrong in one way each; a real model among them. */
static int make_files(void **state)
{
    if (cli_enter(state) != 0)
        return -1;
    cli_do("demo margin --epochs 2 --samples 5 --quiet --out made");
    size_t size = 0;
    char *model = cli_slurp("made/margin/model.safetensors", &size);
    assert_non_null(model);
    cli_put("cut.safetensors", model, size - 1);
    cli_put("short.safetensors", model, 5);
    cli_put("empty.safetensors", "", 0);
    cli_put("text", "neither a folder nor a model\n", 29);
    memcpy(model + size - 4, "\0\0\xc0\x7f", 4);
    cli_put("nan.safetensors", model, size);
    free(model);
    mkdir("folder.safetensors", 0777);
    mkdir("half", 0777);
    cli_put("half/margin", "mine", 4);
    mkdir("blocked", 0777);
    mkdir("blocked/index.html", 0777);
    mkdir("taken", 0777);
    mkdir("taken/nll", 0777);
    mkdir("taken/nll/manifest.json", 0777);
    return 0;
}

static void refuse_all(const refusal *rows, size_t n)
{
    uint64_t before = cli_snapshot(".");
    int failed = 0;
    for (size_t i = 0; i < n; i++) {
        int words = 0;
        while (words < WORDS && rows[i].words[words])
            words++;
        cli_result result = cli_run_words(NULL, rows[i].words, words);
        bool good = cli_refuses(&result, rows[i].says);
        if (cli_snapshot(".") != before) {
            print_message("# a file changed, came or went\n");
            good = false;
        }
        if (!good)
            print_message("# case %zu: %s %s\n", i,
                words > 0 ? rows[i].words[0] : "",
                words > 1 ? rows[i].words[words - 1] : "");
        failed += !good;
        cli_free(&result);
    }
    assert_int_equal(failed, 0);
}

static void names_are_refused(void **state)
{
    (void)state;
    refuse_all(names, sizeof names / sizeof *names);
}

static void numbers_are_refused(void **state)
{
    (void)state;
    refuse_all(numbers, sizeof numbers / sizeof *numbers);
}

static void files_are_refused(void **state)
{
    (void)state;
    refuse_all(files, sizeof files / sizeof *files);
}

static void a_library_that_is_no_plugin_is_refused(void **state)
{
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s/libbasin.so", getenv("BASIN_BUILD"));
    const char *const words[] = {"gradcheck", "--plugin", path};
    const char *const says[] = {"libbasin.so", "basin_plugin_register", NULL};
    cli_result result = cli_run_words(NULL, words, 3);
    assert_true(cli_refuses(&result, says));
    cli_free(&result);
}

static void a_path_longer_than_any_is_refused(void **state)
{
    (void)state;
    uint64_t before = cli_snapshot(".");
    static const size_t lengths[] = {4090, 6000};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char path[6001];
        for (size_t at = 0; at < lengths[i]; at++)
            path[at] = at % 2 ? '/' : '.';
        path[lengths[i]] = '\0';
        const char *const words[] = {"demo", "nll", "--out", path};
        const char *const says[] = {"--out is too long", "4095", NULL};
        cli_result result = cli_run_words(NULL, words, 4);
        assert_true(cli_refuses(&result, says));
        assert_true(cli_snapshot(".") == before);
        cli_free(&result);
    }
}

static void folders_without_rights_are_refused(void **state)
{
    (void)state;
    if (geteuid() == 0) {
        print_message("# root may write everywhere: skipped\n");
        skip();
    }
    mkdir("locked", 0555);
    cli_result result = cli_run(NULL, "demo nll --out locked");
    const char *const says[] = {"locked/nll", "permission", NULL};
    assert_true(cli_refuses(&result, says));
    assert_int_equal(cli_count("locked"), 1);
    cli_free(&result);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_refused),
        cmocka_unit_test(numbers_are_refused),
        cmocka_unit_test(files_are_refused),
        cmocka_unit_test(a_library_that_is_no_plugin_is_refused),
        cmocka_unit_test(a_path_longer_than_any_is_refused),
        cmocka_unit_test(folders_without_rights_are_refused),
    };
    return cmocka_run_group_tests(tests, make_files, cli_leave);
}
