/* SPDX-License-Identifier: MIT
 *
 * What a chain's trainer is made of between two iterations: with these numbers
 * and arrays another one goes on to the same bits.
 */
#include "learn/chain_corners.h"
#include "learn/chain_online.h"
#include "learn/chain_start.h"
#include "learn/chain_steps.h"
#include "learn/chain_trainer.h"

#include <string.h>

/* Numbers that every algorithm has: so many, and the past. */
enum {
    PAST = 11,
    COMMON = PAST + sizeof((basin_chain_trainer *)0)->past / sizeof(double)
};

static void common_numbers(const basin_chain_trainer *t, double *out)
{
    const basin_chain_progress *p = &t->progress;
    const double all[PAST] = {p->iteration, p->evaluations, p->objective,
        p->loss, p->norm, p->residual, (double)p->active, p->step, t->stood,
        p->gap, p->starting};
    memcpy(out, all, sizeof all);
    memcpy(out + PAST, t->past, sizeof t->past);
}

void basin__chain_numbers_get(const basin_chain_trainer *t, double *out)
{
    memset(out, 0, BASIN__CHAIN_NUMBERS * sizeof *out);
    double *own = out + COMMON;
    common_numbers(t, out);
    if (t->lbfgs && !basin__chain_warming(t)) {
        basin__lbfgs_numbers_get(t->lbfgs, own);
        own[BASIN__LBFGS_NUMBERS] = t->nearly;
    }
    if (t->online)
        own[0] = (double)t->online->steps;
    if (t->steps)
        own[0] = (double)t->steps->updates;
    if (t->corners) {
        own[1] = (double)t->corners->labels;
        own[2] = (double)t->corners->weights;
    }
}

basin_status basin__chain_settle(basin_chain_trainer *t, basin_error *error)
{
    return t->corners ? basin__corners_pack(t->corners, error) : BASIN_OK;
}

/* A count of at most 2^48 things. */
static bool is_count(double value)
{
    return value >= 0 && value <= 0x1p48 && value == (double)(uint64_t)value;
}

basin_status basin__chain_numbers_room(
    basin_chain_trainer *t, const double *in, size_t size, basin_error *error)
{
    if (t->warms) /* SGD before L-BFGS has W and the epochs for a state */
        return basin__chain_warm_resume(t, in[10] != 0 ? in[0] : -1, error);
    if (!t->corners)
        return BASIN_OK;
    const double *own = in + COMMON;
    BASIN_REQUIRE(
        is_count(own[1]) && is_count(own[2]) &&
            own[1] * sizeof(int32_t) + own[2] * sizeof(double) <= (double)size,
        error, BASIN_E_FORMAT,
        "the checkpoint has not as many labellings as it says");
    return basin__corners_begin(
        t->corners, (size_t)own[1], (size_t)own[2], error);
}

basin_status basin__chain_numbers_set(
    basin_chain_trainer *t, const double *in, basin_error *error)
{
    BASIN_REQUIRE(in[10] == 0 || t->start_loss || basin__chain_warming(t),
        error, BASIN_E_FORMAT,
        "the checkpoint is of a search for a start, which this loss needs not");
    BASIN_REQUIRE(!t->corners || basin__corners_unpack(t->corners), error,
        BASIN_E_FORMAT, "the checkpoint's labellings do not add up");
    static const int counts[] = {0, 1, 6, COMMON};
    for (int i = 0; i < 4 - !(t->online || t->steps); i++)
        BASIN_REQUIRE(is_count(in[counts[i]]) &&
                          (i > 1 || in[counts[i]] <= INT32_MAX / 2),
            error, BASIN_E_FORMAT,
            "the checkpoint counts %g iterations, evaluations, weights or "
            "steps",
            in[counts[i]]);
    basin_chain_progress *p = &t->progress;
    p->iteration = (int)in[0];
    p->evaluations = (int)in[1];
    p->objective = in[2];
    p->loss = in[3];
    p->norm = in[4];
    p->residual = in[5];
    p->active = (int64_t)in[6];
    p->step = in[7];
    t->stood = in[8] != 0;
    p->gap = in[9];
    memcpy(t->past, in + PAST, sizeof t->past);
    const double *own = in + COMMON;
    if (t->online)
        t->online->steps = (uint64_t)own[0];
    if (t->steps)
        t->steps->updates = (uint64_t)own[0];
    basin_chain_changed(t->chain);
    if (t->lbfgs && !basin__chain_warming(t)) {
        basin__lbfgs_numbers_set(t->lbfgs, own);
        t->nearly = own[BASIN__LBFGS_NUMBERS] != 0;
    }
    t->resumed = true;
    if (in[10] != 0 && t->start_loss)
        basin__chain_start_resume(t);
    return BASIN_OK;
}

static int add_corners(basin__corners *c, basin__block *out)
{
    out[0] = (basin__block){.name = "corners",
        .type = BASIN__I32,
        .data = c->n,
        .n = (size_t)c->sequences->n};
    out[1] = (basin__block){.name = "corner.label",
        .type = BASIN__I32,
        .data = c->label,
        .n = c->labels};
    out[2] = (basin__block){
        .name = "corner.weight", .data = c->weight, .n = c->weights};
    return 3;
}

int basin__chain_blocks(basin_chain_trainer *t, basin__block *out)
{
    const size_t n = t->chain->info.n_params;
    int count = 0;
    out[count++] = (basin__block){
        .name = "w", .data = basin_chain_params(t->chain), .n = n};
    if (t->corners)
        count += add_corners(t->corners, out + count);
    else if (t->online && t->online->memory)
        out[count++] =
            (basin__block){.name = "memory", .data = t->online->memory, .n = n};
    for (int i = 0; t->steps && i < t->steps->optimiser->n_states; i++)
        out[count++] = (basin__block){.name = "state",
            .index = i,
            .type = BASIN__F32,
            .data = t->steps->state[i],
            .n = n};
    if (t->lbfgs && !basin__chain_warming(t))
        count += basin__lbfgs_blocks(t->lbfgs, out + count);
    return count;
}

void basin_chain_trainer_weights(const basin_chain_trainer *t, double *out)
{
    if (t->online && t->online->memory)
        basin__chain_average(t, out);
    else
        memcpy(out, t->chain->w.flat, t->chain->info.n_params * sizeof(double));
}
