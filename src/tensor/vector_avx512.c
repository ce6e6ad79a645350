/* SPDX-License-Identifier: MIT
 *
 * The vector kernels on registers of 16 floats: AVX-512 with its F, VL, DQ and
 * BW parts. backend.c asks the processor before anything here runs.
 */
#define VW           16
#define KERNELS      basin__kernels_vector16
#define KERNELS_NAME "avx512"
#include "tensor/vector_kernels.inc"
