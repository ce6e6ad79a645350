/* SPDX-License-Identifier: MIT
 *
 * For the tests of model files: files put together from a description, the
 * entries of tensors and values, right or wrong.
 */
#ifndef BASIN_TEST_MODEL_H
#define BASIN_TEST_MODEL_H

#include "test_data.h"

/** A file from a description, a header's tensors and values. */
static inline basin_status model_text_read(basin_energy **out,
    basin_context *ctx, const char *format, const char *model,
    const char *tensors, const float *values, size_t n, basin_error *error)
{
    basin_bytes file;
    basin_bytes_init(&file, ctx);
    basin_error bad = {0};
    unsigned char length[8] = {0};
    basin_bytes_append(&file, length, 8, &bad);
    basin_bytes_print(&file, &bad, "{\"__metadata__\":{\"%s\":\"%s\"",
        "basin.format", format);
    if (model) {
        basin_bytes_print(&file, &bad, ",\"basin.model\":\"");
        for (const char *c = model; *c; c++)
            basin_bytes_print(
                &file, &bad, strchr("\"\\", *c) ? "\\%c" : "%c", *c);
        basin_bytes_print(&file, &bad, "\"");
    }
    basin_bytes_print(&file, &bad, "}%s%s}", *tensors ? "," : "", tensors);
    file.data[0] = (unsigned char)(file.size - 8);
    file.data[1] = (unsigned char)((file.size - 8) >> 8);
    if (n)
        basin_bytes_append(&file, values, 4 * n, &bad);
    assert_ok(bad.code, &bad);
    *error = (basin_error){0};
    basin_status status =
        basin_model_read(out, ctx, file.data, file.size, error);
    assert_true((status == BASIN_OK) == (*out != NULL));
    basin_bytes_finish(&file);
    return status;
}

#endif
