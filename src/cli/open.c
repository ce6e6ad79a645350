/* SPDX-License-Identifier: MIT
 *
 * Opening what the user names: models, data, and how good the answers are.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/open.h"

#include <string.h>
#include <unistd.h>

#include "data/model.h"

/* -------------------------------------------------------------------- paths */

bool cli_ends_in(const char *path, const char *suffix)
{
    size_t n = strlen(path), m = strlen(suffix);
    return n > m && strcmp(path + n - m, suffix) == 0;
}

bool cli_is_yaml(const char *path)
{
    return cli_ends_in(path, ".yaml") || cli_ends_in(path, ".yml");
}

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

void cli_default_out(char out[BASIN__PATH], const char *path)
{
    basin_format(out, BASIN__PATH, "%s", base_of(path));
    char *dot = strrchr(out, '.');
    if (dot && dot > out)
        *dot = '\0';
}

static void remember_folder(cli_model *model, const char *path)
{
    int length = (int)(base_of(path) - path);
    basin_format(model->folder, sizeof model->folder, "%.*s", length, path);
}

/* ------------------------------------------------------------------- models */

basin_status cli_in_model(
    const cli_model *model, basin_status status, basin_error *error)
{
    if (status != BASIN_OK && error->line && !error->file[0])
        basin_error_place(error, model->path, error->line, error->column);
    return status;
}

basin_status cli_open_yaml(
    cli_model *out, basin_context *ctx, const char *path, basin_error *error)
{
    basin_bytes bytes;
    *out = (cli_model){.ctx = ctx, .path = path};
    remember_folder(out, path);
    basin_bytes_init(&bytes, ctx);
    basin_status status = basin_file_read(&bytes, path, error);
    if (status == BASIN_OK) {
        status = basin__description_read(
            &out->d, ctx, bytes.data, bytes.size, error);
        if (status != BASIN_OK)
            basin_error_place(error, path, error->line, error->column);
    }
    basin_bytes_finish(&bytes);
    return status;
}

static basin_status load(
    cli_model *out, basin_context *ctx, const char *path, basin_error *error)
{
    basin_bytes bytes;
    basin_bytes_init(&bytes, ctx);
    basin_status status = basin_file_read(&bytes, path, error);
    if (status == BASIN_OK) {
        status = basin__description_load(
            &out->d, ctx, bytes.data, bytes.size, error);
        if (status != BASIN_OK)
            basin_error_place(error, path, 0, 0);
        if (status == BASIN_E_NONFINITE)
            status = error->code = BASIN_E_FORMAT;
    }
    basin_bytes_finish(&bytes);
    return status;
}

/* Is the trained model what the description says now? */
static basin_status same_energy(
    const cli_model *model, basin_energy *described, basin_error *error)
{
    basin_bytes a, b;
    basin_bytes_init(&a, model->ctx);
    basin_bytes_init(&b, model->ctx);
    basin_status status = basin__model_describe(&a, described, error);
    if (status == BASIN_OK)
        status = basin__model_describe(&b, model->d.energy, error);
    char quote[BASIN__QUOTE];
    if (status == BASIN_OK &&
        (a.size != b.size || memcmp(a.data, b.data, a.size) != 0))
        status = basin_error_set(error, BASIN_E_SERVE,
            "the energy in %s has changed since '%s' was trained; train it "
            "again",
            base_of(model->path), basin__quote_path(quote, model->loaded));
    basin_bytes_finish(&a);
    basin_bytes_finish(&b);
    return status;
}

basin_status cli_open_trained(cli_model *out, basin_context *ctx,
    const char *path, const char *out_dir, basin_error *error)
{
    *out = (cli_model){.ctx = ctx, .path = path};
    remember_folder(out, path);
    basin_format(out->loaded, sizeof out->loaded, "%s", path);
    if (!cli_is_yaml(path))
        return load(out, ctx, path, error);
    cli_model described;
    char stem[BASIN__PATH], quote[BASIN__QUOTE];
    cli_default_out(stem, path);
    basin_format(out->loaded, sizeof out->loaded, "%s/model.safetensors",
        out_dir ? out_dir : stem);
    basin_status status = cli_open_yaml(&described, ctx, path, error);
    if (status == BASIN_OK && access(out->loaded, F_OK) != 0)
        status = basin_error_set(error, BASIN_E_IO,
            "there is no trained model '%s' yet; run 'basin train %s' first",
            basin__quote_path(quote, out->loaded), path);
    if (status == BASIN_OK)
        status = load(out, ctx, out->loaded, error);
    if (status == BASIN_OK)
        status = same_energy(out, described.d.energy, error);
    out->described = described.d; /* it knows where the data are */
    return status;
}

void cli_close_model(cli_model *model)
{
    basin__description_finish(&model->d);
    basin__description_finish(&model->described);
}

/* ------------------------------------------------------------------ samples */

enum { TABLES = 2, FILE_MOST = 1 << 30 };

typedef struct source {
    const cli_model *model;
    cli_role role;
    char paths[TABLES][BASIN__PATH];
    int n_paths;
    basin__table tables[TABLES];
    int n;
} source;

/* The array of an .npz that is X, or Y: what the description says, or one of
 * the usual names. */
static basin_status read_array(source *s, int which, const char *path,
    basin_bytes *file, basin_error *error)
{
    const basin__tree *word = which ? s->model->d.data.y : s->model->d.data.x;
    char usual[16];
    basin__table *table = &s->tables[s->n++];
    if (word && word->kind == BASIN__WORD)
        return basin__table_read(table, path, file, word->word, NULL, error);
    basin_status status =
        basin__table_read(table, path, file, which ? "y" : "x", NULL, NULL);
    if (status != BASIN_E_NAME)
        return status == BASIN_OK ? status
                                  : basin__table_read(table, path, file,
                                        which ? "y" : "x", NULL, error);
    basin__table_finish(table);
    basin_format(usual, sizeof usual, "%s_%s", which ? "y" : "x",
        s->role == CLI_LEARN ? "train" : "test");
    return basin__table_read(table, path, file, usual, NULL, error);
}

/* Which column of the next table may hold classes. */
static basin__label_column label_column(const source *s)
{
    const basin__description *d = &s->model->d;
    const basin_energy_info *info = basin_energy_describe(d->energy);
    const basin__tree *y = d->data.y;
    if (info->y.kind != BASIN_SPACE_LABELS || info->y.dim != 1 ||
        s->n + 1 != s->n_paths)
        return (basin__label_column){NULL, -1};
    if (s->n_paths > 1)
        return (basin__label_column){NULL, 0};
    return (basin__label_column){
        y && y->kind == BASIN__LIST ? y->first : y, info->x.dim};
}

/* One file of X and Y may hold both as arrays. */
static basin_status read_tables(
    source *s, const char *path, bool need_y, basin_error *error)
{
    basin_bytes bytes;
    basin_bytes_init(&bytes, s->model->ctx);
    basin_status status = basin_file_load(&bytes, path, FILE_MOST, error);
    if (status == BASIN_OK && s->n_paths == 1 &&
        basin__table_is_archive(&bytes)) {
        status = read_array(s, 0, path, &bytes, error);
        if (status == BASIN_OK && need_y)
            status = read_array(s, 1, path, &bytes, error);
    } else if (status == BASIN_OK) {
        const basin__label_column label = label_column(s);
        status = basin__table_read(
            &s->tables[s->n++], path, &bytes, NULL, &label, error);
    }
    basin_bytes_finish(&bytes);
    return status;
}

static basin_status read_all(source *s, bool need_y, basin_error *error)
{
    char found[TABLES][BASIN__PATH];
    if (s->n_paths == 1 && cli_is_folder(s->paths[0])) {
        if (!cli_folder_digits(found, s->paths[0], s->role))
            return cli_folder_pictures(s->tables, &s->n, s->model->ctx,
                s->paths[0], s->role,
                basin_energy_describe(s->model->d.energy)->x.dim, error);
        memcpy(s->paths, found, sizeof found);
        s->n_paths = TABLES;
    }
    for (int i = 0; i < s->n_paths; i++)
        BASIN_TRY(read_tables(s, s->paths[i], need_y, error));
    return BASIN_OK;
}

/* Mulan's list of labels has the table's name and .xml: of scene.arff,
 * scene.orig.arff.gz, .. it is scene.xml. */
static basin_status read_xml(
    cli_model *model, const char *path, basin_error *error)
{
    static const char *const suffixes[] = {".xml", ".xml.gz"};
    char xml[BASIN__PATH];
    const char *base = base_of(path);
    int stem = (int)(base - path) + (int)strcspn(base, ".");
    basin_bytes bytes;
    basin_bytes_init(&bytes, model->ctx);
    basin_status status = BASIN_E_IO;
    for (int i = 0; status == BASIN_E_IO && i < 2; i++) {
        size_t n =
            basin_format(xml, sizeof xml, "%.*s%s", stem, path, suffixes[i]);
        if (n < sizeof xml)
            status = basin_file_load(&bytes, xml, FILE_MOST, error);
    }
    if (status == BASIN_E_IO)
        status = basin_error_set(error, BASIN_E_IO,
            "there is no '%.*s.xml' with the names of the labels beside the "
            "data",
            stem, path);
    if (status == BASIN_OK)
        status = basin__labels_read(&model->d, &bytes, xml, error);
    basin_bytes_finish(&bytes);
    return status;
}

/* Which columns are the labels, and what the classes are called, once there is
 * a table to ask. */
static basin_status find_names(
    cli_model *model, const source *s, basin_error *error)
{
    basin__description *d = &model->d;
    if (!model->loaded[0] && s->n)
        BASIN_TRY(basin__classes_find(d, &s->tables[s->n - 1], error));
    if (!d->data.labels || d->data.y)
        return BASIN_OK;
    BASIN_REQUIRE(s->n == 1, error, BASIN_E_SERVE,
        "labels are columns of a table; here X and Y are two files");
    if (basin__labels_in_xml(d))
        BASIN_TRY(read_xml(model, s->paths[0], error));
    return cli_in_model(
        model, basin__labels_find(d, &s->tables[0], error), error);
}

/* The paths: as typed, or beside the description. */
static basin_status find_paths(char paths[TABLES][BASIN__PATH], int *n,
    const cli_model *model, const cli_files *files, const basin__tree *list,
    basin_error *error)
{
    bool typed = files && files->n > 0;
    *n = typed ? files->n : !list ? 0 : list->kind == BASIN__LIST ? list->n : 1;
    BASIN_REQUIRE(*n <= TABLES, error, BASIN_E_ARGUMENT,
        "%d files of data; one with X and Y, or two, X and then Y, are taken",
        *n);
    const basin__tree *at =
        list && list->kind == BASIN__LIST ? list->first : list;
    for (int i = 0; i < *n; i++) {
        const char *word = typed ? files->at[i] : at->word;
        bool beside = !typed && word[0] != '/';
        size_t length = basin_format(
            paths[i], BASIN__PATH, "%s%s", beside ? model->folder : "", word);
        BASIN_REQUIRE(length < BASIN__PATH, error, BASIN_E_IO,
            "the path of the data is longer than %d bytes", BASIN__PATH - 1);
        at = at && list->kind == BASIN__LIST ? at->next : at;
    }
    return BASIN_OK;
}

static bool has_test(
    const cli_model *model, const cli_files *files, const basin__tree *list)
{
    char paths[TABLES][BASIN__PATH];
    int n = 0;
    return find_paths(paths, &n, model, files, list, NULL) == BASIN_OK &&
           n == 1 && cli_folder_has_test(paths[0]);
}

basin_status cli_read_samples(basin__samples *out, cli_model *model,
    const cli_files *files, basin__tree *list, cli_role role, bool need_y,
    basin_error *error)
{
    source s = {.model = model, .role = role};
    *out = (basin__samples){.ctx = model->ctx};
    BASIN_TRY(find_paths(s.paths, &s.n_paths, model, files, list, error));
    const basin__description *d =
        model->described.energy ? &model->described : &model->d;
    if (s.n_paths == 0 && d->data.rows)
        return cli_in_model(model, basin__samples_rows(out, d, error), error);
    BASIN_REQUIRE(s.n_paths > 0, error, BASIN_E_ARGUMENT,
        "there are no data: give --data FILE, or name a file under 'data:' in "
        "the model");
    basin_status status = read_all(&s, need_y, error);
    if (status == BASIN_E_IO && list && !(files && files->n))
        status = cli_in_model(model, basin__tree_at(list, error), error);
    if (status == BASIN_OK)
        status = find_names(model, &s, error);
    if (status == BASIN_OK)
        status = cli_in_model(model,
            basin__samples_take(out, &model->d, s.tables, s.n, need_y, error),
            error);
    for (int i = 0; i < s.n; i++)
        basin__table_finish(&s.tables[i]);
    return status;
}

basin_status cli_read_test(basin__samples *out, bool *found, cli_model *model,
    const cli_files *data, const cli_files *test, basin_error *error)
{
    const basin__description *d = &model->d;
    basin__tree *list = d->data.test;
    if (!test->n && !list && has_test(model, data, d->data.train)) {
        test = data;
        list = d->data.train;
    }
    *found = test->n || list;
    if (!*found)
        return BASIN_OK;
    BASIN_TRY(cli_read_samples(out, model, test, list, CLI_JUDGE, true, error));
    return basin__scale_apply(d, out, error);
}

/* ------------------------------------------------------------------ answers */

const char *cli_column_name(
    char out[BASIN__QUOTE], const cli_model *model, int column)
{
    const basin__tree *list = model->d.data.y;
    const basin__tree *at =
        list && list->kind == BASIN__LIST ? list->first : list;
    for (int i = 0; i < column && at; i++)
        at = list->kind == BASIN__LIST ? at->next : NULL;
    double number;
    if (at && basin__tree_number(&number, at, "", NULL) != BASIN_OK)
        return basin__quote(out, at->word, strlen(at->word));
    if (basin_energy_describe(model->d.energy)->y.dim == 1)
        basin_format(out, BASIN__QUOTE, "y");
    else
        basin_format(out, BASIN__QUOTE, "y%d", column + 1);
    return out;
}

void cli_unscale(const cli_model *model, float *y, int n)
{
    int dim = basin_energy_describe(model->d.energy)->y.dim;
    for (int d = 0; d < dim; d++) {
        double offset, factor;
        basin__scale_of_y(&model->d, d, &offset, &factor);
        for (int i = 0; i < n; i++) {
            float *at = &y[(size_t)i * dim + d];
            *at = (float)((double)*at / factor + offset);
        }
    }
}

/* ---------------------------------------------------------------- questions */

basin_status cli_open_question(cli_question *out, basin_context *ctx,
    const char *path, const char *out_dir, const cli_files *data,
    const char *missing, basin_error *error)
{
    *out = (cli_question){.samples = {.ctx = ctx}};
    BASIN_TRY(cli_open_trained(&out->model, ctx, path, out_dir, error));
    BASIN_TRY(
        basin__description_inference(&out->inference, &out->model.d, error));
    BASIN_REQUIRE(!missing || data->n > 0, error, BASIN_E_ARGUMENT,
        "there are no data: give %s", missing);
    const basin__data_def *own = &out->model.described.data;
    basin__tree *list = own->test ? own->test : own->train;
    BASIN_TRY(cli_read_samples(&out->samples, &out->model, data,
        missing ? NULL : list, CLI_JUDGE, !missing, error));
    BASIN_TRY(basin__scale_apply(&out->model.d, &out->samples, error));
    return basin__samples_widen(&out->samples, error);
}

void cli_close_question(cli_question *question)
{
    basin__samples_finish(&question->samples);
    basin_inference_destroy(question->inference);
    cli_close_model(&question->model);
}
