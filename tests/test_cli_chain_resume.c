/* SPDX-License-Identifier: MIT
 *
 * basin chain train: runs that were killed or interrupted go on to the same
 * bits, on any number of threads; early stopping; going on from a model.
 *
 * BASIN_KILLS says how often runs are killed; 12 are in the tests, and
 *     BASIN_KILLS=200 ./run test --timeout-multiplier 5 cli_chain_resume
 * is the long version.
 */
#include "test_cli.h"

enum { SEQUENCES = 400 };

static uint64_t random_state = 88172645463325252u;

static double draw(void)
{
    return cli_random(&random_state);
}

/* Sequences whose labels follow their words, mostly. */
static void make_data(const char *path, int words, int first_word)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < SEQUENCES; i++) {
        const int n = 3 + (int)(9 * draw());
        for (int t = 0; t < n; t++) {
            const int word = first_word + (int)(words * draw());
            const int label = draw() < .8 ? word % 5 : (int)(5 * draw());
            fprintf(file, "L%d\tw%d\tv%d:%.3f\n", label, word,
                (int)(7 * draw()), draw());
        }
        fputc('\n', file);
    }
    fclose(file);
}

static int enter(void **state)
{
    if (cli_enter(state) != 0)
        return -1;
    make_data("train.txt", 40, 0);
    make_data("held.txt", 40, 0);
    make_data("more.txt", 40, 30);
    return 0;
}

/* Each has another state to go on with. */
static const char *const ways[] = {
    "--delta 0 --tolerance 0 --epochs 80",
    "--c1 .5 --c2 .01 --delta 0 --tolerance 0 --epochs 80",
    "--algorithm sgd --epochs 150",
    "--algorithm perceptron --epochs 150",
    "--algorithm pa --epochs 150",
    "--algorithm arow --epochs 150",
    "--algorithm bcfw --c2 .2 --tolerance 0 --epochs 60",
    "--algorithm optimiser --epochs 40",
    "--loss lvq2 --delta 0 --tolerance 0 --epochs 25",
    "--beta-from .1 --beta-over 60 --delta 0 --tolerance 0 --epochs 80",
    "--algorithm perceptron --held-out held.txt --patience 1000 --epochs 25",
};
enum { WAYS = sizeof ways / sizeof *ways };

static const char *line_of(int way, const char *more)
{
    static char line[512];
    snprintf(line, sizeof line, "chain train --quiet %s %s train.txt",
        ways[way], more);
    return line;
}

static void killed_runs_go_on_to_the_same_bits(void **state)
{
    (void)state;
    const char *wanted = getenv("BASIN_KILLS");
    const int kills = wanted ? atoi(wanted) : 12;
    int done = 0, complete = 0, resumed = 0;
    double whole[WAYS];
    for (int w = 0; w < WAYS; w++) {
        char more[80];
        snprintf(
            more, sizeof more, "-m whole%d --checkpoint 0.001 --threads 1", w);
        const double begun = cli_seconds();
        cli_do(line_of(w, more));
        whole[w] = cli_seconds() - begun;
    }
    for (int round = 0; done < kills && round < 20 * kills; round++) {
        const int w = complete % WAYS;
        char right[16];
        const bool killed = cli_kill_after(
            line_of(w, "-m killed --resume --checkpoint 0.001 --threads 1"),
            draw() * 1.2 * whole[w]);
        done += killed;
        resumed += access("killed.checkpoint", F_OK) == 0;
        if (killed && round % 3 != 2)
            continue; /* kill the same run again */
        cli_do(line_of(w, "-m killed --resume --threads 2"));
        snprintf(right, sizeof right, "whole%d", w);
        assert_true(cli_same(right, "killed"));
        assert_int_not_equal(access("killed.checkpoint", F_OK), 0);
        unlink("killed");
        complete++;
    }
    print_message(
        "# killed %d times, %d left a checkpoint, %d runs came to the same "
        "bits\n",
        done, resumed, complete);
    assert_true(done >= kills && complete > 0 && resumed > 0);
}

static void interrupts_leave_checkpoints(void **state)
{
    (void)state;
    const cli_how how = {.interrupt_after = 0.7};
    cli_result r = cli_expect(
        &how, "chain train -m m --algorithm pa --epochs 100000 train.txt", 130);
    assert_non_null(strstr(r.err, "--resume goes on from 'm.checkpoint'"));
    assert_non_null(strstr(r.err, " s left"));
    cli_free(&r);
    assert_int_equal(access("m", F_OK), 0);
    assert_int_equal(access("m.checkpoint", F_OK), 0);
    static const struct {
        const char *line, *says;
    } rows[] = {
        {"chain train -m m --resume --algorithm arow train.txt",
            "algorithm was pa and is arow"},
        {"chain train -m m --resume --algorithm pa --seed 7 train.txt",
            "seed was 1 and is 7"},
        {"chain train -m m --resume --algorithm pa held.txt", "data was"},
    };
    for (int i = 0; i < 3; i++) {
        r = cli_expect(NULL, rows[i].line, 2);
        if (!strstr(r.err, rows[i].says))
            fail_msg("basin %s says: %s", rows[i].line, r.err);
        cli_free(&r);
    }
    cli_put("m.checkpoint", "broken", 6);
    r = cli_expect(NULL, "chain train -m m --resume train.txt", 2);
    assert_non_null(strstr(r.err, "m.checkpoint"));
    cli_free(&r);
    unlink("m.checkpoint");
    unlink("m");
}

static void same_bits_on_any_threads(void **state)
{
    (void)state;
    static const int threads[] = {2, 3, 8};
    for (int w = 0; w < WAYS; w++) {
        cli_do(line_of(w, "-m one --threads 1"));
        for (int i = 0; i < 3; i++) {
            char more[80];
            snprintf(more, sizeof more, "-m many --threads %d", threads[i]);
            cli_do(line_of(w, more));
            assert_true(cli_same("one", "many"));
        }
    }
}

static double f1_of(const char *line)
{
    cli_result r = cli_expect(NULL, line, 0);
    const char *at = strstr(r.out, "\"accuracy\":");
    assert_non_null(at);
    const double value = atof(at + 11);
    cli_free(&r);
    return value;
}

static void the_best_on_held_out_is_kept(void **state)
{
    (void)state;
    cli_result r = cli_expect(NULL,
        "chain train -m early --algorithm perceptron --held-out held.txt "
        "--patience 3 --epochs 500 train.txt",
        0);
    assert_non_null(strstr(r.err, "held out: best "));
    int lines = 0;
    for (const char *c = r.err; *c; c++)
        lines += *c == '\n';
    assert_true(lines < 200); /* it did not take 500 epochs */
    cli_free(&r);
    cli_do("chain train -m late --quiet --algorithm perceptron --epochs 200 "
           "train.txt");
    assert_true(f1_of("chain evaluate --json -m early held.txt") >=
                f1_of("chain evaluate --json -m late held.txt"));
}

static void training_goes_on_from_a_model(void **state)
{
    (void)state;
    cli_do("chain train -m first --quiet train.txt");
    cli_do("chain train -m second --quiet --from first --epochs 30 more.txt");
    cli_result first = cli_expect(NULL, "chain dump -m first", 0);
    cli_result second = cli_expect(NULL, "chain dump -m second", 0);
    /* what only the first knows is there, and what is new, too */
    assert_non_null(strstr(first.out, "\tw3\t"));
    assert_non_null(strstr(second.out, "\tw3\t"));
    assert_null(strstr(first.out, "\tw65\t"));
    assert_non_null(strstr(second.out, "\tw65\t"));
    cli_free(&first);
    cli_free(&second);
    /* from its own optimum there is nothing to do */
    cli_result r = cli_expect(
        NULL, "chain train -m third --quiet --from first --json train.txt", 0);
    const char *iterations = strstr(r.out, "\"iterations\":");
    assert_true(iterations && atoi(iterations + 13) < 15);
    cli_free(&r);
    r = cli_expect(NULL,
        "chain train -m third --from first --algorithm bcfw train.txt", 2);
    assert_non_null(strstr(r.err, "bcfw takes no --from"));
    cli_free(&r);
}

/* The gap is printed, and training stops where it is small enough. */
static void frank_wolfe_stops_by_its_gap(void **state)
{
    (void)state;
    cli_result r = cli_expect(NULL,
        "chain train -m m --json --algorithm bcfw --tolerance .02 --epochs 500 "
        "train.txt",
        0);
    const char *gap = strstr(r.out, "\"gap\":");
    const char *objective = strstr(r.out, "\"objective\":");
    const char *epochs = strstr(r.out, "\"iterations\":");
    assert_true(gap && objective && epochs && atoi(epochs + 13) < 500);
    assert_true(atof(gap + 6) <= .02 * atof(objective + 12));
    assert_non_null(strstr(r.err, "gap "));
    cli_free(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_runs_go_on_to_the_same_bits),
        cmocka_unit_test(interrupts_leave_checkpoints),
        cmocka_unit_test(same_bits_on_any_threads),
        cmocka_unit_test(the_best_on_held_out_is_kept),
        cmocka_unit_test(training_goes_on_from_a_model),
        cmocka_unit_test(frank_wolfe_stops_by_its_gap),
    };
    return cmocka_run_group_tests(tests, enter, cli_leave);
}
