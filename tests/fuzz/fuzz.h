/* SPDX-License-Identifier: MIT
 *
 * For the fuzz targets: a context, and a check that stays on in every build.
 */
#ifndef BASIN_FUZZ_H
#define BASIN_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "basin/data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(condition)                                                  \
    do {                                                                       \
        if (!(condition)) {                                                    \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);    \
            abort();                                                           \
        }                                                                      \
    } while (0)

static inline basin_context *fuzz_open(void)
{
    basin_context_def def = basin_context_default();
    basin_context *ctx = NULL;
    def.threads = 1;
    FUZZ_CHECK(basin_context_create(&ctx, &def, NULL) == BASIN_OK);
    return ctx;
}

/** A status and its error must agree, and the message be one line. */
static inline void fuzz_error(basin_status status, const basin_error *error)
{
    FUZZ_CHECK(status == error->code);
    if (status == BASIN_OK)
        return;
    size_t length = strlen(error->message);
    FUZZ_CHECK(length > 0);
    for (size_t i = 0; i < length; i++)
        FUZZ_CHECK((unsigned char)error->message[i] >= 0x20);
}

#endif
