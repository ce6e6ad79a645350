/* SPDX-License-Identifier: MIT
 *
 * Chains with an L1 term: the Hessian's products against differences of
 * gradients, quadratics with an L1 term against coordinate descent, and the
 * minimum that Newton's method finds against that of L-BFGS alone.
 */
#define CORE_THREADS 1
#include "test_chain.h"
#include "test_context.h"

#include "basin/chain_train.h"
#include "learn/chain_curvature.h"
#include "learn/chain_newton.h"
#include "learn/l1_quadratic.h"

enum { MOST = 512 };

typedef struct learner {
    small d;
    basin_chain *chain;
    basin_chain_trainer *t;
} learner;

static void open_learner(learner *l, basin_context *own, uint64_t seed,
    bool edges, bool all, const basin_chain_train_def *def)
{
    small_fill(&l->d, seed, 3, edges);
    basin_chain_def cdef = basin_chain_default();
    cdef.all = all;
    MUST(basin_chain_create(&l->chain, own, &l->d.s, &cdef, &error));
    MUST(basin_chain_trainer_create(
        &l->t, l->chain, NULL, &l->d.s, def, &error));
    assert_true(basin_chain_describe(l->chain)->n_params <= MOST);
}

static void close_learner(learner *l)
{
    basin_chain_trainer_destroy(l->t);
    basin_chain_destroy(l->chain);
}

/* --------------------------------------------------------------- curvature */

/* The gradient at w + step v, where v is on the weights of the index. */
static void slope_at(learner *l, const double *w, const int32_t *index,
    int32_t n, const double *v, double step, double *out)
{
    double *here = basin_chain_params(l->chain);
    memcpy(here, w, basin_chain_describe(l->chain)->n_params * sizeof *w);
    for (int32_t k = 0; k < n; k++)
        here[index[k]] += step * v[k];
    basin_chain_trainer_loss(l->t, out);
}

static void check_products(learner *l, uint64_t seed)
{
    double w[MOST], v[MOST], got[MOST], above[MOST], below[MOST];
    int32_t index[MOST], n = 0;
    const size_t all = basin_chain_describe(l->chain)->n_params;
    small_weights(l->chain, seed, .7);
    memcpy(w, basin_chain_params(l->chain), all * sizeof *w);
    for (size_t i = 0; i < all; i++) {
        w[i] = i % 3 == 1 ? 0 : w[i];
        if (w[i] != 0 || i % 4 == 1) /* some that are 0 are looked at too */
            index[n++] = (int32_t)i;
    }
    for (int32_t k = 0; k < n; k++)
        v[k] = basin_random_normal(
            (basin_random_key){seed, BASIN_STREAM_TEST, 9}, (uint64_t)k);
    basin__chain_curvature *c = NULL;
    assert_true(basin__chain_curvature_serves(&l->t->objective));
    MUST(basin__chain_curvature_create(&c, &l->t->objective, &error));
    slope_at(l, w, index, 0, v, 0, got);
    MUST(basin__chain_curvature_take(c, index, n, 0, &error));
    basin__chain_curvature_times(c, v, got);
    const double h = 1e-5;
    slope_at(l, w, index, n, v, h, above);
    slope_at(l, w, index, n, v, -h, below);
    double size = 0;
    for (int32_t k = 0; k < n; k++) {
        const double want = (above[index[k]] - below[index[k]]) / (2 * h);
        assert_near(got[k], want, 1e-7 * (1 + fabs(want)));
        size += fabs(want);
    }
    assert_true(size > .1);
    basin__chain_curvature_destroy(c);
}

static void products_are_differences_of_gradients(void **state)
{
    (void)state;
    static const float weight[SMALL_N] = {1, 2, 1, 0, 1, .5F};
    for (int kind = 0; kind < 8; kind++) {
        basin_chain_train_def def = basin_chain_train_default();
        def.beta = kind & 1 ? .6 : 1;
        def.weight = kind & 2 ? weight : NULL;
        learner l;
        open_learner(&l, ctx, 3 + (uint64_t)kind, kind & 4, kind == 3, &def);
        check_products(&l, 20 + (uint64_t)kind);
        close_learner(&l);
    }
}

static double inner(const double *a, const double *b, int32_t n)
{
    double sum = 0;
    for (int32_t k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

/* Without unlikely labels it is the Hessian of a chain, too: symmetric, and
 * nowhere below 0; and near the other. */
static void unlikely_labels_can_be_left_out(void **state)
{
    (void)state;
    int differ = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        const basin_chain_train_def def = basin_chain_train_default();
        learner l;
        open_learner(&l, ctx, seed, false, true, &def);
        small_weights(l.chain, seed, 2.5);
        const int32_t n = (int32_t)basin_chain_describe(l.chain)->n_params;
        int32_t index[MOST];
        double u[MOST], v[MOST], exact[MOST], hu[MOST], hv[MOST];
        for (int32_t i = 0; i < n; i++) {
            const basin_random_key key = {seed, BASIN_STREAM_TEST, 10};
            index[i] = i;
            u[i] = basin_random_normal(key, (uint64_t)(2 * i));
            v[i] = basin_random_normal(key, (uint64_t)(2 * i + 1));
        }
        basin__chain_curvature *c = NULL;
        MUST(basin__chain_curvature_create(&c, &l.t->objective, &error));
        MUST(basin__chain_curvature_take(c, index, n, 0, &error));
        basin__chain_curvature_times(c, v, exact);
        MUST(basin__chain_curvature_take(c, index, n, 1e-3, &error));
        basin__chain_curvature_times(c, v, hv);
        basin__chain_curvature_times(c, u, hu);
        const double size = inner(v, exact, n);
        assert_true(size > .1);
        assert_near(inner(v, hv, n), size, .02 * size);
        assert_near(inner(u, hv, n), inner(v, hu, n), 1e-12 * size);
        for (int32_t i = 0; i < n; i++)
            differ += fabs(hv[i] - exact[i]) > 1e-9;
        basin__chain_curvature_destroy(c);
        close_learner(&l);
    }
    assert_true(differ > 0);
}

/* Where no feature comes twice in a sequence the diagonal is exact. */
static void the_diagonal_is_the_hessians(void **state)
{
    (void)state;
    const basin_chain_train_def def = basin_chain_train_default();
    learner l;
    small_fill(&l.d, 5, 3, true);
    l.d.s.n = 2; /* of one position and of two */
    l.d.s.positions = 3;
    for (int t = 0; t <= 3; t++) {
        l.d.node_start[t] = t;
        l.d.node_id[t] = t;
        l.d.edge_start[t] = t > 2;
    }
    l.d.edge_id[0] = 1;
    basin_chain_def cdef = basin_chain_default();
    cdef.all = true;
    MUST(basin_chain_create(&l.chain, ctx, &l.d.s, &cdef, &error));
    MUST(basin_chain_trainer_create(&l.t, l.chain, NULL, &l.d.s, &def, &error));
    small_weights(l.chain, 5, 1);
    const int32_t n = (int32_t)basin_chain_describe(l.chain)->n_params;
    int32_t index[MOST];
    for (int32_t i = 0; i < n; i++)
        index[i] = i;
    basin__chain_curvature *c = NULL;
    MUST(basin__chain_curvature_create(&c, &l.t->objective, &error));
    MUST(basin__chain_curvature_take(c, index, n, 0, &error));
    const double *diagonal = basin__chain_curvature_diagonal(c);
    int positive = 0;
    for (int32_t i = 0; i < n; i++) {
        double v[MOST] = {0}, out[MOST];
        v[i] = 1;
        basin__chain_curvature_times(c, v, out);
        assert_near(diagonal[i], out[i], 1e-12);
        positive += out[i] > 1e-6;
    }
    assert_true(positive > 20);
    basin__chain_curvature_destroy(c);
    close_learner(&l);
}

/* -------------------------------------------------------------- quadratics */

enum { SIZE = 30 };

typedef struct square {
    double m[SIZE][SIZE];
} square;

static void times(void *user, const double *v, double *out)
{
    const square *s = user;
    for (int i = 0; i < SIZE; i++) {
        out[i] = 0;
        for (int j = 0; j < SIZE; j++)
            out[i] += s->m[i][j] * v[j];
    }
}

/* H = sum of a a' over vectors a, some of whose numbers are copies. */
static void fill_quadratic(basin__l1_quadratic *q, square *s, uint64_t seed)
{
    const basin_random_key key = {seed, BASIN_STREAM_TEST, 11};
    uint64_t at = 0;
    memset(s, 0, sizeof *s);
    for (int k = 0; k < SIZE - 8; k++) {
        double a[SIZE];
        for (int i = 0; i < SIZE; i++)
            a[i] = i % 9 == 8 ? a[i - 1] : basin_random_normal(key, at++);
        for (int i = 0; i < SIZE; i++)
            for (int j = 0; j < SIZE; j++)
                s->m[i][j] += a[i] * a[j];
    }
    for (int i = 0; i < SIZE; i++) {
        q->w[i] = i % 2 ? 0 : basin_random_normal(key, at++);
        q->d[i] = basin_random_normal(key, at++);
        q->scale[i] = s->m[i][i];
    }
    times(s, q->d, q->g); /* so that there is a minimum */
}

/* The least value, by walking over single numbers many times. */
static double by_coordinates(basin__l1_quadratic *q, const square *s)
{
    double u[SIZE], slope[SIZE];
    for (int i = 0; i < SIZE; i++) {
        u[i] = q->w[i];
        slope[i] = q->g[i];
    }
    for (int k = 0; k < 20000; k++)
        for (int i = 0; i < SIZE; i++) {
            const double h = s->m[i][i], to = u[i] - slope[i] / h;
            const double least = fmax(0, fabs(to) - q->c1 / h);
            const double move = copysign(least, to) - u[i];
            u[i] += move;
            for (int j = 0; j < SIZE; j++)
                slope[j] += s->m[j][i] * move;
        }
    for (int i = 0; i < SIZE; i++)
        q->d[i] = u[i] - q->w[i];
    times((void *)(uintptr_t)s, q->d, q->hd);
    return basin__l1_value(q);
}

static void quadratics_find_their_minimum(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        static square s;
        basin__l1_quadratic q;
        basin__l1_init(&q, ctx, times, &s);
        q.c1 = seed % 2 ? 1 : 3;
        MUST(basin__l1_reserve(&q, SIZE, &error));
        fill_quadratic(&q, &s, seed);
        const double want = by_coordinates(&q, &s);
        const double size = basin__l1_start(&q);
        assert_true(want < -1e-3 && size > 1);

        basin__l1_active(&q, 1e-9 * size, 100000);
        assert_true(basin__l1_slope(&q) <= 1e-9 * size);
        assert_near(basin__l1_value(&q), want, 1e-7 * fabs(want));
        basin__l1_finish(&q);
    }
}

/* ------------------------------------------------------------- the minimum */

static basin_chain_train_def sharp(double c1, double c2)
{
    basin_chain_train_def def = basin_chain_train_default();
    def.c1 = c1;
    def.c2 = c2;
    def.delta = 0;
    def.tolerance = 1e-8;
    def.iterations = 20000;
    return def;
}

static void both_methods_end_at_one_minimum(void **state)
{
    (void)state;
    static const double c[][2] = {{.3, 0}, {.05, 0}, {.2, .1}, {1.5, 0}};
    for (size_t i = 0; i < COUNT(c); i++)
        for (int edges = 0; edges < 2; edges++) {
            double objective[2];
            int iterations[2];
            for (int newton = 0; newton < 2; newton++) {
                const basin_chain_train_def def = sharp(c[i][0], c[i][1]);
                learner l;
                open_learner(&l, ctx, 7, edges, false, &def);
                assert_non_null(l.t->newton);
                if (!newton) {
                    basin__chain_newton_destroy(l.t->newton);
                    l.t->newton = NULL;
                }
                MUST(basin_chain_trainer_run(l.t, &error));
                const basin_chain_progress *p =
                    basin_chain_trainer_progress(l.t);
                objective[newton] = p->objective;
                iterations[newton] = p->iteration;
                if (newton) {
                    assert_true(l.t->nearly && p->residual <= 1e-8);
                    assert_near(small_residual(l.t, l.chain, c[i][0], c[i][1]),
                        p->residual, 1e-9);
                }
                close_learner(&l);
            }
            assert_near(objective[1], objective[0], 1e-7 * objective[0]);
            assert_true(objective[1] <= objective[0] * (1 + 1e-12));
            assert_true(iterations[1] < iterations[0]);
        }
}

/* A pulse that stops leaves W where the last iteration had brought it. */
typedef struct counting {
    int iterations, pulses;
} counting;

static bool count_iteration(void *user, const basin_chain_progress *p)
{
    ((counting *)user)->iterations = p->iteration;
    return true;
}

static bool count_pulse(void *user)
{
    return ++((counting *)user)->pulses < 4;
}

static void a_pulse_stops_within_an_iteration(void **state)
{
    (void)state;
    counting counts = {0};
    basin_chain_train_def def = sharp(.3, 0);
    def.watch = count_iteration;
    def.pulse = count_pulse;
    def.user = &counts;
    learner l;
    open_learner(&l, ctx, 7, 0, false, &def);
    assert_int_equal(basin_chain_trainer_run(l.t, &error), BASIN_E_STOPPED);
    assert_non_null(strstr(error.message, "stopped within iteration"));
    const basin_chain_progress *p = basin_chain_trainer_progress(l.t);
    assert_int_equal(counts.pulses, 4);
    assert_int_equal(counts.iterations, p->iteration);
    assert_near(small_residual(l.t, l.chain, .3, 0), p->residual, 1e-9);

    /* the same number of iterations without a pulse is at the same W */
    double w[MOST];
    const size_t n = basin_chain_describe(l.chain)->n_params;
    memcpy(w, basin_chain_params(l.chain), n * sizeof *w);
    def.iterations = p->iteration;
    close_learner(&l);
    def.pulse = NULL;
    open_learner(&l, ctx, 7, 0, false, &def);
    MUST(basin_chain_trainer_run(l.t, &error));
    assert_memory_equal(w, basin_chain_params(l.chain), n * sizeof *w);
    close_learner(&l);
}

/* Losses that are not convex, or have kinks, do without. */
static void other_losses_do_without(void **state)
{
    (void)state;
    static const char *const losses[] = {"mee", "margin-rescaling", "hinge"};
    const basin_chain_train_def def = sharp(.3, 0);
    small d;
    small_fill(&d, 3, 3, false);
    for (size_t i = 0; i < COUNT(losses); i++) {
        basin_chain *chain = NULL;
        basin_loss *loss = NULL;
        basin_chain_trainer *t = NULL;
        MUST(basin_chain_create(&chain, ctx, &d.s, NULL, &error));
        MUST(basin_loss_create(&loss, ctx, losses[i], NULL, 0, &error));
        MUST(basin_chain_trainer_create(&t, chain, loss, &d.s, &def, &error));
        assert_null(t->newton);
        basin_chain_trainer_destroy(t);
        basin_loss_destroy(loss);
        basin_chain_destroy(chain);
    }
}

static uint64_t trained(int threads, const char *backend)
{
    basin_context *own = core_context(NULL, threads, backend);
    const basin_chain_train_def def = sharp(.05, 0);
    learner l;
    open_learner(&l, own, 9, true, false, &def);
    MUST(basin_chain_trainer_run(l.t, &error));
    assert_true(l.t->nearly);
    const uint64_t bits = core_hash(CORE_HASH, basin_chain_params(l.chain),
        basin_chain_describe(l.chain)->n_params * sizeof(double));
    close_learner(&l);
    basin_context_destroy(own);
    return bits;
}

static void same_bits(void **state)
{
    (void)state;
    core_same_bits(trained);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_are_differences_of_gradients),
        cmocka_unit_test(unlikely_labels_can_be_left_out),
        cmocka_unit_test(the_diagonal_is_the_hessians),
        cmocka_unit_test(quadratics_find_their_minimum),
        cmocka_unit_test(both_methods_end_at_one_minimum),
        cmocka_unit_test(a_pulse_stops_within_an_iteration),
        cmocka_unit_test(other_losses_do_without),
        cmocka_unit_test(same_bits),
    };
    return cmocka_run_group_tests(tests, open_context, close_context);
}
