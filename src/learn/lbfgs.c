/* SPDX-License-Identifier: MIT
 *
 * Limited-memory BFGS (Nocedal 1980; Liu and Nocedal 1989) with a line search
 * for the weak Wolfe conditions by bisection (Lewis and Overton 2013). With an
 * L1 term it becomes orthant-wise (Andrew and Gao 2007): the direction comes
 * from the least subgradient, keeps its signs, and a step does not leave the
 * orthant. The pairs that it remembers only shape the direction, so they are
 * kept in float32.
 */
#include "learn/lbfgs.h"

#include "base/memory.h"
#include "learn/vectors.h"

#include <string.h>

/* Armijo's and the curvature's part of the slope. */
#define DECREASE  1e-4
#define CURVATURE 0.9
enum { TRIALS = 40 };

struct basin__lbfgs {
    basin_context *ctx;
    size_t n;
    int memory, pairs, newest;
    double c1;
    basin__smooth_fn smooth;
    void *user;
    basin__direction_fn follow; /* or NULL */
    void *follow_user;
    bool straight; /* a step may leave the orthant */

    double *w, *g; /* where it stands, and the smooth part's gradient */
    double *next, *g_next;
    double *sub; /* the least subgradient; g itself when c1 is 0 */
    double *direction;
    float **s, **y;    /* (memory) differences of w and of g */
    double *curvature; /* (memory) s . y */
    double *alpha;     /* (memory) scratch */
    double scale;      /* of the first guess of the inverse Hessian */
    double value;
    double step;
    int evaluations;
    void *block;
    size_t block_size;
};

/* ---------------------------------------------------------- create, destroy */

static void lay(void *self, basin__arena *a)
{
    basin__lbfgs *l = self;
    const size_t bytes = (l->n + 1) * sizeof(double);
    l->w = basin__arena_alloc(a, bytes);
    l->g = basin__arena_alloc(a, bytes);
    l->next = basin__arena_alloc(a, bytes);
    l->g_next = basin__arena_alloc(a, bytes);
    l->direction = basin__arena_alloc(a, bytes);
    l->sub = l->c1 > 0 ? basin__arena_alloc(a, bytes) : l->g;
    const size_t m = (size_t)l->memory;
    l->s = basin__arena_alloc(a, m * sizeof *l->s);
    l->y = basin__arena_alloc(a, m * sizeof *l->y);
    l->curvature = basin__arena_alloc(a, m * sizeof(double));
    l->alpha = basin__arena_alloc(a, m * sizeof(double));
    for (int i = 0; i < l->memory; i++) {
        float *s = basin__arena_alloc(a, bytes / 2);
        float *y = basin__arena_alloc(a, bytes / 2);
        if (l->s) {
            l->s[i] = s;
            l->y[i] = y;
        }
    }
}

basin_status basin__lbfgs_create(basin__lbfgs **out, basin_context *ctx,
    size_t n, int memory, double c1, basin__smooth_fn smooth, void *user,
    basin_error *error)
{
    *out = NULL;
    basin__lbfgs *l = basin_alloc(ctx, sizeof *l);
    BASIN_REQUIRE(l, error, BASIN_E_MEMORY, "no memory for L-BFGS");
    l->ctx = ctx;
    l->n = n;
    l->memory = memory;
    l->c1 = c1;
    l->smooth = smooth;
    l->user = user;
    if (!basin__arena_block(&l->block, &l->block_size, ctx, lay, l)) {
        basin_free(ctx, l, sizeof *l);
        return basin_error_set(error, BASIN_E_MEMORY,
            "no memory for L-BFGS on %zu weights with %d pairs", n, memory);
    }
    *out = l;
    return BASIN_OK;
}

void basin__lbfgs_destroy(basin__lbfgs *l)
{
    if (!l)
        return;
    basin_free(l->ctx, l->block, l->block_size);
    basin_free(l->ctx, l, sizeof *l);
}

void basin__lbfgs_follow(basin__lbfgs *l, basin__direction_fn fn, void *user)
{
    l->follow = fn;
    l->follow_user = user;
}

double *basin__lbfgs_point(basin__lbfgs *l)
{
    return l->w;
}

double *basin__lbfgs_gradient(basin__lbfgs *l)
{
    return l->g;
}

/* -------------------------------------------------------------------- value */

static double total(basin__lbfgs *l, const double *w, double smooth)
{
    return l->c1 > 0 ? smooth + l->c1 * basin__sum_abs(l->ctx, w, l->n)
                     : smooth;
}

/* The shortest of the subgradients of the whole objective. */
static void subgradient_piece(void *arg, size_t first, size_t end)
{
    basin__lbfgs *l = arg;
    const double c1 = l->c1;
    for (size_t i = first; i < end; i++) {
        const double g = l->g[i], w = l->w[i];
        if (w != 0)
            l->sub[i] = w > 0 ? g + c1 : g - c1;
        else
            l->sub[i] = g < -c1 ? g + c1 : g > c1 ? g - c1 : 0;
    }
}

static void find_subgradient(basin__lbfgs *l)
{
    if (l->c1 > 0)
        basin__pieces(l->ctx, l->n, subgradient_piece, l);
}

void basin__lbfgs_start(basin__lbfgs *l)
{
    l->pairs = l->newest = 0;
    l->value = total(l, l->w, l->smooth(l->user, l->w, l->g));
    l->evaluations = 1;
    l->step = 0;
    find_subgradient(l);
}

void basin__lbfgs_refresh(basin__lbfgs *l)
{
    l->value = total(l, l->w, l->smooth(l->user, l->w, l->g));
    l->evaluations++;
    find_subgradient(l);
}

/* ---------------------------------------------------------------- direction */

static void start_direction(void *arg, size_t first, size_t end)
{
    basin__lbfgs *l = arg;
    for (size_t i = first; i < end; i++)
        l->direction[i] = -l->sub[i];
}

static void scale_direction(void *arg, size_t first, size_t end)
{
    basin__lbfgs *l = arg;
    for (size_t i = first; i < end; i++)
        l->direction[i] *= l->scale;
}

/* Where the direction would climb, stay. */
static void align_direction(void *arg, size_t first, size_t end)
{
    basin__lbfgs *l = arg;
    for (size_t i = first; i < end; i++)
        if (l->direction[i] * l->sub[i] >= 0)
            l->direction[i] = 0;
}

/* The two loops of Nocedal 1980. */
static void find_direction(basin__lbfgs *l)
{
    double *d = l->direction;
    basin__pieces(l->ctx, l->n, start_direction, l);
    for (int k = 0; k < l->pairs; k++) {
        const int i = (l->newest - k + l->memory) % l->memory;
        l->alpha[i] =
            basin__dot_single(l->ctx, l->s[i], d, l->n) / l->curvature[i];
        basin__axpy_single(l->ctx, d, l->y[i], -l->alpha[i], l->n);
    }
    basin__pieces(l->ctx, l->n, scale_direction, l);
    for (int k = l->pairs - 1; k >= 0; k--) {
        const int i = (l->newest - k + l->memory) % l->memory;
        const double b =
            basin__dot_single(l->ctx, l->y[i], d, l->n) / l->curvature[i];
        basin__axpy_single(l->ctx, d, l->s[i], l->alpha[i] - b, l->n);
    }
    if (l->c1 > 0)
        basin__pieces(l->ctx, l->n, align_direction, l);
}

/* ------------------------------------------------------------------- search */

static void move_piece(void *arg, size_t first, size_t end)
{
    basin__lbfgs *l = arg;
    for (size_t i = first; i < end; i++)
        l->next[i] = l->w[i] + l->step * l->direction[i];
    for (size_t i = first; l->c1 > 0 && !l->straight && i < end; i++) {
        const double orthant = l->w[i] != 0 ? l->w[i] : -l->sub[i];
        if (l->next[i] * orthant <= 0)
            l->next[i] = 0;
    }
}

/* What the linear model promises for the step taken. */
static double promised(basin__lbfgs *l, double slope)
{
    if (l->c1 <= 0 || l->straight)
        return l->step * slope;
    return basin__dot(l->ctx, l->sub, l->next, l->n) -
           basin__dot(l->ctx, l->sub, l->w, l->n);
}

/* Find a step; `next` and `g_next` hold where it leads. @return its value, or
 *  NaN when there is none. */
static double search(basin__lbfgs *l, double slope)
{
    double low = 0, high = __builtin_inf();
    for (int trial = 0; trial < TRIALS; trial++) {
        basin__pieces(l->ctx, l->n, move_piece, l);
        const double value =
            total(l, l->next, l->smooth(l->user, l->next, l->g_next));
        l->evaluations++;
        const bool falls = value <= l->value + DECREASE * promised(l, slope);
        if (!falls)
            high = l->step;
        else if (l->c1 > 0 || basin__dot(l->ctx, l->g_next, l->direction,
                                  l->n) >= CURVATURE * slope)
            return value;
        else
            low = l->step;
        l->step = high < __builtin_inf() ? (low + high) / 2 : 2 * low;
    }
    return __builtin_nan("");
}

static void remember_piece(void *arg, size_t first, size_t end)
{
    basin__lbfgs *l = arg;
    float *s = l->s[l->newest], *y = l->y[l->newest];
    for (size_t i = first; i < end; i++) {
        s[i] = (float)(l->next[i] - l->w[i]);
        y[i] = (float)(l->g_next[i] - l->g[i]);
        l->direction[i] = (double)y[i]; /* it has served */
    }
}

static void remember(basin__lbfgs *l)
{
    l->newest = (l->newest + 1) % l->memory;
    basin__pieces(l->ctx, l->n, remember_piece, l);
    const double *y = l->direction;
    const double sy = basin__dot_single(l->ctx, l->s[l->newest], y, l->n);
    const double yy = basin__dot(l->ctx, y, y, l->n);
    if (!(sy > 1e-14 * yy)) { /* no curvature to learn from */
        l->newest = (l->newest - 1 + l->memory) % l->memory;
        return;
    }
    l->curvature[l->newest] = sy;
    l->scale = sy / yy;
    if (l->pairs < l->memory)
        l->pairs++;
}

/* One search along the direction. @return false: it leads nowhere */
static bool advance(basin__lbfgs *l, double slope)
{
    const double value = search(l, slope);
    if (value != value)
        return false;
    remember(l);
    double *w = l->w, *g = l->g;
    l->w = l->next;
    l->next = w;
    l->g = l->g_next;
    l->g_next = g;
    if (l->c1 <= 0)
        l->sub = l->g;
    l->value = value;
    find_subgradient(l);
    return true;
}

/* A step in a direction from elsewhere: along the segment to where it leads,
 * on which the L1 term is convex. */
static bool follow(basin__lbfgs *l)
{
    l->step = 1;
    l->straight = true;
    basin__pieces(l->ctx, l->n, move_piece, l);
    const double slope = basin__dot(l->ctx, l->g, l->direction, l->n) +
                         l->c1 * (basin__sum_abs(l->ctx, l->next, l->n) -
                                     basin__sum_abs(l->ctx, l->w, l->n));
    const bool fell = slope < 0 && advance(l, slope);
    l->straight = false;
    return fell;
}

bool basin__lbfgs_step(basin__lbfgs *l)
{
    const basin__direction other =
        l->follow ? l->follow(l->follow_user, l->w, l->g, l->sub, l->direction)
                  : BASIN__DIRECTION_NONE;
    if (other == BASIN__DIRECTION_STOP)
        return false;
    if (other == BASIN__DIRECTION_FOUND && follow(l))
        return true;
    if (l->pairs == 0)
        l->scale = 1;
    find_direction(l);
    double slope = basin__dot(l->ctx, l->direction, l->sub, l->n);
    if (!(slope < 0)) {
        if (l->pairs == 0)
            return false;
        l->pairs = 0;
        return basin__lbfgs_step(l);
    }
    l->step = l->pairs ? 1
                       : 1 / __builtin_sqrt(basin__dot(
                                 l->ctx, l->direction, l->direction, l->n));
    if (advance(l, slope))
        return true;
    if (l->pairs == 0)
        return false;
    l->pairs = 0; /* once more, downhill */
    return basin__lbfgs_step(l);
}

basin__lbfgs_state basin__lbfgs_state_of(const basin__lbfgs *l)
{
    return (basin__lbfgs_state){.value = l->value,
        .norm = __builtin_sqrt(basin__dot(l->ctx, l->w, l->w, l->n)),
        .subgradient = __builtin_sqrt(basin__dot(l->ctx, l->sub, l->sub, l->n)),
        .step = l->step,
        .evaluations = l->evaluations};
}

/* ------------------------------------------------------------- checkpoints */

void basin__lbfgs_numbers_get(const basin__lbfgs *l, double *out)
{
    const double all[] = {
        l->pairs, l->newest, l->scale, l->value, l->evaluations};
    memcpy(out, all, sizeof all);
}

/* Of a number from a file, which may be any. */
static int within(double value, int most)
{
    return !(value > 0) ? 0 : value < most ? (int)value : most;
}

void basin__lbfgs_numbers_set(basin__lbfgs *l, const double *in)
{
    l->pairs = within(in[0], l->memory);
    l->newest = within(in[1], l->memory - 1);
    l->scale = in[2];
    l->value = in[3];
    l->evaluations = within(in[4], INT32_MAX / 2); /* there will be more */
    find_subgradient(l);
}

int basin__lbfgs_blocks(basin__lbfgs *l, basin__block *out)
{
    int n = 0;
    out[n++] = (basin__block){.name = "point", .data = l->w, .n = l->n};
    out[n++] = (basin__block){.name = "slope", .data = l->g, .n = l->n};
    out[n++] = (basin__block){
        .name = "curvature", .data = l->curvature, .n = (size_t)l->memory};
    for (int i = 0; i < l->memory; i++) {
        out[n++] = (basin__block){"move", i, BASIN__F32, l->s[i], l->n};
        out[n++] = (basin__block){"turn", i, BASIN__F32, l->y[i], l->n};
    }
    return n;
}
