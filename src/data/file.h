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

/** The first half of basin_file_write. A pipe or a device is written to at
 *  once. Errors: E_IO; nothing is left behind then. */
basin_status basin__file_stage(basin__staged *out, const char *path,
    const void *data, size_t size, basin_error *error);
/** The second half: the name. Errors: E_IO; nothing is left behind. */
basin_status basin__file_commit(basin__staged *staged, basin_error *error);
/** Or remove it again. */
void basin__file_drop(basin__staged *staged);

#endif
