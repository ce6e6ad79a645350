/* SPDX-License-Identifier: MIT
 *
 * The vector kernels on registers of 8 floats: AVX2. backend.c asks the
 * processor before anything here runs.
 */
#define VW           8
#define KERNELS      basin__kernels_vector8
#define KERNELS_NAME "avx2"
#include "tensor/vector_kernels.inc"
