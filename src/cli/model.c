/* SPDX-License-Identifier: MIT
 *
 * Model files that the user names.
 */
#include "cli/cli.h"

basin_status cli_read_model(basin_energy **out, basin_context *ctx,
    const char *path, basin_error *error)
{
    basin_bytes bytes;
    basin_bytes_init(&bytes, ctx);
    basin_status status = basin_file_read(&bytes, path, error);
    if (status == BASIN_OK) {
        status = basin_model_read(out, ctx, bytes.data, bytes.size, error);
        if (status != BASIN_OK)
            basin_error_place(error, path, 0, 0);
    }
    basin_bytes_finish(&bytes);
    /* a number in the user's file, not one that we computed */
    if (status == BASIN_E_NONFINITE)
        status = error->code = BASIN_E_FORMAT;
    return status;
}
