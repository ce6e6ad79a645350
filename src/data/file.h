/* SPDX-License-Identifier: MIT
 *
 * Writing in two steps, so that several files appear together or not at all:
 * first every one is staged, then every one gets its name.
 */
#ifndef BASIN_DATA_FILE_H
#define BASIN_DATA_FILE_H

#include "basin/data.h"

enum { BASIN__PATH = 4096 };

/** A file that lies on the disk, whole, but not yet under its name. */
typedef struct basin__staged {
    char temporary[BASIN__PATH + 64]; /**< empty: nothing is left to do */
    char target[BASIN__PATH];
} basin__staged;

/** A part of a file; borrowed. */
typedef struct basin__piece {
    const void *data;
    size_t size;
} basin__piece;

/** The first half of basin_file_write. A pipe or a device is written to at
 *  once. Errors: E_IO; nothing is left behind then. */
basin_status basin__file_stage(basin__staged *out, const char *path,
    const void *data, size_t size, basin_error *error);
/** The same of a file that does not lie in one place. */
basin_status basin__file_stage_pieces(basin__staged *out, const char *path,
    const basin__piece *pieces, size_t n, basin_error *error);
/** The second half: the name. Errors: E_IO; nothing is left behind. */
basin_status basin__file_commit(basin__staged *staged, basin_error *error);
/** Or remove it again. */
void basin__file_drop(basin__staged *staged);

/** A descriptor to read from, for the caller to close. Errors: E_IO. */
basin_status basin__file_open(int *out, const char *path, basin_error *error);

/** A file's bytes, to be read only. */
typedef struct basin__mapped {
    const void *data;
    size_t size;
    void *map; /**< NULL: they lie in `bytes` */
    basin_bytes bytes;
} basin__mapped;

/** The file must not be cut while it is mapped (the command watches: a read
 *  raises SIGBUS); to replace it, as all of this project do, is fine. Errors:
 * as basin_file_read; unmap it then, too. */
basin_status basin__file_map(basin__mapped *out, basin_context *ctx,
    const char *path, basin_error *error);
void basin__file_unmap(basin__mapped *mapped);

#endif
