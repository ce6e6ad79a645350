/* SPDX-License-Identifier: MIT
 *
 * The formatter against snprintf, the number reader against strtod, and the
 * shortest printer against both, on random and on hard cases.
 */
#include "base/decimal.h"
#include "basin/base.h"

#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define inf ((double)INFINITY)

static uint64_t random_bits(void)
{
    static uint64_t index;
    return basin_random_bits(
        (basin_random_key){11, BASIN_STREAM_TEST, 0}, index++);
}

static int random_below(int n)
{
    return (int)(random_bits() % (uint64_t)n);
}

static double from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static bool same(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0 || (isnan(a) && isnan(b));
}

/* Finite numbers of every size, with a taste for the awkward. */
static double random_number(void)
{
    double x = from_bits(random_bits());
    switch (random_below(6)) {
    case 0: break;
    case 1: x = (double)random_below(100000) / 100.0; break;
    case 2: x = (double)random_below(20001) / 16.0 - 625.0; break; /* ties */
    case 3: x = from_bits(random_bits() % (UINT64_C(1) << 53)); break;
    case 4: x = ldexp(1.0, random_below(2098) - 1074); break;
    default: x = (double)(float)ldexp(x, -random_below(60)); break;
    }
    return isfinite(x) ? x : 1.5;
}

/* ------------------------------------------------------------------ format */

/* Both formatters get the format at run time; what it means is the test. */
#if defined(__GNUC__)
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
#endif

#define COMPARE(format, ...)                                                   \
    do {                                                                       \
        char want[2048], got[2048];                                            \
        const int n = snprintf(want, sizeof want, format, __VA_ARGS__);        \
        const size_t m = basin_format(got, sizeof got, format, __VA_ARGS__);   \
        if (strcmp(want, got) != 0)                                            \
            print_error("format %s\n", format);                                \
        assert_string_equal(got, want);                                        \
        assert_int_equal(m, n);                                                \
    } while (0)

static void random_format(char *out, const char *length, char letter)
{
    static const char *const flags[] = {"", "-", "0", "-0", ""};
    char width[8] = "";
    if (random_below(2))
        snprintf(width, sizeof width, "%d", random_below(30));
    snprintf(out, 32, "<%%%s%s%s%c>", flags[random_below(5)],
        width[0] == '0' ? "" : width, length, letter);
}

static void test_format_integers(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++) {
        char format[32];
        const uint64_t x = random_bits() >> random_below(64);
        random_format(format, "", "dixu"[i % 4]);
        COMPARE(format, (int)(uint32_t)x);
        random_format(format, "l", "dixu"[i % 4]);
        COMPARE(format, (long)x);
        random_format(format, "ll", "dixu"[i % 4]);
        COMPARE(format, (long long)x);
        random_format(format, "z", "dixu"[i % 4]);
        COMPARE(format, (size_t)x);
    }
    COMPARE("%d %d %u", INT32_MIN, INT32_MAX, UINT32_MAX);
    COMPARE("%lld", (long long)INT64_MIN);
}

static void test_format_text(void **state)
{
    (void)state;
    COMPARE("%s|%10s|%-10s|%.2s|%10.2s|%.0s|", "abc", "abc", "abc", "abc",
        "abc", "abc");
    COMPARE("%.*s|%*s|%*s|%.*s", 2, "abc", 8, "abc", -8, "abc", -1, "abc");
    COMPARE("%c%c%%|%3c|%-3c|", 'a', 'b', 'c', 'd');
    const char unended[3] = {'x', 'y', 'z'};
    COMPARE("%.3s", unended);
    char out[8];
    assert_int_equal(basin_format(out, sizeof out, "%s", "0123456789"), 10);
    assert_string_equal(out, "0123456");
    assert_int_equal(basin_format(NULL, 0, "%s", "0123456789"), 10);
    out[0] = 'x';
    assert_int_equal(basin_format(out, 1, "abc"), 3);
    assert_string_equal(out, "");
    const char *volatile null = NULL; /* the compiler must not see it */
    basin_format(out, sizeof out, "%s", null);
    assert_string_equal(out, "(null)");
    const char *unknown = "%q%";
    basin_format(out, sizeof out, unknown);
    assert_string_equal(out, "%q%");
}

static void test_format_numbers(void **state)
{
    (void)state;
    for (int i = 0; i < 60000; i++) {
        char precision[8] = "", format[32];
        if (random_below(4))
            snprintf(precision, sizeof precision, ".%d",
                random_below(random_below(10) ? 20 : 800));
        random_format(format, precision, "efg"[i % 3]);
        const double x = random_number();
        COMPARE(format, x);
    }
    static const double special[] = {0.0, -0.0, inf, -inf, 0.5, 1.5, 2.5, 0.05,
        9.5, 99.5, 999999.5, 9999995e-1, 1e-4, 9.9999e-5, 1e5, 1e6, 5e-324,
        1.7976931348623157e308, 0.1, 123456789.0};
    for (size_t i = 0; i < sizeof special / sizeof *special; i++) {
        const double x = special[i];
        COMPARE("%g %e %f %.0f %.0e %.0g %.1f %.17g %.1000f", x, x, x, x, x, x,
            x, x, x);
        COMPARE("%08.2f|%-12g|%012e|%.*f", x, x, x, 3, x);
    }
    char out[8];
    basin_format(out, sizeof out, "%g", (double)NAN);
    assert_non_null(strstr(out, "nan"));
}

/* ------------------------------------------------------------------- parse */

static void check_parse(const char *text)
{
    double got = 12345.0;
    char *end;
    const double want = strtod(text, &end);
    const size_t n = basin_parse_number(&got, text, strlen(text));
    if (n != (size_t)(end - text) || (n && !same(got, want)))
        print_error("%s: %zu %a, but %td %a\n", text, n, got, end - text, want);
    assert_int_equal(n, end - text);
    if (n)
        assert_true(same(got, want));
}

static void test_parse_syntax(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "-", "+", ".", "-.", "e5", ".e5",
        "1", "+1", "-1", "1.", ".5", "-.5", "1.e5", "1e", "1e+", "1e-x", "1e5x",
        "1.5.5", "00012", "0.000", "-0", "inf", "-INF", "infinity", "Infinit",
        "nan", "NaN1", "na", "in", "--1", "1e400", "-1e400", "1e-400", "x1",
        "0e999999999999999999999", "1e999999999999999999999",
        "1e-999999999999999999999", "1E5", "1e05", "1e0000000000000000000001"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        check_parse(texts[i]);
    double x = 7;
    assert_int_equal(basin_parse_number(&x, "12345", 2), 2);
    assert_true(x == 12);
    assert_int_equal(basin_parse_number(&x, "1e5", 2), 1);
    assert_int_equal(basin_parse_number(&x, "infx", 2), 0);
    assert_int_equal(basin_parse_number(&x, NULL, 0), 0);
    assert_true(x == 1);
}

/* The text of a power of ten's worth of zeros, and other long ones. */
static void test_parse_long(void **state)
{
    (void)state;
    enum { N = 3000 };
    char text[N + 64];
    memset(text, '0', N);
    snprintf(text + N, 32, "1e%d", 10);
    check_parse(text);
    text[0] = '0';
    text[1] = '.';
    snprintf(text + N, 32, "123e%d", N);
    check_parse(text);
    memset(text, '9', N);
    snprintf(text + N, 32, "e-%d", N);
    check_parse(text);
    snprintf(text + N, 32, "e-%d", N + 320);
    check_parse(text);
}

/* Where long double is no wider than double (valgrind narrows it), it is no
 * reference: such tests are skipped. */
static void need_long_double(void)
{
    volatile long double x = 1.0L;
    x += 0x1p-60L;
    if (x == 1.0L)
        skip();
}

/* Halfway between a float64 and the next, to the last digit: the tie itself,
 * and a hair to either side. */
static void test_parse_halfway(void **state)
{
    (void)state;
    need_long_double();
    for (int i = 0; i < 3000; i++) {
        uint64_t bits = random_bits() & INT64_MAX;
        if (i % 3 == 0)
            bits %= UINT64_C(1) << (1 + random_below(54)); /* subnormal */
        if (i == 0)
            bits = 0;
        if (i == 1)
            bits = UINT64_C(0x7fefffffffffffff);
        if (!isfinite(from_bits(bits)))
            continue;
        /* long double has the bit that the midpoint needs */
        int e;
        const uint64_t m = basin__double_split(from_bits(bits), &e);
        const long double middle = ldexpl((long double)(2 * m + 1), e - 1);
        char text[1400];
        const int n = snprintf(text, sizeof text, "%.1090Le", middle);
        char *exponent = strchr(text, 'e');
        char tail[16];
        memcpy(tail, exponent, strlen(exponent) + 1);
        check_parse(text);
        assert_true(n < 1200);
        exponent[0] = '1'; /* above, in a digit far beyond any float64's */
        memcpy(exponent + 1, tail, strlen(tail) + 1);
        check_parse(text);
        /* below: lower the last nonzero digit by one, and nines after it */
        char *last = exponent - 1;
        while (*last == '0' || *last == '.') {
            if (*last == '0')
                *last = '9';
            last--;
        }
        --*last;
        check_parse(text);
    }
}

static void test_parse_random(void **state)
{
    (void)state;
    for (int i = 0; i < 200000; i++) {
        char text[64];
        const double x = random_number();
        switch (i % 4) {
        case 0: snprintf(text, sizeof text, "%.17g", x); break;
        case 1: snprintf(text, sizeof text, "%.*e", random_below(25), x); break;
        case 2:
            snprintf(text, sizeof text, "%llu.%llue%d",
                (unsigned long long)random_bits(),
                (unsigned long long)random_bits() >> random_below(64),
                random_below(700) - 380);
            break;
        default:
            snprintf(text, sizeof text, "%llue%d",
                (unsigned long long)random_bits() >> random_below(64),
                random_below(60) - 30);
        }
        check_parse(text);
    }
}

/* ------------------------------------------------------------------- print */

/* The fewest digits that read back, by trying. */
static int fewest_digits(double x, bool single)
{
    for (int n = 1;; n++) {
        char text[64];
        snprintf(text, sizeof text, "%.*e", n - 1, x);
        if (single ? strtof(text, NULL) == (float)x : strtod(text, NULL) == x)
            return n;
    }
}

static int significant_digits(const char *text)
{
    int n = 0, zeros = 0;
    for (; *text && *text != 'e'; text++) {
        if (*text < '0' || *text > '9' || (n == 0 && *text == '0'))
            continue;
        zeros = *text == '0' ? zeros + 1 : 0;
        n++;
    }
    return n - zeros;
}

static void test_print(void **state)
{
    (void)state;
    for (int i = 0; i < 40000; i++) {
        const bool single = i % 2;
        double x = random_number();
        if (single)
            x = (double)(float)x;
        char text[32];
        const size_t n = basin_print_number(text, x, single);
        assert_int_equal(n, strlen(text));
        if (!isfinite(x))
            continue;
        const double back = strtod(text, NULL);
        assert_true(same(back, x) || single);
        assert_true(!single || strtof(text, NULL) == (float)x);
        assert_true(
            x == 0 || significant_digits(text) <= fewest_digits(x, single));
    }
    static const struct {
        double x;
        bool single;
        const char *text;
    } known[] = {{0, false, "0"}, {-0.0, false, "-0"}, {1, false, "1"},
        {-3, true, "-3"}, {0.1, false, "0.1"}, {0.1, true, "0.1"},
        {(double)0.1f, true, "0.1"},
        {(double)0.1f, false, "0.10000000149011612"}, {1e22, false, "1e22"},
        {1e15, false, "1000000000000000"}, {1e-5, false, "1e-5"},
        {0.0001, false, "0.0001"}, {5e-324, false, "5e-324"},
        {0x1p-44, false, "5.684341886080802e-14"}, {0x1p-149, true, "1e-45"},
        {inf, false, "inf"}, {-inf, true, "-inf"},
        {1.7976931348623157e308, false, "1.7976931348623157e308"},
        {-1.2345678901234568e-300, false, "-1.2345678901234568e-300"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char text[32];
        basin_print_number(text, known[i].x, known[i].single);
        assert_string_equal(text, known[i].text);
    }
    char text[32];
    basin_print_number(text, (double)NAN, false);
    assert_string_equal(text, "nan");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format_integers),
        cmocka_unit_test(test_format_text),
        cmocka_unit_test(test_format_numbers),
        cmocka_unit_test(test_parse_syntax),
        cmocka_unit_test(test_parse_long),
        cmocka_unit_test(test_parse_halfway),
        cmocka_unit_test(test_parse_random),
        cmocka_unit_test(test_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
