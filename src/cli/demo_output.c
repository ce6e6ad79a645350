/* SPDX-License-Identifier: MIT
 *
 * What a demonstration writes: arrays, the model, the manifest, the pictures.
 * Everything is written beside its place first, and gets its name when all of
 * it is there, so that an older result stays whole when a run fails.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/demo.h"
#include "cli/demo_pictures.h"
#include "data/file.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH = BASIN__PATH, FILES = 12 /* of a demonstration, at most */ };

/** @param demo NULL: of all */
static basin_status join(char *out, const demo_settings *settings,
    const char *demo, const char *file, basin_error *error)
{
    size_t length = basin_format(out, PATH, "%s/%s%s%s", settings->out,
        demo ? demo : "", demo && *file ? "/" : "", file);
    BASIN_REQUIRE(length < PATH, error, BASIN_E_IO,
        "--out is too long: the path of %s in it would be longer than %d bytes",
        *file ? file : demo, PATH - 1);
    return BASIN_OK;
}

static basin_status write_file(demo_output *output, const char *demo,
    const char *file, const void *data, size_t size, basin_error *error)
{
    char path[PATH];
    BASIN_TRY(join(path, output->settings, demo, file, error));
    BASIN_TRY(basin__file_stage(
        &output->files[output->n_files], path, data, size, error));
    output->n_files++;
    return BASIN_OK;
}

/* ------------------------------------------------------------------ folders */

/* Make a folder and those above it, and remember which were not there. */
static basin_status make_folder(
    demo_output *output, const char *path, basin_error *error)
{
    char part[PATH];
    size_t length = strlen(path);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        memcpy(part, path, i);
        part[i] = '\0';
        if (access(part, F_OK) == 0)
            continue;
        BASIN_TRY(basin_folder_make(part, error));
        if (output->n_made < DEMO_FOLDERS) {
            char *copy = strdup(part);
            BASIN_REQUIRE(copy, error, BASIN_E_MEMORY, "no memory for a path");
            output->made[output->n_made++] = copy;
        }
    }
    return basin_folder_make(path, error); /* is what was there a folder? */
}

/* Can a file of this name be written? */
static basin_status try_file(
    demo_output *output, const char *demo, const char *file, basin_error *error)
{
    char path[PATH];
    basin__staged *staged = output->files;
    BASIN_TRY(join(path, output->settings, demo, file, error));
    BASIN_TRY(basin__file_stage(staged, path, "", 0, error));
    basin__file_drop(staged);
    return BASIN_OK;
}

basin_status demo_output_prepare(
    demo_output *output, const demo_kind *kinds, int n, basin_error *error)
{
    if (output->settings->no_pictures)
        return BASIN_OK;
    char path[PATH];
    output->files = calloc((size_t)n * FILES + 2, sizeof *output->files);
    BASIN_REQUIRE(
        output->files, error, BASIN_E_MEMORY, "no memory for the results");
    for (int i = 0; i < n; i++) {
        const char *demo = demo_specs[kinds[i]].name;
        BASIN_TRY(join(path, output->settings, demo, "", error));
        BASIN_TRY(make_folder(output, path, error));
        BASIN_TRY(try_file(output, demo, "manifest.json", error));
    }
    return try_file(output, NULL, "index.html", error);
}

void demo_output_finish(demo_output *output)
{
    for (int i = 0; i < output->n_files; i++)
        basin__file_drop(&output->files[i]);
    for (int i = output->n_made; i-- > 0;) {
        rmdir(output->made[i]); /* refused where something is in it */
        free(output->made[i]);
    }
    free(output->files);
    *output = (demo_output){0};
}

/* ----------------------------------------------------------------- manifest */

/* Enough to repeat the run. It names no machine, time or thread count: none of
 * them changes the results. */
static json_t *manifest_of(const demo_run *run)
{
    const demo_spec *spec = run->spec;
    const demo_settings *s = &run->settings;
    char command[256];
    basin_format(command, sizeof command,
        "basin demo %s --seed %llu --samples %d --epochs %d --batch %d",
        spec->name, (unsigned long long)s->seed, s->samples, s->epochs,
        s->batch);
    json_t *out =
        json_pack("{s:s, s:s, s:s, s:I, s:i, s:i, s:i, s:i, s:s, s:f, s:f}",
            "basin", basin_version(), "demo", spec->name, "command", command,
            "seed", (json_int_t)s->seed, "samples", s->samples, "epochs",
            s->epochs, "epochs_done", run->epochs_done, "batch", s->batch,
            "optimiser", "sgd", "rate", spec->rate, "rate_end", spec->rate_end);
    json_object_set_new(out, "loss", json_string(spec->loss));
    if (spec->loss_setting.name)
        json_object_set_new(
            out, spec->loss_setting.name, json_real(spec->loss_setting.value));
    json_object_set_new(out, "energy",
        json_string(
            spec->two_nets ? "l1(x-net(X), y-net(Y))" : "l1(x-net(X), Y)"));
    json_object_set_new(out, "inference",
        json_pack("{s:s, s:i, s:f, s:f}", "name", "grid", "points", DEMO_GRID,
            "epsilon", 0.3, "beta", 1.0));
    return out;
}

static basin_status write_manifest(
    demo_output *output, const demo_run *run, basin_error *error)
{
    json_t *json = manifest_of(run);
    char *text =
        json ? json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(10))
             : NULL;
    json_decref(json);
    BASIN_REQUIRE(text, error, BASIN_E_MEMORY, "no memory for the manifest");
    size_t length = strlen(text);
    text[length] = '\n'; /* in place of the NUL */
    basin_status status = write_file(
        output, run->spec->name, "manifest.json", text, length + 1, error);
    free(text);
    return status;
}

/* ------------------------------------------------------------------- arrays */

static basin_status write_npy(demo_output *output, demo_run *run,
    const char *file, int n_dims, const int64_t *dims, const float *values,
    basin_error *error)
{
    basin_array array = {0};
    BASIN_TRY(basin_array_init(&array, run->ctx, n_dims, dims, error));
    memcpy(array.values, values, basin_array_size(&array) * sizeof(float));
    basin_bytes bytes;
    basin_bytes_init(&bytes, run->ctx);
    basin_status status = basin_npy_write(&bytes, &array, error);
    if (status == BASIN_OK)
        status = write_file(
            output, run->spec->name, file, bytes.data, bytes.size, error);
    basin_bytes_finish(&bytes);
    basin_array_finish(&array);
    return status;
}

static basin_status write_arrays(
    demo_output *output, demo_run *run, basin_error *error)
{
    const int64_t dims[2] = {DEMO_GRID, DEMO_GRID};
    float x[DEMO_GRID], y[DEMO_GRID];
    for (int i = 0; i < DEMO_GRID; i++) {
        x[i] = demo_grid_x(i);
        y[i] = demo_grid_y(i);
    }
    const float *last =
        run->surfaces + (size_t)(run->n_moments - 1) * DEMO_GRID * DEMO_GRID;
    BASIN_TRY(write_npy(output, run, "surface.npy", 2, dims, last, error));
    BASIN_TRY(write_npy(output, run, "x.npy", 1, dims, x, error));
    return write_npy(output, run, "y.npy", 1, dims, y, error);
}

static basin_status write_history(
    demo_output *output, demo_run *run, basin_error *error)
{
    static const char *const names[] = {
        "epoch", "loss", "energy_right", "energy_wrong"};
    const int64_t dims[2] = {run->n_records, 4};
    basin_array table = {0};
    BASIN_TRY(basin_array_init(&table, run->ctx, 2, dims, error));
    for (int i = 0; i < run->n_records; i++) {
        const demo_record *r = &run->records[i];
        const double row[4] = {r->epoch, r->loss, r->right, r->wrong};
        for (int j = 0; j < 4; j++)
            table.values[4 * i + j] = (float)row[j];
    }
    basin_bytes bytes;
    basin_bytes_init(&bytes, run->ctx);
    basin_status status = basin_csv_write(&bytes, &table, names, error);
    if (status == BASIN_OK)
        status = write_file(output, run->spec->name, "history.csv", bytes.data,
            bytes.size, error);
    basin_bytes_finish(&bytes);
    basin_array_finish(&table);
    return status;
}

static basin_status write_model(
    demo_output *output, demo_run *run, basin_error *error)
{
    basin_bytes bytes;
    basin_bytes_init(&bytes, run->ctx);
    basin_status status = basin_model_write(&bytes, run->energy, error);
    if (status == BASIN_OK)
        status = write_file(output, run->spec->name, "model.safetensors",
            bytes.data, bytes.size, error);
    basin_bytes_finish(&bytes);
    return status;
}

/* ----------------------------------------------------------------- pictures */

static basin_status write_pictures(
    demo_output *output, demo_run *run, basin_error *error)
{
    const struct {
        const char *file;
        const view_buffer *bytes;
    } files[] = {
        {"surface.png", &run->pictures->surface},
        {"training.webp", &run->pictures->webp},
        {"training.gif", &run->pictures->gif},
        {"contact.png", &run->pictures->contact},
        {"curves.png", &run->pictures->curves},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        BASIN_TRY(write_file(output, run->spec->name, files[i].file,
            files[i].bytes->data, files[i].bytes->size, error));
    return BASIN_OK;
}

static basin_status write_run(
    demo_output *output, demo_run *run, basin_error *error)
{
    BASIN_TRY(write_manifest(output, run, error));
    BASIN_TRY(write_model(output, run, error));
    BASIN_TRY(write_arrays(output, run, error));
    BASIN_TRY(write_history(output, run, error));
    return write_pictures(output, run, error);
}

/* What shows all runs at once. */
static basin_status write_report(demo_output *output, demo_run *runs, int n,
    const char *which, basin_error *error)
{
    demo_run *all[DEMO_KINDS];
    for (int i = 0; i < n; i++)
        all[i] = &runs[i];
    view_buffer bytes = {0};
    basin_status status = demo_draw_report(&bytes, all, n, which, error);
    if (status == BASIN_OK)
        status = write_file(
            output, NULL, "index.html", bytes.data, bytes.size, error);
    basin__view_buffer_free(&bytes);
    if (status != BASIN_OK || n == 1)
        return status;
    status = demo_draw_together(&bytes, all, n, error);
    if (status == BASIN_OK)
        status = write_file(
            output, NULL, "surfaces.png", bytes.data, bytes.size, error);
    basin__view_buffer_free(&bytes);
    return status;
}

basin_status demo_output_write(demo_output *output, demo_run *runs, int n,
    const char *which, basin_error *error)
{
    for (int i = 0; i < n; i++)
        BASIN_TRY(write_run(output, &runs[i], error));
    BASIN_TRY(write_report(output, runs, n, which, error));
    for (int i = 0; i < output->n_files; i++)
        BASIN_TRY(basin__file_commit(&output->files[i], error));
    return BASIN_OK;
}
