/* SPDX-License-Identifier: MIT
 *
 * Dropout: off when predicting; when training it strikes out the share it
 * says, the rest weighs more, the gradient is struck out alike, and what is
 * struck out is a function of the step and the sample, not of the threads.
 */
#include "test_core.h"

enum { FEATURES = 7, SAMPLES = 300 };

static const double rate = .3;

typedef struct run {
    basin_context *ctx;
    basin_energy *energy;
    basin_pass *pass;
} run;

static float x[SAMPLES * FEATURES];

/* E = sum_f w_f dropout(x)_f (the answer plays no part), all w_f = 1. */
static run open_run(int threads, const char *backend)
{
    run r = {.ctx = core_context(NULL, threads, backend)};
    basin_graph *g = NULL;
    MUST(basin_graph_create(&g, r.ctx, &error));
    const int in = core_leaf(g, BASIN_X, FEATURES),
              y = core_leaf(g, BASIN_Y, 1);
    int out = -1;
    const basin_setting s = {"rate", rate};
    MUST(basin_graph_add1(g, &out, "dropout", in, &s, 1, &error));
    core_two(g, "sum", core_linear(g, out, 1), y);
    const basin_spaces spaces = {
        core_box(FEATURES, -9, 9), core_box(1, -1, 1), core_none};
    MUST(basin_energy_from_graph(&r.energy, g, &spaces, &error));
    for (int f = 0; f < FEATURES; f++)
        basin_energy_params(r.energy)[f] = 1;
    const basin_pass_def def = {.samples = SAMPLES,
        .gradient_params = true,
        .n_slots = 1,
        .slots = {{.y = {1, false}}}};
    MUST(basin_pass_create(&r.pass, r.energy, &def, &error));
    for (int i = 0; i < COUNT(x); i++)
        x[i] = 1 + (float)(i % FEATURES);
    return r;
}

static void close_run(run *r)
{
    basin_pass_destroy(r->pass);
    basin_energy_destroy(r->energy);
    basin_context_destroy(r->ctx);
}

static const float *energies(run *r, bool training, uint64_t step)
{
    static const float zero = 0;
    basin_pass_observe(r->pass, x, NULL, SAMPLES, training, step);
    return basin_pass_evaluate(r->pass, 0, &(basin_set){&zero, NULL, 1, 1});
}

static void off_when_predicting(void **state)
{
    (void)state;
    run r = open_run(1, NULL);
    const float *e = energies(&r, false, 1);
    for (int b = 0; b < SAMPLES; b++)
        assert_true(e[b] == FEATURES * (FEATURES + 1) / 2);
    close_run(&r);
}

static void strikes_out_its_share(void **state)
{
    (void)state;
    run r = open_run(1, NULL);
    float weights[SAMPLES], d[FEATURES + 1];
    double kept[FEATURES] = {0}, sum = 0;
    for (int b = 0; b < SAMPLES; b++)
        weights[b] = 1;
    for (uint64_t step = 0; step < 40; step++) {
        const float *e = energies(&r, true, step);
        double here = 0, by_features = 0;
        for (int b = 0; b < SAMPLES; b++)
            here += (double)e[b];
        memset(d, 0, sizeof d);
        basin_pass_backward(r.pass, 0, weights);
        basin_pass_finish(r.pass, d);
        /* dE/dw_f is what was let through: a whole number of times. */
        for (int f = 0; f < FEATURES; f++) {
            const double times = (double)d[f] * (1 - rate) / (double)x[f];
            assert_near(times, round(times), 1e-3);
            kept[f] += times;
            by_features += (double)d[f];
        }
        assert_near(here, by_features, 1e-4 * here);
        sum += here;
    }
    const double n = SAMPLES * 40;
    for (int f = 0; f < FEATURES; f++) /* five standard errors */
        assert_near(kept[f] / n, 1 - rate, 5 * sqrt(rate * (1 - rate) / n));
    assert_near(sum / n, 28, .5);
    close_run(&r);
}

static void depends_on_step_and_sample_alone(void **state)
{
    (void)state;
    run first = open_run(1, "portable");
    float same[SAMPLES];
    memcpy(same, energies(&first, true, 5), sizeof same);
    assert_true(memcmp(same, energies(&first, true, 6), sizeof same) != 0);
    assert_memory_equal(same, energies(&first, true, 5), sizeof same);
    int differ = 0; /* samples do not share what is struck out */
    for (int b = 32; b < SAMPLES; b++)
        differ += same[b] != same[b - 32];
    assert_true(differ > SAMPLES / 2);
    for (int i = 0; basin_backend_at(i); i++) {
        run other = open_run(3, basin_backend_at(i)->name);
        assert_memory_equal(same, energies(&other, true, 5), sizeof same);
        close_run(&other);
    }
    close_run(&first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(off_when_predicting),
        cmocka_unit_test(strikes_out_its_share),
        cmocka_unit_test(depends_on_step_and_sample_alone),
    };
    return cmocka_run_group_tests_name("dropout", tests, NULL, NULL);
}
