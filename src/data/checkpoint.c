/* SPDX-License-Identifier: MIT
 *
 * Writing and reading checkpoints. Numbers are printed so that they read back
 * to the same bits.
 */
#include "data/checkpoint.h"

#include <math.h>
#include <string.h>

#include "data/blocks.h"
#include "data/model.h"
#include "data/text.h"
#include "learn/learn.h"

#define KEY    "basin.checkpoint"
#define BEST   "basin.best"
#define STATE  "basin.state."
#define MEMORY "basin.memory" /* of the inference */
#define WHOLE  "basin.whole." /* of an optimiser that takes all samples */

/* The optimiser's arrays, the fifth the average of W; then the best weights and
 * the inference's memory. */
enum { ARRAYS = 5, AT_BEST = ARRAYS, AT_MEMORY, TENSORS, NUMBERS = 40 };
enum { ALL_TENSORS = TENSORS + BASIN__TRAINER_BLOCKS };

/* ------------------------------------------------------------------ numbers */

typedef struct number {
    const char *name;
    double value;
} number;

static int surface_numbers(
    number *out, const char *const names[4], const basin_surface *s)
{
    out[0] = (number){names[0], s->spread};
    out[1] = (number){names[1], s->gap};
    out[2] = (number){names[2], s->size};
    out[3] = (number){names[3], s->mean};
    return 4;
}

static const char *const first_names[4] = {
    "first_spread", "first_gap", "first_size", "first_mean"};
static const char *const last_names[4] = {
    "last_spread", "last_gap", "last_size", "last_mean"};

static int list_numbers(number *out, const basin__checkpoint *c)
{
    const basin_trainer_state *t = &c->trainer;
    const number all[] = {
        {"epoch", t->progress.epoch},
        {"updates", (double)t->progress.updates},
        {"loss", t->progress.loss},
        {"e_c", t->progress.e_c},
        {"e_i", t->progress.e_i},
        {"rate", t->progress.rate},
        {"passes", (double)t->progress.passes},
        {"beta", t->progress.beta},
        {"beta_z", t->progress.beta_z},
        {"place", t->place},
        {"sum", t->sum},
        {"sum_e_c", t->sum_e_c},
        {"sum_e_i", t->sum_e_i},
        {"rate_scale", t->rate_scale},
        {"first_loss", c->guard.first},
        {"best_loss", c->guard.best},
        {"rollbacks", c->guard.rollbacks},
        {"verdict", c->verdict},
        {"best_held_out", c->best_held_out},
        {"best_epoch", c->best_epoch},
    };
    int n = sizeof all / sizeof *all;
    memcpy(out, all, sizeof all);
    n += surface_numbers(out + n, first_names, &c->first);
    return n + surface_numbers(out + n, last_names, &c->last);
}

static basin_status print(basin_bytes *out, double value, basin_error *error)
{
    return isnan(value) ? basin_bytes_print(out, error, "\"nan\"")
                        : basin__json_number(out, value, error);
}

static basin_status write_numbers(
    basin_bytes *out, const basin__checkpoint *c, basin_error *error)
{
    number numbers[NUMBERS];
    int n = list_numbers(numbers, c);
    BASIN_TRY(basin_bytes_print(
        out, error, "{\"data\":\"%llx\"", (unsigned long long)c->data));
    for (int i = 0; i < n; i++) {
        BASIN_TRY(basin_bytes_print(out, error, ",\"%s\":", numbers[i].name));
        BASIN_TRY(print(out, numbers[i].value, error));
    }
    BASIN_TRY(basin_bytes_print(out, error, ",\"moments\":["));
    for (int i = 0; i < c->n_moments; i++) {
        double row[BASIN__MOMENT_NUMBERS];
        memcpy(row, &c->moments[i], sizeof row);
        for (int k = 0; k < BASIN__MOMENT_NUMBERS; k++) {
            BASIN_TRY(basin_bytes_print(out, error, "%s",
                k   ? ","
                : i ? ",["
                    : "["));
            BASIN_TRY(print(out, row[k], error));
        }
        BASIN_TRY(basin_bytes_print(out, error, "]"));
    }
    return basin_bytes_append(out, "]}", 3, error);
}

/* ------------------------------------------------------------------ writing */

static basin__tensor tensor_of(const char *name, float *values, size_t count)
{
    basin__tensor t = {.n_dims = 1,
        .dims = {(int64_t)count},
        .values = values,
        .count = count};
    basin_format(t.name, sizeof t.name, "%s", name);
    return t;
}

static size_t list_arrays(
    basin__tensor *out, basin_trainer *trainer, const basin__checkpoint *c)
{
    size_t n = 0, n_memory;
    float *memory = basin_trainer_memory(trainer, &n_memory);
    size_t count =
        basin_energy_describe(basin_trainer_energy(trainer))->n_params;
    for (int i = 0; i < basin_trainer_arrays(trainer); i++) {
        char name[32];
        basin_format(name, sizeof name, STATE "%d", i);
        out[n++] = tensor_of(name, basin_trainer_array(trainer, i), count);
    }
    if (c->best)
        out[n++] = tensor_of(BEST, c->best, count);
    if (memory)
        out[n++] = tensor_of(MEMORY, memory, n_memory);
    return n;
}

basin_status basin__checkpoint_write(basin_bytes *out,
    const basin__description *d, basin_trainer *trainer,
    const basin__checkpoint *c, basin_error *error)
{
    basin_bytes parts, numbers;
    basin__tensor arrays[ALL_TENSORS];
    basin__block blocks[BASIN__TRAINER_BLOCKS];
    const int n_blocks = basin__trainer_blocks(trainer, blocks);
    basin_bytes_init(&parts, d->ctx);
    basin_bytes_init(&numbers, d->ctx);
    basin_status status = basin__parts_write(&parts, d, error);
    if (status == BASIN_OK)
        status = write_numbers(&numbers, c, error);
    if (status == BASIN_OK) {
        basin__meta metas[2] = {
            {BASIN__MODEL_KEY_PARTS, (const char *)parts.data},
            {KEY, (const char *)numbers.data}};
        size_t n = list_arrays(arrays, trainer, c);
        basin__blocks_tensors(arrays + n, WHOLE, blocks, n_blocks);
        basin__blocks_turn(blocks, n_blocks);
        status = basin__model_write_more(
            out, d->energy, metas, 2, arrays, n + (size_t)n_blocks, error);
        basin__blocks_turn(blocks, n_blocks);
    }
    basin_bytes_finish(&parts);
    basin_bytes_finish(&numbers);
    return status;
}

/* ------------------------------------------------------------------ reading */

typedef struct reader {
    basin__checkpoint *c;
    basin_trainer *trainer;
    size_t n_params;
    basin_bytes model, parts, numbers; /* texts of the metadata */
    bool seen[TENSORS];
    basin__block blocks[BASIN__TRAINER_BLOCKS];
    int n_blocks, blocks_seen;
} reader;

static basin_status take_meta(
    void *user, const char *key, const char *value, basin_error *error)
{
    reader *r = user;
    basin_bytes *out = strcmp(key, BASIN__MODEL_KEY_MODEL) == 0   ? &r->model
                       : strcmp(key, BASIN__MODEL_KEY_PARTS) == 0 ? &r->parts
                       : strcmp(key, KEY) == 0                    ? &r->numbers
                                                                  : NULL;
    return out ? basin_bytes_append(out, value, strlen(value) + 1, error)
               : BASIN_OK;
}

static basin_status take_tensor(
    void *user, const basin_stored *stored, basin_error *error)
{
    reader *r = user;
    int n = basin_trainer_arrays(r->trainer), at = -1;
    size_t count = r->n_params, n_memory;
    float *memory = basin_trainer_memory(r->trainer, &n_memory);
    float *values = NULL;
    int block;
    BASIN_TRY(basin__blocks_take(
        &block, WHOLE, r->blocks, r->n_blocks, stored, error));
    r->blocks_seen += block >= 0;
    for (int i = 0; i < n; i++) {
        char name[32];
        basin_format(name, sizeof name, STATE "%d", i);
        if (strcmp(stored->name, name) == 0) {
            at = i;
            values = basin_trainer_array(r->trainer, i);
        }
    }
    if (strcmp(stored->name, BEST) == 0) {
        at = AT_BEST;
        values = r->c->best;
    }
    if (strcmp(stored->name, MEMORY) == 0) {
        at = AT_MEMORY;
        values = memory;
        count = n_memory;
    }
    if (!values)
        return BASIN_OK;
    BASIN_REQUIRE(strcmp(stored->type, "F32") == 0 &&
                      stored->size == count * sizeof(float),
        error, BASIN_E_FORMAT, "tensor '%s' does not have %zu numbers",
        stored->name, count);
    memcpy(values, stored->data, stored->size);
    for (size_t i = 0; i < count; i++)
        BASIN_REQUIRE(isfinite(values[i]), error, BASIN_E_FORMAT,
            "tensor '%s' holds a number that is not finite", stored->name);
    r->seen[at] = true;
    return BASIN_OK;
}

/* The first setting in which two texts differ, and both values. */
static void find_difference(basin__tree *was, basin__tree *is, char *path,
    size_t size, const char **a, const char **b)
{
    for (basin__tree *at = was->first; at; at = at->next) {
        basin__tree *other = at->key ? basin__tree_get(is, at->key) : NULL;
        size_t used = strlen(path);
        if (!at->key || *a)
            return;
        basin_format(
            path + used, size - used, "%s%s", used ? "." : "", at->key);
        if (other && at->kind == BASIN__MAP && other->kind == BASIN__MAP)
            find_difference(at, other, path, size, a, b);
        else if (!other || at->kind != other->kind ||
                 (at->kind == BASIN__WORD &&
                     strcmp(at->word, other->word) != 0)) {
            *a = at->kind == BASIN__WORD ? at->word : "a list";
            *b = !other                       ? "absent"
                 : other->kind == BASIN__WORD ? other->word
                                              : "a list";
        }
        if (*a)
            return;
        path[used] = '\0';
    }
}

static basin_status say_difference(const reader *r, const basin__description *d,
    const basin_bytes *now, basin_error *error)
{
    basin__forest forest;
    basin__tree *was = NULL, *is = NULL;
    char path[96] = "";
    const char *a = NULL, *b = NULL;
    basin__forest_init(&forest, d->ctx);
    basin_status status = basin__json_read(
        &forest, &was, r->parts.data, r->parts.size - 1, error);
    if (status == BASIN_OK)
        status =
            basin__json_read(&forest, &is, now->data, now->size - 1, error);
    if (status == BASIN_OK)
        find_difference(was, is, path, sizeof path, &a, &b);
    if (status == BASIN_OK)
        status = basin_error_set(error, BASIN_E_SERVE,
            "the checkpoint is of another training: %s was %.60s and is %.60s "
            "now",
            a ? path : "the data's scale", a ? a : "other", b ? b : "other");
    basin__forest_finish(&forest);
    return status;
}

static bool same_text(const basin_bytes *a, const basin_bytes *b)
{
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* Is it a checkpoint of this model, with these settings? */
static basin_status check_texts(
    const reader *r, const basin__description *d, basin_error *error)
{
    basin_bytes model, parts;
    BASIN_REQUIRE(r->numbers.size && r->parts.size && r->model.size, error,
        BASIN_E_FORMAT, "this is no checkpoint: no " KEY " in its metadata");
    basin_bytes_init(&model, d->ctx);
    basin_bytes_init(&parts, d->ctx);
    basin_status status = basin__model_describe(&model, d->energy, error);
    if (status == BASIN_OK)
        status = basin__parts_write(&parts, d, error);
    if (status == BASIN_OK && !same_text(&model, &r->model))
        status = basin_error_set(error, BASIN_E_SERVE,
            "the checkpoint is of another energy; leave out --resume to begin "
            "again");
    else if (status == BASIN_OK && !same_text(&parts, &r->parts))
        status = say_difference(r, d, &parts, error);
    basin_bytes_finish(&model);
    basin_bytes_finish(&parts);
    return status;
}

static double number_at(basin__tree *map, const char *key)
{
    const basin__tree *node = basin__tree_get(map, key);
    double value = (double)NAN;
    if (node && node->kind == BASIN__WORD)
        basin_parse_number(&value, node->word, strlen(node->word));
    return value;
}

static int int_at(basin__tree *map, const char *key)
{
    double value = number_at(map, key);
    return value >= 0 && value <= INT32_MAX ? (int)value : 0;
}

static basin_surface surface_at(basin__tree *map, const char *const names[4])
{
    return (basin_surface){number_at(map, names[0]), number_at(map, names[1]),
        number_at(map, names[2]), number_at(map, names[3])};
}

static basin_status take_moments(
    basin__checkpoint *c, basin__tree *list, basin_error *error)
{
    c->n_moments = 0;
    for (basin__tree *row = list ? list->first : NULL; row; row = row->next) {
        double numbers[BASIN__MOMENT_NUMBERS];
        int k = 0;
        BASIN_REQUIRE(
            c->n_moments < c->most_moments && row->n == BASIN__MOMENT_NUMBERS,
            error, BASIN_E_FORMAT, "the checkpoint's history is damaged");
        for (basin__tree *at = row->first; at; at = at->next) {
            numbers[k] = (double)NAN;
            if (at->kind == BASIN__WORD)
                basin_parse_number(&numbers[k], at->word, strlen(at->word));
            k++;
        }
        memcpy(&c->moments[c->n_moments++], numbers, sizeof numbers);
    }
    return BASIN_OK;
}

static basin_status take_numbers(
    const reader *r, basin__tree *root, int epochs, basin_error *error)
{
    char hash[32];
    basin__checkpoint *c = r->c;
    const basin__tree *data = basin__tree_get(root, "data");
    basin_format(hash, sizeof hash, "%llx", (unsigned long long)c->data);
    BASIN_REQUIRE(data && data->kind == BASIN__WORD, error, BASIN_E_FORMAT,
        "the checkpoint does not say which data it is of");
    BASIN_REQUIRE(strcmp(data->word, hash) == 0, error, BASIN_E_SERVE,
        "the checkpoint is of other data than these; leave out --resume to "
        "begin again");
    double updates = number_at(root, "updates");
    double passes = number_at(root, "passes");
    c->trainer = (basin_trainer_state){
        .progress = {.epoch = int_at(root, "epoch"),
            .epochs = epochs,
            .updates = updates > 0 && updates < 9e15 ? (uint64_t)updates : 0,
            .passes = passes > 0 && passes < 9e15 ? (uint64_t)passes : 0,
            .loss = number_at(root, "loss"),
            .e_c = number_at(root, "e_c"),
            .e_i = number_at(root, "e_i"),
            .rate = number_at(root, "rate"),
            .beta = number_at(root, "beta"),
            .beta_z = number_at(root, "beta_z")},
        .place = int_at(root, "place"),
        .sum = number_at(root, "sum"),
        .sum_e_c = number_at(root, "sum_e_c"),
        .sum_e_i = number_at(root, "sum_e_i"),
        .rate_scale = number_at(root, "rate_scale")};
    c->guard = (basin_guard_state){.first = number_at(root, "first_loss"),
        .best = number_at(root, "best_loss"),
        .rollbacks = int_at(root, "rollbacks")};
    c->first = surface_at(root, first_names);
    c->last = surface_at(root, last_names);
    c->verdict = int_at(root, "verdict");
    c->best_held_out = number_at(root, "best_held_out");
    c->best_epoch = int_at(root, "best_epoch");
    BASIN_REQUIRE(c->trainer.rate_scale > 0 && c->trainer.rate_scale <= 1 &&
                      c->trainer.place < basin__trainer_samples(r->trainer),
        error, BASIN_E_FORMAT, "the checkpoint's numbers are damaged");
    return take_moments(c, basin__tree_get(root, "moments"), error);
}

static basin_status take_all(reader *r, const basin__description *d,
    const void *data, size_t size, basin_error *error)
{
    basin__forest forest;
    basin__tree *root = NULL;
    BASIN_TRY(check_texts(r, d, error));
    basin__forest_init(&forest, d->ctx);
    basin_status status = basin__json_read(
        &forest, &root, r->numbers.data, r->numbers.size - 1, error);
    if (status == BASIN_OK)
        status =
            take_numbers(r, root, (int)d->learning[BASIN__LEARN_EPOCHS], error);
    basin__forest_finish(&forest);
    BASIN_TRY(status);
    BASIN_TRY(basin__model_load(d->energy, data, size, error));
    BASIN_TRY(basin_safetensors_walk(data, size, take_tensor, NULL, r, error));
    for (int i = 0; i < basin_trainer_arrays(r->trainer); i++)
        BASIN_REQUIRE(r->seen[i], error, BASIN_E_FORMAT,
            "array %d of the optimiser is missing", i);
    BASIN_REQUIRE(r->blocks_seen == r->n_blocks, error, BASIN_E_FORMAT,
        "the checkpoint has %d of the optimiser's %d arrays", r->blocks_seen,
        r->n_blocks);
    basin__trainer_blocks_set(r->trainer);
    BASIN_REQUIRE(!r->c->best || r->seen[AT_BEST], error, BASIN_E_FORMAT,
        "the best weights are missing");
    size_t n_memory;
    BASIN_REQUIRE(
        !basin_trainer_memory(r->trainer, &n_memory) || r->seen[AT_MEMORY],
        error, BASIN_E_FORMAT, "the persistent chains are missing");
    return BASIN_OK;
}

basin_status basin__checkpoint_read(basin__checkpoint *c,
    const basin__description *d, basin_trainer *trainer, const void *data,
    size_t size, basin_error *error)
{
    reader r = {.c = c,
        .trainer = trainer,
        .n_params = basin_energy_describe(d->energy)->n_params};
    r.n_blocks = basin__trainer_blocks(trainer, r.blocks);
    basin_bytes_init(&r.model, d->ctx);
    basin_bytes_init(&r.parts, d->ctx);
    basin_bytes_init(&r.numbers, d->ctx);
    basin_status status =
        basin_safetensors_walk(data, size, NULL, take_meta, &r, error);
    if (status == BASIN_OK)
        status = take_all(&r, d, data, size, error);
    basin_bytes_finish(&r.model);
    basin_bytes_finish(&r.parts);
    basin_bytes_finish(&r.numbers);
    if (status != BASIN_OK)
        basin__clean_message(error);
    return status;
}
