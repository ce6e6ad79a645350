/* SPDX-License-Identifier: MIT
 *
 * Taggers: a model behind a scorer where its file can be used as it lies, and
 * read as a whole where not.
 */
#include "basin/tagger.h"

#include "data/corpus.h"
#include "data/scorer.h"
#include "data/text.h"
#include "inference/lattice.h"

struct basin_tagger {
    basin_context *ctx;
    basin_chain_model *model; /* of its chain the transitions, with a scorer */
    basin__scorer scorer;
    bool scored;
};

struct basin_tagging {
    const basin_tagger *tagger;
    basin_corpus *corpus;
    basin_lattice *lattice;
    basin__scorer_cache cache;
};

/* ------------------------------------------------------------------- taggers
 */

static basin_status open_model(
    basin_tagger *t, const void *data, size_t size, basin_error *error)
{
    if (basin__chain_model_is_ours(data, size))
        BASIN_TRY(basin__scorer_ours(
            &t->scorer, &t->model, t->ctx, data, size, error));
    else if (basin__is_crfsuite(data, size))
        BASIN_TRY(basin__scorer_crfsuite(
            &t->scorer, &t->model, t->ctx, data, size, error));
    t->scored = t->model;
    return t->scored
               ? BASIN_OK
               : basin_chain_model_read(&t->model, t->ctx, data, size, error);
}

basin_status basin_tagger_create(basin_tagger **out, basin_context *ctx,
    const void *data, size_t size, basin_error *error)
{
    *out = NULL;
    basin_tagger *t = basin_alloc(ctx, sizeof *t);
    BASIN_REQUIRE(t, error, BASIN_E_MEMORY, "no memory for a tagger");
    t->ctx = ctx;
    basin_status status = open_model(t, data, size, error);
    if (status != BASIN_OK) {
        basin__clean_message(error); /* names in it are as the file has them */
        basin_tagger_destroy(t);
        return status;
    }
    *out = t;
    return BASIN_OK;
}

void basin_tagger_destroy(basin_tagger *t)
{
    if (!t)
        return;
    basin__scorer_finish(&t->scorer);
    basin_chain_model_destroy(t->model);
    basin_free(t->ctx, t, sizeof *t);
}

const basin_dictionary *basin_tagger_labels(const basin_tagger *t)
{
    return t->model->labels;
}

/* ------------------------------------------------------------------ taggings
 */

static basin_status open_tagging(
    basin_tagging *g, bool unlabelled, basin_error *error)
{
    const basin_tagger *t = g->tagger;
    basin_corpus_def def = basin_chain_model_corpus(t->model);
    def.unlabelled = unlabelled;
    BASIN_TRY(basin_corpus_create(&g->corpus, t->ctx, &def, error));
    if (t->scored) {
        basin__corpus *c = (basin__corpus *)g->corpus;
        const basin_chain *chain = t->model->chain;
        BASIN_TRY(basin__scorer_cache_init(
            &g->cache, &t->scorer, chain->k, chain->lanes, error));
        c->scorer = &g->cache;
        c->lanes = chain->lanes;
    }
    return basin_lattice_create(&g->lattice, t->model->chain, error);
}

basin_status basin_tagging_create(basin_tagging **out,
    const basin_tagger *tagger, bool unlabelled, basin_error *error)
{
    *out = NULL;
    basin_tagging *g = basin_alloc(tagger->ctx, sizeof *g);
    BASIN_REQUIRE(g, error, BASIN_E_MEMORY, "no memory to label");
    g->tagger = tagger;
    basin_status status = open_tagging(g, unlabelled, error);
    if (status != BASIN_OK) {
        basin_tagging_destroy(g);
        return status;
    }
    *out = g;
    return BASIN_OK;
}

void basin_tagging_destroy(basin_tagging *g)
{
    if (!g)
        return;
    basin_lattice_destroy(g->lattice);
    basin_corpus_destroy(g->corpus);
    basin__scorer_cache_finish(&g->cache);
    basin_free(g->tagger->ctx, g, sizeof *g);
}

basin_status basin_tagging_read(
    basin_tagging *g, const char *text, size_t size, basin_error *error)
{
    basin_corpus_clear(g->corpus);
    g->corpus->line = 1;
    return basin_corpus_read(g->corpus, text, size, error);
}

const basin_corpus *basin_tagging_corpus(const basin_tagging *g)
{
    return g->corpus;
}

basin_status basin_tagging_observe(
    basin_lattice **out, basin_tagging *g, int32_t sequence, basin_error *error)
{
    const basin_sequences *s = &g->corpus->sequences;
    const basin__corpus *c = (const basin__corpus *)g->corpus;
    *out = g->lattice;
    if (!g->tagger->scored)
        return basin_lattice_observe(g->lattice, s, sequence, error);
    const int64_t first = s->start[sequence];
    const double *score = (const double *)(const void *)c->score.data;
    return basin__lattice_observe_scores(g->lattice,
        score + (size_t)first * (size_t)c->lanes,
        (int)(s->start[sequence + 1] - first), error);
}
