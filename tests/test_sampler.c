/* SPDX-License-Identifier: MIT
 *
 * Samplers: the laws of their chains against what is known exactly, within
 * stated standard errors at fixed seeds; the derivatives that they hand to
 * losses against sums over all answers; the same bits however a walk is cut
 * and on any number of threads; and persistent chains, which are remembered.
 */
#include "test_core.h"

static basin_context *ctx;

static int open_context(void **state)
{
    (void)state;
    ctx = core_context(NULL, 2, NULL);
    return 0;
}

static int close_context(void **state)
{
    (void)state;
    basin_context_destroy(ctx);
    return 0;
}

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

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)
    const struct CMUnitTest tests[] = {
        TEST(bulk_normals_are_normal),
        TEST(adjusted_moments_equal_quadrature),
        TEST(unadjusted_variance_is_its_own),
        TEST(gibbs_moments_equal_the_sum),
        TEST(walks_are_the_same_bits),
    };
    return cmocka_run_group_tests_name("sampler", tests, NULL, NULL);
}
