/* SPDX-License-Identifier: MIT
 *
 * Fuzzing of the checkpoints of chains. The first byte says which algorithm
 * trains; what follows is the file, or where it begins with a NUL byte, changes
 * of three bytes each (place, place, byte) in a right one. Whatever comes, the
 * reader must refuse it in one line or leave a state that training can go on
 * from.
 */
#include "data/chain_checkpoint.h"
#include "fuzz.h"

#include "basin/chain_train.h"

enum { ALGORITHMS = 7 };

typedef struct set {
    basin_chain *chain;
    basin_loss *loss;
    basin_chain_trainer *trainer;
} set;

static const int64_t start[] = {0, 2, 3, 6}, node[] = {0, 1, 2, 3, 4, 5, 6};
static const int32_t id[] = {0, 1, 2, 0, 1, 1}, label[] = {0, 1, 1, 0, 1, 0};
static const basin_sequences sequences = {.n = 3,
    .positions = 6,
    .start = start,
    .n_labels = 2,
    .label = label,
    .node = {3, node, id, NULL}};

static void open_set(set *s, basin_context *ctx, int algorithm, int iterations)
{
    basin_chain_train_def def = basin_chain_train_default();
    *s = (set){0};
    def.algorithm = (basin_chain_algorithm)algorithm;
    def.iterations = iterations;
    const bool own = algorithm >= BASIN_CHAIN_PERCEPTRON &&
                     algorithm != BASIN_CHAIN_OPTIMISER;
    FUZZ_CHECK(
        basin_chain_create(&s->chain, ctx, &sequences, NULL, NULL) == BASIN_OK);
    if (!own)
        FUZZ_CHECK(
            basin_loss_create(&s->loss, ctx, "nll", NULL, 0, NULL) == BASIN_OK);
    FUZZ_CHECK(basin_chain_trainer_create(&s->trainer, s->chain, s->loss,
                   &sequences, &def, NULL) == BASIN_OK);
}

static void close_set(set *s)
{
    basin_chain_trainer_destroy(s->trainer);
    basin_loss_destroy(s->loss);
    basin_chain_destroy(s->chain);
}

static const basin__chain_kept kept = {.settings = "seed=1\nloss=nll\n"};

/* A right file, after one of three iterations. */
static void write_right(basin_bytes *out, basin_context *ctx, int algorithm)
{
    set s;
    open_set(&s, ctx, algorithm, 1);
    basin_error error = {0};
    FUZZ_CHECK(basin_chain_trainer_run(s.trainer, &error) == BASIN_OK);
    FUZZ_CHECK(basin__chain_checkpoint_write(out, s.trainer, &kept, &error) ==
               BASIN_OK);
    close_set(&s);
}

static void change(basin_bytes *file, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i + 3 <= size; i += 3) {
        const size_t at = (size_t)data[i] << 8 | data[i + 1];
        file->data[at % file->size] = data[i + 2];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    basin_context *ctx = fuzz_open();
    const int algorithm = data[0] % ALGORITHMS;
    basin_bytes file;
    basin_bytes_init(&file, ctx);
    if (data[1] == 0) {
        write_right(&file, ctx, algorithm);
        change(&file, data + 2, size - 2);
    } else
        FUZZ_CHECK(
            basin_bytes_append(&file, data + 1, size - 1, NULL) == BASIN_OK);
    set s;
    basin_error error = {0};
    open_set(&s, ctx, algorithm, 3);
    basin_status status = basin__chain_checkpoint_read(
        s.trainer, &kept, file.data, file.size, &error);
    fuzz_error(status, &error);
    const bool changed = data[1] != 0 || size > 4;
    FUZZ_CHECK(changed || status == BASIN_OK);
    if (status == BASIN_OK) {
        status = basin_chain_trainer_run(s.trainer, &error);
        fuzz_error(status, &error);
    }
    close_set(&s);
    basin_bytes_finish(&file);
    basin_context_destroy(ctx);
    return 0;
}
