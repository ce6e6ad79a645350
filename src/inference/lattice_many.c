/* SPDX-License-Identifier: MIT
 *
 * Many labellings of a sequence: the n best, samples, and the probabilities of
 * its steps.
 */
#include "inference/lattice.h"

#include "basin/math.h"

/* A way to reach a label: the label before, and the how-manieth way there. */
typedef struct way {
    double score;
    int32_t before, rank;
} way;

/* (length, labels, n), the best first; `count` says how many there are. */
typedef struct ways {
    way *way;
    int32_t *count;
    int n;
} ways;

static way *ways_at(const basin_lattice *l, const ways *w, int t, int j)
{
    return w->way + ((size_t)t * l->labels + j) * w->n;
}

/* Put a way into its place among those at (t, j), if it has one; of equals
 * the first that came stays before. */
static void offer(const basin_lattice *l, ways *w, int t, int j, way candidate)
{
    way *list = ways_at(l, w, t, j);
    int32_t *count = &w->count[(size_t)t * l->labels + j];
    if (candidate.score == -__builtin_inf() ||
        (*count == w->n && candidate.score <= list[w->n - 1].score))
        return;
    int at = *count < w->n ? (*count)++ : w->n - 1;
    for (; at > 0 && list[at - 1].score < candidate.score; at--)
        list[at] = list[at - 1];
    list[at] = candidate;
}

static void walk(const basin_lattice *l, ways *w)
{
    for (int j = 0; j < l->labels; j++)
        offer(l, w, 0, j, (way){l->node[j], 0, 0});
    for (int t = 1; t < l->length; t++)
        for (int j = 0; j < l->labels; j++) {
            const double node = l->node[(size_t)t * l->lanes + j];
            for (int i = 0; i < l->labels; i++) {
                const double step =
                    basin__lattice_table(l, t)[(size_t)i * l->lanes + j];
                const way *list = ways_at(l, w, t - 1, i);
                const int n = w->count[(size_t)(t - 1) * l->labels + i];
                for (int r = 0; r < n; r++)
                    offer(l, w, t, j, (way){list[r].score + step + node, i, r});
            }
        }
}

/* The best ends, merged; `used` counts those taken at each label. */
static int collect(const basin_lattice *l, const ways *w, int32_t *used,
    int32_t *label, double *energy)
{
    const int last = l->length - 1;
    for (int found = 0; found < w->n; found++) {
        int best = -1;
        for (int j = 0; j < l->labels; j++)
            if (used[j] < w->count[(size_t)last * l->labels + j] &&
                (best < 0 || ways_at(l, w, last, j)[used[j]].score >
                                 ways_at(l, w, last, best)[used[best]].score))
                best = j;
        if (best < 0)
            return found;
        int j = best, rank = used[best]++;
        energy[found] = -ways_at(l, w, last, j)[rank].score;
        for (int t = last; t >= 0; t--) {
            const way *here = ways_at(l, w, t, j) + rank;
            label[(size_t)found * l->length + t] = j;
            j = here->before;
            rank = here->rank;
        }
    }
    return w->n;
}

basin_status basin_lattice_best_n(basin_lattice *l, int n, int32_t *label,
    double *energy, int *found, basin_error *error)
{
    *found = 0;
    BASIN_REQUIRE(
        n >= 1, error, BASIN_E_RANGE, "the n best: n is %d, not above 0", n);
    const size_t cells = (size_t)l->length * l->labels;
    const size_t bytes = cells * n * sizeof(way);
    const size_t count_bytes = (cells + l->labels) * sizeof(int32_t);
    ways w = {.way = basin_alloc(l->ctx, bytes),
        .count = basin_alloc(l->ctx, count_bytes),
        .n = n};
    if (w.way && w.count) {
        walk(l, &w);
        *found = collect(l, &w, w.count + cells, label, energy);
    }
    const bool good = w.way && w.count;
    basin_free(l->ctx, w.way, w.way ? bytes : 0);
    basin_free(l->ctx, w.count, w.count ? count_bytes : 0);
    BASIN_REQUIRE(good, error, BASIN_E_MEMORY,
        "no memory for the %d best of %d positions", n, l->length);
    return BASIN_OK;
}

/* ------------------------------------------------------------------- samples
 */

/* The first label whose share of the row's sum covers `part`. */
static int draw(const double *row, int n, double part)
{
    double sum = 0;
    for (int j = 0; j < n; j++)
        sum += row[j];
    int last = 0;
    double so_far = 0;
    for (int j = 0; j < n; j++) {
        if (row[j] <= 0)
            continue;
        last = j;
        so_far += row[j];
        if (part * sum < so_far)
            return j;
    }
    return last;
}

double basin_lattice_sample(
    basin_lattice *l, double beta, basin_random_key key, int32_t *label)
{
    basin__lattice_sum(l, beta);
    double *row = l->row;
    for (int t = l->length - 1; t >= 0; t--) {
        const bool last = t == l->length - 1;
        for (int i = 0; i < l->labels; i++) {
            const double step =
                last ? 0
                     : basin__lattice_table(
                           l, t + 1)[(size_t)i * l->lanes + label[t + 1]];
            row[i] = basin__lattice_log_alpha(l, t, i) + beta * step;
        }
        double top = row[0];
        for (int i = 1; i < l->labels; i++)
            top = row[i] > top ? row[i] : top;
        for (int i = 0; i < l->labels; i++)
            row[i] = basin_exp(row[i] - top);
        label[t] = draw(row, l->labels, basin_random_uniform(key, (uint64_t)t));
    }
    return basin_lattice_energy(l, label);
}

/* ------------------------------------------------------------------- steps */

/* The backward sums of the position before, as logarithms. @param pair
 * (labels, labels) log weights of the step, with what comes after */
static void step_back(int labels, const double *pair, double *before)
{
    for (int i = 0; i < labels; i++) {
        const double *row = pair + (size_t)i * labels;
        double top = row[0], sum = 0;
        for (int j = 1; j < labels; j++)
            top = row[j] > top ? row[j] : top;
        before[i] = top;
        if (top == -__builtin_inf())
            continue;
        for (int j = 0; j < labels; j++)
            sum += basin_exp(row[j] - top);
        before[i] += basin_log(sum);
    }
}

/* Probabilities from log weights. */
static void normalise(double *x, size_t n)
{
    double top = x[0], sum = 0;
    for (size_t i = 1; i < n; i++)
        top = x[i] > top ? x[i] : top;
    for (size_t i = 0; i < n; i++)
        sum += x[i] = basin_exp(x[i] - top);
    for (size_t i = 0; i < n; i++)
        x[i] /= sum;
}

basin_status basin_lattice_step_marginals(
    basin_lattice *l, double beta, double *out, basin_error *error)
{
    const int labels = l->labels;
    const size_t pairs = (size_t)labels * labels;
    const size_t bytes = (size_t)labels * sizeof(double);
    double *after = basin_alloc(l->ctx, bytes); /* zeros: log 1 at the end */
    BASIN_REQUIRE(after, error, BASIN_E_MEMORY, "no memory for marginals");
    basin__lattice_sum(l, beta);
    for (int t = l->length - 1; t > 0; t--) {
        double *pair = out + (size_t)(t - 1) * pairs;
        const double *table = basin__lattice_table(l, t);
        const double *node = l->node + (size_t)t * l->lanes;
        for (int i = 0; i < labels; i++)
            for (int j = 0; j < labels; j++)
                pair[i * labels + j] =
                    beta * (table[i * l->lanes + j] + node[j]) + after[j];
        step_back(labels, pair, after);
        for (int i = 0; i < labels; i++)
            for (int j = 0; j < labels; j++)
                pair[i * labels + j] += basin__lattice_log_alpha(l, t - 1, i);
        normalise(pair, pairs);
    }
    basin_free(l->ctx, after, bytes);
    return BASIN_OK;
}
