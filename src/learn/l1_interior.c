/* SPDX-License-Identifier: MIT
 *
 * A quadratic with an L1 term by a primal-dual interior point method (Kim et
 * al. 2007; the steps as in Nocedal and Wright 2006, section 16.6). A weight u
 * is the difference of two that are above 0, and has two slacks,
 *
 *     u = above - below,  rises = c1 + slope,  falls = c1 - slope,
 *
 * and above rises = below falls = mu, which goes to 0. Weights that are to be
 * 0 are held there by their slacks, instead of being tried one by one.
 */
#include "learn/l1_quadratic.h"

#include <string.h>

enum { STEPS = 40 };
/* How exactly each Newton equation is solved, and how near to the wall a step
 * may go. */
#define SOLVED 0.1
#define WALL   0.99
/* No smaller products: there float64 ends. */
#define LEAST_MU 1e-14

/* A point on the path: where w is not 0, so that u = w; where it is, by the
 * slope. */
static void place(basin__l1_quadratic *q, double mu)
{
    const double c1 = q->c1, k = mu / c1;
    for (int32_t i = 0; i < q->n; i++) {
        const double w = q->w[i], size = __builtin_fabs(w);
        double z = -q->g[i] / c1;
        z = z > .9 ? .9 : z < -.9 ? -.9 : z;
        double low = 1 - z, high = 1 + z;
        if (w != 0) {
            /* 2 k z / (1 - z^2) = w; no small number is a difference */
            const double sum = k + __builtin_sqrt(k * k + w * w);
            const double small = 2 * k / (sum + size);
            low = w > 0 ? small : 1 + size / sum;
            high = w > 0 ? 1 + size / sum : small;
        }
        q->rises[i] = c1 * low;
        q->falls[i] = c1 * high;
        q->above[i] = mu / q->rises[i];
        q->below[i] = mu / q->falls[i];
        q->d[i] = q->above[i] - q->below[i] - w;
    }
    q->product(q->user, q->d, q->hd);
    q->products++;
}

/* The mean of the products. */
static double mean(const basin__l1_quadratic *q)
{
    double sum = 0;
    for (int32_t i = 0; i < q->n; i++)
        sum += q->above[i] * q->rises[i] + q->below[i] * q->falls[i];
    return sum / (2 * (double)q->n);
}

/* About how far the value is above the least: the products, were the slacks
 * what the slope says. */
static double gap(const basin__l1_quadratic *q)
{
    double sum = 0;
    for (int32_t i = 0; i < q->n; i++) {
        const double slope = q->g[i] + q->hd[i];
        sum += q->above[i] * __builtin_fabs(q->c1 + slope) +
               q->below[i] * __builtin_fabs(q->c1 - slope);
    }
    return sum;
}

/* Newton's equation, with everything but x eliminated. */
static void set_equation(basin__l1_quadratic *q, double mu)
{
    for (int32_t i = 0; i < q->n; i++) {
        const double u = q->above[i], v = q->below[i];
        const double a = q->rises[i], b = q->falls[i];
        const double slope = q->g[i] + q->hd[i];
        const double theta = u / a + v / b;
        q->sign[i] = 1;
        q->extra[i] = 1 / theta;
        q->r[i] = ((mu / a - u) - (mu / b - v) - u / a * (slope + q->c1 - a) +
                      v / b * (q->c1 - slope - b)) /
                  theta;
    }
}

static double most_step(double x, double dx, double most)
{
    return dx < 0 && -x / dx < most ? -x / dx : most;
}

/* The other steps that x implies. What x leaves unsolved goes to the slack of
 * the larger of the two, where it is small beside what it is added to.
 * @return how far all stay above 0 */
static double find_steps(basin__l1_quadratic *q, double mu)
{
    double most = 1 / WALL;
    for (int32_t i = 0; i < q->n; i++) {
        const double u = q->above[i], v = q->below[i];
        const double a = q->rises[i], b = q->falls[i];
        const double slope = q->g[i] + q->hd[i];
        double du, dv, da, db;
        if (u / a > v / b) {
            db = -q->hx[i] + q->c1 - slope - b;
            dv = (mu - v * b - v * db) / b;
            du = q->x[i] + dv;
            da = (mu - u * a - a * du) / u;
        } else {
            da = q->hx[i] + slope + q->c1 - a;
            du = (mu - u * a - u * da) / a;
            dv = du - q->x[i];
            db = (mu - v * b - b * dv) / v;
        }
        most = most_step(u, du, most);
        most = most_step(v, dv, most);
        most = most_step(a, da, most);
        most = most_step(b, db, most);
        q->step[0][i] = du;
        q->step[1][i] = dv;
        q->step[2][i] = da;
        q->step[3][i] = db;
    }
    return WALL * most;
}

static void move(basin__l1_quadratic *q, double step)
{
    for (int32_t i = 0; i < q->n; i++) {
        q->above[i] += step * q->step[0][i];
        q->below[i] += step * q->step[1][i];
        q->rises[i] += step * q->step[2][i];
        q->falls[i] += step * q->step[3][i];
        q->d[i] = q->above[i] - q->below[i] - q->w[i];
        q->hd[i] += step * q->hx[i];
    }
}

/* Weights that are smaller than their slacks become 0. */
static void round_off(basin__l1_quadratic *q, double mu)
{
    const double least = __builtin_sqrt(mu);
    for (int32_t i = 0; i < q->n; i++)
        if (q->above[i] < least && q->below[i] < least)
            q->d[i] = -q->w[i];
    q->product(q->user, q->d, q->hd);
    q->products++;
}

void basin__l1_interior(
    basin__l1_quadratic *q, double mu, double part, int most_products)
{
    place(q, mu);
    double shrink = .3;
    for (int k = 0; k < STEPS && q->products < most_products; k++) {
        mu = mean(q);
        if (mu < LEAST_MU || gap(q) <= -part * basin__l1_value(q))
            break;
        set_equation(q, shrink * mu);
        basin__l1_solve(q, SOLVED, false);
        const double step = find_steps(q, shrink * mu);
        move(q, step);
        shrink = step > .9 ? .1 : step > .5 ? .3 : step > .2 ? .6 : .9;
    }
    round_off(q, mu);
}
