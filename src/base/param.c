/* SPDX-License-Identifier: MIT
 *
 * Parameters of parts: checked, read and explained from their rows. A message
 * says which parameter, what is allowed, and what came instead.
 */
#include "base/context.h"

#include <string.h>

/* A value as a person writes it: 1e6 rather than 1000000. */
static void show(char *out, double value)
{
    size_t n = basin_print_number(out, value, false);
    size_t zeros = 0;
    while (zeros < n && out[n - 1 - zeros] == '0')
        zeros++;
    const size_t minus = out[0] == '-';
    if (zeros >= 5 && n - zeros == minus + 1)
        basin_format(out + n - zeros, 8, "e%zu", zeros);
}

/* --------------------------------------------------------------- choices */

/* The length of the word at `p` in "a|b|c". */
static size_t word_length(const char *p)
{
    size_t n = 0;
    while (p[n] && p[n] != '|')
        n++;
    return n;
}

static int count_choices(const char *choices)
{
    int n = 1;
    for (; *choices; choices++)
        n += *choices == '|';
    return n;
}

/* The index of a word, -1: not there. */
static int find_choice(const char *choices, const char *word)
{
    const size_t length = strlen(word);
    int index = 0;
    for (const char *p = choices;; index++) {
        const size_t n = word_length(p);
        if (n == length && strncmp(p, word, n) == 0)
            return index;
        if (!p[n])
            return -1;
        p += n + 1;
    }
}

/* "a, b or c" */
static void list_choices(char *out, size_t size, const char *choices)
{
    size_t used = 0;
    out[0] = '\0';
    for (const char *p = choices; used < size;) {
        const size_t n = word_length(p);
        const bool last = !p[n];
        const char *gap = p == choices ? "" : last ? " or " : ", ";
        used += basin_format(out + used, size - used, "%s%.*s", gap, (int)n, p);
        if (last)
            return;
        p += n + 1;
    }
}

static basin_status wrong_word(
    const basin_param *param, const char *word, basin_error *error)
{
    char list[200];
    list_choices(list, sizeof list, param->choices);
    char nearest[64] = "";
    int best = 0;
    for (const char *p = param->choices;;) {
        const size_t n = word_length(p);
        char choice[64];
        basin_format(choice, sizeof choice, "%.*s", (int)n, p);
        const int d = basin__near(word, choice);
        if (d >= 0 && (!nearest[0] || d < best)) {
            memcpy(nearest, choice, sizeof nearest);
            best = d;
        }
        if (!p[n])
            break;
        p += n + 1;
    }
    if (nearest[0])
        return basin_error_set(error, BASIN_E_RANGE,
            "%s must be %s; got '%s'; did you mean '%s'?", param->name, list,
            word, nearest);
    return basin_error_set(error, BASIN_E_RANGE, "%s must be %s; got '%s'",
        param->name, list, word);
}

/* ---------------------------------------------------------------- ranges */

static double lowest(const basin_param *param)
{
    return param->choices ? 0.0 : param->low;
}

static double highest(const basin_param *param)
{
    return param->choices ? count_choices(param->choices) - 1.0 : param->high;
}

static bool is_finite(double x)
{
    return x - x == 0.0;
}

static bool is_whole(double x)
{
    return is_finite(x) && __builtin_floor(x) == x;
}

static bool is_inside(const basin_param *param, double value)
{
    const bool open = param->open_low && !param->choices;
    return (open ? value > param->low : value >= lowest(param)) &&
           value <= highest(param);
}

/* "above 0 and at most 1e6" */
static void show_range(char *out, size_t size, const basin_param *param)
{
    char low[40], high[40];
    show(low, lowest(param));
    show(high, highest(param));
    /* An infinite end that is allowed sets no bound. */
    const bool below = is_finite(lowest(param)) || param->open_low;
    const bool above = is_finite(highest(param));
    const bool open = param->open_low && !param->choices;
    if (below && above && !open)
        basin_format(out, size, "from %s to %s", low, high);
    else if (below && above)
        basin_format(out, size, "above %s and at most %s", low, high);
    else if (below)
        basin_format(out, size, "%s %s", open ? "above" : "at least", low);
    else
        basin_format(out, size, "at most %s", high);
}

static basin_status check_value(
    const basin_param *param, double value, basin_error *error)
{
    char got[40];
    show(got, value);
    const bool whole = param->integer || param->choices;
    BASIN_REQUIRE(value == value, error, BASIN_E_RANGE,
        "%s must be a number; got nan", param->name);
    if (!is_inside(param, value)) {
        char range[100];
        show_range(range, sizeof range, param);
        return basin_error_set(error, BASIN_E_RANGE, "%s must be %s%s; got %s",
            param->name, whole ? "a whole number " : "", range, got);
    }
    BASIN_REQUIRE(!whole || is_whole(value), error, BASIN_E_RANGE,
        "%s must be a whole number; got %s", param->name, got);
    return BASIN_OK;
}

/* ------------------------------------------------------------------ parts */

static basin_status check_param(
    const basin_part *part, int index, basin_error *error)
{
    const basin_param *param = &part->params[index];
    BASIN_REQUIRE(param->name && param->name[0] && !strchr(param->name, '='),
        error, BASIN_E_ARGUMENT, "parameter %d of '%s' has no usable name",
        index, part->name);
    BASIN_REQUIRE(param->unit && param->help, error, BASIN_E_ARGUMENT,
        "the parameter %s of '%s' lacks its unit or its help", param->name,
        part->name);
    for (int i = 0; i < index; i++)
        BASIN_REQUIRE(strcmp(part->params[i].name, param->name) != 0, error,
            BASIN_E_ARGUMENT, "'%s' has two parameters called %s", part->name,
            param->name);
    BASIN_REQUIRE(lowest(param) <= highest(param), error, BASIN_E_ARGUMENT,
        "the parameter %s of '%s' has an empty range", param->name, part->name);
    basin_error inner;
    if (check_value(param, param->initial, &inner) != BASIN_OK)
        return basin_error_set(error, BASIN_E_ARGUMENT,
            "the default of a parameter of '%s' is not allowed: %s", part->name,
            inner.message);
    return BASIN_OK;
}

basin_status basin__part_check(const basin_part *part, basin_error *error)
{
    BASIN_REQUIRE(part && part->name && part->name[0], error, BASIN_E_ARGUMENT,
        "a part without a name cannot be registered");
    BASIN_REQUIRE(part->summary && part->formula && part->source, error,
        BASIN_E_ARGUMENT, "'%s' lacks its summary, formula or source",
        part->name);
    BASIN_REQUIRE(part->n_params >= 0 && part->n_params <= BASIN_PARAMS_MAX &&
                      (part->params || part->n_params == 0),
        error, BASIN_E_ARGUMENT,
        "'%s' must have from 0 to %d parameters; it has %d", part->name,
        BASIN_PARAMS_MAX, part->n_params);
    for (int i = 0; i < part->n_params; i++)
        BASIN_TRY(check_param(part, i, error));
    return BASIN_OK;
}

/* The index of the parameter with the first `length` letters of `name`. */
static basin_status find_param(int *out, const basin_part *part,
    const char *name, size_t length, basin_error *error)
{
    const char *names[BASIN_PARAMS_MAX];
    const int n = part->n_params;
    for (int i = 0; i < n && i < BASIN_PARAMS_MAX; i++) {
        names[i] = part->params[i].name;
        if (strlen(names[i]) == length &&
            strncmp(names[i], name, length) == 0) {
            *out = i;
            return BASIN_OK;
        }
    }
    char typed[128];
    basin_format(typed, sizeof typed, "%.*s", (int)(length & 0x7fff), name);
    BASIN_REQUIRE(n > 0, error, BASIN_E_NAME,
        "'%s' has no parameters; got '%s'", part->name, typed);
    const char *nearest = basin_nearest(typed, names, n);
    BASIN_REQUIRE(!nearest, error, BASIN_E_NAME,
        "'%s' has no parameter '%s'; did you mean '%s'?", part->name, typed,
        nearest);
    char list[sizeof error->message];
    size_t used = 0;
    for (int i = 0; i < n && used < sizeof list; i++)
        used += basin_format(
            list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    return basin_error_set(error, BASIN_E_NAME,
        "'%s' has no parameter '%s'; there are: %s", part->name, typed, list);
}

basin_status basin_part_settings(double *values, const basin_part *part,
    const basin_setting *settings, int n_settings, basin_error *error)
{
    for (int i = 0; i < part->n_params; i++)
        values[i] = part->params[i].initial;
    for (int i = 0; i < n_settings; i++) {
        const basin_setting *setting = &settings[i];
        BASIN_REQUIRE(setting->name, error, BASIN_E_NAME,
            "setting %d of '%s' has no name", i, part->name);
        int k;
        BASIN_TRY(
            find_param(&k, part, setting->name, strlen(setting->name), error));
        BASIN_TRY(check_value(&part->params[k], setting->value, error));
        values[k] = setting->value;
    }
    return BASIN_OK;
}

basin_status basin_part_parse(basin_setting *out, const basin_part *part,
    const char *text, basin_error *error)
{
    const char *sign = strchr(text, '=');
    BASIN_REQUIRE(sign && sign != text, error, BASIN_E_FORMAT,
        "expected name=value; got '%s'", text);
    int k;
    BASIN_TRY(find_param(&k, part, text, (size_t)(sign - text), error));
    const basin_param *param = &part->params[k];
    const char *word = sign + 1;
    double value;
    if (param->choices) {
        const int index = find_choice(param->choices, word);
        if (index < 0)
            return wrong_word(param, word, error);
        value = index;
    } else {
        const size_t length = strlen(word);
        const size_t used = basin_parse_number(&value, word, length);
        BASIN_REQUIRE(used == length && length > 0, error, BASIN_E_FORMAT,
            "%s must be a number; got '%s'", param->name, word);
        BASIN_TRY(check_value(param, value, error));
    }
    *out = (basin_setting){.name = param->name, .value = value};
    return BASIN_OK;
}
