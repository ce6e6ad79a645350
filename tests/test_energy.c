/* SPDX-License-Identifier: MIT
 *
 * Energies: gradients of every one that is registered and of graphs, energies
 * that a user writes point by point, passes that are used again and again,
 * task costs.
 */
#include "test_context.h"

static void assert_gradients(basin_energy *e, const char *what)
{
    for (uint64_t seed = 1; seed <= 3; seed++) {
        basin_gradcheck check;
        basin_energy_init(e, seed);
        MUST(basin_energy_gradcheck(&check, e, seed, 5, &error));
        if (!(check.worst < .01))
            fail_msg("%s: d/d%s[%zu] is %g, and by differences %g", what,
                check.what, check.index, check.analytic, check.numeric);
        assert_true(check.checked > 0);
    }
}

/* -------------------------------------------------- an energy of one's own */

/* E = (W0 x + W1 - y)^2 + (W2 z - y)^2, by hand. With a setting, its gradient
 * in W2 is wrong, or not a number, so that the check can be checked. */
enum { WRONG = 1, NOT_A_NUMBER = 2 };

static const basin_param own_params[] = {{"slip", "", 0, 2, 0, .integer = true,
    .help = "0: right; 1: wrong; 2: not a number"}};

static basin_status own_describe(void *self, basin_energy_info *info,
    const double *settings, basin_error *problem)
{
    (void)problem;
    *(int *)self = (int)settings[0];
    info->x = info->y = info->z = core_box(1, -1, 1);
    info->bound = BASIN_BOUND_NONNEGATIVE;
    info->n_params = 3;
    return BASIN_OK;
}

static void own_init(const void *self, float *params, uint64_t seed)
{
    (void)self;
    core_fill(params, 3, seed, -1, 1);
}

static float own_value(const void *self, const float *w, const float *x,
    const float *y, const float *z)
{
    (void)self;
    const float a = w[0] * x[0] + w[1] - y[0], b = w[2] * z[0] - y[0];
    return a * a + b * b;
}

static void own_gradient(const void *self, const float *w, const float *x,
    const float *y, const float *z, float weight, float *d_w, float *d_x,
    float *d_y, float *d_z)
{
    const float a = 2 * weight * (w[0] * x[0] + w[1] - y[0]);
    const float b = 2 * weight * (w[2] * z[0] - y[0]);
    const int slip = *(const int *)self;
    if (d_w) {
        d_w[0] += a * x[0];
        d_w[1] += slip == NOT_A_NUMBER ? NAN : a;
        d_w[2] += b * z[0] + (slip == WRONG ? .5F * weight : 0);
    }
    if (d_x)
        d_x[0] += a * w[0];
    if (d_y)
        d_y[0] -= a + b;
    if (d_z)
        d_z[0] += b * w[2];
}

static const basin_energy_type own = {
    .part = {"own", "two parabolas", "", "", own_params, 1},
    .self_size = sizeof(int),
    .describe = own_describe,
    .init = own_init,
    .value = own_value,
    .gradient = own_gradient,
};

static basin_energy *open_own(int slip)
{
    basin_energy *e = NULL;
    const basin_part *there = NULL;
    if (basin_find(&there, ctx, BASIN_KIND_ENERGY, "own", NULL) != BASIN_OK)
        MUST(basin_register(ctx, BASIN_KIND_ENERGY, &own.part, &error));
    MUST(basin_energy_create(
        &e, ctx, "own", &(basin_setting){"slip", slip}, 1, &error));
    return e;
}

/* The same as a graph; its W comes in the same order. */
static basin_energy *own_as_graph(void)
{
    basin_graph *g = NULL;
    MUST(basin_graph_create(&g, ctx, &error));
    const int x = core_leaf(g, BASIN_X, 1), y = core_leaf(g, BASIN_Y, 1);
    const int z = core_leaf(g, BASIN_Z, 1);
    const int a = core_linear(g, x, 1);
    int b = -1;
    MUST(basin_graph_add1(
        g, &b, "linear", z, &(basin_setting){"bias", 0}, 1, &error));
    core_two(
        g, "sum", core_two(g, "squared", a, y), core_two(g, "squared", b, y));
    const basin_space box = core_box(1, -1, 1);
    basin_energy *e = NULL;
    MUST(
        basin_energy_from_graph(&e, g, &(basin_spaces){box, box, box}, &error));
    return e;
}

/* --------------------------------------------------------------- gradients */

static void registered_energies_are_right(void **state)
{
    (void)state;
    basin_energy_destroy(open_own(0));
    const basin_part *part;
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_ENERGY, i)); i++) {
        basin_energy *e = NULL;
        MUST(basin_energy_create(&e, ctx, part->name, NULL, 0, &error));
        assert_string_equal(basin_energy_name(e), part->name);
        assert_gradients(e, part->name);
        basin_energy_destroy(e);
    }
}

static void graph_energies_are_right(void **state)
{
    (void)state;
    for (int kind = 0; kind < CORE_KINDS; kind++) {
        basin_energy *e = core_energy(ctx, (core_kind)kind, 1);
        assert_gradients(e, core_names[kind]);
        assert_string_equal(basin_energy_name(e), "graph");
        assert_int_equal(
            basin_energy_describe(e)->bound, BASIN_BOUND_NONNEGATIVE);
        basin_energy_destroy(e);
    }
}

static void the_check_finds_what_is_wrong(void **state)
{
    (void)state;
    for (int slip = WRONG; slip <= NOT_A_NUMBER; slip++) {
        basin_energy *e = open_own(slip);
        basin_gradcheck check;
        basin_energy_init(e, 1);
        MUST(basin_energy_gradcheck(&check, e, 1, 5, &error));
        assert_false(check.worst < .01);
        assert_string_equal(check.what, "W");
        assert_int_equal(check.index, slip == WRONG ? 2 : 1);
        basin_energy_params(e)[0] = INFINITY;
        MUST_FAIL(basin_energy_gradcheck(&check, e, 1, 5, &error),
            BASIN_E_NONFINITE, "not finite");
        basin_energy_destroy(e);
    }
}

/* ------------------------------------------------------------------- sets */

static const basin_pass_def mixed = {.samples = 70,
    .gradient_params = true,
    .n_slots = 2,
    .slots = {{{3, true}, {2, true}, true, true},
        {{11, false}, {4, false}, false, false}}};

enum { ROWS = 70, OWN = 3 * 2, SHARED = 11 * 4 };

typedef struct numbers {
    float x[ROWS], own_y[ROWS * 3], own_z[ROWS * OWN], y[11], z[4];
    float w_own[ROWS * OWN], w_shared[ROWS * SHARED];
} numbers;

static numbers *draw_numbers(void)
{
    static numbers n;
    core_fill((float *)&n, sizeof n / sizeof(float), 5, -1, 1);
    return &n;
}

/* One batch of two slots. @param d_w floats, set */
static void run_batch(basin_pass *pass, const numbers *n, int samples,
    bool backward, float *e_own, float *e_shared, float *d_w, size_t n_w)
{
    basin_pass_observe(pass, n->x, NULL, samples, false, 0);
    const float *e =
        basin_pass_evaluate(pass, 0, &(basin_set){n->own_y, n->own_z, 3, 2});
    memcpy(e_own, e, (size_t)samples * OWN * sizeof *e);
    e = basin_pass_evaluate(pass, 1, &(basin_set){n->y, n->z, 11, 4});
    memcpy(e_shared, e, (size_t)samples * SHARED * sizeof *e);
    if (!backward)
        return;
    basin_pass_backward(pass, 0, n->w_own);
    basin_pass_backward(pass, 1, n->w_shared);
    memset(d_w, 0, n_w * sizeof *d_w);
    basin_pass_finish(pass, d_w);
}

typedef struct batch {
    float own[ROWS * OWN], shared[ROWS * SHARED], d_w[64];
    float d_y[ROWS * 3], d_z[ROWS * OWN];
} batch;

static void take_batch(
    batch *out, basin_energy *e, const numbers *n, int samples)
{
    basin_pass *pass = NULL;
    MUST(basin_pass_create(&pass, e, &mixed, &error));
    run_batch(pass, n, samples, true, out->own, out->shared, out->d_w,
        basin_energy_describe(e)->n_params);
    memcpy(out->d_y, basin_pass_gradient_y(pass, 0), sizeof out->d_y);
    memcpy(out->d_z, basin_pass_gradient_z(pass, 0), sizeof out->d_z);
    basin_pass_destroy(pass);
}

static void assert_all_near(const float *a, const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_near(
            (double)a[i], (double)b[i], 2e-5 + 2e-5 * fabs((double)a[i]));
}

static void own_points_equal_the_graph(void **state)
{
    (void)state;
    static batch a, b;
    const numbers *n = draw_numbers();
    basin_energy *points = open_own(0), *graph = own_as_graph();
    assert_int_equal(basin_energy_describe(graph)->n_params, 3);
    basin_energy_init(points, 7);
    memcpy(basin_energy_params(graph), basin_energy_params(points),
        3 * sizeof(float));
    take_batch(&a, points, n, ROWS);
    take_batch(&b, graph, n, ROWS);
    assert_all_near(a.own, b.own, ROWS * OWN);
    assert_all_near(a.shared, b.shared, ROWS * SHARED);
    assert_all_near(a.d_y, b.d_y, ROWS * 3);
    assert_all_near(a.d_z, b.d_z, ROWS * OWN);
    for (int i = 0; i < 3; i++)
        assert_near((double)a.d_w[i], (double)b.d_w[i],
            1e-4 * (1 + fabs((double)a.d_w[i])));
    basin_energy_destroy(points);
    basin_energy_destroy(graph);
}

/* Whatever a pass did before, a batch comes out as from a new one: after
 * larger and smaller batches, with and without a backward. */
static void a_pass_remembers_nothing(void **state)
{
    (void)state;
    static batch fresh[2], again;
    static const struct {
        int samples;
        bool backward;
    } runs[] = {{70, true}, {5, false}, {70, true}, {5, true}, {70, false},
        {70, true}, {5, true}, {5, false}, {70, true}};
    const numbers *n = draw_numbers();
    basin_energy *e[] = {open_own(0), core_energy(ctx, CORE_HIDDEN, 3)};
    for (int i = 0; i < COUNT(e); i++) {
        const size_t n_w = basin_energy_describe(e[i])->n_params;
        assert_true(n_w <= 64);
        basin_energy_init(e[i], 3);
        take_batch(&fresh[0], e[i], n, 5);
        take_batch(&fresh[1], e[i], n, 70);
        basin_pass *pass = NULL;
        MUST(basin_pass_create(&pass, e[i], &mixed, &error));
        for (int r = 0; r < COUNT(runs); r++) {
            const int samples = runs[r].samples;
            const batch *right = &fresh[samples == 70];
            run_batch(pass, n, samples, runs[r].backward, again.own,
                again.shared, again.d_w, n_w);
            assert_memory_equal(
                again.own, right->own, (size_t)samples * OWN * sizeof(float));
            assert_memory_equal(again.shared, right->shared,
                (size_t)samples * SHARED * sizeof(float));
            if (runs[r].backward)
                assert_memory_equal(again.d_w, right->d_w, n_w * sizeof(float));
        }
        basin_pass_destroy(pass);
        basin_energy_destroy(e[i]);
    }
}

static void passes_refuse_nonsense(void **state)
{
    (void)state;
    basin_energy *e = core_energy(ctx, CORE_DUAL, 1);
    basin_pass *pass = NULL;
    basin_pass_def def = {.samples = 0, .n_slots = 1};
    MUST_FAIL(basin_pass_create(&pass, e, &def, &error), BASIN_E_ARGUMENT,
        "at least 1 sample");
    def.samples = 1;
    def.n_slots = BASIN_SLOTS + 1;
    MUST_FAIL(
        basin_pass_create(&pass, e, &def, &error), BASIN_E_ARGUMENT, "slots");
    def.n_slots = 1;
    def.slots[0] =
        (basin_slot_def){.y = {2, false}, .z = {1, false}, .gradient_y = true};
    MUST_FAIL(
        basin_pass_create(&pass, e, &def, &error), BASIN_E_ARGUMENT, "slot 0");
    def.slots[0] = (basin_slot_def){
        .y = {1, true}, .z = {1, true}, .gradient_y = true, .gradient_z = true};
    MUST_FAIL(basin_pass_create(&pass, e, &def, &error), BASIN_E_ARGUMENT,
        "slot 0"); /* there is no Z */
    def.samples = 32;
    def.slots[0] =
        (basin_slot_def){.y = {1 << 20, false}, .z = {1 << 16, false}};
    MUST_FAIL(basin_pass_create(&pass, e, &def, &error), BASIN_E_ARGUMENT,
        "too many"); /* more than an int can count */
    assert_null(pass);
    basin_energy_destroy(e);
}

/* ------------------------------------------------------------------- costs */

static void costs_are_right(void **state)
{
    (void)state;
    const basin_space box = core_box(3, -1, 1);
    const basin_part *part;
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_COST, i)); i++) {
        const basin_cost_type *cost = (const void *)part;
        double settings[BASIN_PARAMS_MAX];
        MUST(basin_part_settings(settings, part, NULL, 0, &error));
        for (uint64_t seed = 0; seed < 20; seed++) {
            float right[3], other[3], d[3] = {1, 2, 3};
            core_fill(right, 3, seed, -1, 1);
            core_fill(other, 3, seed + 100, -1, 1);
            for (int j = 0; strcmp(part->name, "f1") == 0 && j < 3; j++) {
                right[j] = j == 0 || right[j] > 0; /* of sets of labels */
                other[j] = .05F + .9F * fabsf(other[j]);
            }
            assert_true(cost->value(settings, &box, right, right) == 0);
            assert_true(cost->value(settings, &box, right, other) > 0);
            if (!cost->gradient)
                continue;
            cost->gradient(settings, &box, right, other, 2, d);
            for (int j = 0; j < 3; j++) {
                const float h = 1e-2F, kept = other[j];
                other[j] = kept + h;
                double numeric =
                    (double)cost->value(settings, &box, right, other);
                other[j] = kept - h;
                numeric -= (double)cost->value(settings, &box, right, other);
                other[j] = kept;
                if (fabsf(kept - right[j]) > h)
                    assert_near(((double)d[j] - 1 - j) / 2,
                        numeric / (2 * (double)h), 1e-4);
            }
        }
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)
    const struct CMUnitTest tests[] = {
        TEST(registered_energies_are_right),
        TEST(graph_energies_are_right),
        TEST(the_check_finds_what_is_wrong),
        TEST(own_points_equal_the_graph),
        TEST(a_pass_remembers_nothing),
        TEST(passes_refuse_nonsense),
        TEST(costs_are_right),
    };
    return cmocka_run_group_tests_name("energy", tests, NULL, NULL);
}
