/* SPDX-License-Identifier: MIT
 *
 * Tests of model files: the same model gives the same bytes and comes back
 * with the same bits, whatever part of the file is lost or wrong nothing
 * breaks, and memory may run out.
 */
#include "test_model.h"

#include <math.h>
#include <stdio.h>

static memory m;

/* ------------------------------------------------------------------ models */

static basin_status describe(void *self, basin_energy_info *info,
    const double *settings, basin_error *error)
{
    (void)self;
    (void)error;
    int n = (int)settings[0];
    *info = (basin_energy_info){.x = {BASIN_SPACE_BOX, n, -1.0f, 1.0f, 0},
        .y = {BASIN_SPACE_LABELS, 1, 0.0f, 0.0f, 3},
        .n_params = 3 * (size_t)n};
    return BASIN_OK;
}

static float value(const void *self, const float *params, const float *x,
    const float *y, const float *z)
{
    (void)self, (void)params, (void)x, (void)y, (void)z;
    return 0.0f;
}

static void gradient(const void *self, const float *params, const float *x,
    const float *y, const float *z, float weight, float *d_params, float *d_x,
    float *d_y, float *d_z)
{
    (void)self, (void)params, (void)x, (void)y, (void)z, (void)weight;
    (void)d_params, (void)d_x, (void)d_y, (void)d_z;
}

static const basin_param own_params[] = {
    {.name = "size",
        .unit = "",
        .low = 1,
        .high = 9,
        .initial = 2,
        .integer = true,
        .help = "numbers in X"},
    {.name = "mode",
        .unit = "",
        .low = 0,
        .high = 2,
        .initial = 0,
        .integer = true,
        .choices = "plain|fancy|odd",
        .help = "which"},
    {.name = "scale",
        .unit = "",
        .low = -10,
        .high = 10,
        .initial = 0.1,
        .help = "a number"},
};

static const basin_energy_type own_type = {
    .part = {.name = "test-own",
        .summary = "an energy of the user's own",
        .formula = "0",
        .source = "these tests",
        .params = own_params,
        .n_params = 3},
    .self_size = 8,
    .describe = describe,
    .value = value,
    .gradient = gradient,
};

/** The four lines of the manual: one hidden layer, and |y - f(x)|. */
static basin_status make_graph(
    basin_energy **out, basin_context *ctx, basin_error *error)
{
    basin_graph *g;
    int x, y, h, t, o, e;
    *out = NULL;
    BASIN_TRY(basin_graph_create(&g, ctx, error));
    basin_spaces spaces = {.x = {BASIN_SPACE_BOX, 1, -1.0f, 1.0f, 0},
        .y = {BASIN_SPACE_BOX, 1, -0.5f, 0.1f, 0}};
    basin_setting two = {"out", 2}, no_bias[] = {{"out", 1}, {"bias", 0}};
    basin_node_def own = {.module = "linear",
        .name = "the \"h\"",
        .inputs = &x,
        .n_inputs = 1,
        .settings = &two,
        .n_settings = 1,
        .share = -1};
    basin_status status =
        basin_graph_leaf(g, &x, BASIN_X, (basin_shape){1, 1, 1}, error);
    if (status == BASIN_OK)
        status =
            basin_graph_leaf(g, &y, BASIN_Y, (basin_shape){1, 1, 1}, error);
    if (status == BASIN_OK)
        status = basin_graph_add(g, &h, &own, error);
    if (status == BASIN_OK)
        status = basin_graph_add1(g, &t, "tanh", h, NULL, 0, error);
    if (status == BASIN_OK)
        status = basin_graph_add1(g, &o, "linear", t, no_bias, 2, error);
    if (status == BASIN_OK)
        status = basin_graph_add2(g, &e, "l1", o, y, NULL, 0, error);
    if (status != BASIN_OK) {
        basin_graph_destroy(g);
        return status;
    }
    BASIN_TRY(basin_energy_from_graph(out, g, &spaces, error));
    float *w = basin_energy_params(*out);
    for (size_t i = 0; i < basin_energy_describe(*out)->n_params; i++)
        w[i] = 0.25f * (float)i - 0.5f;
    return BASIN_OK;
}

static void open_graph(basin_energy **out)
{
    basin_error error = {0};
    assert_ok(make_graph(out, m.ctx, &error), &error);
}

static void write_bytes(basin_bytes *out, basin_energy *energy)
{
    basin_error error = {0};
    basin_bytes_init(out, m.ctx);
    assert_ok(basin_model_write(out, energy, &error), &error);
}

/* ------------------------------------------------------------- round trips */

static const char golden_header[] =
    "{\"__metadata__\":{\"basin.format\":\"1\",\"basin.model\":\""
    "{\\\"format\\\":1,\\\"energy\\\":\\\"graph\\\",\\\"spaces\\\":{"
    "\\\"x\\\":{\\\"kind\\\":\\\"box\\\",\\\"dim\\\":1,\\\"low\\\":-1,"
    "\\\"high\\\":1},"
    "\\\"y\\\":{\\\"kind\\\":\\\"box\\\",\\\"dim\\\":1,\\\"low\\\":-0.5,"
    "\\\"high\\\":0.10000000149011612},"
    "\\\"z\\\":{\\\"kind\\\":\\\"none\\\"}},\\\"nodes\\\":["
    "{\\\"leaf\\\":\\\"x\\\",\\\"shape\\\":[1,1,1]},"
    "{\\\"leaf\\\":\\\"y\\\",\\\"shape\\\":[1,1,1]},"
    "{\\\"name\\\":\\\"the \\\\\\\"h\\\\\\\"\\\",\\\"module\\\":"
    "\\\"linear\\\",\\\"inputs\\\":[0],\\\"settings\\\":{\\\"out\\\":2,"
    "\\\"bias\\\":\\\"yes\\\",\\\"weight-range\\\":0,\\\"bias-range\\\":0}},"
    "{\\\"name\\\":\\\"tanh3\\\",\\\"module\\\":\\\"tanh\\\","
    "\\\"inputs\\\":[2],\\\"settings\\\":{}},"
    "{\\\"name\\\":\\\"linear4\\\",\\\"module\\\":\\\"linear\\\","
    "\\\"inputs\\\":[3],\\\"settings\\\":{\\\"out\\\":1,"
    "\\\"bias\\\":\\\"no\\\",\\\"weight-range\\\":0,\\\"bias-range\\\":0}},"
    "{\\\"name\\\":\\\"l15\\\",\\\"module\\\":\\\"l1\\\","
    "\\\"inputs\\\":[4,1],\\\"settings\\\":{}}]}\"},"
    "\"the \\\"h\\\".weight\":{\"dtype\":\"F32\",\"shape\":[1,2],"
    "\"data_offsets\":[0,8]},"
    "\"the \\\"h\\\".bias\":{\"dtype\":\"F32\",\"shape\":[2],"
    "\"data_offsets\":[8,16]},"
    "\"linear4.weight\":{\"dtype\":\"F32\",\"shape\":[2,1],"
    "\"data_offsets\":[16,24]}}";

static const unsigned char golden_values[] =
    "\x00\x00\x00\xbf\x00\x00\x80\xbe\x00\x00\x00\x00"
    "\x00\x00\x80\x3e\x00\x00\x00\x3f\x00\x00\x40\x3f";

/** These bytes are a promise: files of format 1 must be read for ever. */
static void golden_bytes(void **state)
{
    (void)state;
    basin_energy *energy;
    basin_bytes bytes;
    open_graph(&energy);
    write_bytes(&bytes, energy);
    size_t header = (sizeof golden_header - 1 + 7) / 8 * 8;
    assert_int_equal(bytes.data[0] | bytes.data[1] << 8, header);
    if (memcmp(bytes.data + 8, golden_header, sizeof golden_header - 1) != 0)
        fail_msg("%.*s", (int)header, (const char *)bytes.data + 8);
    for (size_t i = sizeof golden_header - 1; i < header; i++)
        assert_int_equal(bytes.data[8 + i], ' ');
    assert_int_equal(bytes.size, 8 + header + 24);
    assert_memory_equal(bytes.data + 8 + header, golden_values, 24);
    basin_bytes_finish(&bytes);
    basin_energy_destroy(energy);
}

static void graph_round_trip(void **state)
{
    (void)state;
    basin_error error = {0};
    basin_energy *energy, *again;
    basin_bytes bytes, second;
    open_graph(&energy);
    float *w = basin_energy_params(energy);
    w[0] = 0x1p-149f;
    w[1] = -0.0f;
    w[2] = 0x1.fffffep127f;
    write_bytes(&bytes, energy);
    assert_ok(basin_model_read(&again, m.ctx, bytes.data, bytes.size, &error),
        &error);
    assert_memory_equal(w, basin_energy_params(again), 6 * sizeof(float));
    const basin_energy_info *info = basin_energy_describe(again);
    assert_int_equal(info->y.kind, BASIN_SPACE_BOX);
    assert_true(info->y.high == 0.1f);
    assert_int_equal(info->z.kind, BASIN_SPACE_NONE);
    write_bytes(&second, again);
    assert_int_equal(bytes.size, second.size);
    assert_memory_equal(bytes.data, second.data, bytes.size);
    basin_bytes_finish(&bytes);
    basin_bytes_finish(&second);
    basin_energy_destroy(energy);
    basin_energy_destroy(again);
}

static void own_round_trip(void **state)
{
    (void)state;
    basin_error error = {0};
    basin_energy *energy, *again;
    basin_bytes bytes;
    basin_setting settings[] = {{"size", 1}, {"mode", 2}, {"scale", 0.3}};
    assert_ok(
        basin_energy_create(&energy, m.ctx, "test-own", settings, 3, &error),
        &error);
    memcpy(basin_energy_params(energy), (float[]){1, 2, 3}, 12);
    write_bytes(&bytes, energy);
    static const char text[] =
        "{\"__metadata__\":{\"basin.format\":\"1\",\"basin.model\":\"{"
        "\\\"format\\\":1,\\\"energy\\\":\\\"test-own\\\",\\\"settings\\\":{"
        "\\\"size\\\":1,\\\"mode\\\":\\\"odd\\\",\\\"scale\\\":0.3}}\"},"
        "\"params\":{\"dtype\":\"F32\",\"shape\":[3],"
        "\"data_offsets\":[0,12]}}";
    assert_memory_equal(bytes.data + 8, text, sizeof text - 1);
    assert_ok(basin_model_read(&again, m.ctx, bytes.data, bytes.size, &error),
        &error);
    assert_string_equal(basin_energy_name(again), "test-own");
    assert_true(basin_energy_settings(again)[2] == 0.3);
    assert_memory_equal(
        basin_energy_params(again), basin_energy_params(energy), 12);
    basin_bytes_finish(&bytes);
    basin_energy_destroy(energy);
    basin_energy_destroy(again);
}

static void what_must_not_be_written(void **state)
{
    (void)state;
    basin_error error = {0};
    basin_energy *energy;
    basin_bytes bytes;
    open_graph(&energy);
    basin_bytes_init(&bytes, m.ctx);
    basin_energy_params(energy)[3] = NAN;
    assert_int_equal(
        basin_model_write(&bytes, energy, &error), BASIN_E_NONFINITE);
    assert_says(&error, "tensor 'the \"h\".bias': number 1 is NaN");
    assert_int_equal(bytes.size, 0);
    basin_bytes_finish(&bytes);
    basin_energy_destroy(energy);
}

/* ----------------------------------------------------------------- refusals */

static void truncated_and_changed(void **state)
{
    (void)state;
    basin_error error = {0};
    basin_energy *energy, *again;
    basin_bytes bytes;
    open_graph(&energy);
    write_bytes(&bytes, energy);
    for (size_t n = 0; n < bytes.size; n++) {
        unsigned char *cut = malloc(n ? n : 1);
        memcpy(cut, bytes.data, n);
        assert_int_equal(
            basin_model_read(&again, m.ctx, cut, n, &error), BASIN_E_FORMAT);
        assert_says(&error, n ? "cut off" : "empty");
        assert_null(again);
        free(cut);
    }
    /* any byte may be wrong: refused or not, nothing may break or leak */
    for (size_t i = 0; i < bytes.size; i++) {
        unsigned char old = bytes.data[i];
        for (int bit = 0; bit < 8; bit++) {
            bytes.data[i] = (unsigned char)(old ^ 1 << bit);
            if (basin_model_read(
                    &again, m.ctx, bytes.data, bytes.size, &error) == BASIN_OK)
                basin_energy_destroy(again);
            else
                assert_says(&error, "");
        }
        bytes.data[i] = old;
    }
    basin_bytes_finish(&bytes);
    basin_energy_destroy(energy);
}

static void bad_own(const char *settings, const char *says)
{
    char model[256];
    basin_error error;
    basin_energy *energy;
    snprintf(model, sizeof model,
        "{\"format\":1,\"energy\":\"test-own\",\"settings\":%s}", settings);
    assert_int_equal(model_text_read(&energy, m.ctx, "1", model,
                         "\"w\":{\"dtype\":\"F32\",\"shape\":[1],"
                         "\"data_offsets\":[0,4]}",
                         (float[]){1}, 1, &error),
        BASIN_E_FORMAT);
    assert_says(&error, says);
}

static void wrong_own(void **state)
{
    (void)state;
    bad_own("{\"size\":99}", "the energy 'test-own': ");
    bad_own("{\"mode\":\"none\"}", "the energy 'test-own': ");
    bad_own("{},\"nodes\":[]", "unknown key 'nodes'");
    bad_own("{}", "tensor 'w' belongs to nothing");
}

/* ------------------------------------------------------------------ memory */

static basin_status round_trip(memory *mem, basin_error *error)
{
    basin_energy *energy = NULL, *again = NULL;
    basin_bytes bytes;
    basin_bytes_init(&bytes, mem->ctx);
    basin_status status = make_graph(&energy, mem->ctx, error);
    if (status == BASIN_OK)
        status = basin_model_write(&bytes, energy, error);
    if (status == BASIN_OK)
        status =
            basin_model_read(&again, mem->ctx, bytes.data, bytes.size, error);
    basin_bytes_finish(&bytes);
    basin_energy_destroy(energy);
    basin_energy_destroy(again);
    return status;
}

static void without_memory(void **state)
{
    (void)state;
    assert_survives_no_memory(round_trip);
}

static int open_all(void **state)
{
    (void)state;
    basin_error error = {0};
    memory_open(&m);
    if (basin_register(m.ctx, BASIN_KIND_ENERGY, &own_type.part, &error) !=
        BASIN_OK)
        return -1;
    m.before = basin_context_bytes(m.ctx);
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
        cmocka_unit_test(golden_bytes),
        cmocka_unit_test(graph_round_trip),
        cmocka_unit_test(own_round_trip),
        cmocka_unit_test(what_must_not_be_written),
        cmocka_unit_test(truncated_and_changed),
        cmocka_unit_test(wrong_own),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
