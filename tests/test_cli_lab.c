/* SPDX-License-Identifier: MIT
 *
 * basin lab: one model under every loss. The theory in one table: what pulls
 * only collapses where it can, and what contrasts does not.
 */
#include "test_cli.h"

#include <math.h>

#include <jansson.h>

static char examples[512];

static int enter(void **state)
{
    snprintf(examples, sizeof examples, "%s/examples", getenv("BASIN_SOURCE"));
    return cli_enter(state);
}

/* Run it on an example, and read what it prints. */
static json_t *lab(const char *model, const char *rest, int status)
{
    char line[800];
    snprintf(line, sizeof line, "lab %s/%s --json --threads 1 %s", examples,
        model, rest);
    cli_result r = cli_expect(NULL, line, status);
    json_t *out = json_loads(r.out, 0, NULL);
    assert_non_null(out);
    cli_free(&r);
    return out;
}

static const json_t *row(const json_t *out, const char *loss)
{
    size_t i;
    json_t *one, *all = json_object_get(out, "losses");
    json_array_foreach(all, i, one)
    {
        if (!strcmp(json_string_value(json_object_get(one, "loss")), loss))
            return one;
    }
    fail_msg("no row of %s", loss);
    return NULL;
}

static double number(const json_t *row, const char *key)
{
    return json_number_value(json_object_get(row, key));
}

static bool is(const json_t *row, const char *key, const char *text)
{
    const char *value = json_string_value(json_object_get(row, key));
    return value && !strcmp(value, text);
}

/* -------------------------------------------------------------------- cases */

static void the_theory_in_a_table(void **state)
{
    (void)state;
    json_t *out = lab(
        "two-branches.yaml", "--losses energy,square-square,nll --out page", 0);
    const json_t *pulls = row(out, "energy");
    assert_true(is(pulls, "outcome", "collapsed"));
    assert_true(is(pulls, "margin", "none"));
    assert_true(json_is_true(json_object_get(pulls, "collapsed")));
    assert_true(number(pulls, "spread") < .05 && number(pulls, "mae") > .1);
    static const char *const good[] = {"square-square", "nll"};
    for (int i = 0; i < 2; i++) {
        const json_t *r = row(out, good[i]);
        assert_true(is(r, "outcome", "right answers win"));
        assert_false(json_is_true(json_object_get(r, "collapsed")));
        assert_true(number(r, "mae") < .03 && number(r, "gap") > .5);
        assert_true(number(r, "energy_wrong") > number(r, "energy_right"));
        assert_true(number(r, "seconds_a_step") > 0);
    }
    json_decref(out);
    out = lab("regression.yaml", "--losses energy --out page", 0);
    assert_true(number(row(out, "energy"), "mae") < .01);
    json_decref(out);
}

/* Whatever came before, each loss starts from the same weights. */
static void the_order_does_not_matter(void **state)
{
    (void)state;
    json_t *one = lab("regression.yaml", "--losses nll --epochs 20 --out a", 0);
    json_t *two = lab("regression.yaml",
        "--losses square-exp,hinge,nll --epochs 20 --threads 2 --out b", 0);
    static const char *const keys[] = {
        "mae", "gap", "spread", "energy_right", "energy_wrong", "loss_at_end"};
    for (int i = 0; i < 6; i++)
        assert_true(number(row(one, "nll"), keys[i]) ==
                    number(row(two, "nll"), keys[i]));
    json_decref(one);
    json_decref(two);
}

/* A page of its own: nothing is fetched, nothing runs, tags are closed. */
static void check_page(const char *path, const char *const *says)
{
    size_t size = 0;
    char *text = cli_slurp(path, &size);
    assert_non_null(text);
    assert_true(size > 4000 && strstr(text, "</html>"));
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "src=\"http"));
    assert_null(strstr(text, "nan"));
    for (; *says; says++)
        if (!strstr(text, *says))
            fail_msg("%s does not say %s", path, *says);
    free(text);
}

/* A loss that supposes energies of at least 0 gets them, one that falls for
 * ever an end, and so every loss has a row; the others are as they were. */
static void every_loss_has_a_row(void **state)
{
    (void)state;
    json_t *out = lab("two-class.yaml", "--epochs 20 --out page", 0);
    const json_t *one, *all = json_object_get(out, "losses");
    size_t i;
    json_array_foreach(all, i, one)
    {
        const char *loss = json_string_value(json_object_get(one, "loss"));
        const bool nonnegative =
            strstr(loss, "square-") || strstr(loss, "linear-") ||
            !strcmp(loss, "energy") || !strcmp(loss, "lvq2-ratio");
        assert_null(json_object_get(one, "refused"));
        assert_true(
            json_is_true(json_object_get(one, "softplus")) == nonnegative);
        assert_true(number(one, "size") ==
                    (strcmp(loss, "contrastive-free-energy") ? 0 : .1));
        assert_true(!nonnegative || (number(one, "energy_right") >= 0 &&
                                        number(one, "energy_wrong") >= 0));
    }
    assert_true(i >= 19);
    json_decref(out);
    check_page("page/index.html",
        (const char *const[]){"19 losses", "softplus(E)", "E, size 0.1",
            "the order of the answers is the same", "falls for ever",
            "class=\"plane\"", "basin lab", NULL});
}

/* Without its end this one drives the two classes' energies apart for ever,
 * the wrong way round. */
static void a_loss_without_an_end(void **state)
{
    (void)state;
    json_t *out =
        lab("two-class.yaml", "--losses contrastive-free-energy --out page", 0);
    const json_t *r = row(out, "contrastive-free-energy");
    assert_true(number(r, "mae") == 0 && number(r, "gap") > 1);
    json_decref(out);
}

static void what_cannot_serve_is_a_row(void **state)
{
    (void)state;
    static const char model[] =
        "energy:\n  spaces:\n    x: {dim: 1, low: -1, high: 1}\n"
        "    y: {dim: 1, low: -1, high: 1}\n  nodes:\n"
        "  - {name: h, module: linear, inputs: x}\n"
        "  - {module: squared, inputs: [h, y]}\n"
        "inference: {name: langevin, steps: 5, chains: 2}\nloss: nll\n"
        "learning: {epochs: 1}\n"
        "data: {rows: [[0, 0], [0.5, 0.3], [-0.5, -0.2]]}\n";
    cli_put("sampled.yaml", model, sizeof model - 1);
    cli_result r = cli_expect(
        NULL, "lab sampled.yaml --losses hinge,nll --json --out page", 0);
    json_t *out = json_loads(r.out, 0, NULL);
    const char *why =
        json_string_value(json_object_get(row(out, "hinge"), "refused"));
    assert_true(why && strstr(why, "langevin"));
    assert_null(json_object_get(row(out, "nll"), "refused"));
    json_decref(out);
    cli_free(&r);
    check_page("page/index.html",
        (const char *const[]){"Not trained: ", "langevin", NULL});
}

/* Labels have an error and no surface. */
static void labels(void **state)
{
    (void)state;
    FILE *file = fopen("three.csv", "w");
    assert_non_null(file);
    fputs("a,b,kind\n", file);
    for (int i = 0; i < 30; i++)
        fprintf(file, "%.3f,%.3f,%d\n",
            .8 * cos(2.0944 * (i % 3)) + .01 * (i % 7),
            .8 * sin(2.0944 * (i % 3)) - .01 * (i % 5), i % 3);
    fclose(file);
    static const char model[] =
        "energy:\n  spaces:\n    x: {dim: 2, low: -1, high: 1}\n"
        "    y: {kind: labels, count: 3}\n  nodes:\n"
        "  - {name: h, module: linear, inputs: x, out: 3}\n"
        "  - {module: switch, inputs: [h, y]}\n"
        "inference: enumerate\nloss: nll\n"
        "learning: {optimiser: adam, rate: 0.05, epochs: 60, batch: 5}\n"
        "data: {train: three.csv}\n";
    cli_put("three.yaml", model, sizeof model - 1);
    cli_result r = cli_expect(
        NULL, "lab three.yaml --losses nll,hinge,energy --json --quiet", 0);
    json_t *out = json_loads(r.out, 0, NULL);
    assert_true(json_is_real(json_object_get(row(out, "nll"), "error")));
    assert_true(number(row(out, "nll"), "error") == 0);
    assert_true(number(row(out, "hinge"), "error") == 0);
    json_decref(out);
    cli_free(&r);
    check_page("three-lab/index.html",
        (const char *const[]){
            "wrong labels, a fraction", "class=\"path\"", NULL});
}

static void an_interrupt_leaves_what_is_finished(void **state)
{
    (void)state;
    char line[800];
    snprintf(line, sizeof line,
        "lab %s/regression.yaml --json --epochs 10000000 --out page", examples);
    cli_result r = cli_expect(&(cli_how){.interrupt_after = .9}, line, 130);
    json_t *out = json_loads(r.out, 0, NULL);
    assert_true(json_is_true(json_object_get(out, "interrupted")));
    json_decref(out);
    cli_free(&r);
    check_page("page/index.html", (const char *const[]){"It was interrupted",
                                      "Not trained: interrupted", NULL});
}

static void refusals(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"--losses hingo", "did you mean 'hinge'"},
        {"--losses nll,nll", "names 'nll' twice"},
        {"--losses nll,", "no loss"},
        {"--data nowhere.csv", "nowhere.csv"},
        {"--epochs 0", "--epochs"},
        {"--loses nll", "--losses"},
    };
    for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++) {
        char line[800];
        snprintf(line, sizeof line, "lab %s/regression.yaml --out none %s",
            examples, cases[i][0]);
        cli_result r = cli_run(NULL, line);
        assert_true(cli_refuses(&r, (const char *const[]){cases[i][1], NULL}));
        cli_free(&r);
    }
    cli_result r = cli_run(NULL, "lab model.safetensors");
    assert_true(cli_refuses(&r, (const char *const[]){".yaml", NULL}));
    cli_free(&r);
    assert_null(cli_slurp("none/index.html", NULL));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, enter, cli_leave)
    const struct CMUnitTest tests[] = {
        TEST(the_theory_in_a_table),
        TEST(the_order_does_not_matter),
        TEST(every_loss_has_a_row),
        TEST(a_loss_without_an_end),
        TEST(what_cannot_serve_is_a_row),
        TEST(labels),
        TEST(an_interrupt_leaves_what_is_finished),
        TEST(refusals),
    };
    return cmocka_run_group_tests_name("cli_lab", tests, NULL, NULL);
}
