/* SPDX-License-Identifier: MIT
 *
 * Inference on a grid: every scalar that it finds for a loss against brute
 * force over the same points, and the weights that it hands back against
 * differences. What it predicts is in test_predict.c.
 */
#include "test_inference.h"

enum { POINTS_MAX = 441, CAUSES_MAX = 16, SAMPLES = 9 };

static basin_context *ctx;

static int open_context(void **state)
{
    (void)state;
    ctx = core_context(NULL, 1, NULL);
    MUST(basin_register(ctx, BASIN_KIND_ENERGY, &hills_type.part, &error));
    return 0;
}

static int close_context(void **state)
{
    (void)state;
    basin_context_destroy(ctx);
    return 0;
}

/* ------------------------------------------------------------- brute force */

typedef struct rules {
    hills h;
    int points, z_points;
    double epsilon, beta, beta_z;
    int cost; /* zero-one, absolute, squared */
    bool marginal;
    basin_offender offender;
    double margin;
    double slack; /* how much nearer than epsilon still counts as wrong */
} rules;

static double cost_of(const rules *r, const float *a, const float *b)
{
    double sum[3] = {0};
    for (int d = 0; d < r->h.dim; d++) {
        const double off = (double)a[d] - (double)b[d];
        sum[0] = off != 0 ? 1 : sum[0];
        sum[1] += fabs(off);
        sum[2] += off * off;
    }
    return sum[r->cost];
}

/* The box, from its energy's describe. */
static basin_space box_of(const rules *r)
{
    return r->h.dim > 1 ? core_box(r->h.dim, -1, 1) : core_box(1, -.5F, 1.5F);
}

static float on_grid(const basin_space *box, int points, int i)
{
    const double low = (double)box->low, high = (double)box->high;
    return (float)(low + i * (high - low) / (points - 1));
}

/* E with Z minimised over or marginalised. */
static double lower(const rules *r, const float *w, float x, const float *y)
{
    const basin_space zs = core_box(1, -2, 2);
    const int n = r->h.z == BOX_Z ? r->z_points : r->h.z == LABEL_Z ? 4 : 1;
    double e[CAUSES_MAX], least = (double)INFINITY, sum = 0;
    for (int i = 0; i < n; i++) {
        const float z = r->h.z == BOX_Z ? on_grid(&zs, n, i) : (float)i;
        e[i] = hills_energy(&r->h, w, &x, y, &z, NULL);
        least = fmin(least, e[i]);
    }
    if (!r->marginal || r->h.z == NO_Z)
        return least;
    for (int i = 0; i < n; i++) {
        double mass = 1;
        if (r->h.z == BOX_Z)
            mass = 4.0 / (n - 1) * (i == 0 || i == n - 1 ? .5 : 1);
        sum += mass * exp(-r->beta_z * (e[i] - least));
    }
    return least - log(sum) / r->beta_z;
}

static bool is_wrong(const rules *r, const float *right, const float *y)
{
    double far = 0;
    for (int d = 0; d < r->h.dim; d++)
        far = hypot(far, (double)y[d] - (double)right[d]);
    return r->epsilon > 0 ? far >= r->epsilon - r->slack : far > 0;
}

/* One candidate for the offender. */
static void offer(const rules *r, const float *w, float x, const float *right,
    const float *y, double *key, basin_energies *out)
{
    const double e = lower(r, w, x, y);
    const double delta = cost_of(r, right, y);
    const double k = r->offender == BASIN_OFFENDER_LOWEST ? e
                     : r->offender == BASIN_OFFENDER_MARGIN
                         ? e - delta
                         : -delta * (r->margin + out->e_c - e);
    if (k < *key) {
        *key = k;
        out->e_i = e;
        out->delta_i = delta;
    }
}

static basin_energies brute(
    const rules *r, const float *w, float x, const float *right)
{
    const basin_space box = box_of(r);
    const int n = r->h.dim == 1 ? r->points : r->points * r->points;
    basin_energies out = {.e_c = lower(r, w, x, right)};
    double key = (double)INFINITY, z = 0, z_i = 0;
    out.e_min = out.e_c;
    for (int i = 0; i < n; i++) {
        float y[2];
        double mass = 1;
        for (int d = r->h.dim - 1, rest = i; d >= 0; d--, rest /= r->points) {
            const int at = rest % r->points;
            y[d] = on_grid(&box, r->points, at);
            mass *= 2.0 / (r->points - 1) *
                    (at == 0 || at == r->points - 1 ? .5 : 1);
        }
        const double e = lower(r, w, x, y);
        const double term = mass * exp(-r->beta * e);
        out.e_min = fmin(out.e_min, e);
        z += term;
        if (!is_wrong(r, right, y))
            continue;
        z_i += term;
        offer(r, w, x, right, y, &key, &out);
    }
    for (int side = -1; side <= 1; side += 2) {
        const float y = right[0] + (float)side * (float)r->epsilon;
        if (r->h.dim == 1 && r->epsilon > 0 && y >= box.low && y <= box.high)
            offer(r, w, x, right, &y, &key, &out);
    }
    out.f = -log(z) / r->beta;
    out.f_i = -log(z_i) / r->beta;
    return out;
}

/* ----------------------------------------------------------- what is found */

static basin_inference *open_grid(basin_energy *e, const rules *r)
{
    basin_inference *out = NULL;
    const basin_setting s[] = {{"points", r->points}, {"epsilon", r->epsilon},
        {"beta", r->beta}, {"cost", r->cost}, {"z", r->marginal},
        {"z-points", r->z_points}, {"beta-z", r->beta_z}};
    MUST(basin_inference_create(&out, e, "grid", s, COUNT(s), &error));
    return out;
}

static const unsigned everything = BASIN_NEED_EC | BASIN_NEED_EI |
                                   BASIN_NEED_EMIN | BASIN_NEED_F |
                                   BASIN_NEED_FI;

static void ask(basin_inference *inf, const rules *r, unsigned needs, int n)
{
    MUST(basin_inference_prepare(inf,
        &(basin_question){.needs = needs,
            .offender = r->offender,
            .margin = r->margin,
            .values = true,
            .samples = n},
        &error));
}

/* Samples whose right answers lie inside, at the ends of the box, on points
 * of the grid, and at epsilon from one. */
static void draw_samples(const rules *r, float *x, float *y)
{
    const basin_space box = box_of(r);
    core_fill(x, SAMPLES, 21, -1, 1);
    core_fill(
        y, (size_t)SAMPLES * r->h.dim, 22, (double)box.low, (double)box.high);
    for (int d = 0; d < r->h.dim; d++) {
        const int n = r->h.dim;
        y[0 * n + d] = box.low;
        y[1 * n + d] = box.high;
        y[2 * n + d] = on_grid(&box, r->points, r->points / 2);
        y[3 * n + d] = on_grid(&box, r->points, 1);
        y[4 * n + d] = on_grid(&box, r->points, r->points - 2);
        y[5 * n + d] =
            on_grid(&box, r->points, r->points / 3) + (float)r->epsilon;
        if (y[5 * n + d] > box.high)
            y[5 * n + d] = box.high;
    }
}

/* An answer at epsilon to the last digit may count as wrong or not. */
static void assert_found(
    const basin_energies *found, const rules *r, float x, const float *right)
{
    basin_energies want[2];
    for (int i = 0; i < 2; i++) {
        rules edge = *r;
        edge.slack = i ? 2e-7 : -2e-7;
        want[i] = brute(&edge, hills_w, x, right);
    }
    const bool e_i = fabs(found->e_i - want[0].e_i) > 1e-5 ||
                     fabs(found->delta_i - want[0].delta_i) > 1e-5;
    assert_near(found->e_c, want[0].e_c, 2e-6);
    assert_near(found->e_min, want[0].e_min, 2e-6);
    assert_near(found->f, want[0].f, 1e-5);
    assert_true(found->f_i >= want[1].f_i - 1e-5);
    assert_true(found->f_i <= want[0].f_i + 1e-5);
    assert_near(found->e_i, want[e_i].e_i, 1e-5);
    assert_near(found->delta_i, want[e_i].delta_i, 1e-5);
    assert_true(found->beta == r->beta);
}

static void check_found(const rules *r)
{
    basin_energy *e = hills_open(ctx, r->h);
    basin_inference *inf = open_grid(e, r);
    float x[SAMPLES], y[2 * SAMPLES];
    draw_samples(r, x, y);
    int32_t index[SAMPLES];
    for (int i = 0; i < SAMPLES; i++)
        index[i] = (i * 4 + 1) % SAMPLES;
    basin_energies found[SAMPLES];
    ask(inf, r, everything, SAMPLES);
    const basin_samples samples = {.n = SAMPLES, .x = x, .y = y};
    basin_inference_answer(inf, &samples, index, SAMPLES, false, 0, found);
    for (int b = 0; b < SAMPLES; b++)
        assert_found(
            &found[b], r, x[index[b]], y + (size_t)index[b] * r->h.dim);
    /* What is asked for alone is the same, and the rest is 0. */
    for (int i = 0; i < 5; i++) {
        basin_energies alone[SAMPLES];
        ask(inf, r, 1U << i, SAMPLES);
        basin_inference_answer(inf, &samples, index, SAMPLES, false, 0, alone);
        for (int b = 0; b < SAMPLES; b++) {
            const basin_energies *a = &alone[b], *f = &found[b];
            const double got[5] = {a->e_c, a->e_i, a->e_min, a->f, a->f_i};
            const double all[5] = {f->e_c, f->e_i, f->e_min, f->f, f->f_i};
            for (int k = 1; k < 5; k++)
                assert_true(got[k] == (k == i ? all[k] : 0));
            assert_true(got[0] == all[0]);
        }
    }
    basin_inference_destroy(inf);
    basin_energy_destroy(e);
}

static rules usual(int turn)
{
    return (rules){.h = {HILLS, 1 + turn % 2, (hills_z)(turn / 2 % 3)},
        .points = turn % 2 ? 9 : 21,
        .z_points = 11,
        .epsilon = .3,
        .beta = turn % 5 == 4 ? 40 : 1.5,
        .beta_z = 2,
        .cost = turn % 3,
        .marginal = turn / 6 % 2 != 0,
        .offender = (basin_offender)(turn / 12 % 3),
        .margin = 1};
}

static void scalars_equal_brute_force(void **state)
{
    (void)state;
    for (int turn = 0; turn < 36; turn++) {
        rules r = usual(turn);
        for (r.cost = 0; r.cost < 3; r.cost++)
            check_found(&r);
    }
}

static void epsilon_at_its_edges(void **state)
{
    (void)state;
    static const double epsilons[] = {0, 1e-6, .1, .2, .25, .333, .999, 1};
    for (int i = 0; i < COUNT(epsilons); i++)
        for (int turn = 0; turn < 36; turn += 12)
            for (int points = 2; points <= 21; points += 19) {
                rules r = usual(turn);
                r.epsilon = epsilons[i];
                r.points = points;
                check_found(&r);
                r.h.dim = 2;
                check_found(&r);
            }
}

/* However the grid falls, no answer nearer than epsilon offends; and where
 * the energy grows with the distance, the offender lies on the border. */
static void offenders_keep_their_distance(void **state)
{
    (void)state;
    enum { MANY = 400 };
    static float x[MANY], y[MANY];
    static basin_energies found[MANY];
    const hills shapes[] = {{HILLS, 1, NO_Z}, {ABSOLUTE, 1, NO_Z}};
    core_fill(x, MANY, 31, -.5, 1);
    core_fill(y, MANY, 32, -.5, 1.5);
    for (int i = 0; i < MANY / 2; i++)
        y[i] = x[i];
    for (int s = 0; s < 2; s++)
        for (int points = 2; points < 110; points += 33) {
            const rules r = {.h = shapes[s],
                .points = points,
                .z_points = 2,
                .epsilon = .3,
                .beta = 1,
                .beta_z = 1,
                .cost = 1};
            basin_energy *e = hills_open(ctx, r.h);
            basin_inference *inf = open_grid(e, &r);
            ask(inf, &r, BASIN_NEED_EC | BASIN_NEED_EI, MANY);
            const basin_samples samples = {.n = MANY, .x = x, .y = y};
            basin_inference_answer(inf, &samples, NULL, MANY, false, 0, found);
            for (int i = 0; i < MANY; i++) {
                assert_true(found[i].delta_i >= .3 - 2e-7);
                if (s == 1 && i < MANY / 2) {
                    assert_near(found[i].e_i, .3, 2e-7);
                    assert_near(found[i].delta_i, .3, 2e-7);
                }
            }
            basin_inference_destroy(inf);
            basin_energy_destroy(e);
        }
}

/* ----------------------------------------------------------------- weights */

/* A sum of all scalars with weights of their own, to be differentiated. */
typedef struct weighing {
    basin_inference *inf;
    float x[SAMPLES], y[2 * SAMPLES];
    basin_slopes slopes[SAMPLES];
} weighing;

static double weighted(void *user)
{
    weighing *w = user;
    basin_energies e[SAMPLES];
    double sum = 0;
    const basin_samples samples = {.n = SAMPLES, .x = w->x, .y = w->y};
    basin_inference_answer(w->inf, &samples, NULL, SAMPLES, false, 0, e);
    for (int b = 0; b < SAMPLES; b++) {
        const basin_slopes *s = &w->slopes[b];
        sum += s->e_c * e[b].e_c + s->e_i * e[b].e_i + s->e_min * e[b].e_min +
               s->f * e[b].f + s->f_i * e[b].f_i;
    }
    return sum;
}

/* @return how many derivatives were compared */
static int check_weights(
    basin_energy *e, const rules *r, unsigned needs, float h)
{
    static weighing w;
    float d_w[128];
    const size_t n = basin_energy_describe(e)->n_params;
    int checked = 0;
    assert_true(n <= COUNT(d_w));
    w.inf = open_grid(e, r);
    draw_samples(r, w.x, w.y);
    for (uint64_t b = 0; b < SAMPLES; b++)
        w.slopes[b] = (basin_slopes){.e_c = core_number(41, b, -1, 1),
            .e_i = core_number(42, b, -1, 1),
            .e_min = core_number(43, b, -1, 1),
            .f = core_number(44, b, -1, 1),
            .f_i = core_number(45, b, -1, 1)};
    ask(w.inf, r, needs, SAMPLES);
    weighted(&w);
    for (size_t i = 0; i < n; i++)
        d_w[i] = (float)i;
    basin_inference_weigh(w.inf, w.slopes, SAMPLES, d_w);
    for (size_t i = 0; i < n; i++) {
        double numeric;
        if (!core_difference(
                &numeric, weighted, &w, basin_energy_params(e) + i, h))
            continue;
        assert_near(
            (double)d_w[i] - (double)i, numeric, 3e-3 + .01 * fabs(numeric));
        checked++;
    }
    basin_inference_destroy(w.inf);
    return checked;
}

static void weights_are_derivatives(void **state)
{
    (void)state;
    int checked = 0;
    for (int turn = 0; turn < 36; turn++) {
        const rules r = usual(turn);
        basin_energy *e = hills_open(ctx, r.h);
        for (int i = 0; i < 5; i++)
            checked += check_weights(e, &r, 1U << i, .005F);
        checked += check_weights(e, &r, everything, .005F);
        basin_energy_destroy(e);
    }
    assert_true(checked > 36 * 6 * HILLS_PARAMS / 2);
}

static void weights_of_graphs_are_derivatives(void **state)
{
    (void)state;
    /* a small step: distances have many kinks */
    int checked = 0;
    for (int kind = 0; kind < CORE_KINDS; kind++)
        for (int marginal = 0; marginal < 2; marginal++) {
            rules r = usual(kind == CORE_SMOOTH);
            r.h.z = kind == CORE_HIDDEN ? BOX_Z : NO_Z;
            r.marginal = marginal;
            basin_energy *e = core_energy(ctx, (core_kind)kind, 1);
            checked +=
                check_weights(e, &r, BASIN_NEED_F | BASIN_NEED_FI, .001F);
            checked += check_weights(e, &r, everything, .001F);
            basin_energy_destroy(e);
        }

    assert_true(checked > 100);
}

/* F_I does not overflow where the offender is not the lowest wrong answer. */
static void cold_free_energies(void **state)
{
    (void)state;
    for (int offender = 0; offender < 3; offender++) {
        const rules r = {.h = {GAUSS, 1, NO_Z},
            .points = 101,
            .z_points = 2,
            .epsilon = .3,
            .beta = 1000,
            .beta_z = 1,
            .cost = 2,
            .offender = (basin_offender)offender,
            .margin = 1};
        basin_energy *e = hills_open(ctx, r.h);
        basin_inference *inf = open_grid(e, &r);
        const float x = 0, y = 1.4F;
        basin_energies found;
        ask(inf, &r, everything, 1);
        const basin_samples samples = {.n = 1, .x = &x, .y = &y};
        basin_inference_answer(inf, &samples, NULL, 1, false, 0, &found);
        assert_found(&found, &r, x, &y);
        basin_inference_destroy(inf);
        basin_energy_destroy(e);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)
    const struct CMUnitTest tests[] = {
        TEST(scalars_equal_brute_force),
        TEST(epsilon_at_its_edges),
        TEST(offenders_keep_their_distance),
        TEST(weights_are_derivatives),
        TEST(weights_of_graphs_are_derivatives),
        TEST(cold_free_energies),
    };
    return cmocka_run_group_tests_name("inference", tests, NULL, NULL);
}
