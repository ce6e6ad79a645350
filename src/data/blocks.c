/* SPDX-License-Identifier: MIT
 *
 * Arrays of a trainer as tensors, to the bit.
 */
#include "data/blocks.h"

#include <string.h>

static const char *const type_names[] = {"F64", "F32", "I32"};

static size_t item_of(const basin__block *b)
{
    return b->type == BASIN__F64 ? sizeof(double) : sizeof(float);
}

static void name_of(
    char *out, size_t size, const char *prefix, const basin__block *b)
{
    basin_format(out, size, "%s%s.%d", prefix, b->name, b->index);
}

/* Numbers in memory and little-endian ones, either way. */
static void turn(unsigned char *bytes, size_t n, size_t item)
{
    const uint16_t one = 1;
    if (*(const unsigned char *)&one)
        return;
    for (size_t i = 0; i < n; i++, bytes += item)
        for (size_t k = 0; k < item / 2; k++) {
            const unsigned char held = bytes[k];
            bytes[k] = bytes[item - 1 - k];
            bytes[item - 1 - k] = held;
        }
}

void basin__blocks_turn(const basin__block *blocks, int n)
{
    for (int i = 0; i < n; i++)
        turn(blocks[i].data, blocks[i].n, item_of(&blocks[i]));
}

void basin__blocks_tensors(
    basin__tensor *out, const char *prefix, const basin__block *blocks, int n)
{
    for (int i = 0; i < n; i++) {
        const basin__block *b = &blocks[i];
        out[i] = (basin__tensor){.n_dims = 1,
            .dims = {(int64_t)b->n},
            .count = b->n,
            .type = type_names[b->type],
            .bytes = b->data,
            .item = item_of(b)};
        name_of(out[i].name, sizeof out[i].name, prefix, b);
    }
}

basin_status basin__blocks_take(int *at, const char *prefix,
    const basin__block *blocks, int n, const basin_stored *stored,
    basin_error *error)
{
    *at = -1;
    for (int i = 0; i < n; i++) {
        const basin__block *b = &blocks[i];
        char name[sizeof stored->name];
        name_of(name, sizeof name, prefix, b);
        if (strcmp(stored->name, name) != 0)
            continue;
        BASIN_REQUIRE(strcmp(stored->type, type_names[b->type]) == 0 &&
                          stored->size == b->n * item_of(b),
            error, BASIN_E_FORMAT,
            "the checkpoint's tensor '%s' is not %zu numbers", name, b->n);
        if (stored->size)
            memcpy(b->data, stored->data, stored->size);
        turn(b->data, b->n, item_of(b));
        *at = i;
    }
    return BASIN_OK;
}
