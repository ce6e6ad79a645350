/* SPDX-License-Identifier: MIT
 *
 * The inside of a lattice: the scores of one sequence (a score is an energy
 * with its sign turned), and what was found on them. The rows of labels are
 * padded as src/tensor/chain.h has it.
 */
#ifndef BASIN_INFERENCE_LATTICE_H
#define BASIN_INFERENCE_LATTICE_H

#include "basin/inference.h"
#include "basin/lattice.h"
#include "energy/chain.h"

struct basin_lattice {
    basin_context *ctx;
    const basin_chain *chain;
    const basin__chain_kernels *k;
    int labels, lanes;
    const basin_sequences *sequences;
    int32_t sequence;
    int64_t first;                   /* position of the sequence's first */
    const basin__chain_known *known; /* of the sequences, or NULL */
    /* Of a chain with a net: what labels cost at the positions, and where
     * slopes in that go. Given by who asks the net about many sequences at a
     * time; else the lattice has a net's memory of its own. */
    const float *costs; /* (length, labels) */
    float *slopes;
    basin__chain_net *net;
    int64_t net_room;
    bool net_gradient;

    double scale;   /* W is so many times what the chain holds; mostly 1 */
    double *scaled; /* (labels, lanes) the transitions times that */
    int length, capacity;

    double *node;     /* (capacity, lanes) scores */
    double *e;        /* the same as Gibbs factors, the largest 1 */
    double *alpha;    /* normalised forward sums */
    double *q;        /* weights of nodes */
    double *row;      /* (4, lanes) scratch */
    double *over;     /* (capacity) 1 / what alpha was divided by */
    double *same;     /* (capacity) beside alpha: the same as `but` so far */
    int32_t *from;    /* (capacity, lanes) the best label before */
    int32_t *path[3]; /* (capacity) right, offender, best */
    void *memory;
    size_t memory_size;

    /* Of steps whose table is the chain's own: e^(beta (A - top)), the same
     * transposed, and sums that wait to be multiplied by it. */
    double *p, *p_turned, *pending; /* (labels, lanes) */
    double p_top, p_beta;
    uint64_t p_version;
    double *scratch, *scratch_turned; /* (labels, lanes) of one own step */
    void *p_memory;
    size_t p_size;

    /* Of sequences with edge attributes: a table of each step. */
    bool own;
    double *tables, *own_p; /* (own_capacity, labels, lanes) */
    double *own_top;        /* (own_capacity) */
    int own_capacity;

    double *log; /* (log_capacity) of lattice_log.c */
    size_t log_capacity;
    void *errors; /* of lattice_slack.c */
    size_t errors_size;

    double raw[3]; /* energies of the paths */
    bool summed;   /* alpha holds, at sum_beta */
    double log_sum, sum_beta;
    const int32_t *but; /* it leaves this labelling out; NULL: none */
    double over_left;   /* 1 / the last of alpha's sum, without `same` */
    bool log_domain;    /* alpha underflowed: the logarithms hold instead */
};

enum { BASIN__PATH_RIGHT, BASIN__PATH_OFFENDER, BASIN__PATH_BEST };

/** Numbers of a table of steps, (labels, lanes). */
static inline size_t basin__lattice_table_size(const basin_lattice *l)
{
    return (size_t)l->labels * (size_t)l->lanes;
}

/** The table of scores of the step to position t, t >= 1. */
static inline const double *basin__lattice_table(const basin_lattice *l, int t)
{
    return l->own ? l->tables + (size_t)t * basin__lattice_table_size(l)
           : l->scale != 1 ? l->scaled
                           : l->chain->w.table;
}

/** The factors of the same step, of the last sum. */
static inline const double *basin__lattice_p(const basin_lattice *l, int t)
{
    return l->own ? l->own_p + (size_t)t * basin__lattice_table_size(l) : l->p;
}

/** The transpose of a table. */
void basin__lattice_turn(
    const basin_lattice *l, double *out, const double *table);

/** As basin_lattice_observe, with features that were looked up. Errors:
 *  E_MEMORY, E_RANGE. */
basin_status basin__lattice_observe_known(basin_lattice *l,
    const basin__chain_known *known, const basin_sequences *sequences,
    int32_t sequence, basin_error *error);

/** The same, where the weights of node features lie elsewhere: what is known
 *  points into these rows. */
basin_status basin__lattice_observe_rows(basin_lattice *l,
    const basin__chain_known *known, const basin__attribute_rows *rows,
    const basin_sequences *sequences, int32_t sequence, basin_error *error);

/** As basin_lattice_observe, with the scores of nodes as they are.
 *  @param score (length, lanes)  Errors: E_MEMORY, E_RANGE. */
basin_status basin__lattice_observe_scores(
    basin_lattice *l, const double *score, int64_t length, basin_error *error);

/** Score of a labelling. */
double basin__lattice_score(const basin_lattice *l, const int32_t *label);

/** The factors of steps without edges at beta, into l->p and l->p_turned. */
void basin__lattice_factors(basin_lattice *l, double beta);
/** log Z at beta, and what the marginals need. */
double basin__lattice_sum(basin_lattice *l, double beta);
/** The same over the labellings other than the path of the right one. */
double basin__lattice_sum_but(basin_lattice *l, double beta);

/** The logarithm of the forward sum at (t, label), up to what is common to
 *  the labels of t. */
double basin__lattice_log_alpha(const basin_lattice *l, int t, int label);

/** Add to l->q, to l->pending and to the gradient's edges: scale times the
 *  marginals of the last sum. */
void basin__lattice_spread(
    basin_lattice *l, double scale, basin__chain_values *gradient);
/** Bring what is pending into the gradient's table. */
void basin__lattice_settle(basin_lattice *l, basin__chain_values *gradient);

/**
 * Sums in the domain of logarithms, over all labellings, or over those that
 * differ from `right`; slow, but nothing can underflow. Errors: E_MEMORY.
 */
basin_status basin__lattice_log_sum(basin_lattice *l, const int32_t *right,
    double beta, double *out, basin_error *error);
/** Room for it, so that it cannot fail. */
basin_status basin__lattice_log_room(
    basin_lattice *l, int length, basin_error *error);
/** Add scale times the marginals of the last of these sums. */
void basin__lattice_log_spread(basin_lattice *l, const int32_t *right,
    double beta, double log_sum, double scale, basin__chain_values *gradient);

/** Of all labellings but `right` the one of the highest score, with what each
 *  error costs added to it where `cost` is given. @return that score */
double basin__lattice_best_but(basin_lattice *l, const int32_t *right,
    const basin_label_cost *cost, int32_t *label);
/** Slack rescaling: the labelling whose errors times (m + E_C - E) is most. */
basin_status basin__lattice_slack(basin_lattice *l, const int32_t *right,
    double margin, int32_t *label, basin_error *error);
double basin__label_cost(const basin_lattice *l, const basin_label_cost *cost,
    int32_t right, int32_t other);

/** Room for sequences of this length, so that nothing can fail for want of
 *  it. Errors: E_MEMORY. */
basin_status basin__lattice_reserve(
    basin_lattice *l, int longest, bool errors, basin_error *error);
basin_status basin__lattice_errors_room(
    basin_lattice *l, int length, basin_error *error);

/** Room for what a net of the lattice's own sees. @param gradient whether
 *  slopes go back through it. Errors: E_MEMORY. */
basin_status basin__lattice_net_room(
    basin_lattice *l, int longest, bool gradient, basin_error *error);

/** How the marginals of sequences change where scores do. */
typedef struct basin__lattice_change {
    const double *flat;   /* the direction, in the order of W; for edges */
    double *table;        /* (labels, lanes) the same, of transitions */
    double *node;         /* (longest, lanes) the change of the scores */
    double *forward;      /* (longest, lanes) that of alpha */
    double *p, *p_turned; /* (labels, lanes) that of the steps' factors */
    double *own;          /* (labels, lanes) that of one own step */
    double *row;          /* (6, lanes) scratch */
    double *steps;        /* (labels, lanes) marginals of steps, summed */
    double *curvature;    /* (labels, lanes) diagonal of the transitions */
    double *pending;      /* (labels, lanes) to be multiplied by l->p */
    double *out;          /* (labels, lanes) change of the steps' marginals */
    double *edges;        /* in the order of W: the same, of edges */
    void *memory;
    size_t memory_size;
} basin__lattice_change;

/** `flat` and `edges` are the caller's, and may be NULL where no sequence has
 *  edges. Errors: E_MEMORY. */
basin_status basin__lattice_change_init(basin__lattice_change *c,
    const basin_lattice *l, int longest, basin_error *error);
void basin__lattice_change_finish(
    basin__lattice_change *c, const basin_lattice *l);

/** The walk that comes first: begin; for each sequence set l->q to its
 *  marginals, and count those of its steps, `scale` times; end. That gives
 *  the diagonal of the curvature: c->curvature, and c->edges. False, and
 *  nothing, where the sums need logarithms: such a sequence is nearly certain,
 *  and counts as having no curvature. */
void basin__lattice_marginals_begin(
    basin_lattice *l, basin__lattice_change *c, double beta);
bool basin__lattice_marginals_add(
    basin_lattice *l, basin__lattice_change *c, double beta, double scale);
void basin__lattice_marginals_end(
    const basin_lattice *l, basin__lattice_change *c, double beta);

/** Then, at the same W, for a direction in c->table and c->flat: begin; for
 *  each sequence, with the direction's scores in c->node, set l->q to `scale`
 *  times how the marginals of nodes change; end. Then c->out and c->edges have
 *  the change of the steps'. */
void basin__lattice_change_begin(
    basin_lattice *l, basin__lattice_change *c, double beta);
bool basin__lattice_change_add(
    basin_lattice *l, basin__lattice_change *c, double beta, double scale);
void basin__lattice_change_end(
    const basin_lattice *l, basin__lattice_change *c, double beta);

/** What of a question one sequence answers, and the weights that go back. */
typedef struct basin__lattice_ask {
    unsigned needs;
    basin_offender offender;
    double margin, beta;
    basin_label_cost cost;
    bool nonnegative;
} basin__lattice_ask;

/** The scalars for the labels l->path[RIGHT]. Errors: E_MEMORY. */
basin_status basin__lattice_answer(basin_lattice *l,
    const basin__lattice_ask *ask, basin_energies *out, basin_error *error);
/** Add dL/dW to the gradient; basin__lattice_settle completes it. */
void basin__lattice_weigh(basin_lattice *l, const basin__lattice_ask *ask,
    const basin_slopes *slopes, basin__chain_values *gradient);

/** Add the weights of nodes, l->q, to the features of the nodes. */
void basin__lattice_hand_on(basin_lattice *l, basin__chain_values *gradient);

/** Copy the labels of the sequence as the right ones. False: not all known. */
bool basin__lattice_take_right(basin_lattice *l);

#endif
