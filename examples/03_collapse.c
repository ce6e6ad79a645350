/* SPDX-License-Identifier: MIT
 *
 * Collapse: the same loss on a net of two branches. Both branches may say the
 * same of everything, which makes every energy 0 and the loss perfect, and the
 * answers worthless. The watch over training sees it, and says what to change.
 */
#include "common.h"

#include <string.h>

int main(void)
{
    model m = {.ctx = NULL};
    basin_watch *watch;
    char words[384];
    float worst;
    TRY(basin_context_create(&m.ctx, NULL, &why));
    if (two_branches(&m, "energy"))
        return 1;
    TRY(basin_watch_create(&watch, m.energy, m.loss,
        &(basin_samples){.n = N, .x = m.x, .y = m.y}, 2048, 0.3, &why));
    if (teach(&m, 0.003, 200) || worst_answer(&m, &worst))
        return 1;

    basin_surface before = *basin_watch_first(watch);
    basin_surface after = basin_watch_look(watch);
    basin_verdict verdict =
        basin_watch_judge(watch, &after, BASIN_VERDICT_FINE);
    basin_watch_words(watch, verdict, &after, words, sizeof words);
    printf("the loss fell to %.4f\n", basin_trainer_progress(m.trainer)->loss);
    printf("the energies' spread fell from %.3f to %.3f\n", before.spread,
        after.spread);
    printf("the worst answer is %.2f off\n%s\n", (double)worst, words);

    bool collapsed = verdict == BASIN_VERDICT_COLLAPSE &&
                     after.spread < 0.05 * before.spread && worst > 0.25F;
    basin_watch_destroy(watch);
    close_model(&m);
    return !collapsed || !strstr(words, "collapse");
}
