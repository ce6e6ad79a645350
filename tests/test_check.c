/* SPDX-License-Identifier: MIT
 *
 * The check of losses: the table of the tutorial row by row, margins of any
 * size, flat points, conditions, losses of one's own, and want of memory.
 */
#include "test_check.h"

#include "basin/math.h"

static basin_check check_loss(
    const char *name, const char *param, double value, basin_domain domain)
{
    const basin_setting s = {param, value};
    basin_loss *loss = NULL;
    basin_check c;
    MUST(basin_loss_create(&loss, ctx, name, &s, param ? 1 : 0, &error));
    MUST(basin_check_loss(&c, ctx, loss, domain, &error));
    basin_loss_destroy(loss);
    check_sound(&c, name);
    return c;
}

static basin_check check_text(const char *text, char domain)
{
    basin_expression *q = NULL;
    basin_check c;
    MUST(basin_expression_create(&q, ctx, text, &error));
    MUST(basin_check_expression(&c, ctx, q, check_domain(domain), &error));
    basin_expression_destroy(q);
    return c;
}

/* ------------------------------------------------------------------ verdicts
 */

/* LeCun et al. 2006, table 1, and the other built-in losses; each on its own
 * domain. Convexity is that in (E_C, E_I). */
static void the_table_comes_out(void **state)
{
    (void)state;
    static const struct {
        const char *loss, *param;
        double setting;
        const char *margin;
        double largest;
        bool convex;
    } table[] = {
        {"energy", "power", 1, "none", 0, true},
        {"energy", "power", 2, "none", 0, true},
        {"perceptron", NULL, 0, "0", 0, true},
        {"hinge", "margin", 1, "m", 1, true},
        {"log", NULL, 0, ">0", 0, true},
        {"lvq2", "cap", 1, "0", 0, false},
        {"lvq2-ratio", "delta", .1, "0", 0, false},
        {"mce", NULL, 0, ">0", 0, false},
        {"square-square", "margin", 1, "m", 1, true},
        {"square-exp", NULL, 0, ">0", 0, true},
        {"nll", NULL, 0, ">0", 0, true},
        {"mee", NULL, 0, ">0", 0, false},
        {"linear-linear", "margin", 1, "m", 1, true},
        {"linear-square", "margin", 2, "m", 2, true},
        {"square-linear", "margin", .5, "m", .5, true},
        {"linear-exp", NULL, 0, ">0", 0, true},
        {"exponential", NULL, 0, ">0", 0, true},
        {"contrastive-free-energy", NULL, 0, ">0", 0, true},
    };
    for (int i = 0; i < COUNT(table); i++) {
        const basin_part *part = NULL;
        MUST(basin_find(&part, ctx, BASIN_KIND_LOSS, table[i].loss, &error));
        const basin_check c =
            check_loss(table[i].loss, table[i].param, table[i].setting,
                ((const basin_loss_type *)(const void *)part)->domain);
        if (strcmp(basin_margin_name(c.margin), table[i].margin) != 0 ||
            c.convex != table[i].convex)
            fail_msg("%s: %s, %d", table[i].loss, basin_margin_name(c.margin),
                c.convex);
        if (c.margin == BASIN_MARGIN_FINITE)
            assert_near(c.largest_margin, table[i].largest, 1e-8);
    }
}

/* Margins of any size, and parameters that are no margins. */
static void margins_have_any_size(void **state)
{
    (void)state;
    static const double sizes[] = {1e-3, .37, 3, 100, 5000};
    for (int i = 0; i < COUNT(sizes); i++) {
        const basin_check c =
            check_loss("hinge", "margin", sizes[i], BASIN_DOMAIN_ANY);
        assert_near(c.largest_margin, sizes[i], 1e-8 * sizes[i]);
        const basin_check d = check_loss(
            "square-square", "margin", sizes[i], BASIN_DOMAIN_NONNEGATIVE);
        assert_near(d.largest_margin, sizes[i], 1e-8 * sizes[i]);
        assert_near(d.flat[0], sizes[i] / 2, 1e-6 * sizes[i]);
    }
    assert_int_equal(check_loss("lvq2", "cap", 20, BASIN_DOMAIN_ANY).margin,
        BASIN_MARGIN_ZERO);
    assert_int_equal(
        check_loss("square-exp", "scale", 20, BASIN_DOMAIN_NONNEGATIVE).margin,
        BASIN_MARGIN_ANY);
}

/* -------------------------------------------------------------- what else */

static void flat_points_are_found(void **state)
{
    (void)state;
    const basin_check square = check_text("ec^2 + max(0, 3-ei)^2", '+');
    assert_int_equal(square.n_flat, 1);
    assert_near(square.flat[0], 1.5, 1e-9);
    assert_near(square.flat_loss[0], 4.5, 1e-9);
    const basin_check fading = check_text("ec^2 + exp(-ei)", '+');
    assert_int_equal(fading.n_flat, 1);
    assert_near(fading.flat[0], 0.35173371124919584, 1e-9);
    /* linear-exp: log(kappa beta) / beta */
    const basin_check linear = check_text("ec + 3*exp(-2*ei)", '+');
    assert_near(linear.flat[0], log(6) / 2, 1e-9);
    /* linear-linear: neutral from 0 to m */
    const basin_check neutral = check_text("ec + max(0, 2-ei)", '+');
    assert_int_equal(neutral.n_flat, 0);
    assert_true(neutral.has_flat_interval && neutral.flat_low == 0);
    assert_near(neutral.flat_high, 2, 1e-6);
    /* of the difference alone: everywhere */
    const basin_check all = check_text("log(1 + exp(ec - ei))", ' ');
    assert_true(all.has_flat_interval && isinf(all.flat_low) &&
                isinf(all.flat_high) && all.n_flat == 0);
    /* collapse, at the least energy there is */
    const basin_check energy = check_text("ec", '+');
    assert_int_equal(energy.n_flat, 1);
    assert_true(energy.flat[0] == 0 && !energy.has_flat_interval);
    assert_int_equal(check_text("ec", ' ').n_flat, 0);
    /* two of them; and a force that only touches 0, at 1 */
    const basin_check two = check_text("ec^3/3 - 3*ec + ei", '+');
    assert_near(two.flat[two.n_flat - 1], sqrt(2), 1e-9);
    const basin_check touching = check_text("(ec-1)^3", '+');
    assert_near(touching.flat[touching.n_flat - 1], 1, 1e-4);
    /* a pole is none */
    assert_int_equal(check_text("log(abs(ec - 1))", '+').n_flat, 0);
}

static void conditions_are_measured(void **state)
{
    (void)state;
    const basin_check hinge = check_text("max(0, 2 + ec - ei)", ' ');
    assert_near(hinge.least_hp1, 0, 1e-12);
    assert_near(hinge.least_hp2, 1, 1e-12);
    assert_near(hinge.least_slope, 2, 1e-9);
    assert_true(hinge.condition4 && hinge.condition5 && hinge.has_minimum);
    assert_true(hinge.minimum.ei - hinge.minimum.ec >= 1);
    const basin_check log_loss = check_text("log(1 + exp(ec - ei))", ' ');
    assert_false(log_loss.has_minimum);
    assert_near(log_loss.least_slope, 2 * basin_sigmoid(-1), 1e-6);
    assert_near(log_loss.least_hp2, log(1 + exp(-1)), 1e-9);
    /* a bare look at slopes acquits the energy loss */
    const basin_check energy = check_text("ec", '+');
    assert_true(energy.condition5 && !energy.condition3 && !energy.pushes_up);
    assert_near(energy.least_slope, 1, 1e-12);
    const basin_check perceptron = check_text("max(0, ec - ei)", ' ');
    assert_true(!perceptron.condition5 && perceptron.least_slope == 0);
    const basin_check wrong = check_text("(ec-2)^2 + max(0, 1-ei)^2", '+');
    assert_true(wrong.has_minimum && !wrong.condition4);
    /* pulls where it should push */
    const basin_check pulls = check_text("ec^2 + (1-ei)^2", ' ');
    assert_true(pulls.pulls_down && pulls.pulls_at.ei > 1);
    assert_int_equal(pulls.margin, BASIN_MARGIN_FINITE);
}

static void the_rest_is_told(void **state)
{
    (void)state;
    const basin_check half = check_text("log(ec - ei)", ' ');
    assert_near(half.undefined, .5, .02);
    const basin_check mce = check_text("sigmoid(ec - ei)", ' ');
    const basin_plane_point a = mce.bent_from, b = mce.bent_to;
    assert_false(mce.convex);
    assert_true(basin_sigmoid((a.ec + b.ec - a.ei - b.ei) / 2) >
                (basin_sigmoid(a.ec - a.ei) + basin_sigmoid(b.ec - b.ei)) / 2);
    assert_true(mce.gradients > 1000);
    basin_expression *q = NULL;
    basin_check c;
    MUST(basin_expression_create(&q, ctx, "log(-1) + ec", &error));
    MUST_FAIL(basin_check_expression(&c, ctx, q, BASIN_DOMAIN_ANY, &error),
        BASIN_E_RANGE, "no finite value");
    basin_expression_destroy(q);
}

/* ----------------------------------------------------- losses of one's own */

static void own_hinge(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    double v = settings[0] + in->e_c - in->e_i;
    out->value = v > 0 ? v : 0;
    out->e_c = v > 0;
    out->e_i = -out->e_c;
}

static void own_log(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    (void)settings;
    out->value = basin_softplus(in->e_c - in->e_i);
    out->e_c = basin_sigmoid(in->e_c - in->e_i);
    out->e_i = -out->e_c;
}

static void own_wrong(
    const double *settings, const basin_energies *in, basin_slopes *out)
{
    own_hinge(settings, in, out);
    out->e_i *= 1.1;
}

static const basin_param own_params[] = {
    {"margin", "energy", 0, 1e6, 1.5, .help = "m"}};

static const basin_loss_type own[] = {
    {.part = {"own-hinge", "", "", "", own_params, 1},
        .needs = BASIN_NEED_EC | BASIN_NEED_EI,
        .evaluate = own_hinge},
    {.part = {"own-log", "", "", "", NULL, 0},
        .needs = BASIN_NEED_EC | BASIN_NEED_EI,
        .evaluate = own_log},
    {.part = {"own-wrong", "", "", "", own_params, 1},
        .needs = BASIN_NEED_EC | BASIN_NEED_EI,
        .evaluate = own_wrong},
};

static void own_losses_are_judged(void **state)
{
    (void)state;
    for (int i = 0; i < COUNT(own); i++)
        MUST(basin_register(ctx, BASIN_KIND_LOSS, &own[i].part, &error));
    const basin_check hinge =
        check_loss("own-hinge", NULL, 0, BASIN_DOMAIN_ANY);
    assert_int_equal(hinge.margin, BASIN_MARGIN_FINITE);
    assert_near(hinge.largest_margin, 1.5, 1e-6);
    const basin_check soft = check_loss("own-log", NULL, 0, BASIN_DOMAIN_ANY);
    assert_int_equal(soft.margin, BASIN_MARGIN_ANY);
    basin_loss *loss = NULL;
    basin_check c;
    MUST(basin_loss_create(&loss, ctx, "own-wrong", NULL, 0, &error));
    MUST(basin_check_loss(&c, ctx, loss, BASIN_DOMAIN_ANY, &error));
    assert_true(
        c.gradient_error > .01); /* its slope is not that of its value */
    basin_loss_destroy(loss);
}

/* ------------------------------------------------------------------- memory */

static void want_of_memory_is_said(void **state)
{
    (void)state;
    core_memory memory = {0};
    basin_context *own_ctx = core_context(&memory, 1, NULL);
    basin_loss *loss = NULL;
    MUST(basin_loss_create(&loss, own_ctx, "hinge", NULL, 0, &error));
    const size_t live = memory.live;
    int failures = 0;
    for (long n = 1;; n++) {
        basin_check c;
        error = (basin_error){0};
        memory.asked = 0;
        memory.fail_at = n;
        basin_status status =
            basin_check_loss(&c, own_ctx, loss, BASIN_DOMAIN_ANY, &error);
        assert_int_equal(memory.live, live);
        if (status == BASIN_OK)
            break;
        assert_int_equal(status, BASIN_E_MEMORY);
        assert_true(error.message[0] != 0);
        failures++;
    }
    assert_true(failures >= 2);
    memory.asked = 0;
    memory.fail_at = 1;
    basin_expression *q = NULL;
    MUST_FAIL(basin_expression_create(&q, own_ctx, "ec", &error),
        BASIN_E_MEMORY, "memory");
    memory.fail_at = 0;
    basin_loss_destroy(loss);
    basin_context_destroy(own_ctx);
    assert_int_equal(memory.live, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_comes_out),
        cmocka_unit_test(margins_have_any_size),
        cmocka_unit_test(flat_points_are_found),
        cmocka_unit_test(conditions_are_measured),
        cmocka_unit_test(the_rest_is_told),
        cmocka_unit_test(own_losses_are_judged),
        cmocka_unit_test(want_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, open_context, close_context);
}
