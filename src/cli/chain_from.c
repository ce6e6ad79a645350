/* SPDX-License-Identifier: MIT
 *
 * Going on from a model: its names come before those of the data, and the new
 * model has the features of both.
 */
#include "cli/chain_train.h"

#include "energy/chain.h"

#include <stdlib.h>
#include <string.h>

static basin_status take_names(
    training *t, const basin_chain_model *from, basin_error *error)
{
    BASIN_TRY(basin_dictionary_copy(&t->model.labels, from->labels, error));
    BASIN_TRY(basin_dictionary_copy(&t->model.nodes, from->nodes, error));
    BASIN_TRY(basin_dictionary_copy(&t->model.edges, from->edges, error));
    if (!from->tmpl || t->model.tmpl)
        return BASIN_OK;
    size_t size;
    const char *text = basin_template_text(from->tmpl, &size);
    return basin_template_read(&t->model.tmpl, t->ctx, text, size,
        basin_template_dialect(from->tmpl), error);
}

basin_status chain_from_names(training *t, basin_error *error)
{
    if (!t->s.from) {
        BASIN_TRY(basin_dictionary_create(&t->model.labels, t->ctx, error));
        BASIN_TRY(basin_dictionary_create(&t->model.nodes, t->ctx, error));
        return basin_dictionary_create(&t->model.edges, t->ctx, error);
    }
    basin_chain_model *from = NULL;
    BASIN_TRY(chain_read_model(&from, t->ctx, t->s.from, error));
    basin_status status = take_names(t, from, error);
    basin_chain_model_destroy(from);
    return status;
}

/* Every feature of a chain, with its weight or without. Ids are the same in
 * both. */
static basin_status add_features(basin_chain_weights *w, basin_chain *chain,
    bool weights, basin_error *error)
{
    const basin_chain_info *info = basin_chain_describe(chain);
    const size_t n = info->n_params - (size_t)info->net_params;
    for (size_t i = 0; i < n; i++) {
        const basin_chain_feature f = basin_chain_feature_at(chain, i);
        BASIN_TRY(basin_chain_weights_add(w,
            (basin_chain_weight){f.attribute, f.before, f.label,
                weights ? basin_chain_params(chain)[i] : 0},
            error));
    }
    return BASIN_OK;
}

static basin_status copy_names(
    basin_dictionary **to, const basin_dictionary *from, basin_error *error)
{
    basin_dictionary_destroy(*to);
    *to = NULL;
    return basin_dictionary_copy(to, from, error);
}

static basin_status merge(training *t, basin_chain_weights *w,
    basin_chain_model *from, basin_chain_model **both, basin_error *error)
{
    BASIN_TRY(copy_names(&w->labels, t->model.labels, error));
    BASIN_TRY(copy_names(&w->nodes, t->model.nodes, error));
    BASIN_TRY(copy_names(&w->edges, t->model.edges, error));
    BASIN_TRY(add_features(w, t->model.chain, false, error));
    BASIN_TRY(add_features(w, from->chain, true, error));
    return basin_chain_model_from_weights(both, t->ctx, w, error);
}

/* The chain of both takes the place of the data's. */
static basin_status take_chain(
    training *t, basin_chain_model *both, basin_error *error)
{
    const size_t n = basin_chain_describe(both->chain)->n_params;
    both->chain->def.nonnegative = t->model.chain->def.nonnegative;
    basin_chain_destroy(t->model.chain);
    t->model.chain = both->chain;
    both->chain = NULL;
    t->from_w = malloc((n + 1) * sizeof *t->from_w);
    BASIN_REQUIRE(t->from_w, error, BASIN_E_MEMORY, "no memory for weights");
    memcpy(t->from_w, basin_chain_params(t->model.chain), n * sizeof(double));
    return BASIN_OK;
}

basin_status chain_from_features(training *t, basin_error *error)
{
    if (!t->s.from)
        return BASIN_OK;
    basin_chain_model *from = NULL, *both = NULL;
    basin_chain_weights *w = NULL;
    BASIN_TRY(chain_read_model(&from, t->ctx, t->s.from, error));
    basin_status status = basin_chain_weights_create(&w, t->ctx, error);
    if (status == BASIN_OK)
        status = merge(t, w, from, &both, error);
    if (status == BASIN_OK)
        status = take_chain(t, both, error);
    basin_chain_model_destroy(both);
    basin_chain_weights_destroy(w);
    basin_chain_model_destroy(from);
    return status;
}
