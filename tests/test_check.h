/* SPDX-License-Identifier: MIT
 *
 * What the tests of the check share: a row is a loss and its verdict, derived
 * by hand.
 */
#ifndef BASIN_TEST_CHECK_H
#define BASIN_TEST_CHECK_H

#include "test_core.h"

typedef struct check_row {
    const char *text;
    char domain; /* '+' for energies of 0 and more, ' ' for any */
    const char *margin;
    double largest; /* of "m" */
} check_row;

static basin_context *ctx;

static inline int open_context(void **state)
{
    (void)state;
    ctx = core_context(NULL, 1, NULL);
    return 0;
}

static inline int close_context(void **state)
{
    (void)state;
    basin_context_destroy(ctx);
    return 0;
}

static inline basin_domain check_domain(char mark)
{
    return mark == '+' ? BASIN_DOMAIN_NONNEGATIVE : BASIN_DOMAIN_ANY;
}

/* What holds of every check: the numbers fit together, and a witness is one. */
static inline void check_sound(const basin_check *c, const char *text)
{
    const bool finite = c->margin == BASIN_MARGIN_FINITE;
    assert_true(finite ? c->largest_margin > 0 && isfinite(c->largest_margin)
                : c->margin == BASIN_MARGIN_ANY ? isinf(c->largest_margin)
                                                : c->largest_margin == 0);
    assert_near(c->at_margin, finite ? c->largest_margin / 2 : 1, 1e-9);
    if (finite || c->margin == BASIN_MARGIN_ANY) {
        if (!c->condition3 || !(c->least_hp1 < c->least_hp2))
            fail_msg("%s: %g and %g", text, c->least_hp1, c->least_hp2);
        assert_true(c->pushes_up);
    }
    assert_int_equal(c->has_witness, c->margin != BASIN_MARGIN_ANY);
    if (c->has_witness) {
        if (!(c->witness.ei - c->witness.ec <= c->witness_margin))
            fail_msg("%s: the witness is none", text);
        if (finite)
            assert_true(c->witness_margin > c->largest_margin);
    }
    if (c->gradients && !(c->gradient_error < 2e-6))
        fail_msg("%s: gradients are off by %g", text, c->gradient_error);
}

static inline void check_rows(const check_row *rows, int n)
{
    int wrong = 0;
    for (int i = 0; i < n; i++) {
        basin_expression *q = NULL;
        basin_check c;
        MUST(basin_expression_create(&q, ctx, rows[i].text, &error));
        MUST(basin_check_expression(
            &c, ctx, q, check_domain(rows[i].domain), &error));
        basin_expression_destroy(q);
        check_sound(&c, rows[i].text);
        const char *margin = basin_margin_name(c.margin);
        bool right = strcmp(margin, rows[i].margin) == 0;
        if (right && c.margin == BASIN_MARGIN_FINITE)
            right = fabs(c.largest_margin - rows[i].largest) <=
                    1e-6 * rows[i].largest;
        if (right)
            continue;
        wrong++;
        print_message("# %c %s: %s %g, not %s %g\n", rows[i].domain,
            rows[i].text, margin, c.largest_margin, rows[i].margin,
            rows[i].largest);
    }
    assert_int_equal(wrong, 0);
}

#endif
