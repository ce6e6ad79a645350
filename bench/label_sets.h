/* SPDX-License-Identifier: MIT
 *
 * Energies over sets of labels, for the two programs that compare them: a set
 * is a vector of 0 and 1, relaxed to the box [0, 1].
 *
 *     logistic   E = cross-entropy(W'x + b, y)
 *     net        the same, on a net of two hidden layers of x
 *     spen       the logistic one + v'tanh(C'y + c)
 *
 * The last is the energy of structured prediction energy networks (Belanger
 * and McCallum 2016, equations 3 to 5); its answers are found by descent, and
 * it is trained by margin rescaling, with the squared distance as the cost.
 */
#ifndef BASIN_BENCH_LABEL_SETS_H
#define BASIN_BENCH_LABEL_SETS_H

#include <basin/basin.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRY(call)                                                              \
    do {                                                                       \
        basin_status try_status = (call);                                      \
        if (try_status != BASIN_OK)                                            \
            return try_status;                                                 \
    } while (0)

typedef enum label_kind { LOGISTIC, NET, SPEN, LABEL_KINDS } label_kind;

static const char *const label_names[] = {"logistic", "net", "spen"};

typedef struct label_def {
    label_kind kind;
    int features, labels;
    int n;              /**< samples to learn from */
    const float *x, *y; /**< (n, features), (n, labels) */
    int hidden[2];      /**< units of NET's layers */
    int cost;           /**< that SPEN's margins grow with */
    int units;          /**< units of SPEN's global term */
    double rate, decay; /**< of adamw */
    int epochs, batch;
    uint64_t seed;
} label_def;

typedef struct label_model {
    basin_energy *energy;
    basin_inference *inference;
    basin_loss *loss;
    basin_trainer *trainer;
} label_model;

static inline void label_close(label_model *m)
{
    basin_trainer_destroy(m->trainer);
    basin_loss_destroy(m->loss);
    basin_inference_destroy(m->inference);
    basin_energy_destroy(m->energy);
}

/* ------------------------------------------------------------------ energies
 */

static inline basin_status label_layer(
    basin_graph *g, int *node, int out, const char *squash, basin_error *error)
{
    const basin_setting width = {"out", out};
    TRY(basin_graph_add1(g, node, "linear", *node, &width, 1, error));
    return squash ? basin_graph_add1(g, node, squash, *node, NULL, 0, error)
                  : BASIN_OK;
}

static inline basin_status label_graph(
    basin_graph *g, const label_def *def, basin_error *error)
{
    int x, y, local;
    TRY(basin_graph_leaf(
        g, &x, BASIN_X, (basin_shape){def->features, 1, 1}, error));
    TRY(basin_graph_leaf(
        g, &y, BASIN_Y, (basin_shape){def->labels, 1, 1}, error));
    for (int i = 0; def->kind == NET && i < 2; i++)
        TRY(label_layer(g, &x, def->hidden[i], "relu", error));
    TRY(label_layer(g, &x, def->labels, NULL, error));
    TRY(basin_graph_add2(g, &local, "cross-entropy", x, y, NULL, 0, error));
    if (def->kind != SPEN)
        return BASIN_OK;
    TRY(label_layer(g, &y, def->units, "tanh", error));
    TRY(label_layer(g, &y, 1, NULL, error));
    return basin_graph_add2(g, &y, "sum", local, y, NULL, 0, error);
}

static inline basin_status label_energy(basin_energy **out, basin_context *ctx,
    const label_def *def, basin_error *error)
{
    const basin_spaces spaces = {
        .x = {.kind = BASIN_SPACE_BOX,
            .dim = def->features,
            .low = -1e6F,
            .high = 1e6F},
        .y = {.kind = BASIN_SPACE_BOX, .dim = def->labels, .low = 0, .high = 1},
    };
    basin_graph *graph = NULL;
    TRY(basin_graph_create(&graph, ctx, error));
    basin_status status = label_graph(graph, def, error);
    if (status != BASIN_OK) {
        basin_graph_destroy(graph);
        return status;
    }
    TRY(basin_energy_from_graph(out, graph, &spaces, error));
    basin_energy_init(*out, def->seed);
    return BASIN_OK;
}

/* ------------------------------------------------------------------ learning
 */

/** Train. Whatever the status, `out` has to be closed. */
static inline basin_status label_train(label_model *out, basin_context *ctx,
    const label_def *def, basin_error *error)
{
    const basin_setting search[] = {{"starts", 1}, {"epsilon", 0},
        {"cost", def->cost}, {"round", 1}, {"steps", 60}};
    const basin_setting decay = {"decay", def->decay};
    const basin_samples samples = {.n = def->n, .x = def->x, .y = def->y};
    *out = (label_model){0};
    TRY(label_energy(&out->energy, ctx, def, error));
    TRY(basin_inference_create(&out->inference, out->energy, "descent", search,
        (int)(sizeof search / sizeof *search), error));
    TRY(basin_loss_create(&out->loss, ctx,
        def->kind == SPEN ? "margin-rescaling" : "energy", NULL, 0, error));
    basin_train_def train = basin_train_default();
    train.optimiser = "adamw";
    train.optimiser_settings = &decay;
    train.n_optimiser_settings = 1;
    train.rate = def->rate;
    train.rate_end = 0.01;
    train.batch = def->batch;
    train.epochs = def->epochs;
    train.seed = def->seed;
    TRY(basin_trainer_create(
        &out->trainer, out->inference, out->loss, &samples, &train, error));
    return basin_trainer_run(out->trainer, error);
}

/* ------------------------------------------------------------------ measures
 */

typedef struct label_score {
    double f1;      /**< percent; mean over samples */
    double hamming; /**< share of labels that are wrong, percent */
} label_score;

/** Ask for the sets of n samples, and compare them with the right ones. */
static inline basin_status label_judge(label_score *out, label_model *m,
    const float *x, const float *y, int n, int labels, basin_error *error)
{
    float *found = malloc((size_t)n * labels * sizeof *found);
    if (!found)
        return basin_error_set(error, BASIN_E_MEMORY, "no memory for answers");
    basin_status status =
        basin_inference_predict(m->inference, x, n, found, NULL, NULL, error);
    *out = (label_score){0};
    for (int i = 0; status == BASIN_OK && i < n; i++) {
        int right = 0, said = 0, both = 0, wrong = 0;
        for (int l = 0; l < labels; l++) {
            bool a = y[(size_t)i * labels + l] > .5F;
            bool b = found[(size_t)i * labels + l] > .5F;
            right += a;
            said += b;
            both += a && b;
            wrong += a != b;
        }
        out->f1 += right + said ? 200.0 * both / (right + said) / n : 100.0 / n;
        out->hamming += 100.0 * wrong / labels / n;
    }
    free(found);
    return status;
}

#endif
