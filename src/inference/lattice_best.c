/* SPDX-License-Identifier: MIT
 *
 * The best labelling (Viterbi 1967), and the best that is not the right one:
 * its walk has one state more at each position, "the same so far", as in
 * lattice_log.c.
 */
#include "inference/lattice.h"

enum { FROM_SAME = -1 };

static int highest(const double *row, int n)
{
    int best = 0;
    for (int j = 1; j < n; j++)
        if (row[j] > row[best])
            best = j;
    return best;
}

static int32_t *from_at(const basin_lattice *l, int t)
{
    return l->from + (size_t)t * l->lanes;
}

double basin_lattice_best(basin_lattice *l, int32_t *label)
{
    const double *now = l->node;
    for (int t = 1; t < l->length; t++) {
        double *next = l->row + (size_t)(t & 1) * l->lanes;
        l->k->best(next, from_at(l, t), now, basin__lattice_table(l, t),
            l->node + (size_t)t * l->lanes, l->labels);
        now = next;
    }
    int j = highest(now, l->labels);
    const double score = now[j];
    for (int t = l->length - 1; t >= 0; t--) {
        label[t] = j;
        if (t > 0)
            j = from_at(l, t)[j];
    }
    return -score;
}

double basin__label_cost(const basin_lattice *l, const basin_label_cost *cost,
    int32_t right, int32_t other)
{
    return cost->matrix ? cost->matrix[(size_t)right * l->labels + other]
                        : right != other;
}

/* Node scores at t with the costs of errors, if there are any. */
static const double *with_costs(basin_lattice *l, int t, int32_t right,
    const basin_label_cost *cost, double *out)
{
    const double *node = l->node + (size_t)t * l->lanes;
    if (!cost)
        return node;
    for (int j = 0; j < l->labels; j++)
        out[j] = node[j] + basin__label_cost(l, cost, right, j);
    for (int j = l->labels; j < l->lanes; j++)
        out[j] = 0;
    return out;
}

/* Walk back from label j at the end; before it left the right one it was it. */
static void trace(
    const basin_lattice *l, const int32_t *right, int j, int32_t *label)
{
    int t = l->length - 1;
    for (; t >= 0 && j != FROM_SAME; t--) {
        label[t] = j;
        j = t > 0 ? from_at(l, t)[j] : FROM_SAME;
    }
    for (; t >= 0; t--)
        label[t] = right[t];
}

double basin__lattice_best_but(basin_lattice *l, const int32_t *right,
    const basin_label_cost *cost, int32_t *label)
{
    double *costly = l->row + 2 * (size_t)l->lanes, *now = l->row;
    const double *node = with_costs(l, 0, right[0], cost, costly);
    for (int j = 0; j < l->labels; j++)
        now[j] = j == right[0] ? -__builtin_inf() : node[j];
    double same = l->node[right[0]];
    for (int t = 1; t < l->length; t++) {
        double *next = l->row + (size_t)(t & 1) * l->lanes;
        const double *table = basin__lattice_table(l, t);
        const double *step = table + (size_t)right[t - 1] * l->lanes;
        node = with_costs(l, t, right[t], cost, costly);
        l->k->best(next, from_at(l, t), now, table, node, l->labels);
        for (int j = 0; j < l->labels; j++) {
            const double leave = same + step[j] + node[j];
            if (j != right[t] && leave > next[j]) {
                next[j] = leave;
                from_at(l, t)[j] = FROM_SAME;
            }
        }
        same += step[right[t]] + l->node[(size_t)t * l->lanes + right[t]];
        now = next;
    }
    const int j = highest(now, l->labels);
    const double score = now[j];
    trace(l, right, j, label);
    return score;
}

static double total_cost(const basin_lattice *l, const basin_label_cost *cost,
    const int32_t *right, const int32_t *label)
{
    double sum = 0;
    for (int t = 0; t < l->length; t++)
        sum += basin__label_cost(l, cost, right[t], label[t]);
    return sum;
}

basin_status basin_lattice_offender(basin_lattice *l, const int32_t *right,
    basin_offender offender, double margin, const basin_label_cost *cost,
    int32_t *label, double *energy, double *delta, basin_error *error)
{
    static const basin_label_cost hamming = {NULL};
    if (!cost)
        cost = &hamming;
    if (offender == BASIN_OFFENDER_SLACK) {
        BASIN_REQUIRE(!cost->matrix, error, BASIN_E_SERVE,
            "slack rescaling on a chain is exact for the Hamming cost only, "
            "not for a matrix of costs");
        BASIN_TRY(basin__lattice_slack(l, right, margin, label, error));
    } else {
        basin__lattice_best_but(
            l, right, offender == BASIN_OFFENDER_MARGIN ? cost : NULL, label);
    }
    *energy = basin_lattice_energy(l, label);
    if (delta)
        *delta = total_cost(l, cost, right, label);
    return BASIN_OK;
}
