/* SPDX-License-Identifier: MIT
 *
 * Condition 6: the sign of a sample's product is that of what a small step of
 * descent really does to E_C - E_I; and what the measurement refuses.
 */
#include "test_core.h"

#include "basin/condition.h"

enum { SAMPLES = 9 };

static basin_context *ctx;
static float xs[SAMPLES], ys[SAMPLES];

static int open_context(void **state)
{
    (void)state;
    ctx = core_context(NULL, 1, NULL);
    for (int i = 0; i < SAMPLES; i++) {
        xs[i] = (float)i / 4 - 1;
        ys[i] = xs[i] * xs[i];
    }
    return 0;
}

static int close_context(void **state)
{
    (void)state;
    basin_context_destroy(ctx);
    return 0;
}

static void of_loss(
    void *user, const basin_energies *energies, basin_slopes *out)
{
    basin_loss_evaluate(user, energies, out);
}

static basin_condition6_def def_of(basin_loss *loss)
{
    const basin_loss_type *type = basin_loss_entry(loss);
    return (basin_condition6_def){.needs = type->needs,
        .offender = type->offender,
        .slopes = of_loss,
        .user = loss};
}

/* E_C - E_I of one sample. */
static double lead(basin_inference *grid, int sample)
{
    const basin_question question = {
        .needs = BASIN_NEED_EC | BASIN_NEED_EI, .values = true, .samples = 1};
    const int32_t index = sample;
    basin_energies e;
    MUST(basin_inference_prepare(grid, &question, &error));
    const basin_samples samples = {.n = SAMPLES, .x = xs, .y = ys};
    basin_inference_answer(grid, &samples, &index, 1, false, 0, &e);
    return e.e_c - e.e_i;
}

/* How E_C - E_I of the sample changes in a small step along -dL/dW. */
static double change(
    basin_inference *grid, basin_loss *loss, int sample, float step)
{
    basin_energy *energy = basin_inference_energy(grid);
    const size_t n = basin_energy_describe(energy)->n_params;
    float *w = basin_energy_params(energy), *g = calloc(n, sizeof *g);
    float *kept = malloc(n * sizeof *kept);
    memcpy(kept, w, n * sizeof *kept);
    const basin_samples samples = {.n = SAMPLES, .x = xs, .y = ys};
    const basin_train_def def = basin_train_default();
    basin_trainer *trainer = NULL;
    const int32_t index = sample;
    MUST(basin_trainer_create(&trainer, grid, loss, &samples, &def, &error));
    basin_trainer_loss(trainer, &index, 1, g);
    basin_trainer_destroy(trainer);
    const double before = lead(grid, sample);
    for (size_t i = 0; i < n; i++)
        w[i] -= step * g[i];
    const double after = lead(grid, sample);
    memcpy(w, kept, n * sizeof *kept);
    free(kept);
    free(g);
    return after - before;
}

static void signs_are_those_of_steps(void **state)
{
    (void)state;
    static const char *const losses[] = {
        "energy", "hinge", "square-square", "nll", "perceptron"};
    int compared = 0;
    for (int kind = CORE_REGRESSION; kind <= CORE_DUAL; kind++)
        for (int k = 0; k < COUNT(losses); k++) {
            basin_energy *energy = core_energy(ctx, (core_kind)kind, 3);
            basin_inference *grid = NULL;
            basin_loss *loss = NULL;
            MUST(
                basin_inference_create(&grid, energy, "grid", NULL, 0, &error));
            MUST(basin_loss_create(&loss, ctx, losses[k], NULL, 0, &error));
            const basin_condition6_def def = def_of(loss);
            for (int i = 0; i < SAMPLES; i++) {
                const basin_samples one = {.n = 1, .x = &xs[i], .y = &ys[i]};
                basin_condition6 six;
                MUST(basin_condition6_measure(&six, grid, &def, &one, &error));
                assert_int_equal(
                    six.all.above + six.all.zero + six.all.below, 1);
                assert_true(six.least >= -1.0001 && six.least <= 1.0001);
                const double moved = change(grid, loss, i, 8e-5F);
                const double less = change(grid, loss, i, 2e-5F);
                /* near a kink a step says nothing of the slope */
                if (fabs(six.least) < .05 || fabs(moved) < 1e-5 ||
                    fabs(moved - 4 * less) > .3 * fabs(moved))
                    continue;
                compared++;
                if ((six.least > 0) != (moved < 0))
                    fail_msg("%s, %s, sample %d: %g, but moved by %g",
                        core_names[kind], losses[k], i, six.least, moved);
            }
            basin_loss_destroy(loss);
            basin_inference_destroy(grid);
            basin_energy_destroy(energy);
        }
    assert_true(compared > 40);
}

static void the_nearest_quarter_is_counted(void **state)
{
    (void)state;
    basin_energy *energy = core_energy(ctx, CORE_DUAL, 2);
    basin_inference *grid = NULL;
    basin_loss *loss = NULL;
    MUST(basin_inference_create(&grid, energy, "grid", NULL, 0, &error));
    MUST(basin_loss_create(&loss, ctx, "hinge", NULL, 0, &error));
    basin_condition6_def def = def_of(loss);
    const basin_samples samples = {.n = SAMPLES, .x = xs, .y = ys};
    basin_condition6 six;
    MUST(basin_condition6_measure(&six, grid, &def, &samples, &error));
    assert_int_equal(six.all.above + six.all.zero + six.all.below, SAMPLES);
    assert_int_equal(six.near.above + six.near.zero + six.near.below, 3);
    /* outside of the box, and no samples at all */
    float far = 9;
    basin_samples bad = {.n = 1, .x = xs, .y = &far};
    MUST_FAIL(basin_condition6_measure(&six, grid, &def, &bad, &error),
        BASIN_E_RANGE, "Y of sample 1 is 9");
    bad = (basin_samples){.n = 0, .x = xs, .y = ys};
    MUST_FAIL(basin_condition6_measure(&six, grid, &def, &bad, &error),
        BASIN_E_RANGE, "at least 1 sample");
    def.needs |= BASIN_NEED_ALL;
    MUST_FAIL(basin_condition6_measure(&six, grid, &def, &samples, &error),
        BASIN_E_SERVE, "cannot find");
    basin_loss_destroy(loss);
    basin_inference_destroy(grid);
    basin_energy_destroy(energy);
}

static void want_of_memory_is_said(void **state)
{
    (void)state;
    core_memory memory = {0};
    basin_context *kept = ctx;
    ctx = core_context(&memory, 1, NULL);
    basin_energy *energy = core_energy(ctx, CORE_DUAL, 2);
    basin_inference *grid = NULL;
    basin_loss *loss = NULL;
    MUST(basin_inference_create(&grid, energy, "grid", NULL, 0, &error));
    MUST(basin_loss_create(&loss, ctx, "log", NULL, 0, &error));
    const basin_condition6_def def = def_of(loss);
    const basin_samples samples = {.n = SAMPLES, .x = xs, .y = ys};
    basin_condition6 six;
    int failures = 0;
    for (long n = 1;; n++) {
        memory.asked = 0;
        memory.fail_at = n;
        const basin_status status =
            basin_condition6_measure(&six, grid, &def, &samples, &error);
        if (status == BASIN_OK)
            break;
        assert_int_equal(status, BASIN_E_MEMORY);
        failures++;
    }
    assert_true(failures >= 5);
    memory.fail_at = 0;
    basin_loss_destroy(loss);
    basin_inference_destroy(grid);
    basin_energy_destroy(energy);
    basin_context_destroy(ctx);
    assert_int_equal(memory.live, 0);
    ctx = kept;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_are_those_of_steps),
        cmocka_unit_test(the_nearest_quarter_is_counted),
        cmocka_unit_test(want_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, open_context, close_context);
}
