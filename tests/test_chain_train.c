/* SPDX-License-Identifier: MIT
 *
 * Learning chains: the gradient of every loss in float64, the minimum that
 * L-BFGS finds and its certificate, and the same bits for any threads.
 */
#define CORE_THREADS 1
#include "test_chain.h"
#include "test_context.h"

#include "basin/chain_train.h"

typedef struct learner {
    small d;
    basin_chain *chain;
    basin_loss *loss;
    basin_chain_trainer *t;
} learner;

static basin_status open_learner(learner *l, basin_context *own,
    const char *loss, uint64_t seed, bool edges, bool nonnegative,
    const basin_chain_train_def *def)
{
    *l = (learner){0};
    small_fill(&l->d, seed, 3, edges);
    basin_chain_def cdef = basin_chain_default();
    cdef.nonnegative = nonnegative;
    MUST(basin_chain_create(&l->chain, own, &l->d.s, &cdef, &error));
    if (loss)
        MUST(basin_loss_create(&l->loss, own, loss, NULL, 0, &error));
    return basin_chain_trainer_create(
        &l->t, l->chain, l->loss, &l->d.s, def, &error);
}

static void close_learner(learner *l)
{
    basin_chain_trainer_destroy(l->t);
    basin_loss_destroy(l->loss);
    basin_chain_destroy(l->chain);
}

/* --------------------------------------------------------------- gradients */

/* @return how many derivatives were compared */
static int check_gradient(learner *l)
{
    double gradient[512], *w = basin_chain_params(l->chain);
    const size_t n = basin_chain_describe(l->chain)->n_params;
    const double h = 1e-5;
    assert_true(n <= COUNT(gradient));
    const double here = basin_chain_trainer_loss(l->t, gradient);
    assert_true(here == basin_chain_trainer_loss(l->t, NULL));
    int checked = 0;
    for (size_t i = 0; i < n; i++) {
        const double kept = w[i];
        w[i] = kept + h;
        const double above = basin_chain_trainer_loss(l->t, NULL);
        w[i] = kept - h;
        const double below = basin_chain_trainer_loss(l->t, NULL);
        w[i] = kept;
        if (fabs(above - 2 * here + below) > 1e-6 * (1 + fabs(here)))
            continue; /* a kink */
        assert_near(gradient[i], (above - below) / (2 * h),
            1e-6 * (1 + fabs(gradient[i])));
        checked++;
    }
    return checked;
}

static void gradients_of_every_loss(void **state)
{
    (void)state;
    const basin_chain_train_def def = basin_chain_train_default();
    const basin_part *part;
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_LOSS, i)); i++) {
        int checked = 0;
        for (int kind = 0; kind < 4; kind++) {
            learner l;
            const basin_status status =
                open_learner(&l, ctx, part->name, 3, kind & 1, kind & 2, &def);
            assert_true(status == BASIN_OK || status == BASIN_E_SERVE);
            if (status == BASIN_OK) {
                small_weights(l.chain, 3, .8);
                checked += check_gradient(&l);
            }
            close_learner(&l);
        }
        if (checked < 20)
            fail_msg("%s: %d derivatives", part->name, checked);
    }
}

/* Where the right labellings have nearly all of the probability, so that the
 * others are a difference of two numbers that are nearly one; and where theirs
 * is below every float64. */
static void gradients_of_the_others(void **state)
{
    (void)state;
    const basin_chain_train_def def = basin_chain_train_default();
    static const double sizes[] = {4, 12, 200};
    for (int kind = 0; kind < 2 * COUNT(sizes); kind++) {
        learner l;
        MUST(open_learner(
            &l, ctx, "contrastive-free-energy", 3, kind & 1, false, &def));
        small_weights(l.chain, 3, sizes[kind / 2]);
        assert_true(check_gradient(&l) > 10);
        close_learner(&l);
    }
}

/* ----------------------------------------------------------------- minimum */

static void the_minimum_is_one(void **state)
{
    (void)state;
    static const double c[][2] = {{0, 1}, {0, .01}, {.3, 0}, {.2, .1}};
    for (int edges = 0; edges < 2; edges++)
        for (int i = 0; i < COUNT(c); i++) {
            basin_chain_train_def def = basin_chain_train_default();
            def.c1 = c[i][0];
            def.c2 = c[i][1];
            def.delta = 0;
            learner l;
            assert_int_equal(
                open_learner(&l, ctx, NULL, 5, edges, false, &def), BASIN_OK);
            MUST(basin_chain_trainer_run(l.t, &error));
            const basin_chain_progress *p = basin_chain_trainer_progress(l.t);
            assert_true(p->residual <= 1e-5);
            assert_near(small_residual(l.t, l.chain, c[i][0], c[i][1]),
                p->residual, 1e-9);
            /* what is reported is the sum of what it is made of */
            const double *w = basin_chain_params(l.chain);
            double sum = basin_chain_trainer_loss(l.t, NULL);
            int64_t active = 0;
            for (size_t k = 0; k < basin_chain_describe(l.chain)->n_params;
                 k++) {
                sum += c[i][0] * fabs(w[k]) + c[i][1] * w[k] * w[k];
                active += w[k] != 0;
            }
            assert_near(p->objective, sum, 1e-9 * sum);
            assert_int_equal(p->active, active);
            const int64_t all =
                (int64_t)basin_chain_describe(l.chain)->n_params;
            assert_true(c[i][0] > 0 ? active < all : active == all);
            close_learner(&l);
        }
}

/* A sequence of weight 2 counts like two of it. */
static void sequences_have_weights(void **state)
{
    (void)state;
    static const float weight[SMALL_N] = {1, 2, 1, 0, 1, .5F};
    basin_chain_train_def def = basin_chain_train_default();
    double g[2][512] = {{0}}, value[2], want[512] = {0}, sum = 0;
    for (int i = -1; i < SMALL_N; i++) {
        learner l;
        float one[SMALL_N] = {0};
        def.weight = i < 0 ? weight : one;
        if (i >= 0)
            one[i] = 1;
        assert_int_equal(
            open_learner(&l, ctx, NULL, 6, true, false, &def), BASIN_OK);
        small_weights(l.chain, 6, 1);
        const size_t n = basin_chain_describe(l.chain)->n_params;
        value[i >= 0] = basin_chain_trainer_loss(l.t, g[i >= 0]);
        if (i >= 0)
            sum += (double)weight[i] * value[1];
        for (size_t k = 0; i >= 0 && k < n; k++)
            want[k] += (double)weight[i] * g[1][k];
        close_learner(&l);
    }
    assert_near(value[0], sum, 1e-9);
    for (int k = 0; k < 20; k++)
        assert_near(g[0][k], want[k], 1e-9);
}

static bool stop_after_three(void *user, const basin_chain_progress *progress)
{
    ++*(int *)user;
    return progress->iteration != 3;
}

static void the_watcher_stops(void **state)
{
    (void)state;
    int calls = 0;
    basin_chain_train_def def = basin_chain_train_default();
    def.watch = stop_after_three;
    def.user = &calls;
    learner l;
    assert_int_equal(
        open_learner(&l, ctx, NULL, 2, false, false, &def), BASIN_OK);
    MUST_FAIL(basin_chain_trainer_run(l.t, &error), BASIN_E_STOPPED,
        "after iteration 3 of 1000");
    assert_int_equal(calls, 3);
    close_learner(&l);
}

/* ------------------------------------------------------------------- starts
 */

typedef struct watched {
    int starting, after;
} watched;

static bool count_starting(void *user, const basin_chain_progress *progress)
{
    watched *w = user;
    if (progress->starting)
        assert_int_equal(w->after, 0);
    *(progress->starting ? &w->starting : &w->after) += 1;
    return true;
}

enum { START_MOST = 512 };

/* Train by one loss after another, each from where the last ended. */
static watched train_by(const char *const *losses, int n,
    basin_chain_algorithm algorithm, double *w, basin_chain_progress *last)
{
    watched seen = {0};
    basin_chain_train_def def = basin_chain_train_default();
    def.algorithm = algorithm;
    def.c2 = .1;
    def.iterations = 25;
    def.start_epochs = 0;
    def.watch = count_starting;
    def.user = &seen;
    learner l = {0};
    for (int i = 0; i < n; i++) {
        MUST(open_learner(&l, ctx, losses[i], 4, true, false, &def));
        if (i > 0)
            memcpy(basin_chain_params(l.chain), w,
                basin_chain_describe(l.chain)->n_params * sizeof *w);
        basin_chain_changed(l.chain);
        MUST(basin_chain_trainer_run(l.t, &error));
        *last = *basin_chain_trainer_progress(l.t);
        const size_t n_params = basin_chain_describe(l.chain)->n_params;
        assert_true(n_params <= START_MOST);
        memcpy(w, basin_chain_params(l.chain), n_params * sizeof *w);
        close_learner(&l);
    }
    return seen;
}

/* What finds no way down from W = 0 ends where one ends who trains by the
 * likelihood first, to the same bits, and says when it is at that. */
static void losses_find_a_start(void **state)
{
    (void)state;
    static const struct {
        const char *loss;
        basin_chain_algorithm algorithm;
    } rows[] = {{"lvq2", BASIN_CHAIN_LBFGS}, {"perceptron", BASIN_CHAIN_LBFGS},
        {"lvq2", BASIN_CHAIN_SGD}, {"lvq2", BASIN_CHAIN_OPTIMISER}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const both[] = {"nll", rows[i].loss};
        double one[START_MOST] = {0}, two[START_MOST] = {0};
        basin_chain_progress last[2];
        const watched alone =
            train_by(both + 1, 1, rows[i].algorithm, one, &last[0]);
        const watched by_hand =
            train_by(both, 2, rows[i].algorithm, two, &last[1]);
        assert_true(alone.starting > 0 && by_hand.starting == 0);
        assert_int_equal(alone.starting + alone.after, by_hand.after);
        assert_memory_equal(one, two, sizeof one);
        assert_false(last[0].starting);
        assert_true(last[0].iteration == last[1].iteration &&
                    last[0].objective == last[1].objective);
    }
    /* one that finds its way needs none */
    const char *const easy = "margin-rescaling";
    double w[START_MOST];
    basin_chain_progress last;
    assert_int_equal(train_by(&easy, 1, BASIN_CHAIN_SGD, w, &last).starting, 0);
}

/* What SGD leaves, L-BFGS brings to the one minimum, in fewer iterations; and
 * where the rate makes it useless, it is as if it had not been. */
static void sgd_goes_before(void **state)
{
    (void)state;
    static const struct {
        int epochs;
        double rate, from;
        int starting;
    } rows[] = {{0, .1, 0, 0}, {5, .1, 0, 5}, {5, 4, 0, 5}, {5, .1, .25, 0}};
    basin_chain_progress last[4];
    double w[4][START_MOST];
    for (int i = 0; i < 4; i++) {
        watched seen = {0};
        basin_chain_train_def def = basin_chain_train_default();
        def.c2 = .1;
        def.delta = 0;
        def.start_epochs = rows[i].epochs;
        def.rate = rows[i].rate;
        def.watch = count_starting;
        def.user = &seen;
        learner l;
        MUST(open_learner(&l, ctx, "nll", 4, true, false, &def));
        const size_t n = basin_chain_describe(l.chain)->n_params;
        basin_chain_params(l.chain)[1] = rows[i].from; /* after the trainer */
        basin_chain_changed(l.chain);
        MUST(basin_chain_trainer_run(l.t, &error));
        last[i] = *basin_chain_trainer_progress(l.t);
        memcpy(w[i], basin_chain_params(l.chain), n * sizeof(double));
        assert_true(last[i].algorithm == BASIN_CHAIN_LBFGS);
        assert_int_equal(seen.starting, rows[i].starting);
        assert_int_equal(seen.after, last[i].iteration);
        assert_near(
            last[i].objective, last[0].objective, 1e-8 * last[0].objective);
        if (i == 2) /* and to the same bits */
            assert_memory_equal(w[2], w[0], n * sizeof(double));
        close_learner(&l);
    }
    assert_true(last[1].iteration < last[0].iteration);
}

/* ------------------------------------------------------------ by sequences */

enum { PARAMS = 128 };

/* What a labelling has of each feature: E at unit weights. */
static void features_of(const learner *l, int i, const int32_t *y, double *phi)
{
    double *w = basin_chain_params(l->chain);
    const size_t n = basin_chain_describe(l->chain)->n_params;
    for (size_t k = 0; k < n; k++) {
        const double kept = w[k];
        w[k] = 1;
        phi[k] = -basin_chain_energy(l->chain, &l->d.s, i, y);
        w[k] = kept;
    }
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += a[k] * b[k];
    return sum;
}

/* The best labelling by trying all, in the order in which Viterbi prefers
 * equals; its features to `phi`. @return errors */
static int best_of_all(
    const learner *l, int i, const double *w, size_t n, double *phi)
{
    const int length = small_length(&l->d, i);
    int32_t y[SMALL_T] = {0}, best[SMALL_T] = {0};
    double most = -INFINITY, here[PARAMS];
    do {
        features_of(l, i, y, here);
        const double score = dot(here, w, n);
        if (score > most + 1e-12) {
            most = score;
            memcpy(best, y, sizeof y);
        }
    } while (small_next(y, length, 3));
    features_of(l, i, best, phi);
    return small_errors(best, l->d.label + l->d.start[i], length);
}

/* The algorithms as their papers have them, without any economy. */
static void reference(
    const learner *l, basin_chain_algorithm algorithm, int epochs, double *out)
{
    const size_t n = basin_chain_describe(l->chain)->n_params;
    double w[PARAMS] = {0}, sum[PARAMS] = {0}, variance[PARAMS];
    double right[PARAMS], found[PARAMS];
    int seen = 1; /* W = 0 counts once */
    for (size_t k = 0; k < n; k++)
        variance[k] = 1;
    for (int e = 0; e < epochs; e++) {
        int32_t order[SMALL_N];
        basin_random_shuffle(
            (basin_random_key){1, BASIN_STREAM_SHUFFLE, (uint64_t)e}, order,
            SMALL_N);
        for (int b = 0; b < SMALL_N; b++, seen++) {
            const int i = order[b];
            const int errors = best_of_all(l, i, w, n, found);
            features_of(l, i, l->d.label + l->d.start[i], right);
            double norm = 0, norm_v = 0;
            for (size_t k = 0; k < n; k++) {
                right[k] -= found[k];
                norm += right[k] * right[k];
                norm_v += right[k] * right[k] * variance[k];
            }
            const double over = -dot(right, w, n);
            const double pa = fmin(1, (over + sqrt(errors)) / norm);
            const double arow = (over + errors) / (1 + norm_v);
            for (size_t k = 0; errors && k < n; k++)
                if (algorithm == BASIN_CHAIN_AROW) {
                    w[k] += arow * variance[k] * right[k];
                    variance[k] = 1 / (1 / variance[k] + right[k] * right[k]);
                } else {
                    w[k] += (algorithm == BASIN_CHAIN_PA ? pa : 1) * right[k];
                }
            for (size_t k = 0; k < n; k++)
                sum[k] += w[k];
        }
    }
    for (size_t k = 0; k < n; k++)
        out[k] = algorithm == BASIN_CHAIN_AROW ? w[k] : sum[k] / seen;
}

static void online_algorithms(void **state)
{
    (void)state;
    for (int algorithm = BASIN_CHAIN_PERCEPTRON; algorithm <= BASIN_CHAIN_AROW;
         algorithm++)
        for (uint64_t seed = 1; seed <= 3; seed++) {
            basin_chain_train_def def = basin_chain_train_default();
            def.algorithm = (basin_chain_algorithm)algorithm;
            def.iterations = 3;
            learner l;
            double want[PARAMS];
            assert_int_equal(
                open_learner(&l, ctx, NULL, seed, seed == 2, false, &def),
                BASIN_OK);
            const size_t n = basin_chain_describe(l.chain)->n_params;
            assert_true(n <= PARAMS);
            MUST(basin_chain_trainer_run(l.t, &error));
            double learnt[PARAMS];
            memcpy(learnt, basin_chain_params(l.chain), n * sizeof *learnt);
            memset(basin_chain_params(l.chain), 0, n * sizeof *learnt);
            reference(&l, def.algorithm,
                basin_chain_trainer_progress(l.t)->iteration, want);
            for (size_t k = 0; k < n; k++)
                assert_near(learnt[k], want[k], 1e-9);
            close_learner(&l);
        }
}

/* c2 |W|^2 + sum of max over all labellings of Hamming - W . psi. */
static double hinge_objective(learner *l, const double *w, double c2)
{
    const size_t n = basin_chain_describe(l->chain)->n_params;
    memcpy(basin_chain_params(l->chain), w, n * sizeof *w);
    basin_chain_changed(l->chain);
    double sum = c2 * dot(w, w, n);
    for (int i = 0; i < l->d.s.n; i++) {
        const int length = small_length(&l->d, i);
        const int32_t *right = l->d.label + l->d.start[i];
        const double e = basin_chain_energy(l->chain, &l->d.s, i, right);
        int32_t y[16] = {0};
        double worst = 0;
        do
            worst =
                fmax(worst, small_errors(right, y, length) + e -
                                basin_chain_energy(l->chain, &l->d.s, i, y));
        while (small_next(y, length, l->d.s.n_labels));
        sum += worst;
    }
    return sum;
}

/* No W of many near and far is better than the bound; the objective is what
 * enumeration says. */
static void frank_wolfe_has_a_certificate(void **state)
{
    (void)state;
    basin_chain_train_def def = basin_chain_train_default();
    def.algorithm = BASIN_CHAIN_BCFW;
    def.tolerance = 1e-3;
    def.iterations = 20000;
    def.c2 = 0.2;
    for (int edges = 0; edges < 2; edges++) {
        learner l;
        MUST(open_learner(&l, ctx, NULL, 3, edges, false, &def));
        MUST(basin_chain_trainer_run(l.t, &error));
        const basin_chain_progress p = *basin_chain_trainer_progress(l.t);
        const size_t n = basin_chain_describe(l.chain)->n_params;
        double w[256], other[256];
        assert_true(n <= 256);
        memcpy(w, basin_chain_params(l.chain), n * sizeof *w);
        assert_true(p.gap >= -1e-9 && p.gap <= 1e-3 * p.objective);
        const double objective = hinge_objective(&l, w, def.c2);
        assert_true(fabs(objective - p.objective) < 1e-9 * objective);
        int at = 0;
        for (int trial = 0; trial < 300; trial++) {
            const double size = pow(10, -(trial % 5));
            for (size_t i = 0; i < n; i++)
                other[i] = w[i] + size * (small_draw(5, &at) - .5);
            assert_true(
                hinge_objective(&l, other, def.c2) >= objective - p.gap - 1e-9);
        }
        /* at W = 0 every labelling is as good: the sum of all lengths */
        memset(other, 0, sizeof other);
        assert_true(fabs(hinge_objective(&l, other, def.c2) -
                         (double)l.d.s.positions) < 1e-12);
        assert_true(objective < (double)l.d.s.positions);
        close_learner(&l);
    }
    learner l;
    def.c2 = 0;
    MUST_FAIL(open_learner(&l, ctx, NULL, 3, false, false, &def), BASIN_E_SERVE,
        "c2 > 0");
    close_learner(&l);
}

/* SGD comes near the minimum, for a loss of sums and one of paths. */
static void sgd_comes_near(void **state)
{
    (void)state;
    static const char *const losses[] = {"nll", "margin-rescaling"};
    for (int i = 0; i < 2; i++)
        for (int edges = 0; edges < 2; edges++) {
            double objective[2];
            for (int sgd = 0; sgd < 2; sgd++) {
                basin_chain_train_def def = basin_chain_train_default();
                def.algorithm = sgd ? BASIN_CHAIN_SGD : BASIN_CHAIN_LBFGS;
                def.iterations = sgd ? 3000 : 0;
                def.c2 = .2;
                learner l;
                assert_int_equal(
                    open_learner(&l, ctx, losses[i], 4, edges, false, &def),
                    BASIN_OK);
                MUST(basin_chain_trainer_run(l.t, &error));
                objective[sgd] = basin_chain_trainer_progress(l.t)->objective;
                close_learner(&l);
            }
            assert_true(objective[1] < 1.02 * objective[0]);
            if (i == 0) /* the other has kinks, where L-BFGS may get stuck */
                assert_true(objective[1] >= objective[0] - 1e-6);
        }
}

/* -------------------------------------------------------------------- bits */

static uint64_t trained(
    int threads, const char *backend, double c1, const char *loss)
{
    basin_context *own = core_context(NULL, threads, backend);
    basin_chain_train_def def = basin_chain_train_default();
    def.c1 = c1;
    def.iterations = 12;
    learner l;
    assert_int_equal(
        open_learner(&l, own, loss, 9, true, false, &def), BASIN_OK);
    MUST(basin_chain_trainer_run(l.t, &error));
    const uint64_t bits = core_hash(CORE_HASH, basin_chain_params(l.chain),
        basin_chain_describe(l.chain)->n_params * sizeof(double));
    close_learner(&l);
    basin_context_destroy(own);
    return bits;
}

static void same_bits(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        const char *loss = i == 2 ? "contrastive-free-energy" : NULL;
        const double c1 = i == 1 ? .1 : 0;
        const uint64_t right = trained(1, "portable", c1, loss);
        for (int b = 0; basin_backend_at(b); b++)
            for (int threads = 1; threads <= 8; threads = threads * 2 + 1)
                assert_true(trained(threads, basin_backend_at(b)->name, c1,
                                loss) == right);
    }
}

/* ---------------------------------------------------------------- refusals */

static void wrong_settings_are_named(void **state)
{
    (void)state;
    learner l;
    for (int i = 0; i < 6; i++) {
        basin_chain_train_def def = basin_chain_train_default();
        static const char *const words[] = {
            "c1", "c2", "memory", "beta", "cookie", "c1"};
        switch (i) {
        case 0: def.c1 = -1; break;
        case 1: def.c2 = (double)NAN; break;
        case 2: def.memory = 65; break;
        case 3: def.beta = 0; break;
        case 4: def.cookie = 0; break;
        default: def.c1 = 1, def.algorithm = BASIN_CHAIN_SGD; break;
        }
        error = (basin_error){0};
        assert_int_not_equal(
            open_learner(&l, ctx, NULL, 1, false, false, &def), BASIN_OK);
        if (i != 4)
            assert_non_null(strstr(error.message, words[i]));
        close_learner(&l);
    }
    const basin_chain_train_def def = basin_chain_train_default();
    assert_int_equal(
        open_learner(&l, ctx, "square-square", 1, false, false, &def),
        BASIN_E_SERVE);
    assert_non_null(strstr(error.message, "square-square"));
    close_learner(&l);
    assert_int_equal(
        open_learner(&l, ctx, NULL, 1, false, false, &def), BASIN_OK);
    l.d.label[1] = -1;
    basin_chain_trainer *t = NULL;
    MUST_FAIL(
        basin_chain_trainer_create(&t, l.chain, NULL, &l.d.s, &def, &error),
        BASIN_E_RANGE, "a label of sequence 1 is not known");
    l.d.s.n = 0;
    MUST_FAIL(
        basin_chain_trainer_create(&t, l.chain, NULL, &l.d.s, &def, &error),
        BASIN_E_RANGE, "no sequence");
    close_learner(&l);
}

/* Every allocation may fail: a clean status, and nothing is lost. */
static void memory_runs_out(void **state)
{
    (void)state;
    core_memory counted = {0};
    basin_context *own = core_context(&counted, 1, NULL);
    const size_t before = counted.live;
    basin_chain_train_def def = basin_chain_train_default();
    def.iterations = 3;
    small d;
    small_fill(&d, 4, 3, true);
    bool done = false;
    for (int n = 1; !done; n++) {
        basin_chain *chain = NULL;
        basin_chain_trainer *t = NULL;
        counted.fail_at = counted.asked + n;
        basin_status status =
            basin_chain_create(&chain, own, &d.s, NULL, &error);
        if (status == BASIN_OK)
            status =
                basin_chain_trainer_create(&t, chain, NULL, &d.s, &def, &error);
        if (status == BASIN_OK) {
            counted.fail_at = counted.asked + 1; /* a run allocates nothing */
            MUST(basin_chain_trainer_run(t, &error));
            done = true;
        } else {
            assert_int_equal(status, BASIN_E_MEMORY);
        }
        counted.fail_at = 0;
        basin_chain_trainer_destroy(t);
        basin_chain_destroy(chain);
        assert_int_equal(counted.live, before);
    }
    basin_context_destroy(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_of_every_loss),
        cmocka_unit_test(gradients_of_the_others),
        cmocka_unit_test(the_minimum_is_one),
        cmocka_unit_test(sequences_have_weights),
        cmocka_unit_test(the_watcher_stops),
        cmocka_unit_test(losses_find_a_start),
        cmocka_unit_test(sgd_goes_before),
        cmocka_unit_test(online_algorithms),
        cmocka_unit_test(frank_wolfe_has_a_certificate),
        cmocka_unit_test(sgd_comes_near),
        cmocka_unit_test(same_bits),
        cmocka_unit_test(wrong_settings_are_named),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, open_context, close_context);
}
