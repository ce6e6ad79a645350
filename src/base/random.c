/* SPDX-License-Identifier: MIT
 *
 * Random numbers without a state: Philox4x32-10 (Salmon, Moraes, Dror and Shaw
 * 2011, "Parallel random numbers: as easy as 1, 2, 3") turns a place into 128
 * bits, so that no order and no thread can change them.
 */
#include "base/random.h"

#include "basin/base.h"
#include "basin/math.h"

void basin__philox(
    uint32_t out[4], const uint32_t counter[4], const uint32_t key[2])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        const uint64_t a = (uint64_t)0xd2511f53u * c0;
        const uint64_t b = (uint64_t)0xcd9e8d57u * c2;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)a;
        k0 += 0x9e3779b9u; /* the golden ratio */
        k1 += 0xbb67ae85u; /* sqrt(3) - 1 */
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/*
 * The seed is the key; index, step and stream share the counter. Below 2^48
 * each, index and step cannot meet: their upper halves take the two ends of
 * one word.
 */
void basin__random_block(uint32_t out[4], basin_random_key key, uint64_t index)
{
    const uint32_t index_high = (uint32_t)(index >> 32);
    const uint32_t step_high = (uint32_t)(key.step >> 32);
    const uint32_t counter[4] = {(uint32_t)index, (uint32_t)key.step,
        index_high ^ (step_high << 16 | step_high >> 16), key.stream};
    const uint32_t seed[2] = {(uint32_t)key.seed, (uint32_t)(key.seed >> 32)};
    basin__philox(out, counter, seed);
}

static uint64_t join(uint32_t low, uint32_t high)
{
    return (uint64_t)high << 32 | low;
}

uint64_t basin_random_bits(basin_random_key key, uint64_t index)
{
    uint32_t r[4];
    basin__random_block(r, key, index);
    return join(r[0], r[1]);
}

double basin_random_uniform(basin_random_key key, uint64_t index)
{
    return (double)(basin_random_bits(key, index) >> 11) * 0x1p-53;
}

double basin_random_normal(basin_random_key key, uint64_t index)
{
    uint32_t r[4];
    basin__random_block(r, key, index);
    /* The radius takes (0, 1], which has a logarithm everywhere. */
    const double u = (double)((join(r[0], r[1]) >> 11) + 1) * 0x1p-53;
    const double v = (double)(join(r[2], r[3]) >> 11) * 0x1p-53;
    return basin_sqrt(-2.0 * basin_log(u)) * basin_cos(6.283185307179586 * v);
}

/* floor(bits / 2^64 * n): the bias, n / 2^64, is below notice. */
static uint32_t below(uint64_t bits, uint32_t n)
{
    const uint64_t high = (bits >> 32) * n;
    const uint64_t low = (bits & 0xffffffffu) * n;
    return (uint32_t)((high + (low >> 32)) >> 32);
}

void basin_random_shuffle(basin_random_key key, int32_t *out, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = i;
    for (int i = n - 1; i > 0; i--) {
        const uint32_t j =
            below(basin_random_bits(key, (uint64_t)i), (uint32_t)i + 1);
        const int32_t held = out[i];
        out[i] = out[j];
        out[j] = held;
    }
}
