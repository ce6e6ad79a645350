/* SPDX-License-Identifier: MIT
 *
 * The runs of a join: how a module with operands of different extents walks
 * them. One operand may stand for every sample, another for every candidate;
 * the loops walk the pairs without copying either.
 */
#ifndef BASIN_GRAPH_RUN_H
#define BASIN_GRAPH_RUN_H

#include "graph/graph.h"

/** An operand, at the row where a run begins. */
typedef struct run {
    const float *value;
    float *grad;
    size_t line; /**< floats from one feature to the next */
    int step;
} run;

/** What is done on one run: `row` is where it begins in the output. */
typedef void (*run_fn)(
    const basin_module_call *c, size_t row, const run *operands);

static inline void each_run(const basin_module_call *c, run_fn work)
{
    run operands[BASIN_MODULE_INPUTS];
    for (int o0 = 0; o0 < c->outer[0]; o0++) {
        for (int o1 = 0; o1 < c->outer[1]; o1++) {
            for (int i = 0; i < c->plan->n_inputs; i++) {
                const basin_operand *in = &c->in[i];
                size_t row =
                    (size_t)o0 * in->stride[0] + (size_t)o1 * in->stride[1];
                operands[i] =
                    (run){in->value + row, in->grad ? in->grad + row : NULL,
                        (size_t)in->rows, in->step};
            }
            work(c, ((size_t)o0 * c->outer[1] + o1) * c->inner, operands);
        }
    }
}

#endif
