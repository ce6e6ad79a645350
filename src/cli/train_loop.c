/* SPDX-License-Identifier: MIT
 *
 * The loop of a training: a stretch of updates, then the guard, the held-out
 * samples, the watch and the checkpoint. None of them changes what is learnt,
 * but for the guard when training diverges.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/train.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Samples between two looks of the guard, at most and at least, and between two
 * at the clock. */
enum { STRETCH = 8192, SHORTEST = 1024, PIECE = 64 };

void train_warn(train_run *run, const char *text)
{
    if (run->n_warnings < TRAIN_WARNINGS)
        run->warnings[run->n_warnings++] = strdup(text);
    if (run->options->quiet)
        return;
    if (run->bar.on)
        fputs("\r\033[K", stderr);
    fprintf(stderr, "basin: train: %s\n", text);
}

/* ----------------------------------------------------------------- moments */

/* Is it worth a row of the history? */
static bool is_kept(int epoch, int epochs)
{
    int every = (epochs + TRAIN_MOMENTS - 1) / TRAIN_MOMENTS;
    return epoch % every == 0 || epoch == epochs;
}

/* Is it worth a look at the surface? Powers of two, and every sixteenth. */
static bool is_worth_a_look(int epoch, int epochs)
{
    int every = epochs >= 16 ? epochs / 16 : 1;
    return (epoch & (epoch - 1)) == 0 || epoch % every == 0;
}

/* How many looks the work of so many epochs pays for. */
static double looks_paid(const train_run *run, int epoch)
{
    return floor(0.01 * run->epoch_work * epoch / run->look_work);
}

/* Of the epochs that are worth it, those that another look is paid for. A
 * function of the epoch alone, so that a run that goes on looks as it would
 * have. */
static bool is_looked_at(const train_run *run, int epoch, int epochs)
{
    int before = epoch - 1;
    if (!is_worth_a_look(epoch, epochs))
        return false;
    while (before > 0 && !is_worth_a_look(before, epochs))
        before--;
    return looks_paid(run, epoch) > looks_paid(run, before);
}

static void look(train_run *run, int epoch, basin__moment *moment)
{
    double begun = cli_now();
    basin_surface surface = basin_watch_look(run->watch);
    basin_verdict verdict =
        basin_watch_judge(run->watch, &surface, (basin_verdict)run->c.verdict);
    run->watch_seconds += cli_now() - begun;
    moment->spread = surface.spread;
    moment->gap = surface.gap;
    moment->size = surface.size;
    run->c.last = surface;
    if ((int)verdict == run->c.verdict)
        return;
    char words[400], text[440];
    basin_watch_words(run->watch, verdict, &surface, words, sizeof words);
    basin_format(text, sizeof text, "epoch %d: %s", epoch, words);
    train_warn(run, text);
    run->c.verdict = (int)verdict;
}

/* Judge by the held-out samples. @return has patience come to its end? */
static bool hold_out(train_run *run, int epoch, basin__moment *moment)
{
    const double *learning = run->model.d.learning;
    int n = run->samples.n_held_out;
    if (n == 0)
        return false;
    basin_trainer_swap(run->trainer); /* the weights that will answer */
    double loss = basin_trainer_loss(run->trainer, run->held_out, n, NULL);
    moment->held_out = loss;
    if (!(run->c.best_held_out <= loss) && isfinite(loss)) {
        run->c.best_held_out = loss;
        run->c.best_epoch = epoch;
        if (run->c.best)
            memcpy(run->c.best, basin_energy_params(run->model.d.energy),
                basin_energy_describe(run->model.d.energy)->n_params *
                    sizeof(float));
    }
    basin_trainer_swap(run->trainer);
    double patience = learning[BASIN__LEARN_PATIENCE];
    return patience > 0 && epoch - run->c.best_epoch >= patience;
}

/* @return is training to end here? */
static bool end_epoch(train_run *run)
{
    basin_progress p = *basin_trainer_progress(run->trainer);
    const double none = (double)NAN;
    basin__moment moment = {.epoch = p.epoch,
        .loss = p.loss,
        .e_c = p.e_c,
        .e_i = p.e_i,
        .held_out = none,
        .rate = p.rate,
        .spread = none,
        .gap = none,
        .size = none,
        .beta = p.beta,
        .beta_z = p.beta_z};
    bool enough = hold_out(run, p.epoch, &moment);
    bool last =
        enough || p.epoch == p.epochs || basin_trainer_stands(run->trainer);
    bool looked = is_looked_at(run, p.epoch, p.epochs) || last;
    if (looked)
        look(run, p.epoch, &moment);
    if ((is_kept(p.epoch, p.epochs) || looked) &&
        run->c.n_moments < run->c.most_moments)
        run->c.moments[run->c.n_moments++] = moment;
    char text[128];
    const struct {
        const char *name;
        double value;
    } more[] = {
        {"held out", moment.held_out}, {"beta", p.beta}, {"beta-z", p.beta_z}};
    size_t used = (size_t)snprintf(text, sizeof text, "loss %.4g", p.loss);
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (isfinite(more[i].value))
            used += (size_t)snprintf(text + used, sizeof text - used,
                "  %s %.4g", more[i].name, more[i].value);
    cli_bar_show(&run->bar, "training", p.epoch, p.epochs, text);
    return enough;
}

/* --------------------------------------------------------------- divergence */

/* What came after this epoch has not been. */
static void forget(train_run *run, int epoch)
{
    while (run->c.n_moments > 0 &&
           run->c.moments[run->c.n_moments - 1].epoch > epoch)
        run->c.n_moments--;
}

/* An optimiser that finds its steps itself has no rate to halve. */
static bool has_rate(const train_run *run)
{
    const basin_part *part = run->model.d.optimiser.part;
    return !((const basin_optimiser_type *)(const void *)part)->whole;
}

/* Back to the last good state; or give up. */
static basin_status roll_back(
    train_run *run, basin_status status, basin_error *error)
{
    double most = run->model.d.learning[BASIN__LEARN_ROLLBACKS];
    int done = basin_guard_state_get(run->guard).rollbacks;
    int epoch = basin_trainer_progress(run->trainer)->epoch;
    if (status == BASIN_OK)
        status = basin_error_set(error, BASIN_E_NONFINITE,
            "training diverged after epoch %d: the loss is more than a "
            "thousand times what it was; a lower rate than %g would help",
            epoch, run->model.d.learning[BASIN__LEARN_RATE]);
    if (done >= most || !has_rate(run))
        return status;
    basin_guard_back(run->guard, run->trainer);
    forget(run, basin_trainer_progress(run->trainer)->epoch);
    run->guarded = true;
    basin_trainer_state now = basin_trainer_state_get(run->trainer);
    char text[320], place[48] = "the beginning";
    if (now.place > 0)
        basin_format(place, sizeof place, "a good state within it");
    else if (now.progress.epoch > 0)
        basin_format(
            place, sizeof place, "the end of epoch %d", now.progress.epoch);
    basin_format(text, sizeof text,
        "divergence in epoch %d: back to %s, and the rate is halved to %.3g "
        "(rollback %d of at most %d); begin with that rate, or set rollbacks "
        "to 0 to be told only",
        epoch + 1, place,
        run->model.d.learning[BASIN__LEARN_RATE] * now.rate_scale, done + 1,
        (int)most);
    train_warn(run, text);
    return BASIN_OK;
}

/* --------------------------------------------------------------------- loop */

/* Even the shortest limit leaves time for one stretch. */
static bool is_stopped(train_run *run)
{
    double limit = run->samples_done > 0 ? run->options->time_limit : 0;
    if (cli_interrupted())
        run->end = TRAIN_INTERRUPTED;
    else if (limit > 0 && cli_now() - run->started >= limit)
        run->end = TRAIN_TIME;
    else
        return false;
    return true;
}

/* Does the guard look here? Within long epochs, and at the end of so many that
 * its look costs little: a function of the epoch alone. */
static bool is_guarded(const train_run *run, bool ended)
{
    basin_progress p = *basin_trainer_progress(run->trainer);
    int every = (SHORTEST + run->samples.n - 1) / run->samples.n;
    return !ended || p.epoch % every == 0 || p.epoch >= p.epochs ||
           basin_trainer_stands(run->trainer);
}

/* Updates up to the next look of the guard, or the end of the epoch; or until
 * the run is stopped, and then none of them counts: a run that goes on from
 * here has its guard where it would have been. Between two looks it is not
 * stopped: the epochs there are short. */
static basin_status advance(
    train_run *run, bool *ended, bool *stopped, basin_error *error)
{
    int from = basin_trainer_state_get(run->trainer).place, done = 0;
    *stopped = false;
    while (!*ended && !*stopped && done < STRETCH) {
        BASIN_TRY(basin_trainer_advance(run->trainer, PIECE, ended, error));
        done = basin_trainer_state_get(run->trainer).place - from;
        *stopped = run->guarded && !*ended && done < STRETCH && is_stopped(run);
    }
    if (*stopped)
        basin_guard_rewind(run->guard, run->trainer);
    return BASIN_OK;
}

/* Let the guard look, if it is time, and keep what is good. */
static bool is_good(train_run *run, basin_status status, bool ended)
{
    run->guarded = false;
    if (status != BASIN_OK || !is_guarded(run, ended))
        return status == BASIN_OK;
    double begun = cli_now();
    run->guarded = !basin_guard_diverged(run->guard, run->trainer);
    if (run->guarded)
        basin_guard_keep(run->guard, run->trainer);
    run->watch_seconds += cli_now() - begun;
    return run->guarded;
}

/* One stretch. @param done out: training is complete */
static basin_status stretch(train_run *run, bool *done, basin_error *error)
{
    bool ended = false, stopped = false;
    basin_trainer_state before = basin_trainer_state_get(run->trainer);
    double begun = cli_now();
    basin_status status = advance(run, &ended, &stopped, error);
    run->seconds += cli_now() - begun;
    BASIN_REQUIRE(status == BASIN_OK || status == BASIN_E_NONFINITE, error,
        status, "%s", error->message);
    if (stopped)
        return BASIN_OK;
    if (!is_good(run, status, ended))
        return roll_back(run, status, error);
    basin_trainer_state now = basin_trainer_state_get(run->trainer);
    run->samples_done +=
        ended ? run->samples.n - before.place : now.place - before.place;
    if (!ended)
        return BASIN_OK;
    *done = end_epoch(run);
    if (*done)
        run->end = TRAIN_PATIENCE;
    else if (basin_trainer_stands(run->trainer)) {
        *done = true;
        run->end = TRAIN_STANDS;
    }
    return BASIN_OK;
}

/* Did a run that is resumed end already? */
static bool is_patient_no_more(const train_run *run)
{
    double patience = run->model.d.learning[BASIN__LEARN_PATIENCE];
    int epoch = basin_trainer_progress(run->trainer)->epoch;
    return patience > 0 && epoch > 0 && epoch - run->c.best_epoch >= patience;
}

static bool left(const train_run *run)
{
    return basin_trainer_progress(run->trainer)->epoch <
           (int)run->model.d.learning[BASIN__LEARN_EPOCHS];
}

basin_status train_loop(train_run *run, basin_error *error)
{
    bool patient = !is_patient_no_more(run);
    bool done = !patient || basin_trainer_stands(run->trainer);
    basin_status status = BASIN_OK;
    run->started = run->saved = cli_now();
    run->end = !patient ? TRAIN_PATIENCE : done ? TRAIN_STANDS : TRAIN_DONE;
    run->bar = cli_bar_start(run->options->quiet);
    run->guarded = true;
    while (status == BASIN_OK && !done && left(run) &&
           !(run->guarded && is_stopped(run))) {
        status = stretch(run, &done, error);
        if (status == BASIN_OK && run->guarded &&
            cli_now() - run->saved >= run->options->checkpoint)
            status = train_save(run, error);
    }
    cli_bar_end(&run->bar);
    return status == BASIN_OK ? train_save(run, error) : status;
}
