/* SPDX-License-Identifier: MIT
 *
 * The writer of safetensors files. Tensors are float32, or bytes that are as
 * the file has them; the walker in basin/data.h reads every type.
 */
#ifndef BASIN_DATA_SAFETENSORS_H
#define BASIN_DATA_SAFETENSORS_H

#include "basin/data.h"

/** A tensor to be written; borrowed. */
typedef struct basin__tensor {
    char name[sizeof(((basin_stored *)0)->name)];
    int n_dims;
    int64_t dims[4];
    float *values;
    size_t count;
    bool seen; /**< the reader's mark */
    /** "F64", "I32", "U8": then `bytes` are the numbers, little-endian, `item`
     *  bytes each. NULL: float32, `values`. */
    const char *type;
    const unsigned char *bytes;
    size_t item;
} basin__tensor;

/** A pair of the metadata; borrowed. */
typedef struct basin__meta {
    const char *key, *value;
} basin__meta;

/** Append a whole file: the metadata and the tensors in the order given.
 *  Errors: E_MEMORY, E_ARGUMENT (a name that is no UTF-8). */
basin_status basin__safetensors_write(basin_bytes *out,
    const basin__meta *metas, int n_metas, const basin__tensor *tensors,
    size_t n_tensors, basin_error *error);

/** What comes before the values, alone: after it come the bytes of the tensors
 *  in their order. Errors: as above. */
basin_status basin__safetensors_head(basin_bytes *out, const basin__meta *metas,
    int n_metas, const basin__tensor *tensors, size_t n_tensors,
    basin_error *error);

#endif
