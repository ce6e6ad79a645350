/* SPDX-License-Identifier: MIT
 *
 * The person at the terminal: interrupts, and a line that shows progress; and
 * a mapped file that others cut.
 */
#define _XOPEN_SOURCE 700 /* POSIX.1-2008 */

#include "cli/cli.h"

#include "data/text.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

void cli_catch_interrupt(void)
{
    struct sigaction action = {0};
    action.sa_handler = on_interrupt;
    action.sa_flags = (int)SA_RESETHAND | SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
}

bool cli_interrupted(void)
{
    return interrupted != 0;
}

/* ------------------------------------------------------------------- cut off
 *
 * The system has no other way than a signal to say that a page is gone. */

static struct {
    const char *begin;
    size_t size;
    char text[256 + BASIN__QUOTE];
    size_t length;
} mapped;

static void on_bus_error(int number, siginfo_t *info, void *context)
{
    const char *at = info->si_addr;
    (void)context;
    if (at >= mapped.begin && at < mapped.begin + mapped.size) {
        if (write(STDERR_FILENO, mapped.text, mapped.length) < 0)
            _exit(CLI_USAGE); /* nobody listens */
        _exit(CLI_USAGE);
    }
    signal(number, SIG_DFL); /* a mistake of ours: the read fails again */
}

void cli_watch_mapped(
    const char *command, const char *path, const void *data, size_t size)
{
    struct sigaction action = {0};
    char quote[BASIN__QUOTE];
    mapped.begin = data;
    mapped.size = data ? size : 0;
    if (!data || !size)
        return;
    mapped.length = basin_format(mapped.text, sizeof mapped.text,
        "basin: %s: '%s' was cut while it was read; begin again, and replace "
        "such a file by renaming another\n",
        command, basin__quote_path(quote, path));
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}

double cli_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

bool cli_is_lively(void)
{
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
    return isatty(STDERR_FILENO) && !(no_color && no_color[0]) &&
           !(term && strcmp(term, "dumb") == 0);
}

cli_bar cli_bar_start(bool quiet)
{
    return (cli_bar){.on = !quiet && cli_is_lively(), .started = cli_now()};
}

void cli_bar_show(
    cli_bar *bar, const char *name, double done, double total, const char *text)
{
    double now = bar->on ? cli_now() : 0;
    if (!bar->on || (done < total && now - bar->drawn < 0.1))
        return;
    bar->drawn = now;
    enum { WIDTH = 24 };
    double part = total > 0 ? done / total : 1;
    double left = part > 0 ? (now - bar->started) * (1 / part - 1) : 0;
    int full = (int)(part * WIDTH);
    fprintf(stderr, "\r\033[K%-11s\033[32m", name);
    for (int i = 0; i < WIDTH; i++)
        fputs(i < full    ? "\xe2\x94\x81"
              : i == full ? "\033[90m\xe2\x94\x81"
                          : "\xe2\x94\x81",
            stderr);
    fprintf(stderr, "\033[0m %3.0f %%  %s", 100 * part, text);
    if (done < total)
        fprintf(stderr, "  %.1f s left", left);
    fflush(stderr);
}

void cli_bar_end(cli_bar *bar)
{
    if (bar->on)
        fputs("\r\033[K", stderr);
    bar->on = false;
}
