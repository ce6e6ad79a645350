/* SPDX-License-Identifier: MIT
 *
 * Tables to samples: columns by name or number, held-out rows, checks.
 */
#include "data/samples.h"

#include <math.h>
#include <string.h>

#include "data/text.h"

/* ------------------------------------------------------------------ samples */

/* Copy the columns of a list, or `dim` of them from `first` on. */
static basin_status pick(float *out, const basin__table *t, basin__tree *list,
    int first, int dim, const char *what, basin_error *error)
{
    int64_t rows = t->rows, columns = t->columns;
    char path[BASIN__QUOTE];
    basin__quote_path(path, t->path);
    basin__tree *word = list && list->kind == BASIN__LIST ? list->first : list;
    int given = !list ? dim : list->kind == BASIN__LIST ? list->n : 1;
    if (given != dim) {
        basin_error_set(error, BASIN_E_SHAPE,
            "%s has %d numbers, and its columns are %d", what, dim, given);
        return basin__tree_at(list, error);
    }
    BASIN_REQUIRE(list || first + dim <= columns, error, BASIN_E_SHAPE,
        "'%s' has %lld columns; %s needs the %d from column %d on", path,
        (long long)columns, what, dim, first + 1);
    for (int k = 0; k < dim; k++) {
        int column = first + k;
        if (word)
            BASIN_TRY(basin__table_column(&column, t, word, error));
        word = word ? word->next : NULL;
        for (int64_t r = 0; r < rows; r++) {
            float v = basin__table_at(t, r, column);
            BASIN_REQUIRE(isfinite(v), error, BASIN_E_FORMAT,
                "'%s': column %d of sample %lld is %s; %s must be finite", path,
                column + 1, (long long)r + 1, isnan(v) ? "NaN" : "infinite",
                what);
            out[r * dim + k] = v;
        }
    }
    return BASIN_OK;
}

/* Room for so many rows; of X only where it becomes numbers. */
static basin_status make(basin__samples *out, const basin__description *d,
    int64_t rows, bool has_x, bool has_y, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(d->energy);
    *out = (basin__samples){
        .ctx = d->ctx, .x_dim = info->x.dim, .y_dim = info->y.dim};
    BASIN_REQUIRE(rows >= 1 && rows <= INT32_MAX / 2, error, BASIN_E_SHAPE,
        "there are %lld samples; at least 1 is needed", (long long)rows);
    out->n = (int)rows;
    if (has_x)
        out->x = basin_alloc(
            d->ctx, ((size_t)rows * out->x_dim + 1) * sizeof(float));
    if (has_y)
        out->y = basin_alloc(
            d->ctx, ((size_t)rows * out->y_dim + 1) * sizeof(float));
    BASIN_REQUIRE((out->x || !has_x) && (out->y || !has_y), error,
        BASIN_E_MEMORY, "no memory for %lld samples", (long long)rows);
    return BASIN_OK;
}

/* The columns that the description names; none where the file has no names
 * and just as many columns as there are numbers: then they stand in order. */
static basin__tree *columns_for(
    basin__tree *list, const basin__table *t, const basin_energy_info *info)
{
    int64_t n = t->columns;
    bool fits = n == info->x.dim || n == info->x.dim + info->y.dim;
    double number;
    const basin__tree *word =
        list && list->kind == BASIN__LIST ? list->first : list;
    bool named =
        word && basin__tree_number(&number, word, "", NULL) != BASIN_OK;
    return named && fits && t->names.size == 0 ? NULL : list;
}

/* Two files hold X and Y and nothing else. */
static basin_status check_width(
    const basin__table *t, int dim, const char *what, basin_error *error)
{
    char path[BASIN__QUOTE];
    BASIN_REQUIRE(t->columns == dim, error, BASIN_E_SHAPE,
        "'%s' has %lld numbers a sample; %s has %d",
        basin__quote_path(path, t->path), (long long)t->columns, what, dim);
    return BASIN_OK;
}

/* The file goes over to the samples; a byte is its number until a scale says
 * otherwise. */
static void take_bytes(basin__samples *out, basin__table *t)
{
    out->bytes = t->file.data + (t->bytes - t->file.data);
    out->file = t->file;
    out->scale = 1;
    basin_bytes_init(&t->file, out->file.ctx);
    t->bytes = NULL;
}

static basin_status make_weights(basin__samples *s, basin_error *error)
{
    size_t n = (size_t)s->n + (size_t)s->n_held_out;
    if (s->weights)
        return BASIN_OK;
    s->weights = basin_alloc(s->ctx, (n + 1) * sizeof *s->weights);
    BASIN_REQUIRE(s->weights, error, BASIN_E_MEMORY, "no memory for weights");
    for (size_t i = 0; i < n; i++)
        s->weights[i] = 1;
    return BASIN_OK;
}

/* The column that says how much each sample counts. */
static basin_status take_weights(basin__samples *out,
    const basin__description *d, const basin__table *t, int n_tables,
    basin_error *error)
{
    if (n_tables > 1) {
        basin_error_set(error, BASIN_E_SERVE,
            "a column of weights needs one table with x, y and the weights");
        return basin__tree_at(d->data.weight, error);
    }
    BASIN_TRY(make_weights(out, error));
    BASIN_TRY(pick(out->weights, t, d->data.weight, 0, 1, "weight", error));
    for (int i = 0; i < out->n; i++)
        BASIN_REQUIRE(out->weights[i] >= 0, error, BASIN_E_RANGE,
            "'%s': the weight of sample %d is %g; it must be at least 0",
            t->path, i + 1, (double)out->weights[i]);
    return BASIN_OK;
}

basin_status basin__samples_weigh(
    basin__samples *s, const basin__description *d, basin_error *error)
{
    const basin_space *y = &basin_energy_describe(d->energy)->y;
    basin__tree *list = d->data.class_weights;
    if (!list)
        return BASIN_OK;
    bool fits = y->kind == BASIN_SPACE_LABELS && y->dim == 1;
    if (!fits || list->kind != BASIN__LIST || list->n != y->count) {
        basin_error_set(error, fits ? BASIN_E_SHAPE : BASIN_E_SERVE,
            fits ? "class-weights must be a list of %d numbers, one for each "
                   "label"
                 : "class-weights need a y of one label",
            y->count);
        return basin__tree_at(list, error);
    }
    BASIN_TRY(make_weights(s, error));
    int label = 0;
    for (basin__tree *at = list->first; at; at = at->next, label++) {
        double weight = 0;
        BASIN_TRY(basin__tree_number(&weight, at, "class-weights", error));
        if (!(weight >= 0 && weight <= 1e6)) {
            basin_error_set(error, BASIN_E_RANGE,
                "a class's weight must be from 0 to 1e6; got %g", weight);
            return basin__tree_at(at, error);
        }
        for (int i = 0; i < s->n + s->n_held_out; i++)
            if (s->y[i] == (float)label)
                s->weights[i] *= (float)weight;
    }
    return BASIN_OK;
}

basin_status basin__samples_take(basin__samples *out,
    const basin__description *d, basin__table *tables, int n_tables,
    bool need_y, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(d->energy);
    const basin__data_def *data = &d->data;
    basin__table *tx = &tables[0], *ty = &tables[n_tables > 1];
    int first = n_tables > 1 ? 0 : info->x.dim;
    *out = (basin__samples){.ctx = d->ctx};
    bool has_y = need_y || n_tables > 1 || tx->columns > info->x.dim;
    BASIN_REQUIRE(tx->rows == ty->rows, error, BASIN_E_SHAPE,
        "X has %lld samples and Y has %lld", (long long)tx->rows,
        (long long)ty->rows);
    if (n_tables > 1) {
        BASIN_TRY(check_width(tx, info->x.dim, "x", error));
        BASIN_TRY(check_width(ty, info->y.dim, "y", error));
    }
    basin__tree *list = n_tables > 1 ? NULL : columns_for(data->x, tx, info);
    bool stays = tx->bytes && !list && tx->columns == info->x.dim;
    BASIN_TRY(make(out, d, tx->rows, !stays, has_y, error));
    if (stays)
        take_bytes(out, tx);
    else
        BASIN_TRY(pick(out->x, tx, list, 0, info->x.dim, "x", error));
    if (d->data.weight)
        BASIN_TRY(take_weights(out, d, tx, n_tables, error));
    if (!has_y)
        return BASIN_OK;
    basin_error why = {0};
    basin_status status =
        pick(out->y, ty, n_tables > 1 ? NULL : columns_for(data->y, ty, info),
            first, info->y.dim, "y", &why);
    if (status == BASIN_OK && info->y.kind == BASIN_SPACE_LABELS &&
        info->y.dim == 1)
        status = basin__classes_apply(out->y, out->n, d, ty, &why);
    if (status == BASIN_OK || need_y) {
        if (status != BASIN_OK && error)
            *error = why;
        return status;
    }
    basin_free(
        d->ctx, out->y, ((size_t)out->n * out->y_dim + 1) * sizeof(float));
    out->y = NULL; /* what else the file holds is no matter */
    return BASIN_OK;
}

basin_status basin__samples_rows(
    basin__samples *out, const basin__description *d, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(d->energy);
    const basin__tree *rows = d->data.rows;
    *out = (basin__samples){.ctx = d->ctx};
    int width = info->x.dim + info->y.dim;
    if (rows->first->n != width) {
        basin_error_set(error, BASIN_E_SHAPE,
            "a row has %d numbers; x has %d and y %d", rows->first->n,
            info->x.dim, info->y.dim);
        return basin__tree_at(rows->first, error);
    }
    BASIN_TRY(make(out, d, rows->n, true, true, error));
    int r = 0;
    for (const basin__tree *row = rows->first; row; row = row->next, r++) {
        int k = 0;
        for (const basin__tree *at = row->first; at; at = at->next, k++) {
            double value = 0;
            BASIN_TRY(basin__tree_number(&value, at, "a number", error));
            if (k < info->x.dim)
                out->x[r * info->x.dim + k] = (float)value;
            else
                out->y[r * info->y.dim + k - info->x.dim] = (float)value;
        }
    }
    return BASIN_OK;
}

void basin__samples_finish(basin__samples *s)
{
    size_t n = (size_t)s->n + (size_t)s->n_held_out;
    if (s->x)
        basin_free(s->ctx, s->x, (n * s->x_dim + 1) * sizeof(float));
    if (s->y)
        basin_free(s->ctx, s->y, (n * s->y_dim + 1) * sizeof(float));
    if (s->weights)
        basin_free(s->ctx, s->weights, (n + 1) * sizeof *s->weights);
    s->x = s->y = s->weights = NULL;
    s->bytes = NULL;
    basin_bytes_finish(&s->file);
}

basin_samples basin__samples_view(const basin__samples *s, int first, int n)
{
    size_t x = (size_t)first * s->x_dim, y = (size_t)first * s->y_dim;
    return (basin_samples){.n = n,
        .x = s->x ? s->x + x : NULL,
        .y = s->y ? s->y + y : NULL,
        .bytes = s->bytes ? s->bytes + x : NULL,
        .offset = s->offset,
        .scale = s->scale,
        .weights = s->weights ? s->weights + first : NULL};
}

basin_status basin__samples_widen(basin__samples *s, basin_error *error)
{
    int n = s->n + s->n_held_out;
    if (!s->bytes)
        return BASIN_OK;
    float *x = basin_alloc(s->ctx, ((size_t)n * s->x_dim + 1) * sizeof *x);
    BASIN_REQUIRE(x, error, BASIN_E_MEMORY, "no memory for %d samples", n);
    basin_samples all = basin__samples_view(s, 0, n);
    basin_samples_gather(&all, NULL, n, s->x_dim, 0, x, NULL);
    s->x = x;
    s->bytes = NULL;
    basin_bytes_finish(&s->file);
    return BASIN_OK;
}

/* ----------------------------------------------------------------- held out */

/* Move the marked rows behind the others, in the order they had. */
static void part_rows(
    void *rows, unsigned char *copy, const bool *away, int n, size_t size)
{
    size_t keep = 0, gone = 0;
    unsigned char *to = rows;
    for (int i = 0; i < n; i++)
        gone += !away[i];
    memcpy(copy, rows, (size_t)n * size);
    for (int i = 0; i < n; i++)
        memcpy(to + (away[i] ? gone++ : keep++) * size, copy + (size_t)i * size,
            size);
}

/* Hold out `out` rows of the seed's order: from `first` on, each `step`-th. */
static basin_status hold_out(basin__samples *s, int first, int step, int out,
    uint64_t seed, basin_error *error)
{
    int n = s->n;
    size_t x_size = s->x_dim * (s->bytes ? 1 : sizeof *s->x);
    size_t y_size = s->y_dim * sizeof *s->y;
    size_t sizes[3] = {(size_t)n * sizeof(int32_t), (size_t)n * sizeof(bool),
        (size_t)n * (x_size > y_size ? x_size : y_size) + 1};
    int32_t *order = basin_alloc(s->ctx, sizes[0]);
    bool *away = basin_alloc(s->ctx, sizes[1]);
    unsigned char *copy = basin_alloc(s->ctx, sizes[2]);
    bool good = order && away && copy;
    if (good) {
        basin_random_shuffle(
            (basin_random_key){seed, BASIN_STREAM_DATA, 0}, order, n);
        for (int i = 0; i < out; i++)
            away[order[first + i * step]] = true;
        part_rows(
            s->bytes ? (void *)s->bytes : (void *)s->x, copy, away, n, x_size);
        part_rows(s->y, copy, away, n, y_size);
        if (s->weights)
            part_rows(s->weights, copy, away, n, sizeof *s->weights);
        s->n -= out;
        s->n_held_out += out;
    }
    basin_free(s->ctx, order, sizes[0]);
    basin_free(s->ctx, away, sizes[1]);
    basin_free(s->ctx, copy, sizes[2]);
    return good ? BASIN_OK
                : basin_error_set(
                      error, BASIN_E_MEMORY, "no memory to hold out samples");
}

basin_status basin__samples_hold_out(
    basin__samples *s, double part, uint64_t seed, basin_error *error)
{
    int n = s->n, out = (int)(part * n + 0.5);
    if (part > 0 && out == 0)
        out = 1;
    if (out == 0)
        return BASIN_OK;
    BASIN_REQUIRE(out < n, error, BASIN_E_RANGE,
        "of %d samples %d would be held out, and none left to learn from", n,
        out);
    return hold_out(s, 0, 1, out, seed, error);
}

basin_status basin__samples_fold(
    basin__samples *s, int fold, int folds, uint64_t seed, basin_error *error)
{
    BASIN_REQUIRE(folds >= 2 && folds <= s->n, error, BASIN_E_RANGE,
        "%d samples cannot be parted into %d folds", s->n, folds);
    return hold_out(
        s, fold, folds, (s->n - fold + folds - 1) / folds, seed, error);
}

static float *joined(
    basin_context *ctx, const float *a, size_t n, const float *b, size_t m)
{
    float *out = basin_alloc(ctx, (n + m + 1) * sizeof *out);
    if (!out)
        return NULL;
    if (n)
        memcpy(out, a, n * sizeof *out);
    if (m)
        memcpy(out + n, b, m * sizeof *out);
    return out;
}

basin_status basin__samples_append(
    basin__samples *s, basin__samples *more, basin_error *error)
{
    BASIN_TRY(basin__samples_widen(s, error));
    BASIN_TRY(basin__samples_widen(more, error));
    size_t n = (size_t)s->n + (size_t)s->n_held_out, m = (size_t)more->n;
    float *weights = NULL;
    if (s->weights || more->weights) {
        BASIN_TRY(make_weights(s, error));
        BASIN_TRY(make_weights(more, error));
        weights = joined(s->ctx, s->weights, n, more->weights, m);
        BASIN_REQUIRE(weights, error, BASIN_E_MEMORY, "no memory for weights");
    }
    float *x = joined(s->ctx, s->x, n * s->x_dim, more->x, m * s->x_dim);
    float *y = joined(s->ctx, s->y, n * s->y_dim, more->y, m * s->y_dim);
    if (!x || !y) {
        basin_free(s->ctx, x, ((n + m) * s->x_dim + 1) * sizeof *x);
        basin_free(s->ctx, y, ((n + m) * s->y_dim + 1) * sizeof *y);
        basin_free(s->ctx, weights, (n + m + 1) * sizeof *weights);
        return basin_error_set(
            error, BASIN_E_MEMORY, "no memory for %zu samples", n + m);
    }
    basin__samples joint = *s;
    basin__samples_finish(s);
    *s = joint;
    s->x = x;
    s->y = y;
    s->weights = weights;
    s->n_held_out += more->n;
    return BASIN_OK;
}

/* ------------------------------------------------------------------- checks */

static basin_status check_variable(const basin_space *space, const float *v,
    int rows, const char *name, const char *path, basin_error *error)
{
    bool box = space->kind == BASIN_SPACE_BOX;
    double low = box ? (double)space->low : 0;
    double high = box ? (double)space->high : space->count - 1;
    char quote[BASIN__QUOTE];
    basin__quote_path(quote, path);
    for (int64_t i = 0; i < (int64_t)rows * space->dim; i++) {
        double value = (double)v[i];
        BASIN_REQUIRE(box || value == floor(value), error, BASIN_E_RANGE,
            "%s: %s of sample %lld is %g; a label is a whole number from 0 to "
            "%g",
            quote, name, (long long)(i / space->dim) + 1, value, high);
        BASIN_REQUIRE(value >= low && value <= high, error, BASIN_E_RANGE,
            "%s: %s of sample %lld is %g, and its space is from %g to %g; %s",
            quote, name, (long long)(i / space->dim) + 1, value, low, high,
            box ? "widen the box, or let 'scale: range' fit the data to it"
                : "labels begin with 0");
    }
    return BASIN_OK;
}

/* What a byte may be, whichever are there: so it does not depend on the
 * samples whether a model can be trained. */
static basin_status check_bytes(const basin_space *space,
    const basin__samples *s, const char *path, basin_error *error)
{
    float top = s->offset + 255 * s->scale;
    char quote[BASIN__QUOTE];
    BASIN_REQUIRE(s->offset >= space->low && top <= space->high, error,
        BASIN_E_RANGE,
        "%s: its bytes are from %g to %g, and x is from %g to %g; 'scale: "
        "bytes' brings them there",
        basin__quote_path(quote, path), (double)s->offset, (double)top,
        (double)space->low, (double)space->high);
    return BASIN_OK;
}

basin_status basin__samples_check(const basin__samples *s,
    const basin__description *d, const char *path, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(d->energy);
    /* held-out numbers may lie outside a box: nothing is learnt there */
    int all = s->n + s->n_held_out;
    bool box = info->y.kind == BASIN_SPACE_BOX;
    if (s->bytes)
        BASIN_TRY(check_bytes(&info->x, s, path, error));
    else
        BASIN_TRY(check_variable(&info->x, s->x,
            info->x.kind == BASIN_SPACE_BOX ? s->n : all, "x", path, error));
    return check_variable(&info->y, s->y, box ? s->n : all, "y", path, error);
}

static uint64_t hash(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < n; i++)
        h = (h ^ at[i]) * 1099511628211u;
    return h;
}

uint64_t basin__samples_hash(const basin__samples *s)
{
    size_t n = (size_t)s->n + (size_t)s->n_held_out;
    uint64_t h = 14695981039346656037u;
    h = s->bytes ? hash(h, s->bytes, n * s->x_dim)
                 : hash(h, s->x, n * s->x_dim * sizeof *s->x);
    h = hash(h ^ (uint64_t)s->n, s->y, s->y ? n * s->y_dim * sizeof *s->y : 0);
    return hash(h, s->weights, s->weights ? n * sizeof *s->weights : 0);
}
