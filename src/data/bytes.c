/* SPDX-License-Identifier: MIT
 *
 * Bytes that grow. The context has no resizing, so growing copies; the size
 * doubles, so that appending costs the same per byte however long it gets.
 */
#include "data/text.h"

#include <string.h>

void basin_bytes_init(basin_bytes *bytes, basin_context *ctx)
{
    *bytes = (basin_bytes){.ctx = ctx};
}

void basin_bytes_finish(basin_bytes *bytes)
{
    if (bytes->data)
        basin_free(bytes->ctx, bytes->data, bytes->capacity);
    *bytes = (basin_bytes){.ctx = bytes->ctx};
}

basin_status basin__bytes_reserve(
    basin_bytes *bytes, size_t more, basin_error *error)
{
    if (more <= bytes->capacity - bytes->size)
        return BASIN_OK;
    BASIN_REQUIRE(bytes->ctx, error, BASIN_E_ARGUMENT,
        "bytes without a context cannot grow; call basin_bytes_init first");
    BASIN_REQUIRE(more <= PTRDIFF_MAX - bytes->size, error, BASIN_E_MEMORY,
        "out of memory: no room for %zu more bytes", more);
    size_t capacity = bytes->capacity < 128 ? 256 : bytes->capacity;
    if (bytes->capacity >= 128 && capacity <= PTRDIFF_MAX / 2)
        capacity *= 2;
    if (capacity < bytes->size + more)
        capacity = bytes->size + more;
    unsigned char *data = basin_alloc(bytes->ctx, capacity);
    BASIN_REQUIRE(
        data, error, BASIN_E_MEMORY, "out of memory: %zu bytes", capacity);
    if (bytes->data) {
        memcpy(data, bytes->data, bytes->size);
        basin_free(bytes->ctx, bytes->data, bytes->capacity);
    }
    bytes->data = data;
    bytes->capacity = capacity;
    return BASIN_OK;
}

basin_status basin_bytes_append(
    basin_bytes *bytes, const void *data, size_t size, basin_error *error)
{
    if (size == 0)
        return BASIN_OK;
    BASIN_TRY(basin__bytes_reserve(bytes, size, error));
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
    return BASIN_OK;
}

basin_status basin_bytes_print(
    basin_bytes *bytes, basin_error *error, const char *format, ...)
{
    /* room for short texts; a longer one is formatted a second time */
    BASIN_TRY(basin__bytes_reserve(bytes, 128, error));
    for (int round = 0;; round++) {
        size_t room = bytes->capacity - bytes->size;
        va_list args;
        va_start(args, format);
        size_t length = basin_vformat(
            (char *)bytes->data + bytes->size, room, format, args);
        va_end(args);
        if (length < room || round == 1) {
            bytes->size += length < room ? length : room - 1;
            return BASIN_OK;
        }
        BASIN_TRY(basin__bytes_reserve(bytes, length + 1, error));
    }
}
