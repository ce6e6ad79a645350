/* SPDX-License-Identifier: MIT
 *
 * The reader of expressions: by recursive descent, into a program.
 *
 *     sum     = product { (+ | -) product }
 *     product = unary { (* | /) unary }
 *     unary   = (+ | -) unary | power
 *     power   = primary [ ^ unary ]
 *     primary = number | name | name ( sum { , sum } ) | ( sum )
 */
#include "loss/expression.h"

#include <string.h>

typedef struct reader {
    basin_expression *q;
    const char *text, *at;
    int nested, stack;
    basin_error *error;
} reader;

typedef struct function {
    const char *name;
    basin__operation operation;
    int least, most; /* arguments; most 0: any number */
} function;

static const function functions[] = {
    {"max", BASIN__MAX, 2, 0},
    {"min", BASIN__MIN, 2, 0},
    {"exp", BASIN__EXP, 1, 1},
    {"log", BASIN__LOG, 1, 1},
    {"sqrt", BASIN__SQRT, 1, 1},
    {"abs", BASIN__ABS, 1, 1},
    {"tanh", BASIN__TANH, 1, 1},
    {"sigmoid", BASIN__SIGMOID, 1, 1},
};

enum { N_FUNCTIONS = sizeof functions / sizeof *functions };

#define LIST_OF_FUNCTIONS "max, min, exp, log, sqrt, abs, tanh and sigmoid"

/* ------------------------------------------------------------------ places */

/* Characters, not bytes, from 1. */
static basin_status placed(const reader *r, const char *at, basin_status status)
{
    int column = 1;
    for (const char *c = r->text; c < at; c++)
        column += ((unsigned char)*c & 0xC0) != 0x80;
    basin_error_place(r->error, NULL, 1, column);
    return status;
}

/* A placed error. */
#define REFUSE(r, at, code, ...)                                               \
    return placed((r), (at), basin_error_set((r)->error, (code), __VA_ARGS__))

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static void skip_blanks(reader *r)
{
    while (*r->at == ' ' || (*r->at >= '\t' && *r->at <= '\r'))
        r->at++;
}

/* One character as it should be shown, whole though it have several bytes. */
static const char *show(char out[16], const char *at)
{
    size_t n = 1;
    if ((unsigned char)*at < ' ' || *at == 0x7F) {
        basin_format(out, 16, "\\x%02x", (unsigned char)*at);
        return out;
    }
    while (n < 4 && ((unsigned char)at[n] & 0xC0) == 0x80)
        n++;
    basin_format(out, 16, "%.*s", (int)n, at);
    return out;
}

/* ----------------------------------------------------------------- program */

static basin_status emit(
    reader *r, basin__operation operation, int index, double value)
{
    basin_expression *q = r->q;
    if (q->n_steps == BASIN__STEPS_MAX)
        REFUSE(r, r->at, BASIN_E_FORMAT,
            "the expression is too long: more than %d numbers, names and "
            "operations",
            BASIN__STEPS_MAX);
    r->stack += operation <= BASIN__PARAM ? 1
                : operation <= BASIN__MIN ? -1
                                          : 0;
    if (r->stack > BASIN__DEPTH_MAX)
        REFUSE(r, r->at, BASIN_E_FORMAT,
            "the expression is nested too deeply; %d levels are the most",
            BASIN__DEPTH_MAX);
    q->steps[q->n_steps++] = (basin__step){operation, index, value};
    return BASIN_OK;
}

static basin_status read_sum(reader *r);
static basin_status read_unary(reader *r);

static basin_status read_number(reader *r)
{
    double value = 0;
    const char *start = r->at;
    size_t used = basin_parse_number(&value, start, strlen(start));
    if (used == 0)
        REFUSE(r, start, BASIN_E_FORMAT, "a number is missing after '.'");
    r->at += used;
    if (value - value != 0)
        REFUSE(r, start, BASIN_E_FORMAT, "the number is too large");
    return emit(r, BASIN__CONSTANT, 0, value);
}

/* 'E_C' for 'ec': a slip that would make a parameter of it. */
static const char *meant(const char *name)
{
    char plain[BASIN__NAME_MAX];
    size_t n = 0;
    for (const char *c = name; *c && n < sizeof plain - 1; c++)
        if (*c != '_')
            plain[n++] = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    plain[n] = 0;
    return strcmp(plain, "ec") == 0   ? "ec"
           : strcmp(plain, "ei") == 0 ? "ei"
                                      : NULL;
}

int basin__expression_find(const basin_expression *q, const char *name)
{
    for (int i = 0; i < q->n_params; i++)
        if (strcmp(q->names[i], name) == 0)
            return i;
    return -1;
}

static basin_status read_variable(
    reader *r, const char *name, const char *start)
{
    basin_expression *q = r->q;
    if (strcmp(name, "ec") == 0)
        return emit(r, BASIN__EC, 0, 0);
    if (strcmp(name, "ei") == 0)
        return emit(r, BASIN__EI, 0, 0);
    const char *right = meant(name);
    if (right)
        REFUSE(r, start, BASIN_E_NAME,
            "no energy is called '%s'; did you mean '%s'?", name, right);
    for (int i = 0; i < N_FUNCTIONS; i++)
        if (strcmp(name, functions[i].name) == 0)
            REFUSE(r, start, BASIN_E_FORMAT, "'%s' is a function: %s(%s)", name,
                name, functions[i].least > 1 ? "a, b" : "a");
    int index = basin__expression_find(q, name);
    if (index < 0) {
        if (q->n_params == BASIN_PARAMS_MAX)
            REFUSE(r, start, BASIN_E_FORMAT,
                "'%s' is one parameter too many; there can be %d", name,
                BASIN_PARAMS_MAX);
        index = q->n_params++;
        memcpy(q->names[index], name, BASIN__NAME_MAX);
        q->settings[index] = 1;
    }
    return emit(r, BASIN__PARAM, index, 0);
}

static basin_status unknown_function(
    reader *r, const char *name, const char *start)
{
    const char *names[N_FUNCTIONS];
    for (int i = 0; i < N_FUNCTIONS; i++)
        names[i] = functions[i].name;
    const char *near = basin_nearest(name, names, N_FUNCTIONS);
    if (near)
        REFUSE(r, start, BASIN_E_NAME,
            "no function is called '%s'; did you mean '%s'?", name, near);
    if (strcmp(name, "ec") == 0 || strcmp(name, "ei") == 0 || meant(name))
        REFUSE(r, start + strlen(name), BASIN_E_FORMAT,
            "an operator is missing after '%s'", name);
    REFUSE(r, start, BASIN_E_NAME,
        "no function is called '%s'; there are " LIST_OF_FUNCTIONS, name);
}

static basin_status close(reader *r, const char *open)
{
    skip_blanks(r);
    char what[16];
    if (!*r->at)
        REFUSE(r, open, BASIN_E_FORMAT, "this '(' is never closed");
    if (*r->at != ')')
        REFUSE(r, r->at, BASIN_E_FORMAT,
            "an operator or ')' is missing before '%s'", show(what, r->at));
    r->at++;
    return BASIN_OK;
}

static basin_status read_call(reader *r, const char *name, const char *start)
{
    const function *f = NULL;
    for (int i = 0; i < N_FUNCTIONS; i++)
        if (strcmp(name, functions[i].name) == 0)
            f = &functions[i];
    if (!f)
        return unknown_function(r, name, start);
    const char *open = r->at++;
    int n = 0;
    do {
        if (n)
            r->at++; /* the comma */
        if (f->most && n == f->most)
            REFUSE(r, r->at, BASIN_E_FORMAT, "%s takes %d argument%s", name,
                f->most, f->most == 1 ? "" : "s");
        BASIN_TRY(read_sum(r));
        if (n++ >= 1)
            BASIN_TRY(emit(r, f->operation, 0, 0));
        skip_blanks(r);
    } while (*r->at == ',');
    BASIN_TRY(close(r, open));
    if (n < f->least)
        REFUSE(r, start, BASIN_E_FORMAT,
            "%s takes two arguments or more; "
            "there is one: %s(a, b)",
            name, name);
    return f->most == 1 ? emit(r, f->operation, 0, 0) : BASIN_OK;
}

static basin_status read_name(reader *r)
{
    char name[BASIN__NAME_MAX] = "";
    const char *start = r->at;
    size_t n = 0;
    while (is_letter(r->at[0]) || is_digit(r->at[0])) {
        if (n == sizeof name - 1)
            REFUSE(r, start, BASIN_E_FORMAT, "a name has at most %d letters",
                BASIN__NAME_MAX - 1);
        name[n++] = *r->at++;
    }
    skip_blanks(r);
    return *r->at == '(' ? read_call(r, name, start)
                         : read_variable(r, name, start);
}

static basin_status read_primary(reader *r)
{
    char what[16];
    skip_blanks(r);
    if (is_digit(*r->at) || *r->at == '.')
        return read_number(r);
    if (is_letter(*r->at))
        return read_name(r);
    if (*r->at == '(') {
        const char *open = r->at++;
        BASIN_TRY(read_sum(r));
        return close(r, open);
    }
    const char *start = r->at;
    if (!*start)
        REFUSE(r, start, BASIN_E_FORMAT,
            start == r->text ? "the expression is empty"
                             : "the expression ends where a number, a name or "
                               "'(' should follow");
    if ((unsigned char)*start >= 0x80)
        REFUSE(r, start, BASIN_E_FORMAT,
            "'%s' does not belong here; numbers, names, ( ) , and + - * / ^ "
            "do",
            show(what, start));
    REFUSE(r, start, BASIN_E_FORMAT,
        "a number, a name or '(' is missing before '%s'%s", show(what, start),
        start > r->text && *start == '*' && start[-1] == '*'
            ? "; powers are written with ^"
            : "");
}

static basin_status read_power(reader *r)
{
    BASIN_TRY(read_primary(r));
    skip_blanks(r);
    if (*r->at != '^')
        return BASIN_OK;
    r->at++;
    BASIN_TRY(read_unary(r));
    return emit(r, BASIN__POWER, 0, 0);
}

/* Every way to nest passes here. */
static basin_status read_unary(reader *r)
{
    skip_blanks(r);
    if (++r->nested > BASIN__DEPTH_MAX)
        REFUSE(r, r->at, BASIN_E_FORMAT,
            "the expression is nested too deeply; %d levels are the most",
            BASIN__DEPTH_MAX);
    if (*r->at == '-') {
        r->at++;
        BASIN_TRY(read_unary(r));
        BASIN_TRY(emit(r, BASIN__NEGATE, 0, 0));
    } else if (*r->at == '+') {
        r->at++;
        BASIN_TRY(read_unary(r));
    } else {
        BASIN_TRY(read_power(r));
    }
    r->nested--;
    return BASIN_OK;
}

static basin_status read_product(reader *r)
{
    BASIN_TRY(read_unary(r));
    for (;;) {
        skip_blanks(r);
        char sign = *r->at;
        if (sign != '*' && sign != '/')
            return BASIN_OK;
        r->at++;
        BASIN_TRY(read_unary(r));
        BASIN_TRY(emit(r, sign == '*' ? BASIN__MULTIPLY : BASIN__DIVIDE, 0, 0));
    }
}

static basin_status read_sum(reader *r)
{
    BASIN_TRY(read_product(r));
    for (;;) {
        skip_blanks(r);
        char sign = *r->at;
        if (sign != '+' && sign != '-')
            return BASIN_OK;
        r->at++;
        BASIN_TRY(read_product(r));
        BASIN_TRY(emit(r, sign == '+' ? BASIN__ADD : BASIN__SUBTRACT, 0, 0));
    }
}

static basin_status read_all(reader *r)
{
    char what[16];
    skip_blanks(r);
    if (!*r->at)
        r->text = r->at;
    BASIN_TRY(read_sum(r));
    if (*r->at == ')')
        REFUSE(r, r->at, BASIN_E_FORMAT, "this ')' closes nothing");
    if (*r->at)
        REFUSE(r, r->at, BASIN_E_FORMAT, "an operator is missing before '%s'",
            show(what, r->at));
    return BASIN_OK;
}

/* ------------------------------------------------------------------ handle */

basin_status basin_expression_create(basin_expression **out, basin_context *ctx,
    const char *text, basin_error *error)
{
    *out = NULL;
    basin_expression *q = basin_alloc(ctx, sizeof *q);
    BASIN_REQUIRE(q, error, BASIN_E_MEMORY, "no memory for an expression");
    q->ctx = ctx;
    reader r = {.q = q, .text = text, .at = text, .error = error};
    basin_status status = read_all(&r);
    if (status != BASIN_OK) {
        basin_expression_destroy(q);
        return status;
    }
    *out = q;
    return BASIN_OK;
}

void basin_expression_destroy(basin_expression *q)
{
    if (q)
        basin_free(q->ctx, q, sizeof *q);
}

const char *basin_expression_param(const basin_expression *q, int index)
{
    return index >= 0 && index < q->n_params ? q->names[index] : NULL;
}

double basin_expression_setting(const basin_expression *q, int index)
{
    return q->settings[index];
}

basin_status basin_expression_set(
    basin_expression *q, const char *name, double value, basin_error *error)
{
    int index = basin__expression_find(q, name);
    if (index < 0) {
        const char *names[BASIN_PARAMS_MAX];
        for (int i = 0; i < q->n_params; i++)
            names[i] = q->names[i];
        BASIN_REQUIRE(q->n_params > 0, error, BASIN_E_NAME,
            "the expression has no parameters; got '%s'", name);
        const char *near = basin_nearest(name, names, q->n_params);
        BASIN_REQUIRE(!near, error, BASIN_E_NAME,
            "the expression has no parameter '%s'; did you mean '%s'?", name,
            near);
        return basin_error_set(error, BASIN_E_NAME,
            "the expression has no parameter '%s'; it has '%s'%s", name,
            names[0], q->n_params > 1 ? " and others" : "");
    }
    BASIN_REQUIRE(value - value == 0, error, BASIN_E_RANGE,
        "%s must be a finite number; got %g", name, value);
    q->settings[index] = value;
    return BASIN_OK;
}

double basin__expression_scale(const basin_expression *q)
{
    double most = 1;
    for (int i = 0; i < q->n_steps; i++) {
        const basin__step *step = &q->steps[i];
        double value = step->operation == BASIN__CONSTANT ? step->value
                       : step->operation == BASIN__PARAM
                           ? q->settings[step->index]
                           : 0;
        value = __builtin_fabs(value);
        most = value > most ? value : most;
    }
    return most;
}
