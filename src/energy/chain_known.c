/* SPDX-License-Identifier: MIT
 *
 * Node features looked up once for all positions of a set of sequences, for
 * those who walk over the set many times: nothing but the weights themselves
 * is then read from far away.
 */
#include "energy/chain.h"

#include <string.h>

/* Sizes of the blocks, an element more than is used. */
static size_t start_size(const basin__chain_known *k)
{
    return ((size_t)k->positions + 2) * sizeof(int64_t);
}

void basin__chain_known_finish(basin__chain_known *k, const basin_chain *chain)
{
    const size_t dense = (size_t)k->dense + 1, singles = (size_t)k->singles + 1;
    basin_context *ctx = chain->ctx;
    basin_free(ctx, (void *)(uintptr_t)k->run.dense_start, start_size(k));
    basin_free(ctx, (void *)(uintptr_t)k->run.single_start, start_size(k));
    basin_free(ctx, (void *)(uintptr_t)k->run.dense, dense * sizeof(int32_t));
    basin_free(
        ctx, (void *)(uintptr_t)k->run.dense_value, dense * sizeof(float));
    basin_free(
        ctx, (void *)(uintptr_t)k->run.single, singles * sizeof(int32_t));
    basin_free(
        ctx, (void *)(uintptr_t)k->run.label, singles * sizeof(uint16_t));
    basin_free(
        ctx, (void *)(uintptr_t)k->run.single_value, singles * sizeof(float));
    *k = (basin__chain_known){0};
}

/* Call back for each attribute that the chain knows: its dense row, or -1. */
static int32_t row_of(const basin_chain *c, int32_t id)
{
    return c->row ? c->row[id] : id;
}

static bool knows(const basin_chain *c, int32_t id)
{
    return (uint32_t)id < (uint32_t)c->info.attributes;
}

static void count(
    basin__chain_known *k, const basin_chain *c, const basin_attributes *a)
{
    for (int64_t i = 0; i < a->start[k->positions]; i++) {
        if (!knows(c, a->id[i]))
            continue;
        if (row_of(c, a->id[i]) >= 0)
            k->dense++;
        else
            k->singles += c->node_start[a->id[i] + 1] - c->node_start[a->id[i]];
    }
}

typedef struct arrays {
    int64_t *dense_start, *single_start;
    int32_t *dense, *single;
    uint16_t *label;
    float *dense_value, *single_value;
} arrays;

static bool take(
    arrays *out, basin__chain_known *k, basin_context *ctx, bool values)
{
    const size_t dense = (size_t)k->dense + 1, singles = (size_t)k->singles + 1;
    out->dense_start = basin_alloc(ctx, start_size(k));
    out->single_start = basin_alloc(ctx, start_size(k));
    out->dense = basin_alloc(ctx, dense * sizeof(int32_t));
    out->single = basin_alloc(ctx, singles * sizeof(int32_t));
    out->label = basin_alloc(ctx, singles * sizeof(uint16_t));
    if (values) {
        out->dense_value = basin_alloc(ctx, dense * sizeof(float));
        out->single_value = basin_alloc(ctx, singles * sizeof(float));
    }
    k->run =
        (basin__feature_run){out->dense_start, out->dense, out->dense_value,
            out->single_start, out->single, out->label, out->single_value, 0};
    return out->dense_start && out->single_start && out->dense && out->single &&
           out->label && (!values || (out->dense_value && out->single_value));
}

static void fill(const arrays *out, const basin__chain_known *k,
    const basin_chain *c, const basin_attributes *a)
{
    int64_t dense = 0, single = 0;
    for (int64_t t = 0; t < k->positions; t++) {
        for (int64_t i = a->start[t]; i < a->start[t + 1]; i++) {
            const int32_t id = a->id[i];
            if (!knows(c, id))
                continue;
            if (row_of(c, id) >= 0) {
                if (out->dense_value)
                    out->dense_value[dense] = a->value[i];
                out->dense[dense++] = row_of(c, id);
                continue;
            }
            for (int64_t f = c->node_start[id]; f < c->node_start[id + 1];
                 f++) {
                if (out->single_value)
                    out->single_value[single] = a->value[i];
                out->label[single] = (uint16_t)c->node_label[f];
                out->single[single++] = (int32_t)f;
            }
        }
        out->dense_start[t + 1] = dense;
        out->single_start[t + 1] = single;
    }
}

basin_status basin__chain_known_init(basin__chain_known *k,
    const basin_chain *chain, const basin_sequences *sequences,
    basin_error *error)
{
    *k = (basin__chain_known){.positions = sequences->positions};
    const basin_attributes *a = &sequences->node;
    if (a->start)
        count(k, chain, a);
    arrays out = {0};
    if (!take(&out, k, chain->ctx, a->value) ||
        (!chain->full && chain->info.node_features > INT32_MAX)) {
        basin__chain_known_finish(k, chain);
        return basin_error_set(error, BASIN_E_MEMORY,
            "no memory for the features of %lld positions",
            (long long)sequences->positions);
    }
    if (a->start)
        fill(&out, k, chain, a);
    return BASIN_OK;
}

basin__feature_run basin__chain_known_run(const basin__chain_known *k,
    const basin_sequences *sequences, int32_t sequence)
{
    const int64_t first = sequences->start[sequence];
    basin__feature_run run = k->run;
    run.dense_start += first;
    run.single_start += first;
    run.positions = (int)(sequences->start[sequence + 1] - first);
    return run;
}
