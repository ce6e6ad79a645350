/* SPDX-License-Identifier: MIT
 *
 * The frame around every search: memory, energies of trials, the points that
 * a loss's question rests on, and their weights.
 */
#include "inference/search.h"

enum { SLOT_SEARCH, SLOT_POINTS };

/* -------------------------------------------------------------- open, close */

static basin_status check_epsilon(const basin__search *s, basin_error *error)
{
    const basin_space *y = &s->info->y;
    if (y->kind != BASIN_SPACE_BOX)
        return BASIN_OK;
    double width = (double)y->high - (double)y->low, dim = (double)y->dim;
    double most = s->simplex ? __builtin_sqrt((dim - 1) / dim)
                             : width / 2 * __builtin_sqrt(dim);
    BASIN_REQUIRE(s->settings[BASIN__SEARCH_EPSILON] <= most, error,
        BASIN_E_RANGE,
        "epsilon = %g leaves some samples without a wrong answer: in this "
        "space of %d dimensions at most %g is right",
        s->settings[BASIN__SEARCH_EPSILON], y->dim, most);
    return BASIN_OK;
}

static basin_status check_size(const basin__search *s, const basin_space *space,
    const char *variable, basin_error *error)
{
    BASIN_REQUIRE(
        __builtin_isfinite(space->low) && __builtin_isfinite(space->high),
        error, BASIN_E_SERVE,
        "the inference '%s' needs a box of finite size; %s's goes from %g to "
        "%g",
        s->way->name, variable, (double)space->low, (double)space->high);
    return BASIN_OK;
}

static basin_status check_y(const basin__search *s, basin_error *error)
{
    const basin_space *y = &s->info->y;
    const char *name = s->way->name;
    if (s->way->labels && y->kind == BASIN_SPACE_LABELS) {
        BASIN_REQUIRE(y->count >= 2, error, BASIN_E_SERVE,
            "Y has %d label; there is nothing to decide with fewer than 2",
            y->count);
        return BASIN_OK;
    }
    BASIN_REQUIRE(y->kind == BASIN_SPACE_BOX, error, BASIN_E_SERVE,
        "the inference '%s' needs answers in a box; this energy's Y is %s",
        name,
        y->kind == BASIN_SPACE_LABELS     ? "a label: take 'enumerate'"
        : y->kind == BASIN_SPACE_SEQUENCE ? "a sequence of labels: take 'chain'"
                                          : "absent");
    return check_size(s, y, "Y", error);
}

basin_status basin__search_open(basin__search *s, const basin__way *way,
    basin_energy *energy, const double *settings, basin_error *error)
{
    static const char *const costs[] = {"zero-one", "absolute", "squared"};
    s->ctx = basin_energy_context(energy);
    s->k = basin_context_kernels(s->ctx);
    s->energy = energy;
    s->info = basin_energy_describe(energy);
    s->settings = settings;
    s->way = way;
    s->starts = (int)settings[BASIN__SEARCH_STARTS];
    const basin_space *z = &s->info->z;
    s->z_searched = settings[BASIN__SEARCH_Z] == 0 &&
                    (z->kind == BASIN_SPACE_BOX ||
                        (z->kind == BASIN_SPACE_LABELS && way->own_labels));
    s->z_dim = s->z_searched ? z->dim : 0;
    BASIN_TRY(check_y(s, error));
    BASIN_TRY(check_size(s, z, "Z", error));
    BASIN_TRY(way->open(s, &s->trials, error));
    BASIN_TRY(check_epsilon(s, error));
    const basin_part *cost = NULL;
    BASIN_TRY(basin_find(&cost, s->ctx, BASIN_KIND_COST,
        costs[(int)settings[BASIN__SEARCH_COST]], error));
    s->cost = (const basin_cost_type *)(const void *)cost;
    static const basin_space none = {.kind = BASIN_SPACE_NONE};
    return basin__cover_init(&s->z, s->ctx, s->z_searched ? &none : z,
        (int)settings[BASIN__SEARCH_Z_POINTS], BASIN__RULE_TRAPEZOID, error);
}

static void stop(const basin__search *s, basin__states *of)
{
    basin_pass_destroy(of->pass);
    basin_free(s->ctx, of->memory, of->size);
    *of = (basin__states){0};
}

void basin__search_close(void *self)
{
    basin__search *s = self;
    if (!s->ctx)
        return;
    stop(s, &s->answering);
    stop(s, &s->predicting);
    basin__cover_finish(&s->z);
}

/* ------------------------------------------------------------------ prepare */

static void lay_states(basin__search *s, basin__states *n, basin__arena *a)
{
    size_t b = (size_t)n->samples, states = b * s->starts, f = sizeof(float);
    size_t trials = states * s->trials, y = (size_t)s->info->y.dim * f;
    size_t z = (size_t)s->z_dim * f, causes = trials * s->z.count * f;
    n->y = basin__arena_alloc(a, states * y);
    n->z = basin__arena_alloc(a, states * z);
    n->key = basin__arena_alloc(a, states * sizeof *n->key);
    n->trial_y = basin__arena_alloc(a, trials * y);
    n->trial_z = basin__arena_alloc(a, trials * z);
    n->trial_e = basin__arena_alloc(a, trials * f);
    n->trial_key = basin__arena_alloc(a, trials * sizeof *n->trial_key);
    n->q = basin__arena_alloc(a, causes);
    n->w = basin__arena_alloc(a, causes);
    n->right = basin__arena_alloc(a, b * y);
    n->e_c = basin__arena_alloc(a, b * sizeof *n->e_c);
    if (s->way->lay) {
        s->now = n;
        s->way->lay(s, states, a);
    }
}

static void lay_points(basin__search *s, basin__arena *a)
{
    size_t b = (size_t)s->answering.samples, points = b * s->n_points;
    size_t f = sizeof(float), causes = points * s->z.count * f;
    s->point_y = basin__arena_alloc(a, points * s->info->y.dim * f);
    s->point_z = basin__arena_alloc(a, points * s->z_dim * f);
    s->point_e = basin__arena_alloc(a, points * f);
    s->point_q = basin__arena_alloc(a, causes);
    s->point_w = basin__arena_alloc(a, causes);
    s->least = basin__arena_alloc(a, b * sizeof *s->least);
}

static void lay(basin__search *s, basin__states *n, basin__arena *a)
{
    lay_states(s, n, a);
    if (n == &s->answering)
        lay_points(s, a);
}

static basin_status start(
    basin__search *s, basin__states *n, int samples, basin_error *error)
{
    basin__arena arena;
    n->samples = samples;
    basin__arena_init(&arena, NULL, 0);
    lay(s, n, &arena);
    n->size = arena.peak;
    n->memory = basin_alloc(s->ctx, n->size);
    BASIN_REQUIRE(n->memory, error, BASIN_E_MEMORY,
        "no memory for inference on %d samples", samples);
    basin__arena_init(&arena, n->memory, n->size);
    lay(s, n, &arena);
    bool answers = n == &s->answering, slopes = s->way->gradients;
    basin_candidates z = {s->z.count, s->z_searched};
    basin_pass_def def = {.samples = samples,
        .gradient_params = answers,
        .n_slots = answers ? 2 : 1,
        .slots = {{.y = {s->starts * s->trials, true},
                      .z = z,
                      .gradient_y = slopes,
                      .gradient_z = slopes && s->z_searched,
                      .frozen = true},
            {.y = {s->n_points, true}, .z = z}}};
    return basin_pass_create(&n->pass, s->energy, &def, error);
}

basin_status basin__search_prepare(
    void *self, const basin_question *question, basin_error *error)
{
    basin__search *s = self;
    stop(s, &s->answering);
    s->question = *question;
    s->n_points = 1; /* the right answer */
    s->at_offender = s->at_least = 0;
    if (question->needs & BASIN_NEED_EI)
        s->at_offender = s->n_points++;
    if (question->needs & BASIN_NEED_EMIN)
        s->at_least = s->n_points++;
    return start(s, &s->answering, question->samples, error);
}

/* ----------------------------------------------------------------- energies */

static double delta_of(const basin__search *s, int b, const float *y)
{
    return (double)s->cost->value(
        NULL, &s->info->y, s->now->right + (size_t)b * s->info->y.dim, y);
}

/* What is minimised: the energy, or how little an answer offends. */
static double key_of(const basin__search *s, int b, const float *y, double e)
{
    bool plain = s->goal != BASIN__GOAL_OFFENDER ||
                 s->question.offender == BASIN_OFFENDER_LOWEST;
    double key = e;
    if (!plain) {
        double delta = delta_of(s, b, y);
        key = s->question.offender == BASIN_OFFENDER_MARGIN
                  ? e - delta
                  : -delta * (s->question.margin + s->now->e_c[b] - e);
    }
    return key == key ? key : (double)__builtin_inff();
}

void basin__search_evaluate(basin__search *s, int trials)
{
    basin__states *n = s->now;
    int dim = s->info->y.dim, each = s->starts * trials;
    size_t rows = (size_t)s->samples * each;
    basin_set set = {.y = n->trial_y,
        .z = s->z_searched ? n->trial_z : s->z.values,
        .y_count = each,
        .z_count = s->z.count};
    const float *e = basin_pass_evaluate(n->pass, SLOT_SEARCH, &set);
    basin__lower(s->k, &s->z, s->settings[BASIN__SEARCH_Z] != 0,
        s->settings[BASIN__SEARCH_BETA_Z], e, (int)rows, n->trial_e, n->q);
    for (size_t i = 0; i < rows; i++)
        n->trial_key[i] = key_of(
            s, (int)(i / each), n->trial_y + i * dim, (double)n->trial_e[i]);
}

void basin__search_take(basin__search *s, size_t state, size_t trial)
{
    basin__states *n = s->now;
    size_t y_dim = (size_t)s->info->y.dim, z_dim = (size_t)s->z_dim;
    for (size_t d = 0; d < y_dim; d++)
        n->y[state * y_dim + d] = n->trial_y[trial * y_dim + d];
    for (size_t d = 0; d < z_dim; d++)
        n->z[state * z_dim + d] = n->trial_z[trial * z_dim + d];
    n->key[state] = n->trial_key[trial];
}

/* The derivatives of a trial's key in its energy and in its cost. */
static void key_slopes(
    const basin__search *s, size_t state, float *in_e, float *in_delta)
{
    const basin__states *n = s->now;
    int b = (int)(state / s->starts);
    *in_e = 1;
    *in_delta = 0;
    if (s->goal != BASIN__GOAL_OFFENDER ||
        s->question.offender == BASIN_OFFENDER_LOWEST)
        return;
    *in_delta = -1;
    if (s->question.offender == BASIN_OFFENDER_MARGIN)
        return;
    *in_e = (float)delta_of(s, b, n->trial_y + state * s->info->y.dim);
    *in_delta =
        -(float)(s->question.margin + n->e_c[b] - (double)n->trial_e[state]);
}

void basin__search_gradient(basin__search *s, float *d_y, float *d_z)
{
    basin__states *n = s->now;
    size_t states = (size_t)s->samples * s->starts, causes = (size_t)s->z.count;
    size_t y_dim = (size_t)s->info->y.dim, z_dim = (size_t)s->z_dim;
    float in_e, in_delta;
    for (size_t i = 0; i < states; i++) {
        key_slopes(s, i, &in_e, &in_delta);
        for (size_t h = 0; h < causes; h++)
            n->w[i * causes + h] = in_e * n->q[i * causes + h];
    }
    basin_pass_backward(n->pass, SLOT_SEARCH, n->w);
    const float *e_y = basin_pass_gradient_y(n->pass, SLOT_SEARCH);
    for (size_t i = 0; i < states * y_dim; i++)
        d_y[i] = e_y[i];
    if (z_dim) {
        const float *e_z = basin_pass_gradient_z(n->pass, SLOT_SEARCH);
        for (size_t i = 0; i < states * z_dim; i++)
            d_z[i] = e_z[i];
    }
    if (!s->cost->gradient)
        return;
    for (size_t i = 0; i < states; i++) {
        key_slopes(s, i, &in_e, &in_delta);
        if (in_delta != 0)
            s->cost->gradient(NULL, &s->info->y,
                n->right + i / s->starts * y_dim, n->trial_y + i * y_dim,
                in_delta, d_y + i * y_dim);
    }
}

/* ------------------------------------------------------------------- answer */

/* The best of a sample's states. */
static size_t best_state(const basin__search *s, int b)
{
    size_t first = (size_t)b * s->starts, best = first;
    for (size_t i = first + 1; i < first + s->starts; i++)
        if (s->now->key[i] < s->now->key[best])
            best = i;
    return best;
}

static void seek(basin__search *s, basin__goal goal)
{
    s->goal = goal;
    basin__search_start(s);
    /* With Y given and no Z to search, the start is the answer. */
    if (goal != BASIN__GOAL_RIGHT || s->z_dim > 0)
        s->way->run(s);
}

/* Seek, and keep what is found as a point of each sample. */
static void seek_point(basin__search *s, basin__goal goal, int point)
{
    size_t y_dim = (size_t)s->info->y.dim, z_dim = (size_t)s->z_dim;
    seek(s, goal);
    for (int b = 0; b < s->samples; b++) {
        size_t from = best_state(s, b), to = (size_t)b * s->n_points + point;
        for (size_t d = 0; d < y_dim; d++)
            s->point_y[to * y_dim + d] = s->now->y[from * y_dim + d];
        for (size_t d = 0; d < z_dim; d++)
            s->point_z[to * z_dim + d] = s->now->z[from * z_dim + d];
        if (goal == BASIN__GOAL_RIGHT)
            s->now->e_c[b] = s->now->key[from];
    }
}

static void evaluate_points(basin__search *s)
{
    basin_set set = {.y = s->point_y,
        .z = s->z_searched ? s->point_z : s->z.values,
        .y_count = s->n_points,
        .z_count = s->z.count};
    basin__lower(s->k, &s->z, s->settings[BASIN__SEARCH_Z] != 0,
        s->settings[BASIN__SEARCH_BETA_Z],
        basin_pass_evaluate(s->answering.pass, SLOT_POINTS, &set),
        s->samples * s->n_points, s->point_e, s->point_q);
}

static void read_points(basin__search *s, int b, basin_energies *out)
{
    const float *e = s->point_e + (size_t)b * s->n_points;
    *out = (basin_energies){.e_c = (double)e[0]};
    if (s->at_offender) {
        size_t at = (size_t)b * s->n_points + s->at_offender;
        out->e_i = (double)e[s->at_offender];
        out->delta_i = delta_of(s, b, s->point_y + at * s->info->y.dim);
    }
    if (s->at_least) { /* the right answer may be lower than what was found */
        s->least[b] = e[s->at_least] < e[0] ? s->at_least : 0;
        out->e_min = (double)e[s->least[b]];
    }
}

void basin__search_answer(void *self, const basin_samples *data,
    const int32_t *index, int samples, bool training, uint64_t step,
    basin_energies *out)
{
    basin__search *s = self;
    int dim = s->info->y.dim;
    s->now = &s->answering;
    s->samples = samples;
    s->index = index;
    s->step = step;
    basin_pass_observe(s->now->pass, data->x, index, samples, training, step);
    for (int b = 0; b < samples; b++)
        for (int d = 0; d < dim; d++)
            s->now->right[(size_t)b * dim + d] =
                data->y[(size_t)(index ? index[b] : b) * dim + d];
    seek_point(s, BASIN__GOAL_RIGHT, 0);
    if (s->at_offender)
        seek_point(s, BASIN__GOAL_OFFENDER, s->at_offender);
    if (s->at_least)
        seek_point(s, BASIN__GOAL_LEAST, s->at_least);
    evaluate_points(s);
    for (int b = 0; b < samples; b++)
        read_points(s, b, &out[b]);
}

/* -------------------------------------------------------------------- weigh */

void basin__search_weigh(
    void *self, const basin_slopes *slopes, int samples, float *d_params)
{
    basin__search *s = self;
    size_t causes = (size_t)s->z.count, points = (size_t)s->n_points;
    s->k->fill(s->point_w, 0, samples * points * causes);
    for (int b = 0; b < samples; b++) {
        const basin_slopes *slope = &slopes[b];
        const int at[3] = {0, s->at_offender, s->at_least ? s->least[b] : 0};
        const double of[3] = {slope->e_c, s->at_offender ? slope->e_i : 0,
            s->at_least ? slope->e_min : 0};
        for (int i = 0; i < 3; i++) {
            size_t row = (b * points + at[i]) * causes;
            s->k->add_scaled(
                s->point_w + row, s->point_q + row, (float)of[i], causes);
        }
    }
    basin_pass_backward(s->answering.pass, SLOT_POINTS, s->point_w);
    basin_pass_finish(s->answering.pass, d_params);
}

/* ------------------------------------------------------------------ predict */

enum { CHUNK = 128 };

/* The found answers become the first trials, rounded if they are to be. */
static void place_found(basin__search *s)
{
    basin__states *n = s->now;
    const basin_space *space = &s->info->y;
    size_t y_dim = (size_t)space->dim, z_dim = (size_t)s->z_dim;
    bool rounds =
        s->settings[BASIN__SEARCH_ROUND] != 0 && space->kind == BASIN_SPACE_BOX;
    for (int b = 0; b < s->samples; b++) {
        size_t best = best_state(s, b), to = (size_t)b * s->starts;
        for (size_t d = 0; d < y_dim; d++) {
            float y = n->y[best * y_dim + d];
            if (rounds)
                y = y - space->low < space->high - y ? space->low : space->high;
            n->trial_y[to * y_dim + d] = y;
        }
        for (size_t d = 0; d < z_dim; d++)
            n->trial_z[to * z_dim + d] = n->z[best * z_dim + d];
        for (size_t i = to + 1; i < to + s->starts; i++) {
            for (size_t d = 0; d < y_dim; d++)
                n->trial_y[i * y_dim + d] = n->trial_y[to * y_dim + d];
            for (size_t d = 0; d < z_dim; d++)
                n->trial_z[i * z_dim + d] = n->trial_z[to * z_dim + d];
        }
    }
}

static void read_found(
    const basin__search *s, int b, float *y, float *z, float *e)
{
    const basin__states *n = s->now;
    size_t at = (size_t)b * s->starts, causes = (size_t)s->z.count, most = 0;
    for (int d = 0; d < s->info->y.dim; d++)
        y[d] = n->trial_y[at * s->info->y.dim + d];
    if (e)
        *e = n->trial_e[at];
    if (!z)
        return;
    const float *q = n->q + at * causes;
    for (size_t h = 1; h < causes; h++)
        most = q[h] > q[most] ? h : most;
    for (int d = 0; d < s->info->z.dim; d++)
        z[d] = s->z_searched ? n->trial_z[at * s->z_dim + d]
                             : s->z.values[most * s->info->z.dim + d];
}

basin_status basin__search_predict(void *self, const float *x, int count,
    float *y, float *z, float *e, basin_error *error)
{
    basin__search *s = self;
    const basin_energy_info *info = s->info;
    if (!s->predicting.pass) {
        stop(s, &s->predicting); /* what a failed start may have left */
        BASIN_TRY(start(s, &s->predicting, CHUNK, error));
    }
    s->now = &s->predicting;
    s->index = NULL;
    s->step = 0;
    for (size_t first = 0; first < (size_t)count; first += CHUNK) {
        int left = count - (int)first;
        s->samples = left < CHUNK ? left : CHUNK;
        basin_pass_observe(
            s->now->pass, x + first * info->x.dim, NULL, s->samples, false, 0);
        seek(s, BASIN__GOAL_LEAST);
        place_found(s);
        basin__search_evaluate(s, 1);
        for (int b = 0; b < s->samples; b++)
            read_found(s, b, y + (first + b) * info->y.dim,
                z ? z + (first + b) * info->z.dim : NULL,
                e ? e + first + b : NULL);
    }
    return BASIN_OK;
}
