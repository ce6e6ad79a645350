/* SPDX-License-Identifier: MIT
 *
 * basin chain with a net: columns of numbers, letters and arrays, from a
 * description to a model, labels, counts and pictures; and what is refused.
 */
#include "test_cli.h"

#include <jansson.h>

#define MUST_WRITE(path, text) cli_put(path, text, sizeof(text) - 1)

static const char net[] =
    "energy:\n"
    "  spaces: {x: {dim: 2, low: -2, high: 2}, y: {count: 2}}\n"
    "  nodes:\n"
    "    - {module: linear, inputs: x, out: 6}\n"
    "    - {module: tanh}\n"
    "    - {name: costs, module: linear, out: 2}\n"
    "    - {name: energy, module: switch, inputs: [costs, y]}\n"
    "learning: {optimiser: adam, rate: 0.1, rate-end: 0, epochs: 60, "
    "batch: 2}\n";

/* Labels by the sign of a product: no line parts them. */
static void write_numbers(const char *path)
{
    char text[4096];
    size_t at = 0;
    for (int i = 0; i < 80; i++) {
        const int a = i * 7 % 5 - 2, b = i * 11 % 7 - 3;
        at += (size_t)snprintf(text + at, sizeof text - at,
            "w%d %d.5 %d %s\n%s", i, a, b, (a + .5) * b > 0 ? "SAME" : "OTHER",
            i % 5 == 4 ? "\n" : "");
    }
    cli_put(path, text, at);
}

/* Words of two letters, 0 and 1, whose first or last pixels are on. */
static void write_letters(const char *path)
{
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    for (int i = 0; i < 24; i++) {
        const int letter = i * 5 % 3 == 0;
        fprintf(out, "%d\t%c\t%d\t%d\t%d\t0", i + 1, "ab"[letter],
            i % 2 ? -1 : i + 2, i / 2 + 1, i % 2 + 1);
        for (int p = 0; p < 128; p++)
            fprintf(out, "\t%d", (p < 64) == letter && (p + i) % 3 > 0);
        fputc('\n', out);
    }
    fclose(out);
}

static double accuracy(const char *line)
{
    cli_result result = cli_expect(NULL, line, 0);
    json_t *object = json_loads(result.out, 0, NULL);
    assert_non_null(object);
    const double value = json_number_value(json_object_get(object, "accuracy"));
    json_decref(object);
    cli_free(&result);
    return value;
}

static void columns_of_numbers(void **state)
{
    (void)state;
    MUST_WRITE("net.yaml", net);
    write_numbers("n.txt");
    cli_do("chain train --net net.yaml -m m --quiet n.txt");
    assert_true(accuracy("chain evaluate --json -m m n.txt") > .95);
    cli_result result = cli_expect(NULL, "chain tag -m m --marginals n.txt", 0);
    assert_memory_equal(result.out, "w0 -2.5 -3 SAME\tSAME:", 20);
    cli_free(&result);
    /* the same from the whole set, and for any threads */
    cli_do("chain train --net net.yaml --algorithm lbfgs --c2 0.01 -m l n.txt "
           "--quiet --threads 1");
    assert_true(accuracy("chain evaluate --json -m l n.txt") > .95);
    cli_do("chain train --net net.yaml -m two --quiet --threads 2 n.txt");
    assert_true(cli_same("m", "two"));
    cli_do("chain train --net net.yaml --seed 2 -m other --quiet n.txt");
    assert_false(cli_same("m", "other"));
    cli_do("chain train --net net.yaml --loss hinge -m h --quiet n.txt");
    assert_true(accuracy("chain evaluate --json -m h n.txt") > .9);
}

static void letters_with_and_without_a_net(void **state)
{
    (void)state;
    write_letters("l.txt");
    cli_do("chain train -m m --quiet l.txt");
    assert_true(accuracy("chain evaluate --json -m m l.txt") == 1);
    MUST_WRITE("net.yaml",
        "energy:\n"
        "  spaces: {x: {shape: [1, 16, 8], low: 0, high: 1}, y: {count: 2}}\n"
        "  nodes:\n"
        "    - {module: convolution, inputs: x, kernel: 4, stride: 4, out: 2}\n"
        "    - {module: relu}\n"
        "    - {name: costs, module: linear, out: 2}\n"
        "    - {name: energy, module: switch, inputs: [costs, y]}\n"
        "loss: margin-rescaling\n"
        "learning: {optimiser: adam, rate: 0.03, epochs: 10}\n");
    cli_do("chain train --net net.yaml -m n --quiet l.txt");
    assert_true(accuracy("chain evaluate --json -m n l.txt") == 1);
    cli_result result = cli_expect(NULL, "chain tag -m n l.txt", 0);
    assert_memory_equal(result.out, "b\na\n\na\nb\n\n", 10);
    cli_free(&result);
    /* a model that is cut anywhere is refused */
    size_t size = 0;
    char *model = cli_slurp("n", &size);
    for (size_t cut = 0; cut < size; cut += size / 20) {
        cli_put("cut", model, cut);
        result = cli_expect(NULL, "chain tag -m cut l.txt", 2);
        cli_free(&result);
    }
    free(model);
}

static void pictures(void **state)
{
    (void)state;
    write_letters("l.txt");
    cli_do("chain train -m m --quiet l.txt");
    cli_result result =
        cli_expect(NULL, "chain plot -m m --out d/e --sequence 2 l.txt", 0);
    assert_string_equal(result.out, "d/e/lattice.png\nd/e/confusion.png\n");
    cli_free(&result);
    static const char *const files[] = {"d/e/lattice.png", "d/e/confusion.png"};
    for (int i = 0; i < 2; i++) {
        size_t size = 0;
        char *png = cli_slurp(files[i], &size);
        assert_true(size > 1000);
        assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
        free(png);
    }
}

static void refusals(void **state)
{
    (void)state;
    MUST_WRITE("net.yaml", net);
    MUST_WRITE("bad.yaml", "energy:\n  nodes:\n    - {module: linaer}\n");
    write_numbers("n.txt");
    write_letters("l.txt");
    MUST_WRITE("short.txt", "1 2 A\n3 B\n");
    MUST_WRITE("word.txt", "1 2 A\n1 x B\n");
    MUST_WRITE("three.txt", "1 2 A\n2 1 B\n0 1 C\n");
    MUST_WRITE("zip.npz", "PK\3\4 and no more");
    static const struct {
        const char *line, *says;
    } rows[] = {
        {"chain train --net absent.yaml -m m n.txt", "absent.yaml"},
        {"chain train --net bad.yaml -m m n.txt", "bad.yaml:2"},
        {"chain train --net net.yaml -m m short.txt", "short.txt:2"},
        {"chain train --net net.yaml -m m word.txt", "word.txt:2:3"},
        {"chain train --net net.yaml -m m three.txt",
            "2 labels, and the sequences have 3"},
        {"chain train --net net.yaml -m m l.txt",
            "sees 2 numbers at a position, and the sequences have 128"},
        {"chain train --net net.yaml --algorithm pa -m m n.txt", "optimiser"},
        {"chain train --net net.yaml -m m zip.npz", "zip.npz"},
        {"chain train -m m n.txt", "template"},
        {"chain plot n.txt", "-m MODEL"},
        {"chain plot -m absent n.txt", "absent"},
        {"chain plot -m n.txt n.txt", "n.txt"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cli_result result = cli_expect(NULL, rows[i].line, 2);
        if (!strstr(result.err, rows[i].says))
            fail_msg("basin %s says: %s", rows[i].line, result.err);
        cli_free(&result);
        assert_int_not_equal(access("m", F_OK), 0);
    }
    cli_do("chain train -m m --quiet l.txt");
    cli_result result =
        cli_expect(NULL, "chain plot -m m --sequence 99 l.txt", 2);
    assert_non_null(strstr(result.err, "the data have 12"));
    cli_free(&result);
}

/* Wait until a training has a checkpoint, and kill it. */
static void leave_checkpoint(const char *line)
{
    for (double after = .3; access("r.checkpoint", F_OK) != 0; after *= 2) {
        assert_true(after < 60);
        cli_kill_after(line, after);
    }
}

static void write_net(
    const char *hidden, const char *learning, const char *path)
{
    char text[1024];
    const int n = snprintf(text, sizeof text,
        "energy:\n"
        "  spaces: {x: {dim: 2, low: -2, high: 2}, y: {count: 2}}\n"
        "  nodes:\n"
        "    - {module: linear, inputs: x, out: %s}\n"
        "    - {module: tanh}\n"
        "    - {name: costs, module: linear, out: 2}\n"
        "    - {name: energy, module: switch, inputs: [costs, y]}\n"
        "learning: {%s}\n",
        hidden, learning);
    cli_put(path, text, (size_t)n);
}

/* A checkpoint is of one net, one way to learn and one set of numbers. */
static void resuming_needs_the_same_net(void **state)
{
    (void)state;
    static const char *const learning =
        "optimiser: adam, rate: 0.1, epochs: 1000000, batch: 2";
    write_numbers("n.txt");
    write_net("6", learning, "net.yaml");
    unlink("r.checkpoint");
    leave_checkpoint(
        "chain train --quiet --net net.yaml -m r --checkpoint .001 "
        "n.txt");
    static const struct {
        const char *hidden, *learning, *more, *says;
    } rows[] = {
        {"7", "optimiser: adam, rate: 0.1, epochs: 9, batch: 2", "",
            "settings.out was 6 and is 7"},
        {"6", "optimiser: adam, rate: 0.1, epochs: 9, batch: 4", "",
            "batch was 2 and is 4"},
        {"6", "optimiser: sgd, rate: 0.1, epochs: 9, batch: 2", "",
            "optimiser was adam and is sgd"},
        {"6", "optimiser: {name: adam, beta1: 0.5}, rate: 0.1, batch: 2", "",
            "beta1 was 0.9"},
        {"6", "optimiser: adam, rate: 0.2, epochs: 9, batch: 2", "",
            "rate was 0.1"},
        {"6", "optimiser: adam, rate: 0.1, batch: 2, held-out: 0.2", "",
            "held-out was 0 and is 0.2"},
        {"6", "optimiser: adam, rate: 0.1, epochs: 9, batch: 2",
            " --loss hinge", "loss was nll and is hinge"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char line[160];
        write_net(rows[i].hidden, rows[i].learning, "other.yaml");
        snprintf(line, sizeof line,
            "chain train --net other.yaml -m r --resume%s n.txt", rows[i].more);
        cli_result result = cli_expect(NULL, line, 2);
        if (!strstr(result.err, rows[i].says))
            fail_msg("%s: basin says: %s", rows[i].says, result.err);
        cli_free(&result);
    }
    size_t size = 0;
    char *text = cli_slurp("n.txt", &size);
    char *number = strstr(text, ".5");
    assert_non_null(number);
    number[1] = '6';
    cli_put("other.txt", text, size);
    free(text);
    cli_result result = cli_expect(
        NULL, "chain train --net net.yaml -m r --resume other.txt", 2);
    assert_non_null(strstr(result.err, "data was"));
    cli_free(&result);
    /* the same net under another name is the same net */
    write_net(
        "6", "optimiser: adam, rate: 0.1, epochs: 1, batch: 2", "other.yaml");
    cli_do("chain train --quiet --net other.yaml -m r --resume n.txt");
    assert_int_not_equal(access("r.checkpoint", F_OK), 0);
}

/* held-out and patience of a description: a part of the data to judge by. */
static void a_part_is_held_out(void **state)
{
    (void)state;
    write_numbers("n.txt");
    write_net("6",
        "optimiser: adam, rate: 0.1, epochs: 5000, batch: 2, held-out: 0.25, "
        "patience: 5",
        "net.yaml");
    cli_result result =
        cli_expect(NULL, "chain train --net net.yaml -m m --json n.txt", 0);
    assert_non_null(strstr(result.err, "held out: best "));
    const char *epochs = strstr(result.out, "\"iterations\":");
    assert_true(epochs && atoi(epochs + 13) < 5000);
    cli_free(&result);
    cli_do("chain train --net net.yaml -m again --threads 1 --quiet n.txt");
    assert_true(cli_same("m", "again"));
    static const struct {
        const char *learning, *says;
    } rows[] = {
        {"optimiser: adam, patience: 5", "net.yaml:8"},
        {"optimiser: adam, patience: 5", "set held-out to a part"},
        {"optimiser: adam, clip: 1", "'clip' is not for chains"},
        {"optimiser: adam, l2: 1", "'l2' is not for chains"},
        {"optimiser: adam, schedule: cosine", "'schedule' is not for chains"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        write_net("6", rows[i].learning, "net.yaml");
        result = cli_expect(NULL, "chain train --net net.yaml -m no n.txt", 2);
        if (!strstr(result.err, rows[i].says))
            fail_msg("%s: basin says: %s", rows[i].says, result.err);
        cli_free(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
        cmocka_unit_test(columns_of_numbers),
        cmocka_unit_test(letters_with_and_without_a_net),
        cmocka_unit_test(pictures),
        cmocka_unit_test(resuming_needs_the_same_net),
        cmocka_unit_test(a_part_is_held_out),
    };
    return cmocka_run_group_tests(tests, cli_enter, cli_leave);
}
