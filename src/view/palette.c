/* SPDX-License-Identifier: MIT
 *
 * Median cut (Heckbert 1982) over a histogram of all frames, after the flat
 * colours of paper and walls have got entries of their own.
 */
#include "view/palette.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BITS  5
#define SIDE  (1 << BITS)
#define BINS  (SIDE * SIDE * SIDE)
#define FLATS 12

typedef struct bin {
    int key;      /* r, g, b of BITS bits each */
    double count; /* pixels */
    double sum[3];
} bin;

typedef struct box {
    int from, to; /* bins [from, to) */
    double worth; /* what cutting it would gain */
    int axis;
} box;

static int channel(int key, int axis)
{
    return key >> (BITS * (2 - axis)) & (SIDE - 1);
}

static int by_axis(const void *a, const void *b, int axis)
{
    const bin *p = a, *q = b;
    int d = channel(p->key, axis) - channel(q->key, axis);
    return d ? d : p->key - q->key; /* a total order: no choice is left */
}

static int by_red(const void *a, const void *b)
{
    return by_axis(a, b, 0);
}

static int by_green(const void *a, const void *b)
{
    return by_axis(a, b, 1);
}

static int by_blue(const void *a, const void *b)
{
    return by_axis(a, b, 2);
}

static int by_count(const void *a, const void *b)
{
    const bin *p = a, *q = b;
    int d = (p->count < q->count) - (p->count > q->count);
    return d ? d : p->key - q->key;
}

/* The square root keeps large quiet areas from taking all colours. */
static double weight(const bin *b)
{
    return sqrt(b->count);
}

/* Weighted spread along the worst axis. */
static void measure(box *b, const bin *bins)
{
    b->worth = 0.0;
    b->axis = 0;
    for (int axis = 0; axis < 3; ++axis) {
        double w = 0.0, s = 0.0, q = 0.0;
        for (int i = b->from; i < b->to; ++i) {
            double c = channel(bins[i].key, axis), v = weight(&bins[i]);
            w += v;
            s += v * c;
            q += v * c * c;
        }
        double spread = w > 0.0 ? q - s * s / w : 0.0;
        /* the eye sees green best and blue worst */
        spread *= axis == 1 ? 1.4 : (axis == 2 ? 0.6 : 1.0);
        if (spread > b->worth) {
            b->worth = spread;
            b->axis = axis;
        }
    }
}

static int cut(const box *b, bin *bins)
{
    static int (*const orders[3])(const void *, const void *) = {
        by_red, by_green, by_blue};
    qsort(bins + b->from, (size_t)(b->to - b->from), sizeof *bins,
        orders[b->axis]);
    double total = 0.0, half = 0.0;
    for (int i = b->from; i < b->to; ++i)
        total += weight(&bins[i]);
    int at = b->from;
    while (at < b->to - 1 && half < 0.5 * total)
        half += weight(&bins[at++]);
    return at > b->from ? at : b->from + 1;
}

static void entry_of(unsigned char rgb[3], const bin *bins, int from, int to)
{
    double w = 0.0, s[3] = {0.0, 0.0, 0.0};
    for (int i = from; i < to; ++i) {
        double v = weight(&bins[i]);
        w += v;
        for (int c = 0; c < 3; ++c)
            s[c] += v * bins[i].sum[c] / bins[i].count;
    }
    for (int c = 0; c < 3; ++c)
        rgb[c] = (unsigned char)(w > 0.0 ? s[c] / w + 0.5 : 0.0);
}

static void choose(view_palette *out, bin *bins, int n_bins, int n)
{
    qsort(bins, (size_t)n_bins, sizeof *bins, by_count);
    int flats = n_bins < FLATS ? n_bins : FLATS;
    for (int i = 0; i < flats; ++i)
        entry_of(out->rgb[out->n++], bins, i, i + 1);
    box boxes[VIEW_PALETTE_MAX];
    int n_boxes = 0;
    if (n_bins > flats) {
        boxes[n_boxes] = (box){.from = flats, .to = n_bins};
        measure(&boxes[n_boxes++], bins);
    }
    while (n_boxes > 0 && n_boxes < n - flats) {
        int best = 0;
        for (int i = 1; i < n_boxes; ++i)
            if (boxes[i].worth > boxes[best].worth)
                best = i;
        if (boxes[best].worth <= 0.0)
            break;
        int at = cut(&boxes[best], bins);
        boxes[n_boxes] = (box){.from = at, .to = boxes[best].to};
        boxes[best].to = at;
        measure(&boxes[best], bins);
        measure(&boxes[n_boxes++], bins);
    }
    for (int i = 0; i < n_boxes; ++i)
        entry_of(out->rgb[out->n++], bins, boxes[i].from, boxes[i].to);
}

static int distance(const unsigned char *p, const int c[3])
{
    int r = p[0] - c[0], g = p[1] - c[1], b = p[2] - c[2];
    return 3 * r * r + 4 * g * g + 2 * b * b;
}

basin_status basin__view_palette_init(view_palette *out,
    const unsigned char *rgb, size_t pixels, int n, basin_error *error)
{
    memset(out, 0, sizeof *out);
    out->nearest = malloc(64 * 64 * 64 * sizeof *out->nearest);
    bin *bins = calloc(BINS, sizeof *bins);
    if (!out->nearest || !bins) {
        free(bins);
        return basin_error_set(
            error, BASIN_E_MEMORY, "out of memory for a palette");
    }
    memset(out->nearest, 0xFF, 64 * 64 * 64 * sizeof *out->nearest);
    for (size_t i = 0; i < pixels; ++i) {
        const unsigned char *p = rgb + 3 * i;
        bin *b = &bins[(p[0] >> 3) << 10 | (p[1] >> 3) << 5 | p[2] >> 3];
        b->count += 1.0;
        for (int c = 0; c < 3; ++c)
            b->sum[c] += p[c];
    }
    int used = 0;
    for (int i = 0; i < BINS; ++i) {
        if (bins[i].count > 0.0) {
            bins[i].key = i;
            bins[used++] = bins[i];
        }
    }
    choose(out, bins, used, n);
    free(bins);
    return BASIN_OK;
}

void basin__view_palette_finish(view_palette *palette)
{
    free(palette->nearest);
    palette->nearest = NULL;
}

/* Frames use a small part of all colours: look for the entry of a colour when
 * it first comes. */
static int near_entry(const view_palette *palette, const int c[3])
{
    int key = (c[0] >> 2) << 12 | (c[1] >> 2) << 6 | c[2] >> 2;
    if (palette->nearest[key] >= 0)
        return palette->nearest[key];
    int centre[3] = {(c[0] & ~3) + 2, (c[1] & ~3) + 2, (c[2] & ~3) + 2};
    int best = 0, least = distance(palette->rgb[0], centre);
    for (int k = 1; k < palette->n; ++k) {
        int d = distance(palette->rgb[k], centre);
        if (d < least)
            least = d, best = k;
    }
    palette->nearest[key] = (short)best;
    return best;
}

int basin__view_palette_at(
    const view_palette *palette, const unsigned char rgb[3], int x, int y)
{
    static const signed char bayer[4][4] = {
        {-8, 0, -6, 2}, {4, -4, 6, -2}, {-5, 3, -7, 1}, {7, -1, 5, -3}};
    int c[3] = {rgb[0], rgb[1], rgb[2]};
    int entry = near_entry(palette, c);
    /* Flat colours have their entry: dither only where one is missing. */
    if (distance(palette->rgb[entry], c) < 60)
        return entry;
    for (int i = 0; i < 3; ++i) {
        c[i] += bayer[y & 3][x & 3];
        c[i] = c[i] < 0 ? 0 : (c[i] > 255 ? 255 : c[i]);
    }
    return near_entry(palette, c);
}
