/* SPDX-License-Identifier: MIT
 *
 * What the page draws of a model: its surface, a cut through it, and the
 * energies of the samples. Nothing here changes W.
 */
#include "web.h"

#include <stdlib.h>

void web_drop_passes(web *w)
{
    basin_pass_destroy(w->surface_pass);
    basin_pass_destroy(w->cut_pass);
    free(w->grid);
    free(w->cut);
    w->surface_pass = w->cut_pass = NULL;
    w->grid = w->cut = NULL;
    w->surface_x = w->surface_y = 0;
}

static void spread(float *out, int n, double low, double high)
{
    for (int i = 0; i < n; i++)
        out[i] = (float)(low + (high - low) * i / (n - 1));
}

static basin_status open_pass(
    basin_pass **out, web *w, int samples, int answers)
{
    const basin_pass_def def = {.samples = samples,
        .n_slots = 1,
        .slots = {{.y = {answers, false}, .z = {1, false}}}};
    return basin_pass_create(out, w->energy, &def, &w->error);
}

static bool open_surface(web *w, int nx, int ny)
{
    if (w->surface_x == nx && w->surface_y == ny)
        return true;
    basin_pass_destroy(w->surface_pass);
    free(w->grid);
    w->surface_pass = NULL;
    w->surface_x = w->surface_y = 0;
    w->grid = calloc((size_t)(nx + ny), sizeof *w->grid);
    if (!w->grid || open_pass(&w->surface_pass, w, nx, ny) != BASIN_OK)
        return false;
    const basin_space *y = &basin_energy_describe(w->energy)->y;
    spread(w->grid, nx, -1, 1);
    spread(w->grid + nx, ny, (double)y->low, (double)y->high);
    w->surface_x = nx;
    w->surface_y = ny;
    return true;
}

const float *WEB_EXPORT(web_surface)(web *w, int nx, int ny)
{
    if (!w->energy || nx < 2 || ny < 2 || !open_surface(w, nx, ny))
        return NULL;
    basin_pass_observe(w->surface_pass, w->grid, NULL, nx, false, 0);
    return basin_pass_evaluate(
        w->surface_pass, 0, &(basin_set){.y = w->grid + nx, .y_count = ny});
}

const float *WEB_EXPORT(web_measure)(web *w)
{
    if (!w->probe)
        return NULL;
    const basin_samples samples = {.n = w->n, .x = w->x, .y = w->y};
    basin_inference_answer(w->probe, &samples, NULL, w->n, false, 0, w->found);
    for (int i = 0; i < w->n; i++) {
        w->pairs[2 * i] = (float)w->found[i].e_c;
        w->pairs[2 * i + 1] = (float)w->found[i].e_i;
    }
    return w->pairs;
}

/* --------------------------------------------------------------------- cut */

enum { ENDS = WEB_CUT, RIGHT = WEB_CUT + 2, SET = WEB_CUT + 3, MARKS = 5 };

/* The wrong answer of lowest energy: a point of the grid, or one of the two at
 * exactly epsilon, where it very often lies. */
static void find_offender(
    const web *w, const float *y, const float *e, double right, float *mark)
{
    int best = -1;
    for (int i = 0; i < RIGHT; i++) {
        double away = (double)y[i] - right;
        bool wrong =
            i >= ENDS || away >= w->def.epsilon || -away >= w->def.epsilon;
        if (y[i] < y[0] || y[i] > y[WEB_CUT - 1])
            continue;
        if (wrong && (best < 0 || e[i] < e[best]))
            best = i;
    }
    mark[0] = best < 0 ? __builtin_nanf("") : y[best];
    mark[1] = best < 0 ? __builtin_nanf("") : e[best];
}

const float *WEB_EXPORT(web_cut)(web *w, double x, double right)
{
    if (!w->probe)
        return NULL;
    if (!w->cut_pass && open_pass(&w->cut_pass, w, 1, SET) != BASIN_OK)
        return NULL;
    if (!w->cut)
        w->cut = calloc(SET + WEB_CUT + MARKS, sizeof *w->cut);
    if (!w->cut)
        return NULL;
    const basin_space *space = &basin_energy_describe(w->energy)->y;
    float at = (float)x, *y = w->cut, *out = w->cut + SET;
    spread(y, WEB_CUT, (double)space->low, (double)space->high);
    y[ENDS] = (float)(right - w->def.epsilon);
    y[ENDS + 1] = (float)(right + w->def.epsilon);
    y[RIGHT] = (float)right;
    basin_pass_observe(w->cut_pass, &at, NULL, 1, false, 0);
    const float *e = basin_pass_evaluate(
        w->cut_pass, 0, &(basin_set){.y = y, .y_count = SET});
    for (int i = 0; i < WEB_CUT; i++)
        out[i] = e[i];
    float *marks = out + WEB_CUT;
    find_offender(w, y, e, right, marks + 2);
    marks[4] = e[RIGHT];
    if (basin_inference_predict(w->probe, &at, 1, &marks[0], NULL, &marks[1],
            &w->error) != BASIN_OK)
        marks[0] = marks[1] = __builtin_nanf("");
    return out;
}

const float *WEB_EXPORT(web_answers)(web *w, int n)
{
    if (!w->probe || n < 1 || n > w->n)
        return NULL;
    /* the pairs are room enough: they are measured again before they are
     * read */
    if (basin_inference_predict(
            w->probe, w->x, n, w->pairs, NULL, NULL, &w->error) != BASIN_OK)
        return NULL;
    return w->pairs;
}
