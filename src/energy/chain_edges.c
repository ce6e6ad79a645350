/* SPDX-License-Identifier: MIT
 *
 * Where a feature of a chain lies in W, what edge attributes add to the steps
 * of a sequence, and the energy of one labelling.
 */
#include "energy/chain.h"

/* The place of `item` in the ascending list [low, high), or -1. */
static int64_t find(
    const int32_t *list, int64_t low, int64_t high, int32_t item)
{
    while (low < high) {
        const int64_t middle = low + (high - low) / 2;
        if (list[middle] == item)
            return middle;
        if (list[middle] < item)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

int64_t basin__chain_node(
    const basin_chain *c, int32_t attribute, int32_t label)
{
    if (c->full)
        return (int64_t)attribute * c->info.labels + label;
    return find(c->node_label, c->node_start[attribute],
        c->node_start[attribute + 1], label);
}

int64_t basin__chain_step(const basin_chain *c, int32_t pair)
{
    const int64_t at = find(c->transition, 0, c->info.transitions, pair);
    return at < 0 ? -1 : c->info.node_features + at;
}

int64_t basin__chain_edge(const basin_chain *c, int32_t attribute, int32_t pair)
{
    const int64_t at = find(c->edge_pair, c->edge_start[attribute],
        c->edge_start[attribute + 1], pair);
    return at < 0 ? -1 : c->info.node_features + c->info.transitions + at;
}

basin__attribute_run basin__chain_run(
    const basin_sequences *s, int32_t sequence)
{
    const int64_t first = s->start[sequence];
    static const int64_t none[1] = {0};
    if (!s->node.start)
        return (basin__attribute_run){.start = none};
    return (basin__attribute_run){.start = s->node.start + first,
        .id = s->node.id,
        .value = s->node.value,
        .positions = (int)(s->start[sequence + 1] - first)};
}

/* --------------------------------------------------------------------- edges
 */

bool basin__chain_has_edges(
    const basin_chain *c, const basin_sequences *s, int32_t sequence)
{
    if (c->info.edge_attributes == 0 || !s->edge.start)
        return false;
    const int64_t first = s->start[sequence] + 1;
    const int64_t end = s->start[sequence + 1];
    return first < end && s->edge.start[first] < s->edge.start[end];
}

static bool knows(const basin_chain *c, int32_t id)
{
    return (uint32_t)id < (uint32_t)c->info.edge_attributes;
}

void basin__chain_edge_gather(const basin_chain *c, const double *flat,
    double *table, const basin_sequences *s, int64_t t)
{
    const double *w = flat + c->info.node_features + c->info.transitions;
    const int32_t labels = c->info.labels;
    for (int64_t k = s->edge.start[t]; k < s->edge.start[t + 1]; k++) {
        const int32_t id = s->edge.id[k];
        if (!knows(c, id))
            continue;
        const double value = s->edge.value ? (double)s->edge.value[k] : 1;
        for (int64_t f = c->edge_start[id]; f < c->edge_start[id + 1]; f++)
            table[c->edge_pair[f] / labels * c->lanes +
                  c->edge_pair[f] % labels] += value * w[f];
    }
}

static void scatter(const basin_chain *c, double *flat, const double *table,
    const basin_sequences *s, int64_t t, bool square)
{
    double *out = flat + c->info.node_features + c->info.transitions;
    const int32_t labels = c->info.labels;
    for (int64_t k = s->edge.start[t]; k < s->edge.start[t + 1]; k++) {
        const int32_t id = s->edge.id[k];
        if (!knows(c, id))
            continue;
        double value = s->edge.value ? (double)s->edge.value[k] : 1;
        value = square ? value * value : value;
        for (int64_t f = c->edge_start[id]; f < c->edge_start[id + 1]; f++)
            out[f] += value * table[c->edge_pair[f] / labels * c->lanes +
                                    c->edge_pair[f] % labels];
    }
}

void basin__chain_edge_scatter(const basin_chain *c,
    basin__chain_values *values, const double *table, const basin_sequences *s,
    int64_t t)
{
    scatter(c, values->flat, table, s, t, false);
}

void basin__chain_edge_scatter_square(const basin_chain *c, double *flat,
    const double *table, const basin_sequences *s, int64_t t)
{
    scatter(c, flat, table, s, t, true);
}

void basin__chain_edge_add(const basin_chain *c, double *flat,
    const basin_sequences *s, int64_t t, int32_t pair, double scale)
{
    for (int64_t k = s->edge.start[t]; k < s->edge.start[t + 1]; k++) {
        const int64_t f = knows(c, s->edge.id[k])
                              ? basin__chain_edge(c, s->edge.id[k], pair)
                              : -1;
        if (f >= 0)
            flat[f] += scale * (s->edge.value ? (double)s->edge.value[k] : 1);
    }
}

/* -------------------------------------------------------------------- energy
 */

static double weight(const basin_chain *c, int64_t index)
{
    return index < 0 ? 0 : c->w.flat[index];
}

static double node_score(
    const basin_chain *c, const basin_sequences *s, int64_t t, int32_t label)
{
    double sum = 0;
    for (int64_t k = s->node.start[t]; k < s->node.start[t + 1]; k++)
        if ((uint32_t)s->node.id[k] < (uint32_t)c->info.attributes)
            sum += (s->node.value ? (double)s->node.value[k] : 1) *
                   weight(c, basin__chain_node(c, s->node.id[k], label));
    return sum;
}

static double step_score(
    const basin_chain *c, const basin_sequences *s, int64_t t, int32_t pair)
{
    double sum = weight(c, basin__chain_step(c, pair));
    if (!s->edge.start || c->info.edge_attributes == 0)
        return sum;
    for (int64_t k = s->edge.start[t]; k < s->edge.start[t + 1]; k++)
        if (knows(c, s->edge.id[k]))
            sum += (s->edge.value ? (double)s->edge.value[k] : 1) *
                   weight(c, basin__chain_edge(c, s->edge.id[k], pair));
    return sum;
}

static double net_energy(
    const basin_chain *c, const basin_sequences *s, int64_t t, int32_t label)
{
    const float y = (float)label;
    if (!s->dense)
        return 0;
    return (double)basin_energy_value(
        c->net, s->dense + (size_t)t * (size_t)s->dense_dim, &y, NULL);
}

double basin_chain_energy(const basin_chain *c, const basin_sequences *s,
    int32_t sequence, const int32_t *label)
{
    const int64_t first = s->start[sequence], end = s->start[sequence + 1];
    double sum = 0;
    for (int64_t t = first; t < end; t++) {
        const int32_t here = label[t - first];
        if (s->node.start)
            sum += node_score(c, s, t, here);
        if (c->net)
            sum -= net_energy(c, s, t, here);
        if (t > first)
            sum += step_score(
                c, s, t, label[t - first - 1] * c->info.labels + here);
    }
    return c->def.nonnegative ? basin_softplus(-sum) : -sum;
}
