/* SPDX-License-Identifier: MIT
 *
 * Data as they are found: the same pictures as IDX, CSV, ARFF, .npz and in
 * folders of PGM and PNG train a model to the same bits; and what is wrong
 * with such files is said.
 */
#include "test_cli.h"

#include "basin/data.h"

#if defined __has_feature
#define SANITIZED __has_feature(address_sanitizer)
#elif defined __SANITIZE_ADDRESS__
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

enum { EACH = 8, N = 2 * EACH, AREA = 4 };

#define MODEL(more)                                                            \
    "energy:\n  spaces:\n    x: {shape: [1, 2, 2], low: 0, high: 255}\n"       \
    "    y: {kind: labels, count: 2}\n  nodes:\n"                              \
    "  - {name: e, module: linear, inputs: x, out: 2, weight-range: 0.001}\n"  \
    "  - {module: switch, inputs: [e, y]}\n"                                   \
    "inference: enumerate\nloss: nll\n"                                        \
    "learning: {optimiser: adam, rate: 0.01, epochs: 10, batch: 4}\n" more

/* A picture of 2 x 2: bright along one diagonal or the other. */
static unsigned char pixel(int row, int k)
{
    bool bright = (k == 0 || k == 3) == (row < EACH);
    return (unsigned char)(bright ? 200 + 3 * (row % EACH) : 10 + row % EACH);
}

/* The first picture as a PNG. */
static const unsigned char png[] = {137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0,
    13, 73, 72, 68, 82, 0, 0, 0, 2, 0, 0, 0, 2, 8, 0, 0, 0, 0, 87, 221, 82, 248,
    0, 0, 0, 14, 73, 68, 65, 84, 120, 218, 99, 56, 193, 197, 192, 117, 2, 0, 4,
    242, 1, 165, 98, 82, 162, 180, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96,
    130};

static void put_text(const char *path, const char *text)
{
    cli_put(path, text, strlen(text));
}

static void put_idx(const char *images, const char *labels)
{
    unsigned char x[16 + N * AREA] = {0, 0, 8, 3}, y[8 + N] = {0, 0, 8, 1};
    x[7] = y[7] = N;
    x[11] = x[15] = 2;
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < AREA; k++)
            x[16 + AREA * i + k] = pixel(i, k);
        y[8 + i] = i >= EACH;
    }
    cli_put(images, x, sizeof x);
    cli_put(labels, y, sizeof y);
}

static void put_table(const char *path, const char *head)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(head, file);
    for (int i = 0; i < N; i++)
        fprintf(file, "%d,%d,%d,%d,%d\n", pixel(i, 0), pixel(i, 1), pixel(i, 2),
            pixel(i, 3), i >= EACH);
    fclose(file);
}

static void put_pictures(const char *folder)
{
    char path[128];
    mkdir(folder, 0777);
    for (int i = 0; i < N; i++) {
        unsigned char text[64];
        snprintf(path, sizeof path, "%s/%s", folder, i < EACH ? "0" : "1");
        mkdir(path, 0777);
        snprintf(path, sizeof path, "%s/%s/%02d.%s", folder,
            i < EACH ? "0" : "1", i, i ? "pgm" : "png");
        int n = snprintf((char *)text, sizeof text, "P5\n# made\n2 2\n255\n");
        for (int k = 0; k < AREA; k++)
            text[n++] = pixel(i, k);
        cli_put(path, i ? text : png, i ? (size_t)n : sizeof png);
    }
}

/* ---------------------------------------------------------------------- npz */

static void number(basin_bytes *out, unsigned long value, int bytes)
{
    for (int i = 0; i < bytes; i++, value >>= 8) {
        unsigned char byte = (unsigned char)value;
        assert_int_equal(basin_bytes_append(out, &byte, 1, NULL), BASIN_OK);
    }
}

/* What local headers and the directory have in common, from the version on. */
static void entry(basin_bytes *out, const char *name, size_t size)
{
    number(out, 20, 2);
    number(out, 0, 12); /* flags, method: stored, time, sum: not looked at */
    number(out, size, 4);
    number(out, size, 4);
    number(out, strlen(name), 2);
    number(out, 0, 2);
}

static void put_npz(const char *path, const char *const names[2])
{
    const int64_t dims[2][2] = {{N, AREA}, {N, 1}};
    basin_context *ctx = NULL;
    basin_bytes out, directory;
    assert_int_equal(basin_context_create(&ctx, NULL, NULL), BASIN_OK);
    basin_bytes_init(&out, ctx);
    basin_bytes_init(&directory, ctx);
    for (int i = 0; i < 2; i++) {
        basin_array array;
        basin_bytes npy;
        basin_bytes_init(&npy, ctx);
        assert_int_equal(
            basin_array_init(&array, ctx, 2, dims[i], NULL), BASIN_OK);
        for (int k = 0; k < N * dims[i][1]; k++)
            array.values[k] =
                i ? (float)(k >= EACH) : (float)pixel(k / AREA, k % AREA);
        assert_int_equal(basin_npy_write(&npy, &array, NULL), BASIN_OK);
        size_t at = out.size;
        number(&out, 0x04034b50, 4);
        entry(&out, names[i], npy.size);
        basin_bytes_append(&out, names[i], strlen(names[i]), NULL);
        basin_bytes_append(&out, npy.data, npy.size, NULL);
        number(&directory, 0x02014b50, 4);
        number(&directory, 20, 2);
        entry(&directory, names[i], npy.size);
        number(&directory, 0, 10);
        number(&directory, at, 4);
        basin_bytes_append(&directory, names[i], strlen(names[i]), NULL);
        basin_array_finish(&array);
        basin_bytes_finish(&npy);
    }
    size_t at = out.size;
    basin_bytes_append(&out, directory.data, directory.size, NULL);
    number(&out, 0x06054b50, 4);
    number(&out, 0, 4);
    number(&out, 2, 2);
    number(&out, 2, 2);
    number(&out, directory.size, 4);
    number(&out, at, 4);
    number(&out, 0, 2);
    cli_put(path, out.data, out.size);
    basin_bytes_finish(&out);
    basin_bytes_finish(&directory);
    basin_context_destroy(ctx);
}

/* -------------------------------------------------------------------- tests */

static int enter(void **state)
{
    if (cli_enter(state) != 0)
        return -1;
    put_text("m.yaml", MODEL(""));
    mkdir("idx", 0777);
    put_idx("idx/train-images-idx3-ubyte", "idx/train-labels-idx1-ubyte");
    put_idx("idx/t10k-images-idx3-ubyte", "idx/t10k-labels-idx1-ubyte");
    put_table("plain.csv", "");
    put_table("t.arff", "% made\n@relation 'two'\n@attribute p real\n"
                        "@attribute q real\n@attribute r real\n"
                        "@attribute s real\n@attribute class {0, 1}\n@data\n");
    put_npz("t.npz", (const char *const[2]){"x.npy", "y.npy"});
    put_npz("keras.npz", (const char *const[2]){"x_train.npy", "y_train.npy"});
    put_pictures("folder");
    mkdir("both", 0777);
    put_pictures("both/train");
    put_pictures("both/test");
    return 0;
}

static void every_format_gives_the_same_bits(void **state)
{
    (void)state;
    static const char *const data[] = {"--data idx",
        "--data idx/train-images-idx3-ubyte "
        "--data idx/train-labels-idx1-ubyte",
        "--data t.arff", "--data t.npz", "--data keras.npz", "--data folder",
        "--data both"};
    char line[200], model[64];
    cli_do("train m.yaml --quiet --out csv --data plain.csv");
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        snprintf(
            line, sizeof line, "train m.yaml --json --out o%zu %s", i, data[i]);
        snprintf(model, sizeof model, "o%zu/model.safetensors", i);
        cli_result r = cli_expect(NULL, line, 0);
        assert_true(cli_same("csv/model.safetensors", model));
        bool has_test = i == 0 || i == 6;
        assert_true(has_test == (strstr(r.out, "\"test_error\":0") != NULL));
        cli_free(&r);
    }
}

static void every_format_is_answered(void **state)
{
    (void)state;
    cli_do("train m.yaml --quiet --data idx --epochs 30");
    static const char *const data[] = {"idx", "t.arff", "folder", "both"};
    cli_result first = {0};
    for (size_t i = 0; i < sizeof data / sizeof *data; i++) {
        char line[100];
        snprintf(
            line, sizeof line, "evaluate m.yaml --json --data %s", data[i]);
        cli_result r = cli_expect(NULL, line, 0);
        assert_non_null(strstr(r.out, "\"error\":0,"));
        cli_free(&r);
        snprintf(line, sizeof line, "predict m.yaml --data %s", data[i]);
        r = cli_expect(NULL, line, 0);
        if (i)
            assert_string_equal(first.out, r.out);
        else
            first = r;
        if (i)
            cli_free(&r);
    }
    cli_free(&first);
    /* pictures without classes are questions */
    cli_result r = cli_expect(NULL, "predict m.yaml --data folder/1", 0);
    int lines = 0;
    for (const char *at = r.out; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, EACH + 1);
    cli_free(&r);
}

/* Bytes onto another box; held out rows of bytes; on to the same bits. */
static void bytes_are_scaled(void **state)
{
    (void)state;
    put_text("half.yaml",
        "energy:\n  spaces:\n    x: {shape: [1, 2, 2], low: -1, high: 1}\n"
        "    y: {kind: labels, count: 2}\n  nodes:\n"
        "  - {name: e, module: linear, inputs: x, out: 2}\n"
        "  - {module: switch, inputs: [e, y]}\n"
        "inference: enumerate\nloss: nll\n"
        "learning: {rate: 0.1, epochs: 40, held-out: 0.25}\n"
        "data: {scale: bytes}\n");
    cli_result r = cli_expect(NULL, "train half.yaml --json --data idx", 0);
    assert_non_null(strstr(r.out, "\"samples\":12,"));
    assert_non_null(strstr(r.out, "\"held_out_error\":0"));
    assert_non_null(strstr(r.out, "\"test_error\":0"));
    cli_free(&r);
    cli_do("train half.yaml --quiet --data idx --out p --time-limit 1e-9");
    cli_do("train half.yaml --quiet --data idx --out p --resume");
    assert_true(cli_same("half/model.safetensors", "p/model.safetensors"));
    assert_true(
        cli_same("half/checkpoint.safetensors", "p/checkpoint.safetensors"));
    r = cli_expect(NULL, "evaluate half.yaml --json --data plain.csv", 0);
    assert_non_null(strstr(r.out, "\"error\":0,"));
    cli_free(&r);
}

static void refused(const char *line, const char *says)
{
    cli_result r = cli_run(NULL, line);
    const char *words[] = {says, NULL};
    assert_true(cli_refuses(&r, words));
    cli_free(&r);
}

static void what_is_wrong_is_said(void **state)
{
    (void)state;
    put_text("none.yaml",
        "energy:\n  spaces:\n    x: {dim: 4, low: 0, high: 1}\n"
        "    y: {kind: labels, count: 2}\n  nodes:\n"
        "  - {name: e, module: linear, inputs: x, out: 2}\n"
        "  - {module: switch, inputs: [e, y]}\n"
        "inference: enumerate\nloss: nll\n");
    refused("train none.yaml --data idx", "'scale: bytes' brings them there");
    mkdir("empty", 0777);
    refused("train m.yaml --data empty", "has no pictures (.pgm, .png)");
    mkdir("bad", 0777);
    put_text("bad/1.pgm", "P5 1 1 255\nx");
    refused("predict m.yaml --data bad", "the picture is 1 wide and 1 high");
    put_text("bad/1.pgm", "P5 2 2 255\nxyz");
    refused("predict m.yaml --data bad", "1.pgm: the PGM picture has 3 bytes");
    put_text("bad/1.pgm", "P6 2 2 255\nxyzw");
    refused("predict m.yaml --data bad", "does not begin with P5");
    put_text("bad/1.pgm", "P5 2 2 65535\nxyzw");
    refused("predict m.yaml --data bad", "from 1 to 255");
    remove("bad/1.pgm");
    cli_put("bad/1.png", png, sizeof png - 30);
    refused("predict m.yaml --data bad", "1.png: the PNG picture is damaged");
    refused("train m.yaml --data folder/0", "y needs the 1 from");
    put_npz("odd.npz", (const char *const[2]){"u.npy", "v.npy"});
    refused("train m.yaml --data odd.npz", "it has u.npy, v.npy");
}

/* One epoch of the digits, and no more memory than 64 MB and 1.5 times what
 * must be there: a byte a pixel, the weights, a batch. */
static void digits_are_learnt_as_bytes(void **state)
{
    (void)state;
    const char *data = getenv("BASIN_DATA"), *source = getenv("BASIN_SOURCE");
    if (!data || !source) {
        print_message("# SKIPPED: BASIN_DATA is not set\n");
        skip();
    }
    char line[600];
    snprintf(line, sizeof line,
        "train %s/examples/digits.yaml --data %s/mnist --epochs 1 --json "
        "--threads 1",
        source, data);
    cli_result r = cli_expect(NULL, line, 0);
    const char *error = strstr(r.out, "\"test_error\":");
    assert_true(error && atof(error + 13) < 0.04);
    cli_free(&r);
    struct rusage use;
    assert_int_equal(getrusage(RUSAGE_CHILDREN, &use), 0);
    const double weights = 61706, batch = 64 * 784;
    double most = 64e6 + 1.5 * (60000.0 * 784 + 4 * (weights + batch));
    print_message("# %.1f MB of at most %.1f\n",
        (double)use.ru_maxrss * 1024e-6, most * 1e-6);
    if (!SANITIZED)
        assert_true((double)use.ru_maxrss * 1024 <= most);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_gives_the_same_bits),
        cmocka_unit_test(every_format_is_answered),
        cmocka_unit_test(bytes_are_scaled),
        cmocka_unit_test(what_is_wrong_is_said),
        cmocka_unit_test(digits_are_learnt_as_bytes),
    };
#ifndef BASIN_YAML
    puts("1..0 # SKIP built without libfyaml");
    return 0;
#endif
    return cmocka_run_group_tests_name("cli_data", tests, enter, cli_leave);
}
