/* SPDX-License-Identifier: MIT
 *
 * The planner: which stage a node belongs to, what memory it needs, and along
 * which runs its module walks its operands.
 */
#include "graph/layout.h"
#include "base/memory.h"

#include <string.h>

/* ------------------------------------------------------------------ extents */

unsigned basin__varies(const basin_slot_def *def, unsigned depends)
{
    unsigned varies = 0;
    if (depends & BASIN_ON_X)
        varies |= 1U << BASIN__OVER_SAMPLES;
    if (depends & BASIN_ON_Y)
        varies |= 1U << BASIN__OVER_ANSWERS |
                  (def->y.own ? 1U << BASIN__OVER_SAMPLES : 0);
    if (depends & BASIN_ON_Z)
        varies |=
            1U << BASIN__OVER_CAUSES |
            (def->z.own ? 1U << BASIN__OVER_SAMPLES | 1U << BASIN__OVER_ANSWERS
                        : 0);
    return varies;
}

/* Shared answers run innermost along the candidates. A sample's own answers
 * are few and samples many, so there the samples run inside: the order is
 * answers, samples, causes. */
static void loop_order(const basin_slot_def *def, int order[3])
{
    order[0] = def->y.own ? BASIN__OVER_ANSWERS : BASIN__OVER_SAMPLES;
    order[1] = def->y.own ? BASIN__OVER_SAMPLES : BASIN__OVER_ANSWERS;
    order[2] = BASIN__OVER_CAUSES;
}

static int extent_of(basin__extent extent, int loop)
{
    return loop == BASIN__OVER_SAMPLES   ? extent.samples
           : loop == BASIN__OVER_ANSWERS ? extent.answers
                                         : extent.causes;
}

int basin__strides(const basin_slot_def *def, unsigned varies,
    basin__extent extent, int strides[3])
{
    int order[3], rows = 1;
    loop_order(def, order);
    for (int i = 2; i >= 0; i--) {
        int loop = order[i];
        bool along = varies >> loop & 1;
        strides[loop] = along ? rows : 0;
        rows *= along ? extent_of(extent, loop) : 1;
    }
    return rows;
}

/* Write the loops of a call: those of size 1 vanish, and two neighbours become
 * one where every operand walks them as one. */
static void make_loops(basin_module_call *call, const basin_slot_def *def,
    basin__extent extent, int (*strides)[3], int n_operands)
{
    int order[3], n = 0, size[3];
    int walk[3][BASIN_MODULE_INPUTS + 1];
    loop_order(def, order);
    for (int i = 0; i < 3; i++) {
        int loop = order[i], s = extent_of(extent, loop);
        if (s == 1 || strides[0][loop] == 0)
            continue;
        bool joins = n > 0;
        for (int j = 0; joins && j < n_operands; j++)
            joins = walk[n - 1][j] == strides[j][loop] * s;
        if (joins) {
            size[n - 1] *= s;
        } else {
            size[n] = s;
            n++;
        }
        for (int j = 0; j < n_operands; j++)
            walk[n - 1][j] = strides[j][loop];
    }
    call->inner = n > 0 ? size[n - 1] : 1;
    for (int i = 0; i < 2; i++)
        call->outer[i] = i < n - 1 ? size[i] : 1;
    for (int j = 1; j < n_operands; j++) {
        basin_operand *operand = &call->in[j - 1];
        operand->step = n > 0 ? walk[n - 1][j] : 1;
        for (int i = 0; i < 2; i++)
            operand->stride[i] = i < n - 1 ? walk[i][j] : 0;
    }
}

/* ------------------------------------------------------------------- stages */

static basin__stage stage_of(const basin_slot_def *def, unsigned depends)
{
    if (!(depends & (BASIN_ON_Y | BASIN_ON_Z)))
        return BASIN__STAGE_OBSERVED;
    return basin__varies(def, depends) >> BASIN__OVER_SAMPLES & 1
               ? BASIN__STAGE_JOINT
               : BASIN__STAGE_SHARED;
}

/* A node's gradient is wanted when something that learns, or a leaf whose
 * gradient is asked for, lies below it. */
static void find_wants(const basin_graph *graph, const basin_pass_def *def,
    const basin_slot_def *slot, bool *wants)
{
    for (int i = 0; i < graph->n_nodes; i++) {
        const basin__node *node = graph->nodes[i];
        bool want = false;
        if (!node->module && slot)
            want = (node->leaf == BASIN_Y && slot->gradient_y) ||
                   (node->leaf == BASIN_Z && slot->gradient_z);
        if (node->plan.n_params > 0)
            want = def->gradient_params && !(slot && slot->frozen);
        for (int j = 0; j < node->n_inputs; j++)
            want = want || wants[node->inputs[j]];
        wants[i] = want;
    }
}

/* ------------------------------------------------------------------- memory */

static float *take_floats(basin__arena *a, size_t n)
{
    return basin__arena_alloc(a, n * sizeof(float));
}

/* Tables begin empty. */
static void *take_table(basin__arena *a, size_t size)
{
    void *out = basin__arena_alloc(a, size);
    if (out)
        memset(out, 0, size);
    return out;
}

/* The tables come first: where things are, not yet the things. */
static void lay_tables(void *self, basin__arena *a)
{
    basin__executor *e = self;
    size_t n = (size_t)e->graph->n_nodes;
    bool write = a->base != NULL;
    bool *wants = take_table(a, n * sizeof *wants);
    basin__shard *shards = take_table(a, e->n_shards * sizeof *shards);
    if (write) {
        e->observed_wants = wants;
        e->shards = shards;
    }
    for (int s = 0; s < e->def.n_slots; s++) {
        basin__slot *slot = &e->slots[s];
        slot->stage = take_table(a, n * sizeof *slot->stage);
        slot->wants = take_table(a, n * sizeof *slot->wants);
        slot->blocks = take_table(a, n * sizeof *slot->blocks);
        slot->calls = take_table(a, n * sizeof *slot->calls);
    }
    for (int i = 0; i < e->n_shards; i++) {
        basin__shard counted, *shard = write ? &shards[i] : &counted;
        shard->blocks = take_table(a, n * sizeof *shard->blocks);
        shard->calls = take_table(a, n * sizeof *shard->calls);
        for (int s = 0; s < e->def.n_slots; s++) {
            basin__part_slot *part = &shard->slots[s];
            part->blocks = take_table(a, n * sizeof *part->blocks);
            part->shared_grad = take_table(a, n * sizeof *part->shared_grad);
            part->calls = take_table(a, n * sizeof *part->calls);
        }
    }
}

static int shard_samples(const basin__executor *e)
{
    return e->def.samples < BASIN__SHARD ? e->def.samples : BASIN__SHARD;
}

/* The most rows that a node of a slot can have. */
static int most_rows(const basin__executor *e, int s, int node)
{
    int strides[3];
    const basin_slot_def *def = &e->slots[s].def;
    basin__extent extent = {shard_samples(e), def->y.count, def->z.count};
    return basin__strides(def,
        basin__varies(def, e->graph->nodes[node]->depends), extent, strides);
}

/* The numbers that a module of the joint stage reads and writes, at most. */
static size_t work_of(const basin__executor *e, int s, int node)
{
    const basin__node *n = e->graph->nodes[node];
    size_t features = (size_t)basin_shape_features(n->plan.out);
    for (int i = 0; i < n->n_inputs; i++)
        features += (size_t)basin_shape_features(n->plan.in[i]);
    return features * (size_t)most_rows(e, s, node);
}

static void fill_tables(basin__executor *e)
{
    find_wants(e->graph, &e->def, NULL, e->observed_wants);
    for (int s = 0; s < e->def.n_slots; s++) {
        basin__slot *slot = &e->slots[s];
        find_wants(e->graph, &e->def, &slot->def, slot->wants);
        for (int i = 0; i < e->graph->n_nodes; i++) {
            basin__stage stage =
                stage_of(&slot->def, e->graph->nodes[i]->depends);
            bool calls = e->graph->nodes[i]->module != NULL;
            slot->stage[i] = (uint8_t)stage;
            slot->n_shared += calls && stage == BASIN__STAGE_SHARED;
            if (calls && stage == BASIN__STAGE_JOINT) {
                slot->n_joint++;
                slot->work += work_of(e, s, i);
            }
        }
    }
    for (int i = 0; i < e->graph->n_nodes; i++)
        e->n_observed +=
            e->graph->nodes[i]->module &&
            !(e->graph->nodes[i]->depends & (BASIN_ON_Y | BASIN_ON_Z));
}

static void take_values(
    basin__arena *a, basin__block *block, const basin__node *node, int rows)
{
    size_t features = (size_t)basin_shape_features(node->plan.out);
    block->value = take_floats(a, features * rows);
    if (node->plan.n_scratch)
        block->scratch = take_floats(a, node->plan.n_scratch * rows);
    if (node->plan.n_work)
        block->work = take_floats(a, node->plan.n_work);
}

/* The gradients of one kind: counted first, then handed out from one block, so
 * that one sweep zeroes them. */
typedef struct group {
    float *at; /* NULL: counting */
    size_t n;
} group;

static void take_grad(
    group *g, const basin__executor *e, float **out, int node, int rows)
{
    size_t n =
        (size_t)basin_shape_features(e->graph->nodes[node]->plan.out) * rows;
    if (g->at)
        *out = g->at + g->n;
    g->n += (n + 15) & ~(size_t)15;
}

static void group_joint(
    basin__executor *e, basin__part_slot *part, int s, group *g)
{
    const basin__slot *slot = &e->slots[s];
    for (int i = 0; i < e->graph->n_nodes; i++)
        if (slot->stage[i] == BASIN__STAGE_JOINT && slot->wants[i])
            take_grad(g, e, &part->blocks[i].grad, i, most_rows(e, s, i));
}

static void group_shared(
    basin__executor *e, basin__part_slot *part, int s, group *g)
{
    const basin__slot *slot = &e->slots[s];
    for (int i = 0; i < e->graph->n_nodes; i++)
        if (slot->stage[i] == BASIN__STAGE_SHARED && slot->wants[i])
            take_grad(g, e, &part->shared_grad[i], i, most_rows(e, s, i));
}

static void group_observed(basin__executor *e, basin__shard *shard, group *g)
{
    for (int i = 0; i < e->graph->n_nodes; i++)
        if (!(e->graph->nodes[i]->depends & (BASIN_ON_Y | BASIN_ON_Z)) &&
            e->observed_wants[i])
            take_grad(g, e, &shard->blocks[i].grad, i, shard_samples(e));
}

static void lay_part_slot(
    basin__executor *e, basin__arena *a, basin__part_slot *part, int s)
{
    basin__slot *slot = &e->slots[s];
    int n = e->graph->n_nodes;
    for (int i = 0; i < n; i++)
        if (slot->stage[i] == BASIN__STAGE_JOINT)
            take_values(
                a, &part->blocks[i], e->graph->nodes[i], most_rows(e, s, i));
    group joint = {0}, shared = {0};
    group_joint(e, part, s, &joint);
    group_shared(e, part, s, &shared);
    part->n_grads = joint.n;
    part->n_shared_grads = shared.n;
    part->grads = take_floats(a, joint.n);
    part->shared_grads = take_floats(a, shared.n);
    if (a->base) {
        group_joint(e, part, s, &(group){part->grads, 0});
        group_shared(e, part, s, &(group){part->shared_grads, 0});
    }
    part->dirty = true;
    part->energy_grad = take_floats(
        a, (size_t)shard_samples(e) * slot->def.y.count * slot->def.z.count);
}

static void lay_shard(basin__executor *e, basin__arena *a, basin__shard *shard)
{
    int n = e->graph->n_nodes, samples = shard_samples(e);
    for (int i = 0; i < n; i++)
        if (!(e->graph->nodes[i]->depends & (BASIN_ON_Y | BASIN_ON_Z)))
            take_values(a, &shard->blocks[i], e->graph->nodes[i], samples);
    group observed = {0};
    group_observed(e, shard, &observed);
    shard->n_grads = observed.n;
    shard->grads = take_floats(a, observed.n);
    if (a->base)
        group_observed(e, shard, &(group){shard->grads, 0});
    shard->dirty = true;
    if (e->def.gradient_params)
        shard->d_params = take_floats(a, e->graph->n_params);
    for (int s = 0; s < e->def.n_slots; s++)
        lay_part_slot(e, a, &shard->slots[s], s);
}

static int leaf_features(const basin__executor *e, basin_leaf leaf)
{
    int node = e->graph->leaves[leaf];
    return node < 0 ? 0 : basin_shape_features(e->graph->nodes[node]->plan.out);
}

static void lay_slot(basin__executor *e, basin__arena *a, int s)
{
    basin__slot *slot = &e->slots[s];
    size_t set = (size_t)e->def.samples * slot->def.y.count;
    for (int i = 0; i < e->graph->n_nodes; i++)
        if (slot->stage[i] == BASIN__STAGE_SHARED)
            take_values(
                a, &slot->blocks[i], e->graph->nodes[i], most_rows(e, s, i));
    slot->energy = take_floats(a, set * slot->def.z.count);
    if (slot->def.gradient_y)
        slot->d_y = take_floats(a, set * leaf_features(e, BASIN_Y));
    if (slot->def.gradient_z)
        slot->d_z =
            take_floats(a, set * slot->def.z.count * leaf_features(e, BASIN_Z));
}

static void lay_numbers(void *self, basin__arena *a)
{
    basin__executor *e = self;
    for (int s = 0; s < e->def.n_slots; s++)
        lay_slot(e, a, s);
    for (int i = 0; i < e->n_shards; i++)
        lay_shard(e, a, &e->shards[i]);
    /* The first shard's share is where the others are added. */
    for (int s = 0; s < e->def.n_slots; s++)
        for (int i = 0; i < e->graph->n_nodes; i++)
            e->slots[s].blocks[i].grad = e->shards[0].slots[s].shared_grad[i];
}

static basin_status in_one_block(basin__executor *e,
    void (*lay)(void *, basin__arena *), void **block, size_t *size,
    basin_error *error)
{
    BASIN_REQUIRE(basin__arena_block(block, size, e->ctx, lay, e), error,
        BASIN_E_MEMORY, "no memory for a pass of %zu bytes", *size);
    return BASIN_OK;
}

basin_status basin__layout(basin__executor *e, basin_error *error)
{
    BASIN_TRY(in_one_block(e, lay_tables, &e->tables, &e->tables_size, error));
    fill_tables(e);
    return in_one_block(e, lay_numbers, &e->numbers, &e->numbers_size, error);
}

/* -------------------------------------------------------------------- calls */

const basin__block *basin__block_of(
    const basin__executor *e, const basin__shard *shard, int slot, int node)
{
    unsigned depends = e->graph->nodes[node]->depends;
    if (slot < 0 || !(depends & (BASIN_ON_Y | BASIN_ON_Z)))
        return &shard->blocks[node];
    return e->slots[slot].stage[node] == BASIN__STAGE_JOINT
               ? &shard->slots[slot].blocks[node]
               : &e->slots[slot].blocks[node];
}

/* The gradient that a call adds to: of a shared node, the joint stage fills
 * the shard's share, and the shared stage the sum. */
static float *grad_of(const basin__executor *e, const basin__shard *shard,
    int slot, int node, bool joint)
{
    const bool *wants = slot < 0 ? e->observed_wants : e->slots[slot].wants;
    if (!wants[node])
        return NULL;
    if (joint && e->slots[slot].stage[node] == BASIN__STAGE_SHARED)
        return shard->slots[slot].shared_grad[node];
    return basin__block_of(e, shard, slot, node)->grad;
}

static void make_call(basin__executor *e, basin__shard *shard, int slot,
    int index, basin__extent extent, bool joint, basin__call *out)
{
    static const basin_slot_def plain = {.y = {1, false}, .z = {1, false}};
    const basin_slot_def *def = slot < 0 ? &plain : &e->slots[slot].def;
    const basin__node *node = e->graph->nodes[index];
    basin_module_call *call = &out->call;
    int strides[BASIN_MODULE_INPUTS + 1][3];
    const basin__block *block = basin__block_of(e, shard, slot, index);
    *out = (basin__call){.module = node->module};
    call->k = e->k;
    call->plan = &node->plan;
    call->features = basin_shape_features(node->plan.out);
    call->rows = basin__strides(
        def, basin__varies(def, node->depends), extent, strides[0]);
    for (int i = 0; i < node->n_inputs; i++) {
        int input = node->inputs[i];
        const basin__node *from = e->graph->nodes[input];
        call->in[i].value = basin__block_of(e, shard, slot, input)->value;
        call->in[i].grad = grad_of(e, shard, slot, input, joint);
        call->in[i].features = basin_shape_features(from->plan.out);
        call->in[i].rows = basin__strides(
            def, basin__varies(def, from->depends), extent, strides[i + 1]);
    }
    make_loops(call, def, extent, strides, node->n_inputs + 1);
    call->out = block->value;
    call->d_out = grad_of(e, shard, slot, index, joint);
    call->scratch = block->scratch;
    call->work = block->work;
    call->params = e->params + node->params_offset;
    if (e->def.gradient_params && !def->frozen)
        call->d_params = shard->d_params + node->params_offset;
    call->first_row = (uint64_t)shard->first;
    call->random = (basin_random_key){(uint64_t)index, BASIN_STREAM_DROPOUT, 0};
}

static bool made_for(basin__extent *made, basin__extent extent)
{
    if (made->samples == extent.samples && made->answers == extent.answers &&
        made->causes == extent.causes)
        return true;
    *made = extent;
    return false;
}

void basin__make_observed(basin__executor *e, basin__shard *shard)
{
    basin__extent extent = {shard->samples, 1, 1};
    if (made_for(&shard->made, extent))
        return;
    for (int i = 0, n = 0; i < e->graph->n_nodes; i++) {
        const basin__node *node = e->graph->nodes[i];
        if (!node->module || (node->depends & (BASIN_ON_Y | BASIN_ON_Z)))
            continue;
        make_call(e, shard, -1, i, extent, false, &shard->calls[n++]);
    }
}

static void make_stage(basin__executor *e, basin__shard *shard, int s,
    basin__stage stage, basin__extent extent, basin__call *calls)
{
    for (int i = 0, n = 0; i < e->graph->n_nodes; i++) {
        if (e->graph->nodes[i]->module && e->slots[s].stage[i] == stage)
            make_call(e, shard, s, i, extent, stage == BASIN__STAGE_JOINT,
                &calls[n++]);
    }
}

void basin__make_shared(basin__executor *e, int s)
{
    basin__slot *slot = &e->slots[s];
    basin__extent extent = {1, slot->answers, slot->causes};
    if (!made_for(&slot->made, extent))
        make_stage(e, e->shards, s, BASIN__STAGE_SHARED, extent, slot->calls);
}

void basin__make_joint(basin__executor *e, basin__shard *shard, int s)
{
    basin__slot *slot = &e->slots[s];
    basin__part_slot *part = &shard->slots[s];
    basin__extent extent = {shard->samples, slot->answers, slot->causes};
    if (!made_for(&part->made, extent))
        make_stage(e, shard, s, BASIN__STAGE_JOINT, extent, part->calls);
}
