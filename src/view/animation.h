/* SPDX-License-Identifier: MIT
 *
 * The two encoders behind an animation. Frames come in one after the other
 * as Cairo canvases. Internal to src/view.
 */
#ifndef BASIN_VIEW_ANIMATION_H
#define BASIN_VIEW_ANIMATION_H

#include "view/panel.h"

/** A whole small picture: box, axes, surface, spheres, title, caption. */
basin_status basin__view_frame(view_canvas *canvas, view_rect rect,
    const view_scene *scene, double text, basin_error *error);

/**
 * GIF from `n` frames of `width` x `height` pixels, 3 bytes each (RGB), one
 * after the other. One palette and an ordered dither serve all frames, so
 * that what does not move does not flicker. @param every keep each `every`th
 * frame (and the last)
 */
basin_status basin__view_gif(view_buffer *out, const unsigned char *frames,
    int n, int width, int height, int every, int frame_ms, int pause_ms,
    basin_error *error);

#endif
