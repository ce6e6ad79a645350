/* SPDX-License-Identifier: MIT
 *
 * The verdict on a loss: the largest margin at which it satisfies Condition 3,
 * and the word for it.
 */
#include "loss/check.h"

const char *basin_margin_name(basin_margin margin)
{
    static const char *const names[] = {"none", "0", "m", ">0"};
    return names[margin];
}

/* The margins that pass lie below those that do not: as the margin grows, HP1
 * loses points and HP2 gains some. So they are found by halving. */
typedef struct range {
    double pass, fail;
} range;

static const int highest = 6, lowest = -60;

static double power_of_two(int exponent)
{
    double out = 1;
    for (int k = 0; k < exponent; k++)
        out *= 2;
    for (int k = 0; k > exponent; k--)
        out /= 2;
    return out;
}

static bool passes(basin__search *s, double margin)
{
    basin__infimum hp1, hp2;
    return basin__search_passes(s, margin, &hp1, &hp2);
}

/* First the power of two, then the digits. */
static range halve(basin__search *s, double scale)
{
    int low = lowest, high = highest;
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (passes(s, scale * power_of_two(middle)))
            low = middle;
        else
            high = middle;
    }
    range r = {scale * power_of_two(low), scale * power_of_two(high)};
    for (int k = 0; k < 34; k++) {
        double middle = 0.5 * (r.pass + r.fail);
        if (passes(s, middle))
            r.pass = middle;
        else
            r.fail = middle;
    }
    return r;
}

/* The number with the fewest digits that the halving cannot tell from its
 * result. */
static double rounded(range r)
{
    double unit = 1;
    while (unit > r.fail)
        unit /= 10;
    while (unit * 10 <= r.fail)
        unit *= 10;
    const double slack = r.fail - r.pass;
    for (int k = 0; k < 10; k++, unit /= 10) {
        double near = __builtin_floor(r.pass / unit + 0.5) * unit;
        if (near >= r.pass - slack && near <= r.fail + slack) {
            /* by way of its decimal text: 1.5 and not 1.4999999999999998 */
            char text[32];
            basin_parse_number(
                &near, text, basin_format(text, sizeof text, "%.12g", near));
            return near;
        }
    }
    return 0.5 * (r.pass + r.fail);
}

/* Does this margin fail only because the digits end here? Then the infima
 * cannot be told apart, but the loss still falls beyond. */
static bool is_lost(basin__search *s, const basin__judged *j, double margin)
{
    basin__infimum hp1, hp2;
    basin__search_passes(s, margin, &hp1, &hp2);
    if (hp1.unbounded || hp2.unbounded ||
        basin__ball_below(&hp2.high, &hp1.low))
        return false;
    static const double places[] = {0, 1, 4};
    for (int k = 0; k < 3; k++) {
        double d_c, d_i, ec = places[k];
        double v = basin__judged_value(j, ec, ec + 1.02 * margin, &d_c, &d_i);
        if (!(v - v == 0) || !(d_i < 0))
            return false;
    }
    return true;
}

static basin_margin find_largest(
    basin__search *s, const basin__judged *j, double *largest)
{
    *largest = __builtin_inf();
    double top = j->scale * power_of_two(highest);
    if (passes(s, top))
        return BASIN_MARGIN_ANY;
    *largest = 0;
    if (!passes(s, j->scale * power_of_two(lowest)))
        return basin__search_wins(s) ? BASIN_MARGIN_ZERO : BASIN_MARGIN_NONE;
    range r = halve(s, j->scale);
    if (is_lost(s, j, 1.01 * r.fail)) {
        *largest = __builtin_inf();
        return BASIN_MARGIN_ANY;
    }
    *largest = rounded(r);
    return BASIN_MARGIN_FINITE;
}

static double least_of(const basin__infimum *i)
{
    if (i->unbounded)
        return -__builtin_inf();
    const basin__ball *b = &i->high;
    bool lost = b->kind == BASIN__FINITE && b->error >= b->exponent;
    return lost ? 0 : basin__ball_double(b);
}

static void describe(basin__search *s, basin_check *out)
{
    basin__infimum hp1, hp2;
    out->at_margin =
        out->margin == BASIN_MARGIN_FINITE ? out->largest_margin / 2 : 1;
    out->condition3 = basin__search_passes(s, out->at_margin, &hp1, &hp2);
    if (out->margin == BASIN_MARGIN_ANY)
        out->condition3 = true; /* also where the digits end */
    out->least_hp1 = least_of(&hp1);
    out->least_hp2 = least_of(&hp2);
    basin__search_minima(s, out->at_margin, out);
    if (out->margin == BASIN_MARGIN_ANY)
        return;
    double margin =
        out->margin == BASIN_MARGIN_FINITE ? 1.25 * out->largest_margin : 1;
    basin__search_passes(s, margin, &hp1, &hp2);
    out->has_witness = true;
    out->witness_margin = margin;
    out->witness = hp2.at;
    out->witness_loss = basin__ball_double(&hp2.near);
    out->witness_best = least_of(&hp1);
}

/* The verdict from values alone, for one set of other answers. */
static basin_status judge(
    basin_check *out, const basin__judged *j, basin_error *error)
{
    basin__search *s = NULL;
    *out = (basin_check){.domain = j->domain, .scale = j->scale};
    BASIN_TRY(basin__search_create(&s, j, error));
    out->margin = find_largest(s, j, &out->largest_margin);
    describe(s, out);
    basin__search_destroy(s);
    return BASIN_OK;
}

/* What only slopes tell: a loss that pushes nothing up has no margin, and one
 * whose margin is 0 must not pull wrong answers down either. */
static basin_status finish(
    basin_check *out, const basin__judged *j, basin_error *error)
{
    double below = out->margin == BASIN_MARGIN_FINITE ? out->largest_margin
                   : out->margin == BASIN_MARGIN_ANY  ? out->at_margin
                                                      : 0;
    basin__scan(j, below, out);
    BASIN_REQUIRE(out->undefined < 1, error, BASIN_E_RANGE,
        "the loss has no finite value anywhere near 0");
    bool fails = !out->pushes_up ||
                 (out->margin == BASIN_MARGIN_ZERO && out->pulls_down);
    if (fails) {
        out->margin = BASIN_MARGIN_NONE;
        out->largest_margin = 0;
    }
    return BASIN_OK;
}

static double scale_above(double size)
{
    double scale = 1;
    while (scale < size && scale < 1e12)
        scale *= 2;
    return scale;
}

basin_status basin_check_expression(basin_check *out, basin_context *ctx,
    const basin_expression *q, basin_domain domain, basin_error *error)
{
    const basin__judged j = {.ctx = ctx,
        .q = q,
        .domain = domain,
        .scale = scale_above(basin__expression_scale(q))};
    BASIN_TRY(judge(out, &j, error));
    return finish(out, &j, error);
}

/* ---------------------------------------------------------- registered ones */

static double scale_of(const basin_loss *loss)
{
    const basin_part *part = &basin_loss_entry(loss)->part;
    double most = 1;
    for (int i = 0; i < part->n_params; i++) {
        double value = __builtin_fabs(basin_loss_settings(loss)[i]);
        most = value > most ? value : most;
    }
    return scale_above(most);
}

/* Give the expression of a loss its settings, and the names that stand for
 * what the plane does not show: one other answer costs 1, beta is 1. */
static void fill_in(basin_expression *q, const basin_loss *loss, double others)
{
    const basin_part *part = &basin_loss_entry(loss)->part;
    static const char *const names[] = {"beta", "cost", "others"};
    const double values[] = {1, 1, others};
    for (int i = 0; i < 3; i++)
        if (basin__expression_find(q, names[i]) >= 0)
            (void)basin_expression_set(q, names[i], values[i], NULL);
    for (int i = 0; i < part->n_params; i++)
        if (basin__expression_find(q, part->params[i].name) >= 0)
            (void)basin_expression_set(
                q, part->params[i].name, basin_loss_settings(loss)[i], NULL);
}

/* Condition 3 must hold whatever the other answers are: no others, few, many.
 * What stays in `out` is the least margin. */
static basin_status judge_all(
    basin_check *out, basin__judged *j, basin_expression *q, basin_error *error)
{
    static const double others[] = {0, 0.5, 8};
    int n = q && basin__expression_find(q, "others") >= 0 ? 3 : 1;
    for (int i = 0; i < n; i++) {
        basin_check check;
        if (q)
            fill_in(q, j->loss, others[i]);
        BASIN_TRY(judge(&check, j, error));
        if (i == 0 || check.margin < out->margin ||
            check.largest_margin < out->largest_margin)
            *out = check;
    }
    return BASIN_OK;
}

basin_status basin_check_loss(basin_check *out, basin_context *ctx,
    const basin_loss *loss, basin_domain domain, basin_error *error)
{
    const char *text = basin_loss_entry(loss)->expression;
    basin_expression *q = NULL;
    if (text)
        BASIN_TRY(basin_expression_create(&q, ctx, text, error));
    basin__judged j = {.ctx = ctx,
        .loss = loss,
        .q = q,
        .domain = domain,
        .scale = scale_of(loss)};
    basin_status status = judge_all(out, &j, q, error);
    if (status == BASIN_OK)
        status = finish(out, &j, error);
    basin_expression_destroy(q);
    return status;
}
