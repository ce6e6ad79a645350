/* SPDX-License-Identifier: MIT
 *
 * The product: every energy through every inference with every loss, as the
 * registry lists them. What serves has right values, right gradients, and
 * learns what the theory says; what does not is refused by name.
 *
 * Nothing here knows a part's name. A new inference or loss is tested on the
 * day it is registered; what it must do is read from what it declares.
 */
#include "test_product_oracle.h"

enum {
    LOSSES_MOST = 64,
    INFERENCES_MOST = 32,
    GRADIENTS = 8,
    EPOCHS = 400,
    STARTS = 3,
    SEED = 3
};

static basin_context *ctx;

/** The verdicts on a loss, over energies of any sign and of at least 0. */
typedef struct verdict {
    bool known[2];
    basin_check check[2];
} verdict;
static verdict verdicts[LOSSES_MOST];

static int served, refused, taught, wrongs;
static bool loss_serves[LOSSES_MOST], inference_serves[INFERENCES_MOST];

/** One combination on its way. */
typedef struct combination {
    const task *task;
    const basin_inference_type *inference;
    const basin_loss_type *loss;
    int inference_at, loss_at, hidden; /**< hidden: what becomes of Z */
    const task_samples *data;
    basin_energy *energy;
    basin_inference *inf;
    basin_loss *functional;
    basin_trainer *trainer;
    rules rules;
} combination;

static void wrong(
    const combination *c, const char *what, double got, double want)
{
    wrongs++;
    print_error("%s, %s (z %d), %s: %s: %.9g, should be %.9g\n", c->task->name,
        c->inference->part.name, c->hidden, c->loss->part.name, what, got,
        want);
}

static void expect_near(const combination *c, const char *what, double got,
    double want, double tolerance)
{
    if (!(fabs(got - want) <= tolerance))
        wrong(c, what, got, want);
}

/* ---------------------------------------------------------------- refusals */

/* Refused: by name, with a reason, and only where it has to be. */
static void refuse(const combination *c, basin_status status)
{
    refused++;
    const bool named = strstr(error.message, c->inference->part.name) ||
                       strstr(error.message, c->loss->part.name);
    if (status != BASIN_E_SERVE || !named || strlen(error.message) < 20) {
        wrongs++;
        print_error("%s, %s, %s: refused with status %d and \"%s\"\n",
            c->task->name, c->inference->part.name, c->loss->part.name, status,
            error.message);
    }
}

/* What the declarations alone forbid. */
static bool must_refuse(const combination *c)
{
    return (c->loss->domain == BASIN_DOMAIN_NONNEGATIVE &&
               basin_energy_describe(c->energy)->bound == BASIN_BOUND_NONE) ||
           (c->loss->needs & ~c->inference->serves);
}

/* ------------------------------------------------------------------ values */

/* A scalar as it has to be: exact, or, of a search, no less than the least of
 * a fine grid, between whose points it may lie. */
static void expect_scalar(
    const combination *c, const char *what, double got, double want)
{
    const double size = 1 + fabs(want);
    if (!c->rules.searches)
        expect_near(c, what, got, want, 2e-5 * size);
    else if (!(got >= want - .05 * size))
        wrong(c, what, got, want);
}

/* Is there a scalar in it of which only the derivatives are known? Chains give
 * them, and tests/test_sampler.c compares these with sums over all answers. */
static bool is_sampled(const combination *c)
{
    return c->loss->needs & c->inference->slopes;
}

static void compare(const combination *c, const basin_energies *found,
    const basin_energies *want)
{
    const unsigned needs = c->loss->needs;
    expect_scalar(c, "E_C", found->e_c, want->e_c);
    if (needs & BASIN_NEED_EI) /* where two offend as much, either will do */
        expect_scalar(c, "the offence of E_I",
            surface_key(&c->rules, found->e_c, found->e_i, found->delta_i),
            surface_key(&c->rules, c->rules.searches ? found->e_c : want->e_c,
                want->e_i, want->delta_i));
    if (needs & BASIN_NEED_EMIN)
        expect_scalar(c, "min E", found->e_min, want->e_min);
    if (needs & BASIN_NEED_F & ~c->inference->slopes)
        expect_scalar(c, "F", found->f, want->f);
    if (needs & BASIN_NEED_FI & ~c->inference->slopes)
        expect_scalar(c, "F_I", found->f_i, want->f_i);
    if (!(needs & BASIN_NEED_ALL))
        return;
    expect_near(c, "answers", found->n, want->n, 0);
    for (int i = 0; i < found->n && i < want->n; i++) {
        expect_scalar(c, "E_y", found->e_y[i], want->e_y[i]);
        expect_scalar(c, "Delta_y", found->delta_y[i], want->delta_y[i]);
    }
}

/* The scalars of each sample, and the loss that they make. */
static void check_values(const combination *c)
{
    static surface s;
    static double e_y[ANSWERS_MOST], delta_y[ANSWERS_MOST], room[ANSWERS_MOST];
    basin_energies found[TASK_N];
    int32_t index[TASK_N];
    double sum = 0;
    surface_fill(&s, c->energy, c->data, &c->rules);
    basin_inference_answer(c->inf, &c->data->of, NULL, TASK_N, false, 1, found);
    for (int b = 0; b < TASK_N; b++) {
        basin_energies want = surface_scalars(&s, &c->rules, b, e_y, delta_y);
        basin_slopes slopes = {.e_y = room};
        compare(c, &found[b], &want);
        memset(room, 0, sizeof room);
        basin_loss_evaluate(
            c->functional, c->rules.searches ? &found[b] : &want, &slopes);
        sum += slopes.value / TASK_N;
        index[b] = b;
    }
    /* the random numbers of a search are the trainer's */
    if (!c->rules.searches && !is_sampled(c))
        expect_near(c, "the loss",
            basin_trainer_loss(c->trainer, index, TASK_N, NULL), sum,
            1e-4 * (1 + fabs(sum)));
}

/* What it answers, and that the energy it says is that of the answer. */
static void check_prediction(const combination *c)
{
    static surface s;
    float y[TASK_N * TASK_DIM], z[TASK_N * TASK_DIM], e[TASK_N];
    const basin_energy_info *info = basin_energy_describe(c->energy);
    if (basin_inference_predict(c->inf, c->data->x, TASK_N, y, z, e, &error) ==
        BASIN_E_SERVE)
        return; /* of sequences: a lattice's affair */
    surface_fill(&s, c->energy, c->data, &c->rules);
    for (int b = 0; b < TASK_N; b++) {
        double least = (double)INFINITY;
        for (int i = 0; i < s.n[b]; i++)
            least = fmin(least, s.e[b][i]);
        if (!((double)e[b] >= least - .15 * (1 + fabs(least))))
            wrong(c, "the energy of the answer", (double)e[b], least);
        if (!c->rules.marginal || info->z.kind == BASIN_SPACE_NONE)
            expect_near(c, "the energy at the answer", (double)e[b],
                (double)basin_energy_value(c->energy,
                    c->data->x + b * info->x.dim, y + b * info->y.dim,
                    z + b * info->z.dim),
                1e-5 * (1 + fabs(least)));
    }
}

/* --------------------------------------------------------------- gradients */

static double loss_now(const combination *c)
{
    int32_t index[TASK_N];
    for (int b = 0; b < TASK_N; b++)
        index[b] = b;
    return basin_trainer_loss(c->trainer, index, TASK_N, NULL);
}

static double loss_of(void *c)
{
    return loss_now(c);
}

/* May the energy have kinks? Where a search looks for a least energy it rests
 * on one, and differences then compare nothing. */
static bool may_kink(const basin_energy *energy)
{
    const basin_graph *g = basin_energy_graph(energy);
    for (int i = 0; g && i < basin_graph_size(g); i++) {
        const basin_module *module = basin_graph_node(g, i).module;
        if (module && module->kinks)
            return true;
    }
    return !g;
}

/* A few weights, spread over all; those near a kink are passed over. */
static int check_gradients(combination *c)
{
    static float gradient[256];
    const size_t n = basin_energy_describe(c->energy)->n_params;
    int32_t index[TASK_N];
    int checked = 0;
    if (c->rules.searches && may_kink(c->energy))
        return GRADIENTS;
    assert_true(n <= COUNT(gradient));
    for (int b = 0; b < TASK_N; b++)
        index[b] = b;
    basin_trainer_loss(c->trainer, index, TASK_N, gradient);
    for (int k = 0; k < GRADIENTS; k++) {
        const size_t i = (size_t)k * n / GRADIENTS;
        double numeric;
        float *w = basin_energy_params(c->energy) + i;
        if (!core_difference(&numeric, loss_of, c, w, .004F) &&
            !core_difference(&numeric, loss_of, c, w, .001F))
            continue;
        /* a search need not come to rest, where alone this is exact */
        const double slack = c->rules.searches ? 10 : 1;
        expect_near(c, "a derivative of the loss in W", (double)gradient[i],
            numeric, slack * (3e-3 + .01 * fabs(numeric)));
        checked++;
    }
    return checked;
}

/* ---------------------------------------------------------------- learning */

static const basin_check *verdict_on(const combination *c)
{
    const bool bound =
        basin_energy_describe(c->energy)->bound == BASIN_BOUND_NONNEGATIVE;
    verdict *v = &verdicts[c->loss_at];
    if (!v->known[bound])
        MUST(basin_check_loss(&v->check[bound], ctx, c->functional,
            bound ? BASIN_DOMAIN_NONNEGATIVE : BASIN_DOMAIN_ANY, &error));
    v->known[bound] = true;
    return &v->check[bound];
}

/* What a training came to. */
typedef struct outcome {
    int right;           /* answers */
    double loss, spread; /* after it, of what they were before */
} outcome;

static outcome teach(const combination *c, uint64_t seed)
{
    static surface s;
    outcome out = {.right = -1};
    const basin_trainer_state start = {.rate_scale = 1};
    task_start(c->energy, seed);
    if (!verdict_on(c)->pushes_up && c->task->collapses)
        task_flatten(c->energy);
    basin_trainer_state_set(c->trainer, &start);
    for (int i = 0; i < basin_trainer_arrays(c->trainer); i++)
        memset(basin_trainer_array(c->trainer, i), 0,
            basin_energy_describe(c->energy)->n_params * sizeof(float));
    surface_fill(&s, c->energy, c->data, &c->rules);
    const double first = loss_now(c), spread = surface_spread(&s);
    const basin_status status = basin_trainer_run(c->trainer, &error);
    if (status != BASIN_OK) {
        wrong(c, error.message, status, 0);
        return out;
    }
    surface_fill(&s, c->energy, c->data, &c->rules);
    return (outcome){.right = surface_right(&s, &c->rules),
        .loss = loss_now(c) - first,
        .spread = surface_spread(&s) / spread};
}

/* A loss that can fall for ever may pay for some samples with others: half of
 * them is then what is asked. In a box free energies are of densities, and
 * E_C - F is below 0 where the right answer's is above 1. */
static int least_right(const combination *c, const basin_check *check)
{
    const bool box =
        basin_energy_describe(c->energy)->y.kind == BASIN_SPACE_BOX;
    const bool sums = c->loss->needs & (BASIN_NEED_F | BASIN_NEED_FI);
    return (box && sums) || check->least_hp1 == -(double)INFINITY ? TASK_N / 2
                                                                  : TASK_N;
}

/* What the theory says of this loss on this energy, and whether it came. It
 * speaks of minima, which a start may miss: one of three has to come there. */
static void check_learning(const combination *c)
{
    const basin_check *check = verdict_on(c);
    const bool good = check->margin == BASIN_MARGIN_FINITE ||
                      check->margin == BASIN_MARGIN_ANY;
    const bool learns = good || (!check->pushes_up && c->task->rises);
    outcome out = teach(c, SEED);
    if (c->task->data == DATA_RANDOM)
        return;
    taught++;
    if (!check->pushes_up && c->task->collapses && out.spread > .05)
        wrong(c, "the spread of a collapsed surface", out.spread, 0);
    const int least = least_right(c, check);
    for (uint64_t i = 1; learns && out.right < least && i < STARTS; i++)
        out = teach(c, SEED + i);
    if (!learns)
        return;
    if (out.right < least)
        wrong(c, "right answers", out.right, least);
    if (out.spread <= .05)
        wrong(c, "the surface's spread, of what it was", out.spread, 1);
    if (!c->rules.searches && !is_sampled(c) && !(out.loss < 0))
        wrong(c, "the loss has risen", out.loss, 0);
}

/* ------------------------------------------------------------ combinations */

/* Small sets, and the choice of what becomes of Z; whatever else an inference
 * has stays as it is. */
static int settings_of(
    const combination *c, basin_setting out[BASIN_PARAMS_MAX])
{
    const basin_part *part = &c->inference->part;
    const basin_setting wanted[] = {{"points", c->task->points},
        {"epsilon", c->task->epsilon}, {"z-points", 9}, {"beta", 1.5},
        {"beta-z", 2}, {"z", c->hidden}, {"starts", 2}, {"steps", 25},
        {"sweeps", 4}, {"turns", 60}, {"start", 2}, {"chains", 4}};
    /* chains among the wrong answers begin on both sides of the right one, or
     * they would seldom come to the other */
    const bool both_sides = is_sampled(c) && c->loss->needs & BASIN_NEED_FI;
    int n = 0;
    for (int i = 0; i < part->n_params; i++)
        for (int k = 0; k < COUNT(wanted) - (both_sides ? 0 : 2); k++)
            if (!strcmp(part->params[i].name, wanted[k].name))
                out[n++] = wanted[k];
    return n;
}

static basin_status put_together(combination *c)
{
    basin_setting settings[BASIN_PARAMS_MAX];
    const int n = settings_of(c, settings);
    basin_train_def def = basin_train_default();
    def.optimiser = "adam";
    def.rate = .05;
    def.rate_end = .1;
    def.epochs = c->inference->searches || is_sampled(c) ? EPOCHS / 3 : EPOCHS;
    def.batch = TASK_N;
    /* without an end, energies outgrow the steps of chains */
    if (is_sampled(c) && c->loss->needs & BASIN_NEED_FI)
        def.size = 1;
    error = (basin_error){0};
    BASIN_TRY(basin_inference_create(
        &c->inf, c->energy, c->inference->part.name, settings, n, &error));
    return basin_trainer_create(
        &c->trainer, c->inf, c->functional, &c->data->of, &def, &error);
}

static void check_gradients_somewhere(combination *c)
{
    int checked = check_gradients(c);
    for (uint64_t i = 1; checked == 0 && i < STARTS; i++) {
        task_start(c->energy, SEED + i);
        checked = check_gradients(c);
    }
    if (checked == 0)
        wrong(c, "derivatives away from kinks", 0, GRADIENTS);
}

static void combine(combination *c)
{
    c->energy = task_open(c->task, ctx);
    task_start(c->energy, SEED);
    MUST(basin_loss_create(
        &c->functional, ctx, c->loss->part.name, NULL, 0, &error));
    const basin_status status = put_together(c);
    if (status != BASIN_OK) {
        refuse(c, status);
    } else {
        served++;
        loss_serves[c->loss_at] = inference_serves[c->inference_at] = true;
        if (must_refuse(c))
            wrong(c, "served against its declaration", 1, 0);
        c->rules = rules_of(
            c->inf, c->functional, &basin_energy_describe(c->energy)->y);
        if (c->rules.epsilon == 0) /* it tells no wrong answers apart */
            c->rules.epsilon = c->task->epsilon;
        check_values(c);
        check_prediction(c);
        if (!is_sampled(c))
            check_gradients_somewhere(c);
        check_learning(c);
    }
    basin_trainer_destroy(c->trainer);
    basin_loss_destroy(c->functional);
    basin_inference_destroy(c->inf);
    basin_energy_destroy(c->energy);
}

/* An inference that can minimise over Z or marginalise does both. */
static int hidden_ways(const task *t, const basin_part *part)
{
    basin_energy *e = task_open(t, ctx);
    const bool hidden = basin_energy_describe(e)->z.kind != BASIN_SPACE_NONE;
    basin_energy_destroy(e);
    for (int i = 0; hidden && i < part->n_params; i++)
        if (!strcmp(part->params[i].name, "z"))
            return 2;
    return 1;
}

static void walk(const task *t)
{
    static task_samples data;
    const basin_part *inference, *loss;
    task_samples_fill(&data, t, ctx);
    for (int i = 0; (inference = basin_part_at(ctx, BASIN_KIND_INFERENCE, i));
         i++) {
        assert_true(i < INFERENCES_MOST);
        const int ways = hidden_ways(t, inference);
        for (int way = 0; way < ways; way++)
            for (int l = 0; (loss = basin_part_at(ctx, BASIN_KIND_LOSS, l));
                 l++) {
                assert_true(l < LOSSES_MOST);
                combination c = {.task = t,
                    .inference = (const void *)inference,
                    .loss = (const void *)loss,
                    .inference_at = i,
                    .loss_at = l,
                    .hidden = way,
                    .data = &data};
                combine(&c);
            }
    }
}

/* ------------------------------------------------------------------- cases */

static void one_task(void **state)
{
    const int before = wrongs, had = served;
    walk(*state);
    assert_int_equal(wrongs, before);
    assert_true(served > had);
}

static void every_part_serves_somewhere(void **state)
{
    (void)state;
    const basin_part *part;
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_INFERENCE, i)); i++)
        if (!inference_serves[i])
            fail_msg("no loss and no energy is served by '%s'", part->name);
    for (int l = 0; (part = basin_part_at(ctx, BASIN_KIND_LOSS, l)); l++)
        if (!loss_serves[l])
            fail_msg("no inference serves '%s'", part->name);
    print_message("# %d combinations: %d served, %d of them taught, %d "
                  "refused by name\n",
        served + refused, served, taught, refused);
    assert_true(served >= 200 && refused >= 200);
}

int main(void)
{
    enum { REGISTERED_MOST = 64 };
    static task registered[REGISTERED_MOST];
    struct CMUnitTest tests[COUNT(tasks) + REGISTERED_MOST + 1];
    const basin_part *part;
    int n = 0, own = 0;
    ctx = core_context(NULL, 1, NULL);
    if (basin_register(ctx, BASIN_KIND_ENERGY, &task_own.part, NULL))
        return 1;
    for (; n < COUNT(tasks); n++)
        tests[n] = (struct CMUnitTest){
            tasks[n].name, one_task, NULL, NULL, (void *)&tasks[n]};
    for (; (part = basin_part_at(ctx, BASIN_KIND_ENERGY, own)) &&
           own < REGISTERED_MOST;
         own++, n++) {
        registered[own] = task_registered(ctx, part);
        tests[n] = (struct CMUnitTest){
            part->name, one_task, NULL, NULL, &registered[own]};
    }
    tests[n++] =
        (struct CMUnitTest)cmocka_unit_test(every_part_serves_somewhere);
    const int failed =
        _cmocka_run_group_tests("product", tests, (size_t)n, NULL, NULL);
    basin_context_destroy(ctx);
    return failed;
}
