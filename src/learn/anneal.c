/* SPDX-License-Identifier: MIT
 *
 * Inverse temperatures that rise while a model learns: from a smooth free
 * energy, of which all answers have a share, to a sharp one (deterministic
 * annealing; Rose 1998). A function of the update's number alone, so that a
 * training that goes on has those that it would have had.
 */
#include "learn/learn.h"

#ifndef BASIN_SMALL
#include <string.h>

static basin_status check_numbers(
    const basin_train_def *def, basin_error *error)
{
    const double from[2] = {def->beta_from, def->beta_z_from};
    for (int i = 0; i < 2; i++)
        BASIN_REQUIRE(from[i] >= 0 && from[i] <= 1e6, error, BASIN_E_RANGE,
            "beta_from and beta_z_from must be from 0 to 1e6; got %g", from[i]);
    BASIN_REQUIRE(def->beta_over > 0 && def->beta_over <= 1, error,
        BASIN_E_RANGE, "beta_over must be above 0 and at most 1; got %g",
        def->beta_over);
    return BASIN_OK;
}

/* Is Z under a free energy, or does the inference do something else to it? */
static bool is_marginalised(const basin_inference *inference)
{
    const basin_part *part = &basin_inference_entry(inference)->part;
    const double *settings = basin_inference_settings(inference);
    for (int i = 0; i < part->n_params; i++) {
        const char *at = part->params[i].choices;
        if (strcmp(part->params[i].name, "z") != 0)
            continue;
        for (int k = (int)settings[i]; at && k > 0; k--) {
            at = strchr(at, '|');
            at = at ? at + 1 : NULL;
        }
        return at && strncmp(at, "marginalise", 11) == 0;
    }
    return false;
}

static basin_status find_y(basin__anneal *out, basin_inference *inference,
    const basin_loss *loss, basin_error *error)
{
    const unsigned sums = BASIN_NEED_F | BASIN_NEED_FI;
    const basin_loss_type *type = basin_loss_entry(loss);
    out->at[0] = basin_inference_beta(inference, "beta");
    BASIN_REQUIRE(out->at[0], error, BASIN_E_ARGUMENT,
        "there is no beta to anneal: the inference '%s' has none",
        basin_inference_entry(inference)->part.name);
    BASIN_REQUIRE(type->needs & sums, error, BASIN_E_ARGUMENT,
        "there is no beta to anneal: the loss '%s' asks for no free energy "
        "over Y",
        type->part.name);
    return BASIN_OK;
}

static basin_status find_z(
    basin__anneal *out, basin_inference *inference, basin_error *error)
{
    const basin_energy_info *info =
        basin_energy_describe(basin_inference_energy(inference));
    const char *name = basin_inference_entry(inference)->part.name;
    out->at[1] = basin_inference_beta(inference, "beta-z");
    BASIN_REQUIRE(out->at[1] && info->z.kind != BASIN_SPACE_NONE, error,
        BASIN_E_ARGUMENT, "there is no beta-z to anneal: %s%s%s",
        out->at[1] ? "the energy has no Z" : "the inference '",
        out->at[1] ? "" : name, out->at[1] ? "" : "' has none");
    BASIN_REQUIRE(is_marginalised(inference), error, BASIN_E_ARGUMENT,
        "there is no beta-z to anneal: the inference '%s' does not marginalise "
        "Z; let it, by z: marginalise",
        name);
    return BASIN_OK;
}

basin_status basin__anneal_open(basin__anneal *out, const basin_train_def *def,
    basin_inference *inference, const basin_loss *loss, basin_error *error)
{
    *out = (basin__anneal){0};
    BASIN_TRY(check_numbers(def, error));
    if (def->beta_from > 0)
        BASIN_TRY(find_y(out, inference, loss, error));
    if (def->beta_z_from > 0)
        BASIN_TRY(find_z(out, inference, error));
    for (int i = 0; i < 2; i++)
        out->own[i] = out->at[i] ? *out->at[i] : 0;
    return BASIN_OK;
}

/* Where it is when a part `done` of its way is over. */
static double between(
    basin_beta_schedule schedule, double from, double to, double done)
{
    const double pi = 3.14159265358979323846;
    if (done >= 1)
        return to;
    switch (schedule) {
    case BASIN_BETA_LINEAR: break;
    case BASIN_BETA_COSINE:
        return from + (to - from) * (1 - basin_cos(pi * done)) / 2;
    case BASIN_BETA_EXPONENTIAL: return from * basin_pow(to / from, done);
    }
    return from + (to - from) * done;
}

void basin__anneal_go(const basin__anneal *a, const basin_train_def *def,
    uint64_t update, uint64_t last, basin_progress *out)
{
    const double from[2] = {def->beta_from, def->beta_z_from};
    const double way = def->beta_over * (double)last;
    const double done = way > 0 ? (double)update / way : 1;
    double *const told[2] = {&out->beta, &out->beta_z};
    for (int i = 0; i < 2; i++) {
        *told[i] = __builtin_nan("");
        if (a->at[i])
            *told[i] = *a->at[i] =
                between(def->beta_schedule, from[i], a->own[i], done);
    }
}

void basin__anneal_rest(const basin__anneal *a)
{
    for (int i = 0; i < 2; i++)
        if (a->at[i])
            *a->at[i] = a->own[i];
}
#endif
