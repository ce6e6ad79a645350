/* SPDX-License-Identifier: MIT
 *
 * How marginals change with the scores: the derivative of the forward and the
 * backward sums along a direction, carried beside them (Pearlmutter 1994; for
 * chains, Tsuboi et al. 2011). It is exact, and costs about twice the sums.
 */
#include "inference/lattice.h"

#include "base/memory.h"

#include <string.h>

/* ------------------------------------------------------------ init, finish */

/* What is laid out, and how large it is. */
typedef struct room {
    basin__lattice_change *c;
    const basin_lattice *l;
    int longest;
} room;

static void lay(void *self, basin__arena *a)
{
    const room *r = self;
    basin__lattice_change *c = r->c;
    const basin_lattice *l = r->l;
    const size_t table = basin__lattice_table_size(l) * sizeof(double);
    const size_t rows = (size_t)r->longest * l->lanes * sizeof(double);
    c->node = basin__arena_alloc(a, rows);
    c->forward = basin__arena_alloc(a, rows);
    c->row = basin__arena_alloc(a, 6 * l->lanes * sizeof(double));
    c->table = basin__arena_alloc(a, table);
    c->p = basin__arena_alloc(a, table);
    c->p_turned = basin__arena_alloc(a, table);
    c->own = basin__arena_alloc(a, table);
    c->steps = basin__arena_alloc(a, table);
    c->curvature = basin__arena_alloc(a, table);
    c->pending = basin__arena_alloc(a, table);
    c->out = basin__arena_alloc(a, table);
}

basin_status basin__lattice_change_init(basin__lattice_change *c,
    const basin_lattice *l, int longest, basin_error *error)
{
    *c = (basin__lattice_change){0};
    room r = {c, l, longest};
    BASIN_REQUIRE(
        basin__arena_block(&c->memory, &c->memory_size, l->ctx, lay, &r), error,
        BASIN_E_MEMORY,
        "no memory for the curvature of sequences of %d positions", longest);
    return BASIN_OK;
}

void basin__lattice_change_finish(
    basin__lattice_change *c, const basin_lattice *l)
{
    basin_free(l->ctx, c->memory, c->memory_size);
    c->memory = NULL;
}

/* ------------------------------------------------------------------ tables */

/* The change of the factors of the step to t. */
static const double *change_at(
    basin_lattice *l, basin__lattice_change *c, int t, double beta)
{
    const size_t n = basin__lattice_table_size(l);
    if (!l->own)
        return c->p;
    memcpy(c->own, c->table, n * sizeof(double));
    basin__chain_edge_gather(
        l->chain, c->flat, c->own, l->sequences, l->first + t);
    l->k->product(c->own, c->own, basin__lattice_p(l, t), beta, (int)n);
    return c->own;
}

/* ----------------------------------------------------------- the walk before
 */

void basin__lattice_marginals_begin(
    basin_lattice *l, basin__lattice_change *c, double beta)
{
    const size_t bytes = basin__lattice_table_size(l) * sizeof(double);
    basin__lattice_factors(l, beta);
    memset(c->steps, 0, bytes);
    memset(c->pending, 0, bytes);
    memset(c->curvature, 0, bytes);
}

/* A step with edges: its variances go where they belong at once. */
static void add_own(basin_lattice *l, basin__lattice_change *c, int t,
    const double *v, double beta, double scale)
{
    const size_t n = basin__lattice_table_size(l);
    memset(c->own, 0, n * sizeof(double));
    l->k->outer(c->own, l->alpha + (size_t)(t - 1) * l->lanes, v, l->labels);
    l->k->product(c->own, c->own, basin__lattice_p(l, t), 1, (int)n);
    for (size_t i = 0; i < n; i++) {
        c->own[i] = (c->own[i] - c->own[i] * c->own[i]) * scale * beta;
        c->curvature[i] += c->own[i];
    }
    basin__chain_edge_scatter_square(
        l->chain, c->edges, c->own, l->sequences, l->first + t);
}

static void add_shared(basin_lattice *l, basin__lattice_change *c, int t,
    const double *v, double scale)
{
    const int lanes = l->lanes;
    const double *before = l->alpha + (size_t)(t - 1) * lanes;
    double *left = c->row + 2 * (size_t)lanes;
    double *right = c->row + 3 * (size_t)lanes;
    for (int j = 0; j < lanes; j++)
        right[j] = v[j] * scale;
    l->k->outer(c->steps, before, right, l->labels);
    for (int j = 0; j < lanes; j++) {
        left[j] = before[j] * before[j];
        right[j] *= v[j];
    }
    l->k->outer(c->pending, left, right, l->labels);
}

bool basin__lattice_marginals_add(
    basin_lattice *l, basin__lattice_change *c, double beta, double scale)
{
    const int lanes = l->lanes;
    double *b = c->row, *v = c->row + lanes;
    basin__lattice_sum(l, beta);
    if (l->log_domain)
        return false;
    for (int j = 0; j < lanes; j++)
        b[j] = j < l->labels;
    for (int t = l->length - 1; t >= 0; t--) {
        const size_t at = (size_t)t * lanes;
        l->k->product(l->q + at, l->alpha + at, b, 1, lanes);
        if (t == 0)
            break;
        l->k->product(v, l->e + at, b, l->over[t], lanes);
        if (l->own) {
            add_own(l, c, t, v, beta, scale);
            basin__lattice_turn(l, c->own, basin__lattice_p(l, t));
        } else {
            add_shared(l, c, t, v, scale);
        }
        l->k->step(b, v, l->own ? c->own : l->p_turned, NULL, l->labels);
    }
    return true;
}

void basin__lattice_marginals_end(
    const basin_lattice *l, basin__lattice_change *c, double beta)
{
    for (size_t i = 0; i < basin__lattice_table_size(l); i++) {
        c->steps[i] *= l->p[i];
        c->curvature[i] +=
            beta * (c->steps[i] - c->pending[i] * l->p[i] * l->p[i]);
    }
}

/* ----------------------------------------------------------------- forward */

void basin__lattice_change_begin(
    basin_lattice *l, basin__lattice_change *c, double beta)
{
    const size_t n = basin__lattice_table_size(l);
    basin__lattice_factors(l, beta);
    l->k->product(c->p, c->table, l->p, beta, (int)n);
    basin__lattice_turn(l, c->p_turned, c->p);
    memset(c->pending, 0, n * sizeof(double));
    memset(c->out, 0, n * sizeof(double));
}

static void forward(basin_lattice *l, basin__lattice_change *c, double beta)
{
    const int lanes = l->lanes;
    double *shape = c->row, *own = c->row + lanes;
    for (int t = 0; t < l->length; t++) {
        const double *a = l->alpha + (size_t)t * lanes;
        const double *e = l->e + (size_t)t * lanes;
        double *out = c->forward + (size_t)t * lanes;
        l->k->product(out, a, c->node + (size_t)t * lanes, beta, lanes);
        if (t == 0)
            continue;
        l->k->step(shape, out - lanes, basin__lattice_p(l, t), e, l->labels);
        l->k->step(own, a - lanes, change_at(l, c, t, beta), e, l->labels);
        for (int j = 0; j < lanes; j++)
            out[j] += (shape[j] + own[j]) * l->over[t];
    }
}

/* ---------------------------------------------------------------- backward */

/* Rows of the walk back: its sums and how they change, without the node's
 * factors and with them. */
typedef struct walk {
    double *b, *d_b, *v, *d_v, *left, *right;
    double sum; /* the change of log Z */
} walk;

static walk start(const basin_lattice *l, const basin__lattice_change *c)
{
    const int lanes = l->lanes;
    walk w = {.b = c->row};
    w.d_b = w.b + lanes;
    w.v = w.d_b + lanes;
    w.d_v = w.v + lanes;
    w.left = w.d_v + lanes;
    w.right = w.left + lanes;
    for (int j = 0; j < lanes; j++) {
        w.b[j] = j < l->labels;
        w.d_b[j] = 0;
    }
    const double *last = c->forward + (size_t)(l->length - 1) * lanes;
    for (int j = 0; j < l->labels; j++)
        w.sum += last[j];
    return w;
}

/* The change of a step's marginals: to the edges that it has, and to all. */
static void change_own(basin_lattice *l, basin__lattice_change *c,
    const walk *w, int t, double scale)
{
    const size_t n = basin__lattice_table_size(l);
    const double *before = l->alpha + (size_t)(t - 1) * l->lanes;
    double *out = l->scratch, *moved = l->scratch_turned;
    memset(out, 0, n * sizeof(double));
    memset(moved, 0, n * sizeof(double));
    l->k->outer(out, w->left, w->v, l->labels);
    l->k->outer(out, before, w->d_v, l->labels);
    l->k->outer(moved, before, w->v, l->labels);
    l->k->product(out, out, basin__lattice_p(l, t), scale, (int)n);
    l->k->product(moved, moved, c->own, scale, (int)n);
    for (size_t i = 0; i < n; i++) {
        out[i] += moved[i];
        c->out[i] += out[i];
    }
    basin__chain_values to = {.flat = c->edges};
    basin__chain_edge_scatter(l->chain, &to, out, l->sequences, l->first + t);
}

/* The same without edges; that of the tables themselves comes at the end. */
static void change_shared(basin_lattice *l, basin__lattice_change *c,
    const walk *w, int t, double scale)
{
    const int lanes = l->lanes;
    for (int j = 0; j < lanes; j++)
        w->right[j] = w->v[j] * scale;
    l->k->outer(c->pending, w->left, w->right, l->labels);
    for (int j = 0; j < lanes; j++)
        w->right[j] = w->d_v[j] * scale;
    l->k->outer(
        c->pending, l->alpha + (size_t)(t - 1) * lanes, w->right, l->labels);
}

static void step_back(basin_lattice *l, basin__lattice_change *c, walk *w,
    int t, double beta, double scale)
{
    const int lanes = l->lanes;
    const size_t at = (size_t)t * lanes, before = at - (size_t)lanes;
    l->k->product(w->v, l->e + at, w->b, l->over[t], lanes);
    l->k->product(w->d_v, l->e + at, w->d_b, l->over[t], lanes);
    for (int j = 0; j < lanes; j++) {
        w->d_v[j] += w->v[j] * c->node[at + j] * beta;
        w->left[j] = c->forward[before + j] - w->sum * l->alpha[before + j];
    }
    const double *turned = l->p_turned, *changed = c->p_turned;
    if (l->own) {
        change_at(l, c, t, beta);
        change_own(l, c, w, t, scale);
        basin__lattice_turn(l, l->scratch, basin__lattice_p(l, t));
        basin__lattice_turn(l, l->scratch_turned, c->own);
        turned = l->scratch;
        changed = l->scratch_turned;
    } else {
        change_shared(l, c, w, t, scale);
    }
    l->k->step(w->b, w->v, turned, NULL, l->labels);
    l->k->step(w->d_b, w->d_v, turned, NULL, l->labels);
    l->k->step(w->right, w->v, changed, NULL, l->labels);
    for (int j = 0; j < lanes; j++)
        w->d_b[j] += w->right[j];
}

bool basin__lattice_change_add(
    basin_lattice *l, basin__lattice_change *c, double beta, double scale)
{
    basin__lattice_sum(l, beta);
    if (l->log_domain)
        return false;
    forward(l, c, beta);
    walk w = start(l, c);
    const int lanes = l->lanes;
    for (int t = l->length - 1; t >= 0; t--) {
        const double *a = l->alpha + (size_t)t * lanes;
        const double *d_a = c->forward + (size_t)t * lanes;
        double *q = l->q + (size_t)t * lanes;
        for (int j = 0; j < lanes; j++)
            q[j] = ((d_a[j] - w.sum * a[j]) * w.b[j] + a[j] * w.d_b[j]) * scale;
        if (t > 0)
            step_back(l, c, &w, t, beta, scale);
    }
    return true;
}

void basin__lattice_change_end(
    const basin_lattice *l, basin__lattice_change *c, double beta)
{
    for (size_t i = 0; i < basin__lattice_table_size(l); i++)
        c->out[i] += c->pending[i] * l->p[i] + c->steps[i] * beta * c->table[i];
}
