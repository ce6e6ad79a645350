/* SPDX-License-Identifier: MIT
 *
 * Dense arrays of float32, as the readers give them and the writers take
 * them.
 */
#include "basin/data.h"

enum { DIMS = 4 };

size_t basin_array_size(const basin_array *array)
{
    size_t size = 1;
    for (int i = 0; i < array->n_dims; i++)
        size *= (size_t)array->dims[i];
    return size;
}

/** An array without values still owns a block, so that `values` is never
 *  NULL where an array is. */
static size_t bytes_of(const basin_array *array)
{
    size_t size = basin_array_size(array);
    return (size ? size : 1) * sizeof(float);
}

basin_status basin_array_init(basin_array *out, basin_context *ctx, int n_dims,
    const int64_t *dims, basin_error *error)
{
    *out = (basin_array){.ctx = ctx};
    BASIN_REQUIRE(n_dims >= 0 && n_dims <= DIMS, error, BASIN_E_SHAPE,
        "an array of %d dimensions; 0 to %d are possible", n_dims, DIMS);
    uint64_t most = PTRDIFF_MAX / sizeof(float), size = 1;
    for (int i = 0; i < n_dims; i++) {
        BASIN_REQUIRE(dims[i] >= 0, error, BASIN_E_SHAPE,
            "dimension %d of the array is %lld; 0 is the least", i,
            (long long)dims[i]);
        uint64_t d = (uint64_t)dims[i];
        BASIN_REQUIRE(d == 0 || size <= most / d, error, BASIN_E_SHAPE,
            "an array of more than %zu values", (size_t)most);
        size *= d;
    }
    basin_array array = {.n_dims = n_dims, .ctx = ctx};
    for (int i = 0; i < n_dims; i++)
        array.dims[i] = dims[i];
    array.values = basin_alloc(ctx, bytes_of(&array));
    BASIN_REQUIRE(array.values, error, BASIN_E_MEMORY,
        "out of memory: an array of %zu values", (size_t)size);
    *out = array;
    return BASIN_OK;
}

void basin_array_finish(basin_array *array)
{
    if (array->values)
        basin_free(array->ctx, array->values, bytes_of(array));
    *array = (basin_array){.ctx = array->ctx};
}
