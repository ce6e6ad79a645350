/* SPDX-License-Identifier: MIT
 *
 * Sets for energies that are given point by point: the plain loops that a
 * user's own energy runs through. It runs on one thread, in one order.
 */
#include "energy/energy.h"

#include <string.h>

typedef struct slot {
    basin_slot_def def;
    float *y, *z;  /* copies of the candidates */
    float *energy; /* (samples, answers, causes) */
    float *d_y, *d_z;
    int answers, causes;
} slot;

struct basin__points {
    basin_energy *energy;
    basin_pass_def def;
    const float *x;
    const int32_t *index;
    int samples;
    float *d_params;
    slot slots[BASIN_SLOTS];
};

static int at_least_1(int n)
{
    return n > 0 ? n : 1;
}

/* The sizes, in numbers, of a slot's arrays: y, z, energy. */
static void sizes_of(const basin__points *p, const slot *s, size_t out[3])
{
    size_t answers = (size_t)at_least_1(s->def.y.count);
    size_t causes = (size_t)at_least_1(s->def.z.count);
    size_t samples = (size_t)p->def.samples;
    out[0] = (s->def.y.own ? samples : 1) * answers * p->energy->info.y.dim;
    out[1] =
        (s->def.z.own ? samples * answers : 1) * causes * p->energy->info.z.dim;
    out[2] = samples * answers * causes;
}

static basin_status take(
    const basin__points *p, float **out, size_t n, basin_error *error)
{
    *out = basin_alloc(p->energy->ctx, (n + 1) * sizeof(float));
    BASIN_REQUIRE(*out, error, BASIN_E_MEMORY, "no memory for a pass");
    return BASIN_OK;
}

static basin_status open_points(basin__points *p, basin_error *error)
{
    BASIN_TRY(take(p, &p->d_params, p->energy->info.n_params, error));
    for (int i = 0; i < p->def.n_slots; i++) {
        slot *s = &p->slots[i];
        size_t n[3];
        s->def = p->def.slots[i];
        sizes_of(p, s, n);
        BASIN_TRY(take(p, &s->y, n[0], error));
        BASIN_TRY(take(p, &s->z, n[1], error));
        BASIN_TRY(take(p, &s->energy, n[2], error));
        if (s->def.gradient_y)
            BASIN_TRY(take(p, &s->d_y, n[0], error));
        if (s->def.gradient_z)
            BASIN_TRY(take(p, &s->d_z, n[1], error));
    }
    return BASIN_OK;
}

basin_status basin__points_create(basin__points **out, basin_energy *energy,
    const basin_pass_def *def, basin_error *error)
{
    *out = NULL;
    basin__points *p = basin_alloc(energy->ctx, sizeof *p);
    BASIN_REQUIRE(p, error, BASIN_E_MEMORY, "no memory for a pass");
    p->energy = energy;
    p->def = *def;
    basin_status status = open_points(p, error);
    if (status != BASIN_OK) {
        basin__points_destroy(p);
        return status;
    }
    *out = p;
    return BASIN_OK;
}

void basin__points_destroy(basin__points *p)
{
    if (!p)
        return;
    basin_context *ctx = p->energy->ctx;
    basin_free(
        ctx, p->d_params, (p->energy->info.n_params + 1) * sizeof(float));
    for (int i = 0; i < p->def.n_slots; i++) {
        slot *s = &p->slots[i];
        size_t n[3];
        s->def = p->def.slots[i];
        sizes_of(p, s, n);
        basin_free(ctx, s->y, (n[0] + 1) * sizeof(float));
        basin_free(ctx, s->z, (n[1] + 1) * sizeof(float));
        basin_free(ctx, s->energy, (n[2] + 1) * sizeof(float));
        basin_free(ctx, s->d_y, (n[0] + 1) * sizeof(float));
        basin_free(ctx, s->d_z, (n[1] + 1) * sizeof(float));
    }
    basin_free(ctx, p, sizeof *p);
}

void basin__points_observe(
    basin__points *p, const float *x, const int32_t *index, int samples)
{
    p->x = x;
    p->index = index;
    p->samples = samples;
    memset(p->d_params, 0, p->energy->info.n_params * sizeof(float));
}

/* One configuration of a set. */
typedef struct point {
    const float *x, *y, *z;
    size_t at_y, at_z; /* floats from the start of the slot's y and z */
} point;

static point point_at(
    const basin__points *p, const slot *s, int b, int g, int h)
{
    const basin_energy_info *info = &p->energy->info;
    int row = p->index ? p->index[b] : b;
    size_t answer = (size_t)(s->def.y.own ? b : 0) * s->answers + g;
    size_t own = (size_t)b * s->answers + g;
    size_t cause = (s->def.z.own ? own : 0) * s->causes + h;
    point out = {.at_y = answer * info->y.dim, .at_z = cause * info->z.dim};
    out.x = info->x.dim ? p->x + (size_t)row * info->x.dim : NULL;
    out.y = s->y + out.at_y;
    out.z = s->z + out.at_z;
    return out;
}

const float *basin__points_evaluate(
    basin__points *p, int number, const basin_set *set)
{
    slot *s = &p->slots[number];
    const basin_energy_info *info = &p->energy->info;
    s->answers = s->def.y.count > 1 && set->y_count > 0 ? set->y_count : 1;
    s->causes = s->def.z.count > 1 && set->z_count > 0 ? set->z_count : 1;
    size_t n_y = (size_t)(s->def.y.own ? p->samples : 1) * s->answers;
    size_t n_z =
        (size_t)(s->def.z.own ? p->samples * s->answers : 1) * s->causes;
    if (info->y.dim)
        memcpy(s->y, set->y, n_y * info->y.dim * sizeof(float));
    if (info->z.dim)
        memcpy(s->z, set->z, n_z * info->z.dim * sizeof(float));
    float *out = s->energy;
    for (int b = 0; b < p->samples; b++)
        for (int g = 0; g < s->answers; g++)
            for (int h = 0; h < s->causes; h++) {
                point at = point_at(p, s, b, g, h);
                *out++ = p->energy->type->value(
                    p->energy->self, p->energy->params, at.x, at.y, at.z);
            }
    return s->energy;
}

void basin__points_backward(basin__points *p, int number, const float *weights)
{
    slot *s = &p->slots[number];
    bool learns = p->def.gradient_params && !s->def.frozen;
    size_t n[3];
    sizes_of(p, s, n);
    if (s->d_y)
        memset(s->d_y, 0, n[0] * sizeof(float));
    if (s->d_z)
        memset(s->d_z, 0, n[1] * sizeof(float));
    for (int b = 0; b < p->samples; b++)
        for (int g = 0; g < s->answers; g++)
            for (int h = 0; h < s->causes; h++) {
                float weight = *weights++;
                if (weight == 0)
                    continue;
                point at = point_at(p, s, b, g, h);
                p->energy->type->gradient(p->energy->self, p->energy->params,
                    at.x, at.y, at.z, weight, learns ? p->d_params : NULL, NULL,
                    s->d_y ? s->d_y + at.at_y : NULL,
                    s->d_z ? s->d_z + at.at_z : NULL);
            }
}

void basin__points_finish(basin__points *p, float *d_params)
{
    if (d_params && p->def.gradient_params)
        basin_context_kernels(p->energy->ctx)
            ->add(d_params, p->d_params, p->energy->info.n_params);
}

const float *basin__points_gradient(
    basin__points *p, int number, basin_leaf leaf)
{
    return leaf == BASIN_Y ? p->slots[number].d_y : p->slots[number].d_z;
}
