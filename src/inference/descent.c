/* SPDX-License-Identifier: MIT
 *
 * Gradient descent in Y, and in Z where it is a box: all samples and starts
 * take their steps together, each of its own length, and keep inside the box
 * or the simplex by projection. A step that does not lower the key enough is
 * halved (Armijo's rule along the projection arc; Bertsekas 1976).
 */
#include "inference/search.h"

enum {
    STEPS = BASIN__SEARCH_SETTINGS,
    RATE,
    MOMENTUM,
    TOLERANCE,
    WITHIN,
    SETTINGS
};

/* clang-format off */
static const basin_param params[] = {
    BASIN__SEARCH_PARAMS,
    {"steps", "", 1, 1e6, 100, .integer = true,
        .help = "steps at most, those that are halved included"},
    {"rate", "", 0, 1e3, 0.1, .open_low = true,
        .help = "length of the first step, as a share of the box's diagonal"},
    {"momentum", "", 0, 0.99, 0,
        .help = "share of the last step that is taken again"},
    {"tolerance", "", 0, 1, 1e-6,
        .help = "a search ends at a step that lowers the energy by less than "
                "this share of it"},
    {"within", "", 0, 1, 0, .integer = true, .choices = "box|simplex",
        .help = "where answers are kept; on the simplex no number is below 0, "
                "and all add up to 1"},
};
/* clang-format on */

/* How a state gets on. */
typedef struct pace {
    double length; /* of the step, in gradients */
    double far2;   /* squared length of the trial's step; -1: not allowed */
    int small;     /* steps in a row that hardly lowered it */
    bool moves;    /* has not come to rest */
    bool taken;    /* the last trial */
} pace;

typedef struct work {
    float *d_y, *d_z;       /* gradients where the states are */
    float *new_y, *new_z;   /* and where the trials are */
    float *last_y, *last_z; /* where the states were before */
    pace *paces;
} work;

/* One of each for answering and predicting, so that neither moves the other's.
 */
typedef struct descent {
    basin__search search;
    work works[2];
} descent;

static work *work_of(basin__search *s)
{
    return &((descent *)(void *)s)->works[s->now == &s->predicting];
}

static basin_status open_way(basin__search *s, int *trials, basin_error *error)
{
    const basin_space *y = &s->info->y;
    *trials = 1;
    s->simplex = s->settings[WITHIN] != 0 && y->kind == BASIN_SPACE_BOX;
    BASIN_REQUIRE(!s->simplex || (y->low <= 0 && y->high >= 1 && y->dim >= 2),
        error, BASIN_E_RANGE,
        "the simplex needs a Y of 2 dimensions or more, in a box that holds 0 "
        "and 1; this one has %d, from %g to %g",
        y->dim, (double)y->low, (double)y->high);
    return BASIN_OK;
}

static void descent_lay(basin__search *s, size_t states, basin__arena *a)
{
    work *w = work_of(s);
    size_t y = states * s->info->y.dim * sizeof(float);
    size_t z = states * s->z_dim * sizeof(float);
    w->d_y = basin__arena_alloc(a, y);
    w->new_y = basin__arena_alloc(a, y);
    w->last_y = basin__arena_alloc(a, y);
    w->d_z = basin__arena_alloc(a, z);
    w->new_z = basin__arena_alloc(a, z);
    w->last_z = basin__arena_alloc(a, z);
    w->paces = basin__arena_alloc(a, states * sizeof *w->paces);
}

/* Does Y move? It is given where the right answer's Z is looked for. */
static bool y_moves(const basin__search *s)
{
    return s->goal != BASIN__GOAL_RIGHT;
}

static double squares(const float *v, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)v[i] * (double)v[i];
    return sum;
}

static double squared_gradient(const basin__search *s, const work *w, size_t i)
{
    double sum = squares(w->d_z + i * s->z_dim, s->z_dim);
    if (y_moves(s))
        sum += squares(w->d_y + i * s->info->y.dim, s->info->y.dim);
    return sum;
}

static double diagonal(const basin__search *s)
{
    const basin_space *y = &s->info->y, *z = &s->info->z;
    double wide = (double)y->high - (double)y->low;
    double sum = y_moves(s) ? wide * wide * y->dim : 0;
    if (s->z_dim) {
        double deep = (double)z->high - (double)z->low;
        sum += deep * deep * z->dim;
    }
    return __builtin_sqrt(sum);
}

static void begin(basin__search *s, const work *w)
{
    size_t states = (size_t)s->samples * s->starts;
    double step = s->settings[RATE] * diagonal(s);
    basin__search_gradient(s, w->d_y, w->d_z);
    for (size_t i = 0; i < states * s->info->y.dim; i++)
        w->last_y[i] = s->now->y[i];
    for (size_t i = 0; i < states * s->z_dim; i++)
        w->last_z[i] = s->now->z[i];
    for (size_t i = 0; i < states; i++) {
        double g2 = squared_gradient(s, w, i);
        bool moves = g2 > 0 && __builtin_isfinite(g2);
        w->paces[i] = (pace){.moves = moves};
        w->paces[i].length = moves ? step / __builtin_sqrt(g2) : 0;
    }
}

static void copy(float *to, const float *from, int n)
{
    for (int d = 0; d < n; d++)
        to[d] = from[d];
}

/* A step from where the state is, which was elsewhere before. */
static void step_from(float *trial, const float *at, const float *last,
    const float *gradient, double length, double momentum, int n)
{
    for (int d = 0; d < n; d++) {
        double step = momentum * ((double)at[d] - (double)last[d]) -
                      length * (double)gradient[d];
        trial[d] = (float)((double)at[d] + step);
    }
}

static double between(const float *a, const float *b, int n)
{
    double sum = 0;
    for (int d = 0; d < n; d++) {
        double off = (double)a[d] - (double)b[d];
        sum += off * off;
    }
    return sum;
}

static void lay_trial(basin__search *s, const work *w, size_t i)
{
    basin__states *n = s->now;
    pace *p = &w->paces[i];
    const basin_space *zs = &s->info->z;
    int y_dim = s->info->y.dim, z_dim = s->z_dim;
    float *y = n->trial_y + i * y_dim, *z = n->trial_z + i * z_dim;
    const float *at_y = n->y + i * y_dim, *at_z = n->z + i * z_dim;
    double momentum = s->settings[MOMENTUM];
    bool allowed = true;
    copy(y, at_y, y_dim);
    copy(z, at_z, z_dim);
    if (!p->moves)
        return;
    if (y_moves(s)) {
        step_from(y, at_y, w->last_y + i * y_dim, w->d_y + i * y_dim, p->length,
            momentum, y_dim);
        allowed = basin__search_project(
            s, y, basin__search_forbids(s, (int)(i / s->starts)));
    }
    step_from(z, at_z, w->last_z + i * z_dim, w->d_z + i * z_dim, p->length,
        momentum, z_dim);
    for (int d = 0; d < z_dim; d++) {
        z[d] = z[d] > zs->low ? z[d] : zs->low;
        z[d] = z[d] < zs->high ? z[d] : zs->high;
    }
    p->far2 = allowed ? between(y, at_y, y_dim) + between(z, at_z, z_dim) : -1;
}

/* Has the trial lowered the key by enough for its length? */
static bool is_enough(const basin__search *s, const pace *p, double lower)
{
    static const double share = 1e-4; /* with momentum, lower is enough */
    return p->far2 > 0 &&
           (s->settings[MOMENTUM] > 0 ? lower > 0
                                      : lower >= share * p->far2 / p->length);
}

static void take_step(basin__search *s, const work *w, size_t i, double lower)
{
    pace *p = &w->paces[i];
    double size = __builtin_fabs(s->now->key[i]);
    basin__search_take(s, i, i);
    p->length *= 2;
    p->small = lower <= s->settings[TOLERANCE] * size ? p->small + 1 : 0;
    p->moves = p->small < 2;
}

/* At rest where a step, or what it promises to lower, is next to nothing. */
static void shorten(const basin__search *s, const work *w, size_t i)
{
    static const double least = 1e-8; /* of the diagonal */
    pace *p = &w->paces[i];
    double step = p->length * __builtin_sqrt(squared_gradient(s, w, i));
    double size = __builtin_fabs(s->now->key[i]);
    double rest = .01 * s->settings[TOLERANCE] * size;
    p->moves = step > least * diagonal(s) &&
               (p->far2 < 0 || p->far2 / p->length > rest);
    p->length /= 2;
}

/* Where the states stand becomes where they were, before they move. */
static void remember(const basin__search *s, const work *w, size_t i)
{
    size_t y_dim = (size_t)s->info->y.dim, z_dim = (size_t)s->z_dim;
    copy(w->last_y + i * y_dim, s->now->y + i * y_dim, (int)y_dim);
    copy(w->last_z + i * z_dim, s->now->z + i * z_dim, (int)z_dim);
}

/* The gradients of the trials that were taken become their states'. */
static void keep_gradients(basin__search *s, const work *w)
{
    size_t states = (size_t)s->samples * s->starts;
    size_t y_dim = (size_t)s->info->y.dim, z_dim = (size_t)s->z_dim;
    basin__search_gradient(s, w->new_y, w->new_z);
    for (size_t i = 0; i < states; i++) {
        if (!w->paces[i].taken)
            continue;
        copy(w->d_y + i * y_dim, w->new_y + i * y_dim, (int)y_dim);
        copy(w->d_z + i * z_dim, w->new_z + i * z_dim, (int)z_dim);
        double g2 = squared_gradient(s, w, i);
        if (!(g2 > 0) || !__builtin_isfinite(g2))
            w->paces[i].moves = false;
    }
}

/* @return whether any state moved */
static bool judge_trials(basin__search *s, const work *w)
{
    size_t states = (size_t)s->samples * s->starts;
    bool any = false;
    for (size_t i = 0; i < states; i++) {
        pace *p = &w->paces[i];
        double lower = s->now->key[i] - s->now->trial_key[i];
        p->taken = p->moves && is_enough(s, p, lower);
        if (!p->moves)
            continue;
        remember(s, w, i);
        if (p->taken)
            take_step(s, w, i, lower);
        else
            shorten(s, w, i);
        any = any || p->taken;
    }
    return any;
}

static void descend(basin__search *s)
{
    const work *w = work_of(s);
    size_t states = (size_t)s->samples * s->starts;
    begin(s, w);
    for (int step = 0; step < (int)s->settings[STEPS]; step++) {
        bool any = false;
        for (size_t i = 0; i < states; i++) {
            any = any || w->paces[i].moves;
            lay_trial(s, w, i);
        }
        if (!any)
            return;
        basin__search_evaluate(s, 1);
        if (judge_trials(s, w))
            keep_gradients(s, w);
    }
}

static const basin__way way = {
    .name = "descent",
    .gradients = true,
    .touches = true,
    .open = open_way,
    .lay = descent_lay,
    .run = descend,
};

static basin_status descent_open(void *self, basin_energy *energy,
    const double *settings, basin_error *error)
{
    return basin__search_open(self, &way, energy, settings, error);
}

const basin_inference_type basin__inference_descent = {
    .part = {"descent", "gradient descent in a box, from several starts",
        "Y <- P(Y - t dE/dY), t halved until E falls",
        "Bertsekas 1976; Belanger and McCallum 2016, section 3", params,
        SETTINGS},
    .serves = BASIN__SEARCH_SERVES,
    .searches = true,
    .self_size = sizeof(descent),
    .open = descent_open,
    .close = basin__search_close,
    .predict = basin__search_predict,
    .prepare = basin__search_prepare,
    .answer = basin__search_answer,
    .weigh = basin__search_weigh,
};
