/* SPDX-License-Identifier: MIT
 *
 * base/mathf.h for one float at a time: scalar_tanh, scalar_exp, scalar_log,
 * scalar_sigmoid, scalar_softplus, inline, so that loops over them vectorise.
 */
#ifndef BASIN_TENSOR_SCALAR_H
#define BASIN_TENSOR_SCALAR_H

#include <stdint.h>
#include <string.h>

static inline float scalar_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t scalar_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

#define BASIN_VF               float
#define BASIN_VU               uint32_t
#define BASIN_VNAME(name)      scalar_##name
#define BASIN_VF_OF(u)         scalar_of_bits(u)
#define BASIN_VU_OF(f)         scalar_bits(f)
#define BASIN_VF_SET(c)        (c)
#define BASIN_VU_SET(c)        (c)
#define BASIN_VSELECT(k, a, b) ((k) ? (a) : (b))
#include "base/mathf.h"

#endif
