/* SPDX-License-Identifier: MIT
 *
 * How good answers are: labels, numbers, and sets of labels.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/open.h"

const char *cli_class_name(char number[32], const cli_model *model, float label)
{
    const char *name = basin__class_name(&model->d, (int)label);
    if (!name)
        basin_print_number(number, (double)label, true);
    return name ? name : number;
}

const struct cli_measure_info cli_measures[CLI_MEASURES] = {
    {"error", true},
    {"mae", false},
    {"rmse", false},
    {"f1", true},
    {"hamming", true},
    {"exact", true},
};

void cli_print_measures(const cli_score *s)
{
    for (int k = 0; k < CLI_MEASURES; k++) {
        const struct cli_measure_info *m = &cli_measures[k];
        if (!s->has[k])
            continue;
        printf(m->fraction ? "   %s %.2f %%" : "   %s %.4g", m->name,
            m->fraction ? 100 * s->of[k] : s->of[k]);
    }
}

static bool are_sets(const basin_space *space, const float *right, int n)
{
    if (space->kind != BASIN_SPACE_BOX || space->dim < 2 || space->low != 0 ||
        space->high != 1)
        return false;
    for (size_t i = 0; i < (size_t)n * space->dim; i++)
        if (right[i] != 0 && right[i] != 1)
            return false;
    return true;
}

static void measure(cli_score *out, cli_measure k, double value)
{
    out->of[k] = value;
    out->has[k] = true;
}

static void compare_sets(
    cli_score *out, int dim, const float *y, const float *right, int n)
{
    double f1 = 0, wrong = 0, exact = 0;
    for (int i = 0; i < n; i++, y += dim, right += dim) {
        int both = 0, all = 0, off = 0;
        for (int d = 0; d < dim; d++) {
            bool said = y[d] >= 0.5F, is = right[d] != 0;
            both += said && is;
            all += said + is;
            off += said != is;
        }
        f1 += all ? 2.0 * both / all : 1;
        wrong += off;
        exact += off == 0;
    }
    measure(out, CLI_F1, f1 / n);
    measure(out, CLI_HAMMING, wrong / n / dim);
    measure(out, CLI_EXACT, exact / n);
}

static void compare(cli_score *out, const cli_model *model, const float *y,
    const float *right, const float *e, int n)
{
    const basin_space *space = &basin_energy_describe(model->d.energy)->y;
    double absolute = 0, square = 0, wrong = 0;
    *out = (cli_score){.samples = n};
    for (int i = 0; i < n; i++)
        out->energy += (double)e[i] / n;
    for (int d = 0; d < space->dim; d++) {
        double offset, factor;
        basin__scale_of_y(&model->d, d, &offset, &factor);
        for (int i = 0; i < n; i++) {
            size_t at = (size_t)i * space->dim + d;
            double off = ((double)y[at] - (double)right[at]) / factor;
            absolute += fabs(off);
            square += off * off;
            wrong += off != 0;
        }
    }
    double count = (double)n * space->dim;
    if (space->kind == BASIN_SPACE_LABELS) {
        measure(out, CLI_ERROR, wrong / count);
        return;
    }
    measure(out, CLI_MAE, absolute / count);
    measure(out, CLI_RMSE, sqrt(square / count));
    if (are_sets(space, right, n))
        compare_sets(out, space->dim, y, right, n);
}

/* Samples that become numbers at once. */
enum { PIECE = 512 };

/* The answers to some samples. @param x room for a piece */
static basin_status answer(basin_inference *inference,
    const basin__samples *samples, int first, int n, float *x, float *y,
    float *e, basin_error *error)
{
    for (int done = 0; done < n; done += PIECE) {
        int m = n - done < PIECE ? n - done : PIECE;
        basin_samples some = basin__samples_view(samples, first + done, m);
        basin_samples_gather(&some, NULL, m, samples->x_dim, 0, x, NULL);
        BASIN_TRY(basin_inference_predict(inference, x, m,
            y + (size_t)done * samples->y_dim, NULL, e + done, error));
    }
    return BASIN_OK;
}

static basin_status confuse(int *confusion, int labels, const float *y,
    const float *right, int n, basin_error *error)
{
    for (int i = 0; i < n; i++) {
        BASIN_REQUIRE(right[i] >= 0 && right[i] < (float)labels, error,
            BASIN_E_RANGE, "sample %d has the label %g; y has %d, from 0",
            i + 1, (double)right[i], labels);
        confusion[(int)right[i] * labels + (int)y[i]]++;
    }
    return BASIN_OK;
}

basin_status cli_score_samples(cli_score *out, const cli_model *model,
    basin_inference *inference, const basin__samples *samples, int first, int n,
    int *confusion, basin_error *error)
{
    const float *right = samples->y + (size_t)first * samples->y_dim;
    const int labels = basin_energy_describe(model->d.energy)->y.count;
    float *x = calloc((size_t)PIECE * samples->x_dim + 1, sizeof *x);
    float *y = calloc((size_t)n * samples->y_dim + 1, sizeof *y);
    float *e = calloc((size_t)n + 1, sizeof *e);
    basin_status status =
        x && y && e ? answer(inference, samples, first, n, x, y, e, error)
                    : basin_error_set(
                          error, BASIN_E_MEMORY, "no memory for %d answers", n);
    if (status == BASIN_OK)
        compare(out, model, y, right, e, n);
    if (status == BASIN_OK && confusion)
        status = confuse(confusion, labels, y, right, n, error);
    free(x);
    free(y);
    free(e);
    return status;
}
