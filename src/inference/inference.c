/* SPDX-License-Identifier: MIT
 *
 * Inferences as handles: a table entry with its settings, opened on an energy.
 */
#include "inference/inference.h"

#include "inference/chain.h"

#include <string.h>

struct basin_inference {
    basin_context *ctx;
    const basin_inference_type *type;
    basin_energy *energy;
    double settings[BASIN_PARAMS_MAX];
    void *self;
    bool open;
};

basin_status basin__inference_register(basin_context *ctx, basin_error *error)
{
    static const basin_inference_type *const types[] = {
        &basin__inference_grid,
#ifndef BASIN_SMALL /* these are for labels, sequences and many dimensions */
        &basin__inference_enumerate,
        &basin__inference_descent,
        &basin__inference_coordinate,
        &basin__inference_anneal,
        &basin__inference_alternate,
        &basin__inference_chain,
        &basin__inference_langevin,
        &basin__inference_mala,
        &basin__inference_hmc,
        &basin__inference_gibbs,
#endif
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        BASIN_TRY(
            basin_register(ctx, BASIN_KIND_INFERENCE, &types[i]->part, error));
    return BASIN_OK;
}

static size_t self_size(const basin_inference *inference)
{
    return inference->type->self_size ? inference->type->self_size : 1;
}

static basin_status open_self(basin_inference *inference,
    const basin_setting *settings, int n_settings, basin_error *error)
{
    BASIN_TRY(basin_part_settings(inference->settings, &inference->type->part,
        settings, n_settings, error));
    inference->self = basin_alloc(inference->ctx, self_size(inference));
    BASIN_REQUIRE(inference->self, error, BASIN_E_MEMORY,
        "no memory for the inference '%s'", inference->type->part.name);
    inference->open = true;
    return inference->type->open(
        inference->self, inference->energy, inference->settings, error);
}

basin_status basin_inference_create(basin_inference **out, basin_energy *energy,
    const char *type, const basin_setting *settings, int n_settings,
    basin_error *error)
{
    *out = NULL;
    basin_context *ctx = basin_energy_context(energy);
    const basin_part *part = NULL;
    BASIN_TRY(basin_find(&part, ctx, BASIN_KIND_INFERENCE, type, error));
    basin_inference *inference = basin_alloc(ctx, sizeof *inference);
    BASIN_REQUIRE(
        inference, error, BASIN_E_MEMORY, "no memory for an inference");
    inference->ctx = ctx;
    inference->energy = energy;
    inference->type = (const basin_inference_type *)(const void *)part;
    basin_status status = open_self(inference, settings, n_settings, error);
    if (status != BASIN_OK) {
        basin_inference_destroy(inference);
        return status;
    }
    *out = inference;
    return BASIN_OK;
}

void basin_inference_destroy(basin_inference *inference)
{
    if (!inference)
        return;
    if (inference->open)
        inference->type->close(inference->self);
    basin_free(inference->ctx, inference->self, self_size(inference));
    basin_free(inference->ctx, inference, sizeof *inference);
}

const basin_inference_type *basin_inference_entry(
    const basin_inference *inference)
{
    return inference->type;
}

const double *basin_inference_settings(const basin_inference *inference)
{
    return inference->settings;
}

basin_energy *basin_inference_energy(const basin_inference *inference)
{
    return inference->energy;
}

basin_status basin_inference_predict(basin_inference *inference, const float *x,
    int n, float *y, float *z, float *e, basin_error *error)
{
    return inference->type->predict(inference->self, x, n, y, z, e, error);
}

/* The words for what an inference can be asked, in the order of the bits. */
static const char *const need_names[] = {
    "the energy of the right answer",
    "the energy of the most offending answer",
    "the least energy",
    "the free energy",
    "the free energy of the wrong answers",
    "the energies of all answers",
};

/* The first inference that finds this scalar's value on this energy. */
static const char *who_serves(const basin_inference *inference, unsigned need)
{
    const basin_part *part = NULL;
    for (int i = 0;
         (part = basin_part_at(inference->ctx, BASIN_KIND_INFERENCE, i)); i++) {
        basin_inference *other = NULL;
        const basin_inference_type *type =
            (const basin_inference_type *)(const void *)part;
        if ((type->serves & ~type->slopes & need) != 0 &&
            basin_inference_create(&other, inference->energy, part->name, NULL,
                0, NULL) == BASIN_OK) {
            basin_inference_destroy(other);
            return part->name;
        }
    }
    return NULL;
}

static basin_status refuse(
    const basin_inference *inference, unsigned number, basin_error *error)
{
    const char *other = who_serves(inference, 1U << number);
    return basin_error_set(error, BASIN_E_SERVE,
        "the inference '%s' cannot find %s; %s%s%s", inference->type->part.name,
        need_names[number],
        other ? "take '" : "nothing here can, on this energy",
        other ? other : "", other ? "'" : "");
}

basin_status basin_inference_prepare(basin_inference *inference,
    const basin_question *question, basin_error *error)
{
    unsigned missing = question->needs & ~inference->type->serves;
    for (unsigned i = 0; i < sizeof need_names / sizeof *need_names; i++)
        if (missing >> i & 1)
            return refuse(inference, i, error);
    BASIN_REQUIRE(
        !question->values || !(question->needs & inference->type->slopes),
        error, BASIN_E_SERVE,
        "the inference '%s' finds the derivatives of the free energy and not "
        "its value; 'grid', for answers in a box of few dimensions, and "
        "'enumerate', for labels, find both",
        inference->type->part.name);
    return inference->type->prepare(inference->self, question, error);
}

basin_status basin_inference_sample(basin_inference *inference,
    basin_chains *chains, int steps, basin_error *error)
{
    BASIN_REQUIRE(inference->type->sample, error, BASIN_E_SERVE,
        "the inference '%s' draws no answers; 'langevin', 'mala', 'hmc' and "
        "'gibbs' do",
        inference->type->part.name);
    BASIN_REQUIRE(chains->n >= 1 && steps >= 0, error, BASIN_E_ARGUMENT,
        "there must be at least 1 chain, and 0 steps; got %d and %d", chains->n,
        steps);
    return inference->type->sample(inference->self, chains, steps, error);
}

float *basin_inference_memory(basin_inference *inference, size_t *n)
{
    *n = 0;
    return inference->type->memory ? inference->type->memory(inference->self, n)
                                   : NULL;
}

#ifndef BASIN_SMALL
double *basin_inference_beta(basin_inference *inference, const char *name)
{
    const basin_part *part = &inference->type->part;
    if (strcmp(name, "beta") != 0 && strcmp(name, "beta-z") != 0)
        return NULL;
    for (int i = 0; i < part->n_params; i++)
        if (strcmp(part->params[i].name, name) == 0)
            return &inference->settings[i];
    return NULL;
}
#endif

void basin_inference_answer(basin_inference *inference,
    const basin_samples *samples, const int32_t *index, int n, bool training,
    uint64_t step, basin_energies *out)
{
    inference->type->answer(
        inference->self, samples, index, n, training, step, out);
}

void basin_inference_weigh(basin_inference *inference,
    const basin_slopes *slopes, int samples, float *d_params)
{
    inference->type->weigh(inference->self, slopes, samples, d_params);
}
