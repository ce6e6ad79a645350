/* SPDX-License-Identifier: MIT
 *
 * A margin: the same net of two branches, and a loss that also pushes the most
 * offending wrong answer up, until its energy is m. That is all it takes
 * against collapse: one wrong answer a sample.
 */
#include "common.h"

int main(void)
{
    model m = {.ctx = NULL};
    basin_watch *watch;
    float worst;
    TRY(basin_context_create(&m.ctx, NULL, &why));
    if (two_branches(&m, "square-square")) /* m is 2, if nothing is said */
        return 1;
    TRY(basin_watch_create(&watch, m.energy, m.loss,
        &(basin_samples){.n = N, .x = m.x, .y = m.y}, 2048, 0.3, &why));
    if (teach(&m, 0.003, 300) || worst_answer(&m, &worst))
        return 1;
    basin_surface before = *basin_watch_first(watch);
    basin_surface after = basin_watch_look(watch);
    printf("wrong answers lie %.2f above right ones; before, %.2f\n", after.gap,
        before.gap);
    printf("the worst answer is %.3f off\n", (double)worst);
    basin_watch_destroy(watch);
    close_model(&m);
    return !(after.gap > 1 && worst < 0.1F);
}
