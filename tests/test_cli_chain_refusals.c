/* SPDX-License-Identifier: MIT
 *
 * basin chain and what nobody should give it: data without a sequence or a
 * label, lines of 10 MB, NUL bytes and broken UTF-8, templates that end too
 * early, models that are cut, disks that are full, files that others cut. Each
 * is a right result, or one line that says what is wrong, and never a crash.
 * With BASIN_PEERS, the folder of the three programs, their models too.
 */
#include "test_cli.h"

#define MUST_WRITE(path, text) cli_put(path, text, sizeof(text) - 1)
#define COUNT(x)               ((int)(sizeof(x) / sizeof *(x)))

static const char attributes[] =
    "B-NP\tw=the\tBOS\nI-NP\tw=dog\nB-VP\tw=runs\tEOS\n\n"
    "B-NP\tw=a\tBOS\nI-NP\tw=cat\nB-VP\tw=sleeps:0.5\tEOS\n\n";
static const char columns[] = "the DT B-NP\ndog NN I-NP\nruns VB B-VP\n\n"
                              "a DT B-NP\ncat NN I-NP\nsleeps VB B-VP\n";
static const char crfpp[] = "U00:%x[0,0]\nU01:%x[-1,1]/%x[0,1]\nB\n";
static const char wapiti[] = "u:0=%x[0,0]\nu:1=%x[-1,1]/%x[0,1]\n*\n";

/* Models of ours: of attributes, columns with CRF++'s template, Wapiti's. */
static void make_models(void)
{
    MUST_WRITE("attributes", attributes);
    MUST_WRITE("columns", columns);
    MUST_WRITE("crfpp", crfpp);
    MUST_WRITE("wapiti", wapiti);
    if (access("ma", F_OK) == 0)
        return;
    cli_do("chain train --quiet -m ma attributes");
    cli_do("chain train --quiet -m mc --template crfpp columns");
    cli_do("chain train --quiet -m mw --template wapiti columns");
}

/* ---------------------------------------------------------------------- data
 */

/* What each command does with data; an empty string: it must do well. */
typedef struct data_case {
    const char *text;
    size_t size;
    const char *train, *tag, *evaluate, *plot;
} data_case;

#define DATA(text, train, tag, evaluate, plot)                                 \
    {                                                                          \
        text, sizeof(text) - 1, train, tag, evaluate, plot                     \
    }
#define ALL(text, says) DATA(text, says, says, says, says)

static void expect(const char *line, const char *says)
{
    cli_result result = cli_run(NULL, line);
    const char *const words[] = {says, NULL};
    if (says[0] ? !cli_refuses(&result, words)
                : result.status != 0 || result.err[0])
        fail_msg("basin %s: status %d, %s", line, result.status, result.err);
    cli_free(&result);
}

static void give(const data_case *c, const char *model, const char *tmpl)
{
    char line[256];
    cli_put("data", c->text, c->size);
    snprintf(line, sizeof line, "chain train --quiet -m new %s data", tmpl);
    expect(line, c->train);
    assert_int_equal(access("new", F_OK) == 0, c->train[0] == '\0');
    remove("new");
    snprintf(line, sizeof line, "chain tag -m %s data", model);
    expect(line, c->tag);
    snprintf(line, sizeof line, "chain evaluate -m %s data", model);
    expect(line, c->evaluate);
    snprintf(line, sizeof line, "chain plot --out pictures -m %s data", model);
    expect(line, c->plot);
}

static void odd_attributes(void **state)
{
    (void)state;
    make_models();
    static const char none[] = "no sequence in the data";
    static const data_case cases[] = {
        DATA("", none, "", none, none),
        DATA("\n\n\n", none, "", none, none),
        DATA("\t\t\n", none, "", none, ""), /* in tagging a token */
        ALL("B-NP\tw=the\n", ""),
        ALL("B-NP", ""),
        ALL("B-NP\tw=the\nI-NP\tw=dog\n", ""),
        ALL("B-NP\tw=the\n\nI-NP\tw=dog\n", ""),
        ALL("\tw=the\n\tw=dog\n", ""), /* the first field is the label */
        ALL("X-NEW\tw=the\nI-NP\tw=dog\n", ""),
        ALL("B-NP\tw\0x\n", "data:1:7: a NUL byte"),
        ALL("B-NP\tw=a\nB-NP\t\0\n", "data:2:6: a NUL byte"),
        ALL("B-\xFF\tw=\xFE\xC3\nI-\xC3(\tw=dog\n", ""),
        ALL("B-NP\tw:1e99\n", "data:1:8: the value is not finite"),
        ALL("\xFF\xFE\x41", "UTF-16"),
        DATA(
            "a b c\nd e f\n", "data:1:1: these seem to be columns", "", "", ""),
        DATA("@wait:2\nB-NP\ta\n", "data:1:1: '@wait'", "", "data:1:1: '@wait'",
            ""),
    };
    for (int i = 0; i < COUNT(cases); i++)
        give(&cases[i], "ma", "");
}

static void odd_columns(void **state)
{
    (void)state;
    make_models();
    static const char none[] = "no sequence in the data";
    static const data_case cases[] = {
        DATA("", none, "", none, none),
        DATA(" \n\n", none, "", none, none),
        ALL("the DT B-NP\n", ""),
        ALL("the DT B-NP", ""),
        ALL("the DT B-NP\ndog NN I-NP\n", ""),
        ALL("the DT X-NEW\ndog NN I-NP\n", ""),
        ALL("the\n", "data:1:1: "),
        ALL("the DT\ndog NN\n", "data:1:1: "), /* no labels */
        ALL("the DT B-NP\ndog I-NP\n", "data:2:1: "),
        ALL("the D\0T B-NP\n", "data:1:6: a NUL byte"),
        ALL("\xFF\xC3 DT B-\xFF\ndog NN I-\xC3(\n", ""),
    };
    for (int i = 0; i < COUNT(cases); i++) {
        give(&cases[i], "mc", "--template crfpp");
        give(&cases[i], "mw", "--template wapiti");
    }
    MUST_WRITE("data", "the DT\ndog NN\n");
    cli_do("chain tag --unlabelled -m mc data");
}

/* Ten megabytes without the end of a line: a name, a label, many names. */
static void long_lines(void **state)
{
    (void)state;
    enum { SIZE = 10000000 };
    make_models();
    char *text = malloc(SIZE + 64);
    assert_non_null(text);
    memset(text, 'w', SIZE);
    memcpy(text, "B-NP\t", 5);
    cli_put("name", text, SIZE);
    memset(text, 'w', 5);
    memcpy(text + SIZE, " DT B-NP", 8);
    cli_put("word", text, SIZE + 8);
    for (int i = 0; i < SIZE; i++)
        text[i] = i % 6 == 5 ? '\t' : (char)('a' + i / (i % 6 + 7) % 26);
    cli_put("names", text, SIZE);
    free(text);
    cli_do("chain train --quiet -m big name");
    cli_do("chain tag -m big name");
    cli_do("chain plot --out pictures -m big name");
    cli_do("chain tag -m ma names");
    cli_do("chain train --quiet -m big names");
    cli_do("chain train --quiet -m big --template crfpp word");
    cli_do("chain evaluate -m mc word");
    /* a label as long, in the model and in a picture */
    cli_do("chain train --quiet -m big --template wapiti word");
    MUST_WRITE("slow", "u:%m[0,0,\"w*a\"]\n*\n");
    expect("chain train --quiet -m new --template slow word",
        "word:1:1: the regular expression on line 1 of the template takes too "
        "long");
}

/* A type of chunks that is no UTF-8 is still one of JSON's. */
static void broken_types(void **state)
{
    (void)state;
    make_models();
    MUST_WRITE("data", "B-\xC3(\tw=the\nB-NP\tw=dog\n");
    cli_result result = cli_expect(NULL, "chain evaluate --json -m ma data", 0);
    assert_non_null(strstr(result.out, "\"?(\""));
    assert_non_null(strstr(result.out, "\"NP\""));
    cli_free(&result);
}

/* ----------------------------------------------------------------- templates
 */

static void odd_templates(void **state)
{
    (void)state;
    make_models();
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"", "tpl: the template has no line"},
        {"# nothing\n", "tpl: the template has no line"},
        {"U00:%x[0,9]\nB\n", "columns:1:1: the line has 3 columns, but line 1"},
        {"u:%x[0,9]\n*\n",
            "columns:1:1: line 1 of the template reads column 9"},
        {"U00:%x[0,0\nB\n", "tpl:1:5: the macro has no end"},
        {"U00:%x[0,0]\nU01:%x[-1\n", "tpl:2:"},
        {"U00:%x[\nB\n", "tpl:1:8: a row is expected"},
        {"U00:%x[99999999999,0]\n", "tpl:1:8: a row is expected"},
        {"U00:%y[0,0]\n", "tpl:1:"},
        {"Q00:%x[0,0]\n", "tpl:1:1: a line of a template begins with"},
        {"U\xC3(:%x[0,0]\nB\n", "tpl:1:2: this is no UTF-8"},
        {"U:%x[0,0]\nU\xFF\n", "tpl:2:2: this is no UTF-8"},
        {"u:%m[0,0,\"a]\n", "tpl:1:10: the quote has no end"},
        {"u:%m[0,0,\"*\"]\n", "tpl:1:"},
        {"u:%m[0,0]\n", "tpl:1:"},
    };
    for (int i = 0; i < COUNT(cases); i++) {
        cli_put("tpl", cases[i].text, strlen(cases[i].text));
        expect(
            "chain train --quiet -m new --template tpl columns", cases[i].says);
    }
    MUST_WRITE("tpl", "U00:%x[0,0]\n\0\n");
    expect("chain train --quiet -m new --template tpl columns",
        "tpl:2:1: a NUL byte");
    expect("chain train --quiet -m new --template . columns", "folder");
    assert_int_not_equal(access("new", F_OK), 0);
    /* endless, but for the end of the file */
    enum { MACROS = 200000 };
    char *text = malloc(MACROS * 7 + 8);
    assert_non_null(text);
    memcpy(text, "U00:", 4);
    for (int i = 0; i < MACROS; i++)
        memcpy(text + 4 + i * 7, "%x[0,0]", 7);
    cli_put("tpl", text, MACROS * 7 + 4);
    free(text);
    cli_do("chain train --quiet -m new --template tpl columns");
    remove("new");
}

/* -------------------------------------------------------------------- models
 */

static const char crfpp_model[] =
    "version: 100\ncost-factor: 1\nmaxid: 8\nxsize: 2\n\nB-NP\nI-NP\n\n"
    "U:%x[0,0]\nB\n\n4 B\n0 U:the\n2 U:dog\n\n"
    "0.5000000000000000\n-0.2500000000000000\n-1.0000000000000000\n"
    "0.1250000000000000\n1.0000000000000000\n2.0000000000000000\n"
    "3.0000000000000000\n4.0000000000000000\n";
static const char wapiti_model[] =
    "#mdl#2#3\n#rdr#2/1/0\n9:u:%x[0,0],\n1:b,\n#qrk#2\n4:B-NP,\n4:I-NP,\n"
    "#qrk#3\n5:u:the,\n5:u:dog,\n1:b,\n1=0x1.8p+0\n4=-0x1p-2\n7=0x1.cp-3\n";

/* Cut it everywhere: an error that names the file, from every command. */
static void cut_everywhere(const char *path, size_t step, const char *data)
{
    static const char *const commands[] = {"chain dump -m cut",
        "chain tag -m cut %s", "chain convert -m new cut",
        "chain evaluate -m cut %s", "chain plot --out pictures -m cut %s"};
    size_t size = 0;
    char *model = cli_slurp(path, &size);
    assert_non_null(model);
    for (size_t cut = 0, turn = 0; cut < size; cut += step, turn++) {
        cli_put("cut", model, cut);
        for (int i = 0; i < COUNT(commands); i++) {
            char line[128];
            if (i > 0 && turn % 5)
                continue; /* these read it the same, or as dump does */
            snprintf(line, sizeof line, commands[i], data);
            expect(line, "cut");
        }
    }
    free(model);
    assert_int_not_equal(access("new", F_OK), 0);
}

static void cut_models(void **state)
{
    (void)state;
    make_models();
    cut_everywhere("ma", 100, "attributes");
    cut_everywhere("mw", 100, "columns");
    MUST_WRITE("pp", crfpp_model);
    MUST_WRITE("pw", wapiti_model);
    cli_do("chain tag -m pp columns");
    cli_do("chain tag -m pw columns");
    cut_everywhere("pp", 20, "columns");
    cut_everywhere("pw", 20, "columns");
    cli_result dump = cli_expect(NULL, "chain dump -m mc", 0);
    cli_put("dump", dump.out, strlen(dump.out));
    cli_free(&dump);
    cut_everywhere("dump", 50, "columns");
}

static void cut_models_of_peers(void **state)
{
    (void)state;
    const char *peers = getenv("BASIN_PEERS");
    if (!peers) {
        print_message("SKIPPED: BASIN_PEERS does not name the folder of "
                      "crfsuite, crf_learn and wapiti\n");
        return;
    }
    make_models();
    char command[2048];
    snprintf(command, sizeof command,
        "{ %s/crfsuite learn -m ps attributes && "
        "%s/crf_learn crfpp columns pb && "
        "%s/wapiti train -p wapiti columns pw; } >log 2>&1",
        peers, peers, peers);
    assert_int_equal(system(command), 0);
    cut_everywhere("ps", 100, "attributes");
    cut_everywhere("pb", 100, "columns");
    cut_everywhere("pw", 100, "columns");
}

/* A data file is no model, and a model no data. */
static void one_for_the_other(void **state)
{
    (void)state;
    make_models();
    expect("chain tag -m attributes attributes", "attributes");
    expect("chain dump -m columns", "columns");
    expect("chain convert -m new attributes", "attributes");
    expect("chain tag -m ma ma", "ma:1:");
    expect("chain train --quiet -m new ma", "ma:1:");
    expect("chain evaluate -m ma .", "folder");
    expect("chain tag -m . attributes", "folder");
    /* what is only wanted at the end is missed before the first step */
    expect("chain train --quiet -m new --test none attributes", "none");
    expect("chain train --quiet -m new --held-out none attributes", "none");
    assert_int_equal(access("new", F_OK), -1);
}

/* ---------------------------------------------------------------- full disks
 */

/* Standard output on a device that is always full. */
static void full_outputs(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK) != 0) {
        print_message("SKIPPED: there is no /dev/full\n");
        return;
    }
    make_models();
    static const char *const lines[] = {"chain train --quiet -m new attributes",
        "chain train --quiet --json -m new attributes",
        "chain train --quiet --folds 2 --c2 1,2 attributes",
        "chain tag -m ma attributes", "chain tag --flush -m ma attributes",
        "chain evaluate -m ma attributes",
        "chain evaluate --json -m ma attributes", "chain dump -m ma",
        "chain dump -m ma --top 3",
        "chain plot --out pictures -m ma attributes"};
    for (int i = 0; i < COUNT(lines); i++) {
        const cli_how how = {.out = "/dev/full"};
        cli_result result = cli_run(&how, lines[i]);
        static const char *const says[] = {"standard output", NULL};
        if (!cli_refuses(&result, says))
            fail_msg("basin %s: %s", lines[i], result.err);
        cli_free(&result);
    }
    expect("chain train --quiet -m /dev/full attributes", "no space left");
    expect("chain convert -m /dev/full ma", "no space left");
}

/* A write that fails leaves the file of that name as it was, and no other. */
static void full_disks(void **state)
{
    (void)state;
    make_models();
    size_t size = 0;
    char *model = cli_slurp("ma", &size);
    cli_put("kept", model, size);
    free(model);
    assert_int_equal(mkdir("own", 0777), 0);
    static const char *const lines[] = {
        "chain train --quiet -m kept attributes",
        "chain train --quiet --checkpoint .0001 -m kept attributes",
        "chain convert -m kept mc", "chain plot --out own -m ma attributes"};
    const int before = cli_count(".");
    for (int i = 0; i < COUNT(lines); i++) {
        const cli_how how = {.file_limit = 1024};
        cli_result result = cli_run(&how, lines[i]);
        static const char *const says[] = {"cannot write", NULL};
        if (!cli_refuses(&result, says))
            fail_msg("basin %s: %s", lines[i], result.err);
        cli_free(&result);
        assert_true(cli_same("ma", "kept"));
        assert_int_equal(cli_count("."), before);
    }
}

/* ------------------------------------------------------------------- others */

/* Somebody cuts the model while it is read: the pages of it that are still to
 * come are gone. */
static void others_cut_the_model(void **state)
{
    (void)state;
    make_models();
    static const char script[] =
        "cp ma lost; { printf 'B-NP\\tw=the\\n\\n'; "
        "while [ ! -s out ]; do sleep .01; done; : >lost; "
        "printf 'B-NP\\tw=other\\n\\n'; } | "
        "\"$BASIN_EXE\" chain tag --flush -m lost >out";
    const char *const words[] = {"-c", script};
    const cli_how how = {.program = "/bin/sh"};
    cli_result result = cli_run_words(&how, words, 2);
    static const char *const says[] = {"'lost' was cut", NULL};
    assert_true(cli_refuses(&result, says));
    cli_free(&result);
    char *out = cli_slurp("out", NULL);
    assert_string_equal(out, "B-NP\n\n");
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_attributes),
        cmocka_unit_test(odd_columns),
        cmocka_unit_test(long_lines),
        cmocka_unit_test(broken_types),
        cmocka_unit_test(odd_templates),
        cmocka_unit_test(cut_models),
        cmocka_unit_test(cut_models_of_peers),
        cmocka_unit_test(one_for_the_other),
        cmocka_unit_test(full_outputs),
        cmocka_unit_test(full_disks),
        cmocka_unit_test(others_cut_the_model),
    };
    return cmocka_run_group_tests(tests, cli_enter, cli_leave);
}
