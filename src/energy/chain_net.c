/* SPDX-License-Identifier: MIT
 *
 * A chain's net: an energy over labels, asked about many positions at a time.
 * Its candidates are all labels, shared by the positions, so that what depends
 * on X alone is computed once a position. Runs longer than a pass are walked
 * in pieces, forward once more on the way back.
 */
#include "energy/chain.h"

#include "energy/energy.h"

#include <string.h>

/* Positions of a pass. */
enum { PIECE = 512 };

struct basin__chain_net {
    const basin_chain *chain;
    basin_pass *pass;
    int piece, labels, dim;
    int64_t room;
    size_t params;
    basin__net_rows rows; /* of the last evaluation */
    float *label;         /* (labels) 0, 1, .. */
    float *gradient;      /* (params) of one backward */
    float *energy;        /* (room, labels) when room is above a piece */
    float *slope;         /* (room, labels) */
};

basin_status basin__chain_check_net(const basin_energy *net, int32_t labels,
    const basin_sequences *seen, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(net);
    BASIN_REQUIRE(info->x.kind == BASIN_SPACE_BOX &&
                      info->y.kind == BASIN_SPACE_LABELS &&
                      info->z.kind == BASIN_SPACE_NONE,
        error, BASIN_E_SHAPE,
        "the net of a chain is an energy over numbers x and a label y, without "
        "z");
    BASIN_REQUIRE(info->y.count == labels, error, BASIN_E_SHAPE,
        "the net has %d labels, and the sequences have %d", info->y.count,
        labels);
    BASIN_REQUIRE(!seen || (seen->dense && seen->dense_dim == info->x.dim),
        error, BASIN_E_SHAPE,
        "the net sees %d numbers at a position, and the sequences have %d",
        info->x.dim, seen && seen->dense ? seen->dense_dim : 0);
    return BASIN_OK;
}

static basin_status open_pass(
    basin__chain_net *n, bool gradient, basin_error *error)
{
    const basin_pass_def def = {.samples = n->piece,
        .gradient_params = gradient,
        .n_slots = 1,
        .slots = {{.y = {n->labels, false}}}};
    return basin_pass_create(&n->pass, n->chain->net, &def, error);
}

static size_t cells(const basin__chain_net *n)
{
    return (size_t)n->room * (size_t)n->labels * sizeof(float);
}

basin_status basin__chain_net_create(basin__chain_net **out,
    const basin_chain *chain, int64_t room, bool gradient, basin_error *error)
{
    *out = NULL;
    basin_context *ctx = chain->ctx;
    basin__chain_net *n = basin_alloc(ctx, sizeof *n);
    BASIN_REQUIRE(n, error, BASIN_E_MEMORY, "no memory for a net");
    n->chain = chain;
    n->room = room;
    n->piece = room < PIECE ? (int)room : PIECE;
    n->labels = chain->info.labels;
    n->dim = basin_energy_describe(chain->net)->x.dim;
    n->params = (size_t)chain->info.net_params;
    n->label = basin_alloc(ctx, (size_t)n->labels * sizeof(float));
    n->gradient = basin_alloc(ctx, (n->params + 1) * sizeof(float));
    n->slope = basin_alloc(ctx, cells(n));
    if (room > n->piece)
        n->energy = basin_alloc(ctx, cells(n));
    basin_status status =
        n->label && n->gradient && n->slope && (n->energy || room == n->piece)
            ? open_pass(n, gradient, error)
            : basin_error_set(error, BASIN_E_MEMORY,
                  "no memory for a net on %lld positions", (long long)room);
    if (status != BASIN_OK) {
        basin__chain_net_destroy(n);
        return status;
    }
    for (int j = 0; j < n->labels; j++)
        n->label[j] = (float)j;
    *out = n;
    return BASIN_OK;
}

void basin__chain_net_destroy(basin__chain_net *n)
{
    if (!n)
        return;
    basin_context *ctx = n->chain->ctx;
    basin_pass_destroy(n->pass);
    basin_free(ctx, n->label, (size_t)n->labels * sizeof(float));
    basin_free(ctx, n->gradient, (n->params + 1) * sizeof(float));
    basin_free(ctx, n->energy, n->energy ? cells(n) : 0);
    basin_free(ctx, n->slope, cells(n));
    basin_free(ctx, n, sizeof *n);
}

/* The piece that begins at position `first`. @return its positions' energies */
static const float *see(basin__chain_net *n, int64_t first, int count)
{
    const basin__net_rows *r = &n->rows;
    const float *x = r->row ? r->x : r->x + (size_t)first * (size_t)n->dim;
    basin_pass_observe(n->pass, x, r->row ? r->row + first : NULL, count,
        r->training, r->step + ((uint64_t)first << 24));
    return basin_pass_evaluate(n->pass, 0,
        &(basin_set){.y = n->label, .y_count = n->labels, .z_count = 1});
}

static int piece_at(const basin__chain_net *n, int64_t first)
{
    const int64_t left = n->rows.n - first;
    return left < n->piece ? (int)left : n->piece;
}

const float *basin__chain_net_evaluate(
    basin__chain_net *n, const basin__net_rows *rows)
{
    n->rows = *rows;
    if (rows->n <= n->piece)
        return see(n, 0, (int)rows->n);
    for (int64_t at = 0; at < rows->n; at += n->piece) {
        const int count = piece_at(n, at);
        memcpy(n->energy + (size_t)at * n->labels, see(n, at, count),
            (size_t)count * n->labels * sizeof(float));
    }
    return n->energy;
}

float *basin__chain_net_slopes(basin__chain_net *n)
{
    return n->slope;
}

void basin__chain_net_backward(basin__chain_net *n, double *gradient)
{
    double *out = gradient + basin__chain_features(n->chain);
    for (int64_t at = 0; at < n->rows.n; at += n->piece) {
        if (n->rows.n > n->piece)
            see(n, at, piece_at(n, at));
        memset(n->gradient, 0, n->params * sizeof(float));
        basin_pass_backward(n->pass, 0, n->slope + (size_t)at * n->labels);
        basin_pass_finish(n->pass, n->gradient);
        for (size_t i = 0; i < n->params; i++)
            out[i] += (double)n->gradient[i];
    }
}
