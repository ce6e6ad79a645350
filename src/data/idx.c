/* SPDX-License-Identifier: MIT
 *
 * IDX, the format of the MNIST digits: two bytes of 0, the type of a value,
 * the number of dimensions, their sizes as big-endian numbers of 32 bits, and
 * the values, big-endian too. (LeCun, Cortes and Burges, "The MNIST database
 * of handwritten digits".)
 */
#include "data/text.h"

#include <math.h>
#include <string.h>

enum { DIMS = 4 };

/* The bytes of a value of this type; 0: there is no such type. */
static size_t width_of(int type)
{
    switch (type) {
    case BASIN_IDX_UINT8:
    case BASIN_IDX_INT8: return 1;
    case BASIN_IDX_INT16: return 2;
    case BASIN_IDX_INT32:
    case BASIN_IDX_FLOAT32: return 4;
    case BASIN_IDX_FLOAT64: return 8;
    default: return 0;
    }
}

static uint64_t big_endian(const unsigned char *data, size_t width)
{
    uint64_t value = 0;
    for (size_t i = 0; i < width; i++)
        value = value << 8 | data[i];
    return value;
}

basin_status basin_idx_view(
    basin_idx *out, const void *data, size_t size, basin_error *error)
{
    const unsigned char *bytes = data;
    *out = (basin_idx){0};
    BASIN_REQUIRE(size >= 4 && bytes[0] == 0 && bytes[1] == 0, error,
        BASIN_E_FORMAT,
        "not an IDX file: it does not begin with two bytes of 0%s",
        basin_is_gzip(data, size) ? "; it is packed by gzip" : "");
    size_t width = width_of(bytes[2]);
    BASIN_REQUIRE(width, error, BASIN_E_FORMAT,
        "not an IDX file: byte 3 is %x, and no type of values (8, 9, b, c, d, "
        "e)",
        bytes[2]);
    int n_dims = bytes[3];
    BASIN_REQUIRE(n_dims >= 1 && n_dims <= DIMS, error, BASIN_E_FORMAT,
        "an IDX file of %d dimensions; 1 to %d are read", n_dims, DIMS);
    size_t head = 4 + 4 * (size_t)n_dims;
    BASIN_REQUIRE(size >= head, error, BASIN_E_FORMAT,
        "the IDX file ends in its header: %zu of %zu bytes", size, head);
    uint64_t count = 1;
    for (int i = 0; i < n_dims; i++) {
        uint64_t n = big_endian(bytes + 4 + 4 * i, 4);
        out->dims[i] = (int64_t)n;
        BASIN_REQUIRE(n == 0 || count <= (uint64_t)PTRDIFF_MAX / n, error,
            BASIN_E_FORMAT, "the IDX file promises more values than can be");
        count *= n;
    }
    BASIN_REQUIRE(count == (size - head) / width && (size - head) % width == 0,
        error, BASIN_E_FORMAT,
        "the IDX file has %zu bytes of values, and its header promises %llu "
        "of %zu bytes each",
        size - head, (unsigned long long)count, width);
    out->type = (basin_idx_type)bytes[2];
    out->n_dims = n_dims;
    out->count = (size_t)count;
    out->data = bytes + head;
    return BASIN_OK;
}

/* One value as the nearest double, which all types but none need. */
static double value_at(const basin_idx *idx, size_t i)
{
    size_t width = width_of(idx->type);
    uint64_t bits = big_endian(idx->data + i * width, width);
    switch (idx->type) {
    case BASIN_IDX_UINT8: return (double)bits;
    case BASIN_IDX_INT8: return (double)(int8_t)(uint8_t)bits;
    case BASIN_IDX_INT16: return (double)(int16_t)(uint16_t)bits;
    case BASIN_IDX_INT32: return (double)(int32_t)(uint32_t)bits;
    case BASIN_IDX_FLOAT32: {
        uint32_t half = (uint32_t)bits;
        float value;
        memcpy(&value, &half, sizeof value);
        return (double)value;
    }
    case BASIN_IDX_FLOAT64: {
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    }
    return 0;
}

basin_status basin_idx_read(basin_array *out, basin_context *ctx,
    const void *data, size_t size, basin_error *error)
{
    basin_idx idx;
    *out = (basin_array){.ctx = ctx};
    BASIN_TRY(basin_idx_view(&idx, data, size, error));
    BASIN_TRY(basin_array_init(out, ctx, idx.n_dims, idx.dims, error));
    for (size_t i = 0; i < idx.count; i++) {
        double value = value_at(&idx, i);
        /* from here on, the nearest float32 would be infinite */
        if (fabs(value) >= 0x1.ffffffp127 && isfinite(value)) {
            basin_array_finish(out);
            return basin_error_set(error, BASIN_E_FORMAT,
                "value %zu of the IDX file is %g, too large for a float32", i,
                value);
        }
        out->values[i] = (float)value;
    }
    return BASIN_OK;
}
