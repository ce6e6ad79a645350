/* SPDX-License-Identifier: MIT
 *
 * Chains as handles: their memory, their W, and what each number of it means.
 * Which features there are stands in chain_features.c.
 */
#include "energy/chain.h"

#include "base/memory.h"
#include "energy/chain_features.h"
#include "energy/energy.h"

#include <string.h>

#define COOKIE 0x43A1B70DU

basin_chain_def basin_chain_default(void)
{
    return (basin_chain_def){.cookie = COOKIE, .transitions = true};
}

/* ------------------------------------------------------------------- values */

static void lay_values(
    basin__chain_values *v, const basin_chain *chain, basin__arena *a)
{
    const size_t d = sizeof(double), lanes = (size_t)chain->lanes;
    v->flat = basin__arena_alloc(a, (chain->info.n_params + lanes) * d);
    v->rows.dense = chain->full ? v->flat
                                : basin__arena_alloc(a,
                                      ((size_t)chain->n_rows * lanes + 1) * d);
    v->table = basin__arena_alloc(a, chain->info.labels * lanes * d);
}

basin_status basin__chain_values_init(
    basin__chain_values *v, const basin_chain *chain, basin_error *error)
{
    basin__arena arena;
    basin__arena_init(&arena, NULL, 0);
    lay_values(v, chain, &arena);
    v->memory_size = arena.peak;
    v->memory = basin_alloc(chain->ctx, v->memory_size);
    BASIN_REQUIRE(v->memory, error, BASIN_E_MEMORY,
        "no memory for %zu weights of a chain", chain->info.n_params);
    basin__arena_init(&arena, v->memory, v->memory_size);
    lay_values(v, chain, &arena);
    v->rows.attributes = chain->info.attributes;
    v->rows.lanes = chain->lanes;
    v->rows.stride = chain->full ? chain->info.labels : chain->lanes;
    v->rows.start = chain->node_start;
    v->rows.label = chain->node_label;
    v->rows.row = chain->row;
    v->rows.list = v->flat;
    basin__chain_values_clear(v, chain);
    return BASIN_OK;
}

void basin__chain_values_finish(
    basin__chain_values *v, const basin_chain *chain)
{
    basin_free(chain->ctx, v->memory, v->memory_size);
    v->memory = NULL;
}

/* The three runs of numbers that the values hold. */
enum { RUNS = 3 };

static void find_runs(const basin__chain_values *v, const basin_chain *chain,
    double *run[RUNS], size_t size[RUNS])
{
    const size_t lanes = (size_t)chain->lanes;
    run[0] = v->flat;
    size[0] = chain->info.n_params + lanes;
    run[1] = v->rows.dense;
    size[1] = chain->full ? 0 : (size_t)chain->n_rows * lanes + 1;
    run[2] = v->table;
    size[2] = chain->info.labels * lanes;
}

void basin__chain_values_clear(basin__chain_values *v, const basin_chain *chain)
{
    double *run[RUNS];
    size_t size[RUNS];
    find_runs(v, chain, run, size);
    for (int i = 0; i < RUNS; i++)
        memset(run[i], 0, size[i] * sizeof(double));
}

void basin__chain_values_scale(
    basin__chain_values *v, const basin_chain *chain, double factor)
{
    double *run[RUNS];
    size_t size[RUNS];
    find_runs(v, chain, run, size);
    for (int i = 0; i < RUNS; i++)
        for (size_t j = 0; j < size[i]; j++)
            run[i][j] *= factor;
}

void basin__chain_flatten(basin__chain_values *v, const basin_chain *chain)
{
    for (int32_t r = 0; r < chain->n_rows; r++) {
        const int32_t a = chain->row_attribute[r];
        const double *row = v->rows.dense + (size_t)r * chain->lanes;
        for (int64_t f = chain->node_start[a]; f < chain->node_start[a + 1];
             f++)
            v->flat[f] = row[chain->node_label[f]];
    }
    basin__chain_flatten_table(v, chain);
}

void basin__chain_flatten_table(
    basin__chain_values *v, const basin_chain *chain)
{
    double *out = v->flat + chain->info.node_features;
    for (int64_t i = 0; i < chain->info.transitions; i++) {
        const int32_t pair = chain->transition[i];
        out[i] = v->table[pair / chain->info.labels * chain->lanes +
                          pair % chain->info.labels];
    }
}

void basin__chain_unfold(basin__chain_values *v, const basin_chain *chain)
{
    for (int32_t r = 0; r < chain->n_rows; r++) {
        const int32_t a = chain->row_attribute[r];
        double *row = v->rows.dense + (size_t)r * chain->lanes;
        for (int64_t f = chain->node_start[a]; f < chain->node_start[a + 1];
             f++)
            row[chain->node_label[f]] = v->flat[f];
    }
    const double *in = v->flat + chain->info.node_features;
    for (int64_t i = 0; i < chain->info.transitions; i++) {
        const int32_t pair = chain->transition[i];
        v->table[pair / chain->info.labels * chain->lanes +
                 pair % chain->info.labels] = in[i];
    }
}

/* ----------------------------------------------------------- create, destroy
 */

/* Give every attribute with many labels a dense row. */
static basin_status choose_rows(basin_chain *chain, basin_error *error)
{
    if (chain->full)
        return BASIN_OK;
    const int32_t n = chain->info.attributes;
    for (int32_t a = 0; a < n; a++) {
        const bool dense = chain->node_start[a + 1] - chain->node_start[a] >=
                           BASIN__CHAIN_DENSE;
        chain->row[a] = dense ? chain->n_rows++ : -1;
    }
    chain->row_attribute =
        basin_alloc(chain->ctx, (chain->n_rows + 1) * sizeof(int32_t));
    BASIN_REQUIRE(chain->row_attribute, error, BASIN_E_MEMORY,
        "no memory for a chain of %d attributes", n);
    for (int32_t a = 0; a < n; a++)
        if (chain->row[a] >= 0)
            chain->row_attribute[chain->row[a]] = a;
    return BASIN_OK;
}

/* W begins with what the net has. */
static void take_net(basin_chain *chain)
{
    double *w = chain->w.flat + basin__chain_features(chain);
    for (int64_t i = 0; i < chain->info.net_params; i++)
        w[i] = (double)basin_energy_params(chain->net)[i];
}

static basin_status open_chain(
    basin_chain *chain, const basin__chain_source *source, basin_error *error)
{
    BASIN_TRY(basin__chain_collect(chain, source, error));
    if (chain->net)
        BASIN_TRY(basin__chain_check_net(
            chain->net, chain->info.labels, source->seen, error));
    BASIN_TRY(choose_rows(chain, error));
    BASIN_TRY(basin__chain_values_init(&chain->w, chain, error));
    take_net(chain);
    return BASIN_OK;
}

static basin_status create(basin_chain **out, basin_context *ctx,
    const basin__chain_source *source, const basin_chain_def *def,
    basin_error *error)
{
    *out = NULL;
    BASIN_REQUIRE(def->cookie == COOKIE, error, BASIN_E_ARGUMENT,
        "the def must come from basin_chain_default");
    basin_chain *chain = basin_alloc(ctx, sizeof *chain);
    if (!chain) {
        basin_energy_destroy(def->net);
        return basin_error_set(error, BASIN_E_MEMORY, "no memory for a chain");
    }
    chain->ctx = ctx;
    chain->net = def->net;
    chain->k = basin__chain_kernels_of(ctx);
    chain->def = *def;
    chain->version = 1;
    basin_status status = open_chain(chain, source, error);
    if (status != BASIN_OK) {
        basin_chain_destroy(chain);
        return status;
    }
    *out = chain;
    return BASIN_OK;
}

basin_status basin_chain_create(basin_chain **out, basin_context *ctx,
    const basin_sequences *seen, const basin_chain_def *def, basin_error *error)
{
    const basin_chain_def standard = basin_chain_default();
    return create(out, ctx, &(basin__chain_source){.seen = seen},
        def ? def : &standard, error);
}

basin_status basin_chain_from_lists(basin_chain **out, basin_context *ctx,
    const basin_chain_lists *lists, basin_error *error)
{
    basin_chain_def def = basin_chain_default();
    def.net = lists->net;
    return create(
        out, ctx, &(basin__chain_source){.lists = lists}, &def, error);
}

void basin_chain_destroy(basin_chain *chain)
{
    if (!chain)
        return;
    basin__chain_values_finish(&chain->w, chain);
    basin_free(chain->ctx, chain->row_attribute,
        (chain->n_rows + 1) * sizeof(int32_t));
    basin__chain_release(chain);
    basin_energy_destroy(chain->net);
    basin_free(chain->ctx, chain, sizeof *chain);
}

/* ---------------------------------------------------------------- accessors */

const basin_chain_info *basin_chain_describe(const basin_chain *chain)
{
    return &chain->info;
}

double *basin_chain_params(basin_chain *chain)
{
    return chain->w.flat;
}

void basin_chain_changed(basin_chain *chain)
{
    basin__chain_unfold(&chain->w, chain);
    chain->version++;
    const double *w = chain->w.flat + basin__chain_features(chain);
    for (int64_t i = 0; i < chain->info.net_params; i++)
        basin_energy_params(chain->net)[i] = (float)w[i];
}

void basin_chain_reset(basin_chain *chain, uint64_t seed)
{
    basin__chain_values_clear(&chain->w, chain);
    if (chain->net)
        basin_energy_init(chain->net, seed);
    take_net(chain);
    basin_chain_changed(chain);
}

basin_energy *basin_chain_net(const basin_chain *chain)
{
    return chain->net;
}

/* The list in which item `f` lies: the last that starts at or before it and
 * is not empty. */
static int32_t owner(const int64_t *start, int32_t n, int64_t f)
{
    int32_t low = 0, high = n;
    while (high - low > 1) {
        const int32_t middle = low + (high - low) / 2;
        if (start[middle] <= f)
            low = middle;
        else
            high = middle;
    }
    return low;
}

basin_chain_feature basin_chain_feature_at(
    const basin_chain *chain, size_t index)
{
    const basin_chain_info *info = &chain->info;
    int64_t f = (int64_t)index;
    const int32_t labels = info->labels;
    if (f < info->node_features) {
        if (chain->full)
            return (basin_chain_feature){.attribute = (int32_t)(f / labels),
                .before = -1,
                .label = (int32_t)(f % labels)};
        return (basin_chain_feature){
            .attribute = owner(chain->node_start, info->attributes, f),
            .before = -1,
            .label = chain->node_label[f]};
    }
    f -= info->node_features;
    if (f < info->transitions)
        return (basin_chain_feature){.attribute = -1,
            .before = chain->transition[f] / labels,
            .label = chain->transition[f] % labels};
    f -= info->transitions;
    return (basin_chain_feature){
        .attribute = owner(chain->edge_start, info->edge_attributes, f),
        .edge = true,
        .before = chain->edge_pair[f] / labels,
        .label = chain->edge_pair[f] % labels};
}

/* ------------------------------------------------------------ as an energy */

static const basin_energy_type chain_type = {
    .part = {"chain", "a sequence of labels, each with its neighbour",
        "E = -sum_t (w . f(x_t, y_t) + A(y_{t-1}, y_t))",
        "Lafferty et al. 2001; LeCun et al. 2006, section 6", NULL, 0},
};

basin_status basin_energy_from_chain(
    basin_energy **out, basin_chain *chain, basin_error *error)
{
    *out = NULL;
    const size_t size = chain->info.n_params * sizeof(float);
    basin_energy *energy = basin_alloc(chain->ctx, sizeof *energy);
    float *params = basin_alloc(chain->ctx, size ? size : 1);
    if (!energy || !params) {
        basin_free(chain->ctx, energy, energy ? sizeof *energy : 0);
        basin_free(chain->ctx, params, params ? (size ? size : 1) : 0);
        basin_chain_destroy(chain);
        return basin_error_set(
            error, BASIN_E_MEMORY, "no memory for an energy");
    }
    energy->ctx = chain->ctx;
    energy->type = &chain_type;
    energy->self = basin_alloc(chain->ctx, 1);
    energy->chain = chain;
    energy->info.x.kind = BASIN_SPACE_SEQUENCE;
    energy->info.y = (basin_space){
        .kind = BASIN_SPACE_SEQUENCE, .count = chain->info.labels};
    energy->info.bound =
        chain->def.nonnegative ? BASIN_BOUND_NONNEGATIVE : BASIN_BOUND_NONE;
    energy->info.n_params = chain->info.n_params;
    energy->params = params;
    for (size_t i = 0; i < chain->info.n_params; i++)
        params[i] = (float)chain->w.flat[i];
    *out = energy;
    return BASIN_OK;
}

basin_chain *basin_energy_chain(const basin_energy *energy)
{
    return energy->chain;
}
