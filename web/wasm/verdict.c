/* SPDX-License-Identifier: MIT
 *
 * The verdict on a loss, as `basin check-loss` gives it: by which margin can
 * it make the right answer win?
 */
#include "web.h"

static basin_status put_verdict(web *w, const basin_check *c)
{
    const char *name = basin_margin_name(c->margin);
    char largest[32], flat[32];
    basin_print_number(largest, c->largest_margin, true);
    basin_print_number(flat, c->n_flat > 0 ? c->flat[0] : -1, true);
    w->text.size = 0;
    return basin_bytes_print(&w->text, &w->error,
        "{\"margin\":\"%s\",\"largest\":\"%s\",\"pushesUp\":%s,"
        "\"pullsDown\":%s,\"convex\":%s,\"flat\":%s,\"alwaysFlat\":%s}",
        name, largest, c->pushes_up ? "true" : "false",
        c->pulls_down ? "true" : "false", c->convex ? "true" : "false", flat,
        c->has_flat_interval ? "true" : "false");
}

int WEB_EXPORT(web_verdict)(web *w)
{
    const web_choice *choice = &w->choices[WEB_LOSS];
    const basin_loss_type *type =
        (const basin_loss_type *)(const void *)choice->part;
    basin_loss *loss = NULL;
    basin_check check;
    BASIN_TRY(basin_loss_create(&loss, w->ctx, choice->part->name,
        choice->settings, choice->n, &w->error));
    basin_status status =
        basin_check_loss(&check, w->ctx, loss, type->domain, &w->error);
    basin_loss_destroy(loss);
    return status == BASIN_OK ? put_verdict(w, &check) : status;
}
