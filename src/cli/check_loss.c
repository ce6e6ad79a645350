/* SPDX-License-Identifier: MIT
 *
 * basin check-loss: by which margin can a loss make the right answer win? Of a
 * registered loss, or of one that is typed in.
 */
#include "cli/check_loss.h"
#include "data/text.h"

#include <stdio.h>
#include <string.h>

enum { WORDS = BASIN_PARAMS_MAX + 8 };

typedef struct request {
    const char *expression, *domain, *out, *model, *data;
    bool json;
    const char *words[WORDS];
    int n_words;
} request;

bool check_loss_param(
    const check_case *c, int index, const char **name, double *value)
{
    if (c->q) {
        *name = basin_expression_param(c->q, index);
        *value = *name ? basin_expression_setting(c->q, index) : 0;
        return *name;
    }
    const basin_part *part = &basin_loss_entry(c->loss)->part;
    if (index >= part->n_params)
        return false;
    *name = part->params[index].name;
    *value = basin_loss_settings(c->loss)[index];
    return true;
}

double check_loss_value(
    const check_case *c, double ec, double ei, double *d_c, double *d_i)
{
    return c->q ? basin_expression_value(c->q, ec, ei, d_c, d_i)
                : basin_loss_on_plane(c->loss, ec, ei, d_c, d_i);
}

/* ------------------------------------------------------------------ request */

static basin_status read_domain(
    basin_domain *out, const char *word, basin_error *error)
{
    static const char *const names[] = {"any", "nonnegative"};
    for (int i = 0; i < 2; i++)
        if (strcmp(word, names[i]) == 0) {
            *out = (basin_domain)i;
            return BASIN_OK;
        }
    char quote[BASIN__QUOTE];
    basin__quote(quote, word, strlen(word));
    const char *near = basin_nearest(word, names, 2);
    if (near)
        return basin_error_set(error, BASIN_E_NAME,
            "no domain is called '%s'; did you mean '%s'?", quote, near);
    return basin_error_set(error, BASIN_E_NAME,
        "--domain must be any or nonnegative; got '%s'", quote);
}

/* "m=2" */
static basin_status read_setting(
    check_case *c, const char *word, basin_error *error)
{
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : 0;
    char name[64], quote[BASIN__QUOTE];
    basin__quote(quote, word, strlen(word));
    BASIN_REQUIRE(length > 0, error, BASIN_E_FORMAT,
        "'%s' is no setting; with --expr all arguments are param=value", quote);
    basin_format(name, sizeof name, "%.*s", (int)(length & 0x7FFF), word);
    BASIN_REQUIRE(strcmp(name, "ec") != 0 && strcmp(name, "ei") != 0, error,
        BASIN_E_NAME, "'%s' is an energy and no parameter", name);
    double value = 0;
    size_t digits = strlen(equals + 1);
    BASIN_REQUIRE(
        digits > 0 && basin_parse_number(&value, equals + 1, digits) == digits,
        error, BASIN_E_FORMAT, "%s must be a number; got '%s'", name,
        basin__quote(quote, equals + 1, digits));
    return basin_expression_set(c->q, name, value, error);
}

static basin_status twice(
    const request *r, int first, int index, basin_error *error)
{
    const char *word = r->words[index];
    size_t length = strcspn(word, "=") + 1;
    for (int i = first; i < index; i++)
        BASIN_REQUIRE(strncmp(word, r->words[i], length) != 0, error,
            BASIN_E_ARGUMENT, "%.*s is set twice", (int)length - 1, word);
    return BASIN_OK;
}

static basin_status open_expression(
    check_case *c, const request *r, basin_error *error)
{
    c->name = "expression";
    c->formula = r->expression;
    basin_status status =
        basin_expression_create(&c->q, c->ctx, r->expression, error);
    if (status != BASIN_OK && error->line)
        basin_error_place(error, "expression", error->line, error->column);
    BASIN_TRY(status);
    for (int i = 0; i < r->n_words; i++) {
        BASIN_TRY(twice(r, 0, i, error));
        BASIN_TRY(read_setting(c, r->words[i], error));
    }
    return BASIN_OK;
}

static basin_status open_loss(
    check_case *c, const request *r, basin_error *error)
{
    basin_setting settings[WORDS];
    const basin_part *part = NULL;
    BASIN_REQUIRE(r->n_words > 0, error, BASIN_E_ARGUMENT,
        "a loss is missing: a name ('basin list loss' shows them), or --expr "
        "and an expression");
    BASIN_TRY(basin_find(&part, c->ctx, BASIN_KIND_LOSS, r->words[0], error));
    for (int i = 1; i < r->n_words; i++) {
        BASIN_TRY(twice(r, 1, i, error));
        BASIN_TRY(basin_part_parse(&settings[i - 1], part, r->words[i], error));
    }
    c->name = part->name;
    c->formula = part->formula;
    c->domain = ((const basin_loss_type *)(const void *)part)->domain;
    return basin_loss_create(
        &c->loss, c->ctx, part->name, settings, r->n_words - 1, error);
}

/* --------------------------------------------------------------------- run */

static basin_status judge(check_case *c, const request *r, basin_error *error)
{
    BASIN_REQUIRE(!r->model == !r->data, error, BASIN_E_ARGUMENT,
        "--model and --data come together: a model, and the samples on which "
        "Condition 6 is measured");
    BASIN_TRY(basin_context_create(&c->ctx, NULL, error));
    if (r->expression)
        BASIN_TRY(open_expression(c, r, error));
    else
        BASIN_TRY(open_loss(c, r, error));
    if (r->domain)
        BASIN_TRY(read_domain(&c->domain, r->domain, error));
    c->model = r->model;
    c->data = r->data;
    if (c->q)
        return basin_check_expression(
            &c->check, c->ctx, c->q, c->domain, error);
    return basin_check_loss(&c->check, c->ctx, c->loss, c->domain, error);
}

static basin_status run(check_case *c, const request *r, basin_error *error)
{
    char path[4096] = "";
    BASIN_TRY(judge(c, r, error));
    if (r->model)
        BASIN_TRY(check_loss_on_model(c, error));
    if (r->out)
        BASIN_TRY(check_loss_draw(c, r->out, path, error));
    if (r->json)
        return check_loss_print_json(c, error);
    check_loss_print(c);
    if (r->out)
        printf("picture      %s\n", path);
    return BASIN_OK;
}

int cli_check_loss(int argc, char **argv)
{
    request r = {.json = false};
    bool helped = false;
    const cli_option options[] = {
        {"expr", CLI_TEXT, &r.expression, 0, 0, "E",
            "a loss in ec, ei and parameters: 'max(0, m+ec-ei)^2'"},
        {"domain", CLI_TEXT, &r.domain, 0, 0, "D",
            "energies: any or nonnegative (default: the loss's own)"},
        {"json", CLI_FLAG, &r.json, 0, 0, NULL, "print one object"},
        {"out", CLI_TEXT, &r.out, 0, 0, "DIR",
            "draw the loss over E_C and E_I, into DIR/NAME.png"},
        {"model", CLI_TEXT, &r.model, 0, 0, "FILE",
            "a trained model, for Condition 6"},
        {"data", CLI_TEXT, &r.data, 0, 0, "FILE",
            "its samples: a .csv table of x..., y..."},
    };
    const cli_usage usage = {"check-loss", "NAME|--expr E [param=value ...]",
        "Judge a loss: the margins by which it can make the right answer win.",
        options, sizeof options / sizeof *options, 0, WORDS};
    basin_error error = {0};
    check_case c = {.ctx = NULL};
    basin_status status =
        cli_parse(&usage, argc, argv, r.words, &r.n_words, &helped, &error);
    if (helped)
        return CLI_OK;
    if (status == BASIN_OK)
        status = run(&c, &r, &error);
    basin_expression_destroy(c.q);
    basin_loss_destroy(c.loss);
    basin_context_destroy(c.ctx);
    return status == BASIN_OK ? CLI_OK : cli_fail("check-loss", &error);
}
