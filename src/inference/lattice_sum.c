/* SPDX-License-Identifier: MIT
 *
 * Forward and backward sums over all labellings, as probabilities: each row is
 * divided by its sum, so that nothing overflows, and the logarithm of Z is the
 * sum of the logarithms of what was divided by (Rabiner 1989, section V). A
 * sequence on which even that underflows goes to lattice_log.c.
 */
#include "inference/lattice.h"

#include "basin/math.h"

#include <string.h>

/* Below this a row's sum has lost digits, or may have. */
#define LEAST 1e-200

/* ------------------------------------------------------------------- tables */

/* out = e^(beta (table - top)). @return top */
static double gibbs_table(
    const basin_lattice *l, double *out, const double *table, double beta)
{
    const int labels = l->labels, lanes = l->lanes;
    double top = -__builtin_inf();
    for (int i = 0; i < labels; i++) {
        double *row = out + (size_t)i * lanes;
        const double own =
            l->k->gibbs(row, table + (size_t)i * lanes, beta, labels);
        l->row[i] = own;
        top = own > top ? own : top;
    }
    for (int i = 0; i < labels; i++) {
        double *row = out + (size_t)i * lanes;
        const double s = basin_exp(beta * (l->row[i] - top));
        for (int j = 0; j < lanes; j++)
            row[j] *= s;
    }
    return top;
}

static void turn(const basin_lattice *l, double *out, const double *table)
{
    for (int i = 0; i < l->labels; i++)
        for (int j = 0; j < l->labels; j++)
            out[(size_t)j * l->lanes + i] = table[(size_t)i * l->lanes + j];
}

void basin__lattice_factors(basin_lattice *l, double beta)
{
    if (l->p_version == l->chain->version && l->p_beta == beta)
        return;
    l->p_top = gibbs_table(
        l, l->p, l->scale != 1 ? l->scaled : l->chain->w.table, beta);
    turn(l, l->p_turned, l->p);
    l->p_version = l->chain->version;
    l->p_beta = beta;
}

static void prepare_tables(basin_lattice *l, double beta)
{
    if (!l->own) {
        basin__lattice_factors(l, beta);
        return;
    }
    for (int t = 1; t < l->length; t++)
        l->own_top[t] =
            gibbs_table(l, l->own_p + (size_t)t * l->labels * l->lanes,
                basin__lattice_table(l, t), beta);
}

static const double *p_at(const basin_lattice *l, int t)
{
    return l->own ? l->own_p + (size_t)t * l->labels * l->lanes : l->p;
}

/* ------------------------------------------------------------------ forward */

/* The logarithm of a long product of sums, taken seldom. */
typedef struct long_product {
    double now, log;
} long_product;

static void multiply(long_product *p, double factor)
{
    p->now *= factor;
    if (p->now > 1e100 || p->now < 1e-100) {
        p->log += basin_log(p->now);
        p->now = 1;
    }
}

static bool forward(basin_lattice *l, double beta, double *log_sum)
{
    const int lanes = l->lanes;
    long_product z = {1, 0};
    double top = 0;
    for (int t = 0; t < l->length; t++) {
        double *e = l->e + (size_t)t * lanes, *a = l->alpha + (size_t)t * lanes;
        top += l->k->gibbs(e, l->node + (size_t)t * lanes, beta, l->labels);
        if (t > 0) {
            l->k->step(a, a - lanes, p_at(l, t), e, l->labels);
            top += l->own ? l->own_top[t] : l->p_top;
        }
        const double *row = t > 0 ? a : e;
        const double sum = l->k->sum(row, lanes);
        if (!(sum >= LEAST && sum <= 1e100))
            return false;
        l->over[t] = 1 / sum;
        for (int j = 0; j < lanes; j++)
            a[j] = row[j] * l->over[t];
        multiply(&z, sum);
    }
    *log_sum = z.log + basin_log(z.now) + beta * top;
    return true;
}

double basin__lattice_sum(basin_lattice *l, double beta)
{
    if (l->summed && l->sum_beta == beta)
        return l->log_sum;
    prepare_tables(l, beta);
    l->log_domain = !forward(l, beta, &l->log_sum);
    l->summed = true;
    l->sum_beta = beta;
    if (l->log_domain &&
        basin__lattice_log_sum(l, NULL, beta, &l->log_sum, NULL) != BASIN_OK)
        l->log_sum = __builtin_nan("");
    return l->log_sum;
}

double basin__lattice_log_alpha(const basin_lattice *l, int t, int label)
{
    return l->log_domain ? l->log[(size_t)t * (l->labels + 1) + label]
                         : basin_log(l->alpha[(size_t)t * l->lanes + label]);
}

/* ----------------------------------------------------------------- backward */

/* One step back: from b at t to b at t - 1, with the marginals of the edge
 * between them, times scale, added where they belong. */
static void step_back(basin_lattice *l, int t, double *b, double scale,
    basin__chain_values *gradient)
{
    const int lanes = l->lanes;
    double *v = l->row + lanes, *scaled = l->row + 2 * (size_t)lanes;
    const double *before = l->alpha + (size_t)(t - 1) * lanes;
    l->k->product(v, l->e + (size_t)t * lanes, b, l->over[t], lanes);
    if (l->own)
        turn(l, l->scratch_turned, p_at(l, t));
    l->k->step(b, v, l->own ? l->scratch_turned : l->p_turned, NULL, l->labels);
    if (!gradient)
        return;
    for (int j = 0; j < lanes; j++)
        scaled[j] = v[j] * scale;
    if (!l->own) {
        l->k->outer(l->pending, before, scaled, l->labels);
        return;
    }
    /* this step's table is its own, and it has edges of its own */
    const size_t n = (size_t)l->labels * lanes;
    memset(l->scratch, 0, n * sizeof(double));
    l->k->outer(l->scratch, before, scaled, l->labels);
    l->k->product(l->scratch, l->scratch, p_at(l, t), 1, (int)n);
    basin__chain_edge_scatter(
        l->chain, gradient, l->scratch, l->sequences, l->first + t);
    for (size_t i = 0; i < n; i++)
        gradient->table[i] += l->scratch[i];
}

void basin__lattice_spread(
    basin_lattice *l, double scale, basin__chain_values *gradient)
{
    if (l->log_domain) {
        basin__lattice_log_spread(
            l, NULL, l->sum_beta, l->log_sum, scale, gradient);
        return;
    }
    const int lanes = l->lanes;
    double *b = l->row;
    for (int j = 0; j < lanes; j++)
        b[j] = j < l->labels;
    for (int t = l->length - 1; t >= 0; t--) {
        double *q = l->q + (size_t)t * lanes;
        const double *a = l->alpha + (size_t)t * lanes;
        for (int j = 0; j < lanes; j++)
            q[j] += a[j] * b[j] * scale;
        if (t > 0)
            step_back(l, t, b, scale, gradient);
    }
}

void basin__lattice_settle(basin_lattice *l, basin__chain_values *gradient)
{
    const size_t n = (size_t)l->labels * l->lanes;
    for (size_t i = 0; i < n; i++) {
        gradient->table[i] += l->pending[i] * l->p[i];
        l->pending[i] = 0;
    }
}

/* -------------------------------------------------------------------- public
 */

double basin_lattice_free_energy(basin_lattice *l, double beta)
{
    return -basin__lattice_sum(l, beta) / beta;
}

void basin_lattice_marginals(basin_lattice *l, double beta, double *out)
{
    basin__lattice_sum(l, beta);
    memset(l->q, 0, (size_t)l->length * l->lanes * sizeof(double));
    basin__lattice_spread(l, 1, NULL);
    for (int t = 0; t < l->length; t++)
        for (int j = 0; j < l->labels; j++)
            out[(size_t)t * l->labels + j] = l->q[(size_t)t * l->lanes + j];
}

void basin_lattice_decode(basin_lattice *l, double beta, int32_t *label)
{
    basin__lattice_sum(l, beta);
    memset(l->q, 0, (size_t)l->length * l->lanes * sizeof(double));
    basin__lattice_spread(l, 1, NULL);
    for (int t = 0; t < l->length; t++) {
        const double *q = l->q + (size_t)t * l->lanes;
        label[t] = 0;
        for (int j = 1; j < l->labels; j++)
            if (q[j] > q[label[t]])
                label[t] = j;
    }
}
