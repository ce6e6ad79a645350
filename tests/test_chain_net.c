/* SPDX-License-Identifier: MIT
 *
 * Chains with a net at each position: answers against enumeration, gradients
 * in batches against differences, the same bits for any threads, and what a
 * net can learn that features cannot. (The product with every loss is in
 * test_chain.c.)
 */
#define CORE_THREADS 1
#include "test_chain.h"
#include "test_context.h"

#include "basin/chain_train.h"

#include <string.h>

static basin_chain *chain_with_net(
    basin_context *own, const basin_sequences *s, bool all)
{
    basin_chain *chain = NULL;
    basin_chain_def def = basin_chain_default();
    def.all = all;
    def.net = small_net(own, s->n_labels);
    MUST(basin_chain_create(&chain, own, s, &def, &error));
    return chain;
}

static void answers_are_those_of_enumeration(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        small d;
        basin_lattice *l = NULL;
        small_fill(&d, seed, 3, seed & 1);
        basin_chain *chain = chain_with_net(ctx, &d.s, seed & 2);
        small_weights(chain, seed, 1);
        MUST(basin_lattice_create(&l, chain, &error));
        for (int i = 0; i < SMALL_N; i++) {
            const int n = small_length(&d, i);
            double least = INFINITY, z = 0, first = 0;
            int32_t y[SMALL_T] = {0}, best[SMALL_T];
            double marginal[SMALL_T * 3];
            MUST(basin_lattice_observe(l, &d.s, i, &error));
            do {
                const double e = basin_chain_energy(chain, &d.s, i, y);
                assert_near(basin_lattice_energy(l, y), e, 1e-9);
                least = fmin(least, e);
                z += exp(-e);
                first += y[0] == 1 ? exp(-e) : 0;
            } while (small_next(y, n, 3));
            assert_near(basin_lattice_best(l, best), least, 1e-9);
            assert_near(basin_lattice_free_energy(l, 1), -log(z), 1e-9);
            basin_lattice_marginals(l, 1, marginal);
            assert_near(marginal[1], first / z, 1e-9);
        }
        basin_lattice_destroy(l);
        basin_chain_destroy(chain);
    }
}

/* ---------------------------------------------------------------- gradients */

/* The whole set at a time, in float64 but for the net. */
static void gradients_of_the_whole_set(void **state)
{
    (void)state;
    static const char *const losses[] = {"nll", "margin-rescaling"};
    for (int k = 0; k < COUNT(losses); k++) {
        small d;
        basin_loss *loss = NULL;
        basin_chain_trainer *t = NULL;
        small_fill(&d, 3, 3, true);
        basin_chain *chain = chain_with_net(ctx, &d.s, false);
        small_weights(chain, 3, .8);
        MUST(basin_loss_create(&loss, ctx, losses[k], NULL, 0, &error));
        const basin_chain_train_def def = basin_chain_train_default();
        MUST(basin_chain_trainer_create(&t, chain, loss, &d.s, &def, &error));
        double g[512], *w = basin_chain_params(chain);
        const basin_chain_info *info = basin_chain_describe(chain);
        const size_t net = info->n_params - (size_t)info->net_params;
        assert_true(info->net_params > 0 && info->n_params <= COUNT(g));
        basin_chain_trainer_loss(t, g);
        int checked = 0;
        for (size_t i = 0; i < info->n_params; i++) {
            const double kept = w[i], h = i < net ? 1e-5 : 2e-3;
            double loss_at[3];
            for (int side = 0; side < 3; side++) {
                w[i] = kept + (side - 1) * h;
                loss_at[side] = basin_chain_trainer_loss(t, NULL);
            }
            w[i] = kept;
            if (k > 0 &&
                fabs(loss_at[2] - 2 * loss_at[1] + loss_at[0]) > .1 * h)
                continue; /* a kink */
            assert_near(g[i], (loss_at[2] - loss_at[0]) / (2 * h),
                (i < net ? 1e-6 : 2e-3) * (1 + fabs(g[i])));
            checked++;
        }
        assert_true(checked > (int)info->n_params / 2);
        basin_chain_trainer_destroy(t);
        basin_loss_destroy(loss);
        basin_chain_destroy(chain);
    }
}

/* -------------------------------------------------------------------- sizes */

/* Sequences of a few positions, or one that no pass holds at once, labelled by
 * the sign of x_0 x_1: no function that is linear in x. */
typedef struct large {
    basin_sequences s;
    int64_t start[65];
    int32_t label[1300];
    float dense[1300 * SMALL_DENSE];
} large;

static void large_fill(large *d, int n, int length)
{
    *d = (large){0};
    for (int i = 0; i <= n; i++)
        d->start[i] = (int64_t)i * length;
    for (int t = 0; t < n * length; t++) {
        float *x = d->dense + (size_t)t * SMALL_DENSE;
        for (int k = 0; k < SMALL_DENSE; k++)
            x[k] = (float)basin_random_normal(
                (basin_random_key){8, BASIN_STREAM_TEST, 4},
                (uint64_t)(t * SMALL_DENSE + k));
        d->label[t] = x[0] * x[1] > 0;
    }
    d->s = (basin_sequences){.n = n,
        .positions = (int64_t)n * length,
        .start = d->start,
        .n_labels = 2,
        .label = d->label,
        .dense = d->dense,
        .dense_dim = SMALL_DENSE};
}

/* @return the part of the labels that are right */
static double learn(basin_context *own, const large *d,
    const basin_chain_train_def *def, double *w, size_t *n)
{
    basin_chain_trainer *t = NULL;
    basin_lattice *l = NULL;
    basin_chain *chain = chain_with_net(own, &d->s, false);
    basin_chain_reset(chain, 2);
    MUST(basin_chain_trainer_create(&t, chain, NULL, &d->s, def, &error));
    MUST(basin_chain_trainer_run(t, &error));
    basin_chain_trainer_destroy(t);
    *n = basin_chain_describe(chain)->n_params;
    memcpy(w, basin_chain_params(chain), *n * sizeof *w);
    MUST(basin_lattice_create(&l, chain, &error));
    int right = 0;
    for (int i = 0; i < d->s.n; i++) {
        int32_t y[1300];
        MUST(basin_lattice_observe(l, &d->s, i, &error));
        basin_lattice_best(l, y);
        for (int p = 0; p < basin_lattice_length(l); p++)
            right += y[p] == d->label[d->start[i] + p];
    }
    basin_lattice_destroy(l);
    basin_chain_destroy(chain);
    return (double)right / (double)d->s.positions;
}

static void nets_learn(void **state)
{
    (void)state;
    static large d;
    large_fill(&d, 60, 10);
    static const char *const optimisers[] = {NULL, "adam", "momentum"};
    for (int i = 0; i < COUNT(optimisers); i++) {
        basin_chain_train_def def = basin_chain_train_default();
        def.c2 = .001;
        def.iterations = 40;
        if (optimisers[i]) {
            def.algorithm = BASIN_CHAIN_OPTIMISER;
            def.optimiser = optimisers[i];
            def.rate = i == 1 ? .03 : .01;
            def.rate_end = .1;
            def.batch = 4;
        }
        double w[256];
        size_t n;
        const double right = learn(ctx, &d, &def, w, &n);
        if (right < .9)
            fail_msg("%s: %g", optimisers[i] ? optimisers[i] : "lbfgs", right);
    }
}

static void same_bits_for_any_threads(void **state)
{
    (void)state;
    static large d;
    static const int threads[] = {1, 2, 3, 8};
    for (int shape = 0; shape < 2; shape++)
        for (int steps = 0; steps < 2; steps++) {
            double w[COUNT(threads)][256];
            size_t n = 0;
            large_fill(&d, shape ? 1 : 30, shape ? 600 : 20);
            for (int i = 0; i < COUNT(threads); i++) {
                basin_context_def cdef = basin_context_default();
                basin_context *own = NULL;
                cdef.threads = threads[i];
                MUST(basin_context_create(&own, &cdef, &error));
                basin_chain_train_def def = basin_chain_train_default();
                def.iterations = 2;
                def.rate = .01;
                if (steps)
                    def.algorithm = BASIN_CHAIN_OPTIMISER;
                learn(own, &d, &def, w[i], &n);
                basin_context_destroy(own);
                assert_memory_equal(w[0], w[i], n * sizeof **w);
            }
        }
}

/* What a pass holds at once is no limit: the loss of two sequences is that of
 * their halves where no step joins these. */
static void long_sequences_are_walked_in_pieces(void **state)
{
    (void)state;
    static large d;
    double value[2], g[2][256] = {{0}};
    for (int halves = 0; halves < 2; halves++) {
        basin_chain_trainer *t = NULL;
        large_fill(&d, halves ? 64 : 1, halves ? 20 : 1280);
        basin_chain *chain = NULL;
        basin_chain_def cdef = basin_chain_default();
        cdef.transitions = false;
        cdef.net = small_net(ctx, 2);
        MUST(basin_chain_create(&chain, ctx, &d.s, &cdef, &error));
        const basin_chain_train_def def = basin_chain_train_default();
        MUST(basin_chain_trainer_create(&t, chain, NULL, &d.s, &def, &error));
        assert_true(basin_chain_describe(chain)->n_params <= COUNT(g[0]));
        value[halves] = basin_chain_trainer_loss(t, g[halves]);
        basin_chain_trainer_destroy(t);
        basin_chain_destroy(chain);
    }
    assert_near(value[0], value[1], 1e-6 * value[1]);
    for (int i = 0; i < COUNT(g[0]); i++)
        assert_near(g[0][i], g[1][i], 1e-3);
}

/* ----------------------------------------------------------------- refusals */

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    small d;
    basin_chain *chain = NULL;
    basin_lattice *l = NULL;
    basin_chain_trainer *t = NULL;
    small_fill(&d, 1, 3, false);
    basin_chain_def def = basin_chain_default();
    def.net = small_net(ctx, 4);
    MUST_FAIL(basin_chain_create(&chain, ctx, &d.s, &def, &error),
        BASIN_E_SHAPE, "4 labels, and the sequences have 3");
    d.s.dense_dim = 2;
    def.net = small_net(ctx, 3);
    MUST_FAIL(basin_chain_create(&chain, ctx, &d.s, &def, &error),
        BASIN_E_SHAPE,
        "sees 3 numbers at a position, and the sequences have 2");
    d.s.dense_dim = 3;
    chain = chain_with_net(ctx, &d.s, false);
    basin_chain_train_def train = basin_chain_train_default();
    train.algorithm = BASIN_CHAIN_PA;
    MUST_FAIL(basin_chain_trainer_create(&t, chain, NULL, &d.s, &train, &error),
        BASIN_E_SERVE, "L-BFGS or an optimiser");
    train.algorithm = BASIN_CHAIN_OPTIMISER;
    train.optimiser = "adm";
    MUST_FAIL(basin_chain_trainer_create(&t, chain, NULL, &d.s, &train, &error),
        BASIN_E_NAME, "'adam'");
    MUST(basin_lattice_create(&l, chain, &error));
    d.s.dense = NULL;
    MUST_FAIL(
        basin_lattice_observe(l, &d.s, 0, &error), BASIN_E_SHAPE, "have 0");
    basin_lattice_destroy(l);
    basin_chain_destroy(chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_those_of_enumeration),
        cmocka_unit_test(gradients_of_the_whole_set),
        cmocka_unit_test(nets_learn),
        cmocka_unit_test(same_bits_for_any_threads),
        cmocka_unit_test(long_sequences_are_walked_in_pieces),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, open_context, close_context);
}
