/* SPDX-License-Identifier: MIT
 *
 * The nearest right name to a mistyped one: the number of letters that were
 * dropped, added, changed, or swapped with their neighbour (Damerau 1964, in
 * the form that edits no place twice), capitals aside.
 */
#include "base/context.h"

#include <string.h>

/* Longer names are not compared: nobody mistypes them letter by letter. */
#define NAME_MAX_LENGTH 63

static int lower(char c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static int distance(const char *a, int n, const char *b, int m)
{
    /* row[k] holds, for the prefix of a with k letters modulo 3, the distance
     * to every prefix of b. */
    int row[3][NAME_MAX_LENGTH + 1];
    for (int j = 0; j <= m; j++)
        row[0][j] = j;
    for (int i = 1; i <= n; i++) {
        const int *before = row[(i + 1) % 3]; /* i - 2 */
        const int *above = row[(i + 2) % 3];  /* i - 1 */
        int *here = row[i % 3];
        here[0] = i;
        for (int j = 1; j <= m; j++) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            here[j] =
                least(above[j - 1] + !same, least(above[j], here[j - 1]) + 1);
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                here[j] = least(here[j], before[j - 2] + 1);
        }
    }
    return row[n % 3][m];
}

int basin__near(const char *name, const char *candidate)
{
    const size_t n = strlen(name);
    const size_t m = strlen(candidate);
    if (n > NAME_MAX_LENGTH || m > NAME_MAX_LENGTH)
        return -1;
    const int d = distance(name, (int)n, candidate, (int)m);
    const int near = n < 6 ? 1 : (int)(n / 3);
    return d <= near ? d : -1;
}

const char *basin_nearest(const char *name, const char *const *names, int n)
{
    const char *nearest = NULL;
    int best = 0;
    for (int i = 0; i < n; i++) {
        const int d = basin__near(name, names[i]);
        if (d >= 0 && (!nearest || d < best)) {
            nearest = names[i];
            best = d;
        }
    }
    return nearest;
}
