/* SPDX-License-Identifier: MIT
 *
 * What a training may have beside loss and optimiser: penalties, weights of
 * samples, schedules of the rate, and a mean of the weights.
 */
#include "test_context.h"
#include "test_learn.h"

enum { N = 10 };
static const int32_t all[N] = {3, 1, 4, 5, 9, 2, 6, 8, 7, 0};

static void open_learning(
    learning *l, const char *loss, const basin_train_def *def)
{
    const learning_def d = {CORE_DUAL, "grid", loss, false, 1, N};
    assert_int_equal(learning_try(l, ctx, &d, def), BASIN_OK);
}

static double loss_of(void *user)
{
    return basin_trainer_loss(user, all, N, NULL);
}

/* ---------------------------------------------------------------- penalties */

static void penalties_have_their_slopes(void **state)
{
    (void)state;
    const basin_part *part;
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_LOSS, i)); i++) {
        learning l;
        basin_train_def def = basin_train_default();
        def.l1 = .3;
        def.l2 = .7;
        def.size = .2;
        def.batch = 4;
        const learning_def d = {CORE_DUAL, "grid", part->name, false, 1, N};
        if (learning_try(&l, ctx, &d, &def) != BASIN_OK) {
            learning_close(&l);
            continue;
        }
        const int n = (int)basin_energy_describe(l.energy)->n_params;
        float *w = basin_energy_params(l.energy), gradient[64];
        basin_trainer_loss(l.trainer, all, N, gradient);
        int checked = 0;
        for (int k = 0; k < n; k++) {
            double numeric;
            if (!core_difference(&numeric, loss_of, l.trainer, &w[k], .001F))
                continue;
            assert_near(
                (double)gradient[k], numeric, 4e-3 + .01 * fabs(numeric));
            checked++;
        }
        assert_true(checked >= 5);
        learning_close(&l);
    }
}

static void penalties_are_what_they_say(void **state)
{
    (void)state;
    learning plain, more;
    basin_train_def def = basin_train_default();
    def.batch = N;
    open_learning(&plain, "energy", &def);
    def.l1 = .3;
    def.l2 = .7;
    open_learning(&more, "energy", &def);
    const float *w = basin_energy_params(plain.energy);
    double l1 = 0, l2 = 0;
    for (size_t i = 0; i < basin_energy_describe(plain.energy)->n_params; i++) {
        l1 += fabs((double)w[i]);
        l2 += (double)w[i] * (double)w[i];
    }
    assert_near(loss_of(more.trainer),
        loss_of(plain.trainer) + .3 * l1 + .35 * l2, 1e-5);
    assert_near(basin_trainer_step(more.trainer, all, N),
        loss_of(plain.trainer) + .3 * l1 + .35 * l2, 1e-5);
    learning_close(&more);
    def.l1 = def.l2 = 0;
    def.size = .4;
    open_learning(&more, "energy", &def);
    double square = 0; /* the loss is E_C */
    for (int32_t i = 0; i < N; i++)
        square += pow(basin_trainer_loss(plain.trainer, &i, 1, NULL), 2) / N;
    assert_near(
        loss_of(more.trainer), loss_of(plain.trainer) + .2 * square, 1e-5);
    learning_close(&more);
    def.size = -1;
    const learning_def d = {CORE_DUAL, "grid", "energy", false, 1, N};
    MUST_FAIL(learning_try(&more, ctx, &d, &def), BASIN_E_RANGE, "size");
    learning_close(&more);
    learning_close(&plain);
}

/* ------------------------------------------------------------------ weights */

static void weights_count_samples(void **state)
{
    (void)state;
    static const float weights[N] = {2, 0, .5F, 1, 3, 0, 1, 4, .25F, 1};
    learning l;
    basin_trainer *weighed = NULL;
    basin_train_def def = basin_train_default();
    def.batch = 4;
    open_learning(&l, "nll", &def);
    double sum = 0;
    float mean[64] = {0}, one[64], gradient[64];
    const size_t n = basin_energy_describe(l.energy)->n_params;
    for (int32_t i = 0; i < N; i++) {
        sum += (double)weights[i] * basin_trainer_loss(l.trainer, &i, 1, one);
        for (size_t k = 0; k < n; k++)
            mean[k] += weights[i] * one[k] / N;
    }
    basin_samples samples = {.n = N, .x = l.x, .y = l.y, .weights = weights};
    MUST(basin_trainer_create(
        &weighed, l.inference, l.loss, &samples, &def, &error));
    assert_near(basin_trainer_loss(weighed, all, N, gradient), sum / N, 1e-6);
    for (size_t k = 0; k < n; k++)
        assert_near((double)gradient[k], (double)mean[k], 1e-5);
    basin_trainer_destroy(weighed);
    const float bad[N] = {1, 1, -1};
    samples.weights = bad;
    MUST_FAIL(basin_trainer_create(
                  &weighed, l.inference, l.loss, &samples, &def, &error),
        BASIN_E_RANGE, "weight of sample 2");
    learning_close(&l);
}

/* ---------------------------------------------------------------- schedules */

static double scheduled(basin_schedule schedule, double at)
{
    const double end = .1, pi = 3.14159265358979323846;
    switch (schedule) {
    case BASIN_SCHEDULE_LINEAR: break;
    case BASIN_SCHEDULE_COSINE: return end + .45 * (1 + cos(pi * at));
    case BASIN_SCHEDULE_STEPS: return pow(end, fmin(floor(at * 5), 4) / 4);
    case BASIN_SCHEDULE_INVERSE: return 1 / (1 + 9 * at);
    }
    return 1 - .9 * at;
}

static void rates_follow_their_schedule(void **state)
{
    (void)state;
    for (int s = 0; s < 8; s++) {
        learning l;
        basin_train_def def = basin_train_default();
        def.rate = .05;
        def.rate_end = .1;
        def.steps = 4;
        def.schedule = (basin_schedule)(s % 4);
        def.warmup = s < 4 ? 0 : .2;
        def.epochs = 8;
        def.batch = 2; /* 40 updates */
        open_learning(&l, "nll", &def);
        const int first = s < 4 ? 0 : 7; /* of .2 times 39 */
        for (int i = 0; i < 40; i++) {
            bool ended;
            MUST(basin_trainer_advance(l.trainer, 1, &ended, &error));
            double right = i < first
                               ? .05 * (i + 1) / (first + 1)
                               : .05 * scheduled(def.schedule,
                                           (double)(i - first) / (39 - first));
            assert_near(basin_trainer_progress(l.trainer)->rate, right, 1e-12);
        }
        learning_close(&l);
    }
    learning l;
    basin_train_def def = basin_train_default();
    def.schedule = BASIN_SCHEDULE_INVERSE;
    def.rate_end = 0;
    const learning_def d = {CORE_DUAL, "grid", "nll", false, 1, N};
    MUST_FAIL(learning_try(&l, ctx, &d, &def), BASIN_E_RANGE, "above 0");
    learning_close(&l);
}

/* -------------------------------------------------------------------- means */

static void means_of_the_weights(void **state)
{
    (void)state;
    static const double averages[] = {1, .5};
    for (int a = 0; a < 2; a++) {
        learning l;
        basin_train_def def = basin_train_default();
        def.average = averages[a];
        def.average_from = .25;
        def.epochs = 8;
        def.batch = N; /* 8 updates; the mean begins after 2 */
        open_learning(&l, "nll", &def);
        const int n = (int)basin_energy_describe(l.energy)->n_params;
        float *w = basin_energy_params(l.energy);
        double mean[64] = {0};
        for (int t = 1; t <= 8; t++) {
            assert_true(basin_trainer_swap(l.trainer) == (t > 3));
            assert_true(basin_trainer_swap(l.trainer) == (t > 3));
            MUST(basin_trainer_epoch(l.trainer, NULL, &error));
            double share = t > 2 ? fmax(1.0 / (t - 2), 1 - averages[a]) : 0;
            for (int k = 0; k < n; k++)
                mean[k] += share * ((double)w[k] - mean[k]);
        }
        assert_true(basin_trainer_swap(l.trainer));
        for (int k = 0; k < n; k++)
            assert_near((double)w[k], mean[k], 1e-5);
        learning_close(&l);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)
    const struct CMUnitTest tests[] = {
        TEST(penalties_have_their_slopes),
        TEST(penalties_are_what_they_say),
        TEST(weights_count_samples),
        TEST(rates_follow_their_schedule),
        TEST(means_of_the_weights),
    };
    return cmocka_run_group_tests_name("regular", tests, NULL, NULL);
}
