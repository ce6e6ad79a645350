/* SPDX-License-Identifier: MIT
 *
 * Answers that are labels: what the enumeration finds against brute force over
 * single configurations, the gradient of every loss over it against
 * differences, how often the net is run, and that every loss learns.
 */
#include "test_context.h"

enum { LABELS = 5, CAUSES = 3, DIM = 3, SAMPLES = 37 };

/* ---------------------------------------------------------------- energies */

typedef enum kind {
    SWITCH,  /* net(x)[y] */
    CODES,   /* |net(x) - V[y]|^2 */
    UNITS,   /* |net(x) - c_y|^2 with fixed centres */
    MIXTURE, /* |net(x) - V[y] - U[z]|^2 */
    PICTURE, /* the switch after a convolution and a pool */
    KINDS
} kind;

static const basin_space labels = {BASIN_SPACE_LABELS, 1, 0, 0, LABELS};
static const basin_space causes = {BASIN_SPACE_LABELS, 1, 0, 0, CAUSES};

static int add(basin_graph *g, const char *module, int in,
    const basin_setting *settings, int n)
{
    MUST(basin_graph_add1(g, &in, module, in, settings, n, &error));
    return in;
}

static int vectors(basin_graph *g, int label, int count)
{
    const basin_setting s[] = {{"count", count}, {"out", 4}};
    return add(g, "embedding", label, s, 2);
}

static void fill_graph(basin_graph *g, kind k)
{
    const basin_setting map[] = {{"out", 2}, {"kernel", 2}};
    const basin_setting units[] = {{"out", LABELS}, {"centres", 1}};
    int x = -1, y = core_leaf(g, BASIN_Y, 1), top = -1;
    MUST(basin_graph_leaf(g, &x, BASIN_X,
        k == PICTURE ? (basin_shape){1, 3, 3} : (basin_shape){DIM, 1, 1},
        &error));
    const int z = k == MIXTURE ? core_leaf(g, BASIN_Z, 1) : -1;
    if (k == PICTURE)
        x = core_one(g, "tanh",
            core_one(g, "mean-pool", add(g, "convolution", x, map, 2)));
    const int net = core_net(g, x, 4, k == SWITCH || k == PICTURE ? LABELS : 4);
    if (k == SWITCH || k == PICTURE)
        core_one(g, "softplus", core_two(g, "switch", net, y));
    if (k == CODES)
        top = core_two(g, "squared", net, vectors(g, y, LABELS));
    if (k == UNITS)
        top = core_two(g, "switch", add(g, "rbf", net, units, 2), y);
    if (k == MIXTURE)
        top = core_two(g, "squared", net,
            core_two(g, "sum", vectors(g, y, LABELS), vectors(g, z, CAUSES)));
    (void)top;
}

static basin_energy *open_energy(kind k, uint64_t seed)
{
    basin_graph *g = NULL;
    basin_energy *e = NULL;
    MUST(basin_graph_create(&g, ctx, &error));
    fill_graph(g, k);
    const basin_spaces spaces = {core_box(k == PICTURE ? 9 : DIM, -2, 2),
        labels, k == MIXTURE ? causes : core_none};
    MUST(basin_energy_from_graph(&e, g, &spaces, &error));
    basin_energy_init(e, seed);
    assert_int_equal(basin_energy_describe(e)->bound, BASIN_BOUND_NONNEGATIVE);
    return e;
}

static float x_of[SAMPLES * 9], y_of[SAMPLES];

/* Clouds, one for each label, far enough apart to be told from each other. */
static void draw_samples(int dim)
{
    for (int i = 0; i < SAMPLES; i++) {
        const int label = (i * 3) % LABELS;
        y_of[i] = (float)label;
        for (int d = 0; d < dim; d++)
            x_of[i * dim + d] =
                (float)(core_number(7, (uint64_t)(label * 9 + d), -1.6, 1.6) +
                        core_number(8, (uint64_t)(i * 9 + d), -.1, .1));
    }
}

/* ------------------------------------------------------------- brute force */

typedef struct rules {
    double beta, beta_z, margin;
    bool marginal;
    basin_offender offender;
} rules;

static double lowered(
    basin_energy *e, const rules *r, const float *x, int label)
{
    const int n = basin_energy_describe(e)->z.count;
    const float y = (float)label;
    double least = (double)INFINITY, sum = 0;
    if (n == 0)
        return (double)basin_energy_value(e, x, &y, NULL);
    for (int h = 0; h < n; h++) {
        const float z = (float)h;
        const double value = (double)basin_energy_value(e, x, &y, &z);
        least = fmin(least, value);
        sum += exp(-r->beta_z * value);
    }
    return r->marginal ? -log(sum) / r->beta_z : least;
}

static double cost_of(int a, int b)
{
    return abs(a - b); /* "absolute", so that the offenders differ */
}

static basin_energies brute(
    basin_energy *energy, const rules *r, const float *x, int right)
{
    double e[LABELS], z = 0, z_i = 0, least = (double)INFINITY;
    for (int y = 0; y < LABELS; y++)
        e[y] = lowered(energy, r, x, y);
    basin_energies out = {.e_c = e[right], .e_min = (double)INFINITY};
    for (int y = 0; y < LABELS; y++) {
        const double delta = cost_of(right, y);
        const double key = r->offender == BASIN_OFFENDER_LOWEST ? e[y]
                           : r->offender == BASIN_OFFENDER_MARGIN
                               ? e[y] - delta
                               : -delta * (r->margin + out.e_c - e[y]);
        out.e_min = fmin(out.e_min, e[y]);
        z += exp(-r->beta * e[y]);
        if (y == right)
            continue;
        z_i += exp(-r->beta * e[y]);
        if (key < least) {
            least = key;
            out.e_i = e[y];
            out.delta_i = delta;
        }
    }
    out.f = -log(z) / r->beta;
    out.f_i = -log(z_i) / r->beta;
    return out;
}

static void compare_all(kind k, const rules *r)
{
    basin_energy *e = open_energy(k, 3);
    basin_inference *inference = NULL;
    const basin_setting s[] = {{"beta", r->beta}, {"beta-z", r->beta_z},
        {"z", r->marginal}, {"cost", 1}};
    MUST(basin_inference_create(&inference, e, "enumerate", s, 4, &error));
    const basin_question question = {.needs = 63,
        .offender = r->offender,
        .margin = r->margin,
        .values = true,
        .samples = SAMPLES};
    const int dim = basin_energy_describe(e)->x.dim;
    basin_energies found[SAMPLES];
    int32_t index[SAMPLES];
    draw_samples(dim);
    for (int i = 0; i < SAMPLES; i++)
        index[i] = (5 * i + 2) % SAMPLES;
    MUST(basin_inference_prepare(inference, &question, &error));
    const basin_samples samples = {.n = SAMPLES, .x = x_of, .y = y_of};
    basin_inference_answer(
        inference, &samples, index, SAMPLES, false, 0, found);
    for (int b = 0; b < SAMPLES; b++) {
        const float *x = x_of + index[b] * dim;
        const int right = (int)y_of[index[b]];
        const basin_energies want = brute(e, r, x, right);
        assert_near(found[b].e_c, want.e_c, 1e-5);
        assert_near(found[b].e_i, want.e_i, 1e-5);
        assert_near(found[b].delta_i, want.delta_i, 0);
        assert_near(found[b].e_min, want.e_min, 1e-5);
        assert_near(found[b].f, want.f, 1e-5);
        assert_near(found[b].f_i, want.f_i, 1e-5);
        assert_int_equal(found[b].n, LABELS);
        for (int y = 0; y < LABELS; y++) {
            assert_near(found[b].e_y[y], lowered(e, r, x, y), 1e-5);
            assert_near(found[b].delta_y[y], cost_of(right, y), 0);
        }
    }
    float y[SAMPLES], z[SAMPLES], least[SAMPLES];
    MUST(
        basin_inference_predict(inference, x_of, SAMPLES, y, z, least, &error));
    for (int b = 0; b < SAMPLES; b++) {
        const float *x = x_of + b * dim;
        const double value = brute(e, r, x, 0).e_min;
        assert_near((double)least[b], value, 1e-5);
        assert_near(lowered(e, r, x, (int)y[b]), value, 1e-5);
        if (k == MIXTURE && !r->marginal)
            assert_near(
                (double)basin_energy_value(e, x, &y[b], &z[b]), value, 1e-5);
    }
    basin_inference_destroy(inference);
    basin_energy_destroy(e);
}

static void scalars_are_those_of_brute_force(void **state)
{
    (void)state;
    static const rules all[] = {
        {1, 1, 1, false, BASIN_OFFENDER_LOWEST},
        {3, 2, .5, true, BASIN_OFFENDER_MARGIN},
        {.2, 5, 2, false, BASIN_OFFENDER_SLACK},
        {1, .5, 1, true, BASIN_OFFENDER_SLACK},
    };
    for (int k = 0; k < KINDS; k++)
        for (int i = 0; i < COUNT(all); i++)
            compare_all((kind)k, &all[i]);
}

/* ---------------------------------------------------------------- gradients */

/* A sum over all answers: sum over the wrong ones of
 * max(0, Delta + E_C - E_y)^2 (LeCun and Huang 2005). */
static void sum_evaluate(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    (void)settings;
    for (int i = 0; i < in->n; i++) {
        const double lack = in->delta_y[i] + in->e_c - in->e_y[i];
        if (in->delta_y[i] == 0 || lack <= 0)
            continue;
        out->value += lack * lack;
        out->e_c += 2 * lack;
        out->e_y[i] -= 2 * lack;
    }
}

static const basin_loss_type sum_loss = {
    .part = {"sum-test", "squared hinges of all answers", "", "", NULL, 0},
    .needs = BASIN_NEED_EC | BASIN_NEED_ALL,
    .needs_values = true,
    .evaluate = sum_evaluate,
};

typedef struct learning {
    basin_energy *energy;
    basin_inference *inference;
    basin_loss *loss;
    basin_trainer *trainer;
} learning;

static learning open_learning(
    kind k, const char *loss, bool marginal, const basin_train_def *def)
{
    learning l = {.energy = open_energy(k, 5)};
    const basin_setting s = {"z", marginal};
    MUST(basin_inference_create(
        &l.inference, l.energy, "enumerate", &s, 1, &error));
    MUST(basin_loss_create(&l.loss, ctx, loss, NULL, 0, &error));
    draw_samples(basin_energy_describe(l.energy)->x.dim);
    MUST(basin_trainer_create(&l.trainer, l.inference, l.loss,
        &(basin_samples){.n = SAMPLES, .x = x_of, .y = y_of}, def, &error));
    return l;
}

static void close_learning(learning *l)
{
    basin_trainer_destroy(l->trainer);
    basin_loss_destroy(l->loss);
    basin_inference_destroy(l->inference);
    basin_energy_destroy(l->energy);
}

static double mean_loss(void *user)
{
    static const int32_t index[] = {3, 1, 4, 15, 9, 2, 6, 35, 8, 7};
    return basin_trainer_loss(user, index, COUNT(index), NULL);
}

static int check_gradient(kind k, const char *loss, bool marginal)
{
    static const int32_t index[] = {3, 1, 4, 15, 9, 2, 6, 35, 8, 7};
    basin_train_def def = basin_train_default();
    def.batch = 4;
    learning l = open_learning(k, loss, marginal, &def);
    const size_t n = basin_energy_describe(l.energy)->n_params;
    float *w = basin_energy_params(l.energy), gradient[128];
    int checked = 0;
    assert_true(n <= COUNT(gradient));
    basin_trainer_loss(l.trainer, index, COUNT(index), gradient);
    for (size_t i = 0; i < n; i++) {
        double numeric;
        if (!core_difference(&numeric, mean_loss, l.trainer, &w[i], .002F))
            continue;
        assert_near((double)gradient[i], numeric, 3e-3 + .01 * fabs(numeric));
        checked++;
    }
    close_learning(&l);
    return checked;
}

static void every_loss_has_its_gradient(void **state)
{
    (void)state;
    const basin_part *loss;
    MUST(basin_register(ctx, BASIN_KIND_LOSS, &sum_loss.part, &error));
    for (int i = 0; (loss = basin_part_at(ctx, BASIN_KIND_LOSS, i)); i++)
        for (int k = 0; k < KINDS; k++)
            for (int z = 0; z <= (k == MIXTURE); z++)
                if (check_gradient((kind)k, loss->name, z != 0) < 10)
                    fail_msg("%s on energy %d: too few derivatives are smooth",
                        loss->name, k);
}

/* ----------------------------------------------------------------- learning */

/* Losses that contrast must tell the clouds apart. Those without a margin may
 * not, lvq2-ratio starts saturated, and the contrastive free energy has no
 * floor: it rather drives apart for ever what is apart already. */
static void losses_learn_labels(void **state)
{
    (void)state;
    static const char *const excused[] = {"energy", "perceptron", "lvq2",
        "lvq2-ratio", "contrastive-free-energy"};
    const basin_part *loss;
    for (int i = 0; (loss = basin_part_at(ctx, BASIN_KIND_LOSS, i)); i++) {
        bool must = true;
        for (int j = 0; j < COUNT(excused); j++)
            must = must && strcmp(loss->name, excused[j]) != 0;
        basin_train_def def = basin_train_default();
        def.optimiser = "adam";
        def.epochs = 150;
        def.batch = 8;
        learning l = open_learning(SWITCH, loss->name, false, &def);
        const long asked = memory.asked;
        MUST(basin_trainer_run(l.trainer, &error));
        assert_int_equal(memory.asked, asked); /* nothing in the loop */
        float y[SAMPLES];
        int wrong = 0;
        MUST(basin_inference_predict(
            l.inference, x_of, SAMPLES, y, NULL, NULL, &error));
        for (int b = 0; b < SAMPLES; b++)
            wrong += y[b] != y_of[b];
        if (must && wrong > 0)
            fail_msg("%s: %d of %d are wrong", loss->name, wrong, SAMPLES);
        close_learning(&l);
    }
}

/* Samples that are kept as bytes give the same bits as their numbers. */
static void bytes_are_numbers(void **state)
{
    (void)state;
    enum { AREA = 9 };
    uint8_t bytes[SAMPLES * AREA];
    float w[128], rows[SAMPLES * AREA];
    basin_train_def def = basin_train_default();
    def.batch = 10;
    def.epochs = 3;
    for (int kept = 0; kept < 2; kept++) {
        learning l = open_learning(PICTURE, "nll", false, &def);
        basin_trainer_destroy(l.trainer);
        for (int i = 0; i < COUNT(bytes); i++) {
            bytes[i] = (uint8_t)core_number(4, (uint64_t)i, 0, 256);
            rows[i] = -.5F + .009F * (float)bytes[i];
        }
        basin_samples samples = {.n = SAMPLES, .x = rows, .y = y_of};
        if (kept)
            samples = (basin_samples){.n = SAMPLES,
                .y = y_of,
                .bytes = bytes,
                .offset = -.5F,
                .scale = .009F};
        MUST_FAIL(
            basin_trainer_create(&l.trainer, l.inference, l.loss,
                &(basin_samples){
                    .n = SAMPLES, .y = y_of, .bytes = bytes, .scale = .01F},
                &def, &error),
            BASIN_E_RANGE, "bytes stand for X from 0 to 2.55");
        MUST(basin_trainer_create(
            &l.trainer, l.inference, l.loss, &samples, &def, &error));
        const long asked = memory.asked;
        MUST(basin_trainer_run(l.trainer, &error));
        assert_int_equal(memory.asked, asked);
        const size_t n = basin_energy_describe(l.energy)->n_params;
        assert_true(n <= COUNT(w));
        if (kept)
            assert_memory_equal(
                w, basin_energy_params(l.energy), n * sizeof *w);
        memcpy(w, basin_energy_params(l.energy), n * sizeof *w);
        close_learning(&l);
    }
}

/* A model in a file is the same energy, to the bit. */
static void models_come_back(void **state)
{
    (void)state;
    for (int k = 0; k < KINDS; k++) {
        basin_energy *e = open_energy((kind)k, 9), *back = NULL;
        basin_bytes bytes;
        basin_bytes_init(&bytes, ctx);
        MUST(basin_model_write(&bytes, e, &error));
        MUST(basin_model_read(&back, ctx, bytes.data, bytes.size, &error));
        draw_samples(basin_energy_describe(e)->x.dim);
        assert_int_equal(basin_energy_describe(back)->y.count, LABELS);
        for (int y = 0; y < LABELS; y++) {
            const float label = (float)y, cause = 1;
            assert_true(basin_energy_value(e, x_of, &label, &cause) ==
                        basin_energy_value(back, x_of, &label, &cause));
        }
        basin_bytes_finish(&bytes);
        basin_energy_destroy(back);
        basin_energy_destroy(e);
    }
}

/* Whichever allocation fails, the status says so and nothing is left. */
static basin_status whole_life(basin_context *own, learning *l)
{
    static const basin_spaces spaces = {
        {BASIN_SPACE_BOX, DIM, -2, 2, 0}, labels, causes};
    const basin_shape three = {DIM, 1, 1}, one = {1, 1, 1};
    const basin_setting s[] = {{"count", CAUSES}, {"out", LABELS}};
    basin_graph *g = NULL;
    float y[SAMPLES], z[SAMPLES];
    int n[5] = {0};
    BASIN_TRY(basin_graph_create(&g, own, &error));
    basin_status status = basin_graph_leaf(g, &n[0], BASIN_X, three, &error);
    if (!status)
        status = basin_graph_leaf(g, &n[1], BASIN_Y, one, &error);
    if (!status)
        status = basin_graph_leaf(g, &n[2], BASIN_Z, one, &error);
    if (!status)
        status = basin_graph_add1(g, &n[0], "linear", n[0], &s[1], 1, &error);
    if (!status)
        status = basin_graph_add1(g, &n[2], "embedding", n[2], s, 2, &error);
    if (!status)
        status = basin_graph_add2(g, &n[3], "sum", n[0], n[2], NULL, 0, &error);
    if (!status)
        status =
            basin_graph_add2(g, &n[4], "switch", n[3], n[1], NULL, 0, &error);
    if (status) {
        basin_graph_destroy(g);
        return status;
    }
    BASIN_TRY(basin_energy_from_graph(&l->energy, g, &spaces, &error));
    BASIN_TRY(basin_inference_create(
        &l->inference, l->energy, "enumerate", NULL, 0, &error));
    BASIN_TRY(basin_loss_create(&l->loss, own, "nll", NULL, 0, &error));
    basin_train_def def = basin_train_default();
    def.epochs = 1;
    BASIN_TRY(basin_trainer_create(&l->trainer, l->inference, l->loss,
        &(basin_samples){.n = SAMPLES, .x = x_of, .y = y_of}, &def, &error));
    BASIN_TRY(basin_trainer_run(l->trainer, &error));
    return basin_inference_predict(
        l->inference, x_of, SAMPLES, y, z, NULL, &error);
}

static void memory_may_run_out(void **state)
{
    (void)state;
    draw_samples(DIM);
    for (long fail_at = 1;; fail_at++) {
        core_memory m = {0};
        basin_context *own = core_context(&m, 1, NULL);
        learning l = {0};
        error = (basin_error){0};
        m.fail_at = m.asked + fail_at;
        const basin_status status = whole_life(own, &l);
        const bool failed = m.asked >= m.fail_at;
        close_learning(&l);
        basin_context_destroy(own);
        assert_int_equal(m.live, 0);
        assert_int_equal(status, failed ? BASIN_E_MEMORY : BASIN_OK);
        if (!failed)
            break;
        assert_non_null(strstr(error.message, "memory"));
    }
}

/* --------------------------------------------------------------- how often */

static int rows_seen;

static basin_status counted_plan(basin_module_plan *plan, basin_error *problem)
{
    (void)problem;
    plan->out = plan->in[0];
    return BASIN_OK;
}

static void counted_forward(const basin_module_call *c)
{
    rows_seen += c->rows;
    memcpy(c->out, c->in[0].value,
        (size_t)c->features * (size_t)c->rows * sizeof(float));
}

static void counted_backward(const basin_module_call *c)
{
    rows_seen += c->rows;
    c->k->add(c->in[0].grad, c->d_out, (size_t)c->features * (size_t)c->rows);
}

static const basin_module counted = {
    .part = {"counted", "says how often it is run", "", "", NULL, 0},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = counted_plan,
    .forward = counted_forward,
    .backward = counted_backward,
};

/* A net before a switch runs once a sample, however many labels there are. */
static void the_net_runs_once_a_sample(void **state)
{
    (void)state;
    basin_context *one = core_context(NULL, 1, NULL);
    basin_graph *g = NULL;
    basin_energy *e = NULL;
    basin_inference *inference = NULL;
    basin_loss *loss = NULL;
    basin_trainer *trainer = NULL;
    MUST(basin_register(one, BASIN_KIND_MODULE, &counted.part, &error));
    MUST(basin_graph_create(&g, one, &error));
    const int x = core_leaf(g, BASIN_X, DIM), y = core_leaf(g, BASIN_Y, 1);
    core_two(g, "switch", core_one(g, "counted", core_linear(g, x, LABELS)), y);
    MUST(basin_energy_from_graph(&e, g,
        &(basin_spaces){core_box(DIM, -2, 2), labels, core_none}, &error));
    MUST(basin_inference_create(&inference, e, "enumerate", NULL, 0, &error));
    MUST(basin_loss_create(&loss, one, "nll", NULL, 0, &error));
    basin_train_def def = basin_train_default();
    def.batch = SAMPLES;
    draw_samples(DIM);
    MUST(basin_trainer_create(&trainer, inference, loss,
        &(basin_samples){.n = SAMPLES, .x = x_of, .y = y_of}, &def, &error));
    int32_t index[SAMPLES];
    for (int i = 0; i < SAMPLES; i++)
        index[i] = i;
    rows_seen = 0;
    basin_trainer_step(trainer, index, SAMPLES);
    assert_int_equal(rows_seen, 2 * SAMPLES); /* forward and backward */
    rows_seen = 0;
    MUST(basin_inference_predict(
        inference, x_of, SAMPLES, (float[SAMPLES]){0}, NULL, NULL, &error));
    assert_int_equal(rows_seen, SAMPLES);
    basin_trainer_destroy(trainer);
    basin_loss_destroy(loss);
    basin_inference_destroy(inference);
    basin_energy_destroy(e);
    basin_context_destroy(one);
}

/* ----------------------------------------------------------------- refusals */

static void other_answers_are_refused(void **state)
{
    (void)state;
    basin_inference *inference = NULL;
    basin_energy *e = core_energy(ctx, CORE_DUAL, 1);
    MUST_FAIL(
        basin_inference_create(&inference, e, "enumerate", NULL, 0, &error),
        BASIN_E_SERVE, "in a box: take 'grid'");
    basin_energy_destroy(e);
    e = open_energy(SWITCH, 1);
    MUST_FAIL(basin_inference_create(&inference, e, "grid", NULL, 0, &error),
        BASIN_E_SERVE, "'grid' needs answers in a box");
    basin_energy_destroy(e);
}

static void labels_outside_are_refused(void **state)
{
    (void)state;
    static const float wrong[] = {-1, LABELS, 1.5F, NAN};
    for (int i = 0; i < COUNT(wrong); i++) {
        basin_train_def def = basin_train_default();
        learning l = open_learning(SWITCH, "nll", false, &def);
        basin_trainer_destroy(l.trainer);
        l.trainer = NULL;
        y_of[4] = wrong[i];
        MUST_FAIL(basin_trainer_create(&l.trainer, l.inference, l.loss,
                      &(basin_samples){.n = SAMPLES, .x = x_of, .y = y_of},
                      &def, &error),
            BASIN_E_RANGE, "Y of sample 4 is");
        close_learning(&l);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)
    const struct CMUnitTest tests[] = {
        TEST(scalars_are_those_of_brute_force),
        TEST(every_loss_has_its_gradient),
        TEST(losses_learn_labels),
        TEST(bytes_are_numbers),
        TEST(models_come_back),
        TEST(memory_may_run_out),
        TEST(the_net_runs_once_a_sample),
        TEST(other_answers_are_refused),
        TEST(labels_outside_are_refused),
    };
    return cmocka_run_group_tests_name("labels", tests, NULL, NULL);
}
