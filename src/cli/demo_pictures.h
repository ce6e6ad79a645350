/* SPDX-License-Identifier: MIT
 *
 * The pictures of a demonstration, as bytes.
 */
#ifndef BASIN_CLI_DEMO_PICTURES_H
#define BASIN_CLI_DEMO_PICTURES_H

#include "cli/demo.h"
#include "view/view.h"

struct demo_pictures {
    view_buffer surface, webp, gif, contact, curves;
};

/** Draw everything of a run into run->pictures. */
basin_status demo_draw(demo_run *run, basin_error *error);
void demo_free_pictures(demo_run *run);

/** The final surfaces of several runs side by side. */
basin_status demo_draw_together(
    view_buffer *out, demo_run *const *runs, int n, basin_error *error);

/** The report over several runs. @param which the command's word, "all" */
basin_status demo_draw_report(view_buffer *out, demo_run *const *runs, int n,
    const char *which, basin_error *error);

#endif
