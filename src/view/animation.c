/* SPDX-License-Identifier: MIT
 *
 * training.webp and training.gif: each frame is rendered once, goes straight
 * into the WebP encoder, and is kept at three quarters of the size for the
 * GIF, whose palette needs to see all frames first.
 */
#include "view/animation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <webp/encode.h>
#include <webp/mux.h>

view_film view_film_default(void)
{
    view_film film = {.width = 640,
        .height = 480,
        .frame_ms = 80,
        .pause_ms = 2000,
        .gif_limit = 2400000};
    return film;
}

/* -------------------------------------------------------------------- WebP */

typedef struct webp {
    WebPAnimEncoder *encoder;
    WebPConfig config;
    WebPPicture picture;
} webp;

static basin_status webp_init(
    webp *w, int width, int height, basin_error *error)
{
    WebPAnimEncoderOptions options;
    memset(w, 0, sizeof *w);
    BASIN_REQUIRE(WebPAnimEncoderOptionsInit(&options) &&
                      WebPConfigInit(&w->config) &&
                      WebPPictureInit(&w->picture),
        error, BASIN_E_IO, "the WebP library has another version");
    options.anim_params.loop_count = 0; /* for ever */
    options.anim_params.bgcolor = 0xFFFFFFFFu;
    /* Whole frames only: between whole frames the encoder leaves patches of
     * the old colour standing, and here the colour always moves. */
    options.kmin = 0;
    options.kmax = 1;
    w->config.quality = 80.0f;
    w->config.method = 2; /* above this it is slower, and hardly smaller */
    w->picture.width = width;
    w->picture.height = height;
    w->picture.use_argb = 1;
    w->encoder = WebPAnimEncoderNew(width, height, &options);
    BASIN_REQUIRE(w->encoder && WebPPictureAlloc(&w->picture), error,
        BASIN_E_MEMORY, "out of memory for an animation");
    return BASIN_OK;
}

static void webp_finish(webp *w)
{
    WebPPictureFree(&w->picture);
    WebPAnimEncoderDelete(w->encoder);
}

static basin_status webp_add(
    webp *w, const view_canvas *canvas, int time_ms, basin_error *error)
{
    const unsigned char *data = cairo_image_surface_get_data(canvas->surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(canvas->surface);
    for (int y = 0; y < canvas->height; ++y)
        memcpy(w->picture.argb + (size_t)y * (size_t)w->picture.argb_stride,
            data + (size_t)y * stride, (size_t)canvas->width * 4);
    BASIN_REQUIRE(
        WebPAnimEncoderAdd(w->encoder, &w->picture, time_ms, &w->config), error,
        BASIN_E_IO, "the WebP library refused a frame: %s",
        WebPAnimEncoderGetError(w->encoder));
    return BASIN_OK;
}

static basin_status webp_end(
    view_buffer *out, webp *w, int time_ms, basin_error *error)
{
    WebPData data;
    WebPDataInit(&data);
    BASIN_REQUIRE(WebPAnimEncoderAdd(w->encoder, NULL, time_ms, NULL) &&
                      WebPAnimEncoderAssemble(w->encoder, &data),
        error, BASIN_E_IO, "the WebP library refused the animation: %s",
        WebPAnimEncoderGetError(w->encoder));
    /* Copied, so that plain free() is right for every buffer of this room. */
    out->data = malloc(data.size);
    if (out->data) {
        memcpy(out->data, data.bytes, data.size);
        out->size = data.size;
    }
    WebPDataClear(&data);
    BASIN_REQUIRE(
        out->data, error, BASIN_E_MEMORY, "out of memory for an animation");
    return BASIN_OK;
}

/* ------------------------------------------------------------------ frames */

typedef struct shoot {
    const view_film *film;
    webp *webp;           /* or NULL */
    unsigned char *small; /* (n_frames, small_h, small_w, 3), or NULL */
    int small_w, small_h;
} shoot;

/* The frame at the GIF's size, by Cairo's good filter. */
static basin_status keep_small(
    const shoot *s, const view_canvas *canvas, int index, basin_error *error)
{
    view_canvas small;
    basin_status status =
        basin__view_canvas_init(&small, s->small_w, s->small_h, error);
    if (status == BASIN_OK) {
        cairo_scale(small.cr, (double)s->small_w / canvas->width,
            (double)s->small_h / canvas->height);
        cairo_set_source_surface(small.cr, canvas->surface, 0, 0);
        cairo_pattern_set_filter(cairo_get_source(small.cr), CAIRO_FILTER_GOOD);
        cairo_paint(small.cr);
        cairo_surface_flush(small.surface);
        status = basin__view_canvas_check(&small, error);
    }
    if (status == BASIN_OK) {
        const unsigned char *data = cairo_image_surface_get_data(small.surface);
        size_t stride = (size_t)cairo_image_surface_get_stride(small.surface);
        size_t pixels = (size_t)s->small_w * (size_t)s->small_h;
        unsigned char *to = s->small + 3 * pixels * (size_t)index;
        for (int y = 0; y < s->small_h; ++y) {
            for (int x = 0; x < s->small_w; ++x, to += 3) {
                uint32_t p;
                memcpy(&p, data + (size_t)y * stride + (size_t)x * 4, 4);
                to[0] = (unsigned char)(p >> 16);
                to[1] = (unsigned char)(p >> 8);
                to[2] = (unsigned char)p;
            }
        }
    }
    basin__view_canvas_finish(&small);
    return status;
}

static basin_status shoot_frame(const shoot *s, int index, basin_error *error)
{
    const view_film *film = s->film;
    view_scene scene = view_scene_default();
    BASIN_TRY(film->frame(&scene, index, film->user, error));
    BASIN_TRY(basin__view_scene_check(&scene, error));
    view_canvas canvas;
    basin_status status =
        basin__view_canvas_init(&canvas, film->width, film->height, error);
    if (status == BASIN_OK) {
        view_rect rect = {0.0, 0.0, film->width, film->height};
        double text = fmax(8.0, film->height / 36.0);
        status = basin__view_frame(&canvas, rect, &scene, text, error);
    }
    if (status == BASIN_OK)
        cairo_surface_flush(canvas.surface);
    if (status == BASIN_OK && s->webp)
        status = webp_add(s->webp, &canvas, index * film->frame_ms, error);
    if (status == BASIN_OK && s->small)
        status = keep_small(s, &canvas, index, error);
    basin__view_canvas_finish(&canvas);
    return status;
}

static basin_status make_gif(
    view_buffer *out, const shoot *s, basin_error *error)
{
    const view_film *film = s->film;
    /* Too many bytes: every second frame, every fourth, ... */
    for (int every = 1;; every *= 2) {
        BASIN_TRY(basin__view_gif(out, s->small, film->n_frames, s->small_w,
            s->small_h, every, film->frame_ms * every, film->pause_ms, error));
        if (out->size <= film->gif_limit || every >= film->n_frames)
            return BASIN_OK;
        basin__view_buffer_free(out);
    }
}

basin_status basin__view_animation(view_buffer *webp_out, view_buffer *gif,
    const view_film *film, basin_error *error)
{
    if (webp_out)
        *webp_out = (view_buffer){NULL, 0};
    if (gif)
        *gif = (view_buffer){NULL, 0};
    BASIN_REQUIRE(film->n_frames >= 1 && film->n_frames <= 1000 &&
                      film->width >= 160 && film->height >= 120 &&
                      film->width <= 2048 && film->height <= 2048 &&
                      film->frame_ms >= 10 && film->frame_ms <= 10000 &&
                      film->pause_ms >= 0 && film->pause_ms <= 60000,
        error, BASIN_E_RANGE,
        "an animation of %d frames of %d x %d pixels, "
        "%d ms each, cannot be made",
        film->n_frames, film->width, film->height, film->frame_ms);
    BASIN_REQUIRE(film->frame, error, BASIN_E_ARGUMENT,
        "an animation without a frame function");

    webp w;
    shoot s = {film, NULL, NULL, film->width * 3 / 4, film->height * 3 / 4};
    basin_status status = BASIN_OK;
    if (webp_out) {
        s.webp = &w;
        status = webp_init(&w, film->width, film->height, error);
    }
    if (gif && status == BASIN_OK) {
        s.small = malloc(
            (size_t)film->n_frames * (size_t)s.small_w * (size_t)s.small_h * 3);
        if (!s.small)
            status = basin_error_set(error, BASIN_E_MEMORY,
                "out of memory for %d frames", film->n_frames);
    }
    for (int i = 0; i < film->n_frames && status == BASIN_OK; ++i)
        status = shoot_frame(&s, i, error);
    if (webp_out && status == BASIN_OK)
        status = webp_end(webp_out, &w,
            (film->n_frames - 1) * film->frame_ms +
                (film->pause_ms > 0 ? film->pause_ms : film->frame_ms),
            error);
    if (gif && status == BASIN_OK)
        status = make_gif(gif, &s, error);
    if (status != BASIN_OK) {
        basin__view_buffer_free(webp_out);
        basin__view_buffer_free(gif);
    }
    free(s.small);
    if (webp_out)
        webp_finish(&w);
    return status;
}
