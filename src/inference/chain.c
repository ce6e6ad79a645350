/* SPDX-License-Identifier: MIT
 *
 * Inference on chains, as the trainer calls it: sequence by sequence, each in
 * a lattice. What a loss's slopes weigh is found a second time when they come
 * back, so that one lattice serves a batch of any size.
 */
#include "inference/chain.h"

#include <string.h>

enum { BETA };

/* clang-format off */
static const basin_param params[] = {
    {"beta", "1/energy", 0, 1e6, 1, .open_low = true,
        .help = "inverse temperature of the free energy over labellings"},
};
/* clang-format on */

typedef struct chain_inference {
    basin_context *ctx;
    basin_energy *energy;
    basin_chain *chain;
    basin_lattice *lattice;
    basin__chain_values gradient;
    basin__lattice_ask ask;
    const double *settings;
    const basin_sequences *sequences; /* of the last batch */
    const int32_t *index;
} chain_inference;

static basin_status chain_open(void *self, basin_energy *energy,
    const double *settings, basin_error *error)
{
    chain_inference *c = self;
    c->ctx = basin_energy_context(energy);
    c->energy = energy;
    c->chain = basin_energy_chain(energy);
    c->settings = settings;
    BASIN_REQUIRE(c->chain, error, BASIN_E_SERVE,
        "the inference 'chain' needs a chain; this energy is a '%s'",
        basin_energy_name(energy));
    return basin_lattice_create(&c->lattice, c->chain, error);
}

static void chain_close(void *self)
{
    chain_inference *c = self;
    basin_lattice_destroy(c->lattice);
    if (c->gradient.memory)
        basin__chain_values_finish(&c->gradient, c->chain);
}

static basin_status chain_predict(void *self, const float *x, int n, float *y,
    float *z, float *e, basin_error *error)
{
    (void)self, (void)x, (void)n, (void)y, (void)z, (void)e;
    return basin_error_set(error, BASIN_E_SERVE,
        "a chain labels sequences, not rows: ask a basin_lattice");
}

basin_status basin__chain_ask(basin__lattice_ask *out, const basin_chain *chain,
    const basin_question *question, double beta, basin_error *error)
{
    const unsigned sums = BASIN_NEED_F | BASIN_NEED_FI;
    BASIN_REQUIRE(!(question->needs & BASIN_NEED_EI) || chain->info.labels > 1,
        error, BASIN_E_SERVE,
        "a chain of one label has no incorrect answer to offend");
    BASIN_REQUIRE(!(question->needs & BASIN_NEED_FI) || chain->info.labels > 1,
        error, BASIN_E_SERVE, "a chain of one label has no incorrect answer");
    BASIN_REQUIRE(!chain->def.nonnegative || !(question->needs & sums), error,
        BASIN_E_SERVE,
        "the free energy of a chain inside a softplus does not decompose");
    BASIN_REQUIRE(
        !chain->def.nonnegative || question->offender == BASIN_OFFENDER_LOWEST,
        error, BASIN_E_SERVE,
        "the offender of a rescaled margin on a chain inside a softplus does "
        "not decompose");
    *out = (basin__lattice_ask){.needs = question->needs,
        .offender = question->offender,
        .margin = question->margin,
        .beta = beta,
        .nonnegative = chain->def.nonnegative};
    return BASIN_OK;
}

static basin_status chain_prepare(
    void *self, const basin_question *question, basin_error *error)
{
    chain_inference *c = self;
    BASIN_TRY(basin__chain_ask(
        &c->ask, c->chain, question, c->settings[BETA], error));
    if (!c->gradient.memory)
        BASIN_TRY(basin__chain_values_init(&c->gradient, c->chain, error));
    if (c->chain->net)
        BASIN_TRY(basin__lattice_net_room(
            c->lattice, question->longest, true, error));
    const bool slack = question->needs & BASIN_NEED_EI &&
                       question->offender == BASIN_OFFENDER_SLACK;
    return basin__lattice_reserve(c->lattice, question->longest, slack, error);
}

/* The trainer moves the energy's float32 W. */
static void take_weights(chain_inference *c)
{
    const float *from = basin_energy_params(c->energy);
    double *w = basin_chain_params(c->chain);
    for (size_t i = 0; i < c->chain->info.n_params; i++)
        w[i] = (double)from[i];
    basin_chain_changed(c->chain);
}

/* Everything was reserved for the longest sequence: this cannot fail for those
 * that the trainer was made with. */
static void answer_one(chain_inference *c, int b, basin_energies *out)
{
    const int32_t i = c->index ? c->index[b] : b;
    if (basin_lattice_observe(c->lattice, c->sequences, i, NULL) == BASIN_OK &&
        basin__lattice_take_right(c->lattice) &&
        basin__lattice_answer(c->lattice, &c->ask, out, NULL) == BASIN_OK)
        return;
    out->e_c = __builtin_nan("");
}

static void chain_answer(void *self, const basin_samples *samples,
    const int32_t *index, int n, bool training, uint64_t step,
    basin_energies *out)
{
    (void)training, (void)step;
    chain_inference *c = self;
    take_weights(c);
    c->ask.beta = c->settings[BETA]; /* it may be annealed */
    c->sequences = samples->sequences;
    c->index = index;
    for (int b = 0; b < n; b++)
        answer_one(c, b, &out[b]);
}

static void chain_weigh(
    void *self, const basin_slopes *slopes, int samples, float *d_params)
{
    chain_inference *c = self;
    basin__chain_values_clear(&c->gradient, c->chain);
    for (int b = 0; b < samples; b++) {
        basin_energies again;
        answer_one(c, b, &again);
        basin__lattice_weigh(c->lattice, &c->ask, &slopes[b], &c->gradient);
    }
    basin__lattice_settle(c->lattice, &c->gradient);
    basin__chain_flatten(&c->gradient, c->chain);
    for (size_t i = 0; i < c->chain->info.n_params; i++)
        d_params[i] += (float)c->gradient.flat[i];
}

const basin_inference_type basin__inference_chain = {
    .part = {"chain", "walks along sequences; exact",
        "min, second best, free energy and marginals over labellings",
        "Viterbi 1967; Rabiner 1989", params, 1},
    .serves = BASIN_NEED_EC | BASIN_NEED_EI | BASIN_NEED_EMIN | BASIN_NEED_F |
              BASIN_NEED_FI,
    .self_size = sizeof(chain_inference),
    .open = chain_open,
    .close = chain_close,
    .predict = chain_predict,
    .prepare = chain_prepare,
    .answer = chain_answer,
    .weigh = chain_weigh,
};
