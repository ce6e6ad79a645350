/* SPDX-License-Identifier: MIT
 *
 * Learning: every loss through every inference on every kind of energy gives
 * the gradient of what it says it minimises; what cannot go together is
 * refused by name; and the trainer keeps its promises. Memory has a program of
 * its own, test_memory.c.
 */
#include "test_learn.h"
#include "test_context.h"

/* ------------------------------------------------------------- the product */

typedef struct measured {
    basin_trainer *trainer;
    const int32_t *index;
    int n;
} measured;

static double mean_loss(void *user)
{
    const measured *m = user;
    return basin_trainer_loss(m->trainer, m->index, m->n, NULL);
}

/* An answer that is searched moves with W. The slope in W is that of the
 * energy where the answer stands, which is the loss's own slope where E is
 * smooth in Y and the search has come to rest; elsewhere it is only seen to be
 * finite, and the product test asks more of it. */
static bool comes_to_rest(const basin_inference *inference, core_kind kind)
{
    const basin_part *part = &basin_inference_entry(inference)->part;
    if (strcmp(part->params[0].name, "starts") != 0)
        return true;
    return strcmp(part->name, "descent") == 0 &&
           (kind == CORE_SMOOTH || kind == CORE_HIDDEN);
}

/* @return how many derivatives were compared; -1: it is not served */
static int check_product(
    core_kind kind, const char *inference, const char *loss, bool marginal)
{
    learning l;
    basin_train_def def = basin_train_default();
    def.batch = 4; /* fewer than there are: the mean runs over three batches */
    const basin_status status = learning_try(
        &l, ctx, &(learning_def){kind, inference, loss, marginal, 1, 10}, &def);
    if (status != BASIN_OK) {
        assert_int_equal(status, BASIN_E_SERVE);
        learning_close(&l);
        return -1;
    }
    const size_t n = basin_energy_describe(l.energy)->n_params;
    float *w = basin_energy_params(l.energy), gradient[64], again[64];
    int32_t index[10];
    assert_true(n <= COUNT(gradient));
    for (int i = 0; i < 10; i++)
        index[i] = (3 * i + 1) % 10;
    measured m = {l.trainer, index, 10};
    const double value = basin_trainer_loss(l.trainer, index, 10, gradient);
    assert_true(value == mean_loss(&m));
    const unsigned slopes = basin_inference_entry(l.inference)->slopes;
    const bool known = !(basin_loss_entry(l.loss)->needs & slopes);
    int checked = known ? 0 : (int)n; /* else test_sampler.c has them */
    for (size_t i = 0; known && i < n; i++) {
        double numeric;
        if (!comes_to_rest(l.inference, kind)) {
            assert_true(isfinite(gradient[i]));
            checked++;
            continue;
        }
        if (!core_difference(&numeric, mean_loss, &m, &w[i], .001F))
            continue;
        assert_near((double)gradient[i], numeric, 2e-3 + .01 * fabs(numeric));
        checked++;
    }
    /* Asking has changed nothing. */
    assert_true(basin_trainer_loss(l.trainer, index, 10, again) == value);
    assert_memory_equal(gradient, again, n * sizeof *gradient);
    learning_close(&l);
    return checked;
}

static void every_loss_on_every_energy(void **state)
{
    (void)state;
    const basin_part *loss, *inference;
    for (int i = 0; (loss = basin_part_at(ctx, BASIN_KIND_LOSS, i)); i++) {
        int served = 0;
        for (int j = 0;
             (inference = basin_part_at(ctx, BASIN_KIND_INFERENCE, j)); j++)
            for (int kind = 0; kind < CORE_KINDS; kind++)
                for (int z = 0; z <= (kind == CORE_HIDDEN); z++) {
                    const int checked = check_product(
                        (core_kind)kind, inference->name, loss->name, z != 0);
                    if (checked >= 0 && checked < 5)
                        fail_msg("%s, %s, %s: only %d derivatives are smooth",
                            loss->name, inference->name, core_names[kind],
                            checked);
                    served += checked > 0;
                }
        if (served == 0)
            fail_msg("nothing serves the loss '%s'", loss->name);
    }
}

/* ---------------------------------------------------------------- refusals */

static void all_evaluate(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    (void)settings;
    out->value = in->e_c;
}

static const basin_loss_type needs_all = {
    .part = {"needs-all", "a loss that wants every energy", "", "", NULL, 0},
    .needs = BASIN_NEED_EC | BASIN_NEED_ALL,
    .evaluate = all_evaluate,
};

static void unfit_parts_are_named(void **state)
{
    (void)state;
    learning l;
    basin_train_def def = basin_train_default();
    learning_def d = {CORE_DUAL, "grid", "needs-all", false, 1, 10};
    MUST(basin_register(ctx, BASIN_KIND_LOSS, &needs_all.part, &error));
    assert_int_equal(learning_try(&l, ctx, &d, &def), BASIN_E_SERVE);
    assert_non_null(strstr(error.message, "'needs-all'"));
    assert_non_null(strstr(error.message, "'grid'"));
    assert_non_null(strstr(error.message, "energies of all answers"));
    learning_close(&l);

    /* An energy without a bound, and a loss that supposes one. */
    basin_graph *g = NULL;
    MUST(basin_graph_create(&g, ctx, &error));
    const int x = core_leaf(g, BASIN_X, 1), y = core_leaf(g, BASIN_Y, 1);
    core_linear(g, core_two(g, "l1", x, y), 1);
    const basin_space box = core_box(1, -1, 1);
    basin_energy *e = NULL;
    basin_inference *inf = NULL;
    basin_trainer *t = NULL;
    MUST(basin_energy_from_graph(
        &e, g, &(basin_spaces){box, box, core_none}, &error));
    MUST(basin_inference_create(&inf, e, "grid", NULL, 0, &error));
    const float zero[1] = {0};
    const basin_samples samples = {.n = 1, .x = zero, .y = zero};
    const char *const names[] = {"square-square", "energy", "nll"};
    for (int i = 0; i < 3; i++) {
        basin_loss *loss = NULL;
        MUST(basin_loss_create(&loss, ctx, names[i], NULL, 0, &error));
        error = (basin_error){0};
        const basin_status status =
            basin_trainer_create(&t, inf, loss, &samples, &def, &error);
        if (i < 2) {
            assert_int_equal(status, BASIN_E_SERVE);
            assert_non_null(strstr(error.message, names[i]));
            assert_non_null(strstr(error.message, "'graph'"));
            assert_null(t);
        } else {
            assert_int_equal(status, BASIN_OK);
            basin_trainer_destroy(t);
        }
        basin_loss_destroy(loss);
    }
    basin_inference_destroy(inf);
    basin_energy_destroy(e);
}

static void definitions_are_checked(void **state)
{
    (void)state;
    const basin_setting wrong = {"beta1", 2}, unknown = {"beta3", .5};
    const struct {
        int field;
        double value;
        basin_status status;
        const char *words;
    } cases[] = {
        {0, 0, BASIN_E_RANGE, "rate"},
        {0, -1, BASIN_E_RANGE, "rate"},
        {0, (double)NAN, BASIN_E_RANGE, "rate"},
        {0, (double)INFINITY, BASIN_E_RANGE, "rate"},
        {1, -.1, BASIN_E_RANGE, "rate_end"},
        {1, 1.1, BASIN_E_RANGE, "rate_end"},
        {1, (double)NAN, BASIN_E_RANGE, "rate_end"},
        {2, 0, BASIN_E_RANGE, "epochs"},
        {2, -5, BASIN_E_RANGE, "epochs"},
        {3, 0, BASIN_E_RANGE, "batch"},
        {4, 0, BASIN_E_NAME, "'adam'"},
        {5, 0, BASIN_E_RANGE, "beta1"},
        {6, 0, BASIN_E_NAME, "beta"},
        {7, 0, BASIN_E_ARGUMENT, "basin_train_default"},
        {8, 0, BASIN_E_RANGE, "at least 1 sample"},
    };
    for (int i = 0; i < COUNT(cases); i++) {
        basin_train_def def = basin_train_default();
        learning_def d = {CORE_DUAL, "grid", "nll", false, 1, 10};
        def.optimiser = "adam";
        def.n_optimiser_settings = 1;
        def.optimiser_settings = cases[i].field == 5 ? &wrong : &unknown;
        if (cases[i].field != 5 && cases[i].field != 6)
            def.n_optimiser_settings = 0;
        switch (cases[i].field) {
        case 0: def.rate = cases[i].value; break;
        case 1: def.rate_end = cases[i].value; break;
        case 2: def.epochs = (int)cases[i].value; break;
        case 3: def.batch = (int)cases[i].value; break;
        case 4: def.optimiser = "adma"; break;
        case 7: def.cookie = 0; break;
        case 8: d.n = 0; break;
        default: break;
        }
        learning l;
        MUST_FAIL(
            learning_try(&l, ctx, &d, &def), cases[i].status, cases[i].words);
        assert_null(l.trainer);
        learning_close(&l);
    }
}

static void samples_outside_the_box(void **state)
{
    (void)state;
    const struct {
        bool is_y;
        int at;
        float value;
        const char *words;
    } cases[] = {
        {true, 3, 1.6F, "Y of sample 3 is 1.6"},
        {true, 0, -.6F, "Y of sample 0 is -0.6"},
        {true, 9, NAN, "Y of sample 9 is nan"},
        {false, 7, -1.5F, "X of sample 7 is -1.5; it must be from -1 to 1"},
        {false, 2, INFINITY, "X of sample 2 is inf"},
    };
    for (int i = 0; i < COUNT(cases); i++) {
        learning l;
        basin_train_def def = basin_train_default();
        const learning_def d = {CORE_DUAL, "grid", "nll", false, 1, 10};
        assert_int_equal(learning_try(&l, ctx, &d, &def), BASIN_OK);
        basin_trainer_destroy(l.trainer);
        l.trainer = NULL;
        (cases[i].is_y ? l.y : l.x)[cases[i].at] = cases[i].value;
        MUST_FAIL(
            basin_trainer_create(&l.trainer, l.inference, l.loss,
                &(basin_samples){.n = 10, .x = l.x, .y = l.y}, &def, &error),
            BASIN_E_RANGE, cases[i].words);
        learning_close(&l);
    }
}

/* ---------------------------------------------------------------- training */

static void the_rate_falls_by_a_line(void **state)
{
    (void)state;
    learning l;
    basin_train_def def = basin_train_default();
    def.rate = .1;
    def.rate_end = .2;
    def.epochs = 4;
    def.batch = 3;
    const learning_def d = {CORE_DUAL, "grid", "nll", false, 1, 8};
    assert_int_equal(learning_try(&l, ctx, &d, &def), BASIN_OK);
    for (int epoch = 1; epoch <= 4; epoch++) {
        basin_progress p;
        MUST(basin_trainer_epoch(l.trainer, &p, &error));
        assert_int_equal(p.epoch, epoch);
        assert_int_equal(p.epochs, 4);
        assert_int_equal(p.updates, 3 * epoch);
        assert_near(p.rate, .1 * (1 - .8 * (3 * epoch - 1) / 11), 1e-15);
        assert_true(isfinite(p.loss) && isfinite(p.e_c) && isnan(p.e_i));
    }
    learning_close(&l);
    def.epochs = 1; /* a single update: the first rate, not 0/0 */
    def.batch = 100;
    assert_int_equal(learning_try(&l, ctx, &d, &def), BASIN_OK);
    MUST(basin_trainer_run(l.trainer, &error));
    assert_int_equal(basin_trainer_progress(l.trainer)->updates, 1);
    assert_true(basin_trainer_progress(l.trainer)->rate == .1);
    learning_close(&l);
}

/* Hash of W after a short training in a context of its own. */
static uint64_t trained(int threads, const char *backend, uint64_t seed,
    int batch, const char *loss)
{
    basin_context *own = core_context(NULL, threads, backend);
    learning l;
    basin_train_def def = basin_train_default();
    def.seed = seed;
    def.batch = batch;
    def.epochs = 3;
    const learning_def d = {CORE_DUAL, "grid", loss, false, 1, 70};
    assert_int_equal(learning_try(&l, own, &d, &def), BASIN_OK);
    MUST(basin_trainer_run(l.trainer, &error));
    const uint64_t out = core_hash(CORE_HASH, basin_energy_params(l.energy),
        basin_energy_describe(l.energy)->n_params * sizeof(float));
    learning_close(&l);
    basin_context_destroy(own);
    return out;
}

static void same_seed_same_bits(void **state)
{
    (void)state;
    const basin_part *loss;
    for (int i = 0; (loss = basin_part_at(ctx, BASIN_KIND_LOSS, i)); i++)
        for (int batch = 1; batch <= 140; batch += 69) {
            const uint64_t right = trained(1, "portable", 1, batch, loss->name);
            for (int threads = 1; threads <= 3; threads++)
                for (int b = 0; basin_backend_at(b); b++)
                    assert_true(trained(threads, basin_backend_at(b)->name, 1,
                                    batch, loss->name) == right);
            /* The order matters where samples are taken one by one, unless
             * nothing moves: lvq2-ratio starts saturated everywhere. */
            if (batch == 1 && trained(1, NULL, 2, 1, loss->name) == right)
                assert_string_equal(loss->name, "lvq2-ratio");
        }
    assert_true(
        trained(1, NULL, 1, 70, "nll") == trained(1, NULL, 1, 1000, "nll"));
}

static bool stop_after_two(void *user, const basin_progress *progress)
{
    ++*(int *)user;
    return progress->epoch != 2;
}

static void the_watcher_stops(void **state)
{
    (void)state;
    learning l;
    int calls = 0;
    basin_train_def def = basin_train_default();
    def.epochs = 5;
    def.watch = stop_after_two;
    def.user = &calls;
    const learning_def d = {CORE_DUAL, "grid", "square-square", false, 1, 10};
    assert_int_equal(learning_try(&l, ctx, &d, &def), BASIN_OK);
    MUST_FAIL(basin_trainer_run(l.trainer, &error), BASIN_E_STOPPED,
        "after epoch 2 of 5");
    assert_int_equal(calls, 2);
    assert_true(isfinite(basin_trainer_progress(l.trainer)->e_i));
    MUST(basin_trainer_run(l.trainer, &error)); /* goes on where it was */
    assert_int_equal(calls, 5);
    learning_close(&l);
}

/* -------------------------------------------------------------- divergence */

static void stay(const basin_kernels *k, const double *settings, float *w,
    const float *g, float *const *states, size_t n, double rate, uint64_t t)
{
    (void)k, (void)settings, (void)w, (void)g;
    (void)states, (void)n, (void)rate, (void)t;
}

static const basin_optimiser_type still = {
    .part = {"still", "stays where it is", "", "", NULL, 0}, .update = stay};

static void divergence_is_named(void **state)
{
    (void)state;
    learning l;
    basin_train_def def = basin_train_default();
    MUST(basin_register(ctx, BASIN_KIND_OPTIMISER, &still.part, &error));
    def.optimiser = "still";
    const learning_def d = {CORE_DUAL, "grid", "nll", false, 1, 10};
    assert_int_equal(learning_try(&l, ctx, &d, &def), BASIN_OK);
    const basin_graph *g = basin_energy_graph(l.energy);
    float *w = basin_energy_params(l.energy);
    for (int i = 0; i < basin_graph_size(g); i++) {
        const basin_node_info node = basin_graph_node(g, i);
        for (int k = 0; k < node.n_tensors; k++) {
            char words[96];
            float *at = w + node.params_offset + node.tensors[k].offset;
            const float kept = *at;
            snprintf(words, sizeof words, "in epoch 1: %s.%s holds inf",
                node.name, node.tensors[k].name);
            *at = INFINITY;
            MUST_FAIL(basin_trainer_epoch(l.trainer, NULL, &error),
                BASIN_E_NONFINITE, words);
            *at = kept;
        }
    }
    MUST(basin_trainer_epoch(l.trainer, NULL, &error)); /* and is well again */
    learning_close(&l);
    def.optimiser = "sgd";
    def.rate = 1e5;
    const learning_def steep = {
        CORE_DUAL, "grid", "square-square", false, 1, 10};
    assert_int_equal(learning_try(&l, ctx, &steep, &def), BASIN_OK);
    MUST_FAIL(basin_trainer_run(l.trainer, &error), BASIN_E_NONFINITE,
        "a lower rate than 100000 would help");
    learning_close(&l);
}

/* -------------------------------------------------------------- optimisers */

typedef void reference(
    double *w, const float *g, double *states, double rate, int n, int t);

static void sgd(
    double *w, const float *g, double *states, double rate, int n, int t)
{
    (void)states, (void)t;
    for (int i = 0; i < n; i++)
        w[i] -= rate * (double)g[i];
}

static void momentum(
    double *w, const float *g, double *v, double rate, int n, int t)
{
    (void)t;
    for (int i = 0; i < n; i++)
        w[i] -= rate * (v[i] = .9 * v[i] + (double)g[i]);
}

static void adam(
    double *w, const float *g, double *m, double rate, int n, int t)
{
    double *v = m + n;
    for (int i = 0; i < n; i++) {
        m[i] = .9 * m[i] + .1 * (double)g[i];
        v[i] = .999 * v[i] + .001 * (double)g[i] * (double)g[i];
        w[i] -= rate * m[i] / (1 - pow(.9, t)) /
                (sqrt(v[i] / (1 - pow(.999, t))) + 1e-8);
    }
}

static void adamw(
    double *w, const float *g, double *m, double rate, int n, int t)
{
    for (int i = 0; i < n; i++)
        w[i] -= rate * .01 * w[i];
    adam(w, g, m, rate, n, t);
}

static void lm(double *w, const float *g, double *h, double rate, int n, int t)
{
    for (int i = 0; i < n; i++) {
        h[i] = .99 * h[i] + .01 * (double)g[i] * (double)g[i];
        w[i] -= rate * (double)g[i] / (h[i] / (1 - pow(.99, t)) + .02);
    }
}

static const struct {
    const char *name;
    reference *update;
} references[] = {{"sgd", sgd}, {"momentum", momentum}, {"adam", adam},
    {"adamw", adamw}, {"levenberg-marquardt", lm}};

/* One without a reference fails, so that none is added without. */
static void optimisers_follow_their_formulas(void **state)
{
    (void)state;
    const basin_part *part;
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_OPTIMISER, i)); i++) {
        reference *update = NULL;
        if (((const basin_optimiser_type *)(const void *)part)->whole)
            continue; /* one that has no update: test_whole.c */
        for (int r = 0; r < COUNT(references); r++)
            if (strcmp(references[r].name, part->name) == 0)
                update = references[r].update;
        if (!update)
            fail_msg("no reference for the optimiser '%s'", part->name);
        learning l;
        basin_train_def def = basin_train_default();
        /* that of the Hessian: test_curvature.c */
        const basin_setting slopes = {"curvature", 1};
        def.optimiser = part->name;
        def.optimiser_settings = &slopes;
        def.n_optimiser_settings = update == lm;
        def.rate = .01;
        def.batch = 10;
        const learning_def d = {CORE_DUAL, "grid", "nll", false, 1, 10};
        assert_int_equal(learning_try(&l, ctx, &d, &def), BASIN_OK);
        const int n = (int)basin_energy_describe(l.energy)->n_params;
        float *w = basin_energy_params(l.energy), g[64];
        double states[4 * 64] = {0}, right[64];
        const int32_t index[] = {3, 1, 4, 5, 9, 2, 6, 8, 7, 0};
        for (int k = 0; k < n; k++)
            right[k] = (double)w[k];
        for (int t = 1; t <= 25; t++) {
            const double loss = basin_trainer_loss(l.trainer, index, 10, g);
            update(right, g, states, .01, n, t);
            assert_near(basin_trainer_step(l.trainer, index, 10), loss, 1e-12);
            for (int k = 0; k < n; k++)
                assert_near((double)w[k], right[k], 1e-5);
        }
        learning_close(&l);
    }
}

static void long_gradients_are_cut(void **state)
{
    (void)state;
    static const double clips[] = {0, 1e6, .01};
    double lengths[COUNT(clips)];
    for (int c = 0; c < COUNT(clips); c++) {
        learning l;
        basin_train_def def = basin_train_default();
        def.batch = 10;
        def.rate = .5;
        def.clip = clips[c];
        const learning_def d = {CORE_DUAL, "grid", "nll", false, 1, 10};
        assert_int_equal(learning_try(&l, ctx, &d, &def), BASIN_OK);
        const size_t n = basin_energy_describe(l.energy)->n_params;
        const float *w = basin_energy_params(l.energy);
        float before[64];
        const int32_t index[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        memcpy(before, w, n * sizeof *w);
        basin_trainer_step(l.trainer, index, 10);
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += pow((double)w[i] - (double)before[i], 2);
        lengths[c] = sqrt(sum);
        learning_close(&l);
        def.clip = -1;
        MUST_FAIL(learning_try(&l, ctx, &d, &def), BASIN_E_RANGE, "clip");
        learning_close(&l);
    }
    assert_true(lengths[0] == lengths[1] && lengths[0] > .01);
    assert_near(lengths[2], .5 * .01, 1e-6);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)
    const struct CMUnitTest tests[] = {
        TEST(every_loss_on_every_energy),
        TEST(unfit_parts_are_named),
        TEST(definitions_are_checked),
        TEST(samples_outside_the_box),
        TEST(the_rate_falls_by_a_line),
        TEST(same_seed_same_bits),
        TEST(the_watcher_stops),
        TEST(divergence_is_named),
        TEST(optimisers_follow_their_formulas),
        TEST(long_gradients_are_cut),
    };
    return cmocka_run_group_tests_name("learn", tests, NULL, NULL);
}
