/* SPDX-License-Identifier: MIT
 *
 * Small random sequences and chains, and every labelling of them: what fast
 * inference on chains is compared with.
 */
#ifndef BASIN_TEST_CHAIN_H
#define BASIN_TEST_CHAIN_H

#include "test_core.h"

#include "basin/chain.h"
#include "basin/chain_train.h"
#include "basin/lattice.h"

enum {
    SMALL_N = 6,
    SMALL_T = 4,
    SMALL_ATTRIBUTES = 9,
    SMALL_EDGES = 4,
    SMALL_DENSE = 3
};

typedef struct small {
    basin_sequences s;
    int64_t start[SMALL_N + 1], node_start[SMALL_N * SMALL_T + 1],
        edge_start[SMALL_N * SMALL_T + 1];
    int32_t label[SMALL_N * SMALL_T], node_id[SMALL_N * SMALL_T * 3],
        edge_id[SMALL_N * SMALL_T];
    float node_value[SMALL_N * SMALL_T * 3];
    float dense[SMALL_N * SMALL_T * SMALL_DENSE];
} small;

static inline double small_draw(uint64_t seed, int *at)
{
    return basin_random_uniform(
        (basin_random_key){seed, BASIN_STREAM_TEST, 1}, (uint64_t)(*at)++);
}

/* Sequences of 1 to SMALL_T positions with up to 3 attributes of any value,
 * some of them unknown; with edges, a few steps have an edge attribute. */
static inline void small_fill(small *d, uint64_t seed, int labels, bool edges)
{
    int at = 0;
    int64_t t = 0, k = 0, e = 0;
    memset(d, 0, sizeof *d);
    for (int i = 0; i < SMALL_N; i++) {
        const int length =
            i < 2 ? i + 1 : 1 + (int)(small_draw(seed, &at) * SMALL_T);
        for (int p = 0; p < length; p++, t++) {
            d->label[t] = (int32_t)(small_draw(seed, &at) * labels);
            const int n = (int)(small_draw(seed, &at) * 4);
            for (int a = 0; a < n; a++, k++) {
                d->node_id[k] =
                    (int32_t)(small_draw(seed, &at) * (SMALL_ATTRIBUTES + 1)) -
                    1;
                d->node_value[k] = (float)(small_draw(seed, &at) * 3 - 1);
            }
            d->node_start[t + 1] = k;
            if (edges && small_draw(seed, &at) < .6)
                d->edge_id[e++] =
                    (int32_t)(small_draw(seed, &at) * SMALL_EDGES);
            d->edge_start[t + 1] = e;
        }
        d->start[i + 1] = t;
    }
    d->s = (basin_sequences){.n = SMALL_N,
        .positions = t,
        .start = d->start,
        .n_labels = labels,
        .label = d->label,
        .node = {SMALL_ATTRIBUTES, d->node_start, d->node_id, d->node_value},
        .dense = d->dense,
        .dense_dim = SMALL_DENSE};
    for (int i = 0; i < SMALL_N * SMALL_T * SMALL_DENSE; i++)
        d->dense[i] = (float)basin_random_normal(
            (basin_random_key){seed, BASIN_STREAM_TEST, 3}, (uint64_t)i);
    if (edges)
        d->s.edge =
            (basin_attributes){SMALL_EDGES, d->edge_start, d->edge_id, NULL};
}

static inline void small_weights(basin_chain *chain, uint64_t seed, double size)
{
    double *w = basin_chain_params(chain);
    for (size_t i = 0; i < basin_chain_describe(chain)->n_params; i++)
        w[i] = size * basin_random_normal(
                          (basin_random_key){seed, BASIN_STREAM_TEST, 2}, i);
    basin_chain_changed(chain);
}

/* A net over labels: x -> 4 units -> a cost of each label. */
static inline basin_energy *small_net(basin_context *ctx, int labels)
{
    basin_graph *g = NULL;
    basin_energy *net = NULL;
    const basin_setting out[] = {{"out", 4}, {"out", labels}};
    int x, y, h, t, o, e;
    MUST(basin_graph_create(&g, ctx, &error));
    MUST(basin_graph_leaf(
        g, &x, BASIN_X, (basin_shape){SMALL_DENSE, 1, 1}, &error));
    MUST(basin_graph_leaf(g, &y, BASIN_Y, (basin_shape){1, 1, 1}, &error));
    MUST(basin_graph_add1(g, &h, "linear", x, &out[0], 1, &error));
    MUST(basin_graph_add1(g, &t, "tanh", h, NULL, 0, &error));
    MUST(basin_graph_add1(g, &o, "linear", t, &out[1], 1, &error));
    MUST(basin_graph_add2(g, &e, "switch", o, y, NULL, 0, &error));
    const basin_spaces spaces = {.x = {BASIN_SPACE_BOX, SMALL_DENSE, -9, 9, 0},
        .y = {.kind = BASIN_SPACE_LABELS, .dim = 1, .count = labels}};
    MUST(basin_energy_from_graph(&net, g, &spaces, &error));
    basin_energy_init(net, 1);
    return net;
}

/* The next labelling of T positions, counting; false after the last. */
static inline bool small_next(int32_t *label, int length, int labels)
{
    for (int t = 0; t < length; t++) {
        if (++label[t] < labels)
            return true;
        label[t] = 0;
    }
    return false;
}

static inline int small_length(const small *d, int i)
{
    return (int)(d->start[i + 1] - d->start[i]);
}

static inline int small_errors(const int32_t *a, const int32_t *b, int n)
{
    int errors = 0;
    for (int t = 0; t < n; t++)
        errors += a[t] != b[t];
    return errors;
}

/* The objective's least subgradient at W, over max(1, |W|), by the trainer's
 * own gradient of the losses, which test_chain_train.c checks. */
static inline double small_residual(
    basin_chain_trainer *t, basin_chain *chain, double c1, double c2)
{
    double g[512], sum = 0, norm = 0;
    const double *w = basin_chain_params(chain);
    const size_t n = basin_chain_describe(chain)->n_params;
    assert_true(n <= 512);
    basin_chain_trainer_loss(t, g);
    for (size_t i = 0; i < n; i++) {
        const double slope = g[i] + 2 * c2 * w[i];
        const double least = w[i] > 0   ? slope + c1
                             : w[i] < 0 ? slope - c1
                                        : fmax(0, fabs(slope) - c1);
        sum += least * least;
        norm += w[i] * w[i];
    }
    return sqrt(sum) / fmax(1, sqrt(norm));
}

#endif
