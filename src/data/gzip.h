/* SPDX-License-Identifier: MIT
 *
 * What deflate has packed without a frame around it, as in zip files.
 */
#ifndef BASIN_DATA_GZIP_H
#define BASIN_DATA_GZIP_H

#include "basin/data.h"

/** Append exactly `wanted` bytes, whose CRC-32 is `sum`. Errors: E_FORMAT,
 *  E_MEMORY, E_SERVE (no zlib). `out` may hold some of it then. */
basin_status basin__inflate(basin_bytes *out, const void *data, size_t size,
    size_t wanted, uint32_t sum, basin_error *error);

#endif
