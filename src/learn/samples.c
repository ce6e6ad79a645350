/* SPDX-License-Identifier: MIT
 *
 * Samples as numbers, whatever they are kept as.
 */
#include "learn/learn.h"

#include <string.h>

static void widen(
    float *out, const uint8_t *bytes, int n, float offset, float scale)
{
    for (int i = 0; i < n; i++)
        out[i] = offset + scale * (float)bytes[i];
}

void basin_samples_gather(const basin_samples *s, const int32_t *index, int n,
    int x_dim, int y_dim, float *x, float *y)
{
    for (int b = 0; b < n; b++) {
        size_t from = (size_t)(index ? index[b] : b), to = (size_t)b;
        if (x && s->bytes)
            widen(x + to * x_dim, s->bytes + from * x_dim, x_dim, s->offset,
                s->scale);
        else if (x)
            memcpy(x + to * x_dim, s->x + from * x_dim, x_dim * sizeof *x);
        if (y)
            memcpy(y + to * y_dim, s->y + from * y_dim, y_dim * sizeof *y);
    }
}
