/* SPDX-License-Identifier: MIT
 *
 * Which kernels this processor can run, the fastest first, and the choice of
 * one set for a context. Asking the processor again each time costs less than
 * remembering would, which needs a global.
 */
#include "tensor/kernels.h"

#include "base/context.h"

#if (BASIN_VECTORS & 8) != 0
static bool can_run_8(void)
{
    return __builtin_cpu_supports("avx2");
}
#endif

#if (BASIN_VECTORS & 16) != 0
static bool can_run_16(void)
{
    return __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw");
}
#endif

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

const basin_kernels *basin_backend_at(int index)
{
    const basin_kernels *found[4];
    int n = 0;
#if (BASIN_VECTORS & 16) != 0
    if (can_run_16())
        found[n++] = &basin__kernels_vector16;
#endif
#if (BASIN_VECTORS & 8) != 0
    if (can_run_8())
        found[n++] = &basin__kernels_vector8;
#endif
#if (BASIN_VECTORS & 4) != 0
    found[n++] = &basin__kernels_vector4;
#endif
    found[n++] = &basin__kernels_portable;
    return index >= 0 && index < n ? found[index] : NULL;
}

const basin_kernels *basin__kernels_find(const char *name)
{
    const basin_kernels *first = basin_backend_at(0);
    if (same(name, "fastest"))
        return first;
    if (same(name, "vector"))
        return first != &basin__kernels_portable ? first : NULL;
    for (int i = 0; basin_backend_at(i); i++)
        if (same(name, basin_backend_at(i)->name))
            return basin_backend_at(i);
    return NULL;
}

/* ----------------------------------------------------------------- context */

basin_status basin__context_kernels_init(
    basin_context *ctx, const char *backend, basin_error *error)
{
    ctx->kernels = basin__kernels_find(backend ? backend : "fastest");
    if (ctx->kernels)
        return BASIN_OK;
    const char *names[8];
    char list[96] = "";
    size_t used = 0;
    int n = 0;
    for (; n < 8 && basin_backend_at(n); n++) {
        names[n] = basin_backend_at(n)->name;
        used += basin_format(
            list + used, sizeof list - used, "%s%s", n ? ", " : "", names[n]);
    }
    const char *nearest = basin_nearest(backend, names, n);
    return basin_error_set(error, BASIN_E_NAME,
        "no backend \"%.40s\" on this processor, which can run %s%s%s%s",
        backend, list, nearest ? "; did you mean \"" : "",
        nearest ? nearest : "", nearest ? "\"?" : "");
}

const basin_kernels *basin_context_kernels(const basin_context *ctx)
{
    return ctx->kernels;
}

const char *basin_context_backend(const basin_context *ctx)
{
    return ctx->kernels->name;
}
