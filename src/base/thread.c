/* SPDX-License-Identifier: MIT
 *
 * Work on several threads through OpenMP where the build has it, one piece
 * after the other where it has not.
 */
#include "base/thread.h"

#include "base/context.h"

void basin__parallel_for(const basin_context *ctx, int n,
    void (*fn)(void *arg, int index), void *arg)
{
#if defined(_OPENMP) && !defined(BASIN_FREESTANDING)
    const int threads = ctx->threads < n ? ctx->threads : n;
    if (threads > 1) {
#pragma omp parallel for schedule(dynamic) num_threads(threads)
        for (int i = 0; i < n; i++)
            fn(arg, i);
        return;
    }
#else
    (void)ctx;
#endif
    for (int i = 0; i < n; i++)
        fn(arg, i);
}
