/* SPDX-License-Identifier: MIT
 *
 * Inference by enumeration: for answers that are labels. Every label is tried,
 * with every value of Z, so all is exact: the lowest, the offenders, the free
 * energies, and the energies of all labels for losses that sum over them. One
 * slot holds them all; what depends on X alone is computed once a sample.
 */
#include "base/memory.h"
#include "inference/inference.h"

enum { BETA, COST, Z, Z_POINTS, BETA_Z, RULE, SETTINGS };

/* clang-format off */
static const basin_param params[] = {
    {"beta", "1/energy", 0, 1e6, 1, .open_low = true,
        .help = "inverse temperature of the free energy over Y"},
    {"cost", "", 0, 2, 0, .integer = true,
        .choices = "zero-one|absolute|squared",
        .help = "the task cost that margins may grow with"},
    {"z", "", 0, 1, 0, .integer = true, .choices = "minimise|marginalise",
        .help = "what becomes of the hidden causes"},
    {"z-points", "", 2, 1 << 16, 21, .integer = true,
        .help = "grid points in each dimension of Z, where it is not a label"},
    {"beta-z", "1/energy", 0, 1e6, 1, .open_low = true,
        .help = "inverse temperature over Z"},
    {"rule", "", 0, 2, 0, .integer = true,
        .choices = "trapezoid|simpson|count",
        .help = "how the points of Z add up: as an integral, or each once"},
};
/* clang-format on */

/* Answering, and predicting, have each their own pass and numbers. */
typedef struct numbers {
    basin_pass *pass;
    void *memory;
    size_t size;
    const float *e; /* (B, G): E, over Z */
    float *lowered; /* (B, G), where there is a Z */
    float *q;       /* (B, G, H): the weights of Z in it */
} numbers;

typedef struct enumerate {
    basin_context *ctx;
    const basin_kernels *k;
    basin_energy *energy;
    const basin_energy_info *info;
    const double *settings;
    const basin_cost_type *cost;
    basin__cover y, z;
    basin_question question;
    numbers answering, predicting; /* B samples, G labels, H causes */
    float *weights;                /* (B, G, H), to hand back */
    float *y_weights;              /* (B, G); without Z the same */
    float *gibbs, *gibbs_i;        /* (B, G): unnormalised, of F and F_I */
    double *sum, *sum_i;           /* (B) their sums */
    double *e_y, *delta_y, *room;  /* (B, G), for losses that see all */
    int *right, *offender, *least; /* (B): labels */
} enumerate;

/* -------------------------------------------------------------- open, close */

static basin_status enumerate_open(void *self, basin_energy *energy,
    const double *settings, basin_error *error)
{
    enumerate *n = self;
    static const char *const costs[] = {"zero-one", "absolute", "squared"};
    const basin_energy_info *info = basin_energy_describe(energy);
    n->ctx = basin_energy_context(energy);
    n->k = basin_context_kernels(n->ctx);
    n->energy = energy;
    n->info = info;
    n->settings = settings;
    BASIN_REQUIRE(info->y.kind == BASIN_SPACE_LABELS, error, BASIN_E_SERVE,
        "the inference 'enumerate' needs answers that are labels; this "
        "energy's Y is %s",
        info->y.kind == BASIN_SPACE_BOX ? "in a box: take 'grid'" : "absent");
    BASIN_REQUIRE(info->y.count >= 2, error, BASIN_E_SERVE,
        "Y has %d label; there is nothing to decide with fewer than 2",
        info->y.count);
    const basin_part *cost = NULL;
    BASIN_TRY(basin_find(
        &cost, n->ctx, BASIN_KIND_COST, costs[(int)settings[COST]], error));
    n->cost = (const basin_cost_type *)(const void *)cost;
    BASIN_TRY(basin__cover_init(&n->y, n->ctx, &info->y, 0, 0, error));
    return basin__cover_init(&n->z, n->ctx, &info->z, (int)settings[Z_POINTS],
        (int)settings[RULE], error);
}

static void stop(const enumerate *n, numbers *of)
{
    basin_pass_destroy(of->pass);
    basin_free(n->ctx, of->memory, of->size);
    *of = (numbers){0};
}

static void enumerate_close(void *self)
{
    enumerate *n = self;
    if (!n->ctx)
        return;
    stop(n, &n->answering);
    stop(n, &n->predicting);
    basin__cover_finish(&n->y);
    basin__cover_finish(&n->z);
}

/* ------------------------------------------------------------------ prepare */

static void lay_lowered(
    const enumerate *n, numbers *of, size_t samples, basin__arena *a)
{
    size_t labels = samples * n->y.count;
    if (n->z.dim == 0)
        return;
    of->lowered = basin__arena_alloc(a, labels * sizeof *of->lowered);
    of->q = basin__arena_alloc(a, labels * n->z.count * sizeof *of->q);
}

static void lay_answering(enumerate *n, size_t samples, basin__arena *a)
{
    size_t labels = samples * n->y.count, f = sizeof(float), d = sizeof(double);
    lay_lowered(n, &n->answering, samples, a);
    n->weights = basin__arena_alloc(a, labels * n->z.count * f);
    n->y_weights = n->z.dim ? basin__arena_alloc(a, labels * f) : n->weights;
    n->gibbs = basin__arena_alloc(a, labels * f);
    n->gibbs_i = basin__arena_alloc(a, labels * f);
    n->sum = basin__arena_alloc(a, samples * d);
    n->sum_i = basin__arena_alloc(a, samples * d);
    n->right = basin__arena_alloc(a, samples * sizeof(int));
    n->offender = basin__arena_alloc(a, samples * sizeof(int));
    n->least = basin__arena_alloc(a, samples * sizeof(int));
    if (!(n->question.needs & BASIN_NEED_ALL))
        return;
    n->e_y = basin__arena_alloc(a, labels * d);
    n->delta_y = basin__arena_alloc(a, labels * d);
    n->room = basin__arena_alloc(a, labels * d);
}

static void lay(enumerate *n, numbers *of, size_t samples, basin__arena *arena)
{
    if (of == &n->answering)
        lay_answering(n, samples, arena);
    else
        lay_lowered(n, of, samples, arena);
}

static basin_status start(
    enumerate *n, numbers *of, int samples, basin_error *error)
{
    basin__arena arena;
    basin__arena_init(&arena, NULL, 0);
    lay(n, of, (size_t)samples, &arena);
    of->size = arena.peak ? arena.peak : 1;
    of->memory = basin_alloc(n->ctx, of->size);
    BASIN_REQUIRE(of->memory, error, BASIN_E_MEMORY,
        "no memory for inference on %d samples", samples);
    basin__arena_init(&arena, of->memory, of->size);
    lay(n, of, (size_t)samples, &arena);
    basin_pass_def def = {.samples = samples,
        .gradient_params = of == &n->answering,
        .n_slots = 1,
        .slots = {{.y = {n->y.count, false}, .z = {n->z.count, false}}}};
    return basin_pass_create(&of->pass, n->energy, &def, error);
}

static basin_status enumerate_prepare(
    void *self, const basin_question *question, basin_error *error)
{
    enumerate *n = self;
    stop(n, &n->answering);
    n->question = *question;
    return start(n, &n->answering, question->samples, error);
}

/* ------------------------------------------------------------------- answer */

/* All energies of a batch that has been observed, over Z. */
static void evaluate(const enumerate *n, numbers *of, int samples)
{
    basin_set set = {.y = n->y.values,
        .z = n->z.values,
        .y_count = n->y.count,
        .z_count = n->z.count};
    of->e = basin_pass_evaluate(of->pass, 0, &set);
    if (n->z.dim == 0)
        return;
    basin__lower(n->k, &n->z, n->settings[Z] != 0, n->settings[BETA_Z], of->e,
        samples * n->y.count, of->lowered, of->q);
    of->e = of->lowered;
}

static double delta(const enumerate *n, int right, int label)
{
    return (double)n->cost->value(
        NULL, &n->info->y, &n->y.values[right], &n->y.values[label]);
}

/* How much a label offends: the least key offends most. */
static double offence(
    const enumerate *n, int right, int label, double e, double e_c)
{
    if (n->question.offender == BASIN_OFFENDER_LOWEST)
        return e;
    double d = delta(n, right, label);
    return n->question.offender == BASIN_OFFENDER_MARGIN
               ? e - d
               : -d * (n->question.margin + e_c - e);
}

static int most_offending(const enumerate *n, int right, const float *e)
{
    int best = right == 0;
    double e_c = (double)e[right];
    double least = offence(n, right, best, (double)e[best], e_c);
    for (int label = best + 1; label < n->y.count; label++) {
        if (label == right)
            continue;
        double key = offence(n, right, label, (double)e[label], e_c);
        if (key < least) {
            best = label;
            least = key;
        }
    }
    return best;
}

/* The free energy over all labels, or but the right one where `gibbs_i` is
 * asked for: its Gibbs weight is then 0. */
static double free_energy(const enumerate *n, const float *e, int without,
    float *gibbs, double *total)
{
    size_t labels = (size_t)n->y.count;
    float low = __builtin_inff(), beta = (float)n->settings[BETA];
    for (int label = 0; label < n->y.count; label++)
        if (label != without && e[label] < low)
            low = e[label];
    *total = n->k->gibbs(gibbs, e, NULL, low, beta, labels);
    if (without >= 0) {
        gibbs[without] = 0;
        *total = 0;
        for (size_t i = 0; i < labels; i++)
            *total += (double)gibbs[i];
    }
    return (double)low - basin_log(*total) / (double)beta;
}

static void show_all(enumerate *n, int b, const float *e, basin_energies *out)
{
    size_t at = (size_t)b * n->y.count;
    for (int label = 0; label < n->y.count; label++) {
        n->e_y[at + label] = (double)e[label];
        n->delta_y[at + label] = delta(n, n->right[b], label);
    }
    out->n = n->y.count;
    out->e_y = n->e_y + at;
    out->delta_y = n->delta_y + at;
    out->room = n->room + at;
}

static void find(enumerate *n, int b, const float *e, basin_energies *out)
{
    unsigned needs = n->question.needs;
    int right = n->right[b];
    size_t at = (size_t)b * n->y.count;
    *out = (basin_energies){
        .e_c = (double)e[right], .beta = (double)(float)n->settings[BETA]};
    if (needs & BASIN_NEED_EI) {
        n->offender[b] = most_offending(n, right, e);
        out->e_i = (double)e[n->offender[b]];
        out->delta_i = delta(n, right, n->offender[b]);
    }
    if (needs & BASIN_NEED_EMIN) {
        n->least[b] = (int)n->k->argmin(e, (size_t)n->y.count);
        out->e_min = (double)e[n->least[b]];
    }
    if (needs & BASIN_NEED_F)
        out->f = free_energy(n, e, -1, n->gibbs + at, &n->sum[b]);
    if (needs & BASIN_NEED_FI)
        out->f_i = free_energy(n, e, right, n->gibbs_i + at, &n->sum_i[b]);
    if (needs & BASIN_NEED_ALL)
        show_all(n, b, e, out);
}

static void enumerate_answer(void *self, const basin_samples *data,
    const int32_t *index, int samples, bool training, uint64_t step,
    basin_energies *out)
{
    enumerate *n = self;
    basin_pass_observe(
        n->answering.pass, data->x, index, samples, training, step);
    evaluate(n, &n->answering, samples);
    for (int b = 0; b < samples; b++) {
        n->right[b] = (int)data->y[index ? index[b] : b];
        find(n, b, n->answering.e + (size_t)b * n->y.count, &out[b]);
    }
}

/* -------------------------------------------------------------------- weigh */

static void weigh_labels(
    const enumerate *n, int b, const basin_slopes *s, float *w)
{
    unsigned needs = n->question.needs;
    size_t labels = (size_t)n->y.count, at = b * labels;
    n->k->fill(w, 0, labels);
    if (needs & BASIN_NEED_F)
        n->k->add_scaled(w, n->gibbs + at, (float)(s->f / n->sum[b]), labels);
    if (needs & BASIN_NEED_FI)
        n->k->add_scaled(
            w, n->gibbs_i + at, (float)(s->f_i / n->sum_i[b]), labels);
    if (needs & BASIN_NEED_ALL)
        for (size_t i = 0; i < labels; i++)
            w[i] += (float)s->e_y[i];
    if (needs & BASIN_NEED_EI)
        w[n->offender[b]] += (float)s->e_i;
    if (needs & BASIN_NEED_EMIN)
        w[n->least[b]] += (float)s->e_min;
    w[n->right[b]] += (float)s->e_c;
}

static void enumerate_weigh(
    void *self, const basin_slopes *slopes, int samples, float *d_params)
{
    enumerate *n = self;
    size_t labels = (size_t)samples * n->y.count, causes = (size_t)n->z.count;
    for (int b = 0; b < samples; b++)
        weigh_labels(n, b, &slopes[b], n->y_weights + (size_t)b * n->y.count);
    if (n->z.dim)
        for (size_t i = 0; i < labels * causes; i++)
            n->weights[i] = n->y_weights[i / causes] * n->answering.q[i];
    basin_pass_backward(n->answering.pass, 0, n->weights);
    basin_pass_finish(n->answering.pass, d_params);
}

/* ------------------------------------------------------------------ predict */

enum { CHUNK = 128 };

/* The lowest label of sample b of a chunk, with its cause. */
static void read_lowest(const enumerate *n, int b, float *y, float *z, float *e)
{
    const numbers *of = &n->predicting;
    size_t causes = (size_t)n->z.count, z_dim = (size_t)n->z.dim, most = 0;
    const float *energies = of->e + (size_t)b * n->y.count;
    size_t best = n->k->argmin(energies, (size_t)n->y.count);
    *y = n->y.values[best];
    if (e)
        *e = energies[best];
    if (!z || z_dim == 0)
        return;
    const float *q = of->q + ((size_t)b * n->y.count + best) * causes;
    for (size_t h = 1; h < causes; h++)
        most = q[h] > q[most] ? h : most;
    for (size_t d = 0; d < z_dim; d++)
        z[d] = n->z.values[most * z_dim + d];
}

static basin_status enumerate_predict(void *self, const float *x, int count,
    float *y, float *z, float *e, basin_error *error)
{
    enumerate *n = self;
    numbers *of = &n->predicting;
    size_t x_dim = (size_t)n->info->x.dim, z_dim = (size_t)n->z.dim;
    if (!of->pass) {
        stop(n, of); /* what a failed start may have left */
        BASIN_TRY(start(n, of, CHUNK, error));
    }
    for (size_t first = 0; first < (size_t)count; first += CHUNK) {
        int left = count - (int)first, samples = left < CHUNK ? left : CHUNK;
        basin_pass_observe(
            of->pass, x + first * x_dim, NULL, samples, false, 0);
        evaluate(n, of, samples);
        for (int b = 0; b < samples; b++)
            read_lowest(n, b, y + first + b, z ? z + (first + b) * z_dim : NULL,
                e ? e + first + b : NULL);
    }
    return BASIN_OK;
}

const basin_inference_type basin__inference_enumerate = {
    .part = {"enumerate", "every label in turn; exact",
        "Y* = argmin E; F = -(1/beta) log sum_y exp(-beta E_y)",
        "LeCun et al. 2006, section 1", params, SETTINGS},
    .serves = BASIN_NEED_EC | BASIN_NEED_EI | BASIN_NEED_EMIN | BASIN_NEED_F |
              BASIN_NEED_FI | BASIN_NEED_ALL,
    .self_size = sizeof(enumerate),
    .open = enumerate_open,
    .close = enumerate_close,
    .predict = enumerate_predict,
    .prepare = enumerate_prepare,
    .answer = enumerate_answer,
    .weigh = enumerate_weigh,
};
