/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of trained chains: no file may break the reader, and what it takes
 * must write and read back to the same bytes, and label a sequence.
 */
#include "fuzz.h"

#include "basin/chain_model.h"
#include "basin/lattice.h"
#include "basin/tagger.h"

static void label_one(const basin_chain_model *m)
{
    static const int64_t start[] = {0, 3}, node[] = {0, 1, 2, 2};
    static const int32_t id[] = {0, 7};
    const basin_sequences s = {.n = 1,
        .positions = 3,
        .start = start,
        .n_labels = basin_chain_describe(m->chain)->labels,
        .node = {.count = 8, .start = node, .id = id}};
    basin_lattice *l;
    int32_t label[3];
    FUZZ_CHECK(basin_lattice_create(&l, m->chain, NULL) == BASIN_OK);
    FUZZ_CHECK(basin_lattice_observe(l, &s, 0, NULL) == BASIN_OK);
    basin_lattice_best(l, label);
    for (int t = 0; t < 3; t++)
        FUZZ_CHECK(label[t] >= 0 && label[t] < s.n_labels);
    basin_lattice_destroy(l);
}

/* The same file where it lies. */
static void label_text(basin_context *ctx, const uint8_t *data, size_t size)
{
    static const char text[] = "A\tw=the\ta:2\nB\tx\t\n";
    basin_error error = {0};
    basin_tagger *tagger;
    basin_tagging *tagging;
    basin_lattice *l;
    int32_t label[8];
    basin_status status = basin_tagger_create(&tagger, ctx, data, size, &error);
    fuzz_error(status, &error);
    if (status != BASIN_OK)
        return;
    FUZZ_CHECK(basin_tagging_create(&tagging, tagger, false, NULL) == BASIN_OK);
    status = basin_tagging_read(tagging, text, sizeof text - 1, &error);
    fuzz_error(status, &error);
    if (status == BASIN_OK && basin_tagging_corpus(tagging)->sequences.n > 0 &&
        basin_tagging_observe(&l, tagging, 0, &error) == BASIN_OK &&
        basin_lattice_length(l) <= 8)
        basin_lattice_best(l, label);
    basin_tagging_destroy(tagging);
    basin_tagger_destroy(tagger);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    basin_context *ctx = fuzz_open();
    basin_error error = {0};
    basin_chain_model *m, *back;
    basin_status status = basin_chain_model_read(&m, ctx, data, size, &error);
    fuzz_error(status, &error);
    if (status == BASIN_OK) {
        basin_bytes out, again;
        basin_bytes_init(&out, ctx);
        basin_bytes_init(&again, ctx);
        label_one(m);
        FUZZ_CHECK(basin_chain_model_write(&out, m, NULL) == BASIN_OK);
        FUZZ_CHECK(basin_chain_model_read(
                       &back, ctx, out.data, out.size, NULL) == BASIN_OK);
        FUZZ_CHECK(basin_chain_model_write(&again, back, NULL) == BASIN_OK);
        FUZZ_CHECK(
            out.size == again.size && !memcmp(out.data, again.data, out.size));
        basin_bytes_finish(&out);
        basin_bytes_finish(&again);
        basin_chain_model_destroy(back);
        basin_chain_model_destroy(m);
    }
    label_text(ctx, data, size);
    basin_context_destroy(ctx);
    return 0;
}
