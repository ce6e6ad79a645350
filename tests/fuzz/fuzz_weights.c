/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of the models of CRFsuite, CRF++ and Wapiti and of our own text: no
 * input may break the readers, and what they take must read back the same from
 * our text.
 */
#include "fuzz.h"

#include "basin/weights.h"

static void check_list(const basin_chain_weight *list, int64_t n,
    int32_t attributes, int32_t labels)
{
    for (int64_t i = 0; i < n; i++) {
        FUZZ_CHECK(list[i].label >= 0 && list[i].label < labels);
        FUZZ_CHECK(list[i].from >= -1 && list[i].from < labels);
        FUZZ_CHECK(list[i].attribute >= -1 && list[i].attribute < attributes);
        FUZZ_CHECK(list[i].value - list[i].value == 0.0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    basin_context *ctx = fuzz_open();
    basin_error error = {0};
    basin_chain_weights *w, *back;
    basin_status status = basin_chain_weights_read(&w, ctx, data, size, &error);
    fuzz_error(status, &error);
    if (status == BASIN_OK) {
        int32_t labels = basin_dictionary_count(w->labels);
        check_list(
            w->node, w->n_node, basin_dictionary_count(w->nodes), labels);
        check_list(w->transition, w->n_transition, 0, labels);
        check_list(
            w->edge, w->n_edge, basin_dictionary_count(w->edges), labels);
        basin_bytes out, again;
        basin_bytes_init(&out, ctx);
        basin_bytes_init(&again, ctx);
        FUZZ_CHECK(basin_chain_weights_write(&out, w, NULL) == BASIN_OK);
        FUZZ_CHECK(basin_chain_weights_read(
                       &back, ctx, out.data, out.size, NULL) == BASIN_OK);
        FUZZ_CHECK(back->n_node == w->n_node && back->n_edge == w->n_edge);
        FUZZ_CHECK(basin_chain_weights_write(&again, back, NULL) == BASIN_OK);
        FUZZ_CHECK(
            out.size == again.size && !memcmp(out.data, again.data, out.size));
        basin_bytes_finish(&out);
        basin_bytes_finish(&again);
        basin_chain_weights_destroy(back);
        basin_chain_weights_destroy(w);
    }
    basin_context_destroy(ctx);
    return 0;
}
