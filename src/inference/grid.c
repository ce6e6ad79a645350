/* SPDX-License-Identifier: MIT
 *
 * Inference on a grid: for answers in a box of few dimensions. The set of
 * answers is the same for every sample, so the energy computes what depends on
 * Y alone once for a whole batch.
 */
#include "inference/grid.h"

#include "base/memory.h"

/* clang-format off */
static const basin_param params[] = {
    {"points", "", 2, 1 << 16, 101, .integer = true,
        .help = "grid points in each dimension of Y"},
    {"epsilon", "Y", 0, 1e6, 0.3,
        .help = "an answer is wrong when it is at least this far from the "
                "right one"},
    {"beta", "1/energy", 0, 1e6, 1, .open_low = true,
        .help = "inverse temperature of the free energy over Y"},
    {"cost", "", 0, 2, 1, .integer = true,
        .choices = "zero-one|absolute|squared",
        .help = "the task cost that margins may grow with"},
    {"refine", "rounds", 0, 30, 8, .integer = true,
        .help = "rounds by which a predicted answer is refined below the "
                "grid's step"},
    {"z", "", 0, 1, 0, .integer = true, .choices = "minimise|marginalise",
        .help = "what becomes of the hidden causes"},
    {"z-points", "", 2, 1 << 16, 21, .integer = true,
        .help = "grid points in each dimension of Z"},
    {"beta-z", "1/energy", 0, 1e6, 1, .open_low = true,
        .help = "inverse temperature over Z"},
    {"rule", "", 0, 2, 0, .integer = true,
        .choices = "trapezoid|simpson|count",
        .help = "how free energies add the points up: as integrals, or each "
                "once, where they are all the values there are"},
};
/* clang-format on */

/* -------------------------------------------------------------- open, close */

static basin_status grid_open(void *self, basin_energy *energy,
    const double *settings, basin_error *error)
{
    basin__grid *g = self;
    const basin_energy_info *info = basin_energy_describe(energy);
    g->ctx = basin_energy_context(energy);
    g->k = basin_context_kernels(g->ctx);
    g->energy = energy;
    g->info = info;
    g->settings = settings;
    BASIN_REQUIRE(info->y.kind == BASIN_SPACE_BOX, error, BASIN_E_SERVE,
        "the inference 'grid' needs answers in a box; this energy's Y is %s",
        info->y.kind == BASIN_SPACE_LABELS     ? "a label"
        : info->y.kind == BASIN_SPACE_SEQUENCE ? "a sequence of labels"
                                               : "absent");
    double width = (double)info->y.high - (double)info->y.low;
    BASIN_REQUIRE(settings[BASIN__GRID_EPSILON] <= width / 2, error,
        BASIN_E_RANGE,
        "epsilon = %g leaves some samples without a wrong answer: Y's box is "
        "%g wide, so at most %g is right",
        settings[BASIN__GRID_EPSILON], width, width / 2);
    static const char *const costs[] = {"zero-one", "absolute", "squared"};
    const basin_part *cost = NULL;
    BASIN_TRY(basin_find(&cost, g->ctx, BASIN_KIND_COST,
        costs[(int)settings[BASIN__GRID_COST]], error));
    g->cost = (const basin_cost_type *)(const void *)cost;
    int rule = (int)settings[BASIN__GRID_RULE];
    BASIN_TRY(basin__cover_init(&g->y, g->ctx, &info->y,
        (int)settings[BASIN__GRID_POINTS], rule, error));
    return basin__cover_init(&g->z, g->ctx, &info->z,
        (int)settings[BASIN__GRID_Z_POINTS], rule, error);
}

static void stop_answering(basin__grid *g)
{
    basin_pass_destroy(g->pass);
    basin_free(g->ctx, g->memory, g->memory_size);
    g->pass = NULL;
    g->memory = NULL;
}

static void grid_close(void *self)
{
    basin__grid *g = self;
    if (!g->ctx)
        return;
    stop_answering(g);
    basin_pass_destroy(g->predictor);
    basin_free(g->ctx, g->predict_memory, g->predict_size);
    basin__cover_finish(&g->y);
    basin__cover_finish(&g->z);
}

/* ------------------------------------------------------------------ prepare */

/* Point 0 is the right answer. The offender is the best of a grid answer and,
 * in one dimension, of the two answers exactly epsilon away, which lie between
 * grid points. */
static void choose_points(basin__grid *g)
{
    bool border = g->info->y.dim == 1 && g->settings[BASIN__GRID_EPSILON] > 0;
    g->n_points = 1;
    g->at_offender = g->at_least = g->n_offenders = 0;
    if (g->question.needs & BASIN_NEED_EI) {
        g->at_offender = g->n_points;
        g->n_offenders = border ? 3 : 1;
        g->n_points += g->n_offenders;
    }
    if (g->question.needs & BASIN_NEED_EMIN)
        g->at_least = g->n_points++;
}

static void lay_memory(void *self, basin__arena *a)
{
    basin__grid *g = self;
    size_t b = (size_t)g->question.samples;
    size_t points = b * g->n_points, answers = b * g->y.count;
    size_t causes = (size_t)g->z.count, f = sizeof(float);
    g->points = basin__arena_alloc(a, points * g->info->y.dim * f);
    g->point_e = basin__arena_alloc(a, points * f);
    g->point_q = basin__arena_alloc(a, points * causes * f);
    g->point_w = basin__arena_alloc(a, points * causes * f);
    g->offender = basin__arena_alloc(a, b * sizeof *g->offender);
    g->least = basin__arena_alloc(a, b * sizeof *g->least);
    if (g->question.needs == BASIN_NEED_EC)
        return;
    g->grid_e = basin__arena_alloc(a, answers * f);
    g->grid_q = basin__arena_alloc(a, answers * causes * f);
    g->grid_w = basin__arena_alloc(a, answers * causes * f);
    g->gibbs = basin__arena_alloc(a, answers * f);
    g->gibbs_i = basin__arena_alloc(a, answers * f);
    g->sum = basin__arena_alloc(a, b * sizeof *g->sum);
    g->sum_i = basin__arena_alloc(a, b * sizeof *g->sum_i);
}

static basin_status grid_prepare(
    void *self, const basin_question *question, basin_error *error)
{
    basin__grid *g = self;
    stop_answering(g);
    g->question = *question;
    g->question.needs |= BASIN_NEED_EC;
    choose_points(g);
    BASIN_REQUIRE(
        basin__arena_block(&g->memory, &g->memory_size, g->ctx, lay_memory, g),
        error, BASIN_E_MEMORY, "no memory for inference on %d samples",
        question->samples);
    basin_pass_def def = {.samples = question->samples,
        .gradient_params = true,
        .n_slots = g->question.needs == BASIN_NEED_EC ? 1 : 2,
        .slots = {{.y = {g->n_points, true}, .z = {g->z.count, false}},
            {.y = {g->y.count, false}, .z = {g->z.count, false}}}};
    return basin_pass_create(&g->pass, g->energy, &def, error);
}

/* ------------------------------------------------------------------- answer */

void basin__grid_lower(
    const basin__grid *g, const float *e, int n, float *out, float *q)
{
    basin__lower(g->k, &g->z, g->settings[BASIN__GRID_Z] != 0,
        g->settings[BASIN__GRID_BETA_Z], e, n, out, q);
}

/* Energies over Y, Z lowered; where there is no Z, they are there already. */
static const float *lowered(
    const basin__grid *g, const float *e, int n, float *out, float *q)
{
    if (g->z.dim == 0)
        return e;
    basin__grid_lower(g, e, n, out, q);
    return out;
}

static bool is_wrong(const basin__grid *g, const float *right, const float *y)
{
    float epsilon = (float)g->settings[BASIN__GRID_EPSILON], far = 0;
    if (g->info->y.dim == 1) { /* no squares: as wrong_runs has it */
        far = __builtin_fabsf(y[0] - right[0]);
        return epsilon > 0 ? far >= epsilon : far > 0;
    }
    for (int d = 0; d < g->info->y.dim; d++)
        far += (y[d] - right[d]) * (y[d] - right[d]);
    return epsilon > 0 ? far >= epsilon * epsilon : far > 0;
}

/* In one dimension the wrong answers are two runs of the grid: those before
 * `*low`, and those from `*high` on. */
static void wrong_runs(const basin__grid *g, float right, int *low, int *high)
{
    float epsilon = (float)g->settings[BASIN__GRID_EPSILON];
    double step = (double)g->y.step, first = (double)g->y.values[0];
    int n = g->y.count;
    double at = ((double)right - (double)epsilon - first) / step;
    int a = at < 0 ? 0 : at > n - 1 ? n : (int)at;
    while (a > 0 && !(g->y.values[a - 1] < right &&
                        right - g->y.values[a - 1] >= epsilon))
        a--;
    while (a < n && g->y.values[a] < right && right - g->y.values[a] >= epsilon)
        a++;
    at = ((double)right + (double)epsilon - first) / step;
    int b = at < 0 ? 0 : at > n - 1 ? n : (int)at;
    while (b > 0 && g->y.values[b - 1] > right &&
           g->y.values[b - 1] - right >= epsilon)
        b--;
    while (
        b < n && !(g->y.values[b] > right && g->y.values[b] - right >= epsilon))
        b++;
    *low = a;
    *high = b;
}

/* How much an answer offends: the least key offends most. */
static double offence(const basin__grid *g, const float *right, const float *y,
    double e, double e_c)
{
    if (g->question.offender == BASIN_OFFENDER_LOWEST)
        return e;
    double delta = (double)g->cost->value(NULL, &g->info->y, right, y);
    return g->question.offender == BASIN_OFFENDER_MARGIN
               ? e - delta
               : -delta * (g->question.margin + e_c - e);
}

/* The grid's lowest wrong answer. */
static int lowest_wrong(
    const basin__grid *g, const float *right, const float *e)
{
    int n = g->y.count, dim = g->info->y.dim, best = -1;
    if (dim == 1) {
        int low, high;
        wrong_runs(g, right[0], &low, &high);
        if (low > 0)
            best = (int)g->k->argmin(e, (size_t)low);
        if (high < n) {
            int other = high + (int)g->k->argmin(e + high, (size_t)(n - high));
            if (best < 0 || e[other] < e[best])
                best = other;
        }
        return best < 0 ? 0 : best;
    }
    for (int i = 0; i < n; i++)
        if (is_wrong(g, right, g->y.values + (size_t)i * dim) &&
            (best < 0 || e[i] < e[best]))
            best = i;
    return best < 0 ? 0 : best;
}

/* The grid's most offending answer. */
static int worst_on_grid(
    const basin__grid *g, const float *right, const float *e, double e_c)
{
    if (g->question.offender == BASIN_OFFENDER_LOWEST)
        return lowest_wrong(g, right, e);
    int dim = g->info->y.dim, best = -1;
    double least = 0;
    for (int i = 0; i < g->y.count; i++) {
        const float *y = g->y.values + (size_t)i * dim;
        if (!is_wrong(g, right, y))
            continue;
        double key = offence(g, right, y, (double)e[i], e_c);
        if (best < 0 || key < least) {
            best = i;
            least = key;
        }
    }
    return best < 0 ? 0 : best;
}

static void copy_answer(const basin__grid *g, float *out, const float *y)
{
    for (int d = 0; d < g->info->y.dim; d++)
        out[d] = y[d];
}

/* The points of the offender: the grid's worst, and both borders. A border
 * outside the box stands for the grid's worst once more. */
static void place_offenders(
    const basin__grid *g, float *points, const float *right, int worst)
{
    int dim = g->info->y.dim;
    const float *grid = g->y.values + (size_t)worst * dim;
    float *out = points + (size_t)g->at_offender * dim;
    copy_answer(g, out, grid);
    if (g->n_offenders == 1)
        return;
    float epsilon = (float)g->settings[BASIN__GRID_EPSILON];
    float below = right[0] - epsilon, above = right[0] + epsilon;
    out[1] = below >= g->info->y.low ? below : grid[0];
    out[2] = above <= g->info->y.high ? above : grid[0];
}

static void evaluate_points(basin__grid *g, int samples)
{
    basin_set set = {.y = g->points,
        .z = g->z.values,
        .y_count = g->n_points,
        .z_count = g->z.count};
    const float *e = basin_pass_evaluate(g->pass, BASIN__SLOT_POINTS, &set);
    int n = samples * g->n_points;
    e = lowered(g, e, n, g->point_e, g->point_q);
    if (e != g->point_e)
        for (int i = 0; i < n; i++)
            g->point_e[i] = e[i];
}

static void find_free_energies(basin__grid *g, int b, const float *right,
    const float *e, basin_energies *out)
{
    size_t n = (size_t)g->y.count;
    double beta = g->settings[BASIN__GRID_BETA];
    if (g->question.needs & BASIN_NEED_F) {
        float low = e[g->k->argmin(e, n)];
        g->sum[b] =
            g->k->gibbs(g->gibbs + b * n, e, g->y.masses, low, (float)beta, n);
        out->f = (double)low - basin_log(g->sum[b]) / beta;
    }
    if (g->question.needs & BASIN_NEED_FI) {
        float low = e[lowest_wrong(g, right, e)], *p = g->gibbs_i + b * n;
        g->k->gibbs(p, e, g->y.masses, low, (float)beta, n);
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            if (!is_wrong(g, right, g->y.values + i * g->info->y.dim))
                p[i] = 0;
            sum += (double)p[i];
        }
        g->sum_i[b] = sum;
        out->f_i = (double)low - basin_log(sum) / beta;
    }
    out->beta = beta;
}

/* Which of a sample's points are E_I and the least energy. */
static void read_points(
    basin__grid *g, int b, const float *right, basin_energies *out)
{
    const float *e = g->point_e + (size_t)b * g->n_points;
    const float *points = g->points + (size_t)b * g->n_points * g->info->y.dim;
    out->e_c = (double)e[0];
    if (g->n_offenders) {
        int best = g->at_offender;
        double least = 0;
        for (int i = 0; i < g->n_offenders; i++) {
            int at = g->at_offender + i;
            double key = offence(g, right, points + at * g->info->y.dim,
                (double)e[at], out->e_c);
            if (i == 0 || key < least) {
                least = key;
                best = at;
            }
        }
        g->offender[b] = best;
        out->e_i = (double)e[best];
        out->delta_i = (double)g->cost->value(
            NULL, &g->info->y, right, points + best * g->info->y.dim);
    }
    if (g->at_least) {
        g->least[b] = e[g->at_least] < e[0] ? g->at_least : 0;
        out->e_min = (double)e[g->least[b]];
    }
}

static void grid_answer(void *self, const basin_samples *data,
    const int32_t *index, int samples, bool training, uint64_t step,
    basin_energies *out)
{
    basin__grid *g = self;
    const float *y = data->y;
    int dim = g->info->y.dim, k = g->n_points, n = g->y.count;
    basin_pass_observe(g->pass, data->x, index, samples, training, step);
    for (int b = 0; b < samples; b++) {
        const float *right = y + (size_t)(index ? index[b] : b) * dim;
        for (int i = 0; i < k; i++)
            copy_answer(g, g->points + ((size_t)b * k + i) * dim, right);
        out[b] = (basin_energies){0};
    }
    bool slack =
        g->n_offenders > 0 && g->question.offender == BASIN_OFFENDER_SLACK;
    if (slack)
        evaluate_points(g, samples); /* E_C decides who offends */
    if (g->question.needs != BASIN_NEED_EC) {
        basin_set set = {.y = g->y.values,
            .z = g->z.values,
            .y_count = n,
            .z_count = g->z.count};
        const float *e =
            lowered(g, basin_pass_evaluate(g->pass, BASIN__SLOT_GRID, &set),
                samples * n, g->grid_e, g->grid_q);
        for (int b = 0; b < samples; b++, e += n) {
            const float *right = y + (size_t)(index ? index[b] : b) * dim;
            float *points = g->points + (size_t)b * k * dim;
            if (g->n_offenders)
                place_offenders(g, points, right,
                    worst_on_grid(g, right, e,
                        slack ? (double)g->point_e[(size_t)b * k] : 0));
            if (g->at_least)
                copy_answer(g, points + g->at_least * dim,
                    g->y.values + g->k->argmin(e, (size_t)n) * dim);
            find_free_energies(g, b, right, e, &out[b]);
        }
    }
    evaluate_points(g, samples);
    for (int b = 0; b < samples; b++)
        read_points(g, b, y + (size_t)(index ? index[b] : b) * dim, &out[b]);
}

/* -------------------------------------------------------------------- weigh */

static bool weigh_points(
    basin__grid *g, const basin_slopes *slopes, int samples)
{
    int k = g->n_points, causes = g->z.count;
    bool any = false;
    g->k->fill(g->point_w, 0, (size_t)samples * k * causes);
    for (int b = 0; b < samples; b++) {
        const basin_slopes *s = &slopes[b];
        const int at[3] = {0, g->offender[b], g->least[b]};
        const double slope[3] = {
            s->e_c, g->n_offenders ? s->e_i : 0, g->at_least ? s->e_min : 0};
        for (int i = 0; i < 3; i++) {
            if (slope[i] == 0)
                continue;
            any = true;
            size_t row = ((size_t)b * k + at[i]) * causes;
            if (g->z.dim == 0)
                g->point_w[row] += (float)slope[i];
            else
                g->k->add_scaled(g->point_w + row, g->point_q + row,
                    (float)slope[i], (size_t)causes);
        }
    }
    return any;
}

static bool weigh_grid(basin__grid *g, const basin_slopes *slopes, int samples)
{
    size_t n = (size_t)g->y.count, causes = (size_t)g->z.count;
    const unsigned needs = g->question.needs;
    bool any = false;
    if (!(needs & (BASIN_NEED_F | BASIN_NEED_FI)))
        return false;
    float *weights = g->z.dim ? g->grid_e : g->grid_w; /* over Y alone */
    g->k->fill(weights, 0, samples * n);
    for (int b = 0; b < samples; b++) {
        float *w = weights + b * n;
        if ((needs & BASIN_NEED_F) && slopes[b].f != 0) {
            any = true;
            g->k->add_scaled(
                w, g->gibbs + b * n, (float)(slopes[b].f / g->sum[b]), n);
        }
        if ((needs & BASIN_NEED_FI) && slopes[b].f_i != 0) {
            any = true;
            g->k->add_scaled(
                w, g->gibbs_i + b * n, (float)(slopes[b].f_i / g->sum_i[b]), n);
        }
    }
    if (any && g->z.dim)
        for (size_t i = 0; i < samples * n; i++)
            for (size_t h = 0; h < causes; h++)
                g->grid_w[i * causes + h] =
                    weights[i] * g->grid_q[i * causes + h];
    return any;
}

static void grid_weigh(
    void *self, const basin_slopes *slopes, int samples, float *d_params)
{
    basin__grid *g = self;
    if (weigh_points(g, slopes, samples))
        basin_pass_backward(g->pass, BASIN__SLOT_POINTS, g->point_w);
    if (weigh_grid(g, slopes, samples))
        basin_pass_backward(g->pass, BASIN__SLOT_GRID, g->grid_w);
    basin_pass_finish(g->pass, d_params);
}

const basin_inference_type basin__inference_grid = {
    .part = {"grid", "a grid over a box, refined",
        "Y* = argmin E; F = -(1/beta) log sum_g mass_g exp(-beta E_g)",
        "LeCun et al. 2006, section 1", params, BASIN__GRID_SETTINGS},
    .serves = BASIN_NEED_EC | BASIN_NEED_EI | BASIN_NEED_EMIN | BASIN_NEED_F |
              BASIN_NEED_FI,
    .self_size = sizeof(basin__grid),
    .open = grid_open,
    .close = grid_close,
    .predict = basin__grid_predict,
    .prepare = grid_prepare,
    .answer = grid_answer,
    .weigh = grid_weigh,
};
