/* SPDX-License-Identifier: MIT
 *
 * Descriptions of models in YAML: what they build, and that every mistake is
 * refused at its place, with the right word where one is near.
 */
#define _POSIX_C_SOURCE 200809L

#include "data/description.h"
#include "data/model.h"
#include "test_data.h"

#include <stdio.h>

static memory m;

#define ENERGY                                                                 \
    "energy:\n"                                            /* 1 */             \
    "  spaces:\n"                                          /* 2 */             \
    "    x: {dim: 1, low: -1, high: 1}\n"                  /* 3 */             \
    "    y: {dim: 1, low: -0.5, high: 1.5}\n"              /* 4 */             \
    "  nodes:\n"                                           /* 5 */             \
    "    - {name: h, module: linear, inputs: x, out: 4}\n" /* 6 */             \
    "    - {module: tanh}\n"                               /* 7 */             \
    "    - {name: g, module: linear}\n"                    /* 8 */             \
    "    - {name: e, module: l1, inputs: [g, y]}\n"        /* 9 */
#define PARTS                                                                  \
    "inference: {name: grid, points: 21}\n" /* 10 */                           \
    "loss: {name: hinge, margin: 0.5}\n"    /* 11 */
#define LEARNING                                                               \
    "learning:\n"                            /* 12 */                          \
    "  optimiser: momentum\n"                /* 13 */                          \
    "  rate: 0.003\n"                        /* 14 */                          \
    "data: {x: [a], y: [b], scale: range}\n" /* 15 */
#define WHOLE ENERGY PARTS LEARNING

static basin_status read(
    basin__description *d, const char *text, basin_error *error)
{
    *error = (basin_error){0};
    return basin__description_read(d, m.ctx, text, strlen(text), error);
}

static void a_description_is_read(void **state)
{
    (void)state;
    basin__description d;
    basin_error error;
    assert_ok(read(&d, WHOLE, &error), &error);
    const basin_energy_info *info = basin_energy_describe(d.energy);
    assert_int_equal(info->n_params, 4 + 4 + 4 + 1);
    assert_int_equal(info->bound, BASIN_BOUND_NONNEGATIVE);
    assert_true(info->y.high == 1.5F);
    assert_string_equal(d.inference.part->name, "grid");
    assert_true(d.inference.values[0] == 21);
    assert_string_equal(d.loss.part->name, "hinge");
    assert_true(d.loss.values[0] == 0.5);
    assert_string_equal(d.optimiser.part->name, "momentum");
    assert_true(d.learning[BASIN__LEARN_RATE] == 0.003);
    assert_true(d.learning[BASIN__LEARN_EPOCHS] == 100);
    assert_true(d.data.values[BASIN__DATA_SCALE] == BASIN__SCALE_RANGE);
    basin_inference *inference = NULL;
    basin_loss *loss = NULL;
    assert_ok(basin__description_inference(&inference, &d, &error), &error);
    assert_ok(basin__description_loss(&loss, &d, &error), &error);
    basin_loss_destroy(loss);
    basin_inference_destroy(inference);
    basin__description_finish(&d);
}

/* The energy of a text as the JSON of model files. */
static char *twin(const char *text)
{
    basin__description d;
    basin_error error;
    basin_bytes json;
    assert_ok(read(&d, text, &error), &error);
    basin_bytes_init(&json, m.ctx);
    assert_ok(basin__model_describe(&json, d.energy, &error), &error);
    char *copy = strdup((const char *)json.data);
    basin_bytes_finish(&json);
    basin__description_finish(&d);
    return copy;
}

#define SPACES                                                                 \
    "energy:\n  spaces:\n    x: {dim: 1, low: -1, high: 1}\n"                  \
    "    y: {dim: 1, low: -0.5, high: 1.5}\n  nodes:\n"

static void names_may_stand_in_any_order(void **state)
{
    (void)state;
    char *a = twin(
        SPACES "  - {name: h, module: linear, inputs: x, out: 4}\n"
               "  - {name: t, module: tanh, inputs: h}\n"
               "  - {name: k, module: linear, inputs: y, share: h, out: 4}\n"
               "  - {name: e, module: l1, inputs: [t, k]}\n" PARTS);
    char *b = twin(SPACES
        "  - {name: k, module: linear, inputs: y, share: h, settings: {out: 4}}"
        "\n"
        "  - {name: t, module: tanh, inputs: h}\n"
        "  - {name: h, module: linear, inputs: [x], out: 4}\n"
        "  - {name: e, module: l1, inputs: [t, k]}\n" PARTS);
    assert_non_null(strstr(a, "\"share\":2"));
    assert_string_equal(a, b);
    free(a);
    free(b);
    /* JSON is YAML, and the twin's own words are taken */
    char *c = twin("{\"energy\":{\"spaces\":{\"x\":{\"kind\":\"box\","
                   "\"dim\":1,\"low\":-1,\"high\":1},\"y\":{\"kind\":"
                   "\"labels\",\"count\":3},\"z\":{\"kind\":\"none\"}},"
                   "\"nodes\":[{\"module\":\"l1\",\"inputs\":[\"x\",\"y\"]}]},"
                   "\"inference\":\"grid\",\"loss\":\"nll\"}");
    assert_non_null(strstr(c, "\"kind\":\"labels\",\"count\":3"));
    free(c);
}

typedef struct mistake {
    int line, column;
    const char *says;
    const char *text;
} mistake;

static bool is_refused(const mistake *wrong)
{
    basin__description d;
    basin_error error;
    basin_status status = read(&d, wrong->text, &error);
    basin__description_finish(&d);
    bool good = status != BASIN_OK && error.line == wrong->line &&
                error.column == wrong->column &&
                strstr(error.message, wrong->says) &&
                !strpbrk(error.message, "\r\n");
    if (!good)
        print_message("# expected %d:%d: %s\n# got %d:%d: %s\n", wrong->line,
            wrong->column, wrong->says, error.line, error.column,
            error.message);
    return good;
}

#define NODES(text) SPACES text PARTS
#define REST        "inference: grid\nloss: hinge\n"
#define LEAF(text)  "energy:\n  spaces:\n    x: " text "\n"

static const mistake mistakes[] = {
    /* YAML itself */
    {1, 1, "empty", ""},
    {1, 1, "empty", "# nothing\n"},
    {1, 1, "must be a map", "- a\n"},
    {2, 1, "the key 'energy' is there twice", "energy: 1\nenergy: 2\n"},
    {1, 12, "anchors", "energy: &a {}\n"},
    {2, 8, "aliases", "energy: 1\nloss: *a\n"},
    {2, 3, "control character", "a: 1\nb:\001\n"},
    {1, 4, "no UTF-8", "a: \xff\n"},
    {3, 1, "a second document", "a: 1\n...\n---\n---\nb: 1\n"},
    {2, 1, "no valid YAML", "energy: {\n"},
    /* the model */
    {1, 1, "no key 'enrgy'; did you mean 'energy'?", "enrgy: 1\n"},
    {1, 1, "'energy:' is missing", "loss: hinge\n"},
    {1, 1, "'loss:' is missing", ENERGY "inference: grid\n"},
    {1, 1, "'inference:' is missing", ENERGY "loss: nll\n"},
    {1, 9, "the energy must be a map of 'key: value'; got 'graph'",
        "energy: graph\n" REST},
    {1, 16, "no energy is called 'spirals'", "energy: {name: spirals}\n" REST},
    /* spaces */
    {2, 3, "'spaces:' is missing", "energy:\n  nodes: []\n" REST},
    {3, 8, "needs 'dim'", LEAF("{low: 0, high: 1}")},
    {3, 8, "lacks 'high'", LEAF("{dim: 1, low: 0}")},
    {3, 22, "low of the space of x must be below high; got 1 and 0",
        LEAF("{dim: 1, low: 1, high: 0}")},
    {3, 14, "dim must be a whole number from 1 to 1048576; got '0'",
        LEAF("{dim: 0, low: 0, high: 1}")},
    {3, 22, "low must be a number; got 'zero'",
        LEAF("{dim: 1, low: zero, high: 1}")},
    {3, 34, "no key 'hihg'; did you mean 'high'?",
        LEAF("{dim: 1, low: 0, high: 1, hihg: 1}") REST},
    {3, 15, "no space is called 'boks'", LEAF("{kind: boks}")},
    {3, 16, "shape must be [channels",
        LEAF("{shape: [1, 2], low: 0, high: 1}")},
    {3, 8, "lacks 'count'", LEAF("{kind: labels}")},
    {4, 5, "spaces has no key 'w'",
        LEAF("{dim: 1, low: 0, high: 1}") "    w: none\n"},
    /* nodes */
    {6, 5, "the node lacks 'module'", NODES("  - {name: a}\n")},
    {6, 14, "no module is called 'linaer'; did you mean 'linear'?",
        NODES("  - {module: linaer, inputs: x}\n")},
    {6, 33, "no key 'uot'; did you mean 'out'?",
        NODES("  - {module: linear, inputs: x, uot: 3}\n")},
    {6, 38, "out must be a whole number", /* text, not a number */
        NODES("  - {module: linear, inputs: x, out: 0}\n")},
    {6, 38, "out must be a number; got 'many'",
        NODES("  - {module: linear, inputs: x, out: many}\n")},
    {6, 38, "out must be a number; got a list",
        NODES("  - {module: linear, inputs: x, out: [1]}\n")},
    {6, 39, "bias must be no or yes; got 'yess'; did you mean 'yes'?",
        NODES("  - {module: linear, inputs: x, bias: yess}\n")},
    {6, 5, "the first node needs 'inputs'", NODES("  - {module: linear}\n")},
    {6, 30, "no node is called 'w'",
        NODES("  - {module: linear, inputs: w}\n")},
    {7, 27, "no node is called 'hiden'; did you mean 'hidden'?",
        NODES("  - {name: hidden, module: linear, inputs: x}\n"
              "  - {module: l1, inputs: [hiden, y]}\n")},
    {7, 12, "two nodes are called 'h'; the other is in line 6",
        NODES("  - {name: h, module: linear, inputs: x}\n"
              "  - {name: h, module: linear, inputs: y}\n")},
    {6, 12, "'y' is the name of a variable",
        NODES("  - {name: y, module: linear, inputs: x}\n")},
    {6, 5, "nothing reads 'a'; the last node, 'e', is the energy",
        NODES("  - {name: a, module: linear, inputs: x}\n"
              "  - {name: e, module: l1, inputs: [x, y]}\n")},
    {6, 37, "in a circle",
        NODES("  - {name: a, module: tanh, inputs: b}\n"
              "  - {name: b, module: tanh, inputs: a}\n")},
    {7, 5, "'e': ", /* shapes that do not fit */
        NODES("  - {name: g, module: linear, inputs: x, out: 3}\n"
              "  - {name: e, module: l1, inputs: [g, y]}\n")},
    {6, 5, "must have 1 feature; it has 2",
        NODES("  - {name: e, module: linear, inputs: x, out: 2}\n")},
    {6, 5, "takes 2", NODES("  - {name: e, module: l1, inputs: [x]}\n")},
    {7, 49, "cannot share the weights of 'g'",
        NODES("  - {name: g, module: tanh, inputs: x}\n"
              "  - {name: k, module: linear, inputs: g, share: g}\n")},
    {6, 49, "no node is called 'q', and",
        NODES("  - {name: k, module: linear, inputs: x, share: q}\n")},
    {5, 10, "nodes must be a list",
        "energy:\n  spaces:\n    x: {dim: 1, low: 0, high: 1}\n"
        "    y: {dim: 1, low: 0, high: 1}\n  nodes: {a: 1}\n" REST},
    {6, 5, "a node must be a map of 'key: value'; got 'linear'",
        NODES("  - linear\n")},
    /* parts */
    {10, 12, "no inference is called 'gird'; did you mean 'grid'?",
        ENERGY "inference: gird\nloss: nll\n"},
    {10, 25, "no key 'pionts'; did you mean 'points'?",
        ENERGY "inference: {name: grid, pionts: 3}\nloss: nll\n"},
    {10, 1, "the inference has no name",
        ENERGY "inference: {points: 3}\nloss: nll\n"},
    {11, 29, "margin must be above 0", /* out of its range */
        ENERGY "inference: grid\nloss: {name: hinge, margin: -1}\n"},
    {12, 12, "no key 'ratee'; did you mean 'rate'?",
        ENERGY PARTS "learning: {ratee: 1}\n"},
    {12, 18, "rate must be above 0", ENERGY PARTS "learning: {rate: 0}\n"},
    {12, 23, "no optimiser is called 'adma'; did you mean 'adam'?",
        ENERGY PARTS "learning: {optimiser: adma}\n"},
    {12, 11, "learning must be a map", ENERGY PARTS "learning: fast\n"},
    {12, 15, "scale must be none, range, standard or bytes; got 'rnage'",
        ENERGY PARTS "data: {scale: rnage}\n"},
    {12, 8, "no key 'trian'; did you mean 'train'?",
        ENERGY PARTS "data: {trian: a.csv}\n"},
    {12, 27, "must be a list of 2 numbers, as the first is",
        ENERGY PARTS "data: {rows: [[1, 2],     [3]]}\n"},
    {12, 22, "one of them is enough",
        ENERGY PARTS "data: {rows: [[1]],  train: a.csv}\n"},
};

static void mistakes_are_placed(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++)
        wrong += !is_refused(&mistakes[i]);
    assert_int_equal(wrong, 0);
}

/* Every byte cut off, and every byte broken: a refusal has a place. */
static void damage_is_refused(void **state)
{
    (void)state;
    char text[sizeof WHOLE];
    for (size_t i = 0; i < sizeof WHOLE - 1; i++)
        for (int how = 0; how < 3; how++) {
            basin__description d;
            basin_error error;
            memcpy(text, WHOLE, sizeof text);
            text[i] = how == 0 ? '\0' : how == 1 ? ':' : '[';
            if (read(&d, text, &error) != BASIN_OK &&
                (error.line < 1 || error.column < 1))
                fail_msg("byte %zu, %d: no place: %s", i, how, error.message);
            basin__description_finish(&d);
        }
}

static void parts_come_back(void **state)
{
    (void)state;
    basin__description d, again = {.ctx = m.ctx};
    basin_error error;
    basin_bytes first, second;
    basin__tree *root;
    assert_ok(read(&d, WHOLE, &error), &error);
    basin_bytes_init(&first, m.ctx);
    basin_bytes_init(&second, m.ctx);
    assert_ok(basin__parts_write(&first, &d, &error), &error);
    basin__forest_init(&again.forest, m.ctx);
    assert_ok(basin__json_read(
                  &again.forest, &root, first.data, first.size - 1, &error),
        &error);
    again.energy = d.energy;
    assert_ok(basin__parts_read(&again, root, &error), &error);
    again.energy = NULL; /* it is d's */
    assert_ok(basin__parts_write(&second, &again, &error), &error);
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    basin_bytes_finish(&first);
    basin_bytes_finish(&second);
    basin__description_finish(&d);
    basin__description_finish(&again);
}

static basin_status read_whole(memory *mine, basin_error *error)
{
    basin__description d;
    basin_status status =
        basin__description_read(&d, mine->ctx, WHOLE, sizeof WHOLE - 1, error);
    basin__description_finish(&d);
    return status;
}

static void no_memory(void **state)
{
    (void)state;
    assert_survives_no_memory(read_whole);
}

static int setup(void **state)
{
    (void)state;
    memory_open(&m);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    memory_close(&m);
    return 0;
}

int main(void)
{
#ifndef BASIN_YAML
    puts("1..0 # SKIP built without libfyaml");
    return 0;
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_description_is_read, setup, teardown),
        cmocka_unit_test_setup_teardown(
            names_may_stand_in_any_order, setup, teardown),
        cmocka_unit_test_setup_teardown(mistakes_are_placed, setup, teardown),
        cmocka_unit_test_setup_teardown(damage_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(parts_come_back, setup, teardown),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests_name("describe", tests, NULL, NULL);
}
