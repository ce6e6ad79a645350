/* SPDX-License-Identifier: MIT
 *
 * Labellings with weights in one store. When those of a sequence outgrow their
 * place they move to the end; when the end is reached, all move to a larger
 * store, without the gaps.
 */
#include "learn/chain_corners.h"

#include <string.h>

static size_t length_of(const basin__corners *c, int32_t i)
{
    return (size_t)(c->sequences->start[i + 1] - c->sequences->start[i]);
}

int32_t *basin__corner_label(const basin__corners *c, int32_t i, int32_t k)
{
    return c->label + c->place[i].label + (size_t)k * length_of(c, i);
}

double *basin__corner_weight(const basin__corners *c, int32_t i, int32_t k)
{
    return c->weight + c->place[i].weight + k;
}

/* ------------------------------------------------------------------- store */

static void drop_store(basin__corners *c)
{
    basin_free(c->ctx, c->label, c->label_room * sizeof *c->label);
    basin_free(c->ctx, c->weight, c->weight_room * sizeof *c->weight);
}

/* A store with nothing in it takes the place of `c`'s, which goes to `old`. */
static basin_status new_store(basin__corners *c, basin__corners *old,
    size_t labels, size_t weights, basin_error *error)
{
    *old = *c;
    c->labels = c->weights = 0;
    c->label_room = labels;
    c->weight_room = weights;
    c->label = basin_alloc(c->ctx, labels * sizeof *c->label);
    c->weight = basin_alloc(c->ctx, weights * sizeof *c->weight);
    if (c->label && c->weight)
        return BASIN_OK;
    drop_store(c);
    *c = *old;
    return basin_error_set(error, BASIN_E_MEMORY,
        "no memory for the labellings found, %zu labels", labels);
}

/* A place at the end. */
static basin__place take_place(basin__corners *c, int32_t i, int32_t room)
{
    const basin__place place = {c->labels, c->weights, room};
    c->labels += (size_t)room * length_of(c, i);
    c->weights += (size_t)room;
    return place;
}

/* @param from a store with the same sequences, maybe `c` itself */
static void move_corners(
    basin__corners *c, const basin__corners *from, int32_t i, int32_t room)
{
    const int32_t *label = basin__corner_label(from, i, 0);
    const double *weight = basin__corner_weight(from, i, 0);
    const size_t n = (size_t)c->n[i];
    c->place[i] = take_place(c, i, room);
    memcpy(basin__corner_label(c, i, 0), label,
        n * length_of(c, i) * sizeof *label);
    memcpy(basin__corner_weight(c, i, 0), weight, n * sizeof *weight);
}

/* All in order into a store with room for more. */
static basin_status repack(
    basin__corners *c, size_t labels, size_t weights, basin_error *error)
{
    basin__corners old;
    for (int32_t i = 0; i < c->sequences->n; i++) {
        labels += (size_t)c->n[i] * length_of(c, i);
        weights += (size_t)c->n[i];
    }
    BASIN_TRY(new_store(c, &old, labels, weights, error));
    for (int32_t i = 0; i < c->sequences->n; i++)
        move_corners(c, &old, i, c->n[i]);
    drop_store(&old);
    return BASIN_OK;
}

basin_status basin__corners_pack(basin__corners *c, basin_error *error)
{
    return repack(c, 0, 0, error);
}

basin_status basin__corners_begin(
    basin__corners *c, size_t labels, size_t weights, basin_error *error)
{
    basin__corners old;
    BASIN_TRY(new_store(c, &old, labels, weights, error));
    drop_store(&old);
    c->labels = labels;
    c->weights = weights;
    return BASIN_OK;
}

bool basin__corners_unpack(basin__corners *c)
{
    const size_t labels = c->labels, weights = c->weights;
    c->labels = c->weights = 0;
    for (int32_t i = 0; i < c->sequences->n; i++) {
        if (c->n[i] < 1 || (size_t)c->n[i] > weights - c->weights)
            return false;
        c->place[i] = take_place(c, i, c->n[i]);
    }
    for (size_t k = 0; k < labels; k++)
        if (c->label[k] < 0 || c->label[k] >= c->sequences->n_labels)
            return false;
    return c->labels == labels && c->weights == weights;
}

/* ----------------------------------------------------------- open and close */

basin_status basin__corners_open(basin__corners *c, basin_context *ctx,
    const basin_sequences *s, basin_error *error)
{
    *c = (basin__corners){.ctx = ctx, .sequences = s};
    const size_t n = (size_t)s->n;
    c->n = basin_alloc(ctx, n * sizeof *c->n);
    c->place = basin_alloc(ctx, n * sizeof *c->place);
    BASIN_REQUIRE(c->n && c->place, error, BASIN_E_MEMORY,
        "no memory for the labellings of %d sequences", s->n);
    BASIN_TRY(basin__corners_begin(c, (size_t)s->positions, n, error));
    memcpy(c->label, s->label, c->labels * sizeof *c->label);
    for (size_t i = 0; i < n; i++) {
        c->n[i] = 1;
        c->weight[i] = 1;
    }
    basin__corners_unpack(c);
    return BASIN_OK;
}

void basin__corners_close(basin__corners *c)
{
    if (!c->ctx)
        return;
    const size_t n = (size_t)c->sequences->n;
    drop_store(c);
    basin_free(c->ctx, c->n, n * sizeof *c->n);
    basin_free(c->ctx, c->place, n * sizeof *c->place);
}

/* ----------------------------------------------------------- find and drop */

basin_status basin__corners_find(basin__corners *c, int32_t i,
    const int32_t *label, int32_t *k, basin_error *error)
{
    const size_t length = length_of(c, i), bytes = length * sizeof *label;
    for (*k = 0; *k < c->n[i]; ++*k)
        if (memcmp(basin__corner_label(c, i, *k), label, bytes) == 0)
            return BASIN_OK;
    if (c->n[i] == c->place[i].room) {
        const int32_t room = c->n[i] + c->n[i] / 2 + 1;
        const size_t labels = (size_t)room * length;
        if (c->labels + labels > c->label_room ||
            c->weights + (size_t)room > c->weight_room)
            BASIN_TRY(repack(c, labels + c->labels / 2,
                (size_t)room + c->weights / 2, error));
        move_corners(c, c, i, room);
    }
    memcpy(basin__corner_label(c, i, c->n[i]), label, bytes);
    *basin__corner_weight(c, i, c->n[i]) = 0;
    c->n[i]++;
    return BASIN_OK;
}

void basin__corners_drop(basin__corners *c, int32_t i, int32_t k)
{
    const int32_t last = --c->n[i];
    if (k == last)
        return;
    memcpy(basin__corner_label(c, i, k), basin__corner_label(c, i, last),
        length_of(c, i) * sizeof *c->label);
    *basin__corner_weight(c, i, k) = *basin__corner_weight(c, i, last);
}
