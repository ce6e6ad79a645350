/* SPDX-License-Identifier: MIT
 *
 * A quadratic with an L1 term: conjugate gradients on a face of the orthants
 * (Polyak 1969), with the diagonal as preconditioner.
 */
#include "learn/l1_quadratic.h"

#include "base/memory.h"
#include "learn/vectors.h"

#include <string.h>

/* Of one solution at most so many products. */
enum { PRODUCTS = 300 };
/* What is added to H on a face, as a part of its diagonal: where features are
 * copies of each other H is singular there. */
#define DAMPING 1e-4
/* By how much conjugate gradients shrink what is left, on a face. */
#define SHRINK 0.1
/* Proximal steps at a time, and the longest, over the diagonal. */
enum { PROXIMAL = 20 };
#define LONGEST 100.0

/* ------------------------------------------------------------ init, finish */

static void lay(void *self, basin__arena *a)
{
    basin__l1_quadratic *q = self;
    double **const all[] = {&q->w, &q->g, &q->scale, &q->d, &q->hd, &q->extra,
        &q->sign, &q->x, &q->hx, &q->r, &q->z, &q->p, &q->hp, &q->above,
        &q->below, &q->rises, &q->falls, &q->step[0], &q->step[1], &q->step[2],
        &q->step[3]};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        *all[i] = basin__arena_alloc(a, (size_t)q->room * sizeof(double));
}

void basin__l1_init(basin__l1_quadratic *q, basin_context *ctx,
    basin__product_fn product, void *user)
{
    *q = (basin__l1_quadratic){.ctx = ctx, .product = product, .user = user};
}

void basin__l1_finish(basin__l1_quadratic *q)
{
    if (q->memory)
        basin_free(q->ctx, q->memory, q->memory_size);
    q->memory = NULL;
    q->room = 0;
}

basin_status basin__l1_reserve(
    basin__l1_quadratic *q, int32_t n, basin_error *error)
{
    q->n = n;
    if (n <= q->room)
        return BASIN_OK;
    basin__l1_finish(q);
    q->room = n + n / 8;
    if (basin__arena_block(&q->memory, &q->memory_size, q->ctx, lay, q))
        return BASIN_OK;
    q->room = 0;
    return basin_error_set(error, BASIN_E_MEMORY,
        "no memory for Newton's method on %d weights", n);
}

/* -------------------------------------------------------------------- value */

double basin__l1_value(const basin__l1_quadratic *q)
{
    double sum = 0;
    for (int32_t i = 0; i < q->n; i++)
        sum += (q->g[i] + q->hd[i] / 2) * q->d[i] +
               q->c1 * (__builtin_fabs(q->w[i] + q->d[i]) -
                           __builtin_fabs(q->w[i]));
    return sum;
}

/* The face: the signs, and the residual there into r. */
double basin__l1_slope(basin__l1_quadratic *q)
{
    const double c1 = q->c1;
    for (int32_t i = 0; i < q->n; i++) {
        const double u = q->w[i] + q->d[i], g = q->g[i] + q->hd[i];
        q->sign[i] = u > 0 ? 1 : u < 0 ? -1 : g < -c1 ? 1 : g > c1 ? -1 : 0;
        q->r[i] = q->sign[i] == 0 ? 0 : -(g + c1 * q->sign[i]);
    }
    return __builtin_sqrt(basin__dot(q->ctx, q->r, q->r, (size_t)q->n));
}

double basin__l1_start(basin__l1_quadratic *q)
{
    q->products = 0;
    for (int32_t i = 0; i < q->n; i++)
        q->d[i] = q->hd[i] = 0;
    return basin__l1_slope(q);
}

/* -------------------------------------------------------------------- solve */

/* The first weight that comes to 0 along p, if one does before alpha. */
static int32_t first_hit(const basin__l1_quadratic *q, double *alpha)
{
    int32_t hit = -1;
    for (int32_t i = 0; i < q->n; i++) {
        const double u = q->w[i] + q->d[i] + q->x[i];
        if (q->sign[i] == 0 || q->p[i] * q->sign[i] >= 0 ||
            (u + *alpha * q->p[i]) * q->sign[i] >= 0)
            continue;
        *alpha = -u / q->p[i];
        hit = i;
    }
    return hit;
}

/* z = r over the diagonal. @return r.z */
static double precondition(basin__l1_quadratic *q)
{
    for (int32_t i = 0; i < q->n; i++)
        q->z[i] = q->r[i] / (q->scale[i] + q->extra[i]);
    return basin__dot(q->ctx, q->r, q->z, (size_t)q->n);
}

/* hp = H p. @return p.(H + extra) p */
static double curve(basin__l1_quadratic *q)
{
    const size_t n = (size_t)q->n;
    q->product(q->user, q->p, q->hp);
    q->products++;
    double sum = basin__dot(q->ctx, q->p, q->hp, n);
    for (int32_t i = 0; i < q->n; i++)
        sum += q->extra[i] * q->p[i] * q->p[i];
    return sum;
}

bool basin__l1_solve(basin__l1_quadratic *q, double part, bool inside)
{
    for (int32_t i = 0; i < q->n; i++)
        q->x[i] = q->hx[i] = 0;
    double rz = precondition(q);
    const double enough = rz * part * part;
    memcpy(q->p, q->z, (size_t)q->n * sizeof *q->p);
    for (int k = 0; k < PRODUCTS && rz > enough; k++) {
        const double curvature = curve(q);
        if (!(curvature > 0))
            break;
        double alpha = rz / curvature;
        const int32_t hit = inside ? first_hit(q, &alpha) : -1;
        for (int32_t i = 0; i < q->n; i++) {
            q->x[i] += alpha * q->p[i];
            q->hx[i] += alpha * q->hp[i];
            if (q->sign[i] != 0)
                q->r[i] -= alpha * (q->hp[i] + q->extra[i] * q->p[i]);
        }
        if (hit >= 0) {
            q->x[hit] = -(q->w[hit] + q->d[hit]);
            return true;
        }
        const double next = precondition(q), beta = next / rz;
        rz = next;
        for (int32_t i = 0; i < q->n; i++)
            q->p[i] = q->z[i] + beta * q->p[i];
    }
    return false;
}

/* x to the minimum of |x - (u - t slope)|^2 / 2 t + c1 |u + x|_1 in the metric
 * of the diagonal. @return whether signs change */
static bool shrink(basin__l1_quadratic *q, double t)
{
    bool changed = false;
    for (int32_t i = 0; i < q->n; i++) {
        const double u = q->w[i] + q->d[i], s = t / q->scale[i];
        const double to = u - s * (q->g[i] + q->hd[i]), least = s * q->c1;
        const double v = to > least ? to - least : to < -least ? to + least : 0;
        changed |= (v > 0) != (u > 0) || (v < 0) != (u < 0);
        q->p[i] = v;
        q->x[i] = v - u;
    }
    return changed;
}

/* Proximal steps, whose length is what the last one has learned (Wright, Nowak
 * and Figueiredo 2009), as long as they change which weights are 0. */
static void identify(basin__l1_quadratic *q, int most_products)
{
    const size_t n = (size_t)q->n;
    bool changed = true;
    for (int k = 0; changed && k < PROXIMAL && q->products < most_products;
         k++) {
        changed = shrink(q, q->length);
        q->product(q->user, q->x, q->hx);
        q->products++;
        double fall = 0, size = 0;
        for (size_t i = 0; i < n; i++) {
            fall += (q->g[i] + q->hd[i] + q->hx[i] / 2) * q->x[i] +
                    q->c1 * (__builtin_fabs(q->p[i]) -
                                __builtin_fabs(q->w[i] + q->d[i]));
            size += q->scale[i] * q->x[i] * q->x[i];
        }
        const double curvature = basin__dot(q->ctx, q->x, q->hx, n);
        if (fall > -1e-4 * size / q->length) {
            q->length /= 2;
            changed = true;
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            q->d[i] = q->p[i] == 0 ? -q->w[i] : q->d[i] + q->x[i];
            q->hd[i] += q->hx[i];
        }
        q->length = size < LONGEST * curvature ? size / curvature : LONGEST;
    }
}

void basin__l1_active(basin__l1_quadratic *q, double until, int most_products)
{
    for (int32_t i = 0; i < q->n; i++)
        q->extra[i] = DAMPING * q->scale[i];
    q->length = 1;
    while (basin__l1_slope(q) > until && q->products < most_products) {
        identify(q, most_products);
        if (basin__l1_slope(q) <= until)
            break;
        basin__l1_solve(q, SHRINK, true);
        for (int32_t i = 0; i < q->n; i++) {
            q->d[i] += q->x[i];
            q->hd[i] += q->hx[i];
        }
    }
}
