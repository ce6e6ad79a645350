/* SPDX-License-Identifier: MIT
 *
 * Status texts, and the record of what went wrong and where. Nothing here
 * allocates: an error about memory must be reportable too.
 */
#include "basin/base.h"

#include <string.h>

const char *basin_status_text(basin_status status)
{
    switch (status) {
#define BASIN_X(name, number, meaning)                                         \
    case BASIN_##name: return meaning;
        BASIN_STATUS_MAP(BASIN_X)
#undef BASIN_X
    }
    return "unknown status";
}

basin_status basin_error_set(
    basin_error *error, basin_status code, const char *format, ...)
{
    if (!error)
        return code;
    /* An argument may be the old message: format aside, then copy. */
    char message[sizeof error->message];
    va_list args;
    va_start(args, format);
    basin_vformat(message, sizeof message, format, args);
    va_end(args);
    memcpy(error->message, message, sizeof message);
    error->code = code;
    error->file[0] = '\0';
    error->line = error->column = 0;
    return code;
}

void basin_error_place(
    basin_error *error, const char *file, int line, int column)
{
    if (!error)
        return;
    size_t length = 0;
    if (file) {
        length = strlen(file);
        if (length > sizeof error->file - 1)
            length = sizeof error->file - 1;
        memmove(error->file, file, length);
    }
    error->file[length] = '\0';
    error->line = line;
    error->column = column;
}
