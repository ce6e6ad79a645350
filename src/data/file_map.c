/* SPDX-License-Identifier: MIT
 *
 * Files as memory: mapped where the system can, read where it cannot.
 */
#define _GNU_SOURCE
#include "data/file.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* @return NULL where it is no file that can be mapped */
static void *map(int file, size_t *size)
{
    struct stat info;
    void *at = NULL;
    if (fstat(file, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0) {
        *size = (size_t)info.st_size;
        at = mmap(NULL, *size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
        at = at == MAP_FAILED ? NULL : at;
    }
    return at;
}

basin_status basin__file_map(basin__mapped *out, basin_context *ctx,
    const char *path, basin_error *error)
{
    *out = (basin__mapped){0};
    basin_bytes_init(&out->bytes, ctx);
    int file;
    BASIN_TRY(basin__file_open(&file, path, error));
    out->map = map(file, &out->size);
    close(file);
    out->data = out->map;
    if (out->map)
        return BASIN_OK;
    BASIN_TRY(basin_file_read(&out->bytes, path, error));
    out->data = out->bytes.data;
    out->size = out->bytes.size;
    return BASIN_OK;
}

void basin__file_unmap(basin__mapped *mapped)
{
    if (mapped->map)
        munmap(mapped->map, mapped->size);
    basin_bytes_finish(&mapped->bytes);
    *mapped = (basin__mapped){0};
}
