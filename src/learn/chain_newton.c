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
    double *d, *hd, *hx, *w, *g, *sign, *damped, *extra, *dual;
    double damp;
    int products;
};

static size_t bytes(const basin__chain_newton *s)
{
    return (s->t->chain->info.n_params + 1) * sizeof(double);
}

static double **vector_at(basin__chain_newton *s, int i)
{
    double **all[] = {&s->x, &s->r, &s->z, &s->p, &s->hp, &s->scale, &s->d, &s->hd, &s->hx, &s->w, &s->g, &s->sign, &s->damped, &s->extra, &s->dual};
    return all[i];
}

enum { VECTORS = 15 };

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

static double env(const char*n,double d){const char*v=getenv(n);return v?atof(v):d;}

/* out = H v, v being on all of the weights looked at. */
static void times(basin__chain_newton *s, const double *v, double *out)
{
    const double ridge = 2 * s->t->def.c2;
    basin__chain_curvature_times(s->curvature, v, out);
    for (int32_t i = 0; i < s->n; i++)
        out[i] += ridge * v[i];
    s->products++;
}

static double length(const basin__chain_newton *s, const double *v)
{
    return __builtin_sqrt(basin__dot(s->t->ctx, v, v, (size_t)s->n));
}

/* Where the model stands: which weights are free, of which sign, and the
 * gradient on the face with its sign turned, into s->r. @return its length */
static double find_face(basin__chain_newton *s)
{
    const double c1 = s->t->def.c1;
    for (int32_t i = 0; i < s->n; i++) {
        const double u = s->w[i] + s->d[i], g = s->g[i] + s->hd[i];
        s->sign[i] = u > 0 ? 1 : u < 0 ? -1 : g < -c1 ? 1 : g > c1 ? -1 : 0;
        s->r[i] = s->sign[i] == 0 ? 0 : -(g + c1 * s->sign[i]);
    }
    return length(s, s->r);
}

/* The model at d, less that at 0. */
static double model(const basin__chain_newton *s, const double *d,
    const double *hd)
{
    double sum = 0;
    for (int32_t i = 0; i < s->n; i++)
        sum += (s->g[i] + hd[i] / 2) * d[i] +
               s->t->def.c1 * (__builtin_fabs(s->w[i] + d[i]) -
                                  __builtin_fabs(s->w[i]));
    return sum;
}

/* Conjugate gradients on the face, from 0: s->x, and H times it. @return by
 * how much shorter the gradient is */
static double solve(basin__chain_newton *s, double size, double until)
{
    const size_t n = (size_t)s->n;
    basin_context *ctx = s->t->ctx;
    const int most = (int)env("CG", 100);
    memset(s->x, 0, n * sizeof *s->x);
    memset(s->hx, 0, n * sizeof *s->hx);
    for (int32_t i = 0; i < s->n; i++)
        s->p[i] = s->z[i] = s->r[i] / (s->scale[i] + s->extra[i]);
    double rz = basin__dot(ctx, s->r, s->z, n), now = size;
    for (int k = 0; k < most && now > until; k++) {
        times(s, s->p, s->hp);
        for (int32_t i = 0; i < s->n; i++)
            s->damped[i] = s->hp[i] + s->extra[i] * s->p[i];
        const double php = basin__dot(ctx, s->p, s->damped, n);
        if (!(php > 0))
            break;
        const double alpha = rz / php;
        for (int32_t i = 0; i < s->n; i++) {
            s->x[i] += alpha * s->p[i];
            s->hx[i] += alpha * s->hp[i];
            if (s->sign[i] != 0)
                s->r[i] -= alpha * s->damped[i];
            s->z[i] = s->r[i] / (s->scale[i] + s->extra[i]);
        }
        now = length(s, s->r);
        const double next = basin__dot(ctx, s->r, s->z, n);
        const double beta = next / rz;
        rz = next;
        for (int32_t i = 0; i < s->n; i++)
            s->p[i] = s->z[i] + beta * s->p[i];
    }
    return now;
}

/* Along x, up to where the first weight comes to 0. @return was it on the way?
 */
static double first_crossing(const basin__chain_newton *s, int *crossing)
{
    double most = 1;
    *crossing = 0;
    for (int32_t i = 0; i < s->n; i++) {
        const double u = s->w[i] + s->d[i], x = s->x[i];
        if (s->sign[i] == 0 || (u + x) * s->sign[i] >= 0)
            continue;
        ++*crossing;
        if (u != 0)
            most = -u / x < most ? -u / x : most;
    }
    return most;
}

/* d += x, weights that would cross 0 staying there. @return false: the model
 * did not fall, and nothing was changed */
static bool project(basin__chain_newton *s, double value)
{
    for (int32_t i = 0; i < s->n; i++) {
        const double u = s->w[i] + s->d[i];
        const bool out = s->sign[i] == 0 || (u + s->x[i]) * s->sign[i] <= 0;
        s->p[i] = out ? -s->w[i] : s->d[i] + s->x[i];
        s->z[i] = s->p[i] - s->d[i] - s->x[i]; /* what is cut off */
    }
    times(s, s->z, s->hp);
    for (int32_t i = 0; i < s->n; i++)
        s->hp[i] += s->hd[i] + s->hx[i];
    if (!(model(s, s->p, s->hp) < value + env("SLACK",0)))
        return false;
    memcpy(s->d, s->p, (size_t)s->n * sizeof *s->d);
    memcpy(s->hd, s->hp, (size_t)s->n * sizeof *s->hd);
    return true;
}

static void cut_short(basin__chain_newton *s, double step)
{
    for (int32_t i = 0; i < s->n; i++) {
        const double u = s->w[i] + s->d[i];
        s->d[i] += step * s->x[i];
        s->hd[i] += step * s->hx[i];
        if (s->sign[i] != 0 && u != 0 &&
            (s->w[i] + s->d[i]) * s->sign[i] <= 0)
            s->d[i] = -s->w[i];
        if (u == 0 && s->d[i] * s->sign[i] < 0)
            s->d[i] = -s->w[i];
    }
}

/* The smoothed model at d + step x, less what does not change. */
static double smoothed(const basin__chain_newton *s, double step, double width)
{
    double sum = 0;
    for (int32_t i = 0; i < s->n; i++) {
        const double d = s->d[i] + step * s->x[i], u = s->w[i] + d;
        const double hd = s->hd[i] + step * s->hx[i];
        sum += (s->g[i] + hd / 2) * d +
               s->t->def.c1 * __builtin_sqrt(u * u + width * width);
    }
    return sum;
}

/* One Newton step for the model in which |u| is sqrt(u^2 + width^2); primal
 * and dual (Chan, Golub, Mulet 1999). @return the step */
static double smooth_step(basin__chain_newton *s, double width, double inner)
{
    const double c1 = s->t->def.c1;
    for (int32_t i = 0; i < s->n; i++) {
        const double u = s->w[i] + s->d[i];
        const double size = __builtin_sqrt(u * u + width * width);
        s->sign[i] = 1;
        s->extra[i] = c1 * (1 - s->dual[i] * u / size) / size +
                      s->damp * s->scale[i];
        s->r[i] = -(s->g[i] + s->hd[i] + c1 * u / size);
    }
    const double size = length(s, s->r);
    solve(s, size, inner * size);
    const double here = smoothed(s, 0, width);
    double slope = 0, step = 1;
    for (int32_t i = 0; i < s->n; i++) {
        const double u = s->w[i] + s->d[i];
        slope += (s->g[i] + s->hd[i] +
                  c1 * u / __builtin_sqrt(u * u + width * width)) * s->x[i];
    }
    while (step > 1e-6 && !(smoothed(s, step, width) <= here + 1e-4 * step * slope))
        step /= 2;
    for (int32_t i = 0; i < s->n; i++) {
        const double u = s->w[i] + s->d[i];
        const double root = __builtin_sqrt(u * u + width * width);
        const double to =
            (u + (1 - s->dual[i] * u / root) * s->x[i]) / root;
        s->dual[i] = to > 1 ? 1 : to < -1 ? -1 : to;
        s->d[i] += step * s->x[i];
        s->hd[i] += step * s->hx[i];
    }
    return step;
}

static double follow_path(basin__chain_newton *s, double from, double to)
{
    const double c1 = s->t->def.c1;
    double width = from;
    for (int32_t i = 0; i < s->n; i++) {
        const double z = -s->g[i] / c1;
        s->dual[i] = z > 1 ? 1 : z < -1 ? -1 : z;
    }
    for (int k = 0; k < 40; k++) {
        const int before = s->products;
        const double step = smooth_step(s, width, env("SINNER", .1));
        if (env("VERBOSE", 0) > 1)
            fprintf(stderr, "    width %.2e step %.3g products %d smoothed %.9g r %.2e\n", width, step, s->products - before, smoothed(s, 0, width), length(s, s->r));
        if (step >= .25) {
            if (width <= to)
                break;
            width *= env("SHRINK", .3);
        }
    }
    for (int32_t i = 0; i < s->n; i++) {
        const double u = s->w[i] + s->d[i];
        if (__builtin_fabs(u) < env("CUT", 3) * width)
            s->d[i] = -s->w[i];
    }
    times(s, s->d, s->hd);
    return width;
}

static void take(basin__chain_newton *s, const double *w, const double *g,
    const double *sub)
{
    const size_t all = s->t->chain->info.n_params;
    s->n = 0;
    s->products = 0;
    for (size_t i = 0; i < all; i++)
        if (w[i] != 0 || sub[i] != 0) {
            s->w[s->n] = w[i];
            s->g[s->n] = g[i];
            s->index[s->n++] = (int32_t)i;
        }
}

bool basin__chain_newton_direction(void *self, const double *w,
    const double *g, const double *sub, double *direction)
{
    basin__chain_newton *s = self;
    const size_t all = s->t->chain->info.n_params;
    memcpy(basin_chain_params(s->t->chain), w, all * sizeof *w);
    basin_chain_changed(s->t->chain);
    take(s, w, g, sub);
    if (basin__chain_curvature_take(s->curvature, s->index, s->n, NULL) !=
        BASIN_OK)
        return false;
    const double *diagonal = basin__chain_curvature_diagonal(s->curvature);
    const double ridge = 2 * s->t->def.c2;
    for (int32_t i = 0; i < s->n; i++) {
        s->scale[i] = diagonal[i] + ridge + env("FLOOR", 1e-3);
        s->d[i] = s->hd[i] = 0;
    }
    s->damp = env("DAMP", 1e-4);
    const double root = __builtin_sqrt(s->t->progress.residual);
    const double most = env("ETA", .1), eta = root < most ? root : most;
    const double size = find_face(s);
    double now = size, value = 0;
    follow_path(s, env("FROM", .05), env("TO", 1e-4));
    value = model(s, s->d, s->hd);
    now = find_face(s);
    for (int32_t i = 0; i < s->n; i++)
        s->extra[i] = s->damp * s->scale[i];
    fprintf(stderr, "  path: value %.4e rel %.2e hv %d\n", value, now / size, s->products);
    const int rounds = (int)env("ROUNDS", 30), budget = (int)env("BUDGET", 400);
    int shorts = 0, round = 0, crossing = 0, first = 0;
    for (; round < rounds && now > eta * size && s->products < budget;
         round++) {
        solve(s, now, env("INNER", .1) * now);
        const double step = first_crossing(s, &crossing);
        if (!round)
            first = crossing;
        if (!project(s, value)) {
            shorts++;
            cut_short(s, step);
            times(s, s->d, s->hd);
        }
        value = model(s, s->d, s->hd);
        now = find_face(s);
        if (env("VERBOSE", 0) > 1)
            fprintf(stderr, "    round %d cross %d value %.6e now %.3e products %d step %.3g shorts %d\n", round, crossing, value, now, s->products, step, shorts);
    }
    memset(direction, 0, all * sizeof *direction);
    for (int32_t i = 0; i < s->n; i++)
        direction[s->index[i]] = s->d[i];
    if (env("VERBOSE", 1) > 0)
        fprintf(stderr, "ev %d step %.3g obj %.6f n %d cross %d..%d rounds %d shorts %d hv %d rel %.1e sub %.2e model %.3e\n",
        s->t->progress.evaluations, s->t->progress.step, s->t->progress.objective, s->n, first, crossing, round, shorts, s->products, now / size, size, value);
    return value < 0;
}
