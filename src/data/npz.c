/* SPDX-License-Identifier: MIT
 *
 * NumPy's .npz: a zip file of .npy files, stored or deflated. The directory at
 * its end says where each lies; nothing of it is trusted. (PKWARE's
 * APPNOTE.TXT, sections 4.3 and 4.4.)
 */
#include "data/gzip.h"
#include "data/text.h"

#include <string.h>

enum {
    END_SIZE = 22,
    ENTRY_SIZE = 46,
    LOCAL_SIZE = 30,
    COMMENT_MOST = 65535,
    STORED = 0,
    DEFLATED = 8
};

typedef struct archive {
    const unsigned char *data;
    size_t size;
    size_t at; /* of the next entry of the directory */
    int left;  /* entries */
    basin_error *error;
} archive;

typedef struct entry {
    const unsigned char *name;
    size_t name_length;
    unsigned flags, method;
    uint32_t sum; /* CRC-32 */
    size_t packed, size, local;
} entry;

static size_t little(const unsigned char *p, int bytes)
{
    size_t value = 0;
    for (int i = bytes; i-- > 0;)
        value = value << 8 | p[i];
    return value;
}

#define REFUSE(a, ...) basin_error_set((a)->error, BASIN_E_FORMAT, __VA_ARGS__)

/* --------------------------------------------------------------- directory */

static basin_status open_archive(archive *a)
{
    size_t most = COMMENT_MOST + END_SIZE;
    for (size_t back = END_SIZE; back <= a->size && back <= most; back++) {
        const unsigned char *p = a->data + a->size - back;
        if (memcmp(p, "PK\5\6", 4) != 0 || little(p + 20, 2) != back - END_SIZE)
            continue;
        a->left = (int)little(p + 10, 2);
        a->at = little(p + 16, 4);
        if (a->at == UINT32_MAX || a->left == 0xffff)
            return REFUSE(a,
                "the .npz file is of the kind for more than 4 GiB, "
                "which is not read");
        if (a->at > a->size - back)
            return REFUSE(a, "not a .npz file: its directory lies behind its "
                             "end");
        return BASIN_OK;
    }
    return REFUSE(a, "not a .npz file: there is no zip directory at its end");
}

static basin_status next_entry(archive *a, entry *out)
{
    const unsigned char *p = a->data + a->at;
    if (a->size - a->at < ENTRY_SIZE || memcmp(p, "PK\1\2", 4) != 0)
        return REFUSE(
            a, "the .npz file's directory is damaged at byte %zu", a->at);
    *out = (entry){.name = p + ENTRY_SIZE,
        .name_length = little(p + 28, 2),
        .flags = (unsigned)little(p + 8, 2),
        .method = (unsigned)little(p + 10, 2),
        .sum = (uint32_t)little(p + 16, 4),
        .packed = little(p + 20, 4),
        .size = little(p + 24, 4),
        .local = little(p + 42, 4)};
    size_t length =
        ENTRY_SIZE + out->name_length + little(p + 30, 2) + little(p + 32, 2);
    if (length > a->size - a->at)
        return REFUSE(
            a, "the .npz file's directory ends early, at byte %zu", a->at);
    a->at += length;
    a->left--;
    return BASIN_OK;
}

/* The entry's bytes, as they are packed. */
static basin_status find_content(
    const archive *a, const entry *e, const unsigned char **out)
{
    size_t at = e->local;
    if (at > a->size || a->size - at < LOCAL_SIZE ||
        memcmp(a->data + at, "PK\3\4", 4) != 0)
        return REFUSE(a,
            "an array of the .npz file is said to lie at byte "
            "%zu, and does not",
            at);
    at += LOCAL_SIZE + little(a->data + at + 26, 2) +
          little(a->data + at + 28, 2);
    if (at > a->size || a->size - at < e->packed)
        return REFUSE(
            a, "an array of the .npz file ends behind its end: byte %zu", at);
    *out = a->data + at;
    return BASIN_OK;
}

/* ------------------------------------------------------------------ arrays */

static basin_status read_entry(
    basin_array *out, basin_context *ctx, const archive *a, const entry *e)
{
    const unsigned char *content = NULL;
    BASIN_TRY(find_content(a, e, &content));
    if (e->flags & 1)
        return REFUSE(a, "the .npz file is encrypted");
    if (e->method == STORED) {
        if (e->size != e->packed)
            return REFUSE(a,
                "an array of the .npz file is stored in %zu "
                "bytes, and said to have %zu",
                e->packed, e->size);
        return basin_npy_read(out, ctx, content, e->size, a->error);
    }
    if (e->method != DEFLATED)
        return REFUSE(a,
            "the .npz file is packed by method %u; 0 and 8 are "
            "read",
            e->method);
    basin_bytes bytes;
    basin_bytes_init(&bytes, ctx);
    basin_status status =
        basin__inflate(&bytes, content, e->packed, e->size, e->sum, a->error);
    if (status == BASIN_OK)
        status = basin_npy_read(out, ctx, bytes.data, bytes.size, a->error);
    basin_bytes_finish(&bytes);
    return status;
}

/* NumPy adds .npy to the names that it is given. */
static bool is_called(const entry *e, const char *name)
{
    size_t length = strlen(name), rest = e->name_length - length;
    if (e->name_length < length || memcmp(e->name, name, length) != 0)
        return false;
    return rest == 0 || (rest == 4 && !memcmp(e->name + length, ".npy", 4));
}

basin_status basin_npz_read(basin_array *out, basin_context *ctx,
    const void *data, size_t size, const char *name, basin_error *error)
{
    archive a = {.data = data, .size = size, .error = error};
    entry e = {0};
    char names[128] = "";
    size_t used = 0;
    *out = (basin_array){.ctx = ctx};
    BASIN_TRY(open_archive(&a));
    BASIN_REQUIRE(name || a.left == 1, error, BASIN_E_FORMAT,
        "the .npz file holds %d arrays; say which", a.left);
    while (a.left > 0) {
        char quote[BASIN__QUOTE];
        BASIN_TRY(next_entry(&a, &e));
        if (!name || is_called(&e, name))
            return read_entry(out, ctx, &a, &e);
        if (used < sizeof names)
            used += basin_format(names + used, sizeof names - used, "%s%s",
                used ? ", " : "",
                basin__quote(quote, (const char *)e.name, e.name_length));
    }
    return basin_error_set(error, BASIN_E_NAME,
        "the .npz file has no array '%s'; it has %s", name,
        used ? names : "none");
}
