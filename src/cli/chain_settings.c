/* SPDX-License-Identifier: MIT
 *
 * What a checkpoint of basin chain train must have been made with, as lines
 * "name=value": the data as they were read, the settings, the net.
 */
#include "cli/chain_train.h"

#include "data/model.h"

#include <string.h>

/* FNV-1a (Fowler, Noll and Vo). */
static uint64_t hash(uint64_t h, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;
    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * UINT64_C(0x100000001B3);
    return h;
}

static uint64_t hash_attributes(
    uint64_t h, const basin_attributes *a, int64_t positions)
{
    if (!a->start)
        return h;
    const size_t n = (size_t)a->start[positions];
    h = hash(h, a->start, ((size_t)positions + 1) * sizeof *a->start);
    h = hash(h, a->id, n * sizeof *a->id);
    return a->value ? hash(h, a->value, n * sizeof *a->value) : h;
}

static uint64_t hash_sequences(const basin_sequences *s)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);
    h = hash(h, s->start, ((size_t)s->n + 1) * sizeof *s->start);
    h = hash(h, s->label, (size_t)s->positions * sizeof *s->label);
    h = hash_attributes(h, &s->node, s->positions);
    h = hash_attributes(h, &s->edge, s->positions);
    const size_t dense = (size_t)s->positions * (size_t)s->dense_dim;
    return s->dense ? hash(h, s->dense, dense * sizeof *s->dense) : h;
}

/* Of what was read, names and all. */
static uint64_t hash_data(const training *t)
{
    const basin_dictionary *const names[] = {
        t->model.labels, t->model.nodes, t->model.edges};
    const basin_sequences *s = &t->corpus->sequences;
    uint64_t h = hash_sequences(s);
    for (int i = 0; i < 3; i++) {
        size_t size;
        const char *text = basin_dictionary_text(names[i], &size);
        h = hash(h, text, size);
    }
    for (int32_t i = 0; t->def.weight && i < s->n; i++)
        h = hash(h, &t->def.weight[i], sizeof *t->def.weight);
    const double *from = t->from_w;
    return from ? hash(h, from,
                      basin_chain_describe(t->model.chain)->n_params *
                          sizeof *from)
                : h;
}

/* ----------------------------------------------------------------- the net */

enum { PATH = 160 };

/* A line for each word and number of what describes the net. */
static basin_status write_tree(
    basin_bytes *out, const char *path, json_t *tree, basin_error *error)
{
    char below[PATH];
    const char *key;
    json_t *item;
    size_t i;
    json_object_foreach(tree, key, item)
    {
        basin_format(below, sizeof below, "%s.%s", path, key);
        BASIN_TRY(write_tree(out, below, item, error));
    }
    json_array_foreach(tree, i, item)
    {
        basin_format(below, sizeof below, "%s.%zu", path, i);
        BASIN_TRY(write_tree(out, below, item, error));
    }
    if (json_is_string(tree))
        return basin_bytes_print(
            out, error, "%s=%s\n", path, json_string_value(tree));
    if (json_is_number(tree))
        return basin_bytes_print(
            out, error, "%s=%.17g\n", path, json_number_value(tree));
    if (json_is_boolean(tree))
        return basin_bytes_print(
            out, error, "%s=%s\n", path, json_is_true(tree) ? "yes" : "no");
    return BASIN_OK;
}

static basin_status write_net(
    const training *t, basin_bytes *out, basin_error *error)
{
    basin_energy *net = basin_chain_net(t->model.chain);
    if (!net)
        return basin_bytes_print(out, error, "net=no\n");
    basin_bytes text;
    basin_bytes_init(&text, t->ctx);
    basin_status status = basin__model_describe(&text, net, error);
    json_t *tree = status == BASIN_OK
                       ? json_loads((const char *)text.data, 0, NULL)
                       : NULL;
    if (tree)
        status = write_tree(out, "net", tree, error);
    else if (status == BASIN_OK)
        status = basin_error_set(
            error, BASIN_E_MEMORY, "no memory to describe the net");
    json_decref(tree);
    basin_bytes_finish(&text);
    return status;
}

/* ------------------------------------------------------------- the settings */

static basin_status write_optimiser(
    const training *t, basin_bytes *out, basin_error *error)
{
    const basin_chain_train_def *d = &t->def;
    if (d->algorithm != BASIN_CHAIN_OPTIMISER)
        return BASIN_OK;
    BASIN_TRY(basin_bytes_print(out, error,
        "optimiser=%s\nbatch=%d\nrate-end=%.17g\n", d->optimiser, d->batch,
        d->rate_end));
    if (d->rate_end != 1) /* the rate falls over all epochs */
        BASIN_TRY(basin_bytes_print(out, error, "epochs=%d\n", t->s.epochs));
    for (int i = 0; i < d->n_optimiser_settings; i++)
        BASIN_TRY(basin_bytes_print(out, error, "%s.%s=%.17g\n", d->optimiser,
            d->optimiser_settings[i].name, d->optimiser_settings[i].value));
    return BASIN_OK;
}

static basin_status write_held_out(
    const training *t, basin_bytes *out, basin_error *error)
{
    if (!t->held)
        return basin_bytes_print(
            out, error, "held-out=%.17g\n", t->s.held_part);
    return basin_bytes_print(out, error, "held-out=%s (%llx)\n", t->s.held_out,
        (unsigned long long)hash_sequences(&t->held->sequences));
}

/* The parameters of a loss that a description may set. */
static basin_status write_loss(
    const training *t, basin_bytes *out, basin_error *error)
{
    const basin_part *part = &basin_loss_entry(t->loss)->part;
    BASIN_TRY(basin_bytes_print(out, error, "loss=%s\n", t->s.loss));
    for (int i = 0; i < part->n_params; i++)
        BASIN_TRY(basin_bytes_print(out, error, "%s.%s=%.17g\n", part->name,
            part->params[i].name, basin_loss_settings(t->loss)[i]));
    return BASIN_OK;
}

basin_status chain_settings_write(
    const training *t, basin_bytes *out, basin_error *error)
{
    const basin_chain_train_def *d = &t->def;
    BASIN_TRY(write_net(t, out, error));
    BASIN_TRY(basin_bytes_print(out, error,
        "algorithm=%s\nfeatures=%s\nseed=%llu\nmemory=%d\n", t->s.algorithm,
        t->s.features, (unsigned long long)d->seed, d->memory));
    BASIN_TRY(write_loss(t, out, error));
    BASIN_TRY(write_held_out(t, out, error));
    BASIN_TRY(write_optimiser(t, out, error));
    const struct {
        const char *name;
        double value;
    } numbers[] = {{"c1", d->c1}, {"c2", d->c2}, {"beta", d->beta},
        {"beta-from", d->beta_from}, {"beta-over", d->beta_over},
        {"start-epochs", d->start_epochs}, {"tolerance", d->tolerance},
        {"delta", d->delta}, {"rate", d->rate}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        BASIN_TRY(basin_bytes_print(
            out, error, "%s=%.17g\n", numbers[i].name, numbers[i].value));
    BASIN_TRY(basin_bytes_print(
        out, error, "data=%llx\n", (unsigned long long)hash_data(t)));
    return basin_bytes_append(out, "", 1, error);
}
