/* SPDX-License-Identifier: MIT
 *
 * Work on several threads. What is done never depends on how many there are:
 * the caller cuts the work into n pieces, and each piece knows its index.
 */
#ifndef BASIN_BASE_THREAD_H
#define BASIN_BASE_THREAD_H

#include "basin/base.h"

/** Call fn(arg, 0) ... fn(arg, n - 1), each once, in any order and on any
 *  thread; return when all are done. */
void basin__parallel_for(const basin_context *ctx, int n,
    void (*fn)(void *arg, int index), void *arg);

#endif
