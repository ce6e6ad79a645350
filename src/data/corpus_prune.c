/* SPDX-License-Identifier: MIT
 *
 * Leaving out attributes that are too rare, once a corpus has been read: the
 * dictionaries are made anew without them, and the ids in the corpus follow.
 */
#include "data/corpus.h"

/** What becomes of one dictionary and the rows of its attributes. */
typedef struct pruning {
    basin_dictionary *fresh;
    int32_t *map; /* count: how often each name occurs, then its new id or -1 */
    int32_t count;
} pruning;

static int32_t *ids(basin__grown *g)
{
    return (int32_t *)(void *)g->id.data;
}

/** The new dictionary, and where each id goes. Nothing is changed yet. */
static basin_status prepare(basin__corpus *c, pruning *p, basin__grown *g,
    const basin_dictionary *d, int64_t least, basin_error *error)
{
    p->count = basin_dictionary_count(d);
    p->map = basin_alloc(c->ctx, (size_t)p->count * sizeof *p->map);
    BASIN_REQUIRE(p->map, error, BASIN_E_MEMORY,
        "out of memory: counts of %d attributes", p->count);
    BASIN_TRY(basin_dictionary_create(&p->fresh, c->ctx, error));
    size_t n = g->id.size / sizeof(int32_t);
    for (size_t i = 0; i < n; i++)
        if (p->map[ids(g)[i]] < INT32_MAX)
            p->map[ids(g)[i]]++;
    for (int32_t id = 0; id < p->count; id++) {
        bool rare = p->map[id] < least;
        p->map[id] = -1;
        size_t length;
        const char *name = basin_dictionary_name(d, id, &length);
        if (!rare)
            BASIN_TRY(basin_dictionary_add(
                &p->map[id], p->fresh, name, length, error));
    }
    return BASIN_OK;
}

/** Let the rows follow. */
static void apply(basin__corpus *c, const pruning *p, basin__grown *g)
{
    int64_t *start = (int64_t *)(void *)g->start.data, kept = 0, from = 0;
    float *value = g->value.size ? (float *)(void *)g->value.data : NULL;
    for (int64_t position = 0; position < c->positions; position++) {
        int64_t end = start[position + 1];
        for (; from < end; from++) {
            int32_t id = p->map[ids(g)[from]];
            if (id < 0)
                continue;
            ids(g)[kept] = id;
            if (value)
                value[kept] = value[from];
            kept++;
        }
        start[position + 1] = kept;
    }
    g->id.size = (size_t)kept * sizeof(int32_t);
    if (value)
        g->value.size = (size_t)kept * sizeof(float);
}

static void discard(basin__corpus *c, pruning *p)
{
    basin_dictionary_destroy(p->fresh);
    basin_free(c->ctx, p->map, (size_t)p->count * sizeof *p->map);
}

basin_status basin_corpus_prune(
    basin_corpus *corpus, int64_t least, basin_error *error)
{
    basin__corpus *c = (basin__corpus *)corpus;
    pruning nodes = {0}, edges = {0};
    BASIN_TRY(basin__corpus_sequence(c, 1.0f, error));
    basin_status status =
        prepare(c, &nodes, &c->node, c->def.nodes, least, error);
    if (status == BASIN_OK)
        status = prepare(c, &edges, &c->edge, c->def.edges, least, error);
    if (status == BASIN_OK) {
        apply(c, &nodes, &c->node);
        apply(c, &edges, &c->edge);
        basin__dictionary_swap(nodes.fresh, c->def.nodes);
        basin__dictionary_swap(edges.fresh, c->def.edges);
        basin__corpus_publish(c);
    }
    discard(c, &nodes);
    discard(c, &edges);
    return status;
}
