/* SPDX-License-Identifier: MIT
 *
 * How the rate falls over a training: a function of the update's number alone,
 * so that a training that goes on has the rate that it would have had.
 */
#include "learn/learn.h"

/* What is left of the rate when a part `done` of the fall is over. */
static double left(const basin_train_def *def, double done)
{
    const double end = def->rate_end, pi = 3.14159265358979323846;
    switch (def->schedule) {
    case BASIN_SCHEDULE_LINEAR: break;
    case BASIN_SCHEDULE_COSINE:
        return end + (1 - end) * (1 + basin_cos(pi * done)) / 2;
    case BASIN_SCHEDULE_STEPS: {
        int fallen = (int)(done * (def->steps + 1.0));
        fallen = fallen > def->steps ? def->steps : fallen;
        return basin_pow(end, (double)fallen / def->steps);
    }
    case BASIN_SCHEDULE_INVERSE: return 1 / (1 + done * (1 / end - 1));
    }
    return 1 - done * (1 - end);
}

double basin__schedule_rate(
    const basin_train_def *def, uint64_t update, uint64_t last)
{
    double first = (double)(uint64_t)(def->warmup * (double)last);
    double at = (double)update, all = (double)last;
    if (at < first)
        return def->rate * (at + 1) / (first + 1);
    double done = all > first ? (at - first) / (all - first) : 0;
    return def->rate * left(def, done > 1 ? 1 : done);
}
