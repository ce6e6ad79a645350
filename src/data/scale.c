/* SPDX-License-Identifier: MIT
 *
 * Scaling: model = (data - offset) * factor, found on the samples to learn
 * from (or, of bytes, on what a byte can be), kept with the model, and undone
 * where it answers.
 */
#include "data/samples.h"

#include <math.h>
#include <string.h>

/* The offset and factor of a column. */
static void fit_column(int how, const basin_space *space, const float *v,
    int rows, int dim, double *offset, double *factor)
{
    double low = (double)v[0], high = low, mean = 0, square = 0;
    for (int i = 0; i < rows; i++) {
        double value = (double)v[(size_t)i * dim];
        low = value < low ? value : low;
        high = value > high ? value : high;
        mean += value / rows;
    }
    for (int i = 0; i < rows; i++) {
        double value = (double)v[(size_t)i * dim] - mean;
        square += value * value / rows;
    }
    double width = (double)space->high - (double)space->low;
    double middle = ((double)space->high + (double)space->low) / 2;
    *factor = 1;
    if (high > low)
        *factor =
            how == BASIN__SCALE_RANGE ? width / (high - low) : 1 / sqrt(square);
    *offset =
        how == BASIN__SCALE_RANGE ? (low + high) / 2 - middle / *factor : mean;
}

static basin_status add_number(
    basin__description *d, basin__tree *list, double value, basin_error *error)
{
    basin__tree *node;
    char text[32];
    size_t length = basin_print_number(text, value, false);
    BASIN_TRY(basin__tree_add(&d->forest, &node, list, BASIN__WORD, error));
    return basin__forest_text(&d->forest, &node->word, text, length, error);
}

static basin_status fit_variable(basin__description *d,
    const basin_space *space, const float *v, int rows, bool is_x,
    basin_error *error)
{
    int how = (int)d->data.values[BASIN__DATA_SCALE];
    for (int i = 0; i < space->dim; i++) {
        double offset = 0, factor = 1;
        if (how == BASIN__SCALE_BYTES && is_x) {
            factor = ((double)space->high - (double)space->low) / 255;
            offset = -(double)space->low / factor;
        } else if (how != BASIN__SCALE_BYTES &&
                   space->kind == BASIN_SPACE_BOX && !(d->data.labels && !is_x))
            fit_column(how, space, v + i, rows, space->dim, &offset, &factor);
        BASIN_TRY(add_number(d, d->data.offset, offset, error));
        BASIN_TRY(add_number(d, d->data.factor, factor, error));
    }
    return BASIN_OK;
}

basin_status basin__scale_fit(
    basin__description *d, basin__samples *samples, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(d->energy);
    int how = (int)d->data.values[BASIN__DATA_SCALE];
    if (how == BASIN__SCALE_NONE)
        return BASIN_OK;
    if (how != BASIN__SCALE_BYTES)
        BASIN_TRY(basin__samples_widen(samples, error));
    else if (info->x.kind != BASIN_SPACE_BOX) {
        basin_error_set(error, BASIN_E_SERVE,
            "'scale: bytes' brings 0 to 255 onto the box of x, and x is no "
            "box");
        return basin__tree_at(d->data.place, error);
    }
    BASIN_TRY(
        basin__tree_add(&d->forest, &d->data.offset, NULL, BASIN__LIST, error));
    BASIN_TRY(
        basin__tree_add(&d->forest, &d->data.factor, NULL, BASIN__LIST, error));
    BASIN_TRY(fit_variable(d, &info->x, samples->x, samples->n, true, error));
    return fit_variable(d, &info->y, samples->y, samples->n, false, error);
}

/* The k-th number of the scale, over X and then Y. */
static void scale_at(
    const basin__description *d, int k, double *offset, double *factor)
{
    *offset = 0;
    *factor = 1;
    const basin__tree *o = d->data.offset ? d->data.offset->first : NULL;
    const basin__tree *f = d->data.factor ? d->data.factor->first : NULL;
    for (; k > 0 && o && f; k--) {
        o = o->next;
        f = f->next;
    }
    if (o && f) {
        basin__tree_number(offset, o, "", NULL);
        basin__tree_number(factor, f, "", NULL);
    }
}

void basin__scale_of_y(
    const basin__description *d, int i, double *offset, double *factor)
{
    scale_at(d, basin_energy_describe(d->energy)->x.dim + i, offset, factor);
}

/* What rounding moved out of the box by a hair goes back to its edge. */
static float rounded(const basin_space *space, double value)
{
    float v = (float)value, hair = (space->high - space->low) * 1e-6F;
    if (space->kind != BASIN_SPACE_BOX)
        return v;
    if (v < space->low && v >= space->low - hair)
        return space->low;
    return v > space->high && v <= space->high + hair ? space->high : v;
}

static void apply(const basin__description *d, const basin_space *space,
    float *v, int rows, int first)
{
    for (int i = 0; i < space->dim && v; i++) {
        double offset, factor;
        scale_at(d, first + i, &offset, &factor);
        for (int r = 0; r < rows; r++) {
            float *at = &v[(size_t)r * space->dim + i];
            *at = rounded(space, ((double)*at - offset) * factor);
        }
    }
}

/* A byte b stands for low + b (high - low) / 255, and 255 for no more than
 * high. */
static void scale_bytes(const basin_space *space, basin__samples *s)
{
    s->offset = space->low;
    s->scale = (space->high - space->low) / 255;
    while (s->offset + 255 * s->scale > space->high)
        s->scale = nextafterf(s->scale, 0);
}

basin_status basin__scale_apply(
    const basin__description *d, basin__samples *s, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(d->energy);
    int n = s->n + s->n_held_out;
    if (!d->data.offset)
        return BASIN_OK;
    if (s->bytes && d->data.values[BASIN__DATA_SCALE] == BASIN__SCALE_BYTES)
        scale_bytes(&info->x, s);
    else
        BASIN_TRY(basin__samples_widen(s, error));
    if (s->x)
        apply(d, &info->x, s->x, n, 0);
    apply(d, &info->y, s->y, n, info->x.dim);
    return BASIN_OK;
}
