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
    double *pos, *neg, *up, *down;
    double damp;
    int products;
};

static size_t bytes(const basin__chain_newton *s)
{
    return (s->t->chain->info.n_params + 1) * sizeof(double);
}

static double **vector_at(basin__chain_newton *s, int i)
{
    double **all[] = {&s->x, &s->r, &s->z, &s->p, &s->hp, &s->scale, &s->d, &s->hd, &s->hx, &s->w, &s->g, &s->sign, &s->damped, &s->extra, &s->dual, &s->pos, &s->neg, &s->up, &s->down};
    return all[i];
}

enum { VECTORS = 19 };

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
    const double enough = rz * until * until;
    for (int k = 0; k < most && rz > enough; k++) {
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

static double most_step(double x, double dx, double most)
{
    return dx < 0 && -x / dx < most ? -x / dx : most;
}

static double products_mean(const basin__chain_newton *s)
{
    double sum = 0;
    for (int32_t i = 0; i < s->n; i++)
        sum += s->pos[i] * s->up[i] + s->neg[i] * s->down[i];
    return sum / (2 * s->n);
}

static double interior_step(basin__chain_newton *s, double mu, double inner)
{
    const double c1 = s->t->def.c1;
    for (int32_t i = 0; i < s->n; i++) {
        const double p = s->pos[i], q = s->neg[i], a = s->up[i],
                     b = s->down[i], g = s->g[i] + s->hd[i];
        const double theta = p / a + q / b;
        const double rho = (mu / a - p) - (mu / b - q) -
                           p / a * (g + c1 - a) + q / b * (c1 - g - b);
        s->sign[i] = 1;
        s->extra[i] = 1 / theta;
        s->r[i] = rho / theta;
    }
    solve(s, 0, inner);
    double *dp = s->r, *dq = s->z, *da = s->p, *db = s->hp, most = 1;
    for (int32_t i = 0; i < s->n; i++) {
        const double p = s->pos[i], q = s->neg[i], a = s->up[i],
                     b = s->down[i], g = s->g[i] + s->hd[i];
        if (p / a > q / b) {
            db[i] = -s->hx[i] + c1 - g - b;
            dq[i] = (mu - q * b - q * db[i]) / b;
            dp[i] = s->x[i] + dq[i];
            da[i] = (mu - p * a - a * dp[i]) / p;
        } else {
            da[i] = s->hx[i] + g + c1 - a;
            dp[i] = (mu - p * a - p * da[i]) / a;
            dq[i] = dp[i] - s->x[i];
            db[i] = (mu - q * b - b * dq[i]) / q;
        }
        most = most_step(p, dp[i], most);
        most = most_step(q, dq[i], most);
        most = most_step(a, da[i], most);
        most = most_step(b, db[i], most);
    }
    const double step = most < 1 ? .99 * most : 1;
    for (int32_t i = 0; i < s->n; i++) {
        s->pos[i] += step * dp[i];
        s->neg[i] += step * dq[i];
        s->up[i] += step * da[i];
        s->down[i] += step * db[i];
        s->d[i] = s->pos[i] - s->neg[i] - s->w[i];
        s->hd[i] += step * s->hx[i];
    }
    return step;
}

static double follow_path(basin__chain_newton *s, double from, double to)
{
    const double c1 = s->t->def.c1;
    for (int32_t i = 0; i < s->n; i++) {
        /* z = -g / c1 where w is 0; else 2 mu z / (c1 (1 - z^2)) = w */
        const double w = s->w[i], k = from / c1;
        double z = -s->g[i] / c1;
        if (w != 0)
            z = w / (k + __builtin_sqrt(k * k + w * w));
        else
            z = z > .9 ? .9 : z < -.9 ? -.9 : z;
        /* without taking one large number from another */
        const double low = w > 0 ? 2 * k / (k + w + __builtin_sqrt(k * k + w * w)) : 1 - z;
        const double high = w < 0 ? 2 * k / (k - w + __builtin_sqrt(k * k + w * w)) : 1 + z;
        s->up[i] = c1 * low;
        s->down[i] = c1 * high;
        s->pos[i] = from / s->up[i];
        s->neg[i] = from / s->down[i];
        s->d[i] = s->pos[i] - s->neg[i] - w;
    }
    times(s, s->d, s->hd);
    double mean = products_mean(s), sigma = .3;
    for (int k = 0; k < (int)env("STEPS", 40) && 2 * s->n * mean > to * __builtin_fabs(model(s, s->d, s->hd)) && mean > 1e-13; k++) {
        const int before = s->products;
        const double step = interior_step(s, sigma * mean, env("SINNER", .1));
        mean = products_mean(s);
        sigma = step > .9 ? env("SIGMA", .1) : step > .5 ? .3 : step > .2 ? .6 : .9;
        if (env("VERBOSE", 0) > 1)
            fprintf(stderr, "    mean %.2e step %.3g products %d model %.6e\n", mean, step, s->products - before, model(s, s->d, s->hd));
    }
    const double root = env("CUT", 1) * __builtin_sqrt(mean);
    for (int32_t i = 0; i < s->n; i++)
        if (s->pos[i] < root && s->neg[i] < root)
            s->d[i] = -s->w[i];
    times(s, s->d, s->hd);
    return mean;
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
    {
        double from = env("FROM", .05) * s->t->progress.residual;
        from = from > .03 ? .03 : from;
        follow_path(s, from, env("TO", .05));
    }
    value = model(s, s->d, s->hd);
    now = find_face(s);
    for (int32_t i = 0; i < s->n; i++)
        s->extra[i] = s->damp * s->scale[i];
    fprintf(stderr, "  path: value %.4e rel %.2e hv %d\n", value, now / size, s->products);
    const int rounds = (int)env("ROUNDS", 30), budget = (int)env("BUDGET", 400);
    int shorts = 0, round = 0, crossing = 0, first = 0;
    for (; round < rounds && now > eta * size && s->products < budget;
         round++) {
        solve(s, now, env("INNER", .1));
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
