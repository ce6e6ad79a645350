/* SPDX-License-Identifier: MIT
 *
 * Counts of chunks, tokens and confusions. When a chunk begins and ends is what
 * conlleval (Tjong Kim Sang, version of 2004-01-26) makes of the tags and types
 * of two neighbours; it reads IOB1, IOB2, IOE1, IOE2 and brackets alike.
 */
#include "data/text.h"

#include "basin/evaluation.h"

#include <string.h>

typedef struct counts {
    int64_t right, gold, found;
} counts;

/** A label taken apart. */
typedef struct mark {
    char tag;     /* O B I E [ ] . or ? for any other */
    int32_t type; /* in `types` */
    int32_t name; /* in `tags`: labels are the same if name and type are */
} mark;

struct basin_evaluation {
    basin_context *ctx;
    const basin_dictionary *labels;
    basin_dictionary *types, *tags; /* type 0 is the empty one */
    basin_bytes marks;              /* mark of each label */
    basin_bytes by_type;            /* counts of each type */
    basin_bytes order;              /* int32_t types that came, by name */
    int64_t *confusion;             /* (side, side) */
    int32_t side;
    counts all;
    basin_tokens tokens;
    /* a chunk is open, the same in both so far; one of an odd tag without a
     * type does not end with its sequence, in conlleval either */
    bool open;
};

/* -------------------------------------------------------------- life cycle */

static basin_status open_types(basin_evaluation *e, basin_error *error)
{
    int32_t id;
    BASIN_TRY(basin_dictionary_create(&e->types, e->ctx, error));
    BASIN_TRY(basin_dictionary_create(&e->tags, e->ctx, error));
    return basin_dictionary_add(&id, e->types, "", 0, error);
}

basin_status basin_evaluation_create(basin_evaluation **out, basin_context *ctx,
    const basin_dictionary *labels, basin_error *error)
{
    *out = NULL;
    basin_evaluation *e = basin_alloc(ctx, sizeof *e);
    BASIN_REQUIRE(e, error, BASIN_E_MEMORY, "out of memory for an evaluation");
    e->ctx = ctx;
    e->labels = labels;
    basin_bytes_init(&e->marks, ctx);
    basin_bytes_init(&e->by_type, ctx);
    basin_bytes_init(&e->order, ctx);
    basin_status status = open_types(e, error);
    if (status != BASIN_OK) {
        basin_evaluation_destroy(e);
        return status;
    }
    *out = e;
    return BASIN_OK;
}

static size_t square(int32_t side)
{
    return (size_t)side * (size_t)side * sizeof(int64_t);
}

void basin_evaluation_destroy(basin_evaluation *evaluation)
{
    if (!evaluation)
        return;
    basin_evaluation *e = evaluation;
    basin_dictionary_destroy(e->types);
    basin_dictionary_destroy(e->tags);
    basin_bytes_finish(&e->marks);
    basin_bytes_finish(&e->by_type);
    basin_bytes_finish(&e->order);
    basin_free(e->ctx, e->confusion, square(e->side));
    basin_free(e->ctx, e, sizeof *e);
}

/* ------------------------------------------------------------------ labels */

/** conlleval takes the first - for the border, and a type 0 for none. */
static basin_status take_apart(
    basin_evaluation *e, int32_t label, basin_error *error)
{
    size_t length;
    const char *name = basin_dictionary_name(e->labels, label, &length);
    const char *dash = length ? memchr(name, '-', length) : NULL;
    size_t tag = dash ? (size_t)(dash - name) : length;
    const char *type = dash ? dash + 1 : name + length;
    size_t type_length = length - (size_t)(type - name);
    if (type_length == 1 && *type == '0')
        type_length = 0;
    mark out = {'?', 0, 0};
    if (tag == 1 && strchr("OBIE[].", name[0]))
        out.tag = name[0];
    BASIN_TRY(
        basin_dictionary_add(&out.type, e->types, type, type_length, error));
    BASIN_TRY(basin_dictionary_add(&out.name, e->tags, name, tag, error));
    size_t types = (size_t)basin_dictionary_count(e->types);
    while (e->by_type.size < types * sizeof(counts))
        BASIN_TRY(basin_bytes_append(
            &e->by_type, &(counts){0}, sizeof(counts), error));
    return basin_bytes_append(&e->marks, &out, sizeof out, error);
}

/** Make the confusions fit the labels; twice as many, if they keep coming. */
static basin_status widen(
    basin_evaluation *e, int32_t labels, basin_error *error)
{
    if (labels <= e->side)
        return BASIN_OK;
    int32_t side = labels;
    if (e->side && side < 2 * (int64_t)e->side && side < 1 << 14)
        side = 2 * e->side;
    int64_t *fresh = side < 1 << 24 ? basin_alloc(e->ctx, square(side)) : NULL;
    BASIN_REQUIRE(fresh, error, BASIN_E_MEMORY,
        "out of memory: %d labels by %d", side, side);
    for (int32_t i = 0; i < e->side; i++)
        memcpy(fresh + (size_t)i * (size_t)side,
            e->confusion + (size_t)i * (size_t)e->side,
            (size_t)e->side * sizeof *fresh);
    basin_free(e->ctx, e->confusion, square(e->side));
    e->confusion = fresh;
    e->side = side;
    return BASIN_OK;
}

static basin_status catch_up(basin_evaluation *e, basin_error *error)
{
    int32_t labels = basin_dictionary_count(e->labels);
    int32_t known = (int32_t)(e->marks.size / sizeof(mark));
    for (; known < labels; known++)
        BASIN_TRY(take_apart(e, known, error));
    return widen(e, labels, error);
}

/* ------------------------------------------------------------------ chunks */

/** Does a chunk begin between two neighbours? */
static bool begins(const mark *before, const mark *here)
{
    char a = before->tag, b = here->tag;
    if (b == '[' || b == ']')
        return true;
    if (b != 'O' && b != '.' && before->type != here->type)
        return true;
    if (b == 'B')
        return a == 'B' || a == 'I' || a == 'O';
    return (b == 'I' || b == 'E') && (a == 'O' || a == 'E');
}

/** Does a chunk end between two neighbours? */
static bool ends(const mark *before, const mark *here)
{
    char a = before->tag, b = here->tag;
    if (a == '[' || a == ']')
        return true;
    if (a != 'O' && a != '.' && before->type != here->type)
        return true;
    if (a == 'B' || a == 'I')
        return b == 'B' || b == 'O';
    return a == 'E' && (b == 'E' || b == 'I' || b == 'O');
}

/** A walk along a sequence. */
typedef struct walk {
    mark gold, found; /* of the position before */
} walk;

static counts *of_type(basin_evaluation *e, int32_t type)
{
    return (counts *)(void *)e->by_type.data + type;
}

/** A chunk of this type came: the first puts the type into its place. There is
 *  room for all types. */
static counts *appear(basin_evaluation *e, int32_t type)
{
    counts *c = of_type(e, type);
    if (c->gold || c->found)
        return c;
    int32_t *order = (int32_t *)(void *)e->order.data;
    size_t at = e->order.size / sizeof *order;
    const char *name = basin_dictionary_name(e->types, type, NULL);
    for (; at > 0; at--) {
        const char *left = basin_dictionary_name(e->types, order[at - 1], NULL);
        if (strcmp(left, name) <= 0)
            break;
        order[at] = order[at - 1];
    }
    order[at] = type;
    e->order.size += sizeof *order;
    return c;
}

static void step(basin_evaluation *e, walk *w, mark gold, mark found)
{
    bool gold_ends = ends(&w->gold, &gold);
    bool found_ends = ends(&w->found, &found);
    if (e->open && gold_ends && found_ends && w->gold.type == w->found.type) {
        e->open = false;
        e->all.right++;
        of_type(e, w->gold.type)->right++;
    } else if (gold_ends != found_ends || gold.type != found.type)
        e->open = false;
    bool gold_begins = begins(&w->gold, &gold);
    bool found_begins = begins(&w->found, &found);
    if (gold_begins && found_begins && gold.type == found.type)
        e->open = true;
    if (gold_begins) {
        e->all.gold++;
        appear(e, gold.type)->gold++;
    }
    if (found_begins) {
        e->all.found++;
        appear(e, found.type)->found++;
    }
    w->gold = gold;
    w->found = found;
}

static basin_status check(const basin_evaluation *e, const int32_t *ids,
    int64_t n, const char *what, basin_error *error)
{
    int32_t labels = basin_dictionary_count(e->labels);
    for (int64_t i = 0; i < n; i++)
        BASIN_REQUIRE(ids[i] >= 0 && ids[i] < labels, error, BASIN_E_ARGUMENT,
            "position %lld has no %s label", (long long)i, what);
    return BASIN_OK;
}

basin_status basin_evaluation_add(basin_evaluation *evaluation,
    const int32_t *gold, const int32_t *found, int64_t n, basin_error *error)
{
    basin_evaluation *e = evaluation;
    BASIN_TRY(check(e, gold, n, "right", error));
    BASIN_TRY(check(e, found, n, "found", error));
    BASIN_TRY(catch_up(e, error));
    /* room first, so that nothing can fail half-way */
    size_t types = (size_t)basin_dictionary_count(e->types) * sizeof(int32_t);
    if (e->order.capacity < types)
        BASIN_TRY(
            basin__bytes_reserve(&e->order, types - e->order.size, error));
    const mark outside = {'O', 0, 0};
    const mark *marks = (const mark *)(const void *)e->marks.data;
    walk w = {outside, outside};
    int64_t right = 0;
    for (int64_t i = 0; i < n; i++) {
        const mark *a = &marks[gold[i]], *b = &marks[found[i]];
        step(e, &w, *a, *b);
        right += a->name == b->name && a->type == b->type;
        e->confusion[(size_t)gold[i] * (size_t)e->side + (size_t)found[i]]++;
    }
    step(e, &w, outside, outside);
    e->tokens.tokens += n;
    e->tokens.right_tokens += right;
    e->tokens.sequences++;
    e->tokens.right_sequences += right == n;
    return BASIN_OK;
}

/* ----------------------------------------------------------------- results */

static basin_chunks results(const counts *c, const char *type)
{
    basin_chunks r = {
        .type = type, .right = c->right, .gold = c->gold, .found = c->found};
    r.precision = c->found ? (double)c->right / (double)c->found : 0.0;
    r.recall = c->gold ? (double)c->right / (double)c->gold : 0.0;
    double sum = r.precision + r.recall;
    r.f1 = sum > 0.0 ? 2.0 * r.precision * r.recall / sum : 0.0;
    return r;
}

basin_chunks basin_evaluation_all(const basin_evaluation *evaluation)
{
    counts c = evaluation->all;
    c.right += evaluation->open;
    return results(&c, "");
}

int32_t basin_evaluation_types(const basin_evaluation *evaluation)
{
    return (int32_t)(evaluation->order.size / sizeof(int32_t));
}

basin_chunks basin_evaluation_type(
    const basin_evaluation *evaluation, int32_t i)
{
    int32_t type = ((const int32_t *)(const void *)evaluation->order.data)[i];
    counts c = ((const counts *)(const void *)evaluation->by_type.data)[type];
    c.right += type == 0 && evaluation->open;
    return results(&c, basin_dictionary_name(evaluation->types, type, NULL));
}

basin_tokens basin_evaluation_tokens(const basin_evaluation *evaluation)
{
    basin_tokens t = evaluation->tokens;
    t.accuracy = t.tokens ? (double)t.right_tokens / (double)t.tokens : 0.0;
    return t;
}

int64_t basin_evaluation_confusion(
    const basin_evaluation *evaluation, int32_t gold, int32_t found)
{
    int32_t side = evaluation->side;
    if (gold < 0 || found < 0 || gold >= side || found >= side)
        return 0;
    return evaluation->confusion[(size_t)gold * (size_t)side + (size_t)found];
}
