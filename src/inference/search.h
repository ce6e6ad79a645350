/* SPDX-License-Identifier: MIT
 *
 * What the searches share: they look for low energies from several starts a
 * sample at once, each by a way of its own. Everything around that way is
 * here: which answer is looked for, where the starts are, what is allowed,
 * the answers to a loss's question, and the weights that go back.
 */
#ifndef BASIN_INFERENCE_SEARCH_H
#define BASIN_INFERENCE_SEARCH_H

#include "base/memory.h"
#include "inference/inference.h"

/* The parameters that every search has; its own come after them. */
enum {
    BASIN__SEARCH_STARTS,
    BASIN__SEARCH_SEED,
    BASIN__SEARCH_EPSILON,
    BASIN__SEARCH_COST,
    BASIN__SEARCH_ROUND,
    BASIN__SEARCH_Z,
    BASIN__SEARCH_Z_POINTS,
    BASIN__SEARCH_BETA_Z,
    BASIN__SEARCH_SETTINGS
};

/* clang-format off */
#define BASIN__SEARCH_PARAMS                                                   \
    {"starts", "", 1, 1024, 4, .integer = true,                                \
        .help = "places that a search begins from; the first is the middle"},  \
    {"seed", "", 0, 4294967295.0, 1, .integer = true,                          \
        .help = "of the other starts, and of what is drawn on the way"},       \
    {"epsilon", "Y", 0, 1e6, 0.3,                                              \
        .help = "an answer in a box is wrong when it is at least this far "    \
                "from the right one"},                                         \
    {"cost", "", 0, 3, 1, .integer = true,                                     \
        .choices = "zero-one|absolute|squared|f1",                             \
        .help = "the task cost that margins may grow with"},                   \
    {"round", "", 0, 1, 0, .integer = true, .choices = "no|yes",               \
        .help = "whether what is predicted goes to the nearer end of the "     \
                "box, as sets of labels want"},                                \
    {"z", "", 0, 1, 0, .integer = true, .choices = "minimise|marginalise",     \
        .help = "what becomes of the hidden causes"},                          \
    {"z-points", "", 2, 1 << 16, 21, .integer = true,                          \
        .help = "grid points in each dimension of Z, where it is not a label " \
                "and not searched"},                                           \
    {"beta-z", "1/energy", 0, 1e6, 1, .open_low = true,                        \
        .help = "inverse temperature over Z"}
/* clang-format on */

/** What a search looks for. */
typedef enum basin__goal {
    BASIN__GOAL_RIGHT,   /**< the least over Z, Y being the right answer */
    BASIN__GOAL_LEAST,   /**< the least of all */
    BASIN__GOAL_OFFENDER /**< the most offending wrong answer */
} basin__goal;

typedef struct basin__search basin__search;

/** A way to search: what differs between searches. */
typedef struct basin__way {
    const char *name;
    bool gradients;  /**< of trials, in Y and in Z where it is searched */
    bool touches;    /**< with epsilon = 0, the right answer itself may stand
                          for the wrong ones next to it */
    bool labels;     /**< serves labels too */
    bool own_labels; /**< searches Z where it is a label, too */
    /** Refuse what does not fit; say how many trials a start has at once. */
    basin_status (*open)(
        basin__search *search, int *trials, basin_error *error);
    /** Its own memory, for so many states; may be NULL. */
    void (*lay)(basin__search *search, size_t states, basin__arena *arena);
    /** From the states' first places, whose keys are known, downhill. */
    void (*run)(basin__search *search);
} basin__way;

/** The numbers of one search. B samples, S starts, so B S states; K trials a
 *  start; D and C dimensions of Y and of a Z that is searched; H causes that
 *  are not searched. */
typedef struct basin__states {
    basin_pass *pass;
    void *memory;
    size_t size;
    int samples;       /* B, the most */
    float *y, *z;      /* (B, S, D), (B, S, C): where the states are */
    double *key;       /* (B, S): what is minimised, there */
    float *trial_y;    /* (B, S K, D) */
    float *trial_z;    /* (B, S K, C) */
    float *trial_e;    /* (B, S K): E, over Z */
    double *trial_key; /* (B, S K) */
    float *q;          /* (B, S K, H): the weights of Z in it */
    float *w;          /* (B, S K, H): weights for gradients */
    float *right;      /* (B, D) */
    double *e_c;       /* (B) */
} basin__states;

struct basin__search {
    basin_context *ctx;
    const basin_kernels *k;
    basin_energy *energy;
    const basin_energy_info *info;
    const double *settings;
    const basin__way *way;
    const basin_cost_type *cost;
    int starts, trials;
    bool z_searched; /* else Z is covered */
    int points;      /* a number of a box has so many values; 0: all */
    bool simplex;    /* Y's box is cut down to the simplex */
    basin__cover z;  /* one empty value where Z is searched */
    int z_dim;       /* C: dimensions of Z if searched, else 0 */

    /* answering */
    basin_question question;
    basin__states answering, predicting;
    int n_points, at_offender, at_least; /* P; places, or 0 */
    float *point_y, *point_z;            /* (B, P, D), (B, P, C) */
    float *point_e, *point_q, *point_w;  /* (B, P), (B, P, H), (B, P, H) */
    int *least;                          /* (B): which point it is */

    /* the search that runs */
    basin__states *now;
    basin__goal goal;
    int samples;
    const int32_t *index;
    uint64_t step;
};

/** The table entry's functions; `self` begins with a basin__search. */
basin_status basin__search_open(basin__search *search, const basin__way *way,
    basin_energy *energy, const double *settings, basin_error *error);
void basin__search_close(void *self);
basin_status basin__search_prepare(
    void *self, const basin_question *question, basin_error *error);
void basin__search_answer(void *self, const basin_samples *samples,
    const int32_t *index, int n, bool training, uint64_t step,
    basin_energies *out);
void basin__search_weigh(
    void *self, const basin_slopes *slopes, int samples, float *d_params);
basin_status basin__search_predict(void *self, const float *x, int n, float *y,
    float *z, float *e, basin_error *error);

/** What searches can find. */
#define BASIN__SEARCH_SERVES (BASIN_NEED_EC | BASIN_NEED_EI | BASIN_NEED_EMIN)

/** Energies and keys of `trials` trials a start, from trial_y and trial_z. */
void basin__search_evaluate(basin__search *search, int trials);
/** Gradients of the keys of the one trial a start that was evaluated last.
 *  @param d_y (B, S, D), d_z (B, S, C), out */
void basin__search_gradient(basin__search *search, float *d_y, float *d_z);
/** Move a state to one of its trials. */
void basin__search_take(basin__search *search, size_t state, size_t trial);

/** The right answer that this sample's wrong ones keep away from, or NULL. */
const float *basin__search_forbids(const basin__search *search, int sample);
/** Is y far enough from the right answer? */
bool basin__search_allows(
    const basin__search *search, const float *y, const float *right);
/** Move y to the nearest allowed place, or one near it. False: not found. */
bool basin__search_project(
    const basin__search *search, float *y, const float *right);
/** Put all states at their starts. */
void basin__search_start(basin__search *search);

/** Where a random number of this search lives. @param turn of the way, from 1;
 *  0 for the starts @param number below 2^20 of a state */
double basin__search_uniform(
    const basin__search *search, size_t state, uint64_t turn, uint64_t number);
double basin__search_normal(
    const basin__search *search, size_t state, uint64_t turn, uint64_t number);

#endif
