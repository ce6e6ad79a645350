/* SPDX-License-Identifier: MIT
 *
 * basin list: the registry, as text or as JSON.
 */
#include "cli/cli.h"
#include "data/text.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *param_json(const basin_param *p)
{
    json_t *out = json_pack("{s:s, s:s, s:s, s:b}", "name", p->name, "unit",
        p->unit, "help", p->help, "integer", p->integer);
    if (p->choices) {
        json_object_set_new(out, "choices", json_string(p->choices));
    } else {
        json_object_set_new(out, "low", json_real(p->low));
        json_object_set_new(out, "high", json_real(p->high));
    }
    json_object_set_new(out, "default", json_real(p->initial));
    return out;
}

static json_t *part_json(basin_kind kind, const basin_part *part)
{
    json_t *params = json_array();
    for (int i = 0; i < part->n_params; i++)
        json_array_append_new(params, param_json(&part->params[i]));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o}", "kind",
        basin_kind_name(kind), "name", part->name, "summary", part->summary,
        "formula", part->formula, "source", part->source, "params", params);
}

static void print_param(const basin_param *p)
{
    char initial[32], low[32], high[32];
    basin_print_number(initial, p->initial, false);
    basin_print_number(low, p->low, false);
    basin_print_number(high, p->high, false);
    if (p->choices) {
        /* The default is an index into the words. */
        const char *word = p->choices;
        for (int i = (int)p->initial; i > 0 && strchr(word, '|'); i--)
            word = strchr(word, '|') + 1;
        printf("      %s=%.*s  %s (%s)\n", p->name, (int)strcspn(word, "|"),
            word, p->help, p->choices);
        return;
    }
    printf("      %s=%s  %s (%s%s to %s%s%s)\n", p->name, initial, p->help,
        p->open_low ? "above " : "", low, high, p->unit[0] ? " " : "", p->unit);
}

static void print_part(const basin_part *part)
{
    printf("  %-14s %s\n", part->name, part->summary);
    if (part->formula[0])
        printf("      %s\n", part->formula);
    if (part->source[0])
        printf("      %s\n", part->source);
    for (int i = 0; i < part->n_params; i++)
        print_param(&part->params[i]);
}

static basin_status choose_kind(
    int *first, int *last, const char *word, basin_error *error)
{
    const char *names[BASIN_KINDS];
    *first = 0;
    *last = BASIN_KINDS - 1;
    for (int k = 0; word && k < BASIN_KINDS; k++) {
        names[k] = basin_kind_name((basin_kind)k);
        if (strcmp(word, names[k]) == 0) {
            *first = *last = k;
            return BASIN_OK;
        }
    }
    if (!word)
        return BASIN_OK;
    char quote[BASIN__QUOTE];
    basin__quote(quote, word, strlen(word));
    const char *near = basin_nearest(word, names, BASIN_KINDS);
    if (near)
        return basin_error_set(error, BASIN_E_NAME,
            "no kind of part is called '%s'; did you mean '%s'?", quote, near);
    return basin_error_set(error, BASIN_E_NAME,
        "no kind of part is called '%s'; there are module, energy, cost, "
        "inference, loss and optimiser",
        quote);
}

static int print_schema(basin_context *ctx)
{
    json_t *schema = cli_schema(ctx);
    json_dumpf(schema, stdout,
        JSON_INDENT(1) | JSON_SORT_KEYS | JSON_REAL_PRECISION(10));
    putchar('\n');
    json_decref(schema);
    basin_context_destroy(ctx);
    return CLI_OK;
}

int cli_list(int argc, char **argv)
{
    bool json = false, schema = false, helped = false;
    const char *words[1] = {NULL};
    int n = 0, first, last;
    const cli_option options[] = {
        {"json", CLI_FLAG, &json, 0, 0, NULL, "print one array of objects"},
        {"schema", CLI_FLAG, &schema, 0, 0, NULL,
            "print the JSON schema of model descriptions"},
    };
    const cli_usage usage = {"list",
        "[module|energy|cost|inference|loss|optimiser]",
        "Show the registered parts and their parameters.", options, 2, 0, 1};
    basin_error error = {0};
    basin_context *ctx = NULL;
    if (cli_parse(&usage, argc, argv, words, &n, &helped, &error) ||
        (!helped && (choose_kind(&first, &last, words[0], &error) ||
                        basin_context_create(&ctx, NULL, &error))))
        return cli_fail("list", &error);
    if (helped)
        return CLI_OK;
    if (schema)
        return print_schema(ctx);
    json_t *all = json ? json_array() : NULL;
    for (int k = first; k <= last; k++) {
        const basin_part *part;
        if (!json)
            printf("%s%s\n", k > first ? "\n" : "",
                basin_kind_name((basin_kind)k));
        for (int i = 0; (part = basin_part_at(ctx, (basin_kind)k, i)); i++) {
            if (json)
                json_array_append_new(all, part_json((basin_kind)k, part));
            else
                print_part(part);
        }
    }
    if (json) {
        json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(10));
        putchar('\n');
        json_decref(all);
    }
    basin_context_destroy(ctx);
    return CLI_OK;
}
