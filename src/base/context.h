/* SPDX-License-Identifier: MIT
 *
 * Inside a context, for the rooms above that complete it: base makes and
 * frees it and owns the registry; the tensor room sets the kernels, and what
 * opens the library registers the built-in parts.
 */
#ifndef BASIN_BASE_CONTEXT_H
#define BASIN_BASE_CONTEXT_H

#include "basin/base.h"

#include <stdatomic.h>

struct basin_kernels;

/** The parts of one kind, in the order of registration. */
typedef struct basin__parts {
    const basin_part **part;
    int n, capacity;
} basin__parts;

struct basin_context {
    basin_allocator allocator;
    _Atomic size_t bytes; /**< allocated through the context, itself included */
    int threads;          /**< 1 or more */
    const struct basin_kernels *kernels; /**< NULL until the tensor room sets */
    basin__parts parts[BASIN_KINDS];
};

/** A context without kernels and with an empty registry. def NULL: defaults.
 *  The backend's name is left to the tensor room. Errors: E_MEMORY, E_RANGE
 *  (threads), E_ARGUMENT (cookie). */
basin_status basin__context_init(
    basin_context **out, const basin_context_def *def, basin_error *error);

/** Free the registry and the context. NULL is fine. */
void basin__context_finish(basin_context *ctx);

/** Is this part complete? Errors: E_ARGUMENT. */
basin_status basin__part_check(const basin_part *part, basin_error *error);

/** Typing errors between two names, capitals aside; -1: not near. */
int basin__near(const char *name, const char *candidate);

#endif
