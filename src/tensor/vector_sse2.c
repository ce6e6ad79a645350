/* SPDX-License-Identifier: MIT
 *
 * The vector kernels on registers of 4 floats, which every x86-64 processor
 * has, every 64-bit ARM one, and WebAssembly with simd128.
 */
#define VW      4
#define KERNELS basin__kernels_vector4
#if defined(__wasm_simd128__)
#define KERNELS_NAME "simd128"
#elif defined(__aarch64__)
#define KERNELS_NAME "neon"
#else
#define KERNELS_NAME "sse2"
#endif
#include "tensor/vector_kernels.inc"
