/* SPDX-License-Identifier: MIT
 *
 * A chain: the labels of a sequence, each of which depends on what is seen
 * there and on the label before. "on" and "off" are seen, or "wait", which says
 * nothing; the label is whether a lamp burns. What "wait" means only the label
 * before can tell, so the answer is a whole path. What is seen goes with labels
 * (node), and with steps from a label to the next (edge).
 */
#include "common.h"

enum { LENGTH = 12, SEQUENCES = 8, WORDS = 3 };
enum { WAIT, ON, OFF };

static int64_t start[SEQUENCES + 1], word_start[SEQUENCES * LENGTH + 1];
static int32_t word[SEQUENCES * LENGTH], lamp[SEQUENCES * LENGTH];

static void tell(basin_sequences *out)
{
    for (int32_t t = 0; t < SEQUENCES * LENGTH; t++) {
        bool first = t % LENGTH == 0;
        int kind = (t * 7 + t / LENGTH * 3) % 11; /* mostly waiting */
        word[t] = kind == 2 ? ON : kind == 5 || first ? OFF : WAIT;
        lamp[t] = word[t] == WAIT ? lamp[t - 1] : word[t] == ON;
        word_start[t + 1] = t + 1;
    }
    for (int i = 0; i <= SEQUENCES; i++)
        start[i] = i * LENGTH;
    *out = (basin_sequences){.n = SEQUENCES,
        .positions = SEQUENCES * LENGTH,
        .start = start,
        .n_labels = 2,
        .label = lamp,
        .node = {WORDS, word_start, word, NULL},
        .edge = {WORDS, word_start, word, NULL}};
}

int main(void)
{
    basin_context *ctx;
    basin_chain *chain;
    basin_chain_trainer *trainer;
    basin_lattice *lattice;
    basin_sequences said;
    basin_chain_train_def def = basin_chain_train_default();
    int wrong = 0;
    tell(&said);
    TRY(basin_context_create(&ctx, NULL, &why));
    TRY(basin_chain_create(&chain, ctx, &said, NULL, &why));
    def.c2 = 0.01; /* a little of c2 |W|^2 */
    TRY(basin_chain_trainer_create(
        &trainer, chain, NULL, &said, &def, &why)); /* NULL: the likelihood */
    TRY(basin_chain_trainer_run(trainer, &why));

    TRY(basin_lattice_create(&lattice, chain, &why));
    for (int32_t i = 0; i < SEQUENCES; i++) {
        int32_t answer[LENGTH];
        TRY(basin_lattice_observe(lattice, &said, i, &why));
        double e = basin_lattice_best(lattice, answer);
        for (int t = 0; t < LENGTH; t++)
            wrong += answer[t] != lamp[i * LENGTH + t];
        if (i > 0)
            continue;
        printf("E = %.2f: ", e);
        for (int t = 0; t < LENGTH; t++)
            putchar(answer[t] ? '*' : '.');
        putchar('\n');
    }
    printf("%d labels of %d are wrong\n", wrong, SEQUENCES * LENGTH);
    basin_lattice_destroy(lattice);
    basin_chain_trainer_destroy(trainer);
    basin_chain_destroy(chain);
    basin_context_destroy(ctx);
    return wrong != 0;
}
