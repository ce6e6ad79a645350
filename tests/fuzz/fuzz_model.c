/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of model files: no input may break the reader, and a model that it
 * takes must be written to bytes that read and write to the same bytes. An
 * input that starts with '{' is taken for a description, and a file without
 * tensors is put around it: so the fuzzer gets past the JSON within JSON.
 */
#include "fuzz.h"

#include <jansson.h>

static void check(const uint8_t *data, size_t size)
{
    basin_context *ctx = fuzz_open();
    size_t before = basin_context_bytes(ctx);
    basin_error error = {0};
    basin_energy *energy = NULL, *again = NULL;
    basin_status status = basin_model_read(&energy, ctx, data, size, &error);
    fuzz_error(status, &error);
    FUZZ_CHECK((status == BASIN_OK) == (energy != NULL));
    if (energy) {
        basin_bytes first, second;
        basin_bytes_init(&first, ctx);
        basin_bytes_init(&second, ctx);
        FUZZ_CHECK(basin_model_write(&first, energy, &error) == BASIN_OK);
        FUZZ_CHECK(basin_model_read(&again, ctx, first.data, first.size,
                       &error) == BASIN_OK);
        FUZZ_CHECK(basin_model_write(&second, again, &error) == BASIN_OK);
        FUZZ_CHECK(first.size == second.size &&
                   !memcmp(first.data, second.data, first.size));
        basin_bytes_finish(&first);
        basin_bytes_finish(&second);
        basin_energy_destroy(energy);
        basin_energy_destroy(again);
    }
    FUZZ_CHECK(basin_context_bytes(ctx) == before);
    basin_context_destroy(ctx);
}

static void check_description(const char *text, size_t size)
{
    json_t *root = json_pack("{s:{s:s,s:o*}}", "__metadata__", "basin.format",
        "1", "basin.model", json_stringn(text, size));
    char *header = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    if (!header)
        return;
    size_t length = strlen(header);
    uint8_t *file = malloc(8 + length);
    FUZZ_CHECK(file);
    for (int i = 0; i < 8; i++)
        file[i] = (uint8_t)((uint64_t)length >> (8 * i));
    memcpy(file + 8, header, length);
    check(file, 8 + length);
    free(file);
    free(header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] == '{')
        check_description((const char *)data, size);
    else
        check(data, size);
    return 0;
}
