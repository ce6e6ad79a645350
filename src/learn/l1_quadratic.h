/* SPDX-License-Identifier: MIT
 *
 * The minimum of a quadratic with an L1 term,
 *
 *     g.d + d.H d / 2 + c1 (|w + d|_1 - |w|_1),
 *
 * where all that is known of H is its product with vectors, and about what its
 * diagonal is.
 */
#ifndef BASIN_LEARN_L1_QUADRATIC_H
#define BASIN_LEARN_L1_QUADRATIC_H

#include "basin/base.h"

/** out = H v. */
typedef void (*basin__product_fn)(void *user, const double *v, double *out);

/** From basin__l1_init; n and what is marked so are the caller's. */
typedef struct basin__l1_quadratic {
    basin_context *ctx;
    basin__product_fn product;
    void *user;
    double c1;
    int32_t n, room;
    double *w, *g;  /* (n) the caller's */
    double *scale;  /* (n) the caller's: the diagonal of H, > 0 */
    double *d, *hd; /* (n) where it stands, and H d: the result */
    int products;   /* of H with a vector, so far */

    double *sign;           /* (n) of w + d; 0: it stays there */
    double *x, *hx;         /* (n) of the conjugate gradients */
    double *r, *z, *p, *hp; /* (n) the same */
    void *memory;
    size_t memory_size;
} basin__l1_quadratic;

void basin__l1_init(basin__l1_quadratic *q, basin_context *ctx,
    basin__product_fn product, void *user);
void basin__l1_finish(basin__l1_quadratic *q);
/** Room for n numbers; what the arrays held is lost. Errors: E_MEMORY. */
basin_status basin__l1_reserve(
    basin__l1_quadratic *q, int32_t n, basin_error *error);

/** Begin at d = 0. @return the length of the least subgradient there */
double basin__l1_start(basin__l1_quadratic *q);
/** The value at d, at most 0 after what follows. */
double basin__l1_value(const basin__l1_quadratic *q);
/** The length of the least subgradient at d. */
double basin__l1_slope(basin__l1_quadratic *q);

/** From d down to where the slope is at most `until`, by conjugate gradients
 *  on the weights that are not 0; weights that come to 0 stop there, others
 *  leave it. */
void basin__l1_active(basin__l1_quadratic *q, double until, int most_products);

#endif
