/* SPDX-License-Identifier: MIT
 *
 * basin lab: a model's first weights, and what each loss makes of them.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/lab.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/train.h"

enum { PROBED = 64, JUDGED = 10000, WATCHED = 2048 };

/* What keeps the energies of a loss without an end within some tens. */
static const double SIZE = 0.1;

/* -------------------------------------------------------------------- open */

static basin_status override(lab_run *run, basin_error *error)
{
    const lab_options *o = run->options;
    double *learning = run->model.d.learning;
    if (o->epochs)
        learning[BASIN__LEARN_EPOCHS] = o->epochs;
    if (o->seed == UINT64_MAX)
        return BASIN_OK;
    BASIN_REQUIRE(o->seed <= (uint64_t)1 << 53, error, BASIN_E_RANGE,
        "--seed is at most 9007199254740992 here");
    learning[BASIN__LEARN_SEED] = (double)o->seed;
    return BASIN_OK;
}

static basin_status read_samples(lab_run *run, basin_error *error)
{
    basin__description *d = &run->model.d;
    const lab_options *o = run->options;
    BASIN_TRY(cli_read_samples(&run->samples, &run->model, &o->data,
        d->data.train, CLI_LEARN, true, error));
    BASIN_TRY(basin__scale_fit(d, &run->samples, error));
    BASIN_TRY(basin__scale_apply(d, &run->samples, error));
    BASIN_TRY(basin__samples_check(
        &run->samples, d, o->data.n ? o->data.at[0] : run->model.path, error));
    return cli_read_test(
        &run->test, &run->has_test, &run->model, &o->data, &o->test, error);
}

/* Samples at even distances, as numbers. */
static basin_status take_probed(lab_run *run, basin_error *error)
{
    const int n = run->samples.n < PROBED ? run->samples.n : PROBED;
    const int x_dim = run->samples.x_dim, y_dim = run->samples.y_dim;
    const basin_samples all =
        basin__samples_view(&run->samples, 0, run->samples.n);
    int32_t index[PROBED];
    for (int i = 0; i < n; i++)
        index[i] = (int32_t)((int64_t)i * run->samples.n / n);
    run->probed_x = malloc(((size_t)n * x_dim + 1) * sizeof(float));
    run->probed_y = malloc(((size_t)n * y_dim + 1) * sizeof(float));
    BASIN_REQUIRE(run->probed_x && run->probed_y, error, BASIN_E_MEMORY,
        "no memory for samples");
    basin_samples_gather(
        &all, index, n, x_dim, y_dim, run->probed_x, run->probed_y);
    run->n_probed = n;
    return BASIN_OK;
}

/* Energies of right and wrong answers are measured in the same way whatever
 * a loss asks for; where no wrong answer can be found there is no path. */
static basin_status open_probe(lab_side *side, basin_error *error)
{
    const basin_question question = {.needs = BASIN_NEED_EC | BASIN_NEED_EI,
        .offender = BASIN_OFFENDER_LOWEST,
        .margin = 1,
        .values = true,
        .samples = PROBED};
    basin_error why = {0};
    BASIN_TRY(
        basin__description_inference(&side->probe, &side->model.d, error));
    if (basin_inference_prepare(side->probe, &question, &why) == BASIN_OK)
        return BASIN_OK;
    basin_inference_destroy(side->probe);
    side->probe = NULL;
    return why.code == BASIN_E_SERVE ? BASIN_OK : (*error = why, why.code);
}

static basin_status open_side(lab_side *side, basin_error *error)
{
    BASIN_TRY(open_probe(side, error));
    side->draws = cli_surface_fits(basin_energy_describe(side->model.d.energy));
    return side->draws ? cli_surface_open(&side->surface, &side->model, error)
                       : BASIN_OK;
}

/* The first loss that wants it puts the softplus around the energy. */
static basin_status open_bounded(lab_run *run, basin_error *error)
{
    lab_side *side = &run->bounded;
    if (side->model.d.energy)
        return BASIN_OK;
    side->model = run->model;
    side->model.d.energy = NULL;
    BASIN_TRY(basin__energy_bounded(
        &side->model.d.energy, run->model.d.energy, error));
    return open_side(side, error);
}

static void close_side(lab_side *side)
{
    cli_surface_close(&side->surface);
    basin_inference_destroy(side->probe);
}

static basin_status score(lab_run *run, const lab_side *side,
    basin_inference *inference, cli_score *out, basin_error *error)
{
    const basin__samples *of = run->has_test ? &run->test : &run->samples;
    return cli_score_samples(out, &side->model, inference, of, 0,
        of->n < JUDGED ? of->n : JUDGED, NULL, error);
}

static basin_status first_look(lab_run *run, basin_error *error)
{
    cli_score before;
    basin_inference *inference = NULL;
    basin_status status =
        basin__description_inference(&inference, &run->model.d, error);
    if (status == BASIN_OK)
        status = score(run, &run->plain, inference, &before, error);
    basin_inference_destroy(inference);
    if (status == BASIN_OK)
        run->error_at_first = lab_error(&before);
    return status;
}

basin_status lab_open(lab_run *run, const char *path, basin_error *error)
{
    BASIN_REQUIRE(cli_is_yaml(path), error, BASIN_E_ARGUMENT,
        "'%s' is no description: a name that ends in .yaml is expected", path);
    BASIN_TRY(cli_open_yaml(&run->model, run->ctx, path, error));
    BASIN_TRY(override(run, error));
    BASIN_TRY(read_samples(run, error));
    const basin__description *d = &run->model.d;
    const size_t n = basin_energy_describe(d->energy)->n_params;
    basin_energy_init(d->energy, (uint64_t)d->learning[BASIN__LEARN_SEED]);
    run->start = malloc((n + 1) * sizeof *run->start);
    BASIN_REQUIRE(run->start, error, BASIN_E_MEMORY, "no memory for weights");
    memcpy(run->start, basin_energy_params(d->energy), n * sizeof(float));
    BASIN_TRY(take_probed(run, error));
    run->plain.model = run->model;
    BASIN_TRY(cli_in_model(&run->model, open_side(&run->plain, error), error));
    return first_look(run, error);
}

void lab_close(lab_run *run)
{
    for (int i = 0; i < run->n_rows; i++)
        basin__view_buffer_free(&run->rows[i].picture);
    basin__view_buffer_free(&run->before);
    close_side(&run->plain);
    close_side(&run->bounded);
    basin_energy_destroy(run->bounded.model.d.energy);
    basin__samples_finish(&run->samples);
    basin__samples_finish(&run->test);
    free(run->start);
    free(run->probed_x);
    free(run->probed_y);
    cli_close_model(&run->model);
}

/* ------------------------------------------------------------------- parts */

typedef struct parts {
    basin_inference *inference;
    basin_loss *loss;
    basin_trainer *trainer;
    basin_watch *watch;
} parts;

static void close_parts(parts *p)
{
    basin_watch_destroy(p->watch);
    basin_trainer_destroy(p->trainer);
    basin_loss_destroy(p->loss);
    basin_inference_destroy(p->inference);
}

/* The description's own loss keeps its settings, others have their
 * defaults. */
static basin_status make_loss(
    basin_loss **out, const lab_run *run, lab_row *row, basin_error *error)
{
    const basin__description *d = &run->model.d;
    const basin_part *part = &row->loss->part;
    if (d->loss.part && strcmp(d->loss.part->name, part->name) == 0)
        BASIN_TRY(basin__description_loss(out, d, error));
    else
        BASIN_TRY(basin_loss_create(out, run->ctx, part->name, NULL, 0, error));
    size_t at = 0;
    for (int i = 0; i < part->n_params && at < sizeof row->params; i++)
        at += basin_format(row->params + at, sizeof row->params - at,
            "%s%s = %g", i ? ", " : "", part->params[i].name,
            basin_loss_settings(*out)[i]);
    return BASIN_OK;
}

static bool wants_bound(const lab_run *run, const lab_row *row)
{
    return row->loss->domain == BASIN_DOMAIN_NONNEGATIVE &&
           basin_energy_describe(run->model.d.energy)->bound !=
               BASIN_BOUND_NONNEGATIVE;
}

/* A loss that falls for ever where the right answer wins, and does so whatever
 * bounds an energy from below, would drive the energies without end. */
static void keep_small(basin_train_def *def, lab_row *row)
{
    if (row->check.least_hp1 != -(double)INFINITY || def->size > 0 ||
        def->l1 > 0 || def->l2 > 0)
        return;
    def->size = row->size = SIZE;
}

static const lab_side *side_of(const lab_run *run, const lab_row *row)
{
    return row->bounded ? &run->bounded : &run->plain;
}

static basin_status choose_side(lab_run *run, lab_row *row, basin_error *error)
{
    basin_error why = {0};
    if (!wants_bound(run, row))
        return BASIN_OK;
    basin_status status = open_bounded(run, &why);
    row->bounded = status == BASIN_OK;
    /* without one the trainer says what it thinks of the pair */
    return status == BASIN_E_SERVE ? BASIN_OK
           : status == BASIN_OK    ? status
                                   : (*error = why, status);
}

static basin_status make_trainer(
    parts *p, lab_run *run, lab_row *row, basin_error *error)
{
    const basin__description *d = &side_of(run, row)->model.d;
    const basin_samples samples =
        basin__samples_view(&run->samples, 0, run->samples.n);
    basin_setting settings[BASIN_PARAMS_MAX];
    basin_train_def def = train_def(d, settings);
    if (!(row->loss->needs & (BASIN_NEED_F | BASIN_NEED_FI)))
        def.beta_from = 0; /* this one has no free energy to anneal */
    keep_small(&def, row);
    BASIN_TRY(basin__description_inference(&p->inference, d, error));
    basin_status status = basin_trainer_create(
        &p->trainer, p->inference, p->loss, &samples, &def, error);
    if (status == BASIN_E_SERVE) {
        basin_format(row->why, sizeof row->why, "%s", error->message);
        return BASIN_OK;
    }
    BASIN_TRY(status);
    return basin_watch_create(&p->watch, d->energy, p->loss, &samples, WATCHED,
        train_epsilon(d), error);
}

static basin_status make_parts(
    parts *p, lab_run *run, lab_row *row, basin_error *error)
{
    BASIN_TRY(make_loss(&p->loss, run, row, error));
    BASIN_TRY(basin_check_loss(
        &row->check, run->ctx, p->loss, row->loss->domain, error));
    BASIN_TRY(choose_side(run, row, error));
    basin_energy *energy = side_of(run, row)->model.d.energy;
    memcpy(basin_energy_params(energy), run->start,
        basin_energy_describe(energy)->n_params * sizeof(float));
    return make_trainer(p, run, row, error);
}

/* ---------------------------------------------------------------- training */

/* Mean energies of the right answers and of the worst wrong ones, now. */
static void look(lab_run *run, lab_row *row)
{
    basin_energies found[PROBED];
    const basin_samples samples = {
        .n = run->n_probed, .x = run->probed_x, .y = run->probed_y};
    basin_inference *probe = side_of(run, row)->probe;
    double e_c = 0, e_i = 0;
    if (!probe || row->n_path == LAB_PATH)
        return;
    basin_inference_answer(
        probe, &samples, NULL, run->n_probed, false, 0, found);
    for (int i = 0; i < run->n_probed; i++) {
        e_c += found[i].e_c / run->n_probed;
        e_i += found[i].e_i / run->n_probed;
    }
    row->e_right = e_c;
    row->e_wrong = e_i;
    if (!isfinite(e_c) || !isfinite(e_i))
        return;
    row->path_c[row->n_path] = e_c;
    row->path_i[row->n_path++] = e_i;
}

/* Train to the end, with looks at even distances. A loss under which training
 * diverges is left there. @param done samples, out */
static basin_status train(
    lab_run *run, lab_row *row, const parts *p, basin_error *error)
{
    const double all =
        (double)basin_trainer_progress(p->trainer)->epochs * run->samples.n;
    const int looks = LAB_PATH - 2;
    const int piece = all > 4 * looks ? (int)fmin(all / (4 * looks), 8192) : 1;
    double done = 0, next = 0, seconds = 0;
    while (done < all && !cli_interrupted()) {
        bool ended = false;
        const double begun = cli_now();
        basin_status status =
            basin_trainer_advance(p->trainer, piece, &ended, error);
        seconds += cli_now() - begun;
        if (status == BASIN_E_NONFINITE) {
            row->diverged = true;
            basin_format(row->note, sizeof row->note, "%s", error->message);
            break;
        }
        BASIN_TRY(status);
        const basin_trainer_state now = basin_trainer_state_get(p->trainer);
        done = (double)now.progress.epoch * run->samples.n + now.place;
        if (done >= next || done >= all) {
            look(run, row);
            cli_bar_show(&run->bar, row->loss->part.name, done, all, "samples");
            next += all / looks;
        }
    }
    const basin_progress *at = basin_trainer_progress(p->trainer);
    row->step = seconds / (double)(at->updates ? at->updates : 1);
    row->loss_at_end = at->loss;
    row->done = row->diverged || done >= all;
    return BASIN_OK;
}

/* ----------------------------------------------------------------- results */

static basin_status draw(const lab_run *run, cli_surface *surface,
    view_buffer *out, bool trained, basin_error *error)
{
    const size_t n = (size_t)CLI_SURFACE * CLI_SURFACE;
    cli_surface_evaluate(surface, surface->current);
    for (size_t i = 0; i < n; i++)
        if (!isfinite(surface->current[i]))
            return BASIN_OK;
    cli_surface_samples(surface, &run->samples);
    view_scene scene = cli_surface_scene(surface);
    scene.current = surface->current;
    basin__view_range(&scene.z0, &scene.z1, scene.current, NULL, n);
    cli_surface_follow(&scene);
    scene.initial_z0 = scene.initial_z1 = 0;
    if (!trained) {
        scene.initial = scene.current;
        scene.current = NULL;
    }
    return basin__view_surface(out, &scene, 480, 380, error);
}

/* The window of a path: both energies on one scale, with some room. */
static void frame(lab_row *row, const basin_loss *loss)
{
    double low = (double)INFINITY, high = -low;
    for (int i = 0; i < row->n_path; i++) {
        low = fmin(low, fmin(row->path_c[i], row->path_i[i]));
        high = fmax(high, fmax(row->path_c[i], row->path_i[i]));
    }
    const double room = fmax(.12 * (high - low), 1e-3 * (1 + fabs(high)));
    row->low = low >= 0 ? fmax(0, low - room) : low - room;
    row->high = high + room;
    for (int i = 0; i < LAB_ARROWS * LAB_ARROWS; i++) {
        view_arrow *a = &row->arrows[i];
        const double width = (row->high - row->low) / LAB_ARROWS;
        a->ec = row->low + width * (i / LAB_ARROWS + .5);
        a->ei = row->low + width * (i % LAB_ARROWS + .5);
        basin_loss_on_plane(loss, a->ec, a->ei, &a->d_ec, &a->d_ei);
        a->d_ec = -a->d_ec;
        a->d_ei = -a->d_ei;
    }
}

static basin_status judge(
    lab_run *run, lab_row *row, const parts *p, basin_error *error)
{
    lab_side *side = row->bounded ? &run->bounded : &run->plain;
    if (row->n_path)
        frame(row, p->loss);
    if (row->diverged)
        return BASIN_OK;
    basin_trainer_swap(p->trainer); /* the mean of W answers, if there is one */
    row->surface = basin_watch_look(p->watch);
    row->spread = row->surface.spread / basin_watch_first(p->watch)->spread;
    row->judged =
        basin_watch_judge(p->watch, &row->surface, BASIN_VERDICT_FINE);
    if (row->judged != BASIN_VERDICT_FINE)
        basin_watch_words(
            p->watch, row->judged, &row->surface, row->note, sizeof row->note);
    BASIN_TRY(score(run, side, p->inference, &row->score, error));
    return side->draws ? draw(run, &side->surface, &row->picture, true, error)
                       : BASIN_OK;
}

basin_status lab_teach(lab_run *run, lab_row *row, basin_error *error)
{
    basin_energy *energy = run->model.d.energy;
    parts p = {.inference = NULL};
    memcpy(basin_energy_params(energy), run->start,
        basin_energy_describe(energy)->n_params * sizeof(float));
    basin_status status = BASIN_OK;
    if (run->plain.draws && !run->before.data)
        status = draw(run, &run->plain.surface, &run->before, false, error);
    if (status == BASIN_OK)
        status = make_parts(&p, run, row, error);
    if (status == BASIN_OK && !row->why[0]) {
        look(run, row);
        status = train(run, row, &p, error);
        if (status == BASIN_OK && row->done)
            status = judge(run, row, &p, error);
    }
    close_parts(&p);
    return cli_in_model(&run->model, status, error);
}
