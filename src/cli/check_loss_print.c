/* SPDX-License-Identifier: MIT
 *
 * What basin check-loss found, as text and as JSON.
 */
#include "cli/check_loss.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

void check_loss_verdict(char *out, size_t size, const basin_check *check)
{
    char largest[32];
    basin_print_number(largest, check->largest_margin, false);
    switch (check->margin) {
    case BASIN_MARGIN_NONE:
        basin_format(out, size, "none: it need not make the right answer win");
        break;
    case BASIN_MARGIN_ZERO:
        basin_format(out, size, "0: the right answer wins, if only by a hair");
        break;
    case BASIN_MARGIN_FINITE:
        basin_format(out, size, "m: every margin below %s passes", largest);
        break;
    case BASIN_MARGIN_ANY:
        basin_format(out, size, ">0: every margin passes");
        break;
    }
}

/* -------------------------------------------------------------------- text */

static void print_params(const check_case *c)
{
    const char *name;
    double value;
    for (int i = 0; check_loss_param(c, i, &name, &value); i++) {
        char number[32];
        basin_print_number(number, value, false);
        printf("%s=%s, ", name, number);
    }
}

static void print_conditions(const basin_check *k)
{
    printf("condition 3  %s at margin %g: the least loss is %g where the right "
           "answer\n"
           "             wins by it, and %g where it does not\n",
        k->condition3 ? "holds" : "FAILS", k->at_margin, k->least_hp1,
        k->least_hp2);
    if (k->has_minimum)
        printf("condition 4  %s: %s, as at E_C = %g, E_I = %g\n",
            k->condition4 ? "holds" : "FAILS",
            k->condition4 ? "all minima lie where the right answer wins"
                          : "a minimum lies where it does not win",
            k->minimum.ec, k->minimum.ei);
    else
        printf("condition 4  does not apply: there is no minimum but at "
               "infinity\n");
    printf("condition 5  %s: on the margin's line dL/dE_C - dL/dE_I is %g at "
           "least\n",
        k->condition5 ? "holds" : "FAILS", k->least_slope);
}

static void print_flat(const basin_check *k)
{
    for (int i = 0; i < k->n_flat; i++)
        printf("flat         a surface that is %g everywhere stays so, at "
               "loss %g\n",
            k->flat[i], k->flat_loss[i]);
    if (!k->has_flat_interval)
        return;
    if (isinf(k->flat_high) && (isinf(k->flat_low) || k->flat_low <= 0))
        printf("flat         every flat surface stays so\n");
    else
        printf("flat         every flat surface from %g to %g stays so\n",
            k->flat_low, k->flat_high);
}

static void print_condition6(const check_case *c)
{
    const basin_signs *all = &c->six.all, *near = &c->six.near;
    int n = all->above + all->zero + all->below;
    int n_near = near->above + near->zero + near->below;
    printf("condition 6  %s on the model: holds for %d of %d samples (%.3g %%)"
           ",\n"
           "             %d of the %d nearest to the margin's line; %d go the "
           "wrong way\n",
        near->below == 0 && near->above > 0 ? "holds" : "FAILS", all->above, n,
        100.0 * all->above / n, near->above, n_near, all->below);
}

void check_loss_print(const check_case *c)
{
    const basin_check *k = &c->check;
    char verdict[96];
    check_loss_verdict(verdict, sizeof verdict, k);
    printf("%s: %s\n", c->name, c->formula);
    print_params(c);
    printf("%s\n\n", c->domain == BASIN_DOMAIN_ANY ? "energies of any sign"
                                                   : "energies of 0 and more");
    printf("margin       %s\n", verdict);
    if (k->has_witness)
        printf("witness      at margin %g it fails: E_C = %g, E_I = %g costs "
               "%g, and no point\n"
               "             where the right answer wins costs less than %g\n",
            k->witness_margin, k->witness.ec, k->witness.ei, k->witness_loss,
            k->witness_best);
    print_conditions(k);
    if (c->model)
        print_condition6(c);
    printf("contrast     %s, %s\n",
        k->pushes_up ? "pushes wrong answers up" : "pushes NO wrong answer up",
        k->pulls_down ? "but pulls some down, too" : "and pulls none down");
    print_flat(k);
    printf("convex       %s\n", k->convex ? "yes" : "no");
    printf("gradient     %s: off by %.1e at most, at %d points\n",
        k->gradient_error < 1e-5 ? "right" : "WRONG", k->gradient_error,
        k->gradients);
    if (k->undefined > 0)
        printf("undefined    in %.3g %% of the plane near 0\n",
            100 * k->undefined);
}

/* -------------------------------------------------------------------- JSON */

/* JSON has no infinity; it becomes a word. */
static json_t *number(double x)
{
    if (isnan(x))
        return json_null();
    return isinf(x) ? json_string(x < 0 ? "-inf" : "inf") : json_real(x);
}

static json_t *point(basin_plane_point p)
{
    return json_pack("{s:o, s:o}", "ec", number(p.ec), "ei", number(p.ei));
}

static json_t *params_json(const check_case *c)
{
    json_t *out = json_object();
    const char *name;
    double value;
    for (int i = 0; check_loss_param(c, i, &name, &value); i++)
        json_object_set_new(out, name, number(value));
    return out;
}

static json_t *signs_json(const basin_signs *s)
{
    int n = s->above + s->zero + s->below;
    return json_pack("{s:i, s:i, s:i, s:i, s:f}", "samples", n, "positive",
        s->above, "zero", s->zero, "negative", s->below, "fraction_positive",
        n ? (double)s->above / n : 0.0);
}

static json_t *condition6_json(const check_case *c)
{
    const basin_condition6 *six = &c->six;
    return json_pack("{s:b, s:s, s:s, s:f, s:o, s:o, s:o, s:o, s:i, s:f}",
        "holds", six->near.below == 0 && six->near.above > 0, "model", c->model,
        "data", c->data, "fraction_positive",
        c->samples ? (double)six->all.above / c->samples : 0.0, "all",
        signs_json(&six->all), "near_margin", signs_json(&six->near),
        "energy_right", number(six->e_c), "energy_wrong", number(six->e_i),
        "worst_sample", six->least_sample + 1, "worst_cosine", six->least);
}

static json_t *conditions_json(const check_case *c)
{
    const basin_check *k = &c->check;
    json_t *out = json_object();
    json_object_set_new(out, "3",
        json_pack("{s:b, s:o, s:o, s:o}", "holds", k->condition3, "margin",
            number(k->at_margin), "least_hp1", number(k->least_hp1),
            "least_hp2", number(k->least_hp2)));
    json_object_set_new(out, "4",
        json_pack("{s:o, s:o, s:o}", "holds",
            k->has_minimum ? json_boolean(k->condition4) : json_null(),
            "margin", number(k->at_margin), "minimum",
            k->has_minimum ? point(k->minimum) : json_null()));
    json_object_set_new(out, "5",
        json_pack("{s:b, s:o, s:o, s:o}", "holds", k->condition5, "margin",
            number(k->at_margin), "least_slope", number(k->least_slope), "at",
            point(k->least_slope_at)));
    if (c->model)
        json_object_set_new(out, "6", condition6_json(c));
    return out;
}

static json_t *witness_json(const basin_check *k)
{
    if (!k->has_witness)
        return json_null();
    json_t *out = point(k->witness);
    json_object_set_new(out, "margin", number(k->witness_margin));
    json_object_set_new(out, "loss", number(k->witness_loss));
    json_object_set_new(out, "least_hp1", number(k->witness_best));
    return out;
}

static json_t *numbers(const double *values, int n)
{
    json_t *out = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(out, number(values[i]));
    return out;
}

static json_t *check_json(const check_case *c)
{
    const basin_check *k = &c->check;
    json_t *out = json_pack("{s:s, s:s, s:o, s:s, s:s, s:o}", "loss", c->name,
        "formula", c->formula, "params", params_json(c), "domain",
        c->domain == BASIN_DOMAIN_ANY ? "any" : "nonnegative", "margin",
        basin_margin_name(k->margin), "largest_margin",
        isinf(k->largest_margin) ? json_null() : json_real(k->largest_margin));
    if (!out)
        return NULL;
    json_object_set_new(out, "conditions", conditions_json(c));
    json_object_set_new(out, "contrast",
        json_pack("{s:b, s:b, s:b}", "holds", k->pushes_up && !k->pulls_down,
            "pushes_up", k->pushes_up, "pulls_down", k->pulls_down));
    json_object_set_new(out, "flat_points", numbers(k->flat, k->n_flat));
    json_object_set_new(out, "flat_losses", numbers(k->flat_loss, k->n_flat));
    json_object_set_new(out, "flat_interval",
        k->has_flat_interval
            ? json_pack("[o, o]", number(k->flat_low), number(k->flat_high))
            : json_null());
    json_object_set_new(out, "convex", json_boolean(k->convex));
    json_object_set_new(out, "gradient",
        json_pack("{s:b, s:f, s:i}", "right", k->gradient_error < 1e-5, "worst",
            k->gradient_error, "checked", k->gradients));
    json_object_set_new(out, "undefined", json_real(k->undefined));
    json_object_set_new(out, "witness", witness_json(k));
    return out;
}

basin_status check_loss_print_json(const check_case *c, basin_error *error)
{
    json_t *out = check_json(c);
    int failed = !out || json_dumpf(out, stdout,
                             JSON_INDENT(2) | JSON_REAL_PRECISION(10));
    json_decref(out);
    BASIN_REQUIRE(
        !failed, error, BASIN_E_FORMAT, "the loss is not valid UTF-8");
    putchar('\n');
    return BASIN_OK;
}
