/* SPDX-License-Identifier: MIT
 *
 * The registry as JSON: what the page makes its knobs from. A new loss, with
 * its parameters, appears there by itself.
 */
#include "web.h"

#include <string.h>

static basin_status put(web *w, const char *text)
{
    return basin_bytes_append(&w->text, text, strlen(text), &w->error);
}

/* Our own texts: quotes and backslashes are all there is to escape. */
static basin_status put_string(web *w, const char *text)
{
    BASIN_TRY(put(w, "\""));
    for (; text && *text; text++) {
        if (*text == '"' || *text == '\\')
            BASIN_TRY(put(w, "\\"));
        BASIN_TRY(basin_bytes_append(&w->text, text, 1, &w->error));
    }
    return put(w, "\"");
}

static basin_status put_field(web *w, const char *name, const char *text)
{
    BASIN_TRY(basin_bytes_print(&w->text, &w->error, ",\"%s\":", name));
    return put_string(w, text);
}

static basin_status put_number(web *w, const char *name, double value)
{
    char number[32];
    basin_print_number(number, value, false);
    return basin_bytes_print(&w->text, &w->error, ",\"%s\":%s", name, number);
}

static basin_status put_param(web *w, const basin_param *p)
{
    BASIN_TRY(put(w, "{\"name\":"));
    BASIN_TRY(put_string(w, p->name));
    BASIN_TRY(put_field(w, "unit", p->unit));
    BASIN_TRY(put_field(w, "help", p->help));
    if (p->choices)
        BASIN_TRY(put_field(w, "choices", p->choices));
    BASIN_TRY(put_number(w, "low", p->low));
    BASIN_TRY(put_number(w, "high", p->high));
    BASIN_TRY(put_number(w, "initial", p->initial));
    return basin_bytes_print(&w->text, &w->error,
        ",\"integer\":%s,\"openLow\":%s}", p->integer ? "true" : "false",
        p->open_low ? "true" : "false");
}

static basin_status put_loss(web *w, const basin_loss_type *loss)
{
    return basin_bytes_print(&w->text, &w->error,
        ",\"needs\":%u,\"nonnegative\":%s", loss->needs,
        loss->domain == BASIN_DOMAIN_NONNEGATIVE ? "true" : "false");
}

static basin_status put_part(web *w, basin_kind kind, const basin_part *part)
{
    BASIN_TRY(put(w, "{\"name\":"));
    BASIN_TRY(put_string(w, part->name));
    BASIN_TRY(put_field(w, "summary", part->summary));
    BASIN_TRY(put_field(w, "formula", part->formula));
    BASIN_TRY(put_field(w, "source", part->source));
    if (kind == BASIN_KIND_LOSS)
        BASIN_TRY(put_loss(w, (const basin_loss_type *)(const void *)part));
    BASIN_TRY(put(w, ",\"params\":["));
    for (int i = 0; i < part->n_params; i++) {
        BASIN_TRY(put(w, i ? "," : ""));
        BASIN_TRY(put_param(w, &part->params[i]));
    }
    return put(w, "]}");
}

int WEB_EXPORT(web_tables)(web *w)
{
    w->text.size = 0;
    for (int kind = 0; kind < BASIN_KINDS; kind++) {
        BASIN_TRY(put(w, kind ? ",\"" : "{\""));
        BASIN_TRY(put(w, basin_kind_name((basin_kind)kind)));
        BASIN_TRY(put(w, "\":["));
        const basin_part *part;
        for (int i = 0;
             (part = basin_part_at(w->ctx, (basin_kind)kind, i)) != NULL; i++) {
            BASIN_TRY(put(w, i ? "," : ""));
            BASIN_TRY(put_part(w, (basin_kind)kind, part));
        }
        BASIN_TRY(put(w, "]"));
    }
    return put(w, "}");
}

const char *WEB_EXPORT(web_text)(const web *w)
{
    return (const char *)w->text.data;
}

int WEB_EXPORT(web_text_size)(const web *w)
{
    return (int)w->text.size;
}
