/* SPDX-License-Identifier: MIT
 *
 * Running the program of an expression: with derivatives, as dual numbers of
 * float64 (Wengert 1964), and without, as balls.
 */
#include "loss/expression.h"

#include "basin/math.h"

/* A value and its derivatives in ec and ei. */
typedef struct dual {
    double v, c, i;
} dual;

/* f(a), whose slope there is f'. What does not depend on a has no part in an
 * infinite slope. */
static dual chain(dual a, double value, double slope)
{
    return (dual){
        value, a.c == 0 ? 0 : slope * a.c, a.i == 0 ? 0 : slope * a.i};
}

/* Only whole powers of numbers below 0. */
static double power_of(double a, double b)
{
    const double largest = 1 << 20;
    if (b == __builtin_floor(b) && __builtin_fabs(b) <= largest) {
        double result = 1, base = a;
        for (uint32_t n = (uint32_t)__builtin_fabs(b); n; n >>= 1) {
            if (n & 1)
                result *= base;
            base *= base;
        }
        return b < 0 ? 1 / result : result;
    }
    if (a == 0)
        return b > 0 ? 0 : __builtin_inf();
    return a < 0 ? __builtin_nan("") : basin_pow(a, b);
}

static dual power(dual a, dual b)
{
    double value = power_of(a.v, b.v);
    dual out = {value, 0, 0};
    if (a.c != 0 || a.i != 0)
        out = chain(a, value, b.v == 0 ? 0 : b.v * power_of(a.v, b.v - 1));
    if (b.c != 0 || b.i != 0) {
        double slope = value == 0 ? 0 : value * basin_log(a.v);
        out.c += b.c == 0 ? 0 : slope * b.c;
        out.i += b.i == 0 ? 0 : slope * b.i;
    }
    return out;
}

static dual quotient(dual a, dual b)
{
    double value = a.v / b.v;
    return (dual){value, a.c == 0 && b.c == 0 ? 0 : (a.c - value * b.c) / b.v,
        a.i == 0 && b.i == 0 ? 0 : (a.i - value * b.i) / b.v};
}

static dual product(dual a, dual b)
{
    return (dual){a.v * b.v, a.c * b.v + a.v * b.c, a.i * b.v + a.v * b.i};
}

static dual two(basin__operation operation, dual a, dual b)
{
    const dual nan = {__builtin_nan(""), 0, 0};
    switch (operation) {
    case BASIN__ADD: return (dual){a.v + b.v, a.c + b.c, a.i + b.i};
    case BASIN__SUBTRACT: return (dual){a.v - b.v, a.c - b.c, a.i - b.i};
    case BASIN__MULTIPLY: return product(a, b);
    case BASIN__DIVIDE: return quotient(a, b);
    case BASIN__POWER: return power(a, b);
    case BASIN__MAX: return a.v != a.v || b.v != b.v ? nan : a.v > b.v ? a : b;
    default: return a.v != a.v || b.v != b.v ? nan : a.v < b.v ? a : b;
    }
}

static dual one(basin__operation operation, dual a)
{
    double v;
    switch (operation) {
    case BASIN__NEGATE: return (dual){-a.v, -a.c, -a.i};
    case BASIN__EXP: v = basin_exp(a.v); return chain(a, v, v);
    case BASIN__LOG: return chain(a, basin_log(a.v), 1 / a.v);
    case BASIN__SQRT: v = basin_sqrt(a.v); return chain(a, v, 0.5 / v);
    case BASIN__ABS:
        return chain(a, __builtin_fabs(a.v), a.v > 0 ? 1 : a.v < 0 ? -1 : 0);
    case BASIN__TANH: /* 1 - tanh^2 without cancellation */
        return chain(a, basin_tanh(a.v),
            4 * basin_sigmoid(2 * a.v) * basin_sigmoid(-2 * a.v));
    default:
        v = basin_sigmoid(a.v);
        return chain(a, v, v * basin_sigmoid(-a.v));
    }
}

double basin_expression_value(
    const basin_expression *q, double ec, double ei, double *d_c, double *d_i)
{
    dual stack[BASIN__DEPTH_MAX] = {{0, 0, 0}};
    int n = 0;
    for (int k = 0; k < q->n_steps; k++) {
        const basin__step *s = &q->steps[k];
        switch (s->operation) {
        case BASIN__EC: stack[n++] = (dual){ec, 1, 0}; break;
        case BASIN__EI: stack[n++] = (dual){ei, 0, 1}; break;
        case BASIN__CONSTANT: stack[n++] = (dual){s->value, 0, 0}; break;
        case BASIN__PARAM:
            stack[n++] = (dual){q->settings[s->index], 0, 0};
            break;
        default:
            if (s->operation <= BASIN__MIN) {
                n--;
                stack[n - 1] = two(s->operation, stack[n - 1], stack[n]);
            } else {
                stack[n - 1] = one(s->operation, stack[n - 1]);
            }
        }
    }
    if (d_c)
        *d_c = stack[0].c;
    if (d_i)
        *d_i = stack[0].i;
    return stack[0].v;
}

/* ------------------------------------------------------------------- balls */

static void two_balls(basin__operation operation, basin__ball *a)
{
    basin__ball *b = a + 1;
    switch (operation) {
    case BASIN__ADD: basin__ball_add(a, a, b); break;
    case BASIN__SUBTRACT: basin__ball_sub(a, a, b); break;
    case BASIN__MULTIPLY: basin__ball_mul(a, a, b); break;
    case BASIN__DIVIDE: basin__ball_div(a, a, b); break;
    case BASIN__POWER: basin__ball_pow(a, a, b); break;
    case BASIN__MAX: basin__ball_max(a, a, b); break;
    default: basin__ball_min(a, a, b); break;
    }
}

static void one_ball(basin__operation operation, basin__ball *a)
{
    switch (operation) {
    case BASIN__NEGATE: basin__ball_negate(a); break;
    case BASIN__EXP: basin__ball_exp(a); break;
    case BASIN__LOG: basin__ball_log(a); break;
    case BASIN__SQRT: basin__ball_sqrt(a); break;
    case BASIN__ABS: basin__ball_abs(a); break;
    case BASIN__TANH: basin__ball_tanh(a); break;
    default: basin__ball_sigmoid(a); break;
    }
}

void basin__expression_ball(basin__ball *out, const basin_expression *q,
    const basin__ball *ec, const basin__ball *ei)
{
    basin__ball stack[BASIN__DEPTH_MAX];
    int n = 0;
    for (int k = 0; k < q->n_steps; k++) {
        const basin__step *s = &q->steps[k];
        switch (s->operation) {
        case BASIN__EC: stack[n++] = *ec; break;
        case BASIN__EI: stack[n++] = *ei; break;
        case BASIN__CONSTANT: stack[n++] = basin__ball_of(s->value); break;
        case BASIN__PARAM:
            stack[n++] = basin__ball_of(q->settings[s->index]);
            break;
        default:
            if (s->operation <= BASIN__MIN)
                two_balls(s->operation, &stack[--n - 1]);
            else
                one_ball(s->operation, &stack[n - 1]);
        }
    }
    *out = stack[0];
}
