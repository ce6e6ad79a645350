/* SPDX-License-Identifier: MIT
 *
 * From a run's numbers to its pictures: which moments, which samples, which
 * scale. How they are drawn is the view room's affair.
 */
#include "cli/demo_pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SPHERES = 25, CONTACTS = 8 };

static const char *const titles[DEMO_KINDS] = {
    "Regression: the average squared energy, one net",
    "Collapse: the same loss, two nets",
    "Margin: the same two nets, square-square loss",
    "NLL: the same two nets, negative log-likelihood",
};

/* A scene at a time, with the samples that lie on it. */
typedef struct stage {
    const demo_run *run;
    view_scene scene;
    bool follows; /* the scale follows the surface */
    int n_spheres;
    double x[SPHERES], y[SPHERES], e[SPHERES];
    char caption[64];
} stage;

static const float *surface_at(const demo_run *run, int moment)
{
    return run->surfaces + (size_t)moment * DEMO_GRID * DEMO_GRID;
}

static void extent(const float *surface, double *low, double *high)
{
    *low = *high = (double)surface[0];
    for (int i = 1; i < DEMO_GRID * DEMO_GRID; i++) {
        double e = (double)surface[i];
        *low = e < *low ? e : *low;
        *high = e > *high ? e : *high;
    }
}

/* The height of the drawn surface, so that spheres lie on it. */
static double height(const float *surface, double x, double y)
{
    double u = (x + 1) / 2 * (DEMO_GRID - 1);
    double v = (y + 0.5) / 2 * (DEMO_GRID - 1);
    int i = (int)u < DEMO_GRID - 2 ? (int)u : DEMO_GRID - 2;
    int j = (int)v < DEMO_GRID - 2 ? (int)v : DEMO_GRID - 2;
    const float *at = surface + i * DEMO_GRID + j;
    u -= i;
    v -= j;
    return (1 - u) * ((1 - v) * (double)at[0] + v * (double)at[1]) +
           u * ((1 - v) * (double)at[DEMO_GRID] +
                   v * (double)at[DEMO_GRID + 1]);
}

static int by_x(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* A subset of the samples, spread evenly over X. */
static basin_status choose_spheres(stage *s, basin_error *error)
{
    int n = s->run->settings.samples;
    float *sorted = malloc((size_t)n * sizeof *sorted);
    BASIN_REQUIRE(sorted, error, BASIN_E_MEMORY, "no memory for a picture");
    memcpy(sorted, s->run->x, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, by_x);
    s->n_spheres = n < SPHERES ? n : SPHERES;
    for (int i = 0; i < s->n_spheres; i++) {
        int at = s->n_spheres > 1 ? i * (n - 1) / (s->n_spheres - 1) : 0;
        s->x[i] = (double)sorted[at];
        s->y[i] = s->x[i] * s->x[i];
    }
    free(sorted);
    return BASIN_OK;
}

static void set_moment(stage *s, int moment)
{
    const demo_run *run = s->run;
    const float *surface = surface_at(run, moment);
    for (int i = 0; i < s->n_spheres; i++)
        s->e[i] = height(surface, s->x[i], s->y[i]);
    if (s->follows) {
        double low, high;
        extent(surface, &low, &high);
        double below = low - 0.1 * (high - low);
        s->scene.z0 = below > 0 ? below : 0;
        s->scene.z1 = high > s->scene.z0 ? high : s->scene.z0 + 1;
    }
    basin_format(s->caption, sizeof s->caption, "epoch %d%s",
        (int)run->moment_epochs[moment],
        s->follows ? ", the scale of E follows" : "");
    s->scene.current = surface;
    s->scene.caption = s->caption;
    s->scene.progress =
        run->n_moments > 1 ? (double)moment / (run->n_moments - 1) : 1;
}

static basin_status open_stage(
    stage *s, const demo_run *run, basin_error *error)
{
    *s = (stage){.run = run, .scene = view_scene_default()};
    BASIN_TRY(choose_spheres(s, error));
    s->scene.nx = s->scene.ny = DEMO_GRID;
    s->scene.title = titles[run->spec - demo_specs];
    s->scene.n_samples = s->n_spheres;
    s->scene.sample_x = s->x;
    s->scene.sample_y = s->y;
    s->scene.sample_e = s->e;
    const float *last = surface_at(run, run->n_moments - 1);
    basin__view_range(&s->scene.z0, &s->scene.z1, surface_at(run, 0), last,
        DEMO_GRID * DEMO_GRID);
    /* Where even the lowest energies have left the range that shows the
     * start, no common scale shows both. */
    double low, high;
    extent(last, &low, &high);
    s->follows = low > 0.5 * s->scene.z1;
    return BASIN_OK;
}

static basin_status draw_surface(
    demo_run *run, view_buffer *out, basin_error *error)
{
    stage s;
    BASIN_TRY(open_stage(&s, run, error));
    set_moment(&s, 0);
    s.scene.initial_z0 = s.scene.z0;
    s.scene.initial_z1 = s.scene.z1;
    set_moment(&s, run->n_moments - 1);
    s.scene.initial = surface_at(run, 0);
    basin_format(s.caption, sizeof s.caption, "epoch %d", run->epochs_done);
    return basin__view_surface(out, &s.scene, 1440, 700, error);
}

static basin_status next_frame(
    view_scene *out, int index, void *user, basin_error *error)
{
    (void)error;
    stage *s = user;
    set_moment(s, index);
    *out = s->scene;
    return BASIN_OK;
}

static basin_status draw_film(demo_run *run, basin_error *error)
{
    stage s;
    BASIN_TRY(open_stage(&s, run, error));
    view_film film = view_film_default();
    film.n_frames = run->n_moments;
    film.frame = next_frame;
    film.user = &s;
    return basin__view_animation(
        &run->pictures->webp, &run->pictures->gif, &film, error);
}

static basin_status draw_contact(
    demo_run *run, view_buffer *out, basin_error *error)
{
    int n = run->n_moments < CONTACTS ? run->n_moments : CONTACTS;
    stage *stages = calloc((size_t)n, sizeof *stages);
    view_scene scenes[CONTACTS];
    BASIN_REQUIRE(stages, error, BASIN_E_MEMORY, "no memory for a picture");
    basin_status status = BASIN_OK;
    for (int i = 0; i < n && status == BASIN_OK; i++) {
        status = open_stage(&stages[i], run, error);
        set_moment(&stages[i], n > 1 ? i * (run->n_moments - 1) / (n - 1) : 0);
        scenes[i] = stages[i].scene;
        scenes[i].title = NULL;
    }
    if (status == BASIN_OK)
        status = basin__view_contact(
            out, scenes, n, titles[run->spec - demo_specs], error);
    free(stages);
    return status;
}

basin_status demo_draw_together(
    view_buffer *out, demo_run *const *runs, int n, basin_error *error)
{
    stage *stages = calloc((size_t)n, sizeof *stages);
    view_scene scenes[DEMO_KINDS];
    BASIN_REQUIRE(stages, error, BASIN_E_MEMORY, "no memory for a picture");
    basin_status status = BASIN_OK;
    for (int i = 0; i < n && status == BASIN_OK; i++) {
        status = open_stage(&stages[i], runs[i], error);
        set_moment(&stages[i], runs[i]->n_moments - 1);
        basin_format(stages[i].caption, sizeof stages[i].caption, "%s",
            runs[i]->spec->name);
        scenes[i] = stages[i].scene;
        scenes[i].title = NULL;
    }
    if (status == BASIN_OK)
        status = basin__view_contact(out, scenes, n, NULL, error);
    free(stages);
    return status;
}

/* ------------------------------------------------------------------- curves */

/* The records as columns. */
typedef struct columns {
    double *epoch, *loss, *right, *wrong;
} columns;

static basin_status open_columns(
    columns *c, const demo_run *run, basin_error *error)
{
    size_t n = (size_t)run->n_records;
    double *memory = malloc(4 * n * sizeof *memory);
    BASIN_REQUIRE(memory, error, BASIN_E_MEMORY, "no memory for the curves");
    *c = (columns){memory, memory + n, memory + 2 * n, memory + 3 * n};
    for (size_t i = 0; i < n; i++) {
        c->epoch[i] = run->records[i].epoch;
        c->loss[i] = run->records[i].loss;
        c->right[i] = run->records[i].right;
        c->wrong[i] = run->records[i].wrong;
    }
    return BASIN_OK;
}

static basin_status draw_curves(
    demo_run *run, view_buffer *out, basin_error *error)
{
    columns c;
    int n = run->n_records;
    BASIN_TRY(open_columns(&c, run, error));
    const view_series loss = {"loss", n, c.epoch, c.loss, VIEW_BLUE, false};
    const view_series energies[] = {
        {"most offending answer", n, c.epoch, c.wrong, VIEW_RED, true},
        {"right answer", n, c.epoch, c.right, VIEW_GREEN, false},
    };
    const view_chart charts[] = {
        {"Loss", "epoch", "mean loss of a sample", false, 1, &loss},
        {"Energies", "epoch", "mean energy", false, 2, energies},
    };
    basin_status status = basin__view_curves(out, charts, 2, 1440, 560, error);
    free(c.epoch);
    return status;
}

basin_status demo_draw(demo_run *run, basin_error *error)
{
    run->pictures = calloc(1, sizeof *run->pictures);
    BASIN_REQUIRE(
        run->pictures, error, BASIN_E_MEMORY, "no memory for pictures");
    BASIN_TRY(draw_surface(run, &run->pictures->surface, error));
    BASIN_TRY(draw_film(run, error));
    BASIN_TRY(draw_contact(run, &run->pictures->contact, error));
    return draw_curves(run, &run->pictures->curves, error);
}

void demo_free_pictures(demo_run *run)
{
    if (!run->pictures)
        return;
    basin__view_buffer_free(&run->pictures->surface);
    basin__view_buffer_free(&run->pictures->webp);
    basin__view_buffer_free(&run->pictures->gif);
    basin__view_buffer_free(&run->pictures->contact);
    basin__view_buffer_free(&run->pictures->curves);
    free(run->pictures);
    run->pictures = NULL;
}

/* ------------------------------------------------------------------- report */

enum { SETTINGS = 8 };

/* What the report needs beside a run, and borrows. */
typedef struct page {
    columns columns;
    char text[SETTINGS][64];
    view_setting settings[SETTINGS];
} page;

static void add_setting(
    page *p, int *n, const char *name, const char *format, double value)
{
    char number[32];
    basin_print_number(number, value, false);
    basin_format(p->text[*n], sizeof p->text[*n], format, number);
    p->settings[*n] = (view_setting){name, p->text[*n]};
    ++*n;
}

static int fill_settings(page *p, const demo_run *run)
{
    const demo_spec *spec = run->spec;
    int n = 0;
    add_setting(p, &n, "hidden units", spec->two_nets ? "%s in each net" : "%s",
        spec->hidden);
    add_setting(p, &n, "outputs", "%s", spec->code);
    add_setting(p, &n, "samples an update", "%s", run->settings.batch);
    add_setting(p, &n, "rate", "%s, falling in a straight line", spec->rate);
    add_setting(p, &n, "rate at the end", "%s of that", spec->rate_end);
    add_setting(p, &n, "answers on the grid", "%s", DEMO_GRID);
    if (spec->two_nets)
        add_setting(p, &n, "initial weights", "first layer within \xc2\xb1%s",
            spec->weight_range);
    return n;
}

static basin_status fill_outcome(
    view_outcome *out, page *p, const demo_run *run, basin_error *error)
{
    BASIN_TRY(open_columns(&p->columns, run, error));
    const demo_settings *s = &run->settings;
    double updates = run->epochs_done * (double)s->samples;
    bool margin = run->spec == &demo_specs[DEMO_MARGIN];
    *out = (view_outcome){.name = run->spec->name,
        .seed = s->seed,
        .samples = s->samples,
        .epochs = run->epochs_done,
        .epochs_asked = s->epochs,
        .seconds = run->seconds,
        .samples_per_second = updates / run->seconds,
        .mae = run->mae,
        .energy_right = run->energy_right,
        .energy_wrong = run->energy_wrong,
        .surface_std = run->surface_std,
        .surface_std_initial = run->surface_std_initial,
        .collapsed = run->collapsed,
        .final_loss = run->final_loss,
        .margin = margin ? run->spec->loss_setting.value : 0,
        .epsilon = 0.3,
        .beta = run->spec == &demo_specs[DEMO_NLL] ? 1 : 0,
        .history = {run->n_records, p->columns.epoch, p->columns.loss,
            p->columns.right, p->columns.wrong},
        .n_settings = fill_settings(p, run),
        .settings = p->settings,
        .animation = run->pictures->webp,
        .surface = run->pictures->surface,
        .curves = run->pictures->curves,
        .contact = run->pictures->contact};
    return BASIN_OK;
}

basin_status demo_draw_report(view_buffer *out, demo_run *const *runs, int n,
    const char *which, basin_error *error)
{
    page pages[DEMO_KINDS] = {0};
    view_outcome outcomes[DEMO_KINDS];
    char command[256];
    const demo_settings *s = &runs[0]->settings;
    basin_format(command, sizeof command,
        "basin demo %s --seed %llu --samples %d --epochs %d --batch %d", which,
        (unsigned long long)s->seed, s->samples, s->epochs, s->batch);
    basin_status status = BASIN_OK;
    for (int i = 0; i < n && status == BASIN_OK; i++)
        status = fill_outcome(&outcomes[i], &pages[i], runs[i], error);
    const view_report report = {basin_version(), command, n, outcomes};
    if (status == BASIN_OK)
        status = basin__view_report(out, &report, error);
    for (int i = 0; i < n; i++)
        free(pages[i].columns.epoch);
    return status;
}
