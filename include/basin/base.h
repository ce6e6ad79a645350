/* SPDX-License-Identifier: MIT
 *
 * What every room stands on: status codes, errors with a place, memory, the
 * context that owns everything, the registry of parts, their parameters, and
 * random numbers. There is no global state: two contexts never meet.
 *
 *     basin_error error = {0};
 *     basin_context *ctx = NULL;
 *     if (basin_context_create(&ctx, NULL, &error) != BASIN_OK)
 *         puts(error.message);
 *     basin_context_destroy(ctx);
 */
#ifndef BASIN_BASE_H
#define BASIN_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define BASIN_BEGIN_DECLS extern "C" {
#define BASIN_END_DECLS   }
#else
#define BASIN_BEGIN_DECLS
#define BASIN_END_DECLS
#endif

#if defined(__GNUC__)
#define BASIN_API          __attribute__((visibility("default")))
#define BASIN_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define BASIN_API
#define BASIN_PRINTF(f, a)
#endif

BASIN_BEGIN_DECLS

/** The version of these headers. */
#define BASIN_VERSION_MAJOR 0
#define BASIN_VERSION_MINOR 1
#define BASIN_VERSION_PATCH 0
#define BASIN_VERSION       "0.1.0"

/** The version of the library that is linked, for instance "0.1.0". */
BASIN_API const char *basin_version(void);

/* ------------------------------------------------------------------ status */

/* clang-format off */
/** Every status: name, frozen number, meaning. New ones go at the end. */
#define BASIN_STATUS_MAP(X)                                                   \
    X(OK,             0, "success")                                           \
    X(E_MEMORY,     -10, "out of memory")                                     \
    X(E_ARGUMENT,   -20, "an argument is not usable")                         \
    X(E_NAME,       -21, "no part of this name")                              \
    X(E_RANGE,      -22, "a value is outside its range")                      \
    X(E_SHAPE,      -23, "shapes do not fit together")                        \
    X(E_SERVE,      -30, "these parts cannot serve each other")               \
    X(E_NONFINITE,  -40, "a number is not finite")                            \
    X(E_FORMAT,     -50, "the input is malformed")                            \
    X(E_IO,         -60, "the system refused to read or write")               \
    X(E_STOPPED,    -70, "stopped by the caller")
/* clang-format on */

/** What a call that can fail returns. */
typedef enum basin_status {
#define BASIN_X(name, number, meaning) BASIN_##name = number,
    BASIN_STATUS_MAP(BASIN_X)
#undef BASIN_X
} basin_status;

/** The one-line meaning of a status; never NULL. */
BASIN_API const char *basin_status_text(basin_status status);

/**
 * What went wrong, and where in the user's input. The caller owns it and
 * passes it to every call that can fail; NULL means that only the status is
 * wanted. `file` is empty, and `line` and `column` are 0, where there is no
 * such place. Lines and columns count from 1.
 */
typedef struct basin_error {
    basin_status code;
    int line, column;
    char file[192];
    char message[384];
} basin_error;

/**
 * Fill `error` (may be NULL) and return `code`. The format knows the
 * conversions %s %d %i %u %x %c %% with l, ll and z, and %g %f %e with a
 * precision; it does not depend on the locale. An overlong message is cut.
 */
BASIN_API basin_status basin_error_set(basin_error *error, basin_status code,
    const char *format, ...) BASIN_PRINTF(3, 4);

/** Add a place to an error that is already set; `file` may be NULL. */
BASIN_API void basin_error_place(
    basin_error *error, const char *file, int line, int column);

/** Return early with the status of `call` unless it is BASIN_OK. */
#define BASIN_TRY(call)                                                        \
    do {                                                                       \
        basin_status basin_try_status = (call);                                \
        if (basin_try_status != BASIN_OK)                                      \
            return basin_try_status;                                           \
    } while (0)

/** Return early with `code` and a message unless `condition` holds. */
#define BASIN_REQUIRE(condition, error, code, ...)                             \
    do {                                                                       \
        if (!(condition))                                                      \
            return basin_error_set((error), (code), __VA_ARGS__);              \
    } while (0)

/** Format into `out` (always ends in NUL when size > 0), as in
 *  basin_error_set. @return the length that the whole text has. */
BASIN_API size_t basin_format(char *out, size_t size, const char *format, ...)
    BASIN_PRINTF(3, 4);
BASIN_API size_t basin_vformat(char *out, size_t size, const char *format,
    va_list args) BASIN_PRINTF(3, 0);

/**
 * Read a decimal number ("-1.5e3", "inf", "nan") from the first `length`
 * bytes of `text`, correctly rounded, whatever the locale.
 * @return the number of bytes that belong to it; 0: no number is there.
 */
BASIN_API size_t basin_parse_number(
    double *out, const char *text, size_t length);

/** Write the shortest text that reads back to the same number (as a float if
 *  `single`), NUL-terminated. @param out at least 32 bytes. @return length */
BASIN_API size_t basin_print_number(char *out, double value, bool single);

/* ------------------------------------------------------------------ memory */

/**
 * One hook for all memory. Allocates when `block` is NULL, frees when
 * `new_size` is 0, and resizes otherwise; `old_size` is the size that was
 * asked for before (0 for NULL). `align` is a power of two, at least 16.
 * Must return NULL, and leave the old block as it is, when it cannot serve.
 */
typedef void *(*basin_alloc_fn)(
    void *user, void *block, size_t old_size, size_t new_size, size_t align);

/** The hook, and what it is called with. Default: the C library's. */
typedef struct basin_allocator {
    basin_alloc_fn function; /**< NULL: the C library's */
    void *user;
} basin_allocator;

/* ----------------------------------------------------------------- context */

/** Owns the registry, the allocator, the kernels and the threads. */
typedef struct basin_context basin_context;

typedef struct basin_context_def {
    uint32_t cookie;           /**< set by basin_context_default */
    basin_allocator allocator; /**< default: the C library's */
    int threads;               /**< 1 to 1024; 0, the default: all processors */
    const char *backend;       /**< NULL, the default: the fastest here */
} basin_context_def;

/** The defaults: see the members. */
BASIN_API basin_context_def basin_context_default(void);

/**
 * Open the library and register everything that is built in.
 * @param def NULL means the defaults.
 * Errors: E_MEMORY; E_RANGE (threads); E_NAME (backend); E_ARGUMENT (a def
 * that did not come from basin_context_default).
 */
BASIN_API basin_status basin_context_create(
    basin_context **out, const basin_context_def *def, basin_error *error);

/** Free the context; everything created from it must be gone. NULL is fine. */
BASIN_API void basin_context_destroy(basin_context *ctx);

/** How many threads it works with. */
BASIN_API int basin_context_threads(const basin_context *ctx);

/** The name of the kernels in use: "portable", or the vector set's name. */
BASIN_API const char *basin_context_backend(const basin_context *ctx);

/** Bytes that are allocated through the context just now. */
BASIN_API size_t basin_context_bytes(const basin_context *ctx);

/** Memory through the context's hook, zeroed; NULL when there is none.
 *  For parts that users write; the size must be given back on freeing. */
BASIN_API void *basin_alloc(basin_context *ctx, size_t size);
BASIN_API void basin_free(basin_context *ctx, void *block, size_t size);

/* -------------------------------------------------------------- parameters */

/** A number that a part takes, declared once: it is parsed, checked, printed
 *  and documented from this row. */
typedef struct basin_param {
    const char *name;    /**< as it is typed: "margin" */
    const char *unit;    /**< "" when it has none */
    double low, high;    /**< both allowed, unless `open_low` */
    double initial;      /**< the default */
    bool integer;        /**< only whole numbers */
    bool open_low;       /**< `low` itself is not allowed */
    const char *choices; /**< "a|b|c": the value is the index; or NULL */
    const char *help;    /**< one line */
} basin_param;

/** A value given to a parameter by name. */
typedef struct basin_setting {
    const char *name;
    double value;
} basin_setting;

/** The first member of every table entry: what `basin list` shows. */
typedef struct basin_part {
    const char *name;    /**< unique among its kind: "square-square" */
    const char *summary; /**< one line */
    const char *formula; /**< plain text; "" when there is none */
    const char *source;  /**< author, year, equation */
    const basin_param *params;
    int n_params;
} basin_part;

/** At most this many parameters in a part. */
#define BASIN_PARAMS_MAX 24

/**
 * Fill `values` (room for part->n_params) with the defaults, then with the
 * settings. Errors: E_NAME (with the nearest right name), E_RANGE.
 */
BASIN_API basin_status basin_part_settings(double *values,
    const basin_part *part, const basin_setting *settings, int n_settings,
    basin_error *error);

/** Read "name=value" into a setting for this part (choices by their words).
 *  `out->name` points into the part. Errors: E_NAME, E_FORMAT, E_RANGE. */
BASIN_API basin_status basin_part_parse(basin_setting *out,
    const basin_part *part, const char *text, basin_error *error);

/* ---------------------------------------------------------------- registry */

/** The kinds of parts in the registry. */
typedef enum basin_kind {
    BASIN_KIND_MODULE = 0,
    BASIN_KIND_ENERGY = 1,
    BASIN_KIND_COST = 2,
    BASIN_KIND_INFERENCE = 3,
    BASIN_KIND_LOSS = 4,
    BASIN_KIND_OPTIMISER = 5,
    BASIN_KINDS = 6
} basin_kind;

/** "module", "energy", "cost", "inference", "loss", "optimiser". */
BASIN_API const char *basin_kind_name(basin_kind kind);

/**
 * Add a part. `part` is the first member of the kind's table entry
 * (basin_module, basin_energy_type, basin_cost_type, basin_inference_type,
 * basin_loss_type, basin_optimiser_type) and must outlive the context.
 * Errors: E_ARGUMENT (an incomplete entry, or the name is taken), E_MEMORY.
 */
BASIN_API basin_status basin_register(basin_context *ctx, basin_kind kind,
    const basin_part *part, basin_error *error);

/** Find a part. Errors: E_NAME, with the nearest name in the message. */
BASIN_API basin_status basin_find(const basin_part **out,
    const basin_context *ctx, basin_kind kind, const char *name,
    basin_error *error);

/** Walk the registry in the order of registration; NULL past the end. */
BASIN_API const basin_part *basin_part_at(
    const basin_context *ctx, basin_kind kind, int index);

/** The name among `names` (n of them) nearest to `name` in typing errors, or
 *  NULL when none is near. */
BASIN_API const char *basin_nearest(
    const char *name, const char *const *names, int n);

/* ---------------------------------------------------------- random numbers */

/**
 * Where a random number lives. A number is a function of its key and nothing
 * else, so that order, threads and restarts cannot change it.
 */
typedef struct basin_random_key {
    uint64_t seed;
    uint32_t stream; /**< what it is for; see basin_stream */
    uint64_t step;
} basin_random_key;

/** Streams that the library uses; users take BASIN_STREAM_USER and above. */
typedef enum basin_stream {
    BASIN_STREAM_INIT = 1,
    BASIN_STREAM_SHUFFLE = 2,
    BASIN_STREAM_DATA = 3,
    BASIN_STREAM_DROPOUT = 4,
    BASIN_STREAM_SAMPLER = 5,
    BASIN_STREAM_TEST = 6,
    BASIN_STREAM_SEARCH = 7,
    BASIN_STREAM_PROBE = 8,
    BASIN_STREAM_USER = 1000
} basin_stream;

/** 64 random bits (Philox4x32-10; Salmon et al. 2011). */
BASIN_API uint64_t basin_random_bits(basin_random_key key, uint64_t index);
/** Uniform in [0, 1), 53 bits. */
BASIN_API double basin_random_uniform(basin_random_key key, uint64_t index);
/** Standard normal (Box and Muller 1958). */
BASIN_API double basin_random_normal(basin_random_key key, uint64_t index);
/** Many at once, in float32: out[i] is a function of the key and i, and is
 *  never beyond 6.7 in size. Other numbers than basin_random_normal's. */
BASIN_API void basin_random_normals(basin_random_key key, float *out, size_t n);
/** A random permutation of 0 .. n-1 (Fisher and Yates). */
BASIN_API void basin_random_shuffle(basin_random_key key, int32_t *out, int n);

BASIN_END_DECLS

#endif
