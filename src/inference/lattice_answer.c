/* SPDX-License-Identifier: MIT
 *
 * What a loss asks of one sequence, and the way back: each scalar rests on
 * paths, with weight 1 for every node and edge of them, or on marginals. The
 * weights are scaled by the loss's slopes, added up, and handed to the chain
 * in one go.
 */
#include "inference/lattice.h"

#include "basin/math.h"

#include <string.h>

/* The energy that a loss sees, from that of the bare chain. */
static double seen(const basin__lattice_ask *ask, double raw)
{
    return ask->nonnegative ? basin_softplus(raw) : raw;
}

static double seen_slope(const basin__lattice_ask *ask, double raw)
{
    return ask->nonnegative ? basin_sigmoid(raw) : 1;
}

static basin_status find_paths(basin_lattice *l, const basin__lattice_ask *ask,
    basin_energies *out, basin_error *error)
{
    const int32_t *right = l->path[BASIN__PATH_RIGHT];
    l->raw[BASIN__PATH_RIGHT] = basin_lattice_energy(l, right);
    out->e_c = seen(ask, l->raw[BASIN__PATH_RIGHT]);
    if (ask->needs & BASIN_NEED_EMIN) {
        l->raw[BASIN__PATH_BEST] =
            basin_lattice_best(l, l->path[BASIN__PATH_BEST]);
        out->e_min = seen(ask, l->raw[BASIN__PATH_BEST]);
    }
    if (ask->needs & BASIN_NEED_EI) {
        BASIN_TRY(basin_lattice_offender(l, right, ask->offender, ask->margin,
            &ask->cost, l->path[BASIN__PATH_OFFENDER],
            &l->raw[BASIN__PATH_OFFENDER], &out->delta_i, error));
        out->e_i = seen(ask, l->raw[BASIN__PATH_OFFENDER]);
    }
    return BASIN_OK;
}

basin_status basin__lattice_answer(basin_lattice *l,
    const basin__lattice_ask *ask, basin_energies *out, basin_error *error)
{
    *out = (basin_energies){.beta = ask->beta};
    BASIN_TRY(find_paths(l, ask, out, error));
    BASIN_TRY(basin__lattice_log_room(l, l->length, error));
    if (ask->needs & BASIN_NEED_FI)
        out->f_i = -basin__lattice_sum_but(l, ask->beta) / ask->beta;
    if (ask->needs & BASIN_NEED_F)
        out->f = basin_lattice_free_energy(l, ask->beta);
    return BASIN_OK;
}

/* --------------------------------------------------------------------- weigh
 */

static void add_path(basin_lattice *l, const basin__lattice_ask *ask, int which,
    double slope, basin__chain_values *gradient)
{
    const double scale = -slope * seen_slope(ask, l->raw[which]);
    if (scale == 0)
        return;
    const int32_t *label = l->path[which];
    for (int t = 0; t < l->length; t++) {
        l->q[(size_t)t * l->lanes + label[t]] += scale;
        if (t > 0)
            gradient->table[label[t - 1] * l->lanes + label[t]] += scale;
    }
    if (!l->own)
        return;
    for (int t = 1; t < l->length; t++)
        basin__chain_edge_add(l->chain, gradient->flat, l->sequences,
            l->first + t, label[t - 1] * l->labels + label[t], scale);
}

/* A score is a cost with its sign turned. */
static void hand_to_net(basin_lattice *l, basin__chain_values *gradient)
{
    float *out = l->slopes ? l->slopes : basin__chain_net_slopes(l->net);
    for (int t = 0; t < l->length; t++)
        for (int j = 0; j < l->labels; j++)
            out[(size_t)t * l->labels + j] =
                (float)-l->q[(size_t)t * l->lanes + j];
    if (!l->slopes)
        basin__chain_net_backward(l->net, gradient->flat);
}

void basin__lattice_hand_on(basin_lattice *l, basin__chain_values *gradient)
{
    if (l->chain->net)
        hand_to_net(l, gradient);
    if (l->known) {
        const basin__feature_run run =
            basin__chain_known_run(l->known, l->sequences, l->sequence);
        l->k->scatter_known(&gradient->rows, l->q, &run);
        return;
    }
    const basin__attribute_run run =
        basin__chain_run(l->sequences, l->sequence);
    if (l->sequences->node.start)
        l->k->scatter(&gradient->rows, l->q, &run);
}

/* E = -score, so a slope in an energy is one in the scores with its sign
 * turned. */
void basin__lattice_weigh(basin_lattice *l, const basin__lattice_ask *ask,
    const basin_slopes *slopes, basin__chain_values *gradient)
{
    memset(l->q, 0, (size_t)l->length * l->lanes * sizeof(double));
    if (slopes->f != 0) {
        basin__lattice_sum(l, ask->beta);
        basin__lattice_spread(l, -slopes->f, gradient);
    }
    if (slopes->f_i != 0) {
        basin__lattice_sum_but(l, ask->beta);
        basin__lattice_spread(l, -slopes->f_i, gradient);
    }
    add_path(l, ask, BASIN__PATH_RIGHT, slopes->e_c, gradient);
    add_path(l, ask, BASIN__PATH_OFFENDER, slopes->e_i, gradient);
    add_path(l, ask, BASIN__PATH_BEST, slopes->e_min, gradient);
    basin__lattice_hand_on(l, gradient);
}
