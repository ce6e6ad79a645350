/* SPDX-License-Identifier: MIT
 *
 * Draws what bench/growth.py measured: lines of "chart", "series" and "point"
 * with fields between tabs, on standard input; a PNG of the charts side by
 * side in the file that is named.
 */
#include "view/view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHARTS = 3, SERIES = 3, POINTS = 64, FIELD = 96 };

typedef struct drawing {
    view_chart chart[CHARTS];
    view_series series[CHARTS][SERIES];
    char text[CHARTS][SERIES + 3][FIELD];
    double x[CHARTS][SERIES][POINTS], y[CHARTS][SERIES][POINTS];
    int n;
} drawing;

static const char *keep(char *out, const char *text)
{
    basin_format(out, FIELD, "%s", text);
    return out;
}

static int take_chart(drawing *d, char *field[4])
{
    if (d->n == CHARTS)
        return 1;
    const int c = d->n++;
    d->chart[c] = (view_chart){.title = keep(d->text[c][0], field[1]),
        .x_name = keep(d->text[c][1], field[2]),
        .y_name = keep(d->text[c][2], field[3]),
        .series = d->series[c]};
    return 0;
}

static int take_series(drawing *d, char *field[4])
{
    static const view_colour colours[SERIES] = {
        VIEW_GREEN, VIEW_BLUE, VIEW_ORANGE};
    const int c = d->n - 1;
    if (c < 0 || d->chart[c].n_series == SERIES)
        return 1;
    const int s = d->chart[c].n_series++;
    d->series[c][s] = (view_series){.name = keep(d->text[c][3 + s], field[1]),
        .x = d->x[c][s],
        .y = d->y[c][s],
        .colour = colours[s]};
    return 0;
}

static int take_point(drawing *d, char *field[4])
{
    const int c = d->n - 1, s = c < 0 ? -1 : d->chart[c].n_series - 1;
    if (s < 0 || d->series[c][s].n == POINTS)
        return 1;
    const int i = d->series[c][s].n++;
    d->x[c][s][i] = strtod(field[1], NULL);
    d->y[c][s][i] = strtod(field[2], NULL);
    return 0;
}

/* @return not 0: the line is none of ours */
static int take_line(drawing *d, char *line)
{
    static char none[1];
    char *field[4] = {none, none, none, none};
    for (int i = 0; line && i < 4; i++) {
        field[i] = line;
        line = strpbrk(line, "\t\n");
        if (line)
            *line++ = 0;
    }
    return strcmp(field[0], "chart") == 0    ? take_chart(d, field)
           : strcmp(field[0], "series") == 0 ? take_series(d, field)
           : strcmp(field[0], "point") == 0  ? take_point(d, field)
                                             : 1;
}

static int draw(const drawing *d, const char *path)
{
    view_buffer png = {0};
    basin_error error = {0};
    if (basin__view_curves(&png, d->chart, d->n, 480 * d->n, 400, &error) !=
        BASIN_OK) {
        fprintf(stderr, "growth: %s\n", error.message);
        return 1;
    }
    FILE *file = fopen(path, "wb");
    const int good = file && fwrite(png.data, 1, png.size, file) == png.size;
    const int closed = file && fclose(file) == 0;
    basin__view_buffer_free(&png);
    return !(good && closed);
}

int main(int argc, char **argv)
{
    static drawing d;
    char line[512];
    if (argc != 2)
        return 2;
    while (fgets(line, sizeof line, stdin))
        if (take_line(&d, line)) {
            fprintf(stderr, "growth: what is '%s'?\n", line);
            return 2;
        }
    return draw(&d, argv[1]);
}
