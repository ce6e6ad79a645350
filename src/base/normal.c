/* SPDX-License-Identifier: MIT
 *
 * Normal numbers in bulk, for samplers: four from each block of random bits,
 * in float32, by loops that a compiler can turn into vectors. Nothing but
 * + - * / and square roots, so every compiler gives the same bits.
 */
#include "base/random.h"
#include "basin/math.h"

enum { BLOCKS = 32, PAIRS = 2 * BLOCKS };

/* sin and cos on [-pi/4, pi/4]: Taylor's sums, off by less than 3e-8. */
static inline float sine(float a)
{
    float s = a * a;
    return a +
           a * s *
               (-1.0F / 6 + s * (1.0F / 120 + s * (-1.0F / 5040 + s / 362880)));
}

static inline float cosine(float a)
{
    float s = a * a;
    return 1 + s * (-.5F + s * (1.0F / 24 + s * (-1.0F / 720 + s / 40320)));
}

/* Box and Muller: u gives the radius, v the quadrant and the angle in it. */
static void turn(float *out, const uint32_t *u, const uint32_t *v)
{
    float radius[PAIRS];
    for (int i = 0; i < PAIRS; i++)
        radius[i] = basin_logf(((float)u[i] + 1) * 0x1p-32F);
    for (int i = 0; i < PAIRS; i++) {
        float r = __builtin_sqrtf(-2 * radius[i]);
        float a = ((float)(v[i] & 0x3fffffff) * 0x1p-30F - .5F) * 1.5707964F;
        float s = sine(a) * r, c = cosine(a) * r;
        bool odd = v[i] >> 30 & 1, half = v[i] >> 31;
        float x = odd ? s : c, y = odd ? c : s;
        out[2 * i] = half != odd ? -x : x;
        out[2 * i + 1] = half ? -y : y;
    }
}

/* The blocks from number `first` on. */
static void draw(float *out, basin_random_key key, uint64_t first)
{
    uint32_t u[PAIRS], v[PAIRS];
    for (int b = 0; b < BLOCKS; b++) {
        uint32_t r[4];
        basin__random_block(r, key, first + (uint64_t)b);
        u[2 * b] = r[0];
        v[2 * b] = r[1];
        u[2 * b + 1] = r[2];
        v[2 * b + 1] = r[3];
    }
    turn(out, u, v);
}

void basin_random_normals(basin_random_key key, float *out, size_t n)
{
    enum { CHUNK = 4 * BLOCKS };
    size_t at = 0;
    for (; at + CHUNK <= n; at += CHUNK)
        draw(out + at, key, at / 4);
    if (at == n)
        return;
    float rest[CHUNK];
    draw(rest, key, at / 4);
    for (size_t i = 0; at + i < n; i++)
        out[at + i] = rest[i];
}
