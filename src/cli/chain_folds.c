/* SPDX-License-Identifier: MIT
 *
 * Cross-validation of chains: sequence i belongs to part i mod K. Each part is
 * labelled by a model that the others made; the counts of all are added. A
 * sequence is left out by giving it no weight.
 */
#include "cli/chain_train.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64 };

/* One part after another out of the data. */
typedef struct folding {
    float *weight; /* (sequences) */
    bool *out;     /* (sequences) */
    basin_evaluation *counts;
} folding;

static basin_status run_parts(
    training *t, const float *given, const folding *f, basin_error *error)
{
    const basin_sequences *s = &t->corpus->sequences;
    for (int part = 0; part < t->s.folds; part++) {
        for (int32_t i = 0; i < s->n; i++) {
            f->out[i] = i % t->s.folds == part;
            f->weight[i] = f->out[i] ? 0 : given ? given[i] : 1;
        }
        BASIN_TRY(chain_train_once(t, error));
        BASIN_TRY(
            chain_add_counts(f->counts, t->model.chain, s, f->out, error));
    }
    return BASIN_OK;
}

/* @param f1, accuracy out */
static basin_status try_one(
    training *t, double c2, double *f1, double *accuracy, basin_error *error)
{
    const float *given = t->def.weight;
    const size_t n = (size_t)t->corpus->sequences.n + 1;
    folding f = {malloc(n * sizeof *f.weight), malloc(n * sizeof *f.out), NULL};
    basin_status status =
        f.weight && f.out
            ? basin_evaluation_create(&f.counts, t->ctx, t->model.labels, error)
            : basin_error_set(
                  error, BASIN_E_MEMORY, "no memory to leave sequences out");
    t->def.c2 = c2;
    t->def.weight = f.weight;
    if (status == BASIN_OK)
        status = run_parts(t, given, &f, error);
    t->def.weight = given;
    if (status == BASIN_OK) {
        *f1 = basin_evaluation_all(f.counts).f1;
        *accuracy = basin_evaluation_tokens(f.counts).accuracy;
    }
    basin_evaluation_destroy(f.counts);
    free(f.weight);
    free(f.out);
    return status;
}

/* "0.1,1,10". */
static basin_status read_list(
    double *out, int *n, const char *text, basin_error *error)
{
    *n = 0;
    while (text) {
        const size_t length = strcspn(text, ",");
        char word[40];
        BASIN_REQUIRE(*n < MOST, error, BASIN_E_RANGE,
            "--c2 takes at most %d numbers", MOST);
        basin_format(word, sizeof word, "%.*s", (int)length, text);
        BASIN_TRY(chain_number(&out[(*n)++], "c2", word, 0, 1e12, error));
        text = text[length] ? text + length + 1 : NULL;
    }
    return BASIN_OK;
}

basin_status chain_train_folds(training *t, basin_error *error)
{
    double c2[MOST], best_f1 = -1, best = 1;
    int n;
    BASIN_REQUIRE(t->def.algorithm <= BASIN_CHAIN_SGD, error, BASIN_E_SERVE,
        "--folds goes with lbfgs and sgd");
    BASIN_REQUIRE(t->s.folds <= t->corpus->sequences.n, error, BASIN_E_RANGE,
        "--folds %d: there are only %d sequences", t->s.folds,
        t->corpus->sequences.n);
    BASIN_TRY(read_list(c2, &n, t->s.c2 ? t->s.c2 : "1", error));
    const bool quiet = t->s.quiet;
    t->s.quiet = true;
    if (!t->s.json)
        printf("%10s %10s %10s\n", "c2", "accuracy", "F1");
    for (int i = 0; i < n; i++) {
        double f1 = 0, accuracy = 0;
        BASIN_TRY(try_one(t, c2[i], &f1, &accuracy, error));
        printf(t->s.json ? "{\"c2\":%.9g,\"accuracy\":%.9f,\"f1\":%.9f}\n"
                         : "%10g %10.4f %10.4f\n",
            c2[i], accuracy, f1);
        if (f1 > best_f1) {
            best_f1 = f1;
            best = c2[i];
        }
    }
    t->s.quiet = quiet;
    t->def.c2 = best;
    if (!t->s.json)
        printf("the best c2 of these is %g\n", best);
    return BASIN_OK;
}
