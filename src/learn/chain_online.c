/* SPDX-License-Identifier: MIT
 *
 * Chains sequence by sequence: what the best labelling has and the right one
 * has not is taken from W, and the other way round (averaged perceptron,
 * passive-aggressive, AROW). What is sequential by nature runs on one thread.
 */
#include "learn/chain_online.h"

#include "basin/math.h"

#include <string.h>

/* ---------------------------------------------------------- open and close */

/* Which dense row each feature has its copy in, and which feature each place
 * of the dense rows is. */
static void find_rows(basin__online *o, const basin_chain *c)
{
    for (int32_t r = 0; r < c->n_rows; r++) {
        const int32_t a = c->row_attribute[r];
        for (int64_t f = c->node_start[a]; f < c->node_start[a + 1]; f++) {
            o->row[f] = r;
            o->feature[(size_t)r * c->lanes + c->node_label[f]] = (int32_t)f;
        }
    }
}

/* SGD needs rows for attributes: none has one. The others ask by feature. */
static basin_status open_rows(basin_chain_trainer *t, basin_error *error)
{
    basin__online *o = t->online;
    const basin_chain *c = t->chain;
    const bool sgd = t->progress.algorithm == BASIN_CHAIN_SGD;
    const size_t n =
        sgd ? (size_t)c->info.attributes : (size_t)c->info.node_features;
    o->row_size = (n + 1) * sizeof *o->row;
    o->row = basin_alloc(t->ctx, o->row_size);
    BASIN_REQUIRE(o->row, error, BASIN_E_MEMORY, "no memory for learning");
    memset(o->row, -1, o->row_size);
    if (sgd || c->full)
        return BASIN_OK;
    o->feature_size = ((size_t)c->n_rows * c->lanes + 1) * sizeof *o->feature;
    o->feature = basin_alloc(t->ctx, o->feature_size);
    BASIN_REQUIRE(o->feature, error, BASIN_E_MEMORY, "no memory for learning");
    memset(o->feature, -1, o->feature_size);
    find_rows(o, c);
    return BASIN_OK;
}

basin_status basin__chain_online_open(
    basin_chain_trainer *t, basin_error *error)
{
    const basin_chain_algorithm algorithm = t->progress.algorithm;
    basin__online *o = basin_alloc(t->ctx, sizeof *o);
    BASIN_REQUIRE(o, error, BASIN_E_MEMORY, "no memory for learning");
    t->online = o;
    const size_t n = t->chain->info.n_params + 1;
    o->size = n * sizeof(double);
    o->order_size = (size_t)t->sequences->n * sizeof *o->order;
    o->difference = basin_alloc(t->ctx, o->size);
    o->order = basin_alloc(t->ctx, o->order_size);
    const bool touches = algorithm != BASIN_CHAIN_SGD;
    const bool remembers = touches && algorithm != BASIN_CHAIN_BCFW;
    o->touched_size = n * sizeof *o->touched;
    if (touches)
        o->touched = basin_alloc(t->ctx, o->touched_size);
    if (remembers)
        o->memory = basin_alloc(t->ctx, o->size);
    BASIN_REQUIRE(o->difference && o->order && (o->touched || !touches) &&
                      (o->memory || !remembers),
        error, BASIN_E_MEMORY, "no memory to learn %zu weights", n - 1);
    for (size_t i = 0; algorithm == BASIN_CHAIN_AROW && i < n; i++)
        o->memory[i] = t->def.variance;
    o->steps = 1;
    return open_rows(t, error);
}

void basin__chain_online_close(basin_chain_trainer *t)
{
    basin__online *o = t->online;
    if (!o)
        return;
    basin_free(t->ctx, o->difference, o->size);
    basin_free(t->ctx, o->touched, o->touched_size);
    basin_free(t->ctx, o->memory, o->size);
    basin_free(t->ctx, o->order, o->order_size);
    basin_free(t->ctx, o->row, o->row_size);
    basin_free(t->ctx, o->feature, o->feature_size);
    basin_free(t->ctx, o, sizeof *o);
    t->online = NULL;
}

/* --------------------------------------------------------------- differences
 */

void basin__chain_touch(basin__online *o, int64_t feature, double value)
{
    if (feature < 0 || value == 0)
        return;
    if (o->difference[feature] == 0)
        o->touched[o->n_touched++] = (int32_t)feature;
    o->difference[feature] += value;
    /* one that comes back to 0 must not be listed twice */
    if (o->difference[feature] == 0)
        o->difference[feature] = 1e-300;
}

static void touch_node(
    basin_chain_trainer *t, int64_t position, int32_t label, double sign)
{
    basin__online *o = t->online;
    const basin_chain *c = t->chain;
    const basin__feature_run *run = &t->objective.known.run;
    for (int64_t k = run->dense_start[position];
         k < run->dense_start[position + 1]; k++) {
        const size_t row = (size_t)run->dense[k];
        basin__chain_touch(o,
            c->full ? (int64_t)row * c->info.labels + label
                    : o->feature[row * c->lanes + label],
            sign * (run->dense_value ? (double)run->dense_value[k] : 1));
    }
    for (int64_t k = run->single_start[position];
         k < run->single_start[position + 1]; k++)
        if (run->label[k] == label)
            basin__chain_touch(o, run->single[k],
                sign * (run->single_value ? (double)run->single_value[k] : 1));
}

static void touch_step(
    basin_chain_trainer *t, int64_t position, int32_t pair, double sign)
{
    const basin_sequences *s = t->sequences;
    basin__chain_touch(t->online, basin__chain_step(t->chain, pair), sign);
    if (!s->edge.start)
        return;
    for (int64_t k = s->edge.start[position]; k < s->edge.start[position + 1];
         k++)
        if ((uint32_t)s->edge.id[k] < (uint32_t)t->chain->info.edge_attributes)
            basin__chain_touch(t->online,
                basin__chain_edge(t->chain, s->edge.id[k], pair),
                sign * (s->edge.value ? (double)s->edge.value[k] : 1));
}

int basin__chain_add_difference(basin_chain_trainer *t, const basin_lattice *l,
    const int32_t *more, const int32_t *less, double scale)
{
    int differ = 0;
    for (int p = 0; p < l->length; p++) {
        const bool here = more[p] != less[p];
        differ += here;
        if (here) {
            touch_node(t, l->first + p, more[p], scale);
            touch_node(t, l->first + p, less[p], -scale);
        }
        if (p > 0 && (here || more[p - 1] != less[p - 1])) {
            touch_step(
                t, l->first + p, more[p - 1] * l->labels + more[p], scale);
            touch_step(
                t, l->first + p, less[p - 1] * l->labels + less[p], -scale);
        }
    }
    return differ;
}

void basin__chain_move(basin_chain_trainer *t, int64_t f, double by)
{
    basin_chain *c = t->chain;
    c->w.flat[f] += by;
    if (f < c->info.node_features) {
        const int32_t row = t->online->row[f];
        if (row >= 0)
            c->w.rows.dense[(size_t)row * c->lanes + c->node_label[f]] += by;
        return;
    }
    f -= c->info.node_features;
    if (f >= c->info.transitions)
        return;
    const int32_t pair = c->transition[f], n = c->info.labels;
    c->w.table[pair / n * c->lanes + pair % n] += by;
}

/* -------------------------------------------------------------------- steps */

/* Take the difference into W, times step; AROW's is longer where W is less
 * sure. */
static void apply(basin_chain_trainer *t, double step)
{
    basin__online *o = t->online;
    const bool arow = t->def.algorithm == BASIN_CHAIN_AROW;
    for (int64_t i = 0; i < o->n_touched; i++) {
        const int32_t f = o->touched[i];
        const double d = o->difference[f];
        o->difference[f] = 0;
        if (arow) {
            basin__chain_move(t, f, step * o->memory[f] * d);
            o->memory[f] = 1 / (1 / o->memory[f] + d * d / t->def.gamma);
        } else {
            basin__chain_move(t, f, step * d);
            o->memory[f] += (double)o->steps * step * d;
        }
    }
}

/* The length of the difference, squared, as the algorithm measures it. */
static double length(const basin_chain_trainer *t)
{
    const basin__online *o = t->online;
    const bool arow = t->def.algorithm == BASIN_CHAIN_AROW;
    double sum = 0;
    for (int64_t i = 0; i < o->n_touched; i++) {
        const int32_t f = o->touched[i];
        const double d = o->difference[f];
        sum += d * d * (arow ? o->memory[f] : 1);
    }
    return sum;
}

/* @return the loss of one sequence before W moved */
static double learn_one(basin_chain_trainer *t, basin_lattice *l, int32_t i)
{
    if (basin__lattice_observe_known(
            l, &t->objective.known, t->sequences, i, NULL) != BASIN_OK ||
        !basin__lattice_take_right(l))
        return __builtin_nan("");
    const double best = basin_lattice_best(l, l->path[BASIN__PATH_BEST]);
    t->online->n_touched = 0;
    const int errors = basin__chain_add_difference(
        t, l, l->path[BASIN__PATH_RIGHT], l->path[BASIN__PATH_BEST], 1);
    if (errors == 0)
        return 0;
    const double over =
        basin_lattice_energy(l, l->path[BASIN__PATH_RIGHT]) - best;
    double loss = over, step = 1;
    if (t->def.algorithm == BASIN_CHAIN_PA) {
        loss = over + basin_sqrt(errors);
        step = loss / length(t);
        step = step < t->def.aggressive ? step : t->def.aggressive;
    } else if (t->def.algorithm == BASIN_CHAIN_AROW) {
        loss = over + errors;
        step = loss / (t->def.gamma + length(t));
    }
    apply(t, step);
    return loss;
}

/* W - memory / steps. */
void basin__chain_average(const basin_chain_trainer *t, double *out)
{
    const double *w = t->chain->w.flat;
    const bool last = t->def.algorithm == BASIN_CHAIN_AROW;
    for (size_t i = 0; i < t->chain->info.n_params; i++)
        out[i] = last ? w[i]
                      : w[i] - t->online->memory[i] / (double)t->online->steps;
}

static basin_status epoch(basin_chain_trainer *t, basin_error *error)
{
    basin__online *o = t->online;
    basin_lattice *l = t->objective.shard[0].lattice;
    const basin_random_key key = {
        t->def.seed, BASIN_STREAM_SHUFFLE, (uint64_t)t->progress.iteration};
    basin_random_shuffle(key, o->order, t->sequences->n);
    t->progress.loss = 0;
    for (int32_t i = 0; i < t->sequences->n; i++) {
        t->progress.loss += learn_one(t, l, o->order[i]);
        o->steps++;
    }
    t->progress.iteration++;
    t->progress.objective = t->progress.loss;
    t->progress.residual = __builtin_nan("");
    t->progress.active = basin__chain_active(t->chain);
    return basin__chain_watch(t, error);
}

basin_status basin__chain_online_run(basin_chain_trainer *t, basin_error *error)
{
    basin_status status = BASIN_OK;
    basin_chain_changed(t->chain);
    while (status == BASIN_OK && t->progress.iteration < t->def.iterations &&
           (t->progress.iteration == 0 || t->progress.loss > 0))
        status = epoch(t, error);
    basin__chain_average(
        t, t->online->difference); /* all 0 between sequences */
    memcpy(t->chain->w.flat, t->online->difference,
        t->chain->info.n_params * sizeof(double));
    t->progress.active = basin__chain_active(t->chain);
    basin_chain_changed(t->chain);
    return status;
}
