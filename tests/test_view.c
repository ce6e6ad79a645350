/* SPDX-License-Identifier: MIT
 *
 * The pictures: that they are what they claim to be, show what they were
 * given, and refuse what cannot be drawn.
 */
#include "test_png.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <gif_lib.h>
#include <webp/demux.h>

#define N      41
#define BALLS  9
#define FRAMES 7

static const double nowhere = (double)NAN;
static float before[N * N], after[N * N], moving[N * N];
static double ball_x[BALLS], ball_y[BALLS], ball_e[BALLS];

static view_scene scene_of_parabola(void)
{
    for (int i = 0; i < N; ++i) {
        for (int j = 0; j < N; ++j) {
            double x = -1.0 + 2.0 * i / (N - 1), y = -0.5 + 2.0 * j / (N - 1);
            before[i * N + j] = (float)(0.5 + 0.2 * x - 0.1 * y);
            after[i * N + j] = (float)fabs(y - x * x);
        }
    }
    for (int i = 0; i < BALLS; ++i) {
        ball_x[i] = -0.9 + 1.8 * i / (BALLS - 1);
        ball_y[i] = ball_x[i] * ball_x[i];
        ball_e[i] = 0.0;
    }
    view_scene scene = view_scene_default();
    scene.nx = scene.ny = N;
    scene.initial = before;
    scene.current = after;
    scene.n_samples = BALLS;
    scene.sample_x = ball_x;
    scene.sample_y = ball_y;
    scene.sample_e = ball_e;
    scene.title = "Regression";
    scene.caption = "epoch 12";
    basin__view_range(&scene.z0, &scene.z1, before, after, N * N);
    return scene;
}

/* ---------------------------------------------------------------- surfaces */

static void surface_shows_start_and_end(void **state)
{
    (void)state;
    view_scene scene = scene_of_parabola();
    view_buffer png = {0};
    basin_error error = {0};
    assert_int_equal(
        basin__view_surface(&png, &scene, 800, 420, &error), BASIN_OK);
    census left = count_png(&png, 0.0, 0.5), right = count_png(&png, 0.5, 1.0);
    assert_int_equal(left.width, 800);
    assert_int_equal(left.height, 420);
    assert_true(left.orange > 10000 && left.green < 100 && left.blue < 100);
    assert_true(right.green > 10000 && right.orange < 100);
    assert_true(right.blue > 100);
    basin__view_buffer_free(&png);
    assert_null(png.data);
    basin__view_buffer_free(&png);
    basin__view_buffer_free(NULL);
}

static void one_surface_alone(void **state)
{
    (void)state;
    view_scene scene = scene_of_parabola();
    scene.current = NULL;
    scene.title = scene.caption = NULL;
    for (int i = 0; i < BALLS; ++i)
        ball_e[i] = 0.6;
    view_buffer png = {0};
    assert_int_equal(
        basin__view_surface(&png, &scene, 400, 300, NULL), BASIN_OK);
    census c = count_png(&png, 0.0, 1.0);
    assert_true(c.orange > 10000 && c.green < 100 && c.blue > 50);
    basin__view_buffer_free(&png);
}

static void the_same_bytes_twice(void **state)
{
    (void)state;
    view_scene scene = scene_of_parabola();
    view_buffer a = {0}, b = {0};
    assert_int_equal(basin__view_surface(&a, &scene, 500, 320, NULL), BASIN_OK);
    assert_int_equal(basin__view_surface(&b, &scene, 500, 320, NULL), BASIN_OK);
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
    basin__view_buffer_free(&a);
    basin__view_buffer_free(&b);
}

/* Walls above the cap are cut; holes, infinities and lone heights are drawn
 * as far as they can be. */
static void odd_heights_are_drawn(void **state)
{
    (void)state;
    view_scene scene = scene_of_parabola();
    view_buffer png = {0};
    scene.z1 = 0.4;
    assert_int_equal(
        basin__view_surface(&png, &scene, 400, 300, NULL), BASIN_OK);
    basin__view_buffer_free(&png);
    after[0] = (float)NAN;
    after[5] = HUGE_VALF;
    after[N * N / 2] = -HUGE_VALF;
    after[N * N - 1] = 1e30f;
    ball_e[0] = nowhere;
    ball_e[1] = HUGE_VAL;
    ball_x[2] = nowhere;
    assert_int_equal(
        basin__view_surface(&png, &scene, 400, 300, NULL), BASIN_OK);
    basin__view_buffer_free(&png);
    for (int i = 0; i < N * N; ++i)
        after[i] = (float)nowhere;
    basin__view_range(&scene.z0, &scene.z1, after, after, N * N);
    assert_int_equal(
        basin__view_surface(&png, &scene, 400, 300, NULL), BASIN_OK);
    basin__view_buffer_free(&png);
}

static void ranges_are_round(void **state)
{
    (void)state;
    scene_of_parabola();
    double z0 = -1.0, z1 = -1.0;
    basin__view_range(&z0, &z1, before, after, N * N);
    assert_true(z0 == 0.0 && z1 == 1.5);
    /* walls that tower are capped near the start */
    for (int i = 0; i < N * N; ++i)
        after[i] *= 100.0f;
    basin__view_range(&z0, &z1, before, after, N * N);
    assert_true(z0 == 0.0 && z1 >= 0.75 && z1 <= 3.0);
    for (int i = 0; i < N * N; ++i)
        after[i] = -0.3f;
    basin__view_range(&z0, &z1, after, NULL, N * N);
    assert_true(z0 <= -0.3 && z1 > z0);
    basin__view_range(&z0, &z1, NULL, NULL, 0);
    assert_true(z1 > z0);
}

static void what_cannot_be_drawn_is_refused(void **state)
{
    (void)state;
    view_buffer out = {0};
    basin_error error = {0};
    view_scene good = scene_of_parabola(), bad = good;
    bad.nx = 1;
    assert_int_equal(
        basin__view_surface(&out, &bad, 800, 420, &error), BASIN_E_SHAPE);
    assert_true(strlen(error.message) > 0);
    bad = good;
    bad.z1 = bad.z0;
    assert_int_equal(
        basin__view_surface(&out, &bad, 800, 420, NULL), BASIN_E_RANGE);
    bad = good;
    bad.z1 = nowhere;
    assert_int_equal(
        basin__view_surface(&out, &bad, 800, 420, NULL), BASIN_E_RANGE);
    bad = good;
    bad.initial = bad.current = NULL;
    assert_int_equal(
        basin__view_surface(&out, &bad, 800, 420, NULL), BASIN_E_ARGUMENT);
    bad = good;
    bad.sample_e = NULL;
    assert_int_equal(
        basin__view_surface(&out, &bad, 800, 420, NULL), BASIN_E_ARGUMENT);
    assert_int_equal(
        basin__view_surface(&out, &good, 10, 420, NULL), BASIN_E_RANGE);
    assert_int_equal(
        basin__view_contact(&out, &good, 0, NULL, NULL), BASIN_E_RANGE);
    assert_int_equal(
        basin__view_curves(&out, NULL, 0, 800, 400, NULL), BASIN_E_RANGE);
    view_film film = view_film_default();
    assert_int_equal(
        basin__view_animation(&out, NULL, &film, NULL), BASIN_E_RANGE);
    film.n_frames = 2;
    assert_int_equal(
        basin__view_animation(&out, NULL, &film, NULL), BASIN_E_ARGUMENT);
    view_report report = {0};
    assert_int_equal(basin__view_report(&out, &report, NULL), BASIN_E_RANGE);
    assert_null(out.data);
}

static void contact_sheets_are_grids(void **state)
{
    (void)state;
    view_scene scenes[8];
    for (int i = 0; i < 8; ++i)
        scenes[i] = scene_of_parabola();
    view_buffer png = {0};
    assert_int_equal(
        basin__view_contact(&png, scenes, 8, "Moments", NULL), BASIN_OK);
    census eight = count_png(&png, 0.0, 1.0);
    basin__view_buffer_free(&png);
    assert_int_equal(
        basin__view_contact(&png, scenes, 4, "Moments", NULL), BASIN_OK);
    census four = count_png(&png, 0.0, 1.0);
    basin__view_buffer_free(&png);
    assert_int_equal(eight.width, four.width);
    assert_true(eight.height > four.height + 200);
    /* every cell holds its picture */
    double ratio = (double)eight.green / four.green;
    assert_true(ratio > 1.99 && ratio < 2.01);
}

/* -------------------------------------------------------------- animations */

static char moment[32];

static basin_status frame(
    view_scene *out, int index, void *user, basin_error *error)
{
    (void)error;
    ++*(int *)user;
    *out = scene_of_parabola();
    double p = (double)index / (FRAMES - 1);
    for (int i = 0; i < N * N; ++i)
        moving[i] =
            (float)((1.0 - p) * (double)before[i] + p * (double)after[i]);
    out->initial = NULL;
    out->current = moving;
    out->progress = p;
    snprintf(moment, sizeof moment, "epoch %d", index);
    out->caption = moment;
    return BASIN_OK;
}

static basin_status stop_at_three(
    view_scene *out, int index, void *user, basin_error *error)
{
    if (index == 3)
        return basin_error_set(error, BASIN_E_STOPPED, "enough");
    return frame(out, index, user, error);
}

static int webp_frames(const view_buffer *webp, int *pause_ms)
{
    WebPData data = {webp->data, webp->size};
    WebPAnimDecoder *decoder = WebPAnimDecoderNew(&data, NULL);
    assert_non_null(decoder);
    int n = 0, time = 0, last = 0;
    while (WebPAnimDecoderHasMoreFrames(decoder)) {
        uint8_t *pixels;
        last = time;
        assert_true(WebPAnimDecoderGetNext(decoder, &pixels, &time));
        ++n;
    }
    *pause_ms = time - last;
    WebPAnimDecoderDelete(decoder);
    return n;
}

static int read_gif(GifFileType *gif, GifByteType *out, int length)
{
    reader *r = gif->UserData;
    size_t left = r->buffer->size - r->at;
    size_t n = (size_t)length < left ? (size_t)length : left;
    memcpy(out, r->buffer->data + r->at, n);
    r->at += n;
    return (int)n;
}

static int gif_frames(const view_buffer *buffer, int *width)
{
    reader r = {buffer, 0};
    int code = 0;
    GifFileType *gif = DGifOpen(&r, read_gif, &code);
    assert_non_null(gif);
    assert_int_equal(DGifSlurp(gif), GIF_OK);
    int n = gif->ImageCount;
    *width = gif->SWidth;
    DGifCloseFile(gif, &code);
    return n;
}

static void animations_hold_their_frames(void **state)
{
    (void)state;
    view_film film = view_film_default();
    int calls = 0, pause_ms = 0, width = 0;
    film.n_frames = FRAMES;
    film.width = 320;
    film.height = 240;
    film.frame = frame;
    film.user = &calls;
    view_buffer webp = {0}, gif = {0}, again = {0};
    basin_error error = {0};
    assert_int_equal(
        basin__view_animation(&webp, &gif, &film, &error), BASIN_OK);
    assert_int_equal(calls, FRAMES);
    assert_int_equal(webp_frames(&webp, &pause_ms), FRAMES);
    assert_int_equal(pause_ms, film.pause_ms);
    assert_int_equal(gif_frames(&gif, &width), FRAMES);
    assert_int_equal(width, 240);
    /* the same frames, the same bytes */
    assert_int_equal(
        basin__view_animation(NULL, &again, &film, &error), BASIN_OK);
    assert_int_equal(gif.size, again.size);
    assert_memory_equal(gif.data, again.data, gif.size);
    basin__view_buffer_free(&again);
    assert_int_equal(
        basin__view_animation(&again, NULL, &film, &error), BASIN_OK);
    assert_int_equal(webp.size, again.size);
    assert_memory_equal(webp.data, again.data, webp.size);
    basin__view_buffer_free(&again);
    /* a small limit thins the frames out, and keeps the last */
    film.gif_limit = gif.size * 2 / 3;
    assert_int_equal(
        basin__view_animation(NULL, &again, &film, &error), BASIN_OK);
    assert_int_equal(gif_frames(&again, &width), 4);
    basin__view_buffer_free(&webp);
    basin__view_buffer_free(&gif);
    basin__view_buffer_free(&again);
}

static void a_frame_can_stop_the_film(void **state)
{
    (void)state;
    view_film film = view_film_default();
    int calls = 0;
    film.n_frames = FRAMES;
    film.width = 320;
    film.height = 240;
    film.frame = stop_at_three;
    film.user = &calls;
    view_buffer webp = {0}, gif = {0};
    basin_error error = {0};
    assert_int_equal(
        basin__view_animation(&webp, &gif, &film, &error), BASIN_E_STOPPED);
    assert_string_equal(error.message, "enough");
    assert_int_equal(calls, 3);
    assert_null(webp.data);
    assert_null(gif.data);
}

/* ------------------------------------------------------------------ curves */

static void curves_take_any_numbers(void **state)
{
    (void)state;
    double x[6] = {0, 1, 2, 3, 4, 5};
    double y[6] = {3.0, nowhere, 0.5, 0.0, -1.0, HUGE_VAL};
    double flat[6] = {2, 2, 2, 2, 2, 2},
           none[6] = {nowhere, nowhere, nowhere, nowhere, nowhere, nowhere};
    double one = 7.0;
    view_series series[] = {{"right", 6, x, y, VIEW_GREEN, false},
        {"wrong", 6, x, flat, VIEW_BLUE, true},
        {"nothing", 6, x, none, VIEW_GREY, false},
        {"a point", 1, &one, &one, VIEW_RED, false}};
    view_chart charts[] = {{"Energies", "epoch", "energy", false, 4, series},
        {"Loss", "epoch", "loss", true, 4, series},
        {"Nothing", NULL, NULL, true, 1, &series[2]},
        {NULL, NULL, NULL, false, 0, NULL}};
    view_buffer png = {0};
    assert_int_equal(
        basin__view_curves(&png, charts, 4, 1600, 400, NULL), BASIN_OK);
    census c = count_png(&png, 0.0, 0.25);
    assert_int_equal(c.width, 1600);
    assert_true(c.green > 50 && c.blue > 50);
    basin__view_buffer_free(&png);
}

/* Fontconfig, under Cairo, keeps a few patterns until the process ends: not
 * ours to free. Read by the leak sanitizer, where that is on. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(surface_shows_start_and_end),
        cmocka_unit_test(one_surface_alone),
        cmocka_unit_test(the_same_bytes_twice),
        cmocka_unit_test(odd_heights_are_drawn),
        cmocka_unit_test(ranges_are_round),
        cmocka_unit_test(what_cannot_be_drawn_is_refused),
        cmocka_unit_test(contact_sheets_are_grids),
        cmocka_unit_test(animations_hold_their_frames),
        cmocka_unit_test(a_frame_can_stop_the_film),
        cmocka_unit_test(curves_take_any_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
