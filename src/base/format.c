/* SPDX-License-Identifier: MIT
 *
 * A formatter without stdio and without locale, so that the core runs where
 * there is neither, and a number looks the same in Berlin and in Boston. It
 * rounds correctly and agrees with printf in what it knows.
 */
#include "base/decimal.h"
#include "basin/base.h"

#include <float.h>
#include <string.h>

/* Where text goes; beyond `size` it is only counted. */
typedef struct sink {
    char *out;
    size_t size, length;
} sink;

/* One conversion: %[flags][width][.precision][length]letter */
typedef struct directive {
    bool left, zeros;
    int width;
    int precision; /* -1: not given */
    int longs;     /* 0: int, 1: long, 2: long long, 3: size_t */
    char letter;
} directive;

/* Wider than this is a mistake, and must not overflow an int. */
#define WIDTH_MAX 100000

static void put(sink *s, char c)
{
    if (s->length + 1 < s->size)
        s->out[s->length] = c;
    s->length++;
}

static void put_text(sink *s, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        put(s, text[i]);
}

static void put_many(sink *s, char c, int n)
{
    while (n-- > 0)
        put(s, c);
}

/* Text of `length` to the left or right of its padding; zeros go between the
 * sign and the digits. */
static void pad_before(sink *s, const directive *d, size_t length, bool minus)
{
    const int n = length < (size_t)d->width ? d->width - (int)length : 0;
    if (!d->left && !d->zeros)
        put_many(s, ' ', n);
    if (minus)
        put(s, '-');
    if (!d->left && d->zeros)
        put_many(s, '0', n);
}

static void pad_after(sink *s, const directive *d, size_t length)
{
    if (d->left && length < (size_t)d->width)
        put_many(s, ' ', d->width - (int)length);
}

static void put_string(sink *s, const directive *d, const char *text)
{
    if (!text)
        text = "(null)";
    size_t n = 0;
    /* With a precision the text need not end in NUL. */
    while ((d->precision < 0 || n < (size_t)d->precision) && text[n])
        n++;
    directive plain = *d;
    plain.zeros = false;
    pad_before(s, &plain, n, false);
    put_text(s, text, n);
    pad_after(s, d, n);
}

static void put_integer(
    sink *s, const directive *d, uint64_t value, bool minus, unsigned base)
{
    char digits[20];
    size_t n = 0;
    do
        digits[n++] = "0123456789abcdef"[value % base];
    while (value /= base);
    const size_t length = n + minus;
    pad_before(s, d, length, minus);
    while (n > 0)
        put(s, digits[--n]);
    pad_after(s, d, length);
}

/* ---------------------------------------------------------------- numbers */

static char digit_at(const basin__decimal *a, int i)
{
    return i >= 0 && i < a->n ? a->digit[i] : '0';
}

/* d.ddd with `decimals` places */
static void put_fixed(sink *s, const basin__decimal *a, int decimals)
{
    if (a->point <= 0 || a->n == 0)
        put(s, '0');
    else
        for (int i = 0; i < a->point; i++)
            put(s, digit_at(a, i));
    if (decimals > 0)
        put(s, '.');
    const int first = a->n ? a->point : 0;
    for (int i = 0; i < decimals; i++)
        put(s, digit_at(a, first + i));
}

/* d.ddde+xx with `decimals` places */
static void put_scientific(sink *s, const basin__decimal *a, int decimals)
{
    put(s, digit_at(a, 0));
    if (decimals > 0)
        put(s, '.');
    for (int i = 1; i <= decimals; i++)
        put(s, digit_at(a, i));
    int e = a->point - 1;
    put(s, 'e');
    put(s, e < 0 ? '-' : '+');
    e = e < 0 ? -e : e;
    if (e >= 100)
        put(s, (char)('0' + e / 100));
    put(s, (char)('0' + e / 10 % 10));
    put(s, (char)('0' + e % 10));
}

static void put_number(sink *s, const directive *d, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    const bool minus = bits >> 63;
    if (!(value >= -DBL_MAX && value <= DBL_MAX)) {
        directive plain = *d;
        plain.zeros = false;
        pad_before(s, &plain, 3u + minus, minus);
        put_text(s, value != value ? "nan" : "inf", 3);
        pad_after(s, d, 3u + minus);
        return;
    }
    basin__decimal a;
    basin__decimal_set(&a, value);
    int places = d->precision < 0 ? 6 : d->precision;
    bool scientific = d->letter == 'e';
    if (d->letter == 'f') {
        basin__decimal_round(&a, a.point + places);
    } else if (d->letter == 'e') {
        basin__decimal_round(&a, places + 1);
    } else {
        /* C11 7.21.6.1: by the exponent that %e would show; zeros at the end
         * go. */
        const int significant = places > 0 ? places : 1;
        basin__decimal_round(&a, significant);
        const int e = a.point - 1;
        scientific = e < -4 || e >= significant;
        places = scientific ? a.n - 1 : a.n - a.point;
        if (places < 0 || a.n == 0)
            places = 0;
    }
    sink measure = {NULL, 0, 0};
    (scientific ? put_scientific : put_fixed)(&measure, &a, places);
    pad_before(s, d, measure.length + minus, minus);
    (scientific ? put_scientific : put_fixed)(s, &a, places);
    pad_after(s, d, measure.length + minus);
}

/* ------------------------------------------------------------- directives */

static int read_count(const char **p)
{
    int n = 0;
    for (; **p >= '0' && **p <= '9'; (*p)++)
        if (n < WIDTH_MAX)
            n = n * 10 + (**p - '0');
    return n < WIDTH_MAX ? n : WIDTH_MAX;
}

static int clip_count(int n)
{
    return n < -WIDTH_MAX ? -WIDTH_MAX : n > WIDTH_MAX ? WIDTH_MAX : n;
}

static int64_t signed_value(int longs, va_list *args)
{
    switch (longs) {
    case 0: return va_arg(*args, int);
    case 1: return va_arg(*args, long);
    case 2: return va_arg(*args, long long);
    default: return (int64_t)va_arg(*args, size_t);
    }
}

static uint64_t unsigned_value(int longs, va_list *args)
{
    switch (longs) {
    case 0: return va_arg(*args, unsigned);
    case 1: return va_arg(*args, unsigned long);
    case 2: return va_arg(*args, unsigned long long);
    default: return va_arg(*args, size_t);
    }
}

/* What stands behind a '%', up to the letter; @return after the letter. */
static const char *read_directive(directive *d, const char *p, va_list *args)
{
    *d = (directive){.precision = -1};
    for (; *p == '-' || *p == '0'; p++) {
        if (*p == '-')
            d->left = true;
        else
            d->zeros = true;
    }
    if (*p == '*') {
        d->width = clip_count(va_arg(*args, int));
        p++;
    } else {
        d->width = read_count(&p);
    }
    if (d->width < 0) {
        d->left = true;
        d->width = -d->width;
    }
    if (*p == '.') {
        p++;
        if (*p == '*') {
            d->precision = clip_count(va_arg(*args, int));
            p++;
        } else {
            d->precision = read_count(&p);
        }
        if (d->precision < 0)
            d->precision = -1;
    }
    for (; *p == 'l' || *p == 'z'; p++)
        d->longs = *p == 'z' ? 3 : d->longs < 2 ? d->longs + 1 : 2;
    d->letter = *p;
    return *p ? p + 1 : p;
}

static void put_directive(
    sink *s, const directive *d, va_list *args, const char *text, size_t length)
{
    switch (d->letter) {
    case 's': put_string(s, d, va_arg(*args, const char *)); return;
    case 'd':
    case 'i': {
        const int64_t value = signed_value(d->longs, args);
        const uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
        put_integer(s, d, size, value < 0, 10);
        return;
    }
    case 'u':
        put_integer(s, d, unsigned_value(d->longs, args), false, 10);
        return;
    case 'x':
        put_integer(s, d, unsigned_value(d->longs, args), false, 16);
        return;
    case 'c': {
        const char c = (char)va_arg(*args, int);
        directive plain = *d;
        plain.zeros = false;
        pad_before(s, &plain, 1, false);
        put(s, c);
        pad_after(s, d, 1);
        return;
    }
    case 'e':
    case 'f':
    case 'g': put_number(s, d, va_arg(*args, double)); return;
    case '%': put(s, '%'); return;
    default: put_text(s, text, length); /* show what is not known */
    }
}

size_t basin_vformat(char *out, size_t size, const char *format, va_list args)
{
    sink s = {out, size, 0};
    /* An array type cannot be passed on by address; a copy can. */
    va_list rest;
    va_copy(rest, args);
    for (const char *p = format; *p;) {
        if (*p != '%') {
            put(&s, *p++);
            continue;
        }
        directive d;
        const char *end = read_directive(&d, p + 1, &rest);
        put_directive(&s, &d, &rest, p, (size_t)(end - p));
        p = end;
    }
    va_end(rest);
    if (size > 0)
        out[s.length < size ? s.length : size - 1] = '\0';
    return s.length;
}

size_t basin_format(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const size_t length = basin_vformat(out, size, format, args);
    va_end(args);
    return length;
}
