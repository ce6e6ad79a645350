/* SPDX-License-Identifier: MIT
 *
 * Writing and reading checkpoints of chains: arrays go as their bits.
 */
#include "data/chain_checkpoint.h"

#include "data/blocks.h"
#include "data/file.h"
#include "data/text.h"

#include <string.h>

#define KEY_SETTINGS "basin.chain.training"

enum { TENSORS = BASIN__CHAIN_BLOCKS + 4 };

static basin__block numbers_of(double *numbers)
{
    return (basin__block){
        .name = "numbers", .data = numbers, .n = BASIN__CHAIN_NUMBERS};
}

/* All arrays, the trainer's and the caller's; `numbers` first. */
static int list(basin__block out[TENSORS], basin_chain_trainer *t,
    const basin__chain_kept *kept, double *numbers)
{
    int n = 0;
    out[n++] = numbers_of(numbers);
    n += basin__chain_blocks(t, out + n);
    for (int i = 0; i < kept->n_extra; i++)
        out[n++] = kept->extra[i];
    return n;
}

/* ----------------------------------------------------------------- writing */

/* What is written: the numbers of one moment. */
typedef struct contents {
    basin__block block[TENSORS];
    basin__tensor tensor[TENSORS];
    double numbers[BASIN__CHAIN_NUMBERS];
    basin__meta settings;
    int n;
} contents;

static basin_status collect(contents *c, basin_chain_trainer *trainer,
    const basin__chain_kept *kept, basin_error *error)
{
    BASIN_TRY(basin__chain_settle(trainer, error));
    *c = (contents){.settings = {KEY_SETTINGS, kept->settings}};
    basin__chain_numbers_get(trainer, c->numbers);
    c->n = list(c->block, trainer, kept, c->numbers);
    basin__blocks_tensors(c->tensor, "", c->block, c->n);
    return BASIN_OK;
}

basin_status basin__chain_checkpoint_write(basin_bytes *out,
    basin_chain_trainer *trainer, const basin__chain_kept *kept,
    basin_error *error)
{
    contents c;
    BASIN_TRY(collect(&c, trainer, kept, error));
    basin__blocks_turn(c.block, c.n);
    const basin_status status = basin__safetensors_write(
        out, &c.settings, 1, c.tensor, (size_t)c.n, error);
    basin__blocks_turn(c.block, c.n);
    return status;
}

static basin_status save_pieces(
    const char *path, contents *c, basin_bytes *head, basin_error *error)
{
    basin__piece pieces[TENSORS + 1];
    basin__staged staged;
    BASIN_TRY(basin__safetensors_head(
        head, &c->settings, 1, c->tensor, (size_t)c->n, error));
    pieces[0] = (basin__piece){head->data, head->size};
    for (int i = 0; i < c->n; i++)
        pieces[i + 1] = (basin__piece){
            c->tensor[i].bytes, c->tensor[i].count * c->tensor[i].item};
    BASIN_TRY(basin__file_stage_pieces(
        &staged, path, pieces, (size_t)c->n + 1, error));
    return basin__file_commit(&staged, error);
}

basin_status basin__chain_checkpoint_save(const char *path,
    basin_chain_trainer *trainer, const basin__chain_kept *kept,
    basin_error *error)
{
    contents c;
    basin_bytes head;
    BASIN_TRY(collect(&c, trainer, kept, error));
    basin_bytes_init(&head, trainer->ctx);
    basin__blocks_turn(c.block, c.n);
    const basin_status status = save_pieces(path, &c, &head, error);
    basin__blocks_turn(c.block, c.n);
    basin_bytes_finish(&head);
    return status;
}

/* ----------------------------------------------------------------- reading */

typedef struct reader {
    const basin__block *block;
    int n, seen;
    const char *settings;
    bool ours;
} reader;

/* The name before the first line in which two texts differ, and its values. */
static basin_status compare(const char *was, const char *is, basin_error *error)
{
    while (*was || *is) {
        const size_t a = strcspn(was, "\n"), b = strcspn(is, "\n");
        const size_t name = strcspn(is, "=\n");
        BASIN_REQUIRE(name == strcspn(was, "=\n") && memcmp(was, is, name) == 0,
            error, BASIN_E_SERVE,
            "the checkpoint is of another training: it has '%.*s', this has "
            "'%.*s'",
            (int)a, was, (int)b, is);
        BASIN_REQUIRE(a == b && memcmp(was, is, a) == 0, error, BASIN_E_SERVE,
            "the checkpoint is of another training: %.*s was %.*s and is %.*s "
            "now",
            (int)name, is, (int)(a > name ? a - name - 1 : 0),
            a > name ? was + name + 1 : "", (int)(b > name ? b - name - 1 : 0),
            b > name ? is + name + 1 : "");
        was += a + (was[a] == '\n');
        is += b + (is[b] == '\n');
    }
    return BASIN_OK;
}

static basin_status take_meta(
    void *user, const char *key, const char *value, basin_error *error)
{
    reader *r = user;
    if (strcmp(key, KEY_SETTINGS) != 0)
        return BASIN_OK;
    r->ours = true;
    return compare(value, r->settings, error);
}

static basin_status take_tensor(
    void *user, const basin_stored *stored, basin_error *error)
{
    reader *r = user;
    int at;
    BASIN_TRY(basin__blocks_take(&at, "", r->block, r->n, stored, error));
    r->seen += at >= 0;
    return BASIN_OK;
}

static basin_status walk(
    reader *r, const void *data, size_t size, basin_error *error)
{
    r->seen = 0;
    BASIN_TRY(
        basin_safetensors_walk(data, size, take_tensor, take_meta, r, error));
    BASIN_REQUIRE(
        r->ours, error, BASIN_E_FORMAT, "this is no checkpoint of a chain");
    BASIN_REQUIRE(r->seen == r->n, error, BASIN_E_FORMAT,
        "the checkpoint has %d of the %d tensors", r->seen, r->n);
    return BASIN_OK;
}

static basin_status read_all(basin_chain_trainer *trainer,
    const basin__chain_kept *kept, const void *data, size_t size,
    basin_error *error)
{
    basin__block block[TENSORS];
    double numbers[BASIN__CHAIN_NUMBERS];
    reader r = {.block = block, .n = 1, .settings = kept->settings};
    block[0] = numbers_of(numbers);
    BASIN_TRY(walk(&r, data, size, error));
    BASIN_TRY(basin__chain_numbers_room(trainer, numbers, size, error));
    r.n = list(block, trainer, kept, numbers);
    BASIN_TRY(walk(&r, data, size, error));
    return basin__chain_numbers_set(trainer, numbers, error);
}

basin_status basin__chain_checkpoint_read(basin_chain_trainer *trainer,
    const basin__chain_kept *kept, const void *data, size_t size,
    basin_error *error)
{
    basin_status status = read_all(trainer, kept, data, size, error);
    if (status != BASIN_OK) /* settings of another training, as they came */
        basin__clean_message(error);
    return status;
}
