/* SPDX-License-Identifier: MIT
 *
 * The covariances of the features of a chain, over its likely labels. What is
 * kept of a step is m, the probability of two labels; with q, that of one, they
 * are conditional probabilities either way. The covariance of a label's
 * indicator with a score is q times the mean of the score where the label is
 * there, less its mean; and that mean comes forward and back from neighbour to
 * neighbour.
 */
#include "learn/chain_likely.h"

#include "base/memory.h"

#include <string.h>

/* --------------------------------------------------------- begin, reserve */

void basin__chain_likely_begin(
    basin__chain_likely *c, const basin_lattice *l, bool valued, double least)
{
    c->least = least;
    c->ctx = l->ctx;
    c->labels = l->labels;
    c->lanes = l->lanes;
    c->valued = valued;
    c->filling = false;
    c->positions = c->states = c->pairs = c->features = 0;
    c->most = c->here = 0;
}

static void lay(void *self, basin__arena *a)
{
    basin__chain_likely *c = self;
    const size_t states = (size_t)c->states, most = (size_t)c->most;
    c->n = basin__arena_alloc(a, ((size_t)c->positions + 1) * sizeof *c->n);
    c->linked =
        basin__arena_alloc(a, ((size_t)c->positions + 1) * sizeof *c->linked);
    c->label = basin__arena_alloc(a, (states + 1) * sizeof *c->label);
    c->q = basin__arena_alloc(a, (states + 1) * sizeof *c->q);
    c->start = basin__arena_alloc(a, (states + 1) * sizeof *c->start);
    c->single =
        basin__arena_alloc(a, ((size_t)c->features + 1) * sizeof *c->single);
    c->value = NULL;
    if (c->valued)
        c->value =
            basin__arena_alloc(a, ((size_t)c->features + 1) * sizeof *c->value);
    c->m = basin__arena_alloc(a, ((size_t)c->pairs + 1) * sizeof *c->m);
    double **const scratch[] = {&c->node, &c->mean, &c->after, &c->before};
    for (int i = 0; i < 4; i++)
        *scratch[i] = basin__arena_alloc(a, (most + 1) * sizeof(double));
}

size_t basin__chain_likely_size(const basin__chain_likely *c)
{
    const size_t feature = sizeof(int32_t) + (c->valued ? sizeof(float) : 0);
    return (size_t)c->positions * (sizeof *c->n + sizeof *c->linked) +
           (size_t)c->states *
               (sizeof *c->label + sizeof *c->q + sizeof *c->start) +
           (size_t)c->features * feature + (size_t)c->pairs * sizeof *c->m;
}

bool basin__chain_likely_reserve(basin__chain_likely *c)
{
    basin__chain_likely_finish(c);
    if (!basin__arena_block(&c->memory, &c->memory_size, c->ctx, lay, c))
        return false;
    c->filling = true;
    c->positions = c->states = c->pairs = c->features = 0;
    c->start[0] = 0;
    return true;
}

void basin__chain_likely_finish(basin__chain_likely *c)
{
    if (c->memory)
        basin_free(c->ctx, c->memory, c->memory_size);
    c->memory = NULL;
    c->filling = false;
}

/* --------------------------------------------------------------------- add */

/* The backward sums into b, and the marginals into l->q. */
static void walk_back(basin_lattice *l, double *b)
{
    const int lanes = l->lanes;
    double *v = l->row + lanes;
    for (int t = l->length - 1; t >= 0; t--) {
        const size_t at = (size_t)t * (size_t)lanes;
        double *here = b + at;
        if (t == l->length - 1)
            for (int j = 0; j < lanes; j++)
                here[j] = j < l->labels;
        l->k->product(l->q + at, l->alpha + at, here, 1, lanes);
        if (t == 0)
            break;
        l->k->product(v, l->e + at, here, l->over[t], lanes);
        l->k->step(here - lanes, v, l->p_turned, NULL, l->labels);
    }
}

/* The likely ones of a position, and their probabilities, which sum to 1. */
typedef struct likely {
    int n;
    uint16_t *label;
    double *q;
} likely;

static void find_likely(
    const basin_lattice *l, int t, double least, likely *out)
{
    const double *q = l->q + (size_t)t * (size_t)l->lanes;
    double sum = 0, top = 0;
    for (int j = 0; j < l->labels; j++)
        top = q[j] > top ? q[j] : top;
    out->n = 0;
    for (int j = 0; j < l->labels; j++) {
        if (q[j] <= least * top)
            continue;
        out->label[out->n] = (uint16_t)j;
        out->q[out->n++] = q[j];
        sum += q[j];
    }
    for (int j = 0; j < out->n; j++)
        out->q[j] /= sum;
}

/* A step: m of each pair, and q of the labels after it. */
static void add_step(basin__chain_likely *c, const basin_lattice *l, int t,
    const double *b, const likely *before, likely *now)
{
    const size_t lanes = (size_t)l->lanes;
    const double *e = l->e + (size_t)t * lanes;
    double *m = c->m + c->pairs, *sum = l->row;
    memset(sum, 0, (size_t)now->n * sizeof *sum);
    for (int i = 0; i < before->n; i++, m += now->n) {
        const double *row = l->p + before->label[i] * lanes;
        double all = 0;
        for (int j = 0; j < now->n; j++) {
            const size_t at = now->label[j];
            all += m[j] = row[at] * e[at] * b[(size_t)t * lanes + at];
        }
        for (int j = 0; j < now->n; j++) {
            m[j] = before->q[i] * (all > 0 ? m[j] / all : now->q[j]);
            sum[j] += m[j];
        }
    }
    memcpy(now->q, sum, (size_t)now->n * sizeof *sum);
}

static void add_features(basin__chain_likely *c, const basin__feature_run *run,
    int t, const likely *now)
{
    for (int j = 0; j < now->n; j++) {
        for (int64_t k = run->single_start[t];
             now->n > 1 && k < run->single_start[t + 1]; k++) {
            if (run->label[k] != now->label[j])
                continue;
            if (c->filling) {
                c->single[c->features] = run->single[k];
                if (c->value)
                    c->value[c->features] = run->single_value[k];
            }
            c->features++;
        }
        if (c->filling)
            c->start[c->states + j + 1] = c->features;
    }
}

/* A position with its step, if it hangs together with the one before. */
static void add_position(basin__chain_likely *c, basin_lattice *l,
    const basin__feature_run *run, int t, bool linked, const double *b,
    const likely *before, likely *now)
{
    if (linked && c->filling)
        add_step(c, l, t, b, before, now);
    add_features(c, run, t, now);
    if (c->filling) {
        c->n[c->positions] = (uint16_t)now->n;
        c->linked[c->positions] = linked;
        memcpy(c->label + c->states, now->label,
            (size_t)now->n * sizeof *now->label);
        memcpy(c->q + c->states, now->q, (size_t)now->n * sizeof *now->q);
    }
    c->here = (linked ? c->here : 0) + now->n;
    c->most = c->here > c->most ? c->here : c->most;
    c->pairs += linked ? (int64_t)before->n * now->n : 0;
    c->states += now->n;
    c->positions++;
}

static void scale_from(
    basin__chain_likely *c, int64_t state, int64_t pair, double scale)
{
    for (; c->filling && state < c->states; state++)
        c->q[state] *= scale;
    for (; c->filling && pair < c->pairs; pair++)
        c->m[pair] *= scale;
}

void basin__chain_likely_add(basin__chain_likely *c, basin_lattice *l,
    const basin__feature_run *run, double beta, double scale, double *b)
{
    basin__lattice_sum(l, beta);
    if (l->log_domain)
        return;
    const int64_t state = c->states, pair = c->pairs;
    walk_back(l, b);
    /* rows of scratch: labels fit into the backtrace's, which is not in use */
    likely two[2] = {
        {0, (uint16_t *)l->from, l->row + 2 * (size_t)l->lanes},
        {0, (uint16_t *)l->from + l->lanes, l->row + 3 * (size_t)l->lanes},
    };
    bool kept = false; /* the position before */
    for (int t = 0; t < l->length; t++) {
        likely *before = &two[(t + 1) % 2], *now = &two[t % 2];
        find_likely(l, t, c->least, now);
        /* a certain one begins what hangs together */
        if (t > 0 && now->n > 1 && before->n == 1 && !kept)
            add_position(c, l, run, t - 1, false, b, NULL, before);
        const bool linked = t > 0 && (now->n > 1 || before->n > 1);
        if (linked || now->n > 1)
            add_position(c, l, run, t, linked, b, before, now);
        kept = linked || now->n > 1;
    }
    scale_from(c, state, pair, scale * beta);
}

/* ---------------------------------------------------------------- products */

/* What hangs together: positions [first, end), from a state and a pair on. */
typedef struct piece {
    int64_t first, end, state, pair;
    int64_t states, pairs; /* how many */
} piece;

/* The next one. False: there is none. */
static bool next(const basin__chain_likely *c, piece *p)
{
    p->first = p->end;
    p->state += p->states;
    p->pair += p->pairs;
    p->states = p->pairs = 0;
    if (p->first >= c->positions)
        return false;
    do {
        const int64_t n = c->n[p->end];
        if (p->end > p->first)
            p->pairs += c->n[p->end - 1] * n;
        p->states += n;
        p->end++;
    } while (p->end < c->positions && c->linked[p->end]);
    return true;
}

static double dot_features(
    const basin__chain_likely *c, int64_t state, const double *v)
{
    double sum = 0;
    for (int64_t k = c->start[state]; k < c->start[state + 1]; k++)
        sum += v[c->single[k]] * (c->value ? (double)c->value[k] : 1);
    return sum;
}

static void add_to_features(
    const basin__chain_likely *c, int64_t state, double x, double *out)
{
    for (int64_t k = c->start[state]; k < c->start[state + 1]; k++)
        out[c->single[k]] += x * (c->value ? (double)c->value[k] : 1);
}

/* The mean score up to each label, where it is there. @return that of all */
static double walk_forward(const basin__chain_likely *c, const piece *p,
    const double *v, const double *table)
{
    const double *m = c->m + p->pair;
    int64_t at = 0;
    double *node = c->node, *mean = c->mean;
    for (int64_t t = p->first; t < p->end; t++) {
        const int n = c->n[t], was = t > p->first ? c->n[t - 1] : 0;
        const uint16_t *label = c->label + p->state + at;
        for (int j = 0; j < n; j++) {
            node[at + j] = dot_features(c, p->state + at + j, v);
            mean[at + j] = 0;
        }
        for (int i = 0; i < was; i++, m += n) {
            const double *row = table + (size_t)label[i - was] * c->lanes;
            for (int j = 0; j < n; j++)
                mean[at + j] += m[j] * (mean[at - was + i] + row[label[j]]);
        }
        for (int j = 0; j < n; j++) {
            const double q = c->q[p->state + at + j];
            mean[at + j] = (q > 0 && was ? mean[at + j] / q : 0) + node[at + j];
        }
        at += n;
    }
    double sum = 0, q = 0;
    for (int64_t k = p->states - c->n[p->end - 1]; k < p->states; k++) {
        sum += c->q[p->state + k] * mean[k];
        q += c->q[p->state + k];
    }
    return q > 0 ? sum / q : 0;
}

static void times_piece(const basin__chain_likely *c, const piece *p,
    const double *v, const double *table, double *out, double *steps)
{
    const double all = walk_forward(c, p, v, table);
    const double *m = c->m + p->pair + p->pairs;
    int64_t at = p->states;
    double *after = c->after, *before = c->before;
    for (int j = 0; j < c->n[p->end - 1]; j++)
        after[j] = 0;
    for (int64_t t = p->end - 1; t >= p->first; t--) {
        const int n = c->n[t], was = t > p->first ? c->n[t - 1] : 0;
        at -= n;
        const uint16_t *label = c->label + p->state + at;
        const double *q = c->q + p->state + at, *mean = c->mean + at;
        for (int j = 0; j < n; j++) {
            add_to_features(
                c, p->state + at + j, q[j] * (mean[j] + after[j] - all), out);
            after[j] += c->node[at + j];
        }
        m -= was * n;
        for (int i = 0; i < was; i++) {
            const size_t row = (size_t)label[i - was] * c->lanes;
            const double here = mean[i - was] - all;
            double sum = 0;
            for (int j = 0; j < n; j++) {
                const double x = after[j] + table[row + label[j]];
                const double size = m[i * n + j];
                sum += size * x;
                steps[row + label[j]] += size * (x + here);
            }
            before[i] = q[i - was] > 0 ? sum / q[i - was] : 0;
        }
        double *const swap = after;
        after = before;
        before = swap;
    }
}

void basin__chain_likely_times(const basin__chain_likely *c, const double *v,
    const double *table, double *out, double *steps)
{
    piece p = {0};
    while (next(c, &p))
        times_piece(c, &p, v, table, out, steps);
}

/* ---------------------------------------------------------------- diagonal */

static void diagonal_piece(
    const basin__chain_likely *c, const piece *p, double *out, double *steps)
{
    const double *m = c->m + p->pair;
    double scale = 0; /* what all labels of a position sum to */
    for (int j = 0; j < c->n[p->first]; j++)
        scale += c->q[p->state + j];
    const double over = scale > 0 ? 1 / scale : 0;
    int64_t state = p->state;
    for (int64_t t = p->first; t < p->end; t++) {
        const int n = c->n[t], was = t > p->first ? c->n[t - 1] : 0;
        for (int j = 0; j < n; j++) {
            const double q = c->q[state + j], x = q - q * q * over;
            for (int64_t k = c->start[state + j]; k < c->start[state + j + 1];
                 k++) {
                const double value = c->value ? (double)c->value[k] : 1;
                out[c->single[k]] += x * value * value;
            }
        }
        for (int i = 0; i < was; i++, m += n)
            for (int j = 0; j < n; j++)
                steps[(size_t)c->label[state - was + i] * c->lanes +
                      c->label[state + j]] += m[j] - m[j] * m[j] * over;
        state += n;
    }
}

void basin__chain_likely_diagonal(
    const basin__chain_likely *c, double *out, double *steps)
{
    piece p = {0};
    while (next(c, &p))
        diagonal_piece(c, &p, out, steps);
}
