/* SPDX-License-Identifier: MIT
 *
 * Wapiti's regular expressions, so that its patterns give the same attributes
 * here: . any byte, \d \a \w \l \u \p \s the classes of ASCII (capitals: all
 * but these), \x any other byte itself, ^ and $ the ends, * any number of the
 * byte before and ? one or none. A * takes as little as it can.
 *
 * One oddity is kept, for trained models know its results: where an optional
 * byte was tried in vain, the bytes that were compared meanwhile count into the
 * length of the match.
 */
#include "data/template.h"

typedef struct matcher {
    const char *regex, *text;
    size_t regex_length, text_length;
    size_t length; /* of the match so far */
    int64_t steps; /* that are left */
} matcher;

/** Several * try all ways to share a text, which has no end in practice. */
#define STEPS_MOST INT64_C(10000000)

/** Each * and ? recurs once. */
enum { REPEATS_MOST = 100 };

static bool is_lower(unsigned char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(unsigned char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(unsigned char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/** Is the class named by `name` one, and is c in it? */
static bool in_class(char name, unsigned char c, bool *known)
{
    bool letter = is_lower(c) || is_upper(c);
    *known = true;
    switch (name) {
    case 'a': return letter;
    case 'd': return is_digit(c);
    case 'l': return is_lower(c);
    case 'p': return c > ' ' && c < 0x7F && !letter && !is_digit(c);
    case 's': return is_blank(c);
    case 'u': return is_upper(c);
    case 'w': return letter || is_digit(c);
    default: *known = false; return false;
    }
}

/** Does the one-byte expression at `at` match the byte of the text at `i`? */
static bool match_byte(const matcher *m, size_t at, size_t i)
{
    if (i >= m->text_length)
        return false;
    char want = m->regex[at];
    unsigned char c = (unsigned char)m->text[i];
    if (want == '.')
        return true;
    if (want != '\\')
        return (unsigned char)want == c;
    char name = m->regex[at + 1];
    bool capital = is_upper((unsigned char)name), known;
    bool in = in_class(capital ? (char)(name + 32) : name, c, &known);
    return known ? in != capital : (unsigned char)name == c;
}

/** Where the expression after the one-byte expression at `at` begins. */
static size_t after(const matcher *m, size_t at)
{
    return at + 1 + (m->regex[at] == '\\');
}

/** Match the expression from `at` on with the text from `i` on. Recurs only
 *  for * and ?, so no deeper than the expression is long. */
static bool match_here(matcher *m, size_t at, size_t i)
{
    while (at < m->regex_length && m->steps-- > 0) {
        if (m->regex[at] == '$' && at + 1 == m->regex_length)
            return i == m->text_length;
        size_t next = after(m, at);
        char repeat = next < m->regex_length ? m->regex[next] : '\0';
        if (repeat == '*') {
            for (; m->steps-- > 0; i++) {
                size_t saved = m->length;
                if (match_here(m, next + 1, i))
                    return true;
                m->length = saved + 1;
                if (!match_byte(m, at, i))
                    return false;
            }
            return false;
        }
        if (repeat == '?') {
            if (match_byte(m, at, i)) {
                m->length++;
                if (match_here(m, next + 1, i + 1))
                    return true;
                m->length--;
            }
            at = next + 1;
            continue;
        }
        m->length++;
        if (!match_byte(m, at, i))
            return false;
        at = next;
        i++;
    }
    return m->steps > 0;
}

const char *basin__regex_check(const char *regex, size_t length)
{
    size_t at = length > 0 && regex[0] == '^';
    int repeats = 0;
    while (at < length) {
        if (regex[at] == '*' || regex[at] == '?')
            return "a * or ? has nothing before it to repeat";
        if (regex[at] == '\\' && ++at == length)
            return "a \\ at the end escapes nothing";
        at++;
        if (at < length && (regex[at] == '*' || regex[at] == '?')) {
            at++;
            if (++repeats > REPEATS_MOST)
                return "it has more than 100 * and ?";
        }
    }
    return NULL;
}

int64_t basin__regex_find(const char *regex, size_t regex_length,
    const char *text, size_t text_length, size_t *length)
{
    matcher m = {regex, text, regex_length, text_length, 0, STEPS_MOST};
    bool anchored = regex_length > 0 && regex[0] == '^';
    for (size_t i = 0; i <= text_length; i++) {
        m.length = 0;
        if (match_here(&m, anchored, i)) {
            *length = m.length;
            return (int64_t)i;
        }
        if (anchored || m.steps <= 0)
            break;
    }
    *length = 0;
    return m.steps > 0 ? -1 : -2;
}
