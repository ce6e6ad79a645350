/* SPDX-License-Identifier: MIT
 *
 * What lattices answer, against every labelling of small sequences one by one.
 */
#include "test_chain.h"

#include "inference/lattice.h"

static basin_context *ctx;

typedef struct fixture {
    small d;
    basin_chain *chain;
    basin_lattice *l;
    int labels;
} fixture;

static void open_fixture(
    fixture *f, uint64_t seed, int labels, bool edges, bool all, double size)
{
    small_fill(&f->d, seed, labels, edges);
    f->labels = labels;
    basin_chain_def def = basin_chain_default();
    def.all = all;
    MUST(basin_chain_create(&f->chain, ctx, &f->d.s, &def, &error));
    small_weights(f->chain, seed, size);
    MUST(basin_lattice_create(&f->l, f->chain, &error));
}

static void close_fixture(fixture *f)
{
    basin_lattice_destroy(f->l);
    basin_chain_destroy(f->chain);
}

/* Everything about one sequence, by enumeration. */
typedef struct brute {
    int n; /* labellings */
    int32_t label[256][SMALL_T];
    double e[256];
    double f, f_but, q[SMALL_T][8];
} brute;

static void enumerate(brute *b, const fixture *f, int i, double beta)
{
    const int length = small_length(&f->d, i);
    const int32_t *right = f->d.label + f->d.start[i];
    int32_t y[SMALL_T] = {0};
    double low = INFINITY, z = 0, z_but = 0;
    memset(b, 0, sizeof *b);
    do {
        memcpy(b->label[b->n], y, sizeof y);
        b->e[b->n] = basin_chain_energy(f->chain, &f->d.s, i, y);
        low = fmin(low, b->e[b->n++]);
    } while (small_next(y, length, f->labels));
    for (int k = 0; k < b->n; k++) {
        const double p = exp(-beta * (b->e[k] - low));
        z += p;
        if (small_errors(b->label[k], right, length))
            z_but += p;
        for (int t = 0; t < length; t++)
            b->q[t][b->label[k][t]] += p;
    }
    for (int t = 0; t < length; t++)
        for (int j = 0; j < f->labels; j++)
            b->q[t][j] /= z;
    b->f = low - log(z) / beta;
    b->f_but = low - log(z_but) / beta;
}

/* Each kind of chain with a few seeds. @param check one sequence of one */
static void over_all(
    void (*check)(fixture *f, int i, brute *b, double beta), double size)
{
    static const double betas[] = {1, .3, 40};
    for (uint64_t seed = 1; seed <= 6; seed++)
        for (int kind = 0; kind < 8; kind++) {
            fixture f;
            open_fixture(&f, seed, kind & 4 ? 4 : 2 + (int)(seed % 2), kind & 1,
                kind & 2, size);
            brute b;
            for (int i = 0; i < SMALL_N; i++) {
                const double beta = betas[seed % 3];
                enumerate(&b, &f, i, beta);
                MUST(basin_lattice_observe(f.l, &f.d.s, i, &error));
                check(&f, i, &b, beta);
            }
            close_fixture(&f);
        }
}

static void check_best(fixture *f, int i, brute *b, double beta)
{
    (void)beta;
    const int n = small_length(&f->d, i);
    int32_t y[SMALL_T], many[300 * SMALL_T];
    double low = INFINITY, energy[300];
    for (int k = 0; k < b->n; k++)
        low = fmin(low, b->e[k]);
    assert_near(basin_lattice_best(f->l, y), low, 1e-9);
    assert_near(basin_chain_energy(f->chain, &f->d.s, i, y), low, 1e-9);
    assert_near(basin_lattice_energy(f->l, y), low, 1e-9);
    /* All of them, in order, and each once. */
    int found = 0;
    MUST(basin_lattice_best_n(f->l, 300, many, energy, &found, &error));
    assert_int_equal(found, b->n);
    for (int k = 0; k < found; k++) {
        assert_near(energy[k],
            basin_chain_energy(f->chain, &f->d.s, i, many + k * n), 1e-9);
        assert_true(k == 0 || energy[k] >= energy[k - 1]);
        for (int m = 0; m < k; m++)
            assert_int_not_equal(
                small_errors(many + k * n, many + m * n, n), 0);
    }
    MUST(basin_lattice_best_n(f->l, 3, many, energy, &found, &error));
    assert_int_equal(found, b->n < 3 ? b->n : 3);
    assert_near(energy[0], low, 1e-9);
    MUST_FAIL(basin_lattice_best_n(f->l, 0, many, energy, &found, &error),
        BASIN_E_RANGE, "n is 0");
}

static double key(basin_offender offender, double e, double e_c, double delta)
{
    return offender == BASIN_OFFENDER_LOWEST   ? e
           : offender == BASIN_OFFENDER_MARGIN ? e - delta
                                               : -delta * (.7 + e_c - e);
}

static void check_offender(fixture *f, int i, brute *b, double beta)
{
    (void)beta;
    const int n = small_length(&f->d, i);
    const int32_t *right = f->d.label + f->d.start[i];
    double matrix[16];
    for (int a = 0; a < f->labels; a++)
        for (int j = 0; j < f->labels; j++)
            matrix[a * f->labels + j] = a == j ? 0 : .3 + a + 2 * j;
    const double e_c = basin_lattice_energy(f->l, right);
    for (int o = 0; o < 4; o++) {
        const basin_offender offender =
            o == 3 ? BASIN_OFFENDER_MARGIN : (basin_offender)o;
        const basin_label_cost cost = {o == 3 ? matrix : NULL};
        double least = INFINITY, e, delta;
        for (int k = 0; k < b->n; k++) {
            double d = 0;
            for (int t = 0; t < n; t++)
                d += o == 3 ? matrix[right[t] * f->labels + b->label[k][t]]
                            : right[t] != b->label[k][t];
            if (d > 0)
                least = fmin(least, key(offender, b->e[k], e_c, d));
        }
        int32_t y[SMALL_T];
        MUST(basin_lattice_offender(
            f->l, right, offender, .7, &cost, y, &e, &delta, &error));
        assert_int_not_equal(small_errors(y, right, n), 0);
        assert_near(e, basin_chain_energy(f->chain, &f->d.s, i, y), 1e-9);
        assert_near(key(offender, e, e_c, delta), least, 1e-9);
    }
    int32_t y[SMALL_T];
    double e;
    MUST_FAIL(basin_lattice_offender(f->l, right, BASIN_OFFENDER_SLACK, 1,
                  &(basin_label_cost){matrix}, y, &e, NULL, &error),
        BASIN_E_SERVE, "Hamming");
}

static void check_steps(fixture *f, int n, const brute *b, double beta)
{
    double pair[SMALL_T * 64];
    MUST(basin_lattice_step_marginals(f->l, beta, pair, &error));
    for (int t = 1; t < n; t++)
        for (int i = 0; i < f->labels; i++)
            for (int j = 0; j < f->labels; j++) {
                double sum = 0;
                for (int k = 0; k < b->n; k++)
                    if (b->label[k][t - 1] == i && b->label[k][t] == j)
                        sum += exp(-beta * (b->e[k] - b->f));
                assert_near(
                    pair[((t - 1) * f->labels + i) * f->labels + j], sum, 1e-8);
            }
}

static void check_sums(fixture *f, int i, brute *b, double beta)
{
    const int n = small_length(&f->d, i);
    const int32_t *right = f->d.label + f->d.start[i];
    double q[SMALL_T * 8], f_but;
    const double near = 1e-9 * (1 + fabs(b->f));
    assert_near(basin_lattice_free_energy(f->l, beta), b->f, near);
    MUST(basin_lattice_free_energy_but(f->l, right, beta, &f_but, &error));
    assert_near(f_but, b->f_but, 1e-9 * (1 + fabs(b->f_but)));
    basin_lattice_marginals(f->l, beta, q);
    int32_t y[SMALL_T];
    basin_lattice_decode(f->l, beta, y);
    for (int t = 0; t < n; t++)
        for (int j = 0; j < f->labels; j++) {
            assert_near(q[t * f->labels + j], b->q[t][j], 1e-8);
            assert_true(q[t * f->labels + y[t]] >= q[t * f->labels + j]);
        }
    check_steps(f, n, b, beta);
}

static void check_constrained(fixture *f, int i, brute *b, double beta)
{
    const int n = small_length(&f->d, i);
    int32_t given[SMALL_T], y[SMALL_T];
    for (int t = 0; t < n; t++)
        given[t] = t % 2 ? -1 : (i + t) % f->labels;
    double low = INFINITY, z = 0;
    for (int pass = 0; pass < 2; pass++)
        for (int k = 0; k < b->n; k++) {
            bool fits = true;
            for (int t = 0; t < n; t++)
                fits = fits && (given[t] < 0 || given[t] == b->label[k][t]);
            if (fits && pass == 0)
                low = fmin(low, b->e[k]);
            if (fits && pass == 1)
                z += exp(-beta * (b->e[k] - low));
        }
    basin_lattice_constrain(f->l, given);
    assert_near(basin_lattice_best(f->l, y), low, 1e-9);
    for (int t = 0; t < n; t++)
        assert_true(given[t] < 0 || given[t] == y[t]);
    assert_near(basin_lattice_free_energy(f->l, beta), low - log(z) / beta,
        1e-9 * (1 + fabs(low)));
}

static void best_labellings(void **state)
{
    (void)state;
    over_all(check_best, 1);
}

static void offenders(void **state)
{
    (void)state;
    over_all(check_offender, 1);
}

static void sums_and_marginals(void **state)
{
    (void)state;
    over_all(check_sums, 1);
}

/* Weights so large that probabilities underflow: logarithms take over. */
static void sums_of_huge_energies(void **state)
{
    (void)state;
    over_all(check_sums, 300);
}

/* The right labelling made ever more probable, until all others together have
 * less than any float64 beside it, or less than any at all. */
static void sums_of_the_others(void **state)
{
    (void)state;
    static const double bonus[] = {3, 20, 90, 400};
    for (int k = 0; k < 8 * COUNT(bonus); k++) {
        fixture f;
        open_fixture(&f, (uint64_t)k, k & 4 ? 4 : 3, k & 1, k & 2, 1);
        for (int i = 0; i < SMALL_N; i++) {
            const int n = small_length(&f.d, i);
            const int32_t *right = f.d.label + f.d.start[i];
            MUST(basin_lattice_observe(f.l, &f.d.s, i, &error));
            for (int t = 0; t < n; t++)
                f.l->node[t * f.l->lanes + right[t]] += bonus[k / 8];
            int32_t y[SMALL_T] = {0};
            double low = INFINITY, z = 0, f_but, again;
            for (int pass = 0; pass < 2; pass++)
                do {
                    const double e = basin_lattice_energy(f.l, y);
                    if (!small_errors(y, right, n))
                        continue;
                    if (pass)
                        z += exp(low - e);
                    else
                        low = fmin(low, e);
                } while (small_next(y, n, f.labels));
            MUST(basin_lattice_free_energy_but(f.l, right, 1, &f_but, &error));
            assert_near(f_but, low - log(z), 1e-12 * (1 + fabs(f_but)));
            /* the free energy of all is another, whichever comes first */
            assert_true(basin_lattice_free_energy(f.l, 1) < f_but);
            MUST(basin_lattice_free_energy_but(f.l, right, 1, &again, &error));
            assert_true(again == f_but);
        }
        close_fixture(&f);
    }
}

static void labels_partly_given(void **state)
{
    (void)state;
    over_all(check_constrained, 1);
    over_all(check_constrained, 200);
}

static void samples_have_their_shares(void **state)
{
    (void)state;
    enum { DRAWS = 20000 };
    fixture f;
    open_fixture(&f, 3, 3, true, true, 1);
    brute b;
    for (int i = 0; i < SMALL_N; i += 2) {
        const int n = small_length(&f.d, i);
        enumerate(&b, &f, i, 1);
        MUST(basin_lattice_observe(f.l, &f.d.s, i, &error));
        int count[256] = {0};
        for (int s = 0; s < DRAWS; s++) {
            int32_t y[SMALL_T] = {0};
            const double e = basin_lattice_sample(
                f.l, 1, (basin_random_key){7, BASIN_STREAM_SAMPLER, s}, y);
            int at = 0;
            for (int t = n - 1; t >= 0; t--)
                at = at * f.labels + y[t];
            assert_near(e, b.e[at], 1e-9);
            count[at]++;
        }
        for (int k = 0; k < b.n; k++) {
            const double p = exp(b.f - b.e[k]);
            assert_near(
                (double)count[k] / DRAWS, p, 5 * sqrt(p / DRAWS) + 1e-4);
        }
    }
    close_fixture(&f);
}

/* A long sequence: nothing overflows, and the marginals of a position are 1. */
static void long_sequences(void **state)
{
    (void)state;
    enum { T = 3000, LABELS = 11 };
    int64_t *start = calloc(2, sizeof *start);
    int64_t *node = calloc(T + 1, sizeof *node);
    int32_t *id = calloc(T, sizeof *id), *label = calloc(T, sizeof *label);
    double *q = calloc(T * LABELS, sizeof *q);
    start[1] = T;
    for (int t = 0; t < T; t++) {
        node[t + 1] = t + 1;
        id[t] = t % 37;
        label[t] = t * t % LABELS;
    }
    const basin_sequences s = {.n = 1,
        .positions = T,
        .start = start,
        .n_labels = LABELS,
        .label = label,
        .node = {37, node, id, NULL}};
    basin_chain *chain = NULL;
    basin_lattice *l = NULL;
    MUST(basin_chain_create(&chain, ctx, &s, NULL, &error));
    small_weights(chain, 5, 2);
    MUST(basin_lattice_create(&l, chain, &error));
    MUST(basin_lattice_observe(l, &s, 0, &error));
    const double f = basin_lattice_free_energy(l, 1);
    const double best = basin_lattice_best(l, label);
    assert_true(isfinite(f) && f < best && f > best - T * log(LABELS));
    basin_lattice_marginals(l, 1, q);
    for (int t = 0; t < T; t++) {
        double sum = 0;
        for (int j = 0; j < LABELS; j++)
            sum += q[t * LABELS + j];
        assert_near(sum, 1, 1e-10);
    }
    basin_lattice_destroy(l);
    basin_chain_destroy(chain);
    free(start), free(node), free(id), free(label), free(q);
}

static int open_ctx(void **state)
{
    (void)state;
    ctx = core_context(NULL, 1, NULL);
    return 0;
}

static int close_ctx(void **state)
{
    (void)state;
    assert_int_equal(basin_context_bytes(ctx) > 0, 1);
    basin_context_destroy(ctx);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(best_labellings),
        cmocka_unit_test(offenders),
        cmocka_unit_test(sums_and_marginals),
        cmocka_unit_test(sums_of_huge_energies),
        cmocka_unit_test(sums_of_the_others),
        cmocka_unit_test(labels_partly_given),
        cmocka_unit_test(samples_have_their_shares),
        cmocka_unit_test(long_sequences),
    };
    return cmocka_run_group_tests(tests, open_ctx, close_ctx);
}
