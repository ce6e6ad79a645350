/* SPDX-License-Identifier: MIT
 *
 * Restricted Boltzmann machines as graphs, small enough for exact sums: log Z
 * against every configuration one by one, hidden units summed over or in
 * closed form, and contrastive divergence against maximum likelihood.
 */
#define CORE_THREADS 1
#include "test_context.h"

enum { VISIBLE = 5, HIDDEN = 3, PATTERNS = 1 << VISIBLE };

static int linear(basin_graph *g, int in, int out, bool bias)
{
    const basin_setting s[] = {
        {"out", out}, {"bias", bias}, {"weight-range", .8}, {"bias-range", .5}};
    MUST(basin_graph_add1(g, &in, "linear", in, s, 4, &error));
    return in;
}

/* Over binary y and z, E = (W'y + c).z + b'y; or, with the hidden units in
 * closed form, E = b'y - sum softplus(-(W'y + c)). W is the same in both. */
static basin_energy *machine(bool closed, int hidden, uint64_t seed)
{
    basin_graph *g = NULL;
    basin_energy *out = NULL;
    MUST(basin_graph_create(&g, ctx, &error));
    const int y = core_leaf(g, BASIN_Y, VISIBLE);
    const int pull = linear(g, y, hidden, true);
    if (closed) {
        /* softplus(-a) = softplus(a) - a */
        const basin_setting negative = {"factor", -1};
        int soft = core_one(g, "softplus", pull);
        MUST(basin_graph_add1(g, &soft, "total", soft, &negative, 1, &error));
        const int rest = core_one(g, "total", pull);
        core_two(
            g, "sum", core_two(g, "sum", soft, rest), linear(g, y, 1, false));
    } else {
        const int z = core_leaf(g, BASIN_Z, hidden);
        core_two(g, "sum", core_two(g, "dot", pull, z), linear(g, y, 1, false));
    }
    const basin_spaces spaces = {.y = core_box(VISIBLE, 0, 1),
        .z = closed ? core_none : core_box(hidden, 0, 1)};
    MUST(basin_energy_from_graph(&out, g, &spaces, &error));
    basin_energy_init(out, seed);
    return out;
}

static void bits(float *out, int n, int number)
{
    for (int i = 0; i < n; i++)
        out[i] = (float)(number >> i & 1);
}

/* Binary values are a grid of two points, each counted once. */
static const basin_setting exact[] = {
    {"points", 2}, {"z-points", 2}, {"z", 1}, {"rule", 2}};

static basin_inference *open(
    basin_energy *e, const char *name, const basin_setting *s, int n)
{
    basin_inference *out = NULL;
    MUST(basin_inference_create(&out, e, name, s, n, &error));
    return out;
}

static void log_z_is_exact(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        basin_energy *both = machine(false, HIDDEN, seed);
        basin_energy *closed = machine(true, HIDDEN, seed);
        basin_energy *const all[] = {both, closed};
        double z = 0;
        memcpy(basin_energy_params(closed), basin_energy_params(both),
            basin_energy_describe(both)->n_params * sizeof(float));
        for (int i = 0; i < PATTERNS; i++)
            for (int k = 0; k < 1 << HIDDEN; k++) {
                float y[VISIBLE], h[HIDDEN];
                bits(y, VISIBLE, i);
                bits(h, HIDDEN, k);
                z += exp(-(double)basin_energy_value(both, NULL, y, h));
            }
        for (int i = 0; i < 2; i++) {
            basin_inference *inf = open(all[i], "grid", exact, COUNT(exact));
            float y[VISIBLE];
            basin_energies found;
            bits(y, VISIBLE, 13);
            MUST(basin_inference_prepare(inf,
                &(basin_question){.needs = BASIN_NEED_EC | BASIN_NEED_F,
                    .values = true,
                    .samples = 1},
                &error));
            basin_inference_answer(inf, &(basin_samples){.n = 1, .y = y}, NULL,
                1, false, 0, &found);
            assert_near(-found.f, log(z), 2e-6);
            basin_inference_destroy(inf);
        }
        basin_energy_destroy(both);
        basin_energy_destroy(closed);
    }
}

/* ------------------------------------------------- contrastive divergence */

enum { SAMPLES = 60, HARD = 1 };

typedef struct data {
    float y[SAMPLES][VISIBLE];
    double entropy;
} data;

/* Draws from a random law over the patterns. */
static void draw(data *d, uint64_t seed)
{
    double law[PATTERNS], total = 0;
    int count[PATTERNS] = {0};
    for (int i = 0; i < PATTERNS; i++)
        total += law[i] = -log(1 - core_number(seed, (uint64_t)i, 0, 1));
    d->entropy = 0;
    for (int b = 0; b < SAMPLES; b++) {
        double u = core_number(seed, (uint64_t)(100 + b), 0, total);
        int i = 0;
        while (i < PATTERNS - 1 && (u -= law[i]) > 0)
            i++;
        bits(d->y[b], VISIBLE, i);
        count[i]++;
    }
    for (int i = 0; i < PATTERNS; i++)
        if (count[i])
            d->entropy -=
                (double)count[i] / SAMPLES * log((double)count[i] / SAMPLES);
}

/* Learn with an inference. @return the divergence of the data from the model,
 * by the exact sum */
static double divergence(basin_energy *e, const data *d, const char *name,
    const basin_setting *s, int n, int epochs, double rate)
{
    const basin_samples samples = {.n = SAMPLES, .y = d->y[0]};
    basin_inference *inf = open(e, name, s, n);
    basin_inference *grid = open(e, "grid", exact, COUNT(exact));
    basin_loss *nll = NULL;
    basin_trainer *learner = NULL, *judge = NULL;
    basin_train_def def = basin_train_default();
    int32_t index[SAMPLES];
    for (int b = 0; b < SAMPLES; b++)
        index[b] = b;
    def.optimiser = "adam";
    def.rate = rate;
    def.rate_end = .01;
    def.batch = SAMPLES;
    def.epochs = epochs;
    MUST(basin_loss_create(&nll, ctx, "nll", NULL, 0, &error));
    MUST(basin_trainer_create(&learner, inf, nll, &samples, &def, &error));
    MUST(basin_trainer_run(learner, &error));
    MUST(basin_trainer_create(&judge, grid, nll, &samples, &def, &error));
    const double out =
        basin_trainer_loss(judge, index, SAMPLES, NULL) - d->entropy;
    basin_trainer_destroy(judge);
    basin_trainer_destroy(learner);
    basin_loss_destroy(nll);
    basin_inference_destroy(grid);
    basin_inference_destroy(inf);
    return out;
}

/* CD-1, one sweep from the data, comes to rest within 5 % of the least
 * divergence nearly always (Carreira-Perpinan and Hinton 2005); here, with one
 * hidden unit, in all problems. It goes on from the maximum of likelihood. */
static void cd1_is_hardly_biased(void **state)
{
    (void)state;
    enum { PROBLEMS = 6 };
    for (uint64_t seed = 1; seed <= PROBLEMS; seed++) {
        data d;
        const basin_setting cd1[] = {
            {"steps", 1}, {"chains", 20}, {"points", 2}};
        basin_energy *e = machine(true, HARD, seed);
        draw(&d, seed);
        const double least =
            divergence(e, &d, "grid", exact, COUNT(exact), 6000, .1);
        const double cd = divergence(e, &d, "gibbs", cd1, 3, 400, .01);
        assert_true(least > .02); /* there is something to be off */
        assert_true(cd >= least - 1e-5);
        assert_true(cd < 1.05 * least);
        basin_energy_destroy(e);
    }
}

/* From anywhere, persistent chains in both y and z learn what the exact sum
 * learns: within a tenth of the divergence that learning has taken away. */
static void persistent_chains_learn(void **state)
{
    (void)state;
    data d;
    const basin_setting pcd[] = {{"steps", 2}, {"chains", 4}, {"points", 2},
        {"start", 1}, {"restart", 0}, {"z", 2}};
    basin_energy *a = machine(false, HIDDEN, 3), *b = machine(false, HIDDEN, 3);
    draw(&d, 2);
    const double before =
        divergence(a, &d, "grid", exact, COUNT(exact), 1, 1e-9);
    const double least =
        divergence(a, &d, "grid", exact, COUNT(exact), 400, .05);
    const double sampled = divergence(b, &d, "gibbs", pcd, 6, 400, .05);
    assert_true(least < .7 * before);
    assert_near(sampled, least, .1 * (before - least));
    basin_energy_destroy(a);
    basin_energy_destroy(b);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)
    const struct CMUnitTest tests[] = {
        TEST(log_z_is_exact),
        TEST(cd1_is_hardly_biased),
        TEST(persistent_chains_learn),
    };
    return cmocka_run_group_tests_name("boltzmann", tests, NULL, NULL);
}
