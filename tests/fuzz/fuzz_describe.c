/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of descriptions in YAML: no input may break the reader; what it
 * refuses has a place, and what it takes can be written and read again. Memory
 * is limited, so that a text that asks for a huge net is refused.
 */
#include "data/description.h"
#include "fuzz.h"

enum { MOST = 1 << 26 };

/* libfyaml 0.7.12 forgets a kilobyte in some texts that it refuses. */
BASIN_API const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfyaml";
}

static void *limited(
    void *user, void *block, size_t old_size, size_t new_size, size_t align)
{
    size_t *used = user;
    if (new_size == 0) {
        *used -= old_size;
        free(block);
        return NULL;
    }
    if (new_size > MOST || *used + new_size - old_size > MOST)
        return NULL;
    void *fresh = aligned_alloc(align, (new_size + align - 1) / align * align);
    if (!fresh)
        return NULL;
    if (block)
        memcpy(fresh, block, old_size < new_size ? old_size : new_size);
    free(block);
    *used += new_size - old_size;
    return fresh;
}

static void write_again(const basin__description *d)
{
    basin_error error = {0};
    basin_bytes bytes;
    basin_bytes_init(&bytes, d->ctx);
    basin_status status = basin__parts_write(&bytes, d, &error);
    fuzz_error(status, &error);
    if (status == BASIN_OK) {
        basin__description again = {.ctx = d->ctx, .energy = d->energy};
        basin__tree *root = NULL;
        basin__forest_init(&again.forest, d->ctx);
        FUZZ_CHECK(basin__json_read(&again.forest, &root, bytes.data,
                       bytes.size - 1, &error) == BASIN_OK);
        FUZZ_CHECK(basin__parts_read(&again, root, &error) == BASIN_OK);
        again.energy = NULL; /* it is d's */
        basin__description_finish(&again);
    }
    basin_bytes_finish(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t used = 0;
    basin_context_def def = basin_context_default();
    basin_context *ctx = NULL;
    def.threads = 1;
    def.allocator = (basin_allocator){limited, &used};
    FUZZ_CHECK(basin_context_create(&ctx, &def, NULL) == BASIN_OK);
    size_t before = basin_context_bytes(ctx);
    basin__description d;
    basin_error error = {0};
    basin_status status = basin__description_read(&d, ctx, data, size, &error);
    fuzz_error(status, &error);
    FUZZ_CHECK(status != BASIN_OK || d.energy);
    if (status != BASIN_OK && status != BASIN_E_MEMORY &&
        status != BASIN_E_SERVE)
        FUZZ_CHECK(error.line >= 1 && error.column >= 1);
    if (status == BASIN_OK)
        write_again(&d);
    basin__description_finish(&d);
    FUZZ_CHECK(basin_context_bytes(ctx) == before);
    basin_context_destroy(ctx);
    return 0;
}
