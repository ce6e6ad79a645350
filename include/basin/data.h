/* SPDX-License-Identifier: MIT
 *
 * Readers and writers: arrays (.npy, .npz, IDX), tables of numbers (.csv),
 * trained models
 * (.safetensors). Readers take (bytes, length) and say in the error where the
 * input is wrong; files are written whole or not at all.
 */
#ifndef BASIN_DATA_H
#define BASIN_DATA_H

#include "basin/base.h"
#include "basin/energy.h"

BASIN_BEGIN_DECLS

/* ------------------------------------------------------------------- bytes */

/** Bytes that grew; free with basin_bytes_finish. Zeroed means empty, but only
 *  after basin_bytes_init can they grow. */
typedef struct basin_bytes {
    unsigned char *data;
    size_t size, capacity;
    basin_context *ctx;
} basin_bytes;

/** Begin empty, and free what there is. */
BASIN_API void basin_bytes_init(basin_bytes *bytes, basin_context *ctx);
BASIN_API void basin_bytes_finish(basin_bytes *bytes);
/** @param data must not lie within `bytes`. Errors: E_MEMORY. */
BASIN_API basin_status basin_bytes_append(
    basin_bytes *bytes, const void *data, size_t size, basin_error *error);
/** Append formatted text, as basin_format. Errors: E_MEMORY. */
BASIN_API basin_status basin_bytes_print(basin_bytes *bytes, basin_error *error,
    const char *format, ...) BASIN_PRINTF(3, 4);

/** Append a whole file to `out`, which has been initialised; pipes and devices
 *  may give up to 1 GiB. Errors: E_IO (with path and reason), E_MEMORY; `out`
 *  then holds what it held before. */
BASIN_API basin_status basin_file_read(
    basin_bytes *out, const char *path, basin_error *error);
/** Write a file whole or not at all: into a temporary file beside it, flushed
 *  to the disk, then renamed over it. A symbolic link is followed; the rights
 *  of a file that was there are kept; a pipe or a device is written to as it
 *  is. Errors: E_IO (with path and reason); what was there is unchanged. */
BASIN_API basin_status basin_file_write(
    const char *path, const void *data, size_t size, basin_error *error);
/** Make a folder and those above it. Errors: E_IO (something else of that
 *  name is there, or it is not writable). */
BASIN_API basin_status basin_folder_make(const char *path, basin_error *error);

/** Whether the bytes begin as gzip does. */
BASIN_API bool basin_is_gzip(const void *data, size_t size);
/** Append what gzip has packed, all members of it, to `out`.
 *  @param most bytes that it may unpack to
 *  Errors: E_FORMAT (damaged, cut, or more than `most`), E_MEMORY, E_SERVE (a
 *  build without zlib); `out` then holds what it held before. */
BASIN_API basin_status basin_gunzip(basin_bytes *out, const void *data,
    size_t size, size_t most, basin_error *error);
/** basin_file_read, and basin_gunzip where the file is packed; the error names
 *  the file. */
BASIN_API basin_status basin_file_load(
    basin_bytes *out, const char *path, size_t most, basin_error *error);

/* ------------------------------------------------------------------ arrays */

/** A dense array of float32, row-major; owned through its context. */
typedef struct basin_array {
    float *values;
    int n_dims;
    int64_t dims[4];
    basin_context *ctx;
} basin_array;

/** An array of zeros. @param n_dims 0 (one value) to 4
 *  Errors: E_MEMORY, E_SHAPE (a size below 0, or too many values). */
BASIN_API basin_status basin_array_init(basin_array *out, basin_context *ctx,
    int n_dims, const int64_t *dims, basin_error *error);
BASIN_API void basin_array_finish(basin_array *array);
BASIN_API size_t basin_array_size(const basin_array *array);

/**
 * NumPy's .npy, format 1.0 to 3.0: floats of 4 or 8 bytes and whole numbers
 * of 1 to 8 bytes, either byte order, C or Fortran order, up to 4 dimensions.
 * Each value becomes the nearest float32; one too large for that is refused.
 * Errors: E_FORMAT (what is wrong, and what would be right), E_MEMORY.
 */
BASIN_API basin_status basin_npy_read(basin_array *out, basin_context *ctx,
    const void *data, size_t size, basin_error *error);
/** Append little-endian float32, format 1.0, the bytes that NumPy writes.
 *  Errors: E_MEMORY. */
BASIN_API basin_status basin_npy_write(
    basin_bytes *out, const basin_array *array, basin_error *error);

/**
 * One array of a .npz file, a zip of .npy files, stored or deflated.
 * @param name as it was saved, with or without .npy; NULL: the only one
 * Errors: E_FORMAT, E_NAME (with the names that are there), E_MEMORY, E_SERVE
 * (a deflated one, and a build without zlib).
 */
BASIN_API basin_status basin_npz_read(basin_array *out, basin_context *ctx,
    const void *data, size_t size, const char *name, basin_error *error);

/** The types of values in IDX, by their codes. */
typedef enum basin_idx_type {
    BASIN_IDX_UINT8 = 8,
    BASIN_IDX_INT8 = 9,
    BASIN_IDX_INT16 = 11,
    BASIN_IDX_INT32 = 12,
    BASIN_IDX_FLOAT32 = 13,
    BASIN_IDX_FLOAT64 = 14
} basin_idx_type;

/** An IDX file, checked and left where it is: bytes of pictures can be used as
 *  they are. */
typedef struct basin_idx {
    basin_idx_type type;
    int n_dims; /**< 1 to 4 */
    int64_t dims[4];
    size_t count;              /**< values */
    const unsigned char *data; /**< big-endian; points into the file's bytes */
} basin_idx;

/** Errors: E_FORMAT (what is wrong, and where). */
BASIN_API basin_status basin_idx_view(
    basin_idx *out, const void *data, size_t size, basin_error *error);
/** The same as float32; a value too large for that is refused.
 *  Errors: E_FORMAT, E_MEMORY. */
BASIN_API basin_status basin_idx_read(basin_array *out, basin_context *ctx,
    const void *data, size_t size, basin_error *error);

/**
 * A table of numbers, separated by commas, semicolons, tabs or spaces (found
 * by itself); a first line of names, blank lines and lines that begin with #
 * are skipped. Numbers may stand in double quotes, and "inf" and "nan" are
 * numbers. The array is (lines, fields), even for one line or field.
 * Errors: E_FORMAT with line and column, E_MEMORY.
 */
BASIN_API basin_status basin_csv_read(basin_array *out, basin_context *ctx,
    const void *data, size_t size, basin_error *error);
/** Append a table with commas. @param table (rows, columns), or (rows)
 *  @param names (columns) of the head line, or NULL. Numbers are written so
 *  that they read back to the same bits. Errors: E_MEMORY, E_SHAPE,
 *  E_ARGUMENT (a name with a line break). */
BASIN_API basin_status basin_csv_write(basin_bytes *out,
    const basin_array *table, const char *const *names, basin_error *error);

/** A table whose columns have names: an ARFF file. */
typedef struct basin_arff {
    basin_array values; /**< (lines, attributes): numbers; of an attribute with
                             a list of values the index; NaN where it is ? */
    int n_attributes;
    const char *const *names; /**< (n_attributes) */
    const int *counts;        /**< values in an attribute's list; 0: a number */
    const char *const *const *lists; /**< (n_attributes) its values; or NULL */
    basin_context *ctx;
    void *block;
    size_t block_size;
} basin_arff;

/**
 * ARFF, dense or sparse. Attributes are numeric (real, integer), or one of a
 * list of values; texts and dates are refused.
 * Errors: E_FORMAT with line and column, E_MEMORY.
 */
BASIN_API basin_status basin_arff_read(basin_arff *out, basin_context *ctx,
    const void *data, size_t size, basin_error *error);
BASIN_API void basin_arff_finish(basin_arff *arff);

/* ------------------------------------------------------------------ models */

/**
 * Append a trained energy as safetensors: its tensors by name, and in the
 * metadata the description from which it is built again ("basin.model", JSON)
 * and the format's version ("basin.format"). Holds no time, host, path,
 * compiler, backend or number of threads. Errors: E_MEMORY, E_SERVE (an energy
 * without a description of its own), E_NONFINITE (a weight; its tensor and
 * index), E_ARGUMENT (a name that is no UTF-8, or too long). `out` is then
 * unchanged.
 */
BASIN_API basin_status basin_model_write(
    basin_bytes *out, basin_energy *energy, basin_error *error);

/**
 * Build the energy that a model file describes and load its W. Nothing in the
 * file is trusted. Errors: E_FORMAT (truncated, foreign, tensors that do not
 * fit the description, a newer format), E_NAME (a part that is not
 * registered here), E_NONFINITE (the tensor and the index), E_MEMORY. The
 * JSON is parsed by jansson, whose memory is the process's, not the context's.
 */
BASIN_API basin_status basin_model_read(basin_energy **out, basin_context *ctx,
    const void *data, size_t size, basin_error *error);

/** One tensor of a safetensors file; pointers into the file's bytes. */
typedef struct basin_stored {
    char name[128];
    char type[8]; /**< "F32", as the file says */
    int n_dims;
    int64_t dims[8];
    const unsigned char *data;
    size_t size; /**< bytes */
} basin_stored;

/** Called for each tensor; return a status other than BASIN_OK to end. */
typedef basin_status (*basin_stored_fn)(
    void *user, const basin_stored *tensor, basin_error *error);
/** Called for each pair of the metadata. */
typedef basin_status (*basin_meta_fn)(
    void *user, const char *key, const char *value, basin_error *error);

/** Walk any safetensors file: first the pairs of the metadata, then the
 *  tensors in the order of their bytes. The whole header is checked either
 *  way. Errors: E_FORMAT (where and what), E_MEMORY (of jansson), and what the
 *  callbacks return. Either callback may be NULL. */
BASIN_API basin_status basin_safetensors_walk(const void *data, size_t size,
    basin_stored_fn tensor, basin_meta_fn meta, void *user, basin_error *error);

BASIN_END_DECLS

#endif
