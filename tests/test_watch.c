/* SPDX-License-Identifier: MIT
 *
 * The watch over training against what is computed by hand, the flat points
 * of losses, and the guard: it goes back to the bits that it kept.
 */
#include "test_context.h"
#include "test_learn.h"

/* ------------------------------------------------------------- flat points */

static double flat_point(const char *name, const char *param, double value)
{
    basin_loss *loss = NULL;
    const basin_setting setting = {param, value};
    MUST(basin_loss_create(&loss, ctx, name, &setting, param != NULL, &error));
    double e = basin_loss_flat_point(loss);
    basin_loss_destroy(loss);
    return e;
}

static void flat_points(void **state)
{
    (void)state;
    assert_true(fabs(flat_point("square-square", "margin", 1) - 0.5) < 1e-9);
    assert_true(fabs(flat_point("square-square", "margin", 3) - 1.5) < 1e-9);
    /* 2 e = exp(-e) */
    assert_true(fabs(flat_point("square-exp", NULL, 0) - 0.35173) < 1e-5);
    /* log(kappa beta) / beta: by default above 0, where all is lost */
    assert_near(flat_point("linear-exp", NULL, 0), log(2), 1e-9);
    static const char *const none[] = {
        "energy", "perceptron", "hinge", "log", "mce", "nll", "mee"};
    for (int i = 0; i < COUNT(none); i++)
        assert_true(isnan(flat_point(none[i], NULL, 0)));
}

/* -------------------------------------------------------------------- watch */

/* E = |w x + b - y|, whose energies are known. */
static basin_energy *line(float w, float b)
{
    basin_graph *g = NULL;
    basin_energy *energy = NULL;
    int x, y, h, e;
    MUST(basin_graph_create(&g, ctx, &error));
    MUST(basin_graph_leaf(g, &x, BASIN_X, (basin_shape){1, 1, 1}, &error));
    MUST(basin_graph_leaf(g, &y, BASIN_Y, (basin_shape){1, 1, 1}, &error));
    MUST(basin_graph_add1(g, &h, "linear", x, NULL, 0, &error));
    MUST(basin_graph_add2(g, &e, "l1", h, y, NULL, 0, &error));
    const basin_space box = {BASIN_SPACE_BOX, 1, -1, 1, 0};
    MUST(basin_energy_from_graph(
        &energy, g, &(basin_spaces){.x = box, .y = box}, &error));
    basin_energy_params(energy)[0] = w;
    basin_energy_params(energy)[1] = b;
    return energy;
}

static void surfaces_are_measured(void **state)
{
    (void)state;
    enum { N = 6, ANSWERS = 6 };
    float x[N], y[N];
    basin_energy *energy = line(0.5F, 0.25F);
    basin_loss *loss = NULL;
    basin_watch *watch = NULL;
    for (int i = 0; i < N; i++) {
        x[i] = (float)(-1 + 0.4 * i);
        y[i] = 0.3F;
    }
    basin_samples samples = {.n = N, .x = x, .y = y};
    MUST(basin_loss_create(&loss, ctx, "energy", NULL, 0, &error));
    MUST(basin_watch_create(
        &watch, energy, loss, &samples, ANSWERS * (N + 1), 0.45, &error));
    double spread = 0, gap = 0, size = 0;
    for (int i = 0; i < N; i++) {
        double g = 0.5 * (double)x[i] + 0.25, mean = 0, square = 0;
        double wrong = 1e30;
        for (int a = 0; a < ANSWERS; a++) {
            double at = -1 + 2.0 * a / (ANSWERS - 1), e = fabs(g - at);
            mean += e / ANSWERS;
            square += e * e / ANSWERS;
            if (fabs(at - 0.3) >= 0.45)
                wrong = fmin(wrong, e);
        }
        spread += sqrt(square - mean * mean) / N;
        size += mean / N;
        gap += (wrong - fabs(g - (double)0.3F)) / N;
    }
    basin_surface seen = basin_watch_look(watch);
    assert_true(fabs(seen.spread - spread) < 1e-5);
    assert_true(fabs(seen.size - size) < 1e-5);
    assert_true(fabs(seen.mean - size) < 1e-5);
    assert_true(fabs(seen.gap - gap) < 1e-5);
    assert_true(basin_watch_first(watch)->spread == seen.spread);
    basin_watch_destroy(watch);
    basin_loss_destroy(loss);
    basin_energy_destroy(energy);
}

static void verdicts(void **state)
{
    (void)state;
    float x[4] = {0, .1F, .2F, .3F}, y[4] = {0, .1F, .2F, .3F};
    basin_samples samples = {.n = 4, .x = x, .y = y};
    basin_energy *energy = line(1, 0);
    basin_loss *pull = NULL, *both = NULL, *hinge = NULL;
    basin_watch *a = NULL, *b = NULL, *c = NULL;
    const basin_setting margin = {"margin", 1};
    MUST(basin_loss_create(&pull, ctx, "energy", NULL, 0, &error));
    MUST(basin_loss_create(&both, ctx, "square-square", &margin, 1, &error));
    MUST(basin_loss_create(&hinge, ctx, "hinge", &margin, 1, &error));
    MUST(basin_watch_create(&a, energy, pull, &samples, 64, .3, &error));
    MUST(basin_watch_create(&b, energy, both, &samples, 64, .3, &error));
    MUST(basin_watch_create(&c, energy, hinge, &samples, 64, .3, &error));
    double first = basin_watch_first(a)->spread;
    basin_surface flat = {.spread = .01 * first, .mean = .5, .size = .5};
    basin_surface dented = {.spread = .1 * first, .mean = 2, .size = 2};
    basin_surface good = {.spread = first, .gap = .3, .mean = 2, .size = 2};
    assert_int_equal(basin_watch_judge(a, &flat, BASIN_VERDICT_FINE),
        BASIN_VERDICT_COLLAPSE);
    assert_int_equal(
        basin_watch_judge(b, &flat, BASIN_VERDICT_FINE), BASIN_VERDICT_TRAP);
    assert_int_equal(
        basin_watch_judge(c, &flat, BASIN_VERDICT_FINE), BASIN_VERDICT_FLAT);
    assert_int_equal(basin_watch_judge(a, &good, BASIN_VERDICT_COLLAPSE),
        BASIN_VERDICT_FINE);
    /* between the two lines it stays what it was */
    assert_int_equal(
        basin_watch_judge(a, &dented, BASIN_VERDICT_FINE), BASIN_VERDICT_FINE);
    assert_int_equal(basin_watch_judge(a, &dented, BASIN_VERDICT_COLLAPSE),
        BASIN_VERDICT_COLLAPSE);
    char words[400];
    for (int v = BASIN_VERDICT_FINE; v <= BASIN_VERDICT_FLAT; v++) {
        basin_watch_words(b, (basin_verdict)v, &flat, words, sizeof words);
        assert_true(strlen(words) > 20 && strlen(words) < sizeof words - 1);
    }
    basin_watch_destroy(a);
    basin_watch_destroy(b);
    basin_watch_destroy(c);
    basin_loss_destroy(pull);
    basin_loss_destroy(both);
    basin_loss_destroy(hinge);
    basin_energy_destroy(energy);
}

/* -------------------------------------------------------------------- guard */

static const learning_def dual = {
    CORE_DUAL, "grid", "square-square", .seed = 1, .n = 40};

static void the_guard_goes_back(void **state)
{
    (void)state;
    learning l;
    basin_guard *guard = NULL;
    basin_train_def def = basin_train_default();
    def.optimiser = "adam";
    def.epochs = 50;
    if (learning_try(&l, ctx, &dual, &def) != BASIN_OK)
        fail_msg("%s", error.message);
    size_t n = basin_energy_describe(l.energy)->n_params * sizeof(float);
    float *w = basin_energy_params(l.energy), *kept = malloc(n);
    assert_non_null(kept);
    MUST(basin_guard_create(&guard, l.trainer, &error));
    for (int i = 0; i < 3; i++)
        MUST(basin_trainer_epoch(l.trainer, NULL, &error));
    assert_false(basin_guard_diverged(guard, l.trainer));
    basin_guard_keep(guard, l.trainer);
    memcpy(kept, w, n);
    double rate = basin_trainer_progress(l.trainer)->rate;
    MUST(basin_trainer_epoch(l.trainer, NULL, &error));
    for (size_t i = 0; i < n / sizeof *w; i++)
        w[i] = 1e8F * (float)(i + 1);
    assert_true(basin_guard_diverged(guard, l.trainer));
    basin_guard_rewind(guard, l.trainer);
    assert_memory_equal(w, kept, n);
    assert_int_equal(basin_guard_state_get(guard).rollbacks, 0);
    basin_guard_back(guard, l.trainer);
    assert_memory_equal(w, kept, n);
    assert_int_equal(basin_trainer_progress(l.trainer)->epoch, 3);
    assert_int_equal(basin_guard_state_get(guard).rollbacks, 1);
    MUST(basin_trainer_epoch(l.trainer, NULL, &error));
    assert_true(
        fabs(basin_trainer_progress(l.trainer)->rate - rate / 2) < 1e-12);
    basin_guard_destroy(guard);
    learning_close(&l);
    free(kept);
}

/* In stretches of any length the bits are those of whole epochs, and a state
 * that is set goes on to them. */
static void stretches_change_nothing(void **state)
{
    (void)state;
    learning whole, parts;
    basin_train_def def = basin_train_default();
    def.optimiser = "momentum";
    def.epochs = 4;
    def.batch = 3;
    if (learning_try(&whole, ctx, &dual, &def) != BASIN_OK ||
        learning_try(&parts, ctx, &dual, &def) != BASIN_OK)
        fail_msg("%s", error.message);
    MUST(basin_trainer_run(whole.trainer, &error));
    for (int i = 0; basin_trainer_progress(parts.trainer)->epoch < 4; i++) {
        bool ended;
        MUST(basin_trainer_advance(parts.trainer, 1 + i % 9, &ended, &error));
        basin_trainer_state now = basin_trainer_state_get(parts.trainer);
        assert_true(ended == (now.place == 0));
        basin_trainer_state_set(parts.trainer, &now);
    }
    size_t n = basin_energy_describe(whole.energy)->n_params * sizeof(float);
    assert_memory_equal(basin_energy_params(whole.energy),
        basin_energy_params(parts.energy), n);
    assert_true(basin_trainer_progress(whole.trainer)->loss ==
                basin_trainer_progress(parts.trainer)->loss);
    learning_close(&whole);
    learning_close(&parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            flat_points, open_context, close_context),
        cmocka_unit_test_setup_teardown(
            surfaces_are_measured, open_context, close_context),
        cmocka_unit_test_setup_teardown(verdicts, open_context, close_context),
        cmocka_unit_test_setup_teardown(
            the_guard_goes_back, open_context, close_context),
        cmocka_unit_test_setup_teardown(
            stretches_change_nothing, open_context, close_context),
    };
    return cmocka_run_group_tests_name("watch", tests, NULL, NULL);
}
