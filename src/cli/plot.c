/* SPDX-License-Identifier: MIT
 *
 * basin plot: the surface of a model whose X and Y are numbers, and the curves
 * of its training.
 */
#define _POSIX_C_SOURCE 200809L

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/open.h"
#include "data/checkpoint.h"
#include "data/text.h"
#include "inference/inference.h"
#include "view/view.h"

enum { GRID = 101, CAUSES = 21, SPHERES = 200 };

typedef struct plot_options {
    cli_files data;
    const char *out, *model, *history;
} plot_options;

/* ------------------------------------------------------------------ surface */

typedef struct surface {
    const cli_model *model;
    basin__cover z;
    basin_pass *pass;
    float x[GRID], y[GRID];
    float *initial, *current; /* (GRID, GRID) */
    int n;
    double sample_x[SPHERES], sample_y[SPHERES], sample_e[SPHERES];
} surface;

static float at(const basin_space *space, int i)
{
    double low = (double)space->low, high = (double)space->high;
    return (float)(low + (high - low) * i / (GRID - 1));
}

/* E over the grid, the least over Z. */
static void evaluate(surface *s, float *out)
{
    int causes = s->z.count;
    basin_pass_observe(s->pass, s->x, NULL, GRID, false, 0);
    const float *e = basin_pass_evaluate(s->pass, 0,
        &(basin_set){
            .y = s->y, .z = s->z.values, .y_count = GRID, .z_count = causes});
    for (int i = 0; i < GRID * GRID; i++, e += causes) {
        out[i] = e[0];
        for (int h = 1; h < causes; h++)
            if (e[h] < out[i])
                out[i] = e[h];
    }
}

static basin_status open_surface(
    surface *s, const cli_model *model, basin_error *error)
{
    const basin_energy_info *info = basin_energy_describe(model->d.energy);
    s->model = model;
    BASIN_REQUIRE(info->x.kind == BASIN_SPACE_BOX && info->x.dim == 1 &&
                      info->y.kind == BASIN_SPACE_BOX && info->y.dim == 1,
        error, BASIN_E_SERVE,
        "a surface can be drawn over one number X and one number Y; this "
        "model's X has %d, and its Y %s",
        info->x.dim,
        info->y.kind == BASIN_SPACE_LABELS ? "is a label" : "has others");
    for (int i = 0; i < GRID; i++) {
        s->x[i] = at(&info->x, i);
        s->y[i] = at(&info->y, i);
    }
    s->initial = calloc((size_t)2 * GRID * GRID, sizeof *s->initial);
    BASIN_REQUIRE(s->initial, error, BASIN_E_MEMORY, "no memory for a surface");
    s->current = s->initial + GRID * GRID;
    BASIN_TRY(basin__cover_init(&s->z, model->ctx, &info->z, CAUSES, 0, error));
    basin_pass_def def = {.samples = GRID,
        .n_slots = 1,
        .slots = {{.y = {GRID, false}, .z = {s->z.count, false}}}};
    return basin_pass_create(&s->pass, model->d.energy, &def, error);
}

static void close_surface(surface *s)
{
    basin_pass_destroy(s->pass);
    basin__cover_finish(&s->z);
    free(s->initial);
}

/* The drawn height over a point. */
static double height(const surface *s, double x, double y)
{
    double u = (x - (double)s->x[0]) / (double)(s->x[GRID - 1] - s->x[0]);
    double v = (y - (double)s->y[0]) / (double)(s->y[GRID - 1] - s->y[0]);
    int i = (int)(u * (GRID - 1)), j = (int)(v * (GRID - 1));
    i = i < 0 ? 0 : i > GRID - 2 ? GRID - 2 : i;
    j = j < 0 ? 0 : j > GRID - 2 ? GRID - 2 : j;
    u = u * (GRID - 1) - i;
    v = v * (GRID - 1) - j;
    const float *e = s->current + i * GRID + j;
    return (1 - u) * ((1 - v) * (double)e[0] + v * (double)e[1]) +
           u * ((1 - v) * (double)e[GRID] + v * (double)e[GRID + 1]);
}

static void place_samples(surface *s, const basin__samples *samples)
{
    s->n = samples->n < SPHERES ? samples->n : SPHERES;
    for (int i = 0; i < s->n; i++) {
        int row = (int)((int64_t)i * samples->n / s->n);
        s->sample_x[i] = (double)samples->x[row];
        s->sample_y[i] = (double)samples->y[row];
        s->sample_e[i] = height(s, s->sample_x[i], s->sample_y[i]);
    }
}

/* A surface that left the first one's range has a scale of its own. */
static void follow(view_scene *scene)
{
    double low = (double)scene->current[0], high = low;
    for (int i = 1; i < GRID * GRID; i++) {
        double e = (double)scene->current[i];
        low = e < low ? e : low;
        high = e > high ? e : high;
    }
    scene->initial_z0 = scene->z0;
    scene->initial_z1 = scene->z1;
    if (!(low > 0.5 * scene->z1) || !(high > low))
        return;
    double below = low - 0.1 * (high - low);
    scene->z0 = below > 0 ? below : 0;
    scene->z1 = high;
}

static basin_status draw(view_buffer *out, surface *s, bool trained,
    const char *title, basin_error *error)
{
    view_scene scene = view_scene_default();
    scene.nx = scene.ny = GRID;
    scene.x0 = (double)s->x[0];
    scene.x1 = (double)s->x[GRID - 1];
    scene.y0 = (double)s->y[0];
    scene.y1 = (double)s->y[GRID - 1];
    scene.initial = s->initial;
    scene.current = trained ? s->current : NULL;
    basin__view_range(&scene.z0, &scene.z1, s->initial,
        trained ? s->current : NULL, GRID * GRID);
    if (trained)
        follow(&scene);
    scene.n_samples = s->n;
    scene.sample_x = s->sample_x;
    scene.sample_y = s->sample_y;
    scene.sample_e = s->sample_e;
    scene.title = title;
    scene.caption = trained ? "before and after training" : NULL;
    return basin__view_surface(out, &scene, 1440, 700, error);
}

/* The weights before training come again from the seed. */
static basin_status draw_surface(view_buffer *out, const cli_model *model,
    const basin__samples *samples, bool trained, basin_error *error)
{
    surface s = {.n = 0};
    basin_status status = open_surface(&s, model, error);
    if (status == BASIN_OK) {
        if (trained)
            evaluate(&s, s.current);
        basin_energy_init(
            model->d.energy, (uint64_t)model->d.learning[BASIN__LEARN_SEED]);
        evaluate(&s, s.initial);
        if (!trained)
            memcpy(s.current, s.initial, sizeof(float) * GRID * GRID);
        if (samples)
            place_samples(&s, samples);
        const char *slash = strrchr(model->path, '/');
        status = draw(out, &s, trained, slash ? slash + 1 : model->path, error);
    }
    close_surface(&s);
    return status;
}

/* ------------------------------------------------------------------- curves */

/* A column of the history over its epochs. */
static view_series series(const basin__table *t, double *room, int column,
    const char *name, view_colour colour, bool dashed)
{
    int rows = (int)t->values.dims[0], columns = (int)t->values.dims[1], n = 0;
    double *x = room, *y = room + rows;
    for (int i = 0; i < rows; i++) {
        const float *row = t->values.values + (size_t)i * columns;
        if (!isfinite(row[column]))
            continue;
        x[n] = (double)row[0];
        y[n++] = (double)row[column];
    }
    return (view_series){.name = name,
        .n = n,
        .x = x,
        .y = y,
        .colour = colour,
        .dashed = dashed};
}

static int keep(view_series *all, int n, view_series one)
{
    if (one.n < 2)
        return n;
    all[n] = one;
    return n + 1;
}

static basin_status draw_curves(
    view_buffer *out, const basin__table *t, basin_error *error)
{
    enum { LOSS = 1, E_C, E_I, HELD_OUT, SPREAD = 6, GAP, SIZE, SERIES = 7 };
    size_t rows = (size_t)t->values.dims[0];
    double *room = calloc(2 * rows * SERIES + 1, sizeof *room);
    BASIN_REQUIRE(room, error, BASIN_E_MEMORY, "no memory for curves");
    view_series loss[2], energies[2], watched[3];
    int n[3] = {0, 0, 0};
    const size_t each = 2 * rows;
    n[0] =
        keep(loss, n[0], series(t, room, LOSS, "trained", VIEW_GREEN, false));
    n[0] = keep(loss, n[0],
        series(t, room + each, HELD_OUT, "held out", VIEW_BLUE, false));
    n[1] = keep(energies, n[1],
        series(t, room + 2 * each, E_C, "right", VIEW_GREEN, false));
    n[1] = keep(energies, n[1],
        series(t, room + 3 * each, E_I, "wrong", VIEW_RED, false));
    n[2] = keep(watched, n[2],
        series(t, room + 4 * each, SPREAD, "spread", VIEW_PURPLE, false));
    n[2] = keep(
        watched, n[2], series(t, room + 5 * each, GAP, "gap", VIEW_RED, false));
    n[2] = keep(watched, n[2],
        series(t, room + 6 * each, SIZE, "size", VIEW_GREY, false));
    const view_chart all[3] = {
        {"Loss", "epoch", "mean loss", false, n[0], loss},
        {"Energies", "epoch", "mean energy", false, n[1], energies},
        {"The watch over the surface", "epoch", "energy", false, n[2],
            watched}};
    view_chart charts[3];
    int n_charts = 0;
    for (int i = 0; i < 3; i++)
        if (n[i])
            charts[n_charts++] = all[i];
    basin_status status =
        n_charts ? basin__view_curves(out, charts, n_charts, 1440, 480, error)
                 : basin_error_set(error, BASIN_E_FORMAT,
                       "the history has no two epochs to draw a line through");
    free(room);
    return status;
}

/* ------------------------------------------------------------------ command */

static basin_status write_picture(const char *folder, const char *file,
    const view_buffer *bytes, basin_error *error)
{
    char path[BASIN__PATH], quote[BASIN__QUOTE];
    basin_format(path, sizeof path, "%s/%s", folder, file);
    BASIN_TRY(basin_file_write(path, bytes->data, bytes->size, error));
    printf("%s\n", basin__quote_path(quote, path));
    return BASIN_OK;
}

static basin_status plot_surface(const plot_options *o, const cli_model *model,
    const char *folder, bool trained, basin_error *error)
{
    basin__samples samples = {.ctx = model->ctx};
    view_buffer png = {0};
    basin_status status = BASIN_OK;
    const basin__data_def *own =
        model->described.energy ? &model->described.data : &model->d.data;
    bool some = o->data.n > 0 || own->train || own->rows;
    if (some)
        status = cli_read_samples(
            &samples, model, &o->data, own->train, true, error);
    if (status == BASIN_OK && some)
        basin__scale_apply(&model->d, &samples);
    if (status == BASIN_OK)
        status =
            draw_surface(&png, model, some ? &samples : NULL, trained, error);
    if (status == BASIN_OK)
        status = write_picture(folder, "surface.png", &png, error);
    basin__view_buffer_free(&png);
    basin__samples_finish(&samples);
    return status;
}

static basin_status plot_curves(const cli_model *model, const char *history,
    const char *folder, basin_error *error)
{
    basin_bytes bytes;
    basin__table table = {.values = {.ctx = model->ctx}};
    view_buffer png = {0};
    basin_bytes_init(&bytes, model->ctx);
    basin_status status = basin_file_read(&bytes, history, error);
    if (status == BASIN_OK)
        status = basin__table_read(
            &table, model->ctx, history, bytes.data, bytes.size, error);
    if (status == BASIN_OK && table.values.dims[1] != BASIN__MOMENT_NUMBERS)
        status = basin_error_set(error, BASIN_E_FORMAT,
            "'%s' is no history of 'basin train': it has %lld columns, not %d",
            history, (long long)table.values.dims[1], BASIN__MOMENT_NUMBERS);
    if (status == BASIN_OK)
        status = draw_curves(&png, &table, error);
    if (status == BASIN_OK)
        status = write_picture(folder, "curves.png", &png, error);
    basin__view_buffer_free(&png);
    basin__table_finish(&table);
    basin_bytes_finish(&bytes);
    return status;
}

/* The folder of a path, "." where it names none. */
static void folder_of(char out[BASIN__PATH], const char *path)
{
    const char *slash = strrchr(path, '/');
    basin_format(out, BASIN__PATH, "%.*s", slash ? (int)(slash - path) : 1,
        slash ? path : ".");
}

static basin_status plot(const void *options, basin_context *ctx,
    const char *path, basin_error *error)
{
    const plot_options *o = options;
    cli_model model;
    char beside[BASIN__PATH], folder[BASIN__PATH], history[BASIN__PATH];
    char stem[BASIN__PATH];
    cli_default_out(stem, path);
    basin_format(beside, sizeof beside, "%s/model.safetensors",
        o->model ? o->model : stem);
    bool trained = !cli_is_yaml(path) || access(beside, F_OK) == 0;
    basin_status status =
        trained ? cli_open_trained(&model, ctx, path, o->model, error)
                : cli_open_yaml(&model, ctx, path, error);
    if (status == BASIN_OK) {
        folder_of(beside, trained ? model.loaded : path);
        basin_format(folder, sizeof folder, "%s", o->out ? o->out : beside);
        basin_format(history, sizeof history, "%s/history.csv", beside);
        if (o->out)
            status = basin_folder_make(o->out, error);
    }
    const basin_energy_info *info =
        status == BASIN_OK ? basin_energy_describe(model.d.energy) : NULL;
    const char *from = o->history ? o->history : history;
    bool curves = status == BASIN_OK &&
                  (o->history || (trained && access(history, F_OK) == 0));
    bool flat = info && info->x.dim == 1 && info->y.dim == 1 &&
                info->x.kind == BASIN_SPACE_BOX &&
                info->y.kind == BASIN_SPACE_BOX;
    if (curves)
        status = plot_curves(&model, from, folder, error);
    if (status == BASIN_OK && (flat || !curves))
        status = plot_surface(o, &model, folder, trained, error);
    cli_close_model(&model);
    return status;
}

int cli_plot(int argc, char **argv)
{
    plot_options o = {.out = NULL};
    const cli_option options[] = {
        {"data", CLI_FILES, &o.data, 0, 0, "FILE",
            "samples to show on the surface"},
        {"out", CLI_TEXT, &o.out, 0, 0, "DIR",
            "where the pictures go (default: beside the model)"},
        {"model", CLI_TEXT, &o.model, 0, 0, "DIR",
            "the folder that 'basin train' wrote to (default: MODEL's name)"},
        {"history", CLI_TEXT, &o.history, 0, 0, "FILE",
            "the curves' numbers (default: history.csv beside the model)"},
    };
    const cli_usage usage = {"plot", "MODEL.yaml|MODEL.safetensors",
        "Draw a model's surface, and the curves of its training.", options,
        sizeof options / sizeof *options, 1, 1};
    return cli_command(&usage, argc, argv, plot, &o, NULL);
}
