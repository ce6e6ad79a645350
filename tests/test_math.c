/* SPDX-License-Identifier: MIT
 *
 * The elementary functions: errors in ulp against long double over every
 * range, special values, symmetry, and one hash over their bits, which must
 * be the same for every compiler and machine.
 */
#include "basin/math.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Results meet long double references on purpose. */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wdouble-promotion"
#endif

static uint64_t random_bits(void)
{
    static uint64_t s = 88172645463325252u; /* xorshift (Marsaglia 2003) */
    s ^= s << 13;
    s ^= s >> 7;
    s ^= s << 17;
    return s;
}

static double between(double a, double b)
{
    return a + (b - a) * ((double)(random_bits() >> 11) * 0x1p-53);
}

static float float_of(uint32_t u)
{
    float f;
    memcpy(&f, &u, sizeof f);
    return f;
}

static uint32_t bits_of(float f)
{
    uint32_t u;
    memcpy(&u, &f, sizeof u);
    return u;
}

static double double_of(uint64_t u)
{
    double f;
    memcpy(&f, &u, sizeof f);
    return f;
}

/* ----------------------------------------------------------------- float32 */

static double ulp_float(float got, double want)
{
    int e;
    frexp(want, &e);
    return fabs((double)got - want) * ldexp(1.0, 24 - (e < -125 ? -125 : e));
}

typedef struct float_case {
    const char *name;
    float (*function)(float);
    double (*exact)(double);
    float low, high;
    double ulp;
} float_case;

static const float_case float_cases[] = {
    {"tanhf", basin_tanhf, tanh, -INFINITY, INFINITY, 2.6},
    {"expf", basin_expf, exp, -87.3f, 88.72283f, 1.0},
    {"logf", basin_logf, log, FLT_MIN, FLT_MAX, 0.9},
};

static void test_float_errors(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof float_cases / sizeof *float_cases; k++) {
        const float_case *c = &float_cases[k];
        double worst = 0;
        float at = 0;
        /* every 1499th float of all, and the usual range finely */
        for (uint64_t u = 0; u < UINT64_C(1) << 32; u += 1499) {
            for (int fine = 0; fine < 2; fine++) {
                float x = float_of((uint32_t)u);
                if (fine)
                    x = (float)((double)u * (20.0 / 4294967296.0) - 10.0);
                if (!(x >= c->low && x <= c->high))
                    continue;
                const double e = ulp_float(c->function(x), c->exact((double)x));
                if (!(e <= worst)) {
                    worst = e;
                    at = x;
                }
            }
        }
        if (!(worst <= c->ulp))
            print_error("%s: %g ulp at %.9g\n", c->name, worst, (double)at);
        assert_true(worst <= c->ulp);
        assert_true(worst > 0.4); /* the yardstick itself works */
    }
}

static void test_float_special(void **state)
{
    (void)state;
    assert_true(isnan(basin_tanhf(NAN)));
    assert_true(isnan(basin_expf(NAN)));
    assert_true(isnan(basin_logf(NAN)));
    assert_true(basin_tanhf(INFINITY) == 1 && basin_tanhf(-INFINITY) == -1);
    assert_true(basin_tanhf(FLT_MAX) == 1 && basin_tanhf(-FLT_MAX) == -1);
    assert_true(bits_of(basin_tanhf(-0.0f)) == 0x80000000u);
    assert_true(bits_of(basin_tanhf(0.0f)) == 0);
    for (uint32_t u = 0; u < 0x39000000u; u += 9973) /* up to 1.2e-4 */
        assert_true(bits_of(basin_tanhf(float_of(u))) ==
                    bits_of((float)tanh((double)float_of(u))));
    for (uint64_t u = 0; u <= 0x7f800000u; u += 997) {
        const float x = float_of((uint32_t)u);
        const float y = basin_tanhf(x);
        assert_true(y >= 0 && y <= 1);
        assert_true(bits_of(basin_tanhf(-x)) == (bits_of(y) | 0x80000000u));
    }
    assert_true(basin_expf(0.0f) == 1 && basin_expf(-0.0f) == 1);
    assert_true(basin_expf(INFINITY) == INFINITY);
    assert_true(basin_expf(-INFINITY) == 0);
    assert_true(basin_expf(88.8f) == INFINITY);
    assert_true(basin_expf(FLT_MAX) == INFINITY);
    assert_true(isfinite(basin_expf(88.72f)));
    assert_true(basin_expf(-87.4f) == 0 && basin_expf(-FLT_MAX) == 0);
    assert_true(basin_expf(-87.29f) >= FLT_MIN);
    assert_true(basin_logf(1.0f) == 0);
    assert_true(basin_logf(0.0f) == -INFINITY);
    assert_true(basin_logf(-0.0f) == -INFINITY);
    assert_true(basin_logf(1e-40f) == -INFINITY);
    assert_true(basin_logf(INFINITY) == INFINITY);
    assert_true(isnan(basin_logf(-1.0f)) && isnan(basin_logf(-INFINITY)));
}

/* ----------------------------------------------------------------- float64 */

static const double inf = (double)INFINITY;
static const double nan_value = (double)NAN;

/* Where long double is no wider than double (valgrind narrows it), it is no
 * reference: such tests are skipped. */
static void need_long_double(void)
{
    volatile long double x = 1.0L;
    x += 0x1p-60L;
    if (x == 1.0L)
        skip();
}

static double ulp_double(double got, long double want)
{
    int e;
    frexpl(want, &e);
    return (double)(fabsl((long double)got - want) *
                    ldexpl(1.0L, 53 - (e < -1021 ? -1021 : e)));
}

static long double exact_sigmoid(long double x)
{
    return 1.0L / (1.0L + expl(-x));
}

static long double exact_softplus(long double x)
{
    return (x > 0 ? x : 0) + log1pl(expl(-fabsl(x)));
}

static const struct {
    const char *name;
    double (*function)(double);
    long double (*exact)(long double);
    double low, high, ulp;
} double_cases[] = {
    {"exp", basin_exp, expl, -1, 1, 1.0},
    {"exp, all", basin_exp, expl, -745.1, 709.78, 1.0},
    {"log", basin_log, logl, 0.4, 2.5, 1.0},
    {"log near 1", basin_log, logl, 0.999, 1.001, 1.0},
    {"log, large", basin_log, logl, 1, 1.7e308, 1.0},
    {"log, small", basin_log, logl, 5e-324, 1e-307, 1.0},
    {"tanh", basin_tanh, tanhl, -1, 1, 1.7},
    {"tanh, all", basin_tanh, tanhl, -23, 23, 1.7},
    {"tanh near 0", basin_tanh, tanhl, -1e-3, 1e-3, 1.0},
    {"sigmoid", basin_sigmoid, exact_sigmoid, -5, 5, 3.0},
    {"sigmoid, all", basin_sigmoid, exact_sigmoid, -708, 40, 3.0},
    {"softplus", basin_softplus, exact_softplus, -5, 5, 3.0},
    {"softplus, all", basin_softplus, exact_softplus, -708, 40, 3.0},
};

static void test_double_errors(void **state)
{
    (void)state;
    need_long_double();
    for (size_t k = 0; k < sizeof double_cases / sizeof *double_cases; k++) {
        double worst = 0, at = 0;
        for (int i = 0; i < 150000; i++) {
            const double x = between(double_cases[k].low, double_cases[k].high);
            const double e = ulp_double(
                double_cases[k].function(x), double_cases[k].exact(x));
            if (!(e <= worst)) {
                worst = e;
                at = x;
            }
        }
        if (!(worst <= double_cases[k].ulp))
            print_error(
                "%s: %g ulp at %.17g\n", double_cases[k].name, worst, at);
        assert_true(worst <= double_cases[k].ulp);
        assert_true(worst > 0.4);
    }
    for (int i = 0; i < 200000; i++) { /* log over all exponents */
        const double x =
            double_of(random_bits() % UINT64_C(0x7ff0000000000000));
        assert_true(x == 0 || ulp_double(basin_log(x), logl(x)) <= 1.0);
    }
}

static void test_circular(void **state)
{
    (void)state;
    need_long_double();
    for (int i = 0; i < 400000; i++) {
        const double limit = i % 2 ? 1e6 : 10.0;
        const double x = i % 5 ? between(-limit, limit)
                               : (double)(i % 10000) * 1.5707963267948966;
        assert_true(fabsl(basin_sin(x) - sinl(x)) <= 1e-15L);
        assert_true(fabsl(basin_cos(x) - cosl(x)) <= 1e-15L);
    }
    assert_true(signbit(basin_sin(-0.0)) && !signbit(basin_sin(0.0)));
    assert_true(basin_cos(0.0) == 1);
    for (int i = 0; i < 50; i++) { /* bounded where digits run out, then NaN */
        const double x = ldexp(between(1, 2), i);
        assert_true(fabs(basin_sin(x)) <= 1 && fabs(basin_cos(x)) <= 1);
    }
    static const double none[] = {1e16, -1e300, inf, -inf, nan_value};
    for (int i = 0; i < 5; i++)
        assert_true(isnan(basin_sin(none[i])) && isnan(basin_cos(none[i])));
}

static void test_pow(void **state)
{
    (void)state;
    need_long_double();
    int counted = 0;
    for (int i = 0; i < 300000; i++) {
        double x, y;
        if (i % 2) {
            x = double_of(random_bits() % UINT64_C(0x7ff0000000000000));
            y = between(-2, 2);
        } else {
            x = between(0.0, 3.0);
            y = between(-900, 900);
        }
        const long double want = powl(x, y);
        if (!(want >= 1e-300L && want <= 1e300L))
            continue;
        counted++;
        assert_true(fabsl(basin_pow(x, y) - want) <= 1e-14L * want);
    }
    assert_true(counted > 100000);
    /* near 1, where the logarithm's low half counts */
    for (int i = 0; i < 20000; i++) {
        const double x = 1.0 + between(-1e-9, 1e-9), y = between(-5e11, 5e11);
        const long double want = powl(x, y);
        assert_true(fabsl(basin_pow(x, y) - want) <= 1e-14L * want);
    }
    static const double odd[] = {0.0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 2.5,
        -2.5, 1e300, -1e300, 5e-324, -5e-324, 9007199254740991.0,
        9007199254740993.0, inf, -inf, nan_value};
    enum { N = sizeof odd / sizeof *odd };
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) {
            const double got = basin_pow(odd[i], odd[k]);
            const double want = pow(odd[i], odd[k]);
            if (isnan(want)) {
                assert_true(isnan(got));
                continue;
            }
            assert_true(got == want || fabs(got - want) <= 1e-13 * fabs(want));
            assert_int_equal(!!signbit(got), !!signbit(want));
        }
}

static void test_double_special(void **state)
{
    (void)state;
    assert_true(basin_exp(0.0) == 1 && basin_exp(-inf) == 0);
    assert_true(basin_exp(inf) == inf && isnan(basin_exp(nan_value)));
    assert_true(basin_exp(710.0) == inf && basin_exp(-746.0) == 0);
    assert_true(isfinite(basin_exp(709.78)));
    assert_true(basin_exp(-745.0) == 5e-324);
    assert_true(basin_log(0.0) == -inf && basin_log(-0.0) == -inf);
    assert_true(isnan(basin_log(-1.0)) && isnan(basin_log(nan_value)));
    assert_true(basin_log(1.0) == 0 && basin_log(inf) == inf);
    assert_true(basin_tanh(inf) == 1 && basin_tanh(-inf) == -1);
    assert_true(isnan(basin_tanh(nan_value)) && signbit(basin_tanh(-0.0)));
    assert_true(basin_tanh(5e-324) == 5e-324);
    for (int i = 0; i < 100000; i++) {
        const double x = between(0, 24), y = basin_tanh(x);
        assert_true(y <= 1 && y == -basin_tanh(-x));
    }
    assert_true(basin_sigmoid(inf) == 1 && basin_sigmoid(-inf) == 0);
    assert_true(basin_sigmoid(0.0) == 0.5 && isnan(basin_sigmoid(nan_value)));
    assert_true(basin_softplus(inf) == inf);
    assert_true(basin_softplus(-inf) == 0 && isnan(basin_softplus(nan_value)));
    assert_true(basin_softplus(1e300) == 1e300);
    assert_true(basin_sqrt(4.0) == 2 && isnan(basin_sqrt(-1.0)));
    for (int i = 0; i < 1000; i++) {
        const double x = between(0, 1e6);
        assert_true(basin_sqrt(x) == sqrt(x));
    }
}

/* ------------------------------------------------------------------- bits */

/* FNV-1a over the results; NaN counts as one, whatever its bits. */
static uint64_t mix(uint64_t hash, double x)
{
    uint64_t u = UINT64_C(0x7ff8000000000000);
    if (x == x)
        memcpy(&u, &x, sizeof u);
    for (int i = 0; i < 8; i++)
        hash = (hash ^ (u >> (8 * i) & 0xff)) * UINT64_C(0x100000001b3);
    return hash;
}

static void test_same_bits(void **state)
{
    (void)state;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (uint64_t u = 0; u < UINT64_C(1) << 32; u += 104729) {
        const float f = float_of((uint32_t)u);
        const double x = (double)(int64_t)(u - (UINT64_C(1) << 31)) * 0x1p-22;
        hash = mix(hash, (double)basin_tanhf(f));
        hash = mix(hash, (double)basin_expf(f));
        hash = mix(hash, (double)basin_logf(f));
        hash = mix(hash, (double)basin_tanhf((float)x * 0.02f));
        hash = mix(hash, (double)basin_expf((float)x * 0.2f));
        hash = mix(hash, basin_exp(x));
        hash = mix(hash, basin_log(x));
        hash = mix(hash, basin_tanh(x * 0.05));
        hash = mix(hash, basin_sin(x));
        hash = mix(hash, basin_cos(x));
        hash = mix(hash, basin_softplus(x));
        hash = mix(hash, basin_sigmoid(x));
        hash = mix(hash, basin_pow(x, 1.7));
        hash = mix(hash, basin_pow(1.003, x));
    }
    if (hash != UINT64_C(0x84a9851ce143992f))
        print_error("hash %llx\n", (unsigned long long)hash);
    assert_true(hash == UINT64_C(0x84a9851ce143992f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_float_errors),
        cmocka_unit_test(test_float_special),
        cmocka_unit_test(test_double_errors),
        cmocka_unit_test(test_double_special),
        cmocka_unit_test(test_circular),
        cmocka_unit_test(test_pow),
        cmocka_unit_test(test_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
