/* SPDX-License-Identifier: MIT
 *
 * The watch over training: a few samples and a few answers, looked at now and
 * then, tell a surface that decides from one that went flat. It knows numbers
 * and words; whoever trains decides when to look and what to print.
 */
#include "base/memory.h"
#include "learn/learn.h"

enum { SIDE_MOST = 32, ANSWERS_MOST = 64, CAUSES_MOST = 64 };
enum { SLOT_RIGHT, SLOT_ANSWERS };

struct basin_watch {
    basin_context *ctx;
    const basin_energy_info *info;
    const basin_loss *loss;
    basin_pass *pass;
    void *memory;
    size_t memory_size;
    int n, answers, causes; /* samples, candidates of Y and of Z */
    float *x, *right;       /* (n, dim) */
    float *y, *z;           /* (answers, dim), (causes, dim) */
    float *e;               /* (n, answers) */
    float *e_right;         /* (n) */
    double epsilon;
    double flat_point;
    basin_surface first;
};

/* ------------------------------------------------------------------- create */

/* Answers spread over a space: evenly along a line, at random in more
 * dimensions, every label or evenly chosen ones. */
static void spread(float *out, const basin_space *space, int count)
{
    const basin_random_key key = {0, BASIN_STREAM_TEST, 0};
    for (int i = 0; i < count; i++)
        for (int d = 0; d < space->dim; d++) {
            float *at = &out[i * space->dim + d];
            double part =
                space->dim == 1 && count > 1
                    ? (double)i / (count - 1)
                    : basin_random_uniform(key, (uint64_t)(i * space->dim + d));
            if (space->kind == BASIN_SPACE_LABELS)
                *at = (float)(int)((double)i * space->count / count);
            else
                *at =
                    (float)((double)space->low +
                            part * ((double)space->high - (double)space->low));
        }
}

static int count_of(const basin_space *space, int most)
{
    if (space->kind == BASIN_SPACE_NONE)
        return 1;
    return space->kind == BASIN_SPACE_LABELS && space->count < most
               ? space->count
               : most;
}

/* As many samples as answers, within the budget. */
static void choose_counts(basin_watch *w, int n, int budget)
{
    w->causes = count_of(&w->info->z, 8);
    if (w->info->z.kind == BASIN_SPACE_LABELS)
        w->causes = count_of(&w->info->z, CAUSES_MOST);
    budget /= w->causes;
    int side = 4;
    while (side < SIDE_MOST && (side + 1) * (side + 2) <= budget)
        side++;
    w->answers = count_of(&w->info->y, 2 * side < ANSWERS_MOST ? side : 64);
    w->n = n < side ? n : side;
}

static void lay_memory(void *self, basin__arena *a)
{
    basin_watch *w = self;
    size_t n = (size_t)w->n, f = sizeof(float);
    w->x = basin__arena_alloc(a, (n * w->info->x.dim + 1) * f);
    w->right = basin__arena_alloc(a, (n * w->info->y.dim + 1) * f);
    w->y = basin__arena_alloc(a, ((size_t)w->answers * w->info->y.dim + 1) * f);
    w->z = basin__arena_alloc(a, ((size_t)w->causes * w->info->z.dim + 1) * f);
    w->e = basin__arena_alloc(a, n * w->answers * f);
    w->e_right = basin__arena_alloc(a, n * f);
}

static void take_samples(basin_watch *w, const basin_samples *samples)
{
    int x_dim = w->info->x.dim, y_dim = w->info->y.dim;
    for (int i = 0; i < w->n; i++) {
        int32_t row = (int32_t)((int64_t)i * samples->n / w->n);
        basin_samples_gather(samples, &row, 1, x_dim, y_dim,
            w->x + (size_t)i * x_dim, w->right + (size_t)i * y_dim);
    }
    spread(w->y, &w->info->y, w->answers);
    spread(w->z, &w->info->z, w->causes);
}

static basin_status open_watch(basin_watch *w, basin_energy *energy,
    const basin_samples *samples, int budget, basin_error *error)
{
    choose_counts(w, samples->n, budget);
    BASIN_REQUIRE(
        basin__arena_block(&w->memory, &w->memory_size, w->ctx, lay_memory, w),
        error, BASIN_E_MEMORY, "no memory for a watch");
    take_samples(w, samples);
    basin_pass_def def = {.samples = w->n,
        .n_slots = 2,
        .slots = {{.y = {1, true}, .z = {w->causes, false}},
            {.y = {w->answers, false}, .z = {w->causes, false}}}};
    return basin_pass_create(&w->pass, energy, &def, error);
}

basin_status basin_watch_create(basin_watch **out, basin_energy *energy,
    const basin_loss *loss, const basin_samples *samples, int budget,
    double epsilon, basin_error *error)
{
    basin_context *ctx = basin_energy_context(energy);
    *out = NULL;
    basin_watch *w = basin_alloc(ctx, sizeof *w);
    BASIN_REQUIRE(w, error, BASIN_E_MEMORY, "no memory for a watch");
    w->ctx = ctx;
    w->info = basin_energy_describe(energy);
    w->loss = loss;
    w->epsilon = epsilon;
    w->flat_point = basin_loss_flat_point(loss);
    basin_status status = open_watch(w, energy, samples, budget, error);
    if (status != BASIN_OK) {
        basin_watch_destroy(w);
        return status;
    }
    w->first = basin_watch_look(w);
    *out = w;
    return BASIN_OK;
}

void basin_watch_destroy(basin_watch *w)
{
    if (!w)
        return;
    basin_pass_destroy(w->pass);
    basin_free(w->ctx, w->memory, w->memory_size);
    basin_free(w->ctx, w, sizeof *w);
}

/* --------------------------------------------------------------------- look */

/* The least over Z, and NaN where anything is. */
static void lower(const float *e, int n, int causes, float *out)
{
    for (int i = 0; i < n; i++, e += causes) {
        out[i] = e[0];
        for (int h = 1; h < causes; h++)
            if (!(e[h] >= out[i]))
                out[i] = e[h];
    }
}

static bool is_wrong(const basin_watch *w, int sample, int answer)
{
    const basin_space *space = &w->info->y;
    const float *right = w->right + (size_t)sample * space->dim;
    const float *y = w->y + (size_t)answer * space->dim;
    double far = 0;
    for (int d = 0; d < space->dim; d++)
        far += ((double)y[d] - (double)right[d]) *
               ((double)y[d] - (double)right[d]);
    if (space->kind == BASIN_SPACE_LABELS)
        return far > 0;
    return far >= w->epsilon * w->epsilon && far > 0;
}

/* One sample's part in the means. */
static void measure(const basin_watch *w, int i, basin_surface *out)
{
    const float *e = w->e + (size_t)i * w->answers;
    double right = (double)w->e_right[i], mean = 0, square = 0, size = 0;
    double wrong = __builtin_inf();
    for (int a = 0; a < w->answers; a++) {
        double value = (double)e[a];
        mean += value / w->answers;
        size += (value < 0 ? -value : value) / w->answers;
        if (value < wrong && is_wrong(w, i, a))
            wrong = value;
    }
    for (int a = 0; a < w->answers; a++)
        square += ((double)e[a] - mean) * ((double)e[a] - mean) / w->answers;
    out->spread += basin_sqrt(square) / w->n;
    out->mean += mean / w->n;
    out->size += size / w->n;
    out->gap += (wrong - right) / w->n;
}

basin_surface basin_watch_look(basin_watch *w)
{
    basin_surface out = {0};
    basin_pass_observe(w->pass, w->x, NULL, w->n, false, 0);
    basin_set right = {
        .y = w->right, .z = w->z, .y_count = 1, .z_count = w->causes};
    lower(basin_pass_evaluate(w->pass, SLOT_RIGHT, &right), w->n, w->causes,
        w->e_right);
    basin_set answers = {
        .y = w->y, .z = w->z, .y_count = w->answers, .z_count = w->causes};
    lower(basin_pass_evaluate(w->pass, SLOT_ANSWERS, &answers),
        w->n * w->answers, w->causes, w->e);
    for (int i = 0; i < w->n; i++)
        measure(w, i, &out);
    return out;
}

basin_surface *basin_watch_first(basin_watch *w)
{
    return &w->first;
}

/* -------------------------------------------------------------------- judge */

static double pull(const basin_loss *loss, double e)
{
    basin_energies at = {
        .e_c = e, .e_i = e, .delta_i = 1, .e_min = e, .beta = 1};
    basin_slopes slopes = {0};
    basin_loss_evaluate(loss, &at, &slopes);
    return slopes.e_c + slopes.e_i;
}

/* Where the pull changes its sign, between two energies. */
static double bisect(const basin_loss *loss, double low, double high)
{
    for (int k = 0; k < 60; k++) {
        double middle = (low + high) / 2;
        if (pull(loss, middle) < 0)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}

double basin_loss_flat_point(const basin_loss *loss)
{
    enum { STEPS = 4000 };
    if (basin_loss_entry(loss)->needs != (BASIN_NEED_EC | BASIN_NEED_EI))
        return __builtin_nan("");
    double low = 1e-6;
    for (int i = 1; i <= STEPS; i++) {
        double high = 1e-6 + 100.0 * i / STEPS;
        if (pull(loss, low) < 0 && pull(loss, high) > 0)
            return bisect(loss, low, high);
        low = high;
    }
    return __builtin_nan("");
}

basin_verdict basin_watch_judge(
    const basin_watch *w, const basin_surface *surface, basin_verdict before)
{
    bool contrasts = basin_loss_entry(w->loss)->needs != BASIN_NEED_EC;
    double off = surface->mean - w->flat_point;
    if (contrasts && surface->spread <= 0.2 * w->flat_point &&
        (off < 0 ? -off : off) <= 0.25 * w->flat_point &&
        surface->gap <= 0.2 * w->flat_point)
        return BASIN_VERDICT_TRAP;
    /* what was flat is so until it clearly is not */
    double line = before == BASIN_VERDICT_FINE ? 0.05 : 0.2;
    if (surface->spread > line * w->first.spread || w->first.spread <= 0)
        return BASIN_VERDICT_FINE;
    if (before != BASIN_VERDICT_FINE)
        return before;
    return contrasts ? BASIN_VERDICT_FLAT : BASIN_VERDICT_COLLAPSE;
}

void basin_watch_words(const basin_watch *w, basin_verdict verdict,
    const basin_surface *surface, char *out, size_t size)
{
    const char *loss = basin_loss_entry(w->loss)->part.name;
    double left = 100 * surface->spread / w->first.spread;
    switch (verdict) {
    case BASIN_VERDICT_FINE:
        basin_format(out, size, "the surface is not flat any more");
        return;
    case BASIN_VERDICT_COLLAPSE:
        basin_format(out, size,
            "collapse: the spread of the energies is %.1f %% of what it was, "
            "%s; the loss '%s' pulls down and pushes nothing up: take one that "
            "contrasts (square-square, nll), or an energy that ends in a "
            "distance to Y itself",
            left,
            surface->gap > 0 ? "and wrong answers are hardly above right ones"
                             : "and wrong answers lie below right ones",
            loss);
        return;
    case BASIN_VERDICT_TRAP:
        basin_format(out, size,
            "the m/2 trap: every energy is near %.3g, where the loss '%s' "
            "pulls as hard as it pushes; more outputs before the distance, a "
            "smaller margin or rate, or another seed lead out of it",
            w->flat_point, loss);
        return;
    case BASIN_VERDICT_FLAT:
        basin_format(out, size,
            "flat: the spread of the energies is %.1f %% of what it was, "
            "though the loss '%s' contrasts; a smaller rate, a larger margin, "
            "or wider nets may help",
            left, loss);
        return;
    }
}
