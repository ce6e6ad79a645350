/* SPDX-License-Identifier: MIT
 *
 * Running a graph: forward over the stages, backward over them in reverse,
 * shard by shard. Gradients of the shards are added as a fixed tree, so the
 * bits do not depend on the number of threads.
 */
#include "base/thread.h"
#include "graph/layout.h"

#include <string.h>

basin_status basin__executor_create(basin__executor **out,
    const basin_graph *graph, const float *params, const basin_pass_def *def,
    basin_error *error)
{
    *out = NULL;
    basin__executor *e = basin_alloc(graph->ctx, sizeof *e);
    BASIN_REQUIRE(e, error, BASIN_E_MEMORY, "no memory for a pass");
    e->ctx = graph->ctx;
    e->graph = graph;
    e->k = basin_context_kernels(graph->ctx);
    e->params = params;
    e->def = *def;
    e->n_shards = (def->samples + BASIN__SHARD - 1) / BASIN__SHARD;
    for (int s = 0; s < def->n_slots; s++) {
        basin_slot_def *slot = &e->def.slots[s];
        slot->y.count = slot->y.count > 0 ? slot->y.count : 1;
        slot->z.count = slot->z.count > 0 ? slot->z.count : 1;
        e->slots[s].def = *slot;
    }
    basin_status status = basin__layout(e, error);
    if (status != BASIN_OK) {
        basin__executor_destroy(e);
        return status;
    }
    *out = e;
    return BASIN_OK;
}

void basin__executor_destroy(basin__executor *e)
{
    if (!e)
        return;
    basin_context *ctx = e->ctx;
    basin_free(ctx, e->numbers, e->numbers_size);
    basin_free(ctx, e->tables, e->tables_size);
    basin_free(ctx, e, sizeof *e);
}

static void over_shards(
    basin__executor *e, void (*work)(void *executor, int shard))
{
    if (e->active == 1)
        work(e, 0);
    else
        basin__parallel_for(e->ctx, e->active, work, e);
}

/* The same for the joint stage of a slot, which can be so little (a switch,
 * say) that to wake the threads would take longer. */
static void over_joint(
    basin__executor *e, int s, void (*work)(void *executor, int shard))
{
    enum { LITTLE = 1 << 14 };
    if (e->slots[s].work > LITTLE)
        over_shards(e, work);
    else
        for (int i = 0; i < e->active; i++)
            work(e, i);
}

static void forward(basin__executor *e, basin__call *calls, int n)
{
    for (int i = 0; i < n; i++) {
        basin_module_call *call = &calls[i].call;
        call->training = e->training;
        call->random.step = e->step;
        calls[i].module->forward(call);
    }
}

static void backward(basin__call *calls, int n)
{
    for (int i = n - 1; i >= 0; i--)
        if (calls[i].call.d_out)
            calls[i].module->backward(&calls[i].call);
}

static void zero(float *numbers, size_t n)
{
    memset(numbers, 0, n * sizeof *numbers);
}

/* (rows, features) to (features, rows). */
static void transpose(float *out, const float *in, int rows, int features)
{
    if (features == 1) {
        memcpy(out, in, (size_t)rows * sizeof *out);
        return;
    }
    for (int f = 0; f < features; f++)
        for (int r = 0; r < rows; r++)
            out[(size_t)f * rows + r] = in[(size_t)r * features + f];
}

static int features_of(const basin__executor *e, int node)
{
    return basin_shape_features(e->graph->nodes[node]->plan.out);
}

/* ------------------------------------------------------------------ observe */

static void observe_shard(void *executor, int number)
{
    basin__executor *e = executor;
    basin__shard *shard = &e->shards[number];
    shard->first = number * BASIN__SHARD;
    shard->samples = e->samples - shard->first;
    if (shard->samples > BASIN__SHARD)
        shard->samples = BASIN__SHARD;
    if (shard->dirty) {
        zero(shard->grads, shard->n_grads);
        if (shard->d_params)
            zero(shard->d_params, e->graph->n_params);
        shard->dirty = false;
    }
    int leaf = e->graph->leaves[BASIN_X];
    if (leaf >= 0) {
        int n = features_of(e, leaf);
        float *out = shard->blocks[leaf].value;
        for (int b = 0; b < shard->samples; b++) {
            int at = shard->first + b;
            const float *row =
                e->x + (size_t)(e->index ? e->index[at] : at) * n;
            for (int f = 0; f < n; f++)
                out[(size_t)f * shard->samples + b] = row[f];
        }
    }
    basin__make_observed(e, shard);
    forward(e, shard->calls, e->n_observed);
}

void basin__executor_observe(basin__executor *e, const float *x,
    const int32_t *index, int samples, bool training, uint64_t step)
{
    e->x = x;
    e->index = index;
    e->samples = samples;
    e->active = (samples + BASIN__SHARD - 1) / BASIN__SHARD;
    e->training = training;
    e->step = step;
    for (int s = 0; s < e->def.n_slots; s++)
        e->slots[s].pending = false;
    over_shards(e, observe_shard);
}

/* ----------------------------------------------------------------- evaluate */

/* Own candidates, (samples, answers, causes, features) as the user gives
 * them, to the rows of their leaf. */
static void place_own(const basin__executor *e, const basin__shard *shard,
    int s, int leaf, const float *values)
{
    const basin__slot *slot = &e->slots[s];
    const basin__node *node = e->graph->nodes[leaf];
    unsigned varies = basin__varies(&slot->def, node->depends);
    basin__extent extent = {shard->samples, slot->answers, slot->causes};
    int strides[3], n = features_of(e, leaf);
    int rows = basin__strides(&slot->def, varies, extent, strides);
    int causes = varies >> BASIN__OVER_CAUSES & 1 ? slot->causes : 1;
    float *out = shard->slots[s].blocks[leaf].value;
    values += (size_t)shard->first * slot->answers * causes * n;
    for (int b = 0; b < shard->samples; b++)
        for (int g = 0; g < slot->answers; g++)
            for (int h = 0; h < causes; h++, values += n)
                for (int f = 0; f < n; f++)
                    out[(size_t)f * rows + b * strides[0] + g * strides[1] +
                        h * strides[2]] = values[f];
}

/* Where the energies of a shard lie in the node that is the energy. */
typedef struct energy_rows {
    basin__extent extent;
    int strides[3];
    bool plain; /* in the user's order: samples, answers, causes */
} energy_rows;

static energy_rows rows_of_energy(
    const basin__executor *e, const basin__shard *shard, int s)
{
    const basin__slot *slot = &e->slots[s];
    energy_rows out = {.extent = {shard->samples, slot->answers, slot->causes}};
    basin__strides(&slot->def,
        basin__varies(&slot->def, e->graph->nodes[basin__top(e)]->depends),
        out.extent, out.strides);
    out.plain =
        (slot->causes == 1 || out.strides[2] == 1) &&
        (slot->answers == 1 || out.strides[1] == slot->causes) &&
        (shard->samples == 1 || out.strides[0] == slot->answers * slot->causes);
    return out;
}

static void gather_energy(
    const basin__executor *e, const basin__shard *shard, int s)
{
    energy_rows rows = rows_of_energy(e, shard, s);
    const basin__extent *n = &rows.extent;
    const float *in = basin__block_of(e, shard, s, basin__top(e))->value;
    float *out =
        e->slots[s].energy + (size_t)shard->first * n->answers * n->causes;
    if (rows.plain) {
        memcpy(
            out, in, (size_t)n->samples * n->answers * n->causes * sizeof *out);
        return;
    }
    for (int b = 0; b < n->samples; b++)
        for (int g = 0; g < n->answers; g++)
            for (int h = 0; h < n->causes; h++)
                *out++ = in[b * rows.strides[0] + g * rows.strides[1] +
                            h * rows.strides[2]];
}

static void evaluate_shard(void *executor, int number)
{
    basin__executor *e = executor;
    basin__shard *shard = &e->shards[number];
    int s = e->slot;
    basin__slot *slot = &e->slots[s];
    const float *values[3] = {NULL, e->set->y, e->set->z};
    for (int leaf = BASIN_Y; leaf <= BASIN_Z; leaf++) {
        int node = e->graph->leaves[leaf];
        if (node >= 0 && slot->stage[node] == BASIN__STAGE_JOINT)
            place_own(e, shard, s, node, values[leaf]);
    }
    basin__part_slot *part = &shard->slots[s];
    if (part->dirty)
        zero(part->shared_grads, part->n_shared_grads);
    part->dirty = false;
    basin__make_joint(e, shard, s);
    forward(e, part->calls, slot->n_joint);
    gather_energy(e, shard, s);
}

static int count_of(int given, const basin_candidates *candidates)
{
    return candidates->count > 1 && given > 0 ? given : 1;
}

const float *basin__executor_evaluate(
    basin__executor *e, int s, const basin_set *set)
{
    basin__slot *slot = &e->slots[s];
    slot->answers = count_of(set->y_count, &slot->def.y);
    slot->causes = count_of(set->z_count, &slot->def.z);
    const float *values[3] = {NULL, set->y, set->z};
    const int counts[3] = {0, slot->answers, slot->causes};
    for (int leaf = BASIN_Y; leaf <= BASIN_Z; leaf++) {
        int node = e->graph->leaves[leaf];
        if (node >= 0 && slot->stage[node] == BASIN__STAGE_SHARED)
            transpose(slot->blocks[node].value, values[leaf], counts[leaf],
                features_of(e, node));
    }
    basin__make_shared(e, s);
    forward(e, slot->calls, slot->n_shared);
    e->slot = s;
    e->set = set;
    over_joint(e, s, evaluate_shard);
    slot->pending = false;
    return slot->energy;
}

/* ----------------------------------------------------------------- backward */

/* The weights, in the order of the energy's node. Where it does not depend on
 * a loop, the weights along it add up. */
static void add_weights(
    const energy_rows *rows, const float *weights, float *grad)
{
    const basin__extent *n = &rows->extent;
    for (int b = 0; b < n->samples; b++)
        for (int g = 0; g < n->answers; g++)
            for (int h = 0; h < n->causes; h++)
                grad[b * rows->strides[0] + g * rows->strides[1] +
                     h * rows->strides[2]] += *weights++;
}

/* The gradient of an own leaf, back in the user's order. */
static void gather_gradient(const basin__executor *e, const basin__shard *shard,
    int s, basin_leaf leaf, float *out)
{
    const basin__slot *slot = &e->slots[s];
    int node = e->graph->leaves[leaf];
    if (!out || node < 0 || slot->stage[node] != BASIN__STAGE_JOINT)
        return;
    unsigned varies = basin__varies(&slot->def, e->graph->nodes[node]->depends);
    basin__extent extent = {shard->samples, slot->answers, slot->causes};
    int strides[3], n = features_of(e, node);
    int rows = basin__strides(&slot->def, varies, extent, strides);
    int causes = varies >> BASIN__OVER_CAUSES & 1 ? slot->causes : 1;
    const float *grad = shard->slots[s].blocks[node].grad;
    out += (size_t)shard->first * slot->answers * causes * n;
    for (int b = 0; b < shard->samples; b++)
        for (int g = 0; g < slot->answers; g++)
            for (int h = 0; h < causes; h++)
                for (int f = 0; f < n; f++)
                    *out++ = grad[(size_t)f * rows + b * strides[0] +
                                  g * strides[1] + h * strides[2]];
}

/* From the weights of an energy that is computed in the joint stage. */
static void backward_joint(basin__part_slot *part, int n_joint,
    const energy_rows *rows, const float *weights)
{
    basin_module_call *last = &part->calls[n_joint - 1].call;
    if (rows->plain) {
        last->d_out = weights;
    } else {
        zero(part->energy_grad, (size_t)last->rows);
        add_weights(rows, weights, part->energy_grad);
        last->d_out = part->energy_grad;
    }
    backward(part->calls, n_joint);
}

static void backward_shard(void *executor, int number)
{
    basin__executor *e = executor;
    basin__shard *shard = &e->shards[number];
    int s = e->slot, top = basin__top(e);
    basin__slot *slot = &e->slots[s];
    basin__part_slot *part = &shard->slots[s];
    energy_rows rows = rows_of_energy(e, shard, s);
    const float *weights =
        e->weights + (size_t)shard->first * slot->answers * slot->causes;
    zero(part->grads, part->n_grads);
    shard->dirty = part->dirty = true;
    if (slot->stage[top] == BASIN__STAGE_JOINT) {
        if (slot->wants[top])
            backward_joint(part, slot->n_joint, &rows, weights);
    } else {
        float *grad = slot->stage[top] == BASIN__STAGE_SHARED
                          ? part->shared_grad[top]
                          : shard->blocks[top].grad;
        if (grad)
            add_weights(&rows, weights, grad);
    }
    /* Of a leaf that the energy does not depend on, this is 0. */
    gather_gradient(e, shard, s, BASIN_Y, slot->d_y);
    gather_gradient(e, shard, s, BASIN_Z, slot->d_z);
}

void basin__executor_backward(basin__executor *e, int s, const float *weights)
{
    e->slot = s;
    e->weights = weights;
    e->slots[s].pending = true;
    over_joint(e, s, backward_shard);
}

const float *basin__executor_gradient(
    basin__executor *e, int s, basin_leaf leaf)
{
    return leaf == BASIN_Y ? e->slots[s].d_y : e->slots[s].d_z;
}

/* ------------------------------------------------------------------- finish */

static void finish_shard(void *executor, int number)
{
    basin__executor *e = executor;
    backward(e->shards[number].calls, e->n_observed);
}

/* Add the shards' gradients into the first one's, pair by pair. */
static void reduce(basin__executor *e)
{
    for (int step = 1; step < e->active; step *= 2) {
        for (int i = 0; i + step < e->active; i += 2 * step) {
            basin__shard *a = &e->shards[i], *b = &e->shards[i + step];
            e->k->add(a->d_params, b->d_params, e->graph->n_params);
            for (int s = 0; s < e->def.n_slots; s++)
                if (e->slots[s].pending && a->slots[s].n_shared_grads)
                    e->k->add(a->slots[s].shared_grads,
                        b->slots[s].shared_grads, a->slots[s].n_shared_grads);
        }
    }
}

void basin__executor_finish(basin__executor *e, float *d_params)
{
    if (!e->def.gradient_params)
        return;
    over_shards(e, finish_shard);
    reduce(e);
    for (int s = 0; s < e->def.n_slots; s++)
        if (e->slots[s].pending)
            backward(e->slots[s].calls, e->slots[s].n_shared);
    if (d_params)
        e->k->add(d_params, e->shards[0].d_params, e->graph->n_params);
}
