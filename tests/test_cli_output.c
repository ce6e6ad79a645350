/* SPDX-License-Identifier: MIT
 *
 * What a run leaves in its folder: everything, or, when something fails on the
 * way, what was there before; and what becomes of a standard output that
 * cannot be written.
 */
#include "test_cli.h"

#define SMALL "--epochs 2 --samples 5 --out "

static const char *const files[] = {"surface.png", "training.webp",
    "training.gif", "contact.png", "curves.png", "history.csv", "surface.npy",
    "x.npy", "y.npy", "model.safetensors", "manifest.json"};

enum { FILES = sizeof files / sizeof *files };

static void everything_is_there(void **state)
{
    (void)state;
    static const char *const demos[] = {
        "regression", "collapse", "margin", "nll"};
    cli_do("demo all --quiet " SMALL "deep/down/all");
    for (int d = 0; d < 4; d++)
        for (int f = 0; f < FILES; f++) {
            char path[128];
            struct stat info;
            snprintf(
                path, sizeof path, "deep/down/all/%s/%s", demos[d], files[f]);
            assert_int_equal(stat(path, &info), 0);
            assert_true(info.st_size > 100);
        }
    assert_int_equal(access("deep/down/all/surfaces.png", R_OK), 0);
    /* the folder, the page and the picture, then a folder and its files each */
    assert_int_equal(cli_count("deep/down/all"), 3 + 4 * (1 + FILES));
}

static void without_pictures_nothing_is_written(void **state)
{
    (void)state;
    uint64_t before = cli_snapshot(".");
    cli_do("demo nll --no-pictures --quiet " SMALL "none");
    assert_true(cli_snapshot(".") == before);
}

/* A limit on the size of files is a disk that gets full half-way. */
static void a_full_disk_leaves_nothing_new(void **state)
{
    (void)state;
    static const rlim_t limits[] = {100, 3000, 30000, 200000, 500000};
    static const char *const culprits[] = {"full/margin/manifest.json",
        "full/margin/model.safetensors", "full/margin/surface.npy",
        "full/margin/", "full/index.html"};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        cli_how how = {.file_limit = limits[i]};
        uint64_t before = cli_snapshot(".");
        cli_result result = cli_run(&how, "demo margin --quiet " SMALL "full");
        const char *const says[] = {culprits[i], "larger than", NULL};
        assert_true(cli_refuses(&result, says));
        assert_true(cli_snapshot(".") == before);
        cli_free(&result);
    }
}

static void an_older_result_stays_whole(void **state)
{
    (void)state;
    cli_do("demo nll --quiet --seed 1 " SMALL "older");
    uint64_t before = cli_snapshot("older");
    static const rlim_t limits[] = {200, 30000, 500000};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        cli_how how = {.file_limit = limits[i]};
        cli_result result =
            cli_run(&how, "demo nll --quiet --seed 2 " SMALL "older");
        assert_int_equal(result.status, 2);
        assert_true(cli_snapshot("older") == before);
        cli_free(&result);
    }
    cli_put("older/margin", "mine", 4);
    before = cli_snapshot("older");
    cli_result all = cli_expect(NULL, "demo all --quiet " SMALL "older", 2);
    assert_true(cli_snapshot("older") == before);
    cli_free(&all);
    assert_int_equal(mkdir("older/nll/history", 0777), 0);
    assert_int_equal(rename("older/nll/curves.png", "older/nll/mine"), 0);
    assert_int_equal(rename("older/nll/history", "older/nll/curves.png"), 0);
    before = cli_snapshot("older");
    cli_result result =
        cli_run(NULL, "demo nll --quiet --seed 2 " SMALL "older");
    const char *const says[] = {"older/nll/curves.png", "a folder", NULL};
    assert_true(cli_refuses(&result, says));
    assert_true(cli_snapshot("older") == before);
    cli_free(&result);
}

static void a_newer_result_takes_the_place_of_an_older_one(void **state)
{
    (void)state;
    cli_do("demo nll --quiet --seed 1 " SMALL "newer");
    int entries = cli_count("newer");
    uint64_t before = cli_snapshot("newer");
    cli_put("target", "x", 1);
    assert_int_equal(unlink("newer/nll/surface.npy"), 0);
    assert_int_equal(symlink("../../target", "newer/nll/surface.npy"), 0);
    cli_do("demo nll --quiet --seed 2 " SMALL "newer");
    assert_true(cli_snapshot("newer") != before);
    assert_int_equal(cli_count("newer"), entries);
    cli_do("demo nll --quiet --seed 2 " SMALL "other");
    assert_true(cli_same("target", "other/nll/surface.npy"));
}

/* --------------------------------------------------------- standard output */

static const char *const printing[] = {"--version", "--help", "demo --help",
    "list", "list --json", "list loss", "gradcheck tanh",
    "inspect newer/nll/model.safetensors", "demo nll --epochs 1 --no-pictures",
    "demo nll --epochs 1 --no-pictures --json"};

enum { PRINTING = sizeof printing / sizeof *printing };

static void refuse_output(const cli_how *how)
{
    const char *const says[] = {"standard output", NULL};
    for (int i = 0; i < PRINTING; i++) {
        cli_result result = cli_run(how, printing[i]);
        if (!cli_refuses(&result, says))
            fail_msg("basin %s", printing[i]);
        cli_free(&result);
    }
}

static void a_full_standard_output_is_an_error(void **state)
{
    (void)state;
    struct stat info;
    assert_int_equal(stat("/dev/full", &info), 0);
    refuse_output(&(cli_how){.out = "/dev/full"});
}

static void a_closed_standard_output_is_an_error(void **state)
{
    (void)state;
    refuse_output(&(cli_how){.out_closed = true});
}

/* What is opened next must not become the standard output. */
static void what_is_printed_goes_into_no_file(void **state)
{
    (void)state;
    cli_do("demo nll --quiet " SMALL "open");
    cli_how how = {.out_closed = true};
    cli_result result = cli_expect(&how, "demo nll --json " SMALL "closed", 2);
    cli_free(&result);
    for (int f = 0; f < FILES; f++) {
        char here[64], there[64];
        snprintf(here, sizeof here, "open/nll/%s", files[f]);
        snprintf(there, sizeof there, "closed/nll/%s", files[f]);
        assert_true(cli_same(here, there));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_there),
        cmocka_unit_test(without_pictures_nothing_is_written),
        cmocka_unit_test(a_full_disk_leaves_nothing_new),
        cmocka_unit_test(an_older_result_stays_whole),
        cmocka_unit_test(a_newer_result_takes_the_place_of_an_older_one),
        cmocka_unit_test(a_full_standard_output_is_an_error),
        cmocka_unit_test(a_closed_standard_output_is_an_error),
        cmocka_unit_test(what_is_printed_goes_into_no_file),
    };
    return cmocka_run_group_tests(tests, cli_enter, cli_leave);
}
