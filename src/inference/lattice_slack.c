/* SPDX-License-Identifier: MIT
 *
 * The offender of slack rescaling with the Hamming cost. For each number of
 * errors k the best labelling with just k errors is found by one walk; of
 * these, the one of largest k (m + E_C - E) offends most (Tsochantaridis et
 * al. 2005, section 3; the counting walk as in Joachims 2005, for chains).
 */
#include "inference/lattice.h"

#include "base/memory.h"

/* Two rows of scores for each number of errors, and where each came from. */
typedef struct errors {
    double *now, *next; /* (length + 1, lanes) */
    double *walk;       /* (lanes) */
    int32_t *from;      /* (length, length + 1, lanes) */
} errors;

static void lay(errors *e, int length, int lanes, basin__arena *a)
{
    const size_t rows = ((size_t)length + 1) * lanes;
    e->now = basin__arena_alloc(a, rows * sizeof(double));
    e->next = basin__arena_alloc(a, rows * sizeof(double));
    e->walk = basin__arena_alloc(a, lanes * sizeof(double));
    e->from = basin__arena_alloc(a, rows * length * sizeof(int32_t));
}

basin_status basin__lattice_errors_room(
    basin_lattice *l, int length, basin_error *error)
{
    errors e;
    basin__arena a;
    basin__arena_init(&a, NULL, 0);
    lay(&e, length, l->lanes, &a);
    if (a.peak <= l->errors_size)
        return BASIN_OK;
    basin_free(l->ctx, l->errors, l->errors_size);
    l->errors_size = 0;
    l->errors = basin_alloc(l->ctx, a.peak);
    BASIN_REQUIRE(l->errors, error, BASIN_E_MEMORY,
        "no memory for slack rescaling on %d positions", length);
    l->errors_size = a.peak;
    return BASIN_OK;
}

static int32_t *from_at(const basin_lattice *l, const errors *e, int t, int k)
{
    return e->from + ((size_t)t * (l->length + 1) + k) * l->lanes;
}

static void fill(double *row, double value, int n)
{
    for (int j = 0; j < n; j++)
        row[j] = value;
}

/* From t - 1 to t, whose right label is `right`: a walk with k errors stays
 * at k there, and goes to k + 1 at every other label. */
static void advance(basin_lattice *l, errors *e, int t, int32_t right)
{
    const int lanes = l->lanes;
    for (int k = 0; k <= t + 1; k++)
        fill(e->next + (size_t)k * lanes, -__builtin_inf(), l->labels);
    for (int k = 0; k <= t; k++) {
        l->k->best(e->walk, from_at(l, e, t, k), e->now + (size_t)k * lanes,
            basin__lattice_table(l, t), l->node + (size_t)t * lanes, l->labels);
        for (int j = 0; j < l->labels; j++)
            e->next[(size_t)(k + (j != right)) * lanes + j] = e->walk[j];
    }
    double *spare = e->now;
    e->now = e->next;
    e->next = spare;
}

static void trace(const basin_lattice *l, const errors *e, const int32_t *right,
    int k, int j, int32_t *label)
{
    for (int t = l->length - 1; t >= 0; t--) {
        label[t] = j;
        k -= j != right[t];
        if (t > 0)
            j = from_at(l, e, t, k)[j];
    }
}

basin_status basin__lattice_slack(basin_lattice *l, const int32_t *right,
    double margin, int32_t *label, basin_error *error)
{
    BASIN_TRY(basin__lattice_errors_room(l, l->length, error));
    errors e;
    basin__arena a;
    basin__arena_init(&a, l->errors, l->errors_size);
    lay(&e, l->length, l->lanes, &a);
    fill(e.now, -__builtin_inf(), 2 * l->lanes);
    for (int j = 0; j < l->labels; j++)
        e.now[(j != right[0]) * l->lanes + j] = l->node[j];
    for (int t = 1; t < l->length; t++)
        advance(l, &e, t, right[t]);
    const double e_c = -basin__lattice_score(l, right);
    int best_k = 1, best_j = 0;
    double most = -__builtin_inf();
    for (int k = 1; k <= l->length; k++)
        for (int j = 0; j < l->labels; j++) {
            const double score = e.now[(size_t)k * l->lanes + j];
            const double key = k * (margin + e_c + score);
            if (key > most) {
                most = key;
                best_k = k;
                best_j = j;
            }
        }
    trace(l, &e, right, best_k, best_j, label);
    return BASIN_OK;
}
