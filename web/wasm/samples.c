/* SPDX-License-Identifier: MIT
 *
 * The samples of a session: room for them, and functions to draw them from.
 */
#include "web.h"

#include <stdlib.h>

enum { MOST = 10000 };

/* What is larger or smaller than before; the trainer must be made again. */
static basin_status resize(void **block, size_t size, basin_error *error)
{
    void *fresh = calloc(1, size);
    BASIN_REQUIRE(fresh, error, BASIN_E_MEMORY, "no memory for the samples");
    free(*block);
    *block = fresh;
    return BASIN_OK;
}

int WEB_EXPORT(web_take_samples)(web *w, int n)
{
    BASIN_REQUIRE(n >= 1 && n <= MOST, &w->error, BASIN_E_RANGE,
        "%d samples; from 1 to %d are possible", n, MOST);
    const size_t size = (size_t)n;
    web_drop_trainer(w); /* it borrows them */
    w->n = 0;            /* until all of them have room */
    basin_error *error = &w->error;
    BASIN_TRY(resize((void **)&w->x, size * sizeof *w->x, error));
    BASIN_TRY(resize((void **)&w->y, size * sizeof *w->y, error));
    BASIN_TRY(resize((void **)&w->pairs, 2 * size * sizeof(float), error));
    BASIN_TRY(resize((void **)&w->found, size * sizeof *w->found, error));
    BASIN_TRY(resize((void **)&w->order, size * sizeof *w->order, error));
    w->n = n;
    return BASIN_OK;
}

static const double pi = 3.14159265358979323846;

/* The circle has two right answers for one x. */
static void draw(float *x, float *y, int function, double u)
{
    *x = (float)(2 * u - 1);
    switch (function) {
    case 1: *y = (float)(.5 + .7 * basin_sin(pi * (double)*x)); break;
    case 2: *y = *x < 0 ? 0.0F : 1.0F; break;
    case 3:
        *x = (float)(.8 * basin_cos(2 * pi * u));
        *y = (float)(.5 + .8 * basin_sin(2 * pi * u));
        break;
    default: *y = *x * *x;
    }
}

int WEB_EXPORT(web_draw_samples)(
    web *w, int n, int function, double noise, double seed)
{
    BASIN_TRY(web_take_samples(w, n));
    const basin_random_key key = {(uint64_t)seed, BASIN_STREAM_DATA, 0};
    const basin_random_key noises = {(uint64_t)seed, BASIN_STREAM_USER, 0};
    for (int i = 0; i < n; i++) {
        draw(&w->x[i], &w->y[i], function,
            basin_random_uniform(key, (uint64_t)i));
        if (noise > 0)
            w->y[i] +=
                (float)(noise * basin_random_normal(noises, (uint64_t)i));
    }
    return BASIN_OK;
}

float *WEB_EXPORT(web_x)(web *w)
{
    return w->x;
}

float *WEB_EXPORT(web_y)(web *w)
{
    return w->y;
}

int WEB_EXPORT(web_n_samples)(const web *w)
{
    return w->n;
}
