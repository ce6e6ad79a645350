/* SPDX-License-Identifier: MIT
 *
 * The context and its registry of parts: what can be chosen by name, one list
 * a kind. Lists are short, so a walk finds everything.
 */
#include "base/context.h"

#include "base/memory.h"

#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#define CONTEXT_COOKIE 0x62736e31u /* "bsn1" */
#define THREADS_MAX    1024

const char *basin_version(void)
{
    return BASIN_VERSION;
}

basin_context_def basin_context_default(void)
{
    return (basin_context_def){.cookie = CONTEXT_COOKIE};
}

static int processors(void)
{
#if defined(_OPENMP) && !defined(BASIN_FREESTANDING)
    const int n = omp_get_num_procs();
    return n < 1 ? 1 : n > THREADS_MAX ? THREADS_MAX : n;
#else
    return 1;
#endif
}

basin_status basin__context_init(
    basin_context **out, const basin_context_def *def, basin_error *error)
{
    BASIN_REQUIRE(out, error, BASIN_E_ARGUMENT, "no place for the context");
    *out = NULL;
    const basin_context_def initial = basin_context_default();
    if (!def)
        def = &initial;
    BASIN_REQUIRE(def->cookie == CONTEXT_COOKIE, error, BASIN_E_ARGUMENT,
        "the context's definition did not come from basin_context_default");
    BASIN_REQUIRE(def->threads >= 0 && def->threads <= THREADS_MAX, error,
        BASIN_E_RANGE, "threads must be from 1 to %d, or 0 for all; got %d",
        THREADS_MAX, def->threads);
    basin_context *ctx = basin__allocate(&def->allocator, NULL, 0, sizeof *ctx);
    BASIN_REQUIRE(ctx, error, BASIN_E_MEMORY, "no memory for a context");
    memset(ctx, 0, sizeof *ctx);
    ctx->allocator = def->allocator;
    atomic_init(&ctx->bytes, sizeof *ctx);
    ctx->threads = def->threads ? def->threads : processors();
    *out = ctx;
    return BASIN_OK;
}

void basin__context_finish(basin_context *ctx)
{
    if (!ctx)
        return;
    for (int kind = 0; kind < BASIN_KINDS; kind++) {
        basin__parts *parts = &ctx->parts[kind];
        basin_free(
            ctx, parts->part, sizeof *parts->part * (size_t)parts->capacity);
    }
    const basin_allocator allocator = ctx->allocator;
    basin__allocate(&allocator, ctx, sizeof *ctx, 0);
}

int basin_context_threads(const basin_context *ctx)
{
    return ctx->threads;
}

/* --------------------------------------------------------------- registry */

static bool is_kind(basin_kind kind)
{
    return (int)kind >= 0 && (int)kind < BASIN_KINDS;
}

const char *basin_kind_name(basin_kind kind)
{
    static const char *const names[BASIN_KINDS] = {
        [BASIN_KIND_MODULE] = "module",
        [BASIN_KIND_ENERGY] = "energy",
        [BASIN_KIND_COST] = "cost",
        [BASIN_KIND_INFERENCE] = "inference",
        [BASIN_KIND_LOSS] = "loss",
        [BASIN_KIND_OPTIMISER] = "optimiser",
    };
    return is_kind(kind) ? names[kind] : "part";
}

static const basin_part *find(const basin__parts *parts, const char *name)
{
    for (int i = 0; i < parts->n; i++)
        if (strcmp(parts->part[i]->name, name) == 0)
            return parts->part[i];
    return NULL;
}

basin_status basin_register(basin_context *ctx, basin_kind kind,
    const basin_part *part, basin_error *error)
{
    BASIN_REQUIRE(is_kind(kind), error, BASIN_E_ARGUMENT,
        "there is no kind of part with the number %d", (int)kind);
    BASIN_TRY(basin__part_check(part, error));
    basin__parts *parts = &ctx->parts[kind];
    BASIN_REQUIRE(!find(parts, part->name), error, BASIN_E_ARGUMENT,
        "the name '%s' is taken by another %s", part->name,
        basin_kind_name(kind));
    if (parts->n == parts->capacity) {
        const size_t one = sizeof *parts->part;
        const int capacity = parts->capacity ? 2 * parts->capacity : 16;
        const basin_part **grown = basin__realloc(ctx, (void *)parts->part,
            one * (size_t)parts->capacity, one * (size_t)capacity);
        BASIN_REQUIRE(grown, error, BASIN_E_MEMORY,
            "no memory to register the %s '%s'", basin_kind_name(kind),
            part->name);
        parts->part = grown;
        parts->capacity = capacity;
    }
    parts->part[parts->n++] = part;
    return BASIN_OK;
}

/* "a, b, c", cut where the room ends */
static void list_names(char *out, size_t size, const basin__parts *parts)
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < parts->n && used < size; i++)
        used += basin_format(out + used, size - used, "%s%s", i ? ", " : "",
            parts->part[i]->name);
}

basin_status basin_find(const basin_part **out, const basin_context *ctx,
    basin_kind kind, const char *name, basin_error *error)
{
    *out = NULL;
    BASIN_REQUIRE(is_kind(kind), error, BASIN_E_ARGUMENT,
        "there is no kind of part with the number %d", (int)kind);
    BASIN_REQUIRE(name, error, BASIN_E_ARGUMENT, "the %s has no name",
        basin_kind_name(kind));
    const basin__parts *parts = &ctx->parts[kind];
    *out = find(parts, name);
    if (*out)
        return BASIN_OK;
    const char *what = basin_kind_name(kind);
    const char *nearest = NULL;
    int least = 0;
    for (int i = 0; i < parts->n; i++) {
        const int distance = basin__near(name, parts->part[i]->name);
        if (distance >= 0 && (!nearest || distance < least)) {
            nearest = parts->part[i]->name;
            least = distance;
        }
    }
    BASIN_REQUIRE(!nearest, error, BASIN_E_NAME,
        "no %s is called '%s'; did you mean '%s'?", what, name, nearest);
    BASIN_REQUIRE(parts->n > 0, error, BASIN_E_NAME,
        "no %s is called '%s'; none is registered", what, name);
    char names[sizeof error->message];
    list_names(names, sizeof names, parts);
    return basin_error_set(error, BASIN_E_NAME,
        "no %s is called '%s'; there are: %s", what, name, names);
}

const basin_part *basin_part_at(
    const basin_context *ctx, basin_kind kind, int index)
{
    if (!is_kind(kind) || index < 0 || index >= ctx->parts[kind].n)
        return NULL;
    return ctx->parts[kind].part[index];
}
