/* SPDX-License-Identifier: MIT
 *
 * Which losses can work? The conditions judge a loss without any model, by its
 * values over the energies of the right answer (ec) and of the most offending
 * wrong one (ei). A loss may be registered, or just typed in.
 */
#include "common.h"

/* One registered loss. */
static int judge(basin_context *ctx, const char *name, basin_check *check)
{
    basin_loss *loss;
    TRY(basin_loss_create(&loss, ctx, name, NULL, 0, &why));
    TRY(basin_check_loss(
        check, ctx, loss, basin_loss_entry(loss)->domain, &why));
    printf("%-16s margin %s\n", name, basin_margin_name(check->margin));
    basin_loss_destroy(loss);
    return 0;
}

int main(void)
{
    static const struct {
        const char *name;
        basin_margin margin; /* as the tutorial's table has it */
    } known[] = {{"energy", BASIN_MARGIN_NONE},
        {"perceptron", BASIN_MARGIN_ZERO}, {"hinge", BASIN_MARGIN_FINITE},
        {"log", BASIN_MARGIN_ANY}, {"square-square", BASIN_MARGIN_FINITE}};
    basin_context *ctx;
    basin_check check;
    basin_expression *typed;
    int wrong = 0;
    TRY(basin_context_create(&ctx, NULL, &why));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (judge(ctx, known[i].name, &check))
            return 1;
        wrong += check.margin != known[i].margin;
    }

    TRY(basin_expression_create(&typed, ctx, "ec^2 + max(0, m - ei)^2", &why));
    TRY(basin_expression_set(typed, "m", 3, &why));
    TRY(basin_check_expression(
        &check, ctx, typed, BASIN_DOMAIN_NONNEGATIVE, &why));
    printf("what we typed in passes at every margin below %g\n",
        check.largest_margin);
    printf("a surface that is %g everywhere would stay so: the m/2 trap\n",
        check.flat[0]);
    wrong += check.largest_margin != 3 || check.n_flat != 1 ||
             fabs(check.flat[0] - 1.5) > 1e-6;
    basin_expression_destroy(typed);
    basin_context_destroy(ctx);
    return wrong;
}
