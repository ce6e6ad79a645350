/* SPDX-License-Identifier: MIT
 *
 * NumPy's .npy: a magic word, a version, a header that is a Python dict of
 * three keys, and the values. Nothing in the file is trusted: all is checked
 * before memory is asked for. (NumPy, numpy/lib/format.py.)
 */
#include "data/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
    MAGIC = 6,
    DIMS = 4,
    ALIGN = 64,
    GROWTH = 21 /* NumPy leaves room for the first size to grow to this */
};
static const char magic[] = "\x93NUMPY";

typedef struct reader {
    const unsigned char *data;
    size_t size;    /* of the file */
    size_t at, end; /* the header's bytes that are not read yet */
    basin_error *error;
    /* what the header says */
    char kind;   /* 'f', 'i', 'u'; 0: not yet said */
    int width;   /* bytes a value */
    bool big;    /* big-endian */
    int fortran; /* -1: not yet said */
    int n_dims;  /* -1: not yet said */
    int64_t dims[DIMS];
} reader;

/* ------------------------------------------------------------------ header */

static void skip_space(reader *r)
{
    while (r->at < r->end && memchr(" \t\r\n\f\v", r->data[r->at], 6))
        r->at++;
}

/** Skip space, and take `c` if it is next. */
static bool take(reader *r, char c)
{
    skip_space(r);
    if (r->at >= r->end || r->data[r->at] != (unsigned char)c)
        return false;
    r->at++;
    return true;
}

static basin_status expect(reader *r, char c)
{
    BASIN_REQUIRE(take(r, c), r->error, BASIN_E_FORMAT,
        "not a .npy file: '%c' is expected at byte %zu of the header", c,
        r->at);
    return BASIN_OK;
}

/** A Python string; NumPy never writes an escape, so none is taken. */
static basin_status read_string(reader *r, const char **out, size_t *length)
{
    char quote = take(r, '\'') ? '\'' : take(r, '"') ? '"' : '\0';
    BASIN_REQUIRE(quote, r->error, BASIN_E_FORMAT,
        "not a .npy file: a quoted word is expected at byte %zu", r->at);
    size_t start = r->at;
    while (r->at < r->end && r->data[r->at] != (unsigned char)quote) {
        BASIN_REQUIRE(r->data[r->at] != '\\' && r->data[r->at] >= ' ', r->error,
            BASIN_E_FORMAT,
            "not a .npy file: byte %zu of the header is not allowed in a word",
            r->at);
        r->at++;
    }
    BASIN_REQUIRE(r->at < r->end, r->error, BASIN_E_FORMAT,
        "not a .npy file: the word at byte %zu of the header has no end",
        start);
    *out = (const char *)r->data + start;
    *length = r->at++ - start;
    return BASIN_OK;
}

static bool word_is(const char *word, size_t length, const char *text)
{
    return length == strlen(text) && !memcmp(word, text, length);
}

static basin_status read_descr(reader *r)
{
    const char *d;
    size_t length;
    char quote[BASIN__QUOTE];
    skip_space(r);
    BASIN_REQUIRE(r->at >= r->end || r->data[r->at] != '[', r->error,
        BASIN_E_FORMAT,
        "the array is a record of several fields (byte %zu); save one field, "
        "as float32",
        r->at);
    BASIN_TRY(read_string(r, &d, &length));
    bool right = length == 3 && strchr("<>|", d[0]) && strchr("fiu", d[1]) &&
                 strchr(d[1] == 'f' ? "48" : "1248", d[2]) && d[0] && d[1] &&
                 d[2] && (d[0] != '|' || d[2] == '1');
    BASIN_REQUIRE(right, r->error, BASIN_E_FORMAT,
        "values of the type '%s' are not read; save them with "
        ".astype('float32')",
        basin__quote(quote, d, length));
    r->big = d[0] == '>';
    r->kind = d[1];
    r->width = d[2] - '0';
    return BASIN_OK;
}

static basin_status read_order(reader *r)
{
    skip_space(r);
    size_t left = r->end - r->at;
    const char *text = (const char *)r->data + r->at;
    if (left >= 4 && !memcmp(text, "True", 4))
        r->fortran = 1;
    else if (left >= 5 && !memcmp(text, "False", 5))
        r->fortran = 0;
    else
        return basin_error_set(r->error, BASIN_E_FORMAT,
            "not a .npy file: True or False is expected at byte %zu", r->at);
    r->at += r->fortran ? 4 : 5;
    return BASIN_OK;
}

static basin_status read_size(reader *r, int64_t *out)
{
    skip_space(r);
    size_t start = r->at;
    uint64_t value = 0;
    while (r->at < r->end && r->data[r->at] >= '0' && r->data[r->at] <= '9') {
        unsigned digit = r->data[r->at] - '0';
        BASIN_REQUIRE(value <= ((uint64_t)INT64_MAX - digit) / 10, r->error,
            BASIN_E_FORMAT, "the size at byte %zu of the header is too large",
            start);
        value = value * 10 + digit;
        r->at++;
    }
    BASIN_REQUIRE(r->at > start, r->error, BASIN_E_FORMAT,
        "not a .npy file: a size is expected at byte %zu of the header", start);
    if (r->at < r->end && r->data[r->at] == 'L') /* Python 2's long */
        r->at++;
    *out = (int64_t)value;
    return BASIN_OK;
}

/** A tuple: (), (3,), (3, 4), (3, 4,). A lone (3) is a number in Python. */
static basin_status read_shape(reader *r)
{
    BASIN_TRY(expect(r, '('));
    r->n_dims = 0;
    bool comma = true;
    while (!take(r, ')')) {
        BASIN_REQUIRE(comma, r->error, BASIN_E_FORMAT,
            "not a .npy file: ',' or ')' is expected at byte %zu", r->at);
        BASIN_REQUIRE(r->n_dims < DIMS, r->error, BASIN_E_FORMAT,
            "the array has more than %d dimensions; reshape it", DIMS);
        BASIN_TRY(read_size(r, &r->dims[r->n_dims++]));
        comma = take(r, ',');
    }
    BASIN_REQUIRE(r->n_dims != 1 || comma, r->error, BASIN_E_FORMAT,
        "not a .npy file: the shape before byte %zu is not a tuple", r->at);
    return BASIN_OK;
}

static basin_status read_dict(reader *r)
{
    static const char *const names[] = {"descr", "fortran_order", "shape"};
    static basin_status (*const values[])(reader *) = {
        read_descr, read_order, read_shape};
    unsigned seen = 0;
    BASIN_TRY(expect(r, '{'));
    for (bool comma = true; !take(r, '}'); comma = take(r, ',')) {
        const char *key;
        size_t length, start = r->at;
        char quote[BASIN__QUOTE];
        BASIN_REQUIRE(comma, r->error, BASIN_E_FORMAT,
            "not a .npy file: ',' or '}' is expected at byte %zu", r->at);
        BASIN_TRY(read_string(r, &key, &length));
        int k = 0;
        while (k < 3 && !word_is(key, length, names[k]))
            k++;
        BASIN_REQUIRE(k < 3 && !(seen & 1u << k), r->error, BASIN_E_FORMAT,
            "the key '%s' at byte %zu of the header is %s",
            basin__quote(quote, key, length), start,
            k < 3 ? "there twice" : "not one of descr, fortran_order, shape");
        seen |= 1u << k;
        BASIN_TRY(expect(r, ':'));
        BASIN_TRY(values[k](r));
    }
    for (int k = 0; k < 3; k++)
        BASIN_REQUIRE(seen & 1u << k, r->error, BASIN_E_FORMAT,
            "the header lacks the key '%s'", names[k]);
    skip_space(r);
    BASIN_REQUIRE(r->at == r->end, r->error, BASIN_E_FORMAT,
        "not a .npy file: byte %zu comes after the end of the header's dict",
        r->at);
    return BASIN_OK;
}

/** Find the header and read it; r->end is then where the values start. */
static basin_status read_header(reader *r)
{
    BASIN_REQUIRE(r->size > 0, r->error, BASIN_E_FORMAT,
        "the file is empty; a .npy array is expected");
    size_t n = r->size < MAGIC ? r->size : MAGIC;
    BASIN_REQUIRE(!memcmp(r->data, magic, n), r->error, BASIN_E_FORMAT,
        "not a .npy file: it does not start with NumPy's magic word%s",
        n > 1 && !memcmp(r->data, "PK", 2)
            ? " (a .npz archive? save one array with numpy.save)"
            : "");
    size_t fixed = r->size > MAGIC && r->data[MAGIC] > 1 ? 12 : 10;
    BASIN_REQUIRE(r->size >= fixed, r->error, BASIN_E_FORMAT,
        "the file is cut off at byte %zu, within the first %zu bytes", r->size,
        fixed);
    unsigned major = r->data[MAGIC], minor = r->data[MAGIC + 1];
    BASIN_REQUIRE(major >= 1 && major <= 3 && minor == 0, r->error,
        BASIN_E_FORMAT,
        "the .npy format %u.%u is not read; 1.0, 2.0 and 3.0 are", major,
        minor);
    size_t length = 0;
    for (size_t i = fixed; i-- > MAGIC + 2;)
        length = length << 8 | r->data[i];
    BASIN_REQUIRE(length <= r->size - fixed, r->error, BASIN_E_FORMAT,
        "the header should have %zu bytes, but the file is cut off at byte "
        "%zu",
        length, r->size);
    r->at = fixed;
    r->end = fixed + length;
    return read_dict(r);
}

/* ------------------------------------------------------------------ values */

static basin_status check_length(reader *r)
{
    size_t bytes = (size_t)r->width, left = r->size - r->end;
    for (int i = 0; i < r->n_dims; i++) {
        size_t d = (size_t)r->dims[i];
        BASIN_REQUIRE(d == 0 || bytes <= PTRDIFF_MAX / d, r->error,
            BASIN_E_FORMAT, "the header declares more values than can be");
        bytes *= d;
    }
    BASIN_REQUIRE(left >= bytes, r->error, BASIN_E_FORMAT,
        "the file is cut off at byte %zu: the values should go on to byte %zu",
        r->size, r->end + bytes);
    BASIN_REQUIRE(left == bytes, r->error, BASIN_E_FORMAT,
        "the values should end at byte %zu, but the file goes on to byte %zu",
        r->end + bytes, r->size);
    return BASIN_OK;
}

static basin_status convert(const reader *r, size_t at, float *out)
{
    uint64_t bits = 0;
    for (int i = 0; i < r->width; i++)
        bits = bits << 8 | r->data[at + (r->big ? i : r->width - 1 - i)];
    if (r->kind == 'u')
        *out = (float)bits;
    else if (r->kind == 'i') {
        uint64_t sign = (uint64_t)1 << (8 * r->width - 1);
        /* -1 - ~x, for a cast of what is above INT64_MAX is not portable */
        *out = bits & sign ? (float)(-1 - (int64_t)(~bits & (sign - 1)))
                           : (float)(int64_t)bits;
    } else if (r->width == 4) {
        uint32_t half = (uint32_t)bits;
        memcpy(out, &half, sizeof half);
    } else {
        double value;
        memcpy(&value, &bits, sizeof value);
        /* from here on, the nearest float32 would be infinite */
        BASIN_REQUIRE(!(fabs(value) >= 0x1.ffffffp127) || isinf(value),
            r->error, BASIN_E_FORMAT,
            "the value at byte %zu, %.9g, is too large for a float32", at,
            value);
        *out = (float)value;
    }
    return BASIN_OK;
}

/** Copy in the order of C, wherever the file has each value. */
static basin_status read_values(const reader *r, basin_array *out)
{
    size_t step[DIMS], index[DIMS] = {0}, at = r->end, each = (size_t)r->width;
    for (int k = 0; k < r->n_dims; k++) {
        int i = r->fortran ? k : r->n_dims - 1 - k;
        step[i] = each;
        each *= (size_t)r->dims[i];
    }
    size_t count = basin_array_size(out);
    for (size_t n = 0; n < count; n++) {
        BASIN_TRY(convert(r, at, &out->values[n]));
        for (int i = r->n_dims - 1; i >= 0; i--) {
            at += step[i];
            if (++index[i] < (size_t)r->dims[i])
                break;
            at -= step[i] * index[i];
            index[i] = 0;
        }
    }
    return BASIN_OK;
}

basin_status basin_npy_read(basin_array *out, basin_context *ctx,
    const void *data, size_t size, basin_error *error)
{
    *out = (basin_array){.ctx = ctx};
    reader r = {.data = data, .size = size, .error = error};
    BASIN_TRY(read_header(&r));
    BASIN_TRY(check_length(&r));
    basin_array array;
    BASIN_TRY(basin_array_init(&array, ctx, r.n_dims, r.dims, error));
    basin_status status = read_values(&r, &array);
    if (status != BASIN_OK)
        basin_array_finish(&array);
    *out = array;
    return status;
}

/* ----------------------------------------------------------------- writing */

static basin_status append_float(
    basin_bytes *out, float value, basin_error *error)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    unsigned char bytes[4];
    for (int i = 0; i < 4; i++)
        bytes[i] = (unsigned char)(bits >> (8 * i));
    return basin_bytes_append(out, bytes, 4, error);
}

basin_status basin_npy_write(
    basin_bytes *out, const basin_array *array, basin_error *error)
{
    size_t count = basin_array_size(array), start = out->size;
    char shape[128], first[32];
    size_t used = 0;
    for (int i = 0; i < array->n_dims; i++)
        used += basin_format(shape + used, sizeof shape - used, "%s%lld",
            i ? ", " : "", (long long)array->dims[i]);
    shape[used] = '\0';
    size_t digits = array->n_dims ? basin_format(first, sizeof first, "%lld",
                                        (long long)array->dims[0])
                                  : GROWTH;
    char header[256];
    size_t length = basin_format(header, sizeof header,
        "{'descr': '<f4', 'fortran_order': False, 'shape': (%s%s), }", shape,
        array->n_dims == 1 ? "," : "");
    /* the padding of NumPy's own writer, to the byte */
    size_t total = MAGIC + 4 + length + (GROWTH - digits) + 1;
    total += (ALIGN - total % ALIGN) % ALIGN;
    BASIN_TRY(basin__bytes_reserve(out, total + 4 * count, error));
    unsigned char fixed[4] = {1, 0, (unsigned char)((total - 10) & 255),
        (unsigned char)((total - 10) >> 8)};
    BASIN_TRY(basin_bytes_append(out, magic, MAGIC, error));
    BASIN_TRY(basin_bytes_append(out, fixed, 4, error));
    BASIN_TRY(basin_bytes_append(out, header, length, error));
    while (out->size - start < total - 1)
        BASIN_TRY(basin_bytes_append(out, " ", 1, error));
    BASIN_TRY(basin_bytes_append(out, "\n", 1, error));
    for (size_t i = 0; i < count; i++)
        BASIN_TRY(append_float(out, array->values[i], error));
    return BASIN_OK;
}
