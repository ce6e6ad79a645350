/* SPDX-License-Identifier: MIT
 *
 * The growing page: escaping, numbers, and pictures as base64 (RFC 4648).
 */
#include "view/html.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *room_for(view_html *html, size_t more)
{
    if (html->failed)
        return NULL;
    if (html->size + more + 1 > html->capacity) {
        size_t capacity = (html->size + more + 1) * 3 / 2 + 4096;
        char *text = realloc(html->text, capacity);
        if (!text) {
            html->failed = true;
            return NULL;
        }
        html->text = text;
        html->capacity = capacity;
    }
    return html->text + html->size;
}

static void append(view_html *html, const char *bytes, size_t n)
{
    char *to = room_for(html, n);
    if (!to)
        return;
    memcpy(to, bytes, n);
    html->size += n;
    html->text[html->size] = '\0';
}

void basin__view_put(view_html *html, const char *markup)
{
    append(html, markup, strlen(markup));
}

void basin__view_putf(view_html *html, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    size_t n = basin_vformat(text, sizeof text, format, args);
    va_end(args);
    append(html, text, n < sizeof text ? n : sizeof text - 1);
}

void basin__view_escape(view_html *html, const char *text)
{
    if (!text)
        return;
    for (; *text; ++text) {
        switch (*text) {
        case '&': basin__view_put(html, "&amp;"); break;
        case '<': basin__view_put(html, "&lt;"); break;
        case '>': basin__view_put(html, "&gt;"); break;
        case '"': basin__view_put(html, "&quot;"); break;
        case '\'': basin__view_put(html, "&#39;"); break;
        default:
            /* other control characters have no place in HTML */
            if ((unsigned char)*text >= 0x20 || *text == '\n' || *text == '\t')
                append(html, text, 1);
        }
    }
}

static void base64(view_html *html, const view_buffer *bytes)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t n = (bytes->size + 2) / 3 * 4;
    char *to = room_for(html, n);
    if (!to)
        return;
    for (size_t i = 0; i < bytes->size; i += 3) {
        const unsigned char *p = bytes->data + i;
        size_t left = bytes->size - i;
        uint32_t v = (uint32_t)p[0] << 16 |
                     (left > 1 ? (uint32_t)p[1] << 8 : 0u) |
                     (left > 2 ? p[2] : 0u);
        *to++ = digits[v >> 18];
        *to++ = digits[v >> 12 & 63u];
        *to++ = left > 1 ? digits[v >> 6 & 63u] : '=';
        *to++ = left > 2 ? digits[v & 63u] : '=';
    }
    html->size += n;
    html->text[html->size] = '\0';
}

/* Width and height, so that the page does not jump while it loads. */
static bool png_size(const view_buffer *bytes, unsigned *w, unsigned *h)
{
    const unsigned char *p = bytes->data;
    if (bytes->size < 24 || memcmp(p, "\x89PNG", 4) != 0)
        return false;
    *w = (unsigned)p[16] << 24 | (unsigned)p[17] << 16 | (unsigned)p[18] << 8 |
         p[19];
    *h = (unsigned)p[20] << 24 | (unsigned)p[21] << 16 | (unsigned)p[22] << 8 |
         p[23];
    return true;
}

static bool webp_size(const view_buffer *bytes, unsigned *w, unsigned *h)
{
    const unsigned char *p = bytes->data;
    if (bytes->size < 30 || memcmp(p + 8, "WEBPVP8X", 8) != 0)
        return false;
    *w = 1u + ((unsigned)p[24] | (unsigned)p[25] << 8 | (unsigned)p[26] << 16);
    *h = 1u + ((unsigned)p[27] | (unsigned)p[28] << 8 | (unsigned)p[29] << 16);
    return true;
}

void basin__view_image(view_html *html, const view_buffer *bytes,
    const char *alt, const char *class_name)
{
    if (!bytes->data || bytes->size < 12)
        return;
    const char *type = memcmp(bytes->data, "\x89PNG", 4) == 0 ? "png"
                       : memcmp(bytes->data, "GIF8", 4) == 0  ? "gif"
                                                              : "webp";
    unsigned w = 0, h = 0;
    basin__view_putf(html, "<img class=\"%s\" alt=\"", class_name);
    basin__view_escape(html, alt);
    basin__view_put(html, "\"");
    if (png_size(bytes, &w, &h) || webp_size(bytes, &w, &h))
        basin__view_putf(html, " width=\"%u\" height=\"%u\"", w, h);
    basin__view_putf(html, " src=\"data:image/%s;base64,", type);
    base64(html, bytes);
    basin__view_put(html, "\">");
}

/* ----------------------------------------------------------------- numbers */

static void raised(char *out, size_t size, int power)
{
    static const char *const digits[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3",
        "\u2074", "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
    int a = power < 0 ? -power : power;
    basin_format(out, size, "%s%s%s%s", power < 0 ? "\u207b" : "",
        a >= 100 ? digits[a / 100 % 10] : "",
        a >= 10 ? digits[a / 10 % 10] : "", digits[a % 10]);
}

const char *basin__view_number(char out[48], double value)
{
    enum { SIZE = 48 };
    const char *sign = value < 0.0 ? "\u2212" : "";
    double a = fabs(value);
    if (!isfinite(value)) {
        basin_format(out, SIZE, "not finite");
    } else if (a == 0.0) {
        basin_format(out, SIZE, "0");
    } else if (a < 0.000995 || a >= 999999.5) {
        int power = (int)floor(log10(a));
        double digits = a / pow(10.0, power);
        /* 9.996 is written as 10.0: one power more */
        if (digits >= 9.995) {
            digits /= 10.0;
            ++power;
        }
        char up[24];
        raised(up, sizeof up, power);
        basin_format(
            out, SIZE, "%s%.2f\u00a0\u00d7\u00a010%s", sign, digits, up);
    } else if (a >= 9999.5) {
        int whole = (int)(a + 0.5);
        basin_format(out, SIZE, "%s%d\u2009%d%d%d", sign, whole / 1000,
            whole / 100 % 10, whole / 10 % 10, whole % 10);
    } else if (a >= 99.95) {
        basin_format(out, SIZE, "%s%.0f", sign, a);
    } else {
        basin_format(out, SIZE, "%s%.3g", sign, a);
    }
    return out;
}
