/* SPDX-License-Identifier: MIT
 *
 * What a demonstration writes: arrays, the model, the manifest.
 */
#include "cli/demo.h"
#include "cli/demo_pictures.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH = 4096 };

static basin_status join(char *out, const demo_settings *settings,
    const char *demo, const char *file, basin_error *error)
{
    size_t length = basin_format(
        out, PATH, "%s/%s/%s", settings->out, demo, file);
    BASIN_REQUIRE(length < PATH, error, BASIN_E_IO,
        "the path of %s is longer than %d bytes", file, PATH - 1);
    return BASIN_OK;
}

static basin_status write_file(const demo_settings *settings,
    const char *demo, const char *file, const void *data, size_t size,
    basin_error *error)
{
    char path[PATH];
    BASIN_TRY(join(path, settings, demo, file, error));
    return basin_file_write(path, data, size, error);
}

/* ----------------------------------------------------------------- manifest */

/* Enough to repeat the run. It names no machine, time or thread count: none of
 * them changes the results. */
static json_t *manifest_of(const demo_spec *spec, const demo_settings *s)
{
    char command[256];
    basin_format(command, sizeof command,
        "basin demo %s --seed %llu --samples %d --epochs %d --batch %d",
        spec->name, (unsigned long long)s->seed, s->samples, s->epochs,
        s->batch);
    json_t *out = json_pack(
        "{s:s, s:s, s:s, s:I, s:i, s:i, s:i, s:s, s:f, s:f}", "basin",
        basin_version(), "demo", spec->name, "command", command, "seed",
        (json_int_t)s->seed, "samples", s->samples, "epochs", s->epochs,
        "batch", s->batch, "optimiser", "sgd", "rate", spec->rate,
        "rate_end", spec->rate_end);
    json_object_set_new(out, "loss", json_string(spec->loss));
    if (spec->loss_setting.name)
        json_object_set_new(out, spec->loss_setting.name,
            json_real(spec->loss_setting.value));
    json_object_set_new(out, "energy",
        json_string(spec->two_nets ? "l1(x-net(X), y-net(Y))"
                                   : "l1(x-net(X), Y)"));
    json_object_set_new(out, "inference",
        json_pack("{s:s, s:i, s:f, s:f}", "name", "grid", "points",
            DEMO_GRID, "epsilon", 0.3, "beta", 1.0));
    return out;
}

static basin_status write_manifest(
    const demo_spec *spec, const demo_settings *s, basin_error *error)
{
    json_t *json = manifest_of(spec, s);
    char *text = json
        ? json_dumps(json, JSON_INDENT(2) | JSON_REAL_PRECISION(10))
        : NULL;
    json_decref(json);
    BASIN_REQUIRE(text, error, BASIN_E_MEMORY, "no memory for the manifest");
    size_t length = strlen(text);
    text[length] = '\n'; /* in place of the NUL */
    basin_status status = write_file(
        s, spec->name, "manifest.json", text, length + 1, error);
    free(text);
    return status;
}

basin_status demo_prepare_output(const demo_settings *settings,
    const demo_kind *kinds, int n, basin_error *error)
{
    char path[PATH];
    for (int i = 0; i < n && !settings->no_pictures; i++) {
        const demo_spec *spec = &demo_specs[kinds[i]];
        BASIN_TRY(join(path, settings, spec->name, "", error));
        BASIN_TRY(basin_folder_make(path, error));
        BASIN_TRY(write_manifest(spec, settings, error));
    }
    return BASIN_OK;
}

/* ------------------------------------------------------------------- arrays */

static basin_status write_npy(demo_run *run, const char *file, int n_dims,
    const int64_t *dims, const float *values, basin_error *error)
{
    basin_array array = {0};
    BASIN_TRY(basin_array_init(&array, run->ctx, n_dims, dims, error));
    memcpy(array.values, values, basin_array_size(&array) * sizeof(float));
    basin_bytes bytes;
    basin_bytes_init(&bytes, run->ctx);
    basin_status status = basin_npy_write(&bytes, &array, error);
    if (status == BASIN_OK)
        status = write_file(&run->settings, run->spec->name, file, bytes.data,
            bytes.size, error);
    basin_bytes_finish(&bytes);
    basin_array_finish(&array);
    return status;
}

static basin_status write_arrays(demo_run *run, basin_error *error)
{
    const int64_t dims[2] = {DEMO_GRID, DEMO_GRID};
    float x[DEMO_GRID], y[DEMO_GRID];
    for (int i = 0; i < DEMO_GRID; i++) {
        x[i] = demo_grid_x(i);
        y[i] = demo_grid_y(i);
    }
    const float *last = run->surfaces +
        (size_t)(run->n_moments - 1) * DEMO_GRID * DEMO_GRID;
    BASIN_TRY(write_npy(run, "surface.npy", 2, dims, last, error));
    BASIN_TRY(write_npy(run, "x.npy", 1, dims, x, error));
    return write_npy(run, "y.npy", 1, dims, y, error);
}

static basin_status write_history(demo_run *run, basin_error *error)
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
        status = write_file(&run->settings, run->spec->name, "history.csv",
            bytes.data, bytes.size, error);
    basin_bytes_finish(&bytes);
    basin_array_finish(&table);
    return status;
}

static basin_status write_model(demo_run *run, basin_error *error)
{
    basin_bytes bytes;
    basin_bytes_init(&bytes, run->ctx);
    basin_status status = basin_model_write(&bytes, run->energy, error);
    if (status == BASIN_OK)
        status = write_file(&run->settings, run->spec->name,
            "model.safetensors", bytes.data, bytes.size, error);
    basin_bytes_finish(&bytes);
    return status;
}

/* ----------------------------------------------------------------- pictures */

static basin_status write_pictures(demo_run *run, basin_error *error)
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
        BASIN_TRY(write_file(&run->settings, run->spec->name, files[i].file,
            files[i].bytes->data, files[i].bytes->size, error));
    return BASIN_OK;
}

basin_status demo_write_run(demo_run *run, basin_error *error)
{
    BASIN_TRY(write_model(run, error));
    BASIN_TRY(write_arrays(run, error));
    BASIN_TRY(write_history(run, error));
    BASIN_TRY(demo_draw(run, error));
    return write_pictures(run, error);
}

basin_status demo_write_report(demo_run *const *runs, int n,
    const char *which, basin_error *error)
{
    const demo_settings *s = &runs[0]->settings;
    view_buffer html = {0};
    BASIN_TRY(demo_draw_report(&html, runs, n, which, error));
    basin_status status =
        write_file(s, ".", "index.html", html.data, html.size, error);
    basin__view_buffer_free(&html);
    return status;
}
