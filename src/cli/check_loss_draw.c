/* SPDX-License-Identifier: MIT
 *
 * basin check-loss --out: the picture.
 */
#include "cli/check_loss.h"
#include "view/plane.h"

#include <math.h>
#include <stdlib.h>

enum { GRID = 241, ARROWS = 9 };

/* Far enough for the margin, the witness and the flat points. */
static double reach(const check_case *c)
{
    const basin_check *k = &c->check;
    double most = 3;
    if (k->margin == BASIN_MARGIN_FINITE)
        most = 2 * k->largest_margin;
    for (int i = 0; i < k->n_flat; i++)
        if (fabs(k->flat[i]) < 20)
            most = fmax(most, 1.5 * fabs(k->flat[i]));
    return most;
}

static void fill(const check_case *c, const view_plane *plane, double *loss,
    view_arrow *arrows)
{
    double width = plane->high - plane->low;
    for (int i = 0; i < GRID; i++)
        for (int k = 0; k < GRID; k++)
            loss[i * GRID + k] =
                check_loss_value(c, plane->low + width * i / (GRID - 1),
                    plane->low + width * k / (GRID - 1), NULL, NULL);
    for (int i = 0; i < ARROWS; i++)
        for (int k = 0; k < ARROWS; k++) {
            view_arrow *a = &arrows[i * ARROWS + k];
            a->ec = plane->low + width * (i + 0.5) / ARROWS;
            a->ei = plane->low + width * (k + 0.5) / ARROWS;
            check_loss_value(c, a->ec, a->ei, &a->d_ec, &a->d_ei);
            a->d_ec = -a->d_ec;
            a->d_ei = -a->d_ei;
        }
}

static basin_status render(
    view_buffer *out, const check_case *c, basin_error *error)
{
    const basin_check *k = &c->check;
    char verdict[96], text[128];
    check_loss_verdict(verdict, sizeof verdict, k);
    basin_format(text, sizeof text, "margin %s", verdict);
    double high = reach(c);
    view_plane plane = {.low = c->domain == BASIN_DOMAIN_ANY ? -high : 0,
        .high = high,
        .n = GRID,
        .n_arrows = ARROWS * ARROWS,
        .margin = k->margin == BASIN_MARGIN_FINITE ? k->largest_margin : 0,
        .n_flat = k->n_flat,
        .flat = k->flat,
        .has_flat_interval = k->has_flat_interval,
        .flat_low = k->flat_low,
        .flat_high = k->flat_high,
        .has_witness = k->has_witness && k->margin == BASIN_MARGIN_NONE,
        .witness_ec = k->witness.ec,
        .witness_ei = k->witness.ei,
        .title = c->name,
        .formula = c->formula,
        .verdict = text};
    double *loss = malloc(sizeof(double) * GRID * GRID);
    view_arrow *arrows = malloc(sizeof *arrows * ARROWS * ARROWS);
    plane.loss = loss;
    plane.arrows = arrows;
    basin_status status = BASIN_OK;
    if (loss && arrows) {
        fill(c, &plane, loss, arrows);
        status = basin__view_plane(out, &plane, 780, 540, error);
    } else {
        status =
            basin_error_set(error, BASIN_E_MEMORY, "no memory for a picture");
    }
    free(loss);
    free(arrows);
    return status;
}

basin_status check_loss_draw(
    const check_case *c, const char *folder, char *path, basin_error *error)
{
    const size_t room = 4096;
    size_t length = basin_format(path, room, "%s/%s.png", folder, c->name);
    BASIN_REQUIRE(length < room, error, BASIN_E_IO, "the path is too long");
    BASIN_TRY(basin_folder_make(folder, error));
    view_buffer png = {0};
    BASIN_TRY(render(&png, c, error));
    basin_status status = basin_file_write(path, png.data, png.size, error);
    basin__view_buffer_free(&png);
    return status;
}
