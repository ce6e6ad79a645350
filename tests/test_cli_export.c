/* SPDX-License-Identifier: MIT
 *
 * basin export --c: the file compiles alone, without a warning and without
 * asking for any function, and gives the bits of basin predict.
 */
#include "test_cli.h"

static void put_text(const char *path, const char *text)
{
    cli_put(path, text, strlen(text));
}

/* A shell's command, with the compiler of the build in its place. */
static int shell(const char *format, const char *more)
{
    char line[1024];
    const char *cc = getenv("CC");
    snprintf(line, sizeof line, format, cc ? cc : "cc", more);
    return system(line);
}

static const char main_text[] =
    "#include <stdio.h>\n"
    "void m_predict(const float *x, float *y, float *z, float *e);\n"
    "int main(void)\n"
    "{\n"
    "    float x[X], y[Y], e;\n"
    "    while (scanf(\"%f\", x) == 1) {\n"
    "        for (int i = 1; i < X; i++)\n"
    "            if (scanf(\",%f\", &x[i]) != 1)\n"
    "                return 1;\n"
    "        m_predict(x, y, 0, &e);\n"
    "        for (int i = 0; i < Y; i++)\n"
    "            printf(\"%a \", (double)y[i]);\n"
    "        printf(\"%a\\n\", (double)e);\n"
    "    }\n"
    "    return 0;\n"
    "}\n";

/* The numbers of a table, or of what the program printed, as bits. */
static int read_floats(const char *path, int skip_lines, float *out, int most)
{
    char *text = cli_slurp(path, NULL), *at = text;
    assert_non_null(text);
    for (; skip_lines > 0 && *at; at++)
        skip_lines -= *at == '\n';
    int n = 0;
    while (n < most) {
        char *end;
        float value = strtof(at, &end);
        if (end == at)
            break;
        out[n++] = value;
        at = end + (*end == ',');
    }
    free(text);
    return n;
}

/* Train, export, compile, and compare with predict on questions. */
static void assert_same_bits(const char *yaml, int x, int y, const char *level)
{
    enum { MOST = 1024 };
    static float theirs[MOST], ours[MOST];
    char line[256];
    put_text("m.yaml", yaml);
    cli_do("train m.yaml --quiet");
    cli_do("export --c m.yaml --out m.c");
    put_text("main.c", main_text);
    snprintf(line, sizeof line,
        "%%s -std=c11 -Wall -Wextra -Werror %s -ffreestanding -c m.c -o m.o "
        "%%s",
        level);
    assert_int_equal(shell(line, ""), 0);
    snprintf(line, sizeof line,
        "nm m.o | grep -q ' U ' && exit 1; %%s -std=c11 -DX=%d -DY=%d main.c "
        "m.o -o m.exe %%s",
        x, y);
    assert_int_equal(shell(line, ""), 0);
    cli_do("predict m.yaml --data q.csv --out p.csv");
    assert_int_equal(system("tail -n +2 q.csv | ./m.exe > c.txt"), 0);
    int n = read_floats("p.csv", 1, theirs, MOST);
    assert_true(n > 10);
    assert_int_equal(read_floats("c.txt", 0, ours, MOST), n);
    assert_memory_equal(ours, theirs, (size_t)n * sizeof *ours);
}

static void one_number_scaled(void **state)
{
    (void)state;
    FILE *file = fopen("q.csv", "w");
    fputs("a\n", file);
    for (int i = 0; i < 40; i++)
        fprintf(file, "%d\n", i);
    fclose(file);
    const char *yaml =
        "energy:\n  spaces:\n    x: {dim: 1, low: -1, high: 1}\n"
        "    y: {dim: 1, low: -1, high: 1}\n  nodes:\n"
        "  - {module: linear, inputs: x, out: 7}\n  - {module: tanh}\n"
        "  - {name: a, module: linear, out: 3}\n"
        "  - {module: linear, inputs: y, out: 7}\n  - {module: tanh}\n"
        "  - {name: b, module: linear, out: 3}\n"
        "  - {module: l1, inputs: [a, b]}\n"
        "inference: {name: grid, points: 33}\n"
        "loss: square-square\nlearning: {rate: 0.01, epochs: 30}\n"
        "data: {scale: range, rows: [[0, 5], [10, 6], [20, 9], [30, 7], "
        "[40, 1]]}\n";
    assert_same_bits(yaml, 1, 1, "-O2");
    assert_same_bits(yaml, 1, 1, "-O0");
    assert_same_bits(yaml, 1, 1, "-O3");
}

static void every_module(void **state)
{
    (void)state;
    FILE *file = fopen("q.csv", "w");
    fputs("a,b\n", file);
    for (int i = 0; i < 25; i++)
        fprintf(file, "%g,%g\n", -1 + i / 12.0, 0.9 - i / 13.0);
    fclose(file);
    assert_same_bits(
        "energy:\n  spaces:\n    x: {dim: 2, low: -1, high: 1}\n"
        "    y: {dim: 2, low: -1, high: 1}\n"
        "    z: {kind: labels, count: 3}\n  nodes:\n"
        "  - {name: h, module: linear, inputs: x, out: 5}\n"
        "  - {name: s, module: sigmoid}\n"
        "  - {name: r, module: relu, inputs: h}\n"
        "  - {name: p, module: softplus, inputs: h}\n"
        "  - {name: q, module: product, inputs: [s, p]}\n"
        "  - {name: t, module: sum, inputs: [q, r, s]}\n"
        "  - {name: g, module: linear, out: 2, bias: no}\n"
        "  - {name: zl, module: linear, inputs: z, out: 2}\n"
        "  - {name: o, module: sum, inputs: [g, zl]}\n"
        "  - {name: e1, module: squared, inputs: [o, y]}\n"
        "  - {name: k, module: linear, inputs: x, share: h, out: 5}\n"
        "  - {name: gg, module: linear, out: 2, share: g, bias: no}\n"
        "  - {name: e2, module: l1, inputs: [gg, y]}\n"
        "  - {name: e3, module: total, inputs: r, factor: -0.3}\n"
        "  - {module: sum, inputs: [e1, e2, e3]}\n"
        "inference: {name: grid, points: 9}\n"
        "loss: nll\nlearning: {rate: 0.01, epochs: 20}\n"
        "data: {rows: [[0, 0.5, 0.1, 0.2], [1, 0.6, -0.3, 0.4], "
        "[-0.5, 0, 0.9, -1]]}\n",
        2, 2, "-O2");
}

static void labels(void **state)
{
    (void)state;
    cli_result r = cli_expect(NULL, "list inference", 0);
    bool there = strstr(r.out, "enumerate") != NULL;
    cli_free(&r);
    if (!there) {
        print_message("# no inference 'enumerate' is registered\n");
        skip();
    }
    FILE *file = fopen("q.csv", "w");
    fputs("a\n", file);
    for (int i = 0; i < 40; i++)
        fprintf(file, "%g\n", -1 + i / 20.0);
    fclose(file);
    assert_same_bits(
        "energy:\n  spaces:\n    x: {dim: 1, low: -1, high: 1}\n"
        "    y: {kind: labels, count: 3}\n  nodes:\n"
        "  - {module: linear, inputs: x, out: 6}\n  - {module: tanh}\n"
        "  - {name: g, module: linear}\n"
        "  - {module: squared, inputs: [g, y]}\n"
        "inference: enumerate\nloss: nll\n"
        "learning: {rate: 0.05, epochs: 50}\n"
        "data: {rows: [[-1, 0], [-0.5, 0], [0, 1], [0.5, 2], [1, 2]]}\n",
        1, 1, "-O2");
}

/* Questions of `dim` numbers in [-1, 1]. */
static void put_questions(int dim, int n)
{
    FILE *file = fopen("q.csv", "w");
    for (int d = 0; d < dim; d++)
        fprintf(file, "%sx%d", d ? "," : "", d);
    uint32_t seed = 7;
    for (int i = 0; i < n * dim; i++) {
        seed = (seed * 1103515245u + 12345u) & 0x7fffffff;
        fprintf(file, "%s%g", i % dim ? "," : "\n", seed / 1073741823.5 - 1);
    }
    fputs("\n", file);
    fclose(file);
}

/* Pictures through every kind of window, and a switch. */
static void pictures(void **state)
{
    (void)state;
    put_questions(2 * 6 * 7, 20);
    char rows[4096] = "";
    for (int i = 0; i < 85; i++)
        sprintf(rows + strlen(rows), "%s0.%d", i ? ", " : "",
            i < 84 ? i * 37 % 83 : 1);
    char yaml[8192];
    snprintf(yaml, sizeof yaml,
        "energy:\n  spaces:\n    x: {dim: 84, low: -1, high: 1, shape: "
        "[2, 6, 7]}\n    y: {kind: labels, count: 4}\n  nodes:\n"
        "  - {name: c, module: convolution, inputs: x, kernel: 3, "
        "kernel-width: 2, pad: 1, pad-width: 0, out: 6, bias-range: 1}\n"
        "  - {module: normalise, groups: 2}\n  - {module: tanh}\n"
        "  - {name: p, module: max-pool, kernel: 2, stride: 1}\n"
        "  - {module: convolution, table: lenet5, kernel: 2, out: 16}\n"
        "  - {module: dropout, rate: 0.2}\n"
        "  - {name: m, module: mean-pool, kernel: 2, kernel-width: 3, "
        "stride: 2, stride-width: 1}\n"
        "  - {module: convolution, table: each, kernel: 1, out: 32, "
        "bias: no}\n  - {module: normalise, gain: no}\n"
        "  - {module: linear, out: 4}\n  - {name: s, module: softmax}\n"
        "  - {module: linear, inputs: s, out: 4}\n"
        "  - {name: l, module: log-softmax}\n  - {module: switch, inputs: [l, "
        "y]}\n"
        "inference: enumerate\nloss: nll\nlearning: {rate: 0.05, epochs: 3}\n"
        "data: {rows: [[%.*s3]]}\n",
        (int)(strlen(rows) - 3), rows);
    assert_same_bits(yaml, 84, 1, "-O2");
}

/* What compares: dot product, cosine, radial units, embeddings. */
static void similarities(void **state)
{
    (void)state;
    put_questions(3, 30);
    assert_same_bits(
        "energy:\n  spaces:\n    x: {dim: 3, low: -1, high: 1}\n"
        "    y: {kind: labels, count: 5}\n    z: {kind: labels, count: 3}\n"
        "  nodes:\n"
        "  - {name: h, module: linear, inputs: x, out: 6}\n"
        "  - {name: v, module: embedding, inputs: y, count: 5, out: 6}\n"
        "  - {name: u, module: embedding, inputs: z, count: 3, out: 6}\n"
        "  - {name: k, module: sum, inputs: [h, u]}\n"
        "  - {name: d, module: dot, inputs: [k, v]}\n"
        "  - {name: c, module: cosine, inputs: [k, v], eps: 0.001}\n"
        "  - {name: r, module: rbf, inputs: k, out: 5}\n"
        "  - {name: rs, module: switch, inputs: [r, y]}\n"
        "  - {name: f, module: rbf, inputs: k, out: 5, centres: fixed}\n"
        "  - {name: fs, module: switch, inputs: [f, y]}\n"
        "  - {module: sum, inputs: [d, c, rs, fs]}\n"
        "inference: enumerate\nloss: nll\nlearning: {rate: 0.01, epochs: 20}\n"
        "data: {rows: [[0, 0.5, 0.1, 2], [1, 0.6, -0.3, 4], "
        "[-0.5, 0, 0.9, 0]]}\n",
        3, 1, "-O2");
}

/* The exported root is the nearest float, as the processor's is. */
static void roots(void **state)
{
    (void)state;
    put_text("r.yaml", "energy:\n  spaces:\n    x: {dim: 1, low: -1, high: 1}\n"
                       "    y: {kind: labels, count: 2}\n  nodes:\n"
                       "  - {module: cosine, inputs: [x, y]}\n"
                       "inference: enumerate\nloss: nll\n"
                       "learning: {epochs: 1}\ndata: {rows: [[0, 0]]}\n");
    cli_do("train r.yaml --quiet");
    cli_do("export --c r.yaml --out r.c");
    put_text("roots.c",
        "#include \"r.c\"\n#include <math.h>\n"
        "int main(void)\n{\n"
        "    for (uint32_t u = 0x00800000; u <= 0x7f800000; u += 997)\n"
        "        if (basin_sqrt(basin_of_bits(u)) != sqrtf(basin_of_bits(u)))\n"
        "            return 1;\n"
        "    for (uint32_t u = 0x3f800000; u < 0x40800000; u += 3)\n"
        "        if (basin_sqrt(basin_of_bits(u)) != sqrtf(basin_of_bits(u)))\n"
        "            return 1;\n"
        "    float odd = basin_sqrt(basin_of_bits(0x7fc00000));\n"
        "    return basin_sqrt(0.0f) != 0.0f || odd == odd;\n}\n");
    assert_int_equal(
        shell("%s -std=c11 -O2 roots.c -o roots.exe -lm %s", "&& ./roots.exe"),
        0);
}

/* Hidden causes that are summed over: labels, a grid, and each rule. */
static void marginal(void **state)
{
    (void)state;
    put_questions(1, 40);
    static const char *const causes[] = {
        "z: marginalise, beta-z: 3",
        "z: marginalise, beta-z: 0.7, z-points: 5, rule: simpson",
        "z: marginalise, z-points: 4",
        "z: marginalise, z-points: 3, rule: count",
    };
    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++) {
        char yaml[1024];
        for (int labels = 0; labels < 2; labels++) {
            snprintf(yaml, sizeof yaml,
                "energy:\n  spaces:\n    x: {dim: 1, low: -1, high: 1}\n"
                "    y: {%s}\n    z: {%s}\n  nodes:\n"
                "  - {name: h, module: linear, inputs: x, out: 4}\n"
                "  - {name: c, module: linear, inputs: z, out: 4}\n"
                "  - {name: s, module: sum, inputs: [h, c]}\n"
                "  - {module: tanh}\n  - {name: a, module: linear}\n"
                "  - {module: squared, inputs: [a, y]}\n"
                "inference: {name: %s, %s}\nloss: nll\n"
                "learning: {rate: 0.02, epochs: 10}\n"
                "data: {rows: [[-1, 0], [-0.5, 1], [0, 0], [0.5, 1]]}\n",
                labels ? "kind: labels, count: 3" : "dim: 1, low: -1, high: 1",
                i ? "dim: 2, low: -1, high: 1" : "kind: labels, count: 11",
                labels ? "enumerate" : "grid", causes[i]);
            assert_same_bits(yaml, 1, 1, "-O2");
        }
    }
}

/* Poses of one angle and of two, inside the range of cosines and far out. */
static void poses(void **state)
{
    (void)state;
    put_questions(2, 30);
    for (int angles = 1; angles <= 2; angles++) {
        char yaml[1024];
        snprintf(yaml, sizeof yaml,
            "energy:\n  spaces:\n    x: {dim: 2, low: -1, high: 1}\n"
            "    y: {dim: %d, low: -1.5, high: 1.5}\n  nodes:\n"
            "  - {name: g, module: linear, inputs: x, out: %d}\n"
            "  - {name: f, module: pose, inputs: y}\n"
            "  - {name: far, module: linear, inputs: y, out: 1, weight-range: "
            "30}\n"
            "  - {name: p, module: pose}\n"
            "  - {name: pl, module: linear}\n"
            "  - {name: d, module: squared, inputs: [g, f]}\n"
            "  - {module: sum, inputs: [d, pl]}\n"
            "inference: {name: grid, points: 17}\nloss: nll\n"
            "learning: {rate: 0.01, epochs: 10}\n"
            "data: {rows: [[0, 0.5, 0.1%s], [1, 0.6, -0.3%s]]}\n",
            angles, angles == 1 ? 3 : 9, angles == 1 ? "" : ", 1",
            angles == 1 ? "" : ", -0.4");
        assert_same_bits(yaml, 2, angles, "-O2");
    }
}

static void refusals(void **state)
{
    (void)state;
    cli_result r = cli_run(NULL, "export m.yaml");
    const char *c[] = {"--c is what there is", NULL};
    assert_true(cli_refuses(&r, c));
    cli_free(&r);
    put_text("d.yaml", "energy:\n  spaces:\n    x: {dim: 1, low: -1, high: 1}\n"
                       "    y: {dim: 1, low: 0, high: 1}\n  nodes:\n"
                       "  - {name: a, module: linear, inputs: x}\n"
                       "  - {module: l1, inputs: [a, y]}\n"
                       "inference: descent\nloss: hinge\n"
                       "learning: {epochs: 1}\ndata: {rows: [[0, 0]]}\n");
    cli_do("train d.yaml --quiet");
    r = cli_run(NULL, "export --c d.yaml");
    const char *z[] = {"'descent' cannot be exported", NULL};
    assert_true(cli_refuses(&r, z));
    cli_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_number_scaled),
        cmocka_unit_test(every_module),
        cmocka_unit_test(labels),
        cmocka_unit_test(pictures),
        cmocka_unit_test(similarities),
        cmocka_unit_test(roots),
        cmocka_unit_test(marginal),
        cmocka_unit_test(poses),
        cmocka_unit_test(refusals),
    };
#ifndef BASIN_YAML
    puts("1..0 # SKIP built without libfyaml");
    return 0;
#endif
    return cmocka_run_group_tests_name(
        "cli_export", tests, cli_enter, cli_leave);
}
