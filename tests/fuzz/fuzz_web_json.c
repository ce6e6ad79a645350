/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of the page's reader of JSON, which stands in for jansson there: no
 * input may break it, and what it takes must hold together.
 */
#include "fuzz.h"

/* Our names beside jansson's, with which the library is linked. */
#define json_get_alloc_funcs web_json_get_alloc_funcs
#define json_decref          web_json_decref
#define json_object_get      web_json_object_get
#define json_array_get       web_json_array_get
#define json_loadb           web_json_loadb
#include "../../web/wasm/json/json.c"

static void check(const json_t *value)
{
    size_t n = 0;
    FUZZ_CHECK((value->type == JSON_STRING) == (value->string != NULL));
    FUZZ_CHECK(value->type != JSON_REAL || value->real - value->real == 0.0);
    for (const json_t *child = value->first; child; child = child->next) {
        FUZZ_CHECK((value->type == JSON_OBJECT) == (child->key != NULL));
        FUZZ_CHECK(!child->key || json_object_get(value, child->key) == child);
        FUZZ_CHECK(child->key || json_array_get(value, n) == child);
        check(child);
        n++;
    }
    FUZZ_CHECK(n == value->size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (size_t flags = 0; flags < 2; flags++) {
        json_error_t error;
        json_t *root = json_loadb((const char *)data, size,
            JSON_REJECT_DUPLICATES | (flags ? JSON_DECODE_INT_AS_REAL : 0),
            &error);
        FUZZ_CHECK(error.position >= 0 && (size_t)error.position <= size + 2);
        FUZZ_CHECK(!root == (error.text[0] != '\0'));
        if (root)
            check(root);
        json_decref(root);
    }
    return 0;
}
