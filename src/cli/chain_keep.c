/* SPDX-License-Identifier: MIT
 *
 * What happens between two iterations of basin chain train: a line for who
 * looks on, the held-out sequences, the checkpoint.
 */
#include "cli/chain_train.h"

#include "data/chain_checkpoint.h"
#include "data/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --------------------------------------------------------------- held-out */

/* From a file, or a part of the data. */
static bool holds_out(const training *t)
{
    return t->s.held_out || t->s.held_part > 0;
}

/* How good W is on the held-out sequences: F1 where labels are chunks. */
static basin_status judge(training *t, double *out, basin_error *error)
{
    const basin_corpus *held = t->held ? t->held : t->corpus;
    const basin_dictionary *labels = t->held ? t->held_labels : t->model.labels;
    basin_evaluation *e = NULL;
    BASIN_TRY(basin_evaluation_create(&e, t->ctx, labels, error));
    basin_status status = chain_add_counts(
        e, t->model.chain, &held->sequences, t->held_which, error);
    if (status == BASIN_OK) {
        const basin_chunks all = basin_evaluation_all(e);
        *out = all.gold > 0 ? all.f1 : basin_evaluation_tokens(e).accuracy;
    }
    basin_evaluation_destroy(e);
    return status;
}

/* Judge W as it would be if training stopped here, and note the best. */
static basin_status look(training *t, const basin_chain_progress *p,
    double *mark, basin_error *error)
{
    const size_t n = basin_chain_describe(t->model.chain)->n_params;
    const size_t bytes = n * sizeof(double);
    double *w = basin_chain_params(t->model.chain);
    memcpy(t->saved_w, w, bytes);
    basin_chain_trainer_weights(t->trainer, t->look_w);
    memcpy(w, t->look_w, bytes);
    basin_chain_changed(t->model.chain);
    basin_status status = judge(t, mark, error);
    memcpy(w, t->saved_w, bytes);
    basin_chain_changed(t->model.chain);
    if (status == BASIN_OK && *mark > t->best[CHAIN_BEST_MARK]) {
        t->best[CHAIN_BEST_MARK] = *mark;
        t->best[CHAIN_BEST_ITERATION] = p->iteration;
        memcpy(t->best_w, t->look_w, bytes);
    }
    return status;
}

static bool patient(const training *t, const basin_chain_progress *p)
{
    return !holds_out(t) || p->starting ||
           p->iteration - t->best[CHAIN_BEST_ITERATION] < t->s.patience;
}

/* A part of the data, drawn by the seed, which counts nothing in learning. */
static basin_status hold_out(training *t, basin_error *error)
{
    const int32_t n = t->corpus->sequences.n;
    int32_t out = (int32_t)(t->s.held_part * n + 0.5);
    out = out > 0 ? out : 1;
    BASIN_REQUIRE(out < n, error, BASIN_E_RANGE,
        "of %d sequences %d would be held out, and none left to learn from", n,
        out);
    int32_t *order = malloc((size_t)n * sizeof *order);
    t->held_which = calloc((size_t)n, sizeof *t->held_which);
    t->held_weight = malloc((size_t)n * sizeof *t->held_weight);
    if (!order || !t->held_which || !t->held_weight) {
        free(order);
        return basin_error_set(
            error, BASIN_E_MEMORY, "no memory to hold out sequences");
    }
    basin_random_shuffle(
        (basin_random_key){t->def.seed, BASIN_STREAM_DATA, 0}, order, n);
    for (int32_t i = 0; i < n; i++) {
        const bool away = t->held_which[order[i]] = i < out;
        t->held_weight[order[i]] = away            ? 0
                                   : t->def.weight ? t->def.weight[order[i]]
                                                   : 1;
    }
    t->def.weight = t->held_weight;
    free(order);
    return BASIN_OK;
}

basin_status chain_keep_open(training *t, basin_error *error)
{
    t->best[CHAIN_BEST_MARK] = -1;
    t->best[CHAIN_BEST_ITERATION] = 0;
    if (!holds_out(t))
        return BASIN_OK;
    const size_t n = basin_chain_describe(t->model.chain)->n_params + 1;
    t->best_w = calloc(3 * n, sizeof *t->best_w);
    BASIN_REQUIRE(t->best_w, error, BASIN_E_MEMORY,
        "no memory to keep the best of %zu weights", n - 1);
    t->look_w = t->best_w + n;
    t->saved_w = t->look_w + n;
    if (!t->s.held_out)
        return hold_out(t, error);
    BASIN_TRY(basin_dictionary_copy(&t->held_labels, t->model.labels, error));
    return chain_read_labelled(
        &t->held, &t->model, t->held_labels, &t->s.held_out, 1, error);
}

/* W at its best, if another one came after it. */
void chain_keep_best(training *t)
{
    if (!holds_out(t) || t->best[CHAIN_BEST_MARK] < 0)
        return;
    memcpy(basin_chain_params(t->model.chain), t->best_w,
        basin_chain_describe(t->model.chain)->n_params * sizeof(double));
    basin_chain_changed(t->model.chain);
    if (!t->s.quiet)
        fprintf(stderr, "held out: best %.4f, after iteration %.0f\n",
            t->best[CHAIN_BEST_MARK], t->best[CHAIN_BEST_ITERATION]);
}

/* -------------------------------------------------------------- checkpoints
 */

static basin__chain_kept kept_of(training *t, const basin_bytes *settings)
{
    basin__chain_kept kept = {.settings = (const char *)settings->data};
    if (holds_out(t)) {
        kept.extra[kept.n_extra++] = (basin__block){
            .name = "best", .data = t->best, .n = CHAIN_BEST_NUMBERS};
        kept.extra[kept.n_extra++] = (basin__block){.name = "best.w",
            .data = t->best_w,
            .n = basin_chain_describe(t->model.chain)->n_params};
    }
    return kept;
}

static void path_of(const training *t, char path[BASIN__PATH])
{
    basin_format(path, BASIN__PATH, "%s.checkpoint", t->s.model);
}

static basin_status save(training *t, basin_error *error)
{
    char path[BASIN__PATH];
    basin_bytes settings;
    path_of(t, path);
    basin_bytes_init(&settings, t->ctx);
    basin_status status = chain_settings_write(t, &settings, error);
    if (status == BASIN_OK) {
        const basin__chain_kept kept = kept_of(t, &settings);
        status = basin__chain_checkpoint_save(path, t->trainer, &kept, error);
    }
    basin_bytes_finish(&settings);
    t->saved = cli_now();
    return status;
}

static basin_status restore(training *t, const char *path, basin_error *error)
{
    basin__mapped file;
    basin_bytes settings;
    basin_bytes_init(&settings, t->ctx);
    basin_status status = basin__file_map(&file, t->ctx, path, error);
    if (status == BASIN_OK)
        status = chain_settings_write(t, &settings, error);
    if (status == BASIN_OK) {
        const basin__chain_kept kept = kept_of(t, &settings);
        cli_watch_mapped("chain train", path, file.map, file.size);
        status = basin__chain_checkpoint_read(
            t->trainer, &kept, file.data, file.size, error);
        if (status != BASIN_OK)
            basin_error_place(error, path, 0, 0);
    }
    cli_watch_mapped(NULL, NULL, NULL, 0);
    basin__file_unmap(&file);
    basin_bytes_finish(&settings);
    return status;
}

basin_status chain_keep_restore(training *t, basin_error *error)
{
    char path[BASIN__PATH];
    if (!t->s.resume)
        return BASIN_OK;
    path_of(t, path);
    if (access(path, F_OK) == 0)
        return restore(t, path, error);
    if (!t->s.quiet)
        fprintf(stderr,
            "there is no checkpoint '%s' yet; this is the beginning\n", path);
    return BASIN_OK;
}

void chain_keep_done(const training *t)
{
    char path[BASIN__PATH];
    path_of(t, path);
    unlink(path);
}

/* ----------------------------------------------------------------- watching
 */

/* Ten lines a second are as many as one can read. */
#define LINES_APART 0.1 /* seconds */

static void print_line(training *t, const basin_chain_progress *p, double mark)
{
    const double now = cli_now(), passed = now - t->started;
    if (t->s.quiet || now - t->printed < LINES_APART)
        return;
    t->printed = now;
    if (p->algorithm != t->def.algorithm) {
        fprintf(stderr, "%5d of %d epochs of SGD  loss %.4f  %.1f s\n",
            p->iteration, t->def.start_epochs, p->loss, passed);
        return;
    }
    fprintf(stderr,
        "%5d  objective %.6f  loss %.4f  residual %.2e  active %lld  %.1f s",
        p->iteration, p->objective, p->loss, p->residual, (long long)p->active,
        passed);
    if (isfinite(p->gap))
        fprintf(stderr, "  gap %.3e", p->gap);
    if (holds_out(t))
        fprintf(stderr, "  held out %.4f", mark);
    /* L-BFGS mostly stops long before its last iteration */
    if (t->def.algorithm != BASIN_CHAIN_LBFGS || t->s.epochs) {
        const int done = p->iteration - t->first_iteration;
        const int all = t->s.epochs ? t->s.epochs : 50;
        fprintf(stderr, "  %.1f s left",
            (cli_now() - t->learning) / (done > 0 ? done : 1) *
                (all - p->iteration));
    }
    fputc('\n', stderr);
}

static void say_start(training *t, const basin_chain_progress *p)
{
    if (p->algorithm != t->def.algorithm)
        return; /* its lines say so */
    if (!t->said_start && !t->s.quiet)
        fprintf(stderr,
            "the loss '%s' finds no way down from W = 0: it starts from the "
            "optimum of 'nll'\n",
            t->s.loss);
    t->said_start = true;
}

/* A line now and then, where there would be none for minutes. */
#define QUIET_AT_MOST 10 /* seconds */

bool chain_keep_pulse(void *user)
{
    training *t = user;
    const double now = cli_now();
    if (!t->s.quiet && now - t->printed >= QUIET_AT_MOST) {
        t->printed = now;
        fprintf(stderr, "%5d  in Newton's method  %.1f s\n",
            basin_chain_trainer_progress(t->trainer)->iteration + 1,
            now - t->started);
    }
    return !cli_interrupted();
}

bool chain_keep_watch(void *user, const basin_chain_progress *p)
{
    training *t = user;
    double mark = 0;
    if (p->starting)
        say_start(t, p);
    else if (holds_out(t) && t->s.folds == 0)
        t->watch_status = look(t, p, &mark, &t->watch_error);
    print_line(t, p, mark);
    const bool stop = cli_interrupted();
    if (t->watch_status == BASIN_OK && !t->s.folds && t->s.model &&
        (stop || cli_now() - t->saved >= t->s.checkpoint))
        t->watch_status = save(t, &t->watch_error);
    t->impatient = !patient(t, p);
    return !stop && !t->impatient && t->watch_status == BASIN_OK;
}
