/* SPDX-License-Identifier: MIT
 *
 * The kernels for chains with the registers that every processor of this
 * build has, and the choice among them all: as wide as the context's backend.
 */
#define CHAIN_KERNELS basin__chain_kernels4
#define CHAIN_NAME    "any"
#define CHAIN_WIDTH   2
#include "tensor/chain_kernels.inc"

#include "base/context.h"
#include "tensor/kernels.h"

extern const basin__chain_kernels basin__chain_kernels8;
extern const basin__chain_kernels basin__chain_kernels16;

const basin__chain_kernels *basin__chain_kernels_of(const basin_context *ctx)
{
#if (BASIN_VECTORS & 16) != 0
    if (ctx->kernels == &basin__kernels_vector16)
        return &basin__chain_kernels16;
#endif
#if (BASIN_VECTORS & 8) != 0
    if (ctx->kernels == &basin__kernels_vector8)
        return &basin__chain_kernels8;
#endif
    (void)ctx;
    return &CHAIN_KERNELS;
}
