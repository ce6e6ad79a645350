/* SPDX-License-Identifier: MIT
 *
 * Energies of known shape for the tests of inference, written as a user would,
 * point by point: so that everything can be found by brute force too.
 */
#ifndef BASIN_TEST_INFERENCE_H
#define BASIN_TEST_INFERENCE_H

#include "test_core.h"

enum { HILLS_PARAMS = 5 };

typedef enum hills_shape {
    HILLS,    /**< W0 sin(3 y + W1 x) + W2 (y - x)^2 + W3 cos(4 y1 + y0) + .. */
    GAUSS,    /**< W0 |y - x|^2 + W1 z^2 */
    CUSP,     /**< 0 at y = x, and with local minima above it elsewhere */
    ABSOLUTE, /**< sum |y - x| */
    FLAT      /**< W0 */
} hills_shape;

typedef enum hills_z { NO_Z, BOX_Z, LABEL_Z } hills_z;

typedef struct hills {
    hills_shape shape;
    int dim;
    hills_z z;
} hills;

static const float hills_w[HILLS_PARAMS] = {1, .8F, .6F, .5F, .7F};

static inline double hills_energy(const hills *h, const float *w,
    const float *x, const float *y, const float *z, double *d_w)
{
    const double x0 = (double)x[0], y0 = (double)y[0];
    const double y1 = h->dim > 1 ? (double)y[1] : 0;
    const double v = h->z ? (double)z[0] : 0, w0 = (double)w[0];
    const double far =
        (y0 - x0) * (y0 - x0) + (h->dim > 1 ? (y1 + x0) * (y1 + x0) : 0);
    const double cause = v - (double)w[4] * y0;
    switch (h->shape) {
    case HILLS: break;
    case GAUSS: return w0 * far + (double)w[1] * v * v;
    case CUSP:
        return fabs(y0 - x0) * (1.3 + sin(21 * y0)) +
               (h->dim > 1 ? fabs(y1 + x0) * (1.2 + cos(9 * y1)) : 0);
    case ABSOLUTE: return fabs(y0 - x0) + (h->dim > 1 ? fabs(y1 + x0) : 0);
    case FLAT: return w0;
    }
    const double angle = 3 * y0 + (double)w[1] * x0;
    const double ripple = h->dim > 1 ? cos(4 * y1 + y0) : 0;
    const double own = h->z ? cause * cause + .4 * sin(5 * v) : 0;
    if (d_w) {
        d_w[0] = sin(angle);
        d_w[1] = w0 * cos(angle) * x0;
        d_w[2] = far;
        d_w[3] = ripple;
        d_w[4] = h->z ? -2 * cause * y0 : 0;
    }
    return w0 * sin(angle) + (double)w[2] * far + (double)w[3] * ripple + own;
}

static const basin_param hills_params[] = {
    {"shape", "", 0, 4, 0, .integer = true, .help = "a hills_shape"},
    {"dim", "", 1, 3, 1, .integer = true, .help = "dimensions of Y"},
    {"z", "", 0, 2, 0, .integer = true, .help = "a hills_z"},
};

static inline basin_status hills_describe(void *self, basin_energy_info *info,
    const double *settings, basin_error *problem)
{
    (void)problem;
    const hills h = {
        (hills_shape)settings[0], (int)settings[1], (hills_z)settings[2]};
    *(hills *)self = h;
    info->x = core_box(1, -1, 1);
    info->y = core_box(h.dim, -.5F, 1.5F);
    if (h.dim > 1)
        info->y = core_box(h.dim, -1, 1);
    info->z = h.z == NO_Z    ? core_none
              : h.z == BOX_Z ? core_box(1, -2, 2)
                             : (basin_space){BASIN_SPACE_LABELS, 1, 0, 0, 4};
    info->n_params = HILLS_PARAMS;
    return BASIN_OK;
}

static inline float hills_value(const void *self, const float *w,
    const float *x, const float *y, const float *z)
{
    return (float)hills_energy(self, w, x, y, z, NULL);
}

static inline void hills_gradient(const void *self, const float *w,
    const float *x, const float *y, const float *z, float weight, float *d_w,
    float *d_x, float *d_y, float *d_z)
{
    double d[HILLS_PARAMS] = {0};
    (void)d_x;
    (void)d_y;
    (void)d_z;
    hills_energy(self, w, x, y, z, d);
    for (int i = 0; d_w && i < HILLS_PARAMS; i++)
        d_w[i] += weight * (float)d[i];
}

static const basin_energy_type hills_type = {
    .part = {"hills", "shapes that are known", "", "", hills_params, 3},
    .self_size = sizeof(hills),
    .describe = hills_describe,
    .value = hills_value,
    .gradient = hills_gradient,
};

/** Needs hills_type registered in the context. */
static inline basin_energy *hills_open(basin_context *ctx, hills h)
{
    basin_energy *e = NULL;
    const basin_setting s[] = {{"shape", h.shape}, {"dim", h.dim}, {"z", h.z}};
    MUST(basin_energy_create(&e, ctx, "hills", s, 3, &error));
    memcpy(basin_energy_params(e), hills_w, sizeof hills_w);
    return e;
}

#endif
