/* SPDX-License-Identifier: MIT
 *
 * basin sample: its draws, as a CSV, as JSON, or as .npy.
 */
#include "cli/sample.h"

#include <stdio.h>
#include <string.h>

static const float *answer(const sample_draws *d, int row, int draw)
{
    return d->y + ((size_t)row * d->draws + draw) * d->dim;
}

static double energy(const sample_draws *d, int row, int draw)
{
    return (double)d->e[(size_t)row * d->draws + draw];
}

/* ------------------------------------------------------------------- a table
 */

static basin_status write_heads(
    basin_bytes *out, const sample_draws *d, basin_error *error)
{
    char name[BASIN__QUOTE];
    if (d->has_x)
        BASIN_TRY(basin_bytes_print(out, error, "sample,"));
    for (int i = 0; i < d->dim; i++) {
        BASIN_TRY(basin__csv_write_word(
            out, cli_column_name(name, d->model, i), error));
        BASIN_TRY(basin_bytes_print(out, error, ","));
    }
    return basin_bytes_print(out, error, "energy\n");
}

static basin_status write_line(basin_bytes *out, const sample_draws *d, int row,
    int draw, basin_error *error)
{
    char text[32];
    const float *y = answer(d, row, draw);
    if (d->has_x)
        BASIN_TRY(basin_bytes_print(out, error, "%d,", row + 1));
    for (int i = 0; i < d->dim; i++) {
        if (d->model->d.data.classes) {
            BASIN_TRY(basin__csv_write_word(
                out, cli_class_name(text, d->model, y[i]), error));
        } else {
            basin_print_number(text, (double)y[i], true);
            BASIN_TRY(basin_bytes_print(out, error, "%s", text));
        }
        BASIN_TRY(basin_bytes_print(out, error, ","));
    }
    basin_print_number(text, energy(d, row, draw), true);
    return basin_bytes_print(out, error, "%s\n", text);
}

static basin_status write_object(basin_bytes *out, const sample_draws *d,
    int row, int draw, basin_error *error)
{
    char text[32];
    const float *y = answer(d, row, draw);
    BASIN_TRY(basin_bytes_print(out, error, "{"));
    if (d->has_x)
        BASIN_TRY(basin_bytes_print(out, error, "\"sample\":%d,", row + 1));
    BASIN_TRY(basin_bytes_print(out, error, "\"y\":["));
    for (int i = 0; i < d->dim; i++) {
        basin_print_number(text, (double)y[i], true);
        BASIN_TRY(basin_bytes_print(out, error, "%s%s", i ? "," : "", text));
    }
    BASIN_TRY(basin_bytes_print(out, error, "],"));
    if (d->model->d.data.classes) {
        BASIN_TRY(basin_bytes_print(out, error, "\"class\":"));
        BASIN_TRY(basin__json_string(
            out, cli_class_name(text, d->model, y[0]), error));
        BASIN_TRY(basin_bytes_print(out, error, ","));
    }
    basin_print_number(text, energy(d, row, draw), true);
    return basin_bytes_print(out, error, "\"energy\":%s}\n", text);
}

static basin_status write_lines(
    basin_bytes *out, const sample_draws *d, bool json, basin_error *error)
{
    if (!json)
        BASIN_TRY(write_heads(out, d, error));
    for (int row = 0; row < d->rows; row++)
        for (int draw = 0; draw < d->draws; draw++)
            BASIN_TRY(
                (json ? write_object : write_line)(out, d, row, draw, error));
    return BASIN_OK;
}

/* -------------------------------------------------------------------- arrays
 */

static basin_status write_npy(
    basin_bytes *out, const sample_draws *d, basin_error *error)
{
    const int64_t dims[3] = {d->rows, d->draws, d->dim};
    basin_array array = {0};
    BASIN_TRY(basin_array_init(&array, d->model->ctx, 3, dims, error));
    memcpy(
        array.values, d->y, (size_t)d->rows * d->draws * d->dim * sizeof *d->y);
    basin_status status = basin_npy_write(out, &array, error);
    basin_array_finish(&array);
    return status;
}

basin_status sample_write(
    const sample_options *o, const sample_draws *d, basin_error *error)
{
    basin_bytes out;
    basin_bytes_init(&out, d->model->ctx);
    basin_status status = o->out && cli_ends_in(o->out, ".npy")
                              ? write_npy(&out, d, error)
                              : write_lines(&out, d, o->json, error);
    if (status == BASIN_OK)
        status = cli_give(o->out, &out, error);
    basin_bytes_finish(&out);
    return status;
}
