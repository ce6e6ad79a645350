/* SPDX-License-Identifier: MIT
 *
 * What a trainer is made of: are the numbers in range, do the samples lie where
 * the energy lives, and does the loss get the energies that it supposes?
 */
#include "learn/learn.h"

static basin_status check_numbers(
    const basin_train_def *def, basin_error *error)
{
    BASIN_REQUIRE(def->cookie == BASIN__TRAIN_COOKIE, error, BASIN_E_ARGUMENT,
        "the def must come from basin_train_default");
    BASIN_REQUIRE(def->rate > 0 && def->rate <= 1e6, error, BASIN_E_RANGE,
        "rate must be above 0 and at most 1e6; got %g", def->rate);
    BASIN_REQUIRE(def->rate_end >= 0 && def->rate_end <= 1, error,
        BASIN_E_RANGE, "rate_end must be from 0 to 1; got %g", def->rate_end);
    BASIN_REQUIRE(def->clip >= 0 && def->clip <= 1e30, error, BASIN_E_RANGE,
        "clip must be from 0 to 1e30; got %g", def->clip);
    BASIN_REQUIRE(def->epochs >= 1, error, BASIN_E_RANGE,
        "epochs must be at least 1; got %d", def->epochs);
    BASIN_REQUIRE(def->batch >= 1, error, BASIN_E_RANGE,
        "batch must be at least 1; got %d", def->batch);
    BASIN_REQUIRE(def->warmup >= 0 && def->warmup < 1 && def->steps >= 1, error,
        BASIN_E_RANGE,
        "warmup must be from 0 to below 1, and steps at least 1; got %g and %d",
        def->warmup, def->steps);
    bool powers = def->schedule == BASIN_SCHEDULE_STEPS ||
                  def->schedule == BASIN_SCHEDULE_INVERSE;
    BASIN_REQUIRE(!powers || def->rate_end > 0, error, BASIN_E_RANGE,
        "this schedule falls by factors, and never to 0: rate_end must be "
        "above 0");
    const double penalties[3] = {def->l1, def->l2, def->size};
    for (int i = 0; i < 3; i++)
        BASIN_REQUIRE(penalties[i] >= 0 && penalties[i] <= 1e6, error,
            BASIN_E_RANGE, "l1, l2 and size must be from 0 to 1e6; got %g",
            penalties[i]);
    BASIN_REQUIRE(def->average >= 0 && def->average <= 1 &&
                      def->average_from >= 0 && def->average_from < 1,
        error, BASIN_E_RANGE,
        "average must be from 0 to 1, and average_from from 0 to below 1; got "
        "%g and %g",
        def->average, def->average_from);
    return BASIN_OK;
}

static basin_status check_variable(const basin_space *space, const float *v,
    int n, const char *name, basin_error *error)
{
    bool box = space->kind == BASIN_SPACE_BOX;
    float low = box ? space->low : 0;
    float high = box ? space->high : (float)(space->count - 1);
    for (int64_t i = 0; i < (int64_t)n * space->dim; i++) {
        BASIN_REQUIRE(v[i] >= low && v[i] <= high, error, BASIN_E_RANGE,
            "%s of sample %lld is %g; it must be from %g to %g", name,
            (long long)(i / space->dim), (double)v[i], (double)low,
            (double)high);
        BASIN_REQUIRE(box || v[i] == (float)(int)v[i], error, BASIN_E_RANGE,
            "%s of sample %lld is %g; a label is a whole number", name,
            (long long)i, (double)v[i]);
    }
    return BASIN_OK;
}

static basin_status check_sequences(
    const basin_samples *samples, basin_error *error)
{
    const basin_sequences *s = samples->sequences;
    BASIN_REQUIRE(s && samples->n <= s->n, error, BASIN_E_SHAPE,
        "a chain takes sequences: %d samples of %d sequences", samples->n,
        s ? s->n : 0);
    for (int32_t i = 0; i < samples->n; i++) {
        BASIN_REQUIRE(s->start[i] < s->start[i + 1], error, BASIN_E_RANGE,
            "sequence %d has no position", i);
        for (int64_t t = s->start[i]; t < s->start[i + 1]; t++)
            BASIN_REQUIRE(s->label && s->label[t] >= 0, error, BASIN_E_RANGE,
                "a label of sequence %d is not known; learning needs all", i);
    }
    return BASIN_OK;
}

static basin_status check_bytes(
    const basin_space *space, const basin_samples *samples, basin_error *error)
{
    float from = samples->offset, to = samples->offset + 255 * samples->scale;
    BASIN_REQUIRE(space->kind == BASIN_SPACE_BOX && from >= space->low &&
                      from <= space->high && to >= space->low &&
                      to <= space->high,
        error, BASIN_E_RANGE,
        "bytes stand for X from %g to %g; it must be from %g to %g",
        (double)from, (double)to, (double)space->low, (double)space->high);
    return BASIN_OK;
}

/* A weight is how often a sample counts. */
static basin_status check_weights(
    const basin_samples *samples, basin_error *error)
{
    for (int i = 0; samples->weights && i < samples->n; i++)
        BASIN_REQUIRE(samples->weights[i] >= 0 && samples->weights[i] <= 1e30F,
            error, BASIN_E_RANGE,
            "the weight of sample %d is %g; it must be from 0 to 1e30", i,
            (double)samples->weights[i]);
    return BASIN_OK;
}

static basin_status check_samples(const basin_energy_info *info,
    const basin_samples *samples, basin_error *error)
{
    BASIN_REQUIRE(samples->n >= 1, error, BASIN_E_RANGE,
        "there must be at least 1 sample; got %d", samples->n);
    BASIN_TRY(check_weights(samples, error));
    if (info->x.kind == BASIN_SPACE_SEQUENCE)
        return check_sequences(samples, error);
    BASIN_TRY(samples->bytes ? check_bytes(&info->x, samples, error)
                             : check_variable(&info->x, samples->x, samples->n,
                                   "X", error));
    return check_variable(&info->y, samples->y, samples->n, "Y", error);
}

basin_status basin__train_check(const basin_train_def *def,
    const basin_energy *energy, const basin_loss *loss,
    const basin_samples *samples, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(energy);
    const basin_loss_type *type = basin_loss_entry(loss);
    BASIN_TRY(check_numbers(def, error));
    BASIN_REQUIRE(type->domain == BASIN_DOMAIN_ANY ||
                      info->bound == BASIN_BOUND_NONNEGATIVE,
        error, BASIN_E_SERVE,
        "the loss '%s' supposes energies that are never below 0, and this "
        "energy ('%s') has no such bound; end it in a distance or in a "
        "softplus (in a description, 'bound: softplus')",
        type->part.name, basin_energy_name(energy));
    return check_samples(info, samples, error);
}
