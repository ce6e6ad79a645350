/* SPDX-License-Identifier: MIT
 *
 * basin chain train --net: the net of a chain, and how it learns, from a
 * description.
 */
#include "cli/chain_train.h"

#include <string.h>

/* What the description says, where the command line does not. */
static basin_status take_learning(training *t, basin_error *error)
{
    const basin__description *d = &t->described;
    const double *learning = d->learning;
    BASIN_REQUIRE(learning[BASIN__LEARN_HELD_OUT] == 0 &&
                      learning[BASIN__LEARN_PATIENCE] == 0,
        error, BASIN_E_SERVE,
        "%s: learning: held-out and patience are not for chains", t->s.net);
    BASIN_REQUIRE(learning[BASIN__LEARN_BETA_FROM] == 0 &&
                      learning[BASIN__LEARN_BETA_Z_FROM] == 0,
        error, BASIN_E_SERVE,
        "%s: learning: beta-from and beta-z-from are not for chains; "
        "--beta-from is",
        t->s.net);
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
