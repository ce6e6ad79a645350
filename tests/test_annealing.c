/* SPDX-License-Identifier: MIT
 *
 * Inverse temperatures that rise over a training: that they are where their
 * schedule says, that every inference which has one answers at it, and that
 * what cannot be annealed is refused.
 */
#include "test_chain.h"
#include "test_context.h"
#include "test_learn.h"

#include "basin/chain_train.h"

enum { N = 10, UPDATES = 40, W_MOST = 160 };
static const int32_t all[N] = {3, 1, 4, 5, 9, 2, 6, 8, 7, 0};

/* ---------------------------------------------------------------- schedules */

static double scheduled(basin_beta_schedule schedule, double at)
{
    const double from = .25, to = 4, pi = 3.14159265358979323846;
    at = fmin(at, 1);
    switch (schedule) {
    case BASIN_BETA_EXPONENTIAL: return from * pow(16, at);
    case BASIN_BETA_COSINE: return from + (to - from) * (1 - cos(pi * at)) / 2;
    case BASIN_BETA_LINEAR: break;
    }
    return from + (to - from) * at;
}

static void betas_follow_their_schedule(void **state)
{
    (void)state;
    for (int s = 0; s < 6; s++) {
        learning l;
        basin_train_def def = basin_train_default();
        def.beta_schedule = (basin_beta_schedule)(s % 3);
        def.beta_over = s < 3 ? 1 : .5;
        def.epochs = 8;
        def.batch = 2;
        const learning_def d = {CORE_HIDDEN, "grid", "nll", true, 1, N};
        MUST(learning_try(&l, ctx, &d, &def));
        basin_trainer_destroy(l.trainer);
        *basin_inference_beta(l.inference, "beta-z") = 4;
        def.beta_z_from = .25;
        MUST(basin_trainer_create(&l.trainer, l.inference, l.loss,
            &(basin_samples){.n = N, .x = l.x, .y = l.y}, &def, &error));
        for (int i = 0; i < UPDATES; i++) {
            bool ended;
            MUST(basin_trainer_advance(l.trainer, 1, &ended, &error));
            const basin_progress *p = basin_trainer_progress(l.trainer);
            const double way = def.beta_over * (UPDATES - 1);
            assert_near(p->beta_z, scheduled(def.beta_schedule, i / way), 1e-9);
            assert_true(isnan(p->beta));
            assert_true(*basin_inference_beta(l.inference, "beta-z") == 4);
        }
        learning_close(&l);
    }
}

/* ------------------------------------------------------- every inference */

/* One update, and W behind it. */
static void update(float *w, basin_energy *energy, basin_inference *inference,
    basin_loss *loss, const basin_samples *samples, const basin_train_def *def)
{
    basin_trainer *trainer = NULL;
    const size_t n = basin_energy_describe(energy)->n_params;
    float *at = basin_energy_params(energy), kept[W_MOST];
    assert_true(n <= W_MOST);
    memcpy(kept, at, n * sizeof *w);
    MUST(basin_trainer_create(&trainer, inference, loss, samples, def, &error));
    basin_trainer_step(trainer, all, samples->n < 4 ? samples->n : 4);
    memcpy(w, at, n * sizeof *w);
    memcpy(at, kept, n * sizeof *w);
    basin_trainer_destroy(trainer);
}

/* The first update of a training whose beta begins at .3 has the bits of one
 * whose beta is .3, and others than one whose beta is the inference's own. */
static void check_first_update(basin_energy *energy, basin_inference *inference,
    basin_loss *loss, const basin_samples *samples, bool over_z)
{
    float annealed[W_MOST], constant[W_MOST], own[W_MOST];
    const size_t bytes =
        basin_energy_describe(energy)->n_params * sizeof(float);
    double *beta = basin_inference_beta(inference, over_z ? "beta-z" : "beta");
    basin_train_def def = basin_train_default();
    def.batch = 4;
    *beta = 2;
    update(own, energy, inference, loss, samples, &def);
    *(over_z ? &def.beta_z_from : &def.beta_from) = .3;
    update(annealed, energy, inference, loss, samples, &def);
    assert_true(*beta == 2);
    def.beta_from = def.beta_z_from = 0;
    *beta = .3;
    update(constant, energy, inference, loss, samples, &def);
    assert_memory_equal(annealed, constant, bytes);
    assert_memory_not_equal(annealed, own, bytes);
    *beta = 2;
}

static void every_inference_answers_at_it(void **state)
{
    (void)state;
    const basin_part *part;
    int checked[2] = {0, 0};
    const basin_train_def def = basin_train_default();
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_INFERENCE, i)); i++)
        for (int z = 0; z < 2; z++) {
            learning l;
            const learning_def d = {z ? CORE_HIDDEN : CORE_DUAL, part->name,
                z ? "energy" : "nll", z, 1, N};
            if (learning_try(&l, ctx, &d, &def) == BASIN_OK &&
                basin_inference_beta(l.inference, z ? "beta-z" : "beta")) {
                const basin_samples samples = {.n = N, .x = l.x, .y = l.y};
                check_first_update(l.energy, l.inference, l.loss, &samples, z);
                checked[z]++;
            }
            learning_close(&l);
        }
    /* grid and the four samplers; with Z the searches too */
    assert_int_equal(checked[0], 5);
    assert_true(checked[1] >= 8);
}

static void labels_answer_at_it(void **state)
{
    (void)state;
    basin_energy *energy = small_net(ctx, 3);
    basin_inference *inference = NULL;
    basin_loss *loss = NULL;
    float x[N * SMALL_DENSE], y[N];
    core_fill(x, COUNT(x), 71, -1, 1);
    for (int i = 0; i < N; i++)
        y[i] = (float)(i % 3);
    MUST(basin_inference_create(
        &inference, energy, "enumerate", NULL, 0, &error));
    MUST(basin_loss_create(&loss, ctx, "mee", NULL, 0, &error));
    const basin_samples samples = {.n = N, .x = x, .y = y};
    check_first_update(energy, inference, loss, &samples, false);
    basin_loss_destroy(loss);
    basin_inference_destroy(inference);
    basin_energy_destroy(energy);
}

static void chains_answer_at_it(void **state)
{
    (void)state;
    small d;
    basin_chain *chain = NULL;
    basin_energy *energy = NULL;
    basin_inference *inference = NULL;
    basin_loss *loss = NULL;
    const basin_chain_def def = basin_chain_default();
    small_fill(&d, 5, 3, false);
    MUST(basin_chain_create(&chain, ctx, &d.s, &def, &error));
    MUST(basin_energy_from_chain(&energy, chain, &error));
    core_fill(basin_energy_params(energy),
        basin_energy_describe(energy)->n_params, 5, -1, 1);
    MUST(basin_inference_create(&inference, energy, "chain", NULL, 0, &error));
    MUST(basin_loss_create(&loss, ctx, "nll", NULL, 0, &error));
    /* the indices of an update are those of the first four */
    const basin_samples samples = {.n = SMALL_N, .sequences = &d.s};
    check_first_update(energy, inference, loss, &samples, false);
    basin_loss_destroy(loss);
    basin_inference_destroy(inference);
    basin_energy_destroy(energy);
}

/* ------------------------------------------------------- trainers of chains */

typedef struct seen {
    int n;
    double beta[64];
} seen;

static bool see(void *user, const basin_chain_progress *progress)
{
    seen *s = user;
    if (s->n < COUNT(s->beta))
        s->beta[s->n++] = progress->beta;
    return true;
}

static basin_status learn_chain(
    const char *name, basin_chain_train_def *def, double *objective)
{
    small d;
    basin_chain *chain = NULL;
    basin_loss *loss = NULL;
    basin_chain_trainer *trainer = NULL;
    const basin_chain_def cdef = basin_chain_default();
    small_fill(&d, 5, 3, false);
    error = (basin_error){0};
    MUST(basin_chain_create(&chain, ctx, &d.s, &cdef, &error));
    MUST(basin_loss_create(&loss, ctx, name, NULL, 0, &error));
    basin_status status =
        basin_chain_trainer_create(&trainer, chain, loss, &d.s, def, &error);
    if (status == BASIN_OK)
        status = basin_chain_trainer_run(trainer, &error);
    if (status == BASIN_OK)
        *objective = basin_chain_trainer_progress(trainer)->objective;
    basin_chain_trainer_destroy(trainer);
    basin_loss_destroy(loss);
    basin_chain_destroy(chain);
    return status;
}

static void trainers_of_chains_anneal(void **state)
{
    (void)state;
    static const basin_chain_algorithm algorithms[] = {
        BASIN_CHAIN_LBFGS, BASIN_CHAIN_SGD, BASIN_CHAIN_OPTIMISER};
    for (int a = 0; a < 3; a++) {
        seen s = {0};
        double objective;
        basin_chain_train_def def = basin_chain_train_default();
        def.algorithm = algorithms[a];
        def.iterations = 12;
        def.tolerance = def.delta = 0;
        def.beta = 2;
        def.beta_from = .125;
        def.beta_over = 8;
        def.watch = see;
        def.user = &s;
        MUST(learn_chain("nll", &def, &objective));
        assert_int_equal(s.n, 12);
        for (int i = 0; i < s.n; i++)
            assert_near(s.beta[i], i < 8 ? .125 * pow(2, i / 2.) : 2, 1e-12);
    }
}

/* A convex objective has the same least value whichever way led there. */
static void an_annealed_optimum_is_the_same(void **state)
{
    (void)state;
    double straight, annealed;
    basin_chain_train_def def = basin_chain_train_default();
    def.c2 = .1;
    def.tolerance = 1e-9;
    def.delta = 0;
    MUST(learn_chain("nll", &def, &straight));
    def.beta_from = .01;
    def.beta_over = 5;
    MUST(learn_chain("nll", &def, &annealed));
    assert_near(straight, annealed, 1e-9 * straight);
    MUST_FAIL(learn_chain("hinge", &def, &annealed), BASIN_E_SERVE,
        "'hinge' asks for no free energy");
    def.beta_over = 0;
    MUST_FAIL(learn_chain("nll", &def, &annealed), BASIN_E_RANGE,
        "beta_over must be at least 1");
    def.beta_from = -1;
    MUST_FAIL(learn_chain("nll", &def, &annealed), BASIN_E_RANGE, "beta_from");
}

/* ----------------------------------------------------------------- refusals */

static void refused(const learning_def *d, const basin_train_def *def,
    basin_status status, const char *words)
{
    learning l;
    MUST_FAIL(learning_try(&l, ctx, d, def), status, words);
    learning_close(&l);
}

static void what_cannot_be_annealed_is_refused(void **state)
{
    (void)state;
    basin_train_def y = basin_train_default(), z = y;
    y.beta_from = .1;
    z.beta_z_from = .1;
    refused(&(learning_def){CORE_DUAL, "grid", "hinge", false, 1, N}, &y,
        BASIN_E_ARGUMENT, "the loss 'hinge' asks for no free energy");
    refused(&(learning_def){CORE_DUAL, "descent", "perceptron", false, 1, N},
        &y, BASIN_E_ARGUMENT, "the inference 'descent' has none");
    refused(&(learning_def){CORE_DUAL, "grid", "nll", true, 1, N}, &z,
        BASIN_E_ARGUMENT, "the energy has no Z");
    refused(&(learning_def){CORE_HIDDEN, "grid", "nll", false, 1, N}, &z,
        BASIN_E_ARGUMENT, "z: marginalise");
    y.beta_over = 0;
    refused(&(learning_def){CORE_DUAL, "grid", "nll", false, 1, N}, &y,
        BASIN_E_RANGE, "beta_over must be above 0");
    z.beta_z_from = -1;
    refused(&(learning_def){CORE_HIDDEN, "grid", "nll", true, 1, N}, &z,
        BASIN_E_RANGE, "from 0 to 1e6; got -1");
}

/* A judgement is not annealed: the loss of samples is that of the inference's
 * own beta at any time. */
static void it_is_judged_at_its_own(void **state)
{
    (void)state;
    learning plain, annealed;
    basin_train_def def = basin_train_default();
    def.batch = N;
    const learning_def d = {CORE_DUAL, "grid", "nll", false, 1, N};
    MUST(learning_try(&plain, ctx, &d, &def));
    def.beta_from = .1;
    MUST(learning_try(&annealed, ctx, &d, &def));
    assert_true(basin_trainer_loss(annealed.trainer, all, N, NULL) ==
                basin_trainer_loss(plain.trainer, all, N, NULL));
    const double loss = basin_trainer_step(annealed.trainer, all, N);
    assert_true(loss != basin_trainer_step(plain.trainer, all, N));
    learning_close(&plain);
    learning_close(&annealed);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)
    const struct CMUnitTest tests[] = {
        TEST(betas_follow_their_schedule),
        TEST(every_inference_answers_at_it),
        TEST(labels_answer_at_it),
        TEST(chains_answer_at_it),
        TEST(trainers_of_chains_anneal),
        TEST(an_annealed_optimum_is_the_same),
        TEST(what_cannot_be_annealed_is_refused),
        TEST(it_is_judged_at_its_own),
    };
    return cmocka_run_group_tests_name("annealing", tests, NULL, NULL);
}
