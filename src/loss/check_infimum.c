/* SPDX-License-Identifier: MIT
 *
 * Condition 3: is the least loss where the right answer wins by a margin below
 * the least where it does not? Both are infima over an open half plane, and
 * may be reached, or approached on its border, or at infinity. So each is
 * looked for
 *
 *   - at a set of points that covers the plane, fine near 0 and out to 2^58;
 *   - at the bottoms that a descent from the lowest of these leads to;
 *   - along the border, a 2^-400 to its either side;
 *
 * and what counts is where it tends as boxes grow from 2^8 to 2^58, each about
 * the square of the last, so that even a logarithm shows where it goes. Values
 * are balls: a difference counts when it is larger than its error, and that of
 * a descent is what its last steps still gained.
 */
#include "loss/check.h"

enum {
    BOXES = 4,
    AXIS_MAX = 160,
    POINTS_MAX = AXIS_MAX * AXIS_MAX + 4096,
    STARTS = 8,
    HALVINGS = 90,
    LATE = 8, /* of these many last steps the gain is the error */
    EDGE = -400,
    FAR = 58
};

static const int box_exponents[BOXES] = {8, 15, 29, 58};

typedef struct point {
    double ec, ei; /* rounded */
    double d;      /* ei - ec, rounded */
    int box;       /* the smallest that holds it */
    basin__ball value;
} point;

struct basin__search {
    const basin__judged *j;
    int n_axis; /* 0 first, then outwards */
    double axis[AXIS_MAX];
    int n_points;
    point points[POINTS_MAX];
};

/* ------------------------------------------------------------------- points */

static bool allowed(const basin__judged *j, double energy)
{
    return j->domain == BASIN_DOMAIN_ANY || energy >= 0;
}

static int box_of(const basin__search *s, double ec, double ei)
{
    double size = __builtin_fabs(ec) > __builtin_fabs(ei) ? __builtin_fabs(ec)
                                                          : __builtin_fabs(ei);
    size /= s->j->scale;
    for (int k = 0; k < BOXES; k++)
        if (size <= (double)(INT64_C(1) << box_exponents[k]))
            return k;
    return BOXES;
}

static void add_point(basin__search *s, const basin__ball *ec,
    const basin__ball *ei, double d, const basin__ball *value)
{
    if (s->n_points == POINTS_MAX)
        return;
    point *p = &s->points[s->n_points];
    p->ec = basin__ball_double(ec);
    p->ei = basin__ball_double(ei);
    p->d = d;
    p->box = box_of(s, p->ec, p->ei);
    p->value = *value;
    if (p->value.kind != BASIN__NAN && p->box < BOXES)
        s->n_points++;
}

/* The point (base, base + d), or (base - d, base). */
static void try_point(basin__search *s, double base, double d, bool base_is_ec)
{
    basin__ball ec = basin__ball_of(base), ei = ec, step = basin__ball_of(d);
    basin__ball value;
    if (base_is_ec)
        basin__ball_add(&ei, &ei, &step);
    else
        basin__ball_sub(&ec, &ec, &step);
    if (!allowed(s->j, basin__ball_double(&ec)) ||
        !allowed(s->j, basin__ball_double(&ei)))
        return;
    basin__judged_ball(&value, s->j, &ec, &ei);
    add_point(s, &ec, &ei, d, &value);
}

static void add_octave(basin__search *s, int exponent, bool fine)
{
    double x = s->j->scale;
    for (int k = 0; k < exponent; k++)
        x *= 2;
    for (int k = 0; k > exponent; k--)
        x /= 2;
    for (int half = 0; half <= fine; half++)
        for (int sign = 1; sign >= -1; sign -= 2)
            if (s->n_axis < AXIS_MAX && allowed(s->j, sign))
                s->axis[s->n_axis++] = sign * x * (half ? 1.5 : 1);
}

/* 0 first, then outwards and inwards from the scale, to 1/256 at least. */
static void fill_axis(basin__search *s)
{
    const int low = -8, high = 6;
    double scale = s->j->scale;
    int octaves = 0;
    for (double x = scale; x > 1; x /= 2)
        octaves++;
    s->n_axis = 0;
    s->axis[s->n_axis++] = 0;
    for (int j = 0; j <= octaves - low; j++)
        for (int way = 0; way < (j ? 2 : 1); way++)
            if (way || j <= high)
                add_octave(s, way ? -j : j, octaves < 8);
}

/* Far points lie on the axes, on the diagonals, and near to them. */
static void fill_far(basin__search *s)
{
    static const double sides[] = {
        0, 1, -1, 3, -3, 0.25, -0.25, 16, -16, 64, -64};
    static const double shares[] = {0.5, -0.5, 2, -2, -1};
    for (int e = 7; e <= FAR; e += e < 16 ? 1 : 3) {
        double far = s->j->scale * (double)(INT64_C(1) << e);
        for (int sign = 1; sign >= -1; sign -= 2) {
            double f = sign * far;
            for (unsigned k = 0; k < sizeof sides / sizeof *sides; k++) {
                double near = sides[k] * s->j->scale;
                try_point(s, f, near, true);
                try_point(s, near, f, true);
                try_point(s, near, f, false);
            }
            for (unsigned k = 0; k < sizeof shares / sizeof *shares; k++) {
                try_point(s, f, f * shares[k], true);
                try_point(s, f, f * shares[k], false);
            }
        }
    }
}

/* ------------------------------------------------------------------ descent */

/* The error of a descent: 16 times what its last steps gained. */
static void blur_by_gain(
    basin__ball *value, const basin__ball *before, bool moved_late)
{
    if (!moved_late)
        return;
    basin__ball gain;
    basin__ball_sub(&gain, before, value);
    if (gain.kind == BASIN__FINITE)
        basin__ball_blur(value, gain.exponent + 4);
}

static bool step_down(const basin__search *s, basin__ball *ec, basin__ball *ei,
    basin__ball *value, int64_t exponent)
{
    static const int ways[8][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1, 1},
        {-1, -1}, {1, -1}, {-1, 1}};
    for (int w = 0; w < 8; w++) {
        basin__ball c = *ec, i = *ei, v, step = basin__ball_power(exponent);
        basin__ball *const both[2] = {&c, &i};
        for (int k = 0; k < 2; k++) {
            if (ways[w][k] > 0)
                basin__ball_add(both[k], both[k], &step);
            if (ways[w][k] < 0)
                basin__ball_sub(both[k], both[k], &step);
            if (s->j->domain == BASIN_DOMAIN_NONNEGATIVE && both[k]->negative)
                *both[k] = basin__ball_of(0);
        }
        basin__judged_ball(&v, s->j, &c, &i);
        if (v.kind != BASIN__NAN && basin__ball_order(&v, value) < 0) {
            *ec = c;
            *ei = i;
            *value = v;
            return true;
        }
    }
    return false;
}

static void descend(basin__search *s, const point *start)
{
    basin__ball ec = basin__ball_of(start->ec), ei = basin__ball_of(start->ei);
    basin__ball value = start->value, before = value, gap;
    int exponent = 0;
    for (double x = s->j->scale; x > 1; x /= 2)
        exponent++;
    bool moved_late = false;
    for (int k = 0; k < HALVINGS; k++, exponent--) {
        if (k == HALVINGS - LATE)
            before = value;
        for (int again = 0; again < 6; again++) {
            if (!step_down(s, &ec, &ei, &value, exponent))
                break;
            moved_late = moved_late || k >= HALVINGS - LATE;
        }
    }
    blur_by_gain(&value, &before, moved_late);
    basin__ball_sub(&gap, &ei, &ec);
    add_point(s, &ec, &ei, basin__ball_double(&gap), &value);
}

/* From the lowest point of each of these strips along the diagonal. */
static void find_bottoms(basin__search *s)
{
    static const double edges[STARTS + 1] = {
        -1e300, -2, -0.5, -1e-300, 1e-300, 0.5, 2, 8, 1e300};
    int n = s->n_points;
    for (int k = 0; k < STARTS; k++) {
        const point *best = NULL;
        for (int i = 0; i < n; i++) {
            const point *p = &s->points[i];
            double d = p->d / s->j->scale;
            if (p->box == 0 && d > edges[k] && d <= edges[k + 1] &&
                (!best || basin__ball_order(&p->value, &best->value) < 0))
                best = p;
        }
        if (best && best->value.kind <= BASIN__FINITE)
            descend(s, best);
    }
}

basin_status basin__search_create(
    basin__search **out, const basin__judged *j, basin_error *error)
{
    *out = NULL;
    basin__search *s = basin_alloc(j->ctx, sizeof *s);
    BASIN_REQUIRE(s, error, BASIN_E_MEMORY, "no memory for the check of a loss");
    s->j = j;
    fill_axis(s);
    for (int i = 0; i < s->n_axis; i++)
        for (int k = 0; k < s->n_axis; k++)
            try_point(s, s->axis[i], s->axis[k] - s->axis[i], true);
    fill_far(s);
    find_bottoms(s);
    *out = s;
    return BASIN_OK;
}

void basin__search_destroy(basin__search *s)
{
    if (s)
        basin_free(s->j->ctx, s, sizeof *s);
}

/* ---------------------------------------------------------------- the border */

/* The least so far over a half plane, in each box alone. */
typedef struct half {
    basin__ball least[BOXES];
    basin_plane_point at;
} half;

static void consider(half *h, int box, const basin__ball *value, double ec,
    double ei)
{
    if (value->kind == BASIN__NAN || box >= BOXES ||
        basin__ball_order(value, &h->least[box]) >= 0)
        return;
    h->least[box] = *value;
    if (box == 0)
        h->at = (basin_plane_point){ec, ei};
}

/* The loss at (ec, ec + margin), a hair to one side. */
static bool on_border(const basin__search *s, const basin__ball *ec,
    double margin, bool inside, basin__ball *value)
{
    basin__ball ei = *ec, step = basin__ball_of(margin);
    basin__ball edge = basin__ball_power(EDGE);
    basin__ball_add(&ei, &ei, &step);
    (inside ? basin__ball_add : basin__ball_sub)(&ei, &ei, &edge);
    if (s->j->domain == BASIN_DOMAIN_NONNEGATIVE &&
        (ec->negative || ei.negative))
        return false;
    basin__judged_ball(value, s->j, ec, &ei);
    if (value->kind == BASIN__NAN)
        return false;
    /* the hair itself must not decide */
    if (value->kind <= BASIN__FINITE)
        basin__ball_blur(value, EDGE + 20);
    return true;
}

static bool try_border(const basin__search *s, const basin__ball *ec,
    double margin, half *hp1, half *hp2, basin__ball *value2)
{
    basin__ball value;
    double c = basin__ball_double(ec);
    int box = box_of(s, c, c + margin);
    if (on_border(s, ec, margin, true, &value))
        consider(hp1, box, &value, c, c + margin);
    if (!on_border(s, ec, margin, false, value2))
        return false;
    consider(hp2, box, value2, c, c + margin);
    return true;
}

static void descend_border(
    const basin__search *s, double start, double margin, half *hp1, half *hp2)
{
    basin__ball ec = basin__ball_of(start), value, before, other, moved;
    if (!on_border(s, &ec, margin, false, &value) ||
        value.kind > BASIN__FINITE)
        return;
    before = value;
    int exponent = 0;
    for (double x = s->j->scale; x > 1; x /= 2)
        exponent++;
    bool moved_late = false;
    for (int k = 0; k < HALVINGS; k++, exponent--) {
        basin__ball step = basin__ball_power(exponent);
        if (k == HALVINGS - LATE)
            before = value;
        for (int way = 0; way < 2; way++) {
            (way ? basin__ball_sub : basin__ball_add)(&moved, &ec, &step);
            if (on_border(s, &moved, margin, false, &other) &&
                basin__ball_order(&other, &value) < 0) {
                ec = moved;
                value = other;
                moved_late = moved_late || k >= HALVINGS - LATE;
                break;
            }
        }
    }
    double c = basin__ball_double(&ec);
    int box = box_of(s, c, c + margin);
    if (on_border(s, &ec, margin, true, &other)) {
        blur_by_gain(&other, &before, moved_late);
        consider(hp1, box, &other, c, c + margin);
    }
    blur_by_gain(&value, &before, moved_late);
    consider(hp2, box, &value, c, c + margin);
}

static void search_border(
    const basin__search *s, double margin, half *hp1, half *hp2)
{
    enum { DESCENTS = 2 };
    double start[DESCENTS] = {0, 0};
    basin__ball low[DESCENTS] = {
        basin__ball_infinity(false), basin__ball_infinity(false)};
    basin__ball value;
    for (int i = 0; i < 2 * s->n_axis; i++) { /* E_C, then E_I on the axis */
        bool of_i = i >= s->n_axis;
        basin__ball ec = basin__ball_of(s->axis[of_i ? i - s->n_axis : i]);
        basin__ball step = basin__ball_of(margin);
        if (of_i)
            basin__ball_sub(&ec, &ec, &step);
        if (!try_border(s, &ec, margin, hp1, hp2, &value))
            continue;
        int place = basin__ball_order(&value, &low[0]) < 0   ? 0
                    : basin__ball_order(&value, &low[1]) < 0 ? 1
                                                             : DESCENTS;
        for (int k = DESCENTS - 1; k > place; k--) {
            low[k] = low[k - 1];
            start[k] = start[k - 1];
        }
        if (place < DESCENTS) {
            low[place] = value;
            start[place] = basin__ball_double(&ec);
        }
    }
    for (int e = 7; e <= FAR; e += e < 16 ? 1 : 3)
        for (int sign = 1; sign >= -1; sign -= 2) {
            basin__ball ec = basin__ball_of(
                sign * s->j->scale * (double)(INT64_C(1) << e));
            try_border(s, &ec, margin, hp1, hp2, &value);
        }
    for (int k = 0; k < DESCENTS; k++)
        if (low[k].kind != BASIN__INFINITE)
            descend_border(s, start[k], margin, hp1, hp2);
}

/* ----------------------------------------------------------------- the trend */

static basin__ball difference(const basin__ball *a, const basin__ball *b)
{
    basin__ball out;
    basin__ball_sub(&out, a, b);
    return out;
}

static void scale_by(basin__ball *a, double factor)
{
    basin__ball f = basin__ball_of(factor);
    basin__ball_mul(a, a, &f);
}

/* Where the least values of the boxes tend: the last, where it is that of the
 * box before; -inf, where they fall ever as fast; else the limit of a
 * geometric sequence (Aitken 1926). */
static void follow(basin__infimum *out, const half *h)
{
    basin__ball least[BOXES];
    for (int k = 0; k < BOXES; k++) {
        least[k] = h->least[k];
        if (k > 0 && basin__ball_order(&least[k - 1], &least[k]) <= 0)
            least[k] = least[k - 1];
    }
    *out = (basin__infimum){.at = h->at, .near = least[0]};
    out->least = out->limit = least[BOXES - 1];
    out->slack = basin__ball_of(0);
    if (out->least.kind == BASIN__INFINITE) {
        out->unbounded = out->least.negative;
        return;
    }
    basin__ball last = difference(&least[BOXES - 2], &least[BOXES - 1]);
    basin__ball first = difference(&least[BOXES - 3], &least[BOXES - 2]);
    if (!basin__ball_below(&least[BOXES - 1], &least[BOXES - 2]))
        return; /* it has come to rest */
    if (first.kind > BASIN__FINITE || last.kind > BASIN__FINITE) {
        /* nothing was there before: nothing can be said of a trend */
        return;
    }
    basin__ball most = first;
    scale_by(&most, 0.75);
    if (!basin__ball_below(&last, &most)) {
        out->unbounded = true;
        return;
    }
    basin__ball rest = difference(&first, &last);
    basin__ball_mul(&last, &last, &last);
    basin__ball_div(&rest, &last, &rest);
    basin__ball_sub(&out->limit, &out->limit, &rest);
    scale_by(&rest, 0.5);
    out->slack = rest;
}

bool basin__search_passes(basin__search *s, double margin, basin__infimum *hp1,
    basin__infimum *hp2)
{
    half inside, outside;
    for (int k = 0; k < BOXES; k++)
        inside.least[k] = outside.least[k] = basin__ball_infinity(false);
    inside.at = outside.at = (basin_plane_point){
        __builtin_nan(""), __builtin_nan("")};
    for (int i = 0; i < s->n_points; i++) {
        const point *p = &s->points[i];
        if (p->d > margin)
            consider(&inside, p->box, &p->value, p->ec, p->ei);
        if (p->d < margin)
            consider(&outside, p->box, &p->value, p->ec, p->ei);
    }
    search_border(s, margin, &inside, &outside);
    follow(hp1, &inside);
    follow(hp2, &outside);
    if (hp2->unbounded)
        return false;
    if (hp1->unbounded)
        return true;
    basin__ball low = hp1->limit, high = hp2->limit;
    basin__ball_add(&low, &low, &hp1->slack);
    if (basin__ball_order(&hp1->least, &low) < 0)
        low = hp1->least;
    basin__ball_sub(&high, &high, &hp2->slack);
    return basin__ball_below(&low, &high);
}

/* So near that what tends to 0 at infinity is not yet lost in the errors. */
static bool is_near(const basin__search *s, const point *p)
{
    const double most = 64 * s->j->scale;
    return p->ec <= most && p->ec >= -most && p->ei <= most && p->ei >= -most;
}

bool basin__search_wins(basin__search *s)
{
    basin__infimum hp1, hp2;
    if (basin__search_passes(s, 0, &hp1, &hp2))
        return true;
    for (int i = 0; i < s->n_points; i++) {
        const point *p = &s->points[i];
        if (p->d < 0 && is_near(s, p) &&
            !basin__ball_below(&hp1.least, &p->value))
            return false;
    }
    return true;
}

/* ----------------------------------------------------------------- minima */

void basin__search_minima(
    basin__search *s, double margin, basin_check *out)
{
    basin__ball best = basin__ball_infinity(false);
    for (int i = 0; i < s->n_points; i++)
        if (basin__ball_order(&s->points[i].value, &best) < 0)
            best = s->points[i].value;
    out->has_minimum = false;
    out->condition4 = true;
    for (int i = 0; i < s->n_points; i++) {
        const point *p = &s->points[i];
        if (!is_near(s, p) || p->value.kind == BASIN__INFINITE ||
            basin__ball_below(&best, &p->value))
            continue;
        bool right = p->d >= margin;
        if (!out->has_minimum || (out->condition4 && !right)) {
            out->minimum = (basin_plane_point){p->ec, p->ei};
            out->condition4 = right;
        }
        out->has_minimum = true;
    }
    out->condition4 = out->condition4 && out->has_minimum;
}
