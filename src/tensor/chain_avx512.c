/* SPDX-License-Identifier: MIT
 *
 * The kernels for chains on AVX-512; see backend.c.
 */
#define CHAIN_KERNELS basin__chain_kernels16
#define CHAIN_NAME    "avx512"
#define CHAIN_WIDTH   8
#include "tensor/chain_kernels.inc"
