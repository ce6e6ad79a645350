/* SPDX-License-Identifier: MIT
 *
 * The page's sessions, natively: what the tests and the benchmark of the page
 * compare a browser with.
 *
 *     web-native bits BACKEND     every loss, 200 updates: loss and W
 *     web-native speed BACKEND    us an update of the whole batch
 *
 * Prints a line of JSON for each case.
 */
#define _POSIX_C_SOURCE 200809L

#include "wasm/web.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { UPDATES = 200, SAMPLES = 200 };

static int fail(const web *w)
{
    fprintf(stderr, "web-native: %s\n", w ? web_message(w) : "no session");
    return 1;
}

/* FNV-1a over the bytes of W. */
static uint32_t hash_params(web *w)
{
    const unsigned char *bytes = (const unsigned char *)web_params(w);
    uint32_t hash = 2166136261U;
    for (int i = 0; i < 4 * web_n_params(w); i++)
        hash = (hash ^ bytes[i]) * 16777619U;
    return hash;
}

/* The demonstrations' start with two nets. */
static void two_nets(web *w)
{
    web_set(w, "nets", 2);
    web_set(w, "weight-range", .3);
    web_set(w, "bias-range", .1);
    web_set(w, "out-range", .45);
    web_set(w, "rate", .003);
}

static int bits(web *w)
{
    two_nets(w);
    const basin_part *part;
    for (int i = 0; (part = basin_part_at(w->ctx, BASIN_KIND_LOSS, i)) != NULL;
         i++) {
        if (web_choose(w, WEB_LOSS, part->name) != BASIN_OK ||
            web_draw_samples(w, SAMPLES, 0, 0, 1) != BASIN_OK ||
            web_build(w) != BASIN_OK || web_step(w, UPDATES) != BASIN_OK)
            return fail(w);
        printf("{\"loss\":\"%s\",\"value\":%.17g,\"weights\":%u}\n", part->name,
            web_mean_loss(w), hash_params(w));
    }
    return 0;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int speed(web *w)
{
    static const struct {
        const char *name, *loss, *setting;
        int updates;
    } cases[] = {{"regression", "energy", "power=2", 400},
        {"collapse", "energy", "power=2", 200},
        {"margin", "square-square", "margin=2", 60}, {"nll", "nll", NULL, 40}};
    web_set(w, "batch", SAMPLES);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (i == 1)
            two_nets(w);
        if (web_choose(w, WEB_LOSS, cases[i].loss) != BASIN_OK ||
            (cases[i].setting &&
                web_setting(w, WEB_LOSS, cases[i].setting) != BASIN_OK) ||
            web_draw_samples(w, SAMPLES, 0, 0, 1) != BASIN_OK ||
            web_build(w) != BASIN_OK)
            return fail(w);
        double best = 1e9;
        for (int round = 0; round < 5; round++) {
            double begin = now();
            if (web_step(w, cases[i].updates) != BASIN_OK)
                return fail(w);
            double us = 1e6 * (now() - begin) / cases[i].updates;
            best = us < best ? us : best;
        }
        printf("{\"case\":\"%s\",\"us\":%.3f}\n", cases[i].name, best);
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 3 ||
        (strcmp(argv[1], "bits") != 0 && strcmp(argv[1], "speed") != 0)) {
        fprintf(stderr, "usage: web-native bits|speed BACKEND\n");
        return 2;
    }
    web *w = web_open(argv[2]);
    if (!w)
        return fail(w);
    int status = strcmp(argv[1], "bits") == 0 ? bits(w) : speed(w);
    web_close(w);
    return status;
}
