/* SPDX-License-Identifier: MIT
 *
 * Numbers of 512 bits, each with a bound of its error: a ball. Where two
 * numbers must be told apart that agree in the first hundred digits, as 1 and
 * 1 - e^-128 do, float64 cannot, and these say whether they can.
 */
#ifndef BASIN_BASE_BALL_H
#define BASIN_BASE_BALL_H

#include "basin/base.h"

enum { BASIN__LIMBS = 16 };

typedef enum basin__ball_kind {
    BASIN__ZERO = 0,
    BASIN__FINITE = 1,
    BASIN__INFINITE = 2,
    BASIN__NAN = 3 /**< or nothing is known of it */
} basin__ball_kind;

/** 0.limbs * 2^exponent, the first bit set; the true number is nearer to it
 *  than 2^error. */
typedef struct basin__ball {
    basin__ball_kind kind;
    bool negative;
    int64_t exponent, error;
    uint32_t limb[BASIN__LIMBS]; /**< the lowest first */
} basin__ball;

/** The error of a number that is exact. */
#define BASIN__EXACT (INT64_MIN / 4)

basin__ball basin__ball_of(double value);
/** 2^exponent, exactly. */
basin__ball basin__ball_power(int64_t exponent);
basin__ball basin__ball_infinity(bool negative);
/** The nearest double; what is too large becomes infinite, too small 0. */
double basin__ball_double(const basin__ball *a);

/** Each result may be one of the arguments. */
void basin__ball_add(
    basin__ball *out, const basin__ball *a, const basin__ball *b);
void basin__ball_sub(
    basin__ball *out, const basin__ball *a, const basin__ball *b);
void basin__ball_mul(
    basin__ball *out, const basin__ball *a, const basin__ball *b);
/** x / 0 is infinite, by the sign of x; 0 / 0 is NaN. */
void basin__ball_div(
    basin__ball *out, const basin__ball *a, const basin__ball *b);
void basin__ball_max(
    basin__ball *out, const basin__ball *a, const basin__ball *b);
void basin__ball_min(
    basin__ball *out, const basin__ball *a, const basin__ball *b);
void basin__ball_negate(basin__ball *a);
void basin__ball_abs(basin__ball *a);

/** The functions, in place; NaN outside of their domains. */
void basin__ball_exp(basin__ball *a);
void basin__ball_log(basin__ball *a);
void basin__ball_sqrt(basin__ball *a);
void basin__ball_tanh(basin__ball *a);
void basin__ball_sigmoid(basin__ball *a);
/** a^b; of a negative number only whole powers. */
void basin__ball_pow(
    basin__ball *out, const basin__ball *a, const basin__ball *b);

/** -1, 0 or 1, by the numbers in the middle of the balls; NaN is largest. */
int basin__ball_order(const basin__ball *a, const basin__ball *b);
/** Is a below b whatever the errors? Never with NaN. */
bool basin__ball_below(const basin__ball *a, const basin__ball *b);
/** Let the error be at least 2^error. */
void basin__ball_blur(basin__ball *a, int64_t error);

#endif
