/* SPDX-License-Identifier: MIT
 *
 * Folders as data. Names are sorted by their bytes, so that a folder gives the
 * same samples on every machine.
 */
#define _POSIX_C_SOURCE 200809L

#include "cli/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/picture.h"
#include "data/text.h"
#include "view/view.h"

bool cli_is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool join(char out[BASIN__PATH], const char *folder, const char *name)
{
    size_t n = strlen(folder);
    const char *slash = n && folder[n - 1] == '/' ? "" : "/";
    return basin_format(out, BASIN__PATH, "%s%s%s", folder, slash, name) <
           BASIN__PATH;
}

/* ------------------------------------------------------------------- digits */

bool cli_folder_digits(
    char paths[2][BASIN__PATH], const char *folder, cli_role role)
{
    static const char *const what[2] = {"images-idx3", "labels-idx1"};
    static const char *const forms[] = {"%s-%s-ubyte", "%s-%s-ubyte.gz"};
    int found = 0;
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2 && found == i; k++) {
            char name[64];
            basin_format(name, sizeof name, forms[k],
                role == CLI_LEARN ? "train" : "t10k", what[i]);
            found +=
                join(paths[i], folder, name) && access(paths[i], F_OK) == 0;
        }
    return found == 2;
}

/* The folder of a role, where there are two. */
static bool find_part(
    char out[BASIN__PATH], const char *folder, const char *name)
{
    return join(out, folder, name) && cli_is_folder(out);
}

bool cli_folder_has_test(const char *folder)
{
    char paths[2][BASIN__PATH];
    return cli_folder_digits(paths, folder, CLI_JUDGE) ||
           (find_part(paths[0], folder, "test") &&
               find_part(paths[1], folder, "train"));
}

/* -------------------------------------------------------------------- names */

typedef struct names {
    char **at;
    int n, room;
} names;

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_names(names *list)
{
    for (int i = 0; i < list->n; i++)
        free(list->at[i]);
    free(list->at);
}

static bool add_name(names *list, const char *name)
{
    if (list->n == list->room) {
        int room = list->room ? 2 * list->room : 64;
        char **at = realloc(list->at, (size_t)room * sizeof *at);
        if (!at)
            return false;
        list->at = at;
        list->room = room;
    }
    list->at[list->n] = strdup(name);
    return list->at[list->n] && ++list->n;
}

static bool is_picture(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (strcmp(dot, ".pgm") == 0 || strcmp(dot, ".png") == 0);
}

/* The subfolders, or the pictures, of a folder, sorted. Hidden names are
 * skipped. */
static basin_status list_names(
    names *out, const char *folder, bool folders, basin_error *error)
{
    char path[BASIN__PATH], quote[BASIN__QUOTE];
    *out = (names){.at = NULL};
    DIR *dir = opendir(folder);
    BASIN_REQUIRE(dir, error, BASIN_E_IO, "the folder '%s' cannot be read: %s",
        basin__quote_path(quote, folder), strerror(errno));
    bool enough = true;
    for (struct dirent *e; enough && (e = readdir(dir));)
        if (e->d_name[0] != '.' && join(path, folder, e->d_name) &&
            (folders ? cli_is_folder(path) : is_picture(e->d_name)))
            enough = add_name(out, e->d_name);
    closedir(dir);
    BASIN_REQUIRE(enough, error, BASIN_E_MEMORY, "no memory for names");
    if (out->n)
        qsort(out->at, (size_t)out->n, sizeof *out->at, compare);
    return BASIN_OK;
}

/* ----------------------------------------------------------------- pictures */

typedef struct album {
    basin_context *ctx;
    int x_dim, n;
    basin_bytes pixels; /* (n, x_dim) */
    basin_bytes labels; /* (n) float */
    basin_bytes words;  /* the classes, each with its NUL */
} album;

/* A byte of one plane; of the only plane, grey: the weights of ITU-R BT.601,
 * and what is grey stays what it is. */
static unsigned char pixel_of(
    const basin__picture *p, int64_t at, int plane, int planes)
{
    const unsigned char *pixel = p->pixels + at * p->channels;
    int value = pixel[p->channels == 3 ? plane : 0];
    if (p->channels == 3 && planes == 1)
        value = (299 * pixel[0] + 587 * pixel[1] + 114 * pixel[2] + 500) / 1000;
    value = value > p->most ? p->most : value;
    return (unsigned char)((255 * value + p->most / 2) / p->most);
}

static basin_status add_picture(
    album *a, const basin__picture *p, int label, basin_error *error)
{
    int64_t area = (int64_t)p->width * p->height;
    int planes = a->x_dim == 3 * area ? 3 : 1;
    BASIN_REQUIRE(planes * area == a->x_dim, error, BASIN_E_SHAPE,
        "the picture is %d wide and %d high; x has %d numbers, and takes as "
        "many pixels, or three times as many for colours",
        p->width, p->height, a->x_dim);
    BASIN_TRY(basin__bytes_reserve(&a->pixels, (size_t)a->x_dim, error));
    unsigned char *to = a->pixels.data + a->pixels.size;
    for (int plane = 0; plane < planes; plane++)
        for (int64_t i = 0; i < area; i++)
            *to++ = pixel_of(p, i, plane, planes);
    a->pixels.size += (size_t)a->x_dim;
    a->n++;
    float y = (float)label;
    return basin_bytes_append(&a->labels, &y, sizeof y, error);
}

static basin_status decode(
    album *a, const basin_bytes *file, int label, basin_error *error)
{
    basin__picture p = {.channels = 3, .most = 255};
    view_buffer pixels = {0};
    bool png = file->size > 4 && memcmp(file->data, "\x89PNG", 4) == 0;
    basin_status status =
        png ? basin__view_png_read(
                  &pixels, &p.width, &p.height, file->data, file->size, error)
            : basin__pgm_view(&p, file->data, file->size, error);
    if (png)
        p.pixels = pixels.data;
    if (status == BASIN_OK)
        status = add_picture(a, &p, label, error);
    basin__view_buffer_free(&pixels);
    return status;
}

static basin_status add_folder(
    album *a, const char *folder, int label, basin_error *error)
{
    names list;
    basin_status status = list_names(&list, folder, false, error);
    for (int i = 0; i < list.n && status == BASIN_OK; i++) {
        char path[BASIN__PATH];
        basin_bytes file;
        basin_bytes_init(&file, a->ctx);
        join(path, folder, list.at[i]);
        status = basin_file_read(&file, path, error);
        if (status == BASIN_OK) {
            status = decode(a, &file, label, error);
            if (status != BASIN_OK)
                basin_error_place(error, path, 0, 0);
        }
        basin_bytes_finish(&file);
    }
    free_names(&list);
    return status;
}

static basin_status add_classes(
    album *a, const char *folder, int *classes, basin_error *error)
{
    names list;
    basin_status status = list_names(&list, folder, true, error);
    *classes = list.n;
    if (status == BASIN_OK && list.n == 0)
        status = add_folder(a, folder, 0, error);
    for (int i = 0; i < list.n && status == BASIN_OK; i++) {
        char path[BASIN__PATH];
        join(path, folder, list.at[i]);
        status = basin_bytes_append(
            &a->words, list.at[i], strlen(list.at[i]) + 1, error);
        if (status == BASIN_OK)
            status = add_folder(a, path, i, error);
    }
    free_names(&list);
    return status;
}

/* The album's bytes become those of a table; the labels another, where there
 * are classes. @param n out: how many tables are to be finished */
static basin_status make_tables(basin__table tables[2], int *n, album *a,
    int classes, const char *folder, basin_error *error)
{
    const int64_t rows[1] = {a->n};
    tables[0] = (basin__table){.path = folder,
        .rows = a->n,
        .columns = a->x_dim,
        .values = {.ctx = a->ctx},
        .bytes = a->pixels.data,
        .file = a->pixels};
    basin_bytes_init(&a->pixels, a->ctx);
    *n = 1;
    if (classes == 0)
        return BASIN_OK;
    tables[1] = (basin__table){.path = folder,
        .rows = a->n,
        .columns = 1,
        .words = a->words,
        .n_words = classes,
        .words_in_order = true};
    basin_bytes_init(&a->words, a->ctx);
    *n = 2;
    BASIN_TRY(basin_array_init(&tables[1].values, a->ctx, 1, rows, error));
    memcpy(tables[1].values.values, a->labels.data, a->labels.size);
    return BASIN_OK;
}

basin_status cli_folder_pictures(basin__table tables[2], int *n,
    basin_context *ctx, const char *folder, cli_role role, int x_dim,
    basin_error *error)
{
    char part[BASIN__PATH], quote[BASIN__QUOTE];
    album a = {.ctx = ctx, .x_dim = x_dim};
    int classes = 0;
    *n = 0;
    basin_bytes_init(&a.pixels, ctx);
    basin_bytes_init(&a.labels, ctx);
    basin_bytes_init(&a.words, ctx);
    if (cli_folder_has_test(folder))
        find_part(part, folder, role == CLI_LEARN ? "train" : "test");
    else
        basin_format(part, sizeof part, "%s", folder);
    basin_status status = add_classes(&a, part, &classes, error);
    if (status == BASIN_OK && a.n == 0)
        status = basin_error_set(error, BASIN_E_FORMAT,
            "the folder '%s' has no pictures (.pgm, .png), neither in it nor "
            "in its subfolders, and is not MNIST's",
            basin__quote_path(quote, part));
    if (status == BASIN_OK)
        status = make_tables(tables, n, &a, classes, folder, error);
    basin_bytes_finish(&a.pixels);
    basin_bytes_finish(&a.labels);
    basin_bytes_finish(&a.words);
    return status;
}
