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

#include "cli/surface.h"
#include "data/checkpoint.h"
#include "data/text.h"

typedef struct plot_options {
    cli_files data;
    const char *out, *model, *history;
} plot_options;

/* ------------------------------------------------------------------ surface */

static basin_status draw(view_buffer *out, cli_surface *s, bool trained,
    const char *title, basin_error *error)
{
    view_scene scene = cli_surface_scene(s);
    scene.initial = s->initial;
    scene.current = trained ? s->current : NULL;
    basin__view_range(&scene.z0, &scene.z1, s->initial,
        trained ? s->current : NULL, CLI_SURFACE * CLI_SURFACE);
    if (trained)
        cli_surface_follow(&scene);
    scene.title = title;
    scene.caption = trained ? "before and after training" : NULL;
    return basin__view_surface(out, &scene, 1440, 700, error);
}

/* The weights before training come again from the seed. */
static basin_status draw_surface(view_buffer *out, const cli_model *model,
    const basin__samples *samples, bool trained, basin_error *error)
{
    cli_surface s = {.n = 0};
    basin_status status = cli_surface_open(&s, model, error);
    if (status == BASIN_OK) {
        if (trained)
            cli_surface_evaluate(&s, s.current);
        basin_energy_init(
            model->d.energy, (uint64_t)model->d.learning[BASIN__LEARN_SEED]);
        cli_surface_evaluate(&s, s.initial);
        if (!trained)
            memcpy(s.current, s.initial,
                sizeof(float) * CLI_SURFACE * CLI_SURFACE);
        if (samples)
            cli_surface_samples(&s, samples);
        const char *slash = strrchr(model->path, '/');
        status = draw(out, &s, trained, slash ? slash + 1 : model->path, error);
    }
    cli_surface_close(&s);
    return status;
}

/* ------------------------------------------------------------------- curves */

/* A column of the history over its epochs. */
static view_series series(const basin__table *t, double *room, int column,
    const char *name, view_colour colour, bool dashed)
{
    int rows = (int)t->rows, columns = (int)t->columns, n = 0;
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

/* Columns of a history; later versions have more, on the right. */
enum { HISTORY = 9 };

static basin_status draw_curves(
    view_buffer *out, const basin__table *t, basin_error *error)
{
    enum { LOSS = 1, E_C, E_I, HELD_OUT, SPREAD = 6, GAP, SIZE, BETA, BETA_Z };
    enum { SERIES = 9, CHARTS = 4 };
    size_t rows = (size_t)t->rows;
    double *room = calloc(2 * rows * SERIES + 1, sizeof *room);
    BASIN_REQUIRE(room, error, BASIN_E_MEMORY, "no memory for curves");
    view_series loss[2], energies[2], watched[3], betas[2];
    int n[CHARTS] = {0};
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
    for (int i = 0; i < 2 && BETA + i < t->columns; i++)
        n[3] = keep(betas, n[3],
            series(t, room + (7 + (size_t)i) * each, BETA + i,
                i ? "over Z" : "over Y", i ? VIEW_PURPLE : VIEW_GREEN, false));
    const view_chart all[CHARTS] = {
        {"Loss", "epoch", "mean loss", false, n[0], loss},
        {"Energies", "epoch", "mean energy", false, n[1], energies},
        {"The watch over the surface", "epoch", "energy", false, n[2], watched},
        {"Inverse temperature", "epoch", "beta", false, n[3], betas}};
    view_chart charts[CHARTS];
    int n_charts = 0;
    for (int i = 0; i < CHARTS; i++)
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

static basin_status plot_surface(const plot_options *o, cli_model *model,
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
            &samples, model, &o->data, own->train, CLI_LEARN, true, error);
    if (status == BASIN_OK && some)
        status = basin__scale_apply(&model->d, &samples, error);
    if (status == BASIN_OK && some)
        status = basin__samples_widen(&samples, error);
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
        status = basin__table_read(&table, history, &bytes, NULL, NULL, error);
    if (status == BASIN_OK && table.columns < HISTORY)
        status = basin_error_set(error, BASIN_E_FORMAT,
            "'%s' is no history of 'basin train': it has %lld columns, and not "
            "%d",
            history, (long long)table.columns, HISTORY);
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
    bool flat = info && cli_surface_fits(info);
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
