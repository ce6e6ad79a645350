/* SPDX-License-Identifier: MIT
 *
 * Sets of candidates that cover a space.
 */
#include "inference/inference.h"

enum { COUNT_MAX = 1 << 20 };

static basin_status count_points(
    int *out, const basin_space *space, int points, basin_error *error)
{
    int64_t count = 1;
    for (int i = 0; i < space->dim; i++) {
        count *= points;
        BASIN_REQUIRE(count <= COUNT_MAX, error, BASIN_E_RANGE,
            "a grid of %d points in %d dimensions is too large; at most %d "
            "in all",
            points, space->dim, COUNT_MAX);
    }
    *out = (int)count;
    return BASIN_OK;
}

/* What point `at` of a line stands for. */
static double weight_of(int at, int points, int rule, double step)
{
    bool end = at == 0 || at == points - 1;
    if (rule == BASIN__RULE_COUNT)
        return 1;
    if (rule == BASIN__RULE_SIMPSON)
        return step / 3 * (end ? 1 : at % 2 ? 4 : 2);
    return end ? step / 2 : step;
}

/* Each dimension's points from the box's low to its high end, computed from
 * their number so that no error adds up. */
static void fill_grid(
    basin__cover *cover, const basin_space *space, int points, int rule)
{
    double low = (double)space->low;
    double step = ((double)space->high - low) / (points - 1);
    cover->step = (float)step;
    for (int i = 0; i < cover->count; i++) {
        double mass = 1;
        for (int d = space->dim - 1, rest = i; d >= 0; d--) {
            int at = rest % points;
            rest /= points;
            cover->values[i * space->dim + d] = (float)(low + at * step);
            mass *= weight_of(at, points, rule, step);
        }
        cover->masses[i] = (float)mass;
    }
}

basin_status basin__cover_init(basin__cover *out, basin_context *ctx,
    const basin_space *space, int points, int rule, basin_error *error)
{
    BASIN_REQUIRE(space->kind != BASIN_SPACE_BOX ||
                      rule != BASIN__RULE_SIMPSON || points % 2 == 1,
        error, BASIN_E_RANGE,
        "Simpson's rule needs an odd number of points; got %d", points);
    *out = (basin__cover){.ctx = ctx, .count = 1, .dim = space->dim};
    if (space->kind == BASIN_SPACE_BOX)
        BASIN_TRY(count_points(&out->count, space, points, error));
    else if (space->kind == BASIN_SPACE_LABELS)
        out->count = space->count;
    size_t n = (size_t)out->count * (out->dim + 1) * sizeof(float);
    out->values = basin_alloc(ctx, n);
    BASIN_REQUIRE(out->values, error, BASIN_E_MEMORY,
        "no memory for a set of %d candidates", out->count);
    out->masses = out->values + (size_t)out->count * out->dim;
    for (int i = 0; i < out->count; i++)
        out->masses[i] = 1;
    if (space->kind == BASIN_SPACE_BOX)
        fill_grid(out, space, points, rule);
    if (space->kind == BASIN_SPACE_LABELS)
        for (int i = 0; i < out->count; i++)
            out->values[i] = (float)i;
    return BASIN_OK;
}

void basin__cover_finish(basin__cover *cover)
{
    if (cover->values)
        basin_free(cover->ctx, cover->values,
            (size_t)cover->count * (cover->dim + 1) * sizeof(float));
    cover->values = NULL;
}

void basin__lower(const basin_kernels *k, const basin__cover *z, bool marginal,
    double beta, const float *e, int n, float *out, float *q)
{
    size_t causes = (size_t)z->count;
    for (int i = 0; i < n; i++, e += causes, q += causes) {
        size_t best = k->argmin(e, causes);
        if (!marginal || z->dim == 0) {
            k->fill(q, 0, causes);
            q[best] = 1;
            out[i] = e[best];
            continue;
        }
        double sum = k->gibbs(q, e, z->masses, e[best], (float)beta, causes);
        k->scale(q, (float)(1 / sum), causes);
        out[i] =
            (float)((double)e[best] - basin_log(sum) / (double)(float)beta);
    }
}
