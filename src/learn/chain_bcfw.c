/* SPDX-License-Identifier: MIT
 *
 * Chains of the largest margin by block-coordinate Frank-Wolfe (Lacoste-Julien
 * et al. 2013): it minimises
 *
 *     c2 |W|^2 + sum_i max_y [ Hamming(y_i, y) - W . psi_i(y) ],
 *     psi_i(y) = f(x_i, y_i) - f(x_i, y)
 *
 * through its dual, a sequence at a time and with an exact line search:
 *
 *     W = sum_i sum_y a_i(y) psi_i(y) / (2 c2),  a_i >= 0, sum_y a_i(y) = 1
 *
 * A step takes weight from one labelling that has some and gives it to
 * another, first the one that violates the margin most (pairwise steps:
 * Lacoste-Julien and Jaggi 2015; Osokin et al. 2016), then those that were
 * found before, which cost no search. The dual's value bounds the minimum from
 * below, so the gap to it is a certificate.
 */
#include "learn/chain_bcfw.h"

#include "basin/math.h"

#include <string.h>

/* Steps among the labellings found before, at most so many after each search,
 * and as long as they promise this part of what its own did. */
#define AGAIN 3
#define WORTH 0.1

/* Slopes below this are rounding. */
#define FLAT 1e-12

/* Steps along which W moves by less are none. */
#define NOTHING 1e-200

/* A look at the objective costs about as much as an epoch: it is taken each so
 * many epochs, and when the end seems near. */
enum { APART = 5 };

basin_status basin__chain_bcfw_open(basin_chain_trainer *t, basin_error *error)
{
    BASIN_REQUIRE(t->def.c2 > 0, error, BASIN_E_SERVE,
        "bcfw needs c2 > 0: without it there is no dual to bound by");
    BASIN_TRY(basin__chain_online_open(t, error));
    t->objective.weight = NULL; /* every sequence counts once */
    t->corners = basin_alloc(t->ctx, sizeof *t->corners);
    BASIN_REQUIRE(t->corners, error, BASIN_E_MEMORY, "no memory for learning");
    return basin__corners_open(t->corners, t->ctx, t->sequences, error);
}

void basin__chain_bcfw_close(basin_chain_trainer *t)
{
    if (!t->corners)
        return;
    basin__corners_close(t->corners);
    basin_free(t->ctx, t->corners, sizeof *t->corners);
}

/* ------------------------------------------------------------------- blocks
 */

/* The scores of sequence i with 1 more for each label that is wrong. */
static void observe(basin_chain_trainer *t, basin_lattice *l, int32_t i)
{
    /* all was reserved, and all labels are known: it cannot fail */
    basin__lattice_observe_known(l, &t->objective.known, t->sequences, i, NULL);
    basin__lattice_take_right(l);
    const int32_t *right = l->path[BASIN__PATH_RIGHT];
    for (int p = 0; p < l->length; p++) {
        double *node = l->node + (size_t)p * l->lanes;
        for (int j = 0; j < l->labels; j++)
            node[j] += j != right[p];
    }
}

typedef struct choice {
    int32_t corner;
    double score;
} choice;

/* Of the labellings found so far the one of the highest score, and of those
 * the lowest. All have weight. */
static void look(const basin_chain_trainer *t, const basin_lattice *l,
    int32_t i, choice *high, choice *low)
{
    const basin__corners *c = t->corners;
    *high = (choice){0, -__builtin_inf()};
    *low = (choice){0, __builtin_inf()};
    for (int32_t k = 0; k < c->n[i]; k++) {
        const choice here = {
            k, basin__lattice_score(l, basin__corner_label(c, i, k))};
        if (here.score > high->score)
            *high = here;
        if (here.score < low->score)
            *low = here;
    }
}

/* The difference times `by` into W; it becomes 0. */
static void move(basin_chain_trainer *t, double by)
{
    basin__online *o = t->online;
    for (int64_t k = 0; k < o->n_touched; k++) {
        const int32_t f = o->touched[k];
        const double d = by * o->difference[f];
        o->difference[f] = 0;
        if (d > NOTHING || d < -NOTHING)
            basin__chain_move(t, f, d);
    }
}

/* Weight goes from one labelling to another, and W with it. */
static void step(basin_chain_trainer *t, const basin_lattice *l, int32_t i,
    choice from, choice to)
{
    basin__online *o = t->online;
    basin__corners *c = t->corners;
    double *weight = basin__corner_weight(c, i, from.corner), square = 0;
    o->n_touched = 0;
    basin__chain_add_difference(t, l, basin__corner_label(c, i, from.corner),
        basin__corner_label(c, i, to.corner), 1 / (2 * t->def.c2));
    for (int64_t k = 0; k < o->n_touched; k++) {
        const double d = o->difference[o->touched[k]];
        square += d * d;
    }
    const double far = (to.score - from.score) / (2 * t->def.c2 * square);
    const double by = far < *weight ? far : *weight;
    move(t, by);
    *basin__corner_weight(c, i, to.corner) += by;
    *weight -= by;
    if (*weight <= 0)
        basin__corners_drop(c, i, from.corner);
}

static basin_status learn_one(
    basin_chain_trainer *t, basin_lattice *l, int32_t i, basin_error *error)
{
    int32_t *found = l->path[BASIN__PATH_BEST];
    choice low, high, known;
    observe(t, l, i);
    high.score = -basin_lattice_best(l, found);
    look(t, l, i, &known, &low);
    t->progress.loss +=
        high.score - basin__lattice_score(l, l->path[BASIN__PATH_RIGHT]);
    const double first = high.score - low.score;
    if (!(first > FLAT))
        return BASIN_OK;
    BASIN_TRY(basin__corners_find(t->corners, i, found, &high.corner, error));
    step(t, l, i, low, high);
    for (int again = 0; again < AGAIN && t->corners->n[i] > 1; again++) {
        observe(t, l, i);
        look(t, l, i, &high, &low);
        if (!(high.score - low.score > WORTH * first))
            break;
        step(t, l, i, low, high);
    }
    return BASIN_OK;
}

/* ------------------------------------------------------------------- epochs
 */

/* The dual's value: no W has a lower objective. */
static double bound(const basin_chain_trainer *t, double square)
{
    const basin_sequences *s = t->sequences;
    double cost = 0;
    for (int32_t i = 0; i < s->n; i++) {
        const int64_t first = s->start[i], length = s->start[i + 1] - first;
        for (int32_t k = 0; k < t->corners->n[i]; k++) {
            const int32_t *label = basin__corner_label(t->corners, i, k);
            int errors = 0;
            for (int64_t p = 0; p < length; p++)
                errors += label[p] != s->label[first + p];
            cost += errors * *basin__corner_weight(t->corners, i, k);
        }
    }
    return cost - t->def.c2 * square;
}

static double square_of(const basin_chain_trainer *t)
{
    const double *w = t->chain->w.flat;
    double sum = 0;
    for (size_t i = 0; i < t->chain->info.n_params; i++)
        sum += w[i] * w[i];
    return sum;
}

/* The sum of losses at W. */
static double loss_of(basin_chain_trainer *t)
{
    basin_lattice *l = t->objective.shard[0].lattice;
    double sum = 0;
    for (int32_t i = 0; i < t->sequences->n; i++) {
        observe(t, l, i);
        const double best = -basin_lattice_best(l, l->path[BASIN__PATH_BEST]);
        sum += best - basin__lattice_score(l, l->path[BASIN__PATH_RIGHT]);
    }
    return sum;
}

/* The objective with the losses as they were met, or as they are: only from
 * these there is a gap. */
static void measure(basin_chain_trainer *t, bool asked)
{
    basin_chain_progress *p = &t->progress;
    const double square = square_of(t), low = bound(t, square);
    const double decay = t->def.c2 * square;
    p->norm = basin_sqrt(square);
    p->objective = p->loss + decay;
    p->gap = __builtin_nan("");
    const double seems = p->objective - low;
    if (!asked && seems > 2 * t->def.tolerance * p->objective)
        return;
    p->loss = loss_of(t);
    p->objective = p->loss + decay;
    p->gap = p->objective - low;
}

static basin_status epoch(basin_chain_trainer *t, basin_error *error)
{
    basin__online *o = t->online;
    basin_chain_progress *p = &t->progress;
    const basin_random_key key = {
        t->def.seed, BASIN_STREAM_SHUFFLE, (uint64_t)p->iteration};
    basin_random_shuffle(key, o->order, t->sequences->n);
    p->loss = 0;
    for (int32_t i = 0; i < t->sequences->n; i++)
        BASIN_TRY(
            learn_one(t, t->objective.shard[0].lattice, o->order[i], error));
    p->iteration++;
    measure(t, p->iteration % APART == 1 || p->iteration == t->def.iterations);
    p->residual = __builtin_nan("");
    p->active = basin__chain_active(t->chain);
    return basin__chain_watch(t, error);
}

basin_status basin__chain_bcfw_run(basin_chain_trainer *t, basin_error *error)
{
    if (!t->resumed) /* the dual begins at W = 0 */
        memset(t->chain->w.flat, 0, t->chain->info.n_params * sizeof(double));
    basin_chain_changed(t->chain);
    basin_status status = BASIN_OK;
    const basin_chain_progress *p = &t->progress;
    while (status == BASIN_OK && p->iteration < t->def.iterations &&
           !(p->gap <= t->def.tolerance * p->objective))
        status = epoch(t, error);
    basin_chain_changed(t->chain);
    if (p->gap != p->gap)
        measure(t, true);
    return status;
}
