/* SPDX-License-Identifier: MIT
 *
 * The curvature that levenberg-marquardt measures: exact where the Hessian is
 * diagonal, right in the mean where it is not, and what it makes of a step.
 */
#include "test_context.h"
#include "test_learn.h"

enum { SAMPLES = 12, CENTRES = 3, DIM = 2 };

static basin_train_def measured(const basin_setting *settings, int n)
{
    basin_train_def def = basin_train_default();
    def.optimiser = "levenberg-marquardt";
    def.optimiser_settings = settings;
    def.n_optimiser_settings = n;
    def.rate = 1e-30; /* W stays */
    def.batch = SAMPLES;
    return def;
}

static void first_samples(int32_t index[SAMPLES])
{
    for (int i = 0; i < SAMPLES; i++)
        index[i] = i;
}

/* ------------------------------------------------------------------ centres */

typedef struct centres {
    basin_energy *energy;
    basin_inference *inference;
    basin_loss *loss;
    basin_trainer *trainer;
    float x[SAMPLES * DIM], y[SAMPLES];
    double of[CENTRES]; /* how many samples have it */
} centres;

/* E = |x - centre of y|^2 under the energy loss: the Hessian is diagonal, twice
 * the part of the samples that have the centre. */
static void open_centres(centres *c, const basin_train_def *def)
{
    const basin_setting settings[] = {{"out", CENTRES}, {"range", 1}};
    basin_graph *g = NULL;
    *c = (centres){.energy = NULL};
    MUST(basin_graph_create(&g, ctx, &error));
    const int x = core_leaf(g, BASIN_X, DIM), y = core_leaf(g, BASIN_Y, 1);
    int top = x;
    MUST(basin_graph_add1(g, &top, "rbf", x, settings, 2, &error));
    core_two(g, "switch", top, y);
    const basin_spaces spaces = {.x = core_box(DIM, -1, 1),
        .y = {.kind = BASIN_SPACE_LABELS, .dim = 1, .count = CENTRES}};
    MUST(basin_energy_from_graph(&c->energy, g, &spaces, &error));
    basin_energy_init(c->energy, 5);
    core_fill(c->x, SAMPLES * DIM, 3, -1, 1);
    for (int i = 0; i < SAMPLES; i++) {
        const int k = i % 4 % CENTRES;
        c->y[i] = (float)k;
        c->of[k]++;
    }
    MUST(basin_inference_create(
        &c->inference, c->energy, "enumerate", NULL, 0, &error));
    MUST(basin_loss_create(&c->loss, ctx, "energy", NULL, 0, &error));
    const basin_samples samples = {.n = SAMPLES, .x = c->x, .y = c->y};
    MUST(basin_trainer_create(
        &c->trainer, c->inference, c->loss, &samples, def, &error));
}

static void close_centres(centres *c)
{
    basin_trainer_destroy(c->trainer);
    basin_loss_destroy(c->loss);
    basin_inference_destroy(c->inference);
    basin_energy_destroy(c->energy);
}

static void a_diagonal_is_told_at_once(void **state)
{
    (void)state;
    centres c;
    int32_t index[SAMPLES];
    float before[CENTRES * DIM];
    const basin_setting settings[] = {{"memory", 0}};
    basin_train_def def = measured(settings, 1);
    first_samples(index);
    for (int penalty = 0; penalty < 2; penalty++) {
        def.l2 = .5 * penalty;
        open_centres(&c, &def);
        const float *w = basin_energy_params(c.energy);
        memcpy(before, w, sizeof before);
        basin_trainer_step(c.trainer, index, SAMPLES);
        const float *h = basin_trainer_array(c.trainer, 0);
        for (int i = 0; i < CENTRES * DIM; i++)
            assert_near(
                (double)h[i], 2 * c.of[i / DIM] / SAMPLES + def.l2, 2e-3);
        assert_memory_equal(before, w, sizeof before); /* to the bit */
        close_centres(&c);
    }
}

/* Newton's step: at a rate of 1 each centre is the mean of its samples. */
static void a_step_of_newton(void **state)
{
    (void)state;
    centres c;
    int32_t index[SAMPLES];
    double mean[CENTRES * DIM] = {0};
    const basin_setting settings[] = {{"memory", 0}, {"mu", 1e-6}};
    basin_train_def def = measured(settings, 2);
    def.rate = 1;
    first_samples(index);
    open_centres(&c, &def);
    for (int i = 0; i < SAMPLES; i++)
        for (int d = 0; d < DIM; d++)
            mean[(int)c.y[i] * DIM + d] +=
                (double)c.x[i * DIM + d] / c.of[(int)c.y[i]];
    basin_trainer_step(c.trainer, index, SAMPLES);
    for (int i = 0; i < CENTRES * DIM; i++)
        assert_near((double)basin_energy_params(c.energy)[i], mean[i], 5e-3);
    close_centres(&c);
}

/* --------------------------------------------------------------------- nets */

enum { PARAMS_MAX = 64, LOOKS = 2000 };

/* H by differences of the gradient, a column for each weight. */
static int brute_hessian(learning *l, const int32_t *index, double *h)
{
    const int n = (int)basin_energy_describe(l->energy)->n_params;
    float *w = basin_energy_params(l->energy), g[2][PARAMS_MAX];
    assert_true(n <= PARAMS_MAX);
    for (int j = 0; j < n; j++) {
        const float kept = w[j];
        for (int side = 0; side < 2; side++) {
            w[j] = kept + (side ? .01F : -.01F);
            basin_trainer_loss(l->trainer, index, SAMPLES, g[side]);
        }
        w[j] = kept;
        for (int i = 0; i < n; i++)
            h[i * n + j] = ((double)g[1][i] - (double)g[0][i]) / .02;
    }
    return n;
}

/* v H v by lot has the mean H_ii and the variance of the row's other numbers;
 * the mean of many must be as near as that allows. */
static void many_looks_tell_the_diagonal(void **state)
{
    (void)state;
    static const struct {
        core_kind kind;
        const char *loss;
    } cases[] = {
        {CORE_SMOOTH, "nll"}, {CORE_HIDDEN, "nll"}, {CORE_SMOOTH, "energy"}};
    const basin_setting settings[] = {{"memory", .999999}, {"every", 1}};
    const basin_train_def def = measured(settings, 2);
    int32_t index[SAMPLES];
    double h[PARAMS_MAX * PARAMS_MAX];
    first_samples(index);
    for (int c = 0; c < COUNT(cases); c++) {
        learning l;
        const learning_def d = {
            cases[c].kind, "grid", cases[c].loss, true, 1, SAMPLES};
        assert_int_equal(learning_try(&l, ctx, &d, &def), BASIN_OK);
        const int n = brute_hessian(&l, index, h);
        for (int i = 0; i < LOOKS; i++)
            basin_trainer_step(l.trainer, index, SAMPLES);
        const float *sum = basin_trainer_array(l.trainer, 0);
        double largest = 0;
        for (int i = 0; i < n; i++)
            largest = fmax(largest, fabs(h[i * n + i]));
        assert_true(largest > .01);
        for (int i = 0; i < n; i++) {
            double others = 0;
            for (int j = 0; j < n; j++)
                others += j == i ? 0 : h[i * n + j] * h[i * n + j];
            const double error_of = 4.5 * sqrt(others / LOOKS);
            assert_near((double)sum[i] / (1 - pow(.999999, LOOKS)),
                h[i * n + i], error_of + .01 * largest);
        }
        learning_close(&l);
    }
}

/* Between looks the mean stays, and the slopes' own needs none. */
static void how_often_it_looks(void **state)
{
    (void)state;
    centres c;
    int32_t index[SAMPLES];
    const basin_setting settings[] = {{"every", 3}};
    const basin_train_def def = measured(settings, 1);
    first_samples(index);
    open_centres(&c, &def);
    double last = 0;
    for (int t = 0; t < 7; t++) {
        basin_trainer_step(c.trainer, index, SAMPLES);
        const double now = (double)basin_trainer_array(c.trainer, 0)[0];
        assert_true(t % 3 == 0 ? now > last : now == last);
        last = now;
    }
    close_centres(&c);
}

static void draws_cannot_be_compared(void **state)
{
    (void)state;
    const basin_setting settings[] = {{"curvature", 1}};
    basin_train_def def = measured(settings, 0);
    const learning_def d = {CORE_SMOOTH, "langevin", "nll", false, 1, SAMPLES};
    learning l;
    MUST_FAIL(learning_try(&l, ctx, &d, &def), BASIN_E_SERVE,
        "take 'curvature: slopes'");
    learning_close(&l);
    def.n_optimiser_settings = 1;
    assert_int_equal(learning_try(&l, ctx, &d, &def), BASIN_OK);
    learning_close(&l);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)
    const struct CMUnitTest tests[] = {
        TEST(a_diagonal_is_told_at_once),
        TEST(a_step_of_newton),
        TEST(many_looks_tell_the_diagonal),
        TEST(how_often_it_looks),
        TEST(draws_cannot_be_compared),
    };
    return cmocka_run_group_tests_name("curvature", tests, NULL, NULL);
}
