/* SPDX-License-Identifier: MIT
 *
 * What float64 and slopes tell of a loss: contrast, Condition 5, flat points,
 * convexity, and whether its derivatives are those of its values.
 */
#include "loss/check.h"

#include "basin/math.h"

enum { SIDE = 121, LINE = 2001, FLATS = 4001, PAIRS = 6000, DRAWS = 3000 };

static bool is_finite(double x)
{
    return x - x == 0;
}

/* Where energies are looked at: from `low` to `high`. Constants may be of the
 * size of energies or not, so near 0 and as far out as they are. */
typedef struct span {
    double low, high;
} span;

enum { N_REACHES = 3 };

static span span_of(const basin__judged *j, int reach)
{
    double high = reach == 0 ? 2 : reach == 1 ? 16 : 16 * j->scale;
    return (span){j->domain == BASIN_DOMAIN_ANY ? -high : 0, high};
}

static double at_share(span s, double share)
{
    return s.low + share * (s.high - s.low);
}

/* ---------------------------------------------------------------- contrast */

/* Slopes smaller than this, beside the largest of the scan, are rounding. */
static double noise_of(const basin__judged *j)
{
    double most = 0;
    span s = span_of(j, 0);
    for (int a = 0; a < SIDE; a++)
        for (int b = 0; b < SIDE; b++) {
            double d_c, d_i;
            basin__judged_value(j, at_share(s, (a + 0.4142) / SIDE),
                at_share(s, (b + 0.5772) / SIDE), &d_c, &d_i);
            if (is_finite(d_c) && __builtin_fabs(d_c) > most)
                most = __builtin_fabs(d_c);
            if (is_finite(d_i) && __builtin_fabs(d_i) > most)
                most = __builtin_fabs(d_i);
        }
    return 1e-12 * (most < 1 ? most : 1);
}

static void look_at(const basin__judged *j, double ec, double ei, double noise,
    double hp2_margin, basin_check *out)
{
    double d_c, d_i, value = basin__judged_value(j, ec, ei, &d_c, &d_i);
    if (!is_finite(value) || !is_finite(d_c) || !is_finite(d_i))
        return;
    noise += 1e-13 * __builtin_fabs(d_c);
    if (d_i < -noise && ei - ec < hp2_margin && !out->pushes_up) {
        out->pushes_up = true;
        out->pushes_at = (basin_plane_point){ec, ei};
    }
    if (d_i > noise && !out->pulls_down) {
        out->pulls_down = true;
        out->pulls_at = (basin_plane_point){ec, ei};
    }
}

/* On a coarse grid and on a fine one; off the round numbers, where kinks are.
 */
static void scan_contrast(
    const basin__judged *j, double hp2_margin, basin_check *out)
{
    int missing = 0;
    const double noise = noise_of(j);
    for (int r = 0; r < N_REACHES; r++) {
        span s = span_of(j, r);
        for (int a = 0; a < SIDE; a++)
            for (int b = 0; b < SIDE; b++) {
                double ec = at_share(s, (a + 0.4142) / SIDE);
                double ei = at_share(s, (b + 0.5772) / SIDE);
                if (r == 0)
                    missing +=
                        !is_finite(basin__judged_value(j, ec, ei, NULL, NULL));
                look_at(j, ec, ei, noise, hp2_margin, out);
            }
    }
    out->undefined = (double)missing / (SIDE * SIDE);
    /* and close below the line, for what is narrower than the grids' steps */
    double below = 16 * j->scale;
    for (int k = 0; k < 80; k++, below /= 2)
        for (int place = 0; place < 8; place++) {
            double ec = place < 2 ? place * below : place * 0.7;
            double ei = ec + hp2_margin - below;
            if (j->domain == BASIN_DOMAIN_ANY || ei >= 0)
                look_at(j, ec, ei, noise, hp2_margin, out);
        }
}

/* ------------------------------------------------------------- condition 5 */

static void scan_line(const basin__judged *j, basin_check *out)
{
    const double m = out->at_margin;
    out->least_slope = __builtin_inf();
    for (int r = 0; r < N_REACHES; r++)
        for (int k = 0; k < LINE; k++)
            for (int side = -1; side <= 1; side += 2) {
                span s = span_of(j, r);
                double hair = 1e-9 * (m < 1 ? m : 1);
                double ec = at_share(s, (double)k / (LINE - 1));
                double ei = ec + m + side * hair, d_c, d_i;
                if (j->domain == BASIN_DOMAIN_NONNEGATIVE && ei < 0)
                    continue;
                double v = basin__judged_value(j, ec, ei, &d_c, &d_i);
                double slope = d_c - d_i;
                if (!is_finite(v) || !is_finite(slope) ||
                    slope >= out->least_slope)
                    continue;
                out->least_slope = slope;
                out->least_slope_at = (basin_plane_point){ec, ec + m};
            }
    out->condition5 =
        out->least_slope > 0 && out->least_slope < __builtin_inf();
}

/* ------------------------------------------------------------- flat points */

/* The force on a surface that is e everywhere; 0 where only rounding is left.
 * NaN where there is none. */
static double force(const basin__judged *j, double e)
{
    double d_c, d_i, v = basin__judged_value(j, e, e, &d_c, &d_i);
    if (!is_finite(v) || !is_finite(d_c) || !is_finite(d_i))
        return __builtin_nan("");
    double sum = d_c + d_i;
    double noise = 1e-12 * (__builtin_fabs(d_c) + __builtin_fabs(d_i));
    return __builtin_fabs(sum) <= noise ? 0 : sum;
}

static double cleaned(double e)
{
    return __builtin_fabs(e) < 1e-12 ? 0 : e;
}

static void add_flat(const basin__judged *j, double e, basin_check *out)
{
    const double hair = 1e-6;
    if (out->n_flat == BASIN_FLAT_MAX ||
        (out->n_flat && e - out->flat[out->n_flat - 1] < hair))
        return;
    e = cleaned(e);
    out->flat[out->n_flat] = e;
    out->flat_loss[out->n_flat++] = basin__judged_value(j, e, e, NULL, NULL);
}

/* The force has another sign at b than at a, or stops being 0. */
static double border(
    const basin__judged *j, double a, double b, bool of_zero, bool *pole)
{
    double at_a = force(j, a), size = __builtin_fabs(at_a);
    double end = __builtin_fabs(force(j, b));
    for (int k = 0; k < 100; k++) {
        double middle = 0.5 * (a + b), f = force(j, middle);
        bool like_a =
            of_zero ? (f == 0) == (at_a == 0) : (f < 0) == (at_a < 0) && f != 0;
        if (like_a)
            a = middle;
        else
            b = middle;
    }
    double now = __builtin_fabs(force(j, a));
    *pole = !(now <= 1e3 * (1 + size + end));
    return 0.5 * (a + b);
}

/* A force that touches 0 without crossing it. */
static void touch(
    const basin__judged *j, double low, double high, basin_check *out)
{
    double most = 1e-9 * (1 + __builtin_fabs(force(j, low)));
    for (int k = 0; k < 100; k++) {
        double a = low + (high - low) / 3, b = high - (high - low) / 3;
        if (__builtin_fabs(force(j, a)) < __builtin_fabs(force(j, b)))
            high = b;
        else
            low = a;
    }
    double e = 0.5 * (low + high);
    if (__builtin_fabs(force(j, e)) <= most)
        add_flat(j, e, out);
}

/* The first run of zeros, from point `first` to `last` of the scan. */
static void add_interval(const basin__judged *j, const double *e, int first,
    int last, basin_check *out)
{
    bool pole;
    if (out->has_flat_interval)
        return;
    out->has_flat_interval = true;
    out->flat_low = first > 0 ? border(j, e[first - 1], e[first], true, &pole)
                    : j->domain == BASIN_DOMAIN_ANY ? -__builtin_inf()
                                                    : 0;
    out->flat_high = last < FLATS - 1
                         ? border(j, e[last], e[last + 1], true, &pole)
                         : __builtin_inf();
    /* right at 0 a ratio may have no value */
    if (j->domain == BASIN_DOMAIN_NONNEGATIVE && first <= 1)
        out->flat_low = 0;
    out->flat_low = cleaned(out->flat_low);
    out->flat_high = cleaned(out->flat_high);
}

/* Half of the points lie evenly in the middle span, the others beyond. */
static double flat_energy(const basin__judged *j, int k)
{
    span near = span_of(j, 1), far = span_of(j, 2);
    double t = (double)k / (FLATS - 1);
    if (j->scale == 1)
        return at_share(near, t);
    if (j->domain == BASIN_DOMAIN_NONNEGATIVE)
        return t < 0.5 ? near.high * 2 * t
                       : near.high + (far.high - near.high) * (2 * t - 1);
    t = 4 * t - 2; /* -1 to 1: near */
    double size = __builtin_fabs(t);
    double e = size <= 1 ? near.high * size
                         : near.high + (far.high - near.high) * (size - 1);
    return t < 0 ? -e : e;
}

static void scan_flat(const basin__judged *j, basin_check *out)
{
    double e[FLATS], f[FLATS];
    for (int k = 0; k < FLATS; k++) {
        e[k] = flat_energy(j, k);
        f[k] = force(j, e[k]);
    }
    /* energies cannot go below 0, where this loss drives them */
    if (j->domain == BASIN_DOMAIN_NONNEGATIVE && f[0] > 0)
        add_flat(j, 0, out);
    for (int k = 0; k < FLATS; k++) {
        int last = k;
        while (f[k] == 0 && last + 1 < FLATS && f[last + 1] == 0)
            last++;
        bool pole = false;
        if (last > k + 1)
            add_interval(j, e, k, last, out);
        else if (f[k] == 0)
            add_flat(j, e[k], out);
        else if (k && f[k - 1] != 0 && f[k] * f[k - 1] < 0) {
            double zero = border(j, e[k - 1], e[k], false, &pole);
            if (!pole)
                add_flat(j, zero, out);
        } else if (k && k + 1 < FLATS && f[k - 1] * f[k + 1] > 0 &&
                   __builtin_fabs(f[k]) < __builtin_fabs(f[k - 1]) &&
                   __builtin_fabs(f[k]) <= __builtin_fabs(f[k + 1]))
            touch(j, e[k - 1], e[k + 1], out);
        k = last;
    }
}

/* --------------------------------------------------------------- convexity */

static double draw(uint64_t step, uint64_t index)
{
    return basin_random_uniform(
        (basin_random_key){1, BASIN_STREAM_TEST, step}, index);
}

static basin_plane_point draw_point(
    const basin__judged *j, uint64_t step, uint64_t index)
{
    span s = span_of(j, (int)(index % N_REACHES));
    return (basin_plane_point){at_share(s, draw(step, 2 * index)),
        at_share(s, draw(step, 2 * index + 1))};
}

static void scan_convexity(const basin__judged *j, basin_check *out)
{
    out->convex = true;
    for (uint64_t k = 0; k < PAIRS; k++) {
        basin_plane_point a = draw_point(j, 1, k), b = draw_point(j, 2, k);
        double p = basin__judged_value(j, a.ec, a.ei, NULL, NULL);
        double q = basin__judged_value(j, b.ec, b.ei, NULL, NULL);
        double middle = basin__judged_value(
            j, 0.5 * (a.ec + b.ec), 0.5 * (a.ei + b.ei), NULL, NULL);
        double noise =
            1e-10 * (__builtin_fabs(p) + __builtin_fabs(q) +
                        __builtin_fabs(middle)) +
            1e-13 * (1 + __builtin_fabs(a.ec) + __builtin_fabs(a.ei));
        if (!(middle > 0.5 * (p + q) + noise) || !is_finite(p + q))
            continue;
        out->convex = false;
        out->bent_from = a;
        out->bent_to = b;
        return;
    }
}

/* --------------------------------------------------------------- gradients */

/* A central difference of fourth order; false near a kink. */
static bool difference(double *out, double *noise, const basin__judged *j,
    basin_plane_point p, bool of_i)
{
    double v[5], x = of_i ? p.ei : p.ec;
    double h = 1e-4 * (1 + __builtin_fabs(x));
    for (int k = 0; k < 5; k++) {
        double shift = h * (k - 2);
        v[k] = basin__judged_value(j, p.ec + (of_i ? 0 : shift),
            p.ei + (of_i ? shift : 0), NULL, NULL);
    }
    double near = (v[3] - v[1]) / (2 * h), far = (v[4] - v[0]) / (4 * h);
    double bend = (v[3] - 2 * v[2] + v[1]) / h;
    double wide = (v[4] - 2 * v[2] + v[0]) / (4 * h);
    *out = near + (near - far) / 3;
    *noise = 4e-15 * (__builtin_fabs(v[0]) + __builtin_fabs(v[4])) / h;
    double most = 1e-6 * (1 + __builtin_fabs(*out));
    return is_finite(*out) && __builtin_fabs(near - far) <= most &&
           __builtin_fabs(bend - wide) <= most;
}

static void scan_gradients(const basin__judged *j, basin_check *out)
{
    for (uint64_t k = 0; k < DRAWS; k++) {
        basin_plane_point p = draw_point(j, 3, k);
        double d[2], numeric, noise;
        basin__judged_value(j, p.ec, p.ei, &d[0], &d[1]);
        for (int side = 0; side < 2; side++) {
            if (!is_finite(d[side]) ||
                !difference(&numeric, &noise, j, p, side))
                continue;
            double error = (__builtin_fabs(d[side] - numeric) - noise) /
                           (1 + __builtin_fabs(numeric));
            out->gradients++;
            if (error > out->gradient_error) {
                out->gradient_error = error;
                out->gradient_at = p;
            }
        }
    }
}

void basin__scan(const basin__judged *j, double hp2_margin, basin_check *out)
{
    scan_contrast(j, hp2_margin, out);
    scan_line(j, out);
    scan_flat(j, out);
    scan_convexity(j, out);
    scan_gradients(j, out);
}
