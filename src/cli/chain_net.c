/* SPDX-License-Identifier: MIT
 *
 * basin chain train --net: the net of a chain, and how it learns, from a
 * description.
 */
#include "cli/chain_train.h"

#include <limits.h>
#include <string.h>

/* What chains read of `learning`. */
static const bool served[BASIN_PARAMS_MAX] = {[BASIN__LEARN_RATE] = true,
    [BASIN__LEARN_RATE_END] = true,
    [BASIN__LEARN_EPOCHS] = true,
    [BASIN__LEARN_BATCH] = true,
    [BASIN__LEARN_SEED] = true,
    [BASIN__LEARN_HELD_OUT] = true,
    [BASIN__LEARN_PATIENCE] = true,
    [BASIN__LEARN_ROLLBACKS] = true}; /* chains have none to ask for more */

static basin_status refuse(
    const training *t, const char *key, const char *message, basin_error *error)
{
    basin_error_set(error, BASIN_E_SERVE, "learning: %s", message);
    basin__tree_at(basin__tree_get(t->described.learning_tree, key), error);
    basin_error_place(error, t->s.net, error->line, error->column);
    return BASIN_E_SERVE;
}

static basin_status check_learning(const training *t, basin_error *error)
{
    const basin__description *d = &t->described;
    for (int i = 0; i < basin__learning_part.n_params; i++) {
        const basin_param *p = &basin__learning_part.params[i];
        char message[120];
        basin_format(message, sizeof message,
            "'%s' is not for chains; they take rate, rate-end, epochs, batch, "
            "seed, held-out and patience",
            p->name);
        if (!served[i] && d->learning[i] != p->initial)
            return refuse(t, p->name, message, error);
    }
    if (d->learning[BASIN__LEARN_PATIENCE] > 0 && !t->s.held_out &&
        d->learning[BASIN__LEARN_HELD_OUT] == 0)
        return refuse(t, "patience",
            "patience needs sequences that are held out: set held-out to a "
            "part, 0.2 for instance",
            error);
    return BASIN_OK;
}

/* A part of the data is judged by, as a file is that --held-out names. */
static void take_held_out(training *t)
{
    const double *learning = t->described.learning;
    if (!t->s.held_out)
        t->s.held_part = learning[BASIN__LEARN_HELD_OUT];
    if (!t->s.patience)
        t->s.patience = (int)learning[BASIN__LEARN_PATIENCE];
    if (!t->s.patience && t->s.held_part > 0)
        t->s.patience = INT_MAX; /* what 0 says there */
}

/* What the description says, where the command line does not. */
static basin_status take_learning(training *t, basin_error *error)
{
    const basin__description *d = &t->described;
    const double *learning = d->learning;
    BASIN_TRY(check_learning(t, error));
    take_held_out(t);
    const basin_part *optimiser = d->optimiser.part;
    for (int i = 0; i < optimiser->n_params; i++)
        t->optimiser_settings[i] =
            (basin_setting){optimiser->params[i].name, d->optimiser.values[i]};
    t->def.optimiser = optimiser->name;
    t->def.optimiser_settings = t->optimiser_settings;
    t->def.n_optimiser_settings = optimiser->n_params;
    t->def.rate = learning[BASIN__LEARN_RATE];
    t->def.rate_end = learning[BASIN__LEARN_RATE_END];
    t->def.batch = (int)learning[BASIN__LEARN_BATCH];
    if (!t->s.algorithm)
        t->s.algorithm = "optimiser";
    if (!t->s.epochs && strcmp(t->s.algorithm, "optimiser") == 0)
        t->s.epochs = (int)learning[BASIN__LEARN_EPOCHS];
    if (!t->s.seed)
        t->s.seed = (uint64_t)learning[BASIN__LEARN_SEED];
    if (t->s.loss || !d->loss.part)
        return BASIN_OK;
    t->s.loss = d->loss.part->name;
    return basin__description_loss(&t->loss, d, error);
}

basin_status chain_read_net(training *t, basin_error *error)
{
    basin_bytes text;
    basin_bytes_init(&text, t->ctx);
    basin_status status = basin_file_read(&text, t->s.net, error);
    if (status == BASIN_OK) {
        status = basin__description_net(
            &t->described, t->ctx, text.data, text.size, error);
        if (status != BASIN_OK)
            basin_error_place(error, t->s.net, error->line, error->column);
    }
    basin_bytes_finish(&text);
    return status == BASIN_OK ? take_learning(t, error) : status;
}
