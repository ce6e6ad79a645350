/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of the safetensors walker: no input may break it, and what it shows
 * must lie within the input.
 */
#include "fuzz.h"

typedef struct span {
    const uint8_t *begin, *end;
    size_t covered;
    unsigned sum;
} span;

static basin_status on_tensor(
    void *user, const basin_stored *tensor, basin_error *error)
{
    span *s = user;
    (void)error;
    FUZZ_CHECK(memchr(tensor->name, 0, sizeof tensor->name));
    FUZZ_CHECK(memchr(tensor->type, 0, sizeof tensor->type));
    FUZZ_CHECK(tensor->n_dims >= 0 && tensor->n_dims <= 8);
    FUZZ_CHECK(tensor->data >= s->begin && tensor->data <= s->end);
    FUZZ_CHECK(tensor->size <= (size_t)(s->end - tensor->data));
    s->covered += tensor->size;
    for (size_t i = 0; i < tensor->size; i++)
        s->sum += tensor->data[i];
    return BASIN_OK;
}

static basin_status on_meta(
    void *user, const char *key, const char *value, basin_error *error)
{
    span *s = user;
    (void)error;
    s->sum += (unsigned)(strlen(key) + strlen(value));
    return BASIN_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    span s = {data, data + size, 0, 0};
    basin_error error = {0};
    basin_status status =
        basin_safetensors_walk(data, size, on_tensor, on_meta, &s, &error);
    fuzz_error(status, &error);
    FUZZ_CHECK(status != BASIN_OK || s.covered + 10 <= size);
    return 0;
}
