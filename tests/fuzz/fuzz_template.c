/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of templates: no input may break the reader, and what it keeps of a
 * template must give the same template.
 */
#include "fuzz.h"

#include "basin/corpus.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    basin_context *ctx = fuzz_open();
    for (int dialect = 0; dialect < 3; dialect++) {
        basin_error error = {0};
        basin_template *t, *again;
        basin_status status = basin_template_read(
            &t, ctx, data, size, (basin_dialect)dialect, &error);
        fuzz_error(status, &error);
        if (status != BASIN_OK)
            continue;
        size_t n, m;
        const char *text = basin_template_text(t, &n);
        FUZZ_CHECK(strlen(text) == n);
        FUZZ_CHECK(basin_template_read(&again, ctx, text, n,
                       basin_template_dialect(t), NULL) == BASIN_OK);
        FUZZ_CHECK(!strcmp(basin_template_text(again, &m), text) && m == n);
        FUZZ_CHECK(basin_template_columns(again) == basin_template_columns(t));
        FUZZ_CHECK(basin_template_count(again) == basin_template_count(t));
        FUZZ_CHECK(
            basin_template_transitions(again) == basin_template_transitions(t));
        basin_template_destroy(again);
        basin_template_destroy(t);
    }
    basin_context_destroy(ctx);
    return 0;
}
