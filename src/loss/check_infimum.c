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
 * are balls: a difference counts when it is larger than its error. How much
 * lower than its end a descent might have gone is told by its last steps.
 */
#include "loss/check.h"

enum {
    BOXES = 4,
    AXIS_MAX = 160,
    POINTS_MAX = AXIS_MAX * AXIS_MAX + 4096,
    STARTS = 8,
    HALVINGS = 90,
    LATE = 8, /* these many last steps tell what more would gain */
    HAIR = -400,
    FAR = 58
};

static const int box_exponents[BOXES] = {8, 15, 29, 58};

typedef struct point {
    double ec, ei; /* rounded */
    double d;      /* ei - ec, rounded */
    int box;       /* the smallest that holds it */
    int64_t gain;  /* descent from here gains less than 2^gain */
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
    const basin__ball *ei, double d, const basin__ball *value, int64_t gain)
{
    if (s->n_points == POINTS_MAX)
        return;
    point *p = &s->points[s->n_points];
    p->ec = basin__ball_double(ec);
    p->ei = basin__ball_double(ei);
    p->d = d;
    p->gain = gain;
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
    add_point(s, &ec, &ei, d, &value, BASIN__EXACT);
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

/* 16 times what the last steps gained, as a power of 2. */
static int64_t gain_of(const basin__ball *value, const basin__ball *before)
{
    basin__ball gain;
    basin__ball_sub(&gain, before, value);
    return gain.kind == BASIN__FINITE ? gain.exponent + 4 : BASIN__EXACT;
}

/* What it would be after that. */
static basin__ball lowered(const basin__ball *value, int64_t gain)
{
    basin__ball out = *value, by = basin__ball_power(gain);
    if (gain > BASIN__EXACT && value->kind <= BASIN__FINITE)
        basin__ball_sub(&out, &out, &by);
    return out;
}

static bool step_down(const basin__search *s, basin__ball *ec, basin__ball *ei,
    basin__ball *value, int64_t exponent)
{
    static const int ways[8][2] = {
        {1, 0}, {-1, 0}, {0, 1}, {0, -1}, {1, 1}, {-1, -1}, {1, -1}, {-1, 1}};
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
    for (int k = 0; k < HALVINGS; k++, exponent--) {
        if (k == HALVINGS - LATE)
            before = value;
        for (int again = 0; again < 6; again++)
            if (!step_down(s, &ec, &ei, &value, exponent))
                break;
    }
    basin__ball_sub(&gap, &ei, &ec);
    add_point(s, &ec, &ei, basin__ball_double(&gap), &value,
        gain_of(&value, &before));
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
    BASIN_REQUIRE(
        s, error, BASIN_E_MEMORY, "no memory for the check of a loss");
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

/* ---------------------------------------------------------------- the border
 */

/* The least so far over a half plane, in each box alone. */
typedef struct half {
    basin__ball least[BOXES];
    int64_t gain[BOXES]; /* see point */
    basin_plane_point at;
} half;

static void consider(half *h, int box, const basin__ball *value, int64_t gain,
    double ec, double ei)
{
    if (value->kind == BASIN__NAN || box >= BOXES ||
        basin__ball_order(value, &h->least[box]) >= 0)
        return;
    h->least[box] = *value;
    h->gain[box] = gain;
    if (box == 0)
        h->at = (basin_plane_point){ec, ei};
}

/* The loss at (ec, ec + margin), a hair to one side: NaN outside of the
 * domain. */
static void on_border(const basin__search *s, const basin__ball *ec,
    double margin, bool inside, basin__ball *value)
{
    basin__ball ei = *ec, step = basin__ball_of(margin);
    basin__ball hair = basin__ball_power(HAIR);
    basin__ball_add(&ei, &ei, &step);
    (inside ? basin__ball_add : basin__ball_sub)(&ei, &ei, &hair);
    if (s->j->domain == BASIN_DOMAIN_NONNEGATIVE &&
        (ec->negative || ei.negative))
        *value = basin__ball_of(__builtin_nan(""));
    else
        basin__judged_ball(value, s->j, ec, &ei);
}

/* On both sides; what the hair makes of a difference must not decide. */
static void try_border(const basin__search *s, const basin__ball *ec,
    double margin, int64_t gain, half *hp1, half *hp2, basin__ball *outside)
{
    basin__ball inside, gap;
    double c = basin__ball_double(ec);
    int box = box_of(s, c, c + margin);
    on_border(s, ec, margin, true, &inside);
    on_border(s, ec, margin, false, outside);
    basin__ball_sub(&gap, outside, &inside);
    if (gap.kind == BASIN__FINITE) {
        basin__ball_blur(&inside, gap.exponent + 2);
        basin__ball_blur(outside, gap.exponent + 2);
    }
    consider(hp1, box, &inside, BASIN__EXACT, c, c + margin);
    consider(hp2, box, outside, gain, c, c + margin);
}

static void descend_border(
    const basin__search *s, double start, double margin, half *hp1, half *hp2)
{
    basin__ball ec = basin__ball_of(start), value, before, other, moved;
    on_border(s, &ec, margin, false, &value);
    before = value;
    int exponent = 0;
    for (double x = s->j->scale; x > 1; x /= 2)
        exponent++;
    for (int k = 0; k < HALVINGS; k++, exponent--) {
        basin__ball step = basin__ball_power(exponent);
        if (k == HALVINGS - LATE)
            before = value;
        for (int way = 0; way < 2; way++) {
            (way ? basin__ball_sub : basin__ball_add)(&moved, &ec, &step);
            on_border(s, &moved, margin, false, &other);
            if (basin__ball_order(&other, &value) < 0) {
                ec = moved;
                value = other;
                break;
            }
        }
    }
    try_border(s, &ec, margin, gain_of(&value, &before), hp1, hp2, &other);
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
        try_border(s, &ec, margin, BASIN__EXACT, hp1, hp2, &value);
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
            basin__ball ec =
                basin__ball_of(sign * s->j->scale * (double)(INT64_C(1) << e));
            try_border(s, &ec, margin, BASIN__EXACT, hp1, hp2, &value);
        }
    for (int k = 0; k < DESCENTS; k++)
        if (low[k].kind <= BASIN__FINITE)
            descend_border(s, start[k], margin, hp1, hp2);
}

/* ----------------------------------------------------------------- the trend
 */

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

/* Where the least values of the boxes tend: -inf, where they fall ever as
 * fast; the last one, or a little lower, where they come to rest; and the
 * limit of a geometric sequence (Aitken 1926) where they are as slow as that.
 */
static void follow(basin__infimum *out, const half *h)
{
    basin__ball least[BOXES];
    int64_t gain = h->gain[0];
    for (int k = 0; k < BOXES; k++) {
        least[k] = h->least[k];
        if (k > 0 && basin__ball_order(&least[k - 1], &least[k]) <= 0)
            least[k] = least[k - 1];
        else
            gain = h->gain[k];
    }
    const basin__ball *end = &least[BOXES - 1];
    *out = (basin__infimum){.at = h->at, .near = least[0]};
    out->high = *end;
    out->low = lowered(end, gain);
    out->unbounded = end->kind == BASIN__INFINITE && end->negative;
    if (end->kind == BASIN__INFINITE || !basin__ball_below(end, end - 1))
        return;
    basin__ball last = difference(end - 1, end);
    basin__ball first = difference(end - 2, end - 1);
    if (first.kind > BASIN__FINITE || last.kind > BASIN__FINITE)
        return; /* nothing was there before: there is no trend */
    basin__ball much = first, little = first;
    scale_by(&much, 0.75);
    scale_by(&little, 0.3);
    out->unbounded = basin__ball_below(&much, &last);
    if (!basin__ball_below(&last, &much)) {
        out->low = basin__ball_infinity(true);
        return;
    }
    bool slow = basin__ball_below(&little, &last);
    basin__ball rest = difference(&first, &last);
    basin__ball_mul(&last, &last, &last);
    basin__ball_div(&rest, &last, &rest);
    scale_by(&rest, slow ? 0.5 : 1.5);
    if (slow)
        basin__ball_sub(&out->high, &out->high, &rest);
    scale_by(&rest, slow ? 3 : 1);
    basin__ball_sub(&out->low, &out->low, &rest);
}

bool basin__search_passes(
    basin__search *s, double margin, basin__infimum *hp1, basin__infimum *hp2)
{
    half inside, outside;
    for (int k = 0; k < BOXES; k++)
        inside.least[k] = outside.least[k] = basin__ball_infinity(false);
    for (int k = 0; k < BOXES; k++)
        inside.gain[k] = outside.gain[k] = BASIN__EXACT;
    inside.at = outside.at =
        (basin_plane_point){__builtin_nan(""), __builtin_nan("")};
    for (int i = 0; i < s->n_points; i++) {
        const point *p = &s->points[i];
        if (p->d > margin)
            consider(&inside, p->box, &p->value, p->gain, p->ec, p->ei);
        if (p->d < margin)
            consider(&outside, p->box, &p->value, p->gain, p->ec, p->ei);
    }
    search_border(s, margin, &inside, &outside);
    follow(hp1, &inside);
    follow(hp2, &outside);
    if (hp2->unbounded)
        return false;
    if (hp1->unbounded)
        return true;
    return basin__ball_below(&hp1->high, &hp2->low);
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
        basin__ball low = lowered(&p->value, p->gain);
        if (p->d < 0 && is_near(s, p) && !basin__ball_below(&hp1.high, &low))
            return false;
    }
    return true;
}

/* ----------------------------------------------------------------- minima */

void basin__search_minima(basin__search *s, double margin, basin_check *out)
{
    basin__ball best = basin__ball_infinity(false);
    for (int i = 0; i < s->n_points; i++)
        if (basin__ball_order(&s->points[i].value, &best) < 0) {
            best = s->points[i].value;
            if (best.kind <= BASIN__FINITE)
                basin__ball_blur(&best, s->points[i].gain);
        }
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
