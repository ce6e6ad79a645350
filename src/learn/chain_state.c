/* SPDX-License-Identifier: MIT
 *
 * What a chain's trainer is made of between two iterations: with these numbers
 * and arrays another one goes on to the same bits.
 */
#include "learn/chain_online.h"
#include "learn/chain_steps.h"
#include "learn/chain_trainer.h"

#include <string.h>

static size_t common_numbers(const basin_chain_trainer *t, double *out)
{
    const basin_chain_progress *p = &t->progress;
    const double all[] = {p->iteration, p->evaluations, p->objective, p->loss,
        p->norm, p->residual, (double)p->active, p->step, t->stood, p->gap};
    memcpy(out, all, sizeof all);
    memcpy(out + sizeof all / sizeof *all, t->past, sizeof t->past);
    return sizeof all / sizeof *all + sizeof t->past / sizeof *t->past;
}

void basin__chain_numbers_get(const basin_chain_trainer *t, double *out)
{
    memset(out, 0, BASIN__CHAIN_NUMBERS * sizeof *out);
    double *own = out + common_numbers(t, out);
    if (t->lbfgs)
        basin__lbfgs_numbers_get(t->lbfgs, own);
    if (t->online)
        own[0] = (double)t->online->steps;
    if (t->steps)
        own[0] = (double)t->steps->updates;
}

void basin__chain_numbers_set(basin_chain_trainer *t, const double *in)
{
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
    memcpy(t->past, in + 10, sizeof t->past);
    const double *own = in + 10 + sizeof t->past / sizeof *t->past;
    if (t->online)
        t->online->steps = (uint64_t)own[0];
    if (t->steps)
        t->steps->updates = (uint64_t)own[0];
    basin_chain_changed(t->chain);
    if (t->lbfgs)
        basin__lbfgs_numbers_set(t->lbfgs, own);
    t->resumed = true;
}

int basin__chain_blocks(basin_chain_trainer *t, basin__block *out)
{
    const size_t n = t->chain->info.n_params;
    int count = 0;
    out[count++] = (basin__block){
        .name = "w", .data = basin_chain_params(t->chain), .n = n};
    if (t->online)
        out[count++] =
            (basin__block){.name = "memory", .data = t->online->memory, .n = n};
    for (int i = 0; t->steps && i < t->steps->optimiser->n_states; i++)
        out[count++] = (basin__block){.name = "state",
            .index = i,
            .single = true,
            .data = t->steps->state[i],
            .n = n};
    if (t->lbfgs)
        count += basin__lbfgs_blocks(t->lbfgs, out + count);
    return count;
}

void basin_chain_trainer_weights(const basin_chain_trainer *t, double *out)
{
    if (t->online && t->def.algorithm != BASIN_CHAIN_SGD && !t->bcfw)
        basin__chain_average(t, out);
    else
        memcpy(out, t->chain->w.flat, t->chain->info.n_params * sizeof(double));
}
