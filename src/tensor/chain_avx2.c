/* SPDX-License-Identifier: MIT
 *
 * The kernels for chains on AVX2; see backend.c.
 */
#define CHAIN_KERNELS basin__chain_kernels8
#define CHAIN_NAME    "avx2"
#define CHAIN_WIDTH   4
#include "tensor/chain_kernels.inc"
