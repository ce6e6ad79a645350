/* SPDX-License-Identifier: MIT
 *
 * basin check-loss --model: Condition 6 on a model file and a table of samples.
 */
#include "cli/check_loss.h"

#include <string.h>

static void slopes_of(
    void *user, const basin_energies *energies, basin_slopes *out)
{
    const check_case *c = user;
    if (c->loss)
        basin_loss_evaluate(c->loss, energies, out);
    else
        out->value = basin_expression_value(
            c->q, energies->e_c, energies->e_i, &out->e_c, &out->e_i);
}

static basin_status read_table(
    basin_array *out, const check_case *c, basin_error *error)
{
    basin_bytes bytes;
    basin_bytes_init(&bytes, c->ctx);
    basin_status status = basin_file_read(&bytes, c->data, error);
    if (status == BASIN_OK) {
        status = basin_csv_read(out, c->ctx, bytes.data, bytes.size, error);
        if (status != BASIN_OK)
            basin_error_place(error, c->data, error->line, error->column);
    }
    basin_bytes_finish(&bytes);
    return status;
}

/* Split the rows into x and y, one after the other in `out`. */
static void split(float *out, const basin_array *table, int x_dim)
{
    int64_t rows = table->dims[0], columns = table->dims[1];
    float *x = out, *y = out + rows * x_dim;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t k = 0; k < columns; k++) {
            float value = table->values[i * columns + k];
            if (k < x_dim)
                *x++ = value;
            else
                *y++ = value;
        }
}

static basin_status measure(check_case *c, basin_energy *energy,
    const basin_samples *samples, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(energy);
    /* as far off as in the demonstrations: 0.3 of a box of 2 */
    basin_setting epsilon = {
        "epsilon", 0.15 * ((double)info->y.high - (double)info->y.low)};
    basin_inference *grid = NULL;
    BASIN_TRY(basin_inference_create(&grid, energy, "grid", &epsilon,
        info->y.kind == BASIN_SPACE_BOX ? 1 : 0, error));
    const basin_loss_type *type = c->loss ? basin_loss_entry(c->loss) : NULL;
    basin_condition6_def def = {
        .needs = type ? type->needs : BASIN_NEED_EC | BASIN_NEED_EI,
        .offender = type ? type->offender : BASIN_OFFENDER_LOWEST,
        .slopes = slopes_of,
        .user = c,
        .margin = c->check.margin == BASIN_MARGIN_FINITE
                      ? c->check.largest_margin
                      : 0};
    basin_status status =
        basin_condition6_measure(&c->six, grid, &def, samples, error);
    basin_inference_destroy(grid);
    return status;
}

static basin_status on_table(check_case *c, basin_energy *energy,
    const basin_array *table, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(energy);
    int64_t columns = info->x.dim + info->y.dim;
    BASIN_REQUIRE(
        c->domain == BASIN_DOMAIN_ANY || info->bound == BASIN_BOUND_NONNEGATIVE,
        error, BASIN_E_SERVE,
        "the loss supposes energies that are never below 0, and those of this "
        "model may be");
    BASIN_REQUIRE(table->dims[1] == columns, error, BASIN_E_SHAPE,
        "%s has %lld columns; this model has %d of x and then %d of y", c->data,
        (long long)table->dims[1], info->x.dim, info->y.dim);
    BASIN_REQUIRE(table->dims[0] <= 1000000, error, BASIN_E_RANGE,
        "%s has %lld lines; 1000000 are the most", c->data,
        (long long)table->dims[0]);
    c->samples = (int)table->dims[0];
    size_t size = basin_array_size(table) * sizeof(float);
    float *values = basin_alloc(c->ctx, size);
    BASIN_REQUIRE(values, error, BASIN_E_MEMORY, "no memory for the samples");
    split(values, table, info->x.dim);
    basin_samples samples = {
        c->samples, values, values + (size_t)c->samples * info->x.dim};
    basin_status status = measure(c, energy, &samples, error);
    basin_free(c->ctx, values, size);
    return status;
}

basin_status check_loss_on_model(check_case *c, basin_error *error)
{
    basin_energy *energy = NULL;
    basin_array table = {0};
    BASIN_TRY(cli_read_model(&energy, c->ctx, c->model, error));
    basin_status status = read_table(&table, c, error);
    if (status == BASIN_OK) {
        status = on_table(c, energy, &table, error);
        basin_array_finish(&table);
    }
    basin_energy_destroy(energy);
    return status;
}
