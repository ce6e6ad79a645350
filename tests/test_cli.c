/* SPDX-License-Identifier: MIT
 *
 * The command at its best: versions, help, what a terminal shows and what it
 * does not, an interrupt, and the completion of the shell.
 */
#include "test_cli.h"

#include <jansson.h>
#include <sys/ioctl.h>

#define COMPLETE                                                               \
    "source \"$BASIN_SOURCE/completions/basin.bash\"; COMP_WORDS=(\"$@\"); "   \
    "COMP_CWORD=$(($# - 1)); _basin; echo \"${COMPREPLY[*]}\""

static void the_version_is_printed(void **state)
{
    (void)state;
    cli_result result = cli_expect(NULL, "--version", 0);
    int major, minor, patch, read = 0;
    assert_int_equal(
        sscanf(result.out, "basin %d.%d.%d\n%n", &major, &minor, &patch, &read),
        3);
    assert_int_equal(read, strlen(result.out));
    assert_string_equal(result.err, "");
    cli_free(&result);
}

static void everything_explains_itself(void **state)
{
    (void)state;
    static const char *const helps[][5] = {
        {"--help", "demo", "chain", "inspect", "gradcheck"},
        {"-h", "demo", "chain", "list", "gradcheck"},
        {"help", "chain", "inspect", "list", "gradcheck"},
        {"demo --help", "--seed N", "--out DIR", "--no-pictures", "--json"},
        {"demo all -h", "--samples N", "--epochs N", "--batch N", "--quiet"},
        {"demo --help", "--threads N", "--backend NAME", "--quick", "default"},
        {"list --help", "--json", "loss|", "usage: basin list", "--help"},
        {"inspect --help", "MODEL.safetensors", "usage", "--help", "basin"},
        {"check-loss --help", "--expr E", "--domain D", "--model FILE", "NAME"},
        {"chain --help", "train", "tag", "evaluate", "convert"},
        {"chain train --help", "--c2 X", "--loss NAME", "--json", "DATA"},
        {"chain tag --help", "--best N", "--scores", "--flush", "[DATA...]"},
        {"chain evaluate --help", "--json", "conlleval", "--model", "DATA"},
        {"gradcheck --help", "--plugin FILE.so", "--seed N", "--help", "MODEL"},
    };
    for (size_t i = 0; i < sizeof helps / sizeof *helps; i++) {
        cli_result result = cli_expect(NULL, helps[i][0], 0);
        assert_int_equal(strncmp(result.out, "usage: basin ", 13), 0);
        for (int j = 1; j < 5; j++)
            if (!strstr(result.out, helps[i][j]))
                fail_msg("basin %s: %s", helps[i][0], helps[i][j]);
        assert_string_equal(result.err, "");
        assert_null(strchr(result.out, '\033'));
        for (const char *line = result.out; *line;
             line += strcspn(line, "\n") + 1)
            assert_true(strcspn(line, "\n") <= 80);
        cli_free(&result);
    }
}

static void two_dashes_end_the_options(void **state)
{
    (void)state;
    cli_result result = cli_expect(
        NULL, "demo --json --no-pictures --epochs 1 --samples=3 -- nll", 0);
    assert_non_null(strstr(result.out, "\"samples\":3,"));
    cli_free(&result);
}

static void quiet_prints_nothing(void **state)
{
    (void)state;
    cli_result result =
        cli_expect(NULL, "demo nll --quiet --epochs 2 --samples 5", 0);
    assert_string_equal(result.out, "");
    assert_string_equal(result.err, "");
    assert_int_equal(access("demo/index.html", R_OK), 0);
    cli_free(&result);
    result =
        cli_expect(NULL, "demo nll --quiet --json --no-pictures --epochs 2", 0);
    assert_int_equal(result.out[0], '{');
    cli_free(&result);
}

static void without_a_terminal_nothing_moves(void **state)
{
    (void)state;
    cli_result result = cli_expect(NULL, "demo nll --epochs 2 --samples 5", 0);
    assert_string_equal(result.err, "");
    assert_null(strchr(result.out, '\033'));
    assert_null(strchr(result.out, '\r'));
    assert_non_null(strstr(result.out, "open demo/index.html\n"));
    assert_non_null(strstr(result.out, "\nnll "));
    cli_free(&result);
}

/* ------------------------------------------------------------- a terminal */

/* Run with a terminal as standard error; skips the case where none can be had.
 * @return what it shows */
static char *watch(const char *line, const char *set, const char *to)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0) {
        print_message(
            "# no terminal: %s (is /dev/pts mounted?)\n", strerror(errno));
        skip();
    }
    assert_int_equal(grantpt(master) | unlockpt(master), 0);
    char command[1024];
    const char *const words[] = {"-c", command};
    snprintf(command, sizeof command, "exec \"$BASIN_EXE\" %s 2>%s", line,
        ptsname(master));
    int hold = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(hold >= 0);
    /* a terminal holds only so much, so somebody has to read it meanwhile */
    char *text = malloc(CLI_MOST + 1);
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    pid_t reader = fork();
    if (reader == 0) {
        char bytes[4096];
        ssize_t got;
        close(pipe_ends[0]);
        close(hold);
        while ((got = read(master, bytes, sizeof bytes)) > 0)
            if (write(pipe_ends[1], bytes, (size_t)got) != got)
                break;
        _exit(0);
    }
    close(pipe_ends[1]);
    cli_how how = {.program = "/bin/sh", .set = set, .to = to};
    cli_result result = cli_run_words(&how, words, 2);
    close(hold);
    size_t used = 0;
    ssize_t got;
    while (used < CLI_MOST &&
           (got = read(pipe_ends[0], text + used, CLI_MOST - used)) > 0)
        used += (size_t)got;
    text[used] = '\0';
    waitpid(reader, NULL, 0);
    close(pipe_ends[0]);
    close(master);
    assert_int_equal(result.status, 0);
    assert_null(strchr(result.out, '\033'));
    cli_free(&result);
    return text;
}

#define LONG_ENOUGH "demo margin --no-pictures --epochs 500"

static void a_terminal_shows_rate_and_time_left(void **state)
{
    (void)state;
    char *text = watch(LONG_ENOUGH, "COLUMNS", "80");
    assert_non_null(strstr(text, "\033["));
    assert_non_null(strstr(text, "margin"));
    assert_non_null(strstr(text, " samples/s"));
    assert_non_null(strstr(text, " s left"));
    assert_non_null(strstr(text, "loss "));
    assert_non_null(strchr(text, '%'));
    /* and cleans up behind itself */
    size_t length = strlen(text);
    assert_true(length > 4);
    assert_string_equal(text + length - 4, "\r\033[K");
    free(text);
}

static void some_terminals_are_left_in_peace(void **state)
{
    (void)state;
    static const char *const ways[][3] = {{"NO_COLOR", "1", LONG_ENOUGH},
        {"TERM", "dumb", LONG_ENOUGH},
        {"COLUMNS", "80", LONG_ENOUGH " --quiet"},
        {"NO_COLOR", "1", "demo nll --epochs 2 --samples 5"}};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        char *text = watch(ways[i][2], ways[i][0], ways[i][1]);
        assert_string_equal(text, "");
        free(text);
    }
    char *text = watch(LONG_ENOUGH, "NO_COLOR", ""); /* empty: not set */
    assert_non_null(strchr(text, '\033'));
    free(text);
}

/* ------------------------------------------------------------- interrupts */

static void an_interrupt_keeps_what_was_learnt(void **state)
{
    (void)state;
    cli_how how = {.interrupt_after = 0.5};
    cli_result result =
        cli_run(&how, "demo all --epochs 1000000 --json --out broken --seed 4");
    assert_int_equal(result.status, 130);
    assert_string_equal(result.err, "");
    json_t *object = json_loads(result.out, JSON_DISABLE_EOF_CHECK, NULL);
    assert_non_null(object);
    assert_string_equal(strchr(result.out, '\n'), "\n"); /* one, not four */
    json_int_t epochs = json_integer_value(json_object_get(object, "epochs"));
    assert_true(epochs > 0 && epochs < 1000000);
    json_t *manifest =
        json_load_file("broken/regression/manifest.json", 0, NULL);
    assert_true(
        json_integer_value(json_object_get(manifest, "epochs_done")) == epochs);
    assert_true(
        json_integer_value(json_object_get(manifest, "epochs")) == 1000000);
    /* the page, the folder, 11 files; nothing of those that never began */
    assert_int_equal(cli_count("broken"), 1 + 1 + 1 + 11);
    char *page = cli_slurp("broken/index.html", NULL);
    assert_non_null(strstr(page, "nterrupted"));
    free(page);
    cli_do("inspect broken/regression/model.safetensors");
    json_decref(manifest);
    json_decref(object);
    cli_free(&result);
}

/* ------------------------------------------------------------- completion */

typedef struct completion {
    const char *words[6], *has, *lacks;
} completion;

static void the_shell_completes(void **state)
{
    (void)state;
    cli_put("one.safetensors", "", 0);
    const char *exe = getenv("BASIN_EXE");
    const completion rows[] = {
        {{exe, ""}, "demo inspect list gradcheck check-loss --help --version",
            NULL},
        {{exe, "gr"}, "gradcheck", "demo"},
        {{exe, "--v"}, "--version", "--help"},
        {{exe, "demo", ""}, "regression collapse margin nll all", "--seed"},
        {{exe, "demo", "m"}, "margin", "nll"},
        {{exe, "demo", "nll", "--s"}, "--samples --seed", "--out"},
        {{exe, "demo", "nll", "--no"}, "--no-pictures", NULL},
        {{exe, "demo", "nll", "--backend", "por"}, "portable", NULL},
        {{exe, "list", ""}, "module energy cost inference loss optimiser",
            NULL},
        {{exe, "list", "--"}, "--help --json", "--seed"},
        {{exe, "gradcheck", "--p"}, "--plugin", NULL},
        {{exe, "gradcheck", "one"}, "one.safetensors", NULL},
        {{exe, "inspect", "on"}, "one.safetensors", NULL},
        {{exe, "check-loss", "squ"}, "square-square square-exp", "hinge"},
        {{exe, "check-loss", "log", "--domain", ""}, "any nonnegative", NULL},
        {{exe, "check-loss", "log", "--model", "on"}, "one.safetensors", NULL},
        {{exe, "inspect", "--h"}, "--help", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *words[9] = {"-c", COMPLETE, "bash"};
        int n = 3;
        while (n < 9 && rows[i].words[n - 3])
            words[n] = rows[i].words[n - 3], n++;
        cli_how how = {.program = "bash"};
        cli_result result = cli_run_words(&how, words, n);
        assert_int_equal(result.status, 0);
        assert_string_equal(result.err, "");
        if (!strstr(result.out, rows[i].has) ||
            (rows[i].lacks && strstr(result.out, rows[i].lacks)))
            fail_msg("%s: %s", words[n - 1], result.out);
        cli_free(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_version_is_printed),
        cmocka_unit_test(everything_explains_itself),
        cmocka_unit_test(two_dashes_end_the_options),
        cmocka_unit_test(quiet_prints_nothing),
        cmocka_unit_test(without_a_terminal_nothing_moves),
        cmocka_unit_test(a_terminal_shows_rate_and_time_left),
        cmocka_unit_test(some_terminals_are_left_in_peace),
        cmocka_unit_test(an_interrupt_keeps_what_was_learnt),
        cmocka_unit_test(the_shell_completes),
    };
    return cmocka_run_group_tests(tests, cli_enter, cli_leave);
}
