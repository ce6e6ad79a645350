/* SPDX-License-Identifier: MIT
 *
 * Wapiti's models: a head with the model's type, the patterns, the labels, the
 * observations, and the weights that are not 0. Names are written as their
 * length, a colon, their bytes and a comma. An observation that begins with u
 * or * has a weight for each label, one that begins with b or * then one for
 * each pair of labels; they are numbered through in the order of the
 * observations.
 */
#include "data/weights.h"

#include <math.h>
#include <string.h>

/** Where the weights of an observation begin, and what they are. */
typedef struct block {
    int64_t first;
    int64_t size;
    int32_t id; /* -1: the plain transition */
    bool edge;
} block;

static basin_status refuse(basin__model *m, const char *expected)
{
    if (m->at >= m->size)
        return basin_error_set(m->error, BASIN_E_FORMAT,
            "Wapiti's model is cut off at byte %zu: %s is expected", m->at,
            expected);
    return BASIN__REFUSE(m, 0, "%s is expected", expected);
}

/** The next name; what is in it may contain ends of lines. */
static basin_status read_string(
    basin__model *m, const char **text, size_t *length)
{
    const char *from = m->data + m->at;
    const char *colon =
        m->at < m->size ? memchr(from, ':', m->size - m->at) : NULL;
    int64_t size;
    m->number++;
    m->line = from;
    if (!colon ||
        !basin__model_number(from, (size_t)(colon - from), INT32_MAX, &size))
        return refuse(m, "a name with its length before it, as in 4:B-NP,");
    size_t begin = (size_t)(colon + 1 - m->data);
    if (m->size - begin < (size_t)size + 2 ||
        memcmp(m->data + begin + size, ",\n", 2))
        return refuse(m, "a name as long as is said before it, and a comma");
    *text = m->data + begin;
    *length = (size_t)size;
    for (size_t i = 0; i < *length; i++)
        m->number += (*text)[i] == '\n';
    m->at = begin + (size_t)size + 2;
    return BASIN_OK;
}

/** "#tag#A" or "#tag#A<separator>B...": whole numbers. @return how many */
static int read_head(
    basin__model *m, const char *tag, char separator, int64_t *out, int most)
{
    size_t n = strlen(tag);
    if (!basin__model_line(m) || m->length < n || memcmp(m->line, tag, n))
        return 0;
    int count = 0;
    for (size_t at = n; count < most; at++) {
        size_t begin = at;
        while (at < m->length && m->line[at] != separator)
            at++;
        if (!basin__model_number(
                m->line + begin, at - begin, INT64_MAX / 16, &out[count]))
            return 0;
        count++;
        if (at >= m->length)
            return count;
    }
    return 0;
}

static basin_status read_patterns(basin__model *m, int64_t n)
{
    if (n == 0)
        return BASIN_OK;
    basin_bytes text;
    basin_bytes_init(&text, basin__model_context(m));
    int line = m->number + 1;
    basin_status status = BASIN_OK;
    for (int64_t i = 0; i < n && status == BASIN_OK; i++) {
        const char *pattern;
        size_t length;
        status = read_string(m, &pattern, &length);
        if (status == BASIN_OK)
            status = basin_bytes_append(&text, pattern, length, m->error);
        if (status == BASIN_OK)
            status = basin_bytes_append(&text, "\n", 1, m->error);
    }
    if (status == BASIN_OK)
        status = basin__model_template(
            m, (const char *)text.data, text.size, BASIN_DIALECT_WAPITI, line);
    basin_bytes_finish(&text);
    return status;
}

static basin_status read_labels(basin__model *m)
{
    int64_t n;
    if (read_head(m, "#qrk#", '\0', &n, 1) != 1)
        return refuse(m, "#qrk# and the number of labels");
    for (int64_t i = 0; i < n; i++) {
        const char *text;
        size_t length;
        BASIN_TRY(read_string(m, &text, &length));
        BASIN_TRY(basin__model_name(m, m->w->labels, text, length));
    }
    return BASIN_OK;
}

/** An observation: a block of weights for nodes, one for steps, or both. */
static basin_status add_blocks(basin__model *m, const char *text, size_t length,
    int64_t *next, basin_bytes *blocks)
{
    int64_t labels = basin_dictionary_count(m->w->labels);
    char kind = length ? text[0] : '\0';
    if (kind != 'u' && kind != 'b' && kind != '*')
        return refuse(m, "a name that begins with u, b or *");
    for (int edge = 0; edge < 2; edge++) {
        if (kind == (edge ? 'u' : 'b'))
            continue;
        block b = {*next, edge ? labels * labels : labels, -1, edge};
        BASIN_REQUIRE(b.size < (INT64_C(1) << 56) - b.first, m->error,
            BASIN_E_RANGE, "the model has more than 2^56 weights");
        *next += b.size;
        if (!edge || !basin__model_is_plain(m, text, length)) {
            basin_dictionary *d = edge ? m->w->edges : m->w->nodes;
            b.id = basin_dictionary_count(d);
            BASIN_TRY(basin__model_name(m, d, text, length));
        }
        BASIN_TRY(basin_bytes_append(blocks, &b, sizeof b, m->error));
    }
    return BASIN_OK;
}

static basin_status read_observations(
    basin__model *m, int64_t *weights, basin_bytes *blocks)
{
    int64_t n;
    *weights = 0;
    if (read_head(m, "#qrk#", '\0', &n, 1) != 1)
        return refuse(m, "#qrk# and the number of observations");
    for (int64_t i = 0; i < n; i++) {
        const char *text;
        size_t length;
        BASIN_TRY(read_string(m, &text, &length));
        BASIN_TRY(add_blocks(m, text, length, weights, blocks));
    }
    return BASIN_OK;
}

/* ----------------------------------------------------------------- weights */

static int hex_digit(char c)
{
    char small = (char)(c | 32);
    return c >= '0' && c <= '9'           ? c - '0'
           : small >= 'a' && small <= 'f' ? small - 'a' + 10
                                          : -1;
}

/** C's %a: 0x1.8p-3. A mantissa of up to 14 digits is exact. */
static bool read_hexadecimal(const char *text, size_t length, double *out)
{
    bool minus = length > 0 && text[0] == '-';
    size_t i = minus;
    if (length < i + 3 || text[i] != '0' || (text[i + 1] | 32) != 'x')
        return false;
    uint64_t mantissa = 0;
    int digits = 0, behind = 0;
    bool point = false;
    for (i += 2; i < length && (text[i] | 32) != 'p'; i++) {
        if (text[i] == '.' && !point) {
            point = true;
            continue;
        }
        int digit = hex_digit(text[i]);
        if (digit < 0 || ++digits > 14)
            return false;
        mantissa = mantissa * 16 + (uint64_t)digit;
        behind += point;
    }
    int64_t exponent;
    bool negative = i + 1 < length && text[i + 1] == '-';
    size_t sign = i + 1 < length && (negative || text[i + 1] == '+');
    if (i >= length || digits == 0 ||
        !basin__model_number(
            text + i + 1 + sign, length - i - 1 - sign, 4000, &exponent))
        return false;
    *out = ldexp(
        (double)mantissa, (int)(negative ? -exponent : exponent) - 4 * behind);
    *out = minus ? -*out : *out;
    return isfinite(*out);
}

/** The block that has the weight of this number. */
static const block *find_block(const block *blocks, size_t n, int64_t number)
{
    size_t low = 0;
    while (n > 1) {
        size_t half = n / 2;
        if (blocks[low + half].first <= number) {
            low += half;
            n -= half;
        } else
            n = half;
    }
    return &blocks[low];
}

static basin_status read_weights(basin__model *m, int64_t active,
    int64_t weights, const block *blocks, size_t n_blocks)
{
    int32_t labels = basin_dictionary_count(m->w->labels);
    for (int64_t i = 0; i < active; i++) {
        if (!basin__model_line(m))
            return basin_error_set(m->error, BASIN_E_FORMAT,
                "Wapiti's model is cut off: %lld weights are there, and %lld "
                "are expected",
                (long long)i, (long long)active);
        const char *equals = memchr(m->line, '=', m->length);
        size_t digits = equals ? (size_t)(equals - m->line) : m->length;
        int64_t number;
        double value;
        if (!equals ||
            !basin__model_number(m->line, digits, weights - 1, &number))
            return BASIN__REFUSE(m, 0,
                "the number of a weight, at most %lld, and = are expected",
                (long long)weights - 1);
        const char *text = equals + 1;
        size_t length = m->length - digits - 1;
        if (!read_hexadecimal(text, length, &value) &&
            !basin__model_value(text, length, &value))
            return BASIN__REFUSE(m, digits + 1,
                "a weight is expected, such as 0x1.8p-3 or 0.1875");
        const block *b = find_block(blocks, n_blocks, number);
        int64_t at = number - b->first;
        basin_chain_weight weight = {b->id,
            b->edge ? (int32_t)(at / labels) : -1, (int32_t)(at % labels),
            value};
        BASIN_TRY(basin_chain_weights_add(m->w, weight, m->error));
    }
    return basin__model_ended(m, "Wapiti's model");
}

static basin_status read_body(
    basin__model *m, int64_t active, basin_bytes *blocks)
{
    int64_t weights;
    BASIN_TRY(read_labels(m));
    BASIN_TRY(read_observations(m, &weights, blocks));
    return read_weights(m, active, weights,
        (const block *)(const void *)blocks->data,
        blocks->size / sizeof(block));
}

basin_status basin__wapiti_read(basin__model *m)
{
    static const basin_weights_kind kinds[] = {
        BASIN_WEIGHTS_MAXENT, BASIN_WEIGHTS_MEMM, BASIN_WEIGHTS_CRF};
    int64_t head[2], reader[3] = {0};
    m->w->source = BASIN_WEIGHTS_WAPITI;
    int n = read_head(m, "#mdl#", '#', head, 2);
    if (n == 0 || (n == 2 && head[0] > 2))
        return refuse(m, "#mdl#, the type of the model (0 to 2), # and the "
                         "number of weights");
    /* before the types there were only chains */
    m->w->kind = n == 2 ? kinds[head[0]] : BASIN_WEIGHTS_CRF;
    int parts = read_head(m, "#rdr#", '/', reader, 3);
    if (parts < 2)
        return refuse(m, "#rdr#, the numbers of patterns and of columns");
    BASIN_REQUIRE(!reader[2], m->error, BASIN_E_SERVE,
        "the model was trained with wapiti's --me, whose patterns have no "
        "kinds; train it with -T maxent and patterns that begin with u");
    BASIN_TRY(read_patterns(m, reader[0]));
    basin_bytes blocks;
    basin_bytes_init(&blocks, basin__model_context(m));
    basin_status status = read_body(m, head[n - 1], &blocks);
    basin_bytes_finish(&blocks);
    return status;
}
