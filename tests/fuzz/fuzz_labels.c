/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of the XML in which Mulan names the labels of a set: no input may
 * break the reader, and what it takes is a list of words.
 */
#include "data/samples.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    basin_context *ctx = fuzz_open();
    const size_t before = basin_context_bytes(ctx);
    basin__description d = {.ctx = ctx};
    basin_error error = {0};
    basin_bytes xml;
    basin__forest_init(&d.forest, ctx);
    basin_bytes_init(&xml, ctx);
    FUZZ_CHECK(basin__tree_add(&d.forest, &d.data.labels, NULL, BASIN__WORD,
                   NULL) == BASIN_OK);
    d.data.labels->word = "xml";
    FUZZ_CHECK(basin_bytes_append(&xml, data, size, NULL) == BASIN_OK);
    FUZZ_CHECK(basin__labels_in_xml(&d));
    basin_status status = basin__labels_read(&d, &xml, "labels.xml", &error);
    fuzz_error(status, &error);
    if (status == BASIN_OK) {
        const basin__tree *list = d.data.labels;
        int n = 0;
        FUZZ_CHECK(list->kind == BASIN__LIST && list->n > 0);
        for (const basin__tree *at = list->first; at; at = at->next, n++)
            FUZZ_CHECK(at->kind == BASIN__WORD && strlen(at->word) <= size);
        FUZZ_CHECK(n == list->n);
    }
    basin_bytes_finish(&xml);
    basin__forest_finish(&d.forest);
    FUZZ_CHECK(basin_context_bytes(ctx) == before);
    basin_context_destroy(ctx);
    return 0;
}
