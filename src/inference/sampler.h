/* SPDX-License-Identifier: MIT
 *
 * What the samplers share: Markov chains whose law is exp(-beta E), walked for
 * many samples at once. A sampler finds the derivatives of the free energy,
 * which are means over its chains, and not its value.
 */
#ifndef BASIN_INFERENCE_SAMPLER_H
#define BASIN_INFERENCE_SAMPLER_H

#include "base/memory.h"
#include "inference/inference.h"

/* The settings that every sampler has, before its own. */
enum {
    BASIN__SAMPLER_BETA,
    BASIN__SAMPLER_STEPS,
    BASIN__SAMPLER_CHAINS,
    BASIN__SAMPLER_START,
    BASIN__SAMPLER_RESTART,
    BASIN__SAMPLER_BUFFER,
    BASIN__SAMPLER_Z,
    BASIN__SAMPLER_Z_POINTS,
    BASIN__SAMPLER_BETA_Z,
    BASIN__SAMPLER_RULE,
    BASIN__SAMPLER_TRIES,
    BASIN__SAMPLER_SEARCH,
    BASIN__SAMPLER_POLISH,
    BASIN__SAMPLER_EPSILON,
    BASIN__SAMPLER_SETTINGS
};

/* clang-format off */
#define BASIN__SAMPLER_PARAMS                                                 \
    {"beta", "1/energy", 0, 1e6, 1, .open_low = true,                         \
        .help = "inverse temperature of the chains"},                         \
    {"steps", "steps", 0, 1 << 20, 10, .integer = true,                       \
        .help = "steps of each chain before its answer counts"},              \
    {"chains", "", 1, 4096, 1, .integer = true,                               \
        .help = "chains for each sample"},                                    \
    {"start", "", 0, 2, 0, .integer = true,                                   \
        .choices = "data|persistent|uniform",                                 \
        .help = "where chains begin: at the right answer, where they ended "  \
                "the last time, or anywhere"},                                \
    {"restart", "", 0, 1, 0.05,                                               \
        .help = "the part of the persistent chains that begins anew, "        \
                "anywhere"},                                                  \
    {"buffer", "chains", 0, 1 << 24, 0, .integer = true,                      \
        .help = "persistent chains where there is no X, taken in turn; 0: "   \
                "those of one batch; with X each sample has its own"},        \
    {"z", "", 0, 2, 0, .integer = true,                                       \
        .choices = "minimise|marginalise|sample",                             \
        .help = "what becomes of the hidden causes"},                         \
    {"z-points", "", 2, 1 << 16, 21, .integer = true,                         \
        .help = "grid points in each dimension of Z, unless it is sampled"},  \
    {"beta-z", "1/energy", 0, 1e6, 1, .open_low = true,                       \
        .help = "inverse temperature over Z, where it is marginalised"},      \
    {"rule", "", 0, 2, 0, .integer = true,                                    \
        .choices = "trapezoid|simpson|count",                                 \
        .help = "how the points of Z add up: as an integral, or each once"},  \
    {"tries", "chains", 1, 4096, 8, .integer = true,                          \
        .help = "chains that look for a predicted answer"},                   \
    {"search", "steps", 0, 1 << 20, 200, .integer = true,                     \
        .help = "steps of each of them"},                                     \
    {"polish", "rounds", 0, 1 << 16, 60, .integer = true,                     \
        .help = "rounds of descent from the lowest that each has met"},       \
    {"epsilon", "Y", 0, 1e6, 0.3,                                             \
        .help = "an answer in a box is wrong when it is at least this far "   \
                "from the right one"}
/* clang-format on */

typedef struct basin__sampler basin__sampler;
typedef struct basin__walk basin__walk;

/** How a sampler moves. */
typedef struct basin__mover {
    bool slopes; /**< it needs dE/dY */
    bool labels; /**< it can move labels */
    /** The values that it tries at once for each chain; NULL: 1. */
    int (*values)(const basin__sampler *s);
    /** One step of all chains, from where they stand. */
    void (*step)(basin__walk *walk);
    /** Rounds of descent; sets walk->e. */
    void (*polish)(basin__walk *walk, int rounds);
} basin__mover;

/** One variable of the chains. */
typedef struct basin__moving {
    const basin_space *space;
    int dim;      /**< 0: there is none, or it stands still */
    float *at;    /**< (rows, dim): where the chains stand */
    float *kept;  /**< (rows, dim): where they stood */
    float *slope; /**< (rows, dim): dE there */
    float *push;  /**< (rows, dim): noise, momenta */
    float *best;  /**< (rows, dim): the lowest place met */
} basin__moving;

/** Chains on their way: `chains` of them for each of `samples`. */
struct basin__walk {
    const basin__sampler *sampler;
    basin_pass *pass;
    void *memory;
    size_t memory_size;
    int most;    /**< samples that there is room for */
    int samples; /**< of the batch */
    int chains, values;
    int rows;     /**< samples chains */
    bool clamped; /**< Y stands still at `y.at` */
    bool fresh;   /**< slopes and energies are not yet known */
    bool cold;    /**< take the lowest, draw nothing */
    /** The right answers, (samples, y.dim) at a stride, where chains keep to
     *  the wrong ones; NULL: they go anywhere. */
    const float *right;
    size_t right_stride;
    basin__moving y, z;
    float *e;             /**< (rows): where they stand, over Z */
    double *before;       /**< (rows): E + p^2/2 before a step */
    float *e_next;        /**< (rows, values): of what is tried */
    float *e_best;        /**< (rows): the lowest met; only where asked for */
    float *q;             /**< (rows, values, causes): weights of Z */
    float *rate;          /**< (rows): of the polish */
    float *try_y, *try_z; /**< (rows, values, dim), where values > 1 */
    bool tracks;
    uint64_t seed, done; /**< random numbers are a function of these */
    double moves, taken; /**< proposals, and those that were accepted */
};

struct basin__sampler {
    basin_context *ctx;
    const basin_kernels *k;
    basin_energy *energy;
    const basin_energy_info *info;
    const double *settings;
    const basin__mover *mover;
    bool samples_z;
    basin__cover z; /* of Z where it is not sampled */

    /* answering: B samples, K chains each, R of them for the right answer */
    basin_question question;
    basin_pass *learner;
    basin__walk walk, clamped;
    int chains, rights;
    float *right_y, *right_z; /* (B, R, dim) */
    float *right_e, *right_q; /* (B, R), (B, R, causes) */
    float *chain_e, *chain_q; /* (B, K), (B, K, causes) */
    float *weights;           /* (B, max(R, K), causes) */
    float *buffer;            /* (entries, y.dim + z.dim) persistent chains */
    size_t entries;
    void *memory;
    size_t memory_size, buffer_size;

    basin__walk predictor, drawer;
};

/** What a random number of a step is for. */
enum {
    BASIN__DRAW_MOVE,
    BASIN__DRAW_CHOICE,
    BASIN__DRAW_START,
    BASIN__DRAW_RESTART
};

/* ------------------------------------------------------------------- walks */

/** @param clamped only Z moves  Errors: E_MEMORY. */
basin_status basin__walk_open(basin__walk *out, const basin__sampler *s,
    int samples, int chains, bool clamped, basin_error *error);
void basin__walk_close(basin__walk *w);

/** Take a batch of samples, and begin: the caller has placed the chains. */
void basin__walk_observe(basin__walk *w, const float *x, const int32_t *index,
    int samples, bool training, uint64_t step);
/** Anywhere: uniform in a box, any label. @param first numbers of the draw
 *  before this variable's */
void basin__walk_scatter(basin__walk *w, basin__moving *v, size_t first);
/** The same for one number. @param u 0 to 1 */
float basin__anywhere(const basin_space *space, double u);
void basin__walk_run(basin__walk *w, int steps);

/** Energies where the chains stand. @param e (rows), out */
void basin__walk_energy(basin__walk *w, float *e);
/** Of the same places: slopes, (rows, dim), of the pass. */
void basin__walk_slopes(basin__walk *w, const float **y, const float **z);
/** Note the energies where the chains stand: the lowest are remembered. */
void basin__walk_track(basin__walk *w);
/** The key of a random number of this step. */
basin_random_key basin__walk_key(const basin__walk *w, int draw);
/** Normal numbers into `push` of all that moves. */
void basin__walk_noise(basin__walk *w);
/** The polish of those that have slopes. */
void basin__walk_descend(basin__walk *w, int rounds);

/** v, reflected at the ends of the box until it lies inside.
 *  @return whether that turned its direction */
bool basin__reflect(float *v, const basin_space *box);

/* ------------------------------------------------------- the wrong answers */

/** Errors: E_RANGE where epsilon leaves none, E_SERVE. */
basin_status basin__wrong_check(const basin__sampler *s, basin_error *error);
/** May a chain stand at y? */
bool basin__wrong_at(const basin__walk *w, int row, const float *y);
/** Move the chains that stand at right answers to wrong ones.
 *  @param near to those that are nearest, in some direction */
void basin__wrong_start(basin__walk *w, bool near);

/* ------------------------------------- what the table entries have in common
 */

/** Energies over Y from those of a set: Z lowered, unless it is sampled.
 *  @param e (n, causes)  @param out (n)  @param q (n, causes), out */
void basin__sampler_lower(
    const basin__sampler *s, const float *e, int n, float *out, float *q);

basin_status basin__sampler_open(basin__sampler *s, const basin__mover *mover,
    const char *name, basin_energy *energy, const double *settings,
    basin_error *error);
void basin__sampler_close(void *self);
basin_status basin__sampler_predict(void *self, const float *x, int n, float *y,
    float *z, float *e, basin_error *error);
basin_status basin__sampler_prepare(
    void *self, const basin_question *question, basin_error *error);
void basin__sampler_answer(void *self, const basin_samples *data,
    const int32_t *index, int samples, bool training, uint64_t step,
    basin_energies *out);
void basin__sampler_weigh(
    void *self, const basin_slopes *slopes, int samples, float *d_params);
basin_status basin__sampler_sample(
    void *self, basin_chains *chains, int steps, basin_error *error);
float *basin__sampler_memory(void *self, size_t *n);

/** The part of a table entry that all samplers share. */
#define BASIN__SAMPLER_ENTRY                                                   \
    .serves = BASIN_NEED_EC | BASIN_NEED_F | BASIN_NEED_FI,                    \
    .slopes = BASIN_NEED_F | BASIN_NEED_FI,                                    \
    .self_size = sizeof(basin__sampler), .close = basin__sampler_close,        \
    .predict = basin__sampler_predict, .prepare = basin__sampler_prepare,      \
    .answer = basin__sampler_answer, .weigh = basin__sampler_weigh,            \
    .sample = basin__sampler_sample, .memory = basin__sampler_memory

#endif
