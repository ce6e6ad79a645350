/* SPDX-License-Identifier: MIT
 *
 * Simulated annealing: one number at a time moves at random, and a move that
 * is worse by D is still taken with probability e^(-D/T), while T falls
 * (Kirkpatrick, Gelatt and Vecchi 1983). What is drawn depends on the seed, the
 * sample, the start and the turn alone.
 */
#include "inference/search.h"

enum { TURNS = BASIN__SEARCH_SETTINGS, HOT, COLD, STRIDE, POINTS, SETTINGS };

/* clang-format off */
static const basin_param params[] = {
    BASIN__SEARCH_PARAMS,
    {"turns", "", 1, 1e6, 300, .integer = true,
        .help = "moves that are tried"},
    {"hot", "energy", 0, 1e6, 1, .open_low = true,
        .help = "the temperature at first"},
    {"cold", "energy", 0, 1e6, 1e-3, .open_low = true,
        .help = "the temperature at the end, which it falls to by a constant "
                "factor"},
    {"stride", "", 0, 10, 0.3, .open_low = true,
        .help = "length of a move at first, as a share of the box; it falls as "
                "the root of the temperature"},
    {"points", "", 0, 1 << 16, 0, .integer = true,
        .help = "0: numbers move freely; else among so many values of the box, "
                "2 for sets of labels"},
};
/* clang-format on */

/* The best that a state has met, for it may have left that again. */
typedef struct anneal {
    basin__search search;
    float *best_y[2], *best_z[2]; /* of answering, predicting: as states */
    double *best_key[2];
} anneal;

static basin_status open_way(basin__search *s, int *trials, basin_error *error)
{
    BASIN_REQUIRE(s->settings[POINTS] != 1, error, BASIN_E_RANGE,
        "points must be 0, or 2 and more: with 1 nothing moves");
    BASIN_REQUIRE(s->settings[COLD] <= s->settings[HOT], error, BASIN_E_RANGE,
        "cold = %g is above hot = %g", s->settings[COLD], s->settings[HOT]);
    *trials = 1;
    s->points = (int)s->settings[POINTS];
    return BASIN_OK;
}

static int which(const basin__search *s)
{
    return s->now == &s->predicting;
}

static void lay(basin__search *s, size_t states, basin__arena *arena)
{
    anneal *a = (anneal *)(void *)s;
    int i = which(s);
    a->best_y[i] =
        basin__arena_alloc(arena, states * s->info->y.dim * sizeof(float));
    a->best_z[i] = basin__arena_alloc(arena, states * s->z_dim * sizeof(float));
    a->best_key[i] = basin__arena_alloc(arena, states * sizeof(double));
}

/* A number that leaves the box at one side comes back as from a mirror. */
static float mirrored(double v, const basin_space *space)
{
    double low = (double)space->low, high = (double)space->high;
    v = v < low ? 2 * low - v : v > high ? 2 * high - v : v;
    return (float)(v < low ? low : v > high ? high : v);
}

static float moved(const basin__search *s, size_t state, uint64_t turn,
    const basin_space *space, float from, double stride)
{
    double low = (double)space->low, wide = (double)space->high - low;
    int points = s->points;
    if (space->kind == BASIN_SPACE_LABELS)
        points = space->count;
    if (points == 0)
        return mirrored(
            (double)from +
                stride * wide * basin__search_normal(s, state, turn, 1),
            space);
    int i = (int)(basin__search_uniform(s, state, turn, 1) * points);
    i = i < points ? i : points - 1;
    return space->kind == BASIN_SPACE_LABELS
               ? (float)i
               : (float)(low + i * wide / (points - 1));
}

static void lay_move(
    basin__search *s, size_t state, uint64_t turn, double stride)
{
    basin__states *n = s->now;
    int y_dim = s->info->y.dim, z_dim = s->z_dim;
    float *y = n->trial_y + state * y_dim, *z = n->trial_z + state * z_dim;
    for (int d = 0; d < y_dim; d++)
        y[d] = n->y[state * y_dim + d];
    for (int d = 0; d < z_dim; d++)
        z[d] = n->z[state * z_dim + d];
    int given = s->goal == BASIN__GOAL_RIGHT ? y_dim : 0;
    int free = y_dim + z_dim - given;
    int d = (int)(basin__search_uniform(s, state, turn, 0) * free);
    d = given + (d < free ? d : free - 1);
    float *at = d < y_dim ? &y[d] : &z[d - y_dim];
    *at = moved(
        s, state, turn, d < y_dim ? &s->info->y : &s->info->z, *at, stride);
}

static bool is_taken(
    const basin__search *s, size_t state, uint64_t turn, double temperature)
{
    const basin__states *n = s->now;
    double worse = n->trial_key[state] - n->key[state];
    if (!basin__search_allows(s, n->trial_y + state * s->info->y.dim,
            basin__search_forbids(s, (int)(state / s->starts))))
        return false;
    return worse <= 0 || basin__search_uniform(s, state, turn, 2) <
                             basin_exp(-worse / temperature);
}

/* Copy the state to the best, or back. */
static void copy(const basin__search *s, size_t state, bool back)
{
    const anneal *a = (const anneal *)(const void *)s;
    int i = which(s), y_dim = s->info->y.dim, z_dim = s->z_dim;
    float *y = s->now->y + state * y_dim, *z = s->now->z + state * z_dim;
    float *best_y = a->best_y[i] + state * y_dim;
    float *best_z = a->best_z[i] + state * z_dim;
    for (int d = 0; d < y_dim; d++)
        *(back ? &y[d] : &best_y[d]) = back ? best_y[d] : y[d];
    for (int d = 0; d < z_dim; d++)
        *(back ? &z[d] : &best_z[d]) = back ? best_z[d] : z[d];
    if (back)
        s->now->key[state] = a->best_key[i][state];
    else
        a->best_key[i][state] = s->now->key[state];
}

static void run(basin__search *s)
{
    const anneal *a = (const anneal *)(const void *)s;
    size_t states = (size_t)s->samples * s->starts;
    int turns = (int)s->settings[TURNS];
    double hot = s->settings[HOT], fall = s->settings[COLD] / hot;
    for (size_t i = 0; i < states; i++)
        copy(s, i, false);
    for (int turn = 0; turn < turns; turn++) {
        double share = turns > 1 ? (double)turn / (turns - 1) : 1;
        double cooled = basin_exp(share * basin_log(fall));
        double stride = s->settings[STRIDE] * __builtin_sqrt(cooled);
        uint64_t draw = (uint64_t)turn + 1;
        for (size_t i = 0; i < states; i++)
            lay_move(s, i, draw, stride);
        basin__search_evaluate(s, 1);
        for (size_t i = 0; i < states; i++) {
            if (!is_taken(s, i, draw, hot * cooled))
                continue;
            basin__search_take(s, i, i);
            if (s->now->key[i] < a->best_key[which(s)][i])
                copy(s, i, false);
        }
    }
    for (size_t i = 0; i < states; i++)
        copy(s, i, true);
}

static const basin__way way = {.name = "anneal",
    .labels = true,
    .own_labels = true,
    .open = open_way,
    .lay = lay,
    .run = run};

static basin_status anneal_open(void *self, basin_energy *energy,
    const double *settings, basin_error *error)
{
    return basin__search_open(self, &way, energy, settings, error);
}

const basin_inference_type basin__inference_anneal = {
    .part = {"anneal", "random moves that cool down, from several starts",
        "take a move that is worse by D with probability e^(-D/T); T falls",
        "Kirkpatrick, Gelatt and Vecchi 1983", params, SETTINGS},
    .serves = BASIN__SEARCH_SERVES,
    .searches = true,
    .self_size = sizeof(anneal),
    .open = anneal_open,
    .close = basin__search_close,
    .predict = basin__search_predict,
    .prepare = basin__search_prepare,
    .answer = basin__search_answer,
    .weigh = basin__search_weigh,
};
