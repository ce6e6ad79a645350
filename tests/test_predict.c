/* SPDX-License-Identifier: MIT
 *
 * What inference predicts, on energies whose lowest answers are known among
 * several local ones; free energies whose integrals are known; and what the
 * grid refuses.
 */
#include "test_inference.h"

enum { N = 75 }; /* more than two chunks of 32 */

static basin_context *ctx;

static int open_context(void **state)
{
    (void)state;
    ctx = core_context(NULL, 2, NULL);
    MUST(basin_register(ctx, BASIN_KIND_ENERGY, &hills_type.part, &error));
    return 0;
}

static int close_context(void **state)
{
    (void)state;
    basin_context_destroy(ctx);
    return 0;
}

static basin_inference *open_grid(
    basin_energy *e, const basin_setting *settings, int n)
{
    basin_inference *out = NULL;
    MUST(basin_inference_create(&out, e, "grid", settings, n, &error));
    return out;
}

/* ------------------------------------------------------------- predictions */

/* The lowest answer is x (in the second dimension -x), with energy 0. */
static void cusps_are_found(void **state)
{
    (void)state;
    static float x[N], y[2 * N], e[N];
    core_fill(x, N, 1, -.5, 1);
    x[0] = -.5F; /* at the end of the box */
    x[1] = 1;
    x[2] = 0;
    for (int dim = 1; dim <= 2; dim++) {
        basin_energy *energy = hills_open(ctx, (hills){CUSP, dim, NO_Z});
        basin_inference *inf =
            open_grid(energy, &(basin_setting){"points", 101}, 1);
        memset(y, 0xff, sizeof y);
        MUST(basin_inference_predict(inf, x, N, y, NULL, e, &error));
        for (int i = 0; i < N; i++) {
            const float *at = y + (size_t)i * dim;
            assert_near((double)at[0], (double)x[i], 1e-5);
            if (dim == 2)
                assert_near((double)at[1], -(double)x[i], 1e-5);
            assert_near((double)e[i], 0, 3e-5);
            assert_true(e[i] == basin_energy_value(energy, x + i, at, NULL));
        }
        /* One by one they come out as all at once. */
        for (int i = 0; i < N; i += 9) {
            float one[2];
            MUST(basin_inference_predict(
                inf, x + i, 1, one, NULL, NULL, &error));
            assert_memory_equal(
                one, y + (size_t)i * dim, (size_t)dim * sizeof(float));
        }
        basin_inference_destroy(inf);
        basin_energy_destroy(energy);
    }
}

/* Smooth hills: a minimum of float32 is flat, so its energy is compared, with
 * that of a dense search in float64. */
static void smooth_minima_are_found(void **state)
{
    (void)state;
    float x[N], y[N], z[N], e[N];
    core_fill(x, N, 2, -1, 1);
    for (int kind = NO_Z; kind <= LABEL_Z; kind++) {
        const hills h = {HILLS, 1, (hills_z)kind};
        basin_energy *energy = hills_open(ctx, h);
        basin_inference *inf = open_grid(energy,
            (const basin_setting[]){{"points", 31}, {"z-points", 9}}, 2);
        MUST(basin_inference_predict(inf, x, N, y, z, e, &error));
        const int causes = kind == NO_Z ? 1 : kind == BOX_Z ? 9 : 4;
        for (int i = 0; i < N; i++) {
            double least = (double)INFINITY;
            for (int g = 0; g <= 4000; g++)
                for (int c = 0; c < causes; c++) {
                    const float at = (float)(-.5 + g / 2000.);
                    const float v =
                        kind == BOX_Z ? -2 + .5F * (float)c : (float)c;
                    least = fmin(
                        least, hills_energy(&h, hills_w, x + i, &at, &v, NULL));
                }
            assert_near((double)e[i], least, 2e-6);
            assert_near(hills_energy(&h, hills_w, x + i, y + i, z + i, NULL),
                least, 2e-6);
            assert_true(y[i] >= -.5F && y[i] <= 1.5F);
        }
        basin_inference_destroy(inf);
        basin_energy_destroy(energy);
    }
}

/* The step of the grid does not limit the answer; without refining it does. */
static void refining(void **state)
{
    (void)state;
    const float x = .1234567F;
    float y;
    basin_energy *energy = hills_open(ctx, (hills){ABSOLUTE, 1, NO_Z});
    for (int points = 2; points <= 501; points = 3 * points + 1) {
        basin_setting s[] = {{"points", points}, {"refine", 12}};
        basin_inference *inf = open_grid(energy, s, 2);
        MUST(basin_inference_predict(inf, &x, 1, &y, NULL, NULL, &error));
        assert_near((double)y, (double)x, 1e-6);
        basin_inference_destroy(inf);
        s[1].value = 0;
        inf = open_grid(energy, s, 2);
        MUST(basin_inference_predict(inf, &x, 1, &y, NULL, NULL, &error));
        const double step = 2.0 / (points - 1);
        const double at = ((double)y + .5) / step;
        assert_near(at, rint(at), 1e-4);
        assert_near((double)y, (double)x, step / 2 + 1e-6);
        basin_inference_destroy(inf);
    }
    basin_energy_destroy(energy);
}

/* ------------------------------------------------------------ free energies */

static double free_energy(
    hills h, const basin_setting *settings, int n, float x)
{
    basin_energy *energy = hills_open(ctx, h);
    float *w = basin_energy_params(energy);
    w[0] = 60;
    w[1] = 50;
    basin_inference *inf = open_grid(energy, settings, n);
    MUST(basin_inference_prepare(
        inf, &(basin_question){.needs = BASIN_NEED_F, .samples = 1}, &error));
    basin_energies found;
    const float y[2] = {0, 0};
    const basin_samples samples = {.n = 1, .x = &x, .y = y};
    basin_inference_answer(inf, &samples, NULL, 1, false, 0, &found);
    basin_inference_destroy(inf);
    basin_energy_destroy(energy);
    return found.f;
}

static void free_energies_are_integrals(void **state)
{
    (void)state;
    const double pi = 3.14159265358979323846;
    for (double beta = .5; beta <= 4; beta *= 2) {
        const basin_setting s[] = {{"points", 101}, {"beta", beta},
            {"beta-z", beta}, {"z", 1}, {"z-points", 101}};
        /* a Gaussian well inside the box: the trapezoid rule is exact */
        const double y = -log(sqrt(pi / (60 * beta))) / beta;
        const double z = -log(sqrt(pi / (50 * beta))) / beta;
        assert_near(free_energy((hills){GAUSS, 1, NO_Z}, s, 5, .5F), y, 1e-5);
        assert_near(
            free_energy((hills){GAUSS, 1, BOX_Z}, s, 5, .5F), y + z, 1e-5);
        assert_near(free_energy((hills){GAUSS, 2, NO_Z}, s, 5, 0), 2 * y, 1e-5);
        /* a flat surface over a box of width 2 */
        assert_near(free_energy((hills){FLAT, 1, NO_Z}, s, 5, 0),
            60 - log(2) / beta, 1e-5);
        assert_near(free_energy((hills){FLAT, 2, NO_Z}, s, 5, 0),
            60 - log(4) / beta, 1e-5);
        /* labels are summed over: four of them, all alike */
        assert_near(free_energy((hills){FLAT, 1, LABEL_Z}, s, 5, 0),
            60 - log(2) / beta - log(4) / beta, 1e-5);
        /* a kink in the middle costs a term of the step's square */
        const double mass = (2 - 2 * exp(-beta)) / beta;
        assert_near(free_energy((hills){ABSOLUTE, 1, NO_Z}, s, 5, .5F),
            -log(mass) / beta, .02 * .02 / 6 * beta / beta / mass + 1e-5);
    }
    /* cold, F is the least energy */
    const basin_setting cold[] = {{"points", 101}, {"beta", 1e5}};
    assert_near(free_energy((hills){GAUSS, 1, NO_Z}, cold, 2, .5F), 0, 1e-4);
}

/* ---------------------------------------------------------------- refusals */

static void the_grid_refuses(void **state)
{
    (void)state;
    basin_energy *one = hills_open(ctx, (hills){HILLS, 1, NO_Z});
    basin_energy *three = hills_open(ctx, (hills){FLAT, 3, NO_Z});
    const struct {
        basin_setting setting;
        basin_status status;
        const char *words;
    } cases[] = {
        {{"points", 1}, BASIN_E_RANGE, "points"},
        {{"points", 2.5}, BASIN_E_RANGE, "points"},
        {{"points", -7}, BASIN_E_RANGE, "points"},
        {{"points", 1e9}, BASIN_E_RANGE, "points"},
        {{"epsilon", -.1}, BASIN_E_RANGE, "epsilon"},
        {{"epsilon", 1.01}, BASIN_E_RANGE, "at most 1"},
        {{"beta", 0}, BASIN_E_RANGE, "beta"},
        {{"beta", (double)NAN}, BASIN_E_RANGE, "beta"},
        {{"z", 2}, BASIN_E_RANGE, "z"},
        {{"epsilom", 1}, BASIN_E_NAME, "epsilon"},
    };
    basin_inference *inf = NULL;
    for (int i = 0; i < COUNT(cases); i++) {
        MUST_FAIL(basin_inference_create(
                      &inf, one, "grid", &cases[i].setting, 1, &error),
            cases[i].status, cases[i].words);
        assert_null(inf);
    }
    MUST_FAIL(basin_inference_create(&inf, three, "grid",
                  &(basin_setting){"points", 200}, 1, &error),
        BASIN_E_RANGE, "too large");
    MUST_FAIL(basin_inference_create(&inf, one, "gird", NULL, 0, &error),
        BASIN_E_NAME, "'grid'");
    inf = open_grid(one, NULL, 0);
    MUST_FAIL(
        basin_inference_prepare(inf,
            &(basin_question){.needs = BASIN_NEED_ALL, .samples = 1}, &error),
        BASIN_E_SERVE, "'grid' cannot find the energies of all");
    basin_inference_destroy(inf);
    basin_energy_destroy(one);
    basin_energy_destroy(three);
}

static void labels_are_not_for_the_grid(void **state)
{
    (void)state;
    basin_graph *g = NULL;
    MUST(basin_graph_create(&g, ctx, &error));
    const int x = core_leaf(g, BASIN_X, 1), y = core_leaf(g, BASIN_Y, 1);
    core_two(g, "squared", x, y);
    basin_spaces spaces = {
        core_box(1, 0, 1), {BASIN_SPACE_LABELS, 1, 0, 0, 3}, core_none};
    basin_energy *e = NULL;
    MUST(basin_energy_from_graph(&e, g, &spaces, &error));
    basin_inference *inf = NULL;
    MUST_FAIL(basin_inference_create(&inf, e, "grid", NULL, 0, &error),
        BASIN_E_SERVE, "a label");
    basin_energy_destroy(e);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)
    const struct CMUnitTest tests[] = {
        TEST(cusps_are_found),
        TEST(smooth_minima_are_found),
        TEST(refining),
        TEST(free_energies_are_integrals),
        TEST(the_grid_refuses),
        TEST(labels_are_not_for_the_grid),
    };
    return cmocka_run_group_tests_name("predict", tests, NULL, NULL);
}
