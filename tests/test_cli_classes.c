/* SPDX-License-Identifier: MIT
 *
 * Classes by their names: words in CSV, ARFF and folders train the same model,
 * which keeps them, prints them, and knows them in files of another order.
 */
#include "test_cli.h"

enum { N = 24 };

static const char *const names[] = {"ash", "big oak", "elm"};

static void put_text(const char *path, const char *text)
{
    cli_put(path, text, strlen(text));
}

static int class_of(int i)
{
    return i % 3;
}

static double number_of(int i)
{
    return -0.9 + 0.75 * class_of(i) + 0.03 * (i / 3);
}

/* The word that stands for a class. */
typedef const char *(*speller)(int label);

static const char *by_name(int label)
{
    return names[label];
}

static const char *by_number(int label)
{
    static const char *const numbers[] = {"0", "1", "2"};
    return numbers[label];
}

/* Rows from the last to the first, so that no class comes in its order. */
static void put_rows(const char *path, const char *head, speller spell)
{
    FILE *file = fopen(path, "w");
    fputs(head, file);
    for (int i = N - 1; i >= 0; i--)
        fprintf(file, "%.3g,%s\n", number_of(i), spell(class_of(i)));
    fclose(file);
}

static void put_pictures(const char *folder)
{
    char path[64];
    mkdir(folder, 0777);
    for (int i = 0; i < N; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[class_of(i)]);
        mkdir(path, 0777);
        snprintf(
            path, sizeof path, "%s/%s/%02d.pgm", folder, names[class_of(i)], i);
        char text[64];
        int n = snprintf(text, sizeof text, "P5\n1 1\n255\n%c",
            20 + 90 * class_of(i) + i / 3);
        cli_put(path, text, (size_t)n);
    }
}

static void put_model(
    const char *path, double low, double high, int count, const char *data)
{
    FILE *file = fopen(path, "w");
    fprintf(file,
        "energy:\n  spaces:\n    x: {dim: 1, low: %g, high: %g}\n"
        "    y: {kind: labels, count: %d}\n  nodes:\n"
        "  - {module: linear, inputs: x, out: 8}\n  - {module: tanh}\n"
        "  - {name: e, module: linear, out: %d}\n"
        "  - {module: switch, inputs: [e, y]}\n"
        "inference: enumerate\nloss: nll\n"
        "learning: {optimiser: adam, rate: 0.05, epochs: 100, batch: 8}\n"
        "data: {%s}\n",
        low, high, count, count, data);
    fclose(file);
}

static int enter(void **state)
{
    if (cli_enter(state) != 0)
        return -1;
    put_rows("words.csv", "size,tree\n", by_name);
    put_rows("bare.csv", "", by_name);
    put_rows("numbers.csv", "size,tree\n", by_number);
    put_rows("t.arff",
        "@relation trees\n@attribute size numeric\n"
        "@attribute tree {ash, 'big oak', elm}\n@data\n",
        by_name);
    put_rows("turned.arff",
        "@relation trees\n@attribute size numeric\n"
        "@attribute tree {elm, unseen, ash, 'big oak'}\n@data\n",
        by_name);
    put_pictures("trees");
    return 0;
}

/* Each class is right, and is printed by its name. */
static void assert_names(const char *data)
{
    char line[128];
    snprintf(line, sizeof line, "predict m/model.safetensors --data %s", data);
    cli_result r = cli_expect(NULL, line, 0);
    const char *at = strchr(r.out, '\n') + 1;
    for (int i = N - 1; i >= 0; i--) {
        size_t n = strlen(names[class_of(i)]);
        bool quoted = strchr(names[class_of(i)], ' ');
        assert_true(strncmp(at + quoted, names[class_of(i)], n) == 0);
        at = strchr(at, '\n') + 1;
    }
    cli_free(&r);
    snprintf(line, sizeof line, "evaluate m.yaml --json --data %s", data);
    r = cli_expect(NULL, line, 0);
    assert_non_null(strstr(r.out, "\"error\":0,"));
    cli_free(&r);
}

/* CSV and ARFF give the same model, and each reads what the others do. */
static void tables(void **state)
{
    (void)state;
    put_model("m.yaml", -1, 1, 3, "");
    cli_do("train m.yaml --quiet --data t.arff --out arff");
    cli_do("train m.yaml --quiet --data bare.csv --out bare");
    cli_do("train m.yaml --quiet --data words.csv");
    assert_true(cli_same("m/model.safetensors", "arff/model.safetensors"));
    assert_true(cli_same("m/model.safetensors", "bare/model.safetensors"));
    assert_names("words.csv");
    assert_names("t.arff");
    assert_names("numbers.csv");
    put_text("q.csv", "0.7\n-0.8\n");
    cli_result r = cli_expect(NULL, "predict m.yaml --json --data q.csv", 0);
    assert_non_null(strstr(r.out, "{\"y\":[2],\"class\":\"elm\",\"energy\":"));
    cli_free(&r);
    r = cli_expect(NULL, "infer m.yaml --json --data words.csv", 0);
    assert_non_null(strstr(r.out, "\"class\":\"big oak\""));
    cli_free(&r);
    r = cli_expect(NULL, "infer m.yaml --data words.csv", 0);
    assert_non_null(strstr(r.out, "     big oak "));
    cli_free(&r);
}

/* A file of other words, of which all that are there are known. */
static void other_order(void **state)
{
    (void)state;
    put_model("m.yaml", -1, 1, 3, "");
    cli_do("train m.yaml --quiet --data words.csv");
    cli_result r = cli_run(NULL, "evaluate m.yaml --data turned.arff");
    const char *const says[] = {"the class 'unseen'", "it has 3", NULL};
    assert_true(cli_refuses(&r, says));
    cli_free(&r);
    put_text("elms.csv", "a,b\n0.7,elm\n-0.8,ash\n0.6,elm\n");
    r = cli_expect(NULL, "evaluate m.yaml --data elms.csv --confusion", 0);
    assert_non_null(strstr(r.out, "right,ash,\"big oak\",elm\nash,1,0,0\n"
                                  "\"big oak\",0,0,0\nelm,0,0,2\n"));
    cli_free(&r);
    r = cli_expect(
        NULL, "evaluate m.yaml --data elms.csv --confusion --json", 0);
    assert_non_null(strstr(r.out, "\"confusion\":[[1,0,0],[0,0,0],[0,0,2]]}"));
    cli_free(&r);
    /* the description's order, not the alphabet's */
    put_model("m.yaml", -1, 1, 3, "classes: [elm, ash, big oak]");
    cli_do("train m.yaml --quiet --data words.csv");
    assert_names("words.csv");
    r = cli_expect(NULL, "predict m.yaml --json --data elms.csv", 0);
    assert_true(strncmp(r.out, "{\"y\":[0],\"class\":\"elm\"", 22) == 0);
    cli_free(&r);
}

static void folders(void **state)
{
    (void)state;
    put_model("p.yaml", -1, 1, 3, "scale: bytes");
    cli_do("train p.yaml --quiet --data trees");
    cli_result r = cli_expect(NULL, "predict p.yaml --data trees", 0);
    const char *at = strstr(r.out, "\nelm,");
    assert_non_null(strstr(r.out, "y,energy\nash,"));
    assert_non_null(at);
    cli_free(&r);
    /* a folder without the first class: names count, not places */
    assert_int_equal(
        system("mkdir some && cp -r trees/elm 'trees/big oak' some"), 0);
    r = cli_expect(NULL, "evaluate p.yaml --json --data some", 0);
    assert_non_null(strstr(r.out, "\"error\":0,"));
    cli_free(&r);
}

/* Names that are numbers but not their own labels. */
static void numbers(void **state)
{
    (void)state;
    put_model("m.yaml", -1, 1, 3, "");
    FILE *file = fopen("n.arff", "w");
    fputs("@relation n\n@attribute a numeric\n@attribute b {1, 2, 3}\n@data\n",
        file);
    for (int i = 0; i < N; i++)
        fprintf(file, "%.3g,%d\n", number_of(i), class_of(i) + 1);
    fclose(file);
    cli_do("train m.yaml --quiet --data n.arff");
    put_text("n.csv", "0.7,3\n-0.8,1\n");
    cli_result r = cli_expect(NULL, "predict m.yaml --data n.csv", 0);
    assert_non_null(strstr(r.out, "energy\n3,"));
    assert_non_null(strstr(r.out, "\n1,"));
    cli_free(&r);
    r = cli_expect(NULL, "evaluate m.yaml --json --data n.csv", 0);
    assert_non_null(strstr(r.out, "\"error\":0,"));
    cli_free(&r);
}

static void refused(const char *line, const char *what)
{
    const char *const says[] = {what, NULL};
    cli_result r = cli_run(NULL, line);
    assert_true(cli_refuses(&r, says));
    cli_free(&r);
}

static void refusals(void **state)
{
    (void)state;
    put_model("m.yaml", -1, 1, 3, "");
    put_model("two.yaml", -1, 1, 2, "");
    put_model("more.yaml", -1, 1, 2, "classes: [a, b, c]");
    put_text("mixed.csv", "0.1,3\n0.2,ash\n");
    put_text("words.txt", "0.1,ash\noops,ash\n");
    put_text("typo.csv", "0.1,ash\n0.2,elf\n");
    cli_do("train m.yaml --quiet --data words.csv");
    refused("evaluate m.yaml --data typo.csv",
        "the class 'elf', which the model does not know; it has 3, such as "
        "'elm'");
    refused("train m.yaml --data mixed.csv", "mixed.csv:2:5: field 2 is 'ash'");
    refused(
        "train m.yaml --data words.txt", "words.txt:2:1: field 1 is 'oops'");
    refused("train two.yaml --data words.csv", "has 3 classes; y has 2 labels");
    refused("train more.yaml --data words.csv", "one for each of the 2 labels");
    cli_do("train m.yaml --quiet --data numbers.csv");
    refused("evaluate m.yaml --data words.csv",
        "'words.csv' has the class 'elm', and the model knows its labels as "
        "numbers");
    put_text("far.csv", "0.1,7\n");
    refused("evaluate m.yaml --confusion --data far.csv",
        "sample 1 has the label 7; y has 3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables),
        cmocka_unit_test(other_order),
        cmocka_unit_test(folders),
        cmocka_unit_test(numbers),
        cmocka_unit_test(refusals),
    };
#ifndef BASIN_YAML
    puts("1..0 # SKIP built without libfyaml");
    return 0;
#endif
    return cmocka_run_group_tests_name("cli_classes", tests, enter, cli_leave);
}
