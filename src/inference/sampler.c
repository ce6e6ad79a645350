/* SPDX-License-Identifier: MIT
 *
 * What all samplers do beside moving: contrastive divergence for losses (Hinton
 * 2002), persistent chains (Tieleman 2008), prediction, and drawing.
 *
 * Where Z is sampled, F over Y and Z has the derivatives of the mean over
 * chains in both, and E_C, the free energy over Z at the right answer, those of
 * the mean over chains that move in Z alone. F_I has those of chains that keep
 * to the wrong answers.
 */
#include "inference/sampler.h"

#include <string.h>

enum { MINIMISE, MARGINALISE, SAMPLE };
enum { START_DATA, START_PERSISTENT, START_UNIFORM };
enum { SLOT_RIGHT, SLOT_CHAINS };
enum { FREE = BASIN_NEED_F | BASIN_NEED_FI };
enum { CHUNK = 16 }; /* samples that are predicted at once */

/* -------------------------------------------------------------- open, close */

static basin_status check_space(const basin__mover *mover, const char *name,
    const basin_space *space, const char *variable, basin_error *error)
{
    if (space->kind == BASIN_SPACE_BOX ||
        (space->kind == BASIN_SPACE_LABELS && mover->labels))
        return BASIN_OK;
    return basin_error_set(error, BASIN_E_SERVE,
        "the inference '%s' needs %s in a box%s; this energy's is %s", name,
        variable, mover->labels ? ", or a label" : "",
        space->kind == BASIN_SPACE_LABELS
            ? "a label: take 'enumerate', or 'gibbs'"
        : space->kind == BASIN_SPACE_SEQUENCE
            ? "a sequence of labels: take 'chain'"
            : "absent");
}

basin_status basin__sampler_open(basin__sampler *s, const basin__mover *mover,
    const char *name, basin_energy *energy, const double *settings,
    basin_error *error)
{
    s->ctx = basin_energy_context(energy);
    s->k = basin_context_kernels(s->ctx);
    s->energy = energy;
    s->info = basin_energy_describe(energy);
    s->settings = settings;
    s->mover = mover;
    s->predictor.tracks = true;
    s->chains = (int)settings[BASIN__SAMPLER_CHAINS];
    s->samples_z = settings[BASIN__SAMPLER_Z] == SAMPLE && s->info->z.dim > 0;
    BASIN_TRY(check_space(mover, name, &s->info->y, "Y", error));
    if (s->samples_z)
        BASIN_TRY(check_space(mover, name, &s->info->z, "Z", error));
    s->rights = s->samples_z ? s->chains : 1;
    const basin_space none = {0};
    return basin__cover_init(&s->z, s->ctx, s->samples_z ? &none : &s->info->z,
        (int)settings[BASIN__SAMPLER_Z_POINTS],
        (int)settings[BASIN__SAMPLER_RULE], error);
}

static void stop_answering(basin__sampler *s)
{
    basin_pass_destroy(s->learner);
    basin__walk_close(&s->walk);
    basin__walk_close(&s->clamped);
    basin_free(s->ctx, s->memory, s->memory_size);
    basin_free(s->ctx, s->buffer, s->buffer_size);
    s->learner = NULL;
    s->memory = NULL;
    s->buffer = NULL;
}

void basin__sampler_close(void *self)
{
    basin__sampler *s = self;
    if (!s->ctx)
        return;
    stop_answering(s);
    basin__walk_close(&s->predictor);
    basin__walk_close(&s->drawer);
    basin__cover_finish(&s->z);
}

void basin__sampler_lower(
    const basin__sampler *s, const float *e, int n, float *out, float *q)
{
    if (s->z.dim > 0) {
        basin__lower(s->k, &s->z, s->settings[BASIN__SAMPLER_Z] != MINIMISE,
            s->settings[BASIN__SAMPLER_BETA_Z], e, n, out, q);
        return;
    }
    memcpy(out, e, (size_t)n * sizeof *out);
    s->k->fill(q, 1, (size_t)n);
}

/* ------------------------------------------------------------------ prepare */

static int z_numbers(const basin__sampler *s)
{
    return s->samples_z ? s->info->z.dim : 0;
}

static void lay_memory(void *self, basin__arena *a)
{
    basin__sampler *s = self;
    size_t b = (size_t)s->question.samples, f = sizeof(float);
    size_t rights = b * s->rights, chains = b * s->chains;
    size_t causes = (size_t)s->z.count;
    s->right_y = basin__arena_alloc(a, rights * s->info->y.dim * f);
    s->right_z = basin__arena_alloc(a, rights * z_numbers(s) * f);
    s->right_e = basin__arena_alloc(a, rights * f);
    s->right_q = basin__arena_alloc(a, rights * causes * f);
    s->chain_e = basin__arena_alloc(a, chains * f);
    s->chain_q = basin__arena_alloc(a, chains * causes * f);
    s->weights = basin__arena_alloc(a, chains * causes * f);
}

static basin_status take_memory(basin__sampler *s, basin_error *error)
{
    BASIN_REQUIRE(
        basin__arena_block(&s->memory, &s->memory_size, s->ctx, lay_memory, s),
        error, BASIN_E_MEMORY, "no memory for inference on %d samples",
        s->question.samples);
    return BASIN_OK;
}

/* Persistent chains begin anywhere. */
static basin_status fill_buffer(basin__sampler *s, basin_error *error)
{
    basin__moving y = s->walk.y, z = s->walk.z;
    size_t numbers = (size_t)y.dim + (size_t)z.dim;
    size_t batch = (size_t)s->question.samples * s->chains;
    size_t wanted = s->info->x.dim ? (size_t)s->question.total * s->chains
                                   : (size_t)s->settings[BASIN__SAMPLER_BUFFER];
    s->entries = wanted > batch ? wanted : batch;
    s->buffer_size = s->entries * numbers * sizeof *s->buffer;
    s->buffer = basin_alloc(s->ctx, s->buffer_size);
    BASIN_REQUIRE(s->buffer, error, BASIN_E_MEMORY,
        "no memory for %zu persistent chains", s->entries);
    basin__walk everywhere = {.rows = (int)s->entries};
    y.at = s->buffer;
    z.at = s->buffer + s->entries * (size_t)y.dim;
    basin__walk_scatter(&everywhere, &y, 0);
    basin__walk_scatter(&everywhere, &z, s->entries * (size_t)y.dim);
    return BASIN_OK;
}

basin_status basin__sampler_prepare(
    void *self, const basin_question *question, basin_error *error)
{
    basin__sampler *s = self;
    int b = question->samples;
    stop_answering(s);
    s->question = *question;
    const unsigned sums = question->needs & FREE;
    BASIN_REQUIRE(sums != FREE, error, BASIN_E_SERVE,
        "a sampler draws for one free energy at a time: that over all answers, "
        "or that over the wrong ones");
    if (sums & BASIN_NEED_FI)
        BASIN_TRY(basin__wrong_check(s, error));
    BASIN_REQUIRE(!s->samples_z || sums, error, BASIN_E_SERVE,
        "where Z is sampled, the right answer's energy is known by its "
        "derivatives alone; minimise over Z or marginalise it");
    BASIN_TRY(take_memory(s, error));
    if (sums) {
        BASIN_TRY(basin__walk_open(&s->walk, s, b, s->chains, false, error));
        if (s->settings[BASIN__SAMPLER_START] == START_PERSISTENT)
            BASIN_TRY(fill_buffer(s, error));
    }
    if (s->samples_z)
        BASIN_TRY(basin__walk_open(&s->clamped, s, b, s->rights, true, error));
    const basin_candidates z = {s->samples_z ? 1 : s->z.count, s->samples_z};
    basin_pass_def def = {.samples = b,
        .gradient_params = true,
        .n_slots = sums ? 2 : 1,
        .slots = {{.y = {s->rights, true}, .z = z},
            {.y = {s->chains, true}, .z = z}}};
    return basin_pass_create(&s->learner, s->energy, &def, error);
}

float *basin__sampler_memory(void *self, size_t *n)
{
    const basin__sampler *s = self;
    *n = s->buffer ? s->buffer_size / sizeof *s->buffer : 0;
    return s->buffer;
}

/* ------------------------------------------------------------------- answer */

/* One batch, as `answer` was asked for it. */
typedef struct batch {
    const basin_samples *data;
    const int32_t *index;
    int n;
    bool training;
    uint64_t step;
} batch;

static void copy(float *to, const float *from, size_t n)
{
    if (n)
        memcpy(to, from, n * sizeof *to);
}

/* The right answers, and, where Z is sampled, what may have caused them. */
static void place_right(basin__sampler *s, const batch *of)
{
    size_t dim = (size_t)s->info->y.dim, rights = (size_t)s->rights;
    for (int b = 0; b < of->n; b++) {
        const float *y = of->data->y + (of->index ? of->index[b] : b) * dim;
        for (size_t r = 0; r < rights; r++)
            copy(s->right_y + ((size_t)b * rights + r) * dim, y, dim);
    }
    if (!s->samples_z)
        return;
    basin__walk *w = &s->clamped;
    basin__walk_observe(
        w, of->data->x, of->index, of->n, of->training, of->step);
    copy(w->y.at, s->right_y, (size_t)w->rows * dim);
    basin__walk_scatter(w, &w->z, 0);
    basin__walk_run(w, (int)s->settings[BASIN__SAMPLER_STEPS]);
    copy(s->right_z, w->z.at, (size_t)w->rows * w->z.dim);
}

/* Where a chain of a batch is kept: with X the place is its sample's, without
 * it the places are taken in turn. */
static size_t entry_of(const basin__sampler *s, const batch *of, int row)
{
    int b = row / s->chains;
    if (!s->info->x.dim)
        return (
            size_t)((of->step * (uint64_t)(of->n * s->chains) + (uint64_t)row) %
                    s->entries);
    int32_t number = of->index          ? of->index[b]
                     : of->data->number ? of->data->number[b]
                                        : b;
    return ((size_t)number * s->chains + (size_t)(row % s->chains)) %
           s->entries;
}

/* Between a variable's chains and where they are kept. */
static void exchange(const basin__sampler *s, const batch *of,
    const basin__moving *v, float *kept, int row, bool store)
{
    float *entry = kept + entry_of(s, of, row) * (size_t)v->dim;
    float *at = v->at + (size_t)row * v->dim;
    copy(store ? entry : at, store ? at : entry, (size_t)v->dim);
}

static void exchange_all(basin__sampler *s, const batch *of, bool store)
{
    basin__walk *w = &s->walk;
    const basin_random_key key = basin__walk_key(w, BASIN__DRAW_RESTART);
    double part = s->settings[BASIN__SAMPLER_RESTART];
    float *z = s->buffer + s->entries * (size_t)w->y.dim;
    for (int r = 0; r < w->rows; r++) {
        if (!store && basin_random_uniform(key, (uint64_t)r) < part)
            continue; /* it begins anew */
        exchange(s, of, &w->y, s->buffer, r, store);
        exchange(s, of, &w->z, z, r, store);
    }
}

static void place_chains(basin__sampler *s, const batch *of)
{
    basin__walk *w = &s->walk;
    size_t dim = (size_t)w->y.dim;
    if (s->settings[BASIN__SAMPLER_START] != START_DATA) {
        basin__walk_scatter(w, &w->y, 0);
        basin__walk_scatter(w, &w->z, (size_t)w->rows * dim);
        if (s->buffer)
            exchange_all(s, of, false);
        return;
    }
    for (int r = 0; r < w->rows; r++)
        copy(w->y.at + (size_t)r * dim,
            s->right_y + (size_t)r / s->chains * s->rights * dim, dim);
    copy(w->z.at, s->right_z, (size_t)w->rows * w->z.dim);
}

/* Where the wrong answers alone count, chains stay among them. */
static void keep_to_wrong(basin__sampler *s)
{
    basin__walk *w = &s->walk;
    w->right = NULL;
    if (!(s->question.needs & BASIN_NEED_FI))
        return;
    w->right = s->right_y;
    w->right_stride = (size_t)s->rights * w->y.dim;
    basin__wrong_start(
        w, s->settings[BASIN__SAMPLER_START] == START_DATA && s->mover->slopes);
}

static void walk_chains(basin__sampler *s, const batch *of)
{
    basin__walk *w = &s->walk;
    basin__walk_observe(
        w, of->data->x, of->index, of->n, of->training, of->step);
    place_chains(s, of);
    keep_to_wrong(s);
    basin__walk_run(w, (int)s->settings[BASIN__SAMPLER_STEPS]);
    if (s->buffer && of->training) {
        w->done = 0;
        exchange_all(s, of, true);
    }
}

/* A slot of the learner: energies over Z, and the mean of each sample's. */
static void evaluate(basin__sampler *s, int slot, const float *y,
    const float *z, int count, int samples, float *e, float *q)
{
    basin_set set = {.y = y,
        .z = s->samples_z ? z : s->z.values,
        .y_count = count,
        .z_count = s->samples_z ? 1 : s->z.count};
    basin__sampler_lower(
        s, basin_pass_evaluate(s->learner, slot, &set), samples * count, e, q);
}

static double mean_of(const float *e, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)e[i];
    return sum / n;
}

void basin__sampler_answer(void *self, const basin_samples *data,
    const int32_t *index, int samples, bool training, uint64_t step,
    basin_energies *out)
{
    basin__sampler *s = self;
    const batch of = {data, index, samples, training, step};
    bool free = s->question.needs & FREE;
    place_right(s, &of);
    if (free)
        walk_chains(s, &of);
    basin_pass_observe(s->learner, data->x, index, samples, training, step);
    evaluate(s, SLOT_RIGHT, s->right_y, s->right_z, s->rights, samples,
        s->right_e, s->right_q);
    if (free)
        evaluate(s, SLOT_CHAINS, s->walk.y.at, s->walk.z.at, s->chains, samples,
            s->chain_e, s->chain_q);
    for (int b = 0; b < samples; b++) {
        out[b] = (basin_energies){
            .e_c = mean_of(s->right_e + (size_t)b * s->rights, s->rights),
            .beta = s->settings[BASIN__SAMPLER_BETA]};
        if (free)
            *(s->question.needs & BASIN_NEED_F ? &out[b].f : &out[b].f_i) =
                mean_of(s->chain_e + (size_t)b * s->chains, s->chains);
    }
}

/* -------------------------------------------------------------------- weigh */

/* Each of a sample's n places takes its part of the slope. */
static void weigh(
    const basin__sampler *s, int b, int n, double slope, const float *q)
{
    size_t numbers = (size_t)n * s->z.count;
    float *out = s->weights + (size_t)b * numbers;
    s->k->fill(out, 0, numbers);
    s->k->add_scaled(out, q + (size_t)b * numbers, (float)(slope / n), numbers);
}

void basin__sampler_weigh(
    void *self, const basin_slopes *slopes, int samples, float *d_params)
{
    basin__sampler *s = self;
    for (int b = 0; b < samples; b++)
        weigh(s, b, s->rights, slopes[b].e_c, s->right_q);
    basin_pass_backward(s->learner, SLOT_RIGHT, s->weights);
    if (s->question.needs & FREE) {
        /* of the two slopes one is 0 */
        for (int b = 0; b < samples; b++)
            weigh(s, b, s->chains, slopes[b].f + slopes[b].f_i, s->chain_q);
        basin_pass_backward(s->learner, SLOT_CHAINS, s->weights);
    }
    basin_pass_finish(s->learner, d_params);
}

/* ------------------------------------------------------------------ predict */

/* Begin anywhere, walk, and descend from the lowest place of each chain. */
static void search(basin__sampler *s, basin__walk *w)
{
    const double *settings = s->settings;
    basin__walk_scatter(w, &w->y, 0);
    basin__walk_scatter(w, &w->z, (size_t)w->rows * w->y.dim);
    s->k->fill(w->e_best, __builtin_inff(), (size_t)w->rows);
    copy(w->y.best, w->y.at, (size_t)w->rows * w->y.dim);
    copy(w->z.best, w->z.at, (size_t)w->rows * w->z.dim);
    basin__walk_run(w, (int)settings[BASIN__SAMPLER_SEARCH]);
    basin__walk_energy(w, w->e);
    basin__walk_track(w);
    copy(w->y.at, w->y.best, (size_t)w->rows * w->y.dim);
    copy(w->z.at, w->z.best, (size_t)w->rows * w->z.dim);
    s->mover->polish(w, (int)settings[BASIN__SAMPLER_POLISH]);
}

/* The lowest of sample b's chains, with its cause. */
static void read_lowest(
    const basin__walk *w, int b, float *y, float *z, float *e)
{
    const basin__sampler *s = w->sampler;
    size_t y_dim = (size_t)w->y.dim, z_dim = (size_t)s->info->z.dim;
    size_t best = (size_t)b * w->chains +
                  s->k->argmin(w->e + (size_t)b * w->chains, (size_t)w->chains);
    copy(y, w->y.at + best * y_dim, y_dim);
    if (e)
        *e = w->e[best];
    if (!z || z_dim == 0)
        return;
    if (s->samples_z) {
        copy(z, w->z.at + best * z_dim, z_dim);
        return;
    }
    const float *q = w->q + best * s->z.count;
    size_t most = 0;
    for (size_t h = 1; h < (size_t)s->z.count; h++)
        most = q[h] > q[most] ? h : most;
    copy(z, s->z.values + most * z_dim, z_dim);
}

basin_status basin__sampler_predict(void *self, const float *x, int n, float *y,
    float *z, float *e, basin_error *error)
{
    basin__sampler *s = self;
    basin__walk *w = &s->predictor;
    size_t x_dim = (size_t)s->info->x.dim, y_dim = (size_t)s->info->y.dim;
    size_t z_dim = (size_t)s->info->z.dim;
    if (!w->pass) {
        basin__walk_close(w); /* what a failed start may have left */
        BASIN_TRY(basin__walk_open(
            w, s, CHUNK, (int)s->settings[BASIN__SAMPLER_TRIES], false, error));
    }
    for (size_t first = 0; first < (size_t)n; first += CHUNK) {
        int left = n - (int)first, samples = left < CHUNK ? left : CHUNK;
        basin__walk_observe(
            w, x + first * x_dim, NULL, samples, false, (uint64_t)first);
        search(s, w);
        for (int b = 0; b < samples; b++)
            read_lowest(w, b, y + (first + (size_t)b) * y_dim,
                z ? z + (first + (size_t)b) * z_dim : NULL,
                e ? e + first + b : NULL);
    }
    return BASIN_OK;
}

/* --------------------------------------------------------------------- draw */

static basin_status check_places(const basin_space *space, const float *at,
    int n, const char *name, basin_error *error)
{
    bool labels = space->kind == BASIN_SPACE_LABELS;
    float low = labels ? 0 : space->low;
    float high = labels ? (float)(space->count - 1) : space->high;
    for (int64_t i = 0; i < (int64_t)n * space->dim; i++)
        BASIN_REQUIRE(at[i] >= low && at[i] <= high, error, BASIN_E_RANGE,
            "%s of chain %lld is %g; it must be from %g to %g", name,
            (long long)(i / space->dim), (double)at[i], (double)low,
            (double)high);
    return BASIN_OK;
}

basin_status basin__sampler_sample(
    void *self, basin_chains *chains, int steps, basin_error *error)
{
    basin__sampler *s = self;
    basin__walk *w = &s->drawer;
    int n = chains->n;
    BASIN_TRY(check_places(&s->info->y, chains->y, n, "Y", error));
    BASIN_REQUIRE(!s->samples_z || chains->z, error, BASIN_E_ARGUMENT,
        "Z is sampled: chains need a place for it");
    if (s->samples_z)
        BASIN_TRY(check_places(&s->info->z, chains->z, n, "Z", error));
    if (!w->pass || w->most != n) {
        basin__walk_close(w);
        BASIN_TRY(basin__walk_open(w, s, n, 1, false, error));
    }
    basin__walk_observe(w, chains->x, NULL, n, false, chains->seed);
    w->done = chains->done;
    copy(w->y.at, chains->y, (size_t)n * w->y.dim);
    copy(w->z.at, chains->z, (size_t)n * w->z.dim);
    basin__walk_run(w, steps);
    chains->done = w->done;
    chains->accepted = w->moves > 0 ? w->taken / w->moves : 1;
    copy(chains->y, w->y.at, (size_t)n * w->y.dim);
    copy(chains->z, w->z.at, (size_t)n * w->z.dim);
    if (chains->e)
        basin__walk_energy(w, chains->e);
    return BASIN_OK;
}
