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
/* Weights that are 0 leave it where the squares of their slopes, over the
 * diagonal, sum to more than that part of the others'. */
#define HELD 1.0

/* ------------------------------------------------------------ init, finish */

static void lay(void *self, basin__arena *a)
{
    basin__l1_quadratic *q = self;
    double **const all[] = {&q->w, &q->g, &q->scale, &q->d, &q->hd, &q->sign,
        &q->x, &q->hx, &q->r, &q->z, &q->p, &q->hp};
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

/* What is added to the diagonal. */
static double extra(const basin__l1_quadratic *q, int32_t i)
{
    return DAMPING * q->scale[i];
}

/* z = r over the diagonal. @return r.z */
static double precondition(basin__l1_quadratic *q)
{
    for (int32_t i = 0; i < q->n; i++)
        q->z[i] = q->r[i] / (q->scale[i] + extra(q, i));
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
        sum += extra(q, i) * q->p[i] * q->p[i];
    return sum;
}

/* Conjugate gradients from 0 for (H + extra) x = r on weights whose sign is not
 * 0: x, and H x into hx; until the residual shrinks to SHRINK of itself, or a
 * weight comes to 0. */
static void solve(basin__l1_quadratic *q)
{
    for (int32_t i = 0; i < q->n; i++)
        q->x[i] = q->hx[i] = 0;
    double rz = precondition(q);
    const double enough = rz * SHRINK * SHRINK;
    memcpy(q->p, q->z, (size_t)q->n * sizeof *q->p);
    for (int k = 0; k < PRODUCTS && rz > enough; k++) {
        const double curvature = curve(q);
        if (!(curvature > 0))
            break;
        double alpha = rz / curvature;
        const int32_t hit = first_hit(q, &alpha);
        for (int32_t i = 0; i < q->n; i++) {
            q->x[i] += alpha * q->p[i];
            q->hx[i] += alpha * q->hp[i];
            if (q->sign[i] != 0)
                q->r[i] -= alpha * (q->hp[i] + extra(q, i) * q->p[i]);
        }
        if (hit >= 0) {
            q->x[hit] = -(q->w[hit] + q->d[hit]);
            return;
        }
        const double next = precondition(q), beta = next / rz;
        rz = next;
        for (int32_t i = 0; i < q->n; i++)
            q->p[i] = q->z[i] + beta * q->p[i];
    }
}

/* Weights that are 0 stay there as long as their slopes are small beside those
 * of the others: else one that has come to 0 would leave it at once, and
 * conjugate gradients would hardly begin before the next one comes. */
static void hold(basin__l1_quadratic *q)
{
    double zero = 0, other = 0;
    for (int32_t i = 0; i < q->n; i++) {
        const double size = q->r[i] * q->r[i] / q->scale[i];
        if (q->w[i] + q->d[i] == 0)
            zero += size;
        else
            other += size;
    }
    if (zero > HELD * other)
        return;
    for (int32_t i = 0; i < q->n; i++)
        if (q->w[i] + q->d[i] == 0)
            q->sign[i] = q->r[i] = 0;
}

void basin__l1_active(basin__l1_quadratic *q, double until, int most_products)
{
    while (basin__l1_slope(q) > until && q->products < most_products) {
        hold(q);
        solve(q);
        for (int32_t i = 0; i < q->n; i++) {
            q->d[i] += q->x[i];
            q->hd[i] += q->hx[i];
        }
    }
}
