/* SPDX-License-Identifier: MIT
 *
 * GIF in memory: each frame holds only the rectangle that changed, and in it
 * only the pixels that changed; the others are transparent.
 */
#include "view/animation.h"
#include "view/palette.h"

#include <stdlib.h>
#include <string.h>

#include <gif_lib.h>

#define COLOURS     256
#define TRANSPARENT (COLOURS - 1)

typedef struct sink {
    view_buffer buffer;
    size_t capacity;
    bool full;
} sink;

static int sink_write(GifFileType *gif, const GifByteType *data, int length)
{
    sink *s = gif->UserData;
    size_t n = (size_t)length;
    if (s->buffer.size + n > s->capacity) {
        size_t capacity = 2 * (s->buffer.size + n) + 65536;
        unsigned char *more = realloc(s->buffer.data, capacity);
        if (!more) {
            s->full = true;
            return 0;
        }
        s->buffer.data = more;
        s->capacity = capacity;
    }
    memcpy(s->buffer.data + s->buffer.size, data, n);
    s->buffer.size += n;
    return length;
}

/* The rectangle in which `now` and `before` differ; all of it the first time;
 * one pixel where nothing changed, for a frame must not be empty. */
static void changed(int rect[4], const unsigned char *now,
    const unsigned char *before, int width, int height, bool first)
{
    int x0 = width, y0 = height, x1 = -1, y1 = -1;
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            size_t i = (size_t)y * (size_t)width + (size_t)x;
            if (!first && now[i] == before[i])
                continue;
            x0 = x < x0 ? x : x0;
            x1 = x > x1 ? x : x1;
            y0 = y < y0 ? y : y0;
            y1 = y;
        }
    }
    rect[0] = x1 < 0 ? 0 : x0;
    rect[1] = x1 < 0 ? 0 : y0;
    rect[2] = x1 < 0 ? 1 : x1 - x0 + 1;
    rect[3] = x1 < 0 ? 1 : y1 - y0 + 1;
}

static bool put_frame(GifFileType *gif, const unsigned char *now,
    unsigned char *before, int width, int height, bool first, int time_ms)
{
    int rect[4];
    changed(rect, now, before, width, height, first);
    GraphicsControlBlock control = {.DisposalMode = DISPOSE_DO_NOT,
        .UserInputFlag = false,
        .DelayTime = (time_ms + 5) / 10,
        .TransparentColor = first ? NO_TRANSPARENT_COLOR : TRANSPARENT};
    GifByteType bytes[4];
    EGifGCBToExtension(&control, bytes);
    if (EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, 4, bytes) == GIF_ERROR ||
        EGifPutImageDesc(
            gif, rect[0], rect[1], rect[2], rect[3], false, NULL) == GIF_ERROR)
        return false;
    for (int y = rect[1]; y < rect[1] + rect[3]; ++y) {
        size_t row = (size_t)y * (size_t)width + (size_t)rect[0];
        unsigned char *line = before + row;
        for (int x = 0; x < rect[2]; ++x) {
            unsigned char new = now[row + (size_t)x];
            line[x] = !first && line[x] == new ? TRANSPARENT : new;
        }
        if (EGifPutLine(gif, line, rect[2]) == GIF_ERROR)
            return false;
    }
    memcpy(before, now, (size_t)width * (size_t)height);
    return true;
}

static bool put_head(
    GifFileType *gif, const view_palette *palette, int width, int height)
{
    static const GifByteType loop[3] = {1, 0, 0}; /* for ever */
    GifColorType colours[COLOURS] = {{0, 0, 0}};
    for (int i = 0; i < palette->n; ++i)
        colours[i] = (GifColorType){
            palette->rgb[i][0], palette->rgb[i][1], palette->rgb[i][2]};
    ColorMapObject *map = GifMakeMapObject(COLOURS, colours);
    if (!map)
        return false;
    EGifSetGifVersion(gif, true);
    bool ok =
        EGifPutScreenDesc(gif, width, height, 8, 0, map) != GIF_ERROR &&
        EGifPutExtensionLeader(gif, APPLICATION_EXT_FUNC_CODE) != GIF_ERROR &&
        EGifPutExtensionBlock(gif, 11, "NETSCAPE2.0") != GIF_ERROR &&
        EGifPutExtensionBlock(gif, 3, loop) != GIF_ERROR &&
        EGifPutExtensionTrailer(gif) != GIF_ERROR;
    GifFreeMapObject(map);
    return ok;
}

static bool put_all(GifFileType *gif, const view_palette *palette,
    const unsigned char *frames, int n, int width, int height, int every,
    int frame_ms, int pause_ms, unsigned char *work)
{
    size_t pixels = (size_t)width * (size_t)height;
    unsigned char *now = work, *before = work + pixels;
    bool ok = put_head(gif, palette, width, height), first = true;
    for (int i = 0; ok && i < n; first = false) {
        const unsigned char *rgb = frames + 3 * pixels * (size_t)i;
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x, rgb += 3)
                now[(size_t)y * (size_t)width + (size_t)x] =
                    (unsigned char)basin__view_palette_at(palette, rgb, x, y);
        bool last = i == n - 1;
        ok = put_frame(gif, now, before, width, height, first,
            last && pause_ms > 0 ? pause_ms : frame_ms);
        if (last)
            break;
        i = i + every < n - 1 ? i + every : n - 1;
    }
    return ok;
}

basin_status basin__view_gif(view_buffer *out, const unsigned char *frames,
    int n, int width, int height, int every, int frame_ms, int pause_ms,
    basin_error *error)
{
    size_t pixels = (size_t)width * (size_t)height;
    sink s = {{NULL, 0}, 0, false};
    view_palette palette;
    basin_status status = basin__view_palette_init(
        &palette, frames, pixels * (size_t)n, COLOURS - 1, error);
    unsigned char *work = malloc(2 * pixels);
    int code = 0;
    bool ok = false;
    if (status == BASIN_OK && work) {
        GifFileType *gif = EGifOpen(&s, sink_write, &code);
        if (gif) {
            ok = put_all(gif, &palette, frames, n, width, height, every,
                frame_ms, pause_ms, work);
            code = gif->Error;
            int closing = 0;
            ok = EGifCloseFile(gif, &closing) != GIF_ERROR && ok;
            code = code ? code : closing;
        }
    }
    if (status == BASIN_OK && (!work || s.full))
        status =
            basin_error_set(error, BASIN_E_MEMORY, "out of memory for a GIF");
    else if (status == BASIN_OK && !ok) {
        const char *reason = GifErrorString(code);
        status = basin_error_set(error, BASIN_E_IO,
            "the GIF library refused the animation: %s",
            reason ? reason : "no reason given");
    }
    free(work);
    basin__view_palette_finish(&palette);
    if (status == BASIN_OK)
        *out = s.buffer;
    else
        free(s.buffer.data);
    return status;
}
