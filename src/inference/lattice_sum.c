/* SPDX-License-Identifier: MIT
 *
 * Forward and backward sums over all labellings, as probabilities: each row is
 * divided by its sum, so that nothing overflows, and the logarithm of Z is the
 * sum of the logarithms of what was divided by (Rabiner 1989, section V). A
 * sequence on which even that underflows goes to lattice_log.c.
 *
 * The sum over the labellings other than `right` has one state more at each
 * position, "the same as `right` so far", with a number of its own beside the
 * row. Its neighbours are the same, or any other label; those who have once
 * differed are free. So nothing is subtracted, and no digit is lost where
 * `right` has nearly all of the probability.
 */
#include "inference/lattice.h"

#include "basin/math.h"

#include <string.h>

/* Below this a row's sum has lost digits, or may have. */
#define LEAST 1e-200
/* Those other than `right` may be few: theirs is a part of a row. */
#define LEAST_BUT 1e-100

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

void basin__lattice_turn(
    const basin_lattice *l, double *out, const double *table)
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
    basin__lattice_turn(l, l->p_turned, l->p);
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
            gibbs_table(l, l->own_p + (size_t)t * basin__lattice_table_size(l),
                basin__lattice_table(l, t), beta);
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

/* A row's sum, where those who differ from `right` stand in the row, and those
 * who do not in *same. In: *same, of the position before. */
static double leave_same(const basin_lattice *l, int t, double *row)
{
    const int32_t *right = l->but;
    double *same = l->same + t;
    if (t == 0) {
        *same = row[right[0]];
        row[right[0]] = 0;
        return *same + l->k->sum(row, l->lanes);
    }
    const double *e = l->e + (size_t)t * l->lanes;
    const double *p = basin__lattice_p(l, t) + (size_t)right[t - 1] * l->lanes;
    for (int j = 0; j < l->lanes; j++)
        row[j] += j == right[t] ? 0 : e[j] * p[j] * same[-1];
    *same = e[right[t]] * p[right[t]] * same[-1];
    return *same + l->k->sum(row, l->lanes);
}

static bool forward(basin_lattice *l, double beta, double *log_sum)
{
    const int lanes = l->lanes;
    const double least = l->but ? LEAST_BUT : LEAST;
    long_product z = {1, 0};
    double top = 0;
    for (int t = 0; t < l->length; t++) {
        double *e = l->e + (size_t)t * lanes, *a = l->alpha + (size_t)t * lanes;
        top += l->k->gibbs(e, l->node + (size_t)t * lanes, beta, l->labels);
        if (t > 0) {
            l->k->step(a, a - lanes, basin__lattice_p(l, t), e, l->labels);
            top += l->own ? l->own_top[t] : l->p_top;
        } else
            memcpy(a, e, (size_t)lanes * sizeof *a);
        const double sum = l->but ? leave_same(l, t, a) : l->k->sum(a, lanes);
        if (!(sum >= least && sum <= 1e100))
            return false;
        l->over[t] = 1 / sum;
        for (int j = 0; j < lanes; j++)
            a[j] *= l->over[t];
        if (l->but)
            l->same[t] *= l->over[t];
        multiply(&z, sum);
    }
    *log_sum = z.log + basin_log(z.now) + beta * top;
    if (!l->but)
        return true;
    const double left =
        l->k->sum(l->alpha + (size_t)(l->length - 1) * lanes, lanes);
    *log_sum += basin_log(left);
    l->over_left = 1 / left;
    return left >= least;
}

/* Of all labellings, or of those other than `right`. */
static double sum_of(basin_lattice *l, const int32_t *right, double beta)
{
    if (l->summed && l->sum_beta == beta && l->but == right)
        return l->log_sum;
    l->but = right;
    prepare_tables(l, beta);
    l->log_domain = !forward(l, beta, &l->log_sum);
    l->summed = true;
    l->sum_beta = beta;
    if (l->log_domain &&
        basin__lattice_log_sum(l, right, beta, &l->log_sum, NULL) != BASIN_OK)
        l->log_sum = __builtin_nan("");
    return l->log_sum;
}

double basin__lattice_sum(basin_lattice *l, double beta)
{
    return sum_of(l, NULL, beta);
}

double basin__lattice_sum_but(basin_lattice *l, double beta)
{
    return sum_of(l, l->path[BASIN__PATH_RIGHT], beta);
}

double basin__lattice_log_alpha(const basin_lattice *l, int t, int label)
{
    return l->log_domain ? l->log[(size_t)t * (l->labels + 1) + label]
                         : basin_log(l->alpha[(size_t)t * l->lanes + label]);
}

/* ----------------------------------------------------------------- backward */

/* The way back of "the same": what goes on from it lies in `out`, times its
 * factors of nodes. @return its number at t - 1 */
static double same_back(const basin_lattice *l, int t, double *out,
    const double *free, double *scratch, double same)
{
    const int32_t *right = l->but;
    const double *p = basin__lattice_p(l, t) + (size_t)right[t - 1] * l->lanes;
    memcpy(out, free, (size_t)l->lanes * sizeof *out);
    out[right[t]] = l->e[(size_t)t * l->lanes + right[t]] * same * l->over[t];
    l->k->product(scratch, out, p, 1, l->lanes);
    return l->k->sum(scratch, l->lanes);
}

/* One step back: from b at t to b at t - 1, with the marginals of the edge
 * between them, times scale, added where they belong. @param same as b, of
 * those who are the same as `right` so far */
static void step_back(basin_lattice *l, int t, double *b, double *same,
    double scale, basin__chain_values *gradient)
{
    const int lanes = l->lanes;
    double *v = l->row + lanes, *scaled = l->row + 2 * (size_t)lanes,
           *on = l->row + 3 * (size_t)lanes;
    const double *before = l->alpha + (size_t)(t - 1) * lanes;
    l->k->product(v, l->e + (size_t)t * lanes, b, l->over[t], lanes);
    if (l->but)
        *same = same_back(l, t, on, v, scaled, *same);
    if (l->own)
        basin__lattice_turn(l, l->scratch_turned, basin__lattice_p(l, t));
    l->k->step(b, v, l->own ? l->scratch_turned : l->p_turned, NULL, l->labels);
    if (!gradient)
        return;
    const size_t n = basin__lattice_table_size(l);
    double *edges = l->own ? l->scratch : l->pending;
    if (l->own)
        memset(edges, 0, n * sizeof(double));
    for (int j = 0; j < lanes; j++)
        scaled[j] = v[j] * scale;
    l->k->outer(edges, before, scaled, l->labels);
    if (l->but) {
        double *row = edges + (size_t)l->but[t - 1] * lanes;
        const double size = l->same[t - 1] * scale;
        for (int j = 0; j < lanes; j++)
            row[j] += on[j] * size;
    }
    if (!l->own)
        return;
    /* this step's table is its own, and it has edges of its own */
    l->k->product(edges, edges, basin__lattice_p(l, t), 1, (int)n);
    basin__chain_edge_scatter(
        l->chain, gradient, edges, l->sequences, l->first + t);
    for (size_t i = 0; i < n; i++)
        gradient->table[i] += edges[i];
}

void basin__lattice_spread(
    basin_lattice *l, double scale, basin__chain_values *gradient)
{
    if (l->log_domain) {
        basin__lattice_log_spread(
            l, l->but, l->sum_beta, l->log_sum, scale, gradient);
        return;
    }
    const int lanes = l->lanes;
    double *b = l->row, same = 0;
    for (int j = 0; j < lanes; j++)
        b[j] = j >= l->labels ? 0 : l->but ? l->over_left : 1;
    for (int t = l->length - 1; t >= 0; t--) {
        double *q = l->q + (size_t)t * lanes;
        const double *a = l->alpha + (size_t)t * lanes;
        for (int j = 0; j < lanes; j++)
            q[j] += a[j] * b[j] * scale;
        if (l->but)
            q[l->but[t]] += l->same[t] * same * scale;
        if (t > 0)
            step_back(l, t, b, &same, scale, gradient);
    }
}

void basin__lattice_settle(basin_lattice *l, basin__chain_values *gradient)
{
    const size_t n = basin__lattice_table_size(l);
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

basin_status basin_lattice_free_energy_but(basin_lattice *l,
    const int32_t *right, double beta, double *out, basin_error *error)
{
    BASIN_TRY(basin__lattice_log_room(l, l->length, error));
    l->summed = false; /* the labels may be others at the same place */
    *out = -sum_of(l, right, beta) / beta;
    l->summed = false;
    return BASIN_OK;
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
