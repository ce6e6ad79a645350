/* SPDX-License-Identifier: MIT
 *
 * Pose manifolds: one angle as a curve in three dimensions, two angles as a
 * surface in nine, of constant curvature, so that a net can learn to map
 * pictures of a thing onto the place of its pose; and the pose nearest to any
 * point, in closed form.
 */
#include "basin/math.h"
#include "graph/graph.h"

enum { N = BASIN_POSE_COSINES };

static const double pi = 3.14159265358979324;

static double offset(int i)
{
    return (i - 1) * (pi / 3);
}

/* ------------------------------------------------------------------- module */

static basin_status pose_plan(basin_module_plan *plan, basin_error *error)
{
    int angles = basin_shape_features(plan->in[0]);
    BASIN_REQUIRE(angles == 1 || angles == 2, error, BASIN_E_SHAPE,
        "a pose has 1 or 2 angles; got %d features", angles);
    plan->out = (basin_shape){angles == 1 ? N : N * N, 1, 1};
    return BASIN_OK;
}

/* The cosines of an angle, or their slopes. */
static void cosines(float out[N], float angle, bool slopes)
{
    for (int i = 0; i < N; i++) {
        double a = (double)angle - offset(i);
        out[i] = (float)(slopes ? -basin_sin(a) : basin_cos(a));
    }
}

static void pose_forward(const basin_module_call *c)
{
    size_t rows = (size_t)c->rows;
    const float *x = c->in[0].value;
    for (size_t r = 0; r < rows; r++) {
        float a[N], b[N] = {1, 1, 1};
        cosines(a, x[r], false);
        if (c->features > N)
            cosines(b, x[rows + r], false);
        for (int f = 0, n = c->features / N; f < c->features; f++)
            c->out[(size_t)f * rows + r] = a[f / n] * b[f % n];
    }
}

static void pose_backward(const basin_module_call *c)
{
    size_t rows = (size_t)c->rows;
    const float *x = c->in[0].value;
    float *dx = c->in[0].grad;
    for (size_t r = 0; dx && r < rows; r++) {
        float a[N], b[N] = {1, 1, 1}, da[N], db[N];
        bool two = c->features > N;
        cosines(a, x[r], false);
        cosines(da, x[r], true);
        if (two) {
            cosines(b, x[rows + r], false);
            cosines(db, x[rows + r], true);
        }
        for (int f = 0, n = c->features / N; f < c->features; f++) {
            float dy = c->d_out[(size_t)f * rows + r];
            dx[r] += dy * da[f / n] * b[f % n];
            if (two)
                dx[rows + r] += dy * a[f / n] * db[f % n];
        }
    }
}

const basin_module basin__module_pose = {
    .part = {"pose", "a pose of one or two angles as a point of a manifold",
        "y_i = cos(a - o_i), or y_ij = cos(a - o_i) cos(b - o_j), o = -pi/3, "
        "0, pi/3",
        "Osadchy, Miller and LeCun 2004, section 2", NULL, 0},
    .min_inputs = 1,
    .max_inputs = 1,
    .plan = pose_plan,
    .forward = pose_forward,
    .backward = pose_backward,
};

/* ------------------------------------------------------------- nearest pose */

void basin_pose_point(const double *pose, int angles, double *out)
{
    for (int i = 0; i < N; i++) {
        double a = basin_cos(pose[0] - offset(i));
        if (angles == 1)
            out[i] = a;
        for (int j = 0; angles == 2 && j < N; j++)
            out[i * N + j] = a * basin_cos(pose[1] - offset(j));
    }
}

static double length(double x, double y)
{
    return basin_sqrt(x * x + y * y);
}

/* atan2(y, x): the angle is halved until its series is short. */
static double angle_of(double y, double x)
{
    enum { HALVINGS = 5 };
    double far = length(x, y);
    if (!(far > 0))
        return 0;
    double c = (x < 0 ? -x : x) / far, s = y / far;
    for (int k = 0; k < HALVINGS; k++) {
        double half = basin_sqrt((1 + c) / 2);
        s /= 2 * half;
        c = half;
    }
    double t = s / c, sum = 0;
    for (int k = 17; k > 0; k -= 2)
        sum = (k % 4 == 1 ? 1.0 : -1.0) / k + t * t * sum;
    double angle = (1 << HALVINGS) * t * sum;
    if (x >= 0)
        return angle;
    return y < 0 ? -pi - angle : pi - angle;
}

/* The sums of G with cosines or sines of the offsets, in both indices. */
static double moment(const double *g, bool sine_i, bool sine_j)
{
    double sum = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double a = offset(i), b = offset(j);
            sum += g[i * N + j] * (sine_i ? basin_sin(a) : basin_cos(a)) *
                   (sine_j ? basin_sin(b) : basin_cos(b));
        }
    return sum;
}

static double find_two(const double *g, double *pose)
{
    double cc = moment(g, false, false), cs = moment(g, false, true);
    double sc = moment(g, true, false), ss = moment(g, true, true);
    double sum = angle_of(cs + sc, cc - ss);
    double difference = angle_of(sc - cs, cc + ss);
    pose[0] = (sum + difference) / 2;
    pose[1] = (sum - difference) / 2;
    if (pose[0] > pi / 2 || pose[0] < -pi / 2) { /* the same point */
        pose[0] += pose[0] > 0 ? -pi : pi;
        pose[1] += pose[1] > 0 ? -pi : pi;
    }
    return 9.0 / 4 - length(cc - ss, cs + sc) - length(cc + ss, sc - cs);
}

double basin_pose_nearest(const double *g, int angles, double *pose)
{
    double square = 0, along = 0, across = 0;
    for (int i = 0; i < (angles == 1 ? N : N * N); i++)
        square += g[i] * g[i];
    if (angles == 2)
        return square + find_two(g, pose);
    for (int i = 0; i < N; i++) {
        along += g[i] * basin_cos(offset(i));
        across += g[i] * basin_sin(offset(i));
    }
    pose[0] = angle_of(across, along);
    return square + 3.0 / 2 - 2 * length(along, across);
}
