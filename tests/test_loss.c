/* SPDX-License-Identifier: MIT
 *
 * Every loss that is registered: its derivatives in all its scalars against
 * differences, what it says it needs against what it reads, large numbers; and
 * the values and flat points that the theory gives for those built in.
 */
#define CORE_THREADS 1
#include "test_context.h"

enum { SCALARS = 5, ANSWERS = 4 };

/* What a loss is given, all of it in one place to be written to. */
typedef struct given {
    basin_energies in;
    double e_y[ANSWERS], delta_y[ANSWERS];
} given;

typedef struct answer {
    basin_slopes out;
    double e_y[ANSWERS];
} answer;

static const unsigned bits[SCALARS] = {
    BASIN_NEED_EC, BASIN_NEED_EI, BASIN_NEED_EMIN, BASIN_NEED_F, BASIN_NEED_FI};

static double *scalar(basin_energies *e, int i)
{
    double *const all[SCALARS] = {&e->e_c, &e->e_i, &e->e_min, &e->f, &e->f_i};
    return all[i];
}

static double slope(const basin_slopes *s, int i)
{
    const double all[SCALARS] = {s->e_c, s->e_i, s->e_min, s->f, s->f_i};
    return all[i];
}

static given draw(uint64_t seed, double low, double high)
{
    given c = {{0}, {0}, {0}};
    for (int i = 0; i < SCALARS; i++)
        *scalar(&c.in, i) = core_number(seed, (uint64_t)i, low, high);
    c.in.delta_i = core_number(seed, 10, .1, 2);
    c.in.beta = core_number(seed, 11, .5, 3);
    for (int i = 0; i < ANSWERS; i++) {
        c.e_y[i] = core_number(seed, 20 + (uint64_t)i, low, high);
        c.delta_y[i] = i;
    }
    c.e_y[0] = c.in.e_c;
    c.in.n = ANSWERS;
    return c;
}

static answer evaluate(const basin_loss *loss, given c)
{
    answer a = {{0}, {0}};
    c.in.e_y = c.e_y;
    c.in.delta_y = c.delta_y;
    a.out.e_y = a.e_y;
    basin_loss_evaluate(loss, &c.in, &a.out);
    return a;
}

/* One-sided differences agree away from kinks. */
static bool difference(
    double *out, const basin_loss *loss, given *c, double *number)
{
    const double h = 1e-5, kept = *number;
    double v[3];
    for (int i = 0; i < 3; i++) {
        *number = kept + h * (i - 1);
        v[i] = evaluate(loss, *c).out.value;
    }
    *number = kept;
    *out = (v[2] - v[0]) / (2 * h);
    return fabs((v[2] - v[1]) - (v[1] - v[0])) <= 1e-3 * h;
}

static void check_slopes(const basin_loss *loss, double low)
{
    const basin_loss_type *type = basin_loss_entry(loss);
    int checked = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        given c = draw(seed, low, 4);
        const answer a = evaluate(loss, c);
        double numeric;
        for (int i = 0; i < SCALARS; i++) {
            if (!difference(&numeric, loss, &c, scalar(&c.in, i)))
                continue;
            checked++;
            if (fabs(numeric - slope(&a.out, i)) > 1e-6 * (1 + fabs(numeric)))
                fail_msg("%s: slope %d is %g, and by differences %g",
                    type->part.name, i, slope(&a.out, i), numeric);
            if (!(type->needs & bits[i]))
                assert_true(numeric == 0 && slope(&a.out, i) == 0);
        }
        for (int i = 0; i < ANSWERS; i++)
            if (difference(&numeric, loss, &c, &c.e_y[i]))
                assert_near(a.e_y[i], numeric, 1e-6 * (1 + fabs(numeric)));
    }
    assert_true(checked > 100);
}

static void check_extremes(const basin_loss *loss)
{
    static const double sizes[] = {0, 1e-40, 1, 1e10, 3e38};
    const bool any = basin_loss_entry(loss)->domain == BASIN_DOMAIN_ANY;
    for (int i = 0; i < COUNT(sizes); i++)
        for (int j = 0; j < COUNT(sizes); j++)
            for (int sign = any ? -1 : 1; sign <= 1; sign += 2) {
                given c = draw(1, 1, 2);
                for (int k = 0; k < SCALARS; k++)
                    *scalar(&c.in, k) = sign * sizes[k % 2 ? i : j];
                const answer a = evaluate(loss, c);
                assert_true(isfinite(a.out.value));
                for (int k = 0; k < SCALARS; k++)
                    assert_true(isfinite(slope(&a.out, k)));
            }
}

/* With the defaults, and with every parameter at its ends. */
static void loss_is_right(void **state)
{
    const basin_loss_type *type = *state;
    const basin_part *part = &type->part;
    assert_true(type->needs != 0);
    for (int i = -1; i < 2 * part->n_params; i++) {
        basin_setting s = {0};
        if (i >= 0) {
            const basin_param *p = &part->params[i / 2];
            s.name = p->name;
            s.value = i % 2         ? (p->high > 10 ? 10 : p->high)
                      : p->open_low ? p->low + .01
                                    : p->low;
        }
        basin_loss *loss = NULL;
        MUST(basin_loss_create(
            &loss, ctx, part->name, &s, i < 0 ? 0 : 1, &error));
        check_slopes(loss, type->domain == BASIN_DOMAIN_ANY ? -4 : 0);
        check_extremes(loss);
        basin_loss_destroy(loss);
    }
}

/* ----------------------------------------------------------- golden values */

static void golden_values(void **state)
{
    (void)state;
    static const struct {
        const char *loss, *param;
        double setting, e_c, e_i, f, value, d_c, d_i, d_f;
    } table[] = {
        {"energy", "power", 1, .75, 9, 9, .75, 1, 0, 0},
        {"energy", "power", 2, .75, 9, 9, .5625, 1.5, 0, 0},
        {"square-square", "margin", 2, .5, .25, 9, 3.3125, 1, -3.5, 0},
        {"square-square", "margin", 2, .5, 2, 9, .25, 1, 0, 0},
        {"square-square", "margin", 2, .5, 3, 9, .25, 1, 0, 0},
        {"square-square", "margin", .5, 0, 0, 9, .25, 0, -1, 0},
        {"hinge", "margin", 1, .5, 1.25, 9, .25, 1, -1, 0},
        {"hinge", "margin", 1, .5, 1.75, 9, 0, 0, 0, 0},
        {"log", NULL, 0, 2, 2, 9, 0.69314718055994531, .5, -.5, 0},
        {"lvq2", "cap", 1, 1, .5, 9, .5, 1, -1, 0},
        {"lvq2", "cap", 1, 3, .5, 9, 1, 0, 0, 0},
        {"lvq2-ratio", "delta", 1, 3, 2, 9, .5, .5, -.75, 0},
        {"lvq2-ratio", "delta", 1, 5, 2, 9, 1, 0, 0, 0},
        {"mce", NULL, 0, 2, 2, 9, .5, .25, -.25, 0},
        {"exponential", NULL, 0, 2, 2, 9, 1, 1, -1, 0},
        {"square-exp", "scale", 3, .5, 0, 9, 3.25, 1, -3, 0},
        {"linear-exp", "scale", 3, .5, 0, 9, 3.5, 1, -3, 0},
        {"linear-linear", "margin", 2, .5, 1.5, 9, 1, 1, -1, 0},
        {"linear-square", "margin", 2, .5, 1.5, 9, .75, 1, -1, 0},
        {"square-linear", "margin", 2, .5, 1.5, 9, .75, 1, -1, 0},
        {"nll", NULL, 0, .5, 9, -.25, .75, 1, 0, -1},
        {"nll", NULL, 0, -3, 9, -4, 1, 1, 0, -1},
    };
    for (int i = 0; i < COUNT(table); i++) {
        basin_loss *loss = NULL;
        MUST(basin_loss_create(&loss, ctx, table[i].loss,
            &(basin_setting){table[i].param, table[i].setting},
            table[i].param ? 1 : 0, &error));
        given c = draw(1, 0, 1);
        c.in.e_c = table[i].e_c;
        c.in.e_i = table[i].e_i;
        c.in.f = table[i].f;
        const answer a = evaluate(loss, c);
        assert_near(a.out.value, table[i].value, 1e-15);
        assert_near(a.out.e_c, table[i].d_c, 1e-15);
        assert_near(a.out.e_i, table[i].d_i, 1e-15);
        assert_near(a.out.f, table[i].d_f, 1e-15);
        basin_loss_destroy(loss);
    }
}

/* A flat surface, E = e everywhere: the sum of the slopes is what moves e. For
 * square-square it vanishes at m/2 and nowhere else below m. */
static void flat_points(void **state)
{
    (void)state;
    for (double m = .5; m <= 4; m *= 2) {
        basin_loss *loss = NULL;
        MUST(basin_loss_create(&loss, ctx, "square-square",
            &(basin_setting){"margin", m}, 1, &error));
        for (int i = 0; i <= 16; i++) {
            given c = draw(1, 0, 1);
            c.in.e_c = c.in.e_i = m * i / 16;
            const answer a = evaluate(loss, c);
            const double force = a.out.e_c + a.out.e_i;
            assert_true((force > 0) == (i > 8));
            assert_true((force < 0) == (i < 8));
            if (i == 8)
                assert_near(a.out.value, m * m / 2, 1e-15);
        }
        basin_loss_destroy(loss);
    }
    /* Of a flat surface over a set of mass M, F = e - log(M) / beta. */
    basin_loss *nll = NULL;
    MUST(basin_loss_create(&nll, ctx, "nll", NULL, 0, &error));
    given c = draw(1, 0, 1);
    c.in.e_c = 3;
    c.in.f = 3 - log(5);
    const answer a = evaluate(nll, c);
    assert_near(a.out.value, log(5), 1e-15);
    assert_true(a.out.e_c + a.out.f == 0);
    basin_loss_destroy(nll);
}

static void wrong_settings(void **state)
{
    (void)state;
    basin_loss *loss = NULL;
    basin_setting s = {"margin", 0};
    MUST_FAIL(basin_loss_create(&loss, ctx, "square", &s, 1, &error),
        BASIN_E_NAME, "no loss is called 'square'");
    MUST_FAIL(basin_loss_create(&loss, ctx, "square-square", &s, 1, &error),
        BASIN_E_RANGE, "margin");
    s.value = (double)NAN;
    MUST_FAIL(basin_loss_create(&loss, ctx, "square-square", &s, 1, &error),
        BASIN_E_RANGE, "margin");
    s = (basin_setting){"power", 1.5};
    MUST_FAIL(basin_loss_create(&loss, ctx, "energy", &s, 1, &error),
        BASIN_E_RANGE, "power");
    s.name = "powr";
    MUST_FAIL(basin_loss_create(&loss, ctx, "energy", &s, 1, &error),
        BASIN_E_NAME, "power");
    assert_null(loss);
}

int main(void)
{
    enum { LOSSES = 64 };
    static struct CMUnitTest tests[LOSSES + 3];
    size_t n = 0;
    if (basin_context_create(&ctx, NULL, NULL) != BASIN_OK)
        return 1;
    const basin_part *part;
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_LOSS, i)); i++) {
        if (n == LOSSES)
            return 1;
        tests[n++] = (struct CMUnitTest){part->name, loss_is_right,
            open_context, close_context, (void *)(uintptr_t)part};
    }
    basin_context_destroy(ctx);
    const struct CMUnitTest more[] = {
        cmocka_unit_test_setup_teardown(
            golden_values, open_context, close_context),
        cmocka_unit_test_setup_teardown(
            flat_points, open_context, close_context),
        cmocka_unit_test_setup_teardown(
            wrong_settings, open_context, close_context),
    };
    for (int i = 0; i < COUNT(more); i++)
        tests[n++] = more[i];
    return _cmocka_run_group_tests("loss", tests, n, NULL, NULL);
}
