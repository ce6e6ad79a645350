/* SPDX-License-Identifier: MIT
 *
 * Tests of model files that are foreign, newer or wrong: each is refused with
 * words that say what is wrong and where.
 */
#include "test_model.h"

#include <math.h>
#include <stdio.h>

static memory m;

#define SPACES                                                                 \
    "\"spaces\":{\"x\":{\"kind\":\"box\",\"dim\":1,\"low\":0,\"high\":1},"     \
    "\"y\":{\"kind\":\"box\",\"dim\":1,\"low\":0,\"high\":1},"                 \
    "\"z\":{\"kind\":\"none\"}}"
#define LEAVES                                                                 \
    "{\"leaf\":\"x\",\"shape\":[1,1,1]},{\"leaf\":\"y\",\"shape\":[1,1,1]}"
#define NODE(inputs, more)                                                     \
    "{\"name\":\"n\",\"module\":\"linear\",\"inputs\":[" inputs "]" more "}"
#define L1 ",{\"name\":\"e\",\"module\":\"l1\",\"inputs\":[2,1]}"
#define GRAPH(nodes)                                                           \
    "{\"format\":1,\"energy\":\"graph\"," SPACES ",\"nodes\":[" nodes "]}"
#define SMALL GRAPH(LEAVES "," NODE("0", "") L1)
#define WEIGHT                                                                 \
    "\"n.weight\":{\"dtype\":\"F32\",\"shape\":[1,1],\"data_offsets\":[0,4]}"
#define BIAS                                                                   \
    ",\"n.bias\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}"

static void assert_refuses(const char *format, const char *model,
    const char *tensors, basin_status status, const char *says)
{
    basin_error error;
    basin_energy *energy;
    assert_int_equal(model_text_read(&energy, m.ctx, format, model, tensors,
                         (float[]){1, 2}, 2, &error),
        status);
    assert_says(&error, says);
}

static void bad_model(const char *model, const char *says)
{
    assert_refuses("1", model, WEIGHT BIAS, BASIN_E_FORMAT, says);
}

static void bad_nodes(const char *nodes, const char *says)
{
    char model[2048];
    snprintf(model, sizeof model, GRAPH("%s"), nodes);
    bad_model(model, says);
}

static void foreign_and_newer(void **state)
{
    (void)state;
    basin_error error;
    basin_energy *energy;
    assert_ok(model_text_read(&energy, m.ctx, "1", SMALL, WEIGHT BIAS,
                  (float[]){1, 2}, 2, &error),
        &error);
    assert_true(basin_energy_params(energy)[1] == 2.0f);
    basin_energy_destroy(energy);
    assert_refuses("2", SMALL, WEIGHT BIAS, BASIN_E_FORMAT,
        "written by a newer version of Basin: its format is 2");
    assert_refuses(
        "one", SMALL, WEIGHT BIAS, BASIN_E_FORMAT, "basin.format is 'one'");
    assert_refuses("1", NULL, WEIGHT BIAS, BASIN_E_FORMAT,
        "no basin.model in its metadata");
    bad_model("{}", "'format' must be a whole number in 1 .. 1");
    bad_model("{\"format\":2}", "'format' must be a whole number in 1 .. 1");
    bad_model("{\"format\":1}", "the model lacks the word 'energy'");
    bad_model("[", "basin.model is not valid JSON near its byte 1");
    bad_model("{\"a\":1,\"a\":2}", "duplicate");
    assert_refuses("1", "{\"format\":1,\"energy\":\"grphh\"}", WEIGHT BIAS,
        BASIN_E_NAME, "grphh");
}

static void wrong_tensors(void **state)
{
    (void)state;
    basin_error error;
    basin_energy *energy;
    assert_int_equal(model_text_read(&energy, m.ctx, "1", SMALL, WEIGHT,
                         (float[]){1}, 1, &error),
        BASIN_E_FORMAT);
    assert_says(&error, "tensor 'n.bias' of the model is missing");
    assert_int_equal(model_text_read(&energy, m.ctx, "1", SMALL,
                         WEIGHT BIAS ",\"extra\":{\"dtype\":\"F32\","
                                     "\"shape\":[1],\"data_offsets\":[8,12]}",
                         (float[]){1, 2, 3}, 3, &error),
        BASIN_E_FORMAT);
    assert_says(&error, "tensor 'extra' belongs to nothing in the model");
    assert_int_equal(model_text_read(&energy, m.ctx, "1", SMALL, WEIGHT BIAS,
                         (float[]){1, INFINITY}, 2, &error),
        BASIN_E_NONFINITE);
    assert_says(&error, "tensor 'n.bias': number 0 is infinite");
    assert_refuses("1", SMALL,
        "\"n.weight\":{\"dtype\":\"F32\",\"shape\":[1],"
        "\"data_offsets\":[0,4]}" BIAS,
        BASIN_E_FORMAT, "'n.weight' has the shape (1); the model's has (1, 1)");
    assert_refuses("1", SMALL,
        "\"n.weight\":{\"dtype\":\"I32\",\"shape\":[1,1],"
        "\"data_offsets\":[0,4]}" BIAS,
        BASIN_E_FORMAT, "'n.weight' is of type I32; the models of Basin");
}

static void wrong_graphs(void **state)
{
    (void)state;
    bad_nodes("", "'nodes' must be a list of 1 to");
    bad_nodes("1", "node 0: the node must be an object");
    bad_nodes("{}", "node 0: the node lacks the word 'name'");
    bad_nodes("{\"leaf\":\"w\",\"shape\":[1,1,1]}", "must be x, y or z");
    bad_nodes("{\"leaf\":\"x\",\"shape\":[1,1]}", "[channels, height, width]");
    bad_nodes("{\"leaf\":\"x\",\"shape\":[1,1,0]}", "'shape' must be a whole");
    bad_nodes("{\"leaf\":\"x\",\"shape\":[65536,65536,1]}", "than can be");
    bad_nodes("{\"leaf\":\"x\",\"shape\":[1,1,1],\"name\":\"x\"}",
        "unknown key 'name'");
    bad_nodes("{\"leaf\":\"x\",\"shape\":[1,1,1]},"
              "{\"leaf\":\"x\",\"shape\":[1,1,1]}",
        "node 1: ");
    bad_nodes(LEAVES "," NODE("2", "") L1, "node 2 ('n'): the nodes before");
    bad_nodes(LEAVES "," NODE("-1", "") L1, "must be a whole number in 0 .. 1");
    bad_nodes(LEAVES "," NODE("0.5", "") L1, "must be a whole number");
    bad_nodes(LEAVES "," NODE("0,1", "") L1, "node 2 ('n'): ");
    bad_nodes(LEAVES "," NODE("0,0,0,0,0,0,0,0,0", "") L1, "list of up to 8");
    bad_nodes(LEAVES "," NODE("0", ",\"more\":1") L1, "unknown key 'more'");
    bad_nodes(LEAVES "," NODE("0", ",\"share\":1") L1, "of another kind");
    bad_nodes(LEAVES "," NODE("0", ",\"share\":2") L1, "'share' must be a");
    bad_nodes(LEAVES "," NODE("0", ",\"settings\":1") L1, "must be an object");
    bad_nodes(LEAVES "," NODE("0", ",\"settings\":{\"out\":[]}") L1,
        "the setting 'out' must be a number or a word");
    bad_nodes(LEAVES "," NODE("0", ",\"settings\":{\"out\":-1}") L1,
        "node 2 ('n'): ");
    bad_nodes(LEAVES "," NODE("0", ",\"settings\":{\"bias\":\"maybe\"}") L1,
        "node 2 ('n'): ");
    bad_nodes(LEAVES "," NODE("0", ",\"settings\":{\"out\":1000000}"),
        "2000000 parameters, and the file is too short for them");
    bad_nodes(LEAVES, "");
    assert_refuses("1",
        GRAPH(LEAVES "," NODE("0", ",\"settings\":{\"ouut\":1}")), WEIGHT BIAS,
        BASIN_E_NAME, "node 2 ('n'): ");
    assert_refuses("1",
        GRAPH(LEAVES ",{\"name\":\"a\\nb\",\"module\":\"li\\u001bnear\","
                     "\"inputs\":[0]}"),
        WEIGHT BIAS, BASIN_E_NAME, "node 2 ('a?b'): ");
    char deep[4096];
    size_t n = (size_t)snprintf(deep, sizeof deep, "{\"format\":");
    memset(deep + n, '[', 3000);
    deep[n + 3000] = '\0';
    bad_model(deep, "maximum parsing depth reached");
}

static void wrong_spaces(void **state)
{
    (void)state;
    static const struct {
        const char *y, *says;
    } cases[] = {
        {"1", "the space of y lacks the word 'kind'"},
        {"{\"kind\":\"ball\"}", "must be none, box or labels"},
        {"{\"kind\":\"labels\",\"count\":0}", "'count' must be a whole"},
        {"{\"kind\":\"labels\",\"dim\":1}", "unknown key 'dim'"},
        {"{\"kind\":\"box\",\"dim\":1,\"low\":1,\"high\":0}", "in this order"},
        {"{\"kind\":\"box\",\"dim\":1,\"low\":-1e39,\"high\":0}", "float32"},
        {"{\"kind\":\"box\",\"dim\":1e10,\"low\":0,\"high\":0}", "'dim' must"},
        {"{\"kind\":\"box\",\"dim\":1,\"low\":\"a\",\"high\":0}", "float32"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char model[1024];
        snprintf(model, sizeof model,
            "{\"format\":1,\"energy\":\"graph\",\"spaces\":{\"x\":{\"kind\":"
            "\"none\"},\"y\":%s,\"z\":{\"kind\":\"none\"}},\"nodes\":[]}",
            cases[i].y);
        bad_model(model, cases[i].says);
    }
}

static int open_all(void **state)
{
    (void)state;
    memory_open(&m);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    memory_close(&m);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foreign_and_newer),
        cmocka_unit_test(wrong_tensors),
        cmocka_unit_test(wrong_graphs),
        cmocka_unit_test(wrong_spaces),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
