/* SPDX-License-Identifier: MIT
 *
 * What the page calls. One session is one surface: an energy, the samples that
 * it learns from, and a trainer, all through the public API. JavaScript calls
 * these functions in WebAssembly; tests call them natively, with the same
 * bits.
 *
 * Functions that can fail return a basin_status; web_message then says why.
 * Text and arrays belong to the session and last until its next call.
 */
#ifndef BASIN_WEB_H
#define BASIN_WEB_H

#include "basin/basin.h"

#if defined(__wasm__)
#define WEB_EXPORT(name) __attribute__((export_name(#name))) name
#else
#define WEB_EXPORT(name) name
#endif

/** What a model and its training are made of: the numbers of web_set. */
typedef struct web_def {
    double nets;         /* 1: on X; 2: on X and on Y */
    double hidden, code; /* units; code counts where there are two nets */
    double weight_range, bias_range, out_range; /* initial weights */
    double rate, rate_end, epochs, batch, seed; /* as basin_train_def */
    double points, epsilon, beta;               /* of the grid */
    double y_low, y_high;                       /* the box of Y */
} web_def;

/** A part chosen by name, with settings. */
typedef struct web_choice {
    const basin_part *part;
    basin_setting settings[BASIN_PARAMS_MAX];
    int n;
} web_choice;

enum { WEB_LOSS, WEB_OPTIMISER, WEB_CHOICES };

typedef struct web {
    basin_context *ctx;
    basin_error error;
    basin_bytes text;
    web_def def;
    web_choice choices[WEB_CHOICES];
    /* samples; n of each */
    int n;
    float *x, *y, *pairs; /* pairs: (n, 2), E_C and E_I */
    basin_energies *found;
    int32_t *order;
    /* the four parts, and what watches them */
    basin_energy *energy;
    basin_inference *inference, *probe;
    basin_loss *loss;
    basin_trainer *trainer;
    /* drawing */
    basin_pass *surface_pass, *cut_pass;
    int surface_x, surface_y;
    float *grid; /* x then y of the surface */
    float *cut;
    /* where training stands within its epoch */
    int epoch, at;
    double updates, mean_loss;
} web;

/** Free what borrows the samples; what depends on W too; what draws. */
void web_drop_trainer(web *w);
void web_drop_parts(web *w);
void web_drop_passes(web *w);

/* ------------------------------------------------------------- session.c */

/** @param backend "portable", or "fastest". NULL when memory is short. */
web *web_open(const char *backend);
void web_close(web *w);
const char *web_message(const web *w);
const char *web_backend(const web *w);
/** Set a number of web_def by the name that it has there. */
int web_set(web *w, const char *name, double value);
/** Choose the loss (0) or the optimiser (1), with its defaults. */
int web_choose(web *w, int which, const char *name);
/** A setting of the part that was chosen, "name=value". */
int web_setting(web *w, int which, const char *text);
/** A new model from the seed, ready to train. */
int web_build(web *w);
/** The same W, with the loss, optimiser and samples as they are now. */
int web_continue(web *w);
/** Train `count` updates. Errors: E_NONFINITE. */
int web_step(web *w, int count);
/** The mean loss over the last web_step; updates so far; epochs so far. */
double web_mean_loss(const web *w);
double web_updates(const web *w);
double web_rate(const web *w);
/** The mean loss over all samples, without learning. */
double web_loss_now(web *w);
float *web_params(web *w);
int web_n_params(const web *w);
/** W was changed by hand, and so many updates count as done. */
void web_restore(web *w, double updates);

/* ------------------------------------------------------------- samples.c */

/** Room for n samples: 1 to 10000. */
int web_take_samples(web *w, int n);
/** Draw n samples of a function: 0 square, 1 sine, 2 step, 3 circle; with
 *  normal noise on Y. */
int web_draw_samples(web *w, int n, int function, double noise, double seed);
float *web_x(web *w);
float *web_y(web *w);
int web_n_samples(const web *w);

/* --------------------------------------------------------------- watch.c */

/** The energy on a grid, (nx, ny), over X in [-1, 1] and the box of Y. */
const float *web_surface(web *w, int nx, int ny);
/** E_C and E_I of every sample, (n, 2). */
const float *web_measure(web *w);
enum { WEB_CUT = 401 };
/** The energy at x: WEB_CUT numbers over the box of Y, and then the lowest
 *  answer and its energy, the most offending one and its energy, and the
 *  energy of `right`. NULL when memory is short. */
const float *web_cut(web *w, double x, double right);
/** The answers of lowest energy at the first n samples, (n). */
const float *web_answers(web *w, int n);

/* -------------------------------------------------------------- tables.c */

/** The registry as JSON. */
int web_tables(web *w);
const char *web_text(const web *w);
int web_text_size(const web *w);

/* ------------------------------------------------------------- verdict.c */

/** What the check says of the loss that is chosen, as JSON. Takes seconds for
 *  some losses. */
int web_verdict(web *w);

/* --------------------------------------------------------------- files.c */

/** The model as safetensors, in web_text. */
int web_model_write(web *w);
/** Take the model in these bytes; ready to train. */
int web_model_read(web *w, const void *data, int size);
/** Take samples from a table of two columns, x and y. */
int web_csv_read(web *w, const void *data, int size);

#endif
