/* SPDX-License-Identifier: MIT
 *
 * Tests of the safetensors walker: files as other programs write them, and
 * every way to be malformed.
 */
#include "test_data.h"

#include <jansson.h>

static memory m;

typedef struct seen {
    int tensors, metas;
    char names[256], pairs[256];
    basin_stored last;
    basin_status stop;
} seen;

static basin_status on_tensor(
    void *user, const basin_stored *tensor, basin_error *error)
{
    seen *s = user;
    s->tensors++;
    size_t used = strlen(s->names);
    basin_format(s->names + used, sizeof s->names - used, "%s ", tensor->name);
    s->last = *tensor;
    return s->stop == BASIN_OK
               ? BASIN_OK
               : basin_error_set(error, s->stop, "stopped at %s", tensor->name);
}

static basin_status on_meta(
    void *user, const char *key, const char *value, basin_error *error)
{
    seen *s = user;
    (void)error;
    s->metas++;
    size_t used = strlen(s->pairs);
    basin_format(s->pairs + used, sizeof s->pairs - used, "%s=%s ", key, value);
    return BASIN_OK;
}

/** A file of this header and n bytes of values, 0, 1, 2, ... */
static unsigned char *make(const char *header, size_t n, size_t *size)
{
    size_t length = strlen(header);
    *size = 8 + length + n;
    unsigned char *file = calloc(1, *size);
    file[0] = (unsigned char)length;
    file[1] = (unsigned char)(length >> 8);
    memcpy(file + 8, header, length);
    for (size_t i = 0; i < n; i++)
        file[8 + length + i] = (unsigned char)i;
    return file;
}

static void walks(const char *header, size_t n, seen *s)
{
    size_t size;
    unsigned char *file = make(header, n, &size);
    basin_error error = {0};
    *s = (seen){0};
    assert_ok(basin_safetensors_walk(file, size, on_tensor, on_meta, s, &error),
        &error);
    if (s->last.data)
        assert_true(
            s->last.data >= file && s->last.data + s->last.size <= file + size);
    s->last.data = NULL;
    free(file);
}

static void assert_bad(const char *header, size_t n, const char *says)
{
    size_t size;
    unsigned char *file = make(header, n, &size);
    basin_error error = {0};
    seen s = {0};
    assert_int_equal(
        basin_safetensors_walk(file, size, on_tensor, on_meta, &s, &error),
        BASIN_E_FORMAT);
    assert_says(&error, says);
    free(file);
}

static void good_files(void **state)
{
    (void)state;
    seen s;
    walks("{}", 0, &s);
    assert_int_equal(s.tensors, 0);
    walks("{\"__metadata__\":{\"a\":\"1\",\"b\":\"\"}}   ", 0, &s);
    assert_int_equal(s.metas, 2);
    assert_string_equal(s.pairs, "a=1 b= ");
    walks("{\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],"
          "\"data_offsets\":[0,24]}}",
        24, &s);
    assert_string_equal(s.last.name, "w");
    assert_string_equal(s.last.type, "F32");
    assert_int_equal(s.last.n_dims, 2);
    assert_int_equal(s.last.dims[0], 2);
    assert_int_equal(s.last.dims[1], 3);
    assert_int_equal(s.last.size, 24);
    /* in the order of the values, whatever the order of the header */
    walks("{\"b\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[4,6]},"
          "\"a\":{\"data_offsets\":[0,4],\"shape\":[],\"dtype\":\"I32\"},"
          "\"e\":{\"dtype\":\"F64\",\"shape\":[0,9],\"data_offsets\":[4,4]},"
          "\"f\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[6,7]}}",
        7, &s);
    assert_string_equal(s.names, "a e b f ");
}

static void callbacks(void **state)
{
    (void)state;
    size_t size;
    unsigned char *file =
        make("{\"__metadata__\":{\"a\":\"1\"},\"w\":{\"dtype\":\"U8\","
             "\"shape\":[3],\"data_offsets\":[0,3]}}",
            3, &size);
    basin_error error = {0};
    assert_ok(
        basin_safetensors_walk(file, size, NULL, NULL, NULL, &error), &error);
    seen s = {.stop = BASIN_E_STOPPED};
    assert_int_equal(
        basin_safetensors_walk(file, size, on_tensor, NULL, &s, &error),
        BASIN_E_STOPPED);
    assert_says(&error, "stopped at w");
    for (size_t n = 0; n < size; n++) {
        unsigned char *cut = malloc(n ? n : 1);
        memcpy(cut, file, n);
        assert_int_equal(
            basin_safetensors_walk(cut, n, NULL, NULL, NULL, &error),
            BASIN_E_FORMAT);
        assert_says(&error, n ? "cut off" : "empty");
        free(cut);
    }
    free(file);
}

#define T(type, shape, offsets)                                                \
    "{\"w\":{\"dtype\":\"" type "\",\"shape\":[" shape                         \
    "],\"data_offsets\":[" offsets "]}}"

static void malformed(void **state)
{
    (void)state;
    basin_error error = {0};
    assert_int_equal(basin_safetensors_walk(
                         "\x89PNG\r\n\x1a\n____", 12, NULL, NULL, NULL, &error),
        BASIN_E_FORMAT);
    assert_says(&error, "not a safetensors file");
    assert_bad("", 0, "2 to 100000000 are possible");
    assert_bad(" {}", 0, "'{' is expected at byte 8");
    assert_bad("[]", 0, "'{' is expected at byte 8");
    assert_bad("{]", 0, "not valid JSON near its byte");
    assert_bad("{}{}", 0, "not valid JSON");
    assert_bad("{\"a\":1,\"a\":1}", 0, "duplicate");
    assert_bad("{\"w\":1}", 0, "'w' must have dtype, shape and data_offsets");
    assert_bad("{\"w\":{\"dtype\":\"F32\"}}", 0, "'w' must have dtype");
    assert_bad("{\"w\":{\"dtype\":1,\"shape\":[],\"data_offsets\":[0,4]}}", 4,
        "'w' must have dtype");
    assert_bad("{\"w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":"
               "[0,4],\"more\":1}}",
        4, "nothing else");
    assert_bad("{\"__metadata__\":[]}", 0, "__metadata__ must be an object");
    assert_bad("{\"__metadata__\":{\"a\":1}}", 0, "'a' in __metadata__");
    assert_bad(T("F31", "1", "0,4"), 4, "unknown type 'F31'");
    assert_bad(T("F32", "2", "0,4"), 4, "needs 8 bytes for its shape, but");
    assert_bad(T("F4", "1", "0,1"), 1, "needs 1 bytes for its shape");
    assert_bad(T("F32", "-1", "0,4"), 4, "size 0 is not a whole number");
    assert_bad(T("F32", "1.0", "0,4"), 4, "size 0 is not a whole number");
    assert_bad(T("F32", "1,1,1,1,1,1,1,1,1", "0,4"), 4, "9 dimensions");
    assert_bad(T("F32", "4294967296,4294967296", "0,4"), 4, "more values");
    assert_bad(T("F32", "9223372036854775808", "0,4"), 4, "too big integer");
    assert_bad(T("F32", "1", "0"), 4, "two whole numbers");
    assert_bad(T("F32", "1", "0,4,8"), 4, "two whole numbers");
    assert_bad(T("F32", "1", "4,0"), 4, "the first not above the second");
    assert_bad(T("F32", "1", "-4,0"), 4, "two whole numbers");
    assert_bad(T("F32", "1", "0,4"), 3, "cut off, or wrong");
    assert_bad(T("F32", "1", "0,4"), 5, "but the file goes on to 5");
    assert_bad(T("F32", "1", "1,5"), 5, "starts at byte 1 of the values");
    assert_bad("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}"
               ",\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[2,6]"
               "}}",
        6, "'b' starts at byte 2 of the values, but the one before it ends");
    char header[512];
    basin_format(header, sizeof header,
        "{\"%0128d\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}",
        0);
    assert_bad(header, 0, "has 128 bytes; 127 are possible");
}

/* jansson's memory is not the context's: its own hooks fail it here */
static size_t json_calls, json_fail_at, json_blocks;

static void *json_hook(size_t size)
{
    void *block = ++json_calls == json_fail_at ? NULL : malloc(size);
    json_blocks += block != NULL;
    return block;
}

static void json_unhook(void *block)
{
    json_blocks -= block != NULL;
    free(block);
}

static void without_memory(void **state)
{
    (void)state;
    size_t size;
    unsigned char *file =
        make("{\"__metadata__\":{\"a\":\"1\"},\"w\":{\"dtype\":\"U8\","
             "\"shape\":[3],\"data_offsets\":[0,3]}}",
            3, &size);
    json_malloc_t take;
    json_free_t give;
    json_get_alloc_funcs(&take, &give);
    json_set_alloc_funcs(json_hook, json_unhook);
    int refused = 0;
    for (json_fail_at = 1;; json_fail_at++) {
        basin_error error = {0};
        json_calls = 0;
        basin_status status =
            basin_safetensors_walk(file, size, NULL, NULL, NULL, &error);
        assert_int_equal(json_blocks, 0);
        if (json_calls < json_fail_at) {
            assert_ok(status, &error);
            break;
        }
        assert_true(status == BASIN_E_MEMORY || status == BASIN_E_FORMAT);
        refused++;
    }
    assert_true(refused > 10);
    json_set_alloc_funcs(take, give);
    free(file);
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
        cmocka_unit_test(good_files),
        cmocka_unit_test(callbacks),
        cmocka_unit_test(malformed),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
