/* SPDX-License-Identifier: MIT
 *
 * Writing the parts of a description into a model's file, and reading them
 * back, so that one file says how to infer and how the data are scaled.
 */
#include "data/description.h"

#include <string.h>

#include "data/model.h"
#include "data/text.h"

static basin_status write_values(basin_bytes *out, const basin_part *part,
    const double *values, basin_error *error)
{
    for (int i = 0; i < part->n_params; i++) {
        const basin_param *p = &part->params[i];
        BASIN_TRY(basin_bytes_print(out, error, ","));
        BASIN_TRY(basin__json_string(out, p->name, error));
        BASIN_TRY(basin_bytes_print(out, error, ":"));
        BASIN_TRY(p->choices ? basin__write_choice(
                                   out, p->choices, (int)values[i], error)
                             : basin__json_number(out, values[i], error));
    }
    return BASIN_OK;
}

static basin_status write_choice(basin_bytes *out, const char *key,
    const basin__choice *c, basin_error *error)
{
    BASIN_TRY(basin_bytes_print(out, error, "\"%s\":{\"name\":", key));
    BASIN_TRY(basin__json_string(out, c->part->name, error));
    BASIN_TRY(write_values(out, c->part, c->values, error));
    return basin_bytes_print(out, error, "}");
}

/* The number of a column, as JSON has it. */
static bool is_whole(const basin__tree *node)
{
    const char *word = node->word;
    return !node->quoted && *word >= '1' && *word <= '9' && strlen(word) < 10 &&
           !word[strspn(word, "0123456789")];
}

static basin_status write_list(basin_bytes *out, const char *key,
    const basin__tree *list, bool numbers, basin_error *error)
{
    if (!list)
        return BASIN_OK;
    const basin__tree *at = list->kind == BASIN__LIST ? list->first : list;
    BASIN_TRY(basin_bytes_print(out, error, ",\"%s\":[", key));
    for (bool first = true; at; at = at->next, first = false) {
        if (!first)
            BASIN_TRY(basin_bytes_print(out, error, ","));
        BASIN_TRY(numbers || is_whole(at)
                      ? basin_bytes_print(out, error, "%s", at->word)
                      : basin__json_string(out, at->word, error));
        if (list->kind != BASIN__LIST)
            break;
    }
    return basin_bytes_print(out, error, "]");
}

basin_status basin__parts_write(
    basin_bytes *out, const basin__description *d, basin_error *error)
{
    BASIN_TRY(basin_bytes_print(out, error, "{"));
    BASIN_TRY(write_choice(out, "inference", &d->inference, error));
    BASIN_TRY(basin_bytes_print(out, error, ","));
    BASIN_TRY(write_choice(out, "loss", &d->loss, error));
    BASIN_TRY(basin_bytes_print(out, error, ",\"learning\":{"));
    BASIN_TRY(write_choice(out, "optimiser", &d->optimiser, error));
    BASIN_TRY(write_values(out, &basin__learning_part, d->learning, error));
    BASIN_TRY(basin_bytes_print(out, error, "},\"data\":{\"settings\":{}"));
    BASIN_TRY(write_values(out, &basin__data_part, d->data.values, error));
    BASIN_TRY(write_list(out, "x", d->data.x, false, error));
    BASIN_TRY(write_list(out, "y", d->data.y, false, error));
    BASIN_TRY(write_list(out, "classes", d->data.classes, false, error));
    BASIN_TRY(write_list(out, "offset", d->data.offset, true, error));
    BASIN_TRY(write_list(out, "factor", d->data.factor, true, error));
    return basin_bytes_append(out, "}}", 3, error); /* with its NUL */
}

/* ------------------------------------------------------------------ reading */

static basin_status take_meta(
    void *user, const char *key, const char *value, basin_error *error)
{
    return strcmp(key, BASIN__MODEL_KEY_PARTS) == 0
               ? basin_bytes_append(user, value, strlen(value), error)
               : BASIN_OK;
}

static basin_status read_parts(
    basin__description *d, const basin_bytes *text, basin_error *error)
{
    basin__tree *root = NULL;
    basin_error inner = {0};
    if (text->size == 0)
        return BASIN_OK; /* a model from elsewhere */
    basin_status status =
        basin__json_read(&d->forest, &root, text->data, text->size, &inner);
    if (status == BASIN_OK)
        status = basin__tree_map(root, BASIN__MODEL_KEY_PARTS, &inner);
    if (status == BASIN_OK)
        status = basin__parts_read(d, root, &inner);
    return status == BASIN_OK
               ? status
               : basin__wrap(error, BASIN__MODEL_KEY_PARTS, &inner);
}

basin_status basin__description_load(basin__description *out,
    basin_context *ctx, const void *data, size_t size, basin_error *error)
{
    *out = (basin__description){.ctx = ctx};
    basin__forest_init(&out->forest, ctx);
    basin_bytes text;
    basin_bytes_init(&text, ctx);
    basin_status status =
        basin_model_read(&out->energy, ctx, data, size, error);
    if (status == BASIN_OK)
        status =
            basin_safetensors_walk(data, size, NULL, take_meta, &text, error);
    if (status == BASIN_OK)
        status = read_parts(out, &text, error);
    basin_bytes_finish(&text);
    if (status != BASIN_OK)
        basin__clean_message(error);
    return status;
}
