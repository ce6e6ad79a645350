/* SPDX-License-Identifier: MIT
 *
 * Learning from all samples at a time, by L-BFGS: it comes to optima that are
 * known otherwise, in fewer passes; a zero under L1 is one; the bits are those
 * of any number of threads; and what does not go with it is refused.
 */
#include "test_chain.h"
#include "test_context.h"
#include "test_learn.h"

#include "basin/chain_train.h"

enum { N = 80, DIM = SMALL_DENSE, LABELS = 2, W_MOST = 64 };

typedef struct task {
    basin_energy *energy;
    basin_inference *inference;
    basin_loss *loss;
    basin_trainer *trainer;
    float x[N * DIM], y[N];
} task;

static void close_task(task *t)
{
    basin_trainer_destroy(t->trainer);
    basin_loss_destroy(t->loss);
    basin_inference_destroy(t->inference);
    basin_energy_destroy(t->energy);
}

static basin_status open_with(task *t, basin_context *own,
    const char *inference, const char *loss, const basin_train_def *def)
{
    const basin_setting points = {"points", 11};
    error = (basin_error){0};
    basin_energy_init(t->energy, 3);
    BASIN_TRY(basin_inference_create(&t->inference, t->energy, inference,
        &points, strcmp(inference, "grid") == 0, &error));
    MUST(basin_loss_create(&t->loss, own, loss, NULL, 0, &error));
    return basin_trainer_create(&t->trainer, t->inference, t->loss,
        &(basin_samples){.n = N, .x = t->x, .y = t->y}, def, &error);
}

/* Two labels that overlap, and energies that are linear in X: logistic
 * regression. With `hidden`, a net; with `dropout`, one that draws. */
static basin_status open_labels(task *t, basin_context *own, int hidden,
    bool dropout, const basin_train_def *def)
{
    basin_graph *g = NULL;
    *t = (task){0};
    MUST(basin_graph_create(&g, own, &error));
    int x = core_leaf(g, BASIN_X, DIM), y = core_leaf(g, BASIN_Y, 1);
    if (hidden)
        x = core_one(g, "tanh", core_linear(g, x, hidden));
    if (dropout)
        x = core_one(g, "dropout", x);
    core_two(g, "switch", core_linear(g, x, LABELS), y);
    const basin_spaces spaces = {
        core_box(DIM, -1, 1), {BASIN_SPACE_LABELS, 1, 0, 0, LABELS}, core_none};
    MUST(basin_energy_from_graph(&t->energy, g, &spaces, &error));
    core_fill(t->x, N * DIM, 81, -1, 1);
    float noise[N];
    core_fill(noise, N, 82, -1, 1);
    for (int i = 0; i < N; i++) {
        const float *at = t->x + i * DIM;
        t->y[i] = at[0] - .5F * at[1] + noise[i] > .1F;
    }
    return open_with(t, own, "enumerate", "nll", def);
}

static basin_train_def whole(void)
{
    basin_train_def def = basin_train_default();
    def.optimiser = "lbfgs";
    def.epochs = 200;
    return def;
}

/* Gradient and loss of all samples at W, penalties included. */
static double look(const task *t, float *g)
{
    int32_t all[N];
    for (int i = 0; i < N; i++)
        all[i] = i;
    return basin_trainer_loss(t->trainer, all, N, g);
}

/* ------------------------------------------------------------ known optima */

static void least_squares(void **state)
{
    (void)state;
    task t = {0};
    basin_graph *g = NULL;
    MUST(basin_graph_create(&g, ctx, &error));
    const int x = core_leaf(g, BASIN_X, 1), y = core_leaf(g, BASIN_Y, 1);
    core_two(g, "squared", core_linear(g, x, 1), y);
    const basin_spaces spaces = {
        core_box(1, -1, 1), core_box(1, -3, 3), core_none};
    MUST(basin_energy_from_graph(&t.energy, g, &spaces, &error));
    float noise[N];
    core_fill(t.x, N, 91, -1, 1);
    core_fill(noise, N, 92, -.5, .5);
    double sx = 0, sy = 0, xx = 0, xy = 0;
    for (int i = 0; i < N; i++) {
        t.y[i] = 1.5F * t.x[i] - .25F + noise[i];
        sx += (double)t.x[i] / N;
        sy += (double)t.y[i] / N;
        xx += (double)t.x[i] * (double)t.x[i] / N;
        xy += (double)t.x[i] * (double)t.y[i] / N;
    }
    const double slope = (xy - sx * sy) / (xx - sx * sx);
    const basin_train_def def = whole();
    MUST(open_with(&t, ctx, "grid", "energy", &def));
    MUST(basin_trainer_run(t.trainer, &error));
    const float *w = basin_energy_params(t.energy);
    assert_near((double)w[0], slope, 1e-5);
    assert_near((double)w[1], sy - slope * sx, 1e-5);
    assert_true(basin_trainer_stands(t.trainer));
    assert_true(basin_trainer_progress(t.trainer)->passes <= 15);
    close_task(&t);
}

/* Of a convex loss: what thousands of small steps come to. */
static void logistic_regression(void **state)
{
    (void)state;
    double found[2];
    uint64_t passes[2];
    for (int slow = 0; slow < 2; slow++) {
        task t;
        basin_train_def def = whole();
        def.l2 = .01;
        if (slow) {
            def.optimiser = "sgd";
            def.rate = .5;
            def.epochs = 3000;
            def.batch = N;
        }
        MUST(open_labels(&t, ctx, 0, false, &def));
        MUST(basin_trainer_run(t.trainer, &error));
        passes[slow] = basin_trainer_progress(t.trainer)->passes;
        found[slow] = look(&t, NULL);
        if (!slow)
            assert_near(
                basin_trainer_progress(t.trainer)->loss, found[0], 1e-6);
        close_task(&t);
    }
    assert_near(found[0], found[1], 2e-6);
    assert_true(found[0] < .6);
    assert_int_equal(passes[1], 3000);
    assert_true(passes[0] <= 40);
}

/* Zero and the slope below l1, or the slope -l1 sign(w) (Andrew and Gao 2007).
 */
static void a_zero_is_one(void **state)
{
    (void)state;
    task t;
    basin_train_def def = whole();
    def.l1 = .04;
    MUST(open_labels(&t, ctx, 0, false, &def));
    MUST(basin_trainer_run(t.trainer, &error));
    const int n = (int)basin_energy_describe(t.energy)->n_params;
    const float *w = basin_energy_params(t.energy);
    float g[W_MOST];
    int zeros = 0;
    look(&t, g);
    for (int i = 0; i < n; i++) {
        zeros += w[i] == 0;
        /* g has the slope of the penalty where w is not 0 */
        assert_true(fabs((double)g[i]) <= (w[i] == 0 ? .04 + 1e-4 : 1e-4));
    }
    assert_true(zeros >= 2 && zeros < n);
    close_task(&t);
}

/* A net has many optima; it comes to one, and stays there. */
static void a_net_comes_to_rest(void **state)
{
    (void)state;
    task t;
    basin_train_def def = whole();
    def.l2 = .01;
    MUST(open_labels(&t, ctx, 5, false, &def));
    const double first = look(&t, NULL);
    double last = first;
    while (!basin_trainer_stands(t.trainer)) {
        basin_progress p;
        MUST(basin_trainer_epoch(t.trainer, &p, &error));
        assert_true(p.loss <= last + 1e-9 && p.epoch <= 200);
        last = p.loss;
    }
    float g[W_MOST];
    double square = 0;
    assert_near(look(&t, g), last, 1e-6);
    for (size_t i = 0; i < basin_energy_describe(t.energy)->n_params; i++)
        square += (double)g[i] * (double)g[i];
    assert_true(last < first && sqrt(square) < 1e-3);
    close_task(&t);
}

/* --------------------------------------------------------------------- bits */

static uint64_t trained(int threads, const char *backend)
{
    basin_context *own = core_context(NULL, threads, backend);
    task t;
    basin_train_def def = whole();
    def.epochs = 12;
    def.l1 = .001;
    MUST(open_labels(&t, own, 5, false, &def));
    MUST(basin_trainer_run(t.trainer, &error));
    const uint64_t bits = core_hash(CORE_HASH, basin_energy_params(t.energy),
        basin_energy_describe(t.energy)->n_params * sizeof(float));
    close_task(&t);
    basin_context_destroy(own);
    return bits;
}

static void same_bits(void **state)
{
    (void)state;
    core_same_bits(trained);
}

/* Whoever goes back begins anew from there. */
static void a_guard_goes_back(void **state)
{
    (void)state;
    task t;
    basin_guard *guard = NULL;
    basin_train_def def = whole();
    def.l2 = .01;
    MUST(open_labels(&t, ctx, 0, false, &def));
    MUST(basin_guard_create(&guard, t.trainer, &error));
    MUST(basin_trainer_epoch(t.trainer, NULL, &error));
    basin_guard_keep(guard, t.trainer);
    const double kept = look(&t, NULL);
    for (int i = 0; i < 3; i++)
        MUST(basin_trainer_epoch(t.trainer, NULL, &error));
    basin_guard_back(guard, t.trainer);
    assert_true(look(&t, NULL) == kept);
    MUST(basin_trainer_run(t.trainer, &error));
    assert_true(basin_trainer_stands(t.trainer) && look(&t, NULL) < kept);
    basin_guard_destroy(guard);
    close_task(&t);
}

/* ----------------------------------------------------------------- refusals */

static void what_does_not_go_with_it_is_refused(void **state)
{
    (void)state;
    static const char *const words[] = {"clip", "average",
        "a schedule of the rate", "a schedule of the rate", "beta-from",
        "dropout"};
    for (int i = 0; i < COUNT(words); i++) {
        task t;
        basin_train_def def = whole();
        switch (i) {
        case 0: def.clip = 1; break;
        case 1: def.average = 1; break;
        case 2: def.rate_end = .1; break;
        case 3: def.warmup = .1; break;
        case 4: def.beta_from = .1; break;
        default: break;
        }
        MUST_FAIL(
            open_labels(&t, ctx, 3, i == 5, &def), BASIN_E_ARGUMENT, words[i]);
        close_task(&t);
    }
    learning l; /* no value to search along */
    const basin_train_def def = whole();
    MUST_FAIL(
        learning_try(&l, ctx,
            &(learning_def){CORE_DUAL, "langevin", "nll", false, 1, 10}, &def),
        BASIN_E_SERVE, "and not its value");
    learning_close(&l);
}

static void chains_have_their_own(void **state)
{
    (void)state;
    small d;
    basin_chain *chain = NULL;
    basin_chain_trainer *trainer = NULL;
    basin_chain_train_def def = basin_chain_train_default();
    small_fill(&d, 5, 3, false);
    MUST(basin_chain_create(&chain, ctx, &d.s, NULL, &error));
    def.algorithm = BASIN_CHAIN_OPTIMISER;
    def.optimiser = "lbfgs";
    MUST_FAIL(
        basin_chain_trainer_create(&trainer, chain, NULL, &d.s, &def, &error),
        BASIN_E_SERVE, "the algorithm 'lbfgs'");
    basin_chain_destroy(chain);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)
    const struct CMUnitTest tests[] = {
        TEST(least_squares),
        TEST(logistic_regression),
        TEST(a_zero_is_one),
        TEST(a_net_comes_to_rest),
        TEST(same_bits),
        TEST(a_guard_goes_back),
        TEST(what_does_not_go_with_it_is_refused),
        TEST(chains_have_their_own),
    };
    return cmocka_run_group_tests_name("whole", tests, NULL, NULL);
}
