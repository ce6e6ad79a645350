/* SPDX-License-Identifier: MIT
 *
 * What the product test compares with: the energies of all answers, with Z
 * minimised over or summed over, and the scalars that follow from them by
 * their definitions. It asks the energy alone, and no inference.
 */
#ifndef BASIN_TEST_PRODUCT_ORACLE_H
#define BASIN_TEST_PRODUCT_ORACLE_H

#include "test_product_tasks.h"

enum { ANSWERS_MOST = 1700, FINE = 201, FINE_PLANE = 41, FINE_Z = 81 };

/** What a pair of an inference and a loss means by its scalars. */
typedef struct rules {
    basin_offender offender;
    double margin;
    double epsilon, beta, beta_z;
    int points, z_points, cost;
    bool marginal, searches;
} rules;

/** The value of a setting, by its name; `without` where there is none. */
static inline double rules_read(const basin_part *part, const double *values,
    const char *name, double without)
{
    for (int i = 0; i < part->n_params; i++)
        if (!strcmp(part->params[i].name, name))
            return values[i];
    return without;
}

/** Only declarations are read: an inference without a grid of its own is
 *  compared with a fine one. */
static inline rules rules_of(
    const basin_inference *inf, const basin_loss *loss, const basin_space *y)
{
    const basin_part *a = &basin_inference_entry(inf)->part;
    const double *v = basin_inference_settings(inf);
    const bool searches = basin_inference_entry(inf)->searches;
    const bool marginal = rules_read(a, v, "z", 0) != 0;
    const int fine = y->dim > 1 ? FINE_PLANE : FINE;
    return (rules){.offender = basin_loss_entry(loss)->offender,
        .margin = rules_read(&basin_loss_entry(loss)->part,
            basin_loss_settings(loss), "margin", 1),
        .epsilon = rules_read(a, v, "epsilon", 0),
        .beta = rules_read(a, v, "beta", 1),
        .beta_z = rules_read(a, v, "beta-z", 1),
        .points = searches ? fine : (int)rules_read(a, v, "points", fine),
        .z_points = searches && !marginal
                        ? FINE_Z
                        : (int)rules_read(a, v, "z-points", FINE_Z),
        .cost = (int)rules_read(a, v, "cost", 0),
        .marginal = marginal,
        .searches = searches};
}

/* -------------------------------------------------------------- candidates */

/** A grid with the masses of the trapezoid rule, or all labels. */
typedef struct cover {
    int n;
    float at[ANSWERS_MOST * 2];
    double mass[ANSWERS_MOST];
} cover;

static inline void cover_fill(cover *c, const basin_space *s, int points)
{
    c->n = s->kind == BASIN_SPACE_LABELS ? s->count : 1;
    c->at[0] = 0;
    c->mass[0] = 1;
    for (int i = 0; i < c->n; i++) {
        c->at[i] = (float)i;
        c->mass[i] = 1;
    }
    if (s->kind != BASIN_SPACE_BOX)
        return;
    const double low = (double)s->low,
                 step = ((double)s->high - low) / (points - 1);
    for (int d = 0; d < s->dim; d++)
        c->n *= points;
    assert_true(c->n <= ANSWERS_MOST);
    for (int i = 0; i < c->n; i++) {
        c->mass[i] = 1;
        for (int d = s->dim - 1, rest = i; d >= 0; d--, rest /= points) {
            const int k = rest % points;
            c->at[i * s->dim + d] = (float)(low + k * step);
            c->mass[i] *= k == 0 || k == points - 1 ? step / 2 : step;
        }
    }
}

/* ---------------------------------------------------------------- surfaces */

/** E of every answer to every sample, over Z. */
typedef struct surface {
    const basin_energy_info *info;
    const task_samples *data;
    cover y, z;
    int n[TASK_N]; /**< answers to a sample */
    double e[TASK_N][ANSWERS_MOST];
    int32_t label[ANSWERS_MOST][TASK_T]; /**< labellings of a chain */
    double right[TASK_N];
    double border[TASK_N][2]; /**< at exactly epsilon, in one dimension */
    float border_y[TASK_N][2];
} surface;

static inline double surface_lower(
    const surface *s, const rules *r, const float *e)
{
    double least = (double)INFINITY, sum = 0;
    for (int i = 0; i < s->z.n; i++)
        least = fmin(least, (double)e[i]);
    if (!r->marginal || s->info->z.kind == BASIN_SPACE_NONE)
        return least;
    for (int i = 0; i < s->z.n; i++)
        sum += s->z.mass[i] * exp(-r->beta_z * ((double)e[i] - least));
    return least - log(sum) / r->beta_z;
}

/* Rows: all answers in one set, and each sample's own three in another. */
static inline void surface_rows(surface *s, basin_energy *e, const rules *r)
{
    const int dim = s->info->y.dim, own = dim == 1 ? 3 : 1;
    float three[TASK_N * 3 * 2];
    basin_pass *pass = NULL;
    const basin_pass_def def = {.samples = TASK_N,
        .n_slots = 2,
        .slots = {{.y = {s->y.n, false}, .z = {s->z.n, false}},
            {.y = {own, true}, .z = {s->z.n, false}}}};
    for (int b = 0; b < TASK_N; b++)
        for (int k = 0; k < own; k++)
            for (int d = 0; d < dim; d++) {
                float *at = &three[(b * own + k) * dim + d];
                *at = s->data->y[b * dim + d];
                if (k && s->info->y.kind == BASIN_SPACE_BOX)
                    s->border_y[b][k - 1] = *at +=
                        (k == 1 ? -1 : 1) * (float)r->epsilon;
            }
    MUST(basin_pass_create(&pass, e, &def, &error));
    basin_pass_observe(pass, s->data->x, NULL, TASK_N, false, 0);
    const basin_set all = {s->y.at, s->z.at, s->y.n, s->z.n};
    const float *found = basin_pass_evaluate(pass, 0, &all);
    for (int b = 0; b < TASK_N; b++) {
        s->n[b] = s->y.n;
        for (int i = 0; i < s->y.n; i++)
            s->e[b][i] =
                surface_lower(s, r, found + ((size_t)b * s->y.n + i) * s->z.n);
    }
    const basin_set few = {three, s->z.at, own, s->z.n};
    found = basin_pass_evaluate(pass, 1, &few);
    for (int b = 0; b < TASK_N; b++) {
        const float *row = found + (size_t)b * own * s->z.n;
        s->right[b] = surface_lower(s, r, row);
        for (int k = 1; k < own; k++)
            s->border[b][k - 1] = surface_lower(s, r, row + k * s->z.n);
    }
    basin_pass_destroy(pass);
}

/* Labellings, counted in base TASK_LABELS: the first n are those of a
 * sequence whose labellings are n. */
static inline void surface_chain(surface *s, basin_energy *e)
{
    basin_chain *chain = basin_energy_chain(e);
    for (size_t i = 0; i < s->info->n_params; i++)
        basin_chain_params(chain)[i] = (double)basin_energy_params(e)[i];
    basin_chain_changed(chain);
    for (int b = 0; b < TASK_N; b++) {
        const int64_t from = s->data->start[b];
        s->n[b] = 1;
        for (int64_t t = from; t < s->data->start[b + 1]; t++)
            s->n[b] *= TASK_LABELS;
        for (int i = 0; i < s->n[b]; i++) {
            for (int t = 0, rest = i; t < TASK_T; t++, rest /= TASK_LABELS)
                s->label[i][t] = rest % TASK_LABELS;
            s->e[b][i] = basin_chain_energy(chain, &s->data->s, b, s->label[i]);
            s->y.mass[i] = 1;
        }
        s->right[b] =
            basin_chain_energy(chain, &s->data->s, b, s->data->label + from);
    }
}

static inline void surface_fill(
    surface *s, basin_energy *e, const task_samples *data, const rules *r)
{
    s->info = basin_energy_describe(e);
    s->data = data;
    if (s->info->y.kind == BASIN_SPACE_SEQUENCE) {
        surface_chain(s, e);
        return;
    }
    cover_fill(&s->y, &s->info->y, r->points);
    cover_fill(&s->z, &s->info->z, r->z_points);
    surface_rows(s, e, r);
}

/* ----------------------------------------------------------------- scalars */

/** How far an answer is from the right one, as a cost and as a distance. */
typedef struct apart {
    double cost, far;
} apart;

static inline apart surface_apart(
    const surface *s, const rules *r, int b, int i, const float *y)
{
    double sum[3] = {0, 0, 0};
    const int dim = s->info->y.dim;
    if (s->info->y.kind == BASIN_SPACE_SEQUENCE) {
        const int64_t from = s->data->start[b];
        for (int64_t t = from; t < s->data->start[b + 1]; t++)
            sum[0] += s->label[i][t - from] != s->data->label[t];
        return (apart){sum[0], sum[0]};
    }
    for (int d = 0; d < dim; d++) {
        const double off = (double)y[d] - (double)s->data->y[b * dim + d];
        sum[0] = off != 0 ? 1 : sum[0];
        sum[1] += fabs(off);
        sum[2] += off * off;
    }
    return (apart){sum[r->cost], sqrt(sum[2])};
}

static inline bool surface_is_wrong(
    const surface *s, const rules *r, double far)
{
    return s->info->y.kind == BASIN_SPACE_BOX && r->epsilon > 0
               ? far >= r->epsilon
               : far > 0;
}

/** The least key offends most (Tsochantaridis et al. 2005). */
static inline double surface_key(
    const rules *r, double e_c, double e, double cost)
{
    return r->offender == BASIN_OFFENDER_LOWEST ? e
           : r->offender == BASIN_OFFENDER_MARGIN
               ? e - cost
               : -cost * (r->margin + e_c - e);
}

static inline void surface_offer(
    const rules *r, double e, double cost, double *key, basin_energies *out)
{
    const double k = surface_key(r, out->e_c, e, cost);
    if (k >= *key)
        return;
    *key = k;
    out->e_i = e;
    out->delta_i = cost;
}

/** All scalars of a sample. @param e_y, delta_y (ANSWERS_MOST), out */
static inline basin_energies surface_scalars(
    const surface *s, const rules *r, int b, double *e_y, double *delta_y)
{
    basin_energies out = {.e_c = s->right[b], .beta = r->beta};
    const basin_space *space = &s->info->y;
    const bool box = space->kind == BASIN_SPACE_BOX;
    double key = (double)INFINITY, all = 0, wrong = 0;
    out.e_min = box ? out.e_c : (double)INFINITY;
    for (int i = 0; i < s->n[b]; i++) {
        const apart a = surface_apart(s, r, b, i, s->y.at + i * space->dim);
        const double e = s->e[b][i], term = s->y.mass[i] * exp(-r->beta * e);
        e_y[i] = e;
        delta_y[i] = a.cost;
        out.e_min = fmin(out.e_min, e);
        all += term;
        if (!surface_is_wrong(s, r, a.far))
            continue;
        wrong += term;
        surface_offer(r, e, a.cost, &key, &out);
    }
    for (int k = 0; box && space->dim == 1 && r->epsilon > 0 && k < 2; k++) {
        const float y = s->border_y[b][k];
        if (y >= space->low && y <= space->high)
            surface_offer(r, s->border[b][k],
                surface_apart(s, r, b, 0, &y).cost, &key, &out);
    }
    out.n = s->n[b];
    out.e_y = e_y;
    out.delta_y = delta_y;
    out.f = -log(all) / r->beta;
    out.f_i = -log(wrong) / r->beta;
    return out;
}

/** How many samples have no wrong answer lowest. */
static inline int surface_right(const surface *s, const rules *r)
{
    int right = 0;
    for (int b = 0; b < TASK_N; b++) {
        int best = 0;
        for (int i = 1; i < s->n[b]; i++)
            if (s->e[b][i] < s->e[b][best])
                best = i;
        const float *y = s->y.at + best * s->info->y.dim;
        right += !surface_is_wrong(s, r, surface_apart(s, r, b, best, y).far);
    }
    return right;
}

/** The standard deviation of E over the answers, mean over the samples. */
static inline double surface_spread(const surface *s)
{
    double spread = 0;
    for (int b = 0; b < TASK_N; b++) {
        double mean = 0, square = 0;
        for (int i = 0; i < s->n[b]; i++)
            mean += s->e[b][i] / s->n[b];
        for (int i = 0; i < s->n[b]; i++)
            square += (s->e[b][i] - mean) * (s->e[b][i] - mean) / s->n[b];
        spread += sqrt(square) / TASK_N;
    }
    return spread;
}

#endif
