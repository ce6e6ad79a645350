/* SPDX-License-Identifier: MIT
 *
 * Files, whole: read to the last byte, written whole or not at all. Every
 * message names the path and what is wrong with it.
 */
#define _XOPEN_SOURCE 700 /* POSIX.1-2008, with realpath */
#include "data/file.h"
#include "data/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATH_BYTES = BASIN__PATH,
    CHUNK = 1 << 16,
    TRIES = 1000,        /* names tried for the temporary file */
    WRITE_MOST = 1 << 30 /* some systems refuse more in one call */
};

/** What a pipe or a device may give: it has no size, and some never end. */
#define STREAM_MOST ((size_t)1 << 30)

/* strerror depends on the locale and shares its buffer between threads */
static const struct {
    int code;
    const char *text;
} reasons[] = {
    {EACCES, "permission denied"},
    {EPERM, "the system does not permit it"},
    {ENOENT, "there is no such file or folder"},
    {ENOTDIR, "a part of the path is a file, not a folder"},
    {EISDIR, "it is a folder; the path of a file is expected"},
    {ENAMETOOLONG, "the name is too long"},
    {ELOOP, "symbolic links lead in a circle"},
    {ENOSPC, "no space left on the disk"},
    {EDQUOT, "the disk quota is used up"},
    {EFBIG, "the file gets larger than the system allows"},
    {EROFS, "the file system is read-only"},
    {EIO, "the device failed"},
    {EMFILE, "too many files are open"},
    {ENFILE, "too many files are open"},
    {ETXTBSY, "the file is being executed"},
    {EBUSY, "it is in use"},
    {ENXIO, "nothing is there to serve this special file"},
    {EPIPE, "the reader of the pipe is gone"},
};

static basin_status fail(
    basin_error *error, const char *verb, const char *path, int code)
{
    char quote[BASIN__QUOTE];
    basin__quote_path(quote, path);
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i].code == code)
            return basin_error_set(error, BASIN_E_IO, "cannot %s '%s': %s",
                verb, quote, reasons[i].text);
    return basin_error_set(error, BASIN_E_IO, "cannot %s '%s': system error %d",
        verb, quote, code);
}

/** Refuse what no system call would explain well. */
static basin_status check_path(
    const char *path, const char *verb, basin_error *error)
{
    BASIN_REQUIRE(path && *path, error, BASIN_E_IO,
        "cannot %s a file without a name: the path is empty", verb);
    return strlen(path) < PATH_BYTES ? BASIN_OK
                                     : fail(error, verb, path, ENAMETOOLONG);
}

/* ----------------------------------------------------------------- reading */

static basin_status read_all(
    basin_bytes *out, int file, const char *path, basin_error *error)
{
    struct stat info;
    if (fstat(file, &info) != 0)
        return fail(error, "read", path, errno);
    if (S_ISDIR(info.st_mode))
        return fail(error, "read", path, EISDIR);
    size_t start = out->size;
    size_t room = CHUNK;
    /* one byte more than the size, so that the end is seen without growing;
     * files under /proc say 0 and hold more */
    if (S_ISREG(info.st_mode) && info.st_size > 0)
        room = (size_t)info.st_size + 1;
    for (;;) {
        if (out->capacity == out->size || room > CHUNK)
            BASIN_TRY(basin__bytes_reserve(out, room, error));
        room = CHUNK;
        size_t most = out->capacity - out->size;
        ssize_t got = read(
            file, out->data + out->size, most < WRITE_MOST ? most : WRITE_MOST);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(error, "read", path, errno);
        if (got == 0)
            return BASIN_OK;
        out->size += (size_t)got;
        char quote[BASIN__QUOTE];
        BASIN_REQUIRE(S_ISREG(info.st_mode) || out->size - start <= STREAM_MOST,
            error, BASIN_E_IO,
            "cannot read '%s': it is no regular file and gives more than "
            "1 GiB",
            basin__quote_path(quote, path));
    }
}

basin_status basin__file_open(int *out, const char *path, basin_error *error)
{
    BASIN_TRY(check_path(path, "read", error));
    do
        *out = open(path, O_RDONLY | O_CLOEXEC);
    while (*out < 0 && errno == EINTR);
    return *out < 0 ? fail(error, "read", path, errno) : BASIN_OK;
}

basin_status basin_file_read(
    basin_bytes *out, const char *path, basin_error *error)
{
    int file;
    BASIN_TRY(basin__file_open(&file, path, error));
    size_t before = out->size;
    basin_status status = read_all(out, file, path, error);
    close(file);
    if (status != BASIN_OK)
        out->size = before;
    return status;
}

/* ----------------------------------------------------------------- writing */

/** @return 0, or the system's error */
static int write_piece(int file, const unsigned char *data, size_t size)
{
    while (size > 0) {
        ssize_t put = write(file, data, size < WRITE_MOST ? size : WRITE_MOST);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return errno;
        if (put == 0)
            return EIO;
        data += put;
        size -= (size_t)put;
    }
    return 0;
}

static int write_all(int file, const basin__piece *pieces, size_t n)
{
    int code = 0;
    for (size_t i = 0; i < n && code == 0; i++)
        code = write_piece(file, pieces[i].data, pieces[i].size);
    return code;
}

/** @return 0, or the system's error; where there is nothing to flush, 0 */
static int flush(int file)
{
    while (fsync(file) != 0)
        if (errno != EINTR)
            return errno == EINVAL || errno == ENOSYS || errno == EROFS ? 0
                                                                        : errno;
    return 0;
}

/** A pipe or a device has no place beside it, and must not be replaced. */
static basin_status write_special(
    const char *path, const basin__piece *pieces, size_t n, basin_error *error)
{
    int file;
    do
        file = open(path, O_WRONLY | O_CLOEXEC);
    while (file < 0 && errno == EINTR);
    if (file < 0)
        return fail(error, "write", path, errno);
    int code = write_all(file, pieces, n);
    if (close(file) != 0 && code == 0 && errno != EINTR)
        code = errno;
    return code ? fail(error, "write", path, code) : BASIN_OK;
}

/** The length of the folder's part of a path, with its slash. */
static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/** Open a new file beside `target`. Its name does not grow out of the
 *  target's, which may be as long as names can be. @return -1: see errno */
static int open_beside(char *out, size_t size, const char *target, mode_t mode)
{
    size_t length = folder_length(target);
    memcpy(out, target, length);
    for (int i = 0; i < TRIES; i++) {
        basin_format(out + length, size - length, ".basin-%ld-%d.tmp",
            (long)getpid(), i);
        int file = open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (file >= 0 || (errno != EEXIST && errno != EINTR))
            return file;
    }
    errno = EEXIST;
    return -1;
}

/** After a rename the folder holds the news; that it reaches the disk too is
 *  worth a try, but the file is whole either way. */
static void flush_folder(const char *target)
{
    char folder[PATH_BYTES];
    size_t length = folder_length(target);
    memcpy(folder, length ? target : "./", length ? length : 2);
    folder[length ? length : 2] = '\0';
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        flush(file);
        close(file);
    }
}

static basin_status write_beside(basin__staged *staged, const char *path,
    const struct stat *old, const basin__piece *pieces, size_t n,
    basin_error *error)
{
    int file = open_beside(
        staged->temporary, sizeof staged->temporary, staged->target, 0666);
    if (file < 0) {
        staged->temporary[0] = '\0';
        return fail(error, "write", path, errno);
    }
    /* best effort: the new file is as open to others as the old one was */
    int code = old && fchmod(file, old->st_mode & 07777) != 0 ? errno : 0;
    if (code == EPERM || code == ENOSYS)
        code = 0;
    if (code == 0)
        code = write_all(file, pieces, n);
    if (code == 0)
        code = flush(file);
    if (close(file) != 0 && code == 0 && errno != EINTR)
        code = errno;
    if (code == 0)
        return BASIN_OK;
    basin__file_drop(staged);
    return fail(error, "write", path, code);
}

/** Where the file will be: through a symbolic link, as any other program would
 *  write. @return 0, or the system's error */
static int find_target(char out[PATH_BYTES], const char *path, bool there)
{
    char *real = there ? realpath(path, NULL) : NULL;
    if (there && !real)
        return errno;
    const char *target = real ? real : path;
    int code = strlen(target) < PATH_BYTES ? 0 : ENAMETOOLONG;
    if (code == 0)
        memcpy(out, target, strlen(target) + 1);
    free(real);
    return code;
}

basin_status basin__file_stage(basin__staged *out, const char *path,
    const void *data, size_t size, basin_error *error)
{
    return basin__file_stage_pieces(
        out, path, &(basin__piece){data, size}, 1, error);
}

basin_status basin__file_stage_pieces(basin__staged *out, const char *path,
    const basin__piece *pieces, size_t n, basin_error *error)
{
    out->temporary[0] = '\0';
    BASIN_TRY(check_path(path, "write", error));
    struct stat info;
    bool there = stat(path, &info) == 0;
    if (!there && errno != ENOENT)
        return fail(error, "write", path, errno);
    if ((there && S_ISDIR(info.st_mode)) || path[strlen(path) - 1] == '/')
        return fail(error, "write", path, EISDIR);
    if (there && !S_ISREG(info.st_mode))
        return write_special(path, pieces, n, error);
    /* a rename would replace a file that is protected from writing */
    if (there && access(path, W_OK) != 0)
        return fail(error, "write", path, errno);
    int code = find_target(out->target, path, there);
    if (code)
        return fail(error, "write", path, code);
    return write_beside(out, path, there ? &info : NULL, pieces, n, error);
}

basin_status basin__file_commit(basin__staged *staged, basin_error *error)
{
    if (!staged->temporary[0])
        return BASIN_OK;
    if (rename(staged->temporary, staged->target) != 0) {
        int code = errno;
        basin__file_drop(staged);
        return fail(error, "write", staged->target, code);
    }
    staged->temporary[0] = '\0';
    flush_folder(staged->target);
    return BASIN_OK;
}

void basin__file_drop(basin__staged *staged)
{
    if (staged->temporary[0])
        unlink(staged->temporary);
    staged->temporary[0] = '\0';
}

basin_status basin_file_write(
    const char *path, const void *data, size_t size, basin_error *error)
{
    basin__staged staged;
    BASIN_TRY(basin__file_stage(&staged, path, data, size, error));
    return basin__file_commit(&staged, error);
}

/* ----------------------------------------------------------------- folders */

static basin_status make_one(const char *path, basin_error *error)
{
    if (mkdir(path, 0777) == 0)
        return BASIN_OK;
    /* the error of mkdir on a folder that is there differs between systems */
    int code = errno;
    struct stat info;
    if (stat(path, &info) != 0)
        return fail(error, "make the folder", path, code);
    char quote[BASIN__QUOTE];
    BASIN_REQUIRE(S_ISDIR(info.st_mode), error, BASIN_E_IO,
        "cannot make the folder '%s': something else of that name is there",
        basin__quote_path(quote, path));
    return BASIN_OK;
}

basin_status basin_folder_make(const char *path, basin_error *error)
{
    char part[PATH_BYTES];
    BASIN_REQUIRE(path && *path, error, BASIN_E_IO,
        "cannot make a folder without a name: the path is empty");
    size_t length = strlen(path);
    if (length >= sizeof part)
        return fail(error, "make the folder", path, ENAMETOOLONG);
    for (size_t i = 0; i < length; i++) {
        part[i] = path[i];
        bool ends = path[i + 1] == '/' || path[i + 1] == '\0';
        if (path[i] == '/' || !ends)
            continue;
        part[i + 1] = '\0';
        BASIN_TRY(make_one(part, error));
    }
    return BASIN_OK;
}
