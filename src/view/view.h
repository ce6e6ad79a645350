/* SPDX-License-Identifier: MIT
 *
 * The room of pictures: energy surfaces, animations, curves and the report.
 * Numbers come in, bytes go out: it opens no file, no model, and trains
 * nothing. Only src/cli includes it.
 *
 *     view_scene scene = view_scene_default();
 *     scene.nx = scene.ny = 101;
 *     scene.initial = before, scene.current = after;   (floats, [ix][iy])
 *     basin__view_range(&scene.z0, &scene.z1, before, after, 101 * 101);
 *     view_buffer png = {0};
 *     if (basin__view_surface(&png, &scene, 1280, 800, &error) == BASIN_OK)
 *         ... write png.data ...
 *     basin__view_buffer_free(&png);
 *
 * No call keeps static state, so two threads may draw at once. Every call
 * that can fail returns a status: E_MEMORY, E_SHAPE or E_RANGE for arguments
 * that cannot be drawn, E_IO where an encoder refuses.
 */
#ifndef BASIN_VIEW_VIEW_H
#define BASIN_VIEW_VIEW_H

#include "basin/base.h"

/** Bytes that a call made with malloc; the caller frees them. */
typedef struct view_buffer {
    unsigned char *data; /**< NULL: nothing */
    size_t size;
} view_buffer;

/** Free the bytes and leave the buffer empty. NULL is fine. */
void basin__view_buffer_free(view_buffer *buffer);

/** The pixels of a PNG: (height, width, 3) red, green and blue, transparent
 *  ones over black. Errors: E_FORMAT, E_MEMORY. */
basin_status basin__view_png_read(view_buffer *out, int *width, int *height,
    const void *data, size_t size, basin_error *error);

/* ------------------------------------------------------------------ surface */

/**
 * A height field over [x0, x1] x [y0, y1], and samples on it. Heights are
 * row-major, [ix][iy]: height[ix * ny + iy]. They may be above z1 (cut there,
 * and the picture says so), below z0, or not finite (a hole).
 */
typedef struct view_scene {
    int nx, ny;            /**< grid, each 2 to 4096 */
    double x0, x1, y0, y1; /**< its domain; default [-1, 1] x [-0.5, 1.5] */
    double z0, z1;         /**< energies at the floor and at the cap */
    double initial_z0, initial_z1; /**< of `initial`, where it stands beside
                                        `current` and needs a scale of its
                                        own; both 0: the same */
    const float *initial;          /**< (nx, ny) orange, or NULL */
    const float *current;          /**< (nx, ny) green, or NULL */
    double progress;        /**< colour of `current`: 0 orange to 1 green */
    int n_samples;          /**< blue spheres */
    const double *sample_x; /**< (n_samples) */
    const double *sample_y; /**< (n_samples) */
    const double *sample_e; /**< (n_samples) their energies in `current`, or
                                 in `initial` where that is alone */
    const char *title;      /**< top line, or NULL */
    const char *caption;    /**< second line ("epoch 12"), or NULL */
} view_scene;

/** An empty scene over the domain of the demonstrations, progress 1. */
view_scene view_scene_default(void);

/**
 * A range of energies fit for drawing: from 0 (or a round number below the
 * lowest) to a round cap. A surface that grew far beyond the initial one is
 * capped, so that the valley stays visible. Use one range for all pictures of
 * a demonstration. @param b may be NULL
 */
void basin__view_range(
    double *z0, double *z1, const float *a, const float *b, size_t n);

/**
 * surface.png. With both surfaces: two panels side by side at one scale, the
 * initial one in orange on the left, the final one in green on the right.
 * @param width 320 to 4096; 1440 is good  @param height 240 to 4096; 700
 */
basin_status basin__view_surface(view_buffer *out, const view_scene *scene,
    int width, int height, basin_error *error);

/* ---------------------------------------------------------------- animation */

/**
 * Describe one frame (`index` from 0). Only `current`, the samples,
 * `progress`, title and caption should change; what the pointers point at
 * must live until the next call.
 */
typedef basin_status (*view_frame_fn)(
    view_scene *out, int index, void *user, basin_error *error);

typedef struct view_film {
    int n_frames;        /**< 1 to 1000; about 60 */
    int width, height;   /**< of the WebP; default 640 x 480 */
    int frame_ms;        /**< time of a frame; default 80 */
    int pause_ms;        /**< time of the last frame; default 2000 */
    size_t gif_limit;    /**< bytes; the GIF is thinned out to stay below;
                              default 2.4 MB */
    view_frame_fn frame; /**< called once a frame, in order */
    void *user;
} view_film;

view_film view_film_default(void);

/** training.webp and training.gif from one rendering. Each `out` may be NULL.
 *  The frame callback's status, where it is not OK, ends the call. */
basin_status basin__view_animation(view_buffer *webp, view_buffer *gif,
    const view_film *film, basin_error *error);

/** contact.png: `n` scenes (1 to 16; eight make 4 x 2), each with its
 *  caption. @param title top line, or NULL */
basin_status basin__view_contact(view_buffer *out, const view_scene *scenes,
    int n, const char *title, basin_error *error);

/* ------------------------------------------------------------------- curves */

typedef enum view_colour {
    VIEW_ORANGE = 0, /**< initial */
    VIEW_GREEN = 1,  /**< trained; right answers */
    VIEW_BLUE = 2,   /**< samples */
    VIEW_RED = 3,    /**< wrong answers (Okabe-Ito vermilion) */
    VIEW_PURPLE = 4,
    VIEW_GREY = 5
} view_colour;

typedef struct view_series {
    const char *name; /**< written beside the line's end */
    int n;
    const double *x, *y; /**< (n); a point that is not finite is a gap */
    view_colour colour;
    bool dashed;
} view_series;

typedef struct view_chart {
    const char *title, *x_name, *y_name;
    bool log_y; /**< values <= 0 are then gaps */
    int n_series;
    const view_series *series;
} view_chart;

/** curves.png: 1 to 4 charts side by side. 1440 x 560 suits two. */
basin_status basin__view_curves(view_buffer *out, const view_chart *charts,
    int n_charts, int width, int height, basin_error *error);

/* ---------------------------------------------------------------- sequences */

/** Labels over positions, with what a chain gives them. */
typedef struct view_lattice {
    int length, labels;       /**< positions, 1 to 60; rows, 1 to 40 */
    const char *const *names; /**< (labels) */
    const char *const *words; /**< (length) below the positions, or NULL */
    const float *pictures;    /**< (length, rows, columns), 0 to 1, in their
                                   place, or NULL */
    int picture_rows, picture_columns;
    const double *node;   /**< (length, labels) probabilities */
    const double *step;   /**< (length - 1, labels, labels): before, label */
    const int32_t *best;  /**< (length) rows of the best labelling, or -1 */
    const int32_t *given; /**< (length) of the right one, or NULL */
    const char *title, *caption;
} view_lattice;

/** lattice.png, as large as it must be. */
basin_status basin__view_lattice(
    view_buffer *out, const view_lattice *lattice, basin_error *error);

/** What was answered (columns) where something else was right (rows). */
typedef struct view_confusion {
    int labels;               /**< 1 to 40 */
    const char *const *names; /**< (labels) */
    const int64_t *count;     /**< (labels, labels): right, answered */
    const char *title, *caption;
} view_confusion;

/** confusion.png: the counts, and their part of each row. */
basin_status basin__view_confusion(
    view_buffer *out, const view_confusion *confusion, basin_error *error);

/* ------------------------------------------------------------------- report */

/** Values over epochs, each (n); a pointer may be NULL. */
typedef struct view_history {
    int n;
    const double *epoch;
    const double *loss;
    const double *energy_right; /**< mean over the samples */
    const double *energy_wrong; /**< mean of the most offending answers */
} view_history;

/** A line of the settings, both already text. */
typedef struct view_setting {
    const char *name, *value;
} view_setting;

/** One demonstration as it came out. Texts may be NULL. */
typedef struct view_outcome {
    const char *name; /**< regression, collapse, margin, nll */
    uint64_t seed;
    int samples;
    int epochs;       /**< done */
    int epochs_asked; /**< more than `epochs` when it was interrupted */
    double seconds, samples_per_second;
    double mae;
    double energy_right, energy_wrong; /**< at the end */
    double surface_std, surface_std_initial;
    bool collapsed;
    double final_loss;
    double margin, epsilon, beta; /**< as used; 0 where it has none */
    view_history history;
    int n_settings;
    const view_setting *settings;
    view_buffer animation;                /**< WebP; borrowed, empty: none */
    view_buffer surface, curves, contact; /**< PNG or WebP; likewise */
} view_outcome;

typedef struct view_report {
    const char *version; /**< "0.1.0" */
    const char *command; /**< what to type to repeat it */
    int n_outcomes;
    const view_outcome *outcomes;
} view_report;

/** index.html: one self-contained page, UTF-8, without scripts. */
basin_status basin__view_report(
    view_buffer *out, const view_report *report, basin_error *error);

#endif
