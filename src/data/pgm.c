/* SPDX-License-Identifier: MIT
 *
 * PGM, raw: "P5", width, height and greatest value as words, with comments
 * between them, and a byte for each pixel. (Poskanzer, pgm(5).)
 */
#include "data/picture.h"

#include <string.h>

#include "data/text.h"

typedef struct reader {
    const unsigned char *data;
    size_t size, at;
} reader;

static bool is_space(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A number of the head, after spaces and comments; -1: there is none, or it is
 * too large for a picture. */
static int64_t next_number(reader *r)
{
    enum { MOST = 1 << 24 };
    while (r->at < r->size &&
           (is_space(r->data[r->at]) || r->data[r->at] == '#')) {
        bool comment = r->data[r->at] == '#';
        while (comment && r->at + 1 < r->size && r->data[r->at + 1] != '\n')
            r->at++;
        r->at++;
    }
    int64_t value = 0;
    size_t begun = r->at;
    while (r->at < r->size && r->data[r->at] >= '0' && r->data[r->at] <= '9' &&
           value <= MOST)
        value = 10 * value + r->data[r->at++] - '0';
    return r->at > begun && value <= MOST ? value : -1;
}

basin_status basin__pgm_view(
    basin__picture *out, const void *data, size_t size, basin_error *error)
{
    reader r = {.data = data, .size = size, .at = 2};
    BASIN_REQUIRE(size >= 2 && memcmp(data, "P5", 2) == 0, error,
        BASIN_E_FORMAT, "not a raw PGM picture: it does not begin with P5");
    int64_t width = next_number(&r), height = next_number(&r);
    int64_t most = next_number(&r);
    BASIN_REQUIRE(width > 0 && height > 0, error, BASIN_E_FORMAT,
        "the PGM picture has no width and height, as whole numbers above 0");
    BASIN_REQUIRE(most > 0 && most <= 255, error, BASIN_E_FORMAT,
        "the PGM picture's greatest value must be from 1 to 255");
    BASIN_REQUIRE(r.at < size && is_space(r.data[r.at]), error, BASIN_E_FORMAT,
        "the PGM picture ends in its head");
    r.at++;
    BASIN_REQUIRE((uint64_t)(width * height) <= size - r.at, error,
        BASIN_E_FORMAT,
        "the PGM picture has %zu bytes of pixels; its head promises %lld",
        size - r.at, (long long)(width * height));
    *out = (basin__picture){.width = (int)width,
        .height = (int)height,
        .channels = 1,
        .most = (int)most,
        .pixels = r.data + r.at};
    return BASIN_OK;
}
