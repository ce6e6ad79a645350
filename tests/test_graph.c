/* SPDX-License-Identifier: MIT
 *
 * Graphs: what is refused while one is built, what it must be to be an energy,
 * shared parameters, and where parameters begin.
 */
#include "test_context.h"

/* A graph E = |linear(x) - y| with y of `n_y` and a top of `n_top`. */
static basin_graph *some_graph(int n_y, int n_top)
{
    basin_graph *g = NULL;
    MUST(basin_graph_create(&g, ctx, &error));
    const int x = core_leaf(g, BASIN_X, 2), y = core_leaf(g, BASIN_Y, n_y);
    const int d = core_two(g, "l1", core_linear(g, x, n_y), y);
    if (n_top > 0)
        core_linear(g, d, n_top);
    return g;
}

static void from_graph_says_what_is_wrong(void **state)
{
    (void)state;
    const basin_space box = core_box(2, -1, 1), bad = core_box(2, 1, -1);
    const basin_space labels = {.kind = BASIN_SPACE_LABELS, .count = 4};
    const basin_space no_labels = {.kind = BASIN_SPACE_LABELS};
    const basin_space nan_box = core_box(2, NAN, 1);
    const basin_space strange = {.kind = (basin_space_kind)9, .dim = 2};
    const struct {
        int n_y, n_top; /* n_top -1: no node at all; -2: Y alone */
        basin_spaces spaces;
        basin_status status;
        const char *words;
    } cases[] = {
        {2, 3, {box, box, core_none}, BASIN_E_SHAPE, "must have 1 feature"},
        {2, 0, {core_box(3, -1, 1), box, core_none}, BASIN_E_SHAPE, "X has 3"},
        {1, 0, {box, box, core_none}, BASIN_E_SHAPE, "Y has 2"},
        {2, 0, {box, box, box}, BASIN_E_SHAPE, "Z has 2"},
        {2, 0, {box, core_none, core_none}, BASIN_E_SHAPE, "Y has 0"},
        {2, 0, {box, labels, core_none}, BASIN_E_SHAPE, "Y has 1"},
        {2, 0, {box, bad, core_none}, BASIN_E_RANGE, "from 1 to -1"},
        {2, 0, {nan_box, box, core_none}, BASIN_E_RANGE, "X lives"},
        {2, 0, {box, no_labels, core_none}, BASIN_E_RANGE, "0 labels"},
        {2, 0, {core_box(0, -1, 1), box, core_none}, BASIN_E_SHAPE,
            "0 dimensions"},
        {2, 0, {box, strange, core_none}, BASIN_E_ARGUMENT, "unknown kind"},
        {2, -1, {core_none, core_none, core_none}, BASIN_E_SHAPE,
            "at least one node"},
        {1, -2, {core_none, core_box(1, 0, 1), core_none}, BASIN_E_SHAPE,
            "is a leaf"},
    };
    for (int i = 0; i < COUNT(cases); i++) {
        basin_graph *g = NULL;
        basin_energy *e = NULL;
        if (cases[i].n_top >= 0)
            g = some_graph(cases[i].n_y, cases[i].n_top);
        else
            MUST(basin_graph_create(&g, ctx, &error));
        if (cases[i].n_top == -2)
            core_leaf(g, BASIN_Y, 1);
        MUST_FAIL(basin_energy_from_graph(&e, g, &cases[i].spaces, &error),
            cases[i].status, cases[i].words);
        assert_null(e);
    }
}

static void graphs_say_what_is_wrong(void **state)
{
    (void)state;
    basin_graph *g = some_graph(2, 0);
    const int first[9] = {0};
    int out = -1;
    basin_node_def def = {.module = "linear",
        .name = "a",
        .inputs = first,
        .n_inputs = 1,
        .share = -1};
    MUST(basin_graph_add(g, &out, &def, &error));
    MUST_FAIL(basin_graph_add(g, &out, &def, &error), BASIN_E_ARGUMENT,
        "two nodes are called 'a'");
    def.name = NULL;
    def.n_inputs = 9;
    MUST_FAIL(basin_graph_add(g, &out, &def, &error), BASIN_E_ARGUMENT,
        "takes 1 to 1 inputs; got 9");
    def.n_inputs = 1;
    def.inputs = (const int[]){17};
    MUST_FAIL(
        basin_graph_add(g, &out, &def, &error), BASIN_E_ARGUMENT, "node 17");
    def.inputs = first;
    def.share = 3; /* l1 */
    MUST_FAIL(basin_graph_add(g, &out, &def, &error), BASIN_E_SHAPE, "share");
    def.share = -1;
    def.module = "liner";
    MUST_FAIL(basin_graph_add(g, &out, &def, &error), BASIN_E_NAME,
        "did you mean 'linear'");
    MUST_FAIL(
        basin_graph_leaf(g, &out, BASIN_X, (basin_shape){1, 1, 1}, &error),
        BASIN_E_ARGUMENT, "already");
    MUST_FAIL(
        basin_graph_leaf(g, &out, BASIN_Z, (basin_shape){1, 0, 1}, &error),
        BASIN_E_SHAPE, "at least 1");
    MUST_FAIL(basin_graph_add2(g, &out, "l1", 0, 3, NULL, 0, &error),
        BASIN_E_SHAPE, "got 2 and 1");
    /* A name that the library makes up must not be one that is taken. */
    def = (basin_node_def){.module = "tanh",
        .name = "tanh6",
        .inputs = first,
        .n_inputs = 1,
        .share = -1};
    assert_int_equal(basin_graph_size(g), 5);
    MUST(basin_graph_add(g, &out, &def, &error));
    MUST_FAIL(basin_graph_add1(g, &out, "tanh", 0, NULL, 0, &error),
        BASIN_E_ARGUMENT, "'tanh6'");
    basin_graph_destroy(g);
}

/* A Siamese pair: X and Y through one net. */
static void shared_parameters(void **state)
{
    (void)state;
    basin_graph *g = NULL;
    MUST(basin_graph_create(&g, ctx, &error));
    const int x = core_leaf(g, BASIN_X, 2), y = core_leaf(g, BASIN_Y, 2);
    const basin_setting three = {"out", 3};
    int a = -1, b = -1;
    MUST(basin_graph_add1(g, &a, "linear", x, &three, 1, &error));
    MUST(basin_graph_add(g, &b,
        &(basin_node_def){.module = "linear",
            .inputs = &y,
            .n_inputs = 1,
            .settings = &three,
            .n_settings = 1,
            .share = a},
        &error));
    core_two(g, "squared", core_one(g, "tanh", a), core_one(g, "tanh", b));
    assert_int_equal(basin_graph_params(g), 2 * 3 + 3);
    basin_energy *e = NULL;
    const basin_space box = core_box(2, -1, 1);
    MUST(basin_energy_from_graph(
        &e, g, &(basin_spaces){box, box, core_none}, &error));
    basin_energy_init(e, 1);
    basin_gradcheck check;
    MUST(basin_energy_gradcheck(&check, e, 1, 5, &error));
    assert_true(check.checked > 0 && check.worst < .01);
    const float p[2] = {.3F, -.8F}, q[2] = {-.1F, .6F};
    const float there = basin_energy_value(e, p, q, NULL);
    assert_true(there > 0);
    assert_true(there == basin_energy_value(e, q, p, NULL));
    assert_true(basin_energy_value(e, p, p, NULL) == 0);
    basin_energy_destroy(e);
}

/* The same seed gives the same W, on any context; another seed another. */
static void initial_parameters(void **state)
{
    (void)state;
    basin_energy *a = core_energy(ctx, CORE_DUAL, 5);
    basin_energy *b = core_energy(ctx, CORE_DUAL, 6);
    const size_t n = basin_energy_describe(a)->n_params * sizeof(float);
    assert_memory_not_equal(basin_energy_params(a), basin_energy_params(b), n);
    basin_energy_init(b, 5);
    assert_memory_equal(basin_energy_params(a), basin_energy_params(b), n);
    basin_energy_destroy(a);
    basin_energy_destroy(b);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)
    const struct CMUnitTest tests[] = {
        TEST(from_graph_says_what_is_wrong),
        TEST(graphs_say_what_is_wrong),
        TEST(shared_parameters),
        TEST(initial_parameters),
    };
    return cmocka_run_group_tests_name("graph", tests, NULL, NULL);
}
