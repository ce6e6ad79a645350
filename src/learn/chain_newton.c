/* SPDX-License-Identifier: MIT
 *
 * Newton's method for a smooth and convex function with an L1 term (Lee, Sun
 * and Saunders 2014): the smooth part is replaced by its quadratic at w, whose
 * minimum with the L1 term is looked for as far as it pays. Weights that are 0,
 * and whose slope would not move them, are left out of it.
 */
#include "learn/chain_newton.h"

#include "learn/chain_curvature.h"
#include "learn/l1_quadratic.h"
#include "learn/vectors.h"

#include <string.h>

/* By how much the model's slope shrinks at least. */
#define SHRINK 0.1
/* Products with the Hessian in one direction. */
enum { PRODUCTS = 1000 };
/* Labels that are less likely than that are left out of the Hessian; and than
 * the root of the residual times that. */
#define MOST_UNLIKELY 3e-4
#define UNLIKELY      0.003
/* Added to the Hessian's diagonal, so that nothing is divided by 0. */
#define LEAST_CURVATURE 1e-3

struct basin__chain_newton {
    basin_chain_trainer *t;
    basin__chain_curvature *curvature;
    basin__l1_quadratic model;
    int32_t *index; /* (n_params) the weights in the model */
    bool stopped;
};

static size_t index_size(const basin__chain_newton *s)
{
    return (s->t->chain->info.n_params + 1) * sizeof(int32_t);
}

/* out = H v, with what c2 adds to H. Once it is to stop nothing is computed any
 * more, and what goes on with these zeros ends soon. */
static void times(void *user, const double *v, double *out)
{
    basin__chain_newton *s = user;
    const basin_chain_train_def *def = &s->t->def;
    s->stopped = s->stopped || (def->pulse && !def->pulse(def->user));
    if (s->stopped) {
        memset(out, 0, (size_t)s->model.n * sizeof *out);
        return;
    }
    basin__chain_curvature_times(s->curvature, v, out);
    for (int32_t i = 0; i < s->model.n; i++)
        out[i] += 2 * def->c2 * v[i];
}

void basin__chain_newton_destroy(basin__chain_newton *s)
{
    if (!s)
        return;
    basin__chain_curvature_destroy(s->curvature);
    basin__l1_finish(&s->model);
    basin_free(s->t->ctx, s->index, index_size(s));
    basin_free(s->t->ctx, s, sizeof *s);
}

basin_status basin__chain_newton_create(
    basin__chain_newton **out, basin_chain_trainer *t, basin_error *error)
{
    *out = NULL;
    basin__chain_newton *s = basin_alloc(t->ctx, sizeof *s);
    BASIN_REQUIRE(s, error, BASIN_E_MEMORY, "no memory for Newton's method");
    s->t = t;
    basin__l1_init(&s->model, t->ctx, times, s);
    s->model.c1 = t->def.c1;
    s->index = basin_alloc(t->ctx, index_size(s));
    const basin_status status =
        s->index
            ? basin__chain_curvature_create(&s->curvature, &t->objective, error)
            : basin_error_set(error, BASIN_E_MEMORY,
                  "no memory for Newton's method on %zu weights",
                  t->chain->info.n_params);
    if (status != BASIN_OK) {
        basin__chain_newton_destroy(s);
        return status;
    }
    *out = s;
    return BASIN_OK;
}

/* The nearer the minimum, the more exact. */
static double least_likely(double residual)
{
    const double least = UNLIKELY * __builtin_sqrt(residual);
    return least < MOST_UNLIKELY ? least : MOST_UNLIKELY;
}

/* The weights that the model is of. False: no memory. */
static bool take(
    basin__chain_newton *s, const double *w, const double *g, const double *sub)
{
    basin_chain *chain = s->t->chain;
    const size_t all = chain->info.n_params;
    basin__l1_quadratic *m = &s->model;
    int32_t n = 0;
    for (size_t i = 0; i < all; i++)
        if (w[i] != 0 || sub[i] != 0)
            s->index[n++] = (int32_t)i;
    memcpy(basin_chain_params(chain), w, all * sizeof *w);
    basin_chain_changed(chain);
    if (basin__l1_reserve(m, n, NULL) != BASIN_OK ||
        basin__chain_curvature_take(s->curvature, s->index, n,
            least_likely(s->t->progress.residual), NULL) != BASIN_OK)
        return false;
    const double *diagonal = basin__chain_curvature_diagonal(s->curvature);
    for (int32_t i = 0; i < n; i++) {
        m->w[i] = w[s->index[i]];
        m->g[i] = g[s->index[i]];
        m->scale[i] = diagonal[i] + 2 * s->t->def.c2 + LEAST_CURVATURE;
    }
    return true;
}

basin__direction basin__chain_newton_direction(void *self, const double *w,
    const double *g, const double *sub, double *direction)
{
    basin__chain_newton *s = self;
    basin__l1_quadratic *m = &s->model;
    if (!take(s, w, g, sub))
        return BASIN__DIRECTION_NONE;
    const double residual = s->t->progress.residual;
    const double root = __builtin_sqrt(residual);
    const double size = basin__l1_start(m);
    basin__l1_active(m, (root < SHRINK ? root : SHRINK) * size, PRODUCTS);
    memset(direction, 0, s->t->chain->info.n_params * sizeof *direction);
    for (int32_t i = 0; i < m->n; i++)
        direction[s->index[i]] = m->d[i];
    if (s->stopped)
        return BASIN__DIRECTION_STOP;
    return basin__l1_value(m) < 0 ? BASIN__DIRECTION_FOUND
                                  : BASIN__DIRECTION_NONE;
}

bool basin__chain_newton_stopped(const basin__chain_newton *s)
{
    return s->stopped;
}
