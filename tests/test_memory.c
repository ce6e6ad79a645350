/* SPDX-License-Identifier: MIT
 *
 * Memory: a step of training allocates nothing, and whichever allocation of a
 * whole life fails, from the context to a prediction, the answer is a clear
 * status and nothing is left behind.
 */
#include "test_learn.h"

static void a_step_allocates_nothing(void **state)
{
    (void)state;
    for (int kind = 0; kind < CORE_KINDS; kind++) {
        core_memory memory = {0};
        basin_context *ctx = core_context(&memory, 2, NULL);
        const basin_part *loss;
        for (int i = 0; (loss = basin_part_at(ctx, BASIN_KIND_LOSS, i)); i++) {
            learning l;
            basin_train_def def = basin_train_default();
            def.optimiser = "adam";
            def.batch = 40;
            def.epochs = 3;
            const learning_def d = {
                (core_kind)kind, "grid", loss->name, true, 1, 70};
            assert_int_equal(learning_try(&l, ctx, &d, &def), BASIN_OK);
            const long asked = memory.asked;
            const size_t live = memory.live;
            const int32_t index[] = {3, 1, 4};
            float gradient[64];
            MUST(basin_trainer_run(l.trainer, &error));
            basin_trainer_step(l.trainer, index, 3);
            basin_trainer_loss(l.trainer, index, 3, gradient);
            assert_int_equal(memory.asked, asked);
            assert_int_equal(memory.live, live);
            /* The first prediction prepares; the others find all ready. */
            float y[2 * LEARNING_MAX];
            MUST(basin_inference_predict(
                l.inference, l.x, 70, y, NULL, NULL, &error));
            const long ready = memory.asked;
            MUST(basin_inference_predict(
                l.inference, l.x, 70, y, NULL, NULL, &error));
            assert_int_equal(memory.asked, ready);
            learning_close(&l);
        }
        assert_int_equal(memory.live, basin_context_bytes(ctx));
        basin_context_destroy(ctx);
        assert_int_equal(memory.live, 0);
    }
}

/* ------------------------------------------------------------- a whole life */

static basin_status own_describe(void *self, basin_energy_info *info,
    const double *settings, basin_error *problem)
{
    (void)self, (void)settings, (void)problem;
    info->x = info->y = info->z = core_box(1, -1, 1);
    info->bound = BASIN_BOUND_NONNEGATIVE;
    info->n_params = 1;
    return BASIN_OK;
}

static float own_value(const void *self, const float *w, const float *x,
    const float *y, const float *z)
{
    (void)self;
    const float a = w[0] * x[0] - y[0];
    return a * a + z[0] * z[0];
}

static void own_gradient(const void *self, const float *w, const float *x,
    const float *y, const float *z, float weight, float *d_w, float *d_x,
    float *d_y, float *d_z)
{
    (void)self, (void)d_x, (void)d_y, (void)d_z, (void)z;
    if (d_w)
        d_w[0] += 2 * weight * (w[0] * x[0] - y[0]) * x[0];
}

static const basin_energy_type own = {
    .part = {"own", "a parabola", "", "", NULL, 0},
    .describe = own_describe,
    .value = own_value,
    .gradient = own_gradient,
};

/* Y = X^2 through two nets with many nodes, so that the graph has to grow. */
static basin_status fill_graph(basin_graph *g)
{
    const basin_shape one = {1, 1, 1};
    const basin_setting out = {"out", 3};
    int x = -1, y = -1, e = -1;
    BASIN_TRY(basin_graph_leaf(g, &x, BASIN_X, one, &error));
    BASIN_TRY(basin_graph_leaf(g, &y, BASIN_Y, one, &error));
    for (int i = 0; i < 5; i++) {
        BASIN_TRY(basin_graph_add1(g, &x, "linear", x, &out, 1, &error));
        BASIN_TRY(basin_graph_add1(g, &y, "linear", y, &out, 1, &error));
        BASIN_TRY(basin_graph_add1(g, &x, "tanh", x, NULL, 0, &error));
    }
    return basin_graph_add2(g, &e, "l1", x, y, NULL, 0, &error);
}

static basin_status make_energy(
    basin_energy **out, basin_context *ctx, bool graph)
{
    if (!graph) {
        BASIN_TRY(basin_register(ctx, BASIN_KIND_ENERGY, &own.part, &error));
        return basin_energy_create(out, ctx, "own", NULL, 0, &error);
    }
    basin_graph *g = NULL;
    BASIN_TRY(basin_graph_create(&g, ctx, &error));
    const basin_status status = fill_graph(g);
    if (status != BASIN_OK) {
        basin_graph_destroy(g);
        return status;
    }
    const basin_space box = core_box(1, -1, 1);
    return basin_energy_from_graph(
        out, g, &(basin_spaces){box, box, core_none}, &error);
}

static basin_status live(
    basin_context *ctx, learning *l, bool graph, const char *loss)
{
    basin_train_def def = basin_train_default();
    const basin_setting settings[] = {
        {"points", 11}, {"z", 1}, {"z-points", 5}};
    def.optimiser = "adam";
    def.batch = 40;
    def.epochs = 1;
    BASIN_TRY(make_energy(&l->energy, ctx, graph));
    basin_energy_init(l->energy, 1);
    BASIN_TRY(basin_inference_create(
        &l->inference, l->energy, "grid", settings, 3, &error));
    BASIN_TRY(basin_loss_create(&l->loss, ctx, loss, NULL, 0, &error));
    BASIN_TRY(basin_trainer_create(&l->trainer, l->inference, l->loss,
        &(basin_samples){.n = LEARNING_MAX, .x = l->x, .y = l->y}, &def,
        &error));
    BASIN_TRY(basin_trainer_run(l->trainer, &error));
    float y[3], z[3], e[3];
    BASIN_TRY(basin_inference_predict(l->inference, l->x, 3, y, z, e, &error));
    basin_gradcheck check;
    BASIN_TRY(basin_energy_gradcheck(&check, l->energy, 1, 1, &error));
    /* This one has no status: it says NaN. */
    const float value = basin_energy_value(l->energy, l->x, l->y, l->x);
    return isnan(value) ? basin_error_set(&error, BASIN_E_MEMORY, "value")
                        : BASIN_OK;
}

static basin_status whole_life(
    core_memory *memory, bool graph, const char *loss)
{
    basin_context *ctx = NULL;
    basin_context_def def = basin_context_default();
    def.allocator = (basin_allocator){core_allocate, memory};
    def.threads = 2;
    BASIN_TRY(basin_context_create(&ctx, &def, &error));
    learning l = {0};
    core_fill(l.x, LEARNING_MAX, 61, -1, 1);
    for (int i = 0; i < LEARNING_MAX; i++)
        l.y[i] = l.x[i] * l.x[i];
    const basin_status status = live(ctx, &l, graph, loss);
    learning_close(&l);
    assert_int_equal(basin_context_bytes(ctx), memory->live);
    basin_context_destroy(ctx);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    static const char *const losses[] = {"energy", "square-square", "nll"};
    for (int graph = 0; graph < 2; graph++)
        for (int i = 0; i < COUNT(losses); i++) {
            core_memory memory = {0};
            MUST(whole_life(&memory, graph, losses[i]));
            assert_int_equal(memory.live, 0);
            const long n = memory.asked;
            assert_true(n > 20);
            for (long at = 1; at <= n; at++) {
                memory = (core_memory){.fail_at = at};
                error = (basin_error){0};
                const basin_status status =
                    whole_life(&memory, graph, losses[i]);
                if (status != BASIN_E_MEMORY || error.code != BASIN_E_MEMORY ||
                    error.message[0] == '\0')
                    fail_msg("allocation %ld of %ld: status %d, \"%s\"", at, n,
                        (int)status, error.message);
                assert_int_equal(memory.live, 0);
                assert_int_equal(memory.blocks, 0);
                assert_int_equal(memory.asked >= at, 1);
            }
        }
}

/* Registering more parts than there is room for at first. */
static void the_registry_grows(void **state)
{
    (void)state;
    enum { MANY = 70 };
    static char names[MANY][16];
    static basin_energy_type types[MANY];
    core_memory memory = {0};
    basin_context *ctx = core_context(&memory, 1, NULL);
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "own-%d", i);
        types[i] = own;
        types[i].part.name = names[i];
        memory.fail_at = memory.asked + 1;
        basin_status status =
            basin_register(ctx, BASIN_KIND_ENERGY, &types[i].part, &error);
        if (status != BASIN_OK) {
            assert_int_equal(status, BASIN_E_MEMORY);
            memory.fail_at = 0;
            MUST(
                basin_register(ctx, BASIN_KIND_ENERGY, &types[i].part, &error));
        }
    }
    const basin_part *part = NULL;
    MUST(basin_find(&part, ctx, BASIN_KIND_ENERGY, "own-69", &error));
    assert_ptr_equal(part, &types[69].part);
    basin_context_destroy(ctx);
    assert_int_equal(memory.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_allocates_nothing),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(the_registry_grows),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
