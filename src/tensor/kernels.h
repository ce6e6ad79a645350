/* SPDX-License-Identifier: MIT
 *
 * The kernel tables that this build holds, and the choice of one of them for
 * a context: src/base/ makes a context without kernels, this room sets them.
 */
#ifndef BASIN_TENSOR_KERNELS_H
#define BASIN_TENSOR_KERNELS_H

#include "basin/tensor.h"

/* BASIN_VECTORS is set by the build: the widths, in floats, of the vector
 * kernels that are linked, or-ed together. */
#ifndef BASIN_VECTORS
#define BASIN_VECTORS 0
#endif

extern const basin_kernels basin__kernels_portable;
extern const basin_kernels basin__kernels_vector4;
extern const basin_kernels basin__kernels_vector8;
extern const basin_kernels basin__kernels_vector16;

/** The kernels of this name that this processor can run, or NULL. "fastest"
 *  is the first of them; "vector" the fastest that is not portable. */
const basin_kernels *basin__kernels_find(const char *name);

/**
 * Choose the context's kernels.
 * @param backend a name as basin__kernels_find takes it; NULL: the fastest
 * Errors: E_NAME, with the nearest name and those that are there.
 */
basin_status basin__context_kernels_init(
    basin_context *ctx, const char *backend, basin_error *error);

#endif
