/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of checkpoints: the input takes the place of the words and numbers
 * in a right one, or is the whole file. Whatever comes, the reader must refuse
 * it in one line or leave a state that training can go on from.
 */
#include "data/checkpoint.h"
#include "data/model.h"
#include "fuzz.h"

enum { MOMENTS = 8 };

static const char text[] =
    "{\"energy\":{\"spaces\":{\"x\":{\"dim\":1,\"low\":-1,\"high\":1},"
    "\"y\":{\"dim\":1,\"low\":-1,\"high\":1}},\"nodes\":["
    "{\"module\":\"linear\",\"inputs\":\"x\"},"
    "{\"module\":\"l1\",\"inputs\":[\"linear_1\",\"y\"]}]},"
    "\"inference\":{\"name\":\"grid\",\"points\":5},\"loss\":\"energy\","
    "\"learning\":{\"optimiser\":\"momentum\"}}";

typedef struct set {
    basin__description d;
    basin_inference *inference;
    basin_loss *loss;
    basin_trainer *trainer;
    float x[4], y[4], best[8];
    basin__moment moments[MOMENTS];
    basin__checkpoint c;
} set;

/* The parts come from JSON, so that no YAML is needed. */
static void open_set(set *s, basin_context *ctx)
{
    basin__tree *root = NULL;
    basin_error error = {0};
    *s = (set){.d = {.ctx = ctx}, .x = {0, .5F, -.5F, 1}};
    basin__forest_init(&s->d.forest, ctx);
    FUZZ_CHECK(basin__json_read(&s->d.forest, &root, text, sizeof text - 1,
                   &error) == BASIN_OK);
    FUZZ_CHECK(basin__energy_read(&s->d.energy, ctx,
                   basin__tree_get(root, "energy"), &error) == BASIN_OK);
    FUZZ_CHECK(basin__parts_read(&s->d, root, &error) == BASIN_OK);
    FUZZ_CHECK(
        basin__description_inference(&s->inference, &s->d, &error) == BASIN_OK);
    FUZZ_CHECK(basin__description_loss(&s->loss, &s->d, &error) == BASIN_OK);
    basin_train_def def = basin_train_default();
    def.optimiser = "momentum";
    FUZZ_CHECK(basin_trainer_create(&s->trainer, s->inference, s->loss,
                   &(basin_samples){.n = 4, .x = s->x, .y = s->y}, &def,
                   &error) == BASIN_OK);
    s->c = (basin__checkpoint){.trainer = {.rate_scale = 1},
        .moments = s->moments,
        .most_moments = MOMENTS,
        .data = 1,
        .best = s->best};
}

static void close_set(set *s)
{
    basin_trainer_destroy(s->trainer);
    basin_loss_destroy(s->loss);
    basin_inference_destroy(s->inference);
    basin__description_finish(&s->d);
}

static void try_file(set *s, const void *data, size_t size)
{
    basin_error error = {0};
    basin_status status =
        basin__checkpoint_read(&s->c, &s->d, s->trainer, data, size, &error);
    fuzz_error(status, &error);
    FUZZ_CHECK(s->c.n_moments <= MOMENTS);
    if (status != BASIN_OK)
        return;
    basin_bytes again;
    bool ended;
    basin_bytes_init(&again, s->d.ctx);
    FUZZ_CHECK(s->c.trainer.place <= 4);
    basin_trainer_state_set(s->trainer, &s->c.trainer);
    (void)basin_trainer_advance(s->trainer, 4, &ended, &error);
    (void)basin__checkpoint_write(&again, &s->d, s->trainer, &s->c, &error);
    basin_bytes_finish(&again);
}

/* A right file with the input in the place of its numbers. */
static void try_numbers(set *s, const uint8_t *data, size_t size)
{
    basin_error error = {0};
    basin_bytes parts, numbers, file;
    basin_bytes_init(&parts, s->d.ctx);
    basin_bytes_init(&numbers, s->d.ctx);
    basin_bytes_init(&file, s->d.ctx);
    FUZZ_CHECK(basin__parts_write(&parts, &s->d, &error) == BASIN_OK);
    FUZZ_CHECK(basin_bytes_append(&numbers, data, size, &error) == BASIN_OK);
    FUZZ_CHECK(basin_bytes_append(&numbers, "", 1, &error) == BASIN_OK);
    basin__meta metas[2] = {{BASIN__MODEL_KEY_PARTS, (const char *)parts.data},
        {"basin.checkpoint", (const char *)numbers.data}};
    basin__tensor more[2] = {{.name = "basin.state.0",
                                 .n_dims = 1,
                                 .dims = {2},
                                 .values = s->best,
                                 .count = 2},
        {.name = "basin.best",
            .n_dims = 1,
            .dims = {2},
            .values = s->best,
            .count = 2}};
    if (basin__model_write_more(
            &file, s->d.energy, metas, 2, more, 2, &error) == BASIN_OK)
        try_file(s, file.data, file.size);
    basin_bytes_finish(&parts);
    basin_bytes_finish(&numbers);
    basin_bytes_finish(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    basin_context *ctx = fuzz_open();
    size_t before = basin_context_bytes(ctx);
    set s;
    open_set(&s, ctx);
    if (size > 0 && data[0] == '{')
        try_numbers(&s, data, size);
    else
        try_file(&s, data, size);
    close_set(&s);
    FUZZ_CHECK(basin_context_bytes(ctx) == before);
    basin_context_destroy(ctx);
    return 0;
}
