/* SPDX-License-Identifier: MIT
 *
 * Chains as energies: which features they have, and the product with every
 * registered loss, in value against enumeration and in gradient against
 * differences.
 */
#define CORE_THREADS 1
#include "test_chain.h"
#include "test_context.h"

#include <string.h>

/* ----------------------------------------------------------------- features */

static bool seen_node(const small *d, basin_chain_feature f)
{
    for (int64_t t = 0; t < d->s.positions; t++)
        for (int64_t k = d->node_start[t]; k < d->node_start[t + 1]; k++)
            if (d->node_id[k] == f.attribute && d->label[t] == f.label)
                return true;
    return false;
}

static bool seen_step(const small *d, basin_chain_feature f)
{
    for (int i = 0; i < SMALL_N; i++)
        for (int64_t t = d->start[i] + 1; t < d->start[i + 1]; t++) {
            bool fits = d->label[t - 1] == f.before && d->label[t] == f.label;
            if (f.edge) {
                bool has = false;
                for (int64_t k = d->edge_start[t]; k < d->edge_start[t + 1];
                     k++)
                    has = has || d->edge_id[k] == f.attribute;
                fits = fits && has;
            }
            if (fits)
                return true;
        }
    return false;
}

/* Observed: exactly the pairs and triples that are there, in ascending order.
 * All: every one. */
static void features_are_those_seen(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++)
        for (int all = 0; all < 2; all++) {
            small d;
            basin_chain *chain = NULL;
            const int labels = 2 + (int)(seed % 3);
            small_fill(&d, seed, labels, true);
            basin_chain_def def = basin_chain_default();
            def.all = all;
            MUST(basin_chain_create(&chain, ctx, &d.s, &def, &error));
            const basin_chain_info *info = basin_chain_describe(chain);
            int64_t found[3] = {0};
            for (int a = -1; a < SMALL_ATTRIBUTES; a++)
                for (int edge = 0; edge < 2; edge++)
                    for (int p = -1; p < labels; p++)
                        for (int j = 0; j < labels; j++) {
                            const basin_chain_feature f = {a, edge, p, j};
                            const bool node = !edge && a >= 0 && p < 0;
                            const bool step = !edge && a < 0 && p >= 0;
                            const bool tied =
                                edge && a >= 0 && a < SMALL_EDGES && p >= 0;
                            if (!node && !step && !tied)
                                continue;
                            found[tied ? 2 : step] +=
                                all ||
                                (node ? seen_node(&d, f) : seen_step(&d, f));
                        }
            assert_int_equal(info->node_features, found[0]);
            assert_int_equal(info->transitions, found[1]);
            assert_int_equal(info->edge_features, found[2]);
            assert_int_equal(info->n_params, found[0] + found[1] + found[2]);
            for (size_t i = 0; i < info->n_params; i++) {
                const basin_chain_feature f = basin_chain_feature_at(chain, i);
                assert_true(all || (f.before < 0 ? seen_node(&d, f)
                                                 : seen_step(&d, f)));
                if (i == 0)
                    continue;
                const basin_chain_feature b =
                    basin_chain_feature_at(chain, i - 1);
                const int64_t now = ((int64_t)(f.before < 0 ? 0
                                               : f.edge     ? 2
                                                            : 1) *
                                            99 +
                                        f.attribute) *
                                        99 * 99 +
                                    f.before * 99 + f.label;
                const int64_t before = ((int64_t)(b.before < 0 ? 0
                                                  : b.edge     ? 2
                                                               : 1) *
                                               99 +
                                           b.attribute) *
                                           99 * 99 +
                                       b.before * 99 + b.label;
                assert_true(now > before);
            }
            basin_chain_destroy(chain);
        }
}

/* The same chain once more from the lists of its features. */
static void lists_make_the_same_chain(void **state)
{
    (void)state;
    small d;
    small_fill(&d, 4, 3, true);
    basin_chain *chain = NULL, *again = NULL;
    MUST(basin_chain_create(&chain, ctx, &d.s, NULL, &error));
    small_weights(chain, 4, 1);
    const basin_chain_info *info = basin_chain_describe(chain);
    int64_t node_start[SMALL_ATTRIBUTES + 1] = {0};
    int64_t edge_start[SMALL_EDGES + 1] = {0};
    int32_t list[512];
    for (size_t i = 0; i < info->n_params; i++) {
        const basin_chain_feature f = basin_chain_feature_at(chain, i);
        list[i] = (f.before < 0 ? 0 : f.before * info->labels) + f.label;
        for (int a = f.attribute;
             a >= 0 && f.before < 0 && a < SMALL_ATTRIBUTES; a++)
            node_start[a + 1]++;
        for (int a = f.attribute; a >= 0 && f.edge && a < SMALL_EDGES; a++)
            edge_start[a + 1]++;
    }
    basin_chain_lists lists = {.labels = info->labels,
        .attributes = SMALL_ATTRIBUTES,
        .edge_attributes = SMALL_EDGES,
        .node_start = node_start,
        .node_label = list,
        .n_transitions = info->transitions,
        .transition = list + info->node_features,
        .edge_start = edge_start,
        .edge_pair = list + info->node_features + info->transitions};
    MUST(basin_chain_from_lists(&again, ctx, &lists, &error));
    small_weights(again, 4, 1);
    for (int i = 0; i < SMALL_N; i++) {
        int32_t y[SMALL_T] = {0};
        do
            assert_true(basin_chain_energy(chain, &d.s, i, y) ==
                        basin_chain_energy(again, &d.s, i, y));
        while (small_next(y, small_length(&d, i), 3));
    }
    basin_chain_destroy(again);
    basin_chain_destroy(chain);
    list[0] = 3;
    MUST_FAIL(basin_chain_from_lists(&again, ctx, &lists, &error),
        BASIN_E_RANGE, "below 3");
}

static void bad_sequences_are_refused(void **state)
{
    (void)state;
    small d;
    basin_chain *chain = NULL;
    small_fill(&d, 1, 3, true);
    d.label[2] = 3;
    MUST_FAIL(basin_chain_create(&chain, ctx, &d.s, NULL, &error),
        BASIN_E_RANGE, "label 3 in sequence 1; there are 3");
    d.label[2] = 0;
    d.node_id[1] = SMALL_ATTRIBUTES;
    MUST_FAIL(basin_chain_create(&chain, ctx, &d.s, NULL, &error),
        BASIN_E_RANGE, "attribute 1 is number 9 of 9");
    d.node_id[1] = 0;
    d.node_value[1] = NAN;
    MUST_FAIL(basin_chain_create(&chain, ctx, &d.s, NULL, &error),
        BASIN_E_RANGE, "nan");
    d.node_value[1] = 0;
    d.s.n_labels = 0;
    MUST_FAIL(basin_chain_create(&chain, ctx, &d.s, NULL, &error),
        BASIN_E_RANGE, "1 to 32768 labels");
    d.s.n_labels = 3;
    MUST_FAIL(
        basin_chain_create(&chain, ctx, &d.s, &(basin_chain_def){0}, &error),
        BASIN_E_ARGUMENT, "basin_chain_default");
}

/* ------------------------------------------------------------------ product */

typedef struct product {
    small d;
    basin_energy *energy;
    basin_inference *inference;
    basin_loss *loss;
    basin_trainer *trainer;
    int32_t index[SMALL_N];
} product;

static basin_status open_product(product *p, basin_context *own,
    const char *loss, uint64_t seed, int labels, bool edges, bool all,
    bool nonnegative, bool net)
{
    *p = (product){0};
    small_fill(&p->d, seed, labels, edges);
    for (int i = 0; i < SMALL_N; i++)
        p->index[i] = (i * 5 + 2) % SMALL_N;
    basin_chain *chain = NULL;
    basin_chain_def def = basin_chain_default();
    def.all = all;
    def.nonnegative = nonnegative;
    def.net = net ? small_net(own, labels) : NULL;
    MUST(basin_chain_create(&chain, own, &p->d.s, &def, &error));
    MUST(basin_energy_from_chain(&p->energy, chain, &error));
    assert_ptr_equal(basin_energy_chain(p->energy), chain);
    core_fill(basin_energy_params(p->energy),
        basin_energy_describe(p->energy)->n_params, seed, -1, 1);
    const basin_setting beta = {"beta", seed % 2 ? 1 : .6};
    MUST(basin_inference_create(
        &p->inference, p->energy, "chain", &beta, 1, &error));
    MUST(basin_loss_create(&p->loss, own, loss, NULL, 0, &error));
    basin_train_def train = basin_train_default();
    train.batch = 4;
    const basin_samples samples = {.n = SMALL_N, .sequences = &p->d.s};
    return basin_trainer_create(
        &p->trainer, p->inference, p->loss, &samples, &train, &error);
}

static void close_product(product *p)
{
    basin_trainer_destroy(p->trainer);
    basin_loss_destroy(p->loss);
    basin_inference_destroy(p->inference);
    basin_energy_destroy(p->energy);
}

static double mean_loss(void *user)
{
    product *p = user;
    return basin_trainer_loss(p->trainer, p->index, SMALL_N, NULL);
}

/* The scalars of a sequence by enumeration; every one of them. */
static basin_energies scalars(
    const product *p, int i, basin_offender offender, double margin)
{
    basin_chain *chain = basin_energy_chain(p->energy);
    const int n = small_length(&p->d, i);
    const int32_t *right = p->d.label + p->d.start[i];
    const double beta = basin_inference_settings(p->inference)[0];
    basin_energies out = {.beta = beta, .e_min = INFINITY};
    out.e_c = basin_chain_energy(chain, &p->d.s, i, right);
    int32_t y[SMALL_T] = {0};
    double least = INFINITY, z = 0, z_i = 0;
    do {
        const double e = basin_chain_energy(chain, &p->d.s, i, y);
        const int errors = small_errors(y, right, n);
        out.e_min = fmin(out.e_min, e);
        z += exp(-beta * e);
        if (errors == 0)
            continue;
        z_i += exp(-beta * e);
        const double key = offender == BASIN_OFFENDER_LOWEST ? e
                           : offender == BASIN_OFFENDER_MARGIN
                               ? e - errors
                               : -errors * (margin + out.e_c - e);
        if (key < least) {
            least = key;
            out.e_i = e;
            out.delta_i = errors;
        }
    } while (small_next(y, n, basin_chain_describe(chain)->labels));
    out.f = -log(z) / beta;
    out.f_i = -log(z_i) / beta;
    return out;
}

static void check_product(product *p)
{
    const basin_loss_type *loss = basin_loss_entry(p->loss);
    const size_t n = basin_energy_describe(p->energy)->n_params;
    float *w = basin_energy_params(p->energy), gradient[512];
    const bool net = basin_chain_net(basin_energy_chain(p->energy));
    assert_true(n <= COUNT(gradient));
    const double value =
        basin_trainer_loss(p->trainer, p->index, SMALL_N, gradient);
    double want = 0;
    for (int i = 0; i < SMALL_N; i++) {
        const basin_energies e = scalars(p, i, loss->offender, 1);
        basin_slopes slopes = {0};
        basin_loss_evaluate(p->loss, &e, &slopes);
        want += slopes.value / SMALL_N;
    }
    assert_near(value, want, 1e-9 * (1 + fabs(want)));
    int checked = 0;
    for (size_t i = 0; i < n; i++) {
        double numeric;
        if (!core_difference(
                &numeric, mean_loss, p, &w[i], net ? .004F : .001F))
            continue;
        assert_near((double)gradient[i], numeric,
            (net ? 5e-4 : 1e-4) + .002 * fabs(numeric));
        checked++;
    }
    if (checked < (int)n / 3)
        fail_msg("%s: only %d of %d derivatives are smooth", loss->part.name,
            checked, (int)n);
}

static void every_loss_on_chains(void **state)
{
    (void)state;
    const basin_part *part;
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_LOSS, i)); i++) {
        int served = 0;
        for (int kind = 0; kind < 16; kind++)
            for (uint64_t seed = 1; seed <= 2; seed++) {
                product p;
                const basin_status status =
                    open_product(&p, ctx, part->name, seed, seed == 1 ? 3 : 2,
                        kind & 1, kind & 2, kind & 4, kind & 8);
                assert_true(status == BASIN_OK || status == BASIN_E_SERVE);
                if (status == BASIN_OK) {
                    check_product(&p);
                    served++;
                }
                close_product(&p);
            }
        if (served < 16)
            fail_msg("the loss '%s' is not served", part->name);
    }
}

/* A dense row, an attribute with many labels, is the same as lists. */
static void many_labels(void **state)
{
    (void)state;
    static const char *const losses[] = {"nll", "contrastive-free-energy",
        "hinge", "perceptron", "margin-rescaling", "slack-rescaling"};
    for (int i = 0; i < COUNT(losses); i++)
        for (int labels = 8; labels <= 11; labels += 3) {
            product p;
            assert_int_equal(open_product(&p, ctx, losses[i], 3, labels, false,
                                 true, false, false),
                BASIN_OK);
            check_product(&p);
            close_product(&p);
        }
}

static void what_cannot_be_served_is_named(void **state)
{
    (void)state;
    product p;
    assert_int_equal(
        open_product(&p, ctx, "nll", 1, 3, false, false, true, false),
        BASIN_E_SERVE);
    assert_non_null(strstr(error.message, "softplus"));
    close_product(&p);
    assert_int_equal(open_product(&p, ctx, "slack-rescaling", 1, 3, false,
                         false, true, false),
        BASIN_E_SERVE);
    close_product(&p);
    assert_int_equal(open_product(&p, ctx, "square-square", 1, 3, false, false,
                         false, false),
        BASIN_E_SERVE);
    close_product(&p);
    assert_int_equal(
        open_product(&p, ctx, "hinge", 1, 1, false, false, false, false),
        BASIN_E_SERVE);
    assert_non_null(strstr(error.message, "one label"));
    basin_inference *grid = NULL;
    MUST_FAIL(basin_inference_create(&grid, p.energy, "grid", NULL, 0, &error),
        BASIN_E_SERVE, "a sequence of labels");
    float y;
    MUST_FAIL(
        basin_inference_predict(p.inference, NULL, 0, &y, NULL, NULL, &error),
        BASIN_E_SERVE, "basin_lattice");
    basin_pass *pass = NULL;
    const basin_pass_def def = {.samples = 1};
    MUST_FAIL(basin_pass_create(&pass, p.energy, &def, &error), BASIN_E_SERVE,
        "no passes");
    close_product(&p);
}

static void same_bits_from_every_kernel(void **state)
{
    (void)state;
    static const char *const losses[] = {
        "nll", "hinge", "slack-rescaling", "contrastive-free-energy"};
    for (int i = 0; i < COUNT(losses); i++) {
        uint64_t right = 0;
        for (int b = 0; basin_backend_at(b); b++) {
            basin_context *own =
                core_context(NULL, 1, basin_backend_at(b)->name);
            product p;
            assert_int_equal(open_product(&p, own, losses[i], 3, 11, true,
                                 false, false, false),
                BASIN_OK);
            for (int epoch = 0; epoch < 3; epoch++)
                MUST(basin_trainer_epoch(p.trainer, NULL, &error));
            const uint64_t bits =
                core_hash(CORE_HASH, basin_energy_params(p.energy),
                    basin_energy_describe(p.energy)->n_params * sizeof(float));
            assert_true(b == 0 || bits == right);
            right = bits;
            close_product(&p);
            basin_context_destroy(own);
        }
    }
}

/* Training sequence by sequence fits them all, where no two disagree. */
static void chains_learn(void **state)
{
    (void)state;
    product p;
    assert_int_equal(
        open_product(&p, ctx, "nll", 2, 3, false, false, false, false),
        BASIN_OK);
    const double before = mean_loss(&p);
    MUST(basin_trainer_run(p.trainer, &error));
    assert_true(mean_loss(&p) < before);
    close_product(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_are_those_seen),
        cmocka_unit_test(lists_make_the_same_chain),
        cmocka_unit_test(bad_sequences_are_refused),
        cmocka_unit_test(every_loss_on_chains),
        cmocka_unit_test(many_labels),
        cmocka_unit_test(what_cannot_be_served_is_named),
        cmocka_unit_test(same_bits_from_every_kernel),
        cmocka_unit_test(chains_learn),
    };
    return cmocka_run_group_tests(tests, open_context, close_context);
}
