/* SPDX-License-Identifier: MIT
 *
 * The JSON schema of model descriptions, made from the registry: so an editor
 * knows every module, loss and parameter that this Basin knows.
 */
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "cli/cli.h"
#include "data/description.h"

static json_t *typed(const char *type)
{
    return json_pack("{s:s}", "type", type);
}

static json_t *choices_of(const char *choices)
{
    json_t *words = json_array();
    for (const char *at = choices; at;) {
        size_t n = strcspn(at, "|");
        json_array_append_new(words, json_stringn(at, n));
        at = at[n] ? at + n + 1 : NULL;
    }
    return json_pack("{s:o}", "enum", words);
}

static json_t *number_of(const basin_param *p)
{
    json_t *out = typed(p->integer ? "integer" : "number");
    if (isfinite(p->low))
        json_object_set_new(out, p->open_low ? "exclusiveMinimum" : "minimum",
            json_real(p->low));
    if (isfinite(p->high))
        json_object_set_new(out, "maximum", json_real(p->high));
    json_object_set_new(out, "default", json_real(p->initial));
    return out;
}

static void put_params(json_t *properties, const basin_part *part)
{
    for (int i = 0; i < part->n_params; i++) {
        const basin_param *p = &part->params[i];
        json_t *param = p->choices ? choices_of(p->choices) : number_of(p);
        json_object_set_new(param, "description",
            p->unit[0] ? json_sprintf("%s (%s)", p->help, p->unit)
                       : json_string(p->help));
        json_object_set_new(properties, p->name, param);
    }
}

/* An object of these properties and no others. */
static json_t *closed(json_t *properties)
{
    return json_pack("{s:s, s:o, s:b}", "type", "object", "properties",
        properties, "additionalProperties", 0);
}

/* The parameters stand beside the part's name, or under `settings`. */
static json_t *part_object(
    const basin_part *part, const char *name_key, json_t *properties)
{
    json_t *settings = json_object();
    put_params(settings, part);
    put_params(properties, part);
    json_object_set_new(properties, "settings", closed(settings));
    json_object_set_new(
        properties, name_key, json_pack("{s:s}", "const", part->name));
    json_t *out = closed(properties);
    json_object_set_new(out, "description", json_string(part->summary));
    json_object_set_new(out, "required", json_pack("[s]", name_key));
    return out;
}

/* A name alone, or an object with its name. */
static json_t *choice(const basin_context *ctx, basin_kind kind)
{
    const basin_part *part;
    json_t *all = json_array(), *names = json_array();
    json_array_append_new(all, json_pack("{s:o}", "enum", names));
    for (int i = 0; (part = basin_part_at(ctx, kind, i)); i++) {
        json_array_append_new(names, json_string(part->name));
        json_array_append_new(all, part_object(part, "name", json_object()));
    }
    return json_pack("{s:o}", "anyOf", all);
}

/* A word or a list of words. */
static json_t *words(const char *type)
{
    return json_pack(
        "{s:[s,s], s:o}", "type", type, "array", "items", typed(type));
}

static json_t *node(const basin_context *ctx)
{
    const basin_part *part;
    json_t *all = json_array();
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_MODULE, i)); i++) {
        json_t *keys = json_object();
        json_object_set_new(keys, "name", typed("string"));
        json_object_set_new(keys, "inputs", words("string"));
        json_object_set_new(keys, "share", typed("string"));
        json_array_append_new(all, part_object(part, "module", keys));
    }
    return json_pack("{s:o}", "anyOf", all);
}

static json_t *space(void)
{
    json_t *keys = json_object();
    json_object_set_new(keys, "kind", choices_of("box|labels|none"));
    json_object_set_new(
        keys, "dim", json_pack("{s:s, s:i}", "type", "integer", "minimum", 1));
    json_object_set_new(keys, "low", typed("number"));
    json_object_set_new(keys, "high", typed("number"));
    json_object_set_new(keys, "count",
        json_pack("{s:s, s:i}", "type", "integer", "minimum", 1));
    json_object_set_new(keys, "shape",
        json_pack("{s:s, s:o, s:i, s:i}", "type", "array", "items",
            typed("integer"), "minItems", 3, "maxItems", 3));
    return json_pack("{s:[{s:s}, o]}", "anyOf", "const", "none", closed(keys));
}

static json_t *energy(const basin_context *ctx)
{
    json_t *spaces = json_object(), *graph = json_object();
    static const char *const variables[] = {"x", "y", "z"};
    for (int i = 0; i < 3; i++)
        json_object_set_new(
            spaces, variables[i], json_pack("{s:s}", "$ref", "#/$defs/space"));
    json_object_set_new(graph, "name", json_pack("{s:s}", "const", "graph"));
    json_object_set_new(graph, "spaces", closed(spaces));
    json_object_set_new(graph, "nodes",
        json_pack("{s:s, s:{s:s}, s:i}", "type", "array", "items", "$ref",
            "#/$defs/node", "minItems", 1));
    json_object_set_new(graph, "bound", choices_of("none|softplus"));
    json_t *first = closed(graph), *all = json_array();
    json_object_set_new(
        first, "required", json_pack("[s,s]", "spaces", "nodes"));
    json_array_append_new(all, first);
    const basin_part *part;
    for (int i = 0; (part = basin_part_at(ctx, BASIN_KIND_ENERGY, i)); i++)
        json_array_append_new(all, part_object(part, "name", json_object()));
    return json_pack("{s:o}", "anyOf", all);
}

static json_t *learning(void)
{
    json_t *keys = json_object(), *settings = json_object();
    put_params(keys, &basin__learning_part);
    put_params(settings, &basin__learning_part);
    json_object_set_new(keys, "settings", closed(settings));
    json_object_set_new(
        keys, "optimiser", json_pack("{s:s}", "$ref", "#/$defs/optimiser"));
    return closed(keys);
}

static json_t *data(void)
{
    json_t *keys = json_object(), *settings = json_object();
    static const char *const files[] = {"train", "held-out", "test"};
    for (int i = 0; i < 3; i++)
        json_object_set_new(keys, files[i], words("string"));
    static const char *const columns[] = {"x", "y", "labels"};
    for (int i = 0; i < 3; i++)
        json_object_set_new(keys, columns[i],
            json_pack("{s:[s,s,s], s:{s:[s,s]}}", "type", "string", "integer",
                "array", "items", "type", "string", "integer"));
    json_object_set_new(keys, "classes",
        json_pack("{s:s, s:{s:[s,s]}}", "type", "array", "items", "type",
            "string", "number"));
    json_object_set_new(keys, "rows",
        json_pack("{s:s, s:{s:s, s:o}}", "type", "array", "items", "type",
            "array", "items", typed("number")));
    static const char *const numbers[] = {"offset", "factor", "class-weights"};
    for (int i = 0; i < 3; i++)
        json_object_set_new(keys, numbers[i], words("number"));
    json_object_set_new(
        keys, "weight", json_pack("{s:[s,s]}", "type", "string", "integer"));
    put_params(keys, &basin__data_part);
    put_params(settings, &basin__data_part);
    json_object_set_new(keys, "settings", closed(settings));
    return closed(keys);
}

json_t *cli_schema(const basin_context *ctx)
{
    json_t *keys = json_object(), *defs = json_object();
    json_object_set_new(keys, "energy", energy(ctx));
    json_object_set_new(keys, "inference", choice(ctx, BASIN_KIND_INFERENCE));
    json_object_set_new(keys, "loss", choice(ctx, BASIN_KIND_LOSS));
    json_object_set_new(keys, "learning", learning());
    json_object_set_new(keys, "data", data());
    json_object_set_new(defs, "space", space());
    json_object_set_new(defs, "node", node(ctx));
    json_object_set_new(defs, "optimiser", choice(ctx, BASIN_KIND_OPTIMISER));
    json_t *out = closed(keys);
    json_object_set_new(
        out, "required", json_pack("[s,s,s]", "energy", "inference", "loss"));
    json_object_set_new(out, "$defs", defs);
    json_object_set_new(out, "$schema",
        json_string("https://json-schema.org/draft/2020-12/schema"));
    json_object_set_new(
        out, "title", json_string("A model that basin train takes"));
    return out;
}
