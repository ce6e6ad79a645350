/* SPDX-License-Identifier: MIT
 *
 * Command lines: read, checked and explained from tables of options.
 */
#include "cli/cli.h"
#include "data/text.h"

#include <stdio.h>
#include <string.h>

int cli_exit_status(basin_status status)
{
    switch (status) {
    case BASIN_OK: return CLI_OK;
    case BASIN_E_MEMORY: return CLI_FAILED;
    case BASIN_E_NONFINITE: return CLI_NUMERIC;
    case BASIN_E_STOPPED: return CLI_INTERRUPTED;
    default: return CLI_USAGE;
    }
}

int cli_fail(const char *command, const basin_error *error)
{
    /* what the user typed comes back in messages, and may hold anything */
    basin_error clean = *error;
    basin__clean_message(&clean);
    fprintf(stderr, "basin: %s: ", command);
    char quote[BASIN__QUOTE];
    if (clean.file[0])
        fprintf(stderr, "%s:", basin__quote_path(quote, clean.file));
    if (clean.line)
        fprintf(stderr, "%d:", clean.line);
    if (clean.line && clean.column)
        fprintf(stderr, "%d:", clean.column);
    fprintf(stderr, "%s%s\n", clean.file[0] || clean.line ? " " : "",
        clean.message);
    return cli_exit_status(clean.code);
}

enum { WIDTH = 80, HELP_AT = 21 };

/* Words, from column `at` of a line on; the lines after it are indented. */
static void print_words(const char *text, int at, int indent)
{
    while (*text) {
        const int n = (int)strcspn(text, " ");
        if (at > indent && at + 1 + n > WIDTH)
            at = printf("\n%*s", indent, "") - 1;
        else if (at > 0)
            at += printf(" ");
        printf("%.*s", n, text);
        at += n;
        text += n + (text[n] == ' ');
    }
    putchar('\n');
}

static void print_usage(const cli_usage *usage)
{
    printf("usage: basin %s %s%s[OPTIONS]\n\n", usage->command,
        usage->arguments, usage->arguments[0] ? " " : "");
    print_words(usage->summary, 0, 0);
    putchar('\n');
    for (int i = 0; i < usage->n_options; i++) {
        const cli_option *o = &usage->options[i];
        char left[48];
        snprintf(left, sizeof left, "--%s%s%s", o->name, o->argument ? " " : "",
            o->argument ? o->argument : "");
        print_words(o->help, printf("  %-18s", left), HELP_AT);
    }
    print_words("this text", printf("  %-18s", "--help"), HELP_AT);
}

static basin_status find_option(const cli_option **out, const cli_usage *usage,
    const char *word, size_t length, basin_error *error)
{
    enum { MOST = 32 };
    const char *names[MOST];
    for (int i = 0; i < usage->n_options; i++) {
        const cli_option *o = &usage->options[i];
        if (strlen(o->name) == length && memcmp(o->name, word, length) == 0) {
            *out = o;
            return BASIN_OK;
        }
        names[i < MOST ? i : MOST - 1] = o->name;
    }
    char name[64];
    basin_format(name, sizeof name, "%.*s", (int)length, word);
    const char *near = basin_nearest(
        name, names, usage->n_options < MOST ? usage->n_options : MOST);
    if (near)
        return basin_error_set(error, BASIN_E_NAME,
            "no option is called '--%s'; did you mean '--%s'?", name, near);
    return basin_error_set(error, BASIN_E_NAME,
        "no option is called '--%s'; 'basin %s --help' lists them", name,
        usage->command);
}

static basin_status read_count(
    const cli_option *o, const char *text, basin_error *error)
{
    double value = 0;
    size_t length = strlen(text);
    char quote[BASIN__QUOTE];
    bool number =
        length > 0 && basin_parse_number(&value, text, length) == length;
    BASIN_REQUIRE(number && value == __builtin_trunc(value), error,
        BASIN_E_RANGE, "--%s takes a whole number from %d to %d; got '%s'",
        o->name, o->low, o->high, text);
    BASIN_REQUIRE(value >= o->low && value <= o->high, error, BASIN_E_RANGE,
        "--%s must be from %d to %d; got %s", o->name, o->low, o->high,
        basin__quote(quote, text, length));
    *(int *)o->value = (int)value;
    return BASIN_OK;
}

static basin_status read_seed(
    const cli_option *o, const char *text, basin_error *error)
{
    /* JSON's readers, jansson too, know no larger whole number */
    const uint64_t most = INT64_MAX;
    uint64_t value = 0;
    bool good = text[0] != 0;
    char quote[BASIN__QUOTE];
    for (const char *c = text; good && *c; c++) {
        unsigned digit = (unsigned)*c - '0';
        good = digit < 10 && value <= (most - digit) / 10;
        value = good ? value * 10 + digit : 0;
    }
    BASIN_REQUIRE(good, error, BASIN_E_RANGE,
        "--%s takes a whole number from 0 to 9223372036854775807; got '%s'",
        o->name, basin__quote(quote, text, strlen(text)));
    *(uint64_t *)o->value = value;
    return BASIN_OK;
}

static basin_status read_real(
    const cli_option *o, const char *text, basin_error *error)
{
    double value = 0;
    size_t length = strlen(text);
    char quote[BASIN__QUOTE];
    bool number =
        length > 0 && basin_parse_number(&value, text, length) == length;
    BASIN_REQUIRE(number && value > o->low && value <= o->high, error,
        BASIN_E_RANGE, "--%s takes a number above %d and at most %d; got '%s'",
        o->name, o->low, o->high, basin__quote(quote, text, length));
    *(double *)o->value = value;
    return BASIN_OK;
}

static basin_status read_file_name(
    const cli_option *o, const char *text, basin_error *error)
{
    cli_files *files = o->value;
    int most = (int)(sizeof files->at / sizeof *files->at);
    BASIN_REQUIRE(text[0], error, BASIN_E_ARGUMENT,
        "--%s takes a %s; it is empty", o->name, o->argument);
    BASIN_REQUIRE(files->n < most, error, BASIN_E_ARGUMENT,
        "--%s is there more than %d times", o->name, most);
    files->at[files->n++] = text;
    return BASIN_OK;
}

static basin_status read_option(
    const cli_option *o, const char *text, basin_error *error)
{
    switch (o->kind) {
    case CLI_FLAG: *(bool *)o->value = true; return BASIN_OK;
    case CLI_COUNT: return read_count(o, text, error);
    case CLI_SEED: return read_seed(o, text, error);
    case CLI_TEXT:
        BASIN_REQUIRE(text[0], error, BASIN_E_ARGUMENT,
            "--%s takes a %s; it is empty", o->name, o->argument);
        *(const char **)o->value = text;
        return BASIN_OK;
    case CLI_NUMBER: return read_real(o, text, error);
    case CLI_FILES: return read_file_name(o, text, error);
    }
    return BASIN_OK;
}

/* "--name value" or "--name=value". */
static basin_status take_option(
    const cli_usage *usage, int argc, char **argv, int *at, basin_error *error)
{
    const char *word = argv[*at] + 2, *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    const cli_option *option = NULL;
    char quote[BASIN__QUOTE];
    BASIN_TRY(find_option(&option, usage, word, length, error));
    if (option->kind == CLI_FLAG) {
        BASIN_REQUIRE(!equals, error, BASIN_E_ARGUMENT,
            "--%s takes no value; got '%s'", option->name,
            basin__quote(quote, equals + 1, strlen(equals + 1)));
        return read_option(option, "", error);
    }
    if (equals)
        return read_option(option, equals + 1, error);
    BASIN_REQUIRE(*at + 1 < argc, error, BASIN_E_ARGUMENT,
        "--%s needs a value: --%s %s", option->name, option->name,
        option->argument);
    return read_option(option, argv[++*at], error);
}

basin_status cli_parse(const cli_usage *usage, int argc, char **argv,
    const char **out, int *n_out, bool *helped, basin_error *error)
{
    *helped = false;
    *n_out = 0;
    bool options = true;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        char quote[BASIN__QUOTE];
        basin__quote(quote, word, strlen(word));
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options &&
                   (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
            print_usage(usage);
            *helped = true;
            return BASIN_OK;
        } else if (options && strncmp(word, "--", 2) == 0) {
            BASIN_TRY(take_option(usage, argc, argv, &i, error));
        } else if (options && word[0] == '-' && word[1]) {
            return basin_error_set(error, BASIN_E_NAME,
                "options begin with two dashes; got '%s'", quote);
        } else {
            BASIN_REQUIRE(*n_out < usage->most, error, BASIN_E_ARGUMENT,
                "'%s' is one argument too many; it takes %s", quote,
                usage->arguments[0] ? usage->arguments : "none");
            out[(*n_out)++] = word;
        }
    }
    BASIN_REQUIRE(*n_out >= usage->least, error, BASIN_E_ARGUMENT,
        "an argument is missing: basin %s %s", usage->command,
        usage->arguments);
    return BASIN_OK;
}
