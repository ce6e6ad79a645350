/* SPDX-License-Identifier: MIT
 *
 * Unpacking gzip (RFC 1952) through zlib, where the build has it. A file may
 * hold several members, one after the other; their contents are one.
 */
#include "data/gzip.h"
#include "data/text.h"

#ifdef BASIN_ZLIB

#include <string.h>
#include <zlib.h>

enum { STEP = 1 << 16, HEAD = 64, RATIO = 1032 /* the most of deflate */ };

/* zlib frees without a size, so it stands before each block. */
static void *take(void *ctx, unsigned items, unsigned size)
{
    size_t bytes = (size_t)items * size + HEAD;
    unsigned char *block = basin_alloc(ctx, bytes);
    if (!block)
        return NULL;
    memcpy(block, &bytes, sizeof bytes);
    return block + HEAD;
}

static void give(void *ctx, void *at)
{
    unsigned char *block = (unsigned char *)at - HEAD;
    size_t bytes;
    memcpy(&bytes, block, sizeof bytes);
    basin_free(ctx, block, bytes);
}

/* The last four bytes say how long the content of the last member is; used as
 * a guess of how much will come, and no more than that. */
static size_t guess(const unsigned char *data, size_t size)
{
    const unsigned char *end = data + size - 4;
    size_t n = (size_t)end[0] | (size_t)end[1] << 8 | (size_t)end[2] << 16 |
               (size_t)end[3] << 24;
    return n / RATIO <= size ? n : 0;
}

static basin_status say(
    int code, const z_stream *z, size_t at, basin_error *error)
{
    if (code == Z_MEM_ERROR)
        return basin_error_set(
            error, BASIN_E_MEMORY, "out of memory: unpacking gzip");
    if (code == Z_BUF_ERROR || code == Z_OK)
        return basin_error_set(error, BASIN_E_FORMAT,
            "the gzip data end too early, after %zu bytes", at);
    return basin_error_set(error, BASIN_E_FORMAT,
        "not a gzip file: byte %zu, %s", at,
        z->msg ? z->msg : "the data are damaged");
}

/* Room for more of the content; at the limit there is one byte too many. */
static basin_status make_room(basin_bytes *out, size_t before, size_t most,
    z_stream *z, basin_error *error)
{
    BASIN_REQUIRE(out->size - before <= most, error, BASIN_E_FORMAT,
        "the gzip data unpack to more than %zu bytes", most);
    if (out->size == out->capacity)
        BASIN_TRY(basin__bytes_reserve(out, STEP, error));
    size_t room = out->capacity - out->size, left = most - (out->size - before);
    if (room > left)
        room = left + 1;
    z->next_out = out->data + out->size;
    z->avail_out = (uInt)(room < (1U << 30) ? room : 1U << 30);
    return BASIN_OK;
}

static basin_status unpack(basin_bytes *out, z_stream *z,
    const unsigned char *data, size_t size, size_t most, basin_error *error)
{
    size_t at = 0, before = out->size;
    for (;;) {
        size_t left = size - at;
        BASIN_TRY(make_room(out, before, most, z, error));
        z->next_in = (Bytef *)(uintptr_t)(data + at);
        z->avail_in = (uInt)(left < (1U << 30) ? left : 1U << 30);
        int code = inflate(z, Z_NO_FLUSH);
        at = (size_t)(z->next_in - data);
        out->size = (size_t)(z->next_out - out->data);
        if (code == Z_STREAM_END) {
            BASIN_REQUIRE(out->size - before <= most, error, BASIN_E_FORMAT,
                "the gzip data unpack to more than %zu bytes", most);
            if (at == size)
                return BASIN_OK;
            code = inflateReset(z); /* another member */
        }
        if (code != Z_OK)
            return say(code, z, at, error);
    }
}

basin_status basin_gunzip(basin_bytes *out, const void *data, size_t size,
    size_t most, basin_error *error)
{
    BASIN_REQUIRE(basin_is_gzip(data, size) && size >= 18, error,
        BASIN_E_FORMAT,
        "not a gzip file: %zu bytes that do not begin with 1f 8b", size);
    size_t before = out->size, likely = guess(data, size);
    if (likely <= most) /* one more, so that the end is seen without growing */
        BASIN_TRY(basin__bytes_reserve(out, likely + 1, error));
    z_stream z = {.zalloc = take, .zfree = give, .opaque = out->ctx};
    int code = inflateInit2(&z, 15 + 16); /* gzip alone */
    if (code != Z_OK)
        return say(code, &z, 0, error);
    basin_status status = unpack(out, &z, data, size, most, error);
    inflateEnd(&z);
    if (status != BASIN_OK)
        out->size = before;
    return status;
}

basin_status basin__inflate(basin_bytes *out, const void *data, size_t size,
    size_t wanted, uint32_t sum, basin_error *error)
{
    BASIN_REQUIRE(
        wanted / RATIO <= size && size < (1U << 30) && wanted < (1U << 30),
        error, BASIN_E_FORMAT, "%zu bytes cannot be packed in %zu", wanted,
        size);
    BASIN_TRY(basin__bytes_reserve(out, wanted + 1, error));
    z_stream z = {.zalloc = take,
        .zfree = give,
        .opaque = out->ctx,
        .next_in = (Bytef *)(uintptr_t)data,
        .avail_in = (uInt)size,
        .next_out = out->data + out->size,
        .avail_out = (uInt)wanted + 1};
    int code = inflateInit2(&z, -15); /* no frame */
    if (code != Z_OK)
        return say(code, &z, 0, error);
    code = inflate(&z, Z_FINISH);
    inflateEnd(&z);
    if (code == Z_MEM_ERROR)
        return say(code, &z, 0, error);
    BASIN_REQUIRE(code == Z_STREAM_END && z.total_out == wanted &&
                      crc32(0, out->data + out->size, (uInt)wanted) == sum,
        error, BASIN_E_FORMAT,
        "the packed data are damaged, or not the %zu bytes they should be",
        wanted);
    out->size += wanted;
    return BASIN_OK;
}

#else

basin_status basin__inflate(basin_bytes *out, const void *data, size_t size,
    size_t wanted, uint32_t sum, basin_error *error)
{
    (void)sum, (void)wanted;
    return basin_gunzip(out, data, size, 0, error);
}

basin_status basin_gunzip(basin_bytes *out, const void *data, size_t size,
    size_t most, basin_error *error)
{
    (void)out, (void)data, (void)size, (void)most;
    return basin_error_set(error, BASIN_E_SERVE,
        "the data are packed by gzip, and this build has no zlib; unpack them, "
        "or build with zlib");
}

#endif

bool basin_is_gzip(const void *data, size_t size)
{
    const unsigned char *bytes = data;
    return size >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

basin_status basin_file_load(
    basin_bytes *out, const char *path, size_t most, basin_error *error)
{
    basin_bytes packed;
    basin_bytes_init(&packed, out->ctx);
    basin_status status = basin_file_read(&packed, path, error);
    if (status == BASIN_OK && !basin_is_gzip(packed.data, packed.size) &&
        out->size == 0) {
        basin_bytes_finish(out);
        *out = packed;
        return BASIN_OK;
    }
    if (status == BASIN_OK) {
        status = basin_is_gzip(packed.data, packed.size)
                     ? basin_gunzip(out, packed.data, packed.size, most, error)
                     : basin_bytes_append(out, packed.data, packed.size, error);
        if (status != BASIN_OK)
            basin_error_place(error, path, 0, 0);
    }
    basin_bytes_finish(&packed);
    return status;
}
