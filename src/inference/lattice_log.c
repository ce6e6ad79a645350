/* SPDX-License-Identifier: MIT
 *
 * Sums over labellings in the domain of logarithms. It walks a lattice with
 * one state more at each position: "the same as `right` so far". From it one
 * may stay the same, or differ; those who have differed are free. Summing over
 * those who have differed in the end gives the labellings other than `right`
 * without taking one large number from another.
 */
#include "inference/lattice.h"

#include "basin/math.h"

#include <string.h>

/* (length, labels + 1) forward and as much backward; the last column is the
 * state "the same". */
static double *forward_at(const basin_lattice *l, int t)
{
    return l->log + (size_t)t * (l->labels + 1);
}

static double *backward_at(const basin_lattice *l, int t)
{
    return l->log + (size_t)(l->length + t) * (l->labels + 1);
}

basin_status basin__lattice_log_room(
    basin_lattice *l, int length, basin_error *error)
{
    const size_t need = (size_t)length * (l->labels + 1) * 2;
    if (need <= l->log_capacity)
        return BASIN_OK;
    basin_free(l->ctx, l->log, l->log_capacity * sizeof(double));
    l->log_capacity = 0;
    l->log = basin_alloc(l->ctx, need * sizeof(double));
    BASIN_REQUIRE(l->log, error, BASIN_E_MEMORY,
        "no memory for a sequence of %d positions", length);
    l->log_capacity = need;
    return BASIN_OK;
}

/* log(e^a + e^b). */
static double log_add(double a, double b)
{
    const double high = a > b ? a : b, low = a > b ? b : a;
    return low == -__builtin_inf() ? high : high + basin_softplus(low - high);
}

/* Score of the step i -> j at t, and of the node j there, times beta. */
static double step_in(const basin_lattice *l, int t, int i, int j, double beta)
{
    return beta * (basin__lattice_table(l, t)[(size_t)i * l->lanes + j] +
                      l->node[(size_t)t * l->lanes + j]);
}

static void walk_forward(basin_lattice *l, const int32_t *right, double beta)
{
    const int same = l->labels;
    double *now = forward_at(l, 0);
    for (int j = 0; j < l->labels; j++)
        now[j] = right && j == right[0] ? -__builtin_inf() : beta * l->node[j];
    now[same] = right ? beta * l->node[right[0]] : -__builtin_inf();
    for (int t = 1; t < l->length; t++) {
        const double *before = now;
        now = forward_at(l, t);
        for (int j = 0; j < l->labels; j++) {
            double sum = -__builtin_inf();
            for (int i = 0; i < l->labels; i++)
                sum = log_add(sum, before[i] + step_in(l, t, i, j, beta));
            if (right && j != right[t])
                sum = log_add(
                    sum, before[same] + step_in(l, t, right[t - 1], j, beta));
            now[j] = sum;
        }
        now[same] =
            right ? before[same] + step_in(l, t, right[t - 1], right[t], beta)
                  : -__builtin_inf();
    }
}

static void walk_backward(basin_lattice *l, const int32_t *right, double beta)
{
    const int same = l->labels;
    double *now = backward_at(l, l->length - 1);
    for (int j = 0; j < l->labels; j++)
        now[j] = 0;
    now[same] = -__builtin_inf();
    for (int t = l->length - 1; t > 0; t--) {
        const double *after = now;
        now = backward_at(l, t - 1);
        for (int i = 0; i < l->labels; i++) {
            double sum = -__builtin_inf();
            for (int j = 0; j < l->labels; j++)
                sum = log_add(sum, after[j] + step_in(l, t, i, j, beta));
            now[i] = sum;
        }
        now[same] = -__builtin_inf();
        for (int j = 0; right && j < l->labels; j++)
            now[same] =
                log_add(now[same], step_in(l, t, right[t - 1], j, beta) +
                                       after[j == right[t] ? same : j]);
    }
}

basin_status basin__lattice_log_sum(basin_lattice *l, const int32_t *right,
    double beta, double *out, basin_error *error)
{
    BASIN_TRY(basin__lattice_log_room(l, l->length, error));
    walk_forward(l, right, beta);
    const double *last = forward_at(l, l->length - 1);
    double sum = -__builtin_inf();
    for (int j = 0; j < l->labels; j++)
        sum = log_add(sum, last[j]);
    *out = sum;
    return BASIN_OK;
}

/* Probability of the step i -> j to t. */
static double edge_weight(const basin_lattice *l, const int32_t *right,
    double beta, double log_sum, int t, int i, int j)
{
    const int same = l->labels;
    const double *before = forward_at(l, t - 1), *after = backward_at(l, t);
    const double score = step_in(l, t, i, j, beta) - log_sum;
    double p = basin_exp(before[i] + score + after[j]);
    if (right && i == right[t - 1])
        p += basin_exp(before[same] + score + after[j == right[t] ? same : j]);
    return p;
}

static void spread_edges(basin_lattice *l, const int32_t *right, double beta,
    double log_sum, double scale, basin__chain_values *gradient)
{
    const size_t n = basin__lattice_table_size(l);
    double *table = l->own ? l->scratch : gradient->table;
    if (l->own)
        memset(table, 0, n * sizeof *table);
    for (int t = 1; t < l->length; t++) {
        for (int i = 0; i < l->labels; i++)
            for (int j = 0; j < l->labels; j++)
                table[(size_t)i * l->lanes + j] +=
                    scale * edge_weight(l, right, beta, log_sum, t, i, j);
        if (!l->own)
            continue;
        basin__chain_edge_scatter(
            l->chain, gradient, table, l->sequences, l->first + t);
        for (size_t k = 0; k < n; k++) {
            gradient->table[k] += table[k];
            table[k] = 0;
        }
    }
}

void basin__lattice_log_spread(basin_lattice *l, const int32_t *right,
    double beta, double log_sum, double scale, basin__chain_values *gradient)
{
    walk_backward(l, right, beta);
    for (int t = 0; t < l->length; t++) {
        const double *a = forward_at(l, t), *b = backward_at(l, t);
        double *q = l->q + (size_t)t * l->lanes;
        for (int j = 0; j < l->labels; j++)
            q[j] += scale * basin_exp(a[j] + b[j] - log_sum);
        if (right)
            q[right[t]] +=
                scale * basin_exp(a[l->labels] + b[l->labels] - log_sum);
    }
    if (gradient)
        spread_edges(l, right, beta, log_sum, scale, gradient);
}
