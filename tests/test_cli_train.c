/* SPDX-License-Identifier: MIT
 *
 * basin train: what it leaves, that a run which was killed, interrupted or
 * limited goes on to the same bits, and what the watch and the guard say.
 *
 * BASIN_KILLS says how many runs are killed; 20 are in the tests, and
 *     BASIN_KILLS=200 ./run test cli_train
 * is the long version.
 */
#include "test_cli.h"

#include <math.h>

#include "basin/data.h"

#define SPACES                                                                 \
    "energy:\n  spaces:\n    x: {dim: 1, low: -1, high: 1}\n"                  \
    "    y: {dim: 1, low: -0.5, high: 1.5}\n  nodes:\n"
#define ONE_NET                                                                \
    "  - {module: linear, inputs: x, out: 20}\n  - {module: tanh}\n"           \
    "  - {name: g, module: linear}\n  - {module: l1, inputs: [g, y]}\n"
#define TWO_NETS(code, ranges)                                                 \
    "  - {module: linear, inputs: x, out: 20" ranges "}\n"                     \
    "  - {module: tanh}\n  - {name: gx, module: linear, out: " code "}\n"      \
    "  - {module: linear, inputs: y, out: 20" ranges "}\n"                     \
    "  - {module: tanh}\n  - {name: gy, module: linear, out: " code "}\n"      \
    "  - {module: l1, inputs: [gx, gy]}\n"
#define SMALL ", weight-range: 0.5, bias-range: 0.25"
#define DATA  "data: {train: parabola.csv}\n"

static void put_text(const char *path, const char *text)
{
    cli_put(path, text, strlen(text));
}

static int enter(void **state)
{
    if (cli_enter(state) != 0)
        return -1;
    FILE *file = fopen("parabola.csv", "w");
    assert_non_null(file);
    fputs("x,y\n", file);
    for (int i = 0; i < 60; i++) {
        double x = -1 + i / 29.5;
        fprintf(file, "%.6f,%.6f\n", x, x * x);
    }
    fclose(file);
    /* everything that a checkpoint holds: two arrays, the best weights, and
     * a rate that was halved */
    put_text("all.yaml",
        SPACES TWO_NETS(
            "4", "") "inference: {name: grid, points: 31}\n"
                     "loss: {name: square-square, margin: 1}\n"
                     "learning: {optimiser: adam, rate: 0.005, rate-end: 0.1, "
                     "epochs: 120,"
                     " batch: 4, held-out: 0.2, patience: 1000000}\n" DATA);
    return 0;
}

/* ------------------------------------------------------------------- plain */

static void the_result_is_good(void **state)
{
    (void)state;
    put_text("good.yaml", SPACES ONE_NET
        "inference: grid\nloss: energy\n"
        "learning: {optimiser: adam, rate: 0.01, rate-end: 0, epochs: 300,"
        " batch: 4}\n" DATA);
    cli_result r =
        cli_expect(NULL, "train good.yaml --json --test parabola.csv", 0);
    const char *mae = strstr(r.out, "\"test_mae\":");
    assert_non_null(mae);
    assert_true(atof(mae + 11) < 0.02);
    assert_non_null(strstr(r.out, "\"samples_per_second\":"));
    assert_non_null(strstr(r.out, "\"warnings\":[]"));
    assert_string_equal(r.err, "");
    cli_free(&r);
    r = cli_expect(NULL, "evaluate good.yaml --data parabola.csv --json", 0);
    mae = strstr(r.out, "\"mae\":");
    assert_true(mae && atof(mae + 6) < 0.02);
    cli_free(&r);
    put_text("q.csv", "x\n0.5\n-1\n");
    r = cli_expect(NULL, "predict good/model.safetensors --data q.csv", 0);
    double y[2], e[2];
    assert_int_equal(
        sscanf(r.out, "y,energy\n%lf,%lf\n%lf,%lf", y, e, y + 1, e + 1), 4);
    assert_true(fabs(y[0] - 0.25) < 0.05 && fabs(y[1] - 1) < 0.1);
    cli_free(&r);
    r = cli_expect(NULL, "infer good.yaml --data parabola.csv --json", 0);
    assert_non_null(strstr(r.out, "\"free_energy\":"));
    assert_non_null(strstr(r.out, "\"energy_wrong\":"));
    cli_free(&r);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    cli_do("train all.yaml --quiet --out one --threads 1 --epochs 10");
    cli_do("train all.yaml --quiet --out two --threads 3 --epochs 10");
    assert_true(cli_same("one/model.safetensors", "two/model.safetensors"));
    assert_true(cli_same("one/history.csv", "two/history.csv"));
    cli_do("train all.yaml --quiet --out two --seed 2 --epochs 10");
    size_t n = 0;
    char *a = cli_slurp("one/model.safetensors", &n);
    char *b = cli_slurp("two/model.safetensors", &n);
    assert_memory_not_equal(a, b, n);
    free(a);
    free(b);
}

static void scales_are_undone(void **state)
{
    (void)state;
    FILE *file = fopen("celsius.csv", "w");
    fputs("sky;celsius;fahrenheit\n", file);
    for (int i = 0; i <= 40; i++)
        fprintf(file, "0;%d;%g\n", i, 32 + 1.8 * i);
    fclose(file);
    put_text("scaled.yaml", SPACES ONE_NET
        "inference: grid\nloss: energy\n"
        "learning: {optimiser: adam, rate: 0.01, rate-end: 0, epochs: 200}\n"
        "data: {train: celsius.csv, x: celsius, y: fahrenheit, scale: range}"
        "\n");
    cli_do("train scaled.yaml --quiet");
    put_text("q.csv", "celsius\n10\n30\n");
    cli_result r = cli_expect(NULL, "predict scaled.yaml --data q.csv", 0);
    double y[2], e[2];
    assert_int_equal(sscanf(r.out, "fahrenheit,energy\n%lf,%lf\n%lf,%lf", y, e,
                         y + 1, e + 1),
        4);
    assert_true(fabs(y[0] - 50) < 2 && fabs(y[1] - 86) < 2);
    cli_free(&r);
}

static void put_npy(const char *path, int columns, float slope)
{
    enum { ROWS = 21 };
    const int64_t dims[2] = {ROWS, columns};
    basin_context *ctx = NULL;
    basin_array array;
    basin_bytes bytes;
    assert_int_equal(basin_context_create(&ctx, NULL, NULL), BASIN_OK);
    assert_int_equal(basin_array_init(&array, ctx, 2, dims, NULL), BASIN_OK);
    for (int i = 0; i < ROWS * columns; i++)
        array.values[i] = slope * ((float)(i / columns) / 10 - 1);
    basin_bytes_init(&bytes, ctx);
    assert_int_equal(basin_npy_write(&bytes, &array, NULL), BASIN_OK);
    cli_put(path, bytes.data, bytes.size);
    basin_bytes_finish(&bytes);
    basin_array_finish(&array);
    basin_context_destroy(ctx);
}

static void arrays_are_read(void **state)
{
    (void)state;
    put_npy("x.npy", 1, 1);
    put_npy("y.npy", 1, 0.5F);
    put_npy("wide.npy", 2, 1);
    put_text("npy.yaml", SPACES ONE_NET
        "inference: grid\nloss: energy\n"
        "learning: {optimiser: adam, rate: 0.01, rate-end: 0, epochs: 200}\n"
        "data: {train: [x.npy, y.npy], x: a, y: b}\n");
    cli_result r = cli_expect(NULL, "train npy.yaml --json", 0);
    const char *mae = strstr(r.out, "\"train_mae\":");
    assert_true(mae && atof(mae + 12) < 0.02);
    cli_free(&r);
    r = cli_expect(NULL, "predict npy.yaml --data x.npy", 0);
    double first;
    assert_int_equal(sscanf(r.out, "b,energy\n%lf", &first), 1);
    assert_true(fabs(first + 0.5) < 0.1);
    cli_free(&r);
    r = cli_run(NULL, "evaluate npy.yaml --data x.npy --data wide.npy");
    const char *wide[] = {"'wide.npy' has 2 numbers a sample; y has 1", NULL};
    assert_true(cli_refuses(&r, wide));
    cli_free(&r);
}

/* ------------------------------------------------------------------ resume */

static bool same_results(const char *a, const char *b)
{
    static const char *const files[] = {
        "model.safetensors", "history.csv", "checkpoint.safetensors"};
    bool same = true;
    for (int i = 0; i < 3; i++) {
        char first[64], second[64];
        snprintf(first, sizeof first, "%s/%s", a, files[i]);
        snprintf(second, sizeof second, "%s/%s", b, files[i]);
        same = cli_same(first, second) && same;
    }
    return same;
}

/* The whole run takes some ten times what a start takes. Every one that is
 * killed goes on to the end; every fourth is killed twice. */
static void kill_often(const char *model, int epochs, int kills)
{
    int done = 0, same = 0, within = 0;
    uint64_t random = 88172645463325252u;
    char whole_line[160], line[160], start[200];
    snprintf(line, sizeof line,
        "train %s --out killed --quiet --resume --threads 1 "
        "--epochs %d",
        model, epochs);
    snprintf(start, sizeof start, "%s --checkpoint 0.002", line);
    snprintf(whole_line, sizeof whole_line,
        "train %s --out whole --quiet --checkpoint 0.002 --threads 1 "
        "--epochs %d",
        model, epochs);
    double begun = cli_seconds();
    cli_do(whole_line);
    double whole = cli_seconds() - begun;
    for (int round = 0; done < kills && round < 20 * kills; round++) {
        if (cli_kill_after(start, cli_random(&random) * whole)) {
            done++;
            within += access("killed/checkpoint.safetensors", F_OK) == 0;
            if (round % 4 == 3)
                cli_kill_after(start, cli_random(&random) * whole);
            cli_do(line);
            same += same_results("whole", "killed");
        }
        cli_remove("killed");
    }
    print_message(
        "# killed %d runs, %d of them behind a checkpoint; %d went on "
        "to the same bits\n",
        done, within, same);
    assert_int_equal(done, kills);
    assert_int_equal(same, kills);
    assert_true(within > 0);
}

static void killed_runs_go_on_to_the_same_bits(void **state)
{
    (void)state;
    const char *wanted = getenv("BASIN_KILLS");
    kill_often("all.yaml", 1000, wanted ? atoi(wanted) : 20);
}

/* What the inference carries from batch to batch is in the checkpoint too. */
static void killed_chains_go_on_to_the_same_bits(void **state)
{
    (void)state;
    const char *wanted = getenv("BASIN_KILLS");
    put_text("chains.yaml",
        SPACES TWO_NETS("4", "") "inference: {name: mala, start: persistent, "
                                 "chains: 2, steps: 3}\nloss: nll\n"
                                 "learning: {rate: 0.01, batch: 4, held-out: "
                                 "0.2}\n" DATA);
    kill_often("chains.yaml", 150, wanted ? atoi(wanted) : 6);
}

static void limits_and_interrupts_leave_checkpoints(void **state)
{
    (void)state;
    cli_do("train all.yaml --out whole --quiet");
    cli_result r = cli_expect(
        NULL, "train all.yaml --out cut --time-limit 1e-9 --json", 0);
    assert_non_null(strstr(r.out, "\"end\":\"time-limit\""));
    cli_free(&r);
    cli_how how = {.interrupt_after = 0.9};
    r = cli_expect(&how, "train all.yaml --out long --epochs 100000000", 130);
    assert_non_null(strstr(r.out, "--resume goes on"));
    assert_int_equal(access("long/checkpoint.safetensors", F_OK), 0);
    assert_int_equal(access("long/model.safetensors", F_OK), 0);
    cli_free(&r);
    r = cli_expect(NULL, "train all.yaml --out cut --resume --json", 0);
    assert_non_null(strstr(r.out, "\"resumed\":true"));
    assert_true(strstr(r.out, "\"end\":\"epochs\"") ||
                strstr(r.out, "\"end\":\"patience\""));
    cli_free(&r);
    assert_true(same_results("whole", "cut"));
    /* a run that is complete stays what it is */
    cli_do("train all.yaml --out cut --resume --quiet");
    assert_true(same_results("whole", "cut"));
}

/* A limit within a long epoch goes back to where the guard stood. */
static void limits_within_an_epoch(void **state)
{
    (void)state;
    FILE *file = fopen("long.csv", "w");
    assert_non_null(file);
    fputs("x,y\n", file);
    for (int i = 0; i < 20000; i++) {
        double x = sin(i);
        fprintf(file, "%.6f,%.6f\n", x, x * x);
    }
    fclose(file);
    cli_do("train all.yaml --data long.csv --epochs 2 --out whole --quiet");
    for (int i = 0; i < 4; i++)
        cli_do("train all.yaml --data long.csv --epochs 2 --out pieces --quiet "
               "--resume --time-limit 0.02");
    cli_do("train all.yaml --data long.csv --epochs 2 --out pieces --quiet "
           "--resume");
    assert_true(same_results("whole", "pieces"));
}

static void other_trainings_are_not_resumed(void **state)
{
    (void)state;
    cli_do("train all.yaml --out this --quiet --epochs 3");
    cli_result r =
        cli_run(NULL, "train all.yaml --out this --resume --epochs 4");
    const char *epochs[] = {"this/checkpoint.safetensors:",
        "learning.epochs was 3 and is 4 now", NULL};
    assert_true(cli_refuses(&r, epochs));
    cli_free(&r);
    put_text("other.csv", "x,y\n0,0\n1,1\n0.5,0.25\n0.1,0\n0.2,0\n0.3,0\n");
    r = cli_run(
        NULL, "train all.yaml --out this --resume --epochs 3 --data other.csv");
    const char *data[] = {"is of other data than these", NULL};
    assert_true(cli_refuses(&r, data));
    cli_free(&r);
    size_t n = 0;
    char *bytes = cli_slurp("this/checkpoint.safetensors", &n);
    cli_put("this/checkpoint.safetensors", bytes, n - 7);
    free(bytes);
    r = cli_run(NULL, "train all.yaml --out this --resume --epochs 3");
    const char *cut[] = {"this/checkpoint.safetensors: ", NULL};
    assert_true(cli_refuses(&r, cut));
    cli_free(&r);
}

/* ------------------------------------------------------------------- watch */

static void expect_warning(
    const char *file, const char *options, int status, const char *says)
{
    char line[128];
    snprintf(line, sizeof line, "train %s --json %s", file, options);
    cli_result r = cli_expect(NULL, line, status);
    if (!strstr(r.err, says))
        fail_msg("'%s' is not in '%s'", says, r.err);
    cli_free(&r);
}

static void collapse_is_named(void **state)
{
    (void)state;
    put_text("collapse.yaml",
        SPACES TWO_NETS(
            "1", SMALL) "inference: grid\nloss: energy\n"
                        "learning: {rate: 0.01, epochs: 300}\n" DATA);
    expect_warning("collapse.yaml", "", 0, ": collapse: the spread");
    cli_result r = cli_run(NULL, "train collapse.yaml --json");
    assert_non_null(strstr(r.out, "\"collapsed\":true"));
    cli_free(&r);
}

static void the_trap_is_named(void **state)
{
    (void)state;
    put_text("trap.yaml",
        SPACES TWO_NETS("1",
            SMALL) "inference: grid\nloss: {name: square-square, margin: 1}\n"
                   "learning: {rate: 0.02, epochs: 100}\n" DATA);
    expect_warning(
        "trap.yaml", "", 0, "the m/2 trap: every energy is near 0.5,");
}

static void divergence_rolls_back(void **state)
{
    (void)state;
    put_text("high.yaml",
        SPACES TWO_NETS(
            "4", "") "inference: grid\nloss: {name: square-square, margin: 1}\n"
                     "learning: {rate: 4, epochs: 40}\n" DATA);
    expect_warning("high.yaml", "", 0, "the rate is halved to 2 (rollback 1 ");
    put_text("low.yaml",
        SPACES TWO_NETS(
            "4", "") "inference: grid\nloss: {name: square-square, margin: 1}\n"
                     "learning: {rate: 4, epochs: 40, rollbacks: 0}\n" DATA);
    expect_warning("low.yaml", "", 4, "a lower rate than 4 would help");
    /* halved rates are in the checkpoint */
    cli_do("train high.yaml --out whole --quiet");
    for (int i = 0; i < 3; i++) {
        char line[96];
        snprintf(line, sizeof line,
            "train high.yaml --out halved --resume --quiet --time-limit 0.0%d1",
            i);
        cli_do(line);
    }
    cli_do("train high.yaml --out halved --resume --quiet");
    assert_true(same_results("whole", "halved"));
}

static void patience_keeps_the_best(void **state)
{
    (void)state;
    put_text("over.yaml", SPACES ONE_NET "inference: grid\nloss: energy\n"
                                         "learning: {rate: 0.05, epochs: 2000, "
                                         "held-out: 0.3, patience: 15}\n" DATA);
    cli_result r = cli_expect(NULL, "train over.yaml", 0);
    assert_non_null(strstr(r.out, "stopped: the held-out loss"));
    cli_free(&r);
    r = cli_expect(NULL, "train over.yaml --json", 0);
    assert_non_null(strstr(r.out, "\"end\":\"patience\""));
    cli_free(&r);
}

/* Every sample is held out once, and the mean is that of the folds. */
static void folds_are_held_out_in_turn(void **state)
{
    (void)state;
    cli_result r = cli_expect(
        NULL, "train all.yaml --epochs 5 --folds 3 --json --out cv", 0);
    double sum = 0;
    int folds = 0;
    const char *at = r.out;
    for (; (at = strstr(at, "\"held_out_mae\":")) && folds < 3; folds++) {
        at += strlen("\"held_out_mae\":");
        sum += atof(at) / 3;
    }
    assert_int_equal(folds, 3);
    assert_true(at && fabs(atof(at + 15) - sum) < 1e-6);
    assert_non_null(strstr(r.out, "{\"folds\":3,"));
    assert_non_null(strstr(r.out, "\"samples\":40,"));
    assert_int_equal(access("cv/fold-3/model.safetensors", F_OK), 0);
    cli_free(&r);
    r = cli_run(NULL, "train all.yaml --folds 1 --out cv");
    const char *one[] = {"--folds must be from 2 to 100; got 1", NULL};
    assert_true(cli_refuses(&r, one));
    cli_free(&r);
}

/* ------------------------------------------------------------- kept files */

/* A model and a checkpoint that version 0.1.0 wrote, when their format was
 * new: whatever changes, they open, and answer as they did. */
static void kept_files_open(void **state)
{
    (void)state;
    static const char *const says[2] = {
        "fahrenheit,energy\n32,0.1621378\n47.550797,0.022784296\n"
        "77.81766,0.053774614\n95,0.50106156\n",
        "fahrenheit,energy\n32,0.19870776\n47.195904,0.008503787\n"
        "77.748825,0.025626734\n95,0.5225046\n"};
    char line[600];
    const char *source = getenv("BASIN_SOURCE");
    assert_non_null(source);
    put_text("q.csv", "celsius\n0\n10\n25\n40\n");
    for (int i = 0; i < 2; i++) {
        snprintf(line, sizeof line,
            "predict %s/tests/kept/%s-1.safetensors --data q.csv", source,
            i ? "checkpoint" : "model");
        cli_result r = cli_expect(NULL, line, 0);
        assert_string_equal(r.out, says[i]);
        cli_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_are_held_out_in_turn),
        cmocka_unit_test(kept_files_open),
        cmocka_unit_test(the_result_is_good),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(scales_are_undone),
        cmocka_unit_test(arrays_are_read),
        cmocka_unit_test(killed_runs_go_on_to_the_same_bits),
        cmocka_unit_test(killed_chains_go_on_to_the_same_bits),
        cmocka_unit_test(limits_and_interrupts_leave_checkpoints),
        cmocka_unit_test(limits_within_an_epoch),
        cmocka_unit_test(other_trainings_are_not_resumed),
        cmocka_unit_test(collapse_is_named),
        cmocka_unit_test(the_trap_is_named),
        cmocka_unit_test(divergence_rolls_back),
        cmocka_unit_test(patience_keeps_the_best),
    };
#ifndef BASIN_YAML
    puts("1..0 # SKIP built without libfyaml");
    return 0;
#endif
    return cmocka_run_group_tests_name("cli_train", tests, enter, cli_leave);
}
