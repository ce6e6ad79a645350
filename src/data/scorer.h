/* SPDX-License-Identifier: MIT
 *
 * The weights of a model as they lie in its file: attributes are looked up by
 * the bytes of a text, and their weights added to the scores of labels,
 * without a copy of either. What a file says is checked where it is used.
 */
#ifndef BASIN_DATA_SCORER_H
#define BASIN_DATA_SCORER_H

#include "data/chain_model.h"
#include "data/name_hash.h"
#include "tensor/chain.h"

typedef struct basin__scorer basin__scorer;

/** An attribute that is looked up in the file, and what is found of it. */
typedef struct basin__asked {
    const char *name;
    size_t length;
    uint32_t hash;
    bool known;
    const char *slot; /**< where the search has come to */
    uint64_t at, end; /**< its features, in the kind's own numbers */
} basin__asked;

/** One kind of file. */
typedef struct basin__scorer_kind {
    /** NULL: basin__name_hash. */
    uint32_t (*hash)(const char *name, size_t length);
    /** Look up several at once. Errors: E_FORMAT. */
    basin_status (*find)(const basin__scorer *s, basin__asked *asked, size_t n,
        basin_error *error);
    /** A feature: from `at` to before `end`, `step` apart. Errors: E_FORMAT. */
    basin_status (*feature)(const basin__scorer *s, uint64_t at,
        uint32_t *label, double *w, basin_error *error);
    uint64_t step;
} basin__scorer_kind;

struct basin__scorer {
    const basin__scorer_kind *kind;
    basin_context *ctx;
    const char *data; /**< the file */
    size_t size;
    int32_t labels;
    void *own; /**< of the kind: one block */
    size_t own_size;
};

/** Frees the block; what was never opened may be finished. */
void basin__scorer_finish(basin__scorer *s);

/** So many attributes may wait; the more at once, the faster. */
enum { BASIN__WAITING_MOST = 256, BASIN__CACHE_SLOTS = 1 << 17 };

/** An attribute that waits for its weights to be added. */
typedef struct basin__waiting {
    const char *name;
    uint32_t length, hash;
    float value;
    int32_t row; /**< behind that of the first */
} basin__waiting;

/** What one thread has looked up, side by side: most attributes of a text are
 *  few, while a model's lie scattered over all of its file. */
typedef struct basin__scorer_cache {
    const basin__scorer *scorer;
    const basin__chain_kernels *kernels;
    int lanes;         /**< of a row */
    uint64_t *slots;   /**< hash and record; records follow, in one block */
    size_t used;       /**< slots */
    size_t size, room; /**< bytes */
    basin__waiting *waiting; /**< (n), in the order of the text */
    size_t n;
    basin__asked *missed; /**< those that are not here */
    int64_t row;          /**< of the first that waits */
} basin__scorer_cache;

/** @param lanes from one row to the next, which the weights are added to
 *  Errors: E_MEMORY. */
basin_status basin__scorer_cache_init(basin__scorer_cache *c,
    const basin__scorer *scorer, const basin__chain_kernels *kernels, int lanes,
    basin_error *error);
void basin__scorer_cache_finish(basin__scorer_cache *c);

static inline bool basin__scorer_has_room(const basin__scorer_cache *c)
{
    return c->n < BASIN__WAITING_MOST;
}

static inline size_t basin__scorer_place(uint32_t hash)
{
    return (hash ^ hash >> 16) & (BASIN__CACHE_SLOTS - 1);
}

/** Let an attribute wait, for which there is room, until its weights, times its
 *  value, are added to a row, which must not lie before that of one who waits
 *  already. The name must stay where it is until then. */
static inline void basin__scorer_ask(basin__scorer_cache *c, const char *name,
    size_t length, int64_t row, float value)
{
    const uint32_t hash = basin__hash_of_name(name, length);
    __builtin_prefetch(&c->slots[basin__scorer_place(hash)]);
    if (c->n == 0)
        c->row = row;
    c->waiting[c->n++] = (basin__waiting){
        name, (uint32_t)length, hash, value, (int32_t)(row - c->row)};
}

/** Add the weights of all that wait, in their order, to rows of labels. Unknown
 *  ones are counted. Errors: E_FORMAT. */
basin_status basin__scorer_add(
    basin__scorer_cache *c, double *rows, int64_t *unknown, basin_error *error);

/** Are two names of one length the same? */
static inline bool basin__same_name(const char *a, const char *b, size_t n)
{
    if (n < 8)
        return __builtin_memcmp(a, b, n) == 0;
    uint64_t differ = basin__u64(a + n - 8) ^ basin__u64(b + n - 8);
    for (size_t i = 0; i + 8 < n; i += 8)
        differ |= basin__u64(a + i) ^ basin__u64(b + i);
    return !differ;
}

/** The weights of a file of ours, and with them the model without its
 *  attributes: labels, template and transitions. *m stays NULL where the file
 *  must be read as a whole, having edge attributes. Errors: as
 *  basin_chain_model_read. */
basin_status basin__scorer_ours(basin__scorer *s, basin_chain_model **m,
    basin_context *ctx, const void *data, size_t size, basin_error *error);

/** The same for a model of CRFsuite. */
basin_status basin__scorer_crfsuite(basin__scorer *s, basin_chain_model **m,
    basin_context *ctx, const void *data, size_t size, basin_error *error);
bool basin__is_crfsuite(const void *data, size_t size);
/** The labels of such a model, whose header is checked. *out is the caller's,
 *  also when it fails. Errors: E_FORMAT, E_SERVE, E_MEMORY. */
basin_status basin__crfsuite_labels(basin_dictionary **out, basin_context *ctx,
    const char *data, size_t size, basin_error *error);

/** The chain of transitions alone. @param weight (labels, labels), 0 where
 *  there is none. Errors: E_MEMORY. */
basin_status basin__chain_of_transitions(
    basin_chain_model *m, const double *weight, basin_error *error);

#endif
