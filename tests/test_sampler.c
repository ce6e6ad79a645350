/* SPDX-License-Identifier: MIT
 *
 * Samplers: the laws of their chains against what is known exactly, within
 * stated standard errors at fixed seeds; the derivatives that they hand to
 * losses against sums over all answers; the same bits however a walk is cut
 * and on any number of threads; and persistent chains, which are remembered.
 */
#include "test_context.h"

/* ---------------------------------------------------------------- energies */

static basin_graph *new_graph(basin_context *in)
{
    basin_graph *g = NULL;
    MUST(basin_graph_create(&g, in, &error));
    return g;
}

static basin_energy *close_graph(basin_graph *g, basin_spaces spaces)
{
    basin_energy *out = NULL;
    MUST(basin_energy_from_graph(&out, g, &spaces, &error));
    basin_energy_init(out, 3);
    return out;
}

/* lambda/2 |y|^2, as squared(W y, 0 W' y): W = sqrt(lambda / 2). */
static basin_energy *parabola(basin_context *in, double lambda, float edge)
{
    basin_graph *g = new_graph(in);
    const int y = core_leaf(g, BASIN_Y, 1);
    const int a = core_linear(g, y, 1), b = core_linear(g, y, 1);
    core_two(g, "squared", a, b);
    basin_energy *e = close_graph(
        g, (basin_spaces){core_none, core_box(1, -edge, edge), core_none});
    float *w = basin_energy_params(e); /* two weights, two biases */
    memset(w, 0, 4 * sizeof *w);
    w[0] = (float)sqrt(lambda / 2);
    return e;
}

/* A net of two numbers, with hills and valleys. */
static basin_energy *hilly(basin_context *in)
{
    basin_graph *g = new_graph(in);
    const int y = core_leaf(g, BASIN_Y, 2);
    core_linear(g, core_one(g, "tanh", core_linear(g, y, 8)), 1);
    basin_energy *e = close_graph(
        g, (basin_spaces){core_none, core_box(2, -2, 2), core_none});
    float *w = basin_energy_params(e);
    for (size_t i = 0; i < basin_energy_describe(e)->n_params; i++)
        w[i] *= 2;
    return e;
}

static basin_inference *sampler(
    basin_energy *e, const char *name, const basin_setting *s, int n)
{
    basin_inference *out = NULL;
    MUST(basin_inference_create(&out, e, name, s, n, &error));
    return out;
}

/* ------------------------------------------------------------ random numbers
 */

/* Mean, variance, skewness, kurtosis and the tie of neighbours, each within 4
 * standard errors; and the part beyond 2, which is 0.0455. */
static void bulk_normals_are_normal(void **state)
{
    (void)state;
    enum { N = 400000 };
    float *x = malloc(N * sizeof *x);
    double m[5] = {0}, ties = 0, far = 0;
    assert_non_null(x);
    const basin_random_key key = {7, BASIN_STREAM_TEST, 3};
    basin_random_normals(key, x, N);
    for (int i = 0; i < N; i++) {
        const double v = (double)x[i];
        for (int k = 1; k <= 4; k++)
            m[k] += pow(v, k) / N;
        ties += i ? v * (double)x[i - 1] / N : 0;
        far += (fabs(v) > 2) / (double)N;
    }
    const double unit = 1 / sqrt(N);
    assert_near(m[1], 0, 4 * unit);
    assert_near(m[2], 1, 4 * unit * sqrt(2));
    assert_near(m[3], 0, 4 * unit * sqrt(15));
    assert_near(m[4], 3, 4 * unit * sqrt(96));
    assert_near(ties, 0, 4 * unit);
    assert_near(far, .0455003, 4 * unit * sqrt(.0455));
    /* A number is a function of its place: a shorter draw gives the same. */
    float few[131];
    for (size_t n = 0; n < COUNT(few); n += 13) {
        basin_random_normals(key, few, n);
        assert_memory_equal(few, x, n * sizeof *few);
    }
    free(x);
}

/* -------------------------------------------------------------------- laws */

typedef struct moments {
    double mean[2], square[2], cross, energy; /* of the law */
} moments;

/* Means over chains; @param spread their standard errors */
static moments walk(basin_inference *inf, int n, int dim, int burn, int every,
    int draws, moments *spread)
{
    float *y = malloc(sizeof *y * (size_t)(n * dim));
    float *e = malloc(sizeof *e * (size_t)n);
    double *sums = calloc((size_t)n * 6, sizeof *sums);
    assert_true(y && e && sums);
    core_fill(y, (size_t)(n * dim), 5, -1, 1);
    basin_chains chains = {.n = n, .y = y, .e = e, .seed = 11};
    MUST(basin_inference_sample(inf, &chains, burn, &error));
    for (int t = 0; t < draws; t++) {
        MUST(basin_inference_sample(inf, &chains, every, &error));
        for (int i = 0; i < n; i++) {
            const float *at = y + (size_t)i * dim;
            const double a = (double)at[0], b = dim > 1 ? (double)at[1] : 0;
            const double all[6] = {a, b, a * a, b * b, a * b, (double)e[i]};
            for (int k = 0; k < 6; k++)
                sums[i * 6 + k] += all[k] / draws;
        }
    }
    double mean[6] = {0}, square[6] = {0};
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 6; k++) {
            mean[k] += sums[i * 6 + k] / n;
            square[k] += sums[i * 6 + k] * sums[i * 6 + k] / n;
        }
    double se[6];
    for (int k = 0; k < 6; k++)
        se[k] = sqrt(fabs(square[k] - mean[k] * mean[k]) / (n - 1));
    *spread = (moments){{se[0], se[1]}, {se[2], se[3]}, se[4], se[5]};
    free(y);
    free(e);
    free(sums);
    return (moments){{mean[0], mean[1]}, {mean[2], mean[3]}, mean[4], mean[5]};
}

/* By the trapezoid rule over 401 x 401 points. */
static moments quadrature(basin_energy *e, double beta)
{
    enum { N = 401 };
    moments out = {{0}, {0}, 0, 0};
    basin_pass *pass = NULL;
    double z = 0;
    static float y[N * N][2];
    for (int i = 0; i < N * N; i++) {
        y[i][0] = (float)(-2 + 4.0 * (i / N) / (N - 1));
        y[i][1] = (float)(-2 + 4.0 * (i % N) / (N - 1));
    }
    MUST(basin_pass_create(&pass, e,
        &(basin_pass_def){
            .samples = 1, .n_slots = 1, .slots = {{.y = {N * N, false}}}},
        &error));
    basin_pass_observe(pass, NULL, NULL, 1, false, 0);
    const float *energy =
        basin_pass_evaluate(pass, 0, &(basin_set){.y = y[0], .y_count = N * N});
    for (int i = 0; i < N * N; i++) {
        double mass = exp(-beta * (double)energy[i]);
        mass *= i / N == 0 || i / N == N - 1 ? .5 : 1;
        mass *= i % N == 0 || i % N == N - 1 ? .5 : 1;
        const double a = (double)y[i][0], b = (double)y[i][1];
        z += mass;
        out.mean[0] += mass * a;
        out.mean[1] += mass * b;
        out.square[0] += mass * a * a;
        out.square[1] += mass * b * b;
        out.cross += mass * a * b;
        out.energy += mass * (double)energy[i];
    }
    basin_pass_destroy(pass);
    for (int k = 0; k < 2; k++) {
        out.mean[k] /= z;
        out.square[k] /= z;
    }
    out.cross /= z;
    out.energy /= z;
    return out;
}

/* MALA and HMC have the law itself, in two dimensions, ends of the box
 * included: all moments within 3 standard errors of quadrature. */
static void adjusted_moments_equal_quadrature(void **state)
{
    (void)state;
    const struct {
        const char *name;
        double beta, step;
        int every;
    } cases[] = {{"mala", 1, .5, 10}, {"hmc", 1, .35, 1}, {"mala", 3, .3, 10},
        {"hmc", 3, .25, 1}};
    basin_energy *e = hilly(ctx);
    for (int i = 0; i < COUNT(cases); i++) {
        const basin_setting s[] = {
            {"beta", cases[i].beta}, {"step", cases[i].step}};
        basin_inference *inf = sampler(e, cases[i].name, s, 2);
        moments se, want = quadrature(e, cases[i].beta);
        const moments got =
            walk(inf, 2000, 2, 40 * cases[i].every, cases[i].every, 20, &se);
        for (int k = 0; k < 2; k++) {
            assert_near(got.mean[k], want.mean[k], 3 * se.mean[k]);
            assert_near(got.square[k], want.square[k], 3 * se.square[k]);
            assert_true(se.mean[k] < .02);
        }
        assert_near(got.cross, want.cross, 3 * se.cross);
        assert_near(got.energy, want.energy, 3 * se.energy);
        basin_inference_destroy(inf);
    }
    basin_energy_destroy(e);
}

/* Unadjusted dynamics are too wide on a parabola, by a known amount: variance
 * 1 / (beta lambda (1 - h lambda / 4)). */
static void unadjusted_variance_is_its_own(void **state)
{
    (void)state;
    const double cases[][3] = {/* lambda, h, beta */
        {1, .5, 1}, {2, .5, 1}, {2, 1, 1}, {1, 1, 4}};
    for (int i = 0; i < COUNT(cases); i++) {
        const double lambda = cases[i][0], h = cases[i][1], b = cases[i][2];
        basin_energy *e = parabola(ctx, lambda, 30);
        const basin_setting s[] = {{"step", h}, {"beta", b}};
        basin_inference *inf = sampler(e, "langevin", s, 2);
        moments se;
        const moments got = walk(inf, 4000, 1, 60, 10, 20, &se);
        const double exact = 1 / (b * lambda);
        const double own = exact / (1 - h * lambda / 4);
        assert_near(got.mean[0], 0, 3 * se.mean[0]);
        assert_near(got.square[0], own, 3 * se.square[0]);
        assert_true(own - exact > 10 * se.square[0]); /* it can tell */
        basin_inference_destroy(inf);
        basin_energy_destroy(e);
    }
}

/* The moments over all answers of a few values each, by their sum. */
static void gibbs_moments_equal_the_sum(void **state)
{
    (void)state;
    for (int points = 2; points <= 5; points += 3) {
        basin_energy *e = hilly(ctx);
        const basin_setting s[] = {{"points", points}, {"beta", 1.5}};
        basin_inference *inf = sampler(e, "gibbs", s, 2);
        double mean[2] = {0}, cross = 0, z = 0;
        for (int i = 0; i < points * points; i++) {
            const float y[2] = {(float)(-2 + 4.0 * (i / points) / (points - 1)),
                (float)(-2 + 4.0 * (i % points) / (points - 1))};
            const double mass =
                exp(-1.5 * (double)basin_energy_value(e, NULL, y, NULL));
            z += mass;
            mean[0] += mass * (double)y[0];
            mean[1] += mass * (double)y[1];
            cross += mass * (double)y[0] * (double)y[1];
        }
        moments se;
        const moments got = walk(inf, 4000, 2, 30, 3, 20, &se);
        assert_near(got.mean[0], mean[0] / z, 3 * se.mean[0]);
        assert_near(got.mean[1], mean[1] / z, 3 * se.mean[1]);
        assert_near(got.cross, cross / z, 3 * se.cross);
        basin_inference_destroy(inf);
        basin_energy_destroy(e);
    }
}

/* -------------------------------------------------------------------- bits */

static const char *const names[] = {"langevin", "mala", "hmc", "gibbs"};

static uint64_t walked(
    const char *name, int threads, const char *backend, int cut)
{
    enum { N = 100 };
    basin_context *own = core_context(NULL, threads, backend);
    basin_energy *e = hilly(own);
    basin_inference *inf = sampler(e, name, NULL, 0);
    float y[2 * N], energy[N];
    core_fill(y, COUNT(y), 8, -2, 2);
    basin_chains c = {.n = N, .y = y, .e = energy, .seed = 5};
    for (int done = 0; done < 12; done += cut)
        MUST(basin_inference_sample(inf, &c, cut, &error));
    assert_int_equal(c.done, 12);
    assert_true(c.accepted > 0 && c.accepted <= 1);
    uint64_t out = core_hash(CORE_HASH, y, sizeof y);
    out = core_hash(out, energy, sizeof energy);
    basin_inference_destroy(inf);
    basin_energy_destroy(e);
    basin_context_destroy(own);
    return out;
}

static void walks_are_the_same_bits(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(names); i++) {
        const uint64_t right = walked(names[i], 1, "portable", 12);
        for (int threads = 1; threads <= 3; threads++)
            for (int b = 0; basin_backend_at(b); b++)
                assert_true(walked(names[i], threads, basin_backend_at(b)->name,
                                4) == right);
        assert_true(walked(names[i], 2, NULL, 1) == right);
    }
}

/* ------------------------------------------------------------- derivatives */

enum { N = 6, PARAMS = 64, REPEATS = 24 };

static float sample_x[N], sample_y[2 * N];
static const basin_samples samples = {.n = N, .x = sample_x, .y = sample_y};

/* Over which answers: BASIN_NEED_F, or BASIN_NEED_FI. */
static unsigned sum = BASIN_NEED_F;

static void prepare(basin_inference *inf, int n)
{
    MUST(basin_inference_prepare(inf,
        &(basin_question){
            .needs = BASIN_NEED_EC | sum, .samples = n, .total = n},
        &error));
}

/* That of the mean of E_C - F, or of E_C - F_I. */
static void slope_of(basin_inference *inf, uint64_t step, float *out)
{
    basin_energies found[N];
    basin_slopes slopes[N];
    for (int b = 0; b < N; b++)
        slopes[b] = sum == BASIN_NEED_F
                        ? (basin_slopes){.e_c = 1.0 / N, .f = -1.0 / N}
                        : (basin_slopes){.e_c = 1.0 / N, .f_i = -1.0 / N};
    memset(out, 0, PARAMS * sizeof *out);
    basin_inference_answer(inf, &samples, NULL, N, false, step, found);
    basin_inference_weigh(inf, slopes, N, out);
}

/* Many draws, each with its own random numbers, within 4 standard errors of
 * the sum over a fine grid. */
static void check_slopes(core_kind kind, const char *name,
    const basin_setting *s, int n, const basin_setting *exact, int n_exact)
{
    basin_energy *e = core_energy(ctx, kind, 2);
    const size_t params = basin_energy_describe(e)->n_params;
    float want[PARAMS], got[PARAMS];
    double mean[PARAMS] = {0}, square[PARAMS] = {0};
    basin_inference *grid = sampler(e, "grid", exact, n_exact);
    basin_inference *inf = sampler(e, name, s, n);
    assert_true(params <= PARAMS);
    core_fill(sample_x, N, 61, -1, 1);
    core_fill(sample_y, COUNT(sample_y), 62, -.5, 1);
    prepare(grid, N);
    prepare(inf, N);
    slope_of(grid, 0, want);
    for (int t = 0; t < REPEATS; t++) {
        slope_of(inf, (uint64_t)t + 1, got);
        for (size_t i = 0; i < params; i++) {
            mean[i] += (double)got[i] / REPEATS;
            square[i] += (double)got[i] * (double)got[i] / REPEATS;
        }
    }
    for (size_t i = 0; i < params; i++) {
        const double se =
            sqrt(fabs(square[i] - mean[i] * mean[i]) / (REPEATS - 1));
        assert_near(mean[i], (double)want[i], 4 * se + 1e-4);
        assert_true(se < .05);
    }
    basin_inference_destroy(inf);
    basin_inference_destroy(grid);
    basin_energy_destroy(e);
}

#define AGAINST(exact, kind, name, ...)                                        \
    do {                                                                       \
        const basin_setting chosen[] = {__VA_ARGS__};                          \
        check_slopes(kind, name, chosen, COUNT(chosen), exact, COUNT(exact));  \
    } while (0)
#define CHECK_SLOPES(kind, name, ...) AGAINST(grid, kind, name, __VA_ARGS__)

static void derivatives_equal_the_sum(void **state)
{
    (void)state;
    const basin_setting grid[] = {
        {"points", 161}, {"z", 1}, {"z-points", 101}, {"beta", 1}};
    CHECK_SLOPES(CORE_SMOOTH, "mala", {"step", .6}, {"chains", 30},
        {"steps", 20}, {"start", 2});
    CHECK_SLOPES(CORE_HIDDEN, "hmc", {"step", .4}, {"chains", 30},
        {"steps", 10}, {"leaps", 3}, {"start", 2}, {"z", 1}, {"z-points", 31});
    CHECK_SLOPES(CORE_HIDDEN, "mala", {"step", .3}, {"chains", 60},
        {"steps", 30}, {"start", 2}, {"z", 2});
    CHECK_SLOPES(CORE_HIDDEN, "langevin", {"step", .02}, {"chains", 30},
        {"steps", 100}, {"start", 0}, {"z", 1}, {"z-points", 31});
}

/* Gibbs sampling against the same few values, each once, and Z with them. */
static void gibbs_derivatives_equal_the_sum(void **state)
{
    (void)state;
    const basin_setting grid[] = {
        {"points", 5}, {"z", 1}, {"z-points", 5}, {"rule", 2}};
    CHECK_SLOPES(CORE_HIDDEN, "gibbs", {"points", 5}, {"chains", 60},
        {"steps", 10}, {"start", 2}, {"z", 2});
    CHECK_SLOPES(CORE_HIDDEN, "gibbs", {"points", 5}, {"chains", 60},
        {"steps", 3}, {"z", 1}, {"z-points", 5}, {"rule", 2});
    CHECK_SLOPES(CORE_SMOOTH, "gibbs", {"points", 5}, {"chains", 60},
        {"steps", 6}, {"start", 2});
}

/* The same among the wrong answers alone, at a distance of epsilon or more. In
 * one dimension the right ones part them, and only long steps come across. */
static void derivatives_over_the_wrong_answers(void **state)
{
    (void)state;
    sum = BASIN_NEED_FI;
    const basin_setting fine[] = {{"points", 301}, {"epsilon", .4}};
    const basin_setting hidden[] = {
        {"points", 301}, {"z", 1}, {"z-points", 101}, {"epsilon", .2}};
    const basin_setting few[] = {
        {"points", 5}, {"z", 1}, {"z-points", 5}, {"rule", 2}, {"epsilon", .6}};
    AGAINST(fine, CORE_SMOOTH, "mala", {"step", .3}, {"chains", 30},
        {"steps", 40}, {"start", 2}, {"epsilon", .4});
    AGAINST(fine, CORE_SMOOTH, "hmc", {"step", .4}, {"chains", 30},
        {"steps", 15}, {"leaps", 3}, {"epsilon", .4});
    AGAINST(hidden, CORE_HIDDEN, "hmc", {"step", .5}, {"chains", 40},
        {"steps", 30}, {"leaps", 3}, {"start", 2}, {"z", 2}, {"epsilon", .2});
    AGAINST(few, CORE_SMOOTH, "gibbs", {"points", 5}, {"chains", 60},
        {"steps", 12}, {"start", 2}, {"epsilon", .6});
    AGAINST(few, CORE_HIDDEN, "gibbs", {"points", 5}, {"chains", 60},
        {"steps", 10}, {"start", 2}, {"z", 2}, {"epsilon", .6});
    sum = BASIN_NEED_F;
}

/* An energy for each label; the wrong ones are all but the right. */
static void labels_that_are_wrong(void **state)
{
    (void)state;
    basin_graph *g = new_graph(ctx);
    const int x = core_leaf(g, BASIN_X, 1), y = core_leaf(g, BASIN_Y, 1);
    core_two(g, "switch", core_linear(g, x, 4), y);
    basin_energy *e =
        close_graph(g, (basin_spaces){core_box(1, -1, 1),
                           {BASIN_SPACE_LABELS, 1, 0, 0, 4}, core_none});
    const basin_setting many[] = {{"chains", 4000}, {"steps", 2}};
    basin_inference *inf[2] = {
        sampler(e, "enumerate", NULL, 0), sampler(e, "gibbs", many, 2)};
    float want[PARAMS], got[PARAMS];
    core_fill(sample_x, N, 61, -1, 1);
    for (int i = 0; i < N; i++)
        sample_y[i] = (float)(i % 4);
    sum = BASIN_NEED_FI;
    for (int i = 0; i < 2; i++) {
        prepare(inf[i], N);
        slope_of(inf[i], 1, i ? got : want);
        basin_inference_destroy(inf[i]);
    }
    for (int i = 0; i < (int)basin_energy_describe(e)->n_params; i++)
        assert_near((double)got[i], (double)want[i], .01);
    sum = BASIN_NEED_F;
    basin_energy_destroy(e);
}

/* Chains of the unadjusted walk, too, never stand at a right answer; and what
 * leaves no wrong one, or asks for both sums, is refused. */
static void chains_keep_to_the_wrong_answers(void **state)
{
    (void)state;
    basin_energy *e = core_energy(ctx, CORE_SMOOTH, 2);
    const basin_setting s[] = {
        {"start", 1}, {"steps", 30}, {"chains", 8}, {"epsilon", .5}};
    core_fill(sample_x, N, 61, -1, 1);
    core_fill(sample_y, COUNT(sample_y), 62, -.5, 1);
    sum = BASIN_NEED_FI;
    basin_inference *inf = sampler(e, "langevin", s, 4);
    prepare(inf, N);
    basin_energies found[N];
    size_t n = 0;
    for (int t = 0; t < 20; t++) {
        basin_inference_answer(
            inf, &samples, NULL, N, true, (uint64_t)t, found);
        const float *at = basin_inference_memory(inf, &n);
        assert_int_equal(n, N * 8 * 2);
        for (int c = 0; c < N * 8; c++) {
            const float *right = sample_y + 2 * (c / 8);
            assert_true(hypot((double)at[2 * c] - (double)right[0],
                            (double)at[2 * c + 1] - (double)right[1]) >= .5);
        }
    }
    sum = BASIN_NEED_F;
    const basin_question both = {
        .needs = BASIN_NEED_F | BASIN_NEED_FI, .samples = N, .total = N};
    MUST_FAIL(basin_inference_prepare(inf, &both, &error), BASIN_E_SERVE,
        "one free energy at a time");
    basin_inference_destroy(inf);
    inf = sampler(e, "mala", &(basin_setting){"epsilon", 50}, 1);
    const basin_question wrong = {
        .needs = BASIN_NEED_FI, .samples = N, .total = N};
    MUST_FAIL(basin_inference_prepare(inf, &wrong, &error), BASIN_E_RANGE,
        "leaves some samples without a wrong answer");
    basin_inference_destroy(inf);
    basin_energy_destroy(e);
}

/* ------------------------------------------------------- persistent chains */

typedef struct run {
    basin_energy *energy;
    basin_inference *inference;
    basin_loss *loss;
    basin_trainer *trainer;
} run;

static run start_run(basin_context *in, const char *name)
{
    run r = {.energy = core_energy(in, CORE_HIDDEN, 4)};
    const basin_setting s[] = {
        {"start", 1}, {"steps", 2}, {"chains", 3}, {"restart", .2}, {"z", 2}};
    basin_train_def def = basin_train_default();
    def.batch = 4;
    def.epochs = 6;
    r.inference = sampler(r.energy, name, s, 5);
    core_fill(sample_x, N, 61, -1, 1);
    core_fill(sample_y, N, 62, -.5, 1);
    MUST(basin_loss_create(&r.loss, in, "nll", NULL, 0, &error));
    MUST(basin_trainer_create(
        &r.trainer, r.inference, r.loss, &samples, &def, &error));
    return r;
}

static void end_run(run *r)
{
    basin_trainer_destroy(r->trainer);
    basin_loss_destroy(r->loss);
    basin_inference_destroy(r->inference);
    basin_energy_destroy(r->energy);
}

static void epochs(run *r, int n)
{
    for (int i = 0; i < n; i++)
        MUST(basin_trainer_epoch(r->trainer, NULL, &error));
}

static uint64_t hash_of(run *r)
{
    size_t n;
    const float *kept = basin_trainer_memory(r->trainer, &n);
    uint64_t out = core_hash(CORE_HASH, basin_energy_params(r->energy),
        basin_energy_describe(r->energy)->n_params * sizeof(float));
    assert_int_equal(n, N * 3 * 2); /* three chains for each, in Y and Z */
    return core_hash(out, kept, n * sizeof *kept);
}

/* A run that goes on from what a checkpoint keeps comes to the same bits, and
 * so does one on another number of threads; a look changes nothing. */
static void persistent_chains_are_remembered(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(names); i++) {
        run whole = start_run(ctx, names[i]), first = start_run(ctx, names[i]);
        const int32_t index[N] = {0, 1, 2, 3, 4, 5};
        size_t n;
        epochs(&whole, 6);
        epochs(&first, 3);
        const uint64_t before = hash_of(&first);
        basin_trainer_loss(first.trainer, index, N, NULL);
        assert_true(hash_of(&first) == before);
        run second = start_run(ctx, names[i]);
        memcpy(basin_energy_params(second.energy),
            basin_energy_params(first.energy),
            basin_energy_describe(first.energy)->n_params * sizeof(float));
        const float *from = basin_trainer_memory(first.trainer, &n);
        memcpy(
            basin_trainer_memory(second.trainer, &n), from, n * sizeof *from);
        const basin_trainer_state at = basin_trainer_state_get(first.trainer);
        basin_trainer_state_set(second.trainer, &at);
        epochs(&second, 3);
        assert_true(hash_of(&second) == hash_of(&whole));
        assert_true(hash_of(&second) != before);
        basin_context *other = core_context(NULL, 1, "portable");
        run again = start_run(other, names[i]);
        epochs(&again, 6);
        assert_true(hash_of(&again) == hash_of(&whole));
        end_run(&again);
        basin_context_destroy(other);
        end_run(&second);
        end_run(&first);
        end_run(&whole);
    }
}

/* A guard goes back to where the chains were, too. */
static void the_guard_keeps_the_chains(void **state)
{
    (void)state;
    run r = start_run(ctx, "mala");
    basin_guard *guard = NULL;
    epochs(&r, 2);
    MUST(basin_guard_create(&guard, r.trainer, &error));
    const uint64_t kept = hash_of(&r);
    epochs(&r, 2);
    assert_true(hash_of(&r) != kept);
    basin_guard_rewind(guard, r.trainer);
    assert_true(hash_of(&r) == kept);
    basin_guard_destroy(guard);
    end_run(&r);
}

static void a_step_allocates_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(names); i++) {
        core_memory counted = {0};
        basin_context *own = core_context(&counted, 2, NULL);
        run r = start_run(own, names[i]);
        const long asked = counted.asked;
        epochs(&r, 3);
        assert_int_equal(counted.asked, asked);
        end_run(&r);
        basin_context_destroy(own);
        assert_int_equal(counted.live, 0);
    }
}

/* -------------------------------------------------------- answers, refusals */

/* No point of a fine grid lies lower than what is predicted. */
static void predictions_are_the_lowest(void **state)
{
    (void)state;
    basin_energy *e = hilly(ctx);
    const basin_setting fine = {"points", 41};
    double least = (double)INFINITY;
    for (int i = 0; i < 41 * 41; i++) {
        const float y[2] = {
            (float)(-2 + i / 41 / 10.0), (float)(-2 + i % 41 / 10.0)};
        least = fmin(least, (double)basin_energy_value(e, NULL, y, NULL));
    }
    for (int i = 0; i < COUNT(names); i++) {
        const bool gibbs = !strcmp(names[i], "gibbs");
        basin_inference *inf = sampler(e, names[i], &fine, gibbs);
        float y[2], energy;
        MUST(basin_inference_predict(inf, NULL, 1, y, NULL, &energy, &error));
        assert_true((double)energy <= least + 1e-4);
        assert_near(
            (double)basin_energy_value(e, NULL, y, NULL), (double)energy, 1e-6);
        basin_inference_destroy(inf);
    }
    basin_energy_destroy(e);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *loss, *words;
    } losses[] = {
        {"mee", "the inference 'hmc' finds the derivatives of the free energy "
                "and not its value; 'grid'"},
        {"hinge", "'hmc' cannot find the energy of the most offending answer"},
        {"perceptron", "'hmc' cannot find the least energy"},
        {"energy", "where Z is sampled"},
    };
    run r = start_run(ctx, "hmc");
    const basin_train_def def = basin_train_default();
    for (int i = 0; i < COUNT(losses); i++) {
        basin_loss *loss = NULL;
        basin_trainer *t = NULL;
        MUST(basin_loss_create(&loss, ctx, losses[i].loss, NULL, 0, &error));
        MUST_FAIL(
            basin_trainer_create(&t, r.inference, loss, &samples, &def, &error),
            BASIN_E_SERVE, losses[i].words);
        basin_loss_destroy(loss);
    }
    float y = 2, z = 0;
    basin_chains c = {.n = 1, .x = sample_x, .y = &y, .z = &z};
    MUST_FAIL(basin_inference_sample(r.inference, &c, 1, &error), BASIN_E_RANGE,
        "Y of chain 0 is 2; it must be from -0.5 to 1.5");
    basin_inference *grid = sampler(r.energy, "grid", NULL, 0);
    MUST_FAIL(basin_inference_sample(grid, &c, 1, &error), BASIN_E_SERVE,
        "the inference 'grid' draws no answers; 'langevin'");
    basin_inference_destroy(grid);
    end_run(&r);
    basin_graph *g = new_graph(ctx);
    core_one(g, "total", core_leaf(g, BASIN_Y, 1));
    basin_energy *label = close_graph(g,
        (basin_spaces){core_none, {BASIN_SPACE_LABELS, 1, 0, 0, 3}, core_none});
    basin_inference *inf = NULL;
    MUST_FAIL(basin_inference_create(&inf, label, "langevin", NULL, 0, &error),
        BASIN_E_SERVE, "a label: take 'enumerate', or 'gibbs'");
    basin_energy_destroy(label);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)
    const struct CMUnitTest tests[] = {
        TEST(bulk_normals_are_normal),
        TEST(adjusted_moments_equal_quadrature),
        TEST(unadjusted_variance_is_its_own),
        TEST(gibbs_moments_equal_the_sum),
        TEST(walks_are_the_same_bits),
        TEST(derivatives_equal_the_sum),
        TEST(gibbs_derivatives_equal_the_sum),
        TEST(derivatives_over_the_wrong_answers),
        TEST(labels_that_are_wrong),
        TEST(chains_keep_to_the_wrong_answers),
        TEST(persistent_chains_are_remembered),
        TEST(the_guard_keeps_the_chains),
        TEST(a_step_allocates_nothing),
        TEST(predictions_are_the_lowest),
        TEST(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests_name("sampler", tests, NULL, NULL);
}
