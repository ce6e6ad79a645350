/* SPDX-License-Identifier: MIT
 *
 * The gradient check: derivatives of an energy against central differences.
 */
#include "energy/energy.h"

typedef struct check {
    basin_energy *energy;
    basin_pass *pass;
    basin_gradcheck *out;
    float *x, *y, *z;
} check;

static float value_at(check *c)
{
    basin_pass_observe(c->pass, c->x, NULL, 1, false, 0);
    return basin_pass_evaluate(c->pass, 0,
        &(basin_set){.y = c->y, .z = c->z, .y_count = 1, .z_count = 1})[0];
}

/* The derivative by differences at a step. Slopes and curvatures over h and 2h
 * agree where the energy is smooth; near a kink one of them does not, and there
 * is no derivative (NaN). */
static double difference(check *c, float *number, float h)
{
    const float kept = *number;
    double e[5], step = (double)h;
    for (int i = 0; i < 5; i++) {
        *number = kept + h * (float)(i - 2);
        e[i] = (double)value_at(c);
    }
    *number = kept;
    double near = (e[3] - e[1]) / (2 * step);
    double far = (e[4] - e[0]) / (4 * step);
    double bend = (e[3] - 2 * e[2] + e[1]) / step;
    double wide = (e[4] - 2 * e[2] + e[0]) / (4 * step);
    double numeric = near + (near - far) / 3;
    double most = 1e-3 + 0.02 * __builtin_fabs(numeric);
    bool smooth = __builtin_fabs(near - far) <= most &&
                  __builtin_fabs(bend - wide) <= most;
    return smooth || !__builtin_isfinite(numeric) ? numeric : __builtin_nan("");
}

static double distance(double analytic, double numeric)
{
    double off =
        __builtin_fabs(analytic - numeric) / (0.05 + __builtin_fabs(numeric));
    return __builtin_isnan(off) ? __builtin_inf() : off; /* none is worse */
}

/* Two kinks may hide each other at one step, and rounding drowns a small one:
 * a derivative that disagrees counts only where two steps in turn agree with
 * each other. */
static void compare(
    check *c, const char *what, size_t index, float *number, double analytic)
{
    /* Energies are float32. Differences of fourth order at the first step leave
     * an error of truncation near that of rounding, both about 1e-5 of E. */
    static const float steps[] = {0.02F, 0.005F, 0.00125F};
    enum { STEPS = sizeof steps / sizeof *steps };
    double numeric = 0, off = 0, last = __builtin_nan("");
    bool sure = false;
    for (int i = 0; i < STEPS && !sure; i++) {
        numeric = difference(c, number, steps[i]);
        if (__builtin_isnan(numeric))
            continue;
        off = distance(analytic, numeric);
        sure = off < BASIN_GRADCHECK_GOOD / 2 ||
               distance(last, numeric) < BASIN_GRADCHECK_GOOD / 2;
        last = numeric;
    }
    if (!sure)
        return;
    c->out->checked++;
    if (off > c->out->worst) {
        c->out->worst = off;
        c->out->what = what;
        c->out->index = index;
        c->out->analytic = analytic;
        c->out->numeric = numeric;
    }
}

static void draw(
    float *out, const basin_space *space, basin_random_key key, int variable)
{
    for (int i = 0; i < space->dim; i++) {
        uint64_t at = (uint64_t)variable << 40 | (uint64_t)i;
        double u = basin_random_uniform(key, at);
        out[i] = space->kind == BASIN_SPACE_LABELS
                     ? (float)(int)(u * space->count)
                     : (float)((double)space->low +
                               u * ((double)space->high - (double)space->low));
    }
}

static basin_status check_point(
    check *c, basin_random_key key, float *gradient, basin_error *error)
{
    const basin_energy_info *info = &c->energy->info;
    draw(c->x, &info->x, key, 0);
    draw(c->y, &info->y, key, 1);
    draw(c->z, &info->z, key, 2);
    float e = value_at(c);
    BASIN_REQUIRE(__builtin_isfinite(e), error, BASIN_E_NONFINITE,
        "the energy is not finite at a random configuration");
    const float weight = 1;
    basin_context_kernels(c->energy->ctx)->fill(gradient, 0, info->n_params);
    basin_pass_backward(c->pass, 0, &weight);
    basin_pass_finish(c->pass, gradient);
    /* The comparisons run through the same pass, so keep what it gave. */
    float *d_y = gradient + info->n_params, *d_z = d_y + info->y.dim;
    for (int i = 0; info->y.kind == BASIN_SPACE_BOX && i < info->y.dim; i++)
        d_y[i] = basin_pass_gradient_y(c->pass, 0)[i];
    for (int i = 0; info->z.kind == BASIN_SPACE_BOX && i < info->z.dim; i++)
        d_z[i] = basin_pass_gradient_z(c->pass, 0)[i];
    for (size_t i = 0; i < info->n_params; i++)
        compare(c, "W", i, &c->energy->params[i], (double)gradient[i]);
    for (int i = 0; info->y.kind == BASIN_SPACE_BOX && i < info->y.dim; i++)
        compare(c, "Y", (size_t)i, &c->y[i], (double)d_y[i]);
    for (int i = 0; info->z.kind == BASIN_SPACE_BOX && i < info->z.dim; i++)
        compare(c, "Z", (size_t)i, &c->z[i], (double)d_z[i]);
    return BASIN_OK;
}

basin_status basin_energy_gradcheck(basin_gradcheck *out, basin_energy *energy,
    uint64_t seed, int points, basin_error *error)
{
    const basin_energy_info *info = &energy->info;
    *out = (basin_gradcheck){.what = "W"};
    basin_pass_def def = {.samples = 1,
        .gradient_params = true,
        .n_slots = 1,
        .slots = {{.y = {1, true},
            .z = {1, true},
            .gradient_y = info->y.kind == BASIN_SPACE_BOX,
            .gradient_z = info->z.kind == BASIN_SPACE_BOX}}};
    check c = {.energy = energy, .out = out};
    size_t dims = (size_t)info->x.dim + info->y.dim + info->z.dim;
    size_t size = (info->n_params + 2 * dims + 1) * sizeof(float);
    float *memory = basin_alloc(energy->ctx, size);
    BASIN_REQUIRE(memory, error, BASIN_E_MEMORY, "no memory for the check");
    c.x = memory;
    c.y = c.x + info->x.dim;
    c.z = c.y + info->y.dim;
    float *gradient = c.z + info->z.dim;
    basin_status status = basin_pass_create(&c.pass, energy, &def, error);
    for (int i = 0; status == BASIN_OK && i < points; i++) {
        basin_random_key key = {seed, BASIN_STREAM_TEST, (uint64_t)i};
        status = check_point(&c, key, gradient, error);
    }
    basin_pass_destroy(c.pass);
    basin_free(energy->ctx, memory, size);
    return status;
}
