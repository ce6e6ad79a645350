/* SPDX-License-Identifier: MIT
 *
 * Our own models as scorers: names, weights and labels stay where they lie. A
 * file without a table of its names, of an earlier version, is given one.
 */
#include "data/scorer.h"

#include "data/dictionary.h"
#include "data/name_table.h"

#include <string.h>

typedef struct file {
    basin__name_table names;
    const char *label, *w;
    size_t features;
} file;

void basin__scorer_finish(basin__scorer *s)
{
    if (s->own)
        basin_free(s->ctx, s->own, s->own_size);
    s->own = NULL;
}

basin_status basin__chain_of_transitions(
    basin_chain_model *m, const double *weight, basin_error *error)
{
    const int32_t labels = basin_dictionary_count(m->labels);
    const size_t pairs = (size_t)labels * (size_t)labels;
    int32_t *list = basin_alloc(m->ctx, (pairs + 1) * sizeof *list);
    BASIN_REQUIRE(list, error, BASIN_E_MEMORY, "no memory for transitions");
    static const int64_t none[1] = {0};
    basin_chain_lists lists = {
        .labels = labels, .node_start = none, .transition = list};
    for (size_t i = 0; i < pairs; i++)
        if (weight[i] != 0)
            list[lists.n_transitions++] = (int32_t)i;
    basin_status status =
        basin_chain_from_lists(&m->chain, m->ctx, &lists, error);
    for (int64_t i = 0; status == BASIN_OK && i < lists.n_transitions; i++)
        basin_chain_params(m->chain)[i] = weight[list[i]];
    basin_free(m->ctx, list, (pairs + 1) * sizeof *list);
    if (status == BASIN_OK)
        basin_chain_changed(m->chain);
    return status;
}

/* ------------------------------------------------------------------ looking */

/* First the slots, so that several names are on their way at once. */
static basin_status find(
    const basin__scorer *s, basin__asked *asked, size_t n, basin_error *error)
{
    const file *f = s->own;
    const basin__name_table *t = &f->names;
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(basin__name_first(t, asked[i].hash));
    for (size_t i = 0; i < n; i++) {
        basin__asked *a = &asked[i];
        a->slot = basin__name_walk(t, basin__name_first(t, a->hash), a->hash);
        if (a->slot && basin__name_begin(a->slot) < t->names_size)
            __builtin_prefetch(t->names + basin__name_begin(a->slot));
    }
    for (size_t i = 0; i < n; i++) {
        basin__asked *a = &asked[i];
        const char *slot =
            a->slot ? basin__name_find(t, a->slot, a->hash, a->name, a->length)
                    : NULL;
        a->known = slot;
        if (!slot)
            continue;
        a->at = basin__name_feature(slot);
        a->end = a->at + basin__name_features(slot);
        BASIN_REQUIRE(a->end <= f->features, error, BASIN_E_FORMAT,
            "the model is broken: its table counts %llu features of %zu",
            (unsigned long long)a->end, f->features);
        __builtin_prefetch(f->label + 4 * a->at);
        __builtin_prefetch(f->w + 8 * a->at);
    }
    return BASIN_OK;
}

static basin_status read_feature(const basin__scorer *s, uint64_t at,
    uint32_t *label, double *w, basin_error *error)
{
    const file *f = s->own;
    *label = basin__u32(f->label + 4 * at);
    *w = basin__f64(f->w + 8 * at);
    BASIN_REQUIRE(*label < (uint32_t)s->labels && __builtin_isfinite(*w), error,
        BASIN_E_FORMAT,
        "the model is broken: feature %llu is of label %u, and its weight %g",
        (unsigned long long)at, *label, *w);
    return BASIN_OK;
}

static const basin__scorer_kind kind = {NULL, find, read_feature, 1};

/* ------------------------------------------------------------------ opening
 */

static basin_status open_names(
    basin__scorer *s, const basin__chain_file *f, basin_error *error)
{
    const basin__chain_numbers *n = f->numbers;
    const basin__chain_numbers stored = n[BASIN__CHAIN_NODE_TABLE];
    const size_t names = n[BASIN__CHAIN_NODE_COUNT].n;
    const size_t made = stored.n ? 0 : basin__name_table_slots(names);
    s->own_size = sizeof(file) + made * BASIN__NAME_SLOT;
    s->own = basin_alloc(s->ctx, s->own_size);
    BASIN_REQUIRE(s->own, error, BASIN_E_MEMORY,
        "no memory for a table of %zu names", names);
    file *own = s->own;
    char *slots = (char *)(own + 1);
    *own = (file){.label = n[BASIN__CHAIN_NODE_LABEL].data,
        .w = n[BASIN__CHAIN_W].data,
        .features = n[BASIN__CHAIN_NODE_LABEL].n,
        .names = {.slots = stored.n ? stored.data : slots,
            .n_slots = stored.n ? stored.n * 4 / BASIN__NAME_SLOT : made,
            .names = n[BASIN__CHAIN_NODES].data,
            .names_size = n[BASIN__CHAIN_NODES].n}};
    if (stored.n) {
        BASIN_REQUIRE(stored.n % 4 == 0 && own->names.n_slots < UINT32_MAX,
            error, BASIN_E_FORMAT, "'node.table' has %zu numbers", stored.n);
        return BASIN_OK;
    }
    return basin__name_table_fill(slots, made, own->names.names,
        own->names.names_size, n[BASIN__CHAIN_NODE_COUNT].data, names,
        own->features, error);
}

/* --------------------------------------------------------------- transitions
 */

static basin_status read_transitions(
    const basin__chain_file *f, double *weight, basin_error *error)
{
    const basin__chain_numbers step = f->numbers[BASIN__CHAIN_STEP];
    const size_t nodes = f->numbers[BASIN__CHAIN_NODE_LABEL].n;
    const int32_t labels = basin_dictionary_count(f->m->labels);
    int64_t before = -1;
    BASIN_REQUIRE(f->numbers[BASIN__CHAIN_W].n == nodes + step.n, error,
        BASIN_E_FORMAT, "there are %zu weights for %zu features",
        f->numbers[BASIN__CHAIN_W].n, nodes + step.n);
    for (size_t i = 0; i < step.n; i++) {
        const int64_t pair = basin__u32(step.data + 4 * i);
        const double w =
            basin__f64(f->numbers[BASIN__CHAIN_W].data + 8 * (nodes + i));
        BASIN_REQUIRE(pair > before && pair < (int64_t)labels * labels, error,
            BASIN_E_FORMAT,
            "'transition' holds %lld: its numbers must ascend, and be below "
            "%lld",
            (long long)pair, (long long)labels * labels);
        BASIN_REQUIRE(__builtin_isfinite(w), error, BASIN_E_NONFINITE,
            "the weight of transition %zu is not finite", i);
        weight[pair] = w;
        before = pair;
    }
    return BASIN_OK;
}

static basin_status open_ours(
    basin__scorer *s, const basin__chain_file *f, basin_error *error)
{
    s->labels = basin_dictionary_count(f->m->labels);
    BASIN_REQUIRE(s->labels >= 1 && s->labels <= UINT16_MAX, error,
        BASIN_E_FORMAT, "the model has %d labels", s->labels);
    BASIN_TRY(open_names(s, f, error));
    const size_t size = (size_t)s->labels * (size_t)s->labels * sizeof(double);
    double *weight = basin_alloc(s->ctx, size);
    BASIN_REQUIRE(weight, error, BASIN_E_MEMORY, "no memory for transitions");
    basin_status status = read_transitions(f, weight, error);
    if (status == BASIN_OK)
        status = basin__chain_of_transitions(f->m, weight, error);
    basin_free(s->ctx, weight, size);
    return status;
}

basin_status basin__scorer_ours(basin__scorer *s, basin_chain_model **m,
    basin_context *ctx, const void *data, size_t size, basin_error *error)
{
    *s = (basin__scorer){.kind = &kind, .ctx = ctx, .data = data, .size = size};
    *m = NULL;
    basin__chain_file f;
    BASIN_TRY(basin__chain_file_open(&f, ctx, data, size, error));
    const basin__chain_numbers *n = f.numbers;
    basin_status status = BASIN_OK;
    if (!f.net && n[BASIN__CHAIN_EDGES].n == 0 &&
        n[BASIN__CHAIN_NODES].n < UINT32_MAX &&
        n[BASIN__CHAIN_NODE_LABEL].n < UINT32_MAX / 2) {
        status = open_ours(s, &f, error);
        if (status == BASIN_OK)
            *m = f.m;
    }
    if (!*m) {
        basin__scorer_finish(s);
        basin_chain_model_destroy(f.m);
    }
    return status;
}
