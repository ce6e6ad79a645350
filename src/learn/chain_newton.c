/* SPDX-License-Identifier: MIT
 *
 * Newton's method for chains with an L1 term (Byrd et al. 2016; Andrew and Gao
 * 2007 for the orthant). Once it is known which weights are not 0, and of which
 * sign, |W|_1 is linear, and what is left is smooth: its Newton equation is
 * solved by conjugate gradients, which stop early (Dembo and Steihaug 1983).
 */
#include "learn/chain_newton.h"

#include "learn/chain_curvature.h"
#include "learn/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct basin__chain_newton {
    basin_chain_trainer *t;
    basin__chain_curvature *curvature;
    int32_t *index; /* (n_params) the weights of the face */
    int32_t n;
    double *x, *r, *z, *p, *hp, *scale; /* (n_params) */
};

static size_t bytes(const basin__chain_newton *s)
{
    return (s->t->chain->info.n_params + 1) * sizeof(double);
}

static double **vector_at(basin__chain_newton *s, int i)
{
    double **all[] = {&s->x, &s->r, &s->z, &s->p, &s->hp, &s->scale};
    return all[i];
}

enum { VECTORS = 6 };

void basin__chain_newton_destroy(basin__chain_newton *s)
{
    if (!s)
        return;
    basin__chain_curvature_destroy(s->curvature);
    basin_free(s->t->ctx, s->index, bytes(s) / 2);
    for (int i = 0; i < VECTORS; i++)
        basin_free(s->t->ctx, *vector_at(s, i), bytes(s));
    basin_free(s->t->ctx, s, sizeof *s);
}

basin_status basin__chain_newton_create(
    basin__chain_newton **out, basin_chain_trainer *t, basin_error *error)
{
    *out = NULL;
    basin__chain_newton *s = basin_alloc(t->ctx, sizeof *s);
    BASIN_REQUIRE(s, error, BASIN_E_MEMORY, "no memory for Newton's method");
    s->t = t;
    s->index = basin_alloc(t->ctx, bytes(s) / 2);
    bool all = s->index;
    for (int i = 0; i < VECTORS; i++)
        all = (*vector_at(s, i) = basin_alloc(t->ctx, bytes(s))) && all;
    const basin_status status =
        all ? basin__chain_curvature_create(&s->curvature, &t->objective, error)
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

static double env(const char *n, double d)
{
    const char *v = getenv(n);
    return v ? atof(v) : d;
}

static void times(
    basin__chain_newton *s, const double *v, double *out, double damp)
{
    const double ridge = 2 * s->t->def.c2;
    basin__chain_curvature_times(s->curvature, v, out);
    for (int32_t i = 0; i < s->n; i++)
        out[i] += ridge * v[i] + damp * s->scale[i] * v[i];
}

bool basin__chain_newton_direction(
    void *self, const double *w, const double *sub, double *direction)
{
    basin__chain_newton *s = self;
    basin_context *ctx = s->t->ctx;
    const size_t all = s->t->chain->info.n_params;
    int32_t n = 0, entering = 0;
    memcpy(basin_chain_params(s->t->chain), w, all * sizeof *w);
    basin_chain_changed(s->t->chain);
    for (size_t i = 0; i < all; i++)
        if (w[i] != 0 || sub[i] != 0) {
            entering += w[i] == 0;
            s->index[n++] = (int32_t)i;
        }
    s->n = n;
    if (basin__chain_curvature_take(s->curvature, s->index, n, NULL) !=
        BASIN_OK)
        return false;
    const double *d = basin__chain_curvature_diagonal(s->curvature);
    const double ridge = 2 * s->t->def.c2;
    double most = 0;
    for (int32_t i = 0; i < n; i++)
        most = d[i] > most ? d[i] : most;
    for (int32_t i = 0; i < n; i++) {
        s->scale[i] = d[i] + ridge + env("FLOOR", 1e-3);
        s->r[i] = -sub[s->index[i]];
        s->x[i] = 0;
        s->z[i] = s->r[i] / s->scale[i];
        s->p[i] = s->z[i];
    }
    const double size = __builtin_sqrt(basin__dot(ctx, s->r, s->r, n));
    const double residual = s->t->progress.residual;
    double eta = env("ETA", .1);
    const double root = __builtin_sqrt(residual);
    eta = root < eta ? root : eta;
    const double damp = env("DAMP", 1e-4);
    double rz = basin__dot(ctx, s->r, s->z, n), rr = size;
    int k = 0;
    for (; k < (int)env("CG", 100); k++) {
        times(s, s->p, s->hp, damp);
        const double php = basin__dot(ctx, s->p, s->hp, n);
        if (!(php > 0))
            break;
        const double alpha = rz / php;
        for (int32_t i = 0; i < n; i++) {
            s->x[i] += alpha * s->p[i];
            s->r[i] -= alpha * s->hp[i];
            s->z[i] = s->r[i] / s->scale[i];
        }
        rr = __builtin_sqrt(basin__dot(ctx, s->r, s->r, n));
        if (rr <= eta * size) {
            k++;
            break;
        }
        const double next = basin__dot(ctx, s->r, s->z, n);
        const double beta = next / rz;
        rz = next;
        for (int32_t i = 0; i < n; i++)
            s->p[i] = s->z[i] + beta * s->p[i];
    }
    memset(direction, 0, all * sizeof *direction);
    int32_t wrong = 0, crossing = 0;
    for (int32_t i = 0; i < n; i++) {
        const int32_t f = s->index[i];
        if (w[f] == 0 && s->x[i] * sub[f] >= 0) {
            wrong++;
            continue;
        }
        crossing += w[f] != 0 && w[f] * (w[f] + s->x[i]) <= 0;
        direction[f] = s->x[i];
    }
    fprintf(stderr,
        "newton: n %d entering %d wrong %d crossing %d cg %d rel %.2e sub "
        "%.3e\n",
        n, entering, wrong, crossing, k, rr / size, size);
    return k > 0;
}
