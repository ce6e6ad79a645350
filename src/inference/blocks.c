/* SPDX-License-Identifier: MIT
 *
 * Sweeps over blocks of numbers: each state takes the best of a block's values,
 * the others held.
 */
#include "inference/blocks.h"

static const basin_space *space_of(
    const basin__search *s, basin__block_def block)
{
    return block.of_z ? &s->info->z : &s->info->y;
}

static int values_of(const basin__search *s, basin__block_def block)
{
    const basin_space *space = space_of(s, block);
    return space->kind == BASIN_SPACE_LABELS ? space->count : block.points;
}

basin_status basin__block_trials(const basin__search *s, basin__block_def block,
    int *out, basin_error *error)
{
    int64_t n = 1;
    for (int d = 0; d < block.dims; d++) {
        n *= values_of(s, block);
        BASIN_REQUIRE(n <= 1 << 16, error, BASIN_E_RANGE,
            "%d values in each of %d dimensions are too many to try at once; "
            "at most 65536 in all",
            values_of(s, block), block.dims);
    }
    *out = (int)n;
    return BASIN_OK;
}

/* Value number i of one of the block's numbers: over the whole space, or, if
 * half > 0, within that of where it is now. */
static float value_at(const basin__search *s, basin__block_def block, int i,
    float now, double half)
{
    const basin_space *space = space_of(s, block);
    if (space->kind == BASIN_SPACE_LABELS)
        return (float)i;
    double low = (double)space->low, high = (double)space->high;
    double share = (double)i / (block.points - 1);
    if (!(half > 0))
        return (float)(low + share * (high - low));
    float value = (float)((double)now + half * (2 * share - 1));
    value = value > space->low ? value : space->low;
    return value < space->high ? value : space->high;
}

/* A state's trials: itself, but for the block. */
static void lay_trials(basin__search *s, basin__block_def block, size_t state,
    int trials, double half)
{
    basin__states *n = s->now;
    size_t y_dim = (size_t)s->info->y.dim, z_dim = (size_t)s->z_dim;
    const float *at_y = n->y + state * y_dim, *at_z = n->z + state * z_dim;
    const float *from = (block.of_z ? at_z : at_y) + block.first;
    int values = values_of(s, block);
    for (int i = 0; i < trials; i++) {
        size_t row = state * trials + i;
        float *y = n->trial_y + row * y_dim, *z = n->trial_z + row * z_dim;
        for (size_t d = 0; d < y_dim; d++)
            y[d] = at_y[d];
        for (size_t d = 0; d < z_dim; d++)
            z[d] = at_z[d];
        float *to = (block.of_z ? z : y) + block.first;
        for (int d = 0, rest = i; d < block.dims; d++, rest /= values)
            to[d] = value_at(s, block, rest % values, from[d], half);
    }
}

/* The lowest of a state's trials that are allowed, if it is below the state.
 * @return whether the state moved */
static bool take_best(basin__search *s, size_t state, int trials)
{
    const basin__states *n = s->now;
    const float *right = basin__search_forbids(s, (int)(state / s->starts));
    size_t first = state * trials, best = first + trials;
    double least = n->key[state];
    for (size_t i = first; i < first + trials; i++)
        if (n->trial_key[i] < least &&
            basin__search_allows(s, n->trial_y + i * s->info->y.dim, right)) {
            least = n->trial_key[i];
            best = i;
        }
    if (best < first + trials)
        basin__search_take(s, state, best);
    return best < first + trials;
}

/* @return whether any state moved */
static bool sweep(basin__search *s, const basin__blocks *blocks, double share)
{
    size_t states = (size_t)s->samples * s->starts;
    bool any = false;
    for (int i = 0; i < blocks->n_blocks; i++) {
        basin__block_def block = blocks->block(s, i);
        const basin_space *space = space_of(s, block);
        int trials = 0;
        if (!block.of_z && s->goal == BASIN__GOAL_RIGHT)
            continue; /* Y is given */
        if (share > 0 && space->kind == BASIN_SPACE_LABELS)
            continue; /* nothing is between two labels */
        basin__block_trials(s, block, &trials, NULL);
        double half = share * ((double)space->high - (double)space->low);
        for (size_t state = 0; state < states; state++)
            lay_trials(s, block, state, trials, half);
        basin__search_evaluate(s, trials);
        for (size_t state = 0; state < states; state++)
            any = take_best(s, state, trials) || any;
    }
    return any;
}

void basin__blocks_run(basin__search *s, const basin__blocks *blocks)
{
    double share = 1; /* of the space: half the width of the finer grids */
    for (int i = 0; i < blocks->sweeps && sweep(s, blocks, 0); i++)
        continue;
    for (int i = 0; i < blocks->refine; i++) {
        int points = blocks->block(s, 0).points;
        share /= points > 3 ? (points - 1) / 2.0 : 2;
        sweep(s, blocks, share);
    }
}
