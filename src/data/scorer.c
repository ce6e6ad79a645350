/* SPDX-License-Identifier: MIT
 *
 * Our own models as scorers: the names are entered into a table with open
 * addressing, one pass over the file; weights and labels stay where they lie.
 */
#include "data/scorer.h"

#include "data/dictionary.h"
#include "data/text.h"

#include <string.h>

typedef struct slot {
    uint32_t hash;
    uint32_t id; /* plus 1; 0: free */
} slot;

/* Slots, and of each name where it begins and its first feature. */
typedef struct table {
    const char *names, *label, *w;
    size_t names_size, mask;
    slot *slots;
    uint32_t *begin, *first; /* (names + 1) */
} table;

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

static const table *table_of(const basin__scorer *s)
{
    return s->own;
}

/* The next slot from `at` on with this hash, or the free one that ends it. */
static size_t walk(const table *t, size_t at, uint32_t hash)
{
    while (t->slots[at].id && t->slots[at].hash != hash)
        at = (at + 1) & t->mask;
    return at;
}

static bool same(const table *t, uint32_t id, const char *name, size_t length)
{
    return t->begin[id + 1] - t->begin[id] == length + 1 &&
           memcmp(t->names + t->begin[id], name, length) == 0;
}

/* First the slots, so that several names are on their way at once. */
static basin_status find(
    const basin__scorer *s, basin__asked *asked, size_t n, basin_error *error)
{
    (void)error;
    const table *t = table_of(s);
    for (size_t i = 0; i < n; i++)
        __builtin_prefetch(&t->slots[asked[i].hash & t->mask]);
    for (size_t i = 0; i < n; i++) {
        basin__asked *a = &asked[i];
        a->at = walk(t, a->hash & t->mask, a->hash);
        if (t->slots[a->at].id)
            __builtin_prefetch(&t->begin[t->slots[a->at].id - 1]);
    }
    for (size_t i = 0; i < n; i++) {
        basin__asked *a = &asked[i];
        size_t at = (size_t)a->at;
        while (t->slots[at].id &&
               !same(t, t->slots[at].id - 1, a->name, a->length))
            at = walk(t, (at + 1) & t->mask, a->hash);
        a->known = t->slots[at].id;
        if (!a->known)
            continue;
        a->at = t->first[t->slots[at].id - 1];
        a->end = t->first[t->slots[at].id];
        __builtin_prefetch(t->label + 4 * a->at);
        __builtin_prefetch(t->w + 8 * a->at);
    }
    return BASIN_OK;
}

static basin_status read_feature(const basin__scorer *s, uint64_t at,
    uint32_t *label, double *w, basin_error *error)
{
    const table *t = table_of(s);
    *label = basin__u32(t->label + 4 * at);
    *w = basin__f64(t->w + 8 * at);
    BASIN_REQUIRE(*label < (uint32_t)s->labels && __builtin_isfinite(*w), error,
        BASIN_E_FORMAT,
        "the model is broken: feature %llu is of label %u, and its weight %g",
        (unsigned long long)at, *label, *w);
    return BASIN_OK;
}

static const basin__scorer_kind kind = {
    basin__name_hash, find, read_feature, 1};

/* ----------------------------------------------------------------- entering */

/* Names on their way into the table, so that its lines can be called for. */
enum { AHEAD = 16 };

static basin_status enter(
    table *t, uint32_t hash, uint32_t id, basin_error *error)
{
    size_t at = walk(t, hash & t->mask, hash);
    const char *name = t->names + t->begin[id];
    const size_t length = t->begin[id + 1] - t->begin[id] - 1;
    while (t->slots[at].id) {
        char quote[BASIN__QUOTE];
        BASIN_REQUIRE(!same(t, t->slots[at].id - 1, name, length), error,
            BASIN_E_FORMAT, "the name '%s' is there twice",
            basin__quote(quote, name, length));
        at = walk(t, (at + 1) & t->mask, hash);
    }
    t->slots[at] = (slot){hash, id + 1};
    return BASIN_OK;
}

/* Where names and features begin, and their end. */
static basin_status measure(
    table *t, const basin__chain_file *f, size_t i, basin_error *error)
{
    const basin__chain_numbers count = f->numbers[BASIN__CHAIN_NODE_COUNT];
    const size_t begin = t->begin[i];
    const char *end = memchr(t->names + begin, 0, t->names_size - begin);
    const size_t n = basin__u32(count.data + 4 * i);
    BASIN_REQUIRE(end, error, BASIN_E_FORMAT,
        "there are %zu names for the %zu numbers of 'node.count'", i, count.n);
    BASIN_REQUIRE(n <= f->numbers[BASIN__CHAIN_NODE_LABEL].n - t->first[i],
        error, BASIN_E_FORMAT,
        "'node.count' counts more than there is in 'node.label'");
    t->begin[i + 1] = (uint32_t)(end - t->names) + 1;
    t->first[i + 1] = t->first[i] + (uint32_t)n;
    return BASIN_OK;
}

static basin_status enter_all(
    table *t, const basin__chain_file *f, basin_error *error)
{
    const size_t n = f->numbers[BASIN__CHAIN_NODE_COUNT].n;
    uint32_t hash[AHEAD];
    for (size_t i = 0; i < n + AHEAD; i++) {
        if (i >= AHEAD && i - AHEAD < n)
            BASIN_TRY(enter(t, hash[i % AHEAD], (uint32_t)(i - AHEAD), error));
        if (i >= n)
            continue;
        BASIN_TRY(measure(t, f, i, error));
        hash[i % AHEAD] = basin__name_hash(
            t->names + t->begin[i], t->begin[i + 1] - t->begin[i] - 1);
        __builtin_prefetch(&t->slots[hash[i % AHEAD] & t->mask], 1);
    }
    BASIN_REQUIRE(t->begin[n] == t->names_size, error, BASIN_E_FORMAT,
        "there are more names than the %zu numbers of 'node.count'", n);
    BASIN_REQUIRE(t->first[n] == f->numbers[BASIN__CHAIN_NODE_LABEL].n, error,
        BASIN_E_FORMAT,
        "'node.count' counts less than there is in 'node.label'");
    return BASIN_OK;
}

static basin_status make_table(
    basin__scorer *s, const basin__chain_file *f, basin_error *error)
{
    const size_t n = f->numbers[BASIN__CHAIN_NODE_COUNT].n;
    size_t slots = 64;
    while (slots / 4 * 3 < n)
        slots *= 2;
    s->own_size =
        sizeof(table) + slots * sizeof(slot) + 2 * (n + 1) * sizeof(uint32_t);
    s->own = basin_alloc(s->ctx, s->own_size);
    BASIN_REQUIRE(
        s->own, error, BASIN_E_MEMORY, "no memory for a table of %zu names", n);
    table *t = s->own;
    t->slots = (slot *)(void *)(t + 1);
    t->begin = (uint32_t *)(void *)(t->slots + slots);
    t->first = t->begin + n + 1;
    t->mask = slots - 1;
    t->names = f->numbers[BASIN__CHAIN_NODES].data;
    t->names_size = f->numbers[BASIN__CHAIN_NODES].n;
    t->label = f->numbers[BASIN__CHAIN_NODE_LABEL].data;
    t->w = f->numbers[BASIN__CHAIN_W].data;
    return enter_all(t, f, error);
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
    BASIN_TRY(make_table(s, f, error));
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
        n[BASIN__CHAIN_NODE_LABEL].n < UINT32_MAX) {
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
