/* SPDX-License-Identifier: MIT
 *
 * The searches: what they find against fine grids and against every set of
 * labels, where offenders may stand, the weights that go back, what is refused,
 * and the same bits on any number of threads.
 */
#include "test_context.h"

enum { SAMPLES = 6, LABELS = 5, GRID = 41 };

/* ---------------------------------------------------------------- energies */

/* softplus of a net of x, y and, if any, z: smooth, with several valleys. */
static basin_energy *valleys(
    basin_context *own, int dim, basin_space z, uint64_t seed)
{
    basin_graph *g = NULL;
    basin_energy *e = NULL;
    MUST(basin_graph_create(&g, own, &error));
    const int x = core_leaf(g, BASIN_X, 1), y = core_leaf(g, BASIN_Y, dim);
    int top = core_two(g, "sum", core_linear(g, x, 6), core_linear(g, y, 6));
    if (z.kind == BASIN_SPACE_BOX)
        top = core_two(
            g, "sum", top, core_linear(g, core_leaf(g, BASIN_Z, z.dim), 6));
    if (z.kind == BASIN_SPACE_LABELS) {
        const basin_setting s[] = {{"count", z.count}, {"out", 6}};
        int vector;
        MUST(basin_graph_add1(
            g, &vector, "embedding", core_leaf(g, BASIN_Z, 1), s, 2, &error));
        top = core_two(g, "sum", top, vector);
    }
    core_one(g, "softplus", core_linear(g, core_one(g, "tanh", top), 1));
    const basin_spaces spaces = {core_box(1, -1, 1), core_box(dim, 0, 1), z};
    MUST(basin_energy_from_graph(&e, g, &spaces, &error));
    basin_energy_init(e, seed);
    float *w = basin_energy_params(e);
    for (size_t i = 0; i < basin_energy_describe(e)->n_params; i++)
        w[i] *= 2;
    return e;
}

static void draw(float *x, float *y, int dim)
{
    core_fill(x, SAMPLES, 71, -1, 1);
    core_fill(y, (size_t)SAMPLES * dim, 72, 0, 1);
    for (int i = 0; i < SAMPLES * dim; i++)
        if (i < SAMPLES) /* some at the ends */
            y[i] = y[i] > .5F;
}

/* The least energy over Z; z of the space, on a fine grid where it is a box. */
static double over_z(basin_energy *e, const float *x, const float *y)
{
    const basin_space z = basin_energy_describe(e)->z;
    if (z.kind == BASIN_SPACE_NONE)
        return (double)basin_energy_value(e, x, y, NULL);
    double least = (double)INFINITY;
    const int n = z.kind == BASIN_SPACE_BOX ? GRID : z.count;
    for (int i = 0; i < n; i++) {
        const float v =
            z.kind == BASIN_SPACE_BOX
                ? z.low + (z.high - z.low) * (float)i / (float)(n - 1)
                : (float)i;
        least = fmin(least, (double)basin_energy_value(e, x, y, &v));
    }
    return least;
}

/* ------------------------------------------------------------- brute force */

typedef struct rules {
    basin_offender offender;
    int cost, points; /* points a dimension */
    double epsilon, margin;
} rules;

static double cost_of(const rules *r, const float *a, const float *b, int dim)
{
    double far[3] = {0};
    for (int d = 0; d < dim; d++) {
        const double off = (double)a[d] - (double)b[d];
        far[0] = off != 0 ? 1 : far[0];
        far[1] += fabs(off);
        far[2] += off * off;
    }
    return far[r->cost];
}

static double key_of(const rules *r, double e, double delta, double e_c)
{
    return r->offender == BASIN_OFFENDER_LOWEST ? e
           : r->offender == BASIN_OFFENDER_MARGIN
               ? e - delta
               : -delta * (r->margin + e_c - e);
}

/* The least energy and the least key of what is allowed, on a grid. */
static void brute(basin_energy *e, const rules *r, const float *x,
    const float *right, double *least, double *key)
{
    const int dim = basin_energy_describe(e)->y.dim;
    int n = 1;
    for (int d = 0; d < dim; d++)
        n *= r->points;
    const double e_c = over_z(e, x, right);
    *least = e_c;
    *key = (double)INFINITY;
    for (int i = 0; i < n; i++) {
        float y[LABELS];
        double far = 0;
        for (int d = 0, rest = i; d < dim; d++, rest /= r->points) {
            y[d] = (float)(rest % r->points) / (float)(r->points - 1);
            far = hypot(far, (double)y[d] - (double)right[d]);
        }
        const double value = over_z(e, x, y);
        *least = fmin(*least, value);
        if (far >= r->epsilon && far > 0)
            *key = fmin(*key, key_of(r, value, cost_of(r, right, y, dim), e_c));
    }
}

static basin_inference *open_search(basin_energy *e, const char *name,
    const rules *r, const basin_setting *more, int n_more)
{
    basin_setting s[16] = {{"cost", r->cost}, {"epsilon", r->epsilon},
        {"starts", strcmp(name, "descent") ? 16 : 64}};
    basin_inference *out = NULL;
    for (int i = 0; i < n_more; i++)
        s[3 + i] = more[i];
    MUST(basin_inference_create(&out, e, name, s, 3 + n_more, &error));
    return out;
}

static void answer(basin_inference *inf, const rules *r, const float *x,
    const float *y, basin_energies *out)
{
    const basin_question q = {
        .needs = BASIN_NEED_EC | BASIN_NEED_EI | BASIN_NEED_EMIN,
        .offender = r->offender,
        .margin = r->margin,
        .values = true,
        .samples = SAMPLES};
    const basin_samples samples = {.n = SAMPLES, .x = x, .y = y};
    MUST(basin_inference_prepare(inf, &q, &error));
    basin_inference_answer(inf, &samples, NULL, SAMPLES, false, 0, out);
}

/* Nothing below the brute force's (but for the grid's own step), and as low;
 * predictions are the least of all, where they say they are. */
static void compare(basin_energy *e, basin_inference *inf, const rules *r,
    double near, const char *name)
{
    const int dim = basin_energy_describe(e)->y.dim;
    float x[SAMPLES], y[SAMPLES * LABELS], found[SAMPLES * LABELS];
    float z[SAMPLES], energy[SAMPLES];
    basin_energies got[SAMPLES];
    draw(x, y, dim);
    answer(inf, r, x, y, got);
    MUST(basin_inference_predict(inf, x, SAMPLES, found, z, energy, &error));
    for (int b = 0; b < SAMPLES; b++) {
        const float *right = y + b * dim;
        double least, key;
        brute(e, r, &x[b], right, &least, &key);
        const double mine = key_of(r, got[b].e_i, got[b].delta_i, got[b].e_c);
        if (mine > key + near || got[b].e_min > least + near ||
            (double)energy[b] > least + near)
            fail_msg("%s, sample %d: key %g of %g, least %g and %g of %g", name,
                b, mine, key, got[b].e_min, (double)energy[b], least);
        assert_true(mine >= key - .05 && got[b].e_min >= least - .05);
        assert_near(got[b].e_c, over_z(e, &x[b], right), .01);
        assert_near(
            (double)basin_energy_value(e, &x[b], found + b * dim, &z[b]),
            (double)energy[b], 1e-5);
        for (int d = 0; d < dim; d++)
            assert_true(found[b * dim + d] >= 0 && found[b * dim + d] <= 1);
    }
}

static const char *const searches[] = {
    "descent", "coordinate", "anneal", "alternate"};

static void boxes_against_fine_grids(void **state)
{
    (void)state;
    const basin_space zs[] = {core_none, core_box(1, -1, 1),
        (basin_space){BASIN_SPACE_LABELS, 1, 0, 0, 3}};
    const basin_setting thorough[] = {
        {"turns", 600}, {"cold", 1e-5}, {"sweeps", 20}, {"steps", 200}};
    for (int turn = 0; turn < 24; turn++) {
        const char *name = searches[turn % 4];
        const basin_space z = zs[turn / 4 % 3];
        if (turn % 4 == 3 && z.kind == BASIN_SPACE_NONE)
            continue; /* nothing to take turns with */
        const rules r = {(basin_offender)(turn / 4 % 3), 1 + turn % 2,
            z.kind == BASIN_SPACE_BOX ? 11 : GRID, .25, .5};
        basin_energy *e = valleys(ctx, 2, z, (uint64_t)turn + 1);
        basin_inference *any = NULL;
        MUST(basin_inference_create(&any, e, name, NULL, 0, &error));
        const basin_part *part = &basin_inference_entry(any)->part;
        basin_setting more[4];
        int n = 0;
        for (int i = 0; i < COUNT(thorough); i++)
            for (int k = 0; k < part->n_params; k++)
                if (!strcmp(part->params[k].name, thorough[i].name))
                    more[n++] = thorough[i];
        basin_inference *inf = open_search(e, name, &r, more, n);
        compare(e, inf, &r, .01, name);
        basin_inference_destroy(any);
        basin_inference_destroy(inf);
        basin_energy_destroy(e);
    }
}

/* In {0, 1}^5 there are 32 sets; with 2 points a number nothing else is tried.
 * Eight starts with 1-flip moves find the best of 32 on these energies. */
static void sets_against_all_sets(void **state)
{
    (void)state;
    const basin_setting of_coordinate[] = {{"points", 2}, {"refine", 0}};
    const basin_setting of_anneal[] = {
        {"points", 2}, {"turns", 400}, {"cold", 1e-4}};
    for (int turn = 0; turn < 12; turn++) {
        const bool sweeps = turn % 2 == 0;
        const rules r = {
            (basin_offender)(turn / 2 % 3), turn % 3, 2, turn < 6, 1};
        basin_energy *e = valleys(ctx, LABELS, core_none, 90 + (uint64_t)turn);
        basin_inference *inf = open_search(e, sweeps ? "coordinate" : "anneal",
            &r, sweeps ? of_coordinate : of_anneal, sweeps ? 2 : 3);
        float x[SAMPLES], y[SAMPLES * LABELS], found[SAMPLES * LABELS];
        basin_energies got[SAMPLES];
        draw(x, y, LABELS);
        for (int i = 0; i < SAMPLES * LABELS; i++)
            y[i] = y[i] > .5F;
        answer(inf, &r, x, y, got);
        MUST(basin_inference_predict(
            inf, x, SAMPLES, found, NULL, NULL, &error));
        for (int b = 0; b < SAMPLES; b++) {
            double least, key;
            brute(e, &r, &x[b], y + b * LABELS, &least, &key);
            assert_near(got[b].e_min, least, 1e-6);
            assert_near(
                key_of(&r, got[b].e_i, got[b].delta_i, got[b].e_c), key, 1e-6);
            for (int l = 0; l < LABELS; l++)
                assert_true(
                    found[b * LABELS + l] == 0 || found[b * LABELS + l] == 1);
        }
        basin_inference_destroy(inf);
        basin_energy_destroy(e);
    }
}

/* ------------------------------------------------------------------- places */

/* |y - x|^2 in `dim` dimensions; x of one number is repeated. */
static basin_energy *bowl(int dim)
{
    basin_graph *g = NULL;
    basin_energy *e = NULL;
    MUST(basin_graph_create(&g, ctx, &error));
    const int x = core_leaf(g, BASIN_X, dim), y = core_leaf(g, BASIN_Y, dim);
    core_two(g, "squared", x, y);
    const basin_spaces spaces = {
        core_box(dim, -4, 4), core_box(dim, 0, 1), core_none};
    MUST(basin_energy_from_graph(&e, g, &spaces, &error));
    return e;
}

/* The nearest point of the simplex: sorted, as Held, Wolfe and Crowder have it
 * (1974). */
static void simplex(const float *x, int dim, double *out)
{
    double sorted[LABELS], sum = 0, less = 0;
    for (int d = 0; d < dim; d++) {
        int at = d;
        for (; at > 0 && sorted[at - 1] < (double)x[d]; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = (double)x[d];
    }
    for (int d = 0; d < dim; d++) {
        sum += sorted[d];
        if (sorted[d] > (sum - 1) / (d + 1))
            less = (sum - 1) / (d + 1);
    }
    for (int d = 0; d < dim; d++)
        out[d] = fmax((double)x[d] - less, 0);
}

static void descent_keeps_within(void **state)
{
    (void)state;
    enum { MANY = 40 };
    float x[MANY * LABELS], y[MANY * LABELS];
    core_fill(x, MANY * LABELS, 81, -1.5, 2);
    basin_energy *e = bowl(LABELS);
    for (int within = 0; within < 2; within++) {
        basin_inference *inf = NULL;
        const basin_setting s[] = {
            {"within", within}, {"tolerance", 1e-9}, {"epsilon", .1}};
        MUST(basin_inference_create(&inf, e, "descent", s, 3, &error));
        MUST(basin_inference_predict(inf, x, MANY, y, NULL, NULL, &error));
        for (int b = 0; b < MANY; b++) {
            double want[LABELS];
            simplex(x + b * LABELS, LABELS, want);
            for (int d = 0; d < LABELS; d++) {
                const int i = b * LABELS + d;
                if (!within)
                    want[d] = fmin(fmax((double)x[i], 0), 1);
                assert_near((double)y[i], want[d], 2e-3);
            }
        }
        basin_inference_destroy(inf);
    }
    basin_energy_destroy(e);
}

/* Where x is the right answer, the worst wrong one lies on the border of what
 * is right, in the box: at E = epsilon^2. */
static void offenders_keep_their_distance(void **state)
{
    (void)state;
    static const double epsilons[] = {.05, .3, .5, .7};
    for (int dim = 1; dim <= 3; dim++)
        for (int i = 0; i < COUNT(epsilons); i++) {
            const double epsilon = epsilons[i];
            if (epsilon > .5 && dim == 1)
                continue;
            const rules r = {BASIN_OFFENDER_LOWEST, 2, 2, epsilon, 1};
            basin_energy *e = bowl(dim);
            for (int k = 0; k < 3; k++) {
                basin_inference *inf = open_search(e, searches[k], &r, NULL, 0);
                float y[SAMPLES * LABELS];
                basin_energies got[SAMPLES];
                core_fill(y, (size_t)SAMPLES * dim, 83, 0, 1);
                y[0] = 0;
                y[dim] = 1;
                answer(inf, &r, y, y, got);
                for (int b = 0; b < SAMPLES; b++) {
                    const double far = sqrt(got[b].delta_i);
                    assert_true(far >= epsilon - 1e-6);
                    assert_true(got[b].e_min <= 1e-6 && got[b].e_c == 0);
                    if (k == 0)
                        assert_near(far, epsilon, 1e-4);
                }
                basin_inference_destroy(inf);
            }
            basin_energy_destroy(e);
        }
}

static void rounded_to_sets(void **state)
{
    (void)state;
    basin_energy *e = bowl(2);
    const basin_setting s[] = {{"round", 1}};
    const float x[] = {.2F, .9F, .6F, -3};
    float y[4], energy[2];
    basin_inference *inf = NULL;
    MUST(basin_inference_create(&inf, e, "descent", s, 1, &error));
    MUST(basin_inference_predict(inf, x, 2, y, NULL, energy, &error));
    assert_true(y[0] == 0 && y[1] == 1 && y[2] == 1 && y[3] == 0);
    assert_near((double)energy[0], .05, 1e-6); /* of what is said, not found */
    assert_near((double)energy[1], 9.16, 1e-5);
    basin_inference_destroy(inf);
    basin_energy_destroy(e);
}

/* ------------------------------------------------------------------ weights */

/* What goes back to W is the slope of each scalar at the points it rests on:
 * of E_C alone, of the three together, and in proportion. */
static void weights_add_up(void **state)
{
    (void)state;
    for (int k = 0; k < COUNT(searches); k++) {
        const rules r = {BASIN_OFFENDER_MARGIN, 2, 2, .25, 1};
        basin_energy *e = valleys(ctx, 2, core_box(1, -1, 1), 5);
        basin_inference *inf = open_search(e, searches[k], &r, NULL, 0);
        const size_t n = basin_energy_describe(e)->n_params;
        float x[SAMPLES], y[2 * SAMPLES], sum[128] = {0}, all[128] = {0};
        basin_energies got[SAMPLES];
        assert_true(n <= COUNT(sum));
        draw(x, y, 2);
        for (int which = 0; which < 4; which++) {
            basin_slopes slopes[SAMPLES] = {{0}};
            for (int b = 0; b < SAMPLES; b++) {
                slopes[b].e_c = which == 0 || which == 3 ? .5 : 0;
                slopes[b].e_i = which == 1 || which == 3 ? -2 : 0;
                slopes[b].e_min = which == 2 || which == 3 ? 1 : 0;
            }
            answer(inf, &r, x, y, got);
            basin_inference_weigh(inf, slopes, SAMPLES, which == 3 ? all : sum);
        }
        double size = 0;
        for (size_t i = 0; i < n; i++) {
            assert_near((double)all[i], (double)sum[i],
                1e-4 * (1 + fabs((double)all[i])));
            size += fabs((double)all[i]);
        }
        assert_true(size > .01);
        basin_inference_destroy(inf);
        basin_energy_destroy(e);
    }
}

/* --------------------------------------------------------- seeds and threads
 */

static uint64_t bits(int threads, const char *name, double seed, const char *k)
{
    enum { MANY = 100 };
    basin_context *own = core_context(NULL, threads, k);
    basin_energy *e = valleys(own, 2, core_box(1, -1, 1), 7);
    basin_inference *inf = NULL;
    const basin_setting s[] = {{"seed", seed}, {"starts", 8}};
    static float x[MANY], y[2 * MANY], z[MANY], energy[MANY];
    MUST(basin_inference_create(&inf, e, name, s, 2, &error));
    core_fill(x, MANY, 91, -1, 1);
    MUST(basin_inference_predict(inf, x, MANY, y, z, energy, &error));
    uint64_t out = core_hash(CORE_HASH, y, sizeof y);
    out = core_hash(out, energy, sizeof energy);
    out = core_hash(out, z, sizeof z);
    basin_inference_destroy(inf);
    basin_energy_destroy(e);
    basin_context_destroy(own);
    return out;
}

static void same_seed_same_bits(void **state)
{
    (void)state;
    for (int k = 0; k < COUNT(searches); k++) {
        const uint64_t right = bits(1, searches[k], 1, "portable");
        for (int threads = 1; threads <= 3; threads++)
            assert_true(bits(threads, searches[k], 1, NULL) == right);
        if (k == 2) /* the others all come down to the same place */
            assert_true(bits(1, searches[k], 2, NULL) != right);
    }
}

/* ---------------------------------------------------------------- refusals */

static void what_does_not_fit(void **state)
{
    (void)state;
    basin_energy *flat = bowl(2), *deep = valleys(ctx, 1, core_none, 1);
    basin_inference *inf = NULL;
    static const struct {
        const char *name;
        basin_setting setting;
        basin_status status;
        const char *words;
    } cases[] = {
        {"descent", {"epsilon", .8}, BASIN_E_RANGE, "at most 0.707107"},
        {"coordinate", {"points", 1}, BASIN_E_RANGE, "points"},
        {"anneal", {"points", 1}, BASIN_E_RANGE, "nothing moves"},
        {"anneal", {"cold", 2}, BASIN_E_RANGE, "above hot"},
        {"alternate", {"points", 3}, BASIN_E_SERVE, "take 'coordinate'"},
        {"descent", {"steps", 0}, BASIN_E_RANGE, "steps"},
    };
    for (int i = 0; i < COUNT(cases); i++)
        MUST_FAIL(basin_inference_create(
                      &inf, flat, cases[i].name, &cases[i].setting, 1, &error),
            cases[i].status, cases[i].words);
    MUST_FAIL(basin_inference_create(&inf, deep, "descent",
                  &(basin_setting){"within", 1}, 1, &error),
        BASIN_E_RANGE, "2 dimensions or more");
    /* A free energy is an integral, and a search is none. */
    for (int k = 0; k < 3; k++) {
        MUST(basin_inference_create(&inf, flat, searches[k], NULL, 0, &error));
        MUST_FAIL(
            basin_inference_prepare(inf,
                &(basin_question){.needs = BASIN_NEED_F, .samples = 1}, &error),
            BASIN_E_SERVE, "cannot find the free energy; take 'grid'");
        assert_non_null(strstr(error.message, searches[k]));
        MUST_FAIL(basin_inference_prepare(inf,
                      &(basin_question){.needs = BASIN_NEED_ALL, .samples = 1},
                      &error),
            BASIN_E_SERVE, "nothing here can, on this energy");
        basin_inference_destroy(inf);
    }
    basin_energy_destroy(flat);
    basin_energy_destroy(deep);
}

static void labels_have_no_slope(void **state)
{
    (void)state;
    basin_graph *g = NULL;
    basin_energy *e = NULL;
    basin_inference *inf = NULL;
    MUST(basin_graph_create(&g, ctx, &error));
    const int x = core_leaf(g, BASIN_X, 4), y = core_leaf(g, BASIN_Y, 1);
    core_two(g, "switch", x, y);
    const basin_spaces spaces = {
        core_box(4, -1, 1), {BASIN_SPACE_LABELS, 1, 0, 0, 4}, core_none};
    MUST(basin_energy_from_graph(&e, g, &spaces, &error));
    MUST_FAIL(basin_inference_create(&inf, e, "descent", NULL, 0, &error),
        BASIN_E_SERVE, "take 'enumerate'");
    float at[4 * SAMPLES], right[SAMPLES], found[SAMPLES];
    core_fill(at, 4 * SAMPLES, 95, -1, 1);
    for (int k = 1; k < 3; k++) { /* these walk over labels, too */
        const rules r = {BASIN_OFFENDER_LOWEST, 0, 2, 0, 1};
        basin_energies got[SAMPLES];
        inf = open_search(e, searches[k], &r, NULL, 0);
        for (int b = 0; b < SAMPLES; b++)
            right[b] = (float)(b % 4);
        answer(inf, &r, at, right, got);
        MUST(basin_inference_predict(
            inf, at, SAMPLES, found, NULL, NULL, &error));
        for (int b = 0; b < SAMPLES; b++) {
            const float *v = at + 4 * b;
            float least = v[0], wrong = INFINITY;
            for (int l = 0; l < 4; l++) {
                least = fminf(least, v[l]);
                wrong = l == b % 4 ? wrong : fminf(wrong, v[l]);
            }
            assert_true(v[(int)found[b]] == least);
            assert_true((float)got[b].e_i == wrong);
            assert_true((float)got[b].e_min == least);
        }
        basin_inference_destroy(inf);
    }
    basin_energy_destroy(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes_against_fine_grids),
        cmocka_unit_test(sets_against_all_sets),
        cmocka_unit_test(descent_keeps_within),
        cmocka_unit_test(offenders_keep_their_distance),
        cmocka_unit_test(rounded_to_sets),
        cmocka_unit_test(weights_add_up),
        cmocka_unit_test(same_seed_same_bits),
        cmocka_unit_test(what_does_not_fit),
        cmocka_unit_test(labels_have_no_slope),
    };
    return cmocka_run_group_tests(tests, open_context, close_context);
}
