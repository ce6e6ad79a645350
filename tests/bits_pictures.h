/* SPDX-License-Identifier: MIT
 *
 * For bits.c: a net on small pictures with labels, through most of the modules
 * that look at pictures or across features.
 */
#ifndef BASIN_BITS_PICTURES_H
#define BASIN_BITS_PICTURES_H

#include "basin/basin.h"

enum { SIDE = 9, AREA = SIDE * SIDE, PICTURES = 80, LABELS = 5 };

/* Noise, kept as bytes. */
static void draw_pictures(unsigned char *x, float *y)
{
    const basin_random_key key = {2, BASIN_STREAM_DATA, 0};
    for (uint64_t i = 0; i < PICTURES * AREA; i++)
        x[i] = (unsigned char)basin_random_bits(key, i);
    for (int i = 0; i < PICTURES; i++)
        y[i] = (float)(i % LABELS);
}

static basin_status fill_pictures(basin_graph *g, basin_error *error)
{
    static const struct {
        const char *module;
        basin_setting settings[3];
    } layers[] = {
        {"convolution", {{"kernel", 3}, {"pad", 1}, {"out", 6}}},
        {"max-pool", {{"kernel", 3}, {"stride", 2}}},
        {"relu", {{NULL, 0}}},
        {"convolution", {{"kernel", 2}, {"out", 16}, {"table", 1}}},
        {"mean-pool", {{"kernel", 3}}},
        {"normalise", {{"groups", 4}}},
        {"tanh", {{NULL, 0}}},
        {"dropout", {{"rate", .2}}},
        {"linear", {{"out", 7}}},
        {"softmax", {{NULL, 0}}},
        {"rbf", {{"out", LABELS}}},
    };
    int top = 0, y = 0;
    BASIN_TRY(basin_graph_leaf(
        g, &top, BASIN_X, (basin_shape){1, SIDE, SIDE}, error));
    BASIN_TRY(basin_graph_leaf(g, &y, BASIN_Y, (basin_shape){1, 1, 1}, error));
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        int n = 0;
        while (n < 3 && layers[i].settings[n].name)
            n++;
        BASIN_TRY(basin_graph_add1(
            g, &top, layers[i].module, top, layers[i].settings, n, error));
    }
    return basin_graph_add2(g, &top, "switch", top, y, NULL, 0, error);
}

#endif
