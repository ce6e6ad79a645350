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

static basin_status label_part(
    training *t, int part, basin_evaluation *counts, basin_error *error)
{
    const basin_sequences *s = &t->corpus->sequences;
    basin_lattice *lattice = NULL;
    BASIN_TRY(basin_lattice_create(&lattice, t->model.chain, error));
    int32_t *label = malloc((size_t)(s->positions + 1) * sizeof *label);
    basin_status status =
        label ? BASIN_OK
              : basin_error_set(error, BASIN_E_MEMORY, "no memory for labels");
    for (int32_t i = part; status == BASIN_OK && i < s->n; i += t->s.folds) {
        status = basin_lattice_observe(lattice, s, i, error);
        if (status != BASIN_OK)
            break;
        basin_lattice_best(lattice, label);
        status = basin_evaluation_add(counts, s->label + s->start[i], label,
            s->start[i + 1] - s->start[i], error);
    }
    free(label);
    basin_lattice_destroy(lattice);
    return status;
}

static basin_status run_parts(training *t, const float *given, float *weight,
    basin_evaluation *counts, basin_error *error)
{
    for (int part = 0; part < t->s.folds; part++) {
        for (int32_t i = 0; i < t->corpus->sequences.n; i++)
            weight[i] = i % t->s.folds == part ? 0 : given ? given[i] : 1;
        BASIN_TRY(chain_train_once(t, error));
        BASIN_TRY(label_part(t, part, counts, error));
    }
    return BASIN_OK;
}

/* @param f1, accuracy out */
static basin_status try_one(
    training *t, double c2, double *f1, double *accuracy, basin_error *error)
{
    const float *given = t->def.weight;
    float *weight =
        malloc(((size_t)t->corpus->sequences.n + 1) * sizeof *weight);
    BASIN_REQUIRE(weight, error, BASIN_E_MEMORY, "no memory for weights");
    basin_evaluation *counts = NULL;
    basin_status status =
        basin_evaluation_create(&counts, t->ctx, t->model.labels, error);
    t->def.c2 = c2;
    t->def.weight = weight;
    if (status == BASIN_OK)
        status = run_parts(t, given, weight, counts, error);
    t->def.weight = given;
    if (status == BASIN_OK) {
        *f1 = basin_evaluation_all(counts).f1;
        *accuracy = basin_evaluation_tokens(counts).accuracy;
    }
    basin_evaluation_destroy(counts);
    free(weight);
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
